/* bereg catalogue: the catalogue of services as files of HSDS 3. */
#include "main/files.h"
#include "main/main.h"
#include "guard/codes.h"
#include "rooms/catalogue/catalogue_exchange.h"
#include "web/tr.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { READ_SECONDS = 60 };

static int usage(void)
{
    fprintf(stderr, "usage: bereg catalogue import FILE|DIR --db URL --login NAME [--kind CODE] [--dry-run]\n"
                    "       bereg catalogue export --db URL --login NAME --format json|csv --out PATH\n");
    return EXIT_USAGE;
}

/* A file as it is; of a folder its tables and datapackage.json. */
static bool read_all(const char *path, struct buf *out)
{
    struct stat s;
    if (stat(path, &s)) {
        fprintf(stderr, "bereg: cannot read %s: %s\n", path, strerror(errno));
        return false;
    }
    if (!S_ISDIR(s.st_mode))
        return file_read(path, out);
    DIR *dir = opendir(path);
    struct dirent *e;
    bool good = dir != NULL;
    hsds_folder_begin(out);
    while (good && (e = readdir(dir))) {
        struct text name = text_of(e->d_name);
        char full[4096];
        struct buf one = BUF((size_t)HSDS_FILE_MAX);
        if (!text_ends(name, ".csv") && !text_is(name, "datapackage.json"))
            continue;
        (void)snprintf(full, sizeof full, "%s/%s", path, e->d_name);
        good = file_read(full, &one);
        hsds_folder_add(out, name, buf_get(&one));
        buf_free(&one);
    }
    if (dir)
        closedir(dir);
    return good && !buf_end(out);
}

static bool write_file(const char *path, const struct buf *b)
{
    FILE *f = buf_end(b) ? NULL : fopen(path, "wb");
    bool good = f && fwrite(b->s, 1, b->n, f) == b->n;
    good = f && fclose(f) == 0 && good;
    if (!good)
        fprintf(stderr, "bereg: cannot write %s\n", path);
    return good;
}

/* PATH.zip: one file; else a folder. */
static bool write_package(const struct hsds_set *set, int64_t at, const char *path)
{
    struct buf b = BUF((size_t)HSDS_FILE_MAX);
    bool good = true;
    if (text_ends(text_of(path), ".zip")) {
        good = !hsds_write_zip(set, at, &b) && write_file(path, &b);
        buf_free(&b);
        return good;
    }
    if (mkdir(path, 0777) && errno != EEXIST) {
        fprintf(stderr, "bereg: cannot make %s: %s\n", path, strerror(errno));
        return false;
    }
    for (size_t k = 0; good; k++) {
        char full[4096];
        buf_clear(&b);
        const char *name = hsds_package_file(set, k, &b);
        if (!name)
            break;
        (void)snprintf(full, sizeof full, "%s/%s", path, name);
        good = write_file(full, &b);
    }
    buf_free(&b);
    return good;
}

static bool complain(struct request *rq)
{
    for (struct mistake *m = rq->mistakes; m; m = m->next)
        fprintf(stderr, "bereg: %s\n", tr(LANG_EN, m->message));
    if (!rq->mistakes)
        fprintf(stderr, "bereg: %s\n", rq->reason ? tr(LANG_EN, rq->reason) : err_name(rq->err));
    return false;
}

static bool give(struct request *rq, const struct options *o)
{
    struct hsds_set set;
    struct buf b = BUF((size_t)HSDS_FILE_MAX);
    catalogue_export(rq, &set);
    if (rq_end(rq))
        return complain(rq);
    if (strcmp(o->format, "csv") == 0)
        return write_package(&set, rq->now, o->out);
    hsds_write_json(&set, &b);
    bool good = write_file(o->out, &b);
    buf_free(&b);
    return good;
}

static bool take(struct request *rq, const struct options *o)
{
    struct buf b = BUF((size_t)HSDS_FILE_MAX);
    struct catalogue_report r;
    struct text answer, kind = text_of(o->kind ? o->kind : "");
    struct fault fault = {0};
    const char *slash = strrchr(o->word[1], '/');
    struct text name = text_of(slash && slash[1] ? slash + 1 : o->word[1]);
    if (kind.n && !code_find(code_list("body_kind"), kind)) {
        fprintf(stderr, "bereg: there is no kind of bodies %s\n", o->kind);
        return false;
    }
    bool good = read_all(o->word[1], &b);
    if (good && hsds_read(o->self, buf_get(&b), text_valid(name) ? name : T("hsds"), READ_SECONDS, rq->arena, &answer, &fault)) {
        fprintf(stderr, "bereg: %s\n", fault.text);
        good = false;
    }
    buf_free(&b);
    if (!good)
        return false;
    rq->lang = LANG_EN;
    catalogue_import(rq, answer, kind, o->dry_run, &r);
    if (rq_end(rq))
        return complain(rq);
    for (size_t i = 0; i < r.n; i++) {
        const struct catalogue_line *l = &r.lines[i];
        printf("%s\t%.*s\t%.*s\t%.*s\t%.*s\n", l->kind, TEXT_ARG(l->place), TEXT_ARG(l->name), TEXT_ARG(l->field), TEXT_ARG(l->words));
    }
    printf("%s: %zu new, %zu changed, %zu the same, %zu left out, %zu mistakes\n", o->dry_run ? "would be" : "imported", r.count[DEED_NEW], r.count[DEED_CHANGED],
           r.count[DEED_SAME], r.count[DEED_LEFT_OUT], r.wrong);
    return r.wrong == 0 && r.count[DEED_LEFT_OUT] == 0;
}

int cmd_catalogue(const struct options *o)
{
    struct store *store;
    struct request rq;
    int status = EXIT_USAGE;
    bool out = o->n_words == 1 && strcmp(o->word[0], "export") == 0, in = o->n_words == 2 && strcmp(o->word[0], "import") == 0;
    if (!out && !in)
        return usage();
    if (out && (!o->out || !o->format || (strcmp(o->format, "json") && strcmp(o->format, "csv"))))
        return usage();
    if (!open_as(o, &store, &rq, &status))
        return status;
    bool good = out ? give(&rq, o) : take(&rq, o);
    request_close(&rq);
    close_register(store);
    return good ? EXIT_OK : EXIT_REFUSED;
}
