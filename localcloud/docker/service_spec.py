"""A service of pulumi-docker and the service specification of the Engine.

What is left out means what the official provider says (defaults of its schema); a value that neither names is the
Engine's own choice.
"""

from typing import Any

from localcloud.docker.codec import DURATION, HOSTS, LABELS, MAP_OF_PAIRS, PAIRS, RATIO, SET, Block, Codec, Field


def _generic(values: dict[str, Any]) -> list[dict[str, Any]]:
    named = [each.partition("=") for each in values.get("namedResourcesSpecs") or ()]
    discrete = [each.partition("=") for each in values.get("discreteResourcesSpecs") or ()]
    return [
        *({"NamedResourceSpec": {"Kind": kind, "Value": value}} for kind, _, value in named),
        *({"DiscreteResourceSpec": {"Kind": kind, "Value": int(value)}} for kind, _, value in discrete),
    ]


def _of_generic(found: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {"namedResourcesSpecs": "NamedResourceSpec", "discreteResourcesSpecs": "DiscreteResourceSpec"}
    lists = {
        name: [f"{each[kind]['Kind']}={each[kind]['Value']}" for each in found if kind in each]
        for name, kind in kinds.items()
    }
    return {name: values for name, values in lists.items() if values}


PREFERENCES = Codec(
    lambda prefs: [{"Spread": {"SpreadDescriptor": each.removeprefix("spread=")}} for each in prefs],
    lambda found: [each["Spread"]["SpreadDescriptor"] for each in found],
    lambda text: text.removeprefix("spread="),
)
MODE = Codec(
    lambda mode: {"Global": {}} if mode.get("global") else {"Replicated": {"Replicas": replicas_of({"mode": mode})}},
    lambda found: (
        {"global": True}
        if "Global" in found
        else {"replicated": {"replicas": found.get("Replicated", {}).get("Replicas", 1)}}
    ),
)


def replicas_of(props: dict[str, Any]) -> int | None:
    """How many tasks a service wants; None for one on each node."""
    mode = props.get("mode") or {}
    if mode.get("global"):
        return None
    wanted = (mode.get("replicated") or {}).get("replicas")
    return 1 if wanted is None else int(wanted)


def _file(identity: str, engine: str) -> Block:
    return Block(
        (
            Field(f"{identity}Id", f"{engine}ID"),
            Field(f"{identity}Name", f"{engine}Name"),
            Field("fileName", "File.Name"),
            Field("fileUid", "File.UID", default="0"),
            Field("fileGid", "File.GID", default="0"),
            Field("fileMode", "File.Mode", default=0o444),
        )
    )


MOUNT = Block(
    (
        Field("target", "Target"),
        Field("source", "Source"),
        Field("type", "Type"),
        Field("readOnly", "ReadOnly", default=False),
        Field("bindOptions", "BindOptions", Block((Field("propagation", "Propagation"),))),
        Field(
            "volumeOptions",
            "VolumeOptions",
            Block(
                (
                    Field("noCopy", "NoCopy", default=False),
                    Field("labels", "Labels", LABELS),
                    Field("driverName", "DriverConfig.Name"),
                    Field("driverOptions", "DriverConfig.Options"),
                )
            ),
        ),
        Field("tmpfsOptions", "TmpfsOptions", Block((Field("sizeBytes", "SizeBytes"), Field("mode", "Mode")))),
    )
)

CONTAINER = Block(
    (
        Field("image", "Image"),
        Field("labels", "Labels", LABELS),
        Field("commands", "Command"),
        Field("args", "Args"),
        Field("hostname", "Hostname"),
        Field("env", "Env", PAIRS),
        Field("dir", "Dir"),
        Field("user", "User"),
        Field("groups", "Groups"),
        Field(
            "privileges",
            "Privileges",
            Block(
                (
                    Field(
                        "seLinuxContext",
                        "SELinuxContext",
                        Block(
                            (
                                Field("disable", "Disable", default=False),
                                Field("user", "User"),
                                Field("role", "Role"),
                                Field("type", "Type"),
                                Field("level", "Level"),
                            )
                        ),
                    ),
                )
            ),
        ),
        Field("readOnly", "ReadOnly", default=False),
        Field("mounts", "Mounts", MOUNT, many=True),
        Field("stopSignal", "StopSignal"),
        Field("stopGracePeriod", "StopGracePeriod", DURATION),
        Field(
            "healthcheck",
            "Healthcheck",
            Block(
                (
                    Field("tests", "Test"),
                    Field("interval", "Interval", DURATION, default="0s"),
                    Field("timeout", "Timeout", DURATION, default="0s"),
                    Field("startPeriod", "StartPeriod", DURATION, default="0s"),
                    Field("retries", "Retries", default=0),
                )
            ),
        ),
        Field("hosts", "Hosts", HOSTS),
        Field(
            "dnsConfig",
            "DNSConfig",
            Block((Field("nameservers", "Nameservers"), Field("searches", "Search"), Field("options", "Options"))),
        ),
        Field("secrets", "Secrets", _file("secret", "Secret"), many=True),
        Field("configs", "Configs", _file("config", "Config"), many=True),
        Field("init", "Init"),
        Field("capAdds", "CapabilityAdd", SET),
        Field("capDrops", "CapabilityDrop", SET),
        Field("sysctl", "Sysctls"),
        Field("isolation", "Isolation", default="default"),
    )
)

_AMOUNTS = (Field("nanoCpus", "NanoCPUs", default=0), Field("memoryBytes", "MemoryBytes", default=0))

TASK = Block(
    (
        Field("containerSpec", "ContainerSpec", CONTAINER),
        Field(
            "resources",
            "Resources",
            Block(
                (
                    Field("limits", "Limits", Block(_AMOUNTS)),
                    Field(
                        "reservation",
                        "Reservations",
                        Block((*_AMOUNTS, Field("genericResources", "GenericResources", Codec(_generic, _of_generic)))),
                    ),
                )
            ),
        ),
        Field(
            "restartPolicy",
            "RestartPolicy",
            Block(
                (
                    Field("condition", "Condition"),
                    Field("delay", "Delay", DURATION),
                    Field("maxAttempts", "MaxAttempts", default=0),
                    Field("window", "Window", DURATION),
                )
            ),
        ),
        Field(
            "placement",
            "Placement",
            Block(
                (
                    Field("constraints", "Constraints", SET),
                    Field("prefs", "Preferences", PREFERENCES),
                    Field("maxReplicas", "MaxReplicas", default=0),
                    Field(
                        "platforms",
                        "Platforms",
                        Block((Field("architecture", "Architecture"), Field("os", "OS"))),
                        many=True,
                    ),
                )
            ),
        ),
        Field("forceUpdate", "ForceUpdate"),
        Field("runtime", "Runtime", default="container"),
        Field(
            "networksAdvanceds",
            "Networks",
            Block(
                (
                    Field("name", "Target"),
                    Field("aliases", "Aliases", SET),
                    Field("driverOpts", "DriverOpts", MAP_OF_PAIRS),
                )
            ),
            many=True,
        ),
        Field("logDriver", "LogDriver", Block((Field("name", "Name"), Field("options", "Options")))),
    )
)

CHANGE = Block(
    (
        Field("parallelism", "Parallelism", default=1),
        Field("delay", "Delay", DURATION, default="0s"),
        Field("failureAction", "FailureAction", default="pause"),
        Field("monitor", "Monitor", DURATION, default="5s"),
        Field("maxFailureRatio", "MaxFailureRatio", RATIO, default="0.0"),
        Field("order", "Order", default="stop-first"),
    )
)
"""How an update or a rollback goes on: always all of it, since the Engine shows no default that it was not told."""

SERVICE = Block(
    (
        Field("name", "Name"),
        Field("labels", "Labels", LABELS),
        Field("taskSpec", "TaskTemplate", TASK),
        Field("mode", "Mode", MODE, default={"replicated": {"replicas": 1}}),
        Field("updateConfig", "UpdateConfig", CHANGE),
        Field("rollbackConfig", "RollbackConfig", CHANGE),
        Field(
            "endpointSpec",
            "EndpointSpec",
            Block(
                (
                    Field("mode", "Mode"),
                    Field(
                        "ports",
                        "Ports",
                        Block(
                            (
                                Field("name", "Name"),
                                Field("protocol", "Protocol", default="tcp"),
                                Field("targetPort", "TargetPort"),
                                Field("publishedPort", "PublishedPort"),
                                Field("publishMode", "PublishMode", default="ingress"),
                            )
                        ),
                        many=True,
                        ordered=True,
                    ),
                )
            ),
        ),
    )
)
