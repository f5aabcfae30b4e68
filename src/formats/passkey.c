/* The server's side: eleven lines go into the child, three come out. */
#include "formats/passkey.h"
#include "base/buf.h"
#include "formats/job_child.h"

enum { SECONDS = 5, ANSWER_MAX = 8192 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

struct text base64url(struct arena *arena, const unsigned char *bytes, size_t n)
{
    char *out = arena_alloc(arena, n * 4 / 3 + 5);
    size_t k = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)bytes[i] << 16 | (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (i + 2 < n ? bytes[i + 2] : 0);
        out[k++] = letters[v >> 18];
        out[k++] = letters[v >> 12 & 63];
        if (i + 1 < n)
            out[k++] = letters[v >> 6 & 63];
        if (i + 2 < n)
            out[k++] = letters[v & 63];
    }
    return (struct text){out, k};
}

bool base64url_bytes(struct arena *arena, struct text t, struct text *out)
{
    unsigned char *bytes = arena_alloc(arena, t.n + 1);
    size_t k = 0;
    uint32_t v = 0;
    int have = 0;
    if (t.n % 4 == 1)
        return false;
    for (size_t i = 0; i < t.n; i++) {
        const char *at = t.s[i] ? strchr(letters, t.s[i]) : NULL;
        if (!at)
            return false;
        v = v << 6 | (uint32_t)(at - letters);
        have += 6;
        if (have >= 8) {
            have -= 8;
            bytes[k++] = (unsigned char)(v >> have);
        }
    }
    *out = (struct text){(char *)bytes, k};
    return (v & ((1u << have) - 1)) == 0; /* one text for one string of bytes */
}

static bool line_good(struct text t)
{
    return t.n <= PASSKEY_FIELD_MAX && !(t.n && memchr(t.s, '\n', t.n));
}

static enum err ask(const char *self_exe, const struct text *lines, size_t n, struct arena *arena, struct text *answer,
                    struct fault *fault)
{
    struct buf b = BUF(12 * PASSKEY_FIELD_MAX);
    struct text first;
    enum err err;
    for (size_t i = 0; i < n; i++) {
        if (!line_good(lines[i])) {
            buf_free(&b);
            return fault_set(fault, ERR_SYNTAX, "a field of the message is too long");
        }
        buf_text(&b, lines[i]);
        buf_char(&b, '\n');
    }
    err = buf_end(&b);
    if (!err)
        err = job_run(self_exe, "passkey", buf_get(&b), SECONDS, ANSWER_MAX, arena, answer, fault);
    buf_free(&b);
    if (err)
        return err;
    if (!text_split(answer, '\n', &first))
        return fault_set(fault, ERR_IO, "the child said nothing");
    return text_is(first, "good") ? OK : fault_set(fault, ERR_SYNTAX, "%.*s", TEXT_ARG(first));
}

static enum err bad_answer(struct fault *fault)
{
    return fault_set(fault, ERR_IO, "the child answered something else");
}

enum err passkey_read_made(const char *self_exe, const struct passkey_wanted *wanted, struct text client_data,
                           struct text attestation, struct arena *arena, struct passkey_made *out,
                           struct fault *fault)
{
    const struct text lines[] = {T("made"),   wanted->challenge, wanted->origin, wanted->site,
                                 wanted->verified ? T("1") : T("0"), client_data, attestation};
    struct text rest, algorithm, uses;
    enum err err = ask(self_exe, lines, sizeof lines / sizeof lines[0], arena, &rest, fault);
    if (err)
        return err;
    if (!text_split(&rest, '\n', &out->credential) || !text_split(&rest, '\n', &out->public_key) ||
        !text_split(&rest, '\n', &algorithm) || !text_split(&rest, '\n', &uses) ||
        text_int(algorithm, -300, -1, &out->algorithm) || text_int(uses, 0, UINT32_MAX, &out->uses))
        return bad_answer(fault);
    return OK;
}

enum err passkey_read_answer(const char *self_exe, const struct passkey_wanted *wanted, struct text client_data,
                             struct text authenticator, struct text signature, struct text public_key,
                             int64_t algorithm, struct arena *arena, int64_t *uses, struct fault *fault)
{
    const struct text lines[] = {T("answer"),
                                 wanted->challenge,
                                 wanted->origin,
                                 wanted->site,
                                 wanted->verified ? T("1") : T("0"),
                                 client_data,
                                 authenticator,
                                 signature,
                                 public_key,
                                 arena_printf(arena, "%lld", (long long)algorithm)};
    struct text rest, n;
    enum err err = ask(self_exe, lines, sizeof lines / sizeof lines[0], arena, &rest, fault);
    if (err)
        return err;
    return text_split(&rest, '\n', &n) && text_int(n, 0, UINT32_MAX, uses) == OK ? OK : bad_answer(fault);
}
