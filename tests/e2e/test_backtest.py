"""Kept readings: a rule on the past is what really opened, and a kill costs no window."""
import datetime
import json
import subprocess
import time

import pytest

from devices import TcpPeer, Unit
from harness import OUT, free_port, until

CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = (
  {{ id = "pump-io"; class = "pump"; poll = "100ms";
    points = ( {{ name = "run"; coil = 0; }},
               {{ name = "flow"; holding = 0; scale = 0.1; unit = "m3/h"; }},
               {{ name = "hours"; holding = 1; unit = "h"; }} ); }}
);
equipment = (
  {{ id = "pump-1"; profile = "pump-io"; link = "bus"; unit = 1; }},
  {{ id = "pump-2"; profile = "pump-io"; link = "bus"; unit = 2; }}
);
rules = (
  {{ id = "test.dry"; class = "pump"; kind = "fault"; category = "facilities"; severity = "general";
    title : {{ en = "Runs dry"; zh = "干转"; }}; params : {{ least = 1.0; }};
    when = "run and avg(flow, 1s) < $least"; for = "500ms";
    clear = "not run or avg(flow, 1s) > 2 * $least"; clear_for = "300ms"; }},
  {{ id = "test.long"; class = "pump"; kind = "fault"; category = "facilities";
    severity = "general"; min_cover = 0.95; title : {{ en = "Long"; zh = "长"; }};
    when = "held(run, 12s)"; clear = "not run"; }},
  {{ id = "test.night"; class = "pump"; kind = "fault"; category = "facilities";
    severity = "general"; title : {{ en = "Night"; zh = "夜"; }};
    when = "baseline(flow, 1h, 3) > 1000"; }}
);
"""

CHANGED = """
rules = (
  { id = "test.dry"; class = "pump"; kind = "fault"; category = "facilities"; severity = "general";
    title : { en = "Runs dry"; zh = "干转"; }; params : { least = 1.0; };
    when = "run and avg(flow, 1s) < $least"; for = "3s";
    clear = "not run or avg(flow, 1s) > 2 * $least"; clear_for = "300ms"; }
);
"""


def ctl(facilityd, *arguments):
    return subprocess.run(
        [str(OUT / "facilityctl"), *arguments, "-c", str(facilityd.path), "--datadir",
         str(facilityd.datadir)], capture_output=True, text=True, timeout=60, check=False)


def backtest(facilityd, *arguments):
    done = ctl(facilityd, "rules", "backtest", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def plant(daemon, start):
    units = {1: Unit(), 2: Unit()}
    for unit in units.values():
        unit.fill("coil", 0, [0])
        unit.fill("holding", 0, [120, 7])
    port = free_port()
    start(TcpPeer(units, port))
    facilityd = daemon(CONFIG.format(port=port), shipped=False)
    until(lambda: facilityd.point("pump-1", "flow")["quality"] == "good", 10, "first reading")
    return facilityd, units


def events(facilityd, action):
    return [event for issue in facilityd.issues()
            for event in facilityd.get(f"/api/v1/issues/{issue['id']}")["events"]
            if event["action"] == action]


def run_dry(facilityd, unit, seconds, returns):
    """The pump runs dry for a while; over when its alarm has returned."""
    unit.fill("holding", 0, [1])
    time.sleep(seconds)
    unit.fill("holding", 0, [120])
    until(lambda: len(events(facilityd, "returned")) == returns, 10, "the return")


def test_the_present_rule_is_what_opened(plant):
    facilityd, units = plant
    units[1].fill("coil", 0, [1])
    time.sleep(1.5)
    run_dry(facilityd, units[1], 2.5, 1)
    time.sleep(0.5)
    run_dry(facilityd, units[1], 5, 2)
    units[1].fill("coil", 0, [0])
    time.sleep(1.5)

    found = backtest(facilityd, "test.dry")  # beside the running daemon
    assert found["damaged"] == 0 and found["equipment"] == 2
    assert found["tried"]["told"] == 2
    assert found["tried"]["unknown_share"] < 0.2 and found["tried"]["always_unknown"] == 0
    assert [issue["raises"] for issue in found["tried"]["issues"]] == [2]
    against = found["against_opened"]
    assert (against["same"], against["shifted"], against["only_old"], against["only_new"]) == \
        (2, 0, 0, 0), against
    # To some polls: the desk's stamps are those of the evaluation, the readings' of the answer.
    told = [raise_["told"] for raise_ in found["tried"]["raises"]]
    opened = [event["time"] for event in events(facilityd, "opened") + events(facilityd, "recurred")]
    for ours, theirs in zip(told, sorted(opened)):
        gap = (datetime.datetime.fromisoformat(ours.replace("Z", "+00:00"))
               - datetime.datetime.fromisoformat(theirs.replace("Z", "+00:00")))
        assert abs(gap.total_seconds()) < 0.5, (ours, theirs)

    # A changed version: the short one is not told any more, the long one later.
    changed = facilityd.folder / "changed.cfg"
    changed.write_text(CHANGED)
    found = backtest(facilityd, "test.dry", "--rules", str(changed))
    assert found["tried"]["told"] == 1 and found["present"]["told"] == 2
    against = found["against_present"]
    assert (against["same"], against["shifted"], against["only_old"], against["only_new"]) == \
        (0, 1, 1, 0), against
    assert found["against_opened"]["same"] == 2
    # Only pump-2, which did nothing; only the time before.
    assert backtest(facilityd, "test.dry", "--equipment", "pump-2")["tried"]["told"] == 0
    assert backtest(facilityd, "test.dry", "--to", "2s")["readings"] > 0

    shown = ctl(facilityd, "rules", "backtest", "test.dry")
    assert "It would have opened 1 issues (2 raises)" in shown.stdout, shown.stdout
    assert "Against what really opened: 2 raises the same, 0 shifted" in shown.stdout
    assert "Its truth was unknown " in shown.stdout, shown.stdout
    # No issue of a rule that never knew anything is no quiet rule.
    found = backtest(facilityd, "test.night")["tried"]
    assert (found["told"], found["unknown_share"], found["always_unknown"]) == (0, 1, 2), found
    shown = ctl(facilityd, "rules", "backtest", "test.night")
    assert "Its truth was unknown ALL THE TIME" in shown.stdout, shown.stdout
    noise = ctl(facilityd, "rules", "noise", "--days", "1")
    assert noise.returncode == 0 and "test.dry" in noise.stdout, noise.stdout + noise.stderr

    status = facilityd.get("/api/v1/site")["history"]["readings"]
    assert status["kept"] > 100 and status["lost"] == 0 and status["error"] is None
    assert facilityd.metrics()["facilityd_readings_kept_total"] > 100

    # The same after a stop, and after a reload, which begins another batch.
    facilityd.reload()
    until(lambda: "reloaded" in facilityd.output(), 10, "the reload")
    assert backtest(facilityd, "test.dry")["against_opened"]["same"] == 2
    facilityd.stop()
    assert backtest(facilityd, "test.dry")["against_opened"]["same"] == 2


def test_what_is_refused(plant, tmp_path):
    facilityd, _ = plant
    cases = (
        (("rules", "backtest", "test.dri"), 65, "did you mean 'test.dry'"),
        (("rules", "backtest", "test.dry", "--equipment", "pump-9"), 65, "pump-9"),
        (("rules", "backtest", "test.dry", "--from", "yesterday"), 64, "is no time"),
        (("rules", "backtest", "test.dry", "--from", "1h", "--to", "2h"), 64, "before --to"),
        (("rules", "backtest", "test.dry", "--to", "2020-01-01", "--from", "2019-01-01"), 66,
         "only since"),
        (("rules", "backtest", "test.dry", "--rules", "/nonexistent"), 78, "nonexistent"),
    )
    # A file without the rule would compare the present one with itself.
    mistyped = tmp_path / "mistyped.cfg"
    mistyped.write_text(CHANGED.replace("test.dry", "test.dri"))
    cases += (
        (("rules", "backtest", "test.dry", "--rules", str(mistyped)), 65, "holds no rule 'test.dry'"),
        (("rules", "backtest", "test.dry", "--equipment", "bus"), 65, "does not watch"),
    )
    for arguments, code, words in cases:
        done = ctl(facilityd, *arguments)
        assert done.returncode == code and words in done.stderr, (arguments, done)
    broken = tmp_path / "broken.cfg"
    broken.write_text(CHANGED.replace("< $least", "< $leats"))
    done = ctl(facilityd, "rules", "backtest", "test.dry", "--rules", str(broken))
    assert done.returncode == 78 and "leats" in done.stderr, done
    # Another state folder has no readings: that is said, with the way out.
    other = tmp_path / "other.cfg"
    other.write_text(facilityd.path.read_text().replace(str(facilityd.state),
                                                        str(tmp_path / "none")))
    done = subprocess.run(
        [str(OUT / "facilityctl"), "rules", "backtest", "test.dry", "-c", str(other), "--datadir",
         str(facilityd.datadir)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 66 and "no readings" in done.stderr, done


def raised_at(facilityd, rule):
    issues = [issue for issue in facilityd.issues() if issue["rule"] == rule]
    return issues and datetime.datetime.fromisoformat(
        issues[0]["opened"].replace("Z", "+00:00")).timestamp()


def test_a_kill_in_mid_window_costs_nothing(plant):
    facilityd, units = plant
    began = time.time()
    units[1].fill("coil", 0, [1])
    time.sleep(6)
    facilityd.kill()
    facilityd.start()
    until(lambda: raised_at(facilityd, "test.long"), 20, "the alarm")
    delay = raised_at(facilityd, "test.long") - began
    # Without its past the window is whole 11.4 s after the restart.
    assert 11.5 < delay < 14, f"raised after {delay:.1f} s"
    assert "stage=recall readings=" in facilityd.output()
    # And it is what the readings say, the gap included.
    against = backtest(facilityd, "test.long")["against_opened"]
    assert against["same"] == 1 and against["only_old"] == 0, against


def test_a_first_start_has_no_past(daemon):
    """Rules look back further than a start has time for, but there is nothing to read."""
    long = CONFIG.replace("held(run, 12s)", "max(flow, 30d) > 100 or max(hours, 30d) > 100")
    facilityd = daemon(long.format(port=free_port()), shipped=False)
    until(lambda: "stage=recall" in facilityd.output() or
          facilityd.point("pump-1", "flow")["quality"] == "bad", 10, "the start")
    assert "stage=recall" not in facilityd.output(), facilityd.output()
    facilityd.kill()
    facilityd.start()
    said = facilityd.output()
    assert "delay the start" not in said, said
    assert "stage=recall" not in said or "minutes=0 " in said, said
