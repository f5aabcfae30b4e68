/* A streaming JSON writer on a buffer: commas and escaping are its work. */
#ifndef BASE_JSON_H
#define BASE_JSON_H
#include "base/buf.h"
#include "base/value.h"

struct json {
    struct buf *out;
    bool comma;
};

void json_open(struct json *j, char c);  /* '{' or '[' */
void json_close(struct json *j, char c); /* '}' or ']' */
void json_key(struct json *j, const char *key);
void json_text(struct json *j, struct text t);
void json_z(struct json *j, const char *z); /* null becomes null */
void json_int(struct json *j, int64_t i);
void json_bool(struct json *j, bool b);
void json_null(struct json *j);
void json_raw(struct json *j, const char *z); /* a number in other form, as it is */
void json_value(struct json *j, struct value v); /* dates ISO, instants ISO UTC, codes as text, none null */

#endif
