/* Fields of forms and the summary of mistakes, in the markup of assets/patterns/07-form.html. */
#include "base/id.h"
#include "web/tpl.h"
#include <stdio.h>
#include <string.h>

#define RAW(t, literal) tpl_raw((t), "" literal, sizeof(literal) - 1)

/* What one field is drawn from. */
struct drawn {
    const struct field *field;
    const struct input *in;
    const char *name;
    const char *label;
    const char *hint;
    const char *error; /* msgid, or null */
    struct value error_a;
    bool required, secret;
    struct tpl_field how;
};

static const struct mistake *mistake_at(const struct tpl *t, const char *name)
{
    for (const struct mistake *m = t->rq->mistakes; m; m = m->next)
        if (m->field && strcmp(m->field, name) == 0)
            return m;
    return NULL;
}

/* Hints that follow from the type; a template's own hint stands instead. */
static const char *type_hint(const struct tpl *t, const struct field *field, bool filled)
{
    switch (field->type) {
    case FIELD_DATE:
        /* An example helps with a day long past; beside a term it would only puzzle. */
        return field->past && !filled ? tr(t->lang, "dd.mm.yyyy, for example 05.09.1985")
                                      : tr(t->lang, "dd.mm.yyyy");
    case FIELD_INSTANT:
        return tr(t->lang, "dd.mm.yyyy hh:mm, for example 05.09.2024 14:30");
    case FIELD_SNILS:
        return tr(t->lang, "11 digits, dashes and blanks are fine");
    case FIELD_IIN:
        return tr(t->lang, "12 digits");
    case FIELD_PHONE:
        return tr(t->lang, "With the code, for example +7 900 123-45-67");
    default:
        return NULL;
    }
}

static struct drawn drawn_of(struct tpl *t, const struct input *in, const char *name,
                             struct tpl_field how)
{
    size_t i = (size_t)(in - how.inputs);
    const struct form_field *asked = &how.form->fields[i];
    const struct field *field = in->field ? in->field : form_field_of(how.form, i);
    const char *label = asked->label ? asked->label : field->label;
    struct drawn d = {.field = field,
                      .in = in,
                      .name = name,
                      .label = how.label ? how.label : tr(t->lang, label ? label : name),
                      .hint = how.hint ? how.hint : type_hint(t, field, in->raw.n || in->value.kind == V_DATE),
                      .error = in->error,
                      .error_a = in->error_a,
                      .required = in->field ? in->required
                                            : !asked->optional && (field->required || asked->required),
                      .secret = asked->secret,
                      .how = how};

    if (!d.error) {
        const struct mistake *m = mistake_at(t, name);
        if (m) {
            d.error = m->message;
            d.error_a = m->a;
        }
    }
    return d;
}

static void message(struct tpl *t, const char *msgid, struct value a)
{
    tpl_message(t, false, tr(t->lang, msgid), &(struct tpl_arg){"a", a}, 1);
}

/* ---- the value as it is typed --------------------------------------------------------------- */

static struct text typed(struct tpl *t, const struct drawn *d)
{
    char date[17];
    struct value v = d->in->value;

    if (d->in->raw.n)
        return d->in->raw;
    switch (v.kind) {
    case V_INT:
        return arena_printf(t->rq->arena, "%lld", (long long)v.i);
    case V_DATE:
        date_dmy(v.i, date);
        return arena_text(t->rq->arena, text_of(date));
    case V_INSTANT:
        instant_local(v.i, date);
        return arena_text(t->rq->arena, text_of(date));
    default:
        if (d->field->type == FIELD_SNILS && v.kind == V_TEXT)
            return snils_format(t->rq->arena, v_as_text(v));
        return v_as_text(v);
    }
}

/* ---- pieces --------------------------------------------------------------------------------- */

static void attr(struct tpl *t, const char *name, const char *value)
{
    RAW(t, " ");
    tpl_raw(t, name, strlen(name));
    RAW(t, "=\"");
    tpl_attr_z(t, value);
    RAW(t, "\"");
}

static void id_and_name(struct tpl *t, const char *name)
{
    attr(t, "id", name);
    attr(t, "name", name);
}

static void described(struct tpl *t, const struct drawn *d)
{
    if (d->hint || d->error) {
        RAW(t, " aria-describedby=\"");
        if (d->hint) {
            tpl_attr_z(t, d->name);
            RAW(t, "-hint");
        }
        if (d->hint && d->error)
            RAW(t, " ");
        if (d->error) {
            tpl_attr_z(t, d->name);
            RAW(t, "-error");
        }
        RAW(t, "\"");
    }
}

static void described_control(struct tpl *t, const struct drawn *d)
{
    described(t, d);
    if (d->error)
        RAW(t, " aria-invalid=\"true\"");
    if (d->required)
        RAW(t, " aria-required=\"true\"");
}

static void optional(struct tpl *t, const struct drawn *d)
{
    if (d->required)
        return;
    RAW(t, " <span class=\"b-optional\">(");
    tpl_text_z(t, tr(t->lang, "optional"));
    RAW(t, ")</span>");
}

static void error_line(struct tpl *t, const char *name, const char *msgid, struct value a)
{
    RAW(t, "<p class=\"govuk-error-message\" id=\"");
    tpl_attr_z(t, name);
    RAW(t, "-error\"><span class=\"govuk-visually-hidden\">");
    tpl_text_z(t, tr(t->lang, "Error:"));
    RAW(t, "</span> ");
    message(t, msgid, a);
    RAW(t, "</p>");
}

void tpl_mistake(struct tpl *t, const char *name)
{
    const struct mistake *m = mistake_at(t, name);
    if (m)
        error_line(t, name, m->message, m->a);
}

static void hint_and_error(struct tpl *t, const struct drawn *d)
{
    if (d->hint) {
        RAW(t, "<div class=\"govuk-hint\" id=\"");
        tpl_attr_z(t, d->name);
        RAW(t, "-hint\">");
        tpl_text_z(t, d->hint);
        RAW(t, "</div>");
    }
    if (d->error)
        error_line(t, d->name, d->error, d->error_a);
}

static void group_begin(struct tpl *t, const struct drawn *d)
{
    if (d->error)
        RAW(t, "<div class=\"govuk-form-group govuk-form-group--error\">");
    else
        RAW(t, "<div class=\"govuk-form-group\">");
}

static void label(struct tpl *t, const struct drawn *d)
{
    RAW(t, "<label class=\"govuk-label\" for=\"");
    tpl_attr_z(t, d->name);
    RAW(t, "\">");
    tpl_text_z(t, d->label);
    optional(t, d);
    RAW(t, "</label>");
    hint_and_error(t, d);
}

/* ---- controls ------------------------------------------------------------------------------- */

static const char *type_width(const struct field *field)
{
    switch (field->type) {
    case FIELD_DATE:
    case FIELD_INT:
    case FIELD_ID:
        return "10";
    case FIELD_INSTANT:
    case FIELD_SNILS:
    case FIELD_IIN:
    case FIELD_PHONE:
        return "20";
    default:
        return field->max && field->max <= 20 ? "20" : NULL;
    }
}

static void text_input(struct tpl *t, const struct drawn *d)
{
    const char *width = d->how.width ? d->how.width : type_width(d->field);

    label(t, d);
    RAW(t, "<input class=\"govuk-input");
    if (width) {
        RAW(t, " govuk-input--width-");
        tpl_attr_z(t, width);
    }
    if (d->error)
        RAW(t, " govuk-input--error");
    RAW(t, "\"");
    id_and_name(t, d->name);
    if (d->secret) {
        RAW(t, " type=\"password\" autocomplete=\"new-password\"");
        described_control(t, d);
        RAW(t, ">");
        return;
    }
    switch (d->field->type) {
    case FIELD_PHONE:
        RAW(t, " type=\"tel\"");
        break;
    case FIELD_INT:
    case FIELD_ID:
    case FIELD_REF:
    case FIELD_DATE:
    case FIELD_SNILS:
    case FIELD_IIN:
        RAW(t, " type=\"text\" inputmode=\"numeric\"");
        break;
    default:
        RAW(t, " type=\"text\"");
    }
    struct text value = typed(t, d);
    if (value.n) {
        RAW(t, " value=\"");
        tpl_attr_text(t, value);
        RAW(t, "\"");
    }
    described_control(t, d);
    RAW(t, " autocomplete=\"off\">");
}

static void textarea(struct tpl *t, const struct drawn *d)
{
    label(t, d);
    RAW(t, "<textarea class=\"govuk-textarea");
    if (d->error)
        RAW(t, " govuk-textarea--error");
    RAW(t, "\"");
    id_and_name(t, d->name);
    RAW(t, " rows=\"");
    tpl_attr_int(t, d->how.lines ? d->how.lines : 5);
    RAW(t, "\"");
    described_control(t, d);
    RAW(t, " autocomplete=\"off\">\n"); /* the first line end is not part of the text */
    tpl_attr_text(t, typed(t, d));
    RAW(t, "</textarea>");
}

/* One thing to choose. */
struct choice {
    struct text value;
    struct value words;
};

struct choices {
    const struct code_list *list;
    const struct rows *rows;
    enum lang lang;
    struct text chosen;
    size_t at;
    char number[24];
};

static bool next_choice(struct choices *c, struct choice *out)
{
    if (c->rows) {
        if (c->at >= c->rows->n || c->rows->query->n_columns < 2)
            return false;
        const struct value *row = c->rows->v + c->at++ * c->rows->query->n_columns;
        snprintf(c->number, sizeof c->number, "%lld", (long long)v_as_int(row[0]));
        out->value = row[0].kind == V_INT ? text_of(c->number) : v_as_text(row[0]);
        out->words = row[1];
        return true;
    }
    while (c->list && c->at < c->list->n) {
        const struct code *code = &c->list->codes[c->at++];
        if (code->retired && !text_is(c->chosen, code->code))
            continue;
        out->value = text_of(code->code);
        out->words = v_z(code->label[c->lang]);
        return true;
    }
    return false;
}

static struct choices choices_of(struct tpl *t, const struct drawn *d)
{
    return (struct choices){.list =
                                d->field->type == FIELD_CODE && !d->how.options && d->field->list
                                    ? code_list(d->field->list)
                                    : NULL,
                            .rows = d->how.options,
                            .lang = t->lang,
                            .chosen = typed(t, d)};
}

/* The words for nothing chosen. Forms that filter a list are named …_filter_form. */
static const char *unchosen(const struct tpl *t, const struct drawn *d)
{
    if (strstr(d->how.form->name, "_filter_form"))
        return tr(t->lang, "All");
    return d->required ? tr(t->lang, "Choose") : "—";
}

static void select_input(struct tpl *t, const struct drawn *d)
{
    struct choices choices = choices_of(t, d);
    struct choice choice;
    bool found = false;

    label(t, d);
    RAW(t, "<select class=\"govuk-select");
    if (d->error)
        RAW(t, " govuk-select--error");
    RAW(t, "\"");
    id_and_name(t, d->name);
    described_control(t, d);
    RAW(t, ">");
    if (!d->required || !choices.chosen.n) {
        RAW(t, "<option value=\"\">");
        tpl_text_z(t, unchosen(t, d));
        RAW(t, "</option>");
    }
    while (next_choice(&choices, &choice)) {
        bool chosen = text_eq(choice.value, choices.chosen);
        found = found || chosen;
        RAW(t, "<option value=\"");
        tpl_attr_text(t, choice.value);
        if (chosen)
            RAW(t, "\" selected>");
        else
            RAW(t, "\">");
        tpl_plain_value(t, choice.words);
        RAW(t, "</option>");
    }
    /* What stands in the row and is not offered must not be lost by sending the form. */
    if (choices.chosen.n && !found && v_is(d->in->value)) {
        RAW(t, "<option value=\"");
        tpl_attr_text(t, choices.chosen);
        RAW(t, "\" selected>");
        tpl_plain_value(t, d->in->value);
        RAW(t, "</option>");
    }
    RAW(t, "</select>");
}

static void radio(struct tpl *t, const struct drawn *d, size_t number, struct choice choice,
                  bool chosen)
{
    struct text id =
        number == 1 ? text_of(d->name) : arena_printf(t->rq->arena, "%s-%zu", d->name, number);

    RAW(t, "<div class=\"govuk-radios__item\"><input class=\"govuk-radios__input\" id=\"");
    tpl_attr_text(t, id);
    RAW(t, "\"");
    attr(t, "name", d->name);
    RAW(t, " type=\"radio\" value=\"");
    tpl_attr_text(t, choice.value);
    if (chosen)
        RAW(t, "\" checked>");
    else
        RAW(t, "\">");
    RAW(t, "<label class=\"govuk-label govuk-radios__label\" for=\"");
    tpl_attr_text(t, id);
    RAW(t, "\">");
    tpl_text_value(t, choice.words);
    RAW(t, "</label></div>");
}

static void fieldset_begin(struct tpl *t, const struct drawn *d)
{
    RAW(t, "<fieldset class=\"govuk-fieldset\"");
    described(t, d);
    RAW(t, "><legend class=\"govuk-fieldset__legend\">");
    tpl_text_z(t, d->label);
    optional(t, d);
    RAW(t, "</legend>");
    hint_and_error(t, d);
}

static void radios(struct tpl *t, const struct drawn *d)
{
    struct choices choices = choices_of(t, d);
    struct choice choice;
    size_t n = 0;

    fieldset_begin(t, d);
    RAW(t, "<div class=\"govuk-radios govuk-radios--small\">");
    while (next_choice(&choices, &choice))
        radio(t, d, ++n, choice, text_eq(choice.value, choices.chosen));
    if (!d->required) {
        choice = (struct choice){{"", 0}, v_z(tr(t->lang, "not given"))};
        radio(t, d, ++n, choice, !choices.chosen.n);
    }
    RAW(t, "</div></fieldset>");
}

static void checkbox(struct tpl *t, const struct drawn *d)
{
    struct text value = typed(t, d);
    bool on = value.n && !text_is(value, "0") && !text_is(value, "false");

    hint_and_error(t, d);
    /* A box that is not ticked sends nothing; the last value counts. */
    RAW(t, "<input type=\"hidden\"");
    attr(t, "name", d->name);
    RAW(t, " value=\"0\"><div class=\"govuk-checkboxes govuk-checkboxes--small\"><div "
           "class=\"govuk-checkboxes__item\">"
           "<input class=\"govuk-checkboxes__input\"");
    id_and_name(t, d->name);
    RAW(t, " type=\"checkbox\" value=\"1\"");
    if (on)
        RAW(t, " checked");
    described(t, d);
    RAW(t, "><label class=\"govuk-label govuk-checkboxes__label\" for=\"");
    tpl_attr_z(t, d->name);
    RAW(t, "\">");
    tpl_text_z(t, d->label);
    RAW(t, "</label></div></div>");
}

/* The viewer may not see what stands there: nothing is asked, so nothing is changed. */
static void withheld(struct tpl *t, const struct drawn *d)
{
    RAW(t, "<div class=\"govuk-form-group\"><div class=\"govuk-label\">");
    tpl_text_z(t, d->label);
    RAW(t, "</div>");
    tpl_text_value(t, d->in->value);
    RAW(t, "</div>");
}

void tpl_field(struct tpl *t, const struct input *in, const char *name, struct tpl_field how)
{
    struct drawn d = drawn_of(t, in, name, how);

    if (in->value.kind == V_HIDDEN) {
        if (!how.hidden)
            withheld(t, &d);
        return;
    }
    if (how.hidden) {
        RAW(t, "<input type=\"hidden\"");
        attr(t, "name", name);
        RAW(t, " value=\"");
        tpl_attr_text(t, typed(t, &d));
        RAW(t, "\">");
        return;
    }
    bool chosen = d.field->type == FIELD_CODE || how.options;
    group_begin(t, &d);
    if (chosen && how.radios)
        radios(t, &d);
    else if (chosen)
        select_input(t, &d);
    else if (d.field->type == FIELD_BOOL)
        checkbox(t, &d);
    else if (d.field->lines || how.lines)
        textarea(t, &d);
    else
        text_input(t, &d);
    RAW(t, "</div>");
}

/* ---- the summary ---------------------------------------------------------------------------- */

struct summary {
    struct tpl *t;
    const struct tpl_inputs *forms;
    size_t n;
    bool print; /* first they are counted, then printed */
    int64_t count;
};

static void summary_line(struct summary *s, const char *field, const char *label, const char *msgid,
                         struct value a)
{
    struct tpl *t = s->t;

    s->count++;
    if (!s->print)
        return;
    RAW(t, "<li>");
    if (field) {
        RAW(t, "<a href=\"#");
        tpl_url_z(t, field);
        RAW(t, "\">");
    }
    if (label) {
        tpl_text_z(t, tr(t->lang, label));
        RAW(t, ": ");
    }
    message(t, msgid, a);
    if (field)
        RAW(t, "</a>");
    RAW(t, "</li>");
}

/* The input of a name that has an error of its own; otherwise the first of that name. */
static const struct input *input_named(const struct summary *s, const char *name)
{
    const struct input *first = NULL;

    for (size_t k = 0; name && k < s->n; k++) {
        const struct tpl_inputs *f = &s->forms[k];
        for (size_t i = 0; i < f->n && i < f->form->n; i++) {
            if (strcmp(f->form->fields[i].name, name) != 0)
                continue;
            if (f->v[i].error)
                return &f->v[i];
            if (!first)
                first = &f->v[i];
        }
    }
    return first;
}

static void summary_input(struct summary *s, const struct tpl_inputs *f, size_t i)
{
    const struct input *in = &f->v[i];
    const char *name = f->form->fields[i].name, *label = f->form->fields[i].label;
    const struct mistake *m = mistake_at(s->t, name);

    if (!label)
        label = (in->field ? in->field : form_field_of(f->form, i))->label;
    if (in->error)
        summary_line(s, name, label, in->error, in->error_a);
    else if (m && input_named(s, name) == in)
        summary_line(s, name, label, m->message, m->a);
}

static void summary_run(struct summary *s)
{
    const struct request *rq = s->t->rq;

    /* In the order of the page. */
    for (size_t k = 0; k < s->n; k++)
        for (size_t i = 0; i < s->forms[k].n && i < s->forms[k].form->n; i++)
            summary_input(s, &s->forms[k], i);
    for (const struct mistake *m = rq->mistakes; m; m = m->next)
        if (!input_named(s, m->field))
            summary_line(s, m->field, NULL, m->message, m->a);
    if (rq->reason && (rq->err == ERR_REFUSED || rq->err == ERR_CONFLICT))
        summary_line(s, NULL, NULL, rq->reason, (struct value){0});
}

void tpl_errors(struct tpl *t, const struct tpl_inputs *forms, size_t n)
{
    struct summary s = {.t = t, .forms = forms, .n = n};

    if (t->told)
        return;
    summary_run(&s);
    if (!s.count)
        return;
    t->told = true;
    RAW(t, "<div class=\"govuk-error-summary\" id=\"errors\"><div role=\"alert\">"
           "<h2 class=\"govuk-error-summary__title\">");
    tpl_message(t, false, tr_n(t->lang, "Correct {n} mistake", "Correct {n} mistakes", s.count),
                &(struct tpl_arg){"n", v_int(s.count)}, 1);
    RAW(t, "</h2><div class=\"govuk-error-summary__body\">"
           "<ul class=\"govuk-list govuk-error-summary__list\">");
    s.print = true;
    s.count = 0;
    summary_run(&s);
    RAW(t, "</ul></div></div></div>");
}
