/* The fictional region itself: districts and settlements, bodies, staff. */
#include "base/date.h"
#include "guard/guard.h"
#include "main/demo.h"
#include "rooms/agencies/agencies.h"
#include "rooms/staff/staff.h"
#include "rooms/territory/territory.h"

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define PLACES(d) d##_places, COUNT(d##_places)

static const char *const city_places[] = {"г. Прибрежный", "пос. Причальный", "пос. Маячный",
                                          "с. Устье"};
static const char *const lake_places[] = {"пгт Приозёрье", "с. Камышово", "с. Окуневка",
                                          "д. Рыбачья", "д. Песчанка"};
static const char *const river_places[] = {"г. Заречье", "с. Перевоз", "с. Кривой Брод",
                                           "д. Затон"};
static const char *const forest_places[] = {"пгт Лесоград", "с. Еловка", "д. Боровая",
                                            "д. Просека"};
static const char *const elm_places[] = {"с. Вязово", "с. Ясенки",  "д. Липовка",
                                         "д. Дубки",  "д. Осинник", "д. Рощино"};
static const char *const stone_places[] = {"г. Каменный Брод", "с. Гранитное", "д. Известковая"};
static const char *const alder_places[] = {"с. Ольховка", "с. Малая Ольховка", "д. Ключики"};
static const char *const bridge_places[] = {"пгт Старый Мост", "с. Мостки", "с. Ямское",
                                            "д. Верстовая"};
static const char *const quiet_places[] = {"с. Тихоречье", "с. Плёсы", "д. Омутки"};
static const char *const spring_places[] = {"с. Ключевое", "с. Родники", "д. Студёная"};
static const char *const north_places[] = {"пгт Северный Мыс", "с. Морошкино"};
static const char *const apple_places[] = {"с. Яблоневое", "с. Вишнёвка", "д. Медовая"};

/* The name in the four cases that names of bodies need. */
static const struct {
    const char *of, *to, *adjective, *name;
    int weight;
    const char *const *places;
    int n_places;
} districts[DISTRICTS] = {
    {"Прибрежного городского округа", "Прибрежному городскому округу",
     "Прибрежная городская больница", "Прибрежный городской округ", 24, PLACES(city)},
    {"Приозёрного района", "Приозёрному району", "Приозёрная районная больница", "Приозёрный район",
     12, PLACES(lake)},
    {"Заречного района", "Заречному району", "Заречная районная больница", "Заречный район", 10,
     PLACES(river)},
    {"Лесоградского района", "Лесоградскому району", "Лесоградская районная больница",
     "Лесоградский район", 9, PLACES(forest)},
    {"Вязовского района", "Вязовскому району", "Вязовская районная больница", "Вязовский район", 8,
     PLACES(elm)},
    {"Каменобродского района", "Каменобродскому району", "Каменобродская районная больница",
     "Каменобродский район", 8, PLACES(stone)},
    {"Ольховского района", "Ольховскому району", "Ольховская районная больница", "Ольховский район",
     7, PLACES(alder)},
    {"Старомостовского района", "Старомостовскому району", "Старомостовская районная больница",
     "Старомостовский район", 6, PLACES(bridge)},
    {"Тихореченского района", "Тихореченскому району", "Тихореченская районная больница",
     "Тихореченский район", 5, PLACES(quiet)},
    {"Родниковского района", "Родниковскому району", "Родниковская районная больница",
     "Родниковский район", 4, PLACES(spring)},
    {"Северного района", "Северному району", "Северная районная больница", "Северный район", 4,
     PLACES(north)},
    {"Яблоневского района", "Яблоневскому району", "Яблоневская районная больница",
     "Яблоневский район", 3, PLACES(apple)},
};

/* Bodies of every district: the name takes the district's name in its case. login, role, post, how
 * many; two groups of staff. */
static const struct {
    const char *code, *name; /* of the kind */
    int form;                /* 0: of, 1: to, 2: the name as it is */
    struct posts {
        const char *login, *role, *post;
        int n;
    } posts[2];
} in_district[K_DISTRICT] = {
    [K_SOCIAL] = {"social_centre",
                  "Комплексный центр социального обслуживания населения ",
                  0,
                  {{"social", "social_worker", "Специалист по социальной работе", 3},
                   {"head", "centre_head", "Директор", 1}}},
    [K_EMPLOYMENT] = {"employment_centre",
                      "Центр занятости населения, отдел по ",
                      1,
                      {{"employment", "employment_specialist", "Ведущий инспектор", 1}}},
    [K_PENAL] = {"penal_inspectorate",
                 "Филиал уголовно-исполнительной инспекции по ",
                 1,
                 {{"penal", "penal_operator", "Старший инспектор", 2}}},
    [K_POLICE] = {"police",
                  "Отдел полиции по ",
                  1,
                  {{"police", "police_officer", "Участковый уполномоченный", 1}}},
    [K_JUVENILE] = {"juvenile_commission",
                    "Комиссия по делам несовершеннолетних ",
                    0,
                    {{"juvenile", "juvenile_secretary", "Ответственный секретарь", 1}}},
    [K_CLINIC] = {"clinic", "", 2, {{"doctor", "doctor", "Врач-терапевт", 2}}},
};

static const struct {
    enum kind kind;
    const char *code, *name;
    int district; /* -1: the region's */
    const char *login, *role, *post;
    int n;
} of_region[] = {
    {K_OPERATOR, "operator", "Центр цифрового развития Прибрежной области", -1, "admin",
     "system_admin", "Администратор системы", 1},
    {K_MINISTRY, "ministry", "Министерство социального развития Прибрежной области", -1, "analyst",
     "ministry_analyst", "Главный специалист", 1},
    {K_CONTROL, "control", "Служба контроля Прибрежной области", -1, "auditor", "auditor",
     "Консультант", 1},
    {K_NGO, "ngo", "АНО «Тёплый дом Прибрежья»", 0, "ngo1", "ngo_worker", "Координатор помощи", 2},
    {K_NGO, "ngo", "Фонд «Прибрежье: возвращение к жизни»", 1, "ngo2", "ngo_worker",
     "Куратор", 1},
    {K_NGO, "ngo", "Общественная организация «Прибрежье — право на шанс»", 2, "ngo3", "ngo_worker", "Юрист", 1},
    {K_NGO, "ngo", "АНО «Рука соседа»", 4, "ngo4", "ngo_worker", "Координатор помощи", 1},
    {K_HOMELESS, "homeless_centre", "Центр социальной адаптации «Причал»", -1, "homeless",
     "social_worker", "Специалист по социальной работе", 3},
    {K_CRISIS, "crisis_centre", "Кризисный центр «Тихая гавань»", -1, "crisis", "social_worker",
     "Специалист по социальной работе", 2},
    {K_FAMILY, "family_centre", "Социально-реабилитационный центр для несовершеннолетних «Росток»",
     -1, "family", "social_worker", "Специалист по работе с семьёй", 2},
    {K_GUARDIAN, "guardianship", "Управление опеки и попечительства Прибрежной области", -1,
     "guardian", "juvenile_secretary", "Главный специалист", 1},
    {K_AIDS, "aids_centre", "Центр по профилактике и борьбе со СПИД Прибрежной области", -1, "aids",
     "doctor", "Врач-инфекционист", 2},
    {K_NARCOLOGY, "narcology", "Прибрежный областной наркологический диспансер", -1, "narcology",
     "doctor", "Врач-нарколог", 2},
    {K_PSYCHIATRY, "mental_hospital", "Прибрежная областная психиатрическая больница", -1,
     "psychiatry", "doctor", "Врач-психиатр", 2},
    {K_MENTAL_HOME, "mental_home", "Дом социального обслуживания «Сосновый»", 3, NULL, NULL, NULL,
     0},
    {K_PRISON, "prison", "Исправительная колония № 1", 5, "prison1", "penal_operator",
     "Инспектор по воспитательной работе", 1},
    {K_PRISON, "prison", "Исправительная колония № 2", 7, "prison2", "penal_operator",
     "Инспектор по воспитательной работе", 1},
    {K_PRISON, "prison", "Исправительная колония № 3", 10, "prison3", "penal_operator",
     "Инспектор по воспитательной работе", 1},
    {K_PROBATION, "penal_inspectorate",
     "Отдел пробации уголовно-исполнительной инспекции Прибрежной области", -1, "probation",
     "penal_operator", "Начальник отдела", 1},
    {K_EDUCATION, "education", "Прибрежный техникум строительства и сервиса", 0, NULL, NULL, NULL,
     0},
    {K_MINISTRY, "ministry", "Координационный совет по ресоциализации Прибрежной области", -1,
     "coordinator", "coordinator", "Ответственный секретарь", 1},
};

static void make_districts(struct change *ch, struct region_made *r)
{
    for (int i = 0; i < DISTRICTS; i++) {
        struct demo_district *d = &r->districts[i];
        char code[8] = {(char)('0' + (i + 1) / 10), (char)('0' + (i + 1) % 10), 0};
        *d = (struct demo_district){.weight = districts[i].weight,
                                    .settlements = districts[i].places,
                                    .n_settlements = districts[i].n_places};
        d->id =
            district_add(ch, text_of(arena_z(r->arena, text_of(code))), text_of(districts[i].name));
        for (int k = 0; k < d->n_settlements; k++)
            settlement_add(ch, d->id, text_of(d->settlements[k]));
    }
}

static int make_body(struct change *ch, struct region_made *r, struct dice *d, enum kind kind,
                     const char *code, struct text name, int district)
{
    struct demo_body *b = &r->bodies[r->n_bodies];
    int at = district >= 0 ? district : 0;
    struct full_name who;
    demo_name(ch->rq->arena, d, dice_chance(d, 60), &who);
    *b = (struct demo_body){.kind = kind,
                            .district = district,
                            .code = code,
                            .listed = access_rule(FACT_LISTED, code, T(""))};
    b->id = body_add(
        ch, &(struct body_new){
                .name = name,
                .kind = text_of(code),
                .district = district >= 0 ? r->districts[district].id : 0,
                .phone = arena_printf(ch->rq->arena, "+7000%07d", 2000000 + r->n_bodies * 37),
                .address = arena_printf(ch->rq->arena, "%s, ул. %s, д. %d", districts[at].places[0],
                                        demo_streets[dice_below(d, COUNT(demo_streets))],
                                        dice_between(d, 1, 60)),
                .contact = arena_printf(ch->rq->arena, "%.*s %.*s %.*s", TEXT_ARG(who.family),
                                        TEXT_ARG(who.given), TEXT_ARG(who.patronymic))});
    return r->n_bodies++;
}

static void make_account(struct change *ch, struct region_made *r, struct dice *d, int body,
                         struct text login, const char *role, const char *post, const char *hash)
{
    struct demo_body *b = &r->bodies[body];
    struct demo_actor *a = &r->actors[r->n_actors];
    struct full_name who;
    demo_name(ch->rq->arena, d, dice_chance(d, 64), &who);
    struct text name = text_trim(arena_printf(r->arena, "%.*s %.*s %.*s", TEXT_ARG(who.family),
                                              TEXT_ARG(who.given), TEXT_ARG(who.patronymic)));
    int64_t id = account_add(ch, &(struct account_new){.login = login,
                                                       .name = name,
                                                       .role = text_of(role),
                                                       .post = text_of(post),
                                                       .body = b->id,
                                                       .hash = hash});
    *a = (struct demo_actor){.viewer = {.account = id,
                                        .body = b->id,
                                        .login = arena_z(r->arena, login),
                                        .name = arena_z(r->arena, name),
                                        .body_name = "",
                                        .body_kind = b->code,
                                        .role = role_find(role)},
                             .body = body};
    if (b->n_actors < ACTORS_OF_BODY)
        b->actors[b->n_actors++] = (uint16_t)r->n_actors;
    r->n_actors++;
}

/* "penal" of district 1, second person: penal1, penal1b. */
static struct text login_of(struct arena *arena, const char *stem, int number, int who)
{
    struct text t = number ? arena_printf(arena, "%s%d", stem, number) : text_of(stem);
    return who ? arena_printf(arena, "%.*s%c", TEXT_ARG(t), 'a' + who) : t;
}

static void make_staff(struct change *ch, struct region_made *r, struct dice *d, int district,
                       const char *hash)
{
    for (int k = 0; k < K_DISTRICT; k++)
        for (size_t g = 0; g < COUNT(in_district[k].posts); g++) {
            const struct posts *p = &in_district[k].posts[g];
            for (int i = 0; i < p->n; i++)
                make_account(ch, r, d, district * K_DISTRICT + k,
                             login_of(r->arena, p->login, district + 1, i), p->role, p->post, hash);
        }
}

static void make_region_staff(struct change *ch, struct region_made *r, struct dice *d, size_t k,
                              const char *hash)
{
    int body = DISTRICTS * K_DISTRICT + (int)k;
    const char *login = of_region[k].login;
    bool numbered = login && (login[strlen(login) - 1] <= '9' || of_region[k].kind == K_OPERATOR ||
                              of_region[k].kind == K_MINISTRY || of_region[k].kind == K_CONTROL);
    for (int i = 0; i < of_region[k].n; i++)
        make_account(ch, r, d, body,
                     numbered ? login_of(r->arena, login, 0, i)
                              : login_of(r->arena, login, i + 1, 0),
                     of_region[k].role, of_region[k].post, hash);
}

void demo_region(struct request *rq, uint64_t seed, const char *hash, struct region_made *r)
{
    struct dice d = dice_of(seed, 0, 0);
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    make_districts(&ch, r);
    for (int i = 0; i < DISTRICTS; i++)
        for (int k = 0; k < K_DISTRICT; k++) {
            const char *cases[] = {districts[i].of, districts[i].to, districts[i].adjective};
            make_body(
                &ch, r, &d, (enum kind)k, in_district[k].code,
                arena_printf(rq->arena, "%s%s", in_district[k].name, cases[in_district[k].form]),
                i);
        }
    for (size_t k = 0; k < COUNT(of_region); k++)
        make_body(&ch, r, &d, of_region[k].kind, of_region[k].code, text_of(of_region[k].name),
                  of_region[k].district);
    make_staff(&ch, r, &d, 0, hash);
    for (size_t k = 0; k < COUNT(of_region); k++)
        make_region_staff(&ch, r, &d, k, hash);
    for (int i = 1; i < DISTRICTS; i++)
        make_staff(&ch, r, &d, i, hash);
    change_commit(&ch);
    if (!rq->err)
        guard_bodies_changed(rq);
}

int body_for(const struct region_made *r, enum kind kind, int district)
{
    if (kind < K_DISTRICT)
        return district * K_DISTRICT + (int)kind;
    int n = 0, found = 0;
    for (int i = DISTRICTS * K_DISTRICT; i < r->n_bodies; i++)
        n += r->bodies[i].kind == kind;
    for (int i = DISTRICTS * K_DISTRICT, k = 0; i < r->n_bodies; i++)
        if (r->bodies[i].kind == kind && k++ == district % (n ? n : 1))
            found = i;
    return found;
}

uint16_t actor_of(const struct region_made *r, int body, struct dice *d)
{
    const struct demo_body *b = &r->bodies[body];
    /* the head signs, the others work with people */
    int n = b->kind == K_SOCIAL ? b->n_actors - 1 : b->n_actors;
    return n > 0 ? b->actors[dice_below(d, (uint32_t)n)] : NO_ACTOR;
}
