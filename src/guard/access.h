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
    X(IMPORT_LIST, "import_list", N_("import lists"))                                              \
    X(SEND_REFERRAL, "send_referral", N_("send referrals"))                                        \
    X(TAKE_REFERRAL, "take_referral", N_("accept and decline referrals"))                          \
    X(LEAD_CASE, "lead_case", N_("lead cases and write programmes"))                               \
    X(RECORD_SERVICE, "record_service", N_("record services and results of measures"))             \
    X(SEE_REPORT, "see_report", N_("read reports"))                                                \
    X(REPORT_PERSONS, "report_persons", N_("see the persons behind the figures"))                  \
    X(RECORD_CONSENT, "record_consent", N_("record consents and their withdrawal"))                \
    X(EMERGENCY, "emergency", N_("look at once in an emergency, to be reviewed"))                  \
    X(REVIEW_EMERGENCY, "review_emergency", N_("review emergency accesses of the body"))           \
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
    X(EMERGENCY, "emergency")     /* for who had to look at once; some minutes, then reviewed */

enum fact {
#define X(id, name) FACT_##id,
    FACTS(X)
#undef X
        FACT_COUNT
};

/* Classes that a fact opens to a kind of body, for a need ("" when none); from the pack's rules. */
uint32_t access_rule(enum fact fact, const char *body_kind, struct text need);
/* What a kind of body does not get, whatever the grants say. */
uint32_t access_never(const char *body_kind);
/* When such a grant ends by itself: instant, or 0 when it lasts as long as the fact. */
int64_t access_until(enum fact fact, const char *body_kind, int64_t now);

/* Opens a grant inside a change: `ref` and `ref_id` name the fact's row (table name and id) so that
 * it can be ended. `until` 0: open end. Recomputes access in the same transaction. */
void grant_open(struct change *ch, int64_t person, int64_t body, enum fact fact, uint32_t classes,
                const char *ref, int64_t ref_id, int64_t until);
/* The same for a person just registered in this change: no other grant can stand, nothing is
 * recomputed. */
void grant_open_first(struct change *ch, int64_t person, int64_t body, enum fact fact,
                      uint32_t classes, const char *ref, int64_t ref_id, struct text name_key);
/* Ends all grants of that fact's row for the person (body 0: all bodies). */
void grant_end(struct change *ch, int64_t person, int64_t body, const char *ref, int64_t ref_id);

/* The merged bits of a body for a person now; recomputes a row that is past its recheck_at. */
uint32_t access_bits(struct request *rq, int64_t body, int64_t person);
/* Rewrites access rows of a person from his grants (merge, change of name, end of terms). */
void access_refresh(struct change *ch, int64_t person);

/* A mark that this account has come upon the person today by a search with words of its own. Without
 * it a number alone, which could be guessed, opens nothing. 32 letters. */
struct text sight_mark(struct request *rq, int64_t person);
bool sight_good(struct request *rq, int64_t person, struct text mark);

/* Takes all grants and access rows of a person away who is about to be deleted (an import taken back). */
void access_forget(struct change *ch, int64_t person);
/* The job: rewrites rows whose first end has passed. */
void access_sweep(struct request *rq);

#endif
