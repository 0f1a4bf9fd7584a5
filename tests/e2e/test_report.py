"""Two failures made by hand, and the month's report in its three forms says the same of them."""
import csv
import html.parser
import io
import time

import pytest

from devices import TcpPeer, Unit
from harness import free_port, until

CONFIG = """
site : {{ id = "test"; name = "Test = site"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = ( {{ id = "pump-io"; class = "pump"; poll = "100ms";
  points = ( {{ name = "fault"; coil = 0; }} ); }} );
equipment = (
  {{ id = "pump-1"; name = "Pump, the \\"first\\""; place = "Cellar"; profile = "pump-io";
     link = "bus"; unit = 1; }},
  {{ id = "pump-2"; name = "=Pump 2"; profile = "pump-io"; link = "bus"; unit = 2; }}
);
rules = (
  {{ id = "test.fault"; class = "pump"; kind = "fault"; category = "facilities";
    severity = "general"; failure = true; title : {{ en = "Pump fault"; zh = "水泵故障"; }};
    when = "fault"; clear = "not fault"; }}
);
"""
DOWN_S = 3.0


class Tables(html.parser.HTMLParser):
    """The rows of every table, as texts of their cells."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.cell = [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append(self.cell)
            self.cell = None


@pytest.fixture
def site(daemon, start):
    units = {1: Unit(), 2: Unit()}
    for unit in units.values():
        unit.fill("coil", 0, [0])
    port = free_port()
    start(TcpPeer(units, port))
    facilityd = daemon(CONFIG.format(port=port), shipped=False)
    for pump in ("pump-1", "pump-2"):
        until(lambda p=pump: facilityd.point(p, "fault")["quality"] == "good", 10, pump)
    return facilityd, units


def fail(facilityd, unit, equipment, seconds):
    """Makes it fail for so long; returns how long it was seen to be."""
    unit.fill("coil", 0, [1])
    path = f"/api/v1/equipment/{equipment}"
    until(lambda: facilityd.get(path)["state"] == "fault", 5, "the fault")
    began = time.monotonic()
    time.sleep(seconds)
    unit.fill("coil", 0, [0])
    until(lambda: facilityd.get(path)["state"] == "up", 5, "its end")
    return time.monotonic() - began


def row_of(rows, first):
    return next(row for row in rows if row and row[0].startswith(first))


def test_three_forms_agree(site):
    facilityd, units = site
    began = time.monotonic()
    fail(facilityd, units[1], "pump-1", DOWN_S)
    fail(facilityd, units[1], "pump-1", 0.5)  # so soon again, it is the same failure
    first_s = time.monotonic() - began
    second_s = fail(facilityd, units[2], "pump-2", 1.0)
    report = facilityd.get("/api/v1/reports/failure-rate")
    pump, other = (next(e for e in report["equipment"] if e["id"] == name)
                   for name in ("pump-1", "pump-2"))
    assert (pump["failures"], pump["repeats"], other["failures"]) == (1, 0, 1)
    for row, down_s in ((pump, first_s), (other, second_s)):
        assert abs(row["fault_h"] * 3600 - down_s) < 0.7, (row, down_s)
        assert abs(row["mttr_h"] * 3600 - down_s) < 0.7, (row, down_s)
    total = report["total"]
    assert total["failures"] == report["classes"][0]["failures"] == 2 and not report["complete"]
    assert abs(total["fault_h"] - pump["fault_h"] - other["fault_h"]) < 1e-9
    issues = {i["equipment"]: i["id"] for i in facilityd.issues()}
    assert [(e["equipment"], e["rule"], e["issue"]) for e in report["events"]] == [
        (name, "test.fault", issues[name]) for name in ("pump-1", "pump-2")]
    assert all(e["end"] for e in report["events"])

    status, text, headers = facilityd.request(
        "GET", "/api/v1/reports/failure-rate?format=csv&lang=en")
    assert status == 200 and "attachment" in headers["Content-Disposition"]
    assert text.startswith("\ufeff") and "\r\n" in text
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert len({len(row) for row in rows}) == 1
    heading = rows[0]
    line = next(row for row in rows if row[heading.index("Id")] == "pump-1")
    assert line[heading.index("Name")] == 'Pump, the "first"'
    numbers = [float(cell) for cell in line[6:] if cell]
    for key in ("failures", "repeats", "fault_h", "mttr_h", "repair_h"):
        assert any(abs(number - pump[key]) < 1e-9 for number in numbers), (key, pump[key], line)
    unsafe = next(row for row in rows if row[heading.index("Id")] == "pump-2")
    assert unsafe[heading.index("Name")] == "'=Pump 2"

    for path in ("/reports/failure-rate?lang=en",
                 "/api/v1/reports/failure-rate?format=html&lang=en"):
        _, page = facilityd.get(path, raw=True)
        classes, equipment, events = Tables(page).tables[:3]
        assert classes[-1][3] == "2"  # units, unit-months, failures
        for name in ('Pump, the "first"', "=Pump 2"):
            assert row_of(equipment, name)[2] == "1"
        assert len(events) == 3 and "Pump fault" in events[1][1]


def test_an_open_failure_and_other_months(site):
    facilityd, units = site
    units[2].fill("coil", 0, [1])
    until(lambda: facilityd.get("/api/v1/equipment/pump-2")["state"] == "fault", 5, "the fault")
    report = facilityd.get("/api/v1/reports/failure-rate")
    assert [(e["equipment"], e["end"]) for e in report["events"]] == [("pump-2", None)]
    pump = next(e for e in report["equipment"] if e["id"] == "pump-2")
    assert pump["failures"] == 1 and pump["mttr_h"] is None
    _, page = facilityd.get("/reports/failure-rate?lang=en", raw=True)
    assert "still failed" in page
    for month, status in (("2199-01", 404), ("2999-01", 400), ("2026-13", 400), ("x", 400)):
        got, _ = facilityd.get(f"/api/v1/reports/failure-rate?month={month}", raw=True)
        assert got == status, month
    before = facilityd.get("/api/v1/reports/failure-rate?month=2020-02")
    assert before["complete"] and before["total"]["failures"] == 0 and before["events"] == []
