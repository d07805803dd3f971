"""Flask alone: the least that an answer costs under this server."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/me")
def me() -> dict[str, str]:
    """Answer without asking who it is."""
    return {"user": "user-0"}
