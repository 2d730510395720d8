"""Gaps of moto's Cloud Map: the zone of a private namespace, namespaces in use, an answer without its operation."""

import json
from typing import Any

from moto.route53.models import route53_backends
from moto.servicediscovery.models import ServiceDiscoveryBackend as Backend
from moto.servicediscovery.responses import ServiceDiscoveryResponse
from moto.utilities.utils import get_partition

from localcloud.aws.moto_gaps._patching import Refusal, replace


@replace(ServiceDiscoveryResponse)
def update_http_namespace(original: Any, self: Any) -> str:
    """moto answers `operationId`, a member that the service's model does not know."""
    return json.dumps({"OperationId": json.loads(original(self))["operationId"]})


@replace(Backend)
def create_private_dns_namespace(original: Any, self: Any, **parameters: Any) -> str:
    """The hosted zone has the namespace's own name and its VPC; moto appends `-hz` and keeps no VPC."""
    operation = str(original(self, **parameters))
    zone = _zone(self, self.get_operation(operation).targets["NAMESPACE"])
    if zone is not None:
        zone.add_vpc(parameters["vpc"], self.region_name)
        for named in (zone, *zone.rrsets):
            named.name = named.name.replace(f"{parameters['name']}-hz", parameters["name"], 1).rstrip(".") + "."
    return operation


@replace(Backend)
def delete_namespace(original: Any, self: Any, namespace_id: str) -> Any:
    """Refuse a namespace with services; its hosted zone goes with it."""
    if any(service.namespace_id == namespace_id for service in self.services.values()):
        raise Refusal("ResourceInUse", f"Namespace {namespace_id} has services and cannot be deleted")
    zone = _zone(self, namespace_id)
    operation = original(self, namespace_id)
    if zone is not None:
        _zones(self).pop(zone.id.replace("/hostedzone/", ""), None)
    return operation


def _zones(backend: Any) -> Any:
    return route53_backends[backend.account_id][get_partition(backend.region_name)].zones


def _zone(backend: Any, namespace_id: str) -> Any:
    namespace = backend.namespaces.get(namespace_id)
    held = (getattr(namespace, "dns_properties", None) or {}).get("HostedZoneId", "")
    return _zones(backend).get(held.replace("/hostedzone/", ""))
