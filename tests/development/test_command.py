"""`make run`: the whole of it, as a new user meets it.

Each start of it takes seconds, so what happens to one is left to the slow tests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis
import requests

from tests.development.command import LONGEST_RUN, Running, children, pasted, refused
from wxlogin.development.lock import DirectoryLock

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties lives on Linux")


LOGGED = re.compile(r"access_log: request|audit: audit")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with closing(Running(tmp_path / "instance")) as command:
        yield command


def kill_valkey(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        os.kill(client.info("server")["process_id"], signal.SIGKILL)


def gunicorn_of(running: Running) -> int:
    parts = children(running.process.pid)
    (pid,) = (pid for pid, words in parts.items() if "gunicorn.conf.py" in words)
    return pid


def refuses(url: str) -> bool:
    """Whether nothing listens at the URL of a Valkey."""
    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()
    return True


@pytest.mark.slow
@needs_curl
def test_the_printed_lines_sign_in_call_and_sign_out_though_valkey_dies(running: Running) -> None:
    sign_in, call, sign_out = running.command_lines()
    session, token = pasted(sign_in, call, 'echo "$TOKEN"').splitlines()
    assert token.startswith("wxs_")

    kill_valkey(running.place("Valkey"))
    running.read_until("started again")
    after, ended, refusal = pasted(f"TOKEN={token}", call, sign_out, call).splitlines()

    assert json.loads(after)["session"]["id"] == json.loads(session)["session"]["id"]
    assert json.loads(ended) == {"ended": 1}
    assert json.loads(refusal)["code"] == "SESSION_REVOKED"


class Run(NamedTuple):
    """What somebody saw of one run, from its start to its end by Ctrl-C."""

    token: str
    session: dict[str, Any]
    arrived: list[dict[str, Any]]
    webhooks_page: str
    owner: tuple[str, str] | None
    role: str | None
    startup_message: list[str]
    status: int
    last_words: list[str]
    valkey_is_gone: bool


def run_of(instance: Path, token: str | None, webhooks: int) -> Run:
    """Call with the token, sign in as alice, look at the webhooks and sign in as the owner."""
    with closing(Running(instance)) as command:
        sign_in, call, _ = command.command_lines()
        if token is None:
            session, token = pasted(sign_in, call, 'echo "$TOKEN"').splitlines()
        else:
            session = pasted(f"TOKEN={token}", call)
            pasted(sign_in)
        page, arrived = command.place("Webhooks"), []
        while len(arrived) < webhooks:
            arrived = requests.get(f"{page}.json", timeout=10).json()["items"]
        shown = requests.get(page, timeout=10).text
        owner, role = command.owner(), None
        if owner:
            body = dict(zip(("username", "password"), owner, strict=True))
            where = f"{command.place('wxlogin')}/admin/api/login"
            role = requests.post(where, json=body, timeout=10).json()["admin"]["role"]
        command.process.send_signal(signal.SIGINT)
        status = command.process.wait(LONGEST_RUN)
        said = command.read_to_the_end().splitlines()
        last_words = [line for line in said if not LOGGED.search(line)]
        gone = refuses(command.place("Valkey"))
        seen = token, json.loads(session), arrived, shown, owner, role, command.startup_message
        return Run(*seen, status, last_words, valkey_is_gone=gone)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """Two runs in one directory, one after the other."""
    instance = tmp_path_factory.mktemp("runs") / "instance"
    first = run_of(instance, None, 2)
    return first, run_of(instance, first.token, 1)


@pytest.mark.slow
@needs_curl
def test_a_newcomer_sees_the_first_login_arrive_verified_also_after_another_start(
    runs: tuple[Run, Run],
) -> None:
    for run, types in zip(
        runs, (["user.created", "user.logged_in"], ["user.logged_in"]), strict=True
    ):
        assert [one["type"] for one in run.arrived[::-1]] == types
        assert all(one["verified"] for one in run.arrived)
        assert run.arrived[-1]["id"] in run.webhooks_page


@pytest.mark.slow
@needs_curl
def test_interrupt_ends_all_of_it_and_the_next_run_knows_the_session(
    runs: tuple[Run, Run],
) -> None:
    for run in runs:
        assert run.status == 0
        assert run.last_words == ["", "Stopped."]
        assert run.valkey_is_gone
    first, second = runs
    assert first.token.startswith("wxs_")
    assert second.session["session"]["id"] == first.session["session"]["id"]


@pytest.mark.slow
@needs_curl
def test_the_first_start_makes_an_owner_and_prints_the_password_once(
    runs: tuple[Run, Run],
) -> None:
    first, second = runs
    assert first.role == "owner"
    assert second.owner is None
    assert any("admin reset-password admin" in line for line in second.startup_message)


@pytest.mark.slow
@needs_linux
def test_nothing_survives_the_commands_own_death(running: Running) -> None:
    running.process.kill()
    running.process.wait(LONGEST_RUN)
    running.read_to_the_end()
    assert refuses(running.place("Valkey"))


@pytest.mark.slow
@needs_linux
def test_a_server_that_hangs_does_not_hold_the_end_up(running: Running) -> None:
    os.kill(gunicorn_of(running), signal.SIGSTOP)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(LONGEST_RUN) == 0
    running.read_to_the_end()
    assert refuses(running.place("Valkey"))


@pytest.mark.slow
@needs_linux
def test_a_server_that_dies_ends_the_command_with_its_status(running: Running) -> None:
    os.kill(gunicorn_of(running), signal.SIGKILL)
    assert running.process.wait(LONGEST_RUN) == 128 + signal.SIGKILL
    assert "ended by itself (exit -9)" in running.read_to_the_end()
    assert refuses(running.place("Valkey"))


def test_garbled_kept_keys_are_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "data_keys").write_bytes(b"\x00\xff")
    (tmp_path / "secret_keys").touch()
    status, said = refused(tmp_path)
    first, *faults = said.splitlines()
    assert (status, first) == (2, "wxlogin cannot start with these settings:")
    assert [fault.split()[1] for fault in faults] == ["WXLOGIN_SECRET_KEYS", "WXLOGIN_DATA_KEYS"]
    assert (tmp_path / "data_keys").read_bytes() == b"\x00\xff"


def test_a_second_command_in_one_directory_is_refused(tmp_path: Path) -> None:
    first = DirectoryLock(tmp_path)
    first.acquire()
    status, said = refused(tmp_path)
    first.release()
    assert status == 1
    assert f"{tmp_path} is in use by process {os.getpid()}" in said


def test_wrong_settings_are_told_without_a_traceback(tmp_path: Path) -> None:
    status, said = refused(tmp_path, WXLOGIN_MAX_DEVICES="many", WXLOGIN_SANDBOXX="on")
    assert status == 2
    assert "WXLOGIN_MAX_DEVICES should be" in said
    assert "is WXLOGIN_SANDBOX meant?" in said
    assert "Traceback" not in said


def test_production_is_sent_to_gunicorn(tmp_path: Path) -> None:
    status, said = refused(tmp_path, WXLOGIN_ENV="production")
    assert status == 1
    assert "gunicorn -c deploy/gunicorn.conf.py wsgi:app" in said


def test_a_taken_address_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        status, said = refused(tmp_path, "--bind", bind)
    assert status == 1
    assert said.strip() == f"Cannot listen on {bind}: it is taken, or not of this machine."


def test_a_database_that_cannot_be_brought_up_to_date_is_told(tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/no/such/directory/wxlogin.sqlite3"
    status, said = refused(tmp_path / "instance", WXLOGIN_DATABASE_URL=nowhere)
    assert status == 1
    assert "The database could not be brought up to date" in said
    assert "unable to open database file" in said


@pytest.mark.slow
@needs_linux
def test_the_page_with_the_phones_takes_redis_away_and_changes_the_policy(
    running: Running,
) -> None:
    assert running.startup_message[1].split()[0] == "Phones"
    page = running.place("Phones")

    def order(name: str, value: str) -> None:
        answer = requests.post(f"{page}orders", json={"name": name, "value": value}, timeout=10)
        assert answer.status_code == 202

    def state() -> str:
        found = requests.get(f"{page}state", timeout=10).json()["single_device"]
        # Its line of the log: nobody else empties the pipe, and a full one stops the server.
        running.read_until("path=/sandbox/state")
        return str(found)

    assert set(requests.get(f"{page}orders", timeout=10).json()) == {"redis", "single-device"}
    order("redis", "kill")
    running.read_until("was killed")
    assert refuses(running.place("Valkey"))
    running.read_until("started again with its data")
    order("single-device", "per-platform")
    running.read_until("WXLOGIN_SINGLE_DEVICE_LOGIN=per-platform")
    assert next(state for state in iter(state, "") if state != "off") == "per-platform"
