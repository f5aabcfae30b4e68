/* Cleaning, sound and distance of words. */
#include "linkage/names_inner.h"

size_t name_points(struct text word, uint32_t out[NAME_WORD_MAX])
{
    size_t n = 0;

    for (size_t i = 0; i < word.n && n < NAME_WORD_MAX;) {
        uint32_t cp = 0xFFFD;
        size_t len = utf8_next(word.s + i, word.n - i, &cp);
        i += len ? len : 1;
        if (len)
            out[n++] = cp;
    }
    return n;
}

bool name_cyrillic(uint32_t cp)
{
    return cp >= 0x400 && cp < 0x530 && !(cp >= 0x482 && cp < 0x48A);
}

bool name_latin(uint32_t cp)
{
    return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') ||
           (cp >= 0xC0 && cp < 0x250 && cp != 0xD7 && cp != 0xF7) || (cp >= 0x1E00 && cp < 0x1F00);
}

bool name_is_latin(struct text word)
{
    for (size_t i = 0; i < word.n;) {
        uint32_t cp = 0;
        size_t len = utf8_next(word.s + i, word.n - i, &cp);
        if (len && name_latin(cp))
            return true;
        i += len ? len : 1;
    }
    return false;
}

bool name_cut(struct text word, const char *ending, size_t least, struct text *out)
{
    if (!text_ends(word, ending))
        return false;
    *out = (struct text){word.s, word.n - strlen(ending)};
    return text_chars(*out) >= least;
}

/* --- cleaning --- */

/* Folded letters that look alike in some case: Latin, Cyrillic. */
static const uint32_t alike[][2] = {
    {'a', 0x430}, {'b', 0x432}, {'c', 0x441}, {'e', 0x435}, {'h', 0x43D}, {'i', 0x438}, {'k', 0x43A},
    {'m', 0x43C}, {'o', 0x43E}, {'p', 0x440}, {'t', 0x442}, {'x', 0x445}, {'y', 0x443},
};

static uint32_t twin(uint32_t cp, bool to_cyrillic)
{
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++)
        if (alike[i][!to_cyrillic] == cp)
            return alike[i][to_cyrillic];
    return 0;
}

/* What stands in a word: letters and digits of any script, no pictures, signs, private letters. */
static bool part_of_word(uint32_t cp)
{
    if (cp >= 0x430 && cp < 0x450)
        return true;
    if (cp < 0x80)
        return (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z') || (cp >= '0' && cp <= '9');
    if (cp < 0xC0 || cp == 0xD7 || cp == 0xF7 || (cp >= 0x2B0 && cp < 0x370) || (cp >= 0x482 && cp < 0x48A))
        return false;
    return !(cp >= 0x2000 && cp < 0x2C00) && !(cp >= 0x3000 && cp < 0x3040) && !(cp >= 0xD800 && cp < 0xF900) &&
           !(cp >= 0xFE00 && cp < 0xFE70) && !(cp >= 0xFFF0 && cp < 0x10000) && cp < 0x1F000;
}

/* Signs inside a word that leave no gap: apostrophes, soft and hard signs of transliterations, accents, invisible joiners. */
static bool joins(uint32_t cp)
{
    return cp == '\'' || cp == '`' || cp == '"' || cp == 0xB4 || cp == 0xB7 || (cp >= 0x2B0 && cp < 0x370) ||
           (cp >= 0x2018 && cp <= 0x201F) || cp == 0x2032 || cp == 0x2033 || (cp >= 0x200B && cp <= 0x200F) || cp == 0x2060 ||
           (cp >= 0xFE00 && cp <= 0xFE0F) || (cp >= 0x482 && cp < 0x48A);
}

/* One word of cp[0..n) to `out`, in one script if it can be. */
static size_t put_word(const uint32_t *cp, size_t n, char *out)
{
    size_t cyrillic = 0, latin = 0, only_cyrillic = 0, only_latin = 0, size = 0;

    for (size_t i = 0; i < n; i++) {
        cyrillic += name_cyrillic(cp[i]);
        latin += name_latin(cp[i]);
    }
    for (size_t i = 0; cyrillic && latin && i < n; i++) {
        only_cyrillic += name_cyrillic(cp[i]) && !twin(cp[i], false);
        only_latin += name_latin(cp[i]) && !twin(cp[i], true);
    }
    bool mixed = cyrillic && latin;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = cp[i], other = 0;
        if (mixed && !only_latin)
            other = name_latin(c) ? twin(c, true) : 0;
        else if (mixed && !only_cyrillic)
            other = name_cyrillic(c) ? twin(c, false) : 0;
        size += utf8_put(out + size, other ? other : c);
    }
    return size;
}

/* "(а)" right behind a word: the other sex's ending; its length, or 0. */
static size_t other_ending(struct text t, size_t i)
{
    size_t close = i + 1;

    while (close < t.n && t.s[close] != ')' && close - i <= 8)
        close++;
    return close < t.n && t.s[close] == ')' && close > i + 1 ? close + 1 - i : 0;
}

struct text name_clean(struct arena *arena, struct text t)
{
    struct text folded = text_fold(arena, t);
    char *out = arena_alloc(arena, folded.n * 2 + 8);
    uint32_t *word = arena_array(arena, folded.n + 1, sizeof *word);
    size_t n = 0, letters = 0;

    for (size_t i = 0; i <= folded.n;) {
        uint32_t cp = ' ';
        size_t len = i < folded.n ? utf8_next(folded.s + i, folded.n - i, &cp) : 1;
        if (!len) {
            i++;
            continue;
        }
        if (cp == '(' && letters && (len = other_ending(folded, i))) {
            i += len;
            continue;
        }
        if (cp == '(')
            len = 1;
        i += len;
        if (part_of_word(cp)) {
            word[letters++] = cp;
        } else if (!joins(cp) && letters) {
            if (n)
                out[n++] = ' ';
            n += put_word(word, letters, out + n);
            letters = 0;
        }
    }
    out[n] = '\0';
    return (struct text){out, n};
}

/* --- sound ---
 *
 * Letters become classes; what transliterations write in several ways becomes the same class in all of them. Then pairs are
 * joined that schemes cannot tell apart (с + ц is "sts", "stc", "sc", which is also щ), voiced consonants lose their voice at
 * the end and before voiceless ones, vowels that are confused without stress become one, doubles one.
 *
 * Classes: a o e i u vowels; w ш щ, x ч, c ц, j ж, h х; others as in Latin. */

/* Of U+0430…U+044F. */
static const char *const cyrillic_sound[32] = {
    "a", "b", "v", "g", "d", "e", "j", "z", "i", "i", "k", "l", "m", "n", "o", "p",
    "r", "s", "t", "u", "f", "h", "c", "x", "w", "w", "",  "i", "",  "e", "iu", "ia",
};

static const struct {
    const char *latin, *sound;
} latin_sound[] = {
    {"shch", "w"}, {"tsch", "x"}, {"sch", "w"}, {"tch", "x"}, {"tsh", "x"}, {"dzh", "j"}, {"ssh", "w"}, {"sh", "w"},
    {"ch", "x"},   {"zh", "j"},   {"kh", "h"},  {"gh", "g"},  {"ts", "c"},  {"tc", "c"},  {"ph", "f"},
    {"c", "c"},    {"j", "j"},    {"q", "k"},   {"w", "v"},   {"x", "ks"},  {"y", "i"},
};

/* Letters of Latin alphabets beyond ASCII (folded). */
static const struct {
    uint32_t letter;
    const char *sound;
} wide_sound[] = {
    {0xE2, "ia"}, {0xFB, "iu"}, {0xEB, "e"}, {0xFD, "u"},
    {0xE7, "x"},  {0x107, "x"}, {0x109, "x"}, {0x10D, "x"}, {0x11F, "g"},  {0x121, "g"}, {0x131, "i"},  {0x142, "l"},
    {0xF1, "n"},  {0x144, "n"}, {0x148, "n"}, {0x14B, "n"}, {0x15B, "s"},  {0x15D, "w"}, {0x15F, "w"},  {0x219, "w"},
    {0x161, "w"}, {0x163, "c"}, {0x21B, "c"}, {0x17A, "z"}, {0x17C, "z"},  {0x17E, "j"}, {0x1E7, "g"},  {0x1F5, "g"},
    {0xDF, "s"},  {0x159, "r"}, {0x111, "d"}, {0x10F, "d"}, {0x165, "t"},  {0x125, "h"}, {0x127, "h"},  {0x259, "a"},
    {0x1E29, "h"}, {0x1E63, "w"}, {0x13E, "l"}, {0x13C, "l"},
};

/* The vowel under an accent, of U+00C0…U+017F and a few more; 0: none. */
static char plain_vowel(uint32_t cp)
{
    if ((cp >= 0xE0 && cp <= 0xE6) || (cp >= 0x100 && cp <= 0x105))
        return 'a';
    if ((cp >= 0xE8 && cp <= 0xEB) || (cp >= 0x112 && cp <= 0x11B))
        return 'e';
    if ((cp >= 0xEC && cp <= 0xEF) || (cp >= 0x128 && cp <= 0x131) || cp == 0xFF)
        return 'i';
    if ((cp >= 0xF2 && cp <= 0xF8) || (cp >= 0x14C && cp <= 0x153))
        return cp == 0xF7 ? 0 : 'a';
    if ((cp >= 0xF9 && cp <= 0xFC) || (cp >= 0x168 && cp <= 0x173))
        return 'u';
    return 0;
}

struct sound {
    char s[NAME_WORD_MAX * 8 + 8];
    size_t n;
};

static void put(struct sound *out, const char *z)
{
    while (*z && out->n < sizeof out->s - 1)
        out->s[out->n++] = *z++;
}

/* The class of one letter that is not ASCII; letters of other scripts stand for themselves by number. */
static void put_wide(struct sound *out, uint32_t cp)
{
    static const char digit[] = "0123456789qy";
    char z[12] = "y";
    size_t n = 1;

    if (cp >= 0x430 && cp < 0x450) {
        put(out, cyrillic_sound[cp - 0x430]);
        return;
    }
    for (size_t i = 0; i < sizeof wide_sound / sizeof wide_sound[0]; i++)
        if (wide_sound[i].letter == cp) {
            put(out, wide_sound[i].sound);
            return;
        }
    if (plain_vowel(cp)) {
        put(out, (char[]){plain_vowel(cp), '\0'});
        return;
    }
    for (uint32_t rest = cp; rest && n < sizeof z - 1; rest /= 12)
        z[n++] = digit[rest % 12];
    put(out, z);
}

static size_t put_latin(struct sound *out, const uint32_t *cp, size_t n, size_t at)
{
    for (size_t i = 0; i < sizeof latin_sound / sizeof latin_sound[0]; i++) {
        const char *z = latin_sound[i].latin;
        size_t k = 0;
        while (z[k] && at + k < n && cp[at + k] == (uint32_t)z[k])
            k++;
        if (z[k])
            continue;
        bool end = at > 0 && at + 1 == n && strchr("aeiouy", (int)cp[at - 1]) && cp[at - 1] < 0x80;
        put(out, k == 1 && *z == 'j' && end ? "i" : latin_sound[i].sound);
        return k;
    }
    put(out, (char[]){(char)cp[at], '\0'});
    return 1;
}

static void classes_of(struct text word, struct sound *out)
{
    uint32_t cp[NAME_WORD_MAX];
    size_t n = name_points(word, cp);

    for (size_t i = 0; i < n;) {
        if ((cp[i] >= 'a' && cp[i] <= 'z') || (cp[i] >= '0' && cp[i] <= '9')) {
            i += put_latin(out, cp, n, i);
        } else {
            if (part_of_word(cp[i]))
                put_wide(out, cp[i]);
            i++;
        }
    }
}

/* Pairs that are one class, until nothing changes: the order of writing must not matter. */
#define P(c) ((c) - 'a')
static const char pair[26][26] = {
    [P('t')][P('s')] = 'c', [P('d')][P('j')] = 'j', [P('s')][P('h')] = 'w', [P('c')][P('h')] = 'x', [P('z')][P('h')] = 'j',
    [P('k')][P('h')] = 'h', [P('s')][P('c')] = 'w', [P('s')][P('w')] = 'w', [P('s')][P('x')] = 'w', [P('w')][P('x')] = 'w',
    [P('t')][P('x')] = 'x', [P('t')][P('w')] = 'x', [P('t')][P('c')] = 'c', [P('p')][P('h')] = 'f', [P('n')][P('g')] = 'n',
    [P('i')][P('o')] = 'e', [P('g')][P('h')] = 'g', [P('c')][P('s')] = 'c', [P('i')][P('e')] = 'e', [P('x')][P('h')] = 'x',
};

static char joined(char a, char b)
{
    return a >= 'a' && a <= 'z' && b >= 'a' && b <= 'z' ? pair[P(a)][P(b)] : 0;
}

static void reduce(struct sound *out)
{
    for (bool again = true; again;) {
        size_t n = 0;
        again = false;
        for (size_t i = 0; i < out->n; i++) {
            char c = out->s[i], to = n ? joined(out->s[n - 1], c) : 0;
            if (to)
                out->s[n - 1] = to;
            else if (!n || out->s[n - 1] != c || (c >= '0' && c <= '9'))
                out->s[n++] = c;
            again = again || to;
        }
        out->n = n;
    }
}

static char voiceless(char c)
{
    static const char voiced[] = "bvgdzj", without[] = "pfktsw";
    const char *at = c ? strchr(voiced, c) : NULL;

    return at ? without[at - voiced] : c;
}

static bool is_voiceless(char c)
{
    return c && strchr("pfktswxch", c);
}

struct text name_sound(struct arena *arena, struct text word)
{
    struct sound out;
    size_t n = 0;

    out.n = 0;
    classes_of(text_fold(arena, word), &out);
    reduce(&out);
    for (size_t i = out.n; i-- > 0;)
        if (i + 1 == out.n || is_voiceless(out.s[i + 1]))
            out.s[i] = voiceless(out.s[i]);
    for (size_t i = 0; i < out.n; i++) {
        char c = out.s[i] == 'o' ? 'a' : out.s[i] == 'e' ? 'i' : out.s[i];
        bool mute = (c == 't' || c == 'd') && i && i + 1 < out.n && out.s[i + 1] == 'n' &&
                    (out.s[i - 1] == 's' || out.s[i - 1] == 'z'); /* стн, здн */
        if (mute || (n && out.s[n - 1] == c && !(c >= '0' && c <= '9')))
            continue;
        out.s[n++] = c;
    }
    return arena_text(arena, (struct text){out.s, n});
}

/* --- distance --- */

int name_edits(const uint16_t *a, size_t n, const uint16_t *b, size_t m, int max)
{
    enum { LONGEST = 128 };
    int rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *now = rows[2];

    while (n && m && a[0] == b[0])
        a++, b++, n--, m--;
    while (n && m && a[n - 1] == b[m - 1])
        n--, m--;
    if ((n > m ? n - m : m - n) > (size_t)max || n > LONGEST || m > LONGEST)
        return max + 1;
    if (!n || !m)
        return (int)(n + m);
    if (max == 1) /* nothing of both ends is alike: one other letter, or two that change places */
        return n == 1 && m == 1 ? 1 : n == 2 && m == 2 && a[0] == b[1] && a[1] == b[0] ? 1 : 2;
    for (size_t j = 0; j <= m; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int least = now[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int d = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < d)
                d = last[j] + 1;
            if (now[j - 1] + 1 < d)
                d = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < d)
                d = before[j - 2] + 1;
            now[j] = d;
            if (d < least)
                least = d;
        }
        if (least > max)
            return max + 1;
        int *swap = before;
        before = last, last = now, now = swap;
    }
    return last[m] > max ? max + 1 : last[m];
}

int name_distance(struct text a, struct text b, int max)
{
    uint32_t wide[NAME_WORD_MAX];
    uint16_t x[NAME_WORD_MAX], y[NAME_WORD_MAX];
    size_t n = name_points(a, wide);

    for (size_t i = 0; i < n; i++)
        x[i] = (uint16_t)wide[i];
    size_t m = name_points(b, wide);
    for (size_t i = 0; i < m; i++)
        y[i] = (uint16_t)wide[i];
    return name_edits(x, n, y, m, max);
}
