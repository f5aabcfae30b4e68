/* How the bodies of the fictional region are organised: heads, units, the coordinating body, agreements. */
#include "agencies_gen.h"
#include "base/date.h"
#include "guard_gen.h"
#include "main/demo.h"
#include "rooms/agencies/agencies.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void event_of(struct change *ch, const char *kind, const struct table *table, int64_t id)
{
    change_event(ch, &(struct event){.kind = kind, .table = table, .object = id});
}

/* Whom each body is told to when it is silent, and in a centre who heads it and its one department. */
static void make_heads(struct change *ch, const struct region_made *r)
{
    int64_t coordinator = 0;
    for (int i = 0; i < r->n_actors; i++)
        if (!strcmp(r->actors[i].viewer.login, "coordinator"))
            coordinator = r->actors[i].viewer.body;
    for (int i = 0; i < r->n_bodies; i++) {
        const struct demo_body *b = &r->bodies[i];
        union body_record u = {0};
        if (b->id != coordinator && b->kind < K_MINISTRY)
            u.coordinator_id = v_int(coordinator);
        if (b->kind == K_SOCIAL && b->n_actors == ACTORS_OF_BODY)
            u.head_account_id = v_int(r->actors[b->actors[ACTORS_OF_BODY - 1]].viewer.account);
        if (u.coordinator_id.kind != V_NONE) {
            change_update(ch, &body_table, b->id, -1, u.v);
            event_of(ch, "body.changed", &body_table, b->id);
        }
        if (u.head_account_id.kind == V_NONE)
            continue;
        union unit_record unit = {.body_id = v_int(b->id),
                                  .name = v_z("Отделение социального сопровождения"),
                                  .head_account_id = v_int(r->actors[b->actors[0]].viewer.account),
                                  .active = v_int(1)};
        int64_t id = change_insert(ch, &unit_table, unit.v);
        event_of(ch, "unit.created", &unit_table, id);
        for (int k = 0; k < ACTORS_OF_BODY - 1; k++) {
            union account_record a = {.unit_id = v_int(id)};
            change_update(ch, &account_table, r->actors[b->actors[k]].viewer.account, -1, a.v);
        }
        event_of(ch, "unit.members", &unit_table, id);
    }
}

/* What is signed, between whom, and what may be sent under it. ngo: its number among those of the region. Days: from the day of the
 * demonstration; since 0: from the first day of the region. */
static const struct {
    const char *number, *kind, *subject, *state;
    const char *kinds[16];
    int ngo;
    int since, until; /* until 0: without end */
    const char *needs[4];
} documents[] = {
    {"118-п/44",
     "joint_order",
     "Порядок взаимодействия органов и некоммерческих организаций при ресоциализации и социальном "
     "сопровождении",
     "in_force",
     {"social_centre", "homeless_centre", "crisis_centre", "family_centre", "employment_centre",
      "penal_inspectorate", "prison", "police", "juvenile_commission", "guardianship", "clinic",
      "aids_centre", "narcology", "mental_hospital", "ngo"},
     -1,
     0,
     0,
     {"legal_aid", "shelter", "reintegration"}},
    {"7-С",
     "agreement",
     "Помощь в восстановлении документов",
     "in_force",
     {"social_centre", "penal_inspectorate"},
     0,
     -349,
     16,
     {"documents"}},
    {"9-С",
     "agreement",
     "Помощь в восстановлении документов",
     "in_force",
     {"social_centre"},
     3,
     -405,
     -40,
     {"documents"}},
    {"14-С", "memorandum", "Обмен сведениями о наставниках", "draft", {"social_centre"}, 1, 0, 0, {NULL}},
};

static void make_agreement(struct change *ch, const struct region_made *r, size_t i, int64_t first,
                           int64_t today)
{
    int64_t since = documents[i].since ? today + documents[i].since : first;
    union agreement_record g = {.number = v_z(documents[i].number),
                                .signed_on = v_date(since),
                                .subject = v_z(documents[i].subject),
                                .kind = v_z(documents[i].kind),
                                .since = v_date(since),
                                .until = documents[i].until ? v_date(today + documents[i].until)
                                                            : v_null(),
                                .state = v_z(documents[i].state),
                                .created_at = v_instant(ch->rq->now)};
    int64_t id = change_insert(ch, &agreement_table, g.v);
    for (size_t k = 0; k < COUNT(documents[i].kinds) && documents[i].kinds[k]; k++) {
        union agreement_party_record p = {.agreement_id = v_int(id),
                                          .kind = v_z(documents[i].kinds[k])};
        change_insert(ch, &agreement_party_table, p.v);
    }
    if (documents[i].ngo >= 0) {
        union agreement_party_record p = {
            .agreement_id = v_int(id),
            .body_id = v_int(r->bodies[body_for(r, K_NGO, documents[i].ngo)].id)};
        change_insert(ch, &agreement_party_table, p.v);
    }
    for (size_t k = 0; k < COUNT(documents[i].needs) && documents[i].needs[k]; k++) {
        union agreement_carries_record c = {.agreement_id = v_int(id),
                                            .need = v_z(documents[i].needs[k])};
        change_insert(ch, &agreement_carries_table, c.v);
    }
    event_of(ch, text_is(text_of(documents[i].state), "draft") ? "agreement.created"
                                                               : "agreement.signed",
             &agreement_table, id);
}

void demo_org(struct request *rq, const struct region_made *r, int64_t first, int64_t today)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    make_heads(&ch, r);
    for (size_t i = 0; i < COUNT(documents); i++)
        make_agreement(&ch, r, i, first, today);
    change_commit(&ch);
}
