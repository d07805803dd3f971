"""The picture of a user: fetched by this server, from known hosts, for those who may see it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.admin.forms import seen
from tests.harness.certificates import certificate
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.accounts.avatars import KEPT_SECONDS, LONGEST, Avatars
from wxlogin.extensions import db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
MakeSite = Callable[..., Site]


class Cdn(LoopbackServer):
    """Serves one thing over TLS, and counts how often it was asked."""

    def __init__(self, path: Path) -> None:
        self.content, self.status, self.mimetype = PNG, 200, "image/png"
        self.asked: list[dict[str, str]] = []
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path, path.with_suffix(".key"))
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{self.base.replace('http:', 'https:')}/1.png"

    def _handler(self) -> type[QuietHandler]:
        cdn = self

        class Handler(QuietHandler):
            def do_GET(self) -> None:  # noqa: N802  the library's name
                cdn.asked.append(dict(self.headers))
                self.send_response(cdn.status)
                self.send_header("Content-Type", cdn.mimetype)
                self.send_header("Location", cdn.url)
                self.end_headers()
                self.wfile.write(cdn.content)

        return Handler


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    """A certificate of this machine."""
    return certificate(tmp_path, "cdn")


@pytest.fixture
def cdn(trusted: Path) -> Iterator[Cdn]:
    """A host of pictures."""
    with Cdn(trusted) as server:
        yield server


@pytest.fixture
def shown(make_site: MakeSite, trusted: Path) -> Site:
    """A site that shows pictures of this machine."""
    site = make_site(WXLOGIN_AVATAR_HOSTS="127.0.0.1")
    site.services.accounts.avatars._http.verify = str(trusted)
    return site


@pytest.fixture
def owner(shown: Site) -> Operator:
    """An owner of it."""
    return Operator(shown, "owner").sign_in()


def pictured(site: Site, url: str) -> str:
    """The id of a user who gave this picture."""
    phone = Phone(site)
    phone.login()
    profile = {"nickname": "<小明>", "avatar_url": url}
    assert phone.ask("PUT", "/v1/me/profile", json=profile).ok
    return phone.user_id


def avatar(owner: Operator, user: str) -> requests.Response:
    """What the picture's address answers."""
    cookies = {"wxlogin_admin": owner.cookie}
    return owner.site.request(
        "GET", f"/admin/users/{user}/avatar", cookies=cookies, allow_redirects=False
    )


def test_it_is_fetched_by_the_server_and_kept_a_while(
    shown: Site, owner: Operator, cdn: Cdn, clock: SettableClock
) -> None:
    user = pictured(shown, cdn.url)
    assert f'src="/admin/users/{user}/avatar"' in seen(owner, f"/admin/users/{user}")
    for _ in range(2):
        answer = avatar(owner, user)
        assert (answer.content, answer.headers["Content-Type"]) == (PNG, "image/png")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (asked,) = cdn.asked
    assert not {"Cookie", "Referer", "X-Request-Id"} & set(asked)
    clock.forward(KEPT_SECONDS + 1)
    assert avatar(owner.sign_in(), user).content == PNG
    assert len(cdn.asked) == 2
    look = owner.trail(f"user:{user}")[-1]
    assert look["act"] == "user.read_avatar"


@pytest.mark.parametrize(
    ("content", "status", "mimetype"),
    [
        (b"<html><script>alert(1)</script>", 200, "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 200, "image/svg+xml"),
        (PNG, 404, "image/png"),
        (PNG, 302, "image/png"),
        (PNG + b"\0" * LONGEST, 200, "image/png"),
        (b"", 200, "image/png"),
    ],
    ids=["HTML", "SVG", "not there", "leads elsewhere", "too long", "nothing"],
)
def test_what_is_no_picture_is_the_first_letter(
    shown: Site, owner: Operator, cdn: Cdn, content: bytes, status: int, mimetype: str
) -> None:
    user = pictured(shown, cdn.url)
    cdn.content, cdn.status, cdn.mimetype = content, status, mimetype
    for _ in range(2):
        answer = avatar(owner, user)
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert "&lt;</text>" in answer.text
    assert len(cdn.asked) == 1


@pytest.mark.parametrize("hosts", ["none", "qlogo.cn", "cdn.example.com"])
def test_a_host_that_is_not_named_is_never_asked(make_site: MakeSite, cdn: Cdn, hosts: str) -> None:
    site = make_site(WXLOGIN_AVATAR_HOSTS=hosts)
    user, owner = pictured(site, cdn.url), Operator(site, "owner").sign_in()
    page = seen(owner, f"/admin/users/{user}")
    assert "/avatar" not in page
    assert '<span class="avatar" aria-hidden="true">&lt;</span>' in page
    assert avatar(owner, user).headers["Content-Type"].startswith("image/svg+xml")
    assert cdn.asked == []


def test_production_asks_no_private_address(shown: Site, cdn: Cdn, trusted: Path) -> None:
    profile = {"avatarUrl": cdn.url}
    for unrestricted in (True, False):
        avatars = Avatars(db.session, ["127.0.0.1"], shown.clock, unrestricted=unrestricted)
        avatars._http.verify = str(trusted)
        with shown.app.app_context():
            assert (avatars.get(profile) is not None) == unrestricted
    assert len(cdn.asked) == 1


def test_who_may_not_reveal_users_sees_the_first_letter(
    shown: Site, owner: Operator, cdn: Cdn
) -> None:
    user = pictured(shown, cdn.url)
    viewer = Operator(shown, "viewer").sign_in()
    assert "/avatar" not in seen(viewer, f"/admin/users/{user}")
    assert avatar(viewer, user).status_code == 403
    assert cdn.asked == []


def test_old_addresses_of_wechat_are_asked_over_tls(shown: Site) -> None:
    avatars = shown.services.accounts.avatars
    assert avatars.url_of({"avatarUrl": "http://127.0.0.1/1"}) == "https://127.0.0.1/1"
    for url in ("ftp://127.0.0.1/1", "https://127.0.0.1.example.com/", "https://[/", "x", ""):
        assert avatars.url_of({"avatarUrl": url}) == ""
    assert avatars.url_of(None) == ""
