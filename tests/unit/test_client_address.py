"""The client's address: whom to believe, and what counts as one."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.guard.client_address import address_key, client_address, forwarded_entry, over_https

PEER = "192.0.2.200"
ADDRESSES = st.ip_addresses().map(str)
HEADERS = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80)


@given(spoofed=HEADERS, chain=st.lists(ADDRESSES, min_size=1, max_size=4))
def test_what_a_caller_writes_changes_nothing(spoofed: str, chain: list[str]) -> None:
    honest = ", ".join(chain)
    hops = len(chain)
    assert client_address(hops, f"{spoofed}, {honest}", PEER) == client_address(hops, honest, PEER)


@given(forwarded=HEADERS)
def test_without_proxies_the_header_is_not_read(forwarded: str) -> None:
    assert client_address(0, forwarded, PEER) == PEER


@given(forwarded=HEADERS | st.lists(HEADERS | ADDRESSES).map(",".join), hops=st.integers(0, 8))
def test_whatever_comes_the_answer_is_a_canonical_address(forwarded: str, hops: int) -> None:
    found = client_address(hops, forwarded, PEER)
    assert str(ipaddress.ip_address(found)) == found


@given(chain=st.lists(ADDRESSES, max_size=7), missing=st.integers(1, 8))
def test_too_few_entries_leave_the_peer(chain: list[str], missing: int) -> None:
    assert client_address(len(chain) + missing, ",".join(chain), PEER) == PEER


@pytest.mark.parametrize(
    ("forwarded", "hops", "address"),
    [
        ("198.51.100.1", 1, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 1, "198.51.100.1"),
        ("203.0.113.9, 198.51.100.1", 2, "203.0.113.9"),
        ("6.6.6.6,203.0.113.9,198.51.100.1", 2, "203.0.113.9"),
        ("198.51.100.1:4711", 1, "198.51.100.1"),
        ("::ffff:198.51.100.1", 1, "198.51.100.1"),
        ("::FFFF:C633:6401", 1, "198.51.100.1"),
        ("[::ffff:198.51.100.1]:80", 1, "198.51.100.1"),
        ("2001:DB8:0:0:0:0:0:1", 1, "2001:db8::1"),
        ("[2001:db8::1]", 1, "2001:db8::1"),
        ("[2001:db8::1]:443", 1, "2001:db8::1"),
        ("fe80::1%eth0", 1, "fe80::1"),
        ("[fe80::1%25eth0]:443", 1, "fe80::1"),
    ],
)
def test_an_entry_is_read_in_every_form(forwarded: str, hops: int, address: str) -> None:
    assert client_address(hops, forwarded, PEER) == address


@pytest.mark.parametrize(
    "entry",
    ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4:x", "[::1", "::1]"],
)
def test_an_entry_that_is_no_address_leaves_the_peer(entry: str) -> None:
    assert client_address(1, f"203.0.113.9, {entry}", PEER) == PEER


@pytest.mark.parametrize(("peer", "address"), [("::ffff:127.0.0.1", "127.0.0.1"), ("", "")])
def test_the_peer_is_read_the_same_way(peer: str, address: str) -> None:
    assert client_address(0, "203.0.113.9", peer) == address


def test_a_hop_is_counted_from_the_right() -> None:
    assert [forwarded_entry(hops, "a , b,c") for hops in range(5)] == ["", "c", "b", "a", ""]


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("::1", "::/64"),
        ("", "unknown"),
    ],
)
def test_limits_count_ipv4_whole_and_ipv6_by_its_network(address: str, key: str) -> None:
    assert address_key(address) == key


@given(text=HEADERS)
def test_limits_never_count_by_an_empty_key(text: str) -> None:
    assert address_key(text)


@given(network=st.integers(0, 2**64 - 1), hosts=st.lists(st.integers(0, 2**64 - 1), min_size=2))
def test_addresses_of_one_ipv6_network_count_as_one(network: int, hosts: list[int]) -> None:
    found = [ipaddress.IPv6Address(network << 64 | host) for host in hosts]
    keys = {address_key(str(address)) for address in found if not address.ipv4_mapped}
    assert len(keys) <= 1


@pytest.mark.parametrize(
    ("hops", "forwarded", "scheme", "https"),
    [
        (0, "", "https", True),
        (0, "https", "http", False),
        (1, "https", "http", True),
        (1, "HTTPS", "http", True),
        (1, "http", "https", False),
        (1, "", "https", False),
        (2, "https, http", "http", True),
        (2, "http, https", "https", False),
        (2, "https", "http", True),  # the nearest proxy replaced the header
        (3, "https, https", "https", False),  # one of three proxies added nothing
    ],
)
def test_the_clients_own_connection_decides_about_https(
    hops: int, forwarded: str, scheme: str, https: bool
) -> None:
    assert over_https(hops, forwarded, scheme) is https
