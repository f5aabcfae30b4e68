#include "formats/changed.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell(json_t *row, changed_fn *fn, void *ctx)
{
    json_t *value, *table = json_object_get(row, "table");
    struct text name = {json_string_value(table), json_string_length(table)};
    int64_t id = json_integer_value(json_object_get(row, "id"));
    const char *field;
    char digits[24];
    json_object_foreach(row, field, value) {
        struct text text = {json_string_value(value), json_string_length(value)};
        if (strcmp(field, "table") == 0 || strcmp(field, "id") == 0)
            continue;
        if (json_is_integer(value))
            text = (struct text){digits, (size_t)snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value))};
        fn(ctx, name, id, text_of(field), text);
    }
}

enum err changed_read(struct text history, changed_fn *fn, void *ctx)
{
    char *list = malloc(history.n + 2);
    if (!list)
        return ERR_INTERNAL;
    list[0] = '[';
    memcpy(list + 1, history.s, history.n);
    list[history.n + 1] = ']';
    json_t *rows = json_loadb(list, history.n + 2, JSON_ALLOW_NUL, NULL), *row;
    size_t i;
    json_array_foreach(rows, i, row)
        tell(row, fn, ctx);
    enum err err = rows ? OK : ERR_SYNTAX;
    json_decref(rows);
    free(list);
    return err;
}
