/* main.c - facilityd: the way in. What happens to a sample is in pipeline.c. */
#include "base/log.h"
#include "gateway/daemon.h"
#include "gateway/options.h"

#include <malloc.h>

enum {
    ARENAS = 2, /* a thread per link must not mean a heap per link */
};

int main(int argc, char **argv)
{
    struct options options;
    int code = options_parse(&options, argc, argv);

    if (code >= 0)
        return code;
    /* Before the first thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
    (void)mallopt(M_ARENA_MAX, ARENAS);
    log_set_debug(options.debug);
    if (options.plan)
        return daemon_plan(&options);
    return options.check ? daemon_check(&options) : daemon_run(&options);
}
