/* nearest.h - how near two words are; see also config_nearest in report.h. Pure. */
#ifndef CONFIG_NEAREST_H
#define CONFIG_NEAREST_H

#include <stdbool.h>

/* One letter too many, too few, another or swapped with its neighbour. */
bool config_one_typo(const char *a, const char *b);

#endif
