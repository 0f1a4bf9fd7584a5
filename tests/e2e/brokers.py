"""Brokers: mosquitto, one that refuses on purpose, and the flooder that publishes on many topics."""
import shutil
import socket
import socketserver
import subprocess
import threading

from harness import OUT, ROOT, Process, free_port, until

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Broker(Process):
    def __init__(self, folder, port=None, extra="", name="mosquitto", client=()):
        self.port = port or free_port()
        self.client = list(client)  # further options of mosquitto_pub and _sub
        conf = folder / f"{name}.conf"
        conf.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n{extra}")
        super().__init__([MOSQUITTO, "-c", conf], folder / f"{name}.log")

    def start(self, **_):
        super().start()
        until(self.listens, 10, "the broker")
        return self

    def listens(self):
        with socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def publish(self, topic, payload, *options):
        text = isinstance(payload, str)
        what = ["-m", payload] if text else ["-s"] if payload else ["-n"]
        done = subprocess.run(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-t", topic, "-q", "1",
             *what, *self.client, *options], input=None if text else payload,
            capture_output=True, timeout=10, check=False)
        return done.returncode == 0

    def read(self, topic):
        done = subprocess.run(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-t", topic, "-C", "1",
             "-W", "5"], capture_output=True, text=True, timeout=10, check=False)
        return done.stdout.strip()


class Refusing(socketserver.ThreadingTCPServer):
    """A broker that answers CONNECT with a code and closes; without one it says nothing."""
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, code=None):
        self.code = code
        super().__init__(("127.0.0.1", 0), RefusingOnce)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class RefusingOnce(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(60)
        try:
            while self.request.recv(4096):
                if self.server.code is not None:
                    self.request.sendall(bytes([0x20, 2, 0, self.server.code]))
                    return
        except OSError:
            pass


def flooder():
    """Path of tests/bench/mqtt_flood, built when it is not there."""
    path = OUT / "tests/bench/mqtt_flood"
    subprocess.run(["make", "-s", "-C", str(ROOT), f"OUT={OUT}", str(path)], check=True,
                   capture_output=True, timeout=60)
    return path


class Flood:
    """Publishes in the background; `sent()` waits for its end and tells how many."""

    def __init__(self, port, rate, seconds, topics, form, size=0):
        self.popen = subprocess.Popen(
            [str(part) for part in (flooder(), port, rate, seconds, topics, form, size)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def sent(self, timeout=60):
        out, err = self.popen.communicate(timeout=timeout)
        assert self.popen.returncode == 0, err
        return int(out.split()[0].split("=")[1])

    def kill(self):
        self.popen.kill()
        self.popen.wait()
