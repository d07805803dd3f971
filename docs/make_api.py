"""Make docs/api.md and its Chinese twin from the calls that the app has; `make docs` runs it.

It is apart from make.py since the whole app is put together for it.
"""

from __future__ import annotations

import base64
import secrets
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # the project is not installed; it lies beside this folder

import config  # noqa: E402
from docs.tables.calls import page  # noqa: E402
from wxlogin.app import create_app  # noqa: E402
from wxlogin.languages import Language  # noqa: E402
from wxlogin.meta.document import document  # noqa: E402

PAGES: dict[str, Language] = {"api.md": "en", "api.zh-CN.md": "zh"}


def main() -> None:
    """Write both pages. No store is asked."""
    ring = base64.b64encode(secrets.token_bytes(32)).decode()
    other = base64.b64encode(secrets.token_bytes(32)).decode()
    app = create_app(
        config.load(
            {
                "WXLOGIN_ENV": "testing",
                "WXLOGIN_DATABASE_URL": "sqlite:///:memory:",
                "WXLOGIN_REDIS_URL": "redis://127.0.0.1:1/0",
                "WXLOGIN_SECRET_KEYS": secrets.token_urlsafe(32),
                "WXLOGIN_DATA_KEYS": f"d1:{ring}",
                "WXLOGIN_INDEX_KEYS": f"i1:{other}",
            }
        )
    )
    for name, language in PAGES.items():
        (DOCS / name).write_text(
            page(document(app.api_doc, language=language), language), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
