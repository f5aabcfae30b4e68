#include "formats/job_child.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The bytes as a file of memory: nobody waits for anybody, whatever the child does with its input.
 */
int job_input(struct text bytes)
{
    int fd = memfd_create("job", MFD_CLOEXEC);
    size_t done = 0;

    while (fd >= 0 && done < bytes.n) {
        ssize_t n = write(fd, bytes.s + done, bytes.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    if (fd >= 0 && lseek(fd, 0, SEEK_SET) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* posix_spawn, because a process with threads and much memory should not fork. Takes nothing along:
 * no variables, no open files but the three, no blocked signals. */
int job_start(const char *self_exe, const char *name, int seconds, int in, int out, pid_t *pid)
{
    char limit[40];
    char *argv[] = {(char *)self_exe, (char *)"job", (char *)name, NULL};
    char *env[] = {(char *)"TZ=UTC0", (char *)"LC_ALL=C", limit, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;

    (void)snprintf(limit, sizeof limit, "BEREG_JOB_SECONDS=%d", seconds);
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawn_file_actions_init(&files);
    if (error)
        return error;
    error = posix_spawnattr_init(&attr);
    if (error)
        goto files;
    if ((error = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO)) ||
        (error = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO)) ||
        (error = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1)) ||
        (error = posix_spawnattr_setsigmask(&attr, &none)) ||
        (error = posix_spawnattr_setsigdefault(&attr, &all)) ||
        (error = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)))
        goto out;
    error = posix_spawn(pid, self_exe, &files, &attr, argv, env);
out:
    posix_spawnattr_destroy(&attr);
files:
    posix_spawn_file_actions_destroy(&files);
    return error;
}

/* Everything the child writes, until it ends or the time is over. */
static bool listen_to(int fd, int seconds, struct buf *out)
{
    int64_t end = clock_monotonic() + (int64_t)seconds * 1000000;
    char chunk[16 * 1024];

    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left = end - clock_monotonic();
        if (left <= 0)
            return false;
        int ready = poll(&wait, 1, (int)((left + 999) / 1000));
        if (ready == 0)
            return false;
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        buf_add(out, chunk, (size_t)n);
        if (out->failed)
            return false;
    }
}

static bool ended_well(pid_t pid)
{
    int status = 0;
    pid_t got;

    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

enum err job_run(const char *self_exe, const char *name, struct text bytes, int seconds, size_t max,
                 struct arena *arena, struct text *out, struct fault *fault)
{
    struct buf heard = BUF(max);
    int pipes[2] = {-1, -1}, in = job_input(bytes);
    enum err err = ERR_IO;
    pid_t pid = 0;

    if (in < 0 || pipe2(pipes, O_CLOEXEC) != 0) {
        (void)fault_set(fault, err, "job %s: cannot pass it anything: %m", name);
        goto out;
    }
    int error = job_start(self_exe, name, seconds, in, pipes[1], &pid);
    if (error) {
        (void)fault_set(fault, err, "cannot start %s: %s", self_exe, strerror(error));
        goto out;
    }
    close(pipes[1]); /* else its end would not be seen */
    pipes[1] = -1;
    bool whole = listen_to(pipes[0], seconds, &heard);
    if (!whole)
        kill(pid, SIGKILL);
    if (ended_well(pid) && whole) {
        *out = arena_text(arena, buf_get(&heard));
        err = OK;
    } else {
        (void)fault_set(fault, err, "job %s did not end well", name);
    }
out:
    buf_free(&heard);
    if (in >= 0)
        close(in);
    if (pipes[0] >= 0)
        close(pipes[0]);
    if (pipes[1] >= 0)
        close(pipes[1]);
    return err;
}

int job_seconds(int otherwise)
{
    const char *given = getenv("BEREG_JOB_SECONDS");
    int64_t seconds;

    return given && text_int(text_of(given), 1, 3600, &seconds) == OK ? (int)seconds : otherwise;
}

enum err job_read(int fd, struct buf *in)
{
    char chunk[64 * 1024];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            return buf_end(in);
        buf_add(in, chunk, (size_t)n);
        if (in->failed)
            return ERR_LIMIT;
    }
}

enum err job_write(int fd, struct text bytes)
{
    size_t done = 0;

    while (done < bytes.n) {
        ssize_t n = write(fd, bytes.s + done, bytes.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        done += (size_t)n;
    }
    return OK;
}
