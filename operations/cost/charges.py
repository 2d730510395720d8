"""What AWS charges for each type of resource that a program may register: nothing, so much, or by use.

Source: the pricing page of each service. The amounts are those of the price table; what it lacks is told, never taken
as zero. A test holds the rows against the types that the local cloud serves.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from elasticity.pricing import METRICS_OF_AN_INSTANCE, MONTH_HOURS, Prices
from guardrails.checks import canonical

Inputs = Mapping[str, Any]
Counted = Callable[[Inputs], float]


@dataclasses.dataclass(frozen=True)
class Charge:
    """One thing that is paid for as long as a resource is there."""

    item: str | Callable[[Inputs], str]
    """Of the price table."""
    figure: str
    """Of the item, per hour or per month as its name says."""
    count: Counted = lambda _: 1.0

    def item_of(self, inputs: Inputs) -> str:
        """Where it depends on the resource, such as on the type of an instance."""
        return self.item if isinstance(self.item, str) else self.item(inputs)

    def month(self, inputs: Inputs, prices: Prices) -> float | None:
        """What a month of it costs; None where the table lacks it."""
        count = self.count(inputs)
        each = prices.figure(self.item_of(inputs), self.figure)
        if not count:
            return 0.0
        hours = MONTH_HOURS if self.figure.endswith("hour") else 1.0
        return None if each is None else each * count * hours


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a type of resource costs."""

    words: str
    """What it is called on a bill; empty for what costs nothing."""
    charges: tuple[Charge, ...] = ()
    by_use: str = ""
    """What is charged by use, and so not told by the resource."""


FREE = Kind("")


def _metrics(inputs: Inputs) -> float:
    """Metrics of an alarm, each charged as an alarm; a band of what is usual makes it three (CloudWatch pricing)."""
    queries = inputs.get("metricQueries") or ()
    if any("ANOMALY_DETECTION_BAND" in str(query.get("expression", "")) for query in queries):
        return 3.0
    return float(max(1, sum(1 for query in queries if query.get("metric"))))


def _period(inputs: Inputs) -> float:
    periods = [inputs.get("period"), *((query.get("metric") or {}).get("period") for query in _queries(inputs))]
    return min((float(period) for period in periods if isinstance(period, (int, float))), default=60.0)


def _queries(inputs: Inputs) -> Iterable[Inputs]:
    return inputs.get("metricQueries") or ()


def _is(inputs: Inputs, key: str, value: str, default: str) -> float:
    return float(inputs.get(key, default) == value)


def _length(key: str) -> Counted:
    return lambda inputs: float(len(inputs.get(key) or ()))


_BALANCERS = MappingProxyType({"application": "alb", "network": "nlb", "gateway": "gwlb"})
_ALARM = (
    Charge("cloudwatch_alarm", "month", lambda inputs: _metrics(inputs) * (_period(inputs) >= 60)),
    Charge("cloudwatch_alarm", "high_resolution_month", lambda inputs: _metrics(inputs) * (_period(inputs) < 60)),
)
_DETAILED = Charge(
    "detailed_monitoring", "metric_month", lambda inputs: METRICS_OF_AN_INSTANCE * bool(inputs.get("monitoring"))
)

_ROWS: Mapping[str, Kind] = {
    "cloudwatch:MetricAlarm": Kind("alarm", _ALARM),
    "cloudwatch:CompositeAlarm": Kind("composite alarm", (Charge("cloudwatch_alarm", "composite_month"),)),
    "cloudwatch:Dashboard": Kind("dashboard", (Charge("dashboard", "month"),)),
    "ec2:NatGateway": Kind("NAT gateway", (Charge("nat_gateway", "hour"),), "bytes through NAT gateways"),
    "ec2:Eip": Kind("public address", (Charge("public_ipv4", "hour"),)),
    "ec2:VpcEndpoint": Kind(
        "interface endpoint",
        (
            Charge(
                "vpc_endpoint",
                "hour",
                lambda inputs: (
                    _is(inputs, "vpcEndpointType", "Interface", "Gateway") * max(1.0, _length("subnetIds")(inputs))
                ),
            ),
        ),
        "bytes through interface endpoints",
    ),
    "ec2:Instance": Kind(
        "instance", (Charge(lambda inputs: str(inputs.get("instanceType")), "hour"), _DETAILED), "volumes of instances"
    ),
    "ebs:Volume": Kind(
        "volume",
        (
            Charge(
                lambda inputs: str(inputs.get("type", "gp2")), "gb_month", lambda inputs: float(inputs.get("size", 0))
            ),
        ),
        "volumes' operations and throughput beyond what is included",
    ),
    "lb:LoadBalancer": Kind(
        "load balancer",
        (Charge(lambda inputs: _BALANCERS.get(str(inputs.get("loadBalancerType", "application")), "elb"), "hour"),),
        "capacity units of the balancer",
    ),
    "kms:Key": Kind("key", (Charge("kms_key", "month"),), "requests to keys"),
    "secretsmanager:Secret": Kind("secret", (Charge("secret", "month"),), "requests for secrets"),
    "wafv2:WebAcl": Kind(
        "web ACL",
        (Charge("waf", "acl_month"), Charge("waf", "rule_month", _length("rules"))),
        "requests that web ACLs look at",
    ),
    "rds:Instance": Kind(
        "database",
        (Charge(lambda inputs: f"rds {inputs.get('instanceClass')}", "hour"),),
        "storage and backups of databases",
    ),
    "rds:ClusterInstance": Kind(
        "database",
        (Charge(lambda inputs: f"rds {inputs.get('instanceClass')}", "hour"),),
        "input and output of clusters",
    ),
    "elasticache:Cluster": Kind(
        "cache",
        (
            Charge(
                lambda inputs: f"elasticache {inputs.get('nodeType')}",
                "hour",
                lambda inputs: float(inputs.get("numCacheNodes", 1)),
            ),
        ),
    ),
    "elasticache:ReplicationGroup": Kind(
        "replicated cache",
        (
            Charge(
                lambda inputs: f"elasticache {inputs.get('nodeType')}",
                "hour",
                lambda inputs: float(
                    inputs.get("numCacheClusters")
                    or inputs.get("numNodeGroups", 1) * (1 + inputs.get("replicasPerNodeGroup", 0))
                ),
            ),
        ),
    ),
    "kinesis:Stream": Kind(
        "stream",
        (Charge("kinesis", "shard_hour", lambda inputs: float(inputs.get("shardCount", 0))),),
        "records put into streams",
    ),
    "kinesis:StreamConsumer": Kind("", by_use="bytes to consumers of streams"),
    "route53:Zone": Kind("hosted zone", (Charge("hosted_zone", "month"),), "queries for names"),
    "route53:HealthCheck": Kind("health check", (Charge("health_check", "month"),)),
    "servicediscovery:PrivateDnsNamespace": Kind("hosted zone", (Charge("hosted_zone", "month"),), "queries for names"),
    "servicediscovery:PublicDnsNamespace": Kind("hosted zone", (Charge("hosted_zone", "month"),), "queries for names"),
    "apigateway:Stage": Kind(
        "cache of an API",
        (
            Charge(
                lambda inputs: f"apigateway cache {inputs.get('cacheClusterSize')}",
                "hour",
                lambda inputs: float(bool(inputs.get("cacheClusterEnabled"))),
            ),
        ),
        "requests to APIs",
    ),
}
"""Type, as `module:Type`, to what it costs while it is there."""

_BY_USE: Mapping[str, str] = {
    "apigateway:RestApi apigatewayv2:Api apigatewayv2:Stage": "requests to APIs",
    "autoscaling:Group": "the instances of a group: the stack file prices them by rules and loads",
    "cloudfront:Distribution cloudfront:Function": "requests and bytes of distributions",
    "cloudwatch:EventBus cloudwatch:EventRule cloudwatch:EventTarget scheduler:Schedule": "events that are not AWS's "
    "own",
    "cloudwatch:LogGroup": "logs taken in, kept and searched",
    "cloudwatch:LogMetricFilter": "metrics counted from logs",
    "cognito:UserPool cognito:UserPoolClient cognito:RiskConfiguration": "people who sign in",
    "dynamodb:Table": "requests and storage of tables",
    "ec2:FlowLog": "flow logs taken in",
    "ec2:VpcPeeringConnection": "bytes between zones and regions",
    "ecr:Repository": "images kept",
    "ecs:Cluster": "metrics of Container Insights",
    "ecs:Service": "the tasks of a service: the stack file prices them by rules and loads",
    "efs:FileSystem": "files kept and read",
    "elasticache:ServerlessCache": "requests and storage of serverless caches",
    "lambda:Function lambda:Alias": "calls and time of functions",
    "rds:Cluster": "storage, backups, input and output of clusters",
    "s3:Bucket": "objects kept and requests for them",
    "s3:BucketAccelerateConfiguration": "bytes by transfer acceleration",
    "servicediscovery:Service servicediscovery:HttpNamespace": "look-ups and health checks of names",
    "sfn:StateMachine sfn:Activity": "transitions of state machines",
    "sns:Topic sns:TopicSubscription": "notifications",
    "sqs:Queue": "requests to queues",
    "ssm:Parameter": "parameters beyond the standard tier",
}
"""Types that cost by use alone."""

_FREE: Mapping[str, str] = {
    "acm": "Certificate CertificateValidation",
    "apigateway": "Account ApiKey Authorizer BasePathMapping ClientCertificate Deployment DocumentationPart "
    "DocumentationVersion DomainName Integration IntegrationResponse Method MethodResponse MethodSettings Model "
    "RequestValidator Resource Response RestApiPolicy UsagePlan UsagePlanKey VpcLink",
    "apigatewayv2": "ApiMapping Authorizer Deployment DomainName Integration Route VpcLink",
    "appautoscaling": "Policy ScheduledAction Target",
    "autoscaling": "Attachment LifecycleHook Notification Policy Schedule Tag",
    "cloudfront": "CachePolicy OriginAccessControl OriginAccessIdentity OriginRequestPolicy ResponseHeadersPolicy",
    "cloudwatch": "AlarmMuteRule LogResourcePolicy LogStream LogSubscriptionFilter QueryDefinition",
    "cognito": "IdentityPool IdentityPoolRoleAttachment IdentityProvider "
    "LogDeliveryConfiguration ManagedUserPoolClient "
    "ResourceServer User UserGroup UserInGroup UserPoolDomain UserPoolUICustomization",
    "dynamodb": "TableItem",
    "ec2": "DefaultNetworkAcl DefaultRouteTable DefaultSecurityGroup DefaultSubnet "
    "DefaultVpc EgressOnlyInternetGateway "
    "EipAssociation InternetGateway KeyPair LaunchConfiguration LaunchTemplate MainRouteTableAssociation "
    "ManagedPrefixList NetworkAcl NetworkAclAssociation NetworkAclRule NetworkInterface PeeringConnectionOptions Route "
    "RouteTable RouteTableAssociation SecurityGroup SecurityGroupRule Subnet Tag VolumeAttachment Vpc VpcDhcpOptions "
    "VpcDhcpOptionsAssociation VpcEndpointRouteTableAssociation "
    "VpcIpv4CidrBlockAssociation VpcPeeringConnectionAccepter",
    "ecr": "LifecyclePolicy RepositoryPolicy",
    "ecs": "CapacityProvider ClusterCapacityProviders TaskDefinition",
    "efs": "AccessPoint BackupPolicy FileSystemPolicy MountTarget",
    "elasticache": "ParameterGroup SubnetGroup User UserGroup UserGroupAssociation",
    "iam": "AccessKey AccountAlias AccountPasswordPolicy Group GroupMembership GroupPolicy GroupPolicyAttachment "
    "InstanceProfile OpenIdConnectProvider Policy PolicyAttachment Role RolePolicy RolePolicyAttachment "
    "ServiceLinkedRole User UserGroupMembership UserLoginProfile UserPolicy UserPolicyAttachment",
    "kms": "Alias KeyPolicy",
    "lambda": "EventSourceMapping FunctionEventInvokeConfig FunctionUrl LayerVersion Permission",
    "lb": "Listener ListenerCertificate ListenerRule TargetGroup TargetGroupAttachment",
    "rds": "ClusterParameterGroup ParameterGroup SubnetGroup",
    "route53": "Record",
    "s3": "BucketAcl BucketCorsConfiguration BucketLifecycleConfiguration BucketLogging "
    "BucketNotification BucketObject "
    "BucketObjectv2 BucketOwnershipControls BucketPolicy BucketPublicAccessBlock "
    "BucketServerSideEncryptionConfiguration BucketVersioning BucketWebsiteConfiguration",
    "scheduler": "ScheduleGroup",
    "secretsmanager": "SecretPolicy SecretVersion",
    "sns": "TopicPolicy",
    "sqs": "QueuePolicy RedriveAllowPolicy RedrivePolicy",
    "vpc": "SecurityGroupEgressRule SecurityGroupIngressRule",
    "wafv2": "WebAclAssociation",
}
"""Types that AWS charges nothing for, by module."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        **_ROWS,
        **{name: Kind("", by_use=what) for names, what in _BY_USE.items() for name in names.split()},
        **{f"{module}:{name}": FREE for module, names in _FREE.items() for name in names.split()},
    }
)
"""Every type that is known, as `module:Type`."""


def kind_of(token: str) -> Kind | None:
    """What a type costs, by its token, such as aws:ec2/natGateway:NatGateway; None for a type that is not known."""
    module, _, name = canonical(token).removeprefix("aws:").partition("/")
    return KINDS.get(f"{module}:{name.rpartition(':')[2]}")


@dataclasses.dataclass(frozen=True)
class Charged:
    """What resources cost while they are there."""

    monthly: tuple[tuple[str, float], ...]
    """Each kind, how many of it, and what a month of them costs."""
    unpriced: tuple[str, ...]
    """What is charged and not included: by use, without a price in the table, of a type that is not known."""
    items: tuple[str, ...]
    """Items of the price table that were used."""


def charged(resources: Iterable[tuple[str, Inputs]], prices: Prices) -> Charged:
    """What resources cost, each a type token with its inputs."""
    counts: Counter[str] = Counter()
    amounts: dict[str, float] = {}
    missing: Counter[str] = Counter()
    by_use: dict[str, None] = {}
    items: dict[str, None] = {}
    for token, inputs in resources:
        kind = kind_of(token)
        if kind is None:
            missing[f"of a type that is not known here: {token}"] += 1
            continue
        if kind.by_use and not _without_a_charge(token, inputs):
            by_use[kind.by_use] = None
        parts = [(charge, charge.month(inputs, prices)) for charge in kind.charges if charge.count(inputs)]
        lacking = [f"{charge.item_of(inputs)} in {prices.region}" for charge, month in parts if month is None]
        missing.update(f"{kind.words}: {item}" for item in lacking)
        if parts and not lacking:
            counts[kind.words] += 1
            amounts[kind.words] = amounts.get(kind.words, 0.0) + sum(month or 0.0 for _, month in parts)
            items |= dict.fromkeys(charge.item_of(inputs) for charge, _ in parts)
    monthly = tuple((_counted(count, words), amounts[words]) for words, count in counts.items())
    unpriced = [f"{count} x {what}" if count > 1 else what for what, count in missing.items()]
    return Charged(monthly, (*unpriced, *by_use), tuple(items))


def _without_a_charge(token: str, inputs: Inputs) -> bool:
    """Whether this one costs nothing, though its type may: a gateway endpoint."""
    return kind_of(token) is KINDS["ec2:VpcEndpoint"] and inputs.get("vpcEndpointType", "Gateway") == "Gateway"


def _counted(count: int, words: str) -> str:
    plural = words if count == 1 else words.removesuffix("y") + "ies" if words.endswith("cy") else f"{words}s"
    return f"{count} {plural.replace('addresss', 'addresses').replace('switchs', 'switches')}"
