/* marks_show.c - see marks_show.h. */
#include "web/marks_show.h"

#include "base/mem.h"
#include "issues/marks.h"

#include <stdio.h>

struct gather {
    const struct model *model;
    struct marks *marks;
};

static void add_alarm(void *context, const struct alarm_view *alarm)
{
    const struct gather *gather = context;
    const struct equipment *equipment = model_equipment(gather->model, alarm->equipment);
    struct marks *marks;

    if (equipment == NULL)
        return;
    marks = &gather->marks[equipment->index];
    if (alarm->shelved_until.ns > marks->shelved_until.ns)
        marks->shelved_until = alarm->shelved_until;
    marks->chattering += alarm->chattering ? 1 : 0;
    if (!alarm_is_active(&alarm->alarm))
        return;
    if (alarm->unknown_since.ns != 0 &&
        (marks->unknown_since.ns == 0 ||
         alarm->unknown_since.ns < marks->unknown_since.ns))
        marks->unknown_since = alarm->unknown_since;
    marks->symptoms +=
        alarm->standing == STANDING_SYMPTOM || alarm->standing == STANDING_REPROVE;
    marks->waiting += alarm->standing == STANDING_WAITING;
    marks->withheld += alarm->withheld ? 1 : 0;
}

static void note_permit(void *context, const struct permit_view *permit)
{
    struct marks *marks = context;

    marks->planned_until = permit->draft.until;
    (void)snprintf(marks->holder, sizeof marks->holder, "%s", permit->draft.holder);
}

struct marks *marks_gather(const struct call *call)
{
    const struct model *model = call->site->model;
    struct gather gather = {model,
                            mem_array(model->equipment_count + 1, sizeof *gather.marks)};

    desk_active_alarms(call->site->desk, add_alarm, &gather);
    for (uint32_t i = 0; i < model->equipment_count; i++)
        (void)desk_equipment_permit(call->site->desk, i, note_permit, &gather.marks[i]);
    return gather.marks;
}

static void open_mark(struct page *page, const char *kind)
{
    html_put(page->out, "<span class=\"badge mark mark-{!}\">", kind);
}

static void put_until(struct page *page, const char *kind, enum word sentence,
                      struct wall_time time)
{
    if (time.ns == 0)
        return;
    open_mark(page, kind);
    html_put(page->out, page_word(page, sentence),
             show_time(page->call->site->tz, time, page->call->now, SHOW_ROOM));
}

static void put_count(struct page *page, const char *kind, enum word sentence,
                      unsigned count)
{
    if (count == 0)
        return;
    open_mark(page, kind);
    html_put(page->out, page_word(page, sentence), html_int(count));
    text_add(page->out, "</span>");
}

void marks_put(struct page *page, const struct marks *marks)
{
    if (marks->unknown_since.ns == 0 && marks->shelved_until.ns == 0 &&
        marks->planned_until.ns == 0 && marks->chattering == 0 && marks->symptoms == 0 &&
        marks->waiting == 0 && marks->withheld == 0)
        return;
    text_add(page->out, "<p class=\"marks\">");
    put_until(page, "planned", WORD_MARK_PLANNED, marks->planned_until);
    if (marks->planned_until.ns != 0)
        html_put(page->out, " · {}</span>", marks->holder);
    put_count(page, "withheld", WORD_MARK_WITHHELD, marks->withheld);
    put_until(page, "unknown", WORD_MARK_UNKNOWN, marks->unknown_since);
    if (marks->unknown_since.ns != 0)
        text_add(page->out, "</span>");
    put_until(page, "shelved", WORD_MARK_SHELVED, marks->shelved_until);
    if (marks->shelved_until.ns != 0)
        text_add(page->out, "</span>");
    if (marks->chattering > 0) {
        open_mark(page, "chattering");
        html_put(page->out, "{}</span>", page_word(page, WORD_MARK_CHATTERING));
    }
    put_count(page, "symptoms", WORD_MARK_SYMPTOMS, marks->symptoms);
    put_count(page, "waiting", WORD_MARK_WAITING, marks->waiting);
    text_add(page->out, "</p>");
}

void marks_flood(struct page *page)
{
    struct flood_view flood;

    desk_flood(page->call->site->desk, &flood);
    if (!flood.active)
        return;
    text_add(page->out, "<p class=\"alert\">");
    html_put(page->out, page_word(page, WORD_FLOOD),
             show_time(page->call->site->tz, flood.since, page->call->now, SHOW_ROOM),
             html_int(flood.waiting));
    text_add(page->out, "</p>");
}
