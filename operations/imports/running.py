"""What scales in an account, as AWS tells it now: in the shape of its answers, which `accordion read` takes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from operations.failures import CannotRun
from operations.imports import as_map, maps
from operations.live import calls
from operations.live.answers import Answers, Items, Unanswered

CALLS = (
    calls.SCALABLE_TARGETS,
    calls.SCALING_POLICIES,
    calls.SCHEDULED_ACTIONS,
    calls.SERVICES,
    calls.TASK_DEFINITION,
    calls.GROUPS,
    calls.GROUP_POLICIES,
    calls.GROUP_SCHEDULES,
    calls.ALARMS,
)
"""What is asked; all of them read."""
_WHOLE = ("credentials", "unreachable")
"""Why nothing can be answered at all."""
_ECS = {"ServiceNamespace": "ecs"}
_STRATEGY = {"CapacityProvider": "capacityProvider", "Weight": "weight", "Base": "base"}
"""Member of a strategy as `operations.imports.aws` reads it -> as ECS answers it."""
_STEPS = ("StepScaling", "SimpleScaling")


class Account:
    """What an account answers about scaling."""

    def __init__(self, source: Answers, only: Collection[str] = ()) -> None:
        self._source = source
        self._only = only
        """Names of services (`web`, or `cluster/web`) and groups; empty for all."""
        self.missing: list[str] = []
        """What could not be asked, each with its reason."""

    def answers(self) -> dict[str, Any]:
        """The lists of answers; raises CannotRun where AWS cannot be asked, or has none of the names."""
        every = {
            "ScalableTargets": ("ResourceId", self._ask(calls.SCALABLE_TARGETS, **_ECS)),
            "AutoScalingGroups": ("AutoScalingGroupName", self._ask(calls.GROUPS)),
        }
        chosen: dict[str, Any] = {
            key: [row for row in rows if self._wanted(str(row.get(name)))] for key, (name, rows) in every.items()
        }
        found = {str(row.get(name)) for key, (name, _) in every.items() for row in chosen[key]}
        self._refuse_unknown(found, [str(row.get(name)) for name, rows in every.values() for row in rows])
        chosen["ScalingPolicies"] = chosen["ScheduledActions"] = chosen["ScheduledUpdateGroupActions"] = []
        for key, call, asked in (
            ("ScalingPolicies", calls.SCALING_POLICIES, _ECS),
            ("ScheduledActions", calls.SCHEDULED_ACTIONS, _ECS),
            ("ScalingPolicies", calls.GROUP_POLICIES, {}),
            ("ScheduledUpdateGroupActions", calls.GROUP_SCHEDULES, {}),
        ):
            if chosen["ScalableTargets" if asked else "AutoScalingGroups"]:
                rows = self._ask(call, **asked)
                of = [row for row in rows if (row.get("ResourceId") or row.get("AutoScalingGroupName")) in found]
                chosen[key] = [*chosen[key], *of]
        chosen["MetricAlarms"] = self._alarms(chosen["ScalingPolicies"])
        for target in chosen["ScalableTargets"]:
            service = self._service(str(target.get("ResourceId")))
            target["TaskDefinition"] = self._task(service)
            target["CapacityProviderStrategy"] = [
                {member: one.get(key) for member, key in _STRATEGY.items()}
                for one in maps(service.get("capacityProviderStrategy"))
            ]
        return chosen

    def _wanted(self, identity: str) -> bool:
        return not self._only or any(identity == name or identity.endswith(f"/{name}") for name in self._only)

    def _refuse_unknown(self, found: Collection[str], known: list[str]) -> None:
        unknown = [name for name in self._only if not any(one == name or one.endswith(f"/{name}") for one in found)]
        if unknown and self.missing:
            raise CannotRun(f"--only {', '.join(unknown)}: cannot be told: {'; '.join(self.missing)}")
        if unknown:
            there = ", ".join(sorted(one.removeprefix("service/") for one in known)[:20]) or "nothing that scales"
            raise CannotRun(f"--only {', '.join(unknown)}: not in this account and region, which have {there}")

    def _alarms(self, policies: Items) -> Items:
        """The alarms of step policies: those of tracking policies say nothing that the policy does not."""
        steps = [policy for policy in policies if policy.get("PolicyType") in _STEPS]
        names = {str(alarm.get("AlarmName")) for policy in steps for alarm in maps(policy.get("Alarms"))}
        found = self._ask(calls.ALARMS, AlarmNames=sorted(names)) if names else []
        for policy in steps:
            if not policy.get("Alarms") and policy.get("PolicyARN"):
                found = [*found, *self._ask(calls.ALARMS, ActionPrefix=policy["PolicyARN"])]
        return found

    def _service(self, identity: str) -> dict[str, Any]:
        """What ECS tells of a service; nothing where that is not known."""
        parts = identity.split("/")
        found = self._ask(calls.SERVICES, cluster=parts[1], services=[parts[2]]) if len(parts) == 3 else []
        return as_map(next(iter(found), None))

    def _task(self, service: dict[str, Any]) -> dict[str, Any]:
        """The size of a service's tasks on Fargate; nothing where that is not known."""
        definition = service.get("taskDefinition")
        found = self._ask(calls.TASK_DEFINITION, taskDefinition=definition) if definition else []
        task = as_map(found[0]) if found else {}
        return task if "FARGATE" in task.get("requiresCompatibilities", ()) else {}

    def _ask(self, call: calls.Call, **parameters: Any) -> Items:
        try:
            return self._source.ask(call, **parameters)
        except Unanswered as missing:
            if missing.why in _WHOLE:
                raise CannotRun(f"AWS cannot be asked: {missing}") from None
            said = f"{call.service} {call.title}: {missing}"
            self.missing += [] if said in self.missing else [said]
            return []
