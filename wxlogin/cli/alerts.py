"""`flask alerts`: whether alerts arrive."""

from __future__ import annotations

import click

from wxlogin.cli.commands import Group
from wxlogin.services import services
from wxlogin.watch.audit import COMMAND_LINE

alerts = Group("alerts", help="Alerts to people.")


@alerts.command("test")
def test() -> None:
    """Send a test to all receivers of alerts.

    Exits with 1 if one did not take it.
    """
    channels = services.watch.recorder.alerts.channels
    with services.watch.audit.act(COMMAND_LINE, "alert.test", "alerts") as act:
        answers = act.detail["answers"] = channels.test(COMMAND_LINE.name)
    if not answers:
        raise click.ClickException(
            "Alerts go to nobody: set WXLOGIN_ALERT_WEBHOOK, or WXLOGIN_SMTP_URL and "
            "WXLOGIN_ALERT_EMAIL."
        )
    for name, fault in answers.items():
        click.echo(f"{name}: {fault or 'taken'}")
    if any(answers.values()):
        raise SystemExit(1)
