"""Sessions, put together."""

from __future__ import annotations

from config import Settings
from wxlogin.accounts.id_propagation import IdPropagation
from wxlogin.clock import Clock
from wxlogin.services import Sessions, Watch
from wxlogin.sessions import CodeMarks, Nonces, SessionKeys, SessionStore, Tokens
from wxlogin.sessions.ids import IdsWriter
from wxlogin.vault.assertions import Assertions
from wxlogin.wiring.infrastructure import Infrastructure, session_rules


def build_sessions(infra: Infrastructure, watch: Watch) -> Sessions:
    """Put the sessions together."""
    settings, clock, sql, _, scripts, vault, index, rings, *_ = infra
    rules, id_propagation = session_rules(settings), IdPropagation(sql, IdsWriter(scripts, clock))
    store = SessionStore(scripts, clock, *rules, watch.recorder.unknown_record, id_propagation.add)
    store.on_ended = watch.recorder.sessions_ended
    store.on_signed_out = watch.recorder.signed_out
    return Sessions(
        store=store,
        id_propagation=id_propagation,
        tokens=Tokens(settings.secret_keys, is_elsewhere=rings.hosts.signs_elsewhere),
        keys=SessionKeys(scripts, vault, index, clock, settings.session_key_ttl),
        codes=CodeMarks(scripts),
        nonces=Nonces(scripts),
        assertions=_assertions(settings, clock),
    )


def _assertions(settings: Settings, clock: Clock) -> Assertions | None:
    if not settings.assertion_keys:
        return None
    issuer = settings.public_url or "wxlogin"
    return Assertions(settings.assertion_keys, issuer, settings.assertion_audience, clock)
