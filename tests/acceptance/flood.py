#!/usr/bin/python3
"""50,000 MQTT messages a second on topics that no equipment has, and 10,000 on known ones.

A real mosquitto, two flooders with JSON payloads that carry the time they were sent, and one
daemon that is subscribed to all of it by one pattern. Five times a second the age of readings
of known equipment is taken from the API; memory is read from /proc.

The bar: no known reading is ever older than one second; the memory stays under its cap; every
message that was sent is counted as read, as dropped and why, or by the broker as dropped
there. What rates the machine really reached is told: broker, flooders and daemon share it.
"""
import argparse
import datetime
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from brokers import Broker, Flood  # noqa: E402
from harness import Daemon, until  # noqa: E402

RSS_CAP_MB = 96
AGE_MAX_S = 1.0
KNOWN = 500


def config(port):
    equipment = ",\n".join(f'{{ id = "m{number}"; profile = "meter"; link = "broker"; }}'
                           for number in range(KNOWN))
    return f"""
site : {{ id = "flood"; timezone = "UTC"; language = "en"; }};
profiles = ( {{ id = "meter"; class = "sensor";
  points = ( {{ name = "v"; path = "v"; time = "ts"; }} ); }} );
links = ( {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; qos = 0;
  topics = "plant/{{equipment}}/state"; }} );
equipment = ( {equipment} );
"""


def rss_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def age_s(daemon, number):
    """How old the reading of a known equipment is, by the time in its payload."""
    stamp = daemon.point(f"m{number}", "v")["time"]
    return time.time() - datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def link(daemon):
    return daemon.get("/api/v1/links/broker")


def watch(daemon, seconds):
    """(ages of readings, highest memory) while the flood lasts."""
    ages, memory = [], 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ages += [age_s(daemon, random.randrange(KNOWN)) for _ in range(5)]
        memory = max(memory, rss_mb(daemon.pid))
        time.sleep(0.2)
    return sorted(ages), memory


def counted(status):
    return sum(status[name] for name in ("requests", "dropped", "dropped_rate",
                                         "dropped_oversize", "dropped_unknown"))


def run(folder, options):
    # The broker may hold what it cannot pass on at once: what it drops is not ours to count.
    broker = Broker(folder, extra="max_queued_messages 0\nsys_interval 1\n")
    daemon = Daemon(folder, config(broker.port))
    floods = []
    try:
        broker.start()
        daemon.start()
        until(lambda: link(daemon)["connected"], 10, "the connection")
        floods = [Flood(broker.port, options.known, options.seconds, KNOWN, "plant/m%u/state"),
                  Flood(broker.port, options.unknown, options.seconds, 20000,
                        "plant/stranger-%u/state")]
        until(lambda: link(daemon)["requests"] > 20 * KNOWN, 10, "the flood")
        before = time.monotonic(), counted(link(daemon))
        ages, memory = watch(daemon, max(options.seconds - 4, 1))
        rate = (counted(link(daemon)) - before[1]) / (time.monotonic() - before[0])
        sent = [flood.sent(options.seconds + 60) for flood in floods]
        lost = [0]

        def all_counted():
            lost[0] = int(broker.read("$SYS/broker/publish/messages/dropped") or 0)
            return counted(link(daemon)) + lost[0] >= sum(sent)
        try:
            until(all_counted, 60, "all counted", every=1)
        except AssertionError:
            pass  # told below, with figures
        return sent, rate, ages, memory, link(daemon), lost[0]
    finally:
        for flood in floods:
            flood.kill()
        daemon.stop()
        broker.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--known", type=int, default=10000)
    parser.add_argument("--unknown", type=int, default=50000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sent, rate, ages, memory, status, lost = run(pathlib.Path(folder), options)
    print(f"sent                 {sent[0]} known, {sent[1]} unknown in {options.seconds:g} s")
    print(f"reached the daemon   {rate:.0f} a second while both flooded")
    for name, words in (("requests", "read"), ("dropped_unknown", "on unknown topics"),
                        ("dropped_rate", "beyond max_rate"), ("dropped", "no room"),
                        ("dropped_oversize", "too long")):
        print(f"  {words:<18} {status[name]}")
    print(f"dropped by the broker {lost}")
    print(f"age of known values  p50 {ages[len(ages) // 2]:.3f} s, p99 "
          f"{ages[int(len(ages) * 0.99)]:.3f} s, max {ages[-1]:.3f} s of {len(ages)}")
    print(f"memory               {memory:.1f} MB at most")
    checks = {
        f"known values within {AGE_MAX_S:g} s": ages[-1] <= AGE_MAX_S,
        f"memory under {RSS_CAP_MB} MB": memory <= RSS_CAP_MB,
        "every message counted": counted(status) + lost == sum(sent),
    }
    for what, holds in checks.items():
        print(f"{'held   ' if holds else 'MISSED '} {what}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
