"""The controller's loop over one service: read, decide, remember, act; in this order, so that a kill at any point
neither repeats an action nor forgets a cooldown.

What is remembered lies where all controllers of a service see it, and is written only over the version that was read:
of two controllers one writes, and only the one that has written acts. An action goes to the service with the index of
the version that it was decided on: the Engine refuses it where anything has changed since.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from elasticity.autoscaler.autoscaler import Counts
from operations.controller import documents
from operations.controller.decisions import (
    Action,
    Key,
    Memory,
    Observation,
    Policy,
    Tick,
    begun,
    begun_again,
    decide,
    due,
    is_open,
    refused,
    tick_of,
)

BEGIN_AGAIN = datetime.timedelta(hours=1)
"""Between two lines of kind `begin` [own]: an Engine keeps so many bytes of a log, and drops the first lines."""
ATTEMPTS = 3
"""Of one action on a service that changes meanwhile, and of one tick on a memory that another one writes [own]."""
LEASE_TICKS, LEASE_FLOOR = 3, 15.0
"""How long a holder that writes nothing keeps its lease: so many ticks, but at least so many seconds [own]."""
_STARTED = "started"
State = Literal["holder", "standby", "gone", "unreachable"]


class OtherWriterError(Exception):
    """A document or a service has another version than the one that was read."""


class UnreachableError(Exception):
    """The Engine does not answer; the text says what it said."""


@dataclasses.dataclass(frozen=True)
class View:
    """A service as it is."""

    id: str
    replicas: int
    index: int
    counts: Counts
    release: bool = False
    """Whether an update or a rollback of it goes on."""
    raw: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)
    """Whatever who reads it needs to write it and to measure it."""


class Services(Protocol):
    """Whoever reads and writes services."""

    def view(self, name: str) -> View | None:
        """The service of that name, None where there is none. Raises UnreachableError."""

    def scale(self, view: View, replicas: int) -> None:
        """Change the count of the service as it was viewed, and nothing else.

        Raises OtherWriterError where it has changed since, UnreachableError where it is not known whether it was done.
        """


class Store(Protocol):
    """Where memories lie: a document for each service, with a version that moves on with each write."""

    def read(self, service: str) -> tuple[dict[str, Any], int] | None:
        """Document and version; None where there is none. Raises UnreachableError."""

    def write(self, service: str, document: Mapping[str, Any], version: int | None) -> int:
        """Put a document in the place of that version, None for none; returns its own version.

        Raises OtherWriterError where there is another version, UnreachableError.
        """


class Measures(Protocol):
    """Whoever measures a service."""

    @property
    def unread(self) -> str:
        """Which tasks the last sample did not read, why, and what to do; empty where all were."""

    def sample(self, view: View, second: int) -> None:
        """Look at the service; called at each tick."""

    def datapoint(self, key: Key, view: View, second: int) -> float:
        """The datapoint of the period that ends now, in the metric's unit; NaN for none."""

    def measured(self, view: View, every: int, second: int) -> Mapping[str, float]:
        """All that was read of the seconds since the tick before, by metric: for whoever reads the log."""


class Log(Protocol):
    """Where lines go."""

    def write(self, line: Mapping[str, Any]) -> bool:
        """Add one line; false where it is lost."""


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime.datetime:
        """The time of day, aware."""

    def monotonic(self) -> float:
        """Seconds that only grow."""


@dataclasses.dataclass
class Told:
    """What the last turn of a service came to, for whoever exports it."""

    state: State = "standby"
    tick: Tick | None = None
    view: View | None = None
    datapoints: Mapping[Key, float] = dataclasses.field(default_factory=dict)
    said: str = ""


class Scaler:
    """Scales one service. All that it knows beyond the store's document may be lost: what it last saw of a lease."""

    def __init__(
        self,
        name: str,
        policy: Policy,
        services: Services,
        store: Store,
        measures: Measures,
        log: Log,
        clock: Clock,
        holder: str,
        *,
        dry_run: bool = False,
    ) -> None:
        self.name, self.policy, self.holder, self.dry_run = name, policy, holder, dry_run
        self._services, self._store, self._measures, self._log, self._clock = services, store, measures, log, clock
        self._lease_seen: tuple[str, int | None, float] = ("", None, 0.0)  # service, version, since when
        self._begins = _STARTED  # why the next tick needs a line of kind `begin`; empty where it needs none
        self._begun: datetime.datetime | None = None  # when the newest one was written
        self._live: int | None = None
        self.told = Told()

    @property
    def every(self) -> int:
        """Seconds between two ticks."""
        return tick_of(begun(self.policy, self._clock.now(), self.policy.rules.minimum).state)

    @property
    def lease(self) -> float:
        """Seconds without a write after which another controller takes over."""
        return max(LEASE_FLOOR, LEASE_TICKS * self.every)

    def turn(self) -> Told:
        """One tick. Raises nothing of what an Engine may do: `told` says it."""
        try:
            for _ in range(ATTEMPTS):
                try:
                    self.told = self._turn()
                    break
                except OtherWriterError as error:
                    self.told = Told("standby", said=str(error))
        except UnreachableError as error:
            self._begins = _STARTED
            self.told = Told("unreachable", said=str(error))
        return self.told

    def release_lease(self) -> None:
        """Let another controller take over at once; where that fails, it does so after the lease."""
        view = self._services.view(self.name)
        kept = None if view is None else self._store.read(view.id)
        if view is not None and kept is not None and kept[0].get("holder") == self.holder:
            self._store.write(view.id, {**kept[0], "holder": ""}, kept[1])

    def _turn(self) -> Told:
        view = self._services.view(self.name)
        if view is None:
            self._begins = _STARTED
            return Told("gone", said=f"there is no service {self.name}")
        kept = self._store.read(view.id)
        if not self._may_hold(view.id, kept):
            self._begins = _STARTED
            holder = str(kept[0]["holder"]) if kept else ""
            return Told("standby", view=view, said=f"another controller scales it: {holder}")
        now = self._clock.now()
        memory = self._memory(kept, view, now)
        version = None if kept is None else kept[1]
        if (
            memory.action is not None
            and not self.dry_run
            and is_open(memory.action, view.replicas, view.index)
            and self._is_allowed(memory.action.after)
        ):
            # Decided, and surely not done, since nothing has touched the service: whoever decided it was ended.
            self._act(view, memory, memory, memory.action, version)
            return self._turn()  # the tick, on what there is now
        every = tick_of(memory.state)
        second = math.floor((now - memory.state.start).total_seconds()) // every * every
        if second <= memory.state.now:  # this tick is decided already, or the clock was set back
            behind = memory.state.now - second
            said = f"the clock is {behind} s behind the newest tick" if behind > every else ""
            return Told("holder", None, view, said=said)
        self._measures.sample(view, second)
        try:
            seen, after, tick = self._decided(memory, view, second)
        except (LookupError, TypeError, ValueError, ArithmeticError) as error:  # somebody has edited it
            memory = dataclasses.replace(begun(self.policy, now, view.replicas), held=memory.held)
            why = f"what was remembered cannot be used: {error}"
            self._log.write(documents.begin_line(now, self.name, memory, self.policy, why))
            seen, after, tick = self._decided(memory, view, second)
        version = self._remember(view.id, after, version)
        measured = self._measures.measured(view, every, second)
        line = documents.tick_line(now, self.name, seen, tick, held=memory.held, every=every, measured=measured)
        if not self._log.write(line):
            self._begins = "lines before this one are lost"
        if after.action is not None:
            self._act(view, memory, after, after.action, version)
        return Told("holder", tick, view, seen.datapoints, self._measures.unread)

    def _is_allowed(self, count: int) -> bool:
        """Whether the rules ever allow it; a memory that somebody has edited may say anything."""
        rules = self.policy.rules
        lows = [rules.minimum, *(one.minimum for one in rules.scheduled.values() if one.minimum is not None)]
        highs = [rules.maximum, *(one.maximum for one in rules.scheduled.values() if one.maximum is not None)]
        return min(lows) <= count <= max(highs)

    def _may_hold(self, service: str, kept: tuple[dict[str, Any], int] | None) -> bool:
        """Whether this controller scales the service: it does already, nobody does, or who did has written nothing for
        as long as a lease. The time is measured here, so that clocks of two machines need not agree."""
        holder = "" if kept is None else str(kept[0].get("holder", ""))
        version = None if kept is None else kept[1]
        if holder in ("", self.holder):
            return True
        now = self._clock.monotonic()
        seen_service, seen_version, since = self._lease_seen
        if (seen_service, seen_version) != (service, version):
            self._lease_seen = service, version, now
            return False
        return now - since >= self.lease

    def _memory(self, kept: tuple[dict[str, Any], int] | None, view: View, now: datetime.datetime) -> Memory:
        """What is remembered, for the rules as they are now; a line of kind `begin` where ticks go on from there."""
        document = kept[0] if kept else {}
        held, why = bool(document.get("held")), self._begins
        if self._begun is None or abs(now - self._begun) >= BEGIN_AGAIN:
            why = why or "the rules once more, for a log whose first lines are kept no longer"
        try:
            if not document.get("memory"):
                memory, why = begun(self.policy, now, view.replicas), "nothing is remembered of this service"
            elif document.get("policy") == documents.digest(self.policy):
                memory = documents.memory_of(document["memory"], self.policy)
            else:
                before = documents.memory_of(document["memory"], documents.policy_of(document["rules"]))
                memory, why = begun_again(before, self.policy, now), "the rules have changed"
            ahead = memory.state.now - (now - memory.state.start).total_seconds()
            if ahead > self.lease:
                memory, why = begun(self.policy, now, view.replicas), f"the clock was set back by {ahead:.0f} s"
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            memory, why = begun(self.policy, now, view.replicas), f"what was remembered cannot be read: {error}"
        memory = dataclasses.replace(memory, held=held)
        if why:
            self._log.write(documents.begin_line(now, self.name, memory, self.policy, why))
            self._begins, self._begun = "", now
        return memory

    def _decided(self, memory: Memory, view: View, second: int) -> tuple[Observation, Memory, Tick]:
        """What is seen, what to remember, and what is wanted."""
        seen = self._observation(memory, view, second)
        return seen, *decide(memory, self.policy, seen)

    def _observation(self, memory: Memory, view: View, second: int) -> Observation:
        points = {key: self._measures.datapoint(key, view, second) for key in due(memory.state, second)}
        replicas = view.replicas
        if self.dry_run and view.replicas == self._live:
            replicas = memory.state.kernel.desired  # as if what was decided had been done
        self._live = view.replicas
        return Observation(second, points, view.counts, replicas, view.index, view.release)

    def _remember(self, service: str, memory: Memory, version: int | None) -> int:
        """Write what is to be remembered; returns the version that it has then."""
        document = {
            "version": documents.VERSION,
            "holder": self.holder,
            "held": memory.held,
            "policy": documents.digest(self.policy),
            "rules": documents.policy_document(self.policy),
            "memory": documents.memory_document(memory),
        }
        return self._store.write(service, document, version)

    def _act(self, view: View, before: Memory, after: Memory, action: Action, version: int | None) -> None:
        """Do an action that is remembered. Where the service has changed meanwhile it is read again: the action holds
        where the count is as it was and no release goes on; else it is taken back, with its cooldown."""
        if self.dry_run:
            return self._say(action, "dry run")
        for _ in range(ATTEMPTS):
            try:
                self._services.scale(view, action.after)
            except OtherWriterError:
                again = self._services.view(self.name)
                if again is None or again.id != view.id:
                    return None
                view = again
                if view.release or view.replicas != action.before:
                    break
                action = dataclasses.replace(action, index=view.index)
                after = dataclasses.replace(after, action=action)
                version = self._remember(view.id, after, version)
            except UnreachableError as error:
                self._say(action, "not known", said=str(error))
                raise
            else:
                return self._say(action, "done")
        self._remember(view.id, refused(after, before, view.replicas), version)
        return self._say(action, "changed meanwhile", replicas=view.replicas)

    def _say(self, action: Action, outcome: documents.Outcome, *, replicas: int | None = None, said: str = "") -> None:
        self._log.write(
            documents.action_line(self._clock.now(), self.name, action, outcome, replicas=replicas, said=said)
        )
