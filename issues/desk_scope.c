/* desk_scope.c - which equipment a permit covers. */
#include "issues/desk_marks.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

static void add_unit(struct permit *permit, struct unit *unit)
{
    if (permit->units == NULL)
        permit->units = mem_array(PERMIT_SCOPE_MAX + 1, sizeof(struct unit *));
    if (permit->unit_count <= PERMIT_SCOPE_MAX)
        permit->units[permit->unit_count++] = unit;
}

/* People name one twice; a place and a class never do. */
static bool is_added(const struct permit *permit, const struct unit *unit)
{
    for (size_t i = 0; i < permit->unit_count; i++)
        if (permit->units[i] == unit)
            return true;
    return false;
}

/* Ids separated by commas; `unknown` gets the first that does not exist. */
static void add_listed(struct desk *desk, struct permit *permit, char *unknown,
                       size_t size)
{
    const char *list = permit->equipment;

    while (*list != '\0') {
        size_t skip = strspn(list, ", ");
        size_t length = strcspn(list + skip, ", ");
        char *id = mem_strndup(list + skip, length);
        struct unit *unit = unit_by_id(desk, id);

        list += skip + length;
        if (unit != NULL && !is_added(permit, unit))
            add_unit(permit, unit);
        if (unit == NULL && length > 0 && unknown[0] == '\0')
            (void)snprintf(unknown, size, "%s", id);
        mem_free(id);
    }
}

/* "Building 1" holds "Building 1/Unit 2" and not "Building 10". */
static bool is_in_place(const char *place, const char *prefix)
{
    size_t length = strlen(prefix);

    if (length == 0)
        return true;
    if (strncmp(place, prefix, length) != 0)
        return false;
    return prefix[length - 1] == '/' || place[length] == '\0' || place[length] == '/';
}

static void add_matching(struct desk *desk, struct permit *permit)
{
    for (size_t i = 0; i < desk->model->equipment_count; i++) {
        const struct equipment *equipment = &desk->model->equipment[i];

        if (is_in_place(equipment->place, permit->place) &&
            (permit->class_name[0] == '\0' ||
             strcmp(permit->class_name, equipment->class_name) == 0))
            add_unit(permit, &desk->units[i]);
    }
}

void permit_find_scope(struct desk *desk, struct permit *permit, char *unknown,
                       size_t size)
{
    unknown[0] = '\0';
    if (permit->equipment[0] != '\0')
        add_listed(desk, permit, unknown, size);
    else if (permit->place[0] != '\0' || permit->class_name[0] != '\0')
        add_matching(desk, permit);
}

int permit_check_scope(struct desk *desk, struct permit *permit, struct err *err)
{
    char unknown[DESK_TEXT_ID_SIZE];

    if (permit->equipment[0] == '\0' && permit->place[0] == '\0' &&
        permit->class_name[0] == '\0')
        return err_set(err, ERR_INPUT, "a permit needs equipment, a place or a class");
    if (permit->equipment[0] != '\0' &&
        (permit->place[0] != '\0' || permit->class_name[0] != '\0'))
        return err_set(err, ERR_INPUT,
                       "a permit names equipment, or a place and a class, not both");
    permit_find_scope(desk, permit, unknown, sizeof unknown);
    if (unknown[0] != '\0')
        return err_set(err, ERR_NOT_FOUND, "there is no equipment '%s'", unknown);
    if (permit->unit_count == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no equipment in this scope");
    if (permit->unit_count > PERMIT_SCOPE_MAX)
        return err_set(err, ERR_INPUT, "one permit covers at most %d equipment",
                       PERMIT_SCOPE_MAX);
    return 0;
}
