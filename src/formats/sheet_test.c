#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/buf.h"
#include "base/date.h"
#include "formats/lock.h"
#include "formats/sheet.h"
#include "formats/xlsx.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char self_exe[4096];

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

/* All rows as one text: see csv_test.c. */
static struct text dump(struct arena *arena, struct sheet *sheet)
{
    struct buf out = BUF(1 << 24);
    struct sheet_row row;

    while (sheet_next(sheet, &row)) {
        if (row.fault) {
            buf_printf(&out, "%d!%d %s%s\n", (int)row.line, (int)row.column, row.fault,
                       row.last ? " (last)" : "");
            continue;
        }
        buf_printf(&out, "%d:", (int)row.line);
        for (size_t i = 0; i < row.n; i++) {
            assert_true(text_valid(row.cells[i]));
            buf_text(&out, i ? T("|") : T(""));
            buf_text(&out, row.cells[i]);
        }
        buf_char(&out, '\n');
    }
    struct text all = arena_text(arena, buf_get(&out));
    buf_free(&out);
    return all;
}

static void says(struct text got, const char *want)
{
    if (!text_is(got, want))
        fail_msg("got:\n%.*s\nwanted:\n%s", TEXT_ARG(got), want);
}

static void holds(struct text got, const char *part)
{
    if (got.n == 0 || !memmem(got.s, got.n, part, strlen(part)))
        fail_msg("got:\n%.*s\nwithout: %s", TEXT_ARG(got), part);
}

static struct text workbook(struct arena *arena)
{
    struct xlsx_writer *w = NULL;
    struct text bytes = {0};

    assert_int_equal(xlsx_begin(T("t"), T(""), &w, NULL), OK);
    xlsx_head(w, T("Имя"));
    xlsx_cell(w, v_date(0));
    xlsx_row(w);
    xlsx_cell(w, v_z("Құрманов"));
    xlsx_row(w);
    assert_int_equal(xlsx_end(w, arena, &bytes, NULL), OK);
    return bytes;
}

/* Told apart by what is in it. */
static void test_kinds(void **state)
{
    struct sheet *sheet = NULL;
    struct fault fault;

    assert_int_equal(sheet_open(workbook(*state), *state, &sheet, &fault), OK);
    says(dump(*state, sheet), "1:Имя|1970-01-01\n2:Құрманов\n");
    sheet_close(sheet);
    assert_int_equal(sheet_open(T("a;b\n"), *state, &sheet, &fault), OK);
    says(dump(*state, sheet), "1:a|b\n");
    sheet_close(sheet);
    struct sheet_row row;
    assert_false(sheet_next(sheet, &row)); /* closed */
    sheet_close(NULL);
    assert_int_equal(sheet_open(T("%PDF-"), *state, &sheet, &fault), ERR_SYNTAX);
}

/* --- the child --- */

static void no_child_left(void)
{
    int status;

    assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static struct text in_child(struct arena *arena, const char *exe, struct text bytes, int seconds)
{
    struct sheet *sheet = NULL;
    struct fault fault = {0};
    enum err err = sheet_read_in_child(exe, bytes, seconds, arena, &sheet, &fault);

    if (err) {
        assert_null(sheet);
        no_child_left();
        return arena_printf(arena, "%s: %s", err_name(err), fault.text);
    }
    struct text got = dump(arena, sheet);
    struct sheet_row row;
    assert_false(sheet_next(sheet, &row));
    sheet_close(sheet);
    no_child_left();
    return got;
}

static void test_child(void **state)
{
    struct arena *a = *state;
    struct text book = workbook(a);

    says(in_child(a, self_exe, T("Имя;b\n\n1;\"x\ny\"\n2;\"\"x\n"), 20),
         "1:Имя|b\n3:1|x\ny\n5!2 There is text after a closing quote\n");
    says(in_child(a, self_exe, book, 20), "1:Имя|1970-01-01\n2:Құрманов\n");
    book.n -= 100;
    holds(in_child(a, self_exe, book, 20), "syntax: the file is not a whole");
    says(in_child(a, self_exe, T(""), 20), "syntax: the file is empty");
    says(in_child(a, self_exe, T("%PDF-"), 20),
         "syntax: this is a PDF document, not a table in CSV");
    holds(in_child(a, "/nonexistent/bereg", T("a;b"), 20), "io: cannot start /nonexistent/bereg");
    struct text huge = {"a", (size_t)SHEET_BYTES_MAX + 1};
    holds(in_child(a, self_exe, huge, 20), "limit: the file is larger than 200 MB");
}

/* More than pipes and buffers hold; and a reader that loses interest. */
static void test_child_large(void **state)
{
    struct buf b = BUF(1 << 24);
    struct sheet *sheet = NULL;
    struct sheet_row row;

    for (int i = 0; i < 200000; i++)
        buf_printf(&b, "%d;строка %d;x\n", i, i * 7);
    assert_int_equal(sheet_read_in_child(self_exe, buf_get(&b), 60, *state, &sheet, NULL), OK);
    for (int i = 0; i < 200000; i++) {
        char want[64];
        assert_true(sheet_next(sheet, &row));
        assert_null(row.fault);
        assert_int_equal(row.line, i + 1);
        assert_int_equal(row.n, 3);
        snprintf(want, sizeof want, "строка %d", i * 7);
        assert_true(text_is(row.cells[1], want));
    }
    assert_false(sheet_next(sheet, &row));
    sheet_close(sheet);
    no_child_left();
    assert_int_equal(sheet_read_in_child(self_exe, buf_get(&b), 60, *state, &sheet, NULL), OK);
    assert_true(sheet_next(sheet, &row));
    sheet_close(sheet);
    no_child_left();
    buf_free(&b);
}

static void script(const char *path, const char *body)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0700), 0);
    dprintf(fd, "#!/bin/sh\n%s\n", body);
    close(fd);
}

/* Children that do not do as they should: the parent tells it, and lives. */
static void test_bad_children(void **state)
{
    struct arena *a = *state;
    char path[] = "/tmp/bereg-child-XXXXXX";
    int fd = mkstemp(path);
    static const struct {
        const char *body, *want;
    } rows[] = {
        {"sleep 30", "limit: Reading the file took too long"},
        {"kill -SEGV $$", "syntax: The file cannot be read"},
        {"kill -XCPU $$", "limit: Reading the file took too long"},
        {"exit 3", "syntax: The file cannot be read"},
        {"echo this is not a frame at all", "syntax: The file cannot be read"},
        {"printf 'F\\0\\0\\0\\0'", "syntax: The file cannot be read"},
        {"printf 'F\\3\\0\\0\\0\\11\\377x'", "syntax: The file cannot be read"},
        {"printf 'F\\3\\0\\0\\0\\10no'", "limit: no"},
        {"printf 'F\\377\\377\\377\\377'", "syntax: The file cannot be read"},
        {"printf 'O\\0\\0\\0\\0'", "0!0 The file cannot be read"},
        {"printf 'O\\0\\0\\0\\0'; kill -XCPU $$", "0!0 Reading the file took too long"},
        {"printf 'O\\0\\0\\0\\0O\\0\\0\\0\\0'; sleep 30", "0!0 The file cannot be read"},
        {"printf 'O\\0\\0\\0\\0R\\1\\0\\0\\0x'", "0!0 The file cannot be read"},
        {"printf 'O\\0\\0\\0\\0R\\25\\0\\0\\0\\5\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\1\\0\\0\\0"
         "\\0\\0\\0'",
         "0!0 The file cannot be read"}, /* 257 cells */
        {"printf 'O\\0\\0\\0\\0R\\32\\0\\0\\0\\5\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0"
         "\\0\\0\\0\\1\\0\\0\\0\\377E\\0\\0\\0\\0'",
         "0!0 The file cannot be read"}, /* a cell that is no UTF-8 */
        {"printf 'O\\0\\0\\0\\0R\\32\\0\\0\\0\\5\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0"
         "\\0\\0\\0\\1\\0\\0\\0xE\\0\\0\\0\\0'",
         "5:x\n"}, /* and one that is right */
    };

    close(fd);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        script(path, rows[i].body);
        struct text got = in_child(a, path, T("a;b"), 1);
        if (!text_starts(got, rows[i].want))
            fail_msg("%s\ngave: %.*s", rows[i].body, TEXT_ARG(got));
    }
    unlink(path);
}

/* What the lock forbids, tried in a process of its own: the signal that ended it, or 0. */
static int locked_in(void (*try)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        lock_in(1, (size_t)1 << 30);
        try();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void try_nothing(void)
{
    struct arena *a = arena_new();

    memset(arena_alloc(a, 1 << 24), 1, 1 << 24);
    arena_free(a);
}

static void try_open(void)
{
    (void)!open("/etc/passwd", O_RDONLY);
}

static void try_exec(void)
{
    (void)!execl("/bin/true", "true", (char *)NULL);
}

static void try_fork(void)
{
    (void)!fork();
}

static void try_kill(void)
{
    (void)!kill(getppid(), 0);
}

static void try_code(void)
{
    (void)!mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void try_forever(void)
{
    for (volatile int i = 0;; i++)
        continue;
}

static void try_memory(void)
{
    _exit(malloc((size_t)3 << 30) ? 1 : 0);
}

static void test_lock(void **state)
{
    (void)state;
    assert_int_equal(locked_in(try_nothing), 0);
    assert_int_equal(locked_in(try_open), SIGSYS);
    assert_int_equal(locked_in(try_exec), SIGSYS);
    assert_int_equal(locked_in(try_fork), SIGSYS);
    assert_int_equal(locked_in(try_kill), SIGSYS);
    assert_int_equal(locked_in(try_code), SIGSYS);
    assert_int_equal(locked_in(try_forever), SIGXCPU);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
    assert_int_equal(locked_in(try_memory), 0);
#else
    (void)try_memory;
#endif
}

/* sheet_convert by itself: an input that cannot be read, an output that cannot be written. */
static void test_convert(void **state)
{
    int fd = memfd_create("in", 0), full = open("/dev/full", O_WRONLY),
        null = open("/dev/null", O_RDWR);

    (void)state;
    assert_int_equal(write(fd, "a;b\n", 4), 4);
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(sheet_convert(fd, full), ERR_IO);
    assert_int_equal(sheet_convert(-1, null), ERR_IO);
    assert_int_equal(sheet_convert(null, null), OK); /* empty: told in the output */
    close(fd);
    close(full);
    close(null);
}

#define IN_ARENA(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(test_kinds),        IN_ARENA(test_child), IN_ARENA(test_child_large),
        IN_ARENA(test_bad_children), IN_ARENA(test_lock),  IN_ARENA(test_convert),
    };

    /* The tests start this program as its own child, as bereg does. */
    if (argc == 3 && strcmp(argv[1], "job") == 0 && strcmp(argv[2], "sheet") == 0)
        return sheet_job_main();
    ssize_t n = readlink("/proc/self/exe", self_exe, sizeof self_exe - 1);
    self_exe[n > 0 ? n : 0] = '\0';
    return cmocka_run_group_tests_name("sheet", tests, NULL, NULL);
}
