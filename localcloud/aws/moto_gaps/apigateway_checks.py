"""What API Gateway for REST refuses and moto takes: what is not there, taken or in use. And tags of everything."""

import json
from typing import Any
from urllib.parse import unquote

from moto.apigateway import models, urls
from moto.apigateway.exceptions import BadRequestException, ConflictException, NotFoundException
from moto.apigateway.responses import APIGatewayResponse

from localcloud.aws.moto_gaps._patching import replace
from localcloud.aws.moto_gaps.apigateway import find, shown, steps_of, told

urls.url_paths[r"{0}/tags/(?P<resource_arn>arn.+)$"] = APIGatewayResponse.dispatch


def _finds(action: str) -> None:
    @replace(APIGatewayResponse, action)
    def look(original: Any, self: Any) -> Any:
        find(self, steps_of(self))
        return original(self)


for action in (
    "get_deployment", "get_method_response", "get_integration", "get_integration_response", "get_base_path_mapping",
    "get_request_validator",
    "delete_rest_api", "delete_resource", "delete_method", "delete_method_response", "delete_integration",
    "delete_integration_response", "delete_authorizer", "delete_request_validator", "delete_usage_plan",
    "delete_usage_plan_key", "delete_base_path_mapping", "delete_gateway_response", "delete_vpc_link",
):  # fmt: skip
    _finds(action)


@replace(APIGatewayResponse)
def get_base_path_mappings(original: Any, self: Any) -> Any:
    """A domain name may have none."""
    self.backend.base_path_mappings.setdefault(steps_of(self)[1], {})
    return original(self)


@replace(models.APIGatewayBackend)
def create_resource(original: Any, self: Any, function_id: str, parent_resource_id: str, path_part: str) -> Any:
    """A path is taken once."""
    self.get_resource(function_id, parent_resource_id)
    api = self.get_rest_api(function_id)
    if any(one.parent_id == parent_resource_id and one.path_part == path_part for one in api.resources.values()):
        raise ConflictException(f"Another resource with the same parent already has this name: {path_part}")
    return original(self, function_id, parent_resource_id, path_part)


@replace(models.APIGatewayBackend)
def delete_resource(original: Any, self: Any, function_id: str, resource_id: str) -> Any:
    """What is below it goes too."""
    api = self.get_rest_api(function_id)
    for child in [one.id for one in api.resources.values() if one.parent_id == resource_id]:
        self.delete_resource(function_id, child)
    return original(self, function_id, resource_id)


ZONES = {
    "us-east-1": "Z1UJRXOUMOOFQ8", "us-east-2": "ZOJJZC49E0EPZ", "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC", "eu-west-1": "ZLY8HYME6SFDD", "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
}  # fmt: skip
"""Route 53 zones of regional domain names, where they are known; another region takes the first one's."""


@replace(models.APIGatewayBackend)
def create_domain_name(original: Any, self: Any, *arguments: Any) -> Any:
    """A regional name is in the zone of its region, and one at the edge has no regional address."""
    made = original(self, *arguments)
    regional = bool(made.regional_certificate_arn or made.regional_certificate_name)
    told(made).update(
        {"regionalHostedZoneId": ZONES.get(self.region_name, ZONES["us-east-1"]),
         "distributionDomainName": None, "distributionHostedZoneId": None} if regional else
        {"regionalHostedZoneId": None, "regionalDomainName": None}
    )  # fmt: skip
    return made


@replace(models.APIGatewayBackend)
def create_stage(original: Any, self: Any, function_id: str, stage_name: str, deployment: str, **rest: Any) -> Any:
    """A stage serves a deployment of its API."""
    if deployment not in self.get_rest_api(function_id).deployments:
        raise BadRequestException("Deployment id does not exist")
    return original(self, function_id, stage_name, deployment, **rest)


@replace(models.APIGatewayBackend)
def create_deployment(original: Any, self: Any, function_id: str, *arguments: Any) -> Any:
    """Every method has to have an integration."""
    methods = [m for one in self.get_resources(function_id) for m in one.resource_methods.values()]
    if any(method.method_integration is None for method in methods):
        raise BadRequestException("No integration defined for method")
    return original(self, function_id, *arguments)


@replace(models.APIGatewayBackend)
def put_integration_response(
    original: Any, self: Any, function_id: str, resource_id: str, method_type: str, status_code: str, *rest: Any
) -> Any:
    """An answer of the integration becomes one of the method, which has to be there."""
    if status_code not in self.get_method(function_id, resource_id, method_type).method_responses:
        raise NotFoundException("Invalid Response status code specified")
    return original(self, function_id, resource_id, method_type, status_code, *rest)


@replace(models.RestAPI)
def delete_deployment(original: Any, self: Any, deployment_id: str) -> Any:
    """A deployment that a stage serves stays."""
    if any(stage.to_json().get("deploymentId") == deployment_id for stage in self.stages.values()):
        raise BadRequestException("Active stages pointing to this deployment must be moved or deleted")
    if deployment_id not in self.deployments:
        raise NotFoundException("Invalid Deployment identifier specified")
    return self.deployments.pop(deployment_id)


# --- tags of everything


def _tagged(response: Any) -> Any:
    arn = unquote(response.path).partition("/tags/")[2]
    return find(response, arn.partition("::/")[2].split("/"))


def _tags(thing: Any) -> dict[str, str]:
    found: dict[str, str] = dict(shown(thing).get("tags") or {})
    return found


@replace(APIGatewayResponse)
def get_tags(original: Any, self: Any) -> Any:
    """Everything that has an ARN has tags."""
    return json.dumps({"tags": _tags(_tagged(self))})


@replace(APIGatewayResponse)
def tag_resource(original: Any, self: Any) -> Any:
    """Everything that has an ARN has tags."""
    thing = _tagged(self)
    thing.tags = told(thing)["tags"] = _tags(thing) | json.loads(self.body)["tags"]
    return 204, {"status": "204"}, ""


@replace(APIGatewayResponse)
def untag_resource(original: Any, self: Any) -> Any:
    """Everything that has an ARN has tags."""
    thing, gone = _tagged(self), self.querystring.get("tagKeys") or []
    thing.tags = told(thing)["tags"] = {k: v for k, v in _tags(thing).items() if k not in gone}
    return 204, {"status": "204"}, ""
