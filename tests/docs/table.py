"""Which page needs what: a line a page.

A page with blocks that run stands in `PAGES`, or in `ELSEWHERE` with the test module that follows
it. The Chinese counterpart of a page has the same blocks, so it needs no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

SHOP_SECRET = "5b0d1f3c7a9e42688f6c0e2a4d7b9135"
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})


class Part(NamedTuple):
    """A page, or what of it is followed on one machine, in one shell.

    `setups`: scripts of setups/ that make the machine what the page takes for granted.
    `since`: the heading with which this part begins. `database`: whose server it has.
    `typed`: what is typed into the block that holds a text. `says`: patterns of what it prints.
    `before`, `after`: the file of uses/ that stands before and after the page's own JavaScript or
    Python, as the reader's code would.
    """

    setups: tuple[str, ...] = ()
    since: str = ""
    database: str | None = None
    typed: Mapping[str, str] = NOTHING_TYPED
    says: tuple[str, ...] = ()
    before: str | None = None
    after: str | None = None


SESSION = r'"session": ?\{'
INCIDENT = ("production", "shop", "bob", "nginx", "served", "unit", "signed_in")

PAGES: dict[str, tuple[Part, ...]] = {
    "README.md": (Part(("nginx",), says=(SESSION, r'\{"ended": ?1\}', r"session: \{")),),
    "CONTRIBUTING.md": (Part(says=("could not be reached", "nothing to write")),),
    "docs/admin.md": (Part(("production",), database="mariadb", says=("wxa_",)),),
    "docs/audit.md": (Part(("production",), database="postgresql"),),
    "docs/doctor.md": (
        Part(("production",), database="postgresql", says=("FAULT    Redis: ", "Status 1")),
    ),
    "docs/incidents.md": (
        Part(
            INCIDENT,
            database="postgresql",
            says=(
                r"(?m)^[\w-]{22} (?:20[04]|429)$",
                "bob has a new password",
                r"sessions? ended that data:d1 signed or sealed",
            ),
        ),
        Part(
            INCIDENT,
            since="Redis is lost",
            database="postgresql",
            says=(
                r"\{\"ended\": ?0\}",  # the compromised key has ended it
                r"\"ban\": ?null",
                r"sessions? ended that signing:[0-9a-f]{12} signed or sealed",
                "bob is disabled",
                "The API token .* is revoked",
            ),
        ),
    ),
    "docs/leaked-appsecret.md": (
        Part(
            ("production", "shop"),
            database="mariadb",
            typed={"read -rs SECRET": f"{SHOP_SECRET}\n"},
            says=("0 finds, 1 allowed in",),
        ),
    ),
    "docs/me.md": (
        Part(
            ("nginx", "run", "signed_in"),
            before="me.before",
            after="me.after",
            says=(
                "profile: 200 nickname,avatar_url",
                "profile: 422 CONTENT_REFUSED",
                "told: 请换一个昵称",
                '"is_complete": ?true',
                '"exported_at"',
                r'\{"ended": ?2\}',
            ),
        ),
    ),
    "docs/migrate.md": (
        Part(
            ("production", "shop"),
            database="postgresql",
            says=(
                "2 would be created",
                "2 were created",
                "phone should be a number",
                "2 users exported",
            ),
        ),
        Part(
            ("run",),
            since="Try it with the shop",
            says=(
                "1 would be created",
                "1 were created",
                # Alice by the old token; by both; by both, and Bob; Bob by the old login.
                r'(?s)(?:"id": ?1\b.*){5}(?:"id": ?2\b.*){2}',
            ),
        ),
    ),
    "docs/message-push.md": (
        Part(("production", "shop"), database="postgresql", says=("hold for an hour",)),
        Part(("run",), since="Try it", says=('"answer": ?"success"',)),
    ),
    "docs/open-data.md": (
        Part(
            ("nginx", "run", "signed_in"),
            before="open-data.before",
            after="open-data.after",
            says=('"phoneNumber"', "by code: 200", "after wx.login: 200"),
        ),
    ),
    "docs/operations.md": (
        Part(("production",), database="mariadb", typed={"read -rs SECRET": f"{SHOP_SECRET}\n"}),
    ),
    "docs/own-code.md": (Part(("run",), says=("Welcome",)),),
    "docs/performance.md": (Part(),),
    "docs/services.md": (
        Part(("production", "served", "nginx", "signed_in"), database="postgresql"),
    ),
    "docs/settings.md": (
        Part(
            ("settings",),
            database="postgresql",
            says=(r"(?m)^[\w-]{43}$", r"(?m)^d1:[\w+/]{43}=$", r"(?m)^i1:[\w+/]{43}=$"),
        ),
    ),
    "docs/signing.md": (
        Part(
            ("production", "served", "nginx"),
            database="mariadb",
            after="signing",
            says=(
                "Python, signed: 200",
                "known answer: 84a35aabd78f7cf42164e200b44ff8f916c0ab94b0007066acf662af02f5c9e1",
                "unsigned: REQUEST_UNSIGNED",
                "mini-program, signed: 200",
            ),
        ),
    ),
    "docs/watch.md": (Part(("production",), database="postgresql", says=("Removed",)),),
}

ELSEWHERE = {
    "docs/assertions.md": "tests/api/test_assertions.py",
    "docs/backends.md": "tests/backends/test_samples.py",
    "docs/backup.md": "tests/deploy/test_backup_page.py",
    "docs/containers.md": "tests/deploy/test_containers_page.py",
    "docs/deploy.md": "tests/deploy/test_deploy_page.py",
    "docs/limits.md": "tests/api/test_own_limits.py",
    "docs/miniprogram.md": "tests/client/test_client.py",
    "docs/nginx.md": "tests/deploy/nginx/test_install.py",
    "docs/rehearsal.md": "tests/deploy/test_rehearsal_page.py",
    "docs/scan.md": "tests/browser/test_scan_page.py",
    "docs/webhooks.md": "tests/outbox/test_page.py",
    "docs/upgrade.md": "tests/deploy/test_upgrade_page.py",
}
"""Pages that a test module follows by itself: by page, the module."""
