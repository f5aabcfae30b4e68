/* What a locked server cannot do any more, and what it can: each tried in a process of its own. */
#include "formats/lock.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

static char base[64], kept[96], other[96], file_kept[128], file_other[128];

static bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 1;
}

enum { DONE = 100, REFUSED = 101, ELSE = 102 };

static int told(bool done)
{
    return done ? DONE : errno == EACCES || errno == EPERM || errno == EXDEV ? REFUSED : ELSE;
}

/* DONE, REFUSED, or minus the signal that ended it. */
static int tried(int (*what)(void), bool locked)
{
    const char *keep[] = {kept, NULL}, *read[] = {NULL};
    pid_t pid = fork();
    if (pid == 0) {
        if (locked && !lock_server(&(struct lock_places){keep, read}) && has_landlock())
            _exit(ELSE);
        _exit(what());
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int reads_another(void) { return told(open(file_other, O_RDONLY) >= 0); }
static int writes_another(void) { return told(open(file_other, O_WRONLY) >= 0); }
static int cuts_another(void) { return told(truncate(file_other, 0) == 0); }
static int removes_another(void) { return told(unlink(file_other) == 0); }
static int lists_another(void) { return told(open(other, O_RDONLY | O_DIRECTORY) >= 0); }
static int makes_elsewhere(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/new", other);
    return told(open(path, O_WRONLY | O_CREAT, 0600) >= 0);
}
static int moves_out(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/moved", other);
    return told(rename(file_kept, path) == 0);
}
static int climbs_out(void)
{
    char path[200];
    snprintf(path, sizeof path, "%s/../other/file", kept);
    return told(open(path, O_RDONLY) >= 0);
}
static int follows_a_link(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/link", kept);
    return told(open(path, O_RDONLY) >= 0);
}
static int makes_a_link(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/made", kept);
    return told(symlink(file_other, path) == 0);
}
static int reads_the_shadow(void) { return told(open("/etc/shadow", O_RDONLY) >= 0); }
static int makes_a_device(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/pipe", kept);
    return told(mkfifo(path, 0600) == 0);
}

static int starts(const char *program)
{
    char *argv[] = {(char *)program, (char *)"-c", (char *)"exit 0", NULL}, *env[] = {NULL};
    pid_t pid;
    int error = posix_spawn(&pid, program, NULL, NULL, argv, env), status = 0;
    errno = error;
    if (!error && (waitpid(pid, &status, 0) != pid || status))
        return ELSE;
    return told(!error);
}
static int starts_a_shell(void) { return starts("/bin/sh"); }
static int becomes_a_shell(void)
{
    char *argv[] = {(char *)"/bin/sh", (char *)"-c", (char *)"exit 100", NULL}, *env[] = {NULL};
    execve("/bin/sh", argv, env);
    return told(false);
}
static int starts_what_it_wrote(void)
{
    char path[160];
    snprintf(path, sizeof path, "%s/tool", kept);
    int fd = open(path, O_WRONLY | O_CREAT, 0700);
    const char text[] = "#!/bin/sh\nexit 0\n";
    if (fd < 0 || write(fd, text, sizeof text - 1) < 0)
        return ELSE;
    close(fd);
    return starts(path);
}
static int by_the_loader(void)
{
    char *argv[] = {(char *)"/lib64/ld-linux-x86-64.so.2", (char *)"/bin/sh", (char *)"-c", (char *)"exit 100", NULL}, *env[] = {NULL};
    pid_t pid;
    int status = 0, error = posix_spawn(&pid, argv[0], NULL, NULL, argv, env);
    if (error || waitpid(pid, &status, 0) != pid)
        return REFUSED;
    return WIFEXITED(status) && WEXITSTATUS(status) == 100 ? DONE : REFUSED;
}

static int listens(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return told(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1) == 0);
}
static int raw_socket(void) { return told(socket(AF_PACKET, SOCK_RAW, 0) >= 0); }
static int writes_and_runs(void)
{
    return told(mmap(NULL, 4096, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
}
static int makes_it_run(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return told(mprotect(p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
}
static int becomes_another(void) { return told(setuid(65534) == 0); }
static int leaves_its_names(void) { return told(syscall(SYS_unshare, 0) == 0); }
static int runs_from_a_handle(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    char *argv[] = {(char *)"x", NULL}, *env[] = {NULL};
    syscall(SYS_execveat, fd, "", argv, env, 0x1000);
    return told(false);
}
static int asks_the_rings(void)
{
    char room[256] = {0};
    return told(syscall(SYS_io_uring_setup, 1, room) >= 0);
}
static int debugs(void) { return told(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0); }
static int signals_its_parent(void) { return told(kill(getppid(), 0) == 0); }

/* ---- what goes on ---- */

static int keeps_a_file(void)
{
    char path[160], again[160];
    snprintf(path, sizeof path, "%s/new", kept);
    snprintf(again, sizeof again, "%s/again", kept);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    bool good = fd >= 0 && write(fd, "a", 1) == 1 && ftruncate(fd, 0) == 0 && close(fd) == 0 && unlink(path) == 0;
    return told(good && open(kept, O_TMPFILE | O_RDWR, 0600) >= 0);
}
static void *nothing(void *arg) { return arg; }
static int makes_a_thread(void)
{
    pthread_t t;
    return told(pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0);
}
static int starts_itself(void)
{
    char *argv[] = {(char *)"/proc/self/exe", (char *)"child", NULL}, *env[] = {NULL};
    pid_t pid;
    int status = 0, error = posix_spawn(&pid, argv[0], NULL, NULL, argv, env);
    errno = error;
    if (!error && (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 7))
        return ELSE;
    return told(!error);
}
static int a_child_is_bound_too(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(open(file_other, O_RDONLY) >= 0 ? 1 : 0);
    int status = 0;
    waitpid(pid, &status, 0);
    return status == 0 ? REFUSED : DONE;
}

static const struct {
    const char *name;
    int (*what)(void);
    bool files;  /* Landlock's matter */
    bool deadly; /* ends the process */
    bool by_any; /* without the lock it is done, whoever runs the test */
} forbidden[] = {
    {"reads another file", reads_another, true, false, true},
    {"writes another file", writes_another, true, false, true},
    {"cuts another file off", cuts_another, true, false, true},
    {"lists another folder", lists_another, true, false, true},
    {"makes a file elsewhere", makes_elsewhere, true, false, true},
    {"moves a file out", moves_out, true, false, true},
    {"climbs out of the folder", climbs_out, true, false, true},
    {"follows a link out of the folder", follows_a_link, true, false, true},
    {"makes a link", makes_a_link, true, false, true},
    {"reads /etc/shadow", reads_the_shadow, true, false, false},
    {"makes a pipe in the file system", makes_a_device, false, true, true},
    {"starts a shell", starts_a_shell, true, false, true},
    {"becomes a shell", becomes_a_shell, true, false, true},
    {"starts what it wrote itself", starts_what_it_wrote, true, false, true},
    {"starts a shell by the loader", by_the_loader, true, false, true},
    {"removes another file", removes_another, true, false, true},
    {"listens on another port", listens, false, false, true},
    {"opens a raw socket", raw_socket, false, false, false},
    {"maps memory that is written and run", writes_and_runs, false, false, true},
    {"makes written memory run", makes_it_run, false, false, true},
    {"becomes another user", becomes_another, false, true, false},
    {"leaves its namespaces", leaves_its_names, false, true, false},
    {"runs a program from a handle", runs_from_a_handle, false, true, false},
    {"sets up io_uring", asks_the_rings, false, true, false},
    {"debugs", debugs, false, true, false},
    {"signals a process outside", signals_its_parent, true, false, true},
    {"lets a child do it", a_child_is_bound_too, true, false, true},
};

static void make_places(void)
{
    char path[160];
    (void)mkdir(kept, 0700);
    (void)mkdir(other, 0700);
    for (const char *const *f = (const char *const[]){file_kept, file_other, NULL}; *f; f++) {
        FILE *out = fopen(*f, "w");
        fputs("words", out);
        fclose(out);
    }
    for (const char *const *gone = (const char *const[]){"new", "moved", "made", "pipe", "tool", "link", NULL}; *gone; gone++) {
        snprintf(path, sizeof path, "%s/%s", kept, *gone);
        (void)unlink(path);
        snprintf(path, sizeof path, "%s/%s", other, *gone);
        (void)unlink(path);
    }
    snprintf(path, sizeof path, "%s/link", kept);
    assert_int_equal(symlink(file_other, path), 0);
}

static void test_forbidden(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
#ifdef WITH_ASAN /* its own needs open these */
        if (forbidden[i].what == debugs || forbidden[i].what == signals_its_parent ||
            forbidden[i].what == by_the_loader)
            continue;
#endif
        if (forbidden[i].files && !has_landlock()) {
            print_message("# skipped, no Landlock here: %s\n", forbidden[i].name);
            continue;
        }
        make_places();
        int before = forbidden[i].by_any ? tried(forbidden[i].what, false) : DONE;
        make_places();
        int after = tried(forbidden[i].what, true);
        int wanted = forbidden[i].deadly ? -SIGSYS : REFUSED;
        if (before != DONE || after != wanted)
            wrong++, print_message("# %s: %d without the lock, %d with it, wanted %d\n", forbidden[i].name, before, after, wanted);
    }
    assert_int_equal(wrong, 0);
}

static void test_allowed(void **state)
{
    (void)state;
    make_places();
    assert_int_equal(tried(keeps_a_file, true), DONE);
    assert_int_equal(tried(makes_a_thread, true), DONE);
    assert_int_equal(tried(starts_itself, true), DONE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forbidden), cmocka_unit_test(test_allowed)};
    if (argc == 2 && strcmp(argv[1], "child") == 0)
        return 7;
    snprintf(base, sizeof base, "%s/bereg-lock.XXXXXX", "/var/tmp");
    if (!mkdtemp(base))
        return 1;
    snprintf(kept, sizeof kept, "%s/kept", base);
    snprintf(other, sizeof other, "%s/other", base);
    snprintf(file_kept, sizeof file_kept, "%s/file", kept);
    snprintf(file_other, sizeof file_other, "%s/file", other);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    make_places();
    for (const char *const *p = (const char *const[]){"kept/file", "kept/link", "other/file", "kept", "other", "", NULL}; *p; p++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", base, *p);
        (void)remove(path);
    }
    return failed;
}
