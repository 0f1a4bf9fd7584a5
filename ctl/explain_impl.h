/* explain_impl.h - shared by the files of explain_text; not for others. */
#ifndef CTL_EXPLAIN_IMPL_H
#define CTL_EXPLAIN_IMPL_H

#include "ctl/explain_text.h"
#include "ctl/rows.h"

struct explanation {
    const struct json *truth;
    struct rows *rows;
    const struct tz *tz;
    struct wall_time now; /* when it was explained */
    bool colour;
};

struct local_time explain_local(const struct explanation *e, struct wall_time time);

/* A value with its unit: "0.08 m3/h", "true", "1m35s" for seconds. */
void explain_value(const struct json *value, const char *unit, struct text *out);

/* A term and what it is made of (explain_terms.c). */
void explain_term(struct explanation *e, const struct json *term, size_t indent);

#endif
