/* Pages of the register: list, registration, correction, categories, search. The card itself is the
 * desk's. */
#include "base/id.h"
#include "people_tpl.h"
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

enum { FEW = 10000 }; /* persons of a category that are sooner looked up than walked past */

static bool few_have(struct request *rq, struct value category)
{
    union category_many_row many = {0};
    q_category_many(rq, &(struct category_many_args){.category = category}, &many);
    return v_as_int(many.n) < FEW;
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
    page->q = q;
    page->filtered = q.n || v_is(f.district) || v_is(f.category);
    page->shows_categories = rq->viewer.role && rq->viewer.role->read & CLASS_BIT(CLASS_SOCIAL);
    page->shows_districts = rq->viewer.role && rq->viewer.role->read & CLASS_BIT(CLASS_CONTACT);
    q_person_districts(rq, &(struct person_districts_args){.chosen = f.district}, &page->districts);
    form_begin(&category_form, page->filter.v);
    page->filter.category.raw = v_as_text(f.category);
    list_rows(rq, &f, &page->items);
    return rq_end(rq);
}

/* ---- registration ---- */

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

ROUTE(POST, "/persons", people_create, person_new, EDIT_PERSON)
static enum err people_create(struct request *rq, struct person_new_page *page)
{
    /* a program may register somebody without saying yet why the body works with him */
    bool why = !rq_is_api(rq) || rq_field(rq, "category").n || rq_field(rq, "channel").n;
    struct text twin = rq_field(rq, "twin");
    int64_t same = rq_field_int(rq, "twin");
    struct twins twins = {0};
    enum twin how = same > 0 ? TWIN_SAME : text_is(twin, "another") ? TWIN_ANOTHER : TWIN_ASK;

    q_person_districts(rq, &no_district, &page->districts);
    form_begin(&category_form, page->entry.v);
    bool good = rq_read_form(rq, &person_form, page->form.v);
    if (why)
        good = rq_read_form(rq, &category_form, page->entry.v) && good;
    /* nobody is there to answer: only a number that has another holder stops a program */
    if (rq_is_api(rq) && how == TWIN_ASK && page->form.snils.value.kind != V_TEXT)
        how = TWIN_ANOTHER;
    if (good)
        person_register(rq, &page->form, why ? &page->entry : NULL, how, same, registered, &twins);
    page->asks = twins.n > 0;
    if (page->asks) {
        rq->err = OK; /* to read whom it may be; told again below */
        person_minimal(rq, twins.id, twins.n, &page->twins);
        rq_fail(rq, ERR_INPUT);
    }
    return rq_end(rq);
}

/* ---- correction ---- */

/* The values that stand in the register now; false when the viewer has no such person. */
static bool load_edit(struct request *rq, struct person_form *form, int64_t *version)
{
    union person_edit_row_row row = {0};
    q_person_edit_row(rq, &(struct person_edit_row_args){.id = rq_id(rq, "person")}, &row);
    if (rq->err)
        return false;
    rq_fill_form(rq, &person_form, form->v, NULL, row.v);
    *version = v_as_int(row.version);
    return true;
}

ROUTE(GET, "/persons/{person}/edit", people_edit, person_edit, EDIT_PERSON)
static enum err people_edit(struct request *rq, struct person_edit_page *page)
{
    page->person = rq_id_int(rq, "person");
    load_edit(rq, &page->form, &page->version);
    form_begin(&person_form, page->theirs.v);
    q_person_districts(rq, &no_district, &page->districts);
    return rq_end(rq);
}

/* The card changed while it was open: both versions, field by field, to choose from. */
static void show_both(struct request *rq, struct person_edit_page *page)
{
    rq->err = OK; /* to read what stands there now; told again below */
    page->stale = load_edit(rq, &page->theirs, &page->version);
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
    if (rq_read_form(rq, &person_form, page->form.v)) {
        rq_redirect(rq, "/persons/%lld", (long long)page->person);
        person_change(rq, page->person, page->version, &page->form);
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
    struct person_search s;
    int64_t year = v_as_int(rq_filter_int(rq, "year"));

    page->q = text_trim(rq_param(rq, "q"));
    page->year = year;
    page->asked = page->q.n > 0;
    if (page->asked && person_search_parse(rq->arena, page->q, year, &s, &page->message)) {
        page->searched = true;
        person_search(rq, &s, &page->items);
    }
    return rq_end(rq);
}
