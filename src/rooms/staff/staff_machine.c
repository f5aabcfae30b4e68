/* Accounts that are made or opened again by the operator at the machine: those of administrators only. All others are made on the
 * administrator's page. */
#include "guard/guard.h"
#include "guard/room.h"
#include "guard/second.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/staff/staff.h"

static bool administers(const struct role *role)
{
    return role && role->caps >> CAP_ADMIN & 1;
}

/* Codes of the kinds of bodies in which somebody of the role works, for a message. */
static const char *kinds_of(struct request *rq, const char *role)
{
    struct text all = T("");
    const char *kind;
    for (size_t i = 0; (kind = body_kind_at(i)); i++)
        if (role_fits(text_of(role), text_of(kind)))
            all = arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(all), all.n ? ", " : "", kind);
    return arena_z(rq->arena, all);
}

static const char *only_kind(const char *role)
{
    const char *kind, *found = NULL;
    for (size_t i = 0; (kind = body_kind_at(i)); i++)
        if (role_fits(text_of(role), text_of(kind))) {
            if (found)
                return NULL;
            found = kind;
        }
    return found;
}

/* The role asked for, or the only one by which accounts are administered. */
static enum err choose_role(struct request *rq, struct admin_new *a, struct fault *fault)
{
    struct text all = T("");
    const char *found = NULL;
    size_t n = 0;
    for (size_t i = 0; role_at(i); i++) {
        const char *code = role_at(i)->code;
        if (!administers(role_at(i)) || !*kinds_of(rq, code))
            continue;
        all = arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(all), n++ ? ", " : "", code);
        if (!a->role.n || text_is(a->role, code))
            found = code;
    }
    if (!n)
        return fault_set(fault, ERR_REFUSED, "no role of the packs administers accounts (caps = admin) and fits a kind of bodies: they are not those of a "
                                             "region; see `bereg upgrade --packs DIR`");
    if (!found)
        return fault_set(fault, ERR_REFUSED, "\"%.*s\" is no role that administers accounts; such are: %.*s. Accounts of all others are made on the "
                                             "administrator's page /accounts", TEXT_ARG(a->role), TEXT_ARG(all));
    if (!a->role.n && n > 1)
        return fault_set(fault, ERR_REFUSED, "several roles administer accounts; choose one by --role: %.*s", TEXT_ARG(all));
    a->role = text_of(found);
    return OK;
}

/* The body that is named and there; its number, 0 when it is to be made. */
static enum err named_body(struct request *rq, struct admin_new *a, int64_t *id, struct fault *fault)
{
    union body_facts_row body = {0};
    const char *role = arena_z(rq->arena, a->role), *only = only_kind(role);
    *id = body_of_name(rq, a->body);
    if (*id && body_of(rq, *id, &body)) {
        struct text kind = v_as_text(body.kind);
        if (!v_as_int(body.active))
            return fault_set(fault, ERR_REFUSED, "the body \"%.*s\" is closed", TEXT_ARG(a->body));
        if (!role_fits(a->role, kind) || (a->kind.n && !text_eq(a->kind, kind)))
            return fault_set(fault, ERR_REFUSED, "the body \"%.*s\" is there already and of the kind %.*s; an account of the role %s stands in one of: %s",
                             TEXT_ARG(a->body), TEXT_ARG(kind), role, kinds_of(rq, role));
        a->body = v_as_text(body.name);
        return OK;
    }
    if (!a->kind.n && only)
        a->kind = text_of(only);
    if (!a->kind.n)
        return fault_set(fault, ERR_REFUSED, "there is no body \"%.*s\" yet; say by --kind what it is: %s", TEXT_ARG(a->body), kinds_of(rq, role));
    for (size_t i = 0; body_kind_at(i); i++)
        if (text_is(a->kind, body_kind_at(i)) && role_fits(a->role, a->kind))
            return OK;
    return fault_set(fault, ERR_REFUSED, "\"%.*s\" is no kind of bodies in which somebody of the role %s works; such are: %s", TEXT_ARG(a->kind), role,
                     kinds_of(rq, role));
}

/* Without a name: the only body that can keep the register. */
static enum err choose_body(struct request *rq, struct admin_new *a, int64_t *id, struct fault *fault)
{
    struct body_all_options_rows all = {0};
    struct text names = T(""), first = T("");
    size_t n = 0;
    const char *role = arena_z(rq->arena, a->role);
    if (a->body.n)
        return named_body(rq, a, id, fault);
    q_body_all_options(rq, &(struct body_all_options_args){0}, &all);
    for (size_t i = 0; i < all.n; i++) {
        const union body_all_options_row *b = &all.row[i];
        if (!role_fits(a->role, v_as_text(b->kind)) || (a->kind.n && !text_eq(a->kind, v_as_text(b->kind))))
            continue;
        first = v_as_text(b->name);
        *id = v_as_int(b->id);
        names = arena_printf(rq->arena, "%.*s%s%.*s", TEXT_ARG(names), n++ ? "; " : "", TEXT_ARG(first));
    }
    if (!n)
        return fault_set(fault, ERR_REFUSED, "there is no body yet that keeps the register: name it by --body, its kind by --kind (%s)", kinds_of(rq, role));
    if (n > 1)
        return fault_set(fault, ERR_REFUSED, "several bodies may keep the register; choose one by --body: %.*s", TEXT_ARG(names));
    a->body = first;
    return OK;
}

/* Else the fault says how much fits into the column `name` of the table. */
static enum err check_name(const struct table *t, struct text words, const char *option, struct fault *fault)
{
    int max = t->fields[table_field(t, T("name"))].max;
    return text_valid(words) && text_chars(words) <= (size_t)max
               ? OK
               : fault_set(fault, ERR_REFUSED, "%s takes up to %d characters of UTF-8", option, max);
}

static enum err check_words(struct request *rq, const struct admin_new *a, struct fault *fault)
{
    if (!login_valid(a->login))
        return fault_set(fault, ERR_REFUSED, "a login has 3 to 60 small Latin letters, digits, dots, dashes; the first is a letter");
    if (!a->name.n)
        return fault_set(fault, ERR_REFUSED, "--name takes the full name of the owner");
    if (check_name(&account_table, a->name, "--name", fault) || check_name(&body_table, a->body, "--body", fault))
        return fault->err;
    if (account_id_of(rq, a->login))
        return fault_set(fault, ERR_CONFLICT, "there is an account with the login \"%.*s\"; --reset gives an administrator's a new first password",
                         TEXT_ARG(a->login));
    return OK;
}

static enum err failed(struct request *rq, struct fault *fault)
{
    return rq->err ? fault_set(fault, rq->err, "nothing was changed (%s)", err_name(rq->err)) : OK;
}

enum err admin_make(struct request *rq, struct admin_new *a, struct first_password *first, struct fault *fault)
{
    struct change ch;
    int64_t body = 0;
    bool new_body;

    a->name = text_trim(a->name);
    a->body = text_trim(a->body);
    if (check_words(rq, a, fault) || choose_role(rq, a, fault) || choose_body(rq, a, &body, fault))
        return fault->err;
    if (rq->err || !first_password_make(rq, first))
        return failed(rq, fault);
    new_body = !body;
    change_begin(rq, &ch, NO_SUBJECT);
    if (new_body) {
        body = body_add(&ch, &(struct body_new){.name = a->body, .kind = a->kind});
        law_work_begin(&ch); /* as of one that is made on the page */
    }
    account_add(&ch, &(struct account_new){.login = a->login,
                                           .name = a->name,
                                           .role = a->role,
                                           .body = body,
                                           .hash = first->hash,
                                           .password_until = first->until});
    if (change_commit(&ch))
        return failed(rq, fault);
    if (new_body)
        guard_bodies_changed(rq);
    return OK; /* it is made, whatever this process still could not read: the password is told */
}

enum err admin_reset(struct request *rq, struct text login, struct first_password *first, struct fault *fault)
{
    struct change ch;
    union account_facts_row now = {0};
    int64_t id = account_id_of(rq, login);

    if (!id || !q_account_facts(rq, &(struct account_facts_args){.id = v_int(id)}, &now))
        return rq->err ? failed(rq, fault)
                       : fault_set(fault, ERR_NOT_FOUND, "there is no account with the login \"%.*s\"; `bereg users` lists them", TEXT_ARG(login));
    if (!administers(role_find(arena_z(rq->arena, v_as_text(now.role)))))
        return fault_set(fault, ERR_REFUSED, "\"%.*s\" is no administrator: an administrator resets such an account on its page", TEXT_ARG(login));
    if (!v_as_int(now.active))
        return fault_set(fault, ERR_REFUSED, "the account \"%.*s\" has been ended, and stays so: make another administrator with a login of its own",
                         TEXT_ARG(login));
    if (!first_password_make(rq, first))
        return failed(rq, fault);
    change_begin(rq, &ch, SUBJECT(&account_table, id));
    w_account_password_set(&ch, &(struct account_password_set_args){.hash = v_z(first->hash), .until = v_instant(first->until), .id = v_int(id)});
    factors_drop(&ch, id);
    HOOK(rq, account_secured, &ch, id);
    change_event(&ch, &(struct event){.kind = "account.rescued", .other_body = v_as_int(now.body_id), .table = &account_table, .object = id});
    change_commit(&ch);
    return failed(rq, fault);
}
