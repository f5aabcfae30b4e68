/* Commands on a register as a whole: init, upgrade, check, users, token; and what the program knows without one: fields,
 * access. */
#include "base/log.h"
#include "formats/csv.h"
#include "guard/account.h"
#include "guard/codes.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "main/main.h"
#include "rooms/packs/packs.h"
#include <stdio.h>
#include <stdlib.h>

enum { TABLES_MAX = 200 };

const struct table *const *all_tables(size_t *n)
{
    static const struct table *all[TABLES_MAX];
    size_t k = 0;
    for (const struct table *const *t = guard_tables; *t && k < TABLES_MAX; t++)
        all[k++] = *t;
    for (const struct room *const *r = rooms; *r; r++)
        for (const struct table *const *t = (*r)->tables; t && *t && k < TABLES_MAX; t++)
            all[k++] = *t;
    *n = k;
    return all;
}

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
    const struct table *const *tables = all_tables(&n);
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
    guard_init(&ch);
    change_event(&ch, &(struct event){.kind = "register.made"});
    if (change_commit(&ch)) {
        fault_set(&fault, rq.err, "the register could not be written");
        goto refused;
    }
    struct pack_entry *entries;
    size_t n_entries;
    if (packs_load_dir(packs_dir(o), rq.arena, &entries, &n_entries, &fault) ||
        packs_apply(&rq, entries, n_entries, NULL, &fault))
        goto refused;
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
    store_close(store);
    printf("An empty register was made at %s\n", o->db);
    return EXIT_OK;
}

int cmd_upgrade(const struct options *o)
{
    struct store *store;
    struct fault fault = {0};
    struct request rq = {0};
    size_t n, n_entries;
    const struct table *const *tables = all_tables(&n);
    if (!open_store(o, false, true, &store))
        return EXIT_REFUSED;
    struct pack_entry *entries;
    if (schema_upgrade(store, tables, n, &fault) || request_open(store, NULL, &rq, &fault) ||
        packs_load_dir(packs_dir(o), rq.arena, &entries, &n_entries, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    struct pack_changes changes;
    if (packs_apply(&rq, entries, n_entries, &changes, &fault)) {
        request_close(&rq);
        store_close(store);
        return refuse(&fault);
    }
    packs_print_diff(stdout, &changes);
    request_close(&rq);
    store_close(store);
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
    if (!open_register(o, &store))
        return EXIT_REFUSED;
    if (request_open(store, o->login, &rq, &fault)) {
        store_close(store);
        return refuse(&fault);
    }
    token_make(&rq, rq.viewer.account, "command line", secret);
    enum err err = rq.err;
    request_close(&rq);
    store_close(store);
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
    const struct table *const *tables = all_tables(&n);
    (void)o;
    csv_line(&b, (const char *[]){"table", "field", "class", "sealed"}, 4);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tables[i]->n_fields; k++) {
            const struct field *f = &tables[i]->fields[k];
            csv_line(&b, (const char *[]){tables[i]->name, f->name, class_names[f->cls], "no"}, 4);
        }
    print_buf(&b);
    return EXIT_OK;
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
    print_buf(&b);
    arena_free(arena);
    return EXIT_OK;
}
