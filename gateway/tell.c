/* tell.c - see tell.h. */
#include "gateway/tell.h"

#include "base/log.h"
#include "base/mem.h"
#include "gateway/tell_field.h"
#include "issues/marks.h"

#include <stdio.h>

enum {
    EVENTS_PER_STEP = 64, /* of issues; the rest comes with the next step */
};

struct sink_news {
    struct log_trouble trouble;
    struct log_trouble loss;
    uint64_t lost; /* as last seen */
    uint64_t damaged;
};

struct tell {
    const struct site *site;
    uint64_t cursor; /* of the desk's feed */
    int flaps_left;
    struct mono_time next_flap;
    uint64_t flaps_hidden;
    struct log_trouble history_trouble;
    struct log_trouble queue_trouble;
    struct log_trouble lines_trouble;
    uint64_t samples_dropped; /* as last seen */
    uint64_t lines_dropped;
    uint64_t files_damaged;
    bool left_told;
    struct log_trouble readings_trouble;
    struct sink_news *sinks;
    struct tell_field *field;
    struct feed_event events[EVENTS_PER_STEP];
};

struct tell *tell_new(const struct site *site)
{
    struct tell *tell = mem_alloc(sizeof *tell);
    const char *damage = desk_damage(site->web.desk);

    tell->site = site;
    tell->cursor = desk_feed_now(site->web.desk);
    tell->flaps_left = TELL_FLAPS_MAX;
    tell->field = tell_field_new(site);
    tell->sinks = mem_array(history_sinks(site->web.history) + 1, sizeof *tell->sinks);
    if (damage != NULL)
        log_error("stage=issues %s", damage);
    return tell;
}

/* False when this repetition is one too many. */
static bool may_tell_flap(struct tell *tell)
{
    if (tell->flaps_left == 0) {
        tell->flaps_hidden++;
        return false;
    }
    tell->flaps_left--;
    return true;
}

static void refill_flaps(struct tell *tell)
{
    struct mono_time now = mono_now();

    if (tell->flaps_left == TELL_FLAPS_MAX) {
        tell->next_flap = mono_add_ms(now, (int64_t)TELL_FLAP_EVERY_S * 1000);
        return;
    }
    if (mono_before(now, tell->next_flap))
        return;
    tell->flaps_left++;
    tell->next_flap = mono_add_ms(now, (int64_t)TELL_FLAP_EVERY_S * 1000);
    if (tell->flaps_hidden > 0) {
        log_info("stage=issues returns and recurrences not shown=%llu",
                 (unsigned long long)tell->flaps_hidden);
        tell->flaps_hidden = 0;
        tell->flaps_left--;
    }
}

static void tell_issue(struct tell *tell, const struct feed_event *event)
{
    const struct model *model = tell->site->web.model;
    bool flap = event->action == ACTION_RETURNED || event->action == ACTION_RECURRED;
    bool begins = event->action == ACTION_OPENED || event->action == ACTION_REOPEN;
    const char *equipment =
        event->equipment == MODEL_NONE ? "-" : model->equipment[event->equipment].id;
    const char *rule = event->rule[0] == '\0' ? "-" : event->rule;

    if (flap && !may_tell_flap(tell))
        return;
    (begins ? log_warn : log_info)(
        "issue=%s event=%s status=%s severity=%s equipment=%s rule=%s", event->issue,
        issue_action_name(event->action), issue_status_name(event->status),
        severity_name(event->severity), equipment, rule);
}

static void tell_announcement(void *context, const struct announcement *announcement)
{
    const char *text = announcement->text;
    bool loud = announcement->kind == ANNOUNCE_OPENED ||
                announcement->kind == ANNOUNCE_WORSE ||
                announcement->kind == ANNOUNCE_DIGEST;
    bool flap = announcement->kind == ANNOUNCE_RETURNED ||
                announcement->kind == ANNOUNCE_RECURRED;
    char issue[24] = "-";

    if (flap && !may_tell_flap(context))
        return;
    if (announcement->issue_number != 0)
        (void)snprintf(issue, sizeof issue, "#%lld",
                       (long long)announcement->issue_number);
    (loud ? log_warn
          : log_info)("announce kind=%s issue=%s severity=%s%s count=%lld%s%s",
                      announcement_kind_name(announcement->kind), issue,
                      severity_name(announcement->severity),
                      announcement->highly_managed ? " highly_managed=yes" : "",
                      (long long)announcement->count, text[0] == '\0' ? "" : " ", text);
}

static void tell_announced(struct tell *tell, int64_t sequence)
{
    struct desk *desk = tell->site->web.desk;

    (void)desk_announcements(desk, sequence - 1, 1, tell_announcement, tell, NULL);
}

static void tell_issues(struct tell *tell)
{
    bool lost = false;
    size_t count = desk_feed(tell->site->web.desk, &tell->cursor, tell->events,
                             EVENTS_PER_STEP, &lost);

    refill_flaps(tell);
    if (lost)
        log_warn("stage=issues more events than the journal could follow; the issues "
                 "have them all");
    for (size_t i = 0; i < count; i++) {
        if (tell->events[i].kind == FEED_ISSUE)
            tell_issue(tell, &tell->events[i]);
        else if (tell->events[i].kind == FEED_ANNOUNCE)
            tell_announced(tell, tell->events[i].announcement);
    }
}

/* True when a counter has grown; keeps what is seen. */
static bool grew(uint64_t *seen, uint64_t now)
{
    bool more = now > *seen;

    *seen = now;
    return more;
}

static void tell_sink(struct tell *tell, size_t index)
{
    struct sink_news *news = &tell->sinks[index];
    struct sink_status status = {0};

    history_sink_status(tell->site->web.history, index, &status);
    if (status.error[0] != '\0')
        log_trouble(&news->trouble, "sink=%s backlog_lines=%lld %s", status.id,
                    (long long)status.backlog_lines, status.error);
    else if (status.healthy)
        log_trouble_over(&news->trouble, "sink=%s takes lines again", status.id);
    if (grew(&news->lost, status.lines_rejected + status.lines_dropped))
        log_trouble(&news->loss,
                    "sink=%s lines lost: refused by the database (rejected.lp)=%llu, out "
                    "of the spool's bounds=%llu",
                    status.id, (unsigned long long)status.lines_rejected,
                    (unsigned long long)status.lines_dropped);
    else
        log_trouble_over(&news->loss, "sink=%s loses no lines any more", status.id);
    if (grew(&news->damaged, status.segments_damaged))
        log_error("sink=%s damaged spool segments were set aside as .bad, in all=%llu",
                  status.id, (unsigned long long)status.segments_damaged);
}

static void tell_history(struct tell *tell)
{
    struct history_status status;

    history_status(tell->site->web.history, &status);
    if (!status.healthy)
        log_trouble(&tell->history_trouble, "stage=history rows_lost=%llu %s",
                    (unsigned long long)status.rows_lost, status.error);
    else
        log_trouble_over(&tell->history_trouble, "stage=history written again");
    if (status.readings.error[0] != '\0')
        log_trouble(&tell->readings_trouble, "stage=readings lost=%llu %s",
                    (unsigned long long)status.readings.lost, status.readings.error);
    else
        log_trouble_over(&tell->readings_trouble, "stage=readings written again");
    if (status.readings.left[0] != '\0' && !tell->left_told)
        log_warn("stage=readings what the last run had not finished was left alone, the "
                 "next start tries again: %s",
                 status.readings.left);
    tell->left_told = status.readings.left[0] != '\0';
    if (grew(&tell->files_damaged, status.files_damaged))
        log_error("stage=history a damaged file was set aside as "
                  "history/*.damaged-<time> and a new one begun, in all=%llu",
                  (unsigned long long)status.files_damaged);
    if (grew(&tell->lines_dropped, status.samples_dropped + status.lines_dropped))
        log_trouble(&tell->lines_trouble, "stage=history overloaded, dropped in all=%llu",
                    (unsigned long long)tell->lines_dropped);
    else
        log_trouble_over(&tell->lines_trouble, "stage=history keeps up again");
}

static void tell_queue(struct tell *tell)
{
    struct pipeline_status status;

    pipeline_status(tell->site->pipeline, &status);
    if (grew(&tell->samples_dropped, status.samples_dropped))
        log_trouble(&tell->queue_trouble,
                    "stage=pipeline overloaded, samples dropped in all=%llu",
                    (unsigned long long)status.samples_dropped);
    else
        log_trouble_over(&tell->queue_trouble, "stage=pipeline keeps up again");
}

void tell_step(struct tell *tell)
{
    tell_issues(tell);
    tell_queue(tell);
    tell_history(tell);
    for (size_t i = 0; i < history_sinks(tell->site->web.history); i++)
        tell_sink(tell, i);
    tell_field_step(tell->field);
}

void tell_free(struct tell *tell)
{
    if (tell == NULL)
        return;
    tell_issues(tell);
    tell_field_free(tell->field);
    mem_free(tell->sinks);
    mem_free(tell);
}
