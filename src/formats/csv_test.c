#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/date.h"
#include "formats/csv.h"
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

/* All rows as one text: "line:cell|cell" or "line!column fault", one row to a line, so that a test
 * shows its whole expectation. */
static struct text dump(struct arena *arena, struct csv_reader *r)
{
    struct buf out = BUF(1 << 20);
    struct sheet_row row;

    while (csv_next(r, &row)) {
        if (row.fault) {
            buf_printf(&out, "%d!%d %s%s\n", (int)row.line, (int)row.column, row.fault,
                       row.last ? " (last)" : "");
            continue;
        }
        buf_printf(&out, "%d:", (int)row.line);
        for (size_t i = 0; i < row.n; i++) {
            if (!text_valid(row.cells[i]))
                fail_msg("a cell of line %d is not valid text", (int)row.line);
            buf_text(&out, i ? T("|") : T(""));
            buf_text(&out, row.cells[i]);
        }
        buf_char(&out, '\n');
    }
    struct text all = arena_text(arena, buf_get(&out));
    buf_free(&out);
    return all;
}

static struct csv_reader *open_it(struct arena *arena, struct text bytes)
{
    struct csv_reader *r = NULL;
    struct fault fault = {0};

    if (csv_open(bytes, arena, &r, &fault) != OK)
        fail_msg("refused: %s", fault.text);
    return r;
}

static void reads(void **state, struct text bytes, const char *want)
{
    struct text got = dump(*state, open_it(*state, bytes));

    if (!text_is(got, want))
        fail_msg("got:\n%.*swanted:\n%s", TEXT_ARG(got), want);
}

static void refuses(void **state, struct text bytes, enum err err, const char *words)
{
    struct csv_reader *r = NULL;
    struct fault fault = {0};

    assert_int_equal(csv_open(bytes, *state, &r, &fault), err);
    assert_null(r);
    if (!strstr(fault.text, words))
        fail_msg("'%s' does not say '%s'", fault.text, words);
}

static void test_plain(void **state)
{
    reads(state, T("a;b;c\r\n1;2;3\r\n"), "1:a|b|c\n2:1|2|3\n");
    reads(state, T("a,b\n1,2"), "1:a|b\n2:1|2\n");
    reads(state, T("a\tb\n1\t2\n"), "1:a|b\n2:1|2\n");
    reads(state, T("a;b\r1;2\r"), "1:a|b\n2:1|2\n"); /* CR alone */
    reads(state, T("one\ntwo\n"), "1:one\n2:two\n"); /* one column */
    reads(state, T("a;b;\n;x;\n"), "1:a|b|\n2:|x|\n");
    reads(state, T("a;b\n\n\r\n;;\n \n1;2\n"), "1:a|b\n5: \n6:1|2\n"); /* rows without content */
    reads(state, T("a;b\n1;2\n\x1A"), "1:a|b\n2:1|2\n");               /* the end mark of DOS */
    reads(state, T("a;b\n1"), "1:a|b\n2:1\n");                         /* short rows stay short */
}

static void test_quotes(void **state)
{
    reads(state, T("\"a\";\"b;c\";\"d\"\"e\"\r\n"), "1:a|b;c|d\"e\n");
    reads(state, T("a;\"x\ny\r\nz\";b\nc;d;e\n"), "1:a|x\ny\r\nz|b\n4:c|d|e\n");
    reads(state, T("a;\"x\ry\";b\rc;d;e"), "1:a|x\ry|b\n3:c|d|e\n");
    reads(state, T("\"\";\"\"\"\";x\n"), "1:|\"|x\n");
    reads(state, T("ООО \"Ромашка\";x\n"), "1:ООО \"Ромашка\"|x\n"); /* quotes inside are letters */
    reads(state, T("a;\"b\""), "1:a|b\n");                           /* ends in a quote */
}

static void test_quote_faults(void **state)
{
    reads(state, T("a;b\n\"Ромашка\" ООО;2\n3;4\n"),
          "1:a|b\n2!1 There is text after a closing quote\n3:3|4\n");
    /* One forgotten quote costs its own row only. */
    reads(state, T("a;b\n1;\"open\n3;4\n5;6\n"),
          "1:a|b\n2!2 A quote that is opened here is not closed\n3:3|4\n4:5|6\n");
    reads(state, T("a;b\n1;\"open\n3;\"x\"\n5;6\n"),
          "1:a|b\n2!2 A quote that is opened here is not closed\n3:3|x\n4:5|6\n");
    reads(state, T("a;b\n1;\""), "1:a|b\n2!2 A quote that is opened here is not closed\n");
    reads(state, T("a;\"x\ny\";\"z\nb;c\nd;e"),
          "1!3 A quote that is opened here is not closed\n3:b|c\n4:d|e\n");
}

static void test_delimiter(void **state)
{
    struct arena *a = *state;

    assert_int_equal(csv_delimiter(open_it(a, T("Имя;Сумма\nА;1,5\nБ;2,5\nВ;3,25\n"))), ';');
    assert_int_equal(csv_delimiter(open_it(a, T("name,note\nx,\"a;b;c\"\ny,\"d;e;f\"\n"))), ',');
    assert_int_equal(csv_delimiter(open_it(a, T("a\tb,c\td\n1\t2\t3\n"))), '\t');
    assert_int_equal(csv_delimiter(open_it(a, T("a,b,c;d\n1,2,3;4\n5,6,7\n"))), ',');
    assert_int_equal(csv_delimiter(open_it(a, T("\n\na,b\n"))), ',');
    reads(state, T("sep=|\r\na|b;c\r\n"), "2:a|b;c\n");
    reads(state, T("SEP=,\na,b;c;d\n1,2;;\n"), "2:a|b;c;d\n3:1|2;;\n");
    reads(state, T("sep=x\na;b\n"), "1:sep=x\n2:a|b\n");
}

static void test_encodings(void **state)
{
    struct arena *a = *state;
    static const char utf16le[] =
        "\xFF\xFE\x1F\x04\x3B\x00\x41\x00\x0A\x00\x3D\xD8\x00\xDE\x00\xD8\x00\xDC\x42\x00";
    static const char utf16be[] = "\xFE\xFF\x04\x1F\x00;\x00"
                                  "A\x00\n\xD8\x3D\xDE\x00";
    static const char broken16[] = "\xFF\xFE\x1F\x04\x0A\x00\x3D\xD8\x41\x00\x0A\x00\x42\x00\x42";

    reads(state, T("\xEF\xBB\xBFИмя;Ё\n"), "1:Имя|Ё\n");
    reads(state, T("Имя;Құрманов\n"), "1:Имя|Құрманов\n");
    reads(state, T("\xC8\xEC\xFF;\xB9 5;\xA8\xE6\n"), "1:Имя|№ 5|Ёж\n");
    assert_string_equal(csv_encoding(open_it(a, T("\xC8\xEC\xFF;\xC0\n"))), "windows-1251");
    assert_string_equal(csv_encoding(open_it(a, T("Имя;a\n"))), "utf-8");
    reads(state, (struct text){utf16le, sizeof utf16le - 1}, "1:П|A\n2:😀𐀀B\n");
    reads(state, (struct text){utf16be, sizeof utf16be - 1}, "1:П|A\n2:😀\n");
    assert_string_equal(csv_encoding(open_it(a, (struct text){utf16le, 14})), "utf-16");
    reads(state, (struct text){broken16, sizeof broken16 - 1},
          "1:П\n"
          "2!1 The row holds bytes that are no letters: the encoding is damaged\n"
          "3!1 The row holds bytes that are no letters: the encoding is damaged\n");
    /* 1251 rewritten together with doubled quotes */
    reads(state, T("\"\xCE\xCE\xCE \"\"\xC0\"\"\";\xC1\n"), "1:ООО \"А\"|Б\n");
    /* A few dashes and quotes above ASCII are no proof of DOS. */
    reads(state, T("a \x97 b;\x93x\x94\n"), "1:a — b|“x”\n");
    reads(state, T("\x80;\xCE\xCE\xCE\n"), "1:Ђ|ООО\n");
}

/* A file that is UTF-8 but for some bytes must not silently become Windows-1251. */
static void test_broken_utf8(void **state)
{
    reads(state, T("Имя;Фамилия\nИван;\xD0\nПётр;Петров\n"),
          "1:Имя|Фамилия\n2!2 The row holds bytes that are no letters: the encoding is damaged\n"
          "3:Пётр|Петров\n");
    reads(state,
          T("\xEF\xBB\xBF"
            "a;\xC8\xEC\xFF\nb;c\n"),
          "1!2 The row holds bytes that are no letters: the encoding is damaged\n2:b|c\n");
    reads(state, T("a;b\nx\0y;1\n2;\x01\nc;d\n"),
          "1:a|b\n2!1 The row holds a zero byte\n3!2 The row holds a control character\n4:c|d\n");
    reads(state, T("\xC8\xEC\xFF;\x98\n\xC0;\xC1\n"), /* 0x98 is no letter of 1251 */
          "1!2 The row holds bytes that are no letters: the encoding is damaged\n2:А|Б\n");
}

/* Our table of Windows-1251 is that of the system. */
static void test_1251_table(void **state)
{
    iconv_t to_utf8 = iconv_open("UTF-8", "WINDOWS-1251");
    char in[129], want[600];
    size_t n = 0;

    assert_true(to_utf8 != (iconv_t)-1);
    for (int c = 0x80; c <= 0xFF; c++)
        if (c != 0x98)
            in[n++] = (char)c;
    char *from = in, *to = want;
    size_t left = n, room = sizeof want - 1;
    assert_int_equal(iconv(to_utf8, &from, &left, &to, &room), 0);
    *to = '\0';
    iconv_close(to_utf8);
    struct text csv = arena_printf(*state, "\"%.*s\";\xC8\xC8\xC8", (int)n, in);
    struct sheet_row row;
    assert_true(csv_next(open_it(*state, csv), &row));
    assert_int_equal(row.n, 2);
    assert_string_equal(arena_z(*state, row.cells[0]), want);
}

static void test_refused(void **state)
{
    refuses(state, T(""), ERR_SYNTAX, "empty");
    refuses(state, T("\xEF\xBB\xBF \r\n \n"), ERR_SYNTAX, "empty");
    refuses(state, T("\xFF\xFE"), ERR_SYNTAX, "empty");
    refuses(state, T("PK\3\4xxxxxxxx"), ERR_SYNTAX, "ZIP");
    refuses(state, T("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), ERR_SYNTAX, ".xls");
    refuses(state, T("%PDF-1.7\n"), ERR_SYNTAX, "PDF");
    refuses(state, T("\x89PNG\r\n"), ERR_SYNTAX, "PNG");
    refuses(state, T("MZ\x90\0\3"), ERR_SYNTAX, "program");
    refuses(state,
            T("\x7F"
              "ELF\2\1"),
            ERR_SYNTAX, "program");
    refuses(state, T("\xEF\xBB\xBF\n <!DOCTYPE html><table>"), ERR_SYNTAX, "web page");
    refuses(state, T("<HTML><body>"), ERR_SYNTAX, "web page");
    refuses(state, T("<?xml version=\"1.0\"?>"), ERR_SYNTAX, "XML");
    refuses(state, T("\0\1\2\3\0\1\2\3abc"), ERR_SYNTAX, "not text");
    refuses(state,
            T("\x94\xA0\xAC\xA8\xAB\xA8\xEF;\x88\xAC\xEF;\x8E\xE2\xE7\xA5\xE1\xE2\xA2\xAE\n"),
            ERR_SYNTAX, "DOS"); /* Фамилия;Имя;Отчество in CP866 */
    struct text huge = {"a", (size_t)SHEET_BYTES_MAX + 1};
    refuses(state, huge, ERR_LIMIT, "larger");
    struct csv_reader *r;
    assert_int_equal(csv_open(T(""), *state, &r, NULL), ERR_SYNTAX);
    assert_null(csv_foreign(T("MZ;a\n")));
    assert_null(csv_foreign(T("a<html>")));
}

static void test_limits(void **state)
{
    struct buf b = BUF(1 << 24);

    for (int i = 0; i < 300; i++) /* 256 columns, then empty ones: fine */
        buf_z(&b, i < 256 ? "x;" : ";");
    buf_z(&b, "\n");
    for (int i = 0; i < 257; i++)
        buf_z(&b, "x;");
    buf_z(&b, "\na;b\n");
    struct csv_reader *r = open_it(*state, buf_get(&b));
    struct sheet_row row;
    assert_true(csv_next(r, &row) && !row.fault);
    assert_int_equal(row.n, 256);
    assert_true(csv_next(r, &row) && row.fault);
    assert_string_equal(row.fault, "The row has more than 256 columns");
    assert_int_equal(row.column, 257);
    assert_true(csv_next(r, &row) && !row.fault);
    assert_int_equal(row.line, 3);
    assert_false(csv_next(r, &row));
    assert_false(csv_next(r, &row));

    for (int quoted = 0; quoted < 2; quoted++) { /* a cell of the maximum and one above */
        for (size_t extra = 0; extra < 2; extra++) {
            buf_clear(&b);
            buf_z(&b, quoted ? "a;\"" : "a;");
            for (size_t i = 0; i < SHEET_CELL_MAX + extra; i++)
                buf_char(&b, 'x');
            buf_z(&b, quoted ? "\"\nb;c\n" : "\nb;c\n");
            r = open_it(*state, buf_get(&b));
            assert_true(csv_next(r, &row));
            assert_int_equal(row.fault != NULL, extra);
            assert_int_equal(row.column, extra ? 2 : 0);
            if (!extra)
                assert_int_equal(row.cells[1].n, SHEET_CELL_MAX);
            assert_true(csv_next(r, &row) && !row.fault);
            assert_int_equal(row.line, 2);
        }
    }
    /* The limit is of what comes out: 60,000 letters of 1251 are 120,000 bytes. */
    buf_clear(&b);
    for (int i = 0; i < 60000; i++)
        buf_char(&b, '\xE0');
    r = open_it(*state, buf_get(&b));
    assert_true(csv_next(r, &row) && row.fault);
    buf_free(&b);
}

static void test_row_limit(void **state)
{
    struct buf b = BUF((size_t)SHEET_ROWS_MAX * 4);
    struct sheet_row row;
    int64_t n = 0;

    for (int i = 0; i < SHEET_ROWS_MAX + 5; i++)
        buf_add(&b, "1\n", 2);
    struct csv_reader *r = open_it(*state, buf_get(&b));
    while (csv_next(r, &row) && !row.fault)
        n++;
    assert_int_equal(n, SHEET_ROWS_MAX);
    assert_true(row.last);
    assert_int_equal(row.line, SHEET_ROWS_MAX + 1);
    assert_non_null(row.fault);
    assert_false(csv_next(r, &row));
    buf_free(&b);
}

/* Quotes that open and never close must not make the reader go over the same bytes again and again:
 * a megabyte of any of these takes some milliseconds. */
static void test_no_quadratic(void **state)
{
    static const char *const lines[] = {"\"\n",    ";\"\n",      "a\";\"\n",
                                        "\"a\n",   "\"\"\";\n",  "a\"\";\"\n",
                                        "\"\"x\n", "x;\"a\"b\n", ";\"\"\"\n"};
    struct buf b = BUF(1 << 21);
    struct sheet_row row;
    size_t faults = 0;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        buf_clear(&b);
        buf_z(&b, "a;b\n");
        while (b.n < 1 << 20)
            buf_z(&b, lines[i]);
        clock_t begin = clock();
        struct csv_reader *r = open_it(*state, buf_get(&b));
        while (csv_next(r, &row))
            faults += row.fault != NULL;
        double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
        if (seconds > 5)
            fail_msg("pattern %zu took %.1f s", i, seconds);
    }
    assert_true(faults > 1000);
    buf_free(&b);
}

/* --- out --- */

static void test_write(void **state)
{
    struct buf b = BUF(10000);
    struct csv_writer w = {.guard = true, .hidden = T("скрыто")};
    struct value code = {.kind = V_CODE, .n = 2, .s = "c1"};

    (void)state;
    csv_begin(&w, &b, ';', true);
    csv_write_cell(&w, T("Имя"));
    csv_write_cell(&w, T(""));
    csv_write_cell(&w, T("a;b"));
    csv_write_cell(&w, T("a,b"));
    csv_write_cell(&w, T("say \"x\""));
    csv_write_cell(&w, T("two\nlines"));
    csv_write_cell(&w, T(" blank"));
    csv_write_end(&w);
    csv_write_cell(&w, T("=1+1"));
    csv_write_cell(&w, T("+7913"));
    csv_write_cell(&w, T("-5"));
    csv_write_cell(&w, T("@x"));
    csv_write_cell(&w, T("\tx"));
    csv_write_cell(&w, T("\rx"));
    csv_write_cell(&w, T("'=1"));
    csv_write_cell(&w, T("'a"));
    csv_write_cell(&w, T("=\"a;b\""));
    csv_write_end(&w);
    csv_write_value(&w, v_int(-5));
    csv_write_value(&w, v_null());
    csv_write_value(&w, v_date(0));
    csv_write_value(&w, v_instant(60000000));
    csv_write_value(&w, code);
    csv_write_value(&w, (struct value){.kind = V_HIDDEN});
    csv_write_value(&w, v_z("=x"));
    csv_write_value(&w, (struct value){.kind = V_NONE});
    csv_write_end(&w);
    assert_int_equal(buf_end(&b), OK);
    buf_char(&b, '\0');
    assert_string_equal(
        b.s, "\xEF\xBB\xBFИмя;;\"a;b\";a,b;\"say \"\"x\"\"\";\"two\nlines\";\" blank\"\r\n"
             "'=1+1;'+7913;'-5;'@x;'\tx;\"'\rx\";''=1;'a;\"'=\"\"a;b\"\"\"\r\n"
             "-5;;1970-01-01;01.01.1970 00:01;c1;скрыто;'=x;\r\n");
    buf_clear(&b);
    w = (struct csv_writer){.guard = false};
    csv_begin(&w, &b, ',', false);
    csv_write_cell(&w, T("=1"));
    csv_write_cell(&w, T("a;b"));
    csv_write_cell(&w, T("a,b"));
    csv_write_end(&w);
    buf_char(&b, '\0');
    assert_string_equal(b.s, "=1,a;b,\"a,b\"\r\n");
    buf_free(&b);
}

/* What goes out comes in again, whatever it is. */
static void test_round(void **state)
{
    static const char *const cells[] = {"a",     "",         "=1",   "'=1",   "''-1", "'a",  "\"",
                                        "\"\"a", "a\r\n\"b", "+7;,", "\tx;y", " x ",  "a,b", "Ёж;"};
    enum { N = sizeof cells / sizeof *cells };

    for (int k = 0; k < 2; k++) {
        struct buf b = BUF(10000);
        struct csv_writer w = {.guard = true};
        struct sheet_row row;
        csv_begin(&w, &b, k ? ',' : ';', k);
        for (int line = 0; line < 3; line++) {
            for (size_t i = 0; i < N; i++)
                csv_write_cell(&w, text_of(cells[i]));
            csv_write_end(&w);
        }
        struct csv_reader *r = open_it(*state, buf_get(&b));
        for (int line = 0; line < 3; line++) {
            assert_true(csv_next(r, &row));
            assert_null(row.fault);
            assert_int_equal(row.n, N);
            for (size_t i = 0; i < N; i++)
                assert_string_equal(arena_z(*state, row.cells[i]), cells[i]);
        }
        assert_false(csv_next(r, &row));
        buf_free(&b);
    }
}

static void test_write_limit(void **state)
{
    struct buf b = BUF(10);
    struct csv_writer w = {0};

    (void)state;
    csv_begin(&w, &b, ';', false);
    csv_write_cell(&w, T("12345678901"));
    csv_write_end(&w);
    assert_int_equal(buf_end(&b), ERR_LIMIT);
    buf_free(&b);
}

#define IN_ARENA(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(test_plain),      IN_ARENA(test_quotes),       IN_ARENA(test_quote_faults),
        IN_ARENA(test_delimiter),  IN_ARENA(test_encodings),    IN_ARENA(test_broken_utf8),
        IN_ARENA(test_1251_table), IN_ARENA(test_refused),      IN_ARENA(test_limits),
        IN_ARENA(test_row_limit),  IN_ARENA(test_no_quadratic), IN_ARENA(test_write),
        IN_ARENA(test_round),      IN_ARENA(test_write_limit),
    };

    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
