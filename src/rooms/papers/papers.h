/* Scanned papers attached to rows of other rooms: the signed consent, its withdrawal, papers of a referral. The room that
 * owns the row asks its own card first whether the viewer reads it, and only then calls
 * attachments_of() or attachment_send(): who reads the row reads its papers. What may be attached
 * stands in the packs (paper_type, paper_kind). Nothing of a file is parsed but its first bytes,
 * and none is ever shown inside a page. */
#ifndef ROOMS_PAPERS_PAPERS_H
#define ROOMS_PAPERS_PAPERS_H
#include "guard/room.h"

enum { PART_BYTES = 32 << 10 };

extern const struct room papers_room;
struct attachment_form;
struct attachment_list_rows;

/* A file as it came, checked. */
struct paper {
    struct value kind;
    const char *type; /* code of list paper_type */
    struct text name, bytes;
};
/* Reads the form and the field `file` of what was sent. False: a mistake, told beside its field. */
bool paper_read(struct request *rq, struct attachment_form *form, struct paper *out);
/* Was a file chosen at all? */
bool paper_given(struct request *rq);

/* The row it is attached to, and what that row tells. open: it is about nobody, and so are its papers, which are kept apart
 * from those of persons. To read, object, id and open are enough. */
struct attached_to {
    const struct table *object;
    int64_t id, person, other_body;
    uint32_t classes;
    bool open;
};
/* Inside a change that holds the row's lock. The new id, 0 after a failure. */
int64_t attachment_add(struct change *ch, const struct attached_to *to, const struct paper *paper);
/* The same for what a page sends: takes `back` away first, a wrong paper of the viewer's own body (0: none; ERR_NOT_FOUND when it
 * is none of this row), then adds `paper` (null: none instead). */
void attachment_change(struct change *ch, const struct attached_to *to, int64_t back,
                       const struct paper *paper);
/* All papers of a row that ends its term of keeping. */
void attachments_destroy(struct change *ch, const struct table *object, int64_t object_id);

/* Of those about nobody the ones whose kind has the property in the packs (null: all). */
void open_papers_destroy(struct change *ch, const struct table *object, int64_t object_id, const char *property);

/* For the page of the row; nothing under a row that the viewer's role and body do not read. */
void attachments_of(struct request *rq, const struct attached_to *to, struct attachment_list_rows *out);
/* Has the kind of a paper the property in the packs ("minutes = yes")? */
bool paper_kind_is(struct request *rq, struct value kind, const char *property);
/* The kinds of papers that rows of this table may have: [code paper_kind …] of = TABLE. For the form's select. */
struct paper_kinds_rows;
void paper_kinds(struct request *rq, const struct table *object, struct paper_kinds_rows *out);
/* The page of a wrong paper, which only the body that attached it takes back. */
struct paper_back_page;
void paper_back_show(struct request *rq, const struct attached_to *to, int64_t id, struct paper_back_page *page);
/* The whole paper, read in one view of the register: what is withdrawn later closes the next
 * request. */
void attachment_send(struct request *rq, const struct attached_to *to, int64_t id);

#endif
