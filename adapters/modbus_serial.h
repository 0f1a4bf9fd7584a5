/* modbus_serial.h - which settings a serial port can have (pure). Threads: no state. */
#ifndef ADAPTERS_MODBUS_SERIAL_H
#define ADAPTERS_MODBUS_SERIAL_H

#include "base/err.h"
#include "config/settings.h"

/* 'N', 'E' or 'O' for "none", "even" or "odd", else 0. */
char modbus_serial_parity(const char *name);

/* ERR_CONFIG when baud rate, parity or stop bits are none that a port has. */
int modbus_serial_check(const struct link_settings *link, struct err *err);

#endif
