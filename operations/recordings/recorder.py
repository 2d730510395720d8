"""What AWS tells of a service or group over a time, as a recording: metrics, activities, what is missing."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from elasticity.platforms import platform_parameters
from elasticity.quantities import Duration
from elasticity.recordings.recording import MOST_MINUTES, OF_A_QUEUE, SERIES, Recording
from elasticity.waking import VISIBLE_MESSAGES
from operations.failures import CannotRun
from operations.imports import Found, aws, maps, running
from operations.live import calls
from operations.live.answers import Answers, Items, Unanswered, moment

CALLS = (
    *running.CALLS,
    calls.TARGET_GROUPS,
    calls.METRIC_DATA,
    calls.SCALING_ACTIVITIES,
    calls.GROUP_ACTIVITIES,
)
"""What is asked; all of them read."""
KEPT = datetime.timedelta(days=15)
"""How long CloudWatch keeps datapoints of a minute (API GetMetricStatistics)."""
MINUTE = datetime.timedelta(minutes=1)
_AT_ONCE = datetime.timedelta(days=1)
"""Asked for at once: one request takes 100,800 datapoints (API GetMetricData)."""
_ECS, _INSIGHTS, _EC2, _GROUP, _BALANCER, _SQS = (
    "AWS/ECS", "ECS/ContainerInsights", "AWS/EC2", "AWS/AutoScaling", "AWS/ApplicationELB", "AWS/SQS",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Metric:
    """One metric of CloudWatch that a series is made of."""

    series: str
    namespace: str
    name: str
    statistic: str


METRICS: Mapping[str, tuple[Metric, ...]] = MappingProxyType(
    {
        "ecs_service": (
            Metric("cpu", _ECS, "CPUUtilization", "Average"),
            Metric("memory", _ECS, "MemoryUtilization", "Average"),
            Metric("running", _INSIGHTS, "RunningTaskCount", "Average"),
            Metric("desired", _INSIGHTS, "DesiredTaskCount", "Average"),
            Metric("samples", _ECS, "CPUUtilization", "SampleCount"),
        ),
        "ec2_group": (
            Metric("cpu", _EC2, "CPUUtilization", "Average"),
            Metric("running", _GROUP, "GroupInServiceInstances", "Average"),
            Metric("desired", _GROUP, "GroupDesiredCapacity", "Average"),
        ),
    }
)
"""By platform: what its units publish. `samples` counts the tasks that reported cpu, where nothing counts them."""
BALANCED = (
    Metric("requests", _BALANCER, "RequestCount", "Sum"),
    Metric("response_time", _BALANCER, "TargetResponseTime", "Average"),
)
"""What an application load balancer publishes of a target group."""
QUEUED = (
    Metric("requests", _SQS, "NumberOfMessagesSent", "Sum"),
    Metric("backlog", _SQS, VISIBLE_MESSAGES, "Average"),
    Metric("age", _SQS, "ApproximateAgeOfOldestMessage", "Maximum"),
)
"""What SQS publishes of the queue that workers read."""
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

Points = dict[datetime.datetime, float]


class _Datapoints(BaseModel):
    """One result of GetMetricData."""

    Id: str
    Timestamps: tuple[AwareDatetime, ...] = ()
    Values: tuple[Annotated[float, Field(ge=0, allow_inf_nan=False)], ...] = ()
    StatusCode: str = "Complete"


@dataclasses.dataclass(frozen=True)
class Subject:
    """Which service or group it is, as the services of AWS name it."""

    found: Found
    identity: str
    """`service/cluster/name`, or the name of a group."""
    balanced: tuple[tuple[str, str], ...]
    """Load balancer and target group, as CloudWatch's dimensions name them."""

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues that its rules follow, where no balancer counts its requests."""
        metrics = self.found.settings["elasticity"].get("metrics") or {}
        named = (one.get("dimensions", {}).get("QueueName") for one in metrics.values() if one.get("namespace") == _SQS)
        return () if self.balanced else tuple(dict.fromkeys(str(name) for name in named if name))

    @property
    def platform(self) -> str:
        """Who scales it."""
        return str(self.found.settings["platform"])

    @property
    def of_instances(self) -> bool:
        """Whether it is a group, whose metrics and activities come from other calls than a service's."""
        return platform_parameters(self.platform).behaviour.units == "instances"

    @property
    def dimensions(self) -> dict[str, str]:
        """Of the metrics that its units publish."""
        if self.of_instances:
            return {"AutoScalingGroupName": self.identity}
        _, cluster, service = self.identity.split("/")
        return {"ClusterName": cluster, "ServiceName": service}


def record(source: Answers, name: str, start: datetime.datetime, end: datetime.datetime) -> Recording:
    """What happened to the service or group `name` from `start` until `end`, whole minutes.

    Raises CannotRun where AWS cannot be asked, knows no such name, or has counted no requests.
    """
    minutes = int((end - start) / MINUTE)
    if not 1 <= minutes <= MOST_MINUTES:
        raise CannotRun(f"got a time of {minutes:,} minutes, allowed 1 to {MOST_MINUTES:,}")
    subject, notes = subject_of(source, name)
    if not subject.balanced and len(subject.queues) != 1:
        many = f"{len(subject.queues)} queues ({', '.join(subject.queues)})" if subject.queues else "no SQS queue"
        raise CannotRun(
            f"{name}: is behind no application load balancer, which counts requests, and its rules follow {many}: the "
            "messages of one are counted"
        )
    points = _points(source, subject, start, end)
    series = {key: series_of(values, start, minutes) for key, values in points.items()}
    samples = series.pop("samples", ())
    if not series.get("running") and samples:
        series["running"] = samples
        notes.append("running: the tasks that reported cpu are counted, since Container Insights is not on")
    if not series["requests"]:
        what = "requests of it" if subject.balanced else f"messages of {subject.queues[0]}"
        raise CannotRun(f"{name}: CloudWatch has no {what} from {_iso(start)} to {_iso(end)}")
    for key in [key for key in (*SERIES, *OF_A_QUEUE) if key in points][1:]:
        values = series.get(key, ())
        if not values:
            notes.append(f"{key}: nothing was recorded")
        elif empty := sum(value is None for value in values):
            notes.append(f"{key}: {empty:,} of {minutes:,} minutes have no datapoint")
    try:
        counted = next((points[key] for key in ("desired", "running", "samples") if points.get(key)), {})
        changes = _activities(source, subject, start, end, counted)
    except Unanswered as unanswered:
        changes = []
        notes.append(f"activities: not recorded: {unanswered}")
    return made(subject, start, series, changes, notes, {})


def subject_of(source: Answers, name: str) -> tuple[Subject, list[str]]:
    """The service or group of that name, and what could not be asked of it; raises CannotRun."""
    account = running.Account(source, [name])
    try:
        answers = account.answers()
    except CannotRun as error:
        raise CannotRun(str(error).removeprefix("--only ")) from None
    found = [one for one in aws.found(answers) if "elasticity" in one.settings]
    rows = [*maps(answers["ScalableTargets"]), *maps(answers["AutoScalingGroups"])]
    identities = [str(row.get("ResourceId") or row.get("AutoScalingGroupName")) for row in rows]
    if len(found) != 1 or len(rows) != 1:
        raise CannotRun(f"{name}: is the name of several: give one of {', '.join(identities)}")
    (row,) = rows
    try:
        return Subject(found[0], identities[0], tuple(_balanced(source, row))), list(account.missing)
    except Unanswered as missing:
        raise CannotRun(f"{name}: AWS cannot be asked for its load balancer: {missing}") from None


def _balanced(source: Answers, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    parts = str(row.get("ResourceId", "")).split("/")
    if len(parts) == 3:
        services = source.ask(calls.SERVICES, cluster=parts[1], services=[parts[2]])
        groups = [one.get("targetGroupArn") for service in services for one in maps(service.get("loadBalancers"))]
    else:
        groups = list(row.get("TargetGroupARNs") or ())
    wanted = [str(one) for one in groups if one]
    for group in source.ask(calls.TARGET_GROUPS, TargetGroupArns=wanted) if wanted else []:
        for balancer in group.get("LoadBalancerArns") or ():
            dimension = str(balancer).rpartition(":loadbalancer/")[2]
            if dimension.startswith("app/"):  # a network balancer counts no requests
                yield dimension, str(group["TargetGroupArn"]).rpartition(":")[2]


def _queries(subject: Subject) -> dict[str, dict[str, Any]]:
    """What is asked of CloudWatch, by id."""
    found = {metric.series: (metric, subject.dimensions) for metric in METRICS[subject.platform]}
    for place, (balancer, group) in enumerate(subject.balanced):
        dimensions = {"LoadBalancer": balancer, "TargetGroup": group}
        found |= {f"{metric.series}_{place}": (metric, dimensions) for metric in BALANCED}
    for queue in subject.queues:
        found |= {metric.series: (metric, {"QueueName": queue}) for metric in QUEUED}
    return {
        key: {
            "Id": key,
            "MetricStat": {
                "Metric": {
                    "Namespace": metric.namespace,
                    "MetricName": metric.name,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                },
                "Period": 60,
                "Stat": metric.statistic,
            },
            "ReturnData": True,
        }
        for key, (metric, dimensions) in found.items()
    }


def _points(source: Answers, subject: Subject, start: datetime.datetime, end: datetime.datetime) -> dict[str, Points]:
    """Every series; raises CannotRun for one that is not whole."""
    queries = _queries(subject)
    told: dict[str, Points] = {key: {} for key in queries}
    at = start
    while at < end:
        until = min(at + _AT_ONCE, end)
        status = {}
        try:
            rows = source.ask(
                calls.METRIC_DATA, MetricDataQueries=list(queries.values()), StartTime=at, EndTime=until,
                ScanBy="TimestampAscending",
            )  # fmt: skip
        except Unanswered as missing:
            raise CannotRun(f"CloudWatch cannot be asked, and a gap would be read as no requests: {missing}") from None
        for row in rows:
            try:
                one = _Datapoints.model_validate(row)
            except ValidationError as error:
                fault = error.errors(include_url=False)[0]
                where = ".".join(map(str, fault["loc"]))
                raise CannotRun(f"CloudWatch's answer has another form: {where}: {fault['msg']}") from None
            status[one.Id] = one.StatusCode
            if one.Id in told:
                told[one.Id] |= zip(one.Timestamps, one.Values, strict=False)
        if halves := sorted(key for key, said in status.items() if said != "Complete"):
            raise CannotRun(f"CloudWatch gave only a part of {', '.join(halves)} ({status[halves[0]]}): try again")
        at = until
    return _joined(told, len(subject.balanced))


def _joined(told: dict[str, Points], groups: int) -> dict[str, Points]:
    """The target groups' series as one: requests added, response times weighted by them."""
    found = {key: values for key, values in told.items() if not key.rpartition("_")[2].isdecimal()}
    if not groups:
        return found
    if groups == 1:
        return {**found, "requests": told["requests_0"], "response_time": told["response_time_0"]}
    requests: Points = {}
    slow: Points = {}
    for place in range(groups):
        counts = told[f"requests_{place}"]
        for time, count in counts.items():
            requests[time] = requests.get(time, 0.0) + count
        for time, mean in told[f"response_time_{place}"].items():
            slow[time] = slow.get(time, 0.0) + mean * counts.get(time, 0.0)
    weighted = {time: total / requests[time] for time, total in slow.items() if requests.get(time)}
    return {**found, "requests": requests, "response_time": weighted}


def series_of(points: Points, start: datetime.datetime, minutes: int) -> tuple[float | None, ...]:
    """A value for each minute; empty where there is none at all."""
    if not points:
        return ()
    return tuple(points.get(start + place * MINUTE) for place in range(minutes))


_DESIRED = re.compile(r"desired count to (\d+)")
_POLICY = re.compile(r"triggered policy (.+?)(?: changing the desired capacity|\.?$)")
_SCHEDULE = re.compile(r"scheduled action(?: name)? (.+?)(?: was triggered| changing|\.?$)")
_CHANGE = re.compile(
    r"At (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ((?:(?!At \d{4}-).)*?)changing the desired capacity from (\d+) to (\d+)"
)
_FAILED = ("Failed", "Overridden", "Unfulfilled", "Cancelled")


def _activities(
    source: Answers, subject: Subject, start: datetime.datetime, end: datetime.datetime, counted: Points
) -> list[dict[str, Any]]:
    """Every change of the desired count within the time, in order; raises Unanswered."""
    group = subject.of_instances
    call = calls.GROUP_ACTIVITIES if group else calls.SCALING_ACTIVITIES
    key = {"AutoScalingGroupName": subject.identity} if group else {"ResourceId": subject.identity}
    rows = source.ask(call, **key, **({} if group else {"ServiceNamespace": "ecs"}))
    return changes_of(rows, subject, start, end, counted)


def changes_of(
    rows: Items, subject: Subject, start: datetime.datetime, end: datetime.datetime, counted: Points
) -> list[dict[str, Any]]:
    """The changes of the desired count within the time that scaling activities tell, in order. The count before the
    first is the one that was `counted` in the minute before it: of units desired, or of those that ran."""
    changes = list(_of_group(rows) if subject.of_instances else _of_service(rows))
    changes.sort(key=lambda one: (one["time"], one["after"]))
    before: int | None = None
    kept = []
    for one in changes:
        if one["before"] is None:
            minute = one["time"].replace(second=0, microsecond=0)
            known = counted.get(minute - MINUTE)
            one["before"] = before if before is not None else None if known is None else round(known)
        if one["succeeded"]:
            before = one["after"]
        one["cause"] = subject.found.rule_of.get(one["cause"], one["cause"])
        if start <= one["time"] < end:
            kept.append(one)
    return kept


def _of_service(rows: Items) -> Iterator[dict[str, Any]]:
    for row in rows:
        wanted, time = _DESIRED.search(str(row.get("Description"))), _moment(row.get("StartTime"))
        if wanted is not None and time is not None:
            yield {
                "time": time,
                "before": None,
                "after": int(wanted[1]),
                "cause": _cause(str(row.get("Cause", ""))),
                "succeeded": row.get("StatusCode") not in _FAILED,
            }


def _of_group(rows: Items) -> Iterator[dict[str, Any]]:
    """Each instance that comes or goes is an activity of its own: the changes that led to them, each once."""
    seen = set()
    for row in rows:
        for at, why, before, after in _CHANGE.findall(" ".join(str(row.get("Cause", "")).split())):
            time = _moment(at)
            if time is not None and (time, before, after) not in seen:
                seen.add((time, before, after))
                cause = _cause(why)
                yield {"time": time, "before": int(before), "after": int(after), "cause": cause, "succeeded": True}


def _moment(value: Any) -> datetime.datetime | None:
    """A time; None for what is none."""
    try:
        return moment(value)
    except ValueError:
        return None


def _cause(text: str) -> str:
    found = _POLICY.search(text.strip()) or _SCHEDULE.search(text.strip())
    return found[1].strip() if found else ""


def made(
    subject: Subject,
    start: datetime.datetime,
    series: Mapping[str, Sequence[float | None]],
    changes: list[dict[str, Any]],
    notes: list[str],
    parameters: Mapping[str, Any],
) -> Recording:
    """The recording of all that; raises CannotRun for what is none. `parameters`: known to differ from the shipped."""
    settings = subject.found.settings
    parameters = dict(parameters)
    if warm := settings.get("default_warm_up"):
        parameters["warm_up"] = float(Duration.parse(str(warm)))
    try:
        return Recording.model_validate(
            {
                "version": 1,
                "workload": _plain(subject.found.name),
                "platform": subject.platform,
                "start": start,
                **series,
                "activities": [{**one, "cause": _plain(one["cause"])} for one in changes],
                "rules": settings["elasticity"],
                "parameters": parameters,
                "untranslated": [_plain(line) for line in subject.found.left_out],
                "notes": [_plain(line) for line in notes],
            }
        )
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False)[:20]]
        raise CannotRun(f"{subject.identity}: what AWS says is no recording:\n" + "\n".join(lines)) from None


def _plain(text: str) -> str:
    """One line without the number of an account."""
    return _ACCOUNT.sub("[account]", _CONTROL.sub(" ", text)).strip()[:1_000]


def _iso(time: datetime.datetime) -> str:
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%MZ")
