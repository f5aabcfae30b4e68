/* Words by which somebody was searched stand in no address: the history of a shared computer keeps addresses, and so do bookmarks and
 * what is sent to a colleague. A form sends them in its body to /find, a script in the header X-Words, and both get an address in which
 * they are sealed for the account that asked. Pages know them as the parameter q, whichever way they came. */
#include "guard/seal.h"
#include "web/exchange.h"
#include "web_tpl.h"

static const char *field_of(struct exchange *x)
{
    return arena_printf(x->rq.arena, "address %lld", (long long)x->rq.viewer.account).s;
}

struct pair words_pair(struct exchange *x, struct pair p)
{
    if (!text_is(p.name, "q") || !p.value.n)
        return p;
    if (!text_eq(p.value, x->words)) {
        struct value box = seal_value(&x->rq, field_of(x), v_text(p.value));
        x->words = p.value;
        x->words_sealed = v_is(box) ? (struct text){v_as_text(box).s + 1, v_as_text(box).n - 1} : T("");
    }
    return (struct pair){.name = T("sealed"), .value = x->words_sealed};
}

/* Of another account, or of a key that is no more: as if nothing had been asked. */
static struct text opened(struct exchange *x, struct text sealed)
{
    struct text box = arena_printf(x->rq.arena, "%c%.*s", (char)SEAL_MARK, TEXT_ARG(sealed)), words;
    return seal_open_text(x->rq.arena, field_of(x), box, &words) ? words : T("");
}

enum err words_take(struct exchange *x)
{
    struct text words;
    for (size_t i = 0; i < x->query.n; i++)
        if (text_is(x->query.v[i].name, "sealed"))
            x->query.v[i] = (struct pair){.name = T("q"), .value = opened(x, x->query.v[i].value)};
    if (!x->asked.words.n)
        return OK;
    enum err err = parse_percent(x->rq.arena, x->asked.words, false, &words);
    if (!err && !text_valid(words))
        err = ERR_SYNTAX;
    return err ? err : pairs_add(x->rq.arena, &x->query, (struct pair){.name = T("q"), .value = words});
}

struct text rq_words(struct request *rq)
{
    return words_pair(exchange_of(rq), (struct pair){.name = T("q"), .value = rq_param(rq, "q")}).value;
}

/* The form of a page that searches; `at` is the page. What else the form has goes on in the address. */
ROUTE(POST, "/find", words_find, sign_in, PUBLIC)
static enum err words_find(struct request *rq, struct sign_in_page *page)
{
    struct exchange *x = exchange_of(rq);
    struct part parts[PARTS_MAX];
    struct text at = rq_field(rq, "at");
    struct buf b = BUF(8000);
    char sep = '?';
    size_t n;

    (void)page;
    if (!parse_local_path(at) || !route_match(rq->arena, "GET", at, parts, &n)) {
        rq_fail(rq, ERR_NOT_FOUND);
        return rq_end(rq);
    }
    buf_text(&b, at);
    for (size_t i = 0; i < x->fields.n; i++) {
        struct pair p = words_pair(x, x->fields.v[i]);
        if (!p.value.n || p.is_file || text_is(p.name, "at") || text_is(p.name, "csrf") || text_is(p.name, "key"))
            continue;
        buf_char(&b, sep);
        exchange_encode(&b, p.name);
        buf_char(&b, '=');
        exchange_encode(&b, p.value);
        sep = '&';
    }
    if (buf_end(&b))
        rq_fail(rq, ERR_LIMIT);
    else
        x->location = arena_text(rq->arena, buf_get(&b));
    buf_free(&b);
    return rq_end(rq);
}
