/* Packs in a register: stored as one change, compared, taken at start. On SQLite; tests/ runs the
 * whole program on both engines. */
#include "guard/codes.h"
#include "guard/guard.h"
#include "packs_gen.h"
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs.h"
#include "store/store.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/bereg-packs-store-XXXXXX";
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
    return change_commit(&ch) == OK ? 0 : -1;
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

static enum err load(const char *text, struct pack_entry **e, size_t *n)
{
    return pack_file_read(text_of(text), T("t.pack"), T("t"), rq.arena, e, n, NULL);
}

static const struct pack_change *change_of(const struct pack_changes *c, const char *key)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct pack_entry *e = c->list[i].after ? c->list[i].after : c->list[i].before;
        if (text_is(e->key, key))
            return &c->list[i];
    }
    return NULL;
}

static void test_apply(void **state)
{
    struct pack_entry *e;
    struct pack_changes c;
    struct fault f = {0};
    size_t n;

    (void)state;
    assert_int_equal(packs_start(store, &f), ERR_NOT_FOUND); /* an empty register */
    assert_int_equal(load(small, &e, &n), OK);
    packs_diff(&rq, e, n, &c);
    assert_int_equal(c.added, n);
    if (packs_apply(&rq, e, n, &c, &f))
        fail_msg("%s", f.text);
    assert_int_equal(c.added, n);
    assert_int_equal(c.changed + c.removed, 0);
    packs_diff(&rq, e, n, &c);
    assert_int_equal(c.n, 0);

    /* one changed, one gone, one new, and two that only changed places */
    assert_int_equal(
        load("[pack t]\n[code sex male]\nlabel.ru = муж\nlabel.en = male\n"
             "[code event_kind packs.applied]\nlabel.ru = П\nlabel.en = P\n[calendar x]\n",
             &e, &n),
        OK);
    packs_diff(&rq, e, n, &c);
    assert_int_equal(c.added, 1);
    assert_int_equal(c.changed, 1);
    assert_int_equal(c.removed, 6);
    assert_int_equal(change_of(&c, "sex male")->what, PACK_CHANGED);
    assert_int_equal(change_of(&c, "doctor")->what, PACK_REMOVED);
    assert_true(text_is(pack_prop(change_of(&c, "sex male")->before, "act"), "ГК"));
    FILE *out = tmpfile();
    char printed[2000] = "";
    packs_print_diff(out, &c);
    rewind(out);
    assert_true(fread(printed, 1, sizeof printed - 1, out) > 0);
    fclose(out);
    assert_non_null(
        strstr(printed, "~ [code sex male]\n    - label.ru = мужской\n    - act = ГК\n"));
    assert_non_null(strstr(printed, "    + label.ru = муж\n"));
    assert_non_null(strstr(printed, "- [role doctor]\n"));
    assert_non_null(strstr(printed, "1 added, 1 changed, 6 removed\n"));
    if (packs_apply(&rq, e, n, NULL, &f))
        fail_msg("%s", f.text);
    assert_null(code_list("role"));
    assert_string_equal(code_find(code_list("sex"), T("male"))->label[LANG_RU], "муж");

    /* what is refused is not stored */
    assert_int_equal(load("[code sex]\n", &e, &n), OK);
    assert_int_equal(packs_apply(&rq, e, n, NULL, &f), ERR_SYNTAX);
    assert_string_equal(code_find(code_list("sex"), T("male"))->label[LANG_RU], "муж");
    assert_int_equal(load(small, &e, &n), OK);
    if (packs_apply(&rq, e, n, NULL, &f))
        fail_msg("%s", f.text);
    packs_diff(&rq, e, n, &c);
    assert_int_equal(c.n, 0);
    assert_int_equal(rq.err, OK);
}

/* The stamp goes up when terms may end on other days, and for nothing else; the days are counted. */
static void test_terms(void **state)
{
    static const char head[] =
        "[code event_kind packs.applied]\nlabel.ru = П\nlabel.en = P\n"
        "[region]\nlabel.ru = Р\nlabel.en = R\nutc_offset = +03:00\ncalendar = x\n";
    static const struct {
        const char *what, *text;
        int up;
        size_t days;
    } steps[] = {
        {"first", "[calendar x]\nfixed = 01-01\n[calendar x 2024]\noff = 01-01\n[deadline a]\nevent = b\nunit = day\n",
         1, 0},
        {"the same", "[calendar x]\nfixed = 01-01\n[calendar x 2024]\noff = 01-01\n[deadline a]\nevent = b\nunit = day\n",
         0, 0},
        {"an act and a label",
         "[calendar x]\nfixed = 01-01\nact = закон\n[calendar x 2024]\noff = 01-01\n"
         "[deadline a]\nevent = b\nunit = day\nlabel.ru = А\nverified = yes\n",
         0, 0},
        {"a decree that comes late: 3 and 8 May",
         "[calendar x]\nfixed = 01-01\n[calendar x 2024]\noff = 01-01 05-03 05-08 05-11\n"
         "[deadline a]\nevent = b\nunit = day\n",
         1, 2},
        {"a year of its own, no day moved",
         "[calendar x]\nfixed = 01-01\n[calendar x 2024]\noff = 01-01 05-03 05-08 05-11\n"
         "[calendar x 2025]\noff = 01-01\n[deadline a]\nevent = b\nunit = day\n",
         1, 0},
        {"a rule",
         "[calendar x]\nfixed = 01-01\n[calendar x 2024]\noff = 01-01 05-03 05-08 05-11\n"
         "[calendar x 2025]\noff = 01-01\n[deadline a]\nevent = b\nunit = day\ncount = 3\n",
         1, 0},
        {"another list",
         "[calendar x]\nfixed = 01-01\n[calendar x 2024]\noff = 01-01 05-03 05-08 05-11\n"
         "[calendar x 2025]\noff = 01-01\n[deadline a]\nevent = b\nunit = day\ncount = 3\n"
         "[code sex male]\nlabel.ru = муж\nlabel.en = male\n",
         0, 0},
    };
    int64_t version = terms_version(&rq);

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct pack_entry *e;
        struct pack_changes c;
        struct fault f = {0};
        size_t n;
        char text[2000];
        snprintf(text, sizeof text, "%s%s", head, steps[i].text);
        assert_int_equal(load(text, &e, &n), OK);
        if (packs_apply(&rq, e, n, &c, &f))
            fail_msg("%s: %s", steps[i].what, f.text);
        version += steps[i].up;
        if (terms_version(&rq) != version || c.terms != (steps[i].up > 0) || c.days != steps[i].days)
            fail_msg("%s: version %d, %zu days", steps[i].what, (int)terms_version(&rq), c.days);
        if (c.days) {
            assert_int_equal(c.first_day, date_from((struct ymd){2024, 5, 3}));
            assert_int_equal(c.last_day, date_from((struct ymd){2024, 5, 8}));
        }
    }
    struct pack_entry *e;
    struct fault f = {0};
    size_t n;
    assert_int_equal(load("[calendar x]\nfixed = 01-01\nweekend = fri\n", &e, &n), OK);
    assert_int_equal(packs_apply(&rq, e, n, NULL, &f), ERR_SYNTAX); /* refused: as it was */
    assert_int_equal(terms_version(&rq), version);
    assert_false(calendar_works(calendar_of("x"), date_from((struct ymd){2024, 5, 3})));
    if (packs_start(store, &f)) /* a restart */
        fail_msg("%s", f.text);
    assert_int_equal(terms_version(&rq), version);
    assert_int_equal(load(small, &e, &n), OK); /* as the next test wants it */
    if (packs_apply(&rq, e, n, NULL, &f))
        fail_msg("%s", f.text);
}

static void test_start(void **state)
{
    struct pack_entry none = {0};
    struct fault f = {0};

    (void)state;
    assert_int_equal(packs_use(&none, 0, &f), OK);
    assert_null(code_list("sex"));
    assert_string_equal(region_here()->name[LANG_RU], "");
    if (packs_start(store, &f))
        fail_msg("%s", f.text);
    assert_string_equal(code_find(code_list("sex"), T("male"))->act, "ГК");
    assert_true(code_find(code_list("sex"), T("male"))->verified);
    assert_int_equal(region_here()->utc_offset, -150);
    assert_non_null(role_find("doctor"));
    assert_true(text_is(pack_value("need", "check", "kinds"), "clinic"));
    union pack_entry_list_row *row;
    struct pack_entry_list_rows rows = {0};
    q_pack_entry_list(
        &rq, &(struct pack_entry_list_args){.kind = v_z("code"), .verified = v_int(1)}, &rows);
    assert_int_equal(rq.err, OK);
    assert_int_equal(rows.n, 1);
    row = rows.row;
    assert_true(text_is(v_as_text(row->label), "мужской") && text_is(v_as_text(row->act), "ГК"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_apply), cmocka_unit_test(test_terms),
                                       cmocka_unit_test(test_start)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
