#include "linkage/model.h"
#include "base/i18n.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Decided once for all data: at even odds a pair is called the same, from 1 : 32 on it is for people to decide. */
static const double same_bits = 0, doubtful_bits = -5;

/* No field is without slips: m of a level is never less, and no agreement is proof. */
static const double m_least = .002, u_least = 1e-7;

/* One pair in a thousand, as long as few pairs are known. */
static const double prior_share = .001;

void link_model_begin(struct link_model *model, const struct link_field *fields, int n)
{
    *model = (struct link_model){.n = n, .prior = log2(prior_share), .same = same_bits, .doubtful = doubtful_bits};
    for (int f = 0; f < n; f++) {
        const struct link_kind_info *k = &link_kinds[fields[f].kind];
        model->field[f] = fields[f];
        model->parent[f] = -1;
        memcpy(model->m[f], k->m, sizeof k->m);
        memcpy(model->u[f], k->u, sizeof k->u);
        memcpy(model->u_with[f], k->u, sizeof k->u);
        model->twice[f] = model->stem_twice[f] = k->u[0];
    }
    link_model_ready(model);
}

/* A level that stands outside the order of the others: what was put into another field. */
static bool outside(enum link_kind kind, int level)
{
    const struct link_kind_info *k = &link_kinds[kind];
    return level == k->n_levels - 2 && strcmp(k->levels[level], "in another field") == 0;
}

/* Weights that do not rise from a better level to a worse: neighbours that stand wrong are taken together. */
static void weigh(enum link_kind kind, const double *m, const double *u, double *weight)
{
    double sum_m[LINK_LEVELS_MAX], sum_u[LINK_LEVELS_MAX];
    int last[LINK_LEVELS_MAX], groups = 0, n = link_kinds[kind].n_levels;

    for (int l = 0; l < n; l++) {
        if (outside(kind, l)) {
            weight[l] = fmin(log2(m[l] / u[l]), log2(m[0] / u[0]));
            continue;
        }
        sum_m[groups] = m[l];
        sum_u[groups] = u[l];
        last[groups++] = l;
        while (groups > 1 && sum_m[groups - 1] * sum_u[groups - 2] > sum_m[groups - 2] * sum_u[groups - 1]) {
            groups--;
            sum_m[groups - 1] += sum_m[groups];
            sum_u[groups - 1] += sum_u[groups];
            last[groups - 1] = l;
        }
    }
    for (int l = 0, g = 0; l < n; l++) {
        if (outside(kind, l))
            continue;
        while (last[g] < l)
            g++;
        weight[l] = log2(sum_m[g] / sum_u[g]);
    }
}

void link_model_ready(struct link_model *model)
{
    for (int f = 0; f < model->n; f++) {
        weigh(model->field[f].kind, model->m[f], model->u[f], model->weight[f]);
        weigh(model->field[f].kind, model->m[f], model->u_with[f], model->weight_with[f]);
    }
}

static bool agrees(const struct link_model *model, const uint8_t *levels, int f)
{
    return levels[f] <= link_kinds[model->field[f].kind].agree;
}

static bool with_parent(const struct link_model *model, const uint8_t *levels, int f)
{
    return model->parent[f] >= 0 && agrees(model, levels, model->parent[f]);
}

static double bits(const struct link_model *model, const uint8_t *levels, int f)
{
    if (levels[f] == LINK_NONE)
        return 0;
    return with_parent(model, levels, f) ? model->weight_with[f][levels[f]] : model->weight[f][levels[f]];
}

double link_score_levels(const struct link_model *model, const uint8_t *levels)
{
    double sum = model->prior;

    for (int f = 0; f < model->n; f++)
        sum += bits(model, levels, f);
    return sum;
}

/* What the frequency of the value adds: rarer than an agreement is on average, or less rare. */
static double frequency_bits(const struct link_model *model, int f, int level, const struct feature *a, const struct feature *b)
{
    double share, usual;

    if (level == 0) {
        share = a->share > b->share ? a->share : b->share;
        usual = model->twice[f];
    } else {
        share = a->stem_share > b->stem_share ? a->stem_share : b->stem_share;
        usual = model->stem_twice[f];
    }
    if (share <= 0 || usual <= 0)
        return 0;
    return log2(usual / share);
}

static bool counts_by_frequency(enum link_kind kind)
{
    return kind != LINK_SEX && kind != LINK_DATE;
}

static double pair_bits(const struct link_model *model, const uint8_t *levels, int f, const struct feature *a,
                        const struct feature *b)
{
    enum link_kind kind = model->field[f].kind;
    double sum = bits(model, levels, f);

    if (levels[f] > link_kinds[kind].agree || !counts_by_frequency(kind))
        return sum;
    double more = frequency_bits(model, f, levels[f], a, b);
    /* Among those who agree in the parent the value is expected anyway. */
    if (more > 0 && with_parent(model, levels, f))
        more = 0;
    return sum + more;
}

double link_score_of(const struct link_model *model, const uint8_t *levels, const struct feature *const *a,
                     const struct feature *const *b)
{
    double sum = model->prior;

    for (int f = 0; f < model->n; f++)
        sum += pair_bits(model, levels, f, a[f], b[f]);
    return sum;
}

double link_score(const struct link_model *model, const struct feature *const *a, const struct feature *const *b,
                  struct link_explain *out)
{
    uint8_t levels[LINK_FIELDS_MAX];

    link_compare(model->field, model->n, a, b, levels);
    if (out) {
        out->n = model->n;
        out->forbidden = link_forbids(model->field, model->n, a, b);
        for (int f = 0; f < model->n; f++) {
            out->field[f].level = levels[f] == LINK_NONE ? NULL : link_kinds[model->field[f].kind].levels[levels[f]];
            out->field[f].bits = levels[f] == LINK_NONE ? 0 : pair_bits(model, levels, f, a[f], b[f]);
        }
    }
    return link_score_of(model, levels, a, b);
}

/* --- learning --- */

/* Counts with what is usual of the kind as `strength` pairs more. */
static void settle(enum link_kind kind, const double *count, const double *usual, double strength, double least, double *out)
{
    double sum = strength, total = 0;
    int n = link_kinds[kind].n_levels;

    for (int l = 0; l < n; l++)
        sum += count[l];
    for (int l = 0; l < n; l++) {
        out[l] = (count[l] + strength * usual[l]) / sum;
        out[l] = out[l] < least ? least : out[l];
        total += out[l];
    }
    for (int l = 0; l < n; l++)
        out[l] /= total;
}

/* Where names are few, strangers of one name are more than the persons written twice, and what is learnt of them would be that
 * a person's date of birth differs as a rule. So of names and dates of the register, where it is known how often people mistake
 * them, what speaks against one person is never much more usual than it is anywhere. A text field may have any nature. */
static void temper(const struct link_field *field, double *m)
{
    static const double most_name = 3, most_date = 2.2, hardly_for = 4; /* times the usual m; m : u of what does not tell */
    const struct link_kind_info *k = &link_kinds[field->kind];
    double most = field->kind == LINK_DATE ? most_date : most_name, against = 0, rest = 0;
    bool above[LINK_LEVELS_MAX];

    if (field->kind > LINK_DATE || link_kind_of_field(field->name) != field->kind)
        return;
    for (int l = 0; l < k->n_levels; l++) {
        above[l] = k->m[l] < hardly_for * k->u[l] && m[l] > most * k->m[l];
        m[l] = above[l] ? most * k->m[l] : m[l];
        *(above[l] ? &against : &rest) += m[l];
    }
    for (int l = 0; l < k->n_levels; l++)
        m[l] *= above[l] ? 1 : (1 - against) / rest;
}

struct counts {
    double m[LINK_FIELDS_MAX][LINK_LEVELS_MAX], u[LINK_FIELDS_MAX][LINK_LEVELS_MAX];
    double matched, random;
};

/* `strangers`: the random pairs count as strangers all, as nearly all of them are. */
static void count(const struct link_model *model, const struct link_sample *sample, bool strangers, struct counts *c)
{
    memset(c, 0, sizeof *c);
    for (size_t i = 0; i < sample->n; i++) {
        const struct link_pattern *p = &sample->pattern[i];
        double odds = exp2(link_score_levels(model, p->levels)), same = odds > 1e12 ? 1 : odds / (1 + odds);
        c->matched += same * p->pairs;
        for (int f = 0; f < model->n; f++) {
            int l = p->levels[f];
            if (l == LINK_NONE)
                continue;
            c->m[f][l] += same * p->blind[f];
            c->u[f][l] += (strangers ? 1 : 1 - same) * p->random;
        }
    }
}

static void learn_rounds(struct link_model *model, const struct link_sample *sample, bool strangers, int rounds)
{
    enum { M_STRENGTH = 10, U_STRENGTH = 100, PRIOR_STRENGTH = 100 };
    struct counts c;

    for (int round = 0; round < rounds; round++) {
        double before = model->prior;
        count(model, sample, strangers, &c);
        for (int f = 0; f < model->n; f++) {
            const struct link_kind_info *k = &link_kinds[model->field[f].kind];
            settle(model->field[f].kind, c.m[f], k->m, M_STRENGTH, m_least, model->m[f]);
            temper(&model->field[f], model->m[f]);
            settle(model->field[f].kind, c.u[f], k->u, U_STRENGTH, u_least, model->u[f]);
        }
        double share = (c.matched + PRIOR_STRENGTH * prior_share) / (sample->all_pairs + PRIOR_STRENGTH);
        model->prior = log2(share / (1 - share > .01 ? 1 - share : .01));
        link_model_ready(model);
        if (round > 5 && fabs(model->prior - before) < .001)
            break;
    }
}

/* Of strangers who agree in `parent`: how often do they agree in f, and is it more than chance. */
struct kinship {
    double level[LINK_LEVELS_MAX], pairs;
};

static void kinship(const struct link_model *model, const struct link_sample *sample, int parent, struct kinship *k)
{
    memset(k, 0, sizeof *k * LINK_FIELDS_MAX);
    for (size_t i = 0; i < sample->n_kin; i++) {
        const struct link_kin *p = &sample->kin[i];
        if (p->field != parent)
            continue;
        double odds = exp2(link_score_levels(model, p->levels)), other = 1 / (1 + odds);
        for (int f = 0; f < model->n; f++)
            if (f != parent && p->levels[f] != LINK_NONE) {
                k[f].level[p->levels[f]] += other;
                k[f].pairs += other;
            }
    }
}

/* How many bits too much would be counted for f by one who does not know of the parent, on average over strangers. */
static double follows(const struct link_model *model, int f, const struct kinship *k)
{
    enum { LEAST_PAIRS = 30, LEAST_AGREEING = 8 };
    double agreeing = 0, chance = 0;
    int agree = link_kinds[model->field[f].kind].agree;

    for (int l = 0; l <= agree; l++) {
        agreeing += k[f].level[l];
        chance += model->u[f][l];
    }
    if (k[f].pairs < LEAST_PAIRS || agreeing < LEAST_AGREEING)
        return 0;
    double with = agreeing / k[f].pairs;
    return with > 3 * chance ? log2(with / chance) : 0;
}

static bool above(const struct link_model *model, int f, int other)
{
    for (; f >= 0; f = model->parent[f])
        if (f == other)
            return true;
    return false;
}

static void learn_parents(struct link_model *model, const struct link_sample *sample)
{
    static const double spread = 20; /* pairs of the usual u that a conditional one begins with */
    double gain[LINK_FIELDS_MAX][LINK_FIELDS_MAX];
    struct kinship k[LINK_FIELDS_MAX], *all = calloc((size_t)model->n * LINK_FIELDS_MAX, sizeof *all);

    if (!all)
        return;
    for (int p = 0; p < model->n; p++) {
        kinship(model, sample, p, k);
        memcpy(all + p * LINK_FIELDS_MAX, k, sizeof k);
        for (int f = 0; f < model->n; f++)
            gain[p][f] = f == p ? 0 : follows(model, f, k);
    }
    for (int f = 0; f < model->n; f++)
        model->parent[f] = -1;
    for (int round = 0; round < model->n; round++) { /* the strongest first, never in a circle */
        int best_p = -1, best_f = -1;
        double best = 1.5;
        for (int p = 0; p < model->n; p++)
            for (int f = 0; f < model->n; f++)
                if (gain[p][f] > best && model->parent[f] < 0 && !above(model, p, f))
                    best = gain[p][f], best_p = p, best_f = f;
        if (best_p < 0)
            break;
        model->parent[best_f] = best_p;
        settle(model->field[best_f].kind, all[best_p * LINK_FIELDS_MAX + best_f].level, model->u[best_f], spread, u_least,
               model->u_with[best_f]);
    }
    free(all);
    link_model_ready(model);
}

void link_model_learn(struct link_model *model, const struct link_sample *sample)
{
    learn_rounds(model, sample, true, 25);
    learn_rounds(model, sample, false, 25);
    if (sample->n_kin) {
        learn_parents(model, sample);
        learn_rounds(model, sample, false, 20);
        learn_parents(model, sample);
    }
}

/* --- text form --- */

void link_model_print(const struct link_model *model, struct buf *out)
{
    buf_printf(out, "bereg-link-model 1\nfold %d\nprior %.4f\nsame %.4f\ndoubtful %.4f\n", FOLD_VERSION, model->prior, model->same,
               model->doubtful);
    for (int f = 0; f < model->n; f++) {
        const struct link_kind_info *k = &link_kinds[model->field[f].kind];
        buf_printf(out, "field %s %d %d %.6g %.6g\n", model->field[f].name, (int)model->field[f].kind, model->parent[f],
                   model->twice[f], model->stem_twice[f]);
        for (int l = 0; l < k->n_levels; l++)
            buf_printf(out, "level %d %.6g %.6g %.6g\n", l, model->m[f][l], model->u[f][l], model->u_with[f][l]);
    }
    for (size_t i = 0; i < model->n_often; i++)
        buf_printf(out, "often %d %016" PRIx64 " %.6g\n", model->often[i].field, model->often[i].value, model->often[i].share);
    buf_z(out, "end\n");
}

static bool share_of(double x)
{
    return x > 0 && x <= 1;
}

static enum err parse_line(const char *line, struct link_model *model, int *level, size_t room)
{
    int l, kind, parent, fold;
    double a, b, c;
    uint64_t value;
    char name[48];

    if (sscanf(line, "fold %d", &fold) == 1)
        return fold == FOLD_VERSION ? OK : ERR_SYNTAX;
    if (sscanf(line, "prior %lf", &model->prior) == 1 || sscanf(line, "same %lf", &model->same) == 1 ||
        sscanf(line, "doubtful %lf", &model->doubtful) == 1)
        return OK;
    if (sscanf(line, "field %47s %d %d %lf %lf", name, &kind, &parent, &a, &b) == 5) {
        if (model->n == LINK_FIELDS_MAX || kind < 0 || kind >= LINK_KINDS || parent < -1 || parent >= LINK_FIELDS_MAX)
            return ERR_SYNTAX;
        int f = model->n++;
        snprintf(model->field[f].name, sizeof model->field[f].name, "%s", name);
        model->field[f].kind = (enum link_kind)kind;
        model->parent[f] = parent;
        model->twice[f] = a;
        model->stem_twice[f] = b;
        *level = 0;
        return OK;
    }
    if (sscanf(line, "level %d %lf %lf %lf", &l, &a, &b, &c) == 4) {
        int f = model->n - 1;
        if (f < 0 || l != *level || l >= link_kinds[model->field[f].kind].n_levels || !share_of(a) || !share_of(b) || !share_of(c))
            return ERR_SYNTAX;
        model->m[f][l] = a;
        model->u[f][l] = b;
        model->u_with[f][l] = c;
        ++*level;
        return OK;
    }
    if (sscanf(line, "often %d %" SCNx64 " %lf", &l, &value, &a) == 3 && l >= 0 && l < model->n && share_of(a) &&
        model->n_often < room) {
        model->often[model->n_often++] = (struct link_often){value, a, l};
        return OK;
    }
    return ERR_SYNTAX;
}

enum err link_model_parse(struct arena *arena, struct text t, struct link_model *model, struct fault *fault)
{
    struct text rest = t, line;
    size_t room = 0;
    int n = 0, level = 0;
    bool whole = false;

    if (!text_starts(t, "bereg-link-model 1\n"))
        return fault_set(fault, ERR_SYNTAX, "this is no model of linkage of version 1");
    for (size_t i = 0; i < t.n; i++)
        room += t.s[i] == '\n';
    struct link_model got = {.often = arena_array(arena, room + 1, sizeof *got.often)};
    text_split(&rest, '\n', &line);
    while (text_split(&rest, '\n', &line)) {
        int fields = got.n, before = level;
        n++;
        if (text_is(line, "end") && line.s + line.n < t.s + t.n) {
            whole = rest.n == 0;
            break;
        }
        if (parse_line(arena_z(arena, line), &got, &level, room))
            return fault_set(fault, ERR_SYNTAX, "line %d of the model is not understood", n + 1);
        if (got.n > fields && fields && before != link_kinds[got.field[fields - 1].kind].n_levels)
            return fault_set(fault, ERR_SYNTAX, "line %d of the model: the field before lacks levels", n + 1);
    }
    if (!whole || !got.n || level != link_kinds[got.field[got.n - 1].kind].n_levels)
        return fault_set(fault, ERR_SYNTAX, "the model ends too early");
    for (int f = 0; f < got.n; f++)
        if (got.parent[f] >= got.n || got.parent[f] == f)
            return fault_set(fault, ERR_SYNTAX, "a field of the model follows from none");
    *model = got;
    link_model_ready(model);
    return OK;
}

void link_model_share(const struct link_model *model, int field, struct feature *f)
{
    for (int pass = 0; pass < 2; pass++) {
        uint64_t value = pass ? link_mix(f->stem, 1) : f->exact;
        size_t low = 0, high = model->n_often;
        while (low < high) {
            size_t mid = (low + high) / 2;
            const struct link_often *o = &model->often[mid];
            if (o->field < field || (o->field == field && o->value < value))
                low = mid + 1;
            else
                high = mid;
        }
        bool found = low < model->n_often && model->often[low].field == field && model->often[low].value == value;
        *(pass ? &f->stem_share : &f->share) = found ? model->often[low].share : 0;
    }
}
