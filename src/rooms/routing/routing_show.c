#include "base/log.h"
#include "formats/graph.h"
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/routing/routing_show.h"

enum { DRAWING_SECONDS = 4, WORDS_MAX = 8000 };

const char *code_words(const char *list, struct text code, enum lang lang)
{
    const struct code_list *l = code_list(list);
    const struct code *c = l && code.n ? code_find(l, code) : NULL;
    return c ? c->label[lang] : "";
}

static const struct scheme_step *step_at(const struct scheme *s, struct text code)
{
    int i = scheme_step_of(s, code);
    return i < 0 ? NULL : &s->steps[i];
}

static struct text target_words(struct request *rq, const struct scheme *s, struct text to)
{
    const struct scheme_step *t = step_at(s, to);
    return t ? t->label : text_of(tr(rq->lang, N_("the end")));
}

static struct text kinds_words(struct request *rq, struct text kinds)
{
    struct buf b = BUF(WORDS_MAX);
    struct text kind;
    while (text_split(&kinds, ' ', &kind))
        if (kind.n)
            buf_printf(&b, "%s%s", b.n ? ", " : "", code_words("body_kind", kind, rq->lang));
    struct text t = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return t;
}

struct text who_words(struct request *rq, const struct scheme *s, const struct scheme_step *t)
{
    const struct scheme_step *same = step_at(s, t->same_as);
    const char *place = code_words("route_place", t->place, rq->lang);
    if (text_is(t->place, "lead"))
        return text_of(place);
    if (text_is(t->place, "same"))
        return arena_printf(rq->arena, "%s: %.*s", place, TEXT_ARG(same ? same->label : t->same_as));
    return arena_printf(rq->arena, "%.*s (%s)", TEXT_ARG(kinds_words(rq, t->kinds)), place);
}

static const char *rule_words(struct request *rq, struct text id)
{
    const struct deadline_rule *r = id.n ? deadline_find(arena_z(rq->arena, id)) : NULL;
    return r && r->label[rq->lang] ? r->label[rq->lang] : arena_z(rq->arena, id);
}

static struct text terms_words(struct request *rq, const struct scheme_step *t)
{
    if (t->answer_rule.n)
        return arena_printf(rq->arena, "%s: %s; %s: %s", tr(rq->lang, N_("answer")),
                            rule_words(rq, t->answer_rule), tr(rq->lang, N_("result")),
                            rule_words(rq, t->result_rule));
    return text_of(rule_words(rq, t->result_rule));
}

static struct text goes_words(struct request *rq, const struct scheme *s, struct text from)
{
    struct buf b = BUF(WORDS_MAX);
    for (int i = 0; i < s->n_arrows; i++) {
        const struct scheme_arrow *a = &s->arrows[i];
        bool first = text_eq(a->from, from);
        for (int k = 0; k < i && first; k++)
            first = !text_eq(s->arrows[k].from, from) || !text_eq(s->arrows[k].outcome, a->outcome);
        if (!first)
            continue;
        buf_printf(&b, "%s%s → ", b.n ? "; " : "", outcome_words(a->outcome, rq->lang));
        bool more = false;
        for (int k = i; k < s->n_arrows; k++)
            if (text_eq(s->arrows[k].from, from) && text_eq(s->arrows[k].outcome, a->outcome)) {
                buf_printf(&b, "%s%.*s", more ? ", " : "",
                           TEXT_ARG(target_words(rq, s, s->arrows[k].to)));
                more = true;
            }
    }
    struct text t = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return t;
}

struct text scheme_begins(struct request *rq, const struct scheme *s)
{
    struct buf b = BUF(WORDS_MAX);
    for (int i = 0; i < s->n_arrows; i++)
        if (!s->arrows[i].from.n)
            buf_printf(&b, "%s%.*s", b.n ? ", " : "", TEXT_ARG(target_words(rq, s, s->arrows[i].to)));
    struct text t = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return t;
}

static struct text fault_words(struct request *rq, const struct scheme_fault *f)
{
    const char *words = tr(rq->lang, f->words), *at = strstr(words, "{a}");
    if (!at)
        return text_of(words);
    return arena_printf(rq->arena, "%.*s%.*s%s", (int)(at - words), words, TEXT_ARG(f->a), at + 3);
}

static struct text faults_of(struct request *rq, const struct scheme_faults *faults, struct text step)
{
    struct buf b = BUF(WORDS_MAX);
    for (size_t i = 0; faults && i < faults->n; i++)
        if (text_eq(faults->v[i].step, step)) {
            struct text w = fault_words(rq, &faults->v[i]);
            buf_printf(&b, "%s%.*s", b.n ? "; " : "", TEXT_ARG(w));
        }
    struct text t = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return t;
}

void scheme_table_rows(struct request *rq, const struct scheme *s,
                       const struct scheme_faults *faults, struct scheme_step_list_rows *out)
{
    q_scheme_step_list(rq, &(struct scheme_step_list_args){.scheme = v_int(s->id)}, out);
    for (size_t i = 0; i < out->n && i < (size_t)s->n_steps; i++) {
        union scheme_step_list_row *r = &out->row[i];
        const struct scheme_step *t = &s->steps[i];
        r->ord = v_int((int64_t)i + 1);
        r->who = v_text(who_words(rq, s, t));
        r->need = v_z(code_words("need", t->need, rq->lang));
        r->ground = v_z(code_words("legal_basis", t->ground, rq->lang));
        r->terms = v_text(terms_words(rq, t));
        r->goes = v_text(goes_words(rq, s, t->code));
        r->faults = v_text(faults_of(rq, faults, t->label));
    }
}

/* ---- the drawing ---- */

static enum graph_look look_of(const struct scheme *s, int i, const struct routing_state *state,
                               const struct scheme_faults *faults)
{
    for (size_t k = 0; !state && faults && k < faults->n; k++)
        if (faults->v[k].grave && text_eq(faults->v[k].step, s->steps[i].label))
            return GRAPH_WRONG;
    if (!state || (!state->step[i].round && !state->step[i].waiting))
        return GRAPH_PLAIN;
    return state->step[i].place != STEP_CLOSED ? GRAPH_NOW
           : state->step[i].waiting            ? GRAPH_PLAIN
                                               : GRAPH_DONE;
}

/* Arrows between the same steps are one, with all their outcomes. */
static void add_edge(struct request *rq, struct graph *g, int from, int to, struct text outcome)
{
    const char *words = outcome_words(outcome, rq->lang);
    bool plain = text_is(outcome, "done") || !outcome.n;
    for (int i = 0; i < g->n_edges; i++)
        if (g->edges[i].from == from && g->edges[i].to == to) {
            g->edges[i].label = arena_printf(rq->arena, "%.*s\n%s", TEXT_ARG(g->edges[i].label), words);
            g->edges[i].dashed = g->edges[i].dashed && !plain;
            return;
        }
    if (g->n_edges < GRAPH_EDGES_MAX)
        g->edges[g->n_edges++] = (struct graph_edge){from, to, text_of(words), !plain};
}

struct svg scheme_drawing(struct request *rq, const struct scheme *s,
                          const struct routing_state *state, const struct scheme_faults *faults)
{
    struct graph *g = NEW(rq->arena, struct graph);
    struct svg svg = {T("")};
    struct fault fault = {0};
    if (rq->err || !s->n_steps || rq_is_api(rq))
        return svg;
    int begin = s->n_steps, end = begin + 1;
    g->n_nodes = s->n_steps + 2;
    for (int i = 0; i < s->n_steps; i++)
        g->nodes[i] = (struct graph_node){s->steps[i].label,
                                          text_is(s->steps[i].place, "lead")
                                              ? text_of(code_words("route_place", T("lead"), rq->lang))
                                              : kinds_words(rq, s->steps[i].kinds),
                                          look_of(s, i, state, faults)};
    g->nodes[begin] = (struct graph_node){text_of(tr(rq->lang, N_("Beginning"))), T(""), GRAPH_END};
    g->nodes[end] = (struct graph_node){text_of(tr(rq->lang, N_("Route ends"))), T(""), GRAPH_END};
    for (int i = 0; i < s->n_arrows; i++) {
        const struct scheme_arrow *a = &s->arrows[i];
        int from = a->from.n ? scheme_step_of(s, a->from) : begin,
            to = text_is(a->to, "end") ? end : scheme_step_of(s, a->to);
        if (from >= 0 && to >= 0)
            add_edge(rq, g, from, to, a->outcome);
    }
    if (graph_svg("/proc/self/exe", g, s->name, DRAWING_SECONDS, rq->arena, &svg.t, &fault)) {
        log_warn("a scheme is shown without its drawing: %s", fault.text);
        svg.t = T("");
    }
    return svg;
}

/* ---- choices and lines ---- */

void choices_begin(struct request *rq, struct scheme_choice_rows *out, size_t most)
{
    *out = (struct scheme_choice_rows){0};
    out->row = arena_array(rq->arena, most + 1, sizeof *out->row);
    out->query = &scheme_choice_query;
    out->next = T("");
}

void choice_add(struct scheme_choice_rows *out, struct text value, struct text label, bool chosen)
{
    out->row[out->n++] = (union scheme_choice_row){
        .value = v_text(value), .label = v_text(label), .chosen = v_int(chosen)};
}

void choices_of_list(struct request *rq, const char *list, struct text chosen,
                     struct scheme_choice_rows *out)
{
    const struct code_list *l = code_list(list);
    choices_begin(rq, out, l ? l->n : 0);
    for (size_t i = 0; l && i < l->n; i++)
        if (!l->codes[i].retired) {
            struct text words = chosen, word;
            bool is = false;
            while (text_split(&words, ' ', &word))
                is = is || text_is(word, l->codes[i].code);
            choice_add(out, text_of(l->codes[i].code), text_of(l->codes[i].label[rq->lang]), is);
        }
}

void choices_of_outcomes(struct request *rq, const struct scheme *s, int step, struct text chosen,
                         struct scheme_choice_rows *out)
{
    static const char *const always[] = {"done", "not_done"};
    choices_begin(rq, out, ROUTING_OUTCOMES + 2);
    for (int k = 0; k < ROUTING_OUTCOMES; k++) {
        struct text code = scheme_outcome_code(s, k);
        bool leads = k < 2;
        for (int i = 0; i < s->n_arrows && !leads; i++)
            leads = step >= 0 && text_eq(s->arrows[i].from, s->steps[step].code) &&
                    text_eq(s->arrows[i].outcome, code);
        if (!code.n)
            break;
        if (leads && k != OUTCOME_SILENCE && k != OUTCOME_NO_BODY)
            choice_add(out, k < 2 ? text_of(always[k]) : code,
                       text_of(outcome_words(code, rq->lang)), text_eq(code, chosen));
    }
}

void lines_begin(struct request *rq, struct scheme_line_rows *out, size_t most)
{
    *out = (struct scheme_line_rows){0};
    out->row = arena_array(rq->arena, most + 1, sizeof *out->row);
    out->query = &scheme_line_query;
    out->next = T("");
}

void fault_lines(struct request *rq, const struct scheme_faults *faults,
                 struct scheme_line_rows *out)
{
    lines_begin(rq, out, faults->n);
    for (size_t i = 0; i < faults->n; i++)
        out->row[out->n++] = (union scheme_line_row){.step = v_text(faults->v[i].step),
                                                     .words = v_text(fault_words(rq, &faults->v[i])),
                                                     .grave = v_int(faults->v[i].grave)};
}
