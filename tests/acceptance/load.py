"""What the acceptance runs share: `plantsim load`, a configuration for it, and large queries."""
import collections
import http.client
import json
import pathlib
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from harness import OUT, Process, free_port, until  # noqa: E402

QUERY_S = 120  # the answers are tens of megabytes


class Load(Process):
    """Simulated Modbus TCP devices, each with an address of its own on the loopback."""

    def __init__(self, folder, network, devices, registers):
        self.network = network  # "127.21": from 127.21.0.1 on
        self.devices = devices
        self.registers = registers
        self.port = free_port()
        self.socket = folder / "load.sock"
        super().__init__(
            [OUT / "plantsim", "load", "--devices", devices, "--registers", registers,
             "--base-address", network + ".0.1", "--port", self.port,
             "--trigger-socket", self.socket], folder / "load.log")

    def start(self):
        super().start()
        until(lambda: "event=ready" in self.output(), 15, "the simulated devices")
        return self

    def address(self, device):
        return f"{self.network}.{(device + 1) // 256}.{(device + 1) % 256}:{self.port}"

    def ask(self, *words):
        done = subprocess.run(
            [str(OUT / "plantsim"), "load", *map(str, words), "--trigger-socket",
             str(self.socket)], check=True, capture_output=True, text=True, timeout=10)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def config(self, poll):
        """Site, profile, links and equipment d0, d1, ... of class sensor."""
        points = ", ".join(f'{{ name = "r{i}"; holding = {i}; }}'
                           for i in range(self.registers))
        links = ",\n".join(f'{{ id = "l{i}"; modbus = "tcp://{self.address(i)}"; '
                           'timeout = "500ms"; }' for i in range(self.devices))
        equipment = ",\n".join(f'{{ id = "d{i}"; profile = "load"; link = "l{i}"; unit = 1; }}'
                               for i in range(self.devices))
        return f"""
site : {{ id = "acceptance"; timezone = "UTC"; language = "en"; }};
profiles = ( {{ id = "load"; class = "sensor"; poll = "{poll}"; points = ( {points} ); }} );
links = ( {links} );
equipment = ( {equipment} );
"""


def fetch(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=QUERY_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
        assert answer.status == 200, body[:500]
        return body
    finally:
        connection.close()


def influx_times(influx, measurements, database="facility"):
    """(measurement, equipment, field) -> its time stamps in ns, sorted."""
    found = {}
    for measurement in measurements:
        query = urllib.parse.urlencode(
            {"db": database, "epoch": "ns",
             "q": f'SELECT * FROM "{measurement}" GROUP BY equipment'})
        answer = json.loads(fetch(influx.port, "/query?" + query))["results"][0]
        assert "partial" not in answer and "error" not in answer, str(answer)[:300]
        for series in answer.get("series", []):
            columns = series["columns"]
            for at, field in enumerate(columns):
                if field in ("time", "class", "place", "site"):
                    continue
                times = [row[0] for row in series["values"] if row[at] is not None]
                found[measurement, series["tags"]["equipment"], field] = sorted(times)
    return found


def victoria_times(victoria, measurements):
    """(measurement, equipment, field) -> its time stamps in ms as stored, doubles included."""
    found = collections.defaultdict(list)
    for measurement in measurements:
        match = urllib.parse.urlencode({"match[]": f'{{__name__=~"{measurement}_.+"}}'})
        for line in fetch(victoria.port, "/api/v1/export?" + match).splitlines():
            series = json.loads(line)
            labels = series["metric"]
            if labels.get("class") != measurement:
                continue  # another measurement whose name begins alike
            field = labels["__name__"][len(measurement) + 1:]
            found[measurement, labels["equipment"], field] += series["timestamps"]
    return {key: sorted(times) for key, times in found.items()}
