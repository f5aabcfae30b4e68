/* Reads catalogues in the plain syntax of gettext. */
#include "pocomp.h"

enum part { PART_NONE, PART_ID, PART_PLURAL, PART_WORDS };

struct po {
    struct entries *out;
    const char *path;
    int line, forms;
    struct entry entry;
    bool open, fuzzy;
    enum part part;
    int form;
};

bool translated(const struct entry *e, int forms)
{
    if (e->fuzzy || !e->words[0] || !*e->words[0])
        return false;
    for (int i = 1; e->plural && i < forms; i++)
        if (!e->words[i] || !*e->words[i])
            return false;
    return true;
}

/* Each {name} of the words must be one of the message. */
static void check_names(const struct entry *e, const char *words)
{
    for (const char *open = strchr(words, '{'); open; open = strchr(open + 1, '{')) {
        const char *close = strchr(open, '}');
        if (!close)
            die_at(e->path, e->line, "\"{\" is not closed in \"%s\"", words);
        char name[80];
        size_t n = (size_t)(close + 1 - open);
        if (n >= sizeof name)
            die_at(e->path, e->line, "the name in \"%s\" is too long", words);
        memcpy(name, open, n);
        name[n] = 0;
        if (!strstr(e->id, name) && !(e->plural && strstr(e->plural, name)))
            die_at(e->path, e->line, "%s stands in the translation, but not in \"%s\"", name,
                   e->id);
    }
}

static bool same(const struct entry *a, const struct entry *b)
{
    for (int i = 0; i < PLURAL_FORMS; i++)
        if (strcmp(a->words[i] ? a->words[i] : "", b->words[i] ? b->words[i] : "") != 0)
            return false;
    return true;
}

static void finish(struct po *po)
{
    struct entry *e = &po->entry;

    if (!po->open)
        return;
    po->open = false;
    if (!e->id || !*e->id)
        return; /* the head of the file */
    if (!e->words[0])
        die_at(po->path, e->line, "no msgstr for \"%s\"", e->id);
    for (int i = 0; i < PLURAL_FORMS; i++)
        if (e->words[i])
            check_names(e, e->words[i]);
    struct entry *old = entries_find(po->out, e->id);
    if (!old) {
        entries_add(po->out, *e);
        return;
    }
    if (strcmp(old->path, e->path) == 0)
        die_at(po->path, e->line, "\"%s\" stands here and in line %d", e->id, old->line);
    if (translated(old, po->forms) && translated(e, po->forms) && !same(old, e))
        die_at(po->path, e->line, "\"%s\" is translated otherwise in %s:%d", e->id, old->path,
               old->line);
    if (!translated(old, po->forms))
        *old = *e;
}

static const char *join(struct po *po, const char *old, struct text piece)
{
    piece = string_unescape(po->out->arena, piece);
    return arena_printf(po->out->arena, "%s%.*s", old ? old : "", TEXT_ARG(piece)).s;
}

static void string(struct po *po, struct text t)
{
    t = text_trim(t);
    if (t.n < 2 || t.s[0] != '"' || t.s[t.n - 1] != '"')
        die_at(po->path, po->line, "a string in quotes is missing");
    t = (struct text){t.s + 1, t.n - 2};
    if (po->part == PART_ID)
        po->entry.id = join(po, po->entry.id, t);
    else if (po->part == PART_PLURAL)
        po->entry.plural = join(po, po->entry.plural, t);
    else if (po->part == PART_WORDS)
        po->entry.words[po->form] = join(po, po->entry.words[po->form], t);
    else
        die_at(po->path, po->line, "a string belongs to nothing");
}

static struct text behind(struct text t, size_t n)
{
    return (struct text){t.s + n, t.n - n};
}

static void po_line(struct po *po, struct text t)
{
    if (!t.n) {
        finish(po);
        po->part = PART_NONE;
    } else if (t.s[0] == '#') {
        if (text_starts(t, "#,") && t.n > 2 && memmem(t.s, t.n, "fuzzy", 5))
            po->fuzzy = true;
    } else if (text_starts(t, "msgid_plural ")) {
        po->part = PART_PLURAL;
        string(po, behind(t, 13));
    } else if (text_starts(t, "msgid ")) {
        finish(po);
        po->entry = (struct entry){.path = po->path, .line = po->line, .fuzzy = po->fuzzy};
        po->open = true;
        po->fuzzy = false;
        po->part = PART_ID;
        string(po, behind(t, 6));
    } else if (text_starts(t, "msgstr ")) {
        po->part = PART_WORDS;
        po->form = 0;
        string(po, behind(t, 7));
    } else if (text_starts(t, "msgstr[") && t.n > 9 && t.s[8] == ']' && t.s[7] >= '0' &&
               t.s[7] < '0' + PLURAL_FORMS) {
        po->part = PART_WORDS;
        po->form = t.s[7] - '0';
        string(po, behind(t, 9));
    } else if (t.s[0] == '"') {
        string(po, t);
    } else {
        die_at(po->path, po->line, "is not understood: %.*s", TEXT_ARG(t));
    }
}

void read_po(struct entries *out, const char *path, int forms)
{
    struct text rest = read_whole(out->arena, path), line;
    struct po po = {.out = out, .path = path, .forms = forms};

    while (text_split(&rest, '\n', &line)) {
        po.line++;
        po_line(&po, text_trim(line));
    }
    finish(&po);
}
