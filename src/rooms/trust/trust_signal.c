/* Safe signals: what the packs let somebody be told of a body that is withheld from him, and by
 * what. Of everybody else it is said only that another body takes part. */
#include "guard/access.h"
#include "rooms/packs/packs.h"
#include "rooms/trust/trust_rules.h"

enum err signal_take(const struct pack_entry *e, struct fault *fault)
{
    bool by_purpose = pack_prop(e, "purposes").n, by_ground = pack_prop(e, "grounds").n;
    if (!pack_prop(e, "kinds").n || (!by_purpose && !by_ground))
        return fault_set(fault, ERR_SYNTAX, "%.*s: a signal has kinds, and purposes or grounds",
                         TEXT_ARG(e->place));
    if (pack_prop_has(e, "grounds", T("consent")))
        return fault_set(fault, ERR_SYNTAX, "%.*s: a consent is named by its purpose",
                         TEXT_ARG(e->place));
    return OK;
}

static void add(struct signals *out, struct signal s)
{
    if (out->n < SIGNALS_MOST)
        out->v[out->n++] = s;
}

static bool by_consent(const struct pack_entry *e, const struct consent_live_rows *live,
                       uint32_t bits, struct signals *out)
{
    for (size_t i = 0; i < live->n; i++)
        if (pack_prop_has(e, "purposes", v_as_text(live->row[i].purpose)) &&
            !((uint32_t)v_as_int(live->row[i].classes) & ~bits)) {
            add(out, (struct signal){e, "consent", v_as_int(live->row[i].id), v_z("consent"),
                                     live->row[i].until});
            return true;
        }
    return false;
}

void signals_open(struct request *rq, int64_t person, struct signals *out)
{
    struct consent_live_rows live = {0};
    struct ask_live_rows asks = {0};
    struct value of = v_int(person), body = v_int(rq->viewer.body), day = v_date(rq->today);
    uint32_t bits =
        access_bits(rq, rq->viewer.body, person) & (rq->viewer.role ? rq->viewer.role->read : 0);
    *out = (struct signals){0};
    q_consent_live(rq, &(struct consent_live_args){.person = of, .body = body, .day = day}, &live);
    q_ask_live(rq, &(struct ask_live_args){.person = of, .body = body, .day = day}, &asks);
    for (const struct pack_entry *e = NULL; !rq->err && (e = pack_next("signal", e));) {
        bool open = by_consent(e, &live, bits, out);
        for (size_t i = 0; i < asks.n && !open; i++)
            if ((open = pack_prop_has(e, "grounds", v_as_text(asks.row[i].ground))))
                add(out, (struct signal){e, "access_ask", v_as_int(asks.row[i].id),
                                         asks.row[i].ground, asks.row[i].until});
    }
}
