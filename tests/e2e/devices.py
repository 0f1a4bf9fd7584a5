"""Modbus devices that nobody here wrote: pymodbus servers, in a thread of the test.

Registers are written straight into the server's store, so a test changes a value and
awaits what facilityd makes of it.
"""
import asyncio
import struct
import threading

from pymodbus.datastore import (ModbusServerContext, ModbusSlaveContext,
                                ModbusSparseDataBlock)
from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer

TABLES = {"coil": 1, "discrete": 2, "holding": 3, "input": 4}


def f32(value, order="ABCD"):
    """Two registers of a float in wire order."""
    data = struct.pack(">f", value)
    order = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2),
             "DCBA": (3, 2, 1, 0)}[order]
    moved = bytes(data[i] for i in order)
    return list(struct.unpack(">HH", moved))


class Unit:
    """One device: four tables, addresses as they travel in the PDU."""

    def __init__(self):
        self.blocks = {table: ModbusSparseDataBlock({0: 0}) for table in TABLES}
        self.context = ModbusSlaveContext(
            co=self.blocks["coil"], di=self.blocks["discrete"], hr=self.blocks["holding"],
            ir=self.blocks["input"], zero_mode=True)

    def fill(self, table, first, words):
        """Defines addresses that exist from now on."""
        for offset, word in enumerate(words):
            self.blocks[table].values[first + offset] = word

    def fill_range(self, table, first, count, word=0):
        self.fill(table, first, [word] * count)


class Peer:
    """A server in a thread with a loop of its own; stop() ends it."""

    def __init__(self, units):
        self.units = units
        self.context = ModbusServerContext(
            slaves={number: unit.context for number, unit in units.items()}, single=False)
        self.loop = asyncio.new_event_loop()
        self.server = None
        self.thread = None

    async def _serve(self, up):
        raise NotImplementedError

    def start(self):
        up = threading.Event()

        def run():
            asyncio.set_event_loop(self.loop)
            try:
                self.loop.run_until_complete(self._serve(up))
            except asyncio.CancelledError:
                pass

        self.thread = threading.Thread(target=run, daemon=True)
        self.thread.start()
        assert up.wait(10), "the Modbus server did not start"
        return self

    def kill(self):
        if self.thread is None or not self.thread.is_alive():
            return

        async def end():
            await self.server.shutdown()
            for task in asyncio.all_tasks(self.loop):
                if task is not asyncio.current_task():
                    task.cancel()

        asyncio.run_coroutine_threadsafe(end(), self.loop)
        self.thread.join(10)


class TcpPeer(Peer):
    def __init__(self, units, port):
        super().__init__(units)
        self.port = port

    async def _serve(self, up):
        self.server = ModbusTcpServer(
            self.context, address=("127.0.0.1", self.port), allow_reuse_address=True,
            ignore_missing_slaves=True)
        serving = asyncio.ensure_future(self.server.serve_forever())
        await self.server.serving
        up.set()
        await serving


class RtuPeer(Peer):
    def __init__(self, units, port, baudrate=9600):
        super().__init__(units)
        self.port = port
        self.baudrate = baudrate

    async def _serve(self, up):
        self.server = ModbusSerialServer(
            self.context, port=str(self.port), baudrate=self.baudrate, parity="N",
            stopbits=1, bytesize=8, timeout=0.05, ignore_missing_slaves=True)
        await self.server.start()
        up.set()
        await asyncio.Event().wait()


# The SDM630 map as its makers print it: name, input register, value.
SDM630 = [
    ("v_l1", 0x0000, 230.2), ("v_l2", 0x0002, 231.5), ("v_l3", 0x0004, 229.75),
    ("i_l1", 0x0006, 12.5), ("i_l2", 0x0008, 11.25), ("i_l3", 0x000A, 9.875),
    ("p_l1", 0x000C, 2870.5), ("p_l2", 0x000E, -1500.0), ("p_l3", 0x0010, 2260.25),
    ("s_l1", 0x0012, 2877.5), ("s_l2", 0x0014, 2604.375), ("s_l3", 0x0016, 2268.78125),
    ("q_l1", 0x0018, 200.0), ("q_l2", 0x001A, -100.5), ("q_l3", 0x001C, 196.5),
    ("pf_l1", 0x001E, 0.9975), ("pf_l2", 0x0020, -0.5), ("pf_l3", 0x0022, 0.99),
    ("p_total", 0x0034, 3630.75), ("s_total", 0x0038, 7750.65), ("q_total", 0x003C, 296.0),
    ("pf_total", 0x003E, 0.98), ("freq", 0x0046, 50.02), ("e_import", 0x0048, 123456.78),
    ("e_export", 0x004A, 12.5), ("eq_import", 0x004C, 3456.5), ("eq_export", 0x004E, 1.25),
    ("thd_v_l1", 0x00EA, 1.5), ("thd_v_l2", 0x00EC, 1.75), ("thd_v_l3", 0x00EE, 2.0),
    ("e_total", 0x0156, 123469.28), ("eq_total", 0x0158, 3457.75),
    ("e_import_l1", 0x015A, 41152.26), ("e_import_l2", 0x015C, 41152.26),
    ("e_import_l3", 0x015E, 41152.26), ("e_export_l1", 0x0160, 4.0),
    ("e_export_l2", 0x0162, 4.25), ("e_export_l3", 0x0164, 4.25),
]


def sdm630():
    """A unit with the whole map; registers between the points exist and read 0."""
    unit = Unit()
    unit.fill_range("input", 0x0000, 0x0180)
    for _, address, value in SDM630:
        unit.fill("input", address, f32(value))
    return unit
