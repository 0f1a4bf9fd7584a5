"""What a link is asked for: planned, refused, and measured on a bus that is paced."""
import json
import os
import pathlib
import signal
import subprocess
import sys

from harness import OUT, Daemon, free_port, make_datadir, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "acceptance"))
from isolation import TEN, Bus, config  # noqa: E402 pylint: disable=wrong-import-position

UNITS = 4


def facilityd(folder, text, *options):
    path = pathlib.Path(folder) / "offline.cfg"
    path.write_text(f'state_dir = "{folder}/none";\n' + text)
    return subprocess.run([str(OUT / "facilityd"), "-c", str(path), "--datadir",
                           str(make_datadir(folder, shipped=False)), *options],
                          capture_output=True, text=True, timeout=20, check=False)


def facilityctl(daemon, *arguments):
    done = subprocess.run([str(OUT / "facilityctl"), "--socket", str(daemon.socket), *arguments],
                          capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def with_broker(text):
    return text.replace("links = ( ", f'links = ( {{ id = "broker"; mqtt = '
                        f'"mqtt://127.0.0.1:{free_port()}"; }}, ')


def test_plan_is_a_table(tmp_path):
    """4 x 62.4 ms each second at 9600 8N1 is a quarter of the time."""
    text = with_broker(config(Bus(tmp_path, units=UNITS), {"ten": TEN}, 1000, 20, UNITS))
    done = facilityd(tmp_path, text, "--plan")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines if "rtu://" not in line), done.stdout
    assert "link bus" in lines[0] and "9600 8N1" in lines[0]
    assert "25.0%" in next(line for line in lines if " in all " in line)
    assert any("unit-1" in line and "62.4" in line for line in lines)
    assert "MQTT: broker (mqtt://127.0.0.1:" in done.stdout
    assert not os.path.exists(tmp_path / "none")  # nothing was started
    planned = json.loads(facilityd(tmp_path, text, "--plan", "--json").stdout)
    bus = next(link for link in planned["links"] if link["kind"] == "modbus")["planned"]
    assert bus["requests"] == UNITS and abs(bus["share"] - 0.2496) < 0.001
    assert [link["kind"] for link in planned["links"]] == ["modbus", "mqtt"]
    assert planned["messages"] == []


def test_too_much_is_refused(tmp_path):
    text = config(Bus(tmp_path, units=UNITS), {"ten": TEN}, 200, 20, UNITS)
    for option in ("--plan", "--check"):
        done = facilityd(tmp_path, text, option)
        assert done.returncode == 78, (option, done.stdout)
        for part in ('error[E220]: link "bus"', "124.8 % of its time", "unit 1 unit-1 31.2 %",
                     "poll more slowly, raise the baud rate"):
            assert part in done.stderr, (part, done.stderr)
    assert "REFUSED" in facilityd(tmp_path, text, "--plan").stdout
    done = facilityd(tmp_path, text)  # and the start
    assert done.returncode == 78 and "E220" in done.stderr


def test_much_is_warned_about(tmp_path):
    text = config(Bus(tmp_path, units=UNITS), {"ten": TEN}, 300, 20, UNITS)
    for option in ("--plan", "--check"):
        done = facilityd(tmp_path, text, option)
        assert done.returncode == 0
        assert 'warning[W120]: link "bus" is asked for 83.2 %' in done.stderr, done.stderr


def test_a_bus_behind_tcp_counts_when_its_speed_is_known(tmp_path):
    bus = Bus(tmp_path, units=UNITS, gateway="silent")
    text = config(bus, {"ten": TEN}, 1000, 20, UNITS)
    assert "25.4%" in facilityd(tmp_path, text, "--plan").stdout
    unknown = text.replace('baud = 9600; parity = "none"; ', "")
    done = facilityd(tmp_path, unknown, "--plan").stdout
    assert "8.4%" in done and "Is there a bus behind it?" in done


def test_what_is_only_assumed_refuses_nobody(tmp_path):
    text = """site : { id = "t"; timezone = "UTC"; };
profiles = ( { id = "fast"; class = "sensor"; poll = "100ms"; points = ( { name = "a"; holding = 0; } ); } );
links = ( { id = "box"; modbus = "tcp://127.0.0.1:1"; } );
equipment = (""" + ", ".join(f'{{ id = "d{i}"; profile = "fast"; link = "box"; unit = {i}; }}'
                             for i in range(1, 21)) + ");\n"
    done = facilityd(tmp_path, text, "--check")
    assert done.returncode == 0 and "warning[W120]" in done.stderr, done.stderr
    assert "say with `latency`" in done.stderr
    done = facilityd(tmp_path, text.replace('poll = "100ms";', 'poll = "100ms"; latency = "8ms";'),
                     "--check")
    assert done.returncode == 78 and "error[E220]" in done.stderr, done.stderr


def test_measured_beside_planned(tmp_path, start):
    """A unit of four is dead; the living are served as planned, and it is all told."""
    bus = start(Bus(tmp_path, units=UNITS, dead=1, seconds=120))
    text = config(bus, {"ten": TEN}, 500, 20, UNITS)
    daemon = start(Daemon(tmp_path, text, shipped=False))

    def told():
        link = daemon.get("/api/v1/links/bus")
        units = {unit["unit"]: unit for unit in link["unit_list"]}
        return (link["measured"]["seconds"] > 12 and units[UNITS]["breaker"] == "open"
                and all(units[i]["state"] == "online" for i in range(1, UNITS)) and link)

    link = until(told, 40, "twelve seconds and a verdict on every unit")
    units = {unit["unit"]: unit for unit in link["unit_list"]}
    living = units[1]
    # Request, two silences, latency, answer: 62.4 ms. On a busy machine a little more.
    assert 55_000 <= living["answer_p50_us"] <= 80_000
    assert living["timeouts"] == 0 and living["planned_share"] > 0.12
    assert units[UNITS]["timeouts"] > 0 and units[UNITS]["next_ms"] is not None
    assert link["planned"]["bus"] == "9600 8N1"
    assert 0.3 < link["measured"]["share"] < 0.9
    counters = bus.ask("counters")
    assert counters["collisions"] == 0

    text = facilityctl(daemon, "link", "bus")
    for part in ("connected since", "MEASURED", "share of its time", "unit-1", "silent, ",
                 "P50 ms"):
        assert part in text, (part, text)
    rows = [line for line in text.splitlines() if line[:4].strip().isdigit()]
    assert len(rows) == UNITS and max(map(len, rows)) <= 80, text
    assert json.loads(facilityctl(daemon, "--json", "link", "bus"))["id"] == "bus"
    page = daemon.get("/links/bus", raw=True)[1]
    assert "9600 8N1" in page and "unit-4" in page


def test_a_reload_is_refused_too(tmp_path, start):
    bus = start(Bus(tmp_path, units=UNITS, seconds=60))
    daemon = start(Daemon(tmp_path, config(bus, {"ten": TEN}, 1000, 20, UNITS), shipped=False))
    daemon.write(config(bus, {"ten": TEN}, 200, 20, UNITS))
    daemon.signal(signal.SIGHUP)
    until(lambda: "reload refused" in daemon.output(), 10, "a refused reload")
    assert "E220" in daemon.output()
    assert daemon.get("/api/v1/site")["generation"] == 0
