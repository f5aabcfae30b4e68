/* Schemes between tables, memory and pack text. */
#include "base/buf.h"
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/routing/routing_rules.h"
#include <stdio.h>

static const char *const general[OUTCOME_GENERAL] = {"done", "not_done", "declined", "silence",
                                                     "no_body"};

int scheme_step_of(const struct scheme *s, struct text code)
{
    for (int i = 0; i < s->n_steps; i++)
        if (text_eq(s->steps[i].code, code))
            return i;
    return -1;
}

struct text scheme_outcome_code(const struct scheme *s, int outcome)
{
    if (outcome < OUTCOME_GENERAL)
        return text_of(general[outcome < 0 ? 0 : outcome]);
    int n = OUTCOME_GENERAL;
    for (int i = 0; i < s->n_arrows; i++) {
        struct text code = s->arrows[i].outcome;
        bool known = !code.n;
        for (int k = 0; k < OUTCOME_GENERAL && !known; k++)
            known = text_is(code, general[k]);
        for (int k = 0; k < i && !known; k++)
            known = text_eq(code, s->arrows[k].outcome);
        if (!known && n++ == outcome)
            return code;
    }
    return T("");
}

int scheme_outcome(const struct scheme *s, struct text code)
{
    for (int i = 0; i < ROUTING_OUTCOMES; i++) {
        struct text t = scheme_outcome_code(s, i);
        if (!t.n)
            break;
        if (text_eq(t, code))
            return i;
    }
    return -1;
}

static bool counts_as_done(struct text result)
{
    char key[80];
    (void)snprintf(key, sizeof key, "measure_result %.*s", TEXT_ARG(result));
    return text_is(pack_value("code", key, "done"), "yes");
}

/* By the packs in a draft, by what they said at approval afterwards. */
static bool own_done(const struct scheme *s, struct text outcome)
{
    if (!s->id || text_is(s->state, "draft"))
        return counts_as_done(outcome);
    for (int i = 0; i < s->n_arrows; i++)
        if (text_eq(s->arrows[i].outcome, outcome))
            return s->arrows[i].done;
    return false;
}

void scheme_graph(const struct scheme *s, struct routing_graph *g)
{
    *g = (struct routing_graph){.n_steps = s->n_steps, .n_arrows = s->n_arrows};
    for (int i = 0; i < ROUTING_OUTCOMES; i++) {
        struct text code = scheme_outcome_code(s, i);
        g->general[i] = (uint8_t)(i < OUTCOME_GENERAL || own_done(s, code)
                                      ? (i < OUTCOME_GENERAL ? i : OUTCOME_DONE)
                                      : OUTCOME_NOT_DONE);
    }
    for (int i = 0; i < s->n_steps; i++)
        g->join[i] = text_is(s->steps[i].joining, "any") ? JOIN_ANY : JOIN_ALL;
    for (int i = 0; i < s->n_arrows; i++) {
        const struct scheme_arrow *a = &s->arrows[i];
        int outcome = a->from.n ? scheme_outcome(s, a->outcome) : 0;
        g->arrows[i] = (struct routing_arrow){
            .from = (int16_t)(a->from.n ? scheme_step_of(s, a->from) : ROUTING_OUT),
            .to = (int16_t)(text_is(a->to, "end") ? ROUTING_OUT : scheme_step_of(s, a->to)),
            .outcome = (uint8_t)(outcome < 0 ? 0 : outcome)};
    }
    routing_prepare(g);
}

bool outcome_known(struct text code)
{
    return code.n && (code_find(code_list("route_outcome"), code) ||
                      (code_list("measure_result") && code_find(code_list("measure_result"), code)));
}

const char *outcome_words(struct text code, enum lang lang)
{
    const struct code *c = code.n ? code_find(code_list("route_outcome"), code) : NULL;
    if (!c && code.n)
        c = code_find(code_list("measure_result"), code);
    return c ? c->label[lang] : "";
}

bool scheme_load(struct request *rq, int64_t id, struct scheme *s)
{
    union scheme_facts_row f;
    struct scheme_steps_all_rows steps = {0};
    struct scheme_arrows_all_rows arrows = {0};
    memset(s, 0, sizeof *s);
    if (!q_scheme_facts(rq, &(struct scheme_facts_args){.id = v_int(id)}, &f))
        return false;
    q_scheme_steps_all(rq, &(struct scheme_steps_all_args){.scheme = v_int(id)}, &steps);
    q_scheme_arrows_all(rq, &(struct scheme_arrows_all_args){.scheme = v_int(id)}, &arrows);
    if (rq->err)
        return false;
    *s = (struct scheme){.id = id,
                         .version = v_as_int(f.version),
                         .number = v_as_int(f.number),
                         .code = v_as_text(f.code),
                         .name = v_as_text(f.name),
                         .situation = v_as_text(f.situation),
                         .state = v_as_text(f.state),
                         .order_number = v_as_text(f.order_number),
                         .order_date = f.order_date,
                         .source = v_as_text(f.source)};
    for (size_t i = 0; i < steps.n && s->n_steps < ROUTING_STEPS; i++) {
        const union scheme_steps_all_row *r = &steps.row[i];
        s->steps[s->n_steps++] = (struct scheme_step){
            .code = v_as_text(r->code),
            .label = v_as_text(r->label),
            .place = v_as_text(r->place),
            .same_as = v_as_text(r->same_as),
            .kinds = v_as_text(r->kinds),
            .need = v_as_text(r->need),
            .ground = v_as_text(r->ground),
            .expected = v_as_text(r->expected),
            .answer_rule = v_as_text(r->answer_rule),
            .result_rule = v_as_text(r->result_rule),
            .offer = v_as_text(r->offer),
            .joining = v_as_text(r->joining),
            .escalate = v_as_text(r->escalate)};
    }
    for (size_t i = 0; i < arrows.n && s->n_arrows < ROUTING_ARROWS; i++)
        s->arrows[s->n_arrows++] = (struct scheme_arrow){.from = v_as_text(arrows.row[i].from_step),
                                                         .outcome = v_as_text(arrows.row[i].outcome),
                                                         .to = v_as_text(arrows.row[i].to_step),
                                                         .done = v_as_int(arrows.row[i].done)};
    return true;
}

/* ---- pack text ---- */

static void line(struct buf *out, const char *name, struct text value)
{
    if (!value.n)
        return;
    buf_printf(out, "%s = ", name);
    for (size_t i = 0; i < value.n; i++) /* a value is one line */
        buf_char(out, value.s[i] == '\n' || value.s[i] == '\r' ? ' ' : value.s[i]);
    buf_char(out, '\n');
}

static void targets(const struct scheme *s, struct text from, struct text outcome, struct buf *out)
{
    for (int i = 0; i < s->n_arrows; i++)
        if (text_eq(s->arrows[i].from, from) && text_eq(s->arrows[i].outcome, outcome))
            buf_printf(out, " %.*s", TEXT_ARG(s->arrows[i].to));
    buf_char(out, '\n');
}

static void print_step(const struct scheme *s, const struct scheme_step *t, struct buf *out)
{
    buf_printf(out, "\n[step %.*s %.*s]\n", TEXT_ARG(s->code), TEXT_ARG(t->code));
    line(out, "label.ru", t->label);
    line(out, "where", t->place);
    line(out, "same", t->same_as);
    line(out, "who", t->kinds);
    line(out, "need", t->need);
    line(out, "ground", t->ground);
    line(out, "expect", t->expected);
    line(out, "answer", t->answer_rule);
    line(out, "result", t->result_rule);
    line(out, "offer", t->offer);
    line(out, "join", t->joining);
    line(out, "escalate", t->escalate);
    for (int i = 0; i < s->n_arrows; i++) {
        const struct scheme_arrow *a = &s->arrows[i];
        bool first = text_eq(a->from, t->code);
        for (int k = 0; k < i && first; k++)
            first = !text_eq(s->arrows[k].from, t->code) ||
                    !text_eq(s->arrows[k].outcome, a->outcome);
        if (!first)
            continue;
        buf_printf(out, "on.%.*s =", TEXT_ARG(a->outcome));
        targets(s, t->code, a->outcome, out);
    }
}

static void print_steps(const struct scheme *s, struct buf *out)
{
    line(out, "situation", s->situation);
    buf_z(out, "start =");
    targets(s, T(""), T(""), out);
}

void scheme_print(const struct scheme *s, struct buf *out)
{
    char day[11];
    buf_printf(out, "[scheme %.*s]\n", TEXT_ARG(s->code));
    line(out, "label.ru", s->name);
    line(out, "order", s->order_number);
    if (v_is(s->order_date)) {
        date_iso(v_as_int(s->order_date), day);
        line(out, "order_date", text_of(day));
    }
    print_steps(s, out);
    for (int i = 0; i < s->n_steps; i++)
        print_step(s, &s->steps[i], out);
}

bool scheme_same(const struct scheme *a, const struct scheme *b)
{
    struct buf x = BUF(1 << 20), y = BUF(1 << 20);
    scheme_print(a, &x);
    scheme_print(b, &y);
    bool same = !x.failed && !y.failed && text_eq(buf_get(&x), buf_get(&y));
    buf_free(&x);
    buf_free(&y);
    return same;
}

int64_t scheme_store(struct change *ch, const struct scheme *s)
{
    struct request *rq = ch->rq;
    union scheme_newest_row newest;
    int64_t number = 1;
    if (q_scheme_newest(rq, &(struct scheme_newest_args){.code = v_text(s->code)}, &newest))
        number = v_as_int(newest.number) + 1;
    union scheme_record r = {.code = v_text(s->code),
                             .number = v_int(number),
                             .name = v_text(s->name),
                             .situation = v_text(s->situation),
                             .state = v_text(s->state),
                             .order_number = v_text_or_null(s->order_number),
                             .order_date = v_is(s->order_date) ? s->order_date : v_null(),
                             .source = v_text(s->source),
                             .created_at = v_instant(rq->now)};
    if (rq->viewer.account)
        r.account_id = v_int(rq->viewer.account);
    int64_t id = change_insert(ch, &scheme_table, r.v);
    scheme_parts_store(ch, id, s);
    return id;
}

void scheme_parts_store(struct change *ch, int64_t id, const struct scheme *s)
{
    for (int i = 0; i < s->n_steps; i++) {
        const struct scheme_step *t = &s->steps[i];
        union scheme_step_record e = {.scheme_id = v_int(id),
                                      .ord = v_int(i),
                                      .code = v_text(t->code),
                                      .label = v_text(t->label),
                                      .place = v_text(t->place),
                                      .same_as = v_text_or_null(t->same_as),
                                      .kinds = v_text_or_null(t->kinds),
                                      .need = v_text_or_null(t->need),
                                      .ground = v_text_or_null(t->ground),
                                      .expected = v_text_or_null(t->expected),
                                      .answer_rule = v_text_or_null(t->answer_rule),
                                      .result_rule = v_text_or_null(t->result_rule),
                                      .offer = v_text(t->offer),
                                      .joining = v_text(t->joining),
                                      .escalate = v_text_or_null(t->escalate)};
        change_insert(ch, &scheme_step_table, e.v);
    }
    for (int i = 0; i < s->n_arrows; i++) {
        const struct scheme_arrow *a = &s->arrows[i];
        union scheme_arrow_record e = {.scheme_id = v_int(id),
                                       .ord = v_int(i),
                                       .from_step = v_text(a->from),
                                       .outcome = v_text(a->outcome),
                                       .to_step = v_text(a->to),
                                       .done = v_int(a->done)};
        change_insert(ch, &scheme_arrow_table, e.v);
    }
}
