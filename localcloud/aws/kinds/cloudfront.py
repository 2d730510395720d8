"""CloudFront: distributions."""

import uuid

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.cloudfront_forms import (
    CERTIFICATE,
    behavior_to_ours,
    configuration,
    given,
    listed,
    origin_to_ours,
    to_ours,
)
from localcloud.aws.kinds.tagging import tags_of
from localcloud.provider.wire import unknowns

ZONE = "Z2FDTNDATAQYW2"
"""The Route 53 zone of every distribution (AWS General Reference, CloudFront endpoints)."""
CERTIFICATES = "us-east-1"
PATIENCE = 10
"""How often a distribution is asked for until it is deployed."""
PROVIDER_ONLY = {"retainOnDelete", "waitForDeployment"}
UNKEPT = dict.fromkeys(
    (
        "anycastIpListId",
        "cacheTagConfig",
        "connectionFunctionAssociation",
        "continuousDeploymentPolicyId",
        "viewerMtlsConfig",
    ),
    "the local cloud keeps none of it",
)


def encode(props: Props) -> Props:
    """The inputs inside the request, for the check against AWS's own rules."""
    return {"distributionConfig": configuration(props)}


def create(aws: Aws, props: Props) -> str:
    """The distribution, with its tags."""
    config = configuration(props) | {"CallerReference": f"terraform-{uuid.uuid4().hex}"}
    tags = [{"Key": k, "Value": str(v)} for k, v in (props.get("tags") or {}).items()]
    both = {"DistributionConfig": config, "Tags": {"Items": tags}}
    made = aws("cloudfront", "create_distribution_with_tags", DistributionConfigWithTags=both)
    return str(made["Distribution"]["Id"])


def distribution(aws: Aws, distribution_id: str, props: Props) -> Props:
    """The distribution, once it is deployed, in the words of the program."""
    answer: Props = {}
    for _ in range(PATIENCE):
        answer = aws("cloudfront", "get_distribution", Id=distribution_id)
        if answer["Distribution"]["Status"] == "Deployed" or props.get("waitForDeployment") in (False, "false"):
            break
    found = answer["Distribution"]
    config = found["DistributionConfig"]
    geo, logging = config["Restrictions"]["GeoRestriction"], config.get("Logging") or {}
    certificate = to_ours(CERTIFICATE, config.get("ViewerCertificate") or {})
    return {
        "ARN": found["ARN"], "arn": found["ARN"], "status": found["Status"], "domainName": found["DomainName"],
        "etag": answer["ETag"], "callerReference": config["CallerReference"], "hostedZoneId": ZONE,
        "lastModifiedTime": str(found["LastModifiedTime"]), "loggingV1Enabled": bool(logging.get("Enabled")),
        "inProgressValidationBatches": found.get("InProgressInvalidationBatches") or 0,
        "aliases": listed(config.get("Aliases")), "comment": config.get("Comment") or "",
        "defaultRootObject": config.get("DefaultRootObject") or "", "enabled": config["Enabled"],
        "origins": [origin_to_ours(one) for one in listed(config["Origins"])],
        "originGroups": [
            {"originId": one["Id"],
             "failoverCriteria": {"statusCodes": listed(one["FailoverCriteria"]["StatusCodes"])},
             "members": [{"originId": member["OriginId"]} for member in listed(one["Members"])]}
            for one in listed(config.get("OriginGroups"))
        ],
        "defaultCacheBehavior": behavior_to_ours(config["DefaultCacheBehavior"]),
        "orderedCacheBehaviors": [behavior_to_ours(one) for one in listed(config.get("CacheBehaviors"))],
        "customErrorResponses": [
            given({"errorCode": one["ErrorCode"], "responsePagePath": one.get("ResponsePagePath") or None,
                   "responseCode": int(one["ResponseCode"]) if one.get("ResponseCode") else None,
                   "errorCachingMinTtl": one.get("ErrorCachingMinTTL")})
            for one in listed(config.get("CustomErrorResponses"))
        ],
        "httpVersion": config["HttpVersion"], "priceClass": config["PriceClass"],
        "webAclId": config.get("WebACLId") or "",
        "isIpv6Enabled": config["IsIPV6Enabled"], "staging": bool(config.get("Staging")),
        "restrictions": {"geoRestriction": {"restrictionType": geo["RestrictionType"], "locations": listed(geo)}},
        "viewerCertificate": certificate,
        "loggingConfig": {"bucket": logging["Bucket"], "includeCookies": logging.get("IncludeCookies"),
                          "prefix": logging.get("Prefix") or ""} if logging.get("Enabled") else None,
        "trustedSigners": [{"enabled": False, "items": []}], "trustedKeyGroups": [{"enabled": False, "items": []}],
    }  # fmt: skip


def change(aws: Aws, distribution_id: str, old: Props, new: Props) -> None:
    """A distribution is put again, whole, against the version that is there."""
    if DISTRIBUTION.changed(old, new) - {"tags"} - PROVIDER_ONLY:
        put(aws, distribution_id, configuration(new))


def put(aws: Aws, distribution_id: str, config: Props) -> None:
    """Put a configuration."""
    held = aws("cloudfront", "get_distribution_config", Id=distribution_id)
    whole = config | {"CallerReference": held["DistributionConfig"]["CallerReference"]}
    aws("cloudfront", "update_distribution", Id=distribution_id, IfMatch=held["ETag"], DistributionConfig=whole)


def drop(aws: Aws, distribution_id: str, props: Props) -> None:
    """Turn the distribution off, then delete it, unless the program keeps it."""
    held = aws("cloudfront", "get_distribution_config", Id=distribution_id)
    if held["DistributionConfig"]["Enabled"]:
        put(aws, distribution_id, held["DistributionConfig"] | {"Enabled": False})
    if props.get("retainOnDelete") not in (True, "true"):
        version = aws("cloudfront", "get_distribution_config", Id=distribution_id)["ETag"]
        aws("cloudfront", "delete_distribution", Id=distribution_id, IfMatch=version)


def tag(aws: Aws, distribution_id: str, gone: list[str], tags: dict[str, str]) -> None:
    """Set the tags by the ARN."""
    arn = f"arn:aws:cloudfront::{aws.account}:distribution/{distribution_id}"
    if gone:
        aws("cloudfront", "untag_resource", Resource=arn, TagKeys={"Items": gone})
    if tags:
        both = {"Items": [{"Key": k, "Value": str(v)} for k, v in tags.items()]}
        aws("cloudfront", "tag_resource", Resource=arn, Tags=both)


def fits(props: Props) -> list[tuple[str, str]]:
    """What CloudFront refuses of origins, behaviors and certificates."""
    known = not unknowns([props.get("origins"), props.get("originGroups")])
    found, ids = [], [str(one.get("originId")) for one in props.get("origins") or () if isinstance(one, dict)]
    groups = [str(one.get("originId")) for one in props.get("originGroups") or () if isinstance(one, dict)]
    behaviors = [("defaultCacheBehavior", props.get("defaultCacheBehavior"))]
    behaviors += [
        (f"orderedCacheBehaviors[{i}]", one) for i, one in enumerate(props.get("orderedCacheBehaviors") or ())
    ]
    for place, block in behaviors:
        if not isinstance(block, dict):
            continue
        target = block.get("targetOriginId")
        if target is not None and known and "None" not in ids and str(target) not in [*ids, *groups]:
            found.append((f"{place}.targetOriginId", f"{target!r} is no origin; the origins are {', '.join(ids)}"))
        if block.get("cachePolicyId") and block.get("forwardedValues"):
            found.append((f"{place}.forwardedValues", "conflicts with 'cachePolicyId': give one of them"))
        if not block.get("cachePolicyId") and not block.get("forwardedValues"):
            found.append((f"{place}.cachePolicyId", "missing: give 'cachePolicyId' or 'forwardedValues'"))
    certificate = props.get("viewerCertificate") or {}
    if not isinstance(certificate, dict):
        return found  # not known yet
    arn = str(certificate.get("acmCertificateArn") or "")
    if arn.count(":") > 3 and arn.split(":")[3] != CERTIFICATES:
        found.append(
            (
                "viewerCertificate.acmCertificateArn",
                f"is in {arn.split(':')[3]}; CloudFront takes certificates of {CERTIFICATES} only",
            )
        )
    own = any(certificate.get(name) for name in ("acmCertificateArn", "iamCertificateId"))
    if own and not certificate.get("sslSupportMethod"):
        found.append(("viewerCertificate.sslSupportMethod", "missing: a certificate of your own needs it"))
    if props.get("aliases") and not own:
        found.append(("aliases", "need a certificate of your own: give 'viewerCertificate.acmCertificateArn'"))
    return found


BEHAVIORS = ("defaultCacheBehavior", "orderedCacheBehaviors")
DISTRIBUTION: Kind = Kind(
    "aws:cloudfront/distribution:Distribution",
    Calls("cloudfront", "create_distribution", "", custom_create=create, read=distribution, update=change, delete=drop),
    tags=Tags(None, update=tag),
    translation=Translation(
        encode=encode, unserved=UNKEPT | {"origins.vpcOriginConfig": "the local cloud has no VPC origins"},
        served={
            "aliases", "comment", "customErrorResponses", "defaultCacheBehavior", "defaultRootObject", "enabled",
            "httpVersion", "isIpv6Enabled", "loggingConfig", "orderedCacheBehaviors", "originGroups", "origins",
            "priceClass", "restrictions", "staging", "viewerCertificate", "webAclId", *PROVIDER_ONLY,
        },
    ),
    properties=Properties(
        force_new={"staging"}, write_only=PROVIDER_ONLY,
        defaults={
            "comment": "", "defaultRootObject": "", "httpVersion": "http2", "isIpv6Enabled": False,
            "priceClass": "PriceClass_All", "retainOnDelete": False, "staging": False, "waitForDeployment": True,
            "webAclId": "", "aliases": [], "customErrorResponses": [], "orderedCacheBehaviors": [], "originGroups": [],
            "loggingConfig.includeCookies": False, "loggingConfig.prefix": "",
            "viewerCertificate.minimumProtocolVersion": "TLSv1",
            "origins.connectionAttempts": 3, "origins.connectionTimeout": 10, "origins.originPath": "",
            "origins.customHeaders": [], "origins.customOriginConfig.originKeepaliveTimeout": 5,
            "origins.customOriginConfig.originReadTimeout": 30, "restrictions.geoRestriction.locations": [],
            **{f"{b}.{n}": False for b in BEHAVIORS for n in ("compress", "smoothStreaming")},
            **{f"{b}.minTtl": 0 for b in BEHAVIORS},
            **{
                f"{b}.{n}": [] for b in BEHAVIORS
                for n in ("trustedSigners", "trustedKeyGroups", "lambdaFunctionAssociations", "functionAssociations",
                          "forwardedValues.headers", "forwardedValues.queryStringCacheKeys",
                          "forwardedValues.cookies.whitelistedNames")
            },
            **{f"{b}.lambdaFunctionAssociations.includeBody": False for b in BEHAVIORS},
        },
        computed={
            *(f"{b}.{n}" for b in BEHAVIORS for n in ("defaultTtl", "maxTtl", "grpcConfig")), "origins.originShield",
            "customErrorResponses.errorCachingMinTtl", "origins.responseCompletionTimeout",
            "origins.customOriginConfig.ipAddressType",
        },
        unordered={
            "aliases", "customErrorResponses", "originGroups", "origins", "origins.customHeaders",
            "origins.customOriginConfig.originSslProtocols", "originGroups.failoverCriteria.statusCodes",
            "restrictions.geoRestriction.locations",
            *(f"{b}.{n}" for b in BEHAVIORS for n in (
                "allowedMethods", "cachedMethods", "lambdaFunctionAssociations", "functionAssociations",
                "forwardedValues.headers", "forwardedValues.cookies.whitelistedNames")),
        },
        computed_on_update={"etag", "lastModifiedTime", "status"},
    ),
    own_calls=OwnCalls(join={"tags": tags_of("cloudfront", path="Tags.Items", Resource="{ARN}")}),
    validate=fits,
)  # fmt: skip


def get_distribution(aws: Aws, arguments: Props) -> Props:
    """A distribution that is there."""
    state = DISTRIBUTION.state(aws.at(thorough=True), str(arguments["id"]), {})
    if state is None:
        raise Refused(f"no matching CloudFront Distribution found: {arguments['id']}")
    return {**state, **arguments}


ROWS = (DISTRIBUTION,)
INVOKES = {
    "aws:cloudfront/getDistribution:getDistribution": get_distribution,
}
