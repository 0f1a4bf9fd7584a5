/* evidence.h - why a rule holds, as a tree that people can read.
 *
 * Takes the JSON of engine_explain: the alarm, the tree of `when` and `clear` with the
 * value of every part, the parameters and the last readings. Members that it does not
 * know are left out, members that are missing leave nothing behind; what is no such JSON
 * at all is shown as text.
 *
 * Threads: one owner.
 */
#ifndef WEB_EVIDENCE_H
#define WEB_EVIDENCE_H

#include "web/page.h"

void evidence_put(struct page *page, const char *json);

#endif
