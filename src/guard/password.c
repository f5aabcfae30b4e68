/* What a password may be, and its hash. */
#include "guard/account.h"
#include "guard/breached.h"
#include "guard/guard.h"
#include "guard/sign_in_rules.h"
#include <pthread.h>
#include <semaphore.h>
#include <sodium.h>
#include <stdlib.h>

/* A hash takes 19 MiB and 40 ms: two at once are enough for a region, and a flood of sign-ins
 * cannot eat the memory. */
enum { HASH_MEMORY = 19 << 20, HASH_PASSES = 2, HASHES_AT_ONCE = 2 };

static sem_t hashing;
static pthread_once_t hashing_once = PTHREAD_ONCE_INIT;

static void hashing_init(void)
{
    sem_init(&hashing, 0, HASHES_AT_ONCE);
}

static void hashing_enter(void)
{
    pthread_once(&hashing_once, hashing_init);
    while (sem_wait(&hashing))
        ;
}

enum err password_hash(struct text password, char out[PASSWORD_HASH_LEN])
{
    _Static_assert(PASSWORD_HASH_LEN >= crypto_pwhash_STRBYTES, "room for the hash");
    if (password.n > PASSWORD_MAX * 4)
        return ERR_LIMIT;
    hashing_enter();
    int r = crypto_pwhash_str_alg(out, password.s, password.n, HASH_PASSES, HASH_MEMORY,
                                  crypto_pwhash_ALG_ARGON2ID13);
    sem_post(&hashing);
    return r ? ERR_LIMIT : OK;
}

bool password_fits(const char *hash, struct text password)
{
    if (password.n > PASSWORD_MAX * 4)
        return false;
    hashing_enter();
    bool fits = crypto_pwhash_str_verify(hash, password.s, password.n) == 0;
    sem_post(&hashing);
    return fits;
}


/* Sorted hashes of common passwords of 8 characters and more, also as they come out when the keyboard stands on Russian;
 * made by tools/passwords.mjs. */
extern const uint64_t common_passwords[];
extern const size_t n_common_passwords;

static uint64_t fnv(struct text t)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.s[i]) * 1099511628211u;
    return h;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static bool is_common(struct text folded)
{
    uint64_t h = fnv(folded);
    return bsearch(&h, common_passwords, n_common_passwords, sizeof h, by_number) != NULL;
}

/* Without what people put around a word to make it longer. */
static struct text core(struct arena *arena, struct text t)
{
    char *out = arena_alloc(arena, t.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (c >= 0x80 || (c >= 'a' && c <= 'z'))
            out[n++] = t.s[i];
    }
    return (struct text){out, n};
}

static bool one_of(struct text words, struct text word)
{
    struct text one;
    while (text_split(&words, ' ', &one))
        if (one.n && text_eq(one, word))
            return true;
    return false;
}

const char *password_wrong(struct arena *arena, struct text password, struct text login, struct value *a)
{
    const struct sign_in_rules *rules = sign_in_rules();
    size_t chars = text_chars(password), different = 0;

    *a = v_int(rules->password_min);
    if ((int64_t)chars < rules->password_min)
        return N_("At least {a} characters");
    *a = v_int(PASSWORD_MAX);
    if (chars > PASSWORD_MAX)
        return N_("At most {a} characters");
    if (!text_valid(password))
        return N_("The password has characters that cannot be typed");
    for (size_t i = 0; i < password.n; i++)
        different += !memchr(password.s, password.s[i], i);
    if (different < 4)
        return N_("Too few different characters");
    struct text folded = text_fold(arena, password), bare = core(arena, folded);
    struct text own = text_fold(arena, login);
    if (text_eq(folded, own) || (own.n && text_eq(bare, core(arena, own))))
        return N_("The password must not be the login");
    if (is_common(folded) || one_of(rules->words, bare))
        return N_("This password is among those that are tried first; choose another, for example some words that do not belong together");
    if (breached(password))
        return N_("This password is known from a theft of passwords elsewhere; choose another, for example some words that do not belong together");
    return NULL;
}

bool first_password_make(struct request *rq, struct first_password *out)
{
    random_letters(out->words, FIRST_PASSWORD_LEN);
    for (int i = 4; i < FIRST_PASSWORD_LEN; i += 5)
        out->words[i] = '-';
    out->words[FIRST_PASSWORD_LEN] = '\0';
    out->until = rq->now + sign_in_rules()->first_password;
    if (password_hash((struct text){out->words, FIRST_PASSWORD_LEN}, out->hash))
        rq_fail(rq, ERR_BUSY);
    return !rq->err;
}
