"""Kills at random moments, and whether the next `up` makes good what they left.

    python -m tests.engine.soak --kills 60 --seed 1 [--programs many,dev] [--json FILE]

Each kill meets one command of a cycle (`up` from nothing, an update, a refresh, a destroy), one victim (a server, the
engine, the program's host, the command, or all at once), and a random moment among the command's steps. After it the
next `up` has to be green, with the same ids for what was there; nothing may be lost, there twice, or strange: what the
cloud holds is counted by kind and held against a run without kills, a preview and a refresh find nothing to do.

It cannot prove a loss of power, where what was handed to the operating system is gone.
"""

import argparse
import contextlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.engine.census import census
from tests.engine.checkout import Checkout, make_checkout

HERE = Path(__file__).parent
COMMANDS = ("up", "update", "refresh", "destroy")
VICTIMS = ("moto", "provider", "state service", "engine", "language host", "command", "all")
_NOW = ("--yes", "--skip-preview", "--suppress-progress", "--color=never")
_PATIENCE = 300.0  # seconds for a command


class Unclean(Exception):  # noqa: N818 -- a finding, not a fault of the soak
    """What a kill left behind."""


@dataclass
class Program:
    """A program with a cloud of its own."""

    checkout: Checkout
    stack: str
    account: str
    region: str
    changes: tuple[Callable[[], None], ...]
    """What makes the program another one, in turn."""
    turn: int = 0
    whole: dict[int, dict[str, int]] = field(default_factory=dict)
    """What the cloud holds after an `up` without kills, by turn."""
    empty: dict[str, int] = field(default_factory=dict)
    """What it holds after a `destroy` without kills."""
    steps: dict[str, int] = field(default_factory=dict)
    """How many steps a command made without kills."""

    def take(self, turn: int) -> None:
        """Make the program the one of a turn."""
        self.turn = turn
        self.changes[turn]()

    def arguments(self, command: str) -> list[str]:
        engine = {"up": "up", "update": "up"}.get(command, command)
        return ["local", engine, *_NOW, "--stack", self.stack]

    def run(self, *arguments: str) -> str:
        """A command that has to succeed."""
        process = self.checkout.start(*arguments)
        try:
            said, _ = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Unclean(f"{' '.join(arguments)} did not end in {_PATIENCE:.0f} s") from None
        if process.returncode:
            raise Unclean(f"{' '.join(arguments)} ended with {process.returncode}:\n{said[-4000:]}")
        return said

    def up(self) -> str:
        return self.run(*self.arguments("up"))

    def ids(self) -> dict[str, str]:
        """Ids by URN of what the state has and keeps, but for what an operation was under way on."""
        state = json.loads(self.run("local", "stack", "export", "--stack", self.stack))["deployment"]
        unsure = {each["resource"]["urn"] for each in state.get("pending_operations") or ()}
        there = [each for each in state.get("resources") or () if each.get("id") and not each.get("delete")]
        return {each["urn"]: each["id"] for each in there if each["urn"] not in unsure}

    def counted(self) -> dict[str, int]:
        """How many things of each kind the cloud holds."""

        def client(service: str) -> Any:
            return self.checkout.client_of(service, self.account, self.region)

        counted = {kind: len(names) for kind, names in census(client).items()}
        counted.pop("ecs list_task_definition_families", None)  # a family outlives its last definition, as at AWS
        return counted


def _steps(line: str) -> bool:
    """Whether a line of the engine tells a step."""
    return any(f" {word}" in line for word in ("creating", "created", "updating", "updated", "deleting", "deleted",
                                               "replacing", "replaced", "refreshing", "refreshed"))  # fmt: skip


@dataclass
class Kill:
    """One kill."""

    program: str
    command: str
    victim: str
    at: float
    """The moment, as a part of the command's steps."""
    delay: float
    """Seconds after that step."""


def _processes(program: Program, command: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The living processes of a running command, by what they are."""
    found: dict[str, list[psutil.Process]] = {"command": [command]}
    for name, server in (("moto", "aws"), ("provider", "provider"), ("state service", "state")):
        with contextlib.suppress(OSError, psutil.Error, ValueError, KeyError):
            found[name] = [psutil.Process(program.checkout.record(server)["pid"])]
    with contextlib.suppress(psutil.Error):
        engines = [child for child in command.children() if child.name() == "pulumi"]
        found["engine"] = engines
        hosts = [below for engine in engines for below in engine.children(recursive=True)]
        found["language host"] = hosts
    return found


def strike(program: Program, kill: Kill) -> str:
    """Run the command and kill its victim in the middle; returns what the command said."""
    wanted = max(1, round(kill.at * program.steps.get(kill.command, 100)))
    lines: list[str] = []
    seen = 0
    engines: list[psutil.Process] = []
    with program.checkout.start(*program.arguments(kill.command)) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            seen += _steps(line)
            if seen == wanted and _steps(line):
                time.sleep(kill.delay)
                parts = _processes(program, psutil.Process(process.pid))
                engines = parts.get("engine", [])
                if kill.victim == "all":
                    victims = [each for name in ("engine", "language host", "moto", "provider", "state service", "command")
                               for each in parts.get(name, ())]  # fmt: skip
                else:
                    victims = parts.get(kill.victim, [])
                for victim in victims:
                    with contextlib.suppress(psutil.Error):
                        victim.send_signal(signal.SIGKILL)
                lines.append(f"[killed {kill.victim}: {len(victims)} processes after {seen} steps]\n")
    # A killed command leaves its engine at work, which a person would wait for too.
    psutil.wait_procs(engines, timeout=_PATIENCE)
    return "".join(lines)


def _held(program: Program, counted: dict[str, int], whole: dict[str, int]) -> None:
    kinds = sorted(counted.keys() | whole.keys())
    differ = {k: (whole.get(k, 0), counted.get(k, 0)) for k in kinds if whole.get(k, 0) != counted.get(k, 0)}
    if differ:
        raise Unclean(f"the cloud holds (without kills, now): {differ}")


def _named(urns: Iterable[str], said: str, verb: str) -> set[str]:
    """The URNs whose resources the engine told to be under such a step."""
    return {urn for urn in urns if f" {urn.rpartition('::')[2]} {verb}" in said}


def check(program: Program, stays: dict[str, str], anew: set[str]) -> None:
    """Raise Unclean for whatever is not as it would be without the kill; those `anew` may have another id."""
    after = program.ids()
    if lost := stays.keys() - after.keys():
        raise Unclean(f"lost: {lost}")
    if wrong := {urn: (stays[urn], after[urn]) for urn in stays.keys() - anew if stays[urn] != after[urn]}:
        raise Unclean(f"other ids: {wrong}")
    _held(program, program.counted(), program.whole[program.turn])
    program.run("local", "refresh", *_NOW, "--stack", program.stack, "--expect-no-changes")
    program.run("local", "preview", *_NOW[2:], "--stack", program.stack, "--expect-no-changes")
    status = program.run("local", "status")
    if "in no state" in status:
        raise Unclean(f"strangers: {status}")


def rehearse(program: Program, commands: set[str], say: Callable[[str], None]) -> None:
    """Run commands without a kill: what the cloud holds after each turn, and how many steps each makes."""

    def steps(command: str) -> int:
        return sum(map(_steps, program.run(*program.arguments(command)).splitlines()))

    for turn in range(len(program.changes) if "update" in commands else 1):
        program.take(turn)
        program.steps["update" if turn else "up"] = steps("up")
        program.whole[turn] = program.counted()
    if "refresh" in commands:
        program.steps["refresh"] = steps("refresh")
    program.take(0)
    program.steps["destroy"] = steps("destroy")
    program.empty = program.counted()
    say(f"without kills: {program.steps}")


def one(program: Program, kill: Kill) -> None:
    """One kill, and all that has to hold after it."""
    if kill.command == "update":
        program.take((program.turn + 1) % len(program.changes))
    before = program.ids() if kill.command in ("update", "refresh") else {}
    said = strike(program, kill)
    try:
        # What `up` had made and `destroy` had left is in the state; an update takes away what the program lost.
        stays = before if kill.command == "refresh" else program.ids()
        mended = program.up()
        gone = before.keys() - program.ids().keys()
        stays |= {urn: each for urn, each in before.items() if urn not in gone}
        # A program that dies between the two steps of a replacement has made the new one already.
        anew = _named(stays, said + mended, "replac") | _named(stays, said + mended, "creating replacement")
        if kill.command == "destroy":
            # It was to go: what nobody heard the end of may be gone, and is then made anew.
            anew |= _named(stays, said, "delete") | _named(stays, said, "deleting")
        check(program, {urn: each for urn, each in stays.items() if urn not in gone}, anew)
    except Unclean as error:
        raise Unclean(f"{error}\n--- the killed command said:\n{said[-3000:]}") from None


def clear(program: Program) -> None:
    """Destroy everything; nothing may be left."""
    program.run("local", "destroy", *_NOW, "--stack", program.stack)
    program.take(0)
    _held(program, program.counted(), program.empty)


@contextlib.contextmanager
def many(folder: Path) -> Iterator[Program]:
    """The program of some hundred resources of many kinds."""
    project = folder / "many"
    shutil.copytree(HERE / "many_kinds", project)
    checkout = Checkout(project, folder / "state-many", {"PYTHONPATH": str(HERE.parents[1])})
    main = project / "__main__.py"
    turns = tuple(_edit(main, main.read_text(), ("number = 0\n", f"number = {number}\n")) for number in range(3))
    yield from _kept(Program(checkout, "soak", "123456789012", "eu-west-1", turns))


@contextlib.contextmanager
def dev(folder: Path) -> Iterator[Program]:
    """The shipped environment `dev`."""
    checkout = make_checkout(folder / "dev", folder / "state-dev")
    file = checkout.folder / "Pulumi.dev.yaml"
    turns = tuple(_edit(file, file.read_text(), *changes) for changes in DEV)
    yield from _kept(Program(checkout, "dev", "123456789012", "eu-central-1", turns))


DEV = (
    (),
    (
        ("team: platform", "team: shop"),
        ("log_retention: 30d", "log_retention: 90d"),
        ("version: 1.29.1", "version: 1.29.2"),
    ),
)


def _edit(file: Path, text: str, *changes: tuple[str, str]) -> Callable[[], None]:
    """What writes a file with texts replaced by others."""
    for old, new in changes:
        if old not in text:
            raise ValueError(f"no {old!r} in {file.name}")
        text = text.replace(old, new)

    def write() -> None:
        file.write_text(text)

    return write


def _kept(program: Program) -> Iterator[Program]:
    try:
        yield program
    finally:
        program.checkout("local", "stop")


PROGRAMS = {"many": many, "dev": dev}


def plan(kills: int, seed: int, programs: list[str]) -> list[Kill]:
    """Cycles of the four commands; each victim comes as often as any other in each command, in a random order."""
    chance = random.Random(seed)
    decks: dict[str, list[str]] = {command: [] for command in COMMANDS}
    planned = []
    for number in range(kills):
        command = COMMANDS[number % len(COMMANDS)]
        if not decks[command]:
            decks[command] = chance.sample(VICTIMS, len(VICTIMS))
        # Every third cycle is of the second program.
        cycle = number // len(COMMANDS)
        program = programs[(cycle % 3) // 2 % len(programs)] if len(programs) > 1 else programs[0]
        planned.append(Kill(program, command, decks[command].pop(), chance.uniform(0.02, 0.98), chance.uniform(0, 0.2)))
    return planned


@dataclass
class Outcome:
    """What became of the kills."""

    clean: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    """By command and victim."""
    findings: list[str] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, str]:
        """Clean of all, by command, by victim."""
        ran = [(key, each) for key, found in self.clean.items() for each in found]
        rows = {"clean of all": ran}
        rows |= {f"in {command}": [pair for pair in ran if pair[0][0] == command] for command in COMMANDS}
        rows |= {f"of {victim}": [pair for pair in ran if pair[0][1] == victim] for victim in VICTIMS}
        return {name: f"{sum(ok for _, ok in pairs)} of {len(pairs)}" for name, pairs in rows.items() if pairs}


def soak(kills: int, seed: int, names: list[str], say: Callable[[str], None]) -> Outcome:
    """Kill so often; says how each went."""
    outcome = Outcome()
    planned = plan(kills, seed, names)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        programs: dict[str, Program] = {}
        for name in dict.fromkeys(kill.program for kill in planned):
            programs[name] = stack.enter_context(PROGRAMS[name](Path(folder)))
            commands = {kill.command for kill in planned if kill.program == name}
            rehearse(programs[name], commands, lambda text, name=name: say(f"{name} {text}"))  # type: ignore[misc]
        for number, kill in enumerate(planned, start=1):
            program, began = programs[kill.program], time.monotonic()
            where = f"{number}/{kills} {kill.program}: {kill.victim} in {kill.command} at {kill.at:.2f}"
            try:
                one(program, kill)
                if kill.command == "destroy":
                    clear(program)
                clean = True
            except Exception as error:  # noqa: BLE001 -- the soak goes on, from nothing
                clean = False
                text = str(error) if isinstance(error, Unclean) else traceback.format_exc()
                outcome.findings.append(f"{where}\n{text}")
                say(f"{where}: UNCLEAN\n{text}")
                program.checkout("local", "reset", "--yes")
                program.take(0)
                if kill.command != "destroy":
                    program.up()
            outcome.clean.setdefault((kill.command, kill.victim), []).append(clean)
            if clean:
                say(f"{where}: clean, {time.monotonic() - began:.0f} s")
    return outcome


def main() -> None:
    """Soak, and tell how many kills were clean; exit code 1 when one was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.engine.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--programs", default=",".join(PROGRAMS), help="of many, dev")
    parser.add_argument("--json", type=Path, help="where the figures go")
    chosen = parser.parse_args()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
        sys.stdout.flush()

    say(f"{chosen.kills} kills, seed {chosen.seed}")
    outcome = soak(chosen.kills, chosen.seed, chosen.programs.split(","), say)
    for name, figure in outcome.figures.items():
        say(f"{name}: {figure}")
    if chosen.json:
        chosen.json.write_text(json.dumps(outcome.figures, indent=1) + "\n")
    raise SystemExit(bool(outcome.findings))


if __name__ == "__main__":
    main()
