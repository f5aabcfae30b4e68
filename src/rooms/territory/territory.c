#include "rooms/territory/territory.h"
#include "guard/room.h"
#include "rooms/territory/territory_rules.h"

void territory_options(struct request *rq, struct district_options_rows *out)
{
    q_district_options(rq, &(struct district_options_args){0}, out);
}

/* --- names as lists write them --- */

struct text district_core(struct arena *arena, struct text name)
{
    /* folded already */
    static const char *const kinds[] = {"район",
                                        "р",
                                        "н",
                                        "рн",
                                        "муниципальный",
                                        "муниципального",
                                        "городской",
                                        "городского",
                                        "округ",
                                        "округа",
                                        "мо",
                                        "го",
                                        "г",
                                        "город",
                                        "города",
                                        "района",
                                        "district",
                                        "аудан",
                                        "ауданы"};
    struct text folded = text_fold(arena, name), rest = folded, word;
    char *core = arena_alloc(arena, folded.n + 1);
    size_t n = 0;

    while (text_split(&rest, ' ', &word)) {
        bool kind = false;
        while (word.n && (word.s[word.n - 1] == '.' || word.s[word.n - 1] == ','))
            word.n--;
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && !kind; i++)
            kind = text_is(word, kinds[i]);
        if (!word.n || kind)
            continue;
        if (n)
            core[n++] = ' ';
        memcpy(core + n, word.s, word.n);
        n += word.n;
    }
    return n ? (struct text){core, n} : folded;
}

struct districts {
    size_t n;
    struct district_names {
        int64_t id;
        struct text code, key, core;
    } * of;
};

const struct districts *districts_read(struct request *rq)
{
    struct district_all_rows rows = {0};
    struct districts *d = NEW(rq->arena, struct districts);

    q_district_all(rq, &(struct district_all_args){0}, &rows);
    if (rq->err)
        return d;
    d->of = arena_array(rq->arena, rows.n + 1, sizeof *d->of);
    d->n = rows.n;
    for (size_t i = 0; i < rows.n; i++) {
        const union district_all_row *r = &rows.row[i];
        d->of[i] =
            (struct district_names){v_as_int(r->id), v_as_text(r->code), v_as_text(r->name_key),
                                    district_core(rq->arena, v_as_text(r->name))};
    }
    return d;
}

int64_t districts_find(const struct districts *d, struct arena *arena, struct text name)
{
    struct text typed = text_trim(name);
    int64_t found = 0;

    if (!typed.n)
        return 0;
    struct text key = text_fold(arena, typed), core = district_core(arena, typed);
    for (size_t i = 0; i < d->n; i++)
        if (text_eq(d->of[i].key, key) || text_eq(d->of[i].code, typed))
            return d->of[i].id;
    for (size_t i = 0; i < d->n; i++)
        if (text_eq(d->of[i].core, core)) {
            if (found)
                return 0; /* a town and the district around it: the short name does not say which */
            found = d->of[i].id;
        }
    return found;
}

int64_t district_of_code(struct request *rq, struct text code)
{
    union district_by_code_row row;

    return q_district_by_code(rq, &(struct district_by_code_args){.code = v_text(code)}, &row)
               ? v_as_int(row.id)
               : 0;
}

int64_t district_of_name(struct request *rq, struct text name)
{
    union district_by_key_row row;
    struct value key = v_text(text_fold(rq->arena, text_trim(name)));

    if (q_district_by_key(rq, &(struct district_by_key_args){.name_key = key}, &row))
        return v_as_int(row.id);
    return rq->err ? 0 : districts_find(districts_read(rq), rq->arena, name);
}

struct text district_name(struct request *rq, int64_t id)
{
    union district_by_id_row row;

    return q_district_by_id(rq, &(struct district_by_id_args){.id = v_int(id)}, &row)
               ? v_as_text(row.name)
               : T("");
}

/* --- changes --- */

int64_t district_add(struct change *ch, struct text code, struct text name)
{
    union district_record r = {.code = v_text(code),
                               .name = v_text(name),
                               .name_key = v_text(text_fold(ch->rq->arena, name))};
    int64_t id = change_insert(ch, &district_table, r.v);

    change_event(
        ch, &(struct event){.kind = "district.changed", .table = &district_table, .object = id});
    return id;
}

int64_t settlement_add(struct change *ch, int64_t district, struct text name)
{
    union settlement_record r = {.district_id = v_int(district), .name = v_text(name)};
    int64_t id = change_insert(ch, &settlement_table, r.v);

    change_event(
        ch, &(struct event){.kind = "district.changed", .table = &settlement_table, .object = id});
    return id;
}

/* Two districts with one name or code: a word beside the field. */
static void unique(struct request *rq, struct district_form *form, int64_t self)
{
    union district_by_code_row by_code;
    union district_by_key_row by_key;

    if (q_district_by_code(rq, &(struct district_by_code_args){.code = form->code.value},
                           &by_code) &&
        v_as_int(by_code.id) != self)
        input_reject(rq, &form->code, N_("Another district has this code"));
    struct value key = v_text(text_fold(rq->arena, v_as_text(form->name.value)));
    if (q_district_by_key(rq, &(struct district_by_key_args){.name_key = key}, &by_key) &&
        v_as_int(by_key.id) != self)
        input_reject(rq, &form->name, N_("A district of this name stands in the list already"));
}

int64_t district_create(struct request *rq, struct district_form *form)
{
    struct change ch;
    int64_t id = 0;

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, NO_SUBJECT);
    unique(rq, form, 0);
    if (!rq->mistakes)
        id = district_add(&ch, v_as_text(form->code.value), v_as_text(form->name.value));
    return change_commit(&ch) ? 0 : id;
}

void district_change(struct request *rq, int64_t id, int64_t version, struct district_form *form)
{
    struct change ch;

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&district_table, id));
    unique(rq, form, id);
    union district_record r = {.code = form->code.value, .name = form->name.value};
    if (v_is(r.name))
        r.name_key = v_text(text_fold(rq->arena, v_as_text(r.name)));
    if (!rq->mistakes)
        change_update(&ch, &district_table, id, version, r.v);
    change_event(
        &ch, &(struct event){.kind = "district.changed", .table = &district_table, .object = id});
    change_commit(&ch);
}

static int64_t sample_district(struct request *rq)
{
    struct district_all_rows rows = {0};

    q_district_all(rq, &(struct district_all_args){0}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"district", sample_district}, {0}};

const struct room territory_room = {
    .name = "territory", .tables = territory_tables, .forms = territory_forms, .samples = samples};
