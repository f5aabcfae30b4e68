/* Compiles the named statements of a room into C, after proving what their headers say.
 *
 *     querycomp --room people --header OUT/people_gen.h --source OUT/people_gen.c [FILE.sql …]
 *     querycomp --list FILE.sql …             CSV: query,kind,room
 *     querycomp --dump-variants FILE.sql …    one JSON object per text a query can have, for PostgreSQL
 *     querycomp --mustfail DIR                each DIR/x.sql begins with `-- expect: MESSAGE` and is
 *                                             refused with it
 *
 * A file's room is the folder it lies in. Exit status 1 after errors, 2 for wrong usage. */
#include "querycomp.h"
#include "main/room_list.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct table *const guard_tables[];
extern const struct form *const guard_forms[];
#define DECLARE(room)                                                                              \
    extern const struct table *const room##_tables[];                                              \
    extern const struct form *const room##_forms[];
ROOMS(DECLARE)
#undef DECLARE

#define ENTRY(room) {#room, room##_tables, room##_forms},
static const struct room_decls rooms[] = {{"guard", guard_tables, guard_forms}, ROOMS(ENTRY)};
#undef ENTRY
enum { N_ROOMS = sizeof rooms / sizeof *rooms };

struct sink sink = {.text = {.max = 1u << 20}};

bool wrong(const struct query_src *q, int line, const char *fmt, ...)
{
    char message[1000];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    buf_z(&sink.text, q->file);
    if (line || q->line)
        buf_printf(&sink.text, ":%d", line ? line : q->line);
    if (q->name)
        buf_printf(&sink.text, ": query %s", q->name);
    buf_printf(&sink.text, ": %s\n", message);
    sink.count++;
    return false;
}

static const struct room_decls *room_named(const char *name)
{
    for (int i = 0; i < N_ROOMS; i++)
        if (!strcmp(rooms[i].name, name))
            return &rooms[i];
    return NULL;
}

static bool collect_tables(void)
{
    for (int r = 0; r < N_ROOMS; r++) {
        for (int i = 0; rooms[r].tables[i]; i++) {
            const struct table *t = rooms[r].tables[i];
            if (table_named(text_of(t->name)) || n_tables == MAX_TABLES) {
                fprintf(stderr,
                        "querycomp: table %s of room %s is declared twice, or there are too many\n",
                        t->name, rooms[r].name);
                return false;
            }
            tables[n_tables++] = t;
        }
    }
    return true;
}

static void print_errors(void)
{
    if (sink.text.n)
        fwrite(sink.text.s, 1, sink.text.n, stderr);
}

/* Writes only what differs, so that nothing is compiled anew without need. */
static bool write_file(const char *path, const struct buf *b)
{
    bool same = false, ok = !b->failed;
    FILE *f = fopen(path, "rb");
    if (f) {
        struct buf old = BUF(16u << 20);
        char block[8192];
        size_t n;
        while ((n = fread(block, 1, sizeof block, f)) > 0)
            buf_add(&old, block, n);
        same = ok && text_eq(buf_get(&old), buf_get(b));
        buf_free(&old);
        fclose(f);
    }
    if (same)
        return true;
    f = ok ? fopen(path, "wb") : NULL;
    ok = f && fwrite(b->s, 1, b->n, f) == b->n;
    if (f && fclose(f))
        ok = false;
    if (!ok)
        fprintf(stderr, "querycomp: cannot write %s\n", path);
    return ok;
}

/* Parses and proves; all errors of all queries are in the sink afterwards. */
static bool compile(struct arena *arena, const char *path, const char *room, struct room_src *f)
{
    int before = f->n;
    bool ok = file_parse(arena, path, room, f);
    for (int i = before; i < f->n; i++)
        ok = query_prove(arena, f->q[i]) && ok;
    return ok;
}

static int compile_room(const char *room, const char *header, const char *source, int n,
                        char **paths)
{
    const struct room_decls *decls = room_named(room);
    struct room_src f = {0};
    struct buf h = BUF(8u << 20), c = BUF(8u << 20);
    struct arena *arena = arena_new();
    bool ok = decls != NULL;
    if (!decls)
        fprintf(stderr, "querycomp: %s is not in main/room_list.h\n", room);
    for (int i = 0; decls && i < n; i++)
        ok = compile(arena, paths[i], room, &f) && ok;
    if (ok) {
        ok = emit_header(&h, &f, decls);
        emit_source(&c, &f, header);
    }
    print_errors();
    ok = ok && write_file(header, &h) && write_file(source, &c);
    buf_free(&h);
    buf_free(&c);
    arena_free(arena);
    return ok ? 0 : 1;
}

static const char *room_of(struct arena *arena, const char *path)
{
    struct text rest = text_of(path), part, folder = {0};
    while (text_split(&rest, '/', &part))
        if (rest.n)
            folder = part;
    return arena_z(arena, folder);
}

static int list_files(int n, char **paths)
{
    static const char *const kinds[] = {"viewer", "rule", "count", "write"};
    struct arena *arena = arena_new();
    struct room_src all = {0};
    bool ok = true;
    puts("query,kind,room");
    for (int i = 0; i < n; i++)
        ok = file_parse(arena, paths[i], room_of(arena, paths[i]), &all) && ok;
    for (int k = 0; k < all.n; k++)
        printf("%s,%s,%s\n", all.q[k]->name, kinds[all.q[k]->kind], all.q[k]->room);
    print_errors();
    arena_free(arena);
    return ok ? 0 : 1;
}

static int dump_files(int n, char **paths)
{
    bool ok = true;
    for (int i = 0; i < n; i++) {
        struct arena *arena = arena_new();
        struct buf out = BUF(64u << 20);
        struct room_src f = {0};
        ok = compile(arena, paths[i], room_of(arena, paths[i]), &f) && ok;
        for (int k = 0; ok && k < f.n; k++)
            emit_variants(arena, &out, f.q[k]);
        if (out.n)
            fwrite(out.s, 1, out.n, stdout);
        ok = ok && !out.failed;
        buf_free(&out);
        arena_free(arena);
    }
    print_errors();
    return ok ? 0 : 1;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool fails_as_expected(const char *path)
{
    char first[300] = "";
    FILE *f = fopen(path, "r");
    if (!f || !fgets(first, sizeof first, f))
        first[0] = '\0';
    if (f)
        fclose(f);
    struct text expect = text_trim(text_of(first));
    if (!text_starts(expect, "-- expect: ")) {
        printf("FAIL %s: does not begin with `-- expect: `\n", path);
        return false;
    }
    struct arena *arena = arena_new();
    struct room_src src = {0};
    const char *want = arena_z(arena, (struct text){expect.s + 11, expect.n - 11});
    buf_clear(&sink.text);
    bool passed = compile(arena, path, "guard", &src);
    buf_char(&sink.text, '\0');
    bool ok = !passed && strstr(sink.text.s, want) != NULL;
    if (!ok)
        printf("FAIL %s\n  expected: %s\n  got: %s\n", path, want,
               passed ? "no error\n" : sink.text.s);
    arena_free(arena);
    return ok;
}

static int must_fail(const char *dir)
{
    struct dirent **list;
    char path[1000];
    int n = scandir(dir, &list, NULL, by_name), done = 0, failed = 0;
    for (int i = 0; i < n; i++) {
        if (text_ends(text_of(list[i]->d_name), ".sql")) {
            snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
            done++;
            failed += !fails_as_expected(path);
        }
        free(list[i]);
    }
    if (n >= 0)
        free(list);
    printf("%d refused as expected, %d not\n", done - failed, failed);
    return done && !failed ? 0 : 1;
}

static int usage(void)
{
    fputs("usage: querycomp --room ROOM --header FILE --source FILE [FILE…]\n"
          "       querycomp --list FILE…\n"
          "       querycomp --dump-variants FILE…\n"
          "       querycomp --mustfail DIR\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    const char *room = NULL, *header = NULL, *source = NULL;
    int rc;
    if (argc < 3)
        return usage();
    if (!collect_tables())
        return 1;
    if (!engine_open()) {
        engine_close();
        return 1;
    }
    if (!strcmp(argv[1], "--list")) {
        rc = list_files(argc - 2, argv + 2);
    } else if (!strcmp(argv[1], "--dump-variants")) {
        rc = dump_files(argc - 2, argv + 2);
    } else if (!strcmp(argv[1], "--mustfail") && argc == 3) {
        rc = must_fail(argv[2]);
    } else {
        int i = 1;
        for (; i + 1 < argc; i += 2) {
            const char **to = !strcmp(argv[i], "--room")     ? &room
                              : !strcmp(argv[i], "--header") ? &header
                              : !strcmp(argv[i], "--source") ? &source
                                                             : NULL;
            if (!to)
                break;
            *to = argv[i + 1];
        }
        rc = room && header && source ? compile_room(room, header, source, argc - i, argv + i)
                                      : usage();
    }
    engine_close();
    buf_free(&sink.text);
    return rc;
}
