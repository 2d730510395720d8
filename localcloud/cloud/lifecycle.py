"""Start, stop and look at the servers of a project: its states, and each cloud's stand-in and provider."""

import contextlib
import functools
import json
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

import localcloud
from localcloud import idle
from localcloud.cloud import recovery
from localcloud.cloud.environment import past_proxies, token, without_accounts
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.processes import Record, Server, fingerprint, loopback
from localcloud.cloud.project import Place
from localcloud.clouds import WARNING, Attached, Cloud

CODE = Path(localcloud.__file__).parent
_STATES, _PROVIDER = "localcloud.state.server", "localcloud.provider.server"
_SILENCE = 5.0  # seconds of waiting that nobody is told of
_LOCK_TIMEOUT = 900.0  # seconds: another command may be replaying a long journal

_OF_PYTHON = frozenset(("PYTHONHOME", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"))
"""Variables of Python that servers take over from a shell. Others are meant for programs that somebody works on: with
PYTHONWARNINGS=error the SDK's deprecations would end the provider, PYTHONINSPECT would keep it from ending."""

Progress = Callable[[str], AbstractContextManager[object]]


Running = Mapping[str, Attached]
"""Clouds whose servers answer, by package."""


@dataclass(frozen=True)
class Lifecycle:
    """The servers of one place."""

    place: Place
    clouds: Sequence[Cloud]
    warn: Callable[[str], None] = lambda _: None
    """Says what a server wants people to know."""
    folder: Path | None = None
    """The project's: its servers end when it is gone."""

    def _environment(self) -> dict[str, str]:
        # The checkout's own code, wherever the package was installed from.
        path = os.pathsep.join(filter(None, [str(CODE.parent), os.environ.get("PYTHONPATH")]))
        known = without_accounts(os.environ, self.clouds)
        mine = {name: value for name, value in known.items() if not name.startswith("PYTHON") or name in _OF_PYTHON}
        there = [self.place.root, *([self.folder] if self.folder else [])]
        return mine | past_proxies(mine) | {"PYTHONPATH": path, idle.FOLDERS: json.dumps([str(each) for each in there])}

    @property
    def ends(self) -> str:
        """When servers end by themselves, as a sentence.

        Raises: LocalCloudError for a limit that is none.
        """
        try:
            return idle.in_words(os.environ)
        except idle.BadLimit as error:
            raise LocalCloudError(str(error)) from None

    @property
    def states(self) -> Server:
        """The service that keeps the states."""

        def command(port: int) -> list[str]:
            module = [sys.executable, "-m", _STATES]
            files = ["--database", str(self.place.database), "--token-file", str(token(self.place))]
            return [*module, "--port", str(port), *files]

        code = fingerprint(sys.executable, _limit(), code=CODE, leave_out=("aws", "provider", "cloud", "engine"))
        return Server("state", self.place.root, command, self._environment(), code, (_STATES,))

    def stand_in(self, cloud: Cloud) -> Server | None:
        """The server in a cloud's place; None for a cloud that needs none."""
        stand_in = cloud.stand_in
        if stand_in is None:
            return None

        def command(port: int) -> list[str]:
            module = [sys.executable, "-m", stand_in.module, "--port", str(port)]
            return [*module, "--token-file", str(token(self.place)), *stand_in.options(self.place)]

        settings = stand_in.settings(os.environ)
        told = (sys.executable, settings, _limit())
        code = fingerprint(*told, code=CODE, leave_out=("provider", "cloud", "engine", "state"))
        return Server(cloud.package, self.place.root, command, self._environment(), code, (stand_in.module,))

    def provider(self, cloud: Cloud, endpoint: str | None) -> Server:
        """The provider of a cloud, in front of an endpoint.

        Raises: LocalCloudError when the endpoint is not on this machine.
        """
        where = ["--endpoint", loopback(endpoint)] if endpoint else []

        def command(port: int) -> list[str]:
            module = [sys.executable, "-m", _PROVIDER, "--cloud", cloud.module, *where]
            files = ["--token-file", str(token(self.place)), "--ledger", str(self.place.ledger)]
            return [*module, "--port", str(port), *files]

        marks = (_PROVIDER, "--cloud", cloud.module)
        known = sys.executable, cloud.module, endpoint or "", cloud.settings(os.environ), _limit()
        code = fingerprint(*known, code=CODE, leave_out=("cloud", "engine", "state"))
        return Server(cloud.provider, self.place.root, command, self._environment(), code, marks)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the place's lock: two commands at once must not start two clouds."""
        self.place.make()
        with self._lock():
            yield

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        lock = FileLock(self.place.root / "lock")
        try:
            lock.acquire(timeout=_SILENCE)
        except Timeout:
            self.warn("another command is starting or stopping this cloud: waiting for it to end")
            try:
                lock.acquire(timeout=_LOCK_TIMEOUT)
            except Timeout:
                raise LocalCloudError(
                    f"another command has been starting or stopping this cloud for {_LOCK_TIMEOUT / 60:.0f} minutes; "
                    f"end it, or look into {self.place.logs}"
                ) from None
        try:
            yield
        finally:
            lock.release()

    def start_states(self, in_use: bool = False) -> Record:
        """Make the state service answer; every command needs it, and half a second is not worth a word.

        Raises: LocalCloudError when it does not start.
        """
        _ = self.ends  # a limit that is none is told before anything begins
        with self.alone():
            return self._one(self.states, "", lambda _: nullcontext(), in_use)

    def start(
        self,
        progress: Progress = lambda _: nullcontext(),
        in_use: bool = False,
        packages: Collection[str] | None = None,
    ) -> Running:
        """Make the servers that resources need answer: those of the clouds with these packages, and without them
        those that the project uses.

        Those that do are left alone, unless their code has changed and nobody uses them.

        Raises: LocalCloudError when one does not start.
        """
        _ = self.ends
        with self.alone():
            return {cloud.package: self._start(cloud, progress, in_use) for cloud in self._used(packages)}

    def _used(self, packages: Collection[str] | None = None) -> list[Cloud]:
        if packages is None:
            return [cloud for cloud in self.clouds if cloud.is_used(self.folder, self.place)]
        return [cloud for cloud in self.clouds if cloud.package in packages]

    def _start(self, cloud: Cloud, progress: Progress, in_use: bool) -> Attached:
        endpoint, stand_in = cloud.address(os.environ), self.stand_in(cloud)
        if cloud.stand_in and stand_in:
            started = self._one(
                stand_in, cloud.stand_in.starting, progress, in_use, functools.partial(self._note_losses, cloud)
            )
            endpoint = f"http://127.0.0.1:{started.port}"
        provider = self.provider(cloud, endpoint)
        return Attached(endpoint, self._one(provider, "starting the provider (about a second)", progress, in_use).port)

    def _note_losses(self, cloud: Cloud) -> None:
        """Tell what a cloud has lost since the ledger was written, and note it there, before anything is made anew."""
        if said := recovery.note_losses(self.place, cloud):
            self.warn(f"{WARNING}{said}")

    def _one(
        self, server: Server, text: str, progress: Progress, in_use: bool, first: Callable[[], None] = lambda: None
    ) -> Record:
        record = server.answering()
        if record and (in_use or record.fingerprint == server.fingerprint):
            return record
        server.stop()  # it hangs, or runs what is no longer the code
        first()
        begin = server.logged()
        with progress(text):
            started = server.start()
        for line in server.said(begin):
            if line.startswith(WARNING):
                self.warn(line)
        return started

    def stop(self) -> bool:
        """Stop every server; whether one was running. States and journal stay."""
        with self.alone():
            return self._stop()

    def _stop(self) -> bool:
        ran = [server.stop() for server in reversed(self._servers())]
        return any(ran)

    def _servers(self) -> list[Server]:
        """Every server, in the order in which they start; of a provider, what does not hang on its endpoint."""
        stand_ins = [server for cloud in self.clouds if (server := self.stand_in(cloud))]
        return [self.states, *stand_ins, *(self.provider(cloud, None) for cloud in self.clouds)]

    def records(self) -> dict[str, Record | None]:
        """The record of each server that the project needs or that answers; None for one that does not answer."""
        needed = {cloud.provider for cloud in self._used()}
        others = {cloud.provider for cloud in self.clouds} - needed
        found = {server.name: server.answering() for server in self._servers()}
        return {name: record for name, record in found.items() if record or name not in others}

    def reset(self) -> None:
        """Stop the servers and forget everything: cloud, states, local configuration."""
        root = self.place.root
        if not root.is_dir():
            root.unlink(missing_ok=True)
            return
        root.chmod(0o700)
        lock = root / "lock"
        if lock.is_dir():
            _remove(lock)
        with self._lock():
            self._stop()
            for entry in root.iterdir():
                if entry != lock:
                    _remove(entry)


def _limit() -> str:
    """The limit as it was given: a server that was told another one is started anew."""
    return os.environ.get(idle.VARIABLE, "")


def _remove(entry: Path) -> None:
    """Remove a file, or a folder with all in it, whatever its rights are."""
    if entry.is_symlink() or not entry.is_dir():
        entry.unlink(missing_ok=True)
        return
    for folder, _, _ in os.walk(entry):
        Path(folder).chmod(0o700)
    shutil.rmtree(entry)
