"""API Gateway's import of an OpenAPI 3 document into an HTTP API: moto takes stages away, and loses most of a route."""

from typing import Any

from moto.apigateway.utils import deserialize_body
from moto.apigatewayv2.exceptions import BadRequestException
from moto.apigatewayv2.models import Api

from localcloud.aws.moto_gaps._patching import replace

Doc = dict[str, Any]
VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method")
INTEGRATION: dict[str, str] = {
    "connectionId": "connection_id", "credentials": "credentials_arn", "description": "description",
    "passthroughBehavior": "passthrough_behavior", "subtype": "integration_subtype",
    "requestParameters": "request_parameters", "responseParameters": "response_parameters",
    "timeoutInMillis": "timeout_in_millis", "tlsConfig": "tls_config",
}  # fmt: skip
"""Member of a document -> argument of moto's integration."""


@replace(Api)
def import_api(original: Any, self: Any, body_str: str, fail_on_warnings: bool) -> None:
    """Routes, integrations and authorizers become those of the document; stages stay."""
    try:
        doc = deserialize_body(body_str)
    except Exception:  # noqa: BLE001 -- whatever is wrong with the text
        doc = None
    if not isinstance(doc, dict) or not str(doc.get("openapi", "")).startswith("3") or not doc.get("info"):
        raise BadRequestException("Warnings found during import: Unable to parse the OpenAPI 3 document")
    for one in (self.authorizers, self.integrations, self.models, self.routes):
        one.clear()
    Import(self, doc).run()


class Import:
    """One document on its way into an API."""

    def __init__(self, api: Any, doc: Doc) -> None:
        self.api, self.doc = api, doc
        self.parts: Doc = doc.get("components") or {}
        self.authorizers: dict[str, str] = {}

    def run(self) -> None:
        """Make what the document has."""
        info = self.doc["info"]
        self.api.name = info.get("title") or self.api.name
        self.api.version = str(info["version"]) if "version" in info else None
        self.api.description = info.get("description")
        self.api.cors_configuration = self.doc.get("x-amazon-apigateway-cors")
        for name, scheme in (self.parts.get("securitySchemes") or {}).items():
            self._authorizer(name, scheme)
        for path, item in (self.doc.get("paths") or {}).items():
            for verb in VERBS:
                if verb in item:
                    self._route(path, "ANY" if verb == VERBS[-1] else verb.upper(), item[verb] or {})

    def _authorizer(self, name: str, scheme: Doc) -> None:
        how = scheme.get("x-amazon-apigateway-authorizer")
        if not how:
            return
        source = how.get("identitySource") or "$request.header.Authorization"
        made = self.api.create_authorizer(
            auth_creds_arn=how.get("authorizerCredentials"), authorizer_uri=how.get("authorizerUri"),
            auth_payload_format_version=how.get("authorizerPayloadFormatVersion"),
            auth_result_ttl=how.get("authorizerResultTtlInSeconds"), authorizer_type=str(how.get("type")).upper(),
            enable_simple_response=how.get("enableSimpleResponses"),
            identity_source=source if isinstance(source, list) else [one.strip() for one in source.split(",")],
            identity_validation_expr=how.get("identityValidationExpression"),
            jwt_config=how.get("jwtConfiguration"), name=name,
        )  # fmt: skip
        self.authorizers[name] = made.id

    def _route(self, path: str, verb: str, asked: Doc) -> None:
        kind, authorizer, scopes = "NONE", None, []
        for need in asked.get("security", self.doc.get("security")) or []:
            for name, wanted in need.items():
                if name in self.authorizers:
                    authorizer, scopes = self.authorizers[name], list(wanted or [])
                    kind = "JWT" if self.api.authorizers[authorizer].authorizer_type == "JWT" else "CUSTOM"
        if str((asked.get("x-amazon-apigateway-auth") or {}).get("type")).upper() == "AWS_IAM":
            kind = "AWS_IAM"
        joined = self._integration(asked.get("x-amazon-apigateway-integration"))
        self.api.create_route(
            api_key_required=False, authorization_scopes=scopes, authorization_type=kind, authorizer_id=authorizer,
            model_selection_expression=None, operation_name=asked.get("operationId"), request_models=None,
            request_parameters=None, route_response_selection_expression=None,
            route_key="$default" if path == "/$default" else f"{verb} {path}",
            target=f"integrations/{joined}" if joined else None,
        )  # fmt: skip

    def _integration(self, asked: Doc | None) -> str | None:
        if not asked:
            return None
        if "$ref" in asked:
            named = (self.parts.get("x-amazon-apigateway-integrations") or {}).get(asked["$ref"].rpartition("/")[2])
            if named is None:
                raise BadRequestException(f"Unable to resolve the reference {asked['$ref']}")
            asked = named
        given = {ours: asked.get(theirs) for theirs, ours in INTEGRATION.items()}
        made = self.api.create_integration(
            **given, connection_type=asked.get("connectionType") or "INTERNET", content_handling_strategy=None,
            integration_method=asked.get("httpMethod"), integration_type=str(asked.get("type", "")).upper(),
            integration_uri=asked.get("uri"), request_templates=None, template_selection_expression=None,
            payload_format_version=str(asked.get("payloadFormatVersion") or "1.0"),
        )  # fmt: skip
        return str(made.id)
