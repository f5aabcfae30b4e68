#include "rooms/desk/desk.h"
#include "guard/guard.h"
#include "rooms/packs/packs.h"

int64_t desk_days_late(int64_t due, int64_t today)
{
    if (due >= today)
        return 0;
    int64_t n = calendar_working_between(calendar_here(), due, today);
    return n > 0 ? n : 1; /* due on Friday, read on Saturday: it is late all the same */
}

/* Is the name of this body shown to the viewer where its row names it? */
static bool named(int64_t body, uint32_t bits)
{
    return !(body_tells(body) & ~bits);
}

bool desk_others_at_work(struct request *rq, int64_t person)
{
    struct bodies_at_work_rows work;
    struct bodies_known_rows known;
    union person_lead_row lead = {0};
    q_bodies_at_work(rq, &(struct bodies_at_work_args){.person = v_int(person)}, &work);
    if (!work.n)
        return false;
    q_bodies_known(rq, &(struct bodies_known_args){.person = v_int(person)}, &known);
    q_person_lead(rq, &(struct person_lead_args){.person = v_int(person)}, &lead);
    uint32_t bits = access_bits(rq, rq->viewer.body, person);
    bits &= rq->viewer.role ? rq->viewer.role->read : 0;
    for (size_t i = 0; i < work.n; i++) {
        int64_t body = v_as_int(work.row[i].body_id);
        bool told = body == v_as_int(lead.lead_body_id);
        for (size_t k = 0; k < known.n && !told; k++)
            told = body == v_as_int(known.row[k].from_body_id) ||
                   body == v_as_int(known.row[k].to_body_id);
        if (!told || !named(body, bits))
            return true;
    }
    return false;
}

const struct room desk_room = {.name = "desk", .tables = desk_tables, .forms = desk_forms};
