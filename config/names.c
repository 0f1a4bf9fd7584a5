/* names.c - see names.h and settings.h. */
#include "config/names.h"

const struct schema_word severity_words[] = {
    {"minor", SEVERITY_MINOR},
    {"general", SEVERITY_GENERAL},
    {"serious", SEVERITY_SERIOUS},
    {NULL, 0},
};

const struct schema_word category_words[] = {
    {"security", CATEGORY_SECURITY}, {"cleaning", CATEGORY_CLEANING},
    {"greening", CATEGORY_GREENING}, {"facilities", CATEGORY_FACILITIES},
    {"service", CATEGORY_SERVICE},   {NULL, 0},
};

const struct schema_word rule_kind_words[] = {
    {"leak", RULE_LEAK},
    {"outage", RULE_OUTAGE},
    {"fault", RULE_FAULT},
    {"safety", RULE_SAFETY},
    {"quality", RULE_QUALITY},
    {"service", RULE_SERVICE},
    {NULL, 0},
};

const struct schema_word on_unknown_words[] = {
    {"hold", UNKNOWN_HOLD},
    {"raise", UNKNOWN_RAISE},
    {"clear", UNKNOWN_CLEAR},
    {NULL, 0},
};

const struct schema_word sink_type_words[] = {
    {"influxdb1", SINK_INFLUXDB1},
    {"influxdb2", SINK_INFLUXDB2},
    {"victoriametrics", SINK_VICTORIAMETRICS},
    {NULL, 0},
};

const struct schema_word value_type_words[] = {
    {"bool", TYPE_BOOL},     {"u16", TYPE_U16},       {"s16", TYPE_S16},
    {"u32", TYPE_U32},       {"s32", TYPE_S32},       {"u48", TYPE_U48},
    {"u64", TYPE_U64},       {"s64", TYPE_S64},       {"f32", TYPE_F32},
    {"f64", TYPE_F64},       {"bcd16", TYPE_BCD16},   {"bcd32", TYPE_BCD32},
    {"bcd64", TYPE_BCD64},   {"m10k32", TYPE_M10K32}, {"m10k64", TYPE_M10K64},
    {"string", TYPE_STRING}, {"number", TYPE_NUMBER}, {NULL, 0},
};

const struct schema_word word_order_words[] = {
    {"ABCD", ORDER_ABCD},     {"CDAB", ORDER_CDAB},     {"BADC", ORDER_BADC},
    {"DCBA", ORDER_DCBA},     {"ABCDEFGH", ORDER_ABCD}, {"GHEFCDAB", ORDER_CDAB},
    {"BADCFEHG", ORDER_BADC}, {"HGFEDCBA", ORDER_DCBA}, {NULL, 0},
};

const struct schema_word parity_words[] = {
    {"none", 0},
    {"even", 1},
    {"odd", 2},
    {NULL, 0},
};

const struct schema_word language_words[] = {
    {"zh-CN", 0},
    {"en", 1},
    {NULL, 0},
};

const struct schema_word confidence_words[] = {
    {"A", 0},
    {"B", 1},
    {NULL, 0},
};

size_t rule_expressions(const struct rule_settings *rule,
                        const struct expr_settings *out[RULE_EXPRESSIONS_MAX])
{
    size_t count = 0;

    if (rule->when.text[0] != '\0')
        out[count++] = &rule->when;
    for (size_t i = 0; i < rule->level_count; i++)
        out[count++] = &rule->levels[i].when;
    if (rule->clear.text[0] != '\0')
        out[count++] = &rule->clear;
    return count;
}

const char *severity_name(enum severity severity)
{
    return schema_word_name(severity_words, (int)severity);
}

const char *category_name(enum category category)
{
    return schema_word_name(category_words, (int)category);
}

const char *rule_kind_name(enum rule_kind kind)
{
    return schema_word_name(rule_kind_words, (int)kind);
}

const char *sink_type_name(enum sink_type type)
{
    return schema_word_name(sink_type_words, (int)type);
}

int severity_from_name(const char *name)
{
    return schema_word(severity_words, name);
}

int category_from_name(const char *name)
{
    return schema_word(category_words, name);
}

int value_type_registers(enum value_type type)
{
    static const int registers[] = {
        [TYPE_U16] = 1,   [TYPE_S16] = 1,    [TYPE_BCD16] = 1,  [TYPE_U32] = 2,
        [TYPE_S32] = 2,   [TYPE_F32] = 2,    [TYPE_BCD32] = 2,  [TYPE_M10K32] = 2,
        [TYPE_U48] = 3,   [TYPE_U64] = 4,    [TYPE_S64] = 4,    [TYPE_F64] = 4,
        [TYPE_BCD64] = 4, [TYPE_M10K64] = 4, [TYPE_NUMBER] = 0,
    };

    return registers[type];
}

bool value_type_is_integer(enum value_type type)
{
    return type >= TYPE_U16 && type <= TYPE_S64;
}
