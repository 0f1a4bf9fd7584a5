/* page_issue_post.c - the forms: a new issue, and the buttons of an issue.
 *
 * They work without scripts. After a change the browser is sent to the page that shows
 * it, so that reloading repeats nothing; what was wrong comes back with what was typed.
 */
#include "web/forms.h"
#include "web/handlers.h"
#include "web/issue_act.h"
#include "web/page.h"

#include <string.h>

static const char programs[] = "programs use POST /api/v1/issues";

/* What a form field or the query says, so that a link can fill the form in. */
struct new_issue {
    const struct params *values;
    enum word error; /* WORD_COUNT: none */
    const char *error_text;
};

static void add_severities(struct page *page, const char *chosen)
{
    html_put(page->out, "<fieldset class=\"choice-row\"><legend>{}</legend>",
             page_word(page, WORD_SEVERITY));
    for (int i = SEVERITY_MINOR; i <= SEVERITY_SERIOUS; i++) {
        const char *name = severity_name((enum severity)i);

        html_put(page->out,
                 "<label class=\"check\"><input type=\"radio\" name=\"severity\" "
                 "value=\"{}\"{!}> ",
                 name, strcmp(name, chosen) == 0 ? " checked" : "");
        page_severity(page, (enum severity)i);
        text_add(page->out, "</label>");
    }
    text_add(page->out, "</fieldset>");
}

static void add_categories(struct page *page, const char *chosen)
{
    html_put(page->out, "<label><span>{}</span><select name=\"category\">",
             page_word(page, WORD_CATEGORY));
    for (int i = CATEGORY_SECURITY; i <= CATEGORY_SERVICE; i++) {
        const char *name = category_name((enum category)i);

        page_option(page, name, word_category(page->language, (enum category)i),
                    strcmp(name, chosen) == 0);
    }
    text_add(page->out, "</select></label>");
}

static void add_equipment(struct page *page, const char *chosen)
{
    const struct model *model = page->call->site->model;

    html_put(page->out,
             "<label><span>{}</span><input name=\"equipment\" list=\"equipment-ids\" "
             "value=\"{}\" autocomplete=\"off\"></label><datalist id=\"equipment-ids\">",
             page_word(page, WORD_FORM_EQUIPMENT), chosen);
    for (size_t i = 0; i < model->equipment_count; i++)
        if (!model->equipment[i].is_link)
            page_option(page, model->equipment[i].id, model->equipment[i].name, false);
    text_add(page->out, "</datalist>");
}

static void put_form(const struct call *call, struct response *response,
                     const struct new_issue *issue)
{
    const struct params *values = issue->values;
    struct page page =
        page_begin(call, response, word(call->request->language, WORD_ISSUE_NEW),
                   NAV_ISSUES, "points=key");

    html_put(page.out,
             "<div class=\"title-bar\"><h1>{}</h1></div>"
             "<form class=\"panel form\" method=\"post\" action=\"/issues\">",
             page_word(&page, WORD_ISSUE_NEW));
    if (issue->error != WORD_COUNT)
        html_put(page.out, "<p class=\"alert\" role=\"alert\">{}</p>",
                 page_word(&page, issue->error));
    else if (issue->error_text != NULL)
        html_put(page.out, "<p class=\"alert\" role=\"alert\">{}</p>", issue->error_text);
    html_put(page.out,
             "<label><span>{}</span><input name=\"title\" maxlength=\"200\" required "
             "value=\"{}\"></label>",
             page_word(&page, WORD_FORM_TITLE), params_get(values, "title", ""));
    add_severities(&page, params_get(values, "severity", "general"));
    add_categories(&page, params_get(values, "category", "facilities"));
    add_equipment(&page, params_get(values, "equipment", ""));
    html_put(page.out,
             "<label><span>{}</span><input name=\"place\" maxlength=\"200\" value=\"{}\">"
             "</label><label><span>{}</span><textarea name=\"text\" rows=\"6\" "
             "maxlength=\"1300\">{}</textarea></label><div class=\"buttons\">"
             "<button class=\"primary\">{}</button></div></form>",
             page_word(&page, WORD_FORM_PLACE), params_get(values, "place", ""),
             page_word(&page, WORD_FORM_TEXT), params_get(values, "text", ""),
             page_word(&page, WORD_FORM_SEND));
    page_end(&page);
}

void page_issue_new(const struct call *call, struct response *response)
{
    const struct new_issue issue = {.values = &call->request->query, .error = WORD_COUNT};

    put_form(call, response, &issue);
}

static void open_issue(const struct call *call, const struct params *form,
                       struct response *response)
{
    int severity = severity_from_name(params_get(form, "severity", "general"));
    int category = category_from_name(params_get(form, "category", "facilities"));
    struct new_issue again = {.values = form, .error = WORD_COUNT};
    const struct issue_draft draft = {
        .equipment = params_get(form, "equipment", ""),
        .place = params_get(form, "place", ""),
        .title = params_get(form, "title", ""),
        .text = params_get(form, "text", ""),
        .severity = severity < 0 ? SEVERITY_GENERAL : (enum severity)severity,
        .category = category < 0 ? CATEGORY_FACILITIES : (enum category)category,
        .source = "person",
    };
    char id[DESK_ID_SIZE];
    struct err err;

    if (draft.title[0] == '\0') {
        again.error = WORD_FORM_TITLE_NEEDED;
    } else if (desk_open_issue(call->site->desk, &draft, call->request->actor, call->now,
                               id, &err) == 0) {
        form_go("/issues/", id, "", response);
        return;
    } else if (err.kind != ERR_INPUT && err.kind != ERR_NOT_FOUND) {
        response_failed(response, &err);
        return;
    } else {
        again.error_text = err.text;
    }
    put_form(call, response, &again);
    response->status = 400;
}

void page_issue_open(const struct call *call, struct response *response)
{
    struct params form;

    if (!form_read(call, programs, &form, response))
        return;
    open_issue(call, &form, response);
    params_done(&form);
}

static void act(const struct call *call, const struct params *form,
                struct response *response)
{
    const char *name = params_get(form, "action", "");
    int action = issue_action_from_name(name);
    const char *text =
        params_get(form, action == ACTION_SEVERITY ? "severity" : "text", "");
    struct err err;

    if (action < 0 || !issue_action_is_manual((enum issue_action)action)) {
        response_bad_parameter(response, "action", "use the buttons of the page",
                               "there is no action \"%s\" for people", name);
        return;
    }
    if (action == ACTION_COMMENT && text[0] == '\0') {
        response_bad_parameter(response, "text", "", "%s",
                               word(call->request->language, WORD_COMMENT_NEEDED));
        return;
    }
    if (issue_act(call, (enum issue_action)action, text, &err) != 0) {
        response_failed(response, &err);
        return;
    }
    form_go("/issues/", call->id, "#timeline", response);
}

void page_issue_act(const struct call *call, struct response *response)
{
    struct params form;

    if (!form_read(call, programs, &form, response))
        return;
    act(call, &form, response);
    params_done(&form);
}
