"""The two roles of deploy/sql on a database, made by the files as they stand."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from tests.harness.databases import DatabaseServer
from tests.house.source import ROOT
from wxlogin.database import faults

SQL = ROOT / "deploy/sql"
OWNER, APP = "shop_owner", "shop_app"
PASSWORDS = {OWNER: "5dc4e7f1b8a90236", APP: "0c9fae34d17b6258"}  # made up


class Granted:
    """A database of a server with the two roles, by the files as they stand."""

    def __init__(self, server: DatabaseServer) -> None:
        self.administrator = make_url(server.database())
        self.postgresql = self.administrator.get_backend_name() == "postgresql"

    def grant(self, *, passwords: bool = True) -> None:
        """Run the file with its database's own client."""
        given = PASSWORDS if passwords else {}
        if self.postgresql:
            self._by_psql(given)
        else:
            self._by_mariadb(given)

    def url(self, role: str) -> str:
        """The setting for a role."""
        url = self.administrator.set(username=role, password=PASSWORDS[role])
        return url.render_as_string(hide_password=False)

    def run(self, role: str, *statements: str) -> None:
        """Run statements as a role."""
        url = self.url(role) if role else self.administrator
        with create_engine(url, poolclass=NullPool).begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def refused(self, statement: str) -> bool:
        """Whether the app may not do this; any other fault is one of the test."""
        try:
            self.run(APP, statement)
        except DBAPIError as fault:
            if faults.code(fault.orig) not in faults.WITHOUT_RIGHT:
                raise
            return True
        return False

    def remove_roles(self) -> None:
        """Leave the server as it was for the next test: roles belong to all its databases."""
        for role in (APP, OWNER):
            with suppress(DBAPIError):
                if self.postgresql:
                    self.run("", f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")
                else:
                    self.run("", f"DROP USER {role}@'%'")

    def _by_psql(self, given: dict[str, str]) -> None:
        at = self.administrator
        words = ["psql", "-q", "-h", str(at.host), "-p", str(at.port), "-U", str(at.username)]
        words += ["-v", f"owner={OWNER}", "-v", f"app={APP}"]
        words += ["-f", str(SQL / "grants-postgresql.sql"), str(at.database)]
        named = {OWNER: "WXLOGIN_OWNER_PASSWORD", APP: "WXLOGIN_APP_PASSWORD"}
        _run(words, "", {named[role]: password for role, password in given.items()})

    def _by_mariadb(self, given: dict[str, str]) -> None:
        at = self.administrator
        words = ["mariadb", "--no-defaults", "-h", str(at.host), "-P", str(at.port), "-u", "root"]
        first = f"SET @owner = '{OWNER}', @app = '{APP}';\n"
        if given:
            first += f"SET @owner_password = '{given[OWNER]}', @app_password = '{given[APP]}';\n"
        script = (SQL / "grants-mysql.sql").read_text(encoding="utf-8")
        _run([*words, str(at.database)], first + script, {})


def _run(words: list[str], typed: str, environment: dict[str, str]) -> None:
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    done = subprocess.run(
        words,
        input=typed,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
