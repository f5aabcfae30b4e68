/* One cell: what a column of a row, an argument of a query or a field of a change holds. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H
#include "base/text.h"

enum value_kind {
    V_NONE = 0, /* read: null. argument: not given. change: leave as it is */
    V_NULL,     /* change only: store null */
    V_INT,
    V_TEXT,
    V_DATE,    /* i: days since 1970-01-01 */
    V_INSTANT, /* i: microseconds UTC since 1970-01-01 */
    V_CODE,    /* t: the code; list: number of the code list, for its label */
    V_HIDDEN   /* no content; cls: the class the viewer lacks */
};

struct value {
    uint8_t kind;
    uint8_t cls;   /* V_HIDDEN: enum data_class (store/field.h) */
    uint16_t list; /* V_CODE: index of the list in the register's code lists, 0 unknown */
    uint32_t n;    /* V_TEXT, V_CODE: length */
    union {
        int64_t i;
        const char *s;
    };
};

static inline struct value v_int(int64_t i)
{
    return (struct value){.kind = V_INT, .i = i};
}
static inline struct value v_date(int64_t days)
{
    return (struct value){.kind = V_DATE, .i = days};
}
static inline struct value v_instant(int64_t us)
{
    return (struct value){.kind = V_INSTANT, .i = us};
}
static inline struct value v_text(struct text t)
{
    return (struct value){.kind = V_TEXT, .n = (uint32_t)t.n, .s = t.s};
}
static inline struct value v_z(const char *z)
{
    return z ? v_text(text_of(z)) : (struct value){.kind = V_NONE};
}
static inline struct value v_null(void)
{
    return (struct value){.kind = V_NULL};
}
/* Null instead of an empty text: what an emptied form field stores. */
static inline struct value v_text_or_null(struct text t)
{
    return t.n ? v_text(t) : v_null();
}

static inline bool v_is(struct value v)
{
    return v.kind != V_NONE && v.kind != V_NULL;
}
static inline struct text v_as_text(struct value v)
{
    return v.kind == V_TEXT || v.kind == V_CODE ? (struct text){v.s, v.n} : (struct text){"", 0};
}
static inline int64_t v_as_int(struct value v)
{
    return v.kind == V_INT || v.kind == V_DATE || v.kind == V_INSTANT ? v.i : 0;
}
bool v_eq(struct value a, struct value b); /* text and code compare by bytes */

#endif
