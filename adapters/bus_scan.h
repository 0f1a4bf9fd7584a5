/* bus_scan.h - who answers on a link, and what it may be.
 *
 * Unit after unit is asked for one register; whatever comes back, an exception as well,
 * is an answer. Each unit that answers is compared with every profile that has a probe
 * (adapters/profile_match.h). When nobody has answered, everybody is asked once more for
 * an input register: some devices are silent to what they do not have.
 *
 * A device with a network socket of its own often answers to every unit id. Over TCP four
 * ids that hardly anybody uses are asked first; when all answer, it is one device.
 *
 * Pure but for `host`: the questions travel through the link's mailbox.
 * Threads: no state.
 */
#ifndef ADAPTERS_BUS_SCAN_H
#define ADAPTERS_BUS_SCAN_H

#include "adapters/link_talk.h"
#include "adapters/profile_match.h"
#include "base/clock.h"

enum {
    BUS_SCAN_UNITS = 256,
    BUS_SCAN_MATCHES = 4, /* of one unit that are told */
    BUS_SCAN_FIRST = 1,   /* unless asked for: 0 is the broadcast */
    BUS_SCAN_LAST = 247,
};

struct bus_scan_options {
    uint8_t from;
    uint8_t to;
    int64_t timeout_ms; /* of one question; 0 = the link's */
    bool tcp;           /* Modbus TCP: a gateway, or a device with a socket of its own */
};

enum scan_answer {
    SCAN_VALUE,
    SCAN_EXCEPTION,
    SCAN_GARBLED, /* something answers, but not properly */
};

struct scan_unit {
    uint8_t unit;
    enum scan_answer answer;
    uint8_t exception;
    int64_t took_us;
    char text[LINK_TALK_TEXT_MAX]; /* of an exception, of what is garbled */
    bool lost; /* it answered at first, then no more: the matches are not known */
    size_t match_count;
    struct profile_match matches[BUS_SCAN_MATCHES];
};

struct bus_scan_host {
    void *context;
    /* The answer, never LINK_ANSWER_DOWN, or -1: the scan ends with err. */
    int (*ask)(void *context, const struct link_question *question,
               struct link_answer *answer, struct err *err);
    /* Before each unit: how many are through, of how many. */
    void (*progress)(void *context, uint8_t unit, unsigned done, unsigned total);
    /* `any`: it answers to every unit id. */
    void (*found)(void *context, const struct scan_unit *unit, bool any);
};

/* 0 when it came to its end, -1 with the error of ask. */
int bus_scan(const struct bus_scan_options *options,
             const struct profile_settings *profiles, size_t profile_count,
             const struct bus_scan_host *host, struct err *err);

const char *scan_answer_name(enum scan_answer answer); /* "value", "exception", ... */

#endif
