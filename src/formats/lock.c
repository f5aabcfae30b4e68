#include "formats/lock.h"
#include "base/log.h"
#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

static void limit(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit r = {soft, hard};

    if (setrlimit(resource, &r) != 0)
        log_warn("job: limit %d is refused: %s", resource, strerror(errno));
}

static int filter(void)
{
    static const int allowed[] = {
        SCMP_SYS(read),          SCMP_SYS(write),
        SCMP_SYS(lseek),         SCMP_SYS(fstat),
        SCMP_SYS(close),         SCMP_SYS(munmap),
        SCMP_SYS(mremap),        SCMP_SYS(brk),
        SCMP_SYS(madvise),       SCMP_SYS(futex),
        SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
        SCMP_SYS(rt_sigaction),  SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn),  SCMP_SYS(getrandom),
        SCMP_SYS(exit),          SCMP_SYS(exit_group),
        SCMP_SYS(getpid),        SCMP_SYS(gettid),
        SCMP_SYS(tgkill), /* abort() */
#ifdef WITH_ASAN
        SCMP_SYS(sigaltstack),   SCMP_SYS(sched_yield),
#endif
    };
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int error = ctx ? 0 : -ENOMEM;

    for (size_t i = 0; !error && i < sizeof allowed / sizeof *allowed; i++)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    /* Memory that is written never becomes code. */
    if (!error)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!error)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                 SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    if (!error)
        error = seccomp_load(ctx);
    seccomp_release(ctx);
    return error;
}

void lock_in(int seconds, size_t memory)
{
    /* Libraries look at the time zone when they turn dates of archives; its file could not be read
     * any more. With a zone that is given and known they do not try. */
    setenv("TZ", "UTC0", 1);
    tzset();
    limit(RLIMIT_CORE, 0, 0);
    limit(RLIMIT_CPU, (rlim_t)seconds, (rlim_t)seconds + 1);
#ifdef WITH_ASAN
    (void)memory; /* its shadow takes terabytes of addresses */
#else
    limit(RLIMIT_AS, memory, memory);
#endif
    int error = filter();
    if (error)
        log_warn("job: the system refuses the filter of system calls: %s", strerror(-error));
}
