"""Somebody who operates, over HTTP: an admin with a session, or a service with an API token."""

from __future__ import annotations

from typing import Any

import pyotp
import requests

from tests.harness.site import Site
from wxlogin.operators.api_tokens import Bounds
from wxlogin.operators.permissions import Role, Scope
from wxlogin.sessions.tokens import new_public_id

FREE = Bounds(None)
PASSWORD = "Quiet-otter-46-lanterns"


class Operator:
    """An admin of the site: has an account, signs in, acts."""

    def __init__(self, site: Site, role: Role = "owner", name: str = "", **account: Any) -> None:
        self.site = site
        self.role = role
        self.name = name or f"{role}-{new_public_id()[:6].lower().strip('_-')}"
        self.password = account.get("password", PASSWORD)
        self.cookie = self.csrf_token = self.totp_secret = ""
        self.site.secrets.add(self.password)
        with site.app.app_context():
            admins = site.app.extensions["wxlogin"].operators.admins
            self.id = str(admins.create(self.name, role, self.password).public_id)

    def try_sign_in(self, **fields: Any) -> requests.Response:
        """Send a sign-in and keep what it gives."""
        body = {"username": self.name, "password": self.password, **fields}
        answer = self.site.request("POST", "/admin/api/login", json=body)
        if answer.ok:
            self.cookie = answer.cookies["wxlogin_admin"]
            self.csrf_token = answer.json()["csrf_token"]
            self.site.tokens |= {self.cookie, self.csrf_token}
        return answer

    def sign_in(self, **fields: Any) -> Operator:
        """Sign in."""
        answer = self.try_sign_in(**fields)
        assert answer.status_code == 200, answer.text
        return self

    def enrol(self) -> list[str]:
        """Enrol a second factor; the recovery codes."""
        self.totp_secret = self.done("POST", "/me/totp")["secret"]
        confirmed = self.done("POST", "/me/totp/confirm", json={"otp": self.otp()})
        self.site.tokens |= {self.totp_secret, *confirmed["recovery_codes"]}
        return list(confirmed["recovery_codes"])

    def otp(self, steps: int = 0) -> str:
        """The code that the authenticator app shows, so many steps from this moment."""
        return pyotp.TOTP(self.totp_secret).at(int(self.site.clock()) + 30 * steps)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the admin API (`path` without /admin/api) with cookie and CSRF token."""
        headers = {
            "Cookie": f"wxlogin_admin={self.cookie}",
            "X-CSRF-Token": self.csrf_token,
            **options.pop("headers", {}),
        }
        return self.site.request(method, f"/admin/api{path}", headers=headers, **options)

    def done(self, method: str, path: str, **options: Any) -> Any:
        """The answer of a call that has to succeed."""
        answer = self.ask(method, path, **options)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def told_whole(self, method: str, path: str, **options: Any) -> Any:
        """As `done`, for the few answers that are there to name a person: no search looks there."""
        answer = self.done(method, path, **options)
        del self.site.answers[-1]
        return answer

    def refusal(self, method: str, path: str, **options: Any) -> str:
        """The code of a call that has to be refused."""
        answer = self.ask(method, path, **options)
        assert not answer.ok, answer.text
        return self.site.problem(answer)

    def trail(self, target: str) -> list[dict[str, Any]]:
        """What the audit trail says of a target, oldest first."""
        found = self.done("GET", "/audit", params={"target": target})["items"]
        return list(reversed(found))


class Service:
    """A service with an API token of some scopes."""

    def __init__(self, site: Site, *scopes: Scope, bounds: Bounds = FREE) -> None:
        self.site = site
        with site.app.app_context():
            tokens = site.app.extensions["wxlogin"].operators.tokens
            self.token, row = tokens.create("a service", scopes, "tests", bounds)
            self.id = str(row.public_id)
        site.tokens.add(self.token)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call any path with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.site.request(method, path, headers=headers, **options)
