/* build.h - from resolved drafts to the snapshot and its model. */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/resolve.h"
#include "telemetry/model.h"

/* Takes the arena over. `partial`: something was reported as an error, and only what is
 * good is wanted. */
struct config *config_build(struct resolver *resolver, const char *state_dir,
                            bool partial);

/* The model of a configuration whose arrays are complete (build_model.c). */
struct model *build_model(const struct config *config);

/* What the model calls such a point. */
enum point_kind point_kind_of(const struct point_settings *point);

#endif
