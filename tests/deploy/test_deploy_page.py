"""docs/deploy.md, followed on a fresh Debian 12 to a service over HTTPS that goes on serving."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.deploy.harness.deployed import PAGE, Deployed
from tests.deploy.harness.load import Load
from tests.deploy.harness.pasted import same_blocks
from tests.harness.doc_pages import written
from tests.harness.timing import eventually

pytestmark = pytest.mark.machine

UNITS = ("wxlogin.service", "wxlogin-migrate.service", "wxlogin-purge.service")
MOST_EXPOSED = 2.0
ENOUGH = 100
"""Requests that are answered before and after what happens under load."""


@pytest.fixture
def wrong_settings(deployed: Deployed) -> Iterator[None]:
    """A setting that does not exist, until the test ends."""
    settings = "/etc/wxlogin/wxlogin.env"
    deployed.machine.said(
        f"cp -p {settings} /var/tmp/kept; echo WXLOGIN_MAX_DEVISES=3 >>{settings}"
    )
    yield
    deployed.machine.said(f"mv /var/tmp/kept {settings}; systemctl restart wxlogin")


def test_the_page_says_the_same_in_both_languages() -> None:
    assert same_blocks(PAGE)


def test_only_what_needs_the_internet_or_a_mini_program_is_not_run() -> None:
    assert [block.not_run for block in written(PAGE) if not block.runs] == [
        "needs a name that the internet knows.",
        "needs a mini-program of yours.",
    ]


def test_a_fresh_machine_comes_to_a_login_over_https(deployed: Deployed) -> None:
    assert "HTTP/2 204" in deployed.said
    assert re.search("^x-wxlogin-user: .{22}", deployed.said, re.MULTILINE)
    token = deployed.login("bob")
    assert deployed.status(token) == 204
    assert deployed.status(token[:-1]) == 401


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_can_do_little_beyond_its_task(deployed: Deployed, unit: str) -> None:
    said = deployed.machine.said(f"systemd-analyze security --no-pager {unit}")
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)
    assert exposure
    assert float(exposure[1]) <= MOST_EXPOSED, said


def test_the_units_are_without_a_fault(deployed: Deployed) -> None:
    assert deployed.machine.said(f"systemd-analyze verify {' '.join(UNITS)} 2>&1") == ""
    assert deployed.machine.said("systemctl --failed --no-legend") == ""


@pytest.mark.parametrize("act", ["restart", "reload"])
def test_no_request_is_lost_under_load(deployed: Deployed, act: str) -> None:
    with Load(deployed.server, deployed.calls) as load:
        eventually(lambda: load.answered > ENOUGH, 120)
        deployed.machine.said(f"systemctl {act} wxlogin")
        before = load.answered
        eventually(lambda: load.answered > before + ENOUGH, 120)
    assert load.lost == []


def test_the_purge_runs_by_its_timer_s_unit(deployed: Deployed) -> None:
    assert "wxlogin-purge.timer" in deployed.machine.said("systemctl list-timers --no-pager")
    deployed.machine.said("systemctl start wxlogin-purge.service")
    assert "Removed: 0 events" in deployed.journal("wxlogin-purge.service")
    # What the service keeps in memory outlives the end of the unit that shares its user.
    assert deployed.machine.said("ls -d /dev/shm/wxlogin-metrics-*")


@pytest.mark.usefixtures("wrong_settings")
def test_wrong_settings_are_named_before_anything_starts(deployed: Deployed) -> None:
    asked = deployed.machine.run("wxlogin settings check")
    assert asked.returncode == 2
    assert asked.stdout.count("WXLOGIN_MAX_DEVISES") == 1
    assert deployed.status(deployed.login("erin")) == 204  # it goes on as it was started
    # One that is started waits for the mending; its socket stays open.
    assert deployed.machine.run("systemctl restart wxlogin").returncode == 1
    said = deployed.journal("wxlogin.service")
    assert "WXLOGIN_MAX_DEVISES is not a setting; is WXLOGIN_MAX_DEVICES meant?" in said
    assert "Traceback" not in said
    assert deployed.machine.said("systemctl is-active wxlogin.socket").strip() == "active"


def test_secrets_are_for_the_service_alone(deployed: Deployed) -> None:
    for user, file in (("www-data", "secrets/data_keys"), ("wxlogin", "owner/database_url")):
        read = deployed.machine.run(f"runuser -u {user} -- cat /etc/wxlogin/{file}")
        assert read.returncode == 1
        assert "Permission denied" in read.stdout
    shown = deployed.machine.said(
        "journalctl --no-pager; systemctl show 'wxlogin*'; ps axww || true"
    )
    assert [secret for secret in deployed.secrets() if secret in shown + deployed.said] == []


def test_nginx_goes_on_in_a_new_file_when_its_logs_are_rotated(deployed: Deployed) -> None:
    logs = deployed.machine.root / "var/log/nginx"
    assert deployed.status(deployed.login("carol")) == 204
    judged = deployed.machine.said("logrotate --debug /etc/logrotate.conf 2>&1")
    assert "error:" not in judged
    assert "wxlogin.log" in judged
    deployed.machine.said("logrotate --force /etc/logrotate.d/nginx")
    assert len(list(logs.glob("wxlogin.log-*"))) == 1
    assert deployed.status(deployed.login("carol")) == 204
    eventually(lambda: '"path":"/v1/auth"' in (logs / "wxlogin.log").read_text(encoding="utf-8"))
