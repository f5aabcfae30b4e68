#include "rooms/people/people_alike.h"
#include "base/utf8.h"
#include "linkage/names.h"
#include "rooms/people/people_keys.h"
#include "rooms/people/people_papers.h"
#include <stdlib.h>

const struct link_field alike_fields[ALIKE_FIELDS] = {
    [ALIKE_FAMILY] = {"family_name", LINK_FAMILY, .cyrillic = true},
    [ALIKE_GIVEN] = {"given_name", LINK_GIVEN, .cyrillic = true},
    [ALIKE_PATRONYMIC] = {"patronymic", LINK_PATRONYMIC, .cyrillic = true},
    [ALIKE_BORN] = {"birth_date", LINK_DATE, "%Y-%m-%d"},
    [ALIKE_SEX] = {"sex", LINK_SEX},
    [ALIKE_BIRTH_PLACE] = {"birth_place", LINK_PLACE},
    [ALIKE_SNILS] = {"snils", LINK_SNILS},
    [ALIKE_IIN] = {"iin", LINK_IIN},
    [ALIKE_ADDRESS] = {"address", LINK_ADDRESS},
    [ALIKE_PHONE] = {"phone", LINK_PHONE},
};

const char *alike_label(enum alike_field field)
{
    int at = table_field(&person_table, text_of(alike_fields[field].name));
    return at < 0 ? "" : person_table.fields[at].label;
}

/* ---- what is compared ---- */

static struct text born_text(struct arena *arena, const union person_record *p)
{
    char iso[DATE_ISO_LEN + 1];
    if (p->birth_date.kind == V_DATE) {
        date_iso(p->birth_date.i, iso);
        return arena_text(arena, text_of(iso));
    }
    int64_t from = v_as_int(p->birth_year_from), to = v_as_int(p->birth_year_to);
    if (!from && !to)
        return T("");
    return arena_printf(arena, "%lld-%lld", (long long)(from ? from : to), (long long)(to ? to : from));
}

static struct text text_of_field(struct arena *arena, const union person_record *p, enum alike_field f)
{
    const struct value *plain[ALIKE_FIELDS] = {
        [ALIKE_FAMILY] = &p->family_name, [ALIKE_GIVEN] = &p->given_name,
        [ALIKE_PATRONYMIC] = &p->patronymic, [ALIKE_SEX] = &p->sex,
        [ALIKE_BIRTH_PLACE] = &p->birth_place, [ALIKE_SNILS] = &p->snils,
        [ALIKE_IIN] = &p->iin, [ALIKE_ADDRESS] = &p->address,
        [ALIKE_PHONE] = &p->phone,
    };
    if (f == ALIKE_BORN)
        return born_text(arena, p);
    struct text t = v_as_text(*plain[f]);
    return f == ALIKE_FAMILY && name_is_made(t) ? T("") : t;
}

static const struct feature *feature_of(struct arena *arena, const struct link_model *model,
                                        enum alike_field field, struct text t)
{
    struct feature *f = NEW(arena, struct feature);
    if (!t.n || link_feature(arena, &alike_fields[field], t, f) != LINK_GIVEN_VALUE)
        return NULL;
    link_model_share(model, (int)field, f);
    return f;
}

struct alike_record alike_record_of(struct arena *arena, const struct link_model *model,
                                    const union person_record *p)
{
    struct alike_record r;
    for (enum alike_field f = 0; f < ALIKE_FIELDS; f++)
        r.value[f] = feature_of(arena, model, f, text_of_field(arena, p, f));
    return r;
}

_Static_assert(sizeof(union alike_candidates_row) == sizeof(union alike_person_row) &&
                   sizeof(union alike_candidates_row) == sizeof(union alike_sample_row),
               "the three queries have the same columns");

union person_record alike_facts(const struct value *row)
{
    union alike_candidates_row c;
    memcpy(&c, row, sizeof c);
    return (union person_record){
        .id = c.id,
        .family_name = c.family_name,
        .given_name = c.given_name,
        .patronymic = c.patronymic,
        .birth_date = c.birth_date,
        .birth_year_from = c.birth_year_from,
        .birth_year_to = c.birth_year_to,
        .sex = c.sex,
        .birth_place = c.birth_place,
        .snils = c.snils,
        .iin = c.iin,
        .address = c.address,
        .phone = c.phone,
    };
}

/* ---- one pair ---- */

static enum alike_verdict verdict_of(const struct link_model *model, double bits,
                                     const struct link_explain *why)
{
    if (bits < model->doubtful)
        return ALIKE_OTHER;
    return bits >= model->same && !why->forbidden ? ALIKE_SAME : ALIKE_DOUBTFUL;
}

static void judge(const struct link_model *model, const struct alike_record *a,
                  const struct alike_record *b, struct alike *out)
{
    out->bits = link_score(model, a->value, b->value, &out->why);
    out->verdict = verdict_of(model, out->bits, &out->why);
}

/* Another name of the candidate may be what was said of the person: the likelier counts. A word alone stands in the place of the surname. */
static void judge_by_names(struct request *rq, const struct link_model *model,
                           const struct alike_record *a, struct alike_record b, struct alike *out)
{
    struct alike_names_rows rows = {0};
    q_alike_names(rq, &(struct alike_names_args){.person = v_int(out->person)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        struct text rest = name_clean(rq->arena, v_as_text(rows.row[i].name)), word;
        struct alike_record other = b;
        struct alike by = {.person = out->person, .other_name = true};
        for (enum alike_field f = ALIKE_FAMILY; f <= ALIKE_PATRONYMIC && text_split(&rest, ' ', &word); f++)
            other.value[f] = feature_of(rq->arena, model, f, word);
        judge(model, a, &other, &by);
        if (by.bits > out->bits)
            *out = by;
    }
}

/* ---- candidates ---- */

enum { KEYS = 8 };

static void add_key(int64_t key[KEYS], size_t *n, int64_t k)
{
    for (size_t i = 0; i < *n; i++)
        if (key[i] == k)
            return;
    if (*n < KEYS)
        key[(*n)++] = k;
}

/* Keys that few share: a day of birth, a surname with its year, a telephone. Where no date is known, what is left. */
static void keys_of(struct arena *arena, const union person_record *p, enum alike_reach reach,
                    int64_t key[KEYS])
{
    struct text rest = name_clean(arena, v_as_text(p->family_name)), word;
    struct text digits = text_digits(arena, v_as_text(p->phone));
    bool born = p->birth_date.kind == V_DATE;
    int64_t other;
    size_t n = 0;
    memset(key, 0, KEYS * sizeof *key);
    if (born && reach == ALIKE_WIDE) {
        add_key(key, &n, key_day(p->birth_date.i));
        if (date_swapped(p->birth_date.i, &other))
            add_key(key, &n, key_day(other));
    }
    while (born && n < 4 && text_split(&rest, ' ', &word))
        add_key(key, &n, key_surname_year(arena, word, date_ymd(p->birth_date.i).year));
    if (digits.n >= 10 && reach == ALIKE_WIDE)
        add_key(key, &n, key_phone(digits));
    if (born || reach != ALIKE_WIDE)
        return;
    struct text given = name_clean(arena, v_as_text(p->given_name)), name = T("");
    struct text fathers = name_clean(arena, v_as_text(p->patronymic)), father = T(""), place[2];
    size_t places = place_words(arena, v_as_text(p->birth_place), place, 1);
    places += place_words(arena, v_as_text(p->address), place + places, 1);
    if (text_split(&rest, ' ', &word))
        for (size_t i = 0; i < places; i++)
            add_key(key, &n, key_place(arena, place[i], word));
    if (text_split(&given, ' ', &name) && text_split(&fathers, ' ', &father))
        add_key(key, &n, key_given_patronymic(arena, name, father));
}

/* The folded first letter; 0: there is none, or it is Latin and may stand for several. */
static uint32_t first_letter(struct arena *arena, struct value name)
{
    struct text t = text_trim(v_as_text(name));
    uint32_t c = 0;
    size_t n = utf8_next(t.s, t.n, &c);
    if (!n || c < 0x400)
        return 0;
    t = text_fold(arena, (struct text){t.s, n});
    return utf8_next(t.s, t.n, &c) ? c : 0;
}

static bool same_day(const union person_record *p, const union person_record *other)
{
    int64_t swapped;
    if (p->birth_date.kind != V_DATE || other->birth_date.kind != V_DATE)
        return true;
    return p->birth_date.i == other->birth_date.i ||
           (date_swapped(p->birth_date.i, &swapped) && swapped == other->birth_date.i);
}

/* Worth comparing: some number is the same, or a name begins with the same letter. Most of those born on a day are not, nor are most
 * namesakes of a year, of whom a common surname has hundreds. */
static bool worth(struct arena *arena, const union person_record *p, const union person_record *other,
                  enum alike_reach reach)
{
    if ((v_is(p->snils) && v_eq(p->snils, other->snils)) || (v_is(p->iin) && v_eq(p->iin, other->iin)) ||
        (v_is(p->phone) && v_eq(p->phone, other->phone)))
        return true;
    uint32_t a[] = {first_letter(arena, p->family_name), first_letter(arena, p->given_name)};
    uint32_t b[] = {first_letter(arena, other->family_name), first_letter(arena, other->given_name)};
    for (int i = 0; i < 2; i++)
        if (!a[i] || !b[i])
            return true;
    if (reach == ALIKE_NARROW && a[1] != b[1] && !same_day(p, other))
        return false;
    return (a[0] == b[0]) + (a[1] == b[1]) > 0 || (a[0] == b[1] && a[1] == b[0]);
}

static int by_bits(const void *a, const void *b)
{
    double x = ((const struct alike *)a)->bits, y = ((const struct alike *)b)->bits;
    return (x < y) - (x > y);
}

/* Keeps the likeliest. */
static void keep(struct alike out[ALIKE_MOST], size_t *n, const struct alike *found)
{
    if (found->verdict == ALIKE_OTHER)
        return;
    if (*n < ALIKE_MOST)
        out[(*n)++] = *found;
    else if (found->bits > out[ALIKE_MOST - 1].bits)
        out[ALIKE_MOST - 1] = *found;
    else
        return;
    qsort(out, *n, sizeof *out, by_bits);
}

size_t person_alike(struct request *rq, const union person_record *p, int64_t but,
                    enum alike_reach reach, struct alike out[ALIKE_MOST])
{
    const struct link_model *model = NULL;
    struct alike_record mine = {{NULL}};
    struct alike_candidates_rows rows = {0};
    int64_t k[KEYS];
    size_t n = 0;
    keys_of(rq->arena, p, reach, k);
    q_alike_candidates(rq,
                       &(struct alike_candidates_args){.a = v_int(k[0]),
                                                       .b = v_int(k[1]),
                                                       .c = v_int(k[2]),
                                                       .d = v_int(k[3]),
                                                       .e = v_int(k[4]),
                                                       .f = v_int(k[5]),
                                                       .g = v_int(k[6]),
                                                       .h = v_int(k[7]),
                                                       .snils = v_text(v_as_text(p->snils)),
                                                       .iin = v_text(v_as_text(p->iin)),
                                                       .but = v_int(but),
                                                       .sees_all = v_int(rq->viewer.system)},
                       &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        union person_record other = alike_facts(rows.row[i].v);
        if (!worth(rq->arena, p, &other, reach))
            continue;
        if (!model) {
            model = person_model(rq);
            mine = alike_record_of(rq->arena, model, p);
        }
        struct alike_record theirs = alike_record_of(rq->arena, model, &other);
        struct alike found = {.person = v_as_int(rows.row[i].id)};
        judge(model, &mine, &theirs, &found);
        /* near enough that another name could decide it */
        if (reach == ALIKE_WIDE && found.verdict != ALIKE_SAME && found.bits > model->doubtful - 20)
            judge_by_names(rq, model, &mine, theirs, &found);
        keep(out, &n, &found);
    }
    return n;
}

static bool person_row(struct request *rq, int64_t id, union person_record *out)
{
    union alike_person_row row;
    if (!q_alike_person(rq, &(struct alike_person_args){.id = v_int(id)}, &row))
        return false;
    *out = alike_facts(row.v);
    return true;
}

bool person_alike_one(struct request *rq, const union person_record *p, int64_t person,
                      struct alike *out)
{
    const struct link_model *model = person_model(rq);
    union person_record other;
    if (!person_row(rq, person, &other))
        return false;
    struct alike_record mine = alike_record_of(rq->arena, model, p);
    struct alike_record theirs = alike_record_of(rq->arena, model, &other);
    *out = (struct alike){.person = person};
    judge(model, &mine, &theirs, out);
    if (out->verdict == ALIKE_OTHER)
        out->verdict = ALIKE_DOUBTFUL;
    return true;
}

bool person_compare(struct request *rq, int64_t a, int64_t b, struct alike *out)
{
    const struct link_model *model = person_model(rq);
    union person_record p, q;
    if (!person_row(rq, a, &p) || !person_row(rq, b, &q))
        return false;
    struct alike_record mine = alike_record_of(rq->arena, model, &p);
    struct alike_record theirs = alike_record_of(rq->arena, model, &q);
    *out = (struct alike){.person = b};
    judge(model, &mine, &theirs, out);
    judge_by_names(rq, model, &mine, theirs, out);
    struct alike turned = {.person = a};
    judge(model, &theirs, &mine, &turned);
    judge_by_names(rq, model, &theirs, mine, &turned);
    if (turned.bits > out->bits) {
        *out = turned;
        out->person = b;
    }
    return true;
}

struct text person_compared(struct request *rq, int64_t person)
{
    union person_record p;
    struct alike_names_rows names = {0};
    struct text all = T("");
    if (!person_row(rq, person, &p))
        return all;
    for (enum alike_field f = 0; f < ALIKE_FIELDS; f++)
        all = arena_printf(rq->arena, "%.*s%.*s\x1f", TEXT_ARG(all), TEXT_ARG(text_of_field(rq->arena, &p, f)));
    q_alike_names(rq, &(struct alike_names_args){.person = v_int(person)}, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct text name = v_as_text(names.row[i].name);
        all = arena_printf(rq->arena, "%.*s%.*s\x1f", TEXT_ARG(all), TEXT_ARG(name));
    }
    return all;
}
