/* bereg account: an administrator of a register that nobody can enter yet, or any more. */
#include "base/date.h"
#include "main/main.h"
#include "rooms/staff/staff.h"
#include <stdio.h>
#include <string.h>

static bool usage(const struct options *o)
{
    if (!o->login)
        fprintf(stderr, "bereg: --login NAME is missing\n");
    else if (o->reset && (o->name || o->body || o->kind || o->role))
        fprintf(stderr, "bereg: --reset leaves the account's name, body and role as they are\n");
    else if (!o->reset && !o->name)
        fprintf(stderr, "bereg: --name TEXT is missing, the full name of the owner; or --reset, when the account is there already\n");
    else
        return true;
    return false;
}

int cmd_account(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    struct first_password first = {0};
    char until[17];
    if (!usage(o))
        return EXIT_USAGE;
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, NULL, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    struct admin_new a = {.login = text_of(o->login),
                          .name = text_of(o->name),
                          .role = text_of(o->role),
                          .body = text_of(o->body),
                          .kind = text_of(o->kind)};
    enum err err = o->reset ? admin_reset(&rq, a.login, &first, &fault) : admin_make(&rq, &a, &first, &fault);
    if (!err) {
        instant_local(first.until, until);
        if (o->reset)
            printf("The account %s has a new first password; its second factor, sessions and tokens are ended.\n", o->login);
        else
            printf("The account %s (%.*s) was made in the body \"%.*s\".\n", o->login, TEXT_ARG(a.role), TEXT_ARG(a.body));
        printf("First password: %s\nIt is shown this once and opens until %s; the owner must choose another at the first sign-in.\n", first.words, until);
    }
    request_close(&rq);
    close_register(store);
    return err ? refuse(&fault) : EXIT_OK;
}
