"""Balancers and their listeners."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardrails.checks.check import Check, Inputs
from guardrails.values import at, every, is_off, is_on, text

OLD_TLS = re.compile(r"^ELBSecurityPolicy-(20\d\d|TLS-1-[01]|TLS13-1-[01]|FS-)")
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


def distributions_are_modern(distribution: Inputs) -> Iterator[str]:
    """TLS 1.2 towards viewers, where a certificate of one's own is shown (Security Hub CloudFront.10)."""
    version = text(at(distribution, "viewerCertificate", "minimumProtocolVersion"))
    if (
        version
        and not version.startswith(("TLSv1.2", "TLSv1.3"))
        and not is_on(at(distribution, "viewerCertificate", "cloudfrontDefaultCertificate"))
    ):
        yield f"{version} allows outdated TLS: set minimumProtocolVersion to TLSv1.2_2021"
    behaviors = [at(distribution, "defaultCacheBehavior"), *every(distribution, "orderedCacheBehaviors")]
    if any(at(each, "viewerProtocolPolicy") == "allow-all" for each in behaviors):
        yield "viewers are answered in plain text: set viewerProtocolPolicy to redirect-to-https"


def names_are_modern(name: Inputs) -> Iterator[str]:
    """A domain name of an API."""
    if text(name.get("securityPolicy")) == "TLS_1_0":
        yield "TLS_1_0 allows outdated TLS: set securityPolicy to TLS_1_2"


def balancers_drop_invalid_headers(balancer: Inputs) -> Iterator[str]:
    """Security Hub ELB.4."""
    if (balancer.get("loadBalancerType") or "application") == "application" and is_off(
        balancer.get("dropInvalidHeaderFields")
    ):
        yield "invalid header fields are passed on: set dropInvalidHeaderFields"


CHECKS = (
    Check(
        "modern-tls",
        "Listeners speak current TLS.",
        "Older versions and ciphers can be broken by whoever is on the way.",
        {
            "aws:lb/listener:Listener": listeners_are_modern,
            "aws:cloudfront/distribution:Distribution": distributions_are_modern,
            "aws:apigateway/domainName:DomainName": names_are_modern,
        },
    ),
    Check(
        "valid-headers",
        "Balancers drop invalid headers.",
        "Two readers of one malformed header are how requests are smuggled past checks.",
        {"aws:lb/loadBalancer:LoadBalancer": balancers_drop_invalid_headers},
    ),
)
