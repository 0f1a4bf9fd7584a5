#!/usr/bin/python3
"""kill -9 at random moments under load: no issue lost, none doubled, under a second missing.

100 devices with 50 registers are polled once a second into InfluxDB, while register 0 of
random devices jumps over and under a rule's limit every 50 ms or so. At a random moment
the daemon is killed and at once started again, --kills times.

Issues. Before each kill the list of issues is read through the API. After the restart
every one of them must be there with no less events than before. At the end no pair of rule
and equipment may have two issues (a fault that comes back within a day is the same issue),
every device that stayed over the limit for 3 s of the daemon's life must have one,
no device may have one that never was over it, the alarms that are active must be those that
the devices show, and the database must be sound.

Samples. Each device is read once a second on a grid of its own, so between two stamps of
the same daemon lies a period. For each kill and device:
  before     from the last stamp in the database (or from being ready, when that life left
             none) to the kill, less one period: what of the time up to the kill is not
             covered by samples, 0 when nothing is missing
  after      from being ready to the first stamp (or to the next kill), less one period
The down time between counts for neither. The bar: each at most 1 s, for every device.
Beside it the exact loss, in which no schedule plays a part: the devices count the answers
that they sent, the database's stamps are counted, the difference is what was
lost, all kills together.
"""
import argparse
import pathlib
import random
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

from load import Load, influx_times, until

from databases import Influx
from harness import Daemon

DEVICES = 100
REGISTERS = 50
TOGGLED = 30  # devices that play a part in the rule
PERIOD_S = 1.0
HIGH, LOW = 65000, 100

RULES = """
rules = ( {{ id = "acceptance.high"; class = "sensor"; kind = "fault"; category = "facilities";
  severity = "minor"; failure = true; title : {{ en = "High"; zh = "高"; }};
  when = "r0 > 60000"; clear = "r0 < 50000"; }} );
sinks = ( {{ id = "influx"; type = "influxdb1"; url = "http://127.0.0.1:{influx}";
  database = "facility"; flush = "1s"; }} );
"""


class Toggler(threading.Thread):
    """Steps register 0 of devices up and down; knows when each was up."""

    def __init__(self, load, seed):
        super().__init__(daemon=True)
        self.load = load
        self.dice = random.Random(seed)
        self.high = set()
        self.spans = []  # (device, from, to) over the limit, wall clock
        self.since = {}
        self.ended = threading.Event()
        self.trouble = None

    def step(self, device):
        rises = device not in self.high
        answer = self.load.ask("step", device, 0, HIGH if rises else LOW)
        at = answer["wall_ns"] / 1e9
        if rises:
            self.high.add(device)
            self.since[device] = at
        else:
            self.high.discard(device)
            self.spans.append((device, self.since.pop(device), at))

    def run(self):
        try:
            while not self.ended.wait(self.dice.uniform(0.02, 0.1)):
                self.step(self.dice.randrange(TOGGLED) if self.dice.random() < 0.2
                          else self.dice.randrange(TOGGLED // 2))
        except Exception as error:  # shown by finish()
            self.trouble = error

    def finish(self):
        self.ended.set()
        self.join(10)
        if self.trouble is not None:
            raise self.trouble
        now = time.time()
        self.spans += [(device, since, now) for device, since in self.since.items()]


def database(daemon, query):
    with sqlite3.connect(f"file:{daemon.state}/issues.db?mode=ro", uri=True) as db:
        return db.execute(query).fetchall()


def event_counts(daemon):
    """Issue id -> its number of events, as the API shows them."""
    found = {}
    for issue in daemon.issues():
        found[issue["id"]] = len(daemon.get("/api/v1/issues/" + issue["id"])["events"])
    return found


def kill_and_start(daemon, lives):
    killed = time.time()
    daemon.kill()
    dead = time.time()
    began = time.monotonic()
    daemon.start()
    lives.append({"killed": killed, "dead": dead, "ready": time.time(),
                  "start_s": time.monotonic() - began})


def run(daemon, kills, seed):
    """The kills. Gives the lives, and how many issues or events went missing."""
    dice = random.Random(seed)
    lives, lost, seen = [], [], {}
    for number in range(kills):
        time.sleep(dice.uniform(0.3, 5.0))  # the random moment
        for issue, events in event_counts(daemon).items():
            seen[issue] = max(events, seen.get(issue, 0))
        kill_and_start(daemon, lives)
        after = event_counts(daemon)
        lost += [(number, issue) for issue, events in seen.items()
                 if after.get(issue, 0) < events]
    return lives, lost


def covered_long(spans, lives, started):
    """Devices over the limit for 3 s on end while one life of the daemon was ready."""
    edges = [started] + [life["ready"] for life in lives]
    ends = [life["killed"] for life in lives] + [time.time()]
    return {device for device, low, high in spans for begin, end in zip(edges, ends)
            if min(high, end) - max(low, begin) >= 3}


def judge_issues(daemon, toggler, lives, started, lost):
    def settled():
        active = {i["equipment"] for i in daemon.issues() if i["alarm_active"]}
        return active == {f"d{device}" for device in toggler.high}
    until(settled, 15, "alarms as the devices show them", 0.2)
    issues = daemon.issues()
    having = {issue["equipment"] for issue in issues}
    doubled = database(daemon, "SELECT equipment, rule, COUNT(*) FROM issue GROUP BY 1, 2 "
                       "HAVING COUNT(*) > 1")
    must = {f"d{device}" for device in covered_long(toggler.spans, lives, started)}
    may = {f"d{device}" for device, _, _ in toggler.spans}
    sound = database(daemon, "PRAGMA integrity_check") == [("ok",)]
    events = database(daemon, "SELECT COUNT(*) FROM event")[0][0]
    print(f"  issues {len(issues)} with {events} events, from {len(toggler.spans)} times over "
          f"the limit; lost {len(lost)}, doubled {len(doubled)}, "
          f"not opened {len(must - having)}, without a cause {len(having - may)}; "
          f"database {'sound' if sound else 'DAMAGED'}")
    return sound and not lost and not doubled and must <= having <= may


def gaps_of(times, lives, started, ended):
    """For each kill: seconds not covered before it and after it. `times` in s, sorted."""
    before, after = [], []
    ready = started
    at = 0
    for life, following in zip(lives, lives[1:] + [{"killed": ended}]):
        while at < len(times) and times[at] <= life["dead"]:
            at += 1
        last = max(ready, times[at - 1]) if at > 0 else ready
        before.append(max(0.0, life["killed"] - last - PERIOD_S))
        ready = life["ready"]
        first = min(following["killed"], times[at]) if at < len(times) else following["killed"]
        after.append(max(0.0, first - ready - PERIOD_S))
    return before, after


def summary(name, values):
    values = sorted(values)
    print(f"  {name:<34} median {statistics.median(values):6.3f} s, "
          f"p99 {values[int(len(values) * 0.99)]:6.3f} s, max {values[-1]:6.3f} s")


def kept_locally(daemon):
    """Readings that the minute rows of the month files stand for."""
    total = 0
    for path in (daemon.state / "history").glob("2*.db"):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            total += db.execute("SELECT SUM(n) FROM minute JOIN series ON series.id = series "
                                "WHERE point LIKE 'r%'").fetchone()[0]
    return total


def show_lost(name, stored, served, kills):
    """Prints and gives the seconds of samples that a kill cost, on average."""
    lost_s = (served - stored) / (kills * DEVICES * REGISTERS) * PERIOD_S
    print(f"  {name:<12} {stored} of {served} values served; lost {served - stored}, "
          f"{lost_s:.3f} s of samples a kill")
    return lost_s


def judge_samples(daemon, influx, lives, started, ended, served):
    found = influx_times(influx, ("sensor",))
    before, after = [], []
    for device in range(DEVICES):
        times = [t / 1e9 for t in found["sensor", f"d{device}", "r1"]]
        one, other = gaps_of(times, lives, started, ended)
        before += one
        after += other
    summary("not covered before a kill", before)
    summary("not covered after ready", after)
    stored = sum(len(times) for (_, _, field), times in found.items() if field[0] == "r")
    lost = show_lost("InfluxDB", stored, served, len(lives))
    kept = show_lost("month files", kept_locally(daemon), served, len(lives))
    # Nothing may be counted twice either.
    return max(before) <= 1 and max(after) <= 1 and 0 <= lost <= 1 and 0 <= kept <= 1


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--seed", type=int, default=9)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        load = Load(folder, "127.22", DEVICES, REGISTERS)
        influx = Influx(folder)
        daemon = Daemon(folder / "facilityd", load.config("1s") +
                        RULES.format(influx=influx.port), shipped=False)
        toggler = Toggler(load, given.seed)
        try:
            load.start()
            influx.start().create()
            daemon.start()
            started = time.time()
            toggler.start()
            lives, lost = run(daemon, given.kills, given.seed)
            toggler.finish()
            print(f"{given.kills} times kill -9, seed {given.seed}, {DEVICES} devices x "
                  f"{REGISTERS} registers each second, {time.time() - started:.0f} s")
            good = judge_issues(daemon, toggler, lives, started, lost)
            time.sleep(2)
            ended = time.time()
            daemon.stop()  # hands over what it holds; from here on nobody asks the devices
            good &= judge_samples(daemon, influx, lives, started, ended,
                                  load.ask("counters")["values"])
            starts = [life["start_s"] for life in lives]
            summary("start to ready", starts)
            good &= max(starts) < 2
        finally:
            toggler.ended.set()
            for process in (daemon, load, influx):
                process.kill()
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
