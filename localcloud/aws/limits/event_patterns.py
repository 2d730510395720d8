"""Patterns of events: what EventBridge, SNS filters and Lambda's event filters compare with.

Sources: EventBridge User Guide, comparison operators for use in event patterns; SNS Developer Guide, subscription
filter policies; the API reference of PutRule and PutTargets.
"""

import ipaddress
import json
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, form
from localcloud.aws.limits._conditions import arn_of, parsed, required, told
from localcloud.provider.compare import key

MATCHES = ("prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists")
COMPARED = ("=", "<", "<=", ">", ">=")
INPUTS = ("input", "inputPath", "inputTransformer")
MOST_PATHS = 100
BY_ROLE = ("ecs", "firehose", "states")
"""Services to which a rule sends by a role alone."""


def in_pattern(pattern: Any, at: str = "", empty: bool = False) -> Iterator[str]:
    """Everything that is wrong with a pattern, in words that name the field; `empty`: it may match everything."""
    if not pattern and not empty:
        yield f"{at or 'it'} is empty, which matches nothing"
    for name, value in pattern.items():
        here = f"{at}.{name}" if at else name
        if name == "$or":
            if not isinstance(value, list) or len(value) < 2 or not all(isinstance(one, dict) for one in value):
                yield f"{here!r} is no list of two or more patterns"
                continue
            for one in value:
                yield from in_pattern(one, at)
        elif isinstance(value, dict):
            yield from in_pattern(value, here)
        elif not isinstance(value, list):
            yield f"its {here!r} is neither a list nor an object: write [{json.dumps(value)}]"
        elif not value:
            yield f"its {here!r} is an empty list, which matches nothing"
        else:
            for one in value:
                yield from ((f"its {here!r} {why}") for why in _match(one))


def _match(one: Any) -> Iterator[str]:
    if isinstance(one, list):
        yield "has a list in its list"
    elif isinstance(one, dict):
        if len(one) != 1:
            yield f"has a comparison of {len(one)} operators, allowed is 1"
            return
        ((operator, operand),) = one.items()
        if operator not in MATCHES:
            yield f"has the operator {operator!r}; allowed are {', '.join(MATCHES)}"
        elif operator == "exists" and not isinstance(operand, bool):
            yield "has an 'exists' that is neither true nor false"
        elif operator == "numeric" and not _numeric(operand):
            yield f'has a \'numeric\' that is not such as [">", 0, "<=", 5]: {operand!r}'
        elif operator == "cidr" and not _block(operand):
            yield f"has a 'cidr' that is no block of addresses: {operand!r}"


def _numeric(operand: Any) -> bool:
    if not isinstance(operand, list) or len(operand) not in (2, 4):
        return False
    signs, numbers = operand[::2], operand[1::2]
    return all(sign in COMPARED for sign in signs) and all(
        isinstance(n, int | float) and not isinstance(n, bool) for n in numbers
    )


def _block(operand: Any) -> bool:
    try:
        ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return False
    return True


def pattern(path: str, empty: bool = False) -> Check:
    """A pattern as JSON."""

    def check(props: Props) -> Iterator[Fault]:
        for place, found, wrong in parsed(props, path):
            yield from ((place, why) for why in ([wrong] if wrong else in_pattern(found, empty=empty)))

    return check


def inputs(props: Props) -> Iterator[Fault]:
    """A target is given one thing: a text of JSON, a part of the event, or what is made of its parts."""
    given = [name for name in INPUTS if props.get(name) is not None]
    if len(given) > 1:
        yield given[1], f"conflicts with {given[0]!r}: give one of them"
    for place, value in each(props, "input"):
        try:
            json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            yield place, f"is no JSON: {error}; a text stands in quotes of its own"
    for place, paths in each(props, "inputTransformer.inputPaths"):
        if isinstance(paths, dict) and len(paths) > MOST_PATHS:
            yield place, f"{len(paths)} are given, allowed are {MOST_PATHS}"
        for name in paths if isinstance(paths, dict) else ():
            if name.upper().startswith("AWS"):
                yield key(place, name), "begins with AWS, which AWS keeps for itself"


def target(props: Props) -> Iterator[Fault]:
    """What a service wants of a rule that sends to it."""
    arn = props.get("arn")
    if not isinstance(arn, str) or not told(props, "arn"):
        return
    kind = arn.split(":")[2] if arn.count(":") > 2 else ""
    if kind == "sqs" and arn.endswith(".fifo") and not props.get("sqsTarget"):
        yield "sqsTarget", "missing required property: a FIFO queue needs a 'messageGroupId'"
    if kind == "ecs" and ":cluster/" in arn and props.get("ecsTarget") is None:
        yield "ecsTarget", "missing required property: a cluster needs a task definition to run"
    if kind in BY_ROLE:
        yield from required("roleArn", because=f"EventBridge needs a role to send to {kind}")(props)


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:cloudwatch/eventRule:EventRule": (pattern("eventPattern"), arn_of("roleArn", "iam")),
    "aws:cloudwatch/eventTarget:EventTarget": (
        inputs, target, arn_of("arn"), arn_of("roleArn", "iam"), arn_of("deadLetterConfig.arn", "sqs"),
        form("inputPath", r"\$.*", "is no path such as $.detail"),
    ),
    "aws:cloudwatch/eventBus:EventBus": (arn_of("deadLetterConfig.arn", "sqs"),),
    "aws:lambda/eventSourceMapping:EventSourceMapping": (pattern("filterCriteria.filters[].pattern", empty=True),),
}  # fmt: skip
