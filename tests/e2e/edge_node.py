"""A Sparkplug B edge node: payloads encoded by hand, paho for the transport."""
import json
import struct
import threading
import time

import paho.mqtt.client as mqtt

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 = range(1, 9)
FLOAT, DOUBLE, BOOLEAN, STRING, DATETIME, TEXT, _, DATASET = range(9, 17)
MASKS = {INT8: 32, INT16: 32, INT32: 32, INT64: 64}


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def value_of(kind, value):
    """The field that carries a value of that type; integers travel without a sign."""
    if value is None:
        return number(7, 1)
    if kind in (INT64, UINT64, DATETIME):
        return number(11, value % 2 ** MASKS.get(kind, 64))
    if kind <= UINT32:
        return number(10, value % 2 ** MASKS.get(kind, 32))
    if kind == FLOAT:
        return varint(12 << 3 | 5) + struct.pack("<f", value)
    if kind == DOUBLE:
        return varint(13 << 3 | 1) + struct.pack("<d", value)
    return number(14, value) if kind == BOOLEAN else block(17 if kind == DATASET else 15, value)


def metric(name=None, kind=DOUBLE, value=0, alias=None, stamp=None, quality=None, typed=True,
           historical=False):
    out = block(1, name) if name is not None else b""
    out += number(2, alias) if alias is not None else b""
    out += number(3, stamp if stamp is not None else now_ms())
    out += number(4, kind) if typed else b""
    out += number(5, 1) if historical else b""
    if quality is not None:
        out += block(9, block(1, "Quality") + block(2, number(1, INT32) + number(3, quality)))
    return out + value_of(kind, value)


def payload(metrics, seq=None, stamp=None):
    out = number(1, now_ms() if stamp is None else stamp) + b"".join(block(2, m) for m in metrics)
    return out if seq is None else out + number(3, seq)


def now_ms():
    return int(time.time() * 1000)


class EdgeNode:
    """Metrics are {name: (type, value)}; the alias of each is its place, counted over all."""

    def __init__(self, port, group="plant", node="gw1", metrics=None, devices=None, answers=True):
        self.port, self.group, self.node, self.answers = port, group, node, answers
        self.devices = {None: metrics or {}, **(devices or {})}
        self.aliases = {}
        for device, all_of in self.devices.items():
            for name in all_of:
                self.aliases[device, name] = len(self.aliases) + 1
        self.commands = 0  # requests to be born again
        self.states = []  # of the host
        self.seq = 0
        self.bdseq = 0
        self.shift_ms = 0  # how wrong its clock is
        self.lock = threading.RLock()
        self.client = None

    def topic(self, kind, device=None):
        return f"spBv1.0/{self.group}/{kind}/{self.node}" + (f"/{device}" if device else "")

    def connect(self, keepalive=5):
        self.client = mqtt.Client(client_id=f"{self.group}-{self.node}-{self.bdseq}")
        self.client.on_message = self.on_message
        self.client.will_set(self.topic("NDEATH"), self.death(), qos=1)
        self.client.connect("127.0.0.1", self.port, keepalive)
        self.client.subscribe([(self.topic("NCMD"), 1), ("spBv1.0/STATE/+", 1)])
        self.client.loop_start()
        self.born()
        return self

    def death(self, bdseq=None):
        return payload([metric("bdSeq", INT64, self.bdseq if bdseq is None else bdseq)])

    def on_message(self, _client, _context, message):
        if "/STATE/" in message.topic:
            self.states.append(json.loads(message.payload))
            return
        self.commands += b"Node Control/Rebirth" in message.payload
        if self.answers:
            self.born()

    def send(self, kind, metrics, device=None, seq=None):
        with self.lock:
            self.seq = self.seq + 1 if seq is None else seq
            self.client.publish(self.topic(kind, device), payload(
                metrics, self.seq % 256, now_ms() + self.shift_ms), qos=0)

    def birth_metrics(self, device, stamp=None):
        stamp = (now_ms() if stamp is None else stamp) + self.shift_ms
        return [metric(name, kind, value, self.aliases[device, name], stamp)
                for name, (kind, value) in self.devices[device].items()]

    def born(self, stamp=None):
        with self.lock:
            self.send("NBIRTH", [metric("bdSeq", INT64, self.bdseq),
                                 metric("Node Control/Rebirth", BOOLEAN, False),
                                 *self.birth_metrics(None, stamp)], seq=0)
            for device in self.devices:
                if device:
                    self.send("DBIRTH", self.birth_metrics(device, stamp), device)

    def data(self, name, value, device=None, **more):
        """By alias, without name and type, as most nodes do."""
        kind = self.devices[device][name][0]
        self.devices[device][name] = (kind, value)
        self.send("DDATA" if device else "NDATA",
                  [metric(None, kind, value, self.aliases[device, name], typed=False,
                          stamp=now_ms() + self.shift_ms, **more)], device)

    def raw(self, kind, bytes_, device=None, **more):
        self.client.publish(self.topic(kind, device), bytes_, **more).wait_for_publish()

    def lose_one(self):
        with self.lock:
            self.seq += 1

    def kill(self):
        """As a power cut: the broker publishes the will."""
        self.client.loop_stop()
        self.client._sock_close()  # noqa: SLF001 - paho has no public way to be rude

    def stop(self):
        if self.client is not None:
            self.client.loop_stop()
            self.client.disconnect()
