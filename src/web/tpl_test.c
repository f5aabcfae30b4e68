/* The runtime of templates: what stands where, escaped for its place. Whole pages are in
 * tests/templates.sh. */
#include "web/tpl.h"
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct buf out;
    struct request rq;
    struct tpl t;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->out = BUF(1 << 20);
    f->rq.arena = arena_new();
    f->rq.lang = LANG_EN;
    f->t = (struct tpl){.out = &f->out, .rq = &f->rq, .lang = LANG_EN};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    buf_free(&f->out);
    arena_free(f->rq.arena);
    free(f);
    return 0;
}

/* What was written since the last look. */
static const char *said(struct fixture *f)
{
    const char *z = arena_z(f->rq.arena, buf_get(&f->out));

    buf_clear(&f->out);
    return z;
}

static struct value hidden(uint8_t cls)
{
    return (struct value){.kind = V_HIDDEN, .cls = cls};
}

#define SAYS(f, call, expected)                                                                    \
    do {                                                                                           \
        call;                                                                                      \
        assert_string_equal(said(f), expected);                                                    \
    } while (0)

/* ---- places --------------------------------------------------------------------------------- */

static const char nasty[] = "<a b='c' d=\"e\">&";

static void test_text(void **state)
{
    struct fixture *f = *state;
    struct tpl *t = &f->t;

    SAYS(f, tpl_text(t, v_z(nasty)), "&lt;a b='c' d=\"e\"&gt;&amp;");
    SAYS(f, tpl_text(t, T("<>")), "&lt;&gt;");
    SAYS(f, tpl_text(t, "a&b"), "a&amp;b");
    SAYS(f, tpl_text(t, (const char *)NULL), "");
    SAYS(f, tpl_text(t, (int64_t)-5), "-5");
    SAYS(f, tpl_text(t, (size_t)7), "7");
    SAYS(f, tpl_text(t, (bool)true), tr(LANG_EN, "yes"));
    SAYS(f, tpl_text(t, v_date(date_from((struct ymd){2024, 6, 5}))), "05.06.2024");
    SAYS(f, tpl_text(t, v_null()), "");
    SAYS(f, tpl_text(t, ((struct value){.kind = V_NONE})), "");
    tpl_text(t, hidden(CLASS_HIV));
    assert_true(text_starts(buf_get(&f->out), "<span class=\"b-hidden\">"));
    assert_true(text_ends(buf_get(&f->out), "</span>"));
}

static void test_attribute(void **state)
{
    struct fixture *f = *state;
    struct tpl *t = &f->t;

    SAYS(f, tpl_attr(t, v_z(nasty)), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;");
    SAYS(f, tpl_attr(t, v_date(date_from((struct ymd){2024, 6, 5}))), "2024-06-05");
    SAYS(f, tpl_attr(t, v_instant(0)), "1970-01-01T00:00:00.000000Z");
    SAYS(f, tpl_attr(t, hidden(CLASS_HIV)), "");
    SAYS(f, tpl_attr(t, (bool)false), "false");
}

static void test_plain(void **state)
{
    struct fixture *f = *state;
    struct tpl *t = &f->t;

    SAYS(f, tpl_plain(t, v_z(nasty)), "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;");
    SAYS(f, tpl_plain(t, v_date(0)), "01.01.1970");
    tpl_plain(t, hidden(CLASS_HIV));
    assert_true(f->out.n > 0);
    assert_null(memchr(f->out.s, '<', f->out.n));
}

static void test_address(void **state)
{
    struct fixture *f = *state;
    struct tpl *t = &f->t;

    SAYS(f, tpl_url(t, v_z("a/../b?c=d&e#f\"<> %\n")),
         "a%2F..%2Fb%3Fc%3Dd%26e%23f%22%3C%3E%20%25%0A");
    SAYS(f, tpl_url(t, T("ё")), "%D1%91");
    SAYS(f, tpl_url(t, v_int(-12)), "-12");
    SAYS(f, tpl_url(t, hidden(CLASS_HIV)), "");
    SAYS(f, tpl_url_url(t, (struct url){T("/a?b=1&c=\"2\"")}), "/a?b=1&amp;c=&quot;2&quot;");
    SAYS(f, tpl_url_url(t, (struct url){T("?a")}), "?a");
    SAYS(f, tpl_url_url(t, (struct url){T("#a")}), "#a");
    SAYS(f, tpl_url_url(t, (struct url){T("/")}), "/");
    static const char *const elsewhere[] = {
        "",    "//evil",   "/\\evil", "javascript:alert(1)", "/\t/evil", "https://evil",
        " /a", "\n//evil", "evil"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        SAYS(f, tpl_url_url(t, (struct url){text_of(elsewhere[i])}), "/");
}

/* A special byte at every place of texts of every length: whole words are looked at together. */
static void test_every_place(void **state)
{
    struct fixture *f = *state;
    static const char *const around[] = {"x", "\xD0\xB6", "?", "~"};

    for (size_t k = 0; k < sizeof around / sizeof *around; k++) {
        for (size_t n = 0; n < 40; n++) {
            for (size_t at = 0; at <= n; at++) {
                struct buf in = BUF(1000), out = BUF(1000);
                for (size_t i = 0; i <= n; i++) {
                    buf_z(&in, i == at ? "<" : around[k]);
                    buf_z(&out, i == at ? "&lt;" : around[k]);
                }
                tpl_text(&f->t, buf_get(&in));
                assert_true(text_eq(buf_get(&f->out), buf_get(&out)));
                buf_clear(&f->out);
                buf_free(&in);
                buf_free(&out);
            }
        }
    }
}

static void test_every_byte(void **state)
{
    struct fixture *f = *state;

    for (int c = 1; c < 256; c++) {
        char z[2] = {(char)c, 0};
        tpl_attr(&f->t, z);
        for (size_t i = 0; i < f->out.n; i++)
            assert_null(strchr("<>\"'", f->out.s[i]));
        buf_clear(&f->out);
        tpl_url(&f->t, z);
        for (size_t i = 0; i < f->out.n; i++)
            assert_null(strchr("<>\"'&?#/ \\", f->out.s[i]));
        buf_clear(&f->out);
    }
}

/* ---- conditions and words ------------------------------------------------------------------- */

static void test_conditions(void **state)
{
    (void)state;
    assert_false(tpl_true(((struct value){0})));
    assert_false(tpl_true(v_null()));
    assert_false(tpl_true(v_int(0)));
    assert_false(tpl_true(v_z("")));
    assert_true(tpl_true(v_int(2)));
    assert_true(tpl_true(v_date(0)));
    assert_true(tpl_true(hidden(CLASS_HIV)));
    assert_true(tpl_true(T("a")));
    assert_false(tpl_true((const char *)NULL));
    assert_true(tpl_is(v_z("open"), "open"));
    assert_false(tpl_is(hidden(CLASS_HIV), ""));
    assert_true(tpl_is(v_int(5), "5"));
    assert_false(tpl_is(v_int(5), "05x"));
    assert_true(tpl_is((int64_t)-3, "-3"));
    assert_false(tpl_is((const char *)NULL, ""));
}

static void test_messages(void **state)
{
    struct fixture *f = *state;
    const struct tpl_arg args[] = {{"date", v_date(0)}, {"name", v_z("<b>\"")}};

    SAYS(f, tpl_message(&f->t, false, "On {date}: {name}, {name} & {date}", args, 2),
         "On 01.01.1970: &lt;b&gt;\", &lt;b&gt;\" &amp; 01.01.1970");
    SAYS(f, tpl_message(&f->t, true, "{name}", args, 2), "&lt;b&gt;&quot;");
    SAYS(f, tpl_message(&f->t, false, "{other} {date", args, 2), "{other} {date");
    SAYS(f, tpl_message(&f->t, false, "{{date}}", args, 2), "{01.01.1970}");
    SAYS(f, tpl_message(&f->t, false, "", NULL, 0), "");
}

static void test_lines(void **state)
{
    struct fixture *f = *state;

    SAYS(f, tpl_lines(&f->t, v_z("a<\r\nb\n\nc\n")), "a&lt;<br>b<br><br>c");
    SAYS(f, tpl_lines(&f->t, v_z("")), "");
    tpl_lines(&f->t, hidden(CLASS_HIV));
    assert_true(text_starts(buf_get(&f->out), "<span"));
}

static void test_translation(void **state)
{
    (void)state;
    assert_string_equal(tr(LANG_EN, "no such message at all"), "no such message at all");
    assert_string_equal(tr(LANG_RU, "no such message at all"), "no such message at all");
    assert_string_equal(tr(LANG_RU, NULL), "");
    assert_string_equal(tr_n(LANG_EN, "one thing", "many things", 1), "one thing");
    assert_string_equal(tr_n(LANG_EN, "one thing", "many things", 21), "many things");
    const struct catalogue *c = catalogues[LANG_RU];
    for (uint32_t i = 0; c && i <= c->mask; i++) {
        if (!c->slots[i])
            continue;
        const struct message *m = &c->messages[c->slots[i] - 1];
        assert_ptr_equal(tr(LANG_RU, m->id), m->words[0]);
        if (m->words[1]) {
            assert_ptr_equal(tr_n(LANG_RU, m->id, "", 21), m->words[0]);
            assert_ptr_equal(tr_n(LANG_RU, m->id, "", 22), m->words[1]);
            assert_ptr_equal(tr_n(LANG_RU, m->id, "", 11), m->words[2]);
            assert_ptr_equal(tr_n(LANG_RU, m->id, "", 112), m->words[2]);
        }
    }
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void test_json(void **state)
{
    struct fixture *f = *state;
    static const struct column columns[] = {
        {"id", .internal = true}, {"name"}, {"hiv_status"}, {"bits", .internal = true}};
    const struct query q = {.name = "q", .columns = columns, .n_columns = 4};
    struct value rows[8] = {v_int(1), v_z("a\"<"), hidden(CLASS_HIV), v_int(9),
                            v_int(2), {0},         v_date(0),         v_int(9)};
    struct json j = {.out = &f->out};

    tpl_json_rows(&j, &q, &(struct rows){.n = 2, .v = rows});
    assert_string_equal(said(f), "[{\"id\":1,\"name\":\"a\\\"<\",\"masked\":[\"hiv_status\"]},"
                                 "{\"id\":2,\"name\":null,\"hiv_status\":\"1970-01-01\"}]");
    j = (struct json){.out = &f->out};
    tpl_json_row(&j, &q, (struct value[4]){{0}});
    assert_string_equal(said(f), "null");
    j = (struct json){.out = &f->out};
    tpl_json_next(&j, (struct text){"", 0});
    assert_string_equal(said(f), "null");
}

/* ---- forms ---------------------------------------------------------------------------------- */

static const struct field fields[] = {
    {"name", FIELD_TEXT, .label = "Surname", .max = 100, .required = true},
    {"kind", FIELD_CODE, .label = "Kind", .list = "tpl_test_kind"},
    {"born", FIELD_DATE, .label = "Born"},
};
static const struct table table = {"tpl_test", "Test", TABLE_FIELDS(fields)};
static const struct form_field asked[] = {{"name"}, {"kind", .required = true}, {"born"}};
static const struct form form = {"test_form", "Test", &table, FORM_FIELDS(asked)};

static void field(struct fixture *f, struct input *inputs, size_t i, struct tpl_field how)
{
    how.form = &form;
    how.inputs = inputs;
    tpl_field(&f->t, &inputs[i], asked[i].name, how);
}

static void codes(void)
{
    struct code_set *set = code_set_new();

    code_set_add(set, "tpl_test_kind", (struct code){"a", {"А<", "A<"}, .verified = true});
    code_set_add(set, "tpl_test_kind", (struct code){"old", {"С", "Old"}, .retired = true});
    code_set_add(set, "tpl_test_kind", (struct code){"b", {"Б", "B"}, .verified = true});
    code_set_use(set);
}

static void test_field(void **state)
{
    struct fixture *f = *state;
    struct input inputs[3] = {0};

    inputs[0].raw = T("\"><i>");
    inputs[0].error = "Wrong: {a}";
    inputs[0].error_a = v_z("<u>");
    field(f, inputs, 0, (struct tpl_field){.hint = "As <b>"});
    const char *z = said(f);
    assert_non_null(strstr(z, "<label class=\"govuk-label\" for=\"name\">Surname</label>"));
    assert_non_null(strstr(z, "id=\"name-hint\">As &lt;b&gt;</div>"));
    assert_non_null(strstr(z, "id=\"name-error\">"));
    assert_non_null(strstr(z, "</span> Wrong: &lt;u&gt;</p>"));
    assert_non_null(strstr(z, " aria-describedby=\"name-hint name-error\""));
    assert_non_null(strstr(z, " value=\"&quot;&gt;&lt;i&gt;\""));
    assert_null(strstr(z, "<i>"));
}

static void test_field_of_code(void **state)
{
    struct fixture *f = *state;
    struct input inputs[3] = {0};

    codes();
    uint16_t list = code_list("tpl_test_kind")->index;
    field(f, inputs, 1, (struct tpl_field){0});
    const char *z = said(f);
    assert_non_null(strstr(z, "<option value=\"a\">A&lt;</option>"));
    assert_null(strstr(z, "Old"));
    assert_null(strstr(z, "selected"));
    inputs[1].value = (struct value){.kind = V_CODE, .list = list, .n = 3, .s = "old"};
    field(f, inputs, 1, (struct tpl_field){0});
    assert_non_null(strstr(said(f), "<option value=\"old\" selected>Old</option>"));
    inputs[1].value = (struct value){.kind = V_CODE, .list = list, .n = 4, .s = "gone"};
    field(f, inputs, 1, (struct tpl_field){0});
    assert_non_null(strstr(said(f), "<option value=\"gone\" selected>gone</option>"));
    /* What was typed wins over what was there, and a wrong code is not offered. */
    inputs[1].raw = T("wrong");
    inputs[1].value = (struct value){0};
    field(f, inputs, 1, (struct tpl_field){.radios = true});
    z = said(f);
    assert_null(strstr(z, "wrong"));
    assert_null(strstr(z, "checked"));
    inputs[1] = (struct input){.value = hidden(CLASS_HIV)};
    field(f, inputs, 1, (struct tpl_field){0});
    z = said(f);
    assert_null(strstr(z, "name=\"kind\""));
    assert_non_null(strstr(z, "b-hidden"));
}

static void test_errors(void **state)
{
    struct fixture *f = *state;
    struct input inputs[3] = {0};
    struct mistake general = {NULL, "All is wrong", {0}, NULL};
    struct mistake born = {"born", "Too late", {0}, &general};
    struct mistake again = {"name", "Missing", {0}, &born};
    struct tpl_inputs forms[] = {{inputs, 3, &form}};

    tpl_errors(&f->t, forms, 1);
    assert_string_equal(said(f), "");
    inputs[0].error = "Missing";
    f->rq.mistakes = &again;
    tpl_errors(&f->t, forms, 1);
    const char *z = said(f);
    assert_non_null(strstr(z, "<ul class=\"govuk-list govuk-error-summary__list\">"
                              "<li><a href=\"#name\">Surname: Missing</a></li>"
                              "<li><a href=\"#born\">Born: Too late</a></li>"
                              "<li>All is wrong</li></ul>"));
    assert_non_null(strstr(z, " 3 "));
    tpl_errors(&f->t, forms, 1);
    assert_string_equal(said(f), "");
    field(f, inputs, 2, (struct tpl_field){0});
    assert_non_null(strstr(said(f), "Too late"));
}

static void test_csrf(void **state)
{
    struct fixture *f = *state;

    SAYS(f, tpl_csrf(&f->t), "");
    f->t.csrf = "a\"b";
    tpl_csrf(&f->t);
    const char *first = said(f);
    tpl_csrf(&f->t);
    const char *second = said(f);
    static const char begin[] = "<input type=\"hidden\" name=\"csrf\" value=\"a&quot;b\">"
                                "<input type=\"hidden\" name=\"key\" value=\"";
    assert_memory_equal(first, begin, sizeof begin - 1);
    assert_int_equal(strlen(first), sizeof begin - 1 + 32 + 2);
    assert_string_not_equal(first, second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_text),          TEST(test_attribute),   TEST(test_plain),
        TEST(test_address),       TEST(test_every_place), TEST(test_every_byte),
        TEST(test_conditions),    TEST(test_messages),    TEST(test_lines),
        TEST(test_translation),   TEST(test_json),        TEST(test_field),
        TEST(test_field_of_code), TEST(test_errors),      TEST(test_csrf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
