"""`accordion sweep` over small fleets, on threads and on a Dask cluster of two processes. It cannot prove anything about
a cluster on other machines."""

from __future__ import annotations

import importlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from operations import cli, sweep
from tests.operations.test_tune import RULES, SIMULATION, stack_file

FLEET = {
    "calm": RULES,
    "small": RULES.replace("maximum: 8", "maximum: 5"),
    "tiny": RULES.replace("capacity: 40/s", "capacity: 10/s"),
}


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    for name, rules in FLEET.items():
        stack_file(tmp_path, rules, name=name)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.run(["sweep", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_worst_come_first(fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("elasticity.simulator.engine.is_cached", lambda: True)  # else it says that it compiles
    code, out, err = run(capsys, fleet, "--format", "json")
    rows = json.loads(out)["rows"]
    assert (code, err) == (1, "")
    assert [(row["service"], row["load"]) for row in rows[:2]] == [("tiny/web", "noon"), ("tiny/web", "rush")]
    assert rows[0]["broken"] == ["overload_minutes < 12"]
    minutes = [row["figures"]["overload_minutes"] for row in rows]
    assert minutes[:2] == sorted(minutes[:2], reverse=True)
    assert len(rows) == 6


def test_the_order_may_follow_another_figure(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, fleet / "Pulumi.calm.yaml", "--format", "json", "--sort", "slack")
    slack = [row["figures"]["slack"] for row in json.loads(out)["rows"]]
    assert slack == sorted(slack, reverse=True)


def test_the_table_shows_the_worst_and_says_how_many_there_are(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, fleet, "--top", 1)
    assert "tiny/web" in out
    assert "calm/web" not in out
    lines = out.splitlines()
    assert (lines[0], lines[-1]) == ("3 services, 6 runs", "the worst 1 are shown: --top all shows the others")


def test_a_narrow_terminal_shows_whole_names_and_fewer_figures(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, wide, _ = run(capsys, fleet)
    headings = {word for heading in sweep.SHOWN.values() for word in heading.split()}
    assert headings <= set(wide.split())
    monkeypatch.setattr(sweep, "WIDE", 200)  # not on a terminal the table is 120 wide
    _, narrow, _ = run(capsys, fleet)
    lines = narrow.splitlines()
    assert " ".join(lines[6].split()) == "service load overload reaction p95 peak cost a month broken"
    assert lines[-1] == "4 more figures from 200 characters on, all with --format json"


def test_a_broken_file_does_not_stop_the_fleet(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "Pulumi.broken.yaml").write_text("config:\n  accordion:composition: web\n", encoding="utf-8")
    stack_file(fleet, simulation="", name="idle")
    stack_file(
        fleet,
        simulation=SIMULATION.replace("{ daily: { low: 20/s, high: 150/s } }", "{ trace: { file: none.csv } }"),
        name="lost",
    )
    stack_file(fleet, RULES.replace("capacity: 40/s, ", ""), name="mute")
    code, out, err = run(capsys, fleet, "--format", "json")
    document = json.loads(out)
    assert (code, len(document["rows"])) == (2, 6)
    assert document["without_loads"] == ["idle/web"]
    assert [fault.partition(":")[0] for fault in document["faults"]][-2:] == ["lost/web", "mute/web"]
    assert all(fault.startswith(str(fleet / "Pulumi.broken.yaml")) for fault in document["faults"][:-2])
    said = [
        line for line in err.splitlines() if not line.startswith("compiling the simulator")
    ]  # where nothing had yet
    assert said == [f"error: {fault}" for fault in document["faults"]]


def test_stacks_of_one_name_are_told_apart_and_keep_their_own_expectations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strict = SIMULATION.replace("overload_minutes < 12", "peak_units < 1")
    for folder, simulation in (("a/shop", SIMULATION), ("b/shop", strict), ("b/bank", SIMULATION)):
        (tmp_path / folder).mkdir(parents=True)
        stack_file(tmp_path / folder, simulation=simulation, name="prod")
    stack_file(tmp_path, name="solo")
    _, out, _ = run(capsys, *(tmp_path / folder for folder in ("a/shop", "b/shop", "b/bank", ".")), "--format", "json")
    broken = {row["service"]: row["broken"] for row in json.loads(out)["rows"] if row["load"] == "noon"}
    assert broken == {
        (tmp_path / "a/shop/prod/web").as_posix(): [],
        (tmp_path / "b/shop/prod/web").as_posix(): ["peak_units < 1"],
        "bank/prod/web": [],
        "solo/web": [],
    }


def test_an_expectation_of_the_command_line_holds_for_every_service(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, fleet, "--format", "json", "--expect", "peak_units < 1")
    assert all("peak_units < 1" in row["broken"] for row in json.loads(out)["rows"])


MISTAKES = (
    (("nowhere",), "nowhere: neither a stack file nor a folder with files called Pulumi.*.yaml"),
    (
        (".", "--expect", "overload_minutes"),
        (
            "--expect 'overload_minutes': expected a figure, a comparison (<, <=, >, >=, ==, !=) and a number, such as "
            "`overload_minutes < 5` or, over many runs, `p90 overload_minutes < 5`"
        ),
    ),
    (
        (".", "--dask", "nonsense"),
        "--dask: got 'nonsense', expected the address of a scheduler, such as tcp://127.0.0.1:8786",
    ),
)


@pytest.mark.parametrize(("arguments", "text"), MISTAKES)
def test_a_mistake_is_told_in_one_line(
    fleet: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    text: str,
) -> None:
    monkeypatch.chdir(fleet)
    assert run(capsys, *arguments) == (2, "", f"error: {text}\n")


def test_a_fleet_without_loads_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack_file(tmp_path, simulation="")
    assert run(capsys, tmp_path)[::2] == (
        2,
        "error: nothing was run: no service or group has loads under `simulation.loads`\n",
    )


def test_dask_is_asked_for_only_where_it_is_wanted(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name == "distributed":
            raise ImportError(name=name)
        return found(name, package)

    monkeypatch.setattr(importlib, "import_module", without)
    assert run(capsys, fleet)[0] == 1
    assert run(capsys, fleet, "--dask", "tcp://127.0.0.1:8786") == (
        2,
        "",
        "error: --dask: the package distributed is not installed: pip install 'accordion[dask]', or leave --dask out\n",
    )


def test_a_scheduler_that_does_not_answer_is_told(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.cluster.CONNECT_SECONDS", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert run(capsys, fleet, "--dask", address) == (
            2,
            "",
            f"error: --dask {address}: no Dask scheduler answers there within 1 s\n",
        )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of two worker processes on this machine."""
    distributed = importlib.import_module("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as running:
        yield running.scheduler_address


@pytest.mark.long
def test_a_cluster_of_two_workers_gives_the_same_bytes(
    fleet: Path, capsys: pytest.CaptureFixture[str], cluster: str
) -> None:
    here = run(capsys, fleet, "--format", "json")
    assert run(capsys, fleet, "--format", "json", "--dask", cluster) == here


@pytest.mark.long
def test_a_search_on_a_cluster_gives_the_same_bytes(
    fleet: Path, capsys: pytest.CaptureFixture[str], cluster: str
) -> None:
    arguments = ["tune", str(fleet / "Pulumi.calm.yaml"), "--trials", "80", "--format", "json"]
    codes = [cli.run(arguments), cli.run([*arguments, "--dask", cluster])]
    out = capsys.readouterr().out
    assert codes == [0, 0]
    assert out[: len(out) // 2] == out[len(out) // 2 :]


@pytest.mark.long
def test_a_cluster_without_workers_is_told(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = importlib.import_module("distributed")
    with distributed.LocalCluster(
        n_workers=0,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        local_directory=str(fleet),
    ) as empty:
        address = empty.scheduler_address
        assert run(capsys, fleet, "--dask", address) == (
            2,
            "",
            f"error: --dask {address}: the scheduler has no workers: start some with `dask worker`\n",
        )


def test_cold_begins_every_run_with_the_minimum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steady = "      simulation: { loads: { even: { steady: { rate: 200/s, duration: 2h } } } }\n"
    stack_file(tmp_path, RULES, name="calm", simulation=steady)
    figures = {}
    for more in ((), ("--cold",)):
        _, out, _ = run(capsys, tmp_path, "--format", "json", *more)
        (row,) = json.loads(out)["rows"]
        figures[more] = row["figures"]
        _, told, _ = run(capsys, tmp_path, *more)
        assert ("each run starts cold, with the minimum" in told) is bool(more)
    assert figures[()]["overload_minutes"] == 0, "settled: the rules hold what the load needs"
    assert figures["--cold",]["overload_minutes"] > 0, "the minimum is too few until others have started"
