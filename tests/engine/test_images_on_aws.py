"""A service of a stack on AWS: its image is built here and pushed as to ECR; later a pipeline releases another one.

It cannot prove that ECR takes what is pushed, nor that a task runs it: no task runs on the local cloud.
"""

import http.client
import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from localcloud.docker.running import DOCKER
from tests import swarm
from tests.engine.checkout import Checkout

pytestmark = [pytest.mark.engine, pytest.mark.docker, pytest.mark.timeout(900)]

NAMED = "        image: { repository: docker.io/nginxinc/nginx-unprivileged, version: 1.29.1 }\n"
NAMED_REFERENCE = "docker.io/nginxinc/nginx-unprivileged:1.29.1"
BUILT = "memory: 512\n      build: { context: built, arguments: { VERSION: '1' } }"
OWN = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


def made(checkout: Checkout) -> Any:
    """The outputs of the image in the state."""
    (found,) = [each["outputs"] for each in checkout.exported("dev") if each["type"] == "docker:index/image:Image"]
    return found


def repositories(registry: str) -> list[str]:
    """What the registry has of ECR."""
    with closing(http.client.HTTPConnection(registry, timeout=5)) as asked:
        asked.request("GET", "/v2/_catalog?n=1000")
        found = json.loads(asked.getresponse().read())["repositories"]
    return [name for name in found if name.startswith(OWN)]


def answered(registry: str, reference: str) -> int:
    """What the registry answers for a reference of ECR."""
    name, _, digest = reference.partition("@")
    with closing(http.client.HTTPConnection(registry, timeout=5)) as asked:
        asked.request("GET", f"/v2/{name}/manifests/{digest}")
        return asked.getresponse().status


def definition(checkout: Checkout) -> Any:
    """The task definition that the service runs."""
    ecs, named = checkout.client("ecs", "dev"), checkout.outputs("dev")["services"]["web"]
    (service,) = ecs.describe_services(cluster=named["cluster"], services=[named["service"]])["services"]
    return ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]


def image(checkout: Checkout) -> str:
    found: str = definition(checkout)["containerDefinitions"][0]["image"]
    return found


def test_an_image_is_built_and_pushed_as_to_ecr_and_a_pipeline_releases_the_next(
    make: Callable[..., Checkout],
) -> None:
    registry = swarm.registry()
    if registry is None:
        pytest.skip("no registry is known beside the Engine of DOCKER_HOST")
    checkout = make(DOCKER_HOST=DOCKER.address(os.environ) or "", ACCORDION_REGISTRY=registry)
    checkout.variables["ACCORDION_CACHE_DIR"] = str(checkout.state / "cache")
    context = checkout.folder / "built"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\nARG VERSION\nENV VERSION=$VERSION\n")
    try:
        with checkout.edited("dev", (NAMED, ""), ("memory: 512", BUILT)):
            _built(checkout, registry)
    finally:
        for folder in (context, checkout.folder / ".accordion"):
            shutil.rmtree(folder, ignore_errors=True)
    _released_by_a_pipeline(checkout)
    checkout.destroy("dev")


def _built(checkout: Checkout, registry: str) -> None:
    # A context that does not build is told by a preview and a review, though its repository is still to be made.
    dockerfile = checkout.folder / "built" / "Dockerfile"
    review = ("review", "--base", "HEAD", "--stack", "dev", "--check-build")
    sound, before = dockerfile.read_text(), repositories(registry)
    dockerfile.write_text("FROM scratch\nCOPY nothing /\n")
    assert "the image cannot be built: COPY failed" in checkout.preview("dev", "--check-build", code=1)
    assert "## A person has to look: `dev` an image does not build" in checkout(*review, code=1)
    dockerfile.write_text(sound)
    assert "- **Images**: `web-build` in `dev` builds" in checkout(*review)
    assert repositories(registry) == before, "a review pushes nothing"
    checkout.up("dev")
    reference = made(checkout)["repoDigest"]
    assert reference.startswith(f"{OWN}/web-repository-")
    assert image(checkout) == reference
    assert answered(registry, reference) == 200
    checkout.up("dev", "--expect-no-changes")
    checkout.refresh("dev", "--expect-no-changes")
    # Nothing of the registry that is here is in the state: another port, or none, is no difference.
    assert registry not in checkout("local", "stack", "export", "--stack", "dev")
    checkout.variables["ACCORDION_REGISTRY"] = "127.0.0.1:1"
    checkout.up("dev", "--expect-no-changes")
    with checkout.edited("dev", ("VERSION: '1'", "VERSION: '2'")):
        # Without one, what is to be pushed is refused in a preview, with where one is to be had.
        checkout.variables["ACCORDION_REGISTRY"] = ""
        told = checkout.preview("dev", code=1)
        assert "no registry on this machine keeps what is pushed to ECR" in told, told
        assert "start one with `make docker`, or name one (ACCORDION_REGISTRY=127.0.0.1:PORT)" in told
        checkout.variables["ACCORDION_REGISTRY"] = registry
        checkout.up("dev")
        second = made(checkout)["repoDigest"]
        assert (second != reference, image(checkout)) == (True, second)


def _released_by_a_pipeline(checkout: Checkout) -> None:
    owned = ("memory: 512", "memory: 512\n      image_owner: pipeline")
    ran = image(checkout)
    with checkout.edited("dev", owned):
        checkout.up("dev")
    assert image(checkout) == ran
    # As a pipeline does: the newest task definition with its image in.
    ecs, named = checkout.client("ecs", "dev"), checkout.outputs("dev")["services"]["web"]
    newest = definition(checkout)
    keys = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    released = f"{OWN}/shop@sha256:{'b' * 64}"
    revision = ecs.register_task_definition(
        **{key: newest[key] for key in keys},
        containerDefinitions=[{**newest["containerDefinitions"][0], "image": released}],
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.update_service(cluster=named["cluster"], service=named["service"], taskDefinition=revision)
    with checkout.edited("dev", owned, ("LOG_LEVEL: debug", "LOG_LEVEL: info"), ("maximum: 2", "maximum: 3")):
        checkout.up("dev", "--refresh")
        assert (image(checkout), definition(checkout)["taskDefinitionArn"]) == (released, revision)
        assert newest["taskDefinitionArn"] != revision
        said = checkout("monitor", "--local", "--stack", "dev")
        assert "what runs is what was declared" in said
        own = checkout.outputs("dev")["services"]["web"]["task_definition"].rpartition("/")[2]
        runs, declared = f"{revision.rpartition('/')[2]} ({released})", f"{own} ({NAMED_REFERENCE})"
        assert re.search(
            rf"web: a pipeline owns the image: {re.escape(runs)}, revision \d+ runs, {re.escape(declared)} is declared",
            said,
        ), said
