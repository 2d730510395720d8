"""One service behind a load balancer: its targets, their health, and the requests that are theirs."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from components.specs.ranges import between
from components.specs.sign_in import SignIn
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, RuleName, refuse

ServiceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=20)]
"""Part of a target group's name: letters, digits and single hyphens, at most 20 characters."""
Port = Annotated[int, Field(ge=1, le=65_535)]
NetworkProtocol = Literal["TCP", "TLS", "UDP", "TCP_UDP"]
Algorithm = Literal["round_robin", "least_outstanding_requests", "weighted_random"]
CONDITION_VALUES = 5
"""Most values over all conditions of one rule (Application Load Balancer quotas)."""


class HealthCheck(Model):
    """How the balancer asks a target whether it can serve."""

    path: str = Field(default="/", pattern=r"^/[!-~]*$")
    """Path of HTTP and HTTPS checks; not used by TCP checks."""
    interval: Annotated[Duration, between("5s", "300s")] = Duration(10)
    timeout: Annotated[Duration, between("2s", "120s")] = Duration(5)
    healthy_threshold: Annotated[int, Field(ge=2, le=10)] = 2
    unhealthy_threshold: Annotated[int, Field(ge=2, le=10)] = 3
    matcher: str = Field(default="200", pattern=r"^\d{1,3}([,-]\d{1,3})*$")
    """HTTP status codes (or gRPC codes) that mean healthy: `200`, `200-299`, `200,202`."""
    protocol: Literal["HTTP", "HTTPS", "TCP"] | None = None
    """Without it the target group's own; TCP for a network balancer."""
    port: Port | None = None
    """Without it the port that gets the traffic."""

    @model_validator(mode="after")
    def _timeout_is_shorter(self) -> Self:
        if self.timeout >= self.interval:
            refuse(type(self), [Fault(("timeout",), "must be shorter than `interval`")])
        return self


class Route(Model):
    """Requests that one listener rule takes: all the given conditions must match."""

    priority: Annotated[int, Field(ge=1, le=50_000)]
    """Rules are tried from the lowest number; declared, so that adding a rule moves no other."""
    hosts: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()
    """Host names, `*` and `?` allowed."""
    paths: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()
    """Path patterns, `*` and `?` allowed."""
    sign_in: SignIn | None = None
    """Who a client must be; https only."""
    weights: dict[ServiceName, Annotated[int, Field(ge=0, le=999)]] = Field(default={})
    """Share of the requests by service. Empty: all to the service that declares the route."""

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if not self.hosts and not self.paths:
            raise PydanticCustomError(
                "route", "give `hosts` or `paths`; a service without routes takes what no rule takes"
            )
        if len(self.hosts) + len(self.paths) > CONDITION_VALUES:
            raise PydanticCustomError(
                "route",
                "got more than {most} hosts and paths together: split them over two routes",
                {"most": CONDITION_VALUES},
            )
        return self


class TestRoute(Model):
    """Who sees a new version before everybody does: requests to the service's route that carry a header."""

    __test__ = False  # no test case, whatever its name says to pytest

    priority: Annotated[int, Field(ge=1, le=50_000)]
    """Lower than that of the service's route, which takes the same requests without the header."""
    header: str = Field(default="x-environment", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    """Name of the header; the default is that of the ECS developer guide."""
    value: str = Field(default="test", pattern=r"^[!-~]{1,128}$")
    """What it carries, `*` and `?` allowed. It is no secret: whoever knows it sees the new version early."""


class Stickiness(Model):
    """Keep a client on one target."""

    duration: Annotated[Duration, between("1s", "7d")] = Duration(86_400)
    """Life of the balancer's cookie; a network balancer goes by the source address and does not use it."""


class BalancedService(Model):
    """One service behind the balancer: its target group, and what leads there."""

    port: Port = 80
    """Port on which the targets listen."""
    protocol: Literal["HTTP", "HTTPS"] = "HTTP"
    """Between an application balancer and its targets. A network balancer's follows from `listener_protocol`."""
    protocol_version: Literal["HTTP1", "HTTP2", "GRPC"] = "HTTP1"
    target_type: Literal["ip", "instance"] = "ip"
    """`ip` for tasks, `instance` for an Auto Scaling group."""
    health_check: HealthCheck = HealthCheck()
    deregistration_delay: Annotated[Duration, between("0s", "1h")] = Duration(60)
    """Time for requests in flight when a target leaves; never below the longest request."""
    slow_start: Annotated[Duration, between("30s", "15m")] | None = None
    """Time over which a new target's share grows."""
    algorithm: Algorithm | None = None
    """Without it least outstanding requests, or round robin with slow start: the two exclude each other."""
    stickiness: Stickiness | None = None
    alternate: bool = False
    """Make a second target group beside the first, for blue/green, canary and linear deployments.

    ECS then owns the weights of the rules."""
    test_route: TestRoute | None = None
    """Leads testers to the new version of a release that shifts traffic."""
    routes: dict[RuleName, Route] = Field(default={})
    """Application kind: rules by name. Without any the service answers whatever no rule takes."""
    listener_port: Port | None = None
    """Network kind: the port that clients use. Without it `port`."""
    listener_protocol: NetworkProtocol = "TCP"
    """Network kind; TLS ends at the balancer and needs a certificate."""

    @property
    def effective_algorithm(self) -> Algorithm:
        """The algorithm asked for, or the one that fits slow start."""
        return self.algorithm or ("round_robin" if self.slow_start else "least_outstanding_requests")

    @model_validator(mode="after")
    def _slow_start_fits(self) -> Self:
        if self.slow_start and self.effective_algorithm != "round_robin":
            refuse(
                type(self), [Fault(("slow_start",), "works with round_robin only: remove `algorithm` or `slow_start`")]
            )
        return self
