"""An Auto Scaling group with its launch template, role, security group and scaling; over it, ECS capacity if asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws.autoscaling import Group, GroupArgs, LifecycleHook
from pulumi_aws.ec2 import LaunchTemplate, SecurityGroup
from pulumi_aws.ecs import Cluster, ClusterCapacityProviders
from pulumi_aws.iam import InstanceProfile, Role

from components._access import (
    Admission,
    allow,
    attach,
    own_security_group,
    permission_faults,
    service_role,
    statements_of,
)
from components._component import Component
from components.autoscaling_group.args import AutoscalingGroupArgs
from components.autoscaling_group.launch import Tags, instance_choice, launch_template
from components.autoscaling_group.renewal import renewal_inputs
from components.metrics import UNITS, MetricReference
from components.references import ClusterReference, subnet_list
from components.scaling.capacity_provider import PROVIDER_ROLE
from components.scaling.held import BoundsToDeclare, bounds_to_declare, declaration
from components.scaling.plan import (
    CAPACITY_PROVIDER,
    BalancedTarget,
    Context,
    GroupContext,
    ProviderContext,
    ScalingPlan,
)
from components.scaling.resources import create, plan_for
from components.specs.access import whole_units
from components.specs.autoscaling_group import GROUP_METRICS
from components.specs.delegated import ignored_fields
from components.specs.naming import RESERVED_FOR_PROVIDERS

EC2 = "ec2.amazonaws.com"
SSM_POLICY = "AmazonSSMManagedInstanceCore"
CONTAINER_POLICY = "service-role/AmazonEC2ContainerServiceforEC2Role"


@dataclass(frozen=True)
class GroupMetrics:
    """Metrics of one group."""

    cpu: MetricReference
    in_service: MetricReference
    desired: MetricReference
    maximum: MetricReference


class AutoscalingGroup(Component):
    """One Auto Scaling group.

    Makes a launch template, an instance role with its profile, a security group, the group, its lifecycle hooks (which
    the very first instances may miss) and what its rules need; under a capacity provider also that, and a cluster
    unless one is given. With rules the live size belongs to the autoscaler: only the bounds are declared. A fixed size
    follows its declaration.
    """

    group_name: pulumi.Output[str]
    group_arn: pulumi.Output[str]
    launch_template_id: pulumi.Output[str]
    role_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    cluster_name: pulumi.Output[str] | None
    """The cluster that the instances join, known once it has the capacity provider; none without one."""
    cluster_arn: pulumi.Output[str] | None
    capacity_provider_name: pulumi.Output[str] | None
    """None without a capacity provider."""
    metrics: GroupMetrics
    declared_bounds: pulumi.Output[Any] | None
    """What decides the bounds at each hour, as it was deployed last; none without rules."""
    group: Group
    """The group itself: the escape hatch for what this component does not offer."""

    def __init__(self, name: str, args: AutoscalingGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        faults = _connection_faults(name, args)
        if faults:
            raise pulumi.RunError("\n".join((f"AutoscalingGroup {name}: cannot be connected", *faults)))
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        self._args, self._spec = args, args.spec
        self._subnets = subnet_list(f"AutoscalingGroup {name}", args.subnet_ids)
        self._plan("known after deployment", "known after deployment")  # refused before anything is made
        cluster = self._cluster()
        role, grants = self._role()
        security_group = self._security_group()
        template = self._template(role, security_group, cluster)
        self.group = self._group(template, grants)
        self._hooks()
        self.group_name, self.group_arn = self.group.name, self.group.arn
        self.launch_template_id, self.role_name = template.id, role.name
        self.security_group_id = security_group.id
        deployed_group = args.deployed.outputs("aws:autoscaling/group:Group", self.name_of("group"))
        plan = self._plan(self.group.name, self.group.arn)
        created = create(self, plan, args.deployed, deployed_group.get("name", ""))
        self.cluster_name = self.cluster_arn = self.capacity_provider_name = None
        if cluster is not None:
            provider: Any = created[CAPACITY_PROVIDER, PROVIDER_ROLE]
            self._join(cluster, provider.name)
            self.capacity_provider_name = provider.name
        self.declared_bounds = None
        if self._spec.elasticity is not None:
            kept = declaration(self._spec.elasticity)
            self.declared_bounds = self.group.min_size.apply(lambda _: kept)  # known only once the bounds are set
        self.metrics = _metrics(self.group.name)
        self.finish()

    def _plan(self, group: Any, arn: Any) -> ScalingPlan:
        """What the rules become; nothing for a fixed size."""
        spec = self._spec
        if spec.elasticity is None:
            return ScalingPlan()
        context: Context
        if (provider := spec.capacity_provider) is not None:
            context = ProviderContext(
                group,
                arn,
                target_capacity=provider.target_capacity,
                minimum_step=provider.minimum_step,
                maximum_step=provider.maximum_step,
                warm_up=spec.warm_up,
                managed_draining=provider.managed_draining,
                managed_termination_protection=provider.managed_termination_protection,
            )
        else:
            targets = tuple(
                BalancedTarget(target.balancer_suffix, target.suffix)
                for target in self._args.target_groups
                if target.balancer_suffix is not None and target.suffix is not None
            )
            context = GroupContext(group, targets)
        return plan_for(f"AutoscalingGroup {self._instance}", spec.elasticity, context)

    def _cluster(self) -> ClusterReference | None:
        if self._spec.capacity_provider is None or self._args.cluster is not None:
            return self._args.cluster
        cluster = Cluster(
            self.name_of("cluster"),
            settings=[
                {"name": "containerInsights", "value": "enabled" if self._spec.container_insights else "disabled"}
            ],
            tags=self.tags_of("cluster"),
            opts=self.options_of("cluster"),
        )
        return ClusterReference(cluster.name, cluster.arn)

    def _join(self, cluster: ClusterReference, provider: pulumi.Output[str]) -> None:
        """Let the made cluster know the provider; a given one belongs to somebody else."""
        self.cluster_name = pulumi.Output.from_input(cluster.name)
        self.cluster_arn = pulumi.Output.from_input(cluster.arn)
        if self._args.cluster is None:
            association = ClusterCapacityProviders(
                self.name_of("cluster-capacity"),
                cluster_name=cluster.name,
                capacity_providers=[provider, "FARGATE", "FARGATE_SPOT"],
                default_capacity_provider_strategies=[{"capacity_provider": provider, "weight": 1}],
                opts=self.options_of("cluster-capacity"),
            )
            # Services take the name from here: they start after the association and go before it.
            self.cluster_name = association.cluster_name

    def _role(self) -> tuple[Role, list[pulumi.Resource]]:
        role = service_role(self, "role", EC2, "what the instances may do", boundary=self._args.permissions_boundary)
        grants: list[pulumi.Resource] = [attach(self, "session-policy", role, SSM_POLICY)]
        if self._spec.capacity_provider is not None:
            grants.append(attach(self, "container-policy", role, CONTAINER_POLICY))
        statements = statements_of(self._spec.permissions, self._args.permissions)
        if statements:
            grants.append(allow(self, "policy", role, statements))
        return role, grants

    def _security_group(self) -> SecurityGroup:
        spec, source = self._spec, self._args.balancer_security_group_id
        ports = spec.ports if source is not None else {}
        return own_security_group(
            self,
            self._args.vpc_id,
            description=f"instances of {self._instance}",
            ingress=spec.ingress,
            egress=spec.egress,
            admitted={f"balancer-{name}": Admission(source or "", port) for name, port in ports.items()},
            deployed=self._args.deployed,
        )

    def _template(self, role: Role, group: SecurityGroup, cluster: ClusterReference | None) -> LaunchTemplate:
        profile = InstanceProfile(
            self.name_of("profile"),
            role=role.name,
            tags=self.tags_of("profile"),
            opts=self.options_of("profile"),
        )
        inputs = launch_template(
            self._spec,
            profile_arn=profile.arn,
            security_group_id=group.id,
            disk_key_arn=self._args.disk_key_arn,
            cluster_name=cluster.name if cluster is not None else None,
            own_tags=self.tags_of("template"),
            launch_tags=self._launch_tags(),
        )
        return LaunchTemplate(self.name_of("template"), inputs, self.options_of("template"))

    def _launch_tags(self) -> Tags:
        return {**self.tags_of("instance"), "Name": self._instance}

    def _group(self, template: LaunchTemplate, grants: list[pulumi.Resource]) -> Group:
        args, spec = self._args, self._spec
        now = self._bounds()
        protected = spec.capacity_provider is not None and spec.capacity_provider.managed_termination_protection
        managed = {"AmazonECSManaged": "true"} if spec.capacity_provider is not None else {}
        inputs: dict[str, Any] = {
            "min_size": now.minimum,
            "max_size": now.maximum,
            "vpc_zone_identifiers": self._subnets,
            **instance_choice(spec, template.id, template.latest_version.apply(str)),
            **renewal_inputs(spec, args.refresh_alarm_names),
            "health_check_type": spec.health_check or ("ELB" if args.target_groups else "EC2"),
            "health_check_grace_period": spec.warm_up,
            "default_instance_warmup": spec.warm_up,
            "enabled_metrics": list(GROUP_METRICS),
            "metrics_granularity": "1Minute",
            "termination_policies": list(spec.termination_policies),
            "availability_zone_distribution": {"capacity_distribution_strategy": spec.zone_distribution},
            "capacity_rebalance": spec.purchase.spot > 0,
            "protect_from_scale_in": protected,
            # Instances that are protected from scale-in would make a destroy wait for ever.
            "force_delete": protected,
            "tags": [
                {"key": key, "value": value, "propagate_at_launch": True}
                for key, value in {**self._launch_tags(), **managed}.items()
            ],
        }
        desired = spec.desired_at_creation
        optional = {
            "desired_capacity": None if desired is None else min(max(desired, now.minimum), now.maximum),
            "target_group_arns": [target.arn for target in args.target_groups] or None,
            "suspended_processes": list(spec.suspended) or None,
            "max_instance_lifetime": whole_units(spec.maximum_lifetime) if spec.maximum_lifetime is not None else None,
        }
        inputs |= {key: value for key, value in optional.items() if value is not None}
        ignored = ignored_fields("aws:autoscaling/group:Group", rules=spec.has_rules, held=now.held)
        options = self.options_of("group", depends_on=[*grants, *args.after], ignore_changes=ignored)
        return Group(self.name_of("group"), GroupArgs(**inputs), options)

    def _bounds(self) -> BoundsToDeclare:
        """The bounds that hold when this is deployed."""
        if self._spec.elasticity is None:
            return BoundsToDeclare(*self._spec.bounds)
        deployed = self._args.deployed
        return bounds_to_declare(self._spec.elasticity, "ec2_group", deployed, self.type_token, self._instance)

    def _hooks(self) -> None:
        for name, hook in self._spec.hooks.items():
            notification = self._args.hook_notifications.get(name)
            LifecycleHook(
                self.name_of(name),
                autoscaling_group_name=self.group.name,
                lifecycle_transition=f"autoscaling:EC2_INSTANCE_{hook.transition.upper()}",
                heartbeat_timeout=round(hook.heartbeat),
                default_result=hook.default_result,
                notification_metadata=hook.metadata,
                notification_target_arn=notification.target_arn if notification is not None else None,
                role_arn=notification.role_arn if notification is not None else None,
                opts=self.options_of(name),
            )


def _connection_faults(name: str, args: AutoscalingGroupArgs) -> list[str]:
    """What is missing or too much between the spec and what the program connects; one line each."""
    faults = permission_faults(args.permissions)
    if args.spec.capacity_provider is not None and name.startswith(RESERVED_FOR_PROVIDERS):
        begins = ", ".join(RESERVED_FOR_PROVIDERS)
        faults.append(f"name: ECS refuses capacity providers whose names begin with {begins}: choose another")
    if args.cluster is not None and args.spec.capacity_provider is None:
        faults.append("cluster: only a capacity provider joins one: declare `capacity_provider`, or pass no cluster")
    allowed = ", ".join(args.spec.hooks) or "none"
    faults += [
        f"hook_notifications.{hook}: no such lifecycle hook, allowed {allowed}"
        for hook in args.hook_notifications
        if hook not in args.spec.hooks
    ]
    if args.spec.health_check == "ELB" and not args.target_groups:
        faults.append("health_check: ELB needs a target group that checks the instances: attach one, or set EC2")
    return faults


def _metrics(group: pulumi.Output[str]) -> GroupMetrics:
    published = UNITS["ec2_group"]
    found = {name: published[name].of({"AutoScalingGroupName": group}) for name in ("cpu", "desired", "maximum")}
    return GroupMetrics(in_service=published["running"].of({"AutoScalingGroupName": group}), **found)
