/* month_read.c - the issues that are left at the end of a month; see month.h. */
#include "base/file.h"
#include "base/mem.h"
#include "issues/desk.h"
#include "tests/sim/month.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct month_issue *issue_of(struct month *month, const char *rule,
                                    const char *equipment)
{
    struct month_issue *issue;

    for (size_t i = 0; i < month->count; i++)
        if (strcmp(month->issues[i].rule, rule) == 0 &&
            strcmp(month->issues[i].equipment, equipment) == 0)
            return &month->issues[i];
    assert(month->count < MONTH_ISSUES_MAX);
    issue = &month->issues[month->count++];
    (void)snprintf(issue->rule, sizeof issue->rule, "%s", rule);
    (void)snprintf(issue->equipment, sizeof issue->equipment, "%s", equipment);
    return issue;
}

static char last_id[DESK_ID_SIZE];

static void note_issue(void *context, const struct issue_view *view)
{
    struct month_issue *issue = issue_of(context, view->rule, view->equipment);

    if (issue->opened < MONTH_OPENED_MAX)
        issue->times[issue->opened] = view->opened;
    issue->opened++;
    issue->recurrences += (unsigned)view->recurrences;
    issue->attached = issue->attached || view->attached_to != 0;
    (void)snprintf(last_id, sizeof last_id, "%s", view->id);
}

static int by_name(const void *a, const void *b)
{
    const struct month_issue *x = a;
    const struct month_issue *y = b;
    int rule = strcmp(x->rule, y->rule);

    return rule != 0 ? rule : strcmp(x->equipment, y->equipment);
}

int month_read(struct month *month, const char *folder, struct wall_time now,
               struct err *err)
{
    struct issue_filter filter = {.status = -1,
                                  .with_attached = true,
                                  .severity = -1,
                                  .category = -1,
                                  .limit = DESK_LIST_MAX};
    char *database = file_join(folder, "issues.db");
    struct model *model = model_new();
    struct desk *desk;
    int got = -1;

    model->site_id = "riverside";
    model->site_name = "";
    model_seal(model);
    desk = desk_open(database, model, now, err);
    while (desk != NULL && (got = desk_list(desk, &filter, note_issue, month, err)) > 0)
        filter.after = last_id;
    desk_close(desk);
    model_free(model);
    mem_free(database);
    qsort(month->issues, month->count, sizeof month->issues[0], by_name);
    return got < 0 ? -1 : 0;
}
