#include "guard/breached.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHA1 = 20, DIGITS = 2 * SHA1, WINDOW = 256 /* more than two lines */ };

static struct {
    int fd;
    off_t size;
} list = {.fd = -1};

static bool is_digest(const char *s, ssize_t n)
{
    return n >= DIGITS && strspn(s, "0123456789abcdefABCDEF") >= DIGITS;
}

/* The digest of the first line that begins at `at` or behind it. False: there is none. */
static bool line_from(off_t at, char digits[DIGITS + 1], off_t *begins)
{
    char window[WINDOW + 1];
    off_t from = at > 0 ? at - 1 : 0; /* a line begins behind an end of line */
    ssize_t n = pread(list.fd, window, WINDOW, from);
    if (n < 0)
        log_error("the list of breached passwords cannot be read: %s", strerror(errno));
    if (n <= 0)
        return false;
    window[n] = '\0';
    const char *line = at > 0 ? memchr(window, '\n', (size_t)n) : window;
    line += at > 0 && line;
    if (!line || !is_digest(line, n - (line - window)))
        return false;
    memcpy(digits, line, DIGITS);
    digits[DIGITS] = '\0';
    *begins = from + (line - window);
    return true;
}

const char *breached_use(const char *path)
{
    char digits[DIGITS + 1];
    struct stat st;
    off_t begins;
    if (list.fd >= 0)
        close(list.fd);
    list.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (list.fd < 0 || fstat(list.fd, &st) || !S_ISREG(st.st_mode))
        return "the file of --breached cannot be read";
    list.size = st.st_size;
    return line_from(0, digits, &begins) ? NULL : "--breached is a sorted file of SHA-1 digests, a line each";
}

bool breached(struct text password)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char wanted[DIGITS + 1], digits[DIGITS + 1];
    off_t low = 0, high = list.size, begins;
    if (list.fd < 0 || !EVP_Digest(password.s, password.n, digest, NULL, EVP_sha1(), NULL))
        return false;
    for (int i = 0; i < DIGITS; i++)
        wanted[i] = "0123456789ABCDEF"[i & 1 ? digest[i / 2] & 15 : digest[i / 2] >> 4];
    wanted[DIGITS] = '\0';
    while (low < high) { /* the line, if there is one, begins at low or behind it, and before high */
        off_t middle = low + (high - low) / 2;
        int order = line_from(middle, digits, &begins) && begins < high ? strcasecmp(wanted, digits) : -1;
        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = begins + 1;
    }
    return false;
}
