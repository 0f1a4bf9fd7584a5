/* The tests of a Modbus link once more, on a thread that must not wait. */
#define ON_A_SHARED_THREAD true
#include "tests/unit/test_modbus.c"
