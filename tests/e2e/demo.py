"""The demo compound with ports and folders of the test's own: broker, plantsim, facilityd.

`quick` turns the shipped rules into ones with short delays: same ids, same expressions,
and only the durations changed, so that what is tested is what is shipped. It does the same
with slow polls, so that every period divides ten seconds.
"""
import json
import pathlib
import re
import shutil
import subprocess

from harness import OUT, ROOT, START_S, Daemon, Process, free_ports, until
from test_mqtt_values import Broker

# What a rule of the library waits for, and what it waits for in a test.
QUICK = {"1h": "8s", "30m": "6s", "10m": "5s", "5m": "5s", "2m": "3s", "1m": "4s",
         "30s": "3s", "20s": "3s", "15s": "3s", "10s": "2s"}
# In seconds these would take every tap for a leak.
SLOW = {"water.cfg"}
# A silent link is known to be dead when its last unit is: some seconds behind its first. A
# lift's door is open for some seconds at every stop.
PATIENT = {"comm.cfg": {"30s": "12s", "10s": "2s"}, "elevator.cfg": {"30s": "3s"}}
SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds(duration):
    return float(re.match(r"[\d.]+", duration).group()) * SECONDS[duration[-1]]


def quicken(text, table):
    """Every duration of a rule file, inside and outside of expressions, made short. The test
    blocks behind the rules are about the rules as shipped: they are left out."""
    text = text.split("\ntests = (")[0] + "\n"
    return re.sub(r"(?<![\w.])(\d+[smh])\b(?=[\";)])",
                  lambda match: table.get(match.group(1), match.group(1)), text)


class Plant(Process):
    def __init__(self, folder, broker="none", base=None):
        folder = pathlib.Path(folder)
        self.control = folder / "plantsim.sock"
        self.pty = folder / "riser-a"
        self.base = base or free_ports(4)
        super().__init__([OUT / "plantsim", "run", "--start", "2026-11-24T19:30:00+08:00",
                          "--base-port", self.base, "--pty", self.pty, "--baud", 0,
                          "--control", self.control, "--broker", broker],
                         folder / "plantsim.log")

    def start(self, **_):
        super().start()
        until(lambda: "event=ready" in self.output(), START_S, "the simulator")
        return self

    def ask(self, *arguments):
        done = subprocess.run([str(OUT / "plantsim"), *map(str, arguments), "--control",
                               str(self.control)], capture_output=True, text=True, timeout=20,
                              check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def scenario(self, *arguments):
        return self.ask("scenario", *arguments)

    def status(self):
        return json.loads(self.ask("status", "--json"))

    def points(self, equipment):
        return next(e["points"] for e in self.status()["equipment"] if e["id"] == equipment)


def demo_config(folder, base, broker, quick):
    text = (ROOT / "plantsim/demo/facilityd.cfg").read_text()
    text = re.sub(r"^(state_dir|web|profile_dir) .*\n", "", text, flags=re.M)
    for offset in range(4):
        text = text.replace(f":{15020 + offset}\"", f":{base + offset}\"")
    text = text.replace(":18883", f":{broker}").replace("/tmp/facilityd-demo", str(folder))
    profiles = folder / "profiles"
    shutil.copytree(ROOT / "plantsim/demo/profiles", profiles)
    share = folder / "share"
    share.mkdir()
    shutil.copytree(ROOT / "config/profiles", share / "profiles")
    (share / "tables").symlink_to(ROOT / "config/tables")
    rules = share / "rules"
    shutil.copytree(ROOT / "rules/library", rules)
    head = f'profile_dir = "{profiles}";\n'
    if quick:
        head += 'poll : { slow = "10s"; daily = "10s"; };\n'
        for path in [*profiles.glob("*.cfg"), *(share / "profiles").glob("*.cfg")]:
            path.write_text(re.sub(r'poll = "\d+[mhd]"', 'poll = "10s"', path.read_text()))
        for path in rules.glob("*.cfg"):
            if path.name not in SLOW:
                path.write_text(quicken(path.read_text(), PATIENT.get(path.name, QUICK)))
    return head + text


class Demo:
    """All three; `facilityd` is not started yet."""

    def __init__(self, folder, quick=False):
        folder = pathlib.Path(folder)
        self.broker = Broker(folder)
        self.plant = Plant(folder, f"mqtt://127.0.0.1:{self.broker.port}")
        self.facilityd = Daemon(folder, demo_config(folder, self.plant.base,
                                                    self.broker.port, quick))

    def start(self):
        self.broker.start()
        self.plant.start()
        return self

    def kill(self):
        for process in (self.facilityd, self.plant, self.broker):
            process.kill()
