/* Latin writing and keyboard layouts. */
#include "linkage/names_inner.h"
#include <pthread.h>

/* Text that grows in room made for it beforehand: nothing here is longer than four times what it is made of. */
struct made {
    char *s;
    size_t n;
};

static struct made made_of(struct arena *arena, struct text t)
{
    return (struct made){arena_alloc(arena, t.n * 4 + 8), 0};
}

static void add(struct made *out, struct text t)
{
    memcpy(out->s + out->n, t.s, t.n);
    out->n += t.n;
}

/* --- Latin to Cyrillic --- */

enum { ANYWHERE, AT_END, AT_START };

static const struct {
    const char *latin, *cyrillic;
    int where;
} letters[] = {
    {"shch", "щ"}, {"tsch", "ч"}, {"skaya", "ская", AT_END}, {"skaia", "ская", AT_END}, {"sky", "ский", AT_END},
    {"ski", "ский", AT_END}, {"kyzy", "кызы", AT_END}, {"qyzy", "кызы", AT_END}, {"uly", "улы", AT_END}, {"sch", "щ"}, {"dzh", "дж"}, {"tch", "тч"}, {"sh", "ш"}, {"ch", "ч"}, {"zh", "ж"}, {"kh", "х"},
    {"gh", "г"}, {"ts", "ц"}, {"tc", "ц"}, {"ph", "ф"}, {"iya", "ия"}, {"iia", "ия"}, {"yia", "ия"}, {"iyu", "ию"}, {"iiu", "ию"},
    {"ia", "ия", AT_END}, {"yu", "ю"}, {"iu", "ю"}, {"ju", "ю", AT_START}, {"ya", "я"}, {"ia", "я"}, {"ja", "я", AT_START},
    {"yo", "е"}, {"jo", "е", AT_START}, {"ye", "е"}, {"je", "е", AT_START}, {"iy", "ий", AT_END}, {"ii", "ий", AT_END}, {"ij", "ий", AT_END},
    {"yy", "ый", AT_END}, {"yi", "ый", AT_END}, {"yj", "ый", AT_END}, {"x", "кс"}, {"a", "а"}, {"b", "б"}, {"v", "в"},
    {"w", "в"}, {"g", "г"}, {"d", "д"}, {"e", "е"}, {"z", "з"}, {"k", "к"}, {"q", "к"}, {"l", "л"}, {"m", "м"}, {"n", "н"},
    {"o", "о"}, {"p", "п"}, {"r", "р"}, {"s", "с"}, {"t", "т"}, {"u", "у"}, {"f", "ф"}, {"h", "х"}, {"j", "ж"},
    {"c", "ц"}, {"ŝ", "щ"}, {"š", "ш"}, {"ş", "ш"}, {"ș", "ш"}, {"č", "ч"}, {"ç", "ч"}, {"ć", "ч"}, {"ž", "ж"}, {"ğ", "г"}, {"ǧ", "г"},
    {"ǵ", "г"}, {"ñ", "н"}, {"ń", "н"}, {"ŋ", "н"}, {"ł", "л"}, {"â", "я"}, {"û", "ю"}, {"è", "э"}, {"ë", "е"}, {"ý", "у"},
    {"ä", "а"}, {"á", "а"}, {"à", "а"}, {"ö", "о"}, {"ó", "о"}, {"ü", "у"}, {"ū", "у"}, {"ú", "у"}, {"ı", "и"}, {"ī", "и"},
    {"í", "и"}, {"é", "е"}, {"ě", "е"}, {"ə", "а"}, {"ß", "с"}, {"ś", "с"}, {"ź", "з"}, {"ż", "ж"}, {"ř", "р"},
};

static bool vowel(uint32_t cp)
{
    return cp && cp < 0x80 && strchr("aeiouy", (int)cp);
}

/* i and y: й behind a vowel, ы for y before a consonant, ий for y at the end. */
static const char *glide(struct text word, size_t at)
{
    uint32_t before = at ? (unsigned char)word.s[at - 1] : 0, after = at + 1 < word.n ? (unsigned char)word.s[at + 1] : 0;

    if (vowel(before) && before != 'y' && (before != 'i' || !after) && !vowel(after))
        return "й";
    if (word.s[at] == 'i')
        return "и";
    if (!after && text_chars(word) > 3)
        return "ий";
    return vowel(after) || !at ? "й" : "ы";
}

struct text name_from_latin(struct arena *arena, struct text word)
{
    struct text t = text_fold(arena, word);

    if (!name_is_latin(t))
        return t;
    struct made out = made_of(arena, t);
    for (size_t i = 0; i < t.n;) {
        size_t k = 0, n = sizeof letters / sizeof letters[0];
        for (; k < n; k++) {
            size_t size = strlen(letters[k].latin);
            if (size <= t.n - i && memcmp(t.s + i, letters[k].latin, size) == 0 &&
                (letters[k].where == ANYWHERE || (letters[k].where == AT_END && i && i + size == t.n) ||
                 (letters[k].where == AT_START && i == 0))) {
                add(&out, text_of(letters[k].cyrillic));
                i += size;
                break;
            }
        }
        if (k < n)
            continue;
        uint32_t cp = 0;
        size_t len = utf8_next(t.s + i, t.n - i, &cp);
        if (cp == 'i' || cp == 'y')
            add(&out, text_of(glide(t, i)));
        else if (len && (cp >= 0x400 || (cp >= '0' && cp <= '9') || cp == ' '))
            add(&out, (struct text){t.s + i, len});
        i += len ? len : 1;
    }
    return text_fold(arena, (struct text){out.s, out.n});
}

/* --- how much a word looks like a name --- */

enum { ALPHABET = 34 }; /* letters and the word's edges (0) */

static unsigned short pair_seen[ALPHABET][ALPHABET];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static size_t place(uint32_t cp)
{
    return cp >= 0x430 && cp < 0x450 ? cp - 0x430 + 1 : ALPHABET - 1;
}

static void learn(const char *const *lines)
{
    for (; *lines; lines++) {
        struct text rest = text_of(*lines), word;
        while (text_split(&rest, ' ', &word)) {
            uint32_t cp[NAME_WORD_MAX];
            size_t n = name_points(word, cp), last = 0;
            for (size_t i = 0; i < n; i++) {
                pair_seen[last][place(cp[i])]++;
                last = place(cp[i]);
            }
            pair_seen[last][0]++;
        }
    }
}

static void pairs_fill(void)
{
    learn(name_given_data);
    learn(name_surname_data);
}

int name_likeliness(struct text word)
{
    uint32_t cp[NAME_WORD_MAX];
    size_t n = name_points(word, cp), last = 0, good = 0;

    (void)pthread_once(&once, pairs_fill);
    for (size_t i = 0; i <= n; i++) {
        size_t next = i < n ? place(cp[i]) : 0;
        good += next != ALPHABET - 1 && last != ALPHABET - 1 && pair_seen[last][next];
        last = next;
    }
    return n ? (int)(good * 100 / (n + 1)) : 0;
}

/* --- keyboard layouts --- */

/* Keys in the order of the board: US, Russian; then the row of digits of the Kazakh layout. */
static const char us_keys[] = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.", us_shift[] = "~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>";
static const uint16_t ru_keys[] = {
    0x435, 0x439, 0x446, 0x443, 0x43A, 0x435, 0x43D, 0x433, 0x448, 0x449, 0x437, 0x445, 0x44A, 0x444, 0x44B, 0x432, 0x430,
    0x43F, 0x440, 0x43E, 0x43B, 0x434, 0x436, 0x44D, 0x44F, 0x447, 0x441, 0x43C, 0x438, 0x442, 0x44C, 0x431, 0x44E,
};
static const char kz_keys[] = "2345890-=";
/* ә і ң ғ ү ұ қ ө һ, folded */
static const uint16_t kz_letters[] = {0x430, 0x438, 0x43D, 0x433, 0x443, 0x443, 0x43A, 0x43E, 0x445};

/* The other layout of one key; 0: it has none, or no letter of a Latin name: a word with х, ъ, ж, э, б or ю is Cyrillic. */
static uint32_t other_key(uint32_t cp, bool to_cyrillic, bool digits)
{
    for (size_t i = 0; i < sizeof us_keys - 1; i++) {
        if (to_cyrillic && (cp == (unsigned char)us_keys[i] || cp == (unsigned char)us_shift[i]))
            return ru_keys[i];
        if (!to_cyrillic && cp == ru_keys[i] && us_keys[i] >= 'a' && us_keys[i] <= 'z')
            return (unsigned char)us_keys[i];
    }
    for (size_t i = 0; to_cyrillic && digits && i < sizeof kz_keys - 1; i++)
        if (cp == (unsigned char)kz_keys[i])
            return kz_letters[i];
    return 0;
}

/* One run without blanks in the other layout; as it is when it has no letters. False when that makes no word. */
static bool switch_run(struct arena *arena, struct text run, bool to_cyrillic, bool digits, struct made *out, int *likely)
{
    size_t start = out->n;
    bool any = false;

    for (size_t i = 0; i < run.n && !any; i++)
        any = to_cyrillic ? name_latin((unsigned char)run.s[i]) : (unsigned char)run.s[i] >= 0xC0;
    for (size_t i = 0; i < run.n;) {
        uint32_t cp = 0xFFFD, to = 0;
        char z[4];
        size_t len = utf8_next(run.s + i, run.n - i, &cp);
        i += len ? len : 1;
        bool stays = cp == ' ' || (!digits && (cp == '-' || (cp >= '0' && cp <= '9')));
        if (any && !stays) {
            if (to_cyrillic && cp >= 0x80)
                return false;
            to = other_key(cp, to_cyrillic, digits);
            if (!to)
                return false;
        }
        add(out, (struct text){z, utf8_put(z, to ? to : cp)});
    }
    if (any) {
        struct text word = {out->s + start, out->n - start};
        struct text clean = name_clean(arena, word), part;
        while (text_split(&clean, ' ', &part)) {
            int now = name_likeliness(to_cyrillic ? part : name_from_latin(arena, part));
            *likely = now < *likely ? now : *likely;
        }
    }
    return true;
}

static struct text switched(struct arena *arena, struct text t, bool to_cyrillic, bool digits, int *likely)
{
    struct made out = made_of(arena, t);
    struct text rest = t, run;

    *likely = 100;
    while (text_split(&rest, ' ', &run)) {
        if (!run.n)
            continue;
        if (out.n)
            add(&out, T(" "));
        if (!switch_run(arena, run, to_cyrillic, digits, &out, likely))
            return (struct text){0};
    }
    return (struct text){out.s, out.n};
}

struct text name_switched_anyway(struct arena *arena, struct text t)
{
    int likely;
    return name_is_latin(name_clean(arena, t)) ? name_clean(arena, switched(arena, t, true, false, &likely))
                                               : (struct text){0};
}

/* Latin names that look so in the Russian layout (td, jd, by, sy) are rarer than Russian ones that make a likely Latin word. */
static bool ends_as_surname(struct text word)
{
    static const char *const ends[] = {"ов", "ев", "ин", "ын"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t n = strlen(ends[i]);
        if (word.n > 2 * n && memcmp(word.s + word.n - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

struct text name_switched(struct arena *arena, struct text t)
{
    enum { GOOD = 75, BETTER_BY = 5, WITH_SIGNS = -20 };
    struct text best = {0}, words = name_clean(arena, t), part;
    int stands = 100, most = 0;
    bool latin = name_is_latin(words), signs = false;

    /* A hyphen folds to a blank, but is a key too: what was typed in Latin is taken as it is. */
    struct text typed = latin ? t : text_fold(arena, t);
    for (size_t i = 0; i < typed.n; i++) /* keys of letters that stand in no name */
        signs = signs || strchr("[]{};:`~<>", typed.s[i]);
    while (text_split(&words, ' ', &part)) {
        if (ends_as_surname(part))
            return (struct text){0};
        int now = name_likeliness(name_is_latin(part) ? name_from_latin(arena, part) : part);
        uint32_t cp[NAME_WORD_MAX];
        size_t n = name_points(part, cp);
        if (n && !(cp[0] >= '0' && cp[0] <= '9'))
            stands = now < stands ? now : stands;
    }
    for (int digits = 0; digits <= (latin ? 1 : 0); digits++) {
        int likely;
        struct text to = switched(arena, typed, latin, digits, &likely);
        if (to.n && likely > most) {
            most = likely;
            best = to;
        }
    }
    if (most < GOOD || most < stands + (signs && latin ? WITH_SIGNS : BETTER_BY))
        return (struct text){0};
    return name_clean(arena, best);
}
