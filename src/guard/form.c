#include "guard/form.h"
#include "base/id.h"
#include "guard/codes.h"
#include "guard/room.h"
#include <stdlib.h>

const struct field *form_field_of(const struct form *form, size_t i)
{
    int f = table_field(form->table, text_of(form->fields[i].name));
    if (f < 0)
        abort(); /* the build has proven that it exists */
    return &form->table->fields[f];
}

void form_begin(const struct form *form, struct input *inputs)
{
    for (size_t i = 0; i < form->n; i++) {
        const struct field *f = form_field_of(form, i);
        const struct form_field *ff = &form->fields[i];
        inputs[i] = (struct input){.field = f,
                                   .required = ff->required || (f->required && !ff->optional)};
    }
}

static void wrong(struct input *in, const char *msgid)
{
    in->error = msgid;
    in->value = (struct value){0};
}

/* A code as such or, in imports, by one of its labels. */
static void read_code(struct input *in, struct arena *arena, struct text t, bool by_label)
{
    const struct code_list *list = code_list(in->field->list);
    const struct code *code = list ? code_find(list, t) : NULL;
    if (!code && list && by_label) {
        struct text folded = text_fold(arena, t);
        for (size_t i = 0; i < list->n && !code; i++)
            for (int lang = 0; lang < LANG_COUNT && !code; lang++)
                if (text_eq(text_fold(arena, text_of(list->codes[i].label[lang])), folded))
                    code = &list->codes[i];
    }
    if (!code) {
        wrong(in, N_("Choose a value from the list"));
        return;
    }
    in->value = (struct value){
        .kind = V_CODE, .list = list->index, .n = (uint32_t)strlen(code->code), .s = code->code};
}

static void read_date(struct input *in, struct text t)
{
    int64_t day;
    if (date_parse(t, &day))
        wrong(in, N_("There is no such date; write it as 31.12.2024"));
    else if (day < date_from((struct ymd){1880, 1, 1}))
        wrong(in, N_("The date is too long ago"));
    else if (in->field->past && day > clock_today())
        wrong(in, N_("The date lies in the future"));
    else
        in->value = v_date(day);
}

static void read_phone(struct input *in, struct arena *arena, struct text t)
{
    struct text d = text_digits(arena, t);
    for (size_t i = 0; i < t.n; i++)
        if (!strchr("0123456789+-() .", t.s[i])) {
            wrong(in, N_("Write the telephone number in digits"));
            return;
        }
    if (d.n == 11 && d.s[0] == '8' && t.s[0] != '+')
        in->value = v_text(arena_printf(arena, "+7%.*s", (int)d.n - 1, d.s + 1));
    else if (d.n == 10)
        in->value = v_text(arena_printf(arena, "+7%.*s", (int)d.n, d.s));
    else if (d.n >= 11 && d.n <= 15)
        in->value = v_text(arena_printf(arena, "+%.*s", (int)d.n, d.s));
    else
        wrong(in, N_("A telephone number has 11 digits"));
}

static void read_text(struct input *in, struct arena *arena, struct text t)
{
    size_t max = in->field->max ? (size_t)in->field->max : 1000;
    if (text_chars(t) > max) {
        in->error = N_("At most {a} characters");
        in->error_a = v_int((int64_t)max);
        return;
    }
    if (!in->field->lines)
        for (size_t i = 0; i < t.n; i++)
            if (t.s[i] == '\n' || t.s[i] == '\r') {
                wrong(in, N_("Write it in one line"));
                return;
            }
    in->value = v_text(arena_text(arena, t));
}

void input_read(struct arena *arena, struct input *in, struct text raw, bool by_label)
{
    in->error = NULL;
    in->value = v_null();
    in->raw = raw;
    if (!text_valid(raw)) {
        in->raw = T("");
        wrong(in, N_("The text has characters that cannot be read"));
        return;
    }
    struct text t = text_trim(raw);
    if (!t.n) {
        if (in->field->type == FIELD_BOOL)
            in->value = v_int(0);
        else if (in->required)
            wrong(in, N_("Fill in this field"));
        return;
    }
    int64_t i;
    struct text digits;
    switch (in->field->type) {
    case FIELD_ID:
    case FIELD_REF:
        if (text_int(t, 1, INT64_MAX, &i))
            wrong(in, N_("Choose a value from the list"));
        else
            in->value = v_int(i);
        return;
    case FIELD_INT:
        if (text_int(t, 0, in->field->max ? in->field->max : INT64_MAX, &i))
            wrong(in, N_("Write a whole number"));
        else
            in->value = v_int(i);
        return;
    case FIELD_BOOL:
        in->value = v_int(text_is(t, "1") || text_is(t, "on") || text_is(t, "true"));
        return;
    case FIELD_INSTANT:
    case FIELD_CLASSES:
        wrong(in, N_("This field is kept by the program"));
        return;
    case FIELD_TEXT:
        read_text(in, arena, t);
        return;
    case FIELD_CODE:
        read_code(in, arena, t, by_label);
        return;
    case FIELD_DATE:
        read_date(in, t);
        return;
    case FIELD_PHONE:
        read_phone(in, arena, t);
        return;
    case FIELD_SNILS:
    case FIELD_IIN:
        digits = text_digits(arena, t);
        for (size_t k = 0; k < t.n; k++)
            if (!strchr("0123456789- ", t.s[k])) {
                wrong(in, N_("Write the number in digits"));
                return;
            }
        if (in->field->type == FIELD_SNILS ? !snils_valid(digits) : !iin_valid(digits))
            wrong(in, in->field->type == FIELD_SNILS
                          ? N_("The SNILS is wrong: its check number does not fit")
                          : N_("The IIN is wrong: its check digit does not fit"));
        else
            in->value = v_text(digits);
        return;
    }
}

void input_reject(struct request *rq, struct input *in, const char *msgid)
{
    wrong(in, msgid);
    rq_mistake(rq, in->field->name, msgid);
}

static const struct table *table_of(const char *name)
{
    for (const struct room *const *r = rooms; *r; r++)
        for (const struct table *const *t = (*r)->tables; t && *t; t++)
            if (strcmp((*t)->name, name) == 0)
                return *t;
    return NULL;
}

bool form_ref_stands(struct request *rq, const struct input *in)
{
    if (in->field->type != FIELD_REF || in->value.kind != V_INT || strcmp(in->field->ref, "person") == 0)
        return true;
    const struct table *t = table_of(in->field->ref);
    if (!t || t->key || rq->err)
        return true;
    struct value *row = arena_array(rq->arena, t->n_fields, sizeof *row);
    return conn_get(rq->conn, t, in->value.i, rq->arena, row) != ERR_NOT_FOUND;
}
