/* Packs: the reader of their files, the packs that are shipped, calendars, terms. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs_due.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Beside this file in the tree; the build's folder is where tests run. */
static const char *packs(const char *name)
{
    static char path[PATH_MAX];
    const char *env = getenv("BEREG_PACKS_ALL");
    char here[PATH_MAX];

    if (env) {
        snprintf(path, sizeof path, "%s/%s", env, name);
        return path;
    }
    snprintf(here, sizeof here, "%s", __FILE__);
    *strrchr(here, '/') = 0;
    snprintf(path, sizeof path, "%.3000s/../../../packs/%s", here, name);
    return path;
}

static int64_t day(const char *iso)
{
    int64_t d;

    assert_int_equal(date_parse_iso(text_of(iso), &d), OK);
    return d;
}

/* --- the reader --- */

static enum err read_text(struct arena *arena, const char *z, struct pack_entry **e, size_t *n,
                          struct fault *f)
{
    return pack_file_read(text_of(z), T("ru/a.pack"), T("ru"), arena, e, n, f);
}

static void test_reader(void **state)
{
    struct arena *arena = arena_new();
    struct fault f = {0};
    struct pack_entry *e;
    size_t n;

    (void)state;
    assert_int_equal(
        read_text(
            arena,
            "\xEF\xBB\xBF# comment\r\n[code  sex   male]\r\nlabel.ru = мужской\r\n"
            "also =\r\n  # between\n   м; муж\n\tм.\n\n[region]\nlabel.en= A = B \n[empty one]",
            &e, &n, &f),
        OK);
    assert_int_equal(n, 3);
    assert_true(text_is(e[0].kind, "code") && text_is(e[0].key, "sex male"));
    assert_true(text_is(e[0].place, "ru/a.pack:2") && text_is(e[0].pack, "ru"));
    assert_int_equal(e[0].n, 2);
    assert_true(text_is(pack_prop(&e[0], "label.ru"), "мужской"));
    assert_true(text_is(pack_prop(&e[0], "also"), "м; муж м."));
    assert_true(text_is(pack_prop(&e[0], "none"), ""));
    assert_true(text_is(e[1].kind, "region") && e[1].key.n == 0);
    assert_true(text_is(pack_prop(&e[1], "label.en"), "A = B"));
    assert_int_equal(e[2].n, 0);
    assert_int_equal(read_text(arena, "", &e, &n, &f), OK);
    assert_int_equal(n, 0);
    arena_free(arena);
}

static void test_reader_faults(void **state)
{
    static const struct {
        const char *text, *word;
    } wrong[] = {
        {"[code sex male\n", "a.pack:1: a section ends with ]"},
        {"\n[]\n", "a.pack:2: a section without a kind"},
        {"[Code x]\n", "begins with a small letter"},
        {"[code s/x]\n", "letters, digits"},
        {"[code x]\nlabel\n", "a.pack:2: expected [section], name = value"},
        {"label = x\n", "before the first section: label"},
        {"[code x]\nLabel = x\n", "property's name"},
        {"[code x]\na = 1\na = 2\n", "a.pack:3: the section has this property already: a"},
        {"[code x]\n  more\n", "an indented line"},
        {"[code x]\n[code y]\n[code x]\n",
         "a.pack:3: this section stands above already: ru/a.pack:1"},
        {"[code x]\na = \xFF\n", "a.pack:2: not valid UTF-8"},
        {"[code x]\na = \x01\n", "a.pack:2: not valid UTF-8"},
    };
    struct arena *arena = arena_new();
    struct pack_entry *e = NULL;
    size_t n = 7;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fault f = {0};
        assert_int_equal(read_text(arena, wrong[i].text, &e, &n, &f), ERR_SYNTAX);
        if (!strstr(f.text, wrong[i].word))
            fail_msg("%s: %s", wrong[i].word, f.text);
        assert_null(e);
        assert_int_equal(n, 7);
    }
    arena_free(arena);
}

static void test_reader_limits(void **state)
{
    struct arena *arena = arena_new();
    struct buf b = BUF(1 << 20);
    struct fault f = {0};
    struct pack_entry *e;
    size_t n;

    (void)state;
    buf_z(&b, "[code x]\na =\n");
    for (int i = 0; i < 11000; i++)
        buf_z(&b, " bb\n"); /* "bb bb bb …" of more than 20,000 bytes */
    buf_char(&b, 0);
    assert_int_equal(read_text(arena, b.s, &e, &n, &f), ERR_SYNTAX);
    assert_non_null(strstr(f.text, "too large"));
    buf_clear(&b);
    buf_z(&b, "[code x]\n");
    for (int i = 0; i <= PACK_PROP_COUNT_MAX; i++)
        buf_printf(&b, "a%d = 1\n", i);
    buf_char(&b, 0);
    assert_int_equal(read_text(arena, b.s, &e, &n, &f), ERR_SYNTAX);
    assert_non_null(strstr(f.text, "too many properties"));
    buf_free(&b);
    arena_free(arena);
}

static void test_props_again(void **state)
{
    struct arena *arena = arena_new();
    struct pack_entry *e, again = {.kind = T("code"), .key = T("sex male")};
    struct buf b = BUF(1000);
    size_t n;

    (void)state;
    assert_int_equal(
        read_text(arena, "[code sex male]\nlabel.ru = мужской\nalso =\n  а\n  б\n", &e, &n, NULL),
        OK);
    pack_props_write(e, &b);
    assert_int_equal(buf_end(&b), OK);
    assert_true(text_is(buf_get(&b), "label.ru = мужской\nalso = а б\n"));
    assert_int_equal(pack_props_read(buf_get(&b), arena, &again, NULL), OK);
    assert_int_equal(again.n, 2);
    assert_true(text_is(again.kind, "code"));
    assert_true(text_eq(again.props[1].value, e->props[1].value));
    assert_int_equal(pack_props_read(T("[x]\n"), arena, &again, NULL), ERR_SYNTAX);
    buf_free(&b);
    arena_free(arena);
}

/* --- folders --- */

static void put(const char *dir, const char *pack, const char *text)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", dir, pack);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/%s/a.pack", dir, pack);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static enum err load_at(const char *dir, const char *pack, struct arena *arena,
                        struct pack_entry **e, size_t *n, struct fault *f)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", dir, pack);
    return packs_load_dir(path, arena, e, n, f);
}

static int forget(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static void test_folders(void **state)
{
    char dir[] = "/tmp/bereg-packs-XXXXXX";
    struct arena *arena = arena_new();
    struct fault f = {0};
    struct pack_entry *e;
    size_t n;

    (void)state;
    assert_non_null(mkdtemp(dir));
    put(dir, "law", "[pack law]\n[code a x]\nn = 1\n[code a y]\n");
    put(dir, "region", "[pack region]\nneeds = law\n[code a x]\nn = 2\n");
    assert_int_equal(load_at(dir, "region", arena, &e, &n, &f), OK);
    assert_int_equal(n, 4);
    assert_true(text_is(e[1].key, "a x") &&
                text_is(e[1].pack, "region")); /* replaced in its place */
    assert_true(text_is(pack_prop(&e[1], "n"), "2"));
    assert_int_equal(load_at(dir, "", arena, &e, &n, &f), OK); /* all packs of the folder */
    assert_int_equal(n, 4);
    put(dir, "other", "[pack other]\n[code a x]\nn = 3\n");
    assert_int_equal(load_at(dir, "", arena, &e, &n, &f),
                     ERR_SYNTAX); /* needs nothing: may replace nothing */
    assert_non_null(strstr(f.text, "stands already in"));
    put(dir, "other", "[pack other]\nneeds = ring\n");
    put(dir, "ring", "[pack ring]\nneeds = other\n");
    assert_int_equal(load_at(dir, "ring", arena, &e, &n, &f), ERR_CONFLICT);
    put(dir, "ring", "[pack another]\n");
    assert_int_equal(load_at(dir, "ring", arena, &e, &n, &f), ERR_NOT_FOUND);
    assert_int_equal(load_at(dir, "none", arena, &e, &n, &f), ERR_IO);
    assert_int_equal(nftw(dir, forget, 8, FTW_DEPTH | FTW_PHYS), 0);
    arena_free(arena);
}

/* --- the packs that are shipped --- */

static void use(const char *name)
{
    struct arena *arena = arena_new();
    struct fault f = {0};
    struct pack_entry *e;
    size_t n;

    if (packs_load_dir(packs(name), arena, &e, &n, &f) || packs_use(e, n, &f))
        fail_msg("%s", f.text);
    arena_free(arena);
}

static int setup(void **state)
{
    (void)state;
    use("demo");
    return 0;
}

static void test_shipped(void **state)
{
    static const char *const lists[] = {"sex",
                                        "identity_status",
                                        "category",
                                        "channel",
                                        "legal_basis",
                                        "need_domain",
                                        "need_level",
                                        "note_topic",
                                        "case_kind",
                                        "case_state",
                                        "case_outcome",
                                        "punishment",
                                        "service",
                                        "service_kind",
                                        "decline_reason",
                                        "referral_state",
                                        "measure_state",
                                        "measure_result",
                                        "programme_state",
                                        "import_kind",
                                        "import_state",
                                        "import_row_state",
                                        "import_decision",
                                        "event_kind",
                                        "need",
                                        "role",
                                        "body_kind",
                                        "class"};
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        if (!code_list(lists[i]))
            fail_msg("no code list %s", lists[i]);
    assert_int_equal(code_classes("category", T("released")), CLASS_BIT(CLASS_CRIMINAL));
    assert_int_equal(code_classes("category", T("living_with_hiv")), CLASS_BIT(CLASS_HIV));
    assert_int_equal(code_classes("category", T("homeless")), 0);
    assert_int_equal(code_classes("need", T("medical_examination")), 0); /* a clinic is no secret */
    assert_int_equal(code_classes("need", T("addiction_help")), CLASS_BIT(CLASS_ADDICTION));
    assert_int_equal(classes_of_owner(), CLASS_BIT(CLASS_HIV));
    assert_true(text_is(pack_value("code", "channel operation", "group"), "found"));
    assert_true(text_is(pack_value("code", "channel none", "group"), ""));
    assert_string_equal(code_by_words(arena, "channel", T("операция «Контингент-Рецидив»"))->code,
                        "operation");
    assert_string_equal(code_by_words(arena, "channel", T("Сам  обратился"))->code, "self");
    assert_string_equal(
        code_by_words(arena, "category", T("лица без определенного места жительства и занятий"))
            ->code,
        "homeless");
    assert_string_equal(code_by_words(arena, "sex", T("Ж"))->code, "female");
    assert_null(code_by_words(arena, "sex", T("иное")));
    assert_null(code_by_words(arena, "sex", T("")));
    assert_true(pack_prop_has(pack_find("need", T("employment")), "kinds", T("employment_centre")));
    assert_false(pack_prop_has(pack_find("need", T("employment")), "kinds", T("employment")));
    int needs = 0;
    for (const struct pack_entry *e = pack_next("need", NULL); e; e = pack_next("need", e))
        needs++;
    assert_int_equal(needs, (int)code_list("need")->n);
    assert_string_equal(region_here()->name[LANG_RU], "Прибрежная область");
    assert_int_equal(region_here()->utc_offset, 180);
    arena_free(arena);
}

/* What must never be given by the shipped rules, whatever else is changed in them. */
static void test_rules_hold(void **state)
{
    uint32_t criminal = CLASS_BIT(CLASS_CRIMINAL) | CLASS_BIT(CLASS_SPENT),
             hiv = CLASS_BIT(CLASS_HIV);
    uint32_t health =
        CLASS_BIT(CLASS_HEALTH) | hiv | CLASS_BIT(CLASS_ADDICTION) | CLASS_BIT(CLASS_MENTAL);

    (void)state;
    for (const struct pack_entry *need = pack_next("need", NULL); need;
         need = pack_next("need", need))
        for (int fact = 0; fact < FACT_COUNT; fact++) {
            assert_int_equal(access_rule(fact, "ngo", need->key) & (criminal | health), 0);
            assert_int_equal(access_rule(fact, "police", need->key) & health, 0);
            assert_int_equal(access_rule(fact, "penal_inspectorate", need->key) & hiv, 0);
            assert_int_equal(access_rule(fact, "social_centre", need->key) & hiv, 0);
            assert_int_equal(access_rule(fact, "ministry", need->key), 0);
            assert_int_equal(access_rule(fact, "operator", need->key), 0);
            if (!text_is(need->key, "employment_ban") &&
                pack_prop_has(need, "kinds", T("employment_centre")))
                assert_int_equal(access_rule(fact, "employment_centre", need->key) & criminal, 0);
        }
    assert_true(access_rule(FACT_REFERRAL_ACCEPTED, "employment_centre", T("employment_ban")) &
                criminal);
    assert_int_equal(role_find("ngo_worker")->read & (criminal | health), 0);
    assert_int_equal(role_find("police_officer")->read & health, 0);
    assert_int_equal(role_find("employment_specialist")->read & health, 0);
    assert_int_equal(role_find("system_admin")->read | role_find("system_admin")->write, 0);
    assert_int_equal(role_find("auditor")->read | role_find("auditor")->write, 0);
    assert_int_equal(role_find("ministry_analyst")->read, 0);
    for (size_t i = 0; role_at(i); i++) /* whoever writes a class reads it */
        assert_int_equal(role_at(i)->write & ~role_at(i)->read, 0);
}

/* Nobody can be sent a need whose classes his kind never gets, and every need can be taken by
 * somebody. */
static void test_needs_hold(void **state)
{
    (void)state;
    for (const struct pack_entry *need = pack_next("need", NULL); need;
         need = pack_next("need", need)) {
        struct text kinds = pack_prop(need, "kinds"), kind;
        uint32_t tells = code_classes("need", need->key);
        int takers = 0;
        while (text_split(&kinds, ' ', &kind)) {
            uint32_t bits;
            char z[64];
            snprintf(z, sizeof z, "%.*s", TEXT_ARG(kind));
            bits = access_rule(FACT_REFERRAL_ACCEPTED, z, need->key);
            if (tells & ~bits)
                fail_msg("%s cannot see what the need %.*s tells", z, TEXT_ARG(need->key));
            takers++;
        }
        assert_true(takers > 0);
        assert_true(need_classes(need->key) & CLASS_BIT(CLASS_IDENTITY));
    }
}

static void test_refused(void **state)
{
    static const char *const wrong[] = {
        "[code a]\nlabel.ru = а\nlabel.en = a\n",
        "[code a b c]\nlabel.ru = а\nlabel.en = a\n",
        "[code a b]\nlabel.ru = а\n",
        "[code a b]\nlabel.ru = а\nlabel.en = a\ntells = secrets\n",
        "[calendar x 2024]\noff = 01-01\n",
        "[calendar x]\n[calendar x 24]\n",
        "[calendar x]\n[calendar x 2024]\noff = 02-30\n",
        "[calendar x]\nbase = y\n",
        "[deadline a]\nevent = b\nunit = week\n",
        "[deadline a]\nevent = b\nunit = day\ncount = x\n",
        "[deadline a]\nunit = day\ncount = 1\n",
        "[deadline a]\nevent = b\nunit = day\ncount = 1\nmonth = 3\n",
        "[deadline a]\nevent = b\nunit = day\ncount = 1\ncalendar = none\n",
        "[region]\nlabel.ru = а\nlabel.en = a\nutc_offset = 3\n",
        "[region]\nlabel.ru = а\nlabel.en = a\nutc_offset = +03:00\ncalendar = none\n",
        "[calendar x]\nholidays = 01-01\n",
        "[calendar x]\nfixed = 01-32\n",
        "[calendar x]\nbase = x\n",
        "[calendar x]\nverified = maybe\n",
        "[calendar x]\n[calendar x 2024]\nofff = 01-01\n",
        "[calendar x]\n[calendar x 2024]\noff = 04-27\nwork = 04-27\n",
        "[calendar x]\n[calendar x 2024]\noff = 04-27\nnonworking = 04-26..04-28\n",
        "[calendar x]\n[calendar x 2024]\nnonworking.act = указ\n",
        "[calendar x]\n[calendar x 2024]\nnonworking = 02-30\n",
        "[calendar x]\n[calendar y]\nbase = x\n[calendar y 2024]\noff = 01-01\n",
        "[calendar x]\n[calendar y]\nbase = x\n[calendar x 2024]\noff = 01-01\n",
        "[calendar x]\n[calendar x 2024]\n[calendar y]\nbase = x\n[calendar y 2024]\nwork = 2024-01-06\n",
        "[deadline a]\nevent = b\nunit = day\ncount = 1\ndays = 3\n",
        "[deadline a b]\nevent = b\nunit = day\ncount = 1\n",
        "[deadline]\nevent = b\nunit = day\ncount = 1\n",
        "[deadline a]\nevent = b\ncount = 1\n",
        "[deadline a]\nevent = b\nunit = day\ncount = 1.5\n",
        "[deadline a]\nevent = b\nunit = day\ncount = 36601\n",
        "[deadline a]\nevent = b\nunit = year\ncount = 101\n",
        "[deadline a]\nevent = b\nunit = hour\ncount = 99999999999\n",
        "[deadline a]\nevent = b\nunit = immediate\ncount = 3\n",
        "[deadline a]\nevent = b\nunit = day_of_month\ncount = 0\n",
        "[deadline a]\nevent = b\nunit = day_of_month\ncount = 32\n",
        "[deadline a]\nevent = b\nunit = day_of_month\nmonth = 2\ncount = 30\n",
        "[deadline a]\nevent = b\nunit = day_of_month\nmonth = 13\ncount = 3\n",
        "[deadline a]\nevent = b\nunit = day\nverified = да\n",
        "[calendar x]\n[calendar y]\n[deadline a]\nevent = b\nunit = day\ncount = 1\ncalendar = x y\n",
        "[region]\nlabel.ru = а\nlabel.en = a\nutc_offset = +03:00\nnonworking_days = yes\n",
        "[region]\nlabel.ru = а\nlabel.en = a\nutc_offset = +03:00\nzone = Omsk\n",
        "[region north]\nlabel.ru = а\nlabel.en = a\nutc_offset = +03:00\n",
        "[need a]\nlabel.ru = а\nlabel.en = a\nkinds = none\n",
        "[grant listed none]\nclasses = identity\n",
        "[report a]\nlist = none\n",
        "[role twice]\nlabel.ru = а\nlabel.en = a\n[code a]\n",
        "[weather today]\n",
    };
    struct arena *arena = arena_new();

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct pack_entry *e;
        struct fault f = {0};
        size_t n;
        assert_int_equal(read_text(arena, wrong[i], &e, &n, &f), OK);
        if (!packs_use(e, n, &f))
            fail_msg("taken: %s", wrong[i]);
        assert_non_null(strstr(f.text, "ru/a.pack:"));
    }
    assert_non_null(code_list("category")); /* what was in use stays */
    assert_string_equal(region_here()->name[LANG_EN], "Pribrezhnaya region");
    assert_true(calendar_here() == calendar_of("pribrezhnaya") && deadline_find("ru.442.decision"));
    assert_null(deadline_find("a"));
    arena_free(arena);
    use("demo");
    size_t roles = 0;
    while (role_at(roles))
        roles++;
    assert_int_equal(roles, code_list("role")->n); /* nothing is left of what was refused */
    assert_null(role_find("twice"));
}

/* --- calendars --- */

static bool rule_due(const char *rule, const char *from, struct due *due)
{
    return term_due(&(struct term){.rule = rule, .from = instant_of_day(day(from))}, due);
}

static int working_days_of(const struct calendar *c, int year)
{
    return (int)calendar_working_between(c, date_from((struct ymd){year - 1, 12, 31}),
                                         date_from((struct ymd){year, 12, 31}));
}

static void test_calendar_ru(void **state)
{
    /* the norms of working time that the Ministry of Labour publishes; 2020 and 2021 with the
     * non-working days */
    static const int days[] = {248, 249, 247, 247, 247, 247, 247, 247,
                               247, 219, 240, 247, 247, 248, 247, 247};
    const struct calendar *c = calendar_of("ru");

    (void)state;
    assert_non_null(c);
    for (int i = 0; i < 16; i++) {
        assert_true(calendar_known(c, 2011 + i));
        if (working_days_of(c, 2011 + i) != days[i])
            fail_msg("%d: %d working days", 2011 + i, working_days_of(c, 2011 + i));
    }
    assert_false(calendar_known(c, 2010) || calendar_known(c, 2027));
    assert_false(calendar_works(c, day("2024-04-29"))); /* moved from Saturday 27 April */
    assert_true(calendar_works(c, day("2024-04-27")));
    assert_true(calendar_short(c, day("2024-11-02")) && calendar_works(c, day("2024-11-02")));
    assert_false(calendar_works(c, day("2025-12-31")));
    assert_true(calendar_works(c, day("2024-01-09")));
    assert_false(calendar_works(c, day("2027-01-08"))); /* a year not named: fixed holidays */
    assert_null(calendar_of("kz"));
    assert_null(calendar_of(NULL));
}

static void test_calendar_kz(void **state)
{
    static const int days[] = {245, 245, 245, 246, 246, 246, 245, 246, 246, 249, 246, 247};
    const struct calendar *c;

    (void)state;
    use(""); /* all packs */
    c = calendar_of("kz");
    assert_non_null(c);
    for (int i = 0; i < 12; i++) {
        assert_true(calendar_known(c, 2015 + i));
        if (working_days_of(c, 2015 + i) != days[i])
            fail_msg("%d: %d working days", 2015 + i, working_days_of(c, 2015 + i));
    }
    assert_false(calendar_works(c, day("2024-03-25"))); /* Nauryz on a Saturday */
    assert_false(calendar_works(c, day("2024-05-08")));
    assert_true(calendar_works(c, day("2024-05-04")));
    assert_false(calendar_works(c, day("2018-08-31")));
    assert_true(calendar_works(c, day("2018-08-25")));
    struct due due;
    assert_true(rule_due("kz.cps.assessment", "2024-03-20", &due)); /* over Nauryz */
    assert_int_equal(due.day, day("2024-03-28"));
    use("demo");
}

static void test_overlay(void **state)
{
    struct arena *arena = arena_new();
    struct fault f = {0};
    struct pack_entry *e;
    size_t n;

    (void)state;
    assert_int_equal(
        read_text(arena,
                  "[calendar land]\nfixed = 01-01\n[calendar land 2024]\noff = 01-01 06-12\nwork = "
                  "04-27\n"
                  "[calendar republic]\nbase = land\n[calendar republic 2024]\noff = 06-17\n",
                  &e, &n, &f),
        OK);
    if (packs_use(e, n, &f))
        fail_msg("%s", f.text);
    const struct calendar *land = calendar_of("land"), *republic = calendar_of("republic");
    assert_true(calendar_works(land, day("2024-06-17")));
    assert_false(calendar_works(republic, day("2024-06-17")));
    assert_false(calendar_works(republic, day("2024-06-12")));
    assert_true(calendar_works(republic, day("2024-04-27")));
    arena_free(arena);
    use("demo");
}

static enum err use_text(const char *z, struct fault *f)
{
    struct arena *arena = arena_new();
    struct pack_entry *e;
    size_t n;
    enum err err = read_text(arena, z, &e, &n, f);

    if (!err)
        err = packs_use(e, n, f);
    arena_free(arena);
    return err;
}

/* The demonstration's own holiday, its moved days, and what a region that is not named leaves as it is. */
static void test_calendar_region(void **state)
{
    const struct calendar *c = calendar_here(), *ru = calendar_of("ru");

    (void)state;
    assert_true(c == calendar_of("pribrezhnaya") && c != ru);
    for (int year = 2011; year <= 2026; year++) {
        int differ = 0;
        assert_true(calendar_known(c, year));
        for (int64_t d = date_from((struct ymd){year, 1, 1}); date_ymd(d).year == year; d++)
            differ += calendar_works(c, d) != calendar_works(ru, d);
        assert_int_equal(differ, year == 2024 ? 3 : year == 2025 ? 1 : year == 2026 ? 1 : 0);
    }
    assert_false(calendar_works(c, day("2024-09-19")) || calendar_works(c, day("2024-09-20")));
    assert_true(calendar_works(c, day("2024-09-28")) && calendar_short(c, day("2024-09-18")));
    assert_false(calendar_works(c, day("2026-09-21")));
    assert_false(calendar_works(c, day("2027-01-08")) || calendar_works(c, day("2028-09-19")));
}

/* The non-working days of 2020 and 2021, off and worked: the norms of working time before and after the decrees. */
static void test_nonworking(void **state)
{
    static const char text[] =
        "[calendar land]\nfixed = 01-01\n[calendar land 2020]\noff = 05-01\nnonworking = 04-27..04-30\n"
        "short = 04-30\nnonworking.act = указ\n[calendar republic]\nbase = land\n"
        "[region]\nlabel.ru = Р\nlabel.en = R\nutc_offset = +03:00\ncalendar = republic\n";
    struct fault f = {0};
    char worked[1000];

    (void)state;
    if (use_text(text, &f))
        fail_msg("%s", f.text);
    assert_int_equal(calendar_working_between(calendar_here(), day("2020-04-24"), day("2020-05-04")), 1);
    snprintf(worked, sizeof worked, "%snonworking_days = worked\n", text);
    if (use_text(worked, &f))
        fail_msg("%s", f.text);
    assert_int_equal(calendar_working_between(calendar_here(), day("2020-04-24"), day("2020-05-04")), 5);
    assert_true(calendar_short(calendar_here(), day("2020-04-30")));
    enum nonworking days = NONWORKING_WORKED;
    if (packs_use_terms(packs("demo"), "ru", NULL, &days, &f))
        fail_msg("%s", f.text);
    assert_int_equal(working_days_of(calendar_of("ru"), 2020), 248);
    assert_int_equal(working_days_of(calendar_of("ru"), 2021), 247);
    assert_int_equal(working_days_of(calendar_here(), 2021), 247);
    use("demo");
}

/* --- terms --- */

static void test_deadlines(void **state)
{
    static const struct {
        const char *rule, *from, *due;
    } cases[] = {
        {"ru.442.decision", "2024-04-26", "2024-05-07"}, /* 27 April, 2, 3, 6, 7 May */
        {"ru.442.programme", "2024-12-25",
         "2025-01-17"}, /* over New Year; Saturday 28 December is worked */
        {"ru.tk64.reason", "2023-12-29", "2024-01-17"},
        {"ru.442.urgent", "2024-01-03", "2024-01-03"},      /* at once, on a day off too */
        {"ru.10fz.post_apply", "2024-07-08", "2025-01-09"}, /* 8 January is off */
        {"ru.10fz.post_apply", "2024-08-31", "2025-02-28"}, /* no 31 February */
        {"ru.uik.release_prep", "2024-11-05",
         "2024-05-03"}, /* back from Sunday 5 May, 4 May is a Saturday */
        {"ru.120.survey", "2024-12-28", "2025-01-09"},
        {"ru.120.police_card", "2024-12-28", "2025-01-02"}, /* 5 times 24 hours */
        {"ru.442.programme_review", "2022-05-09", "2025-05-12"},
        {"ru.roadmap.h1", "2024-06-30", "2024-07-15"},
        {"ru.roadmap.h2", "2024-12-31", "2025-01-15"},
        {"ru.roadmap.h2", "2022-01-15",
         "2023-01-16"}, /* the next one; 15 January 2023 is a Sunday */
        {"ru.120.monthly_report", "2024-02-01", "2024-02-29"},
        {"ru.120.monthly_report", "2024-03-01", "2024-04-01"}, /* 30 March is a Saturday */
        {"ru.quota.calc", "2024-03-31", "2024-04-10"},
    };
    struct due due;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char iso[11];
        assert_true(rule_due(cases[i].rule, cases[i].from, &due));
        date_iso(due.day, iso);
        if (strcmp(iso, cases[i].due) != 0)
            fail_msg("%s from %s: %s", cases[i].rule, cases[i].from, iso);
    }
    assert_false(rule_due("ru.10fz.assessment", "2024-06-14", &due)); /* its number is not known */
    assert_string_equal(due.rule->id, "ru.10fz.assessment");
    assert_false(rule_due("ru.none", "2024-06-14", &due));
    const struct deadline_rule *r = deadline_find("ru.442.decision");
    assert_true(r && r->verified && r->count == 5 && r->unit == UNIT_WORKING_DAY);
    assert_string_equal(r->act, "442-ФЗ, ст. 15");
    assert_false(deadline_find("ru.152.subject_answer")->verified);
}

static int64_t due_in(const char *calendar, const char *from, int count, enum unit unit, bool *known)
{
    struct due due = {0};

    assert_true(term_due(&(struct term){.calendar = calendar,
                                        .unit = unit,
                                        .count = count,
                                        .from = instant_of_day(day(from))},
                         &due));
    *known = due.known;
    return due.day;
}

static void test_without_register(void **state)
{
    enum nonworking worked = NONWORKING_WORKED;
    struct fault f = {0};
    bool known;

    (void)state;
    assert_int_equal(packs_use_terms(packs("demo"), "ru", NULL, NULL, &f), OK);
    assert_int_equal(due_in("ru", "2024-04-26", 5, UNIT_WORKING_DAY, &known), day("2024-05-07"));
    assert_true(known);
    assert_null(calendar_of("kz"));
    assert_int_equal(packs_use_terms(packs("demo"), "kz", NULL, NULL, &f), OK); /* from beside */
    assert_int_equal(due_in("kz", "2024-03-20", 1, UNIT_WORKING_DAY, &known), day("2024-03-26"));
    assert_int_equal(packs_use_terms(packs("demo"), NULL, "kz.cps.guardianship", NULL, &f), OK);
    assert_non_null(deadline_find("kz.cps.guardianship"));
    assert_int_equal(packs_use_terms(packs(""), "ru", NULL, NULL, &f), OK);
    (void)due_in("ru", "2026-12-30", 10, UNIT_WORKING_DAY, &known);
    assert_false(known);
    assert_int_equal(packs_use_terms(packs("ru"), "ru", NULL, &worked, &f), OK);
    assert_int_equal(due_in("ru", "2020-03-27", 1, UNIT_WORKING_DAY, &known), day("2020-03-30"));
    assert_int_equal(packs_use_terms(packs("ru"), "by", NULL, NULL, &f), ERR_NOT_FOUND);
    assert_non_null(strstr(f.text, "'by'"));
    assert_int_equal(packs_use_terms(packs("ru"), "ru", "by.none", NULL, &f), ERR_NOT_FOUND);
    assert_non_null(strstr(f.text, "'by.none'"));
    assert_int_equal(packs_use_terms("/nowhere", "ru", NULL, NULL, &f), ERR_IO);
    use("demo");
}

/* What a browser would run is never sent as what it is. */
static void test_papers_hold(void **state)
{
    const struct pack_entry *e = NULL;
    int n = 0;

    (void)state;
    while ((e = pack_next("code", e))) {
        if (!text_starts(e->key, "paper_type "))
            continue;
        const char *mime = pack_prop(e, "mime").s;
        assert_true(strcmp(mime, "application/pdf") == 0 || strncmp(mime, "image/", 6) == 0);
        assert_null(strstr(mime, "svg"));
        assert_true(pack_prop(e, "magic").n >= 6 && pack_prop(e, "ending").n &&
                    pack_prop(e, "most").n);
        n++;
    }
    assert_true(n > 0);
}

/* Each word of a property is the key of an entry of that kind. */
static int words_stand(const struct pack_entry *e, const char *property, const char *kind,
                       const char *list)
{
    struct text rest = pack_prop(e, property), word;
    char key[200];
    int n = 0;

    while (text_split(&rest, ' ', &word)) {
        snprintf(key, sizeof key, "%s%.*s", list, TEXT_ARG(word));
        assert_non_null(pack_find(kind, text_of(key)));
        n++;
    }
    return n;
}

/* A signal names a kind of body by a consent or a ground that there is, and says where the law has
 * it. */
static void test_signals_hold(void **state)
{
    int n = 0;

    (void)state;
    for (const struct pack_entry *e = NULL; (e = pack_next("signal", e)); n++) {
        assert_true(words_stand(e, "kinds", "body_kind", "") > 0);
        assert_true(words_stand(e, "purposes", "code", "consent_purpose ") +
                        words_stand(e, "grounds", "code", "legal_basis ") >
                    0);
        assert_false(pack_prop_has(e, "grounds", T("consent")));
        assert_true(pack_prop(e, "act").n && pack_prop(e, "verified").n &&
                    pack_prop(e, "label.ru").n);
    }
    assert_true(n > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader),
        cmocka_unit_test(test_reader_faults),
        cmocka_unit_test(test_reader_limits),
        cmocka_unit_test(test_props_again),
        cmocka_unit_test(test_folders),
        cmocka_unit_test_setup(test_shipped, setup),
        cmocka_unit_test_setup(test_papers_hold, setup),
        cmocka_unit_test_setup(test_signals_hold, setup),
        cmocka_unit_test(test_rules_hold),
        cmocka_unit_test(test_needs_hold),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_calendar_ru),
        cmocka_unit_test(test_calendar_kz),
        cmocka_unit_test(test_calendar_region), cmocka_unit_test(test_nonworking),
        cmocka_unit_test(test_overlay),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_without_register),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
