"""The fields that something else than the program moves while it runs, in one list.

Ignore lists of the components, the monitor and the reviews read it: a value that differs in one of these fields is no
drift. Property names are those of the Pulumi providers, in the form that the program writes (snake case) and in the
form that the engine stores (camel case).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

When = Literal["rules", "minimum", "maximum", "gradual_deployment", "pipeline"]


@dataclass(frozen=True)
class Delegated:
    """One field of one resource type, and who moves it."""

    type: str
    """Pulumi type token, such as aws:ecs/service:Service."""
    field: str
    """Property in snake case; nested ones are joined with dots."""
    owner: str
    """Who moves it, in words."""
    when: When
    """Delegated only where rules exist, only where a schedule sets that bound, only where a deployment shifts traffic,
    or only where a pipeline owns the image. A bound is left alone as long as its declaration is as it was deployed;
    once that changes, the deployment sets the bounds that hold at its hour (docs/decisions/0018)."""

    @property
    def stored_as(self) -> str:
        """The field as the engine stores it, in camel case."""
        return ".".join(_camel(part) for part in self.field.split("."))


def _camel(word: str) -> str:
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


DELEGATED = (
    Delegated("aws:ecs/service:Service", "desired_count", "the scaling rules of the service", "rules"),
    Delegated("aws:autoscaling/group:Group", "desired_capacity", "the scaling rules of the group", "rules"),
    Delegated("aws:autoscaling/group:Group", "min_size", "the schedules of the group", "minimum"),
    Delegated("aws:autoscaling/group:Group", "max_size", "the schedules of the group", "maximum"),
    Delegated("aws:appautoscaling/target:Target", "min_capacity", "the schedules of the service", "minimum"),
    Delegated("aws:appautoscaling/target:Target", "max_capacity", "the schedules of the service", "maximum"),
    Delegated("docker:index/service:Service", "mode.replicated.replicas", "the controller of the service", "rules"),
    Delegated("aws:ecs/service:Service", "task_definition", "the pipeline that releases images", "pipeline"),
    # As the engine stores it: the SDK translates names without a dot alone.
    Delegated("docker:index/service:Service", "taskSpec.containerSpec.image", "the pipeline of images", "pipeline"),
    Delegated("aws:lb/listener:Listener", "default_actions", "ECS, which shifts weights", "gradual_deployment"),
    Delegated("aws:lb/listenerRule:ListenerRule", "actions", "ECS, which shifts weights", "gradual_deployment"),
)
"""Desired counts (pulumi-aws#6264), scheduled bounds, listener weights (terraform-aws-alb#409)."""


def ignored_fields(
    type_token: str,
    *,
    rules: bool = False,
    held: Collection[str] = (),
    gradual_deployment: bool = False,
    pipeline: bool = False,
) -> list[str]:
    """The fields of a resource type whose changes are ignored, in snake case; empty where nothing moves them.

    `held`: bounds that schedules own and that are declared as they were deployed, `minimum` and `maximum`.
    """
    flags = {"rules": rules, "gradual_deployment": gradual_deployment, "pipeline": pipeline}
    given = {*held, *(name for name, holds in flags.items() if holds)}
    return [entry.field for entry in DELEGATED if entry.type == type_token and entry.when in given]
