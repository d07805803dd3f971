"""Compiled URL rules, cached: all apps of a test run have the same ones.

Compiling them is most of what it costs to create an app, and depends on nothing but their text.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

from werkzeug.routing import Rule

COMPILED = ("_parts", "_trace", "_converters", "arguments")
BUILDERS = ("_build", "_build_unknown")
_compile = Rule.compile
_cache: dict[tuple[object, ...], dict[str, Any]] = {}


def install() -> None:
    """Use the cache from now on, in this process."""
    Rule.compile = _cached  # type: ignore[method-assign]


def _cached(rule: Rule) -> None:
    if rule.defaults:  # they become part of what is compiled
        _compile(rule)
        return
    key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes)
    if key not in _cache:
        _compile(rule)
        _cache[key] = {name: getattr(rule, name) for name in COMPILED}
        _cache[key] |= {name: getattr(rule, name).__func__ for name in BUILDERS}
    kept = _cache[key]
    for name in COMPILED:
        setattr(rule, name, kept[name])
    for name in BUILDERS:
        setattr(rule, name, MethodType(kept[name], rule))
