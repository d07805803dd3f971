"""What deploy/compose.yaml and deploy/kubernetes say of each container, ready to be run."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import pytest
import yaml

from tests.house.source import ROOT

COMPOSE = ROOT / "deploy/compose.yaml"
KUBERNETES = ROOT / "deploy/kubernetes"
GIVEN = {"WXLOGIN_WX_APPID": "wx0123456789abcdef", "WXLOGIN_NAME": "login.example.com"}
"""What an operator writes into deploy/.env."""


class Run(NamedTuple):
    """A command of a container; None is the image's own."""

    command: list[str] | None
    environment: dict[str, str]


def services() -> dict[str, Any]:
    """The services of compose.yaml with their anchors merged and variables put in."""
    text = COMPOSE.read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(_filled(text, GIVEN))["services"]
    return found


def composed(name: str) -> Run:
    """A service of compose.yaml."""
    service = services()[name]
    return Run(service.get("command"), dict(service["environment"]))


@cache
def built(folder: str) -> list[dict[str, Any]]:
    """What kustomize makes of a folder of deploy/kubernetes."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("kubectl is not installed")
    words = [kubectl, "kustomize", str(KUBERNETES / folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return list(yaml.safe_load_all(done.stdout))


def one(kind: str, manifests: list[dict[str, Any]]) -> dict[str, Any]:
    """The manifest of a kind."""
    (found,) = [manifest for manifest in manifests if manifest["kind"] == kind]
    return found


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    """The pods that a Deployment, a Job or a CronJob makes."""
    spec = manifest["spec"]
    found: dict[str, Any] = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]
    return found


def scheduled(kind: str, folder: str) -> Run:
    """The container of a kind of manifest, with the settings of the base."""
    (container,) = pod(one(kind, built(folder)))["containers"]
    settings = one("ConfigMap", built("base"))["data"]
    own = {row["name"]: row["value"] for row in container.get("env", ())}
    return Run(container.get("command"), {**settings, **own})


def _filled(text: str, given: Mapping[str, str]) -> str:
    """Compose's variables: `${NAME:?message}`, `${NAME:-default}`, and `$$` for a dollar."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return given[found[1]] if found[2] == "?" else given.get(found[1], found[3])

    return re.sub(r"\$\$|\$\{(\w+):([?-])([^}]*)\}", value, text)
