/* mqtt_path.c - see mqtt_path.h. */
#include "adapters/mqtt_path.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/number.h"

#include <string.h>

enum step_kind {
    STEP_NAME,
    STEP_INDEX,
    STEP_KEY,
    STEP_LAST,
};

enum {
    INDEX_MAX = 1000000,
};

struct step {
    enum step_kind kind;
    size_t index;
    char *name;  /* of NAME and KEY */
    char *value; /* of KEY */
};

struct mqtt_path {
    size_t count;
    struct step steps[MQTT_PATH_STEPS];
};

struct mqtt_paths {
    struct map *by_text;
    struct mqtt_path **paths;
    size_t count;
};

struct mqtt_paths *mqtt_paths_new(void)
{
    struct mqtt_paths *paths = mem_alloc(sizeof *paths);

    paths->by_text = map_new();
    return paths;
}

static void free_path(struct mqtt_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        mem_free(path->steps[i].name);
        mem_free(path->steps[i].value);
    }
    mem_free(path);
}

void mqtt_paths_free(struct mqtt_paths *paths)
{
    if (paths == NULL)
        return;
    for (size_t i = 0; i < paths->count; i++)
        free_path(paths->paths[i]);
    mem_free(paths->paths);
    map_free(paths->by_text);
    mem_free(paths);
}

/* ---- reading a path ---- */

static bool read_index(const char *text, size_t length, size_t *index)
{
    size_t value = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || value > INDEX_MAX)
            return false;
        value = value * 10 + (size_t)(text[i] - '0');
    }
    *index = value;
    return value <= INDEX_MAX;
}

/* What stands in brackets. */
static bool read_selector(const char *text, size_t length, struct step *step)
{
    const char *equals = memchr(text, '=', length);
    size_t name;

    if (length == 0)
        return false;
    if (equals == NULL) {
        step->kind = length == 1 && *text == '*' ? STEP_LAST : STEP_INDEX;
        return step->kind == STEP_LAST || read_index(text, length, &step->index);
    }
    name = (size_t)(equals - text);
    if (name == 0 || name + 1 == length)
        return false;
    step->kind = STEP_KEY;
    step->name = mem_strndup(text, name);
    step->value = mem_strndup(equals + 1, length - name - 1);
    return true;
}

/* One step at `text`; returns what follows it, or NULL. */
static const char *read_step(const char *text, bool first, struct step *step)
{
    size_t length;

    if (*text == '[') {
        length = strcspn(text + 1, "[]");
        if (text[1 + length] != ']' || !read_selector(text + 1, length, step))
            return NULL;
        return text + length + 2;
    }
    if (!first && *text++ != '.')
        return NULL;
    length = strcspn(text, ".[]");
    if (length == 0)
        return NULL;
    step->kind = STEP_NAME;
    step->name = mem_strndup(text, length);
    return text + length;
}

static struct mqtt_path *read_path(const char *text)
{
    struct mqtt_path *path = mem_alloc(sizeof *path);

    while (text != NULL && *text != '\0' && path->count < MQTT_PATH_STEPS) {
        text = read_step(text, path->count == 0, &path->steps[path->count]);
        path->count++;
    }
    if (text != NULL && *text == '\0')
        return path;
    free_path(path);
    return NULL;
}

int mqtt_paths_get(struct mqtt_paths *paths, const char *text,
                   const struct mqtt_path **out, struct err *err)
{
    uint32_t known = map_get(paths->by_text, text);
    struct mqtt_path *path;

    if (text[0] == '\0' || known != MAP_NONE) {
        *out = text[0] == '\0' ? NULL : paths->paths[known];
        return 0;
    }
    path = read_path(text);
    if (path == NULL)
        return err_set(err, ERR_CONFIG,
                       "'%s' is not a path; write it as flow.value, values[2].v, "
                       "sensors[id=7].v or values[*].v",
                       text);
    paths->paths = mem_resize(paths->paths, paths->count + 1, sizeof(struct mqtt_path *));
    paths->paths[paths->count] = path;
    (void)map_put(paths->by_text, text, (uint32_t)paths->count++);
    *out = path;
    return 0;
}

/* ---- following it ---- */

static const struct json *find(const struct step *step, const struct step *end,
                               const struct json *value);

static bool is_null(const struct json *value)
{
    return json_kind(value) == JSON_NULL;
}

/* Does this member say `text`? */
static bool says(const struct json *value, const char *text)
{
    char buffer[NUMBER_SIZE];

    if (value == NULL)
        return false;
    if (json_kind(value) == JSON_STRING)
        return strcmp(json_text(value), text) == 0;
    if (json_kind(value) == JSON_BOOL)
        return strcmp(json_truth(value) ? "true" : "false", text) == 0;
    if (json_kind(value) != JSON_NUMBER)
        return false;
    (void)number_format(buffer, json_real(value));
    return strcmp(buffer, text) == 0;
}

static const struct json *find_key(const struct step *step, const struct json *array)
{
    size_t count = json_count(array);

    for (size_t i = 0; i < count; i++) {
        const struct json *item = json_item(array, i);

        if (json_kind(item) == JSON_OBJECT &&
            says(json_member(item, step->name), step->value))
            return item;
    }
    return NULL;
}

static const struct json *find_last(const struct step *step, const struct step *end,
                                    const struct json *array)
{
    for (size_t i = json_count(array); i > 0; i--) {
        const struct json *item = json_item(array, i - 1);
        const struct json *found;

        if (is_null(item))
            continue; /* no element */
        found = find(step + 1, end, item);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* Recursion is as deep as there are [*] in the path. */
// NOLINTNEXTLINE(misc-no-recursion)
static const struct json *find(const struct step *step, const struct step *end,
                               const struct json *value)
{
    for (; step < end && value != NULL && !is_null(value); step++) {
        enum json_kind wanted = step->kind == STEP_NAME ? JSON_OBJECT : JSON_ARRAY;

        if (json_kind(value) != wanted)
            return NULL;
        if (step->kind == STEP_LAST)
            return find_last(step, end, value);
        if (step->kind == STEP_NAME)
            value = json_member(value, step->name);
        else if (step->kind == STEP_INDEX)
            value = json_item(value, step->index);
        else
            value = find_key(step, value);
    }
    return value;
}

const struct json *mqtt_path_find(const struct mqtt_path *path, const struct json *root)
{
    return find(path->steps, path->steps + path->count, root);
}
