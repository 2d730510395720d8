"""What a load balancer is to be: its kind, its listener, its logs, and the services behind it."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from components.specs.balanced_service import CONDITION_VALUES, BalancedService, Port, ServiceName
from components.specs.ranges import between
from components.specs.retention import WholeDays
from components.specs.sign_in import SignIn
from elasticity.faults import Fault
from elasticity.quantities import Duration
from elasticity.rules import Model, refuse

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""AWS's recommendation and the console's default (ELB.17). The API's own default is still ELBSecurityPolicy-2016-08."""


def _an_address_block(value: str) -> str:
    try:
        ipaddress.IPv4Network(value)
    except ValueError:
        raise PydanticCustomError(
            "cidr", "not an IPv4 block such as 203.0.113.0/24, with the host bits at zero"
        ) from None
    return value


Source = Annotated[str, AfterValidator(_an_address_block)]
"""An IPv4 block that may reach the listeners."""


class Listener(Model):
    """Where clients of an application balancer knock."""

    protocol: Literal["https", "http"] = "https"
    """`http` is plain and must be said."""
    port: Port | None = None
    """Without it 443 for https, 80 for http."""
    tls_policy: str = Field(default=TLS_POLICY, pattern=r"^ELBSecurityPolicy-[A-Za-z0-9-]+$")
    certificate_arns: tuple[str, ...] = ()
    """ACM certificates; the first answers clients without SNI."""
    redirect: bool = True
    """Answer plain port 80 with a permanent redirect to https (ELB.1). No effect with http."""

    @property
    def effective_port(self) -> int:
        """The port asked for, or the protocol's own."""
        return self.port or (443 if self.protocol == "https" else 80)

    @model_validator(mode="after")
    def _redirect_has_a_port(self) -> Self:
        if self.protocol == "https" and self.redirect and self.effective_port == 80:
            refuse(
                type(self), [Fault(("port",), "80 belongs to the redirect: choose another, or set `redirect` to false")]
            )
        return self


class AccessLogs(Model):
    """One line per request in a bucket that is made, or given by name."""

    bucket: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    """Name of a bucket whose policy already lets balancers write. Without it a private, encrypted one is made."""
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9!_.*'()-]+(/[A-Za-z0-9!_.*'()-]+)*)?$")
    retention: WholeDays = Duration(365 * 86_400)
    """Of the made bucket."""
    connections: bool = False
    """Application kind: log each connection's TLS too."""
    delete_with_contents: bool = False
    """Whether destroying the stack may delete the made bucket with logs inside."""


class FixedAnswer(Model):
    """What a request gets that no rule takes."""

    status: Annotated[int, Field(ge=200, le=599)] = 404
    content_type: Literal["text/plain", "text/css", "text/html", "application/javascript", "application/json"] = (
        "text/plain"
    )
    body: str = Field(default="not found", max_length=1024)


class ExistingLoadBalancer(Model):
    """An application balancer made elsewhere: its listener gets target groups and rules, itself is not touched."""

    arn: str = Field(pattern=r"^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/app/[^/]+/[0-9a-f]+$")
    listener_arn: str = Field(pattern=r"^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener/app/.+$")
    security_group_id: str = Field(pattern=r"^sg-[0-9a-f]+$")
    dns_name: str = Field(min_length=1)
    zone_id: str = Field(min_length=1)
    """Route 53 zone of the balancer's name, for alias records."""


class LoadBalancerSpec(Model):
    """A balancer and the services behind it, keyed by name: the key becomes part of the children's names."""

    kind: Literal["application", "network"] = "application"
    scheme: Literal["public", "internal"] = "public"
    sources: tuple[Source, ...] = ()
    """Blocks that may reach the listeners. Empty: everyone (public), the VPC's own block (internal)."""
    listener: Listener = Listener()
    """Application kind; of it the network kind uses the TLS policy and the certificates."""
    services: dict[ServiceName, BalancedService] = Field(default={})
    default_answer: FixedAnswer = FixedAnswer()
    access_logs: AccessLogs | None = AccessLogs()
    deletion_protection: bool = True
    drop_invalid_headers: bool = True
    desync_mode: Literal["defensive", "strictest", "monitor"] = "defensive"
    idle_timeout: Annotated[Duration, between("1s", "4000s")] = Duration(60)
    """Keep it below the application's own keep-alive."""
    preserve_host: bool = False
    """Hand the Host header to targets unchanged."""
    cross_zone: bool = True
    """Network kind: spread over the targets of all zones. An application balancer always does."""
    web_acl_arn: str | None = Field(default=None, pattern=r"^arn:[a-z-]+:wafv2:.+$")
    """A WAF web ACL for an application balancer."""
    existing: ExistingLoadBalancer | None = None
    """A balancer in place of making one; only `services` is said beside it."""

    @property
    def default_service(self) -> str | None:
        """The service without routes, which takes what no rule takes."""
        return next((name for name, service in self.services.items() if not service.routes), None)

    @property
    def sign_ins(self) -> list[SignIn]:
        """Those of all routes."""
        routes = (route for service in self.services.values() for route in service.routes.values())
        return [route.sign_in for route in routes if route.sign_in is not None]

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        faults = [*self._kind_faults(), *self._route_faults()]
        if self.existing:
            faults += self._faults_beside_existing()
        refuse(type(self), faults)
        return self

    def _kind_faults(self) -> list[Fault]:
        faults: list[Fault] = []
        network = self.kind == "network"
        if network and self.web_acl_arn:
            faults.append(
                Fault(("web_acl_arn",), "a network balancer takes no web ACL: remove it or choose application")
            )
        if network and self.access_logs and self.access_logs.connections:
            faults.append(Fault(("access_logs", "connections"), "a network balancer has no connection log: remove it"))
        ports: dict[int, str] = {}
        for name, service in self.services.items() if network else ():
            port = service.listener_port or service.port
            if port in ports:
                faults.append(Fault(("services", name, "listener_port"), f"{port} is taken by service {ports[port]}"))
            ports[port] = name
            faults += [
                Fault(("services", name, field), "works on an application balancer only: remove it")
                for field in ("routes", "slow_start", "algorithm", "test_route")
                if getattr(service, field)
            ]
            if service.alternate:
                text = (
                    "a second target group needs an application balancer, whose rules have the weights that ECS "
                    "shifts: choose `kind: application`, or set `deployment.strategy: rolling`"
                )
                faults.append(Fault(("services", name, "alternate"), text))
        for name, service in self.services.items() if not network else ():
            if service.listener_port or service.listener_protocol != "TCP":
                faults.append(
                    Fault(
                        ("services", name),
                        "`listener_port` and `listener_protocol` are for a network balancer: use `routes`",
                    )
                )
        return faults

    def _route_faults(self) -> list[Fault]:
        if self.kind == "network":
            return []
        faults: list[Fault] = []
        unrouted = [name for name, service in self.services.items() if not service.routes]
        faults += [
            Fault(("services", name, "routes"), f"only one service may go without routes, and {unrouted[0]} does")
            for name in unrouted[1:]
        ]
        priorities: dict[int, str] = {}
        rules: dict[str, str] = {}
        for name, service in self.services.items():
            if service.alternate and not service.routes:
                faults.append(
                    Fault(
                        ("services", name, "routes"),
                        "a service with an alternate target group needs a route: ECS moves its weights",
                    )
                )
            if service.alternate and len(service.routes) > 1:
                faults.append(
                    Fault(
                        ("services", name, "routes"),
                        "ECS shifts the requests of one rule, the others would lead to tasks that are gone: keep one "
                        "route; it may have several hosts and paths",
                    )
                )
            faults += self._test_route_faults(name, service)
            if service.alternate and f"{name}-b" in self.services:
                faults.append(
                    Fault(
                        ("services", f"{name}-b"),
                        f"the name is taken by the alternate target group of {name}: choose another",
                    )
                )
            for key, route in service.routes.items():
                rule = f"{name}-{key}"
                if rule in rules:
                    faults.append(
                        Fault(
                            ("services", name, "routes", key),
                            f"makes the same rule {rule} as {rules[rule]}: rename one",
                        )
                    )
                rules[rule] = f"services.{name}.routes.{key}"
                at = ("services", name, "routes", key)
                if route.priority in priorities:
                    faults.append(
                        Fault((*at, "priority"), f"{route.priority} is taken by {priorities[route.priority]}")
                    )
                priorities[route.priority] = f"services.{name}.routes.{key}"
                faults += [
                    Fault((*at, "weights", other), f"no such service, allowed {', '.join(self.services)}")
                    for other in route.weights.keys() - self.services.keys()
                ]
                if route.sign_in and not self.existing and self.listener.protocol != "https":
                    faults.append(Fault((*at, "sign_in"), "works on https only: give the listener a certificate"))
                if route.weights and service.alternate:
                    faults.append(
                        Fault((*at, "weights"), "ECS owns the weights of a service with an alternate target group")
                    )
                if route.weights and not any(route.weights.values()):
                    faults.append(Fault((*at, "weights"), "all are 0: give one service a share"))
        return faults

    def _test_route_faults(self, name: str, service: BalancedService) -> list[Fault]:
        """What keeps a test route from leading testers, and nobody else, to the new version."""
        test = service.test_route
        if test is None:
            return []
        at = ("services", name, "test_route")
        if not service.alternate:
            text = (
                "leads to the new version of a release that shifts traffic: with tasks replaced in place there is none"
            )
            return [Fault(at, f"{text}; remove it, or set another `deployment.strategy` than rolling")]
        faults: list[Fault] = []
        if "test" in service.routes:
            faults.append(
                Fault(("services", name, "routes", "test"), "the name is taken by the test route: choose another")
            )
        for other, behind in self.services.items():
            for key, route in behind.routes.items():
                if route.priority == test.priority:
                    faults.append(
                        Fault((*at, "priority"), f"{test.priority} is taken by services.{other}.routes.{key}")
                    )
            beside = behind.test_route
            if other < name and beside is not None and beside.priority == test.priority:
                faults.append(Fault((*at, "priority"), f"{test.priority} is taken by services.{other}.test_route"))
        for key, route in service.routes.items():
            if test.priority > route.priority:
                text = f"must be below that of routes.{key}, {route.priority}, which would take every request first"
                faults.append(Fault((*at, "priority"), text))
            if len(route.hosts) + len(route.paths) + 1 > CONDITION_VALUES:
                text = (
                    f"the header is a condition too, and routes.{key} has {CONDITION_VALUES} values already: name fewer"
                )
                faults.append(Fault(at, text))
        return faults

    def _faults_beside_existing(self) -> list[Fault]:
        fields = type(self).model_fields
        faults: list[Fault] = [
            Fault((field,), "has no meaning beside `existing`, which is not touched: remove one of them")
            for field in fields
            if field not in {"existing", "services"} and getattr(self, field) != fields[field].get_default()
        ]
        if self.default_service:
            faults.append(
                Fault(
                    ("services", self.default_service, "routes"),
                    "give a route: the existing listener keeps its own default",
                )
            )
        return faults
