#include "rooms/papers/papers.h"
#include "base/log.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "papers_gen.h"
#include "rooms/packs/packs.h"
#include "rooms/papers/papers_rules.h"
#include <stdio.h>

extern const struct table *const papers_tables[];
extern const struct form *const papers_forms[];

struct text paper_prop(const char *list, const char *code, const char *name)
{
    char key[100];
    snprintf(key, sizeof key, "%s %s", list, code);
    return pack_value("code", key, name);
}

void paper_digest(struct request *rq, const char *object, int64_t object_id, struct text number,
                  struct text bytes, char out[65])
{
    struct text whose =
        arena_printf(rq->arena, "%s %lld %.*s", object, (long long)object_id, TEXT_ARG(number));
    hash_hex(false, whose, bytes, out);
}

static void event_of(struct change *ch, const char *kind, int64_t id, int64_t person,
                     int64_t other_body, uint32_t classes)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .other_body = other_body,
                                     .classes = person ? CLASS_BIT(CLASS_IDENTITY) | classes : 0,
                                     .table = person ? &attachment_table : &open_paper_table,
                                     .object = id});
}

/* Parts of one size, the last one filled up. Each is sealed in memory that is given back at once.
 */
static void put_parts(struct change *ch, bool open, int64_t id, struct text bytes, int64_t parts)
{
    struct request *rq = ch->rq;
    struct arena *whole = rq->arena;
    rq->arena = arena_new();
    for (int64_t i = 0; i < parts && !rq->err; i++) {
        size_t at = (size_t)i * PART_BYTES,
               n = bytes.n - at < PART_BYTES ? bytes.n - at : PART_BYTES;
        char *plain = arena_alloc(rq->arena, PART_BYTES);
        memcpy(plain, bytes.s + at, n);
        struct value content = v_text((struct text){plain, PART_BYTES});
        union attachment_part_record p = {.attachment_id = v_int(id), .part = v_int(i), .content = content};
        union open_paper_part_record q = {.paper_id = v_int(id), .part = v_int(i), .content = content};
        if (open)
            change_write(ch, &open_paper_part_table, q.v);
        else
            change_write(ch, &attachment_part_table, p.v);
        arena_reset(rq->arena);
    }
    arena_free(rq->arena);
    rq->arena = whole;
}

bool paper_kind_is(struct request *rq, struct value kind, const char *property)
{
    return text_is(paper_prop("paper_kind", arena_z(rq->arena, v_as_text(kind)), property), "yes");
}

static bool kind_fits(const struct table *object, const char *kind)
{
    return text_is(paper_prop("paper_kind", kind, "of"), object->name);
}

void paper_kinds(struct request *rq, const struct table *object, struct paper_kinds_rows *out)
{
    const struct code_list *kinds = code_list("paper_kind");
    *out = (struct paper_kinds_rows){.query = &paper_kinds_query, .next = T("")};
    out->row = arena_array(rq->arena, kinds ? kinds->n + 1 : 1, sizeof *out->row);
    for (size_t i = 0; kinds && i < kinds->n; i++)
        if (!kinds->codes[i].retired && kind_fits(object, kinds->codes[i].code))
            out->row[out->n++] = (union paper_kinds_row){
                .kind = v_z(kinds->codes[i].code), .words = v_z(kinds->codes[i].label[rq->lang])};
}

static void check(struct request *rq, const struct attached_to *to, const struct paper *paper)
{
    const char *kind = arena_z(rq->arena, v_as_text(paper->kind));
    union attachment_count_row have = {0};
    union open_paper_count_row have_open = {0};
    struct value object = v_z(to->object->name), id = v_int(to->id);
    int64_t most;
    if (!kind_fits(to->object, kind))
        rq_mistake(rq, "kind", N_("A paper of this kind is not attached here"));
    if (!to->open && (CLASS_BIT(CLASS_IDENTITY) | to->classes) & ~(rq->viewer.role ? rq->viewer.role->write : 0))
        rq_fail(rq, ERR_FORBIDDEN);
    if (!to->open)
        q_attachment_count(
            rq, &(struct attachment_count_args){.object = object, .object_id = id, .kind = paper->kind}, &have);
    else
        q_open_paper_count(
            rq, &(struct open_paper_count_args){.object = object, .object_id = id, .kind = paper->kind}, &have_open);
    if (text_int(paper_prop("paper_kind", kind, "most"), 1, 100, &most) == OK &&
        v_as_int(have.n) + v_as_int(have_open.n) >= most)
        rq_refuse(rq,
                  N_("No more papers of this kind can be attached: take a wrong one back first"));
}

/* The rows are written past the history: it must not keep what is destroyed later. */
int64_t attachment_add(struct change *ch, const struct attached_to *to, const struct paper *paper)
{
    struct request *rq = ch->rq;
    char digest[65];
    if (!rq->err)
        check(rq, to, paper);
    if (rq->err || rq->mistakes)
        return 0;
    struct text number = change_number(ch, "F");
    int64_t parts = (int64_t)((paper->bytes.n + PART_BYTES - 1) / PART_BYTES);
    paper_digest(rq, to->object->name, to->id, number, paper->bytes, digest);
    union attachment_record r = {
        .number = v_text(number),
        .person_id = v_int(to->person),
        .object = v_z(to->object->name),
        .object_id = v_int(to->id),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .kind = paper->kind,
        .type = v_z(paper->type),
        .name = v_text(paper->name),
        .size = v_text(arena_printf(rq->arena, "%zu", paper->bytes.n)),
        .digest = v_text(text_of(digest)),
        .parts = v_int(parts),
        .classes = v_int(to->classes),
        .created_at = v_instant(rq->now),
    };
    union open_paper_record o = {.number = r.number,
                                 .object = r.object,
                                 .object_id = r.object_id,
                                 .body_id = r.body_id,
                                 .account_id = r.account_id,
                                 .kind = r.kind,
                                 .type = r.type,
                                 .name = r.name,
                                 .size = r.size,
                                 .digest = r.digest,
                                 .parts = r.parts,
                                 .created_at = r.created_at};
    int64_t id = to->open ? change_write(ch, &open_paper_table, o.v) : change_write(ch, &attachment_table, r.v);
    put_parts(ch, to->open, id, paper->bytes, parts);
    event_of(ch, "attachment.added", id, to->person, to->other_body, to->classes);
    return rq->err ? 0 : id;
}

/* Takes the bytes and the name away for good; the number and the event stay. Nothing when it is destroyed already. */
static void attachment_destroy(struct change *ch, int64_t id)
{
    struct request *rq = ch->rq;
    union attachment_facts_row now = {0};
    if (!q_attachment_facts(rq, &(struct attachment_facts_args){.id = v_int(id)}, &now) ||
        v_is(now.destroyed_at))
        return;
    w_attachment_part_drop(ch, &(struct attachment_part_drop_args){.attachment = v_int(id)});
    w_attachment_empty(ch,
                       &(struct attachment_empty_args){.id = v_int(id), .at = v_instant(rq->now)});
    event_of(ch, "attachment.destroyed", id, v_as_int(now.person_id), 0,
             (uint32_t)v_as_int(now.classes));
}

static void open_paper_destroy(struct change *ch, int64_t id)
{
    w_open_paper_part_drop(ch, &(struct open_paper_part_drop_args){.paper = v_int(id)});
    w_open_paper_empty(ch, &(struct open_paper_empty_args){.id = v_int(id), .at = v_instant(ch->rq->now)});
    event_of(ch, "attachment.destroyed", id, 0, 0, 0);
}

void open_papers_destroy(struct change *ch, const struct table *object, int64_t object_id, const char *property)
{
    struct open_papers_left_rows left = {0};
    q_open_papers_left(ch->rq, &(struct open_papers_left_args){.object = v_z(object->name), .object_id = v_int(object_id)}, &left);
    for (size_t i = 0; i < left.n; i++)
        if (!property || paper_kind_is(ch->rq, left.row[i].kind, property))
            open_paper_destroy(ch, v_as_int(left.row[i].id));
}

void attachments_destroy(struct change *ch, const struct table *object, int64_t object_id)
{
    struct attachments_left_rows left = {0};
    q_attachments_left(ch->rq,
                       &(struct attachments_left_args){.object = v_z(object->name),
                                                       .object_id = v_int(object_id)},
                       &left);
    for (size_t i = 0; i < left.n; i++)
        attachment_destroy(ch, v_as_int(left.row[i].id));
    open_papers_destroy(ch, object, object_id, NULL);
}

void attachment_change(struct change *ch, const struct attached_to *to, int64_t back,
                       const struct paper *paper)
{
    struct request *rq = ch->rq;
    union attachment_facts_row wrong = {0};
    union open_paper_facts_row open = {0};
    if (!rq->err && back && to->open) {
        if (!q_open_paper_facts(rq, &(struct open_paper_facts_args){.id = v_int(back)}, &open) || v_is(open.destroyed_at) ||
            !text_is(v_as_text(open.object), to->object->name) || v_as_int(open.object_id) != to->id ||
            v_as_int(open.body_id) != rq->viewer.body)
            rq_fail(rq, ERR_NOT_FOUND);
        else
            open_paper_destroy(ch, back);
    } else if (!rq->err && back) {
        bool known =
            q_attachment_facts(rq, &(struct attachment_facts_args){.id = v_int(back)}, &wrong);
        if (!known || v_is(wrong.destroyed_at) ||
            !text_is(v_as_text(wrong.object), to->object->name) ||
            v_as_int(wrong.object_id) != to->id || v_as_int(wrong.body_id) != rq->viewer.body)
            rq_fail(rq, ERR_NOT_FOUND);
        attachment_destroy(ch, back);
    }
    if (!rq->err && paper)
        attachment_add(ch, to, paper);
}

static void check_parts(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct attachment_broken_rows rows = {0};
    struct open_paper_broken_rows open = {0};
    q_attachment_broken(rq, NULL, &rows);
    q_open_paper_broken(rq, NULL, &open);
    for (size_t i = 0; i < open.n; i++)
        found(ctx, arena_printf(rq->arena, "open paper %lld does not have all its parts", (long long)v_as_int(open.row[i].id)).s);
    for (size_t i = 0; i < rows.n; i++)
        found(ctx, arena_printf(rq->arena, "attachment %lld does not have all its parts",
                                (long long)v_as_int(rows.row[i].id))
                       .s);
}

const struct room papers_room = {
    .name = "papers", .tables = papers_tables, .forms = papers_forms, .check = check_parts};
