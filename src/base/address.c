#include "base/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static bool copy(struct text t, char out[ADDRESS_SIZE])
{
    if (t.n >= ADDRESS_SIZE)
        return false;
    if (t.n)
        memcpy(out, t.s, t.n);
    out[t.n] = '\0';
    return memchr(out, '\0', t.n) == NULL;
}

/* The port behind an address: ":5000"; of IPv6 only behind brackets. */
static bool without_port(struct text t, struct text *address)
{
    const char *end;
    int64_t port;
    bool bracket = t.n && t.s[0] == '[';
    if (bracket) {
        end = memchr(t.s, ']', t.n);
        if (!end)
            return false;
        *address = (struct text){t.s + 1, (size_t)(end - t.s) - 1};
        end++;
    } else {
        end = t.n ? memchr(t.s, ':', t.n) : NULL;
        if (!end || memchr(end + 1, ':', t.n - (size_t)(end + 1 - t.s)))
            end = t.s + t.n;
        *address = (struct text){t.s, (size_t)(end - t.s)};
    }
    struct text rest = {end, t.n - (size_t)(end - t.s)};
    return !rest.n || (rest.s[0] == ':' && text_int((struct text){rest.s + 1, rest.n - 1}, 0, 65535, &port) == OK);
}

bool address_plain(struct text t, char out[ADDRESS_SIZE])
{
    struct in_addr in;
    struct in6_addr in6;
    struct text address;
    char z[ADDRESS_SIZE];
    if (!without_port(t, &address) || !copy(address, z))
        return false;
    if (inet_pton(AF_INET, z, &in) == 1)
        return inet_ntop(AF_INET, &in, out, ADDRESS_SIZE) != NULL;
    if (inet_pton(AF_INET6, z, &in6) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&in6))
        return inet_ntop(AF_INET, in6.s6_addr + 12, out, ADDRESS_SIZE) != NULL;
    return inet_ntop(AF_INET6, &in6, out, ADDRESS_SIZE) != NULL;
}

void address_network(struct text t, char out[ADDRESS_SIZE])
{
    struct in6_addr in6;
    t.n = t.n < ADDRESS_SIZE ? t.n : ADDRESS_SIZE - 1;
    if (!copy(t, out) || inet_pton(AF_INET6, out, &in6) != 1 || IN6_IS_ADDR_V4MAPPED(&in6))
        return;
    memset(in6.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &in6, out, ADDRESS_SIZE);
}
