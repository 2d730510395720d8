"""What a run assumes and nobody has settled: each with the value in force, both ends, grade and source.

The platform's own come from its table (`PlatformParameters.ends`), so that a parameter which gets two ends there is
varied here; those of a unit are declared by the user, who has measured them more or less well.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from elasticity.platforms import CHOICES, EVIDENCE, PlatformParameters, Value
from elasticity.quantities import Duration, Rate
from elasticity.rules import Elasticity, Unit
from elasticity.simulator import Conditions

Place = Literal["platform", "capacity_provider", "unit", "load"]
Ends = tuple[Value, Value]
PROVIDER = "capacity_provider."
UNIT = "unit."
DECLARED: Mapping[str, tuple[float, str, type[float]]] = MappingProxyType(
    {
        "capacity": (0.1, "requests/s", Rate),
        "start_up": (0.2, "s", Duration),
        "service_time": (0.2, "s", Duration),
    }
)
"""What a user declares of a unit and the figures hang on: the share by which it may be wrong either way, its unit, its
type. Load tests of the same build differ by about so much [own]."""
_SHARES = "declared by the user; a load test tells it no finer [own]; fit gives its own interval"


class AssumptionError(ValueError):
    """A range that cannot be; the message says what is allowed."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """One value that a run assumes, from what to what it may be."""

    name: str
    """As in a report: `publication_delay`, `capacity_provider.publication_delay`, `unit.capacity`, `load.level`."""
    place: Place
    default: Value
    """In force."""
    low: Value
    high: Value
    """Both ends, with everything else as it is in force."""
    unit: str
    grade: str
    source: str
    given: bool = False
    """Whether a user gave the range: it then holds whatever else is drawn."""

    @property
    def words(self) -> tuple[str, ...]:
        """What it may be, where it is a word and no number."""
        return CHOICES.get(self.name.removeprefix(PROVIDER), ()) if isinstance(self.default, str) else ()

    @property
    def own_name(self) -> str:
        """Its name within its place."""
        return self.name if self.place == "platform" else self.name.partition(".")[2]


def assumptions(
    rules: Elasticity,
    conditions: Conditions,
    *,
    declared: Collection[str] = (),
    ranges: Mapping[str, tuple[float, float]] = MappingProxyType({}),
) -> tuple[Assumption, ...]:
    """Everything that may be otherwise than it is in force, the platform's own first.

    `declared`: parameters that a user has set, and so knows; they stay, unless `ranges` says otherwise. `ranges`: ends
    by name, for any parameter of the platform or of the unit that is a number and is set. Two equal ends hold a value
    still. Raises AssumptionError with every range that cannot be.
    """
    found = {item.name: item for item in _all(rules, conditions) if item.name not in declared}
    known = {item.name: item for item in _known(rules, conditions)}
    faults: list[str] = []
    for name, (low, high) in ranges.items():
        item = known.get(name)
        if item is None:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
            hint = f"did you mean {near[0]}" if near else f"allowed {', '.join(known)}"
            faults.append(f"{name}: not a number that this run assumes; {hint}")
            continue
        default = float(item.default or 0.0)
        if not (math.isfinite(low) and math.isfinite(high) and 0 <= low <= default <= high):
            faults.append(
                f"{name}: got {low:g} to {high:g}, allowed finite ends from 0 up around the {default:g} in force"
            )
        elif item.place == "unit" and not low > 0:
            faults.append(f"{name}: got {low:g} to {high:g}, allowed ends above 0")
        else:
            found[name] = dataclasses.replace(
                item, low=low, high=high, given=True, grade="declared", source="range given by the user"
            )
    if faults:
        raise AssumptionError("\n".join(faults))
    order = list(known) + [name for name in found if name not in known]
    return tuple(found[name] for name in sorted(found, key=order.index) if found[name].low != found[name].high)


def _all(rules: Elasticity, conditions: Conditions) -> Iterator[Assumption]:
    """What has two ends by itself."""
    for prefix, known in _levels(conditions):
        for name in EVIDENCE:
            ends = known.ends(name)
            if ends is not None and ends[0] != ends[1]:
                yield _of_platform(prefix, known, name, ends)
    for item in _units(rules.unit):
        if item.own_name in DECLARED:
            yield item


def _known(rules: Elasticity, conditions: Conditions) -> Iterator[Assumption]:
    """Every number that a range can be given for, and what has two ends by itself, in the order of the tables."""
    for prefix, known in _levels(conditions):
        for name in EVIDENCE:
            value = getattr(known, name)
            ends = known.ends(name)
            if ends is not None or (isinstance(value, int | float) and not name.startswith("publication_delay_")):
                yield _of_platform(prefix, known, name, ends or (value, value))
    yield from _units(rules.unit)


def _levels(conditions: Conditions) -> Iterator[tuple[str, PlatformParameters]]:
    yield "", conditions.service_parameters()
    provider = conditions.provider_parameters()
    if provider is not None:
        yield PROVIDER, provider


def _of_platform(prefix: str, known: PlatformParameters, name: str, ends: Ends) -> Assumption:
    unit, grades, source = EVIDENCE[name]
    return Assumption(
        name=f"{prefix}{name}",
        place="capacity_provider" if prefix else "platform",
        default=getattr(known, name),
        low=ends[0],
        high=ends[1],
        unit=unit,
        grade=grades.get(known.platform, grades["any"]),
        source=source,
    )


def _units(unit: Unit) -> Iterator[Assumption]:
    for name, (share, words, _) in DECLARED.items():
        value = getattr(unit, name)
        if value:
            yield Assumption(
                name=f"{UNIT}{name}",
                place="unit",
                default=float(value),
                low=round(float(value) * (1 - share), 9),
                high=round(float(value) * (1 + share), 9),
                unit=words,
                grade="asm",
                source=_SHARES,
            )


def at(assumption: Assumption, share: float, default: Value, ends: Ends) -> Value:
    """The value at a share from 0 (the low end) to 1 (the high end): half of the draws lie below the value in force
    and half above it, evenly on either side, so that a median run is near the run of the values in force. A value in
    force that is itself an end is the end of an even range; of words each has the same share."""
    if assumption.words:
        return assumption.words[min(int(share * len(assumption.words)), len(assumption.words) - 1)]
    now, low, high = (float(value or 0.0) for value in (default, *ends))
    if share <= 0:
        found = low
    elif share >= 1:
        found = high
    elif low < now < high:
        found = low + (now - low) * 2 * share if share < 0.5 else now + (high - now) * (2 * share - 1)
    else:
        found = low + (high - low) * share
    return round(found) if isinstance(default, int) else found


def with_shares(
    rules: Elasticity, conditions: Conditions, drawn: Mapping[Assumption, float]
) -> tuple[Elasticity, Conditions]:
    """Rules and conditions with each assumption at its share; ends that hang on another value follow what was drawn of
    that."""
    units: dict[str, Any] = {}
    service = conditions.service_parameters()
    provider = conditions.provider_parameters()
    for item, share in drawn.items():
        name = item.own_name
        if item.place == "unit":
            units[name] = DECLARED[name][2](float(at(item, share, item.default, (item.low, item.high)) or 0.0))
        elif item.place == "platform":
            service = _moved(item, service, share)
        elif provider is not None and item.place == provider.platform:
            provider = _moved(item, provider, share)
    if units:
        rules = rules.model_copy(update={"unit": rules.unit.model_copy(update=units)})
    changed: dict[str, Any] = {"parameters": service}
    if provider is not None and conditions.instances is not None:
        shipped = {row.name: row.default for row in provider.rows()}
        values = {name: getattr(provider, name) for name in shipped if getattr(provider, name) != shipped[name]}
        changed["instances"] = dataclasses.replace(conditions.instances, parameters=values)
    return rules, dataclasses.replace(conditions, **changed)


def _moved(item: Assumption, known: PlatformParameters, share: float) -> PlatformParameters:
    name = item.own_name
    ends = None if item.given else known.ends(name)
    value = at(item, share, getattr(known, name), ends or (item.low, item.high))
    return known.with_values(**{name: value})
