"""What `make release` builds: an archive that is the same twice, a valid SBOM, checksums."""

from __future__ import annotations

import hashlib
import io
import json
import re
import runpy
import subprocess
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.house.source import ROOT
from wxlogin.version import VERSION

SECTION = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", re.MULTILINE)


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    """The names of the script."""
    return runpy.run_path(str(ROOT / ".ci/release.py"))


@pytest.fixture(scope="module")
def built(script: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the commit that is checked out."""
    if not (ROOT / ".git").exists():
        pytest.skip("not installed: this tree is no git repository")
    target: Path = tmp_path_factory.mktemp("dist")
    script["build"](target)
    return target


def test_the_version_is_the_same_everywhere_and_has_its_section() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    sections = SECTION.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert project["version"] == VERSION
    assert sections[0] == VERSION
    assert f"| {VERSION.rpartition('.')[0]}." in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_the_archive_holds_the_commit_and_is_the_same_twice(
    script: dict[str, Any], built: Path
) -> None:
    archive = (built / f"wxlogin-{VERSION}.tar.gz").read_bytes()
    assert script["source"](VERSION) == archive
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", "-z", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    assert set(listed.stdout.decode().strip("\0").split("\0")) <= names


def test_the_sbom_is_valid_and_has_every_package_of_the_lock(built: Path) -> None:
    text = (built / f"wxlogin-{VERSION}.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)(?:\[.+\])?==", lock, re.M)}
    named = {one["name"] for one in bill["components"] if one["purl"].startswith("pkg:pypi/")}
    assert len(named) > 40
    assert named == pinned
    refs = {one["bom-ref"] for one in bill["components"]}
    asks = {one["ref"]: set(one["dependsOn"]) for one in bill["dependencies"]}
    assert set.union(*asks.values()) == refs
    [flask] = [ref for ref in refs if ref.startswith("pkg:pypi/flask@")]
    assert any(ref.startswith("pkg:pypi/werkzeug@") for ref in asks[flask])


def test_the_checksums_are_those_of_the_files(built: Path) -> None:
    lines = (built / "SHA256SUMS").read_text(encoding="utf-8").split("\n")[:-1]
    assert len(lines) == 2
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((built / name).read_bytes()).hexdigest() == digest
