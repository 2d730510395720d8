"""Policy documents: what IAM and the services refuse in them (IAM User Guide, grammar of the JSON policy language)."""

import json
import re
from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props
from localcloud.provider.wire import is_unknown

VERSIONS = ("2012-10-17", "2008-10-17")
SERVICE = re.compile(r"[a-z0-9.*-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.aws\.internal|[a-z0-9.-]+\.amazon\.com")


def statements(policy: Any) -> list[dict[str, Any]]:
    """The statements of a document; none of one that cannot be read, which the row itself tells."""
    try:
        found = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return []
    listed = found.get("Statement") if isinstance(found, dict) else None
    return [s for s in (listed if isinstance(listed, list) else [listed]) if isinstance(s, dict)]


def version(name: str) -> Check:
    """The version of the language, which is no date of one's own."""

    def check(props: Props) -> Iterator[Fault]:
        try:
            found = json.loads(props[name]) if isinstance(props.get(name), str) else props.get(name)
        except ValueError:
            return
        given = found.get("Version") if isinstance(found, dict) else None
        if given is not None and given not in VERSIONS:
            yield name, f"its 'Version' {given!r} is not allowed; allowed are {', '.join(VERSIONS)}"

    return check


def with_principal(name: str) -> Check:
    """A policy of a resource says for whom it is; a service is named by its whole name."""

    def check(props: Props) -> Iterator[Fault]:
        for statement in statements(props.get(name)):
            who = statement.get("Principal", statement.get("NotPrincipal"))
            if who is None:
                yield name, "a statement has no 'Principal'"
            services = who.get("Service") if isinstance(who, dict) else None
            for service in services if isinstance(services, list) else [services]:
                if isinstance(service, str) and not SERVICE.fullmatch(service):
                    yield name, f"its principal {service!r} is no service, such as ecs-tasks.amazonaws.com"

    return check


def without(name: str, *members: str) -> Check:
    """A document may not say this."""

    def check(props: Props) -> Iterator[Fault]:
        for statement in statements(props.get(name)):
            for member in members:
                if member in statement:
                    yield name, f"a statement has a {member!r}, which this kind of policy may not have"

    return check


def own_resources(props: Props) -> Iterator[Fault]:
    """A bucket's policy is about this bucket and its objects."""
    bucket = props.get("bucket")
    for statement in statements(props.get("policy")):
        listed = statement.get("Resource")
        for resource in listed if isinstance(listed, list) else [listed]:
            found = re.fullmatch(r"arn:[\w-]+:s3:::([^/*?]+)(/.*)?", resource) if isinstance(resource, str) else None
            known = isinstance(bucket, str) and not is_unknown(bucket)
            if known and found and found[1] != bucket:
                yield "policy", f"its resource {resource!r} is not of bucket {bucket!r}"


IDENTITY = (version("policy"), without("policy", "Principal", "NotPrincipal"))

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:iam/role:Role": (
        version("assumeRolePolicy"), with_principal("assumeRolePolicy"),
        without("assumeRolePolicy", "Resource", "NotResource"),
    ),
    **dict.fromkeys(("aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy",
                     "aws:iam/groupPolicy:GroupPolicy"), IDENTITY),
    "aws:s3/bucketPolicy:BucketPolicy": (version("policy"), with_principal("policy"), own_resources),
    "aws:sns/topicPolicy:TopicPolicy": (version("policy"), with_principal("policy")),
    "aws:sqs/queuePolicy:QueuePolicy": (version("policy"), with_principal("policy")),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": (version("policy"), with_principal("policy")),
}  # fmt: skip
