"""What the status says."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from wxlogin.admin.certificate_words import Reason

State = Literal["ok", "ends_soon", "wrong", "unknown"]


class WeChatItem(BaseModel):
    """The last answer of WeChat to a mini-program's login or access_token."""

    app: str
    name: str
    state: Literal["ok", "refuses", "no_answer", "unknown"] = Field(
        description="`refuses`: a person has to mend it. `unknown`: no running worker has asked."
    )
    at: str | None
    errcode: int | None = Field(description="WeChat's, 0 for a success, null without an answer.")
    what: str | None = Field(description="What the errcode means, where a person has to mend it.")
    advice: str | None = Field(description="What that person does.")
    refused_last_hour: int = Field(
        description="Refused calls of its users, and of ours at WeChat, as events have them."
    )


class WebhookQueue(BaseModel):
    """The deliveries that wait."""

    waiting: int
    oldest_seconds: int


class CertificateItem(BaseModel):
    """The TLS certificate of `WXLOGIN_PUBLIC_URL`, as a worker saw it in the last hours."""

    state: State = Field(
        description="`ends_soon`: fewer than 21 days are left. `wrong`: callers refuse it."
    )
    host: str | None
    ends_at: str | None
    days_left: int | None
    reason: Reason | None = Field(description="Why it is wrong, or why nothing is known of it.")
    what: str | None = Field(description="The reason in words.")
    advice: str | None = Field(description="What a person does about it.")
    checked_at: str | None


class WorkerItem(BaseModel):
    """A running worker, as it noted itself in the last half minute."""

    host: str
    pid: int
    version: str
    seen_at: str


class Status(BaseModel):
    """How the installation is now."""

    status: Literal["ok", "degraded", "out"] = Field(description="As `GET /readyz` has it.")
    redis: str
    database: str
    migrations: str
    wechat: list[WeChatItem]
    webhooks: WebhookQueue
    certificate: CertificateItem
    workers: list[WorkerItem]
    keys: Literal["agree", "differ"] = Field(
        description="Whether all running workers have the same keys in the same order."
    )
    at: str = Field(description="When this was read.")
    open_alerts: int = Field(description="Alerts nobody acknowledged, up to 100.")
