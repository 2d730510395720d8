"""The configuration of HAProxy for the services of a stack: pure text, whose content tells one version from another.

Tasks are found by name resolution alone, which lists those that run and are healthy: the proxy needs no access to the
Engine, which would be root on its nodes. Source: HAProxy 2.6 configuration manual, sections 4.2 (server-template), 5.3
(resolvers), 7 (acl).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.specs.balanced_service import BalancedService
from components.specs.balanced_service import Route as Rule
from components.specs.reverse_proxy import METRICS_PATH, METRICS_PORT, ReverseProxySpec

LISTENS = 8080
"""Inside the container, where nobody needs root for it."""
SLOTS = 16
"""Servers of a backend come in multiples of it, so that another maximum seldom restarts the proxy."""
ALGORITHMS = {"round_robin": "roundrobin", "least_outstanding_requests": "leastconn", "weighted_random": "random"}


@dataclass(frozen=True)
class Route:
    """One service behind the proxy."""

    traffic: BalancedService
    most_tasks: int
    """Tasks at the most, those of an update that starts first included."""

    @property
    def servers(self) -> int:
        """Places for tasks."""
        return SLOTS * max(1, math.ceil(self.most_tasks / SLOTS))


def configuration(spec: ReverseProxySpec, routes: Mapping[str, Route]) -> str:
    """The whole file."""
    parts = [_shared(spec), _frontend(spec, routes), *(_backend(name, route) for name, route in routes.items())]
    return "\n".join([*parts, _METRICS])


def _shared(spec: ReverseProxySpec) -> str:
    connect, idle, each = (round(float(x)) for x in (spec.connect_timeout, spec.idle_timeout, spec.resolve_each))
    return f"""\
global
  log stdout format raw local0 info

defaults
  mode http
  log global
  option httplog
  option forwardfor
  option redispatch
  retries 3
  timeout connect {connect}s
  timeout client {idle}s
  timeout server {idle}s
  timeout http-request 10s
  timeout queue {connect}s

resolvers engine
  nameserver engine 127.0.0.11:53
  accepted_payload_size 8192
  resolve_retries 3
  timeout resolve {each}s
  timeout retry 1s
  hold valid {each}s
  hold nx {each}s
  hold obsolete 0s
"""


def _frontend(spec: ReverseProxySpec, routes: Mapping[str, Route]) -> str:
    tls = f" ssl crt /run/secrets/{spec.certificate} alpn h2,http/1.1 ssl-min-ver TLSv1.2" if spec.certificate else ""
    lines = [
        "frontend clients",
        f"  bind :{LISTENS}{tls}",
        f"  http-request set-header X-Forwarded-Proto {spec.protocol}",
    ]
    rules = [
        (rule.priority, f"{name}_{rule_name.replace('-', '_')}", name, rule)
        for name, route in routes.items()
        for rule_name, rule in route.traffic.routes.items()
    ]
    for _, acl, name, rule in sorted(rules, key=lambda each: each[0]):
        conditions = list(_conditions(acl, rule, lines))
        lines.append(f"  use_backend {name} if {' '.join(conditions)}")
    everything = [name for name, route in routes.items() if not route.traffic.routes]
    if everything:
        lines.append(f"  default_backend {everything[0]}")
    else:
        lines += ["  default_backend nowhere", "", "backend nowhere", "  http-request deny deny_status 404"]
    return "\n".join(lines) + "\n"


def _conditions(acl: str, rule: Rule, lines: list[str]) -> Sequence[str]:
    """Names of the conditions of a route, whose lines are added."""
    found = []
    for what, patterns, sample in (
        ("host", rule.hosts, "req.hdr(host),host_only -m reg -i"),
        ("path", rule.paths, "path -m reg"),
    ):
        if patterns:
            found.append(f"{acl}_{what}")
            lines += [f"  acl {acl}_{what} {sample} {_expression(pattern)}" for pattern in patterns]
    return found


def _expression(pattern: str) -> str:
    """A pattern with `*` and `?` as an expression."""
    meant = {"*": ".*", "?": "."}
    return _word("^" + "".join(meant.get(sign) or re.escape(sign) for sign in pattern) + "$")


def _word(text: str) -> str:
    """One word of the file, whatever printable signs are in it (section 2.2, quoting and escaping)."""
    return re.sub(r"[\\\"'# ]", lambda sign: "\\" + sign[0], text)


def _backend(name: str, route: Route) -> str:
    traffic = route.traffic
    check = traffic.health_check
    expected = "status 200-299" if "-" in check.matcher else f"status {check.matcher}"
    return f"""\
backend {name}
  balance {ALGORITHMS[traffic.effective_algorithm]}
  option httpchk
  http-check send meth GET uri {_word(check.path)} ver HTTP/1.1 hdr Host {name}
  http-check expect {expected}
  timeout check {round(float(check.timeout))}s
  default-server check inter {round(float(check.interval))}s fastinter 1s rise 1 fall {check.unhealthy_threshold}
  default-server resolvers engine init-addr none
  server-template task 1-{route.servers} tasks.{name}:{traffic.port}
"""


_METRICS = f"""\
frontend metrics
  bind :{METRICS_PORT}
  http-request use-service prometheus-exporter if {{ path {METRICS_PATH} }}
  http-request return status 200 if {{ path /health }}
  http-request deny deny_status 404
"""
