"""What the profile format computes for each equipment arrives in the API: addresses, names of bits,
tables of a fleet, ratios, classes of polling."""
from devices import TcpPeer, Unit
from harness import free_port, until

CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
poll : {{ fast = "200ms"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; }} );
equipment = (
  {{ id = "loop-1"; profile = "panel"; link = "bus"; unit = 1; }},
  {{ id = "loop-2"; profile = "panel"; link = "bus"; unit = 1; params : {{ loop = 2; ct = 60; }};
     tables : {{ code = "fleet"; }}; }}
);
tables = (
  {{ id = "usual"; rows = ((0, "none"), (3, "open")); }},
  {{ id = "fleet"; rows = ((0, "none"), (3, "stuck")); }}
);
profiles = (
  {{ id = "panel"; class = "fire_panel"; poll = "fast"; params : {{ loop = 1; ct = 1; }};
    points = (
      {{ name = "status"; holding = "(loop - 1) * 100"; flags = ((0, "sensor"), (4, "dry_run")); }},
      {{ name = "code"; holding = "(loop - 1) * 100 + 1"; enum = "usual"; }},
      {{ name = "zone_{{n}}"; each = ("n", 1, 3); holding = "(loop - 1) * 100 + n + 1"; times = "ct"; }}
    ); }}
);
"""


def points_of(daemon, equipment):
    points = {p["name"]: p for p in daemon.get(f"/api/v1/equipment/{equipment}")["points"]}
    assert all(p["quality"] == "good" for p in points.values()), points
    return points


def test_each_equipment_has_its_own(daemon, start):
    port = free_port()
    unit = Unit()
    unit.fill("holding", 0, [0x0091, 3, 11, 12, 13])
    unit.fill("holding", 100, [0x0000, 3, 21, 22, 23])
    start(TcpPeer({1: unit}, port))
    facilityd = daemon(CONFIG.format(port=port))
    first = until(lambda: points_of(facilityd, "loop-1"), 10, "good values of loop 1")
    second = until(lambda: points_of(facilityd, "loop-2"), 10, "good values of loop 2")
    assert first["status"]["kind"] == "flags"
    assert first["status"]["value"] == 0x91
    assert first["status"]["flags"] == ["sensor", "dry_run", "bit 7"]
    assert second["status"]["flags"] == []
    assert first["code"]["label"] == "open"
    assert second["code"]["label"] == "stuck"
    assert [first[f"zone_{n}"]["value"] for n in (1, 2, 3)] == [11, 12, 13]
    assert [second[f"zone_{n}"]["value"] for n in (1, 2, 3)] == [21 * 60, 22 * 60, 23 * 60]
    assert first["status"]["period_ms"] == 200
    status, page = facilityd.get("/equipment/loop-1", raw=True)
    assert status == 200
    assert "Sensor, Dry run, bit 7" in page
