"""Gateways that the registries do not have: each does what its own source does with a call.

The configuration is the file of deploy/. What they do before they ask wxlogin, what they send it,
what they take of its answer, and what goes on to the backend is written after these sources:

- traefik/traefik `pkg/middlewares/auth/forward.go`
- apache/apisix `apisix/plugins/forward-auth.lua`
- envoyproxy/envoy `source/extensions/filters/common/ext_authz/ext_authz_http_impl.cc`, which takes
  nothing but 200 for a yes and gives 5xx no body, and `source/common/http/async_client_impl.cc`,
  which adds Envoy's own address to X-Forwarded-For.
"""

from __future__ import annotations

import http.client
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

from tests.harness.loopback import LoopbackServer, QuietHandler
from tests.harness.site import Site
from tests.house.source import ROOT

PEER = "127.0.0.1"
ITSELF = "10.0.0.9"
HOP = {"connection", "host", "content-length", "transfer-encoding", "keep-alive"}
Headers = dict[str, str]


class Call(NamedTuple):
    """A call as it came; names of headers are in lower case."""

    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Headers
    body: bytes


class Gateway(LoopbackServer):
    """Listens as the gateway does, ends TLS in word, and passes on as its source does."""

    file: str

    def __init__(self, site: Site, backend: str) -> None:
        self.site = site
        self.text = (ROOT / "deploy" / self.file).read_text(encoding="utf-8")
        self.given: Any = yaml.safe_load(self.text)
        self.asked: list[Call] = []
        self._places = {"wxlogin": urlsplit(site.base).netloc, "backend": urlsplit(backend).netloc}
        super().__init__()

    @abstractmethod
    def pass_on(self, call: Call) -> Answer:
        """Return the answer to a call."""

    def ask(self, call: Call) -> Answer | None:
        """Ask wxlogin; None where it does not answer."""
        self.asked.append(call)
        try:
            return self.send("wxlogin", call)
        except OSError:
            return None

    def send(self, place: str, call: Call) -> Answer:
        """Send exactly this."""
        way = http.client.HTTPConnection(self._places[place], timeout=30)
        try:
            kept = {n: v for n, v in call.headers.items() if n not in HOP}
            way.request(call.method, call.target, call.body or None, kept)
            answer = way.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, named, answer.read())
        finally:
            way.close()

    def _handler(self) -> type[QuietHandler]:
        gateway = self

        class Handler(QuietHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                named = {name.lower(): value for name, value in self.headers.items()}
                answer = gateway.pass_on(Call(self.command, self.path, named, body))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name not in HOP | {"date", "server"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  the library's names

        return Handler


class Traefik(Gateway):
    """Traefik with ForwardAuth, the caller's network being none of the team's."""

    file = "traefik/wxlogin.yaml"

    def pass_on(self, call: Call) -> Answer:
        """Find the router of the highest priority, then go through its middlewares."""
        given, routers = self.given["http"], self.given["http"]["routers"].values()
        headers = {n: v for n, v in call.headers.items() if not n.startswith("x-forwarded-")}
        call = call._replace(headers={**headers, "x-forwarded-proto": "https"})
        fits = [router for router in routers if self._fits(router["rule"], call.path)]
        router = max(fits, key=lambda one: int(one["priority"]))
        sent = call._replace(headers=dict(call.headers))
        for name in router.get("middlewares", ()):
            middleware = given["middlewares"][name]
            if "ipAllowList" in middleware:
                return Answer(403, {}, b"Forbidden")
            if "forwardAuth" in middleware:
                refusal = self._forward_auth(middleware["forwardAuth"], call, sent.headers)
                if refusal:
                    return refusal
            if "headers" in middleware:
                for header, value in middleware["headers"]["customRequestHeaders"].items():
                    assert value == ""
                    sent.headers.pop(header.lower(), None)
        sent.headers["x-forwarded-for"] = PEER
        return self.send(router["service"], sent)

    def _forward_auth(self, given: Any, call: Call, headers: Headers) -> Answer | None:
        assert given["trustForwardHeader"] is False
        told = {
            **headers,
            "x-forwarded-for": PEER,
            "x-forwarded-method": call.method,
            "x-forwarded-uri": call.target,
            "x-forwarded-host": "login.example.com",
        }
        answer = self.ask(Call("GET", urlsplit(given["address"]).path, told, b""))
        if answer is None:
            return Answer(500, {}, b"")
        if not 200 <= answer.status < 300:
            return answer
        for name in map(str.lower, given["authResponseHeaders"]):
            headers.pop(name, None)
            if name in answer.headers:
                headers[name] = answer.headers[name]
        return None

    def _fits(self, rule: str, path: str) -> bool:
        prefixes = re.findall(r"PathPrefix\(`([^`]+)`\)", rule)
        wholes = re.findall(r"(?<!\w)Path\(`([^`]+)`\)", rule)
        return path in wholes or path.startswith(tuple(prefixes)) or not (wholes or prefixes)


class Apisix(Gateway):
    """APISIX with the older forward-auth: a caller's header stays where wxlogin sends none."""

    file = "apisix/apisix.yaml"

    def pass_on(self, call: Call) -> Answer:
        """Find the route of the highest priority, then run its plugins by their phases."""
        fits = [one for one in self.given["routes"] if self._fits(one, call.path)]
        route = max(fits, key=lambda one: int(one["priority"]))
        plugins, headers = route.get("plugins", {}), dict(call.headers)
        if "ip-restriction" in plugins:
            return Answer(403, {}, b"{}")
        for name in ("serverless-pre-function", "forward-auth", "serverless-post-function"):
            plugin = plugins.get(name)
            if plugin and name == "forward-auth":
                refusal = self._forward_auth(plugin, call, headers)
                if refusal:
                    return refusal
            elif plugin:
                _forget(headers, plugin["functions"])
        before = [headers["x-forwarded-for"]] if "x-forwarded-for" in headers else []
        headers |= {"x-forwarded-for": ", ".join([*before, PEER]), "x-forwarded-proto": "https"}
        return self.send(route["upstream_id"], call._replace(headers=headers))

    def _forward_auth(self, given: Any, call: Call, headers: Headers) -> Answer | None:
        assert given["allow_degradation"] is False
        told = {
            "x-forwarded-proto": "https",
            "x-forwarded-method": call.method,
            "x-forwarded-host": "login.example.com",
            "x-forwarded-uri": call.target,
            "x-forwarded-for": PEER,
        }
        wanted = map(str.lower, given["request_headers"])
        told |= {name: headers[name] for name in wanted if name in headers and name not in told}
        answer = self.ask(Call("GET", urlsplit(given["uri"]).path, told, b""))
        if answer is None:
            return Answer(given["status_on_error"], {}, b"")
        if answer.status >= 300:
            passed = [name.lower() for name in given["client_headers"]]
            kept = {n: v for n, v in answer.headers.items() if n in passed}
            return answer._replace(headers=kept)
        for name in map(str.lower, given["upstream_headers"]):
            if name in answer.headers:
                headers[name] = answer.headers[name]
        return None

    def _fits(self, route: Any, path: str) -> bool:
        patterns = route.get("uris") or [route["uri"]]
        found = [one for one in patterns if one.endswith("*") and path.startswith(one[:-1])]
        return bool(found) or path in patterns


MISREAD = """for name in pairs(ngx.req.get_headers(0, true)) do
    if name:find("_", 1, true) and name:lower():gsub("_", "-"):find("x-wxlogin-", 1, true) == 1 then
      core.request.set_header(ctx, name, nil)"""
"""The loop of the file over names that a backend would take for ours."""


def _forget(headers: Headers, functions: Sequence[str]) -> None:
    """What the functions of the file do: they set headers to nil."""
    for function in functions:
        if " ".join(MISREAD.split()) in " ".join(function.split()):
            for name in [name for name in headers if "_" in name]:
                if name.replace("_", "-").startswith("x-wxlogin-"):
                    del headers[name]
        assert "core.request.set_header(ctx, name, nil)" in function or '", nil)' in function
        for name in re.findall(r'"((?:X-Wxlogin-)?[A-Z][\w-]+)"', function):
            headers.pop(name.lower(), None)


class Envoy(Gateway):
    """Envoy with ext_authz over HTTP."""

    file = "envoy/envoy.yaml"

    def pass_on(self, call: Call) -> Answer:
        """Go through the connection manager, its filters and the route."""
        manager = self.given["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]
        given = manager["typed_config"]
        options = given["common_http_protocol_options"]
        assert options["headers_with_underscores_action"] == "REJECT_REQUEST"
        if any("_" in name for name in call.headers):
            return Answer(400, {}, b"")
        assert given["use_remote_address"] is True
        before = [call.headers["x-forwarded-for"]] if "x-forwarded-for" in call.headers else []
        headers = {**call.headers, "x-forwarded-for": ",".join([*before, PEER])}
        headers["x-forwarded-proto"] = "https"
        routes = given["route_config"]["virtual_hosts"][0]["routes"]
        route = next(one for one in routes if self._fits(one["match"], call))
        if "direct_response" in route:
            return Answer(route["direct_response"]["status"], {}, b"")
        mutation, authz, _ = given["http_filters"]
        for one in mutation["typed_config"]["mutations"]["request_mutations"]:
            _mutate(headers, call, one)
        if authz["name"] not in route.get("typed_per_filter_config", {}):
            refusal = self._ext_authz(authz["typed_config"], call, headers)
            if refusal:
                return refusal
        for name in route.get("request_headers_to_remove", ()):
            headers.pop(name, None)
        for one in route.get("request_headers_to_add", ()):
            _mutate(headers, call, {"append": one})
        return self.send(route["route"]["cluster"], call._replace(headers=headers))

    def _ext_authz(self, given: Any, call: Call, headers: Headers) -> Answer | None:
        assert given["failure_mode_allow"] is False
        service = given["http_service"]
        allowed = [*_exact(given["allowed_headers"]), "authorization"]
        told = {name: value for name, value in headers.items() if name in allowed}
        told["x-forwarded-for"] = ",".join(filter(None, [told.get("x-forwarded-for"), ITSELF]))
        target = service["path_prefix"] + call.target
        answer = self.ask(Call(call.method, target, {**told, "content-length": "0"}, b""))
        if answer is None or answer.status >= 500:
            assert given["status_on_error"]["code"] == "ServiceUnavailable"
            return Answer(503, {}, b"")
        response = service["authorization_response"]
        if answer.status != 200:
            passed = _exact(response["allowed_client_headers"])
            return answer._replace(headers={n: v for n, v in answer.headers.items() if n in passed})
        (pattern,) = response["allowed_upstream_headers"]["patterns"]
        headers |= {n: v for n, v in answer.headers.items() if n.startswith(pattern["prefix"])}
        return None

    def _fits(self, match: Mapping[str, Any], call: Call) -> bool:
        if "safe_regex" in match:
            return bool(re.fullmatch(match["safe_regex"]["regex"], call.path))
        return call.path == match.get("path") or call.path.startswith(match.get("prefix", "\0"))


def _mutate(headers: Headers, call: Call, one: Any) -> None:
    if "remove" in one:
        headers.pop(one["remove"], None)
        return
    added = one["append"]["header"]
    values = {"%REQ(:METHOD)%": call.method, "%REQ(:PATH)%": call.target}
    value = {**values, "%DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT%": ITSELF}[added["value"]]
    action, before = one["append"]["append_action"], headers.get(added["key"])
    assert action in ("OVERWRITE_IF_EXISTS_OR_ADD", "APPEND_IF_EXISTS_OR_ADD")
    appended = action.startswith("APPEND") and before
    headers[added["key"]] = f"{before},{value}" if appended else value


def _exact(matchers: Any) -> list[str]:
    return [pattern["exact"] for pattern in matchers["patterns"]]
