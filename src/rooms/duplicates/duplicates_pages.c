/* Pages of joined cards: two cards side by side, the joinings of the body, one joining, and its undoing. */
#include "duplicates_tpl.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/duplicates/duplicates_rules.h"
#include "rooms/people/people.h"
#include "web/web.h"

enum { LOOSE_SHOWN = 500 };

/* ---- two cards ---- */

static struct value shown(struct request *rq, const struct field *f, struct value v)
{
    struct person_districts_rows all = {0};
    if (v.kind != V_INT || f->type != FIELD_REF)
        return v;
    q_person_districts(rq, &(struct person_districts_args){.chosen = v}, &all);
    for (size_t i = 0; i < all.n; i++)
        if (v_eq(all.row[i].id, v))
            return all.row[i].name;
    return v;
}

/* The rows of the page: the two cards as the viewer sees them, field by field. */
static void compare(struct request *rq, struct merge_new_page *page, const bool take[MERGE_FIELDS])
{
    union merge_field_row *rows = arena_array(rq->arena, person_form.n, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < person_form.n && i < MERGE_FIELDS; i++) {
        const struct field *f = form_field_of(&person_form, i);
        struct value a = page->person.v[i], b = page->other.v[i]; /* in the order of the form */
        bool hidden = a.kind == V_HIDDEN || b.kind == V_HIDDEN;
        if (!v_is(a) && !v_is(b))
            continue;
        rows[n++] = (union merge_field_row){
            .name = v_text(arena_printf(rq->arena, "take.%s", f->name)),
            .label = v_z(tr(rq->lang, f->label)),
            .kept = shown(rq, f, a),
            .other = shown(rq, f, b),
            .differs = v_int(!hidden && !v_eq(a, b)),
            .taken = v_int(take[i]),
        };
    }
    page->fields = (struct merge_field_rows){.n = n, .row = rows, .query = &merge_field_query};
}

static int64_t version_sent(struct request *rq, const char *name)
{
    return rq_field(rq, name).n ? rq_field_int(rq, name) : -1;
}

/* Both cards; false when the viewer may not see one of them, or there is none yet. */
static bool load(struct request *rq, struct merge_new_page *page, int64_t other,
                 bool take[MERGE_FIELDS])
{
    union person_record a, b;
    q_person_edit_row(rq, &(struct person_edit_row_args){.id = rq_id(rq, "person")}, &page->person);
    page->number = rq_id_int(rq, "person");
    if (rq->err || !other)
        return false;
    q_person_edit_row(rq, &(struct person_edit_row_args){.id = v_int(other)}, &page->other);
    page->two = rq->err == OK;
    if (rq->err || !card_get(rq, page->number, &a) || !card_get(rq, other, &b))
        return false;
    merge_defaults(rq, &a, &b, take);
    return true;
}

/* Whom the page may mean: those of the own body whose names begin so. */
static void look_for(struct request *rq, struct merge_new_page *page)
{
    struct text q = text_trim(rq_param(rq, "q"));
    struct person_list_args args = {.paging.limit = 20};
    page->q = q;
    if (!q.n)
        return;
    person_sought(rq, q);
    person_name_range(rq->arena, q, &args.q, &args.q_end);
    q_person_list(rq, &args, &page->found);
    for (size_t i = page->found.n; i-- > 0;)
        if (v_as_int(page->found.row[i].id) == page->number) {
            memmove(&page->found.row[i], &page->found.row[i + 1],
                    (page->found.n - i - 1) * sizeof page->found.row[0]);
            page->found.n--;
        }
}

ROUTE(GET, "/persons/{person}/join", merge_page_new, merge_new, JOIN_PERSONS)
static enum err merge_page_new(struct request *rq, struct merge_new_page *page)
{
    bool take[MERGE_FIELDS] = {0};
    struct text typed = text_trim(rq_param(rq, "other"));
    int64_t other = v_as_int(rq_filter_int(rq, "other"));
    form_begin(&merge_form, page->form.v);
    if (load(rq, page, other == rq_id_int(rq, "person") ? 0 : other, take))
        compare(rq, page, take);
    /* a number that opens nothing is answered as one that is not there */
    if (rq->err == ERR_NOT_FOUND && page->number && typed.n && !rq_is_api(rq)) {
        union person_edit_row_row again = {0};
        rq->err = OK;
        q_person_edit_row(rq, &(struct person_edit_row_args){.id = rq_id(rq, "person")}, &again);
        page->nobody = rq->err == OK;
    }
    page->same = other && other == page->number;
    if (!page->two && !rq->err)
        look_for(rq, page);
    return rq_end(rq);
}

static void read_choices(struct request *rq, bool take[MERGE_FIELDS])
{
    for (size_t i = 0; i < person_form.n && i < MERGE_FIELDS; i++) {
        struct text name = arena_printf(rq->arena, "take.%s", form_field_of(&person_form, i)->name);
        struct text said = rq_field(rq, name.s);
        if (text_is(said, "other") || text_is(said, "this"))
            take[i] = text_is(said, "other");
        else if (said.n)
            rq_mistake(rq, name.s, N_("Choose one of the two"));
    }
}

ROUTE(POST, "/persons/{person}/join", merge_page_join, merge_new, JOIN_PERSONS)
static enum err merge_page_join(struct request *rq, struct merge_new_page *page)
{
    struct merge_wish wish = {.kept = rq_id_int(rq, "person"),
                              .gone = rq_field_int(rq, "other"),
                              .kept_version = version_sent(rq, "version"),
                              .gone_version = version_sent(rq, "other_version")};
    struct change ch;
    form_begin(&merge_form, page->form.v);
    if (wish.gone <= 0)
        rq_mistake(rq, "other", N_("Say which card is the other one"));
    if (load(rq, page, wish.gone, wish.take))
        read_choices(rq, wish.take);
    if (rq->err == ERR_NOT_FOUND && v_is(page->person.id)) /* of the other the rule says why, where it may */
        rq->err = OK;
    if (rq_read_form(rq, &merge_form, page->form.v) && !rq->err && !rq->mistakes) {
        wish.words = v_as_text(page->form.words.value);
        change_begin(rq, &ch, NO_SUBJECT);
        int64_t id = person_merge(&ch, &wish);
        if (id)
            rq_redirect(rq, rq_is_api(rq) ? "/merges/%lld" : "/persons/%lld",
                        (long long)(rq_is_api(rq) ? id : wish.kept));
        (void)change_commit(&ch);
        rq_flash(rq, N_("The two cards have been joined"));
    }
    bool again = rq_show_again(rq);
    if (page->two && (again || rq->mistakes)) {
        enum err err = rq->err;
        rq->err = OK;
        bool defaults[MERGE_FIELDS];
        if (load(rq, page, wish.gone, defaults))
            compare(rq, page, wish.take);
        rq->err = err; /* also when somebody has joined one of them meanwhile: the reason stands */
    }
    return rq_end(rq);
}

/* ---- joinings ---- */

ROUTE(GET, "/merges", merge_page_list, merge_list_page, JOIN_PERSONS)
static enum err merge_page_list(struct request *rq, struct merge_list_page_page *page)
{
    q_merge_list(rq, &(struct merge_list_args){.paging = rq_paging(rq, &merge_list_query)}, &page->items);
    return rq_end(rq);
}

static const char *label_of(struct text name)
{
    for (size_t i = 0; i < person_form.n; i++)
        if (text_is(name, form_field_of(&person_form, i)->name))
            return form_field_of(&person_form, i)->label;
    return "";
}

/* A value of a card as the card shows it. */
static struct value as_shown(struct request *rq, struct text name, struct value stored)
{
    if (stored.kind == V_HIDDEN || !v_is(stored))
        return stored;
    int at = table_field(&person_table, name);
    const struct field *f = at >= 0 ? &person_table.fields[at] : NULL;
    struct value v = f ? card_value(f, v_as_text(stored)) : stored;
    if (f && f->type == FIELD_CODE) {
        v.kind = V_CODE;
        v.list = code_list(f->list) ? code_list(f->list)->index : 0;
    }
    return f ? shown(rq, f, v) : v;
}

static void load_values(struct request *rq, struct value merge, struct merge_field_rows *out)
{
    struct merge_values_rows values = {0};
    q_merge_values(rq, &(struct merge_values_args){.merge = merge}, &values);
    union merge_field_row *rows = arena_array(rq->arena, values.n + 1, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < values.n; i++) {
        const union merge_values_row *v = &values.row[i];
        struct text name = v_as_text(v->field);
        if (!v_is(v->before) && !v_is(v->other))
            continue;
        rows[n++] = (union merge_field_row){.name = v->field,
                                            .label = v_z(tr(rq->lang, label_of(name))),
                                            .kept = as_shown(rq, name, v->before),
                                            .other = as_shown(rq, name, v->other),
                                            .differs = v_int(!v_eq(v->before, v->other)),
                                            .taken = v->chosen};
    }
    *out = (struct merge_field_rows){.n = n, .row = rows, .query = &merge_field_query};
}

ROUTE(GET, "/merges/{merge}", merge_page_card, merge_card_page, SEE_PERSON)
static enum err merge_page_card(struct request *rq, struct merge_card_page_page *page)
{
    q_merge_card(rq, &(struct merge_card_args){.id = rq_id(rq, "merge")}, &page->merge);
    q_merge_words(rq, &(struct merge_words_args){.id = rq_id(rq, "merge")}, &page->words);
    q_merge_undone_words(rq, &(struct merge_undone_words_args){.id = rq_id(rq, "merge")}, &page->undone);
    if (!rq->err)
        load_values(rq, rq_id(rq, "merge"), &page->fields);
    return rq_end(rq);
}

/* ---- undoing ---- */

struct said {
    struct request *rq;
};

static enum side answered(void *ctx, const char *what, int64_t id)
{
    struct request *rq = ((struct said *)ctx)->rq;
    struct text name = id ? arena_printf(rq->arena, "row-%s-%lld", what, (long long)id)
                          : arena_printf(rq->arena, "field-%s", what);
    struct text side = rq_field(rq, name.s);
    return text_is(side, "kept")    ? SIDE_KEPT
           : text_is(side, "again") ? SIDE_AGAIN
           : text_is(side, "both") && !id ? SIDE_BOTH
                                    : SIDE_OPEN;
}

/* When a row was made, by its own words. */
static struct value day_of(const struct loose *l)
{
    for (size_t f = 0; f < l->table->n_fields; f++)
        if (l->table->fields[f].type == FIELD_DATE && v_is(l->cells[f]))
            return l->cells[f];
    int at = table_field(l->table, T("created_at"));
    return at >= 0 && v_is(l->cells[at]) ? v_date(instant_day(v_as_int(l->cells[at]))) : (struct value){0};
}

static struct value cell_of(const struct loose *l, const char *name)
{
    int at = table_field(l->table, text_of(name));
    return at >= 0 ? l->cells[at] : (struct value){0};
}

static void show_row(struct request *rq, const struct loose *l, union merge_loose_row *out)
{
    struct value account = cell_of(l, "account_id"), number = cell_of(l, "number");
    union merge_author_row who = {0};
    const char *label = l->table->label ? tr(rq->lang, l->table->label) : l->table->name;
    struct text name = arena_printf(rq->arena, "row-%s-%lld", l->table->name, (long long)l->id);
    if (v_is(account))
        (void)q_merge_author(rq, &(struct merge_author_args){.id = account}, &who);
    bool tells = v_is(who.body_id) && body_tells(v_as_int(who.body_id)) && v_as_int(who.body_id) != rq->viewer.body;
    *out = (union merge_loose_row){
        .name = v_text(name),
        .what = number.kind == V_TEXT
                    ? v_text(arena_printf(rq->arena, "%s %.*s", label, TEXT_ARG(v_as_text(number))))
                    : v_z(label),
        .day = day_of(l),
        .body = tells ? (struct value){0} : who.body_name,
        .author = tells ? (struct value){0} : who.name,
        .side = v_text(rq_is_post(rq) ? rq_field(rq, name.s) : T("")),
    };
}

static void show_changed(struct request *rq, const struct parting *p, struct merge_field_rows *out)
{
    uint32_t bits = (rq->viewer.role ? rq->viewer.role->read : 0) & access_bits(rq, rq->viewer.body, p->root);
    union merge_field_row *rows = arena_array(rq->arena, p->n_changed + 1, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < p->n_changed; i++) {
        const struct changed *c = &p->changed[i];
        const struct field *f = form_field_of(&person_form, c->at);
        struct value hidden = {.kind = V_HIDDEN, .cls = (uint8_t)f->cls};
        bool open = !(CLASS_BIT(f->cls) & ~bits);
        rows[n++] = (union merge_field_row){
            .name = v_text(arena_printf(rq->arena, "field-%s", f->name)),
            .label = v_z(tr(rq->lang, f->label)),
            .kept = open ? shown(rq, f, c->now) : hidden,
        };
    }
    *out = (struct merge_field_rows){.n = n, .row = rows, .query = &merge_field_query};
}

/* The page of undoing as things stand. */
static void show_parting(struct request *rq, struct merge_undo_page *page)
{
    struct parting p;
    q_merge_card(rq, &(struct merge_card_args){.id = rq_id(rq, "merge")}, &page->merge);
    parting_plan(rq, rq_id_int(rq, "merge"), &p);
    if (rq->err)
        return;
    union merge_loose_row *rows = arena_array(rq->arena, p.n_loose + 1, sizeof *rows);
    size_t n = 0;
    for (size_t i = 0; i < p.n_loose && n < LOOSE_SHOWN; i++)
        if (p.loose[i].asks)
            show_row(rq, &p.loose[i], &rows[n++]);
    page->rows = (struct merge_loose_rows){.n = n, .row = rows, .query = &merge_loose_query};
    show_changed(rq, &p, &page->fields);
    page->version = p.version;
}

ROUTE(GET, "/merges/{merge}/undo", merge_page_undo, merge_undo, JOIN_PERSONS)
static enum err merge_page_undo(struct request *rq, struct merge_undo_page *page)
{
    form_begin(&unmerge_form, page->form.v);
    show_parting(rq, page);
    return rq_end(rq);
}

ROUTE(POST, "/merges/{merge}/undo", merge_page_part, merge_undo, JOIN_PERSONS)
static enum err merge_page_part(struct request *rq, struct merge_undo_page *page)
{
    struct change ch;
    form_begin(&unmerge_form, page->form.v);
    if (rq_read_form(rq, &unmerge_form, page->form.v) && !rq->err) {
        change_begin(rq, &ch, NO_SUBJECT);
        rq_redirect(rq, "/merges/%lld", (long long)rq_id_int(rq, "merge"));
        person_unmerge(&ch, rq_id_int(rq, "merge"), version_sent(rq, "version"),
                       v_as_text(page->form.undone_words.value), answered, &(struct said){rq});
        (void)change_commit(&ch);
        rq_flash(rq, N_("The cards have been parted"));
    }
    if (rq->mistakes && (!rq->err || rq->err == ERR_INPUT)) {
        enum err err = rq->err;
        rq->err = OK;
        show_parting(rq, page);
        rq->err = rq->err ? rq->err : err;
    }
    return rq_end(rq);
}
