"""Who owns the image of a service, on the recording monitor. It cannot prove what a pipeline does: monitor's tests have
one that has been there."""

from __future__ import annotations

from typing import Any

import pytest

from components.container_service import ContainerService, ContainerServiceArgs
from components.deployed import Deployed
from components.specs import ContainerServiceSpec
from components.specs.swarm_service import SwarmServiceSpec
from components.swarm import SwarmService, SwarmServiceArgs
from tests.recording import Registration, Registrations, build

CONTAINER = {"image": {"repository": "shop/web", "version": "1"}}
RELEASED = "shop/web:2"


@pytest.mark.parametrize(("owner", "ignored"), [("pulumi", ()), ("pipeline", ("taskDefinition",))])
def test_on_aws_the_service_is_left_to_the_pipeline_and_the_task_definition_is_still_ours(
    owner: str, ignored: tuple[str, ...]
) -> None:
    spec = ContainerServiceSpec.model_validate({"container": CONTAINER, "count": 1, "image_owner": owner})
    args = ContainerServiceArgs(spec, "vpc-1", {"eu-central-1a": "subnet-1"})
    built = build(lambda: ContainerService("web", args))
    assert built.one("aws:ecs/service:Service").ignore_changes == ignored
    assert len(built.of("aws:ecs/taskDefinition:TaskDefinition")) == 1


def swarm(deployed: Deployed, live: str | None, **spec: Any) -> Registrations:
    whole = {"container": CONTAINER, "count": 1, "image_owner": "pipeline", **spec}
    args = SwarmServiceArgs(SwarmServiceSpec.model_validate(whole), "n", live_image=live, deployed=deployed)
    return build(lambda: SwarmService("web", args))


def image_of(service: Registration) -> tuple[str, tuple[str, ...]]:
    found: str = service.inputs["taskSpec"]["containerSpec"]["image"]
    return found, service.ignore_changes


def test_on_a_swarm_no_update_takes_a_pipelines_image_back() -> None:
    service = "docker:index/service:Service"
    first = swarm(Deployed(), None)
    assert image_of(first.one(service)) == ("shop/web:1", ())
    before = Deployed({("accordion:index:SwarmService", "web"): first.outputs("web")})
    left = ("taskSpec.containerSpec.image",)
    # Nothing else is declared otherwise: the image is left alone, whatever is declared.
    assert image_of(swarm(before, RELEASED).one(service))[1] == left
    other = {"image": {"repository": "shop/web", "version": "9"}}
    assert image_of(swarm(before, RELEASED, container=other).one(service))[1] == left
    # Something is: the whole specification is sent, with the image that runs.
    assert image_of(swarm(before, RELEASED, cpu=1024).one(service)) == (RELEASED, ())
    # Pulumi owns it: what is declared is sent.
    assert image_of(swarm(before, RELEASED, image_owner="pulumi").one(service)) == ("shop/web:1", ())
