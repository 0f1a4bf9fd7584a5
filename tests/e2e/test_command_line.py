"""Exit codes, signals, one instance per folder, reload all or nothing."""
import signal
import subprocess

from harness import OUT, Daemon, check, free_port, until

SITE = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\n'


def run(*arguments):
    return subprocess.run([str(OUT / arguments[0]), *arguments[1:]], capture_output=True,
                          text=True, timeout=20, check=False)


def test_help_version_and_usage():
    for program in ("facilityd", "facilityctl", "plantsim"):
        done = run(program, "--help")
        assert done.returncode == 0 and "Examples:" in done.stdout, program
    assert run("facilityd", "--version").stdout.startswith("facilityd ")
    assert run("facilityd", "--nonsense").returncode == 64
    assert run("facilityd", "surplus").returncode == 64
    assert run("facilityctl").returncode == 64
    assert run("facilityctl", "isues").returncode == 64
    done = run("facilityctl", "help", "issue")  # the first word of several commands
    assert done.returncode == 0 and "facilityctl issue ack ISSUE" in done.stdout
    done = run("facilityctl", "issue")
    assert done.returncode == 64 and "facilityctl issue ack ISSUE" in done.stderr
    done = run("facilityctl", "rules", "bogus")  # not only "usage: facilityctl rules"
    assert done.returncode == 64 and "no command 'rules bogus'" in done.stderr
    assert "'rules check'" in done.stderr and "'rules noise'" in done.stderr
    assert "Try 'facilityctl rules --help'" in done.stderr
    done = run("facilityctl", "rules", "cheek")
    assert done.returncode == 64 and "; did you mean 'rules check'?\n" in done.stderr
    done = run("facilityctl", "issue", "akc", "5")
    assert done.returncode == 64 and "; did you mean 'issue ack'?\n" in done.stderr
    done = run("facilityctl", "rules", "--help")
    assert done.returncode == 0 and "facilityctl rules check [RULE ...]" in done.stdout


def test_check_good_and_bad(tmp_path):
    code, out, _ = check(tmp_path, SITE)
    assert code == 0 and "ok" in out
    code, _, messages = check(tmp_path, SITE + 'web : { lisen = "127.0.0.1:0"; };\n')
    assert code == 78
    assert "check.cfg:2:9" in messages and "lisen" in messages and '"listen"' in messages


def test_ctl_without_a_daemon(tmp_path):
    done = run("facilityctl", "--socket", str(tmp_path / "none"), "status")
    assert done.returncode == 69 and "is it running" in done.stderr


def test_second_instance_is_refused(daemon, tmp_path):
    first = daemon(SITE)
    second = Daemon(tmp_path, SITE, name="second")
    second.start(ready=False)
    assert second.popen.wait(10) == 69
    assert str(first.pid) in second.output()


def test_stops_cleanly(daemon):
    facilityd = daemon(SITE)
    assert facilityd.stop(10) == 0
    assert "stopped" in facilityd.output()


def test_ctl_speaks_over_the_socket(daemon):
    facilityd = daemon(SITE)
    done = run("facilityctl", "--socket", str(facilityd.socket), "status")
    assert done.returncode == 0 and "test" in done.stdout, done
    opened = run("facilityctl", "--socket", str(facilityd.socket), "issue", "open", "-",
                 "minor", "Lamp broken")
    issue = opened.stdout.strip()
    assert opened.returncode == 0 and issue.startswith("test-"), opened
    for action, status in (("ack", "acknowledged"), ("start", "in_progress"),
                           ("resolve", "resolved"), ("close", "closed"),
                           ("reopen", "reopened")):
        done = run("facilityctl", "--socket", str(facilityd.socket), "issue", action, issue)
        assert done.returncode == 0 and status in done.stdout, done
    shown = run("facilityctl", "--socket", str(facilityd.socket), "issue", "show", issue)
    assert "Lamp broken" in shown.stdout and "root" in shown.stdout or "reopen" in shown.stdout
    refused = run("facilityctl", "--socket", str(facilityd.socket), "issue", "close", issue)
    assert refused.returncode == 65, refused


def test_reload_is_all_or_nothing(daemon):
    facilityd = daemon(SITE)
    facilityd.write(SITE.replace('"test"', '"test"; nme = "x"'))
    facilityd.reload()
    until(lambda: "reload refused" in facilityd.output(), 5, "the refusal")
    assert facilityd.is_ready()
    port = free_port()
    facilityd.write(SITE + f"""
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; }} );
equipment = ( {{ id = "m"; profile = "eastron-sdm630"; link = "bus"; unit = 1; }} );
""")
    facilityd.reload()
    until(lambda: any(e["id"] == "m" for e in facilityd.get("/api/v1/equipment")["equipment"]),
          10, "the new equipment")
    facilityd.signal(signal.SIGTERM)
    assert facilityd.popen.wait(12) == 0


def test_a_parameter_may_be_called_like_a_function(tmp_path):
    """'$' tells $max from max(): the first name that comes to mind for a limit."""
    code, out, err = check(tmp_path, """
site : { id = "casa"; };
links = ( { id = "bus"; modbus = "tcp://192.168.1.20"; } );
equipment = ( { id = "m1"; profile = "eastron-sdm630"; link = "bus"; unit = 1;
  params : { max = 6000; }; } );
rules = ( { id = "my.high"; class = "electricity_meter"; title : { en = "High"; };
  when = "max(p_total, 5m) > $max"; params : { max = 5000; }; } );
""")
    assert (code, err) == (0, "") and "ok:" in out
