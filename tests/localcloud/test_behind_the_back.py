"""What happens to a resource behind the back of its program is seen by a refresh: made from the rows, for every served
property of every served type.

To a refresh, a value that AWS has otherwise than it was asked for is the same as one that was changed since, and one
that AWS has not as one that was taken away. So each property is asked for otherwise than AWS has it, one at a time; and
each answer of AWS is taken apart, member by member. This cannot prove what AWS itself would answer.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud.aws import write_only
from localcloud.aws.client import Aws
from localcloud.aws.kinds import KINDS
from localcloud.aws.row import META_ARGUMENTS
from localcloud.aws.second_names import SECOND_NAMES
from localcloud.provider import compare, schema
from localcloud.provider.schema import Type
from tests.localcloud import catalogue_services
from tests.localcloud.catalogue import World, trust
from tests.localcloud.conftest import SECRET, Failed, Made

TOKENS = sorted(token.removeprefix("aws:") for token in KINDS.keys() - SECOND_NAMES.keys())
_DEPTH = 6
"""Blocks within blocks: deeper ones are rules of rules of the same kind."""

FOUND_BY = "the resource is found by it: AWS cannot change it"
ONE_OF_TWO = "never beside what the resource has in its place"
BLIND: dict[str, dict[str, str]] = {
    "appautoscaling/policy:Policy": dict.fromkeys(("scalableDimension", "serviceNamespace"), FOUND_BY),
    "appautoscaling/scheduledAction:ScheduledAction": dict.fromkeys(
        ("scalableDimension", "serviceNamespace"), FOUND_BY
    ),
    "appautoscaling/target:Target": dict.fromkeys(("scalableDimension", "serviceNamespace"), FOUND_BY),
    "autoscaling/attachment:Attachment": {"elb": ONE_OF_TWO},
    "ec2/mainRouteTableAssociation:MainRouteTableAssociation": {"vpcId": FOUND_BY},
    "route53/record:Record": {"type": FOUND_BY},
    "wafv2/webAcl:WebAcl": {"scope": FOUND_BY},
    **catalogue_services.BLIND,
}
"""Type -> property -> why a refresh does not see it otherwise, where no row lists it as `write_only`."""

ALWAYS = "AWS always has one: an answer without it is none"
_BUCKET = {"bucket": FOUND_BY}
UNSAID: dict[str, dict[str, str]] = {
    "dynamodb/table:Table": {"billingMode": ALWAYS, "name": FOUND_BY},
    "kms/keyPolicy:KeyPolicy": {"keyId": FOUND_BY},
    **dict.fromkeys(("s3/bucket:Bucket", "s3/bucketV2:BucketV2", "s3/bucketAcl:BucketAcl",
                     "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
                     "s3/bucketVersioning:BucketVersioning"), _BUCKET),
    **dict.fromkeys(("s3/bucketObject:BucketObject", "s3/bucketObjectv2:BucketObjectv2"), _BUCKET | {"key": FOUND_BY}),
    "secretsmanager/secretVersion:SecretVersion": {"secretId": FOUND_BY},
    "sns/topic:Topic": {"name": FOUND_BY},
    "sns/topicPolicy:TopicPolicy": {"arn": FOUND_BY},
    "ssm/parameter:Parameter": {"value": ALWAYS},
    "wafv2/webAcl:WebAcl": {"scope": FOUND_BY},
    **catalogue_services.UNSAID,
}  # fmt: skip
"""Type -> input -> why no answer of AWS taken apart shows it changed and gone."""


@pytest.fixture
def world(provider: Any) -> World:
    return World(provider)


def another(t: Type, value: Any, depth: int = 0) -> Any:
    """A value of the type that is not this one; None where there is none."""
    if t.kind == "union":
        t = next((each for each in t.of if each.kind == "str"), t.of[0])
    if t.kind in ("str", "any"):
        return json.dumps({"behind": "the back"}) if str(value)[:1] in ("{", "[") else f"{value or ''}behind"
    if t.kind in ("int", "number"):
        return int(value or 0) + 7
    if t.kind == "bool":
        return not value
    if t.kind == "map":
        return (value or {}) | {"behind": another(t.of, None)}
    if t.kind == "list":
        more = another(t.of, None, depth)
        return None if more is None else [*(value or []), more]
    if depth > _DEPTH:
        return None
    members = {name: another(inner, None, depth + 1) for name, inner in schema.obj(t.of).props.items()}
    return {name: inner for name, inner in members.items() if inner is not None}


def asked_otherwise(made: Made) -> Iterator[tuple[str, str, Any]]:
    """(path, row path, the inputs with another value there) of every property that the row serves."""
    kind = KINDS[made.token]

    def walk(t: Type, value: Any, path: str, row_path: str) -> Iterator[tuple[str, str, Any]]:
        if row_path in kind.translation.unserved:
            return
        if t.kind == "list" and t.of.kind == "object" and isinstance(value, list) and value:
            t, value, path = t.of, value[0], f"{path}[0]"
        if t.kind == "object" and isinstance(value, dict):
            for name, inner in schema.obj(t.of).props.items():
                yield from walk(inner, value.get(name), compare.key(path, name), compare.below(row_path, name))
            return
        had = compare.at(made.state, path) if value is None else value
        yield path, row_path, compare.put(made.inputs, path, another(t, had))

    for name, t in schema.inputs(made.token).props.items():
        if kind.serves(name) and name not in META_ARGUMENTS and name != f"{kind.naming.input}Prefix":
            yield from walk(t, made.inputs.get(name), name, name)


def is_write_only(token: str, row_path: str) -> bool:
    """Whether the row lists the property, or a block around it."""
    steps = row_path.split(".")
    return any(".".join(steps[:n]) in KINDS[token].properties.write_only for n in range(1, len(steps) + 1))


def test_each_property_that_no_refresh_can_read_has_its_reason() -> None:
    listed = {path.split(".")[-1] for kind in KINDS.values() for path in kind.properties.write_only}
    assert listed == write_only.WHY.keys()


@pytest.mark.parametrize("token", TOKENS)
def test_what_aws_has_otherwise_than_it_was_asked_for_is_seen(world: World, provider: Any, token: str) -> None:
    made, kind, blind = world.make(token), KINDS[f"aws:{token}"], []
    for path, row_path, inputs in asked_otherwise(made):
        if is_write_only(made.token, row_path):
            continue
        state = made.state | {name: value for name, value in inputs.items() if name in made.state}
        try:
            found = provider.refresh(Made(made.token, made.id, inputs, state))
        except Failed:
            blind.append(path)
            continue
        top = compare.segments(path)[0]
        # None: what it is found by leads nowhere any more, and the resource counts as gone.
        if found and compare.same({top: found.inputs.get(top)}, {top: inputs.get(top)}, kind.sameness):
            blind.append(path)
    assert sorted(blind) == sorted(BLIND.get(token, {}))


class Recorded(Aws):
    """The cloud with what it answers kept, by call."""

    answers: dict[str, dict[str, Any]]

    def __call__(self, service: str, call: str, /, **request: Any) -> dict[str, Any]:
        answer = super().__call__(service, call, **request)
        return self.answers.setdefault(f"{service} {call} {request}", answer)


class Replayed(Aws):
    """A cloud that answers as another one did."""

    answers: dict[str, dict[str, Any]]

    def __call__(self, service: str, call: str, /, **request: Any) -> dict[str, Any]:
        return copy.deepcopy(self.answers[f"{service} {call} {request}"])


def apart(value: Any) -> Iterator[Any]:
    """The value with one member taken away or changed, for each of its members."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    for name, inner in pairs:
        rest = [(n, v) for n, v in pairs if n != name]

        def whole(items: list[tuple[Any, Any]]) -> Any:
            return dict(items) if isinstance(value, dict) else [v for _, v in sorted(items, key=lambda item: item[0])]

        yield whole(rest)
        if isinstance(inner, dict | list):
            yield from (whole([*rest, (name, other)]) for other in apart(inner))
        elif isinstance(inner, bool | int | float | str):
            yield whole([*rest, (name, _changed(inner))])


def _changed(leaf: bool | int | float | str) -> Any:
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, int | float):
        return leaf + 1
    return json.dumps(json.loads(leaf) | {"Id": "changed"}) if leaf.startswith("{") else f"{leaf}x"


@pytest.mark.parametrize("token", TOKENS)
def test_each_input_is_seen_changed_and_seen_gone(world: World, endpoint: str, token: str) -> None:
    made, kind = world.make(token), KINDS[f"aws:{token}"]
    aws = Recorded(endpoint, "eu-west-1", secret=SECRET)
    aws.thorough, aws.answers = True, {}
    asked = {k: v for k, v in made.inputs.items() if not k.startswith("__") and k not in META_ARGUMENTS}
    state = kind.state(aws, made.id, asked)
    assert state is not None
    assert kind.refreshed(asked, state) == asked
    seen: dict[str, set[str]] = {name: set() for name in asked}
    for call, answer in aws.answers.items():
        for other in apart({k: v for k, v in answer.items() if k != "ResponseMetadata"}):
            twin = Replayed(endpoint, "eu-west-1", secret=SECRET)
            twin.thorough, twin.answers = True, aws.answers | {call: other}
            try:
                state = kind.state(twin, made.id, asked)
            except Exception:  # noqa: BLE001 -- an answer that AWS never gives: the refresh says so
                continue
            found = kind.refreshed(asked, state) if state else {}
            for name in asked:
                if found.get(name) != asked[name]:
                    seen[name].add("gone" if found.get(name) in (None, "", [], {}) else "changed")
    required = schema.inputs(made.token).required
    # What the resource is made with has to be there; a truth value that is gone is one that has changed.
    once = {*required, *kind.properties.force_new, kind.naming.input, *(name for name in asked if asked[name] is True)}
    blind = {
        name
        for name, how in seen.items()
        if not is_write_only(made.token, name) and not (how if name in once else how == {"changed", "gone"})
    }
    assert blind == UNSAID.get(token, {}).keys()


def test_a_gateway_that_was_detached_shows_its_network_gone(
    provider: Any, cloud: Any, vpc: Made, gateway: Made
) -> None:
    cloud("ec2").detach_internet_gateway(InternetGatewayId=gateway.id, VpcId=vpc.id)
    found = provider.refresh(gateway)
    assert found is not None
    assert "vpcId" not in found.inputs
    assert provider.diff(found, gateway.own).detail == {"vpcId": "UPDATE"}
    assert provider.refresh(provider.update(found, gateway.own)).inputs == gateway.inputs


def test_a_retention_that_was_removed_is_gone(provider: Any, cloud: Any) -> None:
    group = provider.create("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 7})
    cloud("logs").delete_retention_policy(logGroupName=group.id)
    found = provider.refresh(group)
    assert found is not None
    assert provider.diff(found, {"retentionInDays": 7}).detail == {"retentionInDays": "UPDATE"}, "0 is for ever"


def test_a_display_name_that_was_removed_is_gone(provider: Any, cloud: Any) -> None:
    topic = provider.create("aws:sns/topic:Topic", {"displayName": "shop"})
    cloud("sns").set_topic_attributes(TopicArn=topic.id, AttributeName="DisplayName", AttributeValue="")
    found = provider.refresh(topic)
    assert found is not None
    assert "displayName" not in found.inputs
    assert provider.diff(found, {"displayName": "shop"}).detail == {"displayName": "UPDATE"}


def test_tags_that_were_removed_are_gone(provider: Any, cloud: Any) -> None:
    role = provider.create(
        "aws:iam/role:Role", {"assumeRolePolicy": trust("ecs.amazonaws.com"), "tags": {"team": "shop"}}
    )
    cloud("iam").untag_role(RoleName=role.id, TagKeys=["team"])
    found = provider.refresh(role)
    assert found is not None
    assert "tags" not in found.inputs
    assert found.state["tagsAll"] == {}
