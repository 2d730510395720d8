"""The row of an ECS service: its deployment settings, its steady state, its draining."""

import re
import time
from collections.abc import Collection
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag

STEADY_WITHIN = 20 * 60.0
"""Seconds that a service has to reach its steady state: the official provider's default time-out."""

REMARK_AFTER = 10.0
"""Seconds of waiting after which a person is told what is amiss."""

FOLDED = {
    "deploymentMaximumPercent": "maximumPercent",
    "deploymentMinimumHealthyPercent": "minimumHealthyPercent",
    "deploymentCircuitBreaker": "deploymentCircuitBreaker",
    "alarms": "alarms",
}
"""Inputs that stand beside the service in Pulumi and inside its deployment configuration in AWS."""

PROVIDER_ONLY = frozenset({"waitForSteadyState", "forceDelete", "forceNewDeployment"})
"""Inputs that say how the provider works: a change of them alone calls nothing."""

IN_A_DEPLOYMENT = ("serviceConnectConfiguration", "volumeConfigurations", "vpcLatticeConfigurations")
"""Members that ECS answers in the deployment and not in the service."""


FAILED = frozenset({
    "STOPPED", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED",
})  # fmt: skip
"""Statuses of a service deployment that did not bring what was asked for (ECS API, ServiceDeployment)."""


class NotSteady(Refused):
    """A service did not reach its steady state, with the reason that ECS gives."""


def folded(props: Props) -> Props:
    """The deployment settings in one structure, as AWS takes them."""
    settings = dict(props.get("deploymentConfiguration") or {})
    settings |= {FOLDED[name]: value for name, value in props.items() if name in FOLDED}
    rest = {name: value for name, value in props.items() if name not in FOLDED and name != "deploymentConfiguration"}
    return rest | ({"deploymentConfiguration": settings} if settings else {})


def unfolded(live: Props) -> Props:
    """The answer with the deployment settings beside the service, and with what only its deployment holds."""
    settings = dict(live.get("deploymentConfiguration") or {})
    beside = {ours: settings.pop(theirs) for ours, theirs in FOLDED.items() if theirs in settings}
    primary: Props = next((d for d in live.get("deployments") or [] if d.get("status") == "PRIMARY"), {})
    inside = {name: primary[name] for name in IN_A_DEPLOYMENT if primary.get(name)}
    if network := (live.get("networkConfiguration") or {}).get("awsvpcConfiguration"):
        public = network.get("assignPublicIp") == "ENABLED"
        inside["networkConfiguration"] = {"awsvpcConfiguration": network | {"assignPublicIp": public}}
    return live | beside | inside | {"deploymentConfiguration": settings or None}


def public_address(props: Props) -> Props:
    """`assignPublicIp` is a boolean in Pulumi and ENABLED or DISABLED in AWS."""
    network = props.get("networkConfiguration")
    if not network or "assignPublicIp" not in network:
        return props
    address = "ENABLED" if network["assignPublicIp"] in (True, "true") else "DISABLED"
    return props | {"networkConfiguration": network | {"assignPublicIp": address}}


def with_a_count(props: Props) -> Props:
    """A new service is given its count; the official provider's default is 0. A request of changes has no name."""
    new = "name" in props and props.get("schedulingStrategy") != "DAEMON"
    return {"desiredCount": 0} | props if new else props


def task_definition(aws: Aws, resource_id: str, live: Props, props: Props) -> str | None:
    """The task definition in the form in which the program names it: ARN, family and revision, or family."""
    there, asked = live.get("taskDefinition"), props.get("taskDefinition")
    if not there or not asked or asked.startswith("arn:"):
        return there
    family_and_revision = str(there).rpartition("/")[2]
    return asked if re.sub(r":\d+$", "", family_and_revision) == asked else family_and_revision


def cluster(aws: Aws, resource_id: str, live: Props, props: Props) -> Any:
    """The cluster's ARN, or its name when the program gives the name."""
    asked = props.get("cluster")
    return asked if asked and live["clusterArn"].endswith(f"/{asked}") else live["clusterArn"]


def contradictions(props: Props) -> list[tuple[str, str]]:
    """What ECS refuses for reasons that its request model does not state."""
    found = []
    if props.get("launchType") and props.get("capacityProviderStrategies"):
        found.append(("launchType", "conflicts with 'capacityProviderStrategies': give one of them"))
    if props.get("triggers") and not props.get("forceNewDeployment"):
        found.append(("triggers", "has an effect only with 'forceNewDeployment': true"))
    if props.get("schedulingStrategy") == "DAEMON" and props.get("desiredCount"):
        found.append(("desiredCount", "must be left out with 'schedulingStrategy': 'DAEMON'"))
    return found


def change(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Update the service, with a new deployment where that is asked for, and wait where that is asked for."""
    changed = SERVICE.changed(old, new) - PROVIDER_ONLY - {"tags"}
    if changed & set(SERVICE.translation.together):
        changed |= set(SERVICE.translation.together)
    if not changed:
        return
    forced = {"forceNewDeployment": True} if new.get("forceNewDeployment") in (True, "true") else {}
    sent = {name: new[name] for name in changed if new.get(name) is not None}
    cluster_name, name = _where(resource_id)
    waits = new.get("waitForSteadyState") in (True, "true")
    before = _deployments(aws, resource_id) if waits else {}
    aws(
        "ecs", "update_service", **SERVICE.request("update_service", sent), cluster=cluster_name, service=name, **forced
    )
    if waits:
        wait_until_steady(aws, resource_id, known=before.keys())


def create(aws: Aws, props: Props) -> str:
    """Create the service; where that is asked for, wait until it is steady, and delete it again when it is not."""
    made = aws("ecs", "create_service", **SERVICE.request("create_service", props))["service"]
    arn = str(made["serviceArn"])
    if props.get("waitForSteadyState") not in (True, "true"):
        aws.at_hand[arn] = made
        return arn
    try:
        wait_until_steady(aws, arn)
    except Exception:
        drain_and_delete(aws, arn, {"forceDelete": True})
        raise
    return arn


def there(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The service as ECS describes it, when it is active."""
    found = _described(aws, resource_id)
    return found if found and found["status"] == "ACTIVE" else None


def drain_and_delete(aws: Aws, resource_id: str, props: Props) -> None:
    """Scale to zero and delete; with `forceDelete`, delete at once."""
    found, force = there(aws, resource_id, props), props.get("forceDelete") in (True, "true")
    if found is None:
        return
    cluster_name, name = _where(resource_id)
    if not force and found.get("schedulingStrategy") != "DAEMON":
        aws("ecs", "update_service", cluster=cluster_name, service=name, desiredCount=0)
    aws("ecs", "delete_service", cluster=cluster_name, service=name, **({"force": True} if force else {}))


def _where(resource_id: str) -> tuple[str, str]:
    """Cluster and name: in the service's ARN, or in what import is given (`cluster/service`)."""
    cluster_name, _, name = resource_id.rpartition("service/")[2].partition("/")
    return cluster_name, name


def _described(aws: Aws, resource_id: str) -> Props | None:
    cluster_name, name = _where(resource_id)
    found = aws("ecs", "describe_services", cluster=cluster_name, services=[name], include=["TAGS"])["services"]
    return found[0] if found else None


def wait_until_steady(
    aws: Aws,
    resource_id: str,
    known: Collection[str] = (),
    within: float = STEADY_WITHIN,
    remark_after: float = REMARK_AFTER,
) -> None:
    """Return when no deployment is under way and all tasks run; say what is amiss after `remark_after` seconds.

    `known` are the deployments that there were before. Raises NotSteady with the reason that ECS gives when one that
    came after them failed, whether it was rolled back or not, when `within` seconds have passed, and when the person
    wants to stop.
    """
    began, pause, name = time.monotonic(), 0.05, _where(resource_id)[1]
    remarked = False
    while True:
        new = {arn: d for arn, d in _deployments(aws, resource_id).items() if arn not in known}
        for deployment in new.values():
            if deployment["status"] in FAILED:
                why = deployment.get("statusReason") or "no reason given"
                raise NotSteady(
                    f"service {name} did not reach a steady state: deployment {deployment['status']}: {why}"
                )
        service = _described(aws, resource_id)
        if service is None or service["status"] != "ACTIVE":
            raise NotSteady(f"service {name} went away while its steady state was waited for")
        if _steady(service) and all(d["status"] == "SUCCESSFUL" for d in new.values()):
            return
        waited = time.monotonic() - began
        if waited > within or aws.caller.cancelled.is_set():
            how = "was not steady" if waited > within else "was not yet steady when the wait was cancelled,"
            raise NotSteady(f"service {name} {how} after {waited:.0f} s: {_amiss(aws, resource_id, service)}")
        if waited > remark_after and not remarked:
            remarked = True
            aws.caller.warn(
                f"service {name} is not steady after {waited:.0f} s: {_amiss(aws, resource_id, service)}; the wait "
                f"ends after {within / 60:.0f} minutes, as on AWS, or with Ctrl-C. {_way_out(service)}"
            )
        aws.caller.cancelled.wait(pause)
        pause = min(pause * 1.5, 5.0)


def _amiss(aws: Aws, resource_id: str, service: Props) -> str:
    """How many tasks run, and why the last one stopped."""
    cluster_name, name = _where(resource_id)
    counts = f"{service['runningCount']} of {service['desiredCount']} tasks run"
    stopped = aws("ecs", "list_tasks", cluster=cluster_name, serviceName=name, desiredStatus="STOPPED")["taskArns"]
    tasks = aws("ecs", "describe_tasks", cluster=cluster_name, tasks=stopped[:1])["tasks"] if stopped else []
    why = next((task["stoppedReason"] for task in tasks if task.get("stoppedReason")), None)
    return f"{counts}; the last one stopped: {why}" if why else counts


def _way_out(service: Props) -> str:
    breaker = (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker") or {}
    if breaker.get("enable"):
        return "Its circuit breaker ends a deployment that fails"
    return "With 'deploymentCircuitBreaker' a deployment that cannot succeed would fail by itself"


def _deployments(aws: Aws, resource_id: str) -> dict[str, Props]:
    """The service's deployments by ARN."""
    cluster_name, name = _where(resource_id)
    found = aws("ecs", "list_service_deployments", cluster=cluster_name, service=name)["serviceDeployments"]
    return {deployment["serviceDeploymentArn"]: deployment for deployment in found}


def _steady(service: Props) -> bool:
    """As `aws ecs wait services-stable`: one deployment, and as many tasks as are wanted."""
    shown = [d for d in service["deployments"] if d["status"] != "INACTIVE"]
    return len(shown) <= 1 and service["runningCount"] == service["desiredCount"]


NO_ALARMS = {"alarmNames": [], "enable": False, "rollback": False}

SERVICE = Kind(
    "aws:ecs/service:Service",
    Calls(
        "ecs", "create_service", "service.serviceArn", read=there, delete=drain_and_delete, custom_create=create,
        update=change,
    ),
    naming=Naming("name"), tags=Tags(update=retag("ecs")),
    translation=Translation(
        rename={
            "name": "serviceName", "iamRole": "role", "orderedPlacementStrategies": "placementStrategy",
            "enableEcsManagedTags": "enableECSManagedTags", "loadBalancers.elbName": "loadBalancerName",
            "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
            "serviceConnectConfiguration.services.clientAlias": "clientAliases",
            "serviceConnectConfiguration.services.tls.issuerCertAuthority": "issuerCertificateAuthority",
            "volumeConfiguration.managedEbsVolume.sizeInGb": "sizeInGiB",
            "forceDelete": None, "waitForSteadyState": None, "forceNewDeployment": None, "triggers": None,
        },
        unserved={"sigintRollback"}, together={*FOLDED, "deploymentConfiguration"},
        encode=lambda props: public_address(folded(with_a_count(props))), decode=unfolded,
    ),
    properties=Properties(
        force_new={"name", "cluster", "launchType", "schedulingStrategy", "iamRole"},
        defaults={
            "desiredCount": 0, "deploymentMaximumPercent": 200, "deploymentMinimumHealthyPercent": 100,
            "deploymentCircuitBreaker": {"enable": False, "rollback": False}, "alarms": NO_ALARMS,
            "enableExecuteCommand": False, "enableEcsManagedTags": False, "healthCheckGracePeriodSeconds": 0,
            "propagateTags": "NONE", "schedulingStrategy": "REPLICA", "deploymentController": {"type": "ECS"},
            "networkConfiguration.assignPublicIp": False,
            "loadBalancers": [], "serviceRegistries": [], "placementConstraints": [], "orderedPlacementStrategies": [],
            "capacityProviderStrategies": [], "capacityProviderStrategies.base": 0,
            "serviceConnectConfiguration": {"enabled": False}, "volumeConfiguration": [],
            "vpcLatticeConfigurations": [],
        },
        computed={
            "launchType", "platformVersion", "availabilityZoneRebalancing", "cluster", "iamRole",
            "deploymentConfiguration", "deploymentConfiguration.strategy", "deploymentConfiguration.bakeTimeInMinutes",
            "networkConfiguration.securityGroups",
        },
        unordered={
            "networkConfiguration.subnets", "networkConfiguration.securityGroups", "capacityProviderStrategies",
            "loadBalancers",
            "placementConstraints", "alarms.alarmNames",
        },
        write_only={"waitForSteadyState", "forceDelete", "forceNewDeployment", "triggers"},
    ),
    validate=contradictions,
    outputs={
        "arn": answered("serviceArn"), "id": answered("serviceArn"), "cluster": cluster,
        "taskDefinition": task_definition,
        "iamRole": answered("roleArn"),
    },
)  # fmt: skip
"""Changing `cluster`, `launchType`, `schedulingStrategy`, `iamRole` or the name replaces a service:
UpdateService has no member for them."""
