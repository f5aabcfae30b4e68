/* Runtime of compiled templates: tools/tplcomp writes calls of these. Escaping is decided by place.
 */
#ifndef WEB_TPL_H
#define WEB_TPL_H
#include "base/buf.h"
#include "guard/codes.h"
#include "guard/door.h"
#include "guard/form.h"
#include "web/tr.h"

/* An address made by a page function: always begins with "/", parts percent-encoded. */
struct url {
    struct text t;
};

/* A drawing made by our own writer (formats/): markup that goes to the page as it is. */
struct svg {
    struct text t;
};

struct tpl {
    struct buf *out;
    struct request *rq;
    enum lang lang;
    const char *csrf; /* hidden field of forms */
    const struct role *role;
    bool told; /* the mistakes stand on the page already */
};

/* Bytes of the template itself. */
void tpl_raw(struct tpl *t, const char *s, size_t n);

/* Text between tags: & < > escaped. A hidden value prints its mark; none prints nothing. */
void tpl_text_value(struct tpl *t, struct value v);
void tpl_text_text(struct tpl *t, struct text s);
void tpl_text_z(struct tpl *t, const char *s); /* already translated or data */
void tpl_text_int(struct tpl *t, int64_t i);
void tpl_text_bool(struct tpl *t, bool b);
/* The same where no markup may stand (title, option, svg): a hidden value prints its mark as words.
 */
void tpl_plain_value(struct tpl *t, struct value v);
void tpl_plain_text(struct tpl *t, struct text s);
void tpl_plain_z(struct tpl *t, const char *s);
void tpl_plain_int(struct tpl *t, int64_t i);
void tpl_plain_bool(struct tpl *t, bool b);
/* Inside a quoted attribute: also quotes escaped; a hidden value prints nothing; dates ISO. */
void tpl_attr_value(struct tpl *t, struct value v);
void tpl_attr_text(struct tpl *t, struct text s);
void tpl_attr_z(struct tpl *t, const char *s);
void tpl_attr_int(struct tpl *t, int64_t i);
void tpl_attr_bool(struct tpl *t, bool b);
/* Inside an address attribute after a literal beginning with "/": percent-encoded. */
void tpl_url_value(struct tpl *t, struct value v);
void tpl_url_text(struct tpl *t, struct text s);
void tpl_url_z(struct tpl *t, const char *s);
void tpl_url_int(struct tpl *t, int64_t i);
void tpl_url_bool(struct tpl *t, bool b);
/* A whole address attribute. */
void tpl_url_url(struct tpl *t, struct url u);

#define TPL_PICK(place, t, x)                                                                      \
    _Generic((x),                                                                                  \
        struct value: tpl_##place##_value,                                                         \
        struct text: tpl_##place##_text,                                                           \
        const char *: tpl_##place##_z,                                                             \
        char *: tpl_##place##_z,                                                                   \
        bool: tpl_##place##_bool,                                                                  \
        int: tpl_##place##_int,                                                                    \
        unsigned: tpl_##place##_int,                                                               \
        long: tpl_##place##_int,                                                                   \
        long long: tpl_##place##_int,                                                              \
        unsigned long: tpl_##place##_int)((t), (x))
#define tpl_text(t, x)  TPL_PICK(text, t, x)
#define tpl_plain(t, x) TPL_PICK(plain, t, x)
#define tpl_attr(t, x)  TPL_PICK(attr, t, x)
#define tpl_url(t, x)   TPL_PICK(url, t, x)

/* Truth of a path: a value that is there (hidden counts as there) and not 0; a non-empty text; n !=
 * 0. */
bool tpl_true_value(struct value v);
bool tpl_true_text(struct text s);
bool tpl_true_z(const char *s);
bool tpl_true_int(int64_t i);
bool tpl_true_bool(bool b);
#define tpl_true(x)                                                                                \
    _Generic((x),                                                                                  \
        struct value: tpl_true_value,                                                              \
        struct text: tpl_true_text,                                                                \
        const char *: tpl_true_z,                                                                  \
        char *: tpl_true_z,                                                                        \
        bool: tpl_true_bool,                                                                       \
        int: tpl_true_int,                                                                         \
        unsigned: tpl_true_int,                                                                    \
        long: tpl_true_int,                                                                        \
        long long: tpl_true_int,                                                                   \
        unsigned long: tpl_true_int)((x))
/* {% if x == code %}: equal to a code, a text or a number written in the template. */
bool tpl_is_value(struct value v, const char *z);
bool tpl_is_text(struct text s, const char *z);
bool tpl_is_z(const char *s, const char *z);
bool tpl_is_int(int64_t i, const char *z);
#define tpl_is(x, z)                                                                               \
    _Generic((x),                                                                                  \
        struct value: tpl_is_value,                                                                \
        struct text: tpl_is_text,                                                                  \
        const char *: tpl_is_z,                                                                    \
        char *: tpl_is_z,                                                                          \
        bool: tpl_is_int,                                                                          \
        int: tpl_is_int,                                                                           \
        unsigned: tpl_is_int,                                                                      \
        long: tpl_is_int,                                                                          \
        long long: tpl_is_int,                                                                     \
        unsigned long: tpl_is_int)((x), (z))

/* A translated message with {names}: the template compiler splits nothing, the runtime puts the
 * values in, escaped as text (or as attribute). */
struct tpl_arg {
    const char *name;
    struct value v;
};
struct value tpl_v_value(struct value v);
struct value tpl_v_text(struct text s);
struct value tpl_v_z(const char *s);
struct value tpl_v_int(int64_t i);
#define tpl_v(x)                                                                                   \
    _Generic((x),                                                                                  \
        struct value: tpl_v_value,                                                                 \
        struct text: tpl_v_text,                                                                   \
        const char *: tpl_v_z,                                                                     \
        char *: tpl_v_z,                                                                           \
        bool: tpl_v_int,                                                                           \
        int: tpl_v_int,                                                                            \
        unsigned: tpl_v_int,                                                                       \
        long: tpl_v_int,                                                                           \
        long long: tpl_v_int,                                                                      \
        unsigned long: tpl_v_int)((x))
/* What an argument of a part or layout becomes when the part has declared it as int or text. */
#define tpl_as_int(x)  v_as_int(tpl_v(x))
#define tpl_as_text(x) v_as_text(tpl_v(x))
/* The viewer's role in words. */
const char *tpl_role(struct tpl *t);
void tpl_message(struct tpl *t, bool attr, const char *translated, const struct tpl_arg *args,
                 size_t n);

/* {% field form.x hint=… options=… lines=… %}: label, hint, error, control by the field's type. */
struct tpl_field {
    const struct form *form;    /* with its inputs: */
    const struct input *inputs; /* gives the declaration and the label the form asks with */
    const char *label;          /* translated, instead of the declared one; or null */
    const char *hint;           /* translated, or null */
    const struct rows *options; /* to choose from: first column the id, second the words */
    int lines;         /* textarea of so many lines */
    bool radios;       /* a code list as radios */
    bool hidden;       /* type=hidden */
    const char *width; /* "5", "10", "20": input width in characters */
};
void tpl_field(struct tpl *t, const struct input *in, const char *name, struct tpl_field how);
/* {% errors form %}: the summary of all mistakes of the request, in the order of the page's forms,
 * the named one first. Printed once on a page: a second {% errors %} prints nothing. */
struct tpl_inputs {
    const struct input *v;
    size_t n;
    const struct form *form;
};
/* {% mistake file %}: what rq_mistake() said of a control that is no field of a form. */
void tpl_mistake(struct tpl *t, const char *name);
void tpl_errors(struct tpl *t, const struct tpl_inputs *forms, size_t n);
/* {% csrf %}: hidden fields every POST form carries: token of the session and idempotency key.
 * Nothing before sign-in. */
void tpl_csrf(struct tpl *t);
/* {% may cap %}…{% end %} */
bool tpl_may(struct tpl *t, enum cap cap);
/* {% pager items %}: next page, to the beginning; {% sort items name _("Surname") %}: a heading that
 * sorts; {% export items %}: links to CSV and XLSX of the same list. */
void tpl_pager(struct tpl *t, const struct rows *rows);
void tpl_sort(struct tpl *t, const struct rows *rows, const char *sort, const char *words,
              bool numeric);
void tpl_export(struct tpl *t, const struct rows *rows);
/* {% lines x %}: several lines, line ends as <br>. {% svg x %}: a drawing of our own writer. */
void tpl_lines(struct tpl *t, struct value v);
void tpl_svg(struct tpl *t, struct svg s);

/* JSON of a page: what it has, in order. */
struct json;
/* An object with "masked", null for a row that is not there; an array; fields without braces. */
void tpl_json_row(struct json *j, const struct query *q, const struct value *row);
void tpl_json_rows(struct json *j, const struct query *q, const struct rows *rows);
void tpl_json_row_open(struct json *j, const struct query *q, const struct value *row);
void tpl_json_next(struct json *j, struct text next); /* token of the next page, or null */
/* The values of a form by name. */
void tpl_json_form(struct json *j, const struct input *inputs, size_t n, const struct form *form);

/* What the compiler knows of a page: for the router, OpenAPI, exports. */
enum has_kind {
    HAS_ROW, HAS_ROWS, HAS_FORM, HAS_INT, HAS_TEXT, HAS_BOOL, HAS_VALUE, HAS_URL, HAS_MSG, HAS_SVG
};
struct has {
    const char *name;
    uint8_t kind;
    bool main;     /* its fields stand at the top of the JSON object */
    bool shown;    /* in JSON at all */
    size_t offset; /* in the page struct */
    const struct query *query;
    const struct form *form;
};
struct view {
    const char *name;
    size_t size; /* of the page struct */
    void (*html)(struct tpl *t, const void *page);
    void (*json)(struct json *j, struct tpl *t, const void *page);
    const struct has *has;
    size_t n_has;
};

#endif
