"""Work in the background: what is paced waits for a pause, what is not does not."""

from __future__ import annotations

import threading

from wxlogin.background_task import BackgroundTask

PAUSE = 3600


def test_what_is_paced_waits_for_the_pause_and_what_is_not_does_not() -> None:
    runs = threading.Semaphore(0)
    task = BackgroundTask("paced", runs.release, pause=PAUSE)
    task.schedule(paced=True)  # nothing ran before
    assert runs.acquire(timeout=60)
    task.schedule(paced=True)
    assert task._due == task._began_at + PAUSE
    task.schedule()
    assert runs.acquire(timeout=60)
    task.stop()
