"""What alarms are about: a service, a group, a queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.alarms.dashboard import Panels
from components.metrics import Measure
from components.specs import LogAlarm, Watch


@dataclass(frozen=True)
class Alarm:
    """A metric and the values from which on it is trouble."""

    measure: Measure
    """What is watched."""
    watch: Watch
    """From which value on, for how long, and how grave it is."""
    meaning: str = ""
    """One sentence for the person who reads the notice."""


@dataclass(frozen=True)
class Subject:
    """One service, group or queue: it has at most one composite that pages."""

    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    """By name."""
    log_alarms: Mapping[str, LogAlarm] = field(default_factory=dict)
    """On lines of `log_group_name`, by name."""
    log_group_name: pulumi.Input[str] | None = None
    """Where the lines are."""
    bands: Mapping[str, Measure] = field(default_factory=dict)
    """What gets an anomaly band, where the spec wants bands."""
    service_arn: pulumi.Input[str] | None = None
    """The ECS service whose deployments are watched."""
    group_arn: pulumi.Input[str] | None = None
    """The Auto Scaling group whose instance refreshes are watched; in place of a service."""
    deployment_failed: Watch | None = None
    """The alarm on failed deployments; its severity decides who is told. Needs `service_arn` or `group_arn`."""
    panels: Panels | None = None
    """Its row on the dashboard."""
