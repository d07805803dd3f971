"""What a User-Agent names: well-known browsers and systems, and never its own words."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wxlogin.user_agents import BROWSERS, SYSTEMS, read

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.mark.parametrize(
    ("header", "browser", "system"),
    [
        (f"{WINDOWS} {WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome 142", "Windows"),
        (f"{WINDOWS} {WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/141.0.0.0", "Edge 141", "Windows"),
        (f"{MAC} {WEBKIT} Version/26.0 Safari/605.1.15", "Safari 26", "macOS"),
        (
            f"Mozilla/5.0 (iPhone) {WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1",
            "Safari 18",
            "iOS",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
            "Firefox 144",
            "Linux",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/130.0 Mobile MicroMessenger/8.0.50",
            "WeChat 8",
            "Android",
        ),
        (
            f"Mozilla/5.0 (Phone; OpenHarmony 5.0) {WEBKIT} Chrome/114.0 HuaweiBrowser/5.0.4.300",
            "Huawei Browser 5",
            "HarmonyOS",
        ),
        (
            f"{WINDOWS} {WEBKIT} Chrome/123.0 Safari/537.36 QQBrowser/13.8",
            "QQ Browser 13",
            "Windows",
        ),
        ("python-requests/2.32", "", ""),
        ("", "", ""),
    ],
)
def test_well_known_browsers_are_named(header: str, browser: str, system: str) -> None:
    assert read(header) == (browser, system)


@given(st.text(max_size=600))
def test_nothing_else_is_repeated(header: str) -> None:
    browser, system = read(f"Firefox/{header} Windows{header}")
    assert re.fullmatch(rf"((?:{'|'.join(name for name, _ in BROWSERS)}) [0-9]{{1,4}})?", browser)
    assert system in {"", *(name for _, name in SYSTEMS)}


def test_the_longest_header_costs_little() -> None:
    began = time.perf_counter()
    for _ in range(100):
        read("Version/1" * 100_000)
    assert time.perf_counter() - began < 2
