"""What the move adds to the shop: wxlogin says who its tokens are, the old code who its own are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import requests
from flask import Request, Response, abort

from examples.old_app.users import Users

SIGNED = ("Timestamp", "Nonce", "Signature", "Content-SHA256")
"""Headers of a signed request, which wxlogin checks."""


class BothWays:
    """Who asks, by either token."""

    def __init__(
        self, old_way: Callable[[Request], int], users: Users, wxlogin: str, service_token: str
    ) -> None:
        """`service_token` has the scopes identity and link."""
        self._old_way = old_way
        self._users = users
        self._wxlogin = wxlogin
        self._http = requests.Session()
        self._http.trust_env = False
        self._service = {"Authorization": f"Bearer {service_token}"}

    def __call__(self, asked: Request) -> int:
        """Return the user's id, the same by either token; what wxlogin refuses goes on as it is."""
        token = asked.headers.get("Authorization", "")
        if not token.startswith("Bearer wxs_"):
            return self._old_way(asked)
        headers = {"Authorization": token, "X-Original-Method": asked.method}
        headers["X-Original-URI"] = asked.environ.get("RAW_URI", asked.path)
        names = (f"X-Wxlogin-{name}" for name in SIGNED)
        headers |= {name: asked.headers[name] for name in names if name in asked.headers}
        digest = hashlib.sha256(asked.get_data()).hexdigest()
        if headers.get("X-Wxlogin-Content-SHA256", digest) != digest:
            abort(401)
        answer = self._http.get(f"{self._wxlogin}/v1/auth", headers=headers, timeout=5)
        if answer.status_code != 204:
            abort(_passed_on(answer))
        own_id = answer.headers.get("X-Wxlogin-External-Id")
        return int(own_id) if own_id else self._link(answer.headers["X-Wxlogin-User"])

    def _link(self, user: str) -> int:
        """Give a user whom no import brought the shop's own id."""
        who = self._ask("identity", {"user": user})
        own_id = self._users.get_or_create(str(who["openid"]), who["unionid"])
        self._ask("link", {"user": user, "external_id": str(own_id)})
        return own_id

    def _ask(self, call: str, body: dict[str, str]) -> dict[str, str | None]:
        url = f"{self._wxlogin}/v1/service/{call}"
        answer = self._http.post(url, json=body, headers=self._service, timeout=5)
        answer.raise_for_status()
        found: dict[str, str | None] = answer.json()
        return found


def _passed_on(answer: requests.Response) -> Response:
    kept = ("Content-Type", "Retry-After", "X-Wxlogin-Error", "X-Request-Id", "Cache-Control")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return Response(answer.content, answer.status_code, headers)
