"""What is installed is pinned and hashed; what is asked for has a reason."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

PIN = re.compile(r"^[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+( ; .+)?$")
HASHES = re.compile(r"^(--hash=sha256:[0-9a-f]{64} ?)+$")


def loose(listing: Path) -> list[str]:
    """Lines of a requirements file that are not one pinned package with its hashes."""
    text = re.sub(r"^\s*#.*\n", "", listing.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\s*\\\n\s*", " ", text).split("\n")
    wrong = []
    for line in filter(None, map(str.strip, lines)):
        package, found, hashes = line.partition(" --hash=")
        if not PIN.match(package) or not HASHES.match(f"--hash={hashes}" if found else ""):
            wrong.append(line)
    return wrong


def asked_for() -> set[str]:
    """The packages that pyproject.toml names, and those of the mini-program client."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for group in extra for line in group)]
    client = json.loads((ROOT / "miniprogram/package.json").read_text(encoding="utf-8"))
    return {
        *(re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in lines),
        *client["devDependencies"],
    }


@pytest.mark.parametrize("listing", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_hashed(listing: str) -> None:
    assert loose(ROOT / listing) == []


@pytest.mark.parametrize("listing", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_files_hold_packages(listing: str) -> None:
    assert (ROOT / listing).read_text(encoding="utf-8").count("--hash=sha256:") > 100


def test_a_loose_line_is_found(tmp_path: Path) -> None:
    listing = tmp_path / "requirements.txt"
    good = f"a==1 ; python_version < '4' \\\n    --hash=sha256:{'0' * 64}\n    # via b\n"
    listing.write_text(f"# made by hand\n{good}b==2\nc>=3 \\\n    --hash=sha256:{'0' * 64}\n-e .\n")
    assert loose(listing) == ["b==2", f"c>=3 --hash=sha256:{'0' * 64}", "-e ."]


def test_every_direct_dependency_has_a_reason() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == asked_for()


def locked(listing: str) -> set[str]:
    """The names of the packages in a lock file."""
    text = (ROOT / listing).read_text(encoding="utf-8")
    return {canonicalize_name(name) for name in re.findall(r"^([\w.-]+)(?:\[.+\])?==", text, re.M)}


def needs(name: str, extras: Iterable[str]) -> Iterator[Requirement]:
    """What an installed package asks for, here, with these of its extras."""
    environments = [{"extra": extra} for extra in ("", *extras)]
    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        if not wanted.marker or any(wanted.marker.evaluate(one) for one in environments):
            yield wanted


def unmet(listing: str) -> list[str]:
    """What the packages of a lock file ask for, extras and their extras included, without a pin.

    pip takes a lock file with --no-deps, so nothing else would bring it.
    """
    pinned, missing = locked(listing), []
    todo = [(name, frozenset[str]()) for name in pinned if installed(name)]
    seen = set(todo)
    for name, extras in todo:
        for wanted in needs(name, extras):
            found = canonicalize_name(wanted.name)
            if found not in pinned:
                missing.append(f"{name} asks for {wanted}")
            elif (step := (found, frozenset(wanted.extras))) not in seen and installed(found):
                seen.add(step)
                todo.append(step)
    return missing


def installed(name: str) -> bool:
    """Whether this interpreter has the package: a lock names some for other machines alone."""
    return bool(list(metadata.distributions(name=name)))


@pytest.mark.parametrize("listing", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_holds_whatever_its_packages_ask_for_with_their_extras(listing: str) -> None:
    assert unmet(listing) == []


def test_an_extra_that_is_not_locked_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = metadata.requires("schemathesis")
    monkeypatch.setattr(metadata, "requires", lambda _: [*asked, "no-such-package[x]>=1"])
    assert "schemathesis asks for no-such-package[x]>=1" in unmet("requirements-dev.txt")


def test_no_script_hides_a_package_from_the_console_scripts() -> None:
    scripts = {file.stem for file in Path(sys.executable).parent.glob("*.py")}
    assert scripts & set(metadata.packages_distributions()) == set()
