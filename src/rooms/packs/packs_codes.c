/* Code lists, and all entries that are in use. As with the guard's lists a new set replaces the old
 * one whole, and the old one is never freed: running requests point into it, and packs change some
 * times a year. */
#include "guard/codes.h"
#include "guard/seal.h"
#include "rooms/packs/packs_own.h"
#include <stdatomic.h>
#include <stdlib.h>

/* --- [code LIST CODE], and the lists made of other sections --- */

static struct code_set *next_codes;

void codes_begin(void)
{
    code_set_drop(next_codes); /* of entries that were refused */
    next_codes = code_set_new();
}

void codes_done(void)
{
    if (next_codes)
        code_set_use(next_codes);
    next_codes = NULL;
}

/* cover = CODE NUMBER: what stands in the table for a code that tells a sealed class. */
static bool cover_of(const struct pack_entry *e, const char *list, struct code *c, char cover[200])
{
    struct text rest = pack_prop(e, "cover"), code;
    int64_t number;

    if (!rest.n)
        return true;
    if (!text_split(&rest, ' ', &code) || code.n >= 200 ||
        text_int(rest, 1, COVERED_MOST, &number) ||
        code_set_covered(next_codes, list, (unsigned)number))
        return false;
    memcpy(cover, code.s, code.n);
    cover[code.n] = 0;
    c->cover = cover;
    c->covered = (unsigned)number;
    return true;
}

static enum err add_code(const struct pack_entry *e, const char *list, struct text code,
                         struct fault *fault)
{
    char name[200], cover[200];
    struct code c = {
        .code = name,
        .label = {[LANG_RU] = pack_label(e, LANG_RU), [LANG_EN] = pack_label(e, LANG_EN)},
        .retired = pack_yes(e, "retired"),
        .verified = pack_yes(e, "verified")};
    struct text act = pack_prop(e, "act");

    if (!code.n || code.n >= sizeof name)
        return pack_wrong(e, fault, "the key is the name of a list and one code", code);
    memcpy(name, code.s, code.n);
    name[code.n] = 0;
    if (!pack_prop(e, "label.ru").n || !pack_prop(e, "label.en").n)
        return pack_wrong(e, fault, "label.ru and label.en must be there", (struct text){"", 0});
    if (classes_parse(pack_prop(e, "tells"), &c.classes))
        return pack_wrong(e, fault, "tells names classes of data", pack_prop(e, "tells"));
    if (act.n)
        c.act = act.s;
    if (!cover_of(e, list, &c, cover))
        return pack_wrong(e, fault, "cover is a code of the same list and a number of its own from 1 to 1023",
                          pack_prop(e, "cover"));
    code_set_add(next_codes, list, c);
    return OK;
}

enum err codes_take(const struct pack_entry *e, struct fault *fault)
{
    struct text code = e->key, word;
    char list[64];

    if (!text_split(&code, ' ', &word) || !word.n || word.n >= sizeof list)
        return pack_wrong(e, fault, "the key is the name of a list and one code", e->key);
    memcpy(list, word.s, word.n);
    list[word.n] = 0;
    if (memchr(code.s, ' ', code.n))
        return pack_wrong(e, fault, "the key is the name of a list and one code", e->key);
    return add_code(e, list, code, fault);
}

/* [need …], [role …], [body_kind …], [class …] are code lists of their kind. */
enum err codes_take_kind(const struct pack_entry *e, struct fault *fault)
{
    char list[64];

    memcpy(list, e->kind.s, e->kind.n); /* the kinds of this room's own sections are short */
    list[e->kind.n] = 0;
    if (memchr(e->key.s, ' ', e->key.n))
        return pack_wrong(e, fault, "the key is one code", e->key);
    return add_code(e, list, e->key, fault);
}

/* Lists with a field that is stored under covers. */
static bool is_covered_list(const char *list)
{
    for (const struct room *const *r = rooms; *r; r++)
        for (const struct table *const *t = (*r)->tables; t && *t; t++)
            for (size_t i = 0; i < (*t)->n_fields; i++) {
                const struct field *f = &(*t)->fields[i];
                if (f->sealed && f->class_from && f->list && strcmp(f->list, list) == 0)
                    return true;
            }
    return false;
}

enum err codes_check(uint32_t sealed, struct fault *fault)
{
    const struct code_list *list;
    for (size_t k = 0; (list = code_set_list(next_codes, k)); k++)
        for (size_t i = 0; is_covered_list(list->name) && i < list->n; i++) {
            const struct code *c = &list->codes[i], *cover = NULL;
            if (!(c->classes & sealed))
                continue;
            for (size_t j = 0; c->cover && j < list->n; j++)
                if (strcmp(list->codes[j].code, c->cover) == 0)
                    cover = &list->codes[j];
            if (!cover || cover->classes & ~(c->classes & ~sealed))
                return fault_set(fault, ERR_SYNTAX,
                                 "the code %s of list %s tells a sealed class: its cover must be a code of the list that "
                                 "tells nothing more and no sealed class",
                                 c->code, list->name);
        }
    return OK;
}

/* --- entries in use --- */

struct node {
    struct pack_entry e; /* first: an entry in use is its node */
    const struct node *next_of_kind;
};

struct entries {
    struct entries *older; /* former sets stay for who still points into them */
    struct arena *arena;
    size_t n;
    const struct node **sorted; /* by kind and key */
    struct node *nodes;         /* in the packs' order */
    struct word {
        const char *list;
        struct text folded;
        const char *code;
        size_t rank; /* place in the packs' order */
    } * words;       /* sorted */
    size_t n_words, cap_words;
};

static _Atomic(struct entries *) current;

static int by_key(struct text kind_a, struct text key_a, struct text kind_b, struct text key_b)
{
    int d = text_cmp(kind_a, kind_b);

    return d ? d : text_cmp(key_a, key_b);
}

static int compare(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;

    return by_key(x->e.kind, x->e.key, y->e.kind, y->e.key);
}

static void index_words(struct entries *s);

void entries_use(const struct pack_entry *entries, size_t n)
{
    struct arena *arena = arena_new();
    struct entries *s = NEW(arena, struct entries);

    s->arena = arena;
    s->n = n;
    s->nodes = arena_array(arena, n + 1, sizeof *s->nodes);
    s->sorted = arena_array(arena, n + 1, sizeof *s->sorted);
    for (size_t i = 0; i < n; i++) {
        const struct pack_entry *from = &entries[i];
        struct pack_prop *props = arena_array(arena, from->n + 1, sizeof *props);
        for (size_t k = 0; k < from->n; k++)
            props[k] = (struct pack_prop){arena_text(arena, from->props[k].name),
                                          arena_text(arena, from->props[k].value)};
        s->nodes[i].e = (struct pack_entry){.pack = arena_text(arena, from->pack),
                                            .place = arena_text(arena, from->place),
                                            .kind = arena_text(arena, from->kind),
                                            .key = arena_text(arena, from->key),
                                            .n = from->n,
                                            .props = props};
        s->sorted[i] = &s->nodes[i];
        for (size_t k = i; k-- > 0;)
            if (text_eq(s->nodes[k].e.kind, from->kind)) {
                s->nodes[k].next_of_kind = &s->nodes[i];
                break;
            }
    }
    if (n)
        qsort(s->sorted, n, sizeof *s->sorted, compare);
    index_words(s);
    s->older = current;
    current = s;
}

const struct pack_entry *pack_find(const char *kind, struct text key)
{
    const struct entries *s = current;
    size_t low = 0, high = s ? s->n : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct pack_entry *e = &s->sorted[middle]->e;
        int d = by_key(e->kind, e->key, text_of(kind), key);
        if (!d)
            return e;
        if (d < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct pack_entry *pack_next(const char *kind, const struct pack_entry *before)
{
    const struct entries *s = current;

    if (before) {
        const struct node *next = ((const struct node *)before)->next_of_kind;
        return next ? &next->e : NULL;
    }
    for (size_t i = 0; s && i < s->n; i++)
        if (text_is(s->nodes[i].e.kind, kind))
            return &s->nodes[i].e;
    return NULL;
}

struct text pack_value(const char *kind, const char *key, const char *name)
{
    const struct pack_entry *e = pack_find(kind, text_of(key));

    return e ? pack_prop(e, name) : (struct text){"", 0};
}

const char *pack_label(const struct pack_entry *e, enum lang lang)
{
    struct text t = pack_prop(e, lang == LANG_RU ? "label.ru" : "label.en");

    return t.n ? t.s : pack_prop(e, "label.en").s; /* texts of entries end with NUL */
}

bool pack_yes(const struct pack_entry *e, const char *property)
{
    return text_is(pack_prop(e, property), "yes");
}

static bool has_word(struct text list, struct text word)
{
    struct text part;

    while (text_split(&list, ' ', &part))
        if (part.n && text_eq(part, word))
            return true;
    return false;
}

bool pack_prop_has(const struct pack_entry *e, const char *property, struct text word)
{
    return has_word(pack_prop(e, property), word);
}

enum err pack_only(const struct pack_entry *e, const char *names, struct fault *fault)
{
    struct text everywhere = T("act verified retired");

    for (size_t i = 0; i < e->n; i++) {
        struct text name = e->props[i].name, value = e->props[i].value;
        bool flag = text_is(name, "verified") || text_is(name, "retired");
        if (!text_starts(name, "label.") && !has_word(everywhere, name) &&
            !has_word(text_of(names), name))
            return pack_wrong(e, fault, "such a section has no property", name);
        if (flag && !text_is(value, "yes") && !text_is(value, "no"))
            return pack_wrong(e, fault, "verified and retired are yes or no", value);
    }
    return OK;
}

/* --- codes by words --- */

static int by_words(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    int d = strcmp(x->list, y->list);

    if (!d)
        d = text_cmp(x->folded, y->folded);
    return d ? d : x->rank < y->rank ? -1 : x->rank > y->rank;
}

static void add_word(struct entries *s, struct arena *scratch, const char *list, const char *code,
                     struct text words)
{
    struct text folded = text_fold(scratch, words);

    if (!folded.n)
        return;
    if (s->n_words == s->cap_words) {
        size_t cap = s->cap_words ? s->cap_words * 2 : 1024;
        s->words =
            arena_grow(s->arena, s->words, s->cap_words * sizeof *s->words, cap * sizeof *s->words);
        s->cap_words = cap;
    }
    s->words[s->n_words] = (struct word){list, arena_text(s->arena, folded), code, s->n_words};
    s->n_words++;
}

static void add_words(struct entries *s, struct arena *scratch, const struct pack_entry *e)
{
    struct text code = e->key, list = e->kind, also = pack_prop(e, "also"), one;

    if (text_is(e->kind, "code") && !text_split(&code, ' ', &list))
        return;
    const char *list_z = arena_z(s->arena, list), *code_z = arena_z(s->arena, code);
    add_word(s, scratch, list_z, code_z, code);
    for (size_t i = 0; i < e->n; i++)
        if (text_starts(e->props[i].name, "label."))
            add_word(s, scratch, list_z, code_z, e->props[i].value);
    while (text_split(&also, ';', &one))
        add_word(s, scratch, list_z, code_z, one);
}

/* Imports ask for every cell: all words are folded once, here. Of two codes with the same words the
 * first one counts. */
static void index_words(struct entries *s)
{
    static const char *const kinds[] = {"code", "need", "role", "body_kind", "class"};
    struct arena *scratch = arena_new();

    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            if (text_is(s->nodes[i].e.kind, kinds[k]))
                add_words(s, scratch, &s->nodes[i].e);
    if (s->n_words)
        qsort(s->words, s->n_words, sizeof *s->words, by_words);
    arena_free(scratch);
}

const struct code *code_by_words(struct arena *arena, const char *list, struct text words)
{
    const struct entries *s = current;
    const struct code_list *l = code_list(list);
    const struct code *exact = code_find(l, words);

    if (exact || !l || !s)
        return exact;
    struct word key = {.list = list, .folded = text_fold(arena, words)};
    size_t low = 0, high = s->n_words;
    while (low < high) { /* the first that is not before the key */
        size_t middle = low + (high - low) / 2;
        if (by_words(&s->words[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (!key.folded.n || low == s->n_words || strcmp(s->words[low].list, list) != 0 ||
        !text_eq(s->words[low].folded, key.folded))
        return NULL;
    return code_find(l, text_of(s->words[low].code));
}

/* --- what entries say about each other --- */

static bool there_is(const struct pack_entry *entries, size_t n, const char *kind, struct text key)
{
    for (size_t i = 0; i < n; i++)
        if (text_is(entries[i].kind, kind) && text_eq(entries[i].key, key))
            return true;
    return false;
}

static enum err check_words(const struct pack_entry *entries, size_t n, const struct pack_entry *e,
                            struct text words, const char *kind, struct fault *fault)
{
    struct text word;

    while (text_split(&words, ' ', &word))
        if (word.n && !text_is(word, "*") && !there_is(entries, n, kind, word))
            return pack_wrong(e, fault, "names what no section declares", word);
    return OK;
}

static bool prefix_there(const struct pack_entry *entries, size_t n, struct text list)
{
    for (size_t i = 0; i < n; i++)
        if (text_is(entries[i].kind, "code") && entries[i].key.n > list.n &&
            entries[i].key.s[list.n] == ' ' && memcmp(entries[i].key.s, list.s, list.n) == 0)
            return true;
    return false;
}

static enum err check_report(const struct pack_entry *entries, size_t n, const struct pack_entry *e,
                             struct fault *fault)
{
    struct text list = pack_prop(e, "list"), rows = pack_prop(e, "rows"), word;

    if (list.n && !prefix_there(entries, n, list))
        return pack_wrong(e, fault, "there is no such code list", list);
    while (text_split(&rows, ' ', &word)) {
        char key[260];
        int len = snprintf(key, sizeof key, "%.*s %.*s", TEXT_ARG(list), TEXT_ARG(word));
        if (word.n && (len >= (int)sizeof key || !there_is(entries, n, "code", text_of(key))))
            return pack_wrong(e, fault, "names what no section declares", word);
    }
    return OK;
}

enum err entries_check(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    enum err err = OK;

    for (size_t i = 0; i < n && !err; i++) {
        const struct pack_entry *e = &entries[i];
        if (text_is(e->kind, "need") || text_is(e->kind, "role"))
            err = check_words(entries, n, e, pack_prop(e, "kinds"), "body_kind", fault);
        else if (text_is(e->kind, "grant")) {
            struct text kind = e->key, fact;
            text_split(&kind, ' ', &fact);
            err = check_words(entries, n, e, kind, "body_kind", fault);
        } else if (text_is(e->kind, "deadline") || text_is(e->kind, "region"))
            err = check_words(entries, n, e, pack_prop(e, "calendar"), "calendar", fault);
        else if (text_is(e->kind, "report"))
            err = check_report(entries, n, e, fault);
    }
    return err;
}

/* Properties by kind of section. A code may have any: rooms read them. Sections that are not here check their own. */
static const struct {
    const char *kind, *names;
} properties[] = {
    {"agreement", "remind"},
    {"body_kind", "discloses never sector"},
    {"class", "owner_only sealed"},
    {"grant", "classes days minutes"},
    {"law", "categories kinds classes"},
    {"oidc", "algorithms client_id issuer scope"},
    {"sign_in", "address_forget address_free address_slowest code_hash code_steps confirm first_password free idle longest password_min password_words recovery sessions slowest steps token"},
    {"need", "agreement answer by_law classes consent cover deadline kinds result tells"},
    {"pack", "needs"},
    {"report", "list round rows small"},
    {"retention", "days months years from_new_year second"},
    {"role", "caps kinds read second_factor write"},
    {"signal", "grounds kinds purposes"},
    {"spending", "age gravity months punishment"},
};

/* "years.health": the same for rows that tell the class. */
static struct pack_entry without_classes(struct arena *arena, const struct pack_entry *e)
{
    struct pack_entry plain = *e;
    struct pack_prop *props = arena_array(arena, e->n + 1, sizeof *props);
    for (size_t i = 0; i < e->n; i++) {
        struct text rest = e->props[i].name, unit, name = rest;
        enum data_class cls;
        text_split(&rest, '.', &unit);
        if (rest.n && has_word(T("days months years"), unit) && !class_parse(rest, &cls))
            name = unit;
        props[i] = (struct pack_prop){name, e->props[i].value};
    }
    plain.props = props;
    return plain;
}

enum err entries_known(const struct pack_entry *entries, size_t n, struct fault *fault)
{
    struct arena *arena = arena_new();
    enum err err = OK;
    for (size_t i = 0; i < n && !err; i++)
        for (size_t k = 0; k < sizeof properties / sizeof *properties && !err; k++)
            if (text_is(entries[i].kind, properties[k].kind)) {
                struct pack_entry e = entries[i];
                if (text_is(e.kind, "retention"))
                    e = without_classes(arena, &e);
                err = pack_only(&e, properties[k].names, fault);
            }
    arena_free(arena);
    return err;
}
