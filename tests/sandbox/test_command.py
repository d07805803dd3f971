"""The stand-in for WeChat as a command of its own, as its page says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from click.testing import CliRunner
from coverage import Coverage

from config import ROOT
from tests.harness.leaks import run_log
from wxlogin.sandbox import SandboxServer
from wxlogin.sandbox.__main__ import main

from .client import APPID, SECRET

WORDS = ("--appid", APPID, "--secret-stdin")


def command(*words: str) -> list[str]:
    """The command line."""
    measured = ["-m", "coverage", "run", "--parallel-mode"] if Coverage.current() else []
    return [sys.executable, *measured, "-m", "wxlogin.sandbox", *words]


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command once it has said where it listens, and that address."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command(*words, *WORDS), cwd=ROOT, text=True, **pipes) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{SECRET}\n")
        process.stdin.close()
        said = process.stdout.readline()
        try:
            yield process, said.split()[-1]
        finally:
            process.terminate()
            said += process.stdout.read()
            run_log.hear(said, "the sandbox's command")
            assert SECRET not in said


def refused(*words: str, typed: str = SECRET) -> str:
    """What it says where it cannot start."""
    done = CliRunner().invoke(main, words, input=typed)
    assert done.exit_code == 2, done
    assert SECRET not in done.output
    return done.output


def test_it_plays_wechat_and_the_phone() -> None:
    with running("--bind", "127.0.0.1:0") as (_, base), requests.Session() as http:
        http.trust_env = False
        code = http.post(f"{base}/sandbox/code", data={"user": "bob"}, timeout=10).json()["code"]
        asked = {"appid": APPID, "secret": SECRET, "js_code": code}
        exchange = {**asked, "grant_type": "authorization_code"}
        answer = http.get(f"{base}/sns/jscode2session", params=exchange, timeout=10).json()
        assert {"openid", "session_key"} <= set(answer)
        fault = {"path": "/sns/jscode2session", "errcode": -1}
        assert http.post(f"{base}/sandbox/faults", json=fault, timeout=10).ok
        answer = http.get(f"{base}/sns/jscode2session", params=exchange, timeout=10).json()
        assert answer["errcode"] == -1
        run_log.use([code])


def test_it_ends_in_order() -> None:
    for ending in (signal.SIGINT, signal.SIGTERM):
        with running("--bind", "127.0.0.1:0") as (process, base):
            os.kill(process.pid, ending)
            assert process.wait(timeout=30) == 0
            with pytest.raises(requests.ConnectionError):
                requests.get(base, timeout=10)


@pytest.mark.parametrize("bind", ["0.0.0.0:0", "192.0.2.1:8001", "[::]:8001", "localhost:8001"])
def test_nobody_from_elsewhere_can_take_it_for_wechat(bind: str) -> None:
    assert "serves this machine alone" in refused("--bind", bind, *WORDS)


def test_what_is_wrong_is_said_in_a_sentence() -> None:
    for bind in ("8001", ":8001", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"):
        assert "write HOST:PORT" in refused("--bind", bind, *WORDS)
    assert "appid must be wx" in refused("--appid", "x", "--secret-stdin")
    assert "AppSecret must be 32" in refused(*WORDS, typed="short")
    assert "--secret-stdin" in refused("--appid", APPID)


def test_a_port_that_is_taken_is_said_so() -> None:
    with SandboxServer({APPID: SECRET}) as other:
        bind = ("--bind", other.base.removeprefix("http://"))
        done = subprocess.run(
            command(*bind, *WORDS),
            cwd=ROOT,
            input=SECRET,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: Cannot listen on {bind[1]}: ")
