/* The list of services given as a target of imports (people_import.h). A service is the same by
 * person, kind, date and institution. */
#include "guard/seal.h"
#include "rooms/agencies/agencies.h"
#include "rooms/people/people_import.h"
#include "rooms/people/people_import_match.h"
#include "rooms/services/services.h"
#include "services_gen.h"

enum {
    F_FULL_NAME,
    F_FAMILY_NAME,
    F_GIVEN_NAME,
    F_PATRONYMIC,
    F_BIRTH_DATE,
    F_SNILS,
    F_SERVICE,
    F_DAY,
    F_BODY,
    F_NOTE,
    F_COUNT
};

static const struct import_field fields[F_COUNT] = {
    [F_FULL_NAME] = {"full_name"},
    [F_FAMILY_NAME] = {"family_name", &person_table},
    [F_GIVEN_NAME] = {"given_name", &person_table},
    [F_PATRONYMIC] = {"patronymic", &person_table},
    [F_BIRTH_DATE] = {"birth_date", &person_table},
    [F_SNILS] = {"snils", &person_table},
    [F_SERVICE] = {"service", &service_table, "kind", .required = true, .filled = true},
    [F_DAY] = {"day", &service_table, .required = true, .filled = true},
    [F_BODY] = {"body"},
    [F_NOTE] = {"note", &service_table},
};

/* A row as read. */
struct parsed {
    union person_record who;
    int64_t body;
    struct value kind, day, note;
    uint32_t classes;
};

static const char *mapped(const struct import_run *run, struct text *a)
{
    bool named = run->column_of[F_FAMILY_NAME] >= 0 || run->column_of[F_FULL_NAME] >= 0;
    *a = T("");
    if (run->column_of[F_SNILS] >= 0 || (named && run->column_of[F_BIRTH_DATE] >= 0))
        return NULL;
    return N_(
        "The columns do not say who the person is: the SNILS is needed, or name and date of birth");
}

static void read_person(struct import_run *run, struct import_line *line, union person_record *p)
{
    struct arena *arena = run->rq->arena;

    p->family_name = import_value(run, line, F_FAMILY_NAME);
    p->given_name = import_value(run, line, F_GIVEN_NAME);
    p->patronymic = import_value(run, line, F_PATRONYMIC);
    p->birth_date = import_value(run, line, F_BIRTH_DATE);
    p->snils = import_value(run, line, F_SNILS);
    struct text family = v_as_text(p->family_name), given = v_as_text(p->given_name);
    struct text patronymic = v_as_text(p->patronymic);
    if (!family.n && run->column_of[F_FULL_NAME] >= 0)
        split_full_name(v_as_text(import_value(run, line, F_FULL_NAME)), &family, &given,
                        &patronymic);
    p->name_key = v_text(person_name_key(arena, family, given, patronymic));
    line->who = import_who(arena, family, given, patronymic, p->birth_date);
    if (p->snils.kind != V_TEXT && (!family.n || p->birth_date.kind != V_DATE))
        import_wrong(line, run->column_of[F_SNILS] >= 0 ? F_SNILS : F_BIRTH_DATE,
                     N_("The SNILS is needed, or the name and the date of birth"));
}

/* A ministry may bring in what its institutions did; everybody else only his own. */
static int64_t read_body(struct import_run *run, struct import_line *line)
{
    const struct field *memo_of = &service_table.fields[SERVICE_BODY_ID];
    struct text cell = import_cell(run, line, F_BODY);
    const char *kind = run->rq->viewer.body_kind;
    if (!cell.n)
        return run->body;
    const struct import_memo *memo = import_memo_find(run, memo_of, cell);
    int64_t id = memo ? memo->value.i : body_of_name(run->rq, cell);
    if (!memo && id)
        import_memo_keep(run, memo_of, cell, v_int(id));
    if (!id)
        import_wrong(line, F_BODY, N_("There is no such institution in the register"));
    else if (id != run->body && !(kind && text_ends(text_of(kind), "ministry")))
        import_wrong(line, F_BODY, N_("The list may hold services of your own institution only"));
    return id;
}

static void find_person(struct import_run *run, struct import_line *line, struct parsed *p)
{
    const char *reason;
    line->person = person_identify(run->rq, &p->who, p->body, &reason);
    if (!line->person)
        import_wrong(line,
                     p->who.snils.kind == V_TEXT          ? F_SNILS
                     : run->column_of[F_FAMILY_NAME] >= 0 ? F_FAMILY_NAME
                                                          : F_FULL_NAME,
                     reason);
}

static void check(struct import_run *run, struct import_line *line)
{
    struct request *rq = run->rq;
    struct parsed *p = NEW(rq->arena, struct parsed);
    union service_same_row same;

    line->own = p;
    line->state = ROW_NEW;
    read_person(run, line, &p->who);
    p->kind = import_value(run, line, F_SERVICE);
    p->day = import_value(run, line, F_DAY);
    p->note = import_value(run, line, F_NOTE);
    p->body = read_body(run, line);
    p->classes = service_classes(v_as_text(p->kind));
    if (!rq->viewer.role || p->classes & ~rq->viewer.role->write)
        import_wrong(line, F_SERVICE, N_("Your role does not record services of this kind"));
    if (line->state == ROW_FAULTY)
        return;
    find_person(run, line, p);
    union service_record_row_check_row born;
    if (line->person &&
        q_service_record_row_check(
            rq, &(struct service_record_row_check_args){.person = v_int(line->person)}, &born) &&
        born.birth_date.kind == V_DATE && p->day.i < born.birth_date.i)
        import_wrong(line, F_DAY, N_("The date is before the person's birth"));
    if (line->state == ROW_FAULTY)
        return;
    char day[DATE_ISO_LEN + 1];
    date_iso(p->day.i, day);
    line->key = seal_digest(rq, "import_row.row_key", /* the kind may tell a sealed class */
                            arena_printf(rq->arena, "%lld|%.*s|%s|%lld", (long long)line->person,
                                         TEXT_ARG(v_as_text(p->kind)), day, (long long)p->body));
    if (q_service_same(rq,
                       &(struct service_same_args){.person = v_int(line->person),
                                                   .day = p->day,
                                                   .kind = p->kind,
                                                   .body = v_int(p->body)},
                       &same))
        line->state = ROW_SAME;
}

static void apply(struct change *ch, struct import_run *run, struct import_line *line)
{
    struct request *rq = run->rq;
    struct parsed *p = line->own;

    line->applied = true;
    if (line->state == ROW_SAME)
        return;
    union service_record r = {
        .person_id = v_int(line->person),
        .body_id = v_int(p->body),
        .account_id = v_int(rq->viewer.account),
        .kind = p->kind,
        .day = p->day,
        .note = p->note,
        .classes = v_int(p->classes),
        .import_id = run->id ? v_int(run->id) : v_null(),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(ch, &service_table, r.v);
    change_event(ch, &(struct event){.kind = "service.recorded",
                                     .person = line->person,
                                     .classes = p->classes,
                                     .table = &service_table,
                                     .object = id,
                                     .day = p->day.i});
    /* who gives a service works with the person: he stands in the body's list from now on */
    uint32_t grant = access_rule(FACT_LISTED, rq->viewer.body_kind, T(""));
    if (grant && p->body == rq->viewer.body && !access_bits(rq, p->body, line->person)) {
        struct person_entry e = {.record = p->who,
                                 .body = p->body,
                                 .grant = grant,
                                 .list = run->list,
                                 .import = run->id};
        person_enter_list(ch, line->person, &e);
    }
}

static size_t undo(struct change *ch, int64_t import, size_t limit)
{
    struct services_of_import_rows rows = {0};
    q_services_of_import(
        ch->rq,
        &(struct services_of_import_args){.import = v_int(import), .rows = v_int((int64_t)limit)},
        &rows);
    for (size_t i = 0; i < rows.n; i++) {
        w_service_delete(ch, &(struct service_delete_args){.id = rows.row[i].id});
        change_event(ch, &(struct event){.kind = "service.removed",
                                         .person = v_as_int(rows.row[i].person_id),
                                         .case_id = v_as_int(rows.row[i].case_id),
                                         .classes = (uint32_t)v_as_int(rows.row[i].classes),
                                         .table = &service_table,
                                         .object = v_as_int(rows.row[i].id)});
    }
    return rows.n ? rows.n : person_listings_undo(ch, import, limit);
}

static const struct import_target services = {
    .kind = "services",
    .fields = fields,
    .n_fields = F_COUNT,
    .mapped = mapped,
    .check = check,
    .apply = apply,
    .undo = undo,
};
IMPORT_TARGET(services)
