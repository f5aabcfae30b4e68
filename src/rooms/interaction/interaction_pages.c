/* The page of the picture and the lists behind its figures. */
#include "base/date.h"
#include "formats/bars.h"
#include "guard/codes.h"
#include "interaction_tpl.h"
#include "rooms/interaction/interaction_rules.h"
#include "web/tr.h"
#include "web/web.h"
#include <stdlib.h>

enum {
    WAIT = 500 * 1000, /* how long a page waits for what the log has brought; it says when that was not all */
    ROWS = 15,
    WORDS = 5, /* partners told in words above the table */
    MONTHS_BACK = 36,
    BODIES_MANY = 60,
    ROWS_COUNTED = 2000, /* rows of a list that are looked through for how many are not shown */
    NAME_MAX_BYTES = 16
};

static const char *const sector_names[SECTORS] = {"state", "ngo", "employer"};
static const char *const sector_words[SECTORS] = {N_("State bodies and institutions"), N_("Non-governmental organisations"),
                                                  N_("Employers")};

/* "2024-06" */
static bool month_parse(struct text t, int *month)
{
    int64_t year, m;
    if (t.n != 7 || t.s[4] != '-' || text_int((struct text){t.s, 4}, 1990, 2100, &year) ||
        text_int((struct text){t.s + 5, 2}, 1, 12, &m))
        return false;
    *month = (int)(year * 100 + m);
    return true;
}

static struct text month_code(struct request *rq, int month)
{
    return arena_printf(rq->arena, "%04d-%02d", month / 100, month % 100);
}

static struct text month_words(struct request *rq, int month)
{
    static const char *const names[] = {N_("January"), N_("February"), N_("March"),     N_("April"),   N_("May"),      N_("June"),
                                        N_("July"),    N_("August"),   N_("September"), N_("October"), N_("November"), N_("December")};
    return arena_printf(rq->arena, "%s %d", tr(rq->lang, names[(month - 1) % 100 % 12]), month / 100);
}

/* The same inside a sentence: Russian writes months small there. */
static struct text month_inside(struct request *rq, int month)
{
    struct text words = month_words(rq, month);
    return rq->lang == LANG_RU ? text_fold(rq->arena, words) : words;
}

static struct text half_words(struct request *rq, int half)
{
    return arena_printf(rq->arena, "%s %d", tr(rq->lang, half % 10 == 1 ? N_("January to June") : N_("July to December")), half / 10);
}

static int sector_parse(struct text t)
{
    for (int i = 0; i < SECTORS; i++)
        if (text_is(t, sector_names[i]))
            return i;
    return -1;
}

/* What is asked for; false: no such period. */
static bool wish_read(struct request *rq, struct wish *w)
{
    int half = half_year(rq->today);
    struct text since = rq_param(rq, "since"), until = rq_param(rq, "until"), period = rq_param(rq, "period");
    bool region = rq_may(rq, CAP_REGION_INTERACTION);
    *w = (struct wish){.region = region,
                       .exact = !region || rq_may(rq, CAP_REPORT_PERSONS),
                       .first = year_month(date_add_months(rq->today, -11)),
                       .last = year_month(rq->today),
                       .from = v_as_int(rq_filter_int(rq, "from")),
                       .to = v_as_int(rq_filter_int(rq, "to")),
                       .from_sector = sector_parse(rq_param(rq, "from_sector")),
                       .to_sector = sector_parse(rq_param(rq, "to_sector")),
                       .district = v_as_int(rq_filter_int(rq, "district")),
                       .need = rq_param(rq, "need"),
                       .small = interaction_small()};
    if (!w->exact) {
        if (w->need.n)
            rq_refuse(rq, N_("One need of one pair of bodies is shown to the two only; the table of needs shows the whole region"));
        if (period.n && half_year_parse(period, &half))
            return false;
        w->first = year_month(half_year_first(half));
        w->last = year_month(half_year_last(half));
        return true;
    }
    if ((since.n && !month_parse(since, &w->first)) || (until.n && !month_parse(until, &w->last)))
        return false;
    return w->first <= w->last && (w->last / 100 - w->first / 100) <= 100;
}

/* ---- figures ---- */

static struct value hidden(struct request *rq)
{
    return rq_is_api(rq) ? v_null() : v_z(tr(rq->lang, N_("hidden")));
}

static struct value count_of(struct request *rq, const struct tally *t, enum measure m)
{
    return t->off[m] ? hidden(rq) : v_int(t->n[m]);
}

static struct value percent(int64_t part, int64_t all)
{
    if (all <= 0)
        return v_null();
    int64_t p = (part * 200 + all) / (2 * all);
    return v_int(p > 100 ? 100 : p);
}

static struct value answer_share(struct request *rq, const struct tally *t)
{
    if (t->off[M_ANSWERED_IN_TIME] || t->off[M_SILENT])
        return hidden(rq);
    return percent(t->n[M_ANSWERED_IN_TIME], t->n[M_ANSWERED_IN_TIME] + t->n[M_SILENT]);
}

/* A share tells how many were late. */
static struct value finish_share(struct request *rq, const struct wish *w, const struct tally *t)
{
    int64_t all = t->n[M_DONE] + t->n[M_NOT_DONE], late = all - t->n[M_FINISHED_IN_TIME];
    if (t->off[M_DONE] || t->off[M_NOT_DONE] || t->off[M_FINISHED_IN_TIME] || (!w->exact && late > 0 && late < w->small))
        return hidden(rq);
    return percent(t->n[M_FINISHED_IN_TIME], all);
}

static struct value days_of(struct request *rq, const struct wish *w, const struct tally *t, int what, int64_t part, int64_t of)
{
    const struct spread *s = &t->days[what];
    if (!w->exact && s->all && s->all < w->small)
        return hidden(rq);
    return s->all ? v_int(quantile(s, part, of)) : v_null();
}

static void fill_row(struct request *rq, const struct wish *w, const struct picture *p, const struct pair *pair,
                     union interaction_row_row *row)
{
    const struct tally *t = &pair->t;
    *row = (union interaction_row_row){
        .from_id = v_int(pair->from),
        .to_id = v_int(pair->to),
        .linked = v_int(!w->region && pair->from && pair->to && rq_may(rq, CAP_SEE_PERSON)),
        .from_own = v_int(!w->region && pair->from == p->all.own),
        .to_own = v_int(!w->region && pair->to == p->all.own),
        .from_name = v_text(party_words(rq, &p->all, pair->from)),
        .to_name = v_text(party_words(rq, &p->all, pair->to)),
        .sent = count_of(rq, t, M_SENT),
        .accepted = count_of(rq, t, M_ACCEPTED),
        .declined = count_of(rq, t, M_DECLINED),
        .returned = count_of(rq, t, M_RETURNED),
        .silent = count_of(rq, t, M_SILENT),
        .withdrawn = count_of(rq, t, M_WITHDRAWN),
        .taken = count_of(rq, t, M_TAKEN),
        .done = count_of(rq, t, M_DONE),
        .not_done = count_of(rq, t, M_NOT_DONE),
        .answer_share = answer_share(rq, t),
        .finish_share = finish_share(rq, w, t),
        .accept_median = days_of(rq, w, t, TO_ACCEPT, 1, 2),
        .accept_p90 = days_of(rq, w, t, TO_ACCEPT, 9, 10),
        .finish_median = days_of(rq, w, t, TO_FINISH, 1, 2),
        .finish_p90 = days_of(rq, w, t, TO_FINISH, 9, 10),
        .waiting = count_of(rq, t, M_WAITING),
        .at_work = count_of(rq, t, M_AT_WORK),
        .to_complete = count_of(rq, t, M_TO_COMPLETE),
        .late = count_of(rq, t, M_LATE)};
}

static void group_add(struct request *rq, const struct wish *w, struct interaction_group_rows *out, struct text code, struct text label,
                      const struct tally *t)
{
    out->row[out->n++] = (union interaction_group_row){
        .code = v_text(code),
        .label = v_text(label),
        .sent = v_int(t->n[M_SENT]),
        .accepted = v_int(t->n[M_ACCEPTED]),
        .declined = v_int(t->n[M_DECLINED]),
        .returned = v_int(t->n[M_RETURNED]),
        .silent = v_int(t->n[M_SILENT]),
        .done = v_int(t->n[M_DONE]),
        .not_done = v_int(t->n[M_NOT_DONE]),
        .answer_share = answer_share(rq, t),
        .finish_share = w->exact ? finish_share(rq, w, t) : percent(t->n[M_FINISHED_IN_TIME], t->n[M_DONE] + t->n[M_NOT_DONE]),
        .accept_median = days_of(rq, w, t, TO_ACCEPT, 1, 2),
        .accept_p90 = days_of(rq, w, t, TO_ACCEPT, 9, 10),
        .finish_median = days_of(rq, w, t, TO_FINISH, 1, 2),
        .finish_p90 = days_of(rq, w, t, TO_FINISH, 9, 10),
        .open = v_int(t->n[M_WAITING] + t->n[M_AT_WORK] + t->n[M_TO_COMPLETE])};
}

static void groups_begin(struct request *rq, struct interaction_group_rows *out, size_t most)
{
    *out = (struct interaction_group_rows){.query = &interaction_group_query, .next = T("")};
    out->row = arena_array(rq->arena, most + 1, sizeof *out->row);
}

static void fill_groups(struct request *rq, const struct wish *w, const struct picture *p, struct interaction_page_page *page)
{
    groups_begin(rq, &page->groups, SECTORS * SECTORS);
    for (int f = 0; f < SECTORS; f++)
        for (int t = 0; t < SECTORS; t++)
            if (p->groups[f][t].n[M_SENT])
                group_add(rq, w, &page->groups, T(""),
                          arena_printf(rq->arena, "%s → %s", tr(rq->lang, sector_words[f]), tr(rq->lang, sector_words[t])),
                          &p->groups[f][t]);
    groups_begin(rq, &page->needs, p->n_needs);
    for (size_t i = 0; i < p->n_needs; i++) {
        const struct code_list *list = code_list("need");
        const struct code *c = list ? code_find(list, p->needs[i].code) : NULL;
        if (p->needs[i].t.n[M_SENT])
            group_add(rq, w, &page->needs, p->needs[i].code,
                      c ? text_of(c->label[rq->lang]) : text_of(tr(rq->lang, N_("Needs that are not told apart here"))), &p->needs[i].t);
    }
    groups_begin(rq, &page->months, p->n_months);
    struct bar *bars = arena_array(rq->arena, p->n_months + 1, sizeof *bars);
    for (size_t i = 0; i < p->n_months; i++) {
        const struct line *l = &p->months[i];
        struct text words = w->exact ? month_words(rq, l->month) : half_words(rq, l->month);
        group_add(rq, w, &page->months, T(""), words, &l->t);
        struct value share = answer_share(rq, &l->t);
        bars[i] = (struct bar){words,
                               v_is(share) ? arena_printf(rq->arena, "%lld %%", (long long)v_as_int(share)) : T("—"),
                               v_is(share) ? (double)v_as_int(share) : 0};
    }
    if (p->n_months)
        page->chart.t = bars_svg(rq->arena, text_of(tr(rq->lang, N_("Answered in time, by time of sending"))), bars, p->n_months);
    page->reasons = (struct interaction_reason_row_rows){.query = &interaction_reason_row_query, .next = T("")};
    page->reasons.row = arena_array(rq->arena, p->n_reasons + 1, sizeof *page->reasons.row);
    for (size_t i = 0; i < p->n_reasons; i++) {
        const struct code_list *list = code_list("decline_reason");
        const struct code *c = list ? code_find(list, p->reasons[i].code) : NULL;
        if (p->reasons[i].n)
            page->reasons.row[page->reasons.n++] = (union interaction_reason_row_row){
                .reason = v_z(c ? c->label[rq->lang] : tr(rq->lang, N_("A reason that is not told here"))),
                .n = v_int(p->reasons[i].n)};
    }
}

/* ---- the order of the rows ---- */

struct ordered {
    const struct pair *pair;
    int64_t key, second;
    struct text name;
};

static int by_key(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    if (x->second != y->second)
        return x->second > y->second ? -1 : 1;
    int c = memcmp(x->name.s, y->name.s, x->name.n < y->name.n ? x->name.n : y->name.n);
    if (c)
        return c;
    if (x->pair->from != y->pair->from)
        return x->pair->from < y->pair->from ? -1 : 1;
    return x->pair->to < y->pair->to ? -1 : x->pair->to > y->pair->to;
}

static const struct {
    const char *name, *words;
    int measure; /* -1: days to acceptance; -2: by name */
} orders[] = {{"silent", N_("Most without an answer in time"), M_SILENT},
              {"declined", N_("Most declined"), M_DECLINED},
              {"late", N_("Most behind the date due now"), M_LATE},
              {"accept", N_("Slowest to accept"), -1},
              {"sent", N_("Most sent"), M_SENT},
              {"name", N_("By name"), -2}};
enum { ORDERS = sizeof orders / sizeof *orders };

/* What is hidden stands last, in no order of its own. */
static int64_t shown(const struct tally *t, enum measure m)
{
    return t->off[m] ? -1 : t->n[m];
}

static struct ordered *in_order(struct request *rq, const struct wish *w, const struct picture *p, int order)
{
    struct ordered *o = arena_array(rq->arena, p->n_pairs + 1, sizeof *o);
    for (size_t i = 0; i < p->n_pairs; i++) {
        const struct tally *t = &p->pairs[i].t;
        const struct spread *s = &t->days[TO_ACCEPT];
        const struct party *a = party_find(&p->all, p->pairs[i].from), *b = party_find(&p->all, p->pairs[i].to);
        bool told = w->exact || s->all >= w->small;
        int m = orders[order].measure;
        o[i] = (struct ordered){.pair = &p->pairs[i],
                                .key = m == -2 ? 0 : m == -1 ? (told ? quantile(s, 1, 2) : -1) : shown(t, (enum measure)m),
                                .second = m == -2 ? 0 : shown(t, M_SENT),
                                .name = arena_printf(rq->arena, "%.*s\x01%.*s", TEXT_ARG(a ? a->name : T("")), TEXT_ARG(b ? b->name : T("")))};
    }
    qsort(o, p->n_pairs, sizeof *o, by_key);
    return o;
}

static void fill_rows(struct request *rq, const struct wish *w, const struct picture *p, struct interaction_page_page *page)
{
    int order = 0;
    int64_t after = v_as_int(rq_filter_int(rq, "after"));
    bool all = rq_param(rq, "format").n != 0;
    for (int i = 0; i < ORDERS; i++)
        if (text_is(rq_param(rq, "order"), orders[i].name))
            order = i;
    page->orders = (struct interaction_choice_rows){.query = &interaction_choice_query, .next = T("")};
    page->orders.row = arena_array(rq->arena, ORDERS, sizeof *page->orders.row);
    for (int i = 0; i < ORDERS; i++)
        page->orders.row[page->orders.n++] = (union interaction_choice_row){
            .code = v_z(orders[i].name), .label = v_z(tr(rq->lang, orders[i].words)), .chosen = v_int(i == order)};
    const struct ordered *o = in_order(rq, w, p, order);
    size_t from = after > 0 && (size_t)after < p->n_pairs && !all ? (size_t)after : 0;
    size_t n = all || p->n_pairs - from < ROWS ? p->n_pairs - from : ROWS;
    page->items = (struct interaction_row_rows){.query = &interaction_row_query, .next = T("")};
    page->items.row = arena_array(rq->arena, n + 1, sizeof *page->items.row);
    for (size_t i = 0; i < n; i++)
        fill_row(rq, w, p, o[from + i].pair, &page->items.row[page->items.n++]);
    if (from + n < p->n_pairs)
        page->items.next = arena_printf(rq->arena, "%zu", from + n);
    /* in words: who answers late or declines often; only of what is shown */
    o = in_order(rq, w, p, 0);
    page->words = (struct interaction_word_rows){.query = &interaction_word_query, .next = T("")};
    page->words.row = arena_array(rq->arena, WORDS + 1, sizeof *page->words.row);
    for (size_t i = 0; i < p->n_pairs && page->words.n < WORDS; i++) {
        const struct tally *t = &o[i].pair->t;
        int64_t silent = shown(t, M_SILENT), declined = shown(t, M_DECLINED), late = shown(t, M_LATE), sent = shown(t, M_SENT);
        bool often = silent > 0 || (declined > 0 && declined * 5 >= sent) || late > 0;
        if (!often || sent < 1)
            continue;
        page->words.row[page->words.n++] =
            (union interaction_word_row){.from_id = v_int(o[i].pair->from),
                                         .to_id = v_int(o[i].pair->to),
                                         .from_own = v_int(!w->region && o[i].pair->from == p->all.own),
                                         .to_own = v_int(!w->region && o[i].pair->to == p->all.own),
                                         .from_name = v_text(party_words(rq, &p->all, o[i].pair->from)),
                                         .to_name = v_text(party_words(rq, &p->all, o[i].pair->to)),
                                         .sent = v_int(sent),
                                         .silent = v_int(silent < 0 ? 0 : silent),
                                         .declined = v_int(declined < 0 ? 0 : declined),
                                         .late = v_int(late < 0 ? 0 : late)};
    }
}

/* ---- what can be chosen ---- */

static void choose(struct request *rq, struct interaction_choice_rows *out, size_t most)
{
    *out = (struct interaction_choice_rows){.query = &interaction_choice_query, .next = T("")};
    out->row = arena_array(rq->arena, most + 1, sizeof *out->row);
}

static void choice(struct interaction_choice_rows *out, struct text code, struct text label, bool chosen)
{
    out->row[out->n++] =
        (union interaction_choice_row){.code = v_text(code), .label = v_text(label), .chosen = v_int(chosen)};
}

static bool stands_in(const struct picture *p, int64_t body)
{
    for (size_t i = 0; i < p->n_pairs; i++)
        if (p->pairs[i].from == body || p->pairs[i].to == body)
            return true;
    return false;
}

static void fill_choices(struct request *rq, const struct wish *w, const struct picture *p, struct interaction_page_page *page)
{
    const struct parties *all = &p->all;
    choose(rq, &page->senders, all->n);
    choose(rq, &page->receivers, all->n);
    for (size_t i = 0; i < all->n; i++) {
        const struct party *b = &all->of[i];
        /* of a large region: those of the chosen district, and those that work for all of it */
        bool many = w->region && all->n > BODIES_MANY && b->district && b->district != w->district;
        if (many && b->id != w->from && b->id != w->to)
            continue;
        if (b->now != b->id || (!w->region && !stands_in(p, b->id) && b->id != w->from && b->id != w->to))
            continue;
        struct text id = arena_printf(rq->arena, "%lld", (long long)b->id);
        choice(&page->senders, id, b->name, b->id == w->from);
        choice(&page->receivers, id, b->name, b->id == w->to);
    }
    choose(rq, &page->from_sectors, SECTORS);
    choose(rq, &page->to_sectors, SECTORS);
    for (int i = 0; i < SECTORS; i++) {
        choice(&page->from_sectors, text_of(sector_names[i]), text_of(tr(rq->lang, sector_words[i])), i == w->from_sector);
        choice(&page->to_sectors, text_of(sector_names[i]), text_of(tr(rq->lang, sector_words[i])), i == w->to_sector);
    }
    choose(rq, &page->need_choices, NEEDS_MOST);
    const struct code_list *list = code_list("need");
    for (size_t i = 0; w->exact && i < p->n_needs; i++) {
        const struct code *c = list ? code_find(list, p->needs[i].code) : NULL;
        if (c)
            choice(&page->need_choices, p->needs[i].code, text_of(c->label[rq->lang]), text_eq(p->needs[i].code, w->need));
    }
    if (w->need.n && !page->need_choices.n && list && code_find(list, w->need))
        choice(&page->need_choices, w->need, text_of(code_find(list, w->need)->label[rq->lang]), true);
    choose(rq, &page->since_choices, MONTHS_BACK);
    choose(rq, &page->until_choices, MONTHS_BACK);
    choose(rq, &page->periods, MONTHS_BACK);
    if (w->exact) {
        for (int i = 0; i < MONTHS_BACK; i++) {
            int month = year_month(date_add_months(rq->today, -i));
            choice(&page->since_choices, month_code(rq, month), month_words(rq, month), month == w->first);
            choice(&page->until_choices, month_code(rq, month), month_words(rq, month), month == w->last);
        }
        return;
    }
    for (int i = 0, half = half_year(rq->today); i < MONTHS_BACK / 6; i++, half = half % 10 == 2 ? half - 1 : half - 9) {
        char name[NAME_MAX_BYTES];
        half_year_name(half, name);
        choice(&page->periods, arena_text(rq->arena, text_of(name)), half_words(rq, half), year_month(half_year_first(half)) == w->first);
    }
}

static void fill_districts(struct request *rq, const struct wish *w, struct interaction_page_page *page)
{
    struct interaction_districts_rows rows = {0};
    q_interaction_districts(rq, &(struct interaction_districts_args){0}, &rows);
    choose(rq, &page->districts, rows.n);
    for (size_t i = 0; i < rows.n; i++)
        choice(&page->districts, arena_printf(rq->arena, "%lld", (long long)v_as_int(rows.row[i].id)), v_as_text(rows.row[i].name),
               v_as_int(rows.row[i].id) == w->district);
}

ROUTE_SLOW(GET, "/interaction", interaction_picture, interaction_page, SEE_INTERACTION)
static enum err interaction_picture(struct request *rq, struct interaction_page_page *page)
{
    struct wish w;
    struct picture p;
    if (!wish_read(rq, &w))
        rq_fail(rq, ERR_NOT_FOUND);
    if (rq->err)
        return rq_end(rq);
    page->behind = !interaction_catch_up(rq, WAIT);
    picture_make(rq, &w, &p);
    if (rq->err)
        return rq_end(rq);
    page->since = month_code(rq, w.first);
    page->until = month_code(rq, w.last);
    page->period_words = w.exact ? arena_printf(rq->arena, "%.*s — %.*s", TEXT_ARG(month_words(rq, w.first)), TEXT_ARG(month_inside(rq, w.last)))
                                 : half_words(rq, half_year(date_from((struct ymd){w.first / 100, w.first % 100, 1})));
    struct text view = rq_param(rq, "view");
    page->view = text_is(view, "needs") || text_is(view, "time") ? view : T("pairs");
    page->need = w.need;
    page->from = w.from ? arena_printf(rq->arena, "%lld", (long long)w.from) : T("");
    page->to = w.to ? arena_printf(rq->arena, "%lld", (long long)w.to) : T("");
    page->period = w.exact ? T("") : rq_param(rq, "period");
    page->region = w.region;
    page->exact = w.exact;
    page->whole = true; /* of halves of a region no days are read */
    page->small = w.small;
    page->sent = p.total.n[M_SENT];
    page->silent = p.total.n[M_SILENT];
    page->declined = p.total.n[M_DECLINED];
    page->waiting = p.total.n[M_WAITING];
    page->at_work = p.total.n[M_AT_WORK];
    page->to_complete = p.total.n[M_TO_COMPLETE];
    page->late = p.total.n[M_LATE];
    fill_rows(rq, &w, &p, page);
    fill_groups(rq, &w, &p, page);
    fill_choices(rq, &w, &p, page);
    fill_districts(rq, &w, page);
    return rq_end(rq);
}

/* ---- who stands behind a figure ---- */

static const struct {
    const char *name, *words;
    int flag, open;    /* enum outcome, enum open_state; 0: not asked */
    bool silent, late;
} figures[] = {{"sent", N_("Sent"), 0, 0, false, false},
               {"accepted", N_("Taken on"), WAS_ACCEPTED, 0, false, false},
               {"returned", N_("Returned for completion"), WAS_RETURNED, 0, false, false},
               {"declined", N_("Declined"), IS_DECLINED, 0, false, false},
               {"silent", N_("No answer in time"), 0, 0, true, false},
               {"withdrawn", N_("Withdrawn"), IS_WITHDRAWN, 0, false, false},
               {"taken", N_("Taken by another body"), IS_TAKEN, 0, false, false},
               {"done", N_("Carried out"), IS_DONE, 0, false, false},
               {"not_done", N_("Not done"), IS_NOT_DONE, 0, false, false},
               {"waiting", N_("Waits for the receiver's answer"), 0, OPEN_WAITING, false, false},
               {"at_work", N_("At work"), 0, OPEN_AT_WORK, false, false},
               {"to_complete", N_("Waits for the sender"), 0, OPEN_RETURNED, false, false},
               {"late", N_("Open behind the date due"), 0, 0, false, true}};
enum { FIGURES = sizeof figures / sizeof *figures };

static struct interaction_list_args list_args(struct request *rq, const struct wish *w, int figure)
{
    struct value today = v_date(rq->today), none = {0};
    return (struct interaction_list_args){.to = v_int(w->to),
                                          .from = v_int(w->from),
                                          .first = v_int(w->first),
                                          .last = v_int(w->last),
                                          .need = w->need.n ? v_text(w->need) : none,
                                          .flag = figures[figure].flag ? v_int(figures[figure].flag) : none,
                                          .silent_on = figures[figure].silent ? today : none,
                                          .open = figures[figure].open ? v_int(figures[figure].open) : none,
                                          .late_on = figures[figure].late ? today : none};
}

static enum err add_count(void *ctx, const struct value *cells)
{
    *(int64_t *)ctx += v_as_int(cells[0]);
    return OK;
}

/* How many referrals the figure counts, and how many of them this list does not show. Looking them through is no reading: nothing of it is
 * shown. -1: more than are looked through. */
static int64_t count_hidden(struct request *rq, const struct interaction_list_args *a, const struct interaction_list_rows *shown_rows,
                            int64_t *n)
{
    struct interaction_count_args c = {.to = a->to, .from = a->from, .first = a->first, .last = a->last, .need = a->need, .flag = a->flag,
                                       .silent_on = a->silent_on, .open = a->open, .late_on = a->late_on};
    *n = 0;
    each_interaction_count(rq, &c, add_count, n);
    if (!rq_param(rq, "after").n && !shown_rows->next.n)
        return *n - (int64_t)shown_rows->n;
    struct interaction_list_args all = *a;
    struct interaction_list_rows rows = {0};
    size_t seen = rq->n_seen;
    all.paging = (struct paging){.limit = ROWS_COUNTED};
    q_interaction_list(rq, &all, &rows);
    rq->n_seen = seen;
    return rows.next.n ? -1 : *n - (int64_t)rows.n;
}

ROUTE(GET, "/interaction/referrals", interaction_referrals, interaction_list_page, SEE_INTERACTION)
static enum err interaction_referrals(struct request *rq, struct interaction_list_page_page *page)
{
    struct wish w;
    struct picture p;
    int figure = 0;
    bool good = wish_read(rq, &w);
    struct text what = rq_param(rq, "what");
    while (figure < FIGURES && !text_is(what.n ? what : T("sent"), figures[figure].name))
        figure++;
    if (w.region)
        rq_refuse(rq, N_("Your role reads figures of the region: the referrals themselves are read by the two bodies"));
    if (!good || figure == FIGURES || !w.from || !w.to)
        rq_fail(rq, ERR_NOT_FOUND);
    if (rq->err)
        return rq_end(rq);
    interaction_catch_up(rq, WAIT);
    picture_make(rq, &w, &p); /* says whether this viewer may be told of the pair */
    if (rq->err)
        return rq_end(rq);
    struct interaction_list_args args = list_args(rq, &w, figure);
    args.paging = rq_paging(rq, &interaction_list_query);
    q_interaction_list(rq, &args, &page->items);
    int64_t hidden_rows = rq->err ? 0 : count_hidden(rq, &args, &page->items, &page->counted);
    page->hidden = hidden_rows >= w.small ? hidden_rows : 0;
    page->from_name = party_words(rq, &p.all, w.from);
    page->to_name = party_words(rq, &p.all, w.to);
    page->words = figures[figure].words;
    page->since = month_code(rq, w.first);
    page->until = month_code(rq, w.last);
    page->since_words = month_inside(rq, w.first);
    page->until_words = month_inside(rq, w.last);
    return rq_end(rq);
}
