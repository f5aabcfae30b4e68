/* Parsers of what comes from outside; see parse.h. Everything is bounded by the length of its input
 * and PAIRS_MAX. */
#include "web/parse.h"
#include "base/i18n.h"
#include <jansson.h>
#include <strings.h>

static enum err refuse(struct parse_fault *fault, struct text field, const char *message)
{
    *fault = (struct parse_fault){field, message};
    return ERR_SYNTAX;
}

enum err pairs_add(struct arena *arena, struct pairs *pairs, struct pair pair)
{
    if (pairs->n >= PAIRS_MAX)
        return ERR_LIMIT;
    if (pairs->n == pairs->cap) {
        size_t cap = pairs->cap ? pairs->cap * 2 : 16;
        pairs->v =
            arena_grow(arena, pairs->v, pairs->cap * sizeof(*pairs->v), cap * sizeof(*pairs->v));
        pairs->cap = cap;
    }
    pairs->v[pairs->n++] = pair;
    return OK;
}

const struct pair *pairs_find(const struct pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->n; i++)
        if (text_is(pairs->v[i].name, name))
            return &pairs->v[i];
    return NULL;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

enum err parse_percent(struct arena *arena, struct text t, bool plus, struct text *out)
{
    bool plain = true;
    for (size_t i = 0; i < t.n; i++)
        if (t.s[i] == '%' || (plus && t.s[i] == '+'))
            plain = false;
    if (plain) {
        *out = t;
        return OK;
    }
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] == '+' && plus) {
            s[n++] = ' ';
        } else if (t.s[i] == '%') {
            if (t.n - i < 3 || hex(t.s[i + 1]) < 0 || hex(t.s[i + 2]) < 0)
                return ERR_SYNTAX;
            s[n++] = (char)(hex(t.s[i + 1]) << 4 | hex(t.s[i + 2]));
            i += 2;
        } else {
            s[n++] = t.s[i];
        }
    }
    *out = (struct text){s, n};
    return OK;
}

/* Browsers send line ends of text areas as CRLF; inside the house they are LF, and no CR is left.
 */
static struct text unix_lines(struct arena *arena, struct text t)
{
    if (!t.n || !memchr(t.s, '\r', t.n))
        return t;
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        char next = i + 1 < t.n ? t.s[i + 1] : '\0';
        if (t.s[i] != '\r')
            s[n++] = t.s[i];
        else if (next != '\n' && next != '\r')
            s[n++] = '\n';
    }
    return (struct text){s, n};
}

static bool name_valid(struct text name)
{
    if (name.n == 0 || name.n > PAIR_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.s[i];
        if (c < 0x21 || c > 0x7E)
            return false;
    }
    return true;
}

/* Adds a field of text; both sides are checked here and nowhere else. */
static enum err add_text(struct arena *arena, struct pairs *out, struct text name,
                         struct text value, struct parse_fault *fault)
{
    if (!name_valid(name))
        return refuse(fault, T(""), N_("The request holds a field with a wrong name."));
    if (!text_valid(value))
        return refuse(fault, name, N_("The text holds characters that cannot be stored."));
    if (pairs_add(arena, out, (struct pair){.name = name, .value = unix_lines(arena, value)}))
        return refuse(fault, T(""), N_("The request has too many fields."));
    return OK;
}

enum err parse_query(struct arena *arena, struct text t, struct pairs *out,
                     struct parse_fault *fault)
{
    struct text rest = t, part;
    while (text_split(&rest, '&', &part)) {
        if (part.n == 0)
            continue;
        const char *eq = memchr(part.s, '=', part.n);
        struct text name = {part.s, eq ? (size_t)(eq - part.s) : part.n};
        struct text value = eq ? (struct text){eq + 1, part.n - name.n - 1} : T("");
        if (parse_percent(arena, name, true, &name) || parse_percent(arena, value, true, &value))
            return refuse(fault, T(""), N_("The address or form is not encoded correctly."));
        enum err err = add_text(arena, out, name, value, fault);
        if (err)
            return err;
    }
    return OK;
}

struct text parse_cookie_alone(struct text header, const char *name)
{
    struct text rest = header, part, found = T("");
    int n = 0;
    while (text_split(&rest, ';', &part)) {
        part = text_trim(part);
        const char *eq = part.n ? memchr(part.s, '=', part.n) : NULL;
        if (eq && text_is((struct text){part.s, (size_t)(eq - part.s)}, name)) {
            found = (struct text){eq + 1, part.n - (size_t)(eq - part.s) - 1};
            n++;
        }
    }
    return n == 1 ? found : T("");
}

struct text parse_cookie(struct text header, const char *name)
{
    struct text rest = header, part;
    while (text_split(&rest, ';', &part)) {
        part = text_trim(part);
        const char *eq = part.n ? memchr(part.s, '=', part.n) : NULL;
        if (eq && text_is((struct text){part.s, (size_t)(eq - part.s)}, name))
            return (struct text){eq + 1, part.n - (size_t)(eq - part.s) - 1};
    }
    return T("");
}

static bool same_word(struct text t, const char *z)
{
    return t.n == strlen(z) && strncasecmp(t.s, z, t.n) == 0;
}

bool parse_parameter(struct arena *arena, struct text header, const char *name, struct text *out)
{
    size_t i = 0;
    while (i < header.n && header.s[i] != ';')
        i++;
    while (i < header.n) {
        i++; /* the semicolon */
        while (i < header.n && (header.s[i] == ' ' || header.s[i] == '\t'))
            i++;
        size_t start = i;
        while (i < header.n && header.s[i] != '=' && header.s[i] != ';')
            i++;
        struct text key = text_trim((struct text){header.s + start, i - start});
        if (i >= header.n || header.s[i] == ';')
            continue;
        i++; /* the equals sign */
        struct text value;
        if (i < header.n && header.s[i] == '"') {
            char *s = arena_alloc(arena, header.n - i);
            size_t n = 0;
            for (i++; i < header.n && header.s[i] != '"'; i++) {
                /* Browsers escape only the quote; a backslash elsewhere is part of a Windows path.
                 */
                if (header.s[i] == '\\' && i + 1 < header.n && header.s[i + 1] == '"')
                    i++;
                s[n++] = header.s[i];
            }
            if (i >= header.n)
                return false;
            value = (struct text){s, n};
            while (i < header.n && header.s[i] != ';')
                i++;
        } else {
            start = i;
            while (i < header.n && header.s[i] != ';')
                i++;
            value = text_trim((struct text){header.s + start, i - start});
        }
        if (same_word(key, name)) {
            *out = value;
            return true;
        }
    }
    return false;
}

bool parse_accepts(struct text header, const char *token)
{
    struct text rest = header, part;
    while (text_split(&rest, ',', &part)) {
        struct text word, more = part;
        if (!text_split(&more, ';', &word) || !same_word(text_trim(word), token))
            continue;
        more = text_trim(more);
        if (more.n < 2 || (more.s[0] != 'q' && more.s[0] != 'Q') || more.s[1] != '=')
            return true;
        for (size_t i = 2; i < more.n; i++)
            if (more.s[i] >= '1' && more.s[i] <= '9')
                return true;
        return false;
    }
    return false;
}

bool parse_local_path(struct text t)
{
    if (t.n == 0 || t.n > 2000 || t.s[0] != '/')
        return false;
    if (t.n > 1 && (t.s[1] == '/' || t.s[1] == '\\'))
        return false;
    for (size_t i = 0; i < t.n; i++)
        if ((unsigned char)t.s[i] <= 0x20 || (unsigned char)t.s[i] >= 0x7F || t.s[i] == '\\')
            return false;
    return true;
}

/* The last part of a path that a browser may have sent as the file's name. */
static struct text base_name(struct text t)
{
    for (size_t i = t.n; i > 0; i--)
        if (t.s[i - 1] == '/' || t.s[i - 1] == '\\')
            return (struct text){t.s + i, t.n - i};
    return t;
}

/* The headers of one part; false when they are not those of a form field. */
static bool part_head(struct arena *arena, struct text head, struct pair *pair)
{
    bool named = false;
    while (head.n > 0) {
        const char *end = memmem(head.s, head.n, "\r\n", 2);
        struct text line = {head.s, end ? (size_t)(end - head.s) : head.n};
        size_t used = end ? line.n + 2 : line.n;
        head = (struct text){head.s + used, head.n - used};
        const char *colon = memchr(line.s, ':', line.n);
        if (!colon)
            return false;
        struct text key = {line.s, (size_t)(colon - line.s)};
        if (!same_word(key, "content-disposition"))
            continue;
        struct text value = {colon + 1, line.n - key.n - 1}, kind, rest = value;
        if (named || !text_split(&rest, ';', &kind) || !same_word(text_trim(kind), "form-data"))
            return false;
        named = parse_parameter(arena, value, "name", &pair->name);
        if (parse_parameter(arena, value, "filename", &pair->file)) {
            pair->is_file = true;
            pair->file = base_name(pair->file);
        }
    }
    return named;
}

enum err parse_multipart(struct arena *arena, struct text type, struct text body, struct pairs *out,
                         struct parse_fault *fault)
{
    enum { BOUNDARY_MAX = 70, HEAD_MAX = 4096 };
    static const char broken[] = N_("The form was not sent completely. Try again.");
    struct text boundary;

    if (!parse_parameter(arena, type, "boundary", &boundary) || boundary.n == 0 ||
        boundary.n > BOUNDARY_MAX)
        return refuse(fault, T(""), broken);
    struct text mark = arena_printf(arena, "\r\n--%.*s", TEXT_ARG(boundary));
    if (mark.n != boundary.n + 4)
        return refuse(fault, T(""), broken);

    /* The first boundary has no line end before it. */
    if (body.n < mark.n - 2 || memcmp(body.s, mark.s + 2, mark.n - 2) != 0)
        return refuse(fault, T(""), broken);
    struct text rest = {body.s + mark.n - 2, body.n - (mark.n - 2)};
    for (;;) {
        if (rest.n >= 2 && memcmp(rest.s, "--", 2) == 0)
            return OK;
        if (rest.n < 2 || memcmp(rest.s, "\r\n", 2) != 0)
            return refuse(fault, T(""), broken);
        const char *end = memmem(rest.s + 2, rest.n - 2, mark.s, mark.n);
        const char *blank = memmem(rest.s, rest.n < HEAD_MAX ? rest.n : HEAD_MAX, "\r\n\r\n", 4);
        if (!end || !blank || blank < rest.s + 2 || blank + 4 > end)
            return refuse(fault, T(""), broken);
        struct pair pair = {0};
        struct text head = {rest.s + 2, (size_t)(blank - rest.s - 2)};
        if (!part_head(arena, head, &pair))
            return refuse(fault, T(""), broken);
        pair.value = (struct text){blank + 4, (size_t)(end - blank - 4)};
        if (!pair.is_file) {
            enum err err = add_text(arena, out, pair.name, pair.value, fault);
            if (err)
                return err;
        } else {
            if (!name_valid(pair.name) || !text_valid(pair.file) || pair.file.n > 1000)
                return refuse(fault, T(""), N_("The request holds a field with a wrong name."));
            if (pairs_add(arena, out, pair))
                return refuse(fault, T(""), N_("The request has too many fields."));
        }
        size_t used = (size_t)(end - rest.s) + mark.n;
        rest = (struct text){rest.s + used, rest.n - used};
    }
}

static enum err json_scalar(struct arena *arena, struct text name, const json_t *v,
                            struct pairs *out, struct parse_fault *fault)
{
    switch (json_typeof(v)) {
    case JSON_STRING:
        return add_text(
            arena, out, name,
            arena_text(arena, (struct text){json_string_value(v), json_string_length(v)}), fault);
    case JSON_INTEGER:
        return add_text(arena, out, name,
                        arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(v)), fault);
    case JSON_TRUE:
        return add_text(arena, out, name, T("1"), fault);
    case JSON_FALSE:
        return add_text(arena, out, name, T("0"), fault);
    case JSON_NULL:
        return add_text(arena, out, name, T(""), fault);
    case JSON_REAL:
        return refuse(fault, name, N_("Give a whole number, or the number as a text."));
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return refuse(fault, name, N_("Nested values are not accepted here."));
}

enum err parse_json(struct arena *arena, struct text body, struct pairs *out,
                    struct parse_fault *fault)
{
    enum err err = OK;
    json_error_t why;
    json_t *root = json_loadb(body.s ? body.s : "", body.n, JSON_REJECT_DUPLICATES, &why);
    const char *key;
    json_t *member;

    if (!root)
        return refuse(fault, T(""), N_("The body is not well-formed JSON, or repeats a name."));
    if (!json_is_object(root)) {
        err = refuse(fault, T(""), N_("The body must be one JSON object."));
        goto out;
    }
    json_object_foreach(root, key, member)
    {
        struct text name = arena_text(arena, text_of(key));
        if (!json_is_array(member)) {
            err = json_scalar(arena, name, member, out, fault);
        } else {
            for (size_t i = 0; i < json_array_size(member) && !err; i++)
                err = json_scalar(arena, name, json_array_get(member, i), out, fault);
        }
        if (err)
            break;
    }
out:
    json_decref(root);
    return err;
}
