/* rejected.c - see rejected.h. */
#include "history/rejected.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    COMMENT_MAX = 1024,
};

static void rotate(const char *path)
{
    char *old = mem_format("%s.1", path);

    (void)rename(path, old);
    mem_free(old);
}

static void add_comment(struct text *text, const char *words, struct wall_time now)
{
    char stamp[CLOCK_RFC3339_SIZE];

    text_addf(text, "# %s ", wall_format(now, stamp));
    for (; *words != '\0' && text->length < COMMENT_MAX; words++)
        text_add_char(text, (char)((unsigned char)*words < 0x20 ? ' ' : *words));
    text_add_char(text, '\n');
}

int rejected_add(const char *folder, const char *line, size_t length, const char *words,
                 struct wall_time now, struct err *err)
{
    char *path = file_join(folder, "rejected.lp");
    struct text text;
    struct stat info;
    int result = -1;
    int fd;

    text_init(&text, COMMENT_MAX + 64 + length);
    add_comment(&text, words, now);
    text_add_bytes(&text, line, length);
    if (stat(path, &info) == 0 && info.st_size + (off_t)text.length > REJECTED_BYTES_MAX)
        rotate(path);
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        (void)err_set(err, ERR_IO, "open '%s': %m", path);
        goto out;
    }
    if (write(fd, text.data, text.length) != (ssize_t)text.length) {
        (void)err_set(err, ERR_IO, "write '%s': %m", path);
        goto out;
    }
    result = 0;
out:
    if (fd >= 0)
        (void)close(fd);
    text_done(&text);
    mem_free(path);
    return result;
}
