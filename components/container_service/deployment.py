"""How the service deploys, where its tasks run and who sends them traffic: inputs of the ECS service.

Source: API CreateService, DeploymentConfiguration, LoadBalancer, ServiceConnectConfiguration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi

from components._access import permission_faults
from components.container_service.args import ContainerServiceArgs, TargetGroupAttachment
from components.scaling.plan import BalancedTarget
from components.specs.container import moves
from components.specs.container_service import ContainerServiceSpec
from components.specs.deployment import Approval, Canary, Deployment, Linear, Rolling

SERVICE = "aws:ecs/service:Service"


def attachment_faults(args: ContainerServiceArgs) -> list[str]:
    """What is missing or too much between the spec and what the program connects; one line each."""
    spec = args.spec
    faults: list[str] = []
    if spec.container.image is None and args.image is None:
        faults.append("container.image: missing: declare it, or pass the image that the program builds")
    if spec.container.image is not None and args.image is not None:
        faults.append("container.image: stands beside the image that the program passes: keep one of them")
    if isinstance(args.image, str) and moves(args.image):
        faults.append("image: its tag moves or is missing, so two tasks may run different code: pass a digest")
    faults += permission_faults(args.permissions)
    faults += [
        f"sidecars.{name}.image: missing: declare it" for name, each in spec.sidecars.items() if each.image is None
    ]
    if spec.capacity.kind == "ec2" and (args.capacity_provider_name is None or args.cluster is None):
        faults.append("capacity.kind: ec2 needs `cluster` and `capacity_provider_name` of an AutoscalingGroup")
    if spec.capacity.kind == "fargate" and args.capacity_provider_name is not None:
        faults.append("capacity.kind: fargate ignores the capacity provider that is passed: set `ec2`")
    for variable in sorted(
        (spec.container.environment.keys() | spec.container.secrets.keys() | args.secrets.keys())
        & args.environment.keys()
        | (spec.container.environment.keys() | spec.container.secrets.keys()) & args.secrets.keys()
    ):
        faults.append(f"container: the variable {variable} is given twice: keep one of them")
    for index, attachment in enumerate(args.target_groups):
        faults += [f"target_groups.{index}.{fault}" for fault in _faults_of(attachment, spec)]
    return faults


def _faults_of(attachment: TargetGroupAttachment, spec: ContainerServiceSpec) -> list[str]:
    faults: list[str] = []
    ports = [port for container in spec.containers.values() for port in container.ports]
    if attachment.port not in ports:
        faults.append(f"port: no container has a port {attachment.port}, allowed {', '.join(ports) or 'none'}")
    if spec.deployment.gradual:
        faults += [
            f"{field}: missing: the deployment strategy {spec.deployment.strategy} shifts traffic between two groups"
            for field in ("alternate_arn", "production_rule_arn")
            if getattr(attachment, field) is None
        ]
        if attachment.suffix is not None and attachment.alternate_suffix is None:
            faults.append("alternate_suffix: missing beside `suffix`: rules would not see half of the requests (EL042)")
    return faults


def balanced_targets(attachments: Sequence[TargetGroupAttachment]) -> tuple[BalancedTarget, ...]:
    """The attachments whose requests an application balancer counts."""
    return tuple(
        BalancedTarget(attachment.balancer_suffix, attachment.suffix, attachment.alternate_suffix)
        for attachment in attachments
        if attachment.suffix is not None and attachment.balancer_suffix is not None
    )


def capacity_strategy(args: ContainerServiceArgs) -> dict[str, Any]:
    """Where tasks run. Every update forces a new deployment, or new weights would move no running task (EL071)."""
    capacity = args.spec.capacity
    if capacity.kind == "ec2":
        return {
            "capacity_provider_strategies": [
                {
                    "capacity_provider": args.capacity_provider_name,
                    "base": capacity.base,
                    "weight": capacity.on_demand_weight,
                }
            ],
            "ordered_placement_strategies": [
                {"type": "spread", "field": "attribute:ecs.availability-zone"},
                {"type": "binpack", "field": "memory"},
            ],
            "force_new_deployment": True,
        }
    on_demand = {"capacity_provider": "FARGATE", "base": capacity.base, "weight": capacity.on_demand_weight}
    spot = {"capacity_provider": "FARGATE_SPOT", "weight": capacity.spot_weight}
    used = [on_demand] if capacity.base or capacity.on_demand_weight else []
    return {
        "capacity_provider_strategies": [*used, *([spot] if capacity.spot_weight else [])],
        "force_new_deployment": True,
    }


def deployment_inputs(args: ContainerServiceArgs) -> dict[str, Any]:
    """Percents, circuit breaker, alarms, strategy and zone rebalancing."""
    deployment = args.spec.deployment
    inputs: dict[str, Any] = {
        "deployment_minimum_healthy_percent": deployment.minimum_percent,
        "deployment_maximum_percent": deployment.maximum_percent,
        "availability_zone_rebalancing": "ENABLED" if deployment.zone_rebalancing else "DISABLED",
        "deployment_circuit_breaker": {
            "enable": deployment.circuit_breaker,
            "rollback": deployment.circuit_breaker and deployment.rollback,
        },
        "deployment_configuration": _strategy(deployment),
    }
    if args.deployment_alarm_names:
        names = list(args.deployment_alarm_names)
        inputs["alarms"] = {"alarm_names": names, "enable": True, "rollback": deployment.rollback}
    return inputs


def _strategy(deployment: Deployment) -> dict[str, Any]:
    strategy: dict[str, Any] = {"strategy": deployment.strategy.upper()}
    if isinstance(deployment, Rolling):
        return strategy
    strategy["bake_time_in_minutes"] = _minutes(deployment.bake_time)
    if isinstance(deployment, Canary):
        strategy["canary_configuration"] = {
            "canary_percent": deployment.percent,
            "canary_bake_time_in_minutes": _minutes(deployment.interval),
        }
    if isinstance(deployment, Linear):
        strategy["linear_configuration"] = {
            "step_percent": deployment.percent,
            "step_bake_time_in_minutes": _minutes(deployment.interval),
        }
    if deployment.approvals:
        strategy["lifecycle_hooks"] = [_gate(deployment.approvals[name]) for name in sorted(deployment.approvals)]
    return strategy


def _gate(approval: Approval) -> dict[str, Any]:
    return {
        "target_type": "PAUSE",
        "lifecycle_stages": [approval.stage.upper()],
        "timeout_configuration": {
            "timeout_in_minutes": _minutes(approval.time_limit),
            "action": approval.at_limit.upper(),
        },
    }


def _minutes(seconds: float) -> str:
    return str(round(seconds / 60))


def left_gates(args: ContainerServiceArgs, name: str) -> str:
    """What is to be said of gates that ECS keeps though none is declared any more; empty where there are none.

    ECS keeps hooks that a request leaves out, and the official provider leaves out those that are gone
    (terraform-provider-aws#47096): only an empty list takes them away.
    """
    before = args.deployed.outputs(SERVICE, name)
    hooks = (before.get("deploymentConfiguration") or {}).get("lifecycleHooks") or ()
    if not hooks or (not isinstance(args.spec.deployment, Rolling) and args.spec.deployment.approvals):
        return ""
    stages = ", ".join(sorted(str(stage).lower() for hook in hooks for stage in hook.get("lifecycleStages") or ()))
    return (
        f"{name}: no approval is declared any more, and ECS keeps the gate that it had ({stages}): a release goes on "
        "waiting there. Take it away by\n"
        f"aws ecs update-service --cluster {before.get('cluster')} --service {before.get('name')} "
        "--deployment-configuration '{\"lifecycleHooks\": []}'\nand then `pulumi refresh`"
    )


def release_under_way(component: pulumi.Resource, args: ContainerServiceArgs, name: str) -> str:
    """What is to be said of a release that goes on while this deployment runs; empty where none does."""
    before = args.deployed.outputs(SERVICE, name)
    if not args.spec.deployment.gradual or not before.get("cluster"):
        return ""
    from pulumi_aws import ecs

    options = pulumi.InvokeOptions(parent=component)
    try:
        live = ecs.get_service(cluster_arn=before["cluster"], service_name=before["name"], opts=options)
    except Exception as error:  # noqa: BLE001 - it is a remark, and a service that is gone is made anew
        pulumi.log.debug(f"whether a release of {name} is under way is not known: {error}")
        return ""
    if len(live.deployments) < 2:
        return ""
    return (
        f"{name}: a release is under way. Where this deployment changes the service, ECS ends that release: all "
        "requests go back to the version before it, and a new release begins from there. `accordion release status` "
        "tells how far it is"
    )


def load_balancers(args: ContainerServiceArgs, shifting_role: pulumi.Output[str] | None) -> list[dict[str, Any]]:
    """The attached target groups; under a gradual deployment each with its second group, its rules and the role."""
    homes = {
        port: (name, found.number)
        for name, container in args.spec.containers.items()
        for port, found in container.ports.items()
    }
    attached: list[dict[str, Any]] = []
    for attachment in args.target_groups:
        container, number = homes[attachment.port]
        one: dict[str, Any] = {
            "target_group_arn": attachment.arn,
            "container_name": container,
            "container_port": number,
        }
        if shifting_role is not None:
            test = {"test_listener_rule": attachment.test_rule_arn} if attachment.test_rule_arn is not None else {}
            one["advanced_configuration"] = {
                "alternate_target_group_arn": attachment.alternate_arn,
                "production_listener_rule": attachment.production_rule_arn,
                "role_arn": shifting_role,
                **test,
            }
        attached.append(one)
    return attached


def service_connect(spec: ContainerServiceSpec, namespace: pulumi.Output[str] | None) -> dict[str, Any]:
    """The service in the mesh: what it offers by name and port, or only a client."""
    connect = spec.service_connect
    offers = connect.offers if connect is not None else {}
    name = connect.dns_name if connect is not None else None
    services = [
        {"port_name": port, "discovery_name": port, "client_alias": [{"port": number, "dns_name": name or port}]}
        for port, number in offers.items()
    ]
    return {"enabled": True, "namespace": namespace, **({"services": services} if services else {})}
