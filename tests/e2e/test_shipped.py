"""What is shipped fits together: every rule has a profile that it can watch."""
import re

from devices import TcpPeer, Unit, f32
from harness import ROOT, check, free_port, until


def shipped_profiles():
    for path in sorted((ROOT / "config/profiles").glob("*.cfg")):
        text = re.sub(r"#.*", "", path.read_text())
        yield (re.search(r'id = "([^"]+)"', text).group(1),
               bool(re.search(r"\b(coil|discrete|input|holding) = ", text)))


# What stands between equipment, or is known only where somebody writes a profile of his own.
OWN = """
profiles = (
  { id = "own-lift"; class = "elevator"; points = ( { name = "fault"; coil = 0; } ); },
  { id = "own-panel"; class = "fire_panel"; points = ( { name = "heartbeat"; input = 0; } ); },
  { id = "own-transformer"; class = "transformer"; points = ( { name = "temperature"; input = 0; } ); },
  { id = "own-sensor"; class = "sensor"; points = ( { name = "temperature"; input = 0; } ); },
  { id = "own-tank"; class = "tank"; points = ( { name = "level"; input = 0; },
                                                { name = "fill_open"; coil = 0; } ); },
  { id = "own-sump"; class = "sump"; points = ( { name = "level"; input = 0; } ); }
);
"""
BETWEEN = """
  { id = "own-lift"; profile = "own-lift"; link = "bus"; unit = 101; },
  { id = "own-panel"; profile = "own-panel"; link = "bus"; unit = 102; },
  { id = "own-transformer"; profile = "own-transformer"; link = "bus"; unit = 103; },
  { id = "own-sensor"; profile = "own-sensor"; link = "bus"; unit = 104; },
  { id = "own-tank"; profile = "own-tank"; link = "bus"; unit = 105;
    relations : { pumps = ("e-grundfos-cim"); }; },
  { id = "own-sump"; profile = "own-sump"; link = "bus"; unit = 106;
    relations : { pumps = ("e-grundfos-cim"); }; },
  { id = "lift-province-1"; profile = "lift-gb24476"; link = "bus"; unit = 107;
    tables : { fault_code = "lift-codes-province-1"; }; relations : { bank = ("e-lift-gb24476"); }; },
  { id = "lift-province-2"; profile = "lift-gb24476"; link = "bus"; unit = 108;
    tables : { fault_code = "lift-codes-province-2"; }; },
  { id = "main"; profile = "eastron-sdm630"; link = "bus"; unit = 109;
    relations : { submeters = ("e-eastron-sdm630", "e-eastron-sdm120"); }; },
  { id = "main-water"; profile = "json-water-meter"; link = "broker"; topic = "w";
    relations : { submeters = ("e-json-water-meter"); }; },
  { id = "ups"; profile = "ups-dry-contact"; link = "bus"; unit = 110;
    relations : { feeds = ("main"); }; },
  { id = "pump-2"; profile = "grundfos-cim"; link = "bus"; unit = 111;
    relations : { set = ("e-grundfos-cim"); suction = "own-tank"; fire_panel = "e-fire-dry-contact"; }; }
"""


def test_every_rule_watches_some_profile(daemon):
    port = free_port()  # nobody is there: what is asked needs no reading
    equipment = [
        f'{{ id = "e-{name}"; profile = "{name}"; ' +
        (f'link = "bus"; unit = {unit}; }}' if modbus else 'link = "broker"; topic = "t"; }')
        for unit, (name, modbus) in enumerate(shipped_profiles(), 1)]
    equipment.append(BETWEEN)
    facilityd = daemon(f"""
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "100ms"; }},
          {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; }} );
equipment = ( {", ".join(equipment)} );
""" + OWN)
    rules = facilityd.get("/api/v1/rules")["rules"]
    assert len(rules) >= 130
    assert [rule["id"] for rule in rules if rule["instances"] == 0] == []


SITE = 'site : { id = "test"; timezone = "UTC"; language = "en"; };\n'


def test_one_of_everything_is_accepted(tmp_path):
    links = ['{ id = "broker"; mqtt = "mqtt://127.0.0.1:1883"; }']
    equipment = []
    for number, (name, modbus) in enumerate(shipped_profiles()):
        place = 'link = "broker"; topic = "t";'
        if modbus:
            links.append(f'{{ id = "bus-{number}"; modbus = "tcp://127.0.0.1:{1502 + number}"; }}')
            place = f'link = "bus-{number}"; unit = 1;'
        equipment.append(f'{{ id = "e-{name}"; profile = "{name}"; {place} }}')
    code, told, complaints = check(tmp_path, SITE + f"""
links = ( {", ".join(links)} );
equipment = ( {", ".join(equipment)} );
""")
    assert (code, complaints) == (0, "")
    assert f"{len(equipment)} equipment" in told


def test_any_fits_on_a_slow_bus(tmp_path):
    """No profile asks for more than 9600 baud can carry."""
    links, equipment = [], []
    for number, (name, modbus) in enumerate(shipped_profiles()):
        if modbus:
            links.append(f'{{ id = "bus-{number}"; modbus = "rtu:///dev/tty{number}"; }}')
            equipment.append(f'{{ id = "e-{name}"; profile = "{name}"; '
                             f'link = "bus-{number}"; unit = 1; }}')
    code, _, complaints = check(tmp_path, SITE + f"""
links = ( {", ".join(links)} );
equipment = ( {", ".join(equipment)} );
""")
    assert code == 0, complaints


def test_probe_tells_that_the_profile_does_not_fit(daemon, start):
    meter = Unit()
    meter.fill("input", 0, f32(49.98))
    meter.fill("input", 2, f32(2.5))
    port = free_port()
    start(TcpPeer({1: meter}, port))
    facilityd = daemon(f"""
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
links = ( {{ id = "bus"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }} );
profiles = (
  {{ id = "right"; class = "electricity_meter"; poll = "200ms";
     points = ( {{ name = "freq"; input = 0; type = "f32"; }} );
     probe : {{ point = "freq"; range = (45.0, 65.0); }}; }},
  {{ id = "wrong"; class = "electricity_meter"; poll = "200ms";
     points = ( {{ name = "freq"; input = 2; type = "f32"; }} );
     probe : {{ point = "freq"; range = (45.0, 65.0); }}; }},
  {{ id = "out"; class = "electricity_meter"; poll = "200ms";
     points = ( {{ name = "freq"; input = 2; type = "f32"; range = (40.0, 70.0); }} );
     probe : {{ point = "freq"; range = (45.0, 65.0); }}; }}
);
equipment = ( {{ id = "m-right"; profile = "right"; link = "bus"; unit = 1; }},
              {{ id = "m-wrong"; profile = "wrong"; link = "bus"; unit = 1; }},
              {{ id = "m-out"; profile = "out"; link = "bus"; unit = 1; }} );
rules = ( {{ id = "equipment.wrong_device"; class = "*"; kind = "fault"; category = "facilities";
  severity = "general"; when = "bad(online)"; for = "1s"; clear = "online"; clear_for = "100ms";
  title : {{ en = "Another device"; zh = "x"; }}; }} );
""")

    def told():
        return sorted(re.findall(r"equipment=(\S+) probe=implausible no values",
                                 facilityd.output()))

    until(lambda: told() == ["m-out", "m-wrong"], 10, "the warnings, each once")
    until(lambda: facilityd.point("m-right", "freq")["value"] == 49.98, 5, "the good one")
    for name in ("m-wrong", "m-out"):
        point = facilityd.point(name, "freq")
        assert (point["value"], point["reason"]) == (None, "probe"), point
        equipment = facilityd.get("/api/v1/equipment/" + name)
        assert (equipment["state"], equipment["reason"]) == ("unknown", "probe"), equipment
    assert facilityd.get("/api/v1/equipment/m-right")["state"] == "up"
    until(lambda: sorted(issue["equipment"] for issue in facilityd.issues()
                         if issue["rule"] == "equipment.wrong_device") == ["m-out", "m-wrong"],
          10, "an issue for each")
    meter.fill("input", 2, f32(50.01))
    for name in ("m-wrong", "m-out"):
        facilityd.post(f"/api/v1/equipment/{name}/probe", {})
        until(lambda: facilityd.point(name, "freq")["quality"] == "good", 5, "its values")
        until(lambda: facilityd.get("/api/v1/equipment/" + name)["state"] == "up", 5, "its state")
