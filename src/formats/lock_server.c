/* The lock of the server and of its jobs. Landlock: which files; seccomp: which calls. Both are handed down to threads and to
 * children, which lock themselves in further (lock.c). */
#include "base/log.h"
#include "formats/lock.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif

/* ---- files: Landlock ---- */

/* As the kernel has them (linux/landlock.h of newer kernels than the build's): the first version knows bits 0 to 12. */
enum {
    FILE_EXECUTE = 1 << 0,
    FILE_WRITE = 1 << 1,
    FILE_READ = 1 << 2,
    FOLDER_READ = 1 << 3,
    FILE_REMOVE = 1 << 5,
    FILE_MAKE = 1 << 8,
    FIRST_VERSION = (1 << 13) - 1,
    REFER = 1 << 13,    /* version 2: links and moves between folders */
    TRUNCATE = 1 << 14, /* version 3 */
    DEVICES = 1 << 15,  /* version 5: ioctl */
    OF_FILES = FILE_EXECUTE | FILE_WRITE | FILE_READ | TRUNCATE | DEVICES,
    SCOPES = 3 /* version 6: no abstract sockets of others, no signals to them */
};

struct ruleset {
    uint64_t files, net, scoped;
};

struct beneath { /* packed in the kernel's header too */
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

static void allow(int rules, uint64_t handled, const char *path, uint64_t rights)
{
    struct stat st;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return; /* what is not there needs no right */
    if (fstat(fd, &st) == 0) {
        if (!S_ISDIR(st.st_mode))
            rights &= OF_FILES;
        struct beneath rule = {.allowed = rights & handled, .fd = fd};
        if (rule.allowed && syscall(SYS_landlock_add_rule, rules, 1, &rule, 0))
            log_warn("lock: %s: %s", path, strerror(errno));
    }
    close(fd);
}

/* The program that the kernel starts ours with. */
static const char *interpreter(void)
{
    const Elf64_Phdr *ph = (const Elf64_Phdr *)getauxval(AT_PHDR);
    size_t n = getauxval(AT_PHNUM);
    uintptr_t bias = 0;
    for (size_t i = 0; ph && i < n; i++)
        if (ph[i].p_type == PT_PHDR)
            bias = (uintptr_t)ph - ph[i].p_vaddr;
    for (size_t i = 0; ph && i < n; i++)
        if (ph[i].p_type == PT_INTERP)
            return (const char *)(bias + ph[i].p_vaddr);
    return NULL;
}

static bool lock_files(const struct lock_places *places)
{
    enum { READ = FILE_READ | FOLDER_READ, KEEP = READ | FILE_WRITE | FILE_REMOVE | FILE_MAKE | TRUNCATE };
    /* What libraries read: other libraries, names of hosts, certificates, zones, who we are. */
    static const char *const system[] = {
        "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/nsswitch.conf",
        "/etc/host.conf", "/etc/hosts", "/etc/resolv.conf", "/run/systemd/resolve", "/etc/gai.conf", "/etc/services",
        "/etc/protocols", "/etc/passwd", "/etc/group", "/etc/localtime", "/usr/share/zoneinfo", "/etc/ssl/certs",
        "/etc/ssl/openssl.cnf", "/usr/lib/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
        "/sys/devices/system/cpu", "/dev/urandom", "/dev/random", "/dev/zero", "/proc/self",
#ifdef WITH_ASAN
        "/proc", "/sys", "/usr/bin",
#endif
        NULL};

    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    if (version < 1)
        return false;
    struct ruleset set = {.files = FIRST_VERSION};
    set.files |= version >= 2 ? REFER : 0;
    set.files |= version >= 3 ? TRUNCATE : 0;
    set.files |= version >= 5 ? DEVICES : 0;
#ifndef WITH_ASAN
    set.scoped = version >= 6 ? SCOPES : 0;
#endif
    size_t size = version >= 6 ? sizeof set : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    int rules = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
    if (rules < 0)
        return false;
    for (const char *const *p = system; *p; p++)
        allow(rules, set.files, *p, READ);
    for (const char *const *p = places->read; p && *p; p++)
        allow(rules, set.files, *p, READ);
    for (const char *const *p = places->keep; p && *p; p++)
        allow(rules, set.files, *p, KEEP);
    allow(rules, set.files, "/dev/null", FILE_READ | FILE_WRITE);
    /* Its own child, and nothing else, may be started; with it comes what the kernel loads it by. */
    allow(rules, set.files, "/proc/self/exe", FILE_READ | FILE_EXECUTE);
    if (interpreter())
        allow(rules, set.files, interpreter(), FILE_READ | FILE_EXECUTE);
    bool good = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return good;
}

/* ---- calls: seccomp ---- */

/* From traced runs of the tests on both engines (docs/security.md says how); what is not here fails with EPERM. */
static const int allowed[] = {
    /* files */
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
    SCMP_SYS(lseek), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(fstat),
    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(fcntl), SCMP_SYS(flock), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
    SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fadvise64), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(umask), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
    SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(memfd_create), SCMP_SYS(ioctl), SCMP_SYS(utimensat),
    /* memory; mmap and mprotect stand below */
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(mlock), SCMP_SYS(munlock),
    SCMP_SYS(mincore), SCMP_SYS(msync),
    /* waiting and time */
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(eventfd2), SCMP_SYS(futex),
    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(restart_syscall), SCMP_SYS(alarm), SCMP_SYS(setitimer),
    /* sockets; socket() stands below */
    SCMP_SYS(connect), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(sendfile), SCMP_SYS(shutdown),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(socketpair),
    /* threads, children, signals */
    SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(vfork), SCMP_SYS(fork), SCMP_SYS(execve), SCMP_SYS(wait4),
    SCMP_SYS(waitid), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack),
    SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(set_tid_address), SCMP_SYS(rseq),
    SCMP_SYS(arch_prctl), SCMP_SYS(prctl), SCMP_SYS(seccomp), SCMP_SYS(prlimit64), SCMP_SYS(setrlimit),
    SCMP_SYS(getrlimit), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(membarrier), SCMP_SYS(getrusage),
    /* who and where */
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getpgrp), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrandom), SCMP_SYS(getcpu),
    SCMP_SYS(getgroups),
#ifdef WITH_ASAN /* the search for leaks at the end looks at the process as a debugger does */
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(personality), SCMP_SYS(getdents),
#endif
};

/* No honest run ever comes here. */
static const int deadly[] = {
#ifndef WITH_ASAN
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(personality),
#endif
    SCMP_SYS(process_vm_writev), SCMP_SYS(execveat), SCMP_SYS(bpf), SCMP_SYS(userfaultfd),
    SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
    SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(unshare), SCMP_SYS(setns),
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot),
    SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setreuid), SCMP_SYS(setregid), SCMP_SYS(setresuid),
    SCMP_SYS(setresgid), SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(open_by_handle_at), SCMP_SYS(swapon),
    SCMP_SYS(ioperm), SCMP_SYS(iopl), SCMP_SYS(acct), SCMP_SYS(settimeofday), SCMP_SYS(clock_settime),
};

/* Memory is written or run, never both. */
static int rule_of_memory(scmp_filter_ctx ctx, int call)
{
    int error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    return error ? error : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_WRITE, 0));
}

static int filter(void)
{
    static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int error = ctx ? 0 : -ENOMEM;

    for (size_t i = 0; !error && i < sizeof allowed / sizeof *allowed; i++)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; !error && i < sizeof deadly / sizeof *deadly; i++)
        error = seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
    for (size_t i = 0; !error && i < sizeof families / sizeof *families; i++)
        error = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
    if (!error)
        error = rule_of_memory(ctx, SCMP_SYS(mmap));
    if (!error)
        error = rule_of_memory(ctx, SCMP_SYS(mprotect));
    if (!error)
        error = seccomp_load(ctx);
    seccomp_release(ctx);
    return error;
}

bool lock_server(const struct lock_places *places)
{
    bool whole = true;

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
        log_warn("lock: the system refuses to drop privileges for good: %s", strerror(errno));
        whole = false;
    }
#ifndef WITH_ASAN
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no core with keys in it, no debugger of this user */
#endif
    if (!lock_files(places)) {
        log_warn("lock: this system has no Landlock (%s): files outside the register stay open to a "
                 "program that is taken over",
                 strerror(errno));
        whole = false;
    }
    int error = filter();
    if (error) {
        log_warn("lock: the system refuses the filter of system calls: %s", strerror(-error));
        whole = false;
    }
    return whole;
}
