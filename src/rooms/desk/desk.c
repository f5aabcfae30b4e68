#include "rooms/desk/desk_rules.h"
#include "guard/guard.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust.h"

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

/* Kinds that the viewer may be told of, each once. */
static struct text words_of(struct request *rq, const struct signals *open, uint32_t told)
{
    struct text all = T("");
    for (size_t i = 0; i < open->n; i++)
        if (told & 1u << i)
            all = arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(all), all.n ? "; " : "",
                               pack_label(open->v[i].entry, rq->lang));
    return all;
}

static uint32_t told_of(struct request *rq, const struct signals *open, int64_t body)
{
    uint32_t told = 0;
    for (size_t i = 0; i < open->n; i++)
        if (pack_prop_has(open->v[i].entry, "kinds", body_kind(rq, body)))
            told |= 1u << i;
    return told;
}

bool desk_others_at_work(struct request *rq, int64_t person, struct text *signal)
{
    struct bodies_at_work_rows work;
    struct bodies_known_rows known;
    union person_lead_row lead = {0};
    struct signals open;
    uint32_t kinds = 0;
    bool others = false;
    *signal = T("");
    q_bodies_at_work(rq, &(struct bodies_at_work_args){.person = v_int(person)}, &work);
    if (!work.n)
        return false;
    q_bodies_known(rq, &(struct bodies_known_args){.person = v_int(person)}, &known);
    q_person_lead(rq, &(struct person_lead_args){.person = v_int(person)}, &lead);
    signals_open(rq, person, &open);
    uint32_t bits = access_bits(rq, rq->viewer.body, person);
    bits &= rq->viewer.role ? rq->viewer.role->read : 0;
    for (size_t i = 0; i < work.n; i++) {
        int64_t body = v_as_int(work.row[i].body_id);
        bool told = body == v_as_int(lead.lead_body_id);
        for (size_t k = 0; k < known.n && !told; k++)
            told = body == v_as_int(known.row[k].from_body_id) ||
                   body == v_as_int(known.row[k].to_body_id);
        if (told && named(body, bits))
            continue;
        others = true;
        kinds |= told_of(rq, &open, body);
    }
    *signal = words_of(rq, &open, kinds);
    return others;
}

/* The address of a calendar opens it without a password. */
static void account_secured(struct change *ch, int64_t account)
{
    w_feed_drop(ch, &(struct feed_drop_args){.account = v_int(account)});
}

/* The oldest, which are sealed for sure. */
static int64_t sample_event(struct request *rq)
{
    union event_first_row row;
    return rq_may(rq, CAP_AUDIT) && q_event_first(rq, &(struct event_first_args){0}, &row) ? v_as_int(row.id) : 0;
}

static int64_t sample_read(struct request *rq)
{
    union read_first_row row;
    union read_parts_row parts;
    bool any = rq_may(rq, CAP_AUDIT) && q_read_first(rq, &(struct read_first_args){0}, &row) &&
               q_read_parts(rq, &(struct read_parts_args){.id = row.id}, &parts) && !log_parts(rq, parts.body_id, (struct value){0}, parts.restricted);
    return any ? v_as_int(row.id) : 0;
}

static const struct sample samples[] = {{"event", sample_event}, {"read", sample_read}, {0}};
static const struct pack_section sections[] = {
    {"inbox", NULL, inbox_take, NULL}, {"reminder", NULL, reminder_take, NULL}, {"home", NULL, home_take, NULL}, {0}};
static const struct job jobs[] = {{"desk.reminders", 30, reminders_make},
                                  {"desk.mail", 5, reminders_send, .apart = true},
                                  {0}};

const struct room desk_room = {.name = "desk",
                               .tables = desk_tables,
                               .forms = desk_forms,
                               .packs = sections,
                               .jobs = jobs,
                               .samples = samples,
                               .hooks = {.account_secured = account_secured}};
