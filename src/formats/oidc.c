/* The server's side: fetches, and asks the child. */
#include "formats/oidc.h"
#include "base/buf.h"
#include "formats/job_child.h"
#include <curl/curl.h>
#include <string.h>

enum { SECONDS = 5, FETCH_MS = 8000 };

static size_t take(char *bytes, size_t one, size_t n, void *to)
{
    struct buf *b = to;
    buf_add(b, bytes, one * n);
    return b->failed ? 0 : one * n; /* too much ends it */
}

enum err oidc_fetch(const char *url, struct text form, const char *basic, struct arena *arena, struct text *out,
                    struct fault *fault)
{
    struct buf b = BUF(OIDC_ANSWER_MAX);
    char why[CURL_ERROR_SIZE] = "";
    bool near = strncmp(url, "http://127.0.0.1:", 17) == 0;
    CURL *c = curl_easy_init();
    long status = 0;
    CURLcode r = CURLE_FAILED_INIT;

    if (c) {
        curl_easy_setopt(c, CURLOPT_URL, url);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, near ? "http" : "https");
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)FETCH_MS);
        curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long)OIDC_ANSWER_MAX);
        curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, &b);
        if (form.n) {
            curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)form.n);
            curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, form.s);
        }
        if (basic) {
            curl_easy_setopt(c, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
            curl_easy_setopt(c, CURLOPT_USERPWD, basic);
        }
        r = curl_easy_perform(c);
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_cleanup(c);
    }
    bool good = r == CURLE_OK && status == 200 && buf_end(&b) == OK;
    if (good)
        *out = arena_text(arena, buf_get(&b));
    buf_free(&b);
    if (good)
        return OK;
    return r == CURLE_OK ? fault_set(fault, ERR_IO, "the provider answers %ld", status)
                         : fault_set(fault, ERR_IO, "the provider cannot be asked: %s", why[0] ? why : curl_easy_strerror(r));
}

/* Lines of the question; what comes behind the last line may hold line ends. */
static enum err ask(const char *self_exe, const struct text *lines, size_t n, struct text rest, struct arena *arena,
                    struct text *answer, struct fault *fault)
{
    struct buf b = BUF((size_t)3 * OIDC_ANSWER_MAX);
    struct text first;
    for (size_t i = 0; i < n; i++) {
        if (lines[i].n && memchr(lines[i].s, '\n', lines[i].n))
            b.failed = true;
        buf_text(&b, lines[i]);
        buf_char(&b, '\n');
    }
    buf_text(&b, rest);
    enum err err = buf_end(&b);
    if (!err)
        err = job_run(self_exe, "oidc", buf_get(&b), SECONDS, 16384, arena, answer, fault);
    else
        err = fault_set(fault, ERR_SYNTAX, "the provider says too much");
    buf_free(&b);
    if (err)
        return err;
    if (!text_split(answer, '\n', &first))
        return fault_set(fault, ERR_IO, "the child said nothing");
    return text_is(first, "good") ? OK : fault_set(fault, ERR_SYNTAX, "%.*s", TEXT_ARG(first));
}

enum err oidc_discovered(const char *self_exe, const char *issuer, struct text document, struct arena *arena,
                         struct oidc_places *out, struct fault *fault)
{
    const struct text lines[] = {T("places"), text_of(issuer)};
    struct text rest;
    enum err err = ask(self_exe, lines, 2, document, arena, &rest, fault);
    if (!err && (!text_split(&rest, '\n', &out->authorize) || !text_split(&rest, '\n', &out->token) ||
                 !text_split(&rest, '\n', &out->keys)))
        err = fault_set(fault, ERR_IO, "the child answered something else");
    return err;
}

enum err oidc_subject(const char *self_exe, const struct oidc_wanted *wanted, struct text keys, struct text answer,
                      struct arena *arena, struct text *out, struct fault *fault)
{
    const struct text lines[] = {T("subject"),
                                 text_of(wanted->issuer),
                                 text_of(wanted->client_id),
                                 wanted->nonce,
                                 wanted->algorithms,
                                 arena_printf(arena, "%lld", (long long)(wanted->now / 1000000)),
                                 arena_printf(arena, "%zu", keys.n)};
    struct text both = arena_printf(arena, "%.*s%.*s", TEXT_ARG(keys), TEXT_ARG(answer)), rest;
    enum err err = ask(self_exe, lines, sizeof lines / sizeof lines[0], both, arena, &rest, fault);
    if (!err && !text_split(&rest, '\n', out))
        err = fault_set(fault, ERR_IO, "the child answered something else");
    return err;
}
