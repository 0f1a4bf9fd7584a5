/* issue_act.c - see issue_act.h. */
#include "web/issue_act.h"

#include <stdio.h>

/* Whose alarm it is: "" and "" when the issue was opened by hand. */
struct origin {
    char rule[CALL_ID_SIZE];
    char equipment[CALL_ID_SIZE];
};

static void note_origin(void *context, const struct issue_view *issue)
{
    struct origin *origin = context;

    (void)snprintf(origin->rule, sizeof origin->rule, "%s", issue->rule);
    (void)snprintf(origin->equipment, sizeof origin->equipment, "%s", issue->equipment);
}

static void reset_alarm(const struct call *call)
{
    const struct web_source *source = call->source;
    struct origin origin = {0};

    if (desk_get(call->site->desk, call->id, note_origin, &origin, NULL) < 0 ||
        origin.rule[0] == '\0')
        return;
    source->lock_engine(source->context);
    (void)engine_reset(call->site->engine, origin.rule, origin.equipment);
    source->unlock_engine(source->context);
}

int issue_act(const struct call *call, enum issue_action action, const char *text,
              struct err *err)
{
    if (desk_act(call->site->desk, call->id, action, call->request->actor, text,
                 call->now, err) != 0)
        return -1;
    if (action == ACTION_RESOLVE || action == ACTION_CLOSE)
        reset_alarm(call);
    return 0;
}
