"""What may differ between what was declared and what runs, in one table, and how a stack file accepts it.

The words are those of `accordion monitor`; each stands for one kind of difference of one component.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from elasticity.faults import Fault
from elasticity.rules import Model

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "activity": "a scaling activity of the last day failed",
        "addresses": "the subnets have fewer free addresses than the maximum needs",
        "alarm": "a declared alarm was edited, silenced or deleted",
        "bounds": "the live minimum or maximum is not a declared one",
        "certificate": "a certificate ends soon, has ended, is not issued or is not there",
        "count": "the number of units asked for lies outside the live bounds, or is not the declared one",
        "deployment": "the last deployment failed or was rolled back",
        "gone": "a declared resource is not there",
        "image": "a unit runs another image than the declared one",
        "instances": "an instance runs another launch template than the declared one",
        "listener": "a listener's port, protocol, certificate or target is not the declared one",
        "managed_alarm": "an alarm that target tracking manages was edited, silenced or deleted",
        "missing_image": "a declared image is not in its registry",
        "mute_rule": "a mute rule silences an alarm that scales",
        "policy": "a scaling policy was edited, deleted or added",
        "quota": "a quota of the account is below what the maximum needs",
        "refresh": "the last instance refresh failed or was rolled back",
        "schedule": "a schedule was edited, deleted or added",
        "secret": "a declared secret or parameter is not there",
        "security_group": "a rule of a security group was edited, deleted or added",
        "setting": "a setting of the service or group is not the declared one",
        "stuck": "a bound keeps a scaling rule in alarm from acting",
        "suspended": "scaling is suspended",
        "target_health": "targets of the balancer are unhealthy",
        "units": "fewer units run than are asked for",
        "version": "another version runs than the declared one",
    }
)
SHARED = ("alarms", "balancer", "network", "rollback")
"""Components of a stack beside its services and groups."""

Reason = Annotated[str, Field(min_length=1, max_length=200)]


class MonitorSettings(Model):
    """What `accordion monitor` is told of a stack."""

    accept: dict[str, Reason] = Field(default={})
    """Differences accepted on purpose: `<component>.<kind>` to the reason, in words, as `web.bounds: until Friday`."""


def faults(accept: Iterable[str], workloads: Iterable[str]) -> list[Fault]:
    """Keys that name no component of the stack, or nothing that can differ."""
    components = [*workloads, *SHARED]
    found: list[Fault] = []
    for key in accept:
        component, _, kind = key.partition(".")
        for value, allowed, what in ((component, components, "component"), (kind, list(KINDS), "kind of difference")):
            if value not in allowed:
                near = difflib.get_close_matches(value, allowed, 1)
                hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(allowed)}"
                found.append(Fault(("monitor", "accept", key), f"{value or 'nothing'} is no {what}; {hint}"))
    return found
