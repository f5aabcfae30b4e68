#include "guard/codes.h"
#include "guard/seal.h"
#include "reports_gen.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports_rules.h"

/* Categories of these classes are no lines for those who may not read the class: that there are
 * such persons in a small region is told too much already. They count in the total. */
static const uint32_t secret = CLASS_BIT(CLASS_HIV) | CLASS_BIT(CLASS_ADDICTION) |
                               CLASS_BIT(CLASS_MENTAL) | CLASS_BIT(CLASS_VIOLENCE);

struct text ratio_text(struct arena *arena, int64_t now, int64_t before)
{
    if (before <= 0)
        return T("");
    int64_t tenths = (now * 20 + before) / (2 * before);
    return arena_printf(arena, "%lld.%lld", (long long)(tenths / 10), (long long)(tenths % 10));
}

bool report_halves(struct text period, struct text against, int64_t today, int half[SIDES])
{
    half[NOW] = half_year(today);
    if (period.n && half_year_parse(period, &half[NOW]))
        return false;
    half[BEFORE] = half[NOW] - 10; /* 20141 - 10 is 20131 */
    return !against.n || half_year_parse(against, &half[BEFORE]) == OK;
}

int group_of_name(struct text name)
{
    static const char *const names[GROUPS] = {"self", "referred", "found"};
    for (int i = 0; i < GROUPS; i++)
        if (text_is(name, names[i]))
            return i;
    return -1;
}

/* A channel without a group, or one that the packs no longer know, stands with the referred. */
int group_of_channel(struct text channel)
{
    char key[80];
    if (channel.n > 60)
        return GROUP_REFERRED;
    memcpy(key, "channel ", 8);
    memcpy(key + 8, channel.s, channel.n);
    key[8 + channel.n] = '\0';
    int group = group_of_name(pack_value("code", key, "group"));
    return group < 0 ? GROUP_REFERRED : group;
}

static bool line_for(const struct request *rq, struct text code)
{
    uint32_t read = rq->viewer.system ? CLASS_ALL : rq->viewer.role ? rq->viewer.role->read : 0;
    return !(code_classes("category", code) & secret & ~read);
}

/* The entry of a report whose lines are categories of persons; rounded ones stand in reports_sealed.c. */
static const struct pack_entry *entry_of(const char *name)
{
    const struct pack_entry *e = pack_find("report", text_of(name));
    return e && text_is(pack_prop(e, "list"), "category") && !pack_prop(e, "round").n ? e : NULL;
}

bool report_has_line(struct request *rq, const char *name, struct text category)
{
    const struct pack_entry *e = entry_of(name);
    return e && (!category.n || (pack_prop_has(e, "rows", category) && line_for(rq, category)));
}

/* Lines for the codes that the packs name, in their order. */
static void make_lines(struct request *rq, const struct pack_entry *e, struct report *out)
{
    const struct code_list *list = code_list("category");
    struct text rest = pack_prop(e, "rows"), word;
    out->lines = arena_array(rq->arena, (list ? list->n : 0) + 1, sizeof *out->lines);
    while (list && text_split(&rest, ' ', &word)) {
        const struct code *code = word.n ? code_find(list, word) : NULL;
        if (!code || !line_for(rq, word) || out->n == list->n)
            continue;
        out->lines[out->n++] =
            (struct report_line){.code = text_of(code->code), .label = code->label[rq->lang]};
    }
    out->lines[out->n] = (struct report_line){.code = T("")};
}

static enum err count_row(void *ctx, const struct value *cells)
{
    struct report *r = ctx;
    const union served_counts_row *row = (const union served_counts_row *)cells;
    struct text code = v_as_text(row->category);
    int group = group_of_channel(v_as_text(row->channel));
    for (size_t i = 0; i <= r->n; i++) {
        if (!text_eq(r->lines[i].code, code))
            continue;
        for (int side = 0; side < SIDES; side++)
            if (v_as_int(row->half) == r->half[side]) {
                r->lines[i].f[side][group].n += v_as_int(row->n);
                r->lines[i].f[side][FIGURE_ALL].n += v_as_int(row->n);
            }
    }
    return OK;
}

static void protect(struct request *rq, struct report *r)
{
    size_t rows = r->n + 1;
    struct figure *cells = arena_array(rq->arena, rows * FIGURES, sizeof *cells);
    for (int side = 0; side < SIDES; side++) {
        for (size_t i = 0; i < rows; i++)
            memcpy(cells + i * FIGURES, r->lines[i].f[side], FIGURES * sizeof *cells);
        suppress(cells, rows, FIGURES, r->small);
        for (size_t i = 0; i < rows; i++)
            memcpy(r->lines[i].f[side], cells + i * FIGURES, FIGURES * sizeof *cells);
    }
}

void report_make(struct request *rq, const char *name, const int half[SIDES], struct report *out)
{
    const struct pack_entry *e = entry_of(name);
    *out = (struct report){.name = name};
    if (!e) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    out->title = pack_label(e, rq->lang);
    memcpy(out->half, half, sizeof out->half);
    if (text_int(pack_prop(e, "small"), 0, 1000, &out->small))
        out->small = 5;
    make_lines(rq, e, out);
    each_served_counts(rq,
                       &(struct served_counts_args){.this_half = v_int(half[NOW]),
                                                    .other_half = v_int(half[BEFORE])},
                       count_row, out);
    if (!rq_may(rq, CAP_REPORT_PERSONS))
        protect(rq, out);
}

/* ---- command ---- */

static enum err print(const struct report *r, struct request *rq, const char *format, FILE *out,
                      struct fault *fault)
{
    struct buf b = BUF(64 << 20);
    struct text bytes = {0};
    enum err err = OK;
    if (strcmp(format, "csv") == 0)
        report_csv(r, rq->lang, false, &b);
    else if (strcmp(format, "json") == 0)
        report_json(r, rq->arena, &b);
    else if (strcmp(format, "table") == 0)
        report_table(r, rq->lang, rq->arena, &b);
    else
        err = report_xlsx(r, rq->lang, rq->arena, &bytes, fault);
    if (!err && buf_end(&b))
        err = fault_set(fault, ERR_LIMIT, "the report is too large");
    if (!err && b.n)
        bytes = buf_get(&b);
    if (!err && (fwrite(bytes.s, 1, bytes.n, out) != bytes.n || fflush(out)))
        err = fault_set(fault, ERR_IO, "the report could not be written");
    buf_free(&b);
    return err;
}

enum err report_command(struct request *rq, const char *name, const char *period,
                        const char *against, const char *format, FILE *out, struct fault *fault)
{
    static const char *const formats[] = {"table", "csv", "json", "xlsx"};
    int half[SIDES];
    bool known = false;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        known = known || strcmp(format, formats[i]) == 0;
    if (!known)
        return fault_set(fault, ERR_INPUT, "--format is table, csv, json or xlsx, not \"%s\"",
                         format);
    if (!rq_may(rq, CAP_SEE_REPORT))
        return fault_set(fault, ERR_FORBIDDEN, "the role of \"%s\" may not read reports",
                         rq->viewer.login);
    if (!report_halves(text_of(period ? period : ""), text_of(against ? against : ""), rq->today,
                       half))
        return fault_set(fault, ERR_INPUT, "a period is written like 2014-H1");
    if (!entry_of(name)) {
        char names[200] = "";
        size_t n = 0;
        for (const struct pack_entry *e = NULL; (e = pack_next("report", e));)
            if (n + e->key.n + 2 < sizeof names) {
                names[n++] = ' ';
                memcpy(names + n, e->key.s, e->key.n);
                n += e->key.n;
                names[n] = '\0';
            }
        return fault_set(fault, ERR_NOT_FOUND, "there is no report \"%s\"; there are:%s", name,
                         names);
    }
    reports_catch_up(rq, 0);
    struct report r;
    report_make(rq, name, half, &r);
    if (rq->err)
        return fault_set(fault, rq->err, "the report could not be made (%s)", err_name(rq->err));
    return print(&r, rq, format, out, fault);
}

/* ---- the room ---- */

/* Once in a process, when all is sealed: sums from before may still name sealed categories. */
static void forget_sealed(struct request *rq)
{
    static bool looked;
    const struct code_list *list = code_list("category");
    struct change ch;
    if (looked || !list || !seal_done(rq))
        return;
    change_begin(rq, &ch, NO_SUBJECT);
    union served_half_after_row half = {.half = v_int(0)};
    while (q_served_half_after(rq, &(struct served_half_after_args){.half = half.half}, &half))
        for (size_t i = 0; i < list->n; i++)
            if (list->codes[i].cover)
                w_served_due_of(&ch, &(struct served_due_of_args){
                                         .half = half.half, .category = v_z(list->codes[i].code)});
    ch.events++; /* an index of the log: nothing happened to anybody */
    looked = change_commit(&ch) == OK;
}

static void keep_served(struct request *rq)
{
    forget_sealed(rq);
    reports_catch_up(rq, 0);
}

static const struct job jobs[] = {{"reports.served", 5, keep_served}, {0}};

const struct room reports_room = {
    .name = "reports", .tables = reports_tables, .forms = reports_forms, .jobs = jobs};
