"""ECS services: deployments, scheduling, placement, registries, and what belongs to one way of running only.

Sources: Amazon ECS API, CreateService, DeploymentAlarms, DeploymentConfiguration, CanaryConfiguration,
LinearConfiguration, CapacityProviderStrategyItem, PlacementStrategy, PlacementConstraint; ECSDG, Balancing an
Amazon ECS service across Availability Zones, Deploy services using a third-party controller; PREFLIGHT rules/ecs.
"""

import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import (
    Check,
    Fault,
    Props,
    at_least,
    each,
    form,
    in_order,
    number,
    one_of,
    only_one,
    within,
)
from localcloud.aws.limits.containers import NAME, NAMED
from localcloud.provider.wire import is_unknown, unknowns

FARGATE = ("FARGATE", "FARGATE_SPOT")
WHOLE = 100
"""Percent."""
LONGEST_BAKE = 1_440
"""Minutes of every bake time."""
PERCENTS = {
    "deploymentConfiguration.canaryConfiguration.canaryPercent": 0.1,
    "deploymentConfiguration.linearConfiguration.stepPercent": 3.0,
}
"""The least of each percentage, which is a multiple of 0.1 up to 100."""
OF_ITS_STRATEGY = {"canaryConfiguration": "CANARY", "linearConfiguration": "LINEAR"}
OF_TASK_SETS = (
    "taskDefinition", "loadBalancers", "serviceRegistries", "networkConfiguration", "platformVersion",
    "capacityProviderStrategies",
)  # fmt: skip
"""What task sets say in the place of a service with an EXTERNAL controller. (The official provider leaves out a launch
type.)"""
ZONE = "attribute:ecs.availability-zone"
SPREAD = r"(?i)instanceId|host|attribute:.+"
FIELDS = {"binpack": ("cpu", "memory")}
MOST = {
    "orderedPlacementStrategies": 5, "placementConstraints": 10, "capacityProviderStrategies": 20, "loadBalancers": 5,
    "networkConfiguration.subnets": 16, "networkConfiguration.securityGroups": 5,
}  # fmt: skip
OWN_WORDS = ("aws", "ecs", "fargate")
"""What the name of a capacity provider may not begin with (CreateCapacityProvider)."""


def controller(props: Props) -> str:
    """The type of the deployment controller; ? where it is not known yet."""
    found = props.get("deploymentController")
    kind = found.get("type") if isinstance(found, dict) else found
    return "?" if is_unknown(kind) else str(kind or "ECS")


def deployment_strategy(props: Props) -> str:
    """The strategy of deployments; ? where it is not known yet."""
    found = props.get("deploymentConfiguration")
    kind = found.get("strategy") if isinstance(found, dict) else found
    return "?" if is_unknown(kind) else str(kind or "ROLLING")


def _providers(props: Props) -> list[str]:
    return [str(name) for _, name in each(props, "capacityProviderStrategies[].capacityProvider")]


def _on_fargate(props: Props) -> str | None:
    """What says that the tasks run on Fargate, in words."""
    if props.get("launchType") == "FARGATE":
        return "'launchType': 'FARGATE'"
    return next((f"capacity provider {name}" for name in _providers(props) if name in FARGATE), None)


def _on_instances(props: Props) -> str | None:
    """What says that the tasks run on instances, in words."""
    if props.get("launchType") in ("EC2", "EXTERNAL"):
        return f"'launchType': {props['launchType']!r}"
    names = [] if unknowns(props.get("capacityProviderStrategies")) else _providers(props)
    return f"capacity provider {names[0]}" if names and not set(names) & set(FARGATE) else None


def blocks(props: Props, name: str) -> list[Props]:
    """The blocks of a list of blocks."""
    found = props.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def percentages(props: Props) -> Iterator[Fault]:
    """A rolling deployment may stop a task before it starts another, or the other way round."""
    low, high = (number(props.get(f"deployment{name}")) for name in ("MinimumHealthyPercent", "MaximumPercent"))
    scheduling = props.get("schedulingStrategy")
    if scheduling in (None, "REPLICA"):
        if low is not None and low > WHOLE:
            yield "deploymentMinimumHealthyPercent", f"{low:g} is above 100, the most that is allowed"
        if high is not None and high < WHOLE:
            yield "deploymentMaximumPercent", f"{high:g} is below 100, the least that is allowed"
    fixed = scheduling == "DAEMON" or is_unknown(scheduling)
    if controller(props) != "ECS" or deployment_strategy(props) != "ROLLING" or high != 100:
        return
    if low == 100 or (props.get("deploymentMinimumHealthyPercent") is None and not fixed):
        yield (
            "deploymentMaximumPercent",
            "both deploymentMaximumPercent and deploymentMinimumHealthyPercent cannot be 100, which blocks deployments",
        )


def controllers(props: Props) -> Iterator[Fault]:
    """Breaker, alarms, strategies and DAEMON are of ECS's own deployments."""
    kind = controller(props)
    if kind in ("ECS", "CODE_DEPLOY") and props.get("taskDefinition") is None:
        yield "taskDefinition", f"missing required property of 'deploymentController': {{'type': {kind!r}}}"
    if kind == "CODE_DEPLOY" and props.get("loadBalancers") in (None, []):
        yield "loadBalancers", "missing required property of 'deploymentController': {'type': 'CODE_DEPLOY'}"
    for name in OF_TASK_SETS if kind == "EXTERNAL" else ():
        if props.get(name):
            yield name, "is not for 'deploymentController': {'type': 'EXTERNAL'}: each task set says it"
    if kind in ("ECS", "?"):
        return
    why = f"is only for 'deploymentController': {{'type': 'ECS'}}, not {kind}"
    for name in ("deploymentCircuitBreaker", "alarms"):
        for place, block in each(props, name):
            if isinstance(block, dict) and block.get("enable") in (True, "true"):
                yield place, why
    if deployment_strategy(props) not in ("ROLLING", "?"):
        yield "deploymentConfiguration.strategy", f"{deployment_strategy(props)!r} {why}"
    if props.get("schedulingStrategy") == "DAEMON":
        yield "schedulingStrategy", f"'DAEMON' {why}"


def strategies(props: Props) -> Iterator[Fault]:
    """Each strategy has its own configuration; percentages are multiples of a tenth."""
    config, kind = props.get("deploymentConfiguration"), deployment_strategy(props)
    if isinstance(config, dict) and kind != "?":
        for name, strategy in OF_ITS_STRATEGY.items():
            if config.get(name) and kind != strategy:
                yield f"deploymentConfiguration.{name}", f"is only for 'strategy': {strategy!r}, not {kind!r}"
        if number(config.get("bakeTimeInMinutes")) and kind == "ROLLING":
            yield "deploymentConfiguration.bakeTimeInMinutes", "is not for 'strategy': 'ROLLING'"
    for path, least in PERCENTS.items():
        for place, value in each(props, path):
            found = number(value)
            if found is not None and not least <= found <= 100:
                yield place, f"{found:g} is not within {least:g} to 100"
            elif found is not None and abs(found * 10 - round(found * 10)) > 1e-6:
                yield place, f"{found:g} is no multiple of 0.1"


def daemons(props: Props) -> Iterator[Fault]:
    """One task on each instance: there are no instances on Fargate, and no places to choose."""
    where = _on_fargate(props)
    if props.get("schedulingStrategy") != "DAEMON":
        return
    if where:
        yield "schedulingStrategy", f"'DAEMON' is not supported with {where}"
    if props.get("orderedPlacementStrategies") and not where:
        yield "orderedPlacementStrategies", "are not supported with 'schedulingStrategy': 'DAEMON'"


def places(props: Props) -> Iterator[Fault]:
    """What belongs to Fargate or to instances only."""
    where, on_instances = _on_fargate(props), _on_instances(props)
    for name in ("orderedPlacementStrategies", "placementConstraints"):
        if where and props.get(name):
            yield name, f"is not supported with {where}"
    if on_instances:
        told = f"is not supported with {on_instances}"
        for place, value in each(props, "networkConfiguration.assignPublicIp"):
            if value in (True, "true"):
                yield place, told
        if props.get("platformVersion") is not None and not is_unknown(props["platformVersion"]):
            yield "platformVersion", told


def placement(props: Props) -> Iterator[Fault]:
    """Strategies have a field of their kind, constraints an expression."""
    for i, one in enumerate(blocks(props, "orderedPlacementStrategies")):
        at, kind, name = f"orderedPlacementStrategies[{i}]", one.get("type"), one.get("field")
        if kind in ("binpack", "spread") and name is None:
            yield f"{at}.field", f"missing required property of a strategy of type {kind}"
        elif kind in FIELDS and isinstance(name, str) and name.lower() not in FIELDS[kind] and not is_unknown(name):
            yield f"{at}.field", f"{name!r} is not allowed; allowed are {', '.join(FIELDS[kind])}"
        elif kind == "spread" and isinstance(name, str) and not is_unknown(name) and not re.fullmatch(SPREAD, name):
            yield f"{at}.field", f"{name!r} is not allowed; allowed are instanceId, host and attribute:<name>"
        elif kind == "random" and name:
            yield f"{at}.field", "is not for a strategy of type random"
    for i, one in enumerate(blocks(props, "placementConstraints")):
        at, kind = f"placementConstraints[{i}]", one.get("type")
        if kind == "memberOf" and not one.get("expression"):
            yield f"{at}.expression", "missing required property of a constraint of type memberOf"
        elif kind == "distinctInstance" and one.get("expression"):
            yield f"{at}.expression", "is not for a constraint of type distinctInstance"


def rebalanced(props: Props) -> Iterator[Fault]:
    """Rebalancing over zones starts a task before it stops one, and needs zones to be the first choice."""
    at = "availabilityZoneRebalancing"
    if props.get(at) != "ENABLED":
        return
    high = number(props.get("deploymentMaximumPercent"))
    if high is not None and high <= 100:
        yield at, f"'ENABLED' needs a deploymentMaximumPercent above 100, got {high:g}"
    if props.get("schedulingStrategy") == "DAEMON":
        yield at, "'ENABLED' is not supported with 'schedulingStrategy': 'DAEMON'"
    if props.get("launchType") == "EXTERNAL":
        yield at, "'ENABLED' is not supported with 'launchType': 'EXTERNAL'"
    if any(one.get("elbName") for one in blocks(props, "loadBalancers")):
        yield at, "'ENABLED' is not supported with a classic load balancer"
    first = next(iter(blocks(props, "orderedPlacementStrategies")), None)
    if (
        first
        and not unknowns(props["orderedPlacementStrategies"])
        and (first.get("type"), first.get("field")) != ("spread", ZONE)
    ):
        yield at, f"'ENABLED' needs a spread over {ZONE} as the first of 'orderedPlacementStrategies'"
    if any(ZONE in str(one.get("expression")) for one in blocks(props, "placementConstraints")):
        yield at, f"'ENABLED' is not supported with a placement constraint on {ZONE}"


def registries(props: Props) -> Iterator[Fault]:
    """A registry has a port, or a port of a container."""
    for place, block in each(props, "serviceRegistries"):
        if not isinstance(block, dict):
            continue
        if block.get("port") is not None and block.get("containerPort") is not None:
            yield f"{place}.port", "conflicts with 'containerPort': give one of them"
        for name, other in (("containerName", "containerPort"), ("containerPort", "containerName")):
            if block.get(other) is not None and block.get(name) is None:
                yield f"{place}.{name}", f"missing required property beside {other!r}"


def weights(name: str) -> Check:
    """One base; a weight where there are several; Fargate and groups of instances apart."""

    def check(props: Props) -> Iterator[Fault]:
        listed = blocks(props, name)
        if not listed or unknowns(props[name]):
            return
        based = [i for i, one in enumerate(listed) if number(one.get("base"))]
        if len(based) > 1:
            yield f"{name}[{based[1]}].base", "only one capacity provider of a strategy has a base"
        if len(listed) > 1 and not any(number(one.get("weight")) for one in listed):
            yield name, "at least one of several capacity providers has a 'weight' above 0"
        kinds = {str(one.get("capacityProvider")) in FARGATE for one in listed}
        if len(kinds) > 1:
            yield name, "is a mix of Fargate and of groups of instances, which a strategy cannot be"
        seen: set[Any] = set()
        for i, one in enumerate(listed):
            if one.get("capacityProvider") in seen:
                yield f"{name}[{i}].capacityProvider", f"{one['capacityProvider']!r} stands in the strategy twice"
            seen.add(one.get("capacityProvider"))

    return check


def watched(props: Props) -> Iterator[Fault]:
    """Alarms that end a deployment have names."""
    for place, block in each(props, "alarms"):
        if isinstance(block, dict) and block.get("enable") in (True, "true") and block.get("alarmNames") == []:
            yield f"{place}.alarmNames", "none is given, and 'enable' is true"


def attached(props: Props) -> Iterator[Fault]:
    """Tasks with an interface of their own stand in some subnet."""
    for place, found in each(props, "networkConfiguration.subnets"):
        if found == []:
            yield place, "none is given, at least one is needed"


def few(most: dict[str, int]) -> Check:
    """Lists of at most so many."""

    def check(props: Props) -> Iterator[Fault]:
        for path, limit in most.items():
            for place, found in each(props, path):
                if isinstance(found, list) and len(found) > limit:
                    yield place, f"{len(found)} are given, allowed are {limit}"

    return check


def protected(props: Props) -> Iterator[Fault]:
    """Instances are kept from termination by the scaling that ECS manages."""
    for place, block in each(props, "autoScalingGroupProvider"):
        scaling = block.get("managedScaling") if isinstance(block, dict) else None
        status = scaling.get("status", "ENABLED") if isinstance(scaling, dict) else "DISABLED" if not scaling else "?"
        if block.get("managedTerminationProtection") == "ENABLED" and status == "DISABLED":
            yield f"{place}.managedTerminationProtection", "'ENABLED' needs 'managedScaling' with 'status': 'ENABLED'"


def connected(props: Props) -> Iterator[Fault]:
    """What runs on Fargate has a network of its own."""
    if not isinstance(props.get("deploymentController", {}), dict):
        return  # a controller of one's own has the network in its task sets
    controlled = props.get("deploymentController", {}).get("type", "ECS")
    if props.get("launchType") == "FARGATE" and controlled == "ECS" and props.get("networkConfiguration") is None:
        yield "networkConfiguration", "missing required property of 'launchType': 'FARGATE'"


BAKES = tuple(
    f"deploymentConfiguration.{name}"
    for name in ("bakeTimeInMinutes", "canaryConfiguration.canaryBakeTimeInMinutes",
                 "linearConfiguration.stepBakeTimeInMinutes")
)  # fmt: skip
MANAGED = "autoScalingGroupProvider.managedScaling"

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ecs/service:Service": (
        form("name", NAME, NAMED), within("desiredCount", 0, 100_000),
        one_of("platformVersion", "LATEST", "1.4.0", "1.3.0", "1.0.0"),
        in_order("deploymentMinimumHealthyPercent", "deploymentMaximumPercent"), percentages, controllers,
        strategies, watched, attached, *(within(path, 0, LONGEST_BAKE, "minutes") for path in BAKES), daemons, places,
        placement, rebalanced, registries, weights("capacityProviderStrategies"), few(MOST),
        only_one("targetGroupArn", "elbName", among="loadBalancers[]"),
        connected, at_least("deploymentMinimumHealthyPercent", 0), at_least("healthCheckGracePeriodSeconds", 0),
    ),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": (weights("defaultCapacityProviderStrategies"),),
    "aws:ecs/capacityProvider:CapacityProvider": (
        form("name", rf"(?i)(?!{'|'.join(OWN_WORDS)}).*",
             f"begins with one of {', '.join(OWN_WORDS)}, which are ECS's"),
        form("name", NAME, NAMED), protected,
        in_order(f"{MANAGED}.minimumScalingStepSize", f"{MANAGED}.maximumScalingStepSize"),
    ),
}  # fmt: skip
