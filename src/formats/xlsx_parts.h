/* Private to the XLSX reader: a ZIP archive from outside, its XML parts one after another, and the
 * small parts that are read whole before the sheet. */
#ifndef FORMATS_XLSX_PARTS_H
#define FORMATS_XLSX_PARTS_H
#include "base/buf.h"
#include "formats/xlsx.h"
#include <expat.h>
#include <zip.h>

struct pack {
    zip_t *zip;
    uint64_t bytes;    /* of the archive */
    uint64_t unpacked; /* of all parts read so far */
};

/* Must-close; parts do not outlive it. */
enum err pack_open(struct text bytes, struct pack *pack, struct fault *fault) MUST;
void pack_close(struct pack *pack);
bool pack_has(const struct pack *pack, const char *name);

struct part_handlers {
    void (*start)(void *user, const char *name, const char **attributes); /* name without prefix */
    void (*end)(void *user, const char *name);
    void (*text)(void *user, const char *s, size_t n);
    void *user;
};

/* One part on its way through the XML parser; stays where it is until it is closed. */
struct part {
    struct pack *pack;
    const struct part_handlers *to;
    zip_file_t *file;
    XML_Parser parser;
    uint64_t packed, unpacked;
    int depth;
    bool suspended, at_end;
    enum err err;
    const char *why; /* msgid, when err */
};

/* handlers must outlive the part. Must-close, also after an error. */
enum err part_open(struct pack *pack, const char *name, const struct part_handlers *handlers,
                   struct part *part) MUST;
void part_close(struct part *part);
/* Reads on until a handler calls part_pause, or the end; false at the end and after an error. */
bool part_step(struct part *part);
void part_pause(struct part *part);
void part_fail(struct part *part, enum err err, const char *why); /* from a handler */
/* Opens, reads to the end and closes; the reason goes to fault together with the name. */
enum err part_read(struct pack *pack, const char *name, const struct part_handlers *handlers,
                   struct fault *fault) MUST;

/* Value of an attribute by its name without prefix, null when absent. */
const char *part_attribute(const char **attributes, const char *name);

/* How a cell of a style shows its number. Numbers of documents are kept as numbers by many, with a
 * format like 00000000000 that brings the zeros in front back: `digits` is how many it shows. */
enum shown { SHOWN_NUMBER = 0, SHOWN_DATE = 1, SHOWN_TIME = 2 /* both: 3 */ };
struct style {
    uint8_t shown;
    uint8_t digits;
};

struct workbook {
    const char *sheet; /* name of the part of the first sheet that is shown */
    bool from_1904;
    struct style *styles; /* by number */
    size_t n_styles;
    struct buf strings; /* all shared strings, one after another */
    size_t *ends;       /* where each ends */
    size_t n_strings;
};

/* buf_free(&workbook->strings) is the caller's, also after an error; the rest lives in arena. */
enum err workbook_read(struct pack *pack, struct arena *arena, struct workbook *workbook,
                       struct fault *fault) MUST;
struct text workbook_string(const struct workbook *workbook, size_t i);
struct style style_by_format(const char *code);
/* "_x000D_" stands for letters that XML cannot hold; in place, the new length. */
size_t unescape_x(char *s, size_t n);

#endif
