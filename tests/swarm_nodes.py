"""A Swarm of several managers on this machine, each an Engine in a network namespace of its own.

The nodes have addresses behind a bridge that stands in a namespace too: nothing of them is on this machine's own
interfaces. A test reaches their sockets as files, and their addresses from inside a node.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import example_app
from tests.certificates import Authority
from tests.controlled_service import until

NEEDED = ("ip", "nsenter", "unshare", "dockerd", "iptables")
PATIENCE = 90.0  # seconds for an Engine: one that was killed waits for its Swarm
_NETWORK = 0x40000000  # CLONE_NEWNET of sched.h


def missing() -> str | None:
    """Why no Swarm of several nodes can be had here; None where one may."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    if absent := [name for name in NEEDED if shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]:
        return f"several nodes need {', '.join(absent)}, which this machine has not"
    return example_app.missing()


def address(number: int) -> str:
    """Of a node, on no network but theirs."""
    return f"10.255.77.{number}"


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)


class Node:
    """One machine of the Swarm: a namespace, an address, an Engine."""

    def __init__(self, token: str, number: int, data: Path, authority: Authority) -> None:
        self.name, self.address = f"node-{number}", address(number)
        self.namespace, self.port = f"accordion-{token}-{number}", f"n{number}"
        self._switch = f"accordion-{token}"
        self._run, self._data = Path(f"/run/accordion-{token}", self.name), data / self.name
        self.host = f"unix://{self._run}/docker.sock"
        self.with_tls = f"tcp://{self.address}:2376"
        self._certificates = authority.folder(data / f"{self.name}-certificates", self.address)
        self._process: subprocess.Popen[bytes] | None = None
        self.id = ""

    def connect(self) -> None:
        """Its namespace, with one end of a cable in the switch's."""
        _run("ip", "netns", "add", self.namespace)
        # With IPv6 a task's free port is told twice, and where the two differ nobody can tell which is which.
        _run(*self.within("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"))
        _run("ip", "-n", self.namespace, "link", "set", "lo", "up")
        peer = ("peer", "name", "eth0", "netns", self.namespace)
        _run("ip", "-n", self._switch, "link", "add", self.port, "type", "veth", *peer)
        _run("ip", "-n", self._switch, "link", "set", self.port, "master", "switch", "up")
        _run("ip", "-n", self.namespace, "address", "add", f"{self.address}/24", "dev", "eth0")
        _run("ip", "-n", self.namespace, "link", "set", "eth0", "up")

    def within(self, *words: str) -> list[str]:
        """A command on the node's network."""
        return ["nsenter", f"--net=/run/netns/{self.namespace}", *words]

    @contextlib.contextmanager
    def inside(self) -> Iterator[None]:
        """This thread, and those that it starts meanwhile, on the node's network."""
        libc = ctypes.CDLL(None, use_errno=True)
        there, here = Path("/run/netns", self.namespace), Path("/proc/thread-self/ns/net")
        with here.open() as before, there.open() as wanted:
            assert libc.setns(wanted.fileno(), _NETWORK) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(before.fileno(), _NETWORK) == 0, os.strerror(ctypes.get_errno())

    @functools.cached_property
    def engine(self) -> Any:
        """A client of its Engine."""
        import docker

        return docker.APIClient(base_url=self.host, version="1.41", timeout=60)

    def start(self) -> None:
        """Its Engine, with a host name of its own; once more where the first start fails, as after a hard kill."""
        self._run.mkdir(parents=True, exist_ok=True)
        self._data.mkdir(parents=True, exist_ok=True)
        named = ("unshare", "--uts", "sh", "-c", 'hostname "$0" && exec dockerd "$@"', self.name)
        options = ("--host", self.host, "--data-root", str(self._data), "--exec-root", f"{self._run}/exec")
        files = {"--tlscacert": "ca.pem", "--tlscert": "cert.pem", "--tlskey": "key.pem"}
        named_files = (word for option, file in files.items() for word in (option, str(self._certificates / file)))
        tls = ("--host", self.with_tls, "--tlsverify", *named_files)
        own = ("--pidfile", f"{self._run}/docker.pid", "--bridge", "none", "--shutdown-timeout", "5", "--group", "root")
        for _ in range(2):
            with (self._data.parent / f"{self.name}.log").open("ab") as log:
                self._process = subprocess.Popen(
                    self.within(*named, *options, *tls, *own), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True,
                )  # fmt: skip
            deadline = time.monotonic() + PATIENCE
            while self._process.poll() is None and time.monotonic() < deadline:
                with socket.socket(socket.AF_UNIX) as probe:  # the SDK leaves its own open where it is refused
                    is_listening = probe.connect_ex(self.host.removeprefix("unix://")) == 0
                if is_listening:
                    self.engine.ping()
                    return
                time.sleep(0.1)
            self._end(signal.SIGKILL)
        pytest.skip(f"no Engine starts in a network namespace here: {self.said[-300:]}")

    @property
    def said(self) -> str:
        """The log of its Engine."""
        return (self._data.parent / f"{self.name}.log").read_text()

    @property
    def is_on(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _end(self, number: signal.Signals) -> None:
        self.engine.close()
        if self._process is not None:
            if self._process.poll() is None:
                self._process.send_signal(number)
            self._process.wait(timeout=PATIENCE)

    def kill(self) -> None:
        """The machine, hard: all its processes at once, and nothing of its network and its memory is left."""
        for process in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._end(signal.SIGKILL)
        for place in [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]:
            if Path(place).is_relative_to(self._run) or Path(place).is_relative_to(self._data):
                subprocess.run(["umount", "-l", place], check=False, capture_output=True)  # some go with their process
        shutil.rmtree(self._run, ignore_errors=True)
        if Path("/run/netns", self.namespace).exists():
            _run("ip", "netns", "delete", self.namespace)

    def _processes(self) -> list[int]:
        """Of this node: those in its namespace, and what they have started in others, as containers are."""
        if not Path("/run/netns", self.namespace).exists():
            return []
        words = ["ip", "netns", "pids", self.namespace]
        found = [int(one) for one in subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()]
        parents = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has ended
                parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        for process in found:  # grows meanwhile
            found += [child for child, parent in parents.items() if parent == process and child not in found]
        return found

    def revive(self) -> None:
        """It is switched on again, with what its disk has."""
        self.connect()
        self.start()

    def remove(self) -> None:
        """All of it: its tasks, its Engine, its mounts."""
        if self.is_on:
            with contextlib.suppress(Exception):
                self.engine.leave_swarm(force=True)
            self._end(signal.SIGTERM)
        self.kill()
        shutil.rmtree(self._data, ignore_errors=True)


class Nodes:
    """All nodes, of one Swarm."""

    def __init__(self, folder: Path, count: int) -> None:
        self.token = uuid.uuid4().hex[:6]
        self._switch = f"accordion-{self.token}"
        self.authority = Authority()
        self.all = [Node(self.token, number, folder, self.authority) for number in range(1, count + 1)]

    def start(self) -> None:
        """Namespaces, Engines, and one Swarm of managers."""
        try:
            _run("ip", "netns", "add", self._switch)
            _run("ip", "-n", self._switch, "link", "add", "switch", "type", "bridge")
            _run("ip", "-n", self._switch, "link", "set", "switch", "up")
            for node in self.all:
                node.connect()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no network namespaces can be had here: {error.stderr.strip()}")
        first, *others = self.all
        for node in self.all:
            node.start()
        where = {"listen_addr": f"{first.address}:2377", "advertise_addr": first.address}
        first.engine.init_swarm(**where, default_addr_pool=["10.77.0.0/16"], subnet_size=24)
        token = first.engine.inspect_swarm()["JoinTokens"]["Manager"]
        for node in others:
            node.engine.join_swarm(
                [f"{first.address}:2377"], token, listen_addr=f"{node.address}:2377", advertise_addr=node.address
            )
        for node in self.all:
            node.id = node.engine.info()["Swarm"]["NodeID"]
        self.settled()

    def settled(self) -> None:
        """Wait until every node is there, and may have tasks."""

        def ready() -> bool:
            with contextlib.suppress(Exception):
                found = [node.engine.nodes() for node in self.all]
                return all(
                    one["Status"]["State"] == "ready" and one["ManagerStatus"]["Reachability"] == "reachable"
                    for nodes in found
                    for one in nodes
                )
            return False

        until(ready, "the nodes do not come together")

    def named(self, node: str) -> str:
        """The host name of a node, by its id."""
        return next(one.name for one in self.all if one.id == node)

    def availability(self, node: Node, value: str) -> None:
        """Of one node: active, or drain."""
        api = next(one for one in self.all if one.is_on).engine
        found = api.inspect_node(node.id)
        api.update_node(node.id, found["Version"]["Index"], {**found["Spec"], "Availability": value})

    def spread(self, image: str) -> None:
        """Put an image of the first node on the others: no registry is in front of them."""
        data = b"".join(self.all[0].engine.get_image(image))
        for node in self.all[1:]:
            for line in node.engine.load_image(data):
                assert "error" not in line, line

    def stop(self) -> None:
        """End all of it, and leave nothing mounted."""
        for node in self.all:
            node.remove()
        if Path("/run/netns", self._switch).exists():
            _run("ip", "netns", "delete", self._switch)
        shutil.rmtree(f"/run/accordion-{self.token}", ignore_errors=True)


@contextlib.contextmanager
def several(folder: Path, count: int) -> Iterator[Nodes]:
    """A Swarm of that many managers until the context ends; where none can be had, the test skips with the reason."""
    if why := missing():
        pytest.skip(why)
    made = Nodes(folder, count)
    try:
        made.start()
        yield made
    finally:
        made.stop()
