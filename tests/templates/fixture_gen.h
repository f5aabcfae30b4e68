/* What querycomp would write for a room: two queries, a rule's query, a form. */
#ifndef FIXTURE_GEN_H
#define FIXTURE_GEN_H
#include "guard/door.h"
#include "guard/form.h"

enum { person_card_showable = 1, case_list_showable = 1, body_names_showable = 1 };

union person_card_row {
    struct value v[9];
    struct {
        struct value id, family_name, given_name, birth_date, hiv_status, seen_at, sex, note, bits;
    };
};
extern struct query person_card_query;

union case_list_row {
    struct value v[4];
    struct {
        struct value id, number, state, due;
    };
};
struct case_list_rows {
    union {
        struct rows rows;
        struct {
            size_t n;
            union case_list_row *row;
            struct text next;
            const struct query *query;
        };
    };
};
extern struct query case_list_query;
enum { CASE_LIST_BY_NUMBER, CASE_LIST_BY_DUE };

union body_names_row {
    struct value v[2];
    struct {
        struct value id, name;
    };
};
struct body_names_rows {
    union {
        struct rows rows;
        struct {
            size_t n;
            union body_names_row *row;
            struct text next;
            const struct query *query;
        };
    };
};
extern struct query body_names_query;

/* A query of rules: no body_names_showable of it. */
union secret_rule_row {
    struct value v[1];
    struct {
        struct value id;
    };
};
extern struct query secret_rule_query;

struct person_form {
    union {
        struct input v[9];
        struct {
            struct input family_name, birth_date, sex, body, note, snils, agreed, phone, count;
        };
    };
};
extern const struct form person_form;

#endif
