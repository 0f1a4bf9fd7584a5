/* adapter.h - what a link's driver must be able to do.
 *
 * One adapter serves one link, on a thread of the link's own or on one that many share.
 * It reads the points of the equipment that the configuration puts on the link, and feeds
 * two built-in points: the "online" of each equipment, and the "online" of the link's
 * stand-in (false when nothing on the link can be reached). A failure becomes bad samples
 * with a reason; it is never silence and never a value.
 *
 * Connecting, deadlines, back-off of dead units and of the link are the adapter's, as far
 * as they need its protocol; the pure rules for them are in adapters/schedule.h. The
 * thread, its start and its stop belong to gateway/.
 *
 * Threads: open, step, advance and close one at a time; wake and status from any.
 */
#ifndef ADAPTERS_ADAPTER_H
#define ADAPTERS_ADAPTER_H

#include "adapters/finding.h"
#include "adapters/link_talk.h"
#include "adapters/link_trace.h"
#include "adapters/unit_status.h"
#include "base/err.h"
#include "config/config.h"
#include "telemetry/sample.h"

enum {
    LINK_TOPIC_TEXT_MAX = 128, /* of a topic that is shown; longer ones are cut */
    LINK_STRANGERS_MAX = 16,   /* topics that nobody has, the last few of them */
};

/* Why a payload was rejected. Names are shown and scripted: payload_fault_name. */
enum payload_fault {
    PAYLOAD_EMPTY,    /* no bytes */
    PAYLOAD_ENCODING, /* not UTF-8, a byte order mark, a NUL */
    PAYLOAD_SYNTAX,   /* no JSON, no Sparkplug B payload */
    PAYLOAD_DEPTH,    /* nested deeper than any device would */
    PAYLOAD_KEY,      /* a key twice in one object */
    PAYLOAD_NUMBER,   /* a number that a double cannot hold */
    PAYLOAD_MEANING,  /* well formed, but not what the profile expects */
    PAYLOAD_FAULTS,
};

const char *payload_fault_name(enum payload_fault fault); /* "empty", "encoding", ... */

/* Counters since start, for pages and metrics. */
struct link_status {
    bool connected;
    struct wall_time since; /* of `connected` */
    uint64_t requests;      /* Modbus requests, MQTT messages */
    uint64_t answers;       /* good ones */
    uint64_t timeouts;
    uint64_t protocol_errors; /* wrong unit, transaction, length, checksum, payload */
    uint64_t exceptions;      /* Modbus exception answers */
    uint64_t connects;        /* successful ones */
    /* MQTT: of all that came, `requests` were read; the others are counted once, in one
     * of the next four. `requests` are answers, duplicates and protocol_errors. */
    uint64_t dropped;          /* lost in the full ring */
    uint64_t dropped_rate;     /* older ones of a topic that sends more than max_rate */
    uint64_t dropped_oversize; /* longer than max_payload */
    uint64_t dropped_unknown;  /* on topics that no equipment has */
    uint64_t duplicates;       /* came before */
    uint64_t rejected[PAYLOAD_FAULTS]; /* protocol_errors of MQTT by reason */
    uint64_t births;                   /* Sparkplug B: of nodes and devices */
    uint64_t deaths;
    uint64_t gaps;     /* Sparkplug B: messages that are missing in a sequence */
    uint64_t rebirths; /* Sparkplug B: how often a node was asked for its birth */
    uint64_t samples;
    uint64_t bad_samples;
    uint64_t bytes_sent;     /* Modbus: of frames */
    uint64_t bytes_received; /* Modbus: of frames and of what was discarded */
    int64_t busy_ns;         /* Modbus: time spent asking and waiting, gaps included */
    int64_t dead_ns;         /* of it, on units whose breaker is open */
    int64_t since_ns;        /* monotonic: how long it has been counted */
    uint64_t late;           /* polls that began more than a tenth of their period late */
    int64_t lateness_p50_us; /* of the last 256 polls */
    int64_t lateness_p99_us;
    size_t units; /* Modbus units or MQTT equipment on the link */
    size_t units_offline;
    char error[LINK_ERROR_TEXT_MAX]; /* the present trouble; "" when there is none */
};

/* A topic on which messages come that no equipment has. */
struct link_stranger {
    char topic[LINK_TOPIC_TEXT_MAX];
    uint64_t messages;
    struct wall_time last;
};

struct adapter; /* each driver's own */

/* What a link that shares a thread waits for. */
struct adapter_wait {
    int fd;          /* -1: for the time only */
    uint32_t serial; /* grows with every new descriptor, for numbers come back */
    bool writable;   /* waits until it may write, else until there is something to read */
    struct mono_time until;
};

struct adapter_ops {
    enum link_kind kind;

    /* Allocates; does not touch the network. NULL with err on bad settings. */
    struct adapter *(*open)(const struct config *config, uint32_t link, struct err *err);

    /* When there is next something to do. */
    struct mono_time (*due)(const struct adapter *adapter);

    /* Does what is due: a connect attempt, every block that is due now, or what has
     * arrived; a driver that is told of arrivals waits for them until `until`. Samples go
     * to the sink in one batch per exchange. 0, or -1 with err when the link as a whole
     * is in trouble (the driver keeps its own back-off; the caller only logs). */
    int (*step)(struct adapter *adapter, struct mono_time until,
                const struct sample_sink *sink, struct err *err);

    /* Links that need not wait themselves may share a thread, because what polling costs
     * is waking up; a driver whose links never may leaves both NULL.
     *
     * can_share: nothing on this link ever waits, not even for a name.
     * advance, instead of step: does what can be done at once. `ready` says that what it
     * waited for has come; otherwise it is called because the time has. Fills *wait. */
    bool (*can_share)(const struct adapter *adapter);
    int (*advance)(struct adapter *adapter, bool ready, const struct sample_sink *sink,
                   struct adapter_wait *wait, struct err *err);

    /* Makes a waiting step return soon. */
    void (*wake)(struct adapter *adapter);

    void (*status)(struct adapter *adapter, struct link_status *status);

    /* Latest first; returns how many. Any thread. NULL: a driver without topics. */
    size_t (*strangers)(struct adapter *adapter,
                        struct link_stranger list[LINK_STRANGERS_MAX]);

    /* The five below may be NULL: a driver without units.
     *
     * units: at most `max` of them; returns how many there are. Any thread.
     * finding: of the probe of an equipment on this link. Any thread.
     * probe_again: probes it at the next turn. Any thread; the caller wakes the link.
     * talk, trace: the mailbox and the frames of the link. Fixed after open. */
    size_t (*units)(struct adapter *adapter, struct unit_status *units, size_t max);
    void (*finding)(struct adapter *adapter, uint32_t equipment, struct finding *finding);
    void (*probe_again)(struct adapter *adapter, uint32_t equipment);
    struct link_talk *(*talk)(struct adapter *adapter);
    struct link_trace *(*trace)(struct adapter *adapter);

    void (*close)(struct adapter *adapter); /* NULL is fine */
};

extern const struct adapter_ops modbus_adapter;
extern const struct adapter_ops mqtt_adapter;

#endif
