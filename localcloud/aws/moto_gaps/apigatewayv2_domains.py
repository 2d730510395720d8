"""Gaps of moto's API Gateway for HTTP and WebSocket: domain names that change, and where they lead."""

import json
from typing import Any
from urllib.parse import unquote

from moto.apigateway import urls as urls_of_both
from moto.apigatewayv2 import urls
from moto.apigatewayv2.models import ApiGatewayV2Backend, DomainName
from moto.apigatewayv2.responses import ApiGatewayV2Response

from localcloud.aws.moto_gaps._patching import add, replace
from localcloud.aws.moto_gaps.apigateway_checks import ZONES
from localcloud.aws.moto_gaps.apigatewayv2 import Refused

for path in ("domainnames",):
    for paths in (urls_of_both.url_paths, urls.url_paths):
        paths[f"{{0}}/v2/tags/(?P<resource_arn_pt1>[^/]+)/{path}/(?P<resource_arn_pt2>[^/]+)$"] = (
            ApiGatewayV2Response.dispatch
        )


def _name_of(response: Any) -> Any:
    """The domain name that a request is about; None for another thing."""
    whole = unquote(response.path)
    if "/domainnames/" not in whole:
        return None
    return response.apigatewayv2_backend.get_domain_name(whole.rpartition("/domainnames/")[2].split("/")[0])


def _complete(domain: Any, region: str) -> None:
    """What API Gateway adds to each endpoint of a name."""
    for one in domain.domain_name_configurations or ():
        one.setdefault("endpointType", "REGIONAL")
        one.setdefault("securityPolicy", "TLS_1_2")
        one.setdefault("ipAddressType", "ipv4")
        one["domainNameStatus"] = "AVAILABLE"
        label = f"d-{abs(hash_of(domain.domain_name)):010x}"[:12]
        one["apiGatewayDomainName"] = f"{label}.execute-api.{region}.amazonaws.com"
        one["hostedZoneId"] = ZONES.get(region, ZONES["us-east-1"])


def hash_of(text: str) -> int:
    """A number that a text always has."""
    return int.from_bytes(text.encode()[-5:].rjust(5, b"0"), "big") ^ len(text)


@replace(ApiGatewayV2Response)
def create_domain_name(original: Any, self: Any) -> Any:
    """A name with its endpoint."""
    status, headers, body = original(self)
    if status != 201:
        return status, headers, body
    domain = self.apigatewayv2_backend.get_domain_name(json.loads(body)["domainName"])
    domain.routing_mode = json.loads(self.body).get("routingMode") or "API_MAPPING_ONLY"
    _complete(domain, self.apigatewayv2_backend.region_name)
    return 201, headers, json.dumps(domain.to_json())


@add(ApiGatewayV2Response)
def update_domain_name(self: Any) -> Any:
    """The certificate, the policy and the routing change."""
    domain, asked = _name_of(self), json.loads(self.body)
    if asked.get("domainNameConfigurations"):
        domain.domain_name_configurations = asked["domainNameConfigurations"]
        _complete(domain, self.apigatewayv2_backend.region_name)
    if "mutualTlsAuthentication" in asked:
        given = asked["mutualTlsAuthentication"] or {}
        domain.mutual_tls_authentication = given if given.get("truststoreUri") else None
    domain.routing_mode = asked.get("routingMode") or domain.routing_mode
    return 200, {}, json.dumps(domain.to_json())


@replace(DomainName)
def to_json(original: Any, self: Any) -> dict[str, Any]:
    """By which rules requests are led on."""
    found: dict[str, Any] = original(self)
    found["routingMode"] = getattr(self, "routing_mode", "API_MAPPING_ONLY")
    return {k: v for k, v in found.items() if v is not None}


@replace(ApiGatewayV2Backend)
def delete_domain_name(original: Any, self: Any, domain_name: str) -> None:
    """Its mappings go with it."""
    self.get_domain_name(domain_name)
    for name in [name for name, one in self.api_mappings.items() if one.domain_name == domain_name]:
        del self.api_mappings[name]
    original(self, domain_name)


@replace(ApiGatewayV2Backend)
def create_api_mapping(
    original: Any, self: Any, api_id: str, api_mapping_key: str, domain_name: str, stage: str
) -> Any:
    """A path below a name leads to one stage, which is there."""
    self.get_domain_name(domain_name)
    self.get_api(api_id).get_stage(stage)
    if any(
        (one.domain_name, one.api_mapping_key) == (domain_name, api_mapping_key) for one in self.api_mappings.values()
    ):
        raise Refused("ConflictException", "ApiMapping key already exists for this domain name")
    return original(self, api_id, api_mapping_key, domain_name, stage)


@add(ApiGatewayV2Response)
def update_api_mapping(self: Any) -> Any:
    """It leads elsewhere."""
    asked, backend = json.loads(self.body), self.apigatewayv2_backend
    mapping = backend.get_api_mapping(unquote(self.path).split("/")[-1], _name_of(self).domain_name)
    backend.get_api(asked.get("apiId") or mapping.api_id).get_stage(asked.get("stage") or mapping.stage)
    mapping.api_id, mapping.stage = asked.get("apiId") or mapping.api_id, asked.get("stage") or mapping.stage
    mapping.api_mapping_key = asked.get("apiMappingKey", mapping.api_mapping_key)
    return 200, {}, json.dumps(mapping.to_json())


@replace(ApiGatewayV2Response)
def tag_resource(original: Any, self: Any) -> Any:
    """A domain name has tags too."""
    domain = _name_of(self)
    if domain is None:
        return original(self)
    domain.tags = {**(domain.tags or {}), **json.loads(self.body)["tags"]}
    return 201, {}, "{}"


@replace(ApiGatewayV2Response)
def untag_resource(original: Any, self: Any) -> Any:
    """A domain name has tags too."""
    domain = _name_of(self)
    if domain is None:
        return original(self)
    gone = self.querystring.get("tagKeys") or []
    domain.tags = {k: v for k, v in (domain.tags or {}).items() if k not in gone}
    return 200, {}, "{}"
