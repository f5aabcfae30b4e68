#include "rooms/packs/pack_file.h"

struct reader {
    struct arena *arena;
    struct text file, pack;
    struct fault *fault;
    int line;
    struct pack_entry *entries;
    size_t n, cap;
    struct pack_prop *props; /* of the entry that is being read */
    size_t n_props, cap_props;
    size_t size;      /* of these properties, as stored */
    size_t cap_value; /* of the last one's value when it goes on over lines, else 0 */
    bool open;        /* inside a section */
};

static enum err wrong(const struct reader *r, const char *what, struct text about)
{
    int shown = about.n > 60 ? 60 : (int)about.n;

    return fault_set(r->fault, ERR_SYNTAX, "%.*s:%d: %s%s%.*s", TEXT_ARG(r->file), r->line, what,
                     about.n ? ": " : "", shown, about.s);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-' || c == '*';
}

static bool is_name(struct text t)
{
    if (!t.n || t.s[0] < 'a' || t.s[0] > 'z')
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (!word_char(t.s[i]) || t.s[i] == '*')
            return false;
    return true;
}

/* The properties read so far belong to the last entry. */
static void close_entry(struct reader *r)
{
    if (!r->open)
        return;
    struct pack_entry *e = &r->entries[r->n - 1];
    e->props = r->props;
    e->n = r->n_props;
    r->props = NULL;
    r->n_props = r->cap_props = r->size = 0;
}

static enum err take_section(struct reader *r, struct text t)
{
    if (t.s[t.n - 1] != ']')
        return wrong(r, "a section ends with ]", t);
    struct text rest = {t.s + 1, t.n - 2}, word;
    /* the key is the words behind the kind, one blank between them: never longer than written */
    char *key = arena_alloc(r->arena, rest.n + 1);
    size_t n_key = 0;
    struct pack_entry e = {.pack = r->pack};

    while (text_split(&rest, ' ', &word)) {
        word = text_trim(word);
        if (!word.n)
            continue;
        for (size_t i = 0; i < word.n; i++)
            if (!word_char(word.s[i]))
                return wrong(r, "a section's words are of letters, digits, _ . - and *", t);
        if (!e.kind.n) {
            if (!is_name(word))
                return wrong(r, "a section's kind begins with a small letter", t);
            e.kind = arena_text(r->arena, word);
            continue;
        }
        if (n_key)
            key[n_key++] = ' ';
        memcpy(key + n_key, word.s, word.n);
        n_key += word.n;
    }
    if (!e.kind.n)
        return wrong(r, "a section without a kind", t);
    if (e.kind.n > 60 || n_key > 200)
        return wrong(r, "a section's kind has at most 60 letters, its key at most 200", t);
    e.key = (struct text){key, n_key};
    if (r->file.n)
        e.place = arena_printf(r->arena, "%.*s:%d", TEXT_ARG(r->file), r->line);
    for (size_t i = 0; i < r->n; i++)
        if (text_eq(r->entries[i].kind, e.kind) && text_eq(r->entries[i].key, e.key))
            return wrong(r, "this section stands above already", r->entries[i].place);
    close_entry(r);
    if (r->n == PACK_ENTRIES_MAX)
        return wrong(r, "too many sections in one file", (struct text){"", 0});
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 32;
        r->entries = arena_grow(r->arena, r->entries, r->cap * sizeof e, cap * sizeof e);
        r->cap = cap;
    }
    r->entries[r->n++] = e;
    r->open = true;
    return OK;
}

static enum err count_size(struct reader *r, size_t more)
{
    r->size += more;
    return r->size > PACK_PROPS_MAX ? wrong(r, "the section is too large", (struct text){"", 0})
                                    : OK;
}

static enum err take_property(struct reader *r, struct text t)
{
    const char *equal = memchr(t.s, '=', t.n);

    if (!equal)
        return wrong(r, "expected [section], name = value, or a comment", t);
    struct text name = text_trim((struct text){t.s, (size_t)(equal - t.s)});
    struct text value = text_trim((struct text){equal + 1, t.n - (size_t)(equal + 1 - t.s)});
    if (!is_name(name) || name.n > 60)
        return wrong(r, "a property's name is of small letters, digits, _ . and -", name);
    if (!r->open)
        return wrong(r, "a property before the first section", name);
    for (size_t i = 0; i < r->n_props; i++)
        if (text_eq(r->props[i].name, name))
            return wrong(r, "the section has this property already", name);
    if (r->n_props == PACK_PROP_COUNT_MAX)
        return wrong(r, "too many properties in one section", name);
    if (r->n_props == r->cap_props) {
        size_t cap = r->cap_props ? r->cap_props * 2 : 8;
        r->props =
            arena_grow(r->arena, r->props, r->cap_props * sizeof *r->props, cap * sizeof *r->props);
        r->cap_props = cap;
    }
    r->props[r->n_props++] =
        (struct pack_prop){arena_text(r->arena, name), arena_text(r->arena, value)};
    r->cap_value = 0;
    return count_size(r, name.n + value.n + 4);
}

/* An indented line goes on with the value above, behind one blank. */
static enum err take_more(struct reader *r, struct text t)
{
    if (!r->n_props)
        return wrong(r, "an indented line goes on with a value, and there is none above", t);
    struct text *value = &r->props[r->n_props - 1].value;
    size_t blanks = value->n ? 1 : 0, size = value->n + blanks + t.n;
    enum err err = count_size(r, t.n + 1);

    if (err)
        return err;
    if (size >= r->cap_value) { /* room for a NUL behind it too */
        char *longer = arena_alloc(r->arena, size * 2 + 1);
        memcpy(longer, value->s, value->n);
        value->s = longer;
        r->cap_value = size * 2 + 1;
    }
    char *end = (char *)value->s + value->n; /* of this reader's own making: see above */
    if (blanks)
        *end++ = ' ';
    memcpy(end, t.s, t.n);
    value->n = size;
    return OK;
}

static enum err take_line(struct reader *r, struct text line)
{
    bool indented = line.n && blank(line.s[0]);
    struct text t = text_trim(line);

    if (!t.n || t.s[0] == '#')
        return OK;
    if (!text_valid(t))
        return wrong(r, "not valid UTF-8, or a control character", (struct text){"", 0});
    if (indented)
        return take_more(r, t);
    if (t.s[0] == '[')
        return take_section(r, t);
    return take_property(r, t);
}

static enum err take_lines(struct reader *r, struct text bytes)
{
    struct text rest = bytes, line;
    enum err err = OK;

    while (!err && text_split(&rest, '\n', &line)) {
        r->line++;
        if (line.n && line.s[line.n - 1] == '\r')
            line.n--;
        err = take_line(r, line);
    }
    if (!err)
        close_entry(r);
    return err;
}

enum err pack_file_read(struct text bytes, struct text file, struct text pack, struct arena *arena,
                        struct pack_entry **entries, size_t *n, struct fault *fault)
{
    struct reader r = {.arena = arena, .file = file, .pack = pack, .fault = fault};

    if (bytes.n > PACK_FILE_MAX)
        return fault_set(fault, ERR_LIMIT, "%.*s: larger than %d bytes", TEXT_ARG(file),
                         PACK_FILE_MAX);
    if (text_starts(bytes, "\xEF\xBB\xBF")) /* editors of Windows put it there */
        bytes = (struct text){bytes.s + 3, bytes.n - 3};
    enum err err = take_lines(&r, bytes);
    if (err)
        return err;
    *entries = r.entries;
    *n = r.n;
    return OK;
}

enum err pack_props_read(struct text lines, struct arena *arena, struct pack_entry *e,
                         struct fault *fault)
{
    struct pack_entry one = *e;
    struct reader r = {.arena = arena,
                       .file = T("pack_entry"),
                       .fault = fault,
                       .entries = &one,
                       .n = 1,
                       .cap = 1,
                       .open = true};
    enum err err = take_lines(&r, lines);

    if (!err && r.n != 1)
        err = wrong(&r, "a section inside of properties", one.key);
    if (err)
        return err;
    *e = one;
    return OK;
}

void pack_props_write(const struct pack_entry *e, struct buf *out)
{
    for (size_t i = 0; i < e->n; i++) {
        buf_text(out, e->props[i].name);
        buf_z(out, " = ");
        buf_text(out, e->props[i].value);
        buf_char(out, '\n');
    }
}
