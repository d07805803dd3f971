"""`flask leakscan`: statuses, what it prints where, and what it knows of the installation."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import update

from config import ConfigError
from tests.harness import flask_process
from tests.harness.command_line import CommandLine
from tests.harness.console import Operator
from tests.harness.site import Site
from tests.leakscan.made_up import (
    AES_KEY,
    APP_SECRET,
    APPID,
    HAY,
    OTHER_SECRET,
    PUSH_TOKEN,
    hidden,
)
from tests.leakscan.packages import encrypted, wxapkg
from wxlogin.cli.help import app_without_settings
from wxlogin.extensions import db
from wxlogin.leakscan.scan import Scan, Task
from wxlogin.models import App
from wxlogin.outbox import EventType

TEXT, LINE = hidden(f"secret: '{APP_SECRET}'")
SHAPE_ALONE = "There are no settings: secrets are recognised by shape alone."


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a folder with a leak in it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.js").write_bytes(TEXT)
    (folder / "b.js").write_text(HAY)
    return folder


@pytest.fixture
def leakscan(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command in the folder, without settings."""
    monkeypatch.chdir(shop)
    runner = app_without_settings(ConfigError(["there are none"])).test_cli_runner()
    return lambda *words: runner.invoke(args=["leakscan", *words])


def test_it_runs_without_settings_and_from_another_folder(shop: Path) -> None:
    done = flask_process.run(("leakscan", "."), {}, shop)
    assert done.returncode == 1
    assert done.stdout.startswith(f"a.js:{LINE}: AppSecret {APP_SECRET[:4]}**** (32 characters)")
    assert APP_SECRET not in done.stdout + done.stderr
    assert done.stderr.splitlines() == [SHAPE_ALONE, "1 find in 2 files, 0.0 MB."]


def test_no_find_ends_with_0(leakscan: Callable[..., Result]) -> None:
    done = leakscan("b.js")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[1:] == ["0 finds in 1 file, 0.0 MB."]


def test_json_is_sarif_alone_on_standard_output(leakscan: Callable[..., Result]) -> None:
    for words, status, count in ((("--json", "."), 1, 1), (("--json", "b.js"), 0, 0)):
        done = leakscan(*words)
        assert done.exit_code == status
        assert len(json.loads(done.stdout)["runs"][0]["results"]) == count
        assert APP_SECRET not in done.output


def test_the_digest_that_is_printed_allows_the_value(
    shop: Path, leakscan: Callable[..., Result]
) -> None:
    digest = leakscan(".").stdout.strip()[-17:-1]
    (shop / ".leakscan-allow").write_text(f"value {digest} Made up.\n")
    done = leakscan(".")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.splitlines()[1:] == ["0 finds, 1 allowed in 3 files, 0.0 MB."]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "does not exist"),
        ((os.devnull,), "should be a file or a folder"),
        ((), "Missing argument"),
        (("--appid", "me", "."), "--appid should look like wx0123456789abcdef"),
        (("--history", "."), "git: not a git repository"),
        (("--allow", "b.js", "."), "The allow list: line 1 should be"),
    ],
)
def test_what_cannot_be_done_ends_with_2(
    leakscan: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    done = leakscan(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_an_encrypted_package_is_named_and_opens_with_its_appid(
    shop: Path, leakscan: Callable[..., Result]
) -> None:
    (shop / "a.js").unlink()
    (shop / "a.wxapkg").write_bytes(encrypted(wxapkg({"app.js": TEXT}), APPID))
    done = leakscan(".")
    assert done.exit_code == 0
    assert "Not searched: a.wxapkg is encrypted (V1MMWX); name its appid" in done.stderr
    done = leakscan("--appid", APPID, ".")
    assert done.stdout.startswith(f"a.wxapkg!/app.js:{LINE}: AppSecret")


def test_a_scan_that_is_stopped_prints_what_it_found_and_ends_with_2(
    leakscan: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Scan, tasks: Sequence[Task], tell: object) -> None:
        self.findings += tasks[0].findings(self.how.search, "")
        raise KeyboardInterrupt

    monkeypatch.setattr(Scan, "run", interrupted)
    done = leakscan(".")
    assert done.exit_code == 2
    assert done.stdout.startswith(f"a.js:{LINE}: AppSecret")
    assert done.stderr.splitlines()[1:] == ["Error: Stopped after 0.0 MB of 0.0 MB; 1 find."]


def test_secrets_of_the_settings_and_the_database_are_found_by_value(
    site: Site, tmp_path: Path
) -> None:
    CommandLine(site, "apps").add(APPID, OTHER_SECRET)
    settings = flask_process.settings_of(site)
    (key,) = site.settings.secret_keys
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"\0" * 9 + key.encode())
    (folder / "b.txt").write_text(f"x{OTHER_SECRET[::-1]}x")
    done = flask_process.run(("leakscan", "."), settings, folder)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.bin", "b.txt"]
    assert "WXLOGIN_SECRET_KEYS" in lines[0]
    assert "AppSecret" in lines[1]
    assert lines[1].partition(" [")[0].endswith("by value reversed")
    assert done.stderr.splitlines() == ["2 finds in 2 files, 0.0 MB."]


@pytest.fixture
def held(site: Site) -> dict[str, str]:
    """Every secret that the stores of a site hold, by what a find calls it."""
    services, keys = site.services, {"push": PUSH_TOKEN, "aes": AES_KEY}
    app = APPID
    apps = CommandLine(site, "apps")
    apps.add(app, OTHER_SECRET)
    apps.done("set-push-keys", app, "--keys-stdin", typed=f"{keys['push']}\n{keys['aes']}\n")
    owner = Operator(site).sign_in()
    owner.enrol()
    with site.app.app_context():
        endpoints = services.webhooks.endpoints
        wanted = [EventType.ALERT_RAISED]
        endpoint, before = endpoints.create("https://a.example/x", wanted, (), "tests")
        after = endpoints.replace_secret(endpoint)
        credentials = services.accounts.apps.get(app).credentials
        token = services.wechat.access_tokens.get(credentials).value
        hook = endpoint.public_id
    site.tokens |= {*keys.values(), before, after, token}
    return {
        f"AppSecret of {app}": OTHER_SECRET,
        f"push Token of {app}": keys["push"],
        f"EncodingAESKey of {app}": keys["aes"],
        f"replaced secret of the webhook {hook}": before.removeprefix("whsec_"),
        f"secret of the webhook {hook}": after.removeprefix("whsec_"),
        f"TOTP secret of the admin {owner.id}": owner.totp_secret,
        f"access_token of {app}": token,
    }


LEAKED: dict[str, Callable[[str], str]] = {
    "as it is": lambda value: value,
    "in base64": lambda value: base64.b64encode(f"user:{value}".encode()).decode(),
    "in reversed halves": lambda value: f"{value[: len(value) // 2][::-1]} x",
    "in pieces": lambda value: str([value[at : at + 6] for at in range(0, len(value), 6)]),
    "in hex": lambda value: value.encode().hex(),
}


@pytest.mark.parametrize("form", LEAKED)
def test_every_secret_of_the_stores_is_found_by_value(
    site: Site, held: dict[str, str], tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    for number, value in enumerate(held.values()):
        (folder / f"{number}.js").write_text(f"a = {LEAKED[form](value)}\n")
    done = flask_process.run(("leakscan", "."), flask_process.settings_of(site), folder)
    lines = sorted(done.stdout.splitlines())
    assert len(lines) == len(held), lines
    for said, label in zip(lines, held, strict=True):
        assert said.partition(": ")[2].startswith(label)


def test_the_bytes_that_a_secret_stands_for_are_found(
    site: Site, held: dict[str, str], tmp_path: Path
) -> None:
    by_kind = {label.split()[0]: value for label, value in held.items()}
    (tmp_path / "a.txt").write_text(base64.b32decode(by_kind["TOTP"]).hex())
    (tmp_path / "b.txt").write_bytes(b"\0" * 9 + base64.b64decode(by_kind["secret"]))
    done = flask_process.run(
        ("leakscan", "a.txt", "b.txt"), flask_process.settings_of(site), tmp_path
    )
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["a.txt", "b.txt"]
    assert "TOTP secret" in done.stdout
    assert "secret of the webhook" in done.stdout


def test_secrets_that_no_key_opens_are_counted(site: Site, tmp_path: Path) -> None:
    CommandLine(site, "apps").add(APPID, OTHER_SECRET)
    with site.app.app_context():
        db.session.execute(update(App).values(secret_sealed=App.secret_sealed + "A"))
        db.session.commit()
    (tmp_path / "a.txt").write_text("nothing")
    done = flask_process.run(("leakscan", "a.txt"), flask_process.settings_of(site), tmp_path)
    assert "No key of the settings opens 1 secret of the database." in done.stderr


def test_a_database_that_is_out_is_named_and_the_settings_still_count(
    site: Site, tmp_path: Path
) -> None:
    settings = flask_process.settings_of(site) | {
        "WXLOGIN_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none"
    }
    (key,) = site.settings.secret_keys
    (tmp_path / "a.txt").write_text(key)
    done = flask_process.run(("leakscan", "a.txt"), settings, tmp_path)
    assert done.returncode == 1
    assert "WXLOGIN_SECRET_KEYS" in done.stdout
    assert "The database is out: its secrets are recognised by shape alone." in done.stderr


def test_ctrl_c_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")  # whoever reads it waits
    process = subprocess.Popen(
        flask_process.command("leakscan", "--allow", "fifo", "."),
        cwd=tmp_path,
        env=flask_process.environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert process.stderr.readline().strip() == SHAPE_ALONE
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (2, "", "Error: Stopped.\n")
