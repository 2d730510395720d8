"""Gaps of moto's Cloud Map: the answer to UpdateHttpNamespace names its operation."""

import json
from typing import Any

from moto.servicediscovery.responses import ServiceDiscoveryResponse

from localcloud.moto_gaps._patching import replace


@replace(ServiceDiscoveryResponse)
def update_http_namespace(original: Any, self: Any) -> str:
    """moto answers `operationId`, a member that the service's model does not know."""
    return json.dumps({"OperationId": json.loads(original(self))["operationId"]})
