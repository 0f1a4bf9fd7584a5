/* load.c - the order in which a configuration is read; see config.h.
 *
 * Main file, files of include_dir, the operator's profiles and rules, the shipped ones.
 * Then names are resolved, and when nothing was wrong the snapshot is built.
 */
#include "config/load.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/build.h"
#include "config/calendar.h"
#include "config/codes.h"
#include "config/paths.h"

#include <string.h>
#include <unistd.h>

enum {
    COUNTRIES_MAX = 64,              /* whose calendars are shipped */
    TOTAL_MAX = 4 * CONFIG_FILE_MAX, /* bytes of all files of a configuration */
};

struct loader {
    struct drafts drafts;
    size_t total; /* bytes read */
};

static const struct config_pos nowhere = {.file = UINT32_MAX};

static void read_text(struct loader *loader, const char *path, const char *text,
                      size_t length, const struct schema_section *section)
{
    struct drafts *drafts = &loader->drafts;
    struct reader *reader = &drafts->reader;
    uint32_t file = config_report_file(reader->report, path, text, length);
    const struct node *root =
        tree_parse(text, length, file, reader->arena, reader->report);

    if (root == NULL)
        drafts->incomplete = true;
    else
        (void)schema_read(reader, section, NULL, root, drafts);
}

/* `pos` is what names the file, for the message when it cannot be read. */
static void read_file(struct loader *loader, const char *path, struct config_pos pos,
                      const struct schema_section *section)
{
    struct reader *reader = &loader->drafts.reader;
    struct err err;
    size_t length;
    char *text = file_read(path, CONFIG_FILE_MAX, &length, &err);

    if (text == NULL) {
        (void)schema_fail(reader, CODE(FILE), pos, NULL, "%s", err.text);
        loader->drafts.incomplete = true;
        return;
    }
    loader->total += length;
    if (loader->total > TOTAL_MAX) {
        (void)schema_fail(reader, CODE(FILE), pos, NULL,
                          "all files together are larger than %d bytes", TOTAL_MAX);
        loader->drafts.incomplete = true;
    } else {
        read_text(loader, path, text, length, section);
    }
    mem_free(text);
}

static void read_folder(struct loader *loader, const char *folder, struct config_pos pos,
                        enum draft_source source, const struct schema_section *section)
{
    const char **files;
    size_t count;

    loader->drafts.source = source;
    if (!paths_list(&loader->drafts.reader, pos, folder, &files, &count)) {
        loader->drafts.incomplete = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        read_file(loader, files[i], pos, section);
}

/* A folder that a key of the main file names. */
static void read_named(struct loader *loader, const struct node *node,
                       enum draft_source source, const struct schema_section *section)
{
    if (node != NULL)
        read_folder(loader,
                    paths_absolute(&loader->drafts.reader, node->pos, node->string),
                    node->pos, source, section);
}

static void read_shipped(struct loader *loader, const char *shipped_dir, const char *name,
                         const struct schema_section *section)
{
    char *folder = file_join(shipped_dir, name);

    if (access(folder, F_OK) == 0 || strcmp(name, "tables") != 0) /* not all ship some */
        read_folder(loader, folder, nowhere, SOURCE_SHIPPED, section);
    mem_free(folder);
}

/* The holidays of the country that the calendar names. */
static void read_country(struct loader *loader, const char *shipped_dir)
{
    struct reader *reader = &loader->drafts.reader;
    const struct node *node = loader->drafts.calendar_node;
    const char *country = loader->drafts.calendar.settings.country;
    struct config_pos pos;
    const char *names[COUNTRIES_MAX];
    const char **files;
    size_t count;
    char *folder;

    if (country == NULL || country[0] == '\0')
        return;
    pos = schema_pos(node, "country");
    folder = file_join(shipped_dir, "calendars");
    if (access(folder, F_OK) != 0 || !paths_list(reader, pos, folder, &files, &count))
        count = 0; /* none are shipped */
    count = count < COUNTRIES_MAX ? count : COUNTRIES_MAX;
    for (size_t i = 0; i < count; i++) {
        const char *name = strrchr(files[i], '/') + 1;

        names[i] = arena_bytes(reader->arena, name, strlen(name) - strlen(".cfg"));
        if (strcmp(names[i], country) == 0) {
            loader->drafts.source = SOURCE_SHIPPED;
            read_file(loader, files[i], pos, &calendar_file_section);
            goto out;
        }
    }
    (void)schema_fail(reader, CODE(COUNTRY), pos,
                      schema_hint(reader, country, names, count,
                                  "write the days as holidays and workdays"),
                      "the holidays of \"%.64s\" are not shipped", country);
out:
    mem_free(folder);
}

static void loader_init(struct loader *loader, bool disk, struct config_report *report)
{
    *loader = (struct loader){0};
    loader->drafts.reader =
        (struct reader){.report = report, .arena = arena_new(), .disk = disk};
    section_default_web(&loader->drafts.web);
    section_default_history(&loader->drafts.history);
    section_default_poll(&loader->drafts.poll);
    loader->drafts.calendar.settings.country = "";
}

static const char *state_dir(struct loader *loader)
{
    const struct node *node = loader->drafts.state_dir;

    if (node == NULL)
        return "/var/lib/facilityd";
    return paths_absolute(&loader->drafts.reader, node->pos, node->string);
}

/* Resolves, and builds when nothing is wrong; with `partial` also what is good of a
 * configuration that has few errors. `main` is the index of the main file. */
static struct config *finish(struct loader *loader, uint32_t main, bool partial)
{
    struct drafts *drafts = &loader->drafts;
    struct config_report *report = drafts->reader.report;
    struct resolver resolver = {.drafts = drafts};
    struct config_pos top = {.file = main, .line = 1, .column = 1, .length = 1};
    struct config *config = NULL;

    if (drafts->site_node == NULL && !drafts->incomplete)
        (void)schema_fail(&drafts->reader, CODE(REQUIRED), top,
                          "add site : { id = \"...\"; };",
                          "\"site\" is missing in the configuration");
    calendar_finish(&drafts->calendar);
    resolve_all(&resolver);
    if (drafts->equipment.count == 0 && !drafts->incomplete)
        config_report_add(report, REPORT_WARNING, CODE(W_EMPTY), top, NULL,
                          "no equipment is configured");
    partial = partial && !drafts->incomplete && drafts->site_node != NULL &&
              config_report_errors(report) < REPORT_SHOWN_MAX;
    if (config_report_errors(report) == 0 || partial)
        config =
            config_build(&resolver, state_dir(loader), config_report_errors(report) > 0);
    else
        arena_free(drafts->reader.arena);
    resolve_done(&resolver);
    return config;
}

/* What stands for a main file where only the shipped files matter. */
static const char no_site[] = "site : { id = \"shipped\"; };\n";

/* What to load; NULL where there is nothing of the kind. */
struct source {
    const char *path;
    const char *rules; /* a file of rules to be tried */
    const char *shipped_dir;
    bool partial;
};

static struct config *load(const struct source *source, struct config_report *report)
{
    struct loader loader;
    struct drafts *drafts = &loader.drafts;

    loader_init(&loader, true, report);
    drafts->source = SOURCE_TRIED;
    if (source->rules != NULL)
        read_file(&loader, source->rules, nowhere, &rule_file_section);
    drafts->source = SOURCE_MAIN;
    if (source->path != NULL)
        read_file(&loader, source->path, nowhere, &main_section);
    else
        read_text(&loader, "(no configuration)", no_site, sizeof no_site - 1,
                  &main_section);
    read_named(&loader, drafts->include_dir, SOURCE_INCLUDED, &main_section);
    read_named(&loader, drafts->profile_dir, SOURCE_OPERATOR, &profile_file_section);
    read_named(&loader, drafts->table_dir, SOURCE_OPERATOR, &table_file_section);
    read_named(&loader, drafts->rule_dir, SOURCE_OPERATOR, &rule_file_section);
    if (source->shipped_dir != NULL) {
        read_shipped(&loader, source->shipped_dir, "profiles", &profile_file_section);
        read_shipped(&loader, source->shipped_dir, "tables", &table_file_section);
        read_shipped(&loader, source->shipped_dir, "rules", &rule_file_section);
        read_country(&loader, source->shipped_dir);
    }
    return finish(&loader, source->rules == NULL ? 0 : 1, source->partial);
}

struct config *config_load(const char *path, const char *shipped_dir,
                           struct config_report *report)
{
    return load(&(struct source){.path = path, .shipped_dir = shipped_dir}, report);
}

struct config *config_load_partial(const char *path, const char *shipped_dir,
                                   struct config_report *report)
{
    return load(
        &(struct source){.path = path, .shipped_dir = shipped_dir, .partial = true},
        report);
}

struct config *config_load_trying(const char *path, const char *rules,
                                  const char *shipped_dir, struct config_report *report)
{
    return load(
        &(struct source){.path = path, .rules = rules, .shipped_dir = shipped_dir},
        report);
}

struct config *config_load_text(const char *path, const char *text, size_t length,
                                struct config_report *report)
{
    struct loader loader;

    loader_init(&loader, false, report);
    loader.drafts.source = SOURCE_MAIN;
    read_text(&loader, path, text, length, &main_section);
    return finish(&loader, 0, false);
}
