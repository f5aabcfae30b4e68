/* Parsers of what comes from outside: query strings, form bodies, cookies, JSON bodies. They know
 * no connection and no request, so that tests and the fuzzer can drive them. Results live in the
 * arena; text may point into the input. */
#ifndef WEB_PARSE_H
#define WEB_PARSE_H
#include "base/arena.h"

enum { PAIRS_MAX = 5000, PAIR_NAME_MAX = 100 };

/* One name and what was given for it; for an uploaded file `file` is its name and value its bytes.
 */
struct pair {
    struct text name, value;
    struct text file;
    bool is_file;
};

struct pairs {
    struct pair *v;
    size_t n, cap;
};

/* Where and why the input is refused. */
struct parse_fault {
    struct text field;   /* empty: the whole input */
    const char *message; /* msgid */
};

/* %XX (and + as blank when `plus`) decoded; ERR_SYNTAX for a broken escape. The bytes may be any.
 */
enum err parse_percent(struct arena *arena, struct text t, bool plus, struct text *out) MUST;
/* a=1&b=2, as in an address and in application/x-www-form-urlencoded. Values are valid text, CRLF
 * is made LF. */
enum err parse_query(struct arena *arena, struct text t, struct pairs *out,
                     struct parse_fault *fault) MUST;
/* multipart/form-data; `type` is the whole Content-Type. Files keep their bytes, pointing into
 * `body`. */
enum err parse_multipart(struct arena *arena, struct text type, struct text body, struct pairs *out,
                         struct parse_fault *fault) MUST;
/* One JSON object whose members are texts, whole numbers, truth values, null (an emptied field) or
 * lists of these; nesting and repeated names are refused. */
enum err parse_json(struct arena *arena, struct text body, struct pairs *out,
                    struct parse_fault *fault) MUST;
/* Value of a cookie, empty when absent. */
/* Nothing when there are two of the name: one of them was put beside ours by another page of the host, and which is which cannot be seen. */
struct text parse_cookie_alone(struct text header, const char *name);
struct text parse_cookie(struct text header, const char *name);
/* Value of a parameter of a header such as Content-Type or Content-Disposition; quoted or not. */
bool parse_parameter(struct arena *arena, struct text header, const char *name, struct text *out);
/* Does the list header (Accept-Encoding) name this token with a weight above 0? */
bool parse_accepts(struct text header, const char *token);
/* A place inside this site to go on to: one leading "/", no "//", no "/\", printable ASCII. */
bool parse_local_path(struct text t);

enum err pairs_add(struct arena *arena, struct pairs *pairs, struct pair pair) MUST;
const struct pair *pairs_find(const struct pairs *pairs, const char *name); /* the first; null */

#endif
