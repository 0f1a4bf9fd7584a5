/* page_trend.h - the trend part of the equipment page.
 *
 * Threads: one owner.
 */
#ifndef WEB_PAGE_TREND_H
#define WEB_PAGE_TREND_H

#include "web/page.h"

/* ?range=1h|24h|7d|30d&points=a&points=b: range, choice of points, a picture and a table
 * for each. False when a parameter is wrong (set in response, page spoilt). */
void page_trend(struct page *page, const struct equipment *equipment);

/* Checks those parameters before the page begins. */
bool page_trend_check(const struct call *call, struct response *response);

#endif
