/* The log of the process: one JSON line per entry on stderr, never personal data. */
#ifndef BASE_LOG_H
#define BASE_LOG_H
#include "base/err.h"
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level);
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
/* The request that this thread works on: its lines say so. Null: none any more. The text is copied. */
void log_in_request(const char *id);
/* A request that was answered. route: its pattern, never the path; account: the number of who asked, never a name, 0: not known; refused: what
 * it was refused for beside its status, null: nothing. */
struct log_answered {
    const char *id, *method, *route, *refused;
    int status;
    int64_t account, us;
};
void log_answer(enum log_level level, const struct log_answered *a);
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)

#endif
