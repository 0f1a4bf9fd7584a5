/* scan_number.h - numbers of libconfig's syntax that mean what they say. Pure. */
#ifndef CONFIG_SCAN_NUMBER_H
#define CONFIG_SCAN_NUMBER_H

#include "config/scan_token.h"

/* What the word is: TOKEN_INT, TOKEN_INT64, TOKEN_FLOAT, or TOKEN_BARE when it is no
 * number. A number that does not fit is reported and keeps its kind. */
enum scan_token_kind scan_number(struct scan_lexer *lexer,
                                 const struct scan_token *token);

#endif
