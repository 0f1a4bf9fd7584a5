/* desk_act.c - what people do: open an issue, move it, write beneath it. */
#include "issues/desk_core.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
    TITLE_MAX = 200, /* bytes; about 66 Chinese characters, two lines on a phone */
    PLACE_MAX = 200,
};

static const char *const draft_sources[] = {"person", "round", "complaint", "survey",
                                            "assessment"};

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

int check_text(const char *what, const char *text, size_t max, struct err *err)
{
    size_t length = strlen(text);

    if (length > max)
        return err_set(err, ERR_INPUT, "the %s has %zu bytes; %zu are allowed", what,
                       length, max);
    if (!utf8_valid(text, length))
        return err_set(err, ERR_INPUT, "the %s is not UTF-8", what);
    for (const char *c = text; *c != '\0'; c++)
        if (((unsigned char)*c < 0x20 && strchr("\t\r\n", *c) == NULL) || *c == 0x7f)
            return err_set(err, ERR_INPUT, "the %s holds a control character", what);
    return 0;
}

int check_line(const char *what, const char *text, size_t max, struct err *err)
{
    if (is_blank(text))
        return err_set(err, ERR_INPUT, "the %s is empty", what);
    if (strpbrk(text, "\t\r\n") != NULL)
        return err_set(err, ERR_INPUT, "the %s is more than one line", what);
    return check_text(what, text, max, err);
}

static int check_source(const char *source, struct err *err)
{
    for (size_t i = 0; i < sizeof draft_sources / sizeof draft_sources[0]; i++)
        if (strcmp(source, draft_sources[i]) == 0)
            return 0;
    return err_set(err, ERR_INPUT,
                   "source '%.40s': it is person, round, complaint, survey or assessment",
                   source);
}

static int check_draft(const struct issue_draft *draft, const char *actor,
                       struct err *err)
{
    if (check_line("actor", actor, DESK_ACTOR_MAX, err) != 0 ||
        check_line("title", draft->title, TITLE_MAX, err) != 0 ||
        check_text("text", draft->text, DESK_TEXT_MAX, err) != 0 ||
        check_text("place", draft->place, PLACE_MAX, err) != 0 ||
        check_source(draft->source, err) != 0)
        return -1;
    if (draft->severity > SEVERITY_SERIOUS || draft->category > CATEGORY_SERVICE)
        return err_set(err, ERR_INPUT, "there is no such severity or category");
    return 0;
}

static int store_draft(struct desk *desk, const struct issue_draft *draft,
                       const struct equipment *equipment, const struct issue_note *note,
                       char id[DESK_ID_SIZE], struct err *err)
{
    const struct issue_view row = {
        .severity = draft->severity,
        .category = draft->category,
        .kind = "",
        .source = draft->source,
        .rule = "",
        .equipment = equipment == NULL ? "" : equipment->id,
        .equipment_name = equipment == NULL ? "" : equipment->name,
        .class_name = equipment == NULL ? "" : equipment->class_name,
        .place = draft->place[0] != '\0' || equipment == NULL ? draft->place
                                                              : equipment->place,
        .title_en = draft->title,
        .title_zh = draft->title,
        .advice_en = "",
        .advice_zh = "",
        .evidence = "",
        .opened = note->time,
    };
    struct issue_key key;

    if (turn_begin(desk, note->time, err) != 0)
        return -1;
    if (issue_add(desk, &row, note, &key, err) != 0 ||
        announce_issue(desk, ANNOUNCE_OPENED, &key, false, note->time, err) != 0) {
        turn_rollback(desk);
        return -1;
    }
    if (turn_commit(desk, err) != 0)
        return -1;
    memcpy(id, key.id, sizeof key.id);
    return 0;
}

int desk_open_issue(struct desk *desk, const struct issue_draft *draft, const char *actor,
                    struct wall_time now, char id[DESK_ID_SIZE], struct err *err)
{
    const struct equipment *equipment = model_equipment(desk->model, draft->equipment);
    struct issue_note note = {
        .action = ACTION_OPENED,
        .actor = actor,
        .text = draft->text,
        .evidence = "",
        .time = now,
    };
    int result;

    if (check_draft(draft, actor, err) != 0)
        return -1;
    if (equipment == NULL && draft->equipment[0] != '\0')
        return err_set(err, ERR_NOT_FOUND, "there is no equipment '%.64s'",
                       draft->equipment);
    (void)pthread_mutex_lock(&desk->mutex);
    result = store_draft(desk, draft, equipment, &note, id, err);
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}

/* Two open issues of one rule on one equipment cannot be. */
static int check_reopen(struct desk *desk, const struct issue_key *key, struct err *err)
{
    struct db_query *query = desk_query(desk, STORE_ISSUE_OPEN_OF);
    struct issue_key other;
    int found;

    db_bind_text(query, 1, key->equipment);
    db_bind_text(query, 2, key->rule);
    found = issue_find(query, &other, err);
    if (found == 1 && other.number != key->number)
        return err_set(err, ERR_STATE, "the same fault is open already as %s (#%lld)",
                       other.id, (long long)other.number);
    return found < 0 ? -1 : 0;
}

static int change_severity(struct desk *desk, struct issue_key *key, const char *name,
                           struct err *err)
{
    enum severity severity = (enum severity)severity_from_name(name);

    if (severity == key->severity)
        return err_set(err, ERR_STATE, "the issue is %s already", name);
    return issue_set_severity(desk, key, severity, (int)severity, err);
}

static int act(struct desk *desk, const char *issue, const struct issue_note *note,
               struct err *err)
{
    struct issue_key key;
    int found = issue_find_name(desk, issue, &key, err);
    enum issue_status next;

    if (found < 0)
        return -1;
    if (found == 0)
        return err_set(err, ERR_NOT_FOUND, "there is no issue '%.95s'", issue);
    if (issue_next(key.status, note->action, &next, err) != 0)
        return -1;
    if (note->action == ACTION_REOPEN && check_reopen(desk, &key, err) != 0)
        return -1;
    if (note->action == ACTION_REOPEN && key.attached != 0 &&
        issue_set_attached(desk, &key, 0, err) != 0)
        return -1;
    if (note->action == ACTION_SEVERITY &&
        change_severity(desk, &key, note->text, err) != 0)
        return -1;
    return issue_log(desk, &key, note, err);
}

static int check_action(const struct issue_note *note, struct err *err)
{
    if (note->action >= ACTION_COUNT || !issue_action_is_manual(note->action))
        return err_set(err, ERR_INPUT, "this is not for people to post");
    if (check_line("actor", note->actor, DESK_ACTOR_MAX, err) != 0 ||
        check_text("text", note->text, DESK_TEXT_MAX, err) != 0)
        return -1;
    if (note->action == ACTION_COMMENT && is_blank(note->text))
        return err_set(err, ERR_INPUT, "the comment is empty");
    if (note->action == ACTION_SEVERITY && severity_from_name(note->text) < 0)
        return err_set(err, ERR_INPUT,
                       "severity '%.40s': it is minor, general or serious", note->text);
    return 0;
}

/* NOLINTNEXTLINE(readability-function-size): a person's action has so many parts */
int desk_act(struct desk *desk, const char *issue, enum issue_action action,
             const char *actor, const char *text, struct wall_time now, struct err *err)
{
    struct issue_note note = {
        .action = action, .actor = actor, .text = text, .evidence = "", .time = now};
    int result;

    if (check_action(&note, err) != 0)
        return -1;
    (void)pthread_mutex_lock(&desk->mutex);
    result = turn_begin(desk, now, err);
    if (result == 0) {
        result = act(desk, issue, &note, err);
        if (result == 0)
            result = turn_commit(desk, err);
        else
            turn_rollback(desk);
    }
    (void)pthread_mutex_unlock(&desk->mutex);
    return result;
}
