/* Who asks: session cookie or token; whether a form is really from our page; keys that make a
 * repeated form harmless. */
#include "base/log.h"
#include "web/exchange.h"
#include <strings.h>

/* ---- sessions and tokens ---- */

static struct text bearer(struct text header)
{
    if (header.n > 7 && strncasecmp(header.s, "Bearer ", 7) == 0)
        return text_trim((struct text){header.s + 7, header.n - 7});
    return T("");
}

static enum lang lang_of(struct exchange *x)
{
    struct text asked = T("");
    struct text rest = x->asked.query, part;
    while (text_split(&rest, '&', &part))
        if (text_starts(part, "lang="))
            asked = (struct text){part.s + 5, part.n - 5};
    bool en = text_is(asked, "en"), ru = text_is(asked, "ru");
    if ((en || ru) && !x->asked.api)
        exchange_cookie(x, cookie_name(x, "lang"), asked, 365 * 86400, true);
    if (!en && !ru)
        en = text_is(parse_cookie(x->asked.cookie, cookie_name(x, "lang")), "en");
    return en ? LANG_EN : LANG_RU;
}

bool who_asks(struct exchange *x)
{
    struct request *rq = &x->rq;

    rq->lang = lang_of(x);
    if (x->asked.authorization.n) {
        struct text secret = bearer(x->asked.authorization);
        x->by_token = true;
        if (secret.n && token_use(rq, secret))
            return true;
        if (!rq->err || rq->err == ERR_FORBIDDEN || rq->err == ERR_NOT_FOUND) {
            rq->err = OK;
            problem(x, 401, N_("The token is unknown or has ended."));
        } else {
            problem(x, problem_status(x, rq->err), NULL);
        }
        return false;
    }
    if (x->asked.api)
        return true; /* a cookie does not open the API */
    struct text secret = parse_cookie_alone(x->asked.cookie, cookie_name(x, "bereg"));
    if (secret.n == SECRET_LEN && session_use(rq, secret, x->csrf))
        x->session = secret;
    if (rq->err) {
        problem(x, problem_status(x, rq->err), NULL);
        return false;
    }
    return true;
}

void rq_set_session(struct request *rq, const char *secret)
{
    struct exchange *x = exchange_of(rq);
    if (x)
        exchange_cookie(x, cookie_name(x, "bereg"), text_of(secret ? secret : ""), secret ? -1 : 0, true);
}

struct text rq_step(struct request *rq)
{
    struct exchange *x = exchange_of(rq);
    return x ? parse_cookie_alone(x->asked.cookie, cookie_name(x, "bereg-step")) : T("");
}

void rq_set_step(struct request *rq, const char *secret)
{
    struct exchange *x = exchange_of(rq);
    if (x)
        exchange_cookie(x, cookie_name(x, "bereg-step"), text_of(secret ? secret : ""), secret ? -1 : 0, true);
}

/* The kind of a browser and of its computer, as far as it says so itself: enough to know one's own again. */
struct text rq_browser(struct request *rq)
{
    static const struct {
        const char *mark, *name;
    } browsers[] = {{"YaBrowser/", "Яндекс Браузер"}, {"Edg/", "Edge"},       {"OPR/", "Opera"},
                    {"Firefox/", "Firefox"},          {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
                    {"Safari/", "Safari"}},
      systems[] = {{"Android", "Android"}, {"iPhone", "iOS"},      {"iPad", "iOS"},
                   {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}};
    struct text agent = rq->web ? exchange_of(rq)->asked.user_agent : T("");
    const char *browser = NULL, *system = NULL;
    for (size_t i = 0; !browser && i < sizeof browsers / sizeof browsers[0]; i++)
        if (agent.n && memmem(agent.s, agent.n, browsers[i].mark, strlen(browsers[i].mark)))
            browser = browsers[i].name;
    for (size_t i = 0; !system && i < sizeof systems / sizeof systems[0]; i++)
        if (agent.n && memmem(agent.s, agent.n, systems[i].mark, strlen(systems[i].mark)))
            system = systems[i].name;
    if (!browser && !system)
        return T("");
    return arena_printf(rq->arena, "%s%s%s", browser ? browser : "", browser && system ? ", " : "",
                        system ? system : "");
}

/* In a time that does not depend on where the texts differ. */
static bool same_secret(struct text a, struct text b)
{
    unsigned char differ = 0;
    if (a.n != b.n || a.n == 0)
        return false;
    for (size_t i = 0; i < a.n; i++)
        differ |= (unsigned char)(a.s[i] ^ b.s[i]);
    return differ == 0;
}

/* What stands behind scheme and host of an address, if the host is ours. */
static bool own_place(const struct exchange *x, struct text address, struct text *place)
{
    const char *slashes = address.n ? memmem(address.s, address.n, "://", 3) : NULL;
    if (!slashes)
        return false;
    struct text rest = {slashes + 3, address.n - (size_t)(slashes + 3 - address.s)};
    const char *slash = memchr(rest.s, '/', rest.n);
    size_t n = slash ? (size_t)(slash - rest.s) : rest.n;
    *place = (struct text){rest.s + n, rest.n - n};
    return n == x->asked.host.n && strncasecmp(rest.s, x->asked.host.s, n) == 0;
}

bool who_from_elsewhere(const struct exchange *x)
{
    struct text site = x->asked.fetch_site, place;

    if (site.n && !text_is(site, "same-origin") && !text_is(site, "none"))
        return true;
    return x->asked.origin.n && !own_place(x, x->asked.origin, &place);
}

/* Browsers say Sec-Fetch-Site to sites behind TLS and to this machine; to others the Referer stands, which pages of ours allow. */
bool rq_own_click(const struct request *rq)
{
    const struct exchange *x = exchange_of(rq);
    return x && (x->asked.fetch_site.n ? text_is(x->asked.fetch_site, "same-origin") : who_back(x).n > 0);
}

struct text who_back(const struct exchange *x)
{
    struct text place;
    return own_place(x, x->asked.referer, &place) && parse_local_path(place) ? place : T("");
}

bool who_csrf_good(const struct exchange *x)
{
    if (x->by_token)
        return true; /* no browser adds it by itself */
    if (who_from_elsewhere(x))
        return false;
    if (!x->session.n)
        return x->route->cap == CAP_PUBLIC;
    const struct pair *field = pairs_find(&x->fields, "csrf");
    return same_secret(field ? field->value : x->asked.csrf, text_of(x->csrf));
}

/* ---- idempotency ---- */

/* What was sent, without what differs between two sendings of one form. Of files their name, length
 * and a sum: the sender can only deceive himself with it. */
static struct text canonical_body(struct exchange *x)
{
    struct buf b = BUF(4 * FORM_MAX);

    for (size_t i = 0; i < x->fields.n; i++) {
        const struct pair *p = &x->fields.v[i];
        if (text_is(p->name, "csrf") || text_is(p->name, "key"))
            continue;
        buf_text(&b, p->name);
        if (p->is_file) {
            buf_printf(&b, "@%zu %016llx ", p->value.n, (unsigned long long)text_hash(p->value));
            buf_text(&b, p->file);
        } else {
            buf_printf(&b, "=%zu ", p->value.n);
            buf_text(&b, p->value);
        }
        buf_char(&b, '\n');
    }
    struct text t = arena_text(x->rq.arena, buf_get(&b));
    buf_free(&b);
    return t;
}

/* Called by change_commit inside the change: what is stored and the answer to its repetition stand
 * or fall together. */
static void keep_answer(struct change *ch)
{
    struct exchange *x = exchange_of(ch->rq);

    ch->rq->on_commit =
        NULL; /* the first change of a page function is the one the key stands for */
    idem_store(ch, x->key_route, x->key, x->key_body, x->location);
}

static bool answer_same(struct exchange *x, struct text location)
{
    if (location.n) {
        answer_location(x, location);
    } else if (x->asked.api) {
        buf_z(&x->buf, "{}");
        exchange_answer(x, 200, "application/json");
    } else {
        problem(x, 200, N_("This form was already sent, and what it asked for is done."));
    }
    return true;
}

bool idem_before(struct exchange *x)
{
    enum { KEY_MAX = 100 };
    const struct pair *field = pairs_find(&x->fields, "key");
    struct text key = x->asked.idempotency_key.n ? x->asked.idempotency_key
                      : field                    ? field->value
                                                 : T("");
    struct text location;

    if (!key.n || !x->rq.viewer.account || x->route->cap == CAP_PUBLIC)
        return false;
    if (key.n > KEY_MAX || !text_valid(key) || x->asked.path.n > 200) {
        problem(x, 400, N_("The idempotency key is longer than 100 characters."));
        return true;
    }
    x->key = key;
    x->key_route = x->asked.path;
    x->key_body = canonical_body(x);
    switch (idem_look(&x->rq, x->key_route, x->key, x->key_body, &location)) {
    case IDEM_SAME:
        return answer_same(x, location);
    case IDEM_OTHER:
        x->refused = REFUSED_KEY;
        problem(x, 422, N_("This key was already used for something else."));
        return true;
    case IDEM_NEW:
        break;
    }
    if (x->rq.err) {
        problem(x, problem_status(x, x->rq.err), NULL);
        return true;
    }
    x->rq.on_commit = keep_answer;
    return false;
}

bool idem_again(struct exchange *x)
{
    struct text location;
    enum err err = x->rq.err;

    if (!x->key.n)
        return false;
    x->rq.err = OK;
    enum idem idem = idem_look(&x->rq, x->key_route, x->key, x->key_body, &location);
    if (idem == IDEM_SAME)
        return answer_same(x, location);
    x->rq.err = err;
    return false;
}

/* ---- words said once on the next page ---- */

/* The cookie carries the number of a message of the catalogue, never words: nothing that a stranger
 * sends is shown. A page says it straight behind its rule: when that failed there is nothing to say. */
void rq_flash(struct request *rq, const char *msgid)
{
    struct exchange *x = exchange_of(rq);
    if (x && !x->asked.api && !rq->err && !rq->mistakes)
        exchange_cookie(x, cookie_name(x, "flash"), arena_printf(rq->arena, "%u", message_hash(msgid)), 60, true);
}

static const char *message_of(uint32_t hash)
{
    const struct catalogue *c = catalogues[LANG_RU];
    for (uint32_t i = hash; c; i++) {
        uint16_t slot = c->slots[i & c->mask];
        if (!slot)
            break;
        if (message_hash(c->messages[slot - 1].id) == hash)
            return c->messages[slot - 1].id;
    }
    return NULL;
}

void flash_take(struct exchange *x)
{
    struct text given = parse_cookie(x->asked.cookie, cookie_name(x, "flash"));
    int64_t hash;

    if (!given.n)
        return;
    if (text_int(given, 0, UINT32_MAX, &hash) == OK) {
        const char *msgid = message_of((uint32_t)hash);
        x->rq.flash = msgid ? tr(x->rq.lang, msgid) : NULL;
    }
    exchange_cookie(x, cookie_name(x, "flash"), T(""), 0, true);
}
