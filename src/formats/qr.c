#include "formats/qr.h"
#include "base/buf.h"
#include <qrencode.h>

enum { LONGEST = 300, QUIET = 4, SVG_MAX = 256 << 10 };

enum err qr_make(struct arena *arena, struct text words, struct qr *out)
{
    *out = (struct qr){0};
    if (!words.n || words.n > LONGEST)
        return ERR_LIMIT;
    QRcode *code =
        QRcode_encodeData((int)words.n, (const unsigned char *)words.s, 0, QR_ECLEVEL_M);
    if (!code)
        return ERR_LIMIT;
    size_t n = (size_t)code->width * (size_t)code->width;
    unsigned char *dark = arena_alloc(arena, n);
    for (size_t i = 0; i < n; i++)
        dark[i] = code->data[i] & 1;
    *out = (struct qr){code->width, dark};
    QRcode_free(code);
    return OK;
}

struct text qr_svg(struct arena *arena, const struct qr *qr)
{
    int side = qr->width + 2 * QUIET;
    struct buf b = BUF(SVG_MAX);
    buf_printf(&b,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
               "shape-rendering=\"crispEdges\" focusable=\"false\" aria-hidden=\"true\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path "
               "fill=\"#000\" d=\"",
               side, side, side * 4, side * 4, side, side);
    for (int y = 0; y < qr->width; y++)
        for (int x = 0; x < qr->width;) {
            int n = 0;
            while (x + n < qr->width && qr->dark[y * qr->width + x + n])
                n++;
            if (n)
                buf_printf(&b, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, n, n);
            x += n + !n;
        }
    buf_z(&b, "\"/></svg>");
    struct text t = buf_end(&b) ? T("") : arena_text(arena, buf_get(&b));
    buf_free(&b);
    return t;
}
