"""How the installation is now, from what the stores hold: every worker says the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from wxlogin.accounts import Apps, MiniProgram
from wxlogin.admin.status.certificate import certificate
from wxlogin.admin.status.schemas import Status, WebhookQueue, WeChatItem, WorkerItem
from wxlogin.clock import iso_time, iso_unix
from wxlogin.keyring import Hosts
from wxlogin.keyring.hosts import HostNote
from wxlogin.outbox.history import History
from wxlogin.services import Watch
from wxlogin.wechat.errcodes import ADVICE, FOR_A_PERSON, SYSTEM_BUSY
from wxlogin.wechat.last_answers import Answers

State = Literal["ok", "refuses", "no_answer"]

LAST_HOUR = timedelta(hours=1)


def status(watch: Watch, hosts: Hosts, apps: Apps, webhooks: History, now: datetime) -> Status:
    """Return how stores, WeChat, webhooks, workers and keys are."""
    found, notes = watch.readiness.verdict(), hosts.all()
    waiting, oldest = webhooks.queue()
    refused = watch.statistics.refused_by_app(now - LAST_HOUR)
    rings = {(*note.data, "", *note.index, "", *note.signing) for note in notes}
    answers = _newest(notes)
    return Status(
        status=found.status,
        redis=found.redis,
        database=found.database,
        migrations=found.migrations,
        wechat=[_wechat(app, answers, refused.get(app.appid, 0)) for app in apps.all().values()],
        webhooks=WebhookQueue(waiting=waiting, oldest_seconds=int(oldest)),
        certificate=certificate(watch.certificate, now),
        workers=[_worker(note) for note in notes],
        keys="agree" if len(rings) < 2 else "differ",
        at=iso_time(now),
        open_alerts=watch.alert_history.count_open(),
    )


def _newest(notes: Sequence[HostNote]) -> Answers:
    """Return the newest answer of each app, of all workers."""
    found: Answers = {}
    for note in notes:
        for appid, (at, errcode) in note.wechat.items():
            if at > found.get(appid, (0.0, 0))[0]:
                found[appid] = at, errcode
    return found


def _wechat(app: MiniProgram, answers: Answers, refused: int) -> WeChatItem:
    at, errcode = answers.get(app.appid, (None, None))
    return WeChatItem(
        app=app.appid,
        name=app.name,
        state="unknown" if at is None else _state(errcode),
        at=None if at is None else iso_unix(at),
        errcode=errcode,
        what=FOR_A_PERSON.get(errcode or 0),
        advice=ADVICE.get(errcode or 0),
        refused_last_hour=refused,
    )


def _state(errcode: int | None) -> State:
    if errcode is None or errcode == SYSTEM_BUSY:
        return "no_answer"
    return "refuses" if errcode in FOR_A_PERSON else "ok"


def _worker(note: HostNote) -> WorkerItem:
    return WorkerItem(host=note.host, pid=note.pid, version=note.version, seen_at=iso_unix(note.at))
