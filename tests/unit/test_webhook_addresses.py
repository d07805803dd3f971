"""Webhooks go to the Internet alone: every address of a name is judged, and used as judged."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.harness.team import Team
from wxlogin.outbox import sender
from wxlogin.outbox.addresses import is_public, resolve, url_fault
from wxlogin.outbox.errors import SendFailed
from wxlogin.outbox.sender import Sender

PRIVATE = """
    127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1
    100.127.255.254 198.18.0.1 192.0.2.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 ::1 ::
    fe80::1 fc00::1 fd12::1 ff02::1 fec0::1 ::ffff:10.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:1
    2002:a00:1::1 2001:db8::1
"""
PUBLIC = "1.1.1.1 8.8.8.8 119.29.29.29 2400:3200::1 2606:4700:4700::1111"


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_that_is_not_everybody_s_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https:///path",
        "https://u:p@example.com/",
        "https://example.com/#x",
        "https://example.com:99999/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://[::ffff:10.0.0.1]/",
        "https://exa mple.com/",
        "https://例子.cn/",
        "https://example.com/" + "a" * 2000,
        "example.com",
    ],
)
def test_a_url_that_leads_elsewhere_is_refused(url: str) -> None:
    assert url_fault(url, unrestricted=False)


def test_other_urls_are_taken() -> None:
    assert url_fault("https://hooks.example.com:8443/a?b=c", unrestricted=False) == ""
    assert url_fault("http://127.0.0.1:8000/", unrestricted=True) == ""


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """What each name means, look-up by look-up."""
    known: dict[str, list[list[str]]] = {}
    monkeypatch.setattr(sender, "resolve", lambda host, _port: known[host].pop(0))
    return known


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["1.1.1.1", "127.0.0.1"], ["::1"]])
def test_a_name_is_refused_if_any_of_its_addresses_is(
    names: dict[str, list[list[str]]], addresses: list[str]
) -> None:
    names["hooks.example"] = [addresses]
    with pytest.raises(SendFailed, match="AddressRefused"):
        Sender(unrestricted=False).post("https://hooks.example/", b"{}", {})


def test_the_connection_goes_to_the_address_that_was_judged(
    names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look-up would give another address: DNS rebinding."""
    names["hooks.example"] = [["1.1.1.1"], ["127.0.0.1"]]
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(sender, "create_connection", connect)
    with pytest.raises(SendFailed):
        Sender(unrestricted=False).post("https://hooks.example/", b"{}", {})
    assert tried == [("1.1.1.1", 443)]


def test_plain_http_is_refused_where_it_is_not_allowed(team: Team) -> None:
    with pytest.raises(SendFailed, match="InvalidSchema"):
        Sender(unrestricted=False).post(team.url, b"{}", {})
    assert team.got == []


def test_a_name_without_an_address_is_a_failure() -> None:
    with pytest.raises(SendFailed, match="ConnectionError"):
        Sender(unrestricted=False).post("https://nowhere.invalid/", b"{}", {})


def test_a_literal_address_resolves_to_itself() -> None:
    assert resolve("127.0.0.1", 443) == ["127.0.0.1"]


@pytest.fixture
def team() -> Iterator[Team]:
    """Somebody on this machine."""
    with Team() as team:
        yield team
