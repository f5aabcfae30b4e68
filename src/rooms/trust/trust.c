#include "rooms/trust/trust.h"
#include "papers_gen.h"
#include "rooms/papers/papers.h"
#include "rooms/trust/trust_log.h"
#include "rooms/trust/trust_retention.h"
#include "rooms/trust/trust_rules.h"
#include "rooms/trust/trust_suspicion.h"

extern const struct table *const trust_tables[];
extern const struct form *const trust_forms[];
extern const struct pack_section trust_packs[];

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
    {"/referrals/{referral}/attachments", N_("Document of a referral")},
    {"/referrals/{outside}/", N_("Letter to a body without an account")},
    {"/referrals/{referral}", N_("Referral")},
    {"/outside", N_("One-time page")},
    {"/referrals", N_("List of referrals")},
    {"/inbox", N_("Inbox")},
    {"/programmes", N_("Programme")},
    {"/meetings", N_("Meeting")},
    {"/agenda-items", N_("Meeting")},
    {"/decisions", N_("Decision of a meeting")},
    {"/measures", N_("Measure")},
    {"/services", N_("Services")},
    {"/sentences", N_("Court decisions")},
    {"/reports", N_("Persons behind a figure")},
    {"/imports", N_("Import of a list")},
    {"/consents/{consent}/attachments", N_("Scanned paper of a consent")},
    {"/consents", N_("Consents")},
    {"/asks", N_("Requests for access")},
    {"/retention", N_("Retention")},
    {"/restrictions", N_("Restricted persons")},
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

static int64_t sample_attachment(struct request *rq)
{
    struct attachment_list_rows rows = {0};
    attachments_of(rq, &(struct attached_to){.object = &consent_table, .id = sample_consent(rq)}, &rows);
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

static int64_t sample_act(struct request *rq)
{
    struct act_list_rows rows = {0};
    q_act_list(rq, &(struct act_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_restriction(struct request *rq)
{
    struct restriction_list_rows rows = {0};
    q_restriction_list(rq, &(struct restriction_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_suspicion(struct request *rq)
{
    struct suspicion_list_rows rows = {0};
    if (rq_may(rq, CAP_AUDIT))
        q_suspicion_list(rq, &(struct suspicion_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_explanation(struct request *rq)
{
    struct explanation_list_rows rows = {0};
    struct value told = suspicion_told(rq);
    if (rq_may(rq, CAP_LEAD_BODY) && v_is(told))
        q_explanation_list(rq, &(struct explanation_list_args){.paging.limit = 1, .before = told}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_watched(struct request *rq)
{
    struct watched_list_rows rows = {0};
    if (rq_may(rq, CAP_COORDINATE))
        q_watched_list(rq, &(struct watched_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static int64_t sample_head(struct request *rq)
{
    struct log_head_list_rows rows = {0};
    if (rq_may(rq, CAP_AUDIT))
        q_log_head_list(rq, &(struct log_head_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"consent", sample_consent},
                                        {"attachment", sample_attachment},
                                        {"ask", sample_ask},
                                        {"emergency", sample_emergency},
                                        {"act", sample_act},
                                        {"restriction", sample_restriction},
                                        {"suspicion", sample_suspicion},
                                        {"explanation", sample_explanation},
                                        {"watched", sample_watched},
                                        {"head", sample_head},
                                        {0}};
static const struct pack_section sections[] = {
    {"signal", NULL, signal_take, NULL}, {"retention", NULL, retention_take, NULL},
    {"suspicion", NULL, suspicion_take, NULL}, {"log_check", NULL, log_check_take, NULL}, {0}};
static const struct job jobs[] = {
    {"retention.destroy", 5, acts_carry_out}, {"retention.reads", 3600, reads_drop},
    {"trust.suspicion", 2, suspicion_judge}, {"trust.log_check", 10, log_check_run, .apart = true}, {0}};
static void papers_of_consent(struct change *ch, int64_t id)
{
    attachments_destroy(ch, &consent_table, id);
}

static const struct retained retains[] = {
    {"consent", "consent_ended", &consent_table, &consent_retained_query, .papers = papers_of_consent},
    {"access_ask", "answered", &access_ask_table, &ask_retained_query},
    {"emergency", "reviewed", &emergency_table, &emergency_retained_query},
    {"read", "page_shown"},
    {"sign_in", "signed_in"},
    {"suspicion", "question_raised"},
    {"watched_word", "watch_ended"},
    {"search_note", "name_sought"},
    {0}};

const struct room trust_room = {.name = "trust",
                                .tables = trust_tables,
                                .forms = trust_forms,
                                .packs = sections,
                                .jobs = jobs,
                                .samples = samples,
                                .retains = retains,
                                .hooks = {.person_sought = suspicion_sought,
                                          .account_leaving = restriction_account_leaving,
                                          .body_succeeding = trust_body_succeeding}};
