/* What the rooms of districts, bodies and accounts store and find. On SQLite; tests/ runs the whole
 * program on both engines. */
#include "guard/guard.h"
#include "guard_gen.h"
#include "rooms/agencies/agencies_rules.h"
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs.h"
#include "rooms/staff/staff_rules.h"
#include "rooms/territory/territory_rules.h"
#include "store/store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/bereg-staff-XXXXXX";
static struct store *store;
static struct request rq;

static const char small[] =
    "[pack t]\n"
    "[region]\nlabel.ru = Область\nlabel.en = Region\nutc_offset = -02:30\n"
    "[code event_kind packs.applied]\nlabel.ru = П\nlabel.en = P\n"
    "[code sex male]\nlabel.ru = мужской\nlabel.en = male\nact = ГК\nverified = yes\n"
    "[body_kind clinic]\nlabel.ru = Больница\nlabel.en = Clinic\ndiscloses = health\n"
    "[body_kind office]\nlabel.ru = Отдел\nlabel.en = Office\n"
    "[need check]\nlabel.ru = Осмотр\nlabel.en = Check\nkinds = clinic\nclasses = identity health\n"
    "agreement = clinic\n"
    "[role doctor]\nlabel.ru = Врач\nlabel.en = Doctor\nkinds = clinic\nread = identity "
    "health\nwrite = health\n"
    "[role admin]\nlabel.ru = А\nlabel.en = A\nkinds = office\nread = none\nwrite = none\ncaps = "
    "admin\n";

static int setup(void **state)
{
    char url[100];
    size_t n;
    const struct table *const *tables = register_tables(&n);
    struct fault f = {0};
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0 || close(fd) || unlink(path))
        return -1;
    snprintf(url, sizeof url, "sqlite:%s", path);
    if (store_open(url, true, &store, &f) || schema_upgrade(store, tables, n, &f) ||
        request_open(store, NULL, &rq, &f)) {
        fprintf(stderr, "%s\n", f.text);
        return -1;
    }
    struct change ch;
    change_begin(&rq, &ch, NO_SUBJECT);
    assert_int_equal(guard_init(&ch, &f), OK);
    change_event(&ch, &(struct event){.kind = "register.made"});
    struct pack_entry *e;
    size_t n_entries;
    if (change_commit(&ch) ||
        pack_file_read(text_of(small), T("t.pack"), T("t"), rq.arena, &e, &n_entries, &f) ||
        packs_use(e, n_entries, &f)) {
        fprintf(stderr, "%s\n", f.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    char other[100];

    (void)state;
    request_close(&rq);
    store_close(store);
    for (int i = 0; i < 3; i++) {
        snprintf(other, sizeof other, "%s%s", path, (const char *[]){"", "-wal", "-shm"}[i]);
        unlink(other);
    }
    return 0;
}

static int64_t shore, hills;

static void test_districts(void **state)
{
    struct change ch;

    (void)state;
    change_begin(&rq, &ch, NO_SUBJECT);
    shore = district_add(&ch, T("01"), T("Береговой район"));
    hills = district_add(&ch, T("02"), T("Приозёрный муниципальный округ"));
    district_add(&ch, T("03"), T("Городской округ Приозёрный"));
    settlement_add(&ch, shore, T("посёлок Мысовой"));
    assert_int_equal(change_commit(&ch), OK);
    assert_int_equal(district_of_code(&rq, T("01")), shore);
    assert_int_equal(district_of_code(&rq, T("09")), 0);
    assert_int_equal(district_of_name(&rq, T(" береговой РАЙОН ")), shore);
    assert_int_equal(district_of_name(&rq, T("Береговой р-н")), shore);
    assert_int_equal(district_of_name(&rq, T("Береговой")), shore);
    assert_int_equal(district_of_name(&rq, T("01")), shore);
    assert_int_equal(district_of_name(&rq, T("Приозерный муниципальный округ")), hills);
    assert_int_equal(district_of_name(&rq, T("Приозёрный")), 0); /* two: which? */
    assert_int_equal(district_of_name(&rq, T("район")), 0);
    assert_int_equal(district_of_name(&rq, T("")), 0);
    assert_true(text_is(district_name(&rq, shore), "Береговой район"));
    assert_int_equal(district_name(&rq, 999).n, 0);
    struct district_options_rows options = {0};
    territory_options(&rq, &options);
    assert_int_equal(options.n, 3);
}

static int64_t clinic, office;

static void test_bodies(void **state)
{
    struct change ch;
    struct body_all_options_rows options = {0};

    (void)state;
    change_begin(&rq, &ch, NO_SUBJECT);
    office = body_add(&ch, &(struct body_new){.name = T("Отдел «Альфа»"), .kind = T("office")});
    clinic = body_add(
        &ch, &(struct body_new){.name = T("Больница Б"), .kind = T("clinic"), .district = shore});
    int64_t near = body_add(&ch, &(struct body_new){.name = T("Больница А"),
                                                    .kind = T("clinic"),
                                                    .district = hills,
                                                    .phone = T("+79000000000")});
    assert_int_equal(change_commit(&ch), OK);
    guard_bodies_changed(&rq);
    assert_int_equal(body_tells(clinic), CLASS_BIT(CLASS_HEALTH));
    assert_int_equal(body_discloses(&rq, clinic), CLASS_BIT(CLASS_HEALTH));
    assert_int_equal(body_discloses(&rq, office), 0);
    assert_true(text_is(body_kind(&rq, office), "office"));
    assert_int_equal(body_kind(&rq, 999).n, 0);
    assert_int_equal(body_of_district(&rq, "clinic", shore), clinic);
    assert_int_equal(body_of_district(&rq, "office", shore), 0);
    assert_int_equal(body_of_name(&rq, T("отдел «альфа»")), office);
    assert_true(body_takes(&rq, clinic, T("check")));
    assert_false(body_takes(&rq, office, T("check")) || body_takes(&rq, 999, T("check")) ||
                 body_takes(&rq, clinic, T("other")));
    body_options(&rq, T("check"), shore, 0, &options);
    assert_int_equal(options.n, 2);
    assert_int_equal(v_as_int(options.row[0].id), clinic); /* of the district first */
    assert_int_equal(v_as_int(options.row[1].id), near);
    body_options(&rq, T(""), 0, clinic, &options);
    assert_int_equal(options.n, 2);
    assert_true(text_is(v_as_text(options.row[0].name), "Больница А"));
    struct body_list_rows rows = {0};
    q_body_list(&rq,
                &(struct body_list_args){.words = body_words(rq.arena, T("АЛЬФА%_")),
                                                .old_words = body_words(rq.arena, T("АЛЬФА"))},
                &rows);
    assert_int_equal(rows.n, 1);
    assert_int_equal(body_words(rq.arena, T("")).kind, V_NONE);
}

static void test_accounts(void **state)
{
    struct change ch;
    char hash[PASSWORD_HASH_LEN];
    struct viewer viewer;

    (void)state;
    assert_int_equal(password_hash(T("bereg-demo"), hash), OK);
    change_begin(&rq, &ch, NO_SUBJECT);
    int64_t id = account_add(&ch, &(struct account_new){.login = T("doctor"),
                                                        .name = T("Врач В. В."),
                                                        .role = T("doctor"),
                                                        .body = clinic,
                                                        .hash = hash});
    assert_int_equal(change_commit(&ch), OK);
    assert_int_equal(account_id_of(&rq, T("doctor")), id);
    assert_int_equal(account_id_of(&rq, T("nobody")), 0);
    assert_true(viewer_of_login(&rq, T("doctor"), &viewer));
    assert_int_equal(viewer.body, clinic);
    char secret[SECRET_LEN + 1];
    struct request other;
    struct fault f = {0};
    assert_int_equal(request_open(store, NULL, &other, &f), OK);
    assert_true(sign_in_password(&other, T("doctor"), T("bereg-demo"), T("127.0.0.1"), &viewer));
    bool displaced;
    assert_true(session_open(&other, &viewer, &(struct sign_in){.way = "password", .address = T("127.0.0.1")}, secret, &displaced));
    assert_false(displaced);
    /* what was proven before the sessions ended opens none */
    struct sessions_live_rows live = {0};
    assert_true(sign_in_password(&other, T("doctor"), T("bereg-demo"), T("127.0.0.1"), &viewer));
    change_begin(&rq, &ch, SUBJECT(&account_table, id));
    sessions_end_in(&ch, id);
    change_event(&ch, &(struct event){.kind = "test"});
    assert_int_equal(change_commit(&ch), OK);
    assert_false(session_open(&other, &viewer, &(struct sign_in){.way = "password", .address = T("127.0.0.1")}, secret, &displaced));
    assert_int_equal(other.err, OK);
    q_sessions_live(&other, &(struct sessions_live_args){.account = v_int(id), .longest = v_instant(0)}, &live);
    assert_int_equal(live.n, 0);
    assert_false(viewer_stands(&other, &viewer));
    assert_true(viewer_of_login(&other, T("doctor"), &viewer));
    assert_true(viewer_stands(&other, &viewer));
    assert_int_equal(other.err, OK);
    request_close(&other);
    assert_true(role_fits(T("doctor"), T("clinic")));
    assert_false(role_fits(T("doctor"), T("office")) || role_fits(T("none"), T("office")));
}

static int64_t absent(struct change *ch, int64_t account, int64_t from, int64_t to, int64_t substitute)
{
    union absence_record r = {.account_id = v_int(account),
                              .body_id = v_int(clinic),
                              .since = v_date(rq.today + from),
                              .until = v_date(rq.today + to),
                              .kind = v_z("leave"),
                              .substitute_id = substitute ? v_int(substitute) : v_null(),
                              .cancelled = v_int(0),
                              .created_at = v_instant(rq.now)};
    return change_insert(ch, &absence_table, r.v);
}

/* Who stands in: along the chain, by the day. */
static void test_in_place(void **state)
{
    struct change ch;
    int64_t who[4];
    static const char *const logins[] = {"first", "second", "third", "gone"};

    (void)state;
    change_begin(&rq, &ch, NO_SUBJECT);
    for (int i = 0; i < 4; i++)
        who[i] = account_add(&ch, &(struct account_new){.login = text_of(logins[i]),
                                                        .name = T("Врач"),
                                                        .role = T("doctor"),
                                                        .body = clinic});
    absent(&ch, who[0], 0, 9, who[1]);
    absent(&ch, who[1], 5, 9, who[2]);
    absent(&ch, who[2], 8, 8, 0);
    union account_record ended = {.active = v_int(0)};
    change_update(&ch, &account_table, who[3], -1, ended.v);
    change_event(&ch, &(struct event){.kind = "test"});
    assert_int_equal(change_commit(&ch), OK);
    assert_int_equal(account_in_place_of(&rq, who[0], rq.today - 1), who[0]);
    assert_int_equal(account_in_place_of(&rq, who[0], rq.today), who[1]);
    assert_int_equal(account_in_place_of(&rq, who[0], rq.today + 5), who[2]);
    assert_int_equal(account_in_place_of(&rq, who[0], rq.today + 8), who[0]); /* nobody is there */
    assert_int_equal(account_in_place_of(&rq, who[0], rq.today + 10), who[0]);
    assert_int_equal(account_in_place_of(&rq, who[3], rq.today), 0);
    change_begin(&rq, &ch, NO_SUBJECT);
    absent(&ch, who[3], 0, 1, who[2]);
    change_event(&ch, &(struct event){.kind = "test"});
    assert_int_equal(change_commit(&ch), OK);
    assert_int_equal(account_in_place_of(&rq, who[3], rq.today), who[2]);
    assert_int_equal(account_in_place_of(&rq, 999, rq.today), 0);
}

static int64_t agreement(struct change *ch, const char *state, int64_t from, int64_t to, const char *need)
{
    union agreement_record g = {.number = v_text(arena_printf(rq.arena, "7-%lld", (long long)to)),
                                .signed_on = v_date(rq.today),
                                .subject = v_z("Осмотр"),
                                .kind = v_z("agreement"),
                                .since = v_date(rq.today + from),
                                .until = to ? v_date(rq.today + to) : v_null(),
                                .state = v_z(state),
                                .created_at = v_instant(rq.now)};
    int64_t id = change_insert(ch, &agreement_table, g.v);
    union agreement_party_record a = {.agreement_id = v_int(id), .body_id = v_int(office)};
    union agreement_party_record b = {.agreement_id = v_int(id), .kind = v_z("clinic")};
    union agreement_carries_record c = {.agreement_id = v_int(id), .need = v_z(need)};
    change_insert(ch, &agreement_party_table, a.v);
    change_insert(ch, &agreement_party_table, b.v);
    change_insert(ch, &agreement_carries_table, c.v);
    change_event(ch, &(struct event){.kind = "test"});
    return id;
}

static void test_agreements(void **state)
{
    struct change ch;
    const char *fault = agreement_fault(&rq, office, clinic, T("check"), T(""));

    (void)state;
    assert_non_null(fault);
    assert_null(agreement_fault(&rq, clinic, office, T("check"), T(""))); /* not to such a kind */
    change_begin(&rq, &ch, NO_SUBJECT);
    agreement(&ch, "draft", -9, 0, NULL);
    int64_t over = agreement(&ch, "in_force", -9, -1, "check");
    assert_int_equal(change_commit(&ch), OK);
    fault = agreement_fault(&rq, office, clinic, T("check"), T(""));
    assert_non_null(fault);
    assert_non_null(strstr(fault, "7--1"));
    char date[11];
    date_dmy(rq.today - 1, date);
    assert_non_null(strstr(fault, date));
    change_begin(&rq, &ch, NO_SUBJECT);
    agreement(&ch, "in_force", -9, 9, "other");
    assert_int_equal(change_commit(&ch), OK);
    assert_non_null(agreement_fault(&rq, office, clinic, T("check"), T("")));
    change_begin(&rq, &ch, NO_SUBJECT);
    int64_t now = agreement(&ch, "in_force", 0, 0, NULL);
    assert_int_equal(change_commit(&ch), OK);
    assert_true(now > over);
    assert_null(agreement_fault(&rq, office, clinic, T("check"), T("")));
    assert_non_null(agreement_fault(&rq, clinic, clinic, T("check"), T(""))); /* is no party but as a kind */
}

/* Only administrators change districts, bodies and accounts, and no hash goes into the history. */
static void test_who_may(void **state)
{
    struct request other;
    struct fault f = {0};
    struct district_form form;
    struct cells cells;
    static const uint8_t columns[] = {V_INT};
    static struct sql sql = {.text = "select count(*) from history where changed like '%$argon2%'",
                             .n_columns = 1,
                             .columns = columns};

    (void)state;
    assert_int_equal(request_open(store, "doctor", &other, &f), OK);
    form_begin(&district_form, form.v);
    form.code.value = v_z("05");
    form.name.value = v_z("Новый район");
    assert_int_equal(district_create(&other, &form), 0);
    assert_int_equal(other.err, ERR_FORBIDDEN);
    request_close(&other);
    assert_int_equal(district_of_code(&rq, T("05")), 0);
    sql_intern(&sql);
    assert_int_equal(conn_rows(rq.conn, &sql, NULL, rq.arena, &cells), OK);
    assert_int_equal(cells.v[0].i, 0);
}

static void test_words(void **state)
{
    (void)state;
    assert_true(login_valid(T("karpova.ms")) && login_valid(T("a-1")));
    assert_false(login_valid(T("ab")) || login_valid(T("1ab")) || login_valid(T("Карпова")) ||
                 login_valid(T("a b c")) || login_valid(T("Abc")) || login_valid(T("a'--")));
    struct value a;
    /* these packs have no rules of their own: the strict ones hold */
    assert_null(password_wrong(rq.arena, T("пароль из трёх слов"), T("doctor"), &a));
    assert_non_null(password_wrong(rq.arena, T("fourteen chars"), T("doctor"), &a));
    assert_int_equal(v_as_int(a), 15);
    assert_non_null(password_wrong(rq.arena, T("aaaaaaaabbaaaaaaaa"), T("doctor"), &a));
    assert_non_null(password_wrong(rq.arena, T("karpova.maria.sergeevna"), T("karpova.maria.sergeevna"), &a));
    assert_non_null(password_wrong(rq.arena, T("Karpova-Maria-2024-2025"), T("karpova.maria"), &a));
    assert_non_null(password_wrong(rq.arena, T("1qaz2wsx3edc4rfv"), T("doctor"), &a));
    assert_non_null(password_wrong(rq.arena, T("1ЙФЯ2ЦЫЧ3УВС4КАМ"), T("doctor"), &a)); /* the same keys */
    assert_non_null(password_wrong(rq.arena, (struct text){"1234567890abcdef\0", 17}, T("doctor"), &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_districts), cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_accounts),  cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_agreements), cmocka_unit_test(test_who_may),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
