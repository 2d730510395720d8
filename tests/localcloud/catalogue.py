"""One valid resource of every served type, with what it needs: what a property of all types is tested on.

`World.make(token)` makes the resource and everything before it, each once. Inputs are short on purpose: what the
program leaves out is what outputs, tags and refresh are asked about.
"""

import json
import uuid
from collections.abc import Callable
from typing import Any

from localcloud.aws.second_names import SECOND_NAMES
from tests.localcloud.catalogue_others import OTHERS
from tests.localcloud.catalogue_services import SERVICES

Values = dict[str, Any]

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
IMAGE = "ami-12c6146b"
"""An image that every moto has."""


def policy(action: str = "*", resource: str = "*", **principal: Any) -> str:
    """A policy document of one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource} | (
        {"Principal": principal} if principal else {}
    )
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    """Who may take a role."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


ANYONE = policy("*", "*", AWS="*")
CONTAINERS = json.dumps([{"name": "web", "image": "nginx", "essential": True, "portMappings": [{"containerPort": 80}]}])
RULE = {
    "rulePriority": 1,
    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3},
    "action": {"type": "expire"},
}


class World:
    """What one test has made so far, by type."""

    def __init__(self, provider: Any) -> None:
        self.provider, self.made = provider, {}
        self._inputs: dict[str, Values] = {}

    def inputs(self, token: str) -> Values:
        """The inputs of a type, the same at each call."""
        if token not in self._inputs:
            self._inputs[token] = INPUTS[token](self)
        return self._inputs[token]

    def make(self, token: str) -> Any:
        """The resource of a type such as `ec2/vpc:Vpc`, made when it is first asked for."""
        token = token.removeprefix("aws:")
        if token not in self.made:
            self.made[token] = self.provider.create(f"aws:{token}", self.inputs(token), token.split(":")[1].lower())
        return self.made[token]

    def id(self, token: str) -> str:
        """Its id."""
        return str(self.make(token).id)

    def out(self, token: str, name: str) -> Any:
        """One of its outputs."""
        return self.make(token).state[name]

    @property
    def subnets(self) -> list[str]:
        """Subnets in two zones of the network, which has a gateway."""
        self.make("ec2/internetGateway:InternetGateway")
        if "second" not in self.made:
            inputs = {"vpcId": self.id("ec2/vpc:Vpc"), "cidrBlock": "10.0.2.0/24", "availabilityZone": "eu-west-1b"}
            self.made["second"] = self.provider.create("aws:ec2/subnet:Subnet", inputs, "second")
        return [self.id("ec2/subnet:Subnet"), str(self.made["second"].id)]


def _launch(w: World) -> Values:
    return {"launchTemplate": {"id": w.id("ec2/launchTemplate:LaunchTemplate"), "version": "$Latest"}}


def _logs(w: World) -> str:
    if "logs" not in w.made:
        name = f"logs-{uuid.uuid4().hex[:12]}"
        allowed = policy("s3:PutObject", f"arn:aws:s3:::{name}/*", Service="logging.s3.amazonaws.com")
        w.made["logs"] = w.provider.create("aws:s3/bucket:Bucket", {"bucket": name, "policy": allowed}, "logs")
    return str(w.made["logs"].id)


def _bucket(**inputs: Any) -> Callable[[World], Values]:
    return lambda w: {"bucket": w.id("s3/bucket:Bucket")} | inputs


def _service(w: World) -> Values:
    return {
        "name": "web",
        "cluster": w.out("ecs/cluster:Cluster", "arn"),
        "taskDefinition": w.out("ecs/taskDefinition:TaskDefinition", "arn"),
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": {"subnets": w.subnets, "assignPublicIp": True},
    }


def _rule(w: World) -> Values:
    return {"securityGroupId": w.id("ec2/securityGroup:SecurityGroup"), "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"}


SCALED = {"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount"}


def _scaled(w: World) -> Values:
    return SCALED | {"resourceId": w.out("appautoscaling/target:Target", "resourceId")}


INPUTS: dict[str, Callable[[World], Values]] = {
    "acm/certificate:Certificate": lambda w: {"domainName": "shop.example", "validationMethod": "DNS"},
    "acm/certificateValidation:CertificateValidation": lambda w: {
        "certificateArn": w.id("acm/certificate:Certificate")
    },
    "appautoscaling/target:Target": lambda w: {
        **SCALED,
        "resourceId": "service/" + w.out("ecs/cluster:Cluster", "name") + "/" + w.out("ecs/service:Service", "name"),
        "minCapacity": 1,
        "maxCapacity": 4,
    },
    "appautoscaling/policy:Policy": lambda w: {
        **_scaled(w),
        "name": "cpu",
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 60,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
    },
    "appautoscaling/scheduledAction:ScheduledAction": lambda w: {
        **_scaled(w),
        "name": "morning",
        "schedule": "cron(0 8 * * ? *)",
        "scalableTargetAction": {"minCapacity": 2},
    },
    "autoscaling/group:Group": lambda w: {
        "minSize": 1,
        "maxSize": 2,
        "vpcZoneIdentifiers": w.subnets,
        **_launch(w),
    },
    "autoscaling/policy:Policy": lambda w: {
        "autoscalingGroupName": w.id("autoscaling/group:Group"),
        "policyType": "TargetTrackingScaling",
        "targetTrackingConfiguration": {
            "targetValue": 50,
            "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
        },
    },
    "autoscaling/schedule:Schedule": lambda w: {
        "autoscalingGroupName": w.id("autoscaling/group:Group"),
        "scheduledActionName": "night",
        "recurrence": "0 20 * * *",
        "minSize": 1,
        "maxSize": 2,
        "desiredCapacity": 1,
    },
    "autoscaling/lifecycleHook:LifecycleHook": lambda w: {
        "autoscalingGroupName": w.id("autoscaling/group:Group"),
        "lifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
    },
    "autoscaling/attachment:Attachment": lambda w: {
        "autoscalingGroupName": w.id("autoscaling/group:Group"),
        "lbTargetGroupArn": w.id("lb/targetGroup:TargetGroup"),
    },
    "cloudwatch/metricAlarm:MetricAlarm": lambda w: {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 2,
        "metricName": "CPUUtilization",
        "namespace": "AWS/ECS",
        "period": 60,
        "statistic": "Average",
        "threshold": 80,
    },
    "cloudwatch/compositeAlarm:CompositeAlarm": lambda w: {
        "alarmName": "both",
        "alarmRule": f"ALARM({w.id('cloudwatch/metricAlarm:MetricAlarm')})",
    },
    "cloudwatch/dashboard:Dashboard": lambda w: {"dashboardName": "web", "dashboardBody": '{"widgets": []}'},
    "cloudwatch/eventRule:EventRule": lambda w: {"scheduleExpression": "rate(5 minutes)"},
    "cloudwatch/eventTarget:EventTarget": lambda w: {
        "rule": w.id("cloudwatch/eventRule:EventRule"),
        "arn": w.out("sns/topic:Topic", "arn"),
    },
    "cloudwatch/logGroup:LogGroup": lambda w: {},
    "cloudwatch/logMetricFilter:LogMetricFilter": lambda w: {
        "logGroupName": w.id("cloudwatch/logGroup:LogGroup"),
        "pattern": "ERROR",
        "metricTransformation": {"name": "errors", "namespace": "shop", "value": "1"},
    },
    "cloudwatch/logResourcePolicy:LogResourcePolicy": lambda w: {
        "policyName": "dns",
        "policyDocument": policy("logs:PutLogEvents", "*", Service="route53.amazonaws.com"),
    },
    "dynamodb/table:Table": lambda w: {
        "attributes": [{"name": "id", "type": "S"}],
        "hashKey": "id",
        "billingMode": "PAY_PER_REQUEST",
    },
    "ec2/vpc:Vpc": lambda w: {"cidrBlock": "10.0.0.0/16", "assignGeneratedIpv6CidrBlock": True},
    "ec2/subnet:Subnet": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "cidrBlock": "10.0.1.0/24",
        "availabilityZone": "eu-west-1a",
    },
    "ec2/internetGateway:InternetGateway": lambda w: {"vpcId": w.id("ec2/vpc:Vpc")},
    "ec2/eip:Eip": lambda w: {"domain": "vpc"},
    "ec2/eipAssociation:EipAssociation": lambda w: {
        "allocationId": w.id("ec2/eip:Eip"),
        "instanceId": w.id("ec2/instance:Instance"),
    },
    "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": lambda w: {"vpcId": w.id("ec2/vpc:Vpc")},
    "ec2/vpcPeeringConnection:VpcPeeringConnection": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "peerVpcId": w.provider.create("aws:ec2/vpc:Vpc", {"cidrBlock": "10.9.0.0/16"}, "peer").id,
    },
    "ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": lambda w: {
        "vpcPeeringConnectionId": w.id("ec2/vpcPeeringConnection:VpcPeeringConnection"),
        "autoAccept": True,
    },
    "ec2/networkInterface:NetworkInterface": lambda w: {"subnetId": w.id("ec2/subnet:Subnet")},
    "ec2/launchConfiguration:LaunchConfiguration": lambda w: {"imageId": IMAGE, "instanceType": "t3.micro"},
    "ec2/defaultVpc:DefaultVpc": lambda w: {},
    "ec2/defaultSubnet:DefaultSubnet": lambda w: {"availabilityZone": "eu-west-1a"},
    "ec2/defaultRouteTable:DefaultRouteTable": lambda w: {
        "defaultRouteTableId": w.out("ec2/vpc:Vpc", "defaultRouteTableId")
    },
    "ec2/mainRouteTableAssociation:MainRouteTableAssociation": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "routeTableId": w.id("ec2/routeTable:RouteTable"),
    },
    "cloudwatch/logStream:LogStream": lambda w: {"logGroupName": w.id("cloudwatch/logGroup:LogGroup")},
    "iam/accessKey:AccessKey": lambda w: {"user": w.id("iam/user:User")},
    "kms/keyPolicy:KeyPolicy": lambda w: {"keyId": w.id("kms/key:Key"), "policy": policy("kms:*", "*", AWS="*")},
    "sqs/redriveAllowPolicy:RedriveAllowPolicy": lambda w: {
        "queueUrl": w.id("sqs/queue:Queue"),
        "redriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"}),
    },
    "servicediscovery/publicDnsNamespace:PublicDnsNamespace": lambda w: {"name": "shop.example"},
    "ec2/natGateway:NatGateway": lambda w: {"allocationId": w.id("ec2/eip:Eip"), "subnetId": w.subnets[0]},
    "ec2/routeTable:RouteTable": lambda w: {"vpcId": w.id("ec2/vpc:Vpc")},
    "ec2/route:Route": lambda w: {
        "routeTableId": w.id("ec2/routeTable:RouteTable"),
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": w.id("ec2/internetGateway:InternetGateway"),
    },
    "ec2/routeTableAssociation:RouteTableAssociation": lambda w: {
        "routeTableId": w.id("ec2/routeTable:RouteTable"),
        "subnetId": w.id("ec2/subnet:Subnet"),
    },
    "ec2/securityGroup:SecurityGroup": lambda w: {"vpcId": w.id("ec2/vpc:Vpc")},
    "ec2/defaultSecurityGroup:DefaultSecurityGroup": lambda w: {"vpcId": w.id("ec2/vpc:Vpc")},
    "ec2/securityGroupRule:SecurityGroupRule": lambda w: {
        "securityGroupId": w.id("ec2/securityGroup:SecurityGroup"),
        "type": "ingress",
        "protocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrBlocks": ["10.0.0.0/8"],
    },
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule,
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule,
    "ec2/vpcEndpoint:VpcEndpoint": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "serviceName": "com.amazonaws.eu-west-1.s3",
    },
    "ec2/flowLog:FlowLog": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "trafficType": "ALL",
        "logDestination": w.out("cloudwatch/logGroup:LogGroup", "arn"),
        "iamRoleArn": w.out("iam/role:Role", "arn"),
    },
    "ec2/instance:Instance": lambda w: {"ami": IMAGE, "instanceType": "t3.micro", "subnetId": w.subnets[0]},
    "ec2/keyPair:KeyPair": lambda w: {
        "publicKey": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC6f7XA8pT8izWSoSsjGRptkfZ5eXiJK8iO1/S7lO8kfb+FIPPP"
        "md0caoLoKnOvWMRAI+0Ot0Y83DU5LyzP+Axlwab4zf91mtrXMo7RHCfvvQgJb10wRAIEwv90KvV6SyetOM+A8PKd"
        "hk0v6YjTjIFdT3MagLtKDnRAc38VUBOWnRX740wgQGmtghopnjkenIV5hmunW1+YldWsufiQI1+t630gROwgpt9T"
        "mFcU8HpcjwWPdFPU1J9KUQevblrXS56DYnkbWSbscuumhd9kUOcMKa+5Pq6kM0DvIPhxFKc81s8SIibVBnJh+wzD"
        "jfAyRFBYxiimFetwi7kyrNzMBF65 me@shop.example"
    },
    "ec2/launchTemplate:LaunchTemplate": lambda w: {"imageId": IMAGE, "instanceType": "t3.micro"},
    "ecr/repository:Repository": lambda w: {},
    "ecr/lifecyclePolicy:LifecyclePolicy": lambda w: {
        "repository": w.id("ecr/repository:Repository"),
        "policy": json.dumps({"rules": [RULE]}),
    },
    "ecr/repositoryPolicy:RepositoryPolicy": lambda w: {
        "repository": w.id("ecr/repository:Repository"),
        "policy": json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}],
            }
        ),
    },
    "ecs/cluster:Cluster": lambda w: {},
    "ecs/capacityProvider:CapacityProvider": lambda w: {
        "name": "instances",
        "autoScalingGroupProvider": {"autoScalingGroupArn": w.out("autoscaling/group:Group", "arn")},
    },
    "ecs/clusterCapacityProviders:ClusterCapacityProviders": lambda w: {
        "clusterName": w.out("ecs/cluster:Cluster", "name"),
        "capacityProviders": ["FARGATE"],
    },
    "ecs/taskDefinition:TaskDefinition": lambda w: {
        "family": "web",
        "containerDefinitions": CONTAINERS,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": w.out("iam/role:Role", "arn"),
    },
    "ecs/service:Service": _service,
    "iam/role:Role": lambda w: {"assumeRolePolicy": trust("ecs-tasks.amazonaws.com")},
    "iam/rolePolicy:RolePolicy": lambda w: {"role": w.id("iam/role:Role"), "policy": policy("s3:GetObject")},
    "iam/rolePolicyAttachment:RolePolicyAttachment": lambda w: {"role": w.id("iam/role:Role"), "policyArn": READ_ONLY},
    "iam/policy:Policy": lambda w: {"policy": policy("s3:GetObject")},
    "iam/instanceProfile:InstanceProfile": lambda w: {"role": w.id("iam/role:Role")},
    "iam/user:User": lambda w: {},
    "iam/group:Group": lambda w: {},
    "iam/userPolicy:UserPolicy": lambda w: {"user": w.id("iam/user:User"), "policy": policy("s3:GetObject")},
    "iam/groupPolicy:GroupPolicy": lambda w: {"group": w.id("iam/group:Group"), "policy": policy("s3:GetObject")},
    "iam/userPolicyAttachment:UserPolicyAttachment": lambda w: {"user": w.id("iam/user:User"), "policyArn": READ_ONLY},
    "iam/groupPolicyAttachment:GroupPolicyAttachment": lambda w: {
        "group": w.id("iam/group:Group"),
        "policyArn": READ_ONLY,
    },
    "iam/openIdConnectProvider:OpenIdConnectProvider": lambda w: {
        "url": "https://token.shop.example",
        "clientIdLists": ["sts.amazonaws.com"],
        "thumbprintLists": ["cf23df2207d99a74fbe169e3eba035e633b65d94"],
    },
    "kms/key:Key": lambda w: {},
    "kms/alias:Alias": lambda w: {"targetKeyId": w.id("kms/key:Key")},
    "lb/loadBalancer:LoadBalancer": lambda w: {"subnets": w.subnets},
    "lb/targetGroup:TargetGroup": lambda w: {"port": 80, "protocol": "HTTP", "vpcId": w.id("ec2/vpc:Vpc")},
    "lb/listener:Listener": lambda w: {
        "loadBalancerArn": w.id("lb/loadBalancer:LoadBalancer"),
        "port": 80,
        "protocol": "HTTP",
        "defaultActions": [{"type": "forward", "targetGroupArn": w.id("lb/targetGroup:TargetGroup")}],
    },
    "lb/listenerRule:ListenerRule": lambda w: {
        "listenerArn": w.id("lb/listener:Listener"),
        "priority": 10,
        "conditions": [{"pathPattern": {"values": ["/static/*"]}}],
        "actions": [{"type": "forward", "targetGroupArn": w.id("lb/targetGroup:TargetGroup")}],
    },
    "lb/listenerCertificate:ListenerCertificate": lambda w: {
        "listenerArn": w.provider.create(
            "aws:lb/listener:Listener",
            INPUTS["lb/listener:Listener"](w)
            | {"port": 8443, "protocol": "HTTPS", "certificateArn": w.id("acm/certificate:Certificate")},
            "secure",
        ).id,
        "certificateArn": w.provider.create(
            "aws:acm/certificate:Certificate", {"domainName": "more.example", "validationMethod": "DNS"}, "more"
        ).id,
    },
    "lb/targetGroupAttachment:TargetGroupAttachment": lambda w: {
        "targetGroupArn": w.id("lb/targetGroup:TargetGroup"),
        "targetId": w.id("ec2/instance:Instance"),
    },
    "route53/zone:Zone": lambda w: {"name": "shop.example"},
    "route53/record:Record": lambda w: {
        "zoneId": w.id("route53/zone:Zone"),
        "name": "www.shop.example",
        "type": "A",
        "ttl": 60,
        "records": ["192.0.2.1"],
    },
    "s3/bucket:Bucket": lambda w: {},
    "s3/bucketPolicy:BucketPolicy": _bucket(policy=policy("s3:GetObject", "arn:aws:s3:::*", AWS="*")),
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket(blockPublicAcls=True),
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket(
        rules=[{"id": "old", "status": "Enabled", "expiration": {"days": 30}, "filter": {"prefix": "tmp/"}}]
    ),
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket(
        rules=[{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]
    ),
    "s3/bucketVersioning:BucketVersioning": _bucket(versioningConfiguration={"status": "Enabled"}),
    "s3/bucketOwnershipControls:BucketOwnershipControls": _bucket(rule={"objectOwnership": "BucketOwnerPreferred"}),
    "s3/bucketObject:BucketObject": _bucket(key="a.txt", content="a"),
    "s3/bucketObjectv2:BucketObjectv2": _bucket(key="b.txt", content="b"),
    "s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration": _bucket(indexDocument={"suffix": "index.html"}),
    "s3/bucketCorsConfiguration:BucketCorsConfiguration": _bucket(
        corsRules=[{"allowedMethods": ["GET"], "allowedOrigins": ["*"]}]
    ),
    "s3/bucketV2:BucketV2": lambda w: {},
    "s3/bucketLogging:BucketLogging": lambda w: {
        "bucket": w.id("s3/bucket:Bucket"),
        "targetBucket": _logs(w),
        "targetPrefix": "log/",
    },
    "s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration": _bucket(status="Enabled"),
    "s3/bucketNotification:BucketNotification": lambda w: {
        "bucket": w.id("s3/bucket:Bucket"),
        "queues": [{"queueArn": w.out("sqs/queue:Queue", "arn"), "events": ["s3:ObjectCreated:*"]}],
    },
    "s3/bucketAcl:BucketAcl": lambda w: {
        "bucket": w.out("s3/bucketOwnershipControls:BucketOwnershipControls", "bucket"),
        "acl": "private",
    },
    "secretsmanager/secret:Secret": lambda w: {"recoveryWindowInDays": 0},
    "secretsmanager/secretVersion:SecretVersion": lambda w: {
        "secretId": w.id("secretsmanager/secret:Secret"),
        "secretString": "hush",
    },
    "secretsmanager/secretPolicy:SecretPolicy": lambda w: {
        "secretArn": w.id("secretsmanager/secret:Secret"),
        "policy": policy("secretsmanager:GetSecretValue", "*", AWS="*"),
    },
    "servicediscovery/httpNamespace:HttpNamespace": lambda w: {},
    "servicediscovery/privateDnsNamespace:PrivateDnsNamespace": lambda w: {
        "name": "shop.local",
        "vpc": w.id("ec2/vpc:Vpc"),
    },
    "servicediscovery/service:Service": lambda w: {
        "namespaceId": w.id("servicediscovery/privateDnsNamespace:PrivateDnsNamespace"),
        "dnsConfig": {
            "namespaceId": w.id("servicediscovery/privateDnsNamespace:PrivateDnsNamespace"),
            "dnsRecords": [{"ttl": 10, "type": "A"}],
        },
    },
    "sns/topic:Topic": lambda w: {},
    "sns/topicSubscription:TopicSubscription": lambda w: {
        "topic": w.id("sns/topic:Topic"),
        "protocol": "sqs",
        "endpoint": w.out("sqs/queue:Queue", "arn"),
    },
    "sns/topicPolicy:TopicPolicy": lambda w: {
        "arn": w.id("sns/topic:Topic"),
        "policy": policy("sns:Publish", w.id("sns/topic:Topic"), AWS="*"),
    },
    "sqs/queue:Queue": lambda w: {},
    "sqs/queuePolicy:QueuePolicy": lambda w: {
        "queueUrl": w.id("sqs/queue:Queue"),
        "policy": policy("sqs:SendMessage", "*", AWS="*"),
    },
    "sqs/redrivePolicy:RedrivePolicy": lambda w: {
        "queueUrl": w.id("sqs/queue:Queue"),
        "redrivePolicy": json.dumps(
            {
                "deadLetterTargetArn": w.provider.create("aws:sqs/queue:Queue", {}, "dead").state["arn"],
                "maxReceiveCount": 4,
            }
        ),
    },
    "ssm/parameter:Parameter": lambda w: {"type": "String", "value": "a"},
    "wafv2/webAcl:WebAcl": lambda w: {
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "visibilityConfig": {"cloudwatchMetricsEnabled": True, "metricName": "web", "sampledRequestsEnabled": True},
    },
    "wafv2/webAclAssociation:WebAclAssociation": lambda w: {
        "resourceArn": w.id("lb/loadBalancer:LoadBalancer"),
        "webAclArn": w.out("wafv2/webAcl:WebAcl", "arn"),
    },
}
"""Token without `aws:` -> f(world) -> inputs."""
INPUTS |= {second.removeprefix("aws:"): INPUTS[first.removeprefix("aws:")] for second, first in SECOND_NAMES.items()}

INPUTS |= SERVICES | OTHERS
