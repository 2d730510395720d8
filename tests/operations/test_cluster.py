"""What is sent to a Dask cluster, counted on a client that runs everything here. It cannot prove what a real scheduler
does with it: `test_sweep` has one of two processes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from elasticity.rules import Elasticity
from elasticity.sweeps import Case, Share, Threads, Unread, figures, rows
from elasticity.traces import Load, daily
from operations import cluster
from stacks.simulation import LoadDescription, bent, source_of

RULES = Elasticity.model_validate(
    {
        "minimum": 1,
        "maximum": 8,
        "unit": {"capacity": "40/s"},
        "target_tracking": {"cpu": {"metric": "cpu", "target": 60}},
    }
)
HEAD = "time,requests_per_second\n"


class _Done:
    def __init__(self, value: Any) -> None:
        self.value = value

    def result(self) -> Any:
        return self.value


class _Client:
    """Runs what it is given at once, and keeps what was sent to it."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.read: list[str] = []

    def ncores(self) -> dict[str, int]:
        return {"one": 1}

    def submit(self, function: Any, *arguments: Any, key: str | None = None, pure: bool = True) -> _Done:
        if key is not None:
            self.read.append(key)
            self.sent += arguments
        assert pure == (key is not None)
        return _Done(function(*map(_resolved, arguments)))


def _resolved(argument: Any) -> Any:
    if isinstance(argument, list):
        return [_resolved(item) for item in argument]
    return argument.value if isinstance(argument, _Done) else argument


def _made(name: str, description: LoadDescription, loads: Sequence[Load]) -> Case:
    return Case(name=name, rules=RULES, loads=(bent("day", description, *loads),), ticks=(60,))


def unread(name: str, folder: Path, **described: Any) -> Unread:
    description = LoadDescription.model_validate(described)
    made = functools.partial(_made, name, description)
    return Unread(name=name, sources=(source_of(description, folder),), made=made)


def csv(path: Path, rate: int) -> None:
    path.write_text(HEAD + "".join(f"2026-01-05T00:{minute:02}:00Z,{rate + minute}\n" for minute in range(60)))


def test_what_a_file_holds_travels_once_whoever_needs_it_and_is_read_there(tmp_path: Path) -> None:
    csv(tmp_path / "a.csv", 50)
    csv(tmp_path / "b.csv", 90)
    fleet = [
        unread(f"{file}-{scale}", tmp_path, trace={"file": file}, scale=scale)
        for scale in (1, 2, 3)
        for file in ("a.csv", "b.csv")
    ]
    client = _Client()
    found = list(cluster._Cluster(client, "here").map(rows, fleet))
    assert found == list(Threads(1).map(rows, fleet))
    assert len({row.figures["requests"] for (row,) in found}) == 6
    assert [source.content for source in client.sent] == [(tmp_path / name).read_bytes() for name in ("a.csv", "b.csv")]
    assert len(client.read) == len(set(client.read)) == 2


def test_a_file_that_changes_its_content_travels_again(tmp_path: Path) -> None:
    client = _Client()
    place = cluster._Cluster(client, "here")
    for rate in (50, 90, 90):
        csv(tmp_path / "a.csv", rate)
        list(place.map(rows, [unread("web", tmp_path, trace={"file": "a.csv"})]))
    assert len(client.sent) == 2


def test_the_shares_of_a_search_send_their_load_once() -> None:
    load = daily(10, 100, days=1)
    whole = Unread.of(Case(name="web", rules=RULES, loads=(load,), ticks=(60,)))
    client = _Client()
    found = list(cluster._Cluster(client, "here").map(Share.figures, [Share(whole, [RULES])] * 5))
    expected = figures(whole.read())["requests"][0, 0]
    assert [values["requests"][0, 0] for values in found] == [expected] * 5
    assert [sent.outcome for sent in client.sent] == [load]


def test_a_file_that_cannot_be_read_is_told_as_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(HEAD + "2026-01-05T00:00:00Z,many\n")
    fleet = [unread(file, tmp_path, trace={"file": file}) for file in ("bad.csv", "none.csv", "../out.csv")]
    there = list(cluster._Cluster(_Client(), "here").map(rows, fleet))
    assert there == list(Threads(1).map(rows, fleet))
    assert [row.fault.partition(":")[0] for (row,) in there] == ["bad.csv", "none.csv", "../out.csv"]


def test_no_more_loads_stay_on_a_cluster_than_it_keeps(tmp_path: Path) -> None:
    client = _Client()
    place = cluster._Cluster(client, "here")
    days = [unread(str(rate), tmp_path, steady={"rate": f"{rate}/s"}) for rate in range(1, cluster.KEPT + 3)]
    list(place.map(rows, [*days, days[-1]]))
    assert len(place._there) == cluster.KEPT
    assert len(client.sent) == len(days)
