#include "ctl/rules.h"
#include <sysexits.h>
int rules_noise(struct context *context, size_t count, char **arguments)
{
    (void)context;
    (void)count;
    (void)arguments;
    return EX_SOFTWARE;
}
