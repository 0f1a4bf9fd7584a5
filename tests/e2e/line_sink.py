"""A database that takes everything and remembers it: each value of each series."""
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LineSink:
    """As a peer of a test: start() and kill(). `rows` is [(equipment, field, value text)]."""

    def __init__(self):
        self.rows = []
        self.lock = threading.Lock()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                sink.take(body.decode())
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def config(self):
        return (f'sinks = ( {{ id = "sink"; type = "influxdb1"; database = "test"; '
                f'url = "http://127.0.0.1:{self.port}"; flush = "100ms"; gzip = false; }} );\n')

    def take(self, text):
        rows = []
        for line in text.splitlines():
            head, fields, _ = line.rsplit(" ", 2)
            tags = dict(tag.split("=", 1) for tag in head.split(",")[1:])
            for field in fields.split(","):
                name, _, value = field.partition("=")
                rows.append((tags.get("equipment"), name, value))
        with self.lock:
            self.rows += rows

    def values(self, equipment=None, field=None):
        with self.lock:
            return [(e, f, v) for e, f, v in self.rows
                    if equipment in (None, e) and field in (None, f)]

    def start(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def kill(self):
        self.server.shutdown()
        self.server.server_close()
