/* Where in HTML the reader of a template stands: decides escaping, refuses what cannot be escaped,
 * and checks that elements nest, so that what comes out is well-formed. */
#include "tplcomp.h"
#include <stdio.h>
#include <strings.h>

static const char *const voids[] = {"area", "br",    "col",    "hr",    "img", "input", "link",
                                    "meta", "param", "source", "track", "wbr", NULL};
static const char *const blocks[] = {
    "address",    "article", "aside",   "blockquote", "details", "dialog", "div", "dl", "fieldset",
    "figcaption", "figure",  "footer",  "form",       "h1",      "h2",     "h3",  "h4", "h5",
    "h6",         "header",  "hgroup",  "hr",         "main",    "menu",   "nav", "ol", "p",
    "pre",        "search",  "section", "table",      "ul",      NULL};
static const char *const phrases[] = {
    "p",    "h1",  "h2",   "h3",    "h4",     "h5",   "h6",   "span", "label", "button", "strong",
    "em",   "b",   "i",    "small", "code",   "abbr", "time", "mark", "sub",   "sup",    "q",
    "cite", "kbd", "samp", "var",   "output", "pre",  "u",    "s",    "dfn",   "data",   NULL};
static const char *const loose[] = {"html",     "head", "table",    "thead",  "tbody",
                                    "tfoot",    "tr",   "colgroup", "select", "optgroup",
                                    "datalist", "dl",   "ul",       "ol",     NULL};
static const char *const refused[] = {
    "style",     "base", "object",  "embed",    "iframe", "frame",  "frameset", "applet",
    "plaintext", "xmp",  "noembed", "noframes", "font",   "center", "marquee",  NULL};
/* There names may be written large, but browsers do not look at it. What is animated could be an address. */
static const char *const refused_in_svg[] = {"script", "foreignobject", "set", "animate",
                                             "animatemotion", "animatetransform", "handler", NULL};
static const char *const addresses[] = {
    "href",     "src",        "action",     "formaction", "hx-get",   "hx-post", "hx-put",
    "hx-patch", "hx-delete",  "data-poll",  "data-href",  "data-src", "poster",  "cite",
    "manifest", "background", "xlink:href", "ping",       NULL};
static const char *const refused_attrs[] = {"style", "srcdoc", "http-equiv", "hx-vars", NULL};
/* Their content is another language. */
static const char *const literals[] = {"srcset",     "imagesrcset", "sizes",  "hx-vals",
                                       "hx-headers", "hx-trigger",  "method", "media",
                                       "integrity",  "nonce",       NULL};

static bool among(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcasecmp(name, *list) == 0)
            return true;
    return false;
}

static const char *top(const struct html *h)
{
    return h->depth ? h->open[h->depth - 1].name : "";
}

static bool inside(const struct html *h, const char *name)
{
    for (int i = 0; i < h->depth; i++)
        if (strcmp(h->open[i].name, name) == 0)
            return true;
    return false;
}

bool html_loose(const struct html *h)
{
    return h->state == H_TEXT && among(top(h), loose);
}

/* ---- nesting ------------------------------------------------------------------------------- */

struct parents {
    const char *child;
    const char *parents[6];
};
static const struct parents must_stand_in[] = {
    {"li", {"ul", "ol", "menu"}},
    {"tr", {"table", "thead", "tbody", "tfoot"}},
    {"td", {"tr"}},
    {"th", {"tr"}},
    {"thead", {"table"}},
    {"tbody", {"table"}},
    {"tfoot", {"table"}},
    {"caption", {"table"}},
    {"colgroup", {"table"}},
    {"col", {"colgroup"}},
    {"dt", {"dl", "div"}},
    {"dd", {"dl", "div"}},
    {"option", {"select", "optgroup", "datalist"}},
    {"optgroup", {"select"}},
    {"legend", {"fieldset"}},
    {"summary", {"details"}},
    {"figcaption", {"figure"}},
    {"source", {"picture", "video", "audio"}},
};
static const struct parents may_hold[] = {
    {"ul", {"li", "script", "template"}},
    {"ol", {"li", "script", "template"}},
    {"tr", {"td", "th", "script", "template"}},
    {"thead", {"tr", "script", "template"}},
    {"tbody", {"tr", "script", "template"}},
    {"tfoot", {"tr", "script", "template"}},
    {"dl", {"dt", "dd", "div", "script", "template"}},
    {"select", {"option", "optgroup", "hr"}},
    {"optgroup", {"option"}},
    {"option", {""}},
    {"table", {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"}},
};

static bool listed(const struct parents *p, const char *name)
{
    for (size_t i = 0; i < 6 && p->parents[i]; i++)
        if (strcmp(p->parents[i], name) == 0)
            return true;
    return false;
}

static void check_parent(const struct html *h, int line, const char *name)
{
    const char *parent = top(h);

    if (!h->depth)
        return;
    for (size_t i = 0; i < sizeof must_stand_in / sizeof *must_stand_in; i++)
        if (strcmp(must_stand_in[i].child, name) == 0 && !listed(&must_stand_in[i], parent))
            die_at(h->path, line, "<%s> may not stand in <%s>", name, parent);
    for (size_t i = 0; i < sizeof may_hold / sizeof *may_hold; i++)
        if (strcmp(may_hold[i].child, parent) == 0 && !listed(&may_hold[i], name))
            die_at(h->path, line, "<%s> may not stand in <%s>", name, parent);
}

static void check_block(const struct html *h, int line, const char *name)
{
    int i = h->depth;

    while (i > 0 && strcmp(h->open[i - 1].name, "a") == 0)
        i--;
    if (i > 0 && among(h->open[i - 1].name, phrases))
        die_at(h->path, line, "<%s> of line %d may not hold %s", h->open[i - 1].name,
               h->open[i - 1].line, name);
}

static void check_open(const struct html *h, int line)
{
    const char *name = h->tag;
    char shown[NAME_MAX_LEN + 3];

    if (inside(h, "svg")) {
        if (among(name, refused) || among(name, refused_in_svg))
            die_at(h->path, line, "<%s> is refused in <svg>", name);
        return;
    }
    snprintf(shown, sizeof shown, "<%s>", name);
    if (among(name, refused))
        die_at(h->path, line, "<%s> is refused", name);
    if (among(name, blocks))
        check_block(h, line, shown);
    if ((strcmp(name, "a") == 0 || strcmp(name, "button") == 0) &&
        (inside(h, "a") || inside(h, "button")))
        die_at(h->path, line, "<%s> may not stand in a link or a button", name);
    if ((strcmp(name, "form") == 0 && inside(h, "form")) ||
        (strcmp(name, "label") == 0 && inside(h, "label")))
        die_at(h->path, line, "<%s> may not stand in <%s>", name, name);
    check_parent(h, line, name);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct reader {
    struct html *h;
    struct emit *e;
    const char *s;
    size_t n, i;
    int line;
};

static void put(struct reader *r, char c)
{
    emit_raw(r->e, &c, 1);
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool tag_char(char c)
{
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

static bool attr_char(char c)
{
    return tag_char(c) || c == '_' || c == '.' || c == '@';
}

static void name_add(struct reader *r, char *name, char c)
{
    size_t n = strlen(name);

    if (n == NAME_MAX_LEN)
        die_at(r->h->path, r->line, "the name \"%s…\" is too long", name);
    name[n] = c;
    name[n + 1] = 0;
}

/* A bare "&" is a mistake more often than not. */
static void check_entity(struct reader *r)
{
    size_t i = r->i + 1;

    while (i < r->n && i < r->i + 12 && (tag_char(r->s[i]) || r->s[i] == '#'))
        i++;
    if (i == r->i + 1 || i >= r->n || r->s[i] != ';')
        die_at(r->h->path, r->line, "\"&\" stands for itself as \"&amp;\"");
}

static void open_done(struct reader *r)
{
    struct html *h = r->h;
    bool svg = inside(h, "svg") || strcmp(h->tag, "svg") == 0;

    check_open(h, r->line);
    if (h->closing && !svg && !among(h->tag, voids))
        die_at(h->path, r->line, "<%s/> does not close itself in HTML", h->tag);
    if (h->closing && svg)
        put(r, '/');
    put(r, '>');
    h->state = H_TEXT;
    h->blank = false;
    if ((h->closing && svg) || (!svg && among(h->tag, voids)))
        return;
    if (h->depth == OPEN_MAX)
        die_at(h->path, r->line, "elements are nested more than %d deep", OPEN_MAX);
    struct open *o = &h->open[h->depth++];
    memcpy(o->name, h->tag, sizeof o->name);
    o->line = r->line;
    if (!svg && (strcmp(h->tag, "title") == 0 || strcmp(h->tag, "textarea") == 0))
        h->state = H_RCDATA;
}

/* At "<" + "/". */
static void close_tag(struct reader *r)
{
    struct html *h = r->h;
    char name[NAME_MAX_LEN + 1] = "";

    r->i += 2;
    while (r->i < r->n && tag_char(r->s[r->i]))
        name_add(r, name, r->s[r->i++]);
    if (r->i >= r->n || r->s[r->i] != '>')
        die_at(h->path, r->line, "</%s is not closed by \">\"", name);
    r->i++;
    if (!h->depth)
        die_at(h->path, r->line, "</%s> closes nothing", name);
    if (strcmp(name, "form") == 0) {
        if (h->post && !h->csrf)
            die_at(h->path, r->line, "a form that posts needs {%% csrf %%}");
        h->post = h->csrf = false;
    }
    if (strcmp(top(h), name) != 0)
        die_at(h->path, r->line, "</%s> stands where <%s> of line %d is open", name, top(h),
               h->open[h->depth - 1].line);
    h->depth--;
    h->state = H_TEXT;
    h->blank = false;
    emit_raw(r->e, "</", 2);
    emit_raw(r->e, name, strlen(name));
    put(r, '>');
}

static size_t find(const struct reader *r, const char *z)
{
    size_t n = strlen(z);

    for (size_t i = r->i; i + n <= r->n; i++)
        if (memcmp(r->s + i, z, n) == 0)
            return i;
    return r->n;
}

/* At "<!": a comment is dropped, the document type is kept. */
static void declaration(struct reader *r)
{
    bool comment = r->i + 3 < r->n && memcmp(r->s + r->i, "<!--", 4) == 0;
    size_t end = find(r, comment ? "-->" : ">");

    if (end == r->n)
        die_at(r->h->path, r->line,
               comment ? "a comment is not closed, or holds a statement" : "\"<!\" is not closed");
    end += comment ? 3 : 1;
    for (size_t i = r->i; i < end; i++)
        r->line += r->s[i] == '\n';
    if (!comment)
        emit_raw(r->e, r->s + r->i, end - r->i);
    r->i = end;
}

static void text_blank(struct reader *r)
{
    struct html *h = r->h;
    bool line = false;

    if (inside(h, "pre")) {
        r->line += r->s[r->i] == '\n';
        put(r, r->s[r->i++]);
        return;
    }
    while (r->i < r->n && is_blank(r->s[r->i])) {
        line = line || r->s[r->i] == '\n';
        r->line += r->s[r->i] == '\n';
        r->i++;
    }
    if (!h->blank && !html_loose(h))
        put(r, line ? '\n' : ' ');
    h->blank = true;
}

static void check_text(const struct html *h, int line)
{
    if (html_loose(h))
        die_at(h->path, line, "<%s> of line %d may not hold text", top(h),
               h->open[h->depth - 1].line);
    if (strcmp(top(h), "script") == 0)
        die_at(h->path, line, "<script> holds no text: write a file of assets/ and name it by src");
}

static void in_text(struct reader *r)
{
    struct html *h = r->h;
    char c = r->s[r->i];

    if (is_blank(c)) {
        text_blank(r);
        return;
    }
    if (c == '<') {
        char next = r->i + 1 < r->n ? r->s[r->i + 1] : 0;
        if (next == '/') {
            close_tag(r);
        } else if (next == '!') {
            declaration(r);
        } else if (letter(next)) {
            h->state = H_TAG_NAME;
            h->tag[0] = 0;
            h->n_attrs = 0;
            h->closing = h->need_blank = false;
            put(r, '<');
            r->i++;
        } else if (next == 0) {
            die_at(h->path, r->line, "a value may not stand in a tag name");
        } else {
            die_at(h->path, r->line, "\"<\" stands for itself as \"&lt;\"");
        }
        return;
    }
    check_text(h, r->line);
    if (c == '&')
        check_entity(r);
    h->blank = false;
    if (c == '>')
        emit_raw(r->e, "&gt;", 4);
    else
        put(r, c);
    r->i++;
}

static void in_rcdata(struct reader *r)
{
    char c = r->s[r->i];

    if (c == '<') {
        if (r->i + 1 < r->n && r->s[r->i + 1] == '/') {
            close_tag(r);
            return;
        }
        die_at(r->h->path, r->line, "<%s> holds no elements", top(r->h));
    }
    if (c == '&')
        check_entity(r);
    r->line += c == '\n';
    put(r, c);
    r->i++;
}

static void tag_name_done(struct reader *r)
{
    struct html *h = r->h;

    for (const char *s = h->tag; *s; s++)
        if (*s >= 'A' && *s <= 'Z' && !inside(h, "svg"))
            die_at(h->path, r->line, "<%s>: names are written small", h->tag);
    h->state = H_TAG;
    h->need_blank = true;
}

static void attr_name_done(struct reader *r)
{
    struct html *h = r->h;
    const char *name = h->attr;
    bool svg = inside(h, "svg") || strcmp(h->tag, "svg") == 0;

    for (const char *s = name; *s; s++)
        if (*s >= 'A' && *s <= 'Z' && !svg)
            die_at(h->path, r->line, "%s: names are written small", name);
    if (strncasecmp(name, "on", 2) == 0)
        die_at(h->path, r->line, "the attribute %s is refused: write a module of assets/js", name);
    if (strncasecmp(name, "hx-on", 5) == 0 || name[0] == '@' || among(name, refused_attrs))
        die_at(h->path, r->line, "the attribute %s is refused", name);
    for (int i = 0; i < h->n_attrs; i++)
        if (strcmp(h->attrs[i], name) == 0)
            die_at(h->path, r->line, "the attribute %s stands twice", name);
    if (h->n_attrs == ATTRS_MAX)
        die_at(h->path, r->line, "<%s> has more than %d attributes", h->tag, ATTRS_MAX);
    memcpy(h->attrs[h->n_attrs++], name, sizeof h->attr);
    h->kind = among(name, addresses)  ? ATTR_ADDRESS
              : among(name, literals) ? ATTR_LITERAL
                                      : ATTR_PLAIN;
    h->state = H_TAG;
    h->need_blank = true;
}

static void in_tag(struct reader *r)
{
    struct html *h = r->h;
    char c = r->s[r->i];

    if (is_blank(c)) {
        bool more = false;
        while (r->i < r->n && is_blank(r->s[r->i]))
            r->line += r->s[r->i++] == '\n';
        more = r->i == r->n || (r->s[r->i] != '>' && r->s[r->i] != '/');
        if (more && h->need_blank)
            put(r, ' ');
        h->need_blank = false;
    } else if (c == '>') {
        r->i++;
        open_done(r);
    } else if (c == '/') {
        r->i++;
        h->closing = true;
        h->need_blank = false;
        if (r->i >= r->n || r->s[r->i] != '>')
            die_at(h->path, r->line, "\"/\" stands in a tag");
    } else if (attr_char(c)) {
        if (h->need_blank)
            die_at(h->path, r->line, "a blank must stand before an attribute");
        h->state = H_ATTR_NAME;
        h->attr[0] = 0;
    } else {
        die_at(h->path, r->line, "\"%c\" stands in a tag", c);
    }
}

static void address_char(struct reader *r, char c)
{
    struct html *h = r->h;

    if (h->begun == 2)
        return;
    if (h->begun == 1) {
        if (c == '/' || c == '\\')
            die_at(h->path, r->line, "the address in %s leads to another host", h->attr);
        h->begun = 2;
        return;
    }
    struct text left = {r->s + r->i, r->n - r->i};
    bool dial =
        strcasecmp(h->attr, "href") == 0 && (text_starts(left, "tel:") || text_starts(left, "mailto:"));
    if (c != '/' && c != '?' && c != '#' && !dial)
        die_at(h->path, r->line, "the address in %s must begin with /, ? or #, or be one {{ url }}",
               h->attr);
    h->begun = c == '/' ? 1 : 2;
}

static void in_value(struct reader *r)
{
    struct html *h = r->h;
    char c = r->s[r->i];

    r->i++;
    if (c == h->quote) {
        if (h->kind == ATTR_ADDRESS && !h->begun)
            die_at(h->path, r->line, "the address in %s is empty", h->attr);
        put(r, c);
        h->state = H_TAG;
        h->need_blank = true;
        return;
    }
    if (strcasecmp(h->attr, "method") == 0 && (c == 'p' || c == 'P'))
        h->post = true;
    if (h->kind == ATTR_ADDRESS) {
        r->i--;
        address_char(r, c);
        r->i++;
    }
    if (c == '&') {
        r->i--;
        check_entity(r);
        r->i++;
    }
    r->line += c == '\n';
    put(r, c);
}

static void in_name(struct reader *r)
{
    struct html *h = r->h;
    char c = r->s[r->i];
    bool tag = h->state == H_TAG_NAME;

    if (tag ? tag_char(c) : attr_char(c)) {
        name_add(r, tag ? h->tag : h->attr, c);
        put(r, c);
        r->i++;
        return;
    }
    if (tag) {
        tag_name_done(r);
        return;
    }
    attr_name_done(r);
    if (c == '=') {
        put(r, c);
        r->i++;
        h->state = H_BEFORE_VALUE;
    }
}

void html_feed(struct html *h, struct emit *e, const struct token *token)
{
    struct reader r = {h, e, token->t.s, token->t.n, 0, token->line};

    while (r.i < r.n) {
        char c = r.s[r.i];
        switch (h->state) {
        case H_TEXT:
            in_text(&r);
            break;
        case H_RCDATA:
            in_rcdata(&r);
            break;
        case H_TAG:
            in_tag(&r);
            break;
        case H_TAG_NAME:
        case H_ATTR_NAME:
            in_name(&r);
            break;
        case H_BEFORE_VALUE:
            if (c != '"' && c != '\'')
                die_at(h->path, r.line, "the value of %s must stand in quotes", h->attr);
            put(&r, c);
            r.i++;
            h->quote = c;
            h->begun = 0;
            h->state = H_VALUE;
            break;
        case H_VALUE:
            in_value(&r);
            break;
        }
    }
}

enum place html_place(struct html *h, int line)
{
    switch (h->state) {
    case H_TEXT:
        check_text(h, line);
        return inside(h, "svg") || strcmp(top(h), "option") == 0 ? PLACE_PLAIN : PLACE_TEXT;
    case H_RCDATA:
        return strcmp(top(h), "title") == 0 ? PLACE_PLAIN : PLACE_ATTR;
    case H_VALUE:
        if (h->kind == ATTR_LITERAL)
            die_at(h->path, line, "the attribute %s takes no values", h->attr);
        if (h->kind == ATTR_PLAIN)
            return PLACE_ATTR;
        return h->begun ? PLACE_URL : PLACE_URL_START;
    case H_BEFORE_VALUE:
        die_at(h->path, line, "the value of %s must stand in quotes", h->attr);
    case H_TAG_NAME:
        die_at(h->path, line, "a value may not stand in a tag name");
    default:
        die_at(h->path, line, "a value may not stand in a tag outside quotes");
    }
}

void html_block(struct html *h, int line, const char *what)
{
    const char *parent = top(h);

    if (h->state != H_TEXT || inside(h, "svg") || strcmp(parent, "option") == 0)
        die_at(h->path, line, "%s stands only between elements", what);
    if (strcmp(parent, "script") == 0)
        check_text(h, line);
    check_block(h, line, what);
    h->blank = false;
}

void html_pause(struct html *h, struct emit *e, int line)
{
    struct reader r = {.h = h, .e = e, .line = line};

    switch (h->state) {
    case H_TAG_NAME:
        tag_name_done(&r);
        break;
    case H_ATTR_NAME:
        attr_name_done(&r);
        break;
    case H_BEFORE_VALUE:
        die_at(h->path, line, "the value of %s must stand in quotes", h->attr);
    default:
        break;
    }
}

void html_wrote(struct html *h)
{
    h->blank = false;
    if (h->state == H_VALUE && h->kind == ATTR_ADDRESS)
        h->begun = 2;
}

const char *html_differs(const struct html *a, const struct html *b)
{
    if (a->state != b->state)
        return "in another place of a tag";
    if (a->depth != b->depth)
        return "with other elements open";
    for (int i = 0; i < a->depth; i++)
        if (strcmp(a->open[i].name, b->open[i].name) != 0)
            return "with other elements open";
    if (a->state == H_TAG && strcmp(a->tag, b->tag) != 0)
        return "in another tag";
    if (a->state == H_VALUE) {
        if (a->quote != b->quote || strcmp(a->attr, b->attr) != 0)
            return "in another attribute";
        if (!a->begun != !b->begun)
            return "with an address not begun";
    }
    return NULL;
}

void html_join(struct html *into, const struct html *other)
{
    into->need_blank = into->need_blank || other->need_blank;
    into->blank = into->blank && other->blank;
    into->csrf = into->csrf && other->csrf;
    into->post = into->post || other->post;
    if (other->begun < into->begun)
        into->begun = other->begun;
}

void html_end(const struct html *h)
{
    if (h->state != H_TEXT)
        die_at(h->path, 0, "the file ends inside a tag or <title>, <textarea>");
    if (h->depth)
        die_at(h->path, h->open[h->depth - 1].line, "<%s> is not closed", top(h));
}
