"""`flask doctor`: statuses, languages, JSON, and wrong settings."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import Result

from tests.harness import flask_process
from tests.harness.site import SECRET, Site


def run(site: Site, *words: str) -> Result:
    """Run the command on the site's stores."""
    result = site.app.test_cli_runner().invoke(args=["doctor", *words])
    site.answers.append(result.output.encode())
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def test_warnings_end_with_0_and_say_what_to_do(site: Site) -> None:
    done = run(site, "--language", "en")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    at = lines.index("WARNING  Alerts: WXLOGIN_ALERT_WEBHOOK is not set.")
    assert lines[at + 1].startswith("         What it means: An attack")
    assert lines[at + 2].startswith("         What to do: Set it to the URL of a WeCom")


def test_it_speaks_the_language_of_the_settings(site: Site) -> None:
    assert "警告       告警: 未设置 WXLOGIN_ALERT_WEBHOOK。" in run(site).output.splitlines()


def test_a_fault_ends_with_1(site: Site) -> None:
    site.sandbox.world.add_app(site.settings.wx_appid, SECRET[::-1])
    site.secrets.add(SECRET[::-1])
    done = run(site, "--language", "en")
    assert done.exit_code == 1
    assert "FAULT    WeChat: WeChat refuses the AppSecret of" in done.output


def test_json_is_one_document_with_codes(site: Site) -> None:
    done = run(site, "--json", "--language", "en")
    document = json.loads(done.stdout)
    assert document["level"] == "warning"
    checks = {check["check"]: check for check in document["checks"]}
    (alerts,) = checks["alerts"]["findings"]
    assert (alerts["code"], alerts["level"]) == ("alerts.no_webhook", "warning")
    assert {"what", "means", "do"} < set(alerts)
    assert checks["redis"]["level"] == "ok"
    assert done.exit_code == 0


def test_wrong_settings_are_named_one_by_one_and_end_with_1(tmp_path: Path) -> None:
    wrong = {"WXLOGIN_ENV": "testing", "WXLOGIN_TRUSTED_HOPS": "many", "WXLOGIN_EVENT_IP": "some"}
    done = flask_process.run(
        ("doctor", "--json"), wrong | {"WXLOGIN_ALERT_LANGUAGE": "en"}, tmp_path
    )
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["level"] == "fault"
    said = [finding["what"] for finding in document["checks"][0]["findings"]]
    assert [text.split()[0] for text in said] == ["WXLOGIN_TRUSTED_HOPS", "WXLOGIN_EVENT_IP"]
    codes = {finding["code"] for finding in document["checks"][0]["findings"]}
    assert codes == {"settings.wrong"}
    assert document["checks"][0]["findings"][0]["means"].startswith("wxlogin does not start")


def test_dead_stores_are_named_and_nothing_hangs(site: Site, tmp_path: Path) -> None:
    dead = {
        "WXLOGIN_DATABASE_URL": "postgresql+psycopg://nobody:hunter2@127.0.0.1:9/none",
        "WXLOGIN_REDIS_URL": "redis://:hunter2@127.0.0.1:9/0",
        "WXLOGIN_WX_API_BASE": site.sandbox.base,
    }
    done = flask_process.run(
        ("doctor", "--language", "en"), flask_process.settings_of(site) | dead, tmp_path
    )
    assert done.returncode == 1
    assert "FAULT    Redis: Redis is out" in done.stdout
    assert "FAULT    Database: The database is out" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
