"""What the journal says: somebody who reads only it must learn of everything that matters."""
import gzip
import http.server
import json
import resource
import threading
import time

from devices import TcpPeer, Unit
from harness import Daemon, free_port, until

CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = ( {{ id = "box"; class = "sensor"; poll = "100ms";
  points = ( {{ name = "alarm"; coil = 0; }}, {{ name = "value"; holding = 0; }} ); }} );
equipment = ( {{ id = "box-1"; profile = "box"; link = "bus"; unit = 1; }} );
rules = ( {{ id = "test.alarm"; class = "sensor"; kind = "fault"; category = "facilities";
  severity = "minor"; failure = true; highly_managed = {managed};
  title : {{ en = "Alarm"; zh = "报警"; }};
  when = "alarm"; clear = "not alarm"; }} );
{extra}
"""
SINK = """sinks = ( {{ id = "vm"; type = "victoriametrics"; url = "http://127.0.0.1:{port}";
  flush = "100ms"; timeout = "1s"; }} );"""


class Accepting(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def plant(start, alarm=0):
    unit = Unit()
    unit.fill("coil", 0, [alarm])
    unit.fill("holding", 0, [1])
    port = free_port()
    start(TcpPeer({1: unit}, port))
    return unit, port


def config(port, extra="", managed="false"):
    return CONFIG.format(port=port, extra=extra, managed=managed)


def lines(facilityd, part):
    return [line for line in facilityd.output().splitlines() if part in line]


def test_issues_are_told(start, daemon):
    unit, port = plant(start)
    facilityd = daemon(config(port), shipped=False)
    unit.fill("coil", 0, [1])
    until(lambda: lines(facilityd, "event=opened"), 5, "the line of the issue")
    assert "equipment=box-1 rule=test.alarm" in lines(facilityd, "event=opened")[0]
    assert lines(facilityd, "event=opened")[0].startswith("<4>issue=test-")
    unit.fill("coil", 0, [0])
    until(lambda: lines(facilityd, "event=returned"), 5, "the line of the return")
    issue = facilityd.issues()[0]["id"]
    facilityd.post(f"/api/v1/issues/{issue}/events", {"action": "acknowledge"})
    until(lambda: lines(facilityd, "event=acknowledge"), 5, "the line of the person")


def flap(facilityd, unit, times):
    for turn in range(1, times + 1):
        unit.fill("coil", 0, [turn % 2])
        until(lambda: facilityd.point("box-1", "alarm")["value"] == bool(turn % 2), 5)


def test_a_flapping_alarm_does_not_flood(start, daemon):
    """One that nobody may hold back: its coming and going share a budget."""
    unit, port = plant(start)
    facilityd = daemon(config(port, managed="true"), shipped=False)
    flap(facilityd, unit, 60)
    until(lambda: lines(facilityd, "not shown="), 15, "how many were left out")
    assert len(lines(facilityd, "issue=")) <= 55


def test_a_chattering_alarm_is_one_line(start, daemon):
    unit, port = plant(start)
    facilityd = daemon(config(port), shipped=False)
    until(lambda: lines(facilityd, "site=test"), 5, "the journal to follow the issues")
    flap(facilityd, unit, 40)
    opened = lines(facilityd, "event=opened")
    assert [line.rpartition("rule=")[2] for line in opened] == ["test.alarm",
                                                                "signal.chattering"]
    assert len(lines(facilityd, "announce kind=opened issue=#2 severity=minor")) == 1
    assert len(lines(facilityd, "issue=")) <= 20


def test_a_sink_that_is_away_is_told_once_and_when_it_is_back(start, daemon):
    _, port = plant(start)
    sink = free_port()
    facilityd = daemon(config(port, SINK.format(port=sink)), shipped=False)
    until(lambda: lines(facilityd, "sink=vm"), 8, "the sink's trouble")
    assert "Failed to connect" in lines(facilityd, "sink=vm")[0]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", sink), Accepting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    until(lambda: lines(facilityd, "sink=vm takes lines again"), 30, "the sink's return")
    server.shutdown()
    server.server_close()
    assert len(lines(facilityd, "sink=vm")) <= 4


def test_lines_that_a_sink_refuses_are_told(start, daemon):
    class Picky(Accepting):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            self.send_response(400 if b"value=13" in body else 204)
            self.end_headers()

    unit, port = plant(start)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Picky)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    facilityd = daemon(config(port, SINK.format(port=server.server_port)),
                       shipped=False)
    until(lambda: facilityd.get("/api/v1/site")["sinks"][0]["lines_sent"], 5, "lines")
    unit.fill("holding", 0, [13])
    until(lambda: lines(facilityd, "sink=vm lines lost: refused"), 10, "the loss")
    server.shutdown()
    server.server_close()


def test_why_it_is_not_ready(start, daemon):
    """A disk that takes nothing more: reasons as JSON, and a line in the journal."""
    unit, port = plant(start)
    facilityd = daemon(config(port), shipped=False)
    resource.prlimit(facilityd.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    unit.fill("coil", 0, [1])

    def refused():
        status, text = facilityd.get("/readyz", raw=True)
        return len(json.loads(text)["reasons"]) == 2 and status == 503

    until(refused, 10, "both reasons")
    time.sleep(2)  # the journal looks once a second: what nobody saw is never over
    # The log is a file here, too: what it says of the trouble itself is lost.
    resource.prlimit(facilityd.pid, resource.RLIMIT_FSIZE,
                     (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(facilityd.issues, 10, "the issue that waited")
    until(facilityd.is_ready, 15, "ready again")
    until(lambda: lines(facilityd, "stage=issues written again"), 5, "the desk's return")
    until(lambda: lines(facilityd, "stage=history written again"), 15, "the history's return")


def test_damaged_stores_are_told(start, daemon):
    _, port = plant(start, alarm=1)
    extra = SINK.format(port=free_port())
    facilityd = daemon(config(port, extra), shipped=False)
    until(facilityd.issues, 5, "an issue")
    segments = facilityd.state / "spool" / "vm"
    until(lambda: sum(f.stat().st_size for f in segments.glob("*.spool")) > 500, 5, "a spool")
    facilityd.kill()
    (facilityd.state / "issues.db").write_bytes(b"no database at all" * 1000)
    for segment in segments.glob("*.spool"):
        data = bytearray(segment.read_bytes())
        data[64::53] = bytes(byte ^ 0x55 for byte in data[64::53])
        segment.write_bytes(data)
    facilityd.start()
    until(lambda: lines(facilityd, "issues.db.damaged-"), 5, "the issue desk's damage")
    assert lines(facilityd, "issues.db.damaged-")[0].startswith("<3>")
    until(lambda: lines(facilityd, "damaged spool segments"), 10, "the spool's damage")


def test_a_second_one_on_the_same_address_ends_with_69(tmp_path, start, daemon):
    _, port = plant(start)
    first = daemon(config(port), shipped=False)
    second = Daemon(tmp_path / "second", config(port), shipped=False)
    second.path.write_text(second.path.read_text().replace(str(second.port), str(first.port)))
    start(second, ready=False)
    assert second.popen.wait(10) == 69
    assert "Address already in use" in second.output()
    assert first.get("/readyz")["ready"]
