#include "rooms/agencies/agencies.h"
#include "base/date.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies_rules.h"
#include "rooms/packs/packs.h"
#include "web/tr.h"

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
    union body_after_row after;

    if (q_body_of_place(
            rq, &(struct body_of_place_args){.kind = v_z(kind), .district = v_int(district)}, &b))
        return v_as_int(b.id);
    /* the district of a closed body is its successor's */
    return q_body_after(
               rq, &(struct body_after_args){.kind = v_z(kind), .district = v_int(district)}, &after)
               ? v_as_int(after.id)
               : 0;
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

    return body_of(rq, body, &b) && v_as_int(b.active) && kind_takes(v_as_text(b.kind), need) &&
           !(v_is(b.paused_until) && v_as_int(b.paused_until) >= rq->today);
}

int64_t body_paused_until(struct request *rq, int64_t body)
{
    union body_facts_row b;

    return body_of(rq, body, &b) && v_as_int(b.paused_until) >= rq->today ? v_as_int(b.paused_until)
                                                                          : 0;
}

int64_t body_head(struct request *rq, int64_t body)
{
    union body_head_of_row h;

    return q_body_head_of(rq, &(struct body_head_of_args){.id = v_int(body)}, &h) ? v_as_int(h.id)
                                                                                  : 0;
}

int64_t body_coordinator(struct request *rq, int64_t body)
{
    union body_facts_row b;

    return body_of(rq, body, &b) ? v_as_int(b.coordinator_id) : 0;
}

int64_t unit_head(struct request *rq, int64_t unit)
{
    union unit_head_of_row h;

    return q_unit_head_of(rq, &(struct unit_head_of_args){.id = v_int(unit)}, &h) ? v_as_int(h.id)
                                                                                  : 0;
}

int64_t body_taker(struct request *rq, int64_t body, enum cap cap)
{
    struct body_workers_rows rows = {0};
    int64_t head = body_head(rq, body), first = 0;

    q_body_workers(rq, &(struct body_workers_args){.body = v_int(body)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        const struct role *role = role_find(arena_z(rq->arena, v_as_text(rows.row[i].role)));
        if (!role || !(role->caps & 1u << cap))
            continue;
        if (v_as_int(rows.row[i].id) == head)
            return head;
        first = first ? first : v_as_int(rows.row[i].id);
    }
    return first;
}

bool body_led_by(const struct request *rq, int64_t body)
{
    return rq_may(rq, CAP_ADMIN) || (rq_may(rq, CAP_LEAD_BODY) && body == rq->viewer.body);
}

/* The name with the pause behind it, for a list of receivers. */
static struct value paused_name(struct request *rq, const union body_all_options_row *b)
{
    char day[11];

    if (!v_is(b->paused_until) || v_as_int(b->paused_until) < rq->today)
        return b->name;
    date_dmy(v_as_int(b->paused_until), day);
    return v_text(arena_printf(rq->arena, "%.*s — %s %s", TEXT_ARG(v_as_text(b->name)),
                               tr(rq->lang, N_("intake is paused until")), day));
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
                (!need.n || kind_takes(v_as_text(b->kind), need))) {
                out->row[out->n] = *b;
                if (need.n)
                    out->row[out->n].name = paused_name(rq, b);
                out->n++;
            }
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
                           .coordinator_id = b->coordinator ? v_int(b->coordinator) : v_null(),
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

/* Who heads a body works in it; it does not tell itself when it is silent. */
static void check_heads(struct request *rq, int64_t id, struct body_form *form)
{
    union body_worker_row w;
    struct value head = form->head_account_id.value, to = form->coordinator_id.value;

    if (v_is(head) &&
        !(id && q_body_worker(rq, &(struct body_worker_args){.id = head, .body = v_int(id)}, &w)))
        input_reject(rq, &form->head_account_id, N_("Choose among the workers of the body"));
    if (v_is(to) && v_as_int(to) == id)
        input_reject(rq, &form->coordinator_id, N_("Choose another body"));
}

int64_t body_create(struct request *rq, struct body_form *form)
{
    struct change ch;
    struct body_new b = {.name = v_as_text(form->name.value),
                         .kind = v_as_text(form->kind.value),
                         .district = v_as_int(form->district_id.value),
                         .phone = v_as_text(form->phone.value),
                         .address = v_as_text(form->address.value),
                         .contact = v_as_text(form->contact.value),
                         .coordinator = v_as_int(form->coordinator_id.value)};
    int64_t id = 0;

    if (!rq_may(rq, CAP_ADMIN))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, NO_SUBJECT);
    unique(rq, form, 0);
    check_heads(rq, 0, form);
    if (!rq->mistakes) {
        id = body_add(&ch, &b);
        law_work_begin(&ch); /* whom the laws open to it */
    }
    if (change_commit(&ch))
        return 0;
    guard_bodies_changed(rq);
    return id;
}

/* Another kind: grants are computed anew. But the accounts must fit it, and what is stored was classed by what the name
 * told. */
static void check_kind(struct request *rq, const union body_facts_row *now, struct body_form *form)
{
    struct text kind = v_as_text(form->kind.value);
    struct body_roles_rows roles = {0};
    if (kind_discloses(kind) & ~(uint32_t)v_as_int(now->discloses))
        input_reject(rq, &form->kind,
                     N_("The name of such a body tells more: close this body and add another"));
    q_body_roles(rq, &(struct body_roles_args){.body = now->id}, &roles);
    for (size_t i = 0; i < roles.n; i++) {
        const struct pack_entry *e = pack_find("role", v_as_text(roles.row[i].role));
        if (e && pack_prop(e, "kinds").n && !pack_prop_has(e, "kinds", kind)) {
            input_reject(rq, &form->kind,
                         N_("Accounts of the body have posts that a body of this kind does not "
                            "have: change them first"));
            return;
        }
    }
}

/* Under the old name the body stood until today. */
static void keep_name(struct change *ch, int64_t id, struct value name)
{
    struct request *rq = ch->rq;
    union body_former_last_row last = {0};
    q_body_former_last(rq, &(struct body_former_last_args){.body = v_int(id)}, &last);
    union body_former_record f = {.body_id = v_int(id),
                                  .name = name,
                                  .name_key = v_text(text_fold(rq->arena, v_as_text(name))),
                                  .since = v_is(last.until) ? v_date(v_as_int(last.until) + 1)
                                                            : v_null(),
                                  .until = v_date(rq->today - 1)};
    if (v_is(last.until) && v_as_int(last.until) >= rq->today - 1)
        return; /* renamed twice in a day: the name of some hours was none */
    change_insert(ch, &body_former_table, f.v);
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
    check_heads(rq, id, form);
    union body_record r = {.name = form->name.value,
                           .kind = form->kind.value,
                           .district_id = form->district_id.value,
                           .phone = form->phone.value,
                           .address = form->address.value,
                           .contact = form->contact.value,
                           .head_account_id = form->head_account_id.value,
                           .coordinator_id = form->coordinator_id.value,
                           .active = form->active.value};
    if (v_is(r.name))
        r.name_key = v_text(text_fold(rq->arena, v_as_text(r.name)));
    if (v_is(r.kind))
        r.discloses = v_int(kind_discloses(v_as_text(r.kind)));
    bool other_kind = v_is(r.kind) && !v_eq(r.kind, now.kind);
    if (other_kind)
        check_kind(rq, &now, form);
    bool moved = r.district_id.kind != V_NONE && !v_eq(r.district_id, now.district_id);
    bool renamed = v_is(r.name) && !v_eq(r.name, now.name);
    bool closing = v_as_int(now.active) && r.active.kind == V_INT && !v_as_int(r.active);
    bool opening = !v_as_int(now.active) && r.active.kind == V_INT && v_as_int(r.active);
    if (!rq->mistakes && closing && !rq->err) {
        HOOK(rq, body_closing, &ch, id);
        r.successor_id = body_succeed(&ch, &now, form);
    } else if (opening)
        r.successor_id = v_null();
    if (!rq->mistakes) {
        change_update(&ch, &body_table, id, version, r.v);
        if (renamed)
            keep_name(&ch, id, now.name);
        if (other_kind)
            access_body_changed(&ch, id);
        if (other_kind || moved ||
            (r.active.kind == V_INT && v_as_int(r.active) != v_as_int(now.active)))
            law_work_begin(&ch);
    }
    change_event(&ch, &(struct event){.kind = closing ? "body.closed" : "body.changed",
                                      .other_body = id,
                                      .table = &body_table,
                                      .object = id});
    if (!change_commit(&ch))
        guard_bodies_changed(rq);
}

void body_pause(struct request *rq, int64_t id, int64_t version, struct pause_form *form)
{
    struct change ch;
    union body_facts_row now = {0};
    bool pausing = v_is(form->paused_until.value);

    if (!body_led_by(rq, id))
        rq_fail(rq, ERR_FORBIDDEN);
    change_begin(rq, &ch, SUBJECT(&body_table, id));
    if (!rq->err && !body_of(rq, id, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    if (pausing && v_as_int(form->paused_until.value) < rq->today)
        input_reject(rq, &form->paused_until, N_("The date is in the past"));
    if (pausing && !v_is(form->pause_reason.value))
        input_reject(rq, &form->pause_reason, N_("Say why: other bodies read it"));
    union body_record r = {.paused_until = pausing ? form->paused_until.value : v_null(),
                           .pause_reason = pausing ? form->pause_reason.value : v_null()};
    change_update(&ch, &body_table, id, version, r.v);
    change_event(&ch, &(struct event){.kind = pausing ? "body.paused" : "body.resumed",
                                      .other_body = id,
                                      .table = &body_table,
                                      .object = id});
    change_commit(&ch);
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

/* A body that the viewer manages. */
static int64_t sample_led(struct request *rq)
{
    return rq_may(rq, CAP_ADMIN)       ? sample_body(rq)
           : rq_may(rq, CAP_LEAD_BODY) ? rq->viewer.body
                                       : 0;
}

static int64_t sample_unit(struct request *rq)
{
    union unit_any_row u;
    int64_t body = sample_led(rq);

    return body && q_unit_any(rq, &(struct unit_any_args){.body = v_int(body)}, &u) ? v_as_int(u.id) : 0;
}

static int64_t sample_agreement(struct request *rq)
{
    struct agreement_list_rows rows = {0};
    struct agreement_list_args args = {.paging.limit = 1, .soon = v_date(rq->today)};

    if (!rq_may(rq, CAP_AGREEMENTS)) {
        if (!rq_may(rq, CAP_LEAD_BODY))
            return 0;
        args.body = v_int(rq->viewer.body);
        args.body_kind = v_z(rq->viewer.body_kind);
    }
    q_agreement_list(rq, &args, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {
    {"body", sample_body},
    {"led", sample_led},
    {"unit", sample_unit},
    {"agreement", sample_agreement},
    {0}};

static const struct pack_section sections[] = {{"agreement", NULL, agreement_section, NULL}, {0}};

const struct room agencies_room = {.name = "agencies",
                                   .tables = agencies_tables,
                                   .forms = agencies_forms,
                                   .packs = sections,
                                   .samples = samples};
