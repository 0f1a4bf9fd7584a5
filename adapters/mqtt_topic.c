/* mqtt_topic.c - see mqtt_topic.h. */
#include "adapters/mqtt_topic.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

/* What holds for topics and filters alike. */
static int check_characters(const char *text, struct err *err)
{
    size_t length = strlen(text);

    if (length == 0)
        return err_set(err, ERR_CONFIG, "the topic is empty");
    if (length > MQTT_TOPIC_MAX)
        return err_set(err, ERR_CONFIG, "the topic has %zu bytes; MQTT allows %d", length,
                       MQTT_TOPIC_MAX);
    if (!utf8_valid(text, length))
        return err_set(err, ERR_CONFIG, "the topic is not valid UTF-8");
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return err_set(err, ERR_CONFIG, "the topic holds a control character");
    return 0;
}

int mqtt_topic_check(const char *topic, struct err *err)
{
    if (check_characters(topic, err) != 0)
        return -1;
    if (mqtt_filter_is_wild(topic))
        return err_set(err, ERR_CONFIG, "'%s': no '+' or '#' in a topic to publish on",
                       topic);
    return 0;
}

int mqtt_filter_check(const char *filter, struct err *err)
{
    if (check_characters(filter, err) != 0)
        return -1;
    if (strncmp(filter, "$share/", 7) == 0)
        return err_set(err, ERR_CONFIG,
                       "'%s': a shared subscription would hand this gateway only a part "
                       "of the messages",
                       filter);
    for (const char *level = filter; level != NULL;) {
        size_t length = strcspn(level, "/");
        const char *next = level[length] == '/' ? level + length + 1 : NULL;
        bool plus = memchr(level, '+', length) != NULL;
        bool hash = memchr(level, '#', length) != NULL;

        if ((plus || hash) && length != 1)
            return err_set(err, ERR_CONFIG, "'%s': '%c' must stand alone in its level",
                           filter, plus ? '+' : '#');
        if (hash && next != NULL)
            return err_set(err, ERR_CONFIG, "'%s': '#' must be the last level", filter);
        level = next;
    }
    return 0;
}

bool mqtt_filter_is_wild(const char *filter)
{
    return strpbrk(filter, "+#") != NULL;
}

bool mqtt_filter_matches(const char *filter, const char *topic, size_t length)
{
    const char *end = topic + length;

    if (length > 0 && topic[0] == '$' && (filter[0] == '+' || filter[0] == '#'))
        return false;
    while (*filter != '\0') {
        if (*filter == '#')
            return true;
        if (*filter == '+') {
            while (topic < end && *topic != '/')
                topic++;
            filter++;
        } else if (topic < end && *topic == *filter) {
            topic++;
            filter++;
        } else {
            /* "a/#" takes "a" as well */
            return topic == end && strcmp(filter, "/#") == 0;
        }
    }
    return topic == end;
}

char *mqtt_topic_join(const char *equipment_topic, const char *suffix)
{
    if (equipment_topic[0] == '\0' || suffix[0] == '\0')
        return mem_format("%s%s", equipment_topic, suffix);
    return mem_format("%s/%s", equipment_topic, suffix);
}

void mqtt_topic_show(const char *topic, size_t length, char *out, size_t size)
{
    size_t used = 0;

    while (length > 0 && used + 5 <= size) {
        char character[5] = {0};
        size_t bytes;

        memcpy(character, topic, length < 4 ? length : 4);
        bytes = utf8_length(character);
        if (bytes == 0 || (unsigned char)character[0] < 0x20 || character[0] == 0x7f) {
            bytes = 1;
            out[used++] = '?';
        } else {
            memcpy(out + used, character, bytes);
            used += bytes;
        }
        topic += bytes;
        length -= bytes;
    }
    out[used] = '\0';
}
