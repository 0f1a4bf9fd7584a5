"""What can go wrong in the demo compound opens its issue, in time, once, and is over when it
is over. One daemon for all of it, with the shipped rules made quick (demo.py)."""
import re
import time

import pytest

from demo import Demo, seconds
from harness import until

SLACK_S = 2.0  # what may lie between the rule's own delays and the issue
LOOK_S = 2.0   # slowest poll of a point that a rule here looks at, and a motor's start
WINDOW_S = 10  # every period of the quick demo divides it
QUIET_S = 0.2  # links that ask nothing for so long are between two turns

# scenario -> equipment, rule
FAULTS = {
    "dry-run": ("pump-1", "pump.dry_run"),
    "fail-to-start": ("pump-2", "pump.fail_to_start"),
    "leak-cable": ("leak-1", "leak.cable"),
    "cable-break": ("leak-2", "leak.cable_break"),
    "fire": ("fire-1", "fire.alarm"),
    "panel-fault": ("fire-2", "fire.panel_fault"),
    "entrapment": ("lift-3", "elevator.entrapment"),
    "outage": ("feeder-2", "power.supply_outage"),
    "phase-loss": ("meter-e5", "power.phase_loss"),
}
LATCHED = {"fire.alarm", "elevator.entrapment"}
LEAD_S = {"entrapment": 3.5}  # a lift at rest is sent off first, and stops between floors
# A lift without current may hold somebody, who presses the button: rightly an issue.
CONSEQUENCES = {(f"lift-{n}", "elevator.entrapment_contacts") for n in (1, 2)}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    made = Demo(tmp_path_factory.mktemp("scenarios"), quick=True)
    try:
        made.start().facilityd.start()
        until(lambda: all(e["state"] == "up" for e in equipment(made)), 20, "everything up")
        time.sleep(8)  # the longest window of the quick rules
        yield made
    finally:
        made.kill()


def equipment(demo):
    return demo.facilityd.get("/api/v1/equipment")["equipment"]


def delay_s(demo, rule):
    """What the rule waits for by itself: its longest window and its `for`."""
    said = next(r for r in demo.facilityd.get("/api/v1/rules")["rules"] if r["id"] == rule)
    texts = [said["when"]] if said["when"] else [level["when"] for level in said["levels"][:1]]
    windows = [seconds(d) for d in re.findall(r"\b(\d+[smh])\b", " ".join(texts))]
    return max(windows, default=0) + said["for_ms"] / 1000


def opened(demo):
    return {(i["equipment"], i["rule"]): i for i in demo.facilityd.issues()}


def issue(demo, scenario):
    return demo.facilityd.get(f"/api/v1/issues/{opened(demo)[FAULTS[scenario]]['id']}")


def test_nothing_is_wrong_at_first(demo):
    assert demo.facilityd.issues() == []


def test_every_fault_opens_its_issue_in_time(demo):
    began = {}
    for scenario, (target, _) in FAULTS.items():
        demo.plant.scenario(scenario, "--target", target)
        began[scenario] = time.monotonic()
    late, seen = {}, {}
    while len(seen) < len(FAULTS) and time.monotonic() - began["dry-run"] < 40:
        now, known = time.monotonic(), opened(demo)
        for scenario, pair in FAULTS.items():
            if pair in known and scenario not in seen:
                seen[scenario] = now - began[scenario]
                allowed = (delay_s(demo, pair[1]) + LOOK_S + SLACK_S +
                           LEAD_S.get(scenario, 0))
                if seen[scenario] > allowed:
                    late[scenario] = (seen[scenario], allowed)
        time.sleep(0.05)
    print("seconds from fault to issue:", {k: round(v, 1) for k, v in seen.items()})
    assert set(seen) == set(FAULTS)
    assert late == {}
    assert set(opened(demo)) - set(FAULTS.values()) - CONSEQUENCES == set()


def test_issues_hold_evidence_and_show_on_the_board(demo):
    _, board = demo.facilityd.get("/?lang=en", raw=True)
    for scenario, (target, rule) in FAULTS.items():
        whole = issue(demo, scenario)
        assert whole["alarm_active"] and whole["returned"] is None, scenario
        evidence = whole["evidence"]
        assert (evidence["rule"], evidence["equipment"]) == (rule, target)
        when = evidence["levels"][0]["when"] if "levels" in evidence else evidence["when"]
        assert when["value"] is True and evidence["samples"], scenario
        card = re.search(rf'id="e-{target}".*?(?=id="e-|\Z)', board, re.S).group()
        assert whole["id"] in card or "more" in card, scenario
    dry = issue(demo, "dry-run")["evidence"]
    flows = [s["value"] for s in dry["samples"] if s["point"] == "flow"]
    assert flows and max(flows[-2:]) < dry["params"]["flow_min"]


def test_what_is_over_is_recorded(demo):
    demo.plant.scenario("all", "--stop")
    for scenario, (target, rule) in FAULTS.items():
        if rule in LATCHED:
            continue
        whole = until(lambda s=scenario: (lambda i: i if i["returned"] else None)(issue(demo, s)),
                      30, f"the return of {scenario}")
        assert "returned" in [e["action"] for e in whole["events"]]
        assert whole["status"] == "open", "only people resolve an issue"
    for rule in LATCHED:
        pair = next(p for p in FAULTS.values() if p[1] == rule)
        assert opened(demo)[pair] is not None


def test_the_same_fault_within_a_day_is_the_same_issue(demo):
    before = opened(demo)
    demo.plant.scenario("dry-run", "--target", "pump-1")
    again = until(lambda: (lambda i: i if i["recurrences"] == 1 else None)(
        opened(demo)[FAULTS["dry-run"]]), 25, "the recurrence")
    assert again["id"] == before[FAULTS["dry-run"]]["id"] and again["alarm_active"]
    assert set(opened(demo)) - set(before) <= CONSEQUENCES
    assert len(demo.facilityd.issues()) == len(opened(demo)), "a pair has one issue"
    demo.plant.scenario("all", "--stop")


def links(demo):
    return {link["id"]: link for link in demo.facilityd.get("/api/v1/site")["links"]
            if link["kind"] == "modbus"}


def requests(demo, names):
    """When, and how many each link had sent, at a moment when none of them is busy."""
    before, since = None, 0
    while True:
        now = {name: link["requests"] for name, link in links(demo).items() if name in names}
        if now != before:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > QUIET_S:
            return since, now
        time.sleep(0.02)


def rates(demo, names):
    """Requests of each link during a window. It begins and ends between two turns of the
    polls, which come each second, so that the count is exact."""
    for _ in range(5):
        began, before = requests(demo, names)
        time.sleep(max(0, began + WINDOW_S - QUIET_S - time.monotonic()))
        ended, after = requests(demo, names)
        if abs(ended - began - WINDOW_S) < 0.5:
            return {name: after[name] - before[name] for name in names}
    raise AssertionError("no quiet moment where one should be")


@pytest.fixture(scope="module")
def planned(demo):
    """The requests of a window in which everything is well."""
    until(lambda: all(link["connected"] for link in links(demo).values()), 20, "all links up")
    return rates(demo, set(links(demo)))


def test_a_dead_link_is_one_issue(demo, planned):
    """One refuses, one is silent, and the others do not notice."""
    dead = {"feeders": "refuse", "dtu-3": "silent"}
    before = set(opened(demo))
    expected = {(target, "link.down") for target in dead}
    for target, variant in dead.items():
        demo.plant.scenario("dead-link", "--target", target, "--variant", variant)
    # A link waits for what may explain it: the meter of its supply is not heard either.
    until(lambda: expected <= set(opened(demo)), 70, "the issues of the links")
    found = rates(demo, set(planned) - set(dead))
    off = {name: (planned[name], found[name]) for name in found
           if abs(found[name] / planned[name] - 1) > 0.05}
    assert off == {}, "planned and found requests of the other links"
    assert set(opened(demo)) - before == expected
    behind = [e for e in equipment(demo) if e["link"] in dead and e["class"] != "link"]
    assert len(behind) >= 6 and {e["state"] for e in behind} <= {"unknown", "fault"}
    demo.plant.scenario("all", "--stop")
    for pair in expected:
        until(lambda p=pair: opened(demo)[p]["returned"], 60, f"the return of {pair[0]}")
        assert links(demo)[pair[0]]["connected"]
    assert set(opened(demo)) - before == expected
