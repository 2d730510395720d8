"""The catalogue's part for what public programs join to the large services: members, attachments, schedules, policies."""

import uuid
from collections.abc import Callable
from typing import Any

Values = dict[str, Any]
UNASKED = "AWS has none unless the program asks for it"
FOUND_BY = "the resource is found by it: AWS cannot change it"
ALWAYS = "AWS always has one: an answer without it is none"
STREAMED = "the code comes as a stream, which this test cannot take apart"


def function(w: Any) -> str:
    """The ARN of the function that is called."""
    return str(w.out("lambda/function:Function", "arn"))


def caller(w: Any) -> str:
    """The ARN of a role that the scheduler may take."""
    from tests.localcloud.catalogue_services import trusting  # which has this module's catalogue

    return trusting(w, "scheduler")


NONE = {"cookieBehavior": "none"}
PROGRAMS: dict[str, Callable[[Any], Values]] = {
    "ebs/volume:Volume": lambda w: {"availabilityZone": w.out("ec2/instance:Instance", "availabilityZone"), "size": 8},
    "ec2/volumeAttachment:VolumeAttachment": lambda w: {
        "deviceName": "/dev/sdh",
        "volumeId": w.id("ebs/volume:Volume"),
        "instanceId": w.id("ec2/instance:Instance"),
    },
    "ec2/tag:Tag": lambda w: {"resourceId": w.id("ec2/subnet:Subnet"), "key": "tier", "value": "private"},
    "autoscaling/tag:Tag": lambda w: {
        "autoscalingGroupName": w.out("autoscaling/group:Group", "name"),
        "tag": {"key": "tier", "value": "web", "propagateAtLaunch": True},
    },
    "ec2/vpcDhcpOptions:VpcDhcpOptions": lambda w: {
        "domainName": "shop.internal",
        "domainNameServers": ["AmazonProvidedDNS"],
    },
    "ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "dhcpOptionsId": w.id("ec2/vpcDhcpOptions:VpcDhcpOptions"),
    },
    "ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "cidrBlock": "10.77.0.0/16",
    },
    "ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": lambda w: {
        "vpcEndpointId": w.id("ec2/vpcEndpoint:VpcEndpoint"),
        "routeTableId": w.id("ec2/routeTable:RouteTable"),
    },
    "ec2/peeringConnectionOptions:PeeringConnectionOptions": lambda w: {
        "vpcPeeringConnectionId": w.id("ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"),
        "requester": {"allowRemoteVpcDnsResolution": True},
    },
    "ec2/managedPrefixList:ManagedPrefixList": lambda w: {
        "addressFamily": "IPv4",
        "maxEntries": 5,
        "entries": [{"cidr": "10.0.0.0/8", "description": "all"}, {"cidr": "192.0.2.0/24"}],
    },
    "iam/userGroupMembership:UserGroupMembership": lambda w: {
        "user": w.id("iam/user:User"),
        "groups": [w.id("iam/group:Group")],
    },
    "iam/accountAlias:AccountAlias": lambda w: {"accountAlias": f"shop-{uuid.uuid4().hex[:12]}"},
    "iam/accountPasswordPolicy:AccountPasswordPolicy": lambda w: {"minimumPasswordLength": 12, "requireNumbers": True},
    "iam/serviceLinkedRole:ServiceLinkedRole": lambda w: {
        "awsServiceName": "autoscaling.amazonaws.com",
        "customSuffix": uuid.uuid4().hex[:12],
    },
    "iam/userLoginProfile:UserLoginProfile": lambda w: {"user": w.id("iam/user:User")},
    "scheduler/scheduleGroup:ScheduleGroup": lambda w: {"name": f"nights-{uuid.uuid4().hex[:12]}"},
    "scheduler/schedule:Schedule": lambda w: {
        "name": f"night-{uuid.uuid4().hex[:12]}",
        "groupName": w.id("scheduler/scheduleGroup:ScheduleGroup"),
        "scheduleExpression": "rate(1 hour)",
        "flexibleTimeWindow": {"mode": "OFF"},
        "target": {"arn": function(w), "roleArn": caller(w), "input": "{}"},
    },
    "cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": lambda w: {
        "name": "errors",
        "logGroup": w.out("cloudwatch/logGroup:LogGroup", "name"),
        "filterPattern": "ERROR",
        "destinationArn": function(w),
    },
    "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": lambda w: {
        "functionName": w.out("lambda/function:Function", "name"),
        "maximumRetryAttempts": 0,
        "maximumEventAgeInSeconds": 60,
    },
    "sfn/activity:Activity": lambda w: {"name": f"pack-{uuid.uuid4().hex[:12]}"},
    "cloudfront/originAccessIdentity:OriginAccessIdentity": lambda w: {"comment": "of the shop"},
    "cloudfront/function:Function": lambda w: {
        "name": f"rewrite-{uuid.uuid4().hex[:12]}",
        "runtime": "cloudfront-js-2.0",
        "code": "function handler(event) { return event.request; }",
    },
    "cloudfront/cachePolicy:CachePolicy": lambda w: {
        "name": f"day-{uuid.uuid4().hex[:12]}",
        "minTtl": 1,
        "parametersInCacheKeyAndForwardedToOrigin": {
            "cookiesConfig": {"cookieBehavior": "whitelist", "cookies": {"items": ["cart"]}},
            "headersConfig": {"headerBehavior": "none"},
            "queryStringsConfig": {"queryStringBehavior": "all"},
        },
    },
    "cloudfront/originRequestPolicy:OriginRequestPolicy": lambda w: {
        "name": f"origin-{uuid.uuid4().hex[:12]}",
        "cookiesConfig": NONE,
        "headersConfig": {"headerBehavior": "whitelist", "headers": {"items": ["Origin"]}},
        "queryStringsConfig": {"queryStringBehavior": "none"},
    },
    "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": lambda w: {
        "name": f"strict-{uuid.uuid4().hex[:12]}",
        "securityHeadersConfig": {"frameOptions": {"frameOption": "DENY", "override": True}},
        "customHeadersConfig": {"items": [{"header": "X-Shop", "override": False, "value": "1"}]},
    },
}
EMPTY: dict[str, dict[str, str]] = {
    "ebs/volume:Volume": dict.fromkeys(("iops", "throughput"), UNASKED),
    "ec2/peeringConnectionOptions:PeeringConnectionOptions": {"accepter": UNASKED},
    "iam/accountPasswordPolicy:AccountPasswordPolicy": {"passwordReusePrevention": UNASKED},
    "iam/userLoginProfile:UserLoginProfile": {"encryptedPassword": UNASKED, "keyFingerprint": UNASKED},
    "sfn/activity:Activity": {"encryptionConfiguration": UNASKED},
}
"""Type -> output that the SDK promises -> why it is empty right after the creation."""
BLIND: dict[str, dict[str, str]] = {}
"""Type -> property -> why a refresh does not see it otherwise, where no row lists it as `write_only`."""
UNSAID: dict[str, dict[str, str]] = {
    "cloudfront/cachePolicy:CachePolicy": {"minTtl": ALWAYS},
    "cloudfront/function:Function": {"name": FOUND_BY, "code": STREAMED, "runtime": STREAMED},
    "ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": {"vpcId": FOUND_BY},
    "iam/groupMembership:GroupMembership": {"group": FOUND_BY, "name": FOUND_BY},
    "iam/policyAttachment:PolicyAttachment": {"name": FOUND_BY, "policyArn": FOUND_BY},
    "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {
        "functionName": FOUND_BY,
        "maximumRetryAttempts": ALWAYS,
    },
    "iam/accountPasswordPolicy:AccountPasswordPolicy": {"minimumPasswordLength": ALWAYS},
}
"""Type -> input -> why no answer of AWS taken apart shows it changed and gone."""
