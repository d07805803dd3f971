"""deploy/Dockerfile, its steps run as they stand, and what Compose and Kubernetes start of it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.harness import image as images
from tests.deploy.harness import manifests
from tests.deploy.harness.containers import Engine, Stores
from tests.deploy.harness.dockerfile import Context
from tests.deploy.harness.image import Image
from tests.deploy.harness.manifests import Run
from tests.deploy.harness.sql_roles import Granted
from tests.deploy.test_redis_acl import CONF
from tests.harness.databases import DatabaseServer
from tests.harness.redis_process import until
from tests.house.source import ROOT, files
from wxlogin.development.valkey import binary

DOCKERFILE = ROOT / "deploy/Dockerfile"
IGNORING = ROOT / "deploy/Dockerfile.dockerignore"
NOTHING = Run(["sleep", "300"], {})


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    """What the Dockerfile makes, in memory: Debian's packages wait for the disk at every step."""
    if why := images.missing():
        pytest.skip(f"{why} (apt-get install systemd-container mmdebstrap curl)")
    place = tmp_path_factory.mktemp("image")
    place.chmod(0o755)
    mounted = ["mount", "-t", "tmpfs", "-o", "size=3g,mode=755", "tmpfs", str(place)]
    subprocess.run(mounted, check=True)
    try:
        context = Context(ROOT, IGNORING.read_text(encoding="utf-8"))
        yield Image(place, DOCKERFILE.read_text(encoding="utf-8"), context)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def stores(postgresql_server: DatabaseServer) -> Iterator[Stores]:
    """Empty stores, with the roles in the one and the users in the other."""
    granted = Granted(postgresql_server)
    granted.grant()
    stores = Stores(granted, postgresql_server.directory, str(binary()), CONF)
    try:
        stores.start()
        yield stores
    finally:
        stores.stop()
        granted.remove_roles()


class Platform:
    """Where the image runs: its secrets' places, and what is run of it."""

    def __init__(self, name: str, stores: Stores) -> None:
        if name == "compose":
            self.secrets = {stores.secrets: "/run/secrets"}
            self.server, self.migrate, self.purge = (
                manifests.composed(service) for service in ("app", "migrate", "purge")
            )
        else:
            self.secrets = {stores.secrets: "/run/secrets/wxlogin"}
            self.secrets[stores.owners] = "/run/secrets/wxlogin-owner"
            self.server = manifests.scheduled("Deployment", "base")
            self.migrate = manifests.scheduled("Job", "migrate")
            self.purge = manifests.scheduled("CronJob", "base")


@pytest.fixture(params=["compose", "kubernetes"])
def platform(request: pytest.FixtureRequest, stores: Stores) -> Platform:
    """Each platform in turn."""
    return Platform(request.param, stores)


@pytest.fixture
def engine(image: Image, stores: Stores, platform: Platform, tmp_path: Path) -> Iterator[Engine]:
    """Runs the image beside the stores."""
    engine = Engine(image, stores, platform.secrets, tmp_path)
    yield engine
    engine.stop()


def test_the_owner_migrates_and_the_app_serves_until_it_is_told_to_end(
    image: Image, stores: Stores, platform: Platform, engine: Engine
) -> None:
    assert "The database is at" in engine.done(platform.migrate)
    stores.granted.grant()
    app = engine.serving(platform.server)
    until(lambda: app.ask("/readyz"), "an app that is ready")
    assert json.loads(app.ask("/readyz"))["status"] == "ok"
    for check in (image.health, [*image.health, "/readyz"]):
        assert engine.check(app, check) == 0
    assert "Removed: " in engine.done(platform.purge)
    rights = Path(f"/proc/{app.main}/status").read_text(encoding="utf-8").split("\n")
    assert "Uid:\t10001\t10001\t10001\t10001" in rights
    assert "CapEff:\t0000000000000000" in rights
    assert app.stop() == 0
    assert "Traceback" not in app.said()


@pytest.mark.parametrize("platform", ["compose"], indirect=True)
def test_the_checks_tell_an_app_that_cannot_serve_from_one_that_is_gone(
    image: Image, stores: Stores, platform: Platform, engine: Engine
) -> None:
    app = engine.serving(platform.server)
    assert engine.check(app, image.health) == 0
    assert engine.check(app, [*image.health, "/readyz"]) != 0  # not migrated
    app.freeze(signal.SIGSTOP)
    assert engine.check(app, image.health) != 0
    app.freeze(signal.SIGCONT)
    assert engine.check(app, image.health) == 0
    empty = engine.start(NOTHING)
    until(lambda: not empty.enter(["--net", "--", "true"]).returncode, "a container")
    assert engine.check(empty, image.health) != 0


@pytest.mark.parametrize("platform", ["compose"], indirect=True)
def test_a_container_without_settings_ends_and_says_which(
    platform: Platform, engine: Engine
) -> None:
    container = engine.start(Run(None, {}))
    assert container.wait() != 0
    assert "WXLOGIN_SECRET_KEYS is missing" in container.said()


def test_the_image_holds_the_program_and_nothing_else_of_the_directory(image: Image) -> None:
    within = image.root / "srv/wxlogin"
    found = {file.relative_to(within) for file in within.rglob("*") if file.is_file()}
    program = {file.relative_to(ROOT) for file in files(ROOT)}
    assert {file for file in found if file.suffix != ".pyc"} <= program
    assert not {file for file in found if file.parts[0] in ("instance", "tests", ".git")}
    assert {Path("wsgi.py"), Path("migrations/env.py"), Path("deploy/gunicorn.conf.py")} <= found


def test_nothing_of_the_program_can_be_changed_by_its_user(image: Image) -> None:
    for place in ("srv/wxlogin", "opt/wxlogin"):
        for file in (image.root / place).rglob("*"):
            state = file.lstat()
            assert state.st_uid == 0, file
            assert file.is_symlink() or not state.st_mode & 0o022, file


def test_no_installer_is_left_in_the_image(image: Image) -> None:
    programs = {file.name for file in (image.root / "opt/wxlogin/bin").iterdir()}
    assert {"gunicorn", "flask", "python"} <= programs
    assert not {name for name in programs if name.startswith(("pip", "uv"))}
    assert not shutil.which("gcc", path=str(image.root / "usr/bin"))
