"""deploy/haproxy under a real HAProxy: what reaches the backend, and what is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.deploy.gateways.running import in_front
from tests.harness import namespaces
from tests.harness.certificates import certificate
from tests.harness.nginx import Backend, bearer, changed, hash_of
from tests.harness.phone import Phone
from tests.harness.redis_process import free_port
from tests.harness.signer import Signer
from tests.harness.site import Site
from tests.house.source import ROOT

FOLDER = ROOT / "deploy/haproxy"
KEY = "a1:nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
SETTINGS = {
    "WXLOGIN_TRUSTED_HOPS": "1",
    "WXLOGIN_REQUIRE_HTTPS": "on",
    "WXLOGIN_AUTH_SIGNING": "required",
    "WXLOGIN_ASSERTION_KEYS": KEY,
}


def installed() -> str:
    """Where HAProxy is; a test without it is skipped."""
    found = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    return found or pytest.skip("haproxy is not installed (apt-get install haproxy)")


@pytest.fixture
def direct(make_site: Callable[..., Site]) -> Site:
    """A wxlogin."""
    return make_site(**SETTINGS)


@pytest.fixture
def edits() -> dict[str, str]:
    """What a test changes in haproxy.cfg besides."""
    return {}


@pytest.fixture
def site(direct: Site, backend: Backend, tmp_path: Path, edits: dict[str, str]) -> Iterator[Site]:
    """A wxlogin behind HAProxy."""
    binary = installed()
    here, port, plain = tmp_path / "haproxy", free_port(), free_port()
    here.mkdir()
    pem = certificate(here, "haproxy")
    both = here / "both.pem"
    both.write_bytes(pem.read_bytes() + pem.with_suffix(".key").read_bytes())
    wxlogin = urlsplit(direct.base).netloc
    lua = changed((FOLDER / "wxlogin.lua").read_text("utf-8"), {"127.0.0.1:8000": wxlogin})
    (here / "wxlogin.lua").write_text(lua, encoding="utf-8")
    configuration = changed(
        (FOLDER / "haproxy.cfg").read_text(encoding="utf-8"),
        {
            "    log /dev/log local0\n    user haproxy\n    group haproxy\n": (
                "    log stdout format raw local0\n"
            ),
            "/etc/haproxy/wxlogin.lua": str(here / "wxlogin.lua"),
            "bind :80": f"bind 127.0.0.1:{plain}",
            "bind :443 ssl crt /etc/haproxy/login.example.com.pem": (
                f"bind 127.0.0.1:{port} ssl crt {both}"
            ),
            "127.0.0.1:8000": wxlogin,
            "127.0.0.1:9000": urlsplit(backend.base).netloc,
            **edits,
        },
    )
    (here / "haproxy.cfg").write_text(configuration, encoding="utf-8")
    with in_front(direct, [binary, "-db", "-f", str(here / "haproxy.cfg")], port, pem) as site:
        yield site


@pytest.mark.parametrize("target", ["/orders?b=%E4%BD%A0&a", "/v1%2Forders//%E4%BD%A0?x=1"])
def test_a_signed_call_reaches_the_backend_with_who_asks(
    phone: Phone, backend: Backend, target: str
) -> None:
    body = b'{"n": 1}'
    signed = Signer(phone).sign("POST", target, body)
    forged = dict.fromkeys(("X-Wxlogin-User", "X_Wxlogin_User", "X-Wxlogin_Person"), "forged")
    forged |= {"X-Wxlogin-External-Id": "forged", "X-Forwarded-For": "203.0.113.9"}
    headers = {**signed, **hash_of(body), **forged}
    answer = phone.ask("POST", target, data=body, headers=headers)
    assert (answer.status_code, answer.text) == (200, "from the backend")
    (got,) = backend.got
    assert (got.method, got.target, got.body) == ("POST", target, body)
    told = {name.lower(): value for name, value in got.headers.items()}
    phone.site.tokens.add(told.pop("x-wxlogin-assertion"))
    named = {name: value for name, value in told.items() if "wxlogin" in name}
    assert len(named.pop("x-wxlogin-person")) == 22
    assert named == {
        "x-wxlogin-user": phone.user_id,
        "x-wxlogin-app": phone.site.settings.wx_appid,
        "x-wxlogin-session": phone.session_id,
        "x-wxlogin-content-sha256": hash_of(body)["X-Wxlogin-Content-SHA256"],
    }
    assert "authorization" not in told
    assert told["x-forwarded-for"] == "127.0.0.1"


def test_a_refusal_comes_back_whole_and_the_backend_hears_nothing(
    direct: Site, phone: Phone, backend: Backend
) -> None:
    site = phone.site
    assert site.problem(phone.ask("POST", "/orders")) == "REQUEST_UNSIGNED"
    forged = {"X-Original-Method": "GET", "X-Forwarded-Method": "GET"}
    assert site.problem(phone.ask("POST", "/orders", headers=forged)) == "REQUEST_UNSIGNED"
    assert phone.ask("GET", "/orders").status_code == 200
    backend.got.clear()
    token, phone.token = phone.token, ""
    refused = phone.ask("GET", "/orders")
    assert site.problem(refused) == "TOKEN_MISSING"
    assert refused.json()["action"] == "relogin"
    direct._server.shutdown()
    direct._server.server_close()
    out = phone.ask("GET", "/orders", headers=bearer(token))
    assert (out.status_code, out.json()["code"]) == (503, "STORE_UNAVAILABLE")
    assert out.headers["Retry-After"] == "2"
    assert backend.got == []


def test_the_files_as_they_stand_pass_the_check_of_the_page(tmp_path: Path) -> None:
    namespaces.needed()
    binary, scratch = installed(), tmp_path / "scratch"
    scratch.mkdir()
    pages = [(ROOT / f"docs/gateways{one}.md").read_text("utf-8") for one in ("", ".zh-CN")]
    (check,) = {re.findall(r"`(haproxy -c [^`]+)`", page)[0] for page in pages}
    pem = certificate(tmp_path, "haproxy")
    script = f"""
        cp {FOLDER}/haproxy.cfg {FOLDER}/wxlogin.lua /etc/haproxy/
        cat {pem} {pem.with_suffix(".key")} > /etc/haproxy/login.example.com.pem
        {check}
        echo checked
        rm /etc/haproxy/wxlogin.lua
        ! {check}"""
    path = {"PATH": f"{Path(binary).parent}:/usr/bin:/bin"}
    done = namespaces.secluded(script, scratch, path, longest=120)
    assert done.returncode == 0, done.stdout
    said = done.stdout.partition("checked")[0]
    assert not re.search(r"WARNING|ALERT", said), said


class TestFromElsewhere:
    """Callers that are not in the team's networks."""

    @pytest.fixture
    def edits(self) -> dict[str, str]:
        """Nobody here is the team's."""
        return {"acl ours src 127.0.0.0/8 ": "acl ours src "}

    def test_the_calls_of_services_are_for_the_team_s_networks(self, phone: Phone) -> None:
        for path in ("/v1/introspect", "/v1/service/sign", "/v1/%73ervice/sign"):
            answer = phone.ask("POST", path)
            assert (answer.status_code, "X-Wxlogin-Error" in answer.headers) == (404, False)
        assert phone.site.request("GET", "/.well-known/jwks.json").json()["keys"]
