"""Start, stop and look at the servers of a project's cloud: states, the stand-in for AWS, and the provider."""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

import localcloud
from localcloud.cloud.environment import token, without_accounts
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.processes import Record, Server, fingerprint, loopback
from localcloud.cloud.project import Place

CODE = Path(localcloud.__file__).parent
_LOCK_TIMEOUT = 900.0  # seconds: another command may be replaying a long journal

Progress = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True)
class Running:
    """The servers that resources need, answering."""

    aws: Record
    provider: Record

    @property
    def endpoint(self) -> str:
        """Where AWS clients find the cloud."""
        return f"http://127.0.0.1:{self.aws.port}"


@dataclass(frozen=True)
class Lifecycle:
    """The servers of one place."""

    place: Place

    def _environment(self) -> dict[str, str]:
        # The checkout's own code, wherever the package was installed from.
        path = os.pathsep.join(filter(None, [str(CODE.parent), os.environ.get("PYTHONPATH")]))
        return without_accounts(os.environ) | {"PYTHONPATH": path}

    @property
    def states(self) -> Server:
        """The service that keeps the states."""

        def command(port: int) -> list[str]:
            module = [sys.executable, "-m", "localcloud.state.server"]
            files = ["--database", str(self.place.database), "--token-file", str(token(self.place))]
            return [*module, "--port", str(port), *files]

        code = fingerprint(sys.executable, code=CODE, leave_out=("aws", "provider", "cloud", "engine"))
        return Server("state", self.place.root, command, self._environment(), code)

    @property
    def aws(self) -> Server:
        """The stand-in for AWS."""

        def command(port: int) -> list[str]:
            module = [sys.executable, "-m", "localcloud.aws.moto", "--port", str(port)]
            return [*module, "--token-file", str(token(self.place)), "--journal", str(self.place.journal)]

        broken = os.environ.get("ACCORDION_BROKEN_IMAGES", "")
        code = fingerprint(sys.executable, broken, code=CODE, leave_out=("provider", "cloud", "engine", "state"))
        return Server("aws", self.place.root, command, self._environment(), code)

    def provider(self, endpoint: str) -> Server:
        """The provider in front of an endpoint.

        Raises: LocalCloudError when the endpoint is not on this machine.
        """
        loopback(endpoint)

        def command(port: int) -> list[str]:
            module = [sys.executable, "-m", "localcloud.provider.server", "--cloud", "localcloud.aws.cloud"]
            files = ["--token-file", str(token(self.place)), "--ledger", str(self.place.ledger)]
            return [*module, "--endpoint", endpoint, "--port", str(port), *files]

        code = fingerprint(sys.executable, endpoint, code=CODE, leave_out=("moto_gaps", "cloud", "engine", "state"))
        return Server("provider", self.place.root, command, self._environment(), code)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the place's lock: two commands at once must not start two clouds."""
        self.place.make()
        try:
            with FileLock(self.place.root / "lock", timeout=_LOCK_TIMEOUT):
                yield
        except Timeout:
            raise LocalCloudError(
                f"another command has been starting or stopping this cloud for {_LOCK_TIMEOUT / 60:.0f} minutes; "
                f"end it, or look into {self.place.logs}"
            ) from None

    def start_states(self, in_use: bool = False) -> Record:
        """Make the state service answer; every command needs it, and half a second is not worth a word.

        Raises: LocalCloudError when it does not start.
        """
        with self.alone():
            return self._one(self.states, "", lambda _: nullcontext(), in_use)

    def start(self, progress: Progress = lambda _: nullcontext(), in_use: bool = False) -> Running:
        """Make the servers that resources need answer.

        Those that do are left alone, unless their code has changed and nobody uses them.

        Raises: LocalCloudError when one does not start.
        """
        with self.alone():
            aws = self._one(
                self.aws, "starting the local cloud (about 2 s, and more to replay its changes)", progress, in_use
            )
            provider = self.provider(f"http://127.0.0.1:{aws.port}")
            return Running(aws, self._one(provider, "starting the provider (about a second)", progress, in_use))

    @staticmethod
    def _one(server: Server, text: str, progress: Progress, in_use: bool) -> Record:
        record = server.answering()
        if record and (in_use or record.fingerprint == server.fingerprint):
            return record
        server.stop()  # it hangs, or runs what is no longer the code
        with progress(text):
            return server.start()

    def stop(self) -> bool:
        """Stop every server; whether one was running. States and journal stay."""
        with self.alone():
            ran = [server.stop() for server in (self._any_provider(), self.aws, self.states)]
            return any(ran)

    def _any_provider(self) -> Server:
        return self.provider("http://127.0.0.1:9")  # only its pid file matters

    def records(self) -> dict[str, Record | None]:
        """Each server's record, None for one that does not answer."""
        return {server.name: server.answering() for server in (self.states, self.aws, self._any_provider())}

    def reset(self) -> None:
        """Stop the servers and forget everything: cloud, states, local configuration."""
        if not self.place.root.exists():
            return
        self.stop()
        for entry in self.place.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "lock":
                entry.unlink()
