"""What WeChat answered last, by mini-program, in this worker's memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from wxlogin.clock import Clock
from wxlogin.wechat.errors import NotAttempted, WeChatError

MOST_APPS = 200
Answers = dict[str, tuple[float, int | None]]
"""When an app's last call ended, in Unix seconds, and with which errcode: 0 is a success, None no
answer."""


class LastAnswers:
    """Keeps the last answer of each of the apps that asked last."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: Answers = {}

    @contextmanager
    def of(self, appid: str) -> Iterator[None]:
        """Note how the call in the block ended, if it was made."""
        try:
            yield
        except NotAttempted:
            raise
        except WeChatError as error:
            self._note(appid, error.errcode or None)
            raise
        self._note(appid, 0)

    def all(self) -> Answers:
        """Return the last answers of all apps."""
        with self._lock:
            return dict(self._answers)

    def _note(self, appid: str, errcode: int | None) -> None:
        with self._lock:
            self._answers.pop(appid, None)
            self._answers[appid] = self._clock(), errcode
            if len(self._answers) > MOST_APPS:
                del self._answers[next(iter(self._answers))]
