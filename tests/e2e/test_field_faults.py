"""The field as it is: devices that are late, lie, break off, freeze, flap and die, against
the real daemon. What is proven for each: it costs the one who does it, it is counted by
its kind, the next poll is clean, and no value ever belongs to another address."""
import math
import os
import pty
import random
import statistics
import struct
import time
from concurrent.futures import ThreadPoolExecutor

import fault_device as fault
from fault_device import FaultDevice
from harness import free_port, until
from line_sink import LineSink

TIMEOUT_S = 0.3
HEAD = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\n'
# Four blocks of equal size: a slip from one to another is seen by the value.
BOX = """
  {{ id = "box"; class = "sensor"; poll = "{poll}"; max_gap = 0; latency = "0s";
     points = ( {{ name = "a10"; holding = 10; }}, {{ name = "a20"; holding = 20; }},
                {{ name = "a30"; holding = 30; }}, {{ name = "a40"; holding = 40; }} ); }}
"""


def link_text(name, address, **options):
    options.setdefault("timeout", '"300ms"')
    more = " ".join(f"{key} = {value};" for key, value in options.items())
    return f'{{ id = "{name}"; modbus = "{address}"; {more} }}'


def equipment_text(name, link, unit=1, profile="box", **options):
    more = " ".join(f"{key} = {value};" for key, value in options.items())
    return (f'{{ id = "{name}"; profile = "{profile}"; link = "{link}"; unit = {unit}; '
            f'{more} }}')


def site(links, equipment, profiles=None, rest="", poll="200ms"):
    profiles = BOX.format(poll=poll) if profiles is None else profiles
    return (HEAD + f"profiles = ( {profiles} );\n"
            + "links = ( " + ",\n  ".join(links) + " );\n"
            + "equipment = ( " + ",\n  ".join(equipment) + " );\n" + rest)


def link(facilityd, name):
    return facilityd.get(f"/api/v1/links/{name}")


def unit(facilityd, link_name, number=1):
    return next(u for u in link(facilityd, link_name)["unit_list"] if u["unit"] == number)


def good(facilityd, equipment, name="a10"):
    return facilityd.point(equipment, name)["quality"] == "good"


def values_fit(sink):
    """Every value that reached the database is the one of its address."""
    for equipment, field, value in sink.values():
        if field.startswith("a") and field[1:].isdigit():
            assert float(value.rstrip("iu")) == int(field[1:]), (equipment, field, value)


def once(device, number, what):
    """The unit misbehaves for its next request only. Returns a list that fills then."""
    done = []

    def act(request):
        device.faults.pop(number, None)
        done.append(request)
        return what(request)

    device.faults[number] = act
    return done


def three_links(start, tmp_path, **options):
    """A device on each kind of link, each with two units."""
    devices = {
        "tcp": start(FaultDevice("tcp", **options)),
        "rtutcp": start(FaultDevice("rtu+tcp", **options)),
        "pty": start(FaultDevice("pty", link=str(tmp_path / "tty"), **options)),
    }
    links = [link_text("tcp", f"tcp://127.0.0.1:{devices['tcp'].port}"),
             link_text("rtutcp", f"rtu+tcp://127.0.0.1:{devices['rtutcp'].port}"),
             link_text("pty", f"rtu://{tmp_path}/tty", baud=115200)]
    return devices, links


# --- F24: nobody there ---------------------------------------------------------------

def test_f24_nobody_there(start, daemon):
    """Refused, silent, and a connection that is never answered: the deadline is kept, the
    others do not notice."""
    living, mute = start(FaultDevice()), start(FaultDevice())
    mute.faults[1] = fault.silent
    refused = free_port()
    backlog = BackLog()
    start(backlog)
    facilityd = daemon(site(
        [link_text("living", f"tcp://127.0.0.1:{living.port}"),
         link_text("mute", f"tcp://127.0.0.1:{mute.port}"),
         link_text("refused", f"tcp://127.0.0.1:{refused}"),
         link_text("backlog", f"tcp://127.0.0.1:{backlog.port}"),
         link_text("route", "tcp://[fe80::1]:502")],
        [equipment_text("box-living", "living"), equipment_text("box-mute", "mute", 1),
         equipment_text("box-mute-2", "mute", 2), equipment_text("box-refused", "refused"),
         equipment_text("box-backlog", "backlog"), equipment_text("box-route", "route")]),
        shipped=False)
    until(lambda: good(facilityd, "box-living"), 5, "the living one")
    before, began = living.count(), time.monotonic()
    for name, words in (("refused", "Connection refused"), ("backlog", "no answer to the conn"),
                        ("route", "connect to fe80::1:502:")):
        until(lambda n=name, w=words: w in (link(facilityd, n)["error"] or ""), 5, words)
        assert facilityd.point(f"box-{name}", "a10")["reason"] == "connect"
    until(lambda: unit(facilityd, "mute")["timeouts"] >= 2, 15, "two timeouts")
    until(lambda: good(facilityd, "box-mute-2"), 5, "its neighbour")
    assert facilityd.point("box-mute", "a10")["reason"] == "timeout"
    assert abs(statistics.median(mute.gaps(1)) - TIMEOUT_S) < TIMEOUT_S / 10, mute.gaps(1)
    until(lambda: time.monotonic() - began > 2, 5, "two seconds")
    planned = 4 * (time.monotonic() - began) / 0.2
    assert living.count() - before > 0.95 * planned - 4
    assert link(facilityd, "backlog")["requests"] == 0


class BackLog:
    """A listener that never answers a connection attempt: its queue is full."""

    def __init__(self):
        import socket
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.fillers = []
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(filler)

    def start(self):
        return self

    def kill(self):
        for one in [self.listener, *self.fillers]:
            one.close()


def test_f24_half_open(start, daemon, far_away):
    """The device vanishes without a word, on a network of its own, and comes back."""
    device = start(far_away.device(FaultDevice(host="198.18.0.2", port=5020)))
    living = start(FaultDevice())
    facilityd = daemon(site(
        [link_text("far", "tcp://198.18.0.2:5020"),
         link_text("living", f"tcp://127.0.0.1:{living.port}")],
        [equipment_text("box-far", "far"), equipment_text("box-living", "living")]), shipped=False)
    until(lambda: good(facilityd, "box-far") and good(facilityd, "box-living"), 5, "both")
    far_away.vanish()
    gone, before = time.monotonic(), living.count()
    until(lambda: not good(facilityd, "box-far"), 5, "the loss is seen")
    seen = time.monotonic() - gone
    assert seen < 0.2 + TIMEOUT_S * 1.1 + 0.3, seen
    until(lambda: link(facilityd, "far")["error"], 5, "why")
    until(lambda: time.monotonic() - gone > 2, 5, "two seconds")
    assert living.count() - before > 0.9 * 4 * 2 / 0.2
    far_away.return_()
    until(lambda: good(facilityd, "box-far"), 20, "it is back")
    assert device.connections >= 2


def test_f24_closed_after_each_answer(start, daemon):
    device = start(FaultDevice())
    device.fault = fault.answers_and_closes
    sink = start(LineSink())
    facilityd = daemon(site([link_text("bus", f"tcp://127.0.0.1:{device.port}")],
                            [equipment_text("box", "bus")], rest=sink.config()), shipped=False)
    until(lambda: len(sink.values()) > 60, 15, "sixty values")
    values_fit(sink)
    assert unit(facilityd, "bus")["timeouts"] == 0
    assert facilityd.get("/api/v1/equipment/box")["points"][-1]["value"] in (1, True)


# --- F25, F26, F27: what comes is not the answer ----------------------------------------

PROTOCOL, TIMEOUT, FINE, NOT_HERE = "protocol_errors", "timeouts", None, "not here"
LIES = [
    # what, on TCP, on RTU, word of the error
    (fault.late(TIMEOUT_S * 1.5), TIMEOUT, TIMEOUT, "no answer within"),
    (fault.drip(0.1), TIMEOUT, TIMEOUT, "of an answer within"),
    (fault.endless(0.5), PROTOCOL, PROTOCOL, "no answer, from FF"),
    (fault.garbage, PROTOCOL, PROTOCOL, "no answer, from 0B"),
    (fault.twice, FINE, FINE, None),
    (fault.wrong_unit, PROTOCOL, PROTOCOL, "answer of unit 2, asked"),
    (fault.wrong_transaction, PROTOCOL, NOT_HERE, "answer to transaction"),
    (fault.older_transaction, PROTOCOL, NOT_HERE, "answer to transaction"),
    (fault.wrong_function, PROTOCOL, PROTOCOL, "answer to function 4, asked"),
    (fault.short_count, PROTOCOL, PROTOCOL, "answer says 0 bytes, asked 2"),
    (fault.long_count, PROTOCOL, PROTOCOL, None),
    (fault.lying_count, PROTOCOL, PROTOCOL, "answer says 0 bytes, asked 2"),
    (fault.lying_length, PROTOCOL, NOT_HERE, "length field says 13"),
    (fault.bad_checksum, NOT_HERE, PROTOCOL, "checksum does not fit"),
    (fault.noisy_start(b"\xff\x00"), NOT_HERE, FINE, None),
]


def lie_on(facilityd, device, name, what, kind, word):
    """One lie, and that it costs what it should."""
    rtu = name != "tcp"
    before = unit(facilityd, name)
    done = once(device, 1, what)
    until(lambda: done, 5, f"{name}: the request that is lied to")
    if kind is FINE:
        until(lambda: unit(facilityd, name)["answers"] > before["answers"] + 8, 5,
              f"{name}: answers go on")
        after = unit(facilityd, name)
        assert after["timeouts"] == before["timeouts"], (name, after)
        assert after["protocol_errors"] == before["protocol_errors"], (name, after)
        return
    after = until(lambda: (lambda u: u if u[kind] > before[kind] else None)(
        unit(facilityd, name)), 5, f"{name}: counted as {kind} {word}")
    assert after[kind] == before[kind] + 1, (name, word, after)
    other = TIMEOUT if kind == PROTOCOL else PROTOCOL
    assert after[other] == before[other], (name, word, after)
    if word is not None:
        said = {after["error"] or "", link(facilityd, name)["error"] or ""}
        assert any(word in text for text in said) or not any(said), (name, word, said)
    until(lambda: unit(facilityd, name)["answers"] > after["answers"] + 8, 8,
          f"{name}: back in step after {word}")
    last = unit(facilityd, name)
    assert (last["timeouts"], last["protocol_errors"]) == (
        after["timeouts"], after["protocol_errors"]), (name, word, last)
    if not rtu:
        assert device.connections > 1


def test_f25_f26_f27_lies(start, daemon, tmp_path):
    devices, links = three_links(start, tmp_path)
    sink = start(LineSink())
    equipment = [equipment_text(f"{name}-{u}", name, u) for name in devices for u in (1, 2)]
    facilityd = daemon(site(links, equipment, rest=sink.config(), poll="100ms"), shipped=False)
    for name in devices:
        until(lambda n=name: good(facilityd, f"{n}-1") and good(facilityd, f"{n}-2"), 5, name)

    def lie_through(name):
        for what, on_tcp, on_rtu, word in LIES:
            kind = on_tcp if name == "tcp" else on_rtu
            if kind != NOT_HERE:
                lie_on(facilityd, devices[name], name, what, kind, word)

    with ThreadPoolExecutor(len(devices)) as pool:
        list(pool.map(lie_through, devices))
    for name in devices:  # the neighbour on the same wire had no trouble of its own
        neighbour = unit(facilityd, name, 2)
        assert neighbour["timeouts"] + neighbour["protocol_errors"] == 0, (name, neighbour)
    values_fit(sink)
    assert len(sink.values()) > 500


def test_f26_reordered(start, daemon):
    """Two answers change places: neither is taken for the other."""
    device, sink = start(FaultDevice()), start(LineSink())
    held = []

    def swap(request):
        if not held:
            held.append(request.answer())
            return []
        return [(0, request.answer()), (0, held.pop())]

    facilityd = daemon(site([link_text("bus", f"tcp://127.0.0.1:{device.port}")],
                            [equipment_text("box", "bus")], rest=sink.config(), poll="100ms"),
                       shipped=False)
    until(lambda: good(facilityd, "box"), 5, "the box")
    device.fault = swap
    until(lambda: unit(facilityd, "bus")["timeouts"] >= 2, 10, "two swaps")
    device.fault = fault.honest
    until(lambda: good(facilityd, "box"), 10, "back in step")
    values_fit(sink)


LATE_LINKS = 6  # of each kind
LATE_TIMEOUT_S = 0.05


def late_often(seed):
    """Every third answer is late by any time up to six response times."""
    dice = random.Random(seed)

    def act(request):
        delay = dice.uniform(0.5, 6) * LATE_TIMEOUT_S if dice.random() < 0.3 else 0
        return [(delay, request.answer())]

    return act


def late_plant(start, tmp_path):
    devices, links, equipment = [], [], []
    port = free_port()
    for i in range(LATE_LINKS):
        for kind in ("tcp", "rtu+tcp", "pty", "dial-rtu", "dial-tcp"):
            name = f"{kind.replace('+', '')}-{i}"
            device = FaultDevice(kind, link=str(tmp_path / name), in_order=kind != "tcp",
                                 registration=f"DTU-{name};".encode())
            device.fault = late_often(f"{kind} {i}")
            devices.append(start(device))
            address = {"tcp": f"tcp://127.0.0.1:{device.port}",
                       "rtu+tcp": f"rtu+tcp://127.0.0.1:{device.port}",
                       "pty": f"rtu://{tmp_path / name}",
                       "dial-rtu": f"listen+rtu://127.0.0.1:{port}",
                       "dial-tcp": f"listen+tcp://127.0.0.1:{port}"}[kind]
            options = {"timeout": '"50ms"'}
            if kind == "pty":
                options["baud"] = 115200
            if kind.startswith("dial"):
                options["registration"] = f'"DTU-{name};"'
            links.append(link_text(name, address, **options))
            equipment.append(equipment_text(f"box-{name}", name, critical="true"))
    return devices, links, equipment, port


def keep_dialled(devices, port):
    """A modem whose connection was closed calls again."""
    for device in devices:
        if device.kind.startswith("dial") and not alive(device):
            try:
                device.dial(port)
            except OSError:
                pass


def alive(device):
    import select
    for stream in device.streams[-1:]:
        try:
            if stream.fileno() < 0:
                return False
            return not select.select([], [], [stream], 0)[2] and stream.getpeername()
        except OSError:
            return False
    return False


def test_f26_late_answers_never_slip(start, daemon, tmp_path):
    """Thousands of exchanges with answers around and far beyond the timeout: a register's
    value is its address, so any slip from one to another shows in the database."""
    devices, links, equipment, port = late_plant(start, tmp_path)
    sink = start(LineSink())
    facilityd = daemon(site(links, equipment, rest=sink.config(), poll="100ms"), shipped=False)

    def enough():
        keep_dialled(devices, port)
        return sum(device.count() for device in devices) > 3000

    until(enough, 60, "3000 exchanges", every=0.2)
    values_fit(sink)
    for text in links:
        name = text.split('"')[1]
        counted = unit(facilityd, name)
        assert counted["timeouts"] > 0, (name, counted)
        assert len(sink.values(f"box-{name}")) > 10, (name, counted)


# --- F28, F29: refusals ------------------------------------------------------------------

EXCEPTIONS = {1: "exception", 2: "address", 3: "address", 4: "exception", 5: "exception",
              6: "exception", 7: "exception", 8: "exception", 0x0A: "exception",
              0x0B: "exception", 0x63: "exception"}


def test_f28_exceptions(start, daemon):
    device = start(FaultDevice())
    for code in EXCEPTIONS:
        device.faults[code] = fault.refuses(code)
    one = """{ id = "one"; class = "sensor"; poll = "200ms";
      points = ( { name = "a10"; holding = 10; } ); }"""
    facilityd = daemon(site(
        [link_text("bus", f"tcp://127.0.0.1:{device.port}")],
        [equipment_text(f"box-{code}", "bus", code, "one") for code in EXCEPTIONS]
        + [equipment_text("living", "bus", 200, "one")], one), shipped=False)
    until(lambda: good(facilityd, "living"), 5, "the living one")
    for code, reason in EXCEPTIONS.items():
        point = until(lambda c=code, r=reason: (lambda p: p if p["reason"] == r else None)(
            facilityd.point(f"box-{c}", "a10")), 10, f"exception {code}")
        assert point["detail"] == code, point
    for code in EXCEPTIONS:
        gone = code in (0x0A, 0x0B)  # the gateway answered, not the device
        until(lambda c=code, g=gone: unit(facilityd, "bus", c)["state"]
              == ("offline" if g else "online"), 15, f"the state of unit {code}")
    assert unit(facilityd, "bus", 2)["refused_count"] == 1
    assert unit(facilityd, "bus", 4)["refused_count"] == 0
    assert good(facilityd, "living")
    # A busy device is asked again soon and not hammered.
    busy = [r.at for r in device.log if r.unit == 6][:4]
    assert all(0.05 < b - a for a, b in zip(busy, busy[1:])), busy


def test_f29_an_unreadable_register(start, daemon):
    device = start(FaultDevice())
    device.refused = {37}
    points = ", ".join(f'{{ name = "a{i}"; holding = {i}; }}' for i in range(64))
    wide = f'{{ id = "wide"; class = "sensor"; poll = "200ms"; points = ( {points} ); }}'
    facilityd = daemon(site([link_text("bus", f"tcp://127.0.0.1:{device.port}")],
                            [equipment_text("box", "bus", 1, "wide")], wide), shipped=False)
    until(lambda: facilityd.point("box", "a37")["reason"] == "address", 10, "the bad register")
    for i in range(64):
        if i != 37:
            until(lambda n=i: good(facilityd, "box", f"a{n}"), 5, f"a{i}")
    refused = [r for r in device.log if r.start <= 37 < r.start + r.count]
    assert len(refused) <= 1 + int(math.log2(64)), [(r.start, r.count) for r in refused]
    seen = device.count()
    until(lambda: device.count() > seen + 20, 10, "further polls")
    later = [r for r in device.log[seen:] if r.start <= 37 < r.start + r.count]
    assert not later, "it is remembered"
    told = unit(facilityd, "bus")["refused"]
    assert told == [{"table": "holding", "start": 37, "count": 1}], told


# --- F30: values that are none -----------------------------------------------------------

def f32(value, swapped=False):
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return (low, high) if swapped else (high, low)


F30 = """
  { id = "odd"; class = "sensor"; poll = "100ms";
    points = (
      { name = "nan"; holding = 0; type = "f32"; },
      { name = "inf"; holding = 2; type = "f32"; },
      { name = "ninf"; holding = 4; type = "f32"; },
      { name = "nzero"; holding = 6; type = "f32"; },
      { name = "tiny"; holding = 8; type = "f32"; },
      { name = "swapped"; holding = 10; type = "f32"; range = (45.0, 65.0); },
      { name = "none_s16"; holding = 12; type = "s16"; invalid = (0x8000); },
      { name = "none_u16"; holding = 13; invalid = (0xFFFF); },
      { name = "none_f32"; holding = 14; type = "f32"; invalid = (0x7FC00000L); },
      { name = "counter"; holding = 16; counter = true; modulus = 65536.0; },
      { name = "fine"; holding = 17; }
    ); }
"""
F30_RULES = """
rules = ( { id = "odd.high"; class = "sensor"; when = "nan > 0 or inf > 0 or swapped < 1";
            title : { en = "never"; zh = "never"; }; },
          { id = "odd.bad"; class = "sensor"; when = "bad(nan) and bad(inf) and bad(none_s16)";
            title : { en = "bad"; zh = "bad"; }; },
          { id = "odd.used"; class = "sensor"; when = "used(counter, 1s) > 15";
            title : { en = "used"; zh = "used"; }; } );
"""


def test_f30_values_that_are_none(start, daemon):
    device, sink = start(FaultDevice()), start(LineSink())
    pairs = {0: f32(float("nan")), 2: f32(float("inf")), 4: f32(float("-inf")), 6: f32(-0.0),
             8: (0, 1), 10: f32(50.0, swapped=True), 14: (0x7FC0, 0)}
    for address, (high, low) in pairs.items():
        device.values[address], device.values[address + 1] = high, low
    device.values.update({12: 0x8000, 13: 0xFFFF, 16: 65530, 17: 17})
    facilityd = daemon(site([link_text("bus", f"tcp://127.0.0.1:{device.port}")],
                            [equipment_text("box", "bus", 1, "odd")], F30,
                            F30_RULES + sink.config()), shipped=False)
    until(lambda: good(facilityd, "box", "fine"), 5, "the box")
    for name, reason in (("nan", "not_available"), ("inf", "not_available"),
                         ("ninf", "not_available"), ("swapped", "range"),
                         ("none_s16", "not_available"), ("none_u16", "not_available"),
                         ("none_f32", "not_available")):
        point = facilityd.point("box", name)
        assert (point["quality"], point["reason"]) == ("bad", reason), point
        assert point["value"] is None
    assert facilityd.point("box", "nzero")["value"] == 0
    assert 0 < facilityd.point("box", "tiny")["value"] < 1e-40
    until(lambda: facilityd.point("box", "counter")["value"] == 65530, 5, "the counter")
    until(lambda: facilityd.get("/api/v1/rules/odd.used/explain?equipment=box")["when"]["value"]
          is False, 5, "a whole window")
    device.values[16] = 10  # it began again: 16 were used
    until(lambda: [i for i in facilityd.issues() if i["rule"] == "odd.used"], 5, "the wrap")
    rules = {i["rule"] for i in facilityd.issues()}
    assert rules == {"odd.bad", "odd.used"}, rules
    until(lambda: sink.values("box", "fine"), 5, "lines")
    written = {field for _, field, _ in sink.values("box")}
    assert not written & {"nan", "inf", "ninf", "swapped", "none_s16", "none_u16", "none_f32"}
    for _, field, value in sink.values("box"):
        assert math.isfinite(float(value.rstrip("iu"))) if value[0] in "-.0123456789" else True


# --- F31, F32: values that are suspicious ------------------------------------------------

def test_f31_a_frozen_sensor(start, daemon):
    device = start(FaultDevice())
    rule = """
rules = ( { id = "sensor.frozen"; class = "sensor"; when = "max(a10, 3s) - min(a10, 3s) < 0.5";
            for = "2s"; title : { en = "frozen"; zh = "frozen"; }; } );
"""
    facilityd = daemon(site([link_text("bus", f"tcp://127.0.0.1:{device.port}")],
                            [equipment_text("box", "bus")], rest=rule, poll="100ms"),
                       shipped=False)
    stop = time.monotonic() + 2
    n = 0
    while time.monotonic() < stop:      # it lives ...
        n += 1
        device.values[10] = n % 50
        until(lambda: facilityd.point("box", "a10")["value"] == n % 50, 5, "a new value")
    moved = facilityd.point("box", "a10")
    assert moved["same_since"] <= moved["good_time"]
    since = moved["same_since"]         # ... and then it does not
    until(lambda: [i for i in facilityd.issues() if i["rule"] == "sensor.frozen"], 10,
          "the frozen sensor is noticed")
    later = facilityd.point("box", "a10")
    assert later["same_since"] == since and later["good_time"] > since, later
    until(lambda: "unchanged since" in facilityd.get("/equipment/box?lang=en", raw=True)[1], 10,
          "the page tells")


def test_f32_a_flapping_value(start, daemon):
    """Ten times a second round the limit is one issue; so are slow returns, counted."""
    device = start(FaultDevice())
    device.values[10] = 49
    rule = """
rules = ( { id = "sensor.high"; class = "sensor"; when = "a10 > 50"; clear = "a10 < 48";
            clear_for = "1s"; title : { en = "high"; zh = "hoch"; }; },
          { id = "sensor.high_long"; class = "sensor"; when = "a10 > 50"; for = "2s";
            title : { en = "high"; zh = "hoch"; }; } );
"""
    facilityd = daemon(site([link_text("bus", f"tcp://127.0.0.1:{device.port}")],
                            [equipment_text("box", "bus")], rest=rule, poll="100ms"),
                       shipped=False)
    until(lambda: good(facilityd, "box"), 5, "the box")
    began = time.monotonic()
    while time.monotonic() - began < 3:
        device.values[10] = 51 if int((time.monotonic() - began) * 10) % 2 else 49
        time.sleep(0.02)
    issues = facilityd.issues()
    assert [i["rule"] for i in issues] == ["sensor.high"], issues
    one = f"/api/v1/issues/{issues[0]['id']}"
    for _ in range(2):
        device.values[10] = 40
        until(lambda: facilityd.get(one)["returned"], 5, "clear")
        device.values[10] = 51
        until(lambda: not facilityd.get(one)["returned"], 5, "again")
    issue = facilityd.get(one)
    assert issue["recurrences"] == 2, issue
    # The third raise within a minute is no news of the plant but of the signal.
    until(lambda: [i["rule"] for i in facilityd.issues()] == ["signal.chattering"], 5,
          "one issue of the signal")


# --- F33: many at once -------------------------------------------------------------------

F33_RULES = """
rules = ( { id = "equipment.comm_lost"; class = "*"; when = "not online and link.online";
            for = "3s"; title : { en = "lost"; zh = "lost"; }; },
          { id = "link.down"; class = "link"; when = "not online"; for = "3s";
            title : { en = "down"; zh = "down"; }; } );
"""
F33_LINKS, F33_UNITS = 10, 50


def test_f33_five_hundred_lose_power(start, daemon):
    """Half of the buses fall silent, of the others the gateway itself goes; one that has
    its own supply stays."""
    buses = [start(FaultDevice()) for _ in range(F33_LINKS)]
    spare = start(FaultDevice())
    one = """{ id = "one"; class = "sensor"; poll = "1s";
      points = ( { name = "a10"; holding = 10; } ); }"""
    facilityd = daemon(site(
        [link_text(f"bus-{i}", f"tcp://127.0.0.1:{bus.port}") for i, bus in enumerate(buses)]
        + [link_text("spare", f"tcp://127.0.0.1:{spare.port}")],
        [equipment_text(f"box-{i}-{u}", f"bus-{i}", u, "one")
         for i in range(F33_LINKS) for u in range(1, F33_UNITS + 1)]
        + [equipment_text("box-spare", "spare", 1, "one")], one, F33_RULES), shipped=False)
    until(lambda: sum(link(facilityd, f"bus-{i}")["units_offline"] == 0
                      and link(facilityd, f"bus-{i}")["answers"] >= F33_UNITS
                      for i in range(F33_LINKS)) == F33_LINKS, 10, "all of them")
    spare_before, began = spare.count(), time.monotonic()
    for i, bus in enumerate(buses):
        if i % 2:
            bus.fault = fault.silent
        else:
            bus.stop_listening()
            bus.hang_up()
    until(lambda: len([i for i in facilityd.issues() if i["rule"] == "link.down"])
          == F33_LINKS, 40, "an issue for each bus")
    took = time.monotonic() - began
    assert {i["rule"] for i in facilityd.issues()} == {"link.down"}, "no issue of a child"
    assert facilityd.get("/readyz", raw=True)[0] == 200
    assert spare.count() - spare_before > 0.9 * took - 1
    for i, bus in enumerate(buses):
        bus.fault = fault.honest
        if i % 2 == 0:
            bus.listen()
    until(lambda: all(i["returned"] for i in facilityd.issues()), 60, "all is back")
    assert {i["rule"] for i in facilityd.issues()} == {"link.down"}


# --- F34: a wire -------------------------------------------------------------------------

def cpu_seconds(facilityd):
    with open(f"/proc/{facilityd.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_f34_an_adapter_is_unplugged(start, daemon, tmp_path):
    """And comes back as another device behind the same name."""
    name = tmp_path / "usb-adapter-if00"
    device = start(FaultDevice("pty", link=str(name)))
    facilityd = daemon(site([link_text("bus", f"rtu://{name}", baud=19200, parity='"even"')],
                            [equipment_text("box", "bus")]), shipped=False)
    until(lambda: good(facilityd, "box"), 5, "the box")
    first = name.readlink()
    device.unplug()
    until(lambda: facilityd.point("box", "a10")["reason"] == "connect", 5, "the loss")
    until(lambda: "is the adapter plugged in?" in link(facilityd, "bus")["error"], 5, "why")
    spent, began = cpu_seconds(facilityd), time.monotonic()
    until(lambda: time.monotonic() - began > 2, 5, "two seconds unplugged")
    assert cpu_seconds(facilityd) - spent < 0.1 * (time.monotonic() - began), "a busy loop"
    held = [pty.openpty() for _ in range(4)]  # the old number is taken
    device.plug_in()
    assert name.readlink() != first
    until(lambda: good(facilityd, "box"), 10, "it is back")
    for pair in held:
        os.close(pair[0])
        os.close(pair[1])


def test_f34_noise(start, daemon, tmp_path):
    """Noise on the wire, damaged bytes, somebody else's frames: values stay right, and the
    line works again as soon as it is quiet."""
    device = start(FaultDevice("pty", link=str(tmp_path / "tty")))
    sink = start(LineSink())
    dice = random.Random(34)
    facilityd = daemon(site([link_text("bus", f"rtu://{tmp_path}/tty", baud=115200,
                                       timeout='"100ms"')],
                            [equipment_text("box", "bus", critical="true")],
                            rest=sink.config(), poll="100ms"), shipped=False)
    until(lambda: good(facilityd, "box"), 5, "the box")

    def dirty(request):
        frame = bytearray(request.answer())
        choice = dice.randrange(9)
        if choice == 0:         # a parity error: one bit
            frame[dice.randrange(len(frame))] ^= 1 << dice.randrange(8)
        elif choice == 1:       # a collision: two frames in one another
            frame = bytearray(a ^ b for a, b in zip(frame, frame[::-1]))
        elif choice == 2:       # another master's question in front
            frame = bytearray(b"\x07\x03\x00\x0a\x00\x01") + frame
        return [(0, bytes(frame))]

    device.fault = dirty
    before = unit(facilityd, "bus")["protocol_errors"]
    until(lambda: unit(facilityd, "bus")["protocol_errors"] > before + 5, 20, "six errors")
    device.fault = fault.honest
    until(lambda: all(good(facilityd, "box", f"a{i}0") for i in (1, 2, 3, 4)), 10, "clean again")
    values_fit(sink)
