/* settings.h - what the operator wrote, as plain data.
 *
 * One struct per section of the configuration; the rows in config/sections_*.c say how
 * each field is written, bounded, defaulted and documented. A field carries its unit in
 * its name; the key in the file does not (`timeout = "1s"` fills timeout_ms).
 *
 * Strings are never NULL unless said otherwise; "" means not given. Every struct that a
 * message may point at carries its position.
 *
 * Ownership: everything belongs to the struct config that was loaded (config/config.h).
 * Threads: immutable once loaded.
 */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_pos {
    uint32_t file;   /* index into the loaded files; see config/report.h */
    uint32_t line;   /* from 1; 0 = nowhere in particular */
    uint32_t column; /* from 1, in bytes */
    uint32_t length; /* bytes to underline; at least 1 */
};

struct site_settings {
    struct config_pos pos;
    const char *id;       /* [a-z0-9-], in every issue id and line */
    const char *name;     /* as shown; the id when not given */
    const char *timezone; /* IANA name, "UTC" by default */
    const char *language; /* "zh-CN" or "en" */
};

struct web_settings {
    struct config_pos pos;
    const char *listen; /* "127.0.0.1:8080"; loopback only until there are accounts */
};

struct history_settings {
    struct config_pos pos;
    int64_t keep_minutes_ms;    /* minute rows, by month file */
    int64_t keep_hours_ms;      /* hour rows */
    int64_t keep_readings_ms;   /* every reading of points that rules look at */
    int64_t readings_max_bytes; /* of those; the oldest day goes first */
};

enum link_kind {
    LINK_MODBUS,
    LINK_MQTT,
};

struct link_settings {
    struct config_pos pos;
    const char *id;
    enum link_kind kind; /* set from which of the two addresses is given */
    /* "tcp://host:port", "rtu:///dev/...", "rtu+tcp://host:port", and for devices that
     * dial in "listen+tcp://address:port", "listen+rtu://address:port" */
    const char *modbus;
    const char *mqtt;   /* "mqtt://host:port" or "mqtts://host:port" */
    int64_t timeout_ms; /* answer of one request; connect as well */
    const char *power;  /* id of the equipment that feeds it: becomes the relation `power`
                         * of its stand-in; "" = not said */

    /* serial */
    int64_t baud; /* on a socket: of the bus behind it, for --plan; 0 = not known there */
    const char *parity;    /* "none", "even", "odd" */
    int64_t stop_bits;     /* 1 or 2 */
    int64_t turnaround_ms; /* silence between an answer and the next request */

    /* listen: bytes by which a device that dials in is known, and those it sends to keep
     * its connection, which are no answers */
    const char *registration;   /* registration_length bytes, NULs among them possible */
    size_t registration_length; /* 0 = not a listen link */
    const char *keepalive_packet;
    size_t keepalive_packet_length; /* 0 = it sends none */

    /* broker */
    const char *topics; /* pattern for equipment without own topic; "" = none */
    int64_t max_rate;   /* messages per second of one topic; more are dropped, counted */
    int64_t max_payload_bytes; /* larger messages are dropped, counted */
    const char *sparkplug;     /* id of the Sparkplug B host application; "" = not one */
    const char *client_id;
    const char *username;
    const char *password_file; /* absolute after loading */
    const char *ca_file;
    const char *cert_file;
    const char *key_file;
    int64_t keepalive_ms;
    int64_t qos;              /* of subscriptions: 0 or 1 */
    const char *status_topic; /* retained online/offline with will; "" = none */
};

enum modbus_table {
    TABLE_NONE, /* an MQTT point */
    TABLE_COIL,
    TABLE_DISCRETE,
    TABLE_INPUT,
    TABLE_HOLDING,
};

enum value_type {
    TYPE_BOOL, /* coils and discrete inputs; MQTT on/off */
    TYPE_U16,
    TYPE_S16,
    TYPE_U32,
    TYPE_S32,
    TYPE_U48,
    TYPE_U64,
    TYPE_S64,
    TYPE_F32,
    TYPE_F64,
    TYPE_BCD16, /* four decimal digits per register */
    TYPE_BCD32,
    TYPE_BCD64,
    TYPE_M10K32, /* registers of 0 to 9999, "modulo 10000" */
    TYPE_M10K64,
    TYPE_STRING, /* two characters per register, first in the high byte */
    TYPE_NUMBER, /* MQTT: any JSON or plain number */
};

/* Of the bytes of a value, A the most significant. The 64-bit forms continue the
 * pattern: ABCDEFGH, GHEFCDAB, BADCFEHG, HGFEDCBA. */
enum word_order {
    ORDER_ABCD,
    ORDER_CDAB,
    ORDER_BADC,
    ORDER_DCBA,
};

struct enum_settings {
    int64_t code;
    const char *name;
};

struct factor_settings {
    int64_t code;
    double factor;
};

/* Of a rule or a profile with its default, of an equipment with its value. */
struct param_settings {
    struct config_pos pos;
    const char *name;
    double value;
    bool required; /* of a profile: there is no default */
};

enum {
    POINT_INVALID_MAX = 8, /* sentinels of one point; the worst known device has 3 */
    POINT_WORDS_MAX = 4,   /* registers of a number */
    POINT_TIMES_MAX = 4,   /* multipliers of one point */
};

#define POINT_NOBODY UINT32_MAX /* "no other point" */

/* The second part of a value, added before scaling. */
struct plus_settings {
    bool given;
    uint16_t address; /* in the point's table */
    enum value_type type;
    enum word_order order;
};

struct point_settings {
    struct config_pos pos;
    const char *name;
    const char *title_en; /* NULL when not given */
    const char *title_zh;
    const char *unit;
    uint32_t slot; /* its place among the points of the equipment; see variants */

    /* Modbus: where and how */
    enum modbus_table table;
    uint16_t address; /* as it travels in the PDU, from 0; the lowest of words */
    uint16_t words[POINT_WORDS_MAX]; /* of a value whose registers are not neighbours, */
    size_t word_count;               /* first named first; 0: from `address` on */
    struct plus_settings plus;
    enum value_type type;
    enum word_order order; /* the point's, else the profile's */
    int64_t registers;     /* of a string; derived from the type otherwise */
    int64_t bit_low;       /* -1: the whole value; else bits bit_low..bit_high of it */
    int64_t bit_high;

    /* MQTT: where */
    const char *topic;     /* appended to the equipment's topic with '/'; "" = none */
    const char *path;      /* "flow.value"; "" = the payload itself */
    const char *time;      /* path of the time stamp; "" = time of arrival */
    const char *sequence;  /* path of the message's number; "" = none */
    const char *const *on; /* words that mean true; the usual ones when empty */
    size_t on_count;
    const char *const *off;
    size_t off_count;

    /* both: what it means.
     * value = (raw + plus) * scale * times * 10^exponent * factor + offset
     * Parameters among `times` are folded into scale; the rest are points, by slot. */
    double scale;
    double offset;
    uint32_t times[POINT_TIMES_MAX];
    size_t time_count;
    uint32_t exponent; /* slot of the point that holds it, or POINT_NOBODY */
    int exponent_sign; /* 1 or -1 */
    int exponent_offset;
    uint32_t factor; /* slot of the point whose code chooses it, or POINT_NOBODY */
    const struct factor_settings *factors;
    size_t factor_count;
    uint64_t quotient;  /* whole such parts of the raw value; 0 = as it is */
    uint64_t remainder; /* what is left of them; 0 = as it is */
    const struct enum_settings *labels; /* key "enum" */
    size_t label_count;
    const struct enum_settings *flags; /* names of bits; code = the bit */
    size_t flag_count;
    uint64_t invalid[POINT_INVALID_MAX]; /* raw patterns, masked to the type's width */
    size_t invalid_count;
    double range_low; /* after scaling; -INFINITY when not given */
    double range_high;
    bool counter;
    double modulus;  /* 0 = none */
    double max_rate; /* per hour; 0 = any */
    bool resets;     /* may begin at 0 at any time */

    /* when */
    int64_t poll_ms;        /* Modbus: period; MQTT: expect_every (0 = on change) */
    int64_t stale_after_ms; /* derived when not given: 3 periods, at least 10 s */

    /* what goes into series; rules and pages see every reading */
    bool store;
    double deadband;         /* absolute; 0 = every reading */
    double deadband_percent; /* of the last written value; 0 = none */
    int64_t heartbeat_ms;    /* written at least so often; 0 = only on change */
};

enum {
    PROBE_CHECKS_MAX = 8,
    PROFILE_VARIANTS_MAX = 16, /* of one model */
};

/* One check of a probe: a point whose value is well known. */
struct probe_settings {
    struct config_pos pos;
    const char *point;
    uint32_t slot;
    double range_low; /* equals: both the same */
    double range_high;
};

/* What one variant of a model reads. A profile without variants has one without a name.
 * Its points are all that the variant has, shared and own ones. */
struct variant_settings {
    struct config_pos pos;
    const char *id; /* "" = the only one */
    struct point_settings *points;
    size_t point_count;
    struct probe_settings *checks;
    size_t check_count; /* 0 = it cannot be probed */
};

/* Addresses that are never part of a request. */
struct never_settings {
    enum modbus_table table;
    uint16_t first;
    uint16_t last;
};

struct profile_settings {
    struct config_pos pos;
    const char *id;
    const char *class_name;
    const char *maker;
    const char *model;
    const char *source; /* where the map comes from */
    enum word_order order;
    int64_t poll_ms;        /* default of its points */
    int64_t max_gap;        /* registers that may be read over; -1 = by link */
    int64_t max_span;       /* registers of one request, at most 125 */
    int64_t base;           /* subtracted from every address: 0 or 1 */
    bool single;            /* every point in a request of its own */
    const char *confidence; /* "A" or "B"; "" = not said */
    const struct never_settings *never;
    size_t never_count;
    int64_t delay_ms;   /* silence before each request; 0 = the link's gap */
    int64_t latency_ms; /* usual time until it answers; -1 = by the kind of link */
    int64_t timeout_ms; /* 0 = the link's */
    /* The points of all variants by slot: what the model, pages and rules know. Of a
     * point that variants have in different places, the first variant's. */
    struct point_settings *points;
    size_t point_count;
    struct variant_settings *variants; /* at least one */
    size_t variant_count;
    /* What its equipment can set beside the parameters of rules. */
    struct param_settings *params;
    size_t param_count;
    bool mqtt; /* its points are MQTT points */
};

struct relation_settings {
    struct config_pos pos;
    const char *name;
    const char **equipment; /* ids, checked */
    size_t count;
    bool list;
};

enum {
    EQUIPMENT_POLLS = 4, /* classes: fast, normal, slow, daily */
};

/* One name for another: the table that an equipment names for one of its points. */
struct word_settings {
    const char *name;
    const char *value;
};

struct equipment_settings {
    struct config_pos pos;
    const char *id;
    const char *name;
    const char *class_name; /* the profile's unless given */
    const char *place;
    const char *profile_id;
    const char *link_id;
    int64_t unit; /* Modbus unit id, 0..247 and 255 on TCP */
    const char *topic;
    bool critical; /* its dead-unit probes come at least every 10 s */
    struct param_settings *params;
    size_t param_count;
    struct relation_settings *relations;
    size_t relation_count;

    const char *variant; /* "" = the probe chooses */
    int64_t delay_ms;    /* the profile's unless given */
    int64_t latency_ms;
    int64_t timeout_ms;

    /* As it was written, for who writes it again; worked into `points` already. */
    int64_t poll_class_ms[EQUIPMENT_POLLS]; /* 0 = the site's */
    const struct word_settings *tables;     /* by point */
    size_t table_count;

    /* resolved */
    const struct profile_settings *profile;
    uint32_t link; /* index */
    /* The profile's points and variants with this equipment's parameters, poll classes
     * and tables worked in; the profile's own when there are none. Readers use these. */
    const struct point_settings *points;
    size_t point_count;
    const struct variant_settings *variants;
    size_t variant_count;     /* 1 when `variant` names one; `points` are then its own */
    uint32_t instance;        /* equal for equipment that shares points and variants */
    const uint32_t *virtuals; /* its computed points: indices, in their order */
    size_t virtual_count;
};

enum rule_kind {
    RULE_LEAK,
    RULE_OUTAGE,
    RULE_FAULT,
    RULE_SAFETY,
    RULE_QUALITY,
    RULE_SERVICE,
};

enum severity {
    SEVERITY_MINOR,
    SEVERITY_GENERAL,
    SEVERITY_SERIOUS,
};

enum category {
    CATEGORY_SECURITY,
    CATEGORY_CLEANING,
    CATEGORY_GREENING,
    CATEGORY_FACILITIES,
    CATEGORY_SERVICE,
};

enum on_unknown {
    UNKNOWN_HOLD,
    UNKNOWN_RAISE,
    UNKNOWN_CLEAR,
};

/* An expression as written: the text and where its first character stands. */
struct expr_settings {
    const char *text; /* "" = not given */
    struct config_pos pos;
};

enum {
    RULE_LEVELS_MAX = 3, /* one for each severity */
};

/* One severity of a rule: while `when` is true the alarm is at least so bad. */
struct level_settings {
    struct config_pos pos;
    enum severity severity;
    struct expr_settings when;
};

struct rule_settings {
    struct config_pos pos;
    struct config_pos first; /* where its group begins */
    struct config_pos last;  /* its last key */
    const char *id;          /* "pump.dry_run" */
    const char *class_name;  /* of the equipment it watches; "*" = every class but link */
    enum rule_kind kind;
    enum category category;
    enum severity severity;
    bool failure; /* its active time counts as equipment failure */
    bool latch;   /* stays until a person resets it */
    const char *title_en;
    const char *title_zh;
    const char *advice_en;
    const char *advice_zh;
    struct expr_settings when;
    struct expr_settings clear; /* "not (when)" when not given */
    /* Instead of `when`: the alarm is raised when one level has been true for `for`, and
     * moves between them while it is active. Severities rise from one to the next;
     * `severity` above is that of the lowest. 0: `when` is given. */
    struct level_settings levels[RULE_LEVELS_MAX];
    size_t level_count;
    double deadband; /* of the one comparison in `when`: clear must pass the limit by so
                      * much; 0 = none. Never together with `clear` */
    bool highly_managed;    /* never shelved, suppressed, grouped or held back */
    int64_t blind_after_ms; /* unknown for so long is loss of monitoring */
    int64_t for_ms;
    int64_t clear_for_ms;
    int64_t unknown_grace_ms; /* 0 = the larger of two polls and `for` */
    enum on_unknown on_unknown;
    double min_cover;
    int64_t every_ms;              /* 0 = on samples and deadlines */
    struct param_settings *params; /* defaults of its $names */
    size_t param_count;
    bool shipped;     /* from the shipped library */
    const bool *only; /* never written: for tries on the past (reports/backtest.h), by
                       * index of the equipment it is for; NULL: all that fit */
};

/* While rule `by` is active on equipment that relation `via` leads to (also over several
 * steps), alarms of the target rules are symptoms of it. */
struct suppress_settings {
    struct config_pos pos;
    bool shipped;
    const char *by;       /* id of a rule */
    const char *via;      /* a relation; "link"; "self": the same equipment */
    bool all;             /* a relation with several members: all of them must be out */
    int64_t settle_ms;    /* after its return devices get so long to come back */
    const char **targets; /* rule ids; "pump.*" and "*" are patterns */
    size_t target_count;
};

/* Equipment by what it has in common, for gsum('id', ...) and its like. */
struct group_settings {
    struct config_pos pos;
    const char *id;
    const char *class_name; /* "" = any */
    const char *place;      /* prefix by whole parts; "" = any */
    const char **equipment; /* ids; none: by class and place */
    size_t equipment_count;
};

/* A point that is computed. Part of the model like any other, kind POINT_NUMBER or
 * POINT_BOOL; struct point.formula is its expression. */
struct virtual_settings {
    struct config_pos pos;
    const char *name;
    const char *title_en; /* NULL when not given */
    const char *title_zh;
    const char *unit;
    const char *class_name; /* for every equipment of a class, or ... */
    const char **equipment; /* ... for these ids */
    size_t equipment_count;
    bool boolean; /* type = "bool" */
    struct expr_settings value;
    int64_t every_ms; /* computed so often; 10 s when not given */
    double min_cover;
    bool store;
};

/* A season of the year, by month and day; may run over New Year. */
struct season_settings {
    struct config_pos pos;
    const char *name;
    int from_month, from_day; /* first day */
    int to_month, to_day;     /* last day */
};

/* Which days are off. Days as numbers since 1970-01-01 in the site's calendar, sorted. */
struct calendar_settings {
    struct config_pos pos;
    const char *country;     /* shipped calendars/<country>.cfg; "" = none */
    const int32_t *holidays; /* the country's and the site's own */
    size_t holiday_count;
    const int32_t *workdays; /* Saturdays and Sundays that are worked */
    size_t workday_count;
    const struct season_settings *seasons;
    size_t season_count;
    int first_year; /* of the years whose holidays are known; 0 when none is */
    int last_year;
};

/* What a point did in a test of a rule: "3x12 0.1x30 _x12 3x12" (rules/trial.h). */
struct test_series {
    struct config_pos pos;
    const char *point;
    const char *text;
};

/* Equipment of a test; the first is the one the rule is on. */
struct test_equipment {
    const char *relation; /* "" for the first; members of a list share its name */
    bool list;
    const char *class_name; /* "" = the rule's */
    struct test_series *series;
    size_t series_count;
};

struct test_expect {
    struct config_pos pos;
    int64_t at_ms;
    const char *state; /* "normal", "pending", "active", "clearing", "latched" */
    const char *mark;  /* "unknown", "known" or "" */
    const char *level; /* a severity or "" */
};

/* A test block beside the rules: `tests = ( { rule = ...; ... } );` */
struct test_settings {
    struct config_pos pos;
    const char *name; /* what it shows; "" when not given */
    const char *rule;
    int64_t step_ms;
    const char
        *start; /* "2026-03-02T01:00", local time of `timezone`; "" = a Monday noon */
    const char *timezone;  /* "" = "Asia/Shanghai" */
    const char **counters; /* names of points that are counters */
    size_t counter_count;
    struct param_settings *params; /* over the rule's defaults */
    size_t param_count;
    struct test_equipment *equipment; /* at least one */
    size_t equipment_count;
    struct test_expect *expect;
    size_t expect_count;
    bool shipped;
};

enum sink_type {
    SINK_INFLUXDB1,
    SINK_INFLUXDB2,
    SINK_VICTORIAMETRICS,
};

struct sink_settings {
    struct config_pos pos;
    const char *id;
    enum sink_type type;
    const char *url;
    const char *database;
    const char *username;
    const char *password_file;
    const char *org;
    const char *bucket;
    const char *token_file;
    const char *ca_file;
    bool gzip;
    int64_t flush_ms;    /* fresh lines leave at least this often */
    int64_t batch_lines; /* at most so many lines in one request */
    int64_t timeout_ms;
    int64_t spool_max_bytes; /* oldest go first, counted */
    int64_t spool_max_age_ms;
};

enum {
    RULE_EXPRESSIONS_MAX = RULE_LEVELS_MAX + 2,
};

/* What a rule has of `when`, its levels and `clear`, in this order; how many. */
size_t rule_expressions(const struct rule_settings *rule,
                        const struct expr_settings *out[RULE_EXPRESSIONS_MAX]);

/* Names as they are written in files and shown by the API; stable. */
const char *severity_name(enum severity severity); /* "minor", "general", "serious" */
const char *category_name(enum category category); /* "facilities", ... */
const char *rule_kind_name(enum rule_kind kind);   /* "leak", ... */
const char *sink_type_name(enum sink_type type);   /* "influxdb1", ... */
/* -1 when there is no such name. */
int severity_from_name(const char *name);
int category_from_name(const char *name);

#endif
