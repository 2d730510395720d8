"""Metrics that nobody publishes where the rules run, asked of a Prometheus instead: a query for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from elasticity.faults import Fault
from elasticity.rules import Elasticity


def _an_address(text: str) -> str:
    """Something that can be asked there, without a log-in and with a query of ours."""
    try:
        parts = urlsplit(text)
        is_placed = bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port that is none, or a bracket that does not close
        is_placed, parts = False, urlsplit("")
    more = parts.username is not None or parts.query or parts.fragment or " " in text or not text.isprintable()
    if not is_placed or more or parts.scheme not in ("http", "https"):
        raise PydanticCustomError("address", "expected an address such as http://prometheus:9090, and no password")
    return text


PrometheusAddress = Annotated[str, Field(max_length=300), AfterValidator(_an_address)]
"""Of an existing Prometheus; its HTTP API stands below the address."""
Query = Annotated[str, Field(min_length=1, max_length=4_000)]
"""PromQL with one number for an answer, in the metric's own unit. `$period` in it is the period, as in 60s; `$replicas`
are the running tasks."""


def metrics_of(rules: Elasticity) -> tuple[str, ...]:
    """The metrics that rules are on, each once, in their order."""
    looked_at = (*rules.target_tracking.values(), *rules.step_scaling.values(), *rules.predictive.values())
    return tuple(dict.fromkeys(rule.metric for rule in looked_at))


def query_faults(rules: Elasticity | None, queries: Mapping[str, str]) -> Iterator[Fault]:
    """Queries that no rule would ever ask."""
    wanted = () if rules is None else metrics_of(rules)
    for metric in queries:
        if metric not in wanted:
            listed = ", ".join(wanted) or "nothing"
            yield Fault(("queries", metric), f"no rule is on it, so nobody would ask it; rules are on {listed}")
