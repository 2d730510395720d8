"""ECS services that behave: deployments reach a steady state, or fail and are rolled back.

moto's services run no tasks and their one deployment stays IN_PROGRESS for ever. Here each change of what a service
runs is a deployment, decided at once and without a clock, so that a replay decides the same; one that shifts traffic
(`ecs_releases`) goes on by the clock instead where its images are good.

- all images good: the old tasks are replaced, the deployment is COMPLETED;
- an image declared broken (`localcloud.aws.moto_gaps.images`), or whose tag leads to an image in ECR that is tagged
  `broken` too, circuit breaker on with rollback, an earlier deployment
  COMPLETED: the service ends on the earlier revision with a new, COMPLETED deployment. CreateService and UpdateService
  answer before that, so the caller sees success; the failure is in the service's events and in
  ListServiceDeployments (ROLLBACK_SUCCESSFUL), and not among DescribeServices' deployments, as on AWS once it is over;
- circuit breaker on without rollback, or nothing to go back to: the deployment is FAILED, and tasks of an earlier
  deployment, if any, run on;
- circuit breaker off: IN_PROGRESS for ever, the earlier tasks run on, `services_stable` is never reached;
- tasks run, and neither may one of them stop (minimum healthy percent, rounded up) nor one more start (maximum
  percent, rounded down): IN_PROGRESS for ever with ECS's event, whatever the circuit breaker says, since no task fails.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html (threshold: half
of the desired count, at least 3, at most 200; 25 tasks give 13, so halves are rounded up) and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html (wording).
"""

import copy
import math
from collections.abc import Callable
from typing import Any, Final

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps import ecs_tasks

REVISION_MEMBERS: Final = (
    "task_definition",
    "launch_type",
    "capacity_provider_strategy",
    "platform_version",
    "network_configuration",
    "load_balancers",
    "service_registries",
    "service_connect_configuration",
    "volume_configurations",
    "vpc_lattice_configurations",
)
"""What a deployment deploys: a change of one of these begins a deployment, and a rollback restores all of them."""
EVENTS_KEPT: Final = 100
"""How many events a service keeps; AWS's number."""
STOPPED_TASKS_SHOWN: Final = 3
"""How many of the failed tasks can be described [own]: they are all alike."""
STUCK: Final = (
    "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
    "Update the minimumHealthyPercent or maximumPercent value and try again."
)
"""ECS's event where its percentages let a deployment do nothing."""
FAILED: Final = "ECS deployment circuit breaker: tasks failed to start."
"""AWS's reason for a deployment that its circuit breaker ended."""


def failure_threshold(desired_count: int) -> int:
    """How many tasks fail before the circuit breaker ends a deployment."""
    return min(200, max(3, math.ceil(desired_count / 2)))


def revision(service: Any) -> dict[str, Any]:
    """What the service's next deployment would deploy."""
    return {name: copy.deepcopy(getattr(service, name, None)) for name in REVISION_MEMBERS}


def restore(service: Any, members: dict[str, Any]) -> None:
    """Make a service ask for a revision again."""
    for name, value in members.items():
        setattr(service, name, copy.deepcopy(value))


class Deployment:
    """One deployment of a service, kept for ListServiceDeployments and DescribeServiceRevisions."""

    def __init__(self, service: Any, source: "Deployment | None") -> None:
        number = mock_random.randint(10**18, 10**19 - 1)
        self.id = f"ecs-svc/{number}"
        self.members = revision(service)
        self.source = source
        self.created_at = utcnow()
        self.configuration = copy.deepcopy(getattr(service, "deployment_configuration", {}))
        self.desired_count = int(service.desired_count or 0)
        path = f"{service.cluster_name}/{service.name}"
        prefix = service.cluster_arn.partition(":cluster/")[0]
        self.arn = f"{prefix}:service-deployment/{path}/{mock_random.get_random_hex(21)}"
        self.revision_arn = f"{prefix}:service-revision/{path}/{number}"
        self.service_arn, self.cluster_arn = service.arn, service.cluster_arn
        self.status, self.reason, self.failed_tasks = "IN_PROGRESS", "", 0
        self.rollback: dict[str, Any] | None = None
        self.digests: dict[str, str | None] = {}
        """By container: what its image's tag led to when the deployment began."""

    @property
    def breaker(self) -> dict[str, bool]:
        """The circuit breaker's settings: enable, rollback."""
        return {"enable": False, "rollback": False, **self.configuration.get("deploymentCircuitBreaker", {})}

    def shown(self, service: Any, status: str, state: str, reason: str, running: int) -> dict[str, Any]:
        """This deployment as a member of DescribeServices' deployments."""
        unfinished = self.desired_count - running if state == "IN_PROGRESS" else 0
        members = {k: v for k, v in self.members.items() if v}
        return {
            "id": self.id,
            "status": status,
            "taskDefinition": members["task_definition"],
            "desiredCount": self.desired_count,
            "pendingCount": unfinished,
            "runningCount": running,
            "failedTasks": self.failed_tasks,
            "createdAt": self.created_at,
            "updatedAt": utcnow(),
            "rolloutState": state,
            "rolloutStateReason": reason,
            "launchType": None if members.get("capacity_provider_strategy") else service.launch_type,
            "platformFamily": "Linux" if members.get("platform_version") else None,
            "capacityProviderStrategy": members.get("capacity_provider_strategy"),
            "platformVersion": members.get("platform_version"),
            "networkConfiguration": members.get("network_configuration"),
            "serviceConnectConfiguration": members.get("service_connect_configuration"),
            "volumeConfigurations": members.get("volume_configurations"),
            "vpcLatticeConfigurations": members.get("vpc_lattice_configurations"),
        }


def begin(service: Any) -> Deployment:
    """Begin a deployment of what the service now asks for; `finish` carries it to its end."""
    new = Deployment(service, getattr(service, "good_deployment", None))
    service.service_deployments = [new, *getattr(service, "service_deployments", [])]
    reason = f"ECS deployment {new.id} in progress."
    earlier = [{**d, "status": "ACTIVE"} for d in service.deployments if d["runningCount"]]
    service.deployments = [new.shown(service, "PRIMARY", "IN_PROGRESS", reason, 0), *earlier]
    return new


def finish(backend: Any, service: Any, new: Deployment, shift: Callable[[Any, Any, Deployment], None] | None) -> None:
    """Carry a deployment to its end; `shift` begins one that shifts traffic, which the clock carries on."""
    ecs_tasks.forget_stopped(backend, service)
    definition = backend.describe_task_definition(service.task_definition)
    new.digests = {c["name"]: ecs_tasks.digest(c.get("image")) for c in ecs_tasks.containers(definition)}
    image = ecs_tasks.broken_image(backend, service.task_definition)
    image = image or ecs_tasks.broken_content(backend, service.task_definition)
    if shift is None and not _may_begin(backend, service, new):
        say(service, STUCK)
    elif image and new.desired_count:
        _fail(backend, service, new, image)
    elif shift is not None:
        shift(backend, service, new)
    else:
        _complete(backend, service, new, replace_tasks=True)
    count(backend, service)


def succeed(backend: Any, service: Any, new: Deployment, *, start: bool = False) -> None:
    """End a deployment whose traffic has been shifted, or a first one, whose tasks `start`."""
    _complete(backend, service, new, replace_tasks=start)
    count(backend, service)


def go_back(backend: Any, service: Any, failed: Deployment, reason: str) -> None:
    """End a deployment that was turned back; its tasks are gone already."""
    failed.reason = reason
    _roll_back(backend, service, failed, failed.source, reason)
    count(backend, service)


def _may_begin(backend: Any, service: Any, new: Deployment) -> bool:
    """Whether a deployment may stop a running task or start one beside them."""
    running, wanted = len(ecs_tasks.of(backend, service)), new.desired_count
    if not running or not wanted:
        return True
    lowest = math.ceil(wanted * new.configuration.get("minimumHealthyPercent", 100) / 100)
    highest = math.floor(wanted * new.configuration.get("maximumPercent", 200) / 100)
    return bool(running > lowest or running < highest)


def scale(backend: Any, service: Any) -> None:
    """Bring the number of tasks of the last good deployment to the desired count, and of a release beside it."""
    if (release := getattr(service, "release", None)) is not None:
        release.scale(backend)
        return
    good: Deployment | None = getattr(service, "good_deployment", None)
    desired = int(service.desired_count or 0)
    if good:
        _scale_good(backend, service, good, desired)
    for shown in service.deployments:
        running = len(ecs_tasks.of(backend, service)) if good and shown["id"] == good.id else 0
        if shown["rolloutState"] != "FAILED":
            shown["desiredCount"] = desired
            shown["pendingCount"] = desired - running if shown["rolloutState"] == "IN_PROGRESS" else 0
        shown["runningCount"] = running
    count(backend, service)


def count(backend: Any, service: Any) -> None:
    """Bring the counts of a service and its cluster up to date."""
    service.running_count = len(ecs_tasks.of(backend, service))
    service.pending_count = sum(d["pendingCount"] for d in service.deployments if d["status"] == "PRIMARY")
    cluster = backend.clusters[service.cluster_name]
    services = [s for s in backend.services.values() if s.cluster_name == cluster.name and s.status == "ACTIVE"]
    tasks = backend.tasks.get(cluster.name, {}).values()
    cluster.active_services_count = len(services)
    cluster.running_tasks_count = sum(t.last_status == "RUNNING" for t in tasks)
    cluster.pending_tasks_count = sum(s.pending_count for s in services)


def retire(backend: Any, service: Any) -> None:
    """Stop all tasks of a service that is deleted."""
    ecs_tasks.stop(backend, service, ecs_tasks.of(backend, service))
    ecs_tasks.forget_stopped(backend, service)
    service.deployments, service.release = [], None
    service.desired_count = 0
    count(backend, service)


def say(service: Any, text: str) -> None:
    """Add an event to a service, newest first."""
    event = {"id": str(mock_random.uuid4()), "createdAt": utcnow(), "message": f"(service {service.name}) {text}"}
    service.events = [event, *service.events][:EVENTS_KEPT]


def _complete(backend: Any, service: Any, new: Deployment, *, replace_tasks: bool, reason: str = "") -> None:
    old = ecs_tasks.of(backend, service)
    if replace_tasks:
        _say_tasks(service, "has started", ecs_tasks.start(backend, service, new.id, new.desired_count))
        _say_tasks(service, "has stopped", ecs_tasks.stop(backend, service, old), "running ")
    new.status = "SUCCESSFUL"
    service.good_deployment = new
    running = len(ecs_tasks.of(backend, service))
    finished = reason or f"ECS deployment {new.id} completed."
    service.deployments = [new.shown(service, "PRIMARY", "COMPLETED", finished, running)]
    say(service, f"(deployment {new.id}) deployment completed.")
    say(service, "has reached a steady state.")


def _fail(backend: Any, service: Any, new: Deployment, image: str) -> None:
    good = new.source
    new.failed_tasks = failure_threshold(new.desired_count)
    ecs_tasks.fail(backend, service, new.id, min(new.failed_tasks, STOPPED_TASKS_SHOWN), image)
    say(service, "is unable to consistently start tasks successfully.")
    if new.breaker["enable"]:
        new.status, new.reason = "STOPPED", FAILED
        say(service, f"(deployment {new.id}) deployment failed: tasks failed to start.")
    if new.breaker["enable"] and new.breaker["rollback"] and good:
        _roll_back(backend, service, new, good, FAILED)
        return
    state = "FAILED" if new.breaker["enable"] else "IN_PROGRESS"
    reason = FAILED if new.breaker["enable"] else f"ECS deployment {new.id} in progress."
    service.deployments = [new.shown(service, "PRIMARY", state, reason, 0)]
    if good:
        _scale_good(backend, service, good, new.desired_count)
        finished = f"ECS deployment {good.id} completed."
        running = len(ecs_tasks.of(backend, service))
        service.deployments.append(good.shown(service, "ACTIVE", "COMPLETED", finished, running))


def _roll_back(backend: Any, service: Any, failed: Deployment, good: Any, why: str) -> None:
    say(service, f"rolling back to deployment {good.id}.")
    restore(service, good.members)
    failed.status = "ROLLBACK_SUCCESSFUL"
    failed.rollback = {"reason": why, "startedAt": utcnow(), "serviceRevisionArn": good.revision_arn}
    back = Deployment(service, failed)
    back.revision_arn = good.revision_arn
    _scale_good(backend, service, good, back.desired_count)
    by = "ECS deployment circuit breaker: rolling" if why == FAILED else f"{why}: rolled"
    reason = f"{by} back to deploymentId {good.id}."
    _complete(backend, service, back, replace_tasks=False, reason=reason)


def _scale_good(backend: Any, service: Any, good: Deployment, desired: int) -> None:
    scale_set(backend, service, good, desired, ecs_tasks.of(backend, service))


def scale_set(
    backend: Any,
    service: Any,
    good: Deployment,
    desired: int,
    running: list[ecs_tasks.ServiceTask],
    side: int | None = None,
) -> None:
    """Bring the running tasks of one deployment, in the target group of one side, to a number."""
    good.desired_count, before = desired, len(running)
    if len(running) == desired:
        return
    if surplus := running[desired:]:
        _say_tasks(service, "has stopped", ecs_tasks.stop(backend, service, surplus), "running ")
    else:
        wanted = revision(service)
        restore(service, good.members)
        if not ecs_tasks.broken_image(backend, service.task_definition):
            started = ecs_tasks.start(backend, service, good.id, desired - before, side=side)
            _say_tasks(service, "has started", started)
            before += len(started)
        restore(service, wanted)
    if surplus or before == desired:
        say(service, "has reached a steady state.")
    else:
        say(service, "is unable to consistently start tasks successfully.")


def _say_tasks(service: Any, did: str, tasks: list[ecs_tasks.ServiceTask], kind: str = "") -> None:
    if not tasks:
        return
    names = " ".join(f"(task {t.id})" for t in tasks)
    say(service, f"{did} {len(tasks)} {kind}tasks: {names}.")
    turn = "registered" if did == "has started" else "deregistered"
    for balancer in service.load_balancers:
        say(service, f"{turn} {len(tasks)} targets in (target-group {balancer.get('targetGroupArn')})")
