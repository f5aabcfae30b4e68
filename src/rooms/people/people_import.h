/* Lists that bodies bring as CSV or XLSX. A kind of list is a target: its columns, how a row is
 * checked, applied and taken back. The engine (people_import*.c) reads the file, keeps the rows in
 * the staging table, and runs the target in slices of at most 100 ms, so that others write between
 * them; the command line runs it without staging. Rooms declare their targets by IMPORT_TARGET; the
 * linker collects them, as it does with routes. */
#ifndef ROOMS_PEOPLE_PEOPLE_IMPORT_H
#define ROOMS_PEOPLE_PEOPLE_IMPORT_H
#include "people_gen.h"
#include <stdio.h>

enum row_state {
    ROW_NEW,
    ROW_KNOWN,
    ROW_SAME /* known, and nothing to change */,
    ROW_DOUBTFUL,
    ROW_FAULTY
};

/* A column that a kind of list may have. `name` is a code of list import_field: its labels and its
 * property `also` are the headings that are understood. */
struct import_field {
    const char *name;
    const struct table
        *table;         /* read by this declaration; null: plain text of at most 250 characters */
    const char *column; /* null: the same name */
    bool required;      /* the file must have the column */
    bool filled;        /* and every row something in it */
};

struct import_run;
struct import_line;

struct import_target {
    const char *kind;
    const struct import_field *fields;
    size_t n_fields;
    /* What is wrong with the columns as a whole, beside missing ones: msgid with {a}, or null. May
     * be null. */
    const char *(*mapped)(const struct import_run *run, struct text *a);
    /* Once per slice, inside its change or without one: lists the rows need, into run->own. May be
     * null. */
    void (*open)(struct import_run *run);
    /* Reads the cells, and finds out what the row is. Sets state, key, who, person; import_wrong()
     * for a fault. */
    void (*check)(struct import_run *run, struct import_line *line);
    /* Inside a change; check() has just run in it. For doubtful rows line->decision tells what to
     * do. Sets line->person, line->applied. Appends events for what it changes. */
    void (*apply)(struct change *ch, struct import_run *run, struct import_line *line);
    /* Takes back at most `limit` things of the import; 0 when nothing is left. */
    size_t (*undo)(struct change *ch, int64_t import, size_t limit);
};

#define IMPORT_TARGET(target)                                                                      \
    static const struct import_target *const target##_entry                                        \
        __attribute__((used, section("bereg_imports"))) = &(target);

enum { IMPORT_FIELDS_MAX = 40, IMPORT_MEMO = 32, IMPORT_COLUMNS_MAX = 256 };

struct import_run {
    struct request *rq;
    const struct import_target *target;
    int64_t id; /* 0: without a record of its own (dry run) */
    int64_t body;
    struct text list, category, channel; /* of everybody in the list; empty: as the rows say */
    struct text headings[IMPORT_COLUMNS_MAX];
    size_t n_columns;
    int column_of[IMPORT_FIELDS_MAX]; /* of the target's field, -1: the file has none */
    bool staged;                      /* rows stand in import_row */
    void *own;                        /* the target's, lives as long as the slice's arena */
    /* Values of codes read lately, so that a label is looked up once and not in each row. */
    struct import_memo {
        const struct field *field;
        struct text raw;
        struct value value;
    } memo[IMPORT_MEMO];
    size_t memo_next;
    char memo_room[IMPORT_MEMO][256];
};

struct import_line {
    int64_t id, number; /* of import_row (0: none), line of the file */
    const struct text *cells;
    size_t n;
    struct text decision; /* code, empty: none */

    enum row_state state;
    int field;          /* index in the target's fields, -1 */
    const char *reason; /* msgid */
    struct text cell;   /* as it stood in the file */
    struct text who, key;
    bool differs; /* known, but other than the register: same takes the file's values */
    int64_t person;
    bool applied;       /* apply(): something was done, or nothing had to be */
    struct text before; /* apply(): changed fields, see import_row.before */
    void *own;
};

/* ---- for targets ---- */

/* The cell of a field; empty when the file has no such column. Trimmed. */
struct text import_cell(const struct import_run *run, const struct import_line *line, int field);
/* The same read by its declaration. V_NULL when empty; V_NONE when the role may not write it, or on
 * a fault: then the line becomes faulty. */
struct value import_value(struct import_run *run, struct import_line *line, int field);
void import_wrong(struct import_line *line, int field, const char *msgid);
/* Values looked up in lists; the value must live as long as the run. */
struct import_memo *import_memo_find(struct import_run *run, const struct field *field,
                                     struct text raw);
void import_memo_keep(struct import_run *run, const struct field *field, struct text raw,
                      struct value value);
/* "Лаптев Игорь Сергеевич, 12.03.1985": how a row is called in the preview. */
struct text import_who(struct arena *arena, struct text family, struct text given,
                       struct text patronymic, struct value birth_date);
int import_field_at(const struct import_target *target, const char *name); /* -1: none */

/* ---- the command line ---- */

struct import_options {
    const char *list; /* null: "" */
    const char *category,
        *channel;    /* codes, for everybody when the file has no such column; null: none */
    const char *map; /* file of lines "heading = field"; "-" leaves a column out */
    const char
        *report; /* file for rows that were not taken, with a column of reasons; null: none */
    bool dry_run;
};
/* Reads, checks and applies a whole file as rq's viewer; tells the result on out. */
enum err import_file(struct request *rq, const char *kind, const char *path,
                     const struct import_options *options, FILE *out, struct fault *fault) MUST;

/* ---- people_import*.c among themselves ---- */

const struct import_target *import_target_of(struct text kind); /* null: unknown */
const struct import_target *const *import_targets(size_t *n);

/* A heading as it is compared: folded, without signs and what stands in brackets. */
struct text import_heading_key(struct arena *arena, struct text heading);
/* Which field each heading is; -1: not taken. What is wrong comes back as msgid with {a}, null:
 * nothing. `fields` may be given for some columns already (-2: find out by the heading). */
const char *import_map(struct arena *arena, const struct import_target *target,
                       const struct text *headings, size_t n, int *fields, struct text *a);
/* The column, from 1, that a faulty row is faulty at; 0 when it is none of the file. */
size_t import_column_of(const struct import_run *run, const struct import_line *line);
struct text import_heading_at(const struct import_run *run, size_t column);
/* Turns the columns' fields round, and asks the target. */
const char *import_map_run(struct import_run *run, const int *fields, struct text *a);

/* Rows of the staging table. Cells divided by U+001F. */
enum { CELL_SEP = 0x1f };
struct text import_join(struct arena *arena, const struct text *cells, size_t n);
size_t import_split(struct arena *arena, struct text joined, const struct text **cells);

/* Steps. They open and close changes of their own, at most 100 ms each. */
struct import_upload {
    const struct import_target *target;
    struct text list, file_name, bytes, category, channel;
    bool by_hand; /* the columns will be matched by hand before anything is checked */
};
/* Reads the file into the staging table; the new import, 0 after a failure (then mistakes stand at
 * the field "file"). `done` is called inside the change that makes it whole. */
int64_t import_stage(struct request *rq, const struct import_upload *u,
                     void (*done)(struct request *rq, int64_t import));
/* Goes on with what is to be done for an import, at most so long; true when nothing is left. */
bool import_work(struct request *rq, int64_t import, int64_t budget_us);
/* All that wait; as their authors. */
void import_job(struct request *rq);
void import_remap(struct request *rq, int64_t import, const int64_t *columns,
                  const struct text *fields, size_t n);
void import_apply_start(struct request *rq, int64_t import);
void import_cancel(struct request *rq, int64_t import);
/* Faulty and doubtful rows as a CSV with a column of reasons. */
struct buf;
void import_report(struct request *rq, int64_t import, bool doubtful, struct buf *out);
const char *import_state_code(enum row_state state);

#endif
