"""Every good sample reaches the databases, once, whatever happens to them meanwhile."""
import time

from databases import Influx, Victoria
from devices import TcpPeer, Unit
from harness import free_port, until

CONFIG = """
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = ( {{ id = "box"; class = "sensor"; poll = "100ms";
  points = ( {{ name = "a"; holding = 0; }}, {{ name = "b"; holding = 1; }} ); }} );
equipment = ( {{ id = "box-1"; profile = "box"; link = "bus"; unit = 1; }} );
sinks = (
  {{ id = "influx"; type = "influxdb1"; url = "http://127.0.0.1:{influx}"; database = "facility";
    flush = "200ms"; }},
  {{ id = "vm"; type = "victoriametrics"; url = "http://127.0.0.1:{victoria}"; flush = "200ms"; }}
);
"""


def sink(facilityd, name):
    return next(s for s in facilityd.get("/api/v1/site")["sinks"] if s["id"] == name)


def drained(facilityd):
    return all(s["backlog_lines"] == 0 and s["lines_sent"] == s["lines_accepted"]
               for s in facilityd.get("/api/v1/site")["sinks"])


def test_a_stopped_sink_loses_and_doubles_nothing(start, daemon, tmp_path):
    unit = Unit()
    unit.fill("holding", 0, [1, 2])
    peer = start(TcpPeer({1: unit}, free_port()))
    influx, victoria = start(Influx(tmp_path)), start(Victoria(tmp_path))
    influx.create()
    facilityd = daemon(CONFIG.format(port=peer.port, influx=influx.port, victoria=victoria.port))
    until(lambda: sink(facilityd, "influx")["lines_sent"] > 20, 15, "lines sent")

    influx.kill()
    victoria.stop()  # killed, it forgets the last seconds that it acknowledged
    until(lambda: all(s["backlog_lines"] > 50 for s in facilityd.get("/api/v1/site")["sinks"]),
          30, "a backlog")
    influx.start()
    victoria.start()
    until(lambda: sink(facilityd, "influx")["healthy"] and sink(facilityd, "vm")["healthy"],
          70, "both healthy again")
    peer.kill()  # no new good samples from here on
    until(lambda: facilityd.point("box-1", "a")["quality"] == "bad", 10, "polling ended")
    time.sleep(1)  # the last flush
    until(lambda: drained(facilityd), 30, "the backlog drained")
    link = facilityd.get("/api/v1/site")["links"][0]
    good = link["answers"]  # one block of two points per answer
    for field in ("a", "b"):
        influx_times = influx.times("sensor", field, "box-1")
        assert len(influx_times) == len(set(influx_times)) == good
        victoria_times = until(
            lambda f=field: (lambda t: t if len(t) == good else None)(
                victoria.times("sensor", f, "box-1")), 15, f"{good} rows in VictoriaMetrics")
        assert len(set(victoria_times)) == good


def test_a_poisoned_batch_loses_the_bad_line_only(start, daemon, tmp_path):
    """The database knows field a as a string: lines with it are refused, b's are not."""
    unit = Unit()
    unit.fill("holding", 0, [1, 2])
    peer = start(TcpPeer({1: unit}, free_port()))
    influx = start(Influx(tmp_path))
    influx.create()
    config = CONFIG.format(port=peer.port, influx=influx.port, victoria=1)
    config = config[:config.index('  { id = "vm"')].rstrip().rstrip(",") + "\n);\n"
    import databases
    status, body = databases.request(
        influx.port, "POST", "/write?db=facility",
        "equipment_state,class=sensor,equipment=box-1,site=test state=\"x\"")
    assert status == 204, body
    facilityd = daemon(config)
    until(lambda: sink(facilityd, "influx")["lines_rejected"] > 0, 30, "a rejected line")
    until(lambda: len(influx.times("sensor", "a", "box-1")) > 20, 20, "the good lines")
    rejected = (facilityd.state / "spool" / "influx" / "rejected.lp").read_text()
    assert "equipment_state" in rejected and "conflict" in rejected
    assert not [line for line in rejected.splitlines() if line.startswith("sensor,")]
