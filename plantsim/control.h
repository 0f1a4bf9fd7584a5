/* control.h - commands to a running simulator, over a unix socket.
 *
 * One request line per connection, words separated by spaces, options as key=value:
 *
 *   start NAME [target=X] [variant=V] [for_ms=N]     stop NAME [target=X]
 *   status [format=json]
 *
 * The answer's first line is "ok" or "error"; the text behind it is for people (or is
 * the JSON) and ends with the connection.
 *
 * Threads: the loop's.
 */
#ifndef PLANTSIM_CONTROL_H
#define PLANTSIM_CONTROL_H

#include "base/err.h"
#include "base/text.h"
#include "plantsim/loop.h"

enum {
    CONTROL_LINE_MAX = 512,
    CONTROL_ANSWER_MAX = 256 * 1024, /* a load run of 1,000 devices stays below */
};

/* Executes one line; what it adds to `answer` is the text. -1 with err: the answer is an
 * error. May change `line`. */
typedef int control_execute(void *owner, char *line, struct text *answer,
                            struct err *err);

struct control;

/* ERR_IO when somebody answers at `path` already or the path cannot be bound; a socket
 * that a dead process left is replaced. The socket is for its owner only. */
struct control *control_new(struct loop *loop, const char *path, control_execute *execute,
                            void *owner, struct err *err);
void control_free(struct control *control); /* removes the socket; NULL is fine */

/* The client's side: sends the line, waits at most 5 s, adds the text to `answer`.
 * ERR_IO when nobody is there; ERR_INPUT with the other side's words. */
int control_ask(const char *path, const char *line, struct text *answer, struct err *err);

/* A line cut into its words (the line is changed). */
struct control_words {
    char *words[16];
    size_t count;
};

void control_split(struct control_words *words, char *line);

/* The value of the word "key=value", or NULL. */
const char *control_value(const struct control_words *words, const char *key);

#endif
