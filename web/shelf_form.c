/* shelf_form.c - see shelf_form.h; also what its buttons do. */
#include "web/shelf_form.h"

#include "issues/marks.h"
#include "web/forms.h"
#include "web/handlers.h"
#include "web/marks_view.h"
#include "web/view.h"

#include <stdio.h>
#include <string.h>

static const int hours[] = {1, 2, 4, 8, 24};

enum {
    HOURS_DEFAULT = 8,
    HOUR_MS = 3600 * 1000,
};

static void add_form(struct page *page, const struct issue_view *issue)
{
    html_put(page->out,
             "<details class=\"shelve\"><summary>{}</summary><p class=\"note\">{}</p>"
             "<form method=\"post\" action=\"/issues/{%}/shelve\"><label><span>{}</span>"
             "<select name=\"hours\">",
             page_word(page, WORD_SHELVE), page_word(page, WORD_SHELVE_HINT), issue->id,
             page_word(page, WORD_SHELVE_FOR));
    for (size_t i = 0; i < sizeof hours / sizeof hours[0]; i++) {
        struct text label;

        text_init(&label, SHOW_SIZE);
        html_put(&label, page_word(page, WORD_SHELVE_HOURS), html_int(hours[i]));
        page_option(page, html_int(hours[i]), label.data, hours[i] == HOURS_DEFAULT);
        text_done(&label);
    }
    html_put(page->out,
             "</select></label><label class=\"wide\"><span>{}</span>"
             "<input name=\"reason\" required maxlength=\"{}\"></label>"
             "<button>{}</button></form></details>",
             page_word(page, WORD_SHELVE_REASON),
             html_int(MARK_REASON_MAX / 3), /* of three bytes each */
             page_word(page, WORD_SHELVE));
}

struct found {
    struct page *page;
    int64_t number;
};

static void add_reason(void *context, const struct shelf_view *shelf)
{
    struct found *found = context;
    const char *const values[] = {shelf->actor, shelf->reason};

    if (shelf->number != found->number)
        return;
    text_add(found->page->out, " <span class=\"mute\">");
    html_fill(found->page->out, page_word(found->page, WORD_SHELVED_BY), values, 2);
    text_add(found->page->out, "</span>");
}

static void add_running(struct page *page, const struct issue_view *issue,
                        const struct alarm_view *alarm)
{
    const struct call *call = page->call;
    struct found found = {page, alarm->shelf};

    text_add(page->out, "<div class=\"shelved\"><p><span class=\"badge mark\">");
    html_put(page->out, page_word(page, WORD_MARK_SHELVED),
             show_time(call->site->tz, alarm->shelved_until, call->now, SHOW_ROOM));
    text_add(page->out, "</span>");
    (void)desk_shelves(call->site->desk, true, add_reason, &found, NULL);
    html_put(page->out,
             "</p><form method=\"post\" action=\"/issues/{%}/unshelve\"><input "
             "type=\"hidden\" name=\"shelf\" value=\"{}\"><button>{}</button></form>"
             "</div>",
             issue->id, html_int(alarm->shelf), page_word(page, WORD_SHELVE_END));
}

void shelf_form_put(struct page *page, const struct issue_view *issue)
{
    const struct web_site *site = page->call->site;
    const struct rule_settings *rule = view_rule(site, issue->rule);
    struct alarm_view alarm;

    if (rule == NULL || rule->highly_managed ||
        model_equipment(site->model, issue->equipment) == NULL)
        return;
    if (desk_alarm_view(site->desk, issue->rule, issue->equipment, &alarm) &&
        alarm.shelved)
        add_running(page, issue, &alarm);
    else if (issue->status != ISSUE_CLOSED)
        add_form(page, issue);
}

/* ---- what the buttons do ---- */

/* Whose alarm it is. */
struct pair {
    char rule[CALL_ID_SIZE];
    char equipment[CALL_ID_SIZE];
};

static void note_pair(void *context, const struct issue_view *issue)
{
    struct pair *pair = context;

    (void)snprintf(pair->rule, sizeof pair->rule, "%s", issue->rule);
    (void)snprintf(pair->equipment, sizeof pair->equipment, "%s", issue->equipment);
}

static int shelve(const struct call *call, const struct params *form, struct err *err)
{
    int64_t asked = marks_number(params_get(form, "hours", "8"));
    struct pair pair = {0};
    int64_t number;

    if (desk_get(call->site->desk, call->id, note_pair, &pair, err) < 0)
        return -1;
    if (asked == 0 || asked > SHELF_MAX_MS / HOUR_MS)
        return err_set(err, ERR_INPUT, "hours: 1 to %d", SHELF_MAX_MS / HOUR_MS);
    return desk_shelve(call->site->desk, pair.rule, pair.equipment, call->request->actor,
                       params_get(form, "reason", ""), call->now,
                       wall_add_ms(call->now, asked * HOUR_MS), &number, err);
}

static int unshelve(const struct call *call, const struct params *form, struct err *err)
{
    return desk_unshelve(call->site->desk, marks_number(params_get(form, "shelf", "")),
                         call->request->actor, call->now, err);
}

static void handle(const struct call *call, struct response *response,
                   int (*act)(const struct call *, const struct params *, struct err *))
{
    struct params form;
    struct err err;

    if (!form_read(call, "programs use /api/v1/shelves", &form, response))
        return;
    if (act(call, &form, &err) != 0)
        response_failed(response, &err);
    else
        form_go("/issues/", call->id, "#actions", response);
    params_done(&form);
}

void page_shelve(const struct call *call, struct response *response)
{
    handle(call, response, shelve);
}

void page_unshelve(const struct call *call, struct response *response)
{
    handle(call, response, unshelve);
}
