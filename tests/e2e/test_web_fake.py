"""The web server over a make-believe site (tests/unit/fake_web): what strangers may send,
what pages may show, what a browser finds wrong.

Run with: /usr/bin/python3 -m pytest tests/e2e/test_web_fake.py (FAKE_WEB names another build).
"""
import gzip
import html.parser
import json
import os
import pathlib
import re
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = os.environ.get("OUT", "build") + "/tests/unit/fake_web"
PROGRAM = os.environ.get("FAKE_WEB", str(ROOT / TARGET))
XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{}&lt;"
PAGES = ["/", "/?group=class", "/?state=fault", "/?class=pump", "/?place=1%E5%8F%B7%E6%A5%BC",
         "/equipment/pump-2", "/equipment/pump-2?range=7d&points=flow&points=run",
         "/equipment/meter-w4", "/equipment/plant-room", "/issues", "/issues?status=all",
         "/issues?status=closed&severity=serious", "/issues/new", "/issues/new?equipment=pump-2",
         "/issues/riverside-01JDFAKE000000000000000075", "/reports/failure-rate",
         "/reports/failure-rate?month=2026-01", "/diagnostics", "/links/riser-a", "/links/broker", "/permits"]


@pytest.fixture(scope="session", autouse=True)
def program():
    if "FAKE_WEB" not in os.environ:
        subprocess.run(["make", "-s", TARGET], cwd=ROOT, check=True)


class Foreign(html.parser.HTMLParser):
    """Collects what no page of ours may hold: scripts, styles and handlers in the page,
    pictures, frames, and links that leave the site."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("img", "iframe", "object", "embed", "base", "style"):
            self.found.append(tag)
        if tag == "script" and not values.get("src", "").startswith("/assets/"):
            self.found.append(values)
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.found.append((tag, name))
            if name in ("href", "src", "action") and not re.match(r"[/#](?!/)", value or ""):
                self.found.append((tag, name, value))


def foreign(text):
    parser = Foreign()
    parser.feed(text)
    return parser.found


class Site:
    """A running fake_web."""

    def __init__(self, tmp_path, copies=1, name=""):
        self.socket_path = str(tmp_path / "web.sock")
        self.process = subprocess.Popen(
            [PROGRAM, "0", str(copies), self.socket_path, name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def raw(self, data, timeout=3.0):
        """Sends bytes, returns everything until the peer closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.sendall(data)
            answer = b""
            try:
                while True:
                    part = s.recv(65536)
                    if not part:
                        break
                    answer += part
            except TimeoutError:
                pass
            return answer

    def ask(self, method, path, headers=None, body=b"", host=None):
        lines = [f"{method} {path} HTTP/1.1",
                 f"Host: {host or 'localhost:' + str(self.port)}", "Connection: close"]
        lines += [f"{k}: {v}" for k, v in (headers or {}).items()]
        if body or method == "POST":
            lines.append(f"Content-Length: {len(body)}")
        answer = self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = int(head.split(b" ")[1]) if head else 0
        fields = {}
        for line in head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            fields.setdefault(key.lower(), []).append(value)
        return status, fields, rest

    def get(self, path, **headers):
        return self.ask("GET", path, {k.replace("_", "-"): v for k, v in headers.items()})

    def post_json(self, path, value, **headers):
        fields = {"Content-Type": "application/json", "X-Facilityd": "1"}
        fields.update({k.replace("_", "-"): v for k, v in headers.items()})
        return self.ask("POST", path, fields, json.dumps(value).encode())

    def say(self, words):
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        time.sleep(0.2)

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(timeout=10)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    assert made.stop() == 0


# ---- what strangers send ----

def status_of(answer):
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize("name,data,allowed", [
    ("CL and TE", b"POST /issues HTTP/1.1\r\nHost: localhost\r\nX-Facilityd: 1\r\n"
     b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    ("two lengths", b"POST /api/v1/issues HTTP/1.1\r\nHost: localhost\r\nX-Facilityd: 1\r\n"
     b"Content-Type: application/json\r\nContent-Length: 5\r\nContent-Length: 60\r\n\r\n{}   ",
     {400}),
    ("TE alone", b"POST /issues HTTP/1.1\r\nHost: localhost\r\nX-Facilityd: 1\r\n"
     b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {411}),
    ("TE identity", b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: identity\r\n\r\n",
     {400, 411}),
    ("bare LF", b"GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", {200, 400}),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", {400}),
    ("two Hosts", b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", {400}),
    ("space before colon", b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", {400, 0}),
    ("NUL in URL", b"GET /\x00evil HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
     {200, 400}),
    ("high byte in URL", b"GET /\xe6\xb0\xb4 HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
    ("unknown method", b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", {501}),
    ("garbage", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n", {0, 400}),
    ("HTTP/0.9", b"GET /\r\n\r\n", {0, 400, 505}),
    ("HTTP/3.0", b"GET / HTTP/3.0\r\nHost: localhost\r\n\r\n", {0, 400, 505}),
    ("fat header", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20000 + b"\r\n\r\n",
     {431}),
    ("fat headers", b"GET / HTTP/1.1\r\nHost: localhost\r\n" +
     b"".join(b"X%d: %s\r\n" % (i, b"a" * 90) for i in range(2000)) + b"\r\n", {0, 413, 431}),
    ("long URL", b"GET /" + b"a" * 6000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", {414}),
    ("very long URL", b"GET /" + b"a" * 200000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
     {0, 414}),
    ("negative length", b"POST /issues HTTP/1.1\r\nHost: localhost\r\nX-Facilityd: 1\r\n"
     b"Content-Length: -1\r\n\r\n", {0, 400, 413}),
    ("huge length", b"POST /issues HTTP/1.1\r\nHost: localhost\r\nX-Facilityd: 1\r\n"
     b"Content-Length: 99999999999\r\n\r\n", {413}),
    ("rebinding", b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
    ("absolute form", b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
    ("TRACE", b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", {501}),
])
def test_bad_request(site, name, data, allowed):
    answer = site.raw(data, timeout=1.0)
    assert status_of(answer) in allowed, answer[:300]
    assert site.get("/healthz")[0] == 200  # and it is still there


@pytest.mark.parametrize("path,status", [
    ("/../../etc/passwd", 404), ("/assets/x/../../etc/passwd", 404),
    ("/assets/x/..%2f..%2fetc%2fpasswd", 404), ("/assets/x/%2e%2e", 404),
    ("/assets//facilityd.css", 404), ("/issues/%00", 404), ("/equipment/..", 404),
    ("/equipment/%ff", 404), ("/?q=%00", 400), ("/?q=%ff", 400), ("/nothing", 404),
    ("/api/v1/nothing", 404), ("/api/v1/equipment/none", 404), ("/api/v1/issues/none", 404),
    ("/api/v1/equipment?state=dead", 400), ("/api/v1/equipment?class=teapot", 400),
    ("/api/v1/equipment?limit=0", 400), ("/api/v1/equipment?limit=x", 400),
    ("/api/v1/equipment?after=none", 400), ("/api/v1/issues?status=no", 400),
    ("/api/v1/issues?severity=no", 400), ("/api/v1/issues?limit=501", 400),
    ("/api/v1/equipment/pump-2/history?from=yesterday", 400),
    ("/api/v1/equipment/pump-2/history?step=1s", 400),
    ("/api/v1/equipment/pump-2/history?points=nothing", 400),
    ("/api/v1/equipment/pump-2/history?from=2000-01-01T00:00:00Z&step=1m", 400),
    ("/api/v1/equipment/pump-2/history?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", 400),
    ("/api/v1/rules/pump.dry_run/explain", 400), ("/api/v1/rules/x/explain?equipment=y", 404),
    ("/api/v1/reports/failure-rate?format=docx", 400),
    ("/api/v1/reports/failure-rate?format=xlsx", 501),
    ("/api/v1/reports/failure-rate?format=pdf", 501),
    ("/api/v1/reports/failure-rate?month=2026-13", 400),
    ("/api/v1/reports/failure-rate?month=2999-01", 404),
    ("/api/v1/stream?points=some", 400), ("/api/v1/stream?equipment=none", 400),
])
def test_bad_target(site, path, status):
    got, fields, body = site.get(path)
    assert got == status
    if path.startswith("/api/"):
        assert fields["content-type"] == ["application/problem+json"]
        problem = json.loads(body)
        assert problem["status"] == status and problem["detail"] and problem["title"]
        if status == 400:
            assert problem["parameter"] and problem["hint"]


@pytest.mark.parametrize("headers,status", [
    ({}, 403), ({"X-Facilityd": "1"}, 201), ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "http://evil.example", "X-Facilityd": "1"}, 403),
    ({"Origin": "null", "X-Facilityd": "1"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "X-Facilityd": "1"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403), ({"Sec-Fetch-Site": "same-origin"}, 201),
])
def test_cross_site_post(site, headers, status):
    body = b'{"title":"x"}'
    fields = dict(headers, **{"Content-Type": "application/json"})
    assert site.ask("POST", "/api/v1/issues", fields, body)[0] == status


def test_behind_a_proxy(site):
    """The browser's Origin is the proxy's name then, the Host ours; the metadata decides."""
    fields = {"Content-Type": "application/json", "Origin": "https://board.example"}
    for fetch_site, status in (("same-origin", 201), ("cross-site", 403)):
        got = site.ask("POST", "/api/v1/issues", {**fields, "Sec-Fetch-Site": fetch_site},
                       b'{"title":"x"}')
        assert got[0] == status


def test_head_of_the_stream_has_no_body(site):
    answer = site.raw(b"HEAD /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n"
                      b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"\r\n\r\n")
    assert answer.partition(b"\r\n\r\n")[2] == b""


def test_own_origin(site):
    fields = {"Content-Type": "application/json", "Origin": f"http://localhost:{site.port}"}
    assert site.ask("POST", "/api/v1/issues", fields, b'{"title":"x"}')[0] == 201


@pytest.mark.parametrize("method,path,status", [
    ("PUT", "/api/v1/issues", 405), ("DELETE", "/api/v1/equipment/pump-2", 405),
    ("PATCH", "/", 405), ("GET", "/api/v1/issues/x/events", 405), ("POST", "/healthz", 405),
])
def test_method(site, method, path, status):
    got, fields, _ = site.ask(method, path, {"X-Facilityd": "1"})
    assert got == status and fields["allow"]


def test_options_and_head(site):
    status, fields, body = site.ask("OPTIONS", "/api/v1/issues")
    assert (status, fields["allow"], body) == (204, ["GET, HEAD, POST"], b"")
    assert not [f for f in fields if f.startswith("access-control")]
    status, fields, body = site.ask("HEAD", "/api/v1/site")
    assert status == 200 and body == b"" and int(fields["content-length"][0]) > 100


@pytest.mark.parametrize("body,kind,status", [
    (b"", "application/json", 400), (b"{", "application/json", 400),
    (b"[]", "application/json", 400), (b"{} x", "application/json", 400),
    (b'{"title":"x"}', "text/plain", 415), (b'{"title":""}', "application/json", 400),
    (b'{"title":"x","title":"y"}', "application/json", 400),
    (b'{"titel":"x"}', "application/json", 400), (b'{"title":1}', "application/json", 400),
    (b'{"title":"x","severity":"awful"}', "application/json", 400),
    (b'{"title":"x","equipment":"none"}', "application/json", 404),
    (b'{"title":"\xff"}', "application/json", 400),
    (b"[" * 5000 + b"]" * 5000, "application/json", 400),
    (b'{"title":"' + b"a" * 70000 + b'"}', "application/json", 413),
])
def test_bad_body(site, body, kind, status):
    got, fields, answer = site.ask("POST", "/api/v1/issues",
                                   {"Content-Type": kind, "X-Facilityd": "1"}, body)
    assert got == status, answer
    assert fields["content-type"] == ["application/problem+json"]


# ---- every answer ----

def test_security_headers(site):
    targets = PAGES + ["/nothing", "/api/v1", "/api/v1/nothing", "/healthz", "/readyz",
                       "/metrics", "/favicon.ico", "/manifest.webmanifest"]
    for path in targets:
        status, fields, _ = site.get(path)
        csp = fields["content-security-policy"][0]
        assert "default-src 'none'" in csp and "frame-ancestors 'none'" in csp, path
        assert "unsafe" not in csp
        assert fields["x-content-type-options"] == ["nosniff"]
        assert fields["referrer-policy"] and fields["cross-origin-opener-policy"]
        assert fields["cache-control"]
    refused = site.ask("GET", "/", host="evil.example")[1]
    assert "default-src 'none'" in refused["content-security-policy"][0]


def test_pages_in_both_languages(site):
    for path in PAGES:
        for tag, word in (("zh-CN", "看板"), ("en", "Board")):
            glue = "&" if "?" in path else "?"
            status, fields, body = site.get(f"{path}{glue}lang={tag}")
            text = body.decode()
            assert status == 200, path
            assert f'<html lang="{tag}"' in text and word in text
            assert text.rstrip().endswith("</html>")
            shown = re.sub(r'data-words="[^"]*"', "", text)
            assert "(null)" not in shown and ">nan<" not in shown and "{}" not in shown
            assert foreign(text) == [], path


def test_first_page_is_small(site):
    text = site.get("/")[2].decode()
    urls = ["/"] + re.findall(r'(?:href|src)="(/assets/[^"]+)"', text)
    plain = sum(len(site.get(url)[2]) for url in urls)
    packed = sum(len(site.get(url, Accept_Encoding="gzip")[2]) for url in urls)
    print(f"first page: {plain} bytes, packed {packed}")
    assert plain < 100 * 1024 and packed < 30 * 1024


def test_compression(site):
    for accept, packed in (("gzip, deflate, br", True), ("br", False), ("gzip;q=0", False)):
        _, fields, body = site.get("/", Accept_Encoding=accept)
        assert ("content-encoding" in fields) == packed
        assert "Accept-Encoding" in ", ".join(fields["vary"])
        text = gzip.decompress(body) if packed else body
        assert text.endswith(b"</html>\n")
    assert "content-encoding" not in site.get("/healthz", Accept_Encoding="gzip")[1]


def test_assets_are_kept(site):
    text = site.get("/")[2].decode()
    url = re.search(r'href="(/assets/[0-9a-f]{12}/facilityd\.css)"', text).group(1)
    status, fields, _ = site.get(url)
    assert status == 200 and "immutable" in fields["cache-control"][0]
    other = url.replace(url.split("/")[2], "000000000000")
    assert site.get(other)[1]["cache-control"] == ["no-cache"]


def test_choices_are_kept(site):
    _, fields, body = site.get("/?lang=en&theme=dark")
    assert any(c.startswith("lang=en;") for c in fields["set-cookie"])
    assert any(c.startswith("theme=dark;") for c in fields["set-cookie"])
    _, _, body = site.get("/", Cookie="lang=en; theme=dark", Accept_Language="zh")
    assert b'<html lang="en" data-theme="dark"' in body
    assert b"<html lang=\"zh-CN\"" in site.get("/", Accept_Language="zh-TW,en;q=0.5")[2]
    assert b'data-theme=""' in site.get("/?theme=%22%3E%3Cx")[2]


# ---- the API ----

def test_equipment_pages(site):
    seen, after = [], ""
    while True:
        part = json.loads(site.get(f"/api/v1/equipment?limit=5{after}")[2])
        seen += [e["id"] for e in part["equipment"]]
        if part["next"] is None:
            break
        after = "&after=" + part["next"]
    assert len(seen) == 27 and len(set(seen)) == 27
    pumps = json.loads(site.get("/api/v1/equipment?class=pump&state=fault")[2])["equipment"]
    assert [p["id"] for p in pumps] == ["pump-2"]
    assert pumps[0]["worst_severity"] == "general" and pumps[0]["since"].endswith("Z")


def test_equipment_detail(site):
    whole = json.loads(site.get("/api/v1/equipment/meter-w3")[2])
    assert whole["state"] == "unknown" and whole["reason"] == "comm"
    flow = next(p for p in whole["points"] if p["name"] == "flow")
    assert flow["value"] is None and flow["quality"] == "bad" and flow["reason"] == "timeout"
    assert flow["unit"] == "m3/h" and flow["good_value"] == 3.17 and flow["age_ms"] >= 0
    assert whole["issues"][0]["rule"] == "comm"


def test_history(site):
    past = json.loads(site.get("/api/v1/equipment/pump-2/history?points=pressure,power"
                               "&step=5m")[2])
    assert past["step_ms"] == 300000 and len(past["points"]) == 2
    for point in past["points"]:
        for column in ("min", "max", "mean", "last", "count"):
            assert len(point[column]) == len(past["times"])
        gaps = [i for i, n in enumerate(point["count"]) if n == 0]
        assert gaps and all(point["mean"][i] is None for i in gaps)


def test_issue_life(site):
    status, fields, body = site.post_json("/api/v1/issues", {
        "title": "Handrail loose", "equipment": "esc-1", "severity": "serious",
        "text": "left side"})
    assert status == 201
    url = fields["location"][0]
    issue = json.loads(body)
    assert issue["source"] == "person" and issue["evidence"] is None
    assert "acknowledge" in issue["allowed"] and "close" not in issue["allowed"]
    status, _, body = site.post_json(url + "/events", {"action": "close"})
    assert status == 409
    for action in ("acknowledge", "start", "resolve", "close"):
        status, _, body = site.post_json(url + "/events", {"action": action, "text": "t"})
        assert status == 200, body
    done = json.loads(body)
    assert done["status"] == "closed"
    assert [e["action"] for e in done["events"]][-4:] == ["acknowledge", "start", "resolve",
                                                          "close"]
    assert done["events"][-1]["actor"] == "web"
    for wrong in ({"action": "opened"}, {"action": "returned"}, {"action": ""}, {}):
        assert site.post_json(url + "/events", wrong)[0] == 400


def test_issue_pages(site):
    seen, after = [], ""
    while True:
        part = json.loads(site.get(f"/api/v1/issues?limit=20{after}")[2])
        seen += [i["number"] for i in part["issues"]]
        if part["next"] is None:
            break
        after = "&after=" + part["next"]
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == len(seen)
    page = site.get("/issues?status=all&lang=en")[2].decode()
    older = re.search(r'href="([^"]*after=[^"]*)"', page).group(1).replace("&amp;", "&")
    assert site.get(older)[0] == 200


def test_system(site):
    ready = site.get("/readyz")
    assert ready[0] == 200 and json.loads(ready[2])["ready"] is True
    site.say("unready")
    status, _, body = site.get("/readyz")
    assert status == 503 and json.loads(body)["reasons"] == ["issue store: disk is full"]
    assert "disk is full" in site.get("/diagnostics")[2].decode()
    site.say("ready")
    whole = json.loads(site.get("/api/v1/site")[2])
    assert whole["id"] == "riverside" and len(whole["links"]) == 3 and len(whole["sinks"]) == 2
    index = json.loads(site.get("/api/v1")[2])["routes"]
    assert {"GET", "POST", "DELETE"} == {r["method"] for r in index} and len(index) >= 15


def test_metrics_format(site):
    _, fields, body = site.get("/metrics")
    assert fields["content-type"] == ["text/plain; version=0.0.4; charset=utf-8"]
    typed = set()
    for line in body.decode().splitlines():
        if line.startswith("# TYPE "):
            name = line.split()[2]
            assert name not in typed
            typed.add(name)
        elif not line.startswith("#"):
            found = re.fullmatch(r'([a-z_0-9]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+]+', line)
            assert found and found.group(1) in typed, line


# ---- forms ----

def form(site, path, values, **extra):
    fields = {"Content-Type": "application/x-www-form-urlencoded",
              "Origin": f"http://localhost:{site.port}"}
    fields.update(extra)
    return site.ask("POST", path, fields, urllib.parse.urlencode(values).encode())


def test_forms(site):
    status, fields, _ = form(site, "/issues", {"title": "灯不亮", "severity": "minor",
                                               "category": "facilities", "text": "3楼\r\n走廊"})
    assert status == 303
    url = fields["location"][0]
    assert "灯不亮" in site.get(url)[2].decode()
    status, fields, _ = form(site, url, {"action": "acknowledge", "text": "去看看"})
    assert status == 303 and fields["location"][0] == url + "#timeline"
    assert "去看看" in site.get(url)[2].decode()
    assert form(site, url, {"action": "severity", "severity": "serious"})[0] == 303
    assert form(site, url, {"action": "comment", "text": ""})[0] == 400
    assert form(site, url, {"action": "close"})[0] == 409
    assert form(site, url, {"action": "explode"})[0] == 400
    assert form(site, "/issues/none", {"action": "close"})[0] == 404
    status, _, body = form(site, "/issues", {"title": "", "text": "was <typed>"})
    assert status == 400 and "was &lt;typed&gt;" in body.decode()
    status, _, body = form(site, "/issues", {"title": "x", "equipment": "none"})
    assert status == 400 and "none" in body.decode()


# ---- names from outside ----

def test_permit_needs_an_end(site):
    permit = {"equipment": "pump-1", "holder": "Wang Gang", "reason": "service"}
    status, _, body = site.post_json("/api/v1/permits", permit)
    problem = json.loads(body)
    assert status == 400 and problem["parameter"] == "until", body
    assert "an end" in problem["detail"] and "for_ms" in problem["hint"], body
    status, _, body = site.post_json("/api/v1/permits", {**permit, "for_ms": 3600000})
    assert status == 201, body


def test_navigation_tells_where_one_is(site):
    here = re.compile(rb'<a href="([^"]*)" aria-current="page">')
    for path, entry in (("/", [b"/"]), ("/issues", [b"/issues"]), ("/permits", [])):
        page = site.get(path)[2]
        menu = page[page.index(b'<nav class="menu"'):page.index(b"</nav>")]
        assert here.findall(menu) == entry, path


def test_xss_everywhere(tmp_path):
    site = Site(tmp_path, name=XSS)
    try:
        site.post_json("/api/v1/issues", {"title": XSS, "text": XSS, "place": XSS,
                                          "equipment": "pump-1"})
        made = json.loads(site.get("/api/v1/issues?limit=1")[2])["issues"][0]["id"]
        site.post_json(f"/api/v1/issues/{made}/events", {"action": "comment", "text": XSS})
        extra = [f"/issues/{made}", "/equipment/" + urllib.parse.quote(XSS, safe=""),
                 "/issues/new?title=" + urllib.parse.quote(XSS),
                 "/?place=" + urllib.parse.quote(XSS), "/" + urllib.parse.quote(XSS),
                 "/?x=" + urllib.parse.quote(XSS), "/issues?rule=" + urllib.parse.quote(XSS)]
        for path in PAGES + extra:
            _, _, body = site.get(path, Accept="text/html")
            text = body.decode()
            assert "<script>alert" not in text, path
            assert foreign(text) == [], path
        for path in ("/api/v1/equipment", f"/api/v1/issues/{made}"):
            json.loads(site.get(path)[2])
    finally:
        assert site.stop() == 0


# ---- the event stream ----

def test_stream_framing(site):
    site.say("fault lift-1")
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as s:
        s.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        text = b""
        end = time.time() + 3.5
        while time.time() < end:
            text += s.recv(65536)
    head, _, rest = text.partition(b"\r\n\r\n")
    assert b"text/event-stream" in head and b"no-store" in head
    body = b"".join(re.split(rb"\r?\n?[0-9a-fA-F]+\r\n", rest)).decode(errors="replace")
    names = re.findall(r"^event: (\w+)", body, re.M)
    assert names[0] == "hello" and "sample" in names
    assert re.search(r"^id: [0-9a-f.]+$", body, re.M)
    assert body.startswith("retry: ")
    site.say("well lift-1")


def test_many_streams_and_stop(tmp_path):
    site = Site(tmp_path)
    streams = []
    for i in range(60):
        s = socket.create_connection(("127.0.0.1", site.port), timeout=5)
        s.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        streams.append(s)
    time.sleep(1.5)
    assert site.get("/")[0] == 200
    assert site.stop() == 0  # libmicrohttpd aborts when a stream is left asleep
    for s in streams:
        s.close()


# ---- speed ----

def test_board_of_a_thousand(tmp_path):
    site = Site(tmp_path, copies=42)
    try:
        site.say("still")
        times = []
        for _ in range(12):
            begin = time.perf_counter()
            status, _, body = site.get("/")
            times.append(time.perf_counter() - begin)
            assert status == 200 and body.count(b'class="card ') == 1008
        times.sort()
        print(f"board of 1008: median {times[6] * 1000:.1f} ms, worst {times[-1] * 1000:.1f}"
              f" ms, {len(body)} bytes")
        assert times[6] < 0.1
    finally:
        site.stop()


# ---- a real browser ----

@pytest.fixture(scope="module")
def browser():
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-sync",
                 "--disable-background-networking", "--disable-quic", "--no-first-run",
                 "--disable-dev-shm-usage", "--disable-component-update"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield driver
    driver.quit()


def set_size(browser, width, height):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700})


def test_browser_finds_nothing_wrong(site, browser):
    """No CSP violation, no script error, no horizontal scroll at 320 px."""
    for width in (320, 1440):
        set_size(browser, width, 800)
        for path in PAGES:
            browser.get(f"http://127.0.0.1:{site.port}{path}")
            time.sleep(0.3)
            assert browser.get_log("browser") == [], path
            wide = browser.execute_script("return document.documentElement.scrollWidth")
            assert wide <= width, (path, wide)


def test_browser_is_live(site, browser):
    set_size(browser, 1440, 900)
    browser.get(f"http://127.0.0.1:{site.port}/?lang=en")
    find = browser.execute_script
    for _ in range(40):
        if find("return document.getElementById('live').dataset.state") == "on":
            break
        time.sleep(0.1)
    number = "return document.querySelector('#e-pump-1 [data-point=flow] .number').textContent"
    first = find(number)
    for _ in range(60):
        if find(number) != first:
            break
        time.sleep(0.1)
    assert find(number) != first
    site.say("fault lift-3")
    card = "return document.getElementById('e-lift-3').className"
    for _ in range(80):
        if "is-fault" in find(card):
            break
        time.sleep(0.1)
    assert "is-fault" in find(card)
    site.say("well lift-3")
    assert browser.get_log("browser") == []


def test_browser_says_when_data_stop(tmp_path, browser):
    site = Site(tmp_path)
    browser.get(f"http://127.0.0.1:{site.port}/?lang=en")
    time.sleep(1.5)
    site.stop()
    bar = "return document.getElementById('lost').hidden"
    for _ in range(80):
        if not browser.execute_script(bar):
            break
        time.sleep(0.1)
    assert not browser.execute_script(bar)
    text = browser.execute_script("return document.getElementById('lost').textContent")
    assert re.fullmatch(r"No live data for 00:\d\d, retrying", text)
    assert browser.execute_script("return document.body.hasAttribute('data-lost')")
    browser.get_log("browser")


def wait_for_text(browser, selector, text):
    from selenium.common.exceptions import WebDriverException
    for _ in range(50):
        try:
            if text in browser.find_element("css selector", selector).text:
                return
        except WebDriverException:
            pass  # between two pages
        time.sleep(0.1)
    raise AssertionError(f"{text!r} does not show in {selector}")


def test_browser_without_javascript(site, browser):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(f"http://127.0.0.1:{site.port}/?lang=en")
        text = browser.find_element("css selector", "#board").text
        assert "Pump runs dry" in text
        browser.get(f"http://127.0.0.1:{site.port}/issues/new?lang=en")
        browser.find_element("name", "title").send_keys("Door squeaks")
        browser.find_element("css selector", "form.form button").click()
        wait_for_text(browser, "h1", "Door squeaks")
        browser.find_element("css selector", "button[value=acknowledge]").click()
        wait_for_text(browser, "#timeline", "Acknowledged")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


CONTRAST = """
const parse = (c) => (c.match(/[\\d.]+/g) || []).map(Number);
const lum = ([r, g, b]) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 :
  ((v + 0.055) / 1.055) ** 2.4; }; return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
const ground = (e) => { for (; e; e = e.parentElement) { const c =
  parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] === 1) return c; }
  return [255, 255, 255]; };
const bad = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  if (!walk.currentNode.textContent.trim() || !e.checkVisibility() ||
      e.closest('.hidden, .skip, noscript, option, svg') || e.closest('.flash')) continue;
  const a = lum(parse(getComputedStyle(e).color)), b = lum(ground(e));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) bad.push([ratio.toFixed(2), e.className, e.textContent.slice(0, 30)]);
}
return bad;
"""


def test_contrast(site, browser):
    set_size(browser, 1440, 900)
    for theme in ("light", "dark"):
        for path in PAGES:
            glue = "&" if "?" in path else "?"
            browser.get(f"http://127.0.0.1:{site.port}{path}{glue}theme={theme}")
            assert browser.execute_script(CONTRAST) == [], (theme, path)


def test_targets_are_big_enough(site, browser):
    """What a thumb must hit has 24 px at least, what starts a step 44."""
    set_size(browser, 390, 844)
    small = """return [...document.querySelectorAll(
      'button, .button, select, .menu a, .chips a, .tabs a, .tool')].filter((e) =>
      e.checkVisibility() &&
      e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 90));"""
    for path in PAGES:
        browser.get(f"http://127.0.0.1:{site.port}{path}")
        assert browser.execute_script(small) == [], path
