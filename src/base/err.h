/* Errors of functions, and the place where a human-readable reason is kept.
 * A user's mistake (a wrong date in a form) is not an error but a value: guard/request.h. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST __attribute__((warn_unused_result))
#define PRINTF(a, b) __attribute__((format(printf, a, b)))

enum err {
    OK = 0,
    ERR_INPUT,     /* the user's mistakes are listed in the request */
    ERR_NOT_FOUND, /* there is none, or it is not the viewer's: outside both look alike */
    ERR_FORBIDDEN, /* the role may not do this at all */
    ERR_STALE,     /* the row has a newer version than the one the change was made from */
    ERR_CONFLICT,  /* a uniqueness or a state stands against it */
    ERR_REFUSED,   /* a rule or a hook said no; the reason is in the request */
    ERR_BUSY,      /* try again: locked, or a queue is full */
    ERR_LIMIT,     /* larger than a declared maximum */
    ERR_SYNTAX,    /* bytes that do not parse */
    ERR_IO,        /* file or network */
    ERR_FULL,      /* no space on the disk: nothing was stored */
    ERR_STORE,     /* the database said no for another reason */
    ERR_INTERNAL   /* a defect of this program */
};

/* Constant name such as "not_found"; for logs and tests. */
const char *err_name(enum err err);

/* Why something failed, in words for the person at the command line (English, one line). */
struct fault {
    enum err err;
    char text[400];
};

/* Sets fault (may be null) and returns err, so that `return fault_set(f, ERR_IO, ...)` reads well. */
enum err fault_set(struct fault *fault, enum err err, const char *fmt, ...) PRINTF(3, 4);

#endif
