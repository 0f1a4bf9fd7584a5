#!/usr/bin/python3
"""What dead units cost the living ones on one bus, and whether --plan tells the truth.

The bus is simulated and paced (`plantsim bus`): at 9600 baud every byte takes a
millisecond, and a unit answers after its latency. The simulator itself measures the time
between two answers of a unit, its cycle.

isolation  32 units, of which 0, 1, 4 and 16 never answer, on a serial port and behind one
           TCP gateway that says nothing or exception 0x0B for a dead unit. Two loads: one
           that the bus can just carry (90 % planned: the cycle is the period), and one that
           saturates it, because the profile claims to answer at once and the units do not.
           There a dead unit frees time; so the cycle is set against that of the same living
           units alone: their part of the cycle with none dead, but not less than the period.
           The bar: the living ones' cycle is at most 5 % longer.
plan       --plan beside the measured cycle of a saturated bus, in three settings.
           The bar: within 10 %.

Prints Markdown. Exit code 0 when the bars were met, else 1.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
# pylint: disable=wrong-import-position
from harness import OUT, START_S, Daemon, Process, free_port, until  # noqa: E402

UNITS = 32
DEAD = (0, 1, 4, 16)
LONGER = 1.05
PLAN_WITHIN = 0.10
TIMEOUT_MS = 700  # of the daemon; the gateway's own is 500


class Bus(Process):
    """plantsim bus: on a pseudo-terminal, or with `gateway` behind a TCP port."""

    def __init__(self, folder, units=UNITS, baud=9600, parity="none", latency_ms=20, dead=0,
                 gateway=None, seconds=600, registers=250):
        folder = pathlib.Path(folder)
        self.folder = folder
        self.control = folder / "bus.sock"
        self.baud, self.parity = baud, parity
        self.gateway = gateway
        where = ["--pty", folder / "tty"]
        if gateway:
            self.port = free_port()
            where = ["--port", self.port, "--gateway-timeout", "500ms"]
            where += ["--gateway-exception"] if gateway == "exception" else []
        super().__init__(
            [OUT / "plantsim", "bus", *where, "--units", units, "--baud", baud, "--parity",
             parity, "--latency", f"{latency_ms}ms", "--dead", dead, "--registers",
             registers, "--control", self.control, "--for", f"{int(seconds)}s"],
            folder / "bus.log")

    def start(self):
        super().start()
        until(lambda: "event=ready" in self.output(), START_S, "the bus")
        return self

    def ask(self, *words):
        done = subprocess.run([str(OUT / "plantsim"), "bus", *map(str, words), "--control",
                               str(self.control)], capture_output=True, text=True,
                              timeout=20, check=True)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def link(self):
        address = (f"tcp://127.0.0.1:{self.port}" if self.gateway
                   else f"rtu://{self.folder / 'tty'}")
        return (f'{{ id = "bus"; modbus = "{address}"; baud = {self.baud}; parity = '
                f'"{self.parity}"; timeout = "{TIMEOUT_MS}ms"; }}')


def profile(name, points, period_ms, latency_ms):
    rows = ", ".join(f'{{ name = "{table[0]}{address}"; {table} = {address};'
                     f'{"" if table == "coil" else " type = " + chr(34) + "u16" + chr(34) + ";"} }}'
                     for table, address in points)
    return (f'{{ id = "{name}"; class = "electricity_meter"; poll = "{period_ms}ms"; '
            f'latency = "{latency_ms}ms"; '
            f"points = ( {rows} ); }}")


# A read of ten registers: the first and the last of them.
TEN = [("holding", 0), ("holding", 9)]


def config(bus, profiles, period_ms, latency_ms, units=UNITS):
    """`profiles`: name and points; the units take them in turns."""
    names = list(profiles)
    shapes = ", ".join(profile(name, profiles[name], period_ms, latency_ms) for name in names)
    rows = ", ".join(f'{{ id = "unit-{unit}"; class = "electricity_meter"; profile = '
                     f'"{names[(unit - 1) % len(names)]}"; link = "bus"; unit = {unit}; }}'
                     for unit in range(1, units + 1))
    return (f'site : {{ id = "bus"; }};\nlinks = ( {bus.link()} );\n'
            f"profiles = ( {shapes} );\nequipment = ( {rows} );\n")


def plan(folder, text):
    """--plan --json of a configuration: what the link is asked for."""
    path = pathlib.Path(folder) / "plan.cfg"
    path.write_text(f'state_dir = "{folder}/none";\n' + text)
    done = subprocess.run([str(OUT / "facilityd"), "--plan", "--json", "-c", str(path),
                           "--datadir", str(make_share(folder))],
                          capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode in (0, 78), done.stderr
    answer = json.loads(done.stdout)
    assert answer["links"], answer["messages"]
    return answer["links"][0]["planned"]


def make_share(folder):
    share = pathlib.Path(folder) / "share-plan"
    for kind in ("profiles", "rules"):
        (share / kind).mkdir(parents=True, exist_ok=True)
    return share


def living(counters):
    return [unit for unit in counters["units"] if not unit["dead"]]


def worst(counters, key):
    """Of the living units."""
    return max((unit[key] for unit in living(counters) if key in unit), default=float("nan"))


def round_ms(counters, requests):
    """The time of a full round of the living units: `requests` of them, answered. On a bus
    that is asked for more than it can carry some are served more often than others; this
    counts what it did in all."""
    answers = sum(unit["answers"] for unit in living(counters))
    return counters["counted_ms"] * requests / answers if answers else float("nan")


def cycle_ms(counters):
    """Between two reads of a living unit: all gaps, whoever's, over their number. On a bus
    that is asked for more than it can carry that is the time of a round."""
    units = [unit for unit in living(counters) if unit["gaps"] > 0]
    gaps = sum(unit["gaps"] for unit in units)
    return sum(unit["gap_mean_ms"] * unit["gaps"] for unit in units) / gaps if gaps else float("nan")


def measure(folder, bus, text, warm_s, seconds):
    """(the first minute's counters, the counters afterwards, the daemon's own link)"""
    daemon = Daemon(folder, text, shipped=False)
    try:
        bus.start()
        daemon.start()
        bus.ask("counters", "--clear")
        time.sleep(warm_s)
        first = bus.ask("counters", "--clear")
        time.sleep(seconds)
        return first, bus.ask("counters"), daemon.get("/api/v1/links/bus")
    finally:
        daemon.stop()
        bus.stop()


# --- isolation ---------------------------------------------------------------------------

def period_for(folder, bus, latency_ms, share):
    """The period at which the link is planned to be busy for `share` of its time."""
    planned = plan(folder, config(bus, {"ten": TEN}, 1000, latency_ms))
    return int(planned["cycle_ms"] / share) + 1


def one_row(folder, gateway, load, dead, arguments):
    where = pathlib.Path(folder) / f"{gateway or 'port'}-{load}-{dead}"
    where.mkdir()
    bus = Bus(where, dead=dead, gateway=gateway, latency_ms=20,
              seconds=arguments.warm + arguments.seconds + 60)
    claimed = 20 if load == "carried" else 0
    period = period_for(where, bus, claimed, 0.9 if load == "carried" else 0.97)
    text = config(bus, {"ten": TEN}, period, claimed)
    first, later, link = measure(where, bus, text, arguments.warm, arguments.seconds)
    return period, first, later, link


def isolation(folder, arguments):
    good = True
    kinds = {"port": None, "silent": "silent", "exception": "exception"}
    titles = {"port": "a serial port", "silent": "a TCP gateway that says nothing",
              "exception": "a TCP gateway that says 0x0B"}
    for kind in arguments.kinds:
        for load in arguments.loads:
            print(f"\n{UNITS} units of 10 registers, 9600 8N1, latency 20 ms, on "
                  f"{titles[kind]}; a load that is {load}\n")
            print("| dead | cycle of the living, ms | p99 | max | the same units alone, ms | "
                  "longer by | link busy | on dead units | first minute: cycle, max |")
            print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
            whole = None
            for dead in arguments.dead:
                period, first, later, link = one_row(folder, kinds[kind], load, dead, arguments)
                cycle = cycle_ms(later)
                whole = cycle if whole is None else whole
                alone = max(period, whole * (UNITS - dead) / UNITS)
                good = good and cycle <= alone * LONGER
                measured = link["measured"]
                print(f"| {dead} | {cycle:.0f} | {worst(later, 'gap_p99_ms'):.0f} | "
                      f"{worst(later, 'gap_max_ms'):.0f} | {alone:.0f} | "
                      f"{(cycle / alone - 1) * 100:+.1f} % | {share(measured['share'])} | "
                      f"{share(measured['dead_share'])} | {cycle_ms(first):.0f}, "
                      f"{worst(first, 'gap_max_ms'):.0f} |", flush=True)
    return good


def share(value):
    return "–" if value is None else f"{value * 100:.1f} %"


# What other settings come to by arithmetic: every sweep asks every unit, dead or not.
OTHERS = (("0.5 s, no retry", 0.5, 0), ("0.5 s, three retries", 0.5, 3),
          ("35 s, three retries", 35, 3))


def others(exchange_s=0.0624):
    print(f"\nArithmetic: {UNITS} units, {exchange_s * 1000:.1f} ms each, every one asked in "
          "every sweep\n")
    print("| dead | " + " | ".join(f"{name}: sweep, s" for name, *_ in OTHERS) + " |")
    print("|---:|" + "---:|" * len(OTHERS))
    for dead in DEAD:
        sweeps = [(UNITS - dead) * exchange_s + dead * timeout_s * (1 + retries)
                  for _, timeout_s, retries in OTHERS]
        print(f"| {dead} | " + " | ".join(f"{sweep:.1f}" for sweep in sweeps) + " |")


# --- plan --------------------------------------------------------------------------------

SETTINGS = {
    "9600 8E1, 16 units of 10 registers, latency 40 ms":
        dict(baud=9600, parity="even", latency_ms=40, units=16, profiles={"ten": TEN}),
    "19200 8N1, 24 units of 40 registers, latency 20 ms":
        dict(baud=19200, parity="none", latency_ms=20, units=24,
             profiles={"forty": [("holding", at) for at in (0, 13, 26, 39)]}),
    "9600 8N1, 12 units of three kinds, latency 30 ms":
        dict(baud=9600, parity="none", latency_ms=30, units=12,
             profiles={"ten": TEN,
                       "two-blocks": TEN + [("holding", 100), ("holding", 104)],
                       "mixed": [("holding", 0), ("input", 20), ("input", 49), ("coil", 3),
                                 ("coil", 18)]}),
}


def truth(folder, arguments):
    good = True
    print("\n| setting | over | planned cycle, ms | measured, ms | difference | planned "
          "share | measured share |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for number, (title, setting) in enumerate(SETTINGS.items()):
        for gateway in (None, "silent"):
            where = pathlib.Path(folder) / f"plan-{number}-{gateway}"
            where.mkdir()
            units, shapes = setting["units"], setting["profiles"]
            bus = Bus(where, units=units, baud=setting["baud"], parity=setting["parity"],
                      latency_ms=setting["latency_ms"], gateway=gateway,
                      seconds=arguments.seconds + 120)
            claimed = plan(where, config(bus, shapes, 1000, 0, units))
            period = int(claimed["cycle_ms"] * 1.03) + 1
            honest = plan(where, config(bus, shapes, period, setting["latency_ms"], units))
            assert honest["share"] > 1.05, "this load would not saturate the bus"
            _, later, link = measure(where, bus, config(bus, shapes, period, 0, units), 10,
                                     arguments.seconds)
            cycle = round_ms(later, honest["requests"])
            off = honest["cycle_ms"] / cycle - 1
            good = good and abs(off) <= PLAN_WITHIN
            print(f"| {title} | {'a gateway' if gateway else 'a serial port'} | "
                  f"{honest['cycle_ms']:.0f} | {cycle:.0f} | {off * 100:+.1f} % | "
                  f"{honest['share'] * 100:.0f} % | {share(link['measured']['share'])} |",
                  flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="all", choices=("all", "isolation", "plan"))
    parser.add_argument("--seconds", type=float, default=120, help="of each measurement")
    parser.add_argument("--warm", type=float, default=60, help="the first minute")
    parser.add_argument("--dead", type=int, nargs="+", default=DEAD)
    parser.add_argument("--kinds", nargs="+", default=("port", "silent", "exception"),
                        choices=("port", "silent", "exception"))
    parser.add_argument("--loads", nargs="+", default=("carried", "saturated"),
                        choices=("carried", "saturated"))
    arguments = parser.parse_args()
    good = True
    with tempfile.TemporaryDirectory(prefix="facilityd-bus-") as folder:
        if arguments.what != "isolation":
            good = truth(folder, arguments) and good
        if arguments.what != "plan":
            good = isolation(folder, arguments) and good
            others()
    print("\nthe bars were met" if good else "\na bar was missed")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
