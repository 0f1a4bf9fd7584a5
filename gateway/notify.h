/* notify.h - what systemd is told. Without systemd every call does nothing.
 * Threads: main. */
#ifndef GATEWAY_NOTIFY_H
#define GATEWAY_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void); /* followed by notify_ready when done */
void notify_stopping(void);
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
void notify_watchdog(void); /* "every worker moves" */

/* How often notify_watchdog is expected, or 0 when nobody waits for it. */
int64_t notify_watchdog_ms(void);

#endif
