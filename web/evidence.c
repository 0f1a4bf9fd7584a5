/* evidence.c - see evidence.h. */
#include "web/evidence.h"

#include "base/json_in.h"
#include "web/view.h"

#include <string.h>

enum {
    EVIDENCE_MAX = 1024 * 1024, /* bytes of one explanation */
    EVIDENCE_DEPTH = 12,        /* the engine writes 10 */
};

/* The member of that name when it is an array or object with something in it. */
static const struct json *filled_member(const struct json *object, const char *name,
                                        enum json_kind kind)
{
    const struct json *value = json_member(object, name);

    return value != NULL && json_kind(value) == kind && json_count(value) > 0 ? value
                                                                              : NULL;
}

static void put_truth(struct page *page, const char *name, enum word which)
{
    html_put(page->out, "<span class=\"truth truth-{!}\">{}</span>", name,
             page_word(page, which));
}

/* The page's words for a reason that samples have too; else the rule language's own. */
static const char *reason_words(const struct page *page, const char *name)
{
    for (int i = REASON_STARTUP; i < REASON_COUNT; i++)
        if (strcmp(reason_name((enum reason)i), name) == 0)
            return word_reason(page->language, (enum reason)i);
    return name;
}

/* "coverage, stale": why a value is unknown. */
static void put_reasons(struct page *page, const struct json *node)
{
    const struct json *reasons = json_member(node, "reasons");

    if (reasons == NULL || json_kind(reasons) != JSON_ARRAY) {
        const char *reason = json_member_text(node, "reason", "");

        if (reason[0] != '\0')
            html_put(page->out, " <span class=\"mute\">({})</span>",
                     reason_words(page, reason));
        return;
    }
    for (size_t i = 0; i < json_count(reasons); i++) {
        const struct json *reason = json_item(reasons, i);

        if (json_kind(reason) == JSON_STRING)
            html_put(page->out, "{!}{}", i == 0 ? " <span class=\"mute\">(" : ", ",
                     reason_words(page, json_text(reason)));
    }
    if (json_count(reasons) > 0)
        text_add(page->out, ")</span>");
}

static void put_value(struct page *page, const struct json *node,
                      const struct json *value)
{
    enum json_kind kind = value == NULL ? JSON_NULL : json_kind(value);

    if (kind == JSON_BOOL) {
        put_truth(page, json_truth(value) ? "true" : "false",
                  json_truth(value) ? WORD_CONDITION_TRUE : WORD_CONDITION_FALSE);
    } else if (kind == JSON_NUMBER) {
        html_put(page->out, "<b class=\"number\">{}</b> <span class=\"unit\">{}</span>",
                 show_number(json_real(value), SHOW_ROOM),
                 page_unit(json_member_text(node, "unit", "")));
    } else if (kind == JSON_STRING && strcmp(json_text(value), "unknown") != 0) {
        html_put(page->out, "<b class=\"number\">{}</b>", json_text(value));
    } else {
        put_truth(page, "unknown", WORD_CONDITION_UNKNOWN);
        put_reasons(page, node);
    }
}

/* "· coverage 97 %", "· 4 members": how far a value may be trusted. */
static void put_notes(struct page *page, const struct json *node)
{
    const struct json *coverage = json_member(node, "coverage");
    const struct json *members = json_member(node, "member_count");

    text_add(page->out, " <span class=\"mute\">");
    if (coverage != NULL && json_kind(coverage) == JSON_NUMBER) {
        text_add(page->out, "· ");
        html_put(page->out, page_word(page, WORD_COVERAGE),
                 show_decimals(json_real(coverage) * 100, 0, SHOW_ROOM));
    }
    if (members != NULL && json_kind(members) == JSON_NUMBER) {
        text_add(page->out, "· ");
        html_put(page->out, page_word(page, WORD_MEMBERS),
                 show_decimals(json_real(members), 0, SHOW_ROOM));
    }
    text_add(page->out, "</span>");
}

/* What every member of a group came to. */
static void put_members(struct page *page, const struct json *node)
{
    const struct json *members = json_member(node, "members");

    if (members == NULL || json_kind(members) != JSON_ARRAY || json_count(members) == 0)
        return;
    text_add(page->out, "<ul>");
    for (size_t i = 0; i < json_count(members); i++) {
        const struct json *member = json_item(members, i);

        if (json_kind(member) != JSON_OBJECT)
            continue;
        html_put(page->out, "<li><span class=\"term\"><code>{}</code> ",
                 json_member_text(member, "equipment", ""));
        put_value(page, member, json_member(member, "value"));
        text_add(page->out, "</span></li>");
    }
    text_add(page->out, "</ul>");
}

/* A part of a condition with its parts beneath; bounded by EVIDENCE_DEPTH. */
static void put_node(struct page *page, const struct json *node, int depth)
{
    const struct json *parts;

    if (json_kind(node) != JSON_OBJECT)
        return;
    parts = depth < EVIDENCE_DEPTH ? filled_member(node, "terms", JSON_ARRAY) : NULL;
    html_put(page->out, "<li><span class=\"term\"><code>{}</code> ",
             json_member_text(node, "text", ""));
    put_value(page, node, json_member(node, "value"));
    put_notes(page, node);
    text_add(page->out, "</span>");
    put_members(page, node);
    if (parts != NULL) {
        text_add(page->out, "<ul>");
        for (size_t i = 0; i < json_count(parts); i++)
            put_node(page, json_item(parts, i), depth + 1);
        text_add(page->out, "</ul>");
    }
    text_add(page->out, "</li>");
}

static void put_condition(struct page *page, const struct json *root, const char *name,
                          enum word title)
{
    const struct json *node = json_member(root, name);

    if (node == NULL || json_kind(node) != JSON_OBJECT)
        return;
    html_put(page->out, "<h3>{}</h3><ul class=\"tree tree-{!}\">", page_word(page, title),
             name);
    put_node(page, node, 0);
    text_add(page->out, "</ul>");
}

/* A rule with levels: one condition for each severity. */
static void put_levels(struct page *page, const struct json *root)
{
    const struct json *levels = filled_member(root, "levels", JSON_ARRAY);

    for (size_t i = 0; levels != NULL && i < json_count(levels); i++) {
        const struct json *level = json_item(levels, i);
        const struct json *node =
            json_kind(level) == JSON_OBJECT ? json_member(level, "when") : NULL;
        int severity = node == NULL
                           ? -1
                           : severity_from_name(json_member_text(level, "severity", ""));

        if (severity < 0 || json_kind(node) != JSON_OBJECT)
            continue;
        html_put(page->out, "<h3>{} ", page_word(page, WORD_CONDITION_WHEN));
        page_severity(page, (enum severity)severity);
        text_add(page->out, "</h3><ul class=\"tree tree-when\">");
        put_node(page, node, 0);
        text_add(page->out, "</ul>");
    }
}

/* What could have explained the alarm, and how that stood. */
static void put_parents(struct page *page, const struct json *root)
{
    const struct web_site *site = page->call->site;
    const struct json *parents = filled_member(root, "parents", JSON_ARRAY);

    if (parents == NULL)
        return;
    html_put(page->out, "<h3>{}</h3><ul class=\"tree\">", page_word(page, WORD_PARENTS));
    for (size_t i = 0; i < json_count(parents); i++) {
        const struct json *parent = json_item(parents, i);
        const char *state;
        bool well;

        if (json_kind(parent) != JSON_OBJECT)
            continue;
        state = json_member_text(parent, "state", "");
        well = strcmp(state, "normal") == 0 || strcmp(state, "pending") == 0;
        html_put(page->out, "<li>{} <code>{}</code> <b>{}</b></li>",
                 view_reason(site, page->language, json_member_text(parent, "rule", "")),
                 json_member_text(parent, "equipment", ""),
                 page_word(page, well ? WORD_PARENT_NORMAL : WORD_PARENT_ACTIVE));
    }
    text_add(page->out, "</ul>");
}

struct parameters {
    struct page *page;
    const struct json *overridden; /* names, or NULL */
};

static void put_parameter(void *context, const char *key, const struct json *value)
{
    const struct parameters *parameters = context;
    const struct json *names = parameters->overridden;
    struct page *page = parameters->page;
    bool own = false;

    if (json_kind(value) != JSON_NUMBER)
        return;
    for (size_t i = 0; names != NULL && i < json_count(names); i++)
        own = own || (json_kind(json_item(names, i)) == JSON_STRING &&
                      strcmp(json_text(json_item(names, i)), key) == 0);
    html_put(page->out, "<div><dt>${}</dt><dd>{}{!}{}</dd></div>", key,
             show_number(json_real(value), SHOW_ROOM), own ? " · " : "",
             own ? page_word(page, WORD_OVERRIDDEN) : "");
}

static void put_parameters(struct page *page, const struct json *root)
{
    struct parameters parameters = {page, filled_member(root, "overridden", JSON_ARRAY)};
    const struct json *params = filled_member(root, "params", JSON_OBJECT);

    if (params == NULL)
        return;
    html_put(page->out, "<h3>{}</h3><dl class=\"facts\">",
             page_word(page, WORD_PARAMETERS));
    json_each(params, put_parameter, &parameters);
    text_add(page->out, "</dl>");
}

/* One reading: its value, and its time for whoever asks. */
static void put_sample(struct page *page, const struct json *sample)
{
    const struct json *value = json_member(sample, "value");
    struct wall_time time;
    char stamp[SHOW_SIZE] = "";

    if (wall_parse(json_member_text(sample, "time", ""), &time))
        (void)show_full_time(page->call->site->tz, time, stamp);
    html_put(page->out, "<span class=\"reading q-{}\" title=\"{}\">",
             json_member_text(sample, "quality", "good"), stamp);
    if (value != NULL && json_kind(value) == JSON_NUMBER)
        html_put(page->out, "{}", show_number(json_real(value), SHOW_ROOM));
    else if (value != NULL && json_kind(value) == JSON_BOOL)
        text_add(page->out, page_word(page, json_truth(value) ? WORD_YES : WORD_NO));
    else
        html_put(page->out, "{}",
                 reason_words(page, json_member_text(sample, "reason", "\xE2\x80\x93")));
    text_add(page->out, "</span>");
}

/* The samples come point by point, oldest first: one row for each point. */
static void put_samples(struct page *page, const struct json *root)
{
    const struct json *samples = filled_member(root, "samples", JSON_ARRAY);
    const char *before = NULL;

    if (samples == NULL)
        return;
    html_put(page->out, "<h3>{}</h3><table class=\"grid-table\"><tbody>",
             page_word(page, WORD_LAST_SAMPLES));
    for (size_t i = 0; i < json_count(samples); i++) {
        const struct json *sample = json_item(samples, i);
        const char *point;

        if (json_kind(sample) != JSON_OBJECT)
            continue;
        point = json_member_text(sample, "point", "");
        if (before == NULL || strcmp(before, point) != 0)
            html_put(page->out,
                     "{!}<tr><td><code>{}</code> <span class=\"unit\">{}</span></td>"
                     "<td class=\"readings\">",
                     before == NULL ? "" : "</td></tr>", point,
                     page_unit(json_member_text(sample, "unit", "")));
        before = point;
        put_sample(page, sample);
    }
    text_add(page->out,
             before == NULL ? "</tbody></table>" : "</td></tr></tbody></table>");
}

void evidence_put(struct page *page, const char *json)
{
    struct json *root = json_parse(json, strlen(json), EVIDENCE_MAX, NULL);

    text_add(page->out, "<div class=\"evidence\">");
    if (root != NULL && json_kind(root) == JSON_OBJECT) {
        put_condition(page, root, "when", WORD_CONDITION_WHEN);
        put_levels(page, root);
        put_condition(page, root, "clear", WORD_CONDITION_CLEAR);
        put_parents(page, root);
        put_parameters(page, root);
        put_samples(page, root);
    }
    html_put(page->out,
             "<details class=\"data\"><summary>{}</summary><pre>{}</pre></details></div>",
             page_word(page, WORD_RAW_DATA), json);
    json_free(root);
}
