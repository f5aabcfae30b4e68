#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/staff/staff_rules.h"
#include "staff_tpl.h"
#include "web/web.h"

/* "%words%" for LIKE; what LIKE takes for more than itself is left out. */
static struct value words_of(struct arena *arena, struct text typed)
{
    char *words = arena_alloc(arena, typed.n + 3);
    size_t n = 0;

    if (!typed.n)
        return (struct value){.kind = V_NONE};
    words[n++] = '%';
    for (size_t i = 0; i < typed.n; i++)
        if (typed.s[i] != '%' && typed.s[i] != '_' && typed.s[i] != '\\')
            words[n++] = typed.s[i];
    words[n++] = '%';
    return v_text((struct text){words, n});
}

static struct account_list_args accounts_to_look_at(const struct request *rq, struct text which)
{
    struct account_list_args args = {0};
    if (text_is(which, "unused"))
        args.unused = terms_ago(rq->today, "unused");
    if (text_is(which, "uncovered"))
        args.uncovered = v_int(1);
    return args;
}

int64_t accounts_count(struct request *rq, const char *which)
{
    struct account_list_rows rows = {0};
    struct account_list_args args = accounts_to_look_at(rq, text_of(which));
    args.paging = COUNTED;
    q_account_list(rq, &args, &rows);
    return (int64_t)rows.n;
}

ROUTE(GET, "/accounts", staff_list, account_list_page, ADMIN)
static enum err staff_list(struct request *rq, struct account_list_page_page *page)
{
    struct text typed = text_trim(rq_param(rq, "name"));
    struct account_list_args args = accounts_to_look_at(rq, rq_param(rq, "show"));

    args.paging = rq_paging(rq, &account_list_query);
    args.role = rq_filter(rq, "role");
    args.body = rq_filter_int(rq, "body_id");
    args.words = words_of(rq->arena, typed);
    args.login_words = args.words;

    form_begin(&account_filter_form, page->filter.v);
    page->filter.name.raw = typed;
    page->filter.role.raw = rq_param(rq, "role");
    page->filter.body_id.raw = rq_param(rq, "body_id");
    page->filtered = typed.n || v_is(args.role) || v_is(args.body) || rq_param(rq, "show").n;
    body_options(rq, T(""), 0, 0, &page->bodies);
    q_account_list(rq, &args, &page->items);
    return rq_end(rq);
}

static void prepare(struct request *rq, struct account_edit_page *page, int64_t account)
{
    body_options(rq, T(""), 0, 0, &page->bodies);
    page->unsure = rq->session && !rq->confirmed;
    page->action =
        account ? url_of(rq, "/accounts/%lld", (long long)account) : url_of(rq, "/accounts");
    if (account) {
        q_account_card(rq, &(struct account_card_args){.id = v_int(account)}, &page->account);
        q_takers(rq, &(struct takers_args){.body = page->account.body_id}, &page->takers);
        struct moved m = caseload_of(rq, account);
        page->work = caseload_words(rq, &m);
    }
}

static enum err show_card(struct request *rq, struct account_edit_page *page, int64_t id)
{
    prepare(rq, page, id);
    if (!rq->err) {
        const union account_card_row *a = &page->account;
        struct value row[] = {a->login, a->name, a->role, a->body_id, a->post, a->email, a->active, a->settlement, a->street};
        rq_fill_form(rq, &account_form, page->form.v, NULL, row);
        form_begin(&taker_form, page->taker.v);
    }
    return rq_end(rq);
}

/* In this answer, and never again. */
static void show_first(struct account_edit_page *page, struct request *rq, const struct first_password *first)
{
    page->first_password = arena_text(rq->arena, text_of(first->words));
    page->first_until = v_instant(first->until);
}

ROUTE(GET, "/accounts/new", staff_new, account_edit, ADMIN)
static enum err staff_new(struct request *rq, struct account_edit_page *page)
{
    if (rq->session && !confirmed_for(rq, arena_printf(rq->arena, "/accounts/new?body_id=%.*s", TEXT_ARG(rq_param(rq, "body_id")))))
        return rq_end(rq);
    form_begin(&account_form, page->form.v);
    page->form.active.raw = T("1");
    page->form.body_id.raw = rq_param(rq, "body_id");
    prepare(rq, page, 0);
    return rq_end(rq);
}

ROUTE(POST, "/accounts", staff_create, account_edit, ADMIN)
static enum err staff_create(struct request *rq, struct account_edit_page *page)
{
    struct first_password first;
    int64_t id = rq_read_form(rq, &account_form, page->form.v) ? account_create(rq, &page->form, &first) : 0;
    if (id) {
        show_first(page, rq, &first);
        return show_card(rq, page, id);
    }
    if (rq_show_again(rq))
        prepare(rq, page, 0);
    return rq_end(rq);
}

ROUTE(GET, "/accounts/{account}", staff_card, account_edit, ADMIN)
static enum err staff_card(struct request *rq, struct account_edit_page *page)
{
    return show_card(rq, page, rq_id_int(rq, "account"));
}

ROUTE(POST, "/accounts/{account}", staff_change, account_edit, ADMIN)
static enum err staff_change(struct request *rq, struct account_edit_page *page)
{
    int64_t id = rq_id_int(rq, "account");

    bool form = rq_read_form(rq, &account_form, page->form.v),
         taker = rq_read_form(rq, &taker_form, page->taker.v);
    if (form && taker) {
        rq_redirect(rq, "/accounts/%lld", (long long)id);
        account_change(rq, id, rq_field_int(rq, "version"), &page->form, &page->taker);
        rq_flash(rq, N_("The changes have been saved"));
    }
    if (rq_show_again(rq))
        prepare(rq, page, id);
    return rq_end(rq);
}

ROUTE(POST, "/accounts/{account}/password", staff_password, account_edit, ADMIN)
static enum err staff_password(struct request *rq, struct account_edit_page *page)
{
    int64_t id = rq_id_int(rq, "account");
    struct first_password first;

    if (!confirmed_for(rq, arena_printf(rq->arena, "/accounts/%lld", (long long)id)))
        return rq_end(rq);
    if (account_password(rq, id, &first)) {
        show_first(page, rq, &first);
        return show_card(rq, page, id);
    }
    return rq_show_again(rq) ? show_card(rq, page, id) : rq_end(rq);
}
