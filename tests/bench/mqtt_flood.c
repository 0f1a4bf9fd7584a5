/* mqtt_flood.c - publishes JSON on many topics at a steady rate, QoS 0, as a plant full
 * of devices would; also faster than anybody can read.
 *
 *   mqtt_flood PORT RATE SECONDS TOPICS FORMAT [BYTES]
 *
 * FORMAT is the topic with one %u, for 0 to TOPICS - 1 in turn, such as
 * "plant/m%u/state". A payload is {"ts":MILLISECONDS,"seq":N,"v":N}, N counting the
 * messages of its topic from 1, filled up with blanks to BYTES. RATE 0: as fast as the
 * broker takes them. Sends what is due each millisecond. Prints sent=... seconds=...
 * rate=...
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    TOPIC_MAX = 256,
    PAYLOAD_MAX = 2 * 1024 * 1024,
    BATCH_MAX = 64 * 1024, /* bytes of one write, as far as one message is not longer */
    TOPICS_MAX = 1000000,
    TICK_NS = 1000000,
};

struct flood {
    int fd;
    int64_t rate;
    unsigned topics;
    const char *format;
    size_t bytes;
    unsigned next_topic;
    uint64_t *counts; /* per topic */
    char *batch;
    size_t used;
};

static int64_t now_ns(clockid_t clock)
{
    struct timespec time;

    (void)clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            perror("mqtt_flood: write");
            exit(1);
        }
        bytes += n;
        length -= (size_t)n;
    }
}

static int connect_to(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                             .sin_port = htons((uint16_t)port)};
    /* CONNECT: MQTT 3.1.1, clean session, no keep alive, id "flood" and our number. */
    unsigned char packet[64] = {0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0};
    unsigned char answer[4];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int length;

    length = snprintf((char *)packet + 14, sizeof packet - 14, "flood-%d", (int)getpid());
    packet[13] = (unsigned char)length;
    packet[1] = (unsigned char)(12 + length);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("mqtt_flood: connect");
        exit(1);
    }
    write_all(fd, (char *)packet, (size_t)packet[1] + 2);
    if (read(fd, answer, sizeof answer) != 4 || answer[3] != 0) {
        (void)fprintf(stderr, "mqtt_flood: the broker refuses\n");
        exit(1);
    }
    return fd;
}

static void flush(struct flood *flood)
{
    write_all(flood->fd, flood->batch, flood->used);
    flood->used = 0;
}

/* One PUBLISH behind the others. */
static void add(struct flood *flood, int64_t now_ms)
{
    char topic[TOPIC_MAX];
    char payload[128];
    unsigned number = flood->next_topic;
    uint64_t count = ++flood->counts[number];
    size_t topic_length;
    size_t payload_length;
    size_t rest;
    char *to;

    flood->next_topic = (number + 1) % flood->topics;
    topic_length = (size_t)snprintf(topic, sizeof topic, flood->format, number);
    payload_length =
        (size_t)snprintf(payload, sizeof payload,
                         "{\"ts\":%" PRId64 ",\"seq\":%" PRIu64 ",\"v\":%" PRIu64 "}",
                         now_ms, count, count);
    rest = payload_length < flood->bytes ? flood->bytes - payload_length : 0;
    if (flood->used > 0 &&
        flood->used + topic_length + payload_length + rest + 8 > BATCH_MAX)
        flush(flood);
    to = flood->batch + flood->used;
    *to++ = 0x30;
    for (size_t length = 2 + topic_length + payload_length + rest;;) {
        *to++ = (char)(length % 128 | (length >= 128 ? 128 : 0));
        length /= 128;
        if (length == 0)
            break;
    }
    *to++ = (char)(topic_length >> 8);
    *to++ = (char)topic_length;
    memcpy(to, topic, topic_length);
    to += topic_length;
    memcpy(to, payload, payload_length);
    to += payload_length;
    memset(to, ' ', rest);
    to += rest;
    flood->used = (size_t)(to - flood->batch);
}

/* Returns how many were sent. */
static uint64_t run(struct flood *flood, double seconds)
{
    int64_t start = now_ns(CLOCK_MONOTONIC);
    int64_t end = start + (int64_t)(seconds * 1e9);
    int64_t now = start;
    uint64_t sent = 0;

    while (now < end) {
        int64_t now_ms = now_ns(CLOCK_REALTIME) / 1000000;
        uint64_t due =
            flood->rate == 0
                ? sent + 64
                : (uint64_t)((double)(now - start) / 1e9 * (double)flood->rate) + 1;

        for (; sent < due; sent++)
            add(flood, now_ms);
        flush(flood);
        if (flood->rate > 0) {
            struct timespec tick = {.tv_nsec = TICK_NS};

            (void)nanosleep(&tick, NULL);
        }
        now = now_ns(CLOCK_MONOTONIC);
    }
    return sent;
}

int main(int argc, char **argv)
{
    struct flood flood = {0};
    double seconds;
    int64_t began;
    uint64_t sent;

    if (argc < 6 || strlen(argv[5]) > TOPIC_MAX - 16) {
        (void)fprintf(stderr,
                      "usage: mqtt_flood PORT RATE SECONDS TOPICS FORMAT [BYTES]\n");
        return 64;
    }
    flood.rate = strtoll(argv[2], NULL, 10);
    seconds = strtod(argv[3], NULL);
    flood.topics = (unsigned)strtoul(argv[4], NULL, 10);
    flood.format = argv[5];
    flood.bytes = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
    if (flood.topics < 1 || flood.topics > TOPICS_MAX || flood.bytes > PAYLOAD_MAX)
        return 64;
    flood.counts = calloc(flood.topics, sizeof *flood.counts);
    flood.batch = malloc(BATCH_MAX + PAYLOAD_MAX + TOPIC_MAX);
    if (flood.counts == NULL || flood.batch == NULL)
        return 1;
    flood.fd = connect_to((int)strtol(argv[1], NULL, 10));
    began = now_ns(CLOCK_MONOTONIC);
    sent = run(&flood, seconds);
    seconds = (double)(now_ns(CLOCK_MONOTONIC) - began) / 1e9;
    write_all(flood.fd, "\xe0\x00", 2); /* DISCONNECT */
    (void)printf("sent=%" PRIu64 " seconds=%.3f rate=%.0f\n", sent, seconds,
                 (double)sent / seconds);
    (void)close(flood.fd);
    free(flood.counts);
    free(flood.batch);
    return 0;
}
