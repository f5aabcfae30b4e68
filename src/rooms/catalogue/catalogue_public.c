/* The page that needs no sign-in: where to find help. What it shows is what bodies have marked for it, and nothing of a person. */
#include "base/date.h"
#include "catalogue_tpl.h"
#include "guard/codes.h"
#include "rooms/catalogue/catalogue_show.h"
#include "rooms/packs/packs.h"
#include "web/web.h"

enum { KEPT_SECONDS = 300 };

/* A code of the address that the list has; else it narrows nothing. */
static struct value code_asked(struct request *rq, const char *name, const char *list)
{
    struct value v = rq_filter(rq, name);
    return v_is(v) && code_find(code_list(list), v_as_text(v)) ? v : (struct value){0};
}

struct text catalogue_languages(struct request *rq, struct text codes)
{
    struct text out = T(""), code;
    while (text_split(&codes, ',', &code)) {
        code = text_trim(code);
        const struct code *c = code_find(code_list("catalogue_language"), code);
        out = arena_printf(rq->arena, "%.*s%s%.*s", TEXT_ARG(out), out.n ? ", " : "", TEXT_ARG(c ? text_of(c->label[rq->lang]) : code));
    }
    return out;
}

ROUTE(GET, "/help", catalogue_page_help, help_page, PUBLIC)
static enum err catalogue_page_help(struct request *rq, struct help_page_page *page)
{
    struct value w[CATALOGUE_WORDS];
    page->q = rq_param(rq, "q");
    page->city = rq_param(rq, "city");
    catalogue_typed(rq->arena, page->q, w);
    struct value need = code_asked(rq, "need", "need"), who = code_asked(rq, "who", "category"), district = rq_filter_int(rq, "district");
    struct text city = text_fold(rq->arena, page->city), n = v_as_text(need), c = v_as_text(who);
    struct value at = city.n ? v_text(city) : (struct value){0};
    int64_t d = v_as_int(district);
    q_catalogue_public(rq,
                       &(struct catalogue_public_args){.paging = rq_paging(rq, &catalogue_public_query), .need = need, .district = district,
                                                       .city = at, .category = who, .word1 = w[0], .word2 = w[1], .word3 = w[2], .word4 = w[3]},
                       &page->items);
    catalogue_fill_needs(rq, &page->items.rows, &catalogue_public_query);
    q_catalogue_public_count(rq,
                             &(struct catalogue_public_count_args){.need = need, .district = district, .city = at, .category = who,
                                                                   .word1 = w[0], .word2 = w[1], .word3 = w[2], .word4 = w[3]},
                             &page->count);
    catalogue_codes(rq, "need", &n, n.n ? 1 : 0, false, &page->needs);
    catalogue_codes(rq, "category", &c, c.n ? 1 : 0, true, &page->categories);
    catalogue_districts(rq, &d, d ? 1 : 0, &page->districts);
    page->filtered = page->q.n || city.n || n.n || c.n || d;
    rq_cacheable(rq, KEPT_SECONDS);
    return rq_end(rq);
}

ROUTE(GET, "/help/{help}", catalogue_page_leaflet, help_card, PUBLIC)
static enum err catalogue_page_leaflet(struct request *rq, struct help_card_page *page)
{
    struct value id = rq_id(rq, "help");
    union catalogue_hidden_places_row hidden;
    q_catalogue_card(rq, &(struct catalogue_card_args){.id = id, .public = v_int(1)}, &page->service);
    if (rq->err)
        return rq_end(rq);
    catalogue_words(rq, id, &page->needs, &page->audiences);
    q_catalogue_areas(rq, &(struct catalogue_areas_args){.service = id}, &page->areas);
    q_catalogue_places_open(rq, &(struct catalogue_places_open_args){.service = id}, &page->places);
    page->hidden = q_catalogue_hidden_places(rq, &(struct catalogue_hidden_places_args){.service = id}, &hidden);
    page->languages = catalogue_languages(rq, v_as_text(page->service.languages));
    rq_cacheable(rq, KEPT_SECONDS);
    return rq_end(rq);
}
