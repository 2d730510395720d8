"""What ECS refuses of task definitions and clusters, each beside what it takes: data for test_refusals.py. Sources: the
tables of limits."""

import json
from typing import Any

Values = dict[str, Any]

APP: Values = {"name": "app", "image": "nginx", "memory": 64}
FARGATE: Values = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
                   "executionRoleArn": "arn:aws:iam::123456789012:role/x"}  # fmt: skip
OWN_INTERFACE: Values = {"networkMode": "awsvpc"}
OPTIONS = {"awslogs-group": "g", "awslogs-region": "eu-west-1"}
FIRST, SECOND = "containerDefinitions[0]", "containerDefinitions[1]"
EFS = "volumes[0].efsVolumeConfiguration"
ON_FARGATE = "is not supported on Fargate"
EXECUTED = "configuration.executeCommandConfiguration.logConfiguration"
PROXY = dict.fromkeys(("ProxyIngressPort", "ProxyEgressPort", "AppPorts", "EgressIgnoredIPs"), "1")
ACCESS = {"accessPointId": "fsap-1"}
ENCRYPTED = {"transitEncryption": "ENABLED"}


def of(*containers: Values) -> Values:
    named = [APP | {"name": f"c{i}" if i else "app"} | container for i, container in enumerate(containers)]
    return {"containerDefinitions": json.dumps(named)}


def on_fargate(*containers: Values, **task: Any) -> Values:
    return {name: value for name, value in (FARGATE | of(*containers or ({},)) | task).items() if value is not None}


def waiting(condition: str, name: str = "c1") -> Values:
    return {"dependsOn": [{"containerName": name, "condition": condition}]}


def ports(*mappings: Values) -> Values:
    return {"portMappings": list(mappings)}


def efs(**block: Any) -> Values:
    return {"volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "fs-1"} | block}]}


def executing(**block: Any) -> Values:
    return {"configuration": {"executeCommandConfiguration": block}}


REFUSED: list[tuple[str, Values, list[tuple[str, str]]]] = [
    # Fargate
    *(("task", on_fargate(container), [(f"{FIRST}.{path}", ON_FARGATE)]) for path, container in (
        ("linuxParameters.devices", {"linuxParameters": {"devices": [{"hostPath": "/dev/x"}]}}), ("linuxParameters.maxSwap", {"linuxParameters": {"maxSwap": 1}}),
        ("linuxParameters.sharedMemorySize", {"linuxParameters": {"sharedMemorySize": 64}}), ("disableNetworking", {"disableNetworking": True}),
        ("dnsServers", {"dnsServers": ["10.0.0.2"]}), ("dnsSearchDomains", {"dnsSearchDomains": ["a"]}), ("dockerSecurityOptions", {"dockerSecurityOptions": ["x"]}))),
    ("task", on_fargate({"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}),
     [(f"{FIRST}.linuxParameters.capabilities.add[0]", "'NET_ADMIN' is not allowed on Fargate; allowed is SYS_PTRACE")]),
    ("task", on_fargate({"resourceRequirements": [{"type": "GPU", "value": "1"}]}), [(f"{FIRST}.resourceRequirements[0].type", "there are no GPUs on Fargate")]),
    ("task", on_fargate({"logConfiguration": {"logDriver": "awslogs", "options": OPTIONS}}),
     [(f'{FIRST}.logConfiguration.options["awslogs-stream-prefix"]', "missing required property of awslogs on Fargate")]),
    ("task", on_fargate(networkMode="bridge"), [("networkMode", f"'bridge' {ON_FARGATE}; allowed is awsvpc")]),
    ("task", on_fargate(pidMode="host"), [("pidMode", f"'host' {ON_FARGATE}; allowed is task")]), ("task", on_fargate(ipcMode="task"), [("ipcMode", ON_FARGATE)]),
    ("task", on_fargate(placementConstraints=[{"type": "memberOf", "expression": "x"}]), [("placementConstraints", ON_FARGATE)]),
    ("task", on_fargate(volumes=[{"name": "v", "hostPath": "/data"}]), [("volumes[0].hostPath", ON_FARGATE)]),
    ("task", on_fargate(volumes=[{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]), [("volumes[0].dockerVolumeConfiguration", ON_FARGATE)]),
    *(("task", FARGATE | of({}) | {name: None}, [(name, "missing required property of a task on Fargate")]) for name in ("cpu", "memory")),
    ("task", on_fargate(cpu="300"), [("cpu", "300 is not allowed on Fargate; allowed are 256, 512, 1024, 2048, 4096, 8192, 16384")]),
    ("task", on_fargate(memory="4096"), [("memory", "4096 is not allowed beside cpu 256 on Fargate; allowed are 512, 1024, 2048")]),
    ("task", on_fargate(cpu="1 vCPU", memory="1 GB"),
     [("memory", "1024 is not allowed beside cpu 1024 on Fargate; allowed are 2048 to 8192 in steps of 1024")]),
    ("task", on_fargate(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}),
     [("cpu", "256 is below 1024, the least of WINDOWS_SERVER_2022_CORE on Fargate")]),
    ("task", {"requiresCompatibilities": ["EC2"], "ephemeralStorage": {"sizeInGib": 30}}, [("ephemeralStorage", "is only for tasks on Fargate")]),
    # networks and ports
    ("task", OWN_INTERFACE | of({"extraHosts": [{"hostname": "a", "ipAddress": "10.0.0.1"}]}), [(f"{FIRST}.extraHosts", "is not supported with 'networkMode': 'awsvpc'")]),
    ("task", OWN_INTERFACE | of({"hostname": "a"}), [(f"{FIRST}.hostname", "is not supported with 'networkMode': 'awsvpc'")]),
    ("task", of(ports({"containerPort": 80, "name": "http"}), ports({"containerPort": 81, "name": "http"})),
     [(f"{SECOND}.portMappings[0].name", "'http' is the name of another port of the task too")]),
    *(("task", of(ports({"containerPortRange": span})), [(f"{FIRST}.portMappings[0].containerPortRange", f"{span!r} is no range that rises, such as 8000-8010")])
      for span in ("200-100", "100-100", "100")),
    ("task", of(ports({"containerPortRange": "100-200", "hostPort": 80})), [(f"{FIRST}.portMappings[0].hostPort", "conflicts with 'containerPortRange': give one port or a range")]),
    ("task", {"proxyConfiguration": {"containerName": "app", "properties": PROXY}}, [("proxyConfiguration", "is only for 'networkMode': 'awsvpc', not 'bridge'")]),
    ("task", OWN_INTERFACE | {"proxyConfiguration": {"containerName": "envoy", "properties": PROXY}}, [("proxyConfiguration.containerName", "'envoy' is no container of this task")]),
    ("task", OWN_INTERFACE | {"proxyConfiguration": {"containerName": "app", "properties": {k: v for k, v in PROXY.items() if k != "AppPorts"}}},
     [("proxyConfiguration.properties.AppPorts", "missing required property of a proxy of App Mesh")]),
    # containers among themselves
    ("task", of(*({} for _ in range(11))), [("containerDefinitions", "11 containers, allowed are 10")]),
    *(("task", of(waiting(condition), {}), [(f"{FIRST}.dependsOn[0].condition", f"{condition}, but container 'c1' is essential and never ends")])
      for condition in ("COMPLETE", "SUCCESS")),
    ("task", of(waiting("START", "app")), [(f"{FIRST}.dependsOn", "container 'app' waits for itself")]),
    ("task", of(waiting("START"), waiting("START", "app")),
     [(f"{FIRST}.dependsOn", "container 'app' waits for itself"), (f"{SECOND}.dependsOn", "container 'c1' waits for itself")]),
    ("task", of({"logConfiguration": {"logDriver": "awsfirelens"}}),
     [("containerDefinitions", "no container has the 'firelensConfiguration' that log driver awsfirelens sends to")]),
    ("task", of({"environmentFiles": [{"type": "s3", "value": f"arn:aws:s3:::b/{i}.env"} for i in range(11)]}), [(f"{FIRST}.environmentFiles", "11 are given, allowed are 10")]),
    ("task", {"executionRoleArn": FARGATE["executionRoleArn"]} | of({"environment": [{"name": "A", "value": "1"}], "secrets": [{"name": "A", "valueFrom": "arn:x"}]}),
     [(f"{FIRST}.secrets[0].name", "'A' is the name of another variable of the container too")]),
    *(("task", of({"restartPolicy": {"enabled": True, "restartAttemptPeriod": period}}),
       [(f"{FIRST}.restartPolicy.restartAttemptPeriod", f"{period} is not within 60 to 1800 seconds")]) for period in (59, 1801)),
    # volumes
    ("task", {"volumes": [{"name": "v"}, {"name": "v"}]}, [("volumes[1].name", "'v' is the name of another volume too")]),
    ("task", {"volumes": [{"name": "v", "hostPath": "/a", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]},
     [("volumes[0].efsVolumeConfiguration", "conflicts with 'hostPath': a volume is of one kind")]),
    ("task", efs(rootDirectory="/a", authorizationConfig=ACCESS, **ENCRYPTED), [(f"{EFS}.rootDirectory", "is '/' or left out beside an access point")]),
    ("task", efs(authorizationConfig={"iam": "ENABLED"}), [(f"{EFS}.transitEncryption", "'ENABLED' is needed by 'authorizationConfig': {'iam': 'ENABLED'}")]),
    ("task", efs(authorizationConfig=ACCESS), [(f"{EFS}.transitEncryption", "'ENABLED' is needed by an access point")]),
    ("task", efs(transitEncryptionPort=2049), [(f"{EFS}.transitEncryptionPort", "needs 'transitEncryption': 'ENABLED'")]),
    # clusters
    ("cluster", executing(logging="OVERRIDE"), [(EXECUTED, "missing required property of 'logging': 'OVERRIDE'")]),
    ("cluster", executing(logging="DEFAULT", logConfiguration={"cloudWatchLogGroupName": "g"}), [(EXECUTED, "is only for 'logging': 'OVERRIDE'")]),
    ("cluster", {"settings": [{"name": "containerInsights", "value": "on"}]}, [("settings[0].value", "'on' is not allowed; allowed are enabled, disabled, enhanced")]),
    ("providers", {"capacityProviders": ["FARGATE"], "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]},
     [("defaultCapacityProviderStrategies[0].capacityProvider", "'FARGATE_SPOT' is none of 'capacityProviders'")]),
]  # fmt: skip

TAKEN: list[tuple[str, Values]] = [
    ("task", on_fargate()), ("task", on_fargate({"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}, "initProcessEnabled": True}})),
    ("task", on_fargate({"logConfiguration": {"logDriver": "awslogs", "options": OPTIONS | {"awslogs-stream-prefix": "app"}}})), ("task", on_fargate({"disableNetworking": False})),
    ("task", on_fargate(pidMode="task", volumes=[{"name": "v"}], ephemeralStorage={"sizeInGib": 30})), ("task", on_fargate(cpu="0.25 vCPU", memory="0.5 GB")),
    ("task", on_fargate(cpu="1024", memory="2048", runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})),
    ("task", of({"hostname": "a", "linuxParameters": {"sharedMemorySize": 64}})), ("task", {"ipcMode": "task", "pidMode": "host", "volumes": [{"name": "v", "hostPath": "/data"}]}),
    ("task", of(ports({"containerPort": 80, "name": "http"}), ports({"containerPort": 81, "name": "grpc"}))), ("task", of(ports({"containerPortRange": "100-200"}))),
    ("task", OWN_INTERFACE | {"proxyConfiguration": {"containerName": "app", "properties": PROXY}}), ("task", of(*({} for _ in range(10)))),
    ("task", of(waiting("COMPLETE"), {"essential": False})), ("task", of(waiting("START"), waiting("START", "c2"), {})),
    ("task", of({"logConfiguration": {"logDriver": "awsfirelens"}}, {"firelensConfiguration": {"type": "fluentbit"}})),
    ("task", of({"restartPolicy": {"enabled": True, "restartAttemptPeriod": 60}})), ("task", efs(rootDirectory="/a")), ("task", efs(transitEncryptionPort=2049, **ENCRYPTED)),
    ("task", efs(rootDirectory="/", authorizationConfig=ACCESS | {"iam": "ENABLED"}, **ENCRYPTED)),
    ("cluster", executing(logging="OVERRIDE", logConfiguration={"cloudWatchLogGroupName": "g"})), ("cluster", {"settings": [{"name": "containerInsights", "value": "enhanced"}]}),
    ("providers", {"capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]}),
]  # fmt: skip
