"""Topics, queues, parameters, buckets, records."""

import ipaddress
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each, form, needed, number

BUCKET = r"(?!\d+\.\d+\.\d+\.\d+$)(?!xn--)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)"
"""Amazon S3 User Guide, general purpose bucket naming rules."""
LARGEST = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
"""Characters of a parameter's value by tier (Systems Manager, PutParameter)."""
ENDPOINTS = {
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "is no e-mail address"),
    "email-json": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "is no e-mail address"),
    "https": (r"https://.+", "does not begin with 'https://', as protocol https wants"),
    "http": (r"http://.+", "does not begin with 'http://', as protocol http wants"),
    "sqs": (r"arn:.+:sqs:.+", "is not the ARN of a queue"),
    "lambda": (r"arn:.+:lambda:.+", "is not the ARN of a function"),
}
COLDER = {"STANDARD_IA": 30, "ONEZONE_IA": 30}
"""Days before objects may move to a class (Amazon S3 User Guide, lifecycle transitions)."""


def endpoint(props: Props) -> Iterator[Fault]:
    """The endpoint of a subscription fits its protocol."""
    pattern, why = ENDPOINTS.get(str(props.get("protocol")), (".*", ""))
    yield from form("endpoint", f"(?s:{pattern})", why)(props)


def parameter(props: Props) -> Iterator[Fault]:
    """A parameter has a value, as long as its tier allows."""
    given = [name for name in ("value", "insecureValue") if props.get(name) is not None]
    if not given and props.get("valueWo") is None:
        yield "value", "missing required property: give 'value' or 'insecureValue'"
    most = LARGEST.get(str(props.get("tier") or "Standard"))
    for name in given:
        if most and isinstance(props[name], str) and len(props[name]) > most:
            tier = props.get("tier") or "Standard"
            yield name, f"{len(props[name])} characters, allowed are {most} in tier {tier}"


def document(path: str) -> Check:
    """A JSON object as text."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            try:
                found = json.loads(value) if isinstance(value, str) else value
            except ValueError as error:
                yield place, f"is no JSON: {error}"
                continue
            if not isinstance(found, dict):
                yield place, "expected an object in JSON"

    return check


def transitions(props: Props) -> Iterator[Fault]:
    """Objects stay a while before they move to a class that is made for rare use."""
    for place, step in each(props, "rules[].transitions[]"):
        least = COLDER.get(str(step.get("storageClass"))) if isinstance(step, dict) else None
        days = number(step.get("days")) if least else None
        if least and days is not None and days < least:
            yield (
                f"{place}.days",
                f"{days:g} is below the {least} days before objects may move to {step['storageClass']}",
            )


def _address(value: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(value).version == version
    except ValueError:
        return False


VALUES: dict[str, tuple[Callable[[str], Any], str]] = {
    "A": (lambda value: _address(value, 4), "is no IPv4 address"),
    "AAAA": (lambda value: _address(value, 6), "is no IPv6 address"),
    "MX": (lambda value: re.fullmatch(r"\d+ \S+", value), "is not of the form '10 mail.example.com'"),
    "CNAME": (lambda value: re.fullmatch(r"\S+", value), "is no name"),
    "SRV": (lambda value: re.fullmatch(r"\d+ \d+ \d+ \S+", value), "is not of the form '1 10 5269 host.example.com'"),
}


def record(props: Props) -> Iterator[Fault]:
    """The values of a record fit its type."""
    kind = str(props.get("type"))
    if kind in VALUES:
        fits, why = VALUES[kind]
        for place, value in each(props, "records[]"):
            if isinstance(value, str) and not fits(value):
                yield place, f"{value!r} {why}, as a record of type {kind} wants"
    found = props.get("records")
    if kind == "CNAME" and isinstance(found, list) and len(found) > 1:
        yield "records", f"{len(found)} values, a record of type CNAME has one"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:sns/topicSubscription:TopicSubscription": (endpoint,),
    "aws:sqs/queuePolicy:QueuePolicy": (document("policy"),),
    "aws:ssm/parameter:Parameter": (
        parameter, form("name", r"[a-zA-Z0-9_.\-/]+", "has characters other than letters, digits and ._-/"),
    ),
    "aws:s3/bucket:Bucket": (
        form("bucket", BUCKET, "is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens"),
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (transitions,),
    "aws:route53/record:Record": (record,),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        needed("serviceName"),
        form("serviceName", r"[^.\s]+(\.[^.\s]+)+", "is no whole name such as com.amazonaws.eu-west-1.s3"),
    ),
}  # fmt: skip
