/* When a referral is due, whose turn it is until when, and what the parties agree about it. */
#include "base/date.h"
#include "base/log.h"
#include "guard/codes.h"
#include "rooms/packs/packs_due.h"
#include "rooms/referrals/referrals_rules.h"

enum { CHANGES_MAX = 64, SLICE = 2000, SLICE_TIME = 20000 /* us */ };

/* What a referral's dates follow from. */
struct span {
    struct text state, need;
    int64_t from_body, to_body;
    int64_t term_from; /* instant */
    int64_t term, fixed_on, due_on; /* due_on: what stands now */
    const char *rule, *answer_rule;
    /* agreed since */
    struct term_break breaks[CHANGES_MAX];
    size_t n_breaks;
    int64_t more;
};

struct dates {
    int64_t answer_by, due_on, owing, waiting, next_on, next_at; /* 0: none */
    struct referral_terms terms;
};

/* Another date takes the place of all that was agreed before it. */
static void agree(struct span *s, struct text kind, int64_t from, int64_t until, int64_t more,
                  int64_t date)
{
    if (text_is(kind, "another_date")) {
        s->fixed_on = date;
        s->n_breaks = 0;
        s->more = 0;
    } else if (text_is(kind, "extension")) {
        s->more += more;
    } else if (s->n_breaks < CHANGES_MAX) {
        s->breaks[s->n_breaks++] = (struct term_break){from, until};
    }
}

static int64_t working_days_in(const struct span *s)
{
    int64_t n = 0;
    for (size_t i = 0; i < s->n_breaks; i++)
        n += calendar_working_between(calendar_here(), s->breaks[i].from - 1, s->breaks[i].until);
    return n;
}

static void result_date(const struct span *s, struct dates *out)
{
    struct due *due = &out->terms.result;
    struct term t = {.rule = s->rule,
                     .unit = UNIT_WORKING_DAY,
                     .count = (int)(s->term < 1 && !s->rule ? 1 : s->term),
                     .from = s->term_from,
                     .breaks = s->breaks,
                     .n_breaks = s->n_breaks,
                     .more_unit = UNIT_WORKING_DAY,
                     .more = (int)s->more};
    if (s->fixed_on) { /* a named day; what was agreed since moves it by working days */
        t.rule = NULL;
        t.count = (int)(s->more + working_days_in(s));
        t.from = instant_of_day(s->fixed_on);
        t.n_breaks = 0;
        t.more = 0;
    }
    if (s->fixed_on && !t.count) {
        *due = (struct due){.day = s->fixed_on, .known = true};
    } else if (!term_due(&t, due)) {
        t.rule = NULL; /* the packs no longer have the rule: the number that was counted stands */
        if (t.count < 1 || !term_due(&t, due))
            *due = (struct due){.day = s->due_on, .known = true};
    }
    out->due_on = due->day;
    if (due->rule && due->rule->unit == UNIT_HOUR)
        out->next_at = due->at;
}

/* By the rule of the need, else by that of all referrals; never later than the result. */
static void answer_date(struct request *rq, const struct span *s, struct dates *out)
{
    struct text own = pack_value("need", arena_z(rq->arena, s->need), "answer");
    struct term t = {.rule = s->answer_rule ? s->answer_rule
                             : own.n       ? arena_z(rq->arena, own)
                                           : "referral.answer",
                     .from = s->term_from};
    bool ruled = term_due(&t, &out->terms.answer) && out->terms.answer.day <= out->due_on;
    if (!ruled)
        out->terms.answer = out->terms.result;
    out->terms.answer_rule = ruled ? t.rule : NULL;
    out->answer_by = out->terms.answer.day;
}

static struct dates dates_of(struct request *rq, const struct span *s)
{
    struct dates d = {0};
    result_date(s, &d);
    answer_date(rq, s, &d);
    d.next_on = d.due_on;
    if (text_is(s->state, "sent") || text_is(s->state, "received")) {
        d.owing = s->to_body;
        d.next_on = d.answer_by;
    } else if (referral_at_work(s->state)) {
        d.owing = s->to_body;
    } else if (text_is(s->state, "returned")) {
        d.owing = s->from_body;
        d.next_on = d.answer_by;
    }
    if (d.owing)
        d.waiting = d.owing == s->to_body ? s->from_body : s->to_body;
    if (d.next_on != d.due_on || !d.owing)
        d.next_at = 0;
    return d;
}

static void put(const struct dates *d, union referral_record *u)
{
    u->answer_by = v_date(d->answer_by);
    u->due_on = v_date(d->due_on);
    u->owing_body_id = d->owing ? v_int(d->owing) : v_null();
    u->waiting_body_id = d->waiting ? v_int(d->waiting) : v_null();
    u->next_on = v_date(d->next_on);
    u->next_at = d->next_at ? v_instant(d->next_at) : v_null();
}

static int64_t since(struct value term_from, struct value sent_on)
{
    return v_is(term_from) ? v_as_int(term_from) : instant_of_day(v_as_int(sent_on));
}

/* The new value, where the change brings one; otherwise the one that stands. */
static struct value either(struct value given, struct value now)
{
    return given.kind == V_NONE ? now : given;
}

/* What the dates follow from: what stands, and what the change brings in its place. */
static struct span span_with(struct request *rq, const struct referral_facts *r,
                             const union referral_record *u)
{
    union referral_facts_row_row now = {0};
    struct term_changes_agreed_rows agreed = {0};
    if (r->id) {
        q_referral_facts_row(rq, &(struct referral_facts_row_args){.id = v_int(r->id)}, &now);
        q_term_changes_agreed(rq, &(struct term_changes_agreed_args){.referral = v_int(r->id)},
                              &agreed);
    }
    struct value rule = either(u->due_rule, now.due_rule),
                 answer = either(u->answer_rule, now.answer_rule);
    struct span s = {
        .state = v_as_text(either(u->state, now.state)),
        .need = r->need,
        .from_body = v_as_int(either(u->from_body_id, now.from_body_id)),
        .to_body = v_as_int(either(u->to_body_id, now.to_body_id)),
        .term_from = since(either(u->term_from, now.term_from), either(u->sent_on, now.sent_on)),
        .term = v_as_int(either(u->term, now.term)),
        .fixed_on = v_as_int(either(u->fixed_on, now.fixed_on)),
        .due_on = v_as_int(now.due_on),
        .rule = v_is(rule) ? arena_z(rq->arena, v_as_text(rule)) : NULL,
        .answer_rule = v_is(answer) ? arena_z(rq->arena, v_as_text(answer)) : NULL};
    for (size_t i = 0; i < agreed.n; i++)
        agree(&s, v_as_text(agreed.row[i].kind), v_as_int(agreed.row[i].from_on),
              v_as_int(agreed.row[i].until_on), v_as_int(agreed.row[i].more),
              v_as_int(agreed.row[i].date_on));
    return s;
}

void referral_dates(struct request *rq, const struct referral_facts *r, union referral_record *u)
{
    struct span s = span_with(rq, r, u);
    struct dates d = dates_of(rq, &s);
    put(&d, u);
}

struct referral_terms referral_terms(struct request *rq, const struct referral_facts *r)
{
    struct span s = span_with(rq, r, &(union referral_record){0});
    struct dates d = dates_of(rq, &s);
    d.terms.result_rule = s.fixed_on ? NULL : s.rule;
    return d.terms;
}

/* ---- what the parties agree ---- */

/* Does this ground let the one who needs it decide alone? */
static bool alone(struct text ground)
{
    char key[80];
    snprintf(key, sizeof key, "term_ground %.*s", TEXT_ARG(ground));
    return text_is(pack_value("code", key, "agreed"), "no");
}

static void check(struct request *rq, const struct referral_facts *r, struct term_form *f)
{
    struct text kind = v_as_text(f->kind.value);
    uint32_t write = rq->viewer.role ? rq->viewer.role->write : 0;
    if (code_classes("term_ground", v_as_text(f->ground.value)) & ~write)
        input_reject(rq, &f->ground, N_("Your role does not write down this ground: choose another"));
    if (text_is(kind, "extension")) {
        if (v_as_int(f->more.value) < 1)
            input_reject(rq, &f->more, N_("At least one working day"));
    } else if (text_is(kind, "another_date")) {
        if (!v_is(f->date_on.value))
            input_reject(rq, &f->date_on, N_("Name the new date"));
        else if (v_as_int(f->date_on.value) < rq->today)
            input_reject(rq, &f->date_on, N_("The new date lies in the past"));
    } else {
        if (!v_is(f->from_on.value))
            input_reject(rq, &f->from_on, N_("Name the first day of the break"));
        else if (v_as_int(f->from_on.value) < r->sent_on)
            input_reject(rq, &f->from_on, N_("The referral was sent later"));
        if (!v_is(f->until_on.value))
            input_reject(rq, &f->until_on, N_("Name the last day of the break"));
        else if (v_as_int(f->until_on.value) < v_as_int(f->from_on.value))
            input_reject(rq, &f->until_on, N_("The last day lies before the first"));
    }
}

/* The dates that follow from what has been agreed by now. */
static void apply(struct change *ch, const struct referral_facts *r)
{
    union referral_record u = {0};
    referral_dates(ch->rq, r, &u);
    if (v_as_int(u.next_on) >= ch->rq->today)
        u.escalation = v_int(0);
    change_update(ch, &referral_table, r->id, -1, u.v);
    HOOK(ch->rq, referral_changed, ch, r->id);
}

static struct referral_facts begin(struct request *rq, struct change *ch, int64_t id)
{
    struct referral_facts r = referral_locked(rq, ch, id);
    bool untold = text_is(r.state, "draft") || text_is(r.state, "dropped");
    bool party =
        r.from_body == rq->viewer.body || (r.to_body == rq->viewer.body && !untold);
    if (!rq->err && (!r.id || !party || access_hidden(rq, r.person)))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && !referral_open(r.state))
        rq_refuse(rq, N_("The referral is closed: its term is not changed any more"));
    return r;
}

static int64_t other_of(const struct request *rq, const struct referral_facts *r)
{
    return r->from_body == rq->viewer.body ? r->to_body : r->from_body;
}

void term_propose(struct request *rq, int64_t referral, struct term_form *f)
{
    struct change ch;
    struct referral_facts r = begin(rq, &ch, referral);
    struct text ground = v_as_text(f->ground.value);
    /* a body without an account agrees by telephone or letter: the sender writes it down */
    bool counts = alone(ground) || outside_body(rq, other_of(rq, &r));
    if (!rq->err)
        check(rq, &r, f);
    struct term_changes_asked_rows asked = {0};
    q_term_changes_asked(rq, &(struct term_changes_asked_args){.referral = v_int(referral)}, &asked);
    struct term_changes_agreed_rows agreed = {0};
    q_term_changes_agreed(rq, &(struct term_changes_agreed_args){.referral = v_int(referral)}, &agreed);
    if (agreed.n >= CHANGES_MAX)
        rq_refuse(rq, N_("The term has been changed too often: finish the referral or send a new one"));
    if (asked.n && !counts)
        rq_refuse(rq, N_("A change of the term waits for an answer already"));
    union term_change_record t = {
        .referral_id = v_int(referral),
        .person_id = v_int(r.person),
        .kind = f->kind.value,
        .ground = f->ground.value,
        .note = f->note.value,
        .state = v_z(counts ? "agreed" : "asked"),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .other_body_id = v_int(other_of(rq, &r)),
        .answered_on = counts ? v_date(rq->today) : v_null(),
        .classes = v_int(code_classes("need", r.need) | code_classes("term_ground", ground)),
        .created_at = v_instant(rq->now),
    };
    struct text kind = v_as_text(f->kind.value);
    if (text_is(kind, "extension"))
        t.more = f->more.value;
    else if (text_is(kind, "another_date"))
        t.date_on = f->date_on.value;
    else
        t.from_on = f->from_on.value, t.until_on = f->until_on.value;
    if (!rq->mistakes && !rq->err) {
        change_insert(&ch, &term_change_table, t.v);
        if (counts)
            apply(&ch, &r);
        referral_event(&ch, counts ? "referral.term_changed" : "referral.term_asked", &r,
                       other_of(rq, &r), NULL);
    }
    change_commit(&ch);
}

void term_answer(struct request *rq, int64_t referral, int64_t change, int64_t version, bool agrees)
{
    struct change ch;
    union term_change_facts_row t = {0};
    struct referral_facts r = begin(rq, &ch, referral);
    bool found = q_term_change_facts(rq, &(struct term_change_facts_args){.id = v_int(change)}, &t);
    if (!rq->err && (!found || v_as_int(t.referral_id) != referral ||
                     v_as_int(t.other_body_id) != rq->viewer.body))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !text_is(v_as_text(t.state), "asked"))
        rq_refuse(rq, N_("This proposal has been answered already"));
    union term_change_record u = {.state = v_z(agrees ? "agreed" : "refused"),
                                  .answered_on = v_date(rq->today)};
    change_update(&ch, &term_change_table, change, version, u.v);
    if (!rq->err) {
        if (agrees)
            apply(&ch, &r);
        referral_event(&ch, agrees ? "referral.term_changed" : "referral.term_refused", &r,
                       v_as_int(t.body_id), NULL);
    }
    change_commit(&ch);
}

/* ---- all dates anew ---- */

/* A slice of what runs, along the ids; changes beside it, in the same order. */
struct walk {
    struct referrals_running_rows rows;
    struct term_changes_between_rows changes;
    size_t at;
};

static struct span span_of(struct request *rq, struct walk *w, size_t i)
{
    const union referrals_running_row *r = &w->rows.row[i];
    struct span s = {.state = v_as_text(r->state),
                     .need = v_as_text(r->need),
                     .from_body = v_as_int(r->from_body_id),
                     .to_body = v_as_int(r->to_body_id),
                     .term_from = since(r->term_from, r->sent_on),
                     .term = v_as_int(r->term),
                     .fixed_on = v_as_int(r->fixed_on),
                     .due_on = v_as_int(r->due_on),
                     .rule = v_is(r->due_rule) ? arena_z(rq->arena, v_as_text(r->due_rule)) : NULL,
                     .answer_rule = v_is(r->answer_rule)
                                        ? arena_z(rq->arena, v_as_text(r->answer_rule))
                                        : NULL};
    for (; w->at < w->changes.n; w->at++) {
        const union term_changes_between_row *c = &w->changes.row[w->at];
        if (v_as_int(c->referral_id) > v_as_int(r->id))
            break;
        if (v_as_int(c->referral_id) == v_as_int(r->id))
            agree(&s, v_as_text(c->kind), v_as_int(c->from_on), v_as_int(c->until_on),
                  v_as_int(c->more), v_as_int(c->date_on));
    }
    return s;
}

static bool same(const union referrals_running_row *r, const struct dates *d)
{
    return v_as_int(r->answer_by) == d->answer_by && v_as_int(r->due_on) == d->due_on &&
           v_as_int(r->owing_body_id) == d->owing && v_as_int(r->next_on) == d->next_on &&
           v_as_int(r->next_at) == d->next_at;
}

/* One referral by what stands now: somebody may have answered since the walk read it. */
static size_t move(struct change *ch, int64_t id)
{
    struct request *rq = ch->rq;
    change_lock(ch, SUBJECT(&referral_table, id));
    struct referral_facts r = referral_facts(rq, id);
    union referral_record u = {0};
    if (rq->err || !referral_open(r.state))
        return 0;
    referral_dates(rq, &r, &u);
    if (v_as_int(u.next_on) >= rq->today)
        u.escalation = v_int(0);
    change_update(ch, &referral_table, id, -1, u.v);
    HOOK(rq, referral_changed, ch, id);
    referral_event(ch, "referral.recomputed", &r, r.to_body, NULL);
    return 1;
}

static void close(struct change *ch)
{
    if (!ch->open)
        return;
    ch->events++; /* all of a slice may have been answered meanwhile */
    change_commit(ch);
}

static size_t recompute_slice(struct request *rq, int64_t *after, bool *more)
{
    struct walk w = {.at = 0};
    struct change ch = {0};
    size_t moved = 0;
    q_referrals_running(
        rq, &(struct referrals_running_args){.after = v_int(*after), .rows = v_int(SLICE)}, &w.rows);
    *more = !rq->err && w.rows.n == SLICE;
    if (rq->err || !w.rows.n)
        return 0;
    int64_t last = v_as_int(w.rows.row[w.rows.n - 1].id), begun = 0;
    q_term_changes_between(rq,
                           &(struct term_changes_between_args){.after = v_int(*after),
                                                               .last = v_int(last)},
                           &w.changes);
    for (size_t i = 0; i < w.rows.n && !rq->err; i++) {
        struct span s = span_of(rq, &w, i);
        struct dates d = dates_of(rq, &s);
        if (same(&w.rows.row[i], &d))
            continue;
        if (!ch.open) {
            change_begin(rq, &ch, NO_SUBJECT);
            begun = clock_monotonic();
        }
        moved += move(&ch, v_as_int(w.rows.row[i].id));
        if (clock_monotonic() - begun > SLICE_TIME)
            close(&ch);
    }
    close(&ch);
    *after = last;
    return moved;
}

size_t referrals_recompute(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    int64_t after = 0;
    size_t moved = 0;
    for (bool more = true; more && !rq->err;) {
        rq->arena = mine;
        moved += recompute_slice(rq, &after, &more);
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
    return moved;
}
