/* What is wrong with a scheme before it is approved, in words, at its step. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/routing/routing_rules.h"
#include "rooms/territory/territory.h"

static void found(struct scheme_faults *out, const struct scheme_step *t, bool grave,
                  const char *words, struct text a)
{
    if (out->n < sizeof out->v / sizeof *out->v)
        out->v[out->n++] = (struct scheme_fault){t ? t->label : T(""), words, a, grave};
}

const char scheme_sealed_situation[] = N_(
    "The situation tells sealed facts: a route would show in the tables whom they are about");
const char scheme_sealed_need[] =
    N_("The need tells sealed facts: such referrals are sent by hand, not by a scheme");

bool situation_sealed(struct text situation)
{
    return code_classes("category", situation) & classes_sealed();
}

bool need_sealed(struct text need)
{
    return need.n && code_classes("need", need) & classes_sealed();
}

const char *scheme_sealed(const struct scheme *s)
{
    if (situation_sealed(s->situation))
        return scheme_sealed_situation;
    for (int i = 0; i < s->n_steps; i++)
        if (need_sealed(s->steps[i].need))
            return scheme_sealed_need;
    return NULL;
}

static bool term_stands(struct request *rq, struct text rule)
{
    const struct deadline_rule *r = rule.n ? deadline_find(arena_z(rq->arena, rule)) : NULL;
    return r && r->counted;
}

static void check_place(struct request *rq, const struct scheme *s, const struct scheme_step *t,
                        struct scheme_faults *out)
{
    const struct pack_entry *need = pack_find("need", t->need);
    struct text rest = t->kinds, kind;
    if (text_is(t->place, "lead"))
        return;
    if (!need)
        found(out, t, true, N_("The need is missing: nothing could be sent"), T(""));
    if (!t->ground.n)
        found(out, t, true, N_("The ground in law is missing: nothing could be sent"), T(""));
    if (need && text_is(t->ground, "consent") && text_is(pack_prop(need, "by_law"), "yes"))
        found(out, t, true, N_("This work runs by law, not by consent: choose the ground with its article"),
              T(""));
    if (text_is(t->place, "same")) {
        int i = scheme_step_of(s, t->same_as);
        if (i < 0 || &s->steps[i] == t)
            found(out, t, true, N_("The step whose body is to be taken is missing"), t->same_as);
        return;
    }
    if (!t->kinds.n)
        found(out, t, true, N_("No kind of body is named"), T(""));
    while (text_split(&rest, ' ', &kind))
        if (kind.n && need && !kind_takes(kind, t->need))
            found(out, t, true, N_("Bodies of the kind \"{a}\" do not take this need"),
                  text_of(pack_find("body_kind", kind) ? pack_label(pack_find("body_kind", kind), rq->lang)
                                                       : arena_z(rq->arena, kind)));
}

static void check_terms(struct request *rq, const struct scheme_step *t, struct scheme_faults *out)
{
    struct text rules[] = {t->answer_rule, t->result_rule};
    for (int i = 0; i < 2; i++)
        if (rules[i].n && !term_stands(rq, rules[i]))
            found(out, t, true, N_("The term \"{a}\" is not in the packs, or has no number"), rules[i]);
    if (!t->result_rule.n)
        found(out, t, true, N_("The step has no term of the result"), T(""));
    if (!t->answer_rule.n && !text_is(t->place, "lead"))
        found(out, t, true, N_("The step has no term of the answer"), T(""));
}

static void check_ways(const struct routing_graph *g, int i, const struct scheme_step *t,
                       struct scheme_faults *out)
{
    bool any = false;
    for (int k = 0; k < g->n_arrows; k++)
        any = any || g->arrows[k].from == i;
    if (!(g->begun >> i & 1))
        found(out, t, true, N_("No way leads to this step"), T(""));
    if (!any)
        found(out, t, true, N_("Dead end: no outcome of the step leads on or to the end"), T(""));
    else if (!g->exits[i])
        found(out, t, true, N_("A circle without exit: the end cannot be reached from here"), T(""));
    else if (!routing_leads(g, i, OUTCOME_DONE))
        found(out, t, true, N_("Nothing follows when the step is done"), T(""));
    else if (!routing_leads(g, i, OUTCOME_NOT_DONE))
        found(out, t, false, N_("Nothing follows when it is not done: the lead will decide"), T(""));
}

/* Districts in which no active body can take the step, when none works for the whole region. */
static void check_bodies(struct request *rq, const struct scheme_step *t, struct scheme_faults *out)
{
    struct body_all_options_rows bodies = {0};
    struct district_options_rows districts = {0};
    struct buf names = BUF(2000);
    size_t lacking = 0, n = 0;
    if (!text_is(t->place, "district") && !text_is(t->place, "region"))
        return;
    body_options(rq, t->need, 0, 0, &bodies);
    bool whole = false;
    for (size_t i = 0; i < bodies.n; i++) {
        struct text rest = t->kinds, kind;
        bool fits = false;
        while (text_split(&rest, ' ', &kind))
            fits = fits || text_eq(kind, v_as_text(bodies.row[i].kind));
        if (fits) {
            bodies.row[n++] = bodies.row[i];
            whole = whole || !v_as_int(bodies.row[i].district_id) || text_is(t->place, "region");
        }
    }
    if (!n)
        found(out, t, false, N_("No active body in the region can take this step"), T(""));
    if (!n || whole)
        return;
    territory_options(rq, &districts);
    for (size_t i = 0; i < districts.n; i++) {
        bool there = false;
        for (size_t k = 0; k < n; k++)
            there = there || v_as_int(bodies.row[k].district_id) == v_as_int(districts.row[i].id);
        if (!there)
            buf_printf(&names, "%s%.*s", lacking++ ? ", " : "", TEXT_ARG(v_as_text(districts.row[i].name)));
    }
    if (lacking)
        found(out, t, false, N_("No active body can take this step in: {a}"),
              arena_text(rq->arena, buf_get(&names)));
    buf_free(&names);
}

/* Bodies that could take the step but for an agreement; grave when none is left. */
static void check_agreements(struct request *rq, const struct scheme *s, const struct scheme_step *t,
                             struct scheme_faults *out)
{
    struct body_all_options_rows bodies = {0};
    struct buf names = BUF(2000);
    size_t lacking = 0, n = 0;
    if (!t->need.n || (!text_is(t->place, "district") && !text_is(t->place, "region")))
        return;
    body_options(rq, t->need, 0, 0, &bodies);
    for (size_t i = 0; i < bodies.n; i++) {
        const union body_all_options_row *b = &bodies.row[i];
        struct text rest = t->kinds, kind;
        bool fits = false;
        while (text_split(&rest, ' ', &kind))
            fits = fits || text_eq(kind, v_as_text(b->kind));
        if (!fits)
            continue;
        n++;
        if (!agreement_stands(rq, v_as_int(b->id), t->need, s->code))
            buf_printf(&names, "%s%.*s", lacking++ ? ", " : "", TEXT_ARG(v_as_text(b->name)));
    }
    if (lacking)
        found(out, t, lacking == n, N_("Bodies without an agreement in force that carries this: {a}"),
              arena_text(rq->arena, buf_get(&names)));
    buf_free(&names);
}

void scheme_check(struct request *rq, const struct scheme *s, struct scheme_faults *out)
{
    struct routing_graph *g = NEW(rq->arena, struct routing_graph);
    out->n = 0;
    scheme_graph(s, g);
    if (!s->n_steps)
        found(out, NULL, true, N_("The scheme has no steps"), T(""));
    else if (!g->begun)
        found(out, NULL, true, N_("It is not said with which step the scheme begins"), T(""));
    if (situation_sealed(s->situation))
        found(out, NULL, true, scheme_sealed_situation, T(""));
    for (int i = 0; i < s->n_steps; i++) {
        const struct scheme_step *t = &s->steps[i];
        check_ways(g, i, t, out);
        check_place(rq, s, t, out);
        check_terms(rq, t, out);
        check_bodies(rq, t, out);
        check_agreements(rq, s, t, out);
        if (need_sealed(t->need))
            found(out, t, true, scheme_sealed_need, T(""));
    }
}
