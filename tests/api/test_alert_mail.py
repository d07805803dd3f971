"""Alerts by e-mail, through a real mail server, and the test that shows what each receiver says."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.api.mail_server import PASSWORD, MailServer, mail_server
from tests.api.test_alerts import attack, deliver, forge
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.receiver import KEY, RULE, Answer, Receiver
from tests.harness.site import Site
from tests.harness.watched import alerts
from wxlogin.clock import system_clock
from wxlogin.extensions import db
from wxlogin.models import Alert
from wxlogin.settings.mail_values import mail_server as parsed
from wxlogin.watch.alert_delivery import MAX_ATTEMPTS
from wxlogin.watch.mail import Mail
from wxlogin.watch.messages import Message

TO = "ops@example.com, boss@example.com"
HELLO = Message("info", "Hello", [("Who", "`nobody`")], {})


def mailing(
    make_site: Callable[..., Site], server: MailServer, url: str = "", **settings: str
) -> Site:
    """A site that sends alerts by e-mail."""
    given = {**RULE, "WXLOGIN_SMTP_URL": url or server.url(), "WXLOGIN_ALERT_EMAIL": TO}
    site = make_site(**{**given, **settings})
    site.secrets.add(PASSWORD)
    return site


@pytest.mark.parametrize("form", ["starttls", "tls"])
def test_an_alert_and_its_end_come_by_mail_in_chinese(
    make_site: Callable[..., Site], tmp_path: Path, form: Literal["starttls", "tls"]
) -> None:
    with mail_server(tmp_path, form) as server:
        site = mailing(
            make_site,
            server,
            WXLOGIN_ALERT_LANGUAGE="zh",
            WXLOGIN_PUBLIC_URL="https://login.example.com",
        )
        attack(site)
        deliver(site)
        site.clock.forward(660)
        deliver(site)
        raised, over = server.got
    assert server.recipients == [["ops@example.com", "boss@example.com"]] * 2
    assert raised["Subject"] == "[wxlogin] 同一地址大量伪造令牌或无效 code"
    assert (raised["From"], raised["To"]) == ("alerts@example.com", TO)
    text = raised.get_content()
    assert "对象: 地址 192.0.2.1" in text
    assert "4 次（10 分钟内，超过 3 次即告警）" in text
    assert "查看: https://login.example.com/admin/alerts?rule=fail_ip" in text
    assert "UTC+08:00" in text
    assert over["Subject"] == "[wxlogin] 已恢复：同一地址大量伪造令牌或无效 code"


def test_each_channel_is_asked_again_by_itself(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    with mail_server(tmp_path) as server, Receiver() as receiver:
        site = mailing(make_site, server, WXLOGIN_ALERT_WEBHOOK=receiver.url)
        site.secrets.add(KEY)
        server.refusal = "451 busy"
        attack(site)
        deliver(site)
        assert alerts(site)[0].delivered_at is None
        site.clock.forward(10)
        deliver(site)
        assert (len(receiver.got), len(server.got)) == (1, 1)
        assert alerts(site)[0].delivered_at is not None


def test_who_took_an_alert_hears_of_its_end_though_another_never_took_it(
    make_site: Callable[..., Site],
) -> None:
    with Receiver() as receiver:
        site = beside_mail(make_site, receiver, "127.0.0.1:1")
        attack(site)
        for _ in range(MAX_ATTEMPTS):
            assert alerts(site)[0].delivered_at is None
            deliver(site)
            site.clock.forward(7200)
        deliver(site)
        assert [got["state"] for got in receiver.got] == ["raised", "over"]
        assert alerts(site)[0].delivered_at is not None


def test_mail_waits_until_all_that_is_due_went_to_the_webhook(
    make_site: Callable[..., Site],
) -> None:
    """And who has taken an alert stands in the table by then: the worker may be killed."""
    seen: list[tuple[int, str | None]] = []
    with Receiver() as receiver, socket.create_server(("127.0.0.1", 0)) as mail:
        site = beside_mail(make_site, receiver, f"127.0.0.1:{mail.getsockname()[1]}")
        forge(site, "192.0.2.2")
        attack(site)

        def refuse() -> None:
            connection, _ = mail.accept()
            with connection, site.app.app_context():
                taken = db.session.scalar(select(Alert.taken_by).order_by(Alert.id))
                seen.append((len(receiver.got), taken))

        refusing = threading.Thread(target=refuse, daemon=True)
        refusing.start()
        mail.settimeout(10)
        delivering = threading.Thread(target=deliver, args=(site,))
        delivering.start()
        refusing.join(10)
    delivering.join(20)
    assert seen == [(2, "webhook")]


def beside_mail(make_site: Callable[..., Site], receiver: Receiver, server: str) -> Site:
    """A site that sends alerts to a webhook, and by mail to a server that takes none.

    It does so when the test says, and never by itself.
    """
    site = make_site(
        **RULE,
        WXLOGIN_SMTP_URL=f"smtp+plain://{server}",
        WXLOGIN_ALERT_EMAIL=TO,
        WXLOGIN_ALERT_WEBHOOK=receiver.url,
    )
    site.secrets.add(KEY)
    site.app.extensions["wxlogin"].watch.recorder.alerts.refuse_new()
    return site


def test_a_test_shows_what_each_receiver_answers(
    make_site: Callable[..., Site], tmp_path: Path
) -> None:
    with mail_server(tmp_path) as server, Receiver() as receiver:
        wrong = server.url(password="another-password")
        site = mailing(make_site, server, wrong, WXLOGIN_ALERT_WEBHOOK=receiver.robot)
        site.secrets |= {KEY, "another-password"}
        owner = Operator(site).sign_in()
        receiver.answers = [Answer(200, '{"errcode": 93000}')]
        first = {one["channel"]: one for one in owner.done("POST", "/alerts/test")["items"]}
        assert first["webhook"] == {"channel": "webhook", "taken": False, "fault": "errcode 93000"}
        assert first["email"] == {"channel": "email", "taken": False, "fault": "code 535"}
        second = owner.done("POST", "/alerts/test")["items"]
        assert [one["taken"] for one in second] == [True, False]
        assert "A test of alerts" in receiver.got[-1]["markdown"]["content"]
        shown = CommandLine(site, "alerts").run("test")
    assert shown.exit_code == 1
    assert "webhook: taken" in shown.output
    assert "email: code 535" in shown.output
    assert [act["act"] for act in owner.trail("alerts")] == ["alert.test"] * 3


def test_a_test_without_receivers_says_what_to_set(site: Site, owner: Operator) -> None:
    assert owner.done("POST", "/alerts/test") == {"items": []}
    assert "WXLOGIN_ALERT_WEBHOOK" in CommandLine(site, "alerts").refused("test")


def test_viewers_send_no_tests(site: Site) -> None:
    assert Operator(site, "viewer").sign_in().refusal("POST", "/alerts/test") == "FORBIDDEN"


def test_tests_are_limited(make_site: Callable[..., Site]) -> None:
    owner = Operator(make_site(WXLOGIN_LIMIT_DOCTOR="2/minute")).sign_in()
    answers = [owner.ask("POST", "/alerts/test").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_a_server_that_says_nothing_is_left_alone_after_a_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp+plain://127.0.0.1:{silent.getsockname()[1]}"
        mail = Mail(parsed_url(url), "a@example.com", ("b@example.com",), system_clock, 0.3)
        began = time.monotonic()
        dripping = threading.Thread(target=_drip, args=(silent,), daemon=True)
        dripping.start()
        assert mail.post(HELLO) == "SMTPServerDisconnected"
        assert time.monotonic() - began < 4
    dripping.join(5)


def test_a_server_that_is_reached_after_the_deadline_is_left_alone_too() -> None:
    deadline = 0.2
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as busy,
        socket.create_connection(busy.getsockname()),  # which fills the queue
    ):
        url = f"smtp+plain://127.0.0.1:{busy.getsockname()[1]}"
        mail = Mail(parsed_url(url), "a@example.com", ("b@example.com",), system_clock, deadline)
        dripping = threading.Timer(2 * deadline, _drip_to_the_second, (busy,))
        dripping.daemon = True
        began = time.monotonic()
        dripping.start()
        assert mail.post(HELLO) == "SMTPServerDisconnected"
        assert 2 * deadline < time.monotonic() - began < 10
        dripping.join(20)


def _drip_to_the_second(server: socket.socket) -> None:
    server.accept()[0].close()
    _drip(server, 300)


def _drip(server: socket.socket, times: int = 40) -> None:
    """Answer a byte now and then, and never a whole line."""
    connection, _ = server.accept()
    with connection:
        try:
            for _ in range(times):
                connection.sendall(b"2")
                time.sleep(0.05)
        except OSError:
            return


def test_a_certificate_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with mail_server(tmp_path, "tls") as server:
        url = server.url().partition("?")[0]
        mail = Mail(parsed_url(url), "a@example.com", ("b@example.com",), system_clock)
        assert mail.post(HELLO) == "SSLCertVerificationError"
        assert server.got == []


def test_a_server_without_starttls_gets_no_password() -> None:
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as plain:
        talking = threading.Thread(target=_talk, args=(plain, said), daemon=True)
        talking.start()
        url = f"smtp://me:{quote(PASSWORD, safe='')}@127.0.0.1:{plain.getsockname()[1]}"
        mail = Mail(parsed_url(url), "a@example.com", ("b@example.com",), system_clock)
        assert mail.post(HELLO) == "SMTPNotSupportedError"
    talking.join(5)
    assert not any(b"AUTH" in line for line in said)


def _talk(server: socket.socket, said: list[bytes]) -> None:
    """Be a mail server that offers a sign-in and no TLS."""
    connection, _ = server.accept()
    with connection, connection.makefile("rwb") as lines:
        lines.write(b"220 hello\r\n")
        lines.flush()
        for line in lines:
            said.append(line)
            lines.write(
                b"250-mail\r\n250 AUTH PLAIN LOGIN\r\n"
                if b"ehlo" in line.lower()
                else b"221 bye\r\n"
            )
            lines.flush()


def parsed_url(url: str) -> Any:
    """The mail server of a URL."""
    server = parsed(url)
    assert server is not None
    assert "password" not in repr(server)
    return server


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example.com",
        "smtp://",
        "smtps://user@mail.example.com",
        "smtps://mail.example.com/path",
        "smtps://mail.example.com?tls=off",
        "smtps://mail.example.com:port",
        "smtp+plain://user:password@mail.example.com",
        "smtps://mail.example.com?ca_certs=/nowhere/ca.pem",
    ],
)
def test_a_url_that_is_none_of_a_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="should"):
        parsed(url)
