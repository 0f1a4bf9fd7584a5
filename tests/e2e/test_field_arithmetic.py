"""What a profile says about numbers, from an independent device to the board and the database."""
import http.server
import math
import re
import threading

import pytest

from devices import TcpPeer, Unit, f32
from harness import free_port, until

SITE = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\n'

PROFILE = """
profiles = (
  { id = "odd-device"; class = "sensor"; poll = "200ms"; never_read = ( { holding = (50, 53); } );
    params : { ct = 1.0; };
    points = (
      { name = "u48"; holding = 0; type = "u48"; },
      { name = "bcd"; holding = 3; type = "bcd32"; scale = 0.01; },
      { name = "m10k"; holding = 5; type = "m10k32"; },
      { name = "power"; holding = (8, 11); type = "u32"; },
      { name = "volume"; holding = 14; type = "s32"; order = "CDAB"; plus = { holding = 16; type = "f32"; }; },
      { name = "current"; holding = 20; scale = 0.01; times = ("ct"); },
      { name = "unit_code"; holding = 30; store = false; },
      { name = "decimals"; holding = 31; store = false; },
      { name = "level"; holding = 32; type = "s16"; exponent = "-decimals";
        factor = { of = "unit_code"; table = ((9, 101.972), (16, 1.0)); }; },
      { name = "code"; holding = 40; quotient = 100; },
      { name = "sub_code"; holding = 40; remainder = 100; },
      { name = "energy"; holding = 60; type = "u32"; counter = true; max_rate = 3600.0; },
      { name = "pressure"; holding = 62; deadband = 5.0; heartbeat = "1h"; }
    ); }
);
"""


class Sink:
    """A database that keeps the lines it is sent."""

    def __init__(self):
        lines = self.lines = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                lines.extend(body.decode().splitlines())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    kill = stop

    def values(self, field):
        """Of the equipment, in the order of arrival."""
        found = (re.search(rf"[ ,]{field}=([^, ]+)", line) for line in self.lines
                 if line.startswith("sensor,"))
        return [float(match.group(1)) for match in found if match]


@pytest.fixture
def plant(daemon, start):
    unit = Unit()
    unit.fill_range("holding", 0, 50)
    unit.fill_range("holding", 54, 10)  # 50 to 53 do not exist: a read over them fails
    unit.fill("holding", 0, [0x0001, 0x0002, 0x0003])
    unit.fill("holding", 3, [0x0012, 0x3456])
    unit.fill("holding", 5, [12, 3456])
    unit.fill("holding", 8, [0x0001, 99, 99, 0x0AF0])
    unit.fill("holding", 14, [12345, 0] + f32(0.25, "CDAB"))
    unit.fill("holding", 20, [500])
    unit.fill("holding", 30, [16, 2, 1234])
    unit.fill("holding", 40, [4807])
    unit.fill("holding", 60, [0, 1000, 100])
    port = free_port()
    start(TcpPeer({7: unit}, port))
    sink = start(Sink())
    facilityd = daemon(SITE + PROFILE + f"""
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
sinks = ( {{ id = "db"; type = "influxdb1"; url = "http://127.0.0.1:{sink.port}"; database = "facility";
             flush = "100ms"; gzip = false; }} );
equipment = ( {{ id = "dev"; profile = "odd-device"; link = "bus"; unit = 7; params : {{ ct = 40.0; }}; }} );
""")
    until(lambda: facilityd.point("dev", "level")["quality"] == "good", 10, "first reading")
    return facilityd, unit, sink


def becomes(facilityd, name, value):
    def right():
        point = facilityd.point("dev", name)
        assert point["quality"] == "good", point
        assert math.isclose(float(point["value"]), value, rel_tol=1e-9), point
        return True

    until(right, 5, f"{name} = {value}")


def goes_bad(facilityd, name, reason):
    until(lambda: facilityd.point("dev", name)["reason"] == reason, 5, f"{name} {reason}")


def test_values(plant):
    facilityd, unit, _ = plant
    for name, value in {"u48": 4295098371, "bcd": 1234.56, "m10k": 123456, "power": 0x10AF0,
                        "volume": 12345.25, "current": 200, "level": 12.34, "code": 48,
                        "sub_code": 7, "energy": 1000}.items():
        becomes(facilityd, name, value)
    unit.fill("holding", 3, [0xFFFF, 0xFFFF])
    goes_bad(facilityd, "bcd", "not_available")
    unit.fill("holding", 16, [0, 0x7FC0])
    goes_bad(facilityd, "volume", "not_available")


def test_scale_from_registers(plant):
    facilityd, unit, _ = plant
    unit.fill("holding", 31, [3])
    becomes(facilityd, "level", 1.234)
    unit.fill("holding", 30, [9])
    becomes(facilityd, "level", 1.234 * 101.972)
    unit.fill("holding", 30, [77])
    goes_bad(facilityd, "level", "depends")
    unit.fill("holding", 30, [16, 2, 0x10000 - 5])
    becomes(facilityd, "level", -0.05)


def test_a_counter_that_jumps(plant):
    facilityd, unit, _ = plant
    becomes(facilityd, "energy", 1000)
    unit.fill("holding", 60, [9, 0])
    goes_bad(facilityd, "energy", "jump")
    becomes(facilityd, "energy", 9 * 65536)  # the third that agrees


def test_series_are_thinned(plant):
    facilityd, unit, sink = plant
    for value in (102, 104, 106, 108, 111):
        unit.fill("holding", 62, [value])
        becomes(facilityd, "pressure", value)
    until(lambda: 111 in sink.values("pressure"), 10, "the last step")
    assert sink.values("pressure") == [100, 106, 111]
    assert sink.values("unit_code") == [] and sink.values("decimals") == []
    assert len(sink.values("code")) > 5
    assert facilityd.point("dev", "decimals")["value"] == 2
