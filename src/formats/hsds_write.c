/* Files of HSDS: objects inside one another for JSON, tables for the package. */
#include "base/json.h"
#include "formats/csv.h"
#include "formats/hsds.h"
#include <stdlib.h>
#include <zip.h>

/* Rows by table and id, to find what stands in a column. */
struct index {
    const struct hsds_set *set;
    const struct hsds_row **by_id;
};

static int compare(const void *a, const void *b)
{
    const struct hsds_row *x = *(const struct hsds_row *const *)a, *y = *(const struct hsds_row *const *)b;
    return x->table != y->table ? x->table - y->table : text_cmp(x->value[0], y->value[0]);
}

static const struct hsds_row *row_of(const struct index *x, int table, struct text id)
{
    struct hsds_row key = {.table = table, .value = {id}};
    const struct hsds_row *k = &key, **hit = bsearch(&k, x->by_id, x->set->n, sizeof *x->by_id, compare);
    return id.n && hit ? *hit : NULL;
}

static void write_value(struct json *j, const struct hsds_field *f, struct text t)
{
    json_key(j, f->name);
    if (f->type != HSDS_NUMBER) {
        json_text(j, t);
        return;
    }
    buf_text(j->out, t);
    j->comma = true;
}

/* Is this column the one by which the object hangs on what it stands in? Its place says it already. */
static bool by_place(int table, const char *column)
{
    for (size_t i = 0; i < hsds_n_insides; i++)
        if (!hsds_insides[i].single && hsds_insides[i].child == table && !strcmp(hsds_insides[i].column, column))
            return strcmp(column, "organization_id") != 0; /* of a location it tells whose it is */
    return false;
}

static void write_object(struct json *j, const struct index *index, const struct hsds_row *row, int deep)
{
    enum { DEEP = 6 };
    const struct hsds_object *o = &hsds_objects[row->table];
    const struct hsds_set *set = index->set;
    json_open(j, '{');
    for (size_t i = 0; i < o->n; i++)
        if (row->value[i].n && !(deep && by_place(row->table, o->fields[i].name)))
            write_value(j, &o->fields[i], row->value[i]);
    for (size_t k = 0; k < hsds_n_insides && deep < DEEP; k++) {
        const struct hsds_inside *in = &hsds_insides[k];
        /* from the service inwards: an organization inside a service does not hold its services and places again */
        if (in->parent != row->table || (in->parent == HSDS_ORGANIZATION && (in->child == HSDS_SERVICE || in->child == HSDS_LOCATION)))
            continue;
        if (in->single) {
            const struct hsds_row *x = row_of(index, in->child, hsds_get(row, in->column));
            if (x) {
                json_key(j, in->property);
                write_object(j, index, x, deep + 1);
            }
            continue;
        }
        bool any = false;
        /* what is inside follows it: up to the next service, of what is shared up to the service that it came with */
        for (size_t i = (size_t)(row - set->rows); i < set->n; i++) {
            const struct hsds_row *x = &set->rows[i];
            if (row->group < 0 ? x->group >= 0 : x->group > row->group)
                break;
            if (x->table != in->child || x->group != row->group || !text_eq(hsds_get(x, in->column), row->value[0]))
                continue;
            if (!any) {
                json_key(j, in->property);
                json_open(j, '[');
            }
            any = true;
            write_object(j, index, x, deep + 1);
        }
        if (any)
            json_close(j, ']');
    }
    json_close(j, '}');
}

void hsds_write_json(const struct hsds_set *set, struct buf *out)
{
    struct json j = {.out = out};
    struct index index = {set, arena_array(set->arena, set->n + 1, sizeof *index.by_id)};
    int64_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        index.by_id[i] = &set->rows[i];
    qsort(index.by_id, set->n, sizeof *index.by_id, compare);
    for (size_t i = 0; i < set->n; i++)
        n += set->rows[i].table == HSDS_SERVICE;
    json_open(&j, '{');
    json_key(&j, "total_items");
    json_int(&j, n);
    json_key(&j, "total_pages");
    json_int(&j, 1);
    json_key(&j, "page_number");
    json_int(&j, 1);
    json_key(&j, "size");
    json_int(&j, n);
    json_key(&j, "first_page");
    json_bool(&j, true);
    json_key(&j, "last_page");
    json_bool(&j, true);
    json_key(&j, "empty");
    json_bool(&j, n == 0);
    json_key(&j, "contents");
    json_open(&j, '[');
    for (size_t i = 0; i < set->n; i++)
        if (set->rows[i].table == HSDS_SERVICE) {
            write_object(&j, &index, &set->rows[i], 0);
            buf_char(out, '\n'); /* a line for each, so that findings tell which */
        }
    json_close(&j, ']');
    json_close(&j, '}');
    buf_char(out, '\n');
}

/* ---- the package ---- */

static bool has_rows(const struct hsds_set *set, int table)
{
    for (size_t i = 0; i < set->n; i++)
        if (set->rows[i].table == table)
            return true;
    return false;
}

static void write_csv(const struct hsds_set *set, int table, struct buf *out)
{
    const struct hsds_object *o = &hsds_objects[table];
    struct csv_writer w = {0};
    csv_begin(&w, out, ',', false);
    for (size_t k = 0; k < o->n; k++)
        csv_write_cell(&w, text_of(o->fields[k].name));
    csv_write_end(&w);
    for (size_t i = 0; i < set->n; i++) {
        if (set->rows[i].table != table)
            continue;
        for (size_t k = 0; k < o->n; k++)
            csv_write_cell(&w, set->rows[i].value[k]);
        csv_write_end(&w);
    }
}

static void write_field(struct json *j, const struct hsds_field *f)
{
    static const char *const types[] = {"string", "string", "number", "date", "datetime", "time", "string", "string", "string"};
    static const char *const formats[] = {NULL, "uuid", NULL, NULL, "any", "any", "email", "uri", NULL};
    json_open(j, '{');
    json_key(j, "name");
    json_z(j, f->name);
    json_key(j, "type");
    json_z(j, types[f->type]);
    if (formats[f->type]) {
        json_key(j, "format");
        json_z(j, formats[f->type]);
    }
    json_key(j, "constraints");
    json_open(j, '{');
    json_key(j, "required");
    json_bool(j, f->required != 0);
    if (!strcmp(f->name, "id")) {
        json_key(j, "unique");
        json_bool(j, true);
    }
    if (f->type == HSDS_ENUM) {
        struct text rest = text_of(f->words), word;
        json_key(j, "enum");
        json_open(j, '[');
        while (text_split(&rest, '|', &word))
            json_text(j, text_trim(word));
        json_close(j, ']');
    }
    json_close(j, '}');
    json_close(j, '}');
}

static void write_resource(struct json *j, const struct hsds_set *set, int table)
{
    const struct hsds_object *o = &hsds_objects[table];
    json_open(j, '{');
    json_key(j, "name");
    json_z(j, o->name);
    json_key(j, "path");
    json_z(j, o->file);
    json_key(j, "profile");
    json_z(j, "tabular-data-resource");
    json_key(j, "format");
    json_z(j, "csv");
    json_key(j, "mediatype");
    json_z(j, "text/csv");
    json_key(j, "encoding");
    json_z(j, "utf-8");
    json_key(j, "schema");
    json_open(j, '{');
    json_key(j, "primaryKey");
    json_z(j, "id");
    json_key(j, "fields");
    json_open(j, '[');
    for (size_t k = 0; k < o->n; k++)
        write_field(j, &o->fields[k]);
    json_close(j, ']');
    json_key(j, "foreignKeys");
    json_open(j, '[');
    for (size_t k = 0; k < o->n; k++)
        if (o->fields[k].to && has_rows(set, o->fields[k].to - 1)) {
            json_open(j, '{');
            json_key(j, "fields");
            json_z(j, o->fields[k].name);
            json_key(j, "reference");
            json_open(j, '{');
            json_key(j, "resource");
            json_z(j, hsds_objects[o->fields[k].to - 1].name);
            json_key(j, "fields");
            json_z(j, "id");
            json_close(j, '}');
            json_close(j, '}');
        }
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
}

static void write_descriptor(const struct hsds_set *set, struct buf *out)
{
    struct json j = {.out = out};
    json_open(&j, '{');
    json_key(&j, "profile");
    json_z(&j, "tabular-data-package");
    json_key(&j, "name");
    json_z(&j, "human_services_data");
    json_key(&j, "version");
    json_z(&j, HSDS_VERSION);
    json_key(&j, "resources");
    json_open(&j, '[');
    for (int t = 0; t < HSDS_TABLES; t++)
        if (has_rows(set, t))
            write_resource(&j, set, t);
    json_close(&j, ']');
    json_close(&j, '}');
    buf_char(out, '\n');
}

const char *hsds_package_file(const struct hsds_set *set, size_t k, struct buf *out)
{
    if (k == 0) {
        write_descriptor(set, out);
        return "datapackage.json";
    }
    for (int t = 0; t < HSDS_TABLES; t++)
        if (has_rows(set, t) && --k == 0) {
            write_csv(set, t, out);
            return hsds_objects[t].file;
        }
    return NULL;
}

enum err hsds_write_zip(const struct hsds_set *set, int64_t at, struct buf *out)
{
    enum { FILES = HSDS_TABLES + 1 };
    struct buf files[FILES];
    zip_error_t e;
    enum err err = ERR_IO;
    size_t n = 0;
    zip_error_init(&e);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &e);
    zip_t *zip = target ? zip_open_from_source(target, ZIP_TRUNCATE, &e) : NULL;
    if (!zip)
        return err;
    zip_source_keep(target);
    for (const char *name = ""; n < FILES; n++) {
        files[n] = BUF((size_t)HSDS_FILE_MAX);
        name = hsds_package_file(set, n, &files[n]);
        if (!name)
            break;
        zip_source_t *s = zip_source_buffer(zip, files[n].s, files[n].n, 0);
        zip_int64_t i = s ? zip_file_add(zip, name, s, ZIP_FL_ENC_UTF_8) : -1;
        if (i < 0 || zip_file_set_mtime(zip, (zip_uint64_t)i, (time_t)(at / 1000000), 0))
            break;
    }
    if (zip_close(zip) == 0 && zip_source_open(target) == 0) {
        zip_stat_t s;
        if (zip_source_stat(target, &s) == 0 && s.size <= HSDS_FILE_MAX) {
            char chunk[65536];
            zip_int64_t got;
            while ((got = zip_source_read(target, chunk, sizeof chunk)) > 0)
                buf_add(out, chunk, (size_t)got);
            err = got < 0 ? ERR_IO : buf_end(out);
        }
        zip_source_close(target);
    }
    zip_source_free(target);
    for (size_t i = 0; i <= n && i < FILES; i++)
        buf_free(&files[i]);
    return err;
}
