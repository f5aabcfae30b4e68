/* Code lists in memory: loaded from the register's packs, the same for all requests.
 * A code may carry a class (the category "living with HIV"); the shown class is field and code
 * together. */
#ifndef GUARD_CODES_H
#define GUARD_CODES_H
#include "store/field.h"

struct code {
    const char *code;
    const char *label[LANG_COUNT]; /* by language; never null */
    const char *act;               /* source act, or null */
    uint32_t classes;              /* bits of what the code itself tells */
    const char *cover;             /* code that stands for it in the table, or null (guard/seal.h) */
    unsigned covered;              /* its number among the covered codes of the list; 0: none */
    bool retired;                  /* shown where it stands, not offered */
    bool verified;
};

struct code_list {
    const char *name;
    uint16_t index; /* struct value.list */
    size_t n;
    const struct code *codes; /* in the order of the pack */
};

const struct code_list *code_list(const char *name); /* null when there is none */
const struct code_list *code_list_at(uint16_t index);
const struct code *code_find(const struct code_list *list,
                             struct text code); /* null when unknown */
/* The covered code of that number; null when the packs have none. */
const struct code *code_covered(const struct code_list *list, unsigned number);
/* Classes told by a code; an unknown code tells nothing. */
uint32_t code_classes(const char *list, struct text code);

/* For packs/ only: replaces all lists at once; the old ones stay readable for running requests. */
struct code_set;
struct code_set *code_set_new(void);
void code_set_add(struct code_set *set, const char *list, struct code code); /* copies */
const struct code_list *code_set_list(const struct code_set *set, size_t k); /* k-th, null behind the last */
bool code_set_covered(const struct code_set *set, const char *list, unsigned number); /* taken? */
void code_set_use(struct code_set *set);
void code_set_drop(struct code_set *set); /* one that was never used; null is fine */

#endif
