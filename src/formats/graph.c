#include "formats/graph.h"
#include "base/buf.h"
#include "base/log.h"
#include "formats/job_child.h"
#include "formats/lock.h"
#include <graphviz/gvc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    NODE_WIDTH = 190, /* points, as CSS pixels here */
    LINE_HEIGHT = 17,
    LINE_LETTERS = 22,
    LINES_MAX = 5,
    LETTER = 8, /* width of a letter of a label, about */
    LABEL_HEIGHT = 16,
    MARGIN = 6,
    COORDINATE_MAX = 100000,
    ANSWER_MAX = 1 << 20,
    POINTS_MAX = 400,
    SECONDS = 5
};

/* ---- lines of a node's text ---- */

struct lines {
    int n, titles; /* of the title */
    struct text v[LINES_MAX];
};

static struct text letters(struct text t, size_t n)
{
    size_t at = 0;
    while (at < t.n && n) {
        at++;
        while (at < t.n && ((unsigned char)t.s[at] & 0xC0) == 0x80)
            at++;
        n--;
    }
    return (struct text){t.s, at};
}

static void wrap(struct text t, struct lines *out)
{
    t = text_trim(t);
    while (t.n && out->n < LINES_MAX) {
        struct text line = letters(t, LINE_LETTERS);
        if (line.n < t.n && t.s[line.n] != ' ') {
            size_t blank = line.n;
            while (blank && t.s[blank - 1] != ' ')
                blank--;
            line.n = blank ? blank : line.n;
        }
        out->v[out->n++] = text_trim(line);
        t = text_trim((struct text){t.s + line.n, t.n - line.n});
    }
}

static struct lines lines_of(const struct graph_node *n)
{
    struct lines l = {0};
    wrap(n->title, &l);
    l.titles = l.n;
    wrap(n->sub, &l);
    return l;
}

static int height_of(const struct graph_node *n)
{
    return lines_of(n).n * LINE_HEIGHT + 14;
}

/* ---- the answer: "g W H", "n X Y", "e N X Y …", "l X Y" (place of the label), in the order given */

struct reader {
    struct text rest;
    bool wrong;
};

static int number(struct reader *r)
{
    struct text word;
    int64_t n = 0;
    if (!text_split(&r->rest, ' ', &word) || text_int(word, -COORDINATE_MAX, COORDINATE_MAX, &n))
        r->wrong = true;
    return (int)n;
}

static bool word(struct reader *r, const char *want)
{
    struct text w;
    bool good = text_split(&r->rest, ' ', &w) && text_is(w, want);
    r->wrong = r->wrong || !good;
    return good;
}

static void escaped(struct buf *out, struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        switch (t.s[i]) {
        case '&':
            buf_z(out, "&amp;");
            break;
        case '<':
            buf_z(out, "&lt;");
            break;
        case '>':
            buf_z(out, "&gt;");
            break;
        case '"':
            buf_z(out, "&quot;");
            break;
        default:
            buf_char(out, t.s[i]);
        }
}

/* The tag is left open, for what names the link. */
static void link_begin(struct buf *out, struct text href)
{
    if (!href.n)
        return;
    buf_z(out, "<a class=\"b-graph__link\" href=\"");
    escaped(out, href);
}

static void draw_node(struct buf *out, const struct graph_node *n, int x, int y)
{
    static const char *const looks[] = {"plain", "end", "now", "done", "wrong"};
    struct lines l = lines_of(n);
    int h = height_of(n);
    link_begin(out, n->href);
    buf_z(out, n->href.n ? "\">" : "");
    buf_printf(out,
               "<g class=\"b-graph__node b-graph__node--%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" "
               "height=\"%d\" rx=\"%d\"></rect>",
               looks[n->look], x - NODE_WIDTH / 2, y - h / 2, NODE_WIDTH, h,
               n->look == GRAPH_END ? h / 2 : 4);
    for (int i = 0; i < l.n; i++) {
        buf_printf(out, "<text class=\"b-graph__%s\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">",
                   i < l.titles ? "title" : "sub", x, y - h / 2 + 19 + i * LINE_HEIGHT);
        escaped(out, l.v[i]);
        buf_z(out, "</text>");
    }
    buf_z(out, n->href.n ? "</g></a>" : "</g>");
}

/* A spline of graphviz and a small triangle at its end; `line` gets the spline. */
static void draw_edge(struct buf *out, struct reader *r, const struct graph_edge *e, struct buf *line)
{
    int n = number(r), x = 0, y = 0, bx = 0, by = 0;
    if (n < 0 || n > POINTS_MAX) {
        r->wrong = true;
        return;
    }
    for (int i = 0; i < n && !r->wrong; i++) {
        bx = x, by = y;
        x = number(r), y = number(r);
        buf_printf(line, "%s%d %d", i == 0 ? "M" : i == 1 ? "C" : " ", x, y);
    }
    buf_printf(out, "<path class=\"b-graph__edge%s", e->dashed ? " b-graph__edge--dashed" : "");
    if (e->weight)
        buf_printf(out, " b-graph__edge--w%d", e->weight);
    buf_z(out, "\" d=\"");
    buf_text(out, buf_get(line));
    buf_z(out, "\"></path>");
    double dx = x - bx, dy = y - by, d = dx * dx + dy * dy, k = 1;
    while (k * k < d)
        k += 1;
    if (n > 1)
        buf_printf(out, "<path class=\"b-graph__head\" d=\"M%d %dL%d %dL%d %dZ\"></path>", x, y,
                   (int)(x - 9 * dx / k - 4 * dy / k), (int)(y - 9 * dy / k + 4 * dx / k),
                   (int)(x - 9 * dx / k + 4 * dy / k), (int)(y - 9 * dy / k - 4 * dx / k));
}

/* Letters of its longest line, and how many lines. */
static int label_size(struct text label, int *lines)
{
    struct text line;
    size_t most = 0;
    *lines = 0;
    while (text_split(&label, '\n', &line)) {
        most = text_chars(line) > most ? text_chars(line) : most;
        (*lines)++;
    }
    return (int)most;
}

static void draw_label(struct buf *out, struct reader *r, const struct graph_edge *e)
{
    word(r, "l");
    int x = number(r), y = number(r);
    struct text rest = e->label, line;
    int lines;
    (void)label_size(e->label, &lines);
    y += 12 - lines * LABEL_HEIGHT / 2;
    for (; text_split(&rest, '\n', &line); y += LABEL_HEIGHT) {
        buf_printf(out, "<text class=\"b-graph__label\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">", x, y);
        escaped(out, line);
        buf_z(out, "</text>");
    }
}

/* What can be pressed of an edge: its label, and a broad line that is not seen. */
static void edge_link(struct buf *out, struct reader *r, const struct graph *g, const struct graph_edge *e, struct text line)
{
    link_begin(out, e->href);
    if (e->href.n) {
        struct text rest = e->label, part;
        buf_z(out, "\" aria-label=\"");
        escaped(out, g->nodes[e->from].title);
        buf_z(out, " → ");
        escaped(out, g->nodes[e->to].title);
        for (const char *before = ": "; text_split(&rest, '\n', &part); before = ", ") {
            buf_z(out, before);
            escaped(out, part);
        }
        buf_z(out, "\"><path class=\"b-graph__hit\" d=\"");
        buf_text(out, line);
        buf_z(out, "\"></path>");
    }
    if (e->label.n)
        draw_label(out, r, e);
    buf_z(out, e->href.n ? "</a>" : "");
}

/* assets/scss/_case.scss in short, for a drawing that has no page around it. */
static const char looks[] =
    "<style>.b-graph{font:13px sans-serif;background:#fff}.b-graph__node rect{fill:#fff;stroke:#505a5f}.b-graph__node--end rect{fill:#f3f2f1}"
    ".b-graph__title{font-weight:600;fill:#0b0c0c}.b-graph__sub{fill:#505a5f}.b-graph__edge{fill:none;stroke:#505a5f}"
    ".b-graph__edge--dashed{stroke-dasharray:5 4}.b-graph__edge--w2{stroke-width:2}.b-graph__edge--w3{stroke-width:3}"
    ".b-graph__edge--w4{stroke-width:4.5}.b-graph__edge--w5{stroke-width:6}.b-graph__edge--w6{stroke-width:8}.b-graph__head{fill:#505a5f}"
    ".b-graph__label{fill:#0b0c0c;paint-order:stroke;stroke:#fff;stroke-width:4px}</style>";

static enum err draw(const struct graph *g, struct text title, struct text answer, struct buf *out)
{
    struct reader r = {answer, false};
    word(&r, "g");
    int w = number(&r), h = number(&r);
    if (w < 1 || h < 1)
        return ERR_SYNTAX;
    bool links = false;
    for (int i = 0; i < g->n_nodes; i++)
        links = links || g->nodes[i].href.n;
    for (int i = 0; i < g->n_edges; i++)
        links = links || g->edges[i].href.n;
    buf_printf(out, "<svg%s class=\"b-graph\" role=\"%s\" viewBox=\"%d %d %d %d\" width=\"%d\" height=\"%d\"><title>",
               g->alone ? " xmlns=\"http://www.w3.org/2000/svg\"" : "", links ? "group" : "img", -MARGIN, -MARGIN, w + 2 * MARGIN, h + 2 * MARGIN, w + 2 * MARGIN, h + 2 * MARGIN);
    escaped(out, title);
    buf_z(out, "</title>");
    if (g->alone)
        buf_z(out, looks);
    struct buf nodes = BUF(ANSWER_MAX);
    for (int i = 0; i < g->n_nodes && !r.wrong; i++) {
        word(&r, "n");
        int x = number(&r), y = number(&r);
        draw_node(&nodes, &g->nodes[i], x, y);
    }
    for (int i = 0; i < g->n_edges && !r.wrong; i++) {
        word(&r, "e");
        struct buf line = BUF(POINTS_MAX * 16);
        draw_edge(out, &r, &g->edges[i], &line);
        edge_link(&nodes, &r, g, &g->edges[i], buf_get(&line));
        buf_free(&line);
    }
    buf_text(out, buf_get(&nodes));
    buf_z(out, "</svg>");
    bool good = !r.wrong && !nodes.failed && !out->failed;
    buf_free(&nodes);
    return good ? OK : ERR_SYNTAX;
}

enum err graph_svg(const char *self_exe, const struct graph *g, struct text title, int seconds,
                   struct arena *arena, struct text *svg, struct fault *fault)
{
    struct buf ask = BUF(1 << 16), out = BUF(ANSWER_MAX);
    struct text answer;
    buf_printf(&ask, "%d %d", g->n_nodes, g->n_edges);
    for (int i = 0; i < g->n_nodes; i++)
        buf_printf(&ask, " %d", height_of(&g->nodes[i]));
    for (int i = 0; i < g->n_edges; i++) {
        int lines, width = label_size(g->edges[i].label, &lines) * LETTER;
        width += width ? 3 * g->edges[i].weight : 0; /* the words stand beside a thick line */
        buf_printf(&ask, " %d %d %d %d %d", g->edges[i].from, g->edges[i].to, width,
                   lines * LABEL_HEIGHT, g->edges[i].weight);
    }
    enum err err = buf_end(&ask);
    if (!err)
        err = job_run(self_exe, "graph", buf_get(&ask), seconds, ANSWER_MAX, arena, &answer, fault);
    if (!err) {
        err = draw(g, title, answer, &out);
        if (err)
            (void)fault_set(fault, err, "job graph gave no drawing");
        else
            *svg = arena_text(arena, buf_get(&out));
    }
    buf_free(&ask);
    buf_free(&out);
    return err;
}

/* ---- the child ---- */

static int flip(double y, double height)
{
    return (int)(height - y + 0.5);
}

static Agraph_t *build(struct reader *r, Agnode_t **nodes, Agedge_t **edges, int *n, int *m)
{
    Agraph_t *g = agopen((char *)"g", Agdirected, NULL);
    char empty[] = "", size[40];
    *n = number(r), *m = number(r);
    if (r->wrong || *n < 1 || *n > GRAPH_NODES_MAX || *m < 0 || *m > GRAPH_EDGES_MAX)
        return NULL;
    agattr(g, AGRAPH, (char *)"rankdir", (char *)"TB");
    agattr(g, AGRAPH, (char *)"nodesep", (char *)"0.35");
    agattr(g, AGRAPH, (char *)"ranksep", (char *)"0.55");
    agattr(g, AGRAPH, (char *)"pad", (char *)"0");
    agattr(g, AGNODE, (char *)"shape", (char *)"box");
    agattr(g, AGNODE, (char *)"label", empty);
    agattr(g, AGNODE, (char *)"fixedsize", (char *)"true");
    agattr(g, AGNODE, (char *)"width", (char *)"2.64");
    agattr(g, AGNODE, (char *)"height", (char *)"0.5");
    agattr(g, AGEDGE, (char *)"label", empty);
    agattr(g, AGEDGE, (char *)"weight", (char *)"1");
    agattr(g, AGEDGE, (char *)"arrowhead", (char *)"none");
    for (int i = 0; i < *n; i++) {
        nodes[i] = agnode(g, NULL, TRUE);
        (void)snprintf(size, sizeof size, "%.3f", number(r) / 72.0);
        agset(nodes[i], (char *)"height", size);
    }
    for (int i = 0; i < *m && !r->wrong; i++) {
        int from = number(r), to = number(r), width = number(r), height = number(r), weight = number(r);
        if (r->wrong || weight < 0 || weight > GRAPH_WEIGHT_MAX || from < 0 || to < 0 || from >= *n || to >= *n)
            return NULL;
        edges[i] = agedge(g, nodes[from], nodes[to], NULL, TRUE);
        (void)snprintf(size, sizeof size, "%d", weight ? weight * weight : 1);
        agset(edges[i], (char *)"weight", size);
        if (width > 0) { /* a table of that size stands for the words */
            char html[120];
            (void)snprintf(html, sizeof html,
                           "<table border=\"0\" cellborder=\"0\" fixedsize=\"true\" width=\"%d\" "
                           "height=\"%d\"><tr><td></td></tr></table>",
                           width, height);
            agset(edges[i], (char *)"label", agstrdup_html(g, html));
        }
    }
    return r->wrong ? NULL : g;
}

static void tell(struct buf *out, Agraph_t *g, Agnode_t **nodes, Agedge_t **edges, int n, int m)
{
    double h = GD_bb(g).UR.y, w = GD_bb(g).UR.x;
    buf_printf(out, "g %d %d", (int)w + 1, (int)h + 1);
    for (int i = 0; i < n; i++)
        buf_printf(out, " n %d %d", (int)(ND_coord(nodes[i]).x + 0.5), flip(ND_coord(nodes[i]).y, h));
    for (int i = 0; i < m; i++) {
        const splines *s = ED_spl(edges[i]);
        const bezier *b = s && s->size ? &s->list[0] : NULL;
        size_t k = b ? (size_t)b->size : 0;
        buf_printf(out, " e %zu", k);
        for (size_t p = 0; p < k; p++)
            buf_printf(out, " %d %d", (int)(b->list[p].x + 0.5), flip(b->list[p].y, h));
        if (ED_label(edges[i]))
            buf_printf(out, " l %d %d", (int)(ED_label(edges[i])->pos.x + 0.5),
                       flip(ED_label(edges[i])->pos.y, h));
    }
}

static enum err lay_out(GVC_t *gvc, struct text asked, struct buf *out)
{
    static Agnode_t *nodes[GRAPH_NODES_MAX];
    static Agedge_t *edges[GRAPH_EDGES_MAX];
    struct reader r = {asked, false};
    int n, m;
    Agraph_t *g = build(&r, nodes, edges, &n, &m);
    if (!g || gvLayout(gvc, g, "dot") != 0)
        return ERR_SYNTAX;
    tell(out, g, nodes, edges, n, m);
    return buf_end(out);
}

int graph_job_main(void)
{
    struct buf in = BUF(1 << 16), out = BUF(ANSWER_MAX), warm = BUF(1000);
    GVC_t *gvc = gvContext();
    /* The library opens its parts when they are first used: before the door is shut. */
    enum err err = gvc ? lay_out(gvc, T("2 1 40 40 0 1 50 16 0"), &warm) : ERR_IO;
    lock_in(job_seconds(SECONDS), (size_t)1 << 29);
    if (!err)
        err = job_read(STDIN_FILENO, &in);
    if (!err)
        err = lay_out(gvc, buf_get(&in), &out);
    if (!err)
        err = job_write(STDOUT_FILENO, buf_get(&out));
    if (err)
        log_error("job graph: %s", err_name(err));
    _exit(err ? 1 : 0); /* handlers of exit() may want what the lock forbids */
}
