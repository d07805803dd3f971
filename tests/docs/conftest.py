"""A fresh clone for the pages, and the databases that they ask for."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.clone import cloned, pythons
from tests.docs.following import SHOP, Followed, follow, part_of
from tests.docs.table import PAGES
from tests.harness import databases
from tests.harness.doc_pages import blocks
from tests.harness.namespaces import needed
from tests.house.source import ROOT

PROGRAMS = ("curl", "make", "nginx", "node", "npm", "openssl", "redis-server")


@pytest.fixture(scope="session")
def _able() -> None:
    """This machine has what the pages take for granted."""
    needed()
    missing = [name for name in PROGRAMS if databases.binary(name) is None] + missing_packages()
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (.ci/run installs them)")


@pytest.fixture(scope="session")
def tree(_able: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone, one for all processes of the run; no page changes it for another."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # each process has a directory in that of the run
        place = place.parent
    made = place / "clone-is-made"
    with (place / "clone-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(place / "clone", ignore_errors=True)  # one that was not finished
            (place / "clone" / SHOP).mkdir(parents=True)
            made.write_text(str(cloned(place / "clone")))
        return Path(made.read_text())


@pytest.fixture(scope="session")
def path(_able: None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where programs are looked for."""
    return pythons(tmp_path_factory.mktemp("python") / "bin")


@pytest.fixture
def followed(
    request: pytest.FixtureRequest, tree: Path, path: str, tmp_path: Path
) -> Callable[[str, int], Followed]:
    """Follows a part of a page."""

    def follow_page(page: str, number: int) -> Followed:
        part = PAGES[page][number]
        environment = {"PATH": path}
        if part.database:
            server = request.getfixturevalue(f"{part.database}_server")
            if server is None:
                pytest.skip(f"{part.database} is not installed (.ci/run installs it)")
            environment["WXLOGIN_DATABASE_URL"] = server.database_by_socket()
        found = part_of(blocks(ROOT / page), PAGES[page], number)
        return follow(tree, tmp_path, part, found, environment)

    return follow_page


def missing_packages() -> list[str]:
    """What .ci/run would install, and cannot where there is no way to the world."""
    if shutil.which("dpkg-query") is None:
        return []
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    packages = re.findall(r"[\w-]+", re.findall(r"^PACKAGES=\((.+?)\)", script, re.M | re.S)[0])
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status} "]
    return [name for name in packages if _said(*query, name).strip() != "installed"]


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
