/* The query compiler: reads a room's .sql, proves what its headers say, writes C.
 *
 *     query_parse.c   file -> struct query_src: headers, lines, parameters, sorts
 *     query_select.c  tokens of one variant -> selects, their result items, tables they read from
 *     query_reads.c   what SQLite reports of a variant, and which of its reads are result and which
 * are filter query_prove.c   the rules query_about.c   the rules about whose row it is query_emit.c
 * generated header and source */
#ifndef TOOLS_QUERYCOMP_H
#define TOOLS_QUERYCOMP_H
#include "base/arena.h"
#include "base/buf.h"
#include "guard/door.h"
#include "guard/form.h"

enum { MAX_COLUMNS = 120, MAX_SORTS = 12, MAX_KEYS = 3, MAX_TABLES = 400, MAX_VARIANT = 64 * 1024 };

/* ---- errors: printed as file:line: query NAME: message, counted ---- */

struct sink {
    struct buf text;
    int count;
};
extern struct sink sink;

struct query_src;
/* Returns false, so that checks can end with it. line 0: the line of the header. */
bool wrong(const struct query_src *q, int line, const char *fmt, ...) PRINTF(3, 4);

/* ---- tokens ---- */

enum tok_kind {
    TOK_END,
    TOK_WORD,
    TOK_QUOTED,
    TOK_STRING,
    TOK_NUMBER,
    TOK_PARAM,
    TOK_PART,
    TOK_OP
};

struct tok {
    enum tok_kind kind;
    const char *s; /* in the scanned text; TOK_PARAM without the colon, TOK_PART without braces */
    int n;
    int at;    /* offset of its first byte in the scanned text */
    int depth; /* parentheses open around it; a parenthesis itself has the outer depth */
    int line;
};

struct toks {
    int n; /* without the TOK_END behind them */
    struct tok *t;
};

/* Null, or what is wrong and in *line where. `text` is NUL-terminated and outlives the tokens. */
const char *toks_scan(struct arena *arena, const char *text, struct toks *out, int *line);
bool tok_is(const struct tok *t, const char *lower); /* word (any case) or operator */
struct text tok_text(const struct tok *t); /* identifiers without quotes */

/* ---- a query as written ---- */

enum src_kind { SRC_VIEWER, SRC_RULE, SRC_COUNT, SRC_WRITE };

struct src_line {
    const char *code; /* one line without comment */
    int line;
    int if_arg; /* -1: always there */
};

struct src_about {
    const char *prefix; /* "" for the first */
    const char *id, *bits, *recheck;
};

struct src_column { /* column: line */
    const char *name, *label, *list, *from;
    uint8_t kind, cls;
    int line;
    bool used;
};

struct src_pair { /* discloses: line */
    const char *column, *body;
    int line;
};

struct src_sort {
    const char *name;
    const char *key[MAX_KEYS];
    int n_keys;
    bool desc, unindexed;
    int line;
    uint8_t key_kind[MAX_KEYS];
};

struct column_out {
    struct column c;
    bool own_label;            /* from the header: goes to the catalogue */
    const struct table *table; /* declared field it comes from, or null */
    const struct field *field;
    bool declared; /* has a column: line */
};

struct query_src {
    const char *file, *room, *name;
    int line;
    enum src_kind kind;
    bool kind_given;
    bool one, maybe, about_none;
    int n_about;
    struct src_about about[2];
    uint32_t uses;
    const char *owner, *scan;
    int page;
    int n_decls, n_discloses, n_internal, n_sorts, n_lines, n_args;
    struct src_column decls[MAX_COLUMNS];
    struct src_pair discloses[MAX_COLUMNS];
    const char *internal[MAX_COLUMNS];
    struct src_sort sorts[MAX_SORTS];
    struct src_line *lines;
    const char *args[ARG_MAX];
    bool optional[ARG_MAX]; /* some line hangs on it */
    bool bound[ARG_MAX];    /* stands as a parameter */
    uint32_t door_args;     /* 1 << (ARG_… - ARG_MAX) of those it mentions */
    bool has_keys, has_after, has_order;
    /* found by the proof */
    int n_columns;
    struct column_out columns[MAX_COLUMNS];
};

/* The queries of the files parsed so far. */
struct room_src {
    int n;
    struct query_src **q;
};

/* Adds those of a file. False after errors (some queries may still be there). */
bool file_parse(struct arena *arena, const char *path, const char *room, struct room_src *out);
int door_arg(struct text name); /* ARG_…, or -1 when the name is not the door's */
const struct src_column *decl_named(const struct query_src *q, const char *name);

/* One text of a query: which optional lines are in, which sort, whether it goes on after a place.
 */
struct variant {
    uint64_t on; /* bits of optional arguments */
    int sort;    /* -1: none */
    bool after;
    bool keys; /* false: {keys} is left out, for the proof */
};
/* How parameters are written. */
enum param_style { PARAM_NAMED, PARAM_DOLLAR, PARAM_QUESTION };
const char *variant_text(struct arena *arena, const struct query_src *q, struct variant v,
                         enum param_style style);

/* ---- the shape of one variant ---- */

struct item {
    int from, to;      /* tokens [from, to) */
    struct text alias; /* name it gives, empty when none */
    bool plain;        /* nothing but a column */
    struct text q, col;
};

struct inst { /* a table or subquery in a FROM clause */
    int sel, tok;
    struct text alias, table;
    int sub;    /* the select it is, or -1 */
    bool outer; /* of a left join: may be absent */
};

struct sel {
    int parent;
    int tok, depth;
    int end;    /* token after its core */
    bool chain; /* reaches the result through FROM and WITH only: its list may be emptied for the
                   proof */
    bool fixed; /* its list may not be emptied: INTERSECT, EXCEPT, names given by WITH x(...) */
    bool compound;
    int first; /* first arm of its compound; itself when alone */
    int from_tok;
    struct text cte; /* its name in WITH, when it gives no names of its own */
    int n_items;
    struct item *items;
};

struct shape {
    struct toks toks;
    int n_sels, n_insts, cap_sels, cap_insts;
    struct sel *sels;
    struct inst *insts;
    bool compound; /* UNION, INTERSECT or EXCEPT stands somewhere */
    int top;       /* first select of the result; WITH may stand before it */
};

/* Null or what is wrong. */
const char *shape_read(struct arena *arena, const char *text, struct shape *out, int *line);
/* Is the run of tokens [i, j) one of the conditions that WHERE or ON join by AND? *outer: the
 * instance that the ON's left join brings, for then it restricts only that. Selects that are no way
 * to the result count only around `within`. */
enum { NO_OUTER = -1, UNKNOWN_OUTER = -2 };
bool shape_conjunct(const struct shape *sh, int i, int j, int within, int *outer);
/* Does a condition of that kind restrict this instance? */
bool shape_restricts(const struct shape *sh, int inst, int outer);
/* The subquery an instance is, or -1; a WITH that is read from once counts as one. */
int shape_select_of(const struct shape *sh, const struct inst *in);
int shape_sel_at(const struct shape *sh, int tok); /* innermost select around a token */
/* Instance a qualifier means inside a select, or -1. Empty qualifier: the only instance there is.
 */
int shape_inst(const struct shape *sh, int sel, struct text q);
/* Follows a plain column through subqueries in FROM to an instance of a table, or of a UNION in
 * FROM. False when it cannot be told. */
bool shape_resolve(const struct shape *sh, int sel, const struct item *it, int *inst,
                   struct text *col);
/* Does a condition of this select drop rows of the result (and not only rows of a left join)? */
bool shape_filters(const struct shape *sh, int sel);
int shape_count(const struct shape *sh, const char *table); /* how often it is read from */
/* When a is there, does it equal b in every row, by a chain of conditions X.c = Y.d? */
bool shape_equal(const struct shape *sh, int inst_a, struct text col_a, int inst_b,
                 struct text col_b);

/* ---- what the engine says ---- */

struct read {
    const struct table *table;
    const struct field *field;
};

struct reads {
    int n, cap;
    struct read *r;
};

struct prepared {
    struct reads reads;
    struct reads written; /* columns that an update sets; field null: rows are deleted */
    int n_columns;
    const char **names;
    struct read *origin; /* per column; table null when there is none */
    const char *error;
};

bool engine_open(void);
void engine_close(void);
/* error is set when the engine or the authorizer refused. */
void engine_prepare(struct arena *arena, const char *sql, bool write, struct prepared *out);
extern const struct table *tables[MAX_TABLES];
extern int n_tables;
const struct table *table_named(struct text name);

/* Reads outside of the result (conditions, joins, orders). */
bool reads_outside(struct arena *arena, const char *text, const struct shape *sh,
                   struct reads *out);
/* Reads that result column k is made of, beyond those. */
bool reads_of_column(struct arena *arena, const char *text, const struct shape *sh, int k,
                     const struct reads *outside, struct reads *out);

struct proof {
    struct arena *arena;
    struct query_src *q;
    const char *text;
    struct shape shape;
    struct prepared prepared;
};

bool query_prove(struct arena *arena, struct query_src *q);
int column_index(const struct query_src *q, const char *name); /* of the result, or -1 */
bool is_person_ref(const struct table *t, const struct field *f);
bool is_body_ref(const struct table *t, const struct field *f);
/* Which item of an arm's list a column is, followed to the table it comes from. */
bool follow(const struct proof *p, int arm, int k, int *inst, struct text *col);
/* Id, bits and recheck_at come from one row of access, of the viewer's body and that very person.
 */
bool prove_about(struct proof *p, int a, int arm);
/* A classed value belongs to the person the row is about, as far as its table names a person. */
bool prove_same_person(struct proof *p, int k, int arm);
bool prove_discloses(struct proof *p, int k, const struct reads *made_of);
/* What is stored sealed is only shown, or compared as a code with an argument. */
bool prove_sealed(struct proof *p);
/* `(a.bits & :role_bits & x.classes) = x.classes & :plain_classes` stands for every instance of the field's table.
 */
bool rows_bound(const struct proof *p, const struct read *r);
int about_of(const struct query_src *q, const char *name); /* 0, 1, or -1 in queries about nobody */
/* All variants that are proven; returns their number, at most max. */
int query_variants(const struct query_src *q, struct variant *out, int max);

/* ---- what is written ---- */

struct room_decls {
    const char *name;
    const struct table *const *tables;
    const struct form *const *forms;
};
bool emit_header(struct buf *out, const struct room_src *f, const struct room_decls *room);
void emit_source(struct buf *out, const struct room_src *f, const char *header_name);
void emit_variants(struct arena *arena, struct buf *out, const struct query_src *q);
bool c_word(struct text name); /* a reserved word of C */

#endif
