/* Passkeys and accounts of providers: rows that their owners add and take away. */
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard/second.h"
#include "guard_gen.h"

enum { PASSKEYS_MAX = 10 };

static void tell(struct change *ch, const char *kind, int64_t account)
{
    change_event(ch, &(struct event){.kind = kind, .table = &account_table, .object = account});
}

struct text passkey_owner(struct request *rq, int64_t account)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(true, arena_printf(rq->arena, "%lld", (long long)account), T("passkey owner"), hex);
    return (struct text){hex, 32};
}

static struct value credential_hash(struct request *rq, struct text credential)
{
    char *hex = arena_alloc(rq->arena, 65);
    hash_hex(false, credential, T("passkey"), hex);
    return v_text((struct text){hex, 64});
}

bool passkey_known(struct request *rq, struct text credential, int64_t account, union passkey_find_row *out)
{
    return q_passkey_find(
               rq, &(struct passkey_find_args){.hash = credential_hash(rq, credential)}, out) &&
           (!account || v_as_int(out->account_id) == account);
}

void passkey_add(struct request *rq, const struct passkey_new *p, char secret[SECRET_LEN + 1])
{
    struct passkeys_of_rows rows = {0};
    union passkey_find_row other;
    struct change ch;
    change_begin_own(rq, &ch);
    q_passkeys_of(rq, &(struct passkeys_of_args){.account = v_int(rq->viewer.account)}, &rows);
    if (rows.n >= PASSKEYS_MAX)
        rq_refuse(rq, N_("There are ten passkeys already: remove one that is not used"));
    if (passkey_known(rq, p->credential, 0, &other))
        rq_refuse(rq, N_("This passkey is there already"));
    union passkey_record r = {.account_id = v_int(rq->viewer.account),
                              .credential = v_text(p->credential),
                              .credential_hash = credential_hash(rq, p->credential),
                              .public_key = v_text(p->public_key),
                              .algorithm = v_int(p->algorithm),
                              .site = v_text(p->site),
                              .uses = v_int(p->uses),
                              .name = v_text(p->name),
                              .made_at = v_instant(rq->now)};
    factor_first(&ch);
    if (!rq->err)
        change_write(&ch, &passkey_table, r.v);
    session_renew(&ch, secret);
    tell(&ch, "passkey.added", rq->viewer.account);
    change_commit(&ch);
}

void passkey_remove(struct request *rq, int64_t id)
{
    struct value account = v_int(rq->viewer.account);
    union passkey_of_row row;
    struct change ch;
    change_begin_own(rq, &ch);
    if (!q_passkey_of(rq, &(struct passkey_of_args){.id = v_int(id), .account = account}, &row))
        rq_fail(rq, ERR_NOT_FOUND);
    w_passkey_drop(&ch, &(struct passkey_drop_args){.id = v_int(id), .account = account});
    struct factors left = factors_of(rq, rq->viewer.account);
    if (rq->viewer.role->second_factor && !left.any)
        rq_refuse(rq, N_("Your role needs a second factor: set up another one first"));
    if (!left.any)
        w_recovery_forget(&ch, &(struct recovery_forget_args){.account = account});
    tell(&ch, "passkey.removed", rq->viewer.account);
    change_commit(&ch);
}

bool passkey_used(struct request *rq, const union passkey_find_row *p, int64_t uses)
{
    union passkey_of_row now;
    struct change ch;
    bool good = false;
    change_begin(rq, &ch, SUBJECT(&account_table, v_as_int(p->account_id)));
    ch.aside = true;
    if (q_passkey_of(rq, &(struct passkey_of_args){.id = p->id, .account = p->account_id}, &now)) {
        /* Authenticators that do not count say 0 always. */
        good = (uses == 0 && v_as_int(now.uses) == 0) || uses > v_as_int(now.uses);
        if (good)
            w_passkey_uses(&ch, &(struct passkey_uses_args){.id = p->id, .counted = v_int(uses)});
    }
    if (good)
        ch.events++; /* the sign-in tells it */
    else
        tell(&ch, "passkey.suspect", v_as_int(p->account_id));
    return change_commit(&ch) == OK && good;
}

/* ---- accounts of providers ---- */

static struct value subject_hash(struct request *rq, struct text provider, struct text subject)
{
    return v_text(seal_digest(rq, "sign_in_link.subject_hash",
                              arena_printf(rq->arena, "%.*s %.*s", TEXT_ARG(provider), TEXT_ARG(subject))));
}

static bool link_find(struct request *rq, struct text provider, struct text subject, union link_get_row *row)
{
    return q_link_get(rq, &(struct link_get_args){.provider = v_text(provider),
                                                  .subject = subject_hash(rq, provider, subject)},
                      row);
}

bool link_viewer(struct request *rq, struct text provider, struct text subject, struct viewer *out)
{
    union link_get_row row = {0};
    if (!link_find(rq, provider, subject, &row) || !viewer_of_account(rq, row.account_id, out))
        return false;
    out->epoch = v_as_int(row.epoch); /* as it was with this link */
    return true;
}

void link_used(struct request *rq, struct text provider, struct text subject)
{
    union link_get_row row = {0};
    struct change ch;
    if (!link_find(rq, provider, subject, &row))
        return;
    change_begin(rq, &ch, NO_SUBJECT);
    w_link_used(&ch, &(struct link_used_args){.id = row.id});
    ch.events++; /* the sign-in tells it */
    change_commit(&ch);
}

void link_add(struct request *rq, struct text provider, struct text subject)
{
    union link_get_row row = {0};
    union link_own_row own = {0};
    struct change ch;
    change_begin_own(rq, &ch);
    if (link_find(rq, provider, subject, &row))
        rq_refuse(rq, N_("This account of the provider is linked already"));
    if (q_link_own(rq, &(struct link_own_args){.account = v_int(rq->viewer.account), .provider = v_text(provider)}, &own))
        rq_refuse(rq, N_("An account of this provider is linked already: unlink it first"));
    union sign_in_link_record r = {.account_id = v_int(rq->viewer.account),
                                   .provider = v_text(provider),
                                   .subject_hash = subject_hash(rq, provider, subject),
                                   .made_at = v_instant(rq->now)};
    if (!rq->err)
        change_write(&ch, &sign_in_link_table, r.v);
    tell(&ch, "sign_in.linked", rq->viewer.account);
    change_commit(&ch);
}

void link_remove(struct request *rq, struct text provider)
{
    union link_own_row own = {0};
    struct change ch;
    change_begin_own(rq, &ch);
    if (!q_link_own(rq, &(struct link_own_args){.account = v_int(rq->viewer.account), .provider = v_text(provider)}, &own))
        rq_fail(rq, ERR_NOT_FOUND);
    w_link_drop(&ch, &(struct link_drop_args){.id = own.id});
    tell(&ch, "sign_in.unlinked", rq->viewer.account);
    change_commit(&ch);
}
