#include "formats/bars.h"
#include "base/buf.h"
#include <math.h>

enum { LABEL_W = 190, SIDE_W = 210, ROW_H = 26, BAR_H = 16, VALUE_W = 56, SVG_MAX = 100000 };

static void escaped(struct buf *out, struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        switch (t.s[i]) {
        case '&': buf_z(out, "&amp;"); break;
        case '<': buf_z(out, "&lt;"); break;
        case '>': buf_z(out, "&gt;"); break;
        case '"': buf_z(out, "&quot;"); break;
        default: buf_char(out, t.s[i]);
        }
}

static void one(struct buf *out, const struct bar *b, size_t row, double scale)
{
    int y = (int)row * ROW_H + (ROW_H - BAR_H) / 2, middle = LABEL_W + VALUE_W + SIDE_W;
    int w = (int)lround(fabs(b->length) * scale);
    bool pro = b->length >= 0;
    int x = pro ? middle : middle - w, text_y = y + BAR_H - 4;
    buf_printf(out, "<text class=\"b-bars__label\" x=\"0\" y=\"%d\">", text_y);
    escaped(out, b->label);
    buf_printf(out, "</text><rect class=\"b-bars__%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"></rect>",
               pro ? "for" : "against", x, y, w < 1 ? 1 : w, BAR_H);
    buf_printf(out, "<text class=\"b-bars__value\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">",
               pro ? middle + w + 6 : middle - w - 6, text_y, pro ? "start" : "end");
    escaped(out, b->value);
    buf_z(out, "</text>");
}

struct text bars_svg(struct arena *arena, struct text title, const struct bar *bars, size_t n)
{
    struct buf out = BUF(SVG_MAX);
    double longest = 1;
    int width = LABEL_W + 2 * (VALUE_W + SIDE_W), height = (int)n * ROW_H;
    int middle = LABEL_W + VALUE_W + SIDE_W;
    for (size_t i = 0; i < n; i++)
        longest = fmax(longest, fabs(bars[i].length));
    buf_printf(&out, "<svg class=\"b-bars\" role=\"img\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\"><title>",
               width, height, width, height);
    escaped(&out, title);
    buf_printf(&out, "</title><line class=\"b-bars__axis\" x1=\"%d\" y1=\"0\" x2=\"%d\" y2=\"%d\"></line>",
               middle, middle, height);
    for (size_t i = 0; i < n; i++)
        one(&out, &bars[i], i, SIDE_W / longest);
    buf_z(&out, "</svg>");
    struct text svg = out.failed ? T("") : arena_text(arena, buf_get(&out));
    buf_free(&out);
    return svg;
}
