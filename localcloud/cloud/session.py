"""One project's local cloud as a whole: what `accordion local` and `accordion up` call."""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from localcloud import engine as engines
from localcloud.aws.running import AWS
from localcloud.cloud import arguments, recovery
from localcloud.cloud.carrying_over import carry_over
from localcloud.cloud.command import Command
from localcloud.cloud.environment import child_environment, shell_exports
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.lifecycle import Lifecycle, Progress, Running
from localcloud.cloud.processes import Record, process_of
from localcloud.cloud.project import DEFAULT_STACK, Place, Project, find_project, place_of
from localcloud.cloud.shadow import Shadow
from localcloud.clouds import Cloud
from localcloud.state.store import Newer, Store

CLOUDS: Final[Sequence[Cloud]] = (AWS,)
"""The clouds of a project, where nobody says otherwise."""
_LOOK = 1.0  # seconds between looks at the state service, for which the engine waits some 15


@dataclass(frozen=True)
class Status:
    """What there is of a project's local cloud."""

    place: Path
    servers: dict[str, tuple[int, int] | None]
    """Process id and port of each server, None when it does not answer."""
    stacks: dict[str, int]
    """Resources in the state of each stack, by `project/stack`."""
    strangers: list[str]
    """What the provider has made and no state knows: type and id."""


def _silent(_: str) -> AbstractContextManager[object]:
    return nullcontext()


def _to_stderr(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the default voice of a command


@dataclass(frozen=True)
class LocalCloud:
    """The local cloud of one project."""

    project: Project
    place: Place
    progress: Progress = _silent
    """Shows a long step while it lasts."""
    say: Callable[[str], None] = _to_stderr
    """Says one line to the user, beside the engine's output."""
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    clouds: Sequence[Cloud] = CLOUDS
    """Those that a program may use; their servers start together."""

    @classmethod
    def of(cls, folder: Path, progress: Progress = _silent, say: Callable[[str], None] = _to_stderr) -> "LocalCloud":
        """The local cloud of the project in or above a folder.

        Raises: LocalCloudError when there is no project.
        """
        project = find_project(folder)
        return cls(project, place_of(project), progress, say)

    @property
    def lifecycle(self) -> Lifecycle:
        """Its servers."""
        return Lifecycle(self.place, self.clouds)

    @property
    def shadow(self) -> Shadow:
        """The folder that the engine works in."""
        return Shadow(self.project, self.place, self._has_state)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The states of this cloud.

        Raises: LocalCloudError when the file cannot be read.
        """
        self.place.make()
        try:
            store = Store(self.place.database, lambda process: process_of(process.pid, process.born) is not None)
        except (sqlite3.DatabaseError, Newer) as error:
            raise LocalCloudError(
                f"the states in {self.place.database} cannot be read: {error}; `accordion local reset` forgets them"
            ) from None
        try:
            yield store
        finally:
            store.close()

    def _has_state(self, stack: str) -> bool:
        return stack in self._made()

    def engine(self) -> engines.Engine:
        """The engine, found or made.

        Raises: LocalCloudError when there is none to be had.
        """
        try:
            return engines.obtain(self.progress)
        except engines.EngineError as error:
            raise LocalCloudError(str(error)) from None

    def start(self) -> Running:
        """Start the servers, or make sure that they answer."""
        self.start_states()
        return self.lifecycle.start(self.progress, self._in_use())

    def start_states(self) -> Record:
        """Start the state service, or make sure that it answers."""
        self._make_place()
        return self.lifecycle.start_states(self._in_use())

    def _make_place(self) -> None:
        """Make the folders and files that every command needs; states of an older layout are carried over."""
        self.place.make()
        self.shadow.update_project()  # also tells, in the place, whose it is
        if self.place.backend.exists():
            with self.lifecycle.alone(), self.store() as store:
                taken = carry_over(self.place, store)
            if taken:
                self.say(f"states carried over into the state service: {', '.join(taken)}")

    def _in_use(self) -> bool:
        with self.store() as store:
            return any(store.active(stack) for stack in store.stacks())

    def stop(self) -> bool:
        """Stop the servers; whether one ran."""
        return self.lifecycle.stop()

    def reset(self) -> None:
        """Forget everything: cloud, states, local configuration."""
        self.lifecycle.reset()

    def status(self) -> Status:
        """What runs and what there is."""
        records = self.lifecycle.records()
        servers = {name: (record.pid, record.port) if record else None for name, record in records.items()}
        if self.place.backend.exists():
            self._make_place()
        if not self.place.database.exists():
            return Status(self.place.root, servers, {}, [])
        with self.store() as store:
            stacks = {f"{stack.project}/{stack.name}": store.count(stack) for stack in store.stacks()}
            strangers = [f"{made.type} {made.id or '(no id)'}" for made in recovery.strangers(self.place, store)]
        return Status(self.place.root, servers, stacks, strangers)

    def exports(self) -> str:
        """Shell lines after which plain `pulumi` and AWS clients use this cloud; starts it."""
        states, running = self.start_states(), self.start()
        binary = self.engine().binary
        return shell_exports(self.place, binary, self.environment, states.port, self.clouds, running)

    def _command(self, states: Record, running: Running | None) -> Command:
        binary = self.engine().binary
        variables = child_environment(self.place, binary, self.environment, states.port, self.clouds, running or {})
        return Command(binary, self.place.shadow, variables)

    def selected_stack(self) -> str | None:
        """The stack that `stack select` chose in the shadow; None before the first choice."""
        for file in sorted((self.place.home / "workspaces").glob("*-workspace.json")):
            chosen = json.loads(file.read_text() or "{}").get("stack")
            if chosen:
                return str(chosen).rpartition("/")[2]
        return None

    def stack(self, named: str | None) -> str:
        """The stack that a command is about: named, in PULUMI_STACK, selected, `dev`, or the only one.

        Raises: LocalCloudError when there are several and none is chosen.
        """
        chosen = named or self.environment.get("PULUMI_STACK", "").rpartition("/")[2] or self.selected_stack()
        if chosen:
            return chosen
        stacks = self.project.stacks()
        if DEFAULT_STACK in stacks or not stacks:
            return DEFAULT_STACK
        if len(stacks) == 1:
            return stacks[0]
        raise LocalCloudError(f"no stack is chosen; add --stack, one of {', '.join(stacks)}")

    def run(self, given: Sequence[str], folder: Path | None = None) -> int:
        """Run `pulumi` with these arguments against the local cloud; returns its exit code.

        `folder` is where the user stands, for relative paths. Raises: LocalCloudError.
        """
        asked = arguments.read(given, folder or Path.cwd())
        if asked.needs_stack and not asked.may_make_a_stack:
            self._check_there(self.stack(asked.stack))
        states = self.start_states()
        running = self.start() if asked.works_on_resources else None
        command = self._command(states, running)
        passed = list(asked.passed)
        stack = self.prepare(asked, command, running)
        if stack and not asked.stack:
            passed = _with_stack(passed, stack)
        with self._states_kept_up():
            code = command.streamed(passed)
        if code == 0 and stack and asked.writes_configuration:
            self.say(f"kept in the local copy; {self.project.stack_file(stack).name} is as it was")
        return code

    @contextmanager
    def _states_kept_up(self) -> Iterator[None]:
        """Start the state service again when it dies: the engine asks again for 15 s, and so loses nothing."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_LOOK):
                if not self.lifecycle.states.answering():
                    with suppress(LocalCloudError):
                        self.lifecycle.start_states(in_use=True)

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def prepare(self, asked: arguments.Arguments, command: Command, running: Running | None) -> str | None:
        """Make the shadow's stack ready for a command and repair it; returns its name, None when it is about none."""
        if not asked.needs_stack:
            self._prepare_named(asked, command)
            return None
        stack = self.stack(asked.stack)
        self._update_stack(stack, command, asked.config_file)
        if running:
            ports = {package: attached.provider for package, attached in running.items()}

            def cloud() -> recovery.Cloud:
                from localcloud.cloud.sweeping import Sweep  # gRPC costs 0.2 s, and is seldom needed

                return Sweep(ports, self.place.ledger)

            with self.store() as store:
                done = recovery.repair(self.place, store, self.project.name, stack, command.quietly, cloud)
            if done:
                self.say(done)
        return stack

    def _check_there(self, stack: str) -> None:
        known = sorted({*self._made(), *self.project.stacks()})
        if stack not in known:
            there = f"there are {', '.join(known)}" if known else "there is none yet"
            raise LocalCloudError(f"no stack {stack}: {there}; `accordion local up --stack {stack}` makes it")

    def _made(self) -> set[str]:
        """Names of the project's stacks that have a state."""
        if self.place.backend.exists():
            self._make_place()
        if not self.place.database.exists():
            return set()  # a slip makes no place
        with self.store() as store:
            return {stack.name for stack in store.stacks(self.project.name)}

    def _update_stack(self, stack: str, command: Command, source: Path | None) -> None:
        def run(step: Sequence[str]) -> None:
            command.quietly(step)

        with self.lifecycle.alone():
            hidden = self.shadow.update_stack(stack, run, source)
        if hidden:
            shown = ", ".join(hidden[:3]) + (f" and {len(hidden) - 3} more" if len(hidden) > 3 else "")
            self.say(
                f"secrets of {self.project.stack_file(stack).name} are not decrypted here; placeholders stand for "
                f"{shown} (another value: accordion local config set --secret --path 'KEY' VALUE)"
            )

    def _prepare_named(self, asked: arguments.Arguments, command: Command) -> None:
        """For `stack select NAME` of a stack that has only a file so far: make it."""
        if asked.words != ("stack", "select") or asked.asks_for_help:
            return
        named = asked.stack or next((item for item in asked.passed[2:] if not item.startswith("-")), None)
        if named and named in self.project.stacks():
            self._update_stack(named, command, None)

    def outputs(self, stack: str) -> dict[str, Any]:
        """A stack's outputs, as `pulumi stack output --json` shows them: secrets hidden."""
        answer = self._command(self.start_states(), None).quietly(["stack", "output", "--json", "--stack", stack])
        return dict(json.loads(answer))


def _with_stack(passed: Sequence[str], stack: str) -> list[str]:
    """The arguments with the stack named, before a `--`."""
    end = passed.index("--") if "--" in passed else len(passed)
    return [*passed[:end], "--stack", stack, *passed[end:]]
