/* descriptors.c - see descriptors.h. */
#include "gateway/descriptors.h"

#include <sys/resource.h>

int descriptors_reserve(size_t links, struct err *err)
{
    rlim_t least = links + DESCRIPTORS_OTHER;
    rlim_t enough = links * DESCRIPTORS_PER_LINK + DESCRIPTORS_OTHER;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= enough)
        return 0;
    limit.rlim_cur = limit.rlim_max < enough ? limit.rlim_max : enough;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur >= least)
        return 0;
    return err_set(err, ERR_CONFIG,
                   "%zu links need %llu open files and this process may have %llu: raise "
                   "LimitNOFILE= in its service (or ulimit -Hn)",
                   links, (unsigned long long)least, (unsigned long long)limit.rlim_cur);
}
