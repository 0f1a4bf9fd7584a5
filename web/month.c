/* month.c - see month.h. */
#include "web/month.h"

#include <stdio.h>

char *month_format(int64_t year, int month, int months, char out[MONTH_SIZE])
{
    int64_t all = year * 12 + month - 1 + months;

    (void)snprintf(out, MONTH_SIZE, "%04lld-%02d", (long long)(all / 12),
                   (int)(all % 12) + 1);
    return out;
}

const char *month_asked(const struct call *call, char room[MONTH_SIZE])
{
    struct local_time now = tz_local(call->site->tz, call->now);

    return params_get(&call->request->query, "month",
                      month_format(now.year, now.month, 0, room));
}

void month_failed(struct response *response, const struct err *err)
{
    if (err->kind == ERR_INPUT)
        response_bad_parameter(response, "month", "write it as 2026-11", "%s", err->text);
    else
        response_failed(response, err);
}
