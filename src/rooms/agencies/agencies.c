#include "rooms/agencies/agencies.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies_rules.h"
#include "rooms/packs/packs.h"

bool body_of(struct request *rq, int64_t body, union body_facts_row *out)
{
    return q_body_facts(rq, &(struct body_facts_args){.id = v_int(body)}, out);
}

struct text body_kind(struct request *rq, int64_t body)
{
    union body_facts_row b;

    return body_of(rq, body, &b) ? v_as_text(b.kind) : T("");
}

uint32_t body_discloses(struct request *rq, int64_t body)
{
    union body_facts_row b;

    return body_of(rq, body, &b) ? (uint32_t)v_as_int(b.discloses) : 0;
}

int64_t body_of_district(struct request *rq, const char *kind, int64_t district)
{
    union body_of_place_row b;
    struct body_of_place_args args = {.kind = v_z(kind), .district = v_int(district)};

    return q_body_of_place(rq, &args, &b) ? v_as_int(b.id) : 0;
}

int64_t body_of_name(struct request *rq, struct text name)
{
    union body_by_key_row b;
    struct value key = v_text(text_fold(rq->arena, text_trim(name)));

    return q_body_by_key(rq, &(struct body_by_key_args){.name_key = key}, &b) ? v_as_int(b.id) : 0;
}

bool kind_takes(struct text kind, struct text need)
{
    const struct pack_entry *e = pack_find("need", need);

    return e && pack_prop_has(e, "kinds", kind);
}

bool body_takes(struct request *rq, int64_t body, struct text need)
{
    union body_facts_row b;

    return body_of(rq, body, &b) && v_as_int(b.active) && kind_takes(v_as_text(b.kind), need);
}

void body_options(struct request *rq, struct text need, int64_t district, int64_t but,
                  struct body_all_options_rows *out)
{
    struct body_all_options_rows all = {0};

    q_body_all_options(rq, &(struct body_all_options_args){0}, &all);
    *out = all;
    out->n = 0;
    if (rq->err)
        return;
    out->row = arena_array(rq->arena, all.n + 1, sizeof *out->row);
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < all.n; i++) {
            const union body_all_options_row *b = &all.row[i];
            bool near = district && v_as_int(b->district_id) == district;
            if (near == (round == 0) && v_as_int(b->id) != but &&
                (!need.n || kind_takes(v_as_text(b->kind), need)))
                out->row[out->n++] = *b;
        }
}

/* --- changes --- */

static uint32_t kind_discloses(struct text kind)
{
    const struct pack_entry *e = pack_find("body_kind", kind);
    uint32_t bits = 0;

    /* the packs were checked when they were taken; an unknown kind tells nothing */
    return e && !classes_parse(pack_prop(e, "discloses"), &bits) ? bits : 0;
}

int64_t body_add(struct change *ch, const struct body_new *b)
{
    union body_record r = {.name = v_text(b->name),
                           .name_key = v_text(text_fold(ch->rq->arena, b->name)),
                           .kind = v_text(b->kind),
                           .district_id = b->district ? v_int(b->district) : v_null(),
                           .discloses = v_int(kind_discloses(b->kind)),
                           .phone = v_text_or_null(b->phone),
                           .address = v_text_or_null(b->address),
                           .contact = v_text_or_null(b->contact),
                           .active = v_int(1)};
    int64_t id = change_insert(ch, &body_table, r.v);

    change_event(ch,
                 &(struct event){
                     .kind = "body.created", .other_body = id, .table = &body_table, .object = id});
    return id;
}

static void unique(struct request *rq, struct body_form *form, int64_t self)
{
    int64_t other = v_is(form->name.value) ? body_of_name(rq, v_as_text(form->name.value)) : 0;

    if (other && other != self)
        input_reject(rq, &form->name, N_("A body of this name stands in the list already"));
}

int64_t body_create(struct request *rq, struct body_form *form)
{
    struct change ch;
    struct body_new b = {.name = v_as_text(form->name.value),
                         .kind = v_as_text(form->kind.value),
                         .district = v_as_int(form->district_id.value),
                         .phone = v_as_text(form->phone.value),
                         .address = v_as_text(form->address.value),
                         .contact = v_as_text(form->contact.value)};
    int64_t id = 0;

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, NO_SUBJECT);
    unique(rq, form, 0);
    if (!rq->mistakes)
        id = body_add(&ch, &b);
    if (change_commit(&ch))
        return 0;
    guard_bodies_changed(rq);
    return id;
}

void body_change(struct request *rq, int64_t id, int64_t version, struct body_form *form)
{
    struct change ch;
    union body_facts_row now = {0};

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&body_table, id));
    if (!rq->err && !body_of(rq, id, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    unique(rq, form, id);
    union body_record r = {.name = form->name.value,
                           .kind = form->kind.value,
                           .district_id = form->district_id.value,
                           .phone = form->phone.value,
                           .address = form->address.value,
                           .contact = form->contact.value,
                           .active = form->active.value};
    if (v_is(r.name))
        r.name_key = v_text(text_fold(rq->arena, v_as_text(r.name)));
    if (v_is(r.kind))
        r.discloses = v_int(kind_discloses(v_as_text(r.kind)));
    /* Cases, grants and numbers of a body follow from its kind. */
    if (v_is(r.kind) && !v_eq(r.kind, now.kind) && v_is(now.kind))
        input_reject(rq, &form->kind,
                     N_("The kind of a body stays: close this body and add another"));
    bool closing = v_as_int(now.active) && r.active.kind == V_INT && !v_as_int(r.active);
    if (!rq->mistakes) {
        if (closing)
            HOOK(rq, body_closing, &ch, id);
        change_update(&ch, &body_table, id, version, r.v);
    }
    change_event(&ch, &(struct event){.kind = closing ? "body.closed" : "body.changed",
                                      .other_body = id,
                                      .table = &body_table,
                                      .object = id});
    if (!change_commit(&ch))
        guard_bodies_changed(rq);
}

struct value body_words(struct arena *arena, struct text typed)
{
    struct text folded = text_fold(arena, typed);
    char *words = arena_alloc(arena, folded.n + 3);
    size_t n = 0;

    if (!folded.n)
        return (struct value){.kind = V_NONE};
    words[n++] = '%';
    for (size_t i = 0; i < folded.n; i++) /* what LIKE takes for more than itself is left out */
        if (folded.s[i] != '%' && folded.s[i] != '_' && folded.s[i] != '\\')
            words[n++] = folded.s[i];
    words[n++] = '%';
    return v_text((struct text){words, n});
}

static int64_t sample_body(struct request *rq)
{
    struct body_list_rows rows = {0};

    q_body_list(rq, &(struct body_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"body", sample_body}, {0}};

const struct room agencies_room = {
    .name = "agencies", .tables = agencies_tables, .forms = agencies_forms, .samples = samples};
