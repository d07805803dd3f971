"""Real parts for every test: a Valkey of our own, a migrated database, a server, a clock."""

from __future__ import annotations

import gc
import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser
from redis import Redis

from tests.browser.browser import CHROMIUM, chromium
from tests.harness import (
    databases,
    pure_caches,
    quick_shutdown,
    quick_sqlite,
    rule_cache,
    schedule,
    slow,
)
from tests.harness.checkouts import Checkouts
from tests.harness.clock import SettableClock
from tests.harness.console import Operator
from tests.harness.databases import DatabaseServer
from tests.harness.leaks import issued, run_log
from tests.harness.migrated import Template, migrate
from tests.harness.phone import Phone
from tests.harness.site import Site
from wxlogin.cpus import cpus
from wxlogin.development.valkey import ValkeyServer
from wxlogin.keyring import late_check
from wxlogin.redisdb import connection, reconciled_servers

PATIENCE_SECONDS = 10.0
GARBAGE = 20_000
"""Objects until the collector looks again; an app makes so many."""

FOUND = pytest.StashKey["list[Search]"]()


class Search(NamedTuple):
    """What one process of the run looked through, and where a secret stood."""

    lines: int
    secrets: int
    finds: list[str]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let CI insist that nothing is skipped."""
    parser.addoption("--slow", action="store_true", help="run the tests that take long, too")
    parser.addoption(
        "--nothing-skipped", action="store_true", help="count a skipped test as a failure"
    )
    parser.addoption("--record-durations", action="store_true", help="into tests/durations.txt")
    parser.addoption(
        "--operations", type=int, default=1000, help="how many test_random_operations.py makes"
    )
    parser.addoption(
        "--fuzz", type=int, default=1, help="how many times as many random cases are tried"
    )
    parser.addoption(
        "--frameworks", action="store_true", help="use what `make frameworks` built, too"
    )
    parser.addoption("--pictures", help="where the browser's tests put the pictures of the docs")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "settings(**names): settings of the test's site")
    config.addinivalue_line("markers", "impatient: how long a store is waited for matters")
    config.addinivalue_line("markers", "machine: needs a whole machine, booted in a container")
    config.addinivalue_line("markers", "slow: takes long; a plain `make test` leaves it out")
    config.stash[FOUND] = []
    # A run in the background of a shell ignores Ctrl-C, and so would the commands that tests stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    rule_cache.install()
    quick_sqlite.install()
    quick_shutdown.install()
    pure_caches.install()
    # The first process hears of all tests.
    if config.getoption("--record-durations") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(schedule.Recorder())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the tests in the order in which a run with several processes ends soonest."""
    slow.mark(items)  # before `-m` looks
    if slow.are_left_out(config):
        slow.deselect(config, items)
    schedule.arrange(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> schedule.Groups:
    """Have one process take all tests of a group."""
    return schedule.Groups(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of the run which tests it has."""
    node.workerinput["slow_left_out"] = slow.are_left_out(node.config)


def pytest_collection_finish() -> None:
    """Let the collector look at what tests make alone; all that stays took it a third of an app."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Run two processes more than there are CPUs: for about a third of its time a process waits."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else cpus() + 2


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


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a process of the run found; one that died has found nothing."""
    if found := getattr(node, "workeroutput", {}).get("search"):
        node.config.stash[FOUND].append(Search(*found))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search all of it for every secret that was used; a find fails the run."""
    searched = session.config.stash[FOUND]
    if not searched:  # this process ran tests itself
        searched.append(Search(len(run_log.lines), len(run_log.secrets), run_log.finds()))
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["search"] = tuple(searched[0])
    if any(search.finds for search in searched):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what the search found."""
    searches = config.stash[FOUND]
    finds = [find for search in searches for find in search.finds]
    lines, secrets = sum(s.lines for s in searches), sum(s.secrets for s in searches)
    result = f"found {len(finds)}" if finds else "found none"
    searched = f"Searched {lines} lines for {secrets} secrets in every form: {result}."
    terminalreporter.write_line(searched, red=bool(finds))
    for find in finds:
        terminalreporter.write_line(f"LEAKED {find}", red=True)
    if slow.are_left_out(config):
        terminalreporter.write_line(slow.LINE)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """A Valkey of the test run's own."""
    server = ValkeyServer(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Leave nothing in Redis for the next test; a site does so itself."""
    yield
    if "valkey" in request.fixturenames and "make_site" not in request.fixturenames:
        with Redis.from_url(request.getfixturevalue("valkey").url) as client:
            client.flushdb()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[DatabaseServer]:
    """A PostgreSQL of the test run's own."""
    yield from databases.postgres()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[DatabaseServer]:
    """A MariaDB of the test run's own."""
    yield from databases.mariadb()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database with all migrations, to be copied."""
    directory = tmp_path_factory.mktemp("migrated")
    migrate(directory)
    return directory / "wxlogin.sqlite3"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Template:
    """What a site finds in its directory, as if it had been started there before."""
    return Template(tmp_path_factory.mktemp("template"), migrated)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a process: Playwright runs once in it."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    with chromium() as running:
        yield running


@pytest.fixture
def clock() -> SettableClock:
    """The time, which the test moves."""
    return SettableClock()


@pytest.fixture(autouse=True)
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a store for longer, unless how long is what the test is about.

    On a busy machine a process may get no turn for seconds, and 503 would be right.
    """
    if request.node.get_closest_marker("impatient"):
        return
    monkeypatch.setattr(connection, "SOCKET_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(connection, "POOL_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(reconciled_servers, "WAIT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(late_check, "WAIT_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def make_site(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    valkey: ValkeyServer,
    template: Template,
    clock: SettableClock,
) -> Iterator[Callable[..., Site]]:
    """Starts servers on the same stores; at the end of the test nothing may have leaked."""
    mark = request.node.get_closest_marker("settings")
    sites: list[Site] = []
    checkouts: list[Checkouts] = []

    def make(**settings: str) -> Site:
        given = {"WXLOGIN_REDIS_URL": valkey.url, **(mark.kwargs if mark else {}), **settings}
        template.lay_out(tmp_path, given)
        site = Site(tmp_path, clock, given)
        sites.append(site)
        checkouts.append(Checkouts(site.app))
        return site

    yield make
    for site in sites:
        site.close()
        run_log.use(site.secrets | site.tokens | issued(site.sandbox.world))
    try:
        assert [nested for watched in checkouts for nested in watched.nested] == []
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
def owner(site: Site) -> Operator:
    """An owner who is signed in."""
    return Operator(site, "owner").sign_in()


@pytest.fixture
def phone(site: Site) -> Phone:
    """Alice's phone."""
    return Phone(site)
