"""Values over a real broker: wildcards, JSON, words, time stamps, broker restart, own status."""
import json

import pytest

from brokers import Broker
from harness import until

CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; client_id = "gw-test";
  status_topic = "gw/test/status"; }} );
profiles = (
  {{ id = "json-meter"; class = "water_meter";
    points = ( {{ name = "flow"; path = "flow.value"; unit = "m3/h"; time = "ts"; expect_every = "2s"; }},
               {{ name = "volume"; path = "volume"; unit = "m3"; time = "ts"; counter = true; }} ); }},
  {{ id = "plain"; class = "leak_detector";
    points = ( {{ name = "leak"; topic = "leak"; type = "bool"; }},
               {{ name = "battery"; topic = "battery"; unit = "%"; range = (0.0, 100.0); }} ); }}
);
equipment = (
  {{ id = "meter-1"; profile = "json-meter"; link = "broker"; topic = "site/+/water/main"; }},
  {{ id = "leak-1"; profile = "plain"; link = "broker"; topic = "site/cellar/rope"; }}
);
"""


@pytest.fixture
def broker(start, tmp_path):
    return start(Broker(tmp_path))


def connected(facilityd):
    return facilityd.get("/api/v1/site")["links"][0]["connected"]


def wait_for(facilityd, broker, topic, payload, equipment, point, value):
    def there():
        broker.publish(topic, payload)
        return facilityd.point(equipment, point)["value"] == value
    until(there, 15, f"{equipment}.{point} = {value}", every=0.2)


def test_values_words_and_paths(daemon, broker):
    facilityd = daemon(CONFIG.format(port=broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    wait_for(facilityd, broker, "site/a/water/main",
             json.dumps({"flow": {"value": 12.5}, "volume": 1000}), "meter-1", "flow", 12.5)
    assert facilityd.point("meter-1", "volume")["value"] == 1000
    wait_for(facilityd, broker, "site/cellar/rope/leak", "ON", "leak-1", "leak", 1)
    wait_for(facilityd, broker, "site/cellar/rope/leak", "off", "leak-1", "leak", 0)
    broker.publish("site/cellar/rope/battery", "300")
    until(lambda: facilityd.point("leak-1", "battery")["reason"] == "range", 5, "out of range")
    broker.publish("site/a/water/main", '{"flow": {"value": "many"}}')
    until(lambda: facilityd.point("meter-1", "flow")["reason"] == "decode", 5, "not a number")
    # A member that is missing is no news about its point.
    assert facilityd.point("meter-1", "volume")["quality"] == "good"
    assert broker.read("gw/test/status") == "online"


def test_time_stamp_of_the_payload(daemon, broker):
    facilityd = daemon(CONFIG.format(port=broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    wait_for(facilityd, broker, "site/a/water/main",
             json.dumps({"ts": "2026-01-02T03:04:05Z", "flow": {"value": 7}}),
             "meter-1", "flow", 7)
    assert facilityd.point("meter-1", "flow")["time"].startswith("2026-01-02T03:04:05")
    broker.publish("site/a/water/main",
                   json.dumps({"ts": "2199-01-01T00:00:00Z", "flow": {"value": 8}}))
    point = until(lambda: (lambda p: p if p["value"] == 8 else None)(
        facilityd.point("meter-1", "flow")), 5, "value 8")
    assert (point["quality"], point["reason"]) == ("uncertain", "clock")


def test_broker_restart_with_an_empty_store(daemon, broker, start):
    facilityd = daemon(CONFIG.format(port=broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    wait_for(facilityd, broker, "site/a/water/main", '{"flow":{"value":1}}', "meter-1", "flow", 1)
    broker.kill()
    until(lambda: not connected(facilityd), 15, "the loss noticed")
    broker.start()
    until(lambda: connected(facilityd), 40, "the connection again")
    wait_for(facilityd, broker, "site/a/water/main", '{"flow":{"value":2}}', "meter-1", "flow", 2)


def test_will_says_offline(daemon, broker):
    facilityd = daemon(CONFIG.format(port=broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    until(lambda: broker.read("gw/test/status") == "online", 5, "online")
    facilityd.kill()
    until(lambda: broker.read("gw/test/status") == "offline", 10, "the will")


def test_slow_reporters_come_back_with_the_broker(daemon, broker):
    """A sensor that reports each hours is not lost because the broker restarted."""
    facilityd = daemon(CONFIG.format(port=broker.port).replace("2s", "4h"))
    until(lambda: connected(facilityd), 10, "the connection")
    wait_for(facilityd, broker, "site/a/water/main", json.dumps({"flow": {"value": 3}}),
             "meter-1", "flow", 3)
    until(lambda: facilityd.point("meter-1", "online")["value"], 5, "online")
    broker.kill()
    until(lambda: facilityd.point("meter-1", "online")["value"] is False, 10, "offline")
    broker.start()
    until(lambda: connected(facilityd), 15, "the connection again")
    until(lambda: facilityd.point("meter-1", "online")["value"], 3, "online without a message")
    assert facilityd.point("leak-1", "online")["value"] is None, "never heard of"
