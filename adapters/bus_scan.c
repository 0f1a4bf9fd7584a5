/* bus_scan.c - see bus_scan.h. */
#include "adapters/bus_scan.h"

#include "adapters/modbus_frame.h"
#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    ASK_AGAIN = 2,  /* a garbled answer may be the late one of the unit before */
    SILENT_MAX = 3, /* reads in a row without an answer: it is gone */
    TABLES = TABLE_HOLDING + 1,
};

/* Over TCP: ids that real units hardly have. 255 is what a device with a socket of its
 * own should have. */
static const uint8_t odd_ids[] = {255, 247, 246, 245};

struct scan {
    const struct bus_scan_options *options;
    const struct profile_settings *profiles;
    size_t profile_count;
    const struct bus_scan_host *host;
    struct err *err;
    bool failed; /* *err says why */
    size_t found;
    uint8_t unit; /* under the eye */
    bool has_table[TABLES];
    unsigned silent; /* reads in a row */
    bool heard;      /* it has answered to a read of a probe */
    struct link_answer answer;
};

const char *scan_answer_name(enum scan_answer answer)
{
    static const char *const names[] = {"value", "exception", "garbled"};

    assert((size_t)answer < sizeof names / sizeof names[0]);
    return names[answer];
}

/* False when the scan has failed. */
static bool ask(struct scan *scan, const struct identity_read *read)
{
    const struct link_question question = {.unit = scan->unit,
                                           .table = read->table,
                                           .start = read->start,
                                           .count = read->count,
                                           .timeout_ms = scan->options->timeout_ms};

    scan->failed =
        scan->host->ask(scan->host->context, &question, &scan->answer, scan->err) != 0;
    return !scan->failed;
}

/* A gateway says that nobody is there. */
static bool is_nobody(const struct link_answer *answer)
{
    return answer->kind == LINK_ANSWER_TIMEOUT ||
           (answer->kind == LINK_ANSWER_EXCEPTION &&
            (answer->exception == MODBUS_GATEWAY_PATH ||
             answer->exception == MODBUS_GATEWAY_TARGET));
}

/* Some devices are silent to what they do not have. */
static enum match_answer silent_to(struct scan *scan, enum modbus_table table)
{
    if (++scan->silent == SILENT_MAX)
        return MATCH_LOST;
    return scan->has_table[table] ? MATCH_REFUSED : MATCH_NO_TABLE;
}

static enum match_answer judge(struct scan *scan, const struct identity_read *read,
                               uint16_t *cells)
{
    const struct link_answer *answer = &scan->answer;

    if (is_nobody(answer))
        return silent_to(scan, read->table);
    scan->silent = 0;
    scan->heard = true;
    if (answer->kind == LINK_ANSWER_CELLS) {
        scan->has_table[read->table] = true;
        memcpy(cells, answer->cells, read->count * sizeof *cells);
        return MATCH_CELLS;
    }
    return answer->kind == LINK_ANSWER_EXCEPTION &&
                   answer->exception == MODBUS_ILLEGAL_FUNCTION
               ? MATCH_NO_TABLE
               : MATCH_REFUSED;
}

static enum match_answer read_for_match(void *context, const struct identity_read *read,
                                        uint16_t *cells)
{
    struct scan *scan = context;

    for (int i = 0; i < ASK_AGAIN; i++) {
        if (!ask(scan, read))
            return MATCH_LOST;
        if (!is_nobody(&scan->answer) && scan->answer.kind != LINK_ANSWER_PROTOCOL)
            break;
    }
    return judge(scan, read, cells);
}

static void describe(const struct scan *scan, struct scan_unit *unit)
{
    const struct link_answer *answer = &scan->answer;

    unit->unit = scan->unit;
    unit->took_us = answer->took_us;
    unit->answer = answer->kind == LINK_ANSWER_CELLS       ? SCAN_VALUE
                   : answer->kind == LINK_ANSWER_EXCEPTION ? SCAN_EXCEPTION
                                                           : SCAN_GARBLED;
    unit->exception = answer->exception;
    (void)snprintf(unit->text, sizeof unit->text, "%s", answer->text);
}

static void match_unit(struct scan *scan, struct scan_unit *unit)
{
    const struct match_reader reader = {scan, read_for_match};
    int count;

    if (unit->answer == SCAN_GARBLED)
        return;
    scan->silent = 0;
    scan->heard = false;
    memset(scan->has_table, 0, sizeof scan->has_table);
    count = profile_match_find(scan->profiles, scan->profile_count, &reader,
                               unit->matches, BUS_SCAN_MATCHES);
    unit->lost = count < 0 || (scan->silent > 0 && !scan->heard);
    unit->match_count = count < 0 ? 0 : (size_t)count;
}

/* Tells what scan->unit is; its first answer is there. */
static void tell_unit(struct scan *scan, bool any)
{
    struct scan_unit *unit = mem_alloc(sizeof *unit);

    describe(scan, unit);
    match_unit(scan, unit);
    if (!scan->failed) {
        scan->found++;
        scan->host->found(scan->host->context, unit, any);
    }
    mem_free(unit);
}

static bool asked_and_there(struct scan *scan, uint8_t unit, enum modbus_table table)
{
    const struct identity_read read = {table, 0, 1};

    scan->unit = unit;
    for (int i = 0; i < ASK_AGAIN; i++) {
        if (!ask(scan, &read) || is_nobody(&scan->answer))
            return false;
        if (scan->answer.kind != LINK_ANSWER_PROTOCOL)
            return true;
    }
    return true;
}

/* True when the scan is over with this. */
static bool is_one_device(struct scan *scan)
{
    const struct bus_scan_options *options = scan->options;

    if (!options->tcp || options->to - options->from < (int)sizeof odd_ids)
        return false;
    for (size_t i = 0; i < sizeof odd_ids; i++)
        if (!asked_and_there(scan, odd_ids[i], TABLE_HOLDING))
            return scan->failed;
    if (!asked_and_there(scan, options->from, TABLE_HOLDING))
        return scan->failed;
    tell_unit(scan, true);
    return true;
}

static void ask_all(struct scan *scan, enum modbus_table table, unsigned pass,
                    unsigned passes)
{
    unsigned units = (unsigned)(scan->options->to - scan->options->from) + 1;

    for (unsigned i = 0; i < units && !scan->failed; i++) {
        uint8_t unit = (uint8_t)(scan->options->from + i);

        scan->host->progress(scan->host->context, unit, pass * units + i, passes * units);
        if (asked_and_there(scan, unit, table))
            tell_unit(scan, false);
    }
}

int bus_scan(const struct bus_scan_options *options,
             const struct profile_settings *profiles, size_t profile_count,
             const struct bus_scan_host *host, struct err *err)
{
    struct scan *scan = mem_alloc(sizeof *scan);
    int rc;

    assert(options->from <= options->to);
    scan->options = options;
    scan->profiles = profiles;
    scan->profile_count = profile_count;
    scan->host = host;
    scan->err = err;
    if (!is_one_device(scan)) {
        ask_all(scan, TABLE_HOLDING, 0, 1);
        if (scan->found == 0 && !scan->failed)
            ask_all(scan, TABLE_INPUT, 1, 2);
    }
    rc = scan->failed ? -1 : 0;
    mem_free(scan);
    return rc;
}
