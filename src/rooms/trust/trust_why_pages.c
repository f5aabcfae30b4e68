/* "Why do I see this?": the grants of the body, each class of data as it stands for the viewer, the
 * request for more and its answer. */
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_rules.h"
#include "trust_tpl.h"
#include "web/tr.h"
#include "web/web.h"

/* What the facts are called, in the order of enum fact; a fact without words is shown by its name.
 */
static const struct {
    const char *fact, *words;
} facts[] = {
    {"listed", N_("The body itself registered the person or has the person in a list")},
    {"referral_sent", N_("A referral waits for your answer")},
    {"referral_accepted", N_("A referral that your body has accepted")},
    {"referral_sender", N_("A referral that your body has sent")},
    {"case_own", N_("A case that your body leads")},
    {"case_closed", N_("A case that your body has led")},
    {"consent", N_("A consent of the person")},
    {"asked", N_("The lead has opened it as you asked")},
    {"emergency", N_("An emergency access")},
    {"law", N_("An article of law")},
    {"family_member", N_("The person belongs to a family case that your body leads")},
    {"court_order", N_("A court decision that your body executes")},
};

struct text fact_words(struct request *rq, struct text fact)
{
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (text_is(fact, facts[i].fact))
            return text_of(tr(rq->lang, facts[i].words));
    return fact;
}

/* The law with its act, and the category where the viewer may know of it. */
static struct text law_words(struct request *rq, struct text words, struct text reason,
                             uint32_t bits)
{
    struct text code;
    if (!text_split(&reason, ' ', &code))
        return words;
    const struct code *law = code_find(code_list("legal_basis"), code),
                      *category = code_find(code_list("category"), reason);
    if (law)
        words = arena_printf(rq->arena, "%.*s: %s%s%s", TEXT_ARG(words), law->label[rq->lang],
                             law->act ? ", " : "", law->act ? law->act : "");
    if (category && !((category->classes | CLASS_BIT(CLASS_SOCIAL)) & ~bits))
        words = arena_printf(rq->arena, "%.*s (%s)", TEXT_ARG(words), category->label[rq->lang]);
    return words;
}

struct text class_words(struct request *rq, uint32_t bits)
{
    struct text all = T("");
    for (int c = 1; c < CLASS_COUNT; c++)
        if (bits & CLASS_BIT(c))
            all = arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(all), all.n ? ", " : "",
                               tr(rq->lang, class_labels[c]));
    return all;
}

static const char *state_of(struct request *rq, uint32_t bits, uint32_t askable, uint32_t bit)
{
    uint32_t read = rq->viewer.role ? rq->viewer.role->read : 0;
    return read & bits & bit                          ? "open"
           : access_never(rq->viewer.body_kind) & bit ? "never"
           : !(read & bit)                            ? "role"
           : askable & bit                            ? "ask"
                                                      : "fact";
}

static void fill_classes(struct request *rq, uint32_t bits, struct why_class_rows *out)
{
    uint32_t askable = ask_askable(rq, bits);
    out->query = &why_class_query;
    out->n = 0; /* a page that is shown again */
    out->next = T("");
    out->row = arena_array(rq->arena, CLASS_COUNT, sizeof *out->row);
    for (int c = 1; c < CLASS_COUNT; c++) {
        const char *state = state_of(rq, bits, askable, CLASS_BIT(c));
        out->row[out->n++] = (union why_class_row){.name = v_z(class_names[c]),
                                                   .label = v_z(tr(rq->lang, class_labels[c])),
                                                   .state = v_z(state),
                                                   .askable = v_int(strcmp(state, "ask") == 0)};
    }
}

static void fill_signals(struct request *rq, int64_t person, struct why_signal_rows *out)
{
    struct signals open;
    signals_open(rq, person, &open);
    *out = (struct why_signal_rows){.query = &why_signal_query,
                                    .next = T(""),
                                    .row = arena_array(rq->arena, SIGNALS_MOST, sizeof *out->row)};
    for (; out->n < open.n; out->n++) {
        const struct signal *s = &open.v[out->n];
        const struct code_list *grounds = code_list("legal_basis");
        const struct code *ground = code_find(grounds, v_as_text(s->ground));
        out->row[out->n] =
            (union why_signal_row){.words = v_z(pack_label(s->entry, rq->lang)),
                                   .ref = v_z(s->ref),
                                   .ref_id = v_int(s->ref_id),
                                   .ground = ground ? v_z(ground->label[rq->lang]) : v_null(),
                                   .until = s->until};
    }
}

static enum err show(struct request *rq, struct person_why_page *page)
{
    struct value person = rq_id(rq, "person");
    q_why_person(rq, &(struct why_person_args){.person = person}, &page->person);
    q_why_grant(rq, &(struct why_grant_args){.person = person}, &page->grants);
    if (rq->err)
        return rq_end(rq);
    for (size_t i = 0; i < page->grants.n; i++) {
        union why_grant_row *g = &page->grants.row[i];
        uint32_t opens = (uint32_t)v_as_int(g->classes), read = rq->viewer.role->read;
        struct text words = fact_words(rq, v_as_text(g->fact));
        if (rq->rules_due) /* as the rules stand now */
            opens &= access_rule_of(v_as_text(g->fact), rq->viewer.body_kind, v_as_text(g->reason),
                                    (struct value){0});
        if (text_is(v_as_text(g->fact), "law"))
            words = law_words(rq, words, v_as_text(g->reason),
                              read & access_bits(rq, rq->viewer.body, v_as_int(person)));
        g->words = v_text(words);
        g->opens = v_text(class_words(rq, opens & read)); /* what he does not read is not named */
        if (opens & ~read && text_is(v_as_text(g->ref), "consent"))
            g->ref = v_z("");
    }
    fill_classes(rq, (uint32_t)v_as_int(page->person.bits), &page->classes);
    fill_signals(rq, v_as_int(person), &page->signals);
    int64_t lead = v_as_int(page->person.lead_body_id);
    page->leads = lead == rq->viewer.body;
    page->asks = lead && !page->leads && ask_askable(rq, (uint32_t)v_as_int(page->person.bits));
    return rq_end(rq);
}

ROUTE(GET, "/persons/{person}/why", why_show, person_why, SEE_PERSON)
static enum err why_show(struct request *rq, struct person_why_page *page)
{
    form_begin(&ask_form, page->form.v);
    return show(rq, page);
}

static void asked(struct request *rq, int64_t id)
{
    rq_redirect(rq, "/asks/%lld", (long long)id);
}

ROUTE(POST, "/persons/{person}/asks", asks_create, person_why, SEE_PERSON)
static enum err asks_create(struct request *rq, struct person_why_page *page)
{
    struct text *names;
    uint32_t classes = 0;
    show(rq, page);
    size_t n = rq_field_all(rq, "class", &names);
    for (size_t i = 0; i < n; i++) {
        enum data_class c;
        if (class_parse(names[i], &c) == OK)
            classes |= CLASS_BIT(c);
    }
    if (rq_read_form(rq, &ask_form, page->form.v) && !rq->err) {
        ask_lead_for(rq, rq_id_int(rq, "person"), classes, &page->form, asked);
        rq_flash(rq, N_("The lead has been asked"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

/* ---- requests ---- */

int64_t asks_waiting(struct request *rq)
{
    struct ask_received_rows rows = {0};
    q_ask_received(rq, &(struct ask_received_args){.paging = COUNTED, .state = v_z("asked")}, &rows);
    return (int64_t)rows.n;
}

ROUTE(GET, "/asks", asks_list, ask_list_page, SEE_PERSON)
static enum err asks_list(struct request *rq, struct ask_list_page_page *page)
{
    bool sent = text_is(rq_param(rq, "side"), "sent"), open = text_is(rq_param(rq, "show"), "open");
    page->side = sent ? T("sent") : open ? T("open") : T("received");
    if (sent)
        q_ask_sent(rq, &(struct ask_sent_args){.paging = rq_paging(rq, &ask_sent_query)},
                   (struct ask_sent_rows *)&page->items);
    else
        q_ask_received(rq,
                       &(struct ask_received_args){.paging = rq_paging(rq, &ask_received_query),
                                                   .state = open ? v_z("asked") : (struct value){0}},
                       &page->items);
    return rq_end(rq);
}

static enum err show_ask(struct request *rq, struct ask_card_page_page *page)
{
    q_ask_card(rq, &(struct ask_card_args){.id = rq_id(rq, "ask")}, &page->ask);
    page->ask.asks = v_text(class_words(rq, (uint32_t)v_as_int(page->ask.classes)));
    page->closes = v_as_int(page->ask.to_body_id) == rq->viewer.body &&
                   text_is(v_as_text(page->ask.state), "given") && rq_may(rq, CAP_LEAD_CASE);
    page->answers = v_as_int(page->ask.to_body_id) == rq->viewer.body &&
                    text_is(v_as_text(page->ask.state), "asked") && rq_may(rq, CAP_LEAD_CASE);
    return rq_end(rq);
}

ROUTE(GET, "/asks/{ask}", asks_show, ask_card_page, SEE_PERSON)
static enum err asks_show(struct request *rq, struct ask_card_page_page *page)
{
    form_begin(&ask_answer_form, page->form.v);
    return show_ask(rq, page);
}

ROUTE(POST, "/asks/{ask}/answer", asks_answer, ask_card_page, LEAD_CASE)
static enum err asks_answer(struct request *rq, struct ask_card_page_page *page)
{
    show_ask(rq, page);
    if (rq_read_form(rq, &ask_answer_form, page->form.v) && !rq->err) {
        rq_redirect(rq, "/asks/%lld", (long long)rq_id_int(rq, "ask"));
        ask_answer(rq, rq_id_int(rq, "ask"), rq_field_int(rq, "version"), &page->form);
        rq_flash(rq, N_("The answer has been given"));
    }
    return rq_show_again(rq) ? show_ask(rq, page) : rq_end(rq);
}

ROUTE(POST, "/asks/{ask}/close", asks_close, ask_card_page, LEAD_CASE)
static enum err asks_close(struct request *rq, struct ask_card_page_page *page)
{
    if (show_ask(rq, page))
        return rq->err;
    rq_redirect(rq, "/asks/%lld", (long long)rq_id_int(rq, "ask"));
    ask_close(rq, rq_id_int(rq, "ask"), rq_field_int(rq, "version"));
    return rq_show_again(rq) ? show_ask(rq, page) : rq_end(rq);
}
