"""What *elastic* means: rules, alarms, capacity arithmetic, schedules, findings, simulation, measures, prices.

Knows numbers and time only. The public names load on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from elasticity.alarms import alarm_state as alarm_state
    from elasticity.alarms import managed_alarms as managed_alarms
    from elasticity.capacity_providers import capacity_provider_reservation as capacity_provider_reservation
    from elasticity.capacity_providers import capacity_provider_size as capacity_provider_size
    from elasticity.checks import Finding as Finding
    from elasticity.checks import check as check
    from elasticity.measure import Measures as Measures
    from elasticity.measure import measures as measures
    from elasticity.platforms import PlatformParameters as PlatformParameters
    from elasticity.platforms import platform_parameters as platform_parameters
    from elasticity.policies import combine as combine
    from elasticity.policies import step_capacity as step_capacity
    from elasticity.policies import target_tracking_capacity as target_tracking_capacity
    from elasticity.pricing import price as price
    from elasticity.quantities import Duration as Duration
    from elasticity.quantities import Rate as Rate
    from elasticity.queueing import erlang_c as erlang_c
    from elasticity.queueing import sakasegawa_wait as sakasegawa_wait
    from elasticity.rules import Elasticity as Elasticity
    from elasticity.rules import Predictive as Predictive
    from elasticity.rules import Scheduled as Scheduled
    from elasticity.rules import StepScaling as StepScaling
    from elasticity.rules import TargetTracking as TargetTracking
    from elasticity.schedules import occurrences as occurrences
    from elasticity.simulator import FIGURES as FIGURES
    from elasticity.simulator import Deployment as Deployment
    from elasticity.simulator import Instances as Instances
    from elasticity.simulator import Timeline as Timeline
    from elasticity.simulator import simulate as simulate
    from elasticity.simulator import simulate_many as simulate_many
    from elasticity.trace_files import read_trace as read_trace
    from elasticity.traces import Load as Load

_HOME = {
    "Deployment": "simulator",
    "Duration": "quantities",
    "Elasticity": "rules",
    "FIGURES": "simulator",
    "Finding": "checks",
    "Instances": "simulator",
    "Load": "traces",
    "Measures": "measure",
    "PlatformParameters": "platforms",
    "Predictive": "rules",
    "Rate": "quantities",
    "Scheduled": "rules",
    "StepScaling": "rules",
    "TargetTracking": "rules",
    "Timeline": "simulator",
    "alarm_state": "alarms",
    "capacity_provider_reservation": "capacity_providers",
    "capacity_provider_size": "capacity_providers",
    "check": "checks",
    "combine": "policies",
    "erlang_c": "queueing",
    "managed_alarms": "alarms",
    "measures": "measure",
    "occurrences": "schedules",
    "platform_parameters": "platforms",
    "price": "pricing",
    "read_trace": "trace_files",
    "sakasegawa_wait": "queueing",
    "simulate": "simulator",
    "simulate_many": "simulator",
    "step_capacity": "policies",
    "target_tracking_capacity": "policies",
}
"""Public name -> the module that holds it."""

__all__ = sorted(_HOME)  # one table, not two that must agree


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
