/* Keeps the plan of the house true: reads the #include lines and the list of rooms, and fails on an include from below to
 * above, on an outside library in the wrong folder, on banned functions, on SQL in C, and on files that grew too long.
 *
 *     checkhouse ROOT          prints findings as file:line: words; exit 1 when there are any */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINES_MAX = 800, ROOMS_MAX = 64 };

static const char *const floors[] = {"base", "linkage", "process", "store", "formats", "guard", "web", "rooms", "main", NULL};

static const struct {
    const char *header, *floor;
} libraries[] = {
    {"microhttpd.h", "web"}, {"sqlite3.h", "store"},     {"libpq-fe.h", "store"},
    {"sodium.h", "guard"},   {"jansson.h", "web formats"},       {"utf8proc.h", "base"},
    {"zip.h", "formats"},    {"expat.h", "formats"},     {"xlsxwriter.h", "formats"},
    {"seccomp.h", "formats"}, {"iconv.h", "formats"},   {"graphviz/gvc.h", "formats"},
    {"qrencode.h", "formats"}, {"libical/ical.h", "formats"}, {"curl/curl.h", "formats"},
    {"openssl/", "guard formats"}, {"fido.h", "formats"}, {"fido/", "formats"}, {"cbor.h", "formats"}, {"cjose/", "formats"},
};

static const char *const banned[] = {"sprintf(", "strcpy(", "strcat(", "gets(", "atoi(", "strtok(", "system(",
                                     "popen("};

static char rooms[ROOMS_MAX][32];
static int n_rooms, findings;

static void found(const char *file, int line, const char *what, const char *name)
{
    printf("%s:%d: %s%s\n", file, line, what, name);
    findings++;
}

static int floor_of(const char *path)
{
    for (int i = 0; floors[i]; i++) {
        size_t n = strlen(floors[i]);
        if (strncmp(path, floors[i], n) == 0 && path[n] == '/')
            return i;
    }
    return -1;
}

static int room_of(const char *name, size_t n)
{
    for (int i = 0; i < n_rooms; i++)
        if (strlen(rooms[i]) == n && strncmp(rooms[i], name, n) == 0)
            return i;
    return -1;
}

static void read_rooms(const char *root)
{
    char path[4096], line[256];
    snprintf(path, sizeof path, "%s/src/main/room_list.h", root);
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "checkhouse: cannot read %s\n", path);
        exit(2);
    }
    while (fgets(line, sizeof line, f) && n_rooms < ROOMS_MAX) {
        char *x = strstr(line, "X("), *end = x ? strchr(x, ')') : NULL;
        if (!x || !end || strstr(line, "define") || end - x - 2 >= 32)
            continue;
        memcpy(rooms[n_rooms++], x + 2, (size_t)(end - x - 2));
    }
    fclose(f);
}

/* A file of a generated header: NAME_gen.h, NAME_tpl.h. Where it belongs, by its name. */
static bool generated_owner(const char *inc, char *out, size_t size)
{
    const char *tail = strstr(inc, "_gen.h");
    if (!tail)
        tail = strstr(inc, "_tpl.h");
    if (!tail || strchr(inc, '/'))
        return false;
    int n = (int)(tail - inc);
    bool room = room_of(inc, (size_t)n) >= 0;
    snprintf(out, size, room ? "rooms/%.*s/%s" : "%.*s/%s", n, inc, inc);
    return true;
}

static void check_include(const char *file, const char *rel, int line, const char *inc, bool outside)
{
    int mine = floor_of(rel);
    if (outside) {
        for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
            if (strncmp(inc, libraries[i].header, strlen(libraries[i].header)) == 0 && !strstr(libraries[i].floor, floors[mine]) &&
                !strstr(rel, "_test.c"))
                found(file, line, "this library belongs to another floor: ", inc);
        return;
    }
    char owner[512];
    if (!generated_owner(inc, owner, sizeof owner))
        snprintf(owner, sizeof owner, "%s", inc);
    int theirs = floor_of(owner);
    if (theirs < 0)
        return; /* beside the file */
    bool list = strcmp(owner, "main/room_list.h") == 0;
    if (theirs > mine && !list)
        found(file, line, "a floor includes only floors below it: ", inc);
    if (theirs == mine && strcmp(floors[mine], "rooms") == 0) {
        const char *a = rel + 6, *b = owner + 6;
        int me = room_of(a, strcspn(a, "/")), them = room_of(b, strcspn(b, "/"));
        if (them > me)
            found(file, line, "a room calls only rooms above it: ", inc);
        if (them < 0)
            found(file, line, "a room that is not in the list: ", inc);
    }
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void check_line(const char *file, int line, const char *s)
{
    for (size_t i = 0; i < sizeof banned / sizeof banned[0]; i++) {
        const char *p = strstr(s, banned[i]);
        if (p && (p == s || !is_word(p[-1])))
            found(file, line, "banned function: ", banned[i]);
    }
}

static void check_sql(const char *file, const char *rel, int line, const char *s)
{
    static const char *const words[] = {"\"select ", "\"insert into ", "\"update ", "\"delete from "};
    if (strncmp(rel, "store/", 6) == 0 || strstr(rel, "_test.c"))
        return;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(s, words[i]))
            found(file, line, "SQL stands in .sql files: ", words[i] + 1);
}

static void check_file(const char *file, const char *rel)
{
    char line[4096];
    int n = 0;
    FILE *f = fopen(file, "r");
    if (!f)
        return;
    while (fgets(line, sizeof line, f)) {
        n++;
        char inc[512];
        if (sscanf(line, " # include \"%500[^\"]\"", inc) == 1)
            check_include(file, rel, n, inc, false);
        else if (sscanf(line, " # include <%500[^>]>", inc) == 1)
            check_include(file, rel, n, inc, true);
        check_line(file, n, line);
        check_sql(file, rel, n, line);
    }
    fclose(f);
    if (n > LINES_MAX)
        found(file, n, "over 800 lines: two things", "");
}

static void walk(const char *dir, const char *rel)
{
    DIR *d = opendir(dir);
    if (!d)
        return;
    for (struct dirent *e; (e = readdir(d));) {
        char path[4096], below[4096];
        struct stat st;
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        snprintf(below, sizeof below, "%s%s%s", rel, *rel ? "/" : "", e->d_name);
        if (stat(path, &st))
            continue;
        size_t n = strlen(path);
        if (S_ISDIR(st.st_mode))
            walk(path, below);
        else if (n > 2 && path[n - 2] == '.' && (path[n - 1] == 'c' || path[n - 1] == 'h'))
            check_file(path, below);
    }
    closedir(d);
}

int main(int argc, char **argv)
{
    char src[4096];
    if (argc != 2) {
        fprintf(stderr, "usage: checkhouse ROOT\n");
        return 2;
    }
    read_rooms(argv[1]);
    snprintf(src, sizeof src, "%s/src", argv[1]);
    walk(src, "");
    if (findings)
        fprintf(stderr, "checkhouse: %d findings\n", findings);
    return findings ? 1 : 0;
}
