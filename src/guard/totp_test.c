/* Codes of a program: the vectors of RFC 6238, appendix B (of their eight digits the last six), and how long each is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/arena.h"
#include "guard/second.h"
#include <string.h>

/* The RFC's keys are these digits again and again. */
static struct totp_key key_of(size_t n)
{
    struct totp_key key = {.n = n};
    for (size_t i = 0; i < n; i++)
        key.bytes[i] = (unsigned char)('0' + (i + 1) % 10);
    return key;
}

static void test_vectors(void **state)
{
    static const struct {
        int64_t seconds;
        const char *sha1, *sha256;
    } known[] = {
        {59, "287082", "119246"},         {1111111109, "081804", "084774"}, {1111111111, "050471", "062674"},
        {1234567890, "005924", "819424"}, {2000000000, "279037", "698825"}, {20000000000, "353130", "737706"},
    };
    const struct totp_key sha1 = key_of(TOTP_SHA1), sha256 = key_of(TOTP_SHA256);
    char code[7];
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_true(totp_code(&sha1, known[i].seconds / TOTP_STEP, code));
        assert_string_equal(code, known[i].sha1);
        assert_true(totp_code(&sha256, known[i].seconds / TOTP_STEP, code));
        assert_string_equal(code, known[i].sha256);
    }
}

static int64_t match(const struct totp_key *key, const char *code, int64_t seconds, int64_t around, int64_t last)
{
    return totp_match(key, (struct text){code, strlen(code)}, seconds * 1000000, around, last);
}

static void test_life(void **state)
{
    const struct totp_key key = key_of(TOTP_SHA256), none = {.n = 0};
    const int64_t step = 1111111109 / TOTP_STEP, begins = step * TOTP_STEP;
    (void)state;
    assert_int_equal(match(&key, "084774", begins, 0, 0), step);
    assert_int_equal(match(&key, "084774", begins + 29, 0, 0), step);
    assert_int_equal(match(&key, "084774", begins - 1, 0, 0), 0);
    assert_int_equal(match(&key, "084774", begins + 30, 0, 0), 0);
    assert_int_equal(match(&key, "084774", begins - 30, 1, 0), step);
    assert_int_equal(match(&key, "084774", begins + 59, 1, 0), step);
    assert_int_equal(match(&key, "084774", begins - 31, 1, 0), 0);
    assert_int_equal(match(&key, "084774", begins + 60, 1, 0), 0);
    /* once, and none that is older */
    assert_int_equal(match(&key, "084774", begins, 1, step), 0);
    assert_int_equal(match(&key, "084774", begins, 1, step + 1), 0);
    /* nothing else */
    assert_int_equal(match(&key, "08477", begins, 1, 0), 0);
    assert_int_equal(match(&key, "0847741", begins, 1, 0), 0);
    assert_int_equal(match(&key, "", begins, 1, 0), 0);
    assert_int_equal(match(&none, "------", begins, 1, 0), 0);
}

static void test_words(void **state)
{
    struct arena *arena = arena_new();
    const struct totp_key sha1 = key_of(TOTP_SHA1), sha256 = key_of(TOTP_SHA256);
    struct text t = totp_base32(arena, &sha1);
    (void)state;
    assert_true(text_is(t, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
    t = totp_base32(arena, &sha256);
    assert_true(text_is(t, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors), cmocka_unit_test(test_life), cmocka_unit_test(test_words)};
    return cmocka_run_group_tests_name("totp", tests, NULL, NULL);
}
