/* The catalogue compiler: collects the messages of sources and templates, and makes a C table of
 * their translations.
 *
 *     pocomp [--strict] --out catalogue.c --po po/ru [--po po/kk] SOURCE...
 *     pocomp --update po/ru/people.po SOURCE...      adds what the catalogue lacks, not yet
 * translated */
#include "pocomp.h"
#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] = "usage: pocomp [--strict] --out FILE.c --po po/LANGUAGE... SOURCE...\n"
                            "       pocomp --update FILE.po SOURCE...\n";

enum { CATALOGUES_MAX = 8 };

/* ---- entries -------------------------------------------------------------------------------- */

static size_t slot_of(const struct entries *e, const char *id)
{
    size_t i = message_hash(id) & (e->n_slots - 1);

    while (e->slots[i] && strcmp(e->v[e->slots[i] - 1].id, id) != 0)
        i = (i + 1) & (e->n_slots - 1);
    return i;
}

struct entry *entries_find(const struct entries *e, const char *id)
{
    if (!e->n_slots)
        return NULL;
    uint32_t slot = e->slots[slot_of(e, id)];
    return slot ? &e->v[slot - 1] : NULL;
}

struct entry *entries_add(struct entries *e, struct entry entry)
{
    if (e->n == e->cap) {
        size_t cap = e->cap ? e->cap * 2 : 512;
        e->v = arena_grow(e->arena, e->v, e->cap * sizeof *e->v, cap * sizeof *e->v);
        e->cap = cap;
        e->n_slots = cap * 4;
        e->slots = arena_array(e->arena, e->n_slots, sizeof *e->slots);
        for (size_t i = 0; i < e->n; i++)
            e->slots[slot_of(e, e->v[i].id)] = (uint32_t)i + 1;
    }
    e->slots[slot_of(e, entry.id)] = (uint32_t)e->n + 1;
    e->v[e->n] = entry;
    return &e->v[e->n++];
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->id, ((const struct entry *)b)->id);
}

/* ---- folders of catalogues ------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* All *.po of a folder, sorted; a folder that is not there has none. */
static size_t po_files(struct arena *arena, const char *folder, const char ***out)
{
    DIR *dir = opendir(folder);
    const char **names = arena_array(arena, 256, sizeof *names);
    size_t n = 0;

    while (dir) {
        struct dirent *d = readdir(dir);
        if (!d)
            break;
        if (d->d_name[0] == '.' || !text_ends(text_of(d->d_name), ".po"))
            continue;
        if (n == 256)
            die_at(folder, 0, "holds more than 256 catalogues");
        names[n++] = arena_printf(arena, "%s/%s", folder, d->d_name).s;
    }
    if (dir)
        closedir(dir);
    qsort(names, n, sizeof *names, by_text);
    *out = names;
    return n;
}

struct language {
    const char *code;  /* "ru" */
    const char *upper; /* "RU" */
    int forms;
    const char *plural; /* body of the function */
    struct entries entries;
};

static void language_read(struct arena *arena, const char *folder, struct language *l)
{
    static const char slavic[] =
        "    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n, ten = u % 10, hundred = u % "
        "100;\n\n"
        "    if (ten == 1 && hundred != 11)\n        return 0;\n"
        "    return ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14) ? 1 : 2;\n";
    struct text path = text_of(folder);
    const char **files;

    while (path.n > 1 && path.s[path.n - 1] == '/')
        path.n--;
    size_t from = path.n;
    while (from && path.s[from - 1] != '/')
        from--;
    l->code = arena_z(arena, (struct text){path.s + from, path.n - from});
    char *upper = arena_alloc(arena, strlen(l->code) + 1);
    for (size_t i = 0; l->code[i]; i++) {
        if (l->code[i] < 'a' || l->code[i] > 'z')
            die_at(folder, 0, "the folder must be named by a language, such as ru");
        upper[i] = (char)(l->code[i] - 32);
    }
    l->upper = upper;
    bool three = strcmp(l->code, "ru") == 0;
    l->forms = three ? 3 : 2;
    l->plural = three ? slavic : "    return n != 1;\n";
    l->entries.arena = arena;
    size_t n = po_files(arena, folder, &files);
    for (size_t i = 0; i < n; i++)
        read_po(&l->entries, files[i], l->forms);
}

/* ---- comparison ----------------------------------------------------------------------------- */

/* The number of messages without translation; each is named. */
static int compare(const struct entries *found, struct language *l, bool strict)
{
    int missing = 0;

    for (size_t i = 0; i < found->n; i++) {
        const struct entry *m = &found->v[i];
        struct entry *e = entries_find(&l->entries, m->id);
        if (e)
            e->used = true;
        if (e && m->plural && translated(e, l->forms) &&
            (!e->plural || strcmp(e->plural, m->plural) != 0))
            die_at(e->path, e->line, "\"%s\" has the plural \"%s\" at %s:%d", m->id, m->plural,
                   m->path, m->line);
        if (e && translated(e, l->forms))
            continue;
        missing++;
        if (strict)
            fprintf(stderr, "%s:%d: no %s words for \"%s\"\n", m->path, m->line, l->code, m->id);
    }
    for (size_t i = 0; strict && i < l->entries.n; i++)
        if (!l->entries.v[i].used)
            fprintf(stderr, "%s:%d: warning: nothing uses \"%s\"\n", l->entries.v[i].path,
                    l->entries.v[i].line, l->entries.v[i].id);
    return missing;
}

/* ---- output --------------------------------------------------------------------------------- */

static void put_literal(struct buf *b, const char *z)
{
    buf_char(b, '"');
    for (; *z; z++) {
        unsigned char c = (unsigned char)*z;
        if (c == '"' || c == '\\' || c == '?')
            buf_printf(b, "\\%c", c);
        else if (c == '\n')
            buf_z(b, "\\n");
        else if (c < 0x20)
            buf_printf(b, "\\%03o", c);
        else
            buf_char(b, (char)c);
    }
    buf_char(b, '"');
}

static void put_slots(struct arena *arena, struct buf *b, const struct language *l,
                      const struct entry *const *v, size_t n)
{
    size_t size = 16;

    while (size < n * 2)
        size *= 2;
    uint16_t *slots = arena_array(arena, size, sizeof *slots);
    for (size_t i = 0; i < n; i++) {
        size_t at = message_hash(v[i]->id) & (size - 1);
        while (slots[at])
            at = (at + 1) & (size - 1);
        slots[at] = (uint16_t)(i + 1);
    }
    buf_printf(b, "static const uint16_t %s_slots[%zu] = {", l->code, size);
    for (size_t i = 0; i < size; i++)
        buf_printf(b, "%s%d,", i % 16 ? " " : "\n    ", slots[i]);
    buf_printf(
        b, "\n};\nstatic const struct catalogue %s = {%s_messages, %s_slots, %zu, %s_plural};\n",
        l->code, l->code, l->code, size - 1, l->code);
}

/* False when nothing at all is translated: msgids are shown then. */
static bool put_language(struct arena *arena, struct buf *b, struct language *l)
{
    const struct entry **v = arena_array(arena, l->entries.n + 1, sizeof *v);
    size_t n = 0;

    qsort(l->entries.v, l->entries.n, sizeof *l->entries.v, by_id);
    for (size_t i = 0; i < l->entries.n; i++)
        if (translated(&l->entries.v[i], l->forms))
            v[n++] = &l->entries.v[i];
    if (!n)
        return false;
    if (n >= UINT16_MAX)
        die_at(l->code, 0, "too many messages");
    buf_printf(b,
               "\nstatic int %s_plural(int64_t n)\n{\n%s}\n\nstatic const struct message "
               "%s_messages[] = {\n",
               l->code, l->plural, l->code);
    for (size_t i = 0; i < n; i++) {
        buf_z(b, "    {");
        put_literal(b, v[i]->id);
        buf_z(b, ", {");
        for (int k = 0; k < PLURAL_FORMS && v[i]->words[k]; k++) {
            buf_z(b, k ? ", " : "");
            put_literal(b, v[i]->words[k]);
        }
        buf_z(b, "}},\n");
    }
    buf_z(b, "};\n");
    put_slots(arena, b, l, v, n);
    return true;
}

static void write_c(struct arena *arena, const char *path, struct language *languages, int n)
{
    struct buf b = BUF(64 << 20);
    bool there[CATALOGUES_MAX];

    buf_z(&b, "/* Written by pocomp. */\n#include \"web/tr.h\"\n");
    for (int i = 0; i < n; i++)
        there[i] = put_language(arena, &b, &languages[i]);
    buf_z(&b, "\nconst struct catalogue *const catalogues[LANG_COUNT] = {\n");
    for (int i = 0; i < n; i++)
        if (there[i])
            buf_printf(&b, "    [LANG_%s] = &%s,\n", languages[i].upper, languages[i].code);
    buf_z(&b, "    [LANG_EN] = NULL,\n};\n");
    FILE *f = fopen(path, "wb");
    if (buf_end(&b) != OK || !f || fwrite(b.s, 1, b.n, f) != b.n || fclose(f))
        die_at(path, 0, "cannot be written");
    buf_free(&b);
}

/* ---- update --------------------------------------------------------------------------------- */

static void put_string(struct buf *b, const char *word, const char *z)
{
    buf_printf(b, "%s \"", word);
    for (; *z; z++) {
        if (*z == '"' || *z == '\\')
            buf_printf(b, "\\%c", *z);
        else if (*z == '\n')
            buf_z(b, "\\n");
        else
            buf_char(b, *z);
    }
    buf_z(b, "\"\n");
}

static void update(struct entries *found, const char *path)
{
    struct language l = {0};
    struct buf b = BUF(16 << 20);
    const char *slash = strrchr(path, '/');
    int added = 0;

    if (!slash)
        die_at(path, 0, "name it with its folder, such as po/ru/people.po");
    /* What a neighbour has translated is not asked again. */
    language_read(found->arena, arena_z(found->arena, (struct text){path, (size_t)(slash - path)}),
                  &l);
    FILE *f = fopen(path, "rb");
    if (f)
        fclose(f);
    else
        buf_printf(&b,
                   "msgid \"\"\nmsgstr \"\"\n\"Language: %s\\n\"\n"
                   "\"Content-Type: text/plain; charset=UTF-8\\n\"\n",
                   l.code);
    for (size_t i = 0; i < found->n; i++) {
        const struct entry *m = &found->v[i];
        if (entries_find(&l.entries, m->id))
            continue;
        added++;
        buf_printf(&b, "\n#: %s:%d\n", m->path, m->line);
        put_string(&b, "msgid", m->id);
        if (m->plural)
            put_string(&b, "msgid_plural", m->plural);
        else
            buf_z(&b, "msgstr \"\"\n");
        for (int k = 0; m->plural && k < l.forms; k++)
            buf_printf(&b, "msgstr[%d] \"\"\n", k);
    }
    f = fopen(path, "ab");
    if (buf_end(&b) != OK || !f || (b.n && fwrite(b.s, 1, b.n, f) != b.n) || fclose(f))
        die_at(path, 0, "cannot be written");
    printf("%s: %d messages added\n", path, added);
    buf_free(&b);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"out", required_argument, NULL, 'o'},
                                          {"po", required_argument, NULL, 'p'},
                                          {"update", required_argument, NULL, 'u'},
                                          {"strict", no_argument, NULL, 's'},
                                          {0}};
    const char *out = NULL, *folders[CATALOGUES_MAX], *to_update = NULL;
    bool strict = false;
    int n = 0, opt, status = 0;

    while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (opt == 'o')
            out = optarg;
        else if (opt == 'p' && n < CATALOGUES_MAX)
            folders[n++] = optarg;
        else if (opt == 'u')
            to_update = optarg;
        else if (opt == 's')
            strict = true;
        else
            return fputs(usage, stderr), 2;
    }
    if (!to_update && (!out || !n))
        return fputs(usage, stderr), 2;

    struct arena *arena = arena_new();
    struct entries found = {.arena = arena};
    for (int i = optind; i < argc; i++)
        scan_source(&found, argv[i]);
    if (to_update) {
        update(&found, to_update);
        arena_free(arena);
        return 0;
    }
    struct language *languages = arena_array(arena, CATALOGUES_MAX, sizeof *languages);
    for (int i = 0; i < n; i++) {
        language_read(arena, folders[i], &languages[i]);
        int missing = compare(&found, &languages[i], strict);
        if (missing && strict) {
            fprintf(stderr, "%d of %zu messages have no %s words\n", missing, found.n,
                    languages[i].code);
            status = 1;
        }
    }
    if (!status)
        write_c(arena, out, languages, n);
    arena_free(arena);
    return status;
}
