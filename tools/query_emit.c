/* Generated C of a room, and the list of variants for the tests on PostgreSQL. */
#include "querycomp.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

bool c_word(struct text name)
{
    static const char *const words[] = {
        "auto",  "bool",     "break",  "case",     "char",   "const",    "continue", "default",
        "do",    "double",   "else",   "enum",     "extern", "false",    "float",    "for",
        "goto",  "if",       "inline", "int",      "long",   "register", "restrict", "return",
        "short", "signed",   "sizeof", "static",   "struct", "switch",   "true",     "typedef",
        "union", "unsigned", "void",   "volatile", "while",  "asm",      "typeof",   NULL};
    for (int i = 0; words[i]; i++)
        if (text_is(name, words[i]))
            return true;
    return false;
}

static const char *upper(struct arena *arena, const char *z)
{
    char *s = (char *)(uintptr_t)arena_z(arena, text_of(z));
    for (char *c = s; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return s;
}

/* A list over lines of at most 100 columns. */
struct list {
    struct buf *out;
    int indent, at;
    bool first;
};

static struct list list_begin(struct buf *out, int indent, const char *head)
{
    buf_printf(out, "%*s%s", indent, "", head);
    return (struct list){out, indent + 4, indent + (int)strlen(head), true};
}

static void list_item(struct list *l, const char *s)
{
    int n = (int)strlen(s);
    if (!l->first) {
        buf_char(l->out, ',');
        l->at++;
    }
    if (l->at + n + 5 > 100) {
        buf_printf(l->out, "\n%*s", l->indent, "");
        l->at = l->indent;
    } else if (!l->first) {
        buf_char(l->out, ' ');
        l->at++;
    }
    buf_z(l->out, s);
    l->at += n;
    l->first = false;
}

/* union { struct value v[N]; struct { struct value a, b; }; }; */
static void put_union(struct buf *out, int indent, const char *head, const char *type, int n,
                      const char *(*name)(const void *ctx, int k), const void *ctx,
                      const char *tail)
{
    buf_printf(out, "%*s%s {\n%*sstruct %s v[%d];\n%*sstruct {\n", indent, "", head, indent + 4, "",
               type, n, indent + 4, "");
    char line[32];
    snprintf(line, sizeof line, "struct %s ", type);
    struct list l = list_begin(out, indent + 8, line);
    for (int k = 0; k < n; k++)
        list_item(&l, name(ctx, k));
    buf_printf(out, ";\n%*s};\n%*s}%s;\n", indent + 4, "", indent, "", tail);
}

static const char *field_name(const void *ctx, int k)
{
    return ((const struct table *)ctx)->fields[k].name;
}

static const char *form_name(const void *ctx, int k)
{
    return ((const struct form *)ctx)->fields[k].name;
}

static const char *column_name(const void *ctx, int k)
{
    return ((const struct query_src *)ctx)->columns[k].c.name;
}

static const char *arg_name(const void *ctx, int k)
{
    return ((const struct query_src *)ctx)->args[k];
}

static bool names_ok(const char *what, const char *of, int n,
                     const char *(*name)(const void *, int), const void *ctx)
{
    struct query_src none = {.file = what, .name = of};
    for (int k = 0; k < n; k++) {
        if (c_word(text_of(name(ctx, k))) || !strcmp(name(ctx, k), "v"))
            return wrong(&none, 0, "\"%s\" is a word of C or of the generated unions",
                         name(ctx, k));
        for (int i = 0; i < k; i++)
            if (!strcmp(name(ctx, k), name(ctx, i)))
                return wrong(&none, 0, "\"%s\" stands twice", name(ctx, k));
    }
    return n > 0 || wrong(&none, 0, "has no fields");
}

static bool put_table(struct arena *arena, struct buf *out, const struct table *t)
{
    int n = (int)t->n_fields;
    char head[120], item[200];
    bool has_n = false;
    if (!names_ok("table", t->name, n, field_name, t))
        return false;
    const char *big = upper(arena, t->name);
    buf_printf(out, "extern const struct table %s_table;\n", t->name);
    struct list l = list_begin(out, 0, "enum { ");
    for (int k = 0; k < n; k++) {
        has_n = has_n || !strcmp(t->fields[k].name, "n");
        snprintf(item, sizeof item, "%s_%s", big, upper(arena, t->fields[k].name));
        list_item(&l, item);
    }
    if (!has_n) { /* a field named n has the name already */
        snprintf(item, sizeof item, "%s_N", big);
        list_item(&l, item);
    }
    buf_z(out, " };\n");
    snprintf(head, sizeof head, "union %s_record", t->name);
    put_union(out, 0, head, "value", n, field_name, t, "");
    buf_char(out, '\n');
    return true;
}

static bool put_form(struct buf *out, const struct form *f)
{
    if (!names_ok("form", f->name, (int)f->n, form_name, f))
        return false;
    for (size_t i = 0; i < f->n; i++) {
        struct query_src none = {.file = "form", .name = f->name};
        if (table_field(f->table, text_of(f->fields[i].name)) < 0)
            return wrong(&none, 0, "table %s has no field %s", f->table->name, f->fields[i].name);
    }
    buf_printf(out, "extern const struct form %s;\nstruct %s {\n", f->name, f->name);
    put_union(out, 4, "union", "input", (int)f->n, form_name, f, "");
    buf_z(out, "};\n\n");
    return true;
}

static bool is_list(const struct query_src *q)
{
    return !q->one && !q->maybe;
}

static bool has_paging(const struct query_src *q)
{
    return is_list(q) && (q->n_sorts || (q->door_args & 1u << (ARG_LIMIT - ARG_MAX)));
}

static bool has_each(const struct query_src *q)
{
    return is_list(q) && (q->kind == SRC_RULE || q->kind == SRC_COUNT);
}

/* One line, or two when it does not fit. */
static void put_call(struct buf *out, const char *type_name, const char *args, const char *rest,
                     const char *end)
{
    bool fits = strlen(type_name) + strlen(args) + strlen(rest) + 4 <= 100;
    buf_printf(out, "%s(%s,%s%s)%s", type_name, args, fits ? " " : "\n    ", rest, end);
}

static void put_signature(struct buf *out, const struct query_src *q, const char *end)
{
    const char *n = q->name;
    char head[200], args[300], rest[200];
    if (q->kind == SRC_WRITE) {
        buf_printf(out, "void w_%s(struct change *ch, const struct %s_args *args)%s", n, n, end);
        return;
    }
    snprintf(head, sizeof head, "%s q_%s", q->maybe ? "bool" : "void", n);
    snprintf(args, sizeof args, "struct request *rq, const struct %s_args *args", n);
    snprintf(rest, sizeof rest, is_list(q) ? "struct %s_rows *out" : "union %s_row *out", n);
    put_call(out, head, args, rest, end);
}

static void put_each_signature(struct buf *out, const struct query_src *q, const char *end)
{
    char head[200], args[300];
    snprintf(head, sizeof head, "void each_%s", q->name);
    snprintf(args, sizeof args, "struct request *rq, const struct %s_args *args", q->name);
    put_call(out, head, args, "row_fn *fn, void *ctx", end);
}

static void put_args(struct buf *out, const struct query_src *q)
{
    buf_printf(out, "struct %s_args {\n", q->name);
    if (has_paging(q))
        buf_z(out, "    struct paging paging;\n");
    if (q->n_args)
        put_union(out, 4, "union", "value", q->n_args, arg_name, q, "");
    else if (!has_paging(q))
        buf_z(out, "    char none; /* it takes none; null will do */\n");
    buf_z(out, "};\n");
}

static void put_query(struct arena *arena, struct buf *out, const struct query_src *q)
{
    static const char *const kinds[] = {"", ", for rules", ", aggregates", ", changes rows"};
    char head[200], item[200];
    buf_printf(out, "/* %s:%d%s */\n", strrchr(q->file, '/') ? strrchr(q->file, '/') + 1 : q->file,
               q->line, kinds[q->kind]);
    if (q->kind != SRC_WRITE) {
        buf_printf(out, "extern struct query %s_query;\n", q->name);
        if (q->kind != SRC_RULE)
            buf_printf(out, "enum { %s_showable = 1 };\n", q->name);
        snprintf(head, sizeof head, "union %s_row", q->name);
        put_union(out, 0, head, "value", q->n_columns, column_name, q, "");
    }
    if (q->kind != SRC_WRITE && is_list(q))
        buf_printf(
            out,
            "struct %s_rows {\n    union {\n        struct rows rows;\n        struct {\n"
            "            size_t n;\n            union %s_row *row;\n            struct text next;\n"
            "            const struct query *query;\n        };\n    };\n};\n",
            q->name, q->name);
    if (q->n_sorts) {
        struct list l = list_begin(out, 0, "enum { ");
        for (int i = 0; i < q->n_sorts; i++) {
            snprintf(item, sizeof item, "%s_BY_%s", upper(arena, q->name),
                     upper(arena, q->sorts[i].name));
            list_item(&l, item);
        }
        buf_z(out, " };\n");
    }
    put_args(out, q);
    put_signature(out, q, ";\n");
    if (has_each(q))
        put_each_signature(out, q, ";\n");
    buf_char(out, '\n');
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool emit_header(struct buf *out, const struct room_src *f, const struct room_decls *room)
{
    struct arena *arena = arena_new();
    const char *big = upper(arena, room->name);
    bool ok = true;
    buf_printf(out, "/* generated by querycomp from the queries and %s_fields.c */\n", room->name);
    buf_printf(out, "#ifndef %s_GEN_H\n#define %s_GEN_H\n", big, big);
    buf_z(out,
          "#include \"guard/change.h\"\n#include \"guard/door.h\"\n#include \"guard/form.h\"\n\n");
    buf_printf(out,
               "extern const struct table *const %s_tables[];\nextern const struct form *const "
               "%s_forms[];\n\n",
               room->name, room->name);
    for (int i = 0; room->tables && room->tables[i]; i++)
        ok = put_table(arena, out, room->tables[i]) && ok;
    for (int i = 0; room->forms && room->forms[i]; i++)
        ok = put_form(out, room->forms[i]) && ok;
    for (int i = 0; i < f->n; i++)
        put_query(arena, out, f->q[i]);
    buf_z(out, "#endif\n");
    arena_free(arena);
    return ok;
}

/* ---- source ---- */

/* A C string literal; one line of SQL on one line of C. */
static void put_string(struct buf *out, struct text t, int indent)
{
    buf_char(out, '"');
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (c == '\n') {
            buf_z(out, "\\n");
            if (i + 1 < t.n)
                buf_printf(out, "\"\n%*s\"", indent, "");
        } else if (c == '"' || c == '\\') {
            buf_char(out, '\\');
            buf_char(out, (char)c);
        } else if (c == '?' && i && t.s[i - 1] == '?') { /* no trigraphs */
            buf_z(out, "\\?");
        } else if (c < 32) {
            buf_printf(out, "\\%03o", c);
        } else {
            buf_char(out, (char)c);
        }
    }
    buf_char(out, '"');
}

static void put_label(struct buf *out, const char *z, bool own)
{
    buf_z(out, own ? "N_(" : "");
    put_string(out, text_of(z), 0);
    buf_z(out, own ? ")" : "");
}

static void put_mark(struct buf *b, int arg)
{
    buf_char(b, ARG_MARK);
    buf_char(b, ARG_BYTE(arg));
}

static int arg_number(const struct query_src *q, const struct tok *t)
{
    int door = door_arg(tok_text(t));
    for (int a = 0; door < 0 && a < q->n_args; a++)
        if (text_is(tok_text(t), q->args[a]))
            return a;
    return door;
}

static void flush_piece(struct buf *out, struct buf *text, int if_arg, int *n)
{
    if (!text->n)
        return;
    buf_z(out, "    {");
    put_string(out, buf_get(text), 5);
    buf_printf(out, ", %d, PART_TEXT},\n", if_arg);
    buf_clear(text);
    ++*n;
}

/* Lines of the same condition become one piece; {keys}, {after}, {order} stand alone. */
static int put_pieces(struct arena *arena, struct buf *out, const struct query_src *q)
{
    struct buf text = BUF(MAX_VARIANT);
    int n = 0, cond = -1;
    buf_printf(out, "static const struct piece %s_pieces[] = {\n", q->name);
    for (int i = 0; i < q->n_lines; i++) {
        const struct src_line *l = &q->lines[i];
        struct toks t;
        int line, at = 0;
        (void)toks_scan(arena, l->code, &t, &line);
        if (l->if_arg != cond)
            flush_piece(out, &text, cond, &n);
        cond = l->if_arg;
        for (int k = 0; k < t.n; k++) {
            const struct tok *tok = &t.t[k];
            if (tok->kind != TOK_PARAM && tok->kind != TOK_PART)
                continue;
            buf_add(&text, l->code + at, (size_t)(tok->at - at));
            at = tok->at + tok->n + (tok->kind == TOK_PARAM ? 1 : 2);
            if (tok->kind == TOK_PARAM) {
                put_mark(&text, arg_number(q, tok));
                continue;
            }
            flush_piece(out, &text, cond, &n);
            buf_printf(out, "    {NULL, -1, %s},\n",
                       tok_is(tok, "keys")    ? "PART_KEYS"
                       : tok_is(tok, "after") ? "PART_AFTER"
                                              : "PART_ORDER");
            n++;
        }
        buf_z(&text, l->code + at);
        buf_char(&text, '\n');
    }
    flush_piece(out, &text, cond, &n);
    buf_z(out, "};\n");
    buf_free(&text);
    return n;
}

static void put_columns(struct buf *out, const struct query_src *q)
{
    static const char *const kinds[] = {[V_INT] = "V_INT",
                                        [V_TEXT] = "V_TEXT",
                                        [V_DATE] = "V_DATE",
                                        [V_INSTANT] = "V_INSTANT",
                                        [V_CODE] = "V_CODE"};
    buf_printf(out, "static const struct column %s_columns[] = {\n", q->name);
    for (int k = 0; k < q->n_columns; k++) {
        const struct column_out *o = &q->columns[k];
        buf_printf(out, "    {.name = \"%s\"", o->c.name);
        if (o->c.label) {
            buf_z(out, ", .label = ");
            put_label(out, o->c.label, o->own_label);
        }
        if (o->c.list)
            buf_printf(out, ", .list = \"%s\"", o->c.list);
        buf_printf(out, ",\n     .kind = %s, ", kinds[o->c.kind]);
        if (o->c.cls != CLASS_OPEN) {
            buf_z(out, ".cls = CLASS_");
            for (const char *s = class_names[o->c.cls]; *s; s++)
                buf_char(out, (char)toupper((unsigned char)*s));
            buf_z(out, ", ");
        }
        static const char *const sealed[] = {"SEALED_NOT", "SEALED_CLASSES", "SEALED_ROW", "SEALED_PART",
                                            "SEALED_CODE", "SEALED_TEXT"};
        if (o->c.sealed)
            buf_printf(out, ".sealed = %s, ", sealed[o->c.sealed]);
        if (o->c.part)
            buf_z(out, ".part = true, ");
        if (o->c.box)
            buf_printf(out, ".box = \"%s\", ", o->c.box);
        buf_printf(out, ".class_from = %d, .about = %d, .discloses = %d, .asked = %d%s},\n", o->c.class_from,
                   o->c.about, o->c.discloses, o->c.asked, o->c.internal ? ", .internal = true" : "");
    }
    buf_z(out, "};\n");
}

static void put_sorts(struct buf *out, const struct query_src *q)
{
    static const char *const kinds[] = {[V_INT] = "V_INT",
                                        [V_TEXT] = "V_TEXT",
                                        [V_DATE] = "V_DATE",
                                        [V_INSTANT] = "V_INSTANT",
                                        [V_CODE] = "V_CODE"};
    buf_printf(out, "static const struct sort %s_sorts[] = {\n", q->name);
    for (int i = 0; i < q->n_sorts; i++) {
        const struct src_sort *s = &q->sorts[i];
        struct buf order = BUF(4096), after = BUF(4096), keys = BUF(4096), marks = BUF(256);
        bool row = s->n_keys > 1;
        for (int k = 0; k < s->n_keys; k++) {
            buf_printf(&order, "%s%s%s", k ? ", " : "", s->key[k], s->desc ? " desc" : "");
            buf_printf(&after, "%s%s", k ? ", " : row ? "(" : "", s->key[k]);
            buf_printf(&keys, ", %s", s->key[k]);
            buf_z(&marks, k ? ", " : "");
            put_mark(&marks, ARG_KEY + k);
        }
        buf_printf(&after, "%s %c %s", row ? ")" : "", s->desc ? '<' : '>', row ? "(" : "");
        buf_text(&after, buf_get(&marks));
        buf_z(&after, row ? ")" : "");
        buf_printf(out, "    {.name = \"%s\",\n     .order = ", s->name);
        put_string(out, buf_get(&order), 0);
        buf_z(out, ",\n     .after = ");
        put_string(out, buf_get(&after), 0);
        buf_z(out, ",\n     .keys = ");
        put_string(out, buf_get(&keys), 0);
        buf_printf(out, ",\n     .n_keys = %d,\n     .key_kind = {", s->n_keys);
        for (int k = 0; k < s->n_keys; k++)
            buf_printf(out, "%s%s", k ? ", " : "", kinds[s->key_kind[k]]);
        buf_printf(out, "}%s},\n", s->unindexed ? ",\n     .unindexed = true" : "");
        buf_free(&order);
        buf_free(&after);
        buf_free(&keys);
        buf_free(&marks);
    }
    buf_z(out, "};\n");
}

static void put_bits(struct buf *out, uint32_t bits)
{
    bool first = true;
    for (int c = 1; c < CLASS_COUNT; c++) {
        if (!(bits & CLASS_BIT(c)))
            continue;
        buf_z(out, first ? "CLASS_BIT(CLASS_" : " | CLASS_BIT(CLASS_");
        for (const char *s = class_names[c]; *s; s++)
            buf_char(out, (char)toupper((unsigned char)*s));
        buf_char(out, ')');
        first = false;
    }
}

static int column_number(const struct query_src *q, const char *name)
{
    for (int k = 0; k < q->n_columns; k++)
        if (!strcmp(q->columns[k].c.name, name))
            return k;
    return -1;
}

static void put_read(struct arena *arena, struct buf *out, const struct query_src *q)
{
    static const char *const kinds[] = {"QUERY_VIEWER", "QUERY_RULE", "QUERY_COUNT"};
    const char *n = q->name;
    if (q->n_args) {
        char head[200], item[100];
        snprintf(head, sizeof head, "static const char *const %s_arg_names[] = {", n);
        struct list l = list_begin(out, 0, head);
        for (int a = 0; a < q->n_args; a++) {
            snprintf(item, sizeof item, "\"%s\"", q->args[a]);
            list_item(&l, item);
        }
        buf_z(out, "};\n");
    }
    put_columns(out, q);
    if (q->n_about) {
        buf_printf(out, "static const struct about %s_about[] = {", n);
        for (int a = 0; a < q->n_about; a++)
            buf_printf(out, "%s{.id = %d, .bits = %d, .recheck = %d}", a ? ", " : "",
                       column_number(q, q->about[a].id), column_number(q, q->about[a].bits),
                       column_number(q, q->about[a].recheck));
        buf_z(out, "};\n");
    }
    int n_pieces = put_pieces(arena, out, q);
    if (q->n_sorts)
        put_sorts(out, q);
    buf_printf(
        out,
        "struct query %s_query = {\n    .name = \"%s\",\n    .room = \"%s\",\n    .kind = %s,\n", n,
        n, q->room, kinds[q->kind]);
    if (q->one)
        buf_z(out, "    .one = true,\n");
    if (q->maybe)
        buf_z(out, "    .maybe = true,\n");
    if (q->about_none)
        buf_z(out, "    .about_none = true,\n");
    buf_printf(out,
               "    .n_args = %d,\n    .n_columns = %d,\n    .n_about = %d,\n    .n_pieces = %d,\n "
               "   .n_sorts = %d,\n",
               q->n_args, q->n_columns, q->n_about, n_pieces, q->n_sorts);
    if (has_paging(q))
        buf_printf(out, "    .page = %d,\n", q->page ? q->page : 50);
    if (q->uses) {
        buf_z(out, "    .uses = ");
        put_bits(out, q->uses);
        buf_z(out, ",\n");
    }
    buf_printf(out, "    .owner = %d,\n", q->owner ? column_number(q, q->owner) : -1);
    if (q->n_args)
        buf_printf(out, "    .args = %s_arg_names,\n", n);
    buf_printf(out, "    .columns = %s_columns,\n", n);
    if (q->n_about)
        buf_printf(out, "    .about = %s_about,\n", n);
    buf_printf(out, "    .pieces = %s_pieces,\n", n);
    if (q->n_sorts)
        buf_printf(out, "    .sorts = %s_sorts,\n", n);
    buf_z(out, "};\n");
    const char *values = q->n_args ? "args->v" : "NULL";
    put_signature(out, q, "\n{\n");
    if (!q->n_args && !has_paging(q))
        buf_z(out, "    (void)args;\n");
    if (is_list(q))
        buf_printf(out, "    door_rows(rq, &%s_query, %s, %s, &out->rows);\n}\n", n, values,
                   has_paging(q) ? "&args->paging" : "&(const struct paging){0}");
    else
        buf_printf(out, "    %sdoor_one(rq, &%s_query, %s, out->v);\n}\n",
                   q->maybe ? "return " : "", n, values);
    if (has_each(q)) {
        buf_char(out, '\n');
        put_each_signature(out, q, "\n{\n");
        if (!q->n_args)
            buf_z(out, "    (void)args;\n");
        buf_printf(out, "    door_each(rq, &%s_query, %s, fn, ctx);\n}\n", n, values);
    }
}

/* A changing statement: arguments first, then what the door knows. */
static void put_write(struct arena *arena, struct buf *out, const struct query_src *q)
{
    static const struct {
        int arg;
        const char *name, *from;
    } own[] = {{ARG_VIEWER_BODY, "viewer_body", "v_int(ch->rq->viewer.body)"},
               {ARG_VIEWER_ACCOUNT, "viewer_account", "v_int(ch->rq->viewer.account)"},
               {ARG_TODAY, "today", "v_date(ch->rq->today)"},
               {ARG_NOW, "now", "v_instant(ch->rq->now)"}};
    const char *text = variant_text(arena, q, (struct variant){.sort = -1}, PARAM_QUESTION);
    /* the door's parameters are numbered by their first appearance */
    int order[4], n_own = 0;
    for (int i = 0; i < q->n_lines; i++) {
        struct toks t;
        int line;
        (void)toks_scan(arena, q->lines[i].code, &t, &line);
        for (int k = 0; k < t.n; k++) {
            for (int o = 0; o < 4; o++) {
                bool seen = t.t[k].kind != TOK_PARAM || !text_is(tok_text(&t.t[k]), own[o].name);
                for (int s = 0; s < n_own; s++)
                    seen = seen || order[s] == o;
                if (!seen)
                    order[n_own++] = o;
            }
        }
    }
    int n = q->n_args + n_own;
    if (n) {
        buf_printf(out, "static const uint8_t %s_bind[] = {", q->name);
        for (int k = 0; k < n; k++)
            buf_printf(out, "%s%d", k ? ", " : "", k);
        buf_z(out, "};\n");
    }
    buf_printf(out, "static struct sql %s_sql = {\n    .text = ", q->name);
    put_string(out, text_of(text), 12);
    buf_printf(out, ",\n    .n_bind = %d,\n", n);
    if (n)
        buf_printf(out, "    .bind = %s_bind,\n", q->name);
    buf_z(out, "};\n");
    put_signature(out, q, "\n{\n");
    if (!q->n_args)
        buf_z(out, "    (void)args;\n");
    if (!n_own) {
        buf_printf(out, "    change_run(ch, &%s_sql, %s);\n}\n", q->name,
                   q->n_args ? "args->v" : "NULL");
        return;
    }
    buf_printf(out, "    struct value v[%d] = {", n);
    struct list l = {out, 8, 30, true};
    char item[40];
    for (int a = 0; a < q->n_args; a++) {
        snprintf(item, sizeof item, "args->v[%d]", a);
        list_item(&l, item);
    }
    for (int s = 0; s < n_own; s++)
        list_item(&l, own[order[s]].from);
    buf_printf(out, "};\n    change_run(ch, &%s_sql, v);\n}\n", q->name);
}

/* What changing statements write past the history of values, once each. */
static void put_written(struct arena *arena, struct buf *out, const struct room_src *f)
{
    struct read seen[500];
    int n = 0;
    for (int i = 0; i < f->n; i++) {
        struct prepared p;
        if (f->q[i]->kind != SRC_WRITE)
            continue;
        engine_prepare(arena, variant_text(arena, f->q[i], (struct variant){.sort = -1}, PARAM_NAMED), true, &p);
        for (int k = 0; k < p.written.n; k++) {
            struct read w = p.written.r[k];
            bool known = false;
            for (int s = 0; s < n; s++)
                known = known || (seen[s].table == w.table && seen[s].field == w.field);
            if (known || n == sizeof seen / sizeof *seen)
                continue;
            seen[n++] = w;
            buf_printf(out, "    history_passed(\"%s\", \"%s\");\n", w.table->name, w.field ? w.field->name : "");
        }
    }
}

void emit_source(struct buf *out, const struct room_src *f, const char *header_name)
{
    struct arena *arena = arena_new();
    bool writes = false;
    buf_printf(out, "/* generated by querycomp */\n#include \"%s\"\n", base_name(header_name));
    for (int i = 0; i < f->n; i++) {
        buf_printf(out, "\n/* %s */\n\n", f->q[i]->name);
        if (f->q[i]->kind == SRC_WRITE)
            put_write(arena, out, f->q[i]);
        else
            put_read(arena, out, f->q[i]);
        writes = writes || f->q[i]->kind == SRC_WRITE;
    }
    if (writes) {
        buf_printf(out, "\n/* Changing statements get their numbers before main. */\n"
                        "__attribute__((constructor)) static void number_statements(void)\n{\n");
        for (int i = 0; i < f->n; i++)
            if (f->q[i]->kind == SRC_WRITE)
                buf_printf(out, "    sql_intern(&%s_sql);\n", f->q[i]->name);
        put_written(arena, out, f);
        buf_z(out, "}\n");
    }
    arena_free(arena);
}

/* ---- variants as JSON lines ---- */

static void put_json(struct buf *out, const char *key, struct text t)
{
    buf_printf(out, "\"%s\":\"", key);
    for (size_t i = 0; i < t.n; i++) {
        unsigned char c = (unsigned char)t.s[i];
        if (c == '"' || c == '\\')
            buf_char(out, '\\');
        if (c < 32)
            buf_printf(out, "\\u%04x", c);
        else
            buf_char(out, (char)c);
    }
    buf_char(out, '"');
}

static int compare_reads(const void *a, const void *b)
{
    const struct read *x = a, *y = b;
    int c = strcmp(x->table->name, y->table->name);
    return c ? c : strcmp(x->field->name, y->field->name);
}

void emit_variants(struct arena *arena, struct buf *out, const struct query_src *q)
{
    static struct variant list[4000];
    static const char *const kinds[] = {"viewer", "rule", "count", "write"};
    int n = q->kind == SRC_WRITE ? 1 : query_variants(q, list, 4000);
    if (q->kind == SRC_WRITE)
        list[0] = (struct variant){.sort = -1};
    for (int i = 0; i < n; i++) {
        struct variant v = list[i];
        struct prepared p;
        v.keys = v.sort >= 0;
        engine_prepare(arena, variant_text(arena, q, v, PARAM_NAMED), q->kind == SRC_WRITE, &p);
        buf_char(out, '{');
        put_json(out, "query", text_of(q->name));
        buf_char(out, ',');
        put_json(out, "room", text_of(q->room));
        buf_char(out, ',');
        put_json(out, "kind", text_of(kinds[q->kind]));
        if (q->scan) {
            buf_char(out, ',');
            put_json(out, "scan", text_of(q->scan));
        }
        if (v.sort >= 0) {
            buf_char(out, ',');
            put_json(out, "sort", text_of(q->sorts[v.sort].name));
            buf_printf(out, ",\"after\":%s,\"unindexed\":%s", v.after ? "true" : "false",
                       q->sorts[v.sort].unindexed ? "true" : "false");
        }
        buf_z(out, ",\"on\":[");
        for (int a = 0, first = 1; a < q->n_args; a++)
            if (q->optional[a] && (v.on >> a & 1)) {
                buf_printf(out, "%s\"%s\"", first ? "" : ",", q->args[a]);
                first = 0;
            }
        buf_z(out, "],");
        put_json(out, "sql", text_of(variant_text(arena, q, v, PARAM_DOLLAR)));
        buf_z(out, ",\"reads\":[");
        if (p.reads.n)
            qsort(p.reads.r, (size_t)p.reads.n, sizeof *p.reads.r, compare_reads);
        for (int r = 0, first = 1; r < p.reads.n; r++) {
            if (r && p.reads.r[r].field == p.reads.r[r - 1].field)
                continue;
            buf_printf(out, "%s\"%s.%s\"", first ? "" : ",", p.reads.r[r].table->name,
                       p.reads.r[r].field->name);
            first = 0;
        }
        buf_z(out, "]}\n");
    }
}
