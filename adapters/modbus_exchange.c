/* modbus_exchange.c - question and answer; see modbus_client.h.
 *
 * The bytes of an answer are collected here on every kind of link, because only so can a
 * packet of the device or the late answer to an older question be told from it, can what
 * came be shown whole when it was no answer, and may a descriptor be above FD_SETSIZE.
 */
#include "adapters/modbus_client_impl.h"

#include "adapters/modbus_transport.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
    /* The shortest RTU frame. Fewer stray bytes are the noise of a bus changing its
     * direction; as many or more may be somebody's answer. */
    STRAY_FRAME_MIN = STREAM_NOISE_MAX + 1,
    QUIET_LIMIT_TIMES = 4,      /* silences until a line counts as never silent, */
    QUIET_LIMIT_MS = 30 * 1000, /* at most; longer than any single one */
    GATHER_MS = 30,             /* what is no answer is over after such a silence */
    OLDER_MAX = 64,             /* transactions back that count as our own */
    WASTE_MAX = 16 * 1024,      /* thrown away at once; a device sends < 300 */
};

/* --- before the question --------------------------------------------------------- */

/* From when on it may be asked: the longer gap after the last answer. */
static struct mono_time free_at(const struct modbus_client *client,
                                const struct modbus_request *request)
{
    int64_t gap_ns = request->gap_ms * CLOCK_MS;

    if (client->last.ns == 0)
        return (struct mono_time){0};
    return (struct mono_time){client->last.ns +
                              (gap_ns > client->gap_ns ? gap_ns : client->gap_ns)};
}

/* Throws away what has arrived. How many bytes were not the device's own packets, or -1
 * when the connection is broken. */
static ssize_t discard(struct modbus_client *client)
{
    uint8_t waste[CLIENT_BYTES_MAX];
    ssize_t strange = 0;

    for (size_t total = 0; total < WASTE_MAX;) {
        ssize_t got = transport_read(client->fd, waste, sizeof waste);

        if (got < 0)
            return -1;
        if (got == 0)
            break;
        total += (size_t)got;
        client->counts.received += (size_t)got;
        client_tell(client, LINK_TRACE_DISCARDED, waste, (size_t)got);
        strange +=
            got - (ssize_t)modbus_stream_packets(client->packets, waste, (size_t)got);
    }
    return strange;
}

static int lost(struct err *err)
{
    return err_set(err, ERR_IO, "connection lost: %m");
}

/* Throws away what comes until the line was silent for silence_ms. */
static int quieten(struct modbus_client *client, struct err *err)
{
    int64_t limit_ms = QUIET_LIMIT_TIMES * client->silence_ms;
    struct mono_time limit =
        mono_add_ms(mono_now(), limit_ms < QUIET_LIMIT_MS ? limit_ms : QUIET_LIMIT_MS);

    for (;;) {
        int ready = transport_wait(client->fd, POLLIN, mono_min(client->quiet, limit),
                                   client->stop);

        if (ready < 0)
            return err_set(err, ERR_STATE, "stopped");
        if (ready == 0 && mono_before(client->quiet, limit))
            break;
        if (ready == 0)
            return err_set(err, ERR_PROTOCOL,
                           "the line never falls silent: is there another master?");
        switch (discard(client)) {
        case -1:
            return lost(err);
        case 0: /* the device's own packets belong to its line */
            break;
        default:
            client->quiet = mono_add_ms(mono_now(), client->silence_ms);
        }
    }
    client->quiet.ns = 0;
    client->last.ns = 0;
    return 0;
}

static void want_silence(struct modbus_client *client, struct mono_time from,
                         int64_t silence_ms)
{
    client->silence_ms = silence_ms;
    client->quiet = mono_add_ms(from, silence_ms);
}

/* Waits until the line may be used and empties it. */
static int prepare(struct modbus_client *client, const struct modbus_request *request,
                   struct err *err)
{
    struct mono_time may = free_at(client, request);
    ssize_t strange;

    if (client_follow(client, err) != 0)
        return -1;
    if (mono_before(mono_now(), client->quiet) && quieten(client, err) != 0)
        return -1;
    client->quiet.ns = 0;
    if (mono_before(mono_now(), may))
        mono_sleep_until(may);
    strange = discard(client);
    if (strange < 0)
        return lost(err);
    if (!client_is_rtu(client) || strange < STRAY_FRAME_MIN)
        return 0;
    /* Somebody's answer: wait until the last of them is through. */
    want_silence(client, mono_now(), client->link->timeout_ms);
    return quieten(client, err);
}

static int send_request(struct modbus_client *client, struct err *err)
{
    uint8_t out[MODBUS_FRAME_MAX];
    size_t length = modbus_frame_request(&client->asked, out);
    ssize_t sent;

    client->filled = 0;
    client->foreign = false;
    client->older[0] = '\0';
    sent = client_is_serial(client) ? client_send_serial(client, out, length)
                                    : send(client->fd, out, length, MSG_NOSIGNAL);
    client->sent = mono_now();
    if (sent > 0) {
        client->counts.sent += (size_t)sent;
        client_tell(client, LINK_TRACE_SENT, out, (size_t)sent);
    }
    if (sent == (ssize_t)length)
        return 0;
    return sent < 0 ? lost(err)
                    : err_set(err, ERR_IO, "connection lost: only half was sent");
}

/* --- the answer ------------------------------------------------------------------ */

int64_t modbus_client_timeout_ms(const struct modbus_client *client,
                                 const struct modbus_request *request)
{
    int64_t bytes = 8 + (int64_t)modbus_frame_answer_size(request);

    return (request->timeout_ms > 0 ? request->timeout_ms : client->link->timeout_ms) +
           (bytes * client->character_ns + CLOCK_MS - 1) / CLOCK_MS;
}

/* What a whole frame says. */
static enum client_result judge(const struct modbus_client *client, const uint8_t *frame,
                                size_t length, struct client_reply *reply,
                                struct err *err)
{
    struct modbus_answer answer;

    switch (modbus_frame_check(&client->asked, frame, length, &answer)) {
    case MODBUS_GOOD:
        modbus_frame_cells(&client->asked, frame, reply->cells);
        return CLIENT_GOOD;
    case MODBUS_EXCEPTION:
        reply->exception = answer.exception;
        (void)err_set(err, ERR_PROTOCOL, "exception %u: %s", answer.exception,
                      modbus_exception_name(answer.exception));
        return CLIENT_EXCEPTION;
    case MODBUS_WRONG:
    default:
        (void)err_set(err, ERR_PROTOCOL, "%s", answer.problem);
        return CLIENT_PROTOCOL;
    }
}

/* What came is no answer. What looks like a frame is told as such. */
static enum client_result say_foreign(struct modbus_client *client, struct err *err)
{
    const uint8_t *bytes = client->bytes;
    bool frame = client->asked.rtu ? modbus_frame_is_rtu(bytes, client->filled)
                                   : bytes[2] == 0 && bytes[3] == 0;
    struct modbus_answer answer;

    client_tell(client, LINK_TRACE_RECEIVED, bytes, client->filled);
    if (frame && modbus_frame_check(&client->asked, bytes, client->filled, &answer) ==
                     MODBUS_WRONG)
        (void)err_set(err, ERR_PROTOCOL, "%s", answer.problem);
    else
        (void)err_set(err, ERR_PROTOCOL,
                      "%zu bytes that are no answer, from %02X %02X %02X", client->filled,
                      bytes[0], bytes[1], bytes[2]);
    return CLIENT_PROTOCOL;
}

/* The answer to a question that was given up: thrown away, the right one may follow. */
static bool drop_older(struct modbus_client *client, const struct stream_found *found)
{
    const uint8_t *frame = client->bytes + found->start;
    uint16_t number = (uint16_t)(frame[0] << 8 | frame[1]);
    uint16_t back = (uint16_t)(client->asked.transaction - number);
    size_t end = found->start + found->length;

    if (client->asked.rtu || back == 0 || back > OLDER_MAX)
        return false;
    (void)snprintf(client->older, sizeof client->older,
                   "answer to transaction %u, asked %u", number,
                   client->asked.transaction);
    client_tell(client, LINK_TRACE_DISCARDED, client->bytes, end);
    client->filled -= end;
    memmove(client->bytes, client->bytes + end, client->filled);
    return true;
}

/* What stands behind an answer: devices and gateways are known that answer twice. Over
 * TCP its number gives it away; over RTU anything but a twin wants a silence. */
static void leave_rest(struct modbus_client *client, const struct stream_found *found)
{
    const uint8_t *rest = client->bytes + found->start + found->length;
    size_t count = client->filled - found->start - found->length;
    bool twin =
        count == found->length && memcmp(rest, client->bytes + found->start, count) == 0;

    if (found->start > 0)
        client_tell(client, LINK_TRACE_DISCARDED, client->bytes, found->start);
    client_tell(client, LINK_TRACE_RECEIVED, client->bytes + found->start, found->length);
    if (count > 0)
        client_tell(client, LINK_TRACE_DISCARDED, rest, count);
    count -= modbus_stream_packets(client->packets, rest, count);
    if (client->asked.rtu && !twin && count >= STRAY_FRAME_MIN)
        want_silence(client, mono_now(), client->link->timeout_ms);
}

/* Takes what has arrived and looks for the answer in it. CLIENT_WAITING: not yet. */
static enum client_result take(struct modbus_client *client, struct client_reply *reply,
                               struct err *err)
{
    ssize_t got = transport_read(client->fd, client->bytes + client->filled,
                                 sizeof client->bytes - client->filled);
    struct stream_found found;

    if (got < 0) {
        (void)lost(err);
        return CLIENT_LOST;
    }
    client->filled += (size_t)got;
    client->counts.received += (size_t)got;
    for (;;) {
        switch (modbus_stream_look(&client->asked, client->packets, client->bytes,
                                   client->filled, &found)) {
        case STREAM_WAITING:
            client->foreign = client->filled == sizeof client->bytes;
            return client->foreign ? CLIENT_PROTOCOL : CLIENT_WAITING;
        case STREAM_FOREIGN:
            client->foreign = true;
            return CLIENT_PROTOCOL;
        case STREAM_FRAME:
        default:
            if (drop_older(client, &found))
                continue;
            leave_rest(client, &found);
            return judge(client, client->bytes + found.start, found.length, reply, err);
        }
    }
}

/* The time is over: nothing came, or not all of it, or only what was asked for before. */
static enum client_result too_late(struct modbus_client *client, struct err *err)
{
    long long timeout_ms = modbus_client_timeout_ms(client, &client->asked);
    size_t own = modbus_stream_packets(client->packets, client->bytes, client->filled);

    if (client->filled > 0)
        client_tell(client, LINK_TRACE_RECEIVED, client->bytes, client->filled);
    client_tell_event(client, "timeout");
    if (client->older[0] != '\0') {
        (void)err_set(err, ERR_PROTOCOL, "%s", client->older);
        return CLIENT_PROTOCOL;
    }
    if (client->filled > own)
        (void)err_set(err, ERR_TIMEOUT, "only %zu bytes of an answer within %lld ms",
                      client->filled - own, timeout_ms);
    else
        (void)err_set(err, ERR_TIMEOUT, "no answer within %lld ms", timeout_ms);
    return CLIENT_TIMEOUT;
}

/* Whatever follows bytes that are no answer belongs to them, until a silence. */
static void gather(struct modbus_client *client, struct mono_time deadline)
{
    static const atomic_bool never;

    while (client->filled < sizeof client->bytes) {
        struct mono_time until = mono_min(deadline, mono_add_ms(mono_now(), GATHER_MS));
        ssize_t got;

        if (transport_wait(client->fd, POLLIN, until, &never) <= 0)
            return;
        got = transport_read(client->fd, client->bytes + client->filled,
                             sizeof client->bytes - client->filled);
        if (got <= 0)
            return;
        client->filled += (size_t)got;
        client->counts.received += (size_t)got;
    }
}

static enum client_result receive(struct modbus_client *client,
                                  struct client_reply *reply, struct err *err)
{
    static const atomic_bool never; /* a stop does not cut off an answer */
    struct mono_time deadline =
        mono_add_ms(client->sent, modbus_client_timeout_ms(client, &client->asked));

    for (;;) {
        struct mono_time slice = mono_add_ms(mono_now(), TRANSPORT_SLICE_MS);
        int ready = transport_wait(client->fd, POLLIN, mono_min(deadline, slice), &never);
        enum client_result result = ready > 0 ? take(client, reply, err) : CLIENT_WAITING;

        if (client->foreign) {
            gather(client, deadline);
            return say_foreign(client, err);
        }
        if (result != CLIENT_WAITING)
            return result;
        if (!mono_before(mono_now(), deadline))
            return too_late(client, err);
        if (client_listens(client) && listen_waiting(client->seat)) {
            (void)err_set(err, ERR_IO, "the device has dialled in again");
            return CLIENT_LOST;
        }
    }
}

/* --- afterwards ------------------------------------------------------------------ */

/* Puts the link where the next request can start in step. A device that dials in keeps
 * its connection as long as its frames can be told apart, because calling back may take
 * it half a minute: RTU falls silent, TCP has its numbers. */
static void resynchronise(struct modbus_client *client, enum client_result result,
                          struct mono_time now)
{
    int64_t silence_ms = client->link->timeout_ms;
    bool keep =
        client_is_serial(client) ||
        (client_listens(client) && (client_is_rtu(client) || result == CLIENT_TIMEOUT));

    if (!keep || result == CLIENT_LOST)
        modbus_client_close(client);
    if (client->asked.timeout_ms > silence_ms)
        silence_ms = client->asked.timeout_ms;
    if (client_is_rtu(client))
        want_silence(client, now, silence_ms);
}

/* RTU: whether an answer may still come. */
static void keep_account(struct modbus_client *client, enum client_result result)
{
    const struct modbus_request *asked = &client->asked;
    int64_t timeout_ms = modbus_client_timeout_ms(client, asked);

    if (client->owed == NULL)
        return;
    if (result == CLIENT_GOOD)
        owed_answered(client->owed, asked);
    else if (result == CLIENT_EXCEPTION)
        owed_excepted(client->owed, asked, client->sent, timeout_ms);
    else if (result == CLIENT_PROTOCOL && !client->foreign)
        owed_damaged(client->owed, asked, client->sent, timeout_ms);
    else
        owed_unanswered(client->owed, asked, client->sent, timeout_ms);
}

static enum client_result not_prepared(const struct err *err)
{
    if (err->kind == ERR_STATE)
        return CLIENT_STOPPED;
    return err->kind == ERR_PROTOCOL ? CLIENT_PROTOCOL : CLIENT_LOST;
}

static enum client_result exchange(struct modbus_client *client,
                                   const struct modbus_request *request,
                                   struct client_reply *reply, struct err *err)
{
    enum client_result result;

    if (prepare(client, request, err) != 0) {
        result = not_prepared(err);
    } else {
        client->asked = *request;
        client->asked.rtu = client_is_rtu(client);
        client->asked.transaction = ++client->transaction;
        result =
            send_request(client, err) != 0 ? CLIENT_LOST : receive(client, reply, err);
        keep_account(client, result);
    }
    reply->mono = mono_now();
    client->last = reply->mono;
    if (result != CLIENT_GOOD && result != CLIENT_EXCEPTION && result != CLIENT_STOPPED)
        resynchronise(client, result, reply->mono);
    return result;
}

/* Asks something that cannot be mistaken, so that nothing older is on its way. */
static enum client_result settle(struct modbus_client *client,
                                 const struct modbus_request *request,
                                 struct client_reply *reply, struct err *err)
{
    struct modbus_request other;
    enum owed_remedy remedy = owed_other(client->owed, request, &other);
    enum client_result result;

    if (remedy == OWED_WAIT) {
        (void)err_set(
            err, ERR_TIMEOUT,
            "not asked: the answer to an older question could be taken for its");
        reply->mono = mono_now();
        return CLIENT_TIMEOUT;
    }
    result = exchange(client, &other, reply, err);
    if (remedy == OWED_ASK_NEIGHBOUR && result != CLIENT_STOPPED && result != CLIENT_LOST)
        owed_neighbour(client->owed, request->unit,
                       result == CLIENT_GOOD || result == CLIENT_EXCEPTION);
    return result;
}

enum client_result modbus_client_read(struct modbus_client *client,
                                      struct modbus_request request,
                                      struct client_reply *reply, struct err *err)
{
    assert(client->fd >= 0);
    if (client->owed != NULL && owed_in_doubt(client->owed, &request, mono_now())) {
        enum client_result result = settle(client, &request, reply, err);

        if (result != CLIENT_GOOD && result != CLIENT_EXCEPTION)
            return result;
    }
    return exchange(client, &request, reply, err);
}

/* --- without waiting ------------------------------------------------------------- */

enum client_result modbus_client_ask(struct modbus_client *client,
                                     struct modbus_request request, struct err *err)
{
    client->asked = request;
    client->asked.transaction = ++client->transaction;
    if (send_request(client, err) == 0)
        return CLIENT_GOOD;
    modbus_client_close(client);
    return CLIENT_LOST;
}

enum client_result modbus_client_take(struct modbus_client *client, bool over,
                                      struct client_reply *reply, struct err *err)
{
    enum client_result result = take(client, reply, err);

    if (result == CLIENT_WAITING && !over)
        return CLIENT_WAITING;
    if (client->foreign)
        result = say_foreign(client, err);
    else if (result == CLIENT_WAITING)
        result = too_late(client, err);
    reply->mono = mono_now();
    client->last = reply->mono;
    if (result != CLIENT_GOOD && result != CLIENT_EXCEPTION)
        modbus_client_close(client);
    return result;
}

void modbus_client_tidy(struct modbus_client *client)
{
    if (client->fd >= 0 && discard(client) < 0)
        modbus_client_close(client);
}
