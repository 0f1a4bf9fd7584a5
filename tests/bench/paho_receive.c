/* paho_receive.c - the least that receiving over MQTT can cost: Paho delivers, nothing
 * looks at what it delivers. What facilityd costs beyond it is the price of being a
 * product.
 *
 *   paho_receive PORT FILTER QOS SECONDS
 *
 * Connects to 127.0.0.1, waits for the first message, then counts for so many seconds.
 * Prints
 *   messages=... cpu_s=... us_per_message=... rss_kb=...
 */
#include <MQTTAsync.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum {
    FIRST_WAIT_S = 30, /* for the connection and the first message */
};

static atomic_ullong received;
static atomic_bool failed;
static const char *filter;
static int qos;
static MQTTAsync client;

static int on_message(void *context, char *topic, int length, MQTTAsync_message *message)
{
    (void)context;
    (void)length;
    atomic_fetch_add_explicit(&received, 1, memory_order_relaxed);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_lost(void *context, char *cause)
{
    (void)context;
    (void)cause;
    atomic_store(&failed, true);
}

static void on_failure(void *context, MQTTAsync_failureData *data)
{
    (void)context;
    (void)data;
    atomic_store(&failed, true);
}

static void on_connected(void *context, MQTTAsync_successData *data)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;

    (void)context;
    (void)data;
    options.onFailure = on_failure;
    if (MQTTAsync_subscribe(client, filter, qos, &options) != MQTTASYNC_SUCCESS)
        atomic_store(&failed, true);
}

static double seconds_of(clockid_t clock)
{
    struct timespec time;

    (void)clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void rest(double seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds,
                            .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};

    (void)nanosleep(&time, NULL);
}

static int connect_to(const char *port)
{
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    char uri[64];

    (void)snprintf(uri, sizeof uri, "tcp://127.0.0.1:%s", port);
    options.onSuccess = on_connected;
    options.onFailure = on_failure;
    if (MQTTAsync_create(&client, uri, "paho-receive", MQTTCLIENT_PERSISTENCE_NONE,
                         NULL) != MQTTASYNC_SUCCESS)
        return -1;
    (void)MQTTAsync_setCallbacks(client, NULL, on_lost, on_message, NULL);
    return MQTTAsync_connect(client, &options) == MQTTASYNC_SUCCESS ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    unsigned long long before;
    unsigned long long messages;
    double used;
    double until;
    double seconds;

    if (argc != 5) {
        (void)fprintf(stderr, "usage: paho_receive PORT FILTER QOS SECONDS\n");
        return 64;
    }
    filter = argv[2];
    qos = (int)strtol(argv[3], NULL, 10);
    seconds = strtod(argv[4], NULL);
    if (connect_to(argv[1]) != 0)
        return 1;
    until = seconds_of(CLOCK_MONOTONIC) + FIRST_WAIT_S;
    while (atomic_load(&received) == 0 && !atomic_load(&failed) &&
           seconds_of(CLOCK_MONOTONIC) < until)
        rest(0.01);
    rest(0.5); /* what the first messages woke has settled */
    before = atomic_load(&received);
    used = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    rest(seconds);
    used = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - used;
    messages = atomic_load(&received) - before;
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("messages=%llu cpu_s=%.4f us_per_message=%.3f rss_kb=%ld\n", messages,
                 used, messages == 0 ? 0 : used * 1e6 / (double)messages,
                 usage.ru_maxrss);
    return atomic_load(&failed) || before == 0 ? 1 : 0;
}
