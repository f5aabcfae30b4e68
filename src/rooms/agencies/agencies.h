/* Bodies that take part: state bodies, institutions, NGOs, employers; their units; the agreements between them. The room
 * owns the tables body, body_former, unit, agreement, agreement_party and agreement_carries. What a kind of body can take, never sees and tells by its name stands in the packs ([body_kind
 * …], [need …]). */
#ifndef AGENCIES_AGENCIES_H
#define AGENCIES_AGENCIES_H
#include "agencies_gen.h"
#include "guard/change.h"

/* Facts of a body; false when there is none (ERR is not set). */
bool body_of(struct request *rq, int64_t body, union body_facts_row *out);
struct text body_kind(struct request *rq, int64_t body);
/* Classes that the name of the body tells, from its row. */
uint32_t body_discloses(struct request *rq, int64_t body);
/* The body of a kind that works for a district; 0: there is none. */
int64_t body_of_district(struct request *rq, const char *kind, int64_t district);
/* By its name as lists write it, folded; 0: there is none. */
int64_t body_of_name(struct request *rq, struct text name);
/* Can bodies of this kind take this need? Can this body, now? */
bool kind_takes(struct text kind, struct text need);
bool body_takes(struct request *rq, int64_t body, struct text need); /* false while its intake is paused */
/* The last day of the pause of its intake, when it is paused today; 0: it is not. */
int64_t body_paused_until(struct request *rq, int64_t body);

/* Active accounts that head a unit, a body; the body that is told when this one is silent. 0: none. */
int64_t unit_head(struct request *rq, int64_t unit);
int64_t body_head(struct request *rq, int64_t body);
int64_t body_coordinator(struct request *rq, int64_t body);

/* An active account of the body whose role may `cap`: its head, if that one may. 0: there is none. */
int64_t body_taker(struct request *rq, int64_t body, enum cap cap);
/* Does the viewer manage the body: as its head, or as the administrator? */
bool body_led_by(const struct request *rq, int64_t body);

/* May the body send a referral with this need (by this scheme, T(""): by none) to the other today, as far as agreements
 * matter ([need …] agreement = KINDS of the receiver)? Null: it may. Otherwise the words why not, for rq_refuse() or
 * input_reject(): a msgid, or in the viewer's language and in the arena when they name a number and a day. */
const char *agreement_fault(struct request *rq, int64_t from_body, int64_t to_body,
                            struct text need, struct text scheme);

/* Agreements in force that end within the days of [agreement] remind, the next first; body 0: all, otherwise those to which it
 * is a party, by itself or by its kind. */
void agreements_ending(struct request *rq, int64_t body, struct agreement_ending_rows *out);

/* The same when the sender is not known yet: does the receiver stand under any agreement in force that carries it, or need none? */
bool agreement_stands(struct request *rq, int64_t to_body, struct text need, struct text scheme);

/* Options of selects: active bodies by name. need: only those whose kind takes it (empty: all), with the pause of the intake
 * behind the name where there is one;
 * district: its bodies first (0: no matter); never `but` (0: nobody). */
void body_options(struct request *rq, struct text need, int64_t district, int64_t but,
                  struct body_all_options_rows *out);

/* Makes a body inside a change, with its event; discloses comes from the kind. After the commit
 * call guard_bodies_changed() when names that tell were added. */
struct body_new {
    struct text name, kind;
    int64_t district; /* 0: the whole region */
    struct text phone, address, contact;
    int64_t coordinator; /* 0: none */
};
int64_t body_add(struct change *ch, const struct body_new *b);

#endif
