/* checks.h - what ids, names, topics and paths must look like.
 *
 * For CONFIG_CHECKED rows: NULL when the text is fine, otherwise what it must be, as a
 * hint. Pure. Threads: no state.
 */
#ifndef CONFIG_CHECKS_H
#define CONFIG_CHECKS_H

#include <stdbool.h>

const char *check_site_id(const char *text); /* [a-z0-9][a-z0-9-]{0,63} */
const char *check_id(const char *text);      /* [A-Za-z0-9][A-Za-z0-9._-]{0,63} */
const char *check_rule_id(const char *text); /* [a-z0-9][a-z0-9._-]{0,63} */
/* A point: [a-z][a-z0-9_]{0,63}, not a word of the rule language, not "online". */
const char *check_point_name(const char *text);
const char *check_name(const char *text); /* of a relation; not a word of the language */
/* Of a parameter: its '$' tells it from every word of the language. */
const char *check_parameter(const char *text);
const char *check_topic_filter(const char *text); /* the same, '+' and '#' allowed */
const char *check_topic(const char *text);        /* an MQTT topic without wildcards */
/* A topic filter with one level "{equipment}". */
const char *check_topic_pattern(const char *text);
/* "flow.value", "sensors[0].value", "sensors[id=28-0316].value", "values[*].p_l1" */
const char *check_json_path(const char *text);

#endif
