/* scan_state.h - where a scan stands: the present word, the open brackets, the items
 * found; and how it finds its way after a mistake. What scan.c is written in.
 */
#ifndef CONFIG_SCAN_STATE_H
#define CONFIG_SCAN_STATE_H

#include "config/scan.h"
#include "config/scan_token.h"

struct bracket {
    char open;
    char close;
    struct config_pos pos;
    size_t item; /* whose value it opens */
};

struct scanner {
    struct scan_lexer lexer;
    struct scan_token token;  /* the present one */
    struct config_pos behind; /* the byte behind the previous one */
    struct bracket open[SCAN_DEPTH_MAX];
    size_t depth;
    bool left_open; /* the last value ended without its bracket, which is reported */
    struct scan *scan;
    size_t capacity;
};

void scanner_advance(struct scanner *s);
bool scanner_at(const struct scanner *s, char mark);
bool scanner_at_end(const struct scanner *s);
bool scanner_at_closer(const struct scanner *s);
bool scanner_at_opener(const struct scanner *s);
bool scanner_at_key(const struct scanner *s);
/* The word behind the present one; nothing is said about it yet. */
struct scan_token scanner_ahead(const struct scanner *s);
/* The present word and how much of it is shown in a message. */
const char *scanner_word(const struct scanner *s);
int scanner_shown(const struct scan_token *token);

/* A new item; returns its index. */
size_t scanner_add(struct scanner *s);
void scanner_name(const struct scanner *s, size_t item, char *out, size_t size);

/* At the end of what the innermost bracket holds? Its own bracket is taken; what belongs
 * to an outer level is left for that, and the missing bracket is reported. */
bool scanner_closed(struct scanner *s);
/* `{ id = "a"; , { ...`: the group was to end before the ','. */
bool scanner_group_left_open(const struct scanner *s);
/* `( { ... } ; name = ...`: the list was to end before the ';'. */
bool scanner_list_left_open(const struct scanner *s);

/* Reports a bracket that closes nothing and goes behind it. */
void scanner_skip_extra(struct scanner *s);
/* To behind the next ';', or to a bracket that closes. */
void scanner_skip_setting(struct scanner *s);
/* From an opening bracket to behind the one that closes it. */
void scanner_skip_bracket(struct scanner *s);

#endif
