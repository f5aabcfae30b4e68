/* Imports at the command line: a whole file, without staging, in changes of some thousand rows.
 * What a crash cuts short is made good by the same command again: rows that were taken are known.
 */
#include "formats/sheet.h"
#include "guard/codes.h"
#include "rooms/people/people_find.h"
#include "rooms/people/people_import_report.h"
#include "rooms/people/people_rules.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 5000, BATCH_BYTES = 32 << 20, REPORT_MAX = 64 << 20, READ_SECONDS = 600, MAP_MAX = 1 << 20 };

struct loading {
    struct request *rq;
    struct import_run run;
    struct sheet *sheet;
    struct report report;
    struct buf report_bytes;
    FILE *report_file;
    bool dry;
    int64_t total, count[ROW_FAULTY + 1], applied;
};

/* A row kept until its batch is written. */
struct kept {
    int64_t number;
    const struct text *cells;
    size_t n;
    const char *fault;
    size_t column; /* of the fault, from 1 */
};

static enum err map_bytes(const char *path, struct text *out, struct fault *fault)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        int why = errno;
        if (fd >= 0)
            close(fd);
        return fault_set(fault, ERR_IO, "cannot read %s: %s", path,
                         fd < 0 ? strerror(why) : "it is not a file");
    }
    *out = (struct text){"", (size_t)st.st_size};
    if (st.st_size) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p != MAP_FAILED)
            out->s = p;
        else
            out->n = 0;
    }
    close(fd);
    return st.st_size && !out->n ? fault_set(fault, ERR_IO, "cannot read %s", path) : OK;
}

static enum err open_rows(struct loading *l, struct text bytes, struct fault *fault)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return fault_set(fault, ERR_IO, "the program does not find itself");
    self[n] = '\0';
    return sheet_read_in_child(self, bytes, READ_SECONDS, l->rq->arena, &l->sheet, fault);
}

/* ---- columns ---- */

/* "heading = field" for each column that the file of headings names. */
static enum err read_map(struct loading *l, const char *path, int *fields, struct fault *fault)
{
    struct arena *arena = l->rq->arena;
    struct text bytes, line, name;
    enum err err = map_bytes(path, &bytes, fault);
    if (err)
        return err;
    struct text rest = arena_text(arena, bytes);
    if (bytes.n)
        munmap((void *)(uintptr_t)bytes.s, bytes.n);
    if (rest.n > MAP_MAX || !text_valid(rest))
        return fault_set(fault, ERR_SYNTAX, "%s is not a text in UTF-8", path);
    while (text_split(&rest, '\n', &line)) {
        struct text field = text_trim(line);
        if (!field.n || field.s[0] == '#')
            continue;
        if (!text_split(&field, '=', &name) || !text_trim(field).n)
            return fault_set(fault, ERR_SYNTAX, "%s: lines are written \"heading = field\"", path);
        field = text_trim(field);
        int f = text_is(field, "-") ? -1 : import_field_at(l->run.target, arena_z(arena, field));
        if (f < 0 && !text_is(field, "-"))
            return fault_set(fault, ERR_SYNTAX,
                             "%s: there is no field \"%.*s\" in this kind of list", path,
                             TEXT_ARG(field));
        struct text key = import_heading_key(arena, name);
        for (size_t i = 0; i < l->run.n_columns; i++)
            if (text_eq(import_heading_key(arena, l->run.headings[i]), key))
                fields[i] = f;
    }
    return OK;
}

/* English words of a message with {a} put in. */
static enum err refuse(struct fault *fault, const char *msgid, struct text a)
{
    const char *at = strstr(msgid, "{a}");
    if (!at)
        return fault_set(fault, ERR_INPUT, "%s", msgid);
    return fault_set(fault, ERR_INPUT, "%.*s%.*s%s", (int)(at - msgid), msgid, TEXT_ARG(a), at + 3);
}

static enum err read_headings(struct loading *l, const struct import_options *options,
                              struct fault *fault)
{
    struct sheet_row row;
    int fields[IMPORT_COLUMNS_MAX];
    struct text a = T("");

    if (!sheet_next(l->sheet, &row))
        return fault_set(fault, ERR_INPUT, "the file is empty");
    if (row.fault)
        return fault_set(fault, ERR_INPUT, "line %lld: %s", (long long)row.line, row.fault);
    l->run.n_columns = row.n < IMPORT_COLUMNS_MAX ? row.n : IMPORT_COLUMNS_MAX;
    for (size_t i = 0; i < l->run.n_columns; i++) {
        l->run.headings[i] = arena_text(l->rq->arena, text_trim(row.cells[i]));
        fields[i] = -2;
    }
    if (options->map) {
        enum err err = read_map(l, options->map, fields, fault);
        if (err)
            return err;
    }
    const char *wrong =
        import_map(l->rq->arena, l->run.target, l->run.headings, l->run.n_columns, fields, &a);
    if (!wrong)
        wrong = import_map_run(&l->run, fields, &a);
    return wrong ? refuse(fault, wrong, a) : OK;
}

/* ---- the report ---- */

static void report_flush(struct loading *l)
{
    struct text t = buf_get(&l->report_bytes);
    if (l->report_file && t.n)
        (void)!fwrite(t.s, 1, t.n, l->report_file); /* asked at the end */
    buf_clear(&l->report_bytes);
}

static void report(struct loading *l, const struct kept *k, const struct import_line *line)
{
    size_t column = k->fault ? k->column : import_column_of(&l->run, line);
    if (l->report_file)
        report_line(&l->report, k->number, k->cells, k->n, import_heading_at(&l->run, column),
                    line->reason);
}

/* ---- rows ---- */

static void direct_row(struct change *ch, struct loading *l, const struct import_line *line)
{
    if (line->before.n) /* what has to be known for taking the import back */
        w_import_row_direct(ch, &(struct import_row_direct_args){.import = v_int(l->run.id),
                                                                 .line = v_int(line->number),
                                                                 .who = v_text_or_null(line->who),
                                                                 .person = v_int(line->person),
                                                                 .before = v_text(line->before)});
}

static void load_row(struct change *ch, struct loading *l, const struct kept *k)
{
    struct import_line line = {.number = k->number,
                               .cells = k->cells,
                               .n = k->n,
                               .field = -1,
                               .decision = T(""),
                               .who = T(""),
                               .key = T("")};
    if (k->fault)
        import_wrong(&line, -1, k->fault);
    else
        l->run.target->check(&l->run, &line);
    l->count[line.state]++;
    if (line.state == ROW_FAULTY || line.state == ROW_DOUBTFUL) {
        report(l, k, &line);
        return;
    }
    if (l->dry)
        return;
    l->run.target->apply(ch, &l->run, &line);
    l->applied++;
    direct_row(ch, l, &line);
}

static size_t read_batch(struct loading *l, struct kept *kept, bool *more)
{
    struct sheet_row row;
    size_t n = 0;
    while (n < BATCH && arena_used(l->rq->arena) < BATCH_BYTES &&
           (*more = sheet_next(l->sheet, &row))) {
        struct text *cells = arena_array(l->rq->arena, row.n + 1, sizeof *cells);
        for (size_t i = 0; i < row.n; i++)
            cells[i] = arena_text(l->rq->arena, row.cells[i]);
        const char *fault =
            row.fault ? arena_z(l->rq->arena, text_of(row.fault)) : NULL; /* the reader's own */
        kept[n++] = (struct kept){row.line, cells, row.n, fault, row.column};
    }
    return n;
}

static void load_rows(struct loading *l)
{
    struct request *rq = l->rq;
    struct arena *outer = rq->arena;
    bool more = true;

    rq->arena = arena_new();
    while (more && !rq->err) {
        arena_reset(rq->arena);
        struct kept *kept = arena_array(rq->arena, BATCH, sizeof *kept);
        struct change ch;
        size_t n = read_batch(l, kept, &more);
        if (!l->dry) {
            words_refresh(rq);
            change_begin(rq, &ch, NO_SUBJECT);
            ch.import = l->run.id;
            change_lock_for(&ch, LOCK_PERSON_ENTRY);
        }
        if (l->run.target->open)
            l->run.target->open(&l->run);
        for (size_t i = 0; i < n && !rq->err; i++)
            load_row(&ch, l, &kept[i]);
        l->total += (int64_t)n;
        if (!l->dry) {
            ch.events++; /* a batch of rows that are known as they are changes nothing */
            (void)change_commit(&ch);
        }
        report_flush(l);
    }
    arena_free(rq->arena);
    rq->arena = outer;
}

static void record(struct loading *l, const char *path, bool begin)
{
    struct request *rq = l->rq;
    struct change ch;
    const char *slash = strrchr(path, '/');
    change_begin(rq, &ch, NO_SUBJECT);
    union list_import_record r = {
        .state = v_z(begin ? "loading" : "applied"),
        .rows_total = v_int(l->total),
        .rows_checked = v_int(l->total),
        .rows_new = v_int(l->count[ROW_NEW]),
        .rows_known = v_int(l->count[ROW_KNOWN] + l->count[ROW_SAME]),
        .rows_doubtful = v_int(l->count[ROW_DOUBTFUL]),
        .rows_faulty = v_int(l->count[ROW_FAULTY]),
        .rows_due = v_int(l->applied),
        .rows_done = v_int(l->applied),
    };
    if (begin) {
        r.kind = v_z(l->run.target->kind);
        r.body_id = v_int(rq->viewer.body);
        r.account_id = v_int(rq->viewer.account);
        r.list = v_text(l->run.list);
        r.file_name = v_z(slash ? slash + 1 : path);
        r.created_at = v_instant(rq->now);
        l->run.id = change_insert(&ch, &list_import_table, r.v);
    } else {
        r.finished_at = v_instant(clock_now());
        change_update(&ch, &list_import_table, l->run.id, -1, r.v);
    }
    change_event(&ch, &(struct event){.kind = begin ? "import.staged" : "import.applied",
                                      .table = &list_import_table,
                                      .object = l->run.id});
    (void)change_commit(&ch);
}

static void tell(const struct loading *l, FILE *out)
{
    fprintf(out, "%s%lld rows: %lld new, %lld known, %lld doubtful, %lld faulty\n",
            l->dry ? "dry run, nothing stored: " : "", (long long)l->total,
            (long long)l->count[ROW_NEW], (long long)(l->count[ROW_KNOWN] + l->count[ROW_SAME]),
            (long long)l->count[ROW_DOUBTFUL], (long long)l->count[ROW_FAULTY]);
    if (l->count[ROW_DOUBTFUL] || l->count[ROW_FAULTY])
        fprintf(out, "%s\n",
                l->report_file
                    ? "doubtful and faulty rows stand in the report with their reasons"
                    : "give --report FILE to get doubtful and faulty rows with their reasons");
}

static enum err why(const struct request *rq, struct fault *fault)
{
    enum err err = rq->err ? rq->err : rq->mistakes ? ERR_INPUT : OK;
    if (err && !fault->text[0])
        return fault_set(fault, err, "the list could not be applied: %s",
                         err == ERR_FORBIDDEN
                             ? "the role of this account may not write what the list holds"
                         : rq->reason ? rq->reason
                                      : err_name(err));
    return err;
}

enum err import_file(struct request *rq, const char *kind, const char *path,
                     const struct import_options *options, FILE *out, struct fault *fault)
{
    struct loading *l = calloc(1, sizeof *l);
    struct text bytes = T("");
    struct fault own = {0};
    enum err err;

    if (!l)
        return fault_set(fault, ERR_LIMIT, "no memory");
    if (!fault)
        fault = &own;
    fault->text[0] = '\0';
    l->rq = rq;
    l->dry = options->dry_run;
    l->report_bytes = BUF(REPORT_MAX);
    l->run = (struct import_run){.rq = rq,
                                 .target = import_target_of(text_of(kind)),
                                 .body = rq->viewer.body,
                                 .list = text_of(options->list ? options->list : ""),
                                 .category = text_of(options->category ? options->category : ""),
                                 .channel = text_of(options->channel ? options->channel : "")};
    if (!l->run.target) {
        err = fault_set(fault, ERR_INPUT,
                        "there is no kind of list \"%s\"; persons and services are known", kind);
        goto out;
    }
    if (!rq->viewer.body || !rq_may(rq, CAP_IMPORT_LIST)) {
        err = fault_set(fault, ERR_FORBIDDEN, "the role of %s may not import lists",
                        rq->viewer.login);
        goto out;
    }
    if ((l->run.category.n && !code_find(code_list("category"), l->run.category)) ||
        (l->run.channel.n && !code_find(code_list("channel"), l->run.channel))) {
        err = fault_set(fault, ERR_INPUT, "--category and --channel want codes of these lists");
        goto out;
    }
    err = map_bytes(path, &bytes, fault);
    if (!err)
        err = open_rows(l, bytes, fault);
    if (!err)
        err = read_headings(l, options, fault);
    if (err)
        goto out;
    if (options->report) {
        l->report_file = fopen(options->report, "we");
        if (!l->report_file) {
            err = fault_set(fault, ERR_IO, "cannot write %s: %s", options->report, strerror(errno));
            goto out;
        }
        report_begin(&l->report, &l->report_bytes, rq->lang, l->run.headings, l->run.n_columns);
    }
    if (!l->dry)
        record(l, path, true);
    load_rows(l);
    if (!l->dry)
        record(l, path, false);
    err = why(rq, fault);
    if (!err)
        tell(l, out);
out:
    if (l->report_file && (ferror(l->report_file) | fclose(l->report_file)) && !err)
        err = fault_set(fault, ERR_IO, "cannot write %s", options->report);
    sheet_close(l->sheet);
    if (bytes.n)
        munmap((void *)(uintptr_t)bytes.s, bytes.n);
    buf_free(&l->report_bytes);
    free(l);
    return err;
}
