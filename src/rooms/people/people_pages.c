/* Pages of the register: list, registration, correction, categories, search. The card itself is the
 * desk's. */
#include "base/id.h"
#include "people_tpl.h"
#include "rooms/people/people_papers.h"
#include "rooms/people/people_rules.h"
#include "web/web.h"

static const struct person_districts_args no_district;

/* ---- list ---- */

/* SNILS in the search box. */
static struct value snils_of(struct request *rq, struct text typed)
{
    struct text digits = text_digits(rq->arena, typed);
    for (size_t i = 0; i < typed.n; i++)
        if (!strchr("0123456789- ", typed.s[i]))
            return (struct value){0};
    return digits.n == 11 && snils_valid(digits) ? v_text(digits) : (struct value){0};
}

struct person_filter {
    struct value district, category, snils;
    struct value from, end; /* of the folded name */
};

/* Few enough to be sooner looked up than walked past? */
static bool few_have(struct request *rq, struct value category)
{
    union category_many_row many;
    return !q_category_many(rq, &(struct category_many_args){.category = category}, &many);
}

/* A filter by a classed field is a query of its own: who may not see the field has no rows in it.
 * All have the same columns. */
static void list_rows(struct request *rq, const struct person_filter *f,
                      struct person_list_rows *out)
{
#define LIST(query, ...)                                                                           \
    do {                                                                                           \
        struct query##_rows found = {0};                                                           \
        q_##query(rq,                                                                              \
                  &(struct query##_args){.paging = rq_paging(rq, &query##_query),                  \
                                         .q = f->from,                                             \
                                         .q_end = f->end,                                          \
                                         __VA_ARGS__},                                             \
                  &found);                                                                         \
        out->rows = found.rows;                                                                    \
    } while (0)

    bool category = v_is(f->category), district = v_is(f->district);
    bool rare = category && few_have(rq, f->category);
    if (rare && district)
        LIST(person_list_of_rare_category_in_district, .category = f->category,
             .district = f->district);
    else if (rare)
        LIST(person_list_of_rare_category, .category = f->category);
    else if (category && district)
        LIST(person_list_of_category_in_district, .category = f->category, .district = f->district);
    else if (category)
        LIST(person_list_of_category, .category = f->category);
    else if (district)
        LIST(person_list_in_district, .district = f->district);
    else
        LIST(person_list, .snils = f->snils);
#undef LIST
}

/* What was typed is no beginning of a surname, or of few: who else fits it, on the first page without other filters. */
static void find_more(struct request *rq, struct person_list_page *page)
{
    enum { FEW = 5 };
    int64_t there[FEW];
    const char *message;

    if (!page->q.n || page->items.n >= FEW || page->items.next.n || rq_param(rq, "after").n || rq_param(rq, "district").n ||
        rq_param(rq, "district_id").n || rq_param(rq, "category").n || rq->err)
        return;
    for (size_t i = 0; i < page->items.n; i++)
        there[i] = v_as_int(page->items.row[i].id);
    rq->evenly = true;
    person_search(rq, page->q, 0, false, there, page->items.n, &page->similar, &message);
}

ROUTE(GET, "/persons", people_list, person_list, SEE_PERSON)
static enum err people_list(struct request *rq, struct person_list_page *page)
{
    struct text q = text_trim(rq_param(rq, "q"));
    struct person_filter f = {.snils = snils_of(rq, q),
                              .category = rq_filter(rq, "category"),
                              .district = rq_filter_int(rq, "district")};
    if (!v_is(f.district))
        f.district = rq_filter_int(rq, "district_id");
    person_name_range(rq->arena, v_is(f.snils) ? T("") : q, &f.from, &f.end);
    rq->evenly = v_is(f.snils);
    page->q = q;
    page->words = rq_words(rq);
    person_sought(rq, q);
    page->filtered = q.n || v_is(f.district) || v_is(f.category);
    page->shows_categories = rq->viewer.role && rq->viewer.role->read & CLASS_BIT(CLASS_SOCIAL);
    page->shows_districts = rq->viewer.role && rq->viewer.role->read & CLASS_BIT(CLASS_CONTACT);
    q_person_districts(rq, &(struct person_districts_args){.chosen = f.district}, &page->districts);
    form_begin(&category_form, page->filter.v);
    page->filter.category.raw = v_as_text(f.category);
    list_rows(rq, &f, &page->items);
    find_more(rq, page);
    return rq_end(rq);
}

/* ---- registration ---- */

/* The box for those whose date of birth is not known, as typed: an age is counted from `day`. What
 * is not asked is left alone. */
static struct text read_age(struct request *rq, struct person_form *form, int64_t day)
{
    struct text *all, typed;
    struct years years = {0};
    if (!rq_field_all(rq, "age", &all))
        return T("");
    typed = text_trim(all[0]);
    if (typed.n && !years_read(typed, day, &years))
        rq_mistake(rq, "age", N_("Write an age or a year, for example 45–50 or 1975–1980"));
    struct input *const in[] = {&form->birth_year_from, &form->birth_year_to};
    const int64_t year[] = {years.from, years.to == years.from ? 0 : years.to};
    for (size_t i = 0; i < 2; i++) {
        in[i]->value = year[i] ? v_int(year[i]) : v_null();
        in[i]->raw = year[i] ? arena_printf(rq->arena, "%lld", (long long)year[i]) : T("");
    }
    return typed;
}

/* What the person is called; it may have to stand where the surname does. */
static struct text read_alias(struct request *rq)
{
    struct text mended, alias = text_trim(rq_field(rq, "alias"));
    if (!alias.n)
        return alias;
    if (text_chars(alias) > (size_t)person_table.fields[PERSON_FAMILY_NAME].max)
        rq_mistake(rq, "alias", N_("The text is too long"));
    else if (!person_name_good(alias))
        rq_mistake(rq, "alias",
                   N_("A name consists of letters; a hyphen or a blank may stand "
                      "between them"));
    else if (name_mixed(rq->arena, alias, &mended) != MIXED_NOT)
        rq_mistake(rq, "alias", N_("Russian and Latin letters are mixed in one word"));
    else
        return alias;
    return name_mixed(rq->arena, alias, &mended) == MIXED_ALIKE ? mended : alias;
}

ROUTE(GET, "/persons/new", people_new, person_new, EDIT_PERSON)
static enum err people_new(struct request *rq, struct person_new_page *page)
{
    char today[DATE_ISO_LEN + 1];
    form_begin(&person_form, page->form.v);
    form_begin(&category_form, page->entry.v);
    date_dmy(rq->today, today);
    page->entry.since.raw = arena_text(rq->arena, text_of(today));
    page->form.identity_status.raw = T("document");
    page->form.family_name.raw = text_trim(rq_param(rq, "q"));
    q_person_districts(rq, &no_district, &page->districts);
    return rq_end(rq);
}

static void registered(struct request *rq, int64_t id)
{
    rq_redirect(rq, "/persons/%lld", (long long)id);
}

/* Whom the register has shown for what was typed, be his surname another. */
static void show_twins(struct request *rq, const struct twins *twins, struct person_likely_rows *out)
{
    person_likely_rows(rq, twins->found, twins->n, out);
    for (size_t i = 0; i < out->n; i++)
        person_sought(rq, v_as_text(out->row[i].family_name));
}

/* The form once more, with who may be meant. */
static enum err check_only(struct request *rq, struct person_new_page *page)
{
    struct twins twins;
    rq->mistakes = NULL;
    rq->err = rq->err == ERR_INPUT ? OK : rq->err;
    person_twins_of_form(rq, &page->form, &twins);
    show_twins(rq, &twins, &page->twins);
    page->checked = true;
    rq_fail(rq, ERR_INPUT);
    return rq_end(rq);
}

ROUTE(POST, "/persons", people_create, person_new, EDIT_PERSON)
static enum err people_create(struct request *rq, struct person_new_page *page)
{
    /* a program may register somebody without saying yet why the body works with him */
    bool why = !rq_is_api(rq) || rq_field(rq, "category").n || rq_field(rq, "channel").n;
    struct text twin = rq_field(rq, "twin");
    int64_t same = rq_field_int(rq, "twin");
    struct twins twins = {0};
    enum twin how = same > 0 ? TWIN_SAME : text_is(twin, "another") ? TWIN_ANOTHER : TWIN_ASK;

    rq->evenly = true;
    q_person_districts(rq, &no_district, &page->districts);
    form_begin(&category_form, page->entry.v);
    bool good = rq_read_form(rq, &person_form, page->form.v);
    if (why)
        good = rq_read_form(rq, &category_form, page->entry.v) && good;
    page->age =
        read_age(rq, &page->form,
                 why && v_is(page->entry.since.value) ? page->entry.since.value.i : rq->today);
    page->alias = read_alias(rq);
    person_sought(rq, page->form.family_name.raw);
    person_sought(rq, page->alias);
    good = good && !rq->mistakes;
    if (rq_field(rq, "check").n) /* the button of those without scripts */
        return check_only(rq, page);
    struct text status = text_trim(page->form.identity_status.raw);
    if (!good && !v_is(page->form.family_name.value) && !page->form.family_name.error &&
        !page->alias.n && (!status.n || text_is(status, "document")))
        input_reject(rq, &page->form.family_name, N_("Fill in this field")); /* all at once */
    /* nobody is there to answer: only a number that has another holder stops a program */
    if (rq_is_api(rq) && how == TWIN_ASK)
        how = page->form.snils.value.kind == V_TEXT ? TWIN_ASK_NUMBER : TWIN_ANOTHER;
    if (good)
        person_register(rq, &page->form, page->alias, why ? &page->entry : NULL, how, same,
                        registered, &twins);
    if (twins.n) {
        rq->err = OK; /* to read whom it may be; told again below */
        show_twins(rq, &twins, &page->twins);
        rq_fail(rq, ERR_INPUT);
    }
    return rq_end(rq);
}

/* While the form is being filled: who is perhaps registered already. Nothing is stored; what is wrong so far is said when
 * the form is sent. */
ROUTE(POST, "/persons/alike", people_alike, person_alike_list, EDIT_PERSON)
static enum err people_alike(struct request *rq, struct person_alike_list_page *page)
{
    struct person_form form;
    struct twins twins;
    form_begin(&person_form, form.v);
    (void)rq_read_form(rq, &person_form, form.v);
    rq->mistakes = NULL;
    if (rq->err == ERR_INPUT)
        rq->err = OK;
    rq->evenly = true;
    person_sought(rq, form.family_name.raw);
    person_twins_of_form(rq, &form, &twins);
    show_twins(rq, &twins, &page->items);
    return rq_end(rq);
}

/* ---- correction ---- */

/* The values that stand in the register now; false when the viewer has no such person. */
static bool load_edit(struct request *rq, struct person_form *form, int64_t *version,
                      struct text *age)
{
    union person_edit_row_row row = {0};
    q_person_edit_row(rq, &(struct person_edit_row_args){.id = rq_id(rq, "person")}, &row);
    if (rq->err)
        return false;
    rq_fill_form(rq, &person_form, form->v, NULL, row.v);
    form->family_name.required = true; /* a card has a name */
    *version = v_as_int(row.version);
    *age = years_text(rq->arena, row.birth_year_from, row.birth_year_to);
    return true;
}

ROUTE(GET, "/persons/{person}/edit", people_edit, person_edit, EDIT_PERSON)
static enum err people_edit(struct request *rq, struct person_edit_page *page)
{
    page->person = rq_id_int(rq, "person");
    load_edit(rq, &page->form, &page->version, &page->age);
    form_begin(&person_form, page->theirs.v);
    q_person_districts(rq, &no_district, &page->districts);
    return rq_end(rq);
}

/* The card changed while it was open: both versions, field by field, to choose from. */
static void show_both(struct request *rq, struct person_edit_page *page)
{
    rq->err = OK; /* to read what stands there now; told again below */
    struct text age;
    page->stale = load_edit(rq, &page->theirs, &page->version, &age);
    for (size_t i = 0; page->stale && i < person_form.n; i++) {
        struct input *mine = &page->form.v[i], *theirs = &page->theirs.v[i];
        bool asked = mine->value.kind != V_NONE && theirs->value.kind != V_HIDDEN;
        bool empty = !v_is(mine->value) && !v_is(theirs->value);
        if (asked && !empty && !text_eq(v_as_text(mine->value), v_as_text(theirs->value)))
            theirs->error = N_("Changed in the meantime");
        if (asked && !empty && v_as_int(mine->value) != v_as_int(theirs->value))
            theirs->error = N_("Changed in the meantime");
    }
    for (size_t i = 0; i < page->districts.n; i++) {
        if (v_eq(page->districts.row[i].id, page->form.district_id.value))
            page->district_mine = v_as_text(page->districts.row[i].name);
        if (v_eq(page->districts.row[i].id, page->theirs.district_id.value))
            page->district_theirs = v_as_text(page->districts.row[i].name);
    }
    q_person_last_change(rq, &(struct person_last_change_args){.person = v_int(page->person)},
                         &page->last);
    rq_fail(rq, ERR_STALE);
}

ROUTE(POST, "/persons/{person}/edit", people_update, person_edit, EDIT_PERSON)
static enum err people_update(struct request *rq, struct person_edit_page *page)
{
    page->person = rq_id_int(rq, "person");
    page->version = rq_field_int(rq, "version");
    form_begin(&person_form, page->theirs.v);
    q_person_districts(rq, &no_district, &page->districts);
    bool good = rq_read_form(rq, &person_form, page->form.v);
    page->form.family_name.required = true;
    struct rename rename = {.slip = text_is(rq_field(rq, "rename"), "slip")};
    int64_t on;
    page->age = read_age(rq, &page->form, rq->today);
    page->slip = rename.slip;
    page->renamed_on = text_trim(rq_field(rq, "renamed_on"));
    if (page->renamed_on.n && (date_parse(page->renamed_on, &on) || on > rq->today))
        rq_mistake(rq, "renamed_on", N_("There is no such date; write it as 31.12.2024"));
    else if (page->renamed_on.n)
        rename.on = v_date(on);
    if (good && !rq->mistakes) {
        rq_redirect(rq, "/persons/%lld", (long long)page->person);
        person_change(rq, page->person, page->version, &page->form, &rename);
    }
    if (rq->err == ERR_STALE)
        show_both(rq, page);
    return rq_end(rq);
}

/* ---- categories ---- */

/* Name and scope: 404 for a person the body does not know. */
static void load_head(struct request *rq, union person_card_row *out)
{
    q_person_card(rq, &(struct person_card_args){.id = rq_id(rq, "person")}, out);
}

ROUTE(GET, "/persons/{person}/categories/new", people_category_new, person_category_new,
      EDIT_PERSON)
static enum err people_category_new(struct request *rq, struct person_category_new_page *page)
{
    char today[DATE_ISO_LEN + 1];
    load_head(rq, &page->person);
    form_begin(&category_form, page->form.v);
    date_dmy(rq->today, today);
    page->form.since.raw = arena_text(rq->arena, text_of(today));
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/categories", people_category_add, person_category_new, EDIT_PERSON)
static enum err people_category_add(struct request *rq, struct person_category_new_page *page)
{
    load_head(rq, &page->person);
    if (rq_read_form(rq, &category_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/persons/%lld", (long long)rq_id_int(rq, "person"));
        person_category_add(rq, rq_id_int(rq, "person"), &page->form);
    }
    return rq_end(rq);
}

static void load_category(struct request *rq, union person_category_row_row *out)
{
    q_person_category_row(rq,
                          &(struct person_category_row_args){.id = rq_id(rq, "category"),
                                                             .person = rq_id(rq, "person")},
                          out);
}

ROUTE(GET, "/persons/{person}/categories/{category}/end", people_category_end_new,
      person_category_end, EDIT_PERSON)
static enum err people_category_end_new(struct request *rq, struct person_category_end_page *page)
{
    char today[DATE_ISO_LEN + 1];
    load_head(rq, &page->person);
    load_category(rq, &page->category);
    form_begin(&category_end_form, page->form.v);
    date_dmy(rq->today, today);
    page->form.until.raw = arena_text(rq->arena, text_of(today));
    return rq_end(rq);
}

ROUTE(POST, "/persons/{person}/categories/{category}/end", people_category_end, person_category_end,
      EDIT_PERSON)
static enum err people_category_end(struct request *rq, struct person_category_end_page *page)
{
    load_head(rq, &page->person);
    load_category(rq, &page->category);
    if (rq_read_form(rq, &category_end_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/persons/%lld", (long long)rq_id_int(rq, "person"));
        person_category_end(rq, rq_id_int(rq, "person"), rq_id_int(rq, "category"),
                            rq_field_int(rq, "version"), &page->form);
    }
    return rq_end(rq);
}

/* ---- search across bodies ---- */

ROUTE(GET, "/persons/search", people_search, person_search, SEARCH_PERSON)
static enum err people_search(struct request *rq, struct person_search_page *page)
{
    int64_t year = v_as_int(rq_filter_int(rq, "year"));

    page->q = text_trim(rq_param(rq, "q"));
    page->words = rq_words(rq);
    page->year = year;
    page->asked = page->q.n > 0;
    rq->evenly = true;
    if (page->asked)
        person_sought(rq, page->q);
    if (page->asked)
        person_search(rq, page->q, year, true, NULL, 0, &page->items, &page->message);
    page->searched = page->asked && !page->message;
    return rq_end(rq);
}
