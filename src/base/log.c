#include "base/log.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static atomic_int least = LOG_INFO;

void log_set_level(enum log_level level)
{
    atomic_store(&least, (int)level);
}

/* The true time even when --now shifts the clock: a log is read beside other logs. */
static int64_t true_time(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* One write per line, so that lines of threads and processes do not mix. */
static void write_line(const char *s, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDERR_FILENO, s, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return;
        s += done;
        n -= (size_t)done;
    }
}

void log_line(enum log_level level, const char *fmt, ...)
{
    static const char no_room[] = "{\"level\":\"error\",\"msg\":\"no memory for the log\"}\n";
    static const char *const names[] = {"debug", "info", "warn", "error"};
    int saved = errno; /* the caller may log first and look at errno after */
    char msg[2000], time[28];
    va_list args;

    if ((int)level < atomic_load(&least) || level > LOG_ERROR)
        return;
    va_start(args, fmt);
    int n = vsnprintf(msg, sizeof msg, fmt, args);
    va_end(args);
    if (n < 0)
        msg[0] = '\0';
    instant_iso(true_time(), time);

    struct buf line = BUF(16000);
    struct json j = {.out = &line};
    json_open(&j, '{');
    json_key(&j, "time");
    json_z(&j, time);
    json_key(&j, "level");
    json_z(&j, names[level]);
    json_key(&j, "msg");
    json_z(&j, msg);
    json_close(&j, '}');
    buf_char(&line, '\n');
    if (buf_end(&line) == OK)
        write_line(line.s, line.n);
    else
        write_line(no_room, sizeof no_room - 1);
    buf_free(&line);
    errno = saved;
}
