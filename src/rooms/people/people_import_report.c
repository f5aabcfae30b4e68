/* Rows that were not taken, given back as a file: as they came, with a column of reasons. */
#include "formats/csv.h"
#include "rooms/people/people_import_report.h"
#include "web/tr.h"

void report_begin(struct csv_writer *w, struct buf *out, enum lang lang,
                  const struct text *headings, size_t n)
{
    *w = (struct csv_writer){.guard = true};
    csv_begin(w, out, ';', true);
    csv_write_cell(w, text_of(tr(lang, N_("Line"))));
    for (size_t i = 0; i < n; i++)
        csv_write_cell(w, headings[i]);
    csv_write_cell(w, text_of(tr(lang, N_("Column"))));
    csv_write_cell(w, text_of(tr(lang, N_("Reason"))));
    csv_write_end(w);
}

void report_line(struct csv_writer *w, enum lang lang, int64_t number, const struct text *cells,
                 size_t n, size_t n_headings, struct text column, const char *reason)
{
    csv_write_value(w, v_int(number));
    for (size_t i = 0; i < n_headings; i++)
        csv_write_cell(w, i < n ? cells[i] : T(""));
    csv_write_cell(w, column);
    csv_write_cell(w, text_of(tr(lang, reason ? reason : "")));
    csv_write_end(w);
}

struct report {
    struct request *rq;
    struct csv_writer w;
    size_t n_headings;
};

static enum err one_row(void *ctx, const struct value *cells)
{
    struct report *r = ctx;
    const union import_faulty_row *row = (const union import_faulty_row *)cells;
    const struct text *parts = NULL;
    struct arena *arena = arena_new();
    size_t n = v_is(row->cells) ? import_split(arena, v_as_text(row->cells), &parts) : 0;
    report_line(&r->w, r->rq->lang, v_as_int(row->line), parts, n, r->n_headings,
                v_as_text(row->field), arena_z(arena, v_as_text(row->reason)));
    arena_free(arena);
    return OK;
}

void import_report(struct request *rq, int64_t import, bool doubtful, struct buf *out)
{
    struct import_mapping_rows columns;
    struct text headings[IMPORT_COLUMNS_MAX];
    struct report r = {.rq = rq};

    q_import_mapping(rq, &(struct import_mapping_args){.import = v_int(import)}, &columns);
    r.n_headings = columns.n < IMPORT_COLUMNS_MAX ? columns.n : IMPORT_COLUMNS_MAX;
    for (size_t i = 0; i < r.n_headings; i++)
        headings[i] = v_as_text(columns.row[i].heading);
    report_begin(&r.w, out, rq->lang, headings, r.n_headings);
    each_import_faulty(rq,
                       &(struct import_faulty_args){.import = v_int(import),
                                                    .state = v_z(doubtful ? "doubtful" : "faulty")},
                       one_row, &r);
}
