"""What the name of a column or of a metric says of its values: counts, rates, or no load at all.

A wrong guess here is a simulation of another load, so what could be either is refused with the cure.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Literal

Per = Literal["step", "second", "minute", "hour", "request"]
"""What a value counts: requests within one step of the file (CloudWatch's Sum), or a rate; `request`: each row of the
file is one request."""
SECONDS: Mapping[str, int] = {"second": 1, "minute": 60, "hour": 3_600}


@dataclasses.dataclass(frozen=True)
class Meaning:
    """What is known of a series before its values are looked at."""

    per: Per | None = None
    """None: nothing said."""
    refused: str = ""
    """Why it is no load, as a sentence goes on after the column's name; empty where it may be one."""


_START, _END = r"(?<![a-z])", r"(?![a-z])"
_COUNTED_ANYWAY = re.compile(r"_count\b|sample_?count|\bcount_over_time\b|\bas_count\b")
"""The number of observations of a latency is the number of requests."""
_OF_EACH_REQUEST: tuple[tuple[str, str], ...] = (
    (
        r"latenc|response_?time|duration|elapsed|time_?taken|request_?time|_time_(ms|s)\b",
        "is a time, not a number of requests",
    ),
    (rf"bytes|bandwidth|{_START}[km]b{_END}", "is a size, not a number of requests"),
)  # fmt: skip
_NO_LOADS: tuple[tuple[str, str], ...] = (
    (rf"{_START}cpu|processor|load_?average|{_START}load(1|5|15){_END}", "is the use of processors"),
    (rf"{_START}mem(ory)?{_END}|memoryutil|{_START}(heap|rss){_END}", "is the use of memory"),
    (rf"percent|utili[sz]ation|%|{_START}ratio{_END}", "is a share, not a number of requests"),
    (
        (
            r"healthy_?hosts?|host_?count|running_?(task|pod|instance)|(running|desired|pending)_?(task_?)?count"
            r"|desired_?capacity|in_?service_?(instances|capacity)|replicas|(instance|task|pod|node)_?count"
            rf"|{_START}(user_?count|users|vus){_END}"
        ),
        "counts what is there, not requests",
    ),
    (
        r"active_?(conn|flow)|open_?conn|concurren|messages_?visible|backlog|queue_?(depth|length|size)",
        "is a level, not a flow",
    ),
    (rf"[45]xx|{_START}(errors?|failures?|failed|rejected){_END}|errorcount", "counts what failed, not all requests"),
    (r"per_?target|per_?instance|per_?host|per_?pod", "counts the requests of one unit, not of all"),
)  # fmt: skip
_STATISTIC = re.compile(rf"{_START}(average|avg|mean|median|max(imum)?|min(imum)?|stddev|p\d\d?(\.\d+)?){_END}")
_RATES: tuple[tuple[str, Per], ...] = (
    (
        r"per[ _-]?(s(ec)?|seconds?)(?![a-z])|/ ?(s|sec|second)(?![\w/-])|(\b|_)(r|q|t|req|h)ps\b",
        "second",
    ),
    (r"per[ _-]?min(ute)?s?\b|perminute|/ ?m(in(ute)?)?(?![\w/-])|\b[rqc]pm\b|_[rqc]pm\b", "minute"),
    (r"per[ _-]?h(our|r)?s?\b|perhour|/ ?h(our|r)?(?![\w/-])|_rph\b|\brph\b", "hour"),
    (r"\bi?rate\(|\bas_rate\b|(^|:)i?rate\d+[smhd]\b", "second"),
)  # fmt: skip
_RATE_OF_WHAT = re.compile(rf"{_START}(rate|throughput|velocity){_END}")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
STATISTICS = frozenset({"average", "avg", "mean", "maximum", "max", "minimum", "min"})
AVERAGE = "is an average, and a load is a sum: ask the source for the sum of each period"


def meaning_of(name: str) -> Meaning:
    """What a name says. Nothing said means that the values are counts per step unless somebody says otherwise."""
    lower = _CAMEL.sub("_", name.strip()).lower()
    counted = _COUNTED_ANYWAY.search(lower) is not None
    rates = [(match, per) for pattern, per in _RATES if (match := re.search(pattern, lower)) is not None]
    rest = lower.replace(rates[0][0][0], " ") if rates else lower  # `min` of `req/min` is no minimum
    statistic = _STATISTIC.search(rest)
    if statistic is not None:
        word = statistic[1]
        return Meaning(refused=AVERAGE if word in ("average", "avg", "mean") else f"is a {_spoken(word)}, not a sum")
    joined = lower.replace(" ", "_")
    for pattern, words in _NO_LOADS if counted else (*_OF_EACH_REQUEST, *_NO_LOADS):
        if re.search(pattern, joined):
            return Meaning(refused=words)
    if rates:
        return Meaning(rates[0][1])
    if re.search(r"\bincrease\(", lower):
        return Meaning(refused="is an increase over a window: where that is the step of the rows, add --per step")
    if _RATE_OF_WHAT.search(lower):
        return Meaning(refused="is a rate, and its name does not say per what: add --per second, minute or hour")
    return Meaning()


def _spoken(word: str) -> str:
    return {"max": "maximum", "min": "minimum"}.get(word, word if not word.startswith("p") else f"percentile ({word})")


_UNITS: tuple[tuple[Per | Literal[""], str], ...] = (
    ("second", "req/s reqps rps reqs/s requests/s requests/sec ops/s ops c/s cps /s qps mps evts/s 1/s"),
    ("minute", "req/min rpm requests/min ops/min opm c/m cpm /min reqpm mpm"),
    ("hour", "req/h requests/h /h rph"),
    ("step", "req reqs requests hits count short"),
    ("", "% ms s µs us ns min b kb mb gb kib mib gib b/s kb/s mb/s kib/s mib/s °c bps mbps iops io/s rd/s wr/s"),
)
UNITS: Mapping[str, Per | Literal[""]] = {unit: per for per, units in _UNITS for unit in units.split()}
"""What stands behind a number (Grafana: units as the panel shows them) -> what the number counts; empty where it is no
number of requests."""
