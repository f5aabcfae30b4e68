/* The engine of imports: file into staging table, then slices that check, apply and take back. Each
 * slice is one change of at most 100 ms; the record of the import is locked in it, so that a page
 * and a job may work on it side by side, and whoever comes after a crash goes on where the last
 * whole slice ended. */
#include "guard/seal.h"
#include "rooms/people/people_import.h"
#include "rooms/people/people_find.h"
#include "base/log.h"
#include "formats/sheet.h"
#include "guard/account.h"
#include <unistd.h>

enum {
    SLICE_US = 20 * 1000, /* aimed at; the promise is 100 ms */
    SLICE_FIRST = 200,
    SLICE_LEAST = 20,
    SLICE_MOST = 5000,
    STAGE_ROWS = 1000,
    STAGE_BYTES = 4 << 20,
    READ_SECONDS = 120,
    JOB_BUDGET_US = 20 * 1000 * 1000,
};
/* An upload whose server went down stays half read. */
static const int64_t stale_us = 15LL * 60 * 1000 * 1000;

const char *import_state_code(enum row_state state)
{
    static const char *const codes[] = {[ROW_NEW] = "new",
                                        [ROW_KNOWN] = "known",
                                        [ROW_SAME] = "same",
                                        [ROW_DOUBTFUL] = "doubtful",
                                        [ROW_FAULTY] = "faulty"};
    return codes[state];
}

/* Cut to so many characters; never inside of one. */
static struct text cut(struct text t, size_t max)
{
    size_t chars = 0, i = 0;
    for (; i < t.n; i++)
        if (((unsigned char)t.s[i] & 0xC0) != 0x80 && chars++ == max)
            break;
    return (struct text){t.s, i};
}

/* ---- into the staging table ---- */

/* What the reader of tables says of a file, as far as people can help it. */
static const char *const file_words[] = {
    N_("the file is empty"),
    N_("the file is not text; save the table as CSV or XLSX"),
    N_("the letters are neither UTF-8 nor Windows-1251 (a DOS encoding?); save the table as CSV in "
       "UTF-8"),
    N_("the workbook has no sheet with cells"),
    N_("the workbook holds more text than can be read"),
};

static const char *file_fault(enum err err, const struct fault *fault)
{
    for (size_t i = 0; i < sizeof file_words / sizeof *file_words; i++)
        if (strcmp(fault->text, file_words[i]) == 0)
            return file_words[i];
    return err == ERR_LIMIT ? N_("The file is too large, or its rows and cells are")
           : err == ERR_SYNTAX
               ? N_("This is not a table, or it is damaged: save the list as CSV or XLSX")
               : N_("The file could not be read now: try again");
}

static enum err open_sheet(struct text bytes, struct arena *arena, struct sheet **sheet,
                           struct fault *fault)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return fault_set(fault, ERR_IO, "the program does not find itself");
    self[n] = '\0';
    return sheet_read_in_child(self, bytes, READ_SECONDS, arena, sheet, fault);
}

struct staging {
    const struct import_run *run;
    const int *fields; /* of each column */
    int64_t import, rows, faulty;
    size_t n;
    struct import_row_add_args *rows_of; /* a batch, in the arena */
};

/* The rows of a batch in one change; nothing has happened to anybody yet, so it has no event. */
static void write_batch(struct request *rq, struct staging *s)
{
    struct change ch;
    if (!s->n)
        return;
    change_begin(rq, &ch, NO_SUBJECT);
    enum err err = rq->err ? OK : conn_batch(rq->conn, true);
    for (size_t i = 0; i < s->n && !err && !rq->err; i++)
        w_import_row_add(&ch, &s->rows_of[i]);
    if (!err && !rq->err)
        err = conn_batch(rq->conn, false);
    if (err)
        rq_fail(rq, err);
    ch.events++;
    (void)change_commit(&ch);
    s->n = 0;
}

static struct text cell_at(const struct sheet_row *row, size_t column)
{
    return column && column <= row->n ? row->cells[column - 1] : T("");
}

static void stage_row(struct request *rq, struct staging *s, const struct sheet_row *row)
{
    s->rows++;
    s->rows_of[s->n++] = (struct import_row_add_args){
        .import = v_int(s->import),
        .line = v_int(row->line),
        .state = v_z(row->fault ? "faulty" : "raw"),
        .unreadable = v_int(row->fault != NULL),
        .cells = seal_value(rq, "import_row.cells",
                            row->n ? v_text(import_join(rq->arena, row->cells, row->n)) : v_null()),
        .field = v_text_or_null(import_heading_at(s->run, row->column)),
        .cell = seal_value(rq, "import_row.cell",
                           v_text_or_null(arena_text(rq->arena, cut(cell_at(row, row->column), 200)))),
        .reason = row->fault ? v_text(arena_text(rq->arena, text_of(row->fault))) : v_null()};
    s->faulty += row->fault != NULL;
}

/* `first` has been read already, to see that there is one. */
static void stage_rows(struct request *rq, struct sheet *sheet, const struct sheet_row *first,
                       struct staging *s)
{
    struct arena *outer = rq->arena;
    struct sheet_row row = *first;
    bool more = true;
    rq->arena = arena_new();
    while (more && !rq->err) {
        arena_reset(rq->arena);
        s->rows_of = arena_array(rq->arena, STAGE_ROWS, sizeof *s->rows_of);
        while (more && s->n < STAGE_ROWS && arena_used(rq->arena) < STAGE_BYTES) {
            stage_row(rq, s, &row);
            more = sheet_next(sheet, &row);
        }
        write_batch(rq, s);
    }
    arena_free(rq->arena);
    rq->arena = outer;
}

/* Which field each column is; mistakes stand at the field "file". */
static bool map_headings(struct request *rq, const struct import_upload *u, struct import_run *run,
                         const struct sheet_row *row, int *fields)
{
    struct text a = T("");
    run->n_columns = row->n < IMPORT_COLUMNS_MAX ? row->n : IMPORT_COLUMNS_MAX;
    for (size_t i = 0; i < run->n_columns; i++) {
        run->headings[i] = arena_text(rq->arena, cut(text_trim(row->cells[i]), 120));
        fields[i] = -2;
    }
    const char *wrong = import_map(rq->arena, u->target, run->headings, run->n_columns, fields, &a);
    if (!wrong)
        wrong = import_map_run(run, fields, &a);
    if (!wrong || u->by_hand)
        return true;
    rq_mistake_of(rq, "file", wrong, v_text(a));
    return false;
}

static int64_t insert_import(struct request *rq, const struct import_upload *u,
                             const struct import_run *run, const int *fields)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union list_import_record r = {
        .kind = v_z(u->target->kind),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .list = v_text(u->list.n ? u->list : T("")),
        .file_name = v_text(cut(u->file_name.n ? u->file_name : T("-"), 250)),
        .category = v_text_or_null(u->category),
        .channel = v_text_or_null(u->channel),
        .state = v_z("parsing"),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(&ch, &list_import_table, r.v);
    for (size_t i = 0; i < run->n_columns; i++) {
        union import_column_record c = {
            .import_id = v_int(id),
            .position = v_int((int64_t)i + 1),
            .heading = v_text(run->headings[i].n ? run->headings[i] : T("")),
            .field = fields[i] >= 0 ? v_z(u->target->fields[fields[i]].name) : v_null()};
        change_insert(&ch, &import_column_table, c.v);
    }
    change_event(
        &ch, &(struct event){.kind = "import.staged", .table = &list_import_table, .object = id});
    return change_commit(&ch) ? 0 : id;
}

static void set_state(struct change *ch, int64_t id, const char *state, int64_t total, int64_t due)
{
    union list_import_record r = {.state = v_z(state)};
    if (total >= 0)
        r.rows_total = v_int(total);
    if (due >= 0)
        r.rows_due = v_int(due);
    if (strcmp(state, "applied") == 0 || strcmp(state, "cancelled") == 0)
        r.finished_at = v_instant(ch->rq->now);
    change_update(ch, &list_import_table, id, -1, r.v);
}

static void staged(struct request *rq, const struct import_upload *u, const struct staging *s,
                   void (*done)(struct request *rq, int64_t import))
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&list_import_table, s->import));
    set_state(&ch, s->import, u->by_hand ? "columns" : "checking", s->rows, -1);
    w_import_count(&ch, &(struct import_count_args){.id = v_int(s->import),
                                                    .checked = v_int(s->faulty),
                                                    .new = v_int(0),
                                                    .known = v_int(0),
                                                    .doubtful = v_int(0),
                                                    .faulty = v_int(s->faulty),
                                                    .done = v_int(0)});
    ch.events++; /* the file was staged: that event stands already */
    if (done && !rq->err)
        done(rq, s->import);
    (void)change_commit(&ch);
}

/* A file that was not read to its end (no room on the disk, a busy store) leaves nothing: the job
 * takes away what stands already, and if even this cannot be stored, it finds it by its age. */
static void abandon(struct request *rq, int64_t import)
{
    enum err why = rq->err;
    rq->err = OK;
    import_cancel(rq, import);
    rq->err = why;
}

/* The answer is kept under its idempotency key by the change that makes the file whole, not by the
 * first: what is sent again after a failure is read again. */
static void stage(struct request *rq, const struct import_upload *u, struct sheet *sheet,
                  const struct sheet_row *first, struct staging *s,
                  void (*done)(struct request *rq, int64_t import))
{
    void (*keep_answer)(struct change *) = rq->on_commit;
    rq->on_commit = NULL;
    s->import = insert_import(rq, u, s->run, s->fields);
    if (!s->import)
        return;
    stage_rows(rq, sheet, first, s);
    rq->on_commit = keep_answer;
    staged(rq, u, s, done);
    rq->on_commit = NULL;
    if (rq->err)
        abandon(rq, s->import);
}

int64_t import_stage(struct request *rq, const struct import_upload *u,
                     void (*done)(struct request *rq, int64_t import))
{
    struct fault fault = {0};
    struct sheet *sheet = NULL;
    struct sheet_row row;
    struct import_run run = {.rq = rq, .target = u->target};
    int fields[IMPORT_COLUMNS_MAX];
    struct staging s = {.run = &run, .fields = fields};

    enum err err = open_sheet(u->bytes, rq->arena, &sheet, &fault);
    if (err) {
        if (err == ERR_IO)
            log_warn("a list could not be read: %s", fault.text);
        rq_mistake(rq, "file", file_fault(err, &fault));
        goto out;
    }
    if (!sheet_next(sheet, &row)) {
        rq_mistake(rq, "file", file_words[0]);
        goto out;
    }
    if (row.fault) {
        rq_mistake(rq, "file", row.fault);
        goto out;
    }
    if (!map_headings(rq, u, &run, &row, fields))
        goto out;
    if (!sheet_next(sheet, &row)) {
        rq_mistake(rq, "file", N_("Under the headings there is no row"));
        goto out;
    }
    stage(rq, u, sheet, &row, &s, done);
out:
    sheet_close(sheet);
    return rq->err || rq->mistakes ? 0 : s.import;
}

/* ---- slices ---- */

/* One import as a slice sees it. */
struct slice {
    struct request *rq;
    struct change ch;
    struct import_run run;
    union import_get_row import;
    int64_t id;
    size_t rows;
    bool more; /* something is left to do */
};

static bool load_run(struct slice *s)
{
    struct import_mapping_rows columns;
    struct text a;
    int fields[IMPORT_COLUMNS_MAX];
    struct import_run *run = &s->run;

    *run = (struct import_run){.rq = s->rq,
                               .target = import_target_of(v_as_text(s->import.kind)),
                               .id = s->id,
                               .body = v_as_int(s->import.body_id),
                               .list = v_as_text(s->import.list),
                               .category = v_as_text(s->import.category),
                               .channel = v_as_text(s->import.channel),
                               .staged = true};
    if (!run->target) {
        rq_fail(s->rq, ERR_INTERNAL);
        return false;
    }
    q_import_mapping(s->rq, &(struct import_mapping_args){.import = v_int(s->id)}, &columns);
    run->n_columns = columns.n < IMPORT_COLUMNS_MAX ? columns.n : IMPORT_COLUMNS_MAX;
    for (size_t i = 0; i < run->n_columns; i++) {
        struct text name = v_as_text(columns.row[i].field);
        run->headings[i] = v_as_text(columns.row[i].heading);
        fields[i] = name.n ? import_field_at(run->target, arena_z(s->rq->arena, name)) : -1;
    }
    (void)import_map_run(run, fields, &a); /* was found good before */
    if (run->target->open)
        run->target->open(run);
    return !s->rq->err;
}

static struct import_line line_of(struct slice *s, const union import_rows_of_row *row)
{
    struct import_line line = {.id = v_as_int(row->id),
                               .number = v_as_int(row->line),
                               .decision = v_as_text(row->decision),
                               .field = -1,
                               .who = T(""),
                               .key = T("")};
    line.n = import_split(s->rq->arena, v_as_text(row->cells), &line.cells);
    return line;
}

static void rows_of(struct slice *s, const char *state, bool decided,
                    struct import_rows_of_rows *out)
{
    q_import_rows_of(
        s->rq,
        &(struct import_rows_of_args){.import = v_int(s->id),
                                      .state = v_z(state),
                                      .decided = decided ? v_int(1) : (struct value){0},
                                      .rows = v_int((int64_t)s->rows)},
        out);
}

/* The heading above a faulty cell, and what stood in it. */
static struct text heading_of(const struct import_run *run, const struct import_line *line)
{
    return import_heading_at(run, import_column_of(run, line));
}

static struct text cell_of(const struct import_run *run, const struct import_line *line)
{
    return cut(line->cell.n ? line->cell : import_cell(run, line, line->field), 200);
}

static bool same_above(struct slice *s, const struct import_line *line)
{
    union import_row_twin_row twin;
    return line->key.n &&
           q_import_row_twin(s->rq,
                             &(struct import_row_twin_args){.import = v_int(s->id),
                                                            .row_key = v_text(line->key),
                                                            .line = v_int(line->number)},
                             &twin);
}

static void check_slice(struct slice *s)
{
    struct import_rows_of_rows rows = {0};
    int64_t count[ROW_FAULTY + 1] = {0};

    rows_of(s, "raw", false, &rows);
    for (size_t i = 0; i < rows.n && !s->rq->err; i++) {
        struct import_line line = line_of(s, &rows.row[i]);
        s->run.target->check(&s->run, &line);
        if (line.state == ROW_NEW && same_above(s, &line)) {
            line.state = ROW_KNOWN;
            line.reason = N_("The same stands higher in the file");
        }
        count[line.state]++;
        w_import_row_checked(&s->ch, &(struct import_row_checked_args){
                                         .id = v_int(line.id),
                                         .state = v_z(import_state_code(line.state)),
                                         .row_key = v_text_or_null(cut(line.key, 800)),
                                         .who = v_text_or_null(cut(line.who, 400)),
                                         .field = v_text_or_null(heading_of(&s->run, &line)),
                                         .cell = seal_value(s->rq, "import_row.cell",
                                                            v_text_or_null(cell_of(&s->run, &line))),
                                         .reason = line.reason ? v_z(line.reason) : v_null(),
                                         .differs = v_int(line.differs),
                                         .person = line.person ? v_int(line.person) : v_null()});
    }
    w_import_count(&s->ch,
                   &(struct import_count_args){.id = v_int(s->id),
                                               .checked = v_int((int64_t)rows.n),
                                               .new = v_int(count[ROW_NEW]),
                                               .known = v_int(count[ROW_KNOWN] + count[ROW_SAME]),
                                               .doubtful = v_int(count[ROW_DOUBTFUL]),
                                               .faulty = v_int(count[ROW_FAULTY]),
                                               .done = v_int(0)});
    s->more = rows.n == s->rows;
    if (!s->more)
        set_state(&s->ch, s->id, "staged", -1, -1);
    s->ch.events++; /* looked at, nothing changed */
}

/* One staged row again, now in earnest: the register may have changed since it was checked. */
static bool apply_row(struct slice *s, const union import_rows_of_row *row, bool decided)
{
    struct import_line line = line_of(s, row);
    const char *state = "applied";

    s->run.target->check(&s->run, &line);
    if (line.state == ROW_DOUBTFUL && !decided)
        line.decision = T("");
    if (text_is(line.decision, "skip") && decided)
        state = "skipped";
    else if (line.state == ROW_FAULTY || (line.state == ROW_DOUBTFUL && !line.decision.n))
        state = import_state_code(line.state);
    else
        s->run.target->apply(&s->ch, &s->run, &line);
    bool open = strcmp(state, "applied") != 0;
    w_import_row_applied(&s->ch,
                         &(struct import_row_applied_args){
                             .id = v_int(line.id),
                             .state = v_z(state),
                             .person = line.person ? v_int(line.person) : v_null(),
                             .before = v_text_or_null(line.before),
                             .field = open ? v_text_or_null(heading_of(&s->run, &line)) : v_null(),
                             .cell = seal_value(s->rq, "import_row.cell",
                                                open ? v_text_or_null(cell_of(&s->run, &line)) : v_null()),
                             .reason = open && line.reason ? v_z(line.reason) : v_null()});
    return !open;
}

static void apply_slice(struct slice *s)
{
    static const struct {
        const char *state;
        bool decided;
    } kinds[] = {{"new", false}, {"known", false}, {"doubtful", true}};
    struct import_rows_of_rows rows = {0};
    size_t k = 0;

    for (; k < 3 && !rows.n && !s->rq->err; k++)
        rows_of(s, kinds[k].state, kinds[k].decided, &rows);
    int events = s->ch.events;
    change_lock_for(&s->ch, LOCK_PERSON_ENTRY);
    for (size_t i = 0; i < rows.n && !s->rq->err; i++)
        (void)apply_row(s, &rows.row[i], kinds[k - 1].decided);
    w_import_count(&s->ch, &(struct import_count_args){.id = v_int(s->id),
                                                       .checked = v_int(0),
                                                       .new = v_int(0),
                                                       .known = v_int(0),
                                                       .doubtful = v_int(0),
                                                       .faulty = v_int(0),
                                                       .done = v_int((int64_t)rows.n)});
    s->more = rows.n > 0;
    if (!s->more) {
        set_state(&s->ch, s->id, "applied", -1, -1);
        change_event(&s->ch, &(struct event){.kind = "import.applied",
                                             .table = &list_import_table,
                                             .object = s->id});
    } else if (s->ch.events == events) {
        s->ch.events++; /* all rows of the slice were known as they are */
    }
}

static void undo_slice(struct slice *s)
{
    union import_any_row_row any;
    size_t n = s->run.target->undo(&s->ch, s->id, s->rows);
    if (n < s->rows && !s->rq->err)
        w_import_drop_rows(&s->ch, &(struct import_drop_rows_args){.import = v_int(s->id),
                                                                   .rows = v_int(SLICE_MOST)});
    s->more = n >= s->rows || n > 0 ||
              q_import_any_row(s->rq, &(struct import_any_row_args){.import = v_int(s->id)}, &any);
    if (!s->more) {
        set_state(&s->ch, s->id, "cancelled", -1, -1);
        change_event(&s->ch, &(struct event){.kind = "import.cancelled",
                                             .table = &list_import_table,
                                             .object = s->id});
    }
    s->ch.events++;
}

static void (*step_of(struct text state))(struct slice *s)
{
    return text_is(state, "checking")     ? check_slice
           : text_is(state, "applying")   ? apply_slice
           : text_is(state, "cancelling") ? undo_slice
                                          : NULL;
}

/* How long the writer was held, in microseconds. */
static int64_t run_slice(struct slice *s)
{
    struct import_get_args args = {.id = v_int(s->id)};
    if (!q_import_get(s->rq, &args, &s->import) || !step_of(v_as_text(s->import.state))) {
        s->more = false;
        return 0;
    }
    words_refresh(s->rq);
    change_begin(s->rq, &s->ch, SUBJECT(&list_import_table, s->id));
    s->ch.import = s->id;
    int64_t began = clock_monotonic();
    bool there = q_import_get(s->rq, &args, &s->import); /* again: now nobody else works on it */
    void (*step)(struct slice *) = there ? step_of(v_as_text(s->import.state)) : NULL;
    if (!step) {
        s->more = false;
        s->ch.events++;
    } else if (load_run(s)) {
        step(s);
    }
    (void)change_commit(&s->ch);
    return clock_monotonic() - began;
}

static size_t next_size(size_t rows, int64_t took)
{
    int64_t next = took > 0 ? (int64_t)rows * SLICE_US / took : (int64_t)rows * 2;
    if (next > (int64_t)rows * 2)
        next = (int64_t)rows * 2;
    return next < SLICE_LEAST ? SLICE_LEAST : next > SLICE_MOST ? SLICE_MOST : (size_t)next;
}

bool import_work(struct request *rq, int64_t import, int64_t budget_us)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    int64_t end = clock_monotonic() + budget_us;
    size_t rows = SLICE_FIRST;
    bool more = true;

    while (more && !rq->err && clock_monotonic() < end) {
        struct slice *s = arena_alloc(mine, sizeof *s);
        *s = (struct slice){.rq = rq, .id = import, .rows = rows};
        rq->arena = mine;
        int64_t took = run_slice(s);
        rq->arena = outer;
        more = s->more;
        rows = next_size(rows, took);
        arena_reset(mine);
    }
    arena_free(mine);
    return !more;
}

void import_job(struct request *rq)
{
    struct viewer system = rq->viewer;
    struct imports_waiting_rows rows;

    q_imports_waiting(rq, NULL, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        int64_t id = v_as_int(rows.row[i].id);
        struct text state = v_as_text(rows.row[i].state);
        /* What the import writes, its author writes. */
        if (!viewer_of_login(rq, v_as_text(rows.row[i].login), &rq->viewer)) {
            rq->viewer = system;
            log_warn("import %lld waits: its author has no account any more", (long long)id);
            continue;
        }
        if (text_is(state, "parsing")) {
            if (rq->now - v_as_int(rows.row[i].created_at) > stale_us)
                import_cancel(rq, id);
        } else {
            (void)import_work(rq, id, JOB_BUDGET_US);
        }
        if (rq->err) {
            log_error("import %lld stands still: %s", (long long)id, err_name(rq->err));
            rq->err = OK; /* the others go on */
        }
        rq->viewer = system;
    }
}

/* ---- what people ask of an import ---- */

/* Of the viewer's own body, in one of these states; otherwise the request has failed. */
static bool own_import(struct request *rq, int64_t id, const char *const *states,
                       union import_get_row *out)
{
    if (!q_import_get(rq, &(struct import_get_args){.id = v_int(id)}, out) ||
        v_as_int(out->body_id) != rq->viewer.body) {
        rq_fail(rq, ERR_NOT_FOUND);
        return false;
    }
    for (; *states; states++)
        if (text_is(v_as_text(out->state), *states))
            return true;
    rq_refuse(rq, N_("The list is no longer in this state: look at it again"));
    return false;
}

void import_apply_start(struct request *rq, int64_t import)
{
    static const char *const states[] = {"staged", "applied", NULL};
    struct change ch;
    union import_get_row now;

    change_begin(rq, &ch, SUBJECT(&list_import_table, import));
    if (own_import(rq, import, states, &now)) {
        union import_due_row due = {0};
        q_import_due(rq, &(struct import_due_args){.import = v_int(import)}, &due);
        int64_t n = v_as_int(due.due) + v_as_int(now.rows_done);
        set_state(&ch, import, "applying", -1, n);
        ch.events++; /* its end has the event */
    }
    (void)change_commit(&ch);
}

void import_cancel(struct request *rq, int64_t import)
{
    static const char *const states[] = {"parsing",  "columns", "checking", "staged",
                                         "applying", "applied", "loading",  NULL};
    struct change ch;
    union import_get_row now;

    change_begin(rq, &ch, SUBJECT(&list_import_table, import));
    if (own_import(rq, import, states, &now)) {
        set_state(&ch, import, "cancelling", -1, -1);
        ch.events++; /* its end has the event */
    }
    (void)change_commit(&ch);
}

void import_remap(struct request *rq, int64_t import, const int64_t *columns,
                  const struct text *names, size_t n)
{
    static const char *const states[] = {"columns", "staged", NULL};
    struct change ch;
    union import_get_row now;
    struct import_mapping_rows old;
    int fields[IMPORT_COLUMNS_MAX];
    struct import_run run = {.rq = rq};
    struct text a = T("");

    change_begin(rq, &ch, SUBJECT(&list_import_table, import));
    if (!own_import(rq, import, states, &now))
        goto out;
    run.target = import_target_of(v_as_text(now.kind));
    run.category = v_as_text(now.category);
    run.channel = v_as_text(now.channel);
    q_import_mapping(rq, &(struct import_mapping_args){.import = v_int(import)}, &old);
    if (rq->err || !run.target || old.n > IMPORT_COLUMNS_MAX)
        goto out;
    run.n_columns = old.n;
    for (size_t i = 0; i < old.n; i++) {
        run.headings[i] = v_as_text(old.row[i].heading);
        fields[i] = -1;
        for (size_t k = 0; k < n; k++)
            if (columns[k] == v_as_int(old.row[i].id) && names[k].n)
                fields[i] = import_field_at(run.target, arena_z(rq->arena, names[k]));
    }
    const char *wrong = import_map(rq->arena, run.target, run.headings, old.n, fields, &a);
    if (!wrong)
        wrong = import_map_run(&run, fields, &a);
    if (wrong) {
        rq_mistake_of(rq, "columns", wrong, v_text(a));
        goto out;
    }
    for (size_t i = 0; i < old.n; i++)
        w_import_column_take(
            &ch, &(struct import_column_take_args){
                     .id = old.row[i].id,
                     .import = v_int(import),
                     .field = fields[i] >= 0 ? v_z(run.target->fields[fields[i]].name) : v_null()});
    w_import_rows_again(&ch, &(struct import_rows_again_args){.import = v_int(import)});
    w_import_faulty_again(&ch, &(struct import_faulty_again_args){.import = v_int(import)});
    w_import_counts_again(&ch, &(struct import_counts_again_args){.id = v_int(import)});
    ch.events++; /* staging only */
out:
    (void)change_commit(&ch);
}
