#include "packs_tpl.h"
#include "rooms/packs/packs.h"
#include "web/web.h"

ROUTE(GET, "/packs", packs_list, pack_list_page, ADMIN)
static enum err packs_list(struct request *rq, struct pack_list_page_page *page)
{
    struct pack_entry_list_args args = {.paging = rq_paging(rq, &pack_entry_list_query),
                                        .kind = rq_filter(rq, "kind"),
                                        .pack = rq_filter(rq, "pack"),
                                        .verified = rq_filter_int(rq, "verified")};
    struct pack_kind_list_args kind = {.chosen = v_text(rq_param(rq, "kind"))};
    struct pack_name_list_args pack = {.chosen = v_text(rq_param(rq, "pack"))};

    page->verified = rq_param(rq, "verified");
    page->filtered = v_is(args.kind) || v_is(args.pack) || v_is(args.verified);
    q_pack_kind_list(rq, &kind, &page->kinds);
    q_pack_name_list(rq, &pack, &page->packs);
    q_pack_entry_list(rq, &args, &page->items);
    return rq_end(rq);
}

ROUTE(GET, "/packs/{entry}", packs_card, pack_card_page, ADMIN)
static enum err packs_card(struct request *rq, struct pack_card_page_page *page)
{
    q_pack_entry_card(rq, &(struct pack_entry_card_args){.id = rq_id(rq, "entry")}, &page->entry);
    return rq_end(rq);
}
