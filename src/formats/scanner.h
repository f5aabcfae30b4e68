/* A virus scanner beside the program: clamd, or what speaks as it does, at a Unix socket of this machine. A file is handed over whole by the
 * command INSTREAM of clamd(8): "zINSTREAM", pieces each behind its length in four bytes (big-endian), a length of 0; the answer is "stream: OK",
 * "stream: NAME FOUND", or words that end in ERROR. The scanner looks into strange bytes with the rights of its own user, never in this process. */
#ifndef FORMATS_SCANNER_H
#define FORMATS_SCANNER_H
#include "base/text.h"
#include <stdbool.h>

enum { SCANNER_SECONDS = 20, SCANNER_SAYS = 100 };
enum scan_end {
    SCAN_CLEAN,
    SCAN_FOUND,
    SCAN_FAILED /* it does not answer in its term, or otherwise than it should */
};

/* "unix:PATH". silent: "refuse" or "pass", what becomes of a file that nobody has looked at; null: refuse. Null, or what is wrong (English, for
 * the command line). Before threads begin. */
const char *scanner_use(const char *where, const char *silent);
bool scanner_there(void);  /* has one been named? */
bool scanner_passes(void); /* files go on when it is silent */
/* `says`: the name of what was found, or why it failed; printable ASCII. At most SCANNER_SECONDS (BEREG_SCANNER_MS, for tests). Threads: any. */
enum scan_end scanner_look(struct text bytes, char says[SCANNER_SAYS]);
bool scanner_answers(void); /* for the doctor */

#endif
