"""One project's local cloud as a whole: what `accordion local` and `accordion up` call."""

import functools
import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from localcloud import engine as engines
from localcloud import ledger
from localcloud.aws.running import AWS
from localcloud.cloud import arguments, files, recovery
from localcloud.cloud.carrying_over import carry_over
from localcloud.cloud.command import Answer, Command
from localcloud.cloud.environment import child_environment, client_environment, passphrase, shell_exports, token
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.lifecycle import Lifecycle, Progress, Running
from localcloud.cloud.processes import Record, process_of
from localcloud.cloud.project import DEFAULT_STACK, NAME, NAME_FORM, Place, Project, find_project, place_of
from localcloud.cloud.shadow import Shadow
from localcloud.clouds import Cloud
from localcloud.docker.running import DOCKER
from localcloud.state.store import Newer, Store, out_of_room

CLOUDS: Final[Sequence[Cloud]] = (AWS, DOCKER)
"""The clouds that a project may use, where nobody says otherwise."""
_CHOICE = "it held the chosen stack; remove it, and choose again with `accordion local stack select`"
_LOOK = 1.0  # seconds between looks at the state service, for which the engine waits some 15


_P = ParamSpec("_P")
_T = TypeVar("_T")


def _with_user_errors(
    method: Callable[Concatenate["LocalCloud", _P], _T],
) -> Callable[Concatenate["LocalCloud", _P], _T]:
    """The method, telling in one sentence what the system refuses of the cloud's own files."""

    @functools.wraps(method)
    def call(self: "LocalCloud", /, *arguments: _P.args, **keywords: _P.kwargs) -> _T:
        with files.as_user_error(self.place.root):
            return method(self, *arguments, **keywords)

    return call


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
    ends: str = ""
    """When the servers end by themselves, as a sentence."""
    fault: str = ""
    """What is wrong with the project's file, so that nothing can be deployed."""


def _silent(_: str) -> AbstractContextManager[object]:
    return nullcontext()


def _unknown(_: Path) -> None:
    return


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
    """Those that a program may use; the servers of those that a stack uses start together."""
    packages_of: Callable[[Path], Collection[str] | None] = _unknown
    """f(stack file) -> the Pulumi packages of that stack's program; None where nobody says so."""

    @classmethod
    def of(
        cls,
        folder: Path,
        progress: Progress = _silent,
        say: Callable[[str], None] = _to_stderr,
        packages_of: Callable[[Path], Collection[str] | None] = _unknown,
    ) -> "LocalCloud":
        """The local cloud of the project in or above a folder.

        Raises: LocalCloudError when there is no project.
        """
        project = find_project(folder)
        return cls(project, place_of(project), progress, say, packages_of=packages_of)

    @property
    def lifecycle(self) -> Lifecycle:
        """Its servers."""
        return Lifecycle(self.place, self.clouds, self.say, self.project.folder)

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
        database = self.place.database
        if database.is_file() and not database.stat().st_size and ledger.read(self.place.ledger):
            raise files.damaged(database, "it is empty", f"the states of all stacks were in it; {files.FORGET}")
        try:
            with closing(Store(database, lambda process: process_of(process.pid, process.born) is not None)) as store:
                yield store
        except (sqlite3.DatabaseError, Newer) as error:
            if said := out_of_room(error, database):
                raise LocalCloudError(said) from None
            raise LocalCloudError(f"the states in {database} cannot be read: {error}; {files.FORGET}") from None

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

    @_with_user_errors
    def start(self, stack: str | None = None) -> Running:
        """Start the servers that a stack uses, or make sure that they answer; without one, those of the project.

        Raises: LocalCloudError when one does not start, or has lost what it kept.
        """
        self._check_kept()
        self.start_states()
        begun = []

        def progress(text: str) -> AbstractContextManager[object]:
            begun.append(text)
            return self.progress(text)

        running = self.lifecycle.start(progress, self._in_use(), self._packages(stack))
        if begun:
            self.say(f"the local cloud is started; {self.lifecycle.ends}")
        return running

    def stack_or_none(self) -> str | None:
        """The stack that a command is about which names none; None where none is chosen."""
        with suppress(LocalCloudError):
            return self.stack(None)
        return None

    def _packages(self, stack: str | None) -> Collection[str] | None:
        """The packages of a stack's program and of what it has made; None where nobody knows its program's."""
        told = None if stack is None else self.packages_of(self.project.stack_file(stack))
        if told is None:
            return None
        mine = (self.project.name, stack)
        return {*told, *(made.cloud for made in ledger.read(self.place.ledger) if made.stack == mine)}

    @_with_user_errors
    def start_states(self) -> Record:
        """Start the state service, or make sure that it answers."""
        self._make_place()
        return self.lifecycle.start_states(self._in_use())

    def _check_kept(self) -> None:
        """Refuse to take an empty cloud for the one in which resources were made."""
        for cloud in self.clouds:
            if cloud.stand_in is None or cloud.stand_in.kept is None:
                continue
            file = cloud.stand_in.kept(self.place)
            whole = file.exists() and (file.is_dir() or file.stat().st_size)
            if not whole and any(made.id and made.cloud == cloud.package for made in ledger.read(self.place.ledger)):
                lost = f"all resources of this cloud were in it; {files.FORGET}"
                raise files.damaged(file, "it is empty" if file.exists() else "it is gone", lost)

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

    @_with_user_errors
    def stop(self) -> bool:
        """Stop the servers; whether one ran."""
        return self.lifecycle.stop()

    @_with_user_errors
    def reset(self) -> None:
        """Forget everything: cloud, states, local configuration."""
        self.lifecycle.reset()

    @_with_user_errors
    def status(self) -> Status:
        """What runs and what there is."""
        records = self.lifecycle.records()
        if self.place.root.exists():
            passphrase(self.place)
            token(self.place)
        servers = {name: (record.pid, record.port) if record else None for name, record in records.items()}
        fault = self._fault()
        if self.place.backend.exists() and not fault:
            self._make_place()
        if not self.place.database.exists():
            return Status(self.place.root, servers, {}, [], self.lifecycle.ends, fault)
        with self.store() as store:
            stacks = {f"{stack.project}/{stack.name}": store.count(stack) for stack in store.stacks()}
            strangers = [f"{made.type} {made.id or '(no id)'}" for made in recovery.strangers(self.place, store)]
        return Status(self.place.root, servers, stacks, strangers, self.lifecycle.ends, fault)

    def _fault(self) -> str:
        try:
            _ = self.project.document
        except LocalCloudError as error:
            return str(error)
        return ""

    @_with_user_errors
    def exports(self) -> str:
        """Shell lines after which plain `pulumi` and AWS clients use this cloud; starts it."""
        states, running = self.start_states(), self.start(self.stack_or_none())
        binary = self.engine().binary
        return shell_exports(self.place, binary, self.environment, states.port, self.clouds, running)

    def _command(self, states: Record, running: Running | None) -> Command:
        binary = self.engine().binary
        variables = child_environment(self.place, binary, self.environment, states.port, self.clouds, running or {})
        return Command(binary, self.place.shadow, variables)

    def selected_stack(self) -> str | None:
        """The stack that `stack select` chose in the shadow; None before the first choice."""
        for file in sorted((self.place.home / "workspaces").glob("*-workspace.json")):
            try:
                chosen = json.loads(files.read(file, _CHOICE) or "{}").get("stack")
            except (ValueError, AttributeError):
                raise files.damaged(file, "it is not whole", _CHOICE) from None
            if chosen:
                return str(chosen).rpartition("/")[2]
        return None

    def stack(self, named: str | None) -> str:
        """The stack that a command is about: named, in PULUMI_STACK, selected, `dev`, or the only one.

        Raises: LocalCloudError when there are several and none is chosen, or for what is no name.
        """
        of_the_shell = self.environment.get("PULUMI_STACK", "").rpartition("/")[2]
        chosen = named or of_the_shell or self.selected_stack()
        if chosen:
            if not NAME.fullmatch(chosen):
                source = "--stack" if named else "PULUMI_STACK" if of_the_shell else "the chosen stack"
                raise LocalCloudError(f"{source}: {chosen[:100]!r} is no name of a stack: {NAME_FORM}")
            return chosen
        stacks = self.project.stacks()
        if DEFAULT_STACK in stacks or not stacks:
            return DEFAULT_STACK
        if len(stacks) == 1:
            return stacks[0]
        raise LocalCloudError(f"no stack is chosen; add --stack, one of {', '.join(stacks)}")

    @_with_user_errors
    def run(self, given: Sequence[str], folder: Path | None = None) -> int:
        """Run `pulumi` with these arguments against the local cloud; returns its exit code.

        `folder` is where the user stands, for relative paths. Raises: LocalCloudError.
        """
        return self._run(given, folder, Command.streamed)

    @_with_user_errors
    def captured(self, given: Sequence[str], folder: Path | None = None) -> Answer:
        """The same with nothing shown: what the engine printed is handed back.

        Raises: LocalCloudError where the engine could not be started.
        """
        answers: list[Answer] = []

        def run(command: Command, passed: Sequence[str]) -> int:
            answers.append(command.captured(passed))
            return answers[-1].code

        self._run(given, folder, run)
        return answers[-1]

    def _run(self, given: Sequence[str], folder: Path | None, run: Callable[[Command, Sequence[str]], int]) -> int:
        asked = arguments.read(given, folder or Path.cwd())
        if asked.needs_stack and not asked.may_make_a_stack:
            self._check_there(self.stack(asked.stack))
        states = self.start_states()
        running = self.start(self.stack(asked.stack)) if asked.works_on_resources else None
        command = self._command(states, running)
        passed = list(asked.passed)
        stack = self.prepare(asked, command, running)
        if stack and asked.settings:
            command.quietly(["config", "set-all", "--stack", stack, "--path", *_plain(asked.settings)])
        if stack and not asked.stack:
            passed = _with_stack(passed, stack)
        with self._states_kept_up():
            code = run(command, passed)
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

            def settle() -> recovery.Settles:
                from localcloud.cloud.cleanup import Cleanup  # gRPC costs 0.2 s, and is seldom needed

                return Cleanup(ports, self.place.ledger)

            with self.store() as store:
                done = recovery.repair(
                    self.place, store, self.project.name, stack, command.quietly, self.clouds, settle
                )
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

    @_with_user_errors
    def ask(self, words: Sequence[str]) -> str:
        """What the engine prints for words that only read states.

        Raises: LocalCloudError with the engine's own words.
        """
        return self._command(self.start_states(), None).quietly(words)

    @_with_user_errors
    def state(self, stack: str) -> dict[str, Any]:
        """A stack's state, as `pulumi stack export` shows it: secrets encrypted."""
        return dict(json.loads(self.ask(["stack", "export", "--stack", stack])))

    @_with_user_errors
    def client_variables(self) -> dict[str, str]:
        """The environment in which clients of the clouds mean this one; starts it."""
        states, running = self.start_states(), self.start(self.stack_or_none())
        clouds, binary = self.clouds, self.engine().binary
        return client_environment(self.place, binary, self.environment, states.port, clouds, running)

    @_with_user_errors
    def outputs(self, stack: str) -> dict[str, Any]:
        """A stack's outputs, as `pulumi stack output --json` shows them: secrets hidden."""
        return dict(json.loads(self.ask(["stack", "output", "--json", "--stack", stack])))


def _plain(settings: Sequence[str]) -> list[str]:
    return [item for setting in settings for item in ("--plaintext", setting)]


def _with_stack(passed: Sequence[str], stack: str) -> list[str]:
    """The arguments with the stack named, before a `--`."""
    end = passed.index("--") if "--" in passed else len(passed)
    return [*passed[:end], "--stack", stack, *passed[end:]]
