/* Parsers of what comes from outside, matching of routes, addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "web/exchange.h"
#include <stdlib.h>

static int setup(void **state)
{
    *state = exchange_new(NULL);
    return 0;
}

static int teardown(void **state)
{
    exchange_free(*state);
    return 0;
}

static struct arena *arena_of(void **state)
{
    return ((struct exchange *)*state)->rq.arena;
}

#define assert_text(t, z)                                                                          \
    do {                                                                                           \
        struct text got_ = (t);                                                                    \
        if (!text_is(got_, (z)))                                                                   \
            fail_msg("'%.*s' is not '%s'", TEXT_ARG(got_), (z));                                   \
    } while (0)

/* "name=value|name=value" of what a parser found; an asterisk before the message when it refused.
 */
static const char *words_of(struct arena *arena, enum err err, const struct pairs *pairs,
                            const struct parse_fault *fault)
{
    struct text t = T("");
    if (err)
        return arena_printf(arena, "*%.*s", TEXT_ARG(fault->field)).s;
    for (size_t i = 0; i < pairs->n; i++) {
        const struct pair *p = &pairs->v[i];
        struct text file = p->is_file ? arena_printf(arena, "<%.*s>", TEXT_ARG(p->file)) : T("");
        t = arena_printf(arena, "%.*s%s%.*s%.*s=%.*s", TEXT_ARG(t), i ? "|" : "", TEXT_ARG(p->name),
                         TEXT_ARG(file), TEXT_ARG(p->value));
    }
    return t.n ? t.s : "";
}

static void queries(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"a=1&b=2", "a=1|b=2"},
        {"a=1&a=2&a=", "a=1|a=2|a="},
        {"&&a=1&", "a=1"},
        {"a", "a="},
        {"a=b=c", "a=b=c"},
        {"q=%D0%98%D0%B2%D0%B0%D0%BD+I", "q=Иван I"},
        {"a%5Bb%5D=%2B+%26", "a[b]=+ &"},
        {"t=1%0D%0A2%0A3", "t=1\n2\n3"},
        {"=1", "*"},
        {"a b=1", "*"},
        {"a+b=1", "*"},
        {"%D0%B0=1", "*"},
        {"a=%zz", "*"},
        {"a=%4", "*"},
        {"a=%", "*"},
        {"a=%00", "*a"},
        {"a=%FF", "*a"},
        {"a=%C0%AF", "*a"},
        {"a=%1B", "*a"},
        {"a=1&b=%ED%A0%80", "*b"},
    };
    struct arena *arena = arena_of(state);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pairs pairs = {0};
        struct parse_fault fault = {0};
        enum err err = parse_query(arena, text_of(cases[i].in), &pairs, &fault);
        assert_string_equal(words_of(arena, err, &pairs, &fault), cases[i].out);
    }
}

static void query_of_many_fields(void **state)
{
    struct arena *arena = arena_of(state);
    struct pairs pairs = {0};
    struct parse_fault fault;
    struct buf b = BUF(1 << 20);

    for (int i = 0; i <= PAIRS_MAX; i++)
        buf_z(&b, "a=1&");
    assert_int_equal(parse_query(arena, buf_get(&b), &pairs, &fault), ERR_SYNTAX);
    buf_free(&b);
}

static void jsons(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"{}", ""},
        {"{\"a\":\"б\",\"n\":-12,\"t\":true,\"f\":false,\"z\":null}", "a=б|n=-12|t=1|f=0|z="},
        {"{\"a\":[\"x\",2]}", "a=x|a=2"},
        {"{\"a\":[]}", ""},
        {"{\"a\":1,\"a\":2}", "*"},
        {"{\"a\":{\"b\":1}}", "*a"},
        {"{\"a\":[[1]]}", "*a"},
        {"{\"a\":1.5}", "*a"},
        {"{\"a\":99999999999999999999}", "*"},
        {"{\"a\":\"\\u0000\"}", "*"},
        {"{\"a\":\"\\u0007\"}", "*a"},
        {"{\"\":1}", "*"},
        {"[1]", "*"},
        {"1", "*"},
        {"", "*"},
        {"{\"a\":1", "*"},
        {"{\"a\":1}x", "*"},
        {"{\"a\":\"\xff\"}", "*"},
    };
    struct arena *arena = arena_of(state);

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pairs pairs = {0};
        struct parse_fault fault = {0};
        enum err err = parse_json(arena, text_of(cases[i].in), &pairs, &fault);
        assert_string_equal(words_of(arena, err, &pairs, &fault), cases[i].out);
    }
    struct pairs pairs = {0};
    struct parse_fault fault = {0};
    struct buf deep = BUF(1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_z(&deep, "[");
    assert_int_equal(parse_json(arena, buf_get(&deep), &pairs, &fault), ERR_SYNTAX);
    buf_free(&deep);
}

#define PART(head, body) "--x\r\n" head "\r\n\r\n" body "\r\n"
#define FIELD(name)      "Content-Disposition: form-data; name=\"" name "\""

static void multiparts(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {PART(FIELD("a"), "1") PART(FIELD("b"), "") "--x--\r\n", "a=1|b="},
        {"--x--\r\n", ""},
        {PART(FIELD("a"), "1\r\n2\r\n--y") "--x--", "a=1\n2\n--y"},
        {PART(FIELD("f") "; filename=\"C:\\дело\\список.csv\"\r\nContent-Type: text/csv",
              "1;2\r\n") "--x--\r\n",
         "f<список.csv>=1;2\r\n"},
        {PART(FIELD("f") "; filename=\"\"", "") "--x--\r\n", "f<>="},
        {PART("content-disposition: FORM-DATA; name=a", "1") "--x--\r\n", "a=1"},
        {PART(FIELD("q\\\"q"), "1") "--x--\r\n", "q\"q=1"},
        {PART(FIELD("a"), "\xff") "--x--\r\n", "*a"},
        {PART("Content-Type: text/plain", "1") "--x--\r\n", "*"},
        {PART("Content-Disposition: attachment; name=\"a\"", "1") "--x--\r\n", "*"},
        {PART("nonsense", "1") "--x--\r\n", "*"},
        {PART(FIELD("a"), "1"), "*"},
        {"--x\r\n" FIELD("a") "\r\n\r\n1", "*"},
        {"--x\r\n" FIELD("a") "\r\n--x--", "*"},
        {"--x", "*"},
        {"", "*"},
        {"--y--", "*"},
        {"junk\r\n" PART(FIELD("a"), "1") "--x--", "*"},
    };
    struct arena *arena = arena_of(state);
    struct text type = T("multipart/form-data; charset=utf-8; boundary=x");

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct pairs pairs = {0};
        struct parse_fault fault = {0};
        /* A copy of the exact length, so that the sanitizer sees a step beyond. */
        size_t n = strlen(cases[i].in);
        char *exact = malloc(n ? n : 1);
        assert_non_null(exact);
        memcpy(exact, cases[i].in, n);
        enum err err = parse_multipart(arena, type, (struct text){exact, n}, &pairs, &fault);
        assert_string_equal(words_of(arena, err, &pairs, &fault), cases[i].out);
        free(exact);
    }
    struct pairs pairs = {0};
    struct parse_fault fault = {0};
    struct text body = T("--x--");
    assert_int_equal(parse_multipart(arena, T("multipart/form-data"), body, &pairs, &fault),
                     ERR_SYNTAX);
    assert_int_equal(
        parse_multipart(arena, T("multipart/form-data; boundary="), body, &pairs, &fault),
        ERR_SYNTAX);
    assert_int_equal(
        parse_multipart(arena, T("multipart/form-data; boundary=\"x"), body, &pairs, &fault),
        ERR_SYNTAX);
    assert_int_equal(
        parse_multipart(arena, T("multipart/form-data; boundary=\"x\""), body, &pairs, &fault), OK);
}

static void cookies(void **state)
{
    (void)state;
    assert_text(parse_cookie(T("a=1; bereg=xyz; b=2"), "bereg"), "xyz");
    assert_text(parse_cookie(T("bereg=xyz"), "bereg"), "xyz");
    assert_text(parse_cookie(T("xbereg=1; bereg="), "bereg"), "");
    assert_text(parse_cookie(T("bereg; bereg=2"), "bereg"), "2");
    assert_text(parse_cookie(T(" bereg = 2"), "bereg"), "");
    assert_text(parse_cookie(T(""), "bereg"), "");
    assert_text(parse_cookie(T(";;;=;"), "bereg"), "");
}

static void encodings(void **state)
{
    (void)state;
    assert_true(parse_accepts(T("gzip, deflate"), "gzip"));
    assert_true(parse_accepts(T("br;q=1.0, gzip;q=0.8"), "gzip"));
    assert_false(parse_accepts(T("gzip;q=0"), "gzip"));
    assert_false(parse_accepts(T("gzip;q=0.000"), "gzip"));
    assert_false(parse_accepts(T("xgzip"), "gzip"));
    assert_false(parse_accepts(T(""), "gzip"));
}

static void local_paths(void **state)
{
    (void)state;
    assert_true(parse_local_path(T("/")));
    assert_true(parse_local_path(T("/persons?q=%D0%B0&x=1#top")));
    assert_false(parse_local_path(T("")));
    assert_false(parse_local_path(T("//evil.example")));
    assert_false(parse_local_path(T("/\\evil.example")));
    assert_false(parse_local_path(T("/a\\b")));
    assert_false(parse_local_path(T("https://evil.example")));
    assert_false(parse_local_path(T("javascript:alert(1)")));
    assert_false(parse_local_path(T("/a b")));
    assert_false(parse_local_path(T("/a\r\nSet-Cookie: x")));
    assert_false(parse_local_path(T("/а")));
}

static void addresses(void **state)
{
    struct exchange *x = *state;

    assert_text(url_of(&x->rq, "/persons/%d", 7).t, "/persons/7");
    assert_text(url_of(&x->rq, "/persons/%lld/cases", 7LL).t, "/persons/7/cases");
    assert_text(url_of(&x->rq, "/persons?q=%s&n=%zu", "Ёж & К", (size_t)3).t,
                "/persons?q=%D0%81%D0%B6%20%26%20%D0%9A&n=3");
    assert_text(url_of(&x->rq, "/a/%.*s", 3, "b/cd").t, "/a/b%2Fc");
    assert_text(url_of(&x->rq, "%s", "/already/made?a=b").t, "/already/made?a=b");
    assert_text(url_of(&x->rq, "%s", "//evil").t, "/");

    x->asked.path = T("/persons");
    x->query = (struct pairs){0};
    struct parse_fault fault;
    assert_int_equal(
        parse_query(x->rq.arena, T("city=%D0%90&sort=name&after=xx&format=csv"), &x->query, &fault),
        OK);
    assert_text(web_link(&x->rq, "sort", T("newest")), "/persons?city=%D0%90&sort=newest");
    assert_text(web_link(&x->rq, "after", T("y&z")), "/persons?city=%D0%90&sort=name&after=y%26z");
    assert_text(web_link(&x->rq, "after", T("")), "/persons?city=%D0%90&sort=name");
    assert_text(web_link(&x->rq, "city", T("")), "/persons?sort=name");
}

static void paths(void **state)
{
    struct exchange *x = *state;
    struct part parts[PARTS_MAX];
    size_t n = 9;

    const struct route *r = route_match(x->rq.arena, "GET", T("/sign-in"), parts, &n);
    assert_non_null(r);
    assert_string_equal(r->path, "/sign-in");
    assert_int_equal(n, 0);
    assert_null(route_match(x->rq.arena, "GET", T("/sign-in/"), parts, &n));
    assert_null(route_match(x->rq.arena, "GET", T("/sign-i"), parts, &n));
    assert_null(route_match(x->rq.arena, "GET", T("//"), parts, &n));
    assert_null(route_match(x->rq.arena, "GET", T(""), parts, &n));
    assert_null(route_match(x->rq.arena, "DELETE", T("/sign-in"), parts, &n));

    /* Each route is found by its own path with a word in place of every {name}. */
    size_t all;
    const struct route *const *routes = routes_all(&all);
    for (size_t i = 0; i < all; i++) {
        struct buf b = BUF(1000);
        size_t named = 0;
        for (const char *c = routes[i]->path; *c; c++) {
            if (*c == '{') {
                buf_z(&b, "777%D0%B9");
                named++;
                c = strchr(c, '}');
                assert_non_null(c);
            } else {
                buf_char(&b, *c);
            }
        }
        assert_ptr_equal(route_match(x->rq.arena, routes[i]->method, buf_get(&b), parts, &n),
                         routes[i]);
        assert_int_equal(n, named);
        if (n)
            assert_text(parts[0].value, "777й");
        buf_free(&b);
    }
}

static void messages(void **state)
{
    struct arena *arena = arena_of(state);
    assert_text(message_plain(arena, LANG_EN, "At most {a} characters", v_int(12)),
                "At most 12 characters");
    assert_text(message_plain(arena, LANG_EN, "Nothing to put in", v_int(12)), "Nothing to put in");
    assert_text(value_words(arena, LANG_EN, v_date(0)), "01.01.1970");
    assert_text(value_words(arena, LANG_EN, (struct value){0}), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queries, setup, teardown),
        cmocka_unit_test_setup_teardown(query_of_many_fields, setup, teardown),
        cmocka_unit_test_setup_teardown(jsons, setup, teardown),
        cmocka_unit_test_setup_teardown(multiparts, setup, teardown),
        cmocka_unit_test_setup_teardown(cookies, setup, teardown),
        cmocka_unit_test_setup_teardown(encodings, setup, teardown),
        cmocka_unit_test_setup_teardown(local_paths, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses, setup, teardown),
        cmocka_unit_test_setup_teardown(paths, setup, teardown),
        cmocka_unit_test_setup_teardown(messages, setup, teardown),
    };
    return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
