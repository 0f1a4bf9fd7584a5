/* fake_web.c - the web pages over the make-believe site, for looking at them.
 *
 *   fake_web [PORT [COPIES [SOCKET [NAME]]]]
 *
 * Prints the port, runs until its standard input ends. Words on standard input: "reload",
 * "fault ID", "well ID", "unready", "ready", "still" (values stop moving), "move".
 */
#include "tests/unit/web_fakes.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool moving = true;

static void obey(struct fake_site *site, const char *line)
{
    if (strcmp(line, "reload") == 0)
        fake_site_reload(site);
    else if (strncmp(line, "fault ", 6) == 0)
        fake_site_set_state(site, line + 6, STATE_FAULT, "lift.fault");
    else if (strncmp(line, "well ", 5) == 0)
        fake_site_set_state(site, line + 5, STATE_UP, "");
    else if (strcmp(line, "unready") == 0)
        fake_site_set_ready(site, false);
    else if (strcmp(line, "ready") == 0)
        fake_site_set_ready(site, true);
    else if (strcmp(line, "still") == 0)
        moving = false;
    else if (strcmp(line, "move") == 0)
        moving = true;
}

/* False when the input has ended. */
static bool read_words(struct fake_site *site)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char line[256];

    if (poll(&input, 1, 1000) <= 0)
        return true;
    if (fgets(line, sizeof line, stdin) == NULL)
        return false;
    line[strcspn(line, "\n")] = '\0';
    obey(site, line);
    return true;
}

int main(int count, char **arguments)
{
    size_t copies = count > 2 ? strtoul(arguments[2], NULL, 10) : 1;
    struct fake_site *site = fake_site_new(copies, count > 4 ? arguments[4] : "");
    struct web_source source = fake_site_source(site);
    struct web_options options = {.socket = count > 3 ? arguments[3] : "",
                                  .version = "0.1.0",
                                  .started = wall_add_ms(wall_now(), -7500000)};
    char listen[64];
    struct web *web;
    struct err err;

    (void)snprintf(listen, sizeof listen, "127.0.0.1:%s", count > 1 ? arguments[1] : "0");
    options.listen = listen;
    setvbuf(stdin, NULL, _IONBF, 0);
    web = web_open(&options, &source, &err);
    if (web == NULL) {
        (void)fprintf(stderr, "%s\n", err.text);
        fake_site_free(site);
        return 1;
    }
    (void)printf("%d\n", web_port(web));
    (void)fflush(stdout);
    while (read_words(site))
        if (moving)
            fake_site_tick(site);
    (void)printf("heartbeat %llu\n", (unsigned long long)web_heartbeat(web));
    web_close(web);
    fake_site_free(site);
    return 0;
}
