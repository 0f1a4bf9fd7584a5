"""InfluxDB 1.x and VictoriaMetrics from Debian, each in a folder of the test's own."""
import http.client
import json
import urllib.parse

from harness import Process, free_port, until


def request(port, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Influx(Process):
    def __init__(self, folder):
        self.port = free_port()
        rpc = free_port()
        data = folder / "influx"
        data.mkdir(exist_ok=True)
        conf = data / "influxdb.conf"
        conf.write_text(f"""
reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
  dir = "{data}/meta"
[data]
  dir = "{data}/data"
  wal-dir = "{data}/wal"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:{self.port}"
  log-enabled = false
[monitor]
  store-enabled = false
""")
        super().__init__(["/usr/bin/influxd", "-config", conf], folder / "influx.log")

    def start(self, **_):
        super().start()
        until(lambda: request(self.port, "GET", "/ping")[0] == 204, 30, "InfluxDB")
        return self

    def query(self, text, database="facility"):
        query = urllib.parse.urlencode({"db": database, "q": text, "epoch": "ns"})
        status, body = request(self.port, "POST", "/query?" + query)
        assert status == 200, body
        return json.loads(body)["results"][0]

    def create(self, database="facility"):
        self.query(f"CREATE DATABASE {database}")

    def times(self, measurement, field, equipment):
        """Every time stamp (ns) of a field of an equipment."""
        result = self.query(f'SELECT "{field}" FROM "{measurement}" '
                            f"WHERE equipment = '{equipment}'")
        if "series" not in result:
            return []
        return [row[0] for row in result["series"][0]["values"]]


class Victoria(Process):
    def __init__(self, folder):
        self.port = free_port()
        super().__init__(
            ["/usr/bin/victoria-metrics", f"-storageDataPath={folder}/victoria",
             f"-httpListenAddr=127.0.0.1:{self.port}", "-retentionPeriod=13",
             "-search.latencyOffset=0s"], folder / "victoria.log")

    def start(self, **_):
        super().start()
        until(lambda: request(self.port, "GET", "/health")[0] == 200, 30, "VictoriaMetrics")
        return self

    def times(self, measurement, field, equipment):
        """Every time stamp (ms) of a field of an equipment, as exported."""
        match = urllib.parse.urlencode(
            {"match[]": f'{measurement}_{field}{{equipment="{equipment}"}}'})
        status, body = request(self.port, "GET", "/api/v1/export?" + match)
        assert status == 200, body
        return [t for line in body.splitlines() for t in json.loads(line)["timestamps"]]
