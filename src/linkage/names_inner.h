/* Shared by the files of names. */
#ifndef LINKAGE_NAMES_INNER_H
#define LINKAGE_NAMES_INNER_H
#include "linkage/names.h"
#include "base/arena.h"
#include "base/utf8.h"

enum { NAME_WORD_MAX = 255 }; /* code points of a word that are looked at; the rest is as if it were not there */

/* Lines "canonical form form …" of given names, folded; null ends. */
extern const char *const name_given_data[];
/* Surnames in use, for the likeness of letter pairs only. */
extern const char *const name_surname_data[];

/* Code points of a word, at most NAME_WORD_MAX. */
size_t name_points(struct text word, uint32_t out[NAME_WORD_MAX]);
bool name_cyrillic(uint32_t cp);
bool name_latin(uint32_t cp);
/* `word` without its ending, or null when it has another or fewer than `least` letters would be left. */
bool name_cut(struct text word, const char *ending, size_t least, struct text *out);

#endif
