#include "formats/scanner.h"
#include "base/date.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PIECE = 1 << 16 };

static struct {
    struct sockaddr_un at;
    int64_t term; /* microseconds */
    bool is, passes;
} scanner;

const char *scanner_use(const char *where, const char *silent)
{
    const char *ms = getenv("BEREG_SCANNER_MS");
    int64_t term;

    if (strncmp(where, "unix:/", 6) != 0 || strlen(where + 5) >= sizeof scanner.at.sun_path)
        return "--scanner is unix:PATH, the socket of clamd, such as unix:/run/clamav/clamd.ctl";
    if (silent && strcmp(silent, "refuse") != 0 && strcmp(silent, "pass") != 0)
        return "--scanner-silent is refuse or pass";
    scanner.at.sun_family = AF_UNIX;
    memcpy(scanner.at.sun_path, where + 5, strlen(where + 5) + 1);
    scanner.term = ms && text_int(text_of(ms), 1, SCANNER_SECONDS * 1000, &term) == OK ? term * 1000 : (int64_t)SCANNER_SECONDS * 1000000;
    scanner.passes = silent && strcmp(silent, "pass") == 0;
    scanner.is = true;
    return NULL;
}

bool scanner_there(void)
{
    return scanner.is;
}

bool scanner_passes(void)
{
    return scanner.passes;
}

/* Waits until the socket can be written to or read from; false at the end of the term. */
static bool ready(int fd, short events, int64_t end)
{
    struct pollfd p = {.fd = fd, .events = events};
    int64_t left;

    while ((left = end - clock_monotonic()) > 0) {
        int n = poll(&p, 1, (int)(left / 1000) + 1);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return false;
    }
    errno = ETIMEDOUT;
    return false;
}

static bool give(int fd, const void *bytes, size_t n, int64_t end)
{
    const char *at = bytes;

    while (n) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            at += sent;
            n -= (size_t)sent;
        } else if (errno != EAGAIN && errno != EINTR) {
            return false;
        } else if (!ready(fd, POLLOUT, end)) {
            return false;
        }
    }
    return true;
}

/* What it says until it says NUL, ends, or has said too much. */
static size_t hear(int fd, char *out, size_t room, int64_t end)
{
    size_t n = 0;

    while (n < room && !(n && memchr(out, '\0', n))) {
        if (!ready(fd, POLLIN, end))
            return 0;
        ssize_t got = recv(fd, out + n, room - n, MSG_DONTWAIT);
        if (got == 0)
            break;
        if (got > 0)
            n += (size_t)got;
        else if (errno != EAGAIN && errno != EINTR)
            return 0;
    }
    const char *nul = n ? memchr(out, '\0', n) : NULL;
    return nul ? (size_t)(nul - out) : n;
}

static int reach(int64_t end)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    while (fd >= 0 && connect(fd, (struct sockaddr *)&scanner.at, sizeof scanner.at)) {
        if (errno == EAGAIN && clock_monotonic() < end) { /* its queue is full */
            (void)poll(NULL, 0, 50);
            continue;
        }
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static bool give_all(int fd, struct text bytes, int64_t end)
{
    if (!give(fd, "zINSTREAM", 10, end))
        return false;
    for (size_t at = 0; at < bytes.n; at += PIECE) {
        size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        unsigned char length[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
        if (!give(fd, length, 4, end) || !give(fd, bytes.s + at, n, end))
            return false;
    }
    return give(fd, "\0\0\0\0", 4, end);
}

static void copy_printable(char says[SCANNER_SAYS], struct text t)
{
    size_t n = 0;

    for (size_t i = 0; i < t.n && n + 1 < SCANNER_SAYS; i++)
        says[n++] = t.s[i] >= ' ' && t.s[i] <= '~' ? t.s[i] : '?';
    says[n] = '\0';
}

enum scan_end scanner_look(struct text bytes, char says[SCANNER_SAYS])
{
    char heard[1000];
    int64_t end = clock_monotonic() + scanner.term;
    int fd = reach(end);
    bool given = fd >= 0 && give_all(fd, bytes, end);
    int why = errno;
    /* Who refuses a part of it (too large) says so and hangs up. */
    struct text said = {heard, fd >= 0 && (given || why == EPIPE || why == ECONNRESET) ? hear(fd, heard, sizeof heard, end) : 0};

    if (given && !said.n)
        why = errno;
    if (fd >= 0)
        close(fd);
    said = text_trim(said);
    if (given && text_is(said, "stream: OK")) {
        says[0] = '\0';
        return SCAN_CLEAN;
    }
    if (text_starts(said, "stream: ") && text_ends(said, " FOUND") && said.n > 14) {
        copy_printable(says, (struct text){said.s + 8, said.n - 14});
        return SCAN_FOUND;
    }
    copy_printable(says, said.n ? said : text_of(strerror(why)));
    return SCAN_FAILED;
}

bool scanner_answers(void)
{
    char heard[16];
    int64_t end = clock_monotonic() + scanner.term;
    int fd = reach(end);
    struct text said = {heard, fd >= 0 && give(fd, "zPING", 6, end) ? hear(fd, heard, sizeof heard, end) : 0};

    if (fd >= 0)
        close(fd);
    return text_is(text_trim(said), "PONG");
}
