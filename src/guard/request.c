#include "guard/request.h"
#include "guard/account.h"
#include "guard/guard.h"
#include <stdlib.h>

bool rq_may(const struct request *rq, enum cap cap)
{
    if (cap == CAP_PUBLIC || rq->viewer.system)
        return true;
    if (!rq->viewer.role)
        return false;
    return cap == CAP_SIGNED_IN || (rq->viewer.role->caps >> cap & 1);
}

bool rq_goes_on(const struct request *rq)
{
    return !rq->err && !(rq->stop && *rq->stop);
}

enum err rq_fail(struct request *rq, enum err err)
{
    if (!rq->err)
        rq->err = err;
    return rq->err;
}

enum err rq_refuse(struct request *rq, const char *msgid)
{
    if (!rq->err) {
        rq->err = ERR_REFUSED;
        rq->reason = msgid;
    }
    return rq->err;
}

void rq_mistake_of(struct request *rq, const char *field, const char *msgid, struct value a)
{
    struct mistake *m = NEW(rq->arena, struct mistake);
    *m = (struct mistake){field, msgid, a, NULL};
    struct mistake **end = &rq->mistakes;
    while (*end)
        end = &(*end)->next;
    *end = m;
}

void rq_mistake(struct request *rq, const char *field, const char *msgid)
{
    rq_mistake_of(rq, field, msgid, (struct value){0});
}

enum err rq_end(struct request *rq)
{
    if (rq->err)
        return rq->err;
    return rq->mistakes ? ERR_INPUT : OK;
}

bool rq_show_again(struct request *rq)
{
    switch (rq->err) {
    case OK:
        return rq->mistakes != NULL;
    case ERR_INPUT:
        break;
    case ERR_REFUSED:
        rq->stands_against = true;
        rq_mistake(rq, NULL, rq->reason);
        break;
    case ERR_STALE:
        rq->stands_against = true;
        rq_mistake(rq, NULL,
                   N_("Somebody has changed this meanwhile: look at what stands now, then send it again"));
        break;
    default:
        return false;
    }
    rq->err = OK;
    return true;
}

void rq_saw(struct request *rq, int64_t person)
{
    if (rq->n_seen && rq->seen[rq->n_seen - 1] == person)
        return;
    if (rq->n_seen == rq->cap_seen) {
        size_t cap = rq->cap_seen ? rq->cap_seen * 2 : 64;
        rq->seen = arena_grow(rq->arena, rq->seen, rq->cap_seen * sizeof *rq->seen,
                              cap * sizeof *rq->seen);
        rq->cap_seen = cap;
    }
    rq->seen[rq->n_seen++] = person;
}

enum err request_open(struct store *store, const char *login, struct request *rq,
                      struct fault *fault)
{
    *rq = (struct request){.arena = arena_new(), .store = store};
    rq->now = clock_now();
    rq->today = clock_today();
    enum err err = store_reader(store, &rq->conn, fault);
    if (err)
        goto out;
    if (!login) {
        rq->viewer = (struct viewer){
            .login = "", .name = "", .body_name = "", .body_kind = "", .system = true};
        return OK;
    }
    if (!viewer_of_login(rq, text_of(login), &rq->viewer)) {
        err = fault_set(fault, ERR_NOT_FOUND,
                        "there is no active account with the login \"%s\"; "
                        "`bereg users` lists them",
                        login);
        goto out;
    }
    return OK;
out:
    request_close(rq);
    return err;
}

void request_close(struct request *rq)
{
    if (rq->conn)
        store_release(rq->store, rq->conn);
    arena_free(rq->arena);
    *rq = (struct request){0};
}
