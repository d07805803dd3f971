"""Pictures of users, fetched for operators by this server, so that no host learns who looks.

They come from the hosts of WXLOGIN_AVATAR_HOSTS alone: a user may give any address as an avatar,
and one of their own would tell them when somebody looks. What a name leads to is judged as for
webhooks.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy.orm import Session
from urllib3 import Timeout

from wxlogin.clock import Clock
from wxlogin.outbox.sender import FAULTS, open_session

CONNECT_SECONDS, TOTAL_SECONDS = 2.0, 4.0
LONGEST = 512 * 1024
MOST_KEPT = 16
KEPT_SECONDS, FAILED_SECONDS = 600, 60
KINDS = {
    re.compile(rb"\x89PNG\r\n\x1a\n"): "image/png",
    re.compile(rb"\xff\xd8\xff"): "image/jpeg",
    re.compile(rb"GIF8[79]a"): "image/gif",
    re.compile(rb"RIFF....WEBP", re.DOTALL): "image/webp",
}
"""How the content of each kind of picture begins; what a host calls it counts for nothing."""


class Picture(NamedTuple):
    """A picture and its media type."""

    content: bytes
    mimetype: str


class _Kept(NamedTuple):
    picture: Picture | None
    until: float


class Avatars:
    """Fetches pictures, and keeps the latest in memory for ten minutes."""

    def __init__(
        self,
        current_session: Callable[[], Session],
        hosts: Sequence[str],
        clock: Clock,
        *,
        unrestricted: bool,
    ) -> None:
        """`unrestricted` allows addresses that are not public."""
        self._current_session = current_session
        self._hosts = tuple(hosts)
        self._http = open_session(unrestricted=unrestricted)
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def url_of(self, profile: Mapping[str, object] | None) -> str:
        """Return where the picture of a profile is, empty if there is none to show."""
        url = str((profile or {}).get("avatarUrl") or "")
        # WeChat's old addresses are plain http, and its hosts answer https too.
        url = re.sub(r"^http://", "https://", url)
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return ""
        known = any(host == one or host.endswith(f".{one}") for one in self._hosts)
        return url if known and url.startswith("https://") else ""

    def get(self, profile: Mapping[str, object] | None) -> Picture | None:
        """Return the picture of a profile, None if there is none or if it cannot be had."""
        url, now = self.url_of(profile), self._clock()
        if not url:
            return None
        with self._lock:
            kept = self._kept.get(url)
        if kept and now < kept.until:
            return kept.picture
        # Returns the connection to the pool: the host may take its time.
        self._current_session().commit()
        picture = self._fetch(url)
        with self._lock:
            self._kept[url] = _Kept(picture, now + (KEPT_SECONDS if picture else FAILED_SECONDS))
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return picture

    def _fetch(self, url: str) -> Picture | None:
        timeout = Timeout(connect=CONNECT_SECONDS, total=TOTAL_SECONDS)
        try:
            with self._http.get(
                url,
                timeout=timeout,  # type: ignore[arg-type]  # documented, but not in the stubs
                allow_redirects=False,
                stream=True,
            ) as response:
                content = response.raw.read(LONGEST + 1)
        except FAULTS:
            return None
        kind = next((kind for form, kind in KINDS.items() if form.match(content)), None)
        if response.status_code != 200 or len(content) > LONGEST or kind is None:
            return None
        return Picture(content, kind)
