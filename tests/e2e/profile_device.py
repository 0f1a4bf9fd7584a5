"""Modbus devices made from tables, to try the shipped profiles on.

A table is tests/e2e/profiles/<profile id>.csv. It is written by hand from what the maker or
another implementation says of the device, never from the profile: what both say has then
been read twice. The registers are encoded here with struct; no code of facilityd is used.

A device answers what its table names and nothing else: a request that touches another
register gets exception 2, and so does one that cuts a value of several registers in two.
Both are remembered, because a profile must not do that to a device.

Lines that begin with # and empty lines do not count. The columns:

  round    A device is made of each round of a table, so a point has as many values as there
           are rounds. * = every round; several names are separated by spaces. A row of a named
           round replaces the rows of * and earlier ones with the same point (for @register:
           with the same comment as well).
  point    As facilityd calls it. NAME_{a..b} stands for a row per number n from a to b;
           then {...} in name, addr, value and expect is arithmetic with n.
           @register   registers that belong to no point, or to a point that has rows already
                       (the second half of a sum, the decimals of another point)
           @readable   addr is FIRST-LAST: registers that exist and read 0
           @probed     what may be asked although it is not there: the place of another variant;
                       fc, addr = FIRST-LAST
           @equipment  value is added to the equipment's line: variant = "e1";
           @all        expect holds for every point of this round: bad:probe
  fc       1 coil, 2 discrete input, 3 holding register, 4 input register; empty: this row
           says what to expect of a point whose registers are in @register rows
  addr     From 0, decimal or 0x; 311/340 for words that are not neighbours, first word first
  type     bit (fc 1 and 2) u16 s16 u32 s32 u48 u64 s64 f32 f64 bcd16 bcd32 bcd64 m10k32
           m10k64 strN (N registers); bitN = bit N and bitsA-B = bits A to B of one register,
           bitN/32 and bitsA-B/32 of two. Rows of bits share their register.
  order    ABCD (when empty) CDAB BADC DCBA; for 64 bits the same names continue the pattern
  scale    What the maker says: value = raw * scale. Empty = 1
  value    What the device measures, in the maker's unit; 0x... = exactly these bits; a text
  expect   What facilityd shows; empty = the value. A number, code:label, bad:reason, or a text
  unit     What facilityd shows as unit; only in the point's first row
  comment
"""
import csv
import pathlib
import re
import struct

from pymodbus.datastore import ModbusSlaveContext, ModbusSparseDataBlock

FOLDER = pathlib.Path(__file__).with_name("profiles")
COLUMNS = ["round", "point", "fc", "addr", "type", "order", "scale", "value", "expect", "unit",
           "comment"]
STRUCTS = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "s64": "q", "f32": "f",
           "f64": "d"}
DIGITS = re.compile(r"(bcd|m10k)(16|32|64)$")
STRING = re.compile(r"str(\d+)$")
BITS = re.compile(r"bits?(\d+)(?:-(\d+))?(?:/(32))?$")
MANY = ("@equipment", "@readable", "@probed")  # as many as are written
EXPRESSION = re.compile(r"\{([0-9a-fA-Fxn+*/%() -]+)\}")


class Row:
    """One line of a table for one round."""

    def __init__(self, cells):
        self.point = cells["point"]
        self.fc = int(cells["fc"]) if cells["fc"] else None
        self.addr = cells["addr"]
        self.type = cells["type"]
        self.order = cells["order"] or "ABCD"
        self.scale = float(cells["scale"] or 1)
        self.value = cells["value"]
        self.expect = cells["expect"] or cells["value"]
        self.unit = cells["unit"]
        self.comment = cells["comment"]

    @property
    def key(self):
        return (self.point, self.comment if self.point == "@register" else "")


def words_of(data, order):
    """Bytes, most significant first, as the registers that carry them in this order."""
    words = [data[i:i + 2] for i in range(0, len(data), 2)]
    if order in ("BADC", "DCBA"):
        words = [word[::-1] for word in words]
    if order in ("CDAB", "DCBA"):
        words.reverse()
    return list(struct.unpack(f">{len(words)}H", b"".join(words)))


def digits_of(kind, bits, value):
    """BCD: four digits a register; modulo 10000: a register is 0 to 9999."""
    number = int(round(value))
    groups = []
    for _ in range(bits // 16):
        number, group = divmod(number, 10000)
        groups.insert(0, int(str(group), 16) if kind == "bcd" else group)
    return struct.pack(f">{len(groups)}H", *groups)


def bytes_of(row):
    """The value of a row as the device holds it, most significant byte first."""
    string, digits = STRING.match(row.type), DIGITS.match(row.type)
    if string:
        return row.value.encode("ascii").ljust(2 * int(string.group(1)), b"\0")
    size = int(digits.group(2)) // 8 if digits else int(row.type[1:]) // 8
    if row.value.startswith("0x"):
        return int(row.value, 16).to_bytes(size, "big")
    raw = float(row.value) / row.scale
    if digits:
        return digits_of(digits.group(1), size * 8, raw)
    if row.type == "u48":
        return int(round(raw)).to_bytes(6, "big")
    if row.type[0] == "f":
        return struct.pack(">" + STRUCTS[row.type], raw)
    # Whole numbers are kept whole: a float has no room for 64 bits.
    number = int(row.value) if row.scale == 1 and "." not in row.value else int(round(raw))
    return struct.pack(">" + STRUCTS[row.type], number)


class Block(ModbusSparseDataBlock):
    """One kind of registers; refuses what the device does not have, and remembers it."""

    def __init__(self, fc):
        super().__init__({})
        self.fc = fc
        self.spans = []
        self.refused = []

    def validate(self, address, count=1):
        last = address + count - 1
        whole = all(last < first or address > end or (address <= first and end <= last)
                    for first, end in self.spans)
        if whole and all(cell in self.values for cell in range(address, last + 1)):
            return True
        self.refused.append((self.fc, address, count))
        return False

    def place(self, addresses, words):
        for address, word in zip(addresses, words):
            assert self.values.get(address, word) == word, \
                f"fc {self.fc} address {address} has two values"
            self.values[address] = word
        if len(addresses) > 1:
            self.spans.append((min(addresses), max(addresses)))


class Device:
    """What a round of a table describes: registers to serve and values to expect."""

    def __init__(self, profile, name, rows):
        self.profile = profile
        self.name = name
        self.equipment = ""
        self.all = None
        self.rows = []
        self.probed = []
        self.blocks = {fc: Block(fc) for fc in (1, 2, 3, 4)}
        self.context = ModbusSlaveContext(
            co=self.blocks[1], di=self.blocks[2], hr=self.blocks[3], ir=self.blocks[4],
            zero_mode=True)
        bits = {}
        for row in rows:
            self._take(row, bits)
        for (fc, addr, size, order), number in bits.items():
            self._place(fc, addr, words_of(number.to_bytes(size, "big"), order))
        for row in rows:
            if row.point == "@readable":
                first, last = self._span(row)
                for address in range(first, last + 1):
                    self.blocks[row.fc].values.setdefault(address, 0)

    def _take(self, row, bits):
        if row.point == "@equipment":
            self.equipment += " " + row.value
        elif row.point == "@all":
            self.all = row.expect
        elif row.point == "@probed":
            self.probed.append((row.fc, *self._span(row)))
        elif not row.point.startswith("@"):
            self.rows.append(row)
        if row.fc is None or row.point in ("@readable", "@probed"):
            return
        part = BITS.match(row.type)
        if part:
            low, size = int(part.group(1)), 4 if part.group(3) else 2
            key = (row.fc, row.addr, size, row.order)
            bits[key] = bits.get(key, 0) | int(row.value, 0) << low
        elif row.type == "bit":
            self._place(row.fc, row.addr, [int(row.value)])
        else:
            self._place(row.fc, row.addr, words_of(bytes_of(row), row.order))

    @staticmethod
    def _span(row):
        first, _, last = row.addr.partition("-")
        return int(first, 0), int(last or first, 0)

    def _place(self, fc, addr, words):
        addresses = [int(part, 0) for part in addr.split("/")]
        if len(addresses) == 1:
            addresses = [addresses[0] + i for i in range(len(words))]
        self.blocks[fc].place(addresses, words)

    @property
    def refused(self):
        """What was asked for and is not there: (function, address, count)."""
        return [(fc, address, count) for block in self.blocks.values()
                for fc, address, count in block.refused
                if not any(fc == allowed and first <= address and address + count - 1 <= last
                           for allowed, first, last in self.probed)]


def _compute(text, n):
    text = text.replace("{n}", str(n))
    return EXPRESSION.sub(lambda found: str(int(eval(  # the expression admits nothing else
        found.group(1).replace("/", "//"), {"__builtins__": {}}, {"n": n}))), text)


def _expand(cells):
    span = re.search(r"\{(\d+)\.\.(\d+)\}", cells["point"])
    if not span:
        return [cells]
    return [{column: _compute(text.replace(span.group(0), "{n}"), n)
             for column, text in cells.items()}
            for n in range(int(span.group(1)), int(span.group(2)) + 1)]


def read_table(path):
    """All cells of a table, rows for numbers expanded."""
    lines = [line for line in path.read_text().splitlines()
             if line.strip() and not line.startswith("#")]
    rows = list(csv.DictReader(lines, skipinitialspace=True))
    assert rows and list(rows[0]) == COLUMNS, f"{path.name}: the columns are {COLUMNS}"
    for row in rows:
        assert None not in row and None not in row.values(), f"{path.name}: {row}"
    return [cells for row in rows for cells in _expand(
        {column: text.strip() for column, text in row.items()})]


def devices_of(path):
    """The devices of a table, one per round in the order of their first rows."""
    table = read_table(path)
    names = []
    for cells in table:
        names += [name for name in cells["round"].split()
                  if name != "*" and name not in names]
    devices = []
    for name in names or ["1"]:
        mine = [Row(cells) for cells in table if cells["round"] == "*"]
        mine += [Row(cells) for cells in table if name in cells["round"].split()]
        rows = {(i if row.point in MANY else row.key): row for i, row in enumerate(mine)}
        devices.append(Device(path.stem, name, list(rows.values())))
    return devices


def tables():
    return sorted(FOLDER.glob("*.csv"))
