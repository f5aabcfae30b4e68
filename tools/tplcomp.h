/* The template compiler's own header. tplcomp.c: files and their has lines; tplcomp_html.c: where
 * in HTML we are; tplcomp_path.c: names; tplcomp_stmt.c, tplcomp_element.c: statements;
 * tplcomp_view.c: heads of files, structs, JSON; tplcomp_emit.c: writing of C. */
#ifndef TOOLS_TPLCOMP_H
#define TOOLS_TPLCOMP_H
#include "base/buf.h"
#include "tpl_lex.h"

/* ---- writing of C -------------------------------------------------------------------------- */

struct emit {
    struct buf out;
    struct buf raw;   /* bytes of the template not yet written */
    const char *path; /* of the template */
    int line;         /* what the C compiler takes the next line of C for; 0: its own */
    int indent;
};
void emit_raw(struct emit *e, const char *s, size_t n);
void emit_flush(struct emit *e);
/* A line of C that belongs to a line of the template. */
void emit_c(struct emit *e, int line, const char *fmt, ...) PRINTF(3, 4);
/* Lines that belong to no template. */
void emit_own(struct emit *e, const char *fmt, ...) PRINTF(2, 3);
/* A C string literal with its quotes. */
void emit_literal(struct buf *b, struct text t);

/* ---- place in HTML ------------------------------------------------------------------------- */

enum html_state { H_TEXT, H_TAG_NAME, H_TAG, H_ATTR_NAME, H_BEFORE_VALUE, H_VALUE, H_RCDATA };
enum attr_kind { ATTR_PLAIN, ATTR_ADDRESS, ATTR_LITERAL /* takes no values */ };
enum { OPEN_MAX = 64, NAME_MAX_LEN = 31, ATTRS_MAX = 32 };

struct html {
    const char *path;
    enum html_state state;
    int depth;
    struct open {
        char name[NAME_MAX_LEN + 1];
        int line;
    } open[OPEN_MAX];
    char tag[NAME_MAX_LEN + 1]; /* being opened */
    char attr[NAME_MAX_LEN + 1];
    char attrs[ATTRS_MAX][NAME_MAX_LEN + 1]; /* of this tag so far */
    int n_attrs;
    enum attr_kind kind;
    char quote;
    int begun;       /* address: 0 nothing yet, 1 a single "/", 2 begun */
    bool need_blank; /* in a tag: a blank must stand before the next attribute */
    bool closing;    /* in a tag: "/" was read */
    bool post, csrf; /* the form being open: its method, and whether it carries {% csrf %} */
    bool blank;      /* the last byte written was a blank of text */
};

enum place { PLACE_TEXT, PLACE_PLAIN, PLACE_ATTR, PLACE_URL_START, PLACE_URL };

void html_feed(struct html *h, struct emit *e, const struct token *token);
/* Where a value stands; a place that takes none is refused. */
enum place html_place(struct html *h, int line);
/* A statement that writes elements stands here. */
void html_block(struct html *h, int line, const char *what);
/* A statement that branches stands here: ends a name just being read. */
void html_pause(struct html *h, struct emit *e, int line);
/* A value was written. */
void html_wrote(struct html *h);
/* Null when both are the same place; otherwise what differs. */
const char *html_differs(const struct html *a, const struct html *b);
/* What holds after either of two branches. */
void html_join(struct html *into, const struct html *other);
void html_end(const struct html *h);
/* Elements whose blanks between children mean nothing. */
bool html_loose(const struct html *h);

/* ---- names --------------------------------------------------------------------------------- */

enum has_type {
    TYPE_ROW,
    TYPE_ROWS,
    TYPE_FORM,
    TYPE_INT,
    TYPE_TEXT,
    TYPE_BOOL,
    TYPE_VALUE,
    TYPE_URL,
    TYPE_MSG,
    TYPE_SVG
};
enum { HAS_MAX = 48, EACH_MAX = 8, USE_MAX = 12, CALLS_MAX = 40 };

struct has_line {
    const char *name;   /* as in the template */
    const char *member; /* in C */
    const char *type;   /* query or form */
    enum has_type kind;
    bool main, quiet, json;
    int line;
};

enum file_kind { FILE_NONE, FILE_PAGE, FILE_PART, FILE_LAYOUT };

struct file {
    const char *path;
    const char *base; /* without folders, for comments */
    enum file_kind kind;
    const char *name;
    struct has_line has[HAS_MAX];
    int n_has;
    const char *layout;      /* of a page: {% in X … %} */
    const char *layout_args; /* C initializers */
    int layout_line;
    const char *calls[CALLS_MAX]; /* parts by name */
    int n_calls;
    const char *uses[USE_MAX];
    int n_uses;
};

/* {% each x in … %} that are open. */
struct each {
    const char *name;
    const char *query;
};

enum shape { SHAPE_VALUE, SHAPE_ROW, SHAPE_ROWS, SHAPE_FORM, SHAPE_MSG, SHAPE_URL, SHAPE_SVG };
struct path {
    enum shape shape;
    const char *c;       /* C expression: a value, or the thing itself (not its address) */
    const char *address; /* C expression of the address: row, rows, form */
    const char *type;    /* query or form; also of a field of a form */
    const char *field;   /* field of a form: its name; otherwise null */
    const char *form;    /* and the form */
};

/* A statement that waits for its {% end %}. */
enum frame_kind { FRAME_IF, FRAME_MAY, FRAME_EACH };
enum { FRAMES_MAX = 24 };
struct frame {
    enum frame_kind kind;
    int line;
    bool last;         /* {% else %} or {% empty %} was seen */
    bool closed;       /* `after` holds the end of a branch */
    const char *list;  /* FRAME_EACH: C expression of its length */
    struct html start; /* before the first branch */
    struct html after; /* what holds after the branches so far */
};

struct compiler {
    struct arena *arena;
    const char *room;
    struct buf header, source;
    struct emit e;
    struct file *file;
    struct html html;
    struct each each[EACH_MAX];
    int n_each;
    struct frame *frames;
    int n_frames;
    const struct file *layout; /* of --layout, or null */
    bool content;              /* something was written already */
    bool body;                 /* the layout's {% body %} was seen */
};

bool known_name(const struct compiler *c, struct text name);
struct path path_of(struct compiler *c, const struct word *w);
/* The name in C: keywords of C get a "_" behind. */
const char *member_name(struct arena *arena, struct text name);
bool name_good(struct text name); /* [a-z][a-z0-9_]* */
const char *upper(struct arena *arena, const char *name);

/* ---- statements ---------------------------------------------------------------------------- */

void statement(struct compiler *c, const struct token *token);
void value(struct compiler *c, const struct token *token);
void statements_end(struct compiler *c); /* all closed? */
/* {% page %}, {% has %}, {% use %}, {% in %}: false when it is another statement. */
bool head_statement(struct compiler *c, const struct word *w);
/* {% field %}, {% part %} and the other statements that write elements: false when it is another.
 */
bool element_statement(struct compiler *c, const struct word *w);
_Noreturn void mistake(const struct compiler *c, const struct word *w, const char *fmt, ...)
    PRINTF(3, 4);
bool word_is(const struct word *w, const char *z);
void no_more(const struct compiler *c, const struct word *w);
/* A value given to an argument: _("words"), "words", a path, a number or a bare word. Moves on
 * behind it. */
const char *argument(struct compiler *c, const struct word **w);
const char *translated(struct compiler *c, const struct word **w); /* _("words") */
const char *literal(struct compiler *c, struct text t);
void begin_content(struct compiler *c); /* the first thing of a page is about to be written */

/* The struct, the JSON function, the table of what a page has. */
void declare_file(struct compiler *c);
void define_view(struct compiler *c);

#endif
