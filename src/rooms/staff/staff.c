#include "rooms/staff/staff.h"
#include "formats/mail.h"
#include "guard/room.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/staff/staff_rules.h"

bool role_fits(struct text role, struct text body_kind)
{
    const struct pack_entry *e = pack_find("role", role);

    return e && !text_is(pack_prop(e, "retired"), "yes") &&
           (!pack_prop(e, "kinds").n || pack_prop_has(e, "kinds", body_kind));
}

bool login_valid(struct text login)
{
    if (login.n < 3 || login.n > 60 || login.s[0] < 'a' || login.s[0] > 'z')
        return false;
    for (size_t i = 0; i < login.n; i++) {
        char c = login.s[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_')
            return false;
    }
    return true;
}

int64_t account_id_of(struct request *rq, struct text login)
{
    union account_of_login_row a;

    return q_account_of_login(rq, &(struct account_of_login_args){.login = v_text(login)}, &a)
               ? v_as_int(a.id)
               : 0;
}

/* The hash goes past the history of changes: an old hash must not lie about. */
static void set_hash(struct change *ch, int64_t id, const char *hash, int64_t until)
{
    w_account_password_set(ch, &(struct account_password_set_args){.hash = v_z(hash),
                                                                   .until = until ? v_instant(until) : v_null(),
                                                                   .id = v_int(id)});
}

int64_t account_add(struct change *ch, const struct account_new *a)
{
    union account_record r = {.login = v_text(a->login),
                              .name = v_text(a->name),
                              .role = v_text(a->role),
                              .body_id = v_int(a->body),
                              .post = v_text_or_null(a->post),
                              .email = v_text_or_null(a->email),
                              .settlement = v_text_or_null(a->settlement),
                              .street = v_text_or_null(a->street),
                              .reminders = v_int(1),
                              .active = v_int(1),
                              .created_at = v_instant(ch->rq->now)};
    int64_t id = change_insert(ch, &account_table, r.v);

    if (id && a->hash)
        set_hash(ch, id, a->hash, a->password_until);
    change_event(ch, &(struct event){.kind = "account.created",
                                     .other_body = a->body,
                                     .table = &account_table,
                                     .object = id});
    return id;
}

/* What a form's fields say together. */
static void check(struct request *rq, struct account_form *form, int64_t self)
{
    union body_facts_row body;
    struct text login = v_as_text(form->login.value);

    if (v_is(form->login.value) && !login_valid(login))
        input_reject(
            rq, &form->login,
            N_("3 to 60 small Latin letters, digits, dots, dashes; the first is a letter"));
    if (v_is(form->email.value) && !mail_address_valid(v_as_text(form->email.value)))
        input_reject(rq, &form->email, N_("An address like ivanova@centre.example"));
    int64_t other = v_is(form->login.value) ? account_id_of(rq, login) : 0;
    if (other && other != self)
        input_reject(rq, &form->login, N_("Another account has this login"));
    if (!v_is(form->body_id.value) || !v_is(form->role.value))
        return;
    if (!body_of(rq, v_as_int(form->body_id.value), &body) || !v_as_int(body.active))
        input_reject(rq, &form->body_id, N_("There is no such body, or it is closed"));
    else if (!role_fits(v_as_text(form->role.value), v_as_text(body.kind)))
        input_reject(rq, &form->role, N_("A body of this kind has no such role"));
}

bool new_password(struct request *rq, struct password_form *form, struct text login,
                  char out[PASSWORD_HASH_LEN])
{
    struct text password = form->password.raw;
    struct value a;
    const char *wrong = password_wrong(rq->arena, password, login, &a);

    if (wrong) {
        form->password.error = wrong;
        form->password.error_a = a;
        rq_mistake_of(rq, "password", wrong, a);
        return false;
    }
    if (password_hash(password, out)) {
        rq_fail(rq, ERR_BUSY);
        return false;
    }
    return true;
}

/* Who makes accounts, and says who signs in as whom, decides who gets in: asked for as before the password of another is reset. */
static bool sure(struct request *rq)
{
    if (!rq->session)
        rq_fail(rq, ERR_FORBIDDEN);
    else if (!rq->confirmed)
        rq_mistake(rq, NULL, N_("Nothing was saved yet: confirm first that it is you, then send this form again"));
    return rq->session && rq->confirmed;
}

int64_t account_create(struct request *rq, struct account_form *form, struct first_password *first)
{
    struct change ch;
    struct account_new a = {.login = v_as_text(form->login.value),
                            .name = v_as_text(form->name.value),
                            .role = v_as_text(form->role.value),
                            .post = v_as_text(form->post.value),
                            .email = v_as_text(form->email.value),
                            .settlement = v_as_text(form->settlement.value),
                            .street = v_as_text(form->street.value),
                            .body = v_as_int(form->body_id.value),
                            .hash = first->hash};
    int64_t id = 0;

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    if (sure(rq))
        check(rq, form, 0);
    if (rq->err || rq->mistakes || !first_password_make(rq, first))
        return 0;
    a.password_until = first->until;
    change_begin(rq, &ch, NO_SUBJECT);
    id = account_add(&ch, &a);
    return change_commit(&ch) ? 0 : id;
}

/* Whoever is dismissed or gets another role or body starts anew: sessions end, with a dismissal the
 * API's too. */
static void end_sessions(struct change *ch, int64_t id, bool tokens)
{
    sessions_end_in(ch, id);
    if (tokens)
        w_tokens_end(ch, &(struct tokens_end_args){.account = v_int(id)});
}

/* Neither heads nor belongs any more. */
static void leave_posts(struct change *ch, int64_t id)
{
    w_heads_dropped(ch, &(struct heads_dropped_args){.account = v_int(id)});
    w_unit_heads_dropped(ch, &(struct unit_heads_dropped_args){.account = v_int(id)});
    w_account_out_of_unit(ch, &(struct account_out_of_unit_args){.id = v_int(id)});
}

static bool changes(struct value given, struct value now)
{
    return v_is(given) && !v_eq(given, now);
}

void account_change(struct request *rq, int64_t id, int64_t version, struct account_form *form,
                    struct taker_form *taker)
{
    struct change ch;
    union account_facts_row now = {0};

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    check(rq, form, id);
    change_begin(rq, &ch, SUBJECT(&account_table, id));
    if (!rq->err && !q_account_facts(rq, &(struct account_facts_args){.id = v_int(id)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    union account_record r = {.login = form->login.value,
                              .name = form->name.value,
                              .role = form->role.value,
                              .body_id = form->body_id.value,
                              .post = form->post.value,
                              .email = form->email.value,
                              .settlement = form->settlement.value,
                              .street = form->street.value,
                              .active = form->active.value};
    bool leaving = v_as_int(now.active) && v_is(r.active) && !v_as_int(r.active);
    bool elsewhere = v_is(r.body_id) && v_as_int(r.body_id) != v_as_int(now.body_id);
    bool moving = changes(r.role, now.role) || elsewhere;
    if (id == rq->viewer.account && (leaving || moving))
        rq_refuse(rq, N_("Your own role, body and access are changed by another administrator"));
    if (!rq->err && (moving || changes(r.login, now.login) || changes(r.active, now.active)))
        sure(rq);
    if (!rq->mistakes && !rq->err) {
        if (leaving || elsewhere) {
            HOOK(rq, account_leaving, &ch, id);
            caseload_leave(&ch, &now, &taker->substitute_id);
            leave_posts(&ch, id);
        }
        change_update(&ch, &account_table, id, version, r.v);
        if (leaving || moving) {
            end_sessions(&ch, id, leaving);
            HOOK(rq, account_secured, &ch, id);
        }
    }
    change_event(&ch, &(struct event){.kind = leaving ? "account.ended" : "account.changed",
                                      .other_body = v_as_int(now.body_id),
                                      .table = &account_table,
                                      .object = id});
    change_commit(&ch);
}

bool account_password(struct request *rq, int64_t id, struct first_password *first)
{
    struct change ch;
    union account_facts_row now = {0};

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!rq->err && !q_account_facts(rq, &(struct account_facts_args){.id = v_int(id)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && id == rq->viewer.account)
        rq_refuse(rq, N_("Your own password is changed at “Sign-in security”"));
    if (rq->err || !first_password_make(rq, first))
        return false;
    change_begin(rq, &ch, SUBJECT(&account_table, id));
    set_hash(&ch, id, first->hash, first->until);
    end_sessions(&ch, id, false);
    HOOK(rq, account_secured, &ch, id);
    change_event(&ch, &(struct event){.kind = "account.password",
                                      .other_body = v_as_int(now.body_id),
                                      .table = &account_table,
                                      .object = id});
    return change_commit(&ch) == OK;
}

/* By its owner, who is signed in and has given the old one: his other sessions end, this one gets another secret. */
void password_change(struct request *rq, struct password_form *password, char secret[SECRET_LEN + 1])
{
    char hash[PASSWORD_HASH_LEN];
    struct change ch;
    int64_t id = rq->viewer.account;

    if (rq->err || !new_password(rq, password, text_of(rq->viewer.login), hash) || rq->mistakes)
        return;
    change_begin_own(rq, &ch);
    set_hash(&ch, id, hash, 0);
    end_sessions(&ch, id, false);
    session_renew(&ch, secret);
    HOOK(rq, account_secured, &ch, id);
    change_event(&ch, &(struct event){.kind = "password.changed", .table = &account_table, .object = id});
    change_commit(&ch);
}

static int64_t sample_account(struct request *rq)
{
    struct account_list_rows rows = {0};

    q_account_list(rq, &(struct account_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_absence(struct request *rq)
{
    struct absence_list_rows rows = {0};

    q_absence_list(
        rq, &(struct absence_list_args){.paging.limit = 1, .body = v_int(rq->viewer.body)}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

/* Somebody whom the viewer may sign out. */
static int64_t sample_worker(struct request *rq)
{
    struct worker_list_rows rows = {0};

    if (rq_may(rq, CAP_ADMIN))
        return sample_account(rq);
    if (rq_may(rq, CAP_LEAD_BODY))
        q_worker_list(rq, &(struct worker_list_args){.paging.limit = 1, .body = v_int(rq->viewer.body)}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {
    {"worker", sample_worker},
    {"account", sample_account}, {"absence", sample_absence}, {0}};

const struct room staff_room = {
    .name = "staff", .tables = staff_tables, .forms = staff_forms, .samples = samples};
