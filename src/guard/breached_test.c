/* The list of passwords known from thefts: each line is found, wherever it stands, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "guard/breached.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 300, LINE = 80 };

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void digest_of(const char *password, const char *digit, char out[41])
{
    unsigned char h[EVP_MAX_MD_SIZE];
    assert_true(EVP_Digest(password, strlen(password), h, NULL, EVP_sha1(), NULL));
    for (int i = 0; i < 20; i++)
        snprintf(out + 2 * i, 3, digit, h[i]);
}

static void number_of(char out[20], int i)
{
    snprintf(out, 20, "password %d", i);
}

/* A list of n passwords, each line ended so; the last one too, or not. */
static void try(int n, const char *digit, const char *end, bool last)
{
    static char lines[MOST][LINE];
    char path[] = "/tmp/bereg-breached-XXXXXX", password[20];
    FILE *f = fdopen(mkstemp(path), "w");
    assert_non_null(f);
    for (int i = 0; i < n; i++) {
        number_of(password, i);
        digest_of(password, digit, lines[i]);
        snprintf(lines[i] + 40, LINE - 40, "%s", end);
    }
    qsort(lines, (size_t)n, LINE, by_text);
    for (int i = 0; i < n; i++)
        fwrite(lines[i], 1, i + 1 < n || last ? strlen(lines[i]) : 40, f);
    assert_int_equal(fclose(f), 0);
    assert_null(breached_use(path));
    for (int i = 0; i < n + 50; i++) {
        number_of(password, i);
        if (breached(text_of(password)) != (i < n))
            fail_msg("%d of %d, lines ended by %zu", i, n, strlen(end));
    }
    unlink(path);
}

static void lists(void **state)
{
    (void)state;
    assert_false(breached(T("password 1"))); /* without a list */
    for (int n = 1; n < 20; n++)
        try(n, "%02X", "\n", n & 1);
    try(MOST, "%02X", ":12\r\n", true);
    try(MOST, "%02x", ":4000000\n", false);
    try(MOST, "%02X", "\r\n", true);
}

static void refused(void **state)
{
    (void)state;
    assert_non_null(breached_use("/no/such/file"));
    assert_non_null(breached_use("/tmp"));
    assert_non_null(breached_use("/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lists), cmocka_unit_test(refused)};
    return cmocka_run_group_tests_name("breached", tests, NULL, NULL);
}
