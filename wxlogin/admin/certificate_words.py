"""Why a TLS certificate is wrong, or nothing is known of it, and what a person does about it."""

from __future__ import annotations

from typing import Literal

from wxlogin.watch.certificate import Fault

Reason = Literal[Fault, "not_set", "plain_http", "not_looked_yet", "no_answer"]


def _(text: str) -> str:
    """Mark a text that pages translate; the API tells it in English."""
    return text


WORDS: dict[str, str] = {
    "expired": _("it has expired"),
    "not_yet_valid": _("it is not valid yet"),
    "self_signed": _("it signs itself, and nobody vouches for it"),
    "chain": _("its chain is not complete"),
    "other_host": _("it is for another host"),
    "invalid": _("callers refuse it"),
    "not_set": _("WXLOGIN_PUBLIC_URL is not set"),
    "plain_http": _("WXLOGIN_PUBLIC_URL is plain http"),
    "not_looked_yet": _("no worker has looked at it yet"),
    "no_answer": _("this host does not reach the address"),
}
RENEW = _("Renew it where HTTPS ends, and see why it was not renewed by itself.")
ADVICE: dict[str, str] = {
    "expired": RENEW,
    "not_yet_valid": _("Compare the clocks of this host and of the one that made it."),
    "self_signed": _("Install one of a public authority: mini-programs refuse all others."),
    "chain": _("Let the proxy send the certificate with its whole chain."),
    "other_host": _("Install the certificate of this host, or correct WXLOGIN_PUBLIC_URL."),
    "invalid": _("Run the doctor, which says why."),
    "not_set": _("Set WXLOGIN_PUBLIC_URL to the address under which phones reach wxlogin."),
    "no_answer": _("Open the address from elsewhere. If that works, let this host reach it too."),
}
