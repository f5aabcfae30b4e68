/* Targets, headings and cells of imports. */
#include "base/utf8.h"
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people_import.h"

extern const struct import_target *const __start_bereg_imports[] __attribute__((weak));
extern const struct import_target *const __stop_bereg_imports[] __attribute__((weak));

const struct import_target *const *import_targets(size_t *n)
{
    *n = __start_bereg_imports ? (size_t)(__stop_bereg_imports - __start_bereg_imports) : 0;
    return __start_bereg_imports;
}

const struct import_target *import_target_of(struct text kind)
{
    size_t n;
    const struct import_target *const *all = import_targets(&n);
    for (size_t i = 0; i < n; i++)
        if (all[i] && text_is(kind, all[i]->kind))
            return all[i];
    return NULL;
}

int import_field_at(const struct import_target *target, const char *name)
{
    for (size_t i = 0; i < target->n_fields; i++)
        if (strcmp(target->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* ---- headings ---- */

struct text import_heading_key(struct arena *arena, struct text heading)
{
    struct text t = text_fold(arena, heading);
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0;
    int depth = 0;
    for (size_t i = 0; i < t.n;) {
        uint32_t cp;
        size_t len = utf8_next(t.s + i, t.n - i, &cp);
        if (!len)
            break;
        bool sign = cp < 0x80 ? !strchr("abcdefghijklmnopqrstuvwxyz0123456789", (int)cp)
                              : cp < 0xC0 || (cp >= 0x2000 && cp < 0x2C00);
        if (cp == '(')
            depth++;
        if (depth > 0) {
            depth -= cp == ')';
        } else if (!sign) {
            memcpy(s + n, t.s + i, len);
            n += len;
        } else if ((cp == ' ' || cp == '_' || cp == '/' || cp == '\n') && n && s[n - 1] != ' ') {
            s[n++] = ' ';
        }
        i += len;
    }
    return text_trim((struct text){s, n});
}

/* The heading of a field in the language of the lists, for messages. */
static struct text field_words(const char *name)
{
    const struct code *code = code_find(code_list("import_field"), text_of(name));
    return text_of(code ? code->label[LANG_RU] : name);
}

const char *import_map(struct arena *arena, const struct import_target *target,
                       const struct text *headings, size_t n, int *fields, struct text *a)
{
    int column_of[IMPORT_FIELDS_MAX];
    for (size_t f = 0; f < IMPORT_FIELDS_MAX; f++)
        column_of[f] = -1;
    struct text *keys = arena_array(arena, n + 1, sizeof *keys);
    for (size_t i = 0; i < n; i++) {
        keys[i] = import_heading_key(arena, headings[i]);
        *a = headings[i];
        for (size_t k = 0; k < i; k++)
            if (keys[i].n && text_eq(keys[i], keys[k]))
                return N_("The heading “{a}” stands twice: leave one of the columns");
        if (fields[i] == -2) {
            const struct code *code =
                keys[i].n ? code_by_words(arena, "import_field", keys[i]) : NULL;
            fields[i] = code ? import_field_at(target, code->code) : -1;
        }
        if (fields[i] < 0)
            continue;
        if (column_of[fields[i]] >= 0) {
            *a = field_words(target->fields[fields[i]].name);
            return N_("Two columns are taken for “{a}”: leave one of them");
        }
        column_of[fields[i]] = (int)i;
    }
    for (size_t f = 0; f < target->n_fields; f++)
        if (target->fields[f].required && column_of[f] < 0) {
            *a = field_words(target->fields[f].name);
            return N_("The column “{a}” is missing");
        }
    return NULL;
}

const char *import_map_run(struct import_run *run, const int *fields, struct text *a)
{
    for (size_t f = 0; f < IMPORT_FIELDS_MAX; f++)
        run->column_of[f] = -1;
    for (size_t i = 0; i < run->n_columns; i++)
        if (fields[i] >= 0)
            run->column_of[fields[i]] = (int)i;
    return run->target->mapped ? run->target->mapped(run, a) : NULL;
}

size_t import_column_of(const struct import_run *run, const struct import_line *line)
{
    return line->field < 0 ? 0 : (size_t)(run->column_of[line->field] + 1);
}

struct text import_heading_at(const struct import_run *run, size_t column)
{
    return column && column <= run->n_columns ? run->headings[column - 1] : T("");
}

/* ---- cells ---- */

struct text import_join(struct arena *arena, const struct text *cells, size_t n)
{
    size_t len = 0, at = 0;
    for (size_t i = 0; i < n; i++)
        len += cells[i].n + 1;
    char *s = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < n; i++) {
        if (i)
            s[at++] = CELL_SEP;
        memcpy(s + at, cells[i].s, cells[i].n);
        at += cells[i].n;
    }
    return (struct text){s, at};
}

size_t import_split(struct arena *arena, struct text joined, const struct text **cells)
{
    size_t n = 1;
    for (size_t i = 0; i < joined.n; i++)
        n += joined.s[i] == CELL_SEP;
    struct text *out = arena_array(arena, n, sizeof *out);
    const char *from = joined.s, *end = joined.s + joined.n;
    for (size_t i = 0; i < n; i++) {
        const char *sep = i + 1 < n ? memchr(from, CELL_SEP, (size_t)(end - from)) : end;
        out[i] = (struct text){from, (size_t)(sep - from)};
        from = sep + 1;
    }
    *cells = out;
    return n;
}

struct text import_cell(const struct import_run *run, const struct import_line *line, int field)
{
    int column = field < 0 ? -1 : run->column_of[field];
    if (column < 0 || (size_t)column >= line->n)
        return T("");
    return text_trim(line->cells[column]);
}

void import_wrong(struct import_line *line, int field, const char *msgid)
{
    if (line->state == ROW_FAULTY)
        return; /* the first fault is told */
    line->state = ROW_FAULTY;
    line->field = field;
    line->reason = msgid;
}

static const struct field *field_of(const struct import_field *f)
{
    static const struct field plain = {"text", FIELD_TEXT, .max = 250};
    if (!f->table)
        return &plain;
    int i = table_field(f->table, text_of(f->column ? f->column : f->name));
    return i < 0 ? &plain : &f->table->fields[i];
}

struct import_memo *import_memo_find(struct import_run *run, const struct field *field,
                                     struct text raw)
{
    for (size_t i = 0; i < IMPORT_MEMO; i++)
        if (run->memo[i].field == field && text_eq(run->memo[i].raw, raw))
            return &run->memo[i];
    return NULL;
}

void import_memo_keep(struct import_run *run, const struct field *field, struct text raw,
                      struct value value)
{
    size_t i = run->memo_next++ % IMPORT_MEMO;
    if (raw.n > sizeof run->memo_room[i])
        return;
    memcpy(run->memo_room[i], raw.s, raw.n);
    run->memo[i] = (struct import_memo){field, {run->memo_room[i], raw.n}, value};
}

/* Codes live as long as the program; so the value may be kept. */
static struct value code_value(struct import_run *run, struct import_line *line, int f,
                               const struct field *field, struct text raw)
{
    struct import_memo *memo = import_memo_find(run, field, raw);
    if (memo)
        return memo->value;
    const struct code_list *list = code_list(field->list);
    const struct code *code = code_by_words(run->rq->arena, field->list, raw);
    if (!code || code->retired) {
        import_wrong(line, f, N_("This value is not in the list of values"));
        return (struct value){0};
    }
    struct value v = {
        .kind = V_CODE, .list = list->index, .n = (uint32_t)strlen(code->code), .s = code->code};
    import_memo_keep(run, field, raw, v);
    return v;
}

struct value import_value(struct import_run *run, struct import_line *line, int f)
{
    const struct import_field *d = &run->target->fields[f];
    const struct field *field = field_of(d);
    struct text raw = import_cell(run, line, f);
    const struct role *role = run->rq->viewer.role;
    if (role && CLASS_BIT(field->cls) & ~role->write)
        return (struct value){0}; /* what the role may not write, its lists do not bring in */
    if (!raw.n) {
        if (d->filled)
            import_wrong(line, f, N_("The cell is empty"));
        return v_null();
    }
    if (field->type == FIELD_CODE)
        return code_value(run, line, f, field, raw);
    struct input in = {.field = field};
    input_read(run->rq->arena, &in, raw, true);
    if (in.error) {
        import_wrong(line, f, in.error_a.kind ? N_("The text is too long") : in.error);
        return (struct value){0};
    }
    return in.value;
}

struct text import_who(struct arena *arena, struct text family, struct text given,
                       struct text patronymic, struct value birth_date)
{
    char day[11] = "";
    const struct text parts[] = {family, given, patronymic};
    struct text who = T("");
    for (size_t i = 0; i < 3; i++)
        if (parts[i].n)
            who = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(who), who.n ? " " : "",
                               TEXT_ARG(parts[i]));
    if (birth_date.kind == V_DATE) {
        date_dmy(birth_date.i, day);
        who = arena_printf(arena, "%.*s%s%s", TEXT_ARG(who), who.n ? ", " : "", day);
    }
    return who;
}
