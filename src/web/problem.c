/* Errors as a calm page, or as application/problem+json. */
#include "base/log.h"
#include "web_tpl.h"
#include "web/exchange.h"

struct say {
    int status;
    const char *title, *words; /* msgids */
};

static const struct say says[] = {
    {200, N_("Already done"), NULL},
    {400, N_("The request cannot be read"), N_("Go back and try again.")},
    {401, N_("A token is needed"), NULL},
    {403, N_("This action is not open to you"),
     N_("Your post does not include it. The administrator of your body can tell who does it.")},
    {404, N_("There is no such page"),
     N_("The address is mistyped, the record has ended its term of keeping, or it does not belong "
        "to your work.")},
    {405, N_("This address is not used that way"), NULL},
    {409, N_("The page is out of date"),
     N_("While it was open, the record was changed. Open it again and repeat the action if it is "
        "still needed.")},
    {412, N_("The record has a newer version"), NULL},
    {413, N_("Too much was sent"), N_("Send a smaller file, or several in turn.")},
    {415, N_("This kind of content is not accepted"), NULL},
    {422, N_("There are mistakes in what was sent"), N_("Go back and correct them.")},
    {429, N_("Too many tries"), N_("Wait a little and try again.")},
    {500, N_("The program failed"),
     N_("Nothing was stored. The failure is noted in the log of the program.")},
    {503, N_("The program is busy"), N_("Nothing was stored. Try again in a moment.")},
};

static const struct say *say_of(const struct exchange *x, int status)
{
    static const struct say refused = {409, N_("This cannot be done now"), NULL};
    static const struct say full = {
        503, N_("The disk of the program is full"),
        N_("Nothing was stored, and pages about persons cannot be opened, because that has to be "
           "noted. The administrator has to make room.")};
    const struct say *internal = NULL;

    if (status == 409 && x->rq.err != ERR_STALE)
        return &refused;
    if (x->rq.err == ERR_FULL)
        return &full;
    for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
        if (says[i].status == status)
            return &says[i];
        if (says[i].status == 500)
            internal = &says[i];
    }
    return internal;
}

int problem_status(const struct exchange *x, enum err err)
{
    bool post = strcmp(x->asked.method, "POST") == 0;

    switch (err) {
    case OK:
        return 200;
    case ERR_INPUT:
        if (x->rq.stands_against) /* a mistake only in the light of what stands now */
            return x->if_match_used ? 412 : 409;
        return post ? 422 : 400;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_FORBIDDEN: /* whether a named object exists is not told */
        return x->n_parts ? 404 : 403;
    case ERR_STALE:
        return x->if_match_used ? 412 : 409;
    case ERR_CONFLICT:
    case ERR_REFUSED:
        return 409;
    case ERR_BUSY:
    case ERR_FULL:
        return 503;
    case ERR_LIMIT:
        return 413;
    case ERR_SYNTAX:
        return 400;
    case ERR_IO:
    case ERR_STORE:
    case ERR_INTERNAL:
        break;
    }
    return 500;
}

/* The words with `what` in place of the first `name`. */
static struct text put_in(struct arena *arena, const char *words, const char *name,
                          struct text what)
{
    const char *at = strstr(words, name);
    return at ? arena_printf(arena, "%.*s%.*s%s", (int)(at - words), words, TEXT_ARG(what),
                             at + strlen(name))
              : text_of(words);
}

struct text value_words(struct arena *arena, enum lang lang, struct value v)
{
    char day[11], instant[17];

    switch (v.kind) {
    case V_INT:
        return arena_printf(arena, "%lld", (long long)v.i);
    case V_TEXT:
        return (struct text){v.s, v.n};
    case V_DATE:
        date_dmy(v.i, day);
        return arena_text(arena, text_of(day));
    case V_INSTANT:
        instant_local(v.i, instant);
        return arena_text(arena, text_of(instant));
    case V_CODE: {
        const struct code_list *list = v.list ? code_list_at(v.list) : NULL;
        const struct code *code = list ? code_find(list, v_as_text(v)) : NULL;
        return code ? text_of(code->label[lang]) : v_as_text(v);
    }
    case V_HIDDEN:
        if (v.cls == CLASS_OPEN || v.cls >= CLASS_COUNT)
            return text_of(tr(lang, N_("hidden")));
        return put_in(arena, tr(lang, N_("hidden: {class}")), "{class}",
                      text_of(tr(lang, class_labels[v.cls])));
    default:
        return T("");
    }
}

struct text message_plain(struct arena *arena, enum lang lang, const char *msgid, struct value a)
{
    return put_in(arena, tr(lang, msgid), "{a}", value_words(arena, lang, a));
}

static void problem_json(struct exchange *x, int status, const char *title, struct text detail)
{
    struct request *rq = &x->rq;
    struct json j = {.out = &x->buf};

    json_open(&j, '{');
    json_key(&j, "type");
    json_z(&j, "about:blank");
    json_key(&j, "title");
    json_z(&j, tr(rq->lang, title));
    json_key(&j, "status");
    json_int(&j, status);
    if (detail.n) {
        json_key(&j, "detail");
        json_text(&j, detail);
    }
    json_key(&j, "errors");
    json_open(&j, '[');
    for (const struct mistake *m = status == 404 ? NULL : rq->mistakes; m; m = m->next) {
        json_open(&j, '{');
        json_key(&j, "field");
        json_z(&j, m->field);
        json_key(&j, "message");
        json_text(&j, message_plain(rq->arena, rq->lang, m->message, m->a));
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    exchange_answer(x, status, "application/problem+json");
}

static void problem_html(struct exchange *x, int status, const struct say *say, struct text detail)
{
    struct request *rq = &x->rq;
    struct error_page page = {.status = status, .heading = say->title, .words = say->words};
    struct tpl t = {.out = &x->buf,
                    .rq = rq,
                    .lang = rq->lang,
                    .csrf = x->session.n ? x->csrf : NULL,
                    .role = rq->viewer.role};

    page.reason = detail;
    if (status == 409)
        page.back = (struct url){who_back(x)};
    for (const struct mistake *m = rq->mistakes; m; m = m->next) {
        struct text said = message_plain(rq->arena, rq->lang, m->message, m->a);
        page.reason = page.reason.n ? arena_printf(rq->arena, "%.*s. %.*s", TEXT_ARG(page.reason),
                                                   TEXT_ARG(said))
                                    : said;
    }
    error_view.html(&t, &page);
    exchange_answer(x, status, "text/html; charset=utf-8");
}

void problem(struct exchange *x, int status, const char *detail_msgid)
{
    const struct say *say = say_of(x, status);
    /* "not there" says nothing more: a rule's reason would tell that it is there */
    struct text detail =
        detail_msgid && status != 404 ? text_of(tr(x->rq.lang, detail_msgid)) : T("");

    if (status >= 500)
        log_error("%s %s: %d %s", x->asked.method, x->route ? x->route->path : "-", status,
                  err_name(x->rq.err));
    buf_clear(&x->buf);
    x->buf.failed = false;
    x->file_name = T("");
    if (status == 503 || status == 429)
        exchange_header(x, "Retry-After", status == 429 ? T("20") : T("2"));
    if (status == 401)
        exchange_header(x, "WWW-Authenticate", T("Bearer"));
    if (status == 405 && x->allow)
        exchange_header(x, "Allow", text_of(x->allow));
    if (x->format == FORMAT_JSON || x->asked.api)
        problem_json(x, status, say->title, detail);
    else
        problem_html(x, status, say, detail);
}
