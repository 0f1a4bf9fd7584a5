/* test_file.c - base/file.c in a folder of its own. */
#include "base/file.h"
#include "base/mem.h"
#include "tests/unit/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/facilityd-test-file-XXXXXX";
static char path[128];

static const char *in_folder(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    static const char *const left[] = {"a/b/c", "a/b", "a", "file", "secret", "link"};

    (void)state;
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        (void)remove(in_folder(left[i]));
    return rmdir(folder);
}

static void replaces_and_reads(void **state)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, 100000};
    char *data = mem_alloc(100000);

    (void)state;
    for (size_t i = 0; i < 100000; i++)
        data[i] = (char)(i * 31 % 251);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct err err = {0};
        size_t length = 7;
        char *back;

        assert_int_equal(file_replace(in_folder("file"), data, sizes[i], &err), 0);
        back = file_read(path, sizes[i], &length, &err);
        assert_non_null(back);
        assert_int_equal(length, sizes[i]);
        assert_memory_equal(back, data, length);
        assert_int_equal(back[length], 0);
        mem_free(back);
        if (sizes[i] > 0) {
            assert_null(file_read(path, sizes[i] - 1, &length, &err));
            assert_int_equal(err.kind, ERR_FULL);
        }
    }
    assert_int_equal(access(in_folder("file.new"), F_OK), -1);
    mem_free(data);
}

static void reads_what_reports_no_size(void **state)
{
    size_t length = 0;
    char *text = file_read("/proc/self/status", 1 << 20, &length, NULL);

    (void)state;
    assert_non_null(text);
    assert_memory_equal(text, "Name:", 5);
    mem_free(text);
}

static void says_what_it_could_not_open(void **state)
{
    struct err err = {0};
    size_t length = 7;

    (void)state;
    assert_null(file_read(in_folder("missing"), 10, &length, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(length, 7);
    assert_null(file_read(folder, 10, &length, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_int_equal(file_replace(in_folder("missing/file"), "x", 1, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
}

static char *read_secret(const char *content, mode_t mode, struct err *err)
{
    size_t length = strlen(content);

    assert_int_equal(file_replace(in_folder("secret"), content, length, err), 0);
    assert_int_equal(chmod(path, mode), 0);
    return file_read_secret(path, err);
}

static void a_secret_is_one_line(void **state)
{
    static const struct {
        const char *content;
        mode_t mode;
        const char *want;
    } cases[] = {
        {"geheim\n", 0600, "geheim"},
        {"geheim\r\nnote\n", 0640, "geheim"},
        {"with space ", 0400, "with space "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *secret = read_secret(cases[i].content, cases[i].mode, NULL);

        check_case(cases[i].want, secret != NULL);
        check_text("secret", secret, cases[i].want);
        mem_free(secret);
    }
}

static void a_secret_is_private_and_not_empty(void **state)
{
    static const struct {
        const char *content;
        mode_t mode;
    } cases[] = {{"geheim", 0644}, {"geheim", 0660}, {"\n", 0600}, {"", 0600}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = {0};

        assert_null(read_secret(cases[i].content, cases[i].mode, &err));
        assert_int_equal(err.kind, ERR_CONFIG);
        assert_null(strstr(err.text, "geheim"));
    }
    assert_null(file_read_secret(folder, NULL));
    assert_null(file_read_secret(in_folder("missing"), NULL));
}

static void makes_folders_with_parents(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(file_make_folder(in_folder("a/b/c"), 0700, &err), 0);
    assert_int_equal(access(path, X_OK), 0);
    assert_int_equal(file_make_folder(path, 0700, &err), 0);
    assert_int_equal(file_make_folder(in_folder("a//b/c/"), 0700, &err), 0);
    assert_int_equal(file_make_folder("/", 0700, &err), 0);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(file_make_folder("", 0700, &err), -1);
    assert_int_equal(file_replace(in_folder("file"), "x", 1, &err), 0);
    assert_int_equal(file_make_folder(path, 0700, &err), -1);
    assert_non_null(strstr(err.text, "File exists"));
    assert_int_equal(file_make_folder(in_folder("file/below"), 0700, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
}

static void joins(void **state)
{
    static const struct {
        const char *base;
        const char *name;
        const char *want;
    } cases[] = {
        {"/etc/facilityd", "ca.pem", "/etc/facilityd/ca.pem"},
        {"/etc/facilityd", "/run/x", "/run/x"},
        {"", "ca.pem", "ca.pem"},
        {".", "ca.pem", "./ca.pem"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *joined = file_join(cases[i].base, cases[i].name);

        check_text(cases[i].name, joined, cases[i].want);
        mem_free(joined);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replaces_and_reads),
        cmocka_unit_test(reads_what_reports_no_size),
        cmocka_unit_test(says_what_it_could_not_open),
        cmocka_unit_test(a_secret_is_one_line),
        cmocka_unit_test(a_secret_is_private_and_not_empty),
        cmocka_unit_test(makes_folders_with_parents),
        cmocka_unit_test(joins),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
