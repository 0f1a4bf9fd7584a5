"""The mains of the demo compound fail and come back, with the rules as they are shipped: one
issue, whatever else is wrong is a symptom of it, and its return is no news but its own."""
import time

import pytest

from demo import Demo
from harness import until

CAUSE = ("ups-1", "power.site_outage")
KNOWN_S = 60   # until the one issue is there
OUT_S = 55     # how long the mains are away
BACK_S = 60    # until the return is seen
LATE_S = 30    # what comes back meanwhile, in an order of its own
TOLD_MAX = 3   # announcements of all this


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    made = Demo(tmp_path_factory.mktemp("mains"))
    try:
        made.start().facilityd.start()
        until(lambda: all(e["state"] == "up" for e in equipment(made)), 30, "everything up")
        yield made
    finally:
        made.kill()


def equipment(demo):
    return demo.facilityd.get("/api/v1/equipment")["equipment"]


def opened(demo):
    return {(i["equipment"], i["rule"]): i for i in demo.facilityd.issues()}


def announcements(demo):
    return demo.facilityd.get("/api/v1/announcements")["announcements"]


def test_one_issue_and_its_symptoms(demo):
    assert opened(demo) == {} and announcements(demo) == []
    demo.plant.scenario("mains-loss")
    began = time.monotonic()
    until(lambda: CAUSE in opened(demo), KNOWN_S, "the issue of the outage")
    time.sleep(max(0, began + OUT_S - time.monotonic()))
    assert set(opened(demo)) == {CAUSE}
    whole = demo.facilityd.get(f"/api/v1/issues/{opened(demo)[CAUSE]['id']}")
    assert whole["alarm_active"] and whole["evidence"]["when"]["value"] is True
    symptoms = {(s["rule"], s["equipment"]) for s in whole["symptoms"]}
    links = {(rule, name) for rule, name in symptoms if rule == "link.down"}
    assert links == {("link.down", n) for n in ("feeders", "plant-room", "riser-a", "dtu-3")}
    assert ("gateway.on_battery", "ups-1") in symptoms
    assert len(announcements(demo)) <= TOLD_MAX


def test_its_return_is_its_own_news_only(demo):
    demo.plant.scenario("all", "--stop")
    until(lambda: opened(demo)[CAUSE]["returned"], BACK_S, "the return")
    time.sleep(LATE_S)
    assert sum(e["state"] == "up" for e in equipment(demo)) > len(equipment(demo)) / 2
    assert set(opened(demo)) == {CAUSE}
    assert len(announcements(demo)) <= TOLD_MAX
