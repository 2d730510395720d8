"""Tables and their items, secrets, parameters, services that are found by name.

Sources: DynamoDB API reference, CreateTable, AttributeValue, UpdateContinuousBackups; Secrets Manager API reference,
CreateSecret, PutSecretValue; Systems Manager User Guide, requirements of parameter names; Cloud Map API reference,
CreateService; the official provider's validation.
"""

import re
from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, one_of, some, within
from localcloud.aws.limits._conditions import on, parsed, sized, told
from localcloud.provider.wire import is_unknown

KINDS = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")
MOST_LEVELS = 15
ALONE = "CNAME"


def keys(props: Props) -> Iterator[Fault]:
    """A sort key is another attribute than the partition key; what ends items is named."""
    first, second = props.get("hashKey"), props.get("rangeKey")
    if isinstance(second, str) and first == second and not is_unknown(second):
        yield "rangeKey", f"{second!r} is the 'hashKey' already"
    ttl = props.get("ttl")
    if isinstance(ttl, dict) and on(ttl.get("enabled")) and ttl.get("attributeName") in (None, ""):
        yield "ttl.attributeName", "missing required property of a table whose items end"


def item(props: Props) -> Iterator[Fault]:
    """Attributes by their types, the keys of them not empty."""
    for place, found, wrong in parsed(props, "item"):
        for name, value in found.items() if not wrong else ():
            if not isinstance(value, dict):
                continue  # told by the row
            kinds = list(value)
            if len(kinds) != 1 or kinds[0] not in KINDS:
                yield (
                    place,
                    f"its {name!r} is of type {', '.join(kinds) or 'none'}; allowed is one of {', '.join(KINDS)}",
                )
            elif name in (props.get("hashKey"), props.get("rangeKey")) and value[kinds[0]] == "":
                yield place, f"its key {name!r} is empty"


def levels(props: Props) -> Iterator[Fault]:
    """A name of few levels that begins with a slash where it has one, and with none of AWS's own words."""
    for place, name in each(props, "name"):
        if not isinstance(name, str):
            continue
        if "/" in name and not name.startswith("/"):
            yield place, f"{name!r} has levels and does not begin with a slash"
        elif re.match(r"(?i)/?(aws|ssm)", name):
            yield place, f"{name!r} begins with aws or ssm, which AWS keeps for itself"
        if name.count("/") > MOST_LEVELS:
            yield place, f"{name.count('/')} levels, allowed are {MOST_LEVELS}"


def found(props: Props) -> Iterator[Fault]:
    """A service is of a namespace; an alias of another name stands alone."""
    config = props.get("dnsConfig")
    if props.get("namespaceId") is None and config is None:
        yield "namespaceId", "missing required property: give it, or 'dnsConfig'"
    kinds = [value for _, value in each(props, "dnsConfig.dnsRecords[].type")]
    if ALONE in kinds and len(kinds) > 1:
        yield "dnsConfig.dnsRecords", "has a CNAME beside other records, which stands alone"
    if (
        ALONE in kinds
        and isinstance(config, dict)
        and told(config, "routingPolicy")
        and config.get("routingPolicy") in (None, "MULTIVALUE")
    ):
        yield "dnsConfig.routingPolicy", "'MULTIVALUE' is not for a CNAME; allowed is WEIGHTED"
    check, custom = props.get("healthCheckConfig"), props.get("healthCheckCustomConfig")
    if check and custom:
        yield "healthCheckCustomConfig", "conflicts with 'healthCheckConfig': give one of them"
    if isinstance(check, dict) and check.get("type") == "TCP" and check.get("resourcePath"):
        yield "healthCheckConfig.resourcePath", "is not for a check by TCP"


def valued(props: Props) -> Iterator[Fault]:
    """A parameter has a character at least."""
    for name in ("value", "insecureValue"):
        if props.get(name) == "":
            yield name, "is empty, which a parameter is not"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:dynamodb/table:Table": (
        keys, form("name", r"[a-zA-Z0-9_.-]{3,255}", "is no name of 3 to 255 letters, digits and ._-"),
        one_of("streamViewType", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY", also="$"),
        within("pointInTimeRecovery.recoveryPeriodInDays", 1, 35, "days"),
    ),
    "aws:dynamodb/tableItem:TableItem": (item,),
    "aws:secretsmanager/secret:Secret": (
        form("name", r"[A-Za-z0-9/_+=.@-]{1,512}", "has characters other than letters, digits and /_+=.@-"),
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": (some("secretString", "secretBinary", "secretStringWo"),),
    "aws:servicediscovery/service:Service": (found,),
    "aws:ssm/parameter:Parameter": (
        levels, valued, one_of("dataType", "text", "aws:ec2:image", "aws:ssm:integration"),
        sized("description", 0, 1024),
    ),
}  # fmt: skip
