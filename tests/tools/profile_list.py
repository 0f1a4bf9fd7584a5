#!/usr/bin/python3
"""Writes docs/PROFILE-LIST.md from the shipped profiles and tables.

    tests/tools/profile_list.py            writes the file
    tests/tools/profile_list.py --check    says whether it is up to date

What is known of a profile stands in its file: the keys id, class, maker, model, source and
confidence, whether it has a probe, and in the comment at its head a paragraph that begins
with "Missing:".
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = ROOT / "docs/PROFILE-LIST.md"

HEAD = """# Shipped profiles

Made by `tests/tools/profile_list.py` from the files in `config/profiles` and `config/tables`. What the marks mean stands in
[PROFILES.md](PROFILES.md); a dash is a wiring list or a payload of our own, which claims nothing about a device. An equipment names a
profile by its id.
"""

TAIL = """

## Not shipped

What rests on less than one page is not shipped, however often it is asked for:

| device | why |
|---|---|
| Kamstrup MULTICAL 403/603/803, module HC-003-67/-82 | flow, power and temperatures are known, the function code and the addresses of the energies were not seen |
| KONE, Otis, Schindler, Inovance NICE3000 lifts | no public register map; wire `lift-dry-contact`, or translate to `lift-canonical` |
| UTC, Kidde, ESSER, Bosch, Hochiki, Kentec, Apollo fire panels | no public register map; wire `fire-dry-contact` |
| Zenner, Sensus, Itron domestic water meters | no Modbus; take their pulses with `pulse-water-meter` |
"""


def text_of(body, key):
    """The text of a key, or nothing. Two texts side by side are one."""
    found = re.search(rf'\b{key}\s*=\s*((?:"[^"]*"\s*)+);', body)
    return "".join(re.findall(r'"([^"]*)"', found.group(1))) if found else ""


def head_of(text):
    """The comment at the head, as paragraphs."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].strip())
    return [" ".join(block.split("\n")) for block in "\n".join(lines).split("\n\n")]


def missing_of(text, body):
    """What the head says, and a probe where a Modbus profile has none."""
    missing = [paragraph[len("Missing:"):].strip() for paragraph in head_of(text)
               if paragraph.startswith("Missing:")]
    if (transport_of(body) == "Modbus" and not re.search(r"\bprobe\s*[=:]", body)
            and "probe" not in " ".join(missing)):
        missing.append("a probe")
    return " ".join(missing)


def read(folder, section):
    """(text, body without comments) of each file that has the section, by id."""
    found = {}
    for path in sorted((ROOT / folder).glob("*.cfg")):
        text = path.read_text(encoding="utf-8")
        body = re.sub(r"(?m)#.*$", "", text)
        match = re.search(rf"\b{section}\s*:", body)
        if match:
            body = body[match.end():]
            found[text_of(body, "id")] = (text, body)
    return found


def cell(text):
    return text.replace("|", "\\|") or "–"


def transport_of(body):
    modbus = re.search(r"\b(coil|discrete|input|holding)\s*=", body)
    return "Modbus" if modbus else "MQTT"


def profile_row(name, text, body):
    device = " ".join(part for part in (text_of(body, "maker"), text_of(body, "model")) if part)
    return (f"| `{name}` | {cell(device)} | {transport_of(body)} | "
            f"{cell(text_of(body, 'confidence'))} | {cell(text_of(body, 'source'))} | "
            f"{cell(missing_of(text, body))} |")


def compose():
    lines = [HEAD]
    profiles = read("config/profiles", "profile")
    classes = sorted({text_of(body, "class") for _, body in profiles.values()})
    for kind in classes:
        lines += [f"## {kind}", "", "| id | device | over | mark | source | missing |",
                  "|---|---|---|---|---|---|"]
        lines += [profile_row(name, text, body)
                  for name, (text, body) in sorted(profiles.items())
                  if text_of(body, "class") == kind]
        lines.append("")
    lines += ["## Tables", "", "Names of codes and bits; see \"A table is a file\" in "
              "[PROFILES.md](PROFILES.md).", "", "| id | rows | source |", "|---|---|---|"]
    for name, (_, body) in sorted(read("config/tables", "table").items()):
        rows = len(re.findall(r"\(\s*(?:0x[0-9A-Fa-f]+|\d+)\s*,\s*\"", body))
        lines.append(f"| `{name}` | {rows} | {cell(text_of(body, 'source'))} |")
    return "\n".join(lines) + TAIL


def main():
    wanted = compose()
    if "--check" in sys.argv[1:]:
        if not LIST.exists() or LIST.read_text(encoding="utf-8") != wanted:
            sys.exit(f"{LIST.relative_to(ROOT)} is out of date: run tests/tools/profile_list.py")
        return
    LIST.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
