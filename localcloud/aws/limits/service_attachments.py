"""What ECS services are attached to: load balancers, registries, roles, volumes, Service Connect.

Sources: Amazon ECS API, CreateService, LoadBalancer, AdvancedConfiguration, ServiceManagedEBSVolumeConfiguration,
ServiceConnectService, ServiceConnectClientAlias; ECSDG, Troubleshooting Amazon ECS blue/green deployments, External
instances, Service Connect considerations; refusals that others have measured (PREFLIGHT rules/ecs).
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, number, one_of, within
from localcloud.aws.limits.services import blocks, controller, deployment_strategy
from localcloud.provider.wire import is_unknown, unknowns

RULE_OR_LISTENER = r"(?!arn:[^:]+:elasticloadbalancing:).*|arn:.+:(listener-rule/app|listener/net)/.+"
NO_RULE = "is neither a rule of an application balancer's listener nor a network balancer's listener"
BALANCERS = "loadBalancers"
ADVANCED = "advancedConfiguration"
OWN_INTERFACE = "tasks with an interface of their own ('networkConfiguration')"


def balancers(props: Props) -> Iterator[Fault]:
    """All are classic ones or none is; where traffic shifts, each says between which groups."""
    found = blocks(props, BALANCERS)
    if unknowns(props.get(BALANCERS)):
        return
    classic = [i for i, one in enumerate(found) if one.get("elbName")]
    if classic and len(classic) < len(found):
        yield f"{BALANCERS}[{classic[0]}].elbName", "is classic beside target groups: all are classic, or none is"
    for i in classic:
        if why := _no_classic(props):
            yield f"{BALANCERS}[{i}].elbName", f"a classic load balancer is not supported with {why}"
    yield from _shifted(props, found)


def _no_classic(props: Props) -> str | None:
    if props.get("launchType") == "FARGATE":
        return "'launchType': 'FARGATE'"
    if controller(props) == "CODE_DEPLOY":
        return "'deploymentController': {'type': 'CODE_DEPLOY'}"
    return OWN_INTERFACE if props.get("networkConfiguration") else None


def _shifted(props: Props, found: list[Props]) -> Iterator[Fault]:
    advanced = [i for i, one in enumerate(found) if one.get(ADVANCED)]
    bare = [i for i in range(len(found)) if i not in advanced]
    strategy = deployment_strategy(props)
    if bare and controller(props) == "ECS" and strategy not in ("ROLLING", "?"):
        yield f"{BALANCERS}[{bare[0]}].{ADVANCED}", f"missing required property of 'strategy': {strategy!r}"
    elif bare and advanced:
        yield f"{BALANCERS}[{bare[0]}].{ADVANCED}", "missing: all of 'loadBalancers' have it, or none has"
    seen: Counter[Any] = Counter()
    for i in advanced:
        at, one = f"{BALANCERS}[{i}]", found[i]
        block: Props = one[ADVANCED]
        if one.get("elbName"):
            yield f"{at}.{ADVANCED}", "is not for a classic load balancer"
        groups = {"targetGroupArn": one, f"{ADVANCED}.alternateTargetGroupArn": block}
        for name, holder in groups.items():
            place, arn = f"{at}.{name}", holder.get(name.rpartition(".")[2])
            seen[arn] += arn is not None
            if seen[arn] == 2:
                yield place, f"{arn!r} stands in 'loadBalancers' twice"
        if block.get("testListenerRule") and block["testListenerRule"] == block.get("productionListenerRule"):
            yield f"{at}.{ADVANCED}.testListenerRule", "is the productionListenerRule too"


def elsewhere(props: Props) -> Iterator[Fault]:
    """Tasks on machines of one's own have neither balancers nor registries nor interfaces of their own."""
    if props.get("launchType") != "EXTERNAL":
        return
    for name in (BALANCERS, "serviceRegistries", "networkConfiguration", "volumeConfiguration"):
        if props.get(name) and not is_unknown(props[name]):
            yield name, "is not supported with 'launchType': 'EXTERNAL'"
    if _connected(props):
        yield "serviceConnectConfiguration", "is not supported with 'launchType': 'EXTERNAL'"


def role(props: Props) -> Iterator[Fault]:
    """A role that registers tasks is for a balancer alone; all else is done by ECS's service-linked role."""
    if not props.get("iamRole"):
        return
    groups = [one for one in blocks(props, BALANCERS) if one.get("targetGroupArn")]
    if props.get(BALANCERS) in (None, []):
        yield "iamRole", "is only for a service with 'loadBalancers'"
    for given, why in (
        (props.get("networkConfiguration"), OWN_INTERFACE),
        (props.get("serviceRegistries"), "'serviceRegistries'"),
        (len(groups) > 1, "several target groups"),
        (controller(props) == "EXTERNAL", "'deploymentController': {'type': 'EXTERNAL'}"),
    ):
        if given:
            yield "iamRole", f"is not for {why}: ECS uses its service-linked role"


VOLUME = "volumeConfiguration.managedEbsVolume"
SIZES = {
    "gp2": (1, 16_384), "gp3": (1, 16_384), "io1": (4, 16_384), "io2": (4, 16_384), "st1": (125, 16_384),
    "sc1": (125, 16_384), "standard": (1, 1_024),
}  # fmt: skip
"""GiB of each type of volume."""
IOPS = {"gp3": (3_000, 16_000), "io1": (100, 64_000), "io2": (100, 256_000)}
NEED_IOPS = ("io1", "io2")
WITHOUT_IOPS = ("st1", "sc1", "standard")
FASTEST = 1_000
"""MiB a second of a gp3 volume."""


def volume(props: Props) -> Iterator[Fault]:
    """A volume has a size or a snapshot, and what its type has."""
    for place, block in each(props, VOLUME):
        if not isinstance(block, dict):
            continue
        kind = block.get("volumeType")
        if not block.get("sizeInGb") and not block.get("snapshotId"):
            yield place, "give 'sizeInGb' or 'snapshotId'"
        if block.get("volumeInitializationRate") and not block.get("snapshotId"):
            yield f"{place}.volumeInitializationRate", "is only for a volume from a 'snapshotId'"
        if not isinstance(kind, str) or kind not in SIZES:
            continue
        yield from ((f"{place}.{at}", f"{why} of a volume of type {kind}") for at, why in _sizes(block, kind))
        if kind in NEED_IOPS and block.get("iops") is None:
            yield f"{place}.iops", f"missing required property of a volume of type {kind}"
        elif kind in WITHOUT_IOPS and block.get("iops"):
            yield f"{place}.iops", f"is not for a volume of type {kind}"
        if kind != "gp3" and block.get("throughput"):
            yield f"{place}.throughput", f"is only for a volume of type gp3, not {kind}"


def _sizes(block: Props, kind: str) -> Iterator[Fault]:
    yield from within("sizeInGb", *SIZES[kind], "GiB")(block)
    if kind in IOPS:
        yield from within("iops", *IOPS[kind])(block)


CONNECT = "serviceConnectConfiguration"
SMALL = "small letters, digits, underscores and hyphens that does not begin with a hyphen"
LABEL = (r"(?!-)[a-z0-9_-]{1,64}", f"is not a name of at most 64 {SMALL}")
HOST = (r"(?!-)[a-z0-9_.-]{1,127}", f"is not a name of at most 127 periods, {SMALL}")


def _connected(props: Props) -> bool:
    found = props.get(CONNECT)
    return isinstance(found, dict) and found.get("enabled") in (True, "true")


def connected(props: Props) -> Iterator[Fault]:
    """Service Connect is of ECS's own deployments; names are told apart."""
    kind = controller(props)
    if not _connected(props):
        return
    if kind not in ("ECS", "?"):
        yield CONNECT, f"is only for 'deploymentController': {{'type': 'ECS'}}, not {kind}"
    block: Props = props[CONNECT]
    if block.get("accessLogConfiguration") and not block.get("logConfiguration"):
        yield f"{CONNECT}.logConfiguration", "missing required property beside 'accessLogConfiguration'"
    found = blocks(block, "services")
    if unknowns(block.get("services")):
        return
    names: Counter[Any] = Counter()
    addresses: Counter[Any] = Counter()
    for i, one in enumerate(found):
        at, name = f"{CONNECT}.services[{i}]", one.get("discoveryName") or one.get("portName")
        names[name] += 1
        if names[name] == 2:
            yield f"{at}.discoveryName", f"{name!r} is the name of another service too"
        for alias in blocks(one, "clientAlias"):
            address = (alias.get("dnsName") or name, number(alias.get("port")))
            addresses[address] += 1
            if addresses[address] == 2:
                yield f"{at}.clientAlias", f"{address[0]}:{address[1]:g} is the address of another service too"


RULES = tuple(
    form(f"{BALANCERS}[].{ADVANCED}.{name}", RULE_OR_LISTENER, NO_RULE)
    for name in ("productionListenerRule", "testListenerRule")
)
LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:ecs/service:Service": (
        balancers, elsewhere, role, *RULES, one_of(f"{VOLUME}.volumeType", *SIZES), volume,
        within(f"{VOLUME}.throughput", 1, FASTEST, "MiB a second"), connected,
        form(f"{CONNECT}.services[].discoveryName", *LABEL), form(f"{CONNECT}.services[].clientAlias[].dnsName", *HOST),
    ),
}  # fmt: skip
