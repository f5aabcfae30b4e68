#include "rooms/agencies/agencies.h"
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

ROUTE(GET, "/accounts", staff_list, account_list_page, ADMIN)
static enum err staff_list(struct request *rq, struct account_list_page_page *page)
{
    struct text typed = text_trim(rq_param(rq, "name"));
    struct account_list_args args = {.paging = rq_paging(rq, &account_list_query),
                                     .role = rq_filter(rq, "role"),
                                     .body = rq_filter_int(rq, "body_id"),
                                     .words = words_of(rq->arena, typed),
                                     .login_words = words_of(rq->arena, typed)};

    form_begin(&account_filter_form, page->filter.v);
    page->filter.name.raw = typed;
    page->filter.role.raw = rq_param(rq, "role");
    page->filter.body_id.raw = rq_param(rq, "body_id");
    page->filtered = typed.n || v_is(args.role) || v_is(args.body);
    body_options(rq, T(""), 0, 0, &page->bodies);
    q_account_list(rq, &args, &page->items);
    return rq_end(rq);
}

static void prepare(struct request *rq, struct account_edit_page *page, int64_t account)
{
    body_options(rq, T(""), 0, 0, &page->bodies);
    page->action =
        account ? url_of(rq, "/accounts/%lld", (long long)account) : url_of(rq, "/accounts");
    if (account)
        q_account_card(rq, &(struct account_card_args){.id = v_int(account)}, &page->account);
}

ROUTE(GET, "/accounts/new", staff_new, account_edit, ADMIN)
static enum err staff_new(struct request *rq, struct account_edit_page *page)
{
    form_begin(&account_form, page->form.v);
    form_begin(&password_form, page->secret.v);
    page->form.active.raw = T("1");
    page->form.body_id.raw = rq_param(rq, "body_id");
    prepare(rq, page, 0);
    return rq_end(rq);
}

ROUTE(POST, "/accounts", staff_create, account_edit, ADMIN)
static enum err staff_create(struct request *rq, struct account_edit_page *page)
{
    bool form = rq_read_form(rq, &account_form, page->form.v);
    bool password = rq_read_form(rq, &password_form, page->secret.v);

    if (form && password) {
        int64_t id;
        rq_redirect(rq, "/accounts");
        id = account_create(rq, &page->form, &page->secret);
        if (id) {
            rq_redirect(rq, "/accounts/%lld", (long long)id);
            rq_flash(rq, N_("The account has been created; hand the password over in person"));
        }
    }
    if (rq_show_again(rq))
        prepare(rq, page, 0);
    return rq_end(rq);
}

ROUTE(GET, "/accounts/{account}", staff_card, account_edit, ADMIN)
static enum err staff_card(struct request *rq, struct account_edit_page *page)
{
    prepare(rq, page, rq_id_int(rq, "account"));
    if (!rq->err) {
        const union account_card_row *a = &page->account;
        struct value row[] = {a->login, a->name, a->role, a->body_id, a->post, a->active};
        rq_fill_form(rq, &account_form, page->form.v, NULL, row);
        form_begin(&password_form, page->secret.v);
    }
    return rq_end(rq);
}

ROUTE(POST, "/accounts/{account}", staff_change, account_edit, ADMIN)
static enum err staff_change(struct request *rq, struct account_edit_page *page)
{
    int64_t id = rq_id_int(rq, "account");

    form_begin(&password_form, page->secret.v);
    if (rq_read_form(rq, &account_form, page->form.v)) {
        rq_redirect(rq, "/accounts/%lld", (long long)id);
        account_change(rq, id, rq_field_int(rq, "version"), &page->form);
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

    if (rq_read_form(rq, &password_form, page->secret.v)) {
        rq_redirect(rq, "/accounts/%lld", (long long)id);
        account_password(rq, id, &page->secret);
        rq_flash(rq, N_("The password has been set; hand it over in person"));
    }
    if (rq_show_again(rq)) {
        const union account_card_row *a = &page->account;
        prepare(rq, page, id);
        struct value row[] = {a->login, a->name, a->role, a->body_id, a->post, a->active};
        rq_fill_form(rq, &account_form, page->form.v, NULL, row);
    }
    return rq_end(rq);
}
