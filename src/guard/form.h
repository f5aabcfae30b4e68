/* Bound input: the fields of a form, declared beside the tables (X_fields.c) and compiled into
 * structs whose members are named after the fields. Values are checked by the field declarations;
 * rules add what only they know. */
#ifndef GUARD_FORM_H
#define GUARD_FORM_H
#include "guard/request.h"

struct input {
    const struct field *field;
    bool required;      /* from the field, or asked by the form */
    struct text raw;    /* as typed, kept when the form comes back */
    struct value value; /* V_NULL: given and empty; V_NONE: not given at all */
    const char *error;  /* msgid, or null */
    struct value error_a;
};

/* How a form asks for one field of its table. */
struct form_field {
    const char *name;
    bool required;     /* though the table allows null */
    bool optional;     /* though the table does not: a rule fills it */
    const char *label; /* msgid instead of the field's own */
    bool secret;       /* a new password: not shown while it is typed, nor when the form comes back */
};

struct form {
    const char *name; /* "person_form" */
    const char *label;
    const struct table *table;
    const struct form_field *fields;
    size_t n;
};

/* The declaration behind the i-th field of a form; the build has proven that it exists. */
const struct field *form_field_of(const struct form *form, size_t i);
/* Empty inputs, ready to be shown. */
void form_begin(const struct form *form, struct input *inputs);
#define FORM_FIELDS(array) .fields = (array), .n = sizeof(array) / sizeof((array)[0])

/* Reads one raw text by its field: trims, checks type, length, code list, date. Sets value or
 * error. Threads and requests play no part, so imports use it too. lists: codes are accepted by
 * code or by label. */
void input_read(struct arena *arena, struct input *in, struct text raw, bool by_label);

/* Does the row exist that an input of a reference names? What refers to persons is left to the rules: only they know whom the
 * viewer may know of. Values that are no reference stand. */
bool form_ref_stands(struct request *rq, const struct input *in);
/* A rule's word beside a field; the form comes back with it (rq_end() says ERR_INPUT). */
void input_reject(struct request *rq, struct input *in, const char *msgid);

#endif
