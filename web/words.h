/* words.h - the texts of the pages in both languages.
 *
 * The rows stand in words_list.h. A test proves that each is there in both languages and
 * has the same slots.
 *
 * Threads: no state.
 */
#ifndef WEB_WORDS_H
#define WEB_WORDS_H

#include "adapters/finding.h"
#include "config/settings.h"
#include "issues/issue.h"
#include "issues/state.h"
#include "telemetry/sample.h"
#include "web/http.h"

enum word {
#define WORD(name, en, zh) WORD_##name,
#include "web/words_list.h"
#undef WORD
    WORD_COUNT
};

/* Never NULL. */
const char *word(enum language language, enum word word);

const char *word_state(enum language language, enum equipment_state state);
const char *word_severity(enum language language, enum severity severity);
const char *word_category(enum language language, enum category category);
const char *word_status(enum language language, enum issue_status status);
const char *word_event(enum language language, enum issue_action action);
const char *word_action(enum language language, enum issue_action action);
const char *word_quality(enum language language, enum quality quality);
const char *word_reason(enum language language, enum reason reason);
const char *word_finding(enum language language, enum finding_kind kind);
const char *word_kind(enum language language, const char *kind);     /* of a rule */
const char *word_source(enum language language, const char *source); /* of an issue */
const char *word_class(enum language language, const char *class_name);

/* "en", "zh-CN": as in lang="", ?lang= and the configuration. */
const char *language_tag(enum language language);
/* False when the tag names neither ("zh", "zh-CN", "zh-Hans-CN" are Chinese). */
bool language_from_tag(const char *tag, size_t length, enum language *language);

/* What to speak: ?lang=, the cookie "lang", Accept-Language, the site's. */
enum language language_choose(const struct request *request, const char *site_language);

/* The value of a cookie, or "" (written to `value`). */
const char *cookie_get(const char *cookies, const char *name, char *value, size_t size);

#endif
