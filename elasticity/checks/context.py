"""What a linter has to know beside the rules: the platform, and the settings of what is scaled."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field

from elasticity.platforms import BEHAVIOUR, Behaviour
from elasticity.quantities import Duration
from elasticity.rules import Amount, Model, Percentage, Platform, Units

Known = Annotated[int, Field(ge=0)]
Size = Annotated[float, Field(gt=0, allow_inf_nan=False)]
FIRST_DAY = datetime.date(2026, 1, 1)
"""Where the year of clock changes begins when nobody says so: `elasticity` has no clock."""


class LintContext(Model):
    """What stands beside the rules. A field that is None is unknown, and nothing is found about it, but for the two of
    a group whose absence is AWS's default."""

    platform: Platform = "ecs_service"
    environment: Literal["development", "staging", "production"] = "production"
    """Users depend on production; development is one person's."""
    on: Annotated[datetime.date, Field(ge=datetime.date(1970, 1, 1), le=datetime.date(2199, 12, 31))] = FIRST_DAY
    """Schedules are looked at for a year from this day."""
    zones: Known | None = None
    """Availability zones that units spread over."""
    peak: Size | None = None
    """Largest load that is expected, in requests per second."""
    objectives: dict[str, Amount] = Field(default={})
    """Threshold of the alarm on what is promised, by metric."""
    cost_cap: Size | None = None
    """What a month may cost, where something watches it."""

    deployment: Literal["rolling", "blue_green", "linear", "canary"] = "rolling"
    minimum_percent: Known | None = None
    maximum_percent: Known | None = None
    zone_rebalancing: bool | None = None
    count_followed: bool = False
    """Whether a declared count is set again by each deployment."""
    strategy_given: bool = False
    """Whether a capacity-provider strategy is declared."""
    force_new_deployment: bool = True

    on_demand_base: Units | None = None
    """Units on demand before any share counts."""
    spot_share: Percentage | None = None
    """Percent Spot above the base."""

    health_check: Literal["EC2", "ELB"] | None = None
    """Of a group."""
    health_check_grace: Duration | None = None
    """None for a group: unset, AWS's default of 0."""
    default_warm_up: Duration | None = None
    """Of a group; None: unset, AWS's default."""
    detailed_monitoring: bool = True
    fine_metrics: bool | None = None
    """Whether units publish each 20 s what rules with `metric_period: 20s` look at; None: not known."""
    simple_scaling: bool = False
    """Whether the group has a simple-scaling policy, made elsewhere: this language has none."""
    managed_termination_protection: bool = False
    """Of the capacity provider."""
    scale_in_protection: bool = False
    """Of the group under a capacity provider."""

    deregistration_delay: Duration | None = None
    """None without a balancer."""
    slow_start: Duration | None = None
    """Time over which the balancer lets a new unit's share grow."""
    stop_timeout: Duration | None = None
    """From SIGTERM to SIGKILL."""

    unit_cpu: Size | None = None
    """vCPU of one unit."""
    unit_memory: Size | None = None
    """MiB of one unit."""
    addresses_per_unit: Known = 1
    free_addresses: Known | None = None
    """Addresses that the subnets leave for these units."""
    vcpu_quota: Known | None = None
    group_maximum: Known | None = None
    """Instances of the group that runs the service's tasks."""
    instance_cpu: Size | None = None
    """vCPU of one of its instances."""
    instance_memory: Size | None = None
    """MiB of one of its instances."""

    @property
    def behaviour(self) -> Behaviour:
        """What the platform does otherwise than another."""
        return BEHAVIOUR[self.platform]
