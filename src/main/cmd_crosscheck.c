/* bereg crosscheck: the three files of a cross-check without showing. */
#include "main/files.h"
#include "main/main.h"
#include "guard/codes.h"
#include "rooms/crosscheck/crosscheck.h"
#include "web/tr.h"
#include <stdio.h>
#include <stdlib.h>

enum { PAGE_ROWS = 200 };
static const size_t FILE_MAX = (size_t)4 << 30;

static int usage(void)
{
    fprintf(stderr, "usage: bereg crosscheck offer OUT --partner NAME --basis CODE --ground TEXT [--by snils,iin,name] --db URL --login NAME\n"
                    "       bereg crosscheck answer IN OUT --partner NAME --basis CODE --ground TEXT --db URL --login NAME\n"
                    "       bereg crosscheck take IN [OUT] --db URL --login NAME\n");
    return EXIT_USAGE;
}

static bool write_whole(struct request *rq, int64_t id, const char *path)
{
    struct buf b = BUF(FILE_MAX);
    struct text name;
    bool good = crosscheck_file(rq, id, &b, &name) && !buf_end(&b);
    FILE *f = good ? fopen(path, "wb") : NULL;
    good = f && fwrite(b.s, 1, b.n, f) == b.n;
    good = f && fclose(f) == 0 && good;
    buf_free(&b);
    if (!good)
        fprintf(stderr, "bereg: cannot write %s\n", path);
    return good;
}

/* "snils,name"; without it all keys. */
static bool keys_of(const char *by, unsigned *out)
{
    static const char *const words[KEY_COUNT] = {"snils", "iin", "name"};
    struct text rest = text_of(by ? by : "snils,iin,name"), word;
    *out = 0;
    while (text_split(&rest, ',', &word)) {
        int k = 0;
        while (k < KEY_COUNT && !text_is(text_trim(word), words[k]))
            k++;
        if (k == KEY_COUNT)
            return false;
        *out |= 1u << k;
    }
    return *out != 0;
}

/* What stood against it, in words. */
static void complain(struct request *rq)
{
    for (struct mistake *m = rq->mistakes; m; m = m->next)
        fprintf(stderr, "bereg: %s\n", tr(LANG_EN, m->message));
    if (!rq->mistakes)
        fprintf(stderr, "bereg: %s\n", rq->reason ? tr(LANG_EN, rq->reason) : err_name(rq->err));
}

static void print_found(struct request *rq, int64_t id)
{
    struct crosscheck_found_rows rows = {.next = {0}};
    struct paging paging = {.limit = PAGE_ROWS};
    printf("person,key\n");
    do {
        q_crosscheck_found(rq, &(struct crosscheck_found_args){.paging = paging, .crosscheck = v_int(id)},
                         &rows);
        for (size_t i = 0; i < rows.n; i++)
            printf("%lld,%.*s\n", (long long)v_as_int(rows.row[i].person_id),
                   TEXT_ARG(v_as_text(rows.row[i].key)));
        paging.after = rows.next;
    } while (rows.n && rows.next.n && !rq->err);
}

int cmd_crosscheck(const struct options *o)
{
    const char *step = o->n_words ? o->word[0] : "";
    bool offer = strcmp(step, "offer") == 0, answer = strcmp(step, "answer") == 0;
    bool take = strcmp(step, "take") == 0;
    const char *in = offer ? NULL : o->n_words > 1 ? o->word[1] : NULL;
    const char *out = o->n_words > (offer ? 1 : 2) ? o->word[offer ? 1 : 2] : NULL;
    struct crosscheck_terms t = {.partner = text_of(o->partner),
                               .basis = text_of(o->basis),
                               .words = text_of(o->ground)};
    struct buf file = BUF(FILE_MAX);
    struct store *store;
    struct request rq;
    int status = EXIT_USAGE;
    if (o->n_words > (offer ? 2 : 3) || !(offer || answer || take) || (!offer && !in) ||
        (!take && (!out || !o->partner || !o->basis || !o->ground)) || !keys_of(o->by, &t.keys))
        return usage();
    if (in && !file_read(in, &file)) {
        buf_free(&file);
        return EXIT_REFUSED;
    }
    if (!open_as(o, &store, &rq, &status)) {
        buf_free(&file);
        return status;
    }
    if (!take && !code_find(code_list("legal_basis"), t.basis))
        rq_mistake(&rq, "basis", N_("There is no such legal ground"));
    int64_t id = 0;
    if (offer && !rq.mistakes)
        id = crosscheck_offer(&rq, &t, 0, NULL);
    else if (answer && !rq.mistakes)
        id = crosscheck_answer(&rq, &t, buf_get(&file), 0, NULL);
    else if (take && (id = crosscheck_of_file(&rq, buf_get(&file))))
        crosscheck_take(&rq, id, buf_get(&file), 0, NULL);
    bool good = !rq_end(&rq);
    if (!good)
        complain(&rq);
    else if (take)
        print_found(&rq, id);
    if (good && out)
        good = write_whole(&rq, id, out);
    request_close(&rq);
    close_register(store);
    buf_free(&file);
    return good ? EXIT_OK : EXIT_REFUSED;
}
