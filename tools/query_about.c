/* Whose row it is: the viewer's access to one person, and values that are of that person and no
 * other. */
#include "querycomp.h"

static bool is_word_at(const struct tok *t, const char *name)
{
    return (t->kind == TOK_WORD || t->kind == TOK_QUOTED) && text_is(tok_text(t), name);
}

static bool is_param(const struct tok *t, const char *name)
{
    return t->kind == TOK_PARAM && text_is(tok_text(t), name);
}

/* X.column with X meaning that instance, at token i. */
static bool column_at(const struct shape *sh, int i, int inst, const char *column)
{
    const struct tok *t = sh->toks.t;
    return i >= 0 && i + 2 < sh->toks.n && t[i].kind == TOK_WORD && tok_is(&t[i + 1], ".") &&
           is_word_at(&t[i + 2], column) &&
           shape_inst(sh, shape_sel_at(sh, i), tok_text(&t[i])) == inst;
}

/* With what query_parse.c puts behind it. */
static bool scope_bound(const struct shape *sh, int inst)
{
    const struct tok *t = sh->toks.t;
    for (int i = 0; i + 10 < sh->toks.n; i++) {
        int outer;
        if (column_at(sh, i, inst, "body_id") && tok_is(&t[i + 3], "=") &&
            is_param(&t[i + 4], "viewer_body") && tok_is(&t[i + 5], "and") &&
            tok_is(&t[i + 6], "(") && column_at(sh, i + 7, inst, "bits") &&
            tok_is(&t[i + 10], "<") && shape_conjunct(sh, i, i + 5, -1, &outer) &&
            shape_restricts(sh, inst, outer))
            return true;
    }
    return false;
}

/* Tokens [i, j) are a condition that rows of the result must meet. */
static bool drops_rows(const struct shape *sh, int i, int j)
{
    int outer;
    return shape_conjunct(sh, i, j, -1, &outer) && outer == NO_OUTER &&
           shape_filters(sh, shape_sel_at(sh, i));
}

static bool uses_bound(const struct shape *sh, int inst)
{
    const struct tok *t = sh->toks.t;
    for (int i = 0; i + 8 < sh->toks.n; i++)
        if (tok_is(&t[i], "(") && column_at(sh, i + 1, inst, "bits") && tok_is(&t[i + 4], "&") &&
            is_param(&t[i + 5], "uses") && tok_is(&t[i + 6], ")") && tok_is(&t[i + 7], "=") &&
            is_param(&t[i + 8], "uses") && drops_rows(sh, i, i + 9))
            return true;
    return false;
}

static bool row_bound(const struct proof *p, int inst, const char *classes)
{
    const struct shape *sh = &p->shape;
    const struct tok *t = sh->toks.t;
    int bits;
    struct text col;
    if (!follow(p, sh->top, column_index(p->q, p->q->about[0].bits), &bits, &col))
        return false;
    for (int i = 0; i + 16 < sh->toks.n; i++)
        if (tok_is(&t[i], "(") && column_at(sh, i + 1, bits, "bits") && tok_is(&t[i + 4], "&") &&
            is_param(&t[i + 5], "role_bits") && tok_is(&t[i + 6], "&") &&
            column_at(sh, i + 7, inst, classes) && tok_is(&t[i + 10], ")") &&
            tok_is(&t[i + 11], "=") && column_at(sh, i + 12, inst, classes) &&
            tok_is(&t[i + 15], "&") && is_param(&t[i + 16], "plain_classes") &&
            drops_rows(sh, i, i + 17))
            return true;
    return false;
}

bool rows_bound(const struct proof *p, const struct read *r)
{
    bool bound = !p->shape.compound && p->q->n_about == 1;
    for (int i = 0; i < p->shape.n_insts; i++)
        if (text_is(p->shape.insts[i].table, r->table->name))
            bound = bound && row_bound(p, i, r->field->class_from);
    return bound;
}

/* Is it a person's id? Of a UNION in FROM: in each of its parts. */
static bool names_person(const struct proof *p, int inst, struct text col)
{
    const struct shape *sh = &p->shape;
    const struct table *t = table_named(sh->insts[inst].table);
    int f = t ? table_field(t, col) : -1, sub = shape_select_of(sh, &sh->insts[inst]);
    if (t)
        return f >= 0 && is_person_ref(t, &t->fields[f]);
    for (int k = 0; sub >= 0 && k < sh->sels[sub].n_items; k++) {
        if (!text_eq(sh->sels[sub].items[k].alias, col))
            continue;
        for (int arm = 0; arm < sh->n_sels; arm++) {
            int next;
            struct text next_col;
            if (sh->sels[arm].first == sub &&
                !(follow(p, arm, k, &next, &next_col) && names_person(p, next, next_col)))
                return false;
        }
        return true;
    }
    return false;
}

bool prove_about(struct proof *p, int a, int arm)
{
    const struct query_src *q = p->q;
    const struct shape *sh = &p->shape;
    const struct src_about *ab = &q->about[a];
    int id = -1, bits = -1, recheck = -1;
    struct text id_col, bits_col, recheck_col;
    if (!follow(p, arm, column_index(q, ab->bits), &bits, &bits_col) ||
        !text_is(sh->insts[bits].table, "access") || !text_is(bits_col, "bits"))
        return wrong(q, 0, "about: %s is not access.bits", ab->bits);
    if (!follow(p, arm, column_index(q, ab->recheck), &recheck, &recheck_col) || recheck != bits ||
        !text_is(recheck_col, "recheck_at"))
        return wrong(q, 0, "about: %s is not recheck_at of the same row of access", ab->recheck);
    if (!scope_bound(sh, bits))
        return wrong(q, 0, "`%.*s.body_id = :viewer_body` is missing",
                     TEXT_ARG(sh->insts[bits].alias));
    if (!follow(p, arm, column_index(q, ab->id), &id, &id_col))
        return wrong(q, 0, "about: where %s comes from cannot be told", ab->id);
    if (!names_person(p, id, id_col))
        return wrong(q, 0, "about: %s is no id of a person", ab->id);
    if (!shape_equal(sh, id, id_col, bits, T("person_id")) &&
        !shape_equal(sh, bits, T("person_id"), id, id_col))
        return wrong(q, 0, "nothing says that %s is %.*s.person_id", ab->id,
                     TEXT_ARG(sh->insts[bits].alias));
    if (q->uses && !uses_bound(sh, bits))
        return wrong(q, 0, "`(%.*s.bits & :uses) = :uses` is missing among the conditions",
                     TEXT_ARG(sh->insts[bits].alias));
    return true;
}

int about_of(const struct query_src *q, const char *name)
{
    if (!q->n_about)
        return -1;
    return q->n_about == 2 && !strncmp(name, q->about[1].prefix, strlen(q->about[1].prefix));
}

/* ---- one person ---- */

enum owner { HIS, NOBODYS, ANOTHERS, UNKNOWN };

static bool classed(const struct field *f)
{
    return f->cls != CLASS_OPEN || f->class_from;
}

static enum owner owner_of_column(const struct proof *p, int inst, struct text col, int id,
                                  struct text id_col)
{
    const struct table *t = table_named(p->shape.insts[inst].table);
    int f = t ? table_field(t, col) : -1;
    bool names_person = false;
    if (f < 0)
        return UNKNOWN;
    if (!classed(&t->fields[f]))
        return NOBODYS;
    for (size_t i = 0; i < t->n_fields; i++) {
        if (!is_person_ref(t, &t->fields[i]))
            continue;
        names_person = true;
        if (shape_equal(&p->shape, inst, text_of(t->fields[i].name), id, id_col))
            return HIS;
    }
    return names_person ? ANOTHERS : NOBODYS;
}

static enum owner owner_of_item(const struct proof *p, int sel, const struct item *it, int id,
                                struct text id_col, int depth);

/* A UNION in FROM: some column of it is the person's id, and in each part the value is of that
 * part's id. */
static enum owner owner_in_union(const struct proof *p, int inst, struct text col, int id,
                                 struct text id_col, int depth)
{
    const struct shape *sh = &p->shape;
    int sub = shape_select_of(sh, &sh->insts[inst]);
    const struct sel *first = &sh->sels[sub];
    int k = 0;
    while (k < first->n_items && !text_eq(first->items[k].alias, col))
        k++;
    if (k == first->n_items)
        return UNKNOWN;
    for (int c = 0; c < first->n_items; c++) {
        enum owner worst = HIS;
        if (!first->items[c].alias.n || !shape_equal(sh, inst, first->items[c].alias, id, id_col))
            continue;
        for (int arm = 0; arm < sh->n_sels; arm++) {
            int arm_id;
            struct text arm_col;
            if (sh->sels[arm].first != sub)
                continue;
            enum owner o =
                follow(p, arm, c, &arm_id, &arm_col)
                    ? owner_of_item(p, arm, &sh->sels[arm].items[k], arm_id, arm_col, depth + 1)
                    : UNKNOWN;
            worst = o > worst ? o : worst;
        }
        return worst;
    }
    return UNKNOWN;
}

/* A column by name as seen from a select, through subqueries. */
static enum owner owner_of_name(const struct proof *p, int sel, struct text q, struct text col,
                                int id, struct text id_col, int depth)
{
    const struct shape *sh = &p->shape;
    int i = shape_inst(sh, sel, q);
    if (i < 0 || depth > 20)
        return UNKNOWN;
    int sub = shape_select_of(sh, &sh->insts[i]);
    if (sub < 0)
        return owner_of_column(p, i, col, id, id_col);
    if (sh->sels[sub].compound)
        return owner_in_union(p, i, col, id, id_col, depth);
    for (int k = 0; k < sh->sels[sub].n_items; k++)
        if (text_eq(sh->sels[sub].items[k].alias, col))
            return owner_of_item(p, sub, &sh->sels[sub].items[k], id, id_col, depth + 1);
    return UNKNOWN;
}

static bool is_name(const struct tok *t)
{
    return t->kind == TOK_WORD || t->kind == TOK_QUOTED;
}

/* A bare word: a classed column of some table in sight, or none at all. */
static enum owner owner_of_word(const struct proof *p, int sel, const struct tok *t, int id,
                                struct text id_col, int depth)
{
    const struct shape *sh = &p->shape;
    if (shape_inst(sh, sel, (struct text){"", 0}) >= 0) {
        int i = shape_inst(sh, sel, (struct text){"", 0});
        const struct table *only = table_named(sh->insts[i].table);
        if (!only || table_field(only, tok_text(t)) >= 0)
            return only
                       ? owner_of_name(p, sel, (struct text){"", 0}, tok_text(t), id, id_col, depth)
                       : UNKNOWN;
    }
    for (int i = 0; i < sh->n_insts; i++) {
        const struct table *table = table_named(sh->insts[i].table);
        int f = table ? table_field(table, tok_text(t)) : -1;
        if (f >= 0 && classed(&table->fields[f]))
            return UNKNOWN;
    }
    return NOBODYS;
}

static enum owner owner_of_item(const struct proof *p, int sel, const struct item *it, int id,
                                struct text id_col, int depth)
{
    const struct shape *sh = &p->shape;
    const struct tok *t = sh->toks.t;
    enum owner worst = NOBODYS;
    if (it->plain && it->q.n)
        return owner_of_name(p, sel, it->q, it->col, id, id_col, depth);
    for (int i = it->from; i < it->to; i++) {
        enum owner o = NOBODYS;
        if (!is_name(&t[i]) || tok_is(&t[i + 1], "(") || (i > it->from && tok_is(&t[i - 1], "as")))
            continue;
        int around = shape_sel_at(sh, i);
        if (tok_is(&t[i + 1], ".") && is_name(&t[i + 2])) {
            o = owner_of_name(p, around, tok_text(&t[i]), tok_text(&t[i + 2]), id, id_col, depth);
            i += 2;
        } else {
            o = owner_of_word(p, around, &t[i], id, id_col, depth);
        }
        if (o > worst || worst == NOBODYS)
            worst = o;
    }
    return worst;
}

bool prove_same_person(struct proof *p, int k, int arm)
{
    const struct query_src *q = p->q;
    const struct shape *sh = &p->shape;
    const struct column_out *o = &q->columns[k];
    int id = -1;
    struct text id_col;
    const char *about_id = q->about[about_of(q, o->c.name)].id;
    if (o->c.cls == CLASS_OPEN && o->c.class_from < 0)
        return true;
    if (!follow(p, arm, column_index(q, about_id), &id, &id_col) || k >= sh->sels[arm].n_items)
        return wrong(q, 0, "about: where %s comes from cannot be told", about_id);
    switch (owner_of_item(p, arm, &sh->sels[arm].items[k], id, id_col, 0)) {
    case HIS:
    case NOBODYS:
        return true;
    case ANOTHERS:
        return wrong(q, 0, "column %s is of another person than %s", o->c.name, about_id);
    default:
        break;
    }
    if (q->n_about == 1 && o->field && shape_count(sh, o->table->name) == 1)
        return true;
    return wrong(q, 0, "column %s: whose it is cannot be told; name the table of each column in it",
                 o->c.name);
}

/* ---- names that tell ---- */

/* The body column is that of the very row whose name is shown. */
static bool same_body(struct proof *p, const struct src_pair *pair, int k, int body, int arm)
{
    int inst, body_inst;
    struct text col, body_col;
    bool same = false, names_body = false;
    if (!follow(p, arm, k, &inst, &col) || !follow(p, arm, body, &body_inst, &body_col))
        return true;
    const struct table *of = table_named(p->shape.insts[inst].table);
    if (!of)
        return wrong(p->q, pair->line, "discloses: where %s comes from cannot be told",
                     pair->column);
    for (size_t f = 0; f < of->n_fields; f++) {
        if (!is_body_ref(of, &of->fields[f]))
            continue;
        names_body = true;
        same =
            same || shape_equal(&p->shape, inst, text_of(of->fields[f].name), body_inst, body_col);
    }
    return same || !names_body ||
           wrong(p->q, pair->line,
                 "discloses: %s is the id of another body than that of %s: it is that of the same "
                 "row of %s",
                 pair->body, pair->column, of->name);
}

bool prove_discloses(struct proof *p, int k, const struct reads *made_of)
{
    struct query_src *q = p->q;
    struct column_out *o = &q->columns[k];
    bool tells = o->field && o->field->discloses;
    for (int i = 0; i < made_of->n; i++)
        tells = tells || made_of->r[i].field->discloses;
    if (!tells)
        return true;
    for (int i = 0; i < q->n_discloses; i++) {
        const struct src_pair *pair = &q->discloses[i];
        if (strcmp(pair->column, o->c.name) != 0)
            continue;
        int body = column_index(q, pair->body);
        if (body < 0)
            return wrong(q, pair->line, "discloses: %s is no result column", pair->body);
        const struct column_out *b = &q->columns[body];
        if (b->c.kind != V_INT || (b->field && !is_body_ref(b->table, b->field)))
            return wrong(q, pair->line, "discloses: %s is no id of a body", pair->body);
        o->c.discloses = (int8_t)body;
        for (int arm = 0; arm < p->shape.n_sels; arm++)
            if (p->shape.sels[arm].first == p->shape.top && !same_body(p, pair, k, body, arm))
                return false;
        return true;
    }
    return wrong(q, 0, "column %s tells by its name: `discloses: %s BODY_ID_COLUMN`", o->c.name,
                 o->c.name);
}
