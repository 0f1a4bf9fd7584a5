"""The list of shipped profiles is complete, and what is shipped names its parts rightly."""
import re
import subprocess
import sys

from harness import ROOT

sys.path.insert(0, str(ROOT / "tests/tools"))
import profile_list  # noqa: E402  the script, as a module

# Tables that no shipped profile names: an equipment chooses them for its fleet.
OF_FLEETS = {"lift-codes-province-1", "lift-codes-province-2"}


def ids(folder):
    return {path.stem for path in (ROOT / folder).glob("*.cfg")}


def test_the_list_is_up_to_date():
    done = subprocess.run([ROOT / "tests/tools/profile_list.py", "--check"],
                          capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_every_profile_and_table_is_listed_once():
    listed = re.findall(r"(?m)^\| `([a-z0-9-]+)` \|", (ROOT / "docs/PROFILE-LIST.md").read_text())
    assert sorted(listed) == sorted(ids("config/profiles") | ids("config/tables"))


def test_ids_are_names_of_files():
    assert set(profile_list.read("config/profiles", "profile")) == ids("config/profiles")
    assert set(profile_list.read("config/tables", "table")) == ids("config/tables")


def test_every_table_is_used():
    named = set()
    for _, body in profile_list.read("config/profiles", "profile").values():
        named |= set(re.findall(r'\b(?:enum|flags) = "([^"]+)"', body))
    assert named | OF_FLEETS == ids("config/tables")


def test_every_table_has_a_source():
    for name, (text, body) in profile_list.read("config/tables", "table").items():
        assert len(profile_list.text_of(body, "source")) > 10, name
        assert "Source:" in text, name


def test_every_name_of_a_table_has_a_word():
    """Codes are shown in the language of the page."""
    words = set(re.findall(r'(?m)^    \{"([^"]+)", \{', (ROOT / "web/names.c").read_text()))
    for name, (_, body) in profile_list.read("config/tables", "table").items():
        assert set(re.findall(r',\s*"([^"]+)"\s*\)', body)) <= words, name
