"""The tools of a person at the cabinet: read, scan, trace, probe, CSV; polling goes on.

All of them go through the daemon: at no moment is there a second connection to a device.
"""
import json
import os
import pathlib
import signal
import struct
import subprocess
import threading
import time

import pytest

import fault_device as fault
from fault_device import FaultDevice
from devices import RtuPeer, TcpPeer, Unit, f32, sdm630
from harness import OUT, free_port, until

SITE = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\n'


def ctl_command(daemon, *arguments):
    return [str(OUT / "facilityctl"), "--socket", str(daemon.socket), *map(str, arguments)]


def ctl(daemon, *arguments, expect=0, timeout=60):
    done = subprocess.run(ctl_command(daemon, *arguments), capture_output=True, text=True,
                          timeout=timeout, check=False)
    assert done.returncode == expect, (arguments, done)
    return done


class Connections(threading.Thread):
    """Watches how many connections there are to a port of loopback at the same time.

    The kernel's table is not read in one moment: one that ends and one that begins may both
    be in it. What two looks in a row have seen was there at the same time.
    """

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port = f":{port:04X}"
        self.most = 0
        self.looks = 0
        self.end = threading.Event()

    def look(self):
        rows = [line.split() for line in
                pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return {row[1] for row in rows if row[2].endswith(self.port) and row[3] in ("01", "02")}

    def run(self):
        before = set()
        while not self.end.is_set():
            now = self.look()
            self.most = max(self.most, len(now & before))
            before = now
            self.looks += 1
            self.end.wait(0.005)

    def stop(self):
        self.end.set()
        self.join()
        return self.most


class Freshness(threading.Thread):
    """The greatest age that a reading ever had, in ms, while it watches."""

    def __init__(self, daemon, equipment, point):
        super().__init__(daemon=True)
        self.question = (daemon, equipment, point)
        self.oldest = 0
        self.end = threading.Event()

    def run(self):
        daemon, equipment, name = self.question
        while not self.end.is_set():
            point = daemon.point(equipment, name)
            age = point["age_ms"] if point["quality"] == "good" else float("inf")
            self.oldest = max(self.oldest, age)
            self.end.wait(0.05)

    def stop(self):
        self.end.set()
        self.join()
        return self.oldest


def stranger():
    """A device of which no profile knows anything."""
    unit = Unit()
    unit.fill("holding", 100, [7])
    unit.blocks["holding"].values.pop(0)
    return unit


class Site:
    def __init__(self, daemon, units, port=None):
        self.daemon = daemon
        self.units = units
        self.port = port


def config(link, extra=""):
    return SITE + f"""
links = ( {link}{extra} );
equipment = ( {{ id = "meter-1"; profile = "eastron-sdm630"; link = "bus"; unit = 1; }} );
"""


def await_meter(daemon):
    until(lambda: daemon.point("meter-1", "freq")["quality"] == "good", 20, "the meter")


@pytest.fixture
def tcp(daemon, start):
    units = {1: sdm630(), 5: sdm630(), 7: stranger()}
    port = free_port()
    start(TcpPeer(units, port))
    facilityd = daemon(config(f'{{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; '
                              'timeout = "400ms"; }'))
    await_meter(facilityd)
    return Site(facilityd, units, port)


@pytest.fixture
def rtu(daemon, start, process, tmp_path):
    ours, theirs = tmp_path / "tty-ours", tmp_path / "tty-theirs"
    process("socat", "socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}")
    until(lambda: ours.exists() and theirs.exists(), 5, "the pair of terminals")
    units = {1: sdm630(), 5: sdm630(), 7: stranger()}
    start(RtuPeer(units, theirs))
    facilityd = daemon(config(f'{{ id = "bus"; modbus = "rtu://{ours}"; baud = 9600; '
                              'parity = "none"; timeout = "300ms"; }'))
    await_meter(facilityd)
    return Site(facilityd, units)


# --- read ----------------------------------------------------------------------------


def rows_of(text):
    return {tuple(line.split()[:2]): line.split()[2:] for line in text.splitlines()
            if line[:1] == " "}


def test_read_shows_all_orders_side_by_side(tcp):
    done = ctl(tcp.daemon, "read", "bus", 5, "input", 70, 2)
    rows = rows_of(done.stdout)
    assert rows[("70", "0x0046")][:3] == ["4248", "16968", "16968"]
    assert rows[("70", "f32")][0] == "*50.02"
    assert rows[("70", "u32")] == ["1112020091", "343622216", "1212316436", "2064926786"]
    # Another order: the star moves with it.
    for order, column in (("ABCD", 0), ("CDAB", 1), ("BADC", 2), ("DCBA", 3)):
        tcp.units[5].fill("input", 70, f32(230.5, order))
        done = ctl(tcp.daemon, "read", "bus", 5, "input", "0x46", 2, "--type", "f32")
        cells = rows_of(done.stdout)[("70", "f32")]
        assert cells[column] == "*230.5", (order, cells)
        assert sum(cell.startswith("*") for cell in cells) == 1
    tcp.units[5].fill("input", 70, list(struct.unpack(">4H", struct.pack(">d", 1234.5))))
    done = ctl(tcp.daemon, "read", "bus", 5, 4, 70, 4)
    assert rows_of(done.stdout)[("70", "f64")][0] == "*1234.5"


def test_read_takes_addresses_as_people_write_them(tcp):
    for address, said in (("70", ""), ("0x46", ""), ("30071", "address 70 (0x0046)"),
                          ("3x00071", "address 70 (0x0046)")):
        done = ctl(tcp.daemon, "--json", "read", "bus", 5, "input", address, 2)
        answer = json.loads(done.stdout)
        assert (answer["address"], answer["count"]) == (70, 2), address
        assert answer["cells"] == f32(50.02)
        assert said in done.stderr


def test_read_of_bits(tcp):
    unit = tcp.units[5]
    unit.fill("coil", 3, [1, 0, 1, 1])
    answer = json.loads(ctl(tcp.daemon, "--json", "read", "bus", 5, "coil", 3, 4).stdout)
    assert answer["cells"] == [1, 0, 1, 1]
    assert "1 0 1 1" in ctl(tcp.daemon, "read", "bus", 5, "coil", 3, 4).stdout


def test_read_says_what_is_wrong(tcp):
    daemon = tcp.daemon
    done = ctl(daemon, "read", "bsu", 5, "input", 70, expect=65)
    assert 'did you mean "bus"?' in done.stderr
    done = ctl(daemon, "read", "bus", 9, "input", 70, expect=75)
    assert "unit 9" in done.stderr and "no answer" in done.stderr
    done = ctl(daemon, "read", "bus", 7, "input", 70, expect=76)
    assert "illegal data address" in done.stderr
    for wrong in (["bus", 256, "input", 0], ["bus", 5, "inputs!", 0], ["bus", 5, "input", -1],
                  ["bus", 5, "input", 0, 126], ["bus", 5, "input", 65536]):
        assert ctl(daemon, "read", *wrong, expect=64).stdout == ""
    ctl(daemon, "read", "bus", 5, "input", 0, 2, "--type", "f16", expect=64)
    ctl(daemon, "read", "bus", 5, "input", 0, 1, "--type", "f32", expect=64)
    assert "takes no --from" in ctl(daemon, "read", "bus", 5, "input", 0, "--from", 1,
                                    expect=64).stderr
    # The API says the same, and takes nothing for granted.
    post = lambda body, expect: daemon.post("/api/v1/links/bus/read", body, expect)
    post({"unit": 5, "table": "input", "address": 65535, "count": 2}, 400)
    post({"unit": 5, "table": "holdings", "address": 0}, 400)
    post({"unit": 5, "table": "input"}, 400)
    post({"unit": 5, "table": "input", "address": 0, "cuont": 2}, 400)
    post({"unit": 5.5, "table": "input", "address": 0}, 400)
    status, _, _ = daemon.request("POST", "/api/v1/links/bus/read",
                                  {"unit": 5, "table": "input", "address": 70},
                                  {"X-Facilityd": "", "Origin": "http://stranger.example"})
    assert status == 403


def test_read_and_polls_share_one_connection(tcp):
    watch = Connections(tcp.port)
    fresh = Freshness(tcp.daemon, "meter-1", "v_l1")
    watch.start()
    fresh.start()
    for _ in range(30):
        assert "*50.02" in ctl(tcp.daemon, "read", "bus", 5, "input", 70, 2).stdout
    ctl(tcp.daemon, "read", "bus", 9, "input", 70, 2, expect=75)
    assert fresh.stop() < 3000
    assert watch.stop() == 1 and watch.looks > 5


def test_a_question_does_not_touch_the_unit_it_asks(tcp):
    """Neither breaker nor readings know of it, however often it is refused."""
    for _ in range(5):
        ctl(tcp.daemon, "read", "bus", 1, "holding", 9999, expect=76)
    link = tcp.daemon.get("/api/v1/links/bus")
    unit = next(u for u in link["unit_list"] if u["unit"] == 1)
    assert unit["exceptions"] == 0 and unit["timeouts"] == 0
    assert tcp.daemon.point("meter-1", "freq")["quality"] == "good"


def test_read_over_rtu(rtu):
    done = ctl(rtu.daemon, "read", "bus", 5, "input", 70, 2)
    assert rows_of(done.stdout)[("70", "f32")][0] == "*50.02"
    ctl(rtu.daemon, "read", "bus", 9, "input", 70, expect=75)
    ctl(rtu.daemon, "read", "bus", 7, "input", 70, expect=76)
    until(lambda: rtu.daemon.point("meter-1", "freq")["quality"] == "good", 10, "the meter")


def test_too_many_askers_are_refused(tcp):
    """One question is asked, four wait; the daemon answers all others at once."""
    begun = time.monotonic()
    askers = [subprocess.Popen(ctl_command(tcp.daemon, "read", "bus", 9, "input", 0,
                                           "--timeout", "600ms"),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
              for _ in range(12)]
    alive = time.monotonic()
    assert tcp.daemon.get("/healthz", raw=True)[0] == 200
    assert time.monotonic() - alive < 1
    results = [(asker.communicate(timeout=30)[1], asker.returncode) for asker in askers]
    assert all(code == 75 for _, code in results), results
    refused = [text for text, _ in results if "wait" in text and "no answer" not in text]
    silent = [text for text, _ in results if "no answer" in text]
    assert len(refused) >= 5 and len(silent) >= 5, results
    assert time.monotonic() - begun < 15
    assert tcp.daemon.is_ready()


def test_links_that_cannot_be_asked(daemon, start):
    port = free_port()
    facilityd = daemon(config(
        f'{{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }}',
        f', {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; }}'))
    done = ctl(facilityd, "read", "bus", 5, "input", 70, expect=75)
    assert "refused" in done.stderr, done
    ctl(facilityd, "read", "broker", 5, "input", 70, expect=65)
    ctl(facilityd, "scan", "broker", expect=65)
    ctl(facilityd, "trace", "broker", expect=65)
    done = ctl(facilityd, "scan", "bus", "--from", 1, "--to", 3, expect=75)
    assert "the link is down" in done.stderr
    start(TcpPeer({1: sdm630()}, port))
    await_meter(facilityd)
    ctl(facilityd, "read", "bus", 1, "input", 70)


# --- scan ----------------------------------------------------------------------------


def check_scan(site, timeout):
    done = ctl(site.daemon, "scan", "bus", "--from", 1, "--to", 12, "--timeout", timeout)
    lines = done.stdout.splitlines()
    meters = [line for line in lines if line.startswith("unit") and "eastron-sdm630" in line]
    assert [int(line.split()[1]) for line in meters] == [1, 5], done.stdout
    assert "freq 50.02 Hz" in meters[0] and "6 of 6" in meters[0]
    assert any("configured as meter-1" in line for line in lines)
    assert any(line.startswith("unit   7  exception") and "no profile" in line
               for line in lines)
    assert lines[-1].strip() == ("facilityctl equipment add meter-5 --profile "
                                 "eastron-sdm630 --link bus --unit 5")
    assert "\r" not in done.stderr  # a bar is for terminals


def test_scan_over_tcp_while_polling_goes_on(tcp):
    watch = Connections(tcp.port)
    fresh = Freshness(tcp.daemon, "meter-1", "v_l1")
    watch.start()
    fresh.start()
    check_scan(tcp, "200ms")
    assert fresh.stop() < 3000
    assert watch.stop() == 1
    report = json.loads(ctl(tcp.daemon, "--json", "scan", "bus", "--from", 4, "--to", 6,
                            "--timeout", "100ms").stdout)
    assert report["state"] == "done" and (report["done"], report["total"]) == (3, 3)
    assert [unit["unit"] for unit in report["found"]] == [5]
    assert report["found"][0]["matches"][0]["value"] == pytest.approx(50.02)


def test_scan_over_rtu(rtu):
    fresh = Freshness(rtu.daemon, "meter-1", "v_l1")
    fresh.start()
    check_scan(rtu, "200ms")
    assert fresh.stop() < 5000


def test_a_scan_can_be_stopped(tcp):
    daemon = tcp.daemon
    scan = subprocess.Popen(ctl_command(daemon, "scan", "bus", "--timeout", "300ms"),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: len(daemon.get("/api/v1/links/bus/scan")["found"]) > 0, 20, "a find")
    done = ctl(daemon, "scan", "bus", expect=65)
    assert "under way" in done.stderr and "--stop" in done.stderr
    scan.send_signal(signal.SIGINT)
    output, messages = scan.communicate(timeout=20)
    assert scan.returncode == 130 and "stopped at unit" in messages, (output, messages)
    assert "eastron-sdm630" in output  # what was found so far
    assert daemon.get("/api/v1/links/bus/scan")["state"] == "stopped"
    scan = subprocess.Popen(ctl_command(daemon, "scan", "bus", "--timeout", "300ms"),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: daemon.get("/api/v1/links/bus/scan")["state"] == "running", 10, "a scan")
    ctl(daemon, "scan", "bus", "--stop")
    scan.communicate(timeout=20)
    assert daemon.get("/api/v1/links/bus/scan")["state"] == "stopped"


def test_a_reload_and_a_stop_do_not_wait_for_a_scan(tcp):
    daemon = tcp.daemon
    daemon.post("/api/v1/links/bus/scan", {"timeout_ms": 3000}, expect=202)
    begun = time.monotonic()
    ctl(daemon, "reload")
    assert time.monotonic() - begun < 5
    assert daemon.get("/api/v1/links/bus/scan", raw=True)[0] == 404
    daemon.post("/api/v1/links/bus/scan", {"timeout_ms": 3000}, expect=202)
    asker = subprocess.Popen(ctl_command(daemon, "read", "bus", 99, "input", 0, "--timeout",
                                         "5s"), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    time.sleep(0.3)
    begun = time.monotonic()
    assert daemon.stop(10) == 0
    assert time.monotonic() - begun < 6
    asker.communicate(timeout=10)


def test_one_device_that_answers_to_every_unit(daemon, start):
    port = free_port()
    unit = sdm630()
    start(TcpPeer({number: unit for number in range(256)}, port))
    facilityd = daemon(config(f'{{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; }}'))
    done = ctl(facilityd, "scan", "bus")
    assert "every unit id" in done.stdout
    assert done.stdout.count("eastron-sdm630: freq") == 1


# --- trace ---------------------------------------------------------------------------


def trace(site, count, *questions):
    """So many frames in JSON, with questions asked meanwhile."""
    tracer = subprocess.Popen(ctl_command(site.daemon, "--json", "trace", "bus", "-n", count),
                              stdout=subprocess.PIPE, text=True)
    time.sleep(0.7)  # it has begun to look
    for question in questions:
        subprocess.run(ctl_command(site.daemon, "read", "bus", *question),
                       capture_output=True, check=False, timeout=20)
    output, _ = tracer.communicate(timeout=30)
    frames = [json.loads(line) for line in output.splitlines()]
    assert len(frames) == count
    return frames


@pytest.mark.parametrize("kind", ["tcp", "rtu"])
def test_trace_decodes_what_travels(kind, request):
    site = request.getfixturevalue(kind)
    frames = trace(site, 40, (5, "input", 70, 2), (7, "holding", 5, 1), (9, "coil", 3, 4))
    sequences = [frame["sequence"] for frame in frames]
    assert sequences == list(range(sequences[0], sequences[0] + 40))

    def find(**wanted):
        for at, frame in enumerate(frames):
            if all(frame.get(key) == value for key, value in wanted.items()):
                return at
        raise AssertionError((wanted, frames))

    asked = find(kind="sent", unit=5, table="input", address=70, count=2, function=4)
    reply = frames[asked + 1]
    assert reply["kind"] == "received" and reply["values"] == f32(50.02)
    assert reply["after_us"] > 0 and reply["time"] >= frames[asked]["time"]
    assert bytes.fromhex(reply["hex"]).find(struct.pack(">f", 50.02)) > 0
    refused = find(kind="received", unit=7, exception=2)
    assert frames[refused]["exception_name"] == "illegal data address"
    silent = find(kind="sent", unit=9, table="coil", address=3, count=4)
    assert "timeout" in frames[silent + 1]["text"]


def test_trace_in_words(tcp):
    tracer = subprocess.Popen(ctl_command(tcp.daemon, "trace", "bus"),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(0.7)
    ctl(tcp.daemon, "read", "bus", 5, "input", 70, 2)
    ctl(tcp.daemon, "read", "bus", 7, "input", 70, 2, expect=76)
    time.sleep(0.7)
    tracer.send_signal(signal.SIGINT)
    output, messages = tracer.communicate(timeout=10)
    assert tracer.returncode == 0, messages
    assert "unit   5  ask   input 70+2" in output
    assert "unit   5  reply 16968 5243" in output
    assert "exception 2: illegal data address" in output
    assert ctl(tcp.daemon, "trace", "nobody", expect=65)


# --- probe ---------------------------------------------------------------------------


def test_probe_finds_what_is_wrong(tcp):
    daemon, meter = tcp.daemon, tcp.units[1]
    assert "meter-1: right" in ctl(daemon, "probe", "meter-1").stdout
    meter.fill("input", 70, f32(50.02, "CDAB"))
    done = ctl(daemon, "probe", "meter-1", expect=65)
    assert "wrong_order" in done.stdout and "CDAB" in done.stdout
    probe = daemon.get("/api/v1/equipment/meter-1")["probe"]
    assert probe["finding"] == "wrong_order" and not probe["delivers"]
    point = until(lambda: (p := daemon.point("meter-1", "v_l1"))["quality"] == "bad" and p, 10,
                  "no values")
    assert point["reason"] == "probe"
    for language, words in (("en", "wrong word order"), ("zh-CN", "字序错误")):
        page = daemon.get(f"/equipment/meter-1?lang={language}", raw=True)[1]
        assert words in page and "CDAB" in page
    meter.fill("input", 70, f32(50.02))
    probe = json.loads(ctl(daemon, "--json", "probe", "meter-1").stdout)["probe"]
    assert probe["finding"] == "right"
    until(lambda: daemon.point("meter-1", "v_l1")["quality"] == "good", 10, "values again")
    assert "did you mean" in ctl(daemon, "probe", "meter1", expect=65).stderr


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_probe_of_what_does_not_answer(daemon, start):
    """Why there is no finding is said at once; nobody has to wait for the pauses of what is
    dead, and a link that is down does not spin because of it."""
    device = start(FaultDevice())
    device.faults = {1: fault.silent, 2: fault.refuses(6)}
    facilityd = daemon(SITE + f"""
profiles = ( {{ id = "meter"; class = "sensor"; points = ( {{ name = "x"; holding = 7; }} );
                probe = {{ point = "x"; equals = 7; }}; }} );
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{device.port}"; timeout = "200ms"; }},
          {{ id = "down"; modbus = "tcp://127.0.0.1:{free_port()}"; timeout = "200ms"; }},
          {{ id = "unplugged"; modbus = "rtu:///dev/no-such-port"; timeout = "200ms"; }} );
equipment = ( {{ id = "silent"; profile = "meter"; link = "bus"; unit = 1; }},
              {{ id = "busy"; profile = "meter"; link = "bus"; unit = 2; }},
              {{ id = "refused"; profile = "meter"; link = "down"; unit = 1; }},
              {{ id = "gone"; profile = "meter"; link = "unplugged"; unit = 1; }} );
""")
    time.sleep(6)  # the pauses have grown
    before = cpu_seconds(facilityd.pid)
    for name, why in (("silent", "unit 1: probe holding 7+1: no answer within 200 ms"),
                      ("busy", "unit 2: probe holding 7+1: exception 6"),
                      ("refused", "Connection refused"), ("gone", "/dev/no-such-port")):
        asked = time.monotonic()
        done = ctl(facilityd, "probe", name, expect=75)
        assert time.monotonic() - asked < 3 and why in done.stdout, (name, done)
        assert "none" in done.stdout and "as soon as it answers" in done.stdout, done
    assert facilityd.point("busy", "x")["reason"] == "exception"
    time.sleep(2)
    assert cpu_seconds(facilityd.pid) - before < 1
    device.faults = {}
    assert "silent: right" in ctl(facilityd, "probe", "silent").stdout
    until(lambda: facilityd.point("busy", "x")["quality"] == "good", 5, "not busy any more")


def test_probe_of_what_has_none(daemon):
    facilityd = daemon(SITE + f"""
profiles = ( {{ id = "plain"; class = "sensor"; points = ( {{ name = "x"; holding = 0; }} ); }} );
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{free_port()}"; }} );
equipment = ( {{ id = "s"; profile = "plain"; link = "bus"; unit = 1; }} );
""")
    done = ctl(facilityd, "probe", "s", expect=65)
    assert "no probe" in done.stderr
    assert facilityd.get("/api/v1/equipment/s")["probe"] is None
    assert 'id="probe"' not in facilityd.get("/equipment/s", raw=True)[1]


# --- equipment as a table --------------------------------------------------------------

PLANT = """
equipment = (
  { id = "meter-1"; profile = "eastron-sdm630"; link = "bus"; unit = 1; name = "表, \\"1\\"";
    params : { ct = 40; }; poll : { slow = "5m"; fast = "1500ms"; }; timeout = "800ms"; relations : { power = "meter-2"; submeters = ("meter-2"); }; },
  { id = "meter-2"; profile = "eastron-sdm630"; link = "bus"; unit = 5; name = "=SUM(A1)";
    place = "楼 1/地下; 泵房"; critical = true; class = "pump";
    params : { offset = -0.5; }; relations : { submeters = ("meter-1", "leak"); }; },
  { id = "leak"; profile = "z2m-leak"; link = "broker"; topic = "z2m/leak"; }
);
"""


def test_export_and_import_are_each_others_inverse(daemon, tmp_path):
    conf = tmp_path / "conf.d"
    conf.mkdir()
    port = free_port()
    head = SITE + f"""
include_dir = "{conf}";
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; }},
          {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; }} );
"""
    facilityd = daemon(head + PLANT)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    ctl(facilityd, "equipment", "export", "-o", first)
    settings = facilityd.get("/api/v1/equipment-settings")
    done = ctl(facilityd, "equipment", "import", first, "-o", conf / "plant.cfg")
    assert "3 equipment" in done.stderr and "facilityd --check" in done.stderr
    assert "exists" in ctl(facilityd, "equipment", "import", first, "-o",
                           conf / "plant.cfg", expect=73).stderr
    ctl(facilityd, "equipment", "import", first, "-o", conf / "plant.cfg", "--force")
    facilityd.write(head)
    ctl(facilityd, "reload")
    ctl(facilityd, "equipment", "export", "-o", second)
    assert first.read_bytes() == second.read_bytes()
    assert facilityd.get("/api/v1/equipment-settings") == settings
    assert first.read_bytes().startswith(b"\xef\xbb\xbfid,name,class")
    assert b"'=SUM(A1)" in first.read_bytes()  # not a formula
    # As Excel of other countries saves it.
    text = first.read_text("utf-8-sig")
    assert "\r\n" in first.read_bytes().decode()
    (tmp_path / "bad.csv").write_text(text.replace(",5,", ",300,").replace("place", "plaec"))
    done = ctl(facilityd, "equipment", "import", tmp_path / "bad.csv", expect=65)
    assert 'bad.csv:1:15: unknown column "plaec": did you mean place' in done.stderr
    assert "0 to 255, not 300" in done.stderr and done.stdout == ""
    ctl(facilityd, "equipment", "import", tmp_path / "none.csv", expect=66)


def test_add_writes_a_line_and_reload_takes_it(daemon, tmp_path, start):
    conf = tmp_path / "conf.d"
    conf.mkdir()
    port = free_port()
    start(TcpPeer({1: sdm630(), 5: sdm630()}, port))
    facilityd = daemon(config(f'{{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; }}')
                       + f'include_dir = "{conf}";\n')
    add = ("equipment", "add", "m5", "--link", "bus", "--unit", 5)
    assert "did you mean 'eastron-sdm630'" in ctl(facilityd, *add, "--profile",
                                                  "eastron-sdm360", expect=65).stderr
    ctl(facilityd, *add, expect=64)
    ctl(facilityd, "equipment", "add", "meter-1", "--profile", "eastron-sdm630", "--link", "bus",
        "--unit", 5, expect=65)
    done = ctl(facilityd, *add, "--profile", "eastron-sdm630", "-o", conf / "m5.cfg")
    assert '{ id = "m5"; profile = "eastron-sdm630"; link = "bus"; unit = 5; }' in done.stdout
    assert ctl(facilityd, "reload").stdout == "reloaded\n"
    assert "m5: right" in ctl(facilityd, "probe", "m5").stdout
    (conf / "bad.cfg").write_text("equipmnet = ();\n")
    done = ctl(facilityd, "reload", expect=78)
    assert "bad.cfg:1:1" in done.stderr and "refused" in done.stderr
    facilityd.post("/api/v1/reload", {}, expect=403)  # over the unix socket only
    assert facilityd.is_ready()


def test_every_command_has_help():
    done = subprocess.run([str(OUT / "facilityctl"), "--help"], capture_output=True, text=True,
                          check=True)
    for command in ("read", "scan", "trace", "probe", "equipment export", "equipment import",
                    "equipment add", "profiles", "reload"):
        assert f"  {command}" in done.stdout
        words = command.split()
        for line in (["help", *words], [*words, "--help"]):
            shown = subprocess.run([str(OUT / "facilityctl"), *line], capture_output=True,
                                   text=True, check=True).stdout
            assert shown.startswith(f"usage: facilityctl {command}"), shown
