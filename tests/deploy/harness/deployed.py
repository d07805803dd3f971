"""A machine on which docs/deploy.md was followed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import requests

from tests.deploy.harness.load import Call, Server
from tests.deploy.harness.machine import Machine
from tests.deploy.harness.pasted import paste
from tests.harness.doc_pages import written
from tests.house.source import ROOT

PAGE = ROOT / "docs/deploy.md"
NAME = "login.example.com"
SOURCE = "/srv/wxlogin.git"
STAND_IN = "http://127.0.0.1:8099"
PORTS = (80, 443, 5432, 6379, 8099)
USERS = 16
"""So many that none comes near the limit of one user's calls while a test lasts."""


class Deployed:
    """What the page leads to. `said` is all that its blocks printed."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        machine.bring_repository(SOURCE)
        self.said = paste(machine, *(block.text for block in written(PAGE) if block.runs))
        self._calls: list[Call] = []

    @property
    def server(self) -> Server:
        """nginx there, with the certificate that the page made."""
        return Server(NAME, self.machine.root / f"etc/ssl/{NAME}.pem")

    @property
    def calls(self) -> list[Call]:
        """What signed-in users and a service ask, and what they should get."""
        if not self._calls:
            said = self.machine.said("wxlogin admin token load --scope introspect")
            # Lines of the log stand around it.
            [service] = re.findall(r"^wxa_\S+$", said, re.MULTILINE)
            form = {"Content-Type": "application/x-www-form-urlencoded", **_bearer(service)}
            for number in range(USERS):
                token = self.login(f"user{number}")
                self._calls += [
                    Call("GET", "/v1/auth", _bearer(token), None, 204),
                    Call("POST", "/v1/introspect", form, f"token={token}".encode(), 200),
                ]
        return self._calls

    def login(self, user: str) -> str:
        """A user's token, by way of the stand-in for WeChat and of nginx."""
        code = requests.post(f"{STAND_IN}/sandbox/code", data={"user": user}, timeout=10)
        headers = {"Host": NAME, "Content-Type": "application/json"}
        answer = self.server.pool().urlopen("POST", "/v1/login", code.content, headers)
        assert answer.status == 200, answer.data
        return str(json.loads(answer.data)["token"])

    def status(self, token: str) -> int:
        """What `GET /v1/auth` says of a token."""
        headers = {"Host": NAME, **_bearer(token)}
        return int(self.server.pool().urlopen("GET", "/v1/auth", headers=headers).status)

    def secrets(self) -> list[str]:
        """Everything secret that the page made."""
        kept = [*(self.machine.root / "etc/wxlogin").glob("*/*")]
        assert len(kept) >= 7
        return [_value(file) for file in kept]

    def journal(self, unit: str) -> str:
        """What a unit wrote since the machine was booted."""
        return self.machine.said(f"journalctl --no-pager --output=cat -u {shlex.quote(unit)}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _value(file: Path) -> str:
    """The part of a secret that nobody may see: without the key's id, of a URL the password."""
    text = file.read_text(encoding="utf-8").strip().rpartition(":")[2]
    return text.partition("@")[0]
