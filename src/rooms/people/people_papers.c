/* Rules of other names, documents and identification. */
#include "rooms/people/people_keys.h"
#include "rooms/people/people_papers.h"
#include "guard/codes.h"
#include "rooms/packs/packs.h"
#include "rooms/people/people_rules.h"

static bool is(struct value v, const char *code)
{
    return text_is(v_as_text(v), code);
}

/* ---- other names ---- */

struct text person_whole_name(struct arena *arena, struct value family, struct value given,
                              struct value patronymic)
{
    const struct text parts[] = {v_as_text(family), v_as_text(given), v_as_text(patronymic)};
    struct text out = T("");
    for (size_t i = 0; i < 3; i++)
        if (parts[i].n)
            out = arena_printf(arena, "%.*s%s%.*s", TEXT_ARG(out), out.n ? " " : "",
                               TEXT_ARG(parts[i]));
    return out;
}

/* At most so many characters. */
static struct text cut(struct text t, size_t most)
{
    while (text_chars(t) > most)
        do
            t.n--;
        while (t.n && ((unsigned char)t.s[t.n] & 0xC0) == 0x80);
    return t;
}

static struct value name_key(struct arena *arena, struct text name)
{
    return v_text(text_fold(arena, name));
}

void name_enter(struct change *ch, int64_t person, const struct name_entry *e)
{
    struct request *rq = ch->rq;
    struct text name =
        cut(text_trim(e->name), (size_t)person_name_table.fields[PERSON_NAME_NAME].max);
    struct value key = name_key(rq->arena, name);
    union person_name_same_row same;
    if (!name.n || !v_as_text(key).n ||
        q_person_name_same(
            rq, &(struct person_name_same_args){.person = v_int(person), .name_key = key}, &same))
        return;
    union person_name_record n = {
        .person_id = v_int(person),
        .kind = v_z(e->kind),
        .name = v_text(name),
        .name_key = key,
        .since = e->since.kind == V_DATE ? e->since : v_null(),
        .until = e->until.kind == V_DATE ? e->until : v_null(),
        .body_id = v_int(e->body),
        .import_id = e->import ? v_int(e->import) : v_null(),
        .created_at = v_instant(rq->now),
    };
    int64_t id = change_insert(ch, &person_name_table, n.v);
    person_index_name(ch, name);
    change_event(ch, &(struct event){.kind = "person.name_added",
                                     .person = person,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &person_name_table,
                                     .object = id});
}

void name_keep_former(struct change *ch, int64_t person, const union person_facts_row *before,
                      const union person_record *after, struct value until)
{
    struct arena *arena = ch->rq->arena;
    struct text family = text_fold(arena, v_as_text(before->family_name));
    bool surname = !text_eq(family, text_fold(arena, v_as_text(after->family_name)));
    bool rest = !text_eq(
        text_fold(arena, person_whole_name(arena, v_null(), before->given_name, before->patronymic)),
        text_fold(arena, person_whole_name(arena, v_null(), after->given_name, after->patronymic)));
    bool made = name_is_made(v_as_text(before->family_name));
    if (!surname && !rest)
        return;
    name_enter(ch, person,
               &(struct name_entry){
                   .kind = made ? "alias" : "former",
                   .name = rest ? person_whole_name(arena, before->family_name, before->given_name,
                                             before->patronymic)
                                : v_as_text(before->family_name),
                   .until = until.kind == V_DATE ? until : v_date(ch->rq->today),
                   .body = ch->rq->viewer.body,
                   .import = ch->import,
               });
}

static bool knows(struct request *rq, int64_t person)
{
    if (access_bits(rq, rq->viewer.body, person) & CLASS_BIT(CLASS_IDENTITY))
        return true;
    rq_fail(rq, ERR_NOT_FOUND);
    return false;
}

static bool dates_good(struct request *rq, const struct input *since, struct input *until)
{
    bool good = !v_is(since->value) || !v_is(until->value) ||
                v_as_int(until->value) >= v_as_int(since->value);
    if (!good)
        input_reject(rq, until, N_("The last day is before the first"));
    return good;
}

static bool name_form_good(struct request *rq, struct name_form *form)
{
    struct input *const name[] = {&form->name};
    bool dates = dates_good(rq, &form->since, &form->until);
    return names_good(rq, name, 1) && dates; /* what is wrong is said at once */
}

void person_name_add(struct request *rq, int64_t person, struct name_form *form)
{
    if (!name_form_good(rq, form))
        return;
    struct change ch;
    union person_name_same_row same;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    if (knows(rq, person)) {
        struct text name = v_as_text(form->name.value);
        if (q_person_name_same(rq,
                               &(struct person_name_same_args){
                                   .person = v_int(person), .name_key = name_key(rq->arena, name)},
                               &same))
            input_reject(rq, &form->name, N_("This name stands already"));
        else
            name_enter(&ch, person,
                       &(struct name_entry){.kind = arena_z(rq->arena, v_as_text(form->kind.value)),
                                            .name = name,
                                            .since = form->since.value,
                                            .until = form->until.value,
                                            .body = rq->viewer.body});
    }
    change_commit(&ch);
}

void person_name_change(struct request *rq, int64_t person, int64_t name, int64_t version,
                        struct name_form *form)
{
    if (!name_form_good(rq, form))
        return;
    struct change ch;
    union person_name_row_row now = {0};
    change_begin(rq, &ch, SUBJECT(&person_name_table, name));
    if (knows(rq, person))
        q_person_name_row(
            rq, &(struct person_name_row_args){.id = v_int(name), .person = v_int(person)}, &now);
    union person_name_record n = {
        .kind = form->kind.value,
        .name = form->name.value,
        .name_key = name_key(rq->arena, v_as_text(form->name.value)),
        .since = form->since.value,
        .until = form->until.value,
        .import_id = v_null(), /* looked after by hand: a list that is taken back leaves it */
    };
    change_update(&ch, &person_name_table, name, version, n.v);
    person_index_name(&ch, v_as_text(form->name.value));
    change_event(&ch, &(struct event){.kind = "person.name_changed",
                                      .person = person,
                                      .classes = CLASS_BIT(CLASS_IDENTITY),
                                      .table = &person_name_table,
                                      .object = name});
    change_commit(&ch);
}

/* ---- names as typed ---- */

bool names_good(struct request *rq, struct input *const *names, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        struct input *in = names[i];
        struct text mended, name = v_as_text(in->value);
        if (in->value.kind != V_TEXT || !name.n)
            continue;
        enum mixed mixed = name_mixed(rq->arena, name, &mended);
        if (!person_name_good(name) && !name_is_made(name)) {
            input_reject(rq, in,
                         N_("A name consists of letters; a hyphen or a blank may stand "
                            "between them"));
        } else if (mixed == MIXED_ALIKE) {
            in->error = N_("Russian and Latin letters were mixed in one word. Here it is in one "
                           "alphabet: {a}. Check it and save");
            in->error_a = v_text(mended);
            in->raw = mended;
            in->value = (struct value){0};
            rq_mistake_of(rq, in->field->name, in->error, in->error_a);
        } else if (mixed == MIXED_REALLY) {
            input_reject(rq, in, N_("Russian and Latin letters are mixed in one word"));
        } else {
            continue;
        }
        good = false;
    }
    return good;
}

struct text person_nameless(struct change *ch, struct value sex)
{
    const struct code_list *words = code_list("nameless");
    const struct code *word = words ? code_find(words, v_as_text(sex)) : NULL;
    if (!word && words)
        word = code_find(words, T("person"));
    struct text series = change_number(ch, "U"), part, year = T(""); /* U-2024-000012 */
    if (ch->rq->err || !text_split(&series, '-', &part) || !text_split(&series, '-', &year))
        return T("");
    while (series.n > 1 && series.s[0] == '0')
        series = (struct text){series.s + 1, series.n - 1};
    return arena_printf(ch->rq->arena, "%s № %.*s/%.*s", word ? word->label[LANG_RU] : "?",
                        TEXT_ARG(series), TEXT_ARG(year));
}

const char *person_lacks(const union person_record *p, bool document, int *field)
{
    bool named = v_is(p->family_name) || v_is(p->given_name);
    if (is(p->identity_status, "document") || !v_is(p->identity_status)) {
        *field = PERSON_FAMILY_NAME;
        if (!v_is(p->family_name))
            return N_("Fill in this field");
        *field = PERSON_BIRTH_DATE;
        if (!v_is(p->birth_date) && !v_is(p->snils) && !v_is(p->iin) && !document)
            return N_("Who is established by a document has a date of birth or a number: fill it "
                      "in, or choose another status of the identity");
    } else if (is(p->identity_status, "stated")) {
        *field = PERSON_FAMILY_NAME;
        if (!named)
            return N_("Write what the person is called, an alias will do");
    } else {
        *field = PERSON_SIGNS;
        if (!named && !v_is(p->signs) && !v_is(p->met_at))
            return N_("Write an alias, distinguishing signs or where the person was met");
    }
    *field = -1;
    return NULL;
}

/* ---- documents ---- */

uint32_t document_bits(struct text kind)
{
    return CLASS_BIT(CLASS_IDENTITY) | code_classes("document_kind", kind);
}

static bool says_who(struct text kind)
{
    char key[100];
    int n = snprintf(key, sizeof key, "document_kind %.*s", TEXT_ARG(kind));
    return n > 0 && (size_t)n < sizeof key && text_is(pack_value("code", key, "identity"), "yes");
}

bool person_documented(struct request *rq, int64_t person)
{
    struct documents_of_rule_rows rows;
    q_documents_of_rule(rq, &(struct documents_of_rule_args){.person = v_int(person)}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (v_is(rows.row[i].number_key) && says_who(v_as_text(rows.row[i].kind)))
            return true;
    return false;
}

static void set_key(struct arena *arena, union person_document_record *d)
{
    struct text key = document_key(arena, v_as_text(d->series), v_as_text(d->number));
    d->number_key = v_text_or_null(key);
}

/* The document of the same kind and number; 0: none. */
static int64_t same_document(struct request *rq, int64_t person, struct value kind,
                             struct value key)
{
    struct documents_of_rule_rows rows;
    if (!v_is(key))
        return 0;
    q_documents_of_rule(rq, &(struct documents_of_rule_args){.person = v_int(person)}, &rows);
    for (size_t i = 0; i < rows.n; i++)
        if (text_eq(v_as_text(rows.row[i].kind), v_as_text(kind)) &&
            text_eq(v_as_text(rows.row[i].number_key), v_as_text(key)))
            return v_as_int(rows.row[i].id);
    return 0;
}

void document_enter(struct change *ch, int64_t person, const struct document_entry *e)
{
    union person_document_record d = e->record;
    uint32_t bits = document_bits(v_as_text(d.kind));
    set_key(ch->rq->arena, &d);
    if (same_document(ch->rq, person, d.kind, d.number_key))
        return;
    d.person_id = v_int(person);
    d.state = v_is(d.state) ? d.state : v_z("valid");
    d.body_id = v_int(e->body);
    d.import_id = e->import ? v_int(e->import) : v_null();
    d.classes = v_int(bits);
    d.created_at = v_instant(ch->rq->now);
    int64_t id = change_insert(ch, &person_document_table, d.v);
    change_event(ch, &(struct event){.kind = "person.document_added",
                                     .person = person,
                                     .classes = bits,
                                     .table = &person_document_table,
                                     .object = id});
}

bool person_called(struct request *rq, int64_t person, struct text name)
{
    union person_name_same_row same;
    return q_person_name_same(rq,
                              &(struct person_name_same_args){
                                  .person = v_int(person), .name_key = name_key(rq->arena, name)},
                              &same);
}

bool person_has_document(struct request *rq, int64_t person,
                         const union person_document_record *document)
{
    union person_document_record d = *document;
    set_key(rq->arena, &d);
    return same_document(rq, person, d.kind, d.number_key) > 0;
}

/* The inputs of both forms of a document. */
struct document_inputs {
    struct input *kind, *series, *number, *issued_on, *valid_until;
};

static bool document_good(struct request *rq, const struct document_inputs *in, struct odd *odd)
{
    const struct role *role = rq->viewer.role;
    struct text kind = v_as_text(in->kind->value);
    int field = 0;
    bool good = true;
    if (!rq->viewer.system && document_bits(kind) & ~(role ? role->write : 0)) {
        input_reject(rq, in->kind, N_("Your role does not record documents of this kind"));
        return false;
    }
    struct text series = v_as_text(in->series->value), number = v_as_text(in->number->value);
    if (in->number->value.kind == V_TEXT) {
        document_divide(rq->arena, kind, &series, &number);
        in->series->value = v_text_or_null(series);
        in->number->value = v_text(number);
    }
    if (number.n && !document_key(rq->arena, T(""), number).n) {
        input_reject(rq, in->number, N_("A number of a document has digits or letters"));
        good = false;
    }
    enum written how = document_written(kind, series, number, &field);
    struct input *at = field == PERSON_DOCUMENT_SERIES ? in->series : in->number;
    if (good && how != WRITTEN_WELL && (how == WRITTEN_WRONG || !odd->stands)) {
        struct text raw = at->raw;
        input_reject(rq, at,
                     how == WRITTEN_WRONG
                         ? N_("Documents of this kind are numbered otherwise: compare with the "
                              "document")
                         : N_("Documents of this kind are usually numbered otherwise: compare, and "
                              "confirm below if the document says so"));
        at->raw = raw;
        odd->asked = how == WRITTEN_ODDLY;
        good = false;
    }
    if (v_is(in->issued_on->value) && v_is(in->valid_until->value) &&
        v_as_int(in->valid_until->value) < v_as_int(in->issued_on->value)) {
        input_reject(rq, in->valid_until, N_("The last day is before the first"));
        good = false;
    }
    return good;
}

static union person_document_record document_of(const struct document_form *f)
{
    return (union person_document_record){
        .kind = f->kind.value,
        .series = f->series.value,
        .number = f->number.value,
        .issued_on = f->issued_on.value,
        .issued_by = f->issued_by.value,
        .issuer_code = f->issuer_code.value,
        .valid_until = f->valid_until.value,
        .state = f->state.value,
        .step = is(f->state.value, "restoring") ? f->step.value : v_null(),
        .state_on = f->state_on.value,
    };
}

static struct document_inputs inputs_of(struct document_form *f)
{
    return (struct document_inputs){&f->kind, &f->series, &f->number, &f->issued_on,
                                    &f->valid_until};
}

void person_document_add(struct request *rq, int64_t person, struct document_form *form,
                         struct odd *odd)
{
    struct document_inputs in = inputs_of(form);
    if (!document_good(rq, &in, odd))
        return;
    struct change ch;
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    if (knows(rq, person)) {
        struct document_entry e = {.record = document_of(form), .body = rq->viewer.body};
        set_key(rq->arena, &e.record);
        if (same_document(rq, person, e.record.kind, e.record.number_key))
            input_reject(rq, &form->number, N_("This document stands already"));
        else
            document_enter(&ch, person, &e);
    }
    change_commit(&ch);
}

void person_document_change(struct request *rq, int64_t person, int64_t document, int64_t version,
                            struct document_form *form, struct odd *odd)
{
    struct document_inputs in = inputs_of(form);
    if (!document_good(rq, &in, odd))
        return;
    struct change ch;
    union person_document_row_row now = {0};
    change_begin(rq, &ch, SUBJECT(&person_document_table, document));
    if (knows(rq, person))
        q_person_document_row(
            rq, &(struct person_document_row_args){.id = v_int(document), .person = v_int(person)},
            &now);
    if (now.kind.kind == V_HIDDEN) /* what may not be read is not written over */
        rq_fail(rq, ERR_NOT_FOUND);
    union person_document_record d = document_of(form);
    uint32_t bits = document_bits(v_as_text(d.kind));
    set_key(rq->arena, &d);
    int64_t same = rq->err ? 0 : same_document(rq, person, d.kind, d.number_key);
    if (same && same != document)
        input_reject(rq, &form->number, N_("This document stands already"));
    d.classes = v_int(bits);
    d.import_id = v_null(); /* looked after by hand: a list that is taken back leaves it */
    change_update(&ch, &person_document_table, document, version, d.v);
    change_event(&ch, &(struct event){.kind = "person.document_changed",
                                      .person = person,
                                      .classes = bits,
                                      .table = &person_document_table,
                                      .object = document});
    change_commit(&ch);
}

/* ---- identification ---- */

/* What the form leaves out stays. */
static struct value set_or(struct value given, struct value now)
{
    return given.kind == V_NONE ? now : given;
}

static void establish(struct change *ch, int64_t person, int64_t version,
                      const union person_facts_row *now, const union person_record *p,
                      struct identification_form *how)
{
    struct request *rq = ch->rq;
    union identification_record i = {
        .person_id = v_int(person),
        .day = how->day.value,
        .words = how->words.value,
        .identity_status = p->identity_status,
        .before_name =
            v_text(person_whole_name(rq->arena, now->family_name, now->given_name, now->patronymic)),
        .before_status = now->identity_status,
        .before_from = v_is(now->birth_year_from) ? now->birth_year_from : v_null(),
        .before_to = v_is(now->birth_year_to) ? now->birth_year_to : v_null(),
        .body_id = v_int(rq->viewer.body),
        .account_id = v_int(rq->viewer.account),
        .created_at = v_instant(rq->now),
    };
    change_update(ch, &person_table, person, version, p->v);
    person_index_again(ch, person, now, p);
    int64_t id = change_insert(ch, &identification_table, i.v);
    change_event(ch, &(struct event){.kind = "person.identified",
                                     .person = person,
                                     .classes = CLASS_BIT(CLASS_IDENTITY),
                                     .table = &identification_table,
                                     .object = id,
                                     .day = v_as_int(how->day.value)});
    if (!v_eq(p->name_key, now->name_key)) {
        access_refresh(ch, person);
        name_enter(ch, person,
                   &(struct name_entry){.kind = is(now->identity_status, "document") ? "former"
                                                : is(now->identity_status, "stated") ? "stated"
                                                                                     : "alias",
                                        .name = v_as_text(i.before_name),
                                        .until = how->day.value,
                                        .body = rq->viewer.body});
    }
}

static bool identity_good(struct request *rq, struct identify_form *form,
                          const union person_record *whole, bool document)
{
    struct input *const names[] = {&form->family_name, &form->given_name, &form->patronymic};
    int field = -1;
    bool good = names_good(rq, names, 3);
    if (!is(whole->identity_status, "document") && !is(whole->identity_status, "stated")) {
        input_reject(rq, &form->identity_status,
                     N_("Choose how the identity is established: by a document or as stated"));
        return false;
    }
    const char *wrong = person_fault(whole, rq->today, &field);
    if (!wrong)
        wrong = person_lacks(whole, document, &field);
    if (wrong) {
        for (size_t i = 0; i < identify_form.n; i++)
            if (strcmp(identify_form.fields[i].name, person_table.fields[field].name) == 0)
                input_reject(rq, &form->v[i], wrong);
        return false;
    }
    return good;
}

void person_establish(struct request *rq, int64_t person, int64_t version,
                      struct identify_form *form, struct identification_form *how,
                      struct identify_document_form *document, struct odd *odd)
{
    bool shown = v_is(document->kind.value);
    struct document_inputs in = {&document->kind, &document->series, &document->number,
                                 &document->issued_on, &document->valid_until};
    if (!shown && (v_is(document->number.value) || v_is(document->series.value))) {
        input_reject(rq, &document->kind, N_("Choose the kind of the document"));
        return;
    }
    if (shown && !document_good(rq, &in, odd))
        return;
    struct change ch;
    union person_facts_row now = {0};
    change_begin(rq, &ch, SUBJECT(&person_table, person));
    if (knows(rq, person) &&
        !q_person_facts(rq, &(struct person_facts_args){.id = v_int(person)}, &now))
        rq_fail(rq, ERR_NOT_FOUND);
    if (!rq->err) {
        union person_record p = {
            .identity_status = form->identity_status.value,
            .family_name = set_or(form->family_name.value, now.family_name),
            .given_name = set_or(form->given_name.value, now.given_name),
            .patronymic = set_or(form->patronymic.value, now.patronymic),
            .birth_date = set_or(form->birth_date.value, now.birth_date),
            .sex = form->sex.value,
            .birth_place = form->birth_place.value,
            .snils = set_or(form->snils.value, now.snils),
            .iin = set_or(form->iin.value, now.iin),
        };
        union person_record whole = p;
        whole.death_date = now.death_date;
        bool known = shown || person_documented(rq, person);
        if (v_is(p.birth_date)) /* the years stand in the identification */
            p.birth_year_from = p.birth_year_to = v_null();
        p.name_key = v_text(person_name_key(rq->arena, v_as_text(p.family_name),
                                            v_as_text(p.given_name), v_as_text(p.patronymic)));
        if (identity_good(rq, form, &whole, known))
            establish(&ch, person, version, &now, &p, how);
        if (shown && !rq->err && !rq->mistakes)
            document_enter(
                &ch, person,
                &(struct document_entry){.record = {.kind = document->kind.value,
                                                    .series = document->series.value,
                                                    .number = document->number.value,
                                                    .issued_on = document->issued_on.value,
                                                    .issued_by = document->issued_by.value,
                                                    .issuer_code = document->issuer_code.value,
                                                    .valid_until = document->valid_until.value},
                                         .body = rq->viewer.body});
    }
    change_commit(&ch);
}

/* ---- taking an import back ---- */

size_t person_papers_undo(struct change *ch, int64_t import, size_t limit)
{
    struct request *rq = ch->rq;
    struct value id = v_int(import), most = v_int((int64_t)limit);
    struct import_names_rows names = {0};
    struct import_documents_rows documents = {0};
    q_import_names(rq, &(struct import_names_args){.import = id, .rows = most}, &names);
    for (size_t i = 0; i < names.n; i++) {
        w_name_delete(ch, &(struct name_delete_args){.id = names.row[i].id});
        change_event(ch, &(struct event){.kind = "person.name_removed",
                                         .person = v_as_int(names.row[i].person_id),
                                         .classes = CLASS_BIT(CLASS_IDENTITY),
                                         .table = &person_name_table,
                                         .object = v_as_int(names.row[i].id)});
    }
    if (names.n || rq->err)
        return names.n;
    q_import_documents(rq, &(struct import_documents_args){.import = id, .rows = most}, &documents);
    for (size_t i = 0; i < documents.n; i++) {
        w_document_delete(ch, &(struct document_delete_args){.id = documents.row[i].id});
        change_event(ch, &(struct event){.kind = "person.document_removed",
                                         .person = v_as_int(documents.row[i].person_id),
                                         .classes = (uint32_t)v_as_int(documents.row[i].classes),
                                         .table = &person_document_table,
                                         .object = v_as_int(documents.row[i].id)});
    }
    return documents.n;
}
