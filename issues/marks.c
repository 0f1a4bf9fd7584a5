/* marks.c - the names of what is announced. */
#include "issues/marks.h"

static const char *const kind_names[ANNOUNCE_COUNT] = {
    [ANNOUNCE_OPENED] = "opened", [ANNOUNCE_RECURRED] = "recurred",
    [ANNOUNCE_WORSE] = "worse",   [ANNOUNCE_RETURNED] = "returned",
    [ANNOUNCE_DIGEST] = "digest", [ANNOUNCE_REMINDER] = "reminder",
};

const char *announcement_kind_name(enum announcement_kind kind)
{
    return kind_names[kind];
}
