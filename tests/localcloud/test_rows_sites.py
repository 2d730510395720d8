"""Objects and web sites in buckets over gRPC against moto: it cannot prove that a browser would be answered."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.assets import ASSET, content
from localcloud.aws.client import Refused
from localcloud.provider.host_client import HostClient, program_folder
from localcloud.provider.wire import SIGNATURE

BUCKET, OBJECT = "aws:s3/bucket:Bucket", "aws:s3/bucketObjectv2:BucketObjectv2"
SITE = "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration"
CORS = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
OWNERSHIP, ACL = "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "aws:s3/bucketAcl:BucketAcl"


@pytest.fixture
def bucket(provider: Any) -> str:
    return str(provider.create(BUCKET, {"bucket": "a-site"}).id)


def text(value: str) -> dict[str, str]:
    return {SIGNATURE: ASSET, "hash": str(hash(value)), "text": value}


@pytest.mark.parametrize(
    ("inputs", "held"),
    [
        ({"content": "<h1>hi</h1>", "contentType": "text/html"}, b"<h1>hi</h1>"),
        ({"contentBase64": base64.b64encode(b"\x00\x01").decode()}, b"\x00\x01"),
        ({"content": "a", "kmsKeyId": "arn:aws:kms:eu-west-1:123456789012:key/1", "websiteRedirect": "/b"}, b"a"),
        ({"source": text("from an asset"), "cacheControl": "no-store", "tags": {"a": "b"}}, b"from an asset"),
    ],
    ids=["content", "coded", "with a key", "asset"],
)
def test_an_object_lives_through_its_life(provider: Any, bucket: str, cloud: Any, inputs: Any, held: bytes) -> None:
    where = {"bucket": bucket, "key": "pages/index.html"}
    made = provider.create(OBJECT, where | inputs)
    assert cloud("s3").get_object(Bucket=bucket, Key="pages/index.html")["Body"].read() == held
    assert provider.refresh(made).inputs == made.inputs
    changed = provider.update(made, where | {"content": "new"})
    assert cloud("s3").get_object(Bucket=bucket, Key="pages/index.html")["Body"].read() == b"new"
    assert provider.diff(changed, where | {"content": "new", "key": "b"}).replaces == ["key"]
    assert provider.imported(OBJECT, f"{bucket}/pages/index.html").id == "pages/index.html"
    provider.delete(changed)
    assert provider.refresh(changed) is None


INLINE: dict[str, tuple[Any, Any]] = {
    "acl": ("private", "private"),
    "corsRules": (
        [{"allowedMethods": ["GET"], "allowedOrigins": ["*"], "maxAgeSeconds": 60}],
        [{"allowedMethods": ["GET", "PUT"], "allowedOrigins": ["https://shop.example"], "allowedHeaders": ["*"]}],
    ),
    "lifecycleRules": (
        [{"id": "old", "enabled": True, "prefix": "tmp/", "expiration": {"days": 30}}],
        [{"id": "old", "enabled": True, "tags": {"a": "b"}, "abortIncompleteMultipartUploadDays": 3,
          "transitions": [{"days": 30, "storageClass": "GLACIER"}], "noncurrentVersionExpiration": {"days": 9}}],
    ),
    "serverSideEncryptionConfiguration": (
        {"rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}},
        {"rule": {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "k"},
                  "bucketKeyEnabled": True}},
    ),
    "versioning": ({"enabled": True}, {"enabled": False}),
    "website": (
        {"indexDocument": "index.html", "errorDocument": "404.html"},
        {"redirectAllRequestsTo": "https://shop.example"},
    ),
}  # fmt: skip
"""Block that a bucket still takes -> a value and a changed one."""


@pytest.mark.parametrize("name", sorted(INLINE))
def test_a_bucket_still_takes_the_block(provider: Any, name: str) -> None:
    before, after = INLINE[name]
    made = provider.create(BUCKET, {name: before})
    assert provider.refresh(made).inputs == made.inputs
    assert provider.diff(made, {name: before}).detail == {}
    if after != before:
        assert provider.diff(made, {name: after}).replaces == []
    made = provider.update(made, {name: after})
    assert provider.refresh(made).inputs == made.inputs
    made = provider.update(made, {})
    assert name not in provider.refresh(made).inputs
    provider.delete(made)


def test_the_other_name_of_a_bucket_has_lists_of_one(provider: Any) -> None:
    token, inputs = (
        "aws:s3/bucketV2:BucketV2",
        {"websites": [{"indexDocument": "i.html"}], "versionings": [{"enabled": True}]},
    )
    made = provider.create(token, inputs)
    assert provider.refresh(made).inputs == made.inputs
    assert provider.diff(made, inputs).detail == {}


def test_an_object_has_one_content(provider: Any) -> None:
    inputs = {"bucket": "b", "key": "k", "content": "a", "contentBase64": "YQ=="}
    assert provider.check(OBJECT, inputs)[1] == [("contentBase64", "conflicts with 'content': give one of them")]


def test_a_file_is_found_where_the_program_runs(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "index.html").write_text("from a file")
    (tmp_path / "Pulumi.yaml").write_text(f"name: x\nmain: {tmp_path / 'app'}\n")
    asset = {SIGNATURE: ASSET, "path": "index.html"}
    assert content(asset, lambda: program_folder(tmp_path)) == b"from a file"
    assert content(asset | {"path": str(tmp_path / "app" / "index.html")}, lambda: None) == b"from a file"


@pytest.mark.parametrize(
    ("asset", "why"),
    [
        ({SIGNATURE: ASSET, "path": "lost.html"}, "source: /nowhere/lost.html cannot be read: No such file or directory"),
        ({SIGNATURE: ASSET, "uri": "https://example.com/a"},
         "source: the local cloud fetches nothing from an address; give a FileAsset or a StringAsset"),
        ({SIGNATURE: "archive"}, "source: an archive cannot be one object; give a FileAsset or a StringAsset"),
    ],
    ids=["lost", "address", "archive"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(asset: Any, why: str) -> None:
    with pytest.raises(Refused) as error:
        content(asset, lambda: Path("/nowhere"))
    assert str(error.value) == why


def test_the_folder_is_that_of_whoever_listens_at_the_engines_address(endpoint: str) -> None:
    engine = HostClient()
    assert engine.folder() is None
    engine.address = endpoint.removeprefix("http://")
    assert engine.folder() == Path(os.path.realpath(Path(__file__).parents[2]))


def test_a_bucket_becomes_a_site(provider: Any, bucket: str) -> None:
    inputs = {"bucket": bucket, "indexDocument": {"suffix": "index.html"}}
    made = provider.cycle(SITE, inputs, inputs | {"errorDocument": {"key": "error.html"}})
    assert made.state["websiteEndpoint"] == "a-site.s3-website-eu-west-1.amazonaws.com"
    rule = {"allowedMethods": ["GET"], "allowedOrigins": ["*"], "maxAgeSeconds": 60}
    provider.cycle(CORS, {"bucket": bucket, "corsRules": [rule]}, {"bucket": bucket, "corsRules": [rule | {"id": "a"}]})


def test_a_bucket_takes_an_access_list_only_with_the_ownership_for_it(provider: Any, bucket: str) -> None:
    inputs = {"bucket": bucket, "acl": "public-read"}
    with pytest.raises(Exception, match="AccessControlListNotSupported: The bucket does not allow ACLs"):
        provider.create(ACL, inputs)
    provider.create(OWNERSHIP, {"bucket": bucket, "rule": {"objectOwnership": "BucketOwnerPreferred"}})
    made = provider.create(ACL, inputs)
    assert provider.refresh(made).own == inputs


def test_an_access_list_may_be_one_of_grants(provider: Any, bucket: str) -> None:
    provider.create(OWNERSHIP, {"bucket": bucket, "rule": {"objectOwnership": "BucketOwnerPreferred"}})
    me = provider.invoke("aws:s3/getCanonicalUserId:getCanonicalUserId", {})["id"]
    logs = {"type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
    grants = [
        {"grantee": {"type": "CanonicalUser", "id": me}, "permission": "FULL_CONTROL"},
        {"grantee": logs, "permission": "READ_ACP"},
    ]
    policy = {"owner": {"id": me}, "grants": grants}
    fewer = {"bucket": bucket, "accessControlPolicy": policy | {"grants": grants[:1]}}
    provider.cycle(ACL, {"bucket": bucket, "accessControlPolicy": policy}, fewer)


@pytest.mark.parametrize("canned", ["aws-exec-read", "log-delivery-write"])
def test_a_canned_list_that_the_model_leaves_out_is_taken(provider: Any, bucket: str, canned: str) -> None:
    provider.create(OWNERSHIP, {"bucket": bucket, "rule": {"objectOwnership": "BucketOwnerPreferred"}})
    made = provider.create(ACL, {"bucket": bucket, "acl": canned})
    assert provider.refresh(made).inputs == made.inputs


ACLS = "private, public-read, public-read-write, authenticated-read, aws-exec-read, log-delivery-write"


@pytest.mark.parametrize(
    ("inputs", "failures"),
    [
        ({"acl": "log-delivery-write"}, []),
        ({"acl": "aws-exec-read"}, []),
        ({}, [("acl", "missing required property: give 'acl' or 'accessControlPolicy'")]),
        ({"acl": "public"}, [("acl", f"'public' is not allowed; allowed are {ACLS}")]),
        (
            {"acl": "private", "accessControlPolicy": {"owner": {"id": "me"}}},
            [("accessControlPolicy", "conflicts with 'acl': give one of them")],
        ),
    ],
)
def test_an_access_list_is_a_canned_one_or_one_of_grants(provider: Any, inputs: Any, failures: Any) -> None:
    assert provider.check(ACL, {"bucket": "b"} | inputs)[1] == failures
