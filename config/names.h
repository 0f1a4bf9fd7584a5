/* names.h - the words of the configuration that stand for an enum. Stable. */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include "config/schema.h"

/* Each ends with a NULL name. */
extern const struct schema_word severity_words[];
extern const struct schema_word category_words[];
extern const struct schema_word rule_kind_words[];
extern const struct schema_word on_unknown_words[];
extern const struct schema_word sink_type_words[];
extern const struct schema_word value_type_words[];
extern const struct schema_word word_order_words[]; /* with the 64-bit spellings */
extern const struct schema_word parity_words[];
extern const struct schema_word language_words[];
extern const struct schema_word confidence_words[];

/* Registers of a value; 0 for a string (it says itself) and for what has none. */
int value_type_registers(enum value_type type);
bool value_type_is_integer(enum value_type type);

#endif
