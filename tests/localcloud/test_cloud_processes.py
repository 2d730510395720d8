"""Background servers and their pid files. Cannot prove anything of the two real servers."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import replace

import psutil
import pytest

from localcloud.cloud import LocalCloudError, processes
from localcloud.cloud.lifecycle import Lifecycle
from localcloud.cloud.processes import Record, Server, free_port, listens
from localcloud.cloud.project import Place

LISTENER = """
import http.server, sys, time
time.sleep(float(sys.argv[2]))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


CAREFUL_LISTENER = f"""
import os, sys
try:
    exec({LISTENER!r})
except OSError as error:
    sys.exit(print(error, file=sys.stderr) or os.EX_TEMPFAIL)
"""


@pytest.fixture
def server(tmp_path):
    made = Server(
        "listener",
        tmp_path,
        lambda port: [sys.executable, "-c", LISTENER, str(port), "0.2"],
        dict(os.environ),
        "first",
    )
    yield made
    made.stop()


def test_a_started_server_is_listening_and_known(server):
    record = server.start()
    assert server.answering() == record
    assert processes.listens(psutil.Process(record.pid), record.port)


def test_a_stopped_server_is_gone_and_its_port_is_used_again(server):
    first = server.start()
    assert server.stop()
    assert server.running() is None
    assert not psutil.pid_exists(first.pid)
    assert server.start().port == first.port


def test_what_a_server_warns_of_while_it_starts_is_told_once(server, tmp_path):
    told = []
    warning = f"print('warning: half a line was dropped', 'and more', sep='\\n', flush=True)\n{LISTENER}"
    talking = replace(server, command=lambda port: [sys.executable, "-c", warning, str(port), "0"])
    lifecycle = Lifecycle(Place(tmp_path), (), told.append)
    for _ in range(2):
        lifecycle._one(talking, "starting", lambda text: nullcontext(), in_use=False)
    assert told == ["warning: half a line was dropped"]


def test_stopping_what_does_not_run_says_so(server):
    assert server.stop() is False


def test_a_taken_port_is_left_to_its_owner(server, tmp_path):
    first = server.start()
    other = Server("other", tmp_path / "other", server.command, server.environment, "x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "other.json").write_text(
        json.dumps({"pid": 1, "created": 0.0, "port": first.port, "fingerprint": ""})
    )
    second = other.start()
    try:
        assert second.port != first.port
    finally:
        other.stop()


SERVERS = {
    "localcloud.aws.moto": (),
    "localcloud.provider.server": ("--cloud", "localcloud.aws.cloud", "--endpoint", "http://127.0.0.1:1"),
    "localcloud.state.server": ("--database", "states.db"),
}
"""Module of each real server -> its options beside port and token."""


@pytest.fixture
def real(tmp_path):
    """f(module, port) -> its command line, for the test's folder."""
    (tmp_path / "token").write_text("a" * 64)
    return lambda module, port: [
        sys.executable, "-m", module, "--port", str(port), "--token-file", "token", *SERVERS[module],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("localcloud.aws.moto", "error: cannot serve port {port}: Address already in use"),
        ("localcloud.provider.server", "error: port {port} is taken"),
        ("localcloud.state.server", "error: cannot serve port {port}: Address already in use"),
    ],
)
def test_a_real_server_says_that_its_port_is_taken_and_that_another_may_do(tmp_path, real, module, said):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = real(module, port)
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == os.EX_TEMPFAIL
    assert ended.stderr.splitlines()[-1] == said.format(port=port)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("module", SERVERS)
def test_a_real_server_whose_log_finds_no_room_starts_answers_and_ends_as_ever(tmp_path, real, module):
    port = free_port()
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - no file of a folder
        process = subprocess.Popen(real(module, port), cwd=tmp_path, stdout=full, stderr=full)
    for _ in range(2_400):
        if process.poll() is not None or listens(psutil.Process(process.pid), port):
            break
        time.sleep(0.05)
    try:
        assert process.poll() is None
        if module == "localcloud.state.server":
            failing = "GET", "/api/stacks/organization/a/b/export/" + "9" * 30, None  # which is logged
            made = "POST", "/api/stacks/organization/a", json.dumps({"stackName": "b"})
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                for request, code in ((made, 200), *[(failing, 500)] * 3):
                    connection.request(*request, {"Authorization": f"token {'a' * 64}"})
                    answer = connection.getresponse()
                    answer.read()
                    assert answer.status == code
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def _losing(times):
    """Command lines of servers of which the first lose their port between looking and listening."""
    holders = []

    def command(port):
        if len(holders) < times:
            holders.append(socket.create_server(("127.0.0.1", port)))
        return [sys.executable, "-c", CAREFUL_LISTENER, str(port), "0"]

    return command, holders


def test_a_server_that_loses_its_port_before_it_listens_takes_another(server):
    command, holders = _losing(3)
    record = replace(server, command=command).start()
    lost = [holder.getsockname()[1] for holder in holders]
    assert len(lost) == 3
    assert record.port not in lost
    assert server.answering() == record
    for holder in holders:
        holder.close()


def test_a_server_that_loses_every_port_is_told_with_what_it_said(server):
    command, holders = _losing(100)
    with pytest.raises(LocalCloudError, match=r"listener ended with exit code 75.*\n.*in use"):
        replace(server, command=command).start()
    assert len(holders) == 6
    assert server.running() is None
    for holder in holders:
        holder.close()


def test_a_recycled_process_id_is_not_taken_for_the_server_and_never_killed(server, tmp_path):
    mine = psutil.Process()
    record = {"pid": mine.pid, "created": mine.create_time() - 3600, "port": 1, "fingerprint": ""}
    server.record_file.write_text(json.dumps(record))
    assert server.running() is None
    assert server.stop() is False


def test_the_same_id_and_time_is_the_process():
    mine = psutil.Process()
    found = processes.process_of(mine.pid, mine.create_time())
    assert found is not None
    assert found.pid == mine.pid


def test_a_process_that_lives_but_does_not_listen_is_not_answering(server):
    idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    record = Record(idle.pid, psutil.Process(idle.pid).create_time(), 1, "")
    server.record_file.write_text(json.dumps(record.__dict__))
    assert server.running() == record
    assert server.answering() is None
    assert server.stop()
    idle.wait(120)
    assert not psutil.pid_exists(idle.pid)


@pytest.fixture
def uncollected():
    """A process whose parent never asks how it ended, as in a container whose first process does not."""
    program = (
        "import subprocess, sys; idle = subprocess.Popen([sys.executable, '-c', 'input()']); print(idle.pid); input()"
    )
    with subprocess.Popen([sys.executable, "-uc", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        yield psutil.Process(int(parent.stdout.readline()))
        parent.kill()


def test_a_server_that_nobody_collects_is_stopped(server, uncollected):
    server.record_file.write_text(json.dumps(Record(uncollected.pid, uncollected.create_time(), 1, "").__dict__))
    assert server.stop()
    assert uncollected.status() == psutil.STATUS_ZOMBIE
    assert server.running() is None


def test_a_process_that_nobody_collects_holds_no_lock(uncollected):
    assert processes.alive(uncollected.pid, time.time())
    uncollected.kill()
    assert processes.ended(uncollected, 60)
    assert not processes.alive(uncollected.pid, time.time())


def test_a_server_that_does_not_heed_the_signal_is_killed(server, monkeypatch):
    monkeypatch.setattr(processes, "_STOP_TIMEOUT", 0.05)
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as deaf:
        deaf.stdout.readline()
        record = Record(deaf.pid, psutil.Process(deaf.pid).create_time(), 1, "")
        server.record_file.write_text(json.dumps(record.__dict__))
        assert server.stop()
    assert deaf.returncode == -signal.SIGKILL


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_pid_file_is_no_server(server, text):
    server.record_file.write_text(text)
    assert server.running() is None


def test_a_server_that_ends_at_once_is_told_with_what_it_said(tmp_path):
    code = "import sys; print('journal is damaged', file=sys.stderr); sys.exit(2)"
    broken = Server("aws", tmp_path, lambda _: [sys.executable, "-c", code], dict(os.environ), "")
    with pytest.raises(LocalCloudError) as error:
        broken.start()
    assert str(error.value) == (
        f"the local cloud's aws ended with exit code 2; see {tmp_path}/logs/aws.log\n  journal is damaged"
    )
    assert not broken.record_file.exists()


def test_logs_of_earlier_starts_are_kept(server):
    server.log.parent.mkdir()
    server.log.write_text("earlier\n")
    server.start()
    assert server.log.read_text().startswith("earlier\n")


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"])
def test_an_endpoint_on_this_machine_is_allowed(endpoint):
    assert processes.loopback(endpoint) == endpoint


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        ("https://ec2.eu-west-1.amazonaws.com", "'ec2.eu-west-1.amazonaws.com'"),
        ("http://127.0.0.1.example.com", "'127.0.0.1.example.com'"),
        ("http://10.0.0.1:5000", "'10.0.0.1'"),
        ("127.0.0.1:5000", "None"),
    ],
)
def test_an_endpoint_elsewhere_is_refused(endpoint, host):
    with pytest.raises(LocalCloudError) as error:
        processes.loopback(endpoint)
    assert str(error.value) == (
        f"endpoint {endpoint}: host {host} is not this machine; allowed: 127.0.0.1, ::1, localhost"
    )


def test_a_changed_file_changes_the_fingerprint_unless_it_is_left_out(tmp_path):
    for name in ("server.py", "other/part.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    before = processes.fingerprint("a", code=tmp_path, leave_out=["other"])
    (tmp_path / "other" / "part.py").write_text("22")
    assert processes.fingerprint("a", code=tmp_path, leave_out=["other"]) == before
    assert processes.fingerprint("b", code=tmp_path, leave_out=["other"]) != before
    (tmp_path / "server.py").write_text("22")
    assert processes.fingerprint("a", code=tmp_path, leave_out=["other"]) != before


def test_a_process_younger_than_the_lock_is_not_the_one_that_took_it():
    mine = psutil.Process()
    assert processes.alive(mine.pid, time.time())
    assert not processes.alive(mine.pid, mine.create_time() - 60)


STARTS = """\
import sys
import threading
from pathlib import Path
from localcloud.cloud.processes import Server
command = lambda port: [sys.executable, "-c", {listener!r}, str(port), "0"]
print(Server("quiet", Path({folder!r}), command, {{}}, "x").start().pid)
"""


def test_a_command_that_leaves_its_server_running_ends_without_a_warning_of_python(tmp_path):
    (tmp_path / "logs").mkdir()
    code = STARTS.format(listener=CAREFUL_LISTENER, folder=str(tmp_path))
    ran = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    os.kill(int(ran.stdout), signal.SIGKILL)
    assert (ran.returncode, ran.stderr) == (0, "")


HOLDS = """\
import sys
import threading
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_waits_for_another_command_is_told_and_not_for_ever(tmp_path, monkeypatch):
    place, told = Place(tmp_path / "place").make(), []
    lifecycle = Lifecycle(place, (), told.append)
    waiting = "another command is starting or stopping this cloud: waiting for it to end"
    line = [sys.executable, "-c", HOLDS, str(place.root / "lock")]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        monkeypatch.setattr("localcloud.cloud.lifecycle._SILENCE", 0.05)
        with monkeypatch.context() as impatient:
            impatient.setattr("localcloud.cloud.lifecycle._LOCK_TIMEOUT", 0.2)
            with pytest.raises(LocalCloudError, match=r"another command has been .*; end it, or look into .*/logs"):
                lifecycle.stop()
        assert told == [waiting]
        waits = threading.Thread(target=lifecycle.stop)
        waits.start()
        while len(told) < 2:
            time.sleep(0.01)
        holder.stdin.close()
        waits.join()
    told.clear()
    lifecycle.stop()
    assert told == []
