"""Releases of ECS services that shift traffic: blue/green, linear and canary deployments, stage by stage, by the clock.

As an instance refresh, a release follows from its start, the clock, and what was answered at its gates: whoever asks
next brings it up to date, each stage at its own moment and with random numbers that hang on the release, so a replay
of the journal, which holds no reads, makes the same tasks.

The new version's tasks start in the target group that rests; ECS then rewrites the rules: a weighted forward in place
of the plain one, whose weights follow the steps. A gate (a hook with the target PAUSE) is waited at until it is
answered or its time is over. An alarm of the deployment that goes into ALARM before the bake time is over turns the
release back at that moment; where one was in ALARM when the release began, none is looked at. Tasks start at once, so
the stages between the waits take no time. A service's first deployment shifts nothing: its tasks start in the
alternate group, as was seen of AWS (go-to-k/cdk-real-drift#1730).

`pass_time` lets time pass for releases alone: ten minutes of bake time need not be waited for on this machine.

Sources: ECS developer guide, blue/green, linear and canary deployments, lifecycle hooks, deployment alarms; API
ServiceDeployment, LinearConfiguration (no wait after the last step), ContinueServiceDeployment, StopServiceDeployment.
"""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ecs.models import ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse as Response
from moto.elbv2.models import elbv2_backends
from moto.elbv2.responses import ELBV2Response

from localcloud.aws.moto_gaps import clock, ecs_deployments, ecs_tasks
from localcloud.aws.moto_gaps._patching import Refusal, add
from localcloud.aws.moto_gaps.seeded import random_of

SHIFTING: Final = ("BLUE_GREEN", "LINEAR", "CANARY")
RULES: Final = ("productionListenerRule", "testListenerRule")
DAY: Final = 24 * 60
"""Minutes that a gate is waited at where it does not say it (API DeploymentLifecycleHookTimeoutConfiguration)."""
LINEAR_STEP, LINEAR_WAIT = 10.0, 6
CANARY_STEP, CANARY_WAIT = 5.0, 10
"""Percent and minutes of a step where they are not given (API LinearConfiguration, CanaryConfiguration)."""
_passed = 0.0


@dataclass
class Phase:
    """A stage of a release, or one step within it."""

    stage: str
    wait: float = 0.0
    """Seconds until the next one."""
    percent: float | None = None
    """Of the requests, what the new version gets from here on; None: as before."""


@dataclass
class Release:
    """A deployment that shifts traffic; `rest` is the side, 0 or 1, whose target group the new tasks are in."""

    deployment: Any
    service: Any
    rest: int
    phases: list[Phase]
    gates: dict[str, dict[str, Any]]
    """By stage: id, minutes, action at the limit, status."""
    alarms: tuple[str, ...]
    began: float
    """In the time of releases, as the other moments here."""
    since: float
    at: int = 0
    percent: float = 0.0
    tested: bool = False
    triggered: list[str] = field(default_factory=list)

    @property
    def phase(self) -> Phase:
        """Where it is."""
        return self.phases[self.at]

    def scale(self, backend: Any) -> None:
        """Bring the tasks of both versions to the desired count: each could serve everything."""
        service, desired = self.service, int(self.service.desired_count or 0)
        ecs_deployments.scale_set(
            backend, service, self.deployment.source, desired, _blue(backend, self), 1 - self.rest
        )
        if self.phase.stage != "PRE_SCALE_UP":
            ecs_deployments.scale_set(backend, service, self.deployment, desired, green(backend, self), self.rest)
        self.deployment.desired_count = desired
        _show(backend, self)

    @property
    def gate(self) -> dict[str, Any] | None:
        """The gate that it waits at."""
        found = self.gates.get(self.phase.stage)
        return found if found is not None and found["status"] == "AWAITING_ACTION" else None


def now() -> float:
    """The time of releases: the clock's, and what was let pass."""
    return clock.seconds() + _passed


def pass_time(seconds: float) -> None:
    """Let time pass for releases."""
    global _passed
    _passed += seconds
    bring_up_to_date()


def shifts(service: Any) -> bool:
    """Whether a deployment of a service shifts traffic between two target groups."""
    strategy = (getattr(service, "deployment_configuration", None) or {}).get("strategy", "ROLLING")
    return strategy in SHIFTING and any(one.get("advancedConfiguration") for one in service.load_balancers or [])


def active(service: Any) -> Release | None:
    """The release under way."""
    found: Release | None = getattr(service, "release", None)
    return found


def begin(backend: Any, service: Any, deployment: Any) -> None:
    """Begin a release; the first deployment of a service is over at once, in the alternate group."""
    if deployment.source is None:
        service.production_side = 1
        for rule in RULES:
            _weigh(backend, service, rule, 1, 100.0)
        ecs_deployments.succeed(backend, service, deployment, start=True)
        return
    configuration = service.deployment_configuration
    moment = now()
    alarms = configuration.get("alarms") or {}
    names = tuple(alarms.get("alarmNames") or ()) if alarms.get("enable") else ()
    known = cloudwatch_backends[backend.account_id][backend.region_name].alarms
    if any(name in known and known[name].state_value == "ALARM" for name in names):
        names = ()
    gates = {
        stage: {
            "id": f"{deployment.id.rpartition('/')[2]}-{stage.lower()}",
            "minutes": int((hook.get("timeoutConfiguration") or {}).get("timeoutInMinutes") or DAY),
            "action": (hook.get("timeoutConfiguration") or {}).get("action") or "ROLLBACK",
            "status": "WAITING",
        }
        for hook in configuration.get("lifecycleHooks") or []
        if hook.get("targetType") == "PAUSE"
        for stage in hook["lifecycleStages"]
    }
    rest = 1 - getattr(service, "production_side", 0)
    release = Release(deployment, service, rest, _phases(configuration), gates, names, moment, moment)
    service.release = release
    left = getattr(service, "left_standing", None)
    ecs_tasks.stop(backend, service, [task for task in ecs_tasks.of(backend, service) if task.started_by == left])
    _enter(backend, release, moment)
    _advance(backend, release)


def _phases(configuration: dict[str, Any]) -> list[Phase]:
    strategy = configuration["strategy"]
    shift = [Phase("PRODUCTION_TRAFFIC_SHIFT", 0.0, 100.0)]
    if strategy == "LINEAR":
        given = configuration.get("linearConfiguration") or {}
        step = float(given.get("stepPercent") or LINEAR_STEP)
        wait = 60.0 * float(given.get("stepBakeTimeInMinutes", LINEAR_WAIT))
        shares = [min(100.0, round(step * number, 1)) for number in range(1, math.ceil(100 / step - 1e-9) + 1)]
        shift = [Phase("PRODUCTION_TRAFFIC_SHIFT", wait if share < 100 else 0.0, share) for share in shares]
    elif strategy == "CANARY":
        given = configuration.get("canaryConfiguration") or {}
        wait = 60.0 * float(given.get("canaryBakeTimeInMinutes", CANARY_WAIT))
        shift = [Phase("PRODUCTION_TRAFFIC_SHIFT", wait, float(given.get("canaryPercent") or CANARY_STEP)), *shift]
    return [
        *map(Phase, ("PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT")),
        *shift,
        Phase("POST_PRODUCTION_TRAFFIC_SHIFT"),
        Phase("BAKE_TIME", 60.0 * float(configuration.get("bakeTimeInMinutes") or 0)),
        Phase("CLEAN_UP"),
    ]


def bring_up_to_date() -> None:
    """Bring the releases of all services to the present."""
    for account in ecs_backends.values():
        for backend in account.values():
            for service in list(backend.services.values()):
                if (release := active(service)) is not None:
                    _advance(backend, release)


def _up_to_date(owner: Any, name: str) -> None:
    """Each action of a service begins with the releases brought to the present."""
    original = vars(owner)[name].fget

    def found(self: Any) -> Any:
        bring_up_to_date()
        return original(self)

    setattr(owner, name, property(found))


_up_to_date(Response, "ecs_backend")
_up_to_date(ELBV2Response, "elbv2_backend")


def _advance(backend: Any, release: Release) -> None:
    while active(release.service) is release:
        gate, present = release.gate, now()
        end = release.since + (60.0 * gate["minutes"] if gate else release.phase.wait)
        alarm = _alarm(backend, release, present)
        if alarm and max(alarm[1], release.since) <= end:
            release.triggered = [alarm[0]]
            _fail(backend, release, f"CloudWatch alarm {alarm[0]} is in ALARM state")
        elif present < end:
            return
        elif gate and gate["action"] == "ROLLBACK":
            gate["status"] = "TIMED_OUT"
            turn_back(backend, release, f"nobody answered at {release.phase.stage} within {gate['minutes']} minutes")
        elif gate:
            gate["status"] = "TIMED_OUT"
            release.since = end
        else:
            release.at += 1
            _enter(backend, release, end)


def _enter(backend: Any, release: Release, moment: float) -> None:
    """Begin a phase; its gate, if it has one, opens with it."""
    release.since, service, phase = moment, release.service, release.phase
    if (gate := release.gates.get(phase.stage)) is not None and gate["status"] == "WAITING":
        gate["status"], gate["opened"] = "AWAITING_ACTION", moment
        ecs_deployments.say(service, f"(deployment {release.deployment.id}) paused at {phase.stage}.")
    if phase.stage == "SCALE_UP":
        with random_of(f"{release.deployment.id}/scale-up"):
            desired = int(service.desired_count or 0)
            ecs_tasks.start(backend, service, release.deployment.id, desired, side=release.rest)
    elif phase.stage == "TEST_TRAFFIC_SHIFT":
        release.tested = _weigh(backend, service, "testListenerRule", release.rest, 100.0)
    elif phase.percent is not None:
        release.percent = phase.percent
        _weigh(backend, service, "productionListenerRule", release.rest, phase.percent)
    elif phase.stage == "CLEAN_UP":
        service.production_side, service.release = release.rest, None
        ecs_tasks.stop(backend, service, _blue(backend, release))
        ecs_deployments.succeed(backend, service, release.deployment)
        return
    _show(backend, release)


def _alarm(backend: Any, release: Release, present: float) -> tuple[str, float] | None:
    """The first of its alarms that is in ALARM, and since when in the time of releases."""
    known = cloudwatch_backends[backend.account_id][backend.region_name].alarms
    found = [
        (known[name].state_updated_timestamp.replace(tzinfo=UTC).timestamp() + _passed, name)
        for name in release.alarms
        if name in known and known[name].state_value == "ALARM"
    ]
    return next(((name, since) for since, name in sorted(found) if release.began <= since <= present), None)


def _fail(backend: Any, release: Release, reason: str) -> None:
    """As the deployment's alarms ask for: back, or stopped as it stands."""
    if (release.service.deployment_configuration.get("alarms") or {}).get("rollback"):
        turn_back(backend, release, reason)
        return
    release.deployment.status, release.deployment.reason = "STOPPED", reason
    _show(backend, release)
    release.service.release, release.service.left_standing = None, release.deployment.id
    ecs_deployments.say(release.service, f"(deployment {release.deployment.id}) deployment failed: {reason}.")


def turn_back(backend: Any, release: Release, reason: str) -> None:
    """All requests to the version before, at once; the new tasks stop."""
    service, deployment = release.service, release.deployment
    _lead_back(backend, release)
    service.release = None
    ecs_tasks.stop(backend, service, green(backend, release))
    ecs_deployments.go_back(backend, service, deployment, reason)


def supersede(backend: Any, service: Any) -> None:
    """Another deployment begins while a release is under way, which ends with that."""
    release = active(service)
    if release is None:
        return
    _lead_back(backend, release)
    ecs_tasks.stop(backend, service, green(backend, release))
    release.deployment.status, release.deployment.reason = "STOPPED", "superseded by a new deployment"
    service.release = None


def _lead_back(backend: Any, release: Release) -> None:
    for rule in RULES:
        _weigh(backend, release.service, rule, 1 - release.rest, 100.0)


def green(backend: Any, release: Release) -> list[ecs_tasks.ServiceTask]:
    """Tasks of the new version."""
    return [task for task in ecs_tasks.of(backend, release.service) if task.started_by == release.deployment.id]


def _blue(backend: Any, release: Release) -> list[ecs_tasks.ServiceTask]:
    return [task for task in ecs_tasks.of(backend, release.service) if task.started_by != release.deployment.id]


def _show(backend: Any, release: Release) -> None:
    """Both deployments as members of the service."""
    service, new, old = release.service, release.deployment, release.deployment.source
    states = {"IN_PROGRESS": "IN_PROGRESS", "STOPPED": "FAILED"}
    reason = new.reason or f"ECS deployment {new.id} in progress."
    service.deployments = [
        new.shown(service, "PRIMARY", states[new.status], reason, len(green(backend, release))),
        old.shown(service, "ACTIVE", "COMPLETED", f"ECS deployment {old.id} completed.", len(_blue(backend, release))),
    ]
    ecs_deployments.count(backend, service)


def _weigh(backend: Any, service: Any, rule: str, side: int, percent: float) -> bool:
    """Rewrite a rule: `percent` of the requests to the group of one side, the rest to the other; whether there is one.

    Other actions, a sign-in, stay. Weights are whole numbers: percent, or tenths of it.
    """
    elb, weighed = elbv2_backends[backend.account_id][backend.region_name], False
    factor = 1 if float(percent).is_integer() else 10
    weights = [0, 0]
    weights[side] = round(percent * factor)
    weights[1 - side] = 100 * factor - weights[side]
    for balancer in service.load_balancers or []:
        advanced = balancer.get("advancedConfiguration") or {}
        arn, groups = advanced.get(rule), (balancer.get("targetGroupArn"), advanced.get("alternateTargetGroupArn"))
        found = _rule(elb, arn)
        if found is None:
            continue
        forward: dict[str, Any] = {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": group, "Weight": weight} for group, weight in zip(groups, weights, strict=True)
                ]
            },
        }
        kept = [action.data for action in found.actions if action.data.get("Type") != "forward"]
        order = next((action.data["Order"] for action in found.actions if "Order" in action.data), None)
        if kept and order is not None:
            forward["Order"] = max(int(action.data.get("Order", 1)) for action in found.actions)
        elb.modify_rule(found.arn, [], [*kept, forward])
        weighed = True
    return weighed


def _rule(elb: Any, arn: str | None) -> Any:
    rules = (
        rule
        for balancer in elb.load_balancers.values()
        for listener in balancer.listeners.values()
        for rule in listener.rules.values()
    )
    return next((rule for rule in rules if arn and rule.arn == arn), None)


def shown(backend: Any, deployment: Any) -> dict[str, Any]:
    """What DescribeServiceDeployments has of a release beside the members of every deployment."""
    release = next(
        (
            found
            for service in backend.services.values()
            if (found := active(service)) is not None and found.deployment is deployment
        ),
        None,
    )
    if release is None:
        return {}
    new, old = green(backend, release), _blue(backend, release)
    source = deployment.source
    gates = [
        {
            "hookId": gate["id"],
            "targetType": "PAUSE",
            "status": gate["status"],
            "expiresAt": datetime.fromtimestamp(gate["opened"] + 60.0 * gate["minutes"] - _passed, UTC),
            "timeoutAction": gate["action"],
        }
        for gate in release.gates.values()
        if "opened" in gate
    ]
    return {
        "lifecycleStage": release.phase.stage,
        "lifecycleHookDetails": gates,
        "targetServiceRevision": _revision(
            deployment.revision_arn, release, len(new), release.percent, 100.0 if release.tested else 0.0
        ),
        "sourceServiceRevisions": [
            _revision(source.revision_arn, release, len(old), 100.0 - release.percent, 0.0 if release.tested else 100.0)
        ]
        if source
        else [],
        "alarms": {
            "status": "MONITORING" if release.alarms else "DISABLED",
            "alarmNames": list(release.alarms),
            "triggeredAlarmNames": release.triggered,
        },
    }


def _revision(arn: str, release: Release, running: int, percent: float, tested: float) -> dict[str, Any]:
    return {
        "arn": arn,
        "requestedTaskCount": int(release.service.desired_count or 0),
        "runningTaskCount": running,
        "pendingTaskCount": 0,
        "requestedProductionTrafficWeight": percent,
        "requestedTestTrafficWeight": tested,
    }


def _found(self: Any) -> tuple[Any, Any, Any, Release | None]:
    """The backend, asked for once since that brings releases to the present; the deployment that a request names, its
    service, and its release while that is under way."""
    backend, arn = self.ecs_backend, self._get_param("serviceDeploymentArn")
    for service in backend.services.values():
        for deployment in getattr(service, "service_deployments", []):
            if deployment.arn == arn:
                release = active(service)
                return backend, deployment, service, release if release and release.deployment is deployment else None
    raise Refusal("ServiceDeploymentNotFoundException", f"The service deployment {arn} was not found.")


@add(Response)
def continue_service_deployment(self: Any) -> ActionResult:
    """Answer the gate that a release waits at."""
    backend, deployment, service, release = _found(self)
    gate, hook = release.gate if release else None, self._get_param("hookId")
    if release is None or gate is None or gate["id"] != hook:
        raise Refusal("InvalidParameterException", f"The lifecycle hook {hook} is not awaiting an action.")
    if (self._get_param("action") or "CONTINUE") == "ROLLBACK":
        gate["status"] = "FAILED"
        turn_back(backend, release, "Rollback requested at a lifecycle hook")
    else:
        gate["status"], release.since = "SUCCEEDED", now()
        ecs_deployments.say(service, f"(deployment {deployment.id}) continues after {release.phase.stage}.")
        _advance(backend, release)
    return ActionResult({"serviceDeploymentArn": deployment.arn})


@add(Response)
def stop_service_deployment(self: Any) -> ActionResult:
    """Turn a release back, whatever its settings say of rollbacks."""
    backend, deployment, _service, release = _found(self)
    if self._get_param("stopType") == "ABORT":
        raise Refusal("UnsupportedFeatureException", "The stop type ABORT is not supported.")
    if release is None:
        raise Refusal("ConflictException", "The service deployment is not in a state that can be stopped.")
    deployment.stopped_at = utcnow()
    turn_back(backend, release, "Service deployment stopped by a user")
    return ActionResult({"serviceDeploymentArn": deployment.arn})
