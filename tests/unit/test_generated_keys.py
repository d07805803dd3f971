"""Keys that a development machine makes for itself."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

import config

NAMES = ("secret_keys", "data_keys", "index_keys")
SHOW_DIGEST = """
import hashlib, pathlib, sys
import config
print("ready", flush=True)
sys.stdin.read()
found = config.load({"WXLOGIN_ENV": "testing"}, pathlib.Path(sys.argv[1]))
keys = [found.secret_keys, [k.key for k in found.data_keys], [k.key for k in found.index_keys]]
print(hashlib.sha256(repr(keys).encode()).hexdigest())
"""


def keys_of(instance: Path) -> list[object]:
    """The three rings of a development machine."""
    settings = config.load({"WXLOGIN_ENV": "development"}, instance)
    return [settings.secret_keys, settings.data_keys, settings.index_keys]


def test_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    first = keys_of(instance)
    assert keys_of(instance) == first
    assert keys_of(tmp_path / "other") != first
    assert sorted(path.name for path in instance.iterdir()) == sorted(NAMES)


def test_kept_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    keys_of(instance)
    assert stat.S_IMODE(instance.stat().st_mode) == 0o700
    assert {stat.S_IMODE((instance / name).stat().st_mode) for name in NAMES} == {0o600}


def test_a_key_that_is_given_is_not_made(tmp_path: Path) -> None:
    config.load({"WXLOGIN_ENV": "testing", "WXLOGIN_SECRET_KEYS": "k" * 32}, tmp_path)
    assert not (tmp_path / "secret_keys").exists()


def test_processes_that_start_together_share_their_keys(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHOW_DIGEST, str(tmp_path / "instance")]
    racers = [
        subprocess.Popen(
            command, cwd=config.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 4
    for racer in racers:
        assert racer.stdin
        racer.stdin.close()
        racer.stdin = None
    said = {racer.communicate(timeout=30)[0] for racer in racers}
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_production_makes_no_keys(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    with pytest.raises(config.ConfigError, match="WXLOGIN_SECRET_KEYS is missing"):
        config.load({"WXLOGIN_ENV": "production"}, instance)
    assert not instance.exists()
