/* Undoing a joining: what was moved goes back where it still stands as it was put; what came after is sorted. */
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard_gen.h"
#include "rooms/duplicates/duplicates_pairs.h"
#include "rooms/duplicates/duplicates_rules.h"
#include "rooms/people/people.h"

enum { IDENTITY = CLASS_BIT(CLASS_IDENTITY), CELLS = 192 };

/* ---- notes ---- */

static const union merge_notes_row *note_of(const struct merge_notes_rows *notes,
                                            const struct table *t, int64_t id, const char *field,
                                            const char *what)
{
    for (size_t i = 0; i < notes->n; i++) {
        const union merge_notes_row *n = &notes->row[i];
        if (v_as_int(n->object_id) == id && text_is(v_as_text(n->object), t->name) &&
            (!field || text_is(v_as_text(n->field), field)) &&
            (!what || text_is(v_as_text(n->what), what)))
            return n;
    }
    return NULL;
}

/* None read and null stored are the same. */
static bool same(struct value a, struct value b)
{
    return (!v_is(a) && !v_is(b)) || v_eq(a, b);
}

static bool is_note(const union merge_notes_row *n, const char *what)
{
    return text_is(v_as_text(n->what), what);
}

/* Where a noted row belongs. */
static enum side side_noted(const union merge_notes_row *n)
{
    return !n ? SIDE_OPEN : is_note(n, "moved") ? SIDE_AGAIN : is_note(n, "own") ? SIDE_KEPT : SIDE_OPEN;
}

/* ---- later joinings of the same person ---- */

struct later {
    int64_t id, foreign; /* the card that came to the line with it */
    struct merge_notes_rows notes;
};
struct laters {
    struct later *v;
    size_t n;
};

static void load_later(struct request *rq, const struct parting *p, struct laters *out)
{
    struct merges_later_rows rows = {0};
    q_merges_later(rq, &(struct merges_later_args){.root = v_int(p->root), .merge = v_int(p->merge)},
                   &rows);
    out->v = arena_array(rq->arena, rows.n + 1, sizeof *out->v);
    out->n = 0;
    int64_t holder = p->kept;
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union merges_later_row *m = &rows.row[i];
        bool kept = v_as_int(m->kept_number) == holder, gone = v_as_int(m->gone_number) == holder;
        if (!kept && !gone)
            continue;
        struct later *l = &out->v[out->n++];
        *l = (struct later){v_as_int(m->id), v_as_int(kept ? m->gone_number : m->kept_number), {.n = 0}};
        q_merge_notes(rq, &(struct merge_notes_args){.merge = m->id}, &l->notes);
        holder = v_as_int(m->kept_number);
    }
}

/* Came with another card that was joined later: it stays with the person. */
static bool foreign(const struct laters *later, const struct table *t, int64_t id, const char *field)
{
    for (size_t i = 0; i < later->n; i++) {
        const union merge_notes_row *n = note_of(&later->v[i].notes, t, id, field, NULL);
        if (n && v_is(n->person_number))
            return v_as_int(n->person_number) == later->v[i].foreign;
    }
    return false;
}

/* ---- what came after ---- */

static void add_loose(struct request *rq, struct parting *p, const struct person_ref *r,
                      const struct value *cells, int64_t id)
{
    if (p->n_loose == p->cap_loose) {
        size_t cap = p->cap_loose ? p->cap_loose * 2 : 16;
        struct loose *more = arena_array(rq->arena, cap, sizeof *more);
        if (p->n_loose)
            memcpy(more, p->loose, p->n_loose * sizeof *more);
        p->loose = more;
        p->cap_loose = cap;
    }
    p->loose[p->n_loose++] = (struct loose){r->table, r->field, id, cells, SIDE_OPEN, false};
}

/* Of the joinings themselves, and of cards joined later, nothing is asked. */
static bool ours(const struct table *t)
{
    return t == &person_table || t == &person_merge_table || t == &merge_value_table;
}

static void find_loose(struct request *rq, struct parting *p)
{
    struct person_ref refs[PERSON_REFS];
    struct laters later;
    size_t n = person_refs(refs);
    load_later(rq, p, &later);
    for (size_t i = 0; i < n && !rq->err; i++) {
        const struct table *t = refs[i].table;
        const char *field = t->fields[refs[i].field].name;
        struct cells rows = rows_of(rq, t, refs[i].field, p->root);
        for (size_t k = 0; k < rows.rows && !ours(t); k++) {
            const struct value *cells = rows.v + k * t->n_fields;
            int64_t id = v_as_int(cells[field_at(t, "id")]);
            if (!note_of(&p->notes, t, id, field, NULL) && !note_of(&p->notes, t, id, "", "made") &&
                !foreign(&later, t, id, field))
                add_loose(rq, p, &refs[i], cells, id);
        }
    }
}

static struct loose *loose_of(const struct parting *p, struct text table, int64_t id)
{
    for (size_t i = 0; i < p->n_loose; i++)
        if (p->loose[i].id == id && text_is(table, p->loose[i].table->name))
            return &p->loose[i];
    return NULL;
}

static enum side side_of(const struct parting *p, struct text table, int64_t id,
                         struct loose **loose)
{
    const struct table *t = register_table(table);
    enum side side = SIDE_OPEN;
    for (size_t i = 0; t && i < p->notes.n && side == SIDE_OPEN; i++)
        if (v_as_int(p->notes.row[i].object_id) == id &&
            text_eq(v_as_text(p->notes.row[i].object), table))
            side = side_noted(&p->notes.row[i]);
    *loose = loose_of(p, table, id);
    return side != SIDE_OPEN ? side : *loose ? (*loose)->side : SIDE_OPEN;
}

/* What the row hangs on: its references, and those by a table's name and a number. *hangs: on a row that came after too. */
static enum side side_by_parents(const struct parting *p, const struct loose *l, bool *hangs)
{
    const struct table *t = l->table;
    static const char *const pairs[][2] = {{"ref", "ref_id"}, {"object", "object_id"}};
    struct loose *parent = NULL;
    enum side side = SIDE_OPEN;
    *hangs = false;
    for (size_t f = 0; f < t->n_fields && side == SIDE_OPEN; f++) {
        const struct field *d = &t->fields[f];
        const char *of = d->type == FIELD_REF ? d->ref : d->number_of;
        if (!of || !strcmp(of, "person") || !v_is(l->cells[f]))
            continue;
        side = side_of(p, text_of(of), v_as_int(l->cells[f]), &parent);
        *hangs = *hangs || (parent && d->type == FIELD_REF);
    }
    for (size_t i = 0; i < 2 && side == SIDE_OPEN; i++) {
        int a = table_field(t, text_of(pairs[i][0])), b = table_field(t, text_of(pairs[i][1]));
        if (a < 0 || b < 0)
            continue;
        struct text name = v_as_text(l->cells[a]);
        side = side_of(p, text_is(name, "case_closed") ? T("case_file") : name, v_as_int(l->cells[b]),
                       &parent);
        *hangs = *hangs || parent;
    }
    return side;
}

/* Had the body a grant for the one card or the other before they were joined? */
static bool knew(struct request *rq, const struct parting *p, int64_t body, const char *what)
{
    struct value cells[CELLS];
    for (size_t i = 0; i < p->notes.n; i++) {
        const union merge_notes_row *n = &p->notes.row[i];
        if (is_note(n, what) && text_is(v_as_text(n->object), "access_grant") &&
            row_get(rq, &access_grant_table, v_as_int(n->object_id), cells) &&
            v_as_int(cells[ACCESS_GRANT_BODY_ID]) == body)
            return true;
    }
    return false;
}

static int64_t author_body(const struct loose *l)
{
    static const char *const names[] = {"body_id", "from_body_id"};
    for (size_t i = 0; i < 2; i++) {
        int f = table_field(l->table, text_of(names[i]));
        if (f >= 0 && v_is(l->cells[f]))
            return v_as_int(l->cells[f]);
    }
    return 0;
}

static void sort_by_parents(struct parting *p)
{
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < p->n_loose; i++) {
            bool hangs;
            if (p->loose[i].side != SIDE_OPEN)
                continue;
            p->loose[i].side = side_by_parents(p, &p->loose[i], &hangs);
            more = more || p->loose[i].side != SIDE_OPEN;
        }
    }
}

/* Is the row one that the viewer's body has written or was sent, of classes that he reads? Others are no question for him. */
static bool sees(struct request *rq, const struct loose *l, uint32_t bits)
{
    uint32_t reads = rq->viewer.role ? rq->viewer.role->read & bits : 0, tells = IDENTITY;
    bool mine = false;
    for (size_t f = 0; f < l->table->n_fields; f++) {
        const struct field *d = &l->table->fields[f];
        if (d->type == FIELD_REF && !strcmp(d->ref, "body"))
            mine = mine || v_as_int(l->cells[f]) == rq->viewer.body;
        if (d->type == FIELD_CLASSES)
            tells |= seal_classes_of(v_as_int(l->cells[f]), &(unsigned){0});
        else if (!d->class_from)
            tells |= CLASS_BIT(d->cls);
    }
    return mine && !(tells & ~reads);
}

static void sort_loose(struct request *rq, struct parting *p)
{
    sort_by_parents(p);
    for (size_t i = 0; i < p->n_loose && !rq->err; i++) {
        struct loose *l = &p->loose[i];
        int64_t body = author_body(l);
        if (l->side != SIDE_OPEN || !body || l->table == &restriction_table)
            continue;
        bool kept = knew(rq, p, body, "own"), gone = knew(rq, p, body, "moved");
        if (kept != gone)
            l->side = gone ? SIDE_AGAIN : SIDE_KEPT;
    }
    sort_by_parents(p);
    uint32_t bits = rq->viewer.system ? 0 : access_bits(rq, rq->viewer.body, p->root);
    for (size_t i = 0; i < p->n_loose && !rq->err; i++) {
        struct loose *l = &p->loose[i];
        bool hangs = false;
        if (l->side != SIDE_OPEN)
            continue;
        (void)side_by_parents(p, l, &hangs);
        if (l->table == &restriction_table) /* nobody comes to know of either by it */
            l->side = SIDE_BOTH;
        else
            l->asks = !hangs && sees(rq, l, bits);
    }
}

static void find_changed(struct request *rq, struct parting *p)
{
    struct merge_values_plain_rows values = {0};
    union person_record now;
    q_merge_values_plain(rq, &(struct merge_values_plain_args){.merge = v_int(p->merge)}, &values);
    if (!card_get(rq, p->kept, &now))
        return;
    for (size_t k = 0; k < values.n; k++)
        for (size_t i = 0; i < person_form.n && i < MERGE_FIELDS; i++) {
            const struct field *f = form_field_of(&person_form, i);
            const char *name = f->name;
            struct value v = now.v[field_at(&person_table, name)];
            struct value before = card_value(f, v_as_text(values.row[k].before));
            struct value other = card_value(f, v_as_text(values.row[k].other));
            struct value put = v_as_int(values.row[k].chosen) ? other : before;
            if (text_is(v_as_text(values.row[k].field), name) && !same(v, put))
                p->changed[p->n_changed++] = (struct changed){i, v, before, other};
        }
}

void parting_plan(struct request *rq, int64_t merge, struct parting *out)
{
    union merge_facts_row m;
    *out = (struct parting){.merge = merge};
    if (!q_merge_facts(rq, &(struct merge_facts_args){.id = v_int(merge)}, &m)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return;
    }
    out->version = v_as_int(m.version);
    out->root = v_as_int(m.root_id);
    out->kept = v_as_int(m.kept_number);
    out->gone = v_as_int(m.gone_number);
    bool mine = rq->viewer.system || (out->root ? rq_may(rq, CAP_JOIN_PERSONS) && !access_hidden(rq, out->root) &&
                                                access_bits(rq, rq->viewer.body, out->root) & IDENTITY
                                          : v_as_int(m.body_id) == rq->viewer.body);
    if (!mine) {
        rq_fail(rq, ERR_NOT_FOUND);
    } else if (!out->root) {
        rq_refuse(rq, N_("The person's card was destroyed when its term had passed: there is nothing left to part"));
    } else if (v_is(m.undone_at)) {
        rq_refuse(rq, N_("The cards have been parted already"));
    }
    if (rq->err)
        return;
    q_merge_notes(rq, &(struct merge_notes_args){.merge = v_int(merge)}, &out->notes);
    find_loose(rq, out);
    sort_loose(rq, out);
    find_changed(rq, out);
}

/* ---- undoing ---- */

static void ask(struct request *rq, struct parting *p, answer_fn *answer, void *ctx)
{
    for (size_t i = 0; i < p->n_loose; i++) {
        struct loose *l = &p->loose[i];
        if (!l->asks)
            continue;
        l->side = answer ? answer(ctx, l->table->name, l->id) : SIDE_OPEN;
        if (l->side != SIDE_KEPT && l->side != SIDE_AGAIN)
            rq_mistake(rq, "rows", N_("Say of each entry made since to whom it belongs"));
    }
    sort_by_parents(p);
}

/* Of joinings that came later the notes about what goes back are theirs no more. */
static void forget_later(struct change *ch, const struct parting *p, const struct table *t, int64_t id)
{
    w_merge_notes_drop_row(ch, &(struct merge_notes_drop_row_args){.merge = v_int(p->merge),
                                                                   .object = v_z(t->name),
                                                                   .object_id = v_int(id)});
}

/* A row that stays with the card kept comes back after that was itself joined with others: it stands at the person, and their notes
 * know it as if it had been there all the time. */
static void adopt(struct change *ch, const struct parting *p, const struct table *t, const char *field,
                  int64_t id)
{
    struct request *rq = ch->rq;
    struct merges_later_rows rows = {0};
    int64_t holder = p->kept, mine = ch->merge;
    q_merges_later(rq, &(struct merges_later_args){.root = v_int(p->root), .merge = v_int(p->merge)},
                   &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        bool gone = v_as_int(rows.row[i].gone_number) == holder;
        if (!gone && v_as_int(rows.row[i].kept_number) != holder)
            continue;
        ch->merge = v_as_int(rows.row[i].id);
        merge_note(ch, gone ? "moved" : "own", t, field, id, holder, T(""), T(""));
        holder = v_as_int(rows.row[i].kept_number);
    }
    ch->merge = mine;
}

/* A row as it stood, with the numbers of persons that the notes know. */
static void put_back(struct change *ch, const struct parting *p, const struct table *t,
                     struct text cells_before)
{
    struct request *rq = ch->rq;
    struct value cells[CELLS] = {{0}}, other[CELLS];
    if (!cells_value(cells_before, cells, t->n_fields))
        return;
    int64_t id = v_as_int(cells[field_at(t, "id")]);
    const char *stays[CELLS];
    size_t n_stays = 0;
    for (size_t f = 0; f < t->n_fields; f++) {
        const struct field *d = &t->fields[f];
        const char *of = d->type == FIELD_REF ? d->ref : d->number_of;
        const union merge_notes_row *n = note_of(&p->notes, t, id, d->name, "moved");
        if (n)
            cells[f] = n->person_number;
        else if (of && !strcmp(of, "person") && d->when_merged == MERGE_MOVES && v_as_int(cells[f]) == p->kept) {
            cells[f] = v_int(p->root);
            stays[n_stays++] = d->name;
        }
        /* what it hung on may have been destroyed since */
        if (d->type == FIELD_REF && v_is(cells[f]) && register_table(text_of(d->ref)) &&
            !row_get(rq, register_table(text_of(d->ref)), v_as_int(cells[f]), other))
            return;
        if (t == &restriction_viewer_table && f == RESTRICTION_VIEWER_RESTRICTION_ID &&
            v_is(other[RESTRICTION_ENDED_AT]))
            return;
    }
    enum err err = rq->err ? rq->err : conn_insert(rq->conn, t, cells, &id);
    if (err)
        rq_fail(rq, err);
    for (size_t i = 0; i < n_stays; i++)
        adopt(ch, p, t, stays[i], id);
}

static void undo_values(struct change *ch, const struct parting *p)
{
    struct request *rq = ch->rq;
    for (size_t i = 0; i < p->notes.n && !rq->err; i++) {
        const union merge_notes_row *n = &p->notes.row[i];
        const struct table *t = register_table(v_as_text(n->object));
        struct value cells[CELLS];
        int64_t id = v_as_int(n->object_id);
        int f = t ? table_field(t, v_as_text(n->field)) : -1;
        if (!t || !row_get(rq, t, id, cells))
            continue;
        if (is_note(n, "value") && f >= 0 && same(cells[f], cell_value(v_as_text(n->after))))
            row_set(ch, t, id, (size_t)f, cell_value(v_as_text(n->before)));
        if (is_note(n, "made")) {
            enum err err = conn_delete(rq->conn, t, id);
            if (err)
                rq_fail(rq, err);
        }
    }
}

static void undo_moves(struct change *ch, const struct parting *p)
{
    struct request *rq = ch->rq;
    for (size_t i = 0; i < p->notes.n && !rq->err; i++) {
        const union merge_notes_row *n = &p->notes.row[i];
        const struct table *t = register_table(v_as_text(n->object));
        int f = t ? table_field(t, v_as_text(n->field)) : -1;
        struct value cells[CELLS];
        int64_t id = v_as_int(n->object_id);
        union merge_aside_later_row later;
        if (!is_note(n, "moved") || f < 0)
            continue;
        if (row_get(rq, t, id, cells)) {
            if (v_as_int(cells[f]) != p->root) /* somebody has put it right since */
                continue;
            row_set(ch, t, id, (size_t)f, n->person_number);
            forget_later(ch, p, t, id);
        } else if (q_merge_aside_later(rq,
                                       &(struct merge_aside_later_args){.object = n->object,
                                                                        .object_id = n->object_id,
                                                                        .merge = v_int(p->merge)},
                                       &later)) {
            put_back(ch, p, t, v_as_text(later.before));
            forget_later(ch, p, t, id);
        }
    }
}

static void undo_aside(struct change *ch, const struct parting *p)
{
    for (size_t i = 0; i < p->notes.n && !ch->rq->err; i++) {
        const union merge_notes_row *n = &p->notes.row[i];
        const struct table *t = register_table(v_as_text(n->object));
        if (t && is_note(n, "aside"))
            put_back(ch, p, t, v_as_text(n->before));
    }
}

/* A restriction that was set for the person both seemed to be goes on for both. */
static void restrict_both(struct change *ch, const struct parting *p, const struct loose *l)
{
    struct request *rq = ch->rq;
    union restriction_record r = *(const union restriction_record *)l->cells;
    struct cells viewers = rows_of(rq, &restriction_viewer_table, RESTRICTION_VIEWER_RESTRICTION_ID, l->id);
    struct cells live = rows_of(rq, &restriction_table, RESTRICTION_PERSON_ID, p->gone);
    for (size_t i = 0; i < live.rows; i++)
        if (!v_is(live.v[i * restriction_table.n_fields + RESTRICTION_ENDED_AT]))
            return;
    if (v_is(r.ended_at))
        return;
    r.id = r.version = (struct value){0};
    r.person_id = v_int(p->gone);
    int64_t id = 0;
    enum err err = conn_insert(rq->conn, &restriction_table, r.v, &id); /* sealed as they stand */
    for (size_t i = 0; i < viewers.rows && !err; i++) {
        union restriction_viewer_record v =
            *(const union restriction_viewer_record *)(viewers.v + i * restriction_viewer_table.n_fields);
        v.id = (struct value){0};
        v.restriction_id = v_int(id);
        v.person_id = v_int(p->gone);
        err = conn_insert(rq->conn, &restriction_viewer_table, v.v, NULL);
    }
    if (err)
        rq_fail(rq, err);
    change_event(ch, &(struct event){.kind = "restriction.set",
                                     .person = p->gone,
                                     .classes = IDENTITY,
                                     .table = &restriction_table,
                                     .object = id});
}

static void sort_out(struct change *ch, const struct parting *p)
{
    for (size_t i = 0; i < p->n_loose && !ch->rq->err; i++) {
        const struct loose *l = &p->loose[i];
        if (l->side == SIDE_BOTH && l->table == &restriction_table)
            restrict_both(ch, p, l);
        if (l->side != SIDE_AGAIN)
            continue;
        row_set(ch, l->table, l->id, l->field, v_int(p->gone));
        forget_later(ch, p, l->table, l->id);
    }
}

static void put(union person_record *set, union person_record *whole, size_t at, struct value v)
{
    set->v[at] = v_is(v) ? v : v_null();
    whole->v[at] = v;
}

/* A later joining has noted as the card's own what this one had put there: undone after this one, it must give back what
 * stood before both. */
static void mend_later(struct change *ch, const struct parting *p, const union merge_values_plain_row *v)
{
    struct request *rq = ch->rq;
    union merge_value_later_row later;
    if (!q_merge_value_later(rq,
                             &(struct merge_value_later_args){.root = v_int(p->root),
                                                              .merge = v_int(p->merge),
                                                              .field = v->field},
                             &later) ||
        !text_eq(v_as_text(later.before), v_as_text(v->other)))
        return;
    bool system = rq->viewer.system;
    rq->viewer.system = true;
    union merge_value_record r = {.before = v_text_or_null(v_as_text(v->before)), .classes = later.classes};
    change_update(ch, &merge_value_table, v_as_int(later.id), -1, r.v);
    rq->viewer.system = system;
}

/* The card that this joining had kept was given up later: what it had taken from the other went on to the next, and may stand
 * there still. */
static void mend_chain(struct change *ch, const struct parting *p, const union merge_values_plain_row *v)
{
    struct request *rq = ch->rq;
    int at = table_field(&person_table, v_as_text(v->field));
    union merge_next_row next;
    for (int64_t card = p->kept; at >= 0 && !rq->err; card = v_as_int(next.kept_number)) {
        union merge_value_at_row taken;
        union person_record now, set = {{{0}}};
        if (!q_merge_next(rq, &(struct merge_next_args){.gone = v_int(card)}, &next) ||
            !q_merge_value_at(rq, &(struct merge_value_at_args){.merge = next.id, .field = v->field}, &taken) ||
            !text_eq(v_as_text(taken.other), v_as_text(v->other)))
            return;
        bool system = rq->viewer.system;
        rq->viewer.system = true;
        union merge_value_record r = {.other = v_text_or_null(v_as_text(v->before)), .classes = taken.classes};
        change_update(ch, &merge_value_table, v_as_int(taken.id), -1, r.v);
        rq->viewer.system = system;
        if (!v_as_int(taken.chosen) || !card_get(rq, v_as_int(next.kept_number), &now) ||
            !same(now.v[at], card_value(&person_table.fields[at], v_as_text(v->other))))
            return; /* it did not come so far, or has been put right since */
        put(&set, &now, (size_t)at, card_value(&person_table.fields[at], v_as_text(v->before)));
        set.name_key = v_text(person_record_key(rq->arena, &now));
        card_put(ch, v_as_int(next.kept_number), -1, &set);
    }
}

static void undo_fields(struct change *ch, const struct parting *p, answer_fn *answer, void *ctx)
{
    struct request *rq = ch->rq;
    struct merge_values_plain_rows values = {0};
    union person_record kept, gone, set = {{{0}}}, again = {.merged_into = v_null()};
    q_merge_values_plain(rq, &(struct merge_values_plain_args){.merge = v_int(p->merge)}, &values);
    if (!card_get(rq, p->kept, &kept) || !card_get(rq, p->gone, &gone))
        return;
    for (size_t k = 0; k < values.n; k++) {
        int at = table_field(&person_table, v_as_text(values.row[k].field));
        if (at < 0 || !v_as_int(values.row[k].chosen))
            continue;
        mend_later(ch, p, &values.row[k]);
        mend_chain(ch, p, &values.row[k]);
        put(&set, &kept, (size_t)at, card_value(&person_table.fields[at], v_as_text(values.row[k].before)));
    }
    for (size_t k = 0; k < p->n_changed; k++) {
        const struct changed *c = &p->changed[k];
        const char *name = form_field_of(&person_form, c->at)->name;
        size_t at = field_at(&person_table, name);
        enum side side = answer ? answer(ctx, name, 0) : SIDE_OPEN;
        if (side == SIDE_OPEN && rq->viewer.system)
            side = SIDE_KEPT;
        if (side == SIDE_OPEN)
            rq_mistake(rq, "rows", N_("Say of each field corrected since to whom it belongs"));
        put(&set, &kept, at, side == SIDE_AGAIN ? c->before : c->now);
        if (side != SIDE_KEPT)
            put(&again, &gone, at, c->now);
    }
    set.name_key = v_text(person_record_key(rq->arena, &kept));
    again.name_key = v_text(person_record_key(rq->arena, &gone));
    card_put(ch, p->kept, -1, &set);
    card_put(ch, p->gone, -1, &again);
}

static void tell(struct change *ch, const struct parting *p, int64_t person)
{
    change_event(ch, &(struct event){.kind = "person.unmerged",
                                     .person = person,
                                     .classes = IDENTITY,
                                     .table = &person_merge_table,
                                     .object = p->merge});
}

void person_unmerge(struct change *ch, int64_t merge, int64_t version, struct text words,
                    answer_fn *answer, void *ctx)
{
    struct request *rq = ch->rq;
    union merge_facts_row m;
    struct parting p;
    /* persons before their joinings, as person_merge() locks them */
    if (!q_merge_facts(rq, &(struct merge_facts_args){.id = v_int(merge)}, &m))
        rq_fail(rq, ERR_NOT_FOUND);
    if (rq->err)
        return;
    int64_t a = v_as_int(m.root_id), b = v_as_int(m.gone_number);
    change_lock_alone(ch, SUBJECT(&person_table, a < b ? a : b));
    change_lock_alone(ch, SUBJECT(&person_table, a < b ? b : a));
    change_lock(ch, SUBJECT(&person_merge_table, merge));
    parting_plan(rq, merge, &p);
    if (!rq->err && p.root != a) /* joined once more in this moment */
        rq_fail(rq, ERR_STALE);
    if (!rq->err && version >= 0 && version != p.version)
        rq_fail(rq, ERR_STALE);
    if (rq->err)
        return;
    ask(rq, &p, answer, ctx);
    ch->merge = merge;
    undo_values(ch, &p);
    undo_moves(ch, &p);
    undo_aside(ch, &p);
    sort_out(ch, &p);
    undo_fields(ch, &p, answer, ctx);
    union person_merge_record r = {
        .undone_at = v_instant(rq->now),
        .undone_body_id = rq->viewer.system ? v_null() : v_int(rq->viewer.body),
        .undone_account_id = rq->viewer.system ? v_null() : v_int(rq->viewer.account),
        .undone_words = v_text_or_null(words)};
    change_update(ch, &person_merge_table, merge, p.version, r.v);
    access_leave(ch, p.root);
    access_refresh(ch, p.root);
    access_refresh(ch, p.gone);
    HOOK(rq, person_unmerged, ch, p.root, p.gone);
    pairs_parted(ch, v_as_int(m.kept_number), p.gone, words);
    w_merge_notes_drop(ch, &(struct merge_notes_drop_args){.merge = v_int(merge)});
    /* what both cards said is of two persons now */
    w_merge_values_drop(ch, &(struct merge_values_drop_args){.merge = v_int(merge)});
    if (!rq->err) {
        law_refresh(ch, p.root);
        law_refresh(ch, p.gone);
    }
    tell(ch, &p, p.root);
    tell(ch, &p, p.gone);
    ch->merge = 0;
}

/* ---- bereg check ---- */

static void say(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx,
                const char *table, int64_t id, const char *what)
{
    found(ctx, arena_printf(rq->arena, "%s %lld: %s", table, (long long)id, what).s);
}

static void check_person(struct request *rq, const union merged_persons_row *p,
                         void (*found)(void *ctx, const char *text), void *ctx)
{
    struct person_ref refs[PERSON_REFS];
    size_t n = person_refs(refs);
    int64_t id = v_as_int(p->id);
    union person_joined_row up;
    for (size_t i = 0; i < n && !rq->err; i++) {
        bool yes = false;
        enum err err = conn_refers(rq->conn, refs[i].table, refs[i].field, id, &yes);
        if (err)
            rq_fail(rq, err);
        if (yes)
            say(rq, found, ctx, refs[i].table->name, id, "names a person whose card was joined with another");
    }
    bool has = false;
    if (conn_refers(rq->conn, &access_table, ACCESS_PERSON_ID, id, &has) == OK && has)
        say(rq, found, ctx, "access", id, "opens a card that was joined with another");
    if (q_person_joined(rq, &(struct person_joined_args){.id = p->merged_into}, &up))
        say(rq, found, ctx, "person", id, "is joined with a card that is itself joined with another");
}

void merge_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct merged_persons_rows persons = {0};
    struct merges_open_rows merges = {0};
    q_merged_persons(rq, NULL, &persons);
    q_merges_open(rq, NULL, &merges);
    for (size_t i = 0; i < persons.n && !rq->err; i++) {
        size_t of = 0;
        check_person(rq, &persons.row[i], found, ctx);
        for (size_t k = 0; k < merges.n; k++)
            of += v_eq(merges.row[k].gone_number, persons.row[i].id) &&
                  v_eq(merges.row[k].root_id, persons.row[i].merged_into);
        if (of != 1)
            say(rq, found, ctx, "person", v_as_int(persons.row[i].id), "is given up without an open joining");
    }
    for (size_t k = 0; k < merges.n && !rq->err; k++) {
        struct merge_notes_rows notes = {0};
        union person_joined_row up;
        int64_t id = v_as_int(merges.row[k].id);
        if (!q_person_joined(rq, &(struct person_joined_args){.id = merges.row[k].gone_number}, &up) ||
            !v_eq(up.merged_into, merges.row[k].root_id))
            say(rq, found, ctx, "person_merge", id, "its card that was given up does not lead to the person");
        q_merge_notes(rq, &(struct merge_notes_args){.merge = v_int(id)}, &notes);
        for (size_t i = 0; i < notes.n; i++) {
            const union merge_notes_row *n = &notes.row[i];
            const struct table *t = register_table(v_as_text(n->object));
            bool plain = t && (is_note(n, "aside") || is_note(n, "made") || table_field(t, v_as_text(n->field)) >= 0);
            bool whose = (!is_note(n, "moved") || v_eq(n->person_number, merges.row[k].gone_number)) &&
                         (!is_note(n, "own") || v_eq(n->person_number, merges.row[k].kept_number));
            if (!plain || !whose)
                say(rq, found, ctx, "person_merge", id, "has a note that cannot be");
        }
    }
}
