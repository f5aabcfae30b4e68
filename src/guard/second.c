/* Second factors of accounts. Secrets are sealed; of recovery codes only a digest under a key outside the database is kept. */
#include "guard/second.h"
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"
#include <sodium.h>

static void tell(struct change *ch, const char *kind, int64_t account)
{
    change_event(ch, &(struct event){.kind = kind, .table = &account_table, .object = account});
}

struct factors factors_of(struct request *rq, int64_t account)
{
    union factors_get_row f = {0};
    q_factors_get(rq, &(struct factors_get_args){.account = v_int(account)}, &f);
    struct factors out = {.totp = v_as_int(f.totp) > 0,
                          .passkey = v_as_int(f.passkeys) > 0,
                          .codes = v_as_int(f.codes)};
    out.any = out.totp || out.passkey;
    return out;
}

/* ---- codes of a program ---- */

static struct totp_key key_of(struct value hex)
{
    struct text t = v_as_text(hex);
    struct totp_key key = {.n = 0};
    if (t.n && (sodium_hex2bin(key.bytes, sizeof key.bytes, t.s, t.n, NULL, &key.n, NULL) || (key.n != TOTP_SHA1 && key.n != TOTP_SHA256)))
        key.n = 0;
    return key;
}

struct totp_key totp_begin(struct request *rq)
{
    union totp_get_row row = {0};
    struct totp_key key = {.n = 0};
    const size_t n = sign_in_rules()->code_sha256 ? TOTP_SHA256 : TOTP_SHA1;
    if (q_totp_get(rq, &(struct totp_get_args){.account = v_int(rq->viewer.account)}, &row))
        key = key_of(row.pending);
    if (key.n == n)
        return key;
    char hex[2 * TOTP_SHA256 + 1];
    struct change ch;
    random_hex(hex, 2 * n);
    struct value fresh = v_text((struct text){hex, 2 * n}), sealed = seal_value(rq, "factor_totp.pending", fresh);
    change_begin_own(rq, &ch);
    ch.aside = true;
    w_totp_pending(&ch, &(struct totp_pending_args){.account = v_int(rq->viewer.account), .secret = sealed});
    ch.events++; /* nothing is set up yet */
    return change_commit(&ch) ? (struct totp_key){.n = 0} : key_of(fresh);
}

/* ---- recovery codes ---- */

/* Three letters by which its row is found, ten that are the secret: 31 letters, so some 50 bits, under a slow hash with salt. */
enum { SELECTOR_LEN = 3, CODE_LEN = 13 };

struct new_codes {
    size_t n;
    struct text *codes;              /* as people read them */
    struct value *selector, *hash;
};

static bool taken(const struct new_codes *set, struct text selector)
{
    for (size_t i = 0; i < set->n; i++)
        if (text_eq(v_as_text(set->selector[i]), selector))
            return true;
    return false;
}

/* Takes 40 ms for each code: before the change. */
static bool make_codes(struct request *rq, struct new_codes *set)
{
    size_t n = (size_t)sign_in_rules()->recovery;
    *set = (struct new_codes){.codes = arena_array(rq->arena, n, sizeof *set->codes),
                              .selector = arena_array(rq->arena, n, sizeof *set->selector),
                              .hash = arena_array(rq->arena, n, sizeof *set->hash)};
    while (set->n < n && !rq->err) {
        char *plain = arena_alloc(rq->arena, CODE_LEN), *hash = arena_alloc(rq->arena, PASSWORD_HASH_LEN);
        random_letters(plain, CODE_LEN);
        if (taken(set, (struct text){plain, SELECTOR_LEN}))
            continue;
        if (password_hash((struct text){plain + SELECTOR_LEN, CODE_LEN - SELECTOR_LEN}, hash))
            rq_fail(rq, ERR_BUSY);
        set->codes[set->n] = arena_printf(rq->arena, "%.3s-%.5s-%.5s", plain, plain + 3, plain + 8);
        set->selector[set->n] = v_text((struct text){plain, SELECTOR_LEN});
        set->hash[set->n++] = v_z(hash);
    }
    return !rq->err;
}

static void issue(struct change *ch, const struct new_codes *set)
{
    int64_t account = ch->rq->viewer.account;
    w_recovery_forget(ch, &(struct recovery_forget_args){.account = v_int(account)});
    for (size_t i = 0; i < set->n; i++) {
        union factor_recovery_record r = {
            .account_id = v_int(account), .selector = set->selector[i], .code_hash = set->hash[i]};
        change_write(ch, &factor_recovery_table, r.v);
    }
    tell(ch, "factor.codes", account);
}

void recovery_make(struct request *rq, struct text **codes, size_t *n)
{
    struct new_codes set;
    struct change ch;
    *n = 0;
    if (!make_codes(rq, &set))
        return;
    change_begin_own(rq, &ch);
    issue(&ch, &set);
    if (change_commit(&ch))
        return;
    *codes = set.codes;
    *n = set.n;
}

void factor_first(struct change *ch)
{
    int64_t account = ch->rq->viewer.account;
    if (!factors_of(ch->rq, account).any)
        sessions_end_in(ch, account);
}

/* The step whose code of the key that waits to be proven this is, or 0. */
static int64_t pending_step(struct request *rq, struct text code, union totp_get_row *row)
{
    if (!q_totp_get(rq, &(struct totp_get_args){.account = v_int(rq->viewer.account)}, row))
        return 0;
    struct totp_key key = key_of(row->pending);
    return totp_match(&key, code, rq->now, sign_in_rules()->code_steps, 0);
}

bool totp_prove(struct request *rq, struct text code, char secret[SECRET_LEN + 1], struct text **codes, size_t *n)
{
    union totp_get_row row = {0};
    struct new_codes set = {0};
    struct value account = v_int(rq->viewer.account);
    struct change ch;
    *n = 0;
    if (pending_step(rq, code, &row) && !factors_of(rq, rq->viewer.account).codes && !make_codes(rq, &set))
        return false;
    change_begin_own(rq, &ch);
    int64_t step = pending_step(rq, code, &row);
    if (!step) {
        rq_mistake(rq, "code", N_("This code does not fit. Look whether the clock of the telephone is right, and enter the code that stands there now"));
    } else {
        factor_first(&ch);
        w_totp_prove(&ch, &(struct totp_prove_args){
                              .account = account,
                              .secret = seal_value(rq, "factor_totp.secret", v_text(v_as_text(row.pending))),
                              .step = v_int(step)});
        session_renew(&ch, secret);
        if (set.n)
            issue(&ch, &set);
    }
    tell(&ch, "factor.totp_on", rq->viewer.account);
    if (change_commit(&ch) || !step)
        return false;
    *codes = set.codes;
    *n = set.n;
    return true;
}

void totp_off(struct request *rq)
{
    struct change ch;
    change_begin_own(rq, &ch);
    struct value account = v_int(rq->viewer.account);
    if (rq->viewer.role->second_factor && !factors_of(rq, rq->viewer.account).passkey)
        rq_refuse(rq, N_("Your role needs a second factor: add a passkey first"));
    w_totp_drop(&ch, &(struct totp_drop_args){.account = account});
    if (!factors_of(rq, rq->viewer.account).any)
        w_recovery_forget(&ch, &(struct recovery_forget_args){.account = account});
    tell(&ch, "factor.totp_off", rq->viewer.account);
    change_commit(&ch);
}

/* Small letters and digits only, however it was typed. */
static struct text code_plain(struct arena *arena, struct text typed)
{
    char *out = arena_alloc(arena, typed.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < typed.n; i++) {
        char c = typed.s[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    return (struct text){out, n};
}

const char *factor_code_use(struct request *rq, int64_t account, struct text code, struct text address)
{
    struct text plain = code_plain(rq->arena, code);
    union totp_get_row row = {0};
    union recovery_get_row left = {0};
    const char *way = NULL;
    struct change ch;
    struct recovery_get_args by = {.account = v_int(account), .selector = v_text((struct text){plain.s, SELECTOR_LEN})};
    /* slow: before the change, in which it is looked whether it still stands there */
    bool fits = plain.n == CODE_LEN && q_recovery_get(rq, &by, &left) &&
                password_fits(arena_z(rq->arena, v_as_text(left.code_hash)),
                              (struct text){plain.s + SELECTOR_LEN, CODE_LEN - SELECTOR_LEN});

    change_begin(rq, &ch, SUBJECT(&account_table, account)); /* one code is used once, also at once on two nodes */
    ch.aside = true;
    if (plain.n == 6 && q_totp_get(rq, &(struct totp_get_args){.account = v_int(account)}, &row)) {
        struct totp_key key = key_of(row.secret);
        int64_t step = totp_match(&key, plain, rq->now, sign_in_rules()->code_steps, v_as_int(row.step));
        if (step) {
            w_totp_used(&ch, &(struct totp_used_args){.account = v_int(account), .step = v_int(step)});
            way = "totp";
        }
    } else if (fits && q_recovery_get(rq, &by, &left)) {
        w_recovery_used(&ch, &(struct recovery_used_args){.id = left.id});
        tell(&ch, "factor.recovered", account);
        way = "recovery";
    }
    if (way)
        sign_in_second_good(&ch, account, address);
    ch.events++; /* the sign-in that follows tells it */
    return change_commit(&ch) == OK ? way : NULL;
}

void factor_failed(struct request *rq)
{
    struct change ch;
    change_begin_own(rq, &ch);
    ch.aside = true;
    tell(&ch, "factor.failed", rq->viewer.account);
    change_commit(&ch);
}

/* ---- by an administrator ---- */

void factors_drop(struct change *ch, int64_t account)
{
    struct value id = v_int(account);
    w_totp_drop(ch, &(struct totp_drop_args){.account = id});
    w_recovery_forget(ch, &(struct recovery_forget_args){.account = id});
    w_passkeys_drop(ch, &(struct passkeys_drop_args){.account = id});
    w_links_drop(ch, &(struct links_drop_args){.account = id});
    w_tokens_end(ch, &(struct tokens_end_args){.account = id}); /* whoever had the account in hand may have one */
    w_factor_reset_told(ch, &(struct factor_reset_told_args){.id = id});
    sessions_end_in(ch, account);
}

void factors_reset(struct request *rq, int64_t account)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&account_table, account));
    factors_drop(&ch, account);
    tell(&ch, "factor.reset", account);
    change_commit(&ch);
}

void factors_reset_read(struct request *rq)
{
    struct change ch;
    change_begin_own(rq, &ch);
    w_factor_reset_read(&ch, &(struct factor_reset_read_args){.id = v_int(rq->viewer.account)});
    ch.events++;
    change_commit(&ch);
}
