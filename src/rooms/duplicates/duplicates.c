/* Joining two cards of one person. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/duplicates/duplicates_pairs.h"
#include "rooms/duplicates/duplicates_rules.h"
#include "rooms/people/people.h"
#include "rooms/people/people_keys.h"

enum { IDENTITY = CLASS_BIT(CLASS_IDENTITY) };

/* ---- what stands ---- */

static int64_t last_work(struct request *rq, int64_t person)
{
    union merge_last_work_row row;
    return q_merge_last_work(rq, &(struct merge_last_work_args){.person = v_int(person)}, &row)
               ? v_as_int(row.id)
               : 0;
}

void merge_defaults(struct request *rq, const union person_record *kept,
                    const union person_record *gone, bool take[MERGE_FIELDS])
{
    bool by_paper = text_is(v_as_text(kept->identity_status), "document");
    bool other_by_paper = text_is(v_as_text(gone->identity_status), "document");
    bool newer = last_work(rq, v_as_int(gone->id)) > last_work(rq, v_as_int(kept->id));
    for (size_t i = 0; i < person_form.n && i < MERGE_FIELDS; i++) {
        const struct field *f = form_field_of(&person_form, i);
        size_t at = field_at(&person_table, f->name);
        bool has = v_is(kept->v[at]), other_has = v_is(gone->v[at]);
        take[i] = has && other_has && f->cls == CLASS_IDENTITY && by_paper != other_by_paper
                      ? other_by_paper
                  : has && other_has ? newer
                                     : other_has;
    }
}

static void keep_value(struct change *ch, const union person_record *kept,
                       const union person_record *gone, size_t i, bool taken)
{
    const struct field *f = form_field_of(&person_form, i);
    size_t at = field_at(&person_table, f->name);
    union merge_value_record r = {
        .merge_id = v_int(ch->merge),
        .person_id = kept->id,
        .field = v_z(f->name),
        .chosen = v_int(taken),
        .before = v_text_or_null(card_text(ch->rq->arena, kept->v[at])),
        .other = v_text_or_null(card_text(ch->rq->arena, gone->v[at])),
        .classes = v_int(CLASS_BIT(f->cls)),
    };
    change_write(ch, &merge_value_table, r.v);
}

void card_put(struct change *ch, int64_t id, int64_t version, const union person_record *p)
{
    union person_facts_row before;
    bool there = q_person_facts(ch->rq, &(struct person_facts_args){.id = v_int(id)}, &before);
    bool system = ch->rq->viewer.system;
    ch->rq->viewer.system = true; /* what stands follows from both cards, also where the viewer does not write the class */
    change_update(ch, &person_table, id, version, p->v);
    ch->rq->viewer.system = system;
    if (there)
        person_index_again(ch, id, &before, p);
}

/* ---- the name that is not chosen ---- */

static int64_t source_of(struct request *rq, int64_t person)
{
    struct cells lists = rows_of(rq, &listing_table, LISTING_PERSON_ID, person);
    return !rq->viewer.system ? rq->viewer.body
           : lists.rows       ? v_as_int(lists.v[LISTING_BODY_ID])
                              : 0;
}

/* It stays as another name of the person: a former surname, what was stated, or another spelling. */
static void keep_name(struct change *ch, int64_t kept, const union person_record *card,
                      const union person_record *stands)
{
    struct request *rq = ch->rq;
    struct cells names = rows_of(rq, &person_name_table, PERSON_NAME_PERSON_ID, kept);
    struct text key = person_record_key(rq->arena, card);
    struct text name =
        person_whole_name(rq->arena, card->family_name, card->given_name, card->patronymic);
    int64_t body = source_of(rq, kept);
    bool there = text_eq(key, person_record_key(rq->arena, stands));
    for (size_t i = 0; i < names.rows; i++)
        there = there || text_eq(v_as_text(names.v[i * person_name_table.n_fields + PERSON_NAME_NAME_KEY]), key);
    if (there || !body || !name.n || text_chars(name) > 200)
        return;
    const char *kind = text_is(v_as_text(card->identity_status), "stated") ? "stated"
                       : v_eq(card->given_name, stands->given_name) &&
                               !v_eq(card->family_name, stands->family_name)
                           ? "former"
                           : "spelling";
    union person_name_record n = {.person_id = v_int(kept),
                                  .kind = v_z(kind),
                                  .name = v_text(name),
                                  .name_key = v_text(key),
                                  .body_id = v_int(body),
                                  .created_at = v_instant(rq->now)};
    int64_t id = change_insert(ch, &person_name_table, n.v);
    merge_note(ch, "made", &person_name_table, "", id, 0, T(""), T(""));
}

static void put_fields(struct change *ch, const struct merge_wish *w,
                       const union person_record *kept, const union person_record *gone)
{
    struct arena *arena = ch->rq->arena;
    union person_record p = {{{0}}}, whole = *kept;
    int field;
    for (size_t i = 0; i < person_form.n && i < MERGE_FIELDS; i++) {
        size_t at = field_at(&person_table, form_field_of(&person_form, i)->name);
        bool same = v_eq(kept->v[at], gone->v[at]);
        bool required = person_table.fields[at].required;
        bool taken = w->take[i] && !same && (v_is(gone->v[at]) || !required);
        keep_value(ch, kept, gone, i, taken);
        if (taken)
            whole.v[at] = p.v[at] = v_is(gone->v[at]) ? gone->v[at] : v_null();
    }
    const char *fault = person_fault(&whole, ch->rq->today, &field);
    if (fault)
        rq_mistake(ch->rq, person_table.fields[field].name, fault);
    p.name_key = v_text(person_record_key(arena, &whole));
    card_put(ch, w->kept, w->kept_version, &p);
    keep_name(ch, w->kept, kept, &whole);
    keep_name(ch, w->kept, gone, &whole);
    union person_record g = {.merged_into = v_int(w->kept)};
    card_put(ch, w->gone, w->gone_version, &g);
}

/* ---- what gives way ---- */

static bool alone_in_body(const union merge_open_categories_row *c)
{
    return (uint32_t)v_as_int(c->classes) & classes_of_owner();
}

/* Of one kind one category stands: that since the earlier day. What only its own body may read stands for each body. */
static void join_categories(struct change *ch, int64_t kept)
{
    struct request *rq = ch->rq;
    struct merge_open_categories_rows rows = {0};
    q_merge_open_categories(rq, &(struct merge_open_categories_args){.person = v_int(kept)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++)
        for (size_t k = i + 1; k < rows.n && !rq->err; k++) {
            const union merge_open_categories_row *a = &rows.row[i], *b = &rows.row[k];
            if (!v_is(a->id) || !v_is(b->id) ||
                !text_eq(v_as_text(a->category), v_as_text(b->category)) ||
                (alone_in_body(a) && !v_eq(a->body_id, b->body_id)))
                continue;
            bool first = !v_is(a->since) || (v_is(b->since) && v_as_int(a->since) <= v_as_int(b->since));
            merge_lay_aside(ch, &person_category_table, v_as_int(first ? b->id : a->id));
            rows.row[first ? k : i].id = v_null();
        }
}

/* ---- what follows from the facts ---- */

/* Rows of grants as they were, against those that rules have ended or made since. */
static void note_grants(struct change *ch, const struct cells *was, int64_t kept)
{
    struct request *rq = ch->rq;
    struct cells now = rows_of(rq, &access_grant_table, ACCESS_GRANT_PERSON_ID, kept);
    const union access_grant_record *a = (const void *)was->v, *b = (const void *)now.v;
    for (size_t i = 0, k = 0; i < now.rows && !rq->err; i++) {
        while (k < was->rows && v_as_int(a[k].id) < v_as_int(b[i].id))
            k++;
        bool old = k < was->rows && v_as_int(a[k].id) == v_as_int(b[i].id);
        if (!old)
            merge_note(ch, "made", &access_grant_table, "", v_as_int(b[i].id), 0, T(""), T(""));
        else if (!v_eq(a[k].ended_at, b[i].ended_at))
            merge_note(ch, "value", &access_grant_table, "ended_at", v_as_int(b[i].id), 0,
                       cell_text(rq->arena, a[k].ended_at), cell_text(rq->arena, b[i].ended_at));
    }
}

static void note_lead(struct change *ch, const union person_record *was)
{
    union person_record now;
    if (!row_get(ch->rq, &person_table, v_as_int(was->id), now.v) ||
        v_eq(was->lead_body_id, now.lead_body_id))
        return;
    merge_note(ch, "value", &person_table, "lead_body_id", v_as_int(was->id), 0,
               cell_text(ch->rq->arena, was->lead_body_id),
               cell_text(ch->rq->arena, now.lead_body_id));
}

static void tell(struct change *ch, const char *kind, int64_t person)
{
    change_event(ch, &(struct event){.kind = kind,
                                     .person = person,
                                     .classes = IDENTITY,
                                     .table = &person_merge_table,
                                     .object = ch->merge});
}

/* ---- the rule ---- */

static bool may_know(struct request *rq, int64_t person)
{
    return rq->viewer.system || (rq_may(rq, CAP_JOIN_PERSONS) && !access_hidden(rq, person) &&
                                 access_bits(rq, rq->viewer.body, person) & IDENTITY);
}

/* Both cards, locked in one order, so that two joinings at once wait for each other. */
static bool begin(struct change *ch, const struct merge_wish *w, union person_record *kept,
                  union person_record *gone)
{
    struct request *rq = ch->rq;
    bool up = w->kept < w->gone;
    change_lock_alone(ch, SUBJECT(&person_table, up ? w->kept : w->gone));
    change_lock_alone(ch, SUBJECT(&person_table, up ? w->gone : w->kept));
    bool there = card_get(rq, w->kept, kept) && card_get(rq, w->gone, gone);
    if (rq->err)
        return false;
    int64_t to = there && v_is(kept->merged_into) ? v_as_int(kept->merged_into) : w->kept;
    int64_t other = there && v_is(gone->merged_into) ? v_as_int(gone->merged_into) : w->gone;
    if (!there || !may_know(rq, to) || !may_know(rq, other))
        return rq_fail(rq, ERR_NOT_FOUND) == OK;
    if (w->kept == w->gone)
        return rq_refuse(rq, N_("This is the same card: choose another one")) == OK;
    if (to != w->kept || other != w->gone)
        return rq_refuse(rq, to == other ? N_("These two cards are joined already")
                                         : N_("One of the cards was joined with another one already: open it "
                                              "and choose again")) == OK;
    if ((w->kept_version >= 0 && w->kept_version != v_as_int(kept->version)) ||
        (w->gone_version >= 0 && w->gone_version != v_as_int(gone->version)))
        return rq_fail(rq, ERR_STALE) == OK;
    return true;
}

int64_t person_merge(struct change *ch, const struct merge_wish *w)
{
    struct request *rq = ch->rq;
    union person_record kept, gone;
    if (rq->err || !begin(ch, w, &kept, &gone))
        return 0;
    bool person = !rq->viewer.system;
    union person_merge_record m = {
        .root_id = v_int(w->kept),
        .kept_number = v_int(w->kept),
        .gone_number = v_int(w->gone),
        .body_id = person ? v_int(rq->viewer.body) : v_null(),
        .account_id = person ? v_int(rq->viewer.account) : v_null(),
        .words = v_text(w->words),
        .merged_at = v_instant(rq->now),
    };
    int64_t id = change_insert(ch, &person_merge_table, m.v);
    ch->merge = id;
    restrictions_join(ch, w->kept, w->gone);
    walk_merge(ch, w->kept, w->gone);
    put_fields(ch, w, &kept, &gone);
    access_leave(ch, w->gone);
    struct cells grants = rows_of(rq, &access_grant_table, ACCESS_GRANT_PERSON_ID, w->kept);
    join_categories(ch, w->kept);
    HOOK(rq, person_merged, ch, w->kept, w->gone);
    if (!rq->err)
        law_refresh(ch, w->kept);
    access_refresh(ch, w->kept);
    note_grants(ch, &grants, w->kept);
    note_lead(ch, &kept);
    tell(ch, "person.merged", w->kept);
    tell(ch, "person.merged", w->gone);
    ch->merge = 0;
    return rq->err || rq->mistakes ? 0 : id;
}

/* ---- the room ---- */

static void person_erased(struct change *ch, int64_t person)
{
    struct request *rq = ch->rq;
    struct merge_of_person_erased_rows rows = {0};
    q_merge_of_person_erased(rq, &(struct merge_of_person_erased_args){.person = v_int(person)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        struct value id = rows.row[i].id;
        w_merge_notes_drop(ch, &(struct merge_notes_drop_args){.merge = id});
        w_merge_values_drop(ch, &(struct merge_values_drop_args){.merge = id});
        w_merge_root_drop(ch, &(struct merge_root_drop_args){.id = id});
    }
    pairs_person_erased(ch, person);
}

static int64_t sample_merge(struct request *rq)
{
    union merge_sample_row row;
    return rq_may(rq, CAP_JOIN_PERSONS) &&
                   q_merge_sample(rq, &(struct merge_sample_args){.body = v_int(rq->viewer.body)},
                                  &row) &&
                   access_bits(rq, rq->viewer.body, v_as_int(row.root_id)) & IDENTITY
               ? v_as_int(row.id)
               : 0;
}

static int64_t sample_pair(struct request *rq)
{
    struct pair_sample_rows rows = {0};
    if (!rq_may(rq, CAP_JOIN_PERSONS))
        return 0;
    q_pair_sample(rq, NULL, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (access_bits(rq, rq->viewer.body, v_as_int(rows.row[i].person_id)) & IDENTITY &&
            !access_hidden(rq, v_as_int(rows.row[i].other_id)))
            return v_as_int(rows.row[i].id);
    return 0;
}

static const struct sample samples[] = {{"merge", sample_merge}, {"pair", sample_pair}, {0}};

static const struct job jobs[] = {{"duplicates.pairs", 60, pairs_job, .apart = true}, {0}};

extern const struct table *const duplicates_tables[];
extern const struct form *const duplicates_forms[];

const struct room duplicates_room = {.name = "duplicates",
                                     .tables = duplicates_tables,
                                     .forms = duplicates_forms,
                                     .samples = samples,
                                     .packs = joining_sections,
                                     .jobs = jobs,
                                     .hooks = {.person_merged = pairs_person_merged,
                                               .person_erased = person_erased},
                                     .check = merge_check};
