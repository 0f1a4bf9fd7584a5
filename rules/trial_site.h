/* trial_site.h - the small building in which one test of a rule takes place.
 *
 * The first equipment of the test is called "it" and has the rule; the others are called
 * after the relation that leads to them ("power", "submeters-1"). All hang on one link;
 * a relation `link` describes that link's stand-in. Every point reports each step, is
 * stale after three of them (at least 10 s), and has no unit. Every equipment has
 * `online`, true throughout unless the test gives it.
 *
 * Compiled are the rule, the rules whose alarms it asks for with active() and since(),
 * and for blind() all rules of the configuration.
 *
 * Threads: one owner.
 */
#ifndef RULES_TRIAL_SITE_H
#define RULES_TRIAL_SITE_H

#include "config/config.h"
#include "rules/trial_series.h"

#define TRIAL_IT "it"

enum {
    TRIAL_EQUIPMENT_MAX = 64, /* of one test */
    TRIAL_POINTS_MAX = 500,
};

struct trial_point {
    struct trial_series series;
    struct trial_cursor cursor;
};

struct trial_site {
    struct config config; /* borrows from the real one; its model is its own */
    const struct rule_settings *rule;
    struct trial_words words;
    struct trial_point *points; /* as the model's */
};

/* Where in the file something is wrong. */
struct trial_place {
    struct config_pos pos;
    size_t offset; /* bytes into the text that stands at `pos` */
};

/* ERR_INPUT or ERR_NOT_FOUND; *place then says where. trial_site_done afterwards in any
 * case. */
int trial_site_build(struct trial_site *site, const struct config *config,
                     const struct test_settings *test, struct trial_place *place,
                     struct err *err);
void trial_site_done(struct trial_site *site);

#endif
