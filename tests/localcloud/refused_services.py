"""What ECS refuses of services, each beside what it takes: data for test_refusals.py. Sources: the tables of limits."""

from typing import Any

Values = dict[str, Any]

GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef"
RULE = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/0123456789abcdef/1/2"
ROLE = "arn:aws:iam::123456789012:role/x"
CODE_DEPLOY, EXTERNAL = ({"deploymentController": {"type": kind}} for kind in ("CODE_DEPLOY", "EXTERNAL"))
FARGATE = {"launchType": "FARGATE", "networkConfiguration": {"subnets": ["subnet-1"]}}
DAEMON, ANYWHERE = {"schedulingStrategy": "DAEMON"}, {"launchType": "EXTERNAL"}
NETWORK: Values = {"networkConfiguration": {"subnets": ["subnet-1"]}}
REGISTRY: Values = {"serviceRegistries": {"registryArn": "arn:x"}}
NODES: Values = {"capacityProviderStrategies": [{"capacityProvider": "nodes", "weight": 1}]}
CLASSIC: Values = {"elbName": "old", "containerName": "app", "containerPort": 80}
BY_GROUP: Values = {"targetGroupArn": GROUP, "containerName": "app", "containerPort": 80}
SHIFTED: Values = {"alternateTargetGroupArn": f"{GROUP}1", "productionListenerRule": RULE, "roleArn": ROLE}
OF_TASK_SETS = "is not for 'deploymentController': {'type': 'EXTERNAL'}: each task set says it"
OWN_INTERFACE = "tasks with an interface of their own ('networkConfiguration')"
VOLUME, CONNECT = "volumeConfiguration.managedEbsVolume", "serviceConnectConfiguration"


def behind(*balancers: Values) -> Values:
    return {"loadBalancers": list(balancers)}


def shifting(strategy: str = "BLUE_GREEN") -> Values:
    return {"deploymentConfiguration": {"strategy": strategy}}


def with_volume(**volume: Any) -> Values:
    return {"volumeConfiguration": {"name": "data", "managedEbsVolume": {"roleArn": ROLE} | volume}}


def connect(*services: Values, **more: Any) -> Values:
    return {CONNECT: {"enabled": True, "namespace": "main"} | ({"services": list(services)} if services else {}) | more}


def named(port: str = "http", **more: Any) -> Values:
    return {"portName": port} | more


REFUSED: list[tuple[str, Values, list[tuple[str, str]]]] = [
    # deployment controllers
    ("service", {"taskDefinition": None}, [("taskDefinition", "missing required property of 'deploymentController': {'type': 'ECS'}")]),
    ("service", EXTERNAL, [("taskDefinition", OF_TASK_SETS)]),
    *(("service", EXTERNAL | {"taskDefinition": None} | given, [(name, OF_TASK_SETS)]) for name, given in (
        ("loadBalancers", behind(BY_GROUP)), ("serviceRegistries", REGISTRY), ("networkConfiguration", NETWORK),
        ("platformVersion", {"platformVersion": "LATEST"}), ("capacityProviderStrategies", NODES),
    )),
    ("service", CODE_DEPLOY, [("loadBalancers", "missing required property of 'deploymentController': {'type': 'CODE_DEPLOY'}")]),
    ("service", CODE_DEPLOY | behind(BY_GROUP) | connect(), [(CONNECT, "is only for 'deploymentController': {'type': 'ECS'}, not CODE_DEPLOY")]),
    # ways of running
    *(("service", ANYWHERE | given, [(name, "is not supported with 'launchType': 'EXTERNAL'")]) for name, given in (
        ("loadBalancers", behind(BY_GROUP)), ("serviceRegistries", REGISTRY), ("networkConfiguration", NETWORK),
        ("volumeConfiguration", with_volume(sizeInGb=10)), (CONNECT, connect()),
    )),
    ("service", DAEMON | {"orderedPlacementStrategies": [{"type": "random"}]},
     [("orderedPlacementStrategies", "are not supported with 'schedulingStrategy': 'DAEMON'")]),
    ("service", NODES | {"platformVersion": "LATEST"}, [("platformVersion", "is not supported with capacity provider nodes")]),
    ("service", NODES | {"networkConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": True}},
     [("networkConfiguration.assignPublicIp", "is not supported with capacity provider nodes")]),
    ("service", {"networkConfiguration": {"subnets": []}}, [("networkConfiguration.subnets", "none is given, at least one is needed")]),
    ("service", {"deploymentMinimumHealthyPercent": 101}, [("deploymentMinimumHealthyPercent", "101 is above 100, the most that is allowed")]),
    ("service", {"deploymentMaximumPercent": 99, "deploymentMinimumHealthyPercent": 0},
     [("deploymentMaximumPercent", "99 is below 100, the least that is allowed")]),
    ("service", {"orderedPlacementStrategies": [{"type": "spread", "field": "zone"}]},
     [("orderedPlacementStrategies[0].field", "'zone' is not allowed; allowed are instanceId, host and attribute:<name>")]),
    ("service", {"alarms": {"alarmNames": [], "enable": True, "rollback": True}}, [("alarms.alarmNames", "none is given, and 'enable' is true")]),
    # balancers
    ("service", behind(CLASSIC, BY_GROUP), [("loadBalancers[0].elbName", "is classic beside target groups: all are classic, or none is")]),
    ("service", FARGATE | behind(CLASSIC), [("loadBalancers[0].elbName", "a classic load balancer is not supported with 'launchType': 'FARGATE'")]),
    ("service", NETWORK | behind(CLASSIC), [("loadBalancers[0].elbName", f"a classic load balancer is not supported with {OWN_INTERFACE}")]),
    ("service", CODE_DEPLOY | behind(CLASSIC),
     [("loadBalancers[0].elbName", "a classic load balancer is not supported with 'deploymentController': {'type': 'CODE_DEPLOY'}")]),
    *(("service", behind(BY_GROUP) | shifting(kind), [("loadBalancers[0].advancedConfiguration", f"missing required property of 'strategy': {kind!r}")])
      for kind in ("BLUE_GREEN", "CANARY", "LINEAR")),
    ("service", behind(BY_GROUP | {"advancedConfiguration": SHIFTED}, BY_GROUP | {"targetGroupArn": f"{GROUP}2"}),
     [("loadBalancers[1].advancedConfiguration", "missing: all of 'loadBalancers' have it, or none has")]),
    ("service", behind(CLASSIC | {"advancedConfiguration": SHIFTED}), [("loadBalancers[0].advancedConfiguration", "is not for a classic load balancer")]),
    ("service", behind(BY_GROUP | {"advancedConfiguration": SHIFTED | {"alternateTargetGroupArn": GROUP}}) | shifting(),
     [("loadBalancers[0].advancedConfiguration.alternateTargetGroupArn", f"{GROUP!r} stands in 'loadBalancers' twice")]),
    ("service", behind(BY_GROUP | {"advancedConfiguration": SHIFTED | {"testListenerRule": RULE}}) | shifting(),
     [("loadBalancers[0].advancedConfiguration.testListenerRule", "is the productionListenerRule too")]),
    ("service", behind(BY_GROUP | {"advancedConfiguration": SHIFTED | {"productionListenerRule": RULE.replace("listener-rule", "listener")}}) | shifting(),
     [("loadBalancers[0].advancedConfiguration.productionListenerRule",
       f"{RULE.replace('listener-rule', 'listener')!r} is neither a rule of an application balancer's listener nor a network balancer's listener")]),
    # roles
    ("service", {"iamRole": ROLE}, [("iamRole", "is only for a service with 'loadBalancers'")]),
    ("service", {"iamRole": ROLE} | behind(BY_GROUP) | NETWORK, [("iamRole", f"is not for {OWN_INTERFACE}: ECS uses its service-linked role")]),
    ("service", {"iamRole": ROLE} | behind(BY_GROUP) | REGISTRY, [("iamRole", "is not for 'serviceRegistries': ECS uses its service-linked role")]),
    ("service", {"iamRole": ROLE} | behind(BY_GROUP, BY_GROUP | {"targetGroupArn": f"{GROUP}2"}),
     [("iamRole", "is not for several target groups: ECS uses its service-linked role")]),
    # volumes
    ("service", with_volume(), [(VOLUME, "give 'sizeInGb' or 'snapshotId'")]),
    ("service", with_volume(sizeInGb=10, volumeInitializationRate=100), [(f"{VOLUME}.volumeInitializationRate", "is only for a volume from a 'snapshotId'")]),
    ("service", with_volume(sizeInGb=3, volumeType="io1", iops=100), [(f"{VOLUME}.sizeInGb", "3 is not within 4 to 16384 GiB of a volume of type io1")]),
    ("service", with_volume(sizeInGb=124, volumeType="st1"), [(f"{VOLUME}.sizeInGb", "124 is not within 125 to 16384 GiB of a volume of type st1")]),
    ("service", with_volume(sizeInGb=10, volumeType="gp3", iops=2999), [(f"{VOLUME}.iops", "2999 is not within 3000 to 16000 of a volume of type gp3")]),
    *(("service", with_volume(sizeInGb=10, volumeType=kind), [(f"{VOLUME}.iops", f"missing required property of a volume of type {kind}")]) for kind in ("io1", "io2")),
    ("service", with_volume(sizeInGb=125, volumeType="sc1", iops=100), [(f"{VOLUME}.iops", "is not for a volume of type sc1")]),
    ("service", with_volume(sizeInGb=10, volumeType="gp2", throughput=125), [(f"{VOLUME}.throughput", "is only for a volume of type gp3, not gp2")]),
    ("service", with_volume(sizeInGb=10, volumeType="gp3", throughput=1001), [(f"{VOLUME}.throughput", "1001 is not within 1 to 1000 MiB a second")]),
    ("service", with_volume(sizeInGb=10, volumeType="gp9"), [(f"{VOLUME}.volumeType", "'gp9' is not allowed; allowed are gp2, gp3, io1, io2, st1, sc1, standard")]),
    # Service Connect
    ("service", connect(named(), named("grpc", discoveryName="http")), [(f"{CONNECT}.services[1].discoveryName", "'http' is the name of another service too")]),
    ("service", connect(named(clientAlias=[{"port": 80, "dnsName": "api"}]), named("grpc", clientAlias=[{"port": 80, "dnsName": "api"}])),
     [(f"{CONNECT}.services[1].clientAlias", "api:80 is the address of another service too")]),
    ("service", connect(named(discoveryName="Web")),
     [(f"{CONNECT}.services[0].discoveryName",
       "'Web' is not a name of at most 64 small letters, digits, underscores and hyphens that does not begin with a hyphen")]),
    ("service", connect(named(clientAlias=[{"port": 80, "dnsName": "-api"}])),
     [(f"{CONNECT}.services[0].clientAlias[0].dnsName",
       "'-api' is not a name of at most 127 periods, small letters, digits, underscores and hyphens that does not begin with a hyphen")]),
]  # fmt: skip

TAKEN: list[tuple[str, Values]] = [
    ("service", EXTERNAL | {"taskDefinition": None}), ("service", EXTERNAL | {"launchType": "FARGATE", "taskDefinition": None}),
    ("service", CODE_DEPLOY | behind(BY_GROUP)), ("service", ANYWHERE), ("service", DAEMON | NETWORK), ("service", NODES | NETWORK),
    ("service", {"deploymentMinimumHealthyPercent": 100, "deploymentMaximumPercent": 300}),
    *(("service", {"orderedPlacementStrategies": [{"type": "spread", "field": field}]}) for field in ("instanceId", "host", "attribute:rack")),
    ("service", {"alarms": {"alarmNames": [], "enable": False, "rollback": False}}),
    ("service", {"healthCheckGracePeriodSeconds": 30}),
    ("service", behind(CLASSIC)), ("service", behind(BY_GROUP)), ("service", behind(BY_GROUP, BY_GROUP | {"containerPort": 81})),
    ("service", behind(BY_GROUP | {"advancedConfiguration": SHIFTED}) | shifting()), ("service", shifting()),
    ("service", behind(BY_GROUP | {"advancedConfiguration": SHIFTED | {"testListenerRule": f"{RULE}3"}}) | shifting("CANARY")),
    ("service", {"iamRole": ROLE} | behind(BY_GROUP)), ("service", {"iamRole": ROLE} | behind(CLASSIC)),
    ("service", with_volume(sizeInGb=10)), ("service", with_volume(snapshotId="snap-0123456789abcdef0", volumeInitializationRate=100)),
    ("service", with_volume(sizeInGb=10, volumeType="gp3", iops=3000, throughput=1000)), ("service", with_volume(sizeInGb=4, volumeType="io2", iops=100)),
    ("service", connect()), ("service", connect(named(), named("grpc"))),
    ("service", connect(named(clientAlias=[{"port": 80}]), named("grpc", clientAlias=[{"port": 80, "dnsName": "db.internal"}]))),
]  # fmt: skip
