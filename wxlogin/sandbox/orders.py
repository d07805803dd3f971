"""What the page with the phones may ask of the command that runs the sandbox, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

PATH = "/sandbox/orders"


@dataclass(frozen=True)
class Orders:
    """The orders that there are, each with its values; `take` is called with both, in a thread."""

    offered: Mapping[str, Sequence[str]]
    take: Callable[[str, str], None]


NO_ORDERS = Orders({}, lambda _name, _value: None)
"""Of a sandbox that runs alone."""


class OrderCalls:
    """The blueprint: GET tells what is offered, POST gives an order."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self.blueprint = Blueprint("orders", __name__)
        self.blueprint.add_url_rule(PATH, "offered", self._offered, methods=["GET"])
        self.blueprint.add_url_rule(PATH, "give", self._give, methods=["POST"])

    def _offered(self) -> Response:
        return jsonify({name: list(values) for name, values in self._orders.offered.items()})

    def _give(self) -> Response:
        # JSON alone: no page of another site can send it without asking first.
        try:
            given = request.get_json(silent=True)
        except RecursionError:
            given = None
        name, value = (given.get(x) if isinstance(given, dict) else None for x in ("name", "value"))
        known = isinstance(name, str) and value in self._orders.offered.get(name, ())
        if not known:
            response = jsonify({"error": f"no such order; GET {PATH} tells which there are"})
            response.status_code = 400
            return response
        self._orders.take(str(name), str(value))
        response = jsonify({"taken": True})
        response.status_code = 202
        return response
