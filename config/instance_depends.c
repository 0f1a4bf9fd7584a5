/* instance_depends.c - values that depend on other values; see instance_parts.h. */
#include "base/mem.h"
#include "config/codes.h"
#include "config/instance_parts.h"

#include <math.h>
#include <string.h>

enum {
    /* A value that needs a value that needs a value: the longest real chain has 2 links.
     */
    CHAIN_MAX = 8,
    NEEDS_MAX = POINT_TIMES_MAX + 2,
    HINTS_MAX = 64,
};

/* ---- names to slots ---- */

static const char *hint(const struct maker *maker, const struct linking *linking,
                        const char *name)
{
    const struct profile_settings *profile = &maker->order->profile->settings;
    const char *names[HINTS_MAX];
    size_t count = 0;

    for (size_t i = 0; i < profile->param_count && count < HINTS_MAX; i++)
        names[count++] = profile->params[i].name;
    for (size_t i = 0; i < linking->slot_count && count < HINTS_MAX; i++)
        if (linking->by_slot[i] != NULL)
            names[count++] = linking->by_slot[i]->name;
    return schema_hint(maker->reader, name, names, count, NULL);
}

static bool find_point(const struct maker *maker, const struct linking *linking,
                       const char *key, const struct reference *reference, uint32_t *slot)
{
    uint32_t found = map_get(linking->slots, reference->name);
    const char *of = linking->variant[0] == '\0' ? "" : " in variant ";

    if (found == MAP_NONE || linking->by_slot[found] == NULL)
        return maker_fail(maker, CODE(DEPENDS), reference->pos, "variant",
                          hint(maker, linking, reference->name),
                          "\"%s\": there is no point%s \"%.64s\"%s%s", key,
                          strcmp(key, "factor") == 0 ? "" : " or parameter",
                          reference->name, of, linking->variant);
    if (linking->by_slot[found]->type == TYPE_STRING)
        return maker_fail(maker, CODE(DEPENDS), reference->pos, "variant", NULL,
                          "\"%s\" needs a number; \"%s\" is a text", key,
                          reference->name);
    if (maker->order->profile->settings.mqtt)
        return maker_fail(maker, CODE(DEPENDS), reference->pos, "variant", NULL,
                          "\"%s\" of an MQTT point names parameters, not points", key);
    *slot = found;
    return true;
}

/* What the parameters multiply is known now. A counter begins at 0 again at a value of
 * the device, so its modulus grows with the scale. */
static bool fold(const struct maker *maker, struct point_settings *point,
                 const struct reference *reference, double factor)
{
    point->scale *= factor;
    point->modulus *= fabs(factor);
    if (point->scale != 0 && isfinite(point->scale))
        return true;
    return maker_fail(maker, CODE(SCALE), reference->pos, "params", NULL,
                      "parameter \"%s\" makes every value of point \"%s\" %s",
                      reference->name, point->name,
                      point->scale == 0 ? "0" : "too large");
}

/* Only a parameter: what a device tells about itself is added with `plus`. */
static bool add_offset(const struct maker *maker, const struct linking *linking,
                       const struct point_body *body, struct point_settings *point)
{
    const double *param;

    if (body->offset.name == NULL)
        return true;
    param = maker_param(maker, body->offset.name);
    if (param == NULL)
        return maker_fail(maker, CODE(DEPENDS), body->offset.pos, "variant",
                          hint(maker, linking, body->offset.name),
                          "\"offset\": there is no parameter \"%.64s\"",
                          body->offset.name);
    point->offset = *param;
    return true;
}

static bool link_times(const struct maker *maker, const struct linking *linking,
                       const struct point_body *body, struct point_settings *point)
{
    for (size_t i = 0; i < body->time_count; i++) {
        const struct reference *reference = &body->times[i];
        const double *param = maker_param(maker, reference->name);

        if (param != NULL) {
            if (!fold(maker, point, reference, *param))
                return false;
        } else if (!find_point(maker, linking, "times", reference,
                               &point->times[point->time_count++])) {
            return false;
        }
    }
    return true;
}

static bool link_exponent(const struct maker *maker, const struct linking *linking,
                          const struct point_body *body, struct point_settings *point)
{
    const double *param;

    if (body->exponent.name == NULL)
        return true;
    param = maker_param(maker, body->exponent.name);
    if (param == NULL)
        return find_point(maker, linking, "exponent", &body->exponent, &point->exponent);
    return fold(maker, point, &body->exponent,
                pow(10, point->exponent_sign * *param + point->exponent_offset));
}

static bool link_point(const struct maker *maker, const struct linking *linking,
                       const struct point_body *body, struct point_settings *point)
{
    if (!add_offset(maker, linking, body, point) ||
        !link_times(maker, linking, body, point) ||
        !link_exponent(maker, linking, body, point))
        return false;
    if (body->factor.name == NULL)
        return true;
    return find_point(maker, linking, "factor", &body->factor, &point->factor);
}

/* ---- circles ---- */

static size_t needs_of(const struct point_settings *point, uint32_t needs[NEEDS_MAX])
{
    size_t count = point->time_count;

    memcpy(needs, point->times, count * sizeof *needs);
    if (point->exponent != POINT_NOBODY)
        needs[count++] = point->exponent;
    if (point->factor != POINT_NOBODY)
        needs[count++] = point->factor;
    return count;
}

static bool is_ready(const struct point_settings *point, const bool *known)
{
    uint32_t needs[NEEDS_MAX];
    size_t count = needs_of(point, needs);

    for (size_t i = 0; i < count; i++)
        if (!known[needs[i]])
            return false;
    return true;
}

/* Marks what can be computed from what was known before; false when nothing is new. */
static bool mark_ready(const struct linking *linking, bool *known, bool *next)
{
    bool more = false;

    memcpy(next, known, linking->slot_count * sizeof *next);
    for (size_t i = 0; i < linking->slot_count; i++)
        if (linking->by_slot[i] != NULL && !known[i] &&
            is_ready(linking->by_slot[i], known))
            more = next[i] = true;
    memcpy(known, next, linking->slot_count * sizeof *next);
    return more;
}

static bool check_circles(const struct maker *maker, const struct linking *linking)
{
    bool *known = mem_array(linking->slot_count, sizeof *known);
    bool *next = mem_array(linking->slot_count, sizeof *next);
    bool more = true;
    bool ok = true;

    for (int i = 0; i <= CHAIN_MAX && more; i++)
        more = mark_ready(linking, known, next);
    for (size_t i = 0; i < linking->slot_count && ok; i++)
        if (linking->by_slot[i] != NULL && !known[i])
            ok = maker_fail(maker, CODE(DEPENDS), linking->by_slot[i]->pos, "variant",
                            NULL, "point \"%s\" %s", linking->by_slot[i]->name,
                            more ? "hangs on too long a chain of points"
                                 : "depends on itself");
    mem_free(known);
    mem_free(next);
    return ok;
}

bool instance_depends(const struct maker *maker, const struct linking *linking)
{
    bool ok = true;

    for (size_t i = 0; i < linking->slot_count; i++)
        if (linking->by_slot[i] != NULL &&
            !link_point(maker, linking, linking->body_by_slot[i], linking->by_slot[i]))
            ok = false;
    return ok && check_circles(maker, linking);
}
