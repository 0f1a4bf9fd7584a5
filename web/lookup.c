/* lookup.c - see lookup.h. */
#include "web/lookup.h"

#include "base/mem.h"
#include "config/report.h"

#include <stdio.h>
#include <string.h>

static void not_found(struct response *response, const char *what, const char *id,
                      const char *const *names, size_t count, const char *where)
{
    const char *nearest = config_nearest(id, names, count);
    char hint[256];

    (void)snprintf(hint, sizeof hint, nearest == NULL ? "%s" : "did you mean \"%s\"?",
                   nearest == NULL ? where : nearest);
    response_problem(response, 404, hint, "there is no %s \"%s\"", what, id);
}

const struct link *lookup_link(const struct call *call, struct response *response)
{
    const struct model *model = call->site->model;
    const char **names = mem_array(model->link_count, sizeof *names);
    const struct link *found = NULL;

    for (size_t i = 0; i < model->link_count; i++) {
        names[i] = model->links[i].id;
        if (strcmp(names[i], call->id) == 0)
            found = &model->links[i];
    }
    if (found == NULL)
        not_found(response, "link", call->id, names, model->link_count,
                  "GET /api/v1/site lists them");
    mem_free(names);
    return found;
}

const struct equipment *lookup_equipment(const struct call *call,
                                         struct response *response)
{
    const struct model *model = call->site->model;
    const struct equipment *found = model_equipment(model, call->id);
    const char **names;

    if (found != NULL && !found->is_link)
        return found;
    names = mem_array(model->equipment_count, sizeof *names);
    for (size_t i = 0; i < model->equipment_count; i++)
        names[i] = model->equipment[i].id;
    not_found(response, "equipment", call->id, names, model->equipment_count,
              "GET /api/v1/equipment lists them");
    mem_free(names);
    return NULL;
}
