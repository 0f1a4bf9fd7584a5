/* event_text.c - see event_text.h. */
#include "web/event_text.h"

#include "web/view.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    enum word word;
} sentences[] = {
    {"latched: waits for a reset by a person", WORD_NOTE_LATCHED},
    {"the latched alarm was reset", WORD_NOTE_RESET},
    {"the rule was changed; its alarm is judged anew", WORD_NOTE_RULE_CHANGED},
    {"the equipment was taken out of the configuration; its alarm ended",
     WORD_NOTE_RETIRED},
    {"rule removed", WORD_NOTE_RULE_REMOVED},
    {"the rule does not watch this equipment any more", WORD_NOTE_NOT_WATCHED},
};

void event_text_issue(struct page *page, const char *number)
{
    html_put(page->out, "<a href=\"/issues/{%}\">{}</a>", number, number);
}

static void put_severity(struct page *page, const char *text)
{
    int severity = severity_from_name(text);

    if (severity >= 0)
        page_severity(page, (enum severity)severity);
    else
        html_put(page->out, "{}", text);
}

/* "RULE EQUIPMENT", or "+N" for more of them. */
static void put_symptom(struct page *page, const char *text)
{
    const struct web_site *site = page->call->site;
    const char *space = strchr(text, ' ');
    const struct equipment *equipment =
        space == NULL ? NULL : model_equipment(site->model, space + 1);
    char rule[CALL_ID_SIZE];

    if (text[0] == '+') {
        html_put(page->out, page_word(page, WORD_SYMPTOMS_MORE), text + 1);
        return;
    }
    if (equipment == NULL) {
        html_put(page->out, "{}", text);
        return;
    }
    (void)snprintf(rule, sizeof rule, "%.*s", (int)(space - text), text);
    html_put(page->out, "<a href=\"/equipment/{%}\">{}</a> {}", equipment->id,
             equipment->name, view_reason(site, page->language, rule));
}

static void put_attached(struct page *page, const char *text)
{
    event_text_issue(page, text);
}

static void put_recurred(struct page *page, const char *text)
{
    const char *number = strrchr(text, '#');

    if (number == NULL)
        html_put(page->out, "{}", text);
    else
        html_put(page->out, page_word(page, WORD_STANDS_FOR_ITSELF), number);
}

static void put_sentence(struct page *page, const char *text)
{
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i].text, text) == 0) {
            text_add(page->out, page_word(page, sentences[i].word));
            return;
        }
    html_put(page->out, "{}", text);
}

static void (*const writers[ACTION_COUNT])(struct page *page, const char *text) = {
    [ACTION_SEVERITY] = put_severity, [ACTION_LEVEL] = put_severity,
    [ACTION_SYMPTOM] = put_symptom,   [ACTION_ATTACHED] = put_attached,
    [ACTION_RECURRED] = put_recurred,
};

void event_text_put(struct page *page, const struct issue_event *event)
{
    void (*write)(struct page * page, const char *text) = writers[event->action];
    bool system = strcmp(event->actor, "facilityd") == 0;

    if (event->text[0] == '\0')
        return;
    text_add(page->out, "<p class=\"said\">");
    if (write != NULL)
        write(page, event->text);
    else if (system)
        put_sentence(page, event->text);
    else
        html_put(page->out, "{}", event->text);
    text_add(page->out, "</p>");
}
