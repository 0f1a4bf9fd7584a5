/* tell_field.h - what the journal says about devices: profiles that do not fit, and
 * addresses that are refused. Each is told when it changes, looked at every few seconds.
 *
 * Threads: the main thread only.
 */
#ifndef GATEWAY_TELL_FIELD_H
#define GATEWAY_TELL_FIELD_H

#include "gateway/site.h"

struct tell_field;

struct tell_field *tell_field_new(const struct site *site); /* borrowed */
void tell_field_step(struct tell_field *field);
void tell_field_free(struct tell_field *field); /* NULL is fine */

#endif
