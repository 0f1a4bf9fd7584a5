/* page.h - the frame around every page, and the small pieces that pages share.
 *
 * A page is written front to back into the response. Everything that comes from outside
 * (names, titles, texts, ids) goes through html_put's slots.
 *
 * Threads: one owner.
 */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "web/call.h"
#include "web/html.h"
#include "web/show.h"
#include "web/words.h"

enum page_nav {
    NAV_NONE,
    NAV_BOARD,
    NAV_ISSUES,
    NAV_REPORT,
    NAV_DIAGNOSTICS,
};

struct page {
    const struct call *call;
    struct text *out;
    enum language language;
};

/* Writes everything up to the start of the main part. `stream` is the query of the event
 * stream that the page listens to ("" for none of its own: it still shows the clock and
 * whether the gateway answers). */
struct page page_begin(const struct call *call, struct response *response,
                       const char *title, enum page_nav nav, const char *stream);
void page_end(struct page *page);
/* Instead of page_end: what went wrong after page_begin becomes the whole answer. */
void page_failed(struct response *response, const struct err *err);

const char *page_word(const struct page *page, enum word which);

/* <time> with the local time as text and the full one as its title. */
void page_time(struct page *page, struct wall_time time);
/* "2 h 13 min" since then, as a <time>; the page's script keeps it right. */
void page_age(struct page *page, struct wall_time time);

void page_icon(struct page *page, const char *name); /* decorative: a word stands by it */
void page_state(struct page *page, enum equipment_state state); /* icon and word */
void page_severity(struct page *page, enum severity severity);
void page_status(struct page *page, enum issue_status status);
void page_quality(struct page *page, enum quality quality);

/* <option value="" [selected]>text</option> */
void page_option(struct page *page, const char *value, const char *text, bool selected);

/* This page's URL with a parameter set to another value ("" takes it out); escaped for
 * an attribute. `drop` (may be NULL) is taken out as well. */
void page_link_with(struct page *page, const char *name, const char *value,
                    const char *drop);

/* "m3/h" as "m³/h", "degC" as "°C". */
const char *page_unit(const char *unit);

#endif
