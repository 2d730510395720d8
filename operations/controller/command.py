"""`accordion scale` on a Swarm: the process around the loop. Each service is looked at when a metric's period ends."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import signal
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from localcloud.docker.engine import NONE_HERE
from localcloud.docker.running import DOCKER
from operations.controller.decisions import SUSPENDED
from operations.controller.exported import LOOPBACK, Exported, serve
from operations.controller.loop import OtherWriterError, Scaler, Told, UnreachableError
from operations.controller.measures import TaskMeasures
from operations.controller.replay import log_of, replay
from operations.controller.settings import ControllerSettings, ScaledService, read
from operations.failures import BROKEN, DONE, CannotRun
from operations.live.swarm import SwarmServices, SwarmStore, TaskReaders, engine_at

_SHOWN = 5  # ticks that differ, of a replay


class SystemClock:
    """The machine's."""

    def now(self) -> datetime.datetime:
        """UTC."""
        return datetime.datetime.now(datetime.UTC)

    def monotonic(self) -> float:
        """Seconds."""
        return time.monotonic()


class Unkept:
    """A store of a dry run: it ends with the process, and nobody else sees it."""

    def __init__(self) -> None:
        self._documents: dict[str, tuple[str, int]] = {}

    def read(self, service: str) -> tuple[dict[str, Any], int] | None:
        """As it was written."""
        kept = self._documents.get(service)
        return None if kept is None else (json.loads(kept[0]), kept[1])

    def write(self, service: str, document: Mapping[str, Any], version: int | None) -> int:
        """Nobody else writes it."""
        following = (version or 0) + 1
        self._documents[service] = json.dumps(document), following
        return following


class Lines:
    """A log: lines of JSON on standard output, or at the end of a file. One that cannot be written is told, leaves no
    part of itself in a file, and the service is scaled all the same."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._is_told = False
        self._path, self._handle = path, 1
        if path is not None:
            try:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe without reader
                self._handle = os.open(path, flags, 0o644)
                os.set_blocking(self._handle, True)
            except (OSError, ValueError) as error:
                raise CannotRun(f"--log: {path} cannot be written: {error}") from None

    def write(self, line: Mapping[str, Any]) -> bool:
        """Add a line, whole; false where it is lost."""
        content = json.dumps(line, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            written = 0
            try:
                while written < len(content):
                    written += os.write(self._handle, content[written:])
            except OSError as error:
                if not self._is_told:
                    report(f"the log cannot be written, and scaling goes on: {error}")
                self._is_told = True
                if written and self._path is not None:
                    with contextlib.suppress(OSError):
                        os.ftruncate(self._handle, os.fstat(self._handle).st_size - written)
                return False
            self._is_told = False
            return True


def report(text: str) -> None:
    """A sentence for a person: standard error, since standard output is the log."""
    click.echo(text, err=True)


class Controller:
    """All scalers of a settings file, each turned when its tick comes."""

    def __init__(
        self, settings: Callable[[], ControllerSettings], address: str, *, dry_run: bool, log: Path | None
    ) -> None:
        """`settings`: reads them, now and again when they have changed."""
        self._settings, self._dry_run = settings, dry_run
        self._engine = engine_at(address)
        self._clock, self._log = SystemClock(), Lines(log)
        self._store = Unkept() if dry_run else SwarmStore(self._engine)
        self._holder = f"{platform.node()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._known: dict[str, tuple[Any, ...]] = {}
        self._said: dict[str, str] = {}
        self._ticked: dict[str, int] = {}
        self.scalers: dict[str, Scaler] = {}
        self.exported = Exported(self.scalers)
        self.stop, self._reload = threading.Event(), threading.Event()
        self._take(settings())
        self._forget_gone()

    def reload(self) -> None:
        """Read the settings again before the next tick."""
        self._reload.set()

    def run(self) -> None:
        """Turn every service at each of its ticks, until `stop`; then hand the leases on."""
        with ThreadPoolExecutor(max(4, len(self.scalers))) as pool:
            while not self.stop.wait(self._pause()):
                self._read_again()
                ticks = {name: int(time.time()) // scaler.every for name, scaler in self.scalers.items()}
                due = [name for name, tick in ticks.items() if tick != self._ticked.get(name)]
                self._ticked = ticks
                list(pool.map(self._turn, due))
        for scaler in self.scalers.values():
            try:
                scaler.release_lease()
            except (OtherWriterError, UnreachableError):
                continue  # another controller has it, or takes it after the lease
        self._forget_gone()

    def _forget_gone(self) -> None:
        """Take away what is remembered of services that are gone: nobody would."""
        if isinstance(self._store, SwarmStore):
            try:
                self._store.forget_gone()
            except (OtherWriterError, UnreachableError):
                return  # the next controller does

    def _pause(self) -> float:
        """Seconds until the next tick of any service."""
        now = time.time()
        return max(0.0, min((now // one.every + 1) * one.every for one in self.scalers.values()) - now) + 0.01

    def _turn(self, name: str) -> None:
        try:
            told = self.scalers[name].turn()
        except CannotRun as error:  # of one service: the others go on
            told = Told("gone", said=error.format_message())
        self.exported.note(name, told, self._clock.now())
        sentence = _sentence(told)
        if sentence != self._said.get(name):
            report(f"{name}: {sentence}")
        self._said[name] = sentence

    def _read_again(self) -> None:
        if not self._reload.is_set():
            return
        self._reload.clear()
        try:
            self._take(self._settings())
        except CannotRun as error:
            report(f"the settings are as they were: {error.format_message()}")

    def _take(self, settings: ControllerSettings) -> None:
        """Scale what the settings say; a service whose settings are as they were goes on as it is."""
        for name in self.scalers.keys() - settings.services.keys():
            del self.scalers[name]
            report(f"{name}: is scaled no longer, by the settings")
        for name, service in settings.services.items():
            told = service, settings.prometheus, settings.reaches, settings.network
            if self._known.get(name) == told:
                continue
            again, self._known[name] = name in self.scalers, told
            self.scalers[name] = self._scaler(name, service, settings)
            if again:
                report(f"{name}: other settings are in force")

    def _scaler(self, name: str, service: ScaledService, settings: ControllerSettings) -> Scaler:
        policy = service.policy
        keys = policy_metrics(service)
        readers = TaskReaders(
            self._engine,
            service,
            prometheus=settings.prometheus,
            reaches=settings.reaches,
            network=settings.network,
            metrics=frozenset(metric for metric, _ in keys),
        )
        measures = TaskMeasures(readers, max((period for _, period in keys), default=0))
        return Scaler(
            name,
            policy,
            SwarmServices(self._engine, settings.network),
            self._store,
            measures,
            self._log,
            self._clock,
            self._holder,
            dry_run=self._dry_run,
        )


def policy_metrics(service: ScaledService) -> list[tuple[str, int]]:
    """Metrics that the rules of a service read, with their periods in seconds."""
    from operations.controller.decisions import begun

    rules = service.policy
    return list(begun(rules, datetime.datetime.now(datetime.UTC), rules.rules.minimum).state.metrics)


def _sentence(told: Told) -> str:
    """What a person wants to know of a turn."""
    if told.tick is None or told.view is None:
        return told.said or "scaled by this controller"
    unread = f"; {told.said}" if told.said else ""
    if told.tick.suspended:
        return f"{told.view.replicas} tasks; {SUSPENDED[told.tick.suspended]}{unread}"
    if told.tick.desired != told.view.replicas:
        return f"{told.view.replicas} -> {told.tick.desired} tasks ({told.tick.reason}){unread}"
    return f"{told.view.replicas} tasks, {told.tick.bounds[0]} to {told.tick.bounds[1]}{unread}"


def run(
    settings: Callable[[], ControllerSettings],
    address: str,
    *,
    dry_run: bool,
    log: Path | None,
    port: int | None,
    watched: Path,
) -> int:
    """Scale until the process is told to end. `watched`: the file that says otherwise when it changes."""
    controller = Controller(settings, address, dry_run=dry_run, log=log)
    names = ", ".join(f"{name} (each {one.every} s)" for name, one in controller.scalers.items())
    report(f"{'dry run, nothing is changed: ' if dry_run else ''}scaling {names}")
    report(
        f"log: {log or 'standard output'}, as JSON lines; `accordion scale --replay FILE` decides each tick of it again"
    )
    if port is not None:
        try:
            report(f"metrics: http://{LOOPBACK}:{serve(controller.exported, port)}/metrics")
        except OSError as error:
            raise CannotRun(f"--metrics-port: {port} cannot be had: {error}") from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: controller.stop.set())
    signal.signal(signal.SIGHUP, lambda *_: controller.reload())
    watching = threading.Thread(target=_watch, args=(watched, controller), daemon=True)
    watching.start()
    controller.run()
    report("stopped; another controller may take over at once")
    return DONE


def _watch(path: Path, controller: Controller) -> None:
    """Read the settings again whenever the file is another one."""
    before = _stamp(path)
    while not controller.stop.wait(1.0):
        now = _stamp(path)
        if now != before:
            controller.reload()
        before = now


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def decided_again(path: Path) -> int:
    """Decide every tick of a log again, and say which differ; exit code 1 where any does."""
    found = replay(log_of(path), str(path))
    same = found.ticks - len(found.differing)
    click.echo(f"{same} of {found.ticks} ticks are decided the same again; changes done: {found.actions}")
    if found.left_out:
        said = (
            f"{found.left_out} ticks stand before the first line of kind `begin`: what they were decided from is lost"
        )
        click.echo(said)
    for one in found.differing[:_SHOWN]:
        click.echo(f"  {one.at} {one.service}: logged {dict(one.logged)}, now {dict(one.now)}")
    return BROKEN if found.differing else DONE


def switch(services: Sequence[str], address: str, *, hold: bool, network: str | None = None) -> None:
    """Hold services, or let them go on, by name in the Swarm or on a network, by its id: in the memory that their
    controller reads at each tick.

    Raises CannotRun.
    """
    engine = engine_at(address)
    store, live = SwarmStore(engine), SwarmServices(engine, network)
    for name in services:
        try:
            for _ in range(5):
                view = live.view(name)
                if view is None:
                    raise CannotRun(f"there is no service {name} on the Swarm")
                kept = store.read(view.id)
                try:
                    store.write(view.id, {**(kept[0] if kept else {}), "held": hold}, kept[1] if kept else None)
                    break
                except OtherWriterError:
                    continue
            else:
                raise CannotRun(f"{name} is as it was: its controller writes all the time; try again")
        except UnreachableError as error:
            raise CannotRun(f"{name} is as it was: {error}") from None


def on_swarm(
    settings: Callable[[], ControllerSettings],
    watched: Path,
    *,
    hold: bool,
    resume: bool,
    show: bool,
    dry_run: bool,
    log: Path | None,
    metrics_port: int | None,
) -> int:
    """What `accordion scale` was asked for on a Swarm: to scale, to hold, or to go on. Raises CannotRun."""
    chosen = settings()
    if show:
        click.echo(json.dumps(chosen.model_dump(mode="json", exclude_defaults=True), indent=2))
        return DONE
    address = DOCKER.address(os.environ)
    if address is None:
        raise CannotRun(NONE_HERE)
    if hold or resume:
        switch(list(chosen.services), address, hold=hold, network=chosen.network)
        said = "nothing moves its count until --resume" if hold else "its rules go on"
        click.echo("\n".join(f"{name}: {said}" for name in chosen.services))
        return DONE
    return run(settings, address, dry_run=dry_run, log=log, port=metrics_port, watched=watched)


def from_file(where: Path, service: str | None) -> ControllerSettings:
    """The settings of a file, of one service alone where it is named. Raises CannotRun."""
    settings = read(where)
    if service is None:
        return settings
    if service not in settings.services:
        raise CannotRun(f"{where} has no service {service!r}: there are {', '.join(settings.services)}")
    return settings.model_copy(update={"services": {service: settings.services[service]}})
