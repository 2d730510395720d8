"""An answer of the stand-in that breaks off at any byte is none, so that nobody takes what was made for not made.

A socket answers in moto's place and ends after so many bytes, as a server that is killed does. It cannot prove where a
real kill cuts: `make soak` kills at random moments.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from localcloud.aws.client import Aws, Refused
from localcloud.ledger import WORK, Work

JSON = b'{"Truncated": false, "Aliases": []}'
QUERY = (
    b"<ListTopicsResponse><ListTopicsResult><Topics/></ListTopicsResult>"
    b"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ListTopicsResponse>"
)
EC2 = b"<DescribeVpcsResponse><requestId>1</requestId><vpcSet/></DescribeVpcsResponse>"
REST = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
CALLS: dict[str, tuple[str, str, bytes]] = {
    "JSON": ("kms", "list_aliases", JSON),
    "query": ("sns", "list_topics", QUERY),
    "EC2": ("ec2", "describe_vpcs", EC2),
    "REST": ("s3", "list_buckets", REST),
    "REST JSON": ("efs", "describe_file_systems", b'{"FileSystems": []}'),
}
"""One call for each protocol of AWS, and its answer."""


def answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


@contextmanager
def answering(what: bytes) -> Iterator[str]:
    """A server that answers each request with these bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(what)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def outcome(call: Callable[[], Any]) -> tuple[str, bool]:
    """What is said of a call, and whether the creation that made it knows that nobody knows its end."""
    work = Work("1-1")
    token = WORK.set(work)
    try:
        call()
    except Refused as error:
        return str(error), work.unanswered
    finally:
        WORK.reset(token)
    return "answered", work.unanswered


@pytest.mark.parametrize("protocol", CALLS)
def test_an_answer_cut_at_any_byte_is_no_answer(protocol: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    service, call, body = CALLS[protocol]
    whole = answer(body)
    for length in [*range(0, len(whole), 3), len(whole) - 1]:
        with answering(whole[:length]) as endpoint:
            said, unanswered = outcome(lambda endpoint=endpoint: Aws(endpoint)(service, call))  # type: ignore[misc]
        assert "the local cloud does not answer" in said, whole[:length]
        assert unanswered, whole[:length]
    with answering(whole) as endpoint:
        assert outcome(lambda: Aws(endpoint)(service, call)) == ("answered", False)
