"""URL rules, made once: all apps of a test run have the same ones.

Compiling them is most of what it costs to create an app, and depends on nothing but their text.
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import Map, Rule, RuleFactory
from werkzeug.routing.matcher import StateMachineMatcher

FIELDS = ("rule", "endpoint", "host", "subdomain", "websocket", "alias", "build_only")
FIELDS += ("strict_slashes", "merge_slashes", "redirect_to")
_rules: dict[tuple[object, ...], Rule] = {}
_matchers: dict[tuple[int, ...], StateMachineMatcher] = {}


def install() -> None:
    """Use the caches from now on, in this process."""
    Flask.url_map_class = SharedMap


class SharedMap(Map):
    """A map that takes its rules, and its matcher, from another that has the same."""

    def __init__(self, *words: Any, **options: Any) -> None:
        self._added: list[Rule] = []
        super().__init__(*words, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        """Add rules; they are matched from the next update on."""
        for rule in rulefactory.get_rules(self):
            known = _rules.setdefault(self._key(rule), rule)
            if known is rule:
                rule.bind(self)
            self._added.append(known)
            self._rules_by_endpoint.setdefault(known.endpoint, []).append(known)
        self._remap = True

    def update(self) -> None:
        """Put a matcher in place after rules were added."""
        with self._remap_lock:
            if self._remap:
                self._matcher = self._with_these_rules()
        super().update()

    def _with_these_rules(self) -> StateMachineMatcher:
        key = tuple(map(id, self._added))
        if key not in _matchers:
            matcher = StateMachineMatcher(self.merge_slashes)
            for rule in self._added:
                if not rule.build_only:
                    matcher.add(rule)
            _matchers[key] = matcher
        return _matchers[key]

    def _key(self, rule: Rule) -> tuple[object, ...]:
        """Return all that a rule is made of, and what it takes from its map."""
        return (
            self.strict_slashes,
            self.merge_slashes,
            self.host_matching,
            tuple(sorted((rule.defaults or {}).items())),
            None if rule.methods is None else frozenset(rule.methods),
            getattr(rule, "provide_automatic_options", None),  # Flask's own
            *(getattr(rule, name) for name in FIELDS),
        )
