/* nearest.c - the word that was probably meant (config/report.h). */
#include "config/nearest.h"

#include "config/report.h"

#include <ctype.h>
#include <string.h>

enum {
    WORD_MAX = 64, /* longer words get no suggestion; ids are at most this long */
};

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Insertions, deletions, substitutions and swaps of neighbours that turn a into b.
 * Source: optimal string alignment, a restricted Damerau-Levenshtein distance. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0];
    size_t *above = rows[1];
    size_t *row = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *spare = before;

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1,
                          above[j - 1] + !same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        before = above;
        above = row;
        row = spare;
    }
    return above[b_length];
}

bool config_one_typo(const char *a, const char *b)
{
    size_t a_length = strlen(a);
    size_t b_length = strlen(b);

    return a_length <= WORD_MAX && b_length <= WORD_MAX && a_length <= b_length + 1 &&
           b_length <= a_length + 1 && distance(a, a_length, b, b_length) == 1;
}

const char *config_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t length = strlen(word);
    /* A third of the letters may be wrong; in a short word one. */
    size_t limit = length < 5 ? 1 : (length + 1) / 3;
    const char *best = NULL;

    if (length == 0 || length > WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        size_t d;

        if (other > WORD_MAX || other > length + limit || length > other + limit)
            continue;
        d = distance(word, length, candidates[i], other);
        /* A word that shares no letter is no suggestion, however short it is. */
        if (d > limit || d >= other)
            continue;
        best = candidates[i];
        if (d == 0)
            break;
        limit = d - 1; /* only a nearer one replaces it */
    }
    return best;
}
