/* Figures of categories that are stored sealed: of the whole region, rounded, one half-year against
 * another. Nobody stands behind them, and each making of them is an event. */
#include "base/date.h"
#include "guard/codes.h"
#include "reports_tpl.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports_rules.h"
#include "web/web.h"

static const char *const name = "sealed-categories";

/* Persons served in each half-year while they had the category. */
static void count(struct request *rq, struct value category, const int half[SIDES],
                  int64_t n[SIDES])
{
    struct sealed_served_rows rows;
    int64_t last[SIDES] = {0}, from = INT64_MAX, to = 0;
    for (int side = 0; side < SIDES; side++) {
        int64_t first = half_year_first(half[side]), end = half_year_last(half[side]);
        from = first < from ? first : from;
        to = end > to ? end : to;
        n[side] = 0;
    }
    q_sealed_served(rq,
                    &(struct sealed_served_args){
                        .category = category, .first = v_date(from), .last = v_date(to)},
                    &rows);
    for (size_t i = 0; i < rows.n; i++)
        for (int side = 0; side < SIDES; side++)
            if (v_as_int(rows.row[i].half) == half[side] &&
                last[side] != v_as_int(rows.row[i].person_id)) {
                last[side] = v_as_int(rows.row[i].person_id);
                n[side]++;
            }
}

/* Always the same for the same set of persons, so that repeating it tells nothing more. */
static struct value rounded(int64_t n, int64_t to)
{
    return v_int((n + to / 2) / to * to);
}

static void note_counting(struct request *rq)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_event(&ch, &(struct event){.kind = "sealed.counted"});
    change_commit(&ch);
}

ROUTE_SLOW(GET, "/reports/sealed-categories", report_page_sealed, report_sealed_page,
           SEALED_FIGURES)
static enum err report_page_sealed(struct request *rq, struct report_sealed_page_page *page)
{
    const struct pack_entry *e = pack_find("report", text_of(name));
    int half[SIDES];
    int64_t to;
    if (!e || text_int(pack_prop(e, "round"), 2, 1000, &to) ||
        !report_halves(rq_param(rq, "period"), rq_param(rq, "against"), rq->today, half)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    const struct code_list *list = code_list("category");
    struct text rest = pack_prop(e, "rows"), word;
    page->title = text_of(pack_label(e, rq->lang));
    page->step = to;
    page->year_now = half[NOW] / 10;
    page->h_now = half[NOW] % 10;
    page->year_before = half[BEFORE] / 10;
    page->h_before = half[BEFORE] % 10;
    report_half_choices(rq, half, &page->halves);
    page->items.query = &sealed_row_query;
    page->items.next = T("");
    page->items.row = arena_array(rq->arena, list ? list->n : 1, sizeof *page->items.row);
    while (list && text_split(&rest, ' ', &word) && page->items.n < list->n) {
        const struct code *code = code_find(list, word);
        int64_t n[SIDES];
        if (!code || !code->cover)
            continue;
        count(rq, v_z(code->code), half, n);
        page->items.row[page->items.n++] =
            (union sealed_row_row){.code = v_z(code->code),
                                   .category = v_z(code->label[rq->lang]),
                                   .now = rounded(n[NOW], to),
                                   .before = rounded(n[BEFORE], to)};
    }
    if (!rq->err)
        note_counting(rq);
    return rq_end(rq);
}
