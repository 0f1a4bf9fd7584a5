/* page_permits.c - planned work: what runs, what is to come, and the form for more. */
#include "base/mem.h"
#include "issues/marks.h"
#include "web/forms.h"
#include "web/handlers.h"
#include "web/marks_view.h"
#include "web/page.h"
#include "web/times.h"
#include "web/view.h"

#include <stdio.h>
#include <string.h>

enum {
    PAST_SHOWN = 20,
    PERMIT_HOURS = 8, /* proposed */
    HOUR_MS = 3600 * 1000,
};

/* ---- the list ---- */

static void add_scope(struct page *page, const struct permit_view *permit)
{
    const struct permit_draft *draft = &permit->draft;

    html_put(page->out, "<p class=\"scope\">{}{}{}{}", draft->equipment, draft->place,
             draft->place[0] != '\0' && draft->class_name[0] != '\0' ? " · " : "",
             draft->class_name[0] == '\0'
                 ? ""
                 : word_class(page->language, draft->class_name));
    text_add(page->out, " <span class=\"mute\">");
    html_put(page->out, page_word(page, WORD_PERMIT_SCOPE),
             html_int((int64_t)permit->equipment_count));
    text_add(page->out, "</span></p>");
}

static void add_times(struct page *page, const struct permit_view *permit)
{
    const struct call *call = page->call;

    text_add(page->out, "<p><span class=\"badge mark mark-planned\">");
    if (permit->running)
        text_add(page->out, page_word(page, WORD_PERMIT_RUNNING));
    else
        html_put(page->out, page_word(page, WORD_PERMIT_PENDING),
                 show_time(call->site->tz, permit->draft.from, call->now, SHOW_ROOM));
    text_add(page->out, "</span> ");
    html_put(page->out, page_word(page, WORD_MARK_PLANNED),
             show_time(call->site->tz, permit->draft.until, call->now, SHOW_ROOM));
    if (permit->withheld > 0) {
        text_add(page->out, " · ");
        html_put(page->out, page_word(page, WORD_MARK_WITHHELD),
                 html_int((int64_t)permit->withheld));
    }
    text_add(page->out, "</p>");
}

static void add_open(void *context, const struct permit_view *permit)
{
    struct page *page = context;

    html_put(page->out,
             "<li class=\"panel permit\"><h2><span class=\"mute\">{}</span> {}</h2>",
             html_int(permit->number), permit->draft.holder);
    html_put(page->out, "<p>{}</p>", permit->draft.reason);
    add_scope(page, permit);
    add_times(page, permit);
    html_put(page->out,
             "<form method=\"post\" action=\"/permits/{!}/close\"><button>{}</button>"
             "</form></li>\n",
             html_int(permit->number), page_word(page, WORD_PERMIT_CLOSE));
}

/* The latest that have ended, newest last as the desk gives them. */
struct past {
    struct page *page;
    int64_t from; /* number of the first to show */
    size_t count;
};

static void count_past(void *context, const struct permit_view *permit)
{
    struct past *past = context;

    if (permit->closed.ns != 0)
        past->count++;
}

static void add_past(void *context, const struct permit_view *permit)
{
    struct past *past = context;
    struct page *page = past->page;

    if (permit->closed.ns == 0 || past->count-- > PAST_SHOWN)
        return;
    html_put(page->out,
             "<li><span class=\"mute\">{}</span> {} · {} · {}{} <span class=\"mute\">",
             html_int(permit->number), permit->draft.holder, permit->draft.reason,
             permit->draft.equipment, permit->draft.place);
    html_put(page->out, page_word(page, WORD_PERMIT_CLOSED_BY),
             show_time(page->call->site->tz, permit->closed, page->call->now, SHOW_ROOM),
             permit->closed_by);
    text_add(page->out, "</span></li>\n");
}

static int add_lists(struct page *page, struct err *err)
{
    struct desk *desk = page->call->site->desk;
    struct past past = {.page = page};
    size_t before;

    text_add(page->out, "<ul class=\"permits\" id=\"permits\">\n");
    before = page->out->length;
    if (desk_permits(desk, true, add_open, page, err) != 0 ||
        desk_permits(desk, false, count_past, &past, err) != 0)
        return -1;
    if (page->out->length == before)
        html_put(page->out, "<li class=\"empty\">{}</li>",
                 page_word(page, WORD_PERMITS_NONE));
    text_add(page->out, "</ul>\n");
    if (past.count == 0)
        return 0;
    html_put(page->out,
             "<section class=\"panel\"><h2>{}</h2><ul class=\"past-permits\">\n",
             page_word(page, WORD_PERMITS_PAST));
    if (desk_permits(desk, false, add_past, &past, err) != 0)
        return -1;
    text_add(page->out, "</ul></section>\n");
    return 0;
}

/* ---- the form ---- */

/* What was typed, and what was wrong with it; "" when nothing was. */
struct draft_form {
    const struct params *values;
    const char *error;
};

static void add_field(struct page *page, const struct draft_form *form, const char *name,
                      enum word title, const char *more)
{
    html_put(page->out,
             "<label><span>{}</span><input name=\"{!}\" value=\"{}\" {!}></label>",
             page_word(page, title), name, params_get(form->values, name, ""), more);
}

static void add_classes(struct page *page, const char *chosen)
{
    size_t count;
    const struct equipment_class *classes = model_classes(&count);

    html_put(page->out, "<label><span>{}</span><select name=\"class\">",
             page_word(page, WORD_FILTER_CLASS));
    page_option(page, "", page_word(page, WORD_ALL), chosen[0] == '\0');
    for (size_t i = 0; i < count; i++)
        page_option(page, classes[i].name, word_class(page->language, classes[i].name),
                    strcmp(classes[i].name, chosen) == 0);
    text_add(page->out, "</select></label>");
}

/* Suggestions for ids and places. */
static void add_lists_of_names(struct page *page)
{
    const struct model *model = page->call->site->model;
    struct map *shown = map_new();

    text_add(page->out, "<datalist id=\"equipment-ids\">");
    for (size_t i = 0; i < model->equipment_count; i++)
        if (!model->equipment[i].is_link)
            page_option(page, model->equipment[i].id, model->equipment[i].name, false);
    text_add(page->out, "</datalist><datalist id=\"places\">");
    for (size_t i = 0; i < model->equipment_count; i++) {
        const char *place = model->equipment[i].place;

        if (place[0] != '\0' && map_put(shown, place, 0))
            page_option(page, place, place, false);
    }
    text_add(page->out, "</datalist>");
    map_free(shown);
}

static void add_until(struct page *page, const struct draft_form *form)
{
    const struct call *call = page->call;
    struct local_time local =
        tz_local(call->site->tz, wall_add_ms(call->now, (int64_t)PERMIT_HOURS * HOUR_MS));
    char proposed[32];

    (void)snprintf(proposed, sizeof proposed, "%04d-%02d-%02dT%02d:%02d", (int)local.year,
                   local.month, local.day, local.hour, local.minute);
    html_put(page->out,
             "<label><span>{}</span><input type=\"datetime-local\" name=\"until\" "
             "value=\"{}\" required></label>",
             page_word(page, WORD_PERMIT_UNTIL),
             params_get(form->values, "until", proposed));
}

static void add_form(struct page *page, const struct draft_form *form)
{
    html_put(page->out,
             "<form class=\"panel form permit-form\" method=\"post\" action=\"/permits\">"
             "<h2>{}</h2>",
             page_word(page, WORD_PERMIT_NEW));
    if (form->error[0] != '\0')
        html_put(page->out, "<p class=\"alert\" role=\"alert\">{}</p>", form->error);
    add_field(page, form, "holder", WORD_PERMIT_HOLDER, "required maxlength=\"66\"");
    add_field(page, form, "reason", WORD_PERMIT_REASON, "required maxlength=\"133\"");
    add_field(page, form, "equipment", WORD_PERMIT_EQUIPMENT,
              "list=\"equipment-ids\" autocomplete=\"off\"");
    html_put(page->out, "<fieldset class=\"pair\"><legend class=\"note\">{}</legend>",
             page_word(page, WORD_PERMIT_OR));
    add_field(page, form, "place", WORD_PLACE, "list=\"places\" autocomplete=\"off\"");
    add_classes(page, params_get(form->values, "class", ""));
    text_add(page->out, "</fieldset><fieldset class=\"pair\">");
    add_field(page, form, "from", WORD_PERMIT_FROM, "type=\"datetime-local\"");
    add_until(page, form);
    html_put(page->out,
             "</fieldset><div class=\"buttons\"><button class=\"primary\">{}</button>"
             "</div>",
             page_word(page, WORD_PERMIT_ISSUE));
    add_lists_of_names(page);
    text_add(page->out, "</form>\n");
}

static void put_page(const struct call *call, const struct draft_form *form,
                     struct response *response)
{
    struct page page =
        page_begin(call, response, word(call->request->language, WORD_PERMITS), NAV_NONE,
                   "points=key");
    struct err err;

    html_put(page.out,
             "<div class=\"title-bar\"><h1>{}</h1></div><p class=\"note\">{}</p>"
             "<div class=\"columns side\"><div>",
             page_word(&page, WORD_PERMITS), page_word(&page, WORD_PERMITS_HINT));
    if (add_lists(&page, &err) != 0) {
        page_failed(response, &err);
        return;
    }
    text_add(page.out, "</div><div>");
    add_form(&page, form);
    text_add(page.out, "</div></div>");
    page_end(&page);
}

void page_permits(const struct call *call, struct response *response)
{
    const struct draft_form form = {&call->request->query, ""};

    put_page(call, &form, response);
}

/* ---- what the buttons do ---- */

static int issue_permit(const struct call *call, const struct params *form,
                        struct err *err)
{
    struct permit_draft draft = {
        .equipment = params_get(form, "equipment", ""),
        .place = params_get(form, "place", ""),
        .class_name = params_get(form, "class", ""),
        .reason = params_get(form, "reason", ""),
        .holder = params_get(form, "holder", ""),
        .from = call->now,
    };
    const char *from = params_get(form, "from", "");
    int64_t number;

    if (!times_local(call, params_get(form, "until", ""), &draft.until) ||
        (from[0] != '\0' && !times_local(call, from, &draft.from)))
        return err_set(err, ERR_INPUT, "%s",
                       word(call->request->language, WORD_PERMIT_BAD_TIME));
    return desk_permit(call->site->desk, &draft, call->request->actor, call->now, &number,
                       err);
}

void page_permit_issue(const struct call *call, struct response *response)
{
    struct params form;
    struct err err;

    if (!form_read(call, "programs use POST /api/v1/permits", &form, response))
        return;
    if (issue_permit(call, &form, &err) == 0) {
        form_go("/permits", "", "", response);
    } else if (err.kind == ERR_INPUT || err.kind == ERR_NOT_FOUND) {
        const struct draft_form again = {&form, err.text};

        put_page(call, &again, response);
        response->status = 400;
    } else {
        response_failed(response, &err);
    }
    params_done(&form);
}

void page_permit_close(const struct call *call, struct response *response)
{
    struct params form;
    struct err err;

    if (!form_read(call, "programs use POST /api/v1/permits/{number}/close", &form,
                   response))
        return;
    if (desk_permit_close(call->site->desk, marks_number(call->id), call->request->actor,
                          call->now, &err) != 0)
        response_failed(response, &err);
    else
        form_go("/permits", "", "", response);
    params_done(&form);
}
