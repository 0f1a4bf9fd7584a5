#!/usr/bin/python3
"""make bench: what facilityd costs, beside a yardstick and, where installed, collectd.

For each load N x R (N Modbus TCP devices with R holding registers, every register once a
second) in one run, one after the other on the same devices:
  facilityd   with rules on every device, history, the board and one sink that accepts
  yardstick   one epoll thread that only polls and decodes (tests/bench/yardstick.c)
  collectd    its modbus and write_http plugins, when installed
Then the same for MQTT messages (tests/bench/mqtt.py).

CPU is user + system of all threads from the scheduler's nanosecond counters. Machines are
shared, so ratios of runs made next to each other count, not single figures.
"""
import argparse
import http.client
import http.server
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import mqtt  # noqa: E402
from harness import OUT, Daemon, Process, free_port, until  # noqa: E402

BASE = "127.9.0.1"
PORT = 15020


class Discard(http.server.BaseHTTPRequestHandler):
    """A database that accepts everything: its cost is not the gateway's."""
    protocol_version = "HTTP/1.1"
    received = 0

    def do_POST(self):
        Discard.received += len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def address(index):
    first = BASE.split(".")
    number = int(first[2]) * 256 + int(first[3]) + index
    return f"127.9.{number // 256}.{number % 256}"


def cpu_seconds(pid):
    """Of all threads that live and, by the process's own clock, those that ended."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def rss_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def measure(pid, seconds):
    began, used = time.monotonic(), cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - used) / (time.monotonic() - began) * 100


def start_load(folder, devices, registers):
    control = folder / "load.sock"
    load = Process([OUT / "plantsim", "load", "--devices", devices, "--registers", registers,
                    "--base-address", BASE, "--port", PORT, "--trigger-socket", control],
                   folder / "load.log").start()
    until(control.exists, 10, "the simulated devices")
    return load, control


def facilityd_config(devices, registers, sink_port):
    points = ",\n".join(f'{{ name = "r{i}"; holding = {i}; }}' for i in range(registers))
    links = ",\n".join(f'{{ id = "l{i}"; modbus = "tcp://{address(i)}:{PORT}"; }}'
                       for i in range(devices))
    equipment = ",\n".join(f'{{ id = "d{i}"; profile = "load"; link = "l{i}"; unit = 1; }}'
                           for i in range(devices))
    return f"""
site : {{ id = "bench"; timezone = "UTC"; language = "en"; }};
profiles = ( {{ id = "load"; class = "sensor"; poll = "1s"; points = ( {points} ); }} );
links = ( {links} );
equipment = ( {equipment} );
rules = ( {{ id = "bench.high"; class = "sensor"; kind = "fault"; category = "facilities";
  severity = "minor"; title : {{ en = "High"; zh = "高"; }};
  when = "r0 > 60000"; clear = "r0 < 50000"; }} );
sinks = ( {{ id = "sink"; type = "victoriametrics"; url = "http://127.0.0.1:{sink_port}";
  flush = "1s"; gzip = false; }} );
"""


def trigger(control, device, value):
    subprocess.run([str(OUT / "plantsim"), "load", "step", str(device), "0", str(value),
                    "--trigger-socket", str(control)], check=True, capture_output=True, timeout=10)


def run_facilityd(folder, control, devices, registers, seconds, sink_port):
    daemon = Daemon(folder / "facilityd", facilityd_config(devices, registers, sink_port))
    daemon.start()
    try:
        def all_read():
            links = daemon.get("/api/v1/site")["links"]
            return all(link["answers"] > 2 for link in links)
        until(all_read, 60, "every device read")
        before = daemon.metrics()
        share = measure(daemon.pid, seconds)
        after = daemon.metrics()
        values = after["facilityd_samples_total"] - before["facilityd_samples_total"]
        rss = rss_mb(daemon.pid)
        for index in range(30):
            time.sleep(0.037)  # another phase of the second
            trigger(control, index % devices, 65000)
            until(lambda n=index: daemon.metrics()["facilityd_alarms_raised_total"] > n, 10,
                  "the alarm")
        links = daemon.get("/api/v1/site")["links"]
        final = daemon.metrics()
        return {
            "cpu": share, "us": share * seconds * 1e4 / max(values, 1), "rss": rss,
            "values": values / seconds,
            "late50": statistics.median(link["lateness_p50_us"] for link in links) / 1e3,
            "late99": max(link["lateness_p99_us"] for link in links) / 1e3,
            "issue50": final["facilityd_issue_latency_p50_seconds"] * 1e3,
            "issue99": final["facilityd_issue_latency_p99_seconds"] * 1e3,
            "issuemax": final["facilityd_issue_latency_max_seconds"] * 1e3,
        }
    finally:
        daemon.stop()


def run_yardstick(devices, registers, seconds):
    done = subprocess.run([str(OUT / "tests/bench/yardstick"), BASE, str(PORT), str(devices),
                           str(registers), str(seconds)], capture_output=True, text=True,
                          check=True, timeout=seconds + 60)
    got = dict(part.split("=") for part in done.stdout.split())
    return {"cpu": float(got["cpu_s"]) / seconds * 100, "us": float(got["us_per_value"]),
            "rss": int(got["rss_kb"]) / 1024, "values": int(got["values"]) / seconds}


def collectd_config(folder, devices, registers, sink_port):
    data = "\n".join(f"""  <Data "r{i}">
    RegisterBase {i}
    RegisterType Uint16
    RegisterCmd ReadHolding
    Type gauge
    Instance "r{i}"
  </Data>""" for i in range(registers))
    hosts = "\n".join(f"""  <Host "d{d}">
    Address "{address(d)}"
    Port "{PORT}"
    Interval 1
    <Slave 1>
      Instance "d{d}"
      {chr(10).join(f'      Collect "r{i}"' for i in range(registers))}
    </Slave>
  </Host>""" for d in range(devices))
    path = folder / "collectd.conf"
    path.write_text(f"""
BaseDir "{folder}"
PIDFile "{folder}/collectd.pid"
TypesDB "/usr/share/collectd/types.db"
Interval 1
LoadPlugin modbus
LoadPlugin write_http
<Plugin modbus>
{data}
{hosts}
</Plugin>
<Plugin write_http>
  <Node "sink">
    URL "http://127.0.0.1:{sink_port}/collectd"
  </Node>
</Plugin>
""")
    return path


def run_collectd(folder, devices, registers, seconds, sink_port):
    binary = shutil.which("collectd") or "/usr/sbin/collectd"
    if not os.path.exists(binary):
        return None
    conf = collectd_config(folder, devices, registers, sink_port)
    collectd = Process([binary, "-f", "-C", conf], folder / "collectd.log").start()
    try:
        time.sleep(10)
        if not collectd.alive():
            print("  collectd did not start:", collectd.output()[-300:])
            return None
        share = measure(collectd.pid, seconds)
        return {"cpu": share, "us": share * 1e4 / (devices * registers),
                "rss": rss_mb(collectd.pid), "values": devices * registers}
    finally:
        collectd.kill()


def show(name, row):
    print(f"  {name:<10} {row['cpu']:>7.2f} % {row['us']:>8.3f} {row['rss']:>8.1f} "
          f"{row['values']:>10.0f}", flush=True)


def ratio(what, value, bar, stretch, below=True):
    holds = value <= bar
    print(f"    {what:<46} {value:>8.2f}   bar {bar:g}, stretch {stretch:g}"
          f"   {'held' if holds else 'MISSED'}")


def bench(devices, registers, seconds, sink_port):
    print(f"\n{devices} devices x {registers} registers each second "
          f"({devices * registers} values/s), {seconds} s each")
    print(f"  {'program':<10} {'CPU':>9} {'us/value':>8} {'RSS MB':>8} {'values/s':>10}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        load, control = start_load(folder, devices, registers)
        try:
            yardstick = run_yardstick(devices, registers, seconds)
            show("yardstick", yardstick)
            ours = run_facilityd(folder, control, devices, registers, seconds, sink_port)
            show("facilityd", ours)
            again = run_yardstick(devices, registers, seconds)
            show("yardstick", again)
            collectd = run_collectd(folder, devices, registers, seconds, sink_port)
            if collectd is None:
                print("  collectd   is not installed (collectd-core)")
            else:
                show("collectd", collectd)
        finally:
            load.stop()
    print(f"  poll lateness: p50 {ours['late50']:.2f} ms (median link), "
          f"p99 {ours['late99']:.2f} ms (worst link)")
    print(f"  value read to committed issue: p50 {ours['issue50']:.2f} ms, "
          f"p99 {ours['issue99']:.2f} ms, max {ours['issuemax']:.2f} ms (30 issues)")
    floor = (yardstick["cpu"] + again["cpu"]) / 2
    ratio("CPU, times the yardstick", ours["cpu"] / floor, 5, 2.5)
    if collectd is not None:
        big = devices >= 500
        ratio("CPU, share of collectd's", ours["cpu"] / collectd["cpu"],
              1 / 20 if big else 1 / 10, 1 / 40 if big else 1 / 30)
    if devices >= 500:
        ratio("RSS, MB", ours["rss"], 49, 25)
    ratio("value read to committed issue, p99 ms", ours["issue99"], 10, 3)


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=30)
    options.add_argument("--loads", default="100x50,500x50", help="devices x registers; - for none")
    options.add_argument("--messages", default="5000,20000", help="MQTT per second; - for none")
    given = options.parse_args()
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Discard)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    for load in (load for load in given.loads.split(",") if load != "-"):
        devices, registers = (int(part) for part in load.split("x"))
        bench(devices, registers, given.seconds, sink.server_address[1])
    for rate in (rate for rate in given.messages.split(",") if rate != "-"):
        mqtt.bench(int(rate), given.seconds, sink.server_address[1],
                   (measure, rss_mb, show, ratio))


if __name__ == "__main__":
    main()
