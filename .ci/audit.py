"""Asks the vulnerability database about every package of the lock files that are named.

    python .ci/audit.py requirements.txt requirements-dev.txt

Ends with 1 where a package has a known vulnerability or is not in the database, and where a lock
file cannot be read. A database that cannot be reached says nothing about packages: one line, and 0.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

NOT_REACHED = "audit: the vulnerability database could not be reached; no package was checked\n"
# What pip-audit and what it asks with say of the way to the database, or of its not being one.
ON_THE_WAY = re.compile(
    r"^(?:requests|urllib3)\.exceptions\.\w+|ServiceError"
    r"|_cli:(?:Could not connect to|PyPI is not redirecting)",
    re.MULTILINE,
)
OPTIONS = ("--progress-spinner", "off", "--disable-pip", "--require-hashes", "--format", "json")


class Verdict(NamedTuple):
    """The exit status, and what to say."""

    status: int
    text: str


def judged(packages: Sequence[dict[str, Any]] | None, said: str) -> Verdict:
    """Return the verdict on pip-audit's report, or on its output if it wrote no report."""
    if packages is None:
        return Verdict(0, NOT_REACHED) if ON_THE_WAY.search(said) else Verdict(1, said)
    unknown = [package for package in packages if "skip_reason" in package]
    if packages and len(unknown) == len(packages):  # a mirror has the packages and no database
        return Verdict(0, NOT_REACHED)
    lines = [f"audit: {package['name']}: {package['skip_reason']}" for package in unknown]
    lines += [
        f"audit: {package['name']} {package['version']}: {found['id']}"
        f" (mended in {', '.join(found['fix_versions']) or 'no version'}) {found['description']}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    if lines:
        return Verdict(1, "".join(f"{line}\n" for line in lines))
    return Verdict(0, f"audit: {len(packages)} packages, none with a known vulnerability\n")


def asked(locks: Sequence[str]) -> Verdict:
    """Ask about all packages of these lock files."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.json"
        command = [sys.executable, "-m", "pip_audit", *OPTIONS, "--output", str(report)]
        done = subprocess.run(  # noqa: S603  our own words, and no shell
            [*command, *(word for lock in locks for word in ("--requirement", lock))],
            capture_output=True,
            text=True,
            check=False,
        )
        text = report.read_text(encoding="utf-8") if report.exists() else ""
    return judged(json.loads(text)["dependencies"] if text else None, done.stdout + done.stderr)


if __name__ == "__main__":
    verdict = asked(sys.argv[1:])
    (sys.stderr if verdict.status else sys.stdout).write(verdict.text)
    sys.exit(verdict.status)
