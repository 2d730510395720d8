"""Names of the domain name system: zones, records, health checks, certificates.

Sources: Route 53 API reference, ResourceRecordSet, CreateHostedZone, HealthCheckConfig; Route 53 Developer Guide, DNS
domain name format, supported DNS record types; ACM API reference, RequestCertificate; the official provider's
validation.
"""

import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, alone, each, form, number, one_of, within
from localcloud.aws.limits._conditions import modelled, sized, told
from localcloud.provider.wire import is_unknown

POLICIES = (
    "weightedRoutingPolicies", "latencyRoutingPolicies", "failoverRoutingPolicies", "geolocationRoutingPolicies",
    "geoproximityRoutingPolicy", "cidrRoutingPolicy", "multivalueAnswerRoutingPolicy",
)  # fmt: skip
CONTINENTS = ("AF", "AN", "AS", "EU", "NA", "OC", "SA")
SUBDIVIDED = ("US", "UA", "CA")
LONGEST_TEXT, LONGEST_LABEL, LONGEST_NAME = 255, 63, 255
FORMS = {
    "CAA": (r'\d{1,3} [A-Za-z0-9]+ ".*"', "is not of the form '0 issue \"ca.example\"'"),
    "NS": (r"\S+", "is no name"), "PTR": (r"\S+", "is no name"),
}  # fmt: skip
NUMBERED = {"MX": 1, "SRV": 3}
"""Types whose values begin with so many numbers of 16 bits."""


def sent(props: Props) -> Iterator[Fault]:
    """A record has values, or is an alias."""
    if not told(props, "aliases", "records"):
        return
    if not props.get("records") and not props.get("aliases"):
        yield "records", "missing required property: give 'records' with 'ttl', or 'aliases'"


def routed(props: Props) -> Iterator[Fault]:
    """One policy tells records of one name apart, by an identifier."""
    given = [name for name in POLICIES if props.get(name)]
    if len(given) > 1 and not any(is_unknown(props.get(name)) for name in given):
        yield given[1], f"conflicts with {given[0]!r}: give one of them"
    if props.get("setIdentifier") and not given:
        yield "setIdentifier", "is only for a record with a routing policy"
    if (
        props.get("multivalueAnswerRoutingPolicy")
        and props.get("aliases")
        and told(props, "multivalueAnswerRoutingPolicy", "aliases")
    ):
        yield "multivalueAnswerRoutingPolicy", "is not for an alias"


def located(props: Props) -> Iterator[Fault]:
    """A place is a continent, or a country and perhaps a part of it."""
    for place, found in each(props, "geolocationRoutingPolicies[]"):
        if not isinstance(found, dict):
            continue
        if found.get("continent") and found.get("country"):
            yield f"{place}.country", "conflicts with 'continent': give one of them"
        country = found.get("country")
        if (
            found.get("subdivision")
            and isinstance(country, str)
            and not is_unknown(country)
            and country not in SUBDIVIDED
        ):
            yield f"{place}.subdivision", f"is not for country {country!r}; allowed are {', '.join(SUBDIVIDED)}"


def values(props: Props) -> Iterator[Fault]:
    """Values of the type's form, each once, texts in strings of a length."""
    kind = str(props.get("type"))
    seen = set()
    for place, value in each(props, "records[]"):
        if not isinstance(value, str):
            continue
        if value in seen:
            yield place, f"{value!r} is there already"
        seen.add(value)
        if kind in FORMS:
            yield from ((place, why) for _, why in form("value", *FORMS[kind])({"value": value}))
        if kind in ("TXT", "SPF"):
            bare = value[1:-1] if value.startswith('"') and value.endswith('"') else value
            longest = max(len(part) for part in re.split(r'"\s*"', bare))
            if longest > LONGEST_TEXT:
                yield place, f"{longest} characters in one string, allowed are {LONGEST_TEXT}: part it by '\"\"'"
        for text in re.findall(r"\d+(?=\s)", value)[: NUMBERED.get(kind, 0)]:
            if int(text) >= 2**16:
                yield place, f"its {text} is above 65535"


def domain(path: str, empty: bool = False) -> Check:
    """A name of labels of at most 63 characters, none of them empty."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            if not isinstance(value, str) or (empty and not value):
                continue
            labels = value.removesuffix(".").split(".")
            if re.search(r"\s", value) or not value:
                yield place, f"{value!r} is no name of a domain"
            elif len(value) > LONGEST_NAME or any(not label or len(label) > LONGEST_LABEL for label in labels):
                yield place, f"{value!r} has a label that is empty or longer than {LONGEST_LABEL} characters"

    return check


def kinds(props: Props) -> Iterator[Fault]:
    """What is looked at for each kind of health check."""
    kind = props.get("type")
    if not isinstance(kind, str) or is_unknown(kind):
        return
    if props.get("searchString") and not kind.endswith("_STR_MATCH"):
        yield "searchString", f"is not for a health check of type {kind}"
    if props.get("resourcePath") and not kind.startswith("HTTP"):
        yield "resourcePath", f"is not for a health check of type {kind}"
    if (interval := number(props.get("requestInterval"))) is not None and interval not in (10, 30):
        yield "requestInterval", f"{interval:g} is not allowed; allowed are 10 and 30 seconds"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:route53/record:Record": (
        sent, routed, located, values, domain("name", empty=True), within("ttl", 0, 2**31 - 1, "seconds"),
        within("weightedRoutingPolicies[].weight", 0, 255),
        modelled("latencyRoutingPolicies[].region", "route53", "ResourceRecordSetRegion"),
        one_of("failoverRoutingPolicies[].type", "PRIMARY", "SECONDARY"),
        one_of("geolocationRoutingPolicies[].continent", *CONTINENTS),
        form("geolocationRoutingPolicies[].country", r"[A-Z]{2}|\*", "is no country such as DE, nor '*'"),
        sized("setIdentifier", 1, 128), sized("healthCheckId", 0, 64),
    ),
    "aws:route53/zone:Zone": (domain("name"), sized("comment", 0, 256), alone("delegationSetId", "vpcs")),
    "aws:route53/healthCheck:HealthCheck": (kinds,),
    "aws:acm/certificate:Certificate": (
        alone("privateKey", "domainName"), alone("certificateAuthorityArn", "validationMethod"),
        alone("privateKey", "validationMethod"), alone("certificateAuthorityArn", "privateKey"),
    ),
}  # fmt: skip
