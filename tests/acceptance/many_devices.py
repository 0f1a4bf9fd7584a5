#!/usr/bin/python3
"""Many Modbus TCP devices on one gateway, a good part of them dead, slow or lying.

First the cost: 10, 100, 500 and 900 healthy devices, polled once a second; the CPU time that
the daemon takes beyond what it takes with one device, per device and second. Then the
endurance: 900 devices of which 20 % accept and never answer, 5 % answer after 300 ms and
2 % lie (another unit, short data, noise), for --minutes. The devices themselves measure the
gap between two polls of a living, quick one; each minute the daemon's descriptors, threads
and resident memory are read from /proc.

The bar: gaps p99 at most 1.02 periods and no poll lost (polls seen = seconds x devices, one
more or less each); cost per device flat within 20 %; descriptors, threads and memory flat.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

from load import Load

from harness import Daemon

PERIOD_S = 1.0
REGISTERS = 20


class FieldLoad(Load):
    def __init__(self, folder, network, devices, dead=0, slow=0, lying=0):
        super().__init__(folder, network, devices, REGISTERS)
        self.bad = dead + slow + lying
        self.arguments += [str(word) for word in (
            "--dead", dead, "--slow", slow, "--slow-by", "300ms", "--lying", lying)]


def cpu_s(pid):
    """Seconds on a CPU, to the nanosecond, of all threads that live: none comes and goes."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resources(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    numbers = {line.split(":")[0]: line.split(":")[1].split()[0]
               for line in status.splitlines() if ":" in line and line.split(":")[1].split()}
    return (len(os.listdir(f"/proc/{pid}/fd")), int(numbers["Threads"]),
            int(numbers["VmRSS"]) / 1024)


def run(folder, network, devices, seconds, dead=0, slow=0, lying=0, tell=None):
    """(CPU seconds per second, the devices' counters, samples of resources, seconds)"""
    folder = pathlib.Path(folder) / f"{devices}-{dead}"
    folder.mkdir()
    load = FieldLoad(folder, network, devices, dead, slow, lying)
    daemon = Daemon(folder, load.config("1s"))
    try:
        load.start()
        daemon.start()
        time.sleep(15)  # everything has been asked once, the dead are known
        load.ask("counters", "--clear")
        start, before, samples = time.monotonic(), cpu_s(daemon.pid), []
        while (left := seconds - (time.monotonic() - start)) > 0:
            time.sleep(min(60, left))
            samples.append(resources(daemon.pid))
            if tell:
                tell(time.monotonic() - start, samples[-1])
        took = time.monotonic() - start
        share = (cpu_s(daemon.pid) - before) / took
        return share, load.ask("counters"), samples, took
    finally:
        daemon.stop()
        load.stop()


def cost(folder, seconds):
    base, *_ = run(folder, "127.30", 1, seconds)
    print(f"\none device: {base * 100:.3f} % of a core\n")
    print("| devices | CPU, % of a core | beyond one device, us per device and second |")
    print("|---|---|---|")
    found = []
    for i, devices in enumerate((10, 100, 500, 900)):
        share, *_ = run(folder, f"127.{31 + i}", devices, seconds)
        each = (share - base) / (devices - 1) * 1e6
        found.append(each)
        print(f"| {devices} | {share * 100:.3f} | {each:.1f} |", flush=True)
    return found


def endure(folder, devices, minutes):
    dead, slow, lying = devices // 5, devices // 20, devices // 50

    def tell(at, sample):
        print(f"  {at / 60:5.1f} min: {sample[0]} descriptors, {sample[1]} threads, "
              f"{sample[2]:.1f} MB", flush=True)

    share, counters, samples, took = run(folder, "127.40", devices, minutes * 60, dead, slow,
                                         lying, tell)
    healthy = devices - dead - slow - lying
    seen = counters["gaps"]
    lost = healthy * took / PERIOD_S - seen
    print(f"\n{devices} devices ({dead} dead, {slow} slow, {lying} lying), {minutes:g} min: "
          f"CPU {share * 100:.2f} %")
    print(f"gaps of the {healthy} quick ones, ms: " + ", ".join(
        f"{name} {counters[f'gap_{name}_ms']:g}" for name in ("p01", "p50", "p99", "max")))
    print(f"polls expected {healthy * took / PERIOD_S:.0f}, seen {seen}: "
          f"{lost / healthy:+.2f} missing per device")
    first, last = samples[min(1, len(samples) - 1)], samples[-1]
    print(f"descriptors {first[0]} -> {last[0]}, threads {first[1]} -> {last[1]}, "
          f"memory {first[2]:.1f} -> {last[2]:.1f} MB")
    return abs(lost) <= 1.5 * healthy


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--devices", type=int, default=900)
    parser.add_argument("--cost-seconds", type=int, default=60)
    parser.add_argument("--no-cost", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not options.no_cost:
            cost(folder, options.cost_seconds)
        good = endure(folder, options.devices, options.minutes) if options.minutes else True
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
