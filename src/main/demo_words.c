/* What persons of the fictional region come with, what is done for them, and the words in which it is written down. Only codes of the
 * packs stand here; bodies are named by their kind. */
#include "main/demo.h"

/* ---- parts of the common work ---- */

enum {
    W_EMPLOYMENT,
    W_EMPLOYMENT_BAN,
    W_RETRAINING,
    W_EXAMINATION,
    W_PASSPORT,
    W_SUPERVISION,
    W_DUTIES,
    W_LEGAL_AID,
    W_TALKS,
    W_COMMUNITY,
    W_SHELTER,
    W_FAMILY,
    W_OWN_DOCUMENTS,
    W_OWN_PENSION,
    W_OWN_SUPPORT,
    W_OWN_HOUSING,
    W_OWN_FAMILY,
    W_OWN_SAFETY,
    W_SUPPORT,
    W_URGENT,
    W_PENSION,
    W_SUPPORT_MINOR,
    W_DOCUMENTS,
    W_HOMELESS_STAY,
    W_CRISIS,
    W_ADDICTION,
    W_MENTAL,
    W_END
};

const struct work demo_works[] = {
    [W_EMPLOYMENT] = {"employment", "employment", "Найти постоянную работу", "Подобрать вакансии и помочь с трудоустройством",
                      "employment_565", K_EMPLOYMENT, {"work_search", "vocational_guidance", "work_placement"}},
    [W_EMPLOYMENT_BAN] = {"employment_ban", "employment", "Найти постоянную работу",
                          "Подобрать работу с учётом ограничений, установленных законом", "employment_565", K_EMPLOYMENT,
                          {"ban_check", "work_search", "employer_talks"}},
    [W_RETRAINING] = {"retraining", "education", "Получить рабочую профессию", "Направить на профессиональное обучение",
                      "employment_565", K_EMPLOYMENT, {"vocational_guidance", "retraining"}},
    [W_EXAMINATION] = {"medical_examination", "health", "Проверить здоровье", "Пройти медицинский осмотр и флюорографию", "consent",
                       K_CLINIC, {"medical_examination", "fluorography"}},
    [W_PASSPORT] = {"documents", "documents", "Восстановить документы", "Установить личность и оформить паспорт", "social_442",
                    K_POLICE, {"documents", "registration"}},
    [W_SUPERVISION] = {"supervision", "court", "Не допустить нового нарушения", "Провести профилактическую беседу по месту жительства",
                       "prevention_182", K_POLICE, {"preventive_talk"}},
    [W_DUTIES] = {"supervision", "court", "Исполнить обязанности, установленные судом",
                  "Согласовать дни явки и проверить исполнение обязанностей", "probation_10", K_PENAL,
                  {"probation_control", "preventive_talk"}},
    [W_LEGAL_AID] = {"legal_aid", "legal", "Получить юридическую помощь", "Разъяснить права и подготовить обращения", "consent", K_NGO,
                     {"legal_advice", "court_papers"}},
    [W_TALKS] = {"psychological_help", "psychological", "Справиться с напряжением", "Провести курс бесед с психологом", "consent",
                 K_NGO, {"psychologist", "psychological_support"}},
    [W_COMMUNITY] = {"reintegration", "family", "Найти круг общения и поддержку", "Пригласить в группу взаимной поддержки", "consent",
                     K_NGO, {"motivation", "leisure"}},
    [W_SHELTER] = {"shelter", "housing", "Получить временное жильё", "Предоставить место для временного проживания", "consent", K_NGO,
                   {"temporary_housing", "hot_meal"}},
    [W_FAMILY] = {"family_work", "family", "Восстановить отношения в семье", "Провести работу с семьёй, обследовать условия жизни",
                  "minors_120", K_JUVENILE, {"family_patronage", "parent_training"}},
    [W_OWN_DOCUMENTS] = {"documents", "documents", "Привести документы в порядок", "Собрать документы и оформить регистрацию",
                         "social_442", K_COUNT, {"documents", "registration"}},
    [W_OWN_PENSION] = {"pension", "income", "Получать положенные выплаты", "Оформить пенсию, пособия или социальный контракт",
                       "social_442", K_COUNT, {"pension", "financial_help", "social_contract"}},
    [W_OWN_SUPPORT] = {"social_support", "daily_living", "Наладить быт", "Помочь с питанием, одеждой и бытовыми вопросами",
                       "social_442", K_COUNT, {"consultation", "clothes", "hot_meal"}},
    [W_OWN_HOUSING] = {"shelter", "housing", "Получить крышу над головой", "Предоставить временное жилое помещение", "social_442",
                       K_COUNT, {"temporary_housing", "transport"}},
    [W_OWN_FAMILY] = {"family_work", "family", "Восстановить отношения в семье", "Посещать семью, заниматься с родителями",
                      "minors_120", K_COUNT, {"family_patronage", "parent_training", "leisure"}},
    [W_OWN_SAFETY] = {"violence_help", "violence", "Обеспечить безопасность", "Предоставить убежище и помощь психолога", "social_442",
                      K_COUNT, {"crisis_shelter", "crisis_help"}},
    [W_SUPPORT] = {"social_support", "daily_living", "Наладить быт",
                   "Просим поставить на социальное сопровождение и составить программу", "social_442", K_SOCIAL, {"consultation"}},
    [W_URGENT] = {"urgent_help", "daily_living", "Получить срочную помощь", "Нуждается в питании, одежде и консультации", "social_442",
                  K_SOCIAL, {"hot_meal", "clothes"}},
    [W_PENSION] = {"pension", "income", "Получать положенные выплаты", "Просим помочь с оформлением пенсии и пособий", "social_442",
                   K_SOCIAL, {"pension"}},
    [W_SUPPORT_MINOR] = {"family_work", "family", "Восстановить отношения в семье",
                         "Просим провести работу с семьёй по постановлению комиссии", "minors_120", K_SOCIAL, {"family_patronage"}},
    [W_DOCUMENTS] = {"documents", "documents", "Восстановить документы", "Освобождается без паспорта, просим помочь с документами",
                     "release_180", K_SOCIAL, {"documents"}},
    [W_HOMELESS_STAY] = {"shelter", "housing", "Получить временное жильё", "Жилья не имеет, просим принять на временное проживание",
                         "social_442", K_HOMELESS, {"night_stay", "sanitation"}},
    [W_CRISIS] = {"violence_help", "violence", "Обеспечить безопасность", "Нуждается в безопасном месте и помощи психолога",
                  "social_442", K_CRISIS, {"crisis_help", "crisis_shelter"}},
    [W_ADDICTION] = {"addiction_help", "addiction", "Пройти лечение", "Просим принять на наблюдение и лечение", "medical_13",
                     K_NARCOLOGY, {"narcology_treatment"}},
    [W_MENTAL] = {"mental_help", "mental", "Пройти лечение", "Просим проконсультировать и решить вопрос о наблюдении", "medical_13",
                  K_PSYCHIATRY, {"psychiatric_help"}},
    [W_END] = {0},
};

int work_of(const char *need, enum kind kind)
{
    for (int i = 0; demo_works[i].need; i++)
        if (demo_works[i].kind == kind && strcmp(demo_works[i].need, need) == 0)
            return i;
    return -1;
}

/* ---- categories ---- */

const struct profile demo_profiles[] = {
    {.category = "sentenced_no_isolation", .weight = 260, .entry = {K_PENAL, K_PENAL}, .list = "Состоящие на учёте инспекции",
     .channels = {"register_list", "register_list", "register_list", "referred"}, .age_from = 18, .age_to = 62, .men = 84,
     .sentenced = true,
     .works = {W_EMPLOYMENT_BAN, W_DUTIES, W_OWN_DOCUMENTS, W_LEGAL_AID, W_RETRAINING, W_EXAMINATION, W_COMMUNITY, -1},
     .asks = {W_SUPPORT, W_EMPLOYMENT_BAN, W_LEGAL_AID, -1},
     .situation = "Условное осуждение, работы нет, живёт с родственниками. Помощь принимает охотно."},
    {.category = "release_due", .weight = 100, .entry = {K_PRISON, K_PRISON}, .list = "Готовящиеся к освобождению",
     .channels = {"release_list", "release_list", "release_list", "release_list"}, .age_from = 19, .age_to = 66, .men = 92,
     .sentenced = true,
     .works = {W_OWN_HOUSING, W_PASSPORT, W_EMPLOYMENT_BAN, W_OWN_PENSION, W_EXAMINATION, W_COMMUNITY, W_OWN_SUPPORT, -1},
     .asks = {W_SUPPORT, W_DOCUMENTS, W_SUPPORT, -1},
     .situation = "Освобождение состоялось, жильё утрачено, документы оформлены не полностью. Связь с роднёй слабая."},
    {.category = "released", .weight = 45, .entry = {K_SOCIAL, K_SOCIAL}, .list = "",
     .channels = {"self", "self", "operation", "outreach"}, .age_from = 20, .age_to = 66, .men = 88,
     .works = {W_OWN_DOCUMENTS, W_EMPLOYMENT_BAN, W_OWN_HOUSING, W_LEGAL_AID, W_SUPERVISION, W_EXAMINATION, -1},
     .asks = {W_PASSPORT, W_EMPLOYMENT_BAN, -1},
     .situation = "После освобождения живёт у знакомых, ищет работу. Просит помочь с документами."},
    {.category = "supervised", .weight = 40, .entry = {K_POLICE, K_POLICE}, .list = "Административный надзор",
     .channels = {"operation", "operation", "referred", "referred"}, .age_from = 22, .age_to = 60, .men = 94, .sentenced = true,
     .works = {W_EMPLOYMENT_BAN, W_DUTIES, W_OWN_SUPPORT, W_TALKS, W_EXAMINATION, -1},
     .asks = {W_SUPPORT, W_EMPLOYMENT_BAN, W_DUTIES, -1},
     .situation = "Состоит под надзором, ограничения соблюдает, постоянного заработка нет."},
    {.category = "homeless", .weight = 110, .entry = {K_HOMELESS, K_SOCIAL}, .list = "",
     .channels = {"self", "patrol", "outreach", "hotline"}, .age_from = 24, .age_to = 74, .men = 80, .no_address = true,
     .works = {W_PASSPORT, W_OWN_HOUSING, W_OWN_PENSION, W_EXAMINATION, W_EMPLOYMENT, W_SHELTER, W_LEGAL_AID, -1},
     .asks = {W_PASSPORT, W_EXAMINATION, -1}, .leads = true,
     .situation = "Жилья нет несколько лет, документов нет. Согласие на временное проживание есть."},
    {.category = "no_income", .weight = 105, .entry = {K_SOCIAL, K_SOCIAL}, .list = "",
     .channels = {"self", "self", "hotline", "family"}, .age_from = 19, .age_to = 60, .men = 52,
     .works = {W_EMPLOYMENT, W_RETRAINING, W_OWN_PENSION, W_OWN_SUPPORT, W_TALKS, W_EXAMINATION, -1},
     .asks = {W_EMPLOYMENT, W_LEGAL_AID, -1}, .leads = true,
     .situation = "Потеря работы, накопились долги за жильё. Нужны заработок и временная поддержка."},
    {.category = "family_sop", .weight = 60, .entry = {K_JUVENILE, K_JUVENILE}, .list = "Семьи в социально опасном положении",
     .channels = {"juvenile_commission", "juvenile_commission", "juvenile_commission", "patrol"}, .age_from = 19, .age_to = 48,
     .men = 26, .works = {W_OWN_FAMILY, W_EMPLOYMENT, W_TALKS, W_EXAMINATION, W_LEGAL_AID, -1},
     .asks = {W_SUPPORT_MINOR, W_SUPPORT_MINOR, -1}, .leads = true,
     .situation = "Родители не работают, дети пропускают занятия. Семья согласна на посещения."},
    {.category = "family_difficult", .weight = 55, .entry = {K_SOCIAL, K_SOCIAL}, .list = "",
     .channels = {"self", "self", "ngo", "family"}, .age_from = 20, .age_to = 50, .men = 22,
     .works = {W_OWN_FAMILY, W_OWN_PENSION, W_EMPLOYMENT, W_TALKS, W_LEGAL_AID, -1},
     .asks = {W_FAMILY, W_TALKS, -1}, .leads = true,
     .situation = "Мать воспитывает детей одна, доход ниже прожиточного минимума."},
    {.category = "minor_neglect", .weight = 25, .entry = {K_JUVENILE, K_FAMILY}, .list = "",
     .channels = {"juvenile_commission", "patrol", "juvenile_commission", "referred"}, .age_from = 8, .age_to = 17, .men = 58,
     .works = {W_OWN_FAMILY, W_TALKS, W_EXAMINATION, W_COMMUNITY, -1}, .asks = {W_SUPPORT_MINOR, -1}, .leads = true,
     .situation = "Подросток часто уходит из дома, контроль родителей ослаблен."},
    {.category = "orphan_leaver", .weight = 20, .entry = {K_GUARDIAN, K_SOCIAL}, .list = "",
     .channels = {"referred", "self", "referred", "referred"}, .age_from = 18, .age_to = 22, .men = 52,
     .works = {W_EMPLOYMENT, W_RETRAINING, W_OWN_HOUSING, W_LEGAL_AID, W_OWN_PENSION, -1},
     .asks = {W_SUPPORT, W_PENSION, -1},
     .situation = "Техникум окончен, жильё ещё не предоставлено. Нужны работа и сопровождение."},
    {.category = "violence_victim", .weight = 25, .entry = {K_CRISIS, K_CRISIS}, .list = "",
     .channels = {"self", "hotline", "referred", "ngo"}, .age_from = 20, .age_to = 58, .men = 8,
     .works = {W_OWN_SAFETY, W_LEGAL_AID, W_OWN_FAMILY, W_EMPLOYMENT, -1}, .asks = {W_LEGAL_AID, W_TALKS, -1}, .leads = true,
     .situation = "Обращение за защитой, возвращаться домой опасается. Есть ребёнок."},
    {.category = "leaving_mental_home", .weight = 20, .entry = {K_PSYCHIATRY, K_PSYCHIATRY}, .list = "Диспансерное наблюдение",
     .channels = {"referred", "referred", "referred", "referred"}, .age_from = 20, .age_to = 60, .men = 60,
     .works = {W_OWN_HOUSING, W_OWN_PENSION, W_OWN_SUPPORT, W_EMPLOYMENT, -1}, .asks = {W_SUPPORT, W_PENSION, -1},
     .situation = "Готовится к самостоятельной жизни, навыки самообслуживания сохранены."},
    {.category = "living_with_hiv", .weight = 25, .entry = {K_AIDS, K_AIDS}, .list = "Диспансерное наблюдение",
     .channels = {"referred", "self", "referred", "self"}, .age_from = 20, .age_to = 58, .men = 60,
     .works = {W_OWN_SUPPORT, W_OWN_PENSION, W_TALKS, W_LEGAL_AID, -1}, .asks = {W_URGENT, W_SUPPORT, -1},
     .situation = "Нуждается в бытовой поддержке и помощи с выплатами."},
    {.category = "addiction", .weight = 45, .entry = {K_NARCOLOGY, K_NARCOLOGY}, .list = "Диспансерное наблюдение",
     .channels = {"self", "referred", "family", "referred"}, .age_from = 19, .age_to = 60, .men = 76,
     .works = {W_EMPLOYMENT, W_TALKS, W_COMMUNITY, W_OWN_SUPPORT, W_OWN_DOCUMENTS, -1}, .asks = {W_SUPPORT, W_LEGAL_AID, -1},
     .situation = "Хочет изменить образ жизни, нужны занятость и поддержка."},
    {.category = "disabled", .weight = 35, .entry = {K_CLINIC, K_CLINIC}, .list = "Диспансерный учёт",
     .channels = {"referred", "self", "referred", "family"}, .age_from = 20, .age_to = 76, .men = 50,
     .works = {W_OWN_PENSION, W_OWN_SUPPORT, W_EMPLOYMENT, W_LEGAL_AID, -1}, .asks = {W_PENSION, W_SUPPORT, -1},
     .situation = "Передвигается с трудом, помощников нет. Нужны выплаты и помощь на дому."},
    {.category = "self_care_lost", .weight = 15, .entry = {K_CLINIC, K_CLINIC}, .list = "Диспансерный учёт",
     .channels = {"referred", "family", "referred", "referred"}, .age_from = 62, .age_to = 92, .men = 38,
     .works = {W_OWN_SUPPORT, W_OWN_PENSION, -1}, .asks = {W_SUPPORT, W_PENSION, -1},
     .situation = "Живёт в одиночку, обслуживать себя не может. Нужен постоянный уход."},
    {.category = "other", .weight = 15, .entry = {K_SOCIAL, K_SOCIAL}, .list = "",
     .channels = {"self", "ngo", "other", "hotline"}, .age_from = 20, .age_to = 75, .men = 48,
     .works = {W_OWN_SUPPORT, W_OWN_PENSION, W_LEGAL_AID, -1}, .asks = {W_LEGAL_AID, -1}, .leads = true,
     .situation = "Жильё сгорело, живёт у знакомых."},
};
const int n_demo_profiles = sizeof demo_profiles / sizeof demo_profiles[0];

int profile_of(const char *category)
{
    for (int i = 0; i < n_demo_profiles; i++)
        if (strcmp(demo_profiles[i].category, category) == 0)
            return i;
    return 0;
}

/* ---- services that bodies give to those in their own lists ---- */

const char *const demo_services[K_COUNT][8] = {
    [K_SOCIAL] = {"consultation", "hot_meal", "clothes", "psychologist", "documents", "pension", "legal_advice", "financial_help"},
    [K_EMPLOYMENT] = {"work_search", "vocational_guidance", "employer_talks"},
    [K_PENAL] = {"probation_control", "probation_control", "preventive_talk", "consultation"},
    [K_POLICE] = {"preventive_talk", "preventive_talk", "documents"},
    [K_JUVENILE] = {"family_patronage", "parent_training", "leisure", "consultation"},
    [K_CLINIC] = {"treatment", "medical_examination", "fluorography", "disability"},
    [K_HOMELESS] = {"night_stay", "hot_meal", "sanitation", "clothes", "documents", "temporary_housing"},
    [K_CRISIS] = {"crisis_help", "crisis_shelter", "urgent_psychological", "urgent_legal"},
    [K_FAMILY] = {"leisure", "parent_training", "psychologist"},
    [K_GUARDIAN] = {"consultation", "registration", "legal_advice"},
    [K_AIDS] = {"hiv_observation", "hiv_observation", "treatment"},
    [K_NARCOLOGY] = {"narcology_treatment", "addiction_rehab", "motivation"},
    [K_PSYCHIATRY] = {"psychiatric_help", "psychiatric_help", "supported_living"},
    [K_PRISON] = {"preventive_talk", "consultation", "documents", "skills"},
    [K_NGO] = {"legal_advice", "motivation", "hot_meal"},
};

/* ---- notes: of a class that the role of such a body may write ---- */

const struct topic_words demo_notes[] = {
    {K_SOCIAL, "general", "Явка на приём в назначенный день, план на месяц согласован."},
    {K_SOCIAL, "general", "Созвонились: просит перенести встречу на следующую неделю."},
    {K_SOCIAL, "family", "Беседа с сестрой: готова принять на время, пока решается вопрос с жильём."},
    {K_SOCIAL, "employment", "Собеседование прошло хорошо, работодатель обещал ответ до конца недели."},
    {K_SOCIAL, "finance", "Назначено пособие, первая выплата в следующем месяце."},
    {K_SOCIAL, "court", "Напомнили об обязанности являться в инспекцию, график явок у лица есть."},
    {K_HOMELESS, "general", "Размещение в отделении ночного пребывания, режим соблюдает."},
    {K_HOMELESS, "family", "Найден брат в соседней области, направлено письмо."},
    {K_CRISIS, "violence", "Опасается возвращения. Составлен план безопасности, адрес никому не сообщать."},
    {K_CRISIS, "general", "Ребёнок устроен в детский сад рядом с центром."},
    {K_FAMILY, "family", "Мать навещает по выходным, отношения налаживаются."},
    {K_JUVENILE, "family", "Посетили семью: дома чисто, продукты есть, дети в школе."},
    {K_JUVENILE, "general", "На заседание комиссии явились оба родителя."},
    {K_GUARDIAN, "general", "Поставлен в список на обеспечение жильём."},
    {K_PENAL, "court", "Явка без опоздания, нарушений нет."},
    {K_PENAL, "general", "Номер телефона изменился, новый записан."},
    {K_PRISON, "general", "Анкета о планах после освобождения заполнена."},
    {K_POLICE, "court", "Проверка по месту жительства в вечернее время: нарушений нет."},
    {K_CLINIC, "health", "Давление повышено, назначено лечение, явка через месяц."},
    {K_CLINIC, "hiv", "Результат обследования сообщён лично, дано направление на наблюдение."},
    {K_AIDS, "hiv", "Явка по графику, терапию принимает, вирусная нагрузка не определяется."},
    {K_AIDS, "hiv", "Пропуск двух недель приёма, проведена беседа о приверженности лечению."},
    {K_NARCOLOGY, "addiction", "Ремиссия три месяца, посещает группу."},
    {K_PSYCHIATRY, "mental", "Состояние устойчивое, поддерживающее лечение продолжает."},
};
const int n_demo_notes = sizeof demo_notes / sizeof demo_notes[0];

/* ---- answers ---- */

const char *const demo_results[5] = {"full", "part", "none", "refused", "not_appeared"};
const char *const demo_result_notes[5] = {
    "Сделано всё, о чём просили.",
    "Сделана часть: остальное зависит от ответа на запрос.",
    "Помочь не удалось: подходящих возможностей сейчас нет.",
    "От помощи отказ, заявление приложено.",
    "В назначенный день явки не было, на звонки не отвечает.",
};
const char *const demo_reasons[6] = {"no_capacity", "person_refused", "not_found", "other_territory", "already_served",
                                     "not_enough_data"};
const char *const demo_reason_notes[6] = {
    "Свободных мест нет, освободятся не раньше чем через месяц.",
    "Связались: от помощи отказывается.",
    "По указанному адресу не проживает.",
    "Проживает в другом районе, просим направить по месту жительства.",
    "Лицо уже получает такую помощь у нас.",
    "Просим уточнить, какие документы есть на руках.",
};
const char *const demo_outcomes[8] = {"goals_reached", "goals_reached", "partly", "employed", "employed", "term_ended", "refused",
                                      "contact_lost"};
const char *const demo_outcome_notes[8] = {
    "Цели программы достигнуты, в помощи больше не нуждается.",
    "Живёт самостоятельно, обращается за советом.",
    "Документы и выплаты оформлены, работа не найдена.",
    "Работает, испытательный срок прошёл.",
    "Есть работа, доход постоянный.",
    "Срок программы истёк, от продолжения отказ.",
    "Получен письменный отказ от дальнейшего сопровождения.",
    "Связь потеряна, новый адрес неизвестен.",
};

/* ---- decisions of courts ---- */

const char *const demo_punishments[6] = {"suspended",        "corrective_works", "compulsory_works",
                                         "freedom_restricted", "deferred",       "imprisonment"};
const char *const demo_articles[8] = {"ст. 158 ч. 1 УК РФ", "ст. 158 ч. 2 УК РФ", "ст. 264.1 УК РФ", "ст. 161 ч. 1 УК РФ",
                                      "ст. 157 ч. 1 УК РФ", "ст. 166 ч. 1 УК РФ", "ст. 119 ч. 1 УК РФ", "ст. 159 ч. 1 УК РФ"};
const char *const demo_obligations[4] = {
    "Являться в инспекцию раз в месяц, не менять место жительства без уведомления.",
    "Трудоустроиться в течение двух месяцев, являться на регистрацию.",
    "Не покидать дом с 22 до 6 часов, не посещать места продажи спиртного.",
    "Возместить причинённый ущерб, являться на регистрацию.",
};

const char *const demo_domains[10] = {"housing",       "documents",    "income", "employment", "education", "family",
                                      "psychological", "daily_living", "health", "legal"};

const char *const demo_streets[24] = {
    "Садовая",   "Лесная",     "Береговая", "Школьная",  "Заводская",  "Полевая",     "Озёрная",   "Луговая",
    "Рябиновая", "Новая",      "Набережная", "Зелёная",  "Молодёжная", "Мельничная",  "Сосновая",  "Кленовая",
    "Степная",   "Светлая",    "Дорожная",  "Вокзальная", "Ключевая",  "Родниковая",  "Яблоневая", "Северная",
};
