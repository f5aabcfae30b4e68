/* The walk of declared references to a person. */
#include "base/date.h"
#include "guard/guard.h"
#include "guard/seal.h"
#include "guard_gen.h"
#include "rooms/duplicates/duplicates_rules.h"

enum { CELLS = 192 };

size_t person_refs(struct person_ref out[PERSON_REFS])
{
    size_t n, k = 0;
    const struct table *const *all = register_tables(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t f = 0; f < all[i]->n_fields && k < PERSON_REFS; f++) {
            const struct field *d = &all[i]->fields[f];
            const char *of = d->type == FIELD_REF ? d->ref : d->number_of;
            if (of && !strcmp(of, "person") && d->when_merged == MERGE_MOVES)
                out[k++] = (struct person_ref){all[i], f};
        }
    return k;
}

/* ---- rows as they are stored ---- */

struct cells rows_of(struct request *rq, const struct table *t, size_t field, int64_t id)
{
    struct cells rows = {0};
    enum err err = rq->err ? rq->err : conn_referring(rq->conn, t, field, id, rq->arena, &rows);
    if (err)
        rq_fail(rq, err);
    return err ? (struct cells){0} : rows;
}

bool row_get(struct request *rq, const struct table *t, int64_t id, struct value *cells)
{
    enum err err = rq->err ? rq->err : conn_get(rq->conn, t, id, rq->arena, cells);
    if (err && err != ERR_NOT_FOUND)
        rq_fail(rq, err);
    return !err;
}

bool card_get(struct request *rq, int64_t id, union person_record *out)
{
    union person_record open;
    bool old;
    if (!row_get(rq, &person_table, id, out->v))
        return false;
    if (!seal_table(&person_table))
        return true;
    open = *out;
    if (!seal_open_row(rq, &person_table, open.v, &old))
        return rq_fail(rq, ERR_INTERNAL) == OK;
    for (size_t i = 0; i < person_table.n_fields; i++)
        if (open.v[i].kind != V_NONE)
            out->v[i] = open.v[i];
    return true;
}

void row_set(struct change *ch, const struct table *t, int64_t id, size_t field, struct value v)
{
    struct value cells[CELLS] = {{0}};
    cells[field] = v_is(v) ? v : v_null();
    enum err err = ch->rq->err ? ch->rq->err : conn_replace(ch->rq->conn, t, id, cells);
    if (err)
        rq_fail(ch->rq, err);
}

size_t field_at(const struct table *t, const char *name)
{
    return (size_t)table_field(t, text_of(name));
}

/* ---- cells as text: kind, length, content ---- */

struct text cell_text(struct arena *arena, struct value v)
{
    switch (v.kind) {
    case V_INT:
        return arena_printf(arena, "i%lld", (long long)v.i);
    case V_DATE:
        return arena_printf(arena, "d%lld", (long long)v.i);
    case V_INSTANT:
        return arena_printf(arena, "u%lld", (long long)v.i);
    case V_TEXT:
    case V_CODE:
        return arena_printf(arena, "t%.*s", TEXT_ARG(v_as_text(v)));
    default:
        return T("");
    }
}

struct value cell_value(struct text t)
{
    struct text rest = t.n ? (struct text){t.s + 1, t.n - 1} : t;
    int64_t i = 0;
    if (!t.n)
        return v_null();
    if (t.s[0] == 't')
        return v_text(rest);
    if (text_int(rest, INT64_MIN, INT64_MAX, &i))
        return v_null();
    return t.s[0] == 'd' ? v_date(i) : t.s[0] == 'u' ? v_instant(i) : v_int(i);
}

struct text cells_text(struct arena *arena, const struct value *cells, size_t n)
{
    struct buf b = BUF(400000);
    for (size_t i = 0; i < n; i++) {
        struct text t = cell_text(arena, cells[i]);
        buf_int(&b, (int64_t)t.n);
        buf_char(&b, ':');
        buf_text(&b, t);
    }
    struct text out = buf_end(&b) ? T("") : arena_text(arena, buf_get(&b));
    buf_free(&b);
    return out;
}

bool cells_value(struct text t, struct value *cells, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t len;
        const char *colon = memchr(t.s, ':', t.n);
        size_t head = colon ? (size_t)(colon - t.s) : 0;
        if (!colon || text_int((struct text){t.s, head}, 0, (int64_t)(t.n - head - 1), &len))
            return false;
        cells[i] = cell_value((struct text){colon + 1, (size_t)len});
        t = (struct text){colon + 1 + len, t.n - head - 1 - (size_t)len};
    }
    return t.n == 0;
}

struct text card_text(struct arena *arena, struct value v)
{
    char day[DATE_ISO_LEN + 1];
    if (v.kind == V_DATE) {
        date_iso(v.i, day);
        return arena_text(arena, text_of(day));
    }
    return v.kind == V_INT ? arena_printf(arena, "%lld", (long long)v.i) : v_as_text(v);
}

struct value card_value(const struct field *f, struct text t)
{
    int64_t i;
    if (!t.n)
        return v_null();
    if (f->type == FIELD_DATE)
        return date_parse_iso(t, &i) == OK ? v_date(i) : v_null();
    if (f->type == FIELD_INT || f->type == FIELD_REF || f->type == FIELD_BOOL)
        return text_int(t, INT64_MIN, INT64_MAX, &i) == OK ? v_int(i) : v_null();
    return v_text(t);
}

/* ---- notes ---- */

void merge_note(struct change *ch, const char *what, const struct table *t, const char *field,
                int64_t id, int64_t person, struct text before, struct text after)
{
    union merge_move_record n = {.merge_id = v_int(ch->merge),
                                 .what = v_z(what),
                                 .object = v_z(t->name),
                                 .field = v_z(field),
                                 .object_id = v_int(id),
                                 .person_number = person ? v_int(person) : v_null(),
                                 .before = v_text_or_null(before),
                                 .after = v_text_or_null(after)};
    change_write(ch, &merge_move_table, n.v);
}

/* Does a row of another room hang on this one? Then it cannot give way. */
static bool hung_on(struct request *rq, const struct table *t, int64_t id)
{
    size_t n;
    const struct table *const *all = register_tables(&n);
    bool yes = false;
    for (size_t i = 0; i < n && !yes; i++)
        for (size_t f = 0; f < all[i]->n_fields && !yes && !rq->err; f++) {
            const struct field *d = &all[i]->fields[f];
            if (d->type != FIELD_REF || strcmp(d->ref, t->name) != 0)
                continue;
            enum err err = conn_refers(rq->conn, all[i], f, id, &yes);
            if (err)
                rq_fail(rq, err);
        }
    return yes;
}

static void aside(struct change *ch, const struct table *t, const struct value *cells)
{
    struct request *rq = ch->rq;
    int64_t id = v_as_int(cells[field_at(t, "id")]);
    if (hung_on(rq, t, id)) {
        rq_refuse(rq, N_("Both cards have the same entry, and other records hang on both: end one of them first"));
        return;
    }
    merge_note(ch, "aside", t, "", id, 0, cells_text(rq->arena, cells, t->n_fields), T(""));
    enum err err = rq->err ? rq->err : conn_delete(rq->conn, t, id);
    if (err)
        rq_fail(rq, err);
}

void merge_lay_aside(struct change *ch, const struct table *t, int64_t id)
{
    struct value cells[CELLS];
    int person = table_field(t, T("person_id"));
    if (!row_get(ch->rq, t, id, cells))
        return;
    if (person >= 0)
        grant_end(ch, v_as_int(cells[person]), 0, t->name, id);
    aside(ch, t, cells);
}

/* ---- the walk ---- */

static bool same_in(const struct table *t, const struct index *x, size_t field,
                    const struct value *a, const struct value *b)
{
    struct text rest = text_of(x->columns), word;
    bool with = false;
    while (text_split(&rest, ',', &word)) {
        int k = table_field(t, text_trim(word));
        if (k < 0)
            return false;
        if ((size_t)k == field)
            with = true;
        else if (!v_is(a[k]) || !v_eq(a[k], b[k]))
            return false;
    }
    return with;
}

/* A row that would stand twice in an index of which there is one, or would be about one and the same. */
static bool in_the_way(const struct table *t, size_t field, const struct value *row,
                       const struct cells *own, int64_t kept)
{
    for (size_t f = 0; f < t->n_fields; f++) {
        const struct field *d = &t->fields[f];
        if (f != field && d->type == FIELD_REF && d->when_merged == MERGE_MOVES &&
            !strcmp(d->ref, "person") && v_is(row[f]) && v_as_int(row[f]) == kept)
            return true;
    }
    for (const struct index *x = t->indexes; x && x->name; x++)
        for (size_t i = 0; x->unique && i < own->rows; i++)
            if (same_in(t, x, field, row, own->v + i * t->n_fields))
                return true;
    return false;
}

static void walk_field(struct change *ch, const struct person_ref *r, int64_t kept, int64_t gone)
{
    struct request *rq = ch->rq;
    const struct table *t = r->table;
    const char *name = t->fields[r->field].name;
    size_t key = field_at(t, "id");
    struct cells own = rows_of(rq, t, r->field, kept), theirs = rows_of(rq, t, r->field, gone);
    for (size_t i = 0; i < own.rows && !rq->err; i++)
        merge_note(ch, "own", t, name, v_as_int(own.v[i * t->n_fields + key]), kept, T(""), T(""));
    for (size_t i = 0; i < theirs.rows && !rq->err; i++) {
        const struct value *row = theirs.v + i * t->n_fields;
        int64_t id = v_as_int(row[key]);
        if (in_the_way(t, r->field, row, &own, kept)) {
            aside(ch, t, row);
            continue;
        }
        merge_note(ch, "moved", t, name, id, gone, T(""), T(""));
        row_set(ch, t, id, r->field, v_int(kept));
    }
}

void walk_merge(struct change *ch, int64_t kept, int64_t gone)
{
    struct person_ref refs[PERSON_REFS];
    size_t n = person_refs(refs);
    for (size_t i = 0; i < n && !ch->rq->err; i++)
        walk_field(ch, &refs[i], kept, gone);
}

/* ---- restrictions add up ---- */

static const union restriction_record *live_of(struct request *rq, int64_t person)
{
    struct cells rows = rows_of(rq, &restriction_table, RESTRICTION_PERSON_ID, person);
    const union restriction_record *all = (const void *)rows.v;
    for (size_t i = 0; i < rows.rows; i++)
        if (!v_is(all[i].ended_at))
            return &all[i];
    return NULL;
}

static bool names(const struct cells *viewers, int64_t body, int64_t account)
{
    const union restriction_viewer_record *v = (const void *)viewers->v;
    for (size_t i = 0; i < viewers->rows; i++)
        if (v_as_int(v[i].body_id) == body && v_as_int(v[i].account_id) == account)
            return true;
    return false;
}

static void put_value(struct change *ch, const union restriction_record *r, size_t field,
                      struct value now)
{
    struct arena *arena = ch->rq->arena;
    merge_note(ch, "value", &restriction_table, restriction_table.fields[field].name,
               v_as_int(r->id), 0, cell_text(arena, r->v[field]), cell_text(arena, now));
    row_set(ch, &restriction_table, v_as_int(r->id), field, now);
}

/* Of a viewer of one restriction what the other leaves: all, some accounts, nothing. Returns how many rows. */
static size_t narrow(struct change *ch, const union restriction_viewer_record *v,
                     const struct cells *others)
{
    int64_t body = v_as_int(v->body_id), account = v_as_int(v->account_id);
    const union restriction_viewer_record *o = (const void *)others->v;
    size_t left = 0;
    if (names(others, body, 0) || (account && names(others, body, account)))
        return 1;
    for (size_t i = 0; !account && i < others->rows; i++) {
        if (v_as_int(o[i].body_id) != body)
            continue;
        union restriction_viewer_record n = {.restriction_id = v->restriction_id,
                                             .person_id = v->person_id,
                                             .body_id = v->body_id,
                                             .account_id = o[i].account_id};
        int64_t id = change_write(ch, &restriction_viewer_table, n.v);
        merge_note(ch, "made", &restriction_viewer_table, "", id, 0, T(""), T(""));
        left++;
    }
    aside(ch, &restriction_viewer_table, v->v);
    return left;
}

void restrictions_join(struct change *ch, int64_t kept, int64_t gone)
{
    struct request *rq = ch->rq;
    const union restriction_record *a = live_of(rq, kept), *b = live_of(rq, gone);
    if (!a || !b || rq->err) /* one alone goes on as it is, and binds the person kept */
        return;
    struct cells mine = rows_of(rq, &restriction_viewer_table, RESTRICTION_VIEWER_RESTRICTION_ID,
                                v_as_int(a->id));
    struct cells others = rows_of(rq, &restriction_viewer_table, RESTRICTION_VIEWER_RESTRICTION_ID,
                                  v_as_int(b->id));
    const union restriction_viewer_record *v = (const void *)mine.v, *w = (const void *)others.v;
    size_t left = 0;
    bool setter = false;
    for (size_t i = 0; i < mine.rows; i++) {
        size_t n = narrow(ch, &v[i], &others);
        left += n;
        setter = setter || (n && v_eq(v[i].body_id, a->body_id));
    }
    if (!left || (!setter && rq->viewer.system)) {
        rq_refuse(rq, N_("Nobody is named in the restrictions of both persons"));
        return;
    }
    for (size_t i = 0; i < others.rows; i++)
        aside(ch, &restriction_viewer_table, w[i].v);
    put_value(ch, b, RESTRICTION_ENDED_AT, v_instant(rq->now));
    if (v_is(a->until) && (!v_is(b->until) || v_as_int(b->until) > v_as_int(a->until)))
        put_value(ch, a, RESTRICTION_UNTIL, b->until);
    if (!setter) { /* its body is not named in the other: who joins them sees both */
        put_value(ch, a, RESTRICTION_BODY_ID, v_int(rq->viewer.body));
        put_value(ch, a, RESTRICTION_ACCOUNT_ID, v_int(rq->viewer.account));
    }
}
