/* Rows of the search as pages show them (what is found: people_find.c). Of the own body's persons they come from the reading
 * door. What is shown of a person whom the viewer's body does not know is the minimal card: name, year of birth, leading
 * body; these rows are made here and nowhere else, because there is no access to start from, noted in the read log, and never
 * say why another body knows the person. */
#include "base/id.h"
#include "guard/guard.h"
#include "guard/room.h"
#include "linkage/names.h"
#include "rooms/people/people_find.h"
#include "rooms/people/people_rules.h"

enum { FOUND_MAX = 60 };

static struct value year_value(struct value date)
{
    return date.kind == V_DATE ? v_int(date_ymd(date.i).year) : date;
}

bool person_minimal_of(struct request *rq, union person_found_row *card)
{
    uint32_t reads = rq->viewer.role ? rq->viewer.role->read : 0;
    if (!(reads & CLASS_BIT(CLASS_IDENTITY)))
        return false;
    /* nothing is open to this viewer, so a name that tells anything is not said: the safe signal stands in its place */
    if (v_is(card->lead_body) && body_tells(v_as_int(card->lead_body_id)))
        card->lead_body = (struct value){0};
    card->born = year_value(card->born);
    card->sight = v_text(sight_mark(rq, v_as_int(card->id)));
    rq_saw(rq, v_as_int(card->id));
    return true;
}

static void add_minimal(struct request *rq, struct person_found_rows *out,
                        union person_found_row card)
{
    if (out->n < FOUND_MAX && person_minimal_of(rq, &card))
        out->row[out->n++] = card;
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

/* The rows of the own body that the door gives for these numbers. */
static void own_rows(struct request *rq, const struct found *found, size_t n, struct person_found_rows *out)
{
    struct person_found_args args = {0};
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (found[i].own)
            args.v[k++] = v_int(found[i].id);
    for (size_t i = k; k && i < FOUND_ROWS; i++)
        args.v[i] = args.v[0];
    if (k)
        q_person_found(rq, &args, out);
}

static struct value lead_name(struct request *rq, struct value body)
{
    union found_lead_row row;

    return v_is(body) && q_found_lead(rq, &(struct found_lead_args){.body = body}, &row) ? row.name : v_null();
}

/* Surnames without their endings, each once. */
struct sought {
    struct text word[2 * FOUND_MAX];
    size_t n;
};

static void sought_add(struct sought *s, struct text stem)
{
    for (size_t i = 0; i < s->n; i++)
        if (text_eq(s->word[i], stem))
            return;
    if (stem.n && s->n < sizeof s->word / sizeof *s->word)
        s->word[s->n++] = stem;
}

void person_sought(struct request *rq, struct text typed)
{
    struct sought s = {.n = 0};
    for (enum layout layout = LAYOUT_LIKELY; layout <= LAYOUT_OTHER && typed.n; layout++) {
        struct typed t;
        typed_read(rq->arena, typed, 0, layout, &t);
        for (size_t i = 0; i < t.n; i++)
            if (!t.w[i].digits)
                sought_add(&s, name_surname_stem(rq->arena, t.w[i].cyrillic));
    }
    HOOK(rq, person_sought, rq, s.word, s.n);
}

/* The whole word was typed, be it otherwise: a beginning and a part are what many share. */
static bool typed_whole(const struct typed *t, const struct typed_word *is)
{
    enum how how;
    for (size_t i = 0; i < t->n; i++) {
        (void)word_match(&t->w[i], is, &how);
        if (how != HOW_INITIAL && how != HOW_BEGINS && how != HOW_INSIDE && how != HOW_NONE)
            return true;
    }
    return false;
}

/* Whose surname was misspelt was looked for all the same. */
static void sought_found(struct request *rq, const struct typed *t, const struct person_found_rows *rows)
{
    struct sought s = {.n = 0};
    for (size_t i = 0; i < rows->n; i++) {
        struct text rest = name_clean(rq->arena, v_as_text(rows->row[i].family_name)), word;
        while (text_split(&rest, ' ', &word)) {
            struct typed_word is;
            typed_word(rq->arena, word, &is);
            if (typed_whole(t, &is))
                sought_add(&s, name_surname_stem(rq->arena, word));
        }
    }
    HOOK(rq, person_sought, rq, s.word, s.n);
}

void person_search(struct request *rq, struct text text, int64_t year, bool wide, const int64_t *but, size_t n_but,
                   struct person_found_rows *out, const char **message)
{
    struct found found[FOUND_ROWS];
    struct person_found_rows own = {0};
    struct typed t;
    const struct typed *used = &t;
    bool enough, other_enough;

    *message = NULL;
    *out = (struct person_found_rows){0};
    typed_read(rq->arena, text, year, LAYOUT_LIKELY, &t);
    size_t n = person_find(rq, &t, wide && rq_may(rq, CAP_SEARCH_PERSON), &enough, found);
    if (!n && t.n) { /* a rare name in the wrong layout looks like nothing at all, another like one that is in the right one */
        struct typed *other = NEW(rq->arena, struct typed);
        typed_read(rq->arena, text, year, t.switched ? LAYOUT_TYPED : LAYOUT_OTHER, other);
        if (other->switched != t.switched && other->n) {
            n = person_find(rq, other, wide && rq_may(rq, CAP_SEARCH_PERSON), &other_enough, found);
            used = other;
        }
    }
    if (t.wrong_check)
        *message = t.digits.n == 12 ? N_("The IIN is wrong: its check digit does not fit") : N_("The SNILS is wrong: its check number does not fit");
    else if (wide && !enough)
        *message = n ? N_("Only persons of your body are shown: to look in other bodies, add the year or the date of birth")
                     : N_("Write the surname and the year of birth, or the SNILS");
    own_rows(rq, found, n, &own);
    grow(rq, out);
    for (size_t i = 0; i < n && !rq->err; i++) {
        bool known = false, skip = false;
        for (size_t k = 0; k < n_but; k++)
            skip = skip || but[k] == found[i].id;
        for (size_t k = 0; k < own.n && !skip && found[i].own; k++)
            if (v_as_int(own.row[k].id) == found[i].id) {
                out->row[out->n++] = own.row[k];
                known = true;
            }
        if (!found[i].own && !skip) {
            size_t before = out->n;
            add_minimal(rq, out,
                        (union person_found_row){.id = v_int(found[i].id),
                                                 .family_name = found[i].family_name,
                                                 .given_name = found[i].given_name,
                                                 .patronymic = found[i].patronymic,
                                                 .born = found[i].birth_date,
                                                 .lead_body_id = found[i].lead_body_id,
                                                 .lead_body = lead_name(rq, found[i].lead_body_id),
                                                 .known = v_int(0)});
            known = out->n > before;
        }
        if (known && found[i].found_by.n)
            out->row[out->n - 1].found_by = v_text(found[i].found_by);
    }
    soften(out);
    sought_found(rq, used, out);
}

void person_minimal(struct request *rq, const int64_t *ids, size_t n, struct person_found_rows *out)
{
    *out = (struct person_found_rows){0};
    grow(rq, out);
    for (size_t i = 0; i < n && !rq->err; i++) {
        union person_facts_row p;
        if (!q_person_facts(rq, &(struct person_facts_args){.id = v_int(ids[i])}, &p))
            continue;
        bool known = access_bits(rq, rq->viewer.body, ids[i]) & CLASS_BIT(CLASS_IDENTITY);
        add_minimal(rq, out,
                    (union person_found_row){.id = p.id,
                                             .family_name = p.family_name,
                                             .given_name = p.given_name,
                                             .patronymic = p.patronymic,
                                             .born = p.birth_date,
                                             .lead_body_id = p.lead_body_id,
                                             .lead_body = lead_name(rq, p.lead_body_id),
                                             .known = v_int(known)});
    }
    soften(out);
}
