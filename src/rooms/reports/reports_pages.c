#include "guard/codes.h"
#include "reports_tpl.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports_rules.h"
#include "web/web.h"

static const char *const name = "clients-by-category";

enum {
    WAIT = 3 * 1000000, /* how long a page waits for what the log has brought */
    FIRST_YEAR = 2010,
    CHANNELS_MAX = 12
};

void reports_of_viewer(struct request *rq, struct report_list_rows *out)
{
    size_t kept = 0;
    q_report_list(rq, &(struct report_list_args){0}, out);
    for (size_t i = 0; i < out->n; i++) {
        union report_list_row *row = &out->row[i];
        const struct pack_entry *e = pack_find("report", v_as_text(row->name));
        if (!e || (pack_prop(e, "round").n && !rq_may(rq, CAP_SEALED_FIGURES)))
            continue;
        row->label = v_z(pack_label(e, rq->lang));
        out->row[kept++] = *row;
    }
    out->n = kept;
}

ROUTE(GET, "/reports", report_page_list, report_list_page, SEE_REPORT)
static enum err report_page_list(struct request *rq, struct report_list_page_page *page)
{
    reports_of_viewer(rq, &page->items);
    return rq_end(rq);
}

/* ---- the table ---- */

/* Programs read numbers, people digits in threes with no-break spaces. */
static struct value number(struct request *rq, int64_t n)
{
    struct text t = arena_printf(rq->arena, "%lld", (long long)(n % 1000));
    if (rq_is_api(rq))
        return v_int(n);
    while (n >= 1000) {
        t = arena_printf(rq->arena, "%s%.*s",
                         n % 1000 < 10    ? "00"
                         : n % 1000 < 100 ? "0"
                                          : "",
                         TEXT_ARG(t));
        n /= 1000;
        t = arena_printf(rq->arena, "%lld\u00a0%.*s", (long long)(n % 1000), TEXT_ARG(t));
    }
    return v_text(t);
}

static struct value figure(struct request *rq, const struct report *r, const struct figure *f)
{
    if (f->state == FIGURE_OFF)
        return (struct value){0};
    return f->state == FIGURE_FEW ? v_text(arena_printf(rq->arena, "<%lld", (long long)r->small))
                                  : number(rq, f->n);
}

static void change_of(struct request *rq, const struct report_line *l, union report_row_row *row)
{
    const struct figure *now = &l->f[NOW][FIGURE_ALL], *before = &l->f[BEFORE][FIGURE_ALL];
    if (now->state != FIGURE_SHOWN || before->state != FIGURE_SHOWN)
        return;
    int64_t d = now->n - before->n;
    struct text ratio = ratio_text(rq->arena, now->n, before->n);
    row->direction = v_z(d > 0 ? "up" : d < 0 ? "down" : "same");
    row->difference = v_int(d);
    if (!rq_is_api(rq))
        row->difference = v_text(arena_printf(rq->arena, "%s%.*s",
                                              d > 0   ? "+"
                                              : d < 0 ? "−"
                                                      : "",
                                              TEXT_ARG(v_as_text(number(rq, d < 0 ? -d : d)))));
    if (!ratio.n)
        return;
    if (!rq_is_api(rq) && rq->lang == LANG_RU) { /* the decimal sign of the language */
        char *comma = memchr((char *)(uintptr_t)ratio.s, '.', ratio.n);
        if (comma)
            *comma = ',';
    }
    row->ratio = v_text(ratio);
}

static void fill_row(struct request *rq, const struct report *r, const struct report_line *l,
                     union report_row_row *row)
{
    struct value *const values[SIDES][FIGURES] = {
        {&row->self, &row->referred, &row->found, &row->now},
        {&row->self_before, &row->referred_before, &row->found_before, &row->before}};
    struct value *const off[SIDES][FIGURES] = {
        {&row->self_off, &row->referred_off, &row->found_off, &row->now_off},
        {&row->self_before_off, &row->referred_before_off, &row->found_before_off,
         &row->before_off}};
    row->category = v_text(l->code);
    row->label = v_z(l->label);
    for (int side = 0; side < SIDES; side++)
        for (int i = 0; i < FIGURES; i++) {
            *values[side][i] = figure(rq, r, &l->f[side][i]);
            *off[side][i] = v_int(l->f[side][i].state); /* enum figure_state */
        }
    change_of(rq, l, row);
}

void report_half_choices(struct request *rq, const int chosen[SIDES], struct report_half_rows *out)
{
    int newest = half_year(rq->today), n = (newest / 10 - FIRST_YEAR + 1) * 2;
    out->query = &report_half_query;
    out->next = T("");
    out->row = arena_array(rq->arena, (size_t)(n > 0 ? n : 1), sizeof *out->row);
    out->n = 0;
    for (int half = newest; half / 10 >= FIRST_YEAR;
         half = half % 10 == 2 ? half - 1 : half - 10 + 1) {
        char text[9];
        half_year_name(half, text);
        out->row[out->n++] =
            (union report_half_row){.period = v_text(arena_text(rq->arena, text_of(text))),
                                    .year = v_int(half / 10),
                                    .h = v_int(half % 10),
                                    .chosen = v_int(half == chosen[NOW]),
                                    .against = v_int(half == chosen[BEFORE])};
    }
}

static bool send(struct request *rq, const struct report *r, struct text format)
{
    struct buf b = BUF(16 << 20);
    struct text bytes = {0};
    struct fault fault;
    bool csv = text_is(format, "csv");
    enum err err = OK;
    if (!csv && !text_is(format, "xlsx"))
        return false;
    if (csv)
        report_csv(r, rq->lang, !rq_is_api(rq), &b);
    else
        err = report_xlsx(r, rq->lang, rq->arena, &bytes, &fault);
    if (!err && csv && !(err = buf_end(&b)))
        bytes = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    char half[9];
    half_year_name(r->half[NOW], half);
    if (err)
        rq_fail(rq, err);
    else
        rq_send_file(rq,
                     csv ? "text/csv; charset=utf-8"
                         : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                     arena_printf(rq->arena, "%s-%s.%s", r->name, half, csv ? "csv" : "xlsx"),
                     bytes);
    return true;
}

ROUTE_SLOW(GET, "/reports/clients-by-category", report_page_clients, report_page, SEE_REPORT)
static enum err report_page_clients(struct request *rq, struct report_page_page *page)
{
    struct report r;
    int half[SIDES];
    char text[9];
    if (!report_halves(rq_param(rq, "period"), rq_param(rq, "against"), rq->today, half)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    page->behind = !reports_catch_up(rq, WAIT);
    report_make(rq, name, half, &r);
    if (rq->err || send(rq, &r, rq_param(rq, "format")))
        return rq_end(rq);
    page->report = text_of(name);
    page->title = text_of(r.title);
    half_year_name(half[NOW], text);
    page->period = arena_text(rq->arena, text_of(text));
    half_year_name(half[BEFORE], text);
    page->against = arena_text(rq->arena, text_of(text));
    page->half_now = half[NOW];
    page->half_before = half[BEFORE];
    page->year_now = half[NOW] / 10;
    page->h_now = half[NOW] % 10;
    page->year_before = half[BEFORE] / 10;
    page->h_before = half[BEFORE] % 10;
    page->exact = rq_may(rq, CAP_REPORT_PERSONS);
    page->small = r.small;
    page->rows.query = &report_row_query;
    page->rows.next = T("");
    page->rows.n = r.n;
    page->rows.row = arena_array(rq->arena, r.n ? r.n : 1, sizeof *page->rows.row);
    for (size_t i = 0; i < r.n; i++)
        fill_row(rq, &r, &r.lines[i], &page->rows.row[i]);
    fill_row(rq, &r, &r.lines[r.n], &page->total);
    report_half_choices(rq, half, &page->halves);
    return rq_end(rq);
}

/* ---- who stands behind a figure ---- */

/* What must be open to the viewer before he may learn that the person stands in this figure. */
static uint32_t classes_of_figure(struct text category, struct text channel)
{
    return CLASS_BIT(CLASS_IDENTITY) | CLASS_BIT(CLASS_SOCIAL) |
           code_classes("category", category) | code_classes("channel", channel);
}

/* The mark says nothing of why. */
static void hidden_row(union report_person_row *row)
{
    for (size_t i = 0; i < sizeof row->v / sizeof row->v[0]; i++)
        row->v[i] = (struct value){.kind = V_HIDDEN, .cls = CLASS_IDENTITY};
    row->lead_body_id = row->bits = row->recheck_at = (struct value){0};
}

/* One row for each person of the figure, so that the list is as long as the figure says; those whom
 * the viewer may not know in this connection stand there without a name. */
static void fill_persons(struct request *rq, const struct served_list_rows *plain,
                         struct text category, struct report_person_rows *out)
{
    uint32_t role = rq->viewer.role ? rq->viewer.role->read : 0;
    out->query = &report_person_query;
    out->next = plain->next;
    out->n = plain->n;
    out->row = arena_array(rq->arena, plain->n ? plain->n : 1, sizeof *out->row);
    for (size_t i = 0; i < plain->n && !rq->err; i++) {
        int64_t person = v_as_int(plain->row[i].person_id);
        uint32_t need = classes_of_figure(category, v_as_text(plain->row[i].channel));
        uint32_t lacking = need & ~(access_bits(rq, rq->viewer.body, person) & role);
        struct report_person_rows one = {0};
        if (!lacking)
            q_report_person(rq, &(struct report_person_args){.person = v_int(person)}, &one);
        if (one.n)
            out->row[i] = one.row[0];
        else
            hidden_row(&out->row[i]);
    }
}

/* The channels of a group as arguments; the last one fills the rest. */
static void channels_of(int group, struct value c[CHANNELS_MAX])
{
    const struct code_list *list = code_list("channel");
    int n = 0;
    for (size_t i = 0; list && i < list->n && n < CHANNELS_MAX; i++)
        if (group_of_channel(text_of(list->codes[i].code)) == group)
            c[n++] = v_z(list->codes[i].code);
    if (!n)
        c[n++] = v_z("");
    for (int i = n; i < CHANNELS_MAX; i++)
        c[i] = c[n - 1];
}

/* A role that reads figures only gets the list behind a figure that the report shows to it, without names; behind a hidden one
 * it would count the rows. */
static bool shown_figure(struct request *rq, int half, struct text category, int group)
{
    struct report r = {0};
    if (rq_may(rq, CAP_REPORT_PERSONS))
        return true;
    report_make(rq, name, (const int[SIDES]){half, half - 10}, &r);
    for (size_t i = 0; !rq->err && i <= r.n; i++)
        if (text_eq(r.lines[i].code, category))
            return r.lines[i].f[NOW][group < 0 ? FIGURE_ALL : group].state == FIGURE_SHOWN;
    return false;
}

ROUTE(GET, "/reports/clients-by-category/persons", report_page_persons, report_persons_page,
      SEE_REPORT)
static enum err report_page_persons(struct request *rq, struct report_persons_page_page *page)
{
    int half[SIDES];
    int64_t number = v_as_int(rq_filter_int(rq, "half"));
    struct text category = rq_param(rq, "category"), channel = rq_param(rq, "channel");
    int group = group_of_name(channel);
    if (!report_halves(rq_param(rq, "period"), T(""), rq->today, half) ||
        !report_has_line(rq, name, category) || (channel.n && group < 0)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    if (number >= 15821 && number <= 99992 && (number % 10 == 1 || number % 10 == 2))
        half[NOW] = (int)number;
    if (!shown_figure(rq, half[NOW], category, group)) {
        rq_refuse(rq, N_("The figure is too small to show what stands behind it"));
        return rq_end(rq);
    }
    struct served_list_args args = {.paging = rq_paging(rq, &report_person_query),
                                    .half = v_int(half[NOW]),
                                    .category = v_text(category)};
    struct value c[CHANNELS_MAX] = {{0}};
    if (group >= 0) {
        channels_of(group, c);
        memcpy(&args.v[2], c, sizeof c); /* c0 to c11 */
    }
    struct served_list_rows plain;
    q_served_list(rq, &args, &plain);
    fill_persons(rq, &plain, category, &page->items);
    page->half = half[NOW];
    page->year = half[NOW] / 10;
    page->h = half[NOW] % 10;
    page->channel = channel;
    page->category = category;
    const struct code *code =
        code_list("category") ? code_find(code_list("category"), category) : NULL;
    page->label = code ? text_of(code->label[rq->lang]) : T("");
    return rq_end(rq);
}
