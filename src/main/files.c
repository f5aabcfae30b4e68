#include "main/files.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_read(const char *path, struct buf *b)
{
    char bytes[65536];
    size_t n;
    FILE *f = fopen(path, "rb");
    while (f && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        buf_add(b, bytes, n);
    bool good = f && !ferror(f) && !buf_end(b);
    if (f)
        fclose(f);
    if (!good)
        fprintf(stderr, "bereg: cannot read %s\n", path);
    return good;
}

size_t column_find(struct arena *arena, const struct sheet_row *head, struct text wanted)
{
    wanted = text_trim(wanted);
    for (size_t i = 0; i < head->n; i++)
        if (text_eq(text_trim(head->cells[i]), wanted))
            return i;
    wanted = text_fold(arena, wanted);
    for (size_t i = 0; i < head->n; i++)
        if (text_eq(text_fold(arena, head->cells[i]), wanted))
            return i;
    return SIZE_MAX;
}

enum err column_missing(const char *path, const struct sheet_row *head, struct text wanted, struct fault *fault)
{
    struct buf b = BUF(300);

    for (size_t i = 0; i < head->n; i++) {
        struct text t = text_trim(head->cells[i]);
        buf_printf(&b, "%s%.*s", i ? ", " : "", TEXT_ARG(t));
    }
    struct text all = buf_get(&b);
    enum err err = fault_set(fault, ERR_NOT_FOUND, "%s has no column \"%.*s\"; its columns: %.*s", path, TEXT_ARG(wanted), TEXT_ARG(all));
    buf_free(&b);
    return err;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

enum err out_check(struct out_file *out, const char *wanted, const char *const *read, struct arena *arena, struct fault *fault)
{
    struct stat there, part, in;

    *out = (struct out_file){.wanted = wanted, .buf = BUF(SIZE_MAX / 4)};
    if (!wanted)
        return OK;
    const char *beside = arena_printf(arena, "%s.part", wanted).s;
    bool is_there = stat(wanted, &there) == 0, part_there = stat(beside, &part) == 0;
    for (; *read; read++)
        if (stat(*read, &in) == 0 && ((is_there && same_file(&in, &there)) || (part_there && same_file(&in, &part))))
            return fault_set(fault, ERR_CONFLICT, "--out %s would overwrite the table %s", wanted, *read);
    out->path = is_there && !S_ISREG(there.st_mode) ? wanted : beside;
    return OK;
}

enum err out_open(struct out_file *out, struct fault *fault)
{
    out->f = out->path ? fopen(out->path, "wb") : stdout;
    return out->f ? OK : fault_set(fault, ERR_IO, "%s cannot be written: %s", out->wanted, strerror(errno));
}

bool out_flush(struct out_file *out)
{
    bool good = !out->buf.failed && fwrite(out->buf.s ? out->buf.s : "", 1, out->buf.n, out->f) == out->buf.n;

    buf_clear(&out->buf);
    return good;
}

enum err out_close(struct out_file *out, bool good, struct fault *fault)
{
    bool beside = out->wanted && out->path != out->wanted;

    good = out_flush(out) && fflush(out->f) == 0 && good;
    if (out->wanted)
        good = fclose(out->f) == 0 && good;
    if (good && beside)
        good = rename(out->path, out->wanted) == 0;
    int why = errno;
    buf_free(&out->buf);
    if (good)
        return OK;
    if (beside)
        unlink(out->path);
    return fault_set(fault, ERR_IO, "%s cannot be written: %s", out->wanted ? out->wanted : "the output", strerror(why));
}
