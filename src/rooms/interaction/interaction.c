/* The room: its job, and what `bereg check` proves. */
#include "catalogue_gen.h"
#include "guard_gen.h"
#include "rooms/catalogue/catalogue.h"
#include "rooms/interaction/interaction_rules.h"

static void keep_sums(struct request *rq)
{
    interaction_catch_up(rq, 0);
}

/* The longest of the waits for what the service helps with; below 0: too few came to say. */
static int64_t wait_of(struct request *rq, int64_t body, struct value service)
{
    struct catalogue_needs_rows needs = {0};
    int64_t longest = -1, days;
    q_catalogue_needs(rq, &(struct catalogue_needs_args){.service = service}, &needs);
    for (size_t i = 0; i < needs.n; i++)
        if (interaction_wait(rq, body, v_as_text(needs.row[i].need), &days) && days > longest)
            longest = days;
    return longest;
}

/* Once a day: what the catalogue says of waiting, as referrals have really waited. */
static void measure_waits(struct request *rq)
{
    enum { ROWS = 50 };
    char today[DATE_ISO_LEN + 1];
    union setting_get_row done = {0};
    struct arena *outer = rq->arena, *mine = arena_new();
    size_t n = ROWS;
    date_iso(rq->today, today);
    q_setting_get(rq, &(struct setting_get_args){.name = v_z("interaction.waits")}, &done);
    if (text_is(v_as_text(done.value), today))
        n = 0;
    rq->arena = mine;
    for (int64_t after = 0; n == ROWS && rq_goes_on(rq); arena_reset(mine)) {
        struct catalogue_services_after_rows rows = {0};
        struct change ch;
        int64_t days[ROWS];
        q_catalogue_services_after(rq, &(struct catalogue_services_after_args){.after = v_int(after), .rows = v_int(ROWS)}, &rows);
        n = rows.n;
        for (size_t i = 0; i < n; i++)
            days[i] = wait_of(rq, v_as_int(rows.row[i].body_id), rows.row[i].id);
        change_begin(rq, &ch, NO_SUBJECT);
        for (size_t i = 0; i < n; i++)
            catalogue_measured_wait_set(&ch, after = v_as_int(rows.row[i].id), days[i]);
        if (n < ROWS)
            w_setting_put(&ch, &(struct setting_put_args){.name = v_z("interaction.waits"), .value = v_z(today)});
        ch.events++; /* each service has its own */
        (void)change_commit(&ch);
    }
    rq->arena = outer;
    arena_free(mine);
}

static const struct job jobs[] = {{"interaction.sums", 5, keep_sums}, {"interaction.waits", 3600, measure_waits}, {0}};

/* What the rows of the referrals give, against the sums: as many sent, as many of each outcome. */
static void check(struct request *rq, void (*found)(void *ctx, const char *text), void *ctx)
{
    struct sums_differ_rows rows = {0};
    if (!interaction_catch_up(rq, 0))
        return;
    q_sums_differ(rq, &(struct sums_differ_args){0}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        found(ctx, arena_printf(rq->arena, "interaction: the sums of %lld, bodies %lld and %lld, differ from the referrals",
                                (long long)v_as_int(rows.row[i].month), (long long)v_as_int(rows.row[i].from_body_id),
                                (long long)v_as_int(rows.row[i].to_body_id)).s);
}

const struct room interaction_room = {.name = "interaction",
                                      .tables = interaction_tables,
                                      .forms = interaction_forms,
                                      .jobs = jobs,
                                      .check = check};
