/* report.h - everything that is wrong with a configuration, said so that it can be
 * mended.
 *
 * A message has a stable code, a place (file:line:column), the line itself with the spot
 * underlined, a reason, and where there is one the nearest valid name or another way out:
 *
 *   error[E104]: unknown key "pol" in a point of profile "eastron-sdm630"
 *     --> profiles/sdm630.cfg:17:5
 *      |
 *   17 |     pol = "1m";
 *      |     ^^^ did you mean "poll"?
 *
 * All messages of a load are gathered and printed in source order, errors before warnings
 * so that those cannot hide them, then notes, at most REPORT_SHOWN_MAX, then "and N
 * more".
 *
 * The report keeps the text of the loaded files for the excerpts.
 * Threads: one owner.
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "base/text.h"
#include "config/settings.h"

enum {
    REPORT_SHOWN_MAX = 20,  /* more than a screen helps nobody */
    REPORT_KEPT_MAX = 1000, /* then only counted */
};

enum report_severity {
    REPORT_ERROR,
    REPORT_WARNING,
    REPORT_NOTE, /* kept only when asked for: advice about rules */
};

struct config_report;

struct config_report *config_report_new(void);
void config_report_free(struct config_report *report); /* NULL is fine */

/* Remembers a file for excerpts and returns its index for positions. Copies both. */
uint32_t config_report_file(struct config_report *report, const char *path,
                            const char *content, size_t length);
const char *config_report_path(const struct config_report *report, uint32_t file);

/* Adds a message; `code` is "E104" (static). `hint` may be NULL: the way out, shown
 * behind the underline. */
void config_report_add(struct config_report *report, enum report_severity severity,
                       const char *code, struct config_pos pos, const char *hint,
                       const char *format, ...) __attribute__((format(printf, 6, 7)));

/* Where byte `offset` of the value of a text stands whose first byte stands at `start`
 * (struct expr_settings): follows escapes and texts joined over several lines. */
struct config_pos config_report_locate(const struct config_report *report,
                                       struct config_pos start, size_t offset);

/* From now on notes are kept, too. */
void config_report_want_notes(struct config_report *report);
size_t config_report_notes(const struct config_report *report);

/* Leaves only the messages for which `keep` is true, and counts them anew. */
typedef bool config_report_keep(void *context, const char *code, struct config_pos pos);
void config_report_retain(struct config_report *report, config_report_keep *keep,
                          void *context);

size_t config_report_errors(const struct config_report *report);
size_t config_report_warnings(const struct config_report *report);

/* Appends all messages as shown above; `color` adds terminal colours. */
void config_report_print(const struct config_report *report, bool color,
                         struct text *out);
/* The same with at most `most` of them. */
void config_report_print_most(const struct config_report *report, bool color, size_t most,
                              struct text *out);
/* The same as a JSON array of {severity, code, file, line, column, message, hint}. */
void config_report_json(const struct config_report *report, struct text *out);

/* The candidate nearest to `word` (edit distance with transpositions), or NULL when none
 * is near enough to be meant. */
const char *config_nearest(const char *word, const char *const *candidates, size_t count);

#endif
