"""CloudFront: distributions, and how they are let into a bucket.

Lists lie in `{Quantity, Items}` at AWS; the official provider sends every setting, also those that were not asked for.
"""

import uuid
from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
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


def items(found: Any) -> Props:
    """A list as CloudFront has it."""
    held = list(found or ())
    return {"Quantity": len(held)} | ({"Items": held} if held else {})


def listed(found: Any) -> list[Any]:
    """The list in it."""
    return list((found or {}).get("Items") or ())


def given(found: Props) -> Props:
    """The members that have a value."""
    return {k: v for k, v in found.items() if v is not None}


ORIGIN = {"domainName": "DomainName", "originId": "Id", "originAccessControlId": "OriginAccessControlId"}
CUSTOM = {
    "httpPort": "HTTPPort", "httpsPort": "HTTPSPort", "originProtocolPolicy": "OriginProtocolPolicy",
    "ipAddressType": "IpAddressType",
}  # fmt: skip
PLAIN = {
    "targetOriginId": "TargetOriginId", "viewerProtocolPolicy": "ViewerProtocolPolicy",
    "cachePolicyId": "CachePolicyId", "originRequestPolicyId": "OriginRequestPolicyId",
    "responseHeadersPolicyId": "ResponseHeadersPolicyId", "realtimeLogConfigArn": "RealtimeLogConfigArn",
    "pathPattern": "PathPattern",
}  # fmt: skip
TTL = {"minTtl": "MinTTL", "defaultTtl": "DefaultTTL", "maxTtl": "MaxTTL"}
CERTIFICATE = {
    "acmCertificateArn": "ACMCertificateArn", "iamCertificateId": "IAMCertificateId",
    "cloudfrontDefaultCertificate": "CloudFrontDefaultCertificate", "sslSupportMethod": "SSLSupportMethod",
    "minimumProtocolVersion": "MinimumProtocolVersion",
}  # fmt: skip


def to_aws(names: dict[str, str], block: Props) -> Props:
    """The members of a block that have a value, by AWS's names."""
    return {theirs: block[ours] for ours, theirs in names.items() if block.get(ours) not in (None, "")}


def to_ours(names: dict[str, str], block: Props) -> Props:
    """The same backwards."""
    return {ours: block[theirs] for ours, theirs in names.items() if block.get(theirs) not in (None, "")}


def origin_to_aws(origin: Props) -> Props:
    """An origin; one that says nothing else is a bucket."""
    found = to_aws(ORIGIN, origin) | {
        "OriginPath": origin.get("originPath") or "",
        "ConnectionAttempts": origin.get("connectionAttempts") or 3,
        "ConnectionTimeout": origin.get("connectionTimeout") or 10,
        "CustomHeaders": items(
            {"HeaderName": one.get("name"), "HeaderValue": one.get("value")}
            for one in origin.get("customHeaders") or ()
        ),
    }
    if origin.get("responseCompletionTimeout"):
        found["ResponseCompletionTimeout"] = origin["responseCompletionTimeout"]
    if custom := origin.get("customOriginConfig"):
        found["CustomOriginConfig"] = to_aws(CUSTOM, custom) | {
            "OriginSslProtocols": items(custom.get("originSslProtocols")),
            "OriginKeepaliveTimeout": custom.get("originKeepaliveTimeout") or 5,
            "OriginReadTimeout": custom.get("originReadTimeout") or 30,
        }
    elif not origin.get("vpcOriginConfig"):
        identity = (origin.get("s3OriginConfig") or {}).get("originAccessIdentity") or ""
        found["S3OriginConfig"] = {"OriginAccessIdentity": identity}
    if shield := origin.get("originShield"):
        found["OriginShield"] = given(
            {"Enabled": shield.get("enabled"), "OriginShieldRegion": shield.get("originShieldRegion")}
        )
    return found


def origin_to_ours(origin: Props) -> Props:
    """An origin without what nobody asked for."""
    found = to_ours(ORIGIN, origin) | {
        "originPath": origin.get("OriginPath") or "", "connectionAttempts": origin.get("ConnectionAttempts"),
        "connectionTimeout": origin.get("ConnectionTimeout"),
        "responseCompletionTimeout": origin.get("ResponseCompletionTimeout"),
        "customHeaders": [
            {"name": one["HeaderName"], "value": one["HeaderValue"]} for one in listed(origin.get("CustomHeaders"))
        ],
    }  # fmt: skip
    if custom := origin.get("CustomOriginConfig"):
        found["customOriginConfig"] = to_ours(CUSTOM, custom) | {
            "originSslProtocols": listed(custom.get("OriginSslProtocols")),
            "originKeepaliveTimeout": custom.get("OriginKeepaliveTimeout"),
            "originReadTimeout": custom.get("OriginReadTimeout"),
        }
    if identity := (origin.get("S3OriginConfig") or {}).get("OriginAccessIdentity"):
        found["s3OriginConfig"] = {"originAccessIdentity": identity}
    if shield := origin.get("OriginShield"):
        found["originShield"] = given(
            {"enabled": shield["Enabled"], "originShieldRegion": shield.get("OriginShieldRegion")}
        )
    return given(found)


def behavior_to_aws(block: Props) -> Props:
    """How one kind of request is answered."""
    found = to_aws(PLAIN, block) | {
        "AllowedMethods": items(block.get("allowedMethods")) | {"CachedMethods": items(block.get("cachedMethods"))},
        "Compress": block.get("compress") in (True, "true"),
        "SmoothStreaming": block.get("smoothStreaming") in (True, "true"),
        "FieldLevelEncryptionId": block.get("fieldLevelEncryptionId") or "",
        "LambdaFunctionAssociations": items(
            {"LambdaFunctionARN": one.get("lambdaArn"), "EventType": one.get("eventType"),
             "IncludeBody": one.get("includeBody") in (True, "true")}
            for one in block.get("lambdaFunctionAssociations") or ()
        ),
        "FunctionAssociations": items(
            {"FunctionARN": one.get("functionArn"), "EventType": one.get("eventType")}
            for one in block.get("functionAssociations") or ()
        ),
    }  # fmt: skip
    for ours, theirs in (("trustedSigners", "TrustedSigners"), ("trustedKeyGroups", "TrustedKeyGroups")):
        found[theirs] = items(block.get(ours)) | {"Enabled": bool(block.get(ours))}
    if grpc := block.get("grpcConfig"):
        found["GrpcConfig"] = {"Enabled": grpc.get("enabled") in (True, "true")}
    if block.get("cachePolicyId"):
        return found
    found |= {theirs: block[ours] for ours, theirs in TTL.items() if block.get(ours) is not None}
    found.setdefault("MinTTL", 0)
    if forwarded := block.get("forwardedValues"):
        cookies = forwarded.get("cookies") or {}
        names = {"WhitelistedNames": items(cookies["whitelistedNames"])} if cookies.get("whitelistedNames") else {}
        found["ForwardedValues"] = {
            "QueryString": forwarded.get("queryString") in (True, "true"),
            "Cookies": given({"Forward": cookies.get("forward")}) | names, "Headers": items(forwarded.get("headers")),
            "QueryStringCacheKeys": items(forwarded.get("queryStringCacheKeys")),
        }  # fmt: skip
    return found


def behavior_to_ours(block: Props) -> Props:
    """The same backwards."""
    methods = block.get("AllowedMethods") or {}
    found = to_ours(PLAIN, block) | {ours: block.get(theirs) for ours, theirs in TTL.items()} | {
        "allowedMethods": listed(methods), "cachedMethods": listed(methods.get("CachedMethods")),
        "compress": block.get("Compress"), "smoothStreaming": block.get("SmoothStreaming"),
        "fieldLevelEncryptionId": block.get("FieldLevelEncryptionId") or None,
        "trustedSigners": listed(block.get("TrustedSigners")),
        "trustedKeyGroups": listed(block.get("TrustedKeyGroups")),
        "lambdaFunctionAssociations": [
            {"lambdaArn": one["LambdaFunctionARN"], "eventType": one["EventType"],
             "includeBody": one.get("IncludeBody")}
            for one in listed(block.get("LambdaFunctionAssociations"))
        ],
        "functionAssociations": [
            {"functionArn": one["FunctionARN"], "eventType": one["EventType"]}
            for one in listed(block.get("FunctionAssociations"))
        ],
        "grpcConfig": {"enabled": block["GrpcConfig"]["Enabled"]} if block.get("GrpcConfig") else None,
    }  # fmt: skip
    if (forwarded := block.get("ForwardedValues")) and not block.get("CachePolicyId"):
        cookies = forwarded.get("Cookies") or {}
        found["forwardedValues"] = {
            "queryString": forwarded.get("QueryString"), "headers": listed(forwarded.get("Headers")),
            "cookies": {"forward": cookies.get("Forward"), "whitelistedNames": listed(cookies.get("WhitelistedNames"))},
            "queryStringCacheKeys": listed(forwarded.get("QueryStringCacheKeys")),
        }  # fmt: skip
    return given(found)


LEAST = {"MinimumProtocolVersion": "TLSv1"}


def configuration(props: Props) -> Props:
    """The inputs as a whole configuration."""
    geo = (props.get("restrictions") or {}).get("geoRestriction") or {}
    groups = [
        {
            "Id": one.get("originId"),
            "FailoverCriteria": {"StatusCodes": items((one.get("failoverCriteria") or {}).get("statusCodes"))},
            "Members": items({"OriginId": member.get("originId")} for member in one.get("members") or ()),
        }
        for one in props.get("originGroups") or ()
    ]
    found = {
        "Aliases": items(props.get("aliases")), "Comment": props.get("comment") or "",
        "DefaultRootObject": props.get("defaultRootObject") or "", "Enabled": props.get("enabled") in (True, "true"),
        "Origins": items(origin_to_aws(one) for one in props.get("origins") or ()), "OriginGroups": items(groups),
        "DefaultCacheBehavior": behavior_to_aws(props.get("defaultCacheBehavior") or {}),
        "CacheBehaviors": items(behavior_to_aws(one) for one in props.get("orderedCacheBehaviors") or ()),
        "CustomErrorResponses": items(
            given({"ErrorCode": one.get("errorCode"), "ResponsePagePath": one.get("responsePagePath"),
                   "ResponseCode": None if one.get("responseCode") is None else str(one["responseCode"]),
                   "ErrorCachingMinTTL": one.get("errorCachingMinTtl")})
            for one in props.get("customErrorResponses") or ()
        ),
        "HttpVersion": props.get("httpVersion") or "http2", "PriceClass": props.get("priceClass") or "PriceClass_All",
        "IsIPV6Enabled": props.get("isIpv6Enabled") in (True, "true"), "WebACLId": props.get("webAclId") or "",
        "Staging": props.get("staging") in (True, "true"),
        "Restrictions": {
            "GeoRestriction": to_aws({"restrictionType": "RestrictionType"}, geo) | items(geo.get("locations")),
        },
        "ViewerCertificate": LEAST | to_aws(CERTIFICATE, props.get("viewerCertificate") or {}),
    }  # fmt: skip
    logging = props.get("loggingConfig") or {}
    found["Logging"] = {
        "Enabled": bool(logging.get("bucket")), "Bucket": logging.get("bucket") or "",
        "IncludeCookies": logging.get("includeCookies") in (True, "true"), "Prefix": logging.get("prefix") or "",
    }  # fmt: skip
    return found


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


# --- access to a bucket


def control(aws: Aws, control_id: str, props: Props) -> Props:
    """The control, and its version."""
    answer = aws("cloudfront", "get_origin_access_control", Id=control_id)
    found: Props = dict(answer["OriginAccessControl"]["OriginAccessControlConfig"])
    return found | {"etag": answer["ETag"]}


def change_control(aws: Aws, control_id: str, old: Props, new: Props) -> None:
    """A control is put again, whole, against the version that is there."""
    version = aws("cloudfront", "get_origin_access_control", Id=control_id)["ETag"]
    request = CONTROL.request("update_origin_access_control", new)
    aws("cloudfront", "update_origin_access_control", Id=control_id, IfMatch=version, **request)


def drop_control(aws: Aws, control_id: str, props: Props) -> None:
    """Delete the version that is there."""
    version = aws("cloudfront", "get_origin_access_control", Id=control_id)["ETag"]
    aws("cloudfront", "delete_origin_access_control", Id=control_id, IfMatch=version)


CONTROL: Kind = Kind(
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    Calls(
        "cloudfront", "create_origin_access_control", "OriginAccessControl.Id", read=control, update=change_control,
        delete=drop_control,
    ),
    naming=Naming("name", longest=64),
    tags=Tags(None),
    translation=Translation(
        encode=lambda props: {"originAccessControlConfig": {"description": "Managed by Pulumi"} | props},
        served={"description", "name", "originAccessControlOriginType", "signingBehavior", "signingProtocol"},
    ),
    properties=Properties(
        force_new={"name"}, defaults={"description": "Managed by Pulumi"}, computed_on_update={"etag"}
    ),
    outputs={"arn": "arn:aws:cloudfront::{account}:origin-access-control/{id}"},
)  # fmt: skip

POLICIES = {
    "Managed-CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "Managed-CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "Managed-CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "Managed-Elemental-MediaPackage": "08627262-05a9-4f76-9ded-b50ca2e3a84f",
    "Managed-Amplify": "2e54312d-136d-493c-8eb9-b001f22f67d2",
}
"""Cache policies of AWS (CloudFront Developer Guide, use managed cache policies)."""
REQUESTS = {
    "Managed-AllViewer": "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "Managed-AllViewerExceptHostHeader": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "Managed-CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
    "Managed-CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
    "Managed-UserAgentRefererHeaders": "acba4595-bd28-49b8-b9fe-13317c0390fa",
}
"""Origin request policies of AWS (the same guide)."""


def policy_of_aws(known: dict[str, str], what: str) -> Any:
    """A function that finds one of AWS's own policies."""

    def answer(aws: Aws, arguments: Props) -> Props:
        for name, known_id in known.items():
            if arguments.get("name") == name or arguments.get("id") == known_id:
                return {**arguments, "id": known_id, "name": name, "comment": "", "etag": "", "arn": ""}
        asked = arguments.get("name") or arguments.get("id")
        raise Refused(f"no matching CloudFront {what} found: {asked}; known here are {', '.join(known)}")

    return answer


def get_distribution(aws: Aws, arguments: Props) -> Props:
    """A distribution that is there."""
    state = DISTRIBUTION.state(aws.at(thorough=True), str(arguments["id"]), {})
    if state is None:
        raise Refused(f"no matching CloudFront Distribution found: {arguments['id']}")
    return {**state, **arguments}


ROWS = (DISTRIBUTION, CONTROL)
INVOKES = {
    "aws:cloudfront/getDistribution:getDistribution": get_distribution,
    "aws:cloudfront/getCachePolicy:getCachePolicy": policy_of_aws(POLICIES, "Cache Policy"),
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": policy_of_aws(REQUESTS, "Origin Request Policy"),
}
