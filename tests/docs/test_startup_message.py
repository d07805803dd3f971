"""The lines that `make run` prints are run as they stand: in a second terminal, at both its starts.

The first start prints the owner's password, later ones the command for whoever has lost it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.harness.namespaces import secluded
from wxlogin.development.startup_message import RESET

PASTED = re.compile(r"^(?:TOKEN=|curl ).*$", re.MULTILINE)
LOST = re.compile(r"^ +\(password lost\? (.+)\)$", re.MULTILINE)
TWO_STARTS = """
cd {tree}
. tests/docs/setups/shell.sh
make run
cp $PAGE/terminal $PAGE/first
ctrl_c
make run
cp $PAGE/terminal $PAGE/second
python3 {extract} <$PAGE/second >$PAGE/pasted.sh
. $PAGE/pasted.sh >$PAGE/said 2>&1 || {{ cat $PAGE/said; false; }}
"""
EXTRACT = f"""
import re, sys
startup_message = sys.stdin.read()
print(*re.findall({PASTED.pattern!r}, startup_message, re.M), sep="\\n")
print(*re.findall({LOST.pattern!r}, startup_message, re.M), sep="\\n")
"""


@pytest.fixture(scope="module")
def place(tree: Path, path: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What both starts printed, what was pasted, and what it said."""
    place = tmp_path_factory.mktemp("startup_message")
    (place / "scratch").mkdir()
    (place / "extract.py").write_text(EXTRACT, encoding="utf-8")
    script = TWO_STARTS.format(tree=tree, extract=place / "extract.py")
    environment = {"HOME": str(place), "PAGE": str(place), "PATH": path}
    done = secluded(script, place / "scratch", environment, changed=[tree])
    assert done.returncode == 0, done.stdout
    return place


def test_every_line_to_paste_does_what_stands_over_it(place: Path) -> None:
    pasted = (place / "pasted.sh").read_text(encoding="utf-8").splitlines()
    assert [line.split("=")[0].split()[0] for line in pasted] == [
        "TOKEN",
        "curl",
        "curl",
        "WXLOGIN_ENV",
    ]
    session, ended, *owner = (place / "said").read_text(encoding="utf-8").splitlines()
    assert json.loads(session)["session"]["platform"] == "other"
    assert json.loads(ended) == {"ended": 1}
    assert owner[0] == "admin has a new password; 0 sessions ended."
    assert owner[1].startswith("Password (shown this once): ")


def test_only_the_first_start_prints_the_password(place: Path) -> None:
    first, second = ((place / name).read_text(encoding="utf-8") for name in ("first", "second"))
    assert "admin, password " in first
    assert not LOST.search(first)
    assert "admin, password " not in second
    assert LOST.findall(second) == [RESET]


def test_all_that_it_shows_to_be_pasted_is_pasted(place: Path) -> None:
    second = (place / "second").read_text(encoding="utf-8")
    shown = second[second.index("Paste these") : second.index("Ctrl-C stops")].splitlines()[1:]
    assert [line for line in shown if line and not line.startswith("# ")] == PASTED.findall(second)
