"""Whom the provider answers. Cannot prove that another user is refused without being one: the kernel's table is one."""

import os
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from localcloud.aws.cloud import AwsCloud
from localcloud.provider import callers
from localcloud.provider.server import start

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 100 0 0 10 0
   1: 0100007F:1388 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1
   2: 0100007F:D431 0100007F:1388 01 00000000:00000000 00:00000000 00000000  1001        0 3 1 0 20 4 30 10 -1
   3: 0100007F:D432 0100007F:1389 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
   4: 0100007F:D433 0100007F:1388 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
   5: 0000000000000000FFFF00000100007F:D434 0000000000000000FFFF00000100007F:1388 01 00000000:00000000 00:00000000 00000000  1002        0 3 1 0 20 4 30 10 -1
"""


@pytest.mark.parametrize(("peer", "user"), [(0xD431, 1001), (0xD432, None), (1, None), (0xD433, None), (0xD434, 1002)])
def test_a_connection_is_of_the_user_at_its_other_end(peer: int, user: int | None) -> None:
    assert callers.user_of(TABLE, 5000, peer) == user


def asked(user: int | None) -> str:
    server, port = start(AwsCloud("http://127.0.0.1:1"), user=user)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            return str(stub.GetPluginInfo(empty_pb2.Empty(), timeout=60).version)
    except grpc.RpcError as error:
        return f"{error.code().name}: {error.details()}"
    finally:
        server.stop(None).wait()


def test_the_own_user_is_answered() -> None:
    assert asked(None) == AwsCloud.version


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's table is Linux's")
def test_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "_ROOT", -1)  # the tests may run as root
    assert asked(os.getuid() + 1) == "PERMISSION_DENIED: this provider answers the user that started it alone"


def test_a_system_without_the_table_answers_every_user_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(callers, "_TABLES", (tmp_path / "none",))
    assert asked(os.getuid() + 1) == AwsCloud.version


def test_a_table_without_the_own_server_tells_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tcp").write_text(TABLE)
    monkeypatch.setattr(callers, "_TABLES", (tmp_path / "tcp",))
    assert callers.shows_listener(TABLE, 0x1388)
    assert not callers.shows_listener(TABLE, 0x1389)
    assert asked(os.getuid() + 1) == AwsCloud.version
