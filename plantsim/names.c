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

static size_t common_prefix(const char *a, const char *b)
{
    size_t length = 0;

    while (a[length] != '\0' && a[length] == b[length])
        length++;
    return length;
}

const char *names_better(const char *wrong, const char *best, const char *candidate)
{
    size_t near = strlen(wrong) / 3 + 1; /* further away it would be a guess */
    size_t distance = names_distance(wrong, candidate);
    size_t best_distance = best == NULL ? near + 1 : names_distance(wrong, best);

    if (distance > near || distance > best_distance)
        return best;
    if (best != NULL && distance == best_distance &&
        common_prefix(wrong, candidate) <= common_prefix(wrong, best))
        return best;
    return candidate;
}

const char *names_nearest(const char *wrong, size_t count, const char *(*name)(size_t))
{
    const char *best = NULL;

    for (size_t i = 0; i < count; i++)
        best = names_better(wrong, best, name(i));
    return best;
}
