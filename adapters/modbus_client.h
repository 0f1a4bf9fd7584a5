/* modbus_client.h - one Modbus exchange at a time over one link, fenced.
 *
 * libmodbus opens and sets up a serial port and sends on it. Everything else is ours:
 * names, connecting, devices that dial in, deadlines, collecting and checking an answer,
 * staying in step (adapters/modbus_transport.h, modbus_listen.h, modbus_stream.h,
 * modbus_frame.h, modbus_owed.h). Of libmodbus 3.1.6 the rest waits in select(), three
 * times an answer, ends the process at a descriptor of 1024, sends transaction 0, always,
 * and takes the late answer to one question for that to the next.
 *
 * An answer must be complete within the response timeout (on a serial port plus the time
 * that its bytes take on the wire), however it drips.
 *
 * Staying in step:
 *   TCP      every request has a transaction of its own; the answer to an older one is
 *            thrown away. Anything but a good answer or an exception closes a connection
 *            that the gateway made.
 *   RTU      an answer has nothing that ties it to its request, so after a failure the
 *            line must be silent for one response time, and a question that could be
 *            given the answer to an older one is put off until one of another size was
 *            answered (adapters/modbus_owed.h): a read is then two exchanges. rtu+tcp
 *            closes the connection as well.
 *
 * Threads: one owner; *stop may be set by any and ends every wait but that for an
 * answer.
 */
#ifndef ADAPTERS_MODBUS_CLIENT_H
#define ADAPTERS_MODBUS_CLIENT_H

#include "adapters/link_trace.h"
#include "adapters/modbus_frame.h"
#include "base/clock.h"
#include "base/err.h"

#include <stdatomic.h>

enum client_result {
    CLIENT_GOOD,      /* reply->cells are the answer */
    CLIENT_EXCEPTION, /* reply->exception; the device is alive */
    CLIENT_TIMEOUT,
    CLIENT_PROTOCOL, /* wrong unit, transaction, length, checksum or garbage */
    CLIENT_LOST,     /* the connection broke; connect and try again */
    CLIENT_STOPPED,  /* *stop */
    CLIENT_WAITING,  /* modbus_client_take: the answer is not complete yet */
};

struct client_reply {
    struct mono_time mono; /* when the answer was complete, or the attempt ended */
    uint8_t exception;
    uint16_t cells[MODBUS_CELLS_MAX];
};

/* Bytes since modbus_client_new. */
struct client_counts {
    uint64_t sent;
    uint64_t received; /* of answers, and what was thrown away */
};

struct modbus_client;

/* When the last request was sent; 0 before the first. */
struct mono_time modbus_client_sent(const struct modbus_client *client);

/* Checks the settings, touches nothing. NULL with ERR_CONFIG. `link` and `stop` are
 * borrowed until modbus_client_free. */
struct modbus_client *modbus_client_new(const struct link_settings *link,
                                        const atomic_bool *stop, struct err *err);
void modbus_client_free(struct modbus_client *client); /* NULL is fine */

/* Where every frame is told that is sent, received or thrown away, and what happens to
 * the connection. Borrowed; NULL (as at first): nowhere. */
void modbus_client_set_trace(struct modbus_client *client, struct link_trace *trace);
/* Owner only. */
void modbus_client_counts(const struct modbus_client *client,
                          struct client_counts *counts);

bool modbus_client_is_tcp(const struct modbus_client *client); /* framing is MBAP */
bool modbus_client_is_slow(const struct modbus_client *client);
/* It waits for its device to dial in: connecting costs nothing, so it may be tried often
 * and needs no growing back-off. */
bool modbus_client_listens(const struct modbus_client *client);
bool modbus_client_connected(const struct modbus_client *client);
/* True once after a device has dialled in again: it may be another one, also the one that
 * gave the last answer. */
bool modbus_client_take_redialled(struct modbus_client *client);

/* Nothing to do when connected. */
int modbus_client_connect(struct modbus_client *client, struct err *err);
void modbus_client_close(struct modbus_client *client);

/* How long the answer to the request may take: what its unit needs, and on a serial port
 * its bytes' time on the wire. */
int64_t modbus_client_timeout_ms(const struct modbus_client *client,
                                 const struct modbus_request *request);

/* One read of `request->count` cells; fills in `rtu` and `transaction` itself, and keeps
 * the silence before it. The client must be connected. For all but GOOD, err says what
 * happened. */
enum client_result modbus_client_read(struct modbus_client *client,
                                      struct modbus_request request,
                                      struct client_reply *reply, struct err *err);

/* --- without waiting: for a link that shares its thread ---------------------------- */

/* Modbus TCP to a literal address without a turnaround. */
bool modbus_client_can_share(const struct modbus_client *client);

/* Begins to connect; once the descriptor is writable modbus_client_dialled says how it
 * went, and closes it when it went wrong. */
int modbus_client_dial(struct modbus_client *client, struct err *err);
int modbus_client_dialled(struct modbus_client *client, struct err *err);
int modbus_client_fd(const struct modbus_client *client); /* -1: closed */

/* Sends a request; its gap is the owner's to wait for. CLIENT_GOOD: it is on its way;
 * CLIENT_LOST: the connection is gone. */
enum client_result modbus_client_ask(struct modbus_client *client,
                                     struct modbus_request request, struct err *err);

/* Takes the answer if it is there. CLIENT_WAITING until `over`, then CLIENT_TIMEOUT. */
enum client_result modbus_client_take(struct modbus_client *client, bool over,
                                      struct client_reply *reply, struct err *err);

/* While nothing is asked: throws away what came; a closed connection is closed here too.
 */
void modbus_client_tidy(struct modbus_client *client);

#endif
