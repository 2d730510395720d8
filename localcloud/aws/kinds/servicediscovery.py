"""Cloud Map: HTTP and private DNS namespaces, services."""

import time
from collections.abc import Callable
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation, answered
from localcloud.aws.kinds.tagging import retag, tags_of

WITHIN = 120.0
"""Seconds that an operation of Cloud Map may take here; on AWS some take a minute."""


def finished(aws: Aws, operation: str) -> Props:
    """What an operation made; raises Refused with its own reason when it failed."""
    ends = time.monotonic() + WITHIN
    while True:
        found: Props = aws("servicediscovery", "get_operation", OperationId=operation)["Operation"]
        if found["Status"] == "SUCCESS":
            return found
        if found["Status"] == "FAIL" or time.monotonic() > ends:
            raise Refused(f"{found['Type']}: {found.get('ErrorMessage') or 'it did not end'}")
        time.sleep(0.1)


def namespace(call: str, row: Callable[[], Kind]) -> Callable[[Aws, Props], str]:
    """Create a namespace and wait for its id."""

    def create(aws: Aws, props: Props) -> str:
        operation = aws("servicediscovery", call, **row().request(call, props))["OperationId"]
        return str(finished(aws, operation)["Targets"]["NAMESPACE"])

    return create


def described(call: str) -> Callable[[Aws, str, Props, Props], None]:
    """A namespace's description is all that can change."""

    def change(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
        if old.get("description") != new.get("description"):
            answer = aws(
                "servicediscovery", call, Id=resource_id, Namespace={"Description": new.get("description") or ""}
            )
            finished(aws, answer["OperationId"])

    return change


def drop_namespace(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete and wait."""
    finished(aws, aws("servicediscovery", "delete_namespace", Id=resource_id)["OperationId"])


def change_service(aws: Aws, resource_id: str, old: Props, new: Props) -> None:
    """Description, the records' TTL and the health check."""
    if not SERVICE.changed(old, new) - {"tags", "forceDestroy"}:
        return
    whole = SERVICE.request("create_service", new)
    records = [
        {k: v for k, v in record.items() if k in ("Type", "TTL")}
        for record in whole.get("DnsConfig", {}).get("DnsRecords", [])
    ]
    asked: Props = {"Description": whole.get("Description", "")}
    asked |= {"DnsConfig": {"DnsRecords": records}} if records else {}
    asked |= {"HealthCheckConfig": whole["HealthCheckConfig"]} if whole.get("HealthCheckConfig") else {}
    finished(aws, aws("servicediscovery", "update_service", Id=resource_id, Service=asked)["OperationId"])


def drop_service(aws: Aws, resource_id: str, props: Props) -> None:
    """Delete the service; with `forceDestroy`, its instances first."""
    if props.get("forceDestroy") in (True, "true"):
        for instance in aws("servicediscovery", "list_instances", ServiceId=resource_id)["Instances"]:
            asked = {"ServiceId": resource_id, "InstanceId": instance["Id"]}
            finished(aws, aws("servicediscovery", "deregister_instance", **asked)["OperationId"])
    aws("servicediscovery", "delete_service", Id=resource_id)


def zone(aws: Aws, resource_id: str, live: Props, props: Props) -> Any:
    """The hosted zone that Route 53 keeps for the namespace."""
    return ((live.get("Properties") or {}).get("DnsProperties") or {}).get("HostedZoneId", "").rpartition("/")[2]


def network(aws: Aws, resource_id: str, live: Props, props: Props) -> Any:
    """The VPC of the hosted zone: Cloud Map itself does not tell it."""
    hosted = zone(aws, resource_id, live, props)
    networks = aws("route53", "get_hosted_zone", Id=hosted).get("VPCs") if hosted else None
    return networks[0]["VPCId"] if networks else props.get("vpc")


def private_path(text: str) -> tuple[str, Props]:
    """What import of a private namespace is given: `namespace:vpc`."""
    resource_id, _, vpc = text.partition(":")
    return resource_id, {"vpc": vpc} if vpc else {}


LOOK = ("get_namespace", {"Id": "{id}"}, "Namespace")
TAGS = {"tags": tags_of("servicediscovery", ResourceARN="{Arn}")}
NAMESPACE_ARN = "arn:aws:servicediscovery:{region}:{account}:namespace/{id}"

HTTP: Kind = Kind(
    "aws:servicediscovery/httpNamespace:HttpNamespace",
    Calls(
        "servicediscovery", "create_http_namespace", "", custom_create=namespace("create_http_namespace", lambda: HTTP),
        read=LOOK, delete=drop_namespace, update=described("update_http_namespace"),
    ),
    naming=Naming("name"), tags=Tags(update=retag("servicediscovery", NAMESPACE_ARN)),
    properties=Properties(force_new={"name"}),
    outputs={"arn": answered("Arn"), "httpName": answered("Properties.HttpProperties.HttpName || Name")},
    own_calls=OwnCalls(join=TAGS),
)  # fmt: skip

PRIVATE: Kind = Kind(
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
    Calls(
        "servicediscovery", "create_private_dns_namespace", "",
        custom_create=namespace("create_private_dns_namespace", lambda: PRIVATE), read=LOOK, delete=drop_namespace,
        update=described("update_private_dns_namespace"), import_id=private_path,
    ),
    naming=Naming("name", longest=253), tags=Tags(update=retag("servicediscovery", NAMESPACE_ARN)),
    properties=Properties(force_new={"name", "vpc"}), own_calls=OwnCalls(join=TAGS, read={"vpc": network}),
    outputs={"arn": answered("Arn"), "hostedZone": zone},
)  # fmt: skip

PUBLIC: Kind = Kind(
    "aws:servicediscovery/publicDnsNamespace:PublicDnsNamespace",
    Calls(
        "servicediscovery", "create_public_dns_namespace", "",
        custom_create=namespace("create_public_dns_namespace", lambda: PUBLIC), read=LOOK, delete=drop_namespace,
        update=described("update_public_dns_namespace"),
    ),
    naming=Naming("name"), tags=Tags(update=retag("servicediscovery", NAMESPACE_ARN)),
    properties=Properties(force_new={"name"}), own_calls=OwnCalls(join=TAGS),
    outputs={"arn": answered("Arn"), "hostedZone": zone},
)  # fmt: skip

SERVICE = Kind(
    "aws:servicediscovery/service:Service",
    Calls(
        "servicediscovery", "create_service", "Service.Id", read=("get_service", {"Id": "{id}"}, "Service"),
        delete=drop_service, update=change_service,
    ),
    naming=Naming("name", longest=127),
    tags=Tags(update=retag("servicediscovery", "arn:aws:servicediscovery:{region}:{account}:service/{id}")),
    translation=Translation(rename={"forceDestroy": None}),
    properties=Properties(
        write_only={"forceDestroy"},
        force_new={
            "name", "namespaceId", "type", "healthCheckCustomConfig", "dnsConfig.namespaceId",
            "dnsConfig.routingPolicy",
            "dnsConfig.dnsRecords.type",
        },
        defaults={"forceDestroy": False, "dnsConfig.routingPolicy": "MULTIVALUE"},
        computed={"type", "namespaceId", "healthCheckConfig.failureThreshold",
        "healthCheckCustomConfig.failureThreshold"},
    ),
    own_calls=OwnCalls(join=TAGS), outputs={"arn": answered("Arn")},
)  # fmt: skip

ROWS = (HTTP, PRIVATE, PUBLIC, SERVICE)
