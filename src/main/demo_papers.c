/* Papers of the demonstration's persons: documents, former surnames, and persons without any
 * papers. Throws of their own, so that all else stays as it was. Numbers are such as nobody has: no
 * region has the passport series 00. */
#include "main/demo.h"
#include "rooms/people/people_papers.h"

enum { THROWS = 9, THROWS_PAPERS = 10 };

static const char *const aliases[] = {"Седой",    "Моряк",  "Геолог",  "Художник",
                                      "Музыкант", "Кузнец", "Длинный", "Степаныч"};
static const char *const signs[] = {
    "Рост около 170 см, седые волосы, шрам на левой щеке",
    "Рост около 180 см, на правом предплечье татуировка «якорь»",
    "Худощавого телосложения, прихрамывает на левую ногу",
    "Плотного телосложения, рост около 160 см, на левой руке нет мизинца",
};
static const char *const places[] = {"у железнодорожного вокзала", "на городском рынке",
                                     "теплотрасса за котельной", "пункт обогрева на Садовой"};
enum { ALIASES = 8, SIGNS = 4, PLACES = 4 };

/* Nothing but what can be seen and heard is known of some of those without an address. */
void demo_paperless(struct arena *arena, const struct plans *p, uint32_t person,
                    union person_record *out)
{
    struct dice d = dice_of(p->seed, person, THROWS);
    bool asked = text_is(v_as_text(out->identity_status), "inquiry");
    bool stated = text_is(v_as_text(out->identity_status), "stated");
    if (!demo_profiles[p->profile[person]].no_address || !(asked || stated))
        return;
    if (stated && !dice_chance(&d, 40))
        return;
    int year = date_ymd(out->birth_date.i).year;
    out->birth_year_from = v_int(year - dice_between(&d, 1, 3));
    out->birth_year_to = v_int(year + dice_between(&d, 1, 3));
    out->birth_date = out->birth_place = out->snils = (struct value){0};
    out->signs = v_z(signs[dice_below(&d, SIGNS)]);
    out->met_at = v_text(arena_printf(arena, "%s, %s",
                                      p->region->districts[p->district[person]].settlements[0],
                                      places[dice_below(&d, PLACES)]));
    if (asked) {
        out->identity_status = v_z(dice_chance(&d, 50) ? "unknown" : "inquiry");
        out->family_name = v_z(aliases[dice_below(&d, ALIASES)]);
        out->given_name = out->patronymic = (struct value){0};
    }
}

static void passport(struct change *ch, const struct plans *p, uint32_t person, int64_t id,
                     struct dice *d, int64_t body)
{
    struct arena *arena = ch->rq->arena;
    bool homeless = demo_profiles[p->profile[person]].no_address;
    int throw = (int)dice_below(d, 100);
    const char *state = !homeless || throw < 40 ? "valid" : throw < 80 ? "lost" : "restoring";
    struct document_entry e = {
        .record = {.kind = v_z("passport_ru"),
                   .series = v_text(arena_printf(arena, "00%02d", dice_between(d, 1, 24))),
                   .number = v_text(arena_printf(arena, "%06u", person % 1000000)),
                   .issued_on = v_date(p->today - dice_between(d, 800, 4000)),
                   .issued_by = v_z("ОВМ области"),
                   .issuer_code = v_z("000-001"),
                   .state = v_z(state),
                   .step = homeless && throw >= 80 ? v_z("application") : (struct value){0}},
        .body = body,
    };
    document_enter(ch, id, &e);
}

void demo_papers(struct change *ch, const struct plans *p, uint32_t person, int64_t id,
                 const union person_record *r, int64_t body)
{
    struct dice d = dice_of(p->seed, person, THROWS_PAPERS);
    const struct profile *profile = &demo_profiles[p->profile[person]];
    const struct request *rq = ch->rq;
    uint32_t criminal = document_bits(T("release_certificate"));
    bool alias = text_is(v_as_text(r->identity_status), "inquiry");
    if (rq->err)
        return;
    if (alias && !v_is(r->given_name))
        name_enter(
            ch, id,
            &(struct name_entry){.kind = "alias", .name = v_as_text(r->family_name), .body = body});
    if (text_is(v_as_text(r->identity_status), "document") && dice_chance(&d, p->large ? 15 : 45))
        passport(ch, p, person, id, &d, body);
    if (text_is(text_of(profile->category), "released") && dice_chance(&d, 50) &&
        (rq->viewer.system || (rq->viewer.role && !(criminal & ~rq->viewer.role->write))))
        document_enter(
            ch, id,
            &(struct document_entry){
                .record = {.kind = v_z("release_certificate"),
                           .number = v_text(arena_printf(rq->arena, "%05u", person % 100000)),
                           .issued_on = v_date(rq->today - dice_between(&d, 1, 60)),
                           .issued_by = v_z("Исправительная колония области")},
                .body = body});
    bool female = text_is(v_as_text(r->sex), "female");
    if (female && v_is(r->birth_date) && dice_chance(&d, 12)) {
        struct full_name maiden;
        int64_t married = r->birth_date.i + 365 * 20 + (int64_t)dice_below(&d, 3000);
        demo_name(rq->arena, &d, true, &maiden);
        if (married < rq->today)
            name_enter(ch, id,
                       &(struct name_entry){.kind = "former",
                                            .name = maiden.family,
                                            .until = v_date(married),
                                            .body = body});
    }
}
