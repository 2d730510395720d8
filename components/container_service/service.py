"""An ECS service with everything of its own: task, roles, logs, security group, scaling, and a cluster unless given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pulumi
from pulumi_aws.cloudwatch import LogGroup
from pulumi_aws.ec2 import SecurityGroup
from pulumi_aws.ecs import (
    Cluster,
    ClusterCapacityProviders,
    Service,
    ServiceArgs,
    TaskDefinition,
    TaskDefinitionEphemeralStorageArgs,
    TaskDefinitionRuntimePlatformArgs,
    TaskDefinitionVolumeArgs,
)
from pulumi_aws.iam import Role
from pulumi_aws.servicediscovery import HttpNamespace

from components._access import Admission, allow, own_security_group, service_role
from components._component import Component
from components.container_service.args import ContainerServiceArgs
from components.container_service.deployment import (
    SERVICE,
    attachment_faults,
    balanced_targets,
    capacity_strategy,
    deployment_inputs,
    left_gates,
    load_balancers,
    release_under_way,
    service_connect,
)
from components.container_service.roles import (
    execution_statements,
    own_tasks,
    shifting_statements,
    task_statements,
)
from components.container_service.task import container_definitions, volumes
from components.metrics import UNITS, MetricReference
from components.references import ClusterReference, subnet_list
from components.scaling.ecs_service import TARGET_ROLE
from components.scaling.held import bounds_to_declare, declaration
from components.scaling.plan import TARGET, ScalingPlan, ServiceContext
from components.scaling.resources import create, plan_for
from components.specs.delegated import ignored_fields
from components.specs.retention import days

TASKS, ECS = "ecs-tasks.amazonaws.com", "ecs.amazonaws.com"


@dataclass(frozen=True)
class ServiceMetrics:
    """Metrics of one service. The counts need Container Insights on the cluster."""

    cpu: MetricReference
    memory: MetricReference
    running: MetricReference
    desired: MetricReference


class ContainerService(Component):
    """One ECS service.

    Makes a task definition, an execution and a task role, a log group, a security group, the service and what its rules
    need; a cluster and a Service Connect namespace unless they are given. With rules the live count belongs to the
    autoscaler: set at creation, ignored afterwards. A fixed count follows its declaration.
    """

    service_name: pulumi.Output[str]
    service_arn: pulumi.Output[str]
    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    task_definition_arn: pulumi.Output[str]
    """The declared revision; the running one differs after a rollback."""
    task_role_arn: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    log_group_name: pulumi.Output[str]
    namespace_arn: pulumi.Output[str] | None
    """Service Connect's namespace, none without it."""
    metrics: ServiceMetrics
    declared_bounds: pulumi.Output[Any] | None
    """What decides the bounds at each hour, as it was deployed last; none without rules."""
    service: Service
    """The service itself: the escape hatch for what this component does not offer."""

    def __init__(self, name: str, args: ContainerServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        faults = attachment_faults(args)
        if faults:
            raise pulumi.RunError("\n".join((f"ContainerService {name}: cannot be connected", *faults)))
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        self._args, self._spec = args, args.spec
        self._subnets = subnet_list(f"ContainerService {name}", args.subnet_ids)
        self._plan("known after deployment", "known after deployment")  # refused before anything is made
        cluster, providers = self._cluster()
        log_group = self._log_group()
        execution_role, task_role, grants = self._task_roles(log_group, cluster)
        task = self._task(cluster, log_group, execution_role, task_role)
        group = self._security_group()
        self.namespace_arn = self._namespace()
        self.service = self._service(cluster, task, group, after=[*providers, *grants, *args.after])
        self.cluster_name, self.cluster_arn = _out(cluster.name), _out(cluster.arn)
        self.service_name, self.service_arn = self.service.name, self.service.arn
        self.task_definition_arn, self.task_role_arn = task.arn, task_role.arn
        self.security_group_id, self.log_group_name = group.id, log_group.name
        deployed_target = args.deployed.outputs(TARGET, self.name_of(TARGET_ROLE))
        plan = self._plan(self.cluster_name, self.service_name)
        created = create(self, plan, args.deployed, deployed_target.get("resourceId", ""))
        self.declared_bounds = None
        if spec_rules := self._spec.elasticity:
            target: Any = created[TARGET, TARGET_ROLE]
            kept = declaration(spec_rules)
            self.declared_bounds = target.min_capacity.apply(lambda _: kept)  # known only once the bounds are set
        self.metrics = _metrics(self.cluster_name, self.service_name)
        self.finish()

    def _plan(self, cluster: Any, service: Any) -> ScalingPlan:
        """What the rules become; nothing for a fixed count."""
        if self._spec.elasticity is None:
            return ScalingPlan()
        context = ServiceContext(
            cluster, service, balanced_targets(self._args.target_groups), self._spec.container_insights
        )
        what, rules = f"ContainerService {self._instance}", self._spec.elasticity
        plan_for(what, rules, context)  # what it refuses first: schedules that nobody can read have no bounds
        now = bounds_to_declare(rules, "ecs_service", self._args.deployed, self.type_token, self._instance)
        return plan_for(what, rules, replace(context, bounds=(now.minimum, now.maximum), held=now.held))

    def _cluster(self) -> tuple[ClusterReference, list[pulumi.Resource]]:
        if self._args.cluster is not None:
            return self._args.cluster, []
        insights = "enabled" if self._spec.container_insights else "disabled"
        cluster = Cluster(
            self.name_of("cluster"),
            settings=[{"name": "containerInsights", "value": insights}],
            tags=self.tags_of("cluster"),
            opts=self.options_of("cluster"),
        )
        providers = ClusterCapacityProviders(
            self.name_of("cluster-capacity"),
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=self.options_of("cluster-capacity"),
        )
        return ClusterReference(cluster.name, cluster.arn), [providers]

    def _log_group(self) -> LogGroup:
        return LogGroup(
            self.name_of("log-group"),
            retention_in_days=days(self._spec.log_retention),
            kms_key_id=self._args.log_key_arn,
            tags=self.tags_of("log-group"),
            opts=self.options_of("log-group"),
        )

    def _task_roles(self, log_group: LogGroup, cluster: ClusterReference) -> tuple[Role, Role, list[pulumi.Resource]]:
        boundary = self._args.permissions_boundary
        execution = service_role(self, "execution-role", TASKS, "what ECS may do to start a task", boundary=boundary)
        task = service_role(
            self, "task-role", TASKS, "what the application may do", own_tasks(cluster.arn), boundary=boundary
        )
        grants: list[pulumi.Resource] = [
            allow(self, "execution-policy", execution, execution_statements(self._args, log_group.arn))
        ]
        statements = task_statements(self._args, cluster.arn)
        if statements:
            grants.append(allow(self, "task-policy", task, statements))
        return execution, task, grants

    def _task(self, cluster: ClusterReference, logs: LogGroup, execution_role: Role, task_role: Role) -> TaskDefinition:
        spec = self._spec
        storage = spec.ephemeral_storage
        region = logs.arn.apply(lambda arn: arn.split(":")[3])
        return TaskDefinition(
            self.name_of("task"),
            # The cluster's name is unique in the account, so two stacks do not share one line of revisions.
            family=pulumi.Output.concat(cluster.name, "-", self._instance),
            cpu=str(spec.cpu),
            memory=str(spec.memory),
            network_mode="awsvpc",
            requires_compatibilities=[spec.capacity.kind.upper()],
            runtime_platform=TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=spec.architecture, operating_system_family="LINUX"
            ),
            ephemeral_storage=TaskDefinitionEphemeralStorageArgs(size_in_gib=storage) if storage else None,
            execution_role_arn=execution_role.arn,
            task_role_arn=task_role.arn,
            container_definitions=container_definitions(self._args, logs.name, region),
            volumes=[TaskDefinitionVolumeArgs(**volume) for volume in volumes(spec.containers)],
            # An older revision must stay active: the circuit breaker turns back to it.
            skip_destroy=True,
            tags=self.tags_of("task"),
            opts=self.options_of("task"),
        )

    def _security_group(self) -> SecurityGroup:
        args, spec = self._args, self._spec
        ports = {name: port for container in spec.containers.values() for name, port in container.ports.items()}
        admitted: dict[str, Admission] = {}
        if args.balancer_security_group_id is not None:
            for port in dict.fromkeys(attachment.port for attachment in args.target_groups):
                source, found = args.balancer_security_group_id, ports[port]
                admitted[f"balancer-{port}"] = Admission(source, found.number, found.protocol)
        for name, source in args.ingress_security_group_ids.items():
            for port, found in spec.container.ports.items():
                admitted[f"{name}-{port}"] = Admission(source, found.number, found.protocol)
        return own_security_group(
            self,
            args.vpc_id,
            description=f"tasks of {self._instance}",
            ingress=spec.ingress,
            egress=spec.egress,
            admitted=admitted,
            deployed=args.deployed,
        )

    def _namespace(self) -> pulumi.Output[str] | None:
        if self._spec.service_connect is None:
            return None
        if self._args.namespace_arn is not None:
            return _out(self._args.namespace_arn)
        namespace = HttpNamespace(
            self.name_of("namespace"),
            description=f"Service Connect of {self._instance}",
            tags=self.tags_of("namespace"),
            opts=self.options_of("namespace"),
        )
        return namespace.arn

    def _service(
        self, cluster: ClusterReference, task: TaskDefinition, group: SecurityGroup, after: list[pulumi.Resource]
    ) -> Service:
        args, spec = self._args, self._spec
        network: dict[str, Any] = {"subnets": self._subnets, "security_groups": [group.id]}
        if spec.capacity.kind == "fargate":
            network["assign_public_ip"] = False
        shifting: pulumi.Output[str] | None = None
        if spec.deployment.gradual and args.target_groups:
            does = "what ECS may do to shift traffic between target groups"
            role = service_role(self, "traffic-role", ECS, does, boundary=args.permissions_boundary)
            after = [*after, allow(self, "traffic-policy", role, shifting_statements(args))]
            shifting = role.arn
        inputs: dict[str, Any] = {
            "cluster": cluster.arn,
            "task_definition": task.arn,
            "desired_count": spec.count_at_creation,
            "network_configuration": network,
            "enable_execute_command": spec.execute_command,
            "enable_ecs_managed_tags": True,
            "propagate_tags": "SERVICE",
            "tags": self.tags_of("service"),
            **capacity_strategy(args),
            **deployment_inputs(args),
        }
        name = self.name_of("service")
        for remark in filter(None, (left_gates(args, name), release_under_way(self, args, name))):
            pulumi.log.warn(remark, self)
        if args.target_groups:
            inputs["health_check_grace_period_seconds"] = spec.grace
            inputs["load_balancers"] = load_balancers(args, shifting)
        if spec.service_connect is not None:
            inputs["service_connect_configuration"] = service_connect(spec, self.namespace_arn)
        by_pipeline = spec.image_owner == "pipeline"
        ignored = ignored_fields(SERVICE, rules=spec.has_rules, pipeline=by_pipeline)
        return Service(
            self.name_of("service"),
            ServiceArgs(**inputs),
            self.options_of("service", depends_on=after, ignore_changes=ignored),
        )


def _metrics(cluster: pulumi.Output[str], service: pulumi.Output[str]) -> ServiceMetrics:
    dimensions = {"ClusterName": cluster, "ServiceName": service}
    return ServiceMetrics(**{name: metric.of(dimensions) for name, metric in UNITS["ecs_service"].items()})


def _out(value: pulumi.Input[str]) -> pulumi.Output[str]:
    return pulumi.Output.from_input(value)
