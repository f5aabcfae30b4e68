/* Addresses and the text of a message. Sending is tested in tests/inbox.mjs, against a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "formats/mail.h"

static const int64_t at = INT64_C(1718348400) * 1000000; /* 14 June 2024, 07:00 UTC */

static void test_addresses(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b", "ivanova.mp@centre.example", "x+y@sub-domain.example.org"};
    static const char *const bad[] = {"",        "a",          "@b",        "a@",           "a b@c",       "a@b c",
                                      "a@b\r\nRCPT TO:<x@y>",  "a@b>",      "<a@b>",        "a@b@c",       ".a@b",
                                      "a.@b",    "a..b@c",     "a@.b",      "a@b.",         "a@b..c",      "a@-b",
                                      "a@b-",    "почта@пример.рф", "a,b@c", "a;b@c",        "a@b,c@d",     "a\"@b"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(mail_address_valid(text_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(mail_address_valid(text_of(bad[i])));
    char large[300];
    memset(large, 'a', sizeof large);
    large[60] = '@';
    assert_true(mail_address_valid((struct text){large, 254}));
    assert_false(mail_address_valid((struct text){large, 255}));
}

static void test_server(void **state)
{
    (void)state;
    assert_null(mail_server_wrong(&(struct mail_server){.url = "smtp://h:25", .from = "a@b"}));
    assert_null(mail_server_wrong(&(struct mail_server){.url = "smtps://h", .from = "Регистр <a@b>"}));
    assert_non_null(mail_server_wrong(&(struct mail_server){.url = "http://h", .from = "a@b"}));
    assert_non_null(mail_server_wrong(&(struct mail_server){.url = "smtp://", .from = "a@b"}));
    assert_non_null(mail_server_wrong(&(struct mail_server){.url = "smtp://u:p@h", .from = "a@b"}));
    assert_non_null(mail_server_wrong(&(struct mail_server){.url = "smtp://h", .from = "Регистр"}));
    assert_non_null(mail_server_wrong(&(struct mail_server){.url = "smtp://h", .from = "A\nBcc: x <a@b>"}));
    assert_non_null(mail_server_wrong(&(struct mail_server){.url = "smtp://h"}));
}

static void test_message(void **state)
{
    (void)state;
    struct mail_server s = {.url = "smtp://h", .from = "Берег <bereg@register.example>"};
    struct mail m = {.to = "a@b.example",
                     .id = "daily.7",
                     .subject = T("Берег: просрочено 3, срок сегодня 2 — напоминание о сроках направлений"),
                     .text = T("Просрочено: 3\n.точка в начале\n"),
                     .at = at};
    struct buf out = BUF(10000);
    mail_message(&s, &m, &out);
    buf_char(&out, '\0');
    assert_non_null(strstr(out.s, "Date: Fri, 14 Jun 2024 07:00:00 +0000\r\n"));
    assert_non_null(strstr(out.s, "From: =?UTF-8?B?0JHQtdGA0LXQsw==?= <bereg@register.example>\r\n"));
    assert_non_null(strstr(out.s, "To: a@b.example\r\n"));
    assert_non_null(strstr(out.s, "Message-ID: <daily.7@register.example>\r\n"));
    for (const char *line = out.s, *end; (end = strstr(line, "\r\n")); line = end + 2) {
        assert_true(end - line <= 76);
        assert_true(line[0] != '.');
        for (const char *c = line; c < end; c++)
            assert_true((unsigned char)*c < 0x80);
    }
    assert_null(strstr(out.s, "\n\n"));
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses), cmocka_unit_test(test_server),
                                       cmocka_unit_test(test_message)};
    return cmocka_run_group_tests_name("mail", tests, NULL, NULL);
}
