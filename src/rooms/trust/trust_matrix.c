/* The rules of access as a page, from the packs that the program runs by. */
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_rules.h"
#include "trust_tpl.h"
#include "web/tr.h"
#include "web/web.h"

static size_t count_of(const char *kind)
{
    size_t n = 0;
    for (const struct pack_entry *e = NULL; (e = pack_next(kind, e));)
        n++;
    return n;
}

/* "none" and unknown words are empty; "need" stands for the classes of the referral's need. */
static struct text opens_of(struct request *rq, struct text names)
{
    struct text rest = names, name, out;
    uint32_t bits = 0, one;
    bool need = false, law = false;
    while (text_split(&rest, ' ', &name)) {
        need = need || text_is(name, "need");
        law = law || text_is(name, "law");
        if (name.n && classes_parse(name, &one) == OK)
            bits |= one;
    }
    out = class_words(rq, bits);
    if (!need && !law)
        return out;
    const char *words = law ? tr(rq->lang, N_("the classes of the law"))
                            : tr(rq->lang, N_("the classes of the need"));
    return arena_printf(rq->arena, "%s%s%.*s", words, out.n ? ", " : "", TEXT_ARG(out));
}

static void fill_roles(struct request *rq, struct rule_role_rows *out)
{
    *out = (struct rule_role_rows){
        .row = arena_array(rq->arena, count_of("role") + 1, sizeof *out->row),
        .query = &rule_role_query,
        .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("role", e));)
        out->row[out->n++] =
            (union rule_role_row){.label = v_z(pack_label(e, rq->lang)),
                                  .reads = v_text(opens_of(rq, pack_prop(e, "read"))),
                                  .writes = v_text(opens_of(rq, pack_prop(e, "write")))};
}

static void fill_needs(struct request *rq, struct rule_need_rows *out)
{
    *out = (struct rule_need_rows){
        .row = arena_array(rq->arena, count_of("need") + 1, sizeof *out->row),
        .query = &rule_need_query,
        .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("need", e));)
        out->row[out->n++] =
            (union rule_need_row){.label = v_z(pack_label(e, rq->lang)),
                                  .opens = v_text(opens_of(rq, pack_prop(e, "classes")))};
}

static struct value number_of(const struct pack_entry *e, const char *name)
{
    int64_t n;
    return text_int(pack_prop(e, name), 1, 1000000, &n) == OK ? v_int(n) : v_null();
}

static void fill_grants(struct request *rq, struct rule_grant_rows *out)
{
    *out = (struct rule_grant_rows){
        .row = arena_array(rq->arena, count_of("grant") + 1, sizeof *out->row),
        .query = &rule_grant_query,
        .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("grant", e));) {
        struct text kind = e->key, fact;
        text_split(&kind, ' ', &fact);
        const struct code *code = code_find(code_list("body_kind"), kind);
        out->row[out->n++] =
            (union rule_grant_row){.fact = v_text(fact_words(rq, fact)),
                                   .body_kind = code ? v_z(code->label[rq->lang]) : v_null(),
                                   .opens = v_text(opens_of(rq, pack_prop(e, "classes"))),
                                   .days = number_of(e, "days"),
                                   .minutes = number_of(e, "minutes")};
    }
}

/* Words of a list of codes. */
static struct text labels_of(struct request *rq, const char *list, struct text words)
{
    struct text one, out = T("");
    while (text_split(&words, ' ', &one)) {
        const struct code *code = code_find(code_list(list), one);
        if (code)
            out = arena_printf(rq->arena, "%.*s%s%s", TEXT_ARG(out), out.n ? ", " : "",
                               code->label[rq->lang]);
    }
    return out;
}

static void fill_laws(struct request *rq, struct rule_law_rows *out)
{
    *out =
        (struct rule_law_rows){.row = arena_array(rq->arena, count_of("law") + 1, sizeof *out->row),
                               .query = &rule_law_query,
                               .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("law", e));)
        out->row[out->n++] = (union rule_law_row){
            .law = v_text(labels_of(rq, "legal_basis", e->key)),
            .act = v_text(pack_prop(e, "act")),
            .unverified = v_int(!text_is(pack_prop(e, "verified"), "yes")),
            .categories = v_text(labels_of(rq, "category", pack_prop(e, "categories"))),
            .kinds = v_text(labels_of(rq, "body_kind", pack_prop(e, "kinds"))),
            .opens = v_text(opens_of(rq, pack_prop(e, "classes")))};
}

static void fill_never(struct request *rq, struct rule_never_rows *out)
{
    *out = (struct rule_never_rows){
        .row = arena_array(rq->arena, count_of("body_kind") + 1, sizeof *out->row),
        .query = &rule_never_query,
        .next = T("")};
    for (const struct pack_entry *e = NULL; (e = pack_next("body_kind", e));) {
        uint32_t never = access_never(arena_z(rq->arena, e->key));
        if (never)
            out->row[out->n++] = (union rule_never_row){.body_kind = v_z(pack_label(e, rq->lang)),
                                                        .never = v_text(class_words(rq, never))};
    }
}

ROUTE(GET, "/access", access_rules, access_rules_page, SIGNED_IN)
static enum err access_rules(struct request *rq, struct access_rules_page_page *page)
{
    fill_roles(rq, &page->roles);
    fill_needs(rq, &page->needs);
    fill_grants(rq, &page->grants);
    fill_laws(rq, &page->laws);
    fill_never(rq, &page->never);
    return rq_end(rq);
}
