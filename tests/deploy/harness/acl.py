"""The users of deploy/redis/users.acl on servers of any shape."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.harness.stores import ADMINISTRATORS, servers
from tests.house.source import ROOT

ACL = ROOT / "deploy/redis/users.acl"
PASSWORDS = {"wxlogin": "1f8a6b3ce0d94725", "operator": "7d20c9b4e5f1836a"}  # made up


def sha256(user: str) -> str:
    """What stands in the file in a password's place."""
    return hashlib.sha256(PASSWORDS[user].encode()).hexdigest()


def written(directory: Path) -> Path:
    """The file with the passwords put in."""
    text = ACL.read_text(encoding="utf-8")
    for user in PASSWORDS:
        text = text.replace(f"#{user.upper()}_SHA256", f"#{sha256(user)}")
    path = directory / "users.acl"
    path.write_text(text, encoding="utf-8")
    return path


def rights(user: str) -> list[str]:
    """The words of a user's line, behind the name and the password."""
    for line in ACL.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[1] == user:
            return [word for word in words[2:] if word[0] not in "#" and word != "on"]
    raise AssertionError(user)


def give(asks: Iterable[Callable[..., Any]]) -> None:
    """Make the app's user on running servers, by way of their `ask`."""
    for ask in asks:
        ask("ACL", "SETUSER", "wxlogin", "on", f"#{sha256('wxlogin')}", *rights("wxlogin"))


def signed_in(url: str, user: str) -> str:
    """The URL with a user's name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{PASSWORDS[user]}@{parts.netloc}").geturl()


@contextmanager
def watched(url: str, administrator: str) -> Iterator[None]:
    """Let the harness look around as the administrator; nothing may have been refused meanwhile."""
    ADMINISTRATORS[url] = administrator
    yield
    assert refusals(url) == []


def refusals(url: str) -> list[str]:
    """What the servers refused to their users, and to whom."""
    found = []
    for server in servers(url):
        with server:
            found += [f"{one['username']}: {one['object']}" for one in server.acl_log()]
    return found
