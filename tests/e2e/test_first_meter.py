"""The walk through docs/FIRST-METER.md, command by command, with a meter on the desk.

The commands and what they print stand in the document; here they are run as they stand
there, and what they print is compared, numbers that differ from run to run apart.
"""
import re
import shlex
import subprocess
import time

from devices import SDM630, TcpPeer, sdm630
from harness import OUT, ROOT, free_port, until

DOCUMENT = ROOT / "docs" / "FIRST-METER.md"
SITE = 'site : { id = "desk"; timezone = "UTC"; language = "en"; };\n'


def walk():
    """(command line, what it prints) of each block that begins with a prompt."""
    steps = []
    for block in re.findall(r"^```\n(.*?)^```", DOCUMENT.read_text(), re.S | re.M):
        lines = block.splitlines()
        if lines[0].startswith("$ "):
            steps.append((lines[0][2:], lines[1:]))
    return steps


def bare(line):
    """Without what no two runs share: times, ages, the width of columns."""
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", line)
    line = re.sub(r"answered in [\d.]+ ms", "answered in N ms", line)
    line = re.sub(r"- +\d+ +TIME", "- AGE TIME", line)
    return " ".join(line.split())


def test_five_commands_from_the_desk_to_the_board(daemon, start, tmp_path):
    conf = tmp_path / "conf.d"
    conf.mkdir()
    port = free_port()
    start(TcpPeer({17: sdm630()}, port))
    facilityd = daemon(SITE + f"""
include_dir = "{conf}";
links = ( {{ id = "desk"; modbus = "tcp://127.0.0.1:{port}"; timeout = "150ms"; }} );
""")
    steps = walk()
    assert len(steps) == 5 and all(command.startswith("facilityctl ") for command, _ in steps)
    for command, wanted in steps:
        words = shlex.split(command.replace("/etc/facilityd/conf.d", str(conf)))
        done = subprocess.run([str(OUT / words[0]), "--socket", str(facilityd.socket),
                               *words[1:]], capture_output=True, text=True, timeout=120,
                              check=False)
        assert done.returncode == 0, (command, done)
        printed = [bare(line) for line in done.stdout.splitlines()]
        for line in wanted:
            assert line == "..." or bare(line) in printed, (command, line, done.stdout)
        if words[1] == "reload":
            time.sleep(2)  # what a person takes to type the next
    until(lambda: facilityd.get("/api/v1/equipment/meter-17")["state"] == "up", 10, "its state")
    assert facilityd.get("/api/v1/equipment/meter-17")["probe"]["finding"] == "right"
    for name, _, value in SDM630:
        point = facilityd.point("meter-17", name)
        assert point["quality"] == "good" and abs(point["value"] - value) <= abs(value) * 1e-6
