/* Rules of the register. */
#include "rooms/people/people.h"
#include "base/utf8.h"
#include "guard/codes.h"
#include "rooms/people/people_import.h"
#include "rooms/people/people_keys.h"
#include "rooms/people/people_alike.h"
#include "rooms/people/people_papers.h"
#include "rooms/people/people_rules.h"
#include "rooms/people/people_undo.h"

enum { YEARS_OF_LIFE = 120, YEAR_FIRST = 1880, SEARCH_LAST = 0x10FFFF };

/* ---- values ---- */

struct text person_name_key(struct arena *arena, struct text family, struct text given,
                            struct text patronymic)
{
    char s[1240];
    size_t n = 0;
    const struct text parts[] = {family, given, patronymic};
    for (size_t i = 0; i < 3; i++) {
        if (!parts[i].n || n + parts[i].n + 1 > sizeof s)
            continue;
        if (n)
            s[n++] = ' ';
        memcpy(s + n, parts[i].s, parts[i].n);
        n += parts[i].n;
    }
    return text_fold(arena, (struct text){s, n});
}

struct text person_record_key(struct arena *arena, const union person_record *p)
{
    return person_name_key(arena, v_as_text(p->family_name), v_as_text(p->given_name),
                           v_as_text(p->patronymic));
}

struct text person_row_key(struct arena *arena, const union person_record *p)
{
    if (p->snils.kind == V_TEXT)
        return v_as_text(p->snils);
    char day[DATE_ISO_LEN + 1] = "";
    if (p->birth_date.kind == V_DATE)
        date_iso(p->birth_date.i, day);
    struct text born =
        day[0] ? text_of(day) : years_text(arena, p->birth_year_from, p->birth_year_to);
    struct text name = p->name_key.kind == V_TEXT ? v_as_text(p->name_key) : person_record_key(arena, p);
    struct text place = text_fold(arena, v_as_text(p->birth_place));
    return arena_printf(arena, "%.*s|%.*s|%.*s", TEXT_ARG(name), TEXT_ARG(born), TEXT_ARG(place));
}

static bool letter(uint32_t cp)
{
    if (cp < 0x80)
        return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
    if (cp < 0xC0 || cp == 0xD7 || cp == 0xF7)
        return false;
    /* punctuation and signs, private letters, pictures */
    return !(cp >= 0x2000 && cp < 0x2C00) && !(cp >= 0x3000 && cp < 0x3040) &&
           !(cp >= 0xE000 && cp < 0xF900) && !(cp >= 0xFE00 && cp < 0xFE70) && cp < 0x1F000;
}

bool person_name_good(struct text name)
{
    bool any = false;
    for (size_t i = 0; i < name.n;) {
        uint32_t cp;
        size_t n = utf8_next(name.s + i, name.n - i, &cp);
        if (!n)
            return false;
        if (letter(cp))
            any = true;
        else if (!(cp < 0x80 && strchr(" -'.", (int)cp)) && cp != 0x2019 && cp != 0x2010 &&
                 cp != 0x2011 && cp != 0x301)
            return false;
        i += n;
    }
    return any;
}

const char *person_fault(const union person_record *p, int64_t today, int *field)
{
    static const int names[] = {PERSON_FAMILY_NAME, PERSON_GIVEN_NAME, PERSON_PATRONYMIC};
    for (size_t i = 0; i < 3; i++) {
        *field = names[i];
        struct value v = p->v[names[i]];
        if (v.kind == V_TEXT && v.n && !person_name_good(v_as_text(v)) &&
            !(i == 0 && name_is_made(v_as_text(v))))
            return N_("A name consists of letters; a hyphen or a blank may stand between them");
    }
    *field = PERSON_BIRTH_DATE;
    bool born = p->birth_date.kind == V_DATE, died = p->death_date.kind == V_DATE;
    if (born && p->birth_date.i > today)
        return N_("The date lies in the future");
    *field = PERSON_BIRTH_YEAR_FROM;
    int64_t first = v_as_int(p->birth_year_from), last = first;
    if (v_is(p->birth_year_to))
        last = v_as_int(p->birth_year_to);
    if (first && (first > last || first < YEAR_FIRST))
        return N_("The years of birth are wrong: the first is before the second, both with four "
                  "digits");
    if (first && last > date_ymd(today).year)
        return N_("The date lies in the future");
    *field = PERSON_DEATH_DATE;
    if (died && p->death_date.i > today)
        return N_("The date lies in the future");
    if (born && died && p->death_date.i < p->birth_date.i)
        return N_("The date of death is before the date of birth");
    *field = PERSON_BIRTH_DATE;
    if (born && !died && years_between(p->birth_date.i, today) > YEARS_OF_LIFE)
        return N_("By this date of birth the person would be older than 120 years");
    *field = -1;
    return NULL;
}

void person_name_range(struct arena *arena, struct text typed, struct value *from,
                       struct value *end)
{
    char last[4];
    size_t n = utf8_put(last, SEARCH_LAST);
    struct text key = text_fold(arena, typed);
    *from = *end = (struct value){0};
    if (!key.n)
        return;
    *from = v_text(key);
    *end = v_text(arena_printf(arena, "%.*s%.*s", TEXT_ARG(key), (int)n, last));
}

/* ---- entering ---- */

static uint32_t category_bits(struct text category, struct text channel)
{
    return CLASS_BIT(CLASS_SOCIAL) | code_classes("category", category) |
           code_classes("channel", channel);
}

static int64_t insert_category(struct change *ch, int64_t person, const struct person_entry *e)
{
    union person_category_record c = {
        .person_id = v_int(person),
        .category = v_text(e->category),
        .since = e->since.kind == V_DATE ? e->since : v_null(),
        .channel = v_text(e->channel),
        .body_id = v_int(e->body),
        .classes = v_int(category_bits(e->category, e->channel)),
        .import_id = e->import ? v_int(e->import) : v_null(),
        .created_at = v_instant(ch->rq->now),
    };
    return change_insert(ch, &person_category_table, c.v);
}

static int64_t insert_listing(struct change *ch, int64_t person, const struct person_entry *e,
                              struct text row_key, bool gives_way)
{
    if (gives_way)
        w_listing_give_way(
            ch, &(struct listing_give_way_args){.body = v_int(e->body),
                                                .list = v_text(e->list.n ? e->list : T("")),
                                                .row_key = v_text(row_key)});
    union listing_record l = {
        .body_id = v_int(e->body),
        .list = v_text(e->list.n ? e->list : T("")),
        .row_key = v_text(row_key),
        .person_id = v_int(person),
        .import_id = e->import ? v_int(e->import) : v_null(),
        .since = v_date(ch->rq->today),
    };
    return change_insert(ch, &listing_table, l.v);
}

int64_t person_enter(struct change *ch, struct person_entry *e)
{
    struct request *rq = ch->rq;
    union person_record *p = &e->record;
    if (p->name_key.kind != V_TEXT)
        p->name_key = v_text(person_record_key(rq->arena, p));
    p->import_id = e->import ? v_int(e->import) : v_null();
    p->created_at = v_instant(rq->now);
    struct text key = e->row_key.n ? e->row_key : person_row_key(rq->arena, p);
    int64_t id = change_insert(ch, &person_table, p->v);
    int64_t listing = insert_listing(ch, id, e, key, e->key_taken);
    grant_open_first(ch, id, e->body, FACT_LISTED, e->grant, "listing", listing,
                     v_as_text(p->name_key));
    struct key_facts facts = key_facts_of_record(p);
    person_index(ch, id, &facts);
    if (e->category.n)
        insert_category(ch, id, e);
    change_event(ch, &(struct event){.kind = "person.registered",
                                     .person = id,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &person_table,
                                     .object = id});
    if (e->category.n && law_concerns(e->category))
        law_refresh(ch, id);
    return rq->err ? 0 : id;
}

void person_category_set(struct change *ch, int64_t person, const struct person_entry *e)
{
    union category_open_row open;
    if (!e->category.n ||
        q_category_open(
            ch->rq,
            &(struct category_open_args){.person = v_int(person), .category = v_text(e->category)},
            &open))
        return;
    int64_t id = insert_category(ch, person, e);
    change_event(ch, &(struct event){.kind = "category.set",
                                     .person = person,
                                     .classes = category_bits(e->category, e->channel),
                                     .table = &person_category_table,
                                     .object = id,
                                     .day = e->since.kind == V_DATE ? e->since.i : 0});
    if (law_concerns(e->category))
        law_refresh(ch, person);
}

void person_enter_list(struct change *ch, int64_t person, const struct person_entry *e)
{
    struct text key = e->row_key.n ? e->row_key : person_row_key(ch->rq->arena, &e->record);
    int64_t listing = insert_listing(ch, person, e, key, true);
    grant_open(ch, person, e->body, FACT_LISTED, T(""), CLASS_ALL, "listing", listing, 0);
    change_event(ch, &(struct event){.kind = "person.listed",
                                     .person = person,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &listing_table,
                                     .object = listing});
    person_category_set(ch, person, e);
}

void person_lead_set(struct change *ch, int64_t person, int64_t body)
{
    union person_record p = {.lead_body_id = body ? v_int(body) : v_null()};
    change_update(ch, &person_table, person, -1, p.v);
}

/* ---- by hand ---- */

/* The values of a form in their places. */
static union person_record record_of(const struct person_form *f)
{
    return (union person_record){
        .family_name = f->family_name.value,
        .given_name = f->given_name.value,
        .patronymic = f->patronymic.value,
        .birth_date = f->birth_date.value,
        .birth_year_from = f->birth_year_from.value,
        .birth_year_to = f->birth_year_to.value,
        .sex = f->sex.value,
        .birth_place = f->birth_place.value,
        .identity_status = f->identity_status.value,
        .snils = f->snils.value,
        .iin = f->iin.value,
        .death_date = f->death_date.value,
        .signs = f->signs.value,
        .district_id = f->district_id.value,
        .address = f->address.value,
        .phone = f->phone.value,
        .met_at = f->met_at.value,
    };
}

/* One year stands in `from`; who has a date of birth needs none. */
static void settle_years(union person_record *p)
{
    if (v_is(p->birth_year_to) && !v_is(p->birth_year_from))
        p->birth_year_from = p->birth_year_to;
    if (v_is(p->birth_year_to) && v_eq(p->birth_year_to, p->birth_year_from))
        p->birth_year_to = v_null();
    if (v_is(p->birth_date))
        p->birth_year_from = p->birth_year_to = v_null();
}

/* Puts what is wrong with a whole person beside its input; the fields of the form stand in the
 * order of the table. lacks: what the status of the identity asks for counts too. */
static bool form_good(struct request *rq, struct person_form *form, const union person_record *p,
                      bool lacks, bool document)
{
    struct input *const names[] = {&form->family_name, &form->given_name, &form->patronymic};
    int field;
    if (!names_good(rq, names, 3))
        return false;
    const char *message = person_fault(p, rq->today, &field);
    if (!message && lacks)
        message = person_lacks(p, document, &field);
    for (size_t i = 0; message && i < person_form.n; i++)
        if (strcmp(person_form.fields[i].name, person_table.fields[field].name) == 0)
            input_reject(rq, &form->v[i], message);
    return !message;
}

static bool category_good(struct request *rq, struct category_form *form)
{
    uint32_t bits = category_bits(v_as_text(form->category.value), v_as_text(form->channel.value));
    if (rq->viewer.role && !(bits & ~rq->viewer.role->write))
        return true;
    input_reject(rq, &form->category, N_("Your role does not record this category"));
    return false;
}

static void add_twin(struct request *rq, const union person_record *p, struct twins *t, int64_t id)
{
    size_t at = 0;
    while (at < t->n && t->found[at].person != id)
        at++;
    if (at == t->n && at < sizeof t->found / sizeof *t->found &&
        person_alike_one(rq, p, id, &t->found[at]))
        t->n++;
    if (at < t->n)
        t->found[at].exact = true;
}

/* Whom the viewer's body does not know is told of only when names with a date, or a number, agree. */
static void leave_out(struct request *rq, struct twins *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->found[i].exact || alike_enough(&t->found[i].why) ||
            access_bits(rq, rq->viewer.body, t->found[i].person) & CLASS_BIT(CLASS_IDENTITY))
            t->found[n++] = t->found[i];
    t->n = n;
}

static void twins_of(struct request *rq, const union person_record *p, bool alike, struct twins *out)
{
    *out = (struct twins){0};
    if (alike)
        out->n = person_alike(rq, p, 0, ALIKE_WIDE, out->found);
    if (p->snils.kind == V_TEXT) {
        struct person_by_snils_rows rows;
        q_person_by_snils(
            rq, &(struct person_by_snils_args){.snils = p->snils, .body = v_int(rq->viewer.body)},
            &rows);
        for (size_t i = 0; i < rows.n; i++)
            add_twin(rq, p, out, v_as_int(rows.row[i].id));
    }
    if (p->birth_date.kind == V_DATE) {
        struct person_by_name_rows rows;
        q_person_by_name(
            rq,
            &(struct person_by_name_args){.name_key = v_text(person_record_key(rq->arena, p)),
                                          .birth_date = p->birth_date,
                                          .body = v_int(rq->viewer.body)},
            &rows);
        for (size_t i = 0; i < rows.n; i++)
            if (p->snils.kind != V_TEXT || rows.row[i].snils.kind != V_TEXT)
                add_twin(rq, p, out, v_as_int(rows.row[i].id));
    }
    leave_out(rq, out);
}

/* A card that the body does not know opens to it by what has always opened it: the number, or name and date. Who is only alike is
 * registered by a card of his own, and the pair is offered to both bodies. */
static bool may_take(struct request *rq, const struct twins *t, int64_t id)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->found[i].person == id)
            return t->found[i].exact ||
                   access_bits(rq, rq->viewer.body, id) & CLASS_BIT(CLASS_IDENTITY);
    return false;
}

void person_twins_of_form(struct request *rq, const struct person_form *form, struct twins *out)
{
    union person_record p = record_of(form);
    twins_of(rq, &p, true, out);
}

/* A key of this body's own list that is free: a second person of the same name and date gets a
 * number behind it. */
static struct text free_key(struct request *rq, const struct person_entry *e, struct text key)
{
    for (int i = 2; i < 100 && !rq->err; i++) {
        union listing_by_key_row row;
        struct text now = i == 2 ? key : arena_printf(rq->arena, "%.*s|%d", TEXT_ARG(key), i - 1);
        if (!q_listing_by_key(rq,
                              &(struct listing_by_key_args){.body = v_int(e->body),
                                                            .list = v_text(e->list),
                                                            .row_key = v_text(now)},
                              &row))
            return now;
    }
    rq_fail(rq, ERR_CONFLICT);
    return key;
}

/* Whom nothing is known of that would tell him has no status by a document unless it is said. */
static void settle_status(union person_record *p)
{
    if (v_is(p->identity_status))
        return;
    if (v_is(p->birth_date) || v_is(p->snils) || v_is(p->iin))
        p->identity_status = (struct value){0}; /* the table's own: by a document */
    else
        p->identity_status = v_is(p->family_name) ? v_z("stated") : v_z("unknown");
}

int64_t person_register(struct request *rq, struct person_form *form, struct text alias,
                        struct category_form *entry, enum twin twin, int64_t same,
                        void (*done)(struct request *rq, int64_t id), struct twins *twins)
{
    struct person_entry e = {
        .record = record_of(form),
        .body = rq->viewer.body,
        .grant = access_rule(FACT_LISTED, rq->viewer.body_kind, T("")),
        .list = T(""),
    };
    if (entry) {
        e.category = v_as_text(entry->category.value);
        e.channel = v_as_text(entry->channel.value);
        e.since = entry->since.value;
        category_good(rq, entry);
    }
    settle_years(&e.record);
    if (!v_is(e.record.family_name) && !text_is(v_as_text(form->identity_status.value), "document"))
        e.record.family_name = v_text_or_null(alias);
    settle_status(&e.record);
    if (!form_good(rq, form, &e.record, true, false) || rq_end(rq))
        return 0;
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_PERSON_ENTRY);
    if (!v_is(e.record.family_name))
        e.record.family_name = v_text(person_nameless(&ch, e.record.sex));
    struct twins found;
    twins_of(rq, &e.record, twin != TWIN_ASK_NUMBER, &found);
    int64_t id = 0;
    e.record.name_key = v_text(person_record_key(rq->arena, &e.record));
    e.row_key = free_key(rq, &e, person_row_key(rq->arena, &e.record));
    if (twin == TWIN_SAME && may_take(rq, &found, same)) {
        id = same;
        person_enter_list(&ch, id, &e);
    } else if ((twin == TWIN_ASK || twin == TWIN_ASK_NUMBER) && found.n) {
        *twins = found;
        rq_mistake(rq, "twin", N_("Such a person may already be registered: choose below"));
    } else {
        id = person_enter(&ch, &e);
    }
    if (id && alias.n)
        name_enter(&ch, id, &(struct name_entry){.kind = "alias", .name = alias, .body = e.body});
    if (id && done)
        done(rq, id);
    return change_commit(&ch) ? 0 : id;
}

/* What the form did not ask stays, and counts when the person is looked at as a whole. */
static union person_record whole_of(const union person_record *p, const union person_facts_row *now)
{
    union person_record whole = *p;
    const struct {
        struct value *asked, stands;
    } fields[] = {
        {&whole.family_name, now->family_name},
        {&whole.given_name, now->given_name},
        {&whole.patronymic, now->patronymic},
        {&whole.birth_date, now->birth_date},
        {&whole.death_date, now->death_date},
        {&whole.birth_year_from, now->birth_year_from},
        {&whole.snils, now->snils},
        {&whole.birth_year_to, now->birth_year_to},
        {&whole.iin, now->iin},
        {&whole.identity_status, now->identity_status},
        {&whole.signs, now->signs},
        {&whole.met_at, now->met_at},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].asked->kind == V_NONE)
            *fields[i].asked = fields[i].stands;
    return whole;
}

/* A card that was entered with less than its status asks for stays as it is until one of them
 * changes. */
static bool asks_again(const union person_record *whole, const union person_facts_row *now)
{
    return !v_is(whole->family_name) ||
           !text_eq(v_as_text(whole->identity_status), v_as_text(now->identity_status)) ||
           (v_is(now->birth_date) && !v_is(whole->birth_date)) ||
           (v_is(now->snils) && !v_is(whole->snils)) || (v_is(now->iin) && !v_is(whole->iin));
}

void person_change(struct request *rq, int64_t id, int64_t version, struct person_form *form,
                   const struct rename *rename)
{
    union person_record p = record_of(form);
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&person_table, id));
    union person_facts_row now;
    if (!(access_bits(rq, rq->viewer.body, id) & CLASS_BIT(CLASS_IDENTITY)) ||
        !q_person_facts(rq, &(struct person_facts_args){.id = v_int(id)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err) {
        if (p.family_name.kind == V_NULL)
            input_reject(rq, &form->family_name, N_("Fill in this field"));
        if (p.family_name.kind == V_NULL)
            p.family_name = (struct value){0};
        if (p.identity_status.kind == V_NULL)
            p.identity_status = (struct value){0};
        union person_record whole = whole_of(&p, &now);
        settle_years(&whole);
        if (p.birth_date.kind != V_NONE || p.birth_year_from.kind != V_NONE ||
            p.birth_year_to.kind != V_NONE) {
            p.birth_year_from = whole.birth_year_from;
            p.birth_year_to = whole.birth_year_to;
        }
        if (!rq->mistakes)
            form_good(rq, form, &whole, asks_again(&whole, &now), person_documented(rq, id));
        p.name_key =
            v_text(person_name_key(rq->arena, v_as_text(whole.family_name),
                                   v_as_text(whole.given_name), v_as_text(whole.patronymic)));
        if (!rename->slip && !rq->mistakes)
            name_keep_former(&ch, id, &now, &whole, rename->on);
        change_update(&ch, &person_table, id, version, p.v);
        person_index_again(&ch, id, &now, &p);
        if (!v_eq(p.name_key, now.name_key))
            access_refresh(&ch, id);
        change_event(&ch, &(struct event){.kind = "person.changed",
                                          .person = id,
                                          .classes = CLASS_BIT(CLASS_IDENTITY),
                                          .table = &person_table,
                                          .object = id});
        if (p.district_id.kind != V_NONE && !v_eq(p.district_id, now.district_id))
            law_refresh(&ch, id);
    }
    change_commit(&ch);
}

void person_category_add(struct request *rq, int64_t person, struct category_form *form)
{
    struct person_entry e = {.body = rq->viewer.body,
                             .category = v_as_text(form->category.value),
                             .channel = v_as_text(form->channel.value),
                             .since = form->since.value};
    if (!category_good(rq, form))
        return;
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    if (!(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_SOCIAL)))
        rq_fail(rq, ERR_NOT_FOUND);
    union category_open_row open;
    if (q_category_open(
            rq,
            &(struct category_open_args){.person = v_int(person), .category = form->category.value},
            &open))
        input_reject(rq, &form->category, N_("This category stands already"));
    else
        person_category_set(&ch, person, &e);
    change_commit(&ch);
}

void person_category_end(struct request *rq, int64_t person, int64_t category, int64_t version,
                         struct category_end_form *form)
{
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&person_category_table, category));
    union person_category_row_row now = {0};
    q_person_category_row(
        rq, &(struct person_category_row_args){.id = v_int(category), .person = v_int(person)},
        &now);
    if (!rq->err && v_is(now.until))
        rq_refuse(rq, N_("The category has ended already"));
    if (v_is(now.since) && v_as_int(form->until.value) < v_as_int(now.since))
        input_reject(rq, &form->until, N_("The last day is before the first"));
    union person_category_record c = {.until = form->until.value, .classes = now.classes};
    change_update(&ch, &person_category_table, category, version, c.v);
    change_event(&ch, &(struct event){.kind = "category.ended",
                                      .person = person,
                                      .classes = (uint32_t)v_as_int(now.classes),
                                      .table = &person_category_table,
                                      .object = category,
                                      .day = v_as_int(form->until.value)});
    if (!rq->err && !rq->mistakes)
        law_refresh(&ch, person);
    change_commit(&ch);
}

/* ---- the room ---- */

static int64_t sample_person(struct request *rq)
{
    struct person_list_rows rows = {0};
    q_person_list(rq, &(struct person_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_category(struct request *rq)
{
    struct person_categories_rows rows = {0};
    int64_t person = sample_person(rq);
    q_person_categories(rq, &(struct person_categories_args){.person = v_int(person)}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (v_as_int(rows.row[i].body_id) == rq->viewer.body && !v_is(rows.row[i].until))
            return v_as_int(rows.row[i].id);
    return 0;
}

static int64_t sample_name(struct request *rq)
{
    struct person_names_rows rows = {0};
    q_person_names(rq, &(struct person_names_args){.person = v_int(sample_person(rq))}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_paper(struct request *rq)
{
    struct person_documents_rows rows = {0};
    q_person_documents(rq, &(struct person_documents_args){.person = v_int(sample_person(rq))},
                       &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (rows.row[i].kind.kind != V_HIDDEN)
            return v_as_int(rows.row[i].id);
    return 0;
}

static int64_t sample_import(struct request *rq)
{
    struct import_list_rows rows = {0};
    if (!rq_may(rq, CAP_IMPORT_LIST))
        return 0;
    q_import_list(rq, &(struct import_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"person", sample_person}, {"category", sample_category},
                                        {"name", sample_name},     {"paper", sample_paper},
                                        {"import", sample_import}, {"model", sample_model}, {0}};

static const struct job jobs[] = {{"imports", 2, import_job}, {"people.law", 1, law_job},
                                   {"people.model", 3600, person_model_job}, {0}};

extern const struct table *const people_tables[];
extern const struct form *const people_forms[];

static const struct retained retains[] = {
    {"import_row", "list_applied", &import_row_table, &import_row_retained_query},
    {"person", "last_event", &person_table, &person_retained_query, person_used, person_erase},
    {0}};

const struct room people_room = {.name = "people",
                                 .tables = people_tables,
                                 .forms = people_forms,
                                 .jobs = jobs,
                                 .samples = samples,
                                 .retains = retains,
                                 .check = people_index_check,
                                 .hooks = {.body_succeeding = people_body_succeeding}};
