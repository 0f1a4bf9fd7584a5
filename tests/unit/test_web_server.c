/* test_web_server.c - the real server over the make-believe site: streams, stopping with
 * streams open, slow readers, the unix socket, the heartbeat.
 */
#include "tests/unit/check.h"
#include "tests/unit/web_fakes.h"
#include "web/aside.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct world {
    struct fake_site *site;
    struct web_source source;
    struct web *web;
    char socket[64];
};

static void open_world(struct world *world)
{
    struct web_options options = {.listen = "127.0.0.1:0",
                                  .socket = world->socket,
                                  .version = "9.9.9",
                                  .started = wall_now()};
    struct err err = {0};

    (void)snprintf(world->socket, sizeof world->socket, "/tmp/test_web_%d.sock",
                   getpid());
    world->site = fake_site_new(1, "");
    world->source = fake_site_source(world->site);
    world->web = web_open(&options, &world->source, &err);
    if (world->web == NULL)
        fail_msg("%s", err.text);
}

static void close_world(struct world *world)
{
    web_close(world->web);
    fake_site_free(world->site);
}

static int connect_tcp(const struct world *world, int receive_bytes)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((in_port_t)web_port(world->web)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    if (receive_bytes > 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int connect_unix(const struct world *world)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(address.sun_path, world->socket, strlen(world->socket) + 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Reads until `until` has come, the peer closes or the time is over. */
static size_t listen_for(int fd, const char *until, int64_t ms, char *out, size_t size)
{
    struct mono_time end = mono_add_ms(mono_now(), ms);
    size_t length = 0;

    out[0] = '\0';
    while (length + 1 < size && strstr(out, until) == NULL) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int64_t left = mono_diff_ms(end, mono_now());
        ssize_t got;

        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            break;
        got = recv(fd, out + length, size - 1 - length, 0);
        if (got <= 0)
            break;
        length += (size_t)got;
        out[length] = '\0';
    }
    return length;
}

static char answer[512 * 1024];

static void ask(int fd, const char *request, const char *until)
{
    say(fd, request);
    (void)listen_for(fd, until, 3000, answer, sizeof answer);
}

static void open_stream(int fd, const char *query)
{
    char request[512];

    (void)snprintf(request, sizeof request,
                   "GET /api/v1/stream%s HTTP/1.1\r\nHost: localhost\r\n\r\n", query);
    ask(fd, request, "\"beat_ms\"");
    check_case("hello", strstr(answer, "event: hello") != NULL);
}

static void test_health(void **state)
{
    struct world world;
    int fd;

    (void)state;
    open_world(&world);
    fd = connect_tcp(&world, 0);
    ask(fd, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "alive");
    assert_non_null(strstr(answer, "200 OK"));
    assert_non_null(strstr(answer, "Content-Security-Policy: default-src 'none'"));
    assert_non_null(strstr(answer, "alive"));
    (void)close(fd);
    close_world(&world);
}

static void test_stop_with_open_streams(void **state)
{
    struct world world;
    int fds[40];
    struct mono_time begin;

    (void)state;
    open_world(&world);
    for (size_t i = 0; i < 40; i++) {
        fds[i] = i % 2 == 0 ? connect_tcp(&world, 0) : connect_unix(&world);
        open_stream(fds[i], "");
    }
    begin = mono_now();
    close_world(&world); /* libmicrohttpd would abort here */
    assert_true(mono_diff_ms(mono_now(), begin) < 3000);
    for (size_t i = 0; i < 40; i++) {
        (void)listen_for(fds[i], "never", 1000, answer, sizeof answer);
        (void)close(fds[i]);
    }
}

static void test_stop_while_streams_open(void **state)
{
    (void)state;
    for (int round = 0; round < 5; round++) {
        struct world world;
        int fds[20];

        open_world(&world);
        for (size_t i = 0; i < 20; i++) {
            fds[i] = connect_tcp(&world, 0);
            say(fds[i], "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        close_world(&world); /* some are read, some asleep, some not even begun */
        for (size_t i = 0; i < 20; i++)
            (void)close(fds[i]);
    }
}

static void test_stream_tells_changes(void **state)
{
    struct world world;
    int fd;

    (void)state;
    open_world(&world);
    fd = connect_tcp(&world, 0);
    open_stream(fd, "?points=key");
    for (int i = 0; i < 3; i++)
        fake_site_tick(world.site);
    (void)listen_for(fd, "event: sample", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, "event: sample"));
    (void)listen_for(fd, "\n\n", 3000, answer, sizeof answer);
    fake_site_set_state(world.site, "lift-1", STATE_FAULT, "lift.fault");
    (void)listen_for(fd, "\"lift.fault\"", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, "event: state"));
    assert_non_null(strstr(answer, "\"state\":\"fault\""));
    fake_site_reload(world.site);
    (void)listen_for(fd, "\"generation\":2", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, "\"resumed\":false"));
    (void)close(fd);
    close_world(&world);
}

static void test_stream_of_one_equipment(void **state)
{
    struct world world;
    int fd;

    (void)state;
    open_world(&world);
    fd = connect_tcp(&world, 0);
    open_stream(fd, "?equipment=pump-1");
    for (int i = 0; i < 3; i++)
        fake_site_tick(world.site);
    (void)listen_for(fd, "\"pump-1\"", 3000, answer, sizeof answer);
    (void)listen_for(fd, "never", 500, answer + strlen(answer), 100000);
    assert_non_null(strstr(answer, "\"equipment\":\"pump-1\""));
    assert_null(strstr(answer, "\"equipment\":\"pump-2\""));
    (void)close(fd);
    close_world(&world);
}

/* Finds the last "id: " of what has been heard. */
static void last_id(char id[128])
{
    char *at = answer;
    char *found = NULL;

    while ((at = strstr(at, "\nid: ")) != NULL)
        found = at = at + 5;
    if (found == NULL) {
        fail_msg("no id in: %s", answer);
        return;
    }
    (void)snprintf(id, 128, "%.*s", (int)strcspn(found, "\n"), found);
}

static void test_stream_resumes(void **state)
{
    struct world world;
    char id[128];
    char query[160];
    int fd;

    (void)state;
    open_world(&world);
    fd = connect_tcp(&world, 0);
    open_stream(fd, "");
    (void)close(fd);
    last_id(id);
    fake_site_set_state(world.site, "lift-3", STATE_FAULT, "lift.fault");
    fd = connect_tcp(&world, 0);
    (void)snprintf(query, sizeof query, "?from=%s", id);
    open_stream(fd, query);
    assert_non_null(strstr(answer, "\"resumed\":true"));
    if (strstr(answer, "lift-3") == NULL)
        (void)listen_for(fd, "lift-3", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, "lift-3"));
    (void)close(fd);
    fake_desk_lose(fake_site_view(world.site)->desk);
    fd = connect_tcp(&world, 0);
    open_stream(fd, query);
    (void)listen_for(fd, "\"resumed\":false", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, "\"resumed\":false"));
    (void)close(fd);
    close_world(&world);
}

static void test_slow_readers_delay_nobody(void **state)
{
    struct world world;
    int slow[20];
    int quick;
    int64_t worst = 0;

    (void)state;
    open_world(&world);
    for (size_t i = 0; i < 20; i++) {
        slow[i] = connect_tcp(&world, 2048);
        open_stream(slow[i], "");
    }
    quick = connect_tcp(&world, 0);
    for (int i = 0; i < 30; i++) {
        struct mono_time begin = mono_now();

        for (int k = 0; k < 30; k++)
            fake_site_tick(world.site);
        ask(quick, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "alive");
        assert_non_null(strstr(answer, "alive"));
        if (mono_diff_ms(mono_now(), begin) > worst)
            worst = mono_diff_ms(mono_now(), begin);
        mono_sleep_until(mono_add_ms(mono_now(), 100));
    }
    check_case("a page while 20 readers hang", worst < 500);
    for (size_t i = 0; i < 20; i++)
        (void)close(slow[i]);
    (void)close(quick);
    close_world(&world);
}

static void test_stream_bound(void **state)
{
    struct world world;
    static int fds[205];
    size_t refused = 0;

    (void)state;
    open_world(&world);
    for (size_t i = 0; i < 205; i++) {
        fds[i] = connect_tcp(&world, 0);
        ask(fds[i], "GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n", "\"");
        refused += strstr(answer, " 503 ") != NULL;
    }
    check_case("only STREAM_MAX streams", refused == 5);
    for (size_t i = 0; i < 205; i++)
        (void)close(fds[i]);
    close_world(&world);
}

static void post_json(int fd, const char *path, const char *body, const char *until)
{
    char request[512];

    (void)snprintf(request, sizeof request,
                   "POST %s HTTP/1.1\r\nHost: facilityd\r\n"
                   "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                   path, strlen(body), body);
    ask(fd, request, until);
}

static void post_read(int fd, int unit)
{
    char body[128];
    char request[512];

    (void)snprintf(body, sizeof body,
                   "{\"unit\":%d,\"table\":\"input\",\"address\":70,\"count\":2}", unit);
    (void)snprintf(request, sizeof request,
                   "POST /api/v1/links/riser-a/read HTTP/1.1\r\nHost: localhost\r\n"
                   "X-Facilityd: 1\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   strlen(body), body);
    say(fd, request);
}

/* A device that takes its time holds up the one who asked it. */
static void test_reads_wait_beside_the_server(void **state)
{
    struct world world;
    int slow[ASIDE_MAX + 1];
    int quick;
    struct mono_time begin;

    (void)state;
    open_world(&world);
    quick = connect_tcp(&world, 0);
    post_read(quick, 5);
    (void)listen_for(quick, "]}", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, "\"cells\":[70,71]"));
    begin = mono_now();
    for (size_t i = 0; i < ASIDE_MAX; i++) {
        slow[i] = connect_tcp(&world, 0);
        post_read(slow[i], 200);
    }
    while (fake_slow_questions() < ASIDE_MAX &&
           mono_diff_ms(mono_now(), begin) < FAKE_SLOW_MS)
        mono_sleep_until(mono_add_ms(mono_now(), 5));
    assert_int_equal(fake_slow_questions(), ASIDE_MAX);
    ask(quick, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", "alive");
    assert_non_null(strstr(answer, "alive"));
    slow[ASIDE_MAX] = connect_tcp(&world, 0);
    post_read(slow[ASIDE_MAX], 200);
    (void)listen_for(slow[ASIDE_MAX], "hint", 3000, answer, sizeof answer);
    assert_non_null(strstr(answer, " 503 "));
    assert_true(mono_diff_ms(mono_now(), begin) < FAKE_SLOW_MS);
    for (size_t i = 0; i < ASIDE_MAX; i++) {
        (void)listen_for(slow[i], "hint", 3000, answer, sizeof answer);
        assert_non_null(strstr(answer, " 504 "));
        (void)close(slow[i]);
    }
    (void)close(slow[ASIDE_MAX]);
    (void)close(quick);
    close_world(&world);
}

static void test_stop_while_reading(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        struct world world;
        int fds[4];

        open_world(&world);
        for (size_t i = 0; i < 4; i++) {
            fds[i] = i % 2 == 0 ? connect_tcp(&world, 0) : connect_unix(&world);
            post_read(fds[i], 200);
        }
        mono_sleep_until(mono_add_ms(mono_now(), round * 30));
        (void)close(fds[0]); /* somebody who does not wait for the answer */
        close_world(&world); /* libmicrohttpd aborts when a connection still sleeps */
        for (size_t i = 1; i < 4; i++)
            (void)close(fds[i]);
    }
}

static void test_unix_socket(void **state)
{
    struct world world;
    struct stat status;
    struct passwd entry;
    struct passwd *user = NULL;
    char room[1024];
    char want[128];
    int fd;

    (void)state;
    (void)getpwuid_r(getuid(), &entry, room, sizeof room, &user);
    open_world(&world);
    assert_int_equal(stat(world.socket, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
    fd = connect_unix(&world);
    post_json(fd, "/api/v1/issues", "{\"title\":\"Lamp is dark\",\"severity\":\"minor\"}",
              "\"events\"");
    assert_non_null(strstr(answer, "201 Created"));
    post_json(fd, "/api/v1/issues/riverside-01JDFAKE000000000000000077/events",
              "{\"action\":\"comment\",\"text\":\"looking\"}", "looking");
    (void)snprintf(want, sizeof want, "\"actor\":\"%s\"",
                   user == NULL ? "uid" : user->pw_name);
    check_case("the actor is the peer's user", strstr(answer, want) != NULL);
    (void)close(fd);
    close_world(&world);
    assert_int_equal(stat(world.socket, &status), -1);
}

static void test_heartbeat(void **state)
{
    struct world world;
    uint64_t first;

    (void)state;
    open_world(&world);
    mono_sleep_until(mono_add_ms(mono_now(), 2500));
    first = web_heartbeat(world.web);
    assert_true(first >= 1);
    mono_sleep_until(mono_add_ms(mono_now(), 2100));
    assert_true(web_heartbeat(world.web) > first);
    close_world(&world);
}

static void test_addresses(void **state)
{
    static const struct {
        const char *listen;
        enum err_kind kind;
    } cases[] = {
        {"0.0.0.0:0", ERR_CONFIG},    {"192.168.1.1:80", ERR_CONFIG},
        {"[::]:0", ERR_CONFIG},       {"127.0.0.1", ERR_CONFIG},
        {"127.0.0.1:", ERR_CONFIG},   {"127.0.0.1:70000", ERR_CONFIG},
        {"example:80", ERR_CONFIG},   {"127.0.0.1:-1", ERR_CONFIG},
        {"127.0.0.1:1x", ERR_CONFIG}, {"", ERR_CONFIG},
    };
    struct fake_site *site = fake_site_new(1, "");
    struct web_source source = fake_site_source(site);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct web_options options = {
            .listen = cases[i].listen, .socket = "", .version = "1"};
        struct err err = {0};

        check_case(cases[i].listen, web_open(&options, &source, &err) == NULL);
        check_case(cases[i].listen, err.kind == cases[i].kind);
    }
    fake_site_free(site);
}

static void test_address_in_use(void **state)
{
    struct world world;
    char listen[32];
    struct web_options options = {.socket = "", .version = "1", .listen = listen};
    struct err err = {0};

    (void)state;
    open_world(&world);
    (void)snprintf(listen, sizeof listen, "127.0.0.1:%d", web_port(world.web));
    assert_null(web_open(&options, &world.source, &err));
    assert_int_equal(err.kind, ERR_STATE);
    options.listen = "127.0.0.1:0";
    options.socket = world.socket;
    assert_null(web_open(&options, &world.source, &err)); /* somebody listens there */
    assert_int_equal(err.kind, ERR_STATE);
    close_world(&world);
}

static void test_stale_socket_is_replaced(void **state)
{
    struct world world;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "/tmp/test_web_%d.sock",
                   getpid());
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    (void)close(fd); /* as kill -9 leaves it */
    open_world(&world);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_stop_with_open_streams),
        cmocka_unit_test(test_stop_while_streams_open),
        cmocka_unit_test(test_stream_tells_changes),
        cmocka_unit_test(test_stream_of_one_equipment),
        cmocka_unit_test(test_stream_resumes),
        cmocka_unit_test(test_slow_readers_delay_nobody),
        cmocka_unit_test(test_stream_bound),
        cmocka_unit_test(test_reads_wait_beside_the_server),
        cmocka_unit_test(test_stop_while_reading),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_heartbeat),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_address_in_use),
        cmocka_unit_test(test_stale_socket_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
