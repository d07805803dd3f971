import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from wxlogin.sandbox import Fault, SandboxServer, World

from .client import SNS_TAIL, Client
from .client import assert_refused as refused

PATH = "/sns/jscode2session"


def test_an_errcode_refuses_one_call_with_wechats_text(
    client: Client, server: SandboxServer
) -> None:
    code = server.world.login_code()
    server.faults.queue(PATH, Fault(errcode=-1))
    refused(client.exchange(code), -1, "system error", SNS_TAIL)
    assert "openid" in client.exchange(code)


def test_an_errmsg_of_ones_own_is_sent(client: Client, server: SandboxServer) -> None:
    server.faults.queue(PATH, Fault(errcode=99999, errmsg="odd"))
    refused(client.exchange("x"), 99999, "odd", SNS_TAIL)


def test_an_errcode_without_a_text_still_has_one(client: Client, server: SandboxServer) -> None:
    server.faults.queue(PATH, Fault(errcode=99999))
    refused(client.exchange("x"), 99999, "unknown error", SNS_TAIL)


def test_faults_are_given_out_in_their_order_and_path(
    client: Client, server: SandboxServer
) -> None:
    server.faults.queue(PATH, Fault(errcode=45011), times=2)
    server.faults.queue(PATH, Fault(errcode=45009))
    server.faults.queue("/cgi-bin/stable_token", Fault(errcode=-1))
    answers = [client.exchange("x")["errcode"] for _ in range(4)]
    assert answers == [45011, 45011, 45009, 40029]
    assert client.stable_token()["errcode"] == -1


def test_who_asks_is_told_how_many_faults_wait(client: Client, server: SandboxServer) -> None:
    assert client.get("/sandbox/faults").json() == {"waiting": {}}
    server.faults.queue(PATH, Fault(errcode=45011), times=2)
    client.exchange("x")
    assert client.get("/sandbox/faults").json() == {"waiting": {PATH: 1}}


def test_an_errcode_after_the_work_spends_the_code(client: Client, server: SandboxServer) -> None:
    code = server.world.login_code()
    server.faults.queue(PATH, Fault(errcode=-1, after=True))
    assert client.exchange(code)["errcode"] == -1
    assert client.exchange(code)["errcode"] == 40163


def test_a_status_comes_with_a_gateways_page(client: Client, server: SandboxServer) -> None:
    server.faults.queue(PATH, Fault(status=502))
    answer = client.get(PATH)
    assert answer.status_code == 502
    assert answer.text.startswith("<html>")


def test_a_raw_body_and_content_type_are_sent_as_they_are(
    client: Client, server: SandboxServer
) -> None:
    server.faults.queue(PATH, Fault(body=b"\xff\x00{", content_type="image/png"))
    answer = client.get(PATH)
    assert answer.status_code == 200
    assert answer.content == b"\xff\x00{"
    assert answer.headers["Content-Type"] == "image/png"


def test_a_size_pads_the_answer_and_leaves_it_json(client: Client, server: SandboxServer) -> None:
    server.faults.queue(PATH, Fault(body='{"openid":"o"}', size=70000))
    answer = client.get(PATH)
    assert len(answer.content) == 70000
    assert answer.json() == {"openid": "o"}


def test_a_content_type_alone_leaves_the_answer(client: Client, server: SandboxServer) -> None:
    server.faults.queue(PATH, Fault(content_type="text/html"))
    answer = client.get(PATH)
    assert answer.headers["Content-Type"] == "text/html"
    assert answer.json()["errcode"] == 41002


def test_a_delay_alone_leaves_the_answer(client: Client, server: SandboxServer) -> None:
    for after in (False, True):
        server.faults.queue(PATH, Fault(delay=0.2, after=after))
        code = server.world.login_code()
        started = time.monotonic()
        assert "openid" in client.exchange(code)
        assert time.monotonic() - started >= 0.2


def test_a_closed_connection_leaves_the_code(client: Client, server: SandboxServer) -> None:
    code = server.world.login_code()
    server.faults.queue(PATH, Fault(close=True))
    with pytest.raises(requests.ConnectionError):
        client.exchange(code)
    assert "openid" in client.exchange(code)


def test_a_connection_closed_after_the_work_has_spent_the_code(
    client: Client, server: SandboxServer
) -> None:
    code = server.world.login_code()
    server.faults.queue(PATH, Fault(close=True, after=True))
    with pytest.raises(requests.ConnectionError):
        client.exchange(code)
    assert client.exchange(code)["errcode"] == 40163


def test_a_faulty_call_is_counted(client: Client, server: SandboxServer, world: World) -> None:
    server.faults.queue(PATH, Fault(errcode=-1))
    client.exchange("x")
    assert world.calls[PATH] == 1


def test_a_hold_keeps_calls_until_it_is_set(client: Client, server: SandboxServer) -> None:
    code = server.world.login_code()
    hold = server.faults.hold(PATH)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.exchange, code)
        assert hold.arrived()
        assert not waiting.done()
        assert server.world.calls[PATH] == 1
        hold.set()
        assert "openid" in waiting.result(timeout=10)
    assert client.exchange(code)["errcode"] == 40163


def test_a_hold_ends_with_its_block(client: Client, server: SandboxServer) -> None:
    with server.faults.hold(PATH) as hold, ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.exchange, "x")
        assert hold.arrived()
        hold.set()
        assert waiting.result(timeout=10)["errcode"] == 40029
    with server.faults.hold(PATH) as hold:
        pass
    assert hold.is_set()
    assert client.exchange("x")["errcode"] == 40029


def test_a_hold_knows_when_nobody_came(server: SandboxServer) -> None:
    assert server.faults.hold(PATH).arrived(timeout=0.01) is False


def test_a_path_is_held_by_one_hold_at_a_time(server: SandboxServer) -> None:
    first = server.faults.hold(PATH)
    with pytest.raises(ValueError, match="release that hold first"):
        server.faults.hold(PATH)
    first.set()
    assert not server.faults.hold(PATH).is_set()


def test_clear_drops_faults_releases_holds_and_cuts_delays(
    client: Client, server: SandboxServer
) -> None:
    hold = server.faults.hold(PATH)
    server.faults.queue(PATH, Fault(errcode=-1))
    server.faults.queue(PATH, Fault(errcode=-1))
    with ThreadPoolExecutor() as pool:
        held = pool.submit(client.exchange, "x")
        assert hold.arrived()
        server.faults.clear()
        assert held.result(timeout=10)["errcode"] == -1
    assert client.exchange("x")["errcode"] == 40029


@pytest.mark.parametrize("after", [False, True])
def test_stop_ends_holds_and_delays(client: Client, server: SandboxServer, *, after: bool) -> None:
    server.faults.queue(PATH, Fault(delay=60, after=after))
    hold = server.faults.hold(PATH)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.exchange, "x")
        assert hold.arrived()
        server.stop()
        assert waiting.result(timeout=9)["errcode"] == 40029


def test_a_fault_for_an_unknown_path_is_refused(server: SandboxServer) -> None:
    for call in (lambda: server.faults.queue("/x", Fault()), lambda: server.faults.hold("/x")):
        with pytest.raises(ValueError, match="path must be one of /sns/jscode2session"):
            call()


@pytest.mark.parametrize("times", [0, 1001, True, "2"])
def test_a_fault_is_queued_a_sane_number_of_times(server: SandboxServer, times: object) -> None:
    with pytest.raises(ValueError, match="times must be a whole number"):
        server.faults.queue(PATH, Fault(), times)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"delay": 61}, "delay must be a number from 0 to 60"),
        ({"delay": float("nan")}, "delay must be a number"),
        ({"delay": "1"}, "delay must be a number"),
        ({"errcode": "-1"}, "errcode must be a number"),
        ({"errcode": True}, "errcode must be a number"),
        ({"status": 101}, "status must be a number from 200 to 599"),
        ({"size": 10**9}, "size must be a number"),
        ({"errcode": -1, "errmsg": 5}, "errmsg must be"),
        ({"errmsg": "text"}, "errmsg needs an errcode"),
        ({"content_type": "a\r\nb"}, "content_type must be"),
        ({"body": 5}, "body must be text"),
        ({"close": 1}, "close and after must be true or false"),
    ],
)
def test_a_fault_out_of_bounds_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**fields)
