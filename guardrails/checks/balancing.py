"""Balancers and their listeners."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardrails.checks.check import Check, Inputs
from guardrails.values import is_off

OLD_TLS = re.compile(r"^ELBSecurityPolicy-(20\d\d|TLS-1-[01]|FS-)")
"""Policies that allow TLS 1.0 or 1.1, or are of their age. Source: Elastic Load Balancing guide, security policies."""


def listeners_are_modern(listener: Inputs) -> Iterator[str]:
    """TLS 1.2 at least, said by name (Security Hub ELB.17)."""
    if listener.get("protocol") not in ("HTTPS", "TLS"):
        return
    policy = listener.get("sslPolicy")
    if not policy:
        yield "no TLS policy: the API then means ELBSecurityPolicy-2016-08; name a current one"
    elif isinstance(policy, str) and OLD_TLS.match(policy):
        yield f"{policy} allows outdated TLS: name a current one, such as ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def balancers_drop_invalid_headers(balancer: Inputs) -> Iterator[str]:
    """Security Hub ELB.4."""
    if (balancer.get("loadBalancerType") or "application") == "application" and is_off(
        balancer.get("dropInvalidHeaderFields")
    ):
        yield "invalid header fields are passed on: set dropInvalidHeaderFields"


CHECKS = (
    Check("modern-tls", "Listeners speak current TLS.", {"aws:lb/listener:Listener": listeners_are_modern}),
    Check(
        "valid-headers",
        "Balancers drop invalid headers.",
        {"aws:lb/loadBalancer:LoadBalancer": balancers_drop_invalid_headers},
    ),
)
