/* The doors: grants and access, the mask, the writing door, page tokens. Runs on SQLite, and on PostgreSQL when BEREG_TEST_PG names a
 * server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/date.h"
#include "guard/account.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "agencies_gen.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct store *store;
static struct request rq;
static int64_t centre, clinic, worker, doctor;

static void must(enum err err, const struct fault *fault)
{
    if (err)
        fail_msg("%s: %s", err_name(err), fault->text);
}

static void make_register(void)
{
    struct fault fault = {0};
    static char path[200];
    size_t n;
    const struct table *const *tables = register_tables(&n);
    snprintf(path, sizeof path, "sqlite:/tmp/bereg-doors-%d.db", (int)getpid());
    unlink(path + 7);
    must(store_open(path, true, &store, &fault), &fault);
    must(schema_upgrade(store, tables, n, &fault), &fault);
    must(request_open(store, NULL, &rq, &fault), &fault);
    struct change ch;
    change_begin(&rq, &ch, NO_SUBJECT);
    must(guard_init(&ch, &fault), &fault);
    change_event(&ch, &(struct event){.kind = "register.made"});
    assert_int_equal(change_commit(&ch), OK);
    struct pack_entry *entries;
    const char *dir = getenv("BEREG_PACKS");
    must(packs_load_dir(dir ? dir : "packs/demo", rq.arena, &entries, &n, &fault), &fault);
    must(packs_apply(&rq, entries, n, NULL, &fault), &fault);
    must(guard_start(store, &fault), &fault);
}

static int64_t body(struct change *ch, const char *name, const char *kind)
{
    return change_insert(ch, &body_table,
                         (union body_record){.name = v_z(name), .name_key = v_z(name), .kind = v_z(kind),
                                             .active = v_int(1)}
                             .v);
}

static int64_t account(struct change *ch, const char *login, const char *role, int64_t at)
{
    return change_insert(ch, &account_table,
                         (union account_record){.login = v_z(login), .name = v_z(login), .role = v_z(role),
                                                .body_id = v_int(at), .active = v_int(1),
                                                .created_at = v_instant(rq.now)}
                             .v);
}

/* The viewer of the following steps; his own request begins with a clean error. */
static void as(const char *login)
{
    rq.err = OK;
    rq.mistakes = NULL;
    rq.n_seen = 0;
    rq.rest_hidden = false;
    rq.now = clock_now();
    rq.today = clock_today();
    if (login)
        assert_true(viewer_of_login(&rq, text_of(login), &rq.viewer));
    else
        rq.viewer = (struct viewer){.system = true, .body_kind = ""};
}

static int setup(void **state)
{
    (void)state;
    make_register();
    struct change ch;
    as(NULL);
    change_begin(&rq, &ch, NO_SUBJECT);
    centre = body(&ch, "centre", "social_centre");
    clinic = body(&ch, "clinic", "clinic");
    worker = account(&ch, "worker", "social_worker", centre);
    doctor = account(&ch, "doctor", "doctor", clinic);
    change_event(&ch, &(struct event){.kind = "body.changed"});
    assert_int_equal(change_commit(&ch), OK);
    return worker && doctor ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    char path[200];
    request_close(&rq);
    store_close(store);
    snprintf(path, sizeof path, "/tmp/bereg-doors-%d.db", (int)getpid());
    unlink(path);
    strcat(path, "-wal");
    unlink(path);
    snprintf(path, sizeof path, "/tmp/bereg-doors-%d.db-shm", (int)getpid());
    unlink(path);
    return 0;
}

static int64_t person(const char *family, const char *snils)
{
    struct change ch;
    as("worker");
    change_begin(&rq, &ch, NO_SUBJECT);
    struct person_entry e = {
        .record = {.family_name = v_z(family), .given_name = v_z("Анна"), .snils = v_z(snils),
                   .phone = v_z("+79001112233"), .identity_status = v_z("document")},
        .body = centre,
        .grant = access_rule(FACT_LISTED, "social_centre", T("")),
        .category = T("homeless"),
        .channel = T("self"),
    };
    int64_t id = person_enter(&ch, &e);
    assert_int_equal(change_commit(&ch), OK);
    assert_true(id > 0);
    return id;
}

static void test_rules(void **state)
{
    (void)state;
    uint32_t ngo = access_rule(FACT_REFERRAL_ACCEPTED, "ngo", T("employment_ban"));
    assert_true(ngo & CLASS_BIT(CLASS_IDENTITY));
    assert_false(ngo & CLASS_BIT(CLASS_CRIMINAL)); /* whatever the need says */
    uint32_t employment = access_rule(FACT_REFERRAL_ACCEPTED, "employment_centre", T("employment_ban"));
    assert_true(employment & CLASS_BIT(CLASS_CRIMINAL));
    assert_false(access_rule(FACT_REFERRAL_ACCEPTED, "employment_centre", T("employment")) &
                 CLASS_BIT(CLASS_CRIMINAL));
    assert_false(access_rule(FACT_CASE_OWN, "social_centre", T("")) & CLASS_BIT(CLASS_HIV));
}

static void test_grants(void **state)
{
    (void)state;
    int64_t p = person("Гранина", "99900000100");
    as(NULL);
    assert_int_equal(access_bits(&rq, clinic, p), 0);
    struct change ch;
    change_begin(&rq, &ch, NO_SUBJECT);
    grant_open(&ch, p, clinic, FACT_REFERRAL_SENT, T(""), CLASS_BIT(CLASS_IDENTITY), "test", 1, 0);
    grant_open(&ch, p, clinic, FACT_REFERRAL_ACCEPTED, T(""), CLASS_BIT(CLASS_HEALTH), "test", 2,
               rq.now + 1000);
    change_event(&ch, &(struct event){.kind = "referral.sent", .person = p});
    assert_int_equal(change_commit(&ch), OK);
    assert_int_equal(access_bits(&rq, clinic, p), CLASS_BIT(CLASS_IDENTITY) | CLASS_BIT(CLASS_HEALTH));
    rq.now += 2000; /* the second has ended by itself, before any sweep */
    assert_int_equal(access_bits(&rq, clinic, p), CLASS_BIT(CLASS_IDENTITY));
    access_sweep(&rq);
    assert_int_equal(rq.err, OK);
    change_begin(&rq, &ch, NO_SUBJECT);
    grant_end(&ch, p, 0, "test", 1);
    change_event(&ch, &(struct event){.kind = "grant.ended", .person = p});
    assert_int_equal(change_commit(&ch), OK);
    assert_int_equal(access_bits(&rq, clinic, p), 0);
}

static void test_mask(void **state)
{
    (void)state;
    int64_t p = person("Маскина", "99900000200");
    union person_card_row row;
    as("worker");
    q_person_card(&rq, &(struct person_card_args){.id = v_int(p)}, &row);
    assert_int_equal(rq.err, OK);
    assert_int_equal(row.family_name.kind, V_TEXT);
    assert_int_equal(row.phone.kind, V_TEXT);
    assert_int_equal(rq.n_seen, 1);
    assert_int_equal(rq.seen[0], p);

    as("doctor"); /* no access at all: as if there were none */
    q_person_card(&rq, &(struct person_card_args){.id = v_int(p)}, &row);
    assert_int_equal(rq.err, ERR_NOT_FOUND);
    assert_int_equal(rq.n_seen, 0);

    as(NULL);
    struct change ch;
    change_begin(&rq, &ch, NO_SUBJECT);
    grant_open(&ch, p, clinic, FACT_REFERRAL_SENT, T(""), CLASS_BIT(CLASS_IDENTITY), "test", 3, 0);
    change_event(&ch, &(struct event){.kind = "referral.sent", .person = p});
    assert_int_equal(change_commit(&ch), OK);
    as("doctor");
    q_person_card(&rq, &(struct person_card_args){.id = v_int(p)}, &row);
    assert_int_equal(rq.err, OK);
    assert_int_equal(row.family_name.kind, V_TEXT);
    assert_int_equal(row.phone.kind, V_HIDDEN);
    assert_int_equal(row.phone.cls, CLASS_CONTACT);
    assert_int_equal(row.phone.i, 0); /* nothing of the content is left */
    assert_true(rq.rest_hidden);
}

/* What the row, a code or a body tells is hidden without naming the class: the name would tell it. */
static void test_mark_tells_nothing(void **state)
{
    (void)state;
    int64_t p = person("Тайнова", "99900000250");
    struct change ch;
    as(NULL);
    change_begin(&rq, &ch, NO_SUBJECT);
    int64_t shelter = change_insert(&ch, &body_table,
                                    (union body_record){.name = v_z("shelter"), .name_key = v_z("shelter"),
                                                        .kind = v_z("aids_centre"), .active = v_int(1),
                                                        .discloses = v_int(CLASS_BIT(CLASS_HIV))}
                                        .v);
    person_lead_set(&ch, p, shelter);
    change_event(&ch, &(struct event){.kind = "case.opened", .person = p});
    assert_int_equal(change_commit(&ch), OK);
    guard_bodies_changed(&rq);
    as("worker");
    union person_card_row row;
    q_person_card(&rq, &(struct person_card_args){.id = v_int(p)}, &row);
    assert_int_equal(rq.err, OK);
    assert_int_equal(row.lead_body.kind, V_HIDDEN);
    assert_int_equal(row.lead_body.cls, CLASS_OPEN);
}

static void test_writing(void **state)
{
    (void)state;
    int64_t p = person("Правкина", "99900000300");
    struct change ch;
    as("worker");
    change_begin(&rq, &ch, SUBJECT(&person_table, p));
    change_update(&ch, &person_table, p, 99, (union person_record){.given_name = v_z("Мария")}.v);
    change_event(&ch, &(struct event){.kind = "person.changed", .person = p});
    assert_int_equal(change_commit(&ch), ERR_STALE);

    as("worker"); /* a change that nobody would ever learn of */
    change_begin(&rq, &ch, SUBJECT(&person_table, p));
    change_update(&ch, &person_table, p, -1, (union person_record){.given_name = v_z("Мария")}.v);
    assert_int_equal(change_commit(&ch), ERR_INTERNAL);

    as("doctor"); /* a class the role may not write */
    change_begin(&rq, &ch, SUBJECT(&person_table, p));
    change_update(&ch, &person_table, p, -1, (union person_record){.phone = v_z("+79000000000")}.v);
    change_event(&ch, &(struct event){.kind = "person.changed", .person = p});
    assert_int_equal(change_commit(&ch), ERR_FORBIDDEN);

    as("worker");
    union person_card_row row;
    q_person_card(&rq, &(struct person_card_args){.id = v_int(p)}, &row);
    assert_true(text_is(v_as_text(row.given_name), "Анна"));
    assert_true(text_is(v_as_text(row.phone), "+79001112233"));
}

static void test_pages(void **state)
{
    (void)state;
    static const char *const names[] = {"Яблокова", "Якушева", "Ямщикова", "Янтарёва", "Ясенева"};
    for (size_t i = 0; i < 5; i++) {
        char snils[12];
        snprintf(snils, sizeof snils, "9990000%04d", 4000 + (int)i);
        person(names[i], snils);
    }
    as("worker");
    struct value from, end;
    person_name_range(rq.arena, T("я"), &from, &end);
    struct person_list_args args = {.paging.limit = 2, .q = from, .q_end = end};
    size_t seen = 0;
    for (int page = 0; page < 4; page++) {
        struct person_list_rows rows;
        q_person_list(&rq, &args, &rows);
        assert_int_equal(rq.err, OK);
        for (size_t i = 0; i < rows.n; i++)
            assert_true(text_is(v_as_text(rows.row[i].family_name), names[seen++]));
        /* the token tells nothing of the name it stands on */
        assert_null(strstr(arena_z(rq.arena, rows.next), "ябл"));
        args.paging.after = rows.next;
        if (!rows.next.n)
            break;
    }
    assert_int_equal(seen, 5);
    args.paging.after = T("AAAAforeign"); /* a foreign token begins anew */
    struct person_list_rows rows;
    q_person_list(&rq, &args, &rows);
    assert_int_equal(rows.n, 2);
}

static void test_sign_in(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_LEN], secret[SECRET_LEN + 1], csrf[SECRET_LEN + 1];
    struct change ch;
    assert_int_equal(password_hash(T("right password"), hash), OK);
    as(NULL);
    change_begin(&rq, &ch, NO_SUBJECT);
    change_update(&ch, &account_table, worker, -1, (union account_record){.password = v_z(hash)}.v);
    change_event(&ch, &(struct event){.kind = "account.changed"});
    assert_int_equal(change_commit(&ch), OK);
    struct viewer viewer;
    for (int i = 0; i < 5; i++) {
        as(NULL);
        if (sign_in_try(&rq, T("worker"), T("127.0.0.1")))
            continue; /* after some wrong ones it has to wait */
        assert_false(sign_in_password(&rq, T("worker"), T("wrong"), T("127.0.0.1"), &viewer));
        assert_int_equal(rq.err, ERR_FORBIDDEN);
    }
    as(NULL);
    assert_true(sign_in_wait(&rq, T("worker"), T("127.0.0.1")) > 0);
    assert_int_equal(sign_in_wait(&rq, T("worker"), T("127.0.0.2")), 0); /* nobody is locked out from elsewhere */
    assert_true(sign_in_password(&rq, T("worker"), T("right password"), T("127.0.0.2"), &viewer));
    bool displaced;
    assert_true(session_open(&rq, &viewer, &(struct sign_in){.way = "password", .address = T("127.0.0.2")}, secret, &displaced));
    assert_int_equal(rq.err, OK);
    as(NULL);
    assert_true(session_use(&rq, (struct text){secret, SECRET_LEN}, csrf));
    assert_int_equal(rq.viewer.account, worker);
    secret[0] = secret[0] == 'a' ? 'b' : 'a';
    assert_false(session_use(&rq, (struct text){secret, SECRET_LEN}, csrf));
    rq.now += 2 * 3600 * 1000000ll;
    secret[0] = secret[0] == 'a' ? 'b' : 'a';
    assert_false(session_use(&rq, (struct text){secret, SECRET_LEN}, csrf)); /* idle too long, or a foreign one */
}

static void found(void *ctx, const char *text)
{
    (void)ctx;
    fail_msg("bereg check: %s", text);
}

static void test_check(void **state)
{
    (void)state;
    as(NULL);
    access_check(&rq, found, NULL);
    assert_int_equal(rq.err, OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),  cmocka_unit_test(test_grants),  cmocka_unit_test(test_mask),
        cmocka_unit_test(test_mark_tells_nothing),
        cmocka_unit_test(test_writing), cmocka_unit_test(test_pages),  cmocka_unit_test(test_sign_in),
        cmocka_unit_test(test_check),
    };
    return cmocka_run_group_tests_name("doors", tests, setup, teardown);
}
