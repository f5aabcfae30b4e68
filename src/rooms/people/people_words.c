/* Words against words, and the vocabulary of names in the memory of the process.
 *
 * The vocabulary stands in name_word. A process reads what has been added since it looked last before each search, so every
 * node finds by the same words. Numbers of rows are given before a change commits, so of the last ones some come to be seen late:
 * once a second as many are read again as all changes that may be open can have brought. */
#include "linkage/compare.h"
#include "linkage/names.h"
#include "rooms/people/people_find.h"
#include <pthread.h>
#include <stdlib.h>

/* ---- one word against another ---- */

static bool same_form(const struct typed_word *a, const struct typed_word *b)
{
    for (size_t i = 0; i < a->n_forms; i++)
        for (size_t k = 0; k < b->n_forms; k++)
            if (text_eq(a->form[i], b->form[k]))
                return true;
    return false;
}

static bool begins(struct text word, struct text with)
{
    return with.n && word.n >= with.n && memcmp(word.s, with.s, with.n) == 0;
}

int word_match(const struct typed_word *t, const struct typed_word *is, enum how *how)
{
    enum { SPELT_SHORT = 4, SPELT_LONG = 8, PART = 3 };

    *how = HOW_TYPED;
    if (text_eq(t->word, is->word))
        return 0;
    *how = HOW_INITIAL;
    if (t->length == 1)
        return begins(is->word, t->cyrillic) || begins(is->word, t->word) ? 1 : (*how = HOW_NONE, 0);
    *how = HOW_BEGINS;
    if (begins(is->word, t->word))
        return 1;
    *how = HOW_NONE;
    if (t->digits || is->digits)
        return 0;
    bool other_script = t->latin != is->latin;
    if (other_script && (text_eq(t->sound, is->sound) || text_eq(t->cyrillic, is->cyrillic))) {
        *how = HOW_LATIN;
        return 1;
    }
    if (text_eq(t->stem, is->stem)) {
        *how = HOW_ENDING;
        return 1;
    }
    if (same_form(t, is)) {
        *how = HOW_FORM;
        return 2;
    }
    if (t->sound.n > 1 && text_eq(t->sound, is->sound)) {
        *how = HOW_SPELLING;
        return 3;
    }
    if (t->stem_sound.n > 2 && text_eq(t->stem_sound, is->stem_sound)) {
        *how = other_script ? HOW_LATIN : HOW_SPELLING;
        return 3;
    }
    if (other_script && begins(is->word, t->cyrillic)) {
        *how = HOW_BEGINS;
        return 2;
    }
    int most = t->length >= SPELT_LONG ? 2 : t->length >= SPELT_SHORT ? 1 : 0;
    int differ = __builtin_popcountll(t->letters ^ is->letters);
    int longer = (int)is->length - (int)t->length;
    if (most && differ <= 2 * most && longer <= most && -longer <= most) {
        int d = name_distance(t->cyrillic, is->cyrillic, most);
        if (d <= most) {
            *how = HOW_SPELLING;
            return 2 + 2 * d;
        }
    }
    if (t->length >= PART && t->cyrillic.n < is->word.n && !(t->letters & ~is->letters) &&
        memmem(is->word.s, is->word.n, t->cyrillic.s, t->cyrillic.n)) {
        *how = HOW_INSIDE;
        return 3;
    }
    return 0;
}

/* ---- the vocabulary ---- */

enum { BATCH = 5000, LATE = 4000, AGAIN_US = 1000000 };

/* What tells most words apart at a glance, close together: the walk reads these only. */
struct glance {
    uint64_t letters;
    uint32_t sound, stem_sound;
    uint8_t length, n_forms;
};

static struct {
    pthread_rwlock_t lock;
    struct store *store; /* whose words these are: a process of tests opens several */
    struct arena *arena;
    struct typed_word *word;
    struct glance *glance;
    size_t n, cap, n_slots;
    uint32_t *slot;        /* number of a word + 1 by its hash */
    int64_t last, again_at;
} known = {.lock = PTHREAD_RWLOCK_INITIALIZER};

static void put_slot(size_t word)
{
    size_t at = link_hash(known.word[word].word) & (known.n_slots - 1);

    while (known.slot[at])
        at = (at + 1) & (known.n_slots - 1);
    known.slot[at] = (uint32_t)word + 1;
}

static const struct typed_word *find(struct text word)
{
    if (!known.n_slots)
        return NULL;
    for (size_t at = link_hash(word) & (known.n_slots - 1); known.slot[at]; at = (at + 1) & (known.n_slots - 1))
        if (text_eq(known.word[known.slot[at] - 1].word, word))
            return &known.word[known.slot[at] - 1];
    return NULL;
}

static void *again(void *old, size_t size)
{
    void *p = realloc(old, size);
    if (!p)
        abort();
    return p;
}

static struct text keep(struct text t)
{
    return arena_text(known.arena, t);
}

static struct glance glance_of(const struct typed_word *w)
{
    return (struct glance){w->letters, (uint32_t)link_hash(w->sound), (uint32_t)link_hash(w->stem_sound), w->length, w->n_forms};
}

/* Certainly unlike: letters are missing, and it sounds otherwise. misspelt: misspellings count too. */
static bool unlike(const struct glance *typed, const struct glance *is, bool misspelt)
{
    uint64_t missing = typed->letters & ~is->letters;
    int longer = (int)typed->length - (int)is->length;

    if ((!missing && longer <= 0) || typed->sound == is->sound || typed->stem_sound == is->stem_sound || (typed->n_forms && is->n_forms))
        return false;
    return !misspelt || longer > 2 || longer < -2 || __builtin_popcountll(typed->letters ^ is->letters) > 4;
}

static void add_word(struct arena *arena, struct text word)
{
    if (find(word))
        return;
    if (known.n == known.cap) {
        known.cap = known.cap ? known.cap * 2 : 4096;
        known.word = again(known.word, known.cap * sizeof *known.word);
        known.glance = again(known.glance, known.cap * sizeof *known.glance);
        known.n_slots = known.cap * 2;
        known.slot = again(known.slot, known.n_slots * sizeof *known.slot);
        memset(known.slot, 0, known.n_slots * sizeof *known.slot);
        for (size_t i = 0; i < known.n; i++)
            put_slot(i);
    }
    struct typed_word *w = &known.word[known.n];
    typed_word(arena, word, w);
    w->word = keep(w->word);
    w->sound = keep(w->sound);
    w->stem = keep(w->stem);
    w->stem_sound = keep(w->stem_sound);
    w->cyrillic = w->latin ? keep(w->cyrillic) : w->word;
    for (size_t i = 0; i < w->n_forms; i++)
        w->form[i] = keep(w->form[i]);
    known.glance[known.n] = glance_of(w);
    put_slot(known.n++);
}

static void forget(struct store *store)
{
    arena_free(known.arena);
    free(known.word);
    free(known.glance);
    free(known.slot);
    known.arena = arena_new();
    known.word = NULL;
    known.glance = NULL;
    known.slot = NULL;
    known.n = known.cap = known.n_slots = 0;
    known.last = known.again_at = 0;
    known.store = store;
}

static void read_from(struct request *rq, int64_t after)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    struct name_words_rows rows;

    rq->arena = mine;
    do {
        arena_reset(mine);
        rows = (struct name_words_rows){0};
        q_name_words(rq, &(struct name_words_args){.after = v_int(after), .rows = v_int(BATCH)}, &rows);
        for (size_t i = 0; i < rows.n; i++) {
            add_word(mine, v_as_text(rows.row[i].word));
            after = v_as_int(rows.row[i].id);
        }
        if (after > known.last)
            known.last = after;
    } while (rows.n == BATCH && !rq->err);
    rq->arena = outer;
    arena_free(mine);
}

void words_refresh(struct request *rq)
{
    int64_t now = clock_monotonic();

    if (rq->change)
        return;
    pthread_rwlock_rdlock(&known.lock);
    bool any = known.arena && known.store == rq->store && known.n;
    pthread_rwlock_unlock(&known.lock);
    if (!any)
        pthread_rwlock_wrlock(&known.lock);
    else if (pthread_rwlock_trywrlock(&known.lock))
        return; /* another search does it now */
    if (known.store != rq->store || !known.arena)
        forget(rq->store);
    bool late = now - known.again_at >= AGAIN_US;
    if (late)
        known.again_at = now;
    read_from(rq, late && known.last > LATE ? known.last - LATE : late ? 0 : known.last);
    pthread_rwlock_unlock(&known.lock);
}

bool words_stand(struct request *rq, struct text word)
{
    pthread_rwlock_rdlock(&known.lock);
    bool there = known.store == rq->store && find(word);
    pthread_rwlock_unlock(&known.lock);
    return there;
}

void words_get(struct request *rq, struct text word, struct typed_word *out)
{
    pthread_rwlock_rdlock(&known.lock);
    const struct typed_word *there = known.store == rq->store ? find(word) : NULL;
    if (there)
        *out = *there; /* its texts stay as long as the store */
    pthread_rwlock_unlock(&known.lock);
    if (!there)
        typed_word(rq->arena, word, out);
}

/* ---- what is like a word ---- */

struct like {
    size_t word;
    int cost;
};

size_t words_like(struct request *rq, const struct typed_word *typed, bool misspelt, struct text out[], size_t max)
{
    struct like best[64];
    struct glance glance = glance_of(typed);
    size_t n = 0;

    out[0] = typed->word;
    max--; /* it has a place of its own, so none of the others' is taken when it comes to stand in the vocabulary */
    if (max > sizeof best / sizeof best[0])
        max = sizeof best / sizeof best[0];
    pthread_rwlock_rdlock(&known.lock);
    for (size_t i = 0; i < known.n && known.store == rq->store; i++) {
        enum how how;
        if (unlike(&glance, &known.glance[i], misspelt))
            continue;
        int cost = word_match(typed, &known.word[i], &how);
        if (how == HOW_NONE || text_eq(typed->word, known.word[i].word) || (n == max && cost >= best[n - 1].cost))
            continue;
        size_t at = n < max ? n++ : n - 1;
        for (; at > 0 && best[at - 1].cost > cost; at--)
            best[at] = best[at - 1];
        best[at] = (struct like){i, cost};
    }
    for (size_t i = 0; i < n; i++)
        out[i + 1] = arena_text(rq->arena, known.word[best[i].word].word);
    pthread_rwlock_unlock(&known.lock);
    return n + 1;
}
