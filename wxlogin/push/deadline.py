"""Work that WeChat does not wait for: it asks again after 5 seconds, three times in all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context

from flask import current_app

from wxlogin.wechat.errors import PushInProgress

ANSWER_SECONDS = 4.0
"""What is left of WeChat's 5 s is for the way."""


def within_deadline(work: Callable[[], object]) -> None:
    """Do work in a thread of its own, in an app context of its own; raise what it raises.

    Raises PushInProgress after ANSWER_SECONDS, whatever hangs. The work goes on: a later copy of
    the push finds it done.
    """
    done = Future[None]()

    def run() -> None:
        try:
            with current_app.app_context():
                work()
        except BaseException as fault:
            done.set_exception(fault)
        else:
            done.set_result(None)

    threading.Thread(target=copy_context().run, args=(run,), name="push", daemon=True).start()
    try:
        done.result(ANSWER_SECONDS)
    except TimeoutError:
        if done.done():
            raise
        raise PushInProgress(retry_after=1) from None
