/* Sealed fields (guard/seal.h): the tables hold other values than people mean, so a statement may
 * only show them, or compare a covered code with an argument, which the door translates. */
#include "querycomp.h"

static bool is_covered(const struct field *f)
{
    return f->sealed && f->type == FIELD_CODE && f->class_from;
}

static bool is_plain_classes(const struct toks *t)
{
    for (int i = 0; i < t->n; i++)
        if (t->t[i].kind == TOK_PARAM && text_is(tok_text(&t->t[i]), "plain_classes"))
            return true;
    return false;
}

/* The argument in a condition `x.code = :argument` of column k; -1: there is none. */
static int asked_for(const struct proof *p, int k)
{
    const struct toks *t = &p->shape.toks;
    int inst, outer, found = -1;
    struct text col;
    if (!follow(p, p->shape.top, k, &inst, &col))
        return -1;
    for (int i = 0; i + 4 < t->n; i++) {
        const struct tok *x = &t->t[i];
        if (x->kind != TOK_WORD || !tok_is(&x[1], ".") || x[2].kind != TOK_WORD ||
            !text_eq(tok_text(&x[2]), col) || !tok_is(&x[3], "=") || x[4].kind != TOK_PARAM ||
            shape_inst(&p->shape, shape_sel_at(&p->shape, i), tok_text(x)) != inst ||
            !shape_conjunct(&p->shape, i, i + 5, -1, &outer) || outer != NO_OUTER)
            continue;
        for (int a = 0; a < p->q->n_args; a++)
            if (text_is(tok_text(&x[4]), p->q->args[a]))
                found = a;
    }
    return found;
}

/* `… & X.classes) = X.classes & :plain_classes` stands for that instance: SQL leaves out the rows
 * whose plain classes the viewer lacks, and the door those whose sealed ones. */
static bool is_compared(const struct proof *p, int inst, struct text classes)
{
    const struct toks *t = &p->shape.toks;
    for (int i = 0; i + 5 < t->n; i++)
        if (tok_is(&t->t[i], "=") && t->t[i + 1].kind == TOK_WORD && tok_is(&t->t[i + 2], ".") &&
            text_eq(tok_text(&t->t[i + 3]), classes) && tok_is(&t->t[i + 4], "&") &&
            t->t[i + 5].kind == TOK_PARAM && text_is(tok_text(&t->t[i + 5]), "plain_classes") &&
            shape_inst(&p->shape, shape_sel_at(&p->shape, i + 1), tok_text(&t->t[i + 1])) == inst)
            return true;
    return false;
}

/* Values that a left join brings, and computed ones: what goes with a SEALED_PART. */
static void name_parts(struct proof *p)
{
    struct query_src *q = p->q;
    bool any = false;
    for (int k = 0; k < q->n_columns; k++)
        any = any || q->columns[k].c.sealed == SEALED_PART;
    for (int k = 0; any && k < q->n_columns; k++) {
        int inst;
        struct text col;
        q->columns[k].c.part =
            !follow(p, p->shape.top, k, &inst, &col) || p->shape.insts[inst].outer;
    }
}

/* Every comparison has its column in the result. */
static bool name_compared(struct proof *p)
{
    struct query_src *q = p->q;
    for (int inst = 0; inst < p->shape.n_insts; inst++) {
        const struct table *t = table_named(p->shape.insts[inst].table);
        for (size_t f = 0; t && f < t->n_fields; f++) {
            if (t->fields[f].type != FIELD_CLASSES ||
                !is_compared(p, inst, text_of(t->fields[f].name)))
                continue;
            int found = -1, of;
            struct text col;
            for (int k = 0; k < q->n_columns; k++)
                if (q->columns[k].field == &t->fields[f] && follow(p, p->shape.top, k, &of, &col) &&
                    of == inst)
                    found = k;
            if (found < 0)
                return wrong(
                    q, 0, "%.*s.%s is compared under :plain_classes and must stand in the result",
                    TEXT_ARG(p->shape.insts[inst].alias), t->fields[f].name);
            q->columns[found].c.sealed = p->shape.insts[inst].outer ? SEALED_PART : SEALED_ROW;
        }
    }
    return true;
}

static void name_sealed(struct proof *p, int k)
{
    struct column_out *o = &p->q->columns[k];
    if (!o->field)
        return;
    if (o->field->type == FIELD_CLASSES) {
        o->c.sealed = SEALED_CLASSES;
    } else if (is_covered(o->field)) {
        o->c.sealed = SEALED_CODE;
        int asked = asked_for(p, k);
        if (asked >= 0)
            o->c.asked = (int8_t)asked;
    } else if (o->field->sealed) {
        o->c.sealed = SEALED_TEXT;
        o->c.box = arena_printf(p->arena, "%s.%s", o->table->name, o->field->name).s;
    }
}

/* Is the field a plain result column, compared there with an argument? */
static bool is_asked(const struct query_src *q, const struct field *f)
{
    for (int k = 0; k < q->n_columns; k++)
        if (q->columns[k].field == f && q->columns[k].c.asked >= 0)
            return true;
    return false;
}

static bool outside_sealed(struct proof *p, const struct read *r)
{
    const struct field *f = r->field;
    if (f->type == FIELD_CLASSES)
        return is_plain_classes(&p->shape.toks) ||
               wrong(p->q, 0, "%s.%s is stored sealed: compare it under `& :plain_classes`",
                     r->table->name, f->name);
    if (!f->sealed || (is_covered(f) && is_asked(p->q, f)))
        return true;
    return wrong(
        p->q, 0,
        is_covered(f)
            ? "%s.%s is stored sealed: among the conditions only `ROW.%s = :argument`, with the "
              "column in the result"
            : "%s.%s is stored sealed: no condition, join or order can use it",
        r->table->name, f->name, f->name);
}

bool prove_sealed(struct proof *p)
{
    struct query_src *q = p->q;
    struct reads outside = {0}, made_of;
    bool any = false;
    for (int i = 0; i < p->prepared.reads.n; i++)
        any = any || p->prepared.reads.r[i].field->sealed ||
              p->prepared.reads.r[i].field->type == FIELD_CLASSES;
    if (!any)
        return true;
    for (int k = 0; k < q->n_columns; k++)
        name_sealed(p, k);
    if (q->kind == SRC_VIEWER && !name_compared(p))
        return false;
    name_parts(p);
    if (!reads_outside(p->arena, p->text, &p->shape, &outside))
        return wrong(q, 0, "is too large to be proven");
    for (int i = 0; i < outside.n; i++)
        if (!outside_sealed(p, &outside.r[i]))
            return false;
    for (int k = 0; k < q->n_columns; k++) {
        const struct column_out *o = &q->columns[k];
        if (o->field && !p->shape.compound)
            continue;
        if (!reads_of_column(p->arena, p->text, &p->shape, k, &outside, &made_of))
            return wrong(q, 0, "is too large to be proven");
        for (int i = 0; i < made_of.n; i++)
            if (made_of.r[i].field->sealed || made_of.r[i].field->type == FIELD_CLASSES)
                return wrong(q, 0, "column %s is made of %s.%s, which is stored sealed", o->c.name,
                             made_of.r[i].table->name, made_of.r[i].field->name);
    }
    return true;
}
