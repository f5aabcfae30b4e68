#include "rooms/trust/trust.h"
#include "trust_gen.h"

extern const struct table *const trust_tables[];
extern const struct form *const trust_forms[];

/* By the beginning of the path, the longer before the shorter. */
static const struct {
    const char *path, *words;
} pages[] = {
    {"/persons/{person}/readers", N_("Who looked")},
    {"/persons/{person}/why", N_("Why do I see this?")},
    {"/persons/{person}/timeline", N_("Timeline")},
    {"/persons/{person}/edit", N_("Correction of the card")},
    {"/persons/{person}/categories", N_("Categories of the person")},
    {"/persons/{person}", N_("Card of the person")},
    {"/persons/search", N_("Search across bodies")},
    {"/persons", N_("List of persons")},
    {"/cases/{case}", N_("Case")},
    {"/cases", N_("List of cases")},
    {"/referrals/{referral}", N_("Referral")},
    {"/referrals", N_("List of referrals")},
    {"/inbox", N_("Inbox")},
    {"/programmes", N_("Programme")},
    {"/measures", N_("Measure")},
    {"/services", N_("Services")},
    {"/sentences", N_("Court decisions")},
    {"/reports", N_("Persons behind a figure")},
    {"/imports", N_("Import of a list")},
    {"/consents", N_("Consents")},
    {"/asks", N_("Requests for access")},
};

const char *page_words(struct text page)
{
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (text_starts(page, pages[i].path))
            return pages[i].words;
    return N_("Another page");
}

static int64_t sample_consent(struct request *rq)
{
    struct consent_taken_rows rows = {0};
    q_consent_taken(rq, &(struct consent_taken_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_ask(struct request *rq)
{
    struct ask_sent_rows rows = {0};
    q_ask_sent(rq, &(struct ask_sent_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_emergency(struct request *rq)
{
    struct emergency_list_rows rows = {0};
    if (!rq_may(rq, CAP_REVIEW_EMERGENCY))
        return 0;
    q_emergency_list(rq, &(struct emergency_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {
    {"consent", sample_consent}, {"ask", sample_ask}, {"emergency", sample_emergency}, {0}};

const struct room trust_room = {
    .name = "trust", .tables = trust_tables, .forms = trust_forms, .samples = samples};
