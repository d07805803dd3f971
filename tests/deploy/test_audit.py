"""`make audit` fails for what it found in packages, and for nothing else.

pip-audit is the real one. It asks, at the database's own name, a server in a network of the test's
own, or nobody at all.
"""

from __future__ import annotations

import json
import runpy
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.namespaces import needed, secluded
from tests.house.source import ROOT

SCRIPT = ROOT / ".ci/audit.py"
DATABASE = ROOT / "tests/deploy/harness/vulnerabilities.py"
HOST = ".".join(("pypi", "org"))
LOCK = "".join(f"{name}==1.0 --hash=sha256:{'0' * 64}\n" for name in ("first", "second"))
NOT_REACHED = "audit: the vulnerability database could not be reached; no package was checked\n"
CLEAN = [200, '{"vulnerabilities": []}']
FOUND = {"id": "CVE-1", "aliases": [], "details": "It breaks.", "fixed_in": ["1.1"]}
VULNERABLE = [200, json.dumps({"vulnerabilities": [FOUND]})]

judged = runpy.run_path(str(SCRIPT))["judged"]


def audited(place: Path, script: str, lock: str = LOCK) -> tuple[int, str]:
    """How the audit of a lock file ends in a network in which `script` ran before."""
    needed()
    (place / "lock.txt").write_text(lock, encoding="utf-8")
    (place / "scratch").mkdir()
    command = shlex.join([sys.executable, str(SCRIPT), str(place / "lock.txt")])
    done = secluded(f"{script}\n{command}", place / "scratch", {"HOME": str(place)})
    return done.returncode, done.stdout


def database(answers: dict[str, Any]) -> str:
    """The lines that start a database with these answers, at its own name."""
    serve = shlex.join([sys.executable, str(DATABASE), "/run/c.pem", "/run/k.pem"])
    return f"""
        echo "127.0.0.1 {HOST}" >>/etc/hosts
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=database \\
            -addext "subjectAltName=DNS:{HOST}" -keyout /run/k.pem -out /run/c.pem 2>/dev/null
        export REQUESTS_CA_BUNDLE=/run/c.pem
        {serve} {shlex.quote(json.dumps(answers))} 2>/dev/null &
        until (: </dev/tcp/127.0.0.1/443) 2>/dev/null; do kill -0 $!; sleep 0.05; done"""


UNREACHABLE = {
    "its name is not known": "",
    "nobody listens": f'echo "127.0.0.1 {HOST}" >>/etc/hosts',
    "its certificate is another's": f"{database({'*': CLEAN})}\nunset REQUESTS_CA_BUNDLE",
    "it is out": database({"*": [503, "busy"]}),
    "it asks for a sign-in": database({"*": [200, "<html>"]}),
    "it sends round in circles": database({"*": [302, ""]}),
    "a mirror stands there": database({"*": [404, ""]}),
}


@pytest.mark.parametrize("script", UNREACHABLE.values(), ids=UNREACHABLE)
def test_a_database_that_cannot_be_reached_is_one_line_and_no_failure(
    tmp_path: Path, script: str
) -> None:
    assert audited(tmp_path, script) == (0, NOT_REACHED)


def test_packages_without_a_fault_are_counted(tmp_path: Path) -> None:
    status, said = audited(tmp_path, database({"*": CLEAN}))
    assert (status, said) == (0, "audit: 2 packages, none with a known vulnerability\n")


def test_a_vulnerable_package_is_named_and_fails(tmp_path: Path) -> None:
    status, said = audited(tmp_path, database({"second": VULNERABLE, "*": CLEAN}))
    assert (status, said) == (1, "audit: second 1.0: CVE-1 (mended in 1.1) It breaks.\n")


def test_a_package_that_the_database_does_not_know_is_named_and_fails(tmp_path: Path) -> None:
    status, said = audited(tmp_path, database({"second": [404, ""], "*": CLEAN}))
    assert status == 1
    assert said.startswith("audit: second: Dependency not found")


@pytest.mark.parametrize("lock", ["first==1.0\n", "first ==\n"])
def test_a_lock_file_that_cannot_be_read_fails_though_nobody_can_be_asked(
    tmp_path: Path, lock: str
) -> None:
    status, said = audited(tmp_path, "", lock)
    assert status == 1
    assert "first" in said


def test_what_is_neither_a_report_nor_a_fault_of_the_way_is_shown_and_fails() -> None:
    said = "Traceback (most recent call last):\n  File \"pip_audit\"\nKeyError: 'id'\n"
    assert judged(None, said) == (1, said)


def test_make_and_ci_ask_by_this_script() -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "audit"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ".ci/audit.py requirements.txt requirements-dev.txt" in shown.stdout
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").endswith("\nmake audit\n")
