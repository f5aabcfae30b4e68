#include "rooms/people/people_keys.h"
#include "base/log.h"
#include "guard_gen.h"
#include "linkage/names.h"
#include "rooms/people/people_find.h"
#include <stdio.h>
#include <time.h>

/* ---- keys ---- */

enum { SURNAMES = 2, PLACES = 2, KEYS_VERSION = 1 };

/* FNV-1a, then mixed once more: keys of like texts must not lie together. */
static uint64_t hash(uint64_t h, struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        h = (h ^ (unsigned char)t.s[i]) * 0x100000001B3u;
    return (h ^ 0xFF) * 0x100000001B3u;
}

static int64_t key_of(char kind, struct text a, struct text b)
{
    uint64_t h = hash(hash(hash(0xCBF29CE484222325u + NAMES_VERSION + KEYS_VERSION, (struct text){&kind, 1}), a), b);

    h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9u;
    h = (h ^ h >> 27) * 0x94D049BB133111EBu;
    return (int64_t)(h ^ h >> 31);
}

static struct text year_text(char buf[12], int64_t n)
{
    return (struct text){buf, (size_t)snprintf(buf, 12, "%d", (int)n)};
}

static struct text surname_sound(struct arena *arena, struct text word)
{
    return name_sound(arena, name_surname_stem(arena, word));
}

int64_t key_day(int64_t day)
{
    char z[12];
    return key_of('d', year_text(z, day), T(""));
}

static int64_t key_sound_year(struct text sound, int year)
{
    char z[12];
    return key_of('y', sound, year_text(z, year));
}

int64_t key_surname_year(struct arena *arena, struct text surname, int year)
{
    return key_sound_year(surname_sound(arena, surname), year);
}

static int64_t key_given_sound_year(struct text sound, int year)
{
    char z[12];
    return key_of('n', sound, year_text(z, year));
}

int64_t key_given_year(struct arena *arena, struct text given, int year)
{
    return key_given_sound_year(name_sound(arena, given), year);
}

int64_t key_given_patronymic(struct arena *arena, struct text given, struct text patronymic)
{
    return key_of('g', name_sound(arena, given), name_sound(arena, patronymic));
}

int64_t key_part_given(struct arena *arena, struct text part, struct text given)
{
    return key_of('s', name_sound(arena, part), name_sound(arena, given));
}

int64_t key_phone(struct text digits)
{
    size_t n = digits.n < 10 ? digits.n : 10;
    return key_of('t', (struct text){digits.s + digits.n - n, n}, T(""));
}

int64_t key_place(struct arena *arena, struct text place, struct text surname)
{
    return key_of('p', place, surname_sound(arena, surname));
}

/* Words of addresses that name no settlement; behind those of the first row none follows. */
static bool is_one_of(struct text word, const char *const *list)
{
    for (; *list; list++)
        if (text_is(word, *list))
            return true;
    return false;
}

size_t place_words(struct arena *arena, struct text address, struct text out[], size_t max)
{
    static const char *const ends[] = {"ул", "улица", "пр", "просп", "проспект", "пер", "переулок", "мкр", "микрорайон", "бульвар",
                                       "бул", "шоссе", "проезд", "квартал", "кв", "д", "дом", NULL};
    static const char *const common[] = {"область", "обл", "край", "район", "р", "н", "город", "гор", "пос", "поселок", "село",
                                         "деревня", "дер", "аул", "станица", "ст", "республика", "респ", "россия", "рф", "казахстан",
                                         "рк", "ссср", "казсср", "рсфср", "пгт", "рп", "с", "г", "п", NULL};
    struct text rest = name_clean(arena, address), word;
    size_t n = 0;

    while (n < max && text_split(&rest, ' ', &word)) {
        if (is_one_of(word, ends) || (word.n && word.s[0] >= '0' && word.s[0] <= '9'))
            break;
        if (text_chars(word) >= 3 && !is_one_of(word, common))
            out[n++] = word;
    }
    return n;
}

static void add(struct person_keys *out, int64_t key)
{
    for (size_t i = 0; i < out->n; i++)
        if (out->key[i] == key)
            return;
    if (out->n < PERSON_KEYS_MAX)
        out->key[out->n++] = key;
}

void person_keys_of(struct arena *arena, const struct key_facts *f, struct person_keys *out)
{
    struct text rest = name_clean(arena, f->family), surname[SURNAMES], whole[SURNAMES], place[2 * PLACES], given = {0}, word;
    struct text names = name_clean(arena, f->given), patronymic = {0}, fathers = name_clean(arena, f->patronymic);
    size_t n = 0, n_places;
    int year = f->born ? date_ymd(f->birth_date).year : 0;

    out->n = 0;
    while (n < SURNAMES && text_split(&rest, ' ', &word)) {
        whole[n] = word;
        surname[n++] = surname_sound(arena, word);
    }
    (void)text_split(&names, ' ', &given);
    (void)text_split(&fathers, ' ', &patronymic);
    if (f->born)
        add(out, key_day(f->birth_date));
    for (size_t i = 0; f->born && i < n; i++)
        add(out, key_sound_year(surname[i], year));
    given = given.n ? name_sound(arena, given) : given;
    if (f->born && given.n)
        add(out, key_given_sound_year(given, year));
    if (given.n && patronymic.n)
        add(out, key_of('g', given, name_sound(arena, patronymic)));
    /* of a double surname each part with the given name: name_key begins with the first */
    for (size_t i = 0; n > 1 && i < n && given.n; i++)
        add(out, key_of('s', name_sound(arena, whole[i]), given));
    struct text digits = text_digits(arena, f->phone);
    if (digits.n >= 10)
        add(out, key_phone(digits));
    n_places = place_words(arena, f->address, place, PLACES);
    n_places += place_words(arena, f->birth_place, place + n_places, PLACES);
    for (size_t k = 0; k < n_places; k++)
        for (size_t i = 0; i < n; i++)
            add(out, key_of('p', place[k], surname[i]));
}

struct key_facts key_facts_of_record(const union person_record *p)
{
    return (struct key_facts){
        .family = v_as_text(p->family_name),
        .given = v_as_text(p->given_name),
        .patronymic = v_as_text(p->patronymic),
        .phone = v_as_text(p->phone),
        .address = v_as_text(p->address),
        .birth_place = v_as_text(p->birth_place),
        .born = p->birth_date.kind == V_DATE,
        .birth_date = v_as_int(p->birth_date),
    };
}

struct key_facts key_facts_of_row(const union person_facts_row *now)
{
    union person_record p = {
        .family_name = now->family_name,
        .given_name = now->given_name,
        .patronymic = now->patronymic,
        .phone = now->phone,
        .address = now->address,
        .birth_place = now->birth_place,
        .birth_date = now->birth_date,
    };
    return key_facts_of_record(&p);
}

/* ---- in a change ---- */

static bool has(const struct person_keys *keys, int64_t key)
{
    for (size_t i = 0; i < keys->n; i++)
        if (keys->key[i] == key)
            return true;
    return false;
}

/* Four at a time: one statement instead of four, for lists of a million. */
static void store_keys(struct change *ch, int64_t person, const int64_t *key, size_t n)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        w_person_keys_add(ch, &(struct person_keys_add_args){.person = v_int(person),
                                                             .a = v_int(key[i]),
                                                             .b = v_int(key[i + 1]),
                                                             .c = v_int(key[i + 2]),
                                                             .d = v_int(key[i + 3])});
    for (; i < n; i++)
        w_person_key_add(ch, &(struct person_key_add_args){.person = v_int(person), .key = v_int(key[i])});
}

/* A word that stands there already is not written: no row that everybody changes, nobody waits for anybody. Two changes at
 * once may both bring it; who reads the vocabulary takes it once. */
static void store_words(struct change *ch, struct text name)
{
    struct text rest = name_clean(ch->rq->arena, name), word;

    while (text_split(&rest, ' ', &word))
        if (text_chars(word) > 1 && !words_stand(ch->rq, word))
            w_name_word_add(ch, &(struct name_word_add_args){.word = v_text(word)});
}

static void store_names(struct change *ch, const struct key_facts *f)
{
    store_words(ch, f->family);
    store_words(ch, f->given);
    store_words(ch, f->patronymic);
}

void person_index(struct change *ch, int64_t person, const struct key_facts *now)
{
    struct person_keys keys;

    if (!person)
        return;
    person_keys_of(ch->rq->arena, now, &keys);
    store_keys(ch, person, keys.key, keys.n);
    store_names(ch, now);
}

static struct value later(struct value set, struct value now)
{
    return set.kind == V_NONE ? now : set;
}

void person_index_again(struct change *ch, int64_t person, const union person_facts_row *now, const union person_record *set)
{
    struct key_facts before = key_facts_of_row(now), after;
    struct person_keys old, new, added = {0};
    union person_record p = {
        .family_name = later(set->family_name, now->family_name),
        .given_name = later(set->given_name, now->given_name),
        .patronymic = later(set->patronymic, now->patronymic),
        .phone = later(set->phone, now->phone),
        .address = later(set->address, now->address),
        .birth_place = later(set->birth_place, now->birth_place),
        .birth_date = later(set->birth_date, now->birth_date),
    };

    after = key_facts_of_record(&p);
    person_keys_of(ch->rq->arena, &before, &old);
    person_keys_of(ch->rq->arena, &after, &new);
    for (size_t i = 0; i < old.n; i++)
        if (!has(&new, old.key[i]))
            w_person_key_drop(ch, &(struct person_key_drop_args){.person = v_int(person), .key = v_int(old.key[i])});
    for (size_t i = 0; i < new.n; i++)
        if (!has(&old, new.key[i]))
            added.key[added.n++] = new.key[i];
    store_keys(ch, person, added.key, added.n);
    if (v_is(set->family_name) || v_is(set->given_name) || v_is(set->patronymic))
        store_names(ch, &after);
}

void person_unindex(struct change *ch, int64_t person)
{
    union person_facts_row now;
    struct person_keys keys;

    if (!q_person_facts(ch->rq, &(struct person_facts_args){.id = v_int(person)}, &now))
        return;
    struct key_facts f = key_facts_of_row(&now);
    person_keys_of(ch->rq->arena, &f, &keys);
    for (size_t i = 0; i < keys.n; i++)
        w_person_key_drop(ch, &(struct person_key_drop_args){.person = v_int(person), .key = v_int(keys.key[i])});
}

void person_index_name(struct change *ch, struct text name)
{
    store_words(ch, name);
}

/* ---- an older register ---- */

enum { SLICE = 500 };

/* Up to which person the indexes are of this kind; false: all are. */
static bool position(struct request *rq, int64_t *at)
{
    char all[32];
    union setting_get_row row;
    *at = 0;
    snprintf(all, sizeof all, "all %d.%d", NAMES_VERSION, KEYS_VERSION);
    if (!q_setting_get(rq, &(struct setting_get_args){.name = v_z("person_keys")}, &row))
        return true;
    if (text_is(v_as_text(row.value), all))
        return false;
    if (text_int(v_as_text(row.value), 0, INT64_MAX, at))
        *at = 0;
    return true;
}

static void put_position(struct change *ch, bool all, int64_t at)
{
    struct text place = all ? arena_printf(ch->rq->arena, "all %d.%d", NAMES_VERSION, KEYS_VERSION)
                            : arena_printf(ch->rq->arena, "%lld", (long long)at);
    w_setting_put(ch, &(struct setting_put_args){.name = v_z("person_keys"), .value = v_text(place)});
    ch->events++; /* the same data in another form: nothing happened to anybody */
}

static bool fill_slice(struct request *rq)
{
    struct change ch;
    struct key_walk_rows rows = {0};
    int64_t at;

    if (!position(rq, &at))
        return false;
    words_refresh(rq);
    change_begin(rq, &ch, NO_SUBJECT);
    if (!position(rq, &at)) {
        ch.events++;
        change_commit(&ch);
        return false;
    }
    if (at == 0) /* of another version: nothing of it is right */
        w_person_keys_clear(&ch, &(struct person_keys_clear_args){0});
    q_key_walk(rq, &(struct key_walk_args){.after = v_int(at), .rows = v_int(SLICE)}, &rows);
    for (size_t i = 0; i < rows.n && !rq->err; i++) {
        union person_facts_row now;
        struct key_other_names_rows names = {0};
        at = v_as_int(rows.row[i].id);
        if (!q_person_facts(rq, &(struct person_facts_args){.id = v_int(at)}, &now))
            continue;
        struct key_facts f = key_facts_of_row(&now);
        person_index(&ch, at, &f);
        q_key_other_names(rq, &(struct key_other_names_args){.person = v_int(at)}, &names);
        for (size_t k = 0; k < names.n; k++)
            person_index_name(&ch, v_as_text(names.row[k].name));
    }
    put_position(&ch, rows.n < SLICE, at);
    change_commit(&ch);
    return rows.n == SLICE && !rq->err;
}

void people_index_fill(struct request *rq)
{
    struct arena *outer = rq->arena, *mine = arena_new();

    rq->arena = mine;
    while (!rq->err && fill_slice(rq))
        arena_reset(mine);
    rq->arena = outer;
    arena_free(mine);
}

/* ---- check ---- */

static void check_person(struct request *rq, int64_t id, void (*found)(void *ctx, const char *text), void *ctx, int64_t *total)
{
    union person_facts_row now;
    struct person_keys keys;
    char words[200];

    if (!q_person_facts(rq, &(struct person_facts_args){.id = v_int(id)}, &now))
        return;
    struct key_facts f = key_facts_of_row(&now);
    person_keys_of(rq->arena, &f, &keys);
    *total += (int64_t)keys.n;
    for (size_t i = 0; i < keys.n; i++) {
        union key_there_row row;
        if (q_key_there(rq, &(struct key_there_args){.key = v_int(keys.key[i]), .person = v_int(id)}, &row))
            continue;
        (void)snprintf(words, sizeof words, "person %lld: a key of the search is missing", (long long)id);
        found(ctx, words);
        return;
    }
    struct text rest = name_clean(rq->arena, v_as_text(now.name_key)), word;
    while (text_split(&rest, ' ', &word)) {
        union word_there_row row;
        if (text_chars(word) < 2 || q_word_there(rq, &(struct word_there_args){.word = v_text(word)}, &row))
            continue;
        (void)snprintf(words, sizeof words, "person %lld: a word of the name is not in the vocabulary of the search", (long long)id);
        found(ctx, words);
        return;
    }
}

void people_index_check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct arena *outer = rq->arena, *mine = arena_new();
    struct key_walk_rows rows;
    int64_t at = 0, total = 0;
    union key_count_row stand = {0};
    char words[200];

    rq->arena = mine;
    do {
        arena_reset(mine);
        rows = (struct key_walk_rows){0};
        q_key_walk(rq, &(struct key_walk_args){.after = v_int(at), .rows = v_int(SLICE)}, &rows);
        int64_t ids[SLICE];
        for (size_t i = 0; i < rows.n; i++)
            ids[i] = v_as_int(rows.row[i].id);
        for (size_t i = 0; i < rows.n && !rq->err; i++)
            check_person(rq, at = ids[i], found, ctx, &total);
    } while (rows.n == SLICE && !rq->err);
    q_key_count(rq, &(struct key_count_args){0}, &stand);
    if (v_as_int(stand.n) > total) {
        (void)snprintf(words, sizeof words, "%lld keys of the search belong to nobody", (long long)(v_as_int(stand.n) - total));
        found(ctx, words);
    }
    rq->arena = outer;
    arena_free(mine);
}
