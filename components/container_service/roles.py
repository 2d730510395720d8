"""The two roles of a task: what ECS may do to start it, and what the application itself may do.

Each names its resources. `*` stands only where IAM knows no resource for the action: ecr:GetAuthorizationToken and the
four actions of ECS Exec (Service Authorization Reference: Amazon ECR, Amazon Message Gateway Service), and those that
read balancers (Elastic Load Balancing V2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pulumi

from components._access import Statement, statements_of
from components.container_service.args import ContainerServiceArgs
from components.specs.container_service import ContainerServiceSpec

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
EXEC = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
SEE_BALANCERS = (
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)
MOVE_TARGETS = ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets")
SHIFT = ("elasticloadbalancing:ModifyRule",)
PROTECT = ("ecs:GetTaskProtection", "ecs:UpdateTaskProtection")
_PRIVATE_REPOSITORY = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)/(.+)")


def execution_statements(
    args: ContainerServiceArgs, log_group_arn: pulumi.Output[str]
) -> pulumi.Output[Sequence[Statement]]:
    """Statements of the execution role: this log group, these secrets, these repositories."""
    secrets = [
        *(arn for container in args.spec.containers.values() for arn in container.secrets.values()),
        *args.secrets.values(),
    ]
    repositories = [*repository_arns(args.spec), *args.repository_arns]
    return pulumi.Output.all(
        log_group=log_group_arn,
        secrets=pulumi.Output.all(*secrets),
        keys=pulumi.Output.all(*args.secret_key_arns),
        repositories=pulumi.Output.all(*repositories),
    ).apply(_execution)


def _execution(known: dict[str, Any]) -> Sequence[Statement]:
    secrets = sorted({_without_key(arn) for arn in known["secrets"] if ":secretsmanager:" in arn})
    parameters = sorted({arn for arn in known["secrets"] if ":ssm:" in arn})
    repositories = sorted(set(known["repositories"]))
    log_actions = ("logs:CreateLogStream", "logs:PutLogEvents")
    granted = (
        (log_actions, [f"{known['log_group'].removesuffix(':*')}:*"]),
        (("secretsmanager:GetSecretValue",), secrets),
        (("ssm:GetParameters",), parameters),
        (("kms:Decrypt",), sorted(set(known["keys"]))),
        (PULL, repositories),
        (("ecr:GetAuthorizationToken",), ["*"] if repositories else []),
    )
    return [_allow(actions, resources) for actions, resources in granted if resources]


def own_tasks(cluster_arn: pulumi.Input[str]) -> pulumi.Output[dict[str, Any]]:
    """The condition under which ECS may take the task role: for tasks of the cluster's account and region, and nobody
    else's (the confused deputy). Source: ECS developer guide, task IAM role."""
    return pulumi.Output.from_input(cluster_arn).apply(
        lambda arn: {
            "ArnLike": {"aws:SourceArn": f"{':'.join(arn.split(':')[:5])}:*"},
            "StringEquals": {"aws:SourceAccount": arn.split(":")[4]},
        }
    )


def task_statements(args: ContainerServiceArgs, cluster_arn: pulumi.Input[str]) -> list[Statement]:
    """Statements of the task role: what the user gives, task protection, ECS Exec's channels, file systems."""
    statements = statements_of(args.spec.permissions, args.permissions)
    if args.spec.task_protection:
        tasks = pulumi.Output.from_input(cluster_arn).apply(lambda arn: f"{arn.replace(':cluster/', ':task/')}/*")
        statements.append(_allow(PROTECT, [tasks]))
    if args.spec.execute_command:
        statements.append(_allow(EXEC, ["*"]))
    mounted: dict[str, bool] = {}
    for container in args.spec.containers.values():
        for efs in container.efs.values():
            mounted[efs.file_system_arn] = mounted.get(efs.file_system_arn, False) or not efs.read_only
    for arn, writes in mounted.items():
        write = ("elasticfilesystem:ClientWrite",) if writes else ()
        statements.append(_allow(("elasticfilesystem:ClientMount", *write), [arn]))
    return statements


def shifting_statements(args: ContainerServiceArgs) -> list[Statement]:
    """Statements of the role by which ECS shifts traffic: the service's own target groups and rules.

    Source: the managed policy AmazonECSInfrastructureRolePolicyForLoadBalancers (version 6), which grants the same
    actions on every application balancer of the account; reading has no resource in IAM.
    """
    groups = [arn for one in args.target_groups for arn in (one.arn, one.alternate_arn) if arn is not None]
    rules = [
        arn for one in args.target_groups for arn in (one.production_rule_arn, one.test_rule_arn) if arn is not None
    ]
    return [_allow(SEE_BALANCERS, ["*"]), _allow(MOVE_TARGETS, groups), _allow(SHIFT, rules)]


def repository_arns(spec: ContainerServiceSpec) -> list[str]:
    """ARNs of the private ECR repositories that the containers' images come from; public registries need no right."""
    arns: dict[str, None] = {}
    for container in spec.containers.values():
        arn = repository_arn(container.image.repository) if container.image else None
        if arn is not None:
            arns[arn] = None
    return list(arns)


def repository_arn(repository: str) -> str | None:
    """ARN of a private ECR repository, by its address; None for one of another registry."""
    found = _PRIVATE_REPOSITORY.fullmatch(repository)
    if found is None:
        return None
    account, region, domain, name = found.groups()
    partition = "aws-cn" if domain.endswith(".cn") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"arn:{partition}:ecr:{region}:{account}:repository/{name}"


def _without_key(secret: str) -> str:
    """The secret's own ARN; behind it a task definition may name a JSON key, a stage and a version."""
    return ":".join(secret.split(":")[:7])


def _allow(actions: Sequence[str], resources: Sequence[pulumi.Input[str]]) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
