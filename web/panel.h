/* panel.h - what the pages about the gateway itself are made of: panels, facts, tables.
 *
 * Threads: one owner, as web/page.h.
 */
#ifndef WEB_PANEL_H
#define WEB_PANEL_H

#include "web/page.h"

/* <section><h2>; ended by panel_table_end or by the caller. */
void panel_open(struct page *page, const char *id, enum word title);

/* A word and a sign for good or bad. */
void panel_condition(struct page *page, bool good, enum word yes, enum word no);

/* The name of a fact in a <dl class="facts">, up to its value. */
void panel_fact(struct page *page, enum word name);

/* The heads of a table; the first two columns hold words, the rest numbers but the last.
 */
void panel_table(struct page *page, const enum word *titles, size_t count);
/* Ends the table and the panel. */
void panel_table_end(struct page *page);

/* `loss`: what was lost for good stands out; what was retried does not. */
void panel_count(struct page *page, uint64_t count, bool loss);

#endif
