/* report_print.c - messages with the spot underlined; see report.h.
 *
 * The excerpt keeps its tabs, and the line of carets repeats them, so that both align
 * whatever the terminal makes of a tab. Chinese characters are two columns wide. What a
 * file must not do to a terminal (control characters, broken UTF-8) is shown as '?'.
 */
#include "base/mem.h"
#include "base/utf8.h"
#include "config/report_internal.h"

#include <stdio.h>
#include <string.h>

enum {
    EXCERPT_MAX = 160,   /* bytes of a line that are shown; more wraps on any screen */
    EXCERPT_BEFORE = 60, /* of them before the spot, when the line is longer */
};

struct colors {
    const char *error;
    const char *warning;
    const char *note;
    const char *gutter;
    const char *strong;
    const char *off;
};

static const struct colors plain = {"", "", "", "", "", ""};
static const struct colors terminal = {"\033[1;31m", "\033[1;33m", "\033[1;36m",
                                       "\033[1;34m", "\033[1m",    "\033[0m"};

size_t report_line_start(const struct report_file *file, uint32_t line)
{
    size_t at = 0;

    for (uint32_t i = 1; i < line; i++) {
        const char *newline = memchr(file->content + at, '\n', file->length - at);

        if (newline == NULL)
            return file->length;
        at = (size_t)(newline - file->content) + 1;
    }
    return at;
}

static size_t char_length(const char *text, size_t left)
{
    char window[5] = {0}; /* utf8_length looks up to the terminator */

    memcpy(window, text, left < 4 ? left : 4);
    return utf8_length(window);
}

size_t report_valid_length(const char *text)
{
    size_t length = strlen(text);
    size_t at = 0;

    while (at < length) {
        size_t n = char_length(text + at, length - at);

        /* Broken bytes inside stay (they are quoted from the file); at the end they
         * are a character that the bound has cut. */
        if (n == 0 && length - at < 4 && length == REPORT_TEXT_MAX - 1)
            return at;
        at += n == 0 ? 1 : n;
    }
    return length;
}

static uint32_t decode(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    uint32_t code = length == 1   ? s[0]
                    : length == 2 ? s[0] & 0x1Fu
                    : length == 3 ? s[0] & 0x0Fu
                                  : s[0] & 0x07u;

    for (size_t i = 1; i < length; i++)
        code = code << 6 | (s[i] & 0x3Fu);
    return code;
}

struct span {
    uint32_t first;
    uint32_t last;
};

static bool within(uint32_t code, const struct span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= spans[i].first && code <= spans[i].last)
            return true;
    return false;
}

/* Columns on a terminal. Source: Unicode 15 EastAsianWidth.txt (W and F) and the blocks
 * of combining marks, in rough outline. */
static size_t width(uint32_t code)
{
    static const struct span wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
        {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
        {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };
    static const struct span none[] = {
        {0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF},
        {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF},
    };

    if (within(code, none, sizeof none / sizeof none[0]))
        return 0;
    return within(code, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* Adds text from a file so that it cannot move the cursor. Returns nothing but text. */
static void add_clean(struct text *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t n = char_length(bytes + i, length - i);
        unsigned char c = (unsigned char)bytes[i];
        bool control = n <= 1 && (c < 0x20 || c == 0x7F) && c != '\t';

        if (n == 0 || control ||
            (n == 2 && c == 0xC2 && (unsigned char)bytes[i + 1] < 0xA0))
            text_add_char(out, '?');
        else
            text_add_bytes(out, bytes + i, n);
        i += n == 0 ? 1 : n;
    }
}

/* Blanks that are as wide as the text, tabs kept. */
static void add_blank(struct text *out, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        size_t n = char_length(bytes + i, length - i);
        size_t columns = n == 0 ? 1 : width(decode(bytes + i, n));

        if (bytes[i] == '\t')
            text_add_char(out, '\t');
        else
            text_addf(out, "%*s", (int)columns, "");
        i += n == 0 ? 1 : n;
    }
}

static void add_carets(struct text *out, const char *bytes, size_t length)
{
    size_t columns = 0;

    for (size_t i = 0; i < length;) {
        size_t n = char_length(bytes + i, length - i);

        columns += n == 0 ? 1 : width(decode(bytes + i, n));
        i += n == 0 ? 1 : n;
    }
    if (columns == 0)
        columns = 1;
    while (columns-- > 0)
        text_add_char(out, '^');
}

struct excerpt {
    const char *line;
    size_t length;
    size_t spot; /* offset in the line */
    size_t spot_length;
    bool cut_before;
    bool cut_behind;
};

/* Moves an offset back to the beginning of a character. */
static size_t char_start(const char *line, size_t at)
{
    while (at > 0 && ((unsigned char)line[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static struct excerpt excerpt_of(const struct report_file *file, struct config_pos pos)
{
    size_t start = report_line_start(file, pos.line);
    struct excerpt e = {.line = file->content + start};
    const char *newline = memchr(e.line, '\n', file->length - start);

    e.length = newline == NULL ? file->length - start : (size_t)(newline - e.line);
    if (e.length > 0 && e.line[e.length - 1] == '\r')
        e.length--;
    e.spot = pos.column - 1 < e.length ? pos.column - 1 : e.length;
    if (e.length > EXCERPT_MAX && e.spot > EXCERPT_BEFORE) {
        size_t skip = char_start(e.line, e.spot - EXCERPT_BEFORE);

        e.line += skip;
        e.length -= skip;
        e.spot -= skip;
        e.cut_before = true;
    }
    if (e.length > EXCERPT_MAX) {
        e.length = char_start(e.line, EXCERPT_MAX);
        e.cut_behind = true;
    }
    e.spot_length = pos.length < e.length - e.spot ? pos.length : e.length - e.spot;
    return e;
}

static const char *color_of(const struct colors *colors, enum report_severity severity)
{
    if (severity == REPORT_NOTE)
        return colors->note;
    return severity == REPORT_ERROR ? colors->error : colors->warning;
}

static void print_excerpt(const struct config_report *report,
                          const struct report_message *message,
                          const struct colors *colors, struct text *out)
{
    struct excerpt e = excerpt_of(&report->files[message->pos.file], message->pos);
    char number[16];
    int margin = snprintf(number, sizeof number, "%u", message->pos.line);
    const char *spot = color_of(colors, message->severity);

    text_addf(out, "%s%*s |%s\n", colors->gutter, margin, "", colors->off);
    text_addf(out, "%s%s |%s %s", colors->gutter, number, colors->off,
              e.cut_before ? "..." : "");
    add_clean(out, e.line, e.length);
    text_addf(out, "%s\n", e.cut_behind ? "..." : "");
    text_addf(out, "%s%*s |%s %s", colors->gutter, margin, "", colors->off,
              e.cut_before ? "   " : "");
    add_blank(out, e.line, e.spot);
    text_add(out, spot);
    add_carets(out, e.line + e.spot, e.spot_length);
    if (message->hint != NULL) {
        text_add_char(out, ' ');
        add_clean(out, message->hint, strlen(message->hint));
    }
    text_addf(out, "%s\n", colors->off);
}

static void print_message(const struct config_report *report,
                          const struct report_message *message,
                          const struct colors *colors, struct text *out)
{
    const char *path = config_report_path(report, message->pos.file);

    text_addf(out, "%s%s[%s]%s%s: ", color_of(colors, message->severity),
              report_severity_name(message->severity), message->code, colors->off,
              colors->strong);
    add_clean(out, message->text, strlen(message->text));
    text_addf(out, "%s\n", colors->off);
    if (message->pos.file < report->file_count && message->pos.line > 0) {
        text_addf(out, "%s  -->%s %s:%u:%u\n", colors->gutter, colors->off, path,
                  message->pos.line, message->pos.column);
        print_excerpt(report, message, colors, out);
        return;
    }
    if (path[0] != '\0')
        text_addf(out, "%s  -->%s %s\n", colors->gutter, colors->off, path);
    if (message->hint != NULL) {
        text_addf(out, "%s   =%s ", colors->gutter, colors->off);
        add_clean(out, message->hint, strlen(message->hint));
        text_add_char(out, '\n');
    }
}

void config_report_print(const struct config_report *report, bool color, struct text *out)
{
    config_report_print_most(report, color, REPORT_SHOWN_MAX, out);
}

void config_report_print_most(const struct config_report *report, bool color, size_t most,
                              struct text *out)
{
    const struct report_message **sorted = report_sorted(report);
    const struct colors *colors = color ? &terminal : &plain;
    size_t total = report->errors + report->warnings + report->notes;
    size_t shown = report->count < most ? report->count : most;

    for (size_t i = 0; i < shown; i++)
        print_message(report, sorted[i], colors, out);
    if (total > shown)
        text_addf(out, "and %zu more\n", total - shown);
    mem_free(sorted);
}
