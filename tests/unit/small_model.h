/* small_model.h - a model built by hand: equipment "e0".. of class "pump", each with the
 * points "p0".., the last of them "online". */
#ifndef TESTS_UNIT_SMALL_MODEL_H
#define TESTS_UNIT_SMALL_MODEL_H

#include "base/mem.h"
#include "telemetry/model.h"

static inline struct model *small_model(uint32_t equipment, uint32_t points_each)
{
    struct model *m = model_new();

    m->site_id = "site";
    m->site_name = "site";
    m->equipment_count = equipment;
    m->equipment = model_memory(m, equipment, sizeof *m->equipment);
    m->point_count = (size_t)equipment * points_each;
    m->points = model_memory(m, m->point_count, sizeof *m->points);
    for (uint32_t e = 0; e < equipment; e++) {
        char *id = mem_format("e%u", e);

        m->equipment[e] = (struct equipment){.index = e,
                                             .id = model_string(m, id),
                                             .name = "",
                                             .class_name = "pump",
                                             .place = "Plant room",
                                             .first_point = e * points_each,
                                             .point_count = points_each};
        mem_free(id);
        for (uint32_t p = 0; p < points_each; p++) {
            char *name = mem_format("p%u", p);
            uint32_t index = e * points_each + p;
            bool last = p == points_each - 1;

            m->points[index] =
                (struct point){.index = index,
                               .equipment = e,
                               .name = last ? "online" : model_string(m, name),
                               .unit = "m3/h",
                               .kind = last ? POINT_BOOL : POINT_NUMBER,
                               .digits = 9,
                               .store = true,
                               .builtin = last};
            mem_free(name);
        }
    }
    model_seal(m);
    return m;
}

#endif
