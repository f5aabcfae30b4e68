/* Files of named statements: headers, lines that drop out, parameters, sorts. */
#include "querycomp.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    int arg;
} door_names[] = {{"viewer_body", ARG_VIEWER_BODY},
                  {"viewer_account", ARG_VIEWER_ACCOUNT},
                  {"uses", ARG_USES},
                  {"role_bits", ARG_ROLE_BITS},
                  {"today", ARG_TODAY},
                  {"now", ARG_NOW},
                  {"limit", ARG_LIMIT},
                  {"plain_classes", ARG_PLAIN_CLASSES}};

int door_arg(struct text name)
{
    for (size_t i = 0; i < sizeof door_names / sizeof *door_names; i++)
        if (text_is(name, door_names[i].name))
            return door_names[i].arg;
    return -1;
}

static int sort_named(const struct query_src *q, struct text name)
{
    for (int i = 0; i < q->n_sorts; i++)
        if (text_is(name, q->sorts[i].name))
            return i;
    return -1;
}

const struct src_column *decl_named(const struct query_src *q, const char *name)
{
    for (int i = 0; i < q->n_decls; i++)
        if (!strcmp(q->decls[i].name, name))
            return &q->decls[i];
    return NULL;
}

static bool is_name(struct text t)
{
    if (!t.n || !islower((unsigned char)t.s[0]))
        return false;
    for (size_t i = 0; i < t.n; i++)
        if (!islower((unsigned char)t.s[i]) && !isdigit((unsigned char)t.s[i]) && t.s[i] != '_')
            return false;
    return true;
}

/* Next word of a header line, or the text between double quotes with *quoted set. */
static bool next_word(struct text *rest, struct text *word, bool *quoted)
{
    *rest = text_trim(*rest);
    if (!rest->n)
        return false;
    size_t n = 0;
    bool q = rest->s[0] == '"';
    if (q) {
        for (n = 1; n < rest->n && rest->s[n] != '"'; n++)
            ;
        *word = (struct text){rest->s + 1, n - 1};
        n += n < rest->n;
    } else {
        while (n < rest->n && rest->s[n] != ' ' && rest->s[n] != '\t')
            n++;
        *word = (struct text){rest->s, n};
    }
    if (quoted)
        *quoted = q;
    rest->s += n;
    rest->n -= n;
    return true;
}

static bool name_arg(struct arena *arena, const struct query_src *q, int line, struct text *rest,
                     const char *what, const char **out)
{
    struct text w;
    if (!next_word(rest, &w, NULL) || !is_name(w))
        return wrong(q, line, "`%s` wants a name of small letters", what);
    *out = arena_z(arena, w);
    return true;
}

static bool at_end(const struct query_src *q, int line, struct text rest, const char *what)
{
    rest = text_trim(rest);
    return !rest.n || wrong(q, line, "`%s`: \"%.*s\" is too much", what, TEXT_ARG(rest));
}

static bool classes_of(const struct query_src *q, int line, struct text t, uint32_t *bits)
{
    if (classes_parse(text_trim(t), bits) != OK)
        return wrong(q, line, "\"%.*s\" are not classes of data", TEXT_ARG(t));
    return true;
}

static bool read_about(struct arena *arena, struct query_src *q, int line, struct text rest)
{
    struct text w, look = rest;
    int n = 0;
    while (next_word(&look, &w, NULL))
        n++;
    if (q->about_none || (q->n_about && n != 4) || q->n_about == 2)
        return wrong(q, line, "`about: none`, or one person, or a second with a prefix");
    if (n == 1 && text_is(w, "none")) {
        q->about_none = true;
        return true;
    }
    struct src_about *a = &q->about[q->n_about];
    a->prefix = "";
    if (n != 3 && n != 4)
        return wrong(q, line, "`about:` wants ID BITS RECHECK, or `none`");
    if (n == 4) {
        if (!q->n_about)
            return wrong(q, line, "the first `about:` has no prefix");
        if (!name_arg(arena, q, line, &rest, "about", &a->prefix))
            return false;
        if (a->prefix[strlen(a->prefix) - 1] != '_')
            return wrong(q, line, "the prefix of `about:` ends with _");
    }
    if (!name_arg(arena, q, line, &rest, "about", &a->id) ||
        !name_arg(arena, q, line, &rest, "about", &a->bits) ||
        !name_arg(arena, q, line, &rest, "about", &a->recheck))
        return false;
    q->n_about++;
    return true;
}

static bool read_column(struct arena *arena, struct query_src *q, int line, struct text rest)
{
    static const struct {
        const char *name;
        uint8_t kind;
    } kinds[] = {{"int", V_INT},
                 {"text", V_TEXT},
                 {"date", V_DATE},
                 {"instant", V_INSTANT},
                 {"code", V_CODE}};
    if (q->n_decls == MAX_COLUMNS)
        return wrong(q, line, "too many columns");
    struct src_column c = {.line = line};
    struct text w;
    bool quoted;
    if (!name_arg(arena, q, line, &rest, "column", &c.name))
        return false;
    if (decl_named(q, c.name))
        return wrong(q, line, "column %s is declared twice", c.name);
    if (!next_word(&rest, &w, NULL))
        return wrong(q, line, "column %s: the kind is missing", c.name);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_is(w, kinds[i].name))
            c.kind = kinds[i].kind;
    if (!c.kind)
        return wrong(q, line, "column %s: kind is int, text, date, instant or code, not \"%.*s\"",
                     c.name, TEXT_ARG(w));
    enum data_class cls;
    if (!next_word(&rest, &w, NULL) || class_parse(w, &cls) != OK)
        return wrong(q, line, "column %s: the class is missing or unknown", c.name);
    c.cls = (uint8_t)cls;
    while (next_word(&rest, &w, &quoted)) {
        if (quoted && !c.label)
            c.label = arena_z(arena, w);
        else if (text_starts(w, "list=") && w.n > 5)
            c.list = arena_z(arena, (struct text){w.s + 5, w.n - 5});
        else if (text_starts(w, "from=") && w.n > 5)
            c.from = arena_z(arena, (struct text){w.s + 5, w.n - 5});
        else
            return wrong(q, line, "column %s: \"%.*s\" is not understood", c.name, TEXT_ARG(w));
    }
    if ((c.kind == V_CODE) != (c.list != NULL))
        return wrong(q, line, "column %s: a code has list=LIST, nothing else has", c.name);
    q->decls[q->n_decls++] = c;
    return true;
}

/* name = a.name_key, a.person_id desc */
static bool read_sort(struct arena *arena, struct query_src *q, int line, struct text one)
{
    struct text name, key;
    if (q->n_sorts == MAX_SORTS)
        return wrong(q, line, "too many sorts");
    struct src_sort *s = &q->sorts[q->n_sorts];
    *s = (struct src_sort){.line = line};
    if (!text_split(&one, '=', &name) || !text_trim(one).n)
        return wrong(q, line, "`sort:` wants NAME = column, column");
    name = text_trim(name);
    if (name.n && name.s[name.n - 1] == '!') {
        s->unindexed = true;
        name = text_trim((struct text){name.s, name.n - 1});
    }
    if (!is_name(name))
        return wrong(q, line, "`sort:` wants a name of small letters");
    if (sort_named(q, name) >= 0)
        return wrong(q, line, "sort %.*s stands twice", TEXT_ARG(name));
    s->name = arena_z(arena, name);
    one = text_trim(one);
    if (text_ends(one, " desc")) {
        s->desc = true;
        one = text_trim((struct text){one.s, one.n - 5});
    }
    while (text_split(&one, ',', &key)) {
        key = text_trim(key);
        struct text rest = key, left = key;
        if (memchr(key.s, '.', key.n)) {
            (void)text_split(&rest, '.', &left);
            left = is_name(left) ? rest : (struct text){"", 0};
        }
        if (!is_name(left))
            return wrong(q, line,
                         "sort %s: \"%.*s\" is not a plain column (`desc` stands once, last)",
                         s->name, TEXT_ARG(key));
        if (s->n_keys == MAX_KEYS)
            return wrong(q, line, "sort %s: at most %d columns", s->name, MAX_KEYS);
        s->key[s->n_keys++] = arena_z(arena, key);
    }
    q->n_sorts++;
    return true;
}

static bool read_header(struct arena *arena, struct query_src *q, int line, struct text word,
                        struct text rest)
{
    const char *z;
    struct text w, part;
    if (text_is(word, "for")) {
        static const char *const names[] = {"viewer", "rule", "count", "write"};
        if (q->kind_given)
            return wrong(q, line, "`for:` stands twice");
        q->kind_given = true;
        if (!next_word(&rest, &w, NULL))
            return wrong(q, line, "`for:` wants viewer, rule, count or write");
        for (int i = 0; i < 4; i++) {
            if (text_is(w, names[i])) {
                q->kind = (enum src_kind)i;
                return at_end(q, line, rest, "for");
            }
        }
        return wrong(q, line, "`for:` wants viewer, rule, count or write");
    }
    if (text_is(word, "about"))
        return read_about(arena, q, line, rest);
    if (text_is(word, "uses")) {
        uint32_t bits;
        if (!classes_of(q, line, rest, &bits))
            return false;
        if (!bits)
            return wrong(q, line, "`uses:` names no class");
        q->uses |= bits;
        return true;
    }
    if (text_is(word, "column"))
        return read_column(arena, q, line, rest);
    if (text_is(word, "discloses")) {
        if (q->n_discloses == MAX_COLUMNS)
            return wrong(q, line, "too many columns");
        struct src_pair *p = &q->discloses[q->n_discloses];
        p->line = line;
        if (!name_arg(arena, q, line, &rest, "discloses", &p->column) ||
            !name_arg(arena, q, line, &rest, "discloses", &p->body))
            return false;
        q->n_discloses++;
        return at_end(q, line, rest, "discloses");
    }
    if (text_is(word, "owner")) {
        if (q->owner)
            return wrong(q, line, "`owner:` stands twice");
        return name_arg(arena, q, line, &rest, "owner", &q->owner) &&
               at_end(q, line, rest, "owner");
    }
    if (text_is(word, "internal")) {
        while (text_trim(rest).n) {
            if (!name_arg(arena, q, line, &rest, "internal", &z))
                return false;
            if (q->n_internal == MAX_COLUMNS)
                return wrong(q, line, "too many columns");
            q->internal[q->n_internal++] = z;
        }
        return true;
    }
    if (text_is(word, "sort")) {
        while (text_split(&rest, ';', &part))
            if (text_trim(part).n && !read_sort(arena, q, line, part))
                return false;
        return true;
    }
    if (text_is(word, "page")) {
        int64_t n;
        if (q->page || text_int(text_trim(rest), 1, 1000, &n) != OK)
            return wrong(q, line, "`page:` wants one number from 1 to 1000");
        q->page = (int)n;
        return true;
    }
    if (text_is(word, "scan")) {
        rest = text_trim(rest);
        if (!rest.n)
            return wrong(q, line, "`scan:` wants a reason");
        q->scan = arena_z(arena, rest);
        return true;
    }
    return wrong(q, line, "unknown header `%.*s:`", TEXT_ARG(word));
}

/* `like: NAME`: of whom its rows tell, and by which columns, as NAME has it, which stands before it in the file. What is headed
 * beside it comes on top. */
static bool read_like(struct arena *arena, struct query_src *q, int line, struct text rest, const struct room_src *before)
{
    const struct query_src *from = NULL;
    const char *name;
    if (!name_arg(arena, q, line, &rest, "like", &name) || !at_end(q, line, rest, "like"))
        return false;
    for (int i = 0; i < before->n && !from; i++)
        if (!strcmp(before->q[i]->name, name) && !strcmp(before->q[i]->file, q->file))
            from = before->q[i];
    if (!from)
        return wrong(q, line, "`like:` names no query before it in the file: %s", name);
    if (q->n_about || q->about_none || q->uses || q->n_decls || q->n_discloses || q->n_internal)
        return wrong(q, line, "`like:` stands before all that it brings");
    q->about_none = from->about_none;
    q->n_about = from->n_about;
    memcpy(q->about, from->about, sizeof q->about);
    q->uses = from->uses;
    q->n_decls = from->n_decls;
    memcpy(q->decls, from->decls, sizeof q->decls);
    q->n_discloses = from->n_discloses;
    memcpy(q->discloses, from->discloses, sizeof q->discloses);
    q->n_internal = from->n_internal;
    memcpy(q->internal, from->internal, sizeof q->internal);
    return true;
}

/* "-- word: rest", "-- one", "-- maybe"; plain comments are not headers. */
static bool header_line(struct text line, struct text *word, struct text *rest)
{
    line = text_trim(line);
    if (!text_starts(line, "-- "))
        return false;
    line = text_trim((struct text){line.s + 3, line.n - 3});
    if (text_is(line, "one") || text_is(line, "maybe")) {
        *word = line;
        *rest = (struct text){line.s + line.n, 0};
        return true;
    }
    size_t n = 0;
    while (n < line.n && (isalpha((unsigned char)line.s[n]) || line.s[n] == '_'))
        n++;
    if (!n || n == line.n || line.s[n] != ':' || (n + 1 < line.n && line.s[n + 1] != ' '))
        return false;
    *word = (struct text){line.s, n};
    *rest = (struct text){line.s + n + 1, line.n - n - 1};
    return true;
}

static int arg_index(struct arena *arena, struct query_src *q, int line, struct text name)
{
    for (int i = 0; i < q->n_args; i++)
        if (text_is(name, q->args[i]))
            return i;
    if (!is_name(name) || c_word(name) || text_is(name, "v") || text_is(name, "paging") ||
        text_starts(name, "key_")) {
        wrong(q, line, "\"%.*s\" cannot be the name of a parameter%s", TEXT_ARG(name),
              c_word(name) ? ": it is a word of C" : "");
        return -1;
    }
    if (q->n_args == ARG_MAX) {
        wrong(q, line, "more than %d parameters", ARG_MAX);
        return -1;
    }
    q->args[q->n_args] = arena_z(arena, name);
    return q->n_args++;
}

/* Cuts the comment off a line of SQL; *marker is the name behind "--?", empty when there is none.
 */
static bool cut_comment(const struct query_src *q, int line, struct text *code, struct text *marker)
{
    char quote = 0;
    *marker = (struct text){"", 0};
    for (size_t i = 0; i < code->n; i++) {
        char c = code->s[i];
        if (quote) {
            if (c == quote)
                quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '/' && i + 1 < code->n && code->s[i + 1] == '*') {
            return wrong(q, line, "comments begin with --");
        } else if (c == '-' && i + 1 < code->n && code->s[i + 1] == '-') {
            struct text comment = {code->s + i + 2, code->n - i - 2};
            code->n = i;
            if (comment.n && comment.s[0] == '?') {
                *marker = text_trim((struct text){comment.s + 1, comment.n - 1});
                if (!marker->n)
                    return wrong(q, line, "`--?` wants the name of a parameter");
                if (!text_trim(*code).n)
                    return wrong(q, line, "the optional line of %.*s is empty", TEXT_ARG(*marker));
            }
            break;
        }
    }
    if (quote)
        return wrong(q, line, "a quoted text does not end on its line");
    while (code->n && (code->s[code->n - 1] == ' ' || code->s[code->n - 1] == '\t' ||
                       code->s[code->n - 1] == '\r'))
        code->n--;
    return true;
}

static bool no_star(const struct query_src *q, const struct toks *t, int i)
{
    const struct tok *prev = i ? &t->t[i - 1] : NULL;
    if (i >= 2 && tok_is(prev, "(") && tok_is(&t->t[i - 2], "count") && tok_is(&t->t[i + 1], ")"))
        return true;
    static const char *const not_values[] = {"select", "distinct", "all", "returning"};
    bool value = prev && (prev->kind == TOK_WORD || prev->kind == TOK_QUOTED ||
                          prev->kind == TOK_NUMBER || prev->kind == TOK_PARAM || tok_is(prev, ")"));
    for (size_t k = 0; value && k < sizeof not_values / sizeof *not_values; k++)
        value = !tok_is(prev, not_values[k]);
    return value || wrong(q, t->t[i].line, "`*` is refused: name the columns");
}

static bool look_at_tokens(struct arena *arena, struct query_src *q, const struct toks *t)
{
    static const char *const refused[] = {"rowid",  "oid",    "_rowid_",   "using",   "natural",
                                          "pragma", "attach", "detach",    "collate", "glob",
                                          "regexp", "match",  "returning", "offset"};
    bool write = q->kind == SRC_WRITE;
    if (t->n && write && !(tok_is(t->t, "insert") && tok_is(t->t + 1, "into")) &&
        !tok_is(t->t, "update") && !tok_is(t->t, "delete"))
        return wrong(q, t->t->line, "`for: write` is an insert, update or delete");
    if (t->n && !write && !tok_is(t->t, "select") && !tok_is(t->t, "with"))
        return wrong(q, t->t->line, "a query begins with `select` or `with`");
    for (int i = 0; i < t->n; i++) {
        const struct tok *k = &t->t[i];
        if (k->kind == TOK_WORD) {
            if ((tok_is(k, "right") || tok_is(k, "full")) &&
                (tok_is(k + 1, "join") || tok_is(k + 1, "outer")))
                return wrong(q, k->line, "`%.*s join` is refused: write a left join", k->n, k->s);
            for (size_t r = 0; r < sizeof refused / sizeof *refused; r++)
                if (tok_is(k, refused[r]) && !(q->kind == SRC_RULE && tok_is(k, "offset")) &&
                    (r < 3 || !i || !tok_is(k - 1, ".")))
                    return wrong(q, k->line, "`%s` is refused", refused[r]);
        } else if (k->kind == TOK_PARAM) {
            int door = door_arg(tok_text(k));
            if (door >= 0) {
                q->door_args |= 1u << (door - ARG_MAX);
                continue;
            }
            int a = arg_index(arena, q, k->line, tok_text(k));
            if (a < 0)
                return false;
            q->bound[a] = true;
        } else if (k->kind == TOK_PART) {
            bool *has = tok_is(k, "keys")    ? &q->has_keys
                        : tok_is(k, "after") ? &q->has_after
                                             : &q->has_order;
            if (has == &q->has_order && !tok_is(k, "order"))
                return wrong(q, k->line, "{%.*s} is none of {keys}, {after}, {order}", k->n, k->s);
            if (*has)
                return wrong(q, k->line, "{%.*s} stands twice", k->n, k->s);
            *has = true;
            if (has == &q->has_keys && !tok_is(&t->t[i + 1], "from"))
                return wrong(q, k->line, "{keys} is the last of the result, before `from`");
            if (has == &q->has_order && (i < 2 || !tok_is(k - 1, "by") || !tok_is(k - 2, "order")))
                return wrong(q, k->line, "{order} stands after `order by`");
            if (k->depth)
                return wrong(q, k->line, "{%.*s} stands in the outermost select", k->n, k->s);
        } else if (tok_is(k, "*")) {
            if (!no_star(q, t, i))
                return false;
        } else if (tok_is(k, ";")) {
            if (i + 1 < t->n)
                return wrong(q, t->t[i + 1].line, "two statements");
        } else if (tok_is(k, "==") || tok_is(k, "::") || tok_is(k, "->") || tok_is(k, "->>")) {
            return wrong(q, k->line, "`%.*s` is not understood by both engines", k->n, k->s);
        }
    }
    return true;
}

static bool look_at_headers(const struct query_src *q)
{
    bool viewer = q->kind == SRC_VIEWER;
    if (viewer && !q->about_none && !q->n_about)
        return wrong(q, 0, "`about:` is missing");
    if (!viewer && (q->about_none || q->n_about))
        return wrong(q, 0, "`about:` belongs to queries for viewers");
    if (!viewer && (q->uses || (q->door_args & 1u << (ARG_USES - ARG_MAX))))
        return wrong(q, 0, "`uses:` belongs to queries for viewers");
    if (q->one && q->maybe)
        return wrong(q, 0, "`one` or `maybe`");
    if (q->kind == SRC_WRITE &&
        (q->one || q->maybe || q->n_decls || q->n_discloses || q->owner || q->n_internal ||
         q->n_sorts || q->page || q->has_keys || q->has_after || q->has_order))
        return wrong(q, 0, "a changing statement has no result");
    if (q->n_sorts && (q->one || q->maybe))
        return wrong(q, 0, "one row needs no sort");
    bool limit = q->door_args & 1u << (ARG_LIMIT - ARG_MAX);
    if (q->n_sorts && !limit)
        return wrong(q, 0, "a list with sorts ends in `limit :limit`");
    if (q->n_sorts && !(q->has_keys && q->has_after && q->has_order))
        return wrong(q, 0, "a list with sorts has {keys}, {after} and {order}");
    if (!q->n_sorts && (q->has_keys || q->has_after || q->has_order))
        return wrong(q, 0, "{keys}, {after} and {order} want `sort:`");
    if (q->page && !limit)
        return wrong(q, 0, "`page:` without `limit :limit`");
    if (q->uses && !q->n_about)
        return wrong(q, 0, "`uses:` wants `about:` a person");
    if (!q->uses && (q->door_args & 1u << (ARG_USES - ARG_MAX)))
        return wrong(q, 0, ":uses without `uses:`");
    if (q->kind == SRC_WRITE &&
        q->door_args & (1u << (ARG_ROLE_BITS - ARG_MAX) | 1u << (ARG_LIMIT - ARG_MAX)))
        return wrong(q, 0, ":role_bits and :limit are for reading");
    return true;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Is that what the statement calls a table `access` of it? */
static bool is_access(struct text body, struct text alias)
{
    static const char *const before[] = {"from access ", "join access "};
    for (size_t i = 0; i + 12 + alias.n < body.n; i++)
        for (size_t k = 0; k < 2; k++)
            if (text_starts((struct text){body.s + i, body.n - i}, before[k]) &&
                memcmp(body.s + i + 12, alias.s, alias.n) == 0 &&
                !word_char(body.s[i + 12 + alias.n]))
                return true;
    return false;
}

/* Of a restricted person whose body has named some of its workers, the row of `access` is there for
 * these only (guard/access.h). No query says so: each that reads the viewer's access,
 * `a.body_id = :viewer_body`, is completed here; query_about.c proves that it was. */
static const char *for_named(struct arena *arena, const char *code, struct text body)
{
    static const char mark[] = ".body_id = :viewer_body";
    const char *at = strstr(code, mark), *end = at + strlen(mark);
    if (!at)
        return code;
    struct text a = {at, 0};
    while (a.s > code && word_char(a.s[-1]))
        a = (struct text){a.s - 1, a.n + 1};
    const char *rest = for_named(arena, end, body);
    if (!is_access(body, a))
        return arena_printf(arena, "%.*s%s", (int)(end - code), code, rest).s;
    return arena_printf(arena,
                        "%.*s and (%.*s.bits < %u or exists (select named_one.id from "
                        "restriction_viewer named_one where named_one.person_id = %.*s.person_id "
                        "and named_one.body_id = :viewer_body "
                        "and named_one.account_id = :viewer_account))%s",
                        (int)(end - code), code, TEXT_ARG(a), ACCESS_NAMED, TEXT_ARG(a), rest)
        .s;
}

/* From the first line of the statement to the next query or the end. */
static bool read_statement(struct arena *arena, struct query_src *q, struct text body, int line)
{
    struct text raw;
    struct buf joined = BUF(MAX_VARIANT);
    bool ok = true;
    int cap = 1;
    for (size_t i = 0; i < body.n; i++)
        cap += body.s[i] == '\n';
    q->lines = arena_array(arena, (size_t)cap, sizeof *q->lines);
    /* arguments get their numbers by their first appearance, also behind --? */
    const char **markers = arena_array(arena, (size_t)cap, sizeof *markers);
    int base = line - 1;
    struct text whole = body;
    for (; ok && text_split(&body, '\n', &raw); line++) {
        struct text word, rest, marker, code = raw;
        if (header_line(raw, &word, &rest)) {
            ok = wrong(q, line, "header `%.*s` stands inside the statement", TEXT_ARG(word));
            break;
        }
        ok = cut_comment(q, line, &code, &marker);
        if (!ok)
            break;
        code = text_of(for_named(arena, arena_z(arena, code), whole));
        buf_text(&joined, code);
        buf_char(&joined, '\n');
        if (!text_trim(code).n)
            continue;
        struct src_line *l = &q->lines[q->n_lines];
        *l = (struct src_line){arena_z(arena, code), line, -1};
        markers[q->n_lines++] = marker.n ? arena_z(arena, marker) : NULL;
    }
    if (ok && !q->n_lines)
        ok = wrong(q, 0, "the statement is missing");
    struct toks t = {0};
    if (ok) {
        int at = 0;
        const char *text = arena_z(arena, buf_get(&joined));
        const char *error = toks_scan(arena, text, &t, &at);
        if (error)
            ok = wrong(q, base + at, "%s", error);
        for (int i = 0; ok && i <= t.n; i++)
            t.t[i].line += base;
    }
    ok = ok && look_at_tokens(arena, q, &t);
    for (int i = 0; ok && i < q->n_lines; i++) {
        if (!markers[i])
            continue;
        if (q->kind == SRC_WRITE) {
            ok = wrong(q, q->lines[i].line, "a changing statement has no optional lines");
            break;
        }
        if (door_arg(text_of(markers[i])) >= 0) {
            ok = wrong(q, q->lines[i].line, "`--? %s`: the door always gives it", markers[i]);
            break;
        }
        q->lines[i].if_arg = arg_index(arena, q, q->lines[i].line, text_of(markers[i]));
        if (q->lines[i].if_arg < 0) {
            ok = false;
            break;
        }
        q->optional[q->lines[i].if_arg] = true;
        if (strchr(q->lines[i].code, '{'))
            ok = wrong(q, q->lines[i].line, "{keys}, {after}, {order} are not optional");
    }
    if (ok && q->n_lines && q->lines[q->n_lines - 1].if_arg < 0) { /* the closing semicolon goes */
        struct text last = text_of(q->lines[q->n_lines - 1].code);
        while (last.n && (last.s[last.n - 1] == ';' || last.s[last.n - 1] == ' '))
            last.n--;
        q->lines[q->n_lines - 1].code = arena_z(arena, last);
        q->n_lines -= !text_trim(last).n;
    }
    buf_free(&joined);
    return ok && look_at_headers(q);
}

static char *read_file(struct arena *arena, const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    struct buf b = BUF(8u << 20);
    char block[8192];
    size_t got;
    while ((got = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&b, block, got);
    fclose(f);
    struct text copy = arena_text(arena, buf_get(&b));
    *n = copy.n;
    buf_free(&b);
    return (char *)(uintptr_t)copy.s;
}

bool file_parse(struct arena *arena, const char *path, const char *room, struct room_src *out)
{
    size_t size;
    const char *s = read_file(arena, path, &size);
    struct query_src none = {.file = path, .name = NULL};
    if (!s)
        return wrong(&none, 1, "cannot be read");
    if (!text_valid((struct text){s, size}))
        return wrong(&none, 1, "is not UTF-8");
    size_t cap = (size_t)out->n + 1;
    for (const char *p = s; (p = strstr(p, "-- query:")); p++)
        cap++;
    struct query_src **all = arena_array(arena, cap, sizeof *all);
    if (out->n)
        memcpy(all, out->q, (size_t)out->n * sizeof *all);
    out->q = all;
    struct text rest = {s, size}, raw, word, value;
    struct query_src *q = NULL;
    bool ok = true, fine = true, in_header = false;
    const char *body = NULL;
    int line = 0, body_line = 0;
    for (;;) {
        const char *start = rest.s;
        bool more = text_split(&rest, '\n', &raw);
        line++;
        bool header = more && header_line(raw, &word, &value);
        bool begins = header && text_is(word, "query");
        if (q && (!more || begins)) {
            if (fine) {
                const char *end = more ? start : s + size;
                struct text text =
                    body ? (struct text){body, (size_t)(end - body)} : (struct text){end, 0};
                fine = read_statement(arena, q, text, body_line);
            }
            if (fine)
                out->q[out->n++] = q;
            ok = ok && fine;
            q = NULL;
        }
        if (!more)
            break;
        if (begins) {
            q = NEW(arena, struct query_src);
            *q = (struct query_src){.file = path, .room = room, .line = line};
            in_header = fine = true;
            body = NULL;
            fine = name_arg(arena, q, line, &value, "query", &q->name) &&
                   at_end(q, line, value, "query");
            for (int i = 0; fine && i < out->n; i++)
                if (!strcmp(out->q[i]->name, q->name))
                    fine = wrong(q, line, "the name stands in %s too", out->q[i]->file);
        } else if (!q) {
            raw = text_trim(raw);
            if (raw.n && !text_starts(raw, "--"))
                ok = wrong(&none, line, "a statement without `-- query: NAME`");
        } else if (in_header && header) {
            if (text_is(word, "one"))
                q->one = true;
            else if (text_is(word, "maybe"))
                q->maybe = true;
            else if (text_is(word, "like"))
                fine = read_like(arena, q, line, value, out) && fine;
            else
                fine = read_header(arena, q, line, word, value) && fine;
        } else if (in_header && text_trim(raw).n && !text_starts(text_trim(raw), "--")) {
            in_header = false;
            body = start;
            body_line = line;
        }
    }
    return ok;
}
