"""What kind of browser a User-Agent names, and its system: a few well-known words, no more.

The text is the client's word and is shown to a person, so none of it is repeated: the answer is
made of the names in these tables and of digits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MOST_READ = 512
"""Characters of the header that are looked at."""

BROWSERS = (
    ("WeChat", re.compile(r"MicroMessenger/([0-9]{1,4})")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/([0-9]{1,4})")),
    ("Opera", re.compile(r"OPR/([0-9]{1,4})")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/([0-9]{1,4})")),
    ("Huawei Browser", re.compile(r"HuaweiBrowser/([0-9]{1,4})")),
    ("QQ Browser", re.compile(r"M?QQBrowser/([0-9]{1,4})")),
    ("UC Browser", re.compile(r"UC?Browser/([0-9]{1,4})")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/([0-9]{1,4})")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/([0-9]{1,4})")),
    ("Safari", re.compile(r"Version/([0-9]{1,4})[0-9.]{0,12} (?:Mobile/[0-9A-Z]{1,8} )?Safari/")),
)
"""The first that is found counts: most browsers name others behind themselves."""
SYSTEMS = (
    ("Windows Phone", "Windows Phone"),
    ("Windows", "Windows"),
    ("OpenHarmony", "HarmonyOS"),
    ("HarmonyOS", "HarmonyOS"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


class UserAgent(NamedTuple):
    """The browser with its main version, and its system; empty if they are not known."""

    browser: str
    system: str


def read(header: str) -> UserAgent:
    """Return what a User-Agent header names."""
    text = header[:MOST_READ]
    found = ((name, shape.search(text)) for name, shape in BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), "")
    return UserAgent(browser, next((name for word, name in SYSTEMS if word in text), ""))
