/* Messages of passkeys (Web Authentication, level 2): what a browser sends back is strange bytes, so it is judged by libfido2 in a
 * locked child (`bereg job passkey`). All byte strings are base64url without padding, as browsers give them. */
#ifndef FORMATS_PASSKEY_H
#define FORMATS_PASSKEY_H
#include "base/arena.h"

enum { PASSKEY_FIELD_MAX = 8192, PASSKEY_ID_MAX = 1364 /* 1,023 bytes */ };

struct passkey_wanted {
    struct text challenge; /* base64url */
    struct text origin;    /* "https://bereg.example" */
    struct text site;      /* rp id: "bereg.example" */
    bool verified;         /* the authenticator has checked the person, not only that there is one */
};

/* navigator.credentials.create(): without attestation. */
struct passkey_made {
    struct text credential, public_key;
    int64_t algorithm; /* COSE: -7, -8, -257 */
    int64_t uses;
};
/* OK; ERR_SYNTAX: not what was asked for (the fault says what); ERR_IO: the child did not answer. */
enum err passkey_read_made(const char *self_exe, const struct passkey_wanted *wanted, struct text client_data,
                           struct text attestation, struct arena *arena, struct passkey_made *out,
                           struct fault *fault) MUST;
/* navigator.credentials.get() by a passkey whose key is known; *uses: its counter. */
enum err passkey_read_answer(const char *self_exe, const struct passkey_wanted *wanted, struct text client_data,
                             struct text authenticator, struct text signature, struct text public_key,
                             int64_t algorithm, struct arena *arena, int64_t *uses, struct fault *fault) MUST;

int passkey_job_main(void);
/* What the child does with a question: null, and the answer in `out`; or what is wrong. */
struct buf;
const char *passkey_judge(struct arena *arena, struct text question, struct buf *out);

/* base64url without padding; false: a letter that does not stand there. */
struct text base64url(struct arena *arena, const unsigned char *bytes, size_t n);
bool base64url_bytes(struct arena *arena, struct text t, struct text *out);

#endif
