/* client.h - requests to a running facilityd over its unix socket or HTTP.
 *
 * The one place of facilityctl that includes curl/curl.h. Threads: main.
 */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include "base/err.h"
#include "base/text.h"

struct client;

/* `where` is a path ("/run/facilityd/facilityd.sock") or "http://127.0.0.1:8080". */
struct client *client_open(const char *where, struct err *err);
void client_close(struct client *client); /* NULL is fine */

/* Fills `answer` with the body. `body` NULL is a GET, else a POST of JSON.
 * ERR_IO when nobody answers; ERR_NOT_FOUND, ERR_STATE, ERR_INPUT, ERR_DENIED, ERR_FULL
 * (not now), ERR_TIMEOUT (a device is silent) or ERR_PROTOCOL with the daemon's own words
 * when it refuses. */
int client_request(struct client *client, const char *path, const char *body,
                   struct text *answer, struct err *err);

/* The same with any method, "DELETE" above all. */
int client_send(struct client *client, const char *method, const char *path,
                const char *body, struct text *answer, struct err *err);
/* HTTP status of the last answer; 0 when there was none. */
long client_status(const struct client *client);

/* Reads an endless answer, line by line, until `each` returns false. */
typedef bool client_line(void *context, const char *line);
int client_follow(struct client *client, const char *path, client_line *each,
                  void *context, struct err *err);

#endif
