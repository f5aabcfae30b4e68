#include "web/tpl.h"
#include "web/tpl_link.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* ---- bytes ---------------------------------------------------------------------------------- */

static void add(struct tpl *t, const char *s, size_t n)
{
    struct buf *b = t->out;

    if (n == 0)
        return;
    if (!b->failed && n < b->cap - b->n && n <= b->max - b->n) {
        memcpy(b->s + b->n, s, n);
        b->n += n;
    } else {
        buf_add(b, s, n);
    }
}

#define ADD(t, literal) add((t), "" literal, sizeof(literal) - 1)

void tpl_raw(struct tpl *t, const char *s, size_t n)
{
    add(t, s, n);
}

/* Both escapes are safe in text and in quotes; text leaves quotes alone, so that words stay
 * readable. */
enum { SPECIAL_TEXT = 1, SPECIAL_ATTR = 2, SPECIAL_URL = 4 };
#define BOTH (SPECIAL_TEXT | SPECIAL_ATTR)
static const unsigned char special[256] = {
    ['&'] = BOTH, ['<'] = BOTH, ['>'] = BOTH, ['"'] = SPECIAL_ATTR, ['\''] = SPECIAL_ATTR};

static void entity(struct tpl *t, char c)
{
    switch (c) {
    case '&':
        ADD(t, "&amp;");
        break;
    case '<':
        ADD(t, "&lt;");
        break;
    case '>':
        ADD(t, "&gt;");
        break;
    case '"':
        ADD(t, "&quot;");
        break;
    default:
        ADD(t, "&#39;");
    }
}

/* Eight bytes without one below '?': letters of any alphabet, none of them special. */
static bool plain_word(const char *s)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return !((w - ones * '?') & ~w & ones * 0x80);
}

static void escaped(struct tpl *t, const char *s, size_t n, unsigned char what)
{
    size_t from = 0;

    for (size_t i = 0; i < n; i++) {
        while (i + 8 < n && plain_word(s + i))
            i += 8;
        if (special[(unsigned char)s[i]] & what) {
            add(t, s + from, i - from);
            entity(t, s[i]);
            from = i + 1;
        }
    }
    add(t, s + from, n - from);
}

static void number(struct tpl *t, int64_t i)
{
    buf_int(t->out, i);
}

/* ---- values as words ------------------------------------------------------------------------ */

static const char *code_words(const struct tpl *t, struct value v)
{
    const struct code_list *list = v.list ? code_list_at(v.list) : NULL;
    const struct code *code = list ? code_find(list, v_as_text(v)) : NULL;

    return code ? code->label[t->lang] : NULL;
}

static void hidden_words(struct tpl *t, struct value v)
{
    const char *label = v.cls > CLASS_OPEN && v.cls < CLASS_COUNT ? class_labels[v.cls] : NULL;

    if (!label) {
        escaped(t, tr(t->lang, "hidden"), strlen(tr(t->lang, "hidden")), SPECIAL_ATTR);
        return;
    }
    tpl_message(t, true, tr(t->lang, "hidden: {class}"),
                &(struct tpl_arg){"class", v_z(tr(t->lang, label))}, 1);
}

/* What people read: dates дд.мм.гггг, codes by their labels. */
static void words(struct tpl *t, struct value v, unsigned char what)
{
    char date[17];
    const char *label;

    switch (v.kind) {
    case V_INT:
        number(t, v.i);
        break;
    case V_TEXT:
        escaped(t, v.s, v.n, what);
        break;
    case V_DATE:
        date_dmy(v.i, date);
        add(t, date, strlen(date));
        break;
    case V_INSTANT:
        instant_local(v.i, date);
        add(t, date, strlen(date));
        break;
    case V_CODE:
        label = code_words(t, v);
        if (label)
            escaped(t, label, strlen(label), what);
        else
            escaped(t, v.s, v.n, what);
        break;
    case V_HIDDEN:
        hidden_words(t, v);
        break;
    default:
        break;
    }
}

void tpl_text_value(struct tpl *t, struct value v)
{
    if (v.kind != V_HIDDEN) {
        words(t, v, SPECIAL_TEXT);
        return;
    }
    ADD(t, "<span class=\"b-hidden\">");
    hidden_words(t, v);
    ADD(t, "</span>");
}

void tpl_text_text(struct tpl *t, struct text s)
{
    escaped(t, s.s, s.n, SPECIAL_TEXT);
}

void tpl_text_z(struct tpl *t, const char *s)
{
    if (s)
        escaped(t, s, strlen(s), SPECIAL_TEXT);
}

void tpl_text_int(struct tpl *t, int64_t i)
{
    number(t, i);
}

void tpl_text_bool(struct tpl *t, bool b)
{
    tpl_text_z(t, tr(t->lang, b ? "yes" : "no"));
}

void tpl_plain_value(struct tpl *t, struct value v)
{
    words(t, v, SPECIAL_ATTR);
}

void tpl_plain_text(struct tpl *t, struct text s)
{
    escaped(t, s.s, s.n, SPECIAL_ATTR);
}

void tpl_plain_z(struct tpl *t, const char *s)
{
    tpl_attr_z(t, s);
}

void tpl_plain_int(struct tpl *t, int64_t i)
{
    number(t, i);
}

void tpl_plain_bool(struct tpl *t, bool b)
{
    tpl_text_bool(t, b);
}

/* ---- values as data ------------------------------------------------------------------------- */

void tpl_attr_value(struct tpl *t, struct value v)
{
    char iso[28];

    switch (v.kind) {
    case V_INT:
        number(t, v.i);
        break;
    case V_TEXT:
    case V_CODE:
        escaped(t, v.s, v.n, SPECIAL_ATTR);
        break;
    case V_DATE:
        date_iso(v.i, iso);
        add(t, iso, strlen(iso));
        break;
    case V_INSTANT:
        instant_iso(v.i, iso);
        add(t, iso, strlen(iso));
        break;
    default:
        break;
    }
}

void tpl_attr_text(struct tpl *t, struct text s)
{
    escaped(t, s.s, s.n, SPECIAL_ATTR);
}

void tpl_attr_z(struct tpl *t, const char *s)
{
    if (s)
        escaped(t, s, strlen(s), SPECIAL_ATTR);
}

void tpl_attr_int(struct tpl *t, int64_t i)
{
    number(t, i);
}

void tpl_attr_bool(struct tpl *t, bool b)
{
    tpl_attr_z(t, b ? "true" : "false");
}

static bool unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void tpl_url_text(struct tpl *t, struct text s)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t from = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.s[i];
        if (unreserved(c))
            continue;
        char code[3] = {'%', hex[c >> 4], hex[c & 15]};
        add(t, s.s + from, i - from);
        add(t, code, sizeof code);
        from = i + 1;
    }
    add(t, s.s + from, s.n - from);
}

void tpl_url_value(struct tpl *t, struct value v)
{
    char iso[28];

    switch (v.kind) {
    case V_INT:
        number(t, v.i);
        break;
    case V_TEXT:
    case V_CODE:
        tpl_url_text(t, v_as_text(v));
        break;
    case V_DATE:
        date_iso(v.i, iso);
        tpl_url_text(t, text_of(iso));
        break;
    case V_INSTANT:
        instant_iso(v.i, iso);
        tpl_url_text(t, text_of(iso));
        break;
    default:
        break;
    }
}

void tpl_url_z(struct tpl *t, const char *s)
{
    tpl_url_text(t, text_of(s));
}

void tpl_url_int(struct tpl *t, int64_t i)
{
    number(t, i);
}

void tpl_url_bool(struct tpl *t, bool b)
{
    tpl_url_int(t, b);
}

/* Browsers drop blanks and line ends of an address and take "\" for "/". */
static bool own_address(struct text a)
{
    for (size_t i = 0; i < a.n; i++)
        if ((unsigned char)a.s[i] <= ' ' || a.s[i] == '\\')
            return false;
    return a.n &&
           (a.s[0] == '?' || a.s[0] == '#' || (a.s[0] == '/' && (a.n == 1 || a.s[1] != '/')));
}

/* An address that would lead to another host is a defect of the caller: the link then leads to the
 * beginning. */
void tpl_url_url(struct tpl *t, struct url u)
{
    if (own_address(u.t))
        escaped(t, u.t.s, u.t.n, SPECIAL_ATTR);
    else
        ADD(t, "/");
}

/* ---- conditions ----------------------------------------------------------------------------- */

bool tpl_true_value(struct value v)
{
    switch (v.kind) {
    case V_NONE:
    case V_NULL:
        return false;
    case V_INT:
        return v.i != 0;
    case V_TEXT:
    case V_CODE:
        return v.n != 0;
    default:
        return true;
    }
}

bool tpl_true_text(struct text s)
{
    return s.n != 0;
}

bool tpl_true_z(const char *s)
{
    return s && *s;
}

bool tpl_true_int(int64_t i)
{
    return i != 0;
}

bool tpl_true_bool(bool b)
{
    return b;
}

bool tpl_is_value(struct value v, const char *z)
{
    if (v.kind == V_INT)
        return tpl_is_int(v.i, z);
    return (v.kind == V_TEXT || v.kind == V_CODE) && text_is(v_as_text(v), z);
}

bool tpl_is_text(struct text s, const char *z)
{
    return text_is(s, z);
}

bool tpl_is_z(const char *s, const char *z)
{
    return s && strcmp(s, z) == 0;
}

bool tpl_is_int(int64_t i, const char *z)
{
    int64_t other;

    return text_int(text_of(z), INT64_MIN, INT64_MAX, &other) == OK && i == other;
}

bool tpl_may(struct tpl *t, enum cap cap)
{
    return rq_may(t->rq, cap);
}

const char *tpl_role(struct tpl *t)
{
    const struct code *c = t->role ? code_find(code_list("role"), text_of(t->role->code)) : NULL;

    return c ? c->label[t->lang] : t->role ? tr(t->lang, t->role->label) : "";
}

/* ---- words ---------------------------------------------------------------------------------- */

struct value tpl_v_value(struct value v)
{
    return v;
}

struct value tpl_v_text(struct text s)
{
    return v_text(s);
}

struct value tpl_v_z(const char *s)
{
    return v_z(s);
}

struct value tpl_v_int(int64_t i)
{
    return v_int(i);
}

static const struct tpl_arg *arg_named(const struct tpl_arg *args, size_t n, struct text name)
{
    for (size_t i = 0; i < n; i++)
        if (text_is(name, args[i].name))
            return &args[i];
    return NULL;
}

void tpl_message(struct tpl *t, bool attr, const char *translated, const struct tpl_arg *args,
                 size_t n)
{
    unsigned char what = attr ? SPECIAL_ATTR : SPECIAL_TEXT;
    const char *s = translated;

    for (;;) {
        const char *open = strchr(s, '{'), *close = open ? strchr(open, '}') : NULL;
        if (!close)
            break;
        const struct tpl_arg *arg =
            arg_named(args, n, (struct text){open + 1, (size_t)(close - open - 1)});
        if (!arg) {
            escaped(t, s, (size_t)(open + 1 - s), what);
            s = open + 1;
            continue;
        }
        escaped(t, s, (size_t)(open - s), what);
        if (attr)
            tpl_plain_value(t, arg->v);
        else
            tpl_text_value(t, arg->v);
        s = close + 1;
    }
    escaped(t, s, strlen(s), what);
}

/* A text of several lines. */
void tpl_lines(struct tpl *t, struct value v)
{
    if (v.kind != V_TEXT) {
        tpl_text_value(t, v);
        return;
    }
    struct text rest = text_trim(v_as_text(v)), line;
    bool first = true;
    while (text_split(&rest, '\n', &line)) {
        if (line.n && line.s[line.n - 1] == '\r')
            line.n--;
        if (!first)
            ADD(t, "<br>");
        tpl_text_text(t, line);
        first = false;
    }
}

void tpl_svg(struct tpl *t, struct svg s)
{
    add(t, s.t.s, s.t.n);
}

/* ---- forms' hidden fields ------------------------------------------------------------------- */

void tpl_csrf(struct tpl *t)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[16];
    char key[32];

    if (!t->csrf)
        return;
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        abort(); /* a predictable key would let one user answer for another */
    for (size_t i = 0; i < sizeof bytes; i++) {
        key[2 * i] = hex[bytes[i] >> 4];
        key[2 * i + 1] = hex[bytes[i] & 15];
    }
    ADD(t, "<input type=\"hidden\" name=\"csrf\" value=\"");
    tpl_attr_z(t, t->csrf);
    ADD(t, "\"><input type=\"hidden\" name=\"key\" value=\"");
    add(t, key, sizeof key);
    ADD(t, "\">");
}

/* ---- lists ---------------------------------------------------------------------------------- */

static void link_to(struct tpl *t, const char *name, struct text value)
{
    struct text link = web_link(t->rq, name, value);

    escaped(t, link.s, link.n, SPECIAL_ATTR);
}

void tpl_pager(struct tpl *t, const struct rows *rows)
{
    bool later = web_param(t->rq, "after").n != 0;

    if (!rows->next.n && !later)
        return;
    ADD(t, "<nav class=\"b-pager\" aria-label=\"");
    tpl_attr_z(t, tr(t->lang, "Pages of the list"));
    ADD(t, "\">");
    if (rows->next.n) {
        ADD(t, "<a class=\"govuk-button govuk-button--secondary b-button--small\" rel=\"next\" "
               "href=\"");
        link_to(t, "after", rows->next);
        ADD(t, "\">");
        tpl_text_z(t, tr(t->lang, "Next page"));
        ADD(t, " →</a>");
    }
    if (later) {
        ADD(t, "<a class=\"govuk-link\" href=\"");
        link_to(t, "after", (struct text){"", 0});
        ADD(t, "\">");
        tpl_text_z(t, tr(t->lang, "To the beginning"));
        ADD(t, "</a>");
    }
    ADD(t, "</nav>");
}

static const struct sort *sort_named(const struct query *q, struct text name)
{
    for (size_t i = 0; q && i < q->n_sorts; i++)
        if (text_is(name, q->sorts[i].name))
            return &q->sorts[i];
    return NULL;
}

/* A second sort NAME_desc is the same heading pressed once more. */
static const struct sort *sort_reverse(const struct query *q, const char *name)
{
    char reverse[80];

    snprintf(reverse, sizeof reverse, "%s_desc", name);
    return sort_named(q, text_of(reverse));
}

void tpl_sort(struct tpl *t, const struct rows *rows, const char *sort, const char *words,
              bool numeric)
{
    const struct query *q = rows->query;
    const struct sort *now = sort_named(q, web_param(t->rq, "sort"));
    const struct sort *own = sort_named(q, text_of(sort)), *reverse = sort_reverse(q, sort);

    if (!now && q && q->n_sorts)
        now = &q->sorts[0];
    ADD(t, "<th class=\"govuk-table__header");
    if (numeric)
        ADD(t, " govuk-table__header--numeric");
    ADD(t, "\" scope=\"col\"");
    if (now && (now == own || now == reverse)) {
        if (now == reverse || text_ends(text_of(now->order), " desc"))
            ADD(t, " aria-sort=\"descending\"");
        else
            ADD(t, " aria-sort=\"ascending\"");
    }
    ADD(t, "><a class=\"b-sort\" href=\"");
    link_to(t, "sort", text_of(now == own && reverse ? reverse->name : sort));
    ADD(t, "\">");
    tpl_text_z(t, words);
    ADD(t, "</a></th>");
}

void tpl_export(struct tpl *t, const struct rows *rows)
{
    (void)rows;
    ADD(t, "<div class=\"b-export\">");
    tpl_text_z(t, tr(t->lang, "Save the list:"));
    ADD(t, " <a class=\"govuk-link\" href=\"");
    link_to(t, "format", T("xlsx"));
    ADD(t, "\">XLSX</a> <a class=\"govuk-link\" href=\"");
    link_to(t, "format", T("csv"));
    ADD(t, "\">CSV</a></div>");
}
