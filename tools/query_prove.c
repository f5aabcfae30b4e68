/* The rules of the reading door, proven for every text a query can have. */
#include "querycomp.h"
#include <stdlib.h>

static uint8_t kind_of(const struct field *f)
{
    switch (f->type) {
    case FIELD_ID:
    case FIELD_INT:
    case FIELD_CLASSES:
    case FIELD_BOOL:
    case FIELD_REF:
        return V_INT;
    case FIELD_CODE:
        return V_CODE;
    case FIELD_DATE:
        return V_DATE;
    case FIELD_INSTANT:
        return V_INSTANT;
    default:
        return V_TEXT;
    }
}

static const char *kind_name(uint8_t kind)
{
    static const char *const names[] = {[V_INT] = "int",
                                        [V_TEXT] = "text",
                                        [V_DATE] = "date",
                                        [V_INSTANT] = "instant",
                                        [V_CODE] = "code"};
    return names[kind];
}

bool is_person_ref(const struct table *t, const struct field *f)
{
    if (!strcmp(t->name, "person"))
        return f->type == FIELD_ID;
    return (f->ref && !strcmp(f->ref, "person")) || !strcmp(f->name, "person_id");
}

bool is_body_ref(const struct table *t, const struct field *f)
{
    if (!strcmp(t->name, "body"))
        return f->type == FIELD_ID;
    return f->ref && !strcmp(f->ref, "body");
}

int column_index(const struct query_src *q, const char *name)
{
    for (int k = 0; k < q->n_columns; k++)
        if (!strcmp(q->columns[k].c.name, name))
            return k;
    return -1;
}

/* ---- texts ---- */

int query_variants(const struct query_src *q, struct variant *out, int max)
{
    uint64_t sets[ARG_MAX + 2], all = 0;
    int n_sets = 0, n_optional = 0, n = 0;
    for (int a = 0; a < q->n_args; a++) {
        if (q->optional[a]) {
            all |= (uint64_t)1 << a;
            n_optional++;
        }
    }
    sets[n_sets++] = all;
    if (n_optional)
        sets[n_sets++] = 0;
    for (int a = 0; a < q->n_args && n_optional > 1; a++)
        if (q->optional[a])
            sets[n_sets++] = (uint64_t)1 << a;
    for (int s = 0; s < n_sets; s++) {
        if (!q->n_sorts && n < max)
            out[n++] = (struct variant){sets[s], -1, false, false};
        for (int sort = 0; sort < q->n_sorts; sort++)
            for (int after = 1; after >= 0 && n < max; after--)
                out[n++] = (struct variant){sets[s], sort, after != 0, false};
    }
    return n;
}

struct params {
    enum param_style style;
    int n;
    const char *name[ARG_MAX + 16];
};

static void put_param(struct buf *b, struct params *p, const char *name)
{
    int k = 0;
    if (p->style == PARAM_NAMED) {
        buf_printf(b, ":%s", name);
        return;
    }
    while (k < p->n && strcmp(p->name[k], name) != 0)
        k++;
    if (k == p->n)
        p->name[p->n++] = name;
    buf_printf(b, "%c%d", p->style == PARAM_DOLLAR ? '$' : '?', k + 1);
}

static void put_part(struct buf *b, struct params *p, const struct query_src *q, struct variant v,
                     const struct tok *part)
{
    static const char *const key_names[] = {"key_0", "key_1", "key_2"};
    const struct src_sort *s = v.sort >= 0 ? &q->sorts[v.sort] : NULL;
    if (!s)
        return;
    bool after = tok_is(part, "after"), keys = tok_is(part, "keys");
    if (keys && !v.keys)
        return;
    if (after && !v.after) {
        buf_z(b, "true");
        return;
    }
    bool row = after && s->n_keys > 1;
    if (row)
        buf_char(b, '(');
    for (int k = 0; k < s->n_keys; k++) {
        buf_z(b, k || keys ? ", " : "");
        buf_z(b, s->key[k]);
        if (!after && !keys && s->desc)
            buf_z(b, " desc");
    }
    if (!after)
        return;
    buf_printf(b, "%s %c %s", row ? ")" : "", s->desc ? '<' : '>', row ? "(" : "");
    for (int k = 0; k < s->n_keys; k++) {
        buf_z(b, k ? ", " : "");
        put_param(b, p, key_names[k]);
    }
    if (row)
        buf_char(b, ')');
}

const char *variant_text(struct arena *arena, const struct query_src *q, struct variant v,
                         enum param_style style)
{
    struct buf b = BUF(MAX_VARIANT);
    struct params p = {.style = style};
    if (style == PARAM_QUESTION) /* arguments first, in their order, then the door's */
        for (int a = 0; a < q->n_args; a++)
            p.name[p.n++] = q->args[a];
    for (int i = 0; i < q->n_lines; i++) {
        const struct src_line *l = &q->lines[i];
        struct toks t;
        int line, at = 0;
        if (l->if_arg >= 0 && !(v.on >> l->if_arg & 1))
            continue;
        if (toks_scan(arena, l->code, &t, &line) && !t.t)
            continue;
        for (int k = 0; k < t.n; k++) {
            const struct tok *tok = &t.t[k];
            if (tok->kind != TOK_PARAM && tok->kind != TOK_PART)
                continue;
            buf_add(&b, l->code + at, (size_t)(tok->at - at));
            at = tok->at + tok->n + (tok->kind == TOK_PARAM ? 1 : 2);
            if (tok->kind == TOK_PARAM)
                put_param(&b, &p, arena_z(arena, tok_text(tok)));
            else
                put_part(&b, &p, q, v, tok);
        }
        buf_z(&b, l->code + at);
        buf_char(&b, '\n');
    }
    const char *z = b.failed ? "" : arena_z(arena, buf_get(&b));
    buf_free(&b);
    return z;
}

/* ---- columns ---- */

static bool column_name_ok(struct query_src *q, const char *name, int k)
{
    for (const char *s = name; *s; s++)
        if (!(*s >= 'a' && *s <= 'z') && *s != '_' && !(s > name && *s >= '0' && *s <= '9'))
            return wrong(q, 0, "column %d wants `as NAME` in small letters, not \"%s\"", k + 1,
                         name);
    if (c_word(text_of(name)) || !strcmp(name, "v") || !*name)
        return wrong(q, 0, "\"%s\" cannot be the name of a column", name);
    for (int i = 0; i < k; i++)
        if (!strcmp(q->columns[i].c.name, name))
            return wrong(q, 0, "column %s stands twice", name);
    return true;
}

static bool one_column(struct proof *p, int k)
{
    struct query_src *q = p->q;
    const char *name = p->prepared.names[k];
    struct column_out *o = &q->columns[k];
    struct read from = p->shape.compound ? (struct read){0} : p->prepared.origin[k];
    if (!column_name_ok(q, name, k))
        return false;
    struct src_column *d = (struct src_column *)(uintptr_t)decl_named(q, name);
    *o = (struct column_out){.table = from.table, .field = from.field, .declared = d != NULL};
    o->c = (struct column){.name = name, .class_from = -1, .about = -1, .discloses = -1, .asked = -1};
    if (!from.field && !d)
        return wrong(
            q, 0,
            p->shape.compound
                ? "with UNION, INTERSECT or EXCEPT every column has a line: `column: %s KIND CLASS`"
                : "column %s is computed: `column: %s KIND CLASS`",
            name, name);
    if (from.field) {
        o->c.kind = kind_of(from.field);
        o->c.cls = (uint8_t)from.field->cls;
        o->c.label = from.field->label;
        o->c.list = from.field->list;
    }
    if (!d)
        return true;
    d->used = true;
    if (from.field && d->kind != o->c.kind)
        return wrong(q, d->line, "column %s is of kind %s", name, kind_name(o->c.kind));
    if (from.field && from.field->cls != CLASS_OPEN && d->cls != o->c.cls)
        return wrong(q, d->line, "column %s is of class %s", name, class_names[o->c.cls]);
    if (from.field && d->list && o->c.list && strcmp(d->list, o->c.list) != 0)
        return wrong(q, d->line, "column %s is of list %s", name, o->c.list);
    o->c.kind = d->kind;
    o->c.cls = d->cls;
    o->c.list = d->list;
    if (d->label) {
        o->c.label = d->label;
        o->own_label = true;
    }
    return true;
}

static bool column_of(struct proof *p, int line, const char *name, const char *what, int *out)
{
    *out = column_index(p->q, name);
    return *out >= 0 || wrong(p->q, line, "%s %s is no result column", what, name);
}

/* Names in headers become column numbers. */
static bool name_columns(struct proof *p)
{
    struct query_src *q = p->q;
    int k;
    for (int i = 0; i < q->n_decls; i++) {
        const struct src_column *d = &q->decls[i];
        if (!column_of(p, d->line, d->name, "column", &k))
            return false;
        if (!d->from)
            continue;
        int from;
        if (!column_of(p, d->line, d->from, "column", &from))
            return false;
        if (q->columns[from].c.kind != V_INT)
            return wrong(q, d->line, "column %s: from=%s has no bits of classes", d->name, d->from);
        q->columns[k].c.class_from = (int8_t)from;
        q->columns[from].c.internal = true;
    }
    for (int i = 0; i < q->n_internal; i++) {
        if (!column_of(p, 0, q->internal[i], "internal:", &k))
            return false;
        q->columns[k].c.internal = true;
    }
    if (q->owner) {
        if (!column_of(p, 0, q->owner, "owner:", &k))
            return false;
        const struct column_out *o = &q->columns[k];
        if (o->c.kind != V_INT || (o->field && !is_body_ref(o->table, o->field)))
            return wrong(q, 0, "owner: %s is no id of a body", q->owner);
    }
    for (int i = 0; i < q->n_about; i++) {
        const struct src_about *a = &q->about[i];
        int id, bits, recheck;
        if (!column_of(p, 0, a->id, "about:", &id) || !column_of(p, 0, a->bits, "about:", &bits) ||
            !column_of(p, 0, a->recheck, "about:", &recheck))
            return false;
        const struct column_out *o = &q->columns[id];
        if (o->c.kind != V_INT || (o->field && !is_person_ref(o->table, o->field)))
            return wrong(q, 0, "about: %s is no id of a person", a->id);
        q->columns[bits].c.internal = q->columns[recheck].c.internal = true;
    }
    return true;
}

bool follow(const struct proof *p, int arm, int k, int *inst, struct text *col)
{
    const struct sel *s = &p->shape.sels[arm];
    return k < s->n_items && shape_resolve(&p->shape, arm, &s->items[k], inst, col);
}

/* Values whose class stands in another column of the same row. */
static bool class_columns(struct proof *p)
{
    struct query_src *q = p->q;
    for (int k = 0; k < q->n_columns; k++) {
        struct column_out *o = &q->columns[k];
        if (!o->field || !o->field->class_from || o->c.class_from >= 0 ||
            (q->kind != SRC_VIEWER && !o->field->sealed))
            continue;
        int inst = -1, other = -1, found = -1;
        struct text col, other_col;
        bool followed = follow(p, p->shape.top, k, &inst, &col);
        for (int i = 0; i < q->n_columns; i++) {
            const struct column_out *c = &q->columns[i];
            if (c->table != o->table || !c->field ||
                strcmp(c->field->name, o->field->class_from) != 0)
                continue;
            if (followed ? follow(p, p->shape.top, i, &other, &other_col) && other == inst
                         : shape_count(&p->shape, o->table->name) == 1)
                found = i;
        }
        if (found < 0)
            return wrong(q, 0,
                         "column %s needs %s.%s of the same row in the result: its value is of "
                         "those classes",
                         o->c.name, o->table->name, o->field->class_from);
        o->c.class_from = (int8_t)found;
        q->columns[found].c.internal = true;
    }
    return true;
}

/* ---- rules for viewers ---- */

static bool in_uses(const struct query_src *q, const struct field *f)
{
    return f->cls == CLASS_OPEN || (q->uses & CLASS_BIT(f->cls));
}

static bool outside_ok(struct proof *p, const struct reads *outside)
{
    for (int i = 0; i < outside->n; i++) {
        const struct read *r = &outside->r[i];
        if (r->field->class_from && !rows_bound(p, r))
            return wrong(
                p->q, 0,
                "%s.%s is used in conditions or orders, and its class differs by row: "
                "`(ACCESS.bits & :role_bits & ROW.%s) = ROW.%s & :plain_classes` must stand among the conditions",
                r->table->name, r->field->name, r->field->class_from, r->field->class_from);
        if (!in_uses(p->q, r->field))
            return wrong(p->q, 0, "%s.%s is used in conditions, joins or orders: `uses: %s`%s",
                         r->table->name, r->field->name, class_names[r->field->cls],
                         r->field->ref ? ", or look it up inside the result: (select …) as NAME"
                                       : "");
    }
    return true;
}

/* The column with the bits of classes is made of the right field, and of the only row there is or
 * the same one. */
static bool from_ok(struct proof *p, int k, const struct read *r, const struct reads *outside)
{
    const struct column_out *o = &p->q->columns[k];
    struct reads bits;
    if (o->c.class_from < 0 ||
        !reads_of_column(p->arena, p->text, &p->shape, o->c.class_from, outside, &bits))
        return false;
    if (!o->field && shape_count(&p->shape, r->table->name) > 1)
        return false;
    for (int i = 0; i < bits.n; i++)
        if (bits.r[i].table == r->table && !strcmp(bits.r[i].field->name, r->field->class_from))
            return true;
    for (int i = 0; i < outside->n; i++) /* used in conditions too */
        if (outside->r[i].table == r->table &&
            !strcmp(outside->r[i].field->name, r->field->class_from))
            return o->field != NULL;
    return false;
}

static bool made_of_ok(struct proof *p, int k, const struct reads *made_of,
                       const struct reads *outside)
{
    const struct column_out *o = &p->q->columns[k];
    for (int i = 0; i < made_of->n; i++) {
        const struct field *f = made_of->r[i].field;
        if (f->class_from && !from_ok(p, k, &made_of->r[i], outside))
            return wrong(
                p->q, 0,
                "column %s is made of %s.%s: its class wants `from=COLUMN` with %s of the same row",
                o->c.name, made_of->r[i].table->name, f->name, f->class_from);
        if (f->cls != o->c.cls && !in_uses(p->q, f))
            return wrong(p->q, 0, "column %s of class %s is made of %s.%s of class %s", o->c.name,
                         class_names[o->c.cls], made_of->r[i].table->name, f->name,
                         class_names[f->cls]);
    }
    return true;
}

static bool prove_viewer(struct proof *p, bool columns)
{
    struct query_src *q = p->q;
    struct reads outside;
    if (q->about_none) {
        for (int i = 0; i < p->prepared.reads.n; i++) {
            const struct read *r = &p->prepared.reads.r[i];
            if (r->field->cls != CLASS_OPEN || r->field->class_from)
                return wrong(q, 0, "about: none, but %s.%s is not open", r->table->name,
                             r->field->name);
        }
        for (int k = 0; k < q->n_columns; k++)
            if (q->columns[k].c.cls != CLASS_OPEN || q->columns[k].c.class_from >= 0)
                return wrong(q, 0, "about: none, but column %s is not open", q->columns[k].c.name);
        return true;
    }
    if (!reads_outside(p->arena, p->text, &p->shape, &outside))
        return wrong(q, 0, "is too large to be proven");
    if (!outside_ok(p, &outside))
        return false;
    for (int arm = 0; arm < p->shape.n_sels; arm++) {
        if (p->shape.sels[arm].first != p->shape.top)
            continue;
        for (int a = 0; a < q->n_about; a++)
            if (!prove_about(p, a, arm))
                return false;
        for (int k = 0; k < q->n_columns; k++)
            if (!prove_same_person(p, k, arm))
                return false;
    }
    for (int k = 0; columns && k < q->n_columns; k++) {
        struct reads made_of;
        if (!reads_of_column(p->arena, p->text, &p->shape, k, &outside, &made_of))
            return wrong(q, 0, "is too large to be proven");
        if (!made_of_ok(p, k, &made_of, &outside) || !prove_discloses(p, k, &made_of))
            return false;
    }
    return true;
}

/* ---- counts ---- */

static bool prove_count(struct proof *p)
{
    static const char *const sums[] = {"count", "sum", "avg", "min", "max"};
    struct query_src *q = p->q;
    struct reads none = {0}, made_of;
    bool any = false;
    for (int k = 0; k < q->n_columns; k++) {
        const struct column_out *o = &q->columns[k];
        bool sum = false, picks = false;
        for (int arm = 0; arm < p->shape.n_sels; arm++) {
            const struct sel *s = &p->shape.sels[arm];
            if (s->first != p->shape.top || k >= s->n_items)
                continue;
            for (int i = s->items[k].from; i + 1 < s->items[k].to; i++)
                for (int f = 0; f < 5; f++)
                    if (tok_is(&p->shape.toks.t[i], sums[f]) &&
                        tok_is(&p->shape.toks.t[i + 1], "(")) {
                        sum = true;
                        picks = picks || f > 2;
                    }
        }
        any = any || sum;
        if (!reads_of_column(p->arena, p->text, &p->shape, k, &none, &made_of))
            return wrong(q, 0, "is too large to be proven");
        for (int i = 0; i < made_of.n; i++) {
            const struct field *f = made_of.r[i].field;
            if (f->cls == CLASS_OPEN && !f->class_from)
                continue;
            if (sum && picks)
                return wrong(q, 0, "column %s picks a value of class %s", o->c.name,
                             class_names[f->cls]);
        }
        if (!sum && !o->declared && (o->c.cls != CLASS_OPEN || o->c.class_from >= 0))
            return wrong(q, 0,
                         "for: count: column %s is neither an aggregate nor open nor declared",
                         o->c.name);
    }
    return any || wrong(q, 0, "for: count: no column is an aggregate");
}

/* ---- sorts ---- */

static bool is_unique(const struct table *t, const struct field *f)
{
    struct text rest, part;
    if (f->type == FIELD_ID)
        return true;
    rest = text_of(t->key ? t->key : "");
    while (text_split(&rest, ',', &part))
        if (text_is(text_trim(part), f->name))
            return true;
    for (const struct index *x = t->indexes; x && x->name; x++) {
        rest = text_of(x->unique ? x->columns : "");
        while (text_split(&rest, ',', &part))
            if (text_is(text_trim(part), f->name))
                return true;
    }
    return false;
}

static bool prove_sort(struct proof *p, struct variant v)
{
    struct query_src *q = p->q;
    struct src_sort *s = &q->sorts[v.sort];
    struct prepared with;
    v.keys = true;
    engine_prepare(p->arena, variant_text(p->arena, q, v, PARAM_NAMED), false, &with);
    if (with.error)
        return wrong(q, s->line, "sort %s: %s", s->name, with.error);
    if (with.n_columns != q->n_columns + s->n_keys)
        return wrong(q, s->line, "sort %s: {keys} is not the end of the result", s->name);
    for (int k = 0; k < s->n_keys; k++) {
        struct read r = with.origin[q->n_columns + k];
        struct item it = {.plain = true};
        struct text rest = text_of(s->key[k]);
        if (!r.field)
            return wrong(q, s->line, "sort %s: %s is no declared field", s->name, s->key[k]);
        if (q->kind == SRC_VIEWER && (!in_uses(q, r.field) || r.field->class_from))
            return wrong(q, s->line, "sort %s: %s is of class %s: `uses:`", s->name, s->key[k],
                         class_names[r.field->cls]);
        if (strchr(s->key[k], '.'))
            (void)text_split(&rest, '.', &it.q);
        it.col = rest;
        int inst = shape_inst(&p->shape, p->shape.top, it.q);
        if (!(r.field->required || r.field->type == FIELD_ID || is_unique(r.table, r.field)) ||
            (inst >= 0 && p->shape.insts[inst].outer))
            return wrong(q, s->line, "sort %s: %s may be null; the next page would lose rows",
                         s->name, s->key[k]);
        if (k == s->n_keys - 1 && !is_unique(r.table, r.field))
            return wrong(q, s->line, "sort %s: the last column, %s, is not unique", s->name,
                         s->key[k]);
        s->key_kind[k] = kind_of(r.field);
    }
    return true;
}

/* ---- all of it ---- */

static bool same_columns(const struct proof *p)
{
    const struct query_src *q = p->q;
    bool same = p->prepared.n_columns == q->n_columns;
    for (int k = 0; same && k < q->n_columns; k++)
        same = !strcmp(p->prepared.names[k], q->columns[k].c.name) &&
               (p->shape.compound || p->prepared.origin[k].field == q->columns[k].field);
    return same || wrong(q, 0, "optional lines change the result columns");
}

static bool first_look(struct proof *p)
{
    struct query_src *q = p->q;
    q->n_columns = p->prepared.n_columns;
    if (q->n_columns > MAX_COLUMNS)
        return wrong(q, 0, "too many columns");
    for (int k = 0; k < q->n_columns; k++)
        if (!one_column(p, k))
            return false;
    if (!name_columns(p) || !class_columns(p))
        return false;
    for (int i = 0; i < q->n_discloses; i++)
        if (column_index(q, q->discloses[i].column) < 0)
            return wrong(q, q->discloses[i].line, "discloses: %s is no result column",
                         q->discloses[i].column);
    return true;
}

static void who_is_it_about(struct query_src *q)
{
    for (int k = 0; k < q->n_columns; k++) {
        struct column *c = &q->columns[k].c;
        bool masked = c->cls != CLASS_OPEN || c->list || c->class_from >= 0 || c->discloses >= 0;
        c->about = (int8_t)(masked ? about_of(q, c->name) : -1);
    }
}

bool query_prove(struct arena *arena, struct query_src *q)
{
    struct proof p = {.arena = arena, .q = q};
    int line;
    if (q->kind == SRC_WRITE) {
        p.text = variant_text(arena, q, (struct variant){.sort = -1}, PARAM_NAMED);
        engine_prepare(arena, p.text, true, &p.prepared);
        return !p.prepared.error || wrong(q, 0, "%s", p.prepared.error);
    }
    static struct variant variants[4000];
    int n = query_variants(q, variants, 4000);
    if (n == 4000)
        return wrong(q, 0, "too many variants");
    for (int i = 0; i < n; i++) {
        struct variant v = variants[i];
        bool all = i < (q->n_sorts ? 2 * q->n_sorts : 1); /* all optional lines are on */
        p.text = variant_text(arena, q, v, PARAM_NAMED);
        const char *error = shape_read(arena, p.text, &p.shape, &line);
        if (error)
            return wrong(q, 0, "%s", error);
        engine_prepare(arena, p.text, false, &p.prepared);
        if (p.prepared.error) {
            const char *how = all    ? ""
                              : v.on ? " (with one optional line)"
                                     : " (without optional lines)";
            return wrong(q, 0, "%s%s", p.prepared.error, how);
        }
        if (i ? !same_columns(&p) : !first_look(&p))
            return false;
        if (v.sort >= 0 && v.after && all && !prove_sort(&p, v))
            return false;
        if (v.sort >= 0 && !v.after) /* reads less than with a place to go on after */
            continue;
        if (!prove_sealed(&p))
            return false;
        if (q->kind == SRC_VIEWER && !prove_viewer(&p, v.sort <= 0))
            return false;
        if (q->kind == SRC_COUNT && !prove_count(&p))
            return false;
    }
    who_is_it_about(q);
    return true;
}
