/* Pages of the queue: pairs that may be one person, and one pair with what speaks for it and against. */
#include "duplicates_tpl.h"
#include "formats/bars.h"
#include "people_gen.h"
#include "rooms/duplicates/duplicates_pairs.h"
#include "rooms/people/people_rules.h"
#include "web/tr.h"
#include "web/web.h"
#include <math.h>
#include <stdlib.h>

_Static_assert(sizeof(union pair_queue_row) == sizeof(union pair_cards_row), "the same columns");

/* Both minimal cards; false when the viewer's role reads no names. */
static bool cards(struct request *rq, const union pair_cards_row *l, union pair_shown_row *out)
{
    union person_found_row card[2] = {{.id = l->person_id,
                                       .family_name = l->family_name,
                                       .given_name = l->given_name,
                                       .patronymic = l->patronymic,
                                       .born = l->birth_date,
                                       .lead_body_id = l->lead_body_id,
                                       .lead_body = l->lead_body},
                                      {.id = l->other_id,
                                       .family_name = l->other_family_name,
                                       .given_name = l->other_given_name,
                                       .patronymic = l->other_patronymic,
                                       .born = l->other_birth_date,
                                       .lead_body_id = l->other_lead_body_id,
                                       .lead_body = l->other_lead_body}};
    struct value name[2], born[2];
    for (size_t i = 0; i < 2; i++) {
        const union person_found_row *c = &card[i];
        if (!person_minimal_of(rq, &card[i]))
            return false;
        name[i] = v_text(person_whole_name(rq->arena, c->family_name, c->given_name, c->patronymic));
        born[i] = v_is(c->born)
                      ? v_text(arena_printf(rq->arena, "%lld", (long long)v_as_int(c->born)))
                      : v_null();
    }
    *out = (union pair_shown_row){.id = l->id,
                                  .state = l->state,
                                  .sure = l->sure,
                                  .a_id = l->person_id,
                                  .a_name = name[0],
                                  .a_born = born[0],
                                  .a_lead = card[0].lead_body,
                                  .a_known = l->known,
                                  .b_id = l->other_id,
                                  .b_name = name[1],
                                  .b_born = born[1],
                                  .b_lead = card[1].lead_body,
                                  .b_known = l->other_known};
    return true;
}

int64_t pairs_waiting(struct request *rq)
{
    struct pair_queue_rows rows = {0};
    q_pair_queue(rq,
                 &(struct pair_queue_args){.paging = COUNTED,
                                           .identity = v_int(CLASS_BIT(CLASS_IDENTITY)),
                                           .contact = v_int(CLASS_BIT(CLASS_CONTACT))},
                 &rows);
    return (int64_t)rows.n;
}

ROUTE(GET, "/pairs", pairs_list, pair_list_page, JOIN_PERSONS)
static enum err pairs_list(struct request *rq, struct pair_list_page_page *page)
{
    struct pair_queue_rows queue = {0};
    bool contact = rq->viewer.role && rq->viewer.role->read & CLASS_BIT(CLASS_CONTACT);
    struct value district = contact ? rq_filter_int(rq, "district") : (struct value){0};
    page->shows_districts = contact;
    q_pair_queue(rq,
                 &(struct pair_queue_args){.paging = rq_paging(rq, &pair_queue_query),
                                           .identity = v_int(CLASS_BIT(CLASS_IDENTITY)),
                                           .contact = v_int(CLASS_BIT(CLASS_CONTACT)),
                                           .district = district},
                 &queue);
    q_person_districts(rq, &(struct person_districts_args){.chosen = district}, &page->districts);
    page->filtered = v_is(district);
    page->items = (struct pair_shown_rows){.query = &pair_queue_query, .next = queue.next}; /* pages go by the queue */
    page->items.row = arena_array(rq->arena, queue.n + 1, sizeof *page->items.row);
    for (size_t i = 0; i < queue.n && !rq->err; i++) {
        const union pair_queue_row *l = &queue.row[i];
        union pair_shown_row *r = &page->items.row[page->items.n];
        if (!cards(rq, (const void *)l, r))
            continue;
        r->said = v_int(v_is(l->body_id) && v_as_int(l->body_id) != rq->viewer.body);
        if (v_as_int(r->a_known) && v_as_int(r->b_known))
            r->weight = v_text(alike_bits(rq, (double)v_as_int(l->bits) / 10, "+"));
        page->items.n++;
    }
    return rq_end(rq);
}

/* ---- one pair ---- */

static struct value known_value(struct request *rq, int64_t person, enum alike_field f)
{
    union person_card_row card = {0};
    q_person_card(rq, &(struct person_card_args){.id = v_int(person)}, &card);
    const struct value *of[ALIKE_FIELDS] = {
        [ALIKE_FAMILY] = &card.family_name, [ALIKE_GIVEN] = &card.given_name,
        [ALIKE_PATRONYMIC] = &card.patronymic, [ALIKE_BORN] = &card.birth_date,
        [ALIKE_SEX] = &card.sex, [ALIKE_BIRTH_PLACE] = &card.birth_place,
        [ALIKE_SNILS] = &card.snils, [ALIKE_IIN] = &card.iin,
        [ALIKE_ADDRESS] = &card.address, [ALIKE_PHONE] = &card.phone};
    return *of[f];
}

/* Of somebody whom the viewer's body does not know it is said only that a field agrees, nearly agrees or differs: the bits alone would
 * tell a day that changed place with a month. */
static const struct {
    const char *words;
    double length;
} coarse[] = {[NEAR_SAME] = {N_("agrees"), 2}, [NEAR_ALIKE] = {N_("nearly agrees"), 1}, [NEAR_NOT] = {N_("differs"), -1}};

/* What speaks for it and what against, field by field; values and bits only where the viewer's body knows both persons. */
static void explain(struct request *rq, struct pair_card_page_page *page, int64_t a, int64_t b)
{
    struct alike found;
    struct bar bars[ALIKE_FIELDS];
    size_t n = 0;
    bool both = page->both, whole = true; /* nothing was left out, so that the sum tells nothing more */
    if (rq->err || !person_compare(rq, a, b, &found))
        return;
    page->fields = (struct pair_field_rows){.query = &pair_field_query};
    page->fields.row = arena_array(rq->arena, ALIKE_FIELDS, sizeof *page->fields.row);
    for (enum alike_field f = 0; f < ALIKE_FIELDS && !rq->err; f++) {
        const char *level = found.why.field[f].level;
        enum alike_nearness near = alike_nearness(f, level);
        struct value mine = both ? known_value(rq, a, f) : v_null(), theirs = both ? known_value(rq, b, f) : v_null();
        bool contact = f == ALIKE_ADDRESS || f == ALIKE_PHONE;
        if (near == NEAR_UNKNOWN || (contact && !both) || mine.kind == V_HIDDEN || theirs.kind == V_HIDDEN) {
            whole = whole && near == NEAR_UNKNOWN;
            continue;
        }
        struct text label = text_of(tr(rq->lang, alike_label(f)));
        double bits = both ? found.why.field[f].bits : coarse[near].length;
        struct text said = both ? alike_bits(rq, bits, "+") : text_of(tr(rq->lang, coarse[near].words));
        bars[n] = (struct bar){label, said, bits};
        page->fields.row[n++] = (union pair_field_row){
            .id = v_int((int64_t)f),
            .label = v_text(label),
            .level = v_z(tr(rq->lang, both ? level : coarse[near].words)),
            .weight = both ? v_text(said) : v_null(),
            .a_value = mine,
            .b_value = theirs,
        };
    }
    page->fields.n = n;
    page->chart.t = bars_svg(rq->arena, text_of(tr(rq->lang, N_("What speaks for one person and what against"))), bars, n);
    page->weight = both && whole ? alike_bits(rq, found.bits, "+") : T("");
    page->sure = found.verdict == ALIKE_SAME;
    page->other_name = found.other_name;
    page->forbidden = found.why.forbidden;
}

static enum err show(struct request *rq, struct pair_card_page_page *page)
{
    union pair_get_row l = {0};
    enum knows knows;
    int64_t id = rq_id_int(rq, "pair");
    if (rq->err || !pair_open(rq, id, &l, &knows))
        return rq_end(rq);
    union pair_cards_row both;
    struct pair_cards_args args = {.id = l.id, .identity = v_int(CLASS_BIT(CLASS_IDENTITY))};
    if (!q_pair_cards(rq, &args, &both) || !cards(rq, &both, &page->pair))
        return rq_fail(rq, ERR_NOT_FOUND);
    page->version = v_as_int(l.version);
    page->both = knows == KNOWS_BOTH;
    page->confirmed = text_is(v_as_text(l.state), "open") && v_is(l.body_id);
    page->open = text_is(v_as_text(l.state), "open") && !page->confirmed;
    page->own_word = page->confirmed && v_as_int(l.body_id) == rq->viewer.body;
    if (v_as_int(l.body_id) == rq->viewer.body) /* what another body wrote is read there */
        page->reason = v_as_text(l.reason);
    page->decided_at = l.decided_at;
    explain(rq, page, v_as_int(l.person_id), v_as_int(l.other_id));
    return rq_end(rq);
}

ROUTE(GET, "/pairs/{pair}", pairs_card, pair_card_page, JOIN_PERSONS)
static enum err pairs_card(struct request *rq, struct pair_card_page_page *page)
{
    form_begin(&pair_form, page->form.v);
    return show(rq, page);
}

ROUTE(POST, "/pairs/{pair}/apart", pairs_apart, pair_card_page, JOIN_PERSONS)
static enum err pairs_apart(struct request *rq, struct pair_card_page_page *page)
{
    if (rq_read_form(rq, &pair_form, page->form.v)) {
        rq_redirect(rq, "/pairs/%lld", (long long)rq_id_int(rq, "pair"));
        pair_part(rq, rq_id_int(rq, "pair"), rq_field_int(rq, "version"), v_as_text(page->form.reason.value));
        rq_flash(rq, N_("Kept: these are two persons"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}

ROUTE(POST, "/pairs/{pair}/same", pairs_same, pair_card_page, JOIN_PERSONS)
static enum err pairs_same(struct request *rq, struct pair_card_page_page *page)
{
    if (rq_read_form(rq, &pair_form, page->form.v)) {
        rq_redirect(rq, "/pairs/%lld", (long long)rq_id_int(rq, "pair"));
        pair_confirm(rq, rq_id_int(rq, "pair"), rq_field_int(rq, "version"), v_as_text(page->form.reason.value));
        rq_flash(rq, N_("Kept: one person, as your body sees it"));
    }
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}
