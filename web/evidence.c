/* evidence.c - see evidence.h. */
#include "web/evidence.h"

#include "base/json_in.h"

#include <string.h>

enum {
    EVIDENCE_MAX = 1024 * 1024, /* bytes of one explanation */
    EVIDENCE_DEPTH = 12,        /* deeper parts are summed up by their parent */
};

static const struct json *first_member(const struct json *object,
                                       const char *const *names, enum json_kind kind)
{
    for (; *names != NULL; names++) {
        const struct json *value = json_member(object, *names);

        if (value != NULL && json_kind(value) == kind)
            return value;
    }
    return NULL;
}

static const struct json *parts_of(const struct json *node)
{
    static const char *const names[] = {"terms", "parts", "args", "children", NULL};

    return first_member(node, names, JSON_ARRAY);
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

static void put_coverage(struct page *page, const struct json *node)
{
    const struct json *coverage = json_member(node, "coverage");

    if (coverage == NULL || json_kind(coverage) != JSON_NUMBER)
        return;
    text_add(page->out, " <span class=\"mute\">· ");
    html_put(page->out, page_word(page, WORD_COVERAGE),
             show_decimals(json_real(coverage) * 100, 0, SHOW_ROOM));
    text_add(page->out, "</span>");
}

/* A part of a condition with its parts beneath; bounded by EVIDENCE_DEPTH. */
static void put_node(struct page *page, const struct json *node, int depth)
{
    const struct json *parts;

    if (json_kind(node) != JSON_OBJECT)
        return;
    parts = depth < EVIDENCE_DEPTH ? parts_of(node) : NULL;
    html_put(page->out, "<li><span class=\"term\"><code>{}</code> ",
             json_member_text(node, "text", ""));
    put_value(page, node, json_member(node, "value"));
    put_coverage(page, node);
    text_add(page->out, "</span>");
    if (parts != NULL && json_count(parts) > 0) {
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

static void put_parameter(void *context, const char *key, const struct json *value)
{
    struct page *page = context;

    if (json_kind(value) != JSON_NUMBER)
        return;
    html_put(page->out, "<div><dt>${}</dt><dd>{}</dd></div>", key,
             show_number(json_real(value), SHOW_ROOM));
}

static void put_parameters(struct page *page, const struct json *root)
{
    static const char *const names[] = {"params", "parameters", NULL};
    const struct json *params = first_member(root, names, JSON_OBJECT);

    if (params == NULL || json_count(params) == 0)
        return;
    html_put(page->out, "<h3>{}</h3><dl class=\"facts\">",
             page_word(page, WORD_PARAMETERS));
    json_each(params, put_parameter, page);
    text_add(page->out, "</dl>");
}

static void put_sample(struct page *page, const struct json *sample)
{
    struct wall_time time;
    const struct json *value = json_member(sample, "value");
    const char *quality = json_member_text(sample, "quality", "");
    const char *stamp = json_member_text(sample, "time", "");

    html_put(page->out, "<tr><td>{}</td><td class=\"n\">",
             json_member_text(sample, "point", json_member_text(sample, "name", "")));
    if (value != NULL && json_kind(value) == JSON_BOOL)
        text_add(page->out, page_word(page, json_truth(value) ? WORD_YES : WORD_NO));
    else
        put_value(page, sample, value);
    text_add(page->out, "</td><td>");
    for (int i = QUALITY_GOOD; i <= QUALITY_BAD; i++)
        if (strcmp(quality_name((enum quality)i), quality) == 0)
            page_quality(page, (enum quality)i);
    text_add(page->out, "</td><td class=\"n\">");
    if (wall_parse(stamp, &time))
        page_time(page, time);
    text_add(page->out, "</td></tr>");
}

static void put_samples(struct page *page, const struct json *root)
{
    static const char *const names[] = {"samples", "points", NULL};
    const struct json *samples = first_member(root, names, JSON_ARRAY);

    if (samples == NULL || json_count(samples) == 0)
        return;
    html_put(page->out, "<h3>{}</h3><table class=\"grid-table\"><tbody>",
             page_word(page, WORD_LAST_SAMPLES));
    for (size_t i = 0; i < json_count(samples); i++)
        if (json_kind(json_item(samples, i)) == JSON_OBJECT)
            put_sample(page, json_item(samples, i));
    text_add(page->out, "</tbody></table>");
}

void evidence_put(struct page *page, const char *json)
{
    struct json *root = json_parse(json, strlen(json), EVIDENCE_MAX, NULL);

    text_add(page->out, "<div class=\"evidence\">");
    if (root != NULL && json_kind(root) == JSON_OBJECT) {
        put_condition(page, root, "when", WORD_CONDITION_WHEN);
        put_condition(page, root, "clear", WORD_CONDITION_CLEAR);
        put_parameters(page, root);
        put_samples(page, root);
    }
    html_put(page->out,
             "<details class=\"data\"><summary>{}</summary><pre>{}</pre></details></div>",
             page_word(page, WORD_RAW_DATA), json);
    json_free(root);
}
