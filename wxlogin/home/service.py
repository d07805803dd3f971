"""What runs here, how it is, and where it leads."""

from __future__ import annotations

from typing import NamedTuple

from config import DOCS_SITE, Settings
from wxlogin.languages import Language
from wxlogin.version import VERSION
from wxlogin.watch.readiness import Readiness

PLACES = {"console": "/admin/", "api": "/docs", "ready": "/readyz"}
DOCS: dict[Language, str] = {"zh": "/docs/", "en": "/docs/en/"}


class Part(NamedTuple):
    """A part of what runs, by its name in the words; its state, and whether that is in order."""

    name: str
    state: str
    is_good: bool = True


class Place(NamedTuple):
    """A link, by its name in the words; without a URL, what is not there yet."""

    name: str
    url: str


def parts(settings: Settings, readiness: Readiness) -> list[Part]:
    """Return the parts and their states."""
    found = readiness.verdict()
    stores = [
        Part(name, getattr(found, name), getattr(found, name) == "ok")
        for name in ("status", "redis", "database", "migrations")
    ]
    wechat = Part("wechat", "sandbox" if settings.sandbox else settings.wx_api_base)
    return [*stores, wechat, Part("version", f"{VERSION} ({settings.env})")]


def places(settings: Settings, language: Language, *, phones: bool) -> list[Place]:
    """Return the links: the phones first, if there are any; the docs in the reader's language."""
    docs = Place("docs", DOCS[language]) if DOCS_SITE.is_dir() else Place("unbuilt_docs", "")
    linked = [docs, *(Place(name, url) for name, url in PLACES.items())]
    if not phones:
        return linked
    inbox = Place("webhooks", f"{settings.wx_api_base}/sandbox/webhooks")
    return [Place("phones", "/sandbox/"), *linked, inbox]
