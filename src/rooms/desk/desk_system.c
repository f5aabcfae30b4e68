/* The administrator's page of what is not as it should be in the program itself: jobs of this node, mails, lists that have stopped,
 * rules that are still being applied, the disk. What else he mends stands in lists of its own (accounts, bodies, packs). */
#include "desk_tpl.h"
#include "guard/codes.h"
#include "guard/doctor.h"
#include "guard/jobs.h"
#include "guard/log.h"
#include "guard_gen.h"
#include "rooms/desk/desk_rules.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports.h"
#include "web/tr.h"
#include "web/web.h"

enum { ROWS_MAX = 100, GIGA_TENTH = 100 * 1000 * 1000, PERCENT = 100 };
static const int64_t hour_us = 3600LL * 1000 * 1000;

static union system_row_row *row_of(struct system_row_rows *out)
{
    return &out->row[out->n++];
}

static void jobs(struct request *rq, struct system_row_rows *out)
{
    struct job_run runs[JOBS_MAX];
    size_t n = jobs_runs(runs);
    for (size_t i = 0; i < n && out->n < ROWS_MAX; i++)
        if (runs[i].err || runs[i].late)
            *row_of(out) = (union system_row_row){
                .what = v_z(runs[i].name),
                .at = v_instant(runs[i].at),
                .state = v_z(tr(rq->lang, runs[i].err ? N_("failed") : N_("does not run"))),
                .words = runs[i].err ? v_z(err_name(runs[i].err)) : (struct value){0}};
}

static void mails(struct request *rq, struct system_row_rows *out)
{
    struct reminders_failed_rows rows = {0};
    q_reminders_failed(
        rq, &(struct reminders_failed_args){.from = v_date(rq->today - terms_number("home", "mails"))}, &rows);
    for (size_t i = 0; i < rows.n && out->n < ROWS_MAX; i++)
        *row_of(out) = (union system_row_row){
            .what = rows.row[i].login,
            .day = rows.row[i].day,
            .state = v_z(tr(rq->lang, text_is(v_as_text(rows.row[i].state), "failed") ? N_("not sent") : N_("not known whether sent"))),
            .words = rows.row[i].error};
}

static void rules(struct request *rq, struct system_row_rows *out)
{
    struct rules_at_work_rows rows = {0};
    q_rules_at_work(rq, &(struct rules_at_work_args){0}, &rows);
    for (size_t i = 0; i < rows.n && out->n < ROWS_MAX; i++)
        *row_of(out) = (union system_row_row){.what = rows.row[i].name,
                                              .state = v_z(tr(rq->lang, N_("new rules are being applied")))};
    union setting_get_row law = {0};
    if (out->n < ROWS_MAX && q_setting_get(rq, &(struct setting_get_args){.name = v_z("law_work")}, &law) &&
        !text_is(v_as_text(law.value), "done"))
        *row_of(out) = (union system_row_row){.what = v_z(tr(rq->lang, N_("Access by law, of all bodies"))),
                                              .state = v_z(tr(rq->lang, N_("new rules are being applied")))};
}

/* A list at work that has left no trace for hours: its author has no account any more, its reading was cut off, or its job fails. */
static void imports(struct request *rq, struct system_row_rows *out)
{
    const struct code_list *states = code_list("import_state");
    struct imports_stopped_rows rows = {0};
    int64_t before = rq->now - terms_number("home", "import") * hour_us;
    q_imports_stopped(rq, &(struct imports_stopped_args){.before = v_instant(before), .first = v_int(log_id_at(rq, before))}, &rows);
    for (size_t i = 0; i < rows.n && out->n < ROWS_MAX; i++) {
        const struct code *state = states ? code_find(states, v_as_text(rows.row[i].state)) : NULL;
        *row_of(out) = (union system_row_row){.what = rows.row[i].file_name,
                                              .at = rows.row[i].created_at,
                                              .state = v_z(state ? state->label[rq->lang] : ""),
                                              .words = rows.row[i].name};
    }
}

static struct text giga(struct request *rq, int64_t bytes)
{
    int64_t tenths = bytes / GIGA_TENTH;
    return arena_printf(rq->arena, rq->lang == LANG_RU ? "%lld,%lld" : "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
}

/* Of the disk of the register; false where the program does not know it. */
static bool disk(struct request *rq, struct text *all, struct text *left, int64_t *percent)
{
    int64_t bytes, free_bytes;
    if (!store_space(rq->store, &bytes, &free_bytes))
        return false;
    *all = giga(rq, bytes);
    *left = giga(rq, free_bytes);
    *percent = free_bytes / (bytes / PERCENT + 1);
    return true;
}

static void disk_full(struct request *rq, struct system_row_rows *out)
{
    struct text all, left;
    int64_t percent;
    if (out->n < ROWS_MAX && disk(rq, &all, &left, &percent) && percent < terms_number("home", "disk"))
        *row_of(out) = (union system_row_row){
            .what = v_z(tr(rq->lang, N_("Disk of the register"))),
            .at = v_instant(rq->now),
            .state = v_z(tr(rq->lang, N_("little space is left"))),
            .words = v_text(arena_printf(rq->arena, "%lld %%", (long long)percent))};
}

struct installation {
    struct request *rq;
    struct system_row_rows *out;
};

static void installation_row(void *ctx, const struct finding *f)
{
    struct installation *i = ctx;
    enum lang lang = i->rq->lang;
    if (i->out->n < ROWS_MAX)
        *row_of(i->out) = (union system_row_row){
            .what = v_text(arena_printf(i->rq->arena, "%s%s%.*s", tr(lang, f->what), f->detail.n ? ": " : "", TEXT_ARG(f->detail))),
            .state = v_z(tr(lang, f->bad ? N_("must be mended") : N_("to be looked at"))),
            .words = v_text(arena_printf(i->rq->arena, "%s %s: %s", tr(lang, f->why), tr(lang, N_("What to do")), tr(lang, f->todo)))};
}

static void installation(struct request *rq, struct system_row_rows *out)
{
    struct installation i = {rq, out};
    doctor_look(rq, false, installation_row, &i);
}

static const struct {
    const char *name;
    void (*fill)(struct request *rq, struct system_row_rows *out);
    bool apart; /* the operator's, not of each day */
} lists[] = {{"disk", disk_full}, {"jobs", jobs}, {"mails", mails}, {"imports", imports}, {"rules", rules}, {"installation", installation, true}};

static void system_rows(struct request *rq, struct text which, struct system_row_rows *out)
{
    *out = (struct system_row_rows){.row = arena_array(rq->arena, ROWS_MAX, sizeof *out->row),
                                    .query = &system_row_query,
                                    .next = T("")};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (text_is(which, lists[i].name) || (!which.n && !lists[i].apart))
            lists[i].fill(rq, out);
}

int64_t system_count(struct request *rq, const char *which)
{
    struct system_row_rows rows;
    system_rows(rq, text_of(which), &rows);
    return (int64_t)rows.n;
}

ROUTE(GET, "/system", desk_system, system_page, ADMIN)
static enum err desk_system(struct request *rq, struct system_page_page *page)
{
    page->show = rq_param(rq, "show");
    system_rows(rq, page->show, &page->items);
    page->disk = disk(rq, &page->disk_all, &page->disk_left, &page->disk_percent);
    return rq_end(rq);
}
