/* names.c - see names.h.
 *
 * Source: optimal string alignment distance (Damerau 1964, Levenshtein 1965).
 */
#include "plantsim/names.h"

#include <stdint.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 48, /* with terminator; our longest name has 14 */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t names_distance(const char *a, const char *b)
{
    size_t rows[NAME_MAX_BYTES][NAME_MAX_BYTES];
    size_t length_a = strlen(a);
    size_t length_b = strlen(b);

    if (length_a >= NAME_MAX_BYTES || length_b >= NAME_MAX_BYTES)
        return SIZE_MAX;
    for (size_t i = 0; i <= length_a; i++)
        rows[i][0] = i;
    for (size_t j = 0; j <= length_b; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        for (size_t j = 1; j <= length_b; j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;

            rows[i][j] = least(least(rows[i - 1][j] + 1, rows[i][j - 1] + 1),
                               rows[i - 1][j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
        }
    }
    return rows[length_a][length_b];
}

const char *names_nearest(const char *wrong, size_t count, const char *(*name)(size_t))
{
    const char *best = NULL;
    size_t best_distance = strlen(wrong) / 3 + 2;

    for (size_t i = 0; i < count; i++) {
        size_t distance = names_distance(wrong, name(i));

        if (distance < best_distance) {
            best = name(i);
            best_distance = distance;
        }
    }
    return best;
}
