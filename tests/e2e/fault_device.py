"""A Modbus device that nobody here wrote for facilityd, and that misbehaves by script.

It speaks Modbus TCP, RTU over TCP, RTU on a pseudo-terminal, or dials in. A register's
value is its address unless a test sets another, so a value that slipped from one address
to another is seen at once. What it does with a request is said by a *fault*: a function
that is given the request and returns what is sent when: [(seconds from now, bytes), ...].

    device.fault = late(0.4)            # every request
    device.faults[3] = silent           # of unit 3 only

Answers are sent in the order in which they are due; `in_order` makes the device handle
one request after the other, as a real one behind a wire does.
"""
import heapq
import os
import pty
import select
import socket
import struct
import threading
import time
import tty

CLOSE = object()  # instead of bytes: the device closes the connection


def crc(data):
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)


class Request:
    """One question, with the means to answer it rightly or wrongly."""

    def __init__(self, device, transaction, unit, pdu, rtu):
        self.device, self.transaction, self.unit, self.rtu = device, transaction, unit, rtu
        self.function, self.start, self.count = struct.unpack(">BHH", pdu[:5])
        self.at = time.monotonic()

    def cells(self):
        return [self.device.values.get((self.unit, self.start + i),
                                       self.device.values.get(self.start + i, self.start + i))
                & 0xFFFF for i in range(self.count)]

    def data(self, cells=None):
        cells = self.cells() if cells is None else cells
        if self.function in (1, 2):
            packed = bytearray((len(cells) + 7) // 8)
            for i, cell in enumerate(cells):
                packed[i // 8] |= (cell & 1) << i % 8
            return bytes(packed)
        return struct.pack(f">{len(cells)}H", *cells)

    def pdu(self, cells=None):
        refused = self.device.refused
        if any((self.function, a) in refused or a in refused
               for a in range(self.start, self.start + self.count)):
            return self.refusal(2)
        data = self.data(cells)
        return bytes((self.function, len(data))) + data

    def refusal(self, code):
        return bytes((self.function | 0x80, code))

    def frame(self, pdu, unit=None, transaction=None, length=None):
        unit = self.unit if unit is None else unit
        if self.rtu:
            body = bytes((unit,)) + pdu
            return body + crc(body)
        transaction = self.transaction if transaction is None else transaction
        length = len(pdu) + 1 if length is None else length
        return struct.pack(">HHHB", transaction & 0xFFFF, 0, length, unit) + pdu

    def answer(self):
        return self.frame(self.pdu())


# --- what it may do with a request ---------------------------------------------------

def honest(request):
    return [(0, request.answer())]


def silent(_):
    return []


def late(seconds):
    return lambda request: [(seconds, request.answer())]


def twice(request):
    return [(0, request.answer() * 2)]


def twice_apart(seconds):
    return lambda request: [(0, request.answer()), (seconds, request.answer())]


def drip(seconds):
    return lambda request: [(i * seconds, bytes((byte,)))
                            for i, byte in enumerate(request.answer())]


def endless(for_seconds, every=0.02):
    noise = b"\xff\xff\xff\x7f" + bytes(16)
    return lambda _: [(i * every, noise) for i in range(int(for_seconds / every))]


def garbage(request):
    return [(0, bytes((i * 37 + 11) & 0xFF for i in range(300)))]


def wrong_unit(request):
    return [(0, request.frame(request.pdu(), unit=(request.unit + 1) & 0xFF))]


def wrong_transaction(request):
    return [(0, request.frame(request.pdu(), transaction=request.transaction + 1000))]


def older_transaction(request):
    return [(0, request.frame(request.pdu(), transaction=request.transaction - 1))]


def wrong_function(request):
    pdu = request.pdu()
    return [(0, request.frame(bytes((pdu[0] ^ 7,)) + pdu[1:]))]


def short_count(request):
    data = request.data()[:-2]
    return [(0, request.frame(bytes((request.function, len(data))) + data))]


def long_count(request):
    data = request.data() + b"\0\0"
    return [(0, request.frame(bytes((request.function, len(data))) + data))]


def lying_count(request):
    """The byte count says less than what is there."""
    data = request.data()
    return [(0, request.frame(bytes((request.function, len(data) - 2)) + data))]


def lying_length(request):
    return [(0, request.frame(request.pdu(), length=len(request.pdu()) + 9))]


def bad_checksum(request):
    frame = request.answer()
    return [(0, frame[:-1] + bytes((frame[-1] ^ 0x55,)))]


def refuses(code):
    return lambda request: [(0, request.frame(request.refusal(code)))]


def answers_and_closes(request):
    return [(0, request.answer()), (0, CLOSE)]


def half_and_closes(request):
    return [(0, request.answer()[:5]), (0, CLOSE)]


def prefixed(packet, seconds=0.0):
    """A modem's own packet in front of each answer."""
    return lambda request: [(0, packet), (seconds, request.answer())]


def noisy_start(noise):
    return lambda request: [(0, noise + request.answer())]


# --- the device ------------------------------------------------------------------------

class FaultDevice:
    """See the module. start() and kill() as every peer of a test."""

    def __init__(self, kind="tcp", port=0, host="127.0.0.1", units=None, link=None,
                 in_order=False, registration=b""):
        self.kind, self.port, self.host, self.link = kind, port, host, link
        self.rtu = kind not in ("tcp", "dial-tcp")
        self.units = units              # None: any
        self.in_order, self.registration = in_order, registration
        self.fault, self.faults = honest, {}
        self.values, self.refused = {}, set()
        self.log = []                   # every Request
        self.connections = 0
        self.accepting = True
        self.lock = threading.Condition()
        self.due = []                   # heap of (time, number, stream, bytes)
        self.number = 0
        self.running = False
        self.listener = self.master = self.slave = self.reader = None
        self.streams = []

    # -- life

    def start(self):
        self.running = True
        if self.kind == "pty":
            self.plug_in()
        elif self.kind in ("tcp", "rtu+tcp"):
            self.listen()
        self._thread(self._deliver)
        return self

    def _thread(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        thread.start()
        return thread

    def kill(self):
        with self.lock:
            self.running = False
            self.lock.notify_all()
        self.stop_listening()
        self.hang_up()
        self.unplug()

    # -- sockets

    def listen(self):
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((self.host, self.port))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self._thread(self._accept, self.listener)

    def stop_listening(self):
        if self.listener is not None:
            listener, self.listener = self.listener, None
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()

    def _accept(self, listener):
        while self.running and self.listener is listener:
            try:
                stream, _ = listener.accept()
            except OSError:
                return
            self.serve(stream)

    def serve(self, stream):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.connections += 1
            self.streams.append(stream)
        self._thread(self._read, stream)

    def dial(self, port, host="127.0.0.1", pieces=1):
        """Calls the gateway and says who it is."""
        stream = socket.create_connection((host, port))
        size = -(-len(self.registration) // pieces)
        for i in range(0, len(self.registration), size):
            stream.sendall(self.registration[i:i + size])
        self.serve(stream)
        return stream

    def hang_up(self):
        with self.lock:
            streams, self.streams = self.streams, []
        for stream in streams:
            close(stream)

    # -- a terminal

    def plug_in(self):
        """Another terminal each time, behind the same name, as an adapter comes back."""
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        temporary = f"{self.link}.new"
        os.symlink(os.ttyname(self.slave), temporary)
        os.replace(temporary, self.link)
        os.close(self.slave)
        self.slave = None
        self.reader = self._thread(self._read, self.master)

    def unplug(self):
        if self.master is None:
            return
        os.unlink(self.link)
        with self.lock:     # not while it is written to
            master, self.master = self.master, None
        self.reader.join()  # nor while it is read: the number may be another's then
        os.close(master)

    # -- requests

    def _receive(self, stream):
        """Bytes, or b"" at the end."""
        try:
            if isinstance(stream, socket.socket):
                return stream.recv(4096)
            while stream == self.master and self.running:
                if not select.select([stream], [], [], 0.05)[0]:
                    continue
                try:
                    return os.read(stream, 4096)
                except OSError:     # nobody has the other end open
                    time.sleep(0.005)
        except (OSError, ValueError):
            pass
        return b""

    def _read(self, stream):
        buffer = b""
        while self.running:
            data = self._receive(stream)
            if not data:
                return
            buffer += data
            while len(buffer) >= (8 if self.rtu else 12):
                buffer = self._take(stream, buffer)

    def _take(self, stream, buffer):
        if self.rtu:
            body, rest = buffer[:8], buffer[8:]
            if crc(body[:6]) != body[6:]:
                return buffer[1:]       # noise on our side of the wire
            request = Request(self, 0, body[0], body[1:6], True)
        else:
            transaction, _, _, unit = struct.unpack(">HHHB", buffer[:7])
            request = Request(self, transaction, unit, buffer[7:12], False)
            rest = buffer[12:]
        self._handle(stream, request)
        return rest

    def _handle(self, stream, request):
        with self.lock:
            self.log.append(request)
            fault = self.faults.get(request.unit, self.fault)
        if self.units is not None and request.unit not in self.units:
            return
        plan = fault(request)
        if self.in_order:
            for delay, data in plan:
                time.sleep(max(0, request.at + delay - time.monotonic()))
                self._send(stream, data)
            return
        with self.lock:
            for delay, data in plan:
                self.number += 1
                heapq.heappush(self.due, (request.at + delay, self.number, stream, data))
            self.lock.notify_all()

    def push(self, data):
        """Sends bytes that nobody asked for, on every connection."""
        for stream in list(self.streams) or [self.master]:
            self._send(stream, data)

    def _send(self, stream, data):
        try:
            if data is CLOSE:
                close(stream)
            elif isinstance(stream, socket.socket):
                stream.sendall(data)
            else:
                with self.lock:
                    if stream == self.master:
                        os.write(stream, data)
        except (OSError, ValueError):
            pass

    def _deliver(self):
        while self.running:
            with self.lock:
                while self.running and (not self.due or
                                        self.due[0][0] > time.monotonic()):
                    self.lock.wait(max(0, self.due[0][0] - time.monotonic())
                                   if self.due else None)
                if not self.running:
                    return
                _, _, stream, data = heapq.heappop(self.due)
            self._send(stream, data)

    # -- what a test asks

    def count(self, unit=None):
        with self.lock:
            return sum(unit in (None, request.unit) for request in self.log)

    def gaps(self, unit):
        """Seconds from each request of the unit to whatever was asked next."""
        with self.lock:
            return [after.at - request.at for request, after in zip(self.log, self.log[1:])
                    if request.unit == unit]


def close(stream):
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    stream.close()
