/* bereg doctor: what is wrong with an installation. */
#include "formats/mail.h"
#include "formats/scanner.h"
#include "guard/doctor.h"
#include "guard/guard.h"
#include "guard/keys.h"
#include "main/main.h"
#include "rooms/packs/packs.h"
#include "web/tr.h"
#include <stdio.h>
#include <stdlib.h>

struct telling {
    enum lang lang;
    int bad, others;
};

static void print(void *ctx, const struct finding *f)
{
    struct telling *t = ctx;
    const char *detail = f->detail.n ? ": " : "";
    f->bad ? t->bad++ : t->others++;
    printf("%s %s%s%.*s\n    %s\n    %s: %s\n", f->bad ? "[!]" : "[?]", tr(t->lang, f->what), detail, TEXT_ARG(f->detail), tr(t->lang, f->why),
           tr(t->lang, N_("What to do")), tr(t->lang, f->todo));
}

static void say(struct telling *t, const struct finding *f, const char *detail)
{
    struct finding with = *f;
    with.detail = text_of(detail);
    print(t, &with);
}

static enum lang lang_of(const struct options *o)
{
    const char *of[] = {o->lang, getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (of[i] && *of[i])
            return strncmp(of[i], "ru", 2) == 0 ? LANG_RU : LANG_EN;
    return LANG_EN;
}

static void look_at_packs(struct telling *t, struct request *rq, const struct options *o)
{
    struct fault fault = {0};
    struct pack_entry *entries;
    struct pack_changes changes = {0};
    size_t n;
    if (!o->packs && !getenv("BEREG_PACKS"))
        return;
    if (packs_load_dir(packs_dir(o), rq->arena, &entries, &n, &fault)) {
        say(t, &doctor_packs, fault.text);
        return;
    }
    packs_diff(rq, entries, n, &changes);
    char words[100];
    snprintf(words, sizeof words, "+%zu ~%zu -%zu", changes.added, changes.changed, changes.removed);
    if (changes.n)
        say(t, &doctor_packs, words);
}

static bool look(struct telling *t, const struct options *o, struct store *store)
{
    struct fault fault = {0};
    struct request rq;
    int state = SCHEMA_SAME;
    size_t n;
    const struct table *const *tables = register_tables(&n);
    if (schema_state(store, tables, n, &state, &fault)) {
        say(t, &doctor_opens, fault.text);
        return false;
    }
    if (state != SCHEMA_SAME) {
        say(t, state == SCHEMA_EMPTY ? &doctor_empty : state == SCHEMA_FOREIGN ? &doctor_foreign : &doctor_schema, state == SCHEMA_EMPTY ? "" : fault.text);
        return false;
    }
    keys_file(o->keys);
    if (packs_start(store, &fault) || guard_start(store, &fault) || request_open(store, NULL, &rq, &fault)) {
        say(t, &doctor_opens, fault.text);
        return false;
    }
    if (register_writable(store, &fault))
        say(t, &doctor_writes, fault.text);
    doctor_look(&rq, true, print, t);
    look_at_packs(t, &rq, o);
    if (rq.err)
        say(t, &doctor_opens, err_name(rq.err));
    request_close(&rq);
    return true;
}

int cmd_doctor(const struct options *o)
{
    struct telling t = {.lang = lang_of(o)};
    struct store *store;
    struct fault fault = {0};
    char why[MAIL_WHY];
    const char *smtp = o->smtp ? o->smtp : getenv("BEREG_SMTP");
    const char *scanner = o->scanner ? o->scanner : getenv("BEREG_SCANNER");
    if (store_open(o->db, false, &store, &fault)) {
        say(&t, &doctor_opens, fault.text);
    } else {
        look(&t, o, store);
        store_close(store);
    }
    if (smtp && *smtp && !mail_server_answers(smtp, why))
        say(&t, &doctor_mail, why);
    if (scanner && *scanner && (scanner_use(scanner, NULL) || !scanner_answers()))
        say(&t, &doctor_scanner, scanner);
    if (!t.bad && !t.others)
        puts(tr(t.lang, N_("Nothing is wrong with this installation.")));
    return t.bad ? EXIT_REFUSED : EXIT_OK;
}
