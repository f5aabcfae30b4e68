/* What the bodies of the fictional region offer. */
#include "agencies_gen.h"
#include "main/demo.h"
#include "rooms/catalogue/catalogue.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* One kind of service: which kind of body gives it, how. hidden: only workers read of it. */
static const struct {
    enum kind kind;
    const char *name, *description, *needs[2], *category, *documents, *apply, *hours, *cost;
    int capacity, wait; /* 0: no places are counted; -1: nothing is declared */
    int min_age, max_age;
    bool hidden;
} offers[] = {
    {K_SOCIAL, "Социальное сопровождение", "Помощь в решении трудной жизненной ситуации: план, сопровождение к другим организациям.", {"social_support"}, NULL,
     "Паспорт\nСНИЛС (при наличии)", "По телефону или лично; документов может не быть.", "пн–чт 08:30–17:30\nпт 08:30–16:15", "free", 0, 3, 0, 0, false},
    {K_SOCIAL, "Срочная социальная помощь", "Продукты, одежда, горячее питание, временная помощь в день обращения.", {"urgent_help"}, NULL, NULL, "В день обращения, без записи.",
     "ежедневно 08:00–20:00", "free", 0, 0, 0, 0, false},
    {K_SOCIAL, "Помощь в восстановлении документов", "Паспорт, СНИЛС, полис, регистрация по месту пребывания.", {"documents"}, "homeless", "Любые сохранившиеся документы",
     "Запись по телефону.", "вт, чт 09:00–16:00", "free", 0, 5, 18, 0, false},
    {K_SOCIAL, "Консультация психолога", "Индивидуальные и семейные консультации.", {"psychological_help"}, NULL, NULL, "Запись по телефону.", "пн–пт 09:00–17:00", "free", 12, 7, 0, 0, false},
    {K_EMPLOYMENT, "Подбор работы", "Вакансии, сопровождение на собеседование, справки о заработке.", {"employment"}, NULL, "Паспорт\nТрудовая книжка (при наличии)", "Лично или через портал.",
     "пн–пт 09:00–17:00", "free", 0, 3, 16, 0, false},
    {K_EMPLOYMENT, "Обучение профессии", "Курсы с выдачей свидетельства: сварщик, швея, повар, водитель погрузчика.", {"retraining"}, NULL, "Паспорт\nДокумент об образовании (при наличии)",
     "После постановки на учёт.", "пн–пт 09:00–17:00", "free", 30, 21, 18, 0, false},
    {K_CLINIC, "Медицинский осмотр", "Осмотр терапевта, анализы, направление к специалистам.", {"medical_examination"}, NULL, "Паспорт\nПолис ОМС (при наличии)", "Запись в регистратуре.",
     "пн–пт 08:00–20:00\nсб 09:00–14:00", "free", 0, 7, 0, 0, false},
    {K_JUVENILE, "Работа с семьёй", "Межведомственная помощь семье, в которой нарушаются права детей.", {"family_work"}, "family_sop", NULL, "По направлению органов.", "пн–пт 09:00–17:00", NULL, 0, -1,
     0, 0, true},
    {K_HOMELESS, "Ночлег и временное проживание", "Койко-место, душ, питание, помощь специалиста.", {"shelter"}, "homeless", NULL, "Лично, круглосуточно. Без документов принимают.", "ежедневно круглосуточно", "free",
     60, 1, 18, 0, false},
    {K_HOMELESS, "Оформление пенсии и пособий", "Сбор документов, обращение в Социальный фонд.", {"pension"}, "homeless", "Любые сохранившиеся документы", "Запись у специалиста.", "пн–пт 09:00–16:00", "free", 0, 10,
     18, 0, false},
    {K_CRISIS, "Убежище для пострадавших от насилия", "Безопасное проживание с детьми, психолог, юрист.", {"violence_help"}, "violence_victim", NULL, "По телефону в любое время.", "ежедневно круглосуточно", "free", 20,
     0, 0, 0, false},
    {K_FAMILY, "Временное устройство ребёнка", "Проживание, обучение и помощь ребёнку, пока решаются трудности семьи.", {"family_work"}, "minor_neglect", NULL, "По направлению органов.", NULL, "free", 40, 2, 0, 17, true},
    {K_NARCOLOGY, "Лечение зависимости", "Приём нарколога, стационар, реабилитация.", {"addiction_help"}, NULL, "Паспорт\nПолис ОМС (при наличии)", "Запись в регистратуре; можно анонимно за плату.", "пн–пт 08:00–18:00",
     "partly", 50, 14, 18, 0, false},
    {K_PSYCHIATRY, "Приём психиатра", "Консультация и лечение по согласию.", {"mental_help"}, NULL, "Паспорт\nПолис ОМС (при наличии)", "Запись в регистратуре.", "пн–пт 08:00–18:00", "free", 0, 10, 18, 0, false},
    {K_NGO, "Правовая помощь", "Консультация юриста, составление заявлений, представительство.", {"legal_aid"}, NULL, "Документы по вашему вопросу", "Запись по телефону.", "пн, ср 10:00–18:00", "free", 0, 4, 0, 0, false},
    {K_NGO, "Группа взаимной поддержки", "Встречи, наставник, помощь в первые месяцы после освобождения.", {"reintegration", "documents"}, "released", NULL, "Приходите на встречу.", "сб 12:00–16:00", "free", 15, 0, 18, 0,
     false},
};

static int64_t make_place(struct change *ch, struct dice *d, const struct demo_body *b, int64_t district, const char *settlement)
{
    static const char *const streets[] = {"ул. Центральная", "ул. Садовая", "ул. Школьная", "пр. Мира", "ул. Заводская", "ул. Набережная"};
    struct arena *arena = ch->rq->arena;
    union catalogue_place_record p = {.name = v_z("Приём граждан"),
                                      .address = v_text(arena_printf(arena, "%s, %d", streets[dice_below(d, COUNT(streets))], dice_between(d, 1, 90))),
                                      .city = v_z(settlement),
                                      .district_id = district ? v_int(district) : v_null(),
                                      .postal_code = v_text(arena_printf(arena, "6%05d", dice_between(d, 70000, 71999))),
                                      .country = v_z("RU"),
                                      .phone = v_text(arena_printf(arena, "+7 301 2%02d-%02d-%02d", dice_between(d, 10, 99), dice_between(d, 10, 99), dice_between(d, 10, 99))),
                                      .access = dice_chance(d, 60) ? v_z("Пандус, кнопка вызова") : v_null(),
                                      .confidential = v_int(b->kind == K_CRISIS),
                                      .active = v_int(1)};
    return catalogue_place_write(ch, 0, -1, b->id, &p);
}

void demo_catalogue(struct request *rq, uint64_t seed, const struct region_made *r)
{
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    for (int i = 0; i < r->n_bodies && !rq->err; i++) {
        const struct demo_body *b = &r->bodies[i];
        struct dice d = dice_of(seed, (uint64_t)b->id, 77);
        int64_t place = 0, district = b->district >= 0 ? r->districts[b->district].id : 0;
        for (size_t k = 0; k < COUNT(offers); k++) {
            if (offers[k].kind != b->kind)
                continue;
            if (!place)
                place = make_place(&ch, &d, b, district, r->districts[b->district >= 0 ? b->district : 0].settlements[0]);
            struct text needs[2] = {text_of(offers[k].needs[0]), text_of(offers[k].needs[1] ? offers[k].needs[1] : "")};
            struct text category = text_of(offers[k].category ? offers[k].category : "");
            int capacity = offers[k].capacity, wait = offers[k].wait < 0 ? -1 : offers[k].wait + (int)dice_below(&d, 4);
            int64_t said = rq->today - dice_between(&d, 0, 40);
            struct catalogue_draft c = {.body = b->id,
                                        .needs = needs,
                                        .n_needs = needs[1].n ? 2 : 1,
                                        .categories = &category,
                                        .n_categories = category.n ? 1 : 0,
                                        .areas = &district,
                                        .n_areas = district ? 1 : 0,
                                        .places = &place,
                                        .n_places = 1};
            c.r = (union catalogue_service_record){.name = v_z(offers[k].name), .description = v_z(offers[k].description), .state = v_z("active"),
                                                   .public = v_int(!offers[k].hidden), .documents = v_z(offers[k].documents), .apply_how = v_z(offers[k].apply),
                                                   .hours = v_z(offers[k].hours), .cost = v_z(offers[k].cost), .languages = v_z("ru"),
                                                   .checked_on = v_date(dice_chance(&d, 15) ? rq->today - 220 : said)};
            c.r.phone = v_text(arena_printf(rq->arena, "+7 301 3%02d-%02d-%02d", dice_between(&d, 10, 99), dice_between(&d, 10, 99), dice_between(&d, 10, 99)));
            if (capacity) {
                c.r.capacity = v_int(capacity);
                c.r.free = v_int(dice_below(&d, (uint32_t)capacity / 4 + 1));
                c.r.free_on = v_date(said);
            }
            if (wait >= 0) {
                c.r.wait_days = v_int(wait);
                c.r.wait_on = v_date(said);
            }
            if (offers[k].min_age)
                c.r.min_age = v_int(offers[k].min_age);
            if (offers[k].max_age)
                c.r.max_age = v_int(offers[k].max_age);
            catalogue_service_write(&ch, 0, -1, &c);
        }
    }
    change_commit(&ch);
}
