"""getwxacodeunlimit: a picture that opens a page with a scene."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from wxlogin.sandbox import World

from .client import WXA_TAIL, Client
from .client import assert_refused as refused

PATH = "/wxa/getwxacodeunlimit"


def draw(client: Client, **body: Any) -> requests.Response:
    """Ask for a picture."""
    sent = {"scene": "a=1", "is_hyaline": True, **body}
    return client.post(PATH, params={"access_token": client.token()}, json=sent)


def test_a_picture_is_a_png(client: Client) -> None:
    answer = draw(client, page="pages/scan/scan", env_version="trial", width=430)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_another_scene_is_another_picture(client: Client) -> None:
    assert draw(client, scene="a").content != draw(client, scene="b").content


@pytest.mark.parametrize("scene", ["", "x" * 33, "a%20", "天", "a b", 1, None])
def test_a_scene_has_32_visible_characters_at_most(client: Client, scene: object) -> None:
    refused(draw(client, scene=scene).json(), 40129, "invalid scene", WXA_TAIL)


@pytest.mark.parametrize("page", ["/pages/scan/scan", "pages/none", "pages/scan/scan?a=1", "", 1])
def test_the_released_version_has_to_have_the_page(client: Client, page: object) -> None:
    refused(draw(client, page=page).json(), 41030, "invalid page", WXA_TAIL)


def test_a_page_that_is_not_checked_may_be_new(client: Client, world: World) -> None:
    assert draw(client, page="pages/new", check_path=False).content.startswith(b"\x89PNG")
    world.pages.add("pages/new")
    assert draw(client, page="pages/new").content.startswith(b"\x89PNG")


def test_a_wrong_version_is_refused(client: Client) -> None:
    refused(draw(client, env_version="beta").json(), 40097, "invalid args", WXA_TAIL)


def test_a_picture_takes_a_token(client: Client) -> None:
    answer = client.post(PATH, params={"access_token": "x"}, json={"scene": "a"}).json()
    assert answer["errcode"] == 40014
    assert client.get(PATH).json()["errcode"] == 43002
