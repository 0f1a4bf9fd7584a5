/* page_issue.c - one issue: what is wrong, why it opened, what to do next. */
#include "base/mem.h"
#include "web/event_text.h"
#include "web/evidence.h"
#include "web/handlers.h"
#include "web/issue_rows.h"
#include "web/shelf_form.h"
#include "web/symptom_list.h"
#include "web/view.h"

#include <string.h>

static void add_heading(struct page *page, const struct issue_view *issue)
{
    html_put(page->out,
             "<div class=\"title-bar\"><h1><span class=\"mute\">#{}</span> {}"
             "</h1></div><section class=\"banner issue-banner is-{}\"><p>",
             html_int(issue->number), issue_title(page->language, issue),
             issue->status == ISSUE_CLOSED ? "closed" : severity_name(issue->severity));
    page_severity(page, issue->severity);
    page_status(page, issue->status);
    if (issue->attached_to != 0) {
        html_put(page->out, "<span class=\"badge mark\">{} ",
                 page_word(page, WORD_PART_OF));
        html_put(page->out, "<a href=\"/issues/{%}\">#{}</a></span>", issue->attached_id,
                 html_int(issue->attached_to));
    }
    if (issue->alarm_active)
        html_put(page->out, "<span class=\"badge alarm-active\">{}</span>",
                 page_word(page, WORD_ALARM_ACTIVE));
    else if (issue->returned.ns != 0) {
        text_add(page->out, "<span class=\"since\">");
        html_put(
            page->out, page_word(page, WORD_ALARM_RETURNED),
            show_time(page->call->site->tz, issue->returned, page->call->now, SHOW_ROOM));
        text_add(page->out, "</span>");
    }
    text_add(page->out, "</p>");
}

static void open_fact(struct page *page, enum word name)
{
    html_put(page->out, "<div><dt>{}</dt><dd>", page_word(page, name));
}

static void close_fact(struct page *page)
{
    text_add(page->out, "</dd></div>");
}

static void add_where(struct page *page, const struct issue_view *issue)
{
    if (issue->equipment[0] != '\0') {
        open_fact(page, WORD_EQUIPMENT);
        if (model_equipment(page->call->site->model, issue->equipment) != NULL)
            html_put(page->out, "<a href=\"/equipment/{%}\">{}</a>", issue->equipment,
                     issue->equipment_name);
        else
            html_put(page->out, "{}", issue->equipment_name);
        close_fact(page);
    }
    if (issue->place[0] != '\0') {
        open_fact(page, WORD_PLACE);
        html_put(page->out, "{}", issue->place);
        close_fact(page);
    }
}

static void add_facts(struct page *page, const struct issue_view *issue)
{
    text_add(page->out, "<dl class=\"facts\">");
    add_where(page, issue);
    open_fact(page, WORD_OPENED_AT);
    page_time(page, issue->opened);
    text_add(page->out, " · ");
    page_age(page, issue->opened);
    close_fact(page);
    open_fact(page, WORD_CATEGORY);
    html_put(page->out, "{}", word_category(page->language, issue->category));
    close_fact(page);
    if (issue->kind[0] != '\0') {
        open_fact(page, WORD_KIND);
        html_put(page->out, "{}", word_kind(page->language, issue->kind));
        close_fact(page);
    }
    open_fact(page, WORD_SOURCE);
    html_put(page->out, "{}", word_source(page->language, issue->source));
    close_fact(page);
    if (issue->rule[0] != '\0') {
        open_fact(page, WORD_RULE);
        html_put(page->out, "<code>{}</code>", issue->rule);
        close_fact(page);
    }
    if (issue->recurrences > 0) {
        open_fact(page, WORD_RECURRENCES);
        html_put(page->out, "{}", html_int(issue->recurrences));
        close_fact(page);
    }
    text_add(page->out, "</dl></section>\n");
}

static void add_advice(struct page *page, const struct issue_view *issue)
{
    const char *advice =
        page->language == LANGUAGE_ZH ? issue->advice_zh : issue->advice_en;

    if (advice[0] != '\0')
        html_put(page->out,
                 "<section class=\"panel advice\"><h2>{}</h2><p>{}</p>"
                 "</section>\n",
                 page_word(page, WORD_ADVICE), advice);
}

/* The step that comes next in the life of an issue is the big button. */
static bool is_main_step(enum issue_status status, enum issue_action action)
{
    static const enum issue_action next[ISSUE_STATUS_COUNT] = {
        [ISSUE_OPEN] = ACTION_ACKNOWLEDGE,    [ISSUE_ACKNOWLEDGED] = ACTION_START,
        [ISSUE_IN_PROGRESS] = ACTION_RESOLVE, [ISSUE_RESOLVED] = ACTION_CLOSE,
        [ISSUE_CLOSED] = ACTION_REOPEN,       [ISSUE_REOPENED] = ACTION_ACKNOWLEDGE,
    };

    return next[status] == action;
}

static void add_buttons(struct page *page, const struct issue_view *issue)
{
    enum issue_action actions[ACTION_COUNT];
    size_t count = issue_allowed(issue->status, actions);

    text_add(page->out, "<div class=\"buttons\">");
    for (size_t i = 0; i < count; i++) {
        if (actions[i] == ACTION_SEVERITY || actions[i] == ACTION_COMMENT ||
            !issue_action_is_manual(actions[i]))
            continue;
        html_put(page->out, "<button name=\"action\" value=\"{}\"{!}>{}</button>",
                 issue_action_name(actions[i]),
                 is_main_step(issue->status, actions[i]) ? " class=\"primary\"" : "",
                 word_action(page->language, actions[i]));
    }
    html_put(page->out, "<button name=\"action\" value=\"comment\">{}</button></div>",
             word_action(page->language, ACTION_COMMENT));
}

static void add_severity_form(struct page *page, const struct issue_view *issue)
{
    html_put(page->out,
             "<form class=\"inline\" method=\"post\" action=\"/issues/{%}\">"
             "<label><span>{}</span><select name=\"severity\">",
             issue->id, page_word(page, WORD_SEVERITY));
    for (int i = SEVERITY_SERIOUS; i >= SEVERITY_MINOR; i--)
        page_option(page, severity_name((enum severity)i),
                    word_severity(page->language, (enum severity)i),
                    i == (int)issue->severity);
    html_put(page->out,
             "</select></label><button name=\"action\" value=\"severity\">{}</button>"
             "</form>",
             word_action(page->language, ACTION_SEVERITY));
}

static void add_actions(struct page *page, const struct issue_view *issue)
{
    html_put(page->out, "<section class=\"panel actions\" id=\"actions\"><h2>{}</h2>",
             page_word(page, WORD_ACTIONS));
    if (issue->alarm_active && issue->status != ISSUE_CLOSED)
        html_put(page->out, "<p class=\"alert\">{}</p>",
                 page_word(page, WORD_ALARM_STILL_ACTIVE));
    html_put(page->out,
             "<form method=\"post\" action=\"/issues/{%}\"><label><span>{}</span>"
             "<textarea name=\"text\" rows=\"3\" maxlength=\"{}\"></textarea></label>",
             issue->id, page_word(page, WORD_ACTION_NOTE),
             html_int(DESK_TEXT_MAX / 3)); /* of three bytes each */
    add_buttons(page, issue);
    text_add(page->out, "</form>");
    if (issue->status != ISSUE_CLOSED)
        add_severity_form(page, issue);
    shelf_form_put(page, issue);
    text_add(page->out, "</section>\n");
}

static void add_evidence(struct page *page, const struct issue_view *issue)
{
    if (issue->evidence[0] == '\0')
        return;
    html_put(
        page->out,
        "<section class=\"panel\" id=\"evidence\"><h2>{}</h2><p class=\"note\">{}</p>",
        page_word(page, WORD_EVIDENCE), page_word(page, WORD_EVIDENCE_HINT));
    evidence_put(page, issue->evidence);
    text_add(page->out, "</section>\n");
}

/* What the rule sees now; only while the issue is open and the pair still exists. */
static void add_present(struct page *page, const char *rule, const char *equipment)
{
    const struct call *call = page->call;
    struct text json;
    struct err err;
    int result;

    text_init(&json, HTTP_ANSWER_MAX);
    call->source->lock_engine(call->source->context);
    result = engine_explain(call->site->engine, rule, equipment, call->mono, call->now,
                            &json, &err);
    call->source->unlock_engine(call->source->context);
    if (result == 0) {
        html_put(page->out, "<section class=\"panel\" id=\"present\"><h2>{}</h2>",
                 page_word(page, WORD_PRESENT));
        evidence_put(page, json.data);
        text_add(page->out, "</section>\n");
    }
    text_done(&json);
}

static void add_event(void *context, const struct issue_event *event)
{
    struct page *page = context;
    bool system = strcmp(event->actor, "facilityd") == 0;

    if (event->left_out > 0) {
        text_add(page->out, "<li class=\"event mute\">");
        html_put(page->out, page_word(page, WORD_SYMPTOMS_MORE),
                 html_int(event->left_out));
        text_add(page->out, "</li>\n");
    }
    html_put(page->out, "<li class=\"event {!}\"><p>",
             system ? "by-system" : "by-person");
    page_time(page, event->time);
    html_put(page->out, " <b>{}</b> <span class=\"mute\">{}</span></p>",
             word_event(page->language, event->action),
             system ? page_word(page, WORD_SYSTEM_ACTOR) : event->actor);
    event_text_put(page, event);
    text_add(page->out, "</li>\n");
}

/* The desk is locked while it shows an issue, and the page asks it more. */
static void keep(void *context, const struct issue_view *issue)
{
    struct issue_view **kept = context;

    *kept = issue_copy(issue);
}

static int add_timeline(struct page *page, const char *issue, struct err *err)
{
    html_put(page->out,
             "<section class=\"panel\" id=\"timeline\"><h2>{}</h2>"
             "<ol class=\"timeline\">\n",
             page_word(page, WORD_TIMELINE));
    if (desk_events(page->call->site->desk, issue, add_event, page, err) < 0)
        return -1;
    text_add(page->out, "</ol></section>\n");
    return 0;
}

static int add_issue(struct page *page, const struct issue_view *issue, struct err *err)
{
    html_put(page->out, "<div id=\"issue\" data-issue=\"{}\">", issue->id);
    add_heading(page, issue);
    add_facts(page, issue);
    add_advice(page, issue);
    text_add(page->out, "<div class=\"columns side\"><div>");
    add_actions(page, issue);
    if (add_timeline(page, issue->id, err) != 0)
        return -1;
    text_add(page->out, "</div><div>");
    if (symptom_list_put(page, issue, err) != 0)
        return -1;
    add_evidence(page, issue);
    if (issue->status != ISSUE_CLOSED && issue->rule[0] != '\0')
        add_present(page, issue->rule, issue->equipment);
    text_add(page->out, "</div></div></div>");
    return 0;
}

void page_issue(const struct call *call, struct response *response)
{
    struct issue_view *issue = NULL;
    struct page page;
    struct err err;

    if (desk_get(call->site->desk, call->id, keep, &issue, &err) < 0) {
        response_failed(response, &err);
        return;
    }
    page = page_begin(call, response, issue_title(call->request->language, issue),
                      NAV_ISSUES, "points=key");
    if (add_issue(&page, issue, &err) != 0)
        page_failed(response, &err);
    else
        page_end(&page);
    mem_free(issue);
}
