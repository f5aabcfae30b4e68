/* bereg process: an event log comes in, and the ways of its cases go out. */
#include "main/main.h"
#include "base/date.h"
#include "base/json.h"
#include "formats/csv.h"
#include "formats/process_graph.h"
#include "main/files.h"
#include "process/process.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_SECONDS = 600, BAD_SHOWN = 10, TOP = 20, MAP_NODES = 40, MAP_LINKS = 120, FLUSH_AT = 60000 };

enum output { AS_TABLE, AS_JSON, AS_CSV, AS_SVG, AS_DOT };

struct mining {
    const struct options *o;
    struct arena *arena;
    struct process_log log;
    struct process p;
    struct process_map map;
    struct process_share share;
    enum output format;
    char delimiter;
    int64_t from, to;
    size_t top;
    size_t column[7]; /* case, time, end (SIZE_MAX: none), activities */
    size_t rows, bad;
    struct buf joined;
    struct fault fault;
    struct out_file out;
    struct json json;
};

/* --- what is asked --- */

static int wrong_usage(const char *format, const char *word)
{
    fputs("bereg: ", stderr);
    fprintf(stderr, format, word);
    fputs("\nusage: bereg process FILE --case COLUMN --activity COLUMN --time COLUMN [--end COLUMN] [--format table|json|csv|svg|dot] "
          "[--out FILE]\n       bereg process --help\n",
          stderr);
    return EXIT_USAGE;
}

static bool share_of(const char *z, double *share)
{
    char *end;

    if (!z)
        return true;
    *share = strtod(z, &end);
    return end != z && !*end && *share >= 0 && *share <= 1;
}

static bool take_period(struct mining *m)
{
    int64_t day;

    m->from = INT64_MIN;
    m->to = INT64_MAX;
    if (m->o->from) {
        if (date_parse(text_of(m->o->from), &day))
            return false;
        m->from = day * INT64_C(86400000000);
    }
    if (m->o->to) {
        if (date_parse(text_of(m->o->to), &day))
            return false;
        m->to = (day + 1) * INT64_C(86400000000);
    }
    return true;
}

static int take_options(struct mining *m)
{
    static const char *const formats[] = {"table", "json", "csv", "svg", "dot"};
    const struct options *o = m->o;
    size_t format = 0;

    if (o->n_words != 1)
        return wrong_usage("%s", "one file is to be named");
    if (!o->case_ || !o->n_activities || !o->time)
        return wrong_usage("%s is missing: which column it is", !o->case_ ? "--case" : !o->n_activities ? "--activity" : "--time");
    while (o->format && format < sizeof formats / sizeof *formats && strcmp(o->format, formats[format]) != 0)
        format++;
    if (format == sizeof formats / sizeof *formats)
        return wrong_usage("there is no format \"%s\"", o->format);
    m->format = (enum output)format;
    if (o->separator) {
        m->delimiter = strcmp(o->separator, "\\t") == 0 || strcmp(o->separator, "tab") == 0 ? '\t' : o->separator[0];
        if (!strchr(",;|:\t ", m->delimiter) || !m->delimiter)
            return wrong_usage("\"%s\" separates no columns; one of , ; | : tab does", o->separator);
    }
    if (o->time_format && !process_time_format_good(o->time_format))
        return wrong_usage("\"%s\" is no format of times: it needs %%Y, %%m and %%d at least", o->time_format);
    if (!take_period(m))
        return wrong_usage("%s: --from and --to are dates like 2012-03-01", o->from ? o->from : o->to);
    m->share = (struct process_share){.nodes = 1, .links = 0.8, .nodes_max = MAP_NODES, .links_max = MAP_LINKS};
    if (!share_of(o->share_of_activities, &m->share.nodes) || !share_of(o->share_of_arcs, &m->share.links))
        return wrong_usage("%s", "--activities and --arcs are shares from 0 to 1");
    m->top = o->has_top ? o->top ? (size_t)o->top : SIZE_MAX : m->format == AS_TABLE ? TOP : SIZE_MAX;
    return EXIT_OK;
}

/* --- reading --- */

static enum err find_columns(struct mining *m, const struct sheet_row *head)
{
    const struct options *o = m->o;
    const char *wanted[7] = {o->case_, o->time, o->end, o->activity[0], o->activity[1], o->activity[2], o->activity[3]};

    for (int i = 0; i < 7; i++) {
        m->column[i] = wanted[i] ? column_find(m->arena, head, text_of(wanted[i])) : SIZE_MAX;
        if (wanted[i] && m->column[i] == SIZE_MAX)
            return column_missing(o->word[0], head, text_of(wanted[i]), &m->fault);
    }
    return OK;
}

static struct text cell(const struct mining *m, const struct sheet_row *row, int i)
{
    return m->column[i] < row->n ? text_trim(row->cells[m->column[i]]) : T("");
}

/* The columns of an activity joined; empty when all are. */
static struct text activity_of(struct mining *m, const struct sheet_row *row)
{
    if (m->o->n_activities == 1)
        return cell(m, row, 3);
    bool any = false;
    buf_clear(&m->joined);
    for (int i = 0; i < m->o->n_activities; i++) {
        struct text t = cell(m, row, 3 + i);
        any = any || t.n;
        buf_z(&m->joined, i ? "+" : "");
        buf_text(&m->joined, t);
    }
    return any ? buf_get(&m->joined) : T("");
}

static enum err time_of(const struct mining *m, struct text t, int64_t *us)
{
    return m->o->time_format ? process_time_like(t, m->o->time_format, us) : process_time(t, us);
}

/* Says what is wrong in a line; the first ones are shown. */
static void bad(struct mining *m, int64_t line, const char *what, struct text value)
{
    if (m->bad++ < BAD_SHOWN)
        fprintf(stderr, value.n ? "bereg: %s, line %lld: %s: \"%.*s\"\n" : "bereg: %s, line %lld: %s\n", m->o->word[0], (long long)line, what,
                (int)(value.n < 60 ? value.n : 60), value.s);
}

static enum err take_row(struct mining *m, const struct sheet_row *row)
{
    struct text case_ = cell(m, row, 0), activity = activity_of(m, row), time = cell(m, row, 1), end = cell(m, row, 2);
    int64_t at, until;

    m->rows++;
    if (row->fault) {
        bad(m, row->line, row->fault, T(""));
    } else if (!case_.n) {
        bad(m, row->line, "the row names no case", T(""));
    } else if (!activity.n) {
        bad(m, row->line, "the row names no activity", T(""));
    } else if (!time.n) {
        bad(m, row->line, "the row has no time", T(""));
    } else if (time_of(m, time, &at)) {
        bad(m, row->line, "this is no time that can be read (--time-format helps)", time);
    } else if (end.n && time_of(m, end, &until)) {
        bad(m, row->line, "this is no time that can be read (--time-format helps)", end);
    } else if (end.n && until < at) {
        bad(m, row->line, "the event ends before it begins", end);
    } else if (process_log_add(&m->log, case_, activity, at, end.n ? until : at)) {
        return fault_set(&m->fault, ERR_LIMIT, "there is not enough memory for a log of this size");
    }
    return OK;
}

static enum err read_rows(struct mining *m, struct sheet *sheet)
{
    struct sheet_row row;

    if (!sheet_next(sheet, &row) || row.fault)
        return fault_set(&m->fault, ERR_SYNTAX, "%s has no row of headings", m->o->word[0]);
    enum err err = find_columns(m, &row);
    while (!err && sheet_next(sheet, &row)) {
        if (row.last) /* the rest is not read, so that nothing could be said of the whole */
            return fault_set(&m->fault, ERR_SYNTAX, "%s, line %lld: %s", m->o->word[0], (long long)row.line, row.fault);
        err = take_row(m, &row);
    }
    if (err)
        return err;
    if (!m->rows)
        return fault_set(&m->fault, ERR_SYNTAX, "%s has headings but no rows", m->o->word[0]);
    if (m->bad > BAD_SHOWN)
        fprintf(stderr, "bereg: and %zu lines more\n", m->bad - BAD_SHOWN);
    if (m->bad && !m->o->skip_bad)
        return fault_set(&m->fault, ERR_SYNTAX, "%zu of %zu lines are wrong; --skip-bad leaves them out", m->bad, m->rows);
    if (m->bad)
        fprintf(stderr, "bereg: %zu of %zu lines are left out\n", m->bad, m->rows);
    return m->log.n ? OK : fault_set(&m->fault, ERR_SYNTAX, "%s has no line that can be read", m->o->word[0]);
}

static enum err read_log(struct mining *m)
{
    struct sheet *sheet = NULL;
    struct fault inner = {0};
    const char *path = m->o->word[0];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fault_set(&m->fault, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
    enum err err = sheet_log_in_child(m->o->self, fd, m->delimiter, READ_SECONDS, m->arena, &sheet, &inner);
    if (err)
        (void)fault_set(&m->fault, err, "%s: %s", path, inner.text);
    else
        err = read_rows(m, sheet);
    sheet_close(sheet);
    close(fd);
    return err;
}

/* --- the map --- */

static void make_map(struct mining *m)
{
    const struct process *p = &m->p;
    uint32_t start = p->n_activities, end = start + 1;
    struct process_map *map = &m->map;

    map->n_nodes = p->n_activities + 2;
    map->n = arena_array(m->arena, map->n_nodes, sizeof *map->n);
    map->link = arena_array(m->arena, p->n_arcs + 2 * (size_t)p->n_activities, sizeof *map->link);
    for (size_t i = 0; i < p->n_arcs; i++) /* arcs keep their numbers */
        map->link[map->n_links++] = (struct process_link){p->arc[i].from, p->arc[i].to, p->arc[i].n, false};
    for (uint32_t a = 0; a < p->n_activities; a++) {
        map->n[a] = p->activity[a].n;
        if (p->activity[a].starts)
            map->link[map->n_links++] = (struct process_link){start, a, p->activity[a].starts, false};
        if (p->activity[a].ends)
            map->link[map->n_links++] = (struct process_link){a, end, p->activity[a].ends, false};
    }
    process_map_choose(m->arena, map, &m->share);
}

/* "3.2 d": two figures at least, in the unit in which it is more than one. */
static struct text spell(struct arena *arena, double us)
{
    static const struct {
        double us;
        const char *name;
    } units[] = {{86400e6, "d"}, {3600e6, "h"}, {60e6, "min"}, {1e6, "s"}};
    size_t i = 0;

    while (i < 3 && us < units[i].us)
        i++;
    double n = us / units[i].us;
    return arena_printf(arena, n < 10 && n != floor(n) ? "%.1f %s" : "%.0f %s", n, units[i].name);
}

static void describe_map(struct mining *m, struct text **title, struct text **sub, struct text **label)
{
    const struct process *p = &m->p;

    *title = arena_array(m->arena, m->map.n_nodes, sizeof **title);
    *sub = arena_array(m->arena, m->map.n_nodes, sizeof **sub);
    *label = arena_array(m->arena, m->map.n_links, sizeof **label);
    for (uint32_t a = 0; a < p->n_activities; a++) {
        (*title)[a] = p->activity[a].name;
        (*sub)[a] = arena_printf(m->arena, "%zu", p->activity[a].n);
    }
    (*title)[p->n_activities] = T("start");
    (*title)[p->n_activities + 1] = T("end");
    for (size_t i = 0; i < m->map.n_links; i++)
        if (i < p->n_arcs) {
            struct text time = spell(m->arena, p->arc[i].time.median);
            (*label)[i] = arena_printf(m->arena, "%zu\n%.*s", p->arc[i].n, TEXT_ARG(time));
        } else {
            (*label)[i] = arena_printf(m->arena, "%llu", (unsigned long long)m->map.link[i].n);
        }
}

static void dot_text(struct buf *out, struct text t)
{
    buf_char(out, '"');
    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] == '"' || t.s[i] == '\\')
            buf_char(out, '\\');
        if (t.s[i] == '\n')
            buf_z(out, "\\n");
        else
            buf_char(out, t.s[i]);
    }
    buf_char(out, '"');
}

static void write_dot(struct mining *m)
{
    struct buf *out = &m->out.buf;
    struct text *title, *sub, *label;
    uint64_t most = 1;

    describe_map(m, &title, &sub, &label);
    buf_z(out, "digraph process {\n  node [shape=box];\n");
    for (uint32_t i = 0; i < m->map.n_nodes; i++) {
        if (!m->map.shown[i])
            continue;
        struct text both = arena_printf(m->arena, sub[i].n ? "%.*s\n%.*s" : "%.*s", TEXT_ARG(title[i]), TEXT_ARG(sub[i]));
        buf_printf(out, "  n%u [label=", i);
        dot_text(out, both);
        buf_z(out, i < m->p.n_activities ? "];\n" : ", shape=ellipse];\n");
    }
    for (size_t i = 0; i < m->map.n_links; i++)
        most = m->map.link[i].shown && m->map.link[i].n > most ? m->map.link[i].n : most;
    for (size_t i = 0; i < m->map.n_links; i++) {
        const struct process_link *l = &m->map.link[i];
        if (!l->shown)
            continue;
        buf_printf(out, "  n%u -> n%u [penwidth=%.1f, label=", l->from, l->to, 1 + 5 * sqrt((double)l->n / (double)most));
        dot_text(out, label[i]);
        buf_z(out, "];\n");
    }
    buf_z(out, "}\n");
}

static enum err write_svg(struct mining *m)
{
    struct text *title, *sub, *label, svg;

    describe_map(m, &title, &sub, &label);
    struct process_drawing d = {T("Process map"), title, sub, label, true};
    enum err err = process_graph_svg(m->o->self, &m->map, &d, m->arena, &svg, &m->fault);
    if (!err) {
        buf_text(&m->out.buf, svg);
        buf_char(&m->out.buf, '\n');
    }
    return err;
}

/* --- figures --- */

/* Seconds with as many digits as are needed: halves of microseconds come of medians. */
static const char *seconds(double us, char out[40])
{
    size_t n = (size_t)snprintf(out, 40, "%.7f", us / 1e6);

    while (n && out[n - 1] == '0')
        out[--n] = '\0';
    if (n && out[n - 1] == '.')
        out[--n] = '\0';
    return out;
}

static void room(struct mining *m)
{
    if (m->out.buf.n >= FLUSH_AT && !out_flush(&m->out))
        m->out.buf.failed = true;
}

static void json_seconds(struct json *j, const char *key, double us)
{
    char text[40];

    json_key(j, key);
    buf_z(j->out, seconds(us, text));
    j->comma = true;
}

static void json_count(struct json *j, const char *key, size_t n)
{
    json_key(j, key);
    json_int(j, (int64_t)n);
}

static void json_spread(struct json *j, const char *key, const struct process_spread *s)
{
    json_key(j, key);
    json_open(j, '{');
    json_seconds(j, "mean", s->mean);
    json_seconds(j, "median", s->median);
    json_seconds(j, "p90", s->p90);
    json_seconds(j, "min", (double)s->min);
    json_seconds(j, "max", (double)s->max);
    json_close(j, '}');
}

static size_t at_most(size_t n, size_t top)
{
    return n < top ? n : top;
}

static void write_json(struct mining *m)
{
    const struct process *p = &m->p;
    struct json *j = &m->json;

    *j = (struct json){.out = &m->out.buf};
    json_open(j, '{');
    json_count(j, "cases", p->n_cases);
    json_count(j, "events", p->n_events);
    json_count(j, "n_activities", p->n_activities);
    json_count(j, "n_variants", p->n_variants);
    json_count(j, "n_arcs", p->n_arcs);
    json_count(j, "left_out", m->bad);
    json_spread(j, "duration_seconds", &p->duration);
    json_key(j, "activities");
    json_open(j, '[');
    for (uint32_t i = 0; i < p->n_activities; i++, room(m)) {
        const struct process_activity *a = &p->activity[i];
        json_open(j, '{');
        json_key(j, "name");
        json_text(j, a->name);
        json_count(j, "events", a->n);
        json_count(j, "cases", a->cases);
        json_count(j, "starts", a->starts);
        json_count(j, "ends", a->ends);
        json_count(j, "self_loops", a->loops);
        if (m->o->end)
            json_spread(j, "seconds", &a->time);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_key(j, "arcs");
    json_open(j, '[');
    for (size_t i = 0; i < at_most(p->n_arcs, m->top); i++, room(m)) {
        json_open(j, '{');
        json_key(j, "from");
        json_text(j, p->activity[p->arc[i].from].name);
        json_key(j, "to");
        json_text(j, p->activity[p->arc[i].to].name);
        json_count(j, "count", p->arc[i].n);
        json_count(j, "cases", p->arc[i].cases);
        json_spread(j, "seconds", &p->arc[i].time);
        json_key(j, "on_map");
        json_bool(j, m->map.link[i].shown);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_key(j, "variants");
    json_open(j, '[');
    for (size_t i = 0; i < at_most(p->n_variants, m->top); i++) {
        const struct process_variant *v = &p->variant[i];
        json_open(j, '{');
        json_count(j, "cases", v->n);
        json_key(j, "share");
        buf_printf(j->out, "%.6f", (double)v->n / (double)p->n_cases);
        j->comma = true;
        json_spread(j, "seconds", &v->duration);
        json_key(j, "activities"); /* numbers, from 0, of the list above: names would make it long */
        json_open(j, '[');
        for (size_t k = 0; k < v->length; k++, room(m))
            json_int(j, p->event[v->first + k].activity);
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
    buf_char(j->out, '\n');
}

static void write_csv(struct mining *m)
{
    const struct process *p = &m->p;
    struct csv_writer w = {0};
    char text[40];

    csv_begin(&w, &m->out.buf, ',', false);
    buf_z(&m->out.buf, "from,to,count,cases,mean,median,p90,min,max\r\n");
    for (size_t i = 0; i < at_most(p->n_arcs, m->top); i++, room(m)) {
        const struct process_arc *a = &p->arc[i];
        const double figures[] = {a->time.mean, a->time.median, a->time.p90, (double)a->time.min, (double)a->time.max};
        csv_write_cell(&w, p->activity[a->from].name);
        csv_write_cell(&w, p->activity[a->to].name);
        csv_write_value(&w, v_int((int64_t)a->n));
        csv_write_value(&w, v_int((int64_t)a->cases));
        for (size_t k = 0; k < 5; k++)
            csv_write_cell(&w, text_of(seconds(figures[k], text)));
        csv_write_end(&w);
    }
}

static int most_events(const void *x, const void *y)
{
    const struct process_activity *a = *(const struct process_activity *const *)x, *b = *(const struct process_activity *const *)y;

    return a->n != b->n ? (a->n > b->n ? -1 : 1) : text_cmp(a->name, b->name);
}

static void line_of_time(struct mining *m, const char *name, double us)
{
    char text[40];
    struct text words = spell(m->arena, us);

    buf_printf(&m->out.buf, "%-24s%s s (%.*s)\n", name, seconds(us, text), TEXT_ARG(words));
}

static void rest(struct mining *m, size_t n)
{
    if (n > m->top)
        buf_printf(&m->out.buf, "  … and %zu more (--top 0 shows all)\n", n - m->top);
}

static void table_of_activities(struct mining *m)
{
    const struct process *p = &m->p;
    struct buf *out = &m->out.buf;
    const struct process_activity **order = arena_array(m->arena, (size_t)p->n_activities + 1, sizeof *order);

    for (uint32_t i = 0; i < p->n_activities; i++)
        order[i] = &p->activity[i];
    qsort(order, p->n_activities, sizeof *order, most_events);
    buf_z(out, "\nActivities\n    events     cases    starts      ends self loops  name\n");
    for (size_t i = 0; i < at_most(p->n_activities, m->top); i++, room(m))
        buf_printf(out, "%10zu%10zu%10zu%10zu%11zu  %.*s\n", order[i]->n, order[i]->cases, order[i]->starts, order[i]->ends, order[i]->loops,
                   TEXT_ARG(order[i]->name));
    rest(m, p->n_activities);
}

static void write_table(struct mining *m)
{
    enum { SHOWN = 12 };
    const struct process *p = &m->p;
    struct buf *out = &m->out.buf;
    char mean[40], median[40];

    buf_printf(out, "%-24s%zu\n%-24s%zu\n%-24s%u\n%-24s%zu\n", "cases", p->n_cases, "events", p->n_events, "activities", p->n_activities,
               "variants", p->n_variants);
    line_of_time(m, "duration: median", p->duration.median);
    line_of_time(m, "duration: mean", p->duration.mean);
    line_of_time(m, "duration: p90", p->duration.p90);
    line_of_time(m, "duration: min", (double)p->duration.min);
    line_of_time(m, "duration: max", (double)p->duration.max);
    table_of_activities(m);
    buf_z(out, "\nArcs (directly follows)\n     count     cases      median, s        mean, s  from → to\n");
    for (size_t i = 0; i < at_most(p->n_arcs, m->top); i++, room(m)) {
        const struct process_arc *a = &p->arc[i];
        struct text from = p->activity[a->from].name, to = p->activity[a->to].name;
        buf_printf(out, "%10zu%10zu%15s%15s  %.*s → %.*s\n", a->n, a->cases, seconds(a->time.median, median), seconds(a->time.mean, mean),
                   TEXT_ARG(from), TEXT_ARG(to));
    }
    rest(m, p->n_arcs);
    buf_z(out, "\nVariants\n     cases   share      median, s  activities\n");
    for (size_t i = 0; i < at_most(p->n_variants, m->top); i++, room(m)) {
        const struct process_variant *v = &p->variant[i];
        buf_printf(out, "%10zu%7.2f%%%15s  %zu:", v->n, 100.0 * (double)v->n / (double)p->n_cases, seconds(v->duration.median, median), v->length);
        for (size_t k = 0; k < at_most(v->length, SHOWN); k++) {
            struct text name = p->activity[p->event[v->first + k].activity].name;
            buf_printf(out, "%s%.*s", k ? " → " : " ", TEXT_ARG(name));
        }
        buf_z(out, v->length > SHOWN ? " → …\n" : "\n");
    }
    rest(m, p->n_variants);
}

static enum err write_all(struct mining *m)
{
    if (m->format == AS_SVG)
        return write_svg(m);
    if (m->format == AS_JSON)
        write_json(m);
    else if (m->format == AS_CSV)
        write_csv(m);
    else if (m->format == AS_DOT)
        write_dot(m);
    else
        write_table(m);
    return OK;
}

static enum err mine(struct mining *m)
{
    const char *const read[] = {m->o->word[0], NULL};
    enum err err = out_check(&m->out, m->o->out, read, m->arena, &m->fault);

    if (!err)
        err = read_log(m);
    if (err)
        return err;
    if (process_run(&m->log, m->from, m->to, &m->p))
        return fault_set(&m->fault, ERR_LIMIT, "there is not enough memory for a log of this size");
    if (!m->p.n_cases)
        return fault_set(&m->fault, ERR_NOT_FOUND, "no case of %s begins in these days", m->o->word[0]);
    make_map(m);
    err = out_open(&m->out, &m->fault);
    if (err)
        return err;
    struct fault fault = {0};
    enum err written = write_all(m);
    err = out_close(&m->out, written == OK, written ? &fault : &m->fault); /* why there is no drawing says more */
    return written ? written : err;
}

int cmd_process(const struct options *o)
{
    struct mining *m = calloc(1, sizeof *m);

    if (!m)
        return EXIT_REFUSED;
    m->o = o;
    m->arena = arena_new();
    m->joined = BUF(1 << 20);
    process_log_open(&m->log, m->arena);
    int status = take_options(m);
    if (status == EXIT_OK && mine(m))
        status = refuse(&m->fault);
    process_log_close(&m->log);
    process_close(&m->p);
    buf_free(&m->joined);
    buf_free(&m->out.buf);
    arena_free(m->arena);
    free(m);
    return status;
}
