"""The settings of a CloudFront distribution in AWS's form, and back.

Lists lie in `{Quantity, Items}` at AWS; the official provider sends every setting, also those that were not asked for.
"""

from typing import Any

from localcloud.aws.kind import Props


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
