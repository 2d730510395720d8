"""What a controller is told: the services that it scales, by which rules, and where their metrics are read."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from elasticity.faults import Fault
from elasticity.input_files import InputFileError, read_text
from elasticity.platforms import platform_parameters
from elasticity.queries import PrometheusAddress, Query
from elasticity.rules import Elasticity, Fallback, Model, refuse
from operations.controller import decisions
from operations.failures import CannotRun

PLATFORM = "swarm_service"
_ANY_TIME = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
LARGEST = 1_023_999
"""Bytes of a settings file; a config of a Swarm holds no more (moby: `MaxConfigSize`, 1,000 KiB, is refused itself)."""
_ENGINE = ("cpu", "memory")
_ENDPOINT = ("requests_per_target", "response_time")
MetricName = Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$", max_length=200)]
ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")]


class Endpoint(Model):
    """What each task of a service publishes in Prometheus's text format."""

    service: ServiceName | None = None
    """Of another service that counts for all tasks, such as a reverse proxy; None: each task counts its own."""
    port: Annotated[int, Field(ge=1, le=65_535)]
    """Of the container."""
    path: Annotated[str, Field(pattern=r"^/[^\s?#]*$", max_length=200)] = "/metrics"
    requests: MetricName = "http_requests_total"
    """Counter of requests that were answered."""
    duration: MetricName = "http_request_duration_seconds"
    """Histogram or summary of their time in seconds: `<name>_sum` and `<name>_count` are read."""
    average: MetricName | None = None
    """Gauge of the mean time in seconds, in place of `duration`."""
    labels: dict[MetricName, Annotated[str, Field(max_length=200)]] = Field(default={})
    """Only samples with these labels, such as `proxy: web`."""
    ignored: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Values of labels that mark what is no load, such as the path of a health check; `path` is one by itself."""


class ScaledService(Model):
    """One service."""

    elasticity: Elasticity
    """Bounds and rules, as in a stack file."""
    endpoint: Endpoint | None = None
    """Where each task's requests are read; for rules on requests_per_target and response_time."""
    queries: dict[str, Query] = Field(default={})
    """By metric, a query of `prometheus`; `$period` in it is the period as in 60s, `$replicas` the running tasks."""
    parameters: dict[str, int | float | str | None] = Field(default={})
    """Of the platform, such as metric_period: 20; docs/guides/simulating.md lists them."""
    fallback: Fallback | None = None

    def faults(self, *, has_prometheus: bool) -> list[Fault]:
        """What does not fit together."""
        found = []
        try:
            policy = self.policy
            keys = decisions.begun(policy, _ANY_TIME, self.elasticity.minimum).state.metrics
        except ValueError as error:
            return [Fault(("elasticity",), line) for line in str(error).splitlines()]
        for metric in sorted({name for name, _ in keys} - set(self.queries)):
            if metric in _ENDPOINT and self.endpoint is None:
                found.append(Fault(("endpoint",), f"is missing: a rule is on {metric}; or give `queries.{metric}`"))
            elif metric not in (*_ENGINE, *_ENDPOINT):
                found.append(Fault(("queries", metric), "is missing: a rule is on it, and no task can be asked for it"))
        if self.queries and not has_prometheus:
            found.append(Fault(("queries",), "there is no `prometheus` to ask them of"))
        return found

    @property
    def policy(self) -> decisions.Policy:
        """What the service is decided by; raises ValueError for a parameter that is none."""
        parameters = platform_parameters(PLATFORM).with_values(**self.parameters)
        if self.fallback is None:
            return decisions.Policy(self.elasticity, parameters)
        after = int(self.fallback.after)
        fallback = decisions.Fallback(self.fallback.replicas, after, self.fallback.only_higher)
        return decisions.Policy(self.elasticity, parameters, fallback)


class ControllerSettings(Model):
    """A settings file of `accordion scale --settings`, JSON."""

    version: Literal[1] = 1
    services: Annotated[dict[ServiceName, ScaledService], Field(min_length=1)]
    """By name in the Swarm, or on `network`."""
    network: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """Id of a network: services, those that count for others too, are known by their names on it."""
    prometheus: PrometheusAddress | None = None
    """Address of an existing Prometheus: http://prometheus:9090."""
    reaches: Literal["host", "network"] = "host"
    """How tasks are reached for their metrics: by ports of their nodes, from a host; or by their addresses on the
    services' network, for a controller that is a service on it itself."""

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults = [
            fault.below("services", name)
            for name, one in self.services.items()
            for fault in one.faults(has_prometheus=self.prometheus is not None)
        ]
        refuse(type(self), faults)
        return self


def read(path: Path) -> ControllerSettings:
    """A settings file; raises CannotRun with every fault and its place."""
    try:
        return parsed(json.loads(read_text(path, maximum=LARGEST)), str(path))
    except FileNotFoundError:
        raise CannotRun(f"{path}: there is no such file") from None
    except InputFileError as error:
        raise CannotRun(f"{path}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{path}: not JSON: {error}") from None


def parsed(content: Mapping[str, Any], where: str) -> ControllerSettings:
    """Settings from a document; raises CannotRun."""
    try:
        return ControllerSettings.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{where}: {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise CannotRun("\n".join(lines)) from None
