"""What AWS refuses beyond its request model, as tables; it cannot prove that AWS uses these words, nor that the tables
are complete."""

from typing import Any

import pytest

from localcloud.aws import limits
from localcloud.aws.kinds import KINDS
from localcloud.cloud.placeholders import placeholder
from localcloud.provider.wire import UNKNOWN

CASES: list[tuple[str, dict[str, Any], list[tuple[str, str]], str]] = [
    (
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.1/16"},
        [("cidrBlock", "'10.0.0.1/16' has host bits set; did you mean '10.0.0.0/16'?")],
        "host bits",
    ),
    (
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0.0"},
        [("cidrBlock", "'10.0.0.0' has no prefix length; did you mean '10.0.0.0/32'?")],
        "no prefix",
    ),
    (
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.0.0/16x"},
        [("cidrBlock", "'10.0.0/16x' is not a block of IPv4 addresses such as 10.0.0.0/16")],
        "no block",
    ),
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/8"}, [("cidrBlock", "a /8 is not within /16 to /28")], "too large"),
    ("aws:ec2/vpc:Vpc", {}, [("cidrBlock", "missing required property")], "nothing"),
    ("aws:ec2/subnet:Subnet", {"vpcId": "vpc-1"}, [("cidrBlock", "missing required property")], "no block of a subnet"),
    (
        "aws:ec2/route:Route",
        {"destinationCidrBlock": "0.0.0.0/0"},
        [
            (
                "carrierGatewayId",
                "give one of 'carrierGatewayId', 'coreNetworkArn', 'egressOnlyGatewayId', 'gatewayId', 'localGatewayId', 'natGatewayId', 'networkInterfaceId', 'transitGatewayId', 'vpcEndpointId', 'vpcPeeringConnectionId'",
            )
        ],
        "no target",
    ),
    (
        "aws:ec2/route:Route",
        {"gatewayId": "igw-1"},
        [
            (
                "destinationCidrBlock",
                "give one of 'destinationCidrBlock', 'destinationIpv6CidrBlock', 'destinationPrefixListId'",
            )
        ],
        "no destination",
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"name": "sg-web"},
        [("name", "'sg-web' begins with 'sg-', which AWS keeps for ids")],
        "name of a group",
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"description": "wéb"},
        [
            (
                "description",
                "'wéb' has characters that a description may not have: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
            )
        ],
        "description",
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [{"protocol": "http", "cidrBlocks": ["0.0.0.0/0"]}]},
        [("ingress[0].protocol", "'http' is no protocol; allowed are tcp, udp, icmp, icmpv6, -1 (all), and 0 to 255")],
        "protocol",
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {"egress": [{"protocol": "tcp", "cidrBlocks": ["10.0.0.1/8"]}]},
        [("egress[0].cidrBlocks[0]", "'10.0.0.1/8' has host bits set; did you mean '10.0.0.0/8'?")],
        "block of a rule",
    ),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"},
        [
            ("fromPort", "missing required property of a rule for tcp"),
            ("toPort", "missing required property of a rule for tcp"),
        ],
        "no ports",
    ),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"ipProtocol": "-1"},
        [("cidrIpv4", "give one of 'cidrIpv4', 'cidrIpv6', 'prefixListId', 'referencedSecurityGroupId'")],
        "no source",
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"name": "a" * 33},
        [
            (
                "name",
                "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' is not a name of at most 32 letters, digits and hyphens that neither begins nor ends with a hyphen",
            )
        ],
        "long name of a balancer",
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"name": "my_lb"},
        [
            (
                "name",
                "'my_lb' is not a name of at most 32 letters, digits and hyphens that neither begins nor ends with a hyphen",
            )
        ],
        "underscore in a balancer",
    ),
    (
        "aws:lb/loadBalancer:LoadBalancer",
        {"name": "internal-x"},
        [("name", "'internal-x' begins with 'internal-', which AWS keeps for itself")],
        "internal-",
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 80, "protocol": "TCP", "vpcId": "vpc-1", "healthCheck": {"path": "health"}},
        [("healthCheck.path", "'health' does not begin with '/'")],
        "path",
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 80, "protocol": "TCP", "vpcId": "vpc-1", "healthCheck": {"matcher": "200-600"}},
        [("healthCheck.matcher", "'200-600' is not within 200 to 599")],
        "codes",
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 80, "protocol": "TCP", "vpcId": "vpc-1", "healthCheck": {"matcher": "ok"}},
        [("healthCheck.matcher", "'ok' is not allowed; wanted codes such as 200, 200,202 or 200-299")],
        "no codes",
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 80, "protocol": "TCP", "vpcId": "vpc-1", "healthCheck": {"port": "http"}},
        [("healthCheck.port", "'http' is not allowed; allowed are traffic-port and 1 to 65535")],
        "port of a check",
    ),
    (
        "aws:lb/targetGroup:TargetGroup",
        {"port": 80, "protocol": "TCP", "vpcId": "vpc-1", "stickiness": {"type": "cookie"}},
        [
            (
                "stickiness.type",
                "'cookie' is not allowed; allowed are lb_cookie, app_cookie, source_ip, source_ip_dest_ip, source_ip_dest_ip_proto",
            )
        ],
        "stickiness",
    ),
    (
        "aws:lb/listener:Listener",
        {"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/1"},
        [("port", "missing required property")],
        "no port of a listener",
    ),
    (
        "aws:lb/listenerRule:ListenerRule",
        {"conditions": [{"pathPattern": {"values": ["a", "b", "c", "d", "e", "f"]}}]},
        [("conditions", "6 values of all conditions together, allowed are 5")],
        "six values",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"family": "my family", "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128}]'},
        [("family", "'my family' is not a name of at most 255 letters, digits, hyphens and underscores")],
        "family",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"taskRoleArn": "x", "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128}]'},
        [("taskRoleArn", "'x' is not the ARN of a role")],
        "role",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "ephemeralStorage": {"sizeInGib": 10},
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128}]',
        },
        [("ephemeralStorage.sizeInGib", "10 is not within 21 to 200 GiB")],
        "storage",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"containerDefinitions": "[{name"},
        [
            (
                "containerDefinitions",
                "is no JSON: Expecting property name enclosed in double quotes: line 1 column 3 (char 2)",
            )
        ],
        "no JSON",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"containerDefinitions": "[]"},
        [("containerDefinitions", "a task definition has at least one container")],
        "no containers",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "essential": false}]'},
        [("containerDefinitions", "a task definition has at least one essential container")],
        "nothing essential",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {"containerDefinitions": '[{"name": "app", "memory": 128}]'},
        [("containerDefinitions[0].image", "missing required property")],
        "no image",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "environment": [{"name": "A", "value": 1}]}]'
        },
        [("containerDefinitions[0].environment[0].value", "expected a string, got a number")],
        "number in the environment",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "portMappings": [{"containerPort": 80, "hostPort": 8080}]}]',
        },
        [
            (
                "containerDefinitions[0].portMappings[0].hostPort",
                "8080 is not containerPort 80, as 'networkMode': 'awsvpc' wants",
            )
        ],
        "host port",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "logConfiguration": {"logDriver": "json-file"}}]',
        },
        [
            (
                "containerDefinitions[0].logConfiguration.logDriver",
                "'json-file' is not on Fargate; allowed are awslogs, splunk, awsfirelens",
            )
        ],
        "log driver",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/x", "awslogs-stream-prefix": "app"}}}]',
        },
        [
            (
                'containerDefinitions[0].logConfiguration.options["awslogs-region"]',
                "missing required property of log driver awslogs",
            )
        ],
        "log region",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "healthCheck": {"command": ["CMD", "x"], "interval": 1}}]'
        },
        [("containerDefinitions[0].healthCheck.interval", "1 is not within 5 to 300")],
        "health interval",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "stopTimeout": 300}]',
        },
        [("containerDefinitions[0].stopTimeout", "300 is above 120 seconds, the most on Fargate")],
        "long stop",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "privileged": true}]',
        },
        [("containerDefinitions[0].privileged", "there are no privileged containers on Fargate")],
        "privileged",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}]'
        },
        [("containerDefinitions[0].mountPoints[0].sourceVolume", "'v' is none of the task's 'volumes'")],
        "unknown volume",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "dependsOn": [{"containerName": "db", "condition": "START"}]}]'
        },
        [("containerDefinitions[0].dependsOn[0].containerName", "'db' is no container of this task")],
        "unknown container",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "dependsOn": [{"containerName": "db", "condition": "HEALTHY"}]}, {"name": "db", "image": "x", "memory": 128}]'
        },
        [("containerDefinitions[0].dependsOn[0].condition", "HEALTHY, but container 'db' has no healthCheck")],
        "health of none",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "secrets": [{"name": "A", "valueFrom": "arn:x"}]}]'
        },
        [("executionRoleArn", "missing required property of a task whose containers have 'secrets'")],
        "secrets without a role",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/x", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "app"}}}]',
        },
        [("executionRoleArn", "missing required property of a Fargate task that logs with awslogs")],
        "logs without a role",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 128, "cpu": 512}]',
        },
        [("cpu", "256 is below the 512 that the containers have together")],
        "cpu together",
    ),
    (
        "aws:ecs/taskDefinition:TaskDefinition",
        {
            "requiresCompatibilities": ["FARGATE"],
            "networkMode": "awsvpc",
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/x",
            "containerDefinitions": '[{"name": "app", "image": "nginx", "memory": 1024}]',
        },
        [
            ("memory", "512 is below the 1024 that the containers have together"),
            ("containerDefinitions[0].memory", "1024 is above the task's memory 512"),
        ],
        "hard memory",
    ),
    (
        "aws:ecs/service:Service",
        {"taskDefinition": "web:1", "desiredCount": -1},
        [("desiredCount", "-1 is not within 0 to 100000")],
        "count",
    ),
    (
        "aws:ecs/service:Service",
        {"taskDefinition": "web:1", "deploymentMinimumHealthyPercent": 101, "deploymentMaximumPercent": 100},
        [
            ("deploymentMinimumHealthyPercent", "101 is above deploymentMaximumPercent 100"),
            ("deploymentMinimumHealthyPercent", "101 is above 100, the most that is allowed"),
        ],
        "percentages",
    ),
    (
        "aws:ecs/service:Service",
        {"taskDefinition": "web:1", "name": "my service"},
        [("name", "'my service' is not a name of at most 255 letters, digits, hyphens and underscores")],
        "name of a service",
    ),
    (
        "aws:ecs/service:Service",
        {"taskDefinition": "web:1", "platformVersion": "9.9.9"},
        [("platformVersion", "'9.9.9' is not allowed; allowed are LATEST, 1.4.0, 1.3.0, 1.0.0")],
        "platform",
    ),
    (
        "aws:ecs/service:Service",
        {
            "taskDefinition": "web:1",
            "launchType": "FARGATE",
            "networkConfiguration": {"subnets": ["subnet-1"]},
            "orderedPlacementStrategies": [{"type": "random"}],
        },
        [("orderedPlacementStrategies", "is not supported with 'launchType': 'FARGATE'")],
        "placement on fargate",
    ),
    (
        "aws:appautoscaling/target:Target",
        {"minCapacity": -1},
        [("minCapacity", "-1 is below 0, the least that is allowed")],
        "negative bound",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {"policyType": "TargetTrackingScaling", "targetTrackingScalingPolicyConfiguration": {"targetValue": 50}},
        [
            (
                "targetTrackingScalingPolicyConfiguration",
                "give exactly one of 'predefinedMetricSpecification', 'customizedMetricSpecification'",
            )
        ],
        "no metric",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "predefinedMetricSpecification": {"predefinedMetricType": "ALBRequestCountPerTarget"}
            },
        },
        [
            (
                "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.resourceLabel",
                "missing required property of ALBRequestCountPerTarget",
            )
        ],
        "no label",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "predefinedMetricSpecification": {
                    "predefinedMetricType": "ALBRequestCountPerTarget",
                    "resourceLabel": "app/x",
                }
            },
        },
        [
            (
                "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.resourceLabel",
                "'app/x' is not of the form app/<balancer>/<id>/targetgroup/<target group>/<id>",
            )
        ],
        "label",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {
            "serviceNamespace": "ecs",
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "predefinedMetricSpecification": {"predefinedMetricType": "DynamoDBReadCapacityUtilization"}
            },
        },
        [
            (
                "targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification.predefinedMetricType",
                "'DynamoDBReadCapacityUtilization' is no metric of ecs",
            )
        ],
        "metric of another service",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {
            "policyType": "TargetTrackingScaling",
            "targetTrackingScalingPolicyConfiguration": {
                "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
                "customizedMetricSpecification": {"metricName": "a", "namespace": "A", "statistic": "Sum"},
            },
        },
        [
            (
                "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification",
                "conflicts with 'predefinedMetricSpecification': give one of 'predefinedMetricSpecification', 'customizedMetricSpecification'",
            )
        ],
        "two metrics",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {
            "stepScalingPolicyConfiguration": {
                "adjustmentType": "ChangeInCapacity",
                "cooldown": -5,
                "stepAdjustments": [{"scalingAdjustment": 1, "metricIntervalLowerBound": "0"}],
            }
        },
        [("stepScalingPolicyConfiguration.cooldown", "-5 is below 0, the least that is allowed")],
        "cooldown",
    ),
    (
        "aws:appautoscaling/policy:Policy",
        {
            "stepScalingPolicyConfiguration": {
                "adjustmentType": "ChangeInCapacity",
                "stepAdjustments": [
                    {"scalingAdjustment": 1, "metricIntervalLowerBound": "0", "metricIntervalUpperBound": "10"},
                    {"scalingAdjustment": 1, "metricIntervalLowerBound": "5"},
                ],
            }
        },
        [("stepScalingPolicyConfiguration.stepAdjustments[1]", "overlaps step 0: it begins at 5, that one ends at 10")],
        "steps overlap",
    ),
    (
        "aws:autoscaling/policy:Policy",
        {
            "policyType": "StepScaling",
            "adjustmentType": "ChangeInCapacity",
            "stepAdjustments": [
                {"scalingAdjustment": 1, "metricIntervalLowerBound": "0", "metricIntervalUpperBound": "10"},
                {"scalingAdjustment": 1, "metricIntervalLowerBound": "20"},
            ],
        },
        [("stepAdjustments[1]", "leaves a gap to step 0: it begins at 20, that one ends at 10")],
        "steps leave a gap",
    ),
    (
        "aws:autoscaling/policy:Policy",
        {
            "policyType": "StepScaling",
            "adjustmentType": "ChangeInCapacity",
            "stepAdjustments": [{"scalingAdjustment": 1}, {"scalingAdjustment": 1}],
        },
        [
            (
                "stepAdjustments[0]",
                "has neither bound: give metricIntervalLowerBound, metricIntervalUpperBound or both",
            )
        ],
        "steps without bounds",
    ),
    (
        "aws:autoscaling/policy:Policy",
        {
            "policyType": "StepScaling",
            "adjustmentType": "ChangeInCapacity",
            "stepAdjustments": [
                {"scalingAdjustment": 1, "metricIntervalLowerBound": "10", "metricIntervalUpperBound": "0"}
            ],
        },
        [("stepAdjustments[0]", "its lower bound 10 is not below its upper bound 0")],
        "step upside down",
    ),
    (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        {"schedule": "0 8 * * *", "scalableTargetAction": {"minCapacity": 1}},
        [("schedule", "'0 8 * * *' is not of the form cron(...), rate(...) or at(...)")],
        "plain cron",
    ),
    (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        {"schedule": "cron(0 8 * * * *)"},
        [("schedule", "exactly one of day of month and day of week is '?', got '*' and '*'")],
        "both days",
    ),
    (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        {"schedule": "cron(0 25 * * ? *)"},
        [("schedule", "25 in '0 25 * * ? *' is not within 0 to 23: hours")],
        "hour 25",
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": "rate(5 minutes)", "eventBusName": "shop"},
        [("scheduleExpression", "only rules of the default event bus have a schedule, not those of 'shop'")],
        "schedule on another bus",
    ),
    (
        "aws:autoscaling/group:Group",
        {
            "launchConfiguration": "lc",
            "instanceRefresh": {"strategy": "Rolling", "preferences": {"checkpointDelay": "60"}},
        },
        [("instanceRefresh.preferences.checkpointDelay", "needs 'checkpointPercentages'")],
        "checkpoint delay without checkpoints",
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": "rate(5 minute)"},
        [("scheduleExpression", "wanted rate(1 minute), rate(5 minutes), ...: minute, hour or day, plural above 1")],
        "plural",
    ),
    (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        {"timezone": "Berlin"},
        [("timezone", "'Berlin' is no time zone of the IANA database, such as Europe/Berlin")],
        "zone",
    ),
    (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        {"scalableTargetAction": {}},
        [("scalableTargetAction", "give 'minCapacity', 'maxCapacity' or both")],
        "no bound",
    ),
    (
        "aws:appautoscaling/scheduledAction:ScheduledAction",
        {"startTime": "2030-01-02T00:00:00Z", "endTime": "2030-01-01T00:00:00Z"},
        [("endTime", "2030-01-01T00:00:00Z is not after startTime 2030-01-02T00:00:00Z")],
        "ends before it begins",
    ),
    (
        "aws:autoscaling/schedule:Schedule",
        {"recurrence": "0 8 * * ? *"},
        [("recurrence", "'0 8 * * ? *' has 6 fields, wanted 5: minutes, hours, day of month, month, day of week")],
        "six fields",
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": "cron(0 8 * * *)"},
        [
            (
                "scheduleExpression",
                "'0 8 * * *' has 5 fields, wanted 6: minutes, hours, day of month, month, day of week, year",
            )
        ],
        "five fields",
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"scheduleExpression": "at(2030-01-01T00:00:00)"},
        [("scheduleExpression", "'at(2030-01-01T00:00:00)' is not of the form cron(...) or rate(...)")],
        "once",
    ),
    (
        "aws:autoscaling/group:Group",
        {"launchTemplate": {"id": "lt-0123456789abcdef0"}, "healthCheckType": "ALB"},
        [("healthCheckType", "'ALB' is not allowed; allowed are EC2, ELB, VPC_LATTICE, EBS")],
        "health of a group",
    ),
    (
        "aws:autoscaling/group:Group",
        {"launchTemplate": {"id": "lt-0123456789abcdef0"}, "terminationPolicies": ["Random"]},
        [
            (
                "terminationPolicies[0]",
                "'Random' is not allowed; allowed are Default, AllocationStrategy, OldestLaunchTemplate, OldestLaunchConfiguration, ClosestToNextInstanceHour, NewestInstance, OldestInstance",
            )
        ],
        "termination",
    ),
    (
        "aws:autoscaling/group:Group",
        {"launchTemplate": {"id": "lt-0123456789abcdef0"}, "maxInstanceLifetime": 3600},
        [("maxInstanceLifetime", "3600 is not within 86400 to 31536000 seconds or 0")],
        "lifetime",
    ),
    (
        "aws:autoscaling/group:Group",
        {"launchTemplate": {"id": "lt-0123456789abcdef0"}, "suspendedProcesses": ["Lunch"]},
        [
            (
                "suspendedProcesses[0]",
                "'Lunch' is not allowed; allowed are Launch, Terminate, AddToLoadBalancer, AlarmNotification, AZRebalance, HealthCheck, InstanceRefresh, ReplaceUnhealthy, ScheduledActions",
            )
        ],
        "process",
    ),
    (
        "aws:autoscaling/group:Group",
        {"launchTemplate": {"id": "lt-0123456789abcdef0"}, "enabledMetrics": ["Cpu"]},
        [
            (
                "enabledMetrics[0]",
                "'Cpu' is not allowed; allowed are GroupMinSize, GroupMaxSize, GroupDesiredCapacity, GroupInServiceInstances, GroupPendingInstances, GroupStandbyInstances, GroupTerminatingInstances, GroupTotalInstances, GroupInServiceCapacity, GroupPendingCapacity, GroupStandbyCapacity, GroupTerminatingCapacity, GroupTotalCapacity, WarmPoolDesiredCapacity, WarmPoolWarmedCapacity, WarmPoolPendingCapacity, WarmPoolTerminatingCapacity, WarmPoolTotalCapacity, GroupAndWarmPoolDesiredCapacity, GroupAndWarmPoolTotalCapacity",
            )
        ],
        "metric of a group",
    ),
    (
        "aws:autoscaling/group:Group",
        {
            "launchTemplate": {"id": "lt-0123456789abcdef0"},
            "instanceMaintenancePolicy": {"minHealthyPercentage": 120, "maxHealthyPercentage": 90},
        },
        [
            ("instanceMaintenancePolicy.minHealthyPercentage", "120 is not within 0 to 100"),
            ("instanceMaintenancePolicy.maxHealthyPercentage", "90 is not within 100 to 200"),
        ],
        "maintenance",
    ),
    (
        "aws:autoscaling/group:Group",
        {
            "launchTemplate": {"id": "lt-0123456789abcdef0"},
            "instanceMaintenancePolicy": {"minHealthyPercentage": 50, "maxHealthyPercentage": 200},
        },
        [("instanceMaintenancePolicy.maxHealthyPercentage", "200 is more than 100 above minHealthyPercentage 50")],
        "maintenance apart",
    ),
    (
        "aws:iam/role:Role",
        {
            "assumeRolePolicy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}'
        },
        [
            ("assumeRolePolicy", "a statement has no 'Principal'"),
            ("assumeRolePolicy", "a statement has a 'Resource', which this kind of policy may not have"),
        ],
        "no principal",
    ),
    (
        "aws:iam/role:Role",
        {
            "assumeRolePolicy": '{"Version": "2024-01-01", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
        },
        [("assumeRolePolicy", "its 'Version' '2024-01-01' is not allowed; allowed are 2012-10-17, 2008-10-17")],
        "language",
    ),
    (
        "aws:iam/role:Role",
        {
            "assumeRolePolicy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2"}, "Action": "sts:AssumeRole"}]}'
        },
        [("assumeRolePolicy", "its principal 'ec2' is no service, such as ecs-tasks.amazonaws.com")],
        "service of a role",
    ),
    (
        "aws:iam/policy:Policy",
        {
            "policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": "*"}]}'
        },
        [("policy", "a statement has a 'Principal', which this kind of policy may not have")],
        "principal of an identity",
    ),
    (
        "aws:s3/bucketPolicy:BucketPolicy",
        {
            "bucket": "mine",
            "policy": '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other/*", "Principal": "*"}]}',
        },
        [("policy", "its resource 'arn:aws:s3:::other/*' is not of bucket 'mine'")],
        "another bucket",
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "metricName": "CPUUtilization",
            "namespace": "AWS/ECS",
            "evaluationPeriods": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "period": 60,
            "statistic": "Average",
        },
        [("threshold", "missing: give 'threshold', or 'thresholdMetricId' for an anomaly band")],
        "no threshold",
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "metricName": "CPUUtilization",
            "namespace": "AWS/ECS",
            "evaluationPeriods": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "period": 60,
            "threshold": 80,
        },
        [("statistic", "missing: give 'statistic' or 'extendedStatistic'")],
        "no statistic",
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "metricName": "CPUUtilization",
            "namespace": "AWS/ECS",
            "evaluationPeriods": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "period": 60,
            "statistic": "Average",
            "threshold": 80,
            "alarmActions": ["page me"],
        },
        [("alarmActions[0]", "'page me' is no ARN")],
        "action",
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "metricName": "CPUUtilization",
            "namespace": "AWS/ECS",
            "evaluationPeriods": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "period": 60,
            "statistic": "Average",
            "threshold": 80,
            "extendedStatistic": "p101",
        },
        [("extendedStatistic", "'p101' is no percentile or trimmed statistic such as p99")],
        "percentile",
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "metricName": "CPUUtilization",
            "namespace": "AWS/ECS",
            "evaluationPeriods": 1,
            "comparisonOperator": "GreaterThanThreshold",
            "period": 60,
            "statistic": "Average",
            "threshold": 80,
            "treatMissingData": "ignored",
        },
        [("treatMissingData", "'ignored' is not allowed; allowed are breaching, notBreaching, ignore, missing")],
        "missing data",
    ),
    (
        "aws:cloudwatch/compositeAlarm:CompositeAlarm",
        {"alarmRule": "x or y"},
        [
            (
                "alarmRule",
                "'x or y' names no alarm: wanted ALARM(name), OK(name) or INSUFFICIENT_DATA(name), with AND, OR, NOT",
            )
        ],
        "rule of alarms",
    ),
    (
        "aws:sns/topicSubscription:TopicSubscription",
        {"protocol": "email", "endpoint": "ada"},
        [("endpoint", "'ada' is no e-mail address")],
        "e-mail",
    ),
    (
        "aws:sns/topicSubscription:TopicSubscription",
        {"protocol": "https", "endpoint": "http://x"},
        [("endpoint", "'http://x' does not begin with 'https://', as protocol https wants")],
        "plain http",
    ),
    (
        "aws:sqs/queue:Queue",
        {"redrivePolicy": "x"},
        [("redrivePolicy", "is no JSON: Expecting value: line 1 column 1 (char 0)")],
        "redrive",
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"name": "a b", "value": "x"},
        [("name", "'a b' has characters other than letters, digits and ._-/")],
        "name of a parameter",
    ),
    (
        "aws:ssm/parameter:Parameter",
        {},
        [("value", "missing required property: give 'value' or 'insecureValue'")],
        "no value",
    ),
    (
        "aws:ssm/parameter:Parameter",
        {"value": "x" * 4097},
        [("value", "4097 characters, allowed are 4096 in tier Standard")],
        "long value",
    ),
    (
        "aws:s3/bucket:Bucket",
        {"bucket": "MyBucket"},
        [("bucket", "'MyBucket' is no name of a bucket: 3 to 63 lower-case letters, digits, dots and hyphens")],
        "bucket",
    ),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {"rules": [{"transitions": [{"days": 1, "storageClass": "STANDARD_IA"}]}]},
        [("rules[0].transitions[0].days", "1 is below the 30 days before objects may move to STANDARD_IA")],
        "cold too soon",
    ),
    (
        "aws:route53/record:Record",
        {"type": "A", "records": ["web"]},
        [("records[0]", "'web' is no IPv4 address, as a record of type A wants")],
        "address",
    ),
    (
        "aws:route53/record:Record",
        {"type": "MX", "records": ["mail.example.org"]},
        [("records[0]", "'mail.example.org' is not of the form '10 mail.example.com', as a record of type MX wants")],
        "mail",
    ),
    (
        "aws:route53/record:Record",
        {"type": "CNAME", "records": ["a.b", "c.d"]},
        [("records", "2 values, a record of type CNAME has one")],
        "two names",
    ),
]


@pytest.mark.parametrize(("token", "inputs", "failures"), [pytest.param(*c[:3], id=c[3]) for c in CASES])
def test_what_aws_would_refuse_is_refused_with_property_and_reason(token: str, inputs: Any, failures: Any) -> None:
    assert list(limits.faults(token, inputs)) == failures


@pytest.mark.parametrize(("token", "inputs"), [pytest.param(c[0], c[1], id=c[3]) for c in CASES if c[1]])
def test_what_is_not_known_yet_is_refused_for_nothing(token: str, inputs: Any) -> None:
    unknown = dict.fromkeys(inputs, UNKNOWN)
    told = {path.partition(".")[0].partition("[")[0] for path, _ in limits.faults(token, unknown)}
    assert told & unknown.keys() <= {"containerDefinitions"}, "the row leaves out what is unknown itself"


SOUND: list[tuple[str, dict[str, Any]]] = [
    ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}),
    ("aws:ec2/securityGroup:SecurityGroup", {"ingress": [{"protocol": "-1", "cidrBlocks": ["0.0.0.0/0"]}]}),
    ("aws:ec2/route:Route", {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": UNKNOWN}),
    ("aws:lb/targetGroup:TargetGroup", {"port": 80, "protocol": "TCP", "vpcId": "vpc-1", "healthCheck": {"matcher": "200,301-302", "path": "/", "port": "8080"}}),
    ("aws:lb/targetGroup:TargetGroup", {"port": 80, "protocol": "HTTP", "vpcId": "vpc-1", "protocolVersion": "GRPC", "healthCheck": {"matcher": "0-99"}}),
    ("aws:ecs/service:Service", {"taskDefinition": "web:1", "healthCheckGracePeriodSeconds": 30, "loadBalancers": UNKNOWN}),
    ("aws:ecs/service:Service", {"taskDefinition": "web:1", "deploymentMinimumHealthyPercent": 0, "deploymentMaximumPercent": 100}),
    ("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": "cron(0/15 8-18 ? * MON-FRI *)"}),
    ("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": "cron(0 10 ? * 6#3 *)"}),
    ("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": "cron(0 8 L * ? *)"}),
    ("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": "rate(1 minute)"}),
    ("aws:appautoscaling/scheduledAction:ScheduledAction", {"schedule": "at(2030-01-01T08:00:00)"}),
    ("aws:autoscaling/schedule:Schedule", {"recurrence": "*/5 8 * * 0-6", "timeZone": "Europe/Berlin"}),
    ("aws:autoscaling/policy:Policy", {"policyType": "StepScaling", "adjustmentType": "ChangeInCapacity", "stepAdjustments": [{"metricIntervalUpperBound": "0"}, {"metricIntervalLowerBound": "0"}]}),
    ("aws:autoscaling/group:Group", {"launchTemplate": {"id": "lt-0123456789abcdef0"}, "maxInstanceLifetime": 0, "minSize": 0, "terminationPolicies": ["Default"]}),
    ("aws:route53/record:Record", {"type": "MX", "records": ["10 mail.example.org"]}),
    ("aws:s3/bucket:Bucket", {"bucket": "my.logs-2030"}),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"evaluationPeriods": 1, "comparisonOperator": "GreaterThanUpperThreshold", "metricQueries": [{"id": "b", "expression": "ANOMALY_DETECTION_BAND(a, 2)", "returnData": True}, {"id": "a", "metric": {"metricName": "A"}, "returnData": True}], "thresholdMetricId": "b"}),
    ("aws:cloudwatch/metricAlarm:MetricAlarm", {"evaluationPeriods": 1, "comparisonOperator": "LessThanThreshold", "metricName": "A", "namespace": "B", "period": 60, "extendedStatistic": "p99.9", "threshold": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("token", "inputs"), SOUND)
def test_what_aws_takes_is_taken(token: str, inputs: Any) -> None:
    assert list(limits.faults(token, inputs)) == []


def test_every_table_is_of_a_type_that_is_served() -> None:
    assert limits.tokens() <= KINDS.keys()


def test_a_secret_that_is_not_decrypted_here_is_refused_for_no_form() -> None:
    subscription = {
        "protocol": "https",
        "endpoint": placeholder("accordion:pager_endpoint"),
        "topic": "arn:aws:sns:eu-west-1:1:t",
    }
    assert list(limits.faults("aws:sns/topicSubscription:TopicSubscription", subscription)) == []
