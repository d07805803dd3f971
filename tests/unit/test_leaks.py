"""The search at the end of a run finds what it is there to find."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from config import ROOT
from tests.harness.leaks import RunLog

SESSION_KEY = "a+/WEygStjuLCnZ9IN2l4Q=="

LEAKY = """
import logging
from tests.harness.leaks import run_log

def test_it():
    run_log.use(["aSecretOfNoShape"])
    logging.getLogger("lib").debug("told aSecretOfNoShape")
"""


@pytest.fixture
def log() -> RunLog:
    """A run's log with a secret that was used."""
    found = RunLog()
    found.use([SESSION_KEY, "o16wA0b4AZKzgVJR3MBwoUdTfU_E"])
    return found


@pytest.mark.parametrize(
    "written",
    [
        SESSION_KEY,
        f"x{SESSION_KEY}x",
        quote(SESSION_KEY, safe=""),
        json.dumps(SESSION_KEY).replace("/", "\\/"),
        base64.b64encode(SESSION_KEY.encode()).decode(),
    ],
)
def test_a_secret_is_found_in_every_form_with_its_place(log: RunLog, written: str) -> None:
    log.hear(f"one line\n<{written}>", "somewhere")
    (find,) = log.finds()
    assert find.startswith("somewhere: <")
    assert SESSION_KEY not in find


def test_nothing_is_found_where_nothing_stands(log: RunLog) -> None:
    log.hear(f"{SESSION_KEY[:-1]} {SESSION_KEY[1:]} [session_key]", "somewhere")
    assert log.finds() == []


@pytest.mark.slow
@pytest.mark.parametrize("processes", ["0", "1"])
def test_a_find_fails_the_run_though_every_test_passes(tmp_path: Path, processes: str) -> None:
    (tmp_path / "test_leaky.py").write_text(LEAKY)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [*command, "-n", processes, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in done.stdout
    assert "1 lines for 1 secrets in every form: found 1." in done.stdout
    assert "LEAKED test_leaky.py::test_it (call): " in done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
