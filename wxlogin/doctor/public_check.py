"""The way from the internet: HTTPS, its certificate, and the reverse proxies, proved by a call."""

from __future__ import annotations

import json
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from redis.exceptions import RedisError
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from wxlogin.doctor.findings import Finding
from wxlogin.doctor.installation import Installation
from wxlogin.doctor.invitation import PATH, invite
from wxlogin.doctor.kinds import public as kinds
from wxlogin.http_deadline import DEADLINE_POOLS
from wxlogin.watch.certificate import CONNECT_SECONDS, DAY, ENDING_DAYS, read_end

FORGED = "192.0.2.77"
"""An address of a network that is for documentation alone (RFC 5737): nobody calls from there."""
FORGED_HOPS = 9
"""More than the most that WXLOGIN_TRUSTED_HOPS can be."""
READ_SECONDS = 5.0
LONGEST = 65_536


class _Seen(NamedTuple):
    """How wxlogin saw the call: X-Forwarded-For, its verdict on the address, and on HTTPS."""

    forwarded_for: list[str]
    address: str
    https: bool

    @property
    def hops(self) -> int:
        """How many proxies added an address behind what the caller wrote."""
        if FORGED not in self.forwarded_for:
            return len(self.forwarded_for)
        return self.forwarded_for[::-1].index(FORGED)


class _Elsewhere(Exception):
    """Something else answered; the message is its status."""


def check_public_url(installation: Installation) -> list[Finding]:
    """Look at the certificate, then call wxlogin through the proxies with a forged address."""
    settings = installation.settings
    url = settings.public_url
    if not url:
        return [kinds.NOT_SET.found()]
    if url.startswith("https://"):
        found = _certificate(url, installation.clock())
    else:
        found = [kinds.PLAIN.found()] if settings.production else []
    if any(finding.kind in (kinds.CERTIFICATE_WRONG, kinds.UNREACHABLE) for finding in found):
        return found
    return found + _proxies(installation, url)


def _certificate(url: str, now: float) -> list[Finding]:
    host = urlsplit(url).hostname or ""
    try:
        end = read_end(url)
    except ssl.SSLCertVerificationError as error:
        return [kinds.CERTIFICATE_WRONG.found(host=host, reason=error.verify_message)]
    except OSError as error:
        return [kinds.UNREACHABLE.found(url=url, reason=type(error).__name__)]
    days = int(end - now) // DAY
    kind = kinds.CERTIFICATE if days >= ENDING_DAYS else kinds.CERTIFICATE_ENDS
    return [kind.found(host=host, days=days)]


def _proxies(installation: Installation, url: str) -> list[Finding]:
    try:
        seen = _call(url + PATH + invite(installation.scripts.redis))
    except _Elsewhere as answer:
        if str(answer) == "HTTPS_REQUIRED":
            return [kinds.HTTPS_UNSEEN.found(url=url)]
        return [kinds.ELSEWHERE.found(url=url, status=answer)]
    except (HTTPError, OSError) as error:
        return [kinds.UNREACHABLE.found(url=url, reason=type(error).__name__)]
    except RedisError:
        return []  # the check of Redis says so
    found = []
    if url.startswith("https://") and not seen.https:
        found.append(kinds.HTTPS_UNSEEN.found(url=url))
    return [*found, _hops(seen, url, installation.settings.trusted_hops)]


def _call(url: str) -> _Seen:
    """Call with a forged X-Forwarded-For, and return how it arrived."""
    manager = PoolManager(ssl_context=ssl.create_default_context(), retries=False)
    manager.pool_classes_by_scheme = DEADLINE_POOLS
    headers = {
        "Accept-Encoding": "identity",
        "User-Agent": "wxlogin-doctor",
        "X-Forwarded-For": ", ".join([FORGED] * FORGED_HOPS),
    }
    timeout = Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    with manager:
        answer = manager.request(
            "GET", url, headers=headers, timeout=timeout, redirect=False, preload_content=False
        )
        body, status = answer.read(LONGEST), answer.status
        code = answer.headers.get("X-Wxlogin-Error", "")
    if status != 200:
        raise _Elsewhere(code if code == "HTTPS_REQUIRED" else str(status))
    try:
        fields = json.loads(body)
        entries = [one.strip() for one in str(fields["forwarded_for"]).split(",")]
        return _Seen([*filter(None, entries)], str(fields["address"]), fields["https"] is True)
    except (ValueError, LookupError, TypeError):
        raise _Elsewhere("200") from None


def _hops(seen: _Seen, url: str, trusted: int) -> Finding:
    if seen.address == FORGED:
        return kinds.TOO_MANY_HOPS.found(trusted=trusted, hops=seen.hops)
    if seen.hops > trusted:
        return kinds.TOO_FEW_HOPS.found(trusted=trusted, hops=seen.hops, address=seen.address)
    if seen.hops < trusted:
        return kinds.NOT_FORWARDED.found(trusted=trusted, hops=seen.hops, address=seen.address)
    return kinds.SEEN.found(url=url, address=seen.address, hops=seen.hops)
