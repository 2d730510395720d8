"""Gaps of moto's EC2 Auto Scaling groups: lost members, missing actions, checks."""

import math
from datetime import UTC, datetime
from typing import Any, Final

from moto.autoscaling.models import AutoScalingBackend as Backend
from moto.autoscaling.models import FailedScheduledUpdateGroupActionRequest, InstanceState
from moto.autoscaling.models import FakeAutoScalingGroup as Group
from moto.autoscaling.responses import AutoScalingResponse as Response
from moto.core.responses import ActionResult, EmptyResult

from localcloud.aws.limits.cron import UNIX, cron_fault, zone_fault
from localcloud.aws.moto_gaps import clock, scaling_activities
from localcloud.aws.moto_gaps._patching import Refusal, add, keep, replace
from localcloud.aws.moto_gaps.autoscaling_policies import delete_with_alarms

KEPT: Final = (
    "MaxInstanceLifetime",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "InstanceMaintenancePolicy",
    "Context",
    "AvailabilityZoneDistribution",
    "CapacityReservationSpecification",
    "AvailabilityZoneImpairmentPolicy",
)
"""Members of CreateAutoScalingGroup and UpdateAutoScalingGroup that moto drops."""
KEPT_BY_UPDATE: Final = {
    "DefaultCooldown": "default_cooldown",
    "PlacementGroup": "placement_group",
    "TerminationPolicies": "termination_policies",
    "CapacityRebalance": "capacity_rebalance",
}
"""Members that UpdateAutoScalingGroup alone drops, and the model's attributes."""


@replace(Response)
def create_auto_scaling_group(original: Any, self: Any) -> Any:
    """Refuse a name in use (moto replaces the group) and bounds that contradict; keep all members."""
    parameters = self._get_params()
    name, groups = parameters["AutoScalingGroupName"], self.autoscaling_backend.autoscaling_groups
    if name in groups:
        raise Refusal(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )
    _check_bounds(parameters.get("MinSize"), parameters.get("MaxSize"), parameters.get("DesiredCapacity"))
    _check_target_groups(self.autoscaling_backend, parameters.get("TargetGroupARNs", []))
    _check_launch(self.autoscaling_backend, parameters)
    answer = original(self)
    keep(groups[name], parameters, KEPT)
    _attach_sources(self.autoscaling_backend, name, parameters.get("TrafficSources", []))
    for hook in parameters.get("LifecycleHookSpecificationList", []):
        _make_hook(self.autoscaling_backend, {**hook, "AutoScalingGroupName": name})
    return answer


@replace(Response)
def update_auto_scaling_group(original: Any, self: Any) -> Any:
    """Refuse bounds that contradict; keep all members, and the mixed instances policy when none is sent."""
    group, parameters = group_of(self), self._get_params()
    desired = parameters.get("DesiredCapacity")
    _check_bounds(parameters.get("MinSize", group.min_size), parameters.get("MaxSize", group.max_size), desired)
    _check_launch(self.autoscaling_backend, parameters)
    policy = group.mixed_instances_policy
    answer = original(self)
    if "MixedInstancesPolicy" not in parameters and not parameters.get("LaunchTemplate"):
        group.mixed_instances_policy = policy
    keep(group, parameters, KEPT)
    for member, attribute in KEPT_BY_UPDATE.items():
        if member in parameters:
            setattr(group, attribute, parameters[member])
    return answer


@replace(Group)
def set_desired_capacity(original: Any, self: Any, new_capacity: int | None) -> None:
    """Keep instances in the order of their launch; moto puts them in a set, whose order differs in each process. Of a
    mixed group moto rounds both shares down and launches one too few: the on-demand share is rounded up, as on AWS
    (EC2 Auto Scaling guide, allocation strategies), and the rest is Spot."""
    order = {state.instance.id: number for number, state in enumerate(self.instance_states)}
    policy = self.mixed_instances_policy
    if policy and policy.get("LaunchTemplate", {}).get("Overrides"):
        wanted = self.min_size if new_capacity is None else new_capacity
        self.mixed_instances_policy = policy | {"InstancesDistribution": _bought_whole(policy, int(wanted or 0))}
    try:
        original(self, new_capacity)
    finally:
        self.mixed_instances_policy = policy
    self.instance_states.sort(key=lambda state: order.get(state.instance.id, len(order)))


def _bought_whole(policy: dict[str, Any], wanted: int) -> dict[str, Any]:
    """The distribution with all that is bought on demand, in whole units, as its base."""
    distribution = policy.get("InstancesDistribution") or {}
    base = min(int(distribution.get("OnDemandBaseCapacity") or 0), wanted)
    share = int(distribution.get("OnDemandPercentageAboveBaseCapacity", 100))
    on_demand = base + math.ceil((wanted - base) * share / 100)
    return {**distribution, "OnDemandBaseCapacity": on_demand, "OnDemandPercentageAboveBaseCapacity": 0}


@replace(Group)
def replace_autoscaling_group_instances(original: Any, self: Any, count_needed: int, tags: dict[str, str]) -> None:
    """Remember what each instance was launched from, which a refresh with SkipMatching asks, and its weight: that of
    the first override, which is the one that moto launches."""
    before = {state.instance.id for state in self.instance_states}
    original(self, count_needed, tags)
    for state in self.instance_states:
        if state.instance.id not in before:
            state.launched_from = launches_from(self)
            state.weighted_capacity = _weight(self.mixed_instances_policy or {})


def _weight(policy: dict[str, Any]) -> str | None:
    overrides = policy.get("LaunchTemplate", {}).get("Overrides") or [{}]
    weight: str | None = overrides[0].get("WeightedCapacity")
    return weight


@replace(Response, "set_desired_capacity")
def answer_set_desired_capacity(original: Any, self: Any) -> Any:
    """Refuse a capacity outside the bounds."""
    group = group_of(self)
    _check_bounds(group.min_size, group.max_size, self._get_int_param("DesiredCapacity"))
    return original(self)


@replace(Response, "delete_auto_scaling_group")
def answer_delete_auto_scaling_group(original: Any, self: Any) -> Any:
    """Refuse a group with instances unless forced; a forced one takes those along that scale-in would spare."""
    group = group_of(self)
    if group.instance_states and not self._get_bool_param("ForceDelete"):
        raise Refusal(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still "
            "in the group.",
        )
    for state in group.instance_states:
        state.protected_from_scale_in = False
    return original(self)


@replace(Backend)
def delete_auto_scaling_group(original: Any, self: Any, group_name: str) -> None:
    """A group's policies with their alarms, hooks and schedules go with it."""
    original(self, group_name)
    for policy in [p for p in self.policies.values() if p.auto_scaling_group_name == group_name]:
        delete_with_alarms(self, policy)
    for name, hook in list(self.lifecycle_hooks.items()):
        if hook.auto_scaling_group_name == group_name:
            del self.lifecycle_hooks[name]
    for key, action in list(self.scheduled_actions.items()):
        if action.auto_scaling_group_name == group_name:
            del self.scheduled_actions[key]


@replace(Backend)
def put_scheduled_update_group_action(original: Any, self: Any, **keywords: Any) -> None:
    """Names of schedules are a group's own, moto keeps one of each name for the account; two never have one time."""
    name, group = keywords["scheduled_action_name"], keywords["name"]
    if group not in self.autoscaling_groups:
        raise Refusal("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup: {group} not found")
    _check_schedule(**{name: keywords.get(name) for name in SCHEDULED})
    recurrence, zone = keywords.get("recurrence"), keywords.get("timezone")
    if recurrence and (fault := cron_fault(recurrence, UNIX)):
        raise Refusal("ValidationError", f"Given recurrence string: {recurrence} is invalid: {fault}")
    if zone and (fault := zone_fault(zone)):
        raise Refusal("ValidationError", f"Given time zone is invalid: {fault}")
    for other in self.scheduled_actions.values():
        same = other.auto_scaling_group_name == group and other.scheduled_action_name != name
        if same and _time(vars(other)) == _time(keywords):
            raise Refusal("AlreadyExists", "A scheduled action with this scheduled start time already exists.")
    original(self, **keywords)
    self.scheduled_actions[f"{group}/{name}"] = self.scheduled_actions.pop(name)


@replace(Backend)
def batch_put_scheduled_update_group_action(original: Any, self: Any, name: str, actions: list[Any]) -> list[Any]:
    """Each action for itself: what is refused of one stops no other."""
    failed = []
    for action in actions:
        try:
            failed += original(self, name, [action])
        except Refusal as refusal:
            failed.append(FailedScheduledUpdateGroupActionRequest(
                scheduled_action_name=action["ScheduledActionName"], error_code=refusal.code,
                error_message=refusal.message))  # fmt: skip
    return failed


SCHEDULED: Final = ("min_size", "max_size", "desired_capacity", "start_time", "end_time")


def _check_schedule(min_size: Any, max_size: Any, desired_capacity: Any, start_time: Any, end_time: Any) -> None:
    """Refuse a schedule that sets nothing, sizes that contradict, and times that have passed or are out of order."""
    low, high, count = (None if size is None else int(size) for size in (min_size, max_size, desired_capacity))
    if low is None and high is None and count is None:
        raise Refusal("ValidationError", "At least one of DesiredCapacity, MinSize and MaxSize must be specified")
    if low is not None and high is not None and low > high:
        raise Refusal("ValidationError", f"Max bound, {high}, must be greater than or equal to min bound, {low}")
    if count is not None and not (low if low is not None else count) <= count <= (high if high is not None else count):
        raise Refusal(
            "ValidationError",
            f"Desired capacity:{count} must be between the specified min size:{low} and max size:{high}",
        )
    start, end = (_moment(value) for value in (start_time, end_time))
    if start is not None and start <= clock.seconds():
        raise Refusal("ValidationError", "Given start time is in the past")
    if end is not None and end <= clock.seconds():
        raise Refusal("ValidationError", "Given end time is in the past")
    if start is not None and end is not None and end <= start:
        raise Refusal("ValidationError", "End time must be after start time")


def _moment(value: Any) -> float | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


@replace(Backend)
def delete_scheduled_action(
    _original: Any, self: Any, auto_scaling_group_name: str, scheduled_action_name: str
) -> None:
    """Delete a group's schedule."""
    if not self.scheduled_actions.pop(f"{auto_scaling_group_name}/{scheduled_action_name}", None):
        raise Refusal("ValidationError", "Scheduled action name not found")


@replace(Response)
def put_lifecycle_hook(_original: Any, self: Any) -> EmptyResult:
    """Keep notification and role; moto invents a role and a queue."""
    group_of(self)
    _make_hook(self.autoscaling_backend, self._get_params())
    return EmptyResult()


def launches_from(group: Any) -> tuple[str, str]:
    """Template and version, a word for a version resolved; the name of a launch configuration otherwise."""
    template = group.ec2_launch_template
    if template is None:
        return str(group.launch_configuration_name), ""
    words = {"$Latest": template.latest_version_number, "$Default": template.default_version_number}
    version = group.launch_template_version
    return template.id, str(words.get(version, version))


_template_of: Any = vars(InstanceState)["launch_template"].fget


def _launched_from(self: Any) -> dict[str, Any] | None:
    """The template and version that the instance was launched from; moto tells the default version of what its group
    has now."""
    shown: dict[str, Any] | None = _template_of(self)
    number, version = getattr(self, "launched_from", ("", ""))
    return shown if shown is None or number != shown["LaunchTemplateId"] else {**shown, "Version": version}


setattr(InstanceState, "launch_template", property(_launched_from))  # noqa: B010 - a property cannot be assigned for mypy


@replace(Response)
def describe_scaling_activities(_original: Any, self: Any) -> ActionResult:
    """What a played load has made; moto tells none."""
    named, ids = self._get_param("AutoScalingGroupName"), self._get_param("ActivityIds") or []
    rows = [
        row for row in scaling_activities.of(self.autoscaling_backend, named) if not ids or row["ActivityId"] in ids
    ]
    found, following = scaling_activities.page(rows, self._get_param("NextToken"), self._get_param("MaxRecords"))
    times = ("StartTime", "EndTime")
    shown = [{**row, **{name: scaling_activities.moment(row[name]) for name in times}} for row in found]
    return ActionResult({"Activities": shown, "NextToken": following})


@add(Response)
def disable_metrics_collection(self: Any) -> EmptyResult:
    """Collect these metrics no more, or none."""
    group, gone = group_of(self), self._get_param("Metrics", [])
    group.metrics = [metric for metric in group.metrics if gone and metric not in gone]
    return EmptyResult()


@add(Response)
def attach_traffic_sources(self: Any) -> EmptyResult:
    """Attach target groups."""
    _attach_sources(self.autoscaling_backend, group_of(self).name, self._get_param("TrafficSources", []))
    return EmptyResult()


@add(Response)
def detach_traffic_sources(self: Any) -> EmptyResult:
    """Detach target groups."""
    arns = [source["Identifier"] for source in self._get_param("TrafficSources", [])]
    self.autoscaling_backend.detach_load_balancer_target_groups(group_of(self).name, arns)
    return EmptyResult()


@add(Response)
def describe_traffic_sources(self: Any) -> ActionResult:
    """The target groups as traffic sources."""
    sources = [{"Identifier": arn, "State": "InService", "Type": "elbv2"} for arn in group_of(self).target_group_arns]
    return ActionResult({"TrafficSources": sources})


def _time(action: dict[str, Any]) -> Any:
    """When an action runs first, as far as its own members say."""
    zone = action.get("time_zone") or action.get("timezone")
    return tuple(str(value) if value else None for value in (action["recurrence"], action["start_time"], zone))


def group_of(response: Any) -> Any:
    """The group that a request names; refused where there is none."""
    name = response._get_param("AutoScalingGroupName")
    group = response.autoscaling_backend.autoscaling_groups.get(name)
    if not group:
        raise Refusal("ValidationError", f"AutoScalingGroup name not found - AutoScalingGroup: {name} not found")
    return group


def _check_bounds(minimum: Any, maximum: Any, desired: Any) -> None:
    if int(minimum) > int(maximum):
        raise Refusal("ValidationError", f"Max bound, {maximum}, must be greater than or equal to min bound, {minimum}")
    if desired is not None and not int(minimum) <= int(desired) <= int(maximum):
        raise Refusal(
            "ValidationError",
            f"Desired capacity:{desired} must be between the specified min size:{minimum} and max size:{maximum}",
        )


def _check_target_groups(backend: Backend, arns: list[str]) -> None:
    for arn in arns:
        if arn not in backend.elbv2_backend.target_groups:
            raise Refusal("ValidationError", f"Provided Target Groups may not be valid - {arn} not found")
        if backend.elbv2_backend.target_groups[arn].target_type != "instance":
            raise Refusal(
                "ValidationError",
                f"Provided Target Group '{arn}' has invalid target type. Please ensure all provided Target Groups have "
                "target type of instance.",
            )


def _check_launch(backend: Backend, parameters: dict[str, Any]) -> None:
    """Refuse a launch template that asks for Spot in a mixed policy, one without an image, one with both interfaces and
    groups."""
    mixed = (parameters.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    own = parameters.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")
    others = [
        o["LaunchTemplateSpecification"] for o in mixed.get("Overrides", []) if "LaunchTemplateSpecification" in o
    ]
    for specification in [*([own] if own else []), *others]:
        data = _template_data(backend, specification)
        if data is None:
            continue
        if mixed and data.get("InstanceMarketOptions", {}).get("MarketType") == "spot":
            raise Refusal(
                "ValidationError",
                "Incompatible launch template: You cannot use a launch template that is set to request Spot Instances "
                "(InstanceMarketOptions) when you configure an Auto Scaling group with a mixed instances policy. Add a "
                "different launch template to the group and try again.",
            )
        if not data.get("ImageId"):
            raise Refusal(
                "ValidationError",
                "You must use a valid fully-formed launch template. The request must contain the parameter ImageId",
            )
        if data.get("NetworkInterfaces") and data.get("SecurityGroupIds"):
            raise Refusal(
                "ValidationError",
                "You must use a valid fully-formed launch template. Network interfaces and an instance-level security "
                "groups may not be specified on the same request",
            )


def _template_data(backend: Backend, specification: dict[str, str]) -> dict[str, Any] | None:
    """The data of the version that a group names; None where there is none, which moto refuses itself."""
    named, version = specification.get("LaunchTemplateName"), specification.get("Version") or "$Default"
    for template in backend.ec2_backend.launch_templates.values():
        if specification.get("LaunchTemplateId") == template.id or (named and named == template.name):
            known = {str(each.number): each for each in template.versions}
            found = known.get(str(version)) if str(version).isdigit() else template.get_version(version)
            return found.data if found else None
    return None


@replace(Backend)
def attach_load_balancer_target_groups(original: Any, self: Any, group_name: str, target_group_arns: list[str]) -> None:
    """Refuse target groups that do not exist, or whose targets are no instances."""
    _check_target_groups(self, target_group_arns)
    original(self, group_name, target_group_arns)


def _attach_sources(backend: Backend, group: str, sources: list[dict[str, str]]) -> None:
    arns = [source["Identifier"] for source in sources if source.get("Type", "elbv2") == "elbv2"]
    if arns:
        _check_target_groups(backend, arns)
        backend.attach_load_balancer_target_groups(group, arns)


def _make_hook(backend: Backend, parameters: dict[str, Any]) -> None:
    hook: Any = backend.create_lifecycle_hook(
        name=parameters["LifecycleHookName"],
        as_name=parameters["AutoScalingGroupName"],
        transition=parameters.get("LifecycleTransition", ""),
        timeout=parameters.get("HeartbeatTimeout"),
        result=parameters.get("DefaultResult", ""),
    )
    hook.role_arn, hook.notification_target_arn = parameters.get("RoleARN"), parameters.get("NotificationTargetARN")
    hook.notification_metadata = parameters.get("NotificationMetadata")
