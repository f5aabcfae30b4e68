/* Packs from folders, each after those it needs. */
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs_own.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PACKS_MAX = 31, NAMES_MAX = 1000, DEPTH_MAX = 16 };

struct loader {
    struct arena *arena;
    struct fault *fault;
    struct pack_entry *entries;
    size_t n, cap;
    size_t n_packs;
    struct loaded {
        struct text name;
        uint32_t needs; /* bits of packs, with those that they need */
        bool ready;     /* false while what it needs is being read */
    } packs[PACKS_MAX];
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder, sorted, so that the same files make the same register anywhere. */
static enum err list(struct loader *l, const char *dir, const char *ending, const char ***names,
                     size_t *n)
{
    DIR *d = opendir(dir);
    const char **found = arena_array(l->arena, NAMES_MAX, sizeof *found);
    size_t count = 0;
    enum err err = OK;

    if (!d)
        return fault_set(l->fault, ERR_IO, "packs: cannot open the folder '%s': %s", dir,
                         strerror(errno));
    for (struct dirent *e; (e = readdir(d));) {
        struct text name = text_of(e->d_name);
        if (name.s[0] == '.' || !text_ends(name, ending))
            continue;
        if (count == NAMES_MAX) {
            err = fault_set(l->fault, ERR_LIMIT, "packs: too many files in '%s'", dir);
            break;
        }
        found[count++] = arena_z(l->arena, name);
    }
    closedir(d);
    if (count)
        qsort(found, count, sizeof *found, by_name);
    *names = found;
    *n = count;
    return err;
}

static enum err read_file(struct loader *l, const char *path, struct text *bytes)
{
    FILE *f = fopen(path, "rb");
    enum err err = OK;

    if (!f)
        return fault_set(l->fault, ERR_IO, "packs: cannot open '%s': %s", path, strerror(errno));
    size_t cap = 4096, n = 0;
    char *all = arena_alloc(l->arena, cap);
    while (!feof(f) && !err) {
        if (n == cap) {
            all = arena_grow(l->arena, all, cap, cap * 2);
            cap *= 2;
        }
        n += fread(all + n, 1, cap - n, f);
        if (ferror(f))
            err = fault_set(l->fault, ERR_IO, "packs: cannot read '%s'", path);
        else if (n > PACK_FILE_MAX)
            err = fault_set(l->fault, ERR_LIMIT, "%s: larger than %d bytes", path, PACK_FILE_MAX);
    }
    fclose(f);
    *bytes = (struct text){all, n};
    return err;
}

static int pack_number(const struct loader *l, struct text name)
{
    for (size_t i = 0; i < l->n_packs; i++)
        if (text_eq(l->packs[i].name, name))
            return (int)i;
    return -1;
}

static enum err add_entry(struct loader *l, const struct pack_entry *e, uint32_t needs)
{
    for (size_t i = 0; i < l->n; i++) {
        struct pack_entry *old = &l->entries[i];
        if (!text_eq(old->key, e->key) || !text_eq(old->kind, e->kind))
            continue;
        int pack = pack_number(l, old->pack);
        if (text_eq(old->pack, e->pack) || pack < 0 || !(needs >> pack & 1))
            return pack_wrong(e, l->fault, "stands already in", old->place);
        *old = *e;
        return OK;
    }
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 256;
        l->entries = arena_grow(l->arena, l->entries, l->cap * sizeof *e, cap * sizeof *e);
        l->cap = cap;
    }
    l->entries[l->n++] = *e;
    return OK;
}

static enum err load_pack(struct loader *l, const char *dir, int depth);

/* The packs named by "needs" stand in folders beside this one. */
static enum err load_needs(struct loader *l, const char *dir, const struct pack_entry *head,
                           size_t self, int depth)
{
    struct text rest = pack_prop(head, "needs"), name;
    const char *slash = strrchr(dir, '/');

    while (text_split(&rest, ' ', &name)) {
        if (!name.n)
            continue;
        struct text beside =
            arena_printf(l->arena, "%.*s/%.*s", (int)(slash - dir), dir, TEXT_ARG(name));
        enum err err = load_pack(l, beside.s, depth + 1);
        if (err)
            return err;
        int k = pack_number(l, name);
        if (k < 0)
            return pack_wrong(head, l->fault, "there is no such pack", name);
        l->packs[self].needs |= 1u << k | l->packs[k].needs;
    }
    return OK;
}

/* dir: an absolute path without a slash at its end; the last folder is the pack's name. */
static enum err load_pack(struct loader *l, const char *dir, int depth)
{
    struct text name = text_of(strrchr(dir, '/') + 1);
    const char **files;
    size_t n_files;
    int known = pack_number(l, name);
    enum err err;

    if (known >= 0)
        return l->packs[known].ready
                   ? OK
                   : fault_set(l->fault, ERR_CONFLICT, "packs need one another in a circle: %.*s",
                               TEXT_ARG(name));
    if (l->n_packs == PACKS_MAX || depth > DEPTH_MAX)
        return fault_set(l->fault, ERR_LIMIT, "too many packs");
    err = list(l, dir, ".pack", &files, &n_files);
    if (err)
        return err;
    struct pack_entry **own = arena_array(l->arena, n_files + 1, sizeof *own);
    size_t *counts = arena_array(l->arena, n_files + 1, sizeof *counts);
    const struct pack_entry *head = NULL;
    for (size_t i = 0; i < n_files; i++) {
        struct text path = arena_printf(l->arena, "%s/%s", dir, files[i]);
        struct text shown = arena_printf(l->arena, "%.*s/%s", TEXT_ARG(name), files[i]), bytes;
        err = read_file(l, path.s, &bytes);
        if (!err)
            err = pack_file_read(bytes, shown, name, l->arena, &own[i], &counts[i], l->fault);
        if (err)
            return err;
        for (size_t k = 0; k < counts[i]; k++)
            if (text_is(own[i][k].kind, "pack"))
                head = &own[i][k];
    }
    if (!head || !text_eq(head->key, name))
        return fault_set(l->fault, ERR_NOT_FOUND,
                         "'%s' is not a pack: a section [pack %.*s] is missing", dir,
                         TEXT_ARG(name));
    size_t self = l->n_packs++;
    l->packs[self] = (struct loaded){.name = name};
    err = load_needs(l, dir, head, self, depth);
    for (size_t i = 0; i < n_files && !err; i++)
        for (size_t k = 0; k < counts[i] && !err; k++)
            err = add_entry(l, &own[i][k], l->packs[self].needs);
    l->packs[self].ready = true;
    return err;
}

/* A folder of packs. */
static enum err load_all(struct loader *l, const char *dir)
{
    const char **names, **files;
    size_t n, n_files;
    enum err err = list(l, dir, "", &names, &n);

    for (size_t i = 0; i < n && !err; i++) {
        struct text path = arena_printf(l->arena, "%s/%s", dir, names[i]);
        struct stat st;
        if (stat(path.s, &st) || !S_ISDIR(st.st_mode))
            continue;
        err = list(l, path.s, ".pack", &files, &n_files);
        if (!err && n_files)
            err = load_pack(l, path.s, 0);
    }
    if (!err && !l->n_packs)
        err = fault_set(l->fault, ERR_NOT_FOUND, "there are no packs in '%s'", dir);
    return err;
}

enum err packs_load_dir(const char *dir, struct arena *arena, struct pack_entry **entries,
                        size_t *n, struct fault *fault)
{
    struct loader l = {.arena = arena, .fault = fault};
    const char **files;
    size_t n_files;
    char *resolved = realpath(dir, NULL);

    if (!resolved)
        return fault_set(fault, ERR_IO, "packs: cannot open the folder '%s': %s", dir,
                         strerror(errno));
    const char *whole = arena_z(arena, text_of(resolved)); /* names of packs point into it */
    free(resolved);
    enum err err = list(&l, whole, ".pack", &files, &n_files);
    if (!err)
        err = n_files ? load_pack(&l, whole, 0) : load_all(&l, whole);
    if (err)
        return err;
    *entries = l.entries;
    *n = l.n;
    return OK;
}
