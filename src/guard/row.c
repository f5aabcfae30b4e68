/* What becomes of a row between the store and the page: codes and classes are themselves again, the
 * mask, the boxes. */
#include "guard/row.h"
#include "base/log.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard/seal.h"

/* What the table holds in the place of a code that is asked for. */
void row_cover_args(const struct query *q, struct value *args)
{
    for (size_t i = 0; i < q->n_columns; i++) {
        const struct column *c = &q->columns[i];
        if (c->sealed != SEALED_CODE || c->asked < 0 || !v_is(args[c->asked]))
            continue;
        const struct code *code = code_find(code_list(c->list), v_as_text(args[c->asked]));
        if (code && code->cover)
            args[c->asked] = v_z(code->cover);
    }
}

/* A row whose bits are not to be believed: a term has passed, or the rules have changed. */
static bool is_due(const struct request *rq, const struct about *about, const struct value *row)
{
    int64_t recheck = v_as_int(row[about->recheck]);
    return rq->rules_due || (recheck && recheck <= rq->now);
}

/* What the statement's conditions took the old bits for: classes that it uses, and classes of the
 * row itself. */
static uint32_t row_wants(const struct query *q, size_t about, const struct value *row)
{
    uint32_t wants = q->uses;
    for (size_t i = 0; i < q->n_columns; i++)
        if (q->columns[i].class_from >= 0 && q->columns[i].about == (int8_t)about)
            wants |= (uint32_t)v_as_int(row[q->columns[i].class_from]);
    return wants;
}

static uint32_t row_bits(struct request *rq, const struct about *about, const struct value *row)
{
    int64_t person = v_as_int(row[about->id]);
    uint32_t bits = (uint32_t)v_as_int(row[about->bits]);
    if (is_due(rq, about, row))
        bits = access_bits(rq, rq->viewer.body, person);
    return bits & (rq->viewer.role ? rq->viewer.role->read : 0);
}

/* The mark names the class of the column, which is the same in every row. A class that comes from
 * the row, the code or the body is not named: it would tell what was hidden. */
static void hide(struct request *rq, struct value *v, const struct column *c, uint32_t lacking)
{
    bool own = lacking & CLASS_BIT(c->cls);
    *v = (struct value){.kind = V_HIDDEN, .cls = own ? c->cls : CLASS_OPEN};
    rq->rest_hidden = true;
}

/* What a value needs to be seen: the class of its column, of its row, of its code, of the body it
 * names. */
static uint32_t classes_of(const struct column *c, const struct value *row, const struct value *v,
                           int64_t viewer_body)
{
    uint32_t need = CLASS_BIT(c->cls);
    if (c->class_from >= 0)
        need |= (uint32_t)v_as_int(row[c->class_from]);
    if (v->kind == V_CODE) {
        const struct code *code = code_find(code_list_at(v->list), v_as_text(*v));
        need |= code ? code->classes : 0;
    }
    if (c->discloses >= 0) {
        int64_t body = v_as_int(row[c->discloses]);
        if (body && body != viewer_body)
            need |= body_tells(body);
    }
    return need;
}

/* Sealed classes of the row that the viewer lacks: SQL could not see them. What a left join has
 * brought goes alone. */
static bool tells_too_much(const struct query *q, struct value *row, uint32_t bits)
{
    bool part = false;
    for (size_t i = 0; i < q->n_columns; i++) {
        bool lacks = (uint32_t)v_as_int(row[i]) & ~bits;
        if (q->columns[i].sealed == SEALED_ROW && lacks)
            return true;
        part = part || (q->columns[i].sealed == SEALED_PART && lacks);
    }
    for (size_t i = 0; part && i < q->n_columns; i++)
        if (q->columns[i].part)
            row[i] = (struct value){0};
    return false;
}

static void open_box(struct request *rq, const struct query *q, size_t i, struct value *row)
{
    struct text plain;
    if (!seal_open_text(rq->arena, q->columns[i].box, v_as_text(row[i]), &plain)) {
        log_error("query %s: a box of %s cannot be opened", q->name, q->columns[i].box);
        row[i] = (struct value){.kind = V_HIDDEN};
        return;
    }
    row[i].s = plain.s;
    row[i].n = (uint32_t)plain.n;
}

/* False: the row is none for the viewer, because the access that brought it has ended, by itself or
 * with a rule, and no job has yet taken it away, or because of what it tells. */
bool row_mask(struct request *rq, const struct query *q, struct value *row, int64_t seen[2])
{
    uint32_t bits[2] = {0, 0}, own = classes_of_owner();
    uint32_t need[COLUMNS_MAX];
    for (size_t a = 0; a < q->n_about; a++) {
        seen[a] = v_as_int(row[q->about[a].id]);
        bits[a] = row_bits(rq, &q->about[a], row);
        if (is_due(rq, &q->about[a], row) && (!bits[a] || row_wants(q, a, row) & ~bits[a]))
            return false;
    }
    if (q->owner < 0 || v_as_int(row[q->owner]) != rq->viewer.body)
        bits[0] &= ~own, bits[1] &= ~own;
    if (tells_too_much(q, row, bits[0]))
        return false;
    for (size_t i = 0; i < q->n_columns; i++)
        need[i] = classes_of(&q->columns[i], row, &row[i], rq->viewer.body);
    for (size_t i = 0; i < q->n_columns; i++) {
        const struct column *c = &q->columns[i];
        uint32_t have = c->about >= 0 ? bits[c->about] : q->n_about ? bits[0] : 0;
        /* a column's own class hides an empty cell too: the mark must not tell that there is
         * something */
        if (CLASS_BIT(c->cls) & ~have || (need[i] & ~have && v_is(row[i])))
            hide(rq, &row[i], c, need[i] & ~have);
    }
    return true;
}

/* Codes stand in their lists, classes, covered codes and codes in boxes are themselves again.
 * False: the row has another code than the one asked for, whose cover it has. */
bool row_open_codes(struct request *rq, const struct query *q, const struct value *asked,
                    struct value *row)
{
    bool is_asked = true;
    for (size_t i = 0; i < q->n_columns; i++) {
        const struct column *c = &q->columns[i];
        unsigned covered = 0;
        if (row[i].kind != V_CODE || !c->list)
            continue;
        const struct code_list *list = code_list(c->list);
        row[i].list = list ? list->index : 0;
        if (c->sealed == SEALED_TEXT)
            open_box(rq, q, i, row);
        if (c->sealed != SEALED_CODE)
            continue;
        (void)seal_classes_of(v_as_int(row[c->class_from]), &covered);
        const struct code *code = covered ? code_covered(list, covered) : NULL;
        if (code)
            row[i] = (struct value){.kind = V_CODE,
                                    .list = row[i].list,
                                    .n = (uint32_t)strlen(code->code),
                                    .s = code->code};
        if (c->asked >= 0 && v_is(asked[c->asked]))
            is_asked = is_asked && text_eq(v_as_text(row[i]), v_as_text(asked[c->asked]));
    }
    for (size_t i = 0; i < q->n_columns; i++) {
        unsigned covered;
        uint8_t as = q->columns[i].sealed;
        if ((as == SEALED_CLASSES || as == SEALED_ROW || as == SEALED_PART) && row[i].kind == V_INT)
            row[i].i = seal_classes_of(row[i].i, &covered);
    }
    return is_asked;
}

/* Boxes of what the mask has left. */
void row_open_texts(struct request *rq, const struct query *q, struct value *row)
{
    for (size_t i = 0; i < q->n_columns; i++)
        if (q->columns[i].sealed == SEALED_TEXT && row[i].kind == V_TEXT)
            open_box(rq, q, i, row);
}
