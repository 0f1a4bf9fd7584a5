"""The simulated compound answers on every protocol what its own status says."""
import json
import socket
import struct
import subprocess
import time

import pytest
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.transaction import ModbusRtuFramer

from demo import Plant
from harness import OUT, Process, free_port, free_ports, until
from test_mqtt_values import Broker


def run(*arguments):
    return subprocess.run([str(OUT / "plantsim"), *map(str, arguments)], capture_output=True,
                          text=True, timeout=20, check=False)


def tcp(plant, offset, **options):
    client = ModbusTcpClient("127.0.0.1", plant.base + offset, timeout=1, retries=0, **options)
    assert client.connect()
    return client


@pytest.fixture
def plant(tmp_path, start):
    return start(Plant(tmp_path))


def f32(registers, at, order=">"):
    raw = struct.pack(">HH", *registers[at:at + 2])
    return struct.unpack(order + "f", raw)[0]


def test_meters_pumps_and_tank(plant):
    for scenario in ("feeder-2", "pump-1", "tank-1"):
        plant.scenario("stuck", "--target", scenario)  # so that both sides see the same
    meter = tcp(plant, 1).read_input_registers(0, 80, slave=3).registers
    said = plant.points("feeder-2")
    for point, address in (("v_l1", 0), ("v_l3", 4), ("i_l2", 8), ("p_total", 0x34),
                           ("freq", 0x46), ("e_import", 0x48)):
        assert f32(meter, address) == pytest.approx(said[point], rel=1e-5), point
    room = tcp(plant, 0)
    pump = room.read_input_registers(200, 125, slave=1).registers
    said = plant.points("pump-1")
    assert pump[0] >> 9 & 1 == said["run"] and pump[0] >> 10 & 1 == said["fault"]
    assert pump[101] / 10 == pytest.approx(said["flow"], abs=0.06)
    assert pump[121] == 0xFFFF  # no liquid temperature
    assert room.read_holding_registers(4, 1, slave=9).registers[0] / 25 == pytest.approx(
        plant.points("tank-1")["filled"], abs=0.05)


def test_serial_line_and_rtu_over_tcp(plant):
    line = ModbusSerialClient(str(plant.pty), baudrate=19200, timeout=1)
    assert line.connect()
    plant.scenario("stuck", "--target", "meter-w1")
    water = line.read_holding_registers(1, 28, slave=31).registers
    assert f32(water, 0, "<") == pytest.approx(plant.points("meter-w1")["volume"], abs=0.001)
    assert line.read_discrete_inputs(0, 8, slave=11).bits[:2] == [True, True]
    assert line.read_input_registers(0, 9, slave=51).registers[0] == 0
    plant.scenario("leak-cable")
    until(lambda: line.read_input_registers(0, 2, slave=51).registers[0] == 0b1001, 3, "leak")
    lift = tcp(plant, 3, framer=ModbusRtuFramer).read_holding_registers(0, 16, slave=21)
    assert lift.registers[0] == 1 and 12 < len(lift.registers)


def test_exceptions(plant):
    room = tcp(plant, 0)
    assert room.read_input_registers(0, 1, slave=1).exception_code == 2
    assert room.write_coil(0, True, slave=4).exception_code == 1
    assert room.read_input_registers(0, 1, slave=77).exception_code == 11


def test_faults_of_links_and_devices(plant):
    plant.scenario("exception", "--target", "feeder-3", "--variant", "6")
    assert tcp(plant, 1).read_input_registers(0, 2, slave=4).exception_code == 6
    plant.scenario("slow-device", "--target", "pump-5", "--variant", "300")
    room = tcp(plant, 0)
    began = time.monotonic()
    assert not room.read_input_registers(0, 2, slave=5).isError()
    assert 0.29 < time.monotonic() - began < 0.9
    plant.scenario("dead-unit", "--target", "pump-6")
    assert room.read_input_registers(0, 2, slave=6).isError()
    room = tcp(plant, 0)
    assert not room.read_input_registers(0, 2, slave=4).isError()
    plant.scenario("dead-link", "--target", "fire", "--for", "1s")

    def refused():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", plant.base + 2)) != 0

    until(refused, 3, "the refusal")
    until(lambda: not refused(), 5, "its end")
    plant.scenario("all", "--stop")
    assert plant.status()["scenarios"] == []


def test_mqtt_survives_the_broker(tmp_path, start):
    port = free_port()
    plant = start(Plant(tmp_path, f"mqtt://127.0.0.1:{port}"))  # before the broker
    broker = start(Broker(tmp_path, port))

    def published():
        return next(e["answers"] for e in plant.status()["equipment"] if e["id"] == "meter-w0")

    until(lambda: published() > 0, 15, "the first message")
    message = json.loads(broker.read("riverside/water/main"))
    assert abs(message["volume"] - plant.points("meter-w0")["volume"]) < 0.1
    assert message["flow"]["value"] >= 0 and message["ts"].endswith("Z")
    broker.stop()
    broker = start(Broker(tmp_path, port))
    before = published()
    until(lambda: published() > before, 15, "a message after the restart")
    plant.scenario("broker-stop")
    time.sleep(0.5)
    before = published()
    time.sleep(2.5)  # longer than the period of the main meter
    assert published() == before
    plant.scenario("broker-stop", "--stop")
    until(lambda: published() > before, 15, "a message after the scenario")


def test_stop_leaves_nothing_behind(plant):
    assert plant.pty.is_symlink()
    assert plant.stop() == 0
    assert not plant.control.exists() and not plant.pty.is_symlink()


def test_load_counts_and_steps(tmp_path, start):
    control = tmp_path / "load.sock"
    start(Process([OUT / "plantsim", "load", "--devices", 5, "--registers", 8, "--base-port",
                   free_ports(5), "--dead", 1, "--trigger-socket", control],
                  tmp_path / "load.log"))
    until(control.exists, 10, "the devices")
    port = int(next(w for w in (tmp_path / "load.log").read_text().split()
                    if w.startswith("first=")).rpartition(":")[2])
    client = ModbusTcpClient("127.0.0.1", port + 2, timeout=1, retries=0)
    assert client.connect()
    assert all(r < 2000 for r in client.read_holding_registers(0, 8, slave=1).registers)
    done = run("load", "step", 2, 3, 65000, "--trigger-socket", control)
    assert json.loads(done.stdout)["mono_ns"] <= time.monotonic_ns()
    assert client.read_holding_registers(0, 8, slave=1).registers[3] == 65000
    assert client.read_holding_registers(5, 4, slave=1).exception_code == 2
    run("load", "reset", "--trigger-socket", control)
    assert client.read_holding_registers(3, 1, slave=1).registers[0] < 2000
    counters = json.loads(run("load", "counters", "--trigger-socket", control).stdout)
    assert counters["requests"] == 4 and counters["exceptions"] == 1
