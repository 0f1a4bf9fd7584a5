/* test_mqtt_presence.c - who is online, by adapters/mqtt_presence.c. */
#include "adapters/mqtt_presence.h"
#include "base/text.h"
#include "tests/unit/check.h"

/* Every change is written down as "0+ " or "link- ". */
static struct text changes;
static struct mqtt_presence *presence;

static void note(void *context, uint32_t unit, bool online)
{
    (void)context;
    if (unit == MQTT_PRESENCE_LINK)
        text_add(&changes, "link");
    else
        text_addf(&changes, "%u", unit);
    text_add(&changes, online ? "+ " : "- ");
}

static struct mono_time at(int64_t ms)
{
    return mono_add_ms((struct mono_time){CLOCK_S}, ms);
}

static void begin(size_t units)
{
    text_init(&changes, 1000);
    presence = mqtt_presence_new(units, at(0), note, NULL);
}

static void end(void)
{
    mqtt_presence_free(presence);
    text_done(&changes);
}

static void expect(const char *when, const char *want)
{
    check_text(when, changes.data, want);
    text_clear(&changes);
}

static void never_connected(void **state)
{
    (void)state;
    begin(2);
    assert_int_equal(mqtt_presence_step(presence, false, at(0)).ns, at(2000).ns);
    (void)mqtt_presence_step(presence, false, at(1999));
    expect("in the grace", "");
    assert_int_equal(mqtt_presence_step(presence, false, at(2000)).ns, MONO_NEVER.ns);
    expect("after it; nobody was heard of", "link- ");
    (void)mqtt_presence_step(presence, false, at(9000));
    expect("told once", "");
    assert_int_equal(mqtt_presence_offline(presence), 2);
    end();
}

static void on_change_units_follow_the_broker(void **state)
{
    (void)state;
    begin(2);
    (void)mqtt_presence_step(presence, true, at(0));
    expect("connected", "link+ ");
    mqtt_presence_heard(presence, 0, at(10), true); /* retained counts here */
    expect("first message", "0+ ");
    mqtt_presence_heard(presence, 0, at(20), false);
    (void)mqtt_presence_step(presence, true, at(86400000));
    expect("a day of silence", "");
    (void)mqtt_presence_step(presence, false, at(86400000));
    (void)mqtt_presence_step(presence, false, at(86402000));
    expect("broker gone", "link- 0- ");
    (void)mqtt_presence_step(presence, true, at(86500000));
    expect("broker back: of the other one nothing is known", "link+ 0+ ");
    end();
}

static void a_promise_is_watched(void **state)
{
    (void)state;
    begin(2);
    mqtt_presence_expect(presence, 0, 10000);
    mqtt_presence_expect(presence, 0, 60000); /* the longest counts: 150 s */
    mqtt_presence_expect(presence, 0, 0);
    mqtt_presence_expect(presence, 1, 1000); /* at least 30 s */
    (void)mqtt_presence_step(presence, true, at(0));
    mqtt_presence_heard(presence, 0, at(0), false);
    mqtt_presence_heard(presence, 1, at(0), false);
    expect("both here", "link+ 0+ 1+ ");
    (void)mqtt_presence_step(presence, true, at(29000));
    expect("not yet", "");
    (void)mqtt_presence_step(presence, true, at(30000));
    expect("30 s", "1- ");
    (void)mqtt_presence_step(presence, true, at(149000));
    expect("not yet", "");
    (void)mqtt_presence_step(presence, true, at(150000));
    expect("150 s", "0- ");
    mqtt_presence_heard(presence, 1, at(151000), true);
    expect("the broker's memory proves nothing", "");
    mqtt_presence_heard(presence, 1, at(152000), false);
    expect("back", "1+ ");
    assert_int_equal(mqtt_presence_offline(presence), 1);
    end();
}

static void never_heard_of_is_told(void **state)
{
    (void)state;
    begin(1);
    mqtt_presence_expect(presence, 0, 1000);
    (void)mqtt_presence_step(presence, false, at(0));
    (void)mqtt_presence_step(presence, true, at(1000));
    expect("within the grace", "link+ ");
    (void)mqtt_presence_step(presence, true, at(30999));
    expect("counted from the connect", "");
    (void)mqtt_presence_step(presence, true, at(32000));
    expect("silent from the start", "0- ");
    end();
}

static void a_short_break_is_no_news(void **state)
{
    (void)state;
    begin(1);
    mqtt_presence_expect(presence, 0, 60000);
    (void)mqtt_presence_step(presence, true, at(0));
    mqtt_presence_heard(presence, 0, at(0), false);
    expect("here", "link+ 0+ ");
    (void)mqtt_presence_step(presence, false, at(5000));
    (void)mqtt_presence_step(presence, false, at(6999));
    (void)mqtt_presence_step(presence, true, at(7000));
    expect("under two seconds", "");
    (void)mqtt_presence_step(presence, false, at(8000));
    (void)mqtt_presence_step(presence, false, at(10000));
    expect("two seconds", "link- 0- ");
    mqtt_presence_heard(presence, 0, at(10500), false); /* still in the ring */
    expect("nobody is online behind a dead link", "");
    (void)mqtt_presence_step(presence, true, at(11000));
    expect("it was online before", "link+ 0+ ");
    (void)mqtt_presence_step(presence, true, at(160000));
    expect("silence counts from the return", "");
    (void)mqtt_presence_step(presence, true, at(161000));
    expect("150 s", "0- ");
    (void)mqtt_presence_step(presence, false, at(170000));
    (void)mqtt_presence_step(presence, false, at(172000));
    (void)mqtt_presence_step(presence, true, at(180000));
    expect("it was silent before", "link- link+ ");
    mqtt_presence_heard(presence, 0, at(181000), false);
    expect("it speaks", "0+ ");
    end();
}

static void who_is_told_of_follows_that(void **state)
{
    (void)state;
    begin(2);
    mqtt_presence_told(presence, 0, true); /* before the link was looked at */
    mqtt_presence_told(presence, 1, false);
    (void)mqtt_presence_step(presence, true, at(0));
    expect("as told", "1- link+ 0+ ");
    mqtt_presence_told(presence, 0, true);
    expect("no news", "");
    mqtt_presence_told(presence, 0, false);
    expect("gone at once", "0- ");
    mqtt_presence_heard(presence, 0, at(10), false);
    mqtt_presence_told(presence, 1, true);
    expect("back", "0+ 1+ ");
    (void)mqtt_presence_step(presence, false, at(1000));
    (void)mqtt_presence_step(presence, false, at(3000));
    (void)mqtt_presence_step(presence, true, at(4000));
    expect("nobody knows yet", "link- 0- 1- link+ ");
    mqtt_presence_told(presence, 1, true);
    expect("told again", "1+ ");
    assert_int_equal(mqtt_presence_offline(presence), 1);
    end();
}

/* What the broker remembers may come before the link is looked at. */
static void heard_before_the_link(void **state)
{
    (void)state;
    begin(1);
    mqtt_presence_heard(presence, 0, at(10), true);
    expect("not yet", "");
    (void)mqtt_presence_step(presence, true, at(20));
    expect("with it", "link+ 0+ ");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_connected),
        cmocka_unit_test(on_change_units_follow_the_broker),
        cmocka_unit_test(a_promise_is_watched),
        cmocka_unit_test(never_heard_of_is_told),
        cmocka_unit_test(a_short_break_is_no_news),
        cmocka_unit_test(who_is_told_of_follows_that),
        cmocka_unit_test(heard_before_the_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
