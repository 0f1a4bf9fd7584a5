"""Every shipped Modbus profile against devices made from an independent table.

One daemon per transport watches all devices of all tables: what takes time is the start,
not the reading. See profile_device.py for the tables.
"""
import math
import re

import pytest

from devices import RtuPeer, TcpPeer
from harness import ROOT, Daemon, Process, free_port, until
from profile_device import devices_of, tables

UNITS_MAX = 40  # on one link: so many share a bus without waiting for each other
# Everything is read at the start and nothing changes afterwards; a value whose scale is read
# behind it comes with the next reading.
SITE = """site : { id = "test"; timezone = "UTC"; language = "en"; };
poll : { fast = "10s"; normal = "10s"; slow = "10s"; daily = "10s"; };
"""
NAMES = [path.stem for path in tables()]


class Site:
    """All devices behind one kind of transport and the daemon that reads them."""

    def __init__(self, folder, transport):
        self.folder = folder
        self.transport = transport
        self.running = []
        self.devices = [device for path in tables() for device in devices_of(path)]
        groups = [self.devices[i:i + UNITS_MAX]
                  for i in range(0, len(self.devices), UNITS_MAX)]
        links, equipment = [], []
        for number, group in enumerate(groups):
            links.append(self._serve(number, {unit: device for unit, device
                                              in enumerate(group, 1)}))
            equipment += [
                f'{{ id = "{self.id_of(device)}"; profile = "{device.profile}"; '
                f'link = "bus-{number}"; unit = {unit};{device.equipment} }}'
                for unit, device in enumerate(group, 1)]
        self.daemon = Daemon(folder, SITE + f"links = ( {', '.join(links)} );\n"
                             + "equipment = (\n  " + ",\n  ".join(equipment) + "\n);\n")
        self.running.append(self.daemon)
        self.daemon.start()

    @staticmethod
    def id_of(device):
        return f"{device.profile}--{device.name}"

    def _serve(self, number, units):
        if self.transport == "tcp":
            port = free_port()
            self.running.append(TcpPeer(units, port).start())
            return f'{{ id = "bus-{number}"; modbus = "tcp://127.0.0.1:{port}"; }}'
        ours, theirs = self.folder / f"ours-{number}", self.folder / f"theirs-{number}"
        self.running.append(Process(
            ["socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}"],
            self.folder / f"socat-{number}.log").start())
        until(lambda: ours.exists() and theirs.exists(), 5, "the pair of terminals")
        self.running.append(RtuPeer(units, theirs, 115200).start())
        return (f'{{ id = "bus-{number}"; modbus = "rtu://{ours}"; baud = 115200; '
                f'parity = "none"; timeout = "2s"; }}')

    def points(self, device):
        found = self.daemon.get(f"/api/v1/equipment/{self.id_of(device)}")["points"]
        return {point["name"]: point for point in found if point["name"] != "online"}

    def stop(self):
        for process in reversed(self.running):
            process.kill()


@pytest.fixture(scope="module", params=["tcp", "rtu"])
def site(request, tmp_path_factory):
    made = Site.__new__(Site)
    made.running = []
    try:
        made.__init__(tmp_path_factory.mktemp(request.param), request.param)
        yield made
    finally:
        made.stop()


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def differs(expect, point):
    """What is wrong with a reading, or None."""
    if expect.startswith("bad:"):
        right = (point["quality"], point["reason"]) == ("bad", expect[4:])
    elif point["quality"] != "good":
        right = False
    else:
        code, _, label = expect.partition(":")
        if label and is_number(code):
            right = float(point["value"]) == float(code) and point["label"] == label
        elif is_number(expect):
            right = math.isclose(float(point["value"]), float(expect), rel_tol=1e-6,
                                 abs_tol=1e-9)
        else:
            right = point["value"] == expect
    if right:
        return None
    told = {key: point.get(key) for key in ("value", "label", "quality", "reason")}
    return f"{point['name']}: expected {expect}, is {told}"


def wrong_points(points, device):
    if device.all is not None:
        return [text for point in points.values() if (text := differs(device.all, point))]
    return [text for row in device.rows if (text := differs(row.expect, points[row.point]))]


@pytest.mark.parametrize("profile", NAMES)
def test_every_point_of_the_table(site, profile):
    for device in [d for d in site.devices if d.profile == profile]:
        points = site.points(device)
        named = {row.point for row in device.rows}
        assert named == set(points), (
            device.name, "only in the table:", sorted(named - set(points)),
            "only in the profile:", sorted(set(points) - named))
        seen = []

        def as_it_should_be():
            seen[:] = wrong_points(site.points(device), device)
            return not seen

        try:
            until(as_it_should_be, 25, "the values", 0.05)
        except AssertionError as late:
            raise AssertionError(f"{site.id_of(device)} over {site.transport}:\n"
                                 + "\n".join(seen)) from late
        # Finding out what does not fit may ask for anything.
        if device.all is None:
            assert device.refused == [], f"{site.id_of(device)}: asked beyond the device"


@pytest.mark.parametrize("profile", NAMES)
def test_units(site, profile):
    wanted, shown = {}, {}
    for device in [d for d in site.devices if d.profile == profile]:
        for row in device.rows:
            wanted[row.point] = wanted.get(row.point) or row.unit
        shown.update({name: point["unit"] for name, point in site.points(device).items()})
    assert shown == wanted


@pytest.mark.parametrize("profile", NAMES)
def test_table_tells_points_apart(profile):
    """A table in which two points always agree would not notice that they were confused."""
    devices = [d for d in devices_of(next(p for p in tables() if p.stem == profile))
               if d.all is None]
    told = {}
    for device in devices:
        names = [row.point for row in device.rows]
        assert len(names) == len(set(names)), f"{device.name} has a point twice"
        for row in device.rows:
            told.setdefault(row.point, []).append(row.expect)
    same = {}
    for name, values in told.items():
        same.setdefault(tuple(values), []).append(name)
    assert [names for names in same.values() if len(names) > 1] == []
    assert [name for name, values in told.items() if set(values) <= {"0"}] == []


def shipped():
    for path in sorted((ROOT / "config/profiles").glob("*.cfg")):
        text = path.read_text()
        body = re.sub(r"(?m)#.*$", "", text)
        if re.search(r"\bprofile\s*:", body):
            yield path, text, body


def test_every_modbus_profile_has_a_table():
    modbus = {path.stem for path, _, body in shipped()
              if re.search(r"\b(coil|discrete|input|holding)\s*=", body)}
    assert modbus == set(NAMES)


@pytest.mark.parametrize("path,text,body", list(shipped()),
                         ids=[path.stem for path, _, _ in shipped()])
def test_head(path, text, body):
    """Who said so, and how far to trust it."""
    assert re.search(r'\bid = "([^"]+)"', body).group(1) == path.stem
    assert text.startswith("# "), "a comment at the head says what the device is"
    assert re.search(r'\bsource = "[^"]{10,}"', body)
    mark = re.search(r'\bconfidence = "([AB])"', body)
    # A wiring list or a payload of our own claims nothing about a device, so it has no mark.
    said = mark.group(1) if mark else "engineering default"
    assert re.search(rf"(?m)^# .*Confidence: {said}\b", text), \
        "the head says Confidence: A or B, as the key does"


# Shown as they are in every language: numbers, models, units.
PLAIN = re.compile(r"[0-9]+$|.*[A-Z]|(m|ft|bar|mbar|psi|kg/cm2)$")


def test_every_name_of_a_code_has_a_word():
    """Codes are shown in the language of the page."""
    words = set(re.findall(r'(?m)^    \{"([^"]+)", \{', (ROOT / "web/names.c").read_text()))
    missing = {}
    for path, _, body in shipped():
        for rows in re.findall(r"(?:enum|flags) = \(\((.*?)\)\s*\)", body, re.S):
            names = {name for name in re.findall(r',\s*"([^"]+)"', rows)
                     if not PLAIN.match(name)}
            if not names <= words:
                missing[path.stem] = sorted(names - words)
    assert missing == {}


def test_what_cannot_be_probed_says_so():
    """Of most devices some value is known beforehand; contacts and lifts have none."""
    probed = r'class = "(electricity_meter|pump|drive|residual_current)"'
    silent = [path.stem for path, text, body in shipped()
              if path.stem in NAMES and re.search(probed, body)
              and not re.search(r"\bprobe = ", body)
              and not re.search(r"cannot be\s+(?:# )?probed", text)]
    assert silent == []
