"""What an alarm is to people: symptoms of another one, silenced, held back by planned work,
worse or better, from registers in the field to pages and facilityctl."""
import json
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from browser import open_browser
from devices import TcpPeer, Unit
from harness import OUT, free_port, until

CONFIG = """
site : {{ id = "test"; timezone = "Asia/Shanghai"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = (
  {{ id = "pump-io"; class = "pump"; poll = "100ms";
    points = ( {{ name = "trip"; coil = 0; }}, {{ name = "heat"; holding = 0; unit = "degC"; }} ); }},
  {{ id = "feeder-io"; class = "electricity_meter"; poll = "100ms";
    points = ( {{ name = "dead"; coil = 0; }} ); }}
);
equipment = (
  {{ id = "feeder"; name = "Feeder"; place = "Cellar"; profile = "feeder-io"; link = "bus";
    unit = 1; }},
  {{ id = "pump-1"; name = "Pump 1"; place = "Cellar"; profile = "pump-io"; link = "bus";
    unit = 2; relations : {{ power = "feeder"; }}; }},
  {{ id = "pump-2"; name = "生活水泵2"; place = "Cellar"; profile = "pump-io"; link = "bus";
    unit = 3; relations : {{ power = "feeder"; }}; }}
);
rules = (
  {{ id = "test.outage"; class = "electricity_meter"; kind = "outage"; category = "facilities";
    severity = "serious"; title : {{ en = "Feeder is dead"; zh = "馈线停电"; }};
    when = "dead"; clear = "not dead"; }},
  {{ id = "test.trip"; class = "pump"; kind = "fault"; category = "facilities";
    severity = "general"; failure = true; title : {{ en = "Pump tripped"; zh = "水泵跳闸"; }};
    when = "trip"; clear = "not trip"; }},
  {{ id = "test.heat"; class = "pump"; kind = "fault"; category = "facilities";
    levels = ( {{ severity = "minor"; when = "heat > 60"; }},
               {{ severity = "serious"; when = "heat > 90"; }} );
    title : {{ en = "Pump is hot"; zh = "水泵过热"; }};
    clear = "heat < 50"; }},
  {{ id = "test.safety"; class = "pump"; kind = "safety"; category = "facilities";
    severity = "serious"; highly_managed = true; title : {{ en = "Danger"; zh = "危险"; }};
    when = "heat > 200"; clear = "heat < 150"; }}
);
suppress = ( {{ by = "test.outage"; via = "power"; targets = ("test.trip"); }} );
"""


class Plant:
    """The daemon, its devices, and short ways to ask."""

    def __init__(self, facilityd, units):
        self.facilityd = facilityd
        self.feeder, self.pump_1, self.pump_2 = units

    def issue(self, number):
        found = [i for i in self.facilityd.issues(attached=1) if i["number"] == number]
        return self.facilityd.get(f"/api/v1/issues/{found[0]['id']}") if found else None

    def wait_issue(self, number):
        return until(lambda: self.issue(number), 60, f"issue #{number}")

    def state(self, equipment):
        return self.facilityd.get(f"/api/v1/equipment/{equipment}")["state"]

    def said(self):
        found = self.facilityd.get("/api/v1/announcements")["announcements"]
        return [f"{a['kind']}#{a['issue_number']}" for a in found]

    def alarm(self, rule, equipment):
        for alarm in self.facilityd.get("/api/v1/alarms")["alarms"]:
            if (alarm["rule"], alarm["equipment"]) == (rule, equipment):
                return alarm
        return None

    def ctl(self, *arguments, code=0):
        done = subprocess.run([str(OUT / "facilityctl"), "--socket", str(self.facilityd.socket),
                               *arguments], capture_output=True, text=True, timeout=20)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr


@pytest.fixture
def plant(daemon, start):
    units = [Unit(), Unit(), Unit()]
    for unit in units:
        unit.fill("coil", 0, [0])
        unit.fill("holding", 0, [20])
    port = free_port()
    start(TcpPeer({number + 1: unit for number, unit in enumerate(units)}, port))
    facilityd = daemon(CONFIG.format(port=port), shipped=False)
    until(lambda: facilityd.get("/api/v1/equipment/pump-2")["state"] == "up", 10, "readings")
    return Plant(facilityd, units)


def test_what_an_outage_explains(plant):
    plant.feeder.fill("coil", 0, [1])
    outage = plant.wait_issue(1)
    assert outage["rule"] == "test.outage" and outage["attached_to"] is None
    plant.pump_1.fill("coil", 0, [1])
    plant.pump_2.fill("coil", 0, [1])
    until(lambda: plant.issue(1)["symptoms_active"] == 2, 10, "the symptoms")
    issue = plant.issue(1)
    assert sorted(s["equipment"] for s in issue["symptoms"]) == ["pump-1", "pump-2"]
    assert [e["action"] for e in issue["events"]] == ["opened", "symptom"]
    assert len(plant.facilityd.issues()) == 1
    assert plant.said() == ["opened#1"]
    assert plant.state("pump-1") == plant.state("pump-2") == "external"
    alarm = plant.alarm("test.trip", "pump-1")
    assert alarm["standing"] == "symptom" and alarm["issue"] is None
    assert alarm["cause"] == {"rule": "test.outage", "equipment": "feeder", "issue_number": 1}
    assert "test.outage" in plant.ctl("alarms", "pump-1")
    some = plant.facilityd.get("/api/v1/alarms?limit=1")
    assert len(some["alarms"]) == 1 and some["left_out"] == 2
    assert plant.facilityd.get("/api/v1/alarms")["left_out"] == 0
    assert plant.facilityd.get("/api/v1/alarms?limit=0", raw=True)[0] == 400
    # A mistyped id is not "nothing is wrong there", and the number that alarms shows is enough.
    assert 'no equipment "pump1"' in plant.ctl("alarms", "pump1", code=65)
    assert outage["id"] in plant.ctl("issue", "show", "1")
    assert 'no shelf "1x"' in plant.ctl("unshelve", "1x", code=65)
    assert 'no permit "1x"' in plant.ctl("permit", "close", "1x", code=65)
    # The mains are back; one pump is still tripped, and is an issue of its own now.
    plant.pump_2.fill("coil", 0, [0])
    until(lambda: plant.alarm("test.trip", "pump-2") is None, 5, "the pump that is back")
    plant.feeder.fill("coil", 0, [0])
    trip = plant.wait_issue(2)
    assert (trip["rule"], trip["equipment"]) == ("test.trip", "pump-1")
    assert plant.state("pump-1") == "fault" and plant.state("pump-2") == "up"
    assert plant.said() == ["opened#1", "returned#1", "opened#2"]
    assert plant.issue(1)["symptoms_active"] == 0


def test_a_cause_that_comes_later_and_a_crash(plant):
    plant.pump_1.fill("coil", 0, [1])
    plant.wait_issue(1)
    plant.feeder.fill("coil", 0, [1])
    plant.wait_issue(2)
    until(lambda: plant.issue(1)["attached_to"], 10, "the pump's issue as a symptom")
    assert plant.issue(1)["status"] == "closed"
    assert plant.issue(1)["attached_to"] == plant.issue(2)["id"]
    assert [i["number"] for i in plant.facilityd.issues()] == [2]
    plant.facilityd.signal(signal.SIGKILL)
    plant.facilityd.popen.wait()
    plant.facilityd.start()
    until(lambda: plant.state("feeder") != "unknown", 10, "readings after the crash")
    time.sleep(1)
    assert [i["number"] for i in plant.facilityd.issues()] == [2]
    assert plant.alarm("test.trip", "pump-1")["standing"] == "symptom"
    assert plant.state("pump-1") == "external"
    assert plant.said() == ["opened#1", "opened#2"]
    plant.pump_1.fill("coil", 0, [0])
    until(lambda: plant.issue(1)["returned"], 10, "the return on its own issue")
    assert plant.said() == ["opened#1", "opened#2"]


def test_levels_move_the_severity(plant):
    plant.pump_1.fill("holding", 0, [70])
    assert plant.wait_issue(1)["severity"] == "minor"
    plant.pump_1.fill("holding", 0, [95])
    until(lambda: plant.issue(1)["severity"] == "serious", 5, "the worse level")
    plant.facilityd.post(f"/api/v1/issues/{plant.issue(1)['id']}/events",
                         {"action": "severity", "text": "general"})
    plant.pump_1.fill("holding", 0, [70])
    until(lambda: any(e["text"] == "minor" for e in plant.issue(1)["events"]), 5, "the level")
    assert plant.issue(1)["severity"] == "general", "a person's word is a floor"
    assert plant.said() == ["opened#1", "worse#1"]


def test_shelves(plant):
    assert "highly managed" in plant.ctl("shelve", "test.safety", "pump-1", "--reason", "x",
                                         code=64)
    assert "reason" in plant.ctl("shelve", "test.trip", "pump-1", code=64)
    assert "at most" in plant.ctl("shelve", "test.trip", "pump-1", "--for", "25h", "--reason",
                                  "x", code=64)
    assert "usage: facilityctl shelve" in plant.ctl("shelve", "test.trip", "--reason", "x",
                                                    code=64)
    assert "no rule 'test.trap'" in plant.ctl("shelve", "test.trap", "pump-1", "--reason", "x",
                                              code=65)
    assert "no equipment 'pump-9'" in plant.ctl("shelve", "test.trip", "pump-9", "--reason", "x",
                                                code=65)
    for nonsense in ("30", "1h-30m", "0x1h", "1e1h", "-1h", "h", "1.2.3h", " 1h", "nanh"):
        assert "--for is" in plant.ctl("shelve", "test.trip", "pump-1", f"--for={nonsense}",
                                       "--reason", "x", code=64), nonsense
    plant.ctl("shelve", "test.trip", "pump-1", "--for", "2h", "--reason", "part is ordered")
    plant.pump_1.fill("coil", 0, [1])
    plant.wait_issue(1)
    shelf = json.loads(plant.ctl("shelves", "--json"))["shelves"][0]
    assert (shelf["rule"], shelf["reason"]) == ("test.trip", "part is ordered")
    assert plant.alarm("test.trip", "pump-1")["shelved_until"] == shelf["until"]
    plant.facilityd.signal(signal.SIGKILL)
    plant.facilityd.popen.wait()
    plant.facilityd.start()
    assert plant.said() == []
    assert "has ended" in plant.ctl("unshelve", str(shelf["number"]))
    assert plant.said() == ["opened#1"]
    assert "no running shelf" in plant.ctl("unshelve", "9", code=65)
    assert json.loads(plant.ctl("shelves", "--all", "--json"))["shelves"][0]["ended"]


def post_form(plant, path, **fields):
    """What a browser's form sends; the status of the answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{plant.facilityd.port}{path}",
                                     urllib.parse.urlencode(fields).encode(),
                                     {"X-Facilityd": "1"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def short_month():
    """The next month of thirty days that has not begun."""
    now = time.gmtime()
    for month in (4, 6, 9, 11):
        if month > now.tm_mon:
            return f"{now.tm_year}-{month:02}"
    return f"{now.tm_year + 1}-04"


def test_planned_work(plant):
    assert "--holder" in plant.ctl("permit", "--equipment", "pump-1", code=64)
    assert "no equipment 'pump-9'" in plant.ctl("permit", "--equipment", "pump-1,pump-9", "--for",
                                                "1h", "--holder", "W", "--reason", "r", code=65)
    assert post_form(plant, "/permits", equipment="pump-9", holder="W", reason="r",
                     until=f"{short_month()}-20T08:00") == 400
    said = plant.ctl("permit", "--equipment", "pump-1,pump-2", "--for", "1h", "--holder",
                     "Wang Gang", "--reason", "yearly service")
    assert said.startswith("permit 1 for 2 equipment until ")
    until(lambda: plant.state("pump-1") == "planned", 5, "planned work")
    assert "366 days" in plant.ctl("permit", "--equipment", "pump-1", "--start",
                                   "2261-12-31T00:00:00Z", "--for", "31d", "--holder", "W",
                                   "--reason", "r", code=64)
    month = short_month()
    assert post_form(plant, "/permits", equipment="pump-1", holder="W", reason="r",
                     **{"from": f"{month}-28T08:00", "until": f"{month}-31T08:00"}) == 400
    plant.pump_1.fill("holding", 0, [70])
    until(lambda: (plant.alarm("test.heat", "pump-1") or {}).get("withheld"), 5, "the alarm")
    plant.pump_2.fill("holding", 0, [250])  # what is highly managed goes out as always
    until(lambda: plant.said() == ["opened#1"], 5, "the danger")
    assert plant.issue(1)["rule"] == "test.safety"
    assert plant.state("pump-1") == "planned"
    permits = json.loads(plant.ctl("permits", "--json"))["permits"]
    assert permits[0]["withheld"] >= 1 and permits[0]["state"] == "running"
    month = time.strftime("%Y-%m", time.gmtime(time.time() + 8 * 3600))
    report = plant.facilityd.get(f"/api/v1/reports/failure-rate?month={month}")
    planned = {unit["id"]: unit["planned_h"] for unit in report["equipment"]}
    assert planned["pump-1"] > 0 and planned["feeder"] == 0
    plant.ctl("permit", "close", "1")
    until(lambda: plant.state("pump-1") == "degraded", 5, "what the work left")
    assert plant.wait_issue(2)["rule"] == "test.heat"
    assert json.loads(plant.ctl("permits", "--all", "--json"))["permits"][0]["state"] == "ended"
    assert json.loads(plant.ctl("permits", "--json"))["permits"] == []


def test_the_stream_announces(plant):
    follow = subprocess.Popen(["curl", "-sN", "--max-time", "20",
                               f"http://127.0.0.1:{plant.facilityd.port}/api/v1/stream"],
                              stdout=subprocess.PIPE, text=True)
    try:
        until(lambda: follow.stdout.readline().startswith("event: hello"), 5, "the stream")
        plant.pump_1.fill("coil", 0, [1])
        plant.wait_issue(1)
        for line in follow.stdout:
            if line.startswith("event: announce"):
                break
        announced = {}
        for line in follow.stdout:
            if line.startswith("data: "):
                announced = json.loads(line[6:])
                break
        assert announced["kind"] == "opened" and announced["issue_number"] == 1
    finally:
        follow.kill()
        follow.wait()


def look(browser, plant, path, width, language):
    """Opens a page; nothing is wrong with it and it is no wider than the screen."""
    browser.set_window_size(width, 900)
    mark = "&" if "?" in path else "?"
    browser.get(f"http://127.0.0.1:{plant.facilityd.port}{path}{mark}lang={language}")
    time.sleep(0.3)
    assert browser.get_log("browser") == [], path
    assert browser.execute_script(
        "return document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
    return browser.find_element("tag name", "main").text


def test_pages(plant, tmp_path):
    plant.pump_1.fill("coil", 0, [1])
    plant.wait_issue(1)
    plant.feeder.fill("coil", 0, [1])
    plant.wait_issue(2)
    until(lambda: plant.issue(1)["attached_to"], 10, "the symptom")
    plant.pump_2.fill("holding", 0, [70])
    heat = plant.wait_issue(3)
    outage = plant.issue(2)
    browser = open_browser(tmp_path)
    try:
        browser.set_page_load_timeout(20)
        for width in (1440, 390):
            for language, part, symptoms in (("en", "Part of", "Alarms it explains"),
                                             ("zh", "并入", "伴生告警")):
                page = look(browser, plant, f"/issues/{outage['id']}", width, language)
                assert symptoms in page and "Pump 1" in page
                page = look(browser, plant, f"/issues/{plant.issue(1)['id']}", width, language)
                assert part in page and "#2" in page
                look(browser, plant, f"/issues/{heat['id']}", width, language)
                look(browser, plant, "/", width, language)
                look(browser, plant, "/permits", width, language)
        # Silence an alarm, declare work: by the forms alone.
        look(browser, plant, f"/issues/{heat['id']}", 390, "en")
        browser.find_element("css selector", ".shelve summary").click()
        browser.find_element("css selector", ".shelve input[name=reason]").send_keys(
            "fan ordered" + "d" * 200)
        browser.find_element("css selector", ".shelve button").click()
        until(lambda: "Silenced until" in browser.page_source, 5, "the shelf on the page")
        assert "fan ordered" in browser.page_source
        assert "Silenced until" in look(browser, plant, "/", 390, "en")
        look(browser, plant, "/permits", 390, "en")
        for name, text in (("holder", "Li Lei"), ("reason", "bearing" + "g" * 200),
                           ("equipment", "pump-2")):
            browser.find_element("css selector", f".permit-form input[name={name}]").send_keys(text)
        browser.find_element("css selector", ".permit-form button").click()
        until(lambda: "Back in service" in browser.page_source, 5, "the permit")
        assert "Planned work until" in look(browser, plant, "/", 390, "en")
        look(browser, plant, "/permits", 390, "zh")
        browser.find_element("css selector", ".permit form button").click()
        until(lambda: "历史检修" in browser.page_source, 5, "the permit that has ended")
    finally:
        browser.quit()
