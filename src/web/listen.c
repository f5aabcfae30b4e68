/* Where the server listens, whom it believes about others, and how many connections fit. */
#include "web/server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket that a killed server left is taken away; one behind which somebody answers is not. */
static bool left_behind(const struct sockaddr_un *at)
{
    struct stat there;
    if (lstat(at->sun_path, &there) || !S_ISSOCK(there.st_mode))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool dead = fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 &&
                errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return dead && unlink(at->sun_path) == 0;
}

static enum err listen_unix(const char *path, int *fd, struct fault *fault)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!*path || strlen(path) >= sizeof at.sun_path)
        return fault_set(fault, ERR_SYNTAX, "--listen unix:PATH: the path is empty or too long");
    memcpy(at.sun_path, path, strlen(path) + 1);
    (void)left_behind(&at);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The group is the proxy's; what stands in front is the folder's matter. */
    if (*fd < 0 || bind(*fd, (struct sockaddr *)&at, sizeof at) || chmod(path, 0660) ||
        listen(*fd, BACKLOG)) {
        enum err err = fault_set(fault, ERR_IO, "cannot listen on %s: %s", path, strerror(errno));
        if (*fd >= 0)
            close(*fd);
        return err;
    }
    return OK;
}

bool listens_here(const char *where)
{
    struct text t = text_of(where);
    return text_starts(t, "unix:") || text_starts(t, "127.") || text_starts(t, "localhost:") || text_starts(t, "[::1]:");
}

enum err listen_on(const char *where, int *fd, int *port, struct fault *fault)
{
    const char *colon = strrchr(where, ':');
    char host[256] = "";
    struct addrinfo want = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    struct sockaddr_storage bound;
    socklen_t bound_n = sizeof(bound);
    int one = 1;

    *port = 0;
    if (strncmp(where, "unix:", 5) == 0)
        return listen_unix(where + 5, fd, fault);
    if (!colon || (size_t)(colon - where) >= sizeof(host))
        return fault_set(fault, ERR_SYNTAX,
                         "--listen is HOST:PORT, such as 127.0.0.1:8080, or unix:PATH, not \"%s\"",
                         where);
    size_t n = (size_t)(colon - where);
    if (n >= 2 && where[0] == '[' && where[n - 1] == ']')
        memcpy(host, where + 1, n - 2);
    else
        memcpy(host, where, n);
    int no = getaddrinfo(host[0] ? host : NULL, colon + 1, &want, &found);
    if (no)
        return fault_set(fault, ERR_SYNTAX, "--listen %s: %s", where, gai_strerror(no));
    enum err err = OK;
    *fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*fd < 0 || setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
        bind(*fd, found->ai_addr, found->ai_addrlen) || listen(*fd, BACKLOG) ||
        getsockname(*fd, (struct sockaddr *)&bound, &bound_n)) {
        err = fault_set(fault, ERR_IO,
                        "cannot listen on %s: %s; choose another port by --listen HOST:PORT", where,
                        strerror(errno));
        if (*fd >= 0)
            close(*fd);
    } else {
        *port = ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                                  : ((struct sockaddr_in *)&bound)->sin_port);
    }
    freeaddrinfo(found);
    return err;
}

/* ---- proxies ---- */

enum err proxies_take(struct proxies *out, const char *list, struct fault *fault)
{
    *out = (struct proxies){.n = list ? 0 : -1};
    if (!list || strcmp(list, "none") == 0)
        return OK;
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        struct text part = {at, strcspn(at, ",")};
        unsigned char bytes[16];
        char z[48];
        part = text_trim(part);
        bool fits = part.n > 0 && part.n < sizeof z && out->n < PROXIES_MAX;
        if (fits) {
            memcpy(z, part.s, part.n);
            z[part.n] = '\0';
        }
        int family = fits && strchr(z, ':') ? AF_INET6 : AF_INET;
        if (!fits || inet_pton(family, z, bytes) != 1)
            return fault_set(fault, ERR_SYNTAX,
                             "--proxy is \"none\" or up to %d addresses parted by commas, not \"%s\"",
                             PROXIES_MAX, list);
        inet_ntop(family, bytes, out->address[out->n++], sizeof out->address[0]);
    }
    return OK;
}

bool proxies_trust(const struct proxies *p, const char *address, bool local)
{
    if (p->n < 0)
        return local;
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->address[i], address) == 0)
            return true;
    return false;
}

/* ---- open files ---- */

unsigned connection_limit(void)
{
    enum { WANTED = CONNECTIONS_MAX + FILES_BESIDE };
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files))
        return 500;
    if (files.rlim_cur < WANTED) {
        rlim_t most = files.rlim_max < WANTED ? files.rlim_max : WANTED;
        struct rlimit more = {WANTED, files.rlim_max < WANTED ? WANTED : files.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) { /* root may, beyond the hard limit too */
            files.rlim_cur = WANTED;
        } else {
            more = (struct rlimit){most, files.rlim_max};
            if (setrlimit(RLIMIT_NOFILE, &more) == 0)
                files.rlim_cur = most;
        }
    }
    if (files.rlim_cur >= WANTED)
        return CONNECTIONS_MAX;
    return (unsigned)(files.rlim_cur > 2 * FILES_BESIDE ? files.rlim_cur - FILES_BESIDE
                                                        : files.rlim_cur / 2);
}
