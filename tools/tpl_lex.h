/* Reading of template files: pieces of HTML, {{ values }} and {% statements %}; words of a
 * statement. Shared by the template compiler and the catalogue compiler. A mistake ends the
 * program. */
#ifndef TOOLS_TPL_LEX_H
#define TOOLS_TPL_LEX_H
#include "base/arena.h"

/* Prints "path:line: message" and ends with status 1. */
_Noreturn void die_at(const char *path, int line, const char *fmt, ...) PRINTF(3, 4);
/* The whole file, NUL-terminated, in the arena. */
struct text read_whole(struct arena *arena, const char *path);

struct source {
    const char *path;
    struct text t;
    size_t pos;
    int line;
};

enum token_kind { TOKEN_END, TOKEN_HTML, TOKEN_VALUE, TOKEN_STATEMENT };
struct token {
    enum token_kind kind;
    int line;
    struct text t; /* without the braces */
};
void token_next(struct source *src, struct token *token);

enum word_kind { WORD_END, WORD_NAME, WORD_STRING, WORD_MARK };
struct word {
    enum word_kind kind;
    struct text t; /* of a string: without quotes and escapes; of a mark: "=", "==", ":", "(", ")",
                      "[]", "," */
    int line;
};
enum { WORDS_MAX = 64 };
/* Splits a statement; the last word is WORD_END. */
void words_split(struct arena *arena, const char *path, const struct token *token,
                 struct word words[WORDS_MAX]);

/* Undoes the escapes of a C string, also those of a catalogue: \" \\ \n \t. The text between the
 * quotes. */
struct text string_unescape(struct arena *arena, struct text t);

#endif
