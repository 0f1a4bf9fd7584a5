/* modbus_serial.c - see modbus_serial.h. */
#include "adapters/modbus_serial.h"

#include "config/bauds.h"

#include <string.h>

char modbus_serial_parity(const char *name)
{
    static const struct {
        const char *name;
        char letter;
    } parities[] = {{"none", 'N'}, {"even", 'E'}, {"odd", 'O'}};

    for (size_t i = 0; i < sizeof parities / sizeof parities[0]; i++)
        if (strcmp(parities[i].name, name) == 0)
            return parities[i].letter;
    return 0;
}

int modbus_serial_check(const struct link_settings *link, struct err *err)
{
    if (!baud_exists(link->baud))
        return err_set(err, ERR_CONFIG, "%lld is no baud rate of a serial port",
                       (long long)link->baud);
    if (modbus_serial_parity(link->parity) == 0)
        return err_set(err, ERR_CONFIG, "parity '%s' is not none, even or odd",
                       link->parity);
    if (link->stop_bits != 1 && link->stop_bits != 2)
        return err_set(err, ERR_CONFIG, "a serial port has 1 or 2 stop bits");
    return 0;
}
