/* point_names.c - see point_names.h. */
#include "config/point_names.h"

#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

static bool is_among(const char *word, size_t length, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == length && memcmp(*words, word, length) == 0)
            return true;
    return false;
}

static const char *skip_quoted(const char *text)
{
    const char *end = strchr(text + 1, '\'');

    return end == NULL ? text + strlen(text) : end + 1;
}

/* From the opening parenthesis to behind the closing one. */
static const char *skip_arguments(const char *text)
{
    size_t depth = 0;

    while (*text != '\0') {
        if (*text == '\'') {
            text = skip_quoted(text);
            continue;
        }
        depth += *text == '(';
        if (*text++ == ')' && --depth == 0)
            break;
    }
    return text;
}

/* Behind what is no word: a number with its unit, a parameter, a text, a sign. */
static const char *skip_other(const char *text)
{
    if (*text == '\'')
        return skip_quoted(text);
    if (*text == '$')
        return text + 1 + strspn(text + 1, NAME_CHARS);
    if (*text >= '0' && *text <= '9')
        return text + strspn(text, NAME_CHARS ".");
    return text + 1;
}

bool point_name_next(const char **text, struct point_name *name)
{
    static const char *const keywords[] = {"and",   "or",      "not", "true",
                                           "false", "unknown", "ago", NULL};
    static const char *const groups[] = {"gsum",   "gavg",  "gmin", "gmax",
                                         "gcount", "gsize", NULL};

    while (**text != '\0') {
        const char *word = *text;
        size_t length = *word >= '0' && *word <= '9' ? 0 : strspn(word, NAME_CHARS);
        const char *next = word + length;

        if (length == 0) {
            *text = skip_other(word);
            continue;
        }
        next += strspn(next, " \t");
        *text = next;
        if (*next == '(') {
            *text = is_among(word, length, groups) ? skip_arguments(next) : next + 1;
            continue;
        }
        if (is_among(word, length, keywords))
            continue;
        name->relation = *next == '.';
        if (name->relation)
            *text = next + 1 + strspn(next + 1, NAME_CHARS ".");
        if (length > POINT_NAME_MAX)
            length = POINT_NAME_MAX;
        memcpy(name->name, word, length);
        name->name[length] = '\0';
        return true;
    }
    return false;
}
