"""What a load made happen, put into the stand-in for AWS: metrics, states of alarms, scaling activities, counts.

`POST /accordion/played`, signed like any request, holds what happened in a stretch of time. It is a change like those
that AWS's own actions make, so the journal has it and a restart brings it back. Who plays the load has decided what
happens; nothing is decided here. What is played again replaces what was played of the same time.

`send` is the client. The members of the request:

- `from`, `to`: seconds since 1970, the stretch of time;
- `metrics`: Namespace, MetricName, Dimensions (a map), Unit, Period (seconds), and one sample for each period of the
  stretch: null, or sum, minimum, maximum and number of the values in it;
- `alarms`: AlarmName, and Changes: time, state before, state after, reason, and whether its actions ran;
- `activities`: ServiceNamespace `ecs` or `autoscaling`, Resource (the id of a scalable target, or a group's name), and
  Items as the service's DescribeScalingActivities answers them, times in seconds;
- `targets`: ResourceId, ScalableDimension, MinCapacity, MaxCapacity; `services`: cluster, service, desired;
  `groups`: name, minimum, maximum, desired: what is in force at the end of the stretch;
- `passed`, where it is given: seconds that pass for releases of ECS services, and for nothing else.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from localcloud.aws import signatures
from localcloud.aws.journal_file import Environment

PATH: Final = "/accordion/played"
_OK, _BAD = "200 OK", "400 Bad Request"


class NotPlayed(Exception):  # noqa: N818 - what is the case
    """The stand-in did not take it; the message says why."""


class Played:
    """WSGI middleware between journal and moto: takes what was played, hands on everything else."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environment: Environment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environment["PATH_INFO"] != PATH:
            return self._application(environment, start_response)
        status, answer = _OK, b"{}"
        try:
            account, region = _place(environment)
            _take(json.loads(environment["wsgi.input"].read()), account, region)
        except (LookupError, TypeError, ValueError, signatures.Unsigned) as error:
            status, answer = _BAD, f"{type(error).__name__}: {error}".encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]


def _place(environment: Environment) -> tuple[str, str]:
    """Account and region, as the signature names them."""
    from moto.iam import models

    signature = signatures.read(environment)
    return models.get_account_id_from(signature.access_key_id), signature.scope[1]


def _take(played: Mapping[str, Any], account: str, region: str) -> None:
    """Put what happened into the account; raises LookupError for what is not there, before anything is changed."""
    # here: a start of the stand-in must not wait for services that nobody has asked for
    from moto.applicationautoscaling.models import applicationautoscaling_backends
    from moto.autoscaling.models import autoscaling_backends
    from moto.cloudwatch.models import cloudwatch_backends
    from moto.ecs.models import ecs_backends

    from localcloud.aws.moto_gaps import clock, cloudwatch_played, ecs_deployments, ecs_releases, scaling_activities

    watch = cloudwatch_backends[account][region]
    scaling = applicationautoscaling_backends[account][region]
    machines = autoscaling_backends[account][region]
    containers = ecs_backends[account][region]
    begin, end = float(played["from"]), float(played["to"])
    alarms = [(watch.alarms[one["AlarmName"]], one["Changes"]) for one in played["alarms"]]
    targets = [(scaling.targets[one["ScalableDimension"]][one["ResourceId"]], one) for one in played["targets"]]
    services = [
        (containers.services[f"{one['cluster']}:{one['service']}"], int(one["desired"])) for one in played["services"]
    ]
    groups = [(machines.autoscaling_groups[one["name"]], one) for one in played["groups"]]
    for metric in played["metrics"]:
        cloudwatch_played.keep_metric(watch, metric, int(begin), int(end))
    for alarm, changes in alarms:
        cloudwatch_played.keep_states(alarm, changes, begin, end)
    for one in played["activities"]:
        backend = scaling if one["ServiceNamespace"] == "ecs" else machines
        scaling_activities.keep(backend, one["Resource"], one["Items"], begin, end)
    if passed := float(played.get("passed", 0)):
        ecs_releases.pass_time(passed)
    with clock.standing_at(end):
        for target, one in targets:
            target.min_capacity, target.max_capacity = int(one["MinCapacity"]), int(one["MaxCapacity"])
        for service, desired in services:
            service.desired_count = desired
            ecs_deployments.scale(containers, service)
        for group, one in groups:
            group.min_size, group.max_size = int(one["minimum"]), int(one["maximum"])
            group.set_desired_capacity(int(one["desired"]))


def send(endpoint: str, keys: tuple[str, str], region: str, played: Mapping[str, Any]) -> None:
    """Put what happened into the stand-in at `endpoint`; `keys` are access key and secret, the key names the account.

    Raises: NotPlayed.
    """
    import uuid

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.exceptions import HTTPClientError
    from botocore.httpsession import URLLib3Session

    body = json.dumps(played, separators=(",", ":"), allow_nan=False).encode()
    headers = {"Content-Type": "application/json", "amz-sdk-invocation-id": str(uuid.uuid4())}
    request = AWSRequest("POST", endpoint.rstrip("/") + PATH, headers, body)
    SigV4Auth(Credentials(*keys), "monitoring", region).add_auth(request)
    try:
        answer = URLLib3Session(proxies={}, timeout=60).send(request.prepare())
    except HTTPClientError as error:
        raise NotPlayed(f"the local cloud does not answer: {error}") from None
    if answer.status_code != 200:
        raise NotPlayed(f"the local cloud did not take it ({answer.status_code}): {answer.text[:500]}")
