#include "store/field.h"
#include "store/engine.h"

const char *const class_names[CLASS_COUNT] = {
    [CLASS_OPEN] = "open",
    [CLASS_IDENTITY] = "identity",
    [CLASS_CONTACT] = "contact",
    [CLASS_SOCIAL] = "social",
    [CLASS_FAMILY] = "family",
    [CLASS_CRIMINAL] = "criminal",
    [CLASS_SPENT] = "spent",
    [CLASS_HEALTH] = "health",
    [CLASS_HIV] = "hiv",
    [CLASS_ADDICTION] = "addiction",
    [CLASS_MENTAL] = "mental",
    [CLASS_VIOLENCE] = "violence",
    [CLASS_EMPLOYMENT] = "employment",
    [CLASS_FINANCE] = "finance",
};

const char *const class_labels[CLASS_COUNT] = {
    [CLASS_OPEN] = N_("open data"),
    [CLASS_IDENTITY] = N_("identity"),
    [CLASS_CONTACT] = N_("address and contacts"),
    [CLASS_SOCIAL] = N_("social situation"),
    [CLASS_FAMILY] = N_("family"),
    [CLASS_CRIMINAL] = N_("criminal record"),
    [CLASS_SPENT] = N_("spent convictions"),
    [CLASS_HEALTH] = N_("health"),
    [CLASS_HIV] = N_("HIV"),
    [CLASS_ADDICTION] = N_("addiction treatment"),
    [CLASS_MENTAL] = N_("mental health"),
    [CLASS_VIOLENCE] = N_("violence suffered"),
    [CLASS_EMPLOYMENT] = N_("employment"),
    [CLASS_FINANCE] = N_("income and payments"),
};

enum err class_parse(struct text name, enum data_class *out)
{
    for (int k = 0; k < CLASS_COUNT; k++) {
        if (text_is(name, class_names[k])) {
            *out = (enum data_class)k;
            return OK;
        }
    }
    return ERR_SYNTAX;
}

enum err classes_parse(struct text names, uint32_t *bits)
{
    uint32_t sum = 0;
    struct text rest = names, word;

    while (text_split(&rest, ' ', &word)) {
        enum data_class cls;

        word = text_trim(word);
        if (word.n == 0 || text_is(word, "none"))
            continue;
        if (text_is(word, "all")) {
            sum |= CLASS_ALL;
            continue;
        }
        enum err err = class_parse(word, &cls);
        if (err)
            return err;
        sum |= CLASS_BIT(cls);
    }
    *bits = sum;
    return OK;
}

int table_field(const struct table *t, struct text name)
{
    for (size_t k = 0; k < t->n_fields; k++) {
        if (text_is(name, t->fields[k].name))
            return (int)k;
    }
    return -1;
}

enum value_kind field_kind(const struct field *f)
{
    switch (f->type) {
    case FIELD_ID:
    case FIELD_INT:
    case FIELD_CLASSES:
    case FIELD_BOOL:
    case FIELD_REF:
        return V_INT;
    case FIELD_INSTANT:
        return V_INSTANT;
    case FIELD_DATE:
        return V_DATE;
    case FIELD_CODE:
        return V_CODE;
    case FIELD_TEXT:
    case FIELD_SNILS:
    case FIELD_IIN:
    case FIELD_PHONE:
        return V_TEXT;
    }
    return V_TEXT;
}
