"""Distributions of CloudFront and their policies.

Sources: CloudFront API reference, DistributionConfig, CacheBehavior, Origin, CachePolicyConfig; CloudFront Developer
Guide, distribution settings, restrictions on edge functions; the official provider's validation.
"""

import itertools
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, number, within
from localcloud.aws.limits._conditions import arn_of, on, sized
from localcloud.provider.wire import is_unknown, unknowns

READ, ASKED = frozenset({"GET", "HEAD"}), frozenset({"GET", "HEAD", "OPTIONS"})
WRITTEN = ASKED | {"PUT", "POST", "PATCH", "DELETE"}
SETS = {"allowedMethods": (READ, ASKED, WRITTEN), "cachedMethods": (READ, ASKED)}
BEHAVIORS = ("defaultCacheBehavior", "orderedCacheBehaviors[]")
ERRORS = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
LISTED = {"cookiesConfig": ("cookieBehavior", "cookies"), "headersConfig": ("headerBehavior", "headers"),
          "queryStringsConfig": ("queryStringBehavior", "queryStrings")}  # fmt: skip
TTLS = ("minTtl", "defaultTtl", "maxTtl")


def behaviors(props: Props) -> Iterator[Fault]:
    """A behavior has one of the sets of methods."""
    for path in BEHAVIORS:
        for place, found in each(props, path):
            if not isinstance(found, dict):
                continue
            for name, sets in SETS.items():
                methods = found.get(name)
                if isinstance(methods, list) and not unknowns(methods) and frozenset(methods) not in sets:
                    allowed = "; ".join(", ".join(sorted(one)) for one in sets)
                    yield (
                        f"{place}.{name}",
                        f"{', '.join(map(str, methods))} are no set that CloudFront has; allowed are {allowed}",
                    )
            yield from ((f"{place}.{at}", why) for one in (_called, ttls) for at, why in one(found))


def _called(found: Props) -> Iterator[Fault]:
    seen = set()
    for at, one in each(found, "functionAssociations[]"):
        kind = one.get("eventType") if isinstance(one, dict) else None
        if kind in ("origin-request", "origin-response"):
            yield (
                f"{at}.eventType",
                f"{kind!r} is not for a function of CloudFront; allowed are viewer-request, viewer-response",
            )
        elif kind in seen:
            yield f"{at}.eventType", f"{kind!r} has a function already"
        seen.add(kind if isinstance(kind, str) and not is_unknown(kind) else at)
    yield from form(
        "lambdaFunctionAssociations[].lambdaArn",
        r"arn:.+:lambda:.+:\d+",
        "is not the ARN of a numbered version of a function",
    )(found)


def origins(props: Props) -> Iterator[Fault]:
    """Origins of an id each, by their host names; a bucket or a server of one's own."""
    seen: dict[str, Props] = {}
    for place, found in each(props, "origins[]"):
        if not isinstance(found, dict):
            continue
        if found.get("customOriginConfig") and found.get("s3OriginConfig"):
            yield f"{place}.s3OriginConfig", "conflicts with 'customOriginConfig': give one of them"
        name = found.get("originId")
        if isinstance(name, str) and not is_unknown(name):
            if name in seen and found != seen[name]:
                yield f"{place}.originId", f"{name!r} is that of another origin"
            seen.setdefault(name, found)


def restricted(props: Props) -> Iterator[Fault]:
    """A list of countries, where there is one to be."""
    for place, found in each(props, "restrictions.geoRestriction"):
        kind = found.get("restrictionType") if isinstance(found, dict) else None
        if kind in ("whitelist", "blacklist") and not found.get("locations"):
            yield f"{place}.locations", f"missing required property of 'restrictionType': {kind!r}"


def errors(props: Props) -> Iterator[Fault]:
    """Codes that have a page of their own; a code in its place with the page."""
    for place, found in each(props, "customErrorResponses[]"):
        if not isinstance(found, dict):
            continue
        code = number(found.get("errorCode"))
        if code is not None and code not in ERRORS:
            yield f"{place}.errorCode", f"{code:g} is not allowed; allowed are {', '.join(map(str, ERRORS))}"
        there = [name for name in ("responseCode", "responsePagePath") if found.get(name) not in (None, "", 0)]
        if len(there) == 1:
            missing = "responsePagePath" if there == ["responseCode"] else "responseCode"
            yield f"{place}.{missing}", f"missing required property beside {there[0]!r}"


def certified(props: Props) -> Iterator[Fault]:
    """One certificate."""
    for place, found in each(props, "viewerCertificate"):
        if isinstance(found, dict) and on(found.get("cloudfrontDefaultCertificate")):
            yield from ((f"{place}.{name}", "conflicts with 'cloudfrontDefaultCertificate': give one of them")
                        for name in ("acmCertificateArn", "iamCertificateId") if found.get(name))  # fmt: skip


def ports(path: str) -> Check:
    """80, 443, and those that any program may open."""
    return within(path, 1_024, 65_535, also=frozenset({80.0, 443.0}))


def listed(path: str) -> Check:
    """What a policy lists, where it says that it does."""

    def check(props: Props) -> Iterator[Fault]:
        for block, (behavior, items) in LISTED.items():
            for place, found in each(props, f"{path}{block}"):
                kind = found.get(behavior) if isinstance(found, dict) else None
                if kind in ("whitelist", "allExcept") and not found.get(items):
                    yield f"{place}.{items}", f"missing required property of {behavior!r}: {kind!r}"

    return check


def ttls(props: Props) -> Iterator[Fault]:
    """The least time is not above the usual one, nor that above the most."""
    given = [(name, value) for name in TTLS if (value := number(props.get(name))) is not None]
    for (low, smaller), (high, larger) in itertools.pairwise(given):
        if smaller > larger:
            yield low, f"{smaller:g} is above {high} {larger:g}"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:cloudfront/distribution:Distribution": (
        behaviors, origins, restricted, errors, certified,
        form("restrictions.geoRestriction.locations[]", "[A-Z]{2}", "is no country by ISO 3166-1, such as DE"),
        form("defaultRootObject", r"(?!/).*", "begins with a slash: write the name alone, such as index.html"),
        form("origins[].domainName", r"[^:/\s]+", "is no host name: neither a scheme nor a path"),
        form("origins[].originPath", r"(/.*[^/])?", "is no path that begins with a slash and ends without one"),
        within("origins[].connectionAttempts", 1, 3), within("origins[].connectionTimeout", 1, 10, "seconds"),
        within("origins[].customOriginConfig.originKeepaliveTimeout", 1, 180, "seconds"),
        ports("origins[].customOriginConfig.httpPort"), ports("origins[].customOriginConfig.httpsPort"),
        sized("comment", 0, 128), arn_of("viewerCertificate.acmCertificateArn", "acm"),
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": (sized("name", 1, 64), sized("description", 0, 256)),
    "aws:cloudfront/function:Function": (
        form("name", r"[A-Za-z0-9_-]{1,64}", "is no name of at most 64 letters, digits, hyphens and underscores"),
        sized("code", 1, 10_240),
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": (
        ttls, *(within(name, 0, 2**31 - 1, "seconds") for name in TTLS), sized("name", 1, 128),
        listed("parametersInCacheKeyAndForwardedToOrigin."),
    ),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": (listed(""), sized("name", 1, 128)),
}  # fmt: skip
