#include "guard/account.h"
#include "guard/guard.h"
#include "guard/second.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"

static void fill_viewer(struct request *rq, struct value id, struct value login, struct value name,
                        struct value role, struct value body, struct value unit,
                        struct value body_name, struct value body_kind, struct value password_until,
                        struct value epoch, struct viewer *out)
{
    *out = (struct viewer){.account = v_as_int(id),
                           .body = v_as_int(body),
                           .unit = v_as_int(unit),
                           .login = arena_z(rq->arena, v_as_text(login)),
                           .name = arena_z(rq->arena, v_as_text(name)),
                           .body_name = arena_z(rq->arena, v_as_text(body_name)),
                           .body_kind = arena_z(rq->arena, v_as_text(body_kind)),
                           .epoch = v_as_int(epoch),
                           .must_change = v_is(password_until),
                           .role = role_find(arena_z(rq->arena, v_as_text(role)))};
}

/* Before the role is looked up: it may be another one in newer packs. */
static void rules_of(struct request *rq, struct value packs, struct value due)
{
    packs_check_is(rq, v_as_int(packs));
    rq->rules_due = v_as_int(due) > 0;
}

bool viewer_of_login(struct request *rq, struct text login, struct viewer *out)
{
    union account_by_login_row a;
    if (!q_account_by_login(rq, &(struct account_by_login_args){.login = v_text(login)}, &a) ||
        !v_as_int(a.active))
        return false;
    rules_of(rq, a.packs, a.due);
    fill_viewer(rq, a.id, a.login, a.name, a.role, a.body_id, a.unit_id, a.body_name, a.body_kind,
                a.password_until, a.epoch, out);
    return out->role != NULL;
}

bool viewer_of_account(struct request *rq, struct value id, struct viewer *out)
{
    union account_by_id_row a;
    if (!q_account_by_id(rq, &(struct account_by_id_args){.id = id}, &a) || !v_as_int(a.active))
        return false;
    rules_of(rq, a.packs, a.due);
    fill_viewer(rq, a.id, a.login, a.name, a.role, a.body_id, a.unit_id, a.body_name, a.body_kind,
                a.password_until, a.epoch, out);
    return out->role != NULL;
}

bool viewer_stands(struct request *rq, const struct viewer *viewer)
{
    union account_epoch_row now;
    return q_account_epoch(rq, &(struct account_epoch_args){.id = v_int(viewer->account)}, &now) &&
           v_as_int(now.epoch) == viewer->epoch;
}

void change_begin_own(struct request *rq, struct change *ch)
{
    change_begin(rq, ch, SUBJECT(&account_table, rq->viewer.account));
    if (!viewer_stands(rq, &rq->viewer))
        rq_fail(rq, ERR_FORBIDDEN);
}

static const int64_t USED_EVERY = 3600 * 1000000ll;

bool token_use(struct request *rq, struct text secret)
{
    char hash[65];
    union token_by_hash_row t;
    if (secret.n != SECRET_LEN)
        return false;
    hash_hex(false, secret, T("token"), hash);
    if (!q_token_by_hash(rq, &(struct token_by_hash_args){.hash = v_text((struct text){hash, 64})}, &t) ||
        !viewer_of_account(rq, t.account_id, &rq->viewer))
        return false;
    rq->must_enrol = rq->viewer.role->second_factor && !factors_of(rq, rq->viewer.account).any;
    if (!v_is(t.used_at) || v_as_int(t.used_at) + USED_EVERY <= rq->now) {
        struct change ch;
        change_begin(rq, &ch, NO_SUBJECT);
        ch.aside = true;
        w_token_used(&ch, &(struct token_used_args){.id = t.id});
        ch.events++; /* what is done with it has events of its own */
        change_commit(&ch);
    }
    return !rq->err;
}

void token_make(struct request *rq, int64_t account, const char *name, int64_t days, char secret[SECRET_LEN + 1])
{
    const int64_t day = 86400 * 1000000ll, most = sign_in_rules()->token;
    int64_t life = days && days < most / day ? days * day : most;
    char hash[65];
    random_hex(secret, SECRET_LEN);
    hash_hex(false, (struct text){secret, SECRET_LEN}, T("token"), hash);
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    union token_record t = {.secret_hash = v_text((struct text){hash, 64}),
                            .account_id = v_int(account),
                            .name = v_z(name),
                            .created_at = v_instant(rq->now),
                            .until_at = v_instant(rq->now + life)};
    int64_t id = change_write(&ch, &token_table, t.v);
    change_event(&ch, &(struct event){.kind = "token.made", .table = &token_table, .object = id});
    change_commit(&ch);
}

void token_end(struct request *rq, int64_t account, int64_t token)
{
    union token_of_row t;
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&account_table, account));
    if (!q_token_of(rq, &(struct token_of_args){.id = v_int(token), .account = v_int(account)}, &t))
        rq_fail(rq, ERR_NOT_FOUND);
    w_token_end(&ch, &(struct token_end_args){.id = v_int(token)});
    change_event(&ch, &(struct event){.kind = "token.ended", .table = &token_table, .object = token});
    change_commit(&ch);
}

void tokens_give_term(struct request *rq)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    w_tokens_term(&ch, &(struct tokens_term_args){.until = v_instant(rq->now + sign_in_rules()->token)});
    ch.events++; /* the rule of the packs, for whoever it concerns */
    change_commit(&ch);
}

static struct value body_hash(struct request *rq, struct text body)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(false, body, T("body"), hex);
    return v_text((struct text){hex, 64});
}

enum idem idem_look(struct request *rq, struct text route, struct text key, struct text body,
                    struct text *location)
{
    union idempotency_get_row row;
    *location = T("");
    if (!q_idempotency_get(rq,
                           &(struct idempotency_get_args){.account = v_int(rq->viewer.account),
                                                          .route = v_text(route),
                                                          .key = v_text(key)},
                           &row))
        return IDEM_NEW;
    *location = v_as_text(row.location);
    return v_eq(row.body_hash, body_hash(rq, body)) ? IDEM_SAME : IDEM_OTHER;
}

void idem_store(struct change *ch, struct text route, struct text key, struct text body,
                struct text location)
{
    struct request *rq = ch->rq;
    w_idempotency_put(ch, &(struct idempotency_put_args){.account = v_int(rq->viewer.account),
                                                         .route = v_text(route),
                                                         .key = v_text(key),
                                                         .body_hash = body_hash(rq, body),
                                                         .location = v_text(location)});
}
