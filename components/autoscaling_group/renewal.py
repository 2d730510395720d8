"""How instances are renewed and kept ready: refresh, maintenance policy, warm pool.

Source: API RefreshPreferences, InstanceMaintenancePolicy, PutWarmPool; API RollbackInstanceRefresh for what cannot be
rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components.specs.access import whole_units
from components.specs.autoscaling_group import AutoscalingGroupSpec


def renewal_inputs(spec: AutoscalingGroupSpec, alarm_names: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    """Inputs of the group that say how instances are replaced and kept ready."""
    inputs: dict[str, Any] = {
        "instance_maintenance_policy": {
            "min_healthy_percentage": spec.maintenance.minimum_healthy,
            "max_healthy_percentage": spec.maintenance.maximum_healthy,
        }
    }
    if spec.refresh is not None:
        inputs["instance_refresh"] = {"strategy": "Rolling", "preferences": _preferences(spec, alarm_names)}
    if (pool := spec.warm_pool) is not None:
        bound = {} if pool.maximum_prepared is None else {"max_group_prepared_capacity": pool.maximum_prepared}
        inputs["warm_pool"] = {
            "pool_state": pool.state,
            "min_size": pool.minimum,
            "instance_reuse_policy": {"reuse_on_scale_in": pool.reuse_on_scale_in},
            **bound,
        }
    return inputs


def _preferences(spec: AutoscalingGroupSpec, alarm_names: Sequence[pulumi.Input[str]]) -> dict[str, Any]:
    refresh = spec.refresh
    preferences: dict[str, Any] = {
        "min_healthy_percentage": spec.maintenance.minimum_healthy,
        "max_healthy_percentage": spec.maintenance.maximum_healthy,
        "instance_warmup": str(spec.warm_up),
        "auto_rollback": spec.rollback,
        "skip_matching": refresh is not None and refresh.skip_matching,
    }
    if refresh is not None and refresh.checkpoints:
        preferences["checkpoint_percentages"] = list(refresh.checkpoints)
        preferences["checkpoint_delay"] = str(whole_units(refresh.checkpoint_delay))
    if spec.capacity_provider is not None and spec.capacity_provider.managed_termination_protection:
        # Every instance is protected from scale-in; without this a refresh would wait for all of them.
        preferences["scale_in_protected_instances"] = "Refresh"
    if alarm_names:
        preferences["alarm_specification"] = {"alarms": list(alarm_names)}
    return preferences
