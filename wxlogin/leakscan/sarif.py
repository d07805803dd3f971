"""Findings as SARIF 2.1.0, which code hosts show beside the lines. No value stands in it whole."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from wxlogin.leakscan.findings import Finding
from wxlogin.leakscan.kinds import KINDS
from wxlogin.leakscan.scan import Skipped

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
Json = dict[str, object]


def sarif(found: Iterable[Finding], skipped: Iterable[Skipped] = ()) -> str:
    """Return a SARIF log with one run."""
    notes = [_notification(skip) for skip in skipped]
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in found],
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False)


def describe(finding: Finding) -> str:
    """Return a sentence on a finding, without its place."""
    name = finding.label or KINDS[finding.kind].label
    return f"{name} {finding.masked}, by {finding.how}"


def _driver() -> Json:
    rules = [
        {
            "id": kind.id,
            "name": kind.label,
            "shortDescription": {"text": f"Leaked {kind.label}"},
            "help": {"text": kind.advice},
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["security"], "security-severity": "9.0"},
        }
        for kind in KINDS.values()
    ]
    return {"name": "wxlogin leakscan", "rules": rules}


def _result(finding: Finding) -> Json:
    place: Json = {"physicalLocation": _physical(finding)}
    if finding.inside:
        place["logicalLocations"] = [{"fullyQualifiedName": finding.place, "kind": "member"}]
    said = describe(finding)
    if finding.commit:
        said += f"; first in commit {finding.commit}"
    result: Json = {
        "ruleId": finding.kind,
        "ruleIndex": list(KINDS).index(finding.kind),
        "level": "error",
        "message": {"text": f"{said}. {KINDS[finding.kind].advice}"},
        "locations": [place],
        "partialFingerprints": {"valueDigest/v1": finding.digest},
    }
    if finding.commit:
        result["properties"] = {"commit": finding.commit}
    return result


def _physical(finding: Finding) -> Json:
    """Return the place of a file; the line within a member is no line of its container."""
    line = 1 if finding.inside else finding.line
    return {"artifactLocation": _artifact(finding.path), "region": {"startLine": line}}


def _artifact(path: str) -> Json:
    pure = PurePath(path)
    return {"uri": pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())}


def _notification(skip: Skipped) -> Json:
    return {
        "level": "warning",
        "message": {"text": f"{skip.path} {skip.reason}"},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(skip.path)}}],
    }
