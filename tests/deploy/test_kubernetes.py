"""deploy/kubernetes: by Kubernetes' own schemas, and by what each manifest is there for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from packaging.version import Version

from config import table
from tests.deploy.harness import manifests
from tests.deploy.harness.manifests import KUBERNETES, built, one, pod
from tests.house.source import ROOT

OLDEST = "1.25"
VERSIONS = [
    f"1.{minor}" for minor in range(25, Version(kubernetes_validate.latest_version()).minor + 1)
]
FOLDERS = ("base", "migrate", "example/server", "example/migrate")
PODS = (("Deployment", "base"), ("CronJob", "base"), ("Job", "migrate"))


def container(kind: str, folder: str) -> dict[str, Any]:
    """The one container of a kind's pods."""
    (found,) = pod(one(kind, built(folder)))["containers"]
    return dict(found)


@pytest.fixture(scope="module")
def deployment() -> dict[str, Any]:
    """The server's."""
    return one("Deployment", built("base"))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_manifest_is_one_of_kubernetes(version: str) -> None:
    for folder in FOLDERS:
        for manifest in built(folder):
            kubernetes_validate.validate(manifest, version, strict=True)


def test_a_misspelt_field_is_found(deployment: dict[str, Any]) -> None:
    text = yaml.safe_dump(deployment).replace("readinessProbe", "readynessProbe")
    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(yaml.safe_load(text), OLDEST, strict=True)


def test_every_file_is_part_of_what_kustomize_makes() -> None:
    for page in KUBERNETES.rglob("kustomization.yaml"):
        named = yaml.safe_load(page.read_text(encoding="utf-8")).get("resources", [])
        beside = {file.name for file in page.parent.glob("*.yaml")} - {"kustomization.yaml"}
        assert beside <= set(named), page


@pytest.mark.parametrize(("kind", "folder"), PODS)
def test_a_pod_meets_the_restricted_standard(kind: str, folder: str) -> None:
    within, own = pod(one(kind, built(folder))), container(kind, folder)["securityContext"]
    assert within["securityContext"]["runAsNonRoot"] is True
    assert within["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["allowPrivilegeEscalation"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert within["automountServiceAccountToken"] is False
    assert within["enableServiceLinks"] is False
    assert {next(iter(set(volume) - {"name"})) for volume in within["volumes"]} <= {
        "secret",
        "emptyDir",
    }


@pytest.mark.parametrize(("kind", "folder"), PODS)
def test_a_pod_runs_as_the_user_of_the_image(kind: str, folder: str) -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    user = re.search(r"^USER (\d+):(\d+)$", dockerfile, re.MULTILINE)
    assert user
    security = pod(one(kind, built(folder)))["securityContext"]
    assert (security["runAsUser"], security["runAsGroup"]) == (int(user[1]), int(user[2]))


def test_probes_restart_what_hangs_and_take_out_what_cannot_serve() -> None:
    server = container("Deployment", "base")
    paths = {kind: server[f"{kind}Probe"]["httpGet"]["path"] for kind in PROBES}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    # /readyz answers within 3 s whatever hangs.
    assert all(server[f"{kind}Probe"]["timeoutSeconds"] >= 5 for kind in PROBES)


PROBES = ("startup", "liveness", "readiness")


def test_a_release_takes_no_pod_away_before_another_serves(deployment: dict[str, Any]) -> None:
    rolling = deployment["spec"]["strategy"]["rollingUpdate"]
    assert (rolling["maxUnavailable"], deployment["spec"]["replicas"]) == (0, 2)
    assert one("PodDisruptionBudget", built("base"))["spec"]["minAvailable"] == 1


def test_a_pod_is_given_longer_to_end_than_drain_and_gunicorn_take(
    deployment: dict[str, Any],
) -> None:
    conf = (ROOT / "deploy/gunicorn.conf.py").read_text(encoding="utf-8")
    graceful = re.search(r"^graceful_timeout = (\d+)", conf, re.MULTILINE)
    assert graceful
    program, seconds = container("Deployment", "base")["lifecycle"]["preStop"]["exec"]["command"]
    assert program == "sleep"
    given = pod(deployment)["terminationGracePeriodSeconds"]
    assert given > int(seconds) + int(graceful[1])


def test_everything_that_selects_the_server_selects_its_pods_alone(
    deployment: dict[str, Any],
) -> None:
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    service = one("Service", built("base"))["spec"]
    budget = one("PodDisruptionBudget", built("base"))["spec"]["selector"]["matchLabels"]
    for selector in (service["selector"], budget, deployment["spec"]["selector"]["matchLabels"]):
        assert selector.items() <= labels.items()
        for kind, folder in PODS[1:]:
            spec = one(kind, built(folder))["spec"]
            other = spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["metadata"]
            assert not selector.items() <= other["labels"].items()
    (port,) = service["ports"]
    (named,) = container("Deployment", "base")["ports"]
    assert port["targetPort"] == named["name"]


def test_the_service_s_name_is_the_one_whose_links_wxlogin_passes_over() -> None:
    assert one("Service", built("base"))["metadata"]["name"] == "wxlogin"


def test_settings_and_secrets_are_those_that_wxlogin_knows() -> None:
    example = built("example/server")
    secret = next(one for one in example if one["metadata"]["name"] == "wxlogin" and "type" in one)
    for name, text in one("ConfigMap", example)["data"].items():
        assert name.removesuffix("_FILE") in table()
        if name.endswith("_FILE"):
            assert Path(text).parent == Path("/run/secrets/wxlogin")
            assert Path(text).name in secret["stringData"]
    assert not [name for name in one("ConfigMap", example)["data"] if name.endswith("_KEYS")]


def test_the_example_names_one_image_and_one_namespace_for_all() -> None:
    every = [*built("example/server"), *built("example/migrate")]
    assert {manifest["metadata"]["namespace"] for manifest in every} == {"wxlogin"}
    images = {found for one in every for found in re.findall(r"image: (\S+)", yaml.safe_dump(one))}
    assert images == {"registry.example.com/wxlogin:1"}


def test_the_example_s_secrets_are_refused() -> None:
    """Whoever forgets to change them has no service, rather than one with known keys."""
    for manifest in built("example/server"):
        for name, text in manifest.get("stringData", {}).items():
            assert "change-me" in text, name


def test_migrations_run_as_the_owner() -> None:
    run = manifests.scheduled("Job", "migrate")
    assert run.command == ["flask", "--app", "wsgi", "db", "upgrade"]
    assert run.environment["WXLOGIN_DATABASE_URL_FILE"].startswith("/run/secrets/wxlogin-owner/")
