"""docs/backends.md: each sample asks a real wxlogin, and takes its webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.backends import samples
from tests.backends.samples import Ask
from tests.backends.switch import Switch
from tests.harness.console import Service
from tests.harness.nginx import bearer
from tests.harness.phone import Phone
from tests.harness.site import Site
from tests.harness.team import Received, Team, dispatch
from tests.harness.timing import eventually
from tests.house.source import ROOT

PROGRAMS = {"Express": samples.express, "Go": samples.go, "Java": samples.java}
NAMES = ["Flask", "FastAPI", "Django", *PROGRAMS]
SAMPLES = [pytest.param(name, marks=pytest.mark.slow if name in PROGRAMS else ()) for name in NAMES]


@pytest.fixture
def switch(site: Site) -> Iterator[Switch]:
    """The way from the sample to wxlogin."""
    with Switch(site) as switch:
        yield switch


@pytest.fixture
def team() -> Iterator[Team]:
    """Receives the webhooks that the sample is then sent."""
    with Team() as team:
        yield team


@pytest.fixture
def told(site: Site, switch: Switch, team: Team) -> Mapping[str, str]:
    """The environment of a sample."""
    return {
        "LOGIN_URL": switch.base,
        "LOGIN_TOKEN": Service(site, "introspect").token,
        "LOGIN_HOOK_SECRET": team.subscribe(site)[1],
    }


@pytest.fixture(params=SAMPLES)
def ask(
    request: pytest.FixtureRequest,
    told: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Ask]:
    """Each sample in turn."""
    if request.param in PROGRAMS:
        directory = tmp_path / "sample"
        directory.mkdir()
        command = PROGRAMS[request.param](directory)
        with samples.process(command, directory, told) as program:
            yield program
        return
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    number = 1 + NAMES.index(request.param)
    with samples.python_sample(f"python {number}", monkeypatch) as module:
        if request.param == "FastAPI":
            yield samples.of_asgi(module.app)
        else:
            is_flask = request.param == "Flask"
            yield samples.of_wsgi(module.app if is_flask else samples.django_app(module))


def test_a_sample_knows_who_calls_and_takes_what_is_signed(
    site: Site, phone: Phone, switch: Switch, team: Team, ask: Ask
) -> None:
    phone.login()
    mine = bearer(phone.token)
    assert ask("GET", "/orders", mine) == 200
    # On a busy machine an answer may be over before the third call: then once more.
    eventually(lambda: asked_by_three(switch, ask, mine) <= 1)
    for nobody in ({}, bearer("forged"), bearer("x" * 300), {"Authorization": phone.token}):
        assert ask("GET", "/orders", nobody) == 401
    phone.logout()
    eventually(lambda: ask("GET", "/orders", mine) == 401)
    switch.on = False
    assert ask("GET", "/orders", {}) == 401
    eventually(lambda: ask("GET", "/orders", mine) == 503)
    dispatch(site)
    for sent in team.got:
        assert ask("POST", "/hooks", sent.headers, sent.body.encode()) == 204
        assert {ask("POST", "/hooks", *wrong) for wrong in spoilt(sent)} == {401}


def asked_by_three(switch: Switch, ask: Ask, mine: dict[str, str]) -> int:
    """How often wxlogin is asked about three calls in a row."""
    before = switch.asked
    assert [ask("GET", "/orders", mine) for _ in range(3)] == [200, 200, 200]
    return switch.asked - before


def spoilt(sent: Received) -> Iterator[tuple[dict[str, str], bytes]]:
    """What is not a webhook of wxlogin's of this moment."""
    headers, body = sent.headers, sent.body.encode()
    yield headers, body.replace(b"user", b"User", 1)
    yield {**headers, "webhook-id": "another"}, body
    yield {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}, body
    yield {**headers, "webhook-timestamp": "soon"}, body
    yield {**headers, "webhook-signature": "v1,"}, body
    yield {n: v for n, v in headers.items() if n != "webhook-signature"}, body


@pytest.mark.slow
def test_the_filter_of_spring_boot_compiles(tmp_path: Path) -> None:
    samples.compile_spring(tmp_path)
    assert (tmp_path / "out/SignedIn.class").exists()
    assert (tmp_path / "out/Orders.class").exists()


@pytest.mark.slow
def test_the_interceptor_beside_sa_token_compiles(tmp_path: Path) -> None:
    pages = [ROOT / f"docs/migrate{language}.md" for language in ("", ".zh-CN")]
    samples.compile_sa_token(tmp_path, pages[0])
    assert (tmp_path / "out/WxloginTokens.class").exists()
    english, chinese = ((page.read_text("utf-8").split("```java\n")[1]) for page in pages)
    assert english.partition("```")[0] == chinese.partition("```")[0]


def test_both_languages_show_the_same_code() -> None:
    shown = samples.codes(samples.PAGE)
    assert len(shown) == 8
    assert shown == samples.codes(samples.CHINESE)


def test_the_page_names_what_is_run() -> None:
    page = (ROOT / "docs/backends.md").read_text(encoding="utf-8")
    assert all(f"[{name}](#" in page for name in (*NAMES[:4], "Go"))
