/* The reading door. Rows leave the store only here, through a named query compiled from a room's
 * .sql file, and masked for the viewer: a value whose class is not in role ∩ access leaves as
 * V_HIDDEN without content. The tool tools/querycomp writes the data below and a typed q_NAME() for
 * each query; nobody calls door_* by hand. */
#ifndef GUARD_DOOR_H
#define GUARD_DOOR_H
#include "guard/request.h"

enum query_kind {
    QUERY_VIEWER, /* rows about persons, masked; or `about: none`: open fields only */
    QUERY_RULE,   /* plain values for rules in C; no template or writer takes such a row */
    QUERY_COUNT   /* aggregates only; small numbers are protected where they are shown */
};

enum sealed_as {
    SEALED_NOT,
    SEALED_CLASSES, /* the cell holds classes and a tag */
    SEALED_ROW,     /* the same; and who lacks one of them has no such row */
    SEALED_PART,    /* the same of a left join: who lacks one finds nothing joined */
    SEALED_CODE,    /* the tag of class_from says whether the code stands for another */
    SEALED_TEXT
};

struct column {
    const char *name;
    const char *label; /* msgid; null: not shown in exports */
    const char *list;  /* code list */
    uint8_t kind;      /* enum value_kind as read */
    uint8_t cls;       /* enum data_class of the column itself */
    int8_t class_from; /* column with bits of classes of this row's value, or -1 */
    int8_t about;      /* which `about` it belongs to: 0, 1; -1: open */
    int8_t discloses;  /* column with the id of the body whose kind speaks, or -1 */
    uint8_t sealed;    /* enum sealed_as */
    int8_t asked;      /* SEALED_CODE: argument that the rows are filtered by, or -1 */
    const char *box;   /* SEALED_TEXT: "note.words" */
    bool part;         /* goes with a SEALED_PART */
    bool internal;     /* ids, bits, keys: not in JSON and exports */
};

struct about {
    int8_t id, bits, recheck; /* columns */
};

enum {
    ARG_VIEWER_BODY = 64,
    ARG_VIEWER_ACCOUNT,
    ARG_USES,
    ARG_ROLE_BITS,
    ARG_TODAY,
    ARG_NOW,
    ARG_LIMIT,
    ARG_PLAIN_CLASSES, /* STORED_CLASSES */
    ARG_KEY /* ARG_KEY + k: k-th key of the place to go on after */
};

/* In texts of queries a parameter stands as the byte 1 followed by ARG_BYTE(argument number or
 * ARG_…): a printable character, '0' for argument 0, 'p' for ARG_VIEWER_BODY, 'w' for the first
 * key. No other byte 1 occurs. */
enum { ARG_MARK = 1, ARG_MAX = 64 };
#define ARG_BYTE(arg)  ((char)((arg) + '0'))
#define ARG_OF_BYTE(c) ((int)(c) - '0')

/* The text of a query in pieces, joined as they are (each brings its own blanks and line ends) for
 * the arguments that are given. PART_ORDER, PART_AFTER and PART_KEYS have no text: the sort's takes
 * their place; without a place to go on after, PART_AFTER is the word `true`. */
struct piece {
    const char *sql; /* null for the three parts that come from the sort */
    int8_t if_arg;   /* only when this argument is given; -1 always */
    uint8_t part;    /* enum query_part */
};
enum query_part { PART_TEXT, PART_ORDER, PART_AFTER, PART_KEYS };

struct sort {
    const char *name;
    const char *order; /* "a.name_key, a.person_id" or "a.person_id desc" */
    const char *after; /* "(a.name_key, a.person_id) > (\1w, \1x)" in the same notation as pieces */
    const char
        *keys; /* ", a.name_key, a.person_id": n_keys more result columns behind the query's
                * n_columns, never null; they are for `next` only and not part of struct rows */
    uint8_t n_keys;
    uint8_t key_kind[3];
    bool unindexed; /* has no index: offered only for narrow lists */
};

struct query {
    const char *name;
    const char *room;
    enum query_kind kind;
    bool one;   /* at most one row, and it must be there (ERR_NOT_FOUND) */
    bool maybe; /* at most one row; none is fine */
    bool about_none;
    uint8_t n_args, n_columns, n_about, n_pieces, n_sorts;
    uint16_t page; /* rows per page of a list with sorts */
    uint32_t uses; /* bits */
    int8_t owner;  /* column with the id of the body that owns the row, for classes seen by their
                      owner only; -1 */
    const char *const *args;
    const struct column *columns;
    const struct about *about;
    const struct piece *pieces;
    const struct sort *sorts;
    void *cache; /* the door's own: variants already joined */
};

/* Where a list begins and how it is sorted. Zero: first page, first sort, the query's own length.
 */
struct paging {
    uint8_t sort;
    int32_t limit;
    bool counted;      /* asks only how many rows the list would show, up to the limit: they come empty, nobody is noted as seen */
    struct text after; /* sealed token of a former page's `next` */
};

/* For the number beside a link: "99+" is as much as anybody wants to know. */
enum { COUNTED_MAX = 100 };
#define COUNTED ((struct paging){.limit = COUNTED_MAX, .counted = true})

struct rows {
    size_t n;
    struct value *v;  /* n * n_columns; typed by the union beside it in the generated structs */
    struct text next; /* sealed token of the next page, empty at the end */
    const struct query *query;
};

void door_rows(struct request *rq, struct query *q, const struct value *args,
               const struct paging *paging, struct rows *out);
/* Copies the one row into out[n_columns]; with `maybe`, false when there is none. */
bool door_one(struct request *rq, struct query *q, const struct value *args, struct value *out);
/* Row by row without collecting, for exports and reports (kinds rule and count). */
void door_each(struct request *rq, struct query *q, const struct value *args, row_fn *fn,
               void *ctx);

#endif
