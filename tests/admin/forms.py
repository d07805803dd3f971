"""Forms of the console, sent as a browser without scripts sends them."""

from __future__ import annotations

import html
import re
from typing import Any

import requests

from tests.harness.console import Operator


def sent(owner: Operator, path: str, **form: Any) -> requests.Response:
    """What a form of the console is answered with."""
    return owner.site.request(
        "POST",
        f"/admin{path}",
        data={"csrf_token": owner.csrf_token, **form},
        cookies={"wxlogin_admin": owner.cookie, "wxlogin_language": "en"},
        allow_redirects=False,
    )


def seen(owner: Operator, path: str, language: str = "en") -> str:
    """A page, in English unless another language is asked for."""
    cookies = {"wxlogin_admin": owner.cookie, "wxlogin_language": language}
    answer = owner.site.request("GET", path, cookies=cookies)
    assert answer.status_code == 200, answer.text
    return answer.text


def led_to(answer: requests.Response) -> str:
    """Where a form leads."""
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def back_at(owner: Operator, answer: requests.Response) -> str:
    """The page that a form led to, with the cookies that it set, as plain text with its tags."""
    cookies = {"wxlogin_admin": owner.cookie, "wxlogin_language": "en", **answer.cookies}
    page = owner.site.request("GET", led_to(answer), cookies=cookies)
    assert page.status_code == 200, page.text
    return html.unescape(page.text)


def value(page: str, name: str) -> str:
    """What stands in a page's field."""
    found = re.search(rf'<input[^>]* name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]
