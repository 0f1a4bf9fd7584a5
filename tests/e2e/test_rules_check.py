"""facilityctl rules check without a daemon, and rules explain with one."""
import json
import subprocess

import pytest
from harness import OUT, ROOT, free_port, make_datadir, until

SITE = """
site : { id = "test"; timezone = "UTC"; };
links = ( { id = "l"; modbus = "tcp://127.0.0.1:%d"; timeout = "200ms"; } );
profiles = ( { id = "p"; class = "tank"; poll = "10s"; points = (
  { name = "level"; unit = "%%"; input = 0; range = (0.0, 100.0); },
  { name = "mode"; input = 1; enum = ((0, "auto"), (1, "hand")); },
  { name = "open"; coil = 0; } ); } );
equipment = ( { id = "t1"; profile = "p"; link = "l"; unit = 1; } );
""" % 9

TITLE = 'class = "tank"; title : { en = "t"; }; '
GOOD = ('{ id = "fine"; %s when = "level > $high"; clear = "level < $high - 5"; '
        'params : { high = 80; }; }' % TITLE)


@pytest.fixture(name="check")
def fixture_check(tmp_path):
    def run(text, *arguments, shipped=False):
        path = tmp_path / "site.cfg"
        path.write_text(text)
        datadir = make_datadir(tmp_path, shipped)
        return subprocess.run(
            [str(OUT / "facilityctl"), "rules", "check", "-c", str(path), "--datadir",
             str(datadir), *arguments], capture_output=True, text=True, timeout=30, check=False)
    return run


def rules(*texts):
    return SITE + "rules = (\n" + ",\n".join(texts) + "\n);\n"


def test_nothing_wrong(check):
    done = check(rules(GOOD) + 'tests = ( { rule = "fine"; points : { level = "50x9"; }; '
                 'expect = ( { at = "10s"; state = "normal"; } ); } );\n')
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("1 rule checked: 0 errors, 0 warnings, 0 notes\n")


def test_findings_have_places(check):
    done = check(rules(GOOD, '{ id = "never"; %s when = "open and level > 120"; }' % TITLE))
    assert done.returncode == 0, "warnings alone are no error"
    assert "warning[W310]: rule \"never\", when: this can never be true" in done.stdout
    assert "site.cfg:11:" in done.stdout and " ^^^^^^^^^^^ " in done.stdout
    assert "2 rules without a test" in done.stdout


def test_an_expression_is_said_beside_a_key(check):
    """One run tells everything: a wrong key does not hide a wrong name in a rule."""
    done = check(rules(GOOD, '{ id = "typo"; %s when = "lvel > 5"; }' % TITLE,
                       '{ id = "key"; %s wen = "open"; }' % TITLE))
    assert done.returncode == 78
    assert 'error[E104]: unknown key "wen"' in done.stdout
    assert 'error[E307]: rule "typo", when: tank "t1" has no point "lvel"' in done.stdout
    assert 'did you mean "level"?' in done.stdout


def test_the_daemon_says_both_too(tmp_path):
    path = tmp_path / "site.cfg"
    path.write_text(rules('{ id = "typo"; %s when = "lvel > 5"; }' % TITLE,
                          '{ id = "key"; %s wen = "open"; }' % TITLE))
    done = subprocess.run([str(OUT / "facilityd"), "--check", "-c", str(path), "--datadir",
                           str(make_datadir(tmp_path))], capture_output=True, text=True,
                          timeout=30, check=False)
    assert done.returncode == 78
    assert "E104" in done.stderr and "E307" in done.stderr


def test_only_the_rules_that_are_meant(check):
    text = rules(GOOD, '{ id = "tank.a"; %s when = "level > 120"; }' % TITLE,
                 '{ id = "tank.full"; %s when = "level > 130"; }' % TITLE)
    done = check(text, "tank.full")
    assert '"tank.full"' in done.stdout and '"tank.a"' not in done.stdout
    done = check(text, "tank.ful")
    assert done.returncode == 65
    assert "there is no rule 'tank.ful'; did you mean 'tank.full'?" in done.stderr


def test_json(check):
    done = check(rules('{ id = "x"; %s when = "mode != \'auto\' or mode != \'hand\'"; }' % TITLE),
                 "--json")
    found = json.loads(done.stdout)
    assert [(m["severity"], m["code"]) for m in found] == [("warning", "W311"), ("note", "N301")]
    assert found[0]["line"] == 10 and found[0]["column"] > 40


def test_nobody_is_watched(check):
    """Until now a rule of a class without equipment was accepted in silence."""
    done = check(rules('{ id = "x"; class = "pump"; title : { en = "t"; }; when = "run"; }'))
    assert "warning[W307]" in done.stdout and 'no equipment of class "pump"' in done.stdout


def test_a_year_without_holidays(check):
    done = check(rules('{ id = "x"; %s when = "open and not workday()"; }' % TITLE))
    assert "warning[W106]" in done.stdout


def test_a_file_that_cannot_be_read(tmp_path):
    done = subprocess.run([str(OUT / "facilityctl"), "rules", "check", "-c",
                           str(tmp_path / "none.cfg"), "--datadir", str(make_datadir(tmp_path))],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 78 and "E701" in done.stdout


def test_the_shipped_rules_are_clean(tmp_path):
    """No warning about any of them: neither alone nor on the demo's equipment."""
    datadir = str(make_datadir(tmp_path))
    for more in ([], ["-c", str(ROOT / "plantsim/demo/facilityd.cfg")]):
        done = subprocess.run([str(OUT / "facilityctl"), "rules", "check", "--shipped",
                               "--json", "--datadir", datadir, *more],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout
        warnings = [m for m in json.loads(done.stdout) if m["severity"] != "note"]
        assert warnings == [], warnings


def explain(facilityd, *arguments):
    return subprocess.run([str(OUT / "facilityctl"), "--socket", str(facilityd.socket), "rules",
                           "explain", *arguments], capture_output=True, text=True, timeout=20,
                          check=False)


def test_explain(daemon):
    """A link to a port where nobody listens."""
    text = rules(GOOD, '{ id = "down"; class = "link"; title : { en = "t"; }; '
                 'when = "not online and age(online) < 1h"; for = "1s"; }').replace(
                     ":9\"", ":%d\"" % free_port())
    facilityd = daemon(text)
    until(lambda: "down on l: active since" in explain(facilityd, "down", "l").stdout, 20)
    done = explain(facilityd, "down", "l")
    assert done.returncode == 0
    assert "all of" in done.stdout and "\u2713 not online" in done.stdout
    assert "age(online) = " in done.stdout and "for 1s: satisfied" in done.stdout
    assert "issue 1, open" in done.stdout and "last readings" in done.stdout
    done = explain(facilityd, "fine", "t1")
    assert "? level = ? > 80 ($high, default)" in done.stdout, done.stdout


def test_explain_as_json(daemon):
    facilityd = daemon(rules(GOOD))
    done = explain(facilityd, "--json", "fine", "t1")
    assert json.loads(done.stdout)["rule"] == "fine"


def test_explain_what_is_not_there(daemon):
    facilityd = daemon(rules(GOOD))
    for arguments, words in ((("fin", "t1"), 'did you mean "fine"?'),
                             (("fine", "t2"), 'did you mean "t1"?'),
                             (("fine", "l"), "is for class tank")):
        done = explain(facilityd, *arguments)
        assert done.returncode == 65 and words in done.stderr, done.stderr
