/* Commands on a register as a whole: init, upgrade, check, users, token; and what the program knows without one: fields,
 * access. */
#include "base/log.h"
#include "formats/csv.h"
#include "guard/account.h"
#include "guard/codes.h"
#include "guard/audit.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include "guard/rights.h"
#include "guard/seal.h"
#include "guard/sign_in_rules.h"
#include "guard_gen.h"
#include "main/main.h"
#include "rooms/interaction/interaction.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people_keys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *packs_dir(const struct options *o)
{
    return o->packs ? o->packs : getenv("BEREG_PACKS") ? getenv("BEREG_PACKS") : "packs/demo";
}

/* Schema, key and packs of a new register. */
bool make_register(const struct options *o, struct store **store)
{
    struct fault fault = {0};
    size_t n;
    int state;
    const struct table *const *tables = register_tables(&n);
    if (!open_store(o, true, true, store))
        return false;
    struct request rq = {0};
    if (schema_state(*store, tables, n, &state, &fault))
        goto refused;
    if (state != SCHEMA_EMPTY) {
        fault_set(&fault, ERR_CONFLICT, "there is a register already at %s", o->db);
        goto refused;
    }
    if (schema_upgrade(*store, tables, n, &fault) || request_open(*store, NULL, &rq, &fault))
        goto refused;
    struct change ch;
    change_begin(&rq, &ch, NO_SUBJECT);
    keys_file(o->keys);
    if (guard_init(&ch, &fault))
        rq_fail(&rq, fault.err);
    change_event(&ch, &(struct event){.kind = "register.made"});
    if (change_commit(&ch)) {
        if (!fault.err)
            fault_set(&fault, rq.err, "the register could not be written");
        goto refused;
    }
    struct pack_entry *entries;
    size_t n_entries;
    if (packs_load_dir(packs_dir(o), rq.arena, &entries, &n_entries, &fault) ||
        packs_apply(&rq, entries, n_entries, NULL, &fault))
        goto refused;
    people_index_fill(&rq); /* nobody is there: from the first person on the indexes are kept */
    request_close(&rq);
    if (guard_start(*store, &fault))
        goto refused;
    clock_set_offset(region_here()->utc_offset);
    return true;
refused:
    refuse(&fault);
    if (rq.arena)
        request_close(&rq);
    store_close(*store);
    return false;
}

int cmd_init(const struct options *o)
{
    struct store *store;
    if (!make_register(o, &store))
        return EXIT_REFUSED;
    close_register(store);
    printf("An empty register was made at %s\nNobody can enter it yet: `bereg account` makes its first administrator.\n", o->db);
    return EXIT_OK;
}

/* Was a backup made within a day? An older register without the table simply says no. */
static bool has_backup(struct store *store)
{
    struct request rq;
    struct fault fault = {0};
    union setting_get_row row = {0};
    int64_t at = 0;
    if (request_open(store, NULL, &rq, &fault))
        return false;
    bool good = q_setting_get(&rq, &(struct setting_get_args){.name = v_z("backup_at")}, &row) &&
                text_int(v_as_text(row.value), 0, INT64_MAX, &at) == OK && rq.now - at < INT64_C(86400000000);
    request_close(&rq);
    return good;
}

/* What is not mended by going back to the program of before. False: the operator wanted a backup, and there is none. */
static bool backed_up(const struct options *o, struct store *store, const struct table *const *tables, size_t n)
{
    struct fault why = {0};
    int state = SCHEMA_SAME;
    if (!o->need_backup && (schema_state(store, tables, n, &state, &why) || state != SCHEMA_OLD))
        return true;
    if (has_backup(store))
        return true;
    fprintf(stderr, "bereg: no backup of the last day is noted in the register; %s: bereg backup --db %s --to FILE (with the version "
                    "that has served it)\n", o->need_backup ? "make one first" : "one should be made before an upgrade", o->db);
    return !o->need_backup;
}

/* What serving needs, by the tables' declarations; to be freed. */
static uint8_t *rights_of(const struct table *const *tables, size_t n)
{
    uint8_t *rights = calloc(n, sizeof *rights);
    for (size_t i = 0; rights && i < n; i++)
        rights[i] = table_rights(tables[i]);
    return rights;
}

enum err register_writable(struct store *store, struct fault *fault)
{
    size_t n;
    const struct table *const *tables = register_tables(&n);
    uint8_t *rights = rights_of(tables, n);
    enum err err = rights ? schema_writable(store, tables, rights, n, fault) : fault_set(fault, ERR_INTERNAL, "no memory");
    free(rights);
    return err;
}

static enum err give_rights(const struct options *o, struct store *store, const struct table *const *tables, size_t n, struct fault *fault)
{
    int roles = 0;
    uint8_t *rights = rights_of(tables, n);
    if (!rights)
        return fault_set(fault, ERR_INTERNAL, "no memory");
    enum err err = schema_grant(store, tables, rights, n, o->serve_role, &roles, fault);
    free(rights);
    if (!err && roles)
        puts(o->serve_role ? "The role has what it needs to serve." : "The role that serves was given its rights again.");
    return err;
}

bool upgrade_register(const struct options *o, struct store *store)
{
    struct fault fault = {0};
    struct request rq = {0};
    struct pack_entry *entries;
    struct pack_changes changes;
    size_t n, n_entries;
    const struct table *const *tables = register_tables(&n);
    keys_file(o->keys);
    if (schema_upgrade(store, tables, n, &fault) || give_rights(o, store, tables, n, &fault) || request_open(store, NULL, &rq, &fault) ||
        keys_first(&rq, &fault) || packs_load_dir(packs_dir(o), rq.arena, &entries, &n_entries, &fault) ||
        packs_apply(&rq, entries, n_entries, &changes, &fault))
        goto refused;
    packs_print_diff(stdout, &changes);
    tokens_give_term(&rq);
    people_index_fill(&rq);
    interaction_catch_up(&rq, 0);
    if (rq.err) {
        fault_set(&fault, rq.err, "the indexes of the search and the sums were not filled: upgrade once more");
        goto refused;
    }
    request_close(&rq);
    return !guard_start(store, &fault) || (refuse(&fault), false);
refused:
    if (rq.arena)
        request_close(&rq);
    refuse(&fault);
    return false;
}

int cmd_upgrade(const struct options *o)
{
    struct store *store;
    struct fault why = {0};
    size_t n;
    int state = SCHEMA_SAME;
    const struct table *const *tables = register_tables(&n);
    if (!open_store(o, false, true, &store))
        return EXIT_REFUSED;
    if (schema_state(store, tables, n, &state, &why) == OK && state == SCHEMA_EMPTY) {
        store_close(store);
        fault_set(&why, ERR_CONFLICT, "there is no register at %s yet: bereg init makes one, bereg restore brings one back", o->db);
        return refuse(&why);
    }
    if (state == SCHEMA_OLD && store_alone(store, &why)) { /* packs alone may change beside a server */
        store_close(store);
        return refuse(&why);
    }
    if (!backed_up(o, store, tables, n) || !upgrade_register(o, store)) {
        store_close(store);
        return EXIT_REFUSED;
    }
    close_register(store);
    puts("The register is up to date.");
    return EXIT_OK;
}

struct findings {
    int n;
};

static void print_finding(void *ctx, const char *text)
{
    struct findings *f = ctx;
    f->n++;
    printf("%s\n", text);
}

int cmd_check(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    struct findings found = {0};
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, NULL, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    store_check(rq.conn, print_finding, &found);
    access_check(&rq, print_finding, &found);
    seal_check(&rq, print_finding, &found);
    struct audit_result logs;
    audit_verify(&rq, &(struct audit){.found = print_finding, .ctx = &found}, &logs);
    for (const struct room *const *r = rooms; *r; r++)
        if ((*r)->check)
            (*r)->check(&rq, print_finding, &found);
    if (rq.err)
        print_finding(&found, "the register could not be read to the end");
    request_close(&rq);
    store_close(store);
    if (found.n)
        fprintf(stderr, "bereg: %d findings\n", found.n);
    else
        puts("The register is whole.");
    return found.n ? EXIT_REFUSED : EXIT_OK;
}

int cmd_rebuild(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, NULL, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    int64_t began = clock_monotonic();
    interaction_rebuild(&rq);
    while (!interaction_catch_up(&rq, 0) && !rq.err)
        ;
    if (rq.err)
        fault_set(&fault, rq.err, "the sums were not made (%s)", err_name(rq.err));
    else
        printf("The sums of interaction were made anew in %.1f s, of the processor %.1f s.\n",
               (double)(clock_monotonic() - began) / 1e6, (double)clock() / CLOCKS_PER_SEC);
    request_close(&rq);
    store_close(store);
    return fault.err ? refuse(&fault) : EXIT_OK;
}

static void csv_line(struct buf *b, const char *const *cells, size_t n)
{
    struct csv_writer w = {0};
    csv_begin(&w, b, ',', false);
    for (size_t i = 0; i < n; i++)
        csv_write_cell(&w, text_of(cells[i]));
    csv_write_end(&w);
}

static void print_buf(struct buf *b)
{
    fwrite(b->s, 1, b->n, stdout);
    buf_free(b);
}

int cmd_users(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    struct buf b = BUF(16 << 20);
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, NULL, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    struct users_list_rows rows;
    q_users_list(&rq, &(struct users_list_args){0}, &rows);
    csv_line(&b, (const char *[]){"login", "role", "body", "name"}, 4);
    for (size_t i = 0; i < rows.n; i++) {
        const union users_list_row *u = &rows.row[i];
        csv_line(&b, (const char *[]){arena_z(rq.arena, v_as_text(u->login)), arena_z(rq.arena, v_as_text(u->role)),
                                      arena_z(rq.arena, v_as_text(u->body_name)),
                                      arena_z(rq.arena, v_as_text(u->name))},
                 4);
    }
    print_buf(&b);
    request_close(&rq);
    store_close(store);
    return EXIT_OK;
}

int cmd_token(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    char secret[SECRET_LEN + 1];
    if (!o->login) {
        fprintf(stderr, "bereg: --login NAME is missing\n");
        return EXIT_USAGE;
    }
    if (o->name && (!*o->name || strlen(o->name) > 100 || !text_valid(text_of(o->name)))) {
        fprintf(stderr, "bereg: --name takes up to 100 bytes of UTF-8\n");
        return EXIT_USAGE;
    }
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    int64_t most = sign_in_rules()->token / (86400 * 1000000ll);
    if (o->days > most) {
        fprintf(stderr, "bereg: a token lasts %lld days at most ([sign_in rules] of the packs)\n", (long long)most);
        store_close(store);
        return EXIT_REFUSED;
    }
    if (request_open(store, o->login, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    token_make(&rq, rq.viewer.account, o->name ? o->name : "bereg token", o->days, secret);
    enum err err = rq.err;
    request_close(&rq);
    close_register(store);
    if (err) {
        fprintf(stderr, "bereg: the token could not be stored (%s)\n", err_name(err));
        return EXIT_REFUSED;
    }
    puts(secret);
    return EXIT_OK;
}

int cmd_fields(const struct options *o)
{
    struct buf b = BUF(4 << 20);
    size_t n;
    const struct table *const *tables = register_tables(&n);
    (void)o;
    csv_line(&b, (const char *[]){"table", "field", "class", "sealed"}, 4);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tables[i]->n_fields; k++) {
            const struct field *f = &tables[i]->fields[k];
            csv_line(&b, (const char *[]){tables[i]->name, f->name, class_names[f->cls],
                                          f->sealed || f->type == FIELD_CLASSES ? "yes" : "no"},
                     4);
        }
    print_buf(&b);
    return EXIT_OK;
}

static void print_rule(struct buf *b, struct arena *arena, struct text name, const char *kind,
                       uint32_t gives, uint32_t may)
{
    for (int c = CLASS_IDENTITY; c < CLASS_COUNT; c++)
        csv_line(b, (const char *[]){arena_printf(arena, "%.*s %s", TEXT_ARG(name), kind).s, class_names[c],
                                     gives & CLASS_BIT(c) ? "yes"
                                     : may & CLASS_BIT(c) ? "need"
                                                          : "no",
                                     "no"},
                 4);
}

/* What each fact opens to each kind of body; of a law, by its code. "need": when the referral's need has the class. */
static void print_rules(struct buf *b, struct arena *arena)
{
    const char *kind;
    for (size_t k = 0; (kind = body_kind_at(k)); k++)
        for (size_t f = 0; fact_at(f); f++) {
            uint32_t may = access_by_need((enum fact)f, kind) ? CLASS_ALL & ~access_never(kind) : 0;
            if (f != FACT_LAW)
                print_rule(b, arena, arena_printf(arena, "fact %s", fact_at(f)), kind,
                           access_rule((enum fact)f, kind, T("")), may);
        }
    for (size_t i = 0; law_at(i); i++)
        for (size_t k = 0; (kind = body_kind_at(k)); k++) {
            struct text rest = law_at(i)->categories, first;
            text_split(&rest, ' ', &first);
            print_rule(b, arena, arena_printf(arena, "law %s", law_at(i)->code), kind,
                       access_rule(FACT_LAW, kind, law_reason(arena, law_at(i), first)), 0);
        }
}

int cmd_access(const struct options *o)
{
    struct fault fault = {0};
    struct arena *arena = arena_new();
    struct pack_entry *entries;
    size_t n;
    struct buf b = BUF(4 << 20);
    if (packs_load_dir(packs_dir(o), arena, &entries, &n, &fault) || packs_use(entries, n, &fault)) {
        arena_free(arena);
        return refuse(&fault);
    }
    csv_line(&b, (const char *[]){"role or need", "class", "read", "write"}, 4);
    for (size_t i = 0; role_at(i); i++)
        for (int c = CLASS_IDENTITY; c < CLASS_COUNT; c++)
            csv_line(&b, (const char *[]){role_at(i)->code, class_names[c],
                                          role_at(i)->read & CLASS_BIT(c) ? "yes" : "no",
                                          role_at(i)->write & CLASS_BIT(c) ? "yes" : "no"},
                     4);
    for (size_t i = 0; i < need_count(); i++)
        for (int c = CLASS_IDENTITY; c < CLASS_COUNT; c++) {
            uint32_t classes;
            const char *need = need_at(i, &classes);
            csv_line(&b, (const char *[]){arena_printf(arena, "need %s", need).s, class_names[c],
                                          classes & CLASS_BIT(c) ? "yes" : "no", "no"},
                     4);
        }
    print_rules(&b, arena);
    print_buf(&b);
    arena_free(arena);
    return EXIT_OK;
}

int cmd_keys(const struct options *o)
{
    struct store *store;
    struct request rq;
    struct fault fault = {0};
    const char *what = o->n_words ? o->word[0] : "";
    bool add = strcmp(what, "add") == 0, rewrap = strcmp(what, "rewrap") == 0;
    if (*what && !add && !rewrap) {
        fprintf(stderr, "usage: bereg keys [add|rewrap] --db URL [--keys FILE]\n");
        return EXIT_USAGE;
    }
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    enum err err = request_open(store, NULL, &rq, &fault);
    if (!err) {
        err = add ? keys_add(&rq, &fault) : rewrap ? keys_rewrap(&rq, &fault) : OK;
        printf("The key file is %s.\n", keys_path());
        if (!err)
            printf("The register has %zu data keys%s\n", keys_count(),
                   add      ? "; the new one is used from a minute on, older rows are sealed anew by the jobs."
                   : rewrap ? ", wrapped by a new master key. Keep a copy of the file: older copies no longer open the register."
                            : ".");
        request_close(&rq);
    }
    close_register(store);
    return err ? refuse(&fault) : EXIT_OK;
}
