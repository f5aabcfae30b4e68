/* Where the database of an address lies, and whether the way to it is sure. libpq takes each setting from the address, then from a
 * service, then from the environment. */
#include "store/engine.h"
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_bool plain_allowed;

void store_allow_plain(void)
{
    plain_allowed = true;
}

static struct text option(const PQconninfoOption *list, const char *name)
{
    for (; list && list->keyword; list++) {
        if (strcmp(list->keyword, name) == 0)
            return text_of(list->val ? list->val : "");
    }
    return T("");
}

struct settings {
    PQconninfoOption *given, *others; /* of the address; of all else */
};

static struct text setting(const struct settings *s, const char *name)
{
    struct text t = option(s->given, name);

    return t.n ? t : option(s->others, name);
}

static bool is_this_machine(struct text host)
{
    char z[64];
    struct in_addr v4;
    struct in6_addr v6;

    if (host.n == 0 || host.s[0] == '/' || host.s[0] == '@' || text_is(host, "localhost"))
        return true; /* a socket, or the name that means nothing else */
    if (host.n >= sizeof z)
        return false;
    snprintf(z, sizeof z, "%.*s", TEXT_ARG(host));
    if (inet_pton(AF_INET, z, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, z, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* The first of several hosts that is another machine; an address says where a host of the same place really is. */
static bool elsewhere(const struct settings *s, struct text *where)
{
    struct text hosts = setting(s, "host"), addresses = setting(s, "hostaddr");

    if (option(s->given, "service").n && !hosts.n && !addresses.n) {
        *where = option(s->given, "service"); /* its file may name any */
        return true;
    }
    do {
        struct text host = T(""), address = T("");
        (void)text_split(&hosts, ',', &host);
        (void)text_split(&addresses, ',', &address);
        *where = address.n ? address : host;
        if (!is_this_machine(*where))
            return true;
    } while (hosts.n || addresses.n);
    return false;
}

enum err postgres_place(const char *address, char plain[100], struct fault *fault)
{
    struct settings s = {.given = PQconninfoParse(address, NULL)};
    struct text where = T("");

    plain[0] = '\0';
    if (!s.given) /* libpq's own words may quote the password */
        return fault_set(fault, ERR_SYNTAX,
                         "the address is not postgresql://USER:PASSWORD@HOST:PORT/NAME");
    if (!option(s.given, "service").n)
        s.others = PQconndefaults();
    bool sure = !elsewhere(&s, &where) || text_is(setting(&s, "sslmode"), "verify-full");
    if (!sure)
        snprintf(plain, 100, "%.*s", TEXT_ARG(where));
    PQconninfoFree(s.given);
    PQconninfoFree(s.others);
    if (sure || plain_allowed)
        return OK;
    return fault_set(fault, ERR_REFUSED,
                     "the database is on another machine (%s), and nothing says that the way there is TLS with a checked certificate: "
                     "add sslmode=verify-full&sslrootcert=FILE to the address, or allow it as it is by --db-without-tls", plain);
}
