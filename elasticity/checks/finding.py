"""A finding, and the table of what each code means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from elasticity.faults import Fault, KeyPath, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What one code stands for."""

    severity: Severity
    title: str
    """What is found, in a few words."""
    reason: str
    """Why it matters."""


@dataclass(frozen=True, slots=True)
class Finding(Fault):
    """One rule that would not do what its author thinks.

    Its path goes below the rules, or is `context` and the field of `LintContext`. The message is in lower case, without
    a full stop.
    """

    code: str = ""

    @property
    def title(self) -> str:
        """The code's few words."""
        return CODES[self.code].title

    @property
    def reason(self) -> str:
        """Why the code matters."""
        return CODES[self.code].reason


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "EL000": Code("note", "accepted for nothing", "what was accepted is gone, and the line would hide its return"),
        "EL001": Code("error", "bounds out of order", "AWS refuses it, but only when it is deployed"),
        "EL002": Code("error", "nothing wakes it from zero", "at zero units cpu, memory and requests say nothing"),
        "EL003": Code("warning", "too few units for production", "one failure may leave none"),
        "EL004": Code("warning", "no room to act", "policies stay within the bounds, whatever they compute"),
        "EL005": Code("warning", "peak beyond the maximum", "at the maximum rules decide nothing, and requests wait"),
        "EL006": Code("warning", "nothing scales in", "capacity that a peak has added is paid for ever after"),
        "EL007": Code("warning", "nothing scales out", "capacity falls to the minimum and stays there under any load"),
        "EL010": Code("warning", "target too near saturation", "one step grows by at most 100 / target"),
        "EL011": Code("warning", "promise below the target", "the alarm fires while scaling holds its target"),
        "EL012": Code("warning", "step rules flap", "the capacity after scaling out is already worth scaling in"),
        "EL013": Code("error", "steps do not fit together", "AWS refuses gaps, overlaps and closed ends"),
        "EL014": Code("note", "many steps to the peak", "a bounded metric bounds the growth of each step"),
        "EL015": Code("error", "idle floor above the target", "the smallest load drives capacity to the maximum"),
        "EL016": Code("error", "faster than one request", "no number of units brings the metric to its target"),
        "EL017": Code("warning", "less than one message", "every single message scales out, and every pause in"),
        "EL018": Code("warning", "a unit is full before", "requests wait or fail before the rule acts"),
        "EL020": Code("warning", "silence counts as idle", "a broken metric would take capacity away"),
        "EL021": Code("warning", "never comes down", "without datapoints the low side never fires"),
        "EL022": Code("error", "metric settings that AWS refuses", "the policy has no alarm and does nothing"),
        "EL023": Code("warning", "basic monitoring", "5-minute metrics: 15 minutes to grow, 75 to shrink"),
        "EL024": Code("warning", "metric that units do not divide", "tracking takes it that twice the units halve it"),
        "EL025": Code("error", "metric that nobody publishes so often", "without datapoints the rule never acts"),
        "EL030": Code("warning", "cooldown too short", "acts again before the last action shows, and overshoots"),
        "EL032": Code("warning", "grace below start-up", "units are killed or counted before they can serve"),
        "EL033": Code("error", "no grace with balancer checks", "new instances are killed in a loop; 0 is the default"),
        "EL034": Code("warning", "no default warm-up", "new instances distort the metric; the API's default is none"),
        "EL035": Code("warning", "scale-in overtakes start-up", "capacity leaves that cannot be back in time"),
        "EL040": Code("warning", "two rules pull at one thing", "AWS warns against it: each undoes the other"),
        "EL041": Code("warning", "never agrees to scale in", "tracking rules shrink only when all of them agree"),
        "EL042": Code("error", "requests per target under blue/green", "AWS counts one of the two target groups only"),
        "EL043": Code("error", "rules beside a capacity provider", "both move the same group"),
        "EL044": Code("warning", "service outgrows its group", "tasks wait for instances that never come"),
        "EL045": Code("error", "termination protection without scale-in protection", "ECS refuses the provider"),
        "EL046": Code("warning", "only Spot", "when Spot runs short nothing falls back to on-demand"),
        "EL047": Code("warning", "a step never applies", "bounds of steps are differences from the threshold"),
        "EL048": Code("warning", "one datapoint takes half away", "one quiet minute removes what the next one needs"),
        "EL049": Code("warning", "one rule takes back what another adds", "at a constant load they act for ever"),
        "EL050": Code("error", "schedule breaks the bounds", "AWS refuses the action at its time, and nobody sees it"),
        "EL051": Code("error", "time that the platform cannot read", "services and groups read cron differently"),
        "EL052": Code("warning", "time at a clock change", "AWS does not document what happens then"),
        "EL053": Code("warning", "two schedules at one minute", "which of them comes last is not documented"),
        "EL054": Code("warning", "weekday by number", "the same number is another day in the other dialect"),
        "EL055": Code("warning", "zone with a reversed sign", "Etc/GMT+5 lies west of Greenwich, at UTC-5"),
        "EL056": Code("warning", "raised and never lowered", "a schedule restores nothing when its time is over"),
        "EL057": Code("warning", "a schedule never happens", "what it was to bring stays away, and nobody is told"),
        "EL060": Code("warning", "forecast acts alone", "a forecast only raises; it needs a partner and a reader"),
        "EL061": Code("warning", "forecast may pass the maximum", "a raised maximum does not come back by itself"),
        "EL062": Code("note", "forecast only", "the rule predicts and does nothing"),
        "EL063": Code("error", "buffer that does not fit", "AWS takes less than 1h; less than the start-up is late"),
        "EL070": Code("error", "declared count fights the rules", "each deployment resets what the rules have done"),
        "EL071": Code("warning", "capacity change without a deployment", "running tasks stay where they are"),
        "EL072": Code("error", "rebalancing without room", "zone rebalancing starts a task before it stops one"),
        "EL073": Code("error", "a deployment can never begin", "no task may stop and none may start beside it"),
        "EL080": Code("error", "the maximum does not fit", "units beyond addresses or quota never start"),
        "EL081": Code("warning", "work is cut off", "a unit stops before its longest request or message has ended"),
        "EL090": Code("warning", "pinned at the maximum", "there the rules decide nothing any more"),
        "EL091": Code("warning", "reverses often", "more than two turns an hour: cost without service"),
    }
)  # fmt: skip
"""Severity, title and reason by code. Conditions and sources: one function each in this package."""

RETIRED: Mapping[str, str] = MappingProxyType(
    {"EL031": "a scale-out cooldown as long as AWS's default is what keeps rules from acting twice on one rise"}
)
"""Codes that are found no more, with the reason; their numbers are not given again."""
FROM_A_RUN = frozenset({"EL090", "EL091"})
"""Codes that need a simulated run."""


def finding(code: str, path: KeyPath, message: str, cure: str, severity: Severity | None = None) -> Finding:
    """A finding of a known code, with the code's severity unless said otherwise."""
    return Finding(path, message, cure, code=code, severity=severity or CODES[code].severity)
