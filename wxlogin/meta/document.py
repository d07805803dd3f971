"""The OpenAPI document as readers get it: by kind of caller, with examples, in either language."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from wxlogin import error_words, field_words
from wxlogin.api_error import ApiError
from wxlogin.errors import CATALOGUE, INVALID_REQUEST, Entry
from wxlogin.languages import Language
from wxlogin.meta.chinese import in_chinese
from wxlogin.meta.words import PARTS_SAID
from wxlogin.openapi import with_csv
from wxlogin.openapi_examples import EXAMPLES, with_examples
from wxlogin.outbox.payloads import webhooks_section

PARTS = {
    "admin": ("/admin/",),
    "services": ("/v1/introspect", "/v1/service/", "/v1/push/", "/healthz", "/readyz"),
    "client": ("/",),
}
"""The kinds of callers by what the paths of their calls begin with; the first that fits counts."""
PROBLEM = "application/problem+json"
CODE = re.compile(r"`([A-Z_]+)`")
WRONG_FIELD = (("code", "should be the code that wx.login gave"),)
SCHEMA = re.compile(r'"#/components/schemas/(\w+)"')


def document(api_doc: dict[str, Any], part: str = "", language: Language = "en") -> dict[str, Any]:
    """Return the OpenAPI document of the calls, with examples and the webhooks that are sent.

    `part` leaves the calls of one kind of caller: see `PARTS`. Another one is all of them.
    """
    whole = with_examples({**with_csv(api_doc), "webhooks": webhooks_section()})
    components = {**whole["components"], "examples": _problems(language)}
    paths = {path: _told(calls) for path, calls in whole["paths"].items()}
    tags = [{**tag, "x-displayName": _shown(tag["name"])} for tag in whole["tags"]]
    found = {**whole, "paths": paths, "tags": tags, "components": components}
    if part in PARTS:
        found = _only(found, part, language)
    return found if language == "en" else in_chinese(found)


class Documents:
    """The texts of the documents, each made once: to make one takes 50 ms of a CPU."""

    def __init__(self, api_doc: Callable[[], dict[str, Any]]) -> None:
        self._api_doc = api_doc
        self._made: dict[tuple[str, Language], str] = {}

    def text(self, part: str, language: Language) -> str:
        """Return the document of a part in a language as JSON."""
        wanted = (part if part in PARTS else "", language)
        if wanted not in self._made:
            found = document(self._api_doc(), *wanted)
            self._made[wanted] = json.dumps(found, ensure_ascii=False)
        return self._made[wanted]


def part_of(path: str) -> str:
    """Return the kind of caller that a call is for."""
    return next(part for part, starts in PARTS.items() if path.startswith(starts))


def _only(whole: dict[str, Any], part: str, language: Language) -> dict[str, Any]:
    """Return the calls of a part, with the tags and the schemas that they name and no others."""
    paths = {path: calls for path, calls in whole["paths"].items() if part_of(path) == part}
    webhooks = whole["webhooks"] if part == "services" else {}
    named = {tag for call in _calls(paths, webhooks) for tag in call.get("tags", ())}
    schemas = whole["components"]["schemas"]
    kept = _reached(json.dumps([paths, webhooks]), schemas)
    components = {
        **whole["components"],
        "schemas": {name: schema for name, schema in schemas.items() if name in kept},
    }
    title, said = PARTS_SAID[language][part]
    return {
        **whole,
        "info": {**whole["info"], "title": f"wxlogin · {title}", "description": said},
        "paths": paths,
        "webhooks": webhooks,
        "tags": [tag for tag in whole["tags"] if tag["name"] in named],
        "components": components,
    }


def _shown(tag: str) -> str:
    """Return what readers see of a tag: in the admin's part nobody has to be told that it is."""
    return tag.removeprefix("Admin: ").replace("_", "-").capitalize()


def _calls(*sections: dict[str, Any]) -> Iterable[dict[str, Any]]:
    return (call for section in sections for calls in section.values() for call in calls.values())


def _reached(text: str, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that a text of JSON refers to, and of those they do."""
    found: set[str] = set()
    named = set(SCHEMA.findall(text))
    while named:
        found |= named
        named = {other for one in named for other in SCHEMA.findall(json.dumps(schemas[one]))}
        named -= found
    return found


def _told(calls: dict[str, Any]) -> dict[str, Any]:
    """Return the calls of a path with descriptions as prose and an example of each refusal."""
    return {method: _call_told(call) for method, call in calls.items()}


def _call_told(call: dict[str, Any]) -> dict[str, Any]:
    responses = {status: _refused(it) for status, it in call["responses"].items()}
    prose = call.get("description", "").replace("<br/>", " ").strip()
    described = {"description": prose} if prose else {}
    return {**call, **described, "responses": responses}


def _refused(response: dict[str, Any]) -> dict[str, Any]:
    content = response.get("content", {})
    if PROBLEM not in content:
        return response
    examples = {
        code: {"$ref": f"#/components/examples/{code}"}
        for code in CODE.findall(response["description"])
    }
    return {**response, "content": {**content, PROBLEM: {**content[PROBLEM], "examples": examples}}}


def _problems(language: Language) -> dict[str, Any]:
    """Return what each refusal of the catalogue looks like, by its code."""
    return {code: {"value": _problem(entry, language)} for code, entry in CATALOGUE.items()}


def _problem(entry: Entry, language: Language) -> dict[str, Any]:
    wrong = [(field, field_words.said(why, language)) for field, why in WRONG_FIELD]
    error = ApiError(entry, fields=wrong if entry is INVALID_REQUEST else ())
    said = error_words.said(error, language)
    return error.document(EXAMPLES["request_id"], said)
