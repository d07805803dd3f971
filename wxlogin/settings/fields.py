"""How a setting is declared: its default, its description, and whether it is secret."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from wxlogin.settings import values


def secret(default: Any, description: str, shown: str = "none") -> Any:
    """Declare a setting that no message shows; `shown` is what docs say of its default."""
    return Field(default, repr=False, description=description, json_schema_extra={"shown": shown})


def plain(default: Any, description: str, shown: str = "", **bounds: Any) -> Any:
    """Declare a setting with the bounds of its value."""
    return Field(default, description=description, json_schema_extra={"shown": shown}, **bounds)


def limit(default: str, description: str) -> Any:
    """Declare a rate limit."""
    return Field(
        values.limits(default), description=description, json_schema_extra={"shown": f"`{default}`"}
    )
