#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/address.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/value.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utf8proc.h>

/* Every test gets an arena in *state. */
static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

/* cmocka prints nothing of a text that is not NUL-terminated: this says what was there. */
#define assert_text(t, z)                                                                          \
    do {                                                                                           \
        struct text got_ = (t);                                                                    \
        if (!text_is(got_, (z)))                                                                   \
            fail_msg("'%.*s' is not '%s'", TEXT_ARG(got_), (z));                                   \
    } while (0)

/* --- err --- */

static void test_err_names(void **state)
{
    (void)state;
    assert_string_equal(err_name(OK), "ok");
    assert_string_equal(err_name(ERR_NOT_FOUND), "not_found");
    assert_string_equal(err_name(ERR_INTERNAL), "internal");
    assert_string_equal(err_name((enum err)99), "unknown");
    for (int i = 0; i <= ERR_INTERNAL; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(err_name((enum err)i), err_name((enum err)k));
}

static void test_fault(void **state)
{
    struct fault f = {0};
    char s[600];

    (void)state;
    assert_int_equal(fault_set(NULL, ERR_IO, "x"), ERR_IO);
    assert_int_equal(fault_set(&f, ERR_LIMIT, "%d rows", 5), ERR_LIMIT);
    assert_int_equal(f.err, ERR_LIMIT);
    assert_string_equal(f.text, "5 rows");
    assert_int_equal(fault_set(&f, ERR_IO, "reading: %s", f.text), ERR_IO);
    assert_string_equal(f.text, "reading: 5 rows");
    /* A long reason is cut between letters: 1 + 199 * 2 = 399 bytes fit, after "ab" only 398. */
    memset(s, 0, sizeof s);
    for (int i = 0; i < 250; i++)
        memcpy(s + (size_t)i * 2, "я", 2);
    (void)!fault_set(&f, ERR_IO, "a%s", s);
    assert_int_equal(strlen(f.text), 399);
    (void)!fault_set(&f, ERR_IO, "ab%s", s);
    assert_int_equal(strlen(f.text), 398);
    assert_true(text_valid(text_of(f.text)));
    (void)!fault_set(&f, ERR_IO, "%395s%s", "", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80");
    assert_int_equal(strlen(f.text), 399);
    (void)!fault_set(&f, ERR_IO, "%396s%s", "", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80");
    assert_int_equal(strlen(f.text), 396);
    (void)!fault_set(&f, ERR_IO, "%397s%s", "", "\xE0\xA4\x84\xE0\xA4\x84");
    assert_int_equal(strlen(f.text), 397);
}

/* --- text --- */

static void test_text_compare(void **state)
{
    struct text none = {NULL, 0};

    (void)state;
    assert_true(text_eq(T("a"), T("a")));
    assert_false(text_eq(T("a"), T("b")));
    assert_false(text_eq(T("a"), T("ab")));
    assert_true(text_eq(none, T("")));
    assert_true(text_is(T("abc"), "abc"));
    assert_false(text_is(T("abc"), "ab"));
    assert_int_equal(text_cmp(T("a"), T("a")), 0);
    assert_true(text_cmp(T("a"), T("b")) < 0);
    assert_true(text_cmp(T("ab"), T("a")) > 0);
    assert_true(text_cmp(T("a"), T("ab")) < 0);
    assert_true(text_cmp(T("z"), T("я")) < 0); /* unsigned bytes */
    assert_int_equal(text_cmp(none, T("")), 0);
    assert_true(text_starts(T("person.name"), "person"));
    assert_false(text_starts(T("per"), "person"));
    assert_true(text_ends(T("a.xlsx"), ".xlsx"));
    assert_false(text_ends(T("a.xls"), ".xlsx"));
    assert_true(text_starts(none, "") && text_ends(none, ""));
    assert_int_equal(text_of(NULL).n, 0);
}

static void test_text_trim(void **state)
{
    (void)state;
    assert_text(text_trim(T("  a b \t\r\n")), "a b");
    assert_text(text_trim(T("\xC2\xA0 \xC2\xA0"
                            "а\xC2\xA0")),
                "а");
    assert_text(text_trim(T(" \n ")), "");
    assert_text(text_trim(T("ab ")), "ab");
    assert_text(text_trim(T("")), "");
    assert_text(text_trim(T("à")), "à"); /* C3 A0: only its last byte is that of U+00A0 */
}

static void test_text_split(void **state)
{
    struct text rest = T("a,,b,"), part;

    (void)state;
    assert_true(text_split(&rest, ',', &part));
    assert_text(part, "a");
    assert_true(text_split(&rest, ',', &part));
    assert_text(part, "");
    assert_true(text_split(&rest, ',', &part));
    assert_text(part, "b");
    assert_false(text_split(&rest, ',', &part));
    rest = T("one");
    assert_true(text_split(&rest, ',', &part));
    assert_text(part, "one");
    assert_false(text_split(&rest, ',', &part));
}

static void test_text_valid(void **state)
{
    static const struct {
        struct text t;
        bool valid;
    } rows[] = {
        {T("Семёнов\tА.\r\n"), true},
        {T(""), true},
        {T("😀"), true},
        {T("a\0b"), false},             /* NUL */
        {T("a\x01"), false},            /* control */
        {T("a\x7F"), false},            /* DEL */
        {T("\xC2\x85"), false},         /* C1 control */
        {T("\xC2\xA0"), true},          /* no-break space */
        {T("\xEF\xBB\xBF"), false},     /* U+FEFF */
        {T("\xC0\x80"), false},         /* overlong NUL */
        {T("\xC1\xBF"), false},         /* overlong */
        {T("\xE0\x80\xAF"), false},     /* overlong */
        {T("\xF0\x80\x80\xAF"), false}, /* overlong */
        {T("\xED\xA0\x80"), false},     /* surrogate */
        {T("\xF4\x90\x80\x80"), false}, /* above U+10FFFF */
        {T("\xF4\x8F\xBF\xBF"), true},  /* U+10FFFF */
        {T("\x80"), false},             /* stray continuation */
        {T("\xD0"), false},             /* cut off */
        {T("\xE2\x82"), false},         /* cut off */
        {T("\xF0\x9F\x98"), false},     /* cut off */
        {T("\xD0\x41"), false},         /* no continuation */
        {T("\xE2\x82\x41"), false},     /* no continuation */
        {T("\xF0\x9F\x98\x41"), false}, /* no continuation */
        {T("\xFF"), false},
        {T("\xCF\xF0\xE8\xE2\xE5\xF2"), false}, /* windows-1251 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_valid(rows[i].t) != rows[i].valid)
            fail_msg("row %zu", i);
}

static void test_utf8_round(void **state)
{
    char out[4];
    uint32_t back;

    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp += cp < 0x3000 ? 1 : 251) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        size_t n = utf8_put(out, cp);
        back = 1;
        assert_int_equal(utf8_next(out, n, &back), n);
        assert_int_equal(back, cp);
        if (n > 1)
            assert_int_equal(utf8_next(out, n - 1, &back), 0);
    }
}

static void test_text_chars(void **state)
{
    (void)state;
    assert_int_equal(text_chars(T("")), 0);
    assert_int_equal(text_chars(T("abc")), 3);
    assert_int_equal(text_chars(T("Құрманов")), 8);
    assert_int_equal(text_chars(T("a😀")), 2);
}

static void test_text_int(void **state)
{
    int64_t i = 77;

    (void)state;
    assert_int_equal(text_int(T("0"), 0, 10, &i), OK);
    assert_int_equal(i, 0);
    assert_int_equal(text_int(T("-12"), -20, 10, &i), OK);
    assert_int_equal(i, -12);
    assert_int_equal(text_int(T("007"), 0, 10, &i), OK);
    assert_int_equal(i, 7);
    assert_int_equal(text_int(T("9223372036854775807"), INT64_MIN, INT64_MAX, &i), OK);
    assert_true(i == INT64_MAX);
    assert_int_equal(text_int(T("-9223372036854775808"), INT64_MIN, INT64_MAX, &i), OK);
    assert_true(i == INT64_MIN);
    i = 77;
    assert_int_equal(text_int(T("9223372036854775808"), INT64_MIN, INT64_MAX, &i), ERR_LIMIT);
    assert_int_equal(text_int(T("-9223372036854775809"), INT64_MIN, INT64_MAX, &i), ERR_LIMIT);
    assert_int_equal(text_int(T("99999999999999999999999"), 0, INT64_MAX, &i), ERR_LIMIT);
    assert_int_equal(text_int(T("99999999999999999999999x"), 0, INT64_MAX, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T("11"), 0, 10, &i), ERR_LIMIT);
    assert_int_equal(text_int(T("-1"), 0, 10, &i), ERR_LIMIT);
    assert_int_equal(text_int(T(""), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T("-"), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T("+1"), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T(" 1"), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T("1 "), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T("0x1"), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(text_int(T("1\0"), 0, 10, &i), ERR_SYNTAX);
    assert_int_equal(i, 77); /* untouched on failure */
}

static void test_fold(void **state)
{
    static const char *const rows[][2] = {
        {"Семёнов", "семенов"},
        {"СЕМЁНОВ", "семенов"},
        {"Семе\xCC\x88нов", "семенов"}, /* е and U+0308, as macOS writes file names */
        {"Құрманов", "курманов"},
        {"ӘҒҚҢӨҰҮҺІ әғқңөұүһі", "агкноуухи агкноуухи"},
        {"Й и\xCC\x86", "й й"},
        {"Римский-Корсаков", "римский корсаков"},
        {"Римский  –  Корсаков", "римский корсаков"},
        {"\xC2\xA0 Ян\t-\r\nЁж ", "ян еж"},
        {"--", ""},
        {"", ""},
        {"Mac-Gregor O'NEIL", "mac gregor o'neil"},
        {"Müller ÀÉ ŁÓDŹ", "müller àé łódź"},
        {"A\xCC\x88", "ä"},
        {"@AMZ[ `amz{", "@amz[ `amz{"},
        {"a\xE2\x80\x83z\xE2\x80\xAFz\xE2\x81\x9Fz\xE2\x80\xA8z\xE2\x80\xA9z\xE2\x88\x92z"
         "\xE3\x80\x80z\xE1\x9A\x80z\xE2\x80\x91z\xC2\x85z",
         "a z z z z z z z z z z"},
        {"a\xE2\x80\x8E\xE2\x81\xA0\xEF\xBB\xBFz", "az"},
        {"\xE2\x84\xAA", "k"},            /* Kelvin sign */
        {"\xC8\xBA", "\xE2\xB1\xA5"},     /* Ⱥ grows by a byte in lower case */
        {"Ива\xC2\xADнов", "иванов"},     /* soft hyphen */
        {"Ива\xE2\x80\x8Bнов", "иванов"}, /* zero-width space */
        {"№ 5 «Дом»", "№ 5 «дом»"},
        {"\xD0", "\xEF\xBF\xBD"}, /* broken bytes do no harm */
        {"Е\xCC\x88\xCC\x80\xCC\x88", "\xD1\x90\xCC\x88"},
        {"ΣΊΣΥΦΟΣ", "σίσυφοσ"},
    };
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text once = text_fold(arena, text_of(rows[i][0]));
        assert_text(once, rows[i][1]);
        assert_text(text_fold(arena, once), rows[i][1]);
        assert_int_equal(once.s[once.n], 0);
    }
    assert_text(text_fold(arena, T("a\0b")), "a b");
    /* The bytes behind the end are none of its business. */
    assert_text(text_fold(arena, (struct text){"я\xD0\xB0", 3}), "я\xEF\xBF\xBD");
    assert_text(text_fold(arena, (struct text){"я\xE2\x82\xAC", 4}), "я\xEF\xBF\xBD\xEF\xBF\xBD");
    assert_text(text_fold(arena, (struct text){NULL, 0}), "");
}

/* The quick table says of every Cyrillic letter what Unicode says, but for ё and the Kazakh nine.
 */
static void test_fold_table(void **state)
{
    static const char from[] = "ёәғқңөұүһі", to[] = "еагкноуухи";
    struct arena *arena = *state;
    char in[8] = {0}, want[8];

    for (uint32_t cp = 0x400; cp <= 0x4FF; cp++) {
        if (cp >= 0x483 && cp <= 0x489)
            continue;
        memset(want, 0, sizeof want);
        in[utf8_put(in, cp)] = '\0';
        utf8_put(want, (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp));
        for (size_t i = 0; i + 2 < sizeof from; i += 2)
            if (memcmp(want, from + i, 2) == 0)
                memcpy(want, to + i, 2);
        assert_text(text_fold(arena, text_of(in)), want);
    }
}

/* A foreign letter sends the whole text the slow way: the same words must come out. */
static void test_fold_ways_agree(void **state)
{
    static const char *const words[] = {"Құрманов-Ёж", "Müller  A", "«Дом» – 1",
                                        "Ӛ Ӑ Ѝ Ѐ ѕ",   "ÀÇ é\tñ",   "a\xC2\xADz"};
    struct arena *arena = *state;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct text fast = text_fold(arena, text_of(words[i]));
        struct text slow = text_fold(arena, arena_printf(arena, "%s 中", words[i]));
        assert_true(text_ends(slow, " 中"));
        slow.n -= strlen(" 中");
        assert_true(text_eq(fast, slow));
    }
}

static void test_digits(void **state)
{
    assert_text(text_digits(*state, T("112-233-445 95")), "11223344595");
    assert_text(text_digits(*state, T("нет")), "");
    assert_text(text_digits(*state, (struct text){NULL, 0}), "");
}

/* --- arena and buf --- */

static void test_text_set(void **state)
{
    struct text_set set = {0};
    assert_true(text_hash(T("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(text_hash(T("foobar")) == UINT64_C(0x85944171f73967e8)); /* as its authors publish it */
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++)
            assert_int_equal(text_set_add(*state, &set, arena_printf(*state, "%d", i * 7)), round == 0);
    assert_int_equal(set.n, 5000);
    assert_false(text_set_add(*state, &set, T("")));
}

static void test_arena(void **state)
{
    struct arena *a = *state;
    unsigned char *p[400];

    for (size_t i = 0; i < 400; i++) {
        p[i] = arena_alloc(a, i * 7 + 1);
        assert_int_equal((uintptr_t)p[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < i * 7 + 1; k++)
            assert_int_equal(p[i][k], 0);
        memset(p[i], (int)(i & 0xFF), i * 7 + 1);
    }
    for (size_t i = 0; i < 400; i++)
        for (size_t k = 0; k < i * 7 + 1; k++)
            assert_int_equal(p[i][k], i & 0xFF);
    assert_int_equal(arena_used(a), 400 * 399 / 2 * 7 + 400);
    arena_reset(a);
    assert_int_equal(arena_used(a), 0);
    unsigned char *again = arena_alloc(a, 5000);
    for (int k = 0; k < 5000; k++)
        assert_int_equal(again[k], 0); /* zeroed although used before */
    assert_non_null(arena_alloc(a, 0));
    assert_non_null(NEW(a, struct fault));
    assert_non_null(arena_alloc(a, 5 * 1024 * 1024));
    arena_reset(a);
    assert_int_equal(*(char *)arena_alloc(a, 1), 0);
    arena_free(NULL);
}

static void test_arena_grow(void **state)
{
    struct arena *a = *state;
    char *p = arena_grow(a, NULL, 0, 10);

    memcpy(p, "123456789", 10);
    char *q = arena_grow(a, p, 10, 100); /* the last piece stays where it is */
    assert_ptr_equal(p, q);
    assert_string_equal(q, "123456789");
    for (int i = 10; i < 100; i++)
        assert_int_equal(q[i], 0);
    assert_int_equal(arena_used(a), 100);
    char *other = arena_alloc(a, 1);
    *other = 'x';
    char *r = arena_grow(a, q, 100, 200);
    assert_ptr_not_equal(r, q);
    assert_string_equal(r, "123456789");
    memset(r, 'y', 200);
    assert_int_equal(*other, 'x');
    assert_ptr_equal(arena_grow(a, r, 200, 50), r);
    char *large = arena_grow(a, r, 200, 3 * 1024 * 1024);
    assert_memory_equal(large, "yyyy", 4);
    assert_int_equal(large[200], 0);
}

static void test_arena_text(void **state)
{
    struct arena *a = *state;
    struct text t = arena_text(a, T("abc"));
    char want[1000];

    assert_text(t, "abc");
    assert_int_equal(t.s[3], 0);
    assert_string_equal(arena_z(a, (struct text){"abcdef", 2}), "ab");
    assert_string_equal(arena_z(a, (struct text){NULL, 0}), "");
    assert_text(arena_printf(a, "%d-%s", 5, "x"), "5-x");
    memset(want, 'w', 999);
    want[999] = '\0';
    assert_text(arena_printf(a, "%s", want), want);
    want[256] = '\0';
    assert_text(arena_printf(a, "%s", want), want);
}

/* What would wrap around must end the process, not give a small piece. */
static void test_arena_overflow(void **state)
{
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        close(STDERR_FILENO);
        (void)arena_array(*state, SIZE_MAX / 2, 3);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_buf(void **state)
{
    struct buf b = BUF(10);

    (void)state;
    assert_int_equal(buf_get(&b).n, 0);
    buf_z(&b, "12345");
    buf_char(&b, '6');
    buf_text(&b, T("78"));
    buf_add(&b, "90", 2);
    assert_int_equal(buf_end(&b), OK);
    assert_text(buf_get(&b), "1234567890");
    buf_char(&b, 'x');
    assert_int_equal(buf_end(&b), ERR_LIMIT);
    assert_text(buf_get(&b), "1234567890");
    buf_clear(&b);
    assert_int_equal(buf_end(&b), OK);
    buf_z(&b, "12345678901"); /* all or nothing */
    assert_int_equal(buf_end(&b), ERR_LIMIT);
    assert_int_equal(b.n, 0);
    buf_z(&b, "1"); /* sticky */
    assert_int_equal(b.n, 0);
    buf_clear(&b);
    buf_printf(&b, "%s", "1234567890");
    assert_int_equal(buf_end(&b), OK);
    buf_printf(&b, "%d", 1);
    assert_int_equal(buf_end(&b), ERR_LIMIT);
    buf_free(&b);
    assert_int_equal(b.n, 0);
    assert_int_equal(b.max, 10);

    b = BUF(1 << 20);
    for (int i = 0; i < 100000; i++)
        buf_char(&b, (char)('a' + i % 26));
    buf_add(&b, NULL, 0);
    assert_int_equal(buf_end(&b), OK);
    assert_int_equal(b.n, 100000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(b.s[i], 'a' + i % 26);
    buf_clear(&b);
    buf_int(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_int(&b, 0);
    buf_char(&b, ' ');
    buf_int(&b, INT64_MAX);
    assert_text(buf_get(&b), "-9223372036854775808 0 9223372036854775807");
    buf_free(&b);

    b = BUF(SIZE_MAX);
    buf_z(&b, "a");
    buf_add(&b, "a", SIZE_MAX); /* must not wrap around */
    assert_int_equal(buf_end(&b), ERR_LIMIT);
    buf_free(&b);
}

/* --- value, json, log --- */

static void test_value(void **state)
{
    struct value code = {.kind = V_CODE, .n = 2, .s = "ab"};
    struct value hidden = {.kind = V_HIDDEN, .cls = 3}, other = {.kind = V_HIDDEN, .cls = 4};

    (void)state;
    assert_true(v_eq(v_int(5), v_int(5)));
    assert_false(v_eq(v_int(5), v_int(6)));
    assert_false(v_eq(v_int(5), v_date(5)));
    assert_true(v_eq(v_date(5), v_date(5)) && v_eq(v_instant(7), v_instant(7)));
    assert_false(v_eq(v_instant(7), v_instant(8)));
    assert_true(v_eq(v_text(T("ab")), v_z("ab")));
    assert_false(v_eq(v_z("ab"), v_z("abc")));
    assert_true(v_eq(code, v_z("ab")));
    assert_false(v_eq(v_null(), v_z(NULL)));
    assert_true(v_eq(v_null(), v_null()));
    assert_true(v_eq(hidden, hidden));
    assert_false(v_eq(hidden, other));
    assert_false(v_eq(v_z(""), v_null()));
}

static void test_json(void **state)
{
    struct buf b = BUF(10000);
    struct json j = {.out = &b};
    struct value code = {.kind = V_CODE, .n = 2, .s = "c1"};

    (void)state;
    json_open(&j, '{');
    json_key(&j, "a\"");
    json_open(&j, '[');
    json_int(&j, -1);
    json_bool(&j, true);
    json_bool(&j, false);
    json_null(&j);
    json_z(&j, NULL);
    json_open(&j, '{');
    json_close(&j, '}');
    json_open(&j, '[');
    json_close(&j, ']');
    json_close(&j, ']');
    json_key(&j, "t");
    json_text(&j, T("\"\\/\n\r\t\b\x01\x1F\x7F\0я😀"));
    json_key(&j, "broken");
    json_text(&j, T("a\xD0z\xFF\xE2\x82"));
    json_key(&j, "v");
    json_open(&j, '[');
    json_value(&j, v_date(0));
    json_value(&j, v_instant(1));
    json_value(&j, v_int(42));
    json_value(&j, v_z("x"));
    json_value(&j, code);
    json_value(&j, v_null());
    json_value(&j, (struct value){.kind = V_HIDDEN, .i = 5});
    json_close(&j, ']');
    json_close(&j, '}');
    assert_int_equal(buf_end(&b), OK);
    assert_text(
        buf_get(&b),
        "{\"a\\\"\":[-1,true,false,null,null,{},[]],"
        "\"t\":\"\\\"\\\\/\\n\\r\\t\\u0008\\u0001\\u001f\\u007f\\u0000я😀\","
        "\"broken\":\"a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\","
        "\"v\":[\"1970-01-01\",\"1970-01-01T00:00:00.000001Z\",42,\"x\",\"c1\",null,null]}");
    buf_free(&b);
}

static void test_log(void **state)
{
    int pipes[2], saved = dup(STDERR_FILENO);
    char out[8000];

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    log_line(LOG_DEBUG, "hidden");
    log_info("one \"%s\"\n", "я");
    log_set_level(LOG_ERROR);
    log_warn("hidden");
    log_error("%3000s", "long");
    log_set_level(LOG_INFO);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(pipes[1]);
    ssize_t n = read(pipes[0], out, sizeof out - 1);
    close(pipes[0]);
    assert_true(n > 0);
    out[n] = '\0';
    assert_null(strstr(out, "hidden"));
    assert_memory_equal(out, "{\"time\":\"20", 11);
    assert_non_null(strstr(out, "Z\",\"level\":\"info\",\"msg\":\"one \\\"я\\\"\\n\"}\n{\"time\""));
    assert_non_null(strstr(out, "\"level\":\"error\",\"msg\":\"   "));
    assert_true(n > 2000 && n < 2300 && out[n - 1] == '\n' && out[n - 2] == '}');
}

/* --- id: vectors of the field notes, section 8.1 --- */

static void test_id(void **state)
{
    static const char *const snils[] = {"11223344595", "12345678964", "08765430300", "10001899900",
                                        "10001989900", "10199899900", "99999999901"};

    for (size_t i = 0; i < sizeof snils / sizeof *snils; i++) {
        char wrong[12];
        assert_true(snils_valid(text_of(snils[i])));
        memcpy(wrong, snils[i], 12);
        wrong[10] = wrong[10] == '9' ? '0' : (char)(wrong[10] + 1);
        assert_false(snils_valid(text_of(wrong)));
    }
    assert_true(snils_valid(T("00100199812")));  /* not above 001-001-998: unchecked */
    assert_false(snils_valid(T("00100199912"))); /* above it: checked */
    assert_false(snils_valid(T("00000000000")));
    assert_false(snils_valid(T("1122334459")));
    assert_false(snils_valid(T("112-233-445")));
    assert_false(snils_valid(T("1122334458?"))); /* '?' is 15 above '0', and 80 + 15 is 95 */
    assert_false(snils_valid(T("112233445951")));
    assert_text(snils_format(*state, T("11223344595")), "112-233-445 95");
    assert_text(snils_format(*state, T("123")), "123");

    assert_true(inn_valid(T("1234567894")));
    assert_false(inn_valid(T("1234567895")));
    assert_true(inn_valid(T("123456789047")));
    assert_false(inn_valid(T("123456789048")));
    assert_false(inn_valid(T("123456789057")));
    assert_false(inn_valid(T("0000000000")) || inn_valid(T("000000000000")));
    assert_false(inn_valid(T("12345678904")) || inn_valid(T("")) || inn_valid(T("123456789a")));

    assert_true(iin_valid(T("010101500003")));
    assert_true(iin_valid(T("010101500401")));
    assert_false(iin_valid(T("010101500004")) || iin_valid(T("010101500400")));
    for (char c = '0'; c <= '9'; c++) { /* 01010150120x has no valid control digit */
        char none[13] = "01010150120";
        none[11] = c;
        assert_false(iin_valid(text_of(none)));
    }
    assert_false(iin_valid(T("000000000000")) || iin_valid(T("01010150000")));

    assert_true(ogrn_valid(T("1027700132195"))); /* Sberbank's, public */
    assert_false(ogrn_valid(T("1027700132196")) || ogrn_valid(T("0000000000000")));
    assert_true(ogrn_valid(T("304500116000157"))); /* the published example of an ОГРНИП */
    assert_false(ogrn_valid(T("304500116000158")) || ogrn_valid(T("30450011600015")));
}

/* --- address --- */

static void test_address(void **state)
{
    static const char *const plain[][2] = {
        {"203.0.113.9", "203.0.113.9"},
        {"203.0.113.9:5000", "203.0.113.9"},
        {"2001:DB8:0::a", "2001:db8::a"},
        {"2001:0db8:0:0::000a", "2001:db8::a"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"::ffff:203.0.113.9", "203.0.113.9"},
        {"::1", "::1"},
    };
    static const char *const none[] = {"", "unknown", "203.0.113", "203.0.113.300", "203.0.113.9:", "203.0.113.9:x", "203.0.113.9:70000",
                                       "[2001:db8::1", "[2001:db8::1]443", "2001:db8::1::2", "fe80::1%eth0", "[]", ":", ":80",
                                       "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"};
    static const char *const networks[][2] = {{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"}, {"2001:db8:1:2::", "2001:db8:1:2::"},
                                              {"203.0.113.9", "203.0.113.9"}, {"::ffff:203.0.113.9", "::ffff:203.0.113.9"}, {"", ""}};
    char out[ADDRESS_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        assert_true(address_plain(text_of(plain[i][0]), out));
        assert_string_equal(out, plain[i][1]);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(address_plain(text_of(none[i]), out));
    assert_false(address_plain((struct text){"::1\0", 4}, out));
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
        address_network(text_of(networks[i][0]), out);
        assert_string_equal(out, networks[i][1]);
    }
}

#define IN_ARENA(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_names),
        cmocka_unit_test(test_fault),
        cmocka_unit_test(test_text_compare),
        cmocka_unit_test(test_text_trim),
        cmocka_unit_test(test_text_split),
        cmocka_unit_test(test_text_valid),
        cmocka_unit_test(test_utf8_round),
        cmocka_unit_test(test_text_chars),
        cmocka_unit_test(test_text_int),
        IN_ARENA(test_fold),
        IN_ARENA(test_fold_table),
        IN_ARENA(test_fold_ways_agree),
        IN_ARENA(test_digits),
        IN_ARENA(test_arena),
        IN_ARENA(test_arena_grow),
        IN_ARENA(test_arena_text),
        IN_ARENA(test_arena_overflow),
        IN_ARENA(test_text_set),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_log),
        IN_ARENA(test_id),
        cmocka_unit_test(test_address),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
