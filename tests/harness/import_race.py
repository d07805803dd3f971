"""An import that has read what is there, and waits to write while a user does something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.harness.command_line import CommandLine
from tests.harness.held_statement import HeldStatement
from tests.harness.phone import Phone
from tests.harness.site import APPID, Site

FILE = {
    "unionid": "oUni0123456789example-of-file",
    "phone": "13900139000",
    "external_id": "u-file",
    "nickname": "Of the file",
    "created_at": "2024-03-01T01:30:00Z",
}
"""What the file says of the user."""
WRITING = "external_id="


@contextmanager
def held_import(site: Site, phone: Phone, directory: Path) -> Iterator[list[str]]:
    """Import the phone's user; the block runs between the import's reading and its writing.

    Afterwards the list has what the command said.
    """
    file, said = directory / "users.jsonl", list[str]()
    row = {"openid": site.sandbox.world.openid(phone.user), **FILE}
    file.write_text(json.dumps(row), encoding="utf-8")
    words = "import", str(file), "--appid", APPID
    with HeldStatement(site, WRITING) as held, ThreadPoolExecutor(1) as pool:
        done = pool.submit(CommandLine(site, "users").done, *words)
        try:
            assert held.arrived()
            yield said
        finally:
            held.let_go()
        said.append(done.result(20))
