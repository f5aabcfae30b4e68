#include "rooms/people/people_import_report.h"
#include "web/tr.h"

static const char *const columns[] = {N_("Line"), N_("Column"), N_("Reason")};
enum { COLUMN_LINE, COLUMN_COLUMN, COLUMN_REASON };

static void write_words(struct report *r, const char *msgid)
{
    csv_write_cell(&r->csv, text_of(tr(r->lang, msgid)));
}

static bool says(struct text heading, const char *msgid)
{
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (text_is(heading, tr((enum lang)lang, msgid)))
            return true;
    return false;
}

/* A file that has them all, and in their places, is a report; a single "Reason" is the sender's. */
static void find_ours(struct report *r, const struct text *headings, size_t n)
{
    if (n < 3 || !says(headings[0], columns[COLUMN_LINE]) ||
        !says(headings[n - 2], columns[COLUMN_COLUMN]) ||
        !says(headings[n - 1], columns[COLUMN_REASON]))
        return;
    r->ours[0] = r->ours[n - 2] = r->ours[n - 1] = true;
}

void report_begin(struct report *r, struct buf *out, enum lang lang, const struct text *headings,
                  size_t n)
{
    *r = (struct report){.csv = {.guard = true}, .lang = lang, .n = n};
    csv_begin(&r->csv, out, ';', true);
    write_words(r, columns[COLUMN_LINE]);
    find_ours(r, headings, n);
    for (size_t i = 0; i < n; i++)
        if (!r->ours[i])
            csv_write_cell(&r->csv, headings[i]);
    write_words(r, columns[COLUMN_COLUMN]);
    write_words(r, columns[COLUMN_REASON]);
    csv_write_end(&r->csv);
}

void report_line(struct report *r, int64_t number, const struct text *cells, size_t n,
                 struct text column, const char *reason)
{
    csv_write_value(&r->csv, v_int(number));
    for (size_t i = 0; i < r->n; i++)
        if (!r->ours[i])
            csv_write_cell(&r->csv, i < n ? cells[i] : T(""));
    csv_write_cell(&r->csv, column);
    if (reason)
        write_words(r, reason);
    else
        csv_write_cell(&r->csv, T(""));
    csv_write_end(&r->csv);
}

static enum err one_row(void *ctx, const struct value *cells)
{
    struct report *r = ctx;
    const union import_faulty_row *row = (const union import_faulty_row *)cells;
    const struct text *parts = NULL;
    struct arena *arena = arena_new();
    size_t n = v_is(row->cells) ? import_split(arena, v_as_text(row->cells), &parts) : 0;
    report_line(r, v_as_int(row->line), parts, n, v_as_text(row->field),
                v_is(row->reason) ? arena_z(arena, v_as_text(row->reason)) : NULL);
    arena_free(arena);
    return OK;
}

void import_report(struct request *rq, int64_t import, bool doubtful, struct buf *out)
{
    struct import_mapping_rows columns_of;
    struct text headings[IMPORT_COLUMNS_MAX];
    struct report r;

    q_import_mapping(rq, &(struct import_mapping_args){.import = v_int(import)}, &columns_of);
    size_t n = columns_of.n < IMPORT_COLUMNS_MAX ? columns_of.n : IMPORT_COLUMNS_MAX;
    for (size_t i = 0; i < n; i++)
        headings[i] = v_as_text(columns_of.row[i].heading);
    report_begin(&r, out, rq->lang, headings, n);
    each_import_faulty(rq,
                       &(struct import_faulty_args){.import = v_int(import),
                                                    .state = v_z(doubtful ? "doubtful" : "faulty")},
                       one_row, &r);
}
