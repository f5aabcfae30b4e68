/* OpenAPI 3.1 of everything below /api/v1: made from the routes, what their pages have, the columns
 * of queries and the fields of forms, so that it cannot say anything else than the program does. */
#include "guard/codes.h"
#include "web/exchange.h"
#include <stdio.h>
#include <stdlib.h>

static void put(struct json *j, const char *key, const char *z)
{
    json_key(j, key);
    json_z(j, z);
}

static void open_key(struct json *j, const char *key, char c)
{
    json_key(j, key);
    json_open(j, c);
}

static void put_ref(struct json *j, const char *kind, const char *name)
{
    char ref[160];
    snprintf(ref, sizeof(ref), "#/components/%s/%s", kind, name);
    json_open(j, '{');
    put(j, "$ref", ref);
    json_close(j, '}');
}

static void put_types(struct json *j, const char *type)
{
    open_key(j, "type", '[');
    json_z(j, type);
    json_z(j, "null");
    json_close(j, ']');
}

/* ---- schemas ---- */

static void column_schema(struct json *j, const struct column *c)
{
    json_open(j, '{');
    put_types(j, c->kind == V_INT ? "integer" : "string");
    if (c->kind == V_DATE)
        put(j, "format", "date");
    if (c->kind == V_INSTANT)
        put(j, "format", "date-time");
    if (c->label)
        put(j, "title", c->label);
    if (c->list) {
        char words[120];
        snprintf(words, sizeof(words), "a code of the list %s", c->list);
        put(j, "description", words);
    }
    if (c->cls != CLASS_OPEN && c->cls < CLASS_COUNT)
        put(j, "x-class", class_names[c->cls]);
    json_close(j, '}');
}

static bool column_shown(const struct column *c)
{
    return !c->internal || strcmp(c->name, "id") == 0;
}

/* The members that a row has in JSON; a hidden one is absent and named in `masked`. */
static void row_members(struct json *j, const struct query *q)
{
    for (size_t i = 0; i < q->n_columns; i++)
        if (column_shown(&q->columns[i])) {
            json_key(j, q->columns[i].name);
            column_schema(j, &q->columns[i]);
        }
    open_key(j, "masked", '{');
    put(j, "type", "array");
    put(j, "description", "members that are hidden from this viewer");
    open_key(j, "items", '{');
    put(j, "type", "string");
    json_close(j, '}');
    json_close(j, '}');
}

static void query_schema(struct json *j, const struct query *q)
{
    open_key(j, q->name, '{');
    put(j, "type", "object");
    open_key(j, "properties", '{');
    row_members(j, q);
    json_close(j, '}');
    json_close(j, '}');
}

static void field_type(struct json *j, const struct field *f)
{
    switch (f->type) {
    case FIELD_ID:
    case FIELD_INT:
    case FIELD_CLASSES:
    case FIELD_REF:
        put_types(j, "integer");
        json_key(j, "minimum");
        json_int(j, f->type == FIELD_INT ? 0 : 1);
        if (f->type == FIELD_INT && f->max) {
            json_key(j, "maximum");
            json_int(j, f->max);
        }
        return;
    case FIELD_BOOL:
        put_types(j, "boolean");
        return;
    case FIELD_DATE:
        put_types(j, "string");
        put(j, "format", "date");
        return;
    case FIELD_TEXT:
        put_types(j, "string");
        if (f->max) {
            json_key(j, "maxLength");
            json_int(j, f->max);
        }
        return;
    case FIELD_CODE:
    case FIELD_INSTANT:
    case FIELD_SNILS:
    case FIELD_IIN:
    case FIELD_PHONE:
        put_types(j, "string");
        return;
    }
}

static void code_enum(struct json *j, const char *name)
{
    enum { SHOWN_MAX = 300 };
    const struct code_list *list = code_list(name);
    if (!list || list->n > SHOWN_MAX)
        return;
    open_key(j, "enum", '[');
    for (size_t i = 0; i < list->n; i++)
        if (!list->codes[i].retired)
            json_z(j, list->codes[i].code);
    json_null(j);
    json_close(j, ']');
}

static void form_schema(struct json *j, const struct form *form)
{
    bool required = false;

    open_key(j, form->name, '{');
    put(j, "type", "object");
    if (form->label)
        put(j, "title", form->label);
    open_key(j, "properties", '{');
    for (size_t i = 0; i < form->n; i++) {
        const struct field *f = form_field_of(form, i);
        const char *label = form->fields[i].label ? form->fields[i].label : f->label;
        open_key(j, form->fields[i].name, '{');
        field_type(j, f);
        if (f->type == FIELD_CODE)
            code_enum(j, f->list);
        if (label)
            put(j, "title", label);
        json_close(j, '}');
        required = required || f->required || form->fields[i].required;
    }
    json_close(j, '}');
    if (required) {
        open_key(j, "required", '[');
        for (size_t i = 0; i < form->n; i++)
            if (form->fields[i].required || form_field_of(form, i)->required)
                json_z(j, form->fields[i].name);
        json_close(j, ']');
    }
    json_close(j, '}');
}

static void has_schema(struct json *j, const struct has *h)
{
    json_key(j, h->name);
    if (h->kind == HAS_FORM) {
        put_ref(j, "schemas", h->form->name);
        return;
    }
    json_open(j, '{');
    switch (h->kind) {
    case HAS_ROW:
        open_key(j, "anyOf", '[');
        put_ref(j, "schemas", h->query->name);
        json_open(j, '{');
        put(j, "type", "null");
        json_close(j, '}');
        json_close(j, ']');
        break;
    case HAS_ROWS:
        put(j, "type", "array");
        json_key(j, "items");
        put_ref(j, "schemas", h->query->name);
        break;
    case HAS_INT:
        put(j, "type", "integer");
        break;
    case HAS_BOOL:
        put(j, "type", "boolean");
        break;
    case HAS_VALUE:
        break; /* any */
    default:
        put_types(j, "string");
    }
    json_close(j, '}');
}

static void view_schema(struct json *j, const struct view *view)
{
    char name[120];

    snprintf(name, sizeof(name), "%s_page", view->name);
    open_key(j, name, '{');
    put(j, "type", "object");
    open_key(j, "properties", '{');
    for (size_t i = 0; i < view->n_has; i++) {
        const struct has *h = &view->has[i];
        if (!h->shown)
            continue;
        if (h->main) {
            row_members(j, h->query);
            continue;
        }
        has_schema(j, h);
        if (h->kind == HAS_ROWS && strcmp(h->name, "items") == 0) {
            open_key(j, "next", '{');
            put_types(j, "string");
            put(j, "description", "give it as `after` to read on; null at the end");
            json_close(j, '}');
        }
    }
    json_close(j, '}');
    json_close(j, '}');
}

/* Things already described, by address. */
struct seen {
    const void **v;
    size_t n, cap;
};

static bool first_time(struct seen *seen, const void *p)
{
    for (size_t i = 0; i < seen->n; i++)
        if (seen->v[i] == p)
            return false;
    if (seen->n < seen->cap)
        seen->v[seen->n++] = p;
    return true;
}

static void view_schemas(struct json *j, const struct view *view, struct seen *seen)
{
    if (first_time(seen, view))
        view_schema(j, view);
    for (size_t i = 0; i < view->n_has; i++) {
        const struct has *h = &view->has[i];
        if (h->kind == HAS_FORM && first_time(seen, h->form))
            form_schema(j, h->form);
        else if ((h->kind == HAS_ROW || h->kind == HAS_ROWS) && h->shown &&
                 first_time(seen, h->query))
            query_schema(j, h->query);
    }
}

static void problem_schema(struct json *j)
{
    static const char *const texts[] = {"type", "title", "detail"};

    open_key(j, "problem", '{');
    put(j, "type", "object");
    open_key(j, "properties", '{');
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        open_key(j, texts[i], '{');
        put(j, "type", "string");
        json_close(j, '}');
    }
    open_key(j, "status", '{');
    put(j, "type", "integer");
    json_close(j, '}');
    open_key(j, "errors", '{');
    put(j, "type", "array");
    open_key(j, "items", '{');
    put(j, "type", "object");
    open_key(j, "properties", '{');
    open_key(j, "field", '{');
    put_types(j, "string");
    json_close(j, '}');
    open_key(j, "message", '{');
    put(j, "type", "string");
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
}

/* ---- paths ---- */

static void parameter(struct json *j, const char *in, const char *name, const char *type,
                      const char *words)
{
    json_open(j, '{');
    put(j, "name", name);
    put(j, "in", in);
    json_key(j, "required");
    json_bool(j, strcmp(in, "path") == 0);
    if (words)
        put(j, "description", words);
    open_key(j, "schema", '{');
    put(j, "type", type);
    json_close(j, '}');
    json_close(j, '}');
}

static const struct has *main_list(const struct view *view)
{
    for (size_t i = 0; i < view->n_has; i++)
        if (view->has[i].kind == HAS_ROWS && view->has[i].shown &&
            strcmp(view->has[i].name, "items") == 0)
            return &view->has[i];
    return NULL;
}

static bool path_names(const char *path, const char *name)
{
    char part[80];
    snprintf(part, sizeof(part), "{%s}", name);
    return strstr(path, part) != NULL;
}

static void list_parameters(struct json *j, const struct route *r, const struct query *q)
{
    static const char *const own[] = {"after", "limit", "sort", "format"};

    for (size_t i = 0; i < q->n_args; i++) {
        bool taken = path_names(r->path, q->args[i]);
        for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
            taken = taken || strcmp(q->args[i], own[k]) == 0;
        if (!taken)
            parameter(j, "query", q->args[i], "string", "filter");
    }
    if (!q->n_sorts)
        return;
    parameter(j, "query", "after", "string", "`next` of the page before");
    parameter(j, "query", "limit", "integer", "rows of the page, at most 200");
    json_open(j, '{');
    put(j, "name", "sort");
    put(j, "in", "query");
    open_key(j, "schema", '{');
    put(j, "type", "string");
    open_key(j, "enum", '[');
    for (size_t i = 0; i < q->n_sorts; i++)
        json_z(j, q->sorts[i].name);
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, '}');
}

static void parameters(struct json *j, const struct route *r, bool post)
{
    const struct has *list = main_list(r->view);

    open_key(j, "parameters", '[');
    for (const char *at = strchr(r->path, '{'); at; at = strchr(at + 1, '{')) {
        char name[80];
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        parameter(j, "path", name, "string", NULL);
    }
    if (post) {
        parameter(j, "header", "Idempotency-Key", "string",
                  "the same key and body get the same answer, done once; at most 100 characters");
        parameter(j, "header", "If-Match", "string", "ETag of the version that is changed");
    } else if (list) {
        list_parameters(j, r, list->query);
        parameter(j, "query", "format", "string", "csv or xlsx: the whole list as a file");
    }
    json_close(j, ']');
}

static void content(struct json *j, const char *type, const char *schema)
{
    open_key(j, type, '{');
    json_key(j, "schema");
    if (schema) {
        put_ref(j, "schemas", schema);
    } else {
        json_open(j, '{');
        put(j, "type", "object");
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void request_body(struct json *j, const struct view *view)
{
    const char *form = NULL;

    for (size_t i = 0; i < view->n_has && !form; i++)
        if (view->has[i].kind == HAS_FORM)
            form = view->has[i].form->name;
    open_key(j, "requestBody", '{');
    open_key(j, "content", '{');
    content(j, "application/json", form);
    content(j, "application/x-www-form-urlencoded", form);
    json_close(j, '}');
    json_close(j, '}');
}

static void responses(struct json *j, const struct route *r, bool post)
{
    static const char *const codes[] = {"400", "401", "403", "404", "409", "412", "422", "503"};
    char page[120];

    snprintf(page, sizeof(page), "%s_page", r->view->name);
    open_key(j, "responses", '{');
    open_key(j, post ? "201" : "200", '{');
    put(j, "description",
        post ? "done; the object as its own address shows it" : "the page as data");
    if (post) {
        open_key(j, "headers", '{');
        open_key(j, "Location", '{');
        open_key(j, "schema", '{');
        put(j, "type", "string");
        json_close(j, '}');
        json_close(j, '}');
        json_close(j, '}');
    }
    open_key(j, "content", '{');
    content(j, "application/json", post ? NULL : page);
    json_close(j, '}');
    json_close(j, '}');
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        json_key(j, codes[i]);
        put_ref(j, "responses", "problem");
    }
    json_close(j, '}');
}

static void operation(struct json *j, const struct route *r)
{
    bool post = strcmp(r->method, "POST") == 0;
    char id[200];
    size_t n = 0;

    n += (size_t)snprintf(id, sizeof(id), "%s", post ? "post" : "get");
    for (const char *c = r->path; *c && n + 1 < sizeof(id); c++)
        if (*c != '{' && *c != '}')
            id[n++] = *c == '/' || *c == '-' || *c == '.' ? '_' : *c;
    id[n] = '\0';
    open_key(j, post ? "post" : "get", '{');
    put(j, "operationId", id);
    open_key(j, "tags", '[');
    char tag[80];
    snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(r->path + 1, "/"), r->path + 1);
    json_z(j, tag[0] ? tag : "home");
    json_close(j, ']');
    parameters(j, r, post);
    if (post)
        request_body(j, r->view);
    responses(j, r, post);
    json_close(j, '}');
}

static void open_path(struct json *j, const char *path, const char *id, const char *words)
{
    open_key(j, path, '{');
    open_key(j, "get", '{');
    put(j, "operationId", id);
    open_key(j, "security", '[');
    json_close(j, ']');
    open_key(j, "responses", '{');
    open_key(j, "200", '{');
    put(j, "description", words);
    open_key(j, "content", '{');
    content(j, "application/json", NULL);
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
}

static void paths(struct json *j, const struct route *const *routes, size_t n)
{
    open_key(j, "paths", '{');
    open_path(j, "/health", "get_health", "the store answers");
    open_path(j, "/api/openapi.json", "get_openapi", "this description");
    for (size_t i = 0; i < n; i++) {
        char path[200];
        if (!route_in_api(routes[i]))
            continue;
        snprintf(path, sizeof(path), "/api/v1%s", routes[i]->path);
        open_key(j, path, '{');
        operation(j, routes[i]);
        /* The table is sorted: another method of the path stands next. */
        for (; i + 1 < n && strcmp(routes[i]->path, routes[i + 1]->path) == 0; i++)
            if (strcmp(routes[i]->method, routes[i + 1]->method) != 0)
                operation(j, routes[i + 1]);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static void components(struct json *j, const struct route *const *routes, size_t n)
{
    struct seen seen = {.cap = 4096};

    seen.v = calloc(seen.cap, sizeof(*seen.v));
    if (!seen.v)
        abort();
    open_key(j, "components", '{');
    open_key(j, "securitySchemes", '{');
    open_key(j, "token", '{');
    put(j, "type", "http");
    put(j, "scheme", "bearer");
    json_close(j, '}');
    json_close(j, '}');
    open_key(j, "responses", '{');
    open_key(j, "problem", '{');
    put(j, "description", "refused; `errors` names fields and says why");
    open_key(j, "content", '{');
    content(j, "application/problem+json", "problem");
    json_close(j, '}');
    json_close(j, '}');
    json_close(j, '}');
    open_key(j, "schemas", '{');
    problem_schema(j);
    for (size_t i = 0; i < n; i++)
        if (route_in_api(routes[i]))
            view_schemas(j, routes[i]->view, &seen);
    json_close(j, '}');
    json_close(j, '}');
    free(seen.v);
}

enum err web_openapi(struct request *rq, struct buf *out)
{
    size_t n;
    const struct route *const *routes = routes_all(&n);
    struct json json = {.out = out}, *j = &json;

    (void)rq;
    json_open(j, '{');
    put(j, "openapi", "3.1.0");
    open_key(j, "info", '{');
    put(j, "title", "Bereg");
    put(j, "version", BEREG_VERSION);
    put(j, "description",
        "The pages of Bereg as data: the same functions, rights, masks and logs. Dates are ISO "
        "8601, "
        "instants UTC. What is hidden from the token's account is absent and named in `masked`.");
    json_close(j, '}');
    open_key(j, "servers", '[');
    json_open(j, '{');
    put(j, "url", "/");
    json_close(j, '}');
    json_close(j, ']');
    open_key(j, "security", '[');
    json_open(j, '{');
    open_key(j, "token", '[');
    json_close(j, ']');
    json_close(j, '}');
    json_close(j, ']');
    paths(j, routes, n);
    components(j, routes, n);
    json_close(j, '}');
    return buf_end(out);
}
