#include "rooms/people/people_import_match.h"

static bool places_differ(struct arena *arena, struct text a, struct text b)
{
    return a.n && b.n && !text_eq(text_fold(arena, a), text_fold(arena, b));
}

enum match match_person(struct arena *arena, const union person_record *row,
                        const struct candidate *candidates, size_t n, size_t *which,
                        const char **reason, bool *by_snils)
{
    struct text snils = v_as_text(row->snils), name = v_as_text(row->name_key);
    bool born = row->birth_date.kind == V_DATE;
    enum match best = MATCH_NONE;

    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &candidates[i];
        bool name_same = text_eq(c->name_key, name);
        bool day_same = born && c->born && c->birth_date == row->birth_date.i;
        if (snils.n && text_eq(c->snils, snils)) {
            *which = i;
            *by_snils = true;
            if (name_same && (day_same || !born || !c->born))
                return MATCH_SURE;
            *reason = N_("This SNILS stands in the register with another name or date of birth");
            return MATCH_DOUBT; /* a number has one holder: nobody else can be surer */
        }
        if (!name_same || !day_same || (snils.n && c->snils.n))
            continue;
        if (c->own && !places_differ(arena, c->birth_place, v_as_text(row->birth_place)) &&
            best == MATCH_NONE) {
            best = MATCH_SURE;
        } else {
            best = MATCH_DOUBT;
            *reason = N_("A person of this name and date of birth stands in the register");
        }
        *which = i;
        *by_snils = false;
    }
    return best;
}

void split_full_name(struct text full, struct text *family, struct text *given,
                     struct text *patronymic)
{
    struct text rest = text_trim(full);
    struct text *const parts[] = {family, given};
    *family = *given = *patronymic = T("");
    for (size_t i = 0; i < 2 && rest.n; i++) {
        size_t k = 0;
        while (k < rest.n && rest.s[k] != ' ' && rest.s[k] != '\t')
            k++;
        *parts[i] = (struct text){rest.s, k};
        rest = text_trim((struct text){rest.s + k, rest.n - k});
    }
    *patronymic = rest;
}

struct text district_key(struct arena *arena, struct text name)
{
    static const char *const noise[] = {
        "район",          "р н",       "р-н",   "рн",  "муниципальный",
        "муниципального", "мо",        "мр",    "го",  "г",
        "город",          "городской", "округ", "мкр", NULL};
    struct text folded = text_fold(arena, name), rest = folded, word;
    char *s = arena_alloc(arena, folded.n + 1);
    size_t n = 0;

    while (text_split(&rest, ' ', &word)) {
        bool skip = false;
        while (word.n && strchr(".,\"", word.s[word.n - 1]))
            word.n--;
        for (size_t i = 0; noise[i]; i++)
            skip = skip || text_is(word, noise[i]);
        /* "р-н" is folded to two words */
        if (text_is(word, "р") && text_starts(rest, "н"))
            skip = true;
        if (text_is(word, "н") && rest.n == 0)
            skip = true;
        if (!word.n || skip)
            continue;
        if (n)
            s[n++] = ' ';
        memcpy(s + n, word.s, word.n);
        n += word.n;
    }
    return n ? (struct text){s, n} : folded;
}

struct text join_address(struct arena *arena, struct text settlement, struct text address)
{
    if (!settlement.n || !address.n)
        return settlement.n ? settlement : address;
    return arena_printf(arena, "%.*s, %.*s", TEXT_ARG(settlement), TEXT_ARG(address));
}
