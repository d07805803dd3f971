"""docs/containers.md: what its lines make is what deploy/ asks for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

import config
from tests.deploy.harness import manifests
from tests.harness.doc_pages import commands
from tests.harness.redis_process import RedisProcess, free_port
from tests.house.source import ROOT
from wxlogin.development.valkey import binary

PAGE = ROOT / "docs/containers.md"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's deploy/ after the page's blocks were pasted beside it."""
    directory = tmp_path_factory.mktemp("containers")
    hidden = shutil.ignore_patterns("secrets", ".env")
    shutil.copytree(ROOT / "deploy", directory / "deploy", ignore=hidden)
    script = "set -eu\n" + commands(PAGE)
    command = ["bash", "-c", script]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (directory / "deploy/secrets/wx_secret").write_text("9f1c5ab07d3e48261b4f\n", encoding="utf-8")
    return directory / "deploy"


def test_every_secret_of_compose_is_made(made: Path) -> None:
    text = (made / "compose.yaml").read_text(encoding="utf-8")
    for secret in yaml.safe_load(text)["secrets"].values():
        file = made / secret["file"]
        assert file.stat().st_size, file
        assert file.stat().st_mode & 0o777 == 0o644, file
    assert (made / "secrets").stat().st_mode & 0o777 == 0o700


def test_every_name_that_compose_asks_for_is_given(made: Path) -> None:
    lines = (made / ".env").read_text(encoding="utf-8").splitlines()
    assert dict(line.split("=", 1) for line in lines) == manifests.GIVEN


@pytest.mark.parametrize("service", ["app", "migrate", "purge"])
def test_wxlogin_accepts_the_settings_and_the_secrets(made: Path, service: str) -> None:
    said = manifests.composed(service).environment
    there = {name: text.replace("/run/secrets/", f"{made}/secrets/") for name, text in said.items()}
    settings = config.load(there, instance=made / "nowhere")
    assert settings.production
    assert settings.trusted_hops == 1
    owner = "wxlogin_owner" if service == "migrate" else "wxlogin_app"
    assert settings.database_url.startswith(f"postgresql+psycopg://{owner}:")


def test_redis_takes_the_users_and_their_passwords(made: Path, tmp_path: Path) -> None:
    secrets, port = made / "secrets", free_port()
    password = (secrets / "operator_password").read_text(encoding="utf-8").strip()
    words = [str(binary()), str(made / "redis/redis.conf"), "--aclfile", str(secrets / "users.acl")]
    own = ["--port", str(port), "--dir", str(tmp_path)]
    server = RedisProcess(tmp_path, [*words, *own], port, username="operator", password=password)
    server.start()
    try:
        url = (secrets / "redis_url").read_text(encoding="utf-8").strip()
        wxlogin = url.removeprefix("redis://wxlogin:").partition("@")[0]
        assert server.ask("AUTH", "wxlogin", wxlogin) is True
    finally:
        server.stop()
