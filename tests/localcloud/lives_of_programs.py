"""What is done to what public programs join to the large services in the test of their lives."""

from tests.localcloud.lives import Life

FUNCTION = "function handler(event) { return event.response; }"
PROGRAM_LIVES: dict[str, Life] = {
    "ebs/volume:Volume": Life(
        {"size": 20, "type": "gp3", "iops": 4000, "throughput": 200, "finalSnapshot": True, "tags": {"b": "2"}},
        {"availabilityZone": "eu-west-1c", "encrypted": True},
        ("ec2", "modify_volume", {"VolumeId": "{id}", "Size": 30}, "size", 30),
        more=lambda w: {"tags": {"a": "1"}, "type": "gp3", "iops": 3000}, unimported=frozenset({"finalSnapshot"}),
    ),
    "ec2/volumeAttachment:VolumeAttachment": Life(
        {"forceDetach": True}, {"deviceName": "/dev/sdi", "volumeId": "vol-other", "instanceId": "i-other"},
        import_id="{deviceName}:{volumeId}:{instanceId}", unimported=frozenset({"forceDetach"}),
    ),
    "ec2/tag:Tag": Life(
        {"value": "public"}, {"resourceId": "subnet-other", "key": "other"},
        ("ec2", "create_tags", {"Resources": ["{resourceId}"], "Tags": [{"Key": "tier", "Value": "x"}]}, "value", "x"),
    ),
    "autoscaling/tag:Tag": Life(
        {"tag": {"key": "tier", "value": "jobs", "propagateAtLaunch": False}}, {"autoscalingGroupName": "other"},
    ),
    "ec2/vpcDhcpOptions:VpcDhcpOptions": Life(
        {"tags": {"b": "2"}}, {"domainName": "other.internal", "ntpServers": ["10.0.0.2"]},
        more=lambda w: {"tags": {"a": "1"}},
    ),
    "ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation": Life(
        None, {"vpcId": "vpc-other"},
        ("ec2", "associate_dhcp_options", {"VpcId": "{vpcId}", "DhcpOptionsId": "default"}, "dhcpOptionsId", "default"),
        import_id="{vpcId}", kept=True,
    ),
    "ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": Life(
        None, {"cidrBlock": "10.78.0.0/16", "vpcId": "vpc-other"}, import_id="{id},{vpcId}",
    ),
    "ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation": Life(
        None, {"routeTableId": "rtb-other", "vpcEndpointId": "vpce-other"}, import_id="{vpcEndpointId}/{routeTableId}",
    ),
    "ec2/peeringConnectionOptions:PeeringConnectionOptions": Life(
        {"accepter": {"allowRemoteVpcDnsResolution": True}},
        {"vpcPeeringConnectionId": "pcx-other"}, kept=True,
    ),
    "ec2/managedPrefixList:ManagedPrefixList": Life(
        {"entries": [], "tags": {"b": "2"}}, {"addressFamily": "IPv6"},
        more=lambda w: {
            "entries": [{"cidr": "10.0.0.0/8", "description": "ours"}, {"cidr": "198.51.100.0/24"}], "tags": {"a": "1"},
        },
    ),
    "iam/userGroupMembership:UserGroupMembership": Life(None, {"user": "other"}),
    "iam/accountAlias:AccountAlias": Life(None, {"accountAlias": "other"}),
    "iam/accountPasswordPolicy:AccountPasswordPolicy": Life(
        {"minimumPasswordLength": 14, "requireSymbols": True, "maxPasswordAge": 90}, {},
        ("iam", "update_account_password_policy", {"MinimumPasswordLength": 8}, "minimumPasswordLength", 8),
    ),
    "iam/serviceLinkedRole:ServiceLinkedRole": Life(
        {"description": "of the groups", "tags": {"b": "2"}},
        {"awsServiceName": "ecs.amazonaws.com", "customSuffix": "other"},
        ("iam", "update_role", {"RoleName": "{name}", "Description": "x"}, "description", "x"),
        more=lambda w: {"tags": {"a": "1"}},
    ),
    "iam/userLoginProfile:UserLoginProfile": Life(
        None, {"user": "other", "passwordLength": 30}, import_id="{user}", more=lambda w: {"passwordResetRequired": True},
    ),
    "scheduler/scheduleGroup:ScheduleGroup": Life(
        {"tags": {"b": "2"}}, {"name": "other"}, more=lambda w: {"tags": {"a": "1"}},
    ),
    "scheduler/schedule:Schedule": Life(
        {
            "scheduleExpression": "cron(0 2 * * ? *)", "scheduleExpressionTimezone": "Europe/Berlin", "state": "DISABLED",
            "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15}, "description": "nightly",
        },
        {"name": "other", "groupName": "other"},
        ("scheduler", "update_schedule", {
            "Name": "{name}", "GroupName": "{groupName}", "ScheduleExpression": "rate(2 hours)",
            "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "arn:aws:lambda:::f", "RoleArn": "arn:aws:iam:::r"},
        }, "scheduleExpression", "rate(2 hours)"),
    ),
    "cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": Life(
        {"filterPattern": ""}, {"logGroup": "other", "name": "other"},
        ("logs", "put_subscription_filter", {
            "logGroupName": "{logGroup}", "filterName": "{name}", "filterPattern": "WARN",
            "destinationArn": "{destinationArn}",
        }, "filterPattern", "WARN"),
    ),
    "lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Life(
        {"maximumRetryAttempts": 1, "destinationConfig": {
            "onFailure": {"destination": "arn:aws:sqs:eu-west-1:123456789012:lost"}}},
        {"functionName": "other"},
        ("lambda", "put_function_event_invoke_config", {"FunctionName": "{functionName}", "MaximumRetryAttempts": 2},
         "maximumRetryAttempts", 2),
    ),
    "sfn/activity:Activity": Life(
        {"tags": {"b": "2"}}, {"name": "other"}, more=lambda w: {"tags": {"a": "1"}},
    ),
    "cloudfront/originAccessIdentity:OriginAccessIdentity": Life({"comment": "of the desk"}, {}),
    "cloudfront/function:Function": Life(
        {"code": FUNCTION, "comment": "answers", "tags": {"b": "2"}, "publish": False}, {"name": "other"},
        more=lambda w: {"tags": {"a": "1"}}, unimported=frozenset({"publish"}),
    ),
    "cloudfront/cachePolicy:CachePolicy": Life(
        {"minTtl": None, "defaultTtl": 50, "maxTtl": 100, "comment": "a day", "parametersInCacheKeyAndForwardedToOrigin": {
            "cookiesConfig": {"cookieBehavior": "none"}, "headersConfig": {
                "headerBehavior": "whitelist", "headers": {"items": ["Accept", "Origin"]}},
            "queryStringsConfig": {"queryStringBehavior": "none"}, "enableAcceptEncodingGzip": True}},
        {"name": "other"},
    ),
    "cloudfront/originRequestPolicy:OriginRequestPolicy": Life(
        {"headersConfig": {"headerBehavior": "none"}, "comment": "nothing"}, {"name": "other"},
    ),
    "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Life(
        {
            "securityHeadersConfig": {
                "strictTransportSecurity": {"accessControlMaxAgeSec": 60, "override": True, "preload": True},
                "contentTypeOptions": {"override": True},
            },
            "customHeadersConfig": None, "removeHeadersConfig": {"items": [{"header": "Server"}]},
            "corsConfig": {
                "accessControlAllowCredentials": False, "accessControlAllowHeaders": {"items": ["*"]},
                "accessControlAllowMethods": {"items": ["GET"]}, "accessControlAllowOrigins": {"items": ["shop.example"]},
                "originOverride": True,
            },
        },
        {"name": "other"},
    ),
}  # fmt: skip
