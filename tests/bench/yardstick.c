/* yardstick.c - the least that polling can cost: one epoll thread that asks N Modbus TCP
 * devices for R holding registers each second, all at once, and decodes the answers to
 * doubles. No configuration, no quality, no rules, no history, no retry. What facilityd
 * costs beyond it is the price of being a product.
 *
 *   yardstick ADDRESS PORT DEVICES REGISTERS SECONDS
 *
 * ADDRESS is the first of DEVICES consecutive IPv4 addresses. Prints
 *   values=... cpu_s=... us_per_value=... rss_kb=...
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    DEVICES_MAX = 1000,
    FRAME_MAX = 260, /* Modbus TCP: MBAP and 253 bytes */
    EVENTS = 256,
};

struct device {
    int fd;
    uint16_t transaction;
    size_t filled;
    unsigned char frame[FRAME_MAX];
};

static struct device devices[DEVICES_MAX];
static double values[DEVICES_MAX * 125];
static uint64_t decoded;

static int connect_to(uint32_t address, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(address);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        exit(1);
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void ask(struct device *device, int registers)
{
    uint16_t id = ++device->transaction;
    unsigned char request[12] = {
        (unsigned char)(id >> 8), (unsigned char)id, 0, 0, 0, 6, 1, 3, 0, 0, 0,
        (unsigned char)registers};

    device->filled = 0;
    if (write(device->fd, request, sizeof request) != (ssize_t)sizeof request)
        perror("write");
}

static void take(struct device *device, int registers)
{
    size_t want = 9 + 2 * (size_t)registers;
    double *to = values + (device - devices) * 125;
    ssize_t n = read(device->fd, device->frame + device->filled, want - device->filled);

    if (n <= 0)
        return;
    device->filled += (size_t)n;
    if (device->filled < want)
        return;
    for (int i = 0; i < registers; i++)
        to[i] = (double)((device->frame[9 + 2 * i] << 8) | device->frame[10 + 2 * i]);
    decoded += (uint64_t)registers;
}

static double cpu_seconds(void)
{
    struct timespec used;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct itimerspec every = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_nsec = 1}};
    struct epoll_event events[EVENTS];
    struct rusage usage;
    struct in_addr first;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    int count;
    int registers;
    int seconds;
    double start;

    if (argc != 6 || inet_pton(AF_INET, argv[1], &first) != 1) {
        (void)fprintf(stderr,
                      "usage: yardstick ADDRESS PORT DEVICES REGISTERS SECONDS\n");
        return 64;
    }
    count = (int)strtol(argv[3], NULL, 10);
    registers = (int)strtol(argv[4], NULL, 10);
    seconds = (int)strtol(argv[5], NULL, 10);
    if (count < 1 || count > DEVICES_MAX || registers < 1 || registers > 125)
        return 64;
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};

        devices[i].fd =
            connect_to(ntohl(first.s_addr) + (uint32_t)i, (int)strtol(argv[2], NULL, 10));
        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, devices[i].fd, &event);
    }
    {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};

        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    }
    (void)timerfd_settime(timer, 0, &every, NULL);
    start = cpu_seconds();
    for (int turn = 0; turn <= seconds;) {
        int n = epoll_wait(epoll, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            uint64_t ticks;

            if (events[i].data.u32 != UINT32_MAX) {
                take(&devices[events[i].data.u32], registers);
                continue;
            }
            (void)!read(timer, &ticks, sizeof ticks);
            if (turn++ < seconds)
                for (int d = 0; d < count; d++)
                    ask(&devices[d], registers);
        }
    }
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("values=%llu cpu_s=%.6f us_per_value=%.4f rss_kb=%ld\n",
                 (unsigned long long)decoded, cpu_seconds() - start,
                 (cpu_seconds() - start) * 1e6 / (double)(decoded == 0 ? 1 : decoded),
                 usage.ru_maxrss);
    return 0;
}
