/* modbus_line.c - see modbus_line.h. */
#include "adapters/modbus_line.h"

#include "adapters/modbus_serial.h"
#include "base/clock.h"

enum {
    BAUD_SLOW = 19200,            /* up to here silences are counted in characters */
    SILENCE_FAST_NS = 1750 * 1000 /* above, and where the speed is not known */
};

/* Modbus over serial line V1.02, 2.5.1.1: 3.5 characters of 11 bits, above 19200 baud
 * 1.75 ms. */
static int64_t silence_of(int64_t baud)
{
    if (baud > 0 && baud <= BAUD_SLOW)
        return 11 * CLOCK_S / baud * 7 / 2;
    return SILENCE_FAST_NS;
}

static int64_t character_of(const struct link_settings *link)
{
    int64_t bits =
        1 + 8 + (modbus_serial_parity(link->parity) == 'N' ? 0 : 1) + link->stop_bits;

    return bits * CLOCK_S / link->baud;
}

void modbus_line_of(const struct link_settings *link, enum endpoint_kind kind,
                    struct modbus_line *line)
{
    bool bus = link->baud > 0;
    bool tcp = kind == ENDPOINT_TCP || kind == ENDPOINT_LISTEN_TCP;

    *line = (struct modbus_line){
        .tcp = tcp,
        .port = kind == ENDPOINT_SERIAL,
        .far = kind == ENDPOINT_LISTEN_TCP || kind == ENDPOINT_LISTEN_RTU,
        .slow = bus ? link->baud <= BAUD_SLOW : !tcp,
        .character_ns = bus ? character_of(link) : 0,
        .silence_ns = bus ? silence_of(link->baud) : 0,
        .gap_ns = link->turnaround_ms * CLOCK_MS,
    };
    /* A bus behind a serial server needs the silence as well. A gateway that speaks
     * Modbus TCP keeps it itself. */
    if (!line->tcp && line->gap_ns < silence_of(link->baud))
        line->gap_ns = silence_of(link->baud);
}
