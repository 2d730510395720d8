"""CloudFront: AWS's own policies of caches and of requests to origins, by their names."""

from typing import Any

from localcloud.aws.client import Aws, Refused
from localcloud.aws.kind import Props

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


INVOKES = {
    "aws:cloudfront/getCachePolicy:getCachePolicy": policy_of_aws(POLICIES, "Cache Policy"),
    "aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy": policy_of_aws(REQUESTS, "Origin Request Policy"),
}
