/* words.c - see words.h. */
#include "web/words.h"

#include "rules/engine.h"
#include "telemetry/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const words[WORD_COUNT][LANGUAGE_COUNT] = {
#define WORD(name, en, zh) [WORD_##name] = {en, zh},
#include "web/words_list.h"
#undef WORD
};

/* Each block has one row per value of its enum. */
#define SAME_SIZE(first, last, count)                                                    \
    _Static_assert((int)(last) - (int)(first) + 1 == (int)(count), "a row is missing")
SAME_SIZE(WORD_STATE_UP, WORD_STATE_UNKNOWN, STATE_COUNT);
SAME_SIZE(WORD_SEVERITY_MINOR, WORD_SEVERITY_SERIOUS, SEVERITY_SERIOUS + 1);
SAME_SIZE(WORD_CATEGORY_SECURITY, WORD_CATEGORY_SERVICE, CATEGORY_SERVICE + 1);
SAME_SIZE(WORD_STATUS_OPEN, WORD_STATUS_REOPENED, ISSUE_STATUS_COUNT);
SAME_SIZE(WORD_EVENT_OPENED, WORD_EVENT_WITHDRAWN, ACTION_COUNT);
SAME_SIZE(WORD_ACT_OPENED, WORD_ACT_WITHDRAWN, ACTION_COUNT);
SAME_SIZE(WORD_QUALITY_GOOD, WORD_QUALITY_BAD, QUALITY_BAD + 1);
SAME_SIZE(WORD_FINDING_NONE, WORD_FINDING_REFUSED, FINDING_KINDS);
SAME_SIZE(WORD_REASON_NONE, WORD_REASON_CLOCK, REASON_COUNT);
SAME_SIZE(WORD_KIND_LEAK, WORD_KIND_SERVICE, RULE_SERVICE + 1);

const char *word(enum language language, enum word word)
{
    assert((unsigned)language < LANGUAGE_COUNT && (unsigned)word < WORD_COUNT);
    return words[word][language];
}

/* The row of a value in the block that begins at `first`. */
static const char *word_at(enum language language, enum word first, unsigned value)
{
    return word(language, (enum word)((unsigned)first + value));
}

const char *word_state(enum language language, enum equipment_state state)
{
    return word_at(language, WORD_STATE_UP, state);
}

const char *word_severity(enum language language, enum severity severity)
{
    return word_at(language, WORD_SEVERITY_MINOR, severity);
}

const char *word_category(enum language language, enum category category)
{
    return word_at(language, WORD_CATEGORY_SECURITY, category);
}

const char *word_status(enum language language, enum issue_status status)
{
    return word_at(language, WORD_STATUS_OPEN, status);
}

const char *word_event(enum language language, enum issue_action action)
{
    return word_at(language, WORD_EVENT_OPENED, action);
}

const char *word_action(enum language language, enum issue_action action)
{
    return word_at(language, WORD_ACT_OPENED, action);
}

const char *word_quality(enum language language, enum quality quality)
{
    return word_at(language, WORD_QUALITY_GOOD, quality);
}

const char *word_finding(enum language language, enum finding_kind kind)
{
    return word_at(language, WORD_FINDING_NONE, kind);
}

const char *word_reason(enum language language, enum reason reason)
{
    return word_at(language, WORD_REASON_NONE, reason);
}

const char *word_kind(enum language language, const char *kind)
{
    for (int i = RULE_LEAK; i <= RULE_SERVICE; i++)
        if (strcmp(rule_kind_name((enum rule_kind)i), kind) == 0)
            return word_at(language, WORD_KIND_LEAK, (unsigned)i);
    return kind;
}

const char *word_source(enum language language, const char *source)
{
    static const char *const names[] = {"rule",      "person", "round",
                                        "complaint", "survey", "assessment"};

    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], source) == 0)
            return word_at(language, WORD_SOURCE_RULE, i);
    return source;
}

const char *word_class(enum language language, const char *class_name)
{
    const struct equipment_class *found = model_class(class_name);

    if (found == NULL)
        return class_name;
    return language == LANGUAGE_ZH ? found->zh : found->en;
}

const char *language_tag(enum language language)
{
    return language == LANGUAGE_ZH ? "zh-CN" : "en";
}

bool language_from_tag(const char *tag, size_t length, enum language *language)
{
    static const struct {
        const char *prefix;
        enum language language;
    } known[] = {{"zh", LANGUAGE_ZH}, {"en", LANGUAGE_EN}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((length == 2 || (length > 2 && tag[2] == '-')) &&
            strncasecmp(tag, known[i].prefix, 2) == 0) {
            *language = known[i].language;
            return true;
        }
    return false;
}

/* Best of an Accept-Language header; RFC 9110 12.5.4. */
static bool accept_language(const char *header, enum language *language)
{
    double best = 0;

    while (*header != '\0') {
        size_t item = strcspn(header, ",");
        size_t lead = strspn(header, " \t");
        const char *tag = header + (lead < item ? lead : item);
        size_t length = strcspn(tag, ",; \t");
        const char *weight = memchr(header, '=', item);
        double quality = weight == NULL ? 1 : strtod(weight + 1, NULL);
        enum language spoken;

        if (quality > best && language_from_tag(tag, length, &spoken)) {
            best = quality;
            *language = spoken;
        }
        header += item;
        header += *header == ',';
    }
    return best > 0;
}

const char *cookie_get(const char *cookies, const char *name, char *value, size_t size)
{
    size_t name_length = strlen(name);

    value[0] = '\0';
    while (*cookies != '\0') {
        size_t length;

        cookies += strspn(cookies, "; ");
        length = strcspn(cookies, ";");
        if (length > name_length && cookies[name_length] == '=' &&
            strncmp(cookies, name, name_length) == 0 && length - name_length - 1 < size) {
            memcpy(value, cookies + name_length + 1, length - name_length - 1);
            value[length - name_length - 1] = '\0';
            break;
        }
        cookies += length;
    }
    return value;
}

enum language language_choose(const struct request *request, const char *site_language)
{
    enum language language = LANGUAGE_EN;
    char saved[16] = "";
    const char *asked = params_get(&request->query, "lang", "");

    (void)cookie_get(request->cookie, "lang", saved, sizeof saved);
    if (language_from_tag(asked, strlen(asked), &language) ||
        language_from_tag(saved, strlen(saved), &language) ||
        accept_language(request->accept_language, &language))
        return language;
    (void)language_from_tag(site_language, strlen(site_language), &language);
    return language;
}
