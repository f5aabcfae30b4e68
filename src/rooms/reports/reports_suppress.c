/* Protection of small numbers. A table hides what two kinds of reckoning could find: by equations
 * (a hidden cell that lies on no circle of hidden cells is the only unknown of some sum of lines),
 * and by limits (two numbers below five that make eight are four and four). */
#include "rooms/reports/reports_rules.h"
#include <stdlib.h>

enum { LINES_MAX = 64, MANY = 1 << 30 };

struct net {
    struct figure *cells;
    size_t rows, cols;
    int64_t small;
    int64_t *low, *high; /* what is known of each cell */
};

static struct figure *at(const struct net *t, size_t r, size_t c)
{
    return &t->cells[r * t->cols + c];
}

static bool hidden(const struct net *t, size_t r, size_t c)
{
    return at(t, r, c)->state != FIGURE_SHOWN;
}

/* Rows and columns are places, hidden cells are roads between them: is there another way from row r
 * to column c? */
static bool on_circle(const struct net *t, size_t r, size_t c)
{
    bool row[LINES_MAX] = {false}, col[LINES_MAX] = {false};
    row[r] = true;
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < t->rows; i++)
            for (size_t k = 0; k < t->cols; k++) {
                if (!hidden(t, i, k) || (i == r && k == c) || row[i] == col[k])
                    continue;
                row[i] = col[k] = more = true;
            }
    }
    return col[c];
}

static void narrow(int64_t *low, int64_t *high, int64_t l, int64_t h)
{
    if (l > *low)
        *low = l;
    if (h < *high)
        *high = h;
}

/* One line: cells first, first + step, … n of them, the last is the total. */
static void narrow_line(const struct net *t, size_t first, size_t step, size_t n)
{
    int64_t low = 0, high = 0;
    size_t total = first + (n - 1) * step;
    for (size_t i = 0; i + 1 < n; i++) {
        low += t->low[first + i * step];
        high += t->high[first + i * step];
    }
    narrow(&t->low[total], &t->high[total], low, high);
    for (size_t i = 0; i + 1 < n; i++) {
        size_t k = first + i * step;
        narrow(&t->low[k], &t->high[k], t->low[total] - (high - t->high[k]),
               t->high[total] - (low - t->low[k]));
    }
}

static bool adds_up(const struct net *t, size_t c)
{
    int64_t sum = 0;
    for (size_t r = 0; r + 1 < t->rows; r++)
        sum += at(t, r, c)->n;
    return sum == at(t, t->rows - 1, c)->n;
}

static void find_limits(const struct net *t)
{
    bool zero = false;
    size_t n = t->rows * t->cols;
    for (size_t i = 0; i < n; i++)
        zero = zero || (t->cells[i].state == FIGURE_OFF && t->cells[i].n == 0);
    for (size_t i = 0; i < n; i++) {
        const struct figure *f = &t->cells[i];
        bool few = f->state == FIGURE_FEW, off = f->state == FIGURE_OFF;
        t->low[i] = few ? 1 : off ? (zero ? 0 : t->small) : f->n;
        t->high[i] = few ? t->small - 1 : off ? MANY : f->n;
    }
    for (int pass = 0; pass < 20; pass++) {
        for (size_t r = 0; r < t->rows; r++)
            narrow_line(t, r * t->cols, 1, t->cols);
        for (size_t c = 0; c < t->cols; c++)
            if (adds_up(t, c))
                narrow_line(t, c, t->cols, t->rows);
    }
}

/* A hidden cell whose number can be found. */
static bool exposed(const struct net *t, size_t *row, size_t *col, bool *by_limits)
{
    find_limits(t);
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->cols; c++) {
            if (!hidden(t, r, c))
                continue;
            *by_limits = t->low[r * t->cols + c] >= t->high[r * t->cols + c];
            if (*by_limits || !on_circle(t, r, c)) {
                *row = r;
                *col = c;
                return true;
            }
        }
    return false;
}

/* What is lost by hiding the cell; a nought protects little and totals are missed most. */
static int64_t cost(const struct net *t, size_t r, size_t c)
{
    int64_t n = at(t, r, c)->n;
    if (hidden(t, r, c))
        return 0;
    return (n ? n : MANY) + (r + 1 == t->rows || c + 1 == t->cols ? MANY / 1024 : 0) + 1;
}

/* Hides the cheapest circle through the cell that hides something new. Against limits it has to be
 * new in the cell's own row or column. */
static bool close_circle(const struct net *t, size_t r, size_t c, bool own_line)
{
    int64_t best = INT64_MAX;
    size_t br = 0, bc = 0;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t k = 0; k < t->cols; k++) {
            if (i == r || k == c)
                continue;
            int64_t here = cost(t, r, k) + cost(t, i, c), all = here + cost(t, i, k);
            if ((own_line ? here : all) == 0 || all >= best)
                continue;
            best = all;
            br = i;
            bc = k;
        }
    if (best == INT64_MAX)
        return false;
    const size_t three[][2] = {{r, bc}, {br, c}, {br, bc}};
    for (size_t i = 0; i < 3; i++)
        if (!hidden(t, three[i][0], three[i][1]))
            at(t, three[i][0], three[i][1])->state = FIGURE_OFF;
    return true;
}

void suppress(struct figure *cells, size_t rows, size_t cols, int64_t small)
{
    struct net t = {.cells = cells, .rows = rows, .cols = cols, .small = small};
    size_t r, c;
    bool by_limits;
    if (small <= 1 || !rows || !cols)
        return;
    for (size_t i = 0; i < rows * cols; i++)
        cells[i].state = cells[i].n > 0 && cells[i].n < small ? FIGURE_FEW : FIGURE_SHOWN;
    if (rows > LINES_MAX ||
        cols > LINES_MAX) /* too large to be reckoned through: only noughts are shown */
        for (size_t i = 0; i < rows * cols; i++)
            cells[i].state =
                cells[i].n && cells[i].state == FIGURE_SHOWN ? FIGURE_OFF : cells[i].state;
    if (rows > LINES_MAX || cols > LINES_MAX)
        return;
    t.low = calloc(2 * rows * cols, sizeof *t.low);
    if (!t.low)
        abort();
    t.high = t.low + rows * cols;
    while (exposed(&t, &r, &c, &by_limits))
        if (!close_circle(&t, r, c, by_limits) && !close_circle(&t, r, c, false))
            break; /* everything is hidden */
    free(t.low);
}
