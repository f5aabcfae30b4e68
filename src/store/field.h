/* Tables and fields as data. One declaration gives the DDL of both engines, inputs of forms and their checks,
 * columns of imports, JSON and OpenAPI, the mask of the reading door, the walk of references and the
 * access matrix of the documentation. */
#ifndef STORE_FIELD_H
#define STORE_FIELD_H
#include "base/i18n.h"
#include "base/value.h"

/* What a datum tells about a person. A grant opens classes, a role may see classes (guard/access.h). */
enum data_class {
    CLASS_OPEN = 0, /* tells nothing about a person */
    CLASS_IDENTITY,
    CLASS_CONTACT,
    CLASS_SOCIAL,
    CLASS_FAMILY,
    CLASS_CRIMINAL,
    CLASS_SPENT,
    CLASS_HEALTH,
    CLASS_HIV,
    CLASS_ADDICTION,
    CLASS_MENTAL,
    CLASS_VIOLENCE,
    CLASS_EMPLOYMENT,
    CLASS_FINANCE,
    CLASS_COUNT
};

/* Sets of classes are bits; the open class needs none. */
#define CLASS_BIT(c) ((c) == CLASS_OPEN ? 0u : 1u << (c))
enum { CLASS_ALL = (1 << CLASS_COUNT) - 2 };

extern const char *const class_names[CLASS_COUNT];  /* "open", "identity", ... */
extern const char *const class_labels[CLASS_COUNT]; /* msgids */
enum err class_parse(struct text name, enum data_class *out) MUST;
/* "identity contact" -> bits; "all" and "none" too. */
enum err classes_parse(struct text names, uint32_t *bits) MUST;

enum field_type {
    FIELD_ID,      /* bigint, primary key, given by the engine */
    FIELD_INT,     /* bigint */
    FIELD_CLASSES, /* bigint: bits of classes, stored sealed (guard/seal.h) */
    FIELD_BOOL,    /* bigint 0 or 1 */
    FIELD_TEXT,    /* UTF-8, at most `max` characters; `lines` allows line ends */
    FIELD_CODE,    /* text: a code of list `list` */
    FIELD_DATE,    /* SQLite: ISO text; PostgreSQL: date */
    FIELD_INSTANT, /* bigint, microseconds UTC */
    FIELD_REF,     /* bigint: id of table `ref` */
    FIELD_SNILS,   /* text of 11 digits with a right check number */
    FIELD_IIN,     /* text of 12 digits, Kazakhstan */
    FIELD_PHONE    /* text, E.164 */
};

/* What becomes of a number that names a person when his two cards are joined (rooms/duplicates). */
enum when_merged {
    MERGE_MOVES,    /* names the person kept from then on */
    MERGE_STAYS,    /* a log: whom it was written for */
    MERGE_COMPUTED  /* follows from other rows, and is made anew from them */
};

struct field {
    const char *name;
    enum field_type type;
    enum data_class cls;
    const char *label;      /* msgid; null for what people never see */
    int max;                /* characters of text; greatest number of FIELD_INT; 0: the type's own limit */
    const char *list;       /* FIELD_CODE: name of the code list */
    const char *ref;        /* FIELD_REF: name of the table */
    const char *number_of;  /* FIELD_INT: holds numbers of this table without a reference, which would keep its rows */
    enum when_merged when_merged; /* of a reference to, or a number of, a person */
    const char *class_from; /* name of a field of the same row with the bits of its classes */
    bool required;          /* not null, and a form must have it */
    bool yields;            /* FIELD_REF: keeps nobody from being destroyed; the room drops it (hook person_erased) */
    bool lines;             /* text of several lines */
    bool past;              /* a date that cannot lie in the future */
    bool sealed;            /* stored sealed (guard/seal.h): always; a code with class_from when it tells a sealed class */
    bool discloses;         /* tells by its very name (AIDS centre): masked by the classes its body discloses */
    const char *initial;    /* SQL literal of the default, for columns added later */
};

struct index {
    const char *name;
    const char *columns; /* "body_id, name_key, person_id" */
    bool unique;
    bool filled; /* only of rows whose first column of these is not null */
};

struct table {
    const char *name;
    const char *label; /* msgid, singular: "Person" */
    const struct field *fields;
    size_t n_fields;
    const char *key;             /* primary key when it is not `id`: "body_id, person_id" */
    const struct index *indexes; /* ends with a null name */
    bool insert_only;            /* UPDATE and DELETE are refused by trigger */
    const char *drops;           /* but rows may go whose `at` lies before the instant in this row of `setting` */
};

#define TABLE_FIELDS(array) .fields = (array), .n_fields = sizeof(array) / sizeof((array)[0])
#define INDEXES(...)        .indexes = (const struct index[]){__VA_ARGS__, {0}}

/* The fields every changeable row has. */
#define FIELD_ROW_ID {"id", FIELD_ID, .label = N_("Number in the register")}
#define FIELD_VERSION {"version", FIELD_INT, .required = true, .initial = "1"}

/* The kind in which a field is read. */
enum value_kind field_kind(const struct field *f);
int table_field(const struct table *t, struct text name); /* index, or -1 */

#endif
