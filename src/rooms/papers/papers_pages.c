/* What pages of other rooms need of papers: the form's file, the list, the download. */
#include "base/log.h"
#include "base/utf8.h"
#include "guard/codes.h"
#include "papers_gen.h"
#include "papers_tpl.h"
#include "rooms/papers/papers_rules.h"
#include "web/tr.h"
#include "web/web.h"
#include <strings.h>

enum { MEGABYTE = 1 << 20, NAME_SHOWN = 200 /* bytes */ };

/* ---- what comes ---- */

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Do the bytes begin as the pack says: "89504E47"? */
static bool begins(struct text bytes, struct text magic)
{
    if (!magic.n || magic.n % 2 || bytes.n < magic.n / 2)
        return false;
    for (size_t i = 0; i < magic.n; i += 2)
        if ((unsigned char)bytes.s[i / 2] != digit(magic.s[i]) * 16 + digit(magic.s[i + 1]))
            return false;
    return true;
}

static bool ends_with_word(struct text name, struct text words)
{
    struct text word;
    while (text_split(&words, ' ', &word))
        if (word.n && name.n > word.n + 1 && name.s[name.n - word.n - 1] == '.' &&
            strncasecmp(name.s + name.n - word.n, word.s, word.n) == 0)
            return true;
    return false;
}

/* The type whose first bytes these are, and whose ending the name has; null: none. */
static const struct code *type_of(struct text name, struct text bytes)
{
    const struct code_list *types = code_list("paper_type");
    for (size_t i = 0; types && i < types->n; i++) {
        const struct code *c = &types->codes[i];
        struct text magics = paper_prop("paper_type", c->code, "magic"), magic;
        while (!c->retired && text_split(&magics, ' ', &magic))
            if (begins(bytes, magic) &&
                ends_with_word(name, paper_prop("paper_type", c->code, "ending")))
                return c;
    }
    return NULL;
}

/* Marks that are not seen, or turn the line around: "fdp.exe" that reads "exe.pdf". */
static bool unseen(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c >= 0xE0000;
}

/* The last part of a path, without what is not seen. */
static struct text plain_name(struct arena *arena, struct text t)
{
    char *s = arena_alloc(arena, t.n + 1);
    size_t n = 0, step;
    uint32_t c;
    for (size_t i = 0; i < t.n; i += step) {
        step = utf8_next(t.s + i, t.n - i, &c);
        if (!step)
            break;
        if (c == '/' || c == '\\')
            n = 0;
        else if (!unseen(c)) {
            memcpy(s + n, t.s + i, step);
            n += step;
        }
    }
    return text_trim((struct text){s, n});
}

static struct text beginning(struct text t)
{
    size_t n = t.n > NAME_SHOWN ? NAME_SHOWN : t.n;
    while (n < t.n && n && ((unsigned char)t.s[n] & 0xC0) == 0x80)
        n--;
    return (struct text){t.s, n};
}

bool paper_given(struct request *rq)
{
    return rq_uploads(rq, "file");
}

bool paper_read(struct request *rq, struct attachment_form *form, struct paper *out)
{
    struct text name, bytes;
    int64_t most = 0;
    bool good = rq_read_form(rq, &attachment_form, form->v);
    if (!rq_upload(rq, "file", &name, &bytes))
        return false;
    name = plain_name(rq->arena, name);
    const struct code *type = type_of(name, bytes);
    if (!bytes.n)
        rq_mistake(rq, "file", N_("The file is empty"));
    else if (!type)
        rq_mistake(rq, "file",
                   N_("The file is of a type that is not taken, or its name says another type than "
                      "it has"));
    else if (text_int(paper_prop("paper_type", type->code, "most"), 1, UPLOAD_MAX / MEGABYTE,
                      &most) ||
             bytes.n > (size_t)most * MEGABYTE)
        rq_mistake_of(rq, "file", N_("The file is too large: at most {a} MB"), v_int(most));
    else
        *out = (struct paper){form->kind.value, type->code, beginning(name), bytes};
    return good && !rq->mistakes && !rq->err;
}

/* ---- what goes ---- */

/* "1,2 MB" */
static struct text volume_of(struct request *rq, struct text digits)
{
    int64_t n = 0;
    if (text_int(digits, 0, UPLOAD_MAX, &n))
        return T("");
    int64_t tenths = (n * 10 + MEGABYTE / 2) / MEGABYTE;
    if (tenths >= 10)
        return arena_printf(rq->arena, "%lld,%lld %s", (long long)(tenths / 10),
                            (long long)(tenths % 10), tr(rq->lang, N_("MB")));
    return arena_printf(rq->arena, "%lld %s", (long long)((n + 1023) / 1024),
                        tr(rq->lang, N_("KB")));
}

void attachments_of(struct request *rq, const struct attached_to *to, struct attachment_list_rows *out)
{
    struct value object = v_z(to->object->name), id = v_int(to->id);
    _Static_assert(sizeof(union open_paper_list_row) == sizeof *out->row, "both statements have the same columns");
    if (!to->open)
        q_attachment_list(rq, &(struct attachment_list_args){.object = object, .object_id = id}, out);
    else
        q_open_paper_list(rq, &(struct open_paper_list_args){.object = object, .object_id = id},
                          (struct open_paper_list_rows *)out);
    for (size_t i = 0; i < out->n; i++)
        if (out->row[i].size.kind == V_TEXT)
            out->row[i].volume = v_text(volume_of(rq, v_as_text(out->row[i].size)));
}

struct whole {
    struct request *rq;
    char *bytes;
    size_t n, room;
};

static enum err take_part(void *ctx, const struct value *row)
{
    struct whole *w = ctx;
    struct text part = v_as_text(row[0]);
    if (part.n > w->room - w->n)
        return ERR_LIMIT;
    memcpy(w->bytes + w->n, part.s, part.n);
    w->n += part.n;
    arena_reset(w->rq->arena); /* the opened box */
    return OK;
}

/* The bytes, or a failure when they are not those that were attached. */
static struct text read_whole(struct request *rq, const union attachment_card_row *x,
                              const struct attached_to *to)
{
    struct arena *own = rq->arena;
    int64_t parts = v_as_int(x->parts), size = 0;
    char digest[65];
    if (parts < 0 || parts > UPLOAD_MAX / PART_BYTES)
        parts = 0;
    struct whole w = {rq, arena_alloc(own, (size_t)parts * PART_BYTES + 1), 0,
                      (size_t)parts * PART_BYTES};
    rq->arena = arena_new();
    if (!to->open)
        each_attachment_parts(rq, &(struct attachment_parts_args){.attachment = x->id}, take_part, &w);
    else
        each_open_paper_parts(rq, &(struct open_paper_parts_args){.paper = x->id}, take_part, &w);
    arena_free(rq->arena);
    rq->arena = own;
    if (!rq->err && (text_int(v_as_text(x->size), 1, (int64_t)w.n, &size) || w.n != w.room))
        rq_fail(rq, ERR_INTERNAL);
    struct text bytes = {w.bytes, (size_t)size};
    paper_digest(rq, to->object->name, to->id, v_as_text(x->number), bytes, digest);
    if (!rq->err && !text_is(v_as_text(x->digest), digest))
        rq_fail(rq, ERR_INTERNAL);
    if (rq->err)
        log_error("attachment %lld is not what was attached", (long long)v_as_int(x->id));
    return bytes;
}

static void card_of(struct request *rq, const struct attached_to *to, int64_t id, union attachment_card_row *out)
{
    struct value object = v_z(to->object->name), object_id = v_int(to->id);
    _Static_assert(sizeof(union open_paper_card_row) == sizeof *out, "both statements have the same columns");
    if (!to->open)
        q_attachment_card(
            rq, &(struct attachment_card_args){.id = v_int(id), .object = object, .object_id = object_id}, out);
    else
        q_open_paper_card(rq, &(struct open_paper_card_args){.id = v_int(id), .object = object, .object_id = object_id},
                          (union open_paper_card_row *)out);
}

void paper_back_show(struct request *rq, const struct attached_to *to, int64_t id, struct paper_back_page *page)
{
    card_of(rq, to, id, &page->paper);
    paper_kinds(rq, to->object, &page->kinds);
    if (!rq->err && v_as_int(page->paper.body_id) != rq->viewer.body)
        rq_fail(rq, ERR_NOT_FOUND);
}

/* It is called by its number: the name that somebody gave it would stay in the list of downloads of
 * the workplace. */
void attachment_send(struct request *rq, const struct attached_to *to, int64_t id)
{
    union attachment_card_row x = {0};
    card_of(rq, to, id, &x);
    if (!rq->err && x.digest.kind != V_TEXT)
        rq_fail(rq, ERR_NOT_FOUND);
    if (rq->err)
        return;
    struct text bytes = read_whole(rq, &x, to);
    const char *type = arena_z(rq->arena, v_as_text(x.type));
    struct text mime = paper_prop("paper_type", type, "mime"),
                endings = paper_prop("paper_type", type, "ending"), ending;
    if (rq->err)
        return;
    if (!text_split(&endings, ' ', &ending))
        ending = T("bin");
    rq_send_file(
        rq, mime.n ? arena_z(rq->arena, mime) : "application/octet-stream",
        arena_printf(rq->arena, "%.*s.%.*s", TEXT_ARG(v_as_text(x.number)), TEXT_ARG(ending)),
        bytes);
}
