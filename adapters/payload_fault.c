/* payload_fault.c - names of what is wrong with payloads; see adapter.h. */
#include "adapters/adapter.h"

#include <assert.h>

const char *payload_fault_name(enum payload_fault fault)
{
    static const char *const names[] = {
        [PAYLOAD_EMPTY] = "empty",       [PAYLOAD_ENCODING] = "encoding",
        [PAYLOAD_SYNTAX] = "syntax",     [PAYLOAD_DEPTH] = "depth",
        [PAYLOAD_KEY] = "duplicate_key", [PAYLOAD_NUMBER] = "number",
        [PAYLOAD_MEANING] = "meaning",
    };

    assert(fault < PAYLOAD_FAULTS);
    return names[fault];
}
