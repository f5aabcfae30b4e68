/* Who sees what: classes of data, roles, grants made by facts, and the merged `access` of bodies.
 * Tables: access_grant, access. This file's functions are their only writers. */
#ifndef GUARD_ACCESS_H
#define GUARD_ACCESS_H
#include "store/field.h"

struct request;
struct change;
struct conn;

/* What a role may do beyond reading and writing classes. Names stand in the packs. */
#define CAPS(X)                                                                                    \
    X(SEE_PERSON, "see_person", N_("open persons' cards"))                                         \
    X(SEARCH_PERSON, "search_person", N_("search for persons known to other bodies"))              \
    X(EDIT_PERSON, "edit_person", N_("register and correct persons"))                              \
    X(CROSSCHECK, "crosscheck", N_("find with other registers whom both know, without showing the others")) \
    X(IMPORT_LIST, "import_list", N_("import lists"))                                              \
    X(SEND_REFERRAL, "send_referral", N_("send referrals"))                                        \
    X(TAKE_REFERRAL, "take_referral", N_("accept and decline referrals"))                          \
    X(LEAD_CASE, "lead_case", N_("lead cases and write programmes"))                               \
    X(RECORD_SERVICE, "record_service", N_("record services and results of measures"))             \
    X(SEE_REPORT, "see_report", N_("read reports"))                                                \
    X(REPORT_PERSONS, "report_persons", N_("see the persons behind the figures"))                  \
    X(SEALED_FIGURES, "sealed_figures", N_("read rounded figures of sealed facts"))                \
    X(SEE_INTERACTION, "see_interaction", N_("see how the bodies answer each other's referrals")) \
    X(REGION_INTERACTION, "region_interaction", N_("the same of all bodies of the region"))       \
    X(RECORD_CONSENT, "record_consent", N_("record consents and their withdrawal"))                \
    X(EMERGENCY, "emergency", N_("look at once in an emergency, to be reviewed"))                  \
    X(REVIEW_EMERGENCY, "review_emergency", N_("review emergency accesses of the body"))           \
    X(RETENTION, "retention", N_("see what is past its term, prepare acts of destruction"))        \
    X(DESTROY, "destroy", N_("confirm acts of destruction"))                                       \
    X(RESTRICT, "restrict", N_("restrict who may see a person"))                                   \
    X(JOIN_PERSONS, "join_persons", N_("join the cards of one person"))                           \
    X(ROUTE_SCHEMES, "route_schemes", N_("draft, check and approve routing schemes"))              \
    X(AGREEMENTS, "agreements", N_("record agreements between bodies"))                            \
    X(LEAD_BODY, "lead_body", N_("manage units, absences and caseloads of the own body"))          \
    X(CALL_MEETING, "call_meeting", N_("call meetings and found working groups"))                  \
    X(KEEP_MINUTES, "keep_minutes", N_("keep minutes of meetings and control decisions"))          \
    X(CHAIR_MEETING, "chair_meeting", N_("approve minutes as the chair"))                          \
    X(CATALOGUE, "catalogue", N_("keep the services of the own body in the catalogue"))            \
    X(COORDINATE, "coordinate", N_("see what waits too long between bodies"))                      \
    X(ADMIN, "admin", N_("manage bodies, accounts and packs"))                                     \
    X(AUDIT, "audit", N_("read the logs"))

enum cap {
    CAP_SIGNED_IN = 0, /* any signed-in account */
#define X(id, name, label) CAP_##id,
    CAPS(X)
#undef X
        CAP_COUNT,
    CAP_PUBLIC /* no sign-in needed */
};

struct role {
    const char *code;
    const char *label;    /* msgid */
    uint32_t read, write; /* bits of classes */
    uint32_t caps;        /* 1 << enum cap */
    bool second_factor;   /* nothing opens before one is set up */
};

/* The facts that make grants. Names stand in the packs' grant rules. */
#define FACTS(X)                                                                                   \
    X(LISTED, "listed") /* the body itself brought the person in, by list or by hand */            \
    X(REFERRAL_SENT, "referral_sent")         /* for the receiver, until it answers */             \
    X(REFERRAL_ACCEPTED, "referral_accepted") /* for the receiver, while its part lasts */         \
    X(REFERRAL_SENDER, "referral_sender")     /* for the sender, while the referral lasts */       \
    X(CASE_OWN, "case_own")                   /* for the lead, while the case is open */           \
    X(CASE_CLOSED, "case_closed") /* for the lead, after closing, as long as rules say */          \
    X(CONSENT, "consent")         /* for the recipient, from signing to the last day */           \
    X(ASKED, "asked")             /* for who asked, when the lead has said yes, to its last day */  \
    X(EMERGENCY, "emergency")     /* for who had to look at once; some minutes, then reviewed */    \
    X(LAW, "law")                 /* by an article of law, while a category of it stands */        \
    X(FAMILY, "family_member")    /* for the lead of a family case, while the membership lasts */  \
    X(COURT, "court_order")       /* for the body that executes a court decision, to its end */    \
    X(CONFERENCE, "conference")   /* for who is invited to a conference on the case, by a law named there */

enum fact {
#define X(id, name) FACT_##id,
    FACTS(X)
#undef X
        FACT_COUNT
};

/* Classes that a fact opens to a kind of body, from the packs' rules. reason: what the rule asks for besides, a need
 * ("" when none) or law_reason(). */
uint32_t access_rule(enum fact fact, const char *body_kind, struct text reason);
/* The same for a stored grant, by the name of its fact; cap: what the fact itself names, null: everything. */
uint32_t access_rule_of(struct text fact, const char *body_kind, struct text reason,
                        struct value cap);
/* What a kind of body does not get, whatever the grants say. */
uint32_t access_never(const char *body_kind);
/* When such a grant ends by itself: instant, or 0 when it lasts as long as the fact. */
int64_t access_until(enum fact fact, const char *body_kind, int64_t now);

/* Laws by which a category of a person opens his data: [law CODE], CODE of the list legal_basis. */
struct law {
    const char *code;
    struct text categories, kinds; /* words */
    uint32_t classes;
};
const struct law *law_at(size_t i); /* null behind the last */
bool law_has(struct text words, struct text word);
struct text law_reason(struct arena *arena, const struct law *law, struct text category);

/* Opens a grant inside a change: its classes are access_rule() for the body's kind, of these only `cap` (what the fact
 * itself names, CLASS_ALL: everything). `ref` and `ref_id` name the fact's row (table name and id) so that
 * it can be ended. `until` 0: open end. Recomputes access in the same transaction. */
void grant_open(struct change *ch, int64_t person, int64_t body, enum fact fact,
                struct text reason, uint32_t cap, const char *ref, int64_t ref_id, int64_t until);
/* The same for a person just registered in this change: no other grant can stand, nothing is
 * recomputed. */
void grant_open_first(struct change *ch, int64_t person, int64_t body, enum fact fact,
                      uint32_t classes, const char *ref, int64_t ref_id, struct text name_key);
/* Ends all grants of that fact's row for the person (body 0: all bodies). */
void grant_end(struct change *ch, int64_t person, int64_t body, const char *ref, int64_t ref_id);

/* The live grants of a fact's row pass from a body to its successor as they are: whose, why, how long. */
void grant_pass(struct change *ch, int64_t from, int64_t to, const char *ref, int64_t ref_id);

/* The merged bits of a body for a person now; recomputes a row that is past its recheck_at. */
uint32_t access_bits(struct request *rq, int64_t body, int64_t person);
/* Rewrites access rows of a person from his grants (merge, change of name, end of terms). */
void access_refresh(struct change *ch, int64_t person);

/* A mark that this account has come upon the person today by a search with words of its own. Without
 * it a number alone, which could be guessed, opens nothing. 32 letters. */
struct text sight_mark(struct request *rq, int64_t person);
bool sight_good(struct request *rq, int64_t person, struct text mark);

/* All access rows of a person away; access_refresh() makes those that his grants give. */
void access_leave(struct change *ch, int64_t person);
/* The card was joined with another one that the viewer may open: its number; 0: not, or not for this viewer. */
int64_t person_joined_to(struct request *rq, int64_t person);

/* Takes all grants and access rows of a person away who is about to be deleted (an import taken back). */
void access_forget(struct change *ch, int64_t person);
/* The job: rewrites rows whose first end has passed, and ends restrictions whose last day has. */
void access_sweep(struct request *rq);

/* Rules have changed for bodies of this kind ("*": of all), or the body its kind: their grants are to be computed anew.
 * From the commit on the door shows them by the rules in force; rule_work_off() brings the rows after. */
void access_rules_changed(struct change *ch, struct text body_kind);
void access_body_changed(struct change *ch, int64_t body);
/* The job: in slices, going on where a killed one stopped. */
void rule_work_off(struct request *rq);
/* Who may see by law is to be found out anew for everybody, by the job of the room of persons. */
void law_work_begin(struct change *ch);

/* ---- restricted persons (restrict.c) ---- */

/* Of a row of `access` whose body has named some of its workers: tools/querycomp lets only them read
 * it, wherever a statement joins the viewer's access. No class of data has this bit. */
#define ACCESS_NAMED (1u << 30)

/* May the viewer not know that the person stands in the register? Rules that come upon a person by
 * another way than the viewer's access ask it, and answer as for nobody. */
bool access_hidden(struct request *rq, int64_t person);
/* The same of another account of a body. */
bool access_hidden_from(struct request *rq, int64_t body, int64_t account, int64_t person);
/* The same of a whole body: what is opened to it now would open nothing. */
bool access_barred(struct request *rq, int64_t body, int64_t person);
/* What a restriction leaves of the bits that a body's grants give: all, none, or all for named
 * workers (ACCESS_NAMED). */
uint32_t access_restricted(struct request *rq, int64_t body, int64_t person, uint32_t bits);
/* Ends a restriction of the person and lets the grants work again. account 0: by its last day. */
void restriction_end(struct change *ch, int64_t restriction, int64_t person, int64_t account);
void restriction_sweep(struct request *rq);

#endif
