"""The example opens in WeChat's developer tools as it is; the hard things are the client's."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.client.conftest import CLIENT

EXAMPLE = CLIENT / "example"
EXAMPLES = (EXAMPLE, CLIENT / "example-taro", CLIENT / "example-uni-app")
APP = json.loads((EXAMPLE / "app.json").read_text(encoding="utf-8"))

# What WeChat's reference knows of each file (全局配置, 页面配置, 项目配置文件, sitemap 配置).
WINDOW = {
    "navigationBarTitleText",
    "navigationBarBackgroundColor",
    "navigationBarTextStyle",
    "navigationStyle",
    "backgroundColor",
    "backgroundTextStyle",
    "enablePullDownRefresh",
    "onReachBottomDistance",
    "pageOrientation",
}
OF_APP = {
    "entryPagePath",
    "pages",
    "window",
    "tabBar",
    "networkTimeout",
    "debug",
    "subPackages",
    "style",
    "lazyCodeLoading",
    "sitemapLocation",
    "usingComponents",
    "permission",
    "darkmode",
    "themeLocation",
}
OF_PAGE = WINDOW | {"usingComponents", "disableScroll", "renderer", "style"}
OF_PROJECT = {
    "appid",
    "compileType",
    "description",
    "libVersion",
    "miniprogramRoot",
    "packOptions",
    "projectname",
    "setting",
}
OF_SETTING = {"urlCheck", "es6", "enhance", "postcss", "minified"}
OF_RULE = {"action", "page", "params", "matching", "priority"}
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
        for example in EXAMPLES
        for file in sorted(example.rglob("*"))
        if file.is_file() and file.name != "wxlogin.js"
    ]


def test_the_app_and_the_project_have_what_the_tools_know() -> None:
    assert set(APP) <= OF_APP
    assert set(APP["window"]) <= WINDOW
    project = read("project.config.json")
    assert set(project) <= OF_PROJECT
    assert set(project["setting"]) <= OF_SETTING
    assert (project["compileType"], project["appid"]) == ("miniprogram", "touristappid")
    assert (EXAMPLE / project["miniprogramRoot"] / "app.json").samefile(EXAMPLE / "app.json")
    assert [set(rule) - OF_RULE for rule in read(APP["sitemapLocation"])["rules"]] == [set()]


@pytest.mark.parametrize("page", APP["pages"])
def test_every_page_has_its_files(page: str) -> None:
    assert (EXAMPLE / f"{page}.js").exists()
    assert set(read(f"{page}.json")) <= OF_PAGE
    template = (EXAMPLE / f"{page}.wxml").read_text(encoding="utf-8")
    escaped = re.sub(r"wx:else(?=[ >])", 'wx:else=""', re.sub(r"\{\{.*?\}\}", "", template))
    ElementTree.fromstring(f'<page xmlns:wx="wx">{escaped}</page>')


def test_every_page_that_is_there_is_in_the_app() -> None:
    templates = EXAMPLE.rglob("*.wxml")
    found = {path.relative_to(EXAMPLE).with_suffix("").as_posix() for path in templates}
    assert found == set(APP["pages"])
    assert "pages/scan/scan" in found  # the page that docs/scan.md sets


def test_no_line_is_about_tokens_signing_or_retries() -> None:
    wrong = [
        f"{file.relative_to(CLIENT)}: {found[0]}"
        for file in own_files()
        for found in HARD.finditer(file.read_text(encoding="utf-8"))
    ]
    assert wrong == []
    assert HARD.search("header: { Authorization: token }")


def test_the_client_in_it_is_the_built_one() -> None:
    assert (EXAMPLE / "wxlogin.js").read_bytes() == (CLIENT / "dist/wxlogin.js").read_bytes()
