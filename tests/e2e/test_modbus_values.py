"""Values from pymodbus devices arrive right, over TCP and over RTU; failures are never values."""
import math
import struct

import pytest

from devices import SDM630, RtuPeer, TcpPeer, Unit, f32, sdm630
from harness import free_port, until

SITE = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\n'


def meter_config(link):
    return SITE + f"""
links = ( {link} );
equipment = ( {{ id = "meter-1"; profile = "eastron-sdm630"; link = "bus"; unit = 1; }} );
"""


def assert_sdm630(daemon):
    def complete():
        points = {p["name"]: p for p in daemon.get("/api/v1/equipment/meter-1")["points"]}
        missing = [n for n, _, _ in SDM630 if points[n]["quality"] != "good"]
        assert not missing, missing
        return points

    points = until(complete, 20, "every point of the meter good")
    for name, _, value in SDM630:
        sent = struct.unpack(">f", struct.pack(">f", value))[0]
        assert math.isclose(points[name]["value"], sent, rel_tol=1e-7), (name, points[name])


def test_sdm630_over_tcp(daemon, start):
    port = free_port()
    start(TcpPeer({1: sdm630()}, port))
    facilityd = daemon(meter_config(f'{{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; }}'))
    assert_sdm630(facilityd)


def test_sdm630_over_rtu(daemon, start, process, tmp_path):
    ours, theirs = tmp_path / "tty-ours", tmp_path / "tty-theirs"
    process("socat", "socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}")
    until(lambda: ours.exists() and theirs.exists(), 5, "the pair of terminals")
    start(RtuPeer({1: sdm630()}, theirs))
    facilityd = daemon(meter_config(
        f'{{ id = "bus"; modbus = "rtu://{ours}"; baud = 9600; parity = "none"; }}'))
    assert_sdm630(facilityd)


PROFILE = """
profiles = (
  { id = "probe-device"; class = "sensor"; poll = "200ms";
    points = (
      { name = "u16"; holding = 0; },
      { name = "s16"; holding = 1; type = "s16"; scale = 0.1; },
      { name = "u32"; holding = 2; type = "u32"; },
      { name = "s32c"; holding = 4; type = "s32"; order = "CDAB"; scale = 0.1; },
      { name = "f32d"; holding = 6; type = "f32"; order = "DCBA"; },
      { name = "s64"; holding = 8; type = "s64"; },
      { name = "f64"; holding = 12; type = "f64"; },
      { name = "flag"; holding = 16; bit = 4; },
      { name = "field"; holding = 16; bits = (8, 11); },
      { name = "state"; holding = 17; enum = ((0, "normal"), (2, "inspection")); },
      { name = "gone"; holding = 18; invalid = (0xFFFF); },
      { name = "plausible"; holding = 19; range = (0.0, 100.0); },
      { name = "coil"; coil = 3; },
      { name = "contact"; discrete = 5; },
      { name = "version"; holding = 20; type = "string"; registers = 4; }
    ); }
);
"""


@pytest.fixture
def device(daemon, start):
    unit = Unit()
    unit.fill_range("holding", 0, 24)
    unit.fill_range("coil", 0, 8)
    unit.fill_range("discrete", 0, 8)
    unit.fill("holding", 0, [65535, 0x10000 - 25, 0x0001, 0x86A0])
    unit.fill("holding", 4, [0xC568, 0xFFFF])           # -1500.0
    unit.fill("holding", 6, [0x1E85, 0x0B3F])           # 0.545
    unit.fill("holding", 8, [0, 0, 0x00BC, 0x614E])     # 12345678
    unit.fill("holding", 12, list(struct.unpack(">4H", struct.pack(">d", -2.5e-3))))
    unit.fill("holding", 16, [0x0B10, 2, 0xFFFF, 101])
    unit.fill("holding", 20, [0x5631, 0x2E32, 0x2020, 0])  # "V1.2  "
    unit.fill("coil", 3, [1])
    unit.fill("discrete", 5, [1])
    port = free_port()
    start(TcpPeer({7: unit}, port))
    facilityd = daemon(SITE + PROFILE + f"""
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
equipment = ( {{ id = "dev"; profile = "probe-device"; link = "bus"; unit = 7; }} );
""")
    until(lambda: facilityd.point("dev", "u16")["quality"] == "good", 10, "first reading")
    return facilityd, unit


def test_every_type_and_order(device):
    facilityd, _ = device
    wanted = {"u16": 65535, "s16": -2.5, "u32": 100000, "s32c": -1500.0, "f32d": 0.545,
              "s64": 12345678, "f64": -2.5e-3, "flag": 1, "field": 11, "state": 2,
              "coil": 1, "contact": 1}
    for name, value in wanted.items():
        point = facilityd.point("dev", name)
        assert point["quality"] == "good", point
        assert math.isclose(float(point["value"]), value, rel_tol=1e-6), point
    assert facilityd.point("dev", "version")["value"] == "V1.2"
    assert facilityd.point("dev", "state")["label"] == "inspection"


def test_sentinel_and_range_are_no_values(device):
    facilityd, unit = device
    gone, implausible = facilityd.point("dev", "gone"), facilityd.point("dev", "plausible")
    assert (gone["quality"], gone["reason"]) == ("bad", "not_available")
    assert (implausible["quality"], implausible["reason"]) == ("bad", "range")
    unit.fill("holding", 18, [7, 42])
    until(lambda: facilityd.point("dev", "gone")["value"] == 7, 5, "the sentinel gone")
    until(lambda: facilityd.point("dev", "plausible")["value"] == 42, 5, "plausible again")


def test_a_changed_value_arrives(device):
    facilityd, unit = device
    for value in (1, 2, 3):
        unit.fill("holding", 0, [value])
        until(lambda: facilityd.point("dev", "u16")["value"] == value, 5, f"value {value}")
