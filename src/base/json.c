#include "base/json.h"
#include "base/date.h"
#include "base/utf8.h"

static void between(struct json *j)
{
    if (j->comma)
        buf_char(j->out, ',');
    j->comma = true;
}

void json_open(struct json *j, char c)
{
    between(j);
    buf_char(j->out, c);
    j->comma = false;
}

void json_close(struct json *j, char c)
{
    buf_char(j->out, c);
    j->comma = true;
}

static void escape(struct buf *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    switch (c) {
    case '"':
        buf_add(out, "\\\"", 2);
        break;
    case '\\':
        buf_add(out, "\\\\", 2);
        break;
    case '\n':
        buf_add(out, "\\n", 2);
        break;
    case '\r':
        buf_add(out, "\\r", 2);
        break;
    case '\t':
        buf_add(out, "\\t", 2);
        break;
    default:
        buf_add(out, "\\u00", 4);
        buf_char(out, hex[c >> 4]);
        buf_char(out, hex[c & 15]);
    }
}

static void quoted(struct buf *out, struct text t)
{
    size_t from = 0, i = 0;

    buf_char(out, '"');
    while (i < t.n) {
        unsigned char c = (unsigned char)t.s[i];
        if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
            i++;
            continue;
        }
        uint32_t cp;
        size_t len = c < 0x80 ? 0 : utf8_next(t.s + i, t.n - i, &cp);
        if (len) {
            i += len;
            continue;
        }
        buf_add(out, t.s + from, i - from);
        if (c < 0x80)
            escape(out, c);
        else
            buf_add(out, "\xEF\xBF\xBD", 3); /* a broken byte must not break the whole answer */
        from = ++i;
    }
    buf_add(out, t.s + from, i - from);
    buf_char(out, '"');
}

void json_key(struct json *j, const char *key)
{
    between(j);
    quoted(j->out, text_of(key));
    buf_char(j->out, ':');
    j->comma = false;
}

void json_text(struct json *j, struct text t)
{
    between(j);
    quoted(j->out, t);
}

void json_z(struct json *j, const char *z)
{
    if (z)
        json_text(j, text_of(z));
    else
        json_null(j);
}

void json_int(struct json *j, int64_t i)
{
    between(j);
    buf_int(j->out, i);
}

void json_bool(struct json *j, bool b)
{
    between(j);
    buf_z(j->out, b ? "true" : "false");
}

void json_null(struct json *j)
{
    between(j);
    buf_z(j->out, "null");
}

void json_raw(struct json *j, const char *z)
{
    between(j);
    buf_z(j->out, z);
}

void json_value(struct json *j, struct value v)
{
    char date[11], instant[28];

    switch (v.kind) {
    case V_INT:
        json_int(j, v.i);
        break;
    case V_TEXT:
    case V_CODE:
        json_text(j, v_as_text(v));
        break;
    case V_DATE:
        date_iso(v.i, date);
        json_z(j, date);
        break;
    case V_INSTANT:
        instant_iso(v.i, instant);
        json_z(j, instant);
        break;
    default:
        json_null(j);
    }
}
