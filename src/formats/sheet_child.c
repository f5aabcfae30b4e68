#include "formats/sheet_child.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/log.h"
#include "formats/job_child.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char too_slow[] = N_("Reading the file took too long");
static const char broke_down[] = N_("The file cannot be read: it is damaged or made to do harm");

struct child {
    pid_t pid; /* 0: already gone */
    int fd;
    int64_t patience; /* microseconds that may still be waited for it */
    const char *why;  /* msgid, when it ended before its time */
    bool ended;       /* no frame will follow */
    int64_t line;     /* of the last row, for the word about the end */
    size_t text, text_max; /* bytes of all cells so far, and how many there may be */
    struct buf in;    /* what came; `at` of it is used */
    size_t at;
    struct text cells[SHEET_COLUMNS_MAX];
    char fault[FAULT_MAX + 1];
};

/* Ends the child if it is still there, and says why it ended when it was not asked to. */
static void reap(struct child *c)
{
    int status = 0;
    pid_t pid;

    if (!c->pid)
        return;
    do
        pid = waitpid(c->pid, &status, 0);
    while (pid < 0 && errno == EINTR);
    c->pid = 0;
    if (pid < 0 || c->why)
        return;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
        c->why = too_slow;
    else
        c->why = broke_down;
    if (WIFSIGNALED(status))
        log_warn("job sheet: ended by signal %d", WTERMSIG(status));
    else
        log_warn("job sheet: ended with status %d", WEXITSTATUS(status));
}

static bool give_up(struct child *c, const char *why)
{
    c->ended = true;
    if (!c->why)
        c->why = why;
    if (c->pid && why)
        kill(c->pid, SIGKILL);
    reap(c);
    return false;
}

/* More bytes from the child; false when there are none in time. */
static bool receive(struct child *c)
{
    char chunk[64 * 1024];
    struct pollfd wait = {.fd = c->fd, .events = POLLIN};
    int64_t begin = clock_monotonic();

    if (c->patience <= 0)
        return give_up(c, too_slow);
    int ready = poll(&wait, 1, (int)((c->patience + 999) / 1000));
    c->patience -= clock_monotonic() - begin;
    if (ready < 0 && errno == EINTR)
        return true;
    if (ready == 0)
        return give_up(c, too_slow);
    ssize_t n = read(c->fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0)
        return give_up(c, NULL); /* it ended by itself: its status says why */
    if (c->at == c->in.n) {
        buf_clear(&c->in);
        c->at = 0;
    }
    if (c->at > sizeof chunk) {
        memmove(c->in.s, c->in.s + c->at, c->in.n - c->at);
        c->in.n -= c->at;
        c->at = 0;
    }
    buf_add(&c->in, chunk, (size_t)n);
    return !c->in.failed || give_up(c, broke_down);
}

/* The next whole frame; its rest lies in c->in until the next call. */
static bool next_frame(struct child *c, enum frame *frame, struct text *rest)
{
    uint32_t n = 0;

    if (c->ended)
        return false;
    while (c->in.n - c->at < FRAME_HEAD)
        if (!receive(c))
            return false;
    memcpy(&n, c->in.s + c->at + 1, sizeof n);
    if (n > FRAME_MAX)
        return give_up(c, broke_down);
    while (c->in.n - c->at < FRAME_HEAD + (size_t)n)
        if (!receive(c))
            return false;
    *frame = (enum frame)(unsigned char)c->in.s[c->at];
    *rest = (struct text){c->in.s + c->at + FRAME_HEAD, n};
    c->at += FRAME_HEAD + (size_t)n;
    return true;
}

static bool take(struct text *from, void *to, size_t n)
{
    if (from->n < n)
        return false;
    memcpy(to, from->s, n);
    *from = (struct text){from->s + n, from->n - n};
    return true;
}

static bool take_text(struct text *from, size_t n, struct text *to)
{
    if (from->n < n)
        return false;
    *to = (struct text){from->s, n};
    *from = (struct text){from->s + n, from->n - n};
    return true;
}

/* The child may have been taken over by the file it reads: nothing it says is believed unseen. */
static bool read_row(struct child *c, struct text rest, struct sheet_row *row)
{
    int64_t line;
    uint32_t column, cells, n_fault, n;
    unsigned char last;
    struct text fault;

    if (!take(&rest, &line, 8) || !take(&rest, &column, 4) || !take(&rest, &last, 1) ||
        !take(&rest, &cells, 4) || !take(&rest, &n_fault, 4) || line < 0 ||
        cells > SHEET_COLUMNS_MAX || n_fault > FAULT_MAX || !take_text(&rest, n_fault, &fault) ||
        !text_valid(fault))
        return false;
    if (rest.n > SHEET_ROW_MAX + cells * 4 || c->text > c->text_max)
        return false;
    c->text += rest.n;
    for (uint32_t i = 0; i < cells; i++)
        if (!take(&rest, &n, 4) || n > SHEET_CELL_MAX || !take_text(&rest, n, &c->cells[i]) ||
            !text_valid(c->cells[i]))
            return false;
    if (rest.n)
        return false;
    memcpy(c->fault, fault.s, fault.n);
    c->fault[fault.n] = '\0';
    *row = (struct sheet_row){.line = line,
                              .cells = c->cells,
                              .n = cells,
                              .fault = fault.n ? c->fault : NULL,
                              .column = column,
                              .last = last != 0};
    c->line = line;
    return true;
}

bool child_next(struct child *c, struct sheet_row *row)
{
    enum frame frame;
    struct text rest;

    if (c->ended)
        return false;
    if (next_frame(c, &frame, &rest)) {
        if (frame == FRAME_ROW && read_row(c, rest, row))
            return true;
        if (frame == FRAME_END) {
            c->ended = true;
            return false;
        }
        (void)give_up(c, broke_down);
    }
    *row = (struct sheet_row){.line = c->line, .cells = c->cells, .fault = c->why, .last = true};
    return true;
}

static enum err first_answer(struct child *c, struct fault *fault)
{
    enum frame frame;
    struct text rest;

    if (!next_frame(c, &frame, &rest))
        return fault_set(fault, c->why == too_slow ? ERR_LIMIT : ERR_SYNTAX, "%s", c->why);
    if (frame == FRAME_OPENED)
        return OK;
    struct text words = {rest.s + 1, rest.n ? rest.n - 1 : 0};
    if (frame != FRAME_FAULT || rest.n == 0 || words.n > FAULT_MAX || !text_valid(words)) {
        (void)give_up(c, broke_down);
        return fault_set(fault, ERR_SYNTAX, "%s", broke_down);
    }
    enum err err = rest.s[0] == ERR_LIMIT ? ERR_LIMIT : ERR_SYNTAX;
    return fault_set(fault, err, "%.*s", TEXT_ARG(words));
}

static enum err start(const char *self_exe, const char *job, int in, int seconds, size_t text_max,
                      struct arena *arena, struct child **child, struct fault *fault)
{
    int pipes[2] = {-1, -1};
    struct child *c = NULL;
    enum err err = ERR_IO;

    if (in < 0 || pipe2(pipes, O_CLOEXEC) != 0) {
        (void)fault_set(fault, err, "cannot pass the file to a reader: %m");
        goto out;
    }
    c = NEW(arena, struct child);
    c->text_max = text_max;
    int error = job_start(self_exe, job, seconds, in, pipes[1], &c->pid);
    if (error) {
        c = NULL;
        (void)fault_set(fault, err, "cannot start %s: %s", self_exe, strerror(error));
        goto out;
    }
    c->fd = pipes[0];
    pipes[0] = -1;
    close(pipes[1]); /* else the end of the child would not be seen */
    pipes[1] = -1;
    c->patience = (int64_t)seconds * 1000000;
    c->in = BUF((size_t)FRAME_MAX * 2);
    err = first_answer(c, fault);
    if (err)
        goto out;
    *child = c;
    c = NULL;
out:
    child_close(c);
    if (pipes[0] >= 0)
        close(pipes[0]);
    if (pipes[1] >= 0)
        close(pipes[1]);
    return err;
}

enum err child_open(const char *self_exe, struct text bytes, int seconds, struct arena *arena,
                    struct child **child, struct fault *fault)
{
    if (bytes.n > SHEET_BYTES_MAX)
        return fault_set(fault, ERR_LIMIT, "the file is larger than %d MB", SHEET_BYTES_MAX >> 20);
    int in = job_input(bytes);
    enum err err = start(self_exe, "sheet", in, seconds, SHEET_TEXT_MAX, arena, child, fault);
    if (in >= 0)
        close(in);
    return err;
}

enum err child_open_log(const char *self_exe, int fd, char delimiter, int seconds, struct arena *arena,
                        struct child **child, struct fault *fault)
{
    char job[] = {'l', 'o', 'g', delimiter, '\0'};

    return start(self_exe, job, fd, seconds, SIZE_MAX, arena, child, fault);
}

void child_close(struct child *c)
{
    if (!c)
        return;
    if (c->pid) {
        kill(c->pid,
             SIGKILL); /* a child that has ended is not reaped yet, so the number is its own */
        c->why = c->why ? c->why : broke_down;
        reap(c);
    }
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    buf_free(&c->in);
}
