"""What goes over the wire under gunicorn, as deploy/gunicorn.conf.py sets it up."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
import requests

from tests.harness.gunicorn_server import under_gunicorn
from tests.harness.phone import Phone
from tests.harness.signer import Signer
from tests.harness.site import Site
from wxlogin.development.address import Address

TARGET = "/v1/logout?x=%E4%BD%A0&next=//a/%2e%2e//b&x=1"
BODY = b'{"scope": "others"}'


@pytest.fixture
def gunicorn(site: Site) -> Iterator[Address]:
    """Gunicorn that wants every request signed."""
    with under_gunicorn(site, REQUEST_SIGNING="required") as address:
        yield address


def sent(address: Address, request: bytes) -> bytes:
    """What comes back for these bytes, behind which none follow, until the server closes."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_target_is_signed_as_it_came(site: Site, phone: Phone, gunicorn: Address) -> None:
    phone.login()
    signer = Signer(phone, gunicorn.url)
    assert signer.call("POST", TARGET, BODY).json() == {"ended": 0}
    absolute = signer.send("POST", gunicorn.url + TARGET, BODY, signer.sign("POST", TARGET, BODY))
    assert absolute.json() == {"ended": 0}
    # To routing one slash more at the start is the same address; to the signature it is not.
    assert signer.call("POST", f"/{TARGET}", BODY).json() == {"ended": 0}
    changed = (f"/{TARGET}", TARGET.lower(), TARGET.replace("//", "/"), TARGET.replace("2e", "2E"))
    for other in changed:
        answer = signer.send("POST", other, BODY, signer.sign("POST", TARGET, BODY))
        assert site.problem(answer) == "REQUEST_SIGNATURE_INVALID"


def test_a_target_of_a_request_without_a_body_is_signed_as_it_came(
    site: Site, phone: Phone, gunicorn: Address
) -> None:
    phone.login()
    signer, target = Signer(phone, gunicorn.url), TARGET.replace("logout", "session")
    assert signer.call("GET", target).ok
    changed = signer.send("GET", target.replace("2e", "2E"), b"", signer.sign("GET", target))
    assert site.problem(changed) == "REQUEST_SIGNATURE_INVALID"


@pytest.mark.parametrize(
    "path",
    [
        b"/healthz",
        b"/nowhere/%E4%BD%A0?a",
        b"/v1/auth",
        b"/v1/session",
        b"/admin/static/mark.svg",
        b"/admin/",
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"OPTIONS"])
def test_the_worker_answers_a_plain_request_as_gunicorn_does(
    gunicorn: Address, method: bytes, path: bytes
) -> None:
    head = method + b" " + path + b" HTTP/1.1\r\nHost: a\r\nX-Request-Id: of-this-test\r\n"
    plain = sent(gunicorn, head + b"\r\n")
    by_gunicorn = sent(gunicorn, head + b"X-A: b\r\nX-A: b\r\nConnection: keep-alive\r\n\r\n")
    assert plain.count(b"\r\nDate: ") == 1
    assert sorted(undated(plain)) == sorted(undated(by_gunicorn))
    assert undated(plain)[-1] == undated(by_gunicorn)[-1]


def undated(answer: bytes) -> list[bytes]:
    """The status, the headers without the date, and the body."""
    return [line for line in answer.split(b"\r\n") if not line.startswith(b"Date:")]


def test_a_body_in_chunks_is_signed_as_it_came(phone: Phone, gunicorn: Address) -> None:
    phone.login()
    headers = Signer(phone).sign("POST", "/v1/logout", BODY)
    head = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
    answer = requests.post(
        f"{gunicorn.url}/v1/logout",
        data=iter([BODY[:5], BODY[5:]]),
        headers={**head, **headers},
        timeout=10,
    )
    assert answer.json() == {"ended": 0}


def test_no_answer_names_the_server(gunicorn: Address) -> None:
    statuses = {
        b"GET /healthz HTTP/1.1\r\nConnection: close": b"200",
        b"GET /nowhere HTTP/1.1\r\nConnection: close": b"404",
        b"BROKEN": b"400",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 9000: b"431",
    }
    for request, status in statuses.items():
        answer = sent(gunicorn, request + b"\r\nHost: a\r\n\r\n")
        assert answer.split(b" ", 2)[1] == status
        assert b"server:" not in answer.lower()
        assert b"gunicorn" not in answer.lower()
