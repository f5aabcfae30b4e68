/* Drafts: each change rewrites the steps and arrows of the draft as one change with its event. What
 * is approved or retired is never touched. */
#include "rooms/referrals/referrals.h"
#include "rooms/routing/routing_rules.h"

bool scheme_code_good(struct text t)
{
    if (!t.n || t.n > 40 || text_is(t, "end") || t.s[0] < 'a' || t.s[0] > 'z')
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (!(t.s[i] >= 'a' && t.s[i] <= 'z') && !(t.s[i] >= '0' && t.s[i] <= '9') && t.s[i] != '_')
            return false;
    return true;
}

static const char bad_code[] = N_("Small Latin letters, digits and _, beginning with a letter");

static void check_situation(struct request *rq, struct scheme_form *form)
{
    if (situation_sealed(v_as_text(form->situation.value)))
        input_reject(rq, &form->situation, scheme_sealed_situation);
}

static void event(struct change *ch, const char *kind, int64_t scheme)
{
    change_event(ch, &(struct event){.kind = kind, .table = &scheme_table, .object = scheme});
}

int64_t scheme_new(struct request *rq, struct scheme_form *form)
{
    struct change ch;
    struct scheme *s = NEW(rq->arena, struct scheme);
    union scheme_newest_row newest;
    int64_t id = 0;
    if (!rq_may(rq, CAP_ROUTE_SCHEMES))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, NO_SUBJECT);
    s->code = v_as_text(form->code.value);
    s->name = v_as_text(form->name.value);
    s->situation = v_as_text(form->situation.value);
    s->state = T("draft");
    s->source = T("form");
    if (!scheme_code_good(s->code))
        input_reject(rq, &form->code, bad_code);
    else if (q_scheme_newest(rq, &(struct scheme_newest_args){.code = v_text(s->code)}, &newest))
        input_reject(rq, &form->code,
                     N_("There is a scheme with this code already: open it and copy it as a new version"));
    check_situation(rq, form);
    if (!rq->mistakes) {
        id = scheme_store(&ch, s);
        event(&ch, "scheme.drafted", id);
    }
    return change_commit(&ch) ? 0 : id;
}

int64_t scheme_copy(struct request *rq, int64_t scheme)
{
    struct change ch;
    struct scheme *s = NEW(rq->arena, struct scheme);
    int64_t id = 0;
    if (!rq_may(rq, CAP_ROUTE_SCHEMES))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&scheme_table, scheme));
    if (!rq->err && !scheme_load(rq, scheme, s))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && scheme_sealed(s))
        rq_refuse(rq, scheme_sealed(s));
    s->state = T("draft");
    s->source = T("form");
    s->order_number = T("");
    s->order_date = v_null();
    if (!rq->err) {
        id = scheme_store(&ch, s);
        event(&ch, "scheme.drafted", id);
    }
    return change_commit(&ch) ? 0 : id;
}

/* A draft, locked, as the page has shown it. */
static struct scheme *edit(struct request *rq, struct change *ch, int64_t id, int64_t version)
{
    struct scheme *s = NEW(rq->arena, struct scheme);
    if (!rq_may(rq, CAP_ROUTE_SCHEMES))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, ch, SUBJECT(&scheme_table, id));
    if (rq->err)
        return s;
    if (!scheme_load(rq, id, s))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (s->version != version)
        rq_fail(rq, ERR_STALE);
    else if (!text_is(s->state, "draft"))
        rq_refuse(rq, N_("Only a draft is changed: copy the version first"));
    return s;
}

static void parts_anew(struct change *ch, const struct scheme *s)
{
    w_scheme_arrows_drop(ch, &(struct scheme_arrows_drop_args){.scheme = v_int(s->id)});
    w_scheme_steps_drop(ch, &(struct scheme_steps_drop_args){.scheme = v_int(s->id)});
    scheme_parts_store(ch, s->id, s);
}

static void save(struct change *ch, const struct scheme *s)
{
    struct request *rq = ch->rq;
    if (!rq->err && !rq->mistakes) {
        union scheme_record r = {.name = v_text(s->name), .situation = v_text(s->situation)};
        parts_anew(ch, s);
        change_update(ch, &scheme_table, s->id, s->version, r.v);
        event(ch, "scheme.changed", s->id);
    }
    change_commit(ch);
}

void scheme_rename(struct request *rq, int64_t scheme, int64_t version, struct scheme_form *form)
{
    struct change ch;
    struct scheme *s = edit(rq, &ch, scheme, version);
    s->name = v_as_text(form->name.value);
    s->situation = v_as_text(form->situation.value);
    check_situation(rq, form);
    save(&ch, s);
}

static void rename_step(struct scheme *s, struct text from, struct text to)
{
    for (int i = 0; i < s->n_steps; i++)
        if (text_eq(s->steps[i].same_as, from))
            s->steps[i].same_as = to;
    for (int i = 0; i < s->n_arrows; i++) {
        if (text_eq(s->arrows[i].from, from))
            s->arrows[i].from = to;
        if (text_eq(s->arrows[i].to, from))
            s->arrows[i].to = to;
    }
}

void scheme_step_put(struct request *rq, int64_t scheme, int64_t version, int step,
                     struct step_form *form, struct text kinds)
{
    struct change ch;
    struct scheme *s = edit(rq, &ch, scheme, version);
    struct text code = v_as_text(form->code.value);
    int same = scheme_step_of(s, code);
    if (!rq->err && (step >= s->n_steps || (step < 0 && s->n_steps == ROUTING_STEPS)))
        rq_fail(rq, step < 0 ? ERR_LIMIT : ERR_NOT_FOUND);
    if (!scheme_code_good(code))
        input_reject(rq, &form->code, bad_code);
    else if (same >= 0 && same != step)
        input_reject(rq, &form->code, N_("The scheme has a step with this code already"));
    if (need_sealed(v_as_text(form->need.value)))
        input_reject(rq, &form->need, scheme_sealed_need);
    if (!rq->err && !rq->mistakes) {
        if (step < 0)
            step = s->n_steps++;
        else
            rename_step(s, s->steps[step].code, code);
        bool by_same = text_is(v_as_text(form->place.value), "same");
        s->steps[step] = (struct scheme_step){
            .code = code,
            .label = v_as_text(form->label.value),
            .place = v_as_text(form->place.value),
            .same_as = by_same ? v_as_text(form->same_as.value) : T(""),
            .kinds = kinds,
            .need = v_as_text(form->need.value),
            .ground = v_as_text(form->ground.value),
            .expected = v_as_text(form->expected.value),
            .answer_rule = v_as_text(form->answer_rule.value),
            .result_rule = v_as_text(form->result_rule.value),
            .offer = v_as_text(form->offer.value),
            .joining = v_as_text(form->joining.value),
            .escalate = v_as_text(form->escalate.value)};
        if (s->n_steps == 1 && !s->n_arrows) /* the first step is where it begins */
            s->arrows[s->n_arrows++] = (struct scheme_arrow){T(""), T(""), code, false};
    }
    save(&ch, s);
}

void scheme_step_drop(struct request *rq, int64_t scheme, int64_t version, int step)
{
    struct change ch;
    struct scheme *s = edit(rq, &ch, scheme, version);
    if (!rq->err && (step < 0 || step >= s->n_steps))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err) {
        struct text code = s->steps[step].code;
        int n = 0;
        for (int i = 0; i < s->n_arrows; i++)
            if (!text_eq(s->arrows[i].from, code) && !text_eq(s->arrows[i].to, code))
                s->arrows[n++] = s->arrows[i];
        s->n_arrows = n;
        for (int i = step; i + 1 < s->n_steps; i++)
            s->steps[i] = s->steps[i + 1];
        s->n_steps--;
    }
    save(&ch, s);
}

void scheme_arrow_add(struct request *rq, int64_t scheme, int64_t version, struct text from,
                      struct text outcome, struct text to)
{
    struct change ch;
    struct scheme *s = edit(rq, &ch, scheme, version);
    bool start = !from.n;
    if (!rq->err && ((!start && scheme_step_of(s, from) < 0) ||
                     (scheme_step_of(s, to) < 0 && (start || !text_is(to, "end")))))
        rq_mistake(rq, "to", N_("Choose a step from the list"));
    if (!rq->err && !start && !outcome_known(outcome))
        rq_mistake(rq, "outcome", N_("Choose an outcome from the list"));
    if (!rq->err && s->n_arrows == ROUTING_ARROWS)
        rq_fail(rq, ERR_LIMIT);
    outcome = start ? T("") : outcome;
    for (int i = 0; i < s->n_arrows && !rq->err; i++)
        if (text_eq(s->arrows[i].from, from) && text_eq(s->arrows[i].outcome, outcome) &&
            text_eq(s->arrows[i].to, to))
            rq_mistake(rq, "to", N_("This arrow stands already"));
    if (!rq->err && !rq->mistakes)
        s->arrows[s->n_arrows++] = (struct scheme_arrow){from, outcome, to, false};
    save(&ch, s);
}

void scheme_arrow_drop(struct request *rq, int64_t scheme, int64_t version, int arrow)
{
    struct change ch;
    struct scheme *s = edit(rq, &ch, scheme, version);
    if (!rq->err && (arrow < 0 || arrow >= s->n_arrows))
        rq_fail(rq, ERR_NOT_FOUND);
    for (int i = arrow; !rq->err && i + 1 < s->n_arrows; i++)
        s->arrows[i] = s->arrows[i + 1];
    if (!rq->err)
        s->n_arrows--;
    save(&ch, s);
}

void scheme_approve(struct request *rq, int64_t scheme, int64_t version, struct approve_form *form)
{
    struct change ch;
    struct scheme *s = edit(rq, &ch, scheme, version);
    struct scheme_faults *faults = NEW(rq->arena, struct scheme_faults);
    if (!rq->err)
        scheme_check(rq, s, faults);
    for (size_t i = 0; i < faults->n; i++)
        if (faults->v[i].grave) {
            rq_refuse(rq, N_("The scheme cannot be approved: mend what is marked as an error first"));
            break;
        }
    if (!v_is(form->order_number.value))
        input_reject(rq, &form->order_number, N_("Approval needs the number of the joint order"));
    union scheme_record r = {.state = v_z("approved"),
                             .order_number = form->order_number.value,
                             .order_date = form->order_date.value};
    for (int i = 0; i < s->n_arrows; i++)
        s->arrows[i].done = result_counts_as_done(s->arrows[i].outcome);
    if (!rq->err && !rq->mistakes)
        parts_anew(&ch, s);
    change_update(&ch, &scheme_table, scheme, version, r.v);
    w_scheme_supersede(&ch, &(struct scheme_supersede_args){.code = v_text(s->code), .but = v_int(scheme)});
    event(&ch, "scheme.approved", scheme);
    change_commit(&ch);
}

void scheme_retire(struct request *rq, int64_t scheme, int64_t version)
{
    struct change ch;
    union scheme_facts_row f;
    if (!rq_may(rq, CAP_ROUTE_SCHEMES))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&scheme_table, scheme));
    if (!rq->err && !q_scheme_facts(rq, &(struct scheme_facts_args){.id = v_int(scheme)}, &f))
        rq_fail(rq, ERR_NOT_FOUND);
    else if (!rq->err && text_is(v_as_text(f.state), "retired"))
        rq_refuse(rq, N_("The version is retired already"));
    union scheme_record r = {.state = v_z("retired")};
    change_update(&ch, &scheme_table, scheme, version, r.v);
    event(&ch, "scheme.retired", scheme);
    change_commit(&ch);
}
