/* What is wrong with an installation, in words for who runs it: `bereg doctor`, and the administrator's page of the system. */
#ifndef GUARD_DOCTOR_H
#define GUARD_DOCTOR_H
#include "base/i18n.h"
#include "guard/request.h"

/* msgids; detail: what they are about (a path, a number, a name), may be empty. */
struct finding {
    bool bad; /* must be mended; else it should be looked at */
    const char *what, *why, *todo;
    struct text detail;
};
typedef void finding_fn(void *ctx, const struct finding *f);

/* All that can be seen from the register and its machine. thorough: also what takes a second (passwords). */
void doctor_look(struct request *rq, bool thorough, finding_fn *found, void *ctx);
/* Of a register that does not open: why, in the words of the program. */
extern const struct finding doctor_schema, doctor_empty, doctor_foreign, doctor_opens, doctor_writes, doctor_packs, doctor_mail, doctor_scanner;

/* What a node serves by, which the job guard.node notes in the register for doctors elsewhere. */
void doctor_node_is(const char *listen, bool demo);
void doctor_node(struct request *rq);
/* Somebody who is not at this machine has signed in without TLS: notes it, once an hour. */
void doctor_plain_sign_in(struct request *rq);

#endif
