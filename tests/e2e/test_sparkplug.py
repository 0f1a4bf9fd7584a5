"""Sparkplug B over a real broker: births, aliases, holes, deaths, restarts, hostile payloads."""
import json
import time

import pytest

from brokers import Broker
from edge_node import (BOOLEAN, DATASET, DATETIME, DOUBLE, FLOAT, INT8, INT16, INT32, INT64, STRING,
                       UINT8, UINT16, UINT32, UINT64, EdgeNode, block, metric, now_ms, payload)
from harness import ROOT, check, until

STATE = "spBv1.0/STATE/facilityd"
CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "plant"; mqtt = "mqtt://127.0.0.1:{port}"; sparkplug = "facilityd"; {keys} }} );
profiles = (
  {{ id = "gateway"; class = "sensor";
    points = (
      {{ name = "i8"; }}, {{ name = "i16"; scale = 0.1; unit = "C"; path = "cabinet/temperature"; }},
      {{ name = "i32"; }}, {{ name = "i64"; }}, {{ name = "u8"; }}, {{ name = "u16"; }},
      {{ name = "u32"; }}, {{ name = "u64"; }}, {{ name = "f32"; }}, {{ name = "f64"; }},
      {{ name = "date"; }}, {{ name = "table"; }}, {{ name = "text"; type = "string"; }},
      {{ name = "mode"; enum = ((0, "normal"), (2, "inspection")); }} ); }},
  {{ id = "spark-pump"; class = "pump";
    points = ( {{ name = "running"; path = "Running"; type = "bool"; }},
               {{ name = "flow"; path = "Flow"; unit = "m3/h"; range = (0.0, 100.0); }},
               {{ name = "volume"; path = "Volume"; counter = true; max_rate = 1000.0; }} ); }}
);
equipment = (
  {{ id = "gw"; profile = "gateway"; link = "plant"; topic = "plant/gw1"; }},
  {{ id = "p1"; profile = "spark-pump"; link = "plant"; topic = "plant/gw1/pump-1"; }},
  {{ id = "p2"; profile = "spark-pump"; link = "plant"; topic = "plant/gw1/pump-2"; }}
);
"""
NODE = {
    "i8": (INT8, -5), "cabinet/temperature": (INT16, -305), "i32": (INT32, -2147483648),
    "i64": (INT64, -9007199254740991), "u8": (UINT8, 255), "u16": (UINT16, 65535),
    "u32": (UINT32, 4294967295), "u64": (UINT64, 9007199254740993), "f32": (FLOAT, 1.5),
    "f64": (DOUBLE, -2.25), "date": (DATETIME, 1764000000123), "text": (STRING, "Pumpe läuft"),
    "mode": (UINT8, 2),
}
PUMP = {"Running": (BOOLEAN, True), "Flow": (DOUBLE, 12.5), "Volume": (DOUBLE, 1000.0)}


@pytest.fixture
def broker(start, tmp_path):
    return start(Broker(tmp_path))


@pytest.fixture
def edge(broker):
    """edge(...) is a connected node."""
    nodes = []

    def begin(connect=True, **options):
        node = EdgeNode(broker.port, metrics=dict(NODE),
                        devices={"pump-1": dict(PUMP), "pump-2": dict(PUMP)}, **options)
        nodes.append(node)
        return node.connect() if connect else node

    yield begin
    for node in nodes:
        node.stop()


@pytest.fixture
def gateway(daemon, broker):
    def begin(keys=""):
        facilityd = daemon(CONFIG.format(port=broker.port, keys=keys))
        until(lambda: link_of(facilityd)["connected"], 10, "the connection")
        return facilityd
    return begin


def link_of(facilityd):
    return facilityd.get("/api/v1/links/plant")


def counts(facilityd):
    return link_of(facilityd)["sparkplug"]


def value(facilityd, equipment, point):
    return facilityd.point(equipment, point)["value"]


def state_of(facilityd, equipment, point):
    found = facilityd.point(equipment, point)
    return found["quality"], found["reason"]


def wait_value(facilityd, equipment, point, wanted, seconds=5):
    until(lambda: value(facilityd, equipment, point) == wanted, seconds,
          f"{equipment}.{point} = {wanted}")


def wait_state(facilityd, equipment, point, *wanted, seconds=5):
    until(lambda: state_of(facilityd, equipment, point) == wanted, seconds,
          f"{equipment}.{point} is {wanted}")


def wait_online(facilityd, equipment, wanted, seconds=5):
    wait_value(facilityd, equipment, "online", wanted, seconds)


def test_births_data_and_types(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_value(facilityd, "gw", "i8", -5)
    for name, wanted in (("i16", -30.5), ("i32", -2147483648), ("i64", -9007199254740991),
                         ("u8", 255), ("u16", 65535), ("u32", 4294967295), ("f32", 1.5),
                         ("f64", -2.25), ("date", 1764000000123)):
        assert value(facilityd, "gw", name) == wanted, name
    assert value(facilityd, "gw", "u64") == float(9007199254740993)
    assert facilityd.point("gw", "text")["value"] == "Pumpe läuft"
    assert facilityd.point("gw", "mode")["value"] == 2
    wait_value(facilityd, "p2", "flow", 12.5)
    assert value(facilityd, "p1", "running") is True
    for equipment in ("gw", "p1", "p2"):
        wait_online(facilityd, equipment, True)
    # By alias, signs from the type at birth.
    node.data("i8", -128)
    node.data("cabinet/temperature", 1)
    node.data("i64", -1)
    node.data("Flow", 7.5, "pump-1")
    node.data("Running", False, "pump-1")
    wait_value(facilityd, "p1", "running", False)
    assert [value(facilityd, "gw", name) for name in ("i8", "i16", "i64")] == [-128, 0.1, -1]
    assert value(facilityd, "p1", "flow") == 7.5
    assert value(facilityd, "p2", "flow") == 12.5, "the other device's alias"
    assert counts(facilityd) == {"births": 3, "deaths": 0, "gaps": 0, "rebirths": 0}
    assert facilityd.get("/api/v1/links/plant")["dropped_unknown"] == 0


def test_no_value_and_doubtful_ones(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_value(facilityd, "p1", "flow", 12.5)
    node.data("Flow", None, "pump-1")
    wait_state(facilityd, "p1", "flow", "bad", "not_available")
    assert facilityd.point("p1", "flow")["good_value"] == 12.5
    node.data("Flow", 3.0, "pump-1")
    wait_value(facilityd, "p1", "flow", 3)
    for quality, reason in ((0, "not_available"), (500, "stale")):
        node.data("Flow", 4.0, "pump-1", quality=quality)
        wait_state(facilityd, "p1", "flow", "bad", reason)
    node.data("Flow", 4.0, "pump-1", quality=192)
    wait_value(facilityd, "p1", "flow", 4)
    node.data("Flow", float("nan"), "pump-1")
    wait_state(facilityd, "p1", "flow", "bad", "not_available")
    node.data("Flow", 101.0, "pump-1")
    wait_state(facilityd, "p1", "flow", "bad", "range")
    node.data("Volume", 1e9, "pump-1")
    wait_state(facilityd, "p1", "volume", "bad", "jump")
    node.send("NDATA", [metric("table", DATASET, b"\x08\x01")])
    wait_state(facilityd, "gw", "table", "bad", "decode")
    assert "'spBv1.0/plant/NDATA/gw1', table" in link_of(facilityd)["error"]
    # The past changes nothing; what follows shows that it was read.
    node.data("Flow", 5.0, "pump-1")
    node.data("Flow", 9.0, "pump-1", historical=True)
    node.data("Volume", 1000.0, "pump-1")
    wait_value(facilityd, "p1", "volume", 1000)
    assert value(facilityd, "p1", "flow") == 5


def test_time_stamps(gateway, edge):
    facilityd = gateway()
    node = edge(connect=False)
    node.connect()
    wait_value(facilityd, "p1", "flow", 12.5)
    born = now_ms()
    until(lambda: now_ms() > born + 1600, 2, "a reading that is later than the birth")
    stamp = now_ms() - 1500
    node.send("DDATA", [metric("Flow", DOUBLE, 6.0, stamp=stamp)], "pump-1")
    wait_value(facilityd, "p1", "flow", 6)
    assert seconds(facilityd.point("p1", "flow")["time"]) == pytest.approx(stamp / 1000, abs=0.2)
    # Unchanged for hours is true now, and a clock that is wrong does no harm.
    node.shift_ms = -8 * 3600 * 1000
    node.born(stamp=now_ms() - 3600 * 1000)
    wait_value(facilityd, "p1", "flow", 12.5)
    point = facilityd.point("p1", "flow")
    assert point["quality"] == "good"
    assert seconds(point["time"]) == pytest.approx(time.time(), abs=2)
    # A stamp that nobody believes.
    node.shift_ms = -now_ms()
    node.data("Flow", 8.0, "pump-1")
    wait_value(facilityd, "p1", "flow", 8)
    assert state_of(facilityd, "p1", "flow") == ("uncertain", "clock")


def seconds(text):
    whole, _, rest = text.rstrip("Z").partition(".")
    return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone + float(f"0.{rest}")


def test_a_hole_is_asked_for_and_answered(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_value(facilityd, "p1", "flow", 12.5)
    node.lose_one()
    node.devices["pump-2"]["Flow"] = (DOUBLE, 77.0)  # what was lost
    node.data("Flow", 13.0, "pump-1")
    wait_value(facilityd, "p1", "flow", 13)
    until(lambda: node.commands == 1, 5, "the request at the node")
    wait_value(facilityd, "p2", "flow", 77)
    assert counts(facilityd) == {"births": 6, "deaths": 0, "gaps": 1, "rebirths": 1}
    # A message that comes twice is a copy.
    node.send("DDATA", [metric("Flow", DOUBLE, 50.0)], "pump-1", seq=node.seq)
    until(lambda: link_of(facilityd)["duplicates"] == 1, 5, "the copy")
    assert value(facilityd, "p1", "flow") == 13
    assert link_of(facilityd)["connects"] == 1


def test_deaths(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_online(facilityd, "p2", True)
    node.send("DDEATH", [], "pump-1")
    wait_state(facilityd, "p1", "flow", "bad", "offline")
    wait_online(facilityd, "p1", False)
    assert value(facilityd, "p2", "flow") == 12.5
    assert value(facilityd, "gw", "online") is True
    node.send("DBIRTH", node.birth_metrics("pump-1"), "pump-1")
    wait_online(facilityd, "p1", True)
    # The will of a connection before.
    node.bdseq = 1
    node.born()
    node.raw("NDEATH", node.death(bdseq=0), qos=1)
    node.data("Flow", 20.0, "pump-1")
    wait_value(facilityd, "p1", "flow", 20)
    assert value(facilityd, "gw", "online") is True
    assert counts(facilityd)["deaths"] == 1


def test_a_node_that_is_killed(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_online(facilityd, "p1", True)
    node.kill()
    for equipment, point in (("gw", "i8"), ("p1", "flow"), ("p2", "running")):
        wait_state(facilityd, equipment, point, "bad", "offline", seconds=10)
        wait_online(facilityd, equipment, False)
    link = link_of(facilityd)
    assert link["connected"] and link["units_offline"] == 3 and link["error"] is None
    assert value(facilityd, "plant", "online") is True, "the link stays up"
    assert facilityd.point("p1", "flow")["good_value"] == 12.5
    back = edge(connect=False)
    back.bdseq = 1
    back.connect()
    wait_value(facilityd, "p1", "flow", 12.5)
    wait_online(facilityd, "p1", True)


def test_a_daemon_that_restarts_asks(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_value(facilityd, "p1", "flow", 12.5)
    facilityd.kill()
    node.devices["pump-1"]["Flow"] = (DOUBLE, 33.0)  # changed meanwhile, and no more
    facilityd.start()
    wait_value(facilityd, "p1", "flow", 33, seconds=10)
    assert node.commands == 1
    assert value(facilityd, "gw", "i8") == -5
    wait_online(facilityd, "p1", True)


def test_nodes_that_are_not_there(gateway):
    """Nobody has told of them since the start, and nobody answers."""
    facilityd = gateway()
    assert value(facilityd, "p1", "online") is None
    wait_online(facilityd, "p1", False, seconds=30)
    assert state_of(facilityd, "p1", "flow") == ("bad", "offline")


def test_a_node_that_is_never_born(gateway, edge):
    facilityd = gateway()
    node = edge(answers=False)
    wait_value(facilityd, "p1", "flow", 12.5)
    node.lose_one()

    def told():
        node.data("Flow", 1.0 + node.commands, "pump-1")
        return "plant/gw1" in (link_of(facilityd)["error"] or "")
    until(told, 40, "the trouble told", every=0.5)
    assert node.commands >= 3
    assert "no birth" in link_of(facilityd)["error"]
    assert value(facilityd, "p1", "online") is True, "what it sends is true all the same"
    node.answers = True
    node.born()
    until(lambda: link_of(facilityd)["error"] is None, 5, "the trouble over")


def test_the_broker_restarts(gateway, edge, broker):
    facilityd = gateway()
    node = edge()
    wait_value(facilityd, "p1", "flow", 12.5)
    broker.kill()
    wait_online(facilityd, "p1", False, seconds=10)
    assert value(facilityd, "p1", "flow") == 12.5, "nobody has said that it is wrong"
    node.kill()
    broker.start()
    until(lambda: link_of(facilityd)["connected"], 15, "the connection again")
    assert value(facilityd, "p1", "online") is False, "not known to be there yet"
    back = edge(connect=False)
    back.devices["pump-1"]["Flow"] = (DOUBLE, 44.0)
    back.connect()
    wait_value(facilityd, "p1", "flow", 44)
    wait_online(facilityd, "p1", True)


def test_state_of_the_host(gateway, edge, broker):
    facilityd = gateway()
    node = edge()
    online = until(lambda: node.states and node.states[-1], 5, "the state")
    assert online["online"] is True and abs(online["timestamp"] - now_ms()) < 20000
    # A will that comes late.
    broker.publish(STATE, json.dumps({"online": False, "timestamp": 1}), "-r")
    until(lambda: node.states[-1] == online and len(node.states) == 3, 5, "told again")
    assert json.loads(broker.read(STATE)) == online
    facilityd.kill()
    until(lambda: node.states[-1] == {**online, "online": False}, 10, "the will")
    facilityd.start()
    until(lambda: node.states[-1]["online"] is True, 10, "online")
    facilityd.stop()
    until(lambda: node.states[-1]["online"] is False, 5, "a clean stop")
    assert node.states[-1]["timestamp"] >= node.states[-2]["timestamp"]
    assert len(node.states) == 6, "no will after a clean stop"


def test_hostile_payloads(gateway, edge):
    facilityd = gateway()
    node = edge()
    wait_value(facilityd, "p1", "flow", 12.5)
    empty_metrics = block(2, b"") * (256 * 1024 // 2)
    many_keys = payload([block(9, block(1, "Quality") * 1000 + block(2, b""))])
    hostile = [b"\xff" * 100, b"\x12\xff\xff\xff\xff\x0f", empty_metrics, b"{\"flow\": 1}",
               block(2, block(1, b"\xff\xfe")) + b"\x07", b"\x00"]
    for bytes_ in hostile:
        for kind, device in (("NDATA", None), ("NBIRTH", None), ("DDATA", "pump-1"),
                             ("NDEATH", None)):
            node.raw(kind, bytes_, device)
    refused = until(lambda: (lambda l: l["protocol_errors"] if l["requests"] >= 4 * len(hostile)
                             else None)(link_of(facilityd)), 10, "all read")
    link = link_of(facilityd)
    assert refused == 4 * len(hostile) == link["rejected"]["syntax"], link["rejected"]
    assert "spBv1.0/plant/" in link["error"]
    node.raw("NDATA", b"")
    until(lambda: link_of(facilityd)["rejected"]["empty"] == 1, 5, "no bytes")
    node.raw("NDATA", b"x" * 300000)
    until(lambda: link_of(facilityd)["dropped_oversize"] == 1, 5, "too long")
    node.raw("NDATA", many_keys)
    node.raw("NCMD", b"\xff")
    node.raw("NBIRTH", payload([metric("i8", INT8, 99)], 0), retain=True)
    node.data("Flow", 21.0, "pump-1")
    wait_value(facilityd, "p1", "flow", 21)
    for equipment in ("gw", "p1", "p2"):
        assert value(facilityd, equipment, "online") is True


def test_the_example_of_the_manual(tmp_path):
    text = (ROOT / "docs/PROFILES.md").read_text()
    example = text.split("## Sparkplug B")[1].split("```")[1]
    code, _, errors = check(tmp_path, 'site : { id = "s"; };\n' + example)
    assert code == 0, errors


def test_configuration(tmp_path):
    good = CONFIG.format(port=1883, keys="")
    code, _, errors = check(tmp_path, good)
    assert code == 0, errors
    line = 1 + good[:good.index('topic = "plant/gw1"')].count("\n")
    for change, where, words in (
            (('topic = "plant/gw1";', 'topic = "plant/+";'), line, "names no Sparkplug node"),
            (('topic = "plant/gw1";', 'topic = "plant";'), line, "such as \"group/node\""),
            (('topic = "plant/gw1";', 'topic = "a/b/c/d";'), line, "names no Sparkplug node"),
            (('sparkplug = "facilityd";', 'sparkplug = "facilityd"; status_topic = "gw/s";'), 3,
             "with Sparkplug B"),
            (('sparkplug = "facilityd";', 'sparkplug = "facilityd"; topics = "a/{equipment}";'), 3,
             "with Sparkplug B"),
            (('{ name = "i8"; }', '{ name = "i8"; topic = "i8"; }'), line, "with Sparkplug B")):
        code, _, errors = check(tmp_path, good.replace(*change))
        assert code != 0 and words in errors and f":{where}:" in errors, (change, errors)
