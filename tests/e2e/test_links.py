"""Links: what the check refuses, names and IPv6, a device's own pace, devices that dial in,
more links than libmodbus could take."""
import os
import resource
import signal
import socket
import subprocess
import time

import fault_device as fault
from fault_device import FaultDevice
from harness import OUT, Daemon, check, free_port, until
from test_field_faults import (equipment_text, good, link, link_text, site, unit, values_fit)
from line_sink import LineSink

MANY = 1000  # as many as a configuration may have: descriptors beyond FD_SETSIZE


# --- what the check refuses --------------------------------------------------------------

def refused(tmp_path, links, *words):
    code, _, errors = check(tmp_path, site(links, [
        equipment_text(f"box-{i}", text.split('"')[1]) for i, text in enumerate(links)]))
    assert code == 78, errors
    for word in words:
        assert word in errors, errors


def test_an_unknown_speed_is_refused_with_the_list(tmp_path):
    refused(tmp_path, [link_text("a", "rtu:///dev/ttyS9", baud=56000)],
            "there is no baud rate 56000", "did you mean 57600?", "110, 300, 600, 1200, 2400",
            "921600, 1000000")


def test_one_wire_is_one_link(tmp_path):
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to(tmp_path / "ttyUSB0")
    (tmp_path / "by-path").symlink_to(tmp_path / "ttyUSB0")
    hint = "use one link with several units"
    refused(tmp_path, [link_text("a", f"rtu://{tmp_path}/by-id"),
                       link_text("b", f"rtu://{tmp_path}/by-path")], hint)
    refused(tmp_path, [link_text("a", "tcp://Gateway.example"),
                       link_text("b", "rtu+tcp://gateway.example:502")], hint)
    refused(tmp_path, [link_text("a", "listen+rtu://0.0.0.0:4001", registration='"DTU-1"'),
                       link_text("b", "listen+rtu://0.0.0.0:4001", registration='"hex:4454552d31"')],
            "use another registration")
    refused(tmp_path, [link_text("a", "listen+rtu://0.0.0.0:4001")], "registration")


# --- names, IPv6, pace -------------------------------------------------------------------

def test_names_and_ipv6(start, daemon):
    six, name, literal = (start(FaultDevice(host=host)) for host in ("::1", "127.0.0.1", "::1"))
    facilityd = daemon(site(
        [link_text("six", f"tcp://[::1]:{six.port}"),
         link_text("name", f"tcp://localhost:{name.port}"),
         link_text("unknown", "tcp://no-such-host.invalid:502"),
         link_text("rtu-six", f"tcp://[0:0:0:0:0:0:0:1]:{literal.port}")],
        [equipment_text("box-six", "six"), equipment_text("box-name", "name"),
         equipment_text("box-unknown", "unknown"), equipment_text("box-rtu", "rtu-six")]),
        shipped=False)
    for box in ("box-six", "box-name", "box-rtu"):
        until(lambda b=box: good(facilityd, b), 5, box)
    until(lambda: "connect to no-such-host.invalid:502" in (link(facilityd, "unknown")["error"]
                                                            or ""), 10, "the unknown name")


def test_a_device_sets_its_pace(start, daemon, tmp_path):
    """`delay` is silence before each request of that device, `timeout` its patience."""
    devices = {"tcp": start(FaultDevice()),
               "pty": start(FaultDevice("pty", link=str(tmp_path / "tty")))}
    for device in devices.values():
        device.faults[2] = fault.late(0.5)
    facilityd = daemon(site(
        [link_text("tcp", f"tcp://127.0.0.1:{devices['tcp'].port}"),
         link_text("pty", f"rtu://{tmp_path}/tty", baud=115200)],
        [equipment_text(f"{name}-1", name, 1, delay='"60ms"') for name in devices]
        + [equipment_text(f"{name}-2", name, 2, timeout='"900ms"') for name in devices],
        poll="5s"), shipped=False)
    for name, device in devices.items():
        until(lambda n=name: good(facilityd, f"{n}-2", "a40"), 15, f"the slow one on {name}")
        until(lambda d=device: d.count(1) >= 8, 15, "eight requests")
        assert unit(facilityd, name, 2)["timeouts"] == 0
        gaps = [after.at - before.at for before, after in zip(device.log, device.log[1:])
                if after.unit == 1]
        assert min(gaps) > 0.058, gaps


# --- devices that dial in ------------------------------------------------------------------

def dtu(kind, registration):
    return FaultDevice(kind, registration=registration)


def test_devices_that_dial_in(start, daemon):
    port = free_port()
    rtu = start(dtu("dial-rtu", b"DTU-0017"))
    tcp = start(dtu("dial-tcp", b"\xaa\x55\x00\x01"))
    rtu.fault = fault.prefixed(b"\x01ping", 0.02)  # begins like an answer of unit 1
    tcp.fault = fault.prefixed(b"\x01ping")
    sink = start(LineSink())
    text = site(
        [link_text("rtu", f"listen+rtu://[::]:{port}", registration='"DTU-0017"',
                   keepalive_packet='"hex:01 70 69 6e 67"'),
         link_text("tcp", f"listen+tcp://[::]:{port}", registration='"hex:aa 55 00 01"',
                   keepalive_packet='"hex:01 70 69 6e 67"')],
        [equipment_text("box-rtu", "rtu"), equipment_text("box-tcp", "tcp")],
        rest=sink.config())
    facilityd = daemon(text, shipped=False)
    until(lambda: "no device has dialled in since" in (link(facilityd, "rtu")["error"] or ""), 5,
          "nobody there yet")
    rtu.dial(port, pieces=3)
    tcp.dial(port, host="::1")
    until(lambda: good(facilityd, "box-rtu") and good(facilityd, "box-tcp"), 5, "both")
    for device in (rtu, tcp):
        device.push(b"\x01ping\x01ping")
    before = unit(facilityd, "rtu")["answers"], unit(facilityd, "tcp")["answers"]
    until(lambda: unit(facilityd, "rtu")["answers"] > before[0] + 20
          and unit(facilityd, "tcp")["answers"] > before[1] + 20, 10, "answers go on")
    for name in ("rtu", "tcp"):
        counted = unit(facilityd, name)
        assert counted["timeouts"] + counted["protocol_errors"] == 0, counted
    values_fit(sink)

    # A reload does not make them dial again.
    asked = rtu.count(), tcp.count()
    facilityd.write(text.replace('poll = "200ms"', 'poll = "300ms"'))
    facilityd.reload()
    until(lambda: rtu.count() > asked[0] + 8 and tcp.count() > asked[1] + 8
          and good(facilityd, "box-rtu") and good(facilityd, "box-tcp"), 10, "after the reload")
    assert rtu.connections == tcp.connections == 1

    # One that dials in again has lost its old connection, whatever that looks like.
    rtu.fault = fault.silent
    rtu.dial(port)
    rtu.fault = fault.honest
    until(lambda: rtu.count() and good(facilityd, "box-rtu"), 5, "on the new one")
    assert rtu.connections == 2
    assert good(facilityd, "box-tcp")


def test_a_stranger_is_told(start, daemon):
    port = free_port()
    facilityd = daemon(site(
        [link_text("dtu", f"listen+rtu://127.0.0.1:{port}", registration='"DTU-0017"')],
        [equipment_text("box", "dtu")]), shipped=False)
    until(lambda: "no device has dialled in" in (link(facilityd, "dtu")["error"] or ""), 5, "open")
    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(b"DTU-0071")
        stranger.settimeout(5)
        assert stranger.recv(1) == b"", "it is sent away"
    told = until(lambda: (lambda e: e if "1 other connection" in e else None)(
        link(facilityd, "dtu")["error"]), 5, "the stranger told")
    assert "44 54 55 2D 30 30 37 31" in told, told


def test_another_device_with_the_same_registration(start, daemon):
    """A meter that answers where another one did is probed before it is believed."""
    port = free_port()
    meter = ('{ id = "meter"; class = "sensor"; poll = "200ms"; points = ( { name = "freq"; holding = 10; '
             'scale = 0.01; }, { name = "power"; holding = 20; } ); '
             'probe = { point = "freq"; range = (45.0, 65.0); }; }')
    right, wrong = start(dtu("dial-rtu", b"DTU")), start(dtu("dial-rtu", b"DTU"))
    right.values.update({10: 5000, 20: 777})
    wrong.values.update({10: 12, 20: 666})
    sink = start(LineSink())
    facilityd = daemon(site(
        [link_text("dtu", f"listen+rtu://127.0.0.1:{port}", registration='"DTU"')],
        [equipment_text("box", "dtu", 1, "meter")], meter, rest=sink.config()), shipped=False)
    until(lambda: "no device has dialled" in (link(facilityd, "dtu")["error"] or ""), 5, "open")
    right.dial(port)
    until(lambda: good(facilityd, "box", "power"), 5, "the right one")
    wrong.dial(port)
    found = until(lambda: (lambda p: p if p["finding"] != "right" else None)(
        facilityd.get("/api/v1/equipment/box")["probe"]), 5, "the other one found out")
    assert found["finding"] == "implausible", found
    assert facilityd.point("box", "power")["reason"] == "probe"
    assert "box: unit 1: freq reads 0.12" in link(facilityd, "dtu")["error"]
    right.dial(port)
    done = subprocess.run([str(OUT / "facilityctl"), "--socket", str(facilityd.socket), "probe",
                           "box"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0 and "box: right" in done.stdout, done
    until(lambda: good(facilityd, "box", "power"), 5, "the right one again")
    until(lambda: len(sink.values("box", "power")) > 3, 5, "its lines")
    assert {float(value.rstrip("i")) for _, _, value in sink.values("box", "power")} == {777}


def test_a_port_in_use_is_no_end(start, daemon):
    """A binding error is the trouble of its links, until the port is free."""
    living = start(FaultDevice())
    device = start(dtu("dial-rtu", b"DTU"))
    other = socket.socket()
    other.bind(("127.0.0.1", 0))
    other.listen(1)
    port = other.getsockname()[1]
    facilityd = daemon(site(
        [link_text("dtu", f"listen+rtu://127.0.0.1:{port}", registration='"DTU"'),
         link_text("living", f"tcp://127.0.0.1:{living.port}")],
        [equipment_text("box", "dtu"), equipment_text("box-living", "living")]), shipped=False)
    until(lambda: "Address already in use" in (link(facilityd, "dtu")["error"] or ""), 5, "in use")
    until(lambda: good(facilityd, "box-living"), 5, "the other link")
    other.close()

    def dialled():
        try:
            device.dial(port)
            return True
        except OSError:
            return False

    until(dialled, 10, "the port is open")
    until(lambda: good(facilityd, "box"), 10, "the device")


# --- one port, one owner -----------------------------------------------------------------

def test_a_serial_port_has_one_owner(start, daemon, tmp_path):
    device = start(FaultDevice("pty", link=str(tmp_path / "tty")))
    text = site([link_text("bus", f"rtu://{tmp_path}/tty")], [equipment_text("box", "bus")],
                poll="1s")
    first = daemon(text, shipped=False)
    until(lambda: good(first, "box"), 5, "the first")
    second = start(Daemon(tmp_path / "second", text, shipped=False))
    until(lambda: "another program uses it" in (link(second, "bus")["error"] or ""), 5,
          "the second is told")
    asked = device.count()
    assert first.stop() == 0
    until(lambda: good(second, "box"), 10, "the second takes over")
    assert device.count() > asked


# --- many ----------------------------------------------------------------------------------

def limited(tmp_path, limit):
    script = tmp_path / "facilityd-limited"
    held = "".join(f"exec {fd}</dev/null\n" for fd in range(20, 80))  # low numbers are taken
    script.write_text(f'#!/bin/bash\n{held}exec prlimit --nofile={limit} "{OUT}/facilityd" "$@"\n')
    script.chmod(0o755)
    return script


def many(count, port):
    links = [link_text(f"link-{i}", f"tcp://127.1.{i // 250}.{i % 250 + 1}:{port}",
                       timeout='"2s"') for i in range(count)]
    one = '{ id = "one"; class = "sensor"; poll = "10s"; points = ( { name = "a10"; holding = 10; } ); }'
    return site(links, [equipment_text(f"box-{i}", f"link-{i}", 1, "one") for i in range(count)],
                one)


def test_too_few_descriptors_are_refused(tmp_path):
    daemon = Daemon(tmp_path, many(100, 1), shipped=False, binary=limited(tmp_path, "250:250"))
    daemon.start(ready=False)
    assert daemon.popen.wait(15) == 78, daemon.output()
    said = daemon.output()
    assert "100 links need 292 open files and this process may have 250" in said, said
    assert "LimitNOFILE=" in said, said


def test_more_links_than_libmodbus_takes(start, daemon, tmp_path):
    """Its select() ends a process at descriptor 1024; these links reach far beyond."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        device = start(FaultDevice(host="0.0.0.0"))
        facilityd = daemon(many(MANY, device.port), shipped=False,
                           binary=limited(tmp_path, "256:4096"))
        until(lambda: sum(l["answers"] > 0 for l in facilityd.get("/api/v1/links")["links"])
              == MANY, 30, "every link answered", every=0.5)
        assert device.connections == MANY
        assert max(int(fd) for fd in os.listdir(f"/proc/{facilityd.pid}/fd")) >= 1024
        with open(f"/proc/{facilityd.pid}/limits", encoding="ascii") as limits:
            assert "2192" in next(line for line in limits if "open files" in line)
        facilityd.signal(signal.SIGTERM)
        assert facilityd.popen.wait(12) == 0
    finally:
        device.kill()
        time.sleep(0.1)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
