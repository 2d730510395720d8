"""A stack of services or groups: a platform, what stands on it, its alarms, what is exported. Wiring only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pulumi

from components.alarms import Subject
from components.deployed import Deployed
from stacks.aws import watching
from stacks.aws.platform import Platform, create_platform
from stacks.aws.settings import AwsSettings, WorkloadSettings
from stacks.outputs import GroupOutputs, Outputs, ServiceOutputs

_Declared = TypeVar("_Declared", bound=WorkloadSettings)
_Made = TypeVar("_Made", bound=pulumi.ComponentResource)


@dataclass(frozen=True)
class Kind(Generic[_Declared, _Made]):
    """What a composition is built of."""

    create: Callable[[Platform, str, _Declared, list[pulumi.Output[str]]], _Made]
    """The component of that name; the alarms roll its deployments back."""
    subject: Callable[[Platform, str, _Declared, _Made], Subject]
    """What is watched of it."""
    outputs: Callable[[_Made], ServiceOutputs | GroupOutputs]
    """What the stack exports of it."""


def compose(
    settings: AwsSettings, declared: Mapping[str, _Declared], deployed: Deployed, kind: Kind[_Declared, _Made]
) -> Outputs:
    """Compose the platform of a stack and all that is declared on it."""
    platform = create_platform(settings, deployed)
    rollback_alarms = watching.rollback(platform, {name: one.deployment_alarms for name, one in declared.items()})
    made = {name: kind.create(platform, name, one, rollback_alarms.get(name, [])) for name, one in declared.items()}
    alarms = watching.watch(platform, {name: kind.subject(platform, name, declared[name], made[name]) for name in made})
    exported: dict[str, Any] = {settings.section: {name: kind.outputs(one) for name, one in made.items()}}
    return Outputs(
        composition=settings.composition,
        region=settings.environment.region,
        network=platform.network_outputs,
        url=platform.url,
        topic=alarms.topic_arn,
        dashboard=alarms.dashboard_name,
        expires=settings.environment.expires,
        **exported,
    )
