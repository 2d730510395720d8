"""What a program gives in another form than the schema's: brought into form by Check, over gRPC and for every leaf.

It cannot prove that the official provider reads each text in the same way; the rules are those of its bridge.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from localcloud.aws import kinds
from localcloud.provider import coercion, schema, wire

POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}], "Version": "2012-10-17"}
TEXT = '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":"*"}],"Version":"2012-10-17"}'
TASK = {"family": "f", "containerDefinitions": '[{"name": "a", "image": "b"}]', "requiresCompatibilities": ["FARGATE"]}

SCALARS = ("str", "int", "number", "bool")
Place = Callable[[Any], dict[str, Any]]


def leaves(props: dict[str, schema.Type], seen: tuple[Any, ...] = ()) -> Iterator[tuple[str, str, Place]]:
    """(path, kind, f(value) -> inputs with the value there) of every scalar in a block; a block in itself once."""
    for name, t in props.items():
        for path, kind, place in below(t, name, seen):
            yield path, kind, lambda value, name=name, place=place: {name: place(value)}


def below(t: schema.Type, path: str, seen: tuple[Any, ...]) -> Iterator[tuple[str, str, Any]]:
    if t.kind == "list":
        yield from ((p, kind, lambda v, f=f: [f(v)]) for p, kind, f in below(t.of, f"{path}[0]", seen))
    elif t.kind == "map":
        yield from ((p, kind, lambda v, f=f: {"key": f(v)}) for p, kind, f in below(t.of, f"{path}.key", seen))
    elif t.kind == "object" and t.of not in seen:
        yield from ((f"{path}.{p}", kind, f) for p, kind, f in leaves(schema.obj(t.of).props, (*seen, t.of)))
    elif t.kind in SCALARS:
        yield path, t.kind, lambda v: v
    elif t.kind == "union" and {"str", "object"} == {inner.kind for inner in t.of}:
        yield path, "document", lambda v: v


FORMS = {
    "str": [(5, "5"), (5.0, "5"), (0.25, "0.25"), (True, "true"), (False, "false"), ("x", "x"), ("true", "true")],
    "int": [("5", 5), ("-5", -5), (5, 5)],
    "number": [("0.25", 0.25), ("5", 5), ("1e3", 1000), (0.25, 0.25)],
    "bool": [("true", True), ("False", False), ("1", True), (True, True)],
    "document": [(POLICY, TEXT), (TEXT, TEXT)],
}
"""Kind of a leaf -> what is given, and the form that it takes."""
REFUSED = {
    "str": [(["x"], "expected a string, got a list"), ({"a": 1}, "expected a string, got a map")],
    "int": [
        ("5.5", "expected a whole number, got a string"), ("", "expected a whole number, got a string"),
        ("nan", "expected a whole number, got a string"), ("1_000", "expected a whole number, got a string"),
        (5.5, "expected a whole number, got a number"), (True, "expected a whole number, got a boolean"),
    ],
    "number": [("x", "expected a number, got a string"), (True, "expected a number, got a boolean")],
    "bool": [("yes", "expected true or false, got a string"), (1, "expected true or false, got a number")],
    "document": [([POLICY], "fits none of its allowed types, got a list")],
}  # fmt: skip


@pytest.mark.parametrize("token", sorted(kinds.KINDS))
def test_every_leaf_takes_the_form_of_its_type_and_refuses_what_has_none(token: str) -> None:
    block = schema.inputs(token)
    for path, kind, place in leaves(block.props):
        for value, form in FORMS[kind]:
            checked = coercion.block(block.props, place(value))
            assert (checked, type(_only(checked))) == (place(form), type(_only(place(form)))), path
            assert path not in {failure.path for failure in schema.failures(block, checked)}
        for value, reason in REFUSED[kind]:
            wrong = schema.failures(block, coercion.block(block.props, place(value)))
            assert [failure.reason for failure in wrong if failure.path == path] == [reason], path


def _only(value: Any) -> Any:
    while isinstance(value, dict | list) and len(value) == 1 and value not in (POLICY, [POLICY]):
        (value,) = value.values() if isinstance(value, dict) else value
    return value


@given(st.one_of(st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.booleans()))
def test_a_scalar_that_became_a_text_is_read_back_as_itself(value: Any) -> None:
    text = coercion.text(value)
    assert "e" not in text.replace("true", "").replace("false", "").lower()
    kind = "bool" if isinstance(value, bool) else "number"
    assert coercion.coerced(schema.Type(kind), text) == value


@pytest.mark.parametrize(
    ("token", "given", "checked"),
    [
        ("aws:ecs/taskDefinition:TaskDefinition", TASK | {"cpu": 256, "memory": 512.0}, {"cpu": "256", "memory": "512"}),
        (
            "aws:lb/targetGroup:TargetGroup",
            {"port": "80", "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": {"port": 8080, "matcher": 200}},
            {"port": 80, "healthCheck": {"port": "8080", "matcher": "200"}},
        ),
        ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"n": 1, "on": True}}, {"tags": {"n": "1", "on": "true"}}),
        ("aws:iam/role:Role", {"assumeRolePolicy": POLICY}, {"assumeRolePolicy": TEXT}),
        (
            "aws:iam/role:Role",
            {"assumeRolePolicy": POLICY | {"Id": wire.UNKNOWN}},
            {"assumeRolePolicy": wire.UNKNOWN},
        ),
        ("aws:iam/role:Role", {"assumeRolePolicy": TEXT, "maxSessionDuration": "7200"}, {"maxSessionDuration": 7200}),
    ],
)  # fmt: skip
def test_what_the_official_provider_takes_passes_a_check_in_the_form_of_its_type(
    provider: Any, token: str, given: dict[str, Any], checked: dict[str, Any]
) -> None:
    inputs, failures = provider.check(token, given)
    assert failures == []
    assert {name: inputs[name] for name in checked} == checked


def test_a_document_that_was_an_object_comes_back_as_a_text(provider: Any) -> None:
    made = provider.cycle("aws:iam/role:Role", {"assumeRolePolicy": POLICY})
    assert made.state["assumeRolePolicy"] == TEXT


def test_a_version_that_is_a_number_reaches_an_auto_scaling_group(provider: Any, vpc: Any, subnets: Any) -> None:
    template = provider.create(
        "aws:ec2/launchTemplate:LaunchTemplate", {"imageId": "ami-12345678", "instanceType": "t3.micro"}
    )
    inputs = {
        "maxSize": "1", "minSize": 0, "vpcZoneIdentifiers": [subnets[0].id],
        "launchTemplate": {"id": template.id, "version": template.state["latestVersion"]},
    }  # fmt: skip
    made = provider.create("aws:autoscaling/group:Group", inputs)
    assert (made.state["maxSize"], made.state["launchTemplate"]["version"]) == (1, "1")


def test_a_wrong_leaf_leaves_its_block_and_is_told_once(provider: Any) -> None:
    _, failures = provider.check(
        "aws:lb/targetGroup:TargetGroup",
        {"port": ["80"], "protocol": "HTTP", "vpcId": "vpc-1", "healthCheck": {"interval": "soon", "timeout": 1}},
    )
    assert sorted(failures) == [
        ("healthCheck.interval", "expected a whole number, got a string"),
        ("healthCheck.timeout", "1 is below the allowed 2"),
        ("port", "expected a whole number, got a list"),
    ]


def test_a_secret_keeps_its_mark_through_a_change_of_form_and_no_more_than_it(provider: Any) -> None:
    inputs = wire.struct({"cidrBlock": "10.0.0.0/16"})
    tags = inputs.fields["tags"].struct_value.fields
    tags["plain"].number_value = 1
    tags["hidden"].CopyFrom(wire.struct({"it": 12345}, wire.Secrets(properties={"it"})).fields["it"])
    token = "aws:ec2/vpc:Vpc"
    request = provider_pb2.CheckRequest(urn=provider.urn(token, "thing"), type=token, news=inputs, randomSeed=b"1")
    checked = provider._call("Check", request).inputs.fields["tags"].struct_value.fields
    assert checked["plain"].string_value == "1"
    assert checked["hidden"].struct_value.fields[wire.SIGNATURE].string_value == wire.SECRET
    assert checked["hidden"].struct_value.fields["value"].string_value == "12345"


def test_a_document_with_a_secret_inside_is_a_secret(provider: Any) -> None:
    token = "aws:iam/role:Role"
    inputs = wire.struct({"assumeRolePolicy": POLICY})
    secret = wire.struct({"it": "very-secret"}, wire.Secrets(properties={"it"})).fields["it"]
    inputs.fields["assumeRolePolicy"].struct_value.fields["Id"].CopyFrom(secret)
    request = provider_pb2.CheckRequest(urn=provider.urn(token, "thing"), type=token, news=inputs, randomSeed=b"1")
    checked = provider._call("Check", request).inputs.fields["assumeRolePolicy"].struct_value.fields
    assert checked[wire.SIGNATURE].string_value == wire.SECRET
    assert json.loads(checked["value"].string_value) == POLICY | {"Id": "very-secret"}


def test_a_function_takes_its_arguments_in_other_forms_and_answers_in_the_form_of_its_outputs(provider: Any) -> None:
    zones = provider.invoke("aws:index/getAvailabilityZones:getAvailabilityZones", {"allAvailabilityZones": "true"})
    assert zones["names"][0] == "eu-west-1a"
    image = provider.invoke("aws:ec2/getAmi:getAmi", {"mostRecent": "true", "owners": ["amazon"]})
    assert image["id"].startswith("ami-")
    for token in kinds.INVOKES:
        schema.function(token)


def test_a_function_names_all_that_is_wrong_with_its_arguments(provider: Any) -> None:
    request = provider_pb2.InvokeRequest(
        tok="aws:ec2/getAmi:getAmi", args=wire.struct({"mostRecent": "maybe", "owner": ["amazon"]})
    )
    failures = provider._call("Invoke", request).failures
    assert [(failure.property, failure.reason) for failure in failures] == [
        ("mostRecent", "expected true or false, got a string"),
        ("owner", "unknown property; did you mean 'owners'?"),
    ]
