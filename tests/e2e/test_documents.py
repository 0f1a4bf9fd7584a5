"""What is written for people names everything there is, and nothing that is not."""
import re
import subprocess

from harness import OUT, ROOT

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def words(path):
    """A man page as bare words: without macros' dots, escapes and hyphens of options."""
    return text(path).replace("\\&", "").replace("\\(dq", '"')


def help_of(program):
    done = subprocess.run([OUT / program, "--help"], capture_output=True, text=True,
                          timeout=20, check=True)
    return done.stdout


def test_links_lead_somewhere():
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert "://" in link or (page.parent / link).exists(), (page.name, link)


def test_every_page_is_in_the_index():
    readme = text("README.md")
    for page in ROOT.glob("docs/*.md"):
        assert f"](docs/{page.name})" in readme, page.name
    count = len(list(ROOT.glob("config/profiles/*.cfg")))
    assert f"{count} device profiles" in readme


def test_every_command_has_its_place_in_the_man_page():
    listed = re.search(r"(?s)COMMAND \[ARGUMENT \.\.\.\]\n\n(.*?)\n\n", help_of("facilityctl"))
    commands = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)", listed.group(1))
    page = words("docs/man/facilityctl.1")
    assert len(commands) > 20
    for command in commands:
        first, _, second = command.partition(" ")
        assert re.search(rf"(?m)^\.It Cm {first}\b.*\b{second}", page), command


def test_every_option_has_its_place_in_the_man_page():
    for program, page in (("facilityd", "facilityd.8"), ("facilityctl", "facilityctl.1")):
        for option in set(re.findall(r"--([a-z]+)", help_of(program))):
            assert f"Fl -{option}" in words(f"docs/man/{page}") or \
                f"-{option}" in words(f"docs/man/{page}"), (program, option)


def test_every_key_has_its_place_in_the_man_page():
    """By section; sections that only name files or explain words have none."""
    page = words("docs/man/facilityd.cfg.5")
    sections = dict(re.findall(r"(?ms)^\.Ss (\w+)\n(.*?)(?=^\.S[sh] )", page))
    for head, body in re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)",
                                 text("docs/CONFIGURATION.md")):
        keys = re.findall(r"(?m)^\| `(\w+)` \| (?!English)", body)
        if head == "Classes":
            continue
        for key in keys:
            where = sections.get(head, page)
            assert re.search(rf"(?m)^\.(It )?Ic .*\b{key}\b|^\.Ss {key}$", where), (head, key)


def test_the_example_is_without_error():
    done = subprocess.run([OUT / "facilityd", "--check", "-c", ROOT / "config/facilityd.cfg",
                           "--datadir", OUT / "share"], capture_output=True, text=True,
                          timeout=20, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
