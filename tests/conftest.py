"""Real parts for every test: a Valkey of our own, a migrated database, a server, a clock."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest

import config
from tests.harness.clock import SettableClock
from tests.harness.leaks import issued, run_log
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin import create_app
from wxlogin.development.valkey import ValkeyServer
from wxlogin.extensions import db

FINDS = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let CI insist that nothing is skipped."""
    parser.addoption("--nothing-skipped", action="store_true", help="a skipped test is a failure")
    parser.addoption("--pictures", help="where the browser's tests put the pictures of the docs")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "settings(**names): settings of the test's site")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip into a failure where nothing may be skipped."""
    report = yield
    if report.skipped and item.config.getoption("--nothing-skipped"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"
    return report


def pytest_sessionstart() -> None:
    """Keep every line of the run, at every level."""
    for name in ("", "wxlogin"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(run_log)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Keep what the test and the processes that it started wrote to stdout and stderr."""
    if report.when == "teardown":
        run_log.hear(report.capstdout + report.capstderr, report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search all of it for every secret that was used; a find fails the run."""
    if session.config.stash.setdefault(FINDS, run_log.finds()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what the search found."""
    finds = config.stash.get(FINDS, [])
    searched = f"{len(run_log.lines)} lines for {len(run_log.secrets)} secrets"
    result = f"found {len(finds)}" if finds else "found none"
    terminalreporter.write_line(f"Searched {searched} in every form: {result}.", red=bool(finds))
    for find in finds:
        terminalreporter.write_line(f"LEAKED {find}", red=True)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """A Valkey of the test run's own."""
    server = ValkeyServer(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all migrations, to be copied."""
    directory = tmp_path_factory.mktemp("migrated")
    settings = config.load(
        {"WXLOGIN_ENV": "testing", "WXLOGIN_REDIS_URL": "unix:///nowhere"}, instance=directory
    )
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()  # the last connection takes the write-ahead log along
    return directory / "wxlogin.sqlite3"


@pytest.fixture
def clock() -> SettableClock:
    """The time, which the test moves."""
    return SettableClock()


@pytest.fixture
def make_site(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    valkey: ValkeyServer,
    migrated: Path,
    clock: SettableClock,
) -> Iterator[Callable[..., Site]]:
    """Starts servers on the same stores; at the end of the test nothing may have leaked."""
    mark = request.node.get_closest_marker("settings")
    shutil.copy(migrated, tmp_path / "wxlogin.sqlite3")
    sites: list[Site] = []

    def make(**settings: str) -> Site:
        given = {"WXLOGIN_REDIS_URL": valkey.url, **(mark.kwargs if mark else {}), **settings}
        sites.append(Site(tmp_path, clock, given))
        return sites[-1]

    yield make
    for site in sites:
        site.close()
        run_log.use(site.secrets | site.tokens | issued(site.sandbox.world))
    try:
        for site in sites:
            assert site.leaks() == []
            assert site.broken_keys() == []
    finally:
        for site in sites:
            site.forget()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A running server."""
    return make_site()


@pytest.fixture
def phone(site: Site) -> Phone:
    """Alice's phone."""
    return Phone(site)
