"""What owners do in the console can be done at the command line, by the same rules."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.harness.command_line import CommandLine
from tests.harness.console import PASSWORD, Operator
from tests.harness.site import Site
from tests.harness.trail import Trail
from tests.harness.watched import alerts

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The zone of WXLOGIN_TIMEZONE."""

OTHER = "Silent-walrus-71-harbours"


@pytest.fixture
def commands(site: Site) -> CommandLine:
    """Somebody at the command line."""
    return CommandLine(site, "admin")


@pytest.fixture
def vera(site: Site) -> Operator:
    """A viewer who is signed in twice."""
    vera = Operator(site, "viewer", "vera").sign_in()
    vera.sign_in()
    return vera


def row(said: str, name: str) -> list[str]:
    """The cells of the line that ends with a name."""
    (found,) = [line.split() for line in said.splitlines() if line.endswith(f"  {name}")]
    return found


def width(line: str) -> int:
    """The places that a line takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


# The list


def test_admins_are_listed_with_role_state_second_factor_and_last_sign_in(
    site: Site, commands: CommandLine, vera: Operator
) -> None:
    Operator(site, "owner", "olga")
    vera.enrol()
    said = commands.done("list")
    at = f"{datetime.fromtimestamp(site.clock(), SHANGHAI):%Y-%m-%d %H:%M}"
    assert row(said, "vera") == ["viewer", "active", "yes", *at.split(), "vera"]
    assert row(said, "olga") == ["owner", "active", "no", "never", "olga"]
    assert said.startswith("Role ")


def test_where_there_is_no_admin_the_list_says_what_makes_one(commands: CommandLine) -> None:
    assert "admin create" in commands.done("list")


def test_a_long_name_stays_within_80_places(site: Site, commands: CommandLine) -> None:
    name = "a" * 64
    Operator(site, "operator", name)
    lines = commands.done("list").splitlines()
    assert max(map(len, lines)) <= 80
    assert "".join(line.split()[-1] for line in lines[1:]) == name


# Disabling


def test_a_disabled_admin_is_out_at_once_and_does_not_sign_in(
    site: Site, commands: CommandLine, owner: Operator, vera: Operator
) -> None:
    assert commands.done("disable", "vera") == "vera is disabled; 2 sessions ended.\n"
    assert vera.ask("GET", "/me").status_code == 401
    assert vera.try_sign_in().status_code == 401
    assert row(commands.done("list"), "vera")[:2] == ["viewer", "disabled"]
    assert commands.done("disable", "vera") == "vera is disabled; 0 sessions ended.\n"


def test_the_last_owner_is_not_disabled(
    site: Site, commands: CommandLine, owner: Operator, vera: Operator
) -> None:
    said = commands.refused("disable", owner.name)
    assert said == "Error: FORBIDDEN: This is the last owner who can sign in.\n"
    assert owner.ask("GET", "/me").ok
    Operator(site, "owner", "olga")
    commands.done("disable", owner.name)
    assert "last owner" in commands.refused("disable", "olga")


# Password and second factor


def test_a_new_password_is_made_shown_once_and_ends_all_sessions(
    site: Site, commands: CommandLine, vera: Operator
) -> None:
    said = commands.done("reset-password", "vera")
    vera.password = said.split()[-1]
    site.tokens.add(vera.password)
    assert said.splitlines()[0] == "vera has a new password; 2 sessions ended."
    assert vera.ask("GET", "/me").status_code == 401
    assert Operator.sign_in(vera).ask("GET", "/me").ok


def test_a_given_password_is_taken_and_not_shown(
    site: Site, commands: CommandLine, vera: Operator
) -> None:
    site.secrets.add(OTHER)
    said = commands.done("reset-password", "vera", "--password-stdin", typed=f"\ufeff{OTHER}\r\n")
    assert said == "vera has a new password; 2 sessions ended.\n"
    assert vera.try_sign_in(password=OTHER).ok
    assert vera.try_sign_in(password=PASSWORD).status_code == 401


def test_a_weak_password_is_refused_and_ends_nothing(commands: CommandLine, vera: Operator) -> None:
    said = commands.refused("reset-password", "vera", "--password-stdin", typed="vera-vera-vera")
    assert said.startswith("Error: INVALID_REQUEST: password should")
    assert vera.ask("GET", "/me").ok


@pytest.mark.settings(WXLOGIN_ADMIN_REQUIRE_TOTP="on")
def test_without_a_second_factor_the_admin_enrols_again(
    commands: CommandLine, vera: Operator
) -> None:
    vera.enrol()
    said = commands.done("reset-totp", "vera")
    assert said.startswith("vera has no second factor any more; ")
    assert vera.ask("GET", "/me").status_code == 401
    vera.sign_in()
    assert vera.ask("GET", "/overview").status_code == 403
    assert vera.enrol()
    assert vera.ask("GET", "/overview").ok


@pytest.mark.parametrize("command", ["disable", "reset-password", "reset-totp"])
def test_who_is_not_there_is_told(commands: CommandLine, command: str) -> None:
    said = commands.refused(command, "nobody")
    assert said == "Error: NOT_FOUND: There is no admin of this name.\n"


def test_every_act_stands_in_the_trail_as_the_command_line_s(
    site: Site, commands: CommandLine, owner: Operator, vera: Operator
) -> None:
    commands.done("disable", "vera")
    site.tokens.add(commands.done("reset-password", "vera").split()[-1])
    commands.done("reset-totp", "vera")
    commands.refused("disable", owner.name)
    with site.app.app_context():
        rows = [entry for entry in Trail(site).rows() if entry.actor == "cli"]
    assert [(entry.act, entry.target, entry.outcome) for entry in rows[1::2]] == [
        ("admin.change", "admin:vera", "done"),
        ("admin.reset_password", "admin:vera", "done"),
        ("admin.reset_totp", "admin:vera", "done"),
        ("admin.change", f"admin:{owner.name}", "refused"),
    ]


# API tokens


def test_tokens_are_listed_newest_first_and_used_ones_with_their_time(
    site: Site, commands: CommandLine
) -> None:
    token = commands.done("token", "billing", "--scope", "read").strip()
    site.tokens.add(token)
    site.tokens.add(commands.done("token", "账单服务", "--scope", "identity").strip())
    headers = {"Authorization": f"Bearer {token}"}
    assert site.request("GET", "/admin/api/audit", headers=headers).ok
    site.app.extensions["wxlogin"].operators.tokens.flush()
    said = commands.done("tokens")
    at = f"{datetime.fromtimestamp(site.clock(), SHANGHAI):%Y-%m-%d %H:%M}"
    assert row(said, "billing")[1:] == ["active", *at.split(), "cli", "read", "billing"]
    assert row(said, "账单服务")[1:] == ["active", "never", "cli", "identity", "账单服务"]
    assert said.index("账单服务") < said.index("billing")
    assert token not in said


def test_wide_names_and_many_scopes_stay_aligned_within_80_places(
    site: Site, commands: CommandLine
) -> None:
    scopes = ["--scope", "introspect", "--scope", "identity", "--scope", "operate"]
    for name in ("会员中心与积分商城的对账服务", "x" * 64):
        site.tokens.add(commands.done("token", name, *scopes).strip())
    lines = commands.done("tokens").splitlines()
    assert max(map(width, lines)) <= 80
    column = lines[1].index("Scopes")
    starts = [line for line in lines if "introspect" in line]
    assert [width(line[: line.index("introspect")]) for line in starts] == [column, column]


def test_a_revoked_token_ends_at_once_and_stays_in_the_list(
    site: Site, commands: CommandLine
) -> None:
    token = commands.done("token", "billing", "--scope", "read").strip()
    site.tokens.add(token)
    headers = {"Authorization": f"Bearer {token}"}
    assert site.request("GET", "/admin/api/audit", headers=headers).ok
    (token_id, *_) = row(commands.done("tokens"), "billing")
    assert commands.done("revoke", token_id) == "The API token billing is revoked.\n"
    assert site.request("GET", "/admin/api/audit", headers=headers).status_code == 401
    assert row(commands.done("tokens"), "billing")[1] == "revoked"


@pytest.mark.parametrize("token_id", ["x", "-mLLy9u0pTbTgyhhcKj3xg", "--Ly9u0pTbTgyhhcKj3xgA", "-"])
def test_a_token_that_is_not_there_is_told_also_by_an_id_with_a_dash(
    commands: CommandLine, token_id: str
) -> None:
    said = commands.refused("revoke", token_id)
    assert said == "Error: NOT_FOUND: There is no API token of this id.\n"
    assert "admin token" in commands.done("tokens")


def test_a_new_admin_and_a_new_token_of_the_command_line_are_told(
    site: Site, commands: CommandLine
) -> None:
    words = ("--role", "owner", "--password-stdin")
    commands.done("create", "first", *words, typed=OTHER)  # who installs wxlogin knows of it
    assert alerts(site) == []
    commands.done("create", "second", *words, typed=OTHER)
    site.tokens.add(commands.done("token", "orders", "--scope", "introspect").strip())
    with site.app.app_context():
        [token] = site.services.operators.tokens.all()
    assert [(alert.rule, alert.subject) for alert in alerts(site)] == [
        ("admin_created", "second"),
        ("admin_token_created", token.public_id),
    ]
