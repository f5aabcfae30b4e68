/* What SQLite says of a variant, over an empty database of all declared tables: which columns it
 * reads (authorizer), where result columns come from, and, by emptying result lists, which reads
 * only make up the result. */
#include "querycomp.h"
#include <sqlite3.h>
#include <stdio.h>

static sqlite3 *db;

const struct table *tables[MAX_TABLES];
int n_tables;

const struct table *table_named(struct text name)
{
    for (int i = 0; i < n_tables; i++)
        if (text_is(name, tables[i]->name))
            return tables[i];
    return NULL;
}

static void stub(sqlite3_context *c, int n, sqlite3_value **v)
{
    (void)n;
    (void)v;
    sqlite3_result_int(c, 0);
}

bool engine_open(void)
{
    struct buf ddl = BUF(16u << 20);
    char *message = NULL;
    bool ok = sqlite3_open(":memory:", &db) == SQLITE_OK;
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    static const struct {
        const char *name;
        int n;
    } own[] = {{"days_between", 2}, {"years_between", 2}, {"half_year", 1}, {"year_month", 1}};
    for (size_t i = 0; ok && i < sizeof own / sizeof *own; i++)
        ok = sqlite3_create_function(db, own[i].name, own[i].n, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                     NULL, stub, NULL, NULL) == SQLITE_OK;
    for (int i = 0; ok && i < n_tables; i++) {
        buf_clear(&ddl);
        schema_ddl(ENGINE_SQLITE, tables[i], &ddl);
        buf_char(&ddl, '\0');
        ok = !ddl.failed && sqlite3_exec(db, ddl.s, NULL, NULL, &message) == SQLITE_OK;
        if (!ok)
            fprintf(stderr, "querycomp: table %s: %s\n", tables[i]->name,
                    message ? message : "too large");
    }
    sqlite3_free(message);
    buf_free(&ddl);
    return ok;
}

void engine_close(void)
{
    sqlite3_close(db);
    db = NULL;
}

struct watch {
    struct arena *arena;
    struct prepared *p;
    bool write;
    const char *error;
};

/* Functions that both engines have under one name and meaning. */
static const char *const functions[] = {
    "count",         "sum",       "min",    "max",         "avg",        "coalesce",
    "nullif",        "length",    "substr", "replace",     "trim",       "ltrim",
    "rtrim",         "abs",       "round",  "like",        "row_number", "rank",
    "dense_rank",    "lag",       "lead",   "first_value", "last_value", "days_between",
    "years_between", "half_year", "year_month", NULL};

static int refuse(struct watch *w, const char *error)
{
    if (!w->error)
        w->error = error;
    return SQLITE_DENY;
}

static void note(struct watch *w, struct reads *r, struct read what)
{
    if (r->n == r->cap) {
        int cap = r->cap ? r->cap * 2 : 32;
        r->r = arena_grow(w->arena, r->r, (size_t)r->cap * sizeof *r->r, (size_t)cap * sizeof *r->r);
        r->cap = cap;
    }
    r->r[r->n++] = what;
}

static int saw_read(struct watch *w, const char *table, const char *column)
{
    const struct table *t = table_named(text_of(table));
    if (!t)
        return refuse(w, arena_printf(w->arena, "reads %s, which no room declares", table).s);
    if (!*column) /* the table is there, none of its columns is used: count(*) */
        return SQLITE_OK;
    int f = table_field(t, text_of(column));
    if (f < 0)
        return refuse(
            w, arena_printf(w->arena, "reads %s.%s, which is no declared field", table, column).s);
    note(w, &w->p->reads, (struct read){t, &t->fields[f]});
    return SQLITE_OK;
}

static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema,
                     const char *trigger)
{
    struct watch *w = ctx;
    (void)schema;
    /* the name of a WITH, or of a trigger: those of insert-only tables only raise */
    if (trigger && w->write)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        return saw_read(w, a, b);
    case SQLITE_FUNCTION:
        for (int i = 0; functions[i]; i++)
            if (!sqlite3_stricmp(functions[i], b))
                return SQLITE_OK;
        return refuse(w,
                      arena_printf(w->arena, "function %s is not the same on both engines", b).s);
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE: {
        const struct table *t = table_named(text_of(a));
        if (!w->write)
            return refuse(w, "a query changes nothing");
        if (!t)
            return refuse(w, arena_printf(w->arena, "changes %s, which no room declares", a).s);
        if (t->insert_only && action != SQLITE_INSERT)
            return refuse(w, arena_printf(w->arena, "table %s is insert-only", a).s);
        int f = action == SQLITE_UPDATE ? table_field(t, text_of(b)) : -1;
        if (action != SQLITE_INSERT)
            note(w, &w->p->written, (struct read){t, f >= 0 ? &t->fields[f] : NULL});
        return SQLITE_OK;
    }
    default:
        return refuse(w, "does something else than reading declared tables");
    }
}

static struct read origin_of(sqlite3_stmt *s, int k)
{
    struct read r = {0};
    const char *table = sqlite3_column_table_name(s, k), *column = sqlite3_column_origin_name(s, k);
    const struct table *t = table && column ? table_named(text_of(table)) : NULL;
    int f = t ? table_field(t, text_of(column)) : -1;
    if (f >= 0)
        r = (struct read){t, &t->fields[f]};
    return r;
}

void engine_prepare(struct arena *arena, const char *sql, bool write, struct prepared *out)
{
    *out = (struct prepared){0};
    struct watch w = {arena, out, write, NULL};
    sqlite3_stmt *s = NULL;
    sqlite3_set_authorizer(db, authorize, &w);
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    sqlite3_set_authorizer(db, NULL, NULL);
    if (w.error)
        out->error = w.error;
    else if (rc != SQLITE_OK)
        out->error = arena_z(arena, text_of(sqlite3_errmsg(db)));
    else if (!s)
        out->error = "the statement is empty";
    if (!out->error) {
        out->n_columns = sqlite3_column_count(s);
        out->names = arena_array(arena, (size_t)out->n_columns + 1, sizeof *out->names);
        out->origin = arena_array(arena, (size_t)out->n_columns + 1, sizeof *out->origin);
        for (int k = 0; k < out->n_columns; k++) {
            out->names[k] = arena_z(arena, text_of(sqlite3_column_name(s, k)));
            out->origin[k] = origin_of(s, k);
        }
    }
    sqlite3_finalize(s);
}

/* ---- emptied result lists ----
 *
 * A result item is replaced by a null. If the statement still stands and reads the same whether the
 * null keeps the item's name or loses it, then nobody uses the item but the result: what it reads
 * is shown, not filtered by. Items that conditions, joins or orders use by name stay, and their
 * reads count as reads outside. */

struct slot {
    int sel, item; /* of the first arm; the same place of all arms goes together */
    bool empty;
};

struct slots {
    int n;
    struct slot s[1000];
};

static bool find_slots(const struct shape *sh, struct slots *out)
{
    out->n = 0;
    for (int s = 0; s < sh->n_sels; s++) {
        const struct sel *sel = &sh->sels[s];
        if (!sel->chain || sel->fixed || sel->first != s)
            continue;
        for (int k = 0; k < sel->n_items; k++) {
            if (out->n == (int)(sizeof out->s / sizeof *out->s))
                return false;
            out->s[out->n++] = (struct slot){s, k, false};
        }
    }
    return true;
}

struct cut {
    int from, to, slot;
};

static const char *emptied(struct arena *arena, const char *text, const struct shape *sh,
                           const struct slots *slots, const bool *named)
{
    struct cut cuts[2000];
    int n = 0;
    for (int i = 0; i < slots->n; i++) {
        if (!slots->s[i].empty)
            continue;
        for (int s = 0; s < sh->n_sels && n < 2000; s++) {
            if (sh->sels[s].first != slots->s[i].sel)
                continue;
            const struct item *it = &sh->sels[s].items[slots->s[i].item];
            cuts[n++] = (struct cut){it->from, it->to, i};
        }
    }
    for (int i = 1; i < n; i++) /* by place in the text */
        for (int k = i; k && cuts[k - 1].from > cuts[k].from; k--) {
            struct cut c = cuts[k];
            cuts[k] = cuts[k - 1];
            cuts[k - 1] = c;
        }
    struct buf b = BUF(2 * MAX_VARIANT);
    int at = 0;
    for (int i = 0; i < n; i++) {
        const struct tok *t = sh->toks.t;
        const struct slot *slot = &slots->s[cuts[i].slot];
        struct text alias = sh->sels[slot->sel].items[slot->item].alias;
        buf_add(&b, text + at, (size_t)(t[cuts[i].from].at - at));
        buf_z(&b, " null");
        if (!named[cuts[i].slot])
            buf_printf(&b, " as hollow_%d ", cuts[i].slot);
        else if (alias.n)
            buf_printf(&b, " as \"%.*s\" ", TEXT_ARG(alias));
        at = t[cuts[i].to].at;
        buf_char(&b, ' ');
    }
    buf_z(&b, text + at);
    const char *z = b.failed ? "" : arena_z(arena, buf_get(&b));
    buf_free(&b);
    return z;
}

static bool same_reads(const struct reads *a, const struct reads *b)
{
    if (a->n != b->n)
        return false;
    for (int i = 0; i < a->n; i++)
        if (a->r[i].field != b->r[i].field)
            return false;
    return true;
}

/* Empties slots[from, to) besides those already empty; keeps the change when it goes unnoticed. */
static bool try_empty(struct arena *arena, const char *text, const struct shape *sh,
                      struct slots *slots, int from, int to, int keep, struct reads *out)
{
    bool named[1000] = {false}, was[1000];
    struct prepared without, with;
    for (int i = from; i < to; i++) {
        was[i] = slots->s[i].empty;
        if (i == keep || was[i])
            continue;
        slots->s[i].empty = true;
        named[i] = true;
    }
    engine_prepare(arena, emptied(arena, text, sh, slots, named), false, &with);
    memset(named, 0, sizeof named);
    engine_prepare(arena, emptied(arena, text, sh, slots, named), false, &without);
    if (!with.error && !without.error && same_reads(&with.reads, &without.reads)) {
        *out = without.reads;
        return true;
    }
    for (int i = from; i < to; i++)
        slots->s[i].empty = was[i];
    return false;
}

/* Empties all that nobody notices, but never slot `keep`; gives what is still read. */
static bool least_reads(struct arena *arena, const char *text, const struct shape *sh, int keep,
                        struct reads *out)
{
    struct slots *slots = NEW(arena, struct slots);
    if (!find_slots(sh, slots))
        return false;
    struct prepared whole;
    engine_prepare(arena, text, false, &whole);
    if (whole.error)
        return false;
    *out = whole.reads;
    if (try_empty(arena, text, sh, slots, 0, slots->n, keep, out))
        return true;
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < slots->n; i++)
            if (i != keep && !slots->s[i].empty &&
                try_empty(arena, text, sh, slots, i, i + 1, -1, out))
                more = true;
    }
    return true;
}

bool reads_outside(struct arena *arena, const char *text, const struct shape *sh, struct reads *out)
{
    return least_reads(arena, text, sh, -1, out);
}

bool reads_of_column(struct arena *arena, const char *text, const struct shape *sh, int k,
                     const struct reads *outside, struct reads *out)
{
    struct slots *slots = NEW(arena, struct slots);
    int keep = -1;
    struct reads all;
    if (!find_slots(sh, slots))
        return false;
    for (int i = 0; i < slots->n; i++)
        if (slots->s[i].sel == sh->top && slots->s[i].item == k)
            keep = i;
    if (!least_reads(arena, text, sh, keep, &all))
        return false;
    /* what is left when the reads outside are taken off, one for one */
    *out = (struct reads){.r = arena_array(arena, (size_t)all.n + 1, sizeof *all.r)};
    bool *taken = arena_array(arena, (size_t)outside->n + 1, sizeof *taken);
    for (int i = 0; i < all.n; i++) {
        int o = 0;
        while (o < outside->n && (taken[o] || outside->r[o].field != all.r[i].field))
            o++;
        if (o < outside->n)
            taken[o] = true;
        else
            out->r[out->n++] = all.r[i];
    }
    return true;
}
