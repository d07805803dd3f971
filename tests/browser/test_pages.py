"""Every page of the console: in both languages, on a phone and on a wide screen, no barriers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize

from tests.browser.browser import (
    ALL_LOOKS,
    LOW_PICTURE,
    PHONE,
    PHONE_PICTURE,
    PICTURE,
    Desk,
    Scheme,
)
from tests.browser.sample_site import SETTINGS, Scene
from tests.harness.console import Operator
from tests.harness.site import Site

Sit = Callable[..., Desk]

NO_PAGES = {
    "console.static",
    "console.bootstrap",
    "console.icons",
    "console.now_part",
    "console.alerts_badge",
    "console.avatar",
}
"""What is no page but a part of every one."""

PICTURES: dict[str, dict[str, tuple[ViewportSize, Scheme]]] = {
    "/admin/": {"overview": (PICTURE, "light")},
    "/admin/users/<id>": {"user": (LOW_PICTURE, "light"), "user-phone": (PHONE_PICTURE, "light")},
    "/admin/users/<id>/ban": {"ban": (PICTURE, "light")},
    "/admin/events": {"events": (PICTURE, "dark")},
}
"""The pages that docs/console.md shows, each in both languages: what a picture is called, its size,
and whether it is light or dark."""


MOST_SEEN = {
    "/admin/",
    "/admin/status",
    "/admin/users/<id>",
    "/admin/alerts",
    "/admin/events",
}
"""The pages that axe sees in both languages, on a phone and a wide screen, light and dark."""


def rules(site: Site) -> list[str]:
    """The addresses of all pages, as the app has them."""
    return sorted(
        rule.rule
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("console.")
        and rule.endpoint not in NO_PAGES
        and "GET" in (rule.methods or ())
    )


def address(rule: str, scene: Scene) -> str:
    """The page for something that is there."""
    rule = rule.replace("<selection>", scene.selection) if "<selection>" in rule else rule
    subject = rule.split("/")[2]
    known = {
        "find": "find",
        "users": "user",
        "sessions": "session",
        "admins": "admin",
        "alerts": "alert",
        "tokens": "token",
        "webhooks": "webhook",
    }
    thing = scene.appid if subject == "apps" else getattr(scene, known.get(subject, "user"))
    return re.sub("<[^>]+>", thing, rule)


@pytest.mark.settings(**SETTINGS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_for_everybody(
    site: Site, sit: Sit, language: str, pictures: Path | None
) -> None:
    desk = sit(Operator(site, "owner", "olivia"), language=language)
    scene = Scene(site, desk.operator)
    barriers = desk.barriers_everywhere if language == "en" else desk.barriers_of_words
    assert set(rules(site)) >= MOST_SEEN
    desk.open("/admin/sign-in")
    wrong = barriers()
    desk.open("/admin/nothing/here", status=404)
    wrong += barriers()
    desk.keep_cookie(scene.owner)
    for rule in rules(site):
        desk.open(address(rule, scene))
        wrong += desk.barriers_everywhere(ALL_LOOKS) if rule in MOST_SEEN else barriers()
        for name, look in PICTURES.get(rule, {}).items() if pictures else ():
            desk.picture(Path(pictures or "", f"{name}-{language}.png"), *look)
    assert wrong == []


def test_the_menu_of_a_phone_has_no_barriers(sit: Sit) -> None:
    desk = sit(width=PHONE).sign_in()
    desk.page.locator("summary", has_text="Menu").click()
    assert desk.barriers() == []


@pytest.mark.settings(**SETTINGS)
def test_the_buttons_of_rows_are_large_enough_for_a_finger(site: Site, sit: Sit) -> None:
    desk = sit(Operator(site, "owner", "olivia"), width=PHONE)
    scene = Scene(site, desk.operator)
    desk.keep_cookie(scene.owner)
    small: list[str] = []
    measured = 0
    for path in ("/admin/users", "/admin/sessions", "/admin/alerts", "/admin/admins"):
        desk.open(path)
        for button in desk.page.locator("table .btn:visible, table .copy:visible").all():
            box = button.bounding_box()
            assert box
            measured += 1
            if min(box["width"], box["height"]) < 32:
                small.append(f"{path}: {button.inner_text()} {box}")
    assert measured > 10
    assert small == []
