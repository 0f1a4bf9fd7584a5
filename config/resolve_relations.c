/* resolve_relations.c - relations must not lead back to their beginning; see resolve.h.
 *
 * What hangs on a dead feeder, or on a dead parent, is followed upwards by rules and by
 * the search for a common cause; a cycle would have no top.
 */
#include "base/mem.h"
#include "config/codes.h"
#include "config/resolve.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum mark {
    UNSEEN,
    ON_PATH,
    DONE,
};

struct step {
    uint32_t equipment;
    size_t next; /* target to follow next */
};

struct walk {
    struct resolver *resolver;
    const char *relation;
    unsigned char *marks; /* of each equipment */
    struct step *path;    /* an equipment is on it at most once */
    size_t depth;
};

static const struct relation_settings *relation_of(const struct walk *walk,
                                                   uint32_t equipment)
{
    const struct equipment_settings *e =
        &draft_equipment(walk->resolver->drafts, equipment)->draft.settings;

    for (size_t i = 0; i < e->relation_count; i++)
        if (strcmp(e->relations[i].name, walk->relation) == 0)
            return &e->relations[i];
    return NULL;
}

static const char *id_of(const struct walk *walk, uint32_t equipment)
{
    return draft_equipment(walk->resolver->drafts, equipment)->draft.settings.id;
}

static void report_cycle(const struct walk *walk, uint32_t target)
{
    const struct relation_settings *last =
        relation_of(walk, walk->path[walk->depth - 1].equipment);
    char text[256]; /* a longer chain is cut */
    size_t used = 0;
    size_t i = 0;

    assert(last != NULL); /* it led here */
    while (walk->path[i].equipment != target)
        i++;
    for (; i < walk->depth && used < sizeof text - 1; i++) {
        int n = snprintf(text + used, sizeof text - used, "%s -> ",
                         id_of(walk, walk->path[i].equipment));

        used += n > 0 ? (size_t)n : 0;
    }
    text[sizeof text - 1] = '\0';
    (void)schema_fail(&walk->resolver->drafts->reader, CODE(CYCLE), last->pos, NULL,
                      "relation \"%s\" leads in a circle: %s%s", walk->relation, text,
                      id_of(walk, target));
}

static void enter(struct walk *walk, uint32_t equipment)
{
    walk->marks[equipment] = ON_PATH;
    walk->path[walk->depth++] = (struct step){equipment, 0};
}

/* Depth first without recursion: a chain may be as long as there is equipment. */
static void follow(struct walk *walk, uint32_t start)
{
    enter(walk, start);
    while (walk->depth > 0) {
        struct step *step = &walk->path[walk->depth - 1];
        const struct relation_settings *relation = relation_of(walk, step->equipment);
        uint32_t target;

        if (relation == NULL || step->next == relation->count) {
            walk->marks[step->equipment] = DONE;
            walk->depth--;
            continue;
        }
        target = map_get(walk->resolver->equipment, relation->equipment[step->next++]);
        if (walk->marks[target] == ON_PATH)
            report_cycle(walk, target);
        else if (walk->marks[target] == UNSEEN)
            enter(walk, target);
    }
}

void resolve_cycles(struct resolver *resolver)
{
    static const char *const upward[] = {"power", "parent"};
    size_t count = resolver->drafts->equipment.count;
    struct walk walk = {.resolver = resolver};

    walk.path = mem_array(count, sizeof *walk.path);
    for (size_t r = 0; r < sizeof upward / sizeof upward[0]; r++) {
        walk.relation = upward[r];
        walk.marks = mem_array(count, 1);
        for (size_t i = 0; i < count; i++)
            if (walk.marks[i] == UNSEEN)
                follow(&walk, (uint32_t)i);
        mem_free(walk.marks);
    }
    mem_free(walk.path);
}
