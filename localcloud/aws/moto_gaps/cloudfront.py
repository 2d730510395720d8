"""Gaps of moto's CloudFront: settings that it drops, versions, what is in use."""

import copy
from typing import Any

from moto.cloudfront.models import CloudFrontBackend, DistributionConfig, OriginAccessControl, random_id

from localcloud.aws.moto_gaps._patching import Refusal, replace


class Kept(dict[str, Any]):
    """A configuration as it was sent; moto looks some members up as attributes."""

    @property
    def caller_reference(self) -> str:
        """Which request made it."""
        return str(self["CallerReference"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self:
            raise AttributeError(name)
        return self[name]


def _kept(asked: dict[str, Any]) -> Kept:
    """The whole configuration, once moto has found nothing wrong with it."""
    DistributionConfig(copy.deepcopy(asked))
    return Kept(copy.deepcopy(asked))


@replace(CloudFrontBackend)
def create_distribution_with_tags(original: Any, self: Any, distribution_config: dict[str, Any], tags: Any) -> Any:
    """All members are kept."""
    asked = copy.deepcopy(distribution_config)
    made, location, etag = original(self, distribution_config, tags)
    made.distribution_config = _kept(asked)
    return made, location, etag


@replace(CloudFrontBackend)
def update_distribution(original: Any, self: Any, dist_config: dict[str, Any], _id: str, if_match: Any) -> Any:
    """All members are kept; each change makes another version, and only the newest one may be changed."""
    held = self.distributions.get(_id)
    if held is not None and if_match and if_match != held.etag:
        raise Refusal("PreconditionFailed", "The request failed because it didn't meet the preconditions")
    asked = copy.deepcopy(dist_config)
    changed, location, _ = original(self, dist_config, _id, if_match)
    changed.distribution_config, changed.etag = _kept(asked), random_id()
    return changed, location, changed.etag


@replace(CloudFrontBackend)
def delete_distribution(original: Any, self: Any, distribution_id: str, if_match: Any) -> None:
    """A distribution that is on stays; tags go with their distribution."""
    held = self.distributions.get(distribution_id)
    if held is not None and held.distribution_config.get("Enabled"):
        raise Refusal("DistributionNotDisabled", "The distribution you are trying to delete has not been disabled.")
    original(self, distribution_id, if_match)
    if held is not None:
        self.tagger.delete_all_tags_for_resource(held.arn)


@replace(CloudFrontBackend)
def create_origin_access_control(original: Any, self: Any, config_dict: dict[str, str]) -> Any:
    """A name is taken once."""
    if any(one.name == config_dict.get("Name") for one in self.origin_access_controls.values()):
        raise Refusal(
            "OriginAccessControlAlreadyExists", "An origin access control with the specified name already exists."
        )
    return original(self, config_dict)


@replace(CloudFrontBackend)
def delete_origin_access_control(original: Any, self: Any, control_id: str) -> None:
    """A control that a distribution uses stays."""
    self.get_origin_access_control(control_id)
    for distribution in self.distributions.values():
        origins = distribution.distribution_config.get("Origins", {}).get("Items") or []
        if any(origin.get("OriginAccessControlId") == control_id for origin in origins):
            raise Refusal("OriginAccessControlInUse", "The origin access control is still in use.")
    original(self, control_id)


@replace(OriginAccessControl)
def update(original: Any, self: Any, config: dict[str, str]) -> None:
    """Each change makes another version."""
    original(self, config)
    self.etag = random_id()
