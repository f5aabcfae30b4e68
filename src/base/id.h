/* National numbers and other identifiers: check digits and written form (Russia, Kazakhstan).
 * All take the digits only (text_digits). */
#ifndef BASE_ID_H
#define BASE_ID_H
#include "base/text.h"

bool snils_valid(struct text digits); /* 11 digits; the check applies above 001-001-998 */
struct text snils_format(struct arena *arena, struct text digits); /* 112-233-445 95 */
bool iin_valid(struct text digits);   /* Kazakhstan, 12 digits, weights twice */
bool inn_valid(struct text digits);   /* Russia, 10 or 12 digits, not all zeros */
bool ogrn_valid(struct text digits);  /* 13 or 15 digits */

#endif
