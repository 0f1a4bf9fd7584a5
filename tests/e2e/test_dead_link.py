"""A dead link is one issue, and nobody else's polls notice."""
import time

from devices import TcpPeer, Unit
from harness import free_port, until

DEVICES = 5


def unit():
    new = Unit()
    new.fill_range("holding", 0, 10, 7)
    return new


def config(links, equipment):
    return f"""
site : {{ id = "test"; timezone = "UTC"; language = "en"; }};
profiles = ( {{ id = "box"; class = "sensor"; poll = "200ms";
  points = ( {{ name = "a"; holding = 0; }}, {{ name = "b"; holding = 9; }} ); }} );
links = ( {links} );
equipment = ( {equipment} );
"""


def plant(start, daemon):
    ports = {"dying": free_port(), "living": free_port()}
    peers = {name: start(TcpPeer({u: unit() for u in range(1, DEVICES + 1)}, port))
             for name, port in ports.items()}
    links = ", ".join(f'{{ id = "{name}"; modbus = "tcp://127.0.0.1:{port}"; timeout = "300ms"; }}'
                      for name, port in ports.items())
    equipment = ", ".join(
        f'{{ id = "{name}-{u}"; profile = "box"; link = "{name}"; unit = {u}; }}'
        for name in ports for u in range(1, DEVICES + 1))
    facilityd = daemon(config(links, equipment))
    for name in ports:
        for u in range(1, DEVICES + 1):
            until(lambda e=f"{name}-{u}": facilityd.point(e, "a")["quality"] == "good", 10, name)
    return facilityd, peers, ports


def link(facilityd, name):
    return next(x for x in facilityd.get("/api/v1/site")["links"] if x["id"] == name)


def test_one_issue_for_a_dead_link(start, daemon):
    facilityd, peers, ports = plant(start, daemon)
    peers["dying"].kill()
    issue = until(lambda: facilityd.issues(), 40, "the issue of the link")[0]
    assert (issue["equipment"], issue["rule"]) == ("dying", "link.down")
    before, began = link(facilityd, "living")["requests"], time.monotonic()
    until(lambda: link(facilityd, "living")["requests"] >= before + 250, 30, "polls of the other")
    planned = (time.monotonic() - began) / 0.2 * DEVICES  # one block of each, five times a second
    assert abs(250 / planned - 1) < 0.05, planned
    assert [i["rule"] for i in facilityd.issues()] == ["link.down"]
    for u in range(1, DEVICES + 1):
        state = facilityd.get(f"/api/v1/equipment/dying-{u}")
        assert state["state"] == "unknown", state
    start(TcpPeer({u: unit() for u in range(1, DEVICES + 1)}, ports["dying"]))
    until(lambda: facilityd.get(f"/api/v1/issues/{issue['id']}")["returned"], 90, "the return")


def test_one_dead_unit_is_its_own_issue(start, daemon):
    facilityd, peers, _ = plant(start, daemon)
    dead = peers["dying"].context
    del dead[3]  # pymodbus ignores requests to a unit that it does not have
    issue = until(lambda: facilityd.issues(), 60, "the issue of the unit")[0]
    assert (issue["equipment"], issue["rule"]) == ("dying-3", "equipment.comm_lost")
    assert facilityd.get("/api/v1/equipment/dying-2")["state"] == "up"
    assert len(facilityd.issues()) == 1
