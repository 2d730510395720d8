"""Metric filters of logs: what a log event is made of a metric by.

Sources: CloudWatch Logs API, PutMetricFilter and MetricTransformation; PREFLIGHT rules/logs.
"""

from collections.abc import Iterator

from localcloud.aws.limits._checks import Check, Fault, Props, each, form

MOST_DIMENSIONS = 3
CLOSED = {"[": "]", "{": "}"}
MADE = "metricTransformation"


def dimensions(props: Props) -> Iterator[Fault]:
    """Few dimensions, each a field of the event; no default beside them."""
    for place, found in each(props, f"{MADE}.dimensions"):
        if not isinstance(found, dict) or not found:
            continue
        if len(found) > MOST_DIMENSIONS:
            yield place, f"{len(found)} are given, allowed are {MOST_DIMENSIONS}"
        for name, value in found.items():
            yield from ((f'{place}["{name}"]', why) for _, why in FIELD({"value": value}))
        for at, _ in each(props, f"{MADE}.defaultValue"):
            yield at, "conflicts with 'dimensions': give one of them"


def closed(path: str) -> Check:
    """A pattern of fields ends with the bracket that it begins with."""

    def check(props: Props) -> Iterator[Fault]:
        for place, value in each(props, path):
            text = str(value).strip()
            end = CLOSED.get(text[:1])
            if end and not text.endswith(end):
                yield place, f"begins with '{text[0]}' and does not end with '{end}'"

    return check


FIELD = form("value", r"\$.+", "is no field of the event such as $.name or $1")

LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": (
        dimensions, closed("pattern"),
        form(f"{MADE}.namespace", r"(?!AWS/).*", "begins with AWS/, which AWS keeps for itself"),
        form(f"{MADE}.value", r"-?\d+(\.\d+)?([eE][+-]?\d+)?|\$.+", "is neither a number nor a field such as $.size"),
    ),
}  # fmt: skip
