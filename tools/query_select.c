/* The shape of a variant: where its selects are, what each gives and reads from. Not a grammar of
 * SQL: what it does not understand it leaves out, and the rules then ask for more in the header. */
#include "querycomp.h"
#include <ctype.h>

bool tok_is(const struct tok *t, const char *lower)
{
    if (t->kind != TOK_WORD && t->kind != TOK_OP && t->kind != TOK_PART)
        return false;
    if (strlen(lower) != (size_t)t->n)
        return false;
    for (int i = 0; i < t->n; i++)
        if (tolower((unsigned char)t->s[i]) != lower[i])
            return false;
    return true;
}

struct text tok_text(const struct tok *t)
{
    if (t->kind == TOK_QUOTED)
        return (struct text){t->s + 1, (size_t)t->n - 2};
    return (struct text){t->s, (size_t)t->n};
}

static bool any(const struct tok *t, const char *const *words)
{
    for (; *words; words++)
        if (tok_is(t, *words))
            return true;
    return false;
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* ---- tokens ---- */

/* Length of the token at s, its kind, or 0 with *error. */
static int token(const char *s, enum tok_kind *kind, const char **error)
{
    static const char *const ops[] = {
        "->>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->", "::"};
    int n = 1;
    if (isalpha((unsigned char)*s) || *s == '_') {
        *kind = TOK_WORD;
        while (name_char(s[n]))
            n++;
        if (s[n] == '\'')
            *error = "texts with a letter before the quote are refused";
        return n;
    }
    if (isdigit((unsigned char)*s)) {
        *kind = TOK_NUMBER;
        while (name_char(s[n]) || s[n] == '.')
            n++;
        return n;
    }
    if (*s == '\'') {
        *kind = TOK_STRING;
        for (; s[n]; n++) {
            if (s[n] == '\'' && s[n + 1] != '\'')
                return n + 1;
            n += s[n] == '\'';
        }
        *error = "a quoted text does not end";
        return 0;
    }
    if (*s == '"') {
        *kind = TOK_QUOTED;
        while (s[n] && s[n] != '"')
            n++;
        if (!s[n] || s[n + 1] == '"' || n == 1) {
            *error = "a quoted name does not end";
            return 0;
        }
        return n + 1;
    }
    if (*s == ':' && (isalpha((unsigned char)s[1]) || s[1] == '_')) {
        *kind = TOK_PARAM;
        while (name_char(s[n]))
            n++;
        return n;
    }
    if (*s == '{') {
        *kind = TOK_PART;
        while (islower((unsigned char)s[n]))
            n++;
        if (s[n] != '}') {
            *error = "{ begins {keys}, {after} or {order}";
            return 0;
        }
        return n + 1;
    }
    *kind = TOK_OP;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (!strncmp(s, ops[i], strlen(ops[i])))
            return (int)strlen(ops[i]);
    if (!strchr("()+-*/%<>=&|~.,;", *s)) {
        *error = "a sign that both engines do not share";
        return 0;
    }
    return 1;
}

const char *toks_scan(struct arena *arena, const char *text, struct toks *out, int *line)
{
    const char *error = NULL;
    int depth = 0, cap = (int)strlen(text) + 1;
    out->n = 0;
    out->t = arena_array(arena, (size_t)cap, sizeof *out->t);
    *line = 1;
    for (const char *s = text; *s;) {
        if (isspace((unsigned char)*s)) {
            *line += *s++ == '\n';
            continue;
        }
        enum tok_kind kind = TOK_END;
        int n = token(s, &kind, &error);
        if (error)
            return error;
        struct tok *t = &out->t[out->n++];
        *t = (struct tok){kind, s, n, (int)(s - text), depth, *line};
        if (kind == TOK_PARAM) {
            t->s++;
            t->n--;
        } else if (kind == TOK_PART) {
            t->s++;
            t->n -= 2;
        } else if (*s == '(' && kind == TOK_OP) {
            depth++;
        } else if (*s == ')' && kind == TOK_OP) {
            t->depth = --depth;
            if (depth < 0)
                return "a parenthesis closes that never opened";
        }
        s += n;
    }
    out->t[out->n] = (struct tok){TOK_END, text + strlen(text), 0, (int)strlen(text), 0, *line};
    return depth ? "a parenthesis does not close" : NULL;
}

/* ---- selects ---- */

struct reader {
    struct arena *arena;
    struct shape *sh;
    const struct tok *t;
    const char *error;
    int error_tok;
};

static const char *const clauses[] = {"from",  "where", "group",  "having",    "window", "order",
                                      "limit", "union", "except", "intersect", NULL};
static const char *const compounds[] = {"union", "except", "intersect", NULL};
/* words that cannot be an alias without `as` */
static const char *const after_table[] = {
    "where", "group", "having", "window", "order", "limit", "union", "except", "intersect", "on",
    "join",  "left",  "right",  "full",   "inner", "cross", "outer", "as",     NULL};

static int read_statement(struct reader *r, int i, int parent, bool chain, bool fixed, int *first);

static int read_failed(struct reader *r, int i, const char *error)
{
    if (!r->error) {
        r->error = error;
        r->error_tok = i;
    }
    while (r->t[i].kind != TOK_END)
        i++;
    return i;
}

static int add_sel(struct reader *r, struct sel s)
{
    struct shape *sh = r->sh;
    if (sh->n_sels == sh->cap_sels) {
        int cap = sh->cap_sels ? sh->cap_sels * 2 : 16;
        sh->sels =
            arena_grow(r->arena, sh->sels, (size_t)sh->cap_sels * sizeof s, (size_t)cap * sizeof s);
        sh->cap_sels = cap;
    }
    sh->sels[sh->n_sels] = s;
    return sh->n_sels++;
}

static void add_inst(struct reader *r, struct inst s)
{
    struct shape *sh = r->sh;
    if (sh->n_insts == sh->cap_insts) {
        int cap = sh->cap_insts ? sh->cap_insts * 2 : 16;
        sh->insts = arena_grow(r->arena, sh->insts, (size_t)sh->cap_insts * sizeof s,
                               (size_t)cap * sizeof s);
        sh->cap_insts = cap;
    }
    sh->insts[sh->n_insts++] = s;
}

static bool is_ident(const struct tok *t)
{
    return t->kind == TOK_WORD || t->kind == TOK_QUOTED;
}

/* FROM opens the clause, but not in `is distinct from`. */
static bool opens_clause(const struct tok *t, int i)
{
    return any(&t[i], clauses) && !(tok_is(&t[i], "from") && i && tok_is(&t[i - 1], "distinct"));
}

static bool subquery_at(const struct tok *t, int i)
{
    return tok_is(&t[i], "(") && (tok_is(&t[i + 1], "select") || tok_is(&t[i + 1], "with"));
}

static struct item read_item(struct reader *r, int from, int to)
{
    const struct tok *t = r->t;
    struct item it = {.from = from, .to = to};
    int n = to - from;
    if (n >= 3 && tok_is(&t[to - 2], "as") && is_ident(&t[to - 1])) {
        it.alias = tok_text(&t[to - 1]);
        n -= 2;
    }
    if (n == 1 && is_ident(&t[from]) && !tok_is(&t[from], "null")) {
        it.plain = true;
        it.col = tok_text(&t[from]);
    } else if (n == 3 && is_ident(&t[from]) && tok_is(&t[from + 1], ".") &&
               is_ident(&t[from + 2])) {
        it.plain = true;
        it.q = tok_text(&t[from]);
        it.col = tok_text(&t[from + 2]);
    } else if (!it.alias.n && n > 1) {
        static const char *const words_at_end[] = {"end", "null", "true", "false", NULL};
        const struct tok *last = &t[to - 1];
        if ((is_ident(last) && !any(last, words_at_end)) || last->kind == TOK_STRING) {
            const struct tok *prev = last - 1;
            if (prev->kind != TOK_OP || tok_is(prev, ")") || last->kind == TOK_STRING)
                read_failed(r, from, "write `as NAME` behind a computed column");
        }
    }
    if (it.plain && !it.alias.n)
        it.alias = it.col;
    if (n < 1)
        read_failed(r, from, "a column is missing");
    return it;
}

static int read_items(struct reader *r, int i, int sel, int depth)
{
    const struct tok *t = r->t;
    struct item list[MAX_COLUMNS + MAX_KEYS];
    int n = 0, from = i;
    for (;; i++) {
        bool end = t[i].kind == TOK_END || t[i].depth < depth ||
                   (t[i].depth == depth && (opens_clause(t, i) || tok_is(&t[i], ";")));
        if (end || (t[i].depth == depth && tok_is(&t[i], ","))) {
            if (n == MAX_COLUMNS + MAX_KEYS)
                return read_failed(r, i, "too many columns");
            list[n++] = read_item(r, from, i);
            from = i + 1;
        }
        if (end)
            break;
    }
    struct sel *s = &r->sh->sels[sel];
    s->items = arena_array(r->arena, (size_t)n, sizeof *list);
    memcpy(s->items, list, (size_t)n * sizeof *list);
    s->n_items = n;
    return i;
}

/* Subqueries inside an expression [i, to): they belong to it and are no way to the result. */
static void read_inner(struct reader *r, int i, int to, int sel)
{
    int first;
    while (i < to && !r->error) {
        if (subquery_at(r->t, i))
            i = read_statement(r, i + 1, sel, false, true, &first);
        else
            i++;
    }
}

/* A table, or a subquery in parentheses, in FROM; i stands on it. */
static int read_from_item(struct reader *r, int i, int sel)
{
    const struct tok *t = r->t;
    struct inst inst = {.sel = sel, .tok = i, .sub = -1};
    inst.outer = i >= 2 && (tok_is(&t[i - 2], "left") || tok_is(&t[i - 2], "outer"));
    if (subquery_at(t, i)) {
        i = read_statement(r, i + 1, sel, r->sh->sels[sel].chain, false, &inst.sub);
        if (tok_is(&t[i], ")"))
            i++;
    } else if (is_ident(&t[i]) && !tok_is(&t[i + 1], "(")) {
        inst.table = inst.alias = tok_text(&t[i]);
        i++;
        if (tok_is(&t[i], "."))
            return read_failed(r, i, "tables have no schema");
    } else if (is_ident(&t[i])) {
        return read_failed(r, i, "functions in FROM are refused");
    } else {
        return i + 1;
    }
    if (tok_is(&t[i], "as"))
        i++;
    if (is_ident(&t[i]) && !any(&t[i], after_table)) {
        inst.alias = tok_text(&t[i]);
        i++;
    }
    add_inst(r, inst);
    return i;
}

static int read_core(struct reader *r, int i, int parent, bool chain, bool fixed, int first,
                     int *out)
{
    const struct tok *t = r->t;
    int depth = t[i].depth;
    int sel = add_sel(
        r,
        (struct sel){.parent = parent, .tok = i, .depth = depth, .chain = chain, .fixed = fixed});
    r->sh->sels[sel].first = first < 0 ? sel : first;
    *out = sel;
    i++;
    if (tok_is(&t[i], "distinct") || tok_is(&t[i], "all"))
        i++;
    int list = i;
    i = read_items(r, i, sel, depth);
    read_inner(r, list, i, sel);
    bool in_from = false;
    while (!r->error && t[i].kind != TOK_END && t[i].depth >= depth && !tok_is(&t[i], ";")) {
        bool here = t[i].depth == depth;
        if (here && any(&t[i], compounds))
            break;
        if (here && (tok_is(&t[i], "order") || tok_is(&t[i], "limit")))
            break;
        if (here && opens_clause(t, i)) {
            in_from = tok_is(&t[i], "from");
            if (in_from) {
                r->sh->sels[sel].from_tok = i;
                i = read_from_item(r, i + 1, sel);
                continue;
            }
        } else if (here && in_from && (tok_is(&t[i], "join") || tok_is(&t[i], ","))) {
            i = read_from_item(r, i + 1, sel);
            continue;
        }
        if (subquery_at(t, i)) {
            int inner;
            i = read_statement(r, i + 1, sel, false, true, &inner);
            continue;
        }
        i++;
    }
    r->sh->sels[sel].end = i;
    return i;
}

/* [WITH …] core {compound core} [ORDER BY …] [LIMIT …]; gives the token behind it. */
static int read_statement(struct reader *r, int i, int parent, bool chain, bool fixed, int *first)
{
    const struct tok *t = r->t;
    int depth = t[i].depth;
    *first = -1;
    if (tok_is(&t[i], "with")) {
        i++;
        if (tok_is(&t[i], "recursive"))
            i++;
        for (;;) {
            if (!is_ident(&t[i]))
                return read_failed(r, i, "WITH wants a name");
            if (table_named(tok_text(&t[i])))
                return read_failed(r, i, "WITH takes the name of a table");
            for (int k = 0; k < r->sh->n_sels; k++)
                if (text_eq(r->sh->sels[k].cte, tok_text(&t[i])))
                    return read_failed(r, i, "a name stands twice in WITH");
            struct text cte = tok_text(&t[i++]);
            bool named = tok_is(&t[i], "(");
            while (named && !(tok_is(&t[i], ")") && t[i].depth == depth))
                if (t[i++].kind == TOK_END)
                    return i;
            i += named;
            while (tok_is(&t[i], "as") || tok_is(&t[i], "not") || tok_is(&t[i], "materialized"))
                i++;
            if (!subquery_at(t, i))
                return read_failed(r, i, "WITH wants `as (select …)`");
            int inner;
            i = read_statement(r, i + 1, parent, chain, named, &inner);
            if (r->error)
                return i;
            if (!named && chain)
                r->sh->sels[inner].cte = cte;
            i++;
            if (!tok_is(&t[i], ","))
                break;
            i++;
        }
    }
    if (!tok_is(&t[i], "select"))
        return read_failed(r, i, "`select` is expected");
    bool distinct_kind = fixed, compound = false;
    int sel = -1;
    for (;;) {
        i = read_core(r, i, parent, chain, fixed, *first, &sel);
        if (*first < 0)
            *first = sel;
        if (r->error || !any(&t[i], compounds) || t[i].depth != depth)
            break;
        compound = r->sh->compound = true;
        distinct_kind = distinct_kind || !tok_is(&t[i], "union");
        i++;
        if (tok_is(&t[i], "all"))
            i++;
        if (!tok_is(&t[i], "select"))
            return read_failed(r, i, "`select` is expected");
    }
    for (int s = *first; s >= 0 && s < r->sh->n_sels; s++) {
        if (r->sh->sels[s].first != *first)
            continue;
        r->sh->sels[s].compound = compound;
        r->sh->sels[s].fixed = distinct_kind;
        if (r->sh->sels[s].n_items != r->sh->sels[*first].n_items && !r->error)
            return read_failed(r, i, "the parts of a UNION give different numbers of columns");
    }
    /* ORDER BY and LIMIT of the whole */
    while (!r->error && t[i].kind != TOK_END && t[i].depth >= depth && !tok_is(&t[i], ";")) {
        int inner;
        if (subquery_at(t, i))
            i = read_statement(r, i + 1, sel, false, true, &inner);
        else
            i++;
    }
    return i;
}

/* `order by 1` would name a result column without reading it. */
static const char *constant_order(const struct toks *k, int *at)
{
    static const char *const ends[] = {"limit", "having", "window", "union",  "except", "intersect",
                                       "order", "rows",   "range",  "groups", NULL};
    static const char *const noise[] = {"asc", "desc", "nulls", "first", "last", NULL};
    for (int i = 1; i < k->n; i++) {
        if (!tok_is(&k->t[i], "by") ||
            !(tok_is(&k->t[i - 1], "order") || tok_is(&k->t[i - 1], "group")))
            continue;
        int depth = k->t[i].depth;
        bool named = false;
        for (int j = i + 1;; j++) {
            const struct tok *t = &k->t[j];
            bool end = t->kind == TOK_END || t->depth < depth || tok_is(t, ";") ||
                       (t->depth == depth && any(t, ends));
            if (end || (t->depth == depth && tok_is(t, ","))) {
                *at = j ? j - 1 : 0;
                if (!named)
                    return "ORDER BY and GROUP BY want columns, not numbers";
                named = false;
            } else if ((is_ident(t) && !any(t, noise)) || t->kind == TOK_PART) {
                named = true;
            }
            if (end)
                break;
        }
    }
    return NULL;
}

const char *shape_read(struct arena *arena, const char *text, struct shape *out, int *line)
{
    *out = (struct shape){0};
    const char *error = toks_scan(arena, text, &out->toks, line);
    if (error)
        return error;
    int at = 0, first;
    error = constant_order(&out->toks, &at);
    if (error) {
        *line = out->toks.t[at].line;
        return error;
    }
    struct reader r = {.arena = arena, .sh = out, .t = out->toks.t};
    int i = read_statement(&r, 0, -1, true, false, &first);
    if (!r.error && out->toks.t[i].kind != TOK_END && !tok_is(&out->toks.t[i], ";"))
        read_failed(&r, i, "the end of the statement is not understood");
    out->top = first;
    *line = out->toks.t[r.error ? r.error_tok : 0].line;
    return r.error;
}

/* ---- questions ---- */

int shape_sel_at(const struct shape *sh, int tok)
{
    int best = -1;
    for (int s = 0; s < sh->n_sels; s++)
        if (sh->sels[s].tok <= tok && tok < sh->sels[s].end &&
            (best < 0 || sh->sels[s].tok > sh->sels[best].tok))
            best = s;
    return best;
}

/* The left join whose ON clause begins at token `on`: the instance it brings, NO_OUTER, or
 * UNKNOWN_OUTER. */
static int outer_of(const struct shape *sh, int s, int on)
{
    const struct tok *t = sh->toks.t;
    int depth = sh->sels[s].depth, join = on - 1;
    while (join > sh->sels[s].from_tok && !(t[join].depth == depth && tok_is(&t[join], "join")))
        join--;
    if (!tok_is(&t[join - 1], "left") && !tok_is(&t[join - 1], "outer"))
        return NO_OUTER;
    for (int i = 0; i < sh->n_insts; i++)
        if (sh->insts[i].sel == s && sh->insts[i].tok == join + 1)
            return i;
    return UNKNOWN_OUTER;
}

static bool inside(const struct shape *sh, int sel, int around)
{
    while (sel >= 0 && sel != around)
        sel = sh->sels[sel].parent;
    return sel >= 0;
}

bool shape_conjunct(const struct shape *sh, int i, int j, int within, int *outer)
{
    static const char *const breaks[] = {"or", "case", "when", "then", "else", NULL};
    static const char *const stops[] = {"and", "join", "left", "inner", "cross",
                                        ",",   ";",    ")",    NULL};
    const struct tok *t = sh->toks.t;
    int s = shape_sel_at(sh, i), ands = 0;
    if (s < 0 || t[i].depth != sh->sels[s].depth)
        return false;
    if (!sh->sels[s].chain && !(within >= 0 && inside(sh, within, s)))
        return false;
    int depth = sh->sels[s].depth, k = i - 1;
    if (!tok_is(&t[k], "and") && !tok_is(&t[k], "where") && !tok_is(&t[k], "on"))
        return false;
    for (; k > sh->sels[s].tok; k--) {
        if (t[k].depth != depth)
            continue;
        if (tok_is(&t[k], "where") || tok_is(&t[k], "on"))
            break;
        if (opens_clause(t, k) || any(&t[k], breaks))
            return false;
        ands += tok_is(&t[k], "and");
        if (tok_is(&t[k], "between") && ands == 1) /* the `and` before us is its own */
            return false;
    }
    if (k <= sh->sels[s].tok)
        return false;
    *outer = tok_is(&t[k], "on") ? outer_of(sh, s, k) : NO_OUTER;
    if (t[j].kind != TOK_END && t[j].depth == depth && !any(&t[j], stops) && !opens_clause(t, j))
        return false;
    for (k = j; t[k].kind != TOK_END && t[k].depth >= depth; k++) {
        if (t[k].depth != depth)
            continue;
        if (opens_clause(t, k) || tok_is(&t[k], "join") || tok_is(&t[k], ";"))
            break;
        if (tok_is(&t[k], "or"))
            return false;
    }
    return true;
}

int shape_inst(const struct shape *sh, int sel, struct text q)
{
    for (; sel >= 0; sel = sh->sels[sel].parent) {
        int found = -1, n = 0;
        for (int i = 0; i < sh->n_insts; i++) {
            if (sh->insts[i].sel != sel)
                continue;
            n++;
            if (text_eq(sh->insts[i].alias, q) || (!q.n && n == 1))
                found = i;
        }
        if (!q.n)
            return n == 1 ? found : -1;
        if (found >= 0)
            return found;
    }
    return -1;
}

int shape_select_of(const struct shape *sh, const struct inst *in)
{
    int found = -1, n = 0;
    if (in->sub >= 0)
        return in->sub;
    for (int i = 0; i < sh->n_insts; i++)
        n += text_eq(sh->insts[i].table, in->table);
    for (int s = 0; s < sh->n_sels && n == 1; s++)
        if (sh->sels[s].cte.n && text_eq(sh->sels[s].cte, in->table))
            found = s;
    return found;
}

bool shape_filters(const struct shape *sh, int sel)
{
    for (;;) {
        int first = sh->sels[sel].first, up = -1;
        if (first == sh->top)
            return true;
        for (int i = 0; i < sh->n_insts; i++)
            if (!sh->insts[i].outer && shape_select_of(sh, &sh->insts[i]) == first)
                up = sh->insts[i].sel;
        if (up < 0 || sh->sels[first].compound)
            return false;
        sel = up;
    }
}

bool shape_resolve(const struct shape *sh, int sel, const struct item *it, int *inst,
                   struct text *col)
{
    for (;;) {
        if (!it->plain)
            return false;
        int i = shape_inst(sh, sel, it->q);
        if (i < 0)
            return false;
        const struct inst *in = &sh->insts[i];
        int sub = shape_select_of(sh, in);
        if (sub < 0) {
            *inst = i;
            *col = it->col;
            return table_named(in->table) != NULL;
        }
        const struct sel *s = &sh->sels[sub];
        const struct item *next = NULL;
        if (s->compound) { /* several sources: the instance itself is as far as it goes */
            *inst = i;
            *col = it->col;
            return true;
        }
        for (int k = 0; k < s->n_items; k++)
            if (text_eq(s->items[k].alias, it->col))
                next = &s->items[k];
        if (!next)
            return false;
        sel = sub;
        it = next;
    }
}

int shape_count(const struct shape *sh, const char *table)
{
    int n = 0;
    for (int i = 0; i < sh->n_insts; i++)
        n += text_is(sh->insts[i].table, table);
    return n;
}

/* Is an instance a left-joined one, or part of it? */
static bool part_of(const struct shape *sh, int inst, int of)
{
    int sub = shape_select_of(sh, &sh->insts[of]);
    return inst == of || (sub >= 0 && inside(sh, sh->insts[inst].sel, sub));
}

bool shape_restricts(const struct shape *sh, int inst, int outer)
{
    return outer == NO_OUTER || (outer >= 0 && part_of(sh, inst, outer));
}

/* X.c = Y.d at token i, both resolved. */
static bool equality(const struct shape *sh, int i, int within, int inst[2], struct text col[2],
                     int *outer)
{
    const struct tok *t = sh->toks.t;
    if (i + 7 > sh->toks.n || !is_ident(&t[i]) || !tok_is(&t[i + 1], ".") || !is_ident(&t[i + 2]) ||
        !tok_is(&t[i + 3], "=") || !is_ident(&t[i + 4]) || !tok_is(&t[i + 5], ".") ||
        !is_ident(&t[i + 6]))
        return false;
    if (!shape_conjunct(sh, i, i + 7, within, outer))
        return false;
    int sel = shape_sel_at(sh, i);
    for (int side = 0; side < 2; side++) {
        struct item it = {
            .plain = true, .q = tok_text(&t[i + 4 * side]), .col = tok_text(&t[i + 4 * side + 2])};
        if (!shape_resolve(sh, sel, &it, &inst[side], &col[side]))
            return false;
    }
    return true;
}

bool shape_equal(const struct shape *sh, int inst_a, struct text col_a, int inst_b,
                 struct text col_b)
{
    enum { MOST = 200 };
    struct {
        int inst;
        struct text col;
    } known[MOST] = {{inst_a, col_a}};
    int n = 1;
    for (int done = 0; done < n; done++) {
        if (known[done].inst == inst_b && text_eq(known[done].col, col_b))
            return true;
        for (int i = 0; i < sh->toks.n; i++) {
            int inst[2], outer;
            struct text col[2];
            if (!equality(sh, i, sh->insts[inst_a].sel, inst, col, &outer))
                continue;
            for (int side = 0; side < 2; side++) {
                if (inst[side] != known[done].inst || !text_eq(col[side], known[done].col))
                    continue;
                /* what a left join brings equals others, but others need not equal it: it may be
                 * absent */
                if (!shape_restricts(sh, inst[side], outer))
                    continue;
                bool seen = false;
                for (int k = 0; k < n; k++)
                    seen =
                        seen || (known[k].inst == inst[!side] && text_eq(known[k].col, col[!side]));
                if (!seen && n < MOST) {
                    known[n].inst = inst[!side];
                    known[n++].col = col[!side];
                }
            }
        }
    }
    return false;
}
