/* The model by which persons are compared: kept in versions, learnt from the register itself. */
#include "base/log.h"
#include "linkage/link.h"
#include "people_tpl.h"
#include "rooms/people/people_alike.h"
#include "web/tr.h"
#include "web/web.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum {
    SAMPLE = 20000,      /* persons to learn from */
    SAMPLE_LEAST = 2000, /* below it what is usual is better */
    ROWS = 2000,
    TEXT_MAX = 200000,
    DAYS_OLD = 30
};

/* Models in use by this process, the newest first. They are few, some tens of kilobytes each, and pages may still hold them. */
struct kept {
    int64_t id;
    struct link_model model;
    struct kept *next;
};
static struct kept *models;
static pthread_mutex_t models_lock = PTHREAD_MUTEX_INITIALIZER;

static const struct link_model *usual(void)
{
    static struct link_model model;
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    static bool made;
    pthread_mutex_lock(&once);
    if (!made)
        link_model_begin(&model, alike_fields, ALIKE_FIELDS);
    made = true;
    pthread_mutex_unlock(&once);
    return &model;
}

static const struct link_model *find(int64_t id)
{
    pthread_mutex_lock(&models_lock);
    const struct kept *k = models;
    while (k && k->id != id)
        k = k->next;
    pthread_mutex_unlock(&models_lock);
    return k ? &k->model : NULL;
}

/* Is it about the fields of this program? An older one is not used. */
static bool fits(const struct link_model *m)
{
    bool same = m->n == ALIKE_FIELDS;
    for (int f = 0; same && f < m->n; f++)
        same = strcmp(m->field[f].name, alike_fields[f].name) == 0 &&
               m->field[f].kind == alike_fields[f].kind;
    return same;
}

static const struct link_model *load(struct request *rq, int64_t id)
{
    union link_model_text_row row;
    struct fault fault = {0};
    if (!q_link_model_text(rq, &(struct link_model_text_args){.id = v_int(id)}, &row))
        return NULL;
    struct arena *arena = arena_new(); /* lives as long as the process */
    struct kept *k = NEW(arena, struct kept);
    k->id = id;
    if (link_model_parse(arena, v_as_text(row.text), &k->model, &fault) || !fits(&k->model)) {
        log_warn("model %lld of persons is not used: %s", (long long)id, fault.text);
        k->model = *usual();
    }
    link_model_ready(&k->model);
    pthread_mutex_lock(&models_lock);
    k->next = models;
    models = k;
    pthread_mutex_unlock(&models_lock);
    return &k->model;
}

const struct link_model *person_model(struct request *rq)
{
    union link_model_newest_row newest;
    if (!q_link_model_newest(rq, NULL, &newest))
        return usual();
    const struct link_model *m = find(v_as_int(newest.id));
    if (!m)
        m = load(rq, v_as_int(newest.id));
    return m ? m : usual();
}

/* ---- learning ---- */

struct learners {
    struct arena *arena;
    const struct feature **row;
    size_t n;
};

static void read_sample(struct request *rq, struct learners *s, int64_t step)
{
    struct arena *outer = rq->arena;
    int64_t after = 0;
    rq->arena = arena_new();
    for (bool more = true; more && !rq->err && s->n < SAMPLE;) {
        struct alike_sample_rows rows = {0};
        q_alike_sample(rq,
                       &(struct alike_sample_args){
                           .after = v_int(after), .step = v_int(step), .rows = v_int(ROWS)},
                       &rows);
        for (size_t i = 0; i < rows.n && s->n < SAMPLE; i++) {
            union person_record p = alike_facts(rows.row[i].v);
            struct alike_record r = alike_record_of(s->arena, usual(), &p);
            memcpy(s->row + s->n++ * ALIKE_FIELDS, r.value, sizeof r.value);
        }
        more = rows.n == ROWS;
        if (rows.n)
            after = v_as_int(rows.row[rows.n - 1].id);
        arena_reset(rq->arena);
    }
    arena_free(rq->arena);
    rq->arena = outer;
}

static void store(struct request *rq, const struct link_result *result, size_t persons)
{
    struct change ch;
    struct buf text = BUF(TEXT_MAX);
    link_model_print(&result->model, &text);
    if (buf_end(&text)) {
        log_warn("the model of persons is too long");
    } else {
        change_begin(rq, &ch, NO_SUBJECT);
        union link_model_record m = {.text = v_text(buf_get(&text)),
                                     .learnt_at = v_instant(rq->now),
                                     .persons = v_int((int64_t)persons),
                                     .pairs = v_int((int64_t)result->compared)};
        int64_t id = change_insert(&ch, &link_model_table, m.v);
        change_event(&ch, &(struct event){.kind = "model.learnt", .table = &link_model_table, .object = id});
        (void)change_commit(&ch);
    }
    buf_free(&text);
}

/* Only the model is wanted. */
static bool no_pairs(void *mine, const struct link_pair *pair)
{
    (void)mine, (void)pair;
    return true;
}

void person_model_job(struct request *rq)
{
    union link_model_newest_row newest = {0};
    union person_greatest_row last;
    if (!q_person_greatest(rq, NULL, &last) || v_as_int(last.id) < SAMPLE_LEAST)
        return;
    bool any = q_link_model_newest(rq, NULL, &newest);
    /* old, or of a register that has grown since */
    if (any && rq->now - v_as_int(newest.learnt_at) < (int64_t)DAYS_OLD * 86400 * 1000000 &&
        v_as_int(last.id) < 4 * v_as_int(newest.persons))
        return;
    struct learners s = {.arena = arena_new()};
    s.row = malloc((size_t)SAMPLE * ALIKE_FIELDS * sizeof *s.row);
    if (s.row)
        read_sample(rq, &s, v_as_int(last.id) / SAMPLE + 1);
    struct link_set set = {.fields = alike_fields,
                           .n_fields = ALIKE_FIELDS,
                           .row = s.row,
                           .n_rows = s.n,
                           .n_first = s.n};
    struct link_result result;
    if (s.row && s.n >= SAMPLE_LEAST && !rq->err) {
        enum err err = link_run(&set, &result, no_pairs, NULL);
        if (err)
            log_warn("no model of persons was learnt: %s", err_name(err));
        else
            store(rq, &result, s.n);
    }
    free(s.row);
    arena_free(s.arena);
}

/* ---- pages ---- */

ROUTE(GET, "/models", people_models, model_list_page, JOIN_PERSONS)
static enum err people_models(struct request *rq, struct model_list_page_page *page)
{
    q_link_model_list(
        rq, &(struct link_model_list_args){.paging = rq_paging(rq, &link_model_list_query)},
        &page->items);
    return rq_end(rq);
}

struct text alike_bits(struct request *rq, double bits, const char *plus)
{
    long n = lround(bits * 10);
    return arena_printf(rq->arena, "%s%ld%s%ld", n < 0 ? "−" : plus, labs(n) / 10,
                        rq->lang == LANG_EN ? "." : ",", labs(n) % 10);
}

/* A share of pairs: "77", "0,31", "0,0004" per cent. */
static struct value per_cent(struct request *rq, double share)
{
    struct text t = arena_printf(rq->arena, "%.*f", share >= .1 ? 0 : share >= .001 ? 2 : 4, share * 100);
    char *s = arena_alloc(rq->arena, t.n);
    for (size_t i = 0; i < t.n; i++)
        s[i] = t.s[i] == '.' && rq->lang != LANG_EN ? ',' : t.s[i];
    return v_text((struct text){s, t.n});
}

/* Weights of the levels, field by field. */
static void show_levels(struct request *rq, const struct link_model *m, struct model_level_rows *out)
{
    *out = (struct model_level_rows){.query = &model_level_query};
    out->row = arena_array(rq->arena, ALIKE_FIELDS * LINK_LEVELS_MAX, sizeof *out->row);
    for (enum alike_field f = 0; f < ALIKE_FIELDS; f++) {
        const struct link_kind_info *k = &link_kinds[alike_fields[f].kind];
        for (int l = 0; l < k->n_levels; l++)
            out->row[out->n++] = (union model_level_row){
                .id = v_int((int64_t)f * LINK_LEVELS_MAX + l),
                .field = l ? v_null() : v_z(tr(rq->lang, alike_label(f))),
                .level = v_z(tr(rq->lang, k->levels[l])),
                .same = per_cent(rq, m->m[f][l]),
                .other = per_cent(rq, m->u[f][l]),
                .weight = v_text(alike_bits(rq, m->weight[f][l], "")),
            };
    }
}

ROUTE(GET, "/models/{model}", people_model, model_card_page, JOIN_PERSONS)
static enum err people_model(struct request *rq, struct model_card_page_page *page)
{
    struct value id = rq_id(rq, "model");
    q_link_model_card(rq, &(struct link_model_card_args){.id = id}, &page->model);
    if (rq->err)
        return rq_end(rq);
    const struct link_model *m = find(v_as_int(id));
    if (!m)
        m = load(rq, v_as_int(id));
    page->same = v_text(alike_bits(rq, m->same, ""));
    page->doubtful = v_text(alike_bits(rq, m->doubtful, ""));
    page->prior = v_text(alike_bits(rq, m->prior, ""));
    show_levels(rq, m, &page->items);
    return rq_end(rq);
}

int64_t sample_model(struct request *rq)
{
    union link_model_newest_row newest;
    return rq_may(rq, CAP_JOIN_PERSONS) && q_link_model_newest(rq, NULL, &newest) ? v_as_int(newest.id) : 0;
}
