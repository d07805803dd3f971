"""The picture of getwxacodeunlimit: a QR code in the place of WeChat's own kind."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import segno

from wxlogin.sandbox.errcodes import WxError
from wxlogin.sandbox.world import World

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")
_PAGE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,127}")
_VERSIONS = ("release", "trial", "develop")
_KNOWN = {"scene", "page", "check_path", "env_version", "width", "is_hyaline"}


def draw(world: World, appid: str, body: Mapping[str, Any]) -> bytes:
    """Return a PNG that says which page of which app it opens, with which scene."""
    scene, page = body.get("scene"), body.get("page", world.main_page)
    if set(body) - _KNOWN or body.get("env_version", "release") not in _VERSIONS:
        raise WxError(40097)
    if not isinstance(scene, str) or not _SCENE.fullmatch(scene):
        raise WxError(40129)
    if not isinstance(page, str) or not _PAGE.fullmatch(page):
        raise WxError(41030)
    if body.get("check_path", True) and page not in world.pages:
        raise WxError(41030)
    if body.get("is_hyaline") is not True:
        raise WxError(40097, "the sandbox draws no JPEG: send is_hyaline")
    drawn = io.BytesIO()
    segno.make(f"{appid} {page}?scene={scene}", error="m").save(
        drawn, kind="png", scale=8, border=4, light=None
    )
    return drawn.getvalue()
