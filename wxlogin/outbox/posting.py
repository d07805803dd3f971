"""Sends one delivery: signs its body with the endpoint's secrets and posts it."""

from __future__ import annotations

from wxlogin.clock import Clock
from wxlogin.outbox.deliveries import Claimed, Outcome
from wxlogin.outbox.endpoints import previous_aad, secret_aad
from wxlogin.outbox.errors import SendFailed
from wxlogin.outbox.sender import Sender
from wxlogin.outbox.signatures import headers
from wxlogin.vault import SealBroken, Vault

USER_AGENT = "wxlogin-webhooks/1"
"""The number is the version of the payloads."""


class Posting:
    """Posts deliveries; any status of 2xx means that the receiver has the event."""

    def __init__(self, sender: Sender, vault: Vault, clock: Clock, public_url: str) -> None:
        self._sender = sender
        self._vault = vault
        self._clock = clock
        self._agent = f"{USER_AGENT} (+{public_url})" if public_url else USER_AGENT

    def post(self, claimed: Claimed) -> Outcome:
        """Make one attempt and return how it ended; this takes 10 seconds at most."""
        try:
            keys = self._keys(claimed)
            signed = headers(keys, claimed.message_id, int(self._clock()), claimed.body)
            signed["User-Agent"] = self._agent
            answer = self._sender.post(claimed.url, claimed.body.encode(), signed)
        except SendFailed as failed:
            return Outcome(None, str(failed))
        except SealBroken:
            return Outcome(None, "WXLOGIN_DATA_KEYS does not open its secret")
        fault = "" if 200 <= answer.status < 300 else f"status {answer.status}"
        return Outcome(answer.status, fault)

    def _keys(self, claimed: Claimed) -> list[str]:
        keys = [self._vault.open(claimed.secret_sealed, secret_aad(claimed.endpoint))]
        until = claimed.previous_until
        if claimed.previous_sealed and until and self._clock() < until.timestamp():
            keys.append(self._vault.open(claimed.previous_sealed, previous_aad(claimed.endpoint)))
        return keys
