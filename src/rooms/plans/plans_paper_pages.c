/* Pages of the papers of questions, meetings and decisions: the same five for each. */
#include "papers_gen.h"
#include "papers_tpl.h"
#include "rooms/papers/papers.h"
#include "rooms/plans/plans_rules.h"
#include "web/tr.h"
#include "web/web.h"

struct carrier {
    const struct table *table;
    const char *id, *paper; /* parts of the address */
    const char *path, *title;
};
static const struct carrier on_item = {&agenda_item_table, "item", "item_paper", "agenda-items", N_("Question of the agenda")};
static const struct carrier on_meeting = {&meeting_table, "meeting", "meeting_paper", "meetings", N_("Meeting")};
static const struct carrier on_decision = {&decision_table, "decision", "decision_paper", "decisions", N_("Decision of a meeting")};

/* Its number, when the viewer reads it; where it stands and what it is called. */
static int64_t readable(struct request *rq, const struct carrier *c, struct attached_to *to, struct url *place, struct text *title)
{
    int64_t id = rq_id_int(rq, c->id);
    *place = url_of(rq, "/%s/%lld", c->path, (long long)id);
    *title = text_of(tr(rq->lang, c->title));
    (void)papers_place(rq, c->table, id, to);
    return id;
}

static enum err show_new(struct request *rq, const struct carrier *c, struct paper_new_page *page)
{
    struct attached_to to;
    readable(rq, c, &to, &page->place, &page->title);
    paper_kinds(rq, c->table, &page->kinds);
    if (!rq_is_post(rq))
        form_begin(&attachment_form, page->form.v);
    return rq_end(rq);
}

static enum err attach(struct request *rq, const struct carrier *c, struct paper_new_page *page)
{
    struct paper paper = {0};
    form_begin(&attachment_form, page->form.v);
    show_new(rq, c, page);
    if (!rq->err && paper_read(rq, &page->form, &paper)) {
        rq_redirect(rq, "/%s/%lld", c->path, (long long)rq_id_int(rq, c->id));
        papers_change(rq, c->table, rq_id_int(rq, c->id), 0, &paper);
        rq_flash(rq, N_("The paper is attached"));
    }
    return rq_show_again(rq) ? show_new(rq, c, page) : rq_end(rq);
}

/* Among those that the viewer is shown: one of the minutes is not there for everybody. */
static int64_t paper_of(struct request *rq, const struct carrier *c, int64_t id)
{
    struct attachment_list_rows rows = {0};
    int64_t paper = rq_id_int(rq, c->paper);
    if (!rq->err)
        (void)papers_shown(rq, c->table, id, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (v_as_int(rows.row[i].id) == paper)
            return paper;
    rq_fail(rq, ERR_NOT_FOUND);
    return 0;
}

static enum err send_it(struct request *rq, const struct carrier *c)
{
    struct attached_to to;
    struct url place;
    struct text title;
    int64_t paper = paper_of(rq, c, readable(rq, c, &to, &place, &title));
    if (!rq->err)
        attachment_send(rq, &to, paper);
    return rq_end(rq);
}

static enum err show_back(struct request *rq, const struct carrier *c, struct paper_back_page *page)
{
    struct attached_to to;
    int64_t paper = paper_of(rq, c, readable(rq, c, &to, &page->place, &page->title));
    if (!rq->err)
        paper_back_show(rq, &to, paper, page);
    if (!rq_is_post(rq))
        form_begin(&attachment_form, page->form.v);
    return rq_end(rq);
}

static enum err take_back(struct request *rq, const struct carrier *c, struct paper_back_page *page)
{
    struct paper paper = {0};
    form_begin(&attachment_form, page->form.v);
    show_back(rq, c, page);
    bool instead = paper_given(rq);
    if (!rq->err && (!instead || paper_read(rq, &page->form, &paper))) {
        rq_redirect(rq, "/%s/%lld", c->path, (long long)rq_id_int(rq, c->id));
        papers_change(rq, c->table, rq_id_int(rq, c->id), rq_id_int(rq, c->paper), instead ? &paper : NULL);
        rq_flash(rq, N_("The wrong paper is destroyed"));
    }
    return rq_show_again(rq) ? show_back(rq, c, page) : rq_end(rq);
}

ROUTE(GET, "/agenda-items/{item}/attachments/new", plans_item_new_paper, paper_new, KEEP_MINUTES)
static enum err plans_item_new_paper(struct request *rq, struct paper_new_page *page)
{
    return show_new(rq, &on_item, page);
}

ROUTE_SLOW(POST, "/agenda-items/{item}/attachments", plans_item_attach, paper_new, KEEP_MINUTES)
static enum err plans_item_attach(struct request *rq, struct paper_new_page *page)
{
    return attach(rq, &on_item, page);
}

ROUTE_SLOW(GET, "/agenda-items/{item}/attachments/{item_paper}", plans_item_paper, paper_back, SIGNED_IN)
static enum err plans_item_paper(struct request *rq, struct paper_back_page *page)
{
    (void)page;
    return send_it(rq, &on_item);
}

ROUTE(GET, "/agenda-items/{item}/attachments/{item_paper}/back", plans_item_paper_back, paper_back, KEEP_MINUTES)
static enum err plans_item_paper_back(struct request *rq, struct paper_back_page *page)
{
    return show_back(rq, &on_item, page);
}

ROUTE_SLOW(POST, "/agenda-items/{item}/attachments/{item_paper}/back", plans_item_take_back, paper_back, KEEP_MINUTES)
static enum err plans_item_take_back(struct request *rq, struct paper_back_page *page)
{
    return take_back(rq, &on_item, page);
}

ROUTE(GET, "/meetings/{meeting}/attachments/new", plans_meeting_new_paper, paper_new, KEEP_MINUTES)
static enum err plans_meeting_new_paper(struct request *rq, struct paper_new_page *page)
{
    return show_new(rq, &on_meeting, page);
}

ROUTE_SLOW(POST, "/meetings/{meeting}/attachments", plans_meeting_attach, paper_new, KEEP_MINUTES)
static enum err plans_meeting_attach(struct request *rq, struct paper_new_page *page)
{
    return attach(rq, &on_meeting, page);
}

ROUTE_SLOW(GET, "/meetings/{meeting}/attachments/{meeting_paper}", plans_meeting_paper, paper_back, SIGNED_IN)
static enum err plans_meeting_paper(struct request *rq, struct paper_back_page *page)
{
    (void)page;
    return send_it(rq, &on_meeting);
}

ROUTE(GET, "/meetings/{meeting}/attachments/{meeting_paper}/back", plans_meeting_paper_back, paper_back, KEEP_MINUTES)
static enum err plans_meeting_paper_back(struct request *rq, struct paper_back_page *page)
{
    return show_back(rq, &on_meeting, page);
}

ROUTE_SLOW(POST, "/meetings/{meeting}/attachments/{meeting_paper}/back", plans_meeting_take_back, paper_back, KEEP_MINUTES)
static enum err plans_meeting_take_back(struct request *rq, struct paper_back_page *page)
{
    return take_back(rq, &on_meeting, page);
}

ROUTE(GET, "/decisions/{decision}/attachments/new", plans_decision_new_paper, paper_new, SIGNED_IN)
static enum err plans_decision_new_paper(struct request *rq, struct paper_new_page *page)
{
    return show_new(rq, &on_decision, page);
}

ROUTE_SLOW(POST, "/decisions/{decision}/attachments", plans_decision_attach, paper_new, SIGNED_IN)
static enum err plans_decision_attach(struct request *rq, struct paper_new_page *page)
{
    return attach(rq, &on_decision, page);
}

ROUTE_SLOW(GET, "/decisions/{decision}/attachments/{decision_paper}", plans_decision_paper, paper_back, SIGNED_IN)
static enum err plans_decision_paper(struct request *rq, struct paper_back_page *page)
{
    (void)page;
    return send_it(rq, &on_decision);
}

ROUTE(GET, "/decisions/{decision}/attachments/{decision_paper}/back", plans_decision_paper_back, paper_back, SIGNED_IN)
static enum err plans_decision_paper_back(struct request *rq, struct paper_back_page *page)
{
    return show_back(rq, &on_decision, page);
}

ROUTE_SLOW(POST, "/decisions/{decision}/attachments/{decision_paper}/back", plans_decision_take_back, paper_back, SIGNED_IN)
static enum err plans_decision_take_back(struct request *rq, struct paper_back_page *page)
{
    return take_back(rq, &on_decision, page);
}
