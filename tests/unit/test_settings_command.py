"""`flask settings check`, by the console script that a service's unit starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.harness.environment import PRODUCTION
from tests.house.source import ROOT

FLASK = Path(sys.executable).with_name("flask")


def checked(**settings: str) -> subprocess.CompletedProcess[str]:
    """What it says of a sound production with these settings; no store is there to be asked."""
    nowhere = {
        "WXLOGIN_DATABASE_URL": "postgresql+psycopg://wxlogin@127.0.0.1:1/wxlogin",
        "WXLOGIN_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return subprocess.run(
        [FLASK, "--app", "wsgi", "settings", "check"],
        cwd=ROOT,
        env={**PRODUCTION, **nowhere, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_that_hold_are_said_to_be_in_order_though_no_store_answers() -> None:
    done = checked()
    assert (done.returncode, done.stdout) == (0, "The settings are in order.\n"), done.stderr


def test_every_setting_that_is_wrong_is_named_once_and_the_status_is_2() -> None:
    done = checked(WXLOGIN_MAX_DEVICES="none", WXLOGIN_SESSION_KEY_TTL="9000")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("WXLOGIN_") == 2
    assert "Traceback" not in done.stderr
    for name in ("WXLOGIN_MAX_DEVICES", "WXLOGIN_SESSION_KEY_TTL"):
        assert done.stderr.count(name) == 1
