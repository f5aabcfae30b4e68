/* Likely same persons as pages show them: the minimal card, and in words what agrees and what differs. Of a person whom the
 * viewer's body does not know it is said only that a field agrees, nearly agrees or differs, not how: "day and month change places"
 * would tell the date. */
#include "rooms/people/people_alike.h"
#include "rooms/people/people_rules.h"
#include "web/tr.h"

enum alike_nearness alike_nearness(enum alike_field field, const char *level)
{
    const struct link_kind_info *k = &link_kinds[alike_fields[field].kind];
    for (int l = 0; level && l < k->n_levels; l++)
        if (strcmp(k->levels[l], level) == 0)
            return l <= k->agree ? NEAR_SAME : l < k->n_levels - 1 ? NEAR_ALIKE : NEAR_NOT;
    return NEAR_UNKNOWN;
}

bool alike_enough(const struct link_explain *why)
{
    enum alike_nearness n[ALIKE_FIELDS];
    for (enum alike_field f = 0; f < ALIKE_FIELDS; f++)
        n[f] = alike_nearness(f, why->field[f].level);
    return n[ALIKE_SNILS] == NEAR_SAME || n[ALIKE_IIN] == NEAR_SAME ||
           (n[ALIKE_BORN] <= NEAR_ALIKE && n[ALIKE_FAMILY] <= NEAR_ALIKE &&
            (n[ALIKE_GIVEN] <= NEAR_ALIKE || n[ALIKE_PATRONYMIC] <= NEAR_ALIKE)) ||
           (n[ALIKE_BORN] == NEAR_SAME && n[ALIKE_GIVEN] == NEAR_SAME &&
            n[ALIKE_PATRONYMIC] == NEAR_SAME);
}

static bool is_contact(enum alike_field f)
{
    int at = table_field(&person_table, text_of(alike_fields[f].name));
    return at >= 0 && person_table.fields[at].cls == CLASS_CONTACT;
}

/* how: also in which way. contact: address and telephone are open to the viewer. */
static struct value listed(struct request *rq, const struct link_explain *why, enum alike_nearness what,
                           bool how, bool contact)
{
    struct text all = T("");
    for (enum alike_field f = 0; f < ALIKE_FIELDS; f++) {
        const char *level = why->field[f].level;
        if (alike_nearness(f, level) != what || (is_contact(f) && !contact))
            continue;
        const char *field = tr(rq->lang, alike_label(f));
        const char *between = all.n ? "; " : "";
        bool says = how && what != NEAR_NOT && strcmp(level, link_kinds[alike_fields[f].kind].levels[0]) != 0;
        all = says ? arena_printf(rq->arena, "%.*s%s%s (%s)", TEXT_ARG(all), between, field, tr(rq->lang, level))
                   : arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(all), between, field);
    }
    return v_text_or_null(all);
}

void person_likely_rows(struct request *rq, const struct alike *found, size_t n,
                        struct person_likely_rows *out)
{
    struct person_found_rows cards;
    uint32_t reads = rq->viewer.role ? rq->viewer.role->read : 0;
    int64_t *ids = arena_array(rq->arena, n + 1, sizeof *ids);
    for (size_t i = 0; i < n; i++)
        ids[i] = found[i].person;
    person_minimal(rq, ids, n, &cards);
    *out = (struct person_likely_rows){.query = &person_likely_query};
    out->row = arena_array(rq->arena, n + 1, sizeof *out->row);
    for (size_t i = 0; i < cards.n; i++) {
        const union person_found_row *c = &cards.row[i];
        size_t at = 0;
        while (at < n && found[at].person != v_as_int(c->id))
            at++;
        if (at == n)
            continue;
        const struct link_explain *why = &found[at].why;
        bool known = v_as_int(c->known) != 0;
        bool contact = known && access_bits(rq, rq->viewer.body, found[at].person) & reads &
                                    CLASS_BIT(CLASS_CONTACT);
        out->row[out->n++] = (union person_likely_row){
            .id = c->id,
            .family_name = c->family_name,
            .given_name = c->given_name,
            .patronymic = c->patronymic,
            .born = c->born,
            .lead_body_id = c->lead_body_id,
            .lead_body = c->lead_body,
            .known = c->known,
            .sure = v_int(found[at].verdict == ALIKE_SAME),
            .choose = v_int(known || found[at].exact),
            .agrees = listed(rq, why, NEAR_SAME, known, contact),
            .near = listed(rq, why, NEAR_ALIKE, known, contact),
            .differs = listed(rq, why, NEAR_NOT, known, contact),
            .other_name = v_int(found[at].other_name),
            .forbidden = why->forbidden ? v_z(tr(rq->lang, why->forbidden)) : v_null(),
        };
    }
}
