/* The list of persons as a target of imports. */
#include "guard/codes.h"
#include "rooms/people/people_import.h"
#include "rooms/people/people_keys.h"
#include "rooms/people/people_import_match.h"
#include "rooms/people/people_papers.h"
#include "rooms/people/people_rules.h"
#include "rooms/people/people_undo.h"

enum {
    F_FULL_NAME,
    F_FAMILY_NAME,
    F_GIVEN_NAME,
    F_PATRONYMIC,
    F_BIRTH_DATE,
    F_SEX,
    F_BIRTH_PLACE,
    F_IDENTITY_STATUS,
    F_SNILS,
    F_IIN,
    F_DEATH_DATE,
    F_DISTRICT,
    F_SETTLEMENT,
    F_ADDRESS,
    F_PHONE,
    F_CATEGORY,
    F_CHANNEL,
    F_SINCE,
    F_AGE,
    F_ALIAS,
    F_FORMER_NAME,
    F_SIGNS,
    F_MET_AT,
    F_DOCUMENT_KIND,
    F_DOCUMENT_SERIES,
    F_DOCUMENT_NUMBER,
    F_COUNT
};

static const struct import_field fields[F_COUNT] = {
    [F_FULL_NAME] = {"full_name"},
    [F_FAMILY_NAME] = {"family_name", &person_table},
    [F_GIVEN_NAME] = {"given_name", &person_table},
    [F_PATRONYMIC] = {"patronymic", &person_table},
    [F_BIRTH_DATE] = {"birth_date", &person_table},
    [F_SEX] = {"sex", &person_table},
    [F_BIRTH_PLACE] = {"birth_place", &person_table},
    [F_IDENTITY_STATUS] = {"identity_status", &person_table},
    [F_SNILS] = {"snils", &person_table},
    [F_IIN] = {"iin", &person_table},
    [F_DEATH_DATE] = {"death_date", &person_table},
    [F_DISTRICT] = {"district"},
    [F_SETTLEMENT] = {"settlement"},
    [F_ADDRESS] = {"address", &person_table},
    [F_PHONE] = {"phone", &person_table},
    [F_CATEGORY] = {"category", &person_category_table},
    [F_CHANNEL] = {"channel", &person_category_table},
    [F_SINCE] = {"since", &person_category_table},
    [F_AGE] = {"age"},
    [F_ALIAS] = {"alias", &person_table, "family_name"},
    [F_FORMER_NAME] = {"former_name", &person_name_table, "name"},
    [F_SIGNS] = {"signs", &person_table},
    [F_MET_AT] = {"met_at", &person_table},
    [F_DOCUMENT_KIND] = {"document_kind", &person_document_table, "kind"},
    [F_DOCUMENT_SERIES] = {"document_series", &person_document_table, "series"},
    [F_DOCUMENT_NUMBER] = {"document_number", &person_document_table, "number"},
};

/* Fields of a known person that a list may fill or dispute. */
static const struct {
    int person, field;
    bool folded; /* ё and е, capitals and hyphens make no difference */
} compared[] = {
    {PERSON_FAMILY_NAME, F_FAMILY_NAME, true},
    {PERSON_GIVEN_NAME, F_GIVEN_NAME, true},
    {PERSON_PATRONYMIC, F_PATRONYMIC, true},
    {PERSON_BIRTH_DATE, F_BIRTH_DATE, false},
    {PERSON_SEX, F_SEX, false},
    {PERSON_BIRTH_PLACE, F_BIRTH_PLACE, true},
    {PERSON_SNILS, F_SNILS, false},
    {PERSON_IIN, F_IIN, false},
    {PERSON_DEATH_DATE, F_DEATH_DATE, false},
    {PERSON_DISTRICT_ID, F_DISTRICT, false},
    {PERSON_ADDRESS, F_ADDRESS, true},
    {PERSON_PHONE, F_PHONE, false},
    {PERSON_MET_AT, F_MET_AT, true},
};

/* Once per slice. */
struct lists {
    uint32_t grant;
    size_t n;
    struct district {
        int64_t id;
        struct text key, code;
    } * districts;
};

/* A row as read. */
struct parsed {
    struct person_entry entry;
    bool listed; /* stands in this very list */
    bool own;    /* stands in some list of the body */
    union person_record fill, dispute;
    bool any_fill, any_dispute;
    struct text alias, former;
    union person_document_record document; /* with a kind, or there is none */
};

/* ---- columns ---- */

static const char *mapped(const struct import_run *run, struct text *a)
{
    if (run->column_of[F_BIRTH_DATE] < 0 && run->column_of[F_AGE] < 0 && run->column_of[F_SNILS] < 0) {
        const struct code *code = code_find(code_list("import_field"), T("birth_date"));
        *a = text_of(code ? code->label[LANG_RU] : "birth_date");
        return N_("The column “{a}” is missing");
    }
    if (run->column_of[F_FULL_NAME] < 0 && run->column_of[F_FAMILY_NAME] < 0 &&
        run->column_of[F_ALIAS] < 0) {
        const struct code *code = code_find(code_list("import_field"), T("family_name"));
        *a = text_of(code ? code->label[LANG_RU] : "family_name");
        return N_("The column “{a}” is missing");
    }
    if ((run->column_of[F_CATEGORY] >= 0 || run->category.n) && run->column_of[F_CHANNEL] < 0 &&
        !run->channel.n) {
        const struct code *code = code_find(code_list("import_field"), T("channel"));
        *a = text_of(code ? code->label[LANG_RU] : "channel");
        return N_("The column “{a}” is missing; it goes with the category. Add it, or choose one "
                  "for everybody");
    }
    return NULL;
}

static void open_lists(struct import_run *run)
{
    struct lists *l = NEW(run->rq->arena, struct lists);
    struct import_districts_rows rows;
    q_import_districts(run->rq, NULL, &rows);
    l->n = rows.n;
    l->districts = arena_array(run->rq->arena, rows.n + 1, sizeof *l->districts);
    for (size_t i = 0; i < rows.n; i++)
        l->districts[i] = (struct district){
            v_as_int(rows.row[i].id), district_key(run->rq->arena, v_as_text(rows.row[i].name)),
            v_as_text(rows.row[i].code)};
    const char *kind = run->rq->viewer.body_kind;
    l->grant = access_rule(FACT_LISTED, kind ? kind : "", T(""));
    run->own = l;
}

/* ---- cells ---- */

static int name_field(const struct import_run *run)
{
    return run->column_of[F_FAMILY_NAME] >= 0 ? F_FAMILY_NAME
           : run->column_of[F_FULL_NAME] >= 0 ? F_FULL_NAME
                                              : F_ALIAS;
}

static void read_names(struct import_run *run, struct import_line *line, union person_record *p)
{
    p->family_name = import_value(run, line, F_FAMILY_NAME);
    p->given_name = import_value(run, line, F_GIVEN_NAME);
    p->patronymic = import_value(run, line, F_PATRONYMIC);
    if (run->column_of[F_FULL_NAME] >= 0 && p->family_name.kind != V_TEXT) {
        struct text family, given, patronymic;
        struct value full = import_value(run, line, F_FULL_NAME);
        split_full_name(v_as_text(full), &family, &given, &patronymic);
        p->family_name = v_text_or_null(family);
        if (p->given_name.kind != V_TEXT)
            p->given_name = v_text_or_null(given);
        if (p->patronymic.kind != V_TEXT)
            p->patronymic = v_text_or_null(patronymic);
    }
    if (p->family_name.kind != V_TEXT) /* what he is called */
        p->family_name = import_value(run, line, F_ALIAS);
    if (p->family_name.kind != V_TEXT && line->state != ROW_FAULTY)
        import_wrong(line, name_field(run), N_("The surname is missing"));
    /* letters that only look like those of the other alphabet are no other name */
    struct value *const names[] = {&p->family_name, &p->given_name, &p->patronymic};
    for (size_t i = 0; i < 3; i++) {
        struct text mended;
        if (names[i]->kind != V_TEXT)
            continue;
        enum mixed mixed = name_mixed(run->rq->arena, v_as_text(*names[i]), &mended);
        if (mixed == MIXED_ALIKE)
            *names[i] = v_text(mended);
        else if (mixed == MIXED_REALLY)
            import_wrong(line, name_field(run),
                         N_("Russian and Latin letters are mixed in one word"));
    }
}

static void read_age(struct import_run *run, struct import_line *line, struct parsed *p)
{
    union person_record *r = &p->entry.record;
    struct text cell = import_cell(run, line, F_AGE);
    struct years years;
    if (!cell.n || r->birth_date.kind == V_DATE)
        return;
    if (!years_read(cell, run->rq->today, &years)) {
        import_wrong(line, F_AGE, N_("Write an age or a year, for example 45–50 or 1975–1980"));
        return;
    }
    r->birth_year_from = v_int(years.from);
    if (years.to != years.from)
        r->birth_year_to = v_int(years.to);
}

static bool may_write(const struct import_run *run, uint32_t bits);

/* Other names, and one document. */
static void read_papers(struct import_run *run, struct import_line *line, struct parsed *p)
{
    union person_document_record *d = &p->document;
    int field = 0;
    struct value alias = import_value(run, line, F_ALIAS);
    struct value former = import_value(run, line, F_FORMER_NAME);
    p->alias = v_as_text(alias);
    p->former = v_as_text(former);
    d->kind = import_value(run, line, F_DOCUMENT_KIND);
    d->series = import_value(run, line, F_DOCUMENT_SERIES);
    d->number = import_value(run, line, F_DOCUMENT_NUMBER);
    if (!v_is(d->number)) {
        d->kind = (struct value){0}; /* a kind alone is a list's way to say that there is one */
        return;
    }
    if (!v_is(d->kind))
        d->kind = run->column_of[F_DOCUMENT_KIND] < 0 ? v_z("passport_ru") : v_z("other");
    struct text kind = v_as_text(d->kind), series = v_as_text(d->series);
    struct text number = v_as_text(d->number);
    document_divide(run->rq->arena, kind, &series, &number);
    d->series = v_text_or_null(series);
    d->number = v_text(number);
    if (!document_key(run->rq->arena, series, number).n)
        import_wrong(line, F_DOCUMENT_NUMBER, N_("A number of a document has digits or letters"));
    else if (document_written(kind, series, number, &field) == WRITTEN_WRONG)
        import_wrong(
            line,
            field == PERSON_DOCUMENT_SERIES && run->column_of[F_DOCUMENT_SERIES] >= 0
                ? F_DOCUMENT_SERIES
                : F_DOCUMENT_NUMBER,
            N_("Documents of this kind are numbered otherwise: compare with the document"));
    else if (!may_write(run, document_bits(kind)))
        import_wrong(line, F_DOCUMENT_KIND, N_("Your role does not record documents of this kind"));
}

static bool may_write(const struct import_run *run, uint32_t bits)
{
    const struct role *role = run->rq->viewer.role;
    return run->rq->viewer.system || (role && !(bits & ~role->write));
}

static struct value read_district(struct import_run *run, struct import_line *line)
{
    const struct lists *l = run->own;
    struct text cell = import_cell(run, line, F_DISTRICT);
    if (!cell.n || !may_write(run, CLASS_BIT(CLASS_CONTACT)))
        return v_null();
    const struct field *field = &person_table.fields[PERSON_DISTRICT_ID];
    const struct import_memo *memo = import_memo_find(run, field, cell);
    if (memo)
        return memo->value;
    struct text key = district_key(run->rq->arena, cell);
    for (size_t i = 0; i < l->n; i++)
        if (text_eq(l->districts[i].key, key) || text_eq(l->districts[i].code, cell)) {
            struct value v = v_int(l->districts[i].id);
            import_memo_keep(run, field, cell, v);
            return v;
        }
    import_wrong(line, F_DISTRICT, N_("There is no such district in the region"));
    return v_null();
}

static void read_category(struct import_run *run, struct import_line *line, struct person_entry *e)
{
    struct value category = import_value(run, line, F_CATEGORY);
    struct value channel = import_value(run, line, F_CHANNEL);
    struct value since = import_value(run, line, F_SINCE);
    e->category = category.kind == V_CODE ? v_as_text(category) : run->category;
    e->channel = channel.kind == V_CODE ? v_as_text(channel) : run->channel;
    e->since = since.kind == V_DATE ? since : v_null();
    if (!e->category.n)
        return;
    if (!e->channel.n)
        import_wrong(line, F_CHANNEL, N_("The channel of entry is missing"));
    else if (!may_write(run, CLASS_BIT(CLASS_SOCIAL) | code_classes("category", e->category) |
                                 code_classes("channel", e->channel)))
        import_wrong(line, F_CATEGORY, N_("Your role does not record this category"));
}

static int field_of_person(int person)
{
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++)
        if (compared[i].person == person)
            return compared[i].field;
    return -1;
}

static void read_line(struct import_run *run, struct import_line *line, struct parsed *p)
{
    struct arena *arena = run->rq->arena;
    const struct lists *l = run->own;
    union person_record *r = &p->entry.record;
    int field;

    read_names(run, line, r);
    r->birth_date = import_value(run, line, F_BIRTH_DATE);
    read_age(run, line, p);
    r->sex = import_value(run, line, F_SEX);
    r->birth_place = import_value(run, line, F_BIRTH_PLACE);
    r->identity_status = import_value(run, line, F_IDENTITY_STATUS);
    if (r->identity_status.kind == V_NULL) /* who has no date and no number is known by his words */
        r->identity_status = r->birth_date.kind == V_DATE || import_cell(run, line, F_SNILS).n
                                 ? (struct value){0}
                                 : v_z("stated");
    r->snils = import_value(run, line, F_SNILS);
    r->iin = import_value(run, line, F_IIN);
    r->death_date = import_value(run, line, F_DEATH_DATE);
    r->district_id = read_district(run, line);
    r->address = import_value(run, line, F_ADDRESS);
    struct value settlement = import_value(run, line, F_SETTLEMENT);
    if (settlement.kind == V_TEXT && r->address.kind != V_NONE) {
        r->address = v_text(join_address(arena, v_as_text(settlement), v_as_text(r->address)));
        if (text_chars(v_as_text(r->address)) > (size_t)person_table.fields[PERSON_ADDRESS].max)
            import_wrong(line, F_ADDRESS, N_("The text is too long"));
    }
    r->phone = import_value(run, line, F_PHONE);
    r->signs = import_value(run, line, F_SIGNS);
    r->met_at = import_value(run, line, F_MET_AT);
    read_papers(run, line, p);
    read_category(run, line, &p->entry);
    const char *wrong = person_fault(r, run->rq->today, &field);
    if (wrong) {
        int at = field_of_person(field);
        import_wrong(line, at >= 0 && run->column_of[at] < 0 ? F_FULL_NAME : at, wrong);
    }
    r->name_key = v_text(person_name_key(arena, v_as_text(r->family_name), v_as_text(r->given_name),
                                         v_as_text(r->patronymic)));
    if (r->snils.kind != V_TEXT && r->birth_date.kind != V_DATE && !v_is(r->birth_year_from))
        import_wrong(line, run->column_of[F_BIRTH_DATE] >= 0 ? F_BIRTH_DATE : F_AGE,
                     N_("Neither the date of birth nor the SNILS is given: the person cannot be "
                        "told from others"));
    p->entry.body = run->body;
    p->entry.grant = l->grant;
    p->entry.list = run->list;
    p->entry.import = run->id;
    p->entry.row_key = person_row_key(arena, r);
    line->key = p->entry.row_key;
    line->who = import_who(arena, v_as_text(r->family_name), v_as_text(r->given_name),
                           v_as_text(r->patronymic), r->birth_date);
}

/* ---- who it is ---- */

enum { CANDIDATES_MAX = 20 };

static size_t find_candidates(struct request *rq, int64_t body, const union person_record *r,
                              struct candidate *out)
{
    size_t n = 0;
    if (r->snils.kind == V_TEXT) {
        struct person_by_snils_rows rows;
        q_person_by_snils(
            rq, &(struct person_by_snils_args){.snils = r->snils, .body = v_int(body)}, &rows);
        for (size_t i = 0; i < rows.n && n < CANDIDATES_MAX; i++)
            out[n++] = (struct candidate){
                v_as_int(rows.row[i].id),         v_as_text(rows.row[i].name_key),
                v_as_text(rows.row[i].snils),     v_as_text(rows.row[i].birth_place),
                v_as_int(rows.row[i].birth_date), v_is(rows.row[i].birth_date),
                v_as_int(rows.row[i].own) > 0};
    }
    if (r->birth_date.kind == V_DATE) {
        struct person_by_name_rows rows;
        q_person_by_name(rq,
                         &(struct person_by_name_args){.name_key = r->name_key,
                                                       .birth_date = r->birth_date,
                                                       .body = v_int(body)},
                         &rows);
        for (size_t i = 0; i < rows.n && n < CANDIDATES_MAX; i++)
            out[n++] = (struct candidate){
                v_as_int(rows.row[i].id),         v_as_text(rows.row[i].name_key),
                v_as_text(rows.row[i].snils),     v_as_text(rows.row[i].birth_place),
                v_as_int(rows.row[i].birth_date), v_is(rows.row[i].birth_date),
                v_as_int(rows.row[i].own) > 0};
    }
    return n;
}

int64_t person_identify(struct request *rq, const union person_record *p, int64_t body,
                        const char **reason)
{
    struct candidate c[CANDIDATES_MAX];
    bool named = v_as_text(p->name_key).n > 0, numbered = p->snils.kind == V_TEXT;
    size_t n = find_candidates(rq, body, p, c), found = 0, own = 0;
    int64_t id = 0, own_id = 0;

    *reason = NULL;
    for (size_t i = 0; i < n; i++) {
        bool same_number = numbered && text_eq(c[i].snils, v_as_text(p->snils));
        bool same_name =
            !named ||
            (text_eq(c[i].name_key, v_as_text(p->name_key)) &&
             (p->birth_date.kind != V_DATE || !c[i].born || c[i].birth_date == p->birth_date.i));
        if (same_number && !same_name)
            *reason = N_("This SNILS stands in the register with another name or date of birth");
        if (!same_name || (numbered && !same_number && c[i].snils.n) || c[i].id == id ||
            c[i].id == own_id)
            continue;
        if (same_number)
            return c[i].id;
        found++;
        id = c[i].id;
        if (c[i].own) {
            own++;
            own_id = c[i].id;
        }
    }
    if (own == 1 || found == 1)
        return own == 1 ? own_id : id;
    if (found)
        *reason = N_("Several persons have this name and date of birth: the SNILS is needed");
    else if (!*reason)
        *reason = N_("There is no such person in the register: bring in the list of persons first");
    return 0;
}

static bool same_value(struct arena *arena, struct value a, struct value b, bool folded)
{
    if (!folded)
        return v_eq(a, b) ||
               ((a.kind == V_CODE || a.kind == V_TEXT) && text_eq(v_as_text(a), v_as_text(b)));
    return text_eq(text_fold(arena, v_as_text(a)), text_fold(arena, v_as_text(b)));
}

/* What the row adds to the card, and what it disputes. Fields the body may not see are left alone:
 * a list is no way to ask for them. */
static void compare(struct import_run *run, struct import_line *line, struct parsed *p,
                    uint32_t bits)
{
    union person_facts_row now;
    if (!q_person_facts(run->rq, &(struct person_facts_args){.id = v_int(line->person)}, &now))
        return;
    const struct value have[] = {now.family_name, now.given_name,  now.patronymic, now.birth_date,
                                 now.sex,         now.birth_place, now.snils,      now.iin,
                                 now.death_date,  now.district_id, now.address,    now.phone,
                                 now.met_at};
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        struct value v = p->entry.record.v[compared[i].person];
        uint32_t need = CLASS_BIT(person_table.fields[compared[i].person].cls);
        if (!v_is(v) || need & ~bits)
            continue;
        if (!v_is(have[i])) {
            p->fill.v[compared[i].person] = v;
            p->any_fill = true;
        } else if (!same_value(run->rq->arena, v, have[i], compared[i].folded)) {
            if (!p->any_dispute)
                line->field = compared[i].field;
            p->dispute.v[compared[i].person] = v;
            p->any_dispute = true;
        }
    }
}

static bool category_stands(struct import_run *run, int64_t person, const struct person_entry *e)
{
    union category_open_row open;
    return !e->category.n ||
           q_category_open(run->rq,
                           &(struct category_open_args){.person = v_int(person),
                                                        .category = v_text(e->category)},
                           &open);
}

/* Does the row bring a name or a document that the person has not? */
static bool papers_new(struct import_run *run, int64_t person, const struct parsed *p)
{
    return (p->alias.n && !person_called(run->rq, person, p->alias)) ||
           (p->former.n && !person_called(run->rq, person, p->former)) ||
           (v_is(p->document.kind) && !person_has_document(run->rq, person, &p->document));
}

static void enter_papers(struct change *ch, struct import_run *run, struct import_line *line,
                         const struct parsed *p)
{
    if (run->rq->err || !line->person)
        return;
    struct name_entry name = {
        .kind = "alias", .name = p->alias, .body = run->body, .import = run->id};
    name_enter(ch, line->person, &name);
    name.kind = "former";
    name.name = p->former;
    name_enter(ch, line->person, &name);
    if (v_is(p->document.kind))
        document_enter(
            ch, line->person,
            &(struct document_entry){.record = p->document, .body = run->body, .import = run->id});
}

/* A person of the body's own. */
static void known(struct import_run *run, struct import_line *line, struct parsed *p)
{
    compare(run, line, p, access_bits(run->rq, run->body, line->person));
    if (p->any_dispute) {
        line->state = ROW_DOUBTFUL;
        line->differs = true;
        line->reason = N_("The register has another value");
    } else if (p->any_fill || !p->listed || !category_stands(run, line->person, &p->entry) ||
               papers_new(run, line->person, p)) {
        line->state = ROW_KNOWN;
    } else {
        line->state = ROW_SAME;
    }
}

/* Nobody has the number, or the name and date: who is all but sure by the model is left to be looked at. What is only doubtful
 * comes in as new, and the pair is offered afterwards. */
static void find_alike(struct import_run *run, struct import_line *line, struct parsed *p)
{
    struct alike found[ALIKE_MOST];
    union listing_any_row own;
    if (!person_alike(run->rq, &p->entry.record, 0, ALIKE_NARROW, found) || found[0].verdict != ALIKE_SAME)
        return;
    line->person = found[0].person;
    p->own = q_listing_any(run->rq,
                           &(struct listing_any_args){.person = v_int(line->person),
                                                      .body = v_int(run->body)},
                           &own);
    line->state = ROW_DOUBTFUL;
    line->reason = N_("A person very like this one stands in the register");
    line->field = run->column_of[F_FAMILY_NAME] >= 0 ? F_FAMILY_NAME : F_FULL_NAME;
}

static void check(struct import_run *run, struct import_line *line)
{
    struct parsed *p = NEW(run->rq->arena, struct parsed);
    struct candidate candidates[CANDIDATES_MAX];
    union listing_by_key_row listing = {0};
    size_t which = 0;
    const char *reason = NULL;
    bool by_snils = false;

    line->own = p;
    line->state = ROW_NEW;
    read_line(run, line, p);
    if (line->state == ROW_FAULTY)
        return;
    if (q_listing_by_key(
            run->rq,
            &(struct listing_by_key_args){.body = v_int(run->body),
                                          .list = v_text(run->list.n ? run->list : T("")),
                                          .row_key = v_text(line->key)},
            &listing))
        p->entry.key_taken = v_as_int(listing.hidden);
    if (v_is(listing.id) && !p->entry.key_taken) {
        p->listed = p->own = true;
        line->person = v_as_int(listing.person_id);
        known(run, line, p);
        return;
    }
    size_t n = find_candidates(run->rq, run->body, &p->entry.record, candidates);
    enum match m =
        match_person(run->rq->arena, &p->entry.record, candidates, n, &which, &reason, &by_snils);
    if (m == MATCH_NONE) {
        find_alike(run, line, p);
        return;
    }
    line->person = candidates[which].id;
    p->own = candidates[which].own;
    if (m == MATCH_SURE && p->own) {
        known(run, line, p);
    } else if (m == MATCH_DOUBT) {
        line->state = ROW_DOUBTFUL;
        line->reason = reason;
        line->field = by_snils                             ? F_SNILS
                      : run->column_of[F_FAMILY_NAME] >= 0 ? F_FAMILY_NAME
                                                           : F_FULL_NAME;
    }
}

/* ---- applying ---- */

/* Writes what the row adds, and with `all` what it disputes; keeps the old values for taking back.
 */
static void update_card(struct change *ch, struct import_run *run, struct import_line *line,
                        struct parsed *p, bool all)
{
    union person_facts_row now;
    union person_record r = p->fill;
    if (all)
        for (size_t i = 0; i < PERSON_N; i++)
            if (p->dispute.v[i].kind != V_NONE)
                r.v[i] = p->dispute.v[i];
    if (!p->any_fill && !(all && p->any_dispute))
        return;
    if (!q_person_facts(run->rq, &(struct person_facts_args){.id = v_int(line->person)}, &now))
        return;
    line->before = changed_values(run->rq->arena, &r, &now);
    bool renamed = v_is(r.family_name) || v_is(r.given_name) || v_is(r.patronymic);
    if (renamed)
        r.name_key = v_text(person_name_key(
            run->rq->arena, v_as_text(v_is(r.family_name) ? r.family_name : now.family_name),
            v_as_text(v_is(r.given_name) ? r.given_name : now.given_name),
            v_as_text(v_is(r.patronymic) ? r.patronymic : now.patronymic)));
    if (renamed) {
        union person_record after = r;
        after.family_name = v_is(r.family_name) ? r.family_name : now.family_name;
        after.given_name = v_is(r.given_name) ? r.given_name : now.given_name;
        after.patronymic = v_is(r.patronymic) ? r.patronymic : now.patronymic;
        name_keep_former(ch, line->person, &now, &after, v_null());
    }
    if (v_is(r.birth_date))
        r.birth_year_from = r.birth_year_to = v_null();
    change_update(ch, &person_table, line->person, -1, r.v);
    person_index_again(ch, line->person, &now, &r);
    if (renamed)
        access_refresh(ch, line->person);
    change_event(ch, &(struct event){.kind = "person.changed",
                                     .person = line->person,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &person_table,
                                     .object = line->person});
    if (v_is(r.district_id))
        law_refresh(ch, line->person);
}

static void enter_known(struct change *ch, struct import_run *run, struct import_line *line,
                        struct parsed *p, bool all)
{
    if (p->listed)
        person_category_set(ch, line->person, &p->entry);
    else
        person_enter_list(ch, line->person, &p->entry);
    update_card(ch, run, line, p, all);
    enter_papers(ch, run, line, p);
}

static void apply(struct change *ch, struct import_run *run, struct import_line *line)
{
    struct parsed *p = line->own;
    bool same = text_is(line->decision, "same"), another = text_is(line->decision, "another");

    line->applied = true;
    if (line->state == ROW_SAME)
        return;
    if (line->state == ROW_DOUBTFUL && line->differs) {
        if (same)
            enter_known(ch, run, line, p, true);
    } else if (line->state == ROW_DOUBTFUL) {
        if (another)
            line->person = person_enter(ch, &p->entry);
        else if (same)
            person_enter_list(ch, line->person, &p->entry);
        if (another || same)
            enter_papers(ch, run, line, p);
    } else if (line->state == ROW_KNOWN) {
        enter_known(ch, run, line, p, false);
    } else if (line->person) {
        compare(run, line, p, p->entry.grant); /* another body's: only what is empty is filled */
        enter_known(ch, run, line, p, false);
    } else {
        line->person = person_enter(ch, &p->entry);
        enter_papers(ch, run, line, p);
    }
}

static const struct import_target persons = {
    .kind = "persons",
    .fields = fields,
    .n_fields = F_COUNT,
    .mapped = mapped,
    .open = open_lists,
    .check = check,
    .apply = apply,
    .undo = persons_undo,
};
IMPORT_TARGET(persons)
