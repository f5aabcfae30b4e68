/* The Human Services Data Specification of Open Referral, version 3.1 (docs.openreferral.org): its objects as rows of tables, read
 * from and written to JSON (objects inside one another, in a page of the API) and the tabular data package (one CSV for
 * each object, and datapackage.json). What the rows mean to the register is the matter of rooms/catalogue.
 *
 * Strange bytes are read in a child process without rights (`bereg job hsds`): it unpacks, parses, checks every field by the
 * published schema, and answers with rows and findings in a form of ours (hsds_parse reads it). */
#ifndef FORMATS_HSDS_H
#define FORMATS_HSDS_H
#include "base/arena.h"
#include "base/buf.h"

#define HSDS_VERSION "3.1"

enum hsds_table {
    HSDS_ORGANIZATION,
    HSDS_SERVICE,
    HSDS_SERVICE_AT_LOCATION,
    HSDS_LOCATION,
    HSDS_ADDRESS,
    HSDS_PHONE,
    HSDS_SCHEDULE,
    HSDS_SERVICE_AREA,
    HSDS_REQUIRED_DOCUMENT,
    HSDS_LANGUAGE,
    HSDS_COST_OPTION,
    HSDS_ACCESSIBILITY,
    HSDS_SERVICE_CAPACITY,
    HSDS_UNIT,
    HSDS_ATTRIBUTE,
    HSDS_TAXONOMY_TERM,
    HSDS_TAXONOMY,
    HSDS_TABLES, /* of the specification too, but nothing of them is taken over: */
    HSDS_OTHER = HSDS_TABLES
};

enum hsds_type { HSDS_TEXT, HSDS_UUID, HSDS_NUMBER, HSDS_DATE, HSDS_DATETIME, HSDS_TIME, HSDS_EMAIL, HSDS_URI, HSDS_ENUM };

enum { HSDS_FIELDS_MAX = 32, HSDS_FILE_MAX = 64 << 20, HSDS_ROWS_MAX = 200000, HSDS_TEXT_MAX = 20000 };

struct hsds_field {
    const char *name;
    enum hsds_type type;
    int required;       /* 1: everywhere; 2: in the tabular form only (inside an object the place says it) */
    const char *words;  /* HSDS_ENUM: the values, with blanks around each */
    int to;             /* 1 + the table whose id it holds; 0: none */
};
struct hsds_object {
    const char *name, *file; /* "service", "services.csv" */
    const struct hsds_field *fields;
    size_t n;
};
extern const struct hsds_object hsds_objects[HSDS_TABLES];

/* Objects inside others: where, which, and by which column of whose row they hang together. */
struct hsds_inside {
    int parent, child;
    const char *property; /* of the parent's JSON */
    const char *column;   /* single: of the parent, with the child's id; otherwise of the child, with the parent's */
    bool single;
};
extern const struct hsds_inside hsds_insides[];
extern const size_t hsds_n_insides;

struct hsds_row {
    int table;
    int group;          /* rows that are written inside one service have its number; -1: shared */
    struct text file;   /* where it was read; empty of what is written */
    int64_t line;
    struct text value[HSDS_FIELDS_MAX]; /* in the order of the object's fields; empty: absent */
};
/* A finding about a file. wrong: the row does not count; else it is told only. */
struct hsds_finding {
    bool wrong;
    struct text file, field, words; /* words: a msgid; about: what it is about */
    struct text about;
    struct text of; /* id of the object, when it has one */
    int64_t line;
};
struct hsds_set {
    struct arena *arena;
    struct hsds_row *rows;
    size_t n, cap;
    struct hsds_finding *findings;
    size_t n_findings, cap_findings;
};

int hsds_field_at(int table, const char *name); /* -1: none */
/* The value of a field of a row; empty when absent. The name must be one of the object's. */
struct text hsds_get(const struct hsds_row *row, const char *name);
struct hsds_row *hsds_add(struct hsds_set *set, int table, int group);
void hsds_put(struct arena *arena, struct hsds_row *row, const char *name, struct text value);

/* A file (JSON, or a zip of the package) read by `self_exe job hsds`. The answer is text: well-formed UTF-8, to be kept and
 * given to hsds_parse. ERR_IO: there is no child, or it broke down. */
enum err hsds_read(const char *self_exe, struct text bytes, struct text file_name, int seconds, struct arena *arena,
                   struct text *answer, struct fault *fault) MUST;
/* A folder's files as one run of bytes that hsds_read takes. */
void hsds_folder_begin(struct buf *out);
void hsds_folder_add(struct buf *out, struct text name, struct text bytes);
void hsds_parse(struct text answer, struct arena *arena, struct hsds_set *out);

/* A page of the API with all services: {"total_items":…,"contents":[…]}. */
void hsds_write_json(const struct hsds_set *set, struct buf *out);
/* One file of the package, "services.csv" or "datapackage.json"; k from 0, null behind the last. */
const char *hsds_package_file(const struct hsds_set *set, size_t k, struct buf *out);
/* All of them in a zip. */
enum err hsds_write_zip(const struct hsds_set *set, int64_t at, struct buf *out) MUST;

/* The child's side; exit status. */
int hsds_job_main(void);

#endif
