/* mqtt_options.c - see mqtt_options.h. */
#include "adapters/mqtt_options.h"

#include "adapters/mqtt_topic.h"
#include "adapters/sparkplug.h"
#include "base/file.h"
#include "base/mem.h"

#include <unistd.h>

enum {
    KEEPALIVE_MIN_S = 5,     /* 0 would never notice a peer that is gone */
    KEEPALIVE_MAX_S = 65535, /* 16 bits in CONNECT */
    CONNECT_MIN_MS = 5000,   /* a TLS handshake over a mobile line takes seconds */
};

static int check_file(const char *what, const char *path, struct err *err)
{
    if (path[0] == '\0' || access(path, R_OK) == 0)
        return 0;
    return err_set(err, ERR_CONFIG, "%s '%s': %m", what, path);
}

static int check_files(const struct link_settings *settings, bool tls, struct err *err)
{
    bool any = settings->ca_file[0] != '\0' || settings->cert_file[0] != '\0' ||
               settings->key_file[0] != '\0';

    if (!tls && any)
        return err_set(err, ERR_CONFIG,
                       "ca_file, cert_file and key_file need an address with mqtts://");
    if ((settings->cert_file[0] == '\0') != (settings->key_file[0] == '\0'))
        return err_set(err, ERR_CONFIG, "cert_file and key_file go together");
    if (check_file("ca_file", settings->ca_file, err) != 0 ||
        check_file("cert_file", settings->cert_file, err) != 0)
        return -1;
    return check_file("key_file", settings->key_file, err);
}

static int check(const struct link_settings *settings, bool tls, struct err *err)
{
    if (settings->password_file[0] != '\0' && settings->username[0] == '\0')
        return err_set(err, ERR_CONFIG, "a password_file needs a username");
    if (settings->status_topic[0] != '\0' &&
        mqtt_topic_check(settings->status_topic, err) != 0)
        return err_prefix(err, "status_topic");
    return check_files(settings, tls, err);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    if (value < low)
        return low;
    return value > high ? high : value;
}

/* A Sparkplug host keeps no session: what was sent while it was away is old, and it asks
 * for what is true. Source: Sparkplug 3.0, 5.1. */
static void set_sparkplug(struct mqtt_options *options, const char *host)
{
    options->clean = true;
    options->state_topic = mem_format(SPARKPLUG_STATE_TOPIC, host);
    options->status_topic = options->state_topic;
}

int mqtt_options_init(struct mqtt_options *options, const struct link_settings *settings,
                      uint64_t random, struct err *err)
{
    struct mqtt_address address;
    char *password = NULL;

    if (mqtt_address_parse(settings->mqtt, &address, err) != 0 ||
        check(settings, address.tls, err) != 0)
        return -1;
    if (settings->password_file[0] != '\0') {
        password = file_read_secret(settings->password_file, err);
        if (password == NULL)
            return -1;
    }
    *options = (struct mqtt_options){
        .settings = settings,
        .address = address,
        .password = password,
        .clean = settings->client_id[0] == '\0',
        .keepalive_s =
            (int)clamp(settings->keepalive_ms / 1000, KEEPALIVE_MIN_S, KEEPALIVE_MAX_S),
        .timeout_ms = (int)clamp(settings->timeout_ms, CONNECT_MIN_MS, INT32_MAX / 2),
        .status_topic = settings->status_topic[0] == '\0' ? NULL : settings->status_topic,
    };
    options->client_id = options->clean
                             ? mem_format("facilityd-%012llx",
                                          (unsigned long long)(random & 0xffffffffffff))
                             : mem_strdup(settings->client_id);
    if (settings->sparkplug[0] != '\0')
        set_sparkplug(options, settings->sparkplug);
    return 0;
}

void mqtt_options_done(struct mqtt_options *options)
{
    mem_free(options->client_id);
    mem_free(options->state_topic);
    mem_free(options->password);
    *options = (struct mqtt_options){0};
}
