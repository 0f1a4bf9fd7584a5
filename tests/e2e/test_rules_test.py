"""facilityctl rules test without a daemon: the shipped library, and rules of one's own."""
import json
import re
import subprocess

from harness import OUT, make_datadir

SITE = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\nrule_dir = "rules";\n'

RULE = """rules = (
  { id = "tap.open"; class = "water_meter"; kind = "leak"; category = "facilities"; severity = "minor";
    title : { en = "Tap is open"; zh = "水龙头未关"; }; advice : { en = "Close it."; zh = "关闭。"; };
    when = "flow > $open";  for = "10s";  clear = "flow < 0.5 * $open";  params : { open = 1; }; }
);
tests = (
  { rule = "tap.open"; name = "open"; step = "5s"; points : { flow = "0x4 2x10"; };
    expect = ( { at = "15s"; state = "normal"; }, { at = "%s"; state = "active"; } ); }
);
"""


def run(tmp_path, *arguments):
    datadir = make_datadir(tmp_path, True)
    return subprocess.run([str(OUT / "facilityctl"), "rules", "test", "--datadir", str(datadir),
                           *arguments], capture_output=True, text=True, timeout=120, check=False)


def write(tmp_path, rule):
    (tmp_path / "rules").mkdir(exist_ok=True)
    (tmp_path / "rules/tap.cfg").write_text(rule)
    (tmp_path / "site.cfg").write_text(SITE)
    return str(tmp_path / "site.cfg")


def test_shipped_library(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    counts = re.search(r"(\d+) tests of (\d+) rules: (\d+) passed, 0 failed\n$", done.stdout)
    assert counts and counts[1] == counts[3] and int(counts[1]) >= 250
    done = run(tmp_path, "-v", "pump.*")
    assert "ok      pump.dry_run: " in done.stdout and "water.burst" not in done.stdout
    done = run(tmp_path, "--json", "pump.dry_run")
    assert {test["verdict"] for test in json.loads(done.stdout)["tests"]} == {"passed"}


def test_a_rule_of_ones_own(tmp_path):
    path = write(tmp_path, RULE % "30s")
    done = run(tmp_path, "-c", path, "tap.open")
    assert done.returncode == 0 and done.stdout == "1 test of 1 rule: 1 passed, 0 failed\n", done


def test_failure_is_explained(tmp_path):
    path = write(tmp_path, RULE % "25s")
    done = run(tmp_path, "-c", path, "tap.open")
    assert done.returncode == 1
    assert "FAILED  tap.open: open" in done.stdout
    assert f"{tmp_path}/rules/tap.cfg:8:" in done.stdout
    assert "at 25s expected active, got pending (since 20s, for 10s)" in done.stdout
    assert re.search(r"when +flow > \$open +true\n", done.stdout)
    assert re.search(r"flow +2\n", done.stdout)
    document = json.loads(run(tmp_path, "-c", path, "--json", "tap.open").stdout)
    assert document["failed"] == 1 and "got pending" in document["tests"][0]["why"]


def test_notation_names_token_and_column(tmp_path):
    path = write(tmp_path, (RULE % "30s").replace("0x4 2x10", "0x4 2y10"))
    done = run(tmp_path, "-c", path)
    assert done.returncode == 1
    assert 'token 2 "2y10" (column 5)' in done.stdout
    assert re.search(r"tap\.cfg:7:\d+", done.stdout)


def test_what_is_not_there(tmp_path):
    done = run(tmp_path, "pump.dry_rn")
    assert done.returncode == 65 and "did you mean 'pump.dry_run'" in done.stderr
    assert run(tmp_path, "-c", str(tmp_path / "none.cfg")).returncode == 78
