#include "base/err.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *err_name(enum err err)
{
    switch (err) {
    case OK:
        return "ok";
    case ERR_INPUT:
        return "input";
    case ERR_NOT_FOUND:
        return "not_found";
    case ERR_FORBIDDEN:
        return "forbidden";
    case ERR_STALE:
        return "stale";
    case ERR_CONFLICT:
        return "conflict";
    case ERR_REFUSED:
        return "refused";
    case ERR_BUSY:
        return "busy";
    case ERR_LIMIT:
        return "limit";
    case ERR_SYNTAX:
        return "syntax";
    case ERR_IO:
        return "io";
    case ERR_FULL:
        return "full";
    case ERR_STORE:
        return "store";
    case ERR_INTERNAL:
        return "internal";
    }
    return "unknown";
}

/* A text cut by the size of the field must not end in the middle of a letter. */
static void drop_half_letter(char *text)
{
    size_t n = strlen(text), i = n;

    while (i > 0 && n - i < 3 && ((unsigned char)text[i - 1] & 0xC0) == 0x80)
        i--;
    if (i == 0)
        return;
    unsigned char lead = (unsigned char)text[i - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (need > n - i + 1)
        text[i - 1] = '\0';
}

enum err fault_set(struct fault *fault, enum err err, const char *fmt, ...)
{
    va_list args;

    if (!fault)
        return err;
    /* The arguments may point into the fault itself (a cause wrapped in a reason). */
    char text[sizeof fault->text];
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0)
        text[0] = '\0';
    if (n >= (int)sizeof text)
        drop_half_letter(text);
    fault->err = err;
    memcpy(fault->text, text, sizeof text);
    return err;
}
