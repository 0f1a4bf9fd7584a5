/* link.c - facilityctl link: what a link does with its time, and how its units are.
 *
 * First the link, then measured beside planned, then a row per unit. What is too long for
 * a row (refused addresses, troubles) stands below the table.
 */
#include "ctl/command.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    CELL_SIZE = 64,
    EQUIPMENT_WIDTH_MAX = 13, /* what 80 columns leave it */
};

/* The number at `path`, or NaN. */
static double number(const struct json *object, const char *path)
{
    const struct json *value = json_path(object, path);

    return value != NULL && json_kind(value) == JSON_NUMBER ? json_real(value)
                                                            : (double)NAN;
}

/* "–" for what is not known. */
static const char *show(char cell[CELL_SIZE], double value, int decimals,
                        const char *suffix)
{
    if (isfinite(value))
        (void)snprintf(cell, CELL_SIZE, "%.*f%s", decimals, value, suffix);
    else
        (void)snprintf(cell, CELL_SIZE, "–");
    return cell;
}

/* Right-aligned by what it takes on the terminal; the dash has three bytes. */
static void print_cell(const char *text, int width)
{
    int taken = (int)table_width(text);

    (void)printf("  %*s%s", taken < width ? width - taken : 0, "", text);
}

static void print_head(const struct json *link)
{
    bool connected = json_kind(json_member(link, "connected")) == JSON_BOOL &&
                     json_truth(json_member(link, "connected"));
    const char *bus = json_member_text(json_member(link, "planned"), "bus", "");

    (void)printf("link      %s\n", json_member_text(link, "id", ""));
    (void)printf("address   %s%s%s\n", json_member_text(link, "address", "–"),
                 bus[0] == '\0' ? "" : "  ", bus);
    (void)printf("state     %s since %s\n", connected ? "connected" : "not connected",
                 json_member_text(link, "since", "–"));
    (void)printf("trouble   %s\n", json_member_text(link, "error", "–"));
}

static void print_row(const char *name, const char *measured, const char *planned)
{
    (void)printf("%-22s", name);
    print_cell(measured, 10);
    print_cell(planned, 10);
    (void)putchar('\n');
}

static void print_time(const struct json *link)
{
    static const struct {
        const char *name;
        const char *measured;
        const char *planned;
        double factor;
        int decimals;
        const char *suffix;
    } rows[] = {
        {"requests/s", "measured.requests_per_s", "planned.requests_per_s", 1, 2, ""},
        {"bytes/s", "measured.bytes_per_s", "planned.bytes_per_s", 1, 1, ""},
        {"ms a request", "measured.request_ms", "planned.request_ms", 1, 1, ""},
        {"share of its time", "measured.share", "planned.share", 100, 1, " %"},
        {"  on dead units", "measured.dead_share", "planned.dead_share_max", 100, 1,
         " %"},
    };

    (void)printf("\n%-22s  %10s  %10s\n", "", "MEASURED", "PLANNED");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double measured = number(link, rows[i].measured) * rows[i].factor;
        double planned = number(link, rows[i].planned) * rows[i].factor;
        char first[CELL_SIZE];
        char second[CELL_SIZE];

        print_row(rows[i].name, show(first, measured, rows[i].decimals, rows[i].suffix),
                  show(second, planned, rows[i].decimals, rows[i].suffix));
    }
    if (isfinite(number(link, "measured.seconds")))
        (void)printf("measured over %.0f s; dead units: planned is the most they get\n",
                     number(link, "measured.seconds"));
}

/* --- units --------------------------------------------------------------------- */

/* Of the unit's members; `us` values become milliseconds. */
static const struct unit_column {
    const char *head;
    const char *member;
    double factor;
    int width;
    int decimals;
} unit_columns[] = {
    {"ANSWERS", "answers", 1, 7, 0},          {"TIMEOUT", "timeouts", 1, 7, 0},
    {"EXC", "exceptions", 1, 5, 0},           {"ERR", "protocol_errors", 1, 4, 0},
    {"P50 ms", "answer_p50_us", 0.001, 6, 1}, {"P99 ms", "answer_p99_us", 0.001, 6, 1},
};

/* "ok", "silent", "silent, 12 s" until it is asked again. */
static const char *state_of(const struct json *unit, char cell[CELL_SIZE])
{
    const char *state = json_member_text(unit, "state", "unknown");
    double next_s = number(unit, "next_ms") / 1000;

    if (strcmp(state, "online") == 0)
        state = "ok";
    else if (strcmp(state, "offline") == 0)
        state = "silent";
    if (isfinite(next_s))
        (void)snprintf(cell, CELL_SIZE, "%s, %.0f s", state, next_s < 0 ? 0 : next_s);
    else
        (void)snprintf(cell, CELL_SIZE, "%s", state);
    return cell;
}

/* Cut to what the column has. */
static void print_name(const char *name, int width)
{
    if ((int)strlen(name) > width)
        (void)printf("  %.*s~", width - 1, name);
    else
        (void)printf("  %-*s", width, name);
}

static void print_unit(const struct json *unit, int width)
{
    char cell[CELL_SIZE];

    (void)printf("%4.0f", number(unit, "unit"));
    print_name(json_member_text(unit, "equipment", ""), width);
    (void)printf("  %-12s", state_of(unit, cell));
    for (size_t i = 0; i < sizeof unit_columns / sizeof unit_columns[0]; i++) {
        const struct unit_column *column = &unit_columns[i];

        print_cell(show(cell, number(unit, column->member) * column->factor,
                        column->decimals, ""),
                   column->width);
    }
    (void)putchar('\n');
}

static void print_refused(const struct json *unit)
{
    const struct json *refused = json_member(unit, "refused");
    size_t told = refused == NULL ? 0 : json_count(refused);
    double all = number(unit, "refused_count");

    if (told == 0)
        return;
    (void)printf("unit %.0f refuses", number(unit, "unit"));
    for (size_t i = 0; i < told; i++) {
        const struct json *range = json_item(refused, i);
        double start = number(range, "start");
        double count = number(range, "count");

        (void)printf("%s %s %.0f", i == 0 ? "" : ",",
                     json_member_text(range, "table", ""), start);
        if (count > 1)
            (void)printf("-%.0f", start + count - 1);
    }
    if (all > (double)told)
        (void)printf(" and %.0f more", all - (double)told);
    (void)putchar('\n');
}

static void print_notes(const struct json *units)
{
    for (size_t i = 0; i < json_count(units); i++)
        print_refused(json_item(units, i));
    for (size_t i = 0; i < json_count(units); i++) {
        const struct json *unit = json_item(units, i);
        const char *error = json_member_text(unit, "error", "");

        if (error[0] != '\0')
            (void)printf("%s\n", error); /* it names the unit */
    }
}

static int name_width(const struct json *units)
{
    int width = 9;

    for (size_t i = 0; i < json_count(units); i++) {
        int length = (int)strlen(json_member_text(json_item(units, i), "equipment", ""));

        width = length > width ? length : width;
    }
    return width < EQUIPMENT_WIDTH_MAX ? width : EQUIPMENT_WIDTH_MAX;
}

static void print_units(const struct json *units)
{
    int width = name_width(units);

    if (json_count(units) == 0)
        return;
    (void)printf("\nUNIT  %-*s  %-12s", width, "EQUIPMENT", "STATE");
    for (size_t i = 0; i < sizeof unit_columns / sizeof unit_columns[0]; i++)
        (void)printf("  %*s", unit_columns[i].width, unit_columns[i].head);
    (void)putchar('\n');
    for (size_t i = 0; i < json_count(units); i++)
        print_unit(json_item(units, i), width);
    print_notes(units);
}

/* --- messages of a broker ------------------------------------------------------ */

static void print_rejected(const struct json *link)
{
    static const struct {
        const char *member;
        const char *words;
    } rows[] = {
        {"rejected.empty", "without a payload"},
        {"rejected.encoding", "not UTF-8"},
        {"rejected.syntax", "neither JSON nor Sparkplug B"},
        {"rejected.depth", "nested too deep"},
        {"rejected.duplicate_key", "a key twice"},
        {"rejected.number", "a number beyond all bounds"},
        {"rejected.meaning", "not what the profile expects"},
        {"duplicates", "came before"},
        {"dropped_rate", "dropped: more than max_rate of a topic"},
        {"dropped_oversize", "dropped: longer than max_payload"},
        {"dropped", "dropped: no room"},
        {"dropped_unknown", "on topics that no equipment has"},
        {"sparkplug.births", "births of nodes and devices"},
        {"sparkplug.deaths", "deaths of nodes and devices"},
        {"sparkplug.gaps", "holes in sequences"},
        {"sparkplug.rebirths", "asked for a birth"},
    };

    (void)printf("\n%-40s  %12.0f\n%-40s  %12.0f\n", "messages read",
                 number(link, "requests"), "understood", number(link, "answers"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (number(link, rows[i].member) > 0)
            (void)printf("%-40s  %12.0f\n", rows[i].words, number(link, rows[i].member));
}

static void print_messages(const struct json *link)
{
    static const struct column columns[] = {
        {"UNKNOWN TOPIC", "topic"}, {"MESSAGES", "messages"}, {"LAST", "last"}};
    const struct json *topics = json_member(link, "unknown_topics");

    print_rejected(link);
    if (json_count(topics) == 0)
        return;
    (void)putchar('\n');
    command_table(topics, columns, sizeof columns / sizeof columns[0]);
}

int command_link(struct context *context, size_t count, char **arguments)
{
    char *path = command_path("/api/v1/links/", arguments[0], "");
    struct text answer;
    struct json *link;
    int code = command_fetch(context, path, NULL, &answer, &link);

    (void)count;
    if (link != NULL) {
        print_head(link);
        if (json_member(link, "unknown_topics") != NULL)
            print_messages(link);
        else
            print_time(link);
        print_units(json_member(link, "unit_list"));
    }
    json_free(link);
    text_done(&answer);
    mem_free(path);
    return code;
}
