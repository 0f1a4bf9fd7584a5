/* codes.h - the stable code of every message about a configuration.
 *
 * People search for them and scripts match them: a code keeps its meaning for ever and
 * is never used again for another. E301 to E349 belong to the expressions (rules/).
 */
#ifndef CONFIG_CODES_H
#define CONFIG_CODES_H

/* clang-format off */
#define CONFIG_CODES(X)                                                                  \
    /* the text of a file */                                                             \
    X(ENCODING,       "E001", "The file is not plain UTF-8 (byte order mark, UTF-16).")  \
    X(UTF8,           "E002", "Bytes that are not UTF-8.")                               \
    X(CHARACTER,      "E003", "A character that has no meaning where it stands.")        \
    X(OPEN_COMMENT,   "E004", "A comment that is never closed.")                         \
    X(OPEN_STRING,    "E005", "A text that is not closed on its line.")                  \
    X(ESCAPE,         "E006", "An unknown escape after a backslash.")                    \
    X(OPEN_BRACKET,   "E007", "A bracket that is never closed.")                         \
    X(EXTRA_BRACKET,  "E008", "A closing bracket that closes nothing.")                  \
    X(NO_SEPARATOR,   "E009", "A missing ';' or ','.")                                   \
    X(SEPARATOR,      "E010", "A superfluous or wrong ';' or ','.")                      \
    X(TRAILING,       "E011", "A ',' behind the last element.")                          \
    X(NUMBER,         "E012", "Something that begins like a number and is none.")        \
    X(INTEGER,        "E013", "An integer that does not fit.")                           \
    X(FLOAT,          "E014", "A number too large for a double.")                        \
    X(INCLUDE,        "E015", "@include, which is not supported.")                       \
    X(DUPLICATE_KEY,  "E016", "The same key twice in one group.")                        \
    X(DEPTH,          "E017", "Too deeply nested, or too many members.")                 \
    X(BARE_WORD,      "E018", "A text without quotes.")                                  \
    X(NO_KEY,         "E019", "A key is expected.")                                      \
    X(NO_EQUALS,      "E020", "A missing '='.")                                          \
    X(NO_VALUE,       "E021", "A missing value.")                                        \
    X(MIXED_ARRAY,    "E022", "An array [ ] with values of different types.")            \
    X(DISAGREE,       "E029", "The two readers of the file disagree: a defect.")         \
    /* keys and values */                                                                \
    X(TYPE,           "E101", "A value of the wrong type.")                              \
    X(BOUNDS,         "E102", "A value outside its bounds.")                             \
    X(REQUIRED,       "E103", "A key that must be given.")                               \
    X(UNKNOWN_KEY,    "E104", "A key that does not exist.")                              \
    X(QUANTITY,       "E106", "A malformed duration or size.")                           \
    X(WORD,           "E107", "Not one of the words that are possible.")                 \
    X(FORM,           "E108", "A text of the wrong form.")                               \
    X(DUPLICATE_ID,   "E109", "An id that is already taken.")                            \
    X(TWICE,          "E110", "A section that may be given only once.")                  \
    X(EMPTY,          "E111", "Nothing is given where something is needed.")             \
    X(TOO_MANY,       "E112", "More than one gateway can carry.")                        \
    /* links and equipment */                                                            \
    X(LINK_ADDRESS,   "E201", "A link needs exactly one of modbus and mqtt.")            \
    X(URL,            "E202", "A malformed address.")                                    \
    X(BAUD,           "E203", "A baud rate that does not exist.")                        \
    X(SAME_PEER,      "E204", "Two links to one device or peer.")                        \
    X(NOT_HERE,       "E205", "A key that has no meaning for this kind.")                \
    X(UNIT,           "E206", "A Modbus unit id that is not possible.")                  \
    X(NO_UNIT,        "E207", "The Modbus unit id is missing.")                          \
    X(NO_TOPIC,       "E208", "The MQTT topic is missing.")                              \
    X(KIND_MISMATCH,  "E209", "Profile and link are of different kinds.")                \
    X(UNKNOWN_NAME,   "E210", "A name that is not defined anywhere.")                    \
    X(CYCLE,          "E211", "Relations that lead back to their beginning.")            \
    X(CLASS,          "E212", "A class that does not exist.")                            \
    X(NO_EFFECT,      "E213", "A parameter or relation that no rule knows.")             \
    X(TOPIC,          "E214", "A malformed MQTT topic.")                                 \
    X(LINK_LOAD,      "E220", "A link that is asked for more than its time.")           \
    /* profiles */                                                                       \
    X(TABLE,          "E401", "A point needs exactly one of coil, discrete, input, holding.") \
    X(ADDRESS,        "E402", "A register address that does not exist.")                 \
    X(VALUE_TYPE,     "E403", "A value type that does not fit the table or the kind.")   \
    X(BITS,           "E404", "Bits that the value does not have.")                      \
    X(LABELS,         "E405", "Malformed or repeated enum codes or names.")              \
    X(STRING_LENGTH,  "E406", "A string's registers are missing or too many.")           \
    X(SCALE,          "E407", "A scale of 0.")                                           \
    X(RANGE,          "E408", "A range whose low end is not below its high end.")        \
    X(SENTINEL,       "E409", "An invalid mark that does not fit the value.")            \
    X(COUNTER,        "E410", "Counter semantics on something that does not count.")     \
    X(PROBE,          "E411", "A probe of a point that does not exist or has no number.") \
    X(STALE,          "E412", "stale_after shorter than the poll period.")               \
    X(ORDER,          "E413", "A byte order of the wrong length.")                       \
    X(WORDS,          "E414", "Registers of a value that are too many, too few or too far apart.") \
    X(FORMULA,        "E415", "A formula that has no address as its result.")            \
    X(EACH,           "E416", "A row of points that cannot be counted or told apart.")   \
    X(DEPENDS,        "E417", "A value that depends on what is not there, or on itself.") \
    X(VARIANT,        "E418", "Variants that contradict each other, or one that is not there.") \
    X(NEVER,          "E419", "A value where nothing may be read.")                      \
    X(PARAMETER,      "E420", "A parameter of a profile that is missing or cannot be.")  \
    X(NAME_TABLE,     "E421", "A table of names that is not there or does not fit.")     \
    /* rules and sinks */                                                                \
    X(TITLE,          "E501", "A rule without a title.")                                 \
    X(NO_WHEN,        "E502", "A rule without a condition.")                             \
    X(NO_RULE,        "E503", "A rule that does not exist.")                             \
    X(LEVELS,         "E504", "Levels that do not rise, or too many of them.")           \
    X(GROUP,          "E505", "A group that does not say who belongs to it.")            \
    X(VIRTUAL,        "E506", "A computed point that nobody has, or whose name is taken.") \
    X(DATE,           "E507", "A day or time that does not exist.")                      \
    X(TEST,           "E508", "A test that does not fit its rule.")                      \
    X(COUNTRY,        "E509", "A country whose holidays are not shipped.")               \
    X(SINK_KEYS,      "E601", "A sink's type needs another set of keys.")                \
    /* files and places */                                                               \
    X(FILE,           "E701", "A file or folder that cannot be read.")                   \
    X(SECRET,         "E702", "A secret file that others can read.")                     \
    X(LISTEN,         "E703", "The web server may listen on loopback only.")             \
    X(TIMEZONE,       "E704", "A time zone that does not exist.")                        \
    /* warnings */                                                                       \
    X(W_REPLACES,     "W101", "An operator's definition replaces a shipped one.")        \
    X(W_MODICON,      "W102", "An address that looks like a 5-digit reference number.")  \
    X(W_NO_EFFECT,    "W103", "Something that is given and has no effect.")              \
    X(W_EMPTY,        "W104", "Nothing is configured.")                                  \
    X(W_EXPOSED,      "W105", "A secret travels in clear text.")                         \
    X(W_CALENDAR,     "W106", "Holidays of a year that the calendar does not have.")     \
    X(W_TEST,         "W107", "A shipped test that does not fit its rule: a defect.")    \
    X(W_MANAGED,      "W108", "A highly managed rule is off, or its like is not one.")   \
    X(W_LINK_LOAD,    "W120", "A link that has little time left.")
/* clang-format on */

/* CODE_UNKNOWN_KEY is "E104", and so on. */
#define CODE_ENUM_(name, code, meaning) CODE_INDEX_##name,
enum config_code_index {
    CONFIG_CODES(CODE_ENUM_) CODE_COUNT
};
#undef CODE_ENUM_

struct config_code {
    const char *code;
    const char *meaning;
};

extern const struct config_code config_codes[CODE_COUNT];

#define CODE(name) (config_codes[CODE_INDEX_##name].code)

#endif
