/* Any bytes as a table: nothing may crash, and what comes out keeps its promises. The first byte
 * chooses the way: the bytes as a file, or as the sheet, the strings or the styles of a workbook
 * that is sound otherwise (a fuzzer does not find its way through ZIP and its checksums).
 *
 *     clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc \
 *         tests/fuzz/fuzz_sheet.c
 * src/formats/{csv,lock,sheet,sheet_child,xlsx,xlsx_book,xlsx_parts}.c \
 *         src/base/{arena,buf,date,err,json,log,text,value}.c \
 *         -lutf8proc -lzip -lexpat -lseccomp -lm -o fuzz_sheet */
#include "base/buf.h"
#include "formats/csv.h"
#include "formats/sheet.h"
#include <stdlib.h>
#include <zip.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum part { WHOLE, SHEET, STRINGS, STYLES, BOOK, PARTS };

static const char *const names[PARTS] = {
    [SHEET] = "xl/worksheets/sheet1.xml",
    [STRINGS] = "xl/sharedStrings.xml",
    [STYLES] = "xl/styles.xml",
    [BOOK] = "xl/workbook.xml",
};
static const char *const sound[PARTS] = {
    [SHEET] =
        "<worksheet><sheetData><row><c t=\"s\"><v>0</v></c><c s=\"0\"><v>45458.5</v></c></row>"
        "</sheetData></worksheet>",
    [STRINGS] = "<sst><si><t>a</t></si></sst>",
    [STYLES] = "<styleSheet><cellXfs><xf numFmtId=\"22\"/></cellXfs></styleSheet>",
    [BOOK] = "<workbook><sheets><sheet r:id=\"rId1\"/></sheets></workbook>",
};
static const char rels[] =
    "<R><Relationship Id=\"rId1\" Type=\"/worksheet\" Target=\"worksheets/sheet1.xml\"/>"
    "<Relationship Id=\"rId3\" Type=\"/styles\" Target=\"styles.xml\"/>"
    "<Relationship Id=\"rId4\" Type=\"/sharedStrings\" Target=\"sharedStrings.xml\"/></R>";

static void add(zip_t *zip, const char *name, struct text t)
{
    zip_int64_t i = zip_file_add(zip, name, zip_source_buffer(zip, t.s, t.n, 0), 0);

    if (i < 0)
        abort();
    zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0);
}

static struct text book(struct arena *arena, enum part part, struct text bytes)
{
    zip_error_t error;
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(whole, ZIP_TRUNCATE, &error);
    zip_stat_t stat;

    if (!zip)
        abort();
    zip_source_keep(whole);
    for (int i = SHEET; i < PARTS; i++)
        add(zip, names[i], i == (int)part ? bytes : text_of(sound[i]));
    add(zip, "xl/_rels/workbook.xml.rels", text_of(rels));
    if (zip_close(zip) != 0 || zip_source_stat(whole, &stat) != 0)
        abort();
    char *s = arena_alloc(arena, stat.size);
    zip_source_open(whole);
    zip_source_read(whole, s, stat.size);
    zip_source_close(whole);
    zip_source_free(whole);
    return (struct text){s, stat.size};
}

static void check(const struct sheet_row *row, int64_t before)
{
    if (row->n > SHEET_COLUMNS_MAX || row->line < before || (row->last && !row->fault))
        abort();
    for (size_t i = 0; i < row->n && !row->fault; i++)
        if (row->cells[i].n > SHEET_CELL_MAX || !text_valid(row->cells[i]))
            abort();
}

/* What the CSV writer writes of a row, the reader reads back as the same cells. */
static void round_trip(struct arena *arena, const struct sheet_row *row)
{
    struct buf out = BUF((size_t)SHEET_COLUMNS_MAX * SHEET_CELL_MAX * 2);
    struct csv_writer w = {.guard = true};
    struct csv_reader *r;
    struct sheet_row again;
    bool content = false;

    csv_begin(&w, &out, ';', true);
    for (int line = 0; line < 2; line++) {
        csv_write_cell(&w, T("x")); /* a head that settles the delimiter */
        for (size_t i = 0; i < row->n && row->n < SHEET_COLUMNS_MAX; i++) {
            csv_write_cell(&w, line ? row->cells[i] : T("x"));
            content = true;
        }
        csv_write_end(&w);
    }
    if (content) {
        if (csv_open(buf_get(&out), arena, &r, NULL) || csv_delimiter(r) != ';')
            abort();
        if (!csv_next(r, &again) || !csv_next(r, &again) || again.fault || again.n != row->n + 1)
            abort();
        for (size_t i = 0; i < row->n; i++)
            if (!text_eq(again.cells[i + 1], row->cells[i]))
                abort();
    }
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(), *copy = arena_new();
    struct sheet *sheet = NULL;
    struct sheet_row row;
    struct fault fault = {0};

    if (size == 0)
        goto out;
    enum part part = (enum part)(data[0] % PARTS);
    struct text bytes = {(const char *)data + 1, size - 1};
    if (part != WHOLE)
        bytes = book(arena, part, bytes);
    if (sheet_open(bytes, arena, &sheet, &fault)) {
        if (!fault.err || !fault.text[0] || sheet)
            abort();
        goto out;
    }
    int64_t before = 0, rows = 0;
    bool last = false;
    while (sheet_next(sheet, &row)) {
        if (last)
            abort();
        check(&row, before);
        before = row.line;
        last = row.last;
        if (!row.fault && rows++ < 20)
            round_trip(copy, &row);
    }
out:
    sheet_close(sheet);
    arena_free(copy);
    arena_free(arena);
    return 0;
}
