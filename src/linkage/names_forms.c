/* Endings that tell sex or a father, and the given names a word may stand for. */
#include "linkage/compare.h"
#include "linkage/names_inner.h"
#include <pthread.h>

/* --- surnames --- */

/* Behind the least number of letters, longest first: what is cut, what stays of it. */
struct ending {
    const char *cut, *put;
    size_t least;
};

static const struct ending surname_endings[] = {
    {"кызы", "", 3}, {"гызы", "", 3}, {"улы", "", 3},  {"уулу", "", 3}, {"оглы", "", 3}, {"заде", "", 3},
    {"овна", "ов", 2}, {"евна", "ев", 2},
    {"ская", "ск", 1}, {"ский", "ск", 1}, {"ской", "ск", 1}, {"цкая", "цк", 1}, {"цкий", "цк", 1}, {"цкой", "цк", 1},
    {"ова", "ов", 2}, {"ева", "ев", 2}, {"ина", "ин", 2}, {"ына", "ын", 2},
    {"ая", "", 3},   {"яя", "", 3},    {"ый", "", 3},    {"ий", "", 3},   {"ой", "", 3},
    {"qyzy", "", 3}, {"kyzy", "", 3}, {"uly", "", 3}, {"ogly", "", 3}, {"oglu", "", 3}, {"zade", "", 3}, {"zadeh", "", 3},
    {"skaya", "sk", 1}, {"skaia", "sk", 1}, {"skaja", "sk", 1}, {"skiy", "sk", 1}, {"skii", "sk", 1}, {"skij", "sk", 1},
    {"sky", "sk", 1},   {"ski", "sk", 1},   {"skoy", "sk", 1},
    {"ova", "ov", 2},   {"eva", "ev", 2},   {"ina", "in", 2},   {"yna", "yn", 2},
    {NULL, NULL, 0},
};

static const struct ending father_endings[] = {
    {"инична", "", 2}, {"кызы", "", 2}, {"гызы", "", 2}, {"уулу", "", 2}, {"оглы", "", 2}, {"улы", "", 2},
    {"ович", "", 2},   {"евич", "", 2}, {"овна", "", 2}, {"евна", "", 2}, {"ична", "", 2},
    {"ыч", "", 2},     {"ич", "", 2},   {NULL, NULL, 0},
};

static struct text cut_ending(struct arena *arena, struct text word, const struct ending *endings)
{
    for (; endings->cut; endings++) {
        struct text rest;
        if (name_cut(word, endings->cut, endings->least, &rest))
            return *endings->put ? arena_printf(arena, "%.*s%s", TEXT_ARG(rest), endings->put) : rest;
    }
    return word;
}

struct text name_surname_stem(struct arena *arena, struct text word)
{
    return cut_ending(arena, name_clean(arena, word), surname_endings);
}

/* --- given names and patronymics --- */

/* The stem of a name whose patronymic is made of another one. */
static const struct {
    const char *other, *stem;
} stems[] = {
    {"павл", "павел"}, {"льв", "лев"},   {"яковл", "яков"}, {"михайл", "михаил"}, {"даниил", "данил"}, {"гавриил", "гаврил"},
    {"гаврии", "гаврил"}, {"измайл", "измаил"}, {"самойл", "самуил"}, {"рафаил", "рафаэл"},
};

/* Vowels and soft signs at the end go: Никита and Никитич, Сергей and Сергеевич, Игорь and Игоревич. */
static struct text bare_stem(struct text word)
{
    static const char *const soft[] = {"а", "я", "е", "и", "й", "ь", "о", "у", "ы", "э", "ю"};

    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; !again && i < sizeof soft / sizeof soft[0]; i++)
            again = name_cut(word, soft[i], 2, &word);
        if (again && text_chars(word) <= 2)
            break;
    }
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++)
        if (text_is(word, stems[i].other))
            return text_of(stems[i].stem);
    return word;
}

static struct text cyrillic_word(struct arena *arena, struct text word)
{
    word = name_clean(arena, word);
    return name_is_latin(word) ? name_from_latin(arena, word) : word;
}

struct text name_given_stem(struct arena *arena, struct text word)
{
    return bare_stem(cyrillic_word(arena, word));
}

struct text name_patronymic_stem(struct arena *arena, struct text word)
{
    return bare_stem(cut_ending(arena, cyrillic_word(arena, word), father_endings));
}

/* --- forms ---
 *
 * All words of the data in one table by hash, made once: the word, its line, whether it is the first of the line. A second
 * table has the sounds, for Latin writing. */

struct form {
    struct text word;
    uint16_t line; /* from 1; 0: free */
    bool first;
};

enum { FORM_SLOTS = 8192 };

static struct form by_word[FORM_SLOTS], by_sound[FORM_SLOTS];
static struct text canonical[2048];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void form_put(struct form *table, struct text word, size_t line, bool first)
{
    size_t at = link_hash(word) % FORM_SLOTS;

    for (size_t tries = 0; table[at].line; at = (at + 1) % FORM_SLOTS)
        if (++tries >= FORM_SLOTS - 1 || (table[at].line == line && text_eq(table[at].word, word)))
            return;
    table[at] = (struct form){word, (uint16_t)line, first};
}

static void forms_fill(void)
{
    static struct arena *kept; /* for the life of the program */
    kept = arena_new();
    for (size_t line = 0; name_given_data[line] && line + 1 < sizeof canonical / sizeof canonical[0]; line++) {
        struct text rest = text_of(name_given_data[line]), word;
        for (bool first = true; text_split(&rest, ' ', &word); first = false) {
            if (first)
                canonical[line + 1] = word;
            form_put(by_word, word, line + 1, first);
            form_put(by_sound, name_sound(kept, word), line + 1, first);
        }
    }
}

/* Lines of a key, those whose first word it is before the others. */
static size_t lines_of(const struct form *table, struct text key, struct text out[], size_t max)
{
    size_t found = 0;

    (void)pthread_once(&once, forms_fill);
    for (int round = 0; round < 2; round++)
        for (size_t at = link_hash(key) % FORM_SLOTS; table[at].line; at = (at + 1) % FORM_SLOTS)
            if (table[at].first == !round && text_eq(table[at].word, key) && found < max)
                out[found++] = canonical[table[at].line];
    return found;
}

static size_t known_forms(struct arena *arena, struct text word, struct text out[], size_t max)
{
    size_t n = word.n ? lines_of(by_word, word, out, max) : 0;

    if (!n && word.n && name_is_latin(word)) {
        n = lines_of(by_word, name_from_latin(arena, word), out, max);
        if (!n)
            n = lines_of(by_sound, name_sound(arena, word), out, max);
    }
    return n;
}

size_t name_given_forms(struct arena *arena, struct text word, struct text out[], size_t max)
{
    struct text clean = name_clean(arena, word);
    size_t n = known_forms(arena, clean, out, max);

    if (!n && max && clean.n)
        out[n++] = name_is_latin(clean) ? name_from_latin(arena, clean) : clean;
    return n;
}

bool name_is_given(struct arena *arena, struct text word)
{
    struct text one[1];

    return known_forms(arena, name_clean(arena, word), one, 1) > 0;
}
