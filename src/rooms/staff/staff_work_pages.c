/* Pages of the head: workers, their absences and caseloads; and everybody's own absences. */
#include "base/buf.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/staff/staff_rules.h"
#include "staff_tpl.h"
#include "web/web.h"

ROUTE(GET, "/bodies/{led}/staff", staff_workers, worker_list_page, SIGNED_IN)
static enum err staff_workers(struct request *rq, struct worker_list_page_page *page)
{
    struct value body = rq_id(rq, "led");
    if (!body_led_by(rq, v_as_int(body)))
        return rq_fail(rq, ERR_FORBIDDEN);
    q_body_card(rq, &(struct body_card_args){.id = body}, &page->body);
    q_worker_list(
        rq, &(struct worker_list_args){.paging = rq_paging(rq, &worker_list_query), .body = body},
        &page->items);
    for (size_t i = 0; i < page->items.n; i++) {
        union worker_list_row *w = &page->items.row[i];
        struct moved m = caseload_of(rq, v_as_int(w->id));
        w->cases = v_int(m.cases);
        w->programmes = v_int(m.programmes);
        w->referrals = v_int(m.received + m.sent);
    }
    page->own = rq_may(rq, CAP_LEAD_BODY) && v_as_int(body) == rq->viewer.body;
    return rq_end(rq);
}

/* ---- absences ---- */

static enum err show_absences(struct request *rq, struct absence_list_page_page *page, int64_t body)
{
    struct absence_list_args args = {.paging = rq_paging(rq, &absence_list_query),
                                     .body = v_int(body)};
    if (text_is(rq_param(rq, "show"), "now"))
        args.running = v_int(1);
    else if (text_is(rq_param(rq, "show"), "uncovered"))
        args.uncovered = v_date(terms_week(rq->today));
    if (!page->heads)
        args.account = v_int(rq->viewer.account);
    q_body_card(rq, &(struct body_card_args){.id = v_int(body)}, &page->body);
    q_absence_list(rq, &args, &page->items);
    q_worker_options(rq, &(struct worker_options_args){.body = v_int(body)}, &page->workers);
    page->action = page->heads ? url_of(rq, "/bodies/%lld/absences", (long long)body)
                               : url_of(rq, "/absences");
    return rq_end(rq);
}

ROUTE(GET, "/absences", staff_absences, absence_list_page, SIGNED_IN)
static enum err staff_absences(struct request *rq, struct absence_list_page_page *page)
{
    form_begin(&absence_form, page->form.v);
    return show_absences(rq, page, rq->viewer.body);
}

ROUTE(GET, "/bodies/{led}/absences", staff_body_absences, absence_list_page, SIGNED_IN)
static enum err staff_body_absences(struct request *rq, struct absence_list_page_page *page)
{
    int64_t body = rq_id_int(rq, "led");
    if (!body_led_by(rq, body))
        return rq_fail(rq, ERR_FORBIDDEN);
    form_begin(&absence_form, page->form.v);
    page->heads = true;
    return show_absences(rq, page, body);
}

ROUTE(POST, "/absences", staff_absent, absence_list_page, SIGNED_IN)
static enum err staff_absent(struct request *rq, struct absence_list_page_page *page)
{
    bool good = rq_read_form(rq, &absence_form, page->form.v);
    page->form.account_id.value = v_int(rq->viewer.account); /* one's own, whatever was sent */
    if (good) {
        rq_redirect(rq, "/absences");
        absence_record(rq, &page->form);
        rq_flash(rq, N_("The absence has been entered"));
    }
    return rq_show_again(rq) ? show_absences(rq, page, rq->viewer.body) : rq_end(rq);
}

ROUTE(POST, "/bodies/{led}/absences", staff_body_absent, absence_list_page, SIGNED_IN)
static enum err staff_body_absent(struct request *rq, struct absence_list_page_page *page)
{
    int64_t body = rq_id_int(rq, "led");
    if (!body_led_by(rq, body))
        return rq_fail(rq, ERR_FORBIDDEN);
    page->heads = true;
    if (rq_read_form(rq, &absence_form, page->form.v)) {
        rq_redirect(rq, "/bodies/%lld/absences", (long long)body);
        absence_record(rq, &page->form);
        rq_flash(rq, N_("The absence has been entered"));
    }
    return rq_show_again(rq) ? show_absences(rq, page, body) : rq_end(rq);
}

ROUTE(POST, "/absences/{absence}/end", staff_back, absence_list_page, SIGNED_IN)
static enum err staff_back(struct request *rq, struct absence_list_page_page *page)
{
    form_begin(&absence_form, page->form.v);
    if (rq_may(rq, CAP_LEAD_BODY))
        rq_redirect(rq, "/bodies/%lld/absences", (long long)rq->viewer.body);
    else
        rq_redirect(rq, "/absences");
    absence_end(rq, rq_id_int(rq, "absence"), rq_field_int(rq, "version"));
    rq_flash(rq, N_("The changes have been saved"));
    return rq_show_again(rq) ? show_absences(rq, page, rq->viewer.body) : rq_end(rq);
}

/* ---- caseloads ---- */

/* What stood before the work was passed on, from the address: "7.12.3.5-8.1.0.2", account, cases, programmes, referrals. */
static void was_before(union takers_row *w, struct text was)
{
    struct text one, cell;
    while (text_split(&was, '-', &one)) {
        int64_t n[4] = {0};
        for (int i = 0; i < 4 && text_split(&one, '.', &cell); i++)
            if (text_int(cell, 0, 1000000000, &n[i]))
                n[i] = 0;
        if (n[0] != v_as_int(w->id))
            continue;
        w->was_cases = v_int(n[1]);
        w->was_programmes = v_int(n[2]);
        w->was_referrals = v_int(n[3]);
    }
}

static enum err show_caseload(struct request *rq, struct caseload_page_page *page)
{
    page->staff = url_of(rq, "/bodies/%lld/staff", (long long)rq->viewer.body);
    q_takers(rq, &(struct takers_args){.body = v_int(rq->viewer.body)}, &page->workers);
    for (size_t i = 0; i < page->workers.n; i++) {
        union takers_row *w = &page->workers.row[i];
        struct moved m = caseload_of(rq, v_as_int(w->id));
        w->cases = v_int(m.cases);
        w->programmes = v_int(m.programmes);
        w->referrals = v_int(m.received + m.sent);
        was_before(w, rq_param(rq, "was"));
    }
    return rq_end(rq);
}

ROUTE(GET, "/caseload", staff_caseload, caseload_page, LEAD_BODY)
static enum err staff_caseload(struct request *rq, struct caseload_page_page *page)
{
    return show_caseload(rq, page);
}

static void note(struct request *rq, struct buf *was, int64_t account)
{
    struct moved m = caseload_of(rq, account);
    buf_printf(was, "%s%lld.%lld.%lld.%lld", was->n ? "-" : "", (long long)account,
               (long long)m.cases, (long long)m.programmes, (long long)(m.received + m.sent));
}

ROUTE(POST, "/caseload", staff_pass, caseload_page, LEAD_BODY)
static enum err staff_pass(struct request *rq, struct caseload_page_page *page)
{
    struct text *raw;
    struct buf was = BUF(4000);
    int64_t from = rq_field_int(rq, "from");
    size_t n = rq_field_all(rq, "to", &raw);
    int64_t *to = arena_array(rq->arena, n + 1, sizeof *to);
    note(rq, &was, from);
    for (size_t i = 0; i < n; i++)
        if (text_int(raw[i], 1, INT64_MAX, &to[i]))
            to[i] = 0; /* nobody: the rule says so */
        else
            note(rq, &was, to[i]);
    rq_redirect(rq, "/caseload?was=%s", arena_z(rq->arena, buf_get(&was)));
    buf_free(&was);
    caseload_pass(rq, from, to, n);
    rq_flash(rq, N_("The work has been passed on: the table shows how much it is now and was before"));
    return rq_show_again(rq) ? show_caseload(rq, page) : rq_end(rq);
}
