#include "formats/xlsx_parts.h"
#include "base/i18n.h"
#include "formats/csv.h"
#include <string.h>

enum {
    ENTRIES_MAX = 5000,
    CHUNK = 64 * 1024,
    TOKEN_MAX = 4 * 1024 * 1024, /* one tag or one run of text; expat would look at it many times */
    DEPTH_MAX = 64,
    RATIO_MAX = 300,
    RATIO_FROM = 8 * 1024 * 1024, /* small parts may be packed as tightly as they like */
};

static const char damaged[] = N_("The workbook is damaged: its contents cannot be unpacked");
static const char not_xml[] = N_("The workbook is damaged: its contents are not well-formed XML");
static const char locked[] = N_("The workbook is locked with a password");
static const char missing[] = N_("The workbook is damaged: a part of it is missing");
static const char bomb[] = N_("The workbook is packed suspiciously tightly and is not read");
static const char too_large[] = N_("The workbook is larger than 200 MB when unpacked");
static const char entities[] = N_("The workbook declares XML entities and is not read");
static const char too_deep[] = N_("The workbook is damaged: its elements are nested too deeply");
static const char token[] = N_("The workbook is damaged: an element in it is too large");
static const char no_memory[] = N_("There is not enough memory to read the workbook");

/* --- the archive --- */

enum err pack_open(struct text bytes, struct pack *pack, struct fault *fault)
{
    zip_error_t error;
    zip_t *zip = NULL;

    if (bytes.n > SHEET_BYTES_MAX)
        return fault_set(fault, ERR_LIMIT, "the file is larger than %d MB", SHEET_BYTES_MAX >> 20);
    if (!text_starts(bytes, "PK\3\4")) {
        const char *what = csv_foreign(bytes);
        return fault_set(fault, ERR_SYNTAX, "this is %s, not an XLSX workbook",
                         what ? what : "something else");
    }
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes.s, bytes.n, 0, &error);
    if (source)
        zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (!zip) {
        enum err err =
            fault_set(fault, ERR_SYNTAX, "the file is not a whole XLSX workbook or ZIP archive: %s",
                      zip_error_strerror(&error));
        zip_source_free(source);
        zip_error_fini(&error);
        return err;
    }
    zip_error_fini(&error);
    if (zip_get_num_entries(zip, 0) > ENTRIES_MAX) {
        zip_discard(zip);
        return fault_set(fault, ERR_LIMIT, "the archive has more than %d entries", ENTRIES_MAX);
    }
    *pack = (struct pack){.zip = zip, .bytes = bytes.n};
    return OK;
}

void pack_close(struct pack *pack)
{
    if (pack->zip)
        zip_discard(pack->zip);
    pack->zip = NULL;
}

bool pack_has(const struct pack *pack, const char *name)
{
    return zip_name_locate(pack->zip, name, ZIP_FL_NOCASE) >= 0;
}

/* --- a part --- */

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

const char *part_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2)
        if (strcmp(local(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

static void on_start(void *data, const char *name, const char **attributes)
{
    struct part *part = data;

    if (part->err)
        return;
    if (++part->depth > DEPTH_MAX)
        part_fail(part, ERR_LIMIT, too_deep);
    else
        part->to->start(part->to->user, local(name), attributes);
}

static void on_end(void *data, const char *name)
{
    struct part *part = data;

    if (part->err)
        return;
    part->depth--;
    if (part->to->end)
        part->to->end(part->to->user, local(name));
}

static void on_text(void *data, const char *s, int n)
{
    struct part *part = data;

    if (!part->err)
        part->to->text(part->to->user, s, (size_t)n);
}

/* Workbooks have no use for a DTD; attackers have. */
static void on_doctype(void *data, const char *name, const char *system, const char *public,
                       int own)
{
    (void)name, (void)system, (void)public, (void)own;
    part_fail(data, ERR_SYNTAX, entities);
}

void part_fail(struct part *part, enum err err, const char *why)
{
    if (part->err)
        return;
    part->err = err;
    part->why = why;
    if (part->parser)
        XML_StopParser(part->parser, XML_FALSE);
}

void part_pause(struct part *part)
{
    if (!part->err)
        XML_StopParser(part->parser, XML_TRUE);
}

enum err part_open(struct pack *pack, const char *name, const struct part_handlers *handlers,
                   struct part *part)
{
    zip_int64_t index = zip_name_locate(pack->zip, name, ZIP_FL_NOCASE);
    zip_stat_t stat;

    *part = (struct part){.pack = pack, .to = handlers};
    if (index < 0) {
        part_fail(part, ERR_SYNTAX, missing);
        return part->err;
    }
    if (zip_stat_index(pack->zip, (zip_uint64_t)index, 0, &stat) == 0 &&
        stat.valid & ZIP_STAT_COMP_SIZE)
        part->packed = stat.comp_size < pack->bytes ? stat.comp_size : pack->bytes;
    part->file = zip_fopen_index(pack->zip, (zip_uint64_t)index, 0);
    if (!part->file) {
        int code = zip_error_code_zip(zip_get_error(pack->zip));
        bool password = code == ZIP_ER_NOPASSWD || code == ZIP_ER_WRONGPASSWD;
        part_fail(part, ERR_SYNTAX, password ? locked : damaged);
        return part->err;
    }
    part->parser = XML_ParserCreate(NULL);
    if (!part->parser) {
        part_fail(part, ERR_LIMIT, no_memory);
        return part->err;
    }
    XML_SetUserData(part->parser, part);
    XML_SetElementHandler(part->parser, on_start, on_end);
    if (handlers->text)
        XML_SetCharacterDataHandler(part->parser, on_text);
    XML_SetStartDoctypeDeclHandler(part->parser, on_doctype);
    return OK;
}

void part_close(struct part *part)
{
    if (part->parser)
        XML_ParserFree(part->parser);
    if (part->file)
        zip_fclose(part->file);
    part->parser = NULL;
    part->file = NULL;
}

static enum XML_Status feed(struct part *part)
{
    void *room = XML_GetBuffer(part->parser, CHUNK);

    if (!room) {
        part_fail(part, ERR_LIMIT, no_memory);
        return XML_STATUS_ERROR;
    }
    zip_int64_t n = zip_fread(part->file, room, CHUNK);
    if (n < 0) {
        part_fail(part, ERR_SYNTAX, damaged);
        return XML_STATUS_ERROR;
    }
    part->unpacked += (uint64_t)n;
    part->pack->unpacked += (uint64_t)n;
    if (part->unpacked > RATIO_FROM && part->unpacked / RATIO_MAX > part->packed)
        part_fail(part, ERR_LIMIT, bomb);
    else if (part->pack->unpacked > SHEET_BYTES_MAX)
        part_fail(part, ERR_LIMIT, too_large);
    if (part->err)
        return XML_STATUS_ERROR;
    part->at_end = n == 0;
    return XML_ParseBuffer(part->parser, (int)n, n == 0);
}

bool part_step(struct part *part)
{
    while (!part->err && !(part->at_end && !part->suspended)) {
        enum XML_Status status = part->suspended ? XML_ResumeParser(part->parser) : feed(part);
        part->suspended = status == XML_STATUS_SUSPENDED;
        if (part->suspended)
            return true;
        if (status == XML_STATUS_ERROR && !part->err) {
            bool memory = XML_GetErrorCode(part->parser) == XML_ERROR_NO_MEMORY;
            part->err = memory ? ERR_LIMIT : ERR_SYNTAX;
            part->why = memory ? no_memory : not_xml;
        }
        if (part->err)
            break;
        XML_Index at = XML_GetCurrentByteIndex(part->parser);
        if (at >= 0 && part->unpacked > (uint64_t)at + TOKEN_MAX)
            part_fail(part, ERR_LIMIT, token);
    }
    return false;
}

enum err part_read(struct pack *pack, const char *name, const struct part_handlers *handlers,
                   struct fault *fault)
{
    struct part part;
    enum err err = part_open(pack, name, handlers, &part);

    while (!err && part_step(&part))
        continue;
    err = part.err;
    if (err)
        fault_set(fault, err, "%s (%.80s)", part.why, name);
    part_close(&part);
    return err;
}
