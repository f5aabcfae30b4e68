/* What pages read: parts of the path, parameters of the address, fields of a form or of a JSON
 * body. */
#include "base/log.h"
#include "formats/scanner.h"
#include "guard/change.h"
#include "web/exchange.h"
#include <strings.h>

static bool type_is(struct text type, const char *z)
{
    struct text rest = type, word;
    if (!text_split(&rest, ';', &word))
        return false;
    word = text_trim(word);
    return word.n == strlen(z) && strncasecmp(word.s, z, word.n) == 0;
}

static void refuse(struct exchange *x, int status, struct parse_fault fault)
{
    if (fault.field.n)
        rq_mistake(&x->rq, arena_z(x->rq.arena, fault.field), fault.message);
    x->refused = REFUSED_MALFORMED;
    problem(x, status, fault.field.n ? NULL : fault.message);
}

bool input_parse(struct exchange *x)
{
    struct arena *arena = x->rq.arena;
    struct parse_fault fault = {0};
    struct text type = x->asked.content_type;
    enum err err = OK;

    if (parse_query(arena, x->asked.query, &x->query, &fault)) {
        refuse(x, 400, fault);
        return false;
    }
    if (words_take(x)) {
        refuse(x, 400, (struct parse_fault){.message = N_("The header X-Words cannot be read.")});
        return false;
    }
    if (x->body.n == 0)
        return true;
    if (type_is(type, "multipart/form-data")) {
        err = parse_multipart(arena, type, x->body, &x->fields, &fault);
    } else if (x->body.n > FORM_MAX) {
        x->refused = REFUSED_SIZE;
        problem(x, 413, NULL);
        return false;
    } else if (type_is(type, "application/json")) {
        err = parse_json(arena, x->body, &x->fields, &fault);
    } else if (type_is(type, "application/x-www-form-urlencoded")) {
        err = parse_query(arena, x->body, &x->fields, &fault);
    } else {
        problem(x, 415, N_("Send a form, or one JSON object."));
        return false;
    }
    if (err) {
        refuse(x, 400, fault);
        return false;
    }
    return true;
}

/* ---- parts of the path ---- */

int64_t rq_id_int(struct request *rq, const char *name)
{
    struct exchange *x = exchange_of(rq);
    int64_t id;

    for (size_t i = 0; x && i < x->n_parts; i++)
        if (text_is(x->parts[i].name, name)) {
            if (text_int(x->parts[i].value, 1, INT64_MAX, &id) == OK)
                return id;
            break;
        }
    rq_fail(rq, ERR_NOT_FOUND);
    return 0;
}

struct value rq_id(struct request *rq, const char *name)
{
    int64_t id = rq_id_int(rq, name);
    return id ? v_int(id) : (struct value){.kind = V_NONE};
}

struct text rq_part(struct request *rq, const char *name)
{
    struct exchange *x = exchange_of(rq);
    for (size_t i = 0; x && i < x->n_parts; i++)
        if (text_is(x->parts[i].name, name))
            return x->parts[i].value;
    return T("");
}

/* ---- parameters of the address ---- */

struct text rq_param(struct request *rq, const char *name)
{
    struct exchange *x = exchange_of(rq);
    const struct pair *p = x ? pairs_find(&x->query, name) : NULL;
    if (p)
        return p->value;
    /* A part of the path answers to its name too: {kind} of words. */
    for (size_t i = 0; x && i < x->n_parts; i++)
        if (text_is(x->parts[i].name, name))
            return x->parts[i].value;
    return T("");
}

struct value rq_filter(struct request *rq, const char *name)
{
    struct text t = text_trim(rq_param(rq, name));
    return t.n ? v_text(t) : (struct value){.kind = V_NONE};
}

struct value rq_filter_int(struct request *rq, const char *name)
{
    int64_t i;
    struct text t = text_trim(rq_param(rq, name));
    return t.n && text_int(t, INT64_MIN, INT64_MAX, &i) == OK ? v_int(i)
                                                              : (struct value){.kind = V_NONE};
}

struct value rq_filter_date(struct request *rq, const char *name)
{
    int64_t day;
    struct text t = text_trim(rq_param(rq, name));
    return t.n && date_parse(t, &day) == OK ? v_date(day) : (struct value){.kind = V_NONE};
}

struct paging rq_paging(struct request *rq, const struct query *q)
{
    enum { LIMIT_MAX = 200 };
    struct exchange *x = exchange_of(rq);
    struct paging paging = {0};
    int64_t limit;

    struct text sort = rq_param(rq, "sort");
    for (size_t i = 0; sort.n && i < q->n_sorts; i++)
        if (text_is(sort, q->sorts[i].name))
            paging.sort = (uint8_t)i;
    if (x && x->export_query == q) {
        x->export_taken = true;
        paging.limit = EXPORT_STEP;
        paging.after = x->export_after;
        return paging;
    }
    paging.after = rq_param(rq, "after");
    if (text_int(rq_param(rq, "limit"), 1, LIMIT_MAX, &limit) == OK)
        paging.limit = (int32_t)limit;
    return paging;
}

/* ---- fields of the form ---- */

static const struct pair *field_find(struct request *rq, const char *name)
{
    struct exchange *x = exchange_of(rq);
    return x ? pairs_find(&x->fields, name) : NULL;
}

struct text rq_field(struct request *rq, const char *name)
{
    const struct pair *p = field_find(rq, name);
    return p && !p->is_file ? p->value : T("");
}

static size_t all_of(struct request *rq, const struct pairs *pairs, const char *name, struct text **out)
{
    size_t n = 0;

    *out = arena_array(rq->arena, pairs && pairs->n ? pairs->n : 1, sizeof(**out));
    for (size_t i = 0; pairs && i < pairs->n; i++)
        if (!pairs->v[i].is_file && text_is(pairs->v[i].name, name))
            (*out)[n++] = pairs->v[i].value;
    return n;
}

size_t rq_field_all(struct request *rq, const char *name, struct text **out)
{
    struct exchange *x = exchange_of(rq);
    return all_of(rq, x ? &x->fields : NULL, name, out);
}

size_t rq_param_all(struct request *rq, const char *name, struct text **out)
{
    struct exchange *x = exchange_of(rq);
    return all_of(rq, x ? &x->query : NULL, name, out);
}

int64_t rq_field_int(struct request *rq, const char *name)
{
    int64_t i;
    return text_int(text_trim(rq_field(rq, name)), INT64_MIN, INT64_MAX, &i) == OK ? i : 0;
}

static const struct pair *file_find(struct request *rq, const char *name)
{
    const struct pair *p = field_find(rq, name);
    return p && p->is_file && (p->file.n || p->value.n) ? p : NULL;
}

/* Whatever else is wrong with the form, which a change would not be made for. */
static void tell_scan(struct request *rq, const char *kind)
{
    struct change ch;
    struct mistake *others = rq->mistakes;
    rq->mistakes = NULL;
    change_begin(rq, &ch, NO_SUBJECT);
    ch.aside = true; /* the form may be sent again */
    change_event(&ch, &(struct event){.kind = kind});
    change_commit(&ch);
    rq->mistakes = others;
}

/* What was found stands in the log of the process by its name: neither the file's name nor its bytes are told. */
static bool scanned(struct request *rq, const char *name, struct text bytes)
{
    char says[SCANNER_SAYS];
    if (!scanner_there() || !bytes.n || rq->err)
        return true;
    enum scan_end end = scanner_look(bytes, says);
    if (end == SCAN_CLEAN)
        return true;
    log_warn(end == SCAN_FOUND ? "upload: the virus scanner has found %s" : "upload: the virus scanner did not look at a file: %s", says);
    if (end == SCAN_FAILED && scanner_passes()) {
        tell_scan(rq, "upload.unscanned");
        return true;
    }
    if (end == SCAN_FOUND) {
        tell_scan(rq, "upload.infected");
        rq_mistake(rq, name, N_("The virus scanner has found malware in the file, and it was not taken. Do not open it, and tell who looks after your computer"));
    } else {
        rq_mistake(rq, name, N_("The file could not be checked for viruses, and was not taken. Try again later"));
    }
    return false;
}

bool rq_uploads(struct request *rq, const char *name)
{
    return file_find(rq, name) != NULL;
}

bool rq_upload(struct request *rq, const char *name, struct text *file_name, struct text *bytes)
{
    const struct pair *p = file_find(rq, name);
    if (!p) {
        rq_mistake(rq, name, N_("Choose a file"));
        return false;
    }
    if (p->value.n > UPLOAD_MAX) {
        rq_fail(rq, ERR_LIMIT);
        return false;
    }
    *file_name = p->file;
    *bytes = p->value;
    return scanned(rq, name, p->value);
}

/* ---- forms ---- */

static void remember_form(struct request *rq, const struct form *form, struct input *inputs)
{
    struct exchange *x = exchange_of(rq);
    if (!x)
        return;
    struct form_read *read = NEW(rq->arena, struct form_read);
    *read = (struct form_read){form, inputs, x->forms};
    x->forms = read;
}

bool rq_read_form(struct request *rq, const struct form *form, struct input *inputs)
{
    bool good = true;

    form_begin(form, inputs);
    remember_form(rq, form, inputs);
    for (size_t i = 0; i < form->n; i++) {
        const char *name = form->fields[i].name;
        struct text *given;
        size_t n = rq_field_all(rq, name, &given);
        if (n == 0 && !inputs[i].required)
            continue; /* V_NONE: a change leaves it as it is */
        /* A checkbox stands behind a hidden 0, so the last one counts. */
        input_read(rq->arena, &inputs[i], n ? given[n - 1] : T(""), false);
        if (!inputs[i].error && !form_ref_stands(rq, &inputs[i]))
            inputs[i].error = N_("Choose a value from the list");
        if (inputs[i].error) {
            rq_mistake_of(rq, name, inputs[i].error, inputs[i].error_a);
            good = false;
        }
    }
    return good;
}

/* How a value stands in an input of a form: dates дд.мм.гггг, as people write them. */
static struct text raw_of(struct arena *arena, struct value v)
{
    char date[DATE_ISO_LEN + 1];

    switch (v.kind) {
    case V_TEXT:
    case V_CODE:
        return v_as_text(v);
    case V_INT:
        return arena_printf(arena, "%lld", (long long)v.i);
    case V_DATE:
        date_dmy(v.i, date);
        return arena_text(arena, text_of(date));
    default:
        return T("");
    }
}

void rq_fill_form(struct request *rq, const struct form *form, struct input *inputs,
                  const struct table *t, const struct value *row)
{
    form_begin(form, inputs);
    for (size_t i = 0; i < form->n; i++) {
        int at = t ? table_field(t, text_of(form->fields[i].name)) : (int)i;
        if (at < 0)
            continue;
        inputs[i].value = row[at];
        inputs[i].raw = raw_of(rq->arena, row[at]);
    }
}
