/* Fills the fixture's page with what could hurt it, prints it as HTML or JSON, or measures.
 *
 *     fixture html|json|empty ru|en · fixture bench */
#include "fixture_tpl.h"
#include "base/json.h"
#include "web/embed.h"
#include "web/tpl_link.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- what the program has elsewhere -------------------------------------------------------- */

const char *const class_names[CLASS_COUNT] = {"open", [CLASS_HIV] = "hiv"};
const char *const class_labels[CLASS_COUNT] = {"open", [CLASS_HIV] = "HIV & <status>"};

static const struct code sexes[] = {{"m", {"мужской", "male"}, .verified = true},
                                    {"f", {"женский", "female"}, .verified = true},
                                    {"x", {"иной", "other"}, .retired = true}};
static const struct code_list sex_list = {"sex", 1, 3, sexes};

const struct code_list *code_list(const char *name)
{
    return strcmp(name, "sex") == 0 ? &sex_list : NULL;
}

const struct code_list *code_list_at(uint16_t index)
{
    return index == 1 ? &sex_list : NULL;
}

const struct code *code_find(const struct code_list *list, struct text code)
{
    for (size_t i = 0; list && i < list->n; i++)
        if (text_is(code, list->codes[i].code))
            return &list->codes[i];
    return NULL;
}

bool rq_may(const struct request *rq, enum cap cap)
{
    return rq->viewer.role && rq->viewer.role->caps & 1u << cap;
}

static const struct field person_fields[] = {
    {"family_name", FIELD_TEXT, .label = "Surname", .max = 100, .required = true},
    {"birth_date", FIELD_DATE, .label = "Date of birth", .past = true},
    {"sex", FIELD_CODE, .label = "Sex", .list = "sex"},
    {"body", FIELD_REF, .label = "Body", .ref = "body", .required = true},
    {"note", FIELD_TEXT, .label = "Note", .max = 2000, .lines = true},
    {"snils", FIELD_SNILS, .label = "SNILS"},
    {"agreed", FIELD_BOOL, .label = "Agreed"},
    {"phone", FIELD_PHONE, .label = "Telephone"},
    {"count", FIELD_INT, .label = "Count", .max = 100},
};
static const struct table person_table = {"person", "Person", TABLE_FIELDS(person_fields)};
static const struct form_field form_fields[] = {{"family_name"},
                                                {"birth_date", .required = true},
                                                {"sex"},
                                                {"body"},
                                                {"note"},
                                                {"snils"},
                                                {"agreed"},
                                                {"phone"},
                                                {"count", .label = "How many"}};
const struct form person_form = {"person_form", "Person", &person_table, FORM_FIELDS(form_fields)};

const struct field *form_field_of(const struct form *form, size_t i)
{
    return &form->table->fields[i];
}

const char *asset_url(const char *name)
{
    return strcmp(name, "bereg.css") == 0 ? "/assets/bereg.css?v=12345678" : "/assets/";
}

static const char *after = "", *sorted = "";

struct text web_param(struct request *rq, const char *name)
{
    (void)rq;
    return text_of(strcmp(name, "after") == 0 ? after : strcmp(name, "sort") == 0 ? sorted : "");
}

struct text web_link(struct request *rq, const char *name, struct text value)
{
    return arena_printf(rq->arena, "/persons/1?q=%%3C&%s=%.*s", name, TEXT_ARG(value));
}

/* ---- the queries --------------------------------------------------------------------------- */

#define COLUMNS(array) .columns = (array), .n_columns = sizeof(array) / sizeof((array)[0])
static const struct column card_columns[] = {{"id", .internal = true},
                                             {"family_name"},
                                             {"given_name"},
                                             {"birth_date"},
                                             {"hiv_status"},
                                             {"seen_at"},
                                             {"sex"},
                                             {"note"},
                                             {"bits", .internal = true}};
static const struct column case_columns[] = {{"id"}, {"number"}, {"state"}, {"due"}};
static const struct column body_columns[] = {{"id"}, {"name"}};
static const struct sort case_sorts[] = {{.name = "number", .order = "c.number, c.id"},
                                         {.name = "due", .order = "c.due_on, c.id desc"}};
struct query person_card_query = {.name = "person_card", COLUMNS(card_columns), .one = true};
struct query case_list_query = {
    .name = "case_list", COLUMNS(case_columns), .sorts = case_sorts, .n_sorts = 2, .page = 50};
struct query body_names_query = {.name = "body_names", COLUMNS(body_columns)};

/* ---- the page ------------------------------------------------------------------------------ */

static struct value code(const char *z)
{
    return (struct value){.kind = V_CODE, .list = 1, .n = (uint32_t)strlen(z), .s = z};
}

static union case_list_row cases[50];
static union body_names_row bodies[2];
static struct mistake nowhere = {
    "nowhere", "Something {a} is wrong", {.kind = V_TEXT, .n = 3, .s = "<a>"}, NULL};
static struct mistake at_note = {"note", "Too long", {0}, &nowhere};

static void fill(struct request *rq, struct person_card_page *p)
{
    p->person.id = v_int(7);
    p->person.family_name = v_z("\"><script>alert('1')</script>&amp;");
    p->person.given_name = v_z("Иван / ?#%");
    p->person.birth_date = v_date(date_from((struct ymd){1985, 3, 2}));
    p->person.hiv_status = (struct value){.kind = V_HIDDEN, .cls = CLASS_HIV};
    p->person.seen_at = v_instant(1718434800000000);
    p->person.sex = code("m");
    p->person.note = v_z(" first <b>\r\nsecond & \"third\"\n");
    p->person.bits = v_int(4095);
    for (size_t i = 0; i < 2; i++) {
        cases[i].id = v_int((int64_t)i + 1);
        cases[i].number = v_z(i ? "D-2" : "D<1>");
        cases[i].state = code(i ? "unknown'" : "f");
        cases[i].due = i ? (struct value){0} : v_date(date_from((struct ymd){2024, 6, 15}));
        bodies[i].id = v_int((int64_t)i + 1);
        bodies[i].name = i ? (struct value){.kind = V_HIDDEN, .cls = CLASS_HIV} : v_z("Body & Co");
    }
    p->items = (struct case_list_rows){.rows = {2, cases[0].v, T("to\"ken"), &case_list_query}};
    p->bodies = (struct body_names_rows){.rows = {2, bodies[0].v, {0}, &body_names_query}};
    p->overdue = 22;
    p->heading = T("Head & <tail>");
    p->back = (struct url){T("/back?a=1&b=\"2\"")};
    p->flash = "Saved";
    p->chart = (struct svg){T("<svg><g/></svg>")};
    p->extra = v_z("900 1");
    p->form.family_name.raw = T("<Иванов>\"");
    p->form.birth_date.raw = T("31.02.1985");
    p->form.birth_date.error = "There is no day {a}";
    p->form.birth_date.error_a = v_z("<31>");
    p->form.sex.value = code("x");
    p->form.body.value = v_int(2);
    p->form.note.raw = T("\nfirst\n</textarea>");
    p->form.snils.value = (struct value){.kind = V_HIDDEN, .cls = CLASS_HIV};
    p->form.agreed.value = v_int(1);
    p->form.phone.value = v_z("+79001234567");
    p->form.count.value = v_int(3);
    rq->mistakes = &at_note;
    after = "x";
    sorted = "due";
}

static void bench(struct tpl *t, struct person_card_page *p)
{
    enum { TIMES = 2000 };
    /* A row of the fixture has four cells and a part: as many pieces as nine plain cells. */
    for (size_t i = 0; i < 50; i++) {
        cases[i].id = v_int(100000 + (int64_t)i);
        cases[i].number = v_z("Константинопольский Иван Сергеевич");
        cases[i].state = code("f");
        cases[i].due = v_date(19000 + (int64_t)i);
    }
    p->items.n = 50;
    int64_t from = clock_monotonic();
    for (int i = 0; i < TIMES; i++) {
        buf_clear(t->out);
        t->told = false;
        person_card_view.html(t, p);
    }
    printf("%zu bytes in %.1f us\n", t->out->n, (double)(clock_monotonic() - from) / TIMES);
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "html";
    enum lang lang = argc > 2 && strcmp(argv[2], "en") == 0 ? LANG_EN : LANG_RU;
    struct role role = {"clerk", "Clerk & <co>", 0, 0, 1u << CAP_EDIT_PERSON};
    struct request rq = {
        .arena = arena_new(), .viewer = {.name = "К. <М>", .role = &role}, .lang = lang};
    struct buf out = BUF(1 << 20);
    struct tpl t = {.out = &out, .rq = &rq, .lang = lang, .csrf = "token", .role = &role};
    struct json j = {.out = &out};
    struct person_card_page page = {0};

    clock_set_offset(180);
    if (strcmp(mode, "empty") != 0)
        fill(&rq, &page);
    else
        rq.viewer.role = NULL;
    if (strcmp(mode, "bench") == 0)
        bench(&t, &page);
    else if (strcmp(mode, "json") == 0)
        person_card_view.json(&j, &t, &page);
    else
        person_card_view.html(&t, &page);
    if (strcmp(mode, "bench") != 0)
        fwrite(out.s, 1, out.n, stdout);
    buf_free(&out);
    arena_free(rq.arena);
    return 0;
}
