"""A service of ours that calls wxlogin with an API token."""

from __future__ import annotations

from typing import Any

from tests.harness.console import Operator, Service


class Backend(Service):
    """A service of ours."""

    def given(self, path: str, **body: Any) -> Any:
        """The answer of a call that has to succeed; what it tells is kept out of the search."""
        answer = self.ask("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        self.site.answers.pop()
        return answer.json()

    def refusal(self, path: str, **body: Any) -> str:
        """The code of a call that has to be refused."""
        return self.site.problem(self.ask("POST", path, json=body))

    def trail(self, target: str) -> list[tuple[str, str, str]]:
        """Who did what to a target, and how it ended."""
        owner = Operator(self.site, "owner").sign_in()
        items = owner.done("GET", f"/audit?target={target}")["items"]
        return [(item["actor"], item["act"], item["outcome"]) for item in items[::-1]]
