/* What waits too long is told upwards: the steps stand in the packs ([escalation NAME]), in their order. A step leaves its mark in
 * the referral and in the timeline; whom it concerns sees it in his inbox, the coordinating body on the page of delays. */
#include "rooms/agencies/agencies.h"
#include "rooms/referrals/referrals_rules.h"

enum { STEPS_MAX = 9, ROWS = 500, AFTER_MAX = 1000 };

static const char *const told[] = {"unit_head", "body_head", "coordinator"};

struct steps {
    size_t n;
    int64_t after[STEPS_MAX]; /* working days behind the date */
    struct text to[STEPS_MAX];
};

static bool is_told(struct text to)
{
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (text_is(to, told[i]))
            return true;
    return false;
}

enum err escalation_take(const struct pack_entry *e, struct fault *fault)
{
    int64_t after;
    for (size_t i = 0; i < e->n; i++)
        if (!text_is(e->props[i].name, "after") && !text_is(e->props[i].name, "to") &&
            !text_is(e->props[i].name, "label.ru") && !text_is(e->props[i].name, "label.en"))
            return fault_set(fault, ERR_INPUT, "%.*s: [escalation %.*s] has no property %.*s",
                             TEXT_ARG(e->place), TEXT_ARG(e->key), TEXT_ARG(e->props[i].name));
    if (text_int(pack_prop(e, "after"), 0, AFTER_MAX, &after) || !is_told(pack_prop(e, "to")))
        return fault_set(fault, ERR_INPUT,
                         "%.*s: [escalation %.*s] wants after = WORKING DAYS and to = unit_head, "
                         "body_head or coordinator",
                         TEXT_ARG(e->place), TEXT_ARG(e->key));
    return OK;
}

static struct steps steps_of_packs(void)
{
    struct steps s = {0};
    for (const struct pack_entry *e = NULL; (e = pack_next("escalation", e)) && s.n < STEPS_MAX;)
        if (!text_int(pack_prop(e, "after"), 0, AFTER_MAX, &s.after[s.n]))
            s.to[s.n++] = pack_prop(e, "to");
    return s;
}

/* How far up it has to be told by now. */
static int64_t level_of(const struct steps *s, int64_t next_on, int64_t today)
{
    int64_t late = calendar_working_between(calendar_here(), next_on, today), level = 0;
    for (size_t i = 0; i < s->n; i++)
        if (late >= s->after[i])
            level = (int64_t)i + 1;
    return level;
}

/* Marks the level, unless it has been told so far up already. */
static void tell(struct change *ch, const struct steps *s, const struct referral_facts *r,
                 int64_t level)
{
    struct request *rq = ch->rq;
    if (rq->err || !r->owing_body || level <= r->escalation)
        return;
    bool outside = text_is(s->to[level - 1], "coordinator");
    int64_t other = outside ? body_coordinator(rq, r->owing_body) : 0;
    union referral_record u = {.escalation = v_int(level)};
    change_update(ch, &referral_table, r->id, -1, u.v);
    referral_event(ch, arena_printf(rq->arena, "referral.told_%.*s", TEXT_ARG(s->to[level - 1])).s, r,
                   other ? other : r->owing_body, NULL);
}

void referral_tell(struct change *ch, int64_t id, struct text to)
{
    struct steps s = steps_of_packs();
    change_lock(ch, SUBJECT(&referral_table, id));
    struct referral_facts r = referral_facts(ch->rq, id);
    for (size_t i = 0; i < s.n; i++)
        if (text_eq(s.to[i], to)) {
            tell(ch, &s, &r, (int64_t)i + 1);
            return;
        }
}

/* One change for one referral: what stands now decides. */
static void raise(struct request *rq, const struct steps *s, int64_t id)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&referral_table, id));
    struct referral_facts r = referral_facts(rq, id);
    if (!rq->err && r.next_on < rq->today)
        tell(&ch, s, &r, level_of(s, r.next_on, rq->today));
    ch.events++; /* answered meanwhile: nothing to tell */
    change_commit(&ch);
}

void referrals_escalate(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    struct steps s = steps_of_packs();
    int64_t after = 0;
    for (bool more = s.n > 0; more && !rq->err;) {
        struct referrals_late_rows rows = {0};
        rq->arena = mine;
        q_referrals_late(rq,
                         &(struct referrals_late_args){.after = v_int(after), .rows = v_int(ROWS)},
                         &rows);
        for (size_t i = 0; i < rows.n && !rq->err; i++)
            if (level_of(&s, v_as_int(rows.row[i].next_on), rq->today) >
                v_as_int(rows.row[i].escalation))
                raise(rq, &s, v_as_int(rows.row[i].id));
        more = rows.n == ROWS;
        after = rows.n ? v_as_int(rows.row[rows.n - 1].id) : after;
        arena_reset(mine);
    }
    rq->arena = outer;
    arena_free(mine);
}

int64_t escalation_of_coordinator(void)
{
    struct steps s = steps_of_packs();
    for (size_t i = 0; i < s.n; i++)
        if (text_is(s.to[i], "coordinator"))
            return (int64_t)i + 1;
    return STEPS_MAX + 1; /* the packs tell none */
}
