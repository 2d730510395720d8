"""What the rows of EC2 share: tags, attributes with a call of their own, filters."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from localcloud.aws.client import Aws
from localcloud.aws.kind import Part, Props, ask

ARN = "arn:aws:ec2:{region}:{account}:"


def retag(aws: Aws, resource_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags of anything in EC2."""
    if gone:
        aws("ec2", "delete_tags", Resources=[resource_id], Tags=[{"Key": k} for k in gone])
    if tags:
        aws("ec2", "create_tags", Resources=[resource_id], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])


def flag(call: str, key: str, member: str) -> Part:
    """An attribute that EC2 changes by a call of its own."""

    def put(aws: Aws, resource_id: str, value: Any, props: Props) -> None:
        truth = value in (True, "true") if value in (True, False, "true", "false") else None
        aws("ec2", call, **{key: resource_id, member: value if truth is None else {"Value": truth}})

    return put


def where(**values: str) -> list[Props]:
    """Filters of EC2; `vpc_id` is `vpc-id`, `association__main` is `association.main`."""
    return [{"Name": k.replace("__", ".").replace("_", "-"), "Values": [v]} for k, v in values.items()]


def vpc_attribute(name: str) -> Callable[..., Any]:
    """A flag of a VPC, which only a call of its own tells."""
    member = name[0].upper() + name[1:]
    return ask("ec2", "describe_vpc_attribute", f"{member}.Value", VpcId="{id}", Attribute=name)


def owner(aws: Aws, resource_id: str, live: Props, props: Props) -> str:
    """The account, where moto answers none."""
    return str(live.get("OwnerId") or aws.account)


NO_WAY_OUT = ("Gateway.NotAttached", "InvalidSubnet")
WAY_OUT_WITHIN = 10.0
"""Seconds that an internet gateway may come later than what needs it: a program that does not say that one depends on
the other makes both at once, and on AWS, where each takes longer, it comes in time."""


def once_there_is_a_way_out(
    aws: Aws, call: Callable[[], dict[str, Any]], within: float = WAY_OUT_WITHIN
) -> dict[str, Any]:
    """The answer of a call that needs an internet gateway in the network."""
    ends = time.monotonic() + within
    while True:
        try:
            return call()
        except ClientError as error:
            told = error.response.get("Error", {})
            lacking = told.get("Code") in NO_WAY_OUT and "internet gateway" in str(told.get("Message")).lower()
            if not lacking or time.monotonic() > ends or aws.caller.cancelled.wait(0.2):
                raise
