"""What a service of Docker Swarm is, in plain values: the container and the rules of a service on AWS, and what a Swarm
says in their stead of sizes, placement and updates.

What a Swarm cannot hold is refused with the reason: `NOT_ON_SWARM` for whole settings, `container_faults` for those of
a container, `rule_faults` for rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from components.specs.access import PortNumber
from components.specs.container import AbsolutePath, Container, ImageOwner, Name
from elasticity.faults import Fault
from elasticity.metrics import METRICS
from elasticity.quantities import Duration
from elasticity.queries import Query, metrics_of, query_faults
from elasticity.rules import Elasticity, Fallback, Model, Units, refuse

NOT_ON_SWARM: dict[str, JsonValue] = {
    "sidecars": "a task of a Swarm is one container: make the other one a service of its own",
    "capacity": "a Swarm has no capacity providers and no Spot: its nodes are its capacity; `placement` says which",
    "ephemeral_storage": "the disk of the node is shared; give the container `scratch`",
    "health_check_grace": "a Swarm looks at the container alone: `container.health_check.start_period` is its grace",
    "log_retention": "the Engine keeps logs by size, not by age: `log_size` is what it keeps",
    "container_insights": "there is no CloudWatch: the controller reads the Engine's own statistics",
    "execute_command": "the Engine has `docker exec`, whatever the service says",
    "task_protection": "a Swarm gives a task nothing but `container.stop_timeout` to finish its work",
    "service_connect": "services of the stack reach one another by name on its network without it",
    "permissions": "there is no IAM: give credentials as `secrets`",
    "ingress": "nothing reaches a service from outside but through the proxy or `published_ports`",
    "egress": "a Swarm filters nothing that goes out: do it on the nodes' firewall",
    "alarms": "there is no CloudWatch: alert in your Prometheus on what the controller exports",
    "balancer_alarms": "there is no CloudWatch: alert in your Prometheus on what the proxy exports",
    "rollback_alarms": "an update is rolled back when its tasks fail: `deployment.monitor` says for how long",
    "log_alarms": "there is no CloudWatch: alert where the logs are collected",
    "queue_alarms": "there is no SQS and no CloudWatch",
    "cluster": "a service runs on the Swarm that DOCKER_HOST leads to",
}
"""Settings of a service on AWS that a Swarm has nothing for, and what to do instead."""
DECLARED = "accordion-declared"
"""Label of a service: fingerprint of all that is declared of it but the count. It goes back with a roll-back, so that
the live service tells which declaration it has."""
OF_THE_CONTROLLER: Final[set[str]] = {"elasticity", "queries", "fallback"}
"""Settings that the controller is told and that no task has: other ones change no task."""
SMALLEST_MEMORY = 4
"""MiB; the Engine refuses less (Engine 20.10, run: docs/decisions/0042)."""
LOG_FILES = 3


_ONLY_ROLLS = (
    "a Swarm replaces tasks and shifts no traffic: two versions side by side would be two services with two live "
    "counts for one `elasticity`; `monitor` and `delay` say how long a few new tasks are watched"
)


class RollingUpdate(Model):
    """How new tasks take over: in the Swarm's own words, and all of it sent always."""

    model_config = ConfigDict(
        json_schema_extra={
            "x-refused": dict.fromkeys(("strategy", "percent", "interval", "bake_time", "approvals"), _ONLY_ROLLS)
        }
    )

    order: Literal["start-first", "stop-first"] = "start-first"
    """A task's successor starts before it stops, or after. `stop-first` where a fixed port of the node is published."""
    parallelism: Annotated[int, Field(ge=1, le=100)] = 1
    """Tasks that are replaced at once."""
    delay: Duration = Duration(10)
    """Between two batches. With 0 all tasks have been replaced before one that ends late counts."""
    monitor: Duration = Duration(30)
    """How long a new task is watched: one that ends within it has failed, and the update with it."""
    max_failure_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of failed tasks that is still no failure of the update; strictly more is one."""
    rollback: bool = True
    """Back to the specification before, when an update fails; false pauses it. Both the count and the settings of the
    update go back with it."""
    timeout: Duration = Duration(300)
    """How long `up` waits for as many running tasks as wanted. The Swarm itself waits for ever for a node with room."""

    @model_validator(mode="after")
    def _times_fit(self) -> Self:
        faults = []
        if self.monitor < 1 or self.monitor % 1 or self.delay % 1:
            path = "monitor" if self.monitor < 1 or self.monitor % 1 else "delay"
            faults.append(Fault((path,), f"allowed whole seconds{' from 1s' if path == 'monitor' else ''}"))
        if self.timeout < 10 or self.timeout % 1:
            faults.append(Fault(("timeout",), "allowed whole seconds from 10s"))
        refuse(type(self), faults)
        return self


class Placement(Model):
    """Which nodes tasks run on."""

    constraints: tuple[
        Annotated[str, Field(pattern=r"^(node|engine)\.[A-Za-z0-9_.-]+ *(==|!=) *\S+$", max_length=200)], ...
    ] = ()
    """All must hold, such as `node.role==worker` or `node.labels.disk==ssd`."""
    spread: tuple[Annotated[str, Field(pattern=r"^(node|engine)\.[A-Za-z0-9_.-]+$", max_length=200)], ...] = ()
    """Tasks are spread evenly over the values, such as `node.labels.zone`; first over the first."""
    maximum_per_node: Annotated[int, Field(ge=1, le=10_000)] | None = None


class Prometheus(Model):
    """What the service publishes of itself in Prometheus's text format, for rules on requests and their time."""

    port: Name
    """One of the container's ports, by name."""
    path: AbsolutePath = "/metrics"
    requests: Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")] = "http_requests_total"
    """Counter of requests that were answered."""
    duration: Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")] = "http_request_duration_seconds"
    """Histogram or summary of their time in seconds: `<name>_sum` and `<name>_count` are read."""


class SwarmServiceSpec(Model):
    """One service of a Swarm. Defaults are those for production."""

    model_config = ConfigDict(json_schema_extra={"x-refused": NOT_ON_SWARM})

    container: Container
    """The container, as on AWS."""
    cpu: Annotated[int, Field(ge=2, le=196_608)] = 512
    """CPU units of a task, reserved and its limit; 1024 are one core."""
    memory: Annotated[int, Field(ge=SMALLEST_MEMORY)] = 1024
    """MiB of a task, reserved and its limit."""
    architecture: Literal["X86_64", "ARM64"] | None = None
    """None: any node."""
    elasticity: Elasticity | None = None
    """Bounds and rules: then the controller owns the live count."""
    count: Units | None = None
    """A fixed number of tasks, instead of rules. Removing the rules means stating it."""
    image_owner: ImageOwner = "pulumi"
    """With `pipeline` the declared image is that of the first deployment, and later ones are the pipeline's: no `up`
    takes an image back, and `monitor` calls another one no difference."""
    deployment: RollingUpdate = RollingUpdate()
    placement: Placement = Placement()
    restart_delay: Duration = Duration(5)
    """Before a task that ended is replaced."""
    secrets: tuple[Name, ...] = ()
    """Names of the stack's secrets; the container reads each as the file `/run/secrets/<name>`. Their values stand
    under `service_secrets`, encrypted."""
    configs: dict[AbsolutePath, Annotated[str, Field(max_length=500_000)]] = {}
    """Files inside the container, by path, that hold no secret."""
    published_ports: dict[Name, Annotated[int, Field(ge=0, le=65_535)]] = {}
    """Ports of the container, by name, on each node that runs a task; 0: a free one for each task."""
    prometheus: Prometheus | None = None
    """Where rules look at requests that no proxy counts."""
    queries: dict[str, Query] = {}
    """By metric of a rule, PromQL that the stack's `prometheus_server` is asked in place of the tasks, with one number
    in the metric's own unit for an answer; `$period` in it is the period, as in 60s, `$replicas` the running tasks. On
    several nodes `cpu` and `memory` need one: an Engine measures the tasks of its own node alone."""
    fallback: Fallback | None = None
    """The count when metrics have been missing for long. None: it stays as it is."""
    log_size: Annotated[int, Field(ge=1, le=10_000)] = 30
    """MiB of log that the Engine keeps of each task."""

    @model_validator(mode="after")
    def _it_can_run(self) -> Self:
        faults = [*_count_faults(self), *container_faults(self.container), *self._own_faults()]
        if self.elasticity is not None:
            faults += rule_faults(self.elasticity, self.queries)
        faults += query_faults(self.elasticity, self.queries)
        faults += self._fallback_faults()
        refuse(type(self), faults)
        return self

    @property
    def has_rules(self) -> bool:
        """Whether the controller owns the live count."""
        return self.elasticity is not None and self.elasticity.has_rules

    @property
    def count_at_creation(self) -> int:
        """Tasks at creation: the rules' initial count or minimum, else the fixed count."""
        return self.elasticity.at_creation if self.elasticity is not None else (self.count or 0)

    @property
    def stop_timeout(self) -> int:
        """Whole seconds between SIGTERM and SIGKILL."""
        return 30 if self.container.stop_timeout is None else round(self.container.stop_timeout)

    @property
    def fixed_ports(self) -> dict[str, PortNumber]:
        """Published ports of the node that no two tasks can share."""
        return {name: port for name, port in self.published_ports.items() if port}

    def _fallback_faults(self) -> Iterator[Fault]:
        if self.fallback is None:
            return
        rules, wanted = self.elasticity, self.fallback.replicas
        if rules is None:
            yield Fault(("fallback",), "nothing looks at metrics: without `elasticity` the count is fixed")
        elif not rules.minimum <= wanted <= rules.maximum:
            text = f"got {wanted}, allowed the bounds of `elasticity`, {rules.minimum} to {rules.maximum}"
            yield Fault(("fallback", "replicas"), text)
        if self.fallback.after % 1:
            yield Fault(("fallback", "after"), "allowed whole seconds")

    def _own_faults(self) -> Iterator[Fault]:
        allowed = ", ".join(self.container.ports) or "none: it has no ports"
        for name in self.published_ports:
            if name not in self.container.ports:
                yield Fault(("published_ports", name), f"not a port of the container, allowed {allowed}")
        if self.prometheus is not None and self.prometheus.port not in self.container.ports:
            yield Fault(("prometheus", "port"), f"not a port of the container, allowed {allowed}")
        taken: dict[int, str] = {}
        for name, port in self.fixed_ports.items():
            if (first := taken.setdefault(port, name)) != name:
                yield Fault(("published_ports", name), f"the node's port is that of `{first}`")
        if self.fixed_ports and self.deployment.order == "start-first":
            text = (
                "the node's port is taken until the old task has stopped, so its successor would wait for ever: "
                "set `order: stop-first`, or publish 0"
            )
            yield Fault(("deployment", "order"), text)
        if self.fixed_ports and self.has_rules:
            text = "one task a node can have the port, so rules move nothing: publish 0, or use the proxy"
            yield Fault(("published_ports", next(iter(self.fixed_ports))), text)
        if len(set(self.secrets)) < len(self.secrets):
            yield Fault(("secrets",), "a name stands twice: keep one of them")
        if self.restart_delay % 1:
            yield Fault(("restart_delay",), "allowed whole seconds")


def _count_faults(spec: SwarmServiceSpec) -> Iterator[Fault]:
    if spec.elasticity is None and spec.count is None:
        text = (
            "missing: without `elasticity` nothing sets the number of tasks; "
            "after removing rules state the count to settle on"
        )
        yield Fault(("count",), text)
    elif spec.elasticity is not None and spec.count is not None:
        yield Fault(("count",), "the rules under `elasticity` own the count: remove one of the two")
    elif spec.elasticity is not None and not spec.elasticity.has_rules:
        text = "bounds without a rule move nothing: add a rule, or give `count` for a service of fixed size"
        yield Fault(("elasticity",), text)


def container_faults(container: Container) -> Iterator[Fault]:
    """What of a container a Swarm cannot hold."""
    refused = {
        "efs": "there is no EFS: mount what nodes share through an escape hatch of the program",
        "secrets": "ARNs are AWS's: list names under the service's `secrets`; each is a file below /run/secrets",
        "depends_on": "a task of a Swarm has one container",
        "cpu": "a task of a Swarm has one container: `cpu` of the service is its own",
        "memory": "a task of a Swarm has one container: `memory` of the service is its own",
    }
    for name, why in refused.items():
        if getattr(container, name):
            yield Fault(("container", name), why)
    if not container.essential:
        yield Fault(("container", "essential"), "a task of a Swarm has one container, and stops with it")
    for name, port in container.ports.items():
        if port.application is not None:
            yield Fault(("container", "ports", name, "application"), "is for Service Connect: leave it out")


_READABLE = ("cpu", "memory", "requests_per_target", "response_time")


def rule_faults(rules: Elasticity, queries: Mapping[str, str]) -> Iterator[Fault]:
    """What of the rules the controller cannot hold; `queries`: by metric, what a Prometheus is asked."""
    for name in rules.predictive:
        text = "forecasts are a service of AWS: raise the minimum by `scheduled` ahead of the load"
        yield Fault(("elasticity", "predictive", name), text)
    for name in sorted(set(metrics_of(rules)) & rules.metrics.keys() - queries.keys()):
        text = (
            f"is CloudWatch's, which nobody publishes here: the controller reads {', '.join(_READABLE)}; say under "
            f"`queries.{name}` what a Prometheus is asked in its place"
        )
        yield Fault(("elasticity", "metrics", name), text)
    if rules.queue is not None and "queue_delay" not in queries:
        text = (
            "is an SQS queue, which the controller does not read: say under `queries.queue_delay` what a Prometheus is "
            "asked in its place, in seconds"
        )
        yield Fault(("elasticity", "queue"), text)
    for kind in ("target_tracking", "step_scaling"):
        for name, rule in getattr(rules, kind).items():
            if rule.warm_up is not None:
                text = "is for instances: a service has cooldowns"
                yield Fault(("elasticity", kind, name, "warm_up"), text)
    for name, schedule in rules.scheduled.items():
        if schedule.desired is not None:
            text = "is for groups of instances: give `minimum`, `maximum` or both"
            yield Fault(("elasticity", "scheduled", name, "desired"), text)


def counted_requests_faults(rules: Elasticity, queries: Mapping[str, str]) -> Iterator[Fault]:
    """Rules on requests, of a service whose requests nobody counts, where no Prometheus is asked for them."""
    for kind in ("target_tracking", "step_scaling"):
        for name, rule in getattr(rules, kind).items():
            if rule.metric in METRICS and METRICS[rule.metric].by_balancer and rule.metric not in queries:
                text = (
                    f"nobody counts its requests: give `traffic`, so that the proxy does, or `prometheus`, where the "
                    f"service publishes them; {rule.metric} is read from neither"
                )
                yield Fault(("elasticity", kind, name, "metric"), text)


__all__ = [
    "NOT_ON_SWARM",
    "OF_THE_CONTROLLER",
    "Placement",
    "Prometheus",
    "RollingUpdate",
    "SwarmServiceSpec",
    "container_faults",
    "counted_requests_faults",
    "rule_faults",
]
