/* config_fixture.h - a folder for the tests that load whole configurations from disk. */
#ifndef TESTS_UNIT_CONFIG_FIXTURE_H
#define TESTS_UNIT_CONFIG_FIXTURE_H

#include "tests/unit/check.h"

#include "base/file.h"
#include "base/mem.h"
#include "config/config.h"
#include "config/report_internal.h"

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FILE_MAX = 16 * 1024 * 1024, /* bytes of a generated file */
    PATH_SIZE = 256,
};

/* A folder with shipped/profiles and shipped/rules, and the outcome of a load. */
struct fixture {
    char folder[PATH_SIZE];
    struct config_report *report;
    struct config *config;
};

static inline void put(const struct fixture *f, const char *name, const char *text)
{
    char *path = mem_format("%s/%s", f->folder, name);
    char *folder = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    struct err err;

    assert_int_equal(file_make_folder(folder, 0700, &err), 0);
    assert_int_equal(file_replace(path, text, strlen(text), &err), 0);
    mem_free(folder);
    mem_free(path);
}

static inline void put_copy(const struct fixture *f, const char *name, const char *from)
{
    size_t length;
    struct err err;
    char *text = file_read(from, FILE_MAX, &length, &err);

    assert_non_null(text);
    put(f, name, text);
    mem_free(text);
}

static inline void set_mode(const struct fixture *f, const char *name, mode_t mode)
{
    char *path = mem_format("%s/%s", f->folder, name);

    assert_int_equal(chmod(path, mode), 0);
    mem_free(path);
}

static inline int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);

    (void)snprintf(f->folder, sizeof f->folder, "/tmp/facilityd-test-XXXXXX");
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    assert_non_null(mkdtemp(f->folder));
    put(f, "shipped/profiles/none", "not a .cfg: not read");
    put(f, "shipped/rules/.hidden.cfg", "also not read");
    *state = f;
    return 0;
}

static inline int remove_entry(const char *path, const struct stat *info, int type,
                               struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void unload(struct fixture *f)
{
    config_free(f->config);
    config_report_free(f->report);
    f->config = NULL;
    f->report = NULL;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;

    unload(f);
    (void)nftw(f->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(f);
    return 0;
}

static inline void load(struct fixture *f, const char *name)
{
    char *path = mem_format("%s/%s", f->folder, name);
    char *shipped = mem_format("%s/shipped", f->folder);

    unload(f);
    f->report = config_report_new();
    f->config = config_load(path, shipped, f->report);
    assert_int_equal(f->config == NULL, config_report_errors(f->report) > 0);
    mem_free(path);
    mem_free(shipped);
}

static inline void print_report(const struct fixture *f)
{
    struct text text;

    text_init(&text, FILE_MAX);
    config_report_print(f->report, false, &text);
    print_message("%s", text.data);
    text_done(&text);
}

static inline void load_clean(struct fixture *f, const char *name)
{
    load(f, name);
    if (config_report_errors(f->report) + config_report_warnings(f->report) > 0)
        print_report(f);
    assert_non_null(f->config);
    assert_int_equal(config_report_warnings(f->report), 0);
}

/* The only message, apart from "nothing is configured". */
static inline const struct report_message *only(const struct fixture *f, const char *code)
{
    const struct report_message *found = NULL;

    for (size_t i = 0; i < f->report->count; i++) {
        if (strcmp(f->report->messages[i].code, "W104") == 0)
            continue;
        if (found != NULL)
            print_report(f);
        assert_null(found);
        found = &f->report->messages[i];
    }
    if (found == NULL || strcmp(found->code, code) != 0)
        fail_msg("%s is not reported", code);
    return found;
}

#define SITE "site : { id = \"s\"; };\n"
#define PROFILE                                                                          \
    "profile : { id = \"p\"; class = \"pump\"; points = ("                               \
    "{ name = \"run\"; coil = 1; } ); };\n"
#define RULE(id)                                                                         \
    "{ id = \"" id "\"; class = \"pump\"; when = \"run\"; "                              \
    "title : { en = \"t\"; zh = \"t\"; }; }"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
