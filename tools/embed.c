/* Packs files into the program: bytes, their gzip, type, hash.
 *
 *     embed --out FILE.c --base FOLDER [NAME...]        without names: every file of the folder */
#include <dirent.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { FILES_MAX = 500 };

static const struct {
    const char *suffix, *mime;
    int packed; /* has been compressed by its own format */
} types[] = {
    {".css", "text/css; charset=utf-8", 0},
    {".mjs", "text/javascript; charset=utf-8", 0},
    {".js", "text/javascript; charset=utf-8", 0},
    {".svg", "image/svg+xml; charset=utf-8", 0},
    {".json", "application/json", 0},
    {".webmanifest", "application/manifest+json", 0},
    {".txt", "text/plain; charset=utf-8", 0},
    {".html", "text/html; charset=utf-8", 0},
    {".ico", "image/x-icon", 0},
    {".png", "image/png", 1},
    {".jpg", "image/jpeg", 1},
    {".webp", "image/webp", 1},
    {".woff2", "font/woff2", 1},
    {".woff", "font/woff", 1},
};

struct bytes {
    unsigned char *s;
    size_t n;
};

static void die(const char *name, const char *what)
{
    fprintf(stderr, "embed: %s: %s\n", name, what);
    exit(1);
}

static void *must(void *p)
{
    if (!p)
        die("memory", "is out");
    return p;
}

static struct bytes read_whole(const char *path)
{
    FILE *f = fopen(path, "rb");
    long size = 0;

    if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
        die(path, "cannot be read");
    struct bytes b = {must(malloc((size_t)size + 1)), (size_t)size};
    if (fread(b.s, 1, b.n, f) != b.n)
        die(path, "cannot be read");
    fclose(f);
    return b;
}

/* The same bytes on every machine: no name and no time in the head. */
static struct bytes gzip(struct bytes b)
{
    z_stream z = {0};

    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        die("zlib", "cannot begin");
    size_t max = deflateBound(&z, b.n);
    struct bytes out = {must(malloc(max)), 0};
    z.next_in = b.s;
    z.avail_in = (uInt)b.n;
    z.next_out = out.s;
    z.avail_out = (uInt)max;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        die("zlib", "failed");
    out.n = z.total_out;
    deflateEnd(&z);
    return out;
}

/* FNV-1a; changes with the content, and nobody gains by finding another content. */
static uint64_t hash(struct bytes b)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < b.n; i++)
        h = (h ^ b.s[i]) * 1099511628211u;
    return h ^ h >> 29;
}

/* String literals compile ten times as fast as lists of numbers. */
static void write_bytes(FILE *f, const char *name, struct bytes b)
{
    fprintf(f, "static const unsigned char %s[%zu] =", name, b.n + 1);
    if (!b.n)
        fputs(" \"\"", f);
    for (size_t i = 0; i < b.n; i++) {
        unsigned char c = b.s[i];
        if (i % 64 == 0)
            fputs("\n    \"", f);
        if (c >= ' ' && c < 0x7F && c != '"' && c != '\\' && c != '?')
            fputc(c, f);
        else
            fprintf(f, "\\%03o", c);
        if (i % 64 == 63 || i + 1 == b.n)
            fputc('"', f);
    }
    fputs(";\n", f);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int type_of(const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t k = strlen(types[i].suffix);
        if (n > k && strcmp(name + n - k, types[i].suffix) == 0)
            return (int)i;
    }
    die(name, "has a type that is not known");
    return -1;
}

static void check_name(const char *name)
{
    for (const char *s = name; *s; s++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", *s))
            die(name, "names hold letters, digits and . _ - only");
}

static size_t folder_names(const char *folder, char *names[FILES_MAX])
{
    DIR *dir = opendir(folder);
    size_t n = 0;

    if (!dir)
        die(folder, "cannot be read");
    for (struct dirent *d = readdir(dir); d; d = readdir(dir)) {
        if (d->d_name[0] == '.')
            continue;
        if (n == FILES_MAX)
            die(folder, "holds too many files");
        names[n++] = must(strdup(d->d_name));
    }
    closedir(dir);
    return n;
}

static const char code[] = "};\n"
                           "\n"
                           "/* The table is sorted. */\n"
                           "const struct asset *asset_find(struct text name)\n"
                           "{\n"
                           "    size_t low = 0, high = N_ASSETS;\n"
                           "\n"
                           "    while (low < high) {\n"
                           "        size_t middle = low + (high - low) / 2;\n"
                           "        int order = text_cmp(name, text_of(assets[middle].name));\n"
                           "        if (order == 0)\n"
                           "            return &assets[middle];\n"
                           "        if (order < 0)\n"
                           "            high = middle;\n"
                           "        else\n"
                           "            low = middle + 1;\n"
                           "    }\n"
                           "    return NULL;\n"
                           "}\n"
                           "\n"
                           "const char *asset_url(const char *name)\n"
                           "{\n"
                           "    const struct asset *a = asset_find(text_of(name));\n"
                           "\n"
                           "    return a ? a->url : \"/assets/\";\n"
                           "}\n";

static void write_file(const char *out, const char *base, char **names, size_t n)
{
    FILE *f = fopen(out, "wb");

    if (!f)
        die(out, "cannot be written");
    fputs("/* Written by embed. */\n#include \"web/embed.h\"\n#ifdef __GNUC__\n"
          "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n#endif\n\n",
          f);
    char **lines = must(calloc(n + 1, sizeof *lines));
    for (size_t i = 0; i < n; i++) {
        char path[4096], variable[32], line[1024], packed[32] = "NULL";
        int type = type_of(names[i]);
        check_name(names[i]);
        if ((size_t)snprintf(path, sizeof path, "%s/%s", base, names[i]) >= sizeof path)
            die(names[i], "has too long a name");
        struct bytes b = read_whole(path), gz = {0};
        if (!types[type].packed)
            gz = gzip(b);
        int small = types[type].packed || gz.n > b.n - b.n / 10;
        snprintf(variable, sizeof variable, "file_%zu", i);
        write_bytes(f, variable, b);
        if (!small) {
            snprintf(packed, sizeof packed, "gzip_%zu", i);
            write_bytes(f, packed, gz);
        }
        uint64_t h = hash(b);
        int length =
            snprintf(line, sizeof line,
                     "    {\"%s\", \"%s\", \"\\\"%016llx\\\"\", \"/assets/%s?v=%08llx\",\n"
                     "     file_%zu, %zu, %s, %zu},\n",
                     names[i], types[type].mime, (unsigned long long)h, names[i],
                     (unsigned long long)(h >> 32), i, b.n, packed, small ? (size_t)0 : gz.n);
        if (length < 0 || (size_t)length >= sizeof line)
            die(names[i], "has too long a name");
        lines[i] = must(strdup(line));
        free(b.s);
        free(gz.s);
    }
    fprintf(f, "\nenum { N_ASSETS = %zu };\nstatic const struct asset assets[N_ASSETS + 1] = {\n",
            n);
    for (size_t i = 0; i < n; i++) {
        fputs(lines[i], f);
        free(lines[i]);
    }
    free(lines);
    fputs(code, f);
    if (fclose(f))
        die(out, "cannot be written");
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"out", required_argument, NULL, 'o'}, {"base", required_argument, NULL, 'b'}, {0}};
    const char *out = NULL, *base = NULL;
    char *names[FILES_MAX];
    size_t n = 0;
    int opt;

    while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (opt == 'o')
            out = optarg;
        else if (opt == 'b')
            base = optarg;
        else
            base = NULL, optind = argc;
    }
    if (!out || !base) {
        fputs("usage: embed --out FILE.c --base FOLDER [NAME...]\n", stderr);
        return 2;
    }
    for (int i = optind; i < argc && n < FILES_MAX; i++)
        names[n++] = must(strdup(argv[i]));
    if (!n)
        n = folder_names(base, names);
    qsort(names, n, sizeof *names, by_name);
    write_file(out, base, names, n);
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    return 0;
}
