#!/usr/bin/python3
"""Two databases, each away for two fifths of the run: nothing lost, nothing doubled.

20 devices with 10 registers are polled all the time. InfluxDB stands still from 20 % to
60 % of the run, VictoriaMetrics from 40 % to 80 %, so for a while both do. At the end the
devices go away, the backlog drains, and all that is in the databases is read back:

  accepted   good samples by the daemon's own counters: taken, less bad, old and dropped
  served     register values that the simulated devices sent, counted by them
  found      time stamps of every field of every equipment and link, in each database

found must be accepted, in number and for each series in both databases with the same time
stamps; no series may have a time stamp twice. The counters of the devices are read a
moment before they go away, so InfluxDB may hold a few more values than served.

VictoriaMetrics keeps milliseconds, InfluxDB what facilityd stamped. A time stamp that is
twice in VictoriaMetrics fails the run either way, but it has two possible causes, told
apart by InfluxDB: "sent twice" is a line that was posted again, "one millisecond" are two
polls of a device, a late one and the next, which only the coarser stamp makes equal.

A database is stopped with SIGTERM, as systemd does; --crash uses SIGKILL. VictoriaMetrics
keeps what it acknowledged during the last seconds in memory only, so with --crash it may
lose some of it; it is then shown, not judged.
"""
import argparse
import collections
import pathlib
import sys
import tempfile
import time

from load import Load, influx_times, until, victoria_times

from databases import Influx, Victoria
from harness import Daemon

DEVICES = 20
REGISTERS = 10
CLASSES = ("sensor", "link")  # what the adapters' samples are written as

SINKS = """
sinks = (
  {{ id = "influx"; type = "influxdb1"; url = "http://127.0.0.1:{influx}";
    database = "facility"; flush = "1s"; }},
  {{ id = "vm"; type = "victoriametrics"; url = "http://127.0.0.1:{victoria}"; flush = "1s"; }}
);
"""


def sinks(daemon):
    return {sink["id"]: sink for sink in daemon.get("/api/v1/site")["sinks"]}


def accepted_by(daemon):
    metrics = daemon.metrics()
    return int(metrics["facilityd_samples_total"] - metrics["facilityd_samples_bad_total"]
               - metrics["facilityd_samples_old_total"])


def drained(daemon):
    return all(sink["healthy"] and sink["backlog_lines"] == 0 and
               sink["lines_sent"] == sink["lines_accepted"] for sink in sinks(daemon).values())


def halt(database, crash):
    if crash:
        database.kill()
    else:
        database.stop(30)


def wait_until(moment):
    time.sleep(max(0.0, moment - time.monotonic()))


def run(daemon, load, influx, victoria, seconds, crash):
    """The run itself; gives how much waited in front of each sink at its worst."""
    began = time.monotonic()
    backlog = {}
    for share, step in ((0.2, lambda: halt(influx, crash)),
                        (0.4, lambda: halt(victoria, crash)),
                        (0.6, lambda: (backlog.update(influx=sinks(daemon)["influx"]),
                                       influx.start())),
                        (0.8, lambda: (backlog.update(vm=sinks(daemon)["vm"]),
                                       victoria.start()))):
        wait_until(began + share * seconds)
        step()
    wait_until(began + seconds)
    counters = load.ask("counters")
    load.stop()
    ended = time.monotonic()
    until(lambda: not any(link["connected"] for link in daemon.get("/api/v1/site")["links"]),
          30, "polling ended", 0.2)
    time.sleep(2)  # the last words about it are on their way
    until(lambda: drained(daemon), 150, "the backlog drained", 0.2)
    return backlog, counters, time.monotonic() - ended


def compare(name, found, accepted):
    """Prints a database's figures; True when they are what they must be."""
    total = sum(len(times) for times in found.values())
    doubled = sum(len(times) - len(set(times)) for times in found.values())
    print(f"  {name:<16} {total:>8} found, {accepted - total:>4} missing, {doubled:>4} twice")
    return total == accepted and doubled == 0


def compare_stamps(in_influx, in_victoria):
    """Series by series, doubles included; prints and gives whether they are the same."""
    sent_twice = absent = close = 0
    for key in in_influx.keys() | in_victoria.keys():
        wanted = collections.Counter(t // 1000000 for t in in_influx.get(key, []))
        stored = collections.Counter(in_victoria.get(key, []))
        sent_twice += (stored - wanted).total()
        absent += (wanted - stored).total()
        close += wanted.total() - len(wanted)
    print(f"  in VictoriaMetrics and not in InfluxDB (sent twice): {sent_twice}, the other way: "
          f"{absent}; values of two polls in one millisecond: {close}")
    return sent_twice == 0 and absent == 0


def judge(daemon, influx, victoria, counters, crash):
    accepted = accepted_by(daemon)
    dropped = int(daemon.metrics()["facilityd_samples_dropped_total"])
    in_influx = influx_times(influx, CLASSES)
    for _ in range(20):  # what it just took becomes visible within seconds
        in_victoria = victoria_times(victoria, CLASSES)
        if sum(map(len, in_victoria.values())) >= accepted:
            break
        time.sleep(1)
    values = sum(len(times) for (_, _, field), times in in_influx.items() if field[0] == "r")
    print(f"  {'facilityd':<16} {accepted:>8} good samples accepted, {dropped} dropped")
    print(f"  {'devices':<16} {counters['values']:>8} values served, "
          f"{values} of them in InfluxDB")
    good = compare("InfluxDB", in_influx, accepted)
    good &= compare("VictoriaMetrics", in_victoria, accepted) or crash
    same = compare_stamps(in_influx, in_victoria)
    good &= same or crash
    # Before the counters were read nothing may be missing; afterwards little was served.
    return good and dropped == 0 and \
        0 <= values - counters["values"] <= DEVICES * REGISTERS * 10


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=300, help="of the run (300)")
    options.add_argument("--poll", default="200ms", help="how often each device is read (200ms)")
    options.add_argument("--crash", action="store_true", help="SIGKILL instead of SIGTERM")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        load = Load(folder, "127.21", DEVICES, REGISTERS)
        influx, victoria = Influx(folder), Victoria(folder)
        daemon = Daemon(folder / "facilityd", load.config(given.poll) + SINKS.format(
            influx=influx.port, victoria=victoria.port))
        try:
            load.start()
            influx.start().create()
            victoria.start()
            daemon.start()
            backlog, counters, drain_s = run(daemon, load, influx, victoria, given.seconds,
                                             given.crash)
            print(f"{DEVICES} devices x {REGISTERS} registers each {given.poll}, "
                  f"{given.seconds} s, each database away for {given.seconds * 2 // 5} s")
            for sink in sorted(backlog):
                print(f"  {sink:<16} {backlog[sink]['backlog_lines']:>8} lines waited, "
                      f"{backlog[sink]['backlog_bytes'] / 1e6:.1f} MB")
            print(f"  last drain after the end of polling: {drain_s:.1f} s")
            good = judge(daemon, influx, victoria, counters, given.crash)
        finally:
            for process in (daemon, load, influx, victoria):
                process.kill()
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
