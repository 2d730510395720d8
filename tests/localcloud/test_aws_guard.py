"""Who is let into the stand-in for AWS. Cannot prove it for clients that nobody here has: each signs in its own way."""

import json
import signal
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from localcloud.admission import BadToken, new_token, read_token
from localcloud.aws import guard
from tests.localcloud.conftest import KEY, SECRET, TOKEN, Aws

IDENTITY = b"Action=GetCallerIdentity&Version=2011-06-15"
FORM = "application/x-www-form-urlencoded"
SIGN_UP = 'in a shell: eval "$(accordion local env)"'


def ask(port: int, path: str = "/", data: bytes | None = IDENTITY, **headers: str) -> tuple[int, str]:
    """A request of nobody in particular; the status and what is answered."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=data, headers={"Content-Type": FORM} | named
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def signed(port: int, secret: str = SECRET, key: str = KEY, **headers: str) -> dict[str, str]:
    """The headers of a signed request that asks who is asking."""
    request = AWSRequest("POST", f"http://127.0.0.1:{port}/", headers={"Content-Type": FORM} | headers, data=IDENTITY)
    SigV4Auth(Credentials(key, secret), "sts", "eu-west-1").add_auth(request)
    return {name.replace("-", "_"): value for name, value in request.headers.items()}


def test_the_right_signature_is_let_in(filled_aws: Aws) -> None:
    status, said = ask(filled_aws.port, **signed(filled_aws.port))
    assert status == 200
    assert "<Account>123456789012</Account>" in said


def _without(port: int, name: str) -> dict[str, str]:
    return {key: value for key, value in signed(port).items() if key != name}


TURNED_AWAY = {
    "no signature": lambda port: {},
    "another secret": lambda port: signed(port, "other"),
    "moto's own key": lambda port: signed(port, key="AKIAIOSFODNN7EXAMPLE"),
    "a foreign host": lambda port: signed(port) | {"Host": "evil.example"},
    "a foreign host that leads here": lambda port: signed(port) | {"Host": f"evil.example:{port}"},
    "another port": lambda port: signed(port) | {"Host": "127.0.0.1:1"},
    "no port": lambda port: signed(port) | {"Host": "127.0.0.1"},
    "a host of AWS": lambda port: signed(port) | {"Host": "sts.amazonaws.com"},
    "a foreign origin": lambda port: signed(port) | {"Origin": "https://evil.example"},
    "the origin of a file": lambda port: signed(port) | {"Origin": "null"},
    "the origin of another server of this machine": lambda port: signed(port) | {"Origin": "http://127.0.0.1:1"},
    "the token in place of a signature": lambda port: {"Authorization": f"token {TOKEN}"},
    "a signature without a date": lambda port: _without(port, "X_Amz_Date"),
    "a signature of another body": lambda port: signed(port) | {"X_Amz_Content_SHA256": "0" * 64},
    "half a signature": lambda port: {"Authorization": signed(port)["Authorization"][:90]},
    "a signature of version 2": lambda port: {"Authorization": f"AWS {KEY}:x"},
    "a signature that covers no host": lambda port: {
        name: value.replace("content-type;host;x-amz-date", "x-amz-date") for name, value in signed(port).items()
    },
}  # fmt: skip


@pytest.mark.parametrize("how", TURNED_AWAY)
def test_nobody_else_is_let_in(filled_aws: Aws, how: str) -> None:
    status, said = ask(filled_aws.port, **TURNED_AWAY[how](filled_aws.port))
    assert status == 403, said
    assert "123456789012</Account>" not in said


@pytest.mark.parametrize(
    ("headers", "code", "message"),
    [
        ({}, "MissingAuthenticationToken", f"this local cloud answers signed requests alone, and it is not signed; {SIGN_UP}"),
        ({"Authorization": "Bearer x"}, "MissingAuthenticationToken", f"this local cloud answers signed requests alone, and it is signed with 'Bearer', and AWS4-HMAC-SHA256 is wanted; {SIGN_UP}"),
        ({"Host": "evil.example"}, "AccessDenied", "this server answers 127.0.0.1 and localhost alone, on its own port"),
        ({"Origin": "https://evil.example"}, "AccessDenied", "this server answers no page of another origin"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do(filled_aws: Aws, headers: dict[str, str], code: str, message: str) -> None:
    assert ask(filled_aws.port, Content_Type="application/json", **headers) == (
        403, json.dumps({"__type": code, "message": message}),
    )  # fmt: skip


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/data.json", "/moto-api/reset", "/moto-api/seed?a=1", "/favicon.ico"])  # fmt: skip
@pytest.mark.parametrize("token", ["", "token", "token ", "token other", f"Bearer {TOKEN}", "signed"])
def test_the_administration_is_off(filled_aws: Aws, path: str, token: str) -> None:
    filled_aws.sqs.create_queue(QueueName="stays")
    headers = signed(filled_aws.port) if token == "signed" else {"Authorization": token} if token else {}
    status, said = ask(filled_aws.port, path, **headers)
    assert (status, "administration of this local cloud is for its own processes" in said) == (403, True)
    assert len(filled_aws.sqs.list_queues(QueueNamePrefix="stays")["QueueUrls"]) == 1


def test_the_administration_answers_the_token(filled_aws: Aws) -> None:
    assert ask(filled_aws.port, "/moto-api/data.json", None, Authorization=f"token {TOKEN}")[0] == 200


def client(
    aws: Aws, service: str, key: str = KEY, secret: str = SECRET, token: str | None = None, **config: Any
) -> Any:
    """A client with these keys."""
    connect: Any = boto3.client
    return connect(
        service,
        endpoint_url=f"http://127.0.0.1:{aws.port}",
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, **config),
    )


CALLS = {
    "query": ("sts", "get_caller_identity", {}),
    "ec2": ("ec2", "describe_vpcs", {}),
    "json": ("ecs", "list_clusters", {}),
    "rest-xml": ("s3", "list_buckets", {}),
    "rest-xml of another service": ("route53", "list_hosted_zones", {}),
    "rest-json": ("lambda", "list_functions", {}),
    "cbor or json": ("cloudwatch", "describe_alarms", {}),
    "arn in the path": ("wafv2", "list_web_acls", {"Scope": "REGIONAL"}),
    "a path that is quoted": (
        "lambda", "get_policy", {"FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:a"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("protocol", CALLS)
def test_every_protocol_of_aws_is_let_in_and_refused_in_its_own_words(filled_aws: Aws, protocol: str) -> None:
    service, call, request = CALLS[protocol]

    def code(secret: str) -> str:
        try:
            getattr(client(filled_aws, service, secret=secret), call)(**request)
        except ClientError as error:
            return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
        return "answered"

    assert code("other") == (
        "SignatureDoesNotMatch: the request is not signed with the secret of ACCT0000123456789012 on this local "
        f"cloud; {SIGN_UP}"
    )
    right = code(SECRET)
    assert right == "answered" or right.startswith("ResourceNotFoundException"), right


KEYS = ["plain", "folder/with space", "a+b&c=d", "dots/../and/./dots", "ümläut", "per%25cent", "a//b", "star*(x)!~'"]


@pytest.mark.parametrize("key", KEYS)
def test_objects_of_any_name_and_any_bytes_are_signed_as_their_clients_do(filled_aws: Aws, key: str) -> None:
    s3, bucket = client(filled_aws, "s3"), filled_aws.name()
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key=key, Body=bytes(range(256)) * 9, Metadata={"with_underscore": "a  b"})
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == bytes(range(256)) * 9
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]] == [key]
    address = client(filled_aws, "s3", signature_version="s3v4").generate_presigned_url(
        "get_object", {"Bucket": bucket, "Key": key}, 60
    )
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.read() == bytes(range(256)) * 9
    for changed in (address.replace("Signature=", "Signature=0"), address.replace("Expires=60", "Expires=61")):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(changed, timeout=60)


def test_an_expired_address_holds_no_longer(filled_aws: Aws) -> None:
    address = client(filled_aws, "s3", signature_version="s3v4").generate_presigned_url("list_buckets", {}, 0)
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(address, timeout=60)
    assert b"the presigned address has expired" in refused.value.read()


def test_a_public_object_is_not_read_without_a_signature(filled_aws: Aws) -> None:
    s3 = client(filled_aws, "s3")
    s3.create_bucket(Bucket="public", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="public", Key="page", Body=b"page", ACL="public-read")
    assert ask(filled_aws.port, "/public/page", None)[0] == 403


def refusal(call: Any) -> str:
    return Aws.refusal(call)


@pytest.fixture
def user(filled_aws: Aws) -> Any:
    """A user of the cloud with an access key."""
    iam, name = filled_aws.iam, filled_aws.name()
    iam.create_user(UserName=name)
    return iam.create_access_key(UserName=name)["AccessKey"]


def test_access_keys_made_here_are_let_in_while_they_are_active(filled_aws: Aws, user: dict[str, str]) -> None:
    iam, name, key = filled_aws.iam, user["UserName"], user["AccessKeyId"]
    mine = client(filled_aws, "sts", key, user["SecretAccessKey"])
    assert mine.get_caller_identity()["Arn"] == f"arn:aws:iam::123456789012:user/{name}"
    other = client(filled_aws, "sts", key, SECRET)
    assert refusal(other.get_caller_identity).startswith("SignatureDoesNotMatch: ")
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert refusal(mine.get_caller_identity) == f"InvalidClientTokenId: the access key {key} is not active"
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active")
    mine.get_caller_identity()
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert refusal(mine.get_caller_identity).startswith(f"InvalidClientTokenId: {key} is no access key of this local")


def test_a_session_of_a_role_is_let_in_with_its_token_until_it_expires(filled_aws: Aws) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}  # fmt: skip
    role = filled_aws.iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    given = filled_aws.sts.assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    keys = given["AccessKeyId"], given["SecretAccessKey"]
    mine = client(filled_aws, "sts", *keys, given["SessionToken"])
    assert mine.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/assumed/me"
    for token in (None, "other"):
        without = client(filled_aws, "sts", *keys, token)
        assert refusal(without.get_caller_identity) == (
            f"InvalidClientTokenId: the session token is not the one that goes with {keys[0]}"
        )


def test_secrets_of_access_keys_are_the_same_after_a_replay_and_others_in_another_cloud(
    start_aws: Any, tmp_path: Path
) -> None:
    aws = start_aws(tmp_path / "journal")
    aws.iam.create_user(UserName="one")
    made = aws.iam.create_access_key(UserName="one")["AccessKey"]
    aws.end(signal.SIGKILL)
    again = start_aws(tmp_path / "journal")
    client(again, "sts", made["AccessKeyId"], made["SecretAccessKey"]).get_caller_identity()
    again.end(signal.SIGKILL)
    other = Aws([*start_command(tmp_path / "journal", new_token())], tmp_path / "log")
    try:
        keys = made["AccessKeyId"], made["SecretAccessKey"]
        assert refusal(client(other, "sts", *keys).get_caller_identity).startswith("SignatureDoesNotMatch: ")
    finally:
        other.end()


def start_command(journal: Path, token: str) -> list[str]:
    from tests.localcloud.conftest import MOTO

    file = journal.with_name("other-token")
    file.write_text(token)
    return [*MOTO, "--port", "{port}", "--token-file", str(file), "--journal", str(journal)]


def test_a_body_that_is_too_large_is_not_read(filled_aws: Aws) -> None:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", filled_aws.port, timeout=60)
    headers = {name.replace("_", "-"): value for name, value in signed(filled_aws.port).items()}
    connection.putrequest("POST", "/", skip_host=True)
    for name, value in (headers | {"Host": f"127.0.0.1:{filled_aws.port}", "Content-Length": str(10**15)}).items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 413


def test_many_at_once_are_let_in(filled_aws: Aws) -> None:
    sts, seen = client(filled_aws, "sts"), []
    threads = [threading.Thread(target=lambda: seen.append(sts.get_caller_identity()["Account"])) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["123456789012"] * 16


def test_the_cbor_of_a_refusal_is_read_by_botocore() -> None:
    from botocore.parsers import RpcV2CBORParser

    text = guard._cbor({"__type": "AccessDenied", "message": "x" * 300 + "ü"})
    parsed = RpcV2CBORParser().parse(
        {"status_code": 403, "headers": {"smithy-protocol": "rpc-v2-cbor"}, "body": text}, None
    )
    assert parsed["Error"]["Message"] == "x" * 300 + "ü"


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40, b"a" * 31, f"{TOKEN}\n{TOKEN}".encode(), b"\0" * 40])
def test_a_token_that_is_not_whole_opens_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(BadToken):
        read_token(tmp_path / "token")


def test_a_whole_token_is_read(tmp_path: Path) -> None:
    token = new_token()
    (tmp_path / "token").write_text(f"{token}\n")
    assert read_token(tmp_path / "token") == token
