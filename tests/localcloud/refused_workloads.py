"""What ECS, Elastic Load Balancing and the scaling services refuse beside the tables of test_refusals.py, each beside
what they take: data for test_refusals_beside.py. Sources: the tables of limits."""

import json
from typing import Any

Values = dict[str, Any]
J = json.dumps
A = "arn:aws:iam::123456789012:role/r"
LBA = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
TG = f"{LBA}:targetgroup/web/0123456789abcdef"
LB = f"{LBA}:loadbalancer/app/web/0123456789abcdef"
NLB = f"{LBA}:loadbalancer/net/web/0123456789abcdef"
CERT = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-4123-8123-123456789012"
FWD = {"type": "forward", "targetGroupArn": TG}
SCALED = {"serviceNamespace": "ecs", "resourceId": "service/main/web", "scalableDimension": "ecs:service:DesiredCount"}


def td(**changed: Any) -> Values:
    """A task of one container."""
    return {"containerDefinitions": J([{"name": "app", "image": "nginx", "memory": 128} | changed])}


CASES: list[Any] = [
    ("ecs/service:Service", {'name': 'web', 'cluster': 'main', 'taskDefinition': 'web:1'}, [
        ({'launchType': 'FARGATE', 'networkConfiguration': None}, [('networkConfiguration', "missing required property of 'launchType': 'FARGATE'")]),
    ], [
        {'launchType': 'FARGATE', 'networkConfiguration': {'subnets': ['subnet-1']}}, {'orderedPlacementStrategies': [{'type': 'spread', 'field': 'attribute:ecs.availability-zone'}]}, {'placementConstraints': [{'type': 'memberOf', 'expression': 'attribute:x == y'}]}, {'placementConstraints': [{'type': 'distinctInstance'}]},
    ]),
    ("ecs/taskDefinition:TaskDefinition", {'family': 'web'} | td(), [
        (td(memory=3), [('containerDefinitions[0].memory', '3 is not within 4 to 2147483647 MiB')]),
        (td(cpu=-1), [('containerDefinitions[0].cpu', '-1 is not within 0 to 196608 units')]),
        (td(healthCheck={'command': ['curl']}), [('containerDefinitions[0].healthCheck.command', "begins with 'curl'; allowed are CMD, CMD-SHELL, NONE")]),
        (td(linuxParameters={'swappiness': 101}), [('containerDefinitions[0].linuxParameters.swappiness', '101 is not within 0 to 100')]),
    ], [
        td(healthCheck={'command': ['CMD-SHELL', 'x'], 'interval': 5}), td(portMappings=[{'containerPort': 80, 'protocol': 'udp'}]), td(environment=[{'name': 'A', 'value': '1'}]),
    ]),
    ("lb/loadBalancer:LoadBalancer", {'name': 'web', 'subnets': ['subnet-1', 'subnet-2']}, [
        ({'securityGroups': ['web']}, [('securityGroups[0]', "'web' is no id of a group, such as sg-0123")]),
    ], [
        {'idleTimeout': 4000}, {'loadBalancerType': 'network'}, {'clientKeepAlive': 60}, {'internal': True},
    ]),
    ("lb/listener:Listener", {'loadBalancerArn': LB, 'port': 80, 'protocol': 'HTTP', 'defaultActions': [FWD]}, [
        ({'defaultActions': []}, [('defaultActions', '0 actions, allowed are 1 to 10')]),
    ], [
        {'protocol': 'HTTPS', 'certificateArn': CERT, 'port': 443}, {'loadBalancerArn': NLB, 'protocol': 'TCP'}, {'protocol': 'HTTPS', 'certificateArn': CERT, 'sslPolicy': 'ELBSecurityPolicy-TLS13-1-2-2021-06'},
    ]),
    ("lb/listenerRule:ListenerRule", {'listenerArn': f'{LBA}:listener/app/web/0123456789abcdef/0123456789abcdef', 'priority': 1, 'actions': [FWD], 'conditions': [{'pathPattern': {'values': ['/a']}}]}, [
        ({'actions': []}, [('actions', '0 actions, allowed are 1 to 10')]),
    ], [
        {'conditions': [{'sourceIp': {'values': ['10.0.0.0/8']}}]}, {'conditions': [{'hostHeader': {'values': ['*.a.example']}}, {'pathPattern': {'values': ['/a*']}}]},
    ]),
    ("autoscaling/group:Group", {'name': 'g', 'minSize': 1, 'maxSize': 3, 'launchTemplate': {'id': 'lt-0123456789abcdef0'}, 'vpcZoneIdentifiers': ['subnet-1']}, [
        ({'tags': [{'key': 'aws:x', 'value': 'y', 'propagateAtLaunch': True}]}, [('tags[0].key', "its name 'aws:x' begins with aws:, which AWS keeps for itself")]),
        ({'targetGroupArns': ['web']}, [('targetGroupArns[0]', "'web' is not an ARN of elasticloadbalancing")]),
        ({'serviceLinkedRoleArn': 'r'}, [('serviceLinkedRoleArn', "'r' is not an ARN of iam")]),
        ({'trafficSources': [{'identifier': 'x', 'type': 'alb'}]}, [('trafficSources[0].type', "'alb' is not allowed; allowed are elb, elbv2, vpc-lattice")]),
    ], [
        {'maxInstanceLifetime': 86400}, {'terminationPolicies': ['OldestInstance', 'Default']}, {'enabledMetrics': ['GroupMinSize'], 'metricsGranularity': '1Minute'}, {'warmPool': {'poolState': 'Stopped'}},
    ]),
    ("appautoscaling/target:Target", SCALED | {'minCapacity': 1, 'maxCapacity': 4}, [
        ({'roleArn': 'r'}, [('roleArn', "'r' is not an ARN of iam")]),
    ], [
        {'minCapacity': 0}, {'minCapacity': 4},
    ]),
]  # fmt: skip
