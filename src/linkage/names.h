/* What is known of names in Russian, Kazakh and Latin writing: folding, sound, stems, given forms, keyboard layouts. Pure
 * functions; results live in the arena (or are literals), inputs may be any bytes, nothing fails. Words are single words as
 * name_clean() makes them; a word in other form is folded first. Keys that are stored (sound, stems) change only with
 * NAMES_VERSION. */
#ifndef LINKAGE_NAMES_H
#define LINKAGE_NAMES_H
#include "base/text.h"

enum {
    NAMES_VERSION = 1,
    NAME_FORMS_MAX = 8, /* given names one word may stand for */
};

/* Words folded by text_fold() and divided by one blank; look-alike letters of the other script are made of the word's own,
 * apostrophes inside words, signs, pictures and "(а)" behind a word are dropped. "" when nothing is left. */
struct text name_clean(struct arena *arena, struct text t);

/* How a word sounds: short ASCII, the same for Cyrillic, Kazakh (both scripts) and the usual transliterations:
 * "щербаков" = "shcherbakov" = "šerbakov", "ержан" = "yerzhan" = "erjan", "семенов" = "симёнов". "" for "". */
struct text name_sound(struct arena *arena, struct text word);

/* Without the ending that tells sex or "son of": "иванова" -> "иванов", "чайковская" -> "чайковск", "ахметұлы" -> "ахмет". */
struct text name_surname_stem(struct arena *arena, struct text word);
/* The stem of the father's given name, comparable with name_given_stem(): "петровна", "петрулы" -> "петр". */
struct text name_patronymic_stem(struct arena *arena, struct text word);
struct text name_given_stem(struct arena *arena, struct text word);

/* Canonical given names that the word may stand for, at most `max`: "леша" -> "алексей"; "саша" -> "александр",
 * "александра"; a name that stands for itself is the first; an unknown word is its own only form. */
size_t name_given_forms(struct arena *arena, struct text word, struct text out[], size_t max);
/* The word is a known given name or a form of one. */
bool name_is_given(struct arena *arena, struct text word);

/* Typed in the wrong keyboard layout: "Bdfyjd" -> "иванов", "шмфтщм" -> "ivanov"; the Kazakh layout's row of digits too.
 * "" when the text makes more sense as it stands. `t` is as typed, not cleaned. */
struct text name_switched(struct arena *arena, struct text t);
/* The same of Latin letters whatever it makes, for who has found nobody by what was typed. */
struct text name_switched_anyway(struct arena *arena, struct text t);
/* The likeliest Cyrillic writing of a Latin word; a word without Latin letters stays. */
struct text name_from_latin(struct arena *arena, struct text word);
bool name_is_latin(struct text word); /* it has a Latin letter */

/* Edits between two words in code points (a swap of neighbours is one); max + 1 when there are more, or too many letters. */
int name_edits(const uint16_t *a, size_t n, const uint16_t *b, size_t m, int max);
int name_distance(struct text a, struct text b, int max);

/* How much a Cyrillic word looks like one of a name, 0…100: pairs of letters that occur in known names. */
int name_likeliness(struct text word);

#endif
