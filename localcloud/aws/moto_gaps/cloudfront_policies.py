"""CloudFront's policies of caches, requests and answers, identities of origins, and functions that change: moto's gaps.

The four kinds have the same five calls; each is kept as it was told.
"""

import hashlib
from collections.abc import Callable
from typing import Any

from botocore import xform_name
from moto.cloudfront import urls
from moto.cloudfront.models import CloudFrontBackend, random_id
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

from localcloud.aws.moto_gaps._patching import Refusal, add, replace

IDENTITY = "CloudFrontOriginAccessIdentity"
KINDS = {
    "CachePolicy": "cache-policy", "OriginRequestPolicy": "origin-request-policy",
    "ResponseHeadersPolicy": "response-headers-policy", IDENTITY: "origin-access-identity/cloudfront",
}  # fmt: skip
"""Kind -> where it lies."""
MEMBERS = {name: f"{name}Id" for name in KINDS if name != IDENTITY}
"""Kind -> the member by which a behavior of a distribution names it."""


def _held(backend: Any, kind: str) -> dict[str, dict[str, Any]]:
    everything: dict[str, dict[str, dict[str, Any]]] = vars(backend).setdefault("held", {})
    return everything.setdefault(kind, {})


def _used(backend: Any, kind: str, name: str) -> bool:
    for distribution in backend.distributions.values():
        config = distribution.distribution_config
        behaviors = [
            config.get("DefaultCacheBehavior") or {},
            *((config.get("CacheBehaviors") or {}).get("Items") or ()),
        ]
        if kind in MEMBERS and any(one.get(MEMBERS[kind]) == name for one in behaviors):
            return True
        origins = (config.get("Origins") or {}).get("Items") or ()
        path = f"origin-access-identity/cloudfront/{name}"
        if any((one.get("S3OriginConfig") or {}).get("OriginAccessIdentity") == path for one in origins):
            return True
    return False


def _told(kind: str, one: dict[str, Any]) -> Any:
    thing = {"Id": one["Id"], f"{kind}Config": one["Config"], "LastModifiedTime": one["Changed"]}
    if kind == IDENTITY:
        thing["S3CanonicalUserId"] = hashlib.sha256(one["Id"].encode()).hexdigest()
    return ActionResult({kind: thing, "ETag": one["ETag"]})


def _config(response: Any, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = response._get_param(f"{kind}Config", {})
    return found


def _one(response: Any, kind: str, *, matched: bool = False) -> dict[str, Any]:
    """One of a kind; `matched`: of the version that is asked for."""
    held, name = _held(response.backend, kind), response._get_param("Id")
    if name not in held:
        raise Refusal(f"NoSuch{kind}", f"The specified {kind} does not exist.")
    if matched and response._get_param("IfMatch") != held[name]["ETag"]:
        raise Refusal("PreconditionFailed", "The request failed because it didn't meet the preconditions")
    return held[name]


def _create(self: Any, kind: str) -> Any:
    """A name is taken once."""
    held, asked = _held(self.backend, kind), _config(self, kind)
    if asked.get("Name") and any(each["Config"].get("Name") == asked["Name"] for each in held.values()):
        raise Refusal(f"{kind}AlreadyExists", f"A {kind} with the name {asked['Name']} already exists.")
    name = random_id(length=14) if kind == IDENTITY else _uuid(random_id(length=32))
    held[name] = {"Id": name, "ETag": random_id(), "Config": asked, "Changed": utcnow()}
    return _told(kind, held[name])


def _get(self: Any, kind: str) -> Any:
    """One of them."""
    return _told(kind, _one(self, kind))


def _update(self: Any, kind: str) -> Any:
    """Another version."""
    found = _one(self, kind, matched=True)
    found |= {"ETag": random_id(), "Config": _config(self, kind), "Changed": utcnow()}
    return _told(kind, found)


def _delete(self: Any, kind: str) -> Any:
    """One that a distribution uses stays."""
    found = _one(self, kind, matched=True)
    if _used(self.backend, kind, found["Id"]):
        raise Refusal(f"{kind}InUse", f"The {kind} is still in use.")
    del _held(self.backend, kind)[found["Id"]]
    return EmptyResult()


def _serves(kind: str, path: str, verb: str, call: Callable[[Any, str], Any]) -> None:
    def action(self: Any) -> Any:
        return call(self, kind)

    action.__name__ = xform_name(f"{verb}{kind}")
    add(CloudFrontResponse)(action)
    for tail in ("", "/(?P<name>[^/]+)", "/(?P<name>[^/]+)/config"):
        urls.url_paths[f"{{0}}/2020-05-31/{path}{tail}$"] = CloudFrontResponse.dispatch


def _uuid(text: str) -> str:
    found = hashlib.sha256(text.encode()).hexdigest()
    return f"{found[:8]}-{found[8:12]}-4{found[13:16]}-8{found[17:20]}-{found[20:32]}"


for kind, path in KINDS.items():
    for verb, call in (("Create", _create), ("Get", _get), ("Update", _update), ("Delete", _delete)):
        _serves(kind, path, verb, call)

# --- functions

urls.url_paths["{0}/2020-05-31/function/(?P<function_name>[^/]+)/publish$"] = CloudFrontResponse.dispatch


def _function(response: Any) -> Any:
    found = response.backend.describe_function(name=response._get_param("Name"))
    if response._get_param("IfMatch") != found.etag:
        raise Refusal("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")
    return found


@add(CloudFrontResponse)
def update_function(self: Any) -> Any:
    """The stage for development changes; the live one with the next publication."""
    found = _function(self)
    found.config, found.code = self._get_param("FunctionConfig", {}), self._get_param("FunctionCode")
    found.etag, found.last_modified_time = random_id(), utcnow()
    return self.describe_function()


@add(CloudFrontResponse)
def publish_function(self: Any) -> Any:
    """The live stage is the one for development as it is now."""
    found = _function(self)
    found.live = random_id()
    return self.describe_function()


@replace(CloudFrontResponse)
def describe_function(original: Any, self: Any) -> Any:
    """The live stage is there once it was published."""
    if self._get_param("Stage") == "LIVE":
        found = self.backend.describe_function(name=self._get_param("Name"))
        if not getattr(found, "live", None):
            raise Refusal("NoSuchFunctionExists", f"The function {found.name} has no live stage.")
        return ActionResult({"FunctionSummary": found.function_summary, "ETag": found.live})
    return original(self)


@replace(CloudFrontBackend)
def delete_function(original: Any, self: Any, name: str, if_match: Any) -> None:
    """A function that a distribution calls stays; its tags go with it."""
    found = self.describe_function(name)
    for distribution in self.distributions.values():
        if found.arn in str(distribution.distribution_config):
            raise Refusal("FunctionInUse", f"Cannot delete function, it is in use by {distribution.distribution_id}.")
    original(self, name, if_match)
    self.tagger.delete_all_tags_for_resource(found.arn)
