"""A network, services on it, a proxy in front of those that take traffic. Wiring only."""

from __future__ import annotations

import dataclasses
import json
import os

import pulumi

from components.container_image import ContainerImage, ContainerImageArgs
from components.deployed import NOTHING_KNOWN, Deployed
from components.swarm import (
    Content,
    ReverseProxy,
    ReverseProxyArgs,
    Route,
    ScalingController,
    ScalingControllerArgs,
    SwarmNetwork,
    SwarmNetworkArgs,
    SwarmService,
    SwarmServiceArgs,
)
from components.swarm.specification import fingerprint
from components.swarm.versioned import ROLE, SERVICE
from stacks import secrets
from stacks.builds import Build, check_build
from stacks.outputs import Outputs, SwarmServiceOutputs
from stacks.private_service import controlled, live
from stacks.private_service.settings import CONTROLLER, PROXY, PrivateService, PrivateServiceSettings
from stacks.stack_file import PROJECT

REGISTRY = "ACCORDION_REGISTRY"
"""A variable, `127.0.0.1:5000`: the registry of images whose `build` names no repository. The local cloud sets it, to
that of `make docker`; so may a person."""


def _tags(settings: PrivateServiceSettings) -> dict[str, str]:
    """Labels of everything in a stack: whose it is, which stack, what made it, the environment's own."""
    first = {"application": PROJECT, "stack": pulumi.get_stack(), "managed-by": "pulumi"}
    return first | settings.environment.tags


def _live(name: str, deployed: Deployed) -> live.Live:
    """What the service of the last deployment is asked to be now."""
    known = deployed.outputs(SERVICE, f"{name}-{ROLE}").get("name")
    return live.Live() if known is None else live.asked_of(known)


def _count(service: PrivateService, now: live.Live) -> int | None:
    """The number that runs, within what the rules ever allow."""
    return None if now.count is None else max(service.minimum_units, min(now.count, service.maximum_units))


def _repository(service: str) -> str:
    """Where an image goes of which the stack file does not say it: nodes of a Swarm pull."""
    key = service if service == CONTROLLER else f"services.{service}"
    registry = os.environ.get(REGISTRY)
    if not registry:
        raise pulumi.RunError(
            f"{key}.build.repository: is missing: nodes of a Swarm pull from a registry; name one, such "
            f"as registry.example.org/shop/{service}; on the local cloud `make docker` has one"
        )
    return f"{registry}/{PROJECT}/{pulumi.get_stack()}/{service}".lower()


def _image(name: str, build: Build | None, tags: dict[str, str], deployed: Deployed) -> pulumi.Output[str] | None:
    """The image that the stack file says how to build."""
    if build is None:
        return None
    args = ContainerImageArgs(
        build.spec,
        repository=build.repository or _repository(name),
        deployed=deployed,
        check_build=check_build(),
        tags=tags,
    )
    return ContainerImage(name, args).reference


def build(settings: PrivateServiceSettings, deployed: Deployed = NOTHING_KNOWN) -> Outputs:
    """Compose the services of a Swarm."""
    tags = _tags(settings)
    contents = _secrets(settings)
    network = SwarmNetwork("network", SwarmNetworkArgs(settings.network, tags))
    key = fingerprint(settings.network.model_dump(mode="json"), tags)
    now = {name: _live(name, deployed) for name in settings.services}
    controller = _controller(settings, network, key, tags, deployed)
    services = {
        name: SwarmService(
            name,
            SwarmServiceArgs(
                service.spec,
                network.network_id,
                key,
                image=_image(name, service.build, tags, deployed),
                secrets=contents,
                tags=tags,
                live_count=_count(service, now[name]),
                live_image=now[name].image,
                in_use=now[name].in_use,
                after=[] if controller is None else [controller.service],
                deployed=deployed,
            ),
        )
        for name, service in settings.services.items()
    }
    proxy = _proxy(settings, network, contents, tags, deployed)
    return Outputs(
        composition=settings.composition,
        url=None if proxy is None else proxy.url,
        services={
            name: SwarmServiceOutputs(made.service_name, made.service_id, network.network_name)
            for name, made in services.items()
        },
        proxy=None if proxy is None else proxy.service_name,
        controller=None if controller is None else controller.service_name,
    )


def _controller(
    settings: PrivateServiceSettings, network: SwarmNetwork, key: str, tags: dict[str, str], deployed: Deployed
) -> ScalingController | None:
    """It is there before the services and goes after them, so that what it remembers of them goes with it. It knows
    them by their names on the network, which are known before they are."""
    asked = settings.controller
    if asked is None:
        return None
    names = {name: name for name in settings.scaled}
    told = controlled.told(settings, names, None if settings.proxy is None else PROXY) | {"reaches": "network"}
    content = network.network_id.apply(lambda made: json.dumps({**told, "network": made}, sort_keys=True))
    settled = Content.of(json.dumps([told, key], sort_keys=True), "its settings")
    return ScalingController(
        CONTROLLER,
        ScalingControllerArgs(
            asked.spec,
            dataclasses.replace(settled, value=content),
            network.network_id,
            asked.socket or live.socket(),
            image=_image(CONTROLLER, asked.build, tags, deployed),
            tags=tags,
            in_use=_live(CONTROLLER, deployed).in_use,
            deployed=deployed,
        ),
    )


def _proxy(
    settings: PrivateServiceSettings,
    network: SwarmNetwork,
    contents: dict[str, Content],
    tags: dict[str, str],
    deployed: Deployed,
) -> ReverseProxy | None:
    if settings.proxy is None:
        return None
    routes = {
        name: Route(service.traffic, service.maximum_units + service.deployment.parallelism)
        for name, service in settings.behind_proxy.items()
        if service.traffic is not None
    }
    args = ReverseProxyArgs(
        settings.proxy,
        routes,
        network.network_id,
        secrets=contents,
        tags=tags,
        in_use=_live(PROXY, deployed).in_use,
        deployed=deployed,
    )
    return ReverseProxy(PROXY, args)


def _secrets(settings: PrivateServiceSettings) -> dict[str, Content]:
    """The stack's secrets by name; a missing one ends the program with what to do."""
    names = settings.secret_names
    if not names:
        return {}
    found = secrets.service_secrets()
    if missing := [name for name in names if name not in found]:
        cures = "\n".join(f"  pulumi config set --secret --path 'service_secrets[\"{name}\"]'" for name in missing)
        raise pulumi.RunError(f"{len(missing)} secret{'s' * (len(missing) > 1)} without a value; set them:\n{cures}")
    return {name: Content(found[name].version, found[name].value, secret=True) for name in names}
