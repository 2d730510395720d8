"""What a load makes of a service or group: a run of the simulator, and all that AWS would show of it."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from operations.failures import CannotRun
from operations.playing import history
from operations.playing.history import Change
from operations.playing.metrics import Series, series_of
from operations.playing.scaled import Mute, Scaled
from operations.simulate import tick_for

if TYPE_CHECKING:
    from elasticity.simulator import Timeline
    from elasticity.traces import Load
    from operations.live.answers import Items


@dataclasses.dataclass(frozen=True)
class Happening:
    """A run, and what AWS shows of it; seconds count from its start."""

    scaled: Scaled
    timeline: Timeline
    series: tuple[Series, ...]
    changes: Mapping[str, Sequence[Change]]
    """By the name of an alarm."""
    activities: Sequence[Mapping[str, Any]]

    def between(self, begin: int, end: int) -> dict[str, list[Any]]:
        """What happened in a stretch, as the local cloud takes it, with what is in force at its end."""
        first, last = (self.timeline.start.timestamp() + second for second in (begin, end))
        tick = end // self.timeline.tick - 1
        low, high, desired = (
            int(values[tick]) for values in (self.timeline.minimum, self.timeline.maximum, self.timeline.desired)
        )
        identity, group = self.scaled.subject.identity, self.scaled.subject.of_instances
        found: dict[str, list[Any]] = {
            "metrics": [one.cut(begin, end) for one in self.series],
            "alarms": [
                {"AlarmName": name, "Changes": [self._row(one) for one in changes if begin <= one.second < end]}
                for name, changes in self.changes.items()
            ],
            "activities": [
                {
                    "ServiceNamespace": "autoscaling" if group else "ecs",
                    "Resource": identity,
                    "Items": [one for one in self.activities if first <= one["StartTime"] < last],
                }
            ],
            "targets": [],
            "services": [],
            "groups": [],
        }
        if group:
            found["groups"] = [{"name": identity, "minimum": low, "maximum": high, "desired": desired}]
        else:
            _, cluster, service = identity.split("/")
            bounds = {"ResourceId": identity, "ScalableDimension": "ecs:service:DesiredCount"}
            found["targets"] = [{**bounds, "MinCapacity": low, "MaxCapacity": high}]
            found["services"] = [{"cluster": cluster, "service": service, "desired": desired}]
        return found

    def _row(self, change: Change) -> list[Any]:
        time = self.timeline.start.timestamp() + change.second
        return [time, change.before, change.after, change.reason, change.acts]


def happening(
    scaled: Scaled,
    load: Load,
    start: datetime.datetime,
    mutes: Sequence[Mute],
    alarms: Items,
    tick: int | None = None,
) -> Happening:
    """What `load` makes of it from `start` on; raises CannotRun where the rules there cannot be simulated.

    `alarms` are those of the account: what no policy has, and is about a metric of the run, changes its state too.
    """
    from elasticity.simulator import SimulationError, simulate

    workload = dataclasses.replace(scaled.workload, elasticity=scaled.rules, rules=scaled.rules)
    seconds = load.seconds // 60 * 60
    held = scaled.held(mutes, start, seconds)
    try:
        timeline = simulate(
            scaled.rules,
            load,
            platform=workload.simulated_on,
            tick=tick or tick_for(load, workload),
            start=start,
            held=held,
            **scaled.workload.conditions,
        )
    except SimulationError as error:
        lines = [f"{scaled.name}, load {load.name}: {line}" for line in str(error).splitlines()]
        raise CannotRun("\n".join(lines)) from None
    series = series_of(scaled, timeline)
    known = set(scaled.alarms.values())
    (delay,) = (int(row.value or 0) for row in timeline.parameters if row.name == "publication_delay")
    others = [one for one in alarms if one.get("AlarmName") not in known]
    there = {str(one.get("AlarmName")) for one in alarms}
    changes = {
        **{name: rows for name, rows in history.scaling_alarms(scaled, timeline, held).items() if name in there},
        **history.other_alarms(others, series, seconds, delay),
    }
    return Happening(scaled, timeline, tuple(series), changes, history.activities(scaled, timeline))
