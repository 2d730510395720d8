"""Every literal of every setting, from the models themselves, each in a stack file that is otherwise right."""

from __future__ import annotations

import copy
import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel

from stacks.compositions import COMPOSITIONS, RULES_ONLY, settings_model

Place = tuple[str, ...]
"""Keys from the section on; `*` for any key of a map, `0` for a list."""
KEY = "web"
NAMED_APART = ("step_scaling", "predictive", "loads")
"""Maps whose names must differ from those that the files below have."""
_ELASTICITY: dict[str, Any] = {
    "minimum": 1,
    "maximum": 4,
    "unit": {"capacity": "50/s", "start_up": "60s", "service_time": "40ms"},
    "target_tracking": {"web": {"metric": "cpu", "target": 50}},
}
_SIMULATION: dict[str, Any] = {
    "loads": {"web": {"spike": {"base": "40/s", "peak": "90/s", "at": "5m", "length": "5m", "duration": "20m"}}}
}
_SHARED: dict[str, Any] = {
    "environment": {"region": "us-east-1", "account_ids": ["123456789012"], "production": False},
    "network": {"zones": ["us-east-1a", "us-east-1b"]},
    "load_balancer": {"listener": {"protocol": "http"}},
}
SERVICES: dict[str, Any] = {
    **_SHARED,
    "composition": "web_service",
    "services": {
        KEY: {
            "container": {
                "image": {"repository": "docker.io/library/nginx", "version": "1.29.1"},
                "ports": {"web": {"number": 8080}},
            },
            "cpu": 256,
            "memory": 512,
            "traffic": {"port": 8080},
            "elasticity": _ELASTICITY,
            "simulation": _SIMULATION,
        }
    },
}
GROUPS: dict[str, Any] = {
    **_SHARED,
    "composition": "instance_fleet",
    "groups": {
        KEY: {
            "architecture": "arm64",
            "instance_types": ["m7g.large", "m6g.large"],
            "ports": {"http": 80},
            "traffic": {"port": 80},
            "elasticity": _ELASTICITY,
            "simulation": _SIMULATION,
        }
    },
}
PRIVATE: dict[str, Any] = {
    "composition": "private_service",
    "environment": {"production": False},
    "node": {"hourly": 0.05, "vcpus": 2, "memory": 8192},
    "proxy": {"image": {"repository": "docker.io/library/haproxy", "version": "2.6.12"}},
    "services": {KEY: {**SERVICES["services"][KEY], "memory": 128}},
}
ON_SWARM = "private:"
"""Before the section of a place in a stack on a Swarm, whose services stand in a section of the same name."""
OF_ALL = ("budget", "guardrails", "monitor")
"""Sections that every stack has alike."""
RULES: dict[str, Any] = {"workloads": {KEY: {"elasticity": _ELASTICITY, "simulation": _SIMULATION}}}
_FILE_SYSTEM = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0a1b2c3d"
_COGNITO = {
    "user_pool_arn": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc",
    "client_id": "abc",
    "domain": "shop",
}
_STEP = {"from": 0, "change": 1}
BESIDE: Mapping[Place, Mapping[str, Any]] = {
    ("routes", "*"): {"priority": 100, "paths": ["/*"]},
    ("sign_in",): {"cognito": _COGNITO},
    ("efs", "*"): {"file_system_arn": _FILE_SYSTEM, "path": "/data"},
    ("sidecars", "*"): {"image": {"repository": "docker.io/library/redis", "version": "8.2.1"}},
    ("image",): {"repository": "docker.io/library/redis", "version": "8.2.1"},
    ("sidecars", "*", "ports", "*"): {"number": 9000},
    ("step_scaling", "*"): {"metric": "cpu", "threshold": 60, "steps": [_STEP]},
    ("predictive", "*"): {"metric": "cpu", "target": 50, "mode": "forecast_only"},
    ("metrics", "*"): {"namespace": "Shop", "name": "Orders", "statistic": "Average"},
    ("ingress", "*"): {"cidr": "10.0.0.0/16"},
    ("egress", "*"): {"cidr": "10.0.0.0/16"},
    ("queue_alarms", "depth"): {"threshold": 100},
    ("log_alarms", "*"): {"pattern": "ERROR"},
    ("watch",): {"threshold": 1},
    ("trace",): {"file": "load.csv"},
    ("attributes",): {"memory": {"minimum": 4096}, "vcpus": {"minimum": 2}},
    ("hooks", "*"): {"transition": "launching"},
    ("approvals", "*"): {"stage": "post_scale_up"},
    ("fallback",): {"replicas": 2},
}
"""What a part needs beside the literal, by the end of its place."""
_ROUTES = {"web": {"priority": 100, "paths": ["/*"]}}
_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/3f0b5f0e-54fd-4d0c-8c55-0c2f8d1c7e6a"
_CLUSTER = {"arn": "arn:aws:ecs:us-east-1:123456789012:cluster/shared", "capacity_provider": "hosts"}
_REDIS = {"image": {"repository": "docker.io/library/redis", "version": "8.2.1"}}
_CHOSEN_BY_ATTRIBUTES = {
    ("groups", KEY, "instance_types"): None,
    ("groups", KEY, "purchase", "on_demand_allocation"): "lowest-price",
}
_NO_NAT = {("network", "nat"): "none"}
ALONG: Mapping[tuple[Place, Any], Mapping[Place, Any]] = {
    (("environment", "persist"), True): {
        ("environment", "expires"): "2026-01-05T18:00:00Z",
        ("environment", "production"): False,
    },
    **{
        (("guardrails", "severity", "*"), level): {("guardrails", "severity"): {"fixed-images": level}}
        for level in ("advisory", "mandatory")
    },
    (("composition",), "instance_fleet"): {("groups",): GROUPS["groups"], ("services",): None},
    (("network", "tiers", "0"), "public"): _NO_NAT,
    (("network", "tiers", "0"), "private"): {**_NO_NAT, ("load_balancer", "scheme"): "internal"},
    (("network", "tiers", "0"), "isolated"): {**_NO_NAT, ("services", KEY, "traffic"): None},
    **{
        ((section, "*", "elasticity", "predictive", "*", "maximum_breach"), "increase"): {
            (section, KEY, "elasticity", "predictive", "other", "maximum_buffer"): 10
        }
        for section in ("services", "groups", "workloads")
    },
    **{
        (("groups", "*", "capacity_provider", name), literal): {("groups", KEY, "elasticity", "target_tracking"): None}
        for name in ("managed_draining", "managed_termination_protection")
        for literal in (True, False)
    },
    ((f"{ON_SWARM}services", "*", "container", "ports", "*", "protocol"), "udp"): {
        ("services", KEY, "traffic"): None,
        ("proxy",): None,
    },
    (("listener", "protocol"), "https"): {("load_balancer", "listener", "certificate_arns"): [_CERTIFICATE]},
    **{
        (("services", "*", "container", "depends_on", "*"), condition): {
            ("services", KEY, "sidecars"): {KEY: _REDIS | more}
        }
        for condition, more in (
            ("START", {}),
            ("COMPLETE", {"essential": False}),
            ("SUCCESS", {"essential": False}),
            ("HEALTHY", {"health_check": {"command": ["/check"]}}),
        )
    },
    (("sidecars", "*", "depends_on", "*"), "HEALTHY"): {
        ("services", KEY, "container", "health_check"): {"command": ["/check"]}
    },
    (("capacity", "kind"), "ec2"): {("services", KEY, "cluster"): _CLUSTER},
    (("services", "*", "execute_command"), True): {("services", KEY, "container", "read_only_root"): False},
    **{
        (("deployment", "strategy"), strategy): {("services", KEY, "traffic", "routes"): _ROUTES}
        for strategy in ("blue_green", "linear", "canary")
    },
    **{
        (("deployment", "approvals", "*", name), literal): {
            ("services", KEY, "deployment", "strategy"): "canary",
            ("services", KEY, "traffic", "routes"): _ROUTES,
            ("services", KEY, "traffic", "test_route"): {"priority": 5},
        }
        for name, several in (
            ("stage", ("pre_scale_up", "post_scale_up", "post_test_traffic_shift", "post_production_traffic_shift")),
            ("at_limit", ("rollback", "continue")),
        )
        for literal in several
    },
    **{
        ((section, "*", openings, "*", "protocol"), protocol): {(section, KEY, openings, KEY, "port"): 443}
        for section in ("services", "groups")
        for openings in ("ingress", "egress")
        for protocol in ("tcp", "udp")
    },
    (("groups", "*", "architecture"), "x86_64"): {("groups", KEY, "instance_types"): ["m7i.large", "m6i.large"]},
    (("groups", "*", "refresh", "rollback"), True): {("groups", KEY, "image"): {"id": "ami-0a1b2c3d4e5f60718"}},
    **{
        ((section, "*", "traffic", "alternate"), True): {(section, KEY, "traffic", "routes"): _ROUTES}
        for section in ("services", "groups")
    },
    **{
        ((section, "*", "traffic", "routes", "*", "sign_in", "unauthenticated"), answer): {
            ("load_balancer", "listener"): {"certificate_arns": [_CERTIFICATE]}
        }
        for section in ("services", "groups")
        for answer in ("authenticate", "deny", "allow")
    },
    **{
        ((section, "*", "traffic", "listener_protocol"), protocol): {
            ("load_balancer", "kind"): "network",
            ("load_balancer", "listener"): {"certificate_arns": [_CERTIFICATE]},
        }
        for section in ("services", "groups")
        for protocol in ("TCP", "TLS", "UDP", "TCP_UDP")
    },
    **{
        (("groups", "*", "attributes", name, "0"), literal): _CHOSEN_BY_ATTRIBUTES
        for name, literal in (
            ("manufacturers", "intel"),
            ("manufacturers", "amd"),
            ("manufacturers", "amazon-web-services"),
            ("generations", "current"),
            ("generations", "previous"),
        )
    },
    **{
        (("groups", "*", "attributes", "burstable"), literal): _CHOSEN_BY_ATTRIBUTES
        for literal in ("included", "excluded", "required")
    },
}
"""What else changes with a literal, by the end of its place: section and keys, with a value, or None for away."""


def literals(kind: Any, place: Place = (), within: tuple[type, ...] = ()) -> Iterator[tuple[Place, Any]]:
    """Place and literal of every setting that has some, the branches of a union after each other."""
    origin = typing.get_origin(kind)
    if origin is Literal:
        yield from ((place, literal) for literal in typing.get_args(kind))
    elif kind is bool:
        yield from ((place, literal) for literal in (True, False))
    elif inspect.isclass(kind) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items() if kind not in within else ():
            yield from literals(field.annotation, (*place, name), (*within, kind))
    elif origin in (dict, Mapping):
        yield from literals(typing.get_args(kind)[1], (*place, "*"), within)
    elif origin in (tuple, list):
        yield from literals(typing.get_args(kind)[0], (*place, "0"), within)
    elif origin is typing.Annotated:
        yield from literals(typing.get_args(kind)[0], place, within)
    elif origin in (typing.Union, types.UnionType):
        for branch in typing.get_args(kind):
            yield from literals(branch, place, within)


def each_once() -> list[tuple[Place, Any]]:
    """Place and literal, those that several places share, such as an alarm's severity, at the first place only."""
    seen: dict[tuple[str, Any, str], tuple[Place, Any]] = {}
    every = (
        ((f"{ON_SWARM * (name == PRIVATE['composition'] and place[0] not in OF_ALL)}{place[0]}", *place[1:]), literal)
        for name in (*COMPOSITIONS, RULES_ONLY)
        for place, literal in literals(settings_model(name))
    )
    for place, literal in every:
        shared = "watch" if place[-1] in ("comparison", "missing_data", "severity") else ".".join(place[2:])
        if shared == "watch" and "elasticity" in place:
            shared = ".".join(place[2:])
        section = place[0].removeprefix(ON_SWARM)
        own = place[0] if section in ("services", "groups", "workloads") else ".".join(place)
        seen.setdefault((own, literal, shared), (place, literal))
    return list(seen.values())


def settings_with(place: Place, literal: Any) -> dict[str, Any]:
    """The sections of a stack or rules file in which `literal` stands at `place`, with what it needs beside it."""
    whole = PRIVATE if place[0].startswith(ON_SWARM) else {"groups": GROUPS, "workloads": RULES}.get(place[0], SERVICES)
    settings, tagged = copy.deepcopy(whole), place
    place = (place[0].removeprefix(ON_SWARM), *place[1:])
    node: Any = settings
    for position, (key, after) in enumerate(zip(place, (*place[1:], ""), strict=True)):
        name = key
        if key == "*":
            beside_others = place[position - 1] in NAMED_APART or place[:position][-3:] == ("sidecars", "*", "ports")
            name = "other" if beside_others else KEY
            if place[:position][-3:] == ("sidecars", "*", "depends_on"):
                name = "application"
        if not after:
            node[name] = literal
        elif after == "0":
            node[name] = [literal]
            break
        else:
            node = node.setdefault(name, {})
            for end, beside in BESIDE.items():
                if place[: position + 1][-len(end) :] == end:
                    node.update({key: copy.deepcopy(value) for key, value in beside.items() if key not in node})
    for (end, with_literal), changes in ALONG.items():
        if tagged[-len(end) :] == end and literal == with_literal:
            for path, value in changes.items():
                _put(settings, path, copy.deepcopy(value))
    return settings


def _put(settings: dict[str, Any], path: Place, value: Any) -> None:
    node = settings
    for key in path[:-1]:
        node = node.setdefault(key, {})
    if value is None:
        node.pop(path[-1], None)
    else:
        node[path[-1]] = value
