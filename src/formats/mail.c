#include "formats/mail.h"
#include "base/date.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { ADDRESS_MAX = 254, MESSAGE_MAX = 1 << 20, WORD_BYTES = 36, LINE_BYTES = 57 };

/* ---- addresses ---- */

static bool local_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr(".!#$%&'*+/=?^_`{|}~-", c));
}

static bool domain_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
}

bool mail_address_valid(struct text t)
{
    const char *at = t.n ? memchr(t.s, '@', t.n) : NULL;
    size_t local = at ? (size_t)(at - t.s) : 0;
    if (!at || !local || local > 64 || t.n > ADDRESS_MAX || local + 1 >= t.n)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        bool dot = t.s[i] == '.';
        bool edge = i == 0 || i == local + 1 || i + 1 == t.n || i + 1 == local;
        if (i == local)
            continue;
        if (dot && (edge || t.s[i + 1] == '.'))
            return false;
        if (i < local ? !local_char(t.s[i]) : !domain_char(t.s[i]))
            return false;
        if (t.s[i] == '-' && (i == local + 1 || i + 1 == t.n))
            return false;
    }
    return true;
}

/* "Register <bereg@example.org>" in name and address. */
static void sender(const char *from, struct text *name, struct text *address)
{
    struct text all = text_trim(text_of(from));
    const char *open = all.n ? memchr(all.s, '<', all.n) : NULL;
    *name = T("");
    *address = all;
    if (!open || !text_ends(all, ">"))
        return;
    *name = text_trim((struct text){all.s, (size_t)(open - all.s)});
    *address = (struct text){open + 1, all.n - (size_t)(open - all.s) - 2};
}

const char *mail_server_wrong(const struct mail_server *s)
{
    struct text url = text_of(s->url ? s->url : ""), name, address;
    sender(s->from ? s->from : "", &name, &address);
    if (!(text_starts(url, "smtp://") && url.n > 7) && !(text_starts(url, "smtps://") && url.n > 8))
        return "the SMTP server is named like smtp://host:587 or smtps://host";
    if (memchr(url.s, '@', url.n))
        return "user and password of the SMTP server do not stand in its address";
    if (!mail_address_valid(address) || !text_valid(name) || memchr(name.s, '\n', name.n) ||
        memchr(name.s, '\r', name.n) || memchr(name.s, '"', name.n))
        return "the sender of mails is named like bereg@example.org, or Name <bereg@example.org>";
    return NULL;
}

/* ---- the message ---- */

static void base64(struct buf *out, const char *s, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t have = n - i < 3 ? n - i : 3;
        unsigned v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (k < have ? (unsigned char)s[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_char(out, k <= have ? digits[v >> (18 - 6 * k) & 63] : '=');
    }
}

/* As encoded words (RFC 2047), each of whole characters; a text of plain ASCII stands as it is. */
static void header_text(struct buf *out, struct text t)
{
    bool plain = true;
    for (size_t i = 0; i < t.n; i++)
        plain = plain && t.s[i] >= ' ' && t.s[i] <= '~' && t.s[i] != '=';
    if (plain && t.n < 60) {
        buf_text(out, t);
        return;
    }
    for (size_t i = 0; i < t.n;) {
        size_t n = t.n - i < WORD_BYTES ? t.n - i : WORD_BYTES;
        while (i + n < t.n && n > 1 && ((unsigned char)t.s[i + n] & 0xC0) == 0x80)
            n--;
        buf_z(out, i ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
        base64(out, t.s + i, n);
        buf_z(out, "?=");
        i += n;
    }
}

static void date_header(struct buf *out, int64_t at)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int64_t day_us = INT64_C(86400) * 1000000;
    int64_t day = at / day_us, second = at % day_us / 1000000;
    struct ymd d = date_ymd(day);
    buf_printf(out, "Date: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", days[date_weekday(day) - 1], d.day,
               months[d.month - 1], d.year, (int)(second / 3600), (int)(second / 60 % 60),
               (int)(second % 60));
}

/* Lines of the text end by CRLF inside the coding. */
static void body(struct buf *out, struct text t)
{
    struct buf crlf = BUF(MESSAGE_MAX);
    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] == '\n')
            buf_char(&crlf, '\r');
        buf_char(&crlf, t.s[i]);
    }
    for (size_t i = 0; i < crlf.n; i += LINE_BYTES) {
        base64(out, crlf.s + i, crlf.n - i < LINE_BYTES ? crlf.n - i : LINE_BYTES);
        buf_z(out, "\r\n");
    }
    out->failed = out->failed || crlf.failed;
    buf_free(&crlf);
}

void mail_message(const struct mail_server *s, const struct mail *mail, struct buf *out)
{
    struct text name, address;
    sender(s->from, &name, &address);
    const char *at = memchr(address.s, '@', address.n);
    struct text domain = {at + 1, address.n - (size_t)(at + 1 - address.s)};
    date_header(out, mail->at);
    buf_z(out, "From: ");
    if (name.n) {
        header_text(out, name);
        buf_printf(out, " <%.*s>\r\n", TEXT_ARG(address));
    } else {
        buf_printf(out, "%.*s\r\n", TEXT_ARG(address));
    }
    buf_printf(out, "To: %s\r\nMessage-ID: <%s@%.*s>\r\nSubject: ", mail->to, mail->id,
               TEXT_ARG(domain));
    header_text(out, mail->subject);
    buf_z(out, "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: base64\r\nAuto-Submitted: auto-generated\r\n\r\n");
    body(out, mail->text);
}

/* ---- sending ---- */

struct mailer {
    CURL *curl;
    struct mail_server server;
    struct buf message;
    size_t given;
    bool whole; /* all of the message was handed over */
};

static void start(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        abort();
}

static CURL *new_curl(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    return curl_easy_init();
}

struct mailer *mailer_open(const struct mail_server *s)
{
    struct mailer *m = calloc(1, sizeof *m);
    if (m) {
        m->server = *s;
        m->curl = new_curl();
        m->message = BUF(MESSAGE_MAX);
    }
    if (m && !m->curl) {
        free(m);
        m = NULL;
    }
    return m;
}

void mailer_close(struct mailer *m)
{
    if (!m)
        return;
    curl_easy_cleanup(m->curl);
    buf_free(&m->message);
    free(m);
}

static size_t give(char *to, size_t size, size_t n, void *arg)
{
    struct mailer *m = arg;
    size_t left = m->message.n - m->given, take = size * n < left ? size * n : left;
    memcpy(to, m->message.s + m->given, take);
    m->given += take;
    m->whole = m->given == m->message.n;
    return take;
}

/* A server of this machine may do without TLS: nothing leaves it. */
static bool of_this_machine(const char *url)
{
    struct text host = text_of(url + (text_starts(text_of(url), "smtps://") ? 8 : 7));
    static const char *const own[] = {"127.0.0.1", "localhost", "[::1]"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        size_t n = strlen(own[i]);
        if (text_starts(host, own[i]) && (host.n == n || host.s[n] == ':' || host.s[n] == '/'))
            return true;
    }
    return false;
}

/* The way to the server, in so many seconds. */
static void set_way(CURL *c, const char *url, long seconds)
{
    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, seconds / 3);
    curl_easy_setopt(c, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds / 2);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, seconds);
    curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(of_this_machine(url) ? CURLUSESSL_TRY : CURLUSESSL_ALL));
}

static void set_up(struct mailer *m, struct curl_slist *to)
{
    CURL *c = m->curl;
    struct text name, address;
    char from[ADDRESS_MAX + 3];
    sender(m->server.from, &name, &address);
    snprintf(from, sizeof from, "<%.*s>", TEXT_ARG(address));
    curl_easy_reset(c); /* the connection stays */
    set_way(c, m->server.url, MAIL_SECONDS);
    if (m->server.user) {
        curl_easy_setopt(c, CURLOPT_USERNAME, m->server.user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, m->server.password ? m->server.password : "");
    }
    curl_easy_setopt(c, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(c, CURLOPT_READDATA, m);
    curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
}

enum mail_end mailer_send(struct mailer *m, const struct mail *mail, char why[MAIL_WHY])
{
    char to[ADDRESS_MAX + 3];
    long code = 0;
    snprintf(why, MAIL_WHY, "the address cannot be written to");
    if (!mail_address_valid(text_of(mail->to)))
        return MAIL_NEVER;
    buf_clear(&m->message);
    m->message.failed = false;
    m->given = 0;
    m->whole = false;
    mail_message(&m->server, mail, &m->message);
    snprintf(to, sizeof to, "<%s>", mail->to);
    struct curl_slist *list = curl_slist_append(NULL, to);
    if (buf_end(&m->message) || !list)
        return MAIL_NEVER;
    set_up(m, list);
    CURLcode result = curl_easy_perform(m->curl);
    curl_easy_getinfo(m->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_slist_free_all(list);
    snprintf(why, MAIL_WHY, "%s (answer %ld)", curl_easy_strerror(result), code);
    if (result == CURLE_OK)
        return MAIL_SENT;
    if (code >= 500 && code < 600)
        return MAIL_NEVER;
    /* 354 was the last answer: the server had asked for the text and said nothing about it. */
    return m->whole && !(code >= 400 && code < 500) ? MAIL_UNKNOWN : MAIL_LATER;
}

bool mail_server_answers(const char *url, char why[MAIL_WHY])
{
    CURL *c = new_curl();
    CURLcode result = CURLE_OUT_OF_MEMORY;
    if (c) {
        set_way(c, url, MAIL_SECONDS / 2);
        curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
        result = curl_easy_perform(c);
        curl_easy_cleanup(c);
    }
    snprintf(why, MAIL_WHY, "%s", curl_easy_strerror(result));
    return result == CURLE_OK;
}
