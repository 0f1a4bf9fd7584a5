"""The shipped MQTT profiles over a real broker, with the payloads their devices send.

Payloads are written as the devices' makers or users show them, not derived from the profiles:
whole and partial updates, null, keys nobody knows, last wills.
"""
import json
import math
import re
import time

import pytest

from harness import ROOT, until
from test_mqtt_values import Broker, connected

SITE = """
site : {{ id = "test"; timezone = "Asia/Shanghai"; language = "en"; }};
links = ( {{ id = "broker"; mqtt = "mqtt://127.0.0.1:{port}"; client_id = "gw-profiles"; }} );
equipment = (
  {{ id = "leak"; profile = "z2m-leak"; link = "broker"; topic = "zigbee2mqtt/cellar/rope"; }},
  {{ id = "plug"; profile = "tasmota-meter"; link = "broker"; topic = "tele/plug-7"; }},
  {{ id = "panel"; profile = "tasmota-meter-3p"; link = "broker"; topic = "tele/panel-3"; }},
  {{ id = "shelly"; profile = "shelly-gen2-meter"; link = "broker";
     topic = "shellyplus1pm-a8032ab12345"; }},
  {{ id = "shelly-3em"; profile = "shelly-gen2-3em"; link = "broker";
     topic = "shellypro3em-a8032ab54321"; }},
  {{ id = "feeder"; profile = "json-electricity-meter"; link = "broker"; topic = "site/feeder"; }},
  {{ id = "water"; profile = "json-water-meter"; link = "broker"; topic = "site/water"; }},
  {{ id = "lift"; profile = "lift-canonical"; link = "broker"; topic = "site/lift"; }},
  {{ id = "fleet-lift"; profile = "lift-canonical"; link = "broker"; topic = "site/fleet-lift";
     tables : {{ fault_code = "lift-codes-province-1"; }}; }},
  {{ id = "escalator"; profile = "escalator-canonical"; link = "broker"; topic = "site/escalator"; }}
);
"""


class Site:
    """One daemon for all profiles: what takes time is the start."""

    def __init__(self, facilityd, broker):
        self.facilityd = facilityd
        self.broker = broker

    def send(self, topic, payload, *options):
        text = payload if isinstance(payload, str) else json.dumps(payload)
        assert self.broker.publish(topic, text, *options)

    def points(self, equipment):
        found = self.facilityd.get(f"/api/v1/equipment/{equipment}")["points"]
        return {point["name"]: point for point in found}

    def shows(self, equipment, **expected):
        """Awaits values: a number, a word, "code:label", "bad:reason", None = never heard of."""
        wrong = []

        def as_expected():
            points = self.points(equipment)
            wrong[:] = [text for name, value in expected.items()
                        if (text := differs(value, points[name]))]
            return not wrong

        try:
            until(as_expected, 10, "the values", 0.05)
        except AssertionError as late:
            raise AssertionError(f"{equipment}: " + "; ".join(wrong)) from late
        return self.points(equipment)


def differs(expected, point):
    told = {key: point.get(key) for key in ("value", "label", "quality", "reason")}
    if expected is None:
        right = point["value"] is None and point["reason"] == "startup"
    elif isinstance(expected, str) and expected.startswith("bad:"):
        right = (point["quality"], point["reason"]) == ("bad", expected[4:])
    elif point["quality"] != "good":
        right = False
    elif isinstance(expected, str):
        code, _, label = expected.partition(":")
        right = point["value"] == int(code) and point["label"] == label
    else:
        right = math.isclose(float(point["value"]), float(expected), rel_tol=1e-9, abs_tol=1e-9)
    return None if right else f"{point['name']}: expected {expected!r}, is {told}"


@pytest.fixture
def site(daemon, start, tmp_path):
    broker = start(Broker(tmp_path))
    facilityd = daemon(SITE.format(port=broker.port))
    until(lambda: connected(facilityd), 10, "the connection")
    return Site(facilityd, broker)


def test_every_mqtt_profile_is_here():
    here = set(re.findall(r'profile = "([^"]+)"', SITE))
    mqtt = {path.stem for path in (ROOT / "config/profiles").glob("*.cfg")
            if not re.search(r"(?m)^[^#]*\b(coil|discrete|input|holding)\s*=", path.read_text())}
    assert here == mqtt


def test_zigbee2mqtt_leak_sensor(site):
    topic = "zigbee2mqtt/cellar/rope"
    site.send(topic, {"battery": 100, "battery_low": False, "device_temperature": 21,
                      "linkquality": 87, "tamper": False, "voltage": 3045, "water_leak": False,
                      "update": {"installed_version": 3, "state": "idle"}})  # not asked for
    points = site.shows("leak", leak=False, battery=100, battery_low=False, tamper=False,
                        battery_voltage=3.045, temperature=21, link_quality=87, available=None)
    units = {name: points[name]["unit"] for name in ("battery", "battery_voltage", "temperature")}
    assert units == {"battery": "%", "battery_voltage": "V", "temperature": "°C"}
    site.send(topic, {"water_leak": True, "linkquality": 42})  # what has changed
    site.shows("leak", leak=True, link_quality=42, battery=100, temperature=21)
    site.send(topic, {"battery": None, "battery_low": True, "water_leak": True, "tamper": True})
    site.shows("leak", battery="bad:not_available", battery_low=True, tamper=True, leak=True)
    site.send(topic, {"battery": 255, "linkquality": 300})
    site.shows("leak", battery="bad:range", link_quality="bad:range", leak=True)
    site.send(topic, {"battery_low": False})
    site.shows("leak", battery_low=False, tamper=True)
    site.send(topic + "/availability", {"state": "offline"}, "-r")
    site.shows("leak", available=False, leak=True)
    site.send(topic + "/availability", {"state": "online"}, "-r")
    site.shows("leak", available=True)


def test_tasmota_meter_and_its_last_will(site):
    site.send("tele/plug-7/LWT", "Online", "-r")
    site.send("tele/plug-7/SENSOR", {
        "Time": "2026-11-24T08:00:00",
        "ENERGY": {"TotalStartTime": "2025-03-20T15:20:48", "Total": 514.153, "Yesterday": 1.495,
                   "Today": 0.537, "Period": 3, "Power": 56, "ApparentPower": 92,
                   "ReactivePower": 73, "Factor": 0.61, "Voltage": 234, "Current": 0.392}})
    points = site.shows("plug", v_l1=234, i_l1=0.392, p_total=56, s_total=92, q_total=73,
                        pf_total=0.61, e_import=514.153, e_today=0.537, e_yesterday=1.495,
                        e_period=3, connected=True)
    # Local time of a device whose zone nobody knows: the reading carries its arrival.
    assert not points["p_total"]["time"].startswith("2026-11-24T00:00:00")
    assert not points["p_total"]["time"].startswith("2026-11-24T08:00:00")
    assert points["e_import"]["unit"] == "kWh" and points["e_period"]["unit"] == "Wh"
    # A smaller model measures less; what is not there is no zero.
    site.send("tele/plug-7/SENSOR", {"Time": "2026-11-24T08:05:00",
                                     "ENERGY": {"Total": 514.2, "Power": 0, "Factor": None}})
    site.shows("plug", e_import=514.2, p_total=0, v_l1=234, pf_total="bad:not_available")
    site.send("tele/plug-7/SENSOR", {"Time": "2026-11-24T08:10:00", "SI7021": {"Temperature": 21}})
    site.send("tele/plug-7/SENSOR", '{"Time":"2026-11-24T08:15:00","ENERGY":{"Voltage":1e4}}')
    site.shows("plug", v_l1="bad:range", p_total=0)
    site.send("tele/plug-7/LWT", "Offline", "-r")
    site.shows("plug", connected=False, e_import=514.2)


def test_tasmota_three_phases(site):
    site.send("tele/panel-3/LWT", "Online", "-r")
    site.send("tele/panel-3/SENSOR", {
        "Time": "2026-11-24T08:00:00",
        "ENERGY": {"TotalStartTime": "2025-03-20T15:20:48", "Total": 2813.254, "Yesterday": 1.53,
                   "Today": 0.772, "Power": [52, -5, 101], "ApparentPower": [66, 10, 120],
                   "ReactivePower": [40, 9, 64], "Factor": [0.79, -0.5, 0.84],
                   "Voltage": [235, 234, 236], "Current": [0.278, 0.044, 0.51]}})
    site.shows("panel", v_l1=235, v_l2=234, v_l3=236, i_l1=0.278, i_l2=0.044, i_l3=0.51, p_l1=52,
               p_l2=-5, p_l3=101, s_l1=66, s_l2=10, s_l3=120, q_l1=40, q_l2=9, q_l3=64, pf_l1=0.79,
               pf_l2=-0.5, pf_l3=0.84, e_import=2813.254, e_today=0.772, e_yesterday=1.53,
               connected=True)
    # A phase less is no zero; a null in the list is no value of that phase alone.
    site.send("tele/panel-3/SENSOR", {"ENERGY": {"Voltage": [230, 231], "Power": [1, None, 3]}})
    site.shows("panel", v_l1=230, v_l2=231, v_l3=236, p_l1=1, p_l2="bad:not_available", p_l3=3)


def notify(**components):
    return {"src": "shelly", "dst": "shelly/events", "method": "NotifyStatus",
            "params": {"ts": time.time(), **components}}


def test_shelly_switch(site):
    topic = "shellyplus1pm-a8032ab12345/events/rpc"
    site.send("shellyplus1pm-a8032ab12345/online", "true", "-r")
    site.send(topic, notify(**{"switch:0": {
        "id": 0, "aenergy": {"by_minute": [12.5, 0.0, 0.0], "minute_ts": 1787950199,
                             "total": 11679.25},
        "apower": 812.5, "current": 3.604, "freq": 50.05, "output": True, "pf": 0.97,
        "ret_aenergy": {"by_minute": [0.0, 0.0, 0.0], "minute_ts": 1787950199, "total": 12.5},
        "temperature": {"tC": 53.25, "tF": 127.85}, "voltage": 231.75}}))
    points = site.shows("shelly", v_l1=231.75, i_l1=3.604, p_total=812.5, pf_total=0.97, freq=50.05,
                        e_import=11.67925, e_export=0.0125, temperature=53.25, output=True,
                        connected=True)
    assert points["e_import"]["unit"] == "kWh"
    # The counters alone, then a switch that somebody pressed: no word about power.
    site.send(topic, notify(**{"switch:0": {"id": 0, "counts": {"on_time": 1912440}}}))
    site.send(topic, notify(**{"switch:0": {"id": 0, "output": False, "source": "UI"}}))
    site.shows("shelly", output=False, p_total=812.5, v_l1=231.75)
    site.send(topic, notify(**{"switch:0": {"id": 0, "apower": 0.0, "current": 0.0, "pf": None,
                                            "temperature": {"tC": None, "tF": None}}}))
    site.shows("shelly", p_total=0, i_l1=0, pf_total="bad:not_available",
               temperature="bad:not_available", v_l1=231.75)
    # Other components and other kinds of messages are no news here.
    site.send(topic, notify(**{"switch:1": {"id": 1, "apower": 999.0}, "wifi": {"rssi": -61}}))
    site.send(topic, {"src": "shelly", "method": "NotifyEvent",
                      "params": {"ts": 1.0, "events": [{"component": "input:0"}]}})
    site.send(topic, notify(**{"switch:0": {"id": 0, "voltage": 229.5}}))
    site.shows("shelly", v_l1=229.5, p_total=0)
    site.send("shellyplus1pm-a8032ab12345/online", "false", "-r")
    site.shows("shelly", connected=False)


def test_shelly_three_phases(site):
    topic = "shellypro3em-a8032ab54321/events/rpc"
    site.send("shellypro3em-a8032ab54321/online", "true", "-r")
    phases = {}
    for phase, (volt, amp, watt, va, pf) in {
            "a": (230.5, 4.5, 1012.5, 1040.25, 0.97), "b": (231.25, 2.25, -500.5, 520.5, -0.96),
            "c": (229.75, 1.125, 250.25, 258.5, 0.98)}.items():
        phases.update({f"{phase}_voltage": volt, f"{phase}_current": amp, f"{phase}_act_power": watt,
                       f"{phase}_aprt_power": va, f"{phase}_pf": pf, f"{phase}_freq": 49.98})
    site.send(topic, notify(**{"em:0": {
        "id": 0, **phases, "n_current": None, "total_current": 7.875, "total_act_power": 762.25,
        "total_aprt_power": 1819.25, "user_calibrated_phase": []}}))
    site.shows("shelly-3em", v_l1=230.5, v_l2=231.25, v_l3=229.75, i_l1=4.5, i_l2=2.25, i_l3=1.125,
               p_l1=1012.5, p_l2=-500.5, p_l3=250.25, s_l1=1040.25, s_l2=520.5, s_l3=258.5,
               pf_l1=0.97, pf_l2=-0.96, pf_l3=0.98, freq=49.98, i_n="bad:not_available",
               p_total=762.25, s_total=1819.25, e_import=None, connected=True)
    site.send(topic, notify(**{"emdata:0": {
        "id": 0, "a_total_act_energy": 39922.93, "a_total_act_ret_energy": 1075.97,
        "b_total_act_energy": 39898.66, "b_total_act_ret_energy": 484.19,
        "c_total_act_energy": 40056.66, "c_total_act_ret_energy": 46.89,
        "total_act": 119878.25, "total_act_ret": 1607.05}}))
    site.shows("shelly-3em", e_import=119.87825, e_export=1.60705, e_import_l1=39.92293,
               e_import_l2=39.89866, e_import_l3=40.05666, e_export_l1=1.07597,
               e_export_l2=0.48419, e_export_l3=0.04689, p_total=762.25)
    site.send(topic, notify(**{"em:0": {"id": 0, "a_voltage": 0.5, "errors": ["phase_sequence"]}}))
    site.shows("shelly-3em", v_l1=0.5, v_l2=231.25)


def test_json_electricity_meter(site):
    whole = {"v_l1": 230.2, "v_l2": 231.5, "v_l3": 229.75, "i_l1": 12.5, "i_l2": 11.25,
             "i_l3": 9.875, "p_l1": 2870.5, "p_l2": -1500, "p_l3": 2260.25, "p_total": 3630.75,
             "q_total": -296, "s_total": 7750.65, "pf_total": -0.98, "freq": 50.02,
             "e_import": 123456.78, "e_export": 12.5}
    site.send("site/feeder", {"ts": "2026-01-02T03:04:05Z", **whole, "firmware": "1.2"})
    points = site.shows("feeder", **whole)
    assert all(points[name]["time"].startswith("2026-01-02T03:04:05") for name in whole)
    site.send("site/feeder", {"ts": "2026-01-02T03:05:05Z", "p_total": "4000.5", "freq": None})
    points = site.shows("feeder", p_total=4000.5, freq="bad:not_available", v_l1=230.2)
    assert points["v_l1"]["time"].startswith("2026-01-02T03:04:05")
    site.send("site/feeder", {"v_l2": 600, "pf_total": "none", "freq": 99})
    site.shows("feeder", v_l2="bad:range", pf_total="bad:decode", freq="bad:range", v_l1=230.2)


def test_json_water_meter(site):
    site.send("site/water", {"ts": "2026-01-02T03:04:05Z", "flow": {"value": 12.3},
                             "volume": 1234.567, "pressure": 0.45})
    points = site.shows("water", flow=12.3, volume=1234.567, pressure=0.45)
    assert points["flow"]["time"].startswith("2026-01-02T03:04:05")
    site.send("site/water", {"flow": {"value": -0.25}})
    site.shows("water", flow=-0.25, volume=1234.567)
    site.send("site/water", {"flow": None, "volume": 1235})
    site.shows("water", flow="bad:not_available", volume=1235, pressure=0.45)


def test_canonical_lift(site):
    site.send("site/lift", {
        "mode": "normal", "moving": True, "direction": "up", "drive_status": "rated_speed",
        "door_status": "closed", "door_closed": True, "in_door_zone": False, "floor": 7,
        "passenger_present": True, "alarm_button": False, "faults": 0, "fault_code": 0, "load": 45,
        "run_count": 123456, "hours": 4821, "run_time": 1560000, "door_cycles": 130022})
    site.shows("lift", mode="1:normal", moving=True, direction="3:up", drive_status="5:rated_speed",
               door_status="0:closed", door_closed=True, in_door_zone=False, floor=7,
               passenger_present=True, alarm_button=False, faults=0, fault_code="0:none", load=45,
               run_count=123456, hours=4821, run_time=1560000, door_cycles=130022)
    # As numbers, only what has changed; two faults at once.
    site.send("site/lift", {"mode": 8, "moving": 0, "direction": 2, "drive_status": 1,
                            "door_status": 7, "fault_code": 4, "faults": 1 << 8 | 1 << 5,
                            "floor": -2})
    site.shows("lift", mode="8:inspection", moving=False, direction="2:stopped",
               drive_status="1:stationary", door_status="7:opening", faults=288, floor=-2,
               fault_code="4:stopped_outside_zone", load=45)
    site.send("site/lift", {"mode": "hovering", "load": None, "floor": 1000, "fault_code": 77})
    site.shows("lift", mode="bad:decode", load="bad:not_available", floor="bad:range",
               fault_code=77, moving=False)
    site.send("site/fleet-lift", {"fault_code": 9})
    site.shows("fleet-lift", fault_code="9:over_travel_top", mode=None)


def test_canonical_escalator(site):
    site.send("site/escalator", {"mode": "up", "faults": 257, "run": True, "hours": 4821})
    site.shows("escalator", mode="2:up", faults=257, run=True, hours=4821)
    site.send("site/escalator", {"mode": 4, "run": "off"})
    site.shows("escalator", mode="4:inspection", run=False, hours=4821, faults=257)
