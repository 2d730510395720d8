"""The frame of the offline provider: instances, Check, Diff, secrets, errors, tags, over gRPC against moto.

It cannot prove that the engine reads the answers as meant (ring 5 does), nor that the official provider answers the same.
"""

import json
import os
import signal
import subprocess
import sys
from concurrent import futures
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.endpoint import Endpoint
from botocore.session import Session
from pulumi.runtime.proto import provider_pb2, status_pb2

from localcloud.aws import kinds
from localcloud.aws.client import loopback
from localcloud.aws.policy_form import policy_form
from localcloud.aws.running import NO_FILE
from localcloud.provider import compare, wire
from tests.localcloud.conftest import Made, token_file

VPC, SUBNET, GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:lb/targetGroup:TargetGroup"
UNKNOWN = wire.UNKNOWN
GUIDE = "docs/guides/adding-a-resource-type.md"


# -- instances and configuration


def test_two_instances_work_in_their_own_regions(connect: Any, cloud: Any) -> None:
    here, there = connect("eu-west-1"), connect("us-east-1")
    one, two = here.create(VPC, {"cidrBlock": "10.0.0.0/16"}), there.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    assert (one.state["region"], two.state["region"]) == ("eu-west-1", "us-east-1")
    assert cloud("ec2", "us-east-1").describe_vpcs(VpcIds=[two.id])["Vpcs"]


def test_a_resource_may_name_a_region_of_its_own(provider: Any, cloud: Any) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "region": "us-west-2"}
    made = provider.create(VPC, inputs)
    assert cloud("ec2", "us-west-2").describe_vpcs(VpcIds=[made.id])["Vpcs"]
    assert provider.refresh(made).inputs == made.inputs
    assert provider.diff(made, {"cidrBlock": "10.0.0.0/16"}).detail == {"region": "UPDATE_REPLACE"}
    provider.delete(made)


def test_the_local_cloud_stands_in_for_the_first_account_that_is_allowed(connect: Any) -> None:
    provider = connect(allowedAccountIds='["111111111111", "222222222222"]', forbiddenAccountIds='["111111111111"]')
    assert provider.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["accountId"] == "222222222222"


def test_what_one_account_has_another_does_not_see(connect: Any) -> None:
    one, other = connect(allowedAccountIds='["111111111111"]'), connect(allowedAccountIds='["222222222222"]')
    made = one.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
    assert ":111111111111:" in made.state["arn"]
    assert other.imported(made.token, made.id) is None
    one.delete(made)


def test_a_list_of_accounts_that_forbids_all_it_allows_is_refused(connect: Any) -> None:
    with pytest.raises(Exception, match=r"^forbiddenAccountIds names every account that is allowed: 111111111111$"):
        connect(allowedAccountIds='["111111111111"]', forbiddenAccountIds='["111111111111"]')


@pytest.mark.parametrize(
    "endpoint", ["https://ec2.eu-west-1.amazonaws.com", "http://10.0.0.1:4566", "http://example.com", "nonsense"]
)
def test_an_endpoint_that_is_not_on_this_machine_is_refused(endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"^the endpoint must be http on a loopback address") as refused:
        loopback(endpoint)
    assert (
        str(refused.value)
        == f"the endpoint must be http on a loopback address such as http://127.0.0.1:4566, got {endpoint!r}"
    )


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "http://localhost:4566", "http://[::1]:4566"])
def test_an_endpoint_on_this_machine_is_taken(endpoint: str) -> None:
    assert loopback(endpoint) == endpoint


def test_the_server_refuses_a_real_endpoint_and_ends_quietly_on_a_signal(endpoint: str, tmp_path: Path) -> None:
    module = [sys.executable, "-m", "localcloud.provider.server", "--cloud", "localcloud.aws.cloud"]
    command = [*module, "--token-file", token_file(tmp_path), "--port", "0", "--endpoint"]
    root = Path(__file__).parents[2]
    refused = subprocess.run([*command, "http://1.2.3.4"], capture_output=True, text=True, cwd=root, check=False)
    assert (refused.returncode, refused.stderr) == (
        2, "error: the endpoint must be http on a loopback address such as http://127.0.0.1:4566, got 'http://1.2.3.4'\n",
    )  # fmt: skip
    server = subprocess.Popen([*command, endpoint], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root)
    assert server.stdout is not None
    assert int(server.stdout.readline()) > 0
    server.send_signal(signal.SIGINT)
    out, errors = server.communicate(timeout=120)
    assert (server.returncode, out, errors) == (0, "", "")


# -- Check


def test_every_fault_is_told_at_once(provider: Any) -> None:
    inputs = {
        "vpcId": "v",
        "port": "http",
        "protcol": "HTTP",
        "healthCheck": {"interval": 1, "pth": "/"},
        "targetFailovers": [],
    }
    _, failures = provider.check(GROUP, inputs)
    assert sorted(failures) == sorted(
        [
            ("protcol", "unknown property; did you mean 'protocol'?"),
            ("port", "expected a whole number, got a string"),
            ("healthCheck.pth", "unknown property; did you mean 'path'?"),
            ("healthCheck.interval", "1 is below the allowed 5"),
            ("targetFailovers", f"the offline provider does not serve this property; see {GUIDE}"),
        ]
    )


def test_missing_inputs_are_named(provider: Any) -> None:
    assert provider.check("aws:lb/listener:Listener", {})[1][:2] == [
        ("defaultActions", "missing required property"),
        ("loadBalancerArn", "missing required property"),
    ]


def test_what_is_not_known_yet_is_no_fault(provider: Any) -> None:
    inputs = {"vpcId": UNKNOWN, "port": UNKNOWN, "protocol": "HTTP", "healthCheck": {"interval": UNKNOWN, "path": "/"}}
    assert provider.check(GROUP, inputs)[1] == []


def test_a_type_without_a_row_says_what_is_near_and_how_to_add_it(provider: Any) -> None:
    _, failures = provider.check("aws:ec2/vpnConnection:VpnConnection", {})
    assert len(failures) == 1
    assert failures[0][1].startswith("the local cloud serves no aws:ec2/vpnConnection:VpnConnection (nearest served: ")
    assert failures[0][1].endswith(f"); docs/served-types.md lists what is served; adding a type is a row: {GUIDE}")


def test_a_name_is_made_once_and_kept(provider: Any) -> None:
    token, inputs = "aws:iam/instanceProfile:InstanceProfile", {}
    first, _ = provider.check(token, inputs, "web")
    assert first["name"].startswith("web-")
    assert first["__defaults"] == ["name"]
    assert provider.check(token, inputs, "web", first)[0] == first
    prefixed, _ = provider.check(token, {"namePrefix": "app-"}, "web")
    assert prefixed["name"].startswith("app-")


# -- secrets


def test_a_secret_input_stays_secret_wherever_it_goes(provider: Any, endpoint: str) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"key": "hush-hush", "open": "yes"}}
    news = wire.struct({k: v for k, v in inputs.items() if k != "tags"})
    tags = news.fields["tags"].struct_value.fields
    tags["open"].string_value = "yes"
    mark = tags["key"].struct_value.fields
    mark[wire.SIGNATURE].string_value = wire.SECRET
    mark["value"].string_value = "hush-hush"
    request = provider_pb2.CheckRequest(urn=provider.urn(VPC, "secret"), type=VPC, news=news)
    checked = provider.stub.Check(request).inputs
    assert checked.fields["tags"] == news.fields["tags"]
    answer = provider.stub.Create(
        provider_pb2.CreateRequest(urn=provider.urn(VPC, "secret"), type=VPC, properties=checked)
    )
    for name in ("tags", "tagsAll"):
        assert answer.properties.fields[name].struct_value.fields[wire.SIGNATURE].string_value == wire.SECRET
    assert wire.SIGNATURE not in answer.properties.fields["cidrBlock"].struct_value.fields


def test_a_secret_is_never_in_an_error(provider: Any) -> None:
    _, failures = provider.check(
        VPC, {"cidrBlock": "10.0.0.0/16", "instanceTenancy": "hush-hush"}, secret=("instanceTenancy",)
    )
    assert failures == [("instanceTenancy", "'[secret]' is not allowed; allowed are default, dedicated, host")]
    news = wire.struct({"cidrBlock": "hush-hush"}, wire.Secrets(properties={"cidrBlock"}))
    with pytest.raises(Exception, match="secret") as failed:
        provider._call("Create", provider_pb2.CreateRequest(urn=provider.urn(VPC, "x"), type=VPC, properties=news))
    assert "hush" not in str(failed.value)


def test_a_secret_inside_json_marks_the_property() -> None:
    secrets = wire.Secrets(texts={"hush-hush"})
    marked = wire.struct({"policy": '{"a": "hush-hush"}', "list": [{"b": "hush-hush"}], "open": "no"}, secrets)
    hidden = {name for name, value in marked.fields.items() if wire.SIGNATURE in value.struct_value.fields}
    assert hidden == {"policy", "list"}


# -- Diff


def test_numbers_formatting_and_the_order_of_sets_are_no_difference(provider: Any, gateway: Any, subnets: Any) -> None:
    group = provider.create(
        GROUP, {"port": 80, "protocol": "HTTP", "targetType": "ip", "vpcId": subnets[0].inputs["vpcId"]}
    )
    assert provider.diff(group, group.inputs | {"port": 80.0}).detail == {}
    ids = [s.id for s in subnets]
    balancer = provider.create("aws:lb/loadBalancer:LoadBalancer", {"subnets": ids})
    assert provider.diff(balancer, {"subnets": ids[::-1]}).detail == {}


def test_ignored_changes_show_no_difference(provider: Any, vpc: Any) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}, "enableDnsSupport": False}
    assert provider.diff(vpc, inputs, ("tags", "enableDnsSupport")).detail == {}
    assert provider.diff(vpc, inputs, ('tags["a"]',)).detail == {"enableDnsSupport": "UPDATE", "tags": "ADD"}


def test_an_unknown_that_might_replace_shows_as_a_replacement(provider: Any, vpc: Any) -> None:
    found = provider.diff(vpc, {"cidrBlock": UNKNOWN})
    assert (found.detail, found.replaces) == ({"cidrBlock": "UPDATE_REPLACE"}, ["cidrBlock"])


def test_a_preview_of_a_creation_knows_what_was_asked_for(provider: Any) -> None:
    shown = provider.create(VPC, {"cidrBlock": "10.0.0.0/16"}, preview=True)
    assert (shown.state["cidrBlock"], shown.state["enableDnsSupport"], shown.state["arn"]) == (
        "10.0.0.0/16",
        True,
        UNKNOWN,
    )


def test_a_preview_of_an_update_keeps_what_the_update_does_not_touch(provider: Any, vpc: Any) -> None:
    shown = provider.update(vpc, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, preview=True)
    assert (shown.state["arn"], shown.state["tagsAll"]) == (vpc.state["arn"], {"a": "b"})


def test_what_aws_chose_and_the_program_now_says_is_no_difference(provider: Any, vpc: Any) -> None:
    made = provider.create(SUBNET, {"vpcId": vpc.id, "cidrBlock": "10.0.3.0/24"})
    zone = made.state["availabilityZone"]
    assert provider.diff(made, {"vpcId": vpc.id, "cidrBlock": "10.0.3.0/24", "availabilityZone": zone}).detail == {}


def test_drift_of_what_the_program_leaves_to_the_default_shows(provider: Any, vpc: Any, cloud: Any) -> None:
    cloud("ec2").modify_vpc_attribute(VpcId=vpc.id, EnableDnsHostnames={"Value": True})
    again = provider.refresh(vpc)
    assert again.own == {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}


# -- default tags


def test_default_tags_are_merged_and_subtracted(connect: Any) -> None:
    provider = connect(default_tags={"team": "blue", "app": "x"})
    made = provider.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"app": "y"}})
    assert made.state["tagsAll"] == {"team": "blue", "app": "y"}
    assert made.state["tags"] == {"app": "y"}
    assert provider.refresh(made).inputs == made.inputs
    assert provider.imported(VPC, made.id).inputs["tags"] == {"app": "y"}


def test_what_the_configuration_adds_is_an_input_of_each_resource(connect: Any) -> None:
    provider = connect(default_tags={"team": "blue"})
    checked, failures = provider.check(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"app": "y"}})
    assert failures == []
    assert (checked["region"], checked["tagsAll"]) == ("eu-west-1", {"team": "blue", "app": "y"})
    assert provider.check(VPC, {"cidrBlock": "10.0.0.0/16", "tags": UNKNOWN})[0]["tagsAll"] == UNKNOWN
    again, failures = provider.check(VPC, checked | {"region": "us-west-2", "tagsAll": {"old": "1"}})
    assert failures == []
    assert (again["region"], again["tagsAll"]) == ("us-west-2", {"team": "blue", "app": "y"})


def test_changed_default_tags_show_and_reach_aws(connect: Any, cloud: Any) -> None:
    made = connect(default_tags={"team": "blue", "old": "1"}).create(VPC, {"cidrBlock": "10.0.0.0/16"})
    provider = connect(default_tags={"team": "red", "new": "2"})
    found = provider.diff(made, {"cidrBlock": "10.0.0.0/16"})
    assert found.detail == {"tagsAll.team": "UPDATE", "tagsAll.old": "DELETE", "tagsAll.new": "ADD"}
    updated = provider.update(made, {"cidrBlock": "10.0.0.0/16"})
    live = cloud("ec2").describe_vpcs(VpcIds=[made.id])["Vpcs"][0]["Tags"]
    assert {t["Key"]: t["Value"] for t in live} == {"team": "red", "new": "2"} == updated.state["tagsAll"]
    assert provider.diff(updated, {"cidrBlock": "10.0.0.0/16"}).detail == {}


def test_a_tag_that_someone_added_shows_as_drift(provider: Any, vpc: Any, cloud: Any) -> None:
    cloud("ec2").create_tags(Resources=[vpc.id], Tags=[{"Key": "by", "Value": "hand"}])
    assert provider.refresh(vpc).inputs["tags"] == {"by": "hand"}


# -- wrong programs


@pytest.mark.parametrize(
    ("token", "inputs", "reason"),
    [
        (
            SUBNET,
            {"vpcId": "vpc-none", "cidrBlock": "10.0.0.0/24"},
            "CreateSubnet was refused: InvalidVpcID.NotFound: VpcID vpc-none does not exist.",
        ),
        (
            "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            {"role": "none", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
            "AttachRolePolicy was refused: NoSuchEntity: Role none not found",
        ),
    ],
)
def test_an_unknown_id_is_refused_as_there(provider: Any, token: str, inputs: dict[str, Any], reason: str) -> None:
    with pytest.raises(Exception, match="was refused") as failed:
        provider.create(token, inputs)
    assert str(failed.value) == reason


def test_a_duplicate_name_is_refused(provider: Any) -> None:
    provider.create("aws:iam/instanceProfile:InstanceProfile", {"name": "twice"})
    with pytest.raises(
        Exception,
        match=r"^CreateInstanceProfile was refused: EntityAlreadyExists: Instance Profile twice already exists.$",
    ):
        provider.create("aws:iam/instanceProfile:InstanceProfile", {"name": "twice"})


def test_a_vpc_with_subnets_inside_is_not_deleted(provider: Any, vpc: Any, subnets: Any) -> None:
    with pytest.raises(Exception, match="DependencyViolation") as failed:
        provider.delete(vpc)
    assert str(failed.value) == (
        f"DeleteVpc was refused: DependencyViolation: The vpc '{vpc.id}' has dependencies and cannot be deleted."
    )


def test_a_part_that_fails_leaves_nothing_behind(provider: Any, cloud: Any) -> None:
    before = {
        v["VpcId"]
        for v in cloud("ec2").describe_internet_gateways()["InternetGateways"]
        for v in [{"VpcId": v["InternetGatewayId"]}]
    }
    with pytest.raises(Exception, match=r"^AttachInternetGateway was refused: InvalidVpcID.NotFound"):
        provider.create("aws:ec2/internetGateway:InternetGateway", {"vpcId": "vpc-none"})
    assert {g["InternetGatewayId"] for g in cloud("ec2").describe_internet_gateways()["InternetGateways"]} == before


def test_what_can_be_neither_finished_nor_deleted_is_told_to_the_engine(
    provider: Any, monkeypatch: pytest.MonkeyPatch, cloud: Any
) -> None:
    row = kinds.KINDS[VPC]

    def fail(*_: Any) -> None:
        raise ValueError("it broke")

    broken = replace(
        row, calls=replace(row.calls, delete=fail), own_calls=replace(row.own_calls, put={"enableDnsSupport": fail})
    )
    monkeypatch.setitem(kinds.KINDS, VPC, broken)
    with pytest.raises(Exception, match=r"^it broke; what was made could not be deleted again: it broke$") as failed:
        provider.create(VPC, {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True})
    details = dict(failed.value.metadata)["grpc-status-details-bin"]
    assert b"pulumirpc.ErrorResourceInitFailed" in details
    assert b"vpc-" in details


def half_made(provider: Any, monkeypatch: pytest.MonkeyPatch, token: str, inputs: dict[str, Any], fails: str) -> Made:
    """What a state knows of a creation that broke while it set `fails`, and could not be undone."""
    row = kinds.KINDS[token]
    failed: Any = None

    def fail(*_: Any) -> None:
        raise ValueError("it broke")

    with monkeypatch.context() as patch:
        calls, own = replace(row.calls, delete=fail), replace(row.own_calls, put={**row.own_calls.put, fails: fail})
        patch.setitem(kinds.KINDS, token, replace(row, calls=calls, own_calls=own))
        with pytest.raises(Exception, match="could not be deleted again") as raised:
            provider.create(token, inputs)
        failed = raised.value
    status = status_pb2.Status.FromString(dict(failed.metadata)["grpc-status-details-bin"])
    told = provider_pb2.ErrorResourceInitFailed()
    status.details[0].Unpack(told)
    made = Made(token, told.id, wire.plain(told.inputs)[0], wire.plain(told.properties)[0])
    provider.made.append(made)
    return made


def test_a_creation_that_broke_off_is_finished_by_the_next_update(
    provider: Any, monkeypatch: pytest.MonkeyPatch, vpc: Any, cloud: Any
) -> None:
    """Its inputs stand in the state, and were not all done: nothing of them is taken for done."""
    wanted = {"vpcId": vpc.id, "tags": {"team": "web"}}
    made = half_made(provider, monkeypatch, "aws:ec2/internetGateway:InternetGateway", wanted, "vpcId")
    assert made.state["__unfinished"] is True
    found = provider.diff(made, wanted)
    assert (found.detail["vpcId"], found.replaces) == ("ADD", [])
    updated = provider.update(made, wanted)
    assert "__unfinished" not in updated.state
    (live,) = cloud("ec2").describe_internet_gateways(InternetGatewayIds=[made.id])["InternetGateways"]
    assert [attachment["VpcId"] for attachment in live["Attachments"]] == [vpc.id]
    assert provider.diff(updated, wanted).detail == {}


def test_a_creation_that_broke_off_is_replaced_where_it_cannot_be_finished(
    provider: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True}
    made = half_made(provider, monkeypatch, VPC, wanted, "enableDnsSupport")
    found = provider.diff(made, wanted)
    assert (found.replaces, found.delete_before_replace) == (["cidrBlock"], True)
    provider.delete(made)


def test_an_action_that_the_local_cloud_lacks_is_named(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    row = kinds.KINDS[VPC]
    calls = replace(row.calls, read=("describe_verified_access_instances", {}, "X[0]"), created=None)
    monkeypatch.setitem(kinds.KINDS, VPC, replace(row, calls=calls))
    with pytest.raises(Exception, match=r"^the local cloud has no such action: ec2:DescribeVerifiedAccessInstances$"):
        provider.create(VPC, {"cidrBlock": "10.0.0.0/16"})


def test_a_missing_resource_cannot_be_imported(provider: Any) -> None:
    assert provider.imported(VPC, "vpc-0123456789abcdef0") is None


def test_sixteen_creations_at_once_do_not_disturb_each_other(provider: Any, vpc: Any) -> None:
    def one(i: int) -> Any:
        return provider.create(SUBNET, {"vpcId": vpc.id, "cidrBlock": f"10.0.{i}.0/28"}, f"s{i}")

    with futures.ThreadPoolExecutor(16) as pool:
        made = list(pool.map(one, range(10, 42)))
    assert len({m.id for m in made}) == 32
    assert {m.state["cidrBlock"] for m in made} == {f"10.0.{i}.0/28" for i in range(10, 42)}


def test_components_and_methods_are_refused_plainly(provider: Any) -> None:
    with pytest.raises(Exception, match=r"^the offline provider constructs no components: aws:x:Y$"):
        provider._call("Construct", provider_pb2.ConstructRequest(type="aws:x:Y"))
    with pytest.raises(Exception, match=r"^the offline provider has no methods on resources: aws:x:y$"):
        provider._call("Call", provider_pb2.CallRequest(tok="aws:x:y"))


def test_the_schema_names_every_served_type_and_function(provider: Any) -> None:
    answer = json.loads(provider.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert sorted(answer["resources"]) == sorted(kinds.KINDS)
    assert sorted(answer["functions"]) == sorted(kinds.INVOKES)


def test_no_credentials_of_the_shell_are_used(endpoint: str) -> None:
    code = "from localcloud.aws.client import forget_real_credentials as f; import os; f(); print(sorted(k for k in os.environ if k.startswith('AWS')))"
    env = os.environ | {"AWS_PROFILE": "prod", "AWS_SECRET_ACCESS_KEY": "real"}
    root = Path(__file__).parents[2]
    shown = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert shown == "['AWS_CONFIG_FILE', 'AWS_EC2_METADATA_DISABLED', 'AWS_SHARED_CREDENTIALS_FILE']\n"


def test_no_settings_are_read_where_root_has_put_a_file_in_the_place_of_the_null_device(
    tmp_path: Path, monkeypatch: Any
) -> None:
    assert f"{os.devnull}/none" == NO_FILE
    (tmp_path / "null").write_text("what others threw away\n")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, f"{tmp_path}/null/none")
    assert Session().full_config == {"profiles": {}}


# -- sameness

POLICIES = compare.Sameness(document=policy_form)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (80, 80.0),
        (True, "true"),
        ("80", 80),
        ('{"a": 1, "b": 2}', '{"b":2,"a":1}'),
        ('{"Statement": {"Action": "x"}}', '{"Statement": [{"Action": ["x"]}]}'),
        ({"a": None}, {}),
        ({"a": []}, {}),
    ],
)
def test_the_same_in_other_words(a: Any, b: Any) -> None:
    assert compare.same(a, b, POLICIES)


@pytest.mark.parametrize(
    ("a", "b"), [(80, 81), ("a", "b"), (True, False), ("[1]", "[2]"), ([1, 2], [2, 1]), (1, True), ({"a": 0}, {})]
)
def test_what_is_different(a: Any, b: Any) -> None:
    assert not compare.same(a, b, POLICIES)


def test_a_policy_is_one_only_where_a_cloud_says_so() -> None:
    one, other = '{"Statement": {"Action": "x"}}', '{"Statement": [{"Action": ["x"]}]}'
    assert compare.same(one, other, POLICIES)
    assert not compare.same(one, other, compare.Sameness())


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("tags", "tags.a", True),
        ('tags["a.b"]', 'tags["a.b"]', True),
        ("tags.a", "tags.b", False),
        ("rules[*].name", "rules[3].name", True),
        ("rules[0]", "rules[0].name", True),
        ("rules[0].name", "rules[0]", False),
    ],
)
def test_a_path_to_ignore_covers_what_lies_below(pattern: str, path: str, covered: bool) -> None:
    assert compare.covers(pattern, path) is covered


def test_a_creation_asks_the_cloud_no_more_than_a_bare_call(
    provider: Any, vpc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    send = Endpoint.make_request

    def counted(self: Endpoint, operation: Any, request: Any) -> Any:
        asked.append(operation.name)
        return send(self, operation, request)

    provider.create(SUBNET, {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/28"}, "warm")
    monkeypatch.setattr(Endpoint, "make_request", counted)
    provider.create(SUBNET, {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/28"}, "measured")
    assert asked == ["CreateSubnet"]
