/* forms.h - what the forms of pages send.
 *
 * Threads: no state.
 */
#ifndef WEB_FORMS_H
#define WEB_FORMS_H

#include "web/call.h"

/* The fields of the request's body (params_done); false when it is no form (set in
 * response). `instead` says what programs should use. */
bool form_read(const struct call *call, const char *instead, struct params *form,
               struct response *response);

/* Sends the browser to "<base><id><part>", the id escaped; reloading repeats nothing. */
void form_go(const char *base, const char *id, const char *part,
             struct response *response);

#endif
