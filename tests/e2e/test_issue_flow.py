"""From a register in the field to an issue, its return to normal and its recurrence."""
import sqlite3
import time

import pytest

from devices import TcpPeer, Unit
from harness import free_port, until

CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = (
  {{ id = "pump-io"; class = "pump"; poll = "100ms";
    points = ( {{ name = "run"; coil = 0; }},
               {{ name = "flow"; holding = 0; scale = 0.1; unit = "m3/h"; }} ); }}
);
equipment = (
  {{ id = "pump-1"; name = "Pump 1"; place = "Cellar"; profile = "pump-io"; link = "bus"; unit = 1;
    params : {{ least = 0.5; }}; }},
  {{ id = "pump-2"; profile = "pump-io"; link = "bus"; unit = 2; }}
);
rules = (
  {{ id = "test.dry"; class = "pump"; kind = "fault"; category = "facilities"; severity = "general";
    failure = true;
    title : {{ en = "Runs dry"; zh = "干转"; }};
    params : {{ least = 1.0; }};
    when = "run and flow < $least"; for = "300ms";
    clear = "not run or flow > 1.2 * $least"; clear_for = "200ms"; }}
);
"""


@pytest.fixture
def plant(daemon, start):
    units = {1: Unit(), 2: Unit()}
    for unit in units.values():
        unit.fill("coil", 0, [1])
        unit.fill("holding", 0, [120])
    port = free_port()
    start(TcpPeer(units, port))
    facilityd = daemon(CONFIG.format(port=port), shipped=False)
    until(lambda: facilityd.point("pump-1", "flow")["quality"] == "good", 10, "first reading")
    return facilityd, units


LATCHED = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = ( {{ id = "panel-io"; class = "fire_panel"; poll = "100ms";
  points = ( {{ name = "fire"; coil = 0; }} ); }} );
equipment = ( {{ id = "panel-1"; profile = "panel-io"; link = "bus"; unit = 1; }} );
rules = (
  {{ id = "test.fire"; class = "fire_panel"; kind = "safety"; category = "facilities";
    severity = "serious"; failure = true; latch = true; title : {{ en = "Fire"; zh = "火警"; }};
    when = "fire"; }}
);
"""


def test_latched_until_a_person_resolves(daemon, start):
    panel = Unit()
    panel.fill("coil", 0, [0])
    port = free_port()
    start(TcpPeer({1: panel}, port))
    facilityd = daemon(LATCHED.format(port=port), shipped=False)

    def state():
        return facilityd.get("/api/v1/equipment/panel-1")["state"]

    def whole():
        return facilityd.get(f"/api/v1/issues/{issue['id']}")

    until(lambda: state() == "up", 10, "the first reading")
    panel.fill("coil", 0, [1])
    issue = until(facilityd.issues, 5, "the issue")[0]
    facilityd.post(f"/api/v1/issues/{issue['id']}/events", {"action": "resolve", "text": ""})
    time.sleep(1.5)
    assert state() == "fault" and whole()["alarm_active"], "a fire that burns was reset"
    panel.fill("coil", 0, [0])
    until(lambda: whole()["returned"], 5, "the return to normal")
    time.sleep(1.5)
    assert state() == "fault" and whole()["alarm_active"], "it did not wait for a person"
    facilityd.kill()  # what is latched outlives a crash
    facilityd.start()
    until(lambda: whole()["alarm_active"] and state() == "fault", 5, "latched after a crash")
    facilityd.post(f"/api/v1/issues/{issue['id']}/events", {"action": "close", "text": "drill"})
    until(lambda: state() == "up", 5, "state up after the reset")
    assert not whole()["alarm_active"]
    assert whole()["events"][-1]["text"] == "the latched alarm was reset"
    facilityd.kill()
    facilityd.start()
    until(lambda: state() == "up", 5, "state up after another start")


def dry(unit, yes):
    unit.fill("holding", 0, [0 if yes else 120])


def test_opens_with_evidence_returns_and_recurs(plant):
    facilityd, units = plant
    assert facilityd.issues() == []
    dry(units[1], True)
    began = time.monotonic()
    issue = until(lambda: facilityd.issues(), 5, "the issue")[0]
    assert time.monotonic() - began < 2.3
    assert (issue["equipment"], issue["rule"], issue["status"]) == ("pump-1", "test.dry", "open")
    whole = facilityd.get(f"/api/v1/issues/{issue['id']}")
    assert "flow" in str(whole["evidence"]) and whole["events"][0]["action"] == "opened"
    assert whole["place"] == "Cellar" and whole["title_zh"] == "干转"
    state = facilityd.get("/api/v1/equipment/pump-1")
    assert (state["state"], state["reason"], state["open_issues"]) == ("fault", "test.dry", 1)

    dry(units[1], False)
    until(lambda: facilityd.get(f"/api/v1/issues/{issue['id']}")["returned"], 5, "the return")
    until(lambda: facilityd.get("/api/v1/equipment/pump-1")["state"] == "up", 5, "state up")

    dry(units[1], True)
    again = until(lambda: [i for i in facilityd.issues() if i["recurrences"] == 1], 5,
                  "the recurrence")
    assert [i["id"] for i in again] == [issue["id"]] and len(facilityd.issues()) == 1


def test_closed_issue_is_reopened_within_a_day(plant):
    facilityd, units = plant
    dry(units[2], True)
    issue = until(lambda: facilityd.issues(), 5, "the issue")[0]["id"]
    dry(units[2], False)
    until(lambda: facilityd.get(f"/api/v1/issues/{issue}")["returned"], 5, "the return")
    for action in ("acknowledge", "start", "resolve", "close"):
        facilityd.post(f"/api/v1/issues/{issue}/events", {"action": action})
    facilityd.post(f"/api/v1/issues/{issue}/events", {"action": "start"}, expect=409)
    dry(units[2], True)
    until(lambda: facilityd.get(f"/api/v1/issues/{issue}")["status"] == "reopened", 5, "reopened")
    assert len(facilityd.issues()) == 1


def test_missing_data_neither_opens_nor_clears(plant, start):
    facilityd, units = plant
    dry(units[1], True)
    issue = until(lambda: facilityd.issues(), 5, "the issue")[0]["id"]
    del units[1].blocks["holding"].values[0]  # the register is refused from now on
    until(lambda: facilityd.point("pump-1", "flow")["quality"] == "bad", 5, "flow bad")
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        assert not facilityd.get(f"/api/v1/issues/{issue}")["returned"]
        time.sleep(0.1)
    units[1].fill("holding", 0, [120])


def test_state_survives_kill_9(plant):
    facilityd, units = plant
    dry(units[1], True)
    issue = until(lambda: facilityd.issues(), 5, "the issue")[0]["id"]
    facilityd.kill()
    facilityd.start()
    until(lambda: facilityd.point("pump-1", "flow")["quality"] == "good", 10, "reading again")
    assert [i["id"] for i in facilityd.issues()] == [issue]
    dry(units[1], False)
    until(lambda: facilityd.get(f"/api/v1/issues/{issue}")["returned"], 5, "the return")
    with sqlite3.connect(f"file:{facilityd.state}/issues.db?mode=ro", uri=True) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_second_open_issue_is_impossible(plant):
    facilityd, units = plant
    dry(units[1], True)
    until(lambda: facilityd.issues(), 5, "the issue")
    facilityd.kill()
    db = sqlite3.connect(facilityd.state / "issues.db")
    names = [row[1] for row in db.execute("PRAGMA table_info(issue)")]
    row = db.execute("SELECT * FROM issue").fetchone()
    copy = [f"{v}x" if n in ("id",) else (v + 1 if n == "number" else v)
            for n, v in zip(names, row)]
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(f"INSERT INTO issue VALUES ({','.join('?' * len(copy))})", copy)
    db.close()
