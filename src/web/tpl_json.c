/* JSON of what a page has: by index, from the columns of the query. */
#include "base/json.h"
#include "web/tpl.h"

/* Keys and bits stay inside; the row's own number is what links are made of. */
static bool shown(const struct column *c)
{
    return !c->internal || strcmp(c->name, "id") == 0;
}

void tpl_json_row_open(struct json *j, const struct query *q, const struct value *row)
{
    bool masked = false;

    for (size_t i = 0; i < q->n_columns; i++) {
        if (!shown(&q->columns[i]))
            continue;
        if (row[i].kind == V_HIDDEN) {
            masked = true;
            continue;
        }
        json_key(j, q->columns[i].name);
        json_value(j, row[i]);
    }
    if (!masked)
        return;
    json_key(j, "masked");
    json_open(j, '[');
    for (size_t i = 0; i < q->n_columns; i++)
        if (shown(&q->columns[i]) && row[i].kind == V_HIDDEN)
            json_z(j, q->columns[i].name);
    json_close(j, ']');
}

/* A row that `maybe` did not find has no value at all. */
static bool there(const struct query *q, const struct value *row)
{
    for (size_t i = 0; i < q->n_columns; i++)
        if (row[i].kind != V_NONE)
            return true;
    return false;
}

void tpl_json_row(struct json *j, const struct query *q, const struct value *row)
{
    if (!there(q, row)) {
        json_null(j);
        return;
    }
    json_open(j, '{');
    tpl_json_row_open(j, q, row);
    json_close(j, '}');
}

void tpl_json_rows(struct json *j, const struct query *q, const struct rows *rows)
{
    json_open(j, '[');
    for (size_t i = 0; i < rows->n; i++) {
        json_open(j, '{');
        tpl_json_row_open(j, q, rows->v + i * q->n_columns);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void tpl_json_next(struct json *j, struct text next)
{
    if (next.n)
        json_text(j, next);
    else
        json_null(j);
}

void tpl_json_form(struct json *j, const struct input *inputs, size_t n, const struct form *form)
{
    json_open(j, '{');
    for (size_t i = 0; i < n && i < form->n; i++) {
        if (inputs[i].value.kind == V_HIDDEN)
            continue;
        json_key(j, form->fields[i].name);
        json_value(j, inputs[i].value);
    }
    json_close(j, '}');
}
