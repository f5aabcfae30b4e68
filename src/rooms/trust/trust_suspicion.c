/* The rules over the read log. Rows of `read` are walked in the order of their numbers; what a day has shown an account so far stands
 * in reader_day, so that a slice needs no other pages than its own. */
#include "rooms/trust/trust_suspicion.h"
#include "guard/guard.h"
#include "guard/retention.h"
#include "guard/seal.h"
#include "guard_gen.h"
#include "linkage/names.h"
#include "rooms/agencies/agencies.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    SLICE_READS = 40,
    SLICE_US = 20 * 1000,
    YOUNG_US = 60 * 1000 * 1000,
    USUAL_DAYS = 60,  /* worked days of an account, and days of a role, that tell what is usual */
    USUAL_MOST = 1000, /* days of a role */
    MINUTES_DAY = 24 * 60,
    PAST_ROWS = 100, /* as the queries of what is past its term have them */
};
static const int64_t minute_us = 60 * 1000 * 1000;

/* ---- the packs ---- */

static const char *const numbers[] = {"many.factor", "many.days", "many.least", "district.least", "night.least", "watched.days", "refused.least", "explained.days"};

static const struct pack_entry *rules(void)
{
    return pack_find("suspicion", T("rules"));
}

/* -1: the packs have no such number, and so no such rule. */
static int64_t number(const char *name)
{
    const struct pack_entry *e = rules();
    int64_t n = -1;
    return e && text_int(pack_prop(e, name), 0, 100000, &n) == OK ? n : -1;
}

enum err suspicion_take(const struct pack_entry *e, struct fault *fault)
{
    int64_t n;
    int minutes;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (text_int(pack_prop(e, numbers[i]), 0, 100000, &n))
            return fault_set(fault, ERR_SYNTAX, "%.*s: %s is a number", TEXT_ARG(e->place), numbers[i]);
    if (pack_prop(e, "tell_head").n && text_int(pack_prop(e, "tell_head"), 0, 1000, &n))
        return fault_set(fault, ERR_SYNTAX, "%.*s: tell_head is a number of days", TEXT_ARG(e->place));
    if (time_parse(pack_prop(e, "night.from"), &minutes) || time_parse(pack_prop(e, "night.to"), &minutes))
        return fault_set(fault, ERR_SYNTAX, "%.*s: night.from and night.to are times of day", TEXT_ARG(e->place));
    (void)pack_prop(e, "night.kinds");
    return OK;
}

/* ---- sets of persons ---- */

struct set {
    int64_t *id;
    size_t n, cap;
};

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool set_has(const struct set *s, int64_t id)
{
    return s->n && bsearch(&id, s->id, s->n, sizeof id, by_number);
}

static void set_add(struct arena *arena, struct set *s, int64_t id)
{
    if (set_has(s, id))
        return;
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        s->id = arena_grow(arena, s->id, s->cap * sizeof id, cap * sizeof id);
        s->cap = cap;
    }
    size_t at = s->n++;
    for (; at && s->id[at - 1] > id; at--)
        s->id[at] = s->id[at - 1];
    s->id[at] = id;
}

static void set_read(struct arena *arena, struct set *s, struct text packed)
{
    struct text part;
    int64_t id;
    while (text_split(&packed, ' ', &part))
        if (part.n && text_int(part, 1, INT64_MAX, &id) == OK)
            set_add(arena, s, id);
}

static struct value set_text(struct arena *arena, const struct set *s)
{
    char *t = arena_alloc(arena, s->n * 21 + 2);
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += (size_t)snprintf(t + n, 22, "%s%lld", i ? " " : "", (long long)s->id[i]);
    return v_text((struct text){t, n});
}

/* ---- one slice ---- */

/* What a day has shown an account. */
struct reader {
    int64_t account, body, day, first_read, last_read;
    struct text role;
    struct set persons, away, night;
    struct reader *next;
};

/* Names of all who have an account in a body, folded as those of persons. */
struct colleagues {
    int64_t body;
    struct text *name;
    size_t n;
    struct colleagues *next;
};

struct slice {
    struct request *rq;
    struct change *ch;
    struct reader *readers, **end; /* in the order of their first pages: an earlier day tells what is usual on a later one */
    struct colleagues *colleagues;
};

struct found {
    const char *rule;
    int64_t account, body, day, person, watched, n, first_read, last_read;
    struct value usual;
};

static bool same_item(const union suspicion_found_row *row, const struct found *f)
{
    return v_as_int(row->person_id) == f->person && v_as_int(row->watched_id) == f->watched;
}

static void tell_auditor(struct change *ch, int64_t id)
{
    change_event(ch, &(struct event){.kind = "suspicion.raised", .table = &suspicion_table, .object = id});
}

/* What was explained lately is not asked again, unless there is more of it than was explained: the item that says as much. 0: none. */
static int64_t explained_lately(struct request *rq, const struct found *f)
{
    union suspicion_explained_row row;
    int64_t days = number("explained.days");
    bool any = q_suspicion_explained(rq,
                                     &(struct suspicion_explained_args){.account = v_int(f->account),
                                                                        .rule = v_z(f->rule),
                                                                        .person = v_int(f->person),
                                                                        .watched = v_int(f->watched),
                                                                        .since = v_instant(instant_of_day(rq->today - days + 1))},
                                     &row);
    return days > 0 && any && (f->n ? f->n : 1) <= v_as_int(row.n) ? v_as_int(row.id) : 0;
}

/* The item of the rule, account and day, and of the person or word: a new one, or the one that stands grows. n 0: once more. */
static void raise_item(struct change *ch, const struct found *f)
{
    struct request *rq = ch->rq;
    struct suspicion_found_rows there = {0};
    q_suspicion_found(rq, &(struct suspicion_found_args){.account = v_int(f->account), .day = v_date(f->day), .rule = v_z(f->rule)}, &there);
    for (size_t i = 0; i < there.n; i++)
        if (same_item(&there.row[i], f)) {
            int64_t n = f->n ? f->n : v_as_int(there.row[i].n) + 1;
            w_suspicion_grow(ch, &(struct suspicion_grow_args){
                                     .id = there.row[i].id,
                                     .n = v_int(n),
                                     .last_read = f->last_read ? v_int(f->last_read) : there.row[i].last_read});
            if (v_is(there.row[i].covered_by) && n > v_as_int(there.row[i].covered_n)) {
                w_suspicion_uncover(ch, &(struct suspicion_uncover_args){.id = there.row[i].id});
                tell_auditor(ch, v_as_int(there.row[i].id));
            }
            return;
        }
    union suspicion_record r = {.rule = v_z(f->rule),
                                .account_id = v_int(f->account),
                                .body_id = v_int(f->body),
                                .day = v_date(f->day),
                                .n = v_int(f->n ? f->n : 1),
                                .usual = f->usual,
                                .raised_at = v_instant(rq->now)};
    if (f->person)
        r.person_id = v_int(f->person);
    if (f->watched)
        r.watched_id = v_int(f->watched);
    if (f->first_read) {
        r.first_read = v_int(f->first_read);
        r.last_read = v_int(f->last_read);
    }
    int64_t covered = explained_lately(rq, f);
    if (covered) {
        r.covered_by = v_int(covered);
        change_write(ch, &suspicion_table, r.v);
    } else {
        tell_auditor(ch, change_insert(ch, &suspicion_table, r.v));
    }
}

static struct reader *reader_of(struct slice *s, const union reads_to_judge_row *row, int64_t day)
{
    struct request *rq = s->rq;
    struct reader *r = s->readers;
    union reader_day_get_row stored;
    while (r && (r->account != v_as_int(row->account_id) || r->day != day))
        r = r->next;
    if (!r) {
        r = NEW(rq->arena, struct reader);
        *r = (struct reader){.account = v_as_int(row->account_id),
                             .body = v_as_int(row->body_id),
                             .day = day,
                             .role = v_as_text(row->role),
                             .first_read = v_as_int(row->id)};
        *s->end = r;
        s->end = &r->next;
        if (q_reader_day_get(rq, &(struct reader_day_get_args){.account = row->account_id, .day = v_date(day)}, &stored)) {
            r->first_read = v_as_int(stored.first_read);
            set_read(rq->arena, &r->persons, v_as_text(stored.persons));
            set_read(rq->arena, &r->away, v_as_text(stored.away));
            set_read(rq->arena, &r->night, v_as_text(stored.night));
        }
    }
    r->last_read = v_as_int(row->id);
    return r;
}

/* ---- rules about one person ---- */

static const struct colleagues *colleagues_of(struct slice *s, int64_t body)
{
    struct request *rq = s->rq;
    struct colleagues *c = s->colleagues;
    struct colleague_names_rows rows = {0};
    while (c && c->body != body)
        c = c->next;
    if (c)
        return c;
    q_colleague_names(rq, &(struct colleague_names_args){.body = v_int(body)}, &rows);
    c = NEW(rq->arena, struct colleagues);
    *c = (struct colleagues){.body = body, .name = arena_array(rq->arena, rows.n + 1, sizeof *c->name), .next = s->colleagues};
    for (size_t i = 0; i < rows.n; i++)
        c->name[c->n++] = text_fold(rq->arena, v_as_text(rows.row[i].name));
    return s->colleagues = c;
}

static bool is_colleague(const struct colleagues *c, struct text name_key)
{
    for (size_t i = 0; i < c->n; i++)
        if (text_eq(c->name[i], name_key))
            return true;
    return false;
}

static struct text stem_of(struct arena *arena, struct text name)
{
    struct text rest = name_clean(arena, name), word;
    return text_split(&rest, ' ', &word) ? name_surname_stem(arena, word) : T("");
}

/* " ленина " in " г сосновск ул ленина д 5 " */
static bool stands_in(struct arena *arena, struct text words, struct text address)
{
    struct text in = arena_printf(arena, " %.*s ", TEXT_ARG(address)), what = arena_printf(arena, " %.*s ", TEXT_ARG(words));
    return words.n && memmem(in.s, in.n, what.s, what.n);
}

/* Without the word that says what it is: "с. Устье" as "устье". */
static struct text place_name(struct arena *arena, struct text t)
{
    static const char *const kinds[] = {"г", "гор", "город", "с", "село", "п", "пос", "поселок", "пгт", "рп", "д", "дер", "деревня", "аул", "станица",
                                        "ул", "улица", "пер", "переулок", "пр", "просп", "проспект", "бульвар", "шоссе", "проезд", "мкр", NULL};
    struct text clean = name_clean(arena, t), rest = clean, word;
    if (!text_split(&rest, ' ', &word) || !rest.n)
        return clean;
    for (size_t i = 0; kinds[i]; i++)
        if (text_is(word, kinds[i]))
            return rest;
    return clean;
}

static bool is_neighbour(struct arena *arena, const union reads_to_judge_row *reader, struct value address)
{
    if (!v_is(reader->settlement) || !v_is(reader->street) || !v_is(address))
        return false;
    struct text clean = name_clean(arena, v_as_text(address));
    return stands_in(arena, place_name(arena, v_as_text(reader->settlement)), clean) &&
           stands_in(arena, place_name(arena, v_as_text(reader->street)), clean);
}

static void one_person(struct slice *s, const union reads_to_judge_row *row, struct reader *r, int64_t person)
{
    struct request *rq = s->rq;
    union judged_person_row p;
    if (!q_judged_person(rq, &(struct judged_person_args){.person = v_int(person), .body = v_int(r->body), .at = row->at}, &p))
        return;
    struct found f = {.account = r->account, .body = r->body, .day = r->day, .person = person,
                      .first_read = v_as_int(row->id), .last_read = v_as_int(row->id)};
    bool own = v_as_int(p.own) || v_as_int(p.lead_body_id) == r->body;
    bool here = v_is(row->district_id) && v_eq(row->district_id, p.district_id);
    struct text mine = stem_of(rq->arena, v_as_text(row->name));
    if (is_colleague(colleagues_of(s, r->body), v_as_text(p.name_key))) {
        f.rule = "colleague";
        raise_item(s->ch, &f);
    } else if (here && !own && mine.n && text_eq(mine, stem_of(rq->arena, v_as_text(p.family_name)))) {
        f.rule = "namesake";
        raise_item(s->ch, &f);
    }
    if (is_neighbour(rq->arena, row, p.address)) {
        f.rule = "neighbour";
        raise_item(s->ch, &f);
    }
    if (v_is(row->district_id) && v_is(p.district_id) && !here && !own && !v_as_int(p.asked))
        set_add(rq->arena, &r->away, person);
}

/* ---- rules about a day ---- */

static int64_t median(int64_t *v, size_t n)
{
    qsort(v, n, sizeof *v, by_number);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Of the account itself, when it has worked long enough; else of those who do the same. False: nobody knows yet. */
static bool usual_of(struct request *rq, const struct reader *r, int64_t *usual)
{
    struct usual_own_rows own = {0};
    struct usual_role_rows role = {0};
    int64_t v[USUAL_MOST];
    size_t n = 0, days = (size_t)number("many.days");
    q_usual_own(rq, &(struct usual_own_args){.account = v_int(r->account), .day = v_date(r->day), .rows = v_int(USUAL_DAYS)}, &own);
    for (size_t i = 0; i < own.n && own.n >= days; i++)
        v[n++] = v_as_int(own.row[i].shown);
    if (!n) {
        q_usual_role(rq, &(struct usual_role_args){.account = v_int(r->account), .day = v_date(r->day),
                                                   .since = v_date(r->day - USUAL_DAYS), .role = v_text(r->role)}, &role);
        for (size_t i = 0; i < role.n && n < USUAL_MOST; i++)
            v[n++] = v_as_int(role.row[i].shown);
    }
    if (n)
        *usual = median(v, n);
    return n > 0;
}

static void whole_day(struct slice *s, const struct reader *r)
{
    struct request *rq = s->rq;
    struct found f = {.account = r->account, .body = r->body, .day = r->day, .first_read = r->first_read, .last_read = r->last_read};
    int64_t least = number("many.least"), factor = number("many.factor"), usual;
    if (least >= 0 && (int64_t)r->persons.n > least && usual_of(rq, r, &usual) && (int64_t)r->persons.n > factor * usual) {
        f.rule = "many";
        f.n = (int64_t)r->persons.n;
        f.usual = v_int(usual);
        raise_item(s->ch, &f);
    }
    f.usual = (struct value){0};
    const struct {
        const char *rule, *least;
        size_t n;
    } counted[] = {{"district", "district.least", r->away.n}, {"night", "night.least", r->night.n}};
    for (size_t i = 0; i < 2; i++)
        if (number(counted[i].least) >= 0 && (int64_t)counted[i].n > number(counted[i].least)) {
            f.rule = counted[i].rule;
            f.n = (int64_t)counted[i].n;
            raise_item(s->ch, &f);
        }
    w_reader_day_put(s->ch, &(struct reader_day_put_args){.account = v_int(r->account),
                                                          .day = v_date(r->day),
                                                          .first_read = v_int(r->first_read),
                                                          .shown = v_int((int64_t)r->persons.n),
                                                          .persons = set_text(rq->arena, &r->persons),
                                                          .away = set_text(rq->arena, &r->away),
                                                          .night = set_text(rq->arena, &r->night)});
}

/* Outside of the hours, or on a day off, where the body does not work then. */
static bool at_night(const union reads_to_judge_row *row, int64_t day)
{
    const struct pack_entry *e = rules();
    int from = 0, to = MINUTES_DAY;
    int64_t minute = (v_as_int(row->at) - instant_of_day(day)) / minute_us;
    if (!e || pack_prop_has(e, "night.kinds", v_as_text(row->kind)) || time_parse(pack_prop(e, "night.from"), &from) ||
        time_parse(pack_prop(e, "night.to"), &to))
        return false;
    return minute < from || minute >= to || !calendar_works(calendar_here(), day);
}

/* A page about one: its address names a row that is of a person, whoever else stands on it; or a form is begun with him. Lists show
 * many, and so does what gathers many, even when one has been found. */
static bool is_card(struct text page, struct text persons)
{
    static const char *const gather[] = {"/imports/", "/meetings/", "/crosschecks/", "/retention/acts/", NULL};
    for (size_t i = 0; gather[i]; i++)
        if (text_starts(page, gather[i]))
            return false;
    persons = text_trim(persons);
    return memchr(page.s, '{', page.n) || (text_ends(page, "/new") && persons.n && !memchr(persons.s, ' ', persons.n));
}

static void one_page(struct slice *s, const union reads_to_judge_row *row)
{
    struct text rest = v_as_text(row->persons), part;
    int64_t day = instant_day(v_as_int(row->at)), person;
    if (!v_is(row->account_id) || !v_is(row->body_id))
        return;
    struct reader *r = reader_of(s, row, day);
    bool card = is_card(v_as_text(row->page), rest), night = card && at_night(row, day);
    while (text_split(&rest, ' ', &part) && !s->rq->err) {
        if (!part.n || text_int(part, 1, INT64_MAX, &person))
            continue;
        set_add(s->rq->arena, &r->persons, person);
        if (night)
            set_add(s->rq->arena, &r->night, person);
        if (card)
            one_person(s, row, r, person);
    }
}

/* ---- the job ---- */

static int64_t walked_to(struct request *rq)
{
    union setting_get_row at;
    int64_t id = 0;
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z("suspicion_read")}, &at) || text_int(v_as_text(at.value), 0, INT64_MAX, &id))
        return 0;
    return id;
}

static size_t to_judge(struct request *rq, struct reads_to_judge_rows *rows)
{
    size_t n = 0;
    *rows = (struct reads_to_judge_rows){0};
    q_reads_to_judge(rq, &(struct reads_to_judge_args){.id = v_int(walked_to(rq)), .rows = v_int(SLICE_READS)}, rows);
    while (n < rows->n && v_as_int(rows->row[n].at) < rq->now - YOUNG_US)
        n++;
    return n;
}

/* False when nothing is left. Numbers and times do not run in the same order, and PostgreSQL may yet show a lower number: at the
 * first page of the last minute the walk stops. */
static bool judge_some(struct request *rq)
{
    struct reads_to_judge_rows rows;
    struct change ch;
    struct slice s = {.rq = rq, .ch = &ch};
    int64_t begun = clock_monotonic();
    s.end = &s.readers;
    if (!to_judge(rq, &rows))
        return false;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_SUSPICION);
    size_t n = to_judge(rq, &rows), done = 0; /* another node may have been here */
    while (done < n && !rq->err && (!done || clock_monotonic() - begun < SLICE_US))
        one_page(&s, &rows.row[done++]);
    for (const struct reader *r = s.readers; r; r = r->next)
        whole_day(&s, r);
    if (done) {
        struct text last = arena_printf(rq->arena, "%lld", (long long)v_as_int(rows.row[done - 1].id));
        w_setting_put(&ch, &(struct setting_put_args){.name = v_z("suspicion_read"), .value = v_text(last)});
    }
    ch.events++; /* pages that raise nothing happened to nobody */
    return change_commit(&ch) == OK && done;
}

/* Searches for watched words, whatever they have found. */
static bool notes_some(struct request *rq)
{
    struct search_notes_rows rows = {0};
    struct change ch;
    q_search_notes(rq, NULL, &rows);
    if (!rows.n)
        return false;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_SUSPICION);
    rows = (struct search_notes_rows){0};
    q_search_notes(rq, NULL, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union search_notes_row *n = &rows.row[i];
        raise_item(&ch, &(struct found){.rule = "watched",
                                        .account = v_as_int(n->account_id),
                                        .body = v_as_int(n->body_id),
                                        .day = instant_day(v_as_int(n->at)),
                                        .watched = v_as_int(n->watched_id),
                                        .first_read = v_as_int(n->read_id),
                                        .last_read = v_as_int(n->read_id)});
        w_search_note_drop(&ch, &(struct search_note_drop_args){.id = n->id});
    }
    ch.events++;
    return change_commit(&ch) == OK;
}

/* Refused requests, counted by account and day. */
static bool refusals_some(struct request *rq)
{
    struct refusal_notes_rows rows = {0};
    struct change ch;
    q_refusal_notes(rq, NULL, &rows);
    if (!rows.n)
        return false;
    change_begin(rq, &ch, NO_SUBJECT);
    change_lock_for(&ch, LOCK_SUSPICION);
    rows = (struct refusal_notes_rows){0};
    q_refusal_notes(rq, NULL, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        const union refusal_notes_row *n = &rows.row[i];
        struct value day = v_date(instant_day(v_as_int(n->at)));
        union refusal_day_sum_row sum = {0};
        w_refusal_day_put(&ch, &(struct refusal_day_put_args){.account = n->account_id, .day = day, .kind = n->kind});
        w_refusal_note_drop(&ch, &(struct refusal_note_drop_args){.id = n->id});
        q_refusal_day_sum(rq, &(struct refusal_day_sum_args){.account = n->account_id, .day = day}, &sum);
        if (v_as_int(sum.n) > number("refused.least"))
            raise_item(&ch, &(struct found){.rule = "refused",
                                            .account = v_as_int(n->account_id),
                                            .body = v_as_int(n->body_id),
                                            .day = v_as_int(day),
                                            .n = v_as_int(sum.n)});
    }
    ch.events++; /* those that raise nothing happened to nobody */
    return change_commit(&ch) == OK;
}

static void in_slices(struct request *rq, bool (*some)(struct request *rq))
{
    struct arena *outer = rq->arena, *mine = arena_new();
    rq->arena = mine;
    while (rq_goes_on(rq) && some(rq))
        arena_reset(mine);
    rq->arena = outer;
    arena_free(mine);
    if (rq->err == ERR_BUSY || rq->err == ERR_CONFLICT)
        rq->err = OK; /* the next run goes on */
}

void suspicion_judge(struct request *rq)
{
    if (!rules())
        return;
    in_slices(rq, notes_some);
    in_slices(rq, refusals_some);
    in_slices(rq, judge_some);
}

/* The first day whose sets may still grow: the day before that of the page walked last, however far behind the walk is. */
static int64_t growing_from(struct request *rq)
{
    struct reads_to_judge_rows last = {0};
    q_reads_to_judge(rq, &(struct reads_to_judge_args){.id = v_int(walked_to(rq) - 1), .rows = v_int(1)}, &last);
    return last.n ? instant_day(v_as_int(last.row[0].at)) - 1 : DAY_MIN;
}

void reader_days_past(struct request *rq, int64_t day)
{
    struct change ch;
    int64_t growing = growing_from(rq);
    change_begin(rq, &ch, NO_SUBJECT);
    w_refusal_days_drop(&ch, &(struct refusal_days_drop_args){.day = v_date(day)});
    w_reader_days_drop(&ch, &(struct reader_days_drop_args){.day = v_date(day)});
    w_reader_days_close(&ch, &(struct reader_days_close_args){.day = v_date(growing)});
    ch.events++;
    (void)change_commit(&ch);
}

/* Rows of a table with what their history holds, and one event that says up to which number. */
struct past {
    const struct table *table;
    const char *kind;
    int64_t id[PAST_ROWS], since;
    size_t n;
};

static void past_add(struct past *p, struct value id, struct value since)
{
    p->id[p->n++] = v_as_int(id);
    p->since = v_as_int(since) < p->since ? v_as_int(since) : p->since;
}

/* The event of a row may have been noted a little before the row says. */
static bool past_commit(struct change *ch, struct past *p, bool *any)
{
    if (p->n && p->since < INT64_MAX)
        history_empty_of(ch, p->table, p->id, p->n, p->since - YOUNG_US);
    if (p->n)
        change_event(ch, &(struct event){.kind = p->kind, .table = p->table, .object = p->id[p->n - 1]});
    else
        ch->events++;
    *any |= p->n > 0;
    return change_commit(ch) == OK && p->n == PAST_ROWS;
}

static bool items_drop(struct request *rq, int64_t day, bool *any)
{
    struct past p = {.table = &suspicion_table, .kind = "retention.suspicions", .since = INT64_MAX};
    struct suspicions_old_rows rows = {0};
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    q_suspicions_old(rq, &(struct suspicions_old_args){.day = v_date(day)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        past_add(&p, rows.row[i].id, rows.row[i].raised_at);
        w_suspicion_drop(&ch, &(struct suspicion_drop_args){.id = rows.row[i].id});
    }
    return past_commit(&ch, &p, any);
}

static bool words_drop(struct request *rq, int64_t day, bool *any)
{
    struct past p = {.table = &watched_word_table, .kind = "retention.watched", .since = INT64_MAX};
    struct watched_old_rows rows = {0};
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    q_watched_old(rq, &(struct watched_old_args){.day = v_date(day)}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        past_add(&p, rows.row[i].id, rows.row[i].created_at);
        w_watched_drop(&ch, &(struct watched_drop_args){.id = rows.row[i].id});
    }
    return past_commit(&ch, &p, any);
}

/* Notes that no job has taken: rules of suspicion are not in the packs. */
static bool notes_drop(struct request *rq, int64_t day, bool *any)
{
    struct past p = {.table = &search_note_table, .kind = "retention.searches", .since = INT64_MAX};
    struct search_notes_old_rows rows = {0};
    struct change ch;
    change_begin(rq, &ch, NO_SUBJECT);
    q_search_notes_old(rq, &(struct search_notes_old_args){.before = v_instant(instant_of_day(day))}, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        p.id[p.n++] = v_as_int(rows.row[i].id);
        w_search_note_drop(&ch, &(struct search_note_drop_args){.id = rows.row[i].id});
    }
    return past_commit(&ch, &p, any);
}

bool suspicion_drop(struct request *rq, int64_t items, int64_t words, int64_t notes)
{
    bool any = false;
    while (rq_goes_on(rq) && items > DAY_MIN && items_drop(rq, items, &any))
        ;
    while (rq_goes_on(rq) && words > DAY_MIN && words_drop(rq, words, &any))
        ;
    while (rq_goes_on(rq) && notes > DAY_MIN && notes_drop(rq, notes, &any))
        ;
    return any;
}

/* ---- the head ---- */

struct value suspicion_told(struct request *rq)
{
    int64_t days = number("tell_head");
    return days < 0 ? (struct value){0} : v_instant(instant_of_day(rq->today - days + 1));
}

void suspicion_explain(struct request *rq, int64_t id, int64_t version, struct explanation_form *form)
{
    struct change ch;
    union suspicion_facts_row now = {0};
    struct value told = suspicion_told(rq);
    change_begin(rq, &ch, SUBJECT(&suspicion_table, id));
    if (!rq_may(rq, CAP_LEAD_BODY) || !v_is(told) || !q_suspicion_facts(rq, &(struct suspicion_facts_args){.id = v_int(id)}, &now) ||
        v_as_int(now.body_id) != rq->viewer.body || v_as_int(now.account_id) == rq->viewer.account || v_as_int(now.raised_at) >= v_as_int(told))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && v_is(now.explained_at))
        rq_refuse(rq, N_("It has been explained already"));
    if (!rq->err && !rq->mistakes) {
        union suspicion_record r = {.words = form->words.value, .explained_by = v_int(rq->viewer.account), .explained_at = v_instant(rq->now)};
        change_update(&ch, &suspicion_table, id, version, r.v);
        change_event(&ch, &(struct event){.kind = "suspicion.explained", .table = &suspicion_table, .object = id});
    }
    (void)change_commit(&ch);
}

/* ---- watched surnames ---- */

/* Of a folded surname without its ending. */
static struct value digest(struct request *rq, struct text stem)
{
    return v_text(seal_digest(rq, "watched_word.word", stem));
}

static bool leads_namesake(struct request *rq, struct text stem)
{
    struct watched_own_case_args args = {0};
    struct watched_own_case_rows rows = {0};
    person_name_range(rq->arena, stem, &args.name_from, &args.name_end);
    q_watched_own_case(rq, &args, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (text_eq(stem_of(rq->arena, v_as_text(rows.row[i].family_name)), stem))
            return true;
    return false;
}

static void watched_note(struct request *rq, int64_t id)
{
    for (size_t i = 0; i < rq->n_watched; i++)
        if (rq->watched[i] == id)
            return;
    if (rq->n_watched < WATCHED_MOST)
        rq->watched[rq->n_watched++] = id;
}

void suspicion_sought(struct request *rq, const struct text *words, size_t n)
{
    for (size_t i = 0; i < n && rq->viewer.account && !rq->err; i++) {
        struct watched_find_rows rows = {0};
        q_watched_find(rq, &(struct watched_find_args){.word = digest(rq, words[i])}, &rows);
        bool own = leads_namesake(rq, words[i]); /* asked of each word, so that the time does not tell which are watched */
        for (size_t k = 0; k < rows.n && !own; k++)
            watched_note(rq, v_as_int(rows.row[k].id));
    }
}

int64_t watched_add(struct request *rq, struct watched_form *form)
{
    struct change ch;
    int64_t id = 0;
    struct text surname = v_as_text(form->word.value), clean = name_clean(rq->arena, surname), stem = stem_of(rq->arena, surname),
                label = name_clean(rq->arena, v_as_text(form->label.value));
    if (!rq_may(rq, CAP_COORDINATE))
        rq_fail(rq, ERR_NOT_FOUND);
    if (v_is(form->word.value) && (!stem.n || memchr(clean.s, ' ', clean.n)))
        input_reject(rq, &form->word, N_("One surname"));
    if (v_is(form->label.value) && stem.n && memmem(label.s, label.n, stem.s, stem.n))
        input_reject(rq, &form->label, N_("The label must not tell the name"));
    if (v_is(form->until.value) && v_as_int(form->until.value) < rq->today)
        input_reject(rq, &form->until, N_("A day from today on"));
    if (v_is(form->until.value) && v_as_int(form->until.value) > rq->today + number("watched.days"))
        input_reject(rq, &form->until, N_("That is longer than the rules allow"));
    if (rq->err || rq->mistakes)
        return 0;
    change_begin(rq, &ch, NO_SUBJECT);
    union watched_word_record r = {.word = digest(rq, stem),
                                   .label = form->label.value,
                                   .account_id = v_int(rq->viewer.account),
                                   .until = form->until.value,
                                   .created_at = v_instant(rq->now)};
    id = change_insert(&ch, &watched_word_table, r.v);
    change_event(&ch, &(struct event){.kind = "watched.added", .table = &watched_word_table, .object = id});
    return change_commit(&ch) ? 0 : id;
}

void watched_end(struct request *rq, int64_t id)
{
    struct change ch;
    union watched_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&watched_word_table, id));
    if (!rq_may(rq, CAP_COORDINATE) || !q_watched_facts(rq, &(struct watched_facts_args){.id = v_int(id)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err && v_as_int(now.until) >= rq->today) {
        union watched_word_record r = {.until = v_date(rq->today - 1)};
        change_update(&ch, &watched_word_table, id, -1, r.v);
    }
    change_event(&ch, &(struct event){.kind = "watched.ended", .table = &watched_word_table, .object = id});
    (void)change_commit(&ch);
}
