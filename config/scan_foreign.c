/* scan_foreign.c - see scan_foreign.h. */
#include "config/scan_foreign.h"

#include <stddef.h>
#include <string.h>

static const struct scan_foreign foreign[] = {
    {"；", ';', "write ';'"},
    {"，", ',', "write ','"},
    {"、", ',', "write ','"},
    {"：", '=', "write ':' or '='"},
    {"＝", '=', "write '='"},
    {"（", '(', "write '('"},
    {"）", ')', "write ')'"},
    {"｛", '{', "write '{'"},
    {"｝", '}', "write '}'"},
    {"［", '[', "write '['"},
    {"］", ']', "write ']'"},
    {"【", '[', "write '['"},
    {"】", ']', "write ']'"},
    {"“", '"', "write \" on both sides"},
    {"”", '"', "write \" on both sides"},
    {"„", '"', "write \" on both sides"},
    {"＂", '"', "write \" on both sides"},
    {"‘", '"', "write \" on both sides"},
    {"’", '"', "write \" on both sides"},
    {"'", '"', "write \" on both sides"},
    {"\xE3\x80\x80", ' ', "a full-width blank; write an ordinary one"},
    {"\xC2\xA0", ' ', "a no-break space; write an ordinary blank"},
    {"\xE2\x80\x8B", ' ', "an invisible zero-width space; delete it"},
    {"\xEF\xBB\xBF", ' ', "an invisible byte order mark; delete it"},
};

const struct scan_foreign *scan_foreign(const char *text)
{
    if ((unsigned char)*text < 0x80 && *text != '\'')
        return NULL;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (strncmp(text, foreign[i].utf8, strlen(foreign[i].utf8)) == 0)
            return &foreign[i];
    return NULL;
}
