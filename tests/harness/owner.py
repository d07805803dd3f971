"""A user of the session store, in the words of the domain, without HTTP."""

from __future__ import annotations

from dataclasses import replace

from wxlogin.error_mapping import entry_of
from wxlogin.sessions import Draft, SessionStore, TokenRef, Tokens
from wxlogin.sessions.errors import SessionError
from wxlogin.sessions.store import Scope
from wxlogin.sessions.tokens import new_public_id

TOKENS = Tokens(["Zr7mQ1xW9vT4kN6bY2sF8pL3hD5gJ0cA"])
DRAFT = Draft("wx0123456789abcdef", "ios", "a phone", "", "192.0.2.1")


class Owner:
    """One user: logs in with tokens, asks whether they still hold, signs out."""

    def __init__(self, store: SessionStore, public_id: str = "") -> None:
        self.store = store
        self.public_id = public_id or new_public_id()

    def token(self) -> TokenRef:
        """A fresh token of the user, without a session."""
        return TOKENS.mint(self.public_id)[1]

    def login(
        self,
        *,
        device: str = "",
        carried: TokenRef | None = None,
        ref: TokenRef | None = None,
        ended: int | None = None,
    ) -> TokenRef:
        """Make a session; `ended` is how many others that must end."""
        ref = ref or self.token()
        made = self.store.create(ref, replace(DRAFT, device=device), carried)
        assert ended in (None, made.ended)
        return ref

    def refusal(self, ref: TokenRef) -> str:
        """The code with which the token is refused, or `""` where its session lives."""
        try:
            self.store.get(ref)
        except SessionError as error:
            return entry_of(error).code
        return ""

    def listed(self) -> list[str]:
        """The ids of the live sessions, newest first."""
        return [session.sid for session in self.store.list(self.public_id)]

    def end(self, scope: Scope, sid: str) -> int:
        """End sessions; how many ended."""
        return self.store.end(self.public_id, scope, sid)
