"""Pure predicates over the inputs of one resource. Each returns sentences: what is wrong, and what to do.

Inputs have the engine's form: camel case keys, every number a float. A value that is not known yet is absent or opaque;
a predicate says nothing about what it cannot see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Inputs = Mapping[str, Any]
Predicate = Callable[[Inputs], Iterator[str]]

WORLD = frozenset({"0.0.0.0/0", "::/0"})
LISTENER_PORTS = frozenset({80, 443})
SHORT_TLS = re.compile(r"^ELBSecurityPolicy-(20\d\d|TLS-1-[01]|FS-)")
"""Policies that allow TLS 1.0 or 1.1, or are of their age. Source: Elastic Load Balancing guide, security policies."""
SECRET_NAME = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|DATABASE_URL)$", re.IGNORECASE)
EVERYTHING = frozenset({"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"})
"""AWS's own policies that no program's role needs."""
MOVING_TAG = re.compile(r"(:latest|^[^:@]+)$")


def world_reaches_listener_ports_only(rule: Inputs) -> Iterator[str]:
    """An ingress rule from anywhere is for a listener."""
    if rule.get("cidrIpv4") not in WORLD and rule.get("cidrIpv6") not in WORLD:
        return
    first, last = rule.get("fromPort"), rule.get("toPort")
    if rule.get("ipProtocol") != "tcp" or first != last or first not in LISTENER_PORTS:
        said = "every port" if first is None or last is None else f"port {first:g}"
        said += f" to {last:g}" if first is not None and last is not None and last != first else ""
        yield f"{said} is open to the world: only 80 and 443 may be; name the source's security group instead"


def groups_have_no_inline_rules(group: Inputs) -> Iterator[str]:
    """Inline rules escape the predicate above."""
    if any(
        WORLD & {*(r.get("cidrBlocks") or ()), *(r.get("ipv6CidrBlocks") or ())}
        for r in group.get("ingress") or ()
        if isinstance(r, Mapping)
    ):
        yield "an inline rule is open to the world: declare ingress as SecurityGroupIngressRule"


def tasks_have_no_public_address(service: Inputs) -> Iterator[str]:
    """Tasks are reached through the balancer."""
    if (service.get("networkConfiguration") or {}).get("assignPublicIp"):
        yield "tasks get public addresses: put them into private subnets with assignPublicIp false"


def deployments_roll_back(service: Inputs) -> Iterator[str]:
    """A rolling deployment that fails ends on what ran before."""
    if (service.get("deploymentController") or {}).get("type", "ECS") != "ECS":
        return
    breaker = (
        service.get("deploymentCircuitBreaker")
        or (service.get("deploymentConfiguration") or {}).get("deploymentCircuitBreaker")
        or {}
    )
    if not (breaker.get("enable") and breaker.get("rollback")):
        yield "the deployment circuit breaker is off or does not roll back: set enable and rollback"


def containers_are_closed(task: Inputs) -> Iterator[str]:
    """No privilege, no root user by name, no secret in plain text, no image that moves, and logs."""
    definitions = task.get("containerDefinitions")
    try:
        containers = json.loads(definitions) if isinstance(definitions, str) else []
    except ValueError:
        return  # not known yet
    for container in containers:
        name = container.get("name", "?")
        if container.get("privileged"):
            yield f"container {name} is privileged: it owns the host; remove it"
        if str(container.get("user", "")).split(":")[0] in ("0", "root"):
            yield f"container {name} runs as root: give a user above 0"
        if "@" not in (image := container.get("image", "@")) and MOVING_TAG.search(image.rsplit("/", 1)[-1]):
            yield f"container {name} runs an image whose tag moves: name a digest or an immutable version"
        for entry in container.get("environment") or ():
            if SECRET_NAME.search(entry.get("name", "")):
                yield f"container {name} has {entry['name']} in plain text: put it into `secrets` by ARN"
        if not container.get("logConfiguration"):
            yield f"container {name} has no log driver: nobody could read why it died"


def metadata_needs_a_token(template: Inputs) -> Iterator[str]:
    """IMDSv2 (Security Hub AutoScaling.3)."""
    if (template.get("metadataOptions") or {}).get("httpTokens") != "required":
        yield "instances answer IMDSv1: set metadataOptions.httpTokens to required"


def disks_are_encrypted(template: Inputs) -> Iterator[str]:
    """EBS volumes of a launch template (Security Hub EC2.7)."""
    for mapping in template.get("blockDeviceMappings") or ():
        ebs = mapping.get("ebs") or {}
        if ebs and ebs.get("encrypted") not in (True, "true"):
            yield f"volume {mapping.get('deviceName', '?')} is not encrypted: set ebs.encrypted"


def logs_end(group: Inputs) -> Iterator[str]:
    """A log group without retention costs for ever (Security Hub CloudWatch.16)."""
    if not group.get("retentionInDays"):
        yield "the log group keeps its events for ever: set retentionInDays"


def listeners_are_modern(listener: Inputs) -> Iterator[str]:
    """TLS 1.2 at least, said by name (Security Hub ELB.17)."""
    if listener.get("protocol") not in ("HTTPS", "TLS"):
        return
    policy = listener.get("sslPolicy")
    if not policy:
        yield "no TLS policy: the API then means ELBSecurityPolicy-2016-08; name a current one"
    elif isinstance(policy, str) and SHORT_TLS.match(policy):
        yield f"{policy} allows outdated TLS: name a current one, such as ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def balancers_drop_invalid_headers(balancer: Inputs) -> Iterator[str]:
    """Security Hub ELB.4."""
    if balancer.get("loadBalancerType", "application") == "application" and not balancer.get("dropInvalidHeaderFields"):
        yield "invalid header fields are passed on: set dropInvalidHeaderFields"


def buckets_are_private(block: Inputs) -> Iterator[str]:
    """All four switches of a public access block."""
    off = [
        name
        for name in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        if not block.get(name)
    ]
    if off:
        yield f"the bucket can become public: set {', '.join(off)}"


def bounds_are_bounds(target: Inputs) -> Iterator[str]:
    """Bounds of a scalable target; AWS refuses the reverse only when it is deployed."""
    low, high = target.get("minCapacity"), target.get("maxCapacity")
    if isinstance(low, float | int) and isinstance(high, float | int) and low > high:
        yield f"minCapacity {low:g} is above maxCapacity {high:g}"


def policies_name_their_rights(policy: Inputs) -> Iterator[str]:
    """No statement allows everything, or everything of one service."""
    document = policy.get("policy")
    try:
        statements = json.loads(document).get("Statement", []) if isinstance(document, str) else []
    except ValueError:
        return  # not known yet
    for statement in statements if isinstance(statements, list) else [statements]:
        given = statement.get("Action", [])
        actions = given if isinstance(given, list) else [given]
        if statement.get("Effect") != "Allow":
            continue
        if "*" in actions:
            yield "a statement allows every action: name the actions that are needed"
        for action in actions:
            if action.endswith(":*"):
                yield f"a statement allows all of {action.removesuffix(':*')}: name the actions that are needed"


def nobody_administers(attachment: Inputs) -> Iterator[str]:
    """AWS's policies that allow nearly everything are for people."""
    arn = attachment.get("policyArn")
    name = arn.rsplit("/", 1)[-1] if isinstance(arn, str) else ""
    if name in EVERYTHING:
        yield f"a role gets {name}: attach a policy that names what is needed"


def instances_have_no_public_address(template: Inputs) -> Iterator[str]:
    """Instances are reached through the balancer or Session Manager."""
    if any(
        str(each.get("associatePublicIpAddress")).lower() == "true" for each in template.get("networkInterfaces") or ()
    ):
        yield "instances get public addresses: put them into private subnets and leave associatePublicIpAddress out"


CHECKS: Mapping[str, tuple[str, str, Predicate]] = {
    "listener-ports-only": (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "Only listener ports are open to the world.",
        world_reaches_listener_ports_only,
    ),
    "no-inline-world": (
        "aws:ec2/securityGroup:SecurityGroup",
        "No inline rule is open to the world.",
        groups_have_no_inline_rules,
    ),
    "private-tasks": (
        "aws:ecs/service:Service",
        "Tasks have no public address.",
        tasks_have_no_public_address,
    ),
    "rollback": (
        "aws:ecs/service:Service",
        "Failed deployments roll back.",
        deployments_roll_back,
    ),
    "closed-containers": (
        "aws:ecs/taskDefinition:TaskDefinition",
        "Containers have no privilege, no plain secret, no moving image, and logs.",
        containers_are_closed,
    ),
    "imdsv2": (
        "aws:ec2/launchTemplate:LaunchTemplate",
        "Instances require IMDSv2.",
        metadata_needs_a_token,
    ),
    "encrypted-disks": (
        "aws:ec2/launchTemplate:LaunchTemplate",
        "Volumes are encrypted.",
        disks_are_encrypted,
    ),
    "logs-end": (
        "aws:cloudwatch/logGroup:LogGroup",
        "Logs have a retention.",
        logs_end,
    ),
    "modern-tls": (
        "aws:lb/listener:Listener",
        "Listeners speak current TLS.",
        listeners_are_modern,
    ),
    "valid-headers": (
        "aws:lb/loadBalancer:LoadBalancer",
        "Balancers drop invalid headers.",
        balancers_drop_invalid_headers,
    ),
    "private-buckets": (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "Buckets are private.",
        buckets_are_private,
    ),
    "private-instances": (
        "aws:ec2/launchTemplate:LaunchTemplate",
        "Instances have no public address.",
        instances_have_no_public_address,
    ),
    "bounds": (
        "aws:appautoscaling/target:Target",
        "Bounds are in order.",
        bounds_are_bounds,
    ),
    "least-rights": (
        "aws:iam/rolePolicy:RolePolicy",
        "Roles name their rights.",
        policies_name_their_rights,
    ),
    "least-rights-of-policies": (
        "aws:iam/policy:Policy",
        "Policies name their rights.",
        policies_name_their_rights,
    ),
    "no-administrators": (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "No role may do nearly everything.",
        nobody_administers,
    ),
}
"""Policy name -> resource type, what it demands, the predicate."""
