/* Marks for words that people read. msgids are English; po/<lang>.po holds the rest.
 * N_() marks a text for the catalogue where it stands as data; it is translated where it is shown (web/tr.h). */
#ifndef BASE_I18N_H
#define BASE_I18N_H

#define N_(msgid) msgid
#define NN_(one, many) one, many /* a plural as data: two members of a struct, for tr_n() */

enum lang { LANG_RU, LANG_EN, LANG_COUNT };

#endif
