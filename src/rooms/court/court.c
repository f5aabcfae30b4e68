#include "rooms/court/court.h"
#include "guard/codes.h"
#include "rooms/court/court_rules.h"
#include "rooms/packs/packs.h"
#include <stdio.h>

/* Kinds of bodies that execute such a punishment: `executors` in the packs. */
static bool executes(struct text punishment, struct text body_kind)
{
    char key[100];
    snprintf(key, sizeof key, "punishment %.*s", TEXT_ARG(punishment));
    struct text rest = pack_value("code", key, "executors"), kind;
    while (text_split(&rest, ' ', &kind))
        if (kind.n && text_eq(kind, body_kind))
            return true;
    return false;
}

void executor_options(struct request *rq, struct text punishment, struct body_all_options_rows *out)
{
    const struct code_list *all = code_list("punishment");
    size_t n = 0;
    body_options(rq, T(""), 0, 0, out);
    for (size_t i = 0; i < out->n; i++) {
        struct text kind = v_as_text(out->row[i].kind);
        bool fits = punishment.n && executes(punishment, kind);
        for (size_t k = 0; !punishment.n && all && k < all->n && !fits; k++)
            fits = executes(text_of(all->codes[k].code), kind);
        if (fits)
            out->row[n++] = out->row[i];
    }
    out->n = n;
}

static void check_executor(struct request *rq, struct text punishment, struct input *executor)
{
    union body_facts_row body;
    if (v_is(executor->value) &&
        (!body_of(rq, v_as_int(executor->value), &body) || !v_as_int(body.active) ||
         !executes(punishment, v_as_text(body.kind))))
        input_reject(rq, executor, N_("A body of this kind does not execute such a punishment"));
}

/* The order of the court opens the person to the body that executes it, from the decision to its
 * end. */
static void open_to_executor(struct change *ch, int64_t person, int64_t id, struct value executor,
                             struct value ends_on)
{
    if (!v_is(executor) || (v_is(ends_on) && v_as_int(ends_on) < ch->rq->today))
        return;
    grant_open(ch, person, v_as_int(executor), FACT_COURT, T(""), CLASS_ALL, "sentence", id,
               v_is(ends_on) ? instant_of_day(v_as_int(ends_on) + 1) : 0);
}

static void check_dates(struct request *rq, int64_t person, struct sentence_form *form)
{
    union sentence_birth_row birth = {0};
    q_sentence_birth(rq, &(struct sentence_birth_args){.person = v_int(person)}, &birth);
    if (v_is(form->decided_on.value) && v_is(birth.birth_date) &&
        v_as_int(form->decided_on.value) < v_as_int(birth.birth_date))
        input_reject(rq, &form->decided_on, N_("The date is before the person's birth"));
    if (v_is(form->ends_on.value) && v_is(form->decided_on.value) &&
        v_as_int(form->ends_on.value) < v_as_int(form->decided_on.value))
        input_reject(rq, &form->ends_on, N_("The term ends before the decision"));
}

void sentence_record(struct request *rq, int64_t person, struct sentence_form *form)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    if (!rq->err && !(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_CRIMINAL)))
        rq_fail(rq, ERR_NOT_FOUND);
    check_dates(rq, person, form);
    check_executor(rq, v_as_text(form->punishment.value), &form->executor_body_id);
    struct value closes =
        spent_from(v_as_text(form->punishment.value), v_as_text(form->gravity.value),
                   v_as_text(form->crime_age.value), form->ends_on.value, v_null());
    if (v_is(closes) && v_as_int(closes) <= rq->today)
        input_reject(rq, &form->ends_on,
                     N_("By these dates the conviction is spent already: it is not recorded"));
    union sentence_record r = {
        .person_id = v_int(person),
        .article = form->article.value,
        .punishment = form->punishment.value,
        .gravity = form->gravity.value,
        .crime_age = form->crime_age.value,
        .court = form->court.value,
        .decided_on = form->decided_on.value,
        .ends_on = form->ends_on.value,
        .obligations = form->obligations.value,
        .closes_on = closes,
        .classes = v_int(0),
        .executor_body_id = form->executor_body_id.value,
        .body_id = v_int(rq->viewer.body),
        .created_at = v_instant(rq->now),
    };
    int64_t id = rq->mistakes ? 0 : change_insert(&ch, &sentence_table, r.v);
    if (id)
        open_to_executor(&ch, person, id, r.executor_body_id, r.ends_on);
    change_event(&ch, &(struct event){.kind = "sentence.recorded",
                                      .person = person,
                                      .other_body = v_as_int(r.executor_body_id),
                                      .classes = CLASS_BIT(CLASS_CRIMINAL),
                                      .table = &sentence_table,
                                      .object = id,
                                      .day = v_as_int(form->decided_on.value)});
    change_commit(&ch);
}

/* Seen by the viewer still: what has closed meanwhile is not opened again by a page shown before.
 */
static bool seen(struct request *rq, int64_t id)
{
    union sentence_card_row card = {0};
    q_sentence_card(
        rq, &(struct sentence_card_args){.id = v_int(id), .spent = v_int(CLASS_BIT(CLASS_SPENT))},
        &card);
    return !rq->err;
}

static void check_change(struct request *rq, const union sentence_facts_row *now,
                         struct sentence_change_form *form)
{
    int64_t decided = v_as_int(now->decided_on);
    if (v_is(now->decided_on) && v_is(form->ends_on.value) && v_as_int(form->ends_on.value) < decided)
        input_reject(rq, &form->ends_on, N_("The term ends before the decision"));
    if (v_is(now->decided_on) && v_is(form->struck_on.value) &&
        v_as_int(form->struck_on.value) < decided)
        input_reject(rq, &form->struck_on, N_("The date is before the decision"));
    if (!v_eq(form->executor_body_id.value, now->executor_body_id)) /* who has it may keep it */
        check_executor(rq, v_as_text(now->punishment), &form->executor_body_id);
}

void sentence_change(struct request *rq, int64_t id, int64_t version,
                     struct sentence_change_form *form)
{
    struct change ch;
    union sentence_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&sentence_table, id));
    if (!rq->err && !q_sentence_facts(rq, &(struct sentence_facts_args){.id = v_int(id)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && seen(rq, id))
        check_change(rq, &now, form);
    if (!rq->err && !rq->mistakes) {
        int64_t person = v_as_int(now.person_id);
        union sentence_record r = {
            .ends_on = form->ends_on.value,
            .gravity = form->gravity.value,
            .crime_age = form->crime_age.value,
            .struck_on = form->struck_on.value,
            .closes_on = spent_from(v_as_text(now.punishment), v_as_text(form->gravity.value),
                                    v_as_text(form->crime_age.value), form->ends_on.value,
                                    form->struck_on.value),
            .classes = v_int(0), /* the job notes what is spent */
            .executor_body_id = form->executor_body_id.value,
        };
        change_update(&ch, &sentence_table, id, version, r.v);
        grant_end(&ch, person, 0, "sentence", id);
        open_to_executor(&ch, person, id, r.executor_body_id, r.ends_on);
        change_event(&ch, &(struct event){.kind = "sentence.changed",
                                          .person = person,
                                          .other_body = v_as_int(r.executor_body_id),
                                          .classes = CLASS_BIT(CLASS_CRIMINAL),
                                          .table = &sentence_table,
                                          .object = id});
    }
    (void)change_commit(&ch);
}

static int64_t sample_sentence(struct request *rq)
{
    union sentence_sample_row row;
    return rq_may(rq, CAP_EDIT_PERSON) && rq->viewer.role->write & CLASS_BIT(CLASS_CRIMINAL) &&
                   q_sentence_sample(rq, &(struct sentence_sample_args){.body = v_int(rq->viewer.body)},
                                  &row)
               ? v_as_int(row.id)
               : 0;
}

static const struct pack_section sections[] = {{"spending", NULL, spending_take, NULL}, {0}};
static const struct job jobs[] = {{"court.spent", 3600, sentences_close}, {0}};
static const struct sample samples[] = {{"sentence", sample_sentence}, {0}};

static const struct retained retains[] = {
    {"sentence", "spent", &sentence_table, &sentence_retained_query}, {0}};

const struct room court_room = {.name = "court",
                                .tables = court_tables,
                                .forms = court_forms,
                                .packs = sections,
                                .jobs = jobs,
                                .samples = samples,
                                .retains = retains,
                                .hooks = {.body_succeeding = court_body_succeeding}};
