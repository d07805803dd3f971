"""Moves the old app of examples/ over to wxlogin with many users, and says whether it went well.

    python -m bench.moving                                    100,000 users, all of whom sign in
    python -m bench.moving --users 1000000 --sign-ins 1000    fewer sign in: the import is measured

The shop's table is filled, exported and imported by the commands of docs/migrate.md. Then each
user asks the moved shop with the old token, signs in to wxlogin as a new version of the
mini-program does, and asks with that token. It exits with 1 if a user is somebody else afterwards,
or if an old token does not hold. wxlogin has two workers, SQLite and a Valkey of its own; the
sandbox stands in WeChat's place, and the shop in this process. The memory of the import is read
where it has read 10 % of the file, and at the end (Linux).
"""

from __future__ import annotations

import argparse
import csv
import resource
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import requests
from flask import Flask

from bench.contestants import LIMIT, Wxlogin, recipes
from bench.servers import Server
from config import ROOT
from examples.old_app.old_tokens import HandMadeJwt
from examples.old_app.shop import Settings, create_app
from examples.old_app.users import Users
from wxlogin.development.address import first_free
from wxlogin.development.valkey import ValkeyServer
from wxlogin.sandbox import SandboxServer

FIRST_PORT = 18_400
APPID = "wx0123456789abcdef"
PEOPLE = 8
BORN = 1_700_000_000


def user_name(number: int) -> str:
    """The sandbox's name of the shop's user of this id."""
    return f"user-{number}"


def fill(database: str, sandbox: SandboxServer, users: int) -> None:
    """Give the shop so many users with all that it may know of them."""
    Users(database)
    with closing(sqlite3.connect(database)) as sql, sql:
        rows = (
            (
                number,
                sandbox.world.openid(user_name(number)),
                f"oU{number:026}",
                f"138{number % 10**8:08}",
                f"用户{number}",
                f"https://shop.example.com/avatars/{number}.png",
                BORN + number,
            )
            for number in range(1, users + 1)
        )
        while some := list(islice(rows, 10_000)):
            sql.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?)", some)


class Import:
    """`flask users import` as a process, and what it took."""

    def __init__(self, file: Path, environment: Mapping[str, str]) -> None:
        self._size = file.stat().st_size
        self.memory: dict[int, int] = {}
        """MB at so many percent of the file."""
        began, before = time.monotonic(), _cpu_of_children()
        self._process = subprocess.Popen(
            flask("users", "import", str(file), "--appid", APPID),
            cwd=ROOT,
            env=dict(environment),
            stdout=subprocess.PIPE,
            text=True,
        )
        while self._process.poll() is None:
            self._look(file)
            time.sleep(0.2)
        self.seconds = time.monotonic() - began
        self.cpu = _cpu_of_children() - before
        assert self._process.stdout
        self.said = self._process.stdout.read().strip()
        if self._process.returncode:
            raise SystemExit("the import failed")

    def _look(self, file: Path) -> None:
        """Note the memory now, by how much of the file is read."""
        proc = Path(f"/proc/{self._process.pid}")
        try:
            for descriptor in (proc / "fd").iterdir():
                if descriptor.readlink() == file:
                    text = (proc / "fdinfo" / descriptor.name).read_text(encoding="ascii")
                    percent = int(text.split()[1]) * 100 // self._size
                    status = (proc / "status").read_text(encoding="ascii")
                    kilobytes = int(status.partition("VmRSS:")[2].split()[0])
                    self.memory[percent] = kilobytes // 1000
        except OSError:  # it has ended, or /proc is not there
            return

    def at(self, percent: int) -> str:
        """The memory when so much was read."""
        later = [megabytes for read, megabytes in sorted(self.memory.items()) if read >= percent]
        return f"{later[0] if percent < 100 or not later else later[-1]} MB" if later else "?"


class SigningIn:
    """Users who come with the old token, sign in anew, and come again; several at once."""

    def __init__(self, sandbox: SandboxServer, wxlogin: str, shop: Flask, tokens: HandMadeJwt):
        self._sandbox = sandbox
        self._wxlogin = wxlogin
        self._shop = shop
        self._tokens = tokens
        self._local = threading.local()

    def run(self, users: range) -> Counter[str]:
        """Let all do so; how many came how far. Ctrl-C ends it with those who came so far."""
        came = Counter[str]()
        with ThreadPoolExecutor(PEOPLE) as pool:
            try:
                for outcome in pool.map(self._one, users):
                    came[outcome] += 1
            except KeyboardInterrupt:
                pool.shutdown(cancel_futures=True)
        return came

    def _one(self, number: int) -> str:
        old = self._tokens.issue(number, "", "")
        if self._id(old) != number:
            return "the old token does not hold"
        if not hasattr(self._local, "http"):
            self._local.http = requests.Session()
            self._local.http.trust_env = False
        code = self._sandbox.world.login_code(user_name(number))
        url = f"{self._wxlogin}/v1/login"
        answer = self._local.http.post(url, json={"code": code}, timeout=60)
        if answer.status_code != requests.codes.ok:
            return f"the login is {answer.json()['code']}"
        if answer.json()["user"]["is_new"] or self._id(answer.json()["token"]) != number:
            return "somebody else now"
        return "the same" if self._id(old) == number else "the old token is dead"

    def _id(self, token: str) -> int | None:
        headers = {"Authorization": f"Bearer {token}"}
        answer = self._shop.test_client().get("/me", headers=headers)
        return answer.get_json()["id"] if answer.status_code == requests.codes.ok else None


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def flask(*words: str) -> list[str]:
    """The command line of `flask` with these words."""
    return [str(Path(sys.executable).parent / "flask"), "--app", "wsgi", *words]


def run(users: int, sign_ins: int) -> bool:
    """Do all of it and print the figures; return whether everything was right."""
    with (
        tempfile.TemporaryDirectory(prefix="wxlogin-bench-") as name,
        SandboxServer({APPID: secrets.token_hex(16)}) as sandbox,
    ):
        directory, database = Path(name), f"{name}/shop.sqlite3"
        (directory / "valkey").mkdir()
        fill(database, sandbox, users)
        with ValkeyServer(directory / "valkey", port=0) as valkey:
            wxlogin = Wxlogin(valkey.url, directory)
            others = {"RISK_RANK": "off", "LIMIT_LOGIN_IP": LIMIT, "LIMIT_FAIL_IP": LIMIT}
            environment = wxlogin.environment_with(sandbox, APPID, **others)
            subprocess.run(flask("db", "upgrade"), cwd=ROOT, env=environment, check=True)
            done = _import(database, directory / "users.csv", environment)
            print(done.said)
            took = f"{done.seconds:.0f} s, {done.cpu:.0f} s of a core"
            print(f"{took}; {done.at(10)} at 10 %, {done.at(100)} at the end")
            command = recipes(valkey.url, wxlogin, express=False)["wxlogin"].command
            port = first_free(FIRST_PORT).port
            with Server(command(port), port, environment, directory / "wxlogin.log") as server:
                tokens = HandMadeJwt(secrets.token_hex(32))
                settings = Settings(database, APPID, "", "", wxlogin=server.url)
                people = SigningIn(sandbox, server.url, create_app(settings, tokens), tokens)
                began = time.monotonic()
                came = people.run(range(1, sign_ins + 1))
            print(
                f"{came.total()} users asked with both tokens in {time.monotonic() - began:.0f} s"
            )
    for what, count in came.items():
        print(f"{count:7} {what}")
    return set(came) <= {"the same"}


def _import(database: str, file: Path, environment: Mapping[str, str]) -> Import:
    export = [sys.executable, "-m", "examples.old_app.export_users", database]
    with file.open("wb") as out:
        subprocess.run(export, cwd=ROOT, stdout=out, check=True)
    with file.open(encoding="utf-8", newline="") as rows:
        print(f"{sum(1 for _ in csv.reader(rows)) - 1} users exported", flush=True)
    return Import(file, environment)


def main() -> None:
    """Run it; exit with 1 if a user is not who they were."""
    parser = argparse.ArgumentParser(prog="python -m bench.moving")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--sign-ins", type=int, help="how many of them; all by default")
    given = parser.parse_args()
    sys.exit(0 if run(given.users, given.sign_ins or given.users) else 1)


if __name__ == "__main__":
    main()
