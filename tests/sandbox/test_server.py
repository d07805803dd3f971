import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from wxlogin.sandbox import SandboxServer, World

from .client import APPID, CGI_TAIL, OTHER_APPID, SECRET, Client
from .client import assert_refused as refused


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "localhost", "example.com", ""])
def test_a_host_that_is_not_loopback_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"its host must be 127\.0\.0\.1 or ::1"):
        SandboxServer({APPID: SECRET}, host=host)


def test_the_base_is_known_once_it_listens() -> None:
    server = SandboxServer({APPID: SECRET})
    with pytest.raises(RuntimeError, match="start the sandbox first"):
        _ = server.base
    with server:
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", server.base)
        with pytest.raises(RuntimeError, match="running already"):
            server.start()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sandbox/orders"),
        ("POST", "/sandbox/faults"),
        ("POST", "/sandbox/code"),
        ("GET", "/sandbox/webhooks.json"),
        ("GET", "/cgi-bin/token"),
        ("GET", "/nothing"),
    ],
)
def test_a_page_whose_name_leads_here_is_refused(client: Client, method: str, path: str) -> None:
    """A browser sends that name along (DNS rebinding)."""
    port = client.server.base.rpartition(":")[2]
    for name in (f"evil.example:{port}", "127.0.0.1.evil.example", "[", ""):
        answer = client.http.request(
            method, client.server.base + path, headers={"Host": name}, json={}, timeout=10
        )
        assert answer.status_code == 403, name


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST:8001"])
def test_every_name_of_this_machine_is_answered(client: Client, name: str) -> None:
    answer = client.http.get(
        client.server.base + "/sandbox/code", headers={"Host": name}, timeout=10
    )
    assert list(answer.json()) == ["code"]


def test_stop_closes_the_door_and_start_opens_the_same_one(client: Client) -> None:
    server, base = client.server, client.server.base
    code = server.world.login_code()
    server.stop()
    server.stop()
    with pytest.raises(requests.ConnectionError):
        client.exchange(code)
    server.start()
    assert server.base == base
    assert "openid" in client.exchange(code)


def test_a_taken_port_is_an_oserror(server: SandboxServer) -> None:
    port = int(server.base.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        SandboxServer({APPID: SECRET}, port=port).start()


def test_it_serves_ipv6_loopback_where_there_is_one() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with SandboxServer({APPID: SECRET}, host="::1") as server, requests.Session() as http:
        http.trust_env = False
        answer = http.get(server.base + "/sandbox/code", timeout=10)
        assert answer.url.startswith("http://[::1]:")
        assert list(answer.json()) == ["code"]


def test_requests_leave_no_trace_on_stdout_stderr_or_in_logs(
    client: Client,
    world: World,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    client.exchange(world.login_code())
    client.get("/sandbox/nothing")
    with socket.create_connection(("127.0.0.1", int(client.server.base.rpartition(":")[2]))) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        raw.recv(100)
    assert capfd.readouterr() == ("", "")
    assert [r.name for r in caplog.records if not r.name.startswith("urllib3")] == []


def test_an_unknown_path_is_an_invalid_url(client: Client, world: World) -> None:
    for path in ("/cgi-bin/nothing", "/cgi-bin//token", "/"):
        answer = client.get(path)
        assert answer.status_code == 200
        refused(answer.json(), 40066, "invalid url", CGI_TAIL)
    put = client.http.put(client.server.base + "/cgi-bin/token", timeout=10)
    refused(put.json(), 40066, "invalid url", CGI_TAIL)
    assert world.calls == {"unknown": 4}


def test_calls_are_counted_by_path(client: Client, world: World) -> None:
    client.exchange("x")
    client.exchange("x")
    client.token()
    assert world.calls == {"/sns/jscode2session": 2, "/cgi-bin/stable_token": 1}


def test_one_code_sent_many_times_at_once_works_once(client: Client, world: World) -> None:
    code = world.login_code()
    query = {
        "appid": APPID,
        "secret": SECRET,
        "js_code": code,
        "grant_type": "authorization_code",
    }

    def exchange(_: int) -> dict[str, str]:
        with requests.Session() as http:
            http.trust_env = False
            url = client.server.base + "/sns/jscode2session"
            return http.get(url, params=query, timeout=10).json()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(exchange, range(8)))
    assert sum("openid" in answer for answer in answers) == 1
    assert sum(answer.get("errcode") == 40163 for answer in answers) == 7


def test_users_are_the_same_after_a_restart(world: World) -> None:
    again = SandboxServer({APPID: SECRET}).world
    assert again.openid("bob") == world.openid("bob")
    world.open_platform = again.open_platform = True
    assert again.unionid("bob") == world.unionid("bob")


def test_openids_differ_by_user_and_app(world: World) -> None:
    world.open_platform = True
    ids = {
        world.openid("bob"),
        world.openid("bob", OTHER_APPID),
        world.openid("carol"),
        world.unionid("bob"),
        world.unionid("carol"),
    }
    assert len(ids) == 5
    # Past the six characters that name the app or the platform, nothing links them.
    assert len({one[6:] for one in ids if one}) == 5
    assert all(re.fullmatch(r"o[A-Za-z0-9_-]{27}", one or "") for one in ids)


@pytest.mark.parametrize("user", ["", "x" * 65, "a\tb", "\ud800"])
def test_a_bad_user_name_is_refused(world: World, user: str) -> None:
    with pytest.raises(ValueError, match="user must be 1 to 64 printable characters"):
        world.login_code(user)


def test_a_bad_app_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="appid must be wx"):
        world.add_app("wx1", SECRET)
    with pytest.raises(ValueError, match="an AppSecret must be 32"):
        world.add_app("wx00000000000000aa", "short")
    with pytest.raises(ValueError, match="appid is not registered"):
        world.login_code("bob", "wx00000000000000aa")
    with pytest.raises(ValueError, match="at least one app"):
        SandboxServer({})
