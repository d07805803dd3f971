"""The SARIF log has what the standard requires, and no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.leakscan.made_up import APP_SECRET, APPID, SESSION_KEY
from wxlogin.leakscan.content import Search
from wxlogin.leakscan.files import findings_of_file
from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.kinds import KINDS
from wxlogin.leakscan.known_secrets import KnownSecret, KnownSecrets
from wxlogin.leakscan.sarif import describe, sarif
from wxlogin.leakscan.scan import Skipped

KNOWN = KnownSecrets(
    [KnownSecret("wechat-app-secret", f"AppSecret of {APPID}", APP_SECRET.encode())]
)
TEXT = f"""x
secret = '{APP_SECRET}'
session_key = "{SESSION_KEY}"
"""


def found(path: str = "src/配置 a.js") -> list[Finding]:
    """Return the findings in the text."""
    return list(findings_of_file(TEXT.encode(), path, Search(KNOWN), ""))


def run_of(text: str) -> Any:
    """Return the one run of a log."""
    log = json.loads(text)
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


def test_the_log_has_what_the_standard_requires() -> None:
    run = run_of(sarif(found(), [Skipped("b.wxapkg", "is encrypted")]))
    driver = run["tool"]["driver"]
    assert driver["name"] == "wxlogin leakscan"
    ids = [rule["id"] for rule in driver["rules"]]
    assert ids == list(KINDS)
    assert len(ids) == len(set(ids))
    for result in run["results"]:
        assert result["level"] == "error"
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        (place,) = result["locations"]
        assert place["physicalLocation"]["region"]["startLine"] >= 1
        assert result["partialFingerprints"]["valueDigest/v1"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"] == "b.wxapkg is encrypted"


def test_a_place_is_a_uri_reference_and_a_line() -> None:
    places = [
        result["locations"][0]["physicalLocation"] for result in run_of(sarif(found()))["results"]
    ]
    assert [place["artifactLocation"]["uri"] for place in places] == [
        "src/%E9%85%8D%E7%BD%AE%20a.js"
    ] * 2
    assert [place["region"]["startLine"] for place in places] == [2, 3]
    (result, _) = run_of(sarif(found(str(Path("/srv/a b.js")))))["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "file:///srv/a%20b.js"


def test_a_member_has_its_own_line_in_a_logical_place_alone() -> None:
    finding = Finding("private-key", "a.zip", 7, "****", "0" * 16, "shape", inside="b.js")
    (result,) = run_of(sarif([finding]))["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["region"]["startLine"] == 1
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "a.zip!/b.js:7"


def test_a_commit_is_named() -> None:
    finding = Finding("private-key", "a", 7, "****", "0" * 16, "shape", commit="c" * 40)
    (result,) = run_of(sarif([finding]))["results"]
    assert "c" * 40 in result["message"]["text"]
    assert result["properties"]["commit"] == "c" * 40


def test_no_log_and_no_sentence_holds_a_value_whole() -> None:
    said = sarif(found()) + "".join(describe(finding) for finding in found()) + repr(found())
    assert APP_SECRET not in said
    assert SESSION_KEY not in said
    assert APP_SECRET[:4] in said
    assert APP_SECRET[4:12] not in said


def test_a_log_without_a_find_has_no_result() -> None:
    assert run_of(sarif([]))["results"] == []
