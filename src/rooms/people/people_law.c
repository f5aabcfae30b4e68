/* Grants by law: a category that an article of law names opens the person to the bodies of his
 * district (or of the whole region) that the law names. They appear and end with the category, the
 * district, the bodies and the law itself. */
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/people/people_rules.h"
#include <time.h>

enum {
    SLICE_US = 20 * 1000, /* of the writer at a time; others wait for it */
    ROWS = 5000           /* of categories read at a time */
};

bool law_concerns(struct text category)
{
    for (size_t i = 0; law_at(i); i++)
        if (law_has(law_at(i)->categories, category))
            return true;
    return false;
}

static const struct law *law_of_reason(struct text reason)
{
    struct text code;
    if (text_split(&reason, ' ', &code))
        for (size_t i = 0; law_at(i); i++)
            if (text_is(code, law_at(i)->code))
                return law_at(i);
    return NULL;
}

static void tell(struct change *ch, const char *kind, int64_t person, int64_t body,
                 int64_t category, uint32_t classes, const struct law *law)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .other_body = body,
                                     .classes = CLASS_BIT(CLASS_IDENTITY) | classes,
                                     .table = &person_category_table,
                                     .object = category,
                                     .ground = law ? law->code : NULL});
}

/* Does the law still give this to the body, by a category that still stands? */
static bool stands(struct request *rq, const union law_grants_row *g,
                   const struct law_categories_rows *categories,
                   const struct law_bodies_rows *bodies)
{
    const char *kind = NULL;
    bool open = false;
    for (size_t i = 0; i < bodies->n; i++)
        if (v_eq(bodies->row[i].id, g->body_id))
            kind = arena_z(rq->arena, v_as_text(bodies->row[i].kind));
    for (size_t i = 0; i < categories->n; i++)
        open = open || v_eq(categories->row[i].id, g->ref_id);
    return kind && open && access_rule(FACT_LAW, kind, v_as_text(g->reason));
}

static bool has(const struct law_grants_rows *grants, int64_t body, int64_t category,
                struct text reason)
{
    for (size_t i = 0; i < grants->n; i++)
        if (v_as_int(grants->row[i].body_id) == body &&
            v_as_int(grants->row[i].ref_id) == category &&
            text_eq(v_as_text(grants->row[i].reason), reason))
            return true;
    return false;
}

static void open_by(struct change *ch, int64_t person, const union law_categories_row *c,
                    const struct law *law, const struct law_bodies_rows *bodies,
                    const struct law_grants_rows *grants)
{
    struct request *rq = ch->rq;
    struct text reason = law_reason(rq->arena, law, v_as_text(c->category));
    for (size_t i = 0; i < bodies->n && !rq->err; i++) {
        int64_t body = v_as_int(bodies->row[i].id);
        if (!access_rule(FACT_LAW, arena_z(rq->arena, v_as_text(bodies->row[i].kind)), reason) ||
            has(grants, body, v_as_int(c->id), reason))
            continue;
        grant_open(ch, person, body, FACT_LAW, reason, CLASS_ALL, "person_category",
                   v_as_int(c->id), 0);
        tell(ch, "law.opened", person, body, v_as_int(c->id), (uint32_t)v_as_int(c->classes), law);
    }
}

void law_refresh(struct change *ch, int64_t person)
{
    struct request *rq = ch->rq;
    struct law_categories_rows categories = {0};
    struct law_grants_rows grants = {0};
    struct law_bodies_rows bodies = {0};
    q_law_categories(rq, &(struct law_categories_args){.person = v_int(person)}, &categories);
    q_law_grants(rq, &(struct law_grants_args){.person = v_int(person)}, &grants);
    q_law_bodies(rq, &(struct law_bodies_args){.person = v_int(person)}, &bodies);
    bool ended = false;
    for (size_t i = 0; i < grants.n && !rq->err; i++) {
        const union law_grants_row *g = &grants.row[i];
        if (stands(rq, g, &categories, &bodies))
            continue;
        ended = true;
        grant_end(ch, person, v_as_int(g->body_id), "person_category", v_as_int(g->ref_id));
        tell(ch, "law.closed", person, v_as_int(g->body_id), v_as_int(g->ref_id),
             (uint32_t)v_as_int(g->tells), law_of_reason(v_as_text(g->reason)));
    }
    if (ended) /* with one law's grant those of others by the same category */
        q_law_grants(rq, &(struct law_grants_args){.person = v_int(person)}, &grants);
    for (size_t i = 0; i < categories.n && !rq->err; i++)
        for (size_t k = 0; law_at(k); k++)
            if (law_has(law_at(k)->categories, v_as_text(categories.row[i].category)))
                open_by(ch, person, &categories.row[i], law_at(k), &bodies, &grants);
}

/* ---- for everybody, after laws or bodies have changed ---- */

/* Up to which category the work is done; false: there is none. */
static bool position(struct request *rq, int64_t *at)
{
    union setting_get_row row;
    return q_setting_get(rq, &(struct setting_get_args){.name = v_z("law_work")}, &row) &&
           text_int(v_as_text(row.value), 0, INT64_MAX, at) == OK;
}

static bool slice(struct request *rq)
{
    struct change ch;
    struct law_walk_rows rows = {0};
    int64_t at, began;
    if (!position(rq, &at))
        return false;
    q_law_walk(rq, &(struct law_walk_args){.after = v_int(at), .rows = v_int(ROWS)}, &rows);
    change_begin_alone(rq, &ch);
    packs_check(rq);
    began = clock_monotonic();
    int64_t now = -1;
    bool mine =
        position(rq, &now) && now == at; /* nobody has begun anew, no other node been here */
    size_t i = 0;
    for (; mine && i < rows.n && !rq->err && clock_monotonic() - began < SLICE_US; i++) {
        const union law_walk_row *c = &rows.row[i];
        if (v_as_int(c->held) || (!v_is(c->until) && law_concerns(v_as_text(c->category))))
            law_refresh(&ch, v_as_int(c->person_id));
        at = v_as_int(c->id);
    }
    struct text place =
        i < rows.n || rows.n == ROWS ? arena_printf(rq->arena, "%lld", (long long)at) : T("done");
    if (mine)
        w_setting_put(&ch,
                      &(struct setting_put_args){.name = v_z("law_work"), .value = v_text(place)});
    ch.events++; /* each grant has its own */
    change_commit(&ch);
    return true;
}

void law_job(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    rq->arena = mine;
    while (rq_goes_on(rq) && slice(rq)) {
        arena_reset(mine);
        nanosleep(&(struct timespec){.tv_nsec = 2000000},
                  NULL); /* who waits for the writer gets it */
    }
    rq->arena = outer;
    arena_free(mine);
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT)
        rq->err = OK; /* another node is at the same work */
}
