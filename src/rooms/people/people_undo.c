/* Taking imports back: what only the import brought goes, what others use stays, changed cards get
 * their old values. */
#include "rooms/people/people_undo.h"
#include "guard/retention.h"
#include "guard_gen.h"
#include "rooms/people/people_import.h"
#include "rooms/people/people_keys.h"
#include "rooms/people/people_papers.h"
#include "rooms/people/people_rules.h"

/* ---- values of a card ---- */

static struct value fact(const union person_facts_row *now, int field)
{
    switch (field) {
    case PERSON_FAMILY_NAME:
        return now->family_name;
    case PERSON_GIVEN_NAME:
        return now->given_name;
    case PERSON_PATRONYMIC:
        return now->patronymic;
    case PERSON_BIRTH_DATE:
        return now->birth_date;
    case PERSON_SEX:
        return now->sex;
    case PERSON_BIRTH_PLACE:
        return now->birth_place;
    case PERSON_SNILS:
        return now->snils;
    case PERSON_IIN:
        return now->iin;
    case PERSON_DEATH_DATE:
        return now->death_date;
    case PERSON_DISTRICT_ID:
        return now->district_id;
    case PERSON_ADDRESS:
        return now->address;
    case PERSON_PHONE:
        return now->phone;
    case PERSON_SIGNS:
        return now->signs;
    case PERSON_MET_AT:
        return now->met_at;
    case PERSON_BIRTH_YEAR_FROM:
        return now->birth_year_from;
    case PERSON_BIRTH_YEAR_TO:
        return now->birth_year_to;
    default:
        return (struct value){0};
    }
}

static struct text written(struct arena *arena, struct value v)
{
    char day[DATE_ISO_LEN + 1];
    switch (v.kind) {
    case V_TEXT:
    case V_CODE:
        return v_as_text(v);
    case V_INT:
        return arena_printf(arena, "%lld", (long long)v.i);
    case V_DATE:
        date_iso(v.i, day);
        return arena_text(arena, text_of(day));
    default:
        return T("");
    }
}

static struct value read_back(const struct field *f, struct text t)
{
    int64_t i;
    if (!t.n)
        return v_null();
    switch (f->type) {
    case FIELD_DATE:
        return date_parse_iso(t, &i) == OK ? v_date(i) : v_null();
    case FIELD_REF:
    case FIELD_INT:
        return text_int(t, 1, INT64_MAX, &i) == OK ? v_int(i) : v_null();
    default:
        return v_text(t);
    }
}

struct text changed_values(struct arena *arena, const union person_record *set,
                           const union person_facts_row *now)
{
    struct text parts[3 * PERSON_N];
    size_t n = 0;
    for (int i = 0; i < PERSON_N; i++) {
        if (set->v[i].kind == V_NONE)
            continue;
        parts[n++] = text_of(person_table.fields[i].name);
        parts[n++] = written(arena, fact(now, i));
        parts[n++] = written(arena, set->v[i]);
    }
    return n ? import_join(arena, parts, n) : T("");
}

static void restore(struct change *ch, const union import_changed_rows_row *row)
{
    struct request *rq = ch->rq;
    int64_t person = v_as_int(row->person_id);
    const struct text *parts;
    union person_facts_row now;
    union person_record r = {0};
    bool any = false;

    w_import_row_restored(ch, &(struct import_row_restored_args){.id = row->id});
    size_t n = import_split(rq->arena, v_as_text(row->before), &parts);
    if (!q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &now))
        return;
    for (size_t i = 0; i + 2 < n; i += 3) {
        int f = table_field(&person_table, parts[i]);
        /* what somebody has changed since stays */
        if (f < 0 || !text_eq(written(rq->arena, fact(&now, f)), parts[i + 2]))
            continue;
        r.v[f] = read_back(&person_table.fields[f], parts[i + 1]);
        any = true;
    }
    if (!any)
        return;
    r.name_key = v_text(
        person_name_key(rq->arena, v_as_text(v_is(r.family_name) ? r.family_name : now.family_name),
                        v_as_text(r.given_name.kind ? r.given_name : now.given_name),
                        v_as_text(r.patronymic.kind ? r.patronymic : now.patronymic)));
    change_update(ch, &person_table, person, -1, r.v);
    person_index_again(ch, person, &now, &r);
    if (!v_eq(r.name_key, now.name_key))
        access_refresh(ch, person);
    change_event(ch, &(struct event){.kind = "person.changed",
                                     .person = person,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &person_table,
                                     .object = person});
    if (r.district_id.kind != V_NONE)
        law_refresh(ch, person);
}

/* ---- who else uses a person ---- */

bool person_used(struct request *rq, int64_t person)
{
    union restriction_for_row live;
    bool used =
        q_restriction_for(rq, /* what has ended goes with the card */
                          &(struct restriction_for_args){
                              .person = v_int(person), .body = v_int(0), .account = v_int(0)},
                          &live);
    for (const struct room *const *room = rooms; *room && !used; room++)
        for (const struct table *const *t = (*room)->tables; *room != &people_room && t && *t; t++)
            for (size_t i = 0; i < (*t)->n_fields && !used && !rq->err; i++) {
                const struct field *f = &(*t)->fields[i];
                if (f->type != FIELD_REF || f->yields || strcmp(f->ref, "person") != 0)
                    continue;
                enum err err = conn_refers(rq->conn, *t, i, person, &used);
                if (err)
                    rq_fail(rq, err);
            }
    return used;
}

/* Has the body (none: has anybody) worked with the person since the import brought it? Cards put
 * right by hand are such work, which no reference shows. */
static bool used_since(struct request *rq, int64_t person, int64_t import, struct value body)
{
    union person_used_since_row row;
    return q_person_used_since(rq,
                               &(struct person_used_since_args){
                                   .person = v_int(person), .import = v_int(import), .body = body},
                               &row);
}

/* ---- for good ---- */

static void erase(struct change *ch, struct value id)
{
    w_person_categories_delete(ch, &(struct person_categories_delete_args){.person = id});
    w_person_listings_delete(ch, &(struct person_listings_delete_args){.person = id});
    w_person_names_delete(ch, &(struct person_names_delete_args){.person = id});
    w_person_documents_delete(ch, &(struct person_documents_delete_args){.person = id});
    w_identifications_delete(ch, &(struct identifications_delete_args){.person = id});
    access_forget(ch, v_as_int(id));
    person_unindex(ch, v_as_int(id));
    w_person_delete(ch, &(struct person_delete_args){.id = id});
}

void person_erase(struct change *ch, int64_t id)
{
    struct request *rq = ch->rq;
    struct persons_joined_rows joined = {0};
    q_persons_joined(rq, &(struct persons_joined_args){.id = v_int(id)}, &joined);
    history_empty(ch, id, NULL, 0); /* of the joined cards too */
    HOOK(rq, person_erased, ch, id);
    for (size_t i = 0; i < joined.n; i++)
        erase(ch, joined.row[i].id);
    erase(ch, v_int(id));
}

/* ---- in portions ---- */

static void take_person(struct change *ch, int64_t person, int64_t import)
{
    struct request *rq = ch->rq;
    union person_other_listing_row listing;
    union person_other_category_row category;
    struct value id = v_int(person), of = v_int(import);

    if (person_used(rq, person) || used_since(rq, person, import, (struct value){0}) ||
        q_person_other_listing(rq, &(struct person_other_listing_args){.person = id, .import = of},
                               &listing) ||
        q_person_other_category(
            rq, &(struct person_other_category_args){.person = id, .import = of}, &category)) {
        w_person_keep(ch, &(struct person_keep_args){.id = id});
        return;
    }
    erase(ch, id);
    change_event(ch, &(struct event){.kind = "person.removed",
                                     .person = person,
                                     .table = &person_table,
                                     .object = person});
}

/* A body does not lose a person that it has begun to work with: the entry stays as its own. */
static bool keep_listing(struct request *rq, const union import_listings_row *l, int64_t import)
{
    union listing_other_row other;
    return used_since(rq, v_as_int(l->person_id), import, l->body_id) &&
           !q_listing_other(rq,
                            &(struct listing_other_args){
                                .person = l->person_id, .body = l->body_id, .listing = l->id},
                            &other);
}

size_t person_listings_undo(struct change *ch, int64_t import, size_t limit)
{
    struct request *rq = ch->rq;
    struct import_listings_rows listings = {0};
    q_import_listings(
        rq, &(struct import_listings_args){.import = v_int(import), .rows = v_int((int64_t)limit)},
        &listings);
    for (size_t i = 0; i < listings.n; i++) {
        int64_t person = v_as_int(listings.row[i].person_id);
        int64_t listing = v_as_int(listings.row[i].id);
        if (keep_listing(rq, &listings.row[i], import)) {
            w_listing_keep(ch, &(struct listing_keep_args){.id = v_int(listing)});
            continue;
        }
        grant_end(ch, person, v_as_int(listings.row[i].body_id), "listing", listing);
        w_listing_delete(ch, &(struct listing_delete_args){.id = v_int(listing)});
        change_event(ch, &(struct event){.kind = "person.unlisted",
                                         .person = person,
                                         .classes = CLASS_BIT(CLASS_IDENTITY),
                                         .table = &listing_table,
                                         .object = listing});
    }
    return listings.n;
}

size_t persons_undo(struct change *ch, int64_t import, size_t limit)
{
    struct request *rq = ch->rq;
    struct value id = v_int(import), most = v_int((int64_t)limit);

    struct import_changed_rows_rows changed = {0};
    q_import_changed_rows(rq, &(struct import_changed_rows_args){.import = id, .rows = most},
                          &changed);
    for (size_t i = 0; i < changed.n; i++)
        restore(ch, &changed.row[i]);
    if (changed.n || rq->err)
        return changed.n;

    struct import_persons_rows persons = {0};
    q_import_persons(rq, &(struct import_persons_args){.import = id, .rows = most}, &persons);
    for (size_t i = 0; i < persons.n; i++)
        take_person(ch, v_as_int(persons.row[i].id), import);
    if (persons.n || rq->err)
        return persons.n;

    struct import_categories_rows categories = {0};
    q_import_categories(rq, &(struct import_categories_args){.import = id, .rows = most},
                        &categories);
    for (size_t i = 0; i < categories.n; i++) {
        w_category_delete(ch, &(struct category_delete_args){.id = categories.row[i].id});
        change_event(ch, &(struct event){.kind = "category.ended",
                                         .person = v_as_int(categories.row[i].person_id),
                                         .classes = (uint32_t)v_as_int(categories.row[i].classes),
                                         .table = &person_category_table,
                                         .object = v_as_int(categories.row[i].id)});
        law_refresh(ch, v_as_int(categories.row[i].person_id));
    }
    if (categories.n || rq->err)
        return categories.n;

    size_t papers = person_papers_undo(ch, import, limit);
    if (papers || rq->err)
        return papers;

    return person_listings_undo(ch, import, limit);
}
