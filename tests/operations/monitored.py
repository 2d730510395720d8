"""A stack as the monitor meets it: made with boto3 in the stand-in for AWS, and its state in the engine's form."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import functools
import itertools
import json
import os
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from operations.declared import Declaration, from_state
from operations.live.answers import Answers, Remembered
from operations.live.aws import Aws, clients
from operations.monitor.comparison import Stack
from operations.monitor.judge import judge
from operations.monitor.verdict import Verdict

REGION, ACCOUNT = "eu-west-1", "123456789012"
DIMENSION = "ecs:service:DesiredCount"
_NUMBERS = itertools.count()
SPEC = {
    "elasticity": {
        "minimum": 2,
        "maximum": 6,
        "unit": {"start_up": "1m"},
        "scheduled": {"office": {"cron": "0 8 * * *", "minimum": 4, "time_zone": "UTC"}},
    },
    "deployment": {"strategy": "rolling"},
}


def unique(prefix: str) -> str:
    """A name that nothing else in the shared stand-in has."""
    return f"{prefix}-{os.getpid()}-{next(_NUMBERS)}"


def certificate(days: int) -> tuple[bytes, bytes]:
    """A certificate that ends in so many days, and its key, in PEM."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), key.private_bytes(*form)


@functools.cache
def client_of(endpoint: str, keys: tuple[str, str], service: str) -> Any:
    """A client, once for all tests: to make one takes longer than to use it."""
    return clients(REGION, endpoint=endpoint, keys=keys)(service)


@dataclasses.dataclass
class Monitored:
    """A service and a group behind a balancer, as a program would have deployed them."""

    endpoint: str
    keys: tuple[str, str]
    name: str = dataclasses.field(default_factory=lambda: unique("m"))
    resources: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    live_minimum: int = 2
    """Of the service."""
    alternate: str = ""
    """The second target group, where traffic is shifted."""

    def __post_init__(self) -> None:
        self.declare("pulumi:pulumi:Stack", "accordion-test", custom=False)
        provider = {"region": REGION, "allowedAccountIds": json.dumps([ACCOUNT])}
        self.declare("pulumi:providers:aws", "aws", inputs=provider)
        for component, kind in (
            ("web", "ContainerService"),
            ("fleet", "AutoscalingGroup"),
            ("balancer", "LoadBalancer"),
        ):
            self.declare(f"accordion:index:{kind}", component, inputs={"spec": copy.deepcopy(SPEC)}, custom=False)
        self._network()
        self._balancer()
        self._listener_rule()
        self._service()
        self._composite()
        self._group()

    def aws(self, service: str) -> Any:
        """A client that writes, to plant deviations."""
        return client_of(self.endpoint, self.keys, service)

    def urn(self, type_token: str, name: str) -> str:
        return f"urn:pulumi:test::accordion::{type_token}::{name}"

    def declare(
        self, type_token: str, name: str, number: str = "", parent: str = "", custom: bool = True, **more: Any
    ) -> None:
        one = {"urn": self.urn(type_token, name), "type": type_token, "custom": custom, "id": number, **more}
        owners = {"web": "ContainerService", "fleet": "AutoscalingGroup", "balancer": "LoadBalancer"}
        if parent:
            one["parent"] = self.urn(f"accordion:index:{owners[parent]}", parent)
        self.resources.append({key: value for key, value in one.items() if value != ""})

    @property
    def state(self) -> dict[str, Any]:
        return {"version": 3, "deployment": {"manifest": {}, "resources": self.resources}}

    @property
    def declaration(self) -> Declaration:
        return from_state(json.loads(json.dumps(self.state)), "test")

    def part(self, type_token: str, name: str) -> dict[str, Any]:
        """The inputs of one declared resource, to change them."""
        return next(one["inputs"] for one in self.resources if one["urn"] == self.urn(type_token, name))

    def verdict(self, answers: Answers | None = None, *, later: float = 0.0, **accepted: str) -> Verdict:
        now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=later)
        stack = Stack(self.declaration, Remembered(answers or Aws(self.aws)), now)
        return judge(stack, {key.replace("__", "."): reason for key, reason in accepted.items()})

    def found(self, **keywords: Any) -> list[tuple[str, str]]:
        """Key and category of every open difference."""
        verdict = self.verdict(**keywords)
        return sorted((one.key, one.category) for one in verdict.open)

    def _network(self) -> None:
        ec2 = self.aws("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate("ab")
        ]
        self.security_group = ec2.create_security_group(GroupName=self.name, Description="tasks", VpcId=self.vpc)[
            "GroupId"
        ]
        ec2.revoke_security_group_egress(
            GroupId=self.security_group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        )
        permission = {"IpProtocol": "tcp", "FromPort": 8080, "ToPort": 8080, "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}
        answer = ec2.authorize_security_group_ingress(GroupId=self.security_group, IpPermissions=[permission])
        rule = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        self.declare(
            "aws:ec2/securityGroup:SecurityGroup", "group", self.security_group, "web", inputs={"name": self.name}
        )
        inputs = {
            "securityGroupId": self.security_group,
            "ipProtocol": "tcp",
            "fromPort": 8080,
            "toPort": 8080,
            "cidrIpv4": "10.9.0.0/16",
        }
        self.declare("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "in", rule, "web", inputs=inputs)

    def _balancer(self) -> None:
        elb = self.aws("elbv2")
        made = elb.create_load_balancer(Name=self.name, Subnets=self.subnets, SecurityGroups=[self.security_group])
        balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        groups = elb.create_target_group(Name=self.name, Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip")
        self.target_group = groups["TargetGroups"][0]["TargetGroupArn"]
        pem, key = certificate(300)
        self.certificate = self.aws("acm").import_certificate(Certificate=pem, PrivateKey=key)["CertificateArn"]
        made = elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol="HTTPS",
            Port=443,
            Certificates=[{"CertificateArn": self.certificate}],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.target_group}],
        )
        self.listener = made["Listeners"][0]["ListenerArn"]
        health = {"interval": 10, "healthyThreshold": 2, "unhealthyThreshold": 3}
        inputs: dict[str, Any] = {"healthCheck": health, "deregistrationDelay": 60}
        self.declare("aws:lb/targetGroup:TargetGroup", "targets", self.target_group, "balancer", inputs=inputs)
        inputs = {
            "port": 443,
            "protocol": "HTTPS",
            "certificateArn": self.certificate,
            "defaultActions": [{"type": "forward", "targetGroupArn": self.target_group}],
        }
        self.declare("aws:lb/listener:Listener", "https", self.listener, "balancer", inputs=inputs)

    def _listener_rule(self) -> None:
        made = self.aws("elbv2").create_rule(
            ListenerArn=self.listener,
            Priority=10,
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}],
            Actions=[{"Type": "forward", "TargetGroupArn": self.target_group}],
        )
        self.rule = made["Rules"][0]["RuleArn"]
        inputs = {
            "priority": 10,
            "conditions": [{"pathPattern": {"values": ["/api/*"]}}],
            "actions": [{"type": "forward", "targetGroupArn": self.target_group}],
        }
        self.declare("aws:lb/listenerRule:ListenerRule", "api", self.rule, "balancer", inputs=inputs)

    def _composite(self) -> None:
        other = {"MetricName": "Errors", "Namespace": "Shop", "Period": 60, "Statistic": "Sum", "EvaluationPeriods": 1}
        comparison = "GreaterThanThreshold"
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName=f"{self.name}-errors", Threshold=1.0, ComparisonOperator=comparison, **other
        )
        rule = f"ALARM({self.name}-errors)"
        self.aws("cloudwatch").put_composite_alarm(AlarmName=f"{self.name}-page", AlarmRule=rule)
        inputs = {"alarmName": f"{self.name}-page", "alarmRule": rule}
        self.declare("aws:cloudwatch/compositeAlarm:CompositeAlarm", "page", f"{self.name}-page", "web", inputs=inputs)

    def register(self, image: str) -> str:
        container = {"name": "app", "image": image, "memory": 512, "portMappings": [{"containerPort": 8080}]}
        made = self.aws("ecs").register_task_definition(
            family=self.name,
            cpu="256",
            memory="512",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            containerDefinitions=[container],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def _service(self) -> None:
        ecs, self.image = self.aws("ecs"), f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{self.name}:1.0"
        self.aws("ecr").create_repository(repositoryName=self.name)
        self.push("1.0", "first")
        ecs.create_cluster(clusterName=self.name)
        self.definition = self.register(self.image)
        breaker = {"enable": True, "rollback": True}
        ecs.create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=self.definition,
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.security_group]}
            },
            loadBalancers=[{"targetGroupArn": self.target_group, "containerName": "app", "containerPort": 8080}],
            deploymentConfiguration={
                "deploymentCircuitBreaker": breaker,
                "maximumPercent": 200,
                "minimumHealthyPercent": 100,
            },
            healthCheckGracePeriodSeconds=60,
        )
        self.resource = f"service/{self.name}/{self.name}"
        definitions = json.dumps(
            [{"name": "app", "image": self.image, "environment": [{"name": "A", "value": "hidden"}]}]
        )
        self.declare(
            "aws:ecs/taskDefinition:TaskDefinition",
            "task",
            self.definition,
            "web",
            inputs={"containerDefinitions": definitions},
        )
        inputs: dict[str, Any] = {
            "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{self.name}",
            "name": self.name,
            "taskDefinition": self.definition,
            "desiredCount": 2,
            "deploymentCircuitBreaker": breaker,
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "healthCheckGracePeriodSeconds": 60,
            "networkConfiguration": {
                "subnets": self.subnets,
                "securityGroups": [self.security_group],
                "assignPublicIp": False,
            },
            "loadBalancers": [{"targetGroupArn": self.target_group, "containerName": "app", "containerPort": 8080}],
        }
        self.declare("aws:ecs/service:Service", "service", f"arn:{self.name}", "web", inputs=inputs)
        self.bounds(2, 6)
        inputs = {"resourceId": self.resource, "minCapacity": 2, "maxCapacity": 6}
        self.declare("aws:appautoscaling/target:Target", "target", self.resource, "web", inputs=inputs)
        self.put_policy(50.0)
        tracking = {
            "targetValue": 50,
            "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "scaleInCooldown": 300,
            "scaleOutCooldown": 60,
            "disableScaleIn": False,
        }
        inputs = {
            "name": "cpu",
            "resourceId": self.resource,
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": tracking,
        }
        self.declare("aws:appautoscaling/policy:Policy", "cpu", "cpu", "web", inputs=inputs)
        action = {"MinCapacity": 4}
        self.aws("application-autoscaling").put_scheduled_action(
            ServiceNamespace="ecs",
            ResourceId=self.resource,
            ScalableDimension=DIMENSION,
            ScheduledActionName="office",
            Schedule="cron(0 8 * * ? *)",
            ScalableTargetAction=action,
        )
        inputs = {
            "name": "office",
            "resourceId": self.resource,
            "schedule": "cron(0 8 * * ? *)",
            "scalableTargetAction": {"minCapacity": 4},
        }
        self.declare("aws:appautoscaling/scheduledAction:ScheduledAction", "office", "office", "web", inputs=inputs)
        self.alarm(80.0)
        inputs = {
            "name": f"{self.name}-cpu",
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "evaluationPeriods": 5,
            "datapointsToAlarm": 3,
            "metricName": "CPUUtilization",
            "namespace": "AWS/ECS",
            "period": 60,
            "statistic": "Average",
            "threshold": 80,
            "treatMissingData": "missing",
            "alarmActions": [],
            "okActions": [],
            "dimensions": {"ClusterName": self.name},
        }
        self.declare("aws:cloudwatch/metricAlarm:MetricAlarm", "cpu-alarm", f"{self.name}-cpu", "web", inputs=inputs)

    def push(self, tag: str, content: str) -> None:
        """Put an image into the registry."""
        kind = "application/vnd.docker.image.rootfs.diff.tar.gzip"
        layer = {"mediaType": kind, "size": 1, "digest": f"sha256:{content}"}
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": layer,
            "layers": [layer],
        }
        self.aws("ecr").put_image(repositoryName=self.name, imageManifest=json.dumps(manifest), imageTag=tag)

    def declares(self, definition: str, image: str) -> None:
        """As the state is after a deployment of another task definition."""
        self.part("aws:ecs/service:Service", "service")["taskDefinition"] = definition
        urn = self.urn("aws:ecs/taskDefinition:TaskDefinition", "task")
        task = next(one for one in self.resources if one["urn"] == urn)
        task["id"] = definition
        task["inputs"] = {"containerDefinitions": json.dumps([{"name": "app", "image": image}])}

    def shifts_traffic(self) -> None:
        """Deployments of the service shift traffic to a second target group."""
        made = self.aws("elbv2").create_target_group(
            Name=f"{self.name}-b", Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip"
        )
        self.alternate = made["TargetGroups"][0]["TargetGroupArn"]
        self.part("accordion:index:ContainerService", "web")["spec"]["deployment"]["strategy"] = "blue_green"

    def bounds(self, minimum: int, maximum: int, **more: Any) -> None:
        self.aws("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs", ResourceId=self.resource, ScalableDimension=DIMENSION, MinCapacity=minimum, MaxCapacity=maximum, **more
        )  # fmt: skip

    def put_policy(self, target: float) -> None:
        configuration = {
            "TargetValue": target,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            "ScaleInCooldown": 300,
            "ScaleOutCooldown": 60,
            "DisableScaleIn": False,
        }
        self.aws("application-autoscaling").put_scaling_policy(
            PolicyName="cpu",
            ServiceNamespace="ecs",
            ResourceId=self.resource,
            ScalableDimension=DIMENSION,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=configuration,
        )

    def alarm(self, threshold: float) -> None:
        self.aws("cloudwatch").put_metric_alarm(
            AlarmName=f"{self.name}-cpu",
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            EvaluationPeriods=5,
            DatapointsToAlarm=3,
            MetricName="CPUUtilization",
            Namespace="AWS/ECS",
            Period=60,
            Statistic="Average",
            Threshold=threshold,
            TreatMissingData="missing",
            Dimensions=[{"Name": "ClusterName", "Value": self.name}],
        )

    def managed(self, side: str) -> dict[str, Any]:
        """A managed alarm of the service: `AlarmHigh` or `AlarmLow`."""
        found = self.aws("cloudwatch").describe_alarms(AlarmNamePrefix=f"TargetTracking-{self.resource}-{side}")
        alarm: dict[str, Any] = found["MetricAlarms"][0]
        return alarm

    def _group(self) -> None:
        ec2, scaling = self.aws("ec2"), self.aws("autoscaling")
        data = {"ImageId": "ami-12c6146b", "InstanceType": "m7g.large"}
        made = ec2.create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=data)
        self.template = made["LaunchTemplate"]["LaunchTemplateId"]
        outputs = {"latestVersion": 1, "defaultVersion": 1}
        self.declare(
            "aws:ec2/launchTemplate:LaunchTemplate", "template", self.template, "fleet", inputs={}, outputs=outputs
        )
        launch = {"LaunchTemplateId": self.template, "Version": "1"}
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            MinSize=2,
            MaxSize=6,
            DesiredCapacity=2,
            VPCZoneIdentifier=",".join(self.subnets),
            LaunchTemplate=launch,
        )
        inputs: dict[str, Any] = {
            "name": self.name,
            "minSize": 2,
            "maxSize": 6,
            "launchTemplate": {"id": self.template, "version": "1"},
        }
        self.declare("aws:autoscaling/group:Group", "group", self.name, "fleet", inputs=inputs)
        specification = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
        scaling.put_scaling_policy(
            AutoScalingGroupName=self.name,
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={"TargetValue": 50.0, "PredefinedMetricSpecification": specification},
        )
        tracking = {
            "targetValue": 50,
            "predefinedMetricSpecification": {"predefinedMetricType": "ASGAverageCPUUtilization"},
        }
        inputs = {
            "name": "cpu",
            "autoscalingGroupName": self.name,
            "policyType": "TargetTrackingScaling",
            "targetTrackingConfiguration": tracking,
        }
        self.declare("aws:autoscaling/policy:Policy", "group-cpu", "cpu", "fleet", inputs=inputs)
        scaling.put_scheduled_update_group_action(
            AutoScalingGroupName=self.name,
            ScheduledActionName="office",
            Recurrence="0 8 * * *",
            MinSize=4,
            TimeZone="UTC",
        )
        inputs = {
            "scheduledActionName": "office",
            "autoscalingGroupName": self.name,
            "recurrence": "0 8 * * *",
            "timeZone": "UTC",
            "minSize": 4,
            "maxSize": -1,
            "desiredCapacity": -1,
        }
        self.declare("aws:autoscaling/schedule:Schedule", "group-office", "office", "fleet", inputs=inputs)
