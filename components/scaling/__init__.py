"""Rules to scaling resources, on an ECS service, an Auto Scaling group, or an ECS capacity provider over a group.

`translate` is pure: rules and a context in, a plan of resources out. `components.scaling.resources` makes them real.
"""

from components.scaling.plan import (
    BalancedTarget,
    Context,
    GroupContext,
    Joined,
    ProviderContext,
    Reference,
    RefusedRulesError,
    ScalingPlan,
    ScalingResource,
    ServiceContext,
)
from components.scaling.translation import refusals_of, translate

__all__ = [
    "BalancedTarget",
    "Context",
    "GroupContext",
    "Joined",
    "ProviderContext",
    "Reference",
    "RefusedRulesError",
    "ScalingPlan",
    "ScalingResource",
    "ServiceContext",
    "refusals_of",
    "translate",
]
