"""Brokers and publishers at their worst: F35 to F39 of the list of faults.

The broker that hangs is frozen while the other tests run, and looked at last.
"""
import json
import os
import signal
import socket
import subprocess
import time

import pytest

from brokers import Broker, Flood, Refusing
from harness import Daemon, Process, free_port, until

QUICK_S = 10  # a broker that is back has its values again by then

PROFILES = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
profiles = (
  {{ id = "meter"; class = "water_meter";
    points = ( {{ name = "flow"; path = "flow"; unit = "m3/h"; time = "ts"; sequence = "n"; }},
               {{ name = "volume"; path = "volume"; unit = "m3"; }},
               {{ name = "level"; path = "level"; time = "ts"; expect_every = "1s"; stale_after = "2s"; }}
             ); }},
  {{ id = "plain"; class = "leak_detector"; points = ( {{ name = "leak"; type = "bool"; }} ); }}
);
{rest}
"""
ONE = """
links = ( {{ id = "broker"; mqtt = "{url}"; topics = "plant/{{equipment}}/state"; {keys} }} );
equipment = (
  {{ id = "m1"; profile = "meter"; link = "broker"; }},
  {{ id = "m2"; profile = "meter"; link = "broker"; }},
  {{ id = "rope"; profile = "plain"; link = "broker"; topic = "cellar/rope"; }}
);
"""


def one(port, keys=""):
    return PROFILES.format(rest=ONE.format(url=f"mqtt://127.0.0.1:{port}", keys=keys))


def link_of(facilityd, name="broker"):
    return facilityd.get(f"/api/v1/links/{name}")


def connected(facilityd):
    return link_of(facilityd)["connected"]


def flow_is(facilityd, value, equipment="m1"):
    return facilityd.point(equipment, "flow")["value"] == value


def connections(pid, port):
    """Sockets that the process holds, in whatever state, to that port."""
    wanted = set()
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as file:
        for line in list(file)[1:]:
            words = line.split()
            if int(words[2].split(":")[1], 16) == port:
                wanted.add(f"socket:[{words[9]}]")
    return sum(os.readlink(f"/proc/{pid}/fd/{fd}") in wanted for fd in os.listdir(f"/proc/{pid}/fd"))


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


@pytest.fixture
def broker(start, tmp_path):
    return start(Broker(tmp_path))


@pytest.fixture(scope="module", autouse=True)
def frozen(tmp_path_factory):
    """A daemon whose broker stops answering without closing anything."""
    folder = tmp_path_factory.mktemp("frozen")
    hung = Broker(folder).start()
    facilityd = Daemon(folder, one(hung.port, 'keepalive = "5s";'))
    try:
        facilityd.start()
        until(lambda: connected(facilityd), 10, "the connection")
        hung.signal(signal.SIGSTOP)
        yield facilityd, hung
    finally:
        facilityd.kill()
        hung.kill()


# ---- F35: the broker goes and comes ----

def test_fifty_restarts(daemon, broker):
    facilityd = daemon(one(broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    memory = rss_mb(facilityd.pid)
    for turn in range(50):
        if turn % 2 == 0:
            broker.kill()
        else:
            broker.stop()
        broker.start()
    until(lambda: connected(facilityd), QUICK_S, "the connection again")
    broker.publish("plant/m1/state", '{"flow": 7}')
    until(lambda: flow_is(facilityd, 7), 2, "the subscriptions restored")
    link = link_of(facilityd)
    assert link["error"] is None, "a broker that restarts is no client that takes the id over"
    assert link["connects"] >= 2
    until(lambda: connections(facilityd.pid, broker.port) == 1, 5, "one connection, none left over")
    assert rss_mb(facilityd.pid) < memory + 8


# ---- F36: floods ----

def test_floods_are_kept_out(daemon, start, tmp_path):
    broker = start(Broker(tmp_path, extra="max_queued_messages 0\nmessage_size_limit 0\n"))
    storm = 500  # topics that the broker remembers
    remember(broker.port, (f"plant/old-{number}/state" for number in range(storm)))
    facilityd = daemon(one(broker.port, 'max_rate = 20; max_payload = "64KiB"; qos = 0;'))
    until(lambda: connected(facilityd), 10, "the connection")
    until(lambda: link_of(facilityd)["dropped_unknown"] == storm, 5,
          "what the broker remembers")
    unknown = Flood(broker.port, 10000, 3, 5000, "plant/stranger-%u/state")
    known = Flood(broker.port, 3000, 3, 1, "plant/m2/state")
    late = []
    for value in range(1, 6):
        began = time.monotonic()
        assert broker.publish("plant/m1/state", json.dumps({"flow": value}))
        until(lambda v=value: flow_is(facilityd, v), 2, "a known value in the flood")
        late.append(time.monotonic() - began)
    sent = unknown.sent()
    flooded = known.sent()
    assert max(late) < 1, f"known values came after {late} s"
    until(lambda: link_of(facilityd)["dropped_unknown"] == sent + storm, 10,
          "all counted")
    # Three points of m1 and the flood of m2 were read; the rest of m2 was too much.
    until(lambda: (lambda l: l["requests"] + l["dropped_rate"] == flooded + 5)(link_of(facilityd)),
          10, "the flood of a known topic counted")
    link = link_of(facilityd)
    assert link["requests"] < 5 + 20 * 6, "no more than max_rate was read"
    assert link["dropped"] == 0 and link["connected"]
    names = [stranger["topic"] for stranger in link["unknown_topics"]]
    assert 1 <= len(names) <= 16 and all(name.startswith("plant/") for name in names)
    metrics = facilityd.metrics()
    assert metrics['facilityd_link_dropped_unknown_total{link="broker"}'] == sent + storm
    # Large ones: dropped before anybody looks; a topic as long as topics can be.
    assert broker.publish("plant/m1/state", b" " * 1000000)
    until(lambda: link_of(facilityd)["dropped_oversize"] == 1, 5, "1 MB dropped")
    assert "more than max_payload" in link_of(facilityd)["error"]
    publish_raw(broker.port, b"plant/" + b"x" * (65535 - 12) + b"/state", b"1")
    until(lambda: link_of(facilityd)["dropped_unknown"] == sent + storm + 1, 5,
          "65535 bytes of topic")
    assert rss_mb(facilityd.pid) < 64
    broker.publish("plant/m1/state", '{"flow": 99}')
    until(lambda: flow_is(facilityd, 99), 2, "still there")


def packet(topic, payload, retained=False):
    body = len(topic).to_bytes(2, "big") + topic + payload
    length, rest = b"", len(body)
    while rest or not length:
        length += bytes([rest % 128 | (128 if rest > 127 else 0)])
        rest //= 128
    return (b"\x31" if retained else b"\x30") + length + body


def send_raw(port, packets):
    """What mosquitto_pub would not send, or not in one connection."""
    with socket.create_connection(("127.0.0.1", port), 5) as broker:
        broker.sendall(b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x00\x00\x03raw")
        assert broker.recv(4)[3] == 0
        broker.sendall(packets + b"\xe0\x00")


def publish_raw(port, topic, payload):
    send_raw(port, packet(topic, payload))


def remember(port, topics):
    send_raw(port, b"".join(packet(topic.encode(), b"1", True) for topic in topics))


# ---- F37: payloads ----

PAYLOADS = [
    (b"", "empty"),
    (b"\xff\xfe\x00", "encoding"),
    (b'{"flow": "\xc3\x28"}', "encoding"),
    (b"\xef\xbb\xbf{\"flow\": 1}", "encoding"),
    (b'{"flow": "a\\u0000b"}', "encoding"),
    (b'{"flow": NaN}', "syntax"),
    (b'{"flow": 1', "syntax"),
    (b"{'flow': 1}", "syntax"),
    (b'{"flow": 1, "flow": 2}', "duplicate_key"),
    (b'{"flow": 1e400}', "number"),
    (b"[" * 200000, "depth"),
    (b'{"flow": {"value": 1}}', "meaning"),
    (b'{"flow": "much"}', "meaning"),
]


def test_payloads_are_refused_for_a_reason(daemon, broker):
    facilityd = daemon(one(broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    broker.publish("plant/m1/state", '{"flow": 4.5, "volume": 100}')
    until(lambda: flow_is(facilityd, 4.5), 5, "a good value")
    wanted = {}
    for payload, reason in PAYLOADS:
        wanted[reason] = wanted.get(reason, 0) + 1
        assert broker.publish("plant/m1/state", payload)
        until(lambda: link_of(facilityd)["rejected"].get(reason) == wanted[reason], 5,
              f"{payload[:30]!r} refused as {reason}; {link_of(facilityd)['rejected']}")
    link = link_of(facilityd)
    assert {name: n for name, n in link["rejected"].items() if n} == wanted
    assert link["protocol_errors"] == len(PAYLOADS)
    assert "plant/m1/state" in link["error"], "the page shows where it came from"
    point = facilityd.point("m1", "flow")
    assert (point["quality"], point["reason"], point["value"]) == ("bad", "decode", None)
    assert point["good_value"] == 4.5 and point["good_time"], "the last good one, with its age"
    # A member that is missing is no news; null is.
    broker.publish("plant/m1/state", '{"flow": 5}')
    until(lambda: flow_is(facilityd, 5), 5, "good again")
    broker.publish("plant/m1/state", '{"flow": null, "volume": 101}')
    until(lambda: facilityd.point("m1", "flow")["reason"] == "not_available", 5, "null")
    broker.publish("plant/m1/state", '{"flow": 6}')
    until(lambda: flow_is(facilityd, 6), 5, "only a part")
    assert facilityd.point("m1", "volume")["value"] == 101


def test_copies_and_what_the_broker_remembers(daemon, broker):
    facilityd = daemon(one(broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    now = int(time.time() * 1000)
    for _ in range(3):
        broker.publish("plant/m1/state", json.dumps({"flow": 1, "ts": now}))
        broker.publish("plant/m2/state", json.dumps({"flow": 1, "n": 7}))
        broker.publish("cellar/rope", "wet")
    until(lambda: link_of(facilityd)["requests"] == 9, 5, "all read")
    link = link_of(facilityd)
    assert link["duplicates"] == 4, "by time and by number; without both equal is not the same"
    assert link["answers"] == 5
    # After a reconnect the broker sends what it remembers: no news, and no new age.
    broker.publish("plant/m2/state", '{"flow": 2}', "-r")
    until(lambda: flow_is(facilityd, 2, "m2"), 5, "a retained value")
    before = facilityd.point("m2", "flow")["time"]
    stop_and_continue(facilityd, broker)
    until(lambda: link_of(facilityd)["duplicates"] == 5, 5, "the retained one known")
    assert facilityd.point("m2", "flow")["time"] == before


def stop_and_continue(facilityd, broker):
    """The same broker with its memory, another connection: a client takes the id for a moment."""
    thief = Process(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-i",
                     "test-broker", "-t", "none", "-E"], broker.log.parent / "thief.log").start()
    thief.popen.wait(10)
    until(lambda: link_of(facilityd)["connects"] == 2, QUICK_S, "the connection again")
    until(lambda: connected(facilityd), 5, "subscribed")


def test_promised_reports_go_stale(daemon, broker):
    """A reading is as old as its device says, or of unknown age when only the broker knows it."""
    old = int(time.time() * 1000) - 60000
    broker.publish("plant/m1/state", '{"level": 1, "volume": 5}', "-r")
    broker.publish("plant/m2/state", json.dumps({"level": 1, "ts": old}), "-r")
    facilityd = daemon(one(broker.port))

    def level(equipment):
        point = facilityd.point(equipment, "level")
        return point["quality"], point["reason"]
    until(lambda: level("m1") == ("uncertain", "clock"), 10, "a retained one without a time")
    until(lambda: level("m2") == ("bad", "stale"), 5, "a retained one that is too old")
    assert facilityd.point("m1", "volume")["quality"] == "good", "reports on change: it is in force"
    assert facilityd.point("m1", "online")["value"] is None, "nothing came from itself"
    broker.publish("plant/m1/state", '{"level": 2}')
    until(lambda: level("m1") == ("good", None), 2, "a reading")
    until(lambda: level("m1") == ("bad", "stale"), 4, "silence")
    assert facilityd.point("m1", "level")["good_value"] == 2
    read = link_of(facilityd)["requests"]
    stop_and_continue(facilityd, broker)
    until(lambda: link_of(facilityd)["requests"] == read + 2, 5, "what the broker remembers")
    assert level("m1") == ("bad", "stale"), "it is no report"
    broker.publish("plant/m1/state", '{"level": 3}')
    until(lambda: level("m1") == ("good", None), 2, "a reading after the reconnect")


# ---- F38: two clients with one id ----

def test_taken_over_client_id(daemon, broker, start, tmp_path):
    facilityd = daemon(one(broker.port, 'client_id = "gw-1";'))
    until(lambda: connected(facilityd), 10, "the connection")
    other = start(Process(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-i", "gw-1",
                           "-t", "none", "-k", "60"], tmp_path / "other.log"))
    link = until(lambda: (lambda l: l if "in use elsewhere" in (l["error"] or "") else None)(
        link_of(facilityd)), 20, "the take-over told")
    assert "gw-1" in link["error"] and "client_id of its own" in link["error"]
    assert link["connects"] <= 5, "waits grow: no ping-pong"
    other.kill()
    until(lambda: connected(facilityd), 15, "the connection again")
    broker.publish("plant/m1/state", '{"flow": 3}')
    until(lambda: flow_is(facilityd, 3), 5, "values")


# ---- F39: who may not come in is told why ----

def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=20)


def make_ca(folder, name):
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}")


def make_certificate(folder, name, subject, days, ca="ca"):
    """For 127.0.0.1 and localhost unless the subject is another name."""
    alternative = "DNS:localhost,IP:127.0.0.1" if subject == "localhost" else f"DNS:{subject}"
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={subject}")
    (folder / f"{name}.ext").write_text(f"subjectAltName={alternative}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key",
            "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days), "-extfile", f"{name}.ext")
    os.chmod(folder / f"{name}.key", 0o600)


def tls_broker(folder, certificate, more=""):
    extra = (f"cafile {folder}/ca.pem\ncertfile {folder}/{certificate}.pem\n"
             f"keyfile {folder}/{certificate}.key\nuser root\n{more}")
    return Broker(folder, extra=extra, name=f"{certificate}-{len(more)}")


CONNACK = {1: "does not speak MQTT 3.1.1", 2: "refuses the client id", 3: "not available",
           4: "refuses the user name or the password", 5: "does not let this client in"}


def test_each_refusal_is_told(daemon, start, tmp_path):
    for ca in ("ca", "strange"):
        make_ca(tmp_path, ca)
    make_certificate(tmp_path, "good", "localhost", 2)
    make_certificate(tmp_path, "old", "localhost", -1)
    make_certificate(tmp_path, "named", "broker.example", 2)
    make_certificate(tmp_path, "foreign", "localhost", 2, "strange")
    make_certificate(tmp_path, "client", "gateway", 2)
    good = start(tls_broker(tmp_path, "good"))
    picky = start(tls_broker(tmp_path, "good", "require_certificate true\n"))
    old = start(tls_broker(tmp_path, "old"))
    named = start(tls_broker(tmp_path, "named"))
    foreign = start(tls_broker(tmp_path, "foreign"))
    plain = start(Broker(tmp_path, name="plain"))
    silent = Refusing()
    refusing = {code: Refusing(code) for code in CONNACK}
    ca = f'ca_file = "{tmp_path}/ca.pem"; '
    own = ca + f'cert_file = "{tmp_path}/client.pem"; key_file = "{tmp_path}/client.key"; '
    wanted = {
        "expired": (f"mqtts://localhost:{old.port}", ca, "has expired"),
        "name": (f"mqtts://localhost:{named.port}", ca, "made out to another name"),
        "address": (f"mqtts://127.0.0.1:{named.port}", ca, "made out to another name"),
        "unknown-ca": (f"mqtts://localhost:{foreign.port}", ca, "not trusted here"),
        "no-tls": (f"mqtts://127.0.0.1:{plain.port}", ca, "not speak TLS"),
        "no-certificate": (f"mqtts://localhost:{picky.port}", ca, "want"),
        "silent": (f"mqtts://127.0.0.1:{silent.port}", ca, "does not answer the handshake"),
        "nobody": (f"mqtt://127.0.0.1:{free_port()}", "", "Connection refused"),
        "plain": (f"mqtt://127.0.0.1:{good.port}", "", "does not answer as an MQTT broker"),
        **{f"code-{code}": (f"mqtt://127.0.0.1:{server.port}", "", CONNACK[code])
           for code, server in refusing.items()},
        "works": (f"mqtts://localhost:{good.port}", ca, None),
        "works-too": (f"mqtts://localhost:{picky.port}", own, None),
    }
    links = ",\n".join(f'{{ id = "{name}"; mqtt = "{url}"; {keys} }}'
                       for name, (url, keys, _) in wanted.items())
    equipment = ",\n".join(f'{{ id = "e-{name}"; profile = "plain"; link = "{name}"; topic = "t"; }}'
                           for name in wanted)
    facilityd = daemon(PROFILES.format(rest=f"links = ( {links} );\nequipment = ( {equipment} );"))
    until(lambda: link_of(facilityd, "works")["connected"], 10, "TLS")
    until(lambda: link_of(facilityd, "works-too")["connected"], 10, "TLS with a certificate")
    for name, (_, _, words) in wanted.items():
        if words is None:
            continue
        until(lambda n=name, w=words: w in (link_of(facilityd, n)["error"] or ""), 25,
              f"link {name}: '{words}' in '{link_of(facilityd, name)['error']}'")
        assert not link_of(facilityd, name)["connected"]
    # One broker's silence holds up nobody else.
    began = time.monotonic()
    pub = Broker.publish
    good.client = ["--cafile", str(tmp_path / "ca.pem"), "-h", "localhost"]
    assert pub(good, "t", "wet")
    until(lambda: facilityd.point("e-works", "leak")["value"] is True, 2, "a value over TLS")
    assert time.monotonic() - began < 2
    for server in [silent, *refusing.values()]:
        server.stop()


# ---- F35: half open ----

def test_a_broker_that_hangs_is_noticed(frozen):
    facilityd, hung = frozen
    until(lambda: not connected(facilityd), 30, "the silence noticed")
    until(lambda: facilityd.point("broker", "online")["value"] is False, 5, "the link offline")
    hung.signal(signal.SIGCONT)
    until(lambda: connected(facilityd), QUICK_S + 6, "the connection again")
    hung.publish("plant/m1/state", '{"flow": 8}')
    until(lambda: flow_is(facilityd, 8), 5, "values again")
