"""The example opens in WeChat's developer tools as it is; the hard things are the client's."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.client.conftest import CLIENT, run
from tests.house import source

EXAMPLE = CLIENT / "example"
EXAMPLES = (EXAMPLE, CLIENT / "example-taro", CLIENT / "example-uni-app")
APP = json.loads((EXAMPLE / "app.json").read_text(encoding="utf-8"))

SCHEMAS = Path(__file__).parent / "schemas"
"""How WeChat's tools judge the files: the schemas of miniprogram-ci 2.1.42 (MIT), as JSON."""
ECMASCRIPT = "es2018"
"""What iOS knows from 11.3 on; the tools make ES5 of it besides."""
HARD = re.compile(
    r"token|signature|signing|\bsigned\b|nonce|retr(?:y|ies)|session_key|authorization"
    r"|签名|重试|令牌",
    re.IGNORECASE,
)


def read(name: str) -> dict[str, Any]:
    """A JSON file of the example; a comment or a comma too many is no JSON."""
    found: dict[str, Any] = json.loads((EXAMPLE / name).read_text(encoding="utf-8"))
    return found


def own_files() -> list[Path]:
    """What somebody who copies an example reads."""
    return [
        file
        for file in source.files()
        if any(file.is_relative_to(example) for example in EXAMPLES)
        and file.name not in {"wxlogin.js", "package-lock.json"}
    ]


def wrong(name: str, content: dict[str, Any]) -> list[str]:
    """What WeChat's tools have against a file of this kind, and which members they do not know."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    errors = [error.message for error in Draft7Validator(schema).iter_errors(content)]
    return errors + sorted(set(content) - set(schema["properties"]))


def test_the_app_and_the_project_are_right_by_the_schemas_of_wechats_tools() -> None:
    assert wrong("app", APP) == []
    assert wrong("sitemap", read(APP["sitemapLocation"])) == []
    project = read("project.config.json")
    assert (project["compileType"], project["appid"]) == ("miniprogram", "touristappid")
    assert (EXAMPLE / project["miniprogramRoot"] / "app.json").samefile(EXAMPLE / "app.json")
    for example in (EXAMPLE, CLIENT / "example-taro"):
        content = json.loads((example / "project.config.json").read_text(encoding="utf-8"))
        assert wrong("projectconfig", content) == []
        known = json.loads((SCHEMAS / "projectconfig.json").read_text(encoding="utf-8"))
        assert set(content["setting"]) <= set(known["properties"]["setting"]["properties"])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("app", {"window": {}}),
        ("app", {**APP, "page": []}),
        ("sitemap", {"rules": [{"action": "hide"}]}),
        ("projectconfig", {"setting": {"es6": "yes"}}),
    ],
)
def test_the_schemas_notice_what_is_wrong(name: str, content: dict[str, Any]) -> None:
    assert wrong(name, content) != []


@pytest.mark.parametrize("page", APP["pages"])
def test_every_page_has_its_files(page: str) -> None:
    for suffix in ("js", "wxml"):
        assert (EXAMPLE / f"{page}.{suffix}").exists()
    assert wrong("page", read(f"{page}.json")) == []


@pytest.mark.slow
def test_the_example_calls_wx_and_the_client_as_their_types_say(client: Path) -> None:
    check = ("npx", "--no-install", "tsc", "-p", "tsconfig.example.json")
    shutil.copy(client / "dist/wxlogin.d.ts", client / "example")
    run(*check, cwd=client)
    page = client / "example/pages/index/index.js"
    asked = page.read_text("utf-8")
    page.write_text(asked.replace("({ confirm })", "({ agreed: confirm })"), encoding="utf-8")
    with pytest.raises(AssertionError, match="agreed"):
        run(*check, cwd=client)
    page.write_text(asked, encoding="utf-8")
    (client / "example/wxlogin.d.ts").unlink()


@pytest.mark.slow
def test_old_phones_understand_the_language_of_what_is_built_and_of_the_example(
    client: Path,
) -> None:
    for files in ("dist/*.js", "example/**/*.js"):
        run("npx", "--no-install", "es-check", ECMASCRIPT, files, cwd=client)


def test_every_page_that_is_there_is_in_the_app() -> None:
    templates = EXAMPLE.rglob("*.wxml")
    found = {path.relative_to(EXAMPLE).with_suffix("").as_posix() for path in templates}
    assert found == set(APP["pages"])
    assert "pages/scan/scan" in found  # the page that docs/scan.md sets


def test_no_line_is_about_tokens_signing_or_retries() -> None:
    hard = [
        f"{file.relative_to(CLIENT)}: {found[0]}"
        for file in own_files()
        for found in HARD.finditer(file.read_text(encoding="utf-8"))
    ]
    assert hard == []
    assert HARD.search("header: { Authorization: token }")


def test_the_client_in_it_is_the_built_one() -> None:
    assert (EXAMPLE / "wxlogin.js").read_bytes() == (CLIENT / "dist/wxlogin.js").read_bytes()
