#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/date.h"
#include "formats/csv.h"
#include "formats/sheet.h"
#include "formats/xlsx.h"
#include "formats/xlsx_parts.h"
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* --- making workbooks --- */

struct entry {
    const char *name;
    struct text bytes;
};

static struct text zip_of(struct arena *arena, const struct entry *entries, size_t n)
{
    zip_error_t error;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(whole, ZIP_TRUNCATE, &error);

    assert_non_null(zip);
    zip_source_keep(whole);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *s = zip_source_buffer(zip, entries[i].bytes.s, entries[i].bytes.n, 0);
        assert_true(zip_file_add(zip, entries[i].name, s, ZIP_FL_ENC_UTF_8) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t stat;
    assert_int_equal(zip_source_stat(whole, &stat), 0);
    char *bytes = arena_alloc(arena, stat.size + 1);
    assert_int_equal(zip_source_open(whole), 0);
    assert_int_equal(zip_source_read(whole, bytes, stat.size), (int64_t)stat.size);
    zip_source_close(whole);
    zip_source_free(whole);
    return (struct text){bytes, stat.size};
}

static const char rels[] =
    "<Relationships><Relationship Id=\"rId1\" Type=\"http://x/officeDocument\" "
    "Target=\"xl/workbook.xml\"/></Relationships>";
static const char book_rels[] =
    "<Relationships>"
    "<Relationship Id=\"rId1\" Type=\"http://x/worksheet\" Target=\"./worksheets//sheet1.xml\"/>"
    "<Relationship Id=\"x\"/><Relationship Type=\"t\"/><Relationship Target=\"t\"/>"
    "<Relationship Id=\"rId2\" Type=\"http://x/worksheet\" Target=\"/xl/worksheets/second.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"http://x/styles\" Target=\"styles.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"http://x/sharedStrings\" Target=\"../xl/sharedStrings.xml\"/>"
    "</Relationships>";
static const char one_sheet[] =
    "<workbook><sheets><sheet name=\"A\" sheetId=\"7\" r:id=\"rId1\"/></sheets></workbook>";
static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd.mm.yyyy\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"00000000000\"/></numFmts>"
    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/>"
    "<xf numFmtId=\"22\"/><xf numFmtId=\"21\"/><xf numFmtId=\"165\"/></cellXfs><dxfs><xf "
    "numFmtId=\"14\"/></dxfs></styleSheet>";
static const char strings[] =
    "<sst><si><t>Имя</t></si><si><r><t>два </t></r><r><t>куска</t></r></si>"
    "<si><t>東京</t><rPh><t>トウキョウ</t></rPh></si><si><t>a_x000A_b &amp; c</t></si><si/></sst>";

/* A workbook of one sheet; what stands in <sheetData>. */
static struct text book_of(struct arena *arena, const char *workbook, const char *rows)
{
    struct text sheet =
        arena_printf(arena, "<worksheet><sheetData>%s</sheetData></worksheet>", rows);
    const struct entry entries[] = {
        {"_rels/.rels", text_of(rels)},
        {"xl/workbook.xml", text_of(workbook)},
        {"xl/_rels/workbook.xml.rels", text_of(book_rels)},
        {"xl/styles.xml", text_of(styles)},
        {"xl/sharedStrings.xml", text_of(strings)},
        {"xl/worksheets/sheet1.xml", sheet},
        {"xl/worksheets/second.xml",
         T("<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>second</t></is></c></row>"
           "</sheetData></worksheet>")},
    };
    return zip_of(arena, entries, sizeof entries / sizeof *entries);
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

static struct text dump_of(struct arena *arena, struct text bytes)
{
    struct sheet *sheet = NULL;
    struct fault fault = {0};

    if (sheet_open(bytes, arena, &sheet, &fault) != OK)
        return arena_printf(arena, "refused: %s", fault.text);
    struct text got = dump(arena, sheet);
    sheet_close(sheet);
    return got;
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

static void rows_are(void **state, const char *rows, const char *want)
{
    says(dump_of(*state, book_of(*state, one_sheet, rows)), want);
}

/* --- reading workbooks --- */

static void test_cells(void **state)
{
    rows_are(state,
             "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>"
             "<c r=\"C1\" t=\"s\"><v>2</v></c><c r=\"D1\" t=\"s\"><v>3</v></c></row>",
             "1:Имя|два куска|東京|a\nb & c\n");
    /* gaps, rows without number, empty rows, order of cells, trailing empty cells */
    rows_are(state,
             "<row><c><v>1</v></c><c/><c><v>3</v></c></row><row r=\"3\"/><row r=\"4\"><c r=\"A4\"/>"
             "</row><row r=\"7\"><c r=\"C7\"><v>3</v></c><c r=\"A7\"><v>1</v></c></row>"
             "<row><c r=\"B8\"><v>2</v></c><c><v>3</v></c><c t=\"s\"><v>4</v></c></row>",
             "1:1||3\n7:1||3\n8:|2|3\n");
    rows_are(state,
             "<row><c><v>45458</v></c><c><v>1.5</v></c><c><v>7.9130000001E10</v></c>"
             "<c><v>0.1</v></c><c><v>0.30000000000000004</v></c><c><v>-0</v></c>"
             "<c><v>1e300</v></c><c><v>-12</v></c><c><v>007</v></c></row>",
             "1:45458|1.5|79130000001|0.1|0.3|0|1e+300|-12|7\n");
    rows_are(state,
             "<row><c t=\"inlineStr\"><is><t> x </t><r><t>y</t></r><rPh><t>z</t></rPh></is></c>"
             "<c t=\"str\"><f>A1</f><v>=text</v></c><c t=\"str\"><f>A1</f><v></v></c>"
             "<c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c>"
             "<c t=\"d\"><v>2024-06-15T00:00:00</v></c><c t=\"d\"><v>2024-06-15T10:30:00</v></c>"
             "<c><f>1+1</f><v>2</v></c><c t=\"n\"><v> 5 </v></c></row>",
             "1: x y|=text||true|false|2024-06-15|2024-06-15T10:30:00|2|5\n");
    /* names with a prefix, as some programs write */
    says(dump_of(*state, zip_of(*state,
                                (struct entry[]){{"xl/workbook.xml",
                                                  T("<x:workbook><x:sheets><x:sheet r:id=\"a\"/>"
                                                    "</x:sheets></x:workbook>")},
                                                 {"xl/worksheets/sheet1.xml",
                                                  T("<x:worksheet><x:sheetData><x:row><x:c><x:v>5"
                                                    "</x:v></x:c></x:row></x:sheetData>"
                                                    "</x:worksheet>")}},
                                2)),
         "1:5\n");
}

static void test_dates(void **state)
{
    static const char rows[] =
        "<row><c s=\"1\"><v>45458</v></c><c s=\"2\"><v>45458.75</v></c><c "
        "s=\"3\"><v>45458.75</v></c>"
        "<c s=\"3\"><v>45458</v></c><c s=\"4\"><v>0.5</v></c><c s=\"4\"><v>1.0625</v></c>"
        "<c s=\"1\"><v>61</v></c><c s=\"1\"><v>59</v></c><c s=\"1\"><v>1</v></c>"
        "<c s=\"1\"><v>60</v></c><c s=\"1\"><v>0</v></c><c s=\"1\"><v>-1</v></c>"
        "<c s=\"1\"><v>3000000</v></c><c s=\"0\"><v>45458</v></c><c s=\"6\"><v>45458</v></c>"
        "<c s=\"3\"><v>45458.9999999</v></c><c s=\"5\"><v>8765430300</v></c></row>";

    rows_are(state, rows,
             "1:2024-06-15|2024-06-15|2024-06-15T18:00:00|2024-06-15|12:00:00|25:30:00|1900-03-01|"
             "1900-02-28|1900-01-01|60|0|-1|3000000|45458|45458|2024-06-16|08765430300\n");
    says(dump_of(*state,
                 book_of(*state,
                         "<workbook><workbookPr date1904=\"true\"/><sheets><sheet r:id=\"rId1\"/>"
                         "</sheets></workbook>",
                         "<row><c s=\"1\"><v>0</v></c><c s=\"1\"><v>43996</v></c></row>")),
         "1:1904-01-01|2024-06-15\n");
}

static void test_formats(void **state)
{
    static const struct {
        const char *code;
        int shown, digits;
    } rows[] = {
        {"General", SHOWN_NUMBER, 0},
        {"0.00", SHOWN_NUMBER, 0},
        {"#,##0 \"дней\"", SHOWN_NUMBER, 0},
        {"[Red]0.00", SHOWN_NUMBER, 0},
        {"0.00E+00", SHOWN_NUMBER, 0},
        {"@", SHOWN_NUMBER, 0},
        {"", SHOWN_NUMBER, 0},
        {"dd.mm.yyyy", SHOWN_DATE, 0},
        {"[$-419]d mmmm yyyy\" г.\"", SHOWN_DATE, 0},
        {"mmm", SHOWN_DATE, 0},
        {"mmmm\\ yyyy;@", SHOWN_DATE, 0},
        {"h:mm", SHOWN_TIME, 0},
        {"[h]:mm:ss", SHOWN_TIME, 0},
        {"h:mm AM/PM", SHOWN_TIME, 0},
        {"am/pm", SHOWN_TIME, 0},
        {"[h]", SHOWN_TIME, 0},
        {"[mm]", SHOWN_TIME, 0},
        {"mm:ss.0", SHOWN_TIME, 0},
        {"yyyy-mm-dd hh:mm", SHOWN_DATE | SHOWN_TIME, 0},
        {"0\\d", SHOWN_NUMBER, 1},
        {"\"yd\"0", SHOWN_NUMBER, 1},
        {"0;\"d\"", SHOWN_NUMBER, 1},
        {"000\\-000\\-000\\ 00", SHOWN_NUMBER, 11},
        {"0000", SHOWN_NUMBER, 4},
        {"\"open", SHOWN_NUMBER, 0},
        {"[open", SHOWN_NUMBER, 0},
        {"0\\", SHOWN_NUMBER, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct style style = style_by_format(rows[i].code);
        if (style.shown != rows[i].shown || style.digits != rows[i].digits)
            fail_msg("%s: %d, %d digits", rows[i].code, style.shown, style.digits);
    }
}

/* Formats that every workbook knows by number only. */
static void test_builtin_formats(void **state)
{
    struct buf xml = BUF(100000), cells = BUF(100000), want = BUF(100000);

    buf_z(&xml, "<styleSheet><cellXfs>");
    buf_z(&cells, "<worksheet><sheetData><row>");
    buf_z(&want, "1:");
    for (int id = 0; id <= 60; id++) {
        bool date = (id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
                    (id >= 50 && id <= 54) || id == 57 || id == 58;
        bool time = (id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) ||
                    id == 55 || id == 56;
        buf_printf(&xml, "<xf numFmtId=\"%d\"/>", id);
        buf_printf(&cells, "<c s=\"%d\"><v>45458.5</v></c>", id);
        buf_z(&want, id ? "|" : "");
        buf_z(&want, id == 22 ? "2024-06-15T12:00:00"
                     : date   ? "2024-06-15"
                     : time   ? "1091004:00:00"
                              : "45458.5");
    }
    buf_z(&xml, "</cellXfs></styleSheet>");
    buf_z(&cells, "</row></sheetData></worksheet>");
    buf_z(&want, "\n");
    buf_char(&want, '\0');
    const struct entry entries[] = {
        {"xl/workbook.xml", text_of(one_sheet)},
        {"xl/_rels/workbook.xml.rels", text_of(book_rels)},
        {"xl/styles.xml", buf_get(&xml)},
        {"xl/worksheets/sheet1.xml", buf_get(&cells)},
    };
    says(dump_of(*state, zip_of(*state, entries, 4)), want.s);
    buf_free(&xml);
    buf_free(&cells);
    buf_free(&want);
}

static void test_which_sheet(void **state)
{
    const char *rows = "<row><c><v>1</v></c></row>";

    says(dump_of(*state, book_of(*state,
                                 "<workbook><sheets><sheet state=\"hidden\" r:id=\"rId1\"/>"
                                 "<sheet r:id=\"rId2\"/><sheet r:id=\"rId1\"/></sheets></workbook>",
                                 rows)),
         "1:second\n");
    says(dump_of(*state, book_of(*state,
                                 "<workbook><sheets><sheet state=\"hidden\" r:id=\"rId2\"/>"
                                 "<sheet state=\"veryHidden\" r:id=\"rId1\"/></sheets></workbook>",
                                 rows)),
         "1:second\n");
}

static void test_cell_faults(void **state)
{
    rows_are(state,
             "<row><c><v>1</v></c><c t=\"e\"><v>#N/A</v></c></row><row><c><f>A1</f><v/></c></row>"
             "<row><c t=\"s\"><v>5</v></c></row><row><c t=\"s\"><v>-1</v></c></row>"
             "<row><c><v>x</v></c></row><row><c><v>0x10</v></c></row><row><c><v>nan</v></c></row>"
             "<row><c><v>1e999</v></c></row>"
             "<row><c t=\"inlineStr\"><is><t>a_x0001_b</t></is></c></row>"
             "<row><c r=\"IW10\"><v>1</v></c></row><row><c r=\"IV11\"/><c r=\"IW11\"/></row>"
             "<row><c><v>1</v></c></row>",
             "1!2 A cell holds the error of a formula\n"
             "2!1 A cell holds a formula without its value: save the file in Excel\n"
             "3!1 The workbook is damaged: a cell refers to what is not there\n"
             "4!1 The workbook is damaged: a cell refers to what is not there\n"
             "5!1 A cell holds a number that cannot be read\n"
             "6!1 A cell holds a number that cannot be read\n"
             "7!1 A cell holds a number that cannot be read\n"
             "8!1 A cell holds a number that cannot be read\n"
             "9!1 The row holds a control character\n"
             "10!257 The row has more than 256 columns\n"
             "12:1\n");
    rows_are(state, "<row><c><f>A1</f></c></row><row><c t=\"str\"><f>A1</f></c></row>",
             "1!1 A cell holds a formula without its value: save the file in Excel\n"
             "2!1 A cell holds a formula without its value: save the file in Excel\n");
    rows_are(state, "<row><c><v>1</v></c></row><row r=\"1\"><c><v>2</v></c></row>",
             "1:1\n1!0 The workbook is damaged: its rows are not in order (last)\n");
    rows_are(state, "<row><c r=\"5\"><v>1</v></c></row>",
             "1!0 The workbook is damaged: a cell refers to what is not there (last)\n");
    rows_are(state, "<row r=\"9999999\"><c><v>1</v></c></row>",
             "0!0 The workbook is damaged: its rows are not in order (last)\n");
    rows_are(state, "<row><c><v>1</v></c></row><row><c>",
             "1:1\n2!0 The workbook is damaged: its contents are not well-formed XML (last)\n");
    struct arena *a = *state; /* the longest cell, and one byte more */
    char *x = arena_alloc(a, SHEET_CELL_MAX + 2);
    memset(x, 'x', SHEET_CELL_MAX);
    for (int extra = 0; extra < 2; extra++) {
        x[SHEET_CELL_MAX] = extra ? 'x' : '\0';
        const char *row = "<row><c t=\"inlineStr\"><is><t>%s</t></is></c></row><row><c><v>2</v></c>"
                          "</row>";
        char *rows = arena_alloc(a, SHEET_CELL_MAX + 200);
        snprintf(rows, SHEET_CELL_MAX + 200, row, x);
        struct text got = dump_of(a, book_of(a, one_sheet, rows));
        holds(got, extra ? "1!1 A cell is longer than 100,000 bytes\n2:2\n" : "1:xxxx");
        holds(got, "\n2:2\n");
    }
}

static void test_shared_faults(void **state)
{
    struct arena *a = *state;
    char *x = arena_alloc(a, SHEET_CELL_MAX + 2);

    memset(x, 'x', SHEET_CELL_MAX + 1);
    const struct entry entries[] = {
        {"xl/workbook.xml", text_of(one_sheet)},
        {"xl/_rels/workbook.xml.rels", text_of(book_rels)},
        {"xl/styles.xml", text_of(styles)},
        {"xl/sharedStrings.xml",
         arena_printf(a, "<sst><si><t>%s</t></si><si><t>a_x0008_</t></si></sst>", x)},
        {"xl/worksheets/sheet1.xml",
         T("<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row><row><c t=\"s\"><v>1</v></c>"
           "</row><row><c><v>0.00000000000000000000000000000000000000000000000000000000000000001"
           "</v></c></row></sheetData></worksheet>")},
    };
    says(dump_of(a, zip_of(a, entries, 5)), "1!1 A cell is longer than 100,000 bytes\n"
                                            "2!1 The row holds a control character\n"
                                            "3!1 A cell holds a number that cannot be read\n");
    /* A part that is named and is not there: shared strings are then none. */
    const struct entry without[] = {
        {"xl/workbook.xml", text_of(one_sheet)},
        {"xl/_rels/workbook.xml.rels", text_of(book_rels)},
        {"xl/worksheets/sheet1.xml", entries[4].bytes},
    };
    holds(dump_of(a, zip_of(a, without, 3)), "1!1 The workbook is damaged: a cell refers");
}

/* Unescaping in place, at the edges. */
static void test_unescape(void **state)
{
    static const char *const rows[][2] = {
        {"_x0041_", "A"},
        {"a_x0041_b", "aAb"},
        {"_x005F_x0041_", "_x0041_"},
        {"_x004", "_x004"},
        {"_x00G1_", "_x00G1_"},
        {"_xD83D_", "_xD83D_"},
        {"__x0041_", "_A"},
        {"_x0041__x0042_", "AB"},
        {"_x042F_", "Я"},
        {"_x003a__x0039__x004f_", ":9O"},
        {"_x0041", "_x0041"},
        {"_X0041_", "_X0041_"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char copy[32];
        snprintf(copy, sizeof copy, "%s", rows[i][0]);
        copy[unescape_x(copy, strlen(copy))] = '\0';
        assert_string_equal(copy, rows[i][1]);
    }
}

/* --- hostile workbooks --- */

static void test_not_workbooks(void **state)
{
    struct arena *a = *state;
    static const struct {
        const char *entry, *words;
    } kinds[] = {
        {"word/document.xml", "a Word document"},
        {"content.xml", "an OpenDocument file"},
        {"xl/workbook.bin", "a binary workbook"},
        {"ppt/presentation.xml", "a presentation"},
        {"photo.jpg", "a ZIP archive without a workbook"},
    };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        holds(dump_of(a, zip_of(a, &(struct entry){kinds[i].entry, T("<a/>")}, 1)), kinds[i].words);
    struct xlsx_reader *r = NULL;
    struct fault fault;
    assert_int_equal(xlsx_open(T("%PDF-1.7"), &r, &fault), ERR_SYNTAX);
    assert_non_null(strstr(fault.text, "a PDF document"));
    assert_int_equal(xlsx_open(T("abc"), &r, &fault), ERR_SYNTAX);
    assert_null(r);
    holds(dump_of(a, T("PK\3\4 and nothing that follows")), "refused: the file is not a whole");
    const struct entry no_sheet[] = {{"xl/workbook.xml", T("<workbook/>")}};
    holds(dump_of(a, zip_of(a, no_sheet, 1)), "no sheet");
    const struct entry bad_book[] = {{"xl/workbook.xml", T("<workbook>")},
                                     {"xl/worksheets/sheet1.xml", T("<a/>")}};
    holds(dump_of(a, zip_of(a, bad_book, 2)), "not well-formed XML (xl/workbook.xml)");
    /* Names that lead out of the archive lead nowhere. */
    const struct entry outside[] = {
        {"_rels/.rels", T("<R><Relationship Id=\"a\" Type=\"/officeDocument\" "
                          "Target=\"../../../../etc/passwd\"/></R>")}};
    holds(dump_of(a, zip_of(a, outside, 1)), "a ZIP archive without a workbook");
}

static struct text book_with_sheet(struct arena *arena, struct text sheet)
{
    const struct entry entries[] = {{"xl/workbook.xml", text_of(one_sheet)},
                                    {"xl/worksheets/sheet1.xml", sheet}};

    return zip_of(arena, entries, 2);
}

static void test_entities(void **state)
{
    static const char laughs[] =
        "<?xml version=\"1.0\"?><!DOCTYPE w [<!ENTITY a \"ha\"><!ENTITY b "
        "\"&a;&a;&a;&a;&a;&a;&a;\">"
        "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>"
        "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>&d;</t></is></c></row></sheetData>"
        "</worksheet>";
    static const char outside[] =
        "<!DOCTYPE w SYSTEM \"file:///etc/passwd\"><worksheet><sheetData/></worksheet>";
    static const char undeclared[] =
        "<worksheet><sheetData><row><c><v>&x;</v></c></row></sheetData></worksheet>";

    says(dump_of(*state, book_with_sheet(*state, text_of(laughs))),
         "0!0 The workbook declares XML entities and is not read (last)\n");
    says(dump_of(*state, book_with_sheet(*state, text_of(outside))),
         "0!0 The workbook declares XML entities and is not read (last)\n");
    holds(dump_of(*state, book_with_sheet(*state, text_of(undeclared))), "not well-formed XML");
    const struct entry in_book[] = {{"xl/workbook.xml", text_of(laughs)},
                                    {"xl/worksheets/sheet1.xml", T("<a/>")}};
    holds(dump_of(*state, zip_of(*state, in_book, 2)),
          "refused: The workbook declares XML entities and is not read (xl/workbook.xml)");
}

/* `n` copies of a piece between a head and a tail */
static struct text repeated(struct arena *arena, const char *head, const char *piece, size_t n,
                            const char *tail)
{
    struct buf b = BUF(SIZE_MAX / 2);

    buf_z(&b, head);
    while (n-- > 0)
        buf_z(&b, piece);
    buf_z(&b, tail);
    struct text t = arena_text(arena, buf_get(&b));
    buf_free(&b);
    return t;
}

static void test_bombs(void **state)
{
    struct arena *a = *state;

    /* 30 MB of blanks in 30 KB */
    struct text blanks = repeated(a, "<worksheet><sheetData>", "                ", 30 << 16,
                                  "</sheetData></worksheet>");
    struct text zip = book_with_sheet(a, blanks);
    assert_true(zip.n < 100000);
    holds(dump_of(a, zip), "packed suspiciously tightly");
    /* A tag of several megabytes, whose bytes do not pack that well. */
    struct text attribute = T("<worksheet><x a=\"");
    struct buf b = BUF(SIZE_MAX / 2);
    uint32_t random = 1;
    buf_text(&b, attribute);
    for (int i = 0; i < 9 << 20; i++)
        buf_char(&b, (char)('a' + ((random = random * 1664525 + 1013904223) >> 28)));
    buf_z(&b, "\"/></worksheet>");
    holds(dump_of(a, book_with_sheet(a, buf_get(&b))), "an element in it is too large");
    buf_free(&b);
    holds(dump_of(a, book_with_sheet(a, repeated(a, "<w>", "<x>", 100, ""))), "too deeply");
    /* Thousands of entries. */
    struct entry *many = arena_array(a, 5001, sizeof *many);
    for (int i = 0; i < 5001; i++)
        many[i] = (struct entry){arena_printf(a, "e%d", i).s, T("")};
    holds(dump_of(a, zip_of(a, many, 5001)), "refused: the archive has more than 5000 entries");
}

static void test_row_limit(void **state)
{
    struct text sheet = repeated(*state, "<worksheet><sheetData>",
                                 "<row><c><v>1</v></c></row><row><c><v>2345</v></c></row>",
                                 SHEET_ROWS_MAX / 2 + 3, "</sheetData></worksheet>");
    /* Stored, not packed: repetition like this would be taken for a bomb, as it should. */
    struct sheet *s = NULL;
    struct sheet_row row;
    zip_error_t error;
    int64_t n = 0;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(whole, ZIP_TRUNCATE, &error);
    zip_source_keep(whole);
    zip_int64_t i = zip_file_add(zip, "xl/worksheets/sheet1.xml",
                                 zip_source_buffer(zip, sheet.s, sheet.n, 0), 0);
    zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0);
    zip_file_add(zip, "xl/workbook.xml", zip_source_buffer(zip, one_sheet, sizeof one_sheet - 1, 0),
                 0);
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t stat;
    zip_source_stat(whole, &stat);
    char *bytes = arena_alloc(*state, stat.size);
    zip_source_open(whole);
    zip_source_read(whole, bytes, stat.size);
    zip_source_close(whole);
    zip_source_free(whole);

    assert_int_equal(sheet_open((struct text){bytes, stat.size}, *state, &s, NULL), OK);
    while (sheet_next(s, &row) && !row.fault)
        n++;
    assert_int_equal(n, SHEET_ROWS_MAX);
    assert_true(row.last);
    assert_false(sheet_next(s, &row));
    sheet_close(s);
}

/* Cut off anywhere, or with a byte changed anywhere: refused or told, and never a crash. */
static void test_damaged(void **state)
{
    struct text whole = book_of(*state, one_sheet,
                                "<row><c t=\"s\"><v>1</v></c><c><v>5</v></c></row>"
                                "<row><c><v>6</v></c></row>");
    struct arena *a = arena_new();

    says(dump_of(a, whole), "1:два куска|5\n2:6\n");
    for (size_t n = 4; n < whole.n; n++) {
        char *copy = malloc(n); /* so that a step past the end is seen */
        memcpy(copy, whole.s, n);
        holds(dump_of(a, (struct text){copy, n}), "refused");
        free(copy);
        arena_reset(a);
    }
    uint32_t random = 7;
    char *copy = malloc(whole.n);
    for (int i = 0; i < 4000; i++) {
        memcpy(copy, whole.s, whole.n);
        for (int k = 0; k < 1 + i % 4; k++) {
            random = random * 1664525 + 1013904223;
            copy[4 + random % (whole.n - 4)] ^= (char)(1 + (random >> 24) % 255);
        }
        (void)dump_of(a, (struct text){copy, whole.n});
        arena_reset(a);
    }
    free(copy);
    arena_free(a);
}

static void test_locked(void **state)
{
    zip_error_t error;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(whole, ZIP_TRUNCATE, &error);

    zip_source_keep(whole);
    zip_int64_t i = zip_file_add(zip, "xl/workbook.xml",
                                 zip_source_buffer(zip, one_sheet, sizeof one_sheet - 1, 0), 0);
    if (zip_file_set_encryption(zip, (zip_uint64_t)i, ZIP_EM_AES_256, "secret") != 0) {
        zip_discard(zip);
        zip_source_free(whole);
        skip();
    }
    assert_int_equal(zip_close(zip), 0);
    zip_stat_t stat;
    zip_source_stat(whole, &stat);
    char *bytes = arena_alloc(*state, stat.size);
    zip_source_open(whole);
    zip_source_read(whole, bytes, stat.size);
    zip_source_close(whole);
    zip_source_free(whole);
    holds(dump_of(*state, (struct text){bytes, stat.size}), "locked with a password");
}

/* --- writing workbooks --- */

static struct text write_values(struct arena *arena, const struct value *values, size_t n)
{
    struct xlsx_writer *w = NULL;
    struct text bytes = {0};
    struct fault fault = {0};

    if (xlsx_begin(T("Отчёт: [1/2]"), T("скрыто"), &w, &fault) != OK)
        fail_msg("%s", fault.text);
    xlsx_head(w, T("Имя"));
    xlsx_head(w, T("=Дата"));
    xlsx_row(w);
    for (size_t i = 0; i < n; i++)
        xlsx_cell(w, values[i]);
    xlsx_row(w);
    if (xlsx_end(w, arena, &bytes, &fault) != OK)
        fail_msg("%s", fault.text);
    return bytes;
}

static void test_write(void **state)
{
    struct value code = {.kind = V_CODE, .n = 2, .s = "c1"};
    int64_t june = date_from((struct ymd){2024, 6, 15}), old = date_from((struct ymd){1899, 5, 1});

    clock_set_offset(6 * 60);
    struct value values[] = {
        v_z("Құрманов"),
        v_int(-5),
        v_date(june),
        v_instant(instant_of_day(june) + INT64_C(10) * 3600 * 1000000),
        v_null(),
        code,
        {.kind = V_HIDDEN},
        v_z("=1+1"),
        v_z("_x0041_ <b>&\"'"),
        v_z("ab_x0041_"),
        v_text(T("a\x01\0b\nc\td\xEF\xBF\xBE\xFFz")),
        v_int(INT64_MAX),
        v_date(old),
        v_date(-25508),
        v_date(-25509),
        v_instant(instant_of_day(old)),
        v_z(" x "),
        v_z("https://example.org"),
        v_int(79130000001),
        v_z("+7913"),
        v_z("007"),
    };
    struct text bytes = write_values(*state, values, sizeof values / sizeof *values);
    says(dump_of(*state, bytes),
         "1:Имя|=Дата\n"
         "2:Құрманов|-5|2024-06-15|2024-06-15T10:00:00||c1|скрыто|=1+1|_x0041_ <b>&\"'|ab_x0041_|"
         "ab\nc\td\xEF\xBF\xBD\xEF\xBF\xBDz|9223372036854775807|01.05.1899|1900-03-01|28.02.1900|"
         "01.05.1899 00:00| x |"
         "https://example.org|79130000001|+7913|007\n");
    clock_set_offset(0);
}

/* What the reader of ours does not look at: no formulas, the first row is frozen and bold, widths.
 */
static void test_write_parts(void **state)
{
    struct value values[] = {v_z("=1+1"), v_z("a long text for a wide column"), v_date(20000),
                             v_instant(INT64_C(1700000000000000))};
    struct text bytes = write_values(*state, values, 4);
    zip_error_t error;
    zip_t *zip = zip_open_from_source(zip_source_buffer_create(bytes.s, bytes.n, 0, &error),
                                      ZIP_RDONLY, &error);
    static const struct {
        const char *name, *with, *without;
    } parts[] = {
        {"xl/worksheets/sheet1.xml", "<pane ySplit=\"1\" topLeftCell=\"A2\"", "<f>"},
        {"xl/worksheets/sheet1.xml", "state=\"frozen\"", "<f>"},
        {"xl/worksheets/sheet1.xml", "min=\"4\" max=\"4\" width=\"17.7", "<f>"},
        {"xl/worksheets/sheet1.xml", "min=\"2\" max=\"2\" width=\"30.7", "<f>"},
        {"xl/workbook.xml", "name=\"Отчёт   1 2\"", "[1/2]"},
        {"xl/styles.xml", "dd.mm.yyyy hh:mm", "\1"},
        {"docProps/core.xml", "Отчёт: [1/2]", "\1"},
    };

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char xml[20000];
        zip_file_t *f = zip_fopen(zip, parts[i].name, 0);
        assert_non_null(f);
        zip_int64_t n = zip_fread(f, xml, sizeof xml - 1);
        assert_true(n > 0);
        xml[n] = '\0';
        zip_fclose(f);
        if (!strstr(xml, parts[i].with) || strstr(xml, parts[i].without))
            fail_msg("%s: %s", parts[i].name, xml);
    }
    zip_discard(zip);
}

static void test_write_limits(void **state)
{
    struct xlsx_writer *w = NULL;
    struct text bytes;
    struct sheet *sheet;
    struct sheet_row row;
    struct fault fault;
    char *x = arena_alloc(*state, 80001);

    memset(x, 'x', 80000); /* a cell holds 32767 letters */
    assert_int_equal(xlsx_begin(T(""), T(""), &w, NULL), OK);
    xlsx_cell(w, v_z(x));
    xlsx_row(w);
    assert_int_equal(xlsx_end(w, *state, &bytes, NULL), OK);
    assert_int_equal(sheet_open(bytes, *state, &sheet, NULL), OK);
    assert_true(sheet_next(sheet, &row));
    assert_int_equal(row.cells[0].n, 32767);
    sheet_close(sheet);

    assert_int_equal(xlsx_begin(T("''"), T(""), &w, NULL), OK); /* nothing at all is a file too */
    assert_int_equal(xlsx_end(w, *state, &bytes, NULL), OK);
    says(dump_of(*state, bytes), "");

    assert_int_equal(xlsx_begin(T("History"), T(""), &w, NULL), OK);
    for (int i = 0; i < 257; i++)
        xlsx_cell(w, v_int(i));
    assert_int_equal(xlsx_end(w, *state, &bytes, &fault), ERR_LIMIT);
    assert_non_null(strstr(fault.text, "CSV"));

    assert_int_equal(xlsx_begin(T("t"), T(""), &w, NULL), OK);
    for (int i = 0; i < 1048576; i++)
        xlsx_row(w);
    xlsx_head(w, T("x"));
    assert_int_equal(xlsx_end(w, *state, &bytes, &fault), ERR_LIMIT);

    /* A disk that takes no more must not make a table that lacks rows. */
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit small = {200000, 200000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        if (xlsx_begin(T("t"), T(""), &w, NULL) != OK)
            _exit(1);
        for (int i = 0; i < 20000; i++) {
            xlsx_cell(w, v_z("the same again and again, so that it packs well"));
            xlsx_row(w);
        }
        enum err err = xlsx_end(w, *state, &bytes, NULL);
        _exit(err == ERR_FULL || err == ERR_IO ? 0 : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);

    setenv("TMPDIR", "/nonexistent", 1);
    assert_int_equal(xlsx_begin(T("t"), T(""), &w, &fault), ERR_IO);
    unsetenv("TMPDIR");
}

#define IN_ARENA(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(test_cells),           IN_ARENA(test_dates),        IN_ARENA(test_formats),
        IN_ARENA(test_builtin_formats), IN_ARENA(test_which_sheet),  IN_ARENA(test_cell_faults),
        IN_ARENA(test_shared_faults),   IN_ARENA(test_unescape),     IN_ARENA(test_not_workbooks),
        IN_ARENA(test_entities),        IN_ARENA(test_bombs),        IN_ARENA(test_row_limit),
        IN_ARENA(test_damaged),         IN_ARENA(test_locked),       IN_ARENA(test_write),
        IN_ARENA(test_write_parts),     IN_ARENA(test_write_limits),
    };

    return cmocka_run_group_tests_name("xlsx", tests, NULL, NULL);
}
