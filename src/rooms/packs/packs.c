#include "rooms/packs/packs.h"
#include "base/date.h"
#include "base/log.h"
#include "guard/guard.h"
#include "guard_gen.h"
#include "packs_gen.h"
#include "rooms/packs/pack_file.h"
#include "rooms/packs/packs_own.h"
#include <pthread.h>

enum err pack_wrong(const struct pack_entry *e, struct fault *fault, const char *what,
                    struct text about)
{
    int shown = about.n > 80 ? 80 : (int)about.n;

    return fault_set(fault, ERR_SYNTAX, "%.*s%s[%.*s%s%.*s]: %s%s%.*s", TEXT_ARG(e->place),
                     e->place.n ? ": " : "", TEXT_ARG(e->kind), e->key.n ? " " : "",
                     TEXT_ARG(e->key), what, about.n ? ": " : "", shown, about.s);
}

/* --- entries to the rooms that take them --- */

/* The guard's sections first, then those of the rooms in their order. */
typedef enum err section_fn(const struct pack_section *s, const struct pack_entry *e,
                            struct fault *fault, bool *taken);

static enum err each_section(section_fn *fn, const struct pack_entry *e, struct fault *fault,
                             bool *taken)
{
    enum err err = OK;

    for (const struct pack_section *s = guard_packs; s->kind && !err; s++)
        err = fn(s, e, fault, taken);
    for (const struct room *const *r = rooms; *r && !err; r++)
        for (const struct pack_section *s = (*r)->packs; s && s->kind && !err; s++)
            err = fn(s, e, fault, taken);
    return err;
}

static enum err begin_section(const struct pack_section *s, const struct pack_entry *e,
                              struct fault *fault, bool *taken)
{
    (void)e, (void)fault, (void)taken;
    if (s->begin)
        s->begin();
    return OK;
}

static enum err apply_section(const struct pack_section *s, const struct pack_entry *e,
                              struct fault *fault, bool *taken)
{
    if (!text_is(e->kind, s->kind))
        return OK;
    *taken = true;
    return s->apply ? s->apply(e, fault) : OK;
}

static enum err check_sections(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    enum err err = OK;

    for (const struct room *const *r = rooms; *r && !err; r++)
        for (const struct pack_section *s = (*r)->packs; s && s->kind && !err; s++)
            if (s->check)
                err = s->check(entries, n, fault);
    return err;
}

static enum err done_section(const struct pack_section *s, const struct pack_entry *e,
                             struct fault *fault, bool *taken)
{
    (void)e, (void)fault, (void)taken;
    if (s->done)
        s->done();
    return OK;
}

/* One set of entries at a time is being taken. */
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

static uint32_t sealed_classes(const struct pack_entry *entries, size_t n)
{
    uint32_t bits = 0;
    enum data_class cls;
    for (size_t i = 0; i < n; i++)
        if (text_is(entries[i].kind, "class") && pack_yes(&entries[i], "sealed") &&
            !class_parse(entries[i].key, &cls))
            bits |= CLASS_BIT(cls);
    return bits;
}

/* Gives entries to every section; nothing is in use before take_done. */
static enum err take(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    enum err err = entries_check(entries, n, fault);

    if (!err)
        err = each_section(begin_section, NULL, fault, NULL);
    for (size_t i = 0; i < n && !err; i++) {
        bool taken = false;
        err = each_section(apply_section, &entries[i], fault, &taken);
        if (!err && !taken)
            err = pack_wrong(&entries[i], fault, "no part of the program takes such a section",
                             entries[i].kind);
    }
    if (!err)
        err = check_sections(entries, n, fault);
    return err ? err : codes_check(sealed_classes(entries, n), fault);
}

static void take_done(const struct pack_entry *entries, size_t n)
{
    entries_use(entries, n);
    each_section(done_section, NULL, NULL, NULL);
}

enum err packs_use(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    pthread_mutex_lock(&taking);
    enum err err = take(entries, n, fault);
    if (!err)
        take_done(entries, n);
    pthread_mutex_unlock(&taking);
    return err;
}

/* --- the register --- */

struct stored {
    struct pack_entry e;
    int64_t id, ord;
    bool kept;
};

static size_t read_stored(struct request *rq, struct stored **out)
{
    struct pack_entry_all_rows rows = {0};
    struct fault fault = {0};

    q_pack_entry_all(rq, &(struct pack_entry_all_args){0}, &rows);
    if (rq->err)
        return 0;
    struct stored *s = arena_array(rq->arena, rows.n + 1, sizeof *s);
    for (size_t i = 0; i < rows.n; i++) {
        const union pack_entry_all_row *r = &rows.row[i];
        s[i].id = v_as_int(r->id);
        s[i].ord = v_as_int(r->ord);
        s[i].e = (struct pack_entry){
            .pack = v_as_text(r->pack), .kind = v_as_text(r->kind), .key = v_as_text(r->key)};
        if (pack_props_read(v_as_text(r->props), rq->arena, &s[i].e, &fault)) {
            log_error("pack_entry %lld cannot be read: %s", (long long)s[i].id, fault.text);
            rq_fail(rq, ERR_STORE);
            return 0;
        }
    }
    *out = s;
    return rows.n;
}

static struct pack_entry *entries_of(struct request *rq, const struct stored *s, size_t n)
{
    struct pack_entry *entries = arena_array(rq->arena, n + 1, sizeof *entries);
    for (size_t i = 0; i < n; i++)
        entries[i] = s[i].e;
    return entries;
}

static int64_t version_of(struct request *rq)
{
    union packs_now_row now = {0};
    q_packs_now(rq, &(struct packs_now_args){0}, &now);
    return v_as_int(now.version);
}

static bool same(const struct pack_entry *a, const struct pack_entry *b)
{
    if (a->n != b->n || !text_eq(a->pack, b->pack))
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!text_eq(a->props[i].name, b->props[i].name) ||
            !text_eq(a->props[i].value, b->props[i].value))
            return false;
    return true;
}

static struct stored *stored_as(struct stored *s, size_t n, const struct pack_entry *e, size_t hint)
{
    /* both come in the packs' order: the place of the one before is nearly always right */
    for (size_t i = 0; i < n; i++) {
        struct stored *at = &s[(hint + i) % n];
        if (text_eq(at->e.key, e->key) && text_eq(at->e.kind, e->kind))
            return at;
    }
    return NULL;
}

static void count_change(struct pack_changes *out, struct pack_change *list, struct pack_change c)
{
    list[out->n++] = c;
    out->added += c.what == PACK_ADDED;
    out->changed += c.what == PACK_CHANGED;
    out->removed += c.what == PACK_REMOVED;
}

/* Writes one entry; the change is null when only the difference is asked for. */
static void write_entry(struct change *ch, const struct pack_entry *e, const struct stored *old,
                        size_t ord)
{
    struct buf props = BUF(PACK_PROPS_MAX + 1);

    pack_props_write(e, &props);
    if (buf_end(&props)) {
        rq_fail(ch->rq, ERR_LIMIT);
        buf_free(&props);
        return;
    }
    union pack_entry_record r = {.pack = v_text(e->pack),
                                 .kind = v_text(e->kind),
                                 .key = v_text(e->key),
                                 .ord = v_int((int64_t)ord),
                                 .label = v_text_or_null(pack_prop(e, "label.ru")),
                                 .act = v_text_or_null(pack_prop(e, "act")),
                                 .verified = v_int(pack_yes(e, "verified")),
                                 .props = v_text(buf_get(&props))};
    if (old)
        change_update(ch, &pack_entry_table, old->id, -1, r.v);
    else
        change_insert(ch, &pack_entry_table, r.v);
    buf_free(&props);
}

static bool differs_in(const struct pack_change *c, const char *property)
{
    struct text before = c->before ? pack_prop(c->before, property) : T(""),
                after = c->after ? pack_prop(c->after, property) : T("");
    return !text_eq(before, after);
}

static bool differs_in_any(const struct pack_change *c, const char *const *properties)
{
    for (; *properties; properties++)
        if (differs_in(c, *properties))
            return true;
    return false;
}

/* What a date due follows from; labels, acts and marks move no date. */
static bool moves_terms(const struct pack_change *c)
{
    static const char *const calendar[] = {"fixed", "base", "off", "work", "short", "nonworking", NULL};
    static const char *const deadline[] = {"unit", "count", "month", "calendar", NULL};
    static const char *const region[] = {"calendar", "nonworking_days", "utc_offset", NULL};
    const struct pack_entry *e = c->after ? c->after : c->before;

    if (text_is(e->kind, "region"))
        return differs_in_any(c, region);
    if (text_is(e->kind, "calendar")) /* a year without a day off is known none the less */
        return !c->before || !c->after || differs_in_any(c, calendar);
    return text_is(e->kind, "deadline") && differs_in_any(c, deadline);
}

static void compare(struct request *rq, struct change *ch, const struct pack_entry *entries,
                    size_t n, struct pack_changes *out, bool *moved)
{
    struct stored *s = NULL;
    size_t n_stored = read_stored(rq, &s), hint = 0;

    *out = (struct pack_changes){0};
    if (rq->err)
        return;
    struct pack_change *list = arena_array(rq->arena, n + n_stored + 1, sizeof *list);
    out->list = list;
    for (size_t i = 0; i < n && !rq->err; i++) {
        const struct pack_entry *e = &entries[i];
        struct stored *old = stored_as(s, n_stored, e, hint);
        bool differs = !old || !same(&old->e, e);
        if (old) {
            old->kept = true;
            hint = (size_t)(old - s) + 1;
            if (old->ord != (int64_t)i)
                *moved = true;
        }
        if (differs)
            count_change(
                out, list,
                (struct pack_change){old ? PACK_CHANGED : PACK_ADDED, old ? &old->e : NULL, e});
        if (ch && (differs || old->ord != (int64_t)i))
            write_entry(ch, e, old, i);
    }
    for (size_t i = 0; i < n_stored && !rq->err; i++) {
        if (s[i].kept)
            continue;
        count_change(out, list, (struct pack_change){PACK_REMOVED, &s[i].e, NULL});
        if (ch)
            w_pack_entry_drop(ch, &(struct pack_entry_drop_args){.id = v_int(s[i].id)});
    }
    for (size_t i = 0; i < out->n && !out->terms; i++)
        out->terms = moves_terms(&list[i]);
    if (out->terms && !rq->err)
        terms_compare(entries_of(rq, s, n_stored), n_stored, entries, n, out);
}

void packs_diff(struct request *rq, const struct pack_entry *entries, size_t n,
                struct pack_changes *out)
{
    bool moved = false;

    compare(rq, NULL, entries, n, out, &moved);
}

/* Which bodies' grants open something else by the new entries. */
static void tell_guard(struct change *ch, const struct pack_changes *changes)
{
    bool all = false, laws = false;
    for (size_t i = 0; i < changes->n; i++) {
        const struct pack_change *c = &changes->list[i];
        const struct pack_entry *e = c->after ? c->after : c->before;
        struct text kind = e->key, fact;
        if (text_is(e->kind, "grant") && differs_in(c, "classes")) {
            text_split(&kind, ' ', &fact);
            access_rules_changed(ch, kind);
        } else if (text_is(e->kind, "body_kind") && differs_in(c, "never")) {
            access_rules_changed(ch, kind);
        } else if (text_is(e->kind, "need")) {
            all = all || differs_in(c, "classes");
        } else if (text_is(e->kind, "law")) {
            all = laws = true;
        }
    }
    if (all)
        access_rules_changed(ch, T("*"));
    if (laws)
        law_work_begin(ch);
}

int64_t terms_version(struct request *rq)
{
    union terms_now_row now = {0};

    q_terms_now(rq, NULL, &now);
    return v_as_int(now.version);
}

/* One change with one event. Two at once: the second waits for the first one's rows, or fails on a
 * key. */
static enum err store_entries(struct request *rq, const struct pack_entry *entries, size_t n,
                              struct pack_changes *out)
{
    struct change ch;
    bool moved = false;

    compare(rq, NULL, entries, n, out, &moved);
    if (rq->err || (!out->n && !moved))
        return rq->err;
    change_begin_alone(rq, &ch);
    compare(rq, &ch, entries, n, out, &moved);
    w_counter_bump(&ch, &(struct counter_bump_args){.name = v_z("packs")});
    if (out->terms)
        w_counter_bump(&ch, &(struct counter_bump_args){.name = v_z("terms")});
    tell_guard(&ch, out);
    HOOK(rq, packs_stored, &ch);
    change_event(&ch, &(struct event){.kind = "packs.applied", .table = &pack_entry_table});
    return change_commit(&ch);
}

enum err packs_apply(struct request *rq, const struct pack_entry *entries, size_t n,
                     struct pack_changes *out, struct fault *fault)
{
    struct pack_changes own;

    pthread_mutex_lock(&taking);
    enum err err = entries_known(entries, n, fault);
    if (!err)
        err = take(entries, n, fault);
    if (!err) {
        err = store_entries(rq, entries, n, out ? out : &own);
        if (err)
            fault_set(fault, err, "the packs could not be stored: %s", err_name(err));
    }
    if (!err) {
        take_done(entries, n);
        packs_are(version_of(rq));
    }
    pthread_mutex_unlock(&taking);
    return err;
}

/* Another process has stored newer packs. What cannot be read fails the request: nothing is shown
 * by rules that are not in force any more. */
static void packs_stale(struct request *rq)
{
    struct fault fault = {0};
    struct stored *s = NULL;

    if (rq->err)
        return;
    pthread_mutex_lock(&taking);
    int64_t version = version_of(rq); /* before the entries: what comes in between is read again */
    size_t n = version > packs_used() ? read_stored(rq, &s) : 0;
    if (n && !rq->err) {
        struct pack_entry *entries = entries_of(rq, s, n);
        enum err err = take(entries, n, &fault);
        if (err) {
            log_error("newer packs cannot be used: %s", fault.text);
            rq_fail(rq, err);
        } else {
            take_done(entries, n);
            packs_are(version);
        }
    }
    pthread_mutex_unlock(&taking);
}

enum err packs_start(struct store *store, struct fault *fault)
{
    struct request rq;
    struct stored *s = NULL;
    enum err err = request_open(store, NULL, &rq, fault);

    if (err)
        return err;
    int64_t version = version_of(&rq);
    size_t n = read_stored(&rq, &s);
    if (rq.err)
        err = fault_set(fault, rq.err, "the packs of the register cannot be read");
    else if (!n)
        err = fault_set(fault, ERR_NOT_FOUND,
                        "the register holds no packs: it was not made by `bereg init`");
    if (!err) {
        err = packs_use(entries_of(&rq, s, n), n, fault);
        packs_are(version);
    }
    request_close(&rq);
    return err;
}

static void print_props(FILE *out, char sign, const struct pack_entry *e,
                        const struct pack_entry *other)
{
    for (size_t i = 0; i < e->n; i++) {
        bool there = false;
        for (size_t k = 0; other && k < other->n && !there; k++)
            there = text_eq(e->props[i].name, other->props[k].name) &&
                    text_eq(e->props[i].value, other->props[k].value);
        if (!there)
            fprintf(out, "    %c %.*s = %.*s\n", sign, TEXT_ARG(e->props[i].name),
                    TEXT_ARG(e->props[i].value));
    }
}

void packs_print_diff(FILE *out, const struct pack_changes *changes)
{
    static const char signs[] = {[PACK_ADDED] = '+', [PACK_CHANGED] = '~', [PACK_REMOVED] = '-'};

    for (size_t i = 0; i < changes->n; i++) {
        const struct pack_change *c = &changes->list[i];
        const struct pack_entry *e = c->after ? c->after : c->before;
        fprintf(out, "%c [%.*s%s%.*s]\n", signs[c->what], TEXT_ARG(e->kind), e->key.n ? " " : "",
                TEXT_ARG(e->key));
        if (c->before && c->after) {
            print_props(out, '-', c->before, c->after);
            print_props(out, '+', c->after, c->before);
        }
    }
    fprintf(out, "%zu added, %zu changed, %zu removed\n", changes->added, changes->changed,
            changes->removed);
    if (changes->days) {
        char first[11], last[11];
        date_iso(changes->first_day, first);
        date_iso(changes->last_day, last);
        fprintf(out, "%zu days of the region's calendar are worked or off now, from %s to %s\n",
                changes->days, first, last);
    }
}

/* --- the room --- */

static enum err nothing_to_do(const struct pack_entry *e, struct fault *fault)
{
    (void)e, (void)fault; /* read where it is used, by pack_find() */
    return OK;
}

static const struct pack_section packs_packs[] = {
    {"code", codes_begin, codes_take, codes_done},
    {"class", NULL, codes_take_kind, NULL},
    {"role", NULL, codes_take_kind, NULL},
    {"need", NULL, codes_take_kind, NULL},
    {"body_kind", NULL, codes_take_kind, NULL},
    {"retention", NULL, codes_take_kind, NULL},
    {"calendar", terms_begin, calendar_take, terms_done},
    {"deadline", NULL, deadline_take, NULL},
    {"region", NULL, region_take, NULL},
    {"report", NULL, nothing_to_do, NULL},
    {"pack", NULL, nothing_to_do, NULL},
    {0},
};

static int64_t sample_entry(struct request *rq)
{
    struct pack_entry_list_rows rows = {0};

    q_pack_entry_list(rq, &(struct pack_entry_list_args){.paging.limit = 1}, &rows);
    return rows.n ? v_as_int(rows.row[0].id) : 0;
}

static const struct sample samples[] = {{"entry", sample_entry}, {0}};

const struct room packs_room = {.name = "packs",
                                .tables = packs_tables,
                                .forms = packs_forms,
                                .packs = packs_packs,
                                .samples = samples,
                                .hooks = {.packs_stale = packs_stale}};
