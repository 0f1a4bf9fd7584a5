"""What every end-to-end test needs: processes, free ports, a daemon with a configuration.

Everything binds to loopback and lives in the test's own folder. Nothing sleeps where a
condition can be awaited: `until` polls one with a deadline and says what it last saw.
"""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(os.environ.get("OUT", "build"))
if not OUT.is_absolute():
    OUT = ROOT / OUT
START_S = 15  # a sanitizer build on a busy machine needs most of it


def until(condition, seconds=10, what="condition", every=0.02):
    """The first true value of condition(), or a failure that shows the last false one."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = condition()
            error = None
        except (OSError, AssertionError, http.client.HTTPException) as failure:
            value, error = None, failure
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} not within {seconds} s; last: {error or value!r}")
        time.sleep(every)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count):
    """The first of so many free ports in a row."""
    for _ in range(100):
        first = free_port()
        probes = [socket.socket() for _ in range(count)]
        try:
            for offset, probe in enumerate(probes):
                probe.bind(("127.0.0.1", first + offset))
            return first
        except (OSError, OverflowError):
            continue
        finally:
            for probe in probes:
                probe.close()
    raise AssertionError(f"no {count} free ports in a row")


class Process:
    """A program that the test started and ends, with its output in a file."""

    def __init__(self, arguments, log, **options):
        self.log = pathlib.Path(log)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.arguments = [str(argument) for argument in arguments]
        self.options = options
        self.popen = None

    def start(self):
        with open(self.log, "ab") as output:
            self.popen = subprocess.Popen(
                self.arguments, stdout=output, stderr=output,
                stdin=subprocess.DEVNULL, **self.options)
        return self

    @property
    def pid(self):
        return self.popen.pid

    def alive(self):
        return self.popen is not None and self.popen.poll() is None

    def signal(self, number):
        self.popen.send_signal(number)

    def kill(self):
        if self.alive():
            self.popen.kill()
        if self.popen is not None:
            self.popen.wait()

    def stop(self, seconds=12):
        """SIGTERM, then the exit code; a process that does not end fails the test."""
        if self.popen is None:
            return None
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            return self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise AssertionError(f"{self.arguments[0]} did not stop in {seconds} s:\n"
                                 + self.output()[-3000:])

    def output(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def make_datadir(folder, shipped=True):
    """What `make install` would put under share/facilityd; without the shipped files, empty."""
    datadir = pathlib.Path(folder) / "share"
    if not datadir.exists():
        datadir.mkdir()
        for kind, source in (("profiles", "config/profiles"), ("tables", "config/tables"),
                             ("calendars", "config/calendars"), ("rules", "rules/library")):
            if shipped:
                (datadir / kind).symlink_to(ROOT / source)
            else:
                (datadir / kind).mkdir()
    return datadir


class Daemon(Process):
    """facilityd on a configuration text, reached over HTTP."""

    def __init__(self, folder, config, name="facilityd", shipped=True, binary=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.path = self.folder / f"{name}.cfg"
        self.state = self.folder / "state"
        self.socket = self.folder / "ctl.sock"
        self.datadir = make_datadir(self.folder, shipped)
        self.write(config)
        super().__init__(
            [binary or OUT / "facilityd", "-c", self.path, "--datadir", self.datadir,
             "--socket", self.socket], self.folder / f"{name}.log")

    def write(self, config):
        """The parts that every test shares are put in front of its own."""
        head = (f'state_dir = "{self.state}";\n'
                f'web : {{ listen = "127.0.0.1:{self.port}"; }};\n')
        self.path.write_text(head + config)

    def start(self, ready=True):
        super().start()
        if ready:
            until(self.is_ready, START_S, "facilityd ready")
        return self

    def is_ready(self):
        assert self.alive(), "facilityd ended:\n" + self.output()[-3000:]
        return self.get("/readyz", raw=True)[0] == 200

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            data = None if body is None else json.dumps(body)
            all_headers = {"X-Facilityd": "1", **(headers or {})}
            if data is not None:
                all_headers["Content-Type"] = "application/json"
            connection.request(method, path, data, all_headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def get(self, path, raw=False):
        status, text, _ = self.request("GET", path)
        if raw:
            return status, text
        assert status == 200, f"GET {path}: {status} {text[:500]}"
        return json.loads(text)

    def post(self, path, body, expect=None):
        status, text, _ = self.request("POST", path, body)
        if expect is None:
            assert 200 <= status < 300, f"POST {path}: {status} {text[:500]}"
        else:
            assert status == expect, f"POST {path}: {status} {text[:500]}"
        return json.loads(text) if text else None

    def point(self, equipment, name):
        for point in self.get(f"/api/v1/equipment/{equipment}")["points"]:
            if point["name"] == name:
                return point
        raise AssertionError(f"{equipment} has no point {name}")

    def issues(self, **filters):
        filters = {"status": "all", "limit": 500, **filters}
        query = "&".join(f"{key}={value}" for key, value in filters.items())
        return self.get("/api/v1/issues?" + query)["issues"]

    def metrics(self):
        _, text = self.get("/metrics", raw=True)
        found = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
        return found

    def reload(self):
        self.signal(signal.SIGHUP)


def check(folder, config, name="check.cfg", arguments=()):
    """facilityd --check on a text: exit code, standard output, standard error."""
    folder = pathlib.Path(folder)
    path = folder / name
    path.write_text(config)
    done = subprocess.run(
        [str(OUT / "facilityd"), "--check", "-c", str(path), "--datadir",
         str(make_datadir(folder)), *arguments],
        capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr
