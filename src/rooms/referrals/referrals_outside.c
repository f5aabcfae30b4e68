/* Referrals to bodies in which nobody has an account: a village council, an employer, a small NGO. The sender prints a letter; the
 * answer comes on paper, and the sender records it, or by a one-time page. Either way the receiver's rules (referrals_life.c) run
 * with the receiving body in `stead`: whose answer it is stands in the events, and in referral_answer how it came. */
#include "guard/account.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/packs/packs_due.h"
#include "rooms/referrals/referrals_rules.h"
#include "web/tr.h"
#include <stdio.h>
#include <stdlib.h>

enum { TRIES_MAX = 5 };
static const int64_t SESSION_TIME = 60 * 60 * 1000000ll; /* to write an answer after the code */

bool outside_body(struct request *rq, int64_t body)
{
    union body_signs_in_row row;
    return !rq->err && !q_body_signs_in(rq, &(struct body_signs_in_args){.body = v_int(body)}, &row);
}

struct text outside_name(struct request *rq, const struct bodies_signing_in_rows *known, int64_t body,
                         struct text name)
{
    for (size_t i = 0; i < known->n; i++)
        if (v_as_int(known->row[i].body_id) == body)
            return name;
    return arena_printf(rq->arena, "%.*s (%s)", TEXT_ARG(name),
                        tr(rq->lang, N_("without an account: by letter")));
}

/* ---- the sender's side ---- */

/* Why this referral is none of those that are answered from outside, or, when it is about to go out, may not; null: it may. */
static const char *letter_fault(struct request *rq, const struct referral_facts *r, bool goes_out)
{
    if (!referral_open(r->state))
        return N_("Only of an open referral is a letter printed");
    if (!outside_body(rq, r->to_body))
        return N_("The receiver has an account: it answers in the program");
    if (goes_out && access_barred(rq, r->to_body, r->person))
        return N_("The person is restricted and this body is not named: nothing goes out to it. "
                  "The body that set the restriction may name it");
    return NULL;
}

/* The open referral that the viewer's body has sent to a body without an account; otherwise the request fails. */
static struct referral_facts sent(struct request *rq, int64_t id, bool goes_out)
{
    struct referral_facts r = referral_facts(rq, id);
    if (rq->err)
        return r;
    if (!r.id || r.from_body != rq->viewer.body || access_hidden(rq, r.person) ||
        !(access_bits(rq, rq->viewer.body, r.person) & CLASS_BIT(CLASS_IDENTITY))) {
        rq_fail(rq, ERR_NOT_FOUND);
        return r;
    }
    const char *fault = letter_fault(rq, &r, goes_out);
    if (fault && !rq->err)
        rq_refuse(rq, fault);
    return r;
}

void outside_letter(struct request *rq, int64_t id, bool goes_out)
{
    (void)sent(rq, id, goes_out);
}

static void event_of(struct change *ch, const char *kind, const struct referral_facts *r,
                     int64_t other, int64_t page)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = r->person,
                                     .case_id = r->case_id,
                                     .other_body = other,
                                     .classes = code_classes("need", r->need),
                                     .table = &referral_outside_table,
                                     .object = page});
}

static void hash_of_address(struct text address, char out[65])
{
    hash_hex(false, address, T("outside"), out);
}

/* The code belongs to its address: the same digits are another hash elsewhere, and without the address it cannot be tried out. */
static void hash_of_code(struct text address, struct text code, char out[65])
{
    hash_hex(true, address, code, out);
}

static struct value v_hash(struct request *rq, const char *hash)
{
    return v_text(arena_text(rq->arena, text_of(hash)));
}

/* What the role of the one-time page does not read, or the rules of grants do not open to this body, is not told by it. */
static const char *page_fault(struct request *rq, const struct referral_facts *r)
{
    const struct role *role = role_find("outside");
    uint32_t tells = CLASS_BIT(CLASS_IDENTITY) | code_classes("need", r->need);
    if (!role || tells & ~(role->read & access_bits(rq, r->to_body, r->person)))
        return N_("What this referral tells does not go out by a one-time page: send the letter "
                  "without one");
    return NULL;
}

static void draw(struct outside_issued *out)
{
    char hex[17];
    random_hex(out->address, ADDRESS_LEN);
    out->address[ADDRESS_LEN] = '\0';
    random_hex(hex, 16);
    hex[16] = '\0';
    snprintf(out->code, sizeof out->code, "%0*llu", CODE_LEN, strtoull(hex, NULL, 16) % 1000000);
}

void outside_issue(struct request *rq, int64_t id, struct outside_issued *out)
{
    struct change ch;
    struct due due = {0};
    char address[65], code[65];
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = sent(rq, id, true);
    const char *fault = rq->err ? NULL : page_fault(rq, &r);
    if (fault && !rq->err)
        rq_refuse(rq, fault);
    if (!rq->err && !term_due(&(struct term){.rule = "referral.outside", .from = rq->now}, &due))
        rq_refuse(rq, N_("The packs have no term for one-time pages (referral.outside)"));
    draw(out);
    out->until = due.day;
    hash_of_address(text_of(out->address), address);
    hash_of_code(text_of(out->address), text_of(out->code), code);
    union referral_outside_record o = {
        .referral_id = v_int(id),
        .person_id = v_int(r.person),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .to_body_id = v_int(r.to_body),
        .state = v_z("live"),
        .address_hash = v_hash(rq, address),
        .code_hash = v_hash(rq, code),
        .tries = v_int(0),
        .until_on = v_date(due.day),
        .created_at = v_instant(rq->now),
    };
    if (!rq->err) {
        w_outside_end(&ch,
                      &(struct outside_end_args){.referral = v_int(id), .state = v_z("revoked")});
        int64_t page = change_write(&ch, &referral_outside_table, o.v);
        event_of(&ch, "outside.issued", &r, r.to_body, page);
    }
    if (change_commit(&ch))
        *out = (struct outside_issued){0};
}

void outside_revoke(struct request *rq, int64_t id)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = sent(rq, id, false);
    if (!rq->err) {
        w_outside_end(&ch,
                      &(struct outside_end_args){.referral = v_int(id), .state = v_z("revoked")});
        event_of(&ch, "outside.revoked", &r, r.to_body, 0);
    }
    change_commit(&ch);
}

/* ---- the one-time page ---- */

static struct value by_address(struct request *rq, struct text address)
{
    char hash[65];
    hash_of_address(address, hash);
    return v_hash(rq, hash);
}

static bool live(struct request *rq, const union outside_by_address_row *o)
{
    struct referral_facts r = referral_facts(rq, v_as_int(o->referral_id));
    return text_is(v_as_text(o->state), "live") && v_as_int(o->until_on) >= rq->today &&
           referral_open(r.state) && r.to_body == v_as_int(o->to_body_id) &&
           outside_body(rq, r.to_body) && !access_barred(rq, r.to_body, r.person);
}

/* From here on the request is the receiving body's, with the rights of the role `outside`. */
static void stand_in(struct request *rq, const union outside_by_address_row *o)
{
    int64_t body = v_as_int(o->to_body_id);
    rq->viewer = (struct viewer){.body = body,
                                 .login = "",
                                 .name = "",
                                 .body_name = arena_z(rq->arena, v_as_text(o->body_name)),
                                 .body_kind = arena_z(rq->arena, v_as_text(o->body_kind)),
                                 .role = role_find("outside")};
    rq->rules_due = true; /* whether they are is not read for it: each row is computed by the rules in force */
    outside_answers(rq, body, NULL);
}

static struct text delay_name(struct request *rq, struct text address)
{
    return arena_printf(rq->arena, "/outside/%.*s", TEXT_ARG(address));
}

int64_t outside_wait(struct request *rq, struct text address, struct text client)
{
    return sign_in_wait(rq, delay_name(rq, address), client);
}

/* The same steps, whether there is such a page or not. The try that locks it is told to the sender. */
static void refuse(struct change *ch, struct text address, struct text client,
                   const union outside_by_address_row *o)
{
    struct request *rq = ch->rq;
    bool locks = text_is(v_as_text(o->state), "live") && v_as_int(o->tries) + 1 >= TRIES_MAX;
    sign_in_slower(ch, delay_name(rq, address), client);
    w_outside_wrong(ch, &(struct outside_wrong_args){.hash = by_address(rq, address),
                                                     .most = v_int(TRIES_MAX)});
    if (locks) {
        struct referral_facts r = referral_facts(rq, v_as_int(o->referral_id));
        event_of(ch, "outside.locked", &r, v_as_int(o->body_id), v_as_int(o->id));
    } else {
        change_event(ch, &(struct event){.kind = "sign_in.failed"});
    }
}

static void let_in(struct change *ch, struct text address, struct text client,
                   const union outside_by_address_row *o, const char *secret)
{
    struct request *rq = ch->rq;
    char session[65];
    hash_hex(false, text_of(secret), T("outside session"), session);
    struct referral_facts r = referral_facts(rq, v_as_int(o->referral_id));
    stand_in(rq, o);
    w_outside_right(ch, &(struct outside_right_args){.id = o->id,
                                                     .session = v_hash(rq, session),
                                                     .until = v_instant(rq->now + SESSION_TIME)});
    sign_in_free(ch, delay_name(rq, address), client);
    event_of(ch, "outside.opened", &r, r.from_body, v_as_int(o->id));
}

bool outside_enter(struct request *rq, struct text address, struct text code, struct text client,
                   char *secret, int64_t *referral)
{
    struct change ch;
    union outside_by_address_row o = {0};
    struct outside_by_address_args args = {.hash = by_address(rq, address)};
    char given[65];
    hash_of_code(address, code, given);
    random_hex(secret, SECRET_LEN);
    secret[SECRET_LEN] = '\0';
    change_begin(rq, &ch, NO_SUBJECT);
    bool good = q_outside_by_address(rq, &args, &o);
    if (good) { /* two guesses at once count as two */
        change_lock(&ch, SUBJECT(&referral_outside_table, v_as_int(o.id)));
        good = q_outside_by_address(rq, &args, &o) && live(rq, &o) &&
               text_is(v_as_text(o.code_hash), given);
    }
    if (good)
        let_in(&ch, address, client, &o, secret);
    else
        refuse(&ch, address, client, &o);
    *referral = v_as_int(o.referral_id);
    if (change_commit(&ch) || !good)
        return false;
    if (text_is(referral_facts(rq, *referral).state, "sent"))
        referral_receive(rq, *referral, -1);
    if (rq->err == ERR_REFUSED) /* marked in another window */
        rq->err = OK;
    return !rq->err;
}

bool outside_session(struct request *rq, struct text address, struct text secret, int64_t *referral)
{
    union outside_by_address_row o = {0};
    char session[65];
    if (secret.n != SECRET_LEN)
        return false;
    hash_hex(false, secret, T("outside session"), session);
    if (!q_outside_by_address(rq, &(struct outside_by_address_args){.hash = by_address(rq, address)},
                              &o) ||
        !text_is(v_as_text(o.session_hash), session) || v_as_int(o.session_until) <= rq->now ||
        !live(rq, &o))
        return false;
    *referral = v_as_int(o.referral_id);
    stand_in(rq, &o);
    return true;
}

/* ---- answers ---- */

void outside_answers(struct request *rq, int64_t body, const struct value *cells)
{
    struct stead *stead = NEW(rq->arena, struct stead);
    *stead = (struct stead){body, cells};
    rq->stead = stead;
}

void outside_moved(struct change *ch, const struct referral_facts *r, struct text state)
{
    struct request *rq = ch->rq;
    if (!referral_open(state))
        w_outside_end(ch,
                      &(struct outside_end_args){.referral = v_int(r->id), .state = v_z("ended")});
    if (!rq->stead || !rq->stead->answer || r->to_body != rq->stead->body)
        return;
    union referral_answer_record x;
    memcpy(x.v, rq->stead->answer, sizeof x.v);
    bool paper = text_is(v_as_text(x.way), "paper");
    x.referral_id = v_int(r->id);
    x.person_id = v_int(r->person);
    x.from_body_id = v_int(r->from_body);
    x.to_body_id = v_int(r->to_body);
    x.account_id = rq->viewer.account ? v_int(rq->viewer.account) : v_null();
    x.classes = v_int(code_classes("need", r->need));
    x.created_at = v_instant(rq->now);
    int64_t id = change_insert(ch, &referral_answer_table, x.v);
    change_event(ch, &(struct event){.kind = paper ? "referral.on_paper" : "referral.by_page",
                                     .person = r->person,
                                     .case_id = r->case_id,
                                     .other_body = paper ? r->to_body : r->from_body,
                                     .classes = code_classes("need", r->need),
                                     .table = &referral_answer_table,
                                     .object = id,
                                     .day = v_as_int(x.day)});
}

static bool given(struct request *rq, struct input *in, const char *missing)
{
    if (v_is(in->value))
        return true;
    input_reject(rq, in, missing);
    return false;
}

static void check_paper(struct request *rq, const struct referral_facts *r, struct paper_answer_form *f)
{
    struct text answer = v_as_text(f->answer.value);
    if (v_as_int(f->day.value) > rq->today)
        input_reject(rq, &f->day, N_("The date of the paper lies in the future"));
    else if (v_as_int(f->day.value) < r->sent_on)
        input_reject(rq, &f->day, N_("The referral was sent later"));
    if (text_is(answer, "declined"))
        given(rq, &f->decline_reason, N_("Name the reason"));
    else if (text_is(answer, "finished"))
        given(rq, &f->result, N_("Name the result"));
    else if (text_is(answer, "returned"))
        given(rq, &f->note, N_("Write what is missing"));
}

/* What the paper says becomes the referral's state by the receiver's own rule. */
static void take_paper(struct request *rq, const struct referral_facts *r, int64_t version,
                       const struct paper_answer_form *f, const struct value *cells)
{
    struct text answer = v_as_text(f->answer.value);
    int64_t none;
    if (text_is(answer, "accepted")) {
        referral_accept(rq, r->id, version, &none);
    } else if (text_is(answer, "declined")) {
        struct decline_form d = {.decline_reason = f->decline_reason, .result_note = f->note};
        referral_decline(rq, r->id, version, &d);
    } else if (text_is(answer, "returned")) {
        struct return_form b = {.result_note = f->note};
        referral_return(rq, r->id, version, &b);
    } else {
        struct result_form e = {.finished_on = f->day, .result = f->result, .result_note = f->note};
        if (!referral_at_work(r->state)) { /* one letter that tells the result accepts as well */
            outside_answers(rq, r->to_body, NULL);
            referral_accept(rq, r->id, version, &none);
            version = -1;
        }
        outside_answers(rq, r->to_body, cells);
        if (!rq->err)
            referral_finish(rq, r->id, version, &e);
    }
}

void referral_on_paper(struct request *rq, int64_t id, int64_t version, struct paper_answer_form *f)
{
    struct referral_facts r = sent(rq, id, false);
    check_paper(rq, &r, f);
    if (rq->err || rq->mistakes)
        return;
    union referral_answer_record x = {
        .way = v_z("paper"),
        .answer = f->answer.value,
        .number = f->number.value,
        .day = f->day.value,
        .decline_reason = text_is(v_as_text(f->answer.value), "declined") ? f->decline_reason.value : v_null(),
        .result = text_is(v_as_text(f->answer.value), "finished") ? f->result.value : v_null(),
        .note = f->note.value,
    };
    outside_answers(rq, r.to_body, x.v);
    take_paper(rq, &r, version, f, x.v);
    rq->stead = NULL;
}
