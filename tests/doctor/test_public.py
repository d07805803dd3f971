"""What the doctor finds of the way from the internet, through real proxies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import databases
from tests.harness.balancer import ADDRESS, Balancer
from tests.harness.clock import SettableClock
from tests.harness.patient import findings, of_site
from tests.harness.raw_server import RawServer, reply
from tests.harness.site import Site
from wxlogin.doctor.invitation import PATH, invite
from wxlogin.doctor.public_check import FORGED

MakeSite = Callable[..., Site]
DAY = 86_400


@pytest.fixture
def balanced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Balancer]]:
    """Puts a balancer before a URL; this machine trusts its certificate."""
    binary = databases.binary("nginx")
    if binary is None:
        pytest.skip("nginx is not installed (apt-get install nginx-light)")
    started: list[Balancer] = []

    def balance(behind: str, **edits: str) -> Balancer:
        directory = tmp_path / f"balancer{len(started)}"
        started.append(Balancer(str(binary), directory, behind))
        site = directory / "site.conf"
        for old, new in edits.items():
            site.write_text(site.read_text().replace(old, new))
        started[-1].start()
        monkeypatch.setenv("SSL_CERT_FILE", str(started[-1].certificate))
        return started[-1]

    yield balance
    for one in started:
        one.stop()


def test_without_the_address_the_proxies_are_unknown(site: Site) -> None:
    found = of_site("public", site)
    assert [(code, one.level) for code, one in found.items()] == [("public.not_set", "unknown")]


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_one_proxy_and_one_trusted_hop_are_in_order(
    site: Site, balanced: Callable[..., Balancer]
) -> None:
    found = of_site("public", site, public_url=balanced(site.base).base)
    assert list(found) == ["public.certificate_ends", "public.seen"]
    assert "as 127.0.0.1, behind 1 proxies" in found["public.seen"].say("en").what


def test_a_certificate_that_lasts_is_in_order(
    site: Site, balanced: Callable[..., Balancer]
) -> None:
    url, clock = balanced(site.base).base, SettableClock()
    clock.forward(-20 * DAY)
    settings = site.settings.model_copy(update={"public_url": url})
    assert "public.certificate" in findings("public", settings, clock)


def test_a_certificate_that_nobody_trusts_is_named(
    site: Site, balanced: Callable[..., Balancer], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = balanced(site.base).base
    monkeypatch.delenv("SSL_CERT_FILE")
    found = of_site("public", site, public_url=url)
    assert list(found) == ["public.certificate_wrong"]
    assert "self-signed" in found["public.certificate_wrong"].say("en").what


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_two_proxies_and_one_trusted_hop_are_named(
    site: Site, balanced: Callable[..., Balancer]
) -> None:
    inner = balanced(site.base)
    found = of_site("public", site, public_url=balanced(inner.base).base)["public.too_few_hops"]
    assert ADDRESS in found.say("en").what
    assert found.say("en").do == "Set WXLOGIN_TRUSTED_HOPS to 2."


@pytest.mark.parametrize("trusted", ["1", "8"])
def test_more_trusted_hops_than_proxies_are_named(make_site: MakeSite, trusted: str) -> None:
    site = make_site(WXLOGIN_TRUSTED_HOPS=trusted)
    found = of_site("public", site, public_url=site.base)
    assert list(found) == ["public.too_many_hops"]
    assert found["public.too_many_hops"].say("en").do == "Set WXLOGIN_TRUSTED_HOPS to 0."


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1")
def test_a_proxy_that_hides_the_address_is_named(
    site: Site, balanced: Callable[..., Balancer]
) -> None:
    hidden = {"X-Forwarded-For $proxy_add_x_forwarded_for": 'X-Forwarded-For ""'}
    url = balanced(site.base, **hidden).base
    assert "public.not_forwarded" in of_site("public", site, public_url=url)


@pytest.mark.settings(WXLOGIN_TRUSTED_HOPS="1", WXLOGIN_REQUIRE_HTTPS="on")
def test_a_proxy_that_does_not_say_https_is_named(
    site: Site, balanced: Callable[..., Balancer]
) -> None:
    silent = {"X-Forwarded-Proto $scheme": 'X-Forwarded-Proto ""'}
    url = balanced(site.base, **silent).base
    assert "public.https_unseen" in of_site("public", site, public_url=url)
    url = balanced(site.base).base
    assert "public.https_unseen" not in of_site("public", site, public_url=url)


def test_https_that_is_not_required_and_not_seen_is_named(
    site: Site, balanced: Callable[..., Balancer]
) -> None:
    assert "public.https_unseen" in of_site("public", site, public_url=balanced(site.base).base)


def test_plain_http_in_production_is_named(site: Site) -> None:
    assert list(of_site("public", site, public_url=site.base)) == ["public.seen"]
    production = {"env": "production", "public_url": site.base}
    assert "public.plain" in of_site("public", site, **production)


@pytest.mark.parametrize("body", [b"welcome", b"[]", b"{}"])
def test_an_address_that_leads_elsewhere_is_named(site: Site, body: bytes) -> None:
    with RawServer(reply(body)) as other:
        found = of_site("public", site, public_url=other.base)
    assert list(found) == ["public.elsewhere"]


def test_a_redirect_is_not_followed(site: Site) -> None:
    with RawServer(reply(b"", "301 Moved Permanently", location=site.base)) as other:
        found = of_site("public", site, public_url=other.base)
    assert list(found) == ["public.elsewhere"]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_that_this_host_does_not_reach_is_unknown(site: Site, scheme: str) -> None:
    found = of_site("public", site, public_url=f"{scheme}://127.0.0.1:9")
    assert [(code, one.level) for code, one in found.items()] == [("public.unreachable", "unknown")]


def test_nobody_else_is_told_of_the_proxies(site: Site) -> None:
    unknown = site.request("GET", "/v1/nothing-here")
    for nonce in ("guess", "x" * 500, "%2e%2e"):
        answer = site.request("GET", PATH + nonce)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
        assert answer.json()["detail"] == unknown.json()["detail"]


@pytest.mark.settings(WXLOGIN_LIMIT_FAIL_IP="3/minute")
def test_guessing_counts_as_a_failure(site: Site) -> None:
    for n in range(4):
        site.request("GET", f"{PATH}guess{n}")
    site.services.limits.failures.flush()
    assert site.request("GET", f"{PATH}guess").status_code == 429


def test_a_nonce_is_answered_for_a_minute(site: Site) -> None:
    nonce = invite(site.services.redis)
    answer = site.request("GET", PATH + nonce, headers={"X-Forwarded-For": FORGED})
    assert answer.json() == {"forwarded_for": FORGED, "address": "127.0.0.1", "https": False}
    assert site.broken_keys() == []
    (name,) = site.redis.keys("wxl:1:doctor:*")
    assert nonce not in name
    assert 0 < site.redis.ttl(name) <= 60
