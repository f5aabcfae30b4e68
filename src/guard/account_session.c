/* Sessions: opened when all steps of a sign-in are done, renewed when they come to open more, ended by their owner, by who
 * administers, by time, and with the account. */
#include "guard/account.h"
#include "base/address.h"
#include "guard/guard.h"
#include "guard/log.h"
#include "guard/seal.h"
#include "guard/second.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"

static const int64_t SEEN_EVERY = 60 * 1000000ll;

static struct value secret_hash(struct request *rq, struct text secret)
{
    char *hash = arena_alloc(rq->arena, 65);
    hash_hex(false, secret, T("session"), hash);
    return v_text((struct text){hash, 64});
}

void sign_in_note(struct change *ch, const char *kind, int64_t account, const char *way, struct text address)
{
    enum { ORIGIN_LEN = 16 }; /* 64 bits tell the addresses of a region apart */
    char network[ADDRESS_SIZE];
    address_network(address, network);
    struct text origin = seal_digest(ch->rq, "sign_in_log.origin", text_of(network));
    origin.n = origin.n < ORIGIN_LEN ? origin.n : ORIGIN_LEN;
    union sign_in_log_record r = {.at = v_instant(ch->rq->now),
                                  .account_id = account ? v_int(account) : v_null(),
                                  .way = v_z(way),
                                  .good = v_int(strcmp(kind, "sign_in.done") == 0),
                                  .origin = v_text(origin)};
    change_insert(ch, &sign_in_log_table, r.v);
    change_event(ch, &(struct event){
                         .kind = kind, .table = account ? &account_table : NULL, .object = account});
}

/* False when nothing is left. */
static bool drop_some(struct request *rq, int64_t before)
{
    enum { LINES = 500 };
    struct sign_in_log_first_rows old = {0};
    struct change ch;
    q_sign_in_log_first(rq, &(struct sign_in_log_first_args){.before = v_instant(before), .rows = v_int(LINES)}, &old);
    if (!old.n)
        return false;
    change_begin(rq, &ch, NO_SUBJECT);
    log_let_go(&ch, &sign_in_log_table, before);
    for (size_t i = 0; i < old.n && !rq->err; i++) {
        enum err err = conn_delete(rq->conn, &sign_in_log_table, v_as_int(old.row[i].id));
        if (err)
            rq_fail(rq, err);
    }
    change_event(&ch, &(struct event){.kind = "retention.sign_ins", .table = &sign_in_log_table, .object = v_as_int(old.row[old.n - 1].id)});
    return change_commit(&ch) == OK && old.n == LINES;
}

void sign_in_log_drop(struct request *rq, int64_t before)
{
    log_drop(rq, before, drop_some);
}

/* Of known and unknown logins the same is written. */
static void note_failure(struct request *rq, struct text login, int64_t account, struct text address)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true;
    w_account_failed(&ch, &(struct account_failed_args){.login = v_text(login)});
    sign_in_note(&ch, "sign_in.failed", account, "password", address);
    change_commit(&ch);
    rq_fail(rq, ERR_FORBIDDEN);
}

bool sign_in_password(struct request *rq, struct text login, struct text password, struct text address, struct viewer *out)
{
    union account_by_login_row a = {0};
    /* the hash of no password: unknown accounts take the same time */
    static char nobody[PASSWORD_HASH_LEN];
    if (!nobody[0] && password_hash(T("nobody has this password"), nobody)) {
        rq_fail(rq, ERR_INTERNAL);
        return false;
    }
    bool known = q_account_by_login(rq, &(struct account_by_login_args){.login = v_text(login)}, &a) &&
                 v_as_int(a.active) && v_is(a.password) &&
                 (!v_is(a.password_until) || v_as_int(a.password_until) > rq->now);
    if (rq->err)
        return false;
    bool fits = password_fits(known ? arena_z(rq->arena, v_as_text(a.password)) : nobody, password);
    if (known && fits && viewer_of_login(rq, login, out)) {
        out->epoch = v_as_int(a.epoch); /* of the hash that was compared */
        return true;
    }
    note_failure(rq, login, v_as_int(a.id), address);
    return false;
}

bool password_is(struct request *rq, struct text password)
{
    union account_by_login_row a;
    if (!q_account_by_login(
            rq, &(struct account_by_login_args){.login = v_text(text_of(rq->viewer.login))}, &a) ||
        !v_is(a.password))
        return false;
    return password_fits(arena_z(rq->arena, v_as_text(a.password)), password);
}

/* The newest stay. */
static bool displace(struct change *ch, int64_t account)
{
    struct sessions_live_rows live = {0};
    size_t most = (size_t)sign_in_rules()->sessions;
    q_sessions_live(ch->rq,
                    &(struct sessions_live_args){.account = v_int(account),
                                                 .longest = v_instant(ch->rq->now - sign_in_rules()->longest)},
                    &live);
    for (size_t i = most; i < live.n; i++) {
        w_session_drop(ch, &(struct session_drop_args){.id = live.row[i].id, .account = v_int(account)});
        change_event(ch, &(struct event){.kind = "session.displaced", .table = &account_table, .object = account});
    }
    return live.n > most;
}

/* The password, the factors or the account were changed while the sign-in was on its way. */
static void note_late(struct change *ch, const struct viewer *viewer, const struct sign_in *by)
{
    if (by->tried.n)
        w_account_failed(ch, &(struct account_failed_args){.login = v_z(viewer->login)});
    sign_in_note(ch, "sign_in.failed", viewer->account, by->way, by->address);
}

bool session_open(struct request *rq, const struct viewer *viewer, const struct sign_in *by,
                  char secret[SECRET_LEN + 1], bool *displaced)
{
    char csrf[SECRET_LEN + 1];
    struct change ch;
    union account_last_row last = {0};
    random_hex(secret, SECRET_LEN);
    random_hex(csrf, SECRET_LEN);
    change_begin(rq, &ch, SUBJECT(&account_table, viewer->account)); /* of many sign-ins at once each counts the others */
    if (!rq->err && !viewer_stands(rq, viewer)) {
        note_late(&ch, viewer, by);
        change_commit(&ch);
        return false;
    }
    rq->viewer = *viewer;
    q_account_last(rq, &(struct account_last_args){.id = v_int(viewer->account)}, &last);
    union session_record s = {.secret_hash = secret_hash(rq, (struct text){secret, SECRET_LEN}),
                              .account_id = v_int(viewer->account),
                              .csrf = v_text((struct text){csrf, SECRET_LEN}),
                              .address = v_text(by->address),
                              .browser = v_text_or_null(by->browser),
                              .way = v_z(by->way),
                              .created_at = v_instant(rq->now),
                              .seen_at = v_instant(rq->now),
                              .confirmed_at = v_instant(rq->now),
                              .before_at = last.signed_in_at,
                              .before_from = last.signed_in_from,
                              .before_failures = last.failures,
                              .expires_at = v_instant(rq->now + sign_in_rules()->idle)};
    change_write(&ch, &session_table, s.v);
    w_account_signed_in(&ch, &(struct account_signed_in_args){.id = v_int(viewer->account),
                                                              .address = v_text(by->address)});
    if (by->tried.n)
        sign_in_good(&ch, by->tried, by->address);
    if (by->old.n)
        w_session_end(&ch, &(struct session_end_args){.hash = secret_hash(rq, by->old)});
    if (by->try_id)
        w_sign_in_try_drop(&ch, &(struct sign_in_try_drop_args){.id = v_int(by->try_id)});
    sign_in_note(&ch, "sign_in.done", viewer->account, by->way, by->address);
    *displaced = displace(&ch, viewer->account);
    return change_commit(&ch) == OK;
}

bool session_use(struct request *rq, struct text secret, char csrf[SECRET_LEN + 1])
{
    const struct sign_in_rules *rules = sign_in_rules();
    union session_by_hash_row s;
    if (secret.n != SECRET_LEN)
        return false;
    if (!q_session_by_hash(rq, &(struct session_by_hash_args){.hash = secret_hash(rq, secret)}, &s) ||
        v_as_int(s.expires_at) <= rq->now || v_as_int(s.created_at) + rules->longest <= rq->now ||
        !viewer_of_account(rq, s.account_id, &rq->viewer))
        return false;
    struct text c = v_as_text(s.csrf);
    memcpy(csrf, c.s, c.n < SECRET_LEN ? c.n : SECRET_LEN);
    csrf[SECRET_LEN] = '\0';
    rq->viewer.epoch = v_as_int(s.epoch); /* as it was with this session */
    rq->session = v_as_int(s.id);
    rq->confirmed = v_as_int(s.confirmed_at) + rules->confirm > rq->now;
    rq->must_enrol = rq->viewer.role->second_factor && !factors_of(rq, rq->viewer.account).any;
    if (v_as_int(s.seen_at) + SEEN_EVERY <= rq->now) {
        struct change ch;
        change_begin(rq, &ch, NO_SUBJECT);
        ch.aside = true;
        w_session_seen(
            &ch, &(struct session_seen_args){.id = s.id, .expires = v_instant(rq->now + rules->idle)});
        ch.events++; /* the session lives on: nothing happened */
        change_commit(&ch);
    }
    return !rq->err;
}

void session_renew(struct change *ch, char secret[SECRET_LEN + 1])
{
    struct request *rq = ch->rq;
    random_hex(secret, SECRET_LEN);
    w_session_renew(ch, &(struct session_renew_args){
                            .id = v_int(rq->session),
                            .hash = secret_hash(rq, (struct text){secret, SECRET_LEN})});
}

void session_confirm(struct request *rq, char secret[SECRET_LEN + 1])
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    session_renew(&ch, secret);
    ch.events++; /* the same person at the same place: nothing happened */
    change_commit(&ch);
}

void session_close(struct request *rq, struct text secret)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    w_session_end(&ch, &(struct session_end_args){.hash = secret_hash(rq, secret)});
    change_event(&ch, &(struct event){.kind = "sign_in.ended"});
    change_commit(&ch);
}

void session_end_one(struct request *rq, int64_t account, int64_t session)
{
    union session_of_row s;
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&account_table, account));
    if (!q_session_of(rq, &(struct session_of_args){.id = v_int(session), .account = v_int(account)}, &s))
        rq_fail(rq, ERR_NOT_FOUND);
    w_session_drop(&ch, &(struct session_drop_args){.id = v_int(session), .account = v_int(account)});
    change_event(&ch, &(struct event){.kind = "session.ended", .table = &account_table, .object = account});
    change_commit(&ch);
}

void sessions_end_in(struct change *ch, int64_t account)
{
    int64_t kept = account == ch->rq->viewer.account ? ch->rq->session : 0;
    w_account_epoch_next(ch, &(struct account_epoch_next_args){.id = v_int(account)});
    w_sessions_drop(ch, &(struct sessions_drop_args){.account = v_int(account), .kept = v_int(kept)});
    w_sign_in_tries_drop(ch, &(struct sign_in_tries_drop_args){.account = v_int(account), .kept = v_int(kept)});
}

void sessions_end_all(struct request *rq, int64_t account)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&account_table, account));
    sessions_end_in(&ch, account);
    change_event(&ch, &(struct event){.kind = "session.ended", .table = &account_table, .object = account});
    change_commit(&ch);
}
