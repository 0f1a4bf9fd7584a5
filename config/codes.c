/* codes.c - see codes.h. */
#include "config/codes.h"

#define CODE_ROW_(name, code, meaning) {code, meaning},

const struct config_code config_codes[CODE_COUNT] = {CONFIG_CODES(CODE_ROW_)};
