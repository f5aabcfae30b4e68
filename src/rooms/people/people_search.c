/* Search across bodies: whether a person is known to somebody, and who leads. What is shown of a
 * person whom the viewer's body does not know is the minimal card: name, year of birth, leading
 * body. These rows do not come from the reading door, because there is no access to start from:
 * they are made here and nowhere else, noted in the read log, and never say why another body knows
 * the person. */
#include "base/id.h"
#include "guard/guard.h"
#include "rooms/people/people_rules.h"

enum { FOUND_MAX = 60, YEAR_MIN = 1880, YEAR_MAX = 2100 };

/* The year at the end of what was typed, taken off it; 0: none. */
static int64_t year_of(struct text *typed)
{
    struct text t = text_trim(*typed);
    int64_t year;
    if (t.n < 4 || text_int((struct text){t.s + t.n - 4, 4}, YEAR_MIN, YEAR_MAX, &year))
        return 0;
    if (t.n > 4 && t.s[t.n - 5] != ' ' && t.s[t.n - 5] != '.')
        return 0;
    *typed = text_trim((struct text){t.s, t.n - 4});
    return year;
}

bool person_search_parse(struct arena *arena, struct text typed, int64_t year,
                         struct person_search *out, const char **message)
{
    *out = (struct person_search){0};
    *message = NULL;
    typed = text_trim(typed);
    struct text digits = text_digits(arena, typed);
    bool number = digits.n == 11;
    for (size_t i = 0; i < typed.n; i++)
        number = number && strchr("0123456789- ", typed.s[i]) != NULL;
    if (number) {
        out->snils = v_text(digits);
        if (!snils_valid(digits))
            *message = N_("The SNILS is wrong: its check number does not fit");
        return !*message;
    }
    if (!year)
        year = year_of(&typed);
    struct text key = text_fold(arena, typed);
    if (!key.n || !year) {
        *message = N_("Write the surname and the year of birth, or the SNILS");
        return false;
    }
    if (year < YEAR_MIN || year > YEAR_MAX) {
        *message = N_("Write the year of birth with four digits");
        return false;
    }
    if (text_chars(key) < 2) {
        *message = N_("Write the surname in full");
        return false;
    }
    /* whole words only: the beginning of a surname would list half of the register */
    out->q = v_text(key);
    out->q_end = v_text(arena_printf(arena, "%.*s!", TEXT_ARG(key)));
    out->born_from = v_date(date_from((struct ymd){(int)year, 1, 1}));
    out->born_to = v_date(date_from((struct ymd){(int)year, 12, 31}));
    return true;
}

static struct value year_value(struct value date)
{
    return date.kind == V_DATE ? v_int(date_ymd(date.i).year) : date;
}

static void add_minimal(struct request *rq, struct person_found_rows *out, struct value id,
                        struct value family, struct value given, struct value patronymic,
                        struct value born, struct value lead_id, struct value lead)
{
    uint32_t reads = rq->viewer.role ? rq->viewer.role->read : 0;
    if (out->n >= FOUND_MAX || !(reads & CLASS_BIT(CLASS_IDENTITY)))
        return;
    /* nothing is open to this viewer, so a name that tells anything is not said */
    if (v_is(lead) && body_tells(v_as_int(lead_id)))
        lead = (struct value){.kind = V_HIDDEN, .cls = CLASS_SOCIAL};
    out->row[out->n++] = (union person_found_row){.id = id,
                                                  .family_name = family,
                                                  .given_name = given,
                                                  .patronymic = patronymic,
                                                  .born = year_value(born),
                                                  .lead_body_id = lead_id,
                                                  .lead_body = lead,
                                                  .sight = v_text(sight_mark(rq, v_as_int(id))),
                                                  .known = v_int(0)};
    rq_saw(rq, v_as_int(id));
}

/* Room for more rows behind those of the door. */
static void grow(struct request *rq, struct person_found_rows *out)
{
    union person_found_row *row = arena_array(rq->arena, FOUND_MAX, sizeof *row);
    if (out->n > FOUND_MAX)
        out->n = FOUND_MAX;
    if (out->n)
        memcpy(row, out->row, out->n * sizeof *row);
    out->row = row;
    out->query = &person_found_query;
}

/* A leading body whose name is hidden, or tells too much, is not told by its class either: the safe
 * signal stands in its place. */
static void soften(struct person_found_rows *out)
{
    for (size_t i = 0; i < out->n; i++) {
        if (out->row[i].born.kind == V_DATE)
            out->row[i].born = year_value(out->row[i].born);
        if (out->row[i].lead_body.kind == V_HIDDEN)
            out->row[i].lead_body = (struct value){0};
    }
}

void person_search(struct request *rq, const struct person_search *s, struct person_found_rows *out)
{
    struct person_elsewhere_rows others = {0};
    *out = (struct person_found_rows){0};
    q_person_found(rq,
                   &(struct person_found_args){.q = s->q,
                                               .q_end = s->q_end,
                                               .born_from = s->born_from,
                                               .born_to = s->born_to,
                                               .snils = s->snils},
                   out);
    grow(rq, out);
    if (rq_may(rq, CAP_SEARCH_PERSON))
        q_person_elsewhere(rq,
                           &(struct person_elsewhere_args){.q = s->q,
                                                           .q_end = s->q_end,
                                                           .born_from = s->born_from,
                                                           .born_to = s->born_to,
                                                           .snils = s->snils},
                           &others);
    for (size_t i = 0; i < others.n; i++) {
        const union person_elsewhere_row *r = &others.row[i];
        add_minimal(rq, out, r->id, r->family_name, r->given_name, r->patronymic, r->birth_date,
                    r->lead_body_id, r->lead_body);
    }
    soften(out);
}

void person_minimal(struct request *rq, const int64_t *ids, size_t n, struct person_found_rows *out)
{
    *out = (struct person_found_rows){0};
    grow(rq, out);
    for (size_t i = 0; i < n && !rq->err; i++) {
        union person_facts_row p;
        if (!q_person_facts(rq, &(struct person_facts_args){.id = v_int(ids[i])}, &p))
            continue;
        add_minimal(rq, out, p.id, p.family_name, p.given_name, p.patronymic, p.birth_date,
                    p.lead_body_id, v_null());
        if (access_bits(rq, rq->viewer.body, ids[i]) & CLASS_BIT(CLASS_IDENTITY))
            out->row[out->n - 1].known = v_int(1);
    }
    soften(out);
}
