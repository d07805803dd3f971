"""docs/backup.md: copies are made, and what comes back with them is what the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from tests.deploy.harness.deployed import Deployed
from tests.deploy.harness.pasted import paste, same_blocks
from tests.harness.databases import DatabaseServer
from tests.harness.doc_pages import written
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.extensions import db
from wxlogin.models import User

pytestmark = pytest.mark.machine

PAGE = ROOT / "docs/backup.md"
BLOCKS = [block.text for block in written(PAGE)]
DUMP, LOAD = (block for block in BLOCKS if block.startswith("mariadb"))
COPY, SNAPSHOT, RESTORE, VERIFY, EMPTY, FROM_SNAPSHOT, END_ALL = (
    block for block in BLOCKS if not block.startswith("mariadb")
)
END_SESSIONS = "wxlogin apps disable wx0123456789abcdef; wxlogin apps enable wx0123456789abcdef"


def test_the_page_says_the_same_in_both_languages() -> None:
    assert same_blocks(PAGE)


def test_what_the_page_says_of_a_restore_is_so(deployed: Deployed) -> None:
    before = deployed.login("dora")
    paste(deployed.machine, COPY, SNAPSHOT)
    deployed.machine.said(END_SESSIONS)
    assert deployed.status(before) == 401

    # The database of then: the trail ends earlier than Redis knows, and says so.
    said = paste(deployed.machine, RESTORE, VERIFY)
    assert re.search(r"^Entries \d+ to \d+ are missing at the end\.$", said, re.MULTILINE)
    paste(deployed.machine, EMPTY)
    assert deployed.status(deployed.login("dora")) == 204
    assert deployed.status(before) == 401
    verified = deployed.machine.run("wxlogin audit verify")
    assert verified.returncode == 1
    assert "Redis does not know the latest entry: a cut tail would not show." in verified.stdout
    deployed.machine.said("wxlogin admin token later --scope read")
    verified = deployed.machine.run("wxlogin audit verify")
    assert "Redis had lost the latest entry" in verified.stdout
    assert verified.returncode == 1
    deployed.machine.said("wxlogin audit accept-head --reason 'Redis was emptied'")
    deployed.machine.said("wxlogin audit verify")

    # The Redis of then: who was signed out is signed in again, until all sessions are ended.
    paste(deployed.machine, FROM_SNAPSHOT)
    assert deployed.status(before) == 204
    paste(deployed.machine, END_ALL)
    assert deployed.status(before) == 401
    assert deployed.status(deployed.login("dora")) == 204


@pytest.fixture
def client(mariadb_server: DatabaseServer, tmp_path: Path) -> dict[str, str]:
    """An environment in which MariaDB's client finds server and password in ~/.my.cnf."""
    if not shutil.which("mariadb-dump"):
        pytest.skip("mariadb-dump is not installed (apt-get install mariadb-client)")
    options = f"[client]\nhost=127.0.0.1\nport={mariadb_server.port}\nuser=root\n"
    (tmp_path / ".my.cnf").write_text(options, encoding="utf-8")
    return {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}


def test_a_database_of_mariadb_comes_back(
    mariadb_server: DatabaseServer,
    client: dict[str, str],
    make_site: Callable[..., Site],
    tmp_path: Path,
) -> None:
    url = mariadb_server.database()
    site: Site = make_site(WXLOGIN_DATABASE_URL=url)
    # The page's names are those of its machine.
    names = {"/var/backups/wxlogin": str(tmp_path), "wxlogin ": f"{url.rpartition('/')[2]} "}
    with site.app.app_context():
        flask_migrate.upgrade()
        Phone(site).login()
        users = db.session.scalars(select(User.public_id)).all()
        db.session.remove()
        db.engine.dispose()
        _paste(DUMP, names, client)
        db.drop_all()
        _paste(LOAD, names, client)
        assert db.session.scalars(select(User.public_id)).all() == users != []


def _paste(block: str, names: dict[str, str], client: dict[str, str]) -> None:
    for name, ours in names.items():
        block = block.replace(name, ours)
    done = subprocess.run(
        ["bash", "-euc", block], env=client, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
