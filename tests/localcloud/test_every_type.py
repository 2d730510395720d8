"""What holds for every served type, tested on one resource of each: it cannot prove what AWS itself would answer."""

from typing import Any

import pytest

from localcloud.aws.kinds import KINDS
from localcloud.provider import schema
from tests.localcloud import catalogue_others
from tests.localcloud.catalogue import INPUTS, World
from tests.localcloud.catalogue_services import EMPTY

TOKENS = sorted(token.removeprefix("aws:") for token in KINDS)
UNASKED = "AWS has none unless the program asks for it"
UNUSED = "it belongs to nothing yet"
UNKEPT = "neither moto nor the provider keeps it"
ELSEWHERE = "of another kind of this type than the catalogue has"
LISTENER = {"mutualAuthentication": ELSEWHERE, "routingHttpResponseServerEnabled": UNASKED}
LISTENER |= {"tcpIdleTimeoutSeconds": ELSEWHERE}
GROUP = {"connectionTermination": ELSEWHERE, "loadBalancerArns": UNUSED, "stickiness": UNASKED}
GROUP |= {"targetGroupHealth": UNASKED}
SITE = {"websiteDomain": UNASKED, "websiteEndpoint": UNASKED}
EMPTY_OF: dict[str, dict[str, str]] = {
    "acm/certificate:Certificate": {"renewalSummaries": UNUSED, "validationEmails": ELSEWHERE},
    "alb/listener:Listener": LISTENER,
    "alb/loadBalancer:LoadBalancer": {"secondaryIpsAutoAssignedPerSubnet": ELSEWHERE},
    "alb/targetGroup:TargetGroup": GROUP,
    "appautoscaling/target:Target": {"suspendedState": UNASKED},
    "autoscaling/group:Group": dict.fromkeys(
        ("availabilityZoneDistribution", "capacityReservationSpecification", "instanceLifecyclePolicy",
         "mixedInstancesPolicy"), UNASKED),
    "cloudwatch/logResourcePolicy:LogResourcePolicy": {"revisionId": UNKEPT},
    "dynamodb/table:Table": dict.fromkeys(
        ("globalTableWitness", "serverSideEncryption", "streamArn", "streamLabel", "warmThroughput"), UNASKED)
    | {"readCapacity": ELSEWHERE, "writeCapacity": ELSEWHERE},
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": {"namePrefix": UNASKED},
    "ec2/eip:Eip": {"associationId": UNUSED, "privateDns": UNUSED, "privateIp": UNUSED}
    | {"carrierIp": ELSEWHERE, "customerOwnedIp": ELSEWHERE, "ptrRecord": UNASKED},
    "ec2/defaultSubnet:DefaultSubnet": dict.fromkeys(
        ("enableLniAtDeviceIndex", "ipv6CidrBlockAssociationId", "outpostArn"), ELSEWHERE),
    "ec2/defaultVpc:DefaultVpc": {"ipv6AssociationId": UNASKED},
    "ec2/launchConfiguration:LaunchConfiguration": {"metadataOptions": UNASKED, "rootBlockDevice": UNASKED},
    "ec2/networkInterface:NetworkInterface": dict.fromkeys(
        ("connectionTrackingSpecification", "enablePrimaryIpv6", "ipv4PrefixCount", "ipv6AddressCount",
         "ipv6PrefixCount"), UNASKED) | {"outpostArn": ELSEWHERE, "privateDnsName": UNKEPT},
    "ec2/vpcPeeringConnection:VpcPeeringConnection": {"accepter": UNASKED, "requester": UNASKED},
    "ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": {"accepter": UNASKED, "requester": UNASKED},
    "iam/accessKey:AccessKey": dict.fromkeys(
        ("encryptedSecret", "encryptedSesSmtpPasswordV4", "keyFingerprint"), UNASKED),
    "ec2/instance:Instance": dict.fromkeys(
        ("capacityReservationSpecification", "cpuOptions", "enablePrimaryIpv6", "enclaveOptions", "instanceLifecycle",
         "instanceMarketOptions", "ipv6AddressCount", "maintenanceOptions", "outpostArn", "passwordData",
         "placementPartitionNumber", "privateDnsNameOptions", "publicDns", "publicIp",
         "spotInstanceRequestId"), UNASKED),
    "ec2/launchTemplate:LaunchTemplate": {"metadataOptions": UNASKED},
    "ec2/natGateway:NatGateway": dict.fromkeys(
        ("autoProvisionZones", "autoScalingIps", "regionalNatGatewayAddresses", "regionalNatGatewayAutoMode",
         "routeTableId"), ELSEWHERE),
    "ec2/route:Route": {"instanceId": ELSEWHERE, "instanceOwnerId": ELSEWHERE},
    "ec2/subnet:Subnet": {"ipv6CidrBlockAssociationId": UNASKED},
    "ec2/vpcEndpoint:VpcEndpoint": {"cidrBlocks": UNKEPT, "dnsEntries": ELSEWHERE, "dnsOptions": ELSEWHERE,
                                    "networkInterfaceIds": ELSEWHERE},
    "ecs/service:Service": {"deploymentConfiguration": UNASKED},
    "kms/key:Key": {"rotationPeriodInDays": UNASKED},
    "lb/listener:Listener": LISTENER,
    "lb/loadBalancer:LoadBalancer": {"secondaryIpsAutoAssignedPerSubnet": ELSEWHERE},
    "lb/targetGroup:TargetGroup": GROUP,
    "route53/record:Record": {"allowOverwrite": UNASKED},
    "route53/zone:Zone": {"enableAcceleratedRecovery": UNASKED},
    "s3/bucket:Bucket": SITE | dict.fromkeys(
        ("logging", "objectLockConfiguration", "replicationConfiguration", "serverSideEncryptionConfiguration",
         "versioning", "website"), UNASKED),
    "s3/bucketObject:BucketObject": {"versionId": UNASKED},
    "s3/bucketObjectv2:BucketObjectv2": {"versionId": UNASKED} | dict.fromkeys(
        ("checksumCrc32", "checksumCrc32c", "checksumCrc64nvme", "checksumSha1", "checksumSha256"), UNKEPT),
    "s3/bucketV2:BucketV2": SITE | {"objectLockConfiguration": UNASKED},
    "sns/topic:Topic": {"beginningArchiveTime": ELSEWHERE, "maximumMessageSize": UNKEPT, "signatureVersion": UNKEPT},
    "sqs/queue:Queue": {"kmsDataKeyReusePeriodSeconds": UNASKED},
    "wafv2/webAcl:WebAcl": {"applicationIntegrationUrl": UNASKED},
} | EMPTY | catalogue_others.EMPTY  # fmt: skip
"""Type -> output that the SDK promises -> why it is empty right after the creation."""


@pytest.fixture
def world(provider: Any) -> World:
    return World(provider)


def test_the_catalogue_has_every_served_type() -> None:
    assert sorted(INPUTS) == TOKENS


@pytest.mark.parametrize("token", TOKENS)
def test_a_type_lives_through_its_life(world: World, provider: Any, token: str) -> None:
    made = world.make(token)
    inputs = schema.inputs(made.token).props
    empty = {
        name
        for name in schema.promised(made.token) - {"tagsAll"}
        if made.state.get(name) is None or (name not in inputs and made.state[name] in ("", [], {}))
    }
    assert empty == EMPTY_OF.get(token, {}).keys(), "outputs that the SDK promises are empty"
    again = provider.refresh(made)
    assert again is not None, "what was made is not there"
    assert again.inputs == made.inputs, "a refresh right after the creation shows drift"
    assert again.state == made.state, "a refresh right after the creation changes outputs"
    assert provider.diff(made, world.inputs(token), name=token.split(":")[1].lower()).detail == {}


FOR_EVER = {
    "ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "ec2/defaultRouteTable:DefaultRouteTable",
    "ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "ec2/defaultSubnet:DefaultSubnet",
    "ec2/defaultVpc:DefaultVpc",
    "ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
}
"""What no deletion takes away: AWS makes it and keeps it."""
TAGGED = [t for t in TOKENS if schema.inputs(f"aws:{t}").props.get("tags", schema.Type("")).kind == "map"]


@pytest.mark.parametrize("token", sorted({*TAGGED} - FOR_EVER))
def test_tags_go_with_their_resource(world: World, provider: Any, token: str) -> None:
    inputs = world.inputs(token)
    name = next((n for n in (KINDS[f"aws:{token}"].naming.input,) if n), None)
    named = {name: f"{KINDS[f'aws:{token}'].naming.prefix}twice"} if name and inputs.get(name) is None else {}
    tagged = provider.create(f"aws:{token}", inputs | named | {"tags": {"former": "yes"}})
    assert tagged.state["tags"] == {"former": "yes"}
    assert provider.refresh(tagged).state["tags"] == {"former": "yes"}
    provider.delete(tagged)
    assert provider.refresh(tagged) is None
    plain = provider.create(f"aws:{token}", inputs | named)
    assert provider.refresh(plain).state["tagsAll"] == {}, "tags of a resource that is gone"
