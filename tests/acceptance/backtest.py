#!/usr/bin/python3
"""A month of 200 pumps through `facilityctl rules backtest`: how long it takes, and whether its
result is what really opened.

readings_month.c lives the month in simulated time: every pump is polled each five seconds (run,
flow, pressure, online), flows are noisy, polls are lost, some pumps run dry. Readings are kept as
the daemon keeps them, and the rules engine and the issue desk write what really opened. Then
facilityctl reads it all back, for the whole month and all pumps.

The bar: under 30 seconds on two cores that have nothing else to do, no difference at all to what
opened. What a reading costs on disk is told, too.
"""
import argparse
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build"
PUMPS = 200
LIMIT_S = 30
RULES = ("pump", "comm", "power", "suppress")  # files of the library

CONFIG = """
site : {{ id = "month"; timezone = "Asia/Shanghai"; language = "en"; }};
state_dir = "{state}";
history : {{ readings_max = "64GiB"; }};
profiles = ( {{ id = "pump-io"; class = "pump"; poll = "5s";
  points = ( {{ name = "run"; coil = 0; }},
             {{ name = "flow"; holding = 0; type = "u16"; scale = 0.1; unit = "m3/h"; }},
             {{ name = "pressure"; holding = 2; type = "f32"; unit = "MPa"; }} ); }} );
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:502"; }} );
equipment = ( {equipment} );
"""


def make_datadir(folder):
    datadir = folder / "share"
    for kind in ("profiles", "tables", "rules"):
        (datadir / kind).mkdir(parents=True)
    for name in RULES:
        (datadir / "rules" / f"{name}.cfg").symlink_to(ROOT / f"rules/library/{name}.cfg")
    return datadir


def folder_bytes(folder):
    return sum(path.stat().st_size for path in folder.iterdir())


def cpu_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def backtest(path, datadir, rule):
    cpu = cpu_s()
    begin = time.monotonic()
    done = subprocess.run([str(OUT / "facilityctl"), "rules", "backtest", rule, "-c", str(path),
                           "--datadir", str(datadir), "--from", "400d", "--json"],
                          capture_output=True, text=True, check=True)
    took = time.monotonic() - begin
    cpu = cpu_s() - cpu
    found = json.loads(done.stdout)
    against = found["against_opened"]
    print(f"{rule}: {found['readings']:,} readings of {found['equipment']} equipment in "
          f"{took:.1f} s, {found['readings'] / took / 1e6:.1f} million a second "
          f"({cpu:.1f} s of CPU)")
    print(f"  {found['tried']['told']} raises, {against['same']} as they really opened, "
          f"{against['shifted']} shifted, {against['only_old']} missing, {against['only_new']} new")
    good = against["shifted"] == against["only_old"] == against["only_new"] == 0
    return took, good and found["damaged"] == 0, found["tried"]["told"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=pathlib.Path, help="keep the month there, or use it again")
    options = parser.parse_args()
    subprocess.run(["make", "-s", "-C", str(ROOT), "all", "build/tests/acceptance/readings_month"],
                   check=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or pathlib.Path(temporary)
        folder.mkdir(exist_ok=True)
        path = folder / "facilityd.cfg"
        datadir = folder / "share"
        state = folder / "state"
        if not state.exists():
            make_datadir(folder)
            equipment = ",\n".join(f'{{ id = "pump-{n}"; profile = "pump-io"; link = "bus"; '
                                   f'unit = {n}; }}' for n in range(1, PUMPS + 1))
            path.write_text(CONFIG.format(state=state, equipment=equipment))
            begin = time.monotonic()
            done = subprocess.run([str(OUT / "tests/acceptance/readings_month"), str(path),
                                   str(datadir), str(options.days)],
                                  stdout=subprocess.PIPE, text=True, check=True)
            kept = int(done.stdout)
            print(f"\n{options.days} days lived in {time.monotonic() - begin:.0f} s: {kept:,} "
                  f"readings, {folder_bytes(state / 'readings') / kept:.2f} bytes each")
        results = [backtest(path, datadir, rule) for rule in ("pump.dry_run", "pump.dead_head")]
    good = all(equal for _, equal, _ in results) and results[0][2] > 0
    fast = all(took < LIMIT_S * options.days / 30 for took, _, _ in results)
    print(("ok" if good and fast else "FAILED") + f": equal {good}, under {LIMIT_S} s {fast}")
    return 0 if good and fast else 1


if __name__ == "__main__":
    sys.exit(main())
