/* issue.c - see issue.h. */
#include "issues/issue.h"

#include <stdio.h>
#include <string.h>

#define BIT(status) (1U << (status))

enum {
    BEFORE_RESOLVED = BIT(ISSUE_OPEN) | BIT(ISSUE_ACKNOWLEDGED) | BIT(ISSUE_IN_PROGRESS) |
                      BIT(ISSUE_REOPENED),
    DONE = BIT(ISSUE_RESOLVED) | BIT(ISSUE_CLOSED),
    UNCLOSED = BEFORE_RESOLVED | BIT(ISSUE_RESOLVED),
    ALWAYS = UNCLOSED | BIT(ISSUE_CLOSED),
    STAYS = ISSUE_STATUS_COUNT, /* the action does not move the status */
};

/* From which of the statuses in `from` an action leads where. */
struct passage {
    unsigned from;
    int to;
};

static const struct {
    const char *name;
    bool manual;
    struct passage passages[3]; /* the first that fits; an empty one fits nothing */
} actions_table[] = {
    [ACTION_OPENED] = {"opened", false, {{0}}},
    [ACTION_ACKNOWLEDGE] = {"acknowledge",
                            true,
                            {{BIT(ISSUE_OPEN) | BIT(ISSUE_REOPENED),
                              ISSUE_ACKNOWLEDGED}}},
    [ACTION_START] = {"start",
                      true,
                      {{BEFORE_RESOLVED & ~BIT(ISSUE_IN_PROGRESS), ISSUE_IN_PROGRESS}}},
    [ACTION_RESOLVE] = {"resolve", true, {{BEFORE_RESOLVED, ISSUE_RESOLVED}}},
    [ACTION_CLOSE] = {"close", true, {{BIT(ISSUE_RESOLVED), ISSUE_CLOSED}}},
    [ACTION_REOPEN] = {"reopen", true, {{DONE, ISSUE_REOPENED}}},
    [ACTION_COMMENT] = {"comment", true, {{ALWAYS, STAYS}}},
    [ACTION_SEVERITY] = {"severity", true, {{UNCLOSED, STAYS}}},
    [ACTION_RETURNED] = {"returned", false, {{ALWAYS, STAYS}}},
    /* What was thought to be mended is not. */
    [ACTION_RECURRED] = {"recurred",
                         false,
                         {{BIT(ISSUE_ACKNOWLEDGED), ISSUE_OPEN},
                          {BEFORE_RESOLVED, STAYS},
                          {DONE, ISSUE_REOPENED}}},
    [ACTION_NOTE] = {"note", false, {{ALWAYS, STAYS}}},
    [ACTION_LEVEL] = {"level", false, {{ALWAYS, STAYS}}},
    [ACTION_SYMPTOM] = {"symptom", false, {{ALWAYS, STAYS}}},
    [ACTION_ATTACHED] = {"attached", false, {{ALWAYS, ISSUE_CLOSED}}},
    [ACTION_WITHDRAWN] = {"withdrawn", false, {{ALWAYS, ISSUE_CLOSED}}},
};

static const char *const status_names[] = {
    [ISSUE_OPEN] = "open",
    [ISSUE_ACKNOWLEDGED] = "acknowledged",
    [ISSUE_IN_PROGRESS] = "in_progress",
    [ISSUE_RESOLVED] = "resolved",
    [ISSUE_CLOSED] = "closed",
    [ISSUE_REOPENED] = "reopened",
};

const char *issue_status_name(enum issue_status status)
{
    return status_names[status];
}

const char *issue_action_name(enum issue_action action)
{
    return actions_table[action].name;
}

int issue_status_from_name(const char *name)
{
    for (int i = 0; i < ISSUE_STATUS_COUNT; i++)
        if (strcmp(name, status_names[i]) == 0)
            return i;
    return -1;
}

int issue_action_from_name(const char *name)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (strcmp(name, actions_table[i].name) == 0)
            return i;
    return -1;
}

bool issue_action_is_manual(enum issue_action action)
{
    return actions_table[action].manual;
}

/* The status after `action`, or -1 when it is not allowed. */
static int find_next(enum issue_status status, enum issue_action action)
{
    const struct passage *passages = actions_table[action].passages;

    for (size_t i = 0; i < 3; i++)
        if ((passages[i].from & BIT(status)) != 0)
            return passages[i].to == STAYS ? (int)status : passages[i].to;
    return -1;
}

static int refuse(enum issue_status status, enum issue_action action, struct err *err)
{
    char names[200] = "";
    enum issue_action allowed[ACTION_COUNT];
    size_t count = issue_allowed(status, allowed);
    size_t used = 0;

    /* All names together are shorter than the buffer. */
    for (size_t i = 0; i < count && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s",
                                 i == 0 ? "" : ", ", issue_action_name(allowed[i]));
    return err_set(err, ERR_STATE,
                   "the issue is %s: '%s' is not allowed now; allowed: %s",
                   issue_status_name(status), issue_action_name(action), names);
}

int issue_next(enum issue_status status, enum issue_action action,
               enum issue_status *next, struct err *err)
{
    int found = find_next(status, action);

    if (found < 0)
        return refuse(status, action, err);
    *next = (enum issue_status)found;
    return 0;
}

size_t issue_allowed(enum issue_status status, enum issue_action actions[ACTION_COUNT])
{
    size_t count = 0;

    for (int i = 0; i < ACTION_COUNT; i++)
        if (actions_table[i].manual && find_next(status, (enum issue_action)i) >= 0)
            actions[count++] = (enum issue_action)i;
    return count;
}
