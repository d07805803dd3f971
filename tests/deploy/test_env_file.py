"""deploy/wxlogin.env.example means the same to systemd, to docker and to sh."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import config
from tests.deploy.harness.deployed import Deployed
from tests.house.source import ROOT

pytestmark = pytest.mark.machine

FILE = ROOT / "deploy/wxlogin.env.example"
PRINTABLE = {chr(code) for code in range(0x20, 0x7F)}
UNSAFE = {" ", *"\"'`\\$&;|()<>"}
SAFE = sorted(PRINTABLE - UNSAFE - {"~"})


def docker_reads(text: str) -> dict[str, str]:
    """By the rule of docker's client: no quotes, no escapes, comments at the start of a line."""
    read = {}
    for line in text.removeprefix("\ufeff").splitlines():
        name, given, value = line.lstrip(" \t").partition("=")
        if name and not name.startswith("#"):
            assert given, f"{name} would be taken from docker's own environment"
            assert not re.search(r"\s", name), name
            read[name] = value
    return read


def sh_reads(file: Path) -> dict[str, str]:
    """By `set -a; . FILE`, in an environment that is empty but for HOME."""
    script = 'set -a; . "$1"; exec env -0'
    command = ["env", "-i", "HOME=/h", "/bin/sh", "-euc", script, "sh", str(file)]
    # Where the file lies: `a>b` makes a file of what it should have read.
    done = subprocess.run(command, cwd=file.parent, capture_output=True, check=False)
    return _read(done.stdout.decode()) if done.returncode == 0 else {}


def systemd_reads(deployed: Deployed, text: str) -> dict[str, str]:
    """By EnvironmentFile= of a real systemd."""
    deployed.machine.put("/var/tmp/read.env", text)
    unit = (
        "systemd-run --quiet --pipe --wait --collect --property=EnvironmentFile=/var/tmp/read.env"
    )
    return _read(deployed.machine.said(f"{unit} env -0"))


def _read(printed: str) -> dict[str, str]:
    pairs = [line.partition("=") for line in printed.split("\0") if line]
    return {name: value for name, _, value in pairs if name.startswith(("WXLOGIN_", "T_"))}


def test_the_example_means_the_same_to_all_three(deployed: Deployed) -> None:
    text = FILE.read_text(encoding="utf-8")
    # Those that are commented out as well.
    full = re.sub("^#(?=WXLOGIN_)", "", text, flags=re.MULTILINE)
    for words in (text, full):
        deployed.machine.put("/var/tmp/shell.env", words)
        read = docker_reads(words)
        assert len(read) >= 8
        assert sh_reads(deployed.machine.root / "var/tmp/shell.env") == read
        assert systemd_reads(deployed, words) == read


def test_every_character_that_the_example_allows_is_read_alike(deployed: Deployed) -> None:
    forms = [form.replace("c", char) for char in SAFE for form in ("acb", "cb", "ac", "a,cb")]
    forms += ["a~b", "a/~"]
    text = "".join(f"T_{number}={form}\n" for number, form in enumerate(forms))
    deployed.machine.put("/var/tmp/shell.env", text)
    expected = {f"T_{number}": form for number, form in enumerate(forms)}
    assert docker_reads(text) == expected
    assert sh_reads(deployed.machine.root / "var/tmp/shell.env") == expected
    assert systemd_reads(deployed, text) == expected


@pytest.mark.parametrize("value", [*(f"a{char}b" for char in sorted(UNSAFE)), "~/b", "a:~/b"])
def test_what_the_example_warns_of_is_read_differently(value: str, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(f"T_1={value}\n", encoding="utf-8")
    assert sh_reads(file) != {"T_1": value} == docker_reads(file.read_text(encoding="utf-8"))


def test_the_example_warns_of_just_these() -> None:
    (listed,) = re.findall(r"^#     space (.*) ~ at its start", FILE.read_text("utf-8"), re.M)
    assert {" ", *listed.split()} == UNSAFE


def test_the_example_names_settings_alone() -> None:
    text = FILE.read_text(encoding="utf-8")
    named = set(re.findall(r"WXLOGIN_[A-Z_]+(?==)", text))
    secret = {name for name, info in config.table().items() if not info.repr}
    assert named <= set(config.table()) | {f"{name}_FILE" for name in secret}
    # A value that is a secret never stands in the file itself.
    assert not named & secret


def test_several_limits_may_have_a_comma_between_them(tmp_path: Path) -> None:
    given = {"WXLOGIN_ENV": "testing", "WXLOGIN_LIMIT_LOGIN_OPENID": "10/minute,100/hour"}
    settings = config.load(given, tmp_path)
    assert [str(limit) for limit in settings.limit_login_openid] == [
        "10 per 1 minute",
        "100 per 1 hour",
    ]
