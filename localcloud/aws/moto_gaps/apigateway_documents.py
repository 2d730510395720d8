"""Gaps of moto's API Gateway for REST: certificates of clients and documentation, which moto does not have."""

import datetime
import hashlib
import json
import string
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from moto.apigateway import urls
from moto.apigateway.exceptions import BadRequestException, ConflictException, NotFoundException
from moto.apigateway.responses import APIGatewayResponse
from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_gaps._patching import add
from localcloud.aws.moto_gaps.apigateway import beside, changes, find, shown, steps_of, told

for path in (
    "{0}/clientcertificates$",
    "{0}/clientcertificates/(?P<certificate>[^/]+)$",
    "{0}/restapis/(?P<function_id>[^/]+)/documentation/(?P<kind>parts|versions)$",
    "{0}/restapis/(?P<function_id>[^/]+)/documentation/(?P<kind>parts|versions)/(?P<name>[^/]+)$",
):
    urls.url_paths[path] = APIGatewayResponse.dispatch


class Thing:
    """What moto has no model of: what it was told."""

    def to_json(self) -> dict[str, Any]:
        """As API Gateway answers it."""
        return dict(told(self))


def _make(where: dict[str, Any], name: str, members: dict[str, Any]) -> Any:
    made = where[name] = Thing()
    told(made).update({k: v for k, v in members.items() if v is not None})
    return 201, {"status": "201"}, json.dumps(shown(made))


def _name(length: int) -> str:
    return "".join(mock_random.choice(string.ascii_lowercase + string.digits) for _ in range(length))


def _one(response: Any) -> Any:
    return 200, {}, json.dumps(shown(find(response, steps_of(response))))


def _gone(where: dict[str, Any], name: str) -> Any:
    del where[name]
    return 202, {"status": "202"}, "{}"


# --- certificates

YEAR = 365 * 24 * 60 * 60


def certificate(name: str, made: int) -> str:
    """A certificate that anybody can read; its key is the same whenever a journal is replayed."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ApiGateway")])
    since = datetime.datetime.fromtimestamp(made, datetime.UTC).replace(tzinfo=None)
    built = x509.CertificateBuilder(subject, subject, key.public_key(), int.from_bytes(name.encode()[:16]), since)
    whole = built.not_valid_after(since + datetime.timedelta(seconds=YEAR)).sign(key, None)
    return whole.public_bytes(Encoding.PEM).decode()


@add(APIGatewayResponse)
def generate_client_certificate(self: Any) -> Any:
    """A certificate by which a back end knows API Gateway, for a year."""
    asked, name, now = json.loads(self.body or "{}"), _name(6), int(utcnow().timestamp())
    return _make(beside(self.backend, "clientcertificates"), name, {
        "clientCertificateId": name, "description": asked.get("description"), "tags": asked.get("tags"),
        "pemEncodedCertificate": certificate(name, now), "createdDate": now, "expirationDate": now + YEAR,
    })  # fmt: skip


@add(APIGatewayResponse)
def get_client_certificate(self: Any) -> Any:
    """One certificate."""
    return _one(self)


@add(APIGatewayResponse)
def delete_client_certificate(self: Any) -> Any:
    """A certificate that a stage shows stays."""
    name = steps_of(self)[-1]
    find(self, steps_of(self))
    for api in self.backend.apis.values():
        for stage in api.stages.values():
            if shown(stage).get("clientCertificateId") == name:
                raise BadRequestException(
                    f"Client Certificate {name} is used by a stage: {api.id}:{stage.name}. Take it off the stage first."
                )
    return _gone(beside(self.backend, "clientcertificates"), name)


# --- documentation


@add(APIGatewayResponse)
def create_documentation_part(self: Any) -> Any:
    """What is said of one place of an API."""
    asked, parts, name = json.loads(self.body), _documents(self, "parts"), _name(6)
    if any(shown(one)["location"] == asked["location"] for one in parts.values()):
        raise ConflictException("Documentation part already exists for the specified location")
    return _make(parts, name, {"id": name, "location": asked["location"], "properties": asked["properties"]})


def _documents(response: Any, kind: str) -> dict[str, Any]:
    return beside(response.backend.get_rest_api(steps_of(response)[1]), kind)


@add(APIGatewayResponse)
def get_documentation_part(self: Any) -> Any:
    """One part."""
    return _one(self)


@add(APIGatewayResponse)
def delete_documentation_part(self: Any) -> Any:
    """It goes alone."""
    find(self, steps_of(self))
    return _gone(_documents(self, "parts"), steps_of(self)[-1])


@add(APIGatewayResponse)
def create_documentation_version(self: Any) -> Any:
    """A version is the parts as they are; an API without parts has none."""
    asked, versions = json.loads(self.body), _documents(self, "versions")
    name = asked["documentationVersion"]
    if not _documents(self, "parts"):
        raise NotFoundException("No documentation parts found for this API")
    if name in versions:
        raise ConflictException("Documentation version already exists")
    now = int(utcnow().timestamp())
    return _make(versions, name, {"version": name, "createdDate": now, "description": asked.get("description")})


@add(APIGatewayResponse)
def get_documentation_version(self: Any) -> Any:
    """One version."""
    return _one(self)


@add(APIGatewayResponse)
def delete_documentation_version(self: Any) -> Any:
    """A version that a stage shows stays."""
    api, name = self.backend.get_rest_api(steps_of(self)[1]), steps_of(self)[-1]
    find(self, steps_of(self))
    for stage in api.stages.values():
        if shown(stage).get("documentationVersion") == name:
            raise BadRequestException(f"Documentation version {name} is in use by the stage {stage.name}")
    return _gone(_documents(self, "versions"), name)


for model in ("ClientCertificate", "DocumentationPart", "DocumentationVersion"):
    changes(model)
