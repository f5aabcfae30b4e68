/* Timelines of a person and of a case, and the auditor's log: three ways to read the event log. */
#include "desk_tpl.h"
#include "guard/guard.h"
#include "guard/log.h"
#include "rooms/desk/desk_rules.h"
#include "rooms/packs/packs.h"
#include "rooms/reports/reports.h"
#include "web/web.h"

/* Which kinds of events: the word before the point of their names. */
static struct value kind_like(struct request *rq, struct text *kind)
{
    static const char *const kinds[] = {"person",     "category",  "referral", "case",
                                        "assessment", "programme", "measure",  "service",
                                        "sentence",   "note"};
    struct text asked = rq_param(rq, "kind");
    *kind = T("");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (text_is(asked, kinds[i])) {
            *kind = text_of(kinds[i]);
            return v_text(arena_printf(rq->arena, "%s.%%", kinds[i]));
        }
    return (struct value){0};
}

ROUTE(GET, "/persons/{person}/timeline", desk_person_timeline, person_timeline_page, SEE_PERSON)
static enum err desk_person_timeline(struct request *rq, struct person_timeline_page_page *page)
{
    struct value person = rq_id(rq, "person");
    q_person_card(rq, &(struct person_card_args){.id = person}, &page->person);
    /* the same columns as those of a case */
    q_person_timeline(rq,
                      &(struct person_timeline_args){.paging = rq_paging(rq, &case_timeline_query),
                                                     .person = person,
                                                     .spent = v_int(CLASS_BIT(CLASS_SPENT)),
                                                     .kind = kind_like(rq, &page->kind)},
                      (struct person_timeline_rows *)&page->items);
    if (rq->err)
        return rq_end(rq);
    page->others = desk_others_at_work(rq, v_as_int(person), &page->signal);
    page->leads = v_as_int(page->person.lead_body_id) == rq->viewer.body;
    return rq_end(rq);
}

ROUTE(GET, "/cases/{case}/timeline", desk_case_timeline, case_timeline_page, SEE_PERSON)
static enum err desk_case_timeline(struct request *rq, struct case_timeline_page_page *page)
{
    struct value id = rq_id(rq, "case");
    q_case_card(rq, &(struct case_card_args){.id = id}, &page->c);
    q_case_timeline(rq,
                    &(struct case_timeline_args){.paging = rq_paging(rq, &case_timeline_query),
                                                 .case_id = id,
                                                 .spent = v_int(CLASS_BIT(CLASS_SPENT)),
                                                 .kind = kind_like(rq, &page->kind)},
                    &page->items);
    if (!rq->err)
        page->others = desk_others_at_work(rq, v_as_int(page->c.person_id), &page->signal);
    return rq_end(rq);
}

/* ---- the auditor's log ---- */

static struct value day_or(struct request *rq, const char *name, int64_t otherwise,
                           struct text *shown)
{
    struct value day = rq_filter_date(rq, name);
    char dmy[11];
    if (day.kind != V_DATE)
        day = v_date(otherwise);
    date_dmy(day.i, dmy);
    *shown = arena_text(rq->arena, text_of(dmy));
    return day;
}

/* Who a person works with is told by nothing in the log when the body's very name tells what for; and of
 * a restricted person not even that he is there. */
bool log_parts(const struct request *rq, struct value body, struct value other_body, struct value restricted)
{
    uint32_t told = body_tells(v_as_int(body)) | body_tells(v_as_int(other_body));
    return (told & ~(rq->viewer.role ? rq->viewer.role->read : 0)) || v_as_int(restricted);
}

static void part_from_body(struct request *rq, union log_list_row *row)
{
    row->provable = v_int(1);
    if (!v_is(row->person) || !log_parts(rq, row->body_id, row->other_body_id, row->restricted))
        return;
    row->provable = (struct value){0};
    struct value *const links[] = {&row->person, &row->case_number, &row->object_number};
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (v_is(*links[i]))
            *links[i] = (struct value){.kind = V_HIDDEN, .cls = CLASS_IDENTITY};
}

static struct value object_words(struct request *rq, struct value object)
{
    const struct table *t = register_table(v_as_text(object));
    return t && t->label ? v_z(tr(rq->lang, t->label)) : object;
}

/* The kinds that the viewer may know of, with the one asked for. */
static void fill_kinds(struct request *rq, struct value asked, struct log_kinds_rows *out)
{
    struct log_kinds_rows all = {0};
    q_log_kinds(rq, &(struct log_kinds_args){0}, &all);
    *out = all;
    out->n = 0;
    for (size_t i = 0; i < all.n; i++) {
        if (all.row[i].kind.kind == V_HIDDEN)
            continue;
        all.row[i].chosen = v_int(text_eq(v_as_text(all.row[i].kind), v_as_text(asked)));
        out->row[out->n++] = all.row[i];
    }
}

/* Of a kind that is about nobody the few events without a person are walked, not all of the period. */
static struct value about_nobody(struct value kind)
{
    return text_is(v_as_text(kind), "sealed.counted") ? v_int(1) : (struct value){0};
}

/* The period unless another is asked for: a filter without an index stays short. */
static int64_t log_since(struct request *rq)
{
    return rq->today - terms_number("home", "control");
}

int64_t log_count(struct request *rq, const char *kind)
{
    struct log_list_rows rows = {0};
    q_log_list(rq,
               &(struct log_list_args){.paging = COUNTED,
                                       .kind = v_z(kind),
                                       .impersonal = about_nobody(v_z(kind)),
                                       .first = v_int(log_id_at(rq, instant_of_day(log_since(rq))))},
               &rows);
    return (int64_t)rows.n;
}

ROUTE_SLOW(GET, "/log", desk_log, log_page, AUDIT)
static enum err desk_log(struct request *rq, struct log_page_page *page)
{
    struct value from = day_or(rq, "from", log_since(rq), &page->from);
    struct value to = day_or(rq, "to", rq->today, &page->to);
    struct log_list_args args = {.paging = rq_paging(rq, &log_list_query),
                                 .login = rq_filter(rq, "login"),
                                 .kind = rq_filter(rq, "kind"),
                                 .person_number = rq_filter_int(rq, "person")};
    args.impersonal = about_nobody(args.kind);
    args.body = rq_filter_int(rq, "body");
    args.first = v_int(log_id_at(rq, instant_of_day(from.i)));
    args.end = v_int(log_id_at(rq, instant_of_day(to.i + 1)));
    page->login = rq_param(rq, "login");
    page->person = rq_param(rq, "person");
    q_log_list(rq, &args, &page->items);
    for (size_t i = 0; i < page->items.n; i++) {
        part_from_body(rq, &page->items.row[i]);
        page->items.row[i].object_words = object_words(rq, page->items.row[i].object);
    }
    fill_kinds(rq, args.kind, &page->kinds);
    q_log_bodies(rq, &(struct log_bodies_args){0}, &page->bodies);
    for (size_t i = 0; i < page->bodies.n; i++)
        page->bodies.row[i].chosen =
            v_int(v_is(args.body) && page->bodies.row[i].id.i == args.body.i);
    return rq_end(rq);
}
