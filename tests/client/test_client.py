"""The client's own tests, in Node, on real sites with a sandbox in WeChat's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client.conftest import run
from tests.client.stage import Stage
from tests.harness.clock import SettableClock
from tests.harness.site import Site
from tests.house.source import ROOT
from wxlogin.development.valkey import ValkeyServer


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey that the tests may take away."""
    with ValkeyServer(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def stage(
    own_valkey: ValkeyServer, make_site: Callable[..., Site], clock: SettableClock
) -> Iterator[Stage]:
    """What the tests in Node ask for sites."""
    with Stage(make_site, own_valkey, clock) as stage:
        yield stage


@pytest.mark.slow
def test_the_client_does_what_its_tests_say(
    client: Path, stage: Stage, request: pytest.FixtureRequest
) -> None:
    given = {"STAGE": stage.base, "PAGE": str(ROOT / "docs/miniprogram.md")}
    if request.config.getoption("--frameworks"):
        given["FRAMEWORKS"] = "built"
    said = run("npx", "--no-install", "vitest", "run", cwd=client, **given)
    assert " passed" in said
