/* scan_report.h - how far a scan of a link is, and what it has found.
 *
 * Threads: plain data. What the matches point at lives as long as the configuration.
 */
#ifndef ADAPTERS_SCAN_REPORT_H
#define ADAPTERS_SCAN_REPORT_H

#include "adapters/bus_scan.h"

enum scan_state {
    SCAN_RUNNING,
    SCAN_DONE,
    SCAN_STOPPED, /* by a person, or by a reload */
    SCAN_FAILED,  /* `error` says why */
};

struct scan_report {
    enum scan_state state;
    struct bus_scan_options options;
    struct wall_time started;
    struct wall_time ended; /* 0 while it runs */
    uint8_t unit;           /* that is asked now */
    unsigned done;          /* units that are through, */
    unsigned total;         /* of so many */
    bool any; /* the device answers to every unit id; `found` has one of them */
    char error[ERR_TEXT_MAX];
    size_t found_count;
    struct scan_unit found[BUS_SCAN_UNITS];
};

#endif
