#include "rooms/services/services.h"
#include "guard/codes.h"
#include "rooms/people/people.h"
#include "rooms/services/services_rules.h"

uint32_t service_classes(struct text kind)
{
    return code_classes("service", kind);
}

/* A service given within a case or a referral: of the viewer's body, about this person. A referral names its case. */
static bool place_fits(struct request *rq, int64_t person, int64_t *case_id, int64_t referral)
{
    union service_place_case_row c;
    union service_place_referral_row r;
    if (referral) {
        if (!q_service_place_referral(rq, &(struct service_place_referral_args){.id = v_int(referral)}, &r) ||
            v_as_int(r.person_id) != person)
            return false;
        *case_id = v_as_int(r.case_id);
        return true;
    }
    return !*case_id ||
           (q_service_place_case(rq, &(struct service_place_case_args){.id = v_int(*case_id)}, &c) &&
            v_as_int(c.person_id) == person);
}

void service_record(struct request *rq, int64_t person, int64_t case_id, int64_t referral,
                    struct service_form *form)
{
    uint32_t classes = service_classes(v_as_text(form->kind.value));
    uint32_t open = access_bits(rq, rq->viewer.body, person);
    if (!rq->viewer.role || classes & ~(rq->viewer.role->write & open)) {
        input_reject(rq, &form->kind, N_("Services of this kind are not open to you for this person"));
        return;
    }
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    if (!rq->err && !(access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY)))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && !place_fits(rq, person, &case_id, referral))
        rq_fail(rq, ERR_NOT_FOUND);
    union service_record_row_check_row birth;
    if (q_service_record_row_check(rq, &(struct service_record_row_check_args){.person = v_int(person)},
                                   &birth) &&
        v_is(birth.birth_date) && v_as_int(form->day.value) < v_as_int(birth.birth_date))
        input_reject(rq, &form->day, N_("The date is before the person's birth"));
    union service_record r = {
        .person_id = v_int(person),
        .case_id = case_id ? v_int(case_id) : v_null(),
        .referral_id = referral ? v_int(referral) : v_null(),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .kind = form->kind.value,
        .day = form->day.value,
        .note = form->note.value,
        .classes = v_int(classes),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(&ch, &service_table, r.v);
    change_event(&ch, &(struct event){.kind = "service.recorded",
                                      .person = person,
                                      .case_id = case_id,
                                      .classes = classes,
                                      .table = &service_table,
                                      .object = id,
                                      .day = v_as_int(form->day.value)});
    change_commit(&ch);
}

static int64_t sample_service(struct request *rq)
{
    struct service_list_rows rows;
    q_service_list(rq, &(struct service_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"service", sample_service}, {0}};

static const struct retained retains[] = {
    {"service", "rendered", &service_table, &service_retained_query}, {0}};

const struct room services_room = {.name = "services",
                                   .tables = services_tables,
                                   .forms = services_forms,
                                   .samples = samples,
                                   .retains = retains};
