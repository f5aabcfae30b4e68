/* Import and export of the catalogue. */
#include "catalogue_tpl.h"
#include "rooms/catalogue/catalogue_exchange.h"
#include "web/web.h"
#include <unistd.h>

enum { READ_SECONDS = 30, SHOWN_MAX = 100 };

ROUTE(GET, "/catalogue/exchange", catalogue_page_exchange, catalogue_exchange_page, CATALOGUE)
static enum err catalogue_page_exchange(struct request *rq, struct catalogue_exchange_page_page *page)
{
    form_begin(&catalogue_import_form, page->form.v);
    return catalogue_keeps_all(rq) ? rq_end(rq) : rq_fail(rq, ERR_FORBIDDEN);
}

/* Noted in the log, so it is asked for by a form, not by a link. */
ROUTE_SLOW(POST, "/catalogue/export", catalogue_page_export, catalogue_exchange_page, CATALOGUE)
static enum err catalogue_page_export(struct request *rq, struct catalogue_exchange_page_page *page)
{
    struct hsds_set set;
    struct buf out = BUF((size_t)HSDS_FILE_MAX);
    bool csv = text_is(rq_field(rq, "as"), "csv");
    form_begin(&catalogue_import_form, page->form.v);
    catalogue_export(rq, &set);
    if (!rq->err && csv && hsds_write_zip(&set, rq->now, &out))
        rq_fail(rq, ERR_IO);
    else if (!rq->err && !csv)
        hsds_write_json(&set, &out);
    if (!rq->err && buf_end(&out))
        rq_fail(rq, ERR_LIMIT);
    if (!rq->err)
        rq_send_file(rq, csv ? "application/zip" : "application/json", csv ? T("catalogue-hsds.zip") : T("catalogue-hsds.json"),
                     arena_text(rq->arena, buf_get(&out)));
    buf_free(&out);
    return rq_end(rq);
}

ROUTE_SLOW(POST, "/catalogue/imports", catalogue_page_upload, catalogue_exchange_page, CATALOGUE)
static enum err catalogue_page_upload(struct request *rq, struct catalogue_exchange_page_page *page)
{
    struct text name, bytes, answer;
    struct fault fault = {0};
    char self[4096];
    if (!catalogue_keeps_all(rq))
        return rq_fail(rq, ERR_FORBIDDEN);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = '\0';
    bool read = rq_read_form(rq, &catalogue_import_form, page->form.v);
    bool given = rq_upload(rq, "file", &name, &bytes);
    if (given && !bytes.n)
        rq_mistake(rq, "file", N_("The file is empty"));
    else if (given && read && hsds_read(self, bytes, text_valid(name) && name.n && name.n < 250 && !memchr(name.s, '\n', name.n) ? name : T("hsds"), READ_SECONDS, rq->arena, &answer, &fault))
        rq_mistake(rq, "file", N_("The file cannot be read: it is damaged, too large or made to do harm"));
    else if (given && read) {
        rq_redirect(rq, "/catalogue/exchange");
        int64_t id = catalogue_import_keep(rq, name.n ? name : T("hsds"), answer, page->form.kind.value);
        if (id)
            rq_redirect(rq, "/catalogue/imports/%lld", (long long)id);
    }
    return rq_end(rq);
}

static enum err show(struct request *rq, struct catalogue_import_page_page *page)
{
    union catalogue_import_content_row i;
    struct catalogue_report r = {0};
    struct value id = rq_id(rq, "hsds");
    if (!catalogue_keeps_all(rq))
        return rq_fail(rq, ERR_FORBIDDEN);
    q_catalogue_import_card(rq, &(struct catalogue_import_card_args){.id = id}, &page->file);
    if (rq->err || !q_catalogue_import_content(rq, &(struct catalogue_import_content_args){.id = id}, &i))
        return rq_end(rq);
    page->ready = v_as_text(i.content).n > 0 && !v_is(i.applied_at);
    if (v_as_text(i.content).n)
        catalogue_import(rq, v_as_text(i.content), v_as_text(i.kind), true, &r);
    page->items.row = arena_array(rq->arena, SHOWN_MAX, sizeof *page->items.row);
    page->items.query = &catalogue_line_query;
    for (size_t k = 0; k < r.n; k++) {
        const struct catalogue_line *l = &r.lines[k];
        if (!strcmp(l->kind, "same"))
            continue;
        if (page->items.n == SHOWN_MAX) {
            page->more++;
            continue;
        }
        page->items.row[page->items.n++] = (union catalogue_line_row){.kind = v_z(l->kind), .name = v_text(l->name), .place = v_text(l->place),
                                                                      .field = v_text(l->field), .words = v_text(l->words)};
    }
    page->added = (int64_t)r.count[DEED_NEW];
    page->changed = (int64_t)r.count[DEED_CHANGED];
    page->same = (int64_t)r.count[DEED_SAME];
    page->left_out = (int64_t)r.count[DEED_LEFT_OUT];
    page->wrong = (int64_t)r.wrong;
    return rq_end(rq);
}

ROUTE_SLOW(GET, "/catalogue/imports/{hsds}", catalogue_page_import, catalogue_import_page, CATALOGUE)
static enum err catalogue_page_import(struct request *rq, struct catalogue_import_page_page *page)
{
    return show(rq, page);
}

ROUTE_SLOW(POST, "/catalogue/imports/{hsds}", catalogue_page_apply, catalogue_import_page, CATALOGUE)
static enum err catalogue_page_apply(struct request *rq, struct catalogue_import_page_page *page)
{
    int64_t id = rq_id_int(rq, "hsds");
    rq_redirect(rq, "/catalogue/imports/%lld", (long long)id);
    catalogue_import_apply(rq, id, rq_field_int(rq, "version"));
    rq_flash(rq, N_("The catalogue has been imported"));
    return rq_show_again(rq) ? show(rq, page) : rq_end(rq);
}
