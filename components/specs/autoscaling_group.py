"""What an Auto Scaling group is, in plain values: its instances, how it buys, replaces and scales them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.specs.access import HTTPS_ANYWHERE, Opening, Permission, PortNumber, whole_units
from components.specs.container import Name
from components.specs.instance import Architecture, Disk, InstanceAttributes, MachineImage, Purchase, architecture_of
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Elasticity, Model, Units, refuse

TerminationPolicy = Literal[
    "Default",
    "AllocationStrategy",
    "OldestLaunchTemplate",
    "OldestInstance",
    "NewestInstance",
    "ClosestToNextInstanceHour",
]
Process = Literal[
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
]
GROUP_METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)
"""Published each minute, free of charge (EC2 Auto Scaling: group metrics)."""


class Maintenance(Model):
    """How far the group may fall below and rise above its size while it replaces instances."""

    minimum_healthy: Annotated[int, Field(ge=0, le=100)] = 100
    maximum_healthy: Annotated[int, Field(ge=100, le=200)] = 200

    @model_validator(mode="after")
    def _span(self) -> Self:
        if self.maximum_healthy - self.minimum_healthy > 100:
            refuse(
                type(self), [Fault(("maximum_healthy",), "more than 100 above `minimum_healthy`, which AWS refuses")]
            )
        return self


class Refresh(Model):
    """Replacing the instances, rolling, whenever the launch template changes."""

    rollback: bool | None = None
    """Back to the earlier template when the refresh fails. Without it: wherever AWS can, so with an image by id."""
    skip_matching: bool = True
    """Leave instances that already have the wanted template."""
    checkpoints: tuple[Annotated[int, Field(ge=1, le=100)], ...] = ()
    """Percent of the instances replaced at which to pause, rising."""
    checkpoint_delay: Duration = Duration(3600)
    """Length of a pause."""

    @model_validator(mode="after")
    def _checkpoints_rise(self) -> Self:
        if list(self.checkpoints) != sorted(set(self.checkpoints)):
            refuse(type(self), [Fault(("checkpoints",), "must rise, each percentage once")])
        return self


class WarmPool(Model):
    """Instances that are prepared and wait, for long start-ups."""

    state: Literal["Stopped", "Running", "Hibernated"] = "Stopped"
    minimum: Units = 0
    maximum_prepared: Units | None = None
    """Waiting and running instances together; without it the group's maximum."""
    reuse_on_scale_in: bool = False


class LifecycleHook(Model):
    """A pause in which something prepares or drains an instance, and then completes the action."""

    transition: Literal["launching", "terminating"]
    heartbeat: Duration = Duration(3600)
    """30 s to 2h; the action ends by itself when it passes."""
    default_result: Literal["ABANDON", "CONTINUE"] = "ABANDON"
    """What happens when nobody answers."""
    metadata: str | None = None
    """Text that the notification carries."""

    @model_validator(mode="after")
    def _heartbeat_fits(self) -> Self:
        if not 30 <= self.heartbeat <= 7200 or self.heartbeat % 1:
            refuse(type(self), [Fault(("heartbeat",), "allowed whole seconds from 30s to 2h")])
        return self


class CapacityProvider(Model):
    """ECS capacity over this group: ECS sizes it by the tasks that want to run."""

    target_capacity: Annotated[int, Field(ge=1, le=100)] = 100
    """Percent of the instances in use; below 100 keeps some spare."""
    minimum_step: Annotated[int, Field(ge=1, le=10_000)] = 1
    maximum_step: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    managed_draining: bool = True
    managed_termination_protection: bool = True
    """Only instances without tasks go; comes together with scale-in protection of the group."""


class AutoscalingGroupSpec(Model):
    """One Auto Scaling group with its launch template. Defaults are those for production."""

    image: MachineImage = MachineImage()
    """Without parameter and id: Amazon Linux 2023, the ECS-optimised one under a capacity provider."""
    architecture: Architecture = "x86_64"
    instance_types: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$")], ...] = ()
    """In order of preference; several make launches surer (AutoScaling.6)."""
    attributes: InstanceAttributes | None = None
    """Instead of types."""
    purchase: Purchase = Purchase()
    user_data: str = ""
    """Shell script or cloud-init of the first boot; no secrets."""
    containers: bool = False
    """Containers on the instance's bridge reach the metadata service: two network hops instead of one."""
    disk: Disk = Disk()
    detailed_monitoring: bool = True
    """Metrics each minute. Basic ones make tracking 15 minutes slow outward, 75 inward (EL023)."""
    elasticity: Elasticity | None = None
    """Bounds and rules: then they own the live size. Under a capacity provider bounds are enough."""
    count: Units | None = None
    """A fixed number of instances, instead of rules. Removing the rules means stating it."""
    start_up: Duration | None = None
    """From launch until the instance serves; without it the rules' unit says."""
    health_check: Literal["EC2", "ELB"] | None = None
    """Without it ELB behind a balancer, EC2 otherwise."""
    termination_policies: tuple[TerminationPolicy, ...] = ("Default",)
    maximum_lifetime: Duration | None = None
    """1d to 365d."""
    maintenance: Maintenance = Maintenance()
    refresh: Refresh | None = Refresh()
    """None: a changed template reaches new instances only."""
    warm_pool: WarmPool | None = None
    hooks: dict[Name, LifecycleHook] = {}
    zone_distribution: Literal["balanced-best-effort", "balanced-only"] = "balanced-best-effort"
    suspended: tuple[Process, ...] = ()
    capacity_provider: CapacityProvider | None = None
    container_insights: bool = True
    """On the cluster that the component makes for its capacity provider."""
    ports: dict[Name, PortNumber] = {}
    """What the balancer's security group may reach."""
    permissions: dict[Name, Permission] = {}
    """Of the instances, beside SSM's core rights."""
    ingress: dict[Name, Opening] = {}
    egress: dict[Name, Opening] = {"https": HTTPS_ANYWHERE}
    """HTTPS to anywhere: SSM, package mirrors, image pulls and AWS's APIs need it."""

    @model_validator(mode="after")
    def _it_can_run(self) -> Self:
        refuse(type(self), [*self._choice_faults(), *self._count_faults(), *self._lifecycle_faults()])
        return self

    @property
    def has_rules(self) -> bool:
        """Whether something owns the live size: rules, or ECS through the capacity provider."""
        return self.capacity_provider is not None or (self.elasticity is not None and self.elasticity.has_rules)

    @property
    def bounds(self) -> tuple[int, int]:
        """Minimum and maximum of the group."""
        if self.elasticity is not None:
            return self.elasticity.minimum, self.elasticity.maximum
        return self.count or 0, self.count or 0

    @property
    def desired_at_creation(self) -> int | None:
        """Instances to ask for: the fixed size, or the rules' initial count where it is declared; else none."""
        return self.count if self.elasticity is None else self.elasticity.initial

    @property
    def warm_up(self) -> int:
        """Seconds until an instance counts: the start-up time, else AWS's 300 s. Never unset (EL034)."""
        unit = self.elasticity.unit.start_up if self.elasticity is not None else None
        start_up = self.start_up if self.start_up is not None else unit
        return 300 if start_up is None else whole_units(start_up)

    @property
    def mixed(self) -> bool:
        """Whether the group needs a mixed-instances policy."""
        return len(self.instance_types) > 1 or self.attributes is not None or self.purchase.spot > 0

    @property
    def rollback(self) -> bool:
        """Whether a failed refresh turns back."""
        if self.refresh is None:
            return False
        return self.image.id is not None if self.refresh.rollback is None else self.refresh.rollback

    @property
    def image_reference(self) -> str:
        """What the launch template names: an id, or `resolve:ssm:` and the parameter."""
        if self.image.id is not None:
            return self.image.id
        return f"resolve:ssm:{self.image.parameter or self._default_parameter()}"

    def _default_parameter(self) -> str:
        if self.capacity_provider is not None:
            arm = "/arm64" if self.architecture == "arm64" else ""
            return f"/aws/service/ecs/optimized-ami/amazon-linux-2023{arm}/recommended/image_id"
        return f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{self.architecture}"

    def _choice_faults(self) -> list[Fault]:
        if bool(self.instance_types) == (self.attributes is not None):
            return [Fault(("instance_types",), "give either `instance_types` or `attributes`")]
        if self.attributes is not None and self.purchase.on_demand_allocation != "lowest-price":
            text = "attributes have no order to prioritise: set `lowest-price`"
            return [Fault(("purchase", "on_demand_allocation"), text)]
        return [
            Fault(
                ("instance_types", index),
                f"{kind} is an {architecture_of(kind)} type, the architecture is {self.architecture}",
            )
            for index, kind in enumerate(self.instance_types)
            if architecture_of(kind) != self.architecture
        ]

    def _count_faults(self) -> list[Fault]:
        if self.elasticity is None and self.count is None:
            text = (
                "missing: without `elasticity` nothing sets the number of instances; "
                "after removing rules state the count to settle on"
            )
            return [Fault(("count",), text)]
        if self.elasticity is not None and self.count is not None:
            return [Fault(("count",), "the rules under `elasticity` own the count: remove one of the two")]
        if self.elasticity is None and self.capacity_provider is not None:
            return [Fault(("count",), "ECS moves the size: give `elasticity` with `minimum` and `maximum` instead")]
        if self.elasticity is not None and not self.has_rules:
            text = "bounds without a rule move nothing: add a rule, or give `count` for a group of fixed size"
            return [Fault(("elasticity",), text)]
        return []

    def _lifecycle_faults(self) -> list[Fault]:
        faults: list[Fault] = []
        if self.refresh is not None and self.refresh.rollback and self.image.id is None:
            text = (
                "AWS cannot roll back to a launch template whose image is an SSM parameter: "
                "give `image.id`, or leave `rollback` out"
            )
            faults.append(Fault(("refresh", "rollback"), text))
        if self.maximum_lifetime is not None and not 86_400 <= self.maximum_lifetime <= 31_536_000:
            faults.append(Fault(("maximum_lifetime",), "allowed 1d to 365d"))
        if self.warm_pool is not None and self.purchase.spot > 0:
            text = "a warm pool holds no Spot instances: set `purchase.spot` to 0 or remove the pool"
            faults.append(Fault(("warm_pool",), text))
        if self.start_up is not None and self.elasticity is not None and self.elasticity.unit.start_up is not None:
            faults.append(Fault(("start_up",), "stands under `elasticity.unit` too: keep that one"))
        if (
            self.capacity_provider is not None
            and self.capacity_provider.maximum_step < self.capacity_provider.minimum_step
        ):
            faults.append(Fault(("capacity_provider", "maximum_step"), "is below `minimum_step`"))
        if self.capacity_provider is not None and self.user_data and not self.user_data.startswith("#!/"):
            text = "with a capacity provider it must be a shell script: the lines that join the cluster stand in it too"
            faults.append(Fault(("user_data",), text))
        if self.warm_up > 3600:
            faults.append(Fault(("start_up",), "AWS waits at most 1h for an instance to warm up"))
        return faults
