"""Single instances over gRPC against moto: it cannot prove that anything runs in them, since nothing does."""

import base64
from typing import Any

import pytest

from tests.localcloud.conftest import Failed

INSTANCE, KEY, ADDRESS = "aws:ec2/instance:Instance", "aws:ec2/keyPair:KeyPair", "aws:ec2/eip:Eip"
ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
AMI = "ami-12c6146b"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8Ht8Z3j6yDWPBHQtOp/R9rjWvfMYo3MSA/K6q8D86r ada@example.com"
NO_SOURCE = (
    "names no source or destination: give one of 'cidrBlocks', 'ipv6CidrBlocks', 'prefixListIds', "
    "'sourceSecurityGroupId', 'self'"
)
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
PLAIN = {"ami": AMI, "instanceType": "t3.micro"}


def test_an_instance_lives_through_its_life(provider: Any, subnets: Any, vpc: Any) -> None:
    first, other = (provider.create(GROUP, {"vpcId": vpc.id}, name) for name in "ab")
    inputs = PLAIN | {
        "subnetId": subnets[0].id,
        "vpcSecurityGroupIds": [first.id],
        "userData": "#!/bin/bash\necho one\n",
        "rootBlockDevice": {"volumeSize": 20, "volumeType": "gp3", "encrypted": True},
        "metadataOptions": {"httpTokens": "required"},
        "monitoring": True,
        "creditSpecification": {"cpuCredits": "unlimited"},
        "tags": {"Name": "one"},
    }
    changed = inputs | {
        "instanceType": "t3.small",
        "vpcSecurityGroupIds": [first.id, other.id],
        "userData": "#!/bin/bash\necho two\n",
        "metadataOptions": {"httpTokens": "optional"},
        "disableApiTermination": True,
        "sourceDestCheck": False,
        "monitoring": False,
        "creditSpecification": {"cpuCredits": "standard"},
        "tags": {"Name": "two"},
    }
    made = provider.cycle(INSTANCE, inputs, changed)
    assert made.state["arn"] == f"arn:aws:ec2:eu-west-1:123456789012:instance/{made.id}"
    assert made.state["instanceState"] == "running"
    assert made.state["privateIp"].startswith("10.0.0.")
    made = provider.update(made, inputs)
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize("public", [True, False])
def test_an_instance_has_a_public_address_when_it_is_asked_for(provider: Any, subnets: Any, public: bool) -> None:
    made = provider.cycle(INSTANCE, PLAIN | {"subnetId": subnets[0].id, "associatePublicIpAddress": public})
    assert bool(made.state["publicIp"]) is bool(made.state["publicDns"]) is public


def test_an_instance_without_a_subnet_is_in_the_default_one(provider: Any) -> None:
    made = provider.cycle(INSTANCE, PLAIN, PLAIN | {"tags": {"Name": "web"}})
    assert made.state["subnetId"]
    assert made.state["publicIp"]


def test_an_instance_takes_an_interface_that_is_there_and_leaves_it(provider: Any, subnets: Any) -> None:
    interface = provider.create(INTERFACE, {"subnetId": subnets[0].id})
    inputs = PLAIN | {"primaryNetworkInterface": {"networkInterfaceId": interface.id}}
    made = provider.cycle(INSTANCE, inputs, inputs | {"tags": {"Name": "web"}})
    assert made.state["primaryNetworkInterfaceId"] == interface.id
    assert made.state["subnetId"] == subnets[0].id
    provider.delete(made)
    assert provider.refresh(interface) is not None
    provider.delete(interface)
    assert provider.refresh(interface) is None


def test_an_instance_takes_interfaces_in_the_older_block(provider: Any, subnets: Any) -> None:
    first, second = (provider.create(INTERFACE, {"subnetId": subnets[0].id}) for _ in range(2))
    pair = [{"networkInterfaceId": one.id, "deviceIndex": place} for place, one in enumerate((first, second))]
    made = provider.create(INSTANCE, PLAIN | {"networkInterfaces": pair})
    assert provider.refresh(made).own == PLAIN | {"networkInterfaces": pair}
    assert provider.diff(made, PLAIN | {"networkInterfaces": pair[::-1]}).detail == {}
    assert provider.diff(made, PLAIN | {"networkInterfaces": pair[:1]}).replaces == ["networkInterfaces"]


@pytest.mark.parametrize(
    ("change", "replaced"),
    [
        ({"ami": "ami-0123456789abcdef0"}, ["ami"]),
        ({"keyName": "other"}, ["keyName"]),
        ({"userData": "new"}, []),
        ({"userData": "new", "userDataReplaceOnChange": True}, ["userData"]),
        ({"instanceType": "t3.large"}, []),
    ],
    ids=["image", "key", "user data", "user data by choice", "type"],
)
def test_what_replaces_an_instance(provider: Any, change: Any, replaced: Any) -> None:
    made = provider.create(INSTANCE, PLAIN | {"userData": "old"})
    assert provider.diff(made, PLAIN | {"userData": "old"} | change).replaces == replaced


def test_user_data_may_be_given_coded(provider: Any, cloud: Any) -> None:
    coded = base64.b64encode(b"#!/bin/bash\n").decode()
    made = provider.create(INSTANCE, PLAIN | {"userDataBase64": coded})
    found = cloud("ec2").describe_instance_attribute(InstanceId=made.id, Attribute="userData")
    assert found["UserData"]["Value"] == coded
    assert provider.refresh(made).inputs == made.inputs


def test_a_protected_instance_is_not_terminated(provider: Any) -> None:
    made = provider.create(INSTANCE, PLAIN | {"disableApiTermination": True})
    with pytest.raises(Failed, match="OperationNotPermitted"):
        provider.delete(made)
    provider.delete(provider.update(made, PLAIN))


def test_a_key_pair_lives_through_its_life(provider: Any) -> None:
    made = provider.create(KEY, {"publicKey": PUBLIC_KEY, "tags": {"a": "1"}})
    assert (made.state["keyType"], made.state["arn"]) == (
        "ed25519", f"arn:aws:ec2:eu-west-1:123456789012:key-pair/{made.id}")  # fmt: skip
    again = provider.refresh(made)
    assert again.inputs == made.inputs
    assert provider.diff(made, {"publicKey": PUBLIC_KEY, "tags": {"a": "1"}}).detail == {}
    changed = provider.update(made, {"publicKey": PUBLIC_KEY, "tags": {"a": "2"}})
    assert provider.refresh(changed).state["tags"] == {"a": "2"}
    provider.delete(changed)
    assert provider.refresh(changed) is None


def test_an_address_is_given_to_an_instance_and_taken_back(provider: Any) -> None:
    server = provider.create(INSTANCE, PLAIN)
    address = provider.create(ADDRESS, {"domain": "vpc"})
    made = provider.cycle(ASSOCIATION, {"allocationId": address.id, "instanceId": server.id})
    assert made.state["publicIp"] == address.state["publicIp"]
    provider.delete(made)
    assert provider.refresh(made) is None


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({}, [("ami", "missing required property, unless 'launchTemplate' gives it"),
              ("instanceType", "missing required property, unless 'launchTemplate' gives it")]),
        (PLAIN | {"userData": "a", "userDataBase64": "YQ=="},
         [("userDataBase64", "conflicts with 'userData': give one of them")]),
        (PLAIN | {"tenancy": "shared"}, [("tenancy", "'shared' is not allowed; allowed are default, dedicated, host")]),
        (PLAIN | {"rootBlockDevice": {"volumeType": "gp4"}},
         [("rootBlockDevice.volumeType",
           "'gp4' is not allowed; allowed are standard, io1, io2, gp2, sc1, st1, gp3")]),
        (PLAIN | {"primaryNetworkInterface": {"networkInterfaceId": "eni-1"}, "subnetId": "subnet-1"},
         [("subnetId", "conflicts with 'primaryNetworkInterface': the interface has its own")]),
    ],
    ids=["nothing", "user data twice", "tenancy", "volume type", "interface and subnet"],
)  # fmt: skip
def test_what_aws_would_refuse_is_refused_by_check(provider: Any, inputs: Any, failures: Any) -> None:
    assert sorted(provider.check(INSTANCE, inputs)[1]) == failures


@pytest.mark.parametrize(
    ("inputs", "import_id"),
    [
        ({"type": "ingress", "protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]},
         "ingress_tcp_80_80_10.0.0.0/8_0.0.0.0/0"),
        ({"type": "egress", "protocol": "all", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]},
         "egress_all_0_0_0.0.0.0/0"),
        ({"type": "ingress", "protocol": "tcp", "fromPort": 0, "toPort": 65535, "self": True},
         "ingress_tcp_0_65535_self"),
    ],
    ids=["two blocks", "everything", "itself"],
)  # fmt: skip
def test_a_rule_of_the_older_kind_lives_through_its_life(provider: Any, vpc: Any, inputs: Any, import_id: str) -> None:
    group = provider.create(GROUP, {"vpcId": vpc.id})
    inputs = inputs | {"securityGroupId": group.id}
    made = provider.create(RULE, inputs)
    assert provider.refresh(made).inputs == made.inputs
    assert bool(made.state.get("securityGroupRuleId")) is (len(inputs.get("cidrBlocks", [1])) == 1)
    told = provider.update(made, inputs | {"description": "from the office"})
    assert provider.refresh(told).inputs == told.inputs
    found = provider.imported(RULE, f"{group.id}_{import_id}")
    assert provider.diff(found, inputs | {"description": "from the office"}).detail == {}
    moved = inputs | {"type": "egress" if inputs["type"] == "ingress" else "ingress", "description": "from the office"}
    assert provider.diff(told, moved).replaces == ["type"]
    provider.delete(told)
    assert provider.refresh(told) is None


def test_a_rule_of_the_older_kind_names_a_source(provider: Any) -> None:
    inputs = {"type": "in", "protocol": "tcp", "fromPort": 90, "toPort": 80, "securityGroupId": "sg-1"}
    assert sorted(provider.check(RULE, inputs)[1]) == [
        ("", NO_SOURCE),
        ("toPort", "80 is below fromPort 90"),
        ("type", "'in' is not allowed; allowed are ingress, egress"),
    ]  # fmt: skip


def test_an_address_is_made_for_an_instance_and_moves_to_another(provider: Any) -> None:
    one, other = (provider.create(INSTANCE, PLAIN, name) for name in "ab")
    made = provider.cycle(ADDRESS, {"domain": "vpc", "instance": one.id}, {"domain": "vpc", "instance": other.id})
    assert provider.refresh(other).state["publicIp"] == made.state["publicIp"]
    free = provider.update(made, {"domain": "vpc"})
    assert not provider.refresh(free).state["instance"]
