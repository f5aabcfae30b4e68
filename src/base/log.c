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

static __thread char request[24];

void log_in_request(const char *id)
{
    snprintf(request, sizeof request, "%s", id ? id : "");
}

static void begin(struct json *j, enum log_level level, const char *msg)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char time[28];

    instant_iso(true_time(), time);
    json_open(j, '{');
    json_key(j, "time");
    json_z(j, time);
    json_key(j, "level");
    json_z(j, names[level]);
    json_key(j, "msg");
    json_z(j, msg);
}

static void end(struct json *j)
{
    static const char no_room[] = "{\"level\":\"error\",\"msg\":\"no memory for the log\"}\n";

    json_close(j, '}');
    buf_char(j->out, '\n');
    if (buf_end(j->out) == OK)
        write_line(j->out->s, j->out->n);
    else
        write_line(no_room, sizeof no_room - 1);
    buf_free(j->out);
}

void log_line(enum log_level level, const char *fmt, ...)
{
    int saved = errno; /* the caller may log first and look at errno after */
    char msg[2000];
    va_list args;

    if ((int)level < atomic_load(&least) || level > LOG_ERROR)
        return;
    va_start(args, fmt);
    int n = vsnprintf(msg, sizeof msg, fmt, args);
    va_end(args);
    if (n < 0)
        msg[0] = '\0';

    struct buf line = BUF(16000);
    struct json j = {.out = &line};
    begin(&j, level, msg);
    if (request[0]) {
        json_key(&j, "request");
        json_z(&j, request);
    }
    end(&j);
    errno = saved;
}

void log_answer(enum log_level level, const struct log_answered *a)
{
    struct buf line = BUF(16000);
    struct json j = {.out = &line};
    char ms[32];

    if ((int)level < atomic_load(&least))
        return;
    begin(&j, level, "answered");
    json_key(&j, "request");
    json_z(&j, a->id);
    json_key(&j, "method");
    json_z(&j, a->method);
    json_key(&j, "route");
    json_z(&j, a->route);
    json_key(&j, "status");
    json_int(&j, a->status);
    if (a->account) {
        json_key(&j, "account");
        json_int(&j, a->account);
    }
    if (a->refused) {
        json_key(&j, "refused");
        json_z(&j, a->refused);
    }
    json_key(&j, "ms");
    snprintf(ms, sizeof ms, "%lld.%03lld", (long long)(a->us / 1000), (long long)(a->us % 1000));
    json_raw(&j, ms);
    end(&j);
}
