"""URL rules, compiled once: all apps of a test run have the same ones.

Compiling them is most of what it costs to create an app, and depends on nothing but their text.
"""

from __future__ import annotations

from types import MethodType
from typing import Any

from flask import Flask
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

COMPILED = ("_parts", "_trace", "_converters", "arguments")
BUILDERS = ("_build", "_build_unknown")
MATCHED_BY = ("rule", "endpoint", "host", "subdomain", "websocket", "alias", "build_only")
MATCHED_BY += ("strict_slashes", "merge_slashes", "redirect_to")
_compile = Rule.compile
_cache: dict[tuple[object, ...], dict[str, Any]] = {}
_matchers: dict[tuple[object, ...], StateMachineMatcher] = {}


def install() -> None:
    """Use the caches from now on, in this process."""
    Rule.compile = _cached  # type: ignore[method-assign]
    Flask.url_map_class = SharedMap


class SharedMap(Map):
    """A map that takes its matcher from another that has the same rules."""

    def __init__(self, *words: Any, **options: Any) -> None:
        self._added: list[Rule] = []
        super().__init__(*words, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        """Add rules; they are matched from the next update on."""
        for rule in rulefactory.get_rules(self):
            rule.bind(self)
            self._added.append(rule)
            self._rules_by_endpoint.setdefault(rule.endpoint, []).append(rule)
        self._remap = True

    def update(self) -> None:
        """Put a matcher in place after rules were added."""
        with self._remap_lock:
            if self._remap:
                self._matcher = self._with_these_rules()
        super().update()

    def _with_these_rules(self) -> StateMachineMatcher:
        key = (self.merge_slashes, *map(_matched_by, self._added))
        if key not in _matchers:
            matcher = StateMachineMatcher(self.merge_slashes)
            for rule in self._added:
                if not rule.build_only:
                    matcher.add(rule)
            _matchers[key] = matcher
        return _matchers[key]


def _matched_by(rule: Rule) -> tuple[object, ...]:
    defaults = tuple(sorted((rule.defaults or {}).items()))
    methods = None if rule.methods is None else frozenset(rule.methods)
    return (defaults, methods, *(getattr(rule, name) for name in MATCHED_BY))


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
