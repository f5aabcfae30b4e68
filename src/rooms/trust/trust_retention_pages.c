/* Pages of retention: the rules, what is due, acts, lifting of holds. */
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_retention.h"
#include "trust_tpl.h"
#include "web/tr.h"
#include "web/web.h"

enum { COUNT_MAX = 1000, DUE_PAGE = 50, KINDS_MAX = 100, RULES_MAX = 300, YEAR = 12 };

static struct value code_of(const char *list, struct text code)
{
    const struct code_list *l = code_list(list);
    return (struct value){
        .kind = V_CODE, .list = l ? l->index : 0, .n = (uint32_t)code.n, .s = code.s};
}

static struct value some(int n)
{
    return n ? v_int(n) : v_null();
}

static void put_rule(struct due_kind_rows *out, const struct pack_entry *e,
                     const struct retained *k, struct term t, const char *of_class)
{
    if (out->n == RULES_MAX)
        return;
    out->row[out->n++] = (union due_kind_row){
        .kind = code_of("retention", e->key),
        .runs_from = code_of("retention_after", text_of(k->after)),
        .of_class = v_z(of_class),
        .years = some(t.months / YEAR),
        .months = some(t.months % YEAR),
        .days = some(t.days),
        .act = v_text_or_null(pack_prop(e, "act")),
        .verified = v_int(text_is(pack_prop(e, "verified"), "yes")),
    };
}

/* Every kind with a rule, in the order of the packs; `all`: also what goes without an act, and the
 * classes that are kept longer. */
static void fill_rules(struct request *rq, bool all, struct due_kind_rows *out)
{
    *out = (struct due_kind_rows){.row = arena_array(rq->arena, RULES_MAX, sizeof *out->row),
                                  .query = &due_kind_query,
                                  .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("retention", e));) {
        const struct retained *k = retained_find(e->key);
        struct term base, own;
        if (!all && !k->rows)
            continue; /* what a job drops by itself is in no act */
        retention_term(k, 0, &base);
        put_rule(out, e, k, base, NULL);
        for (int c = 1; all && c < CLASS_COUNT; c++) {
            retention_term(k, CLASS_BIT(c), &own);
            if (own.months != base.months || own.days != base.days)
                put_rule(out, e, k, own, tr(rq->lang, class_labels[c]));
        }
    }
}

ROUTE(GET, "/retention/rules", retention_rules, retention_rules_page, SIGNED_IN)
static enum err retention_rules(struct request *rq, struct retention_rules_page_page *page)
{
    fill_rules(rq, true, &page->rules);
    return rq_end(rq);
}

/* ---- what is due ---- */

static void count(struct request *rq, bool holds, union due_kind_row *row)
{
    const struct retained *k = retained_find(v_as_text(row->kind));
    struct retained_row *due = arena_array(rq->arena, COUNT_MAX, sizeof *due);
    int64_t after = 0, held = 0;
    size_t n = retention_due(rq, k, rq->viewer.body, rq->today, &after, COUNT_MAX, due);
    for (size_t i = 0; holds && i < n; i++)
        held += retention_held(rq, rq->viewer.body, &due[i]);
    row->due = v_int((int64_t)n);
    row->held = v_int(held);
    row->more = v_int(n == COUNT_MAX);
}

static enum err show_due(struct request *rq, struct retention_page_page *page)
{
    union act_open_row open;
    fill_rules(rq, false, &page->items);
    q_hold_list(rq, &(struct hold_list_args){0}, &page->holds);
    for (size_t i = 0; i < page->items.n && !rq->err; i++) {
        count(rq, page->holds.n, &page->items.row[i]);
        page->any |= v_as_int(page->items.row[i].due) > 0;
    }
    page->open = q_act_open(rq, &(struct act_open_args){0}, &open);
    if (page->open)
        page->act = v_as_int(open.id);
    return rq_end(rq);
}

ROUTE_SLOW(GET, "/retention", retention_show, retention_page, RETENTION)
static enum err retention_show(struct request *rq, struct retention_page_page *page)
{
    form_begin(&act_form, page->form.v);
    page->form.ground.raw = text_of(tr(rq->lang, N_("The terms of retention have ended")));
    return show_due(rq, page);
}

static void prepared(struct request *rq, int64_t id)
{
    rq_redirect(rq, "/retention/acts/%lld", (long long)id);
}

ROUTE_SLOW(POST, "/retention/acts", retention_prepare, retention_page, RETENTION)
static enum err retention_prepare(struct request *rq, struct retention_page_page *page)
{
    const struct retained *kinds[KINDS_MAX];
    struct text *names;
    size_t n = 0, given = rq_field_all(rq, "kind", &names);
    for (size_t i = 0; i < given && n < KINDS_MAX; i++) {
        struct term t;
        const struct retained *k = retained_find(names[i]);
        bool twice = false;
        for (size_t j = 0; j < n; j++)
            twice |= kinds[j] == k;
        if (k && k->rows && !twice && retention_term(k, 0, &t))
            kinds[n++] = k;
    }
    if (rq_read_form(rq, &act_form, page->form.v) && !rq->err) {
        act_prepare(rq, kinds, n, &page->form, prepared);
        rq_flash(rq, N_("The act has been prepared"));
    }
    return rq_show_again(rq) ? show_due(rq, page) : rq_end(rq);
}

ROUTE(GET, "/retention/due", retention_rows, retention_due_page, RETENTION)
static enum err retention_rows(struct request *rq, struct retention_due_page_page *page)
{
    struct retained_row due[DUE_PAGE];
    struct text kind = rq_param(rq, "kind");
    const struct retained *k = retained_find(kind.n ? kind : T("note"));
    int64_t after = v_as_int(rq_filter_int(rq, "after"));
    if (!k || !k->rows)
        return rq_fail(rq, ERR_NOT_FOUND);
    page->kind = code_of("retention", text_of(k->name));
    size_t n = retention_due(rq, k, rq->viewer.body, rq->today, &after, DUE_PAGE, due);
    page->next = n == DUE_PAGE ? after : 0;
    page->items =
        (struct due_person_rows){.row = arena_array(rq->arena, DUE_PAGE, sizeof *page->items.row),
                                 .query = &due_person_query,
                                 .next = T("")};
    for (size_t i = 0; i < n; i++) {
        struct due_person_rows one;
        union due_person_row *r = &page->items.row[page->items.n++];
        q_due_person(rq, &(struct due_person_args){.person = v_int(due[i].person)}, &one);
        *r = one.n ? one.row[0] : (union due_person_row){0};
        r->number = v_int(due[i].id);
        r->person_id = due[i].person ? v_int(due[i].person) : v_null();
        r->since = due[i].since;
        r->state = v_z(retention_held(rq, rq->viewer.body, &due[i]) ? "held"
                       : retained_referred(rq, k, due[i].id)        ? "referred"
                                                                    : "due");
    }
    return rq_end(rq);
}

/* ---- acts ---- */

/* What the auditor looks into: acts that nobody has confirmed yet, or what has been destroyed lately. */
void acts_of_all(struct request *rq, struct paging paging, bool done, struct act_control_rows *out)
{
    q_act_control(rq,
                  &(struct act_control_args){.paging = paging,
                                             .state = done ? (struct value){0} : v_z("prepared"),
                                             .done = done ? v_date(rq->today - terms_number("home", "control")) : (struct value){0}},
                  out);
}

ROUTE(GET, "/retention/control", acts_control, act_control_page, AUDIT)
static enum err acts_control(struct request *rq, struct act_control_page_page *page)
{
    bool done = !text_is(rq_param(rq, "show"), "prepared");
    page->show = done ? T("done") : T("prepared");
    page->since = v_date(rq->today - terms_number("home", "control"));
    acts_of_all(rq, rq_paging(rq, &act_control_query), done, &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/retention/acts", acts_list, act_list_page, RETENTION)
static enum err acts_list(struct request *rq, struct act_list_page_page *page)
{
    struct value state = text_is(rq_param(rq, "show"), "prepared") ? v_z("prepared") : (struct value){0};
    q_act_list(rq, &(struct act_list_args){.paging = rq_paging(rq, &act_list_query), .state = state}, &page->items);
    return rq_end(rq);
}

static enum err show_act(struct request *rq, struct act_card_page_page *page)
{
    struct value id = rq_id(rq, "act");
    q_act_card(rq, &(struct act_card_args){.id = id}, &page->act);
    q_act_kind_list(rq, &(struct act_kind_list_args){.act = id}, &page->kinds);
    page->waits = text_is(v_as_text(page->act.state), "prepared");
    page->own = v_as_int(page->act.account_id) == rq->viewer.account;
    return rq_end(rq);
}

ROUTE(GET, "/retention/acts/{act}", acts_show, act_card_page, RETENTION)
static enum err acts_show(struct request *rq, struct act_card_page_page *page)
{
    return show_act(rq, page);
}

ROUTE(GET, "/retention/acts/{act}/rows", acts_rows, act_rows_page, RETENTION)
static enum err acts_rows(struct request *rq, struct act_rows_page_page *page)
{
    struct value id = rq_id(rq, "act");
    q_act_card(rq, &(struct act_card_args){.id = id}, &page->act);
    q_act_row_list(
        rq, &(struct act_row_list_args){.act = id, .paging = rq_paging(rq, &act_row_list_query)},
        &page->items);
    return rq_end(rq);
}

/* Contents by the order of Roskomnadzor № 179; the list of rows is its extract from the log. */
ROUTE(GET, "/retention/acts/{act}/print", acts_print, act_print, RETENTION)
static enum err acts_print(struct request *rq, struct act_print_page *page)
{
    struct value id = rq_id(rq, "act");
    q_act_card(rq, &(struct act_card_args){.id = id}, &page->act);
    q_act_kind_list(rq, &(struct act_kind_list_args){.act = id}, &page->kinds);
    q_act_persons(rq, &(struct act_persons_args){.act = id}, &page->persons);
    return rq_end(rq);
}

ROUTE(POST, "/retention/acts/{act}/confirm", acts_confirm, act_card_page, DESTROY)
static enum err acts_confirm(struct request *rq, struct act_card_page_page *page)
{
    if (show_act(rq, page))
        return rq->err;
    rq_redirect(rq, "/retention/acts/%lld", (long long)rq_id_int(rq, "act"));
    act_confirm(rq, rq_id_int(rq, "act"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The act is confirmed; the data are being destroyed"));
    return rq_show_again(rq) ? show_act(rq, page) : rq_end(rq);
}

ROUTE(POST, "/retention/acts/{act}/cancel", acts_cancel, act_card_page, RETENTION)
static enum err acts_cancel(struct request *rq, struct act_card_page_page *page)
{
    if (show_act(rq, page))
        return rq->err;
    rq_redirect(rq, "/retention/acts/%lld", (long long)rq_id_int(rq, "act"));
    act_cancel(rq, rq_id_int(rq, "act"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The act is cancelled; nothing has been destroyed"));
    return rq_show_again(rq) ? show_act(rq, page) : rq_end(rq);
}

/* ---- holds ---- */

ROUTE_SLOW(POST, "/holds/{hold}/lift", holds_lift, retention_page, LEAD_CASE)
static enum err holds_lift(struct request *rq, struct retention_page_page *page)
{
    union hold_facts_row hold = {0};
    (void)page; /* what is refused is told without it */
    q_hold_facts(rq, &(struct hold_facts_args){.id = rq_id(rq, "hold")}, &hold);
    rq_redirect(rq, "/cases/%lld", (long long)v_as_int(hold.case_number));
    hold_lift(rq, rq_id_int(rq, "hold"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The hold is lifted"));
    return rq_end(rq);
}
