"""API Gateway's import of an OpenAPI document (2 and 3): moto takes no Swagger, loses the root and most of a method."""

import json
import re
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.responses import APIGatewayResponse
from moto.apigateway.utils import deserialize_body

from localcloud.aws.moto_gaps._patching import replace
from localcloud.aws.moto_gaps.apigateway import shown, steps_of, told

Doc = dict[str, Any]
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method")
PLACES = {"query": "querystring", "header": "header", "path": "path"}
OF_INTEGRATION = {
    "credentials": "credentials", "requestTemplates": "request_templates", "cacheNamespace": "cache_namespace",
    "timeoutInMillis": "timeout_in_millis", "requestParameters": "request_parameters",
    "contentHandling": "content_handling", "connectionType": "connection_type", "tlsConfig": "tls_config",
}  # fmt: skip
OF_API = {
    "x-amazon-apigateway-binary-media-types": "binaryMediaTypes", "x-amazon-apigateway-policy": "policy",
    "x-amazon-apigateway-minimum-compression-size": "minimumCompressionSize",
    "x-amazon-apigateway-api-key-source": "apiKeySource",
}  # fmt: skip
"""Member of a document -> that of the API."""


@replace(APIGatewayResponse)
def put_rest_api(original: Any, self: Any) -> Any:
    """Import a document over an API, or into it."""
    try:
        doc = deserialize_body(self.body)
    except Exception:  # noqa: BLE001 -- whatever is wrong with the text
        doc = {}
    if not isinstance(doc.get("paths"), dict) or not isinstance(doc.get("info"), dict):
        raise BadRequestException("Invalid OpenAPI input.")
    api = self.backend.get_rest_api(steps_of(self)[1])
    overwrite = (self.querystring.get("mode") or ["merge"])[0] == "overwrite"
    Import(self.backend, api, doc, overwrite=overwrite).run()
    return 200, {}, json.dumps(shown(api))


class Import:
    """One document on its way into an API."""

    def __init__(self, backend: Any, api: Any, doc: Doc, *, overwrite: bool) -> None:
        self.backend, self.api, self.doc, self.overwrite = backend, api, doc, overwrite
        self.authorizers: dict[str, str] = {}

    def run(self) -> None:
        """Make what the document has; over what is there, take away what it has not."""
        self._settings()
        wanted = {"/", *(path for whole in self.doc["paths"] for path in above(whole))}
        if self.overwrite:
            for resource in sorted(self.api.resources.values(), key=lambda one: -len(one.get_path())):
                resource.resource_methods.clear()
                if resource.get_path() not in wanted:
                    self.api.resources.pop(resource.id, None)
            self.api.models.clear()
            self.api.authorizers.clear()
        self._models()
        self._authorizers()
        for path, item in sorted(self.doc["paths"].items()):
            resource = self._resource(path)
            for verb in VERBS:
                if verb in item:
                    shared = item.get("parameters") or []
                    self._method(resource, "ANY" if verb not in VERBS[:-1] else verb.upper(), item[verb] or {}, shared)

    def _settings(self) -> None:
        info, changed = self.doc["info"], {}
        if self.overwrite:
            self.api.name = info.get("title") or self.api.name
            self.api.description = changed["description"] = info.get("description")
        changed |= {member: self.doc[name] for name, member in OF_API.items() if name in self.doc}
        told(self.api).update(changed)
        for kind, answer in (self.doc.get("x-amazon-apigateway-gateway-responses") or {}).items():
            self.api.put_gateway_response(
                kind, answer.get("statusCode"), answer.get("responseParameters"), answer.get("responseTemplates")
            )

    def _models(self) -> None:
        found = self.doc.get("definitions") or (self.doc.get("components") or {}).get("schemas") or {}
        for name, shape in found.items():
            if re.fullmatch("[a-zA-Z0-9]+", name):
                self.api.add_model(name, None, json.dumps(shape), "application/json")

    @property
    def _schemes(self) -> Doc:
        found = self.doc.get("securityDefinitions") or (self.doc.get("components") or {}).get("securitySchemes")
        return found or {}

    def _authorizers(self) -> None:
        for name, scheme in self._schemes.items():
            how = scheme.get("x-amazon-apigateway-authorizer")
            if not how:
                continue
            source = how.get("identitySource") or f"method.request.header.{scheme.get('name')}"
            made = self.backend.create_authorizer(
                self.api.id, name, str(how.get("type", "token")).upper(), provider_arns=how.get("providerARNs"),
                auth_type=scheme.get("x-amazon-apigateway-authtype"), authorizer_uri=how.get("authorizerUri"),
                authorizer_credentials=how.get("authorizerCredentials"), identity_source=source,
                authorizer_result_ttl=how.get("authorizerResultTtlInSeconds", 300),
            )  # fmt: skip
            self.authorizers[name] = made.id

    def _resource(self, path: str) -> Any:
        at = {one.get_path(): one for one in self.api.resources.values()}
        *rest, whole = above(path) or ["/"]
        if whole in at:
            return at[whole]
        parent = self._resource(rest[-1]) if rest else at["/"]
        return self.backend.create_resource(self.api.id, parent.id, whole.rpartition("/")[2])

    def _method(self, resource: Any, verb: str, asked: Doc, shared: list[Doc]) -> None:
        kind, authorizer, scopes, key = self._security(asked)
        parameters = {
            f"method.request.{PLACES[one['in']]}.{one['name']}": bool(one.get("required"))
            for one in [*shared, *(asked.get("parameters") or [])]
            if one.get("in") in PLACES
        }
        method = resource.add_method(
            verb, kind, key, request_parameters=parameters or None, operation_name=asked.get("operationId"),
            authorizer_id=authorizer, authorization_scopes=scopes or None,
        )  # fmt: skip
        for status, answer in (asked.get("responses") or {}).items():
            if str(status).isdigit():
                names = [f"method.response.header.{name}" for name in (answer or {}).get("headers") or {}]
                method.create_response(str(status), None, dict.fromkeys(names, False) or None)
        joined = asked.get("x-amazon-apigateway-integration")
        if joined:
            self._integration(resource, verb, joined)

    def _security(self, asked: Doc) -> tuple[str, str | None, list[str], bool]:
        if str((asked.get("x-amazon-apigateway-auth") or {}).get("type")).upper() == "AWS_IAM":
            return "AWS_IAM", None, [], False
        kind, authorizer, scopes, key = "NONE", None, [], False
        for need in asked.get("security", self.doc.get("security")) or []:
            for name, wanted in need.items():
                scheme = self._schemes.get(name) or {}
                if name in self.authorizers:
                    of = self.api.authorizers[self.authorizers[name]].type
                    kind = of if of == "COGNITO_USER_POOLS" else "CUSTOM"
                    authorizer, scopes = self.authorizers[name], list(wanted or [])
                elif scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
                    kind = "AWS_IAM"
                elif scheme.get("type") == "apiKey":
                    key = True
        return kind, authorizer, scopes, key

    def _integration(self, resource: Any, verb: str, asked: Doc) -> None:
        known = {ours: asked[theirs] for theirs, ours in OF_INTEGRATION.items() if asked.get(theirs) is not None}
        made = self.backend.put_integration(
            self.api.id, resource.id, verb, str(asked.get("type", "")).upper(), asked.get("uri"),
            asked.get("httpMethod"), **known,
            passthrough_behavior=str(asked.get("passthroughBehavior") or "when_no_match").upper(),
        )  # fmt: skip
        told(made)["cacheNamespace"] = asked.get("cacheNamespace") or resource.id
        for member in ("cacheKeyParameters", "connectionId"):
            if asked.get(member):
                told(made)[member] = asked[member]
        for pattern, answer in (asked.get("responses") or {}).items():
            status = str(answer.get("statusCode"))
            made.create_integration_response(
                status, None if pattern == "default" else pattern, answer.get("responseTemplates"),
                answer.get("responseParameters"), answer.get("contentHandling"),
            )  # fmt: skip


def above(path: str) -> list[str]:
    """The paths on the way to a path, itself the last: `/a/b` to `/a` and `/a/b`."""
    steps = [step for step in path.split("/") if step]
    return [f"/{'/'.join(steps[:n])}" for n in range(1, len(steps) + 1)]
