/* Mail through an SMTP server: plain text, UTF-8, in one part. TLS by the scheme smtps://, by STARTTLS for smtp://, where
 * it is demanded of every server but one of this machine. */
#ifndef FORMATS_MAIL_H
#define FORMATS_MAIL_H
#include "base/buf.h"

struct mail_server {
    const char *url;             /* smtp://host:587, smtps://host */
    const char *from;            /* bereg@example.org, or: Register <bereg@example.org> */
    const char *user, *password; /* null: without sign-in */
};

struct mail {
    const char *to;      /* an address without a name */
    const char *id;      /* left part of Message-ID: letters, digits, dots, dashes; the same for the same mail */
    struct text subject; /* one line */
    struct text text;    /* lines end by \n */
    int64_t at;          /* instant: Date */
};

enum mail_end {
    MAIL_SENT,   /* the server has taken it */
    MAIL_LATER,  /* it was not taken; may be tried again */
    MAIL_NEVER,  /* it was refused for good (5xx), or cannot be sent */
    MAIL_UNKNOWN /* all of it was handed over and no answer came: it may have been taken */
};

/* One address: local@domain, ASCII, at most 254 characters, nothing that could end a line or a command. */
bool mail_address_valid(struct text t);
/* Null, or what is wrong with a server's url or sender (English, for the command line). */
const char *mail_server_wrong(const struct mail_server *s);

/* A connection that is kept for the next mail. Null: no memory. One thread at a time. */
struct mailer;
struct mailer *mailer_open(const struct mail_server *s);
void mailer_close(struct mailer *m);
/* why: in words for the log of the outbox, without the text of the mail. At most MAIL_SECONDS. */
enum { MAIL_WHY = 200, MAIL_SECONDS = 30 };
enum mail_end mailer_send(struct mailer *m, const struct mail *mail, char why[MAIL_WHY]);

/* Does the server greet us, in TLS as it is demanded of it? Nobody signs in and no mail is given. why: as of mailer_send. */
bool mail_server_answers(const char *url, char why[MAIL_WHY]);

/* The message as it goes over the wire, before the doubling of dots; for mailer_send() and tests. */
void mail_message(const struct mail_server *s, const struct mail *mail, struct buf *out);

#endif
