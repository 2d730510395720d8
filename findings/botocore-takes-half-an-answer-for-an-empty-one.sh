#!/usr/bin/env bash
# botocore 1.44.5 (PyPI), the client of ECS.
#
# When the connection ends in the middle of an answer, botocore raises nothing and does not try again: the call returns
# an empty answer with status 200. This holds where the JSON is cut, although Content-Length says that more was to come,
# and where the headers are cut. A caller sees a service, a target or a policy that is gone where a load balancer or a
# proxy was restarted. Only a connection that ends before the first byte is an error, and is tried again.
#
# Seen (2026-11-30): for the whole answer {"services": []}; for three cut ones {} with status 200 after one attempt;
# for none at all ConnectionClosedError after three.
#
# Fails when a cut answer is an error or is asked for again. Needs python3 >= 3.10.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet botocore==1.44.5

cat > ask.py <<'PY'
import socket, threading

from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from botocore.session import Session

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 15\r\n\r\n"
WHOLE = HEAD + b'{"services":[]}'
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3})


def asked(sent):
    """What the client makes of a server that sends this and closes, and how often it asked."""
    attempts = 0

    def serve():
        nonlocal attempts
        while True:
            connection, _ = server.accept()
            attempts += 1
            with connection, connection.makefile("rb") as request:
                length = 0
                while (line := request.readline().strip()):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                request.read(length)
                connection.sendall(sent)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        client = Session().create_client(
            "ecs", "eu-west-1", endpoint_url=f"http://127.0.0.1:{server.getsockname()[1]}",
            aws_access_key_id="k", aws_secret_access_key="s", config=CONFIG,
        )
        try:
            answer = client.describe_services(cluster="c", services=["web"])
        except ConnectionClosedError as error:
            return type(error).__name__, attempts
        answer["status"] = answer.pop("ResponseMetadata")["HTTPStatusCode"]
        return answer, attempts


CASES = {
    "the whole answer": (WHOLE, ({"services": [], "status": 200}, 1)),
    "cut in the body": (WHOLE[:-5], ({"status": 200}, 1)),
    "cut before the body": (HEAD, ({"status": 200}, 1)),
    "cut in the headers": (HEAD[:40], ({"status": 200}, 1)),
    "nothing at all": (b"", ("ConnectionClosedError", 3)),
}
for name, (sent, expected) in CASES.items():
    found = asked(sent)
    print(f"{name}: {found[0]}, attempts: {found[1]}")
    assert found == expected, (name, found)
PY
venv/bin/python ask.py
