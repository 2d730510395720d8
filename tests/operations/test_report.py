"""The forms of a report, on made-up and real runs. It cannot prove that a code host shows the Markdown as meant."""

import dataclasses
import functools
import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from elasticity import Elasticity, simulate
from elasticity.expectations import FIGURES, Figure, parse_expectation
from elasticity.traces import spike
from operations.report import document, html, markdown, table, verdict
from operations.report.acting import acting
from operations.report.drawing import drawing
from operations.report.model import Judgement, Report, Run, compared, reported, shown
from operations.simulate import Request, run
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]


@functools.cache
def a_run() -> Run:
    with tempfile.TemporaryDirectory() as folder:
        return run(Request(file=stack_file(Path(folder)))).runs[0]


@functools.cache
def a_long_run() -> Run:
    shape = "square low=20/s high=150/s period=2h duration=20d"
    with tempfile.TemporaryDirectory() as folder:
        return run(Request(file=stack_file(Path(folder)), shape=shape)).runs[0]


def report_of(*runs: Run, broken: int = 0, against: str = "", remarks: tuple[str, ...] = ()) -> Report:
    expectation = parse_expectation("overload_minutes < 0")
    judgements = tuple(Judgement(runs[place % len(runs)], expectation) for place in range(broken))
    return Report("Pulumi.test.yaml", against, runs, judgements, remarks)


NAMES = st.text(min_size=1, max_size=300)


@settings(max_examples=60)
@given(
    title=NAMES,
    names=st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=40),
    broken=st.integers(0, 80),
    against=st.sampled_from(["", "HEAD", "x" * 3_000]),
    remarks=st.lists(NAMES, max_size=5),
    unpriced=st.lists(NAMES, max_size=20),
)
def test_markdown_stays_below_4000_characters(
    title: str,
    names: list[tuple[str, str]],
    broken: int,
    against: str,
    remarks: list[str],
    unpriced: list[str],
) -> None:
    before = a_run() if against else None
    runs = [
        dataclasses.replace(a_run(), member=member, load=load, before=before, unpriced=tuple(unpriced))
        for member, load in names
    ]
    report = dataclasses.replace(report_of(*runs, broken=broken, against=against, remarks=tuple(remarks)), title=title)
    text = markdown.write(report)
    assert len(text) < 4_000
    assert "not modelled: " in text


def test_markdown_of_a_long_run_is_short_and_counts_what_it_leaves_out() -> None:
    text = markdown.write(report_of(a_long_run(), broken=1))
    assert len(text) < 4_000
    assert re.search(r"- and \d{2,} more", text)


def test_markdown_says_how_many_runs_do_not_fit() -> None:
    text = markdown.write(report_of(*[a_run()] * 30))
    found = re.search(r"(\d+) of 30 runs do not fit here\.", text)
    assert found
    assert text.count("| web / rush | |") == 30 - int(found[1])


def data_of(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found: dict[str, Any] = json.loads(page.split('id="data">')[1].split("</script>")[0])
    return found


def test_a_name_breaks_no_table_and_no_page() -> None:
    evil = dataclasses.replace(a_run(), member="a|b", load="</script><script>alert(1)</script>")
    assert "| a\\|b / &lt;/script>&lt;script>alert(1)&lt;/script> | |" in markdown.write(report_of(evil))
    titled = dataclasses.replace(report_of(evil), title="</title><script>alert(2)</script> {{ 7 * 7 }}")
    page = html.write(titled)
    assert page.count("</script>") == 2
    assert page.count("</title>") == 1
    assert "<script>alert" not in page
    assert data_of(page)["title"] == f"Scaling of {titled.title}, simulated"
    assert data_of(page)["runs"][0]["title"] == evil.title


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_cuts_nothing_off(width: int) -> None:
    shown = io.StringIO()
    table.show(report_of(a_run(), broken=1), Console(width=width, file=shown), None, everything=True)
    assert "…" not in shown.getvalue()
    flat = "".join(shown.getvalue().split())
    for row in a_run().timeline.parameters:
        assert row.name in flat
        if width == 80:  # below 100 characters a source has lines of its own
            assert row.source.replace(" ", "") in flat


def printed(report: Report, width: int = 80, **options: Any) -> str:
    shown = io.StringIO()
    table.show(report, Console(width=width, file=shown, **options), None)
    return shown.getvalue()


def test_a_month_is_told_where_the_load_holds_whole_days_and_else_its_window() -> None:
    cost = verdict.lines(a_long_run(), [])[2]
    assert cost.startswith(f"cost: {a_long_run().figures['cost_per_month']:.2f} USD a month of such weeks, ")
    with tempfile.TemporaryDirectory() as folder:
        of_a_day = run(Request(file=stack_file(Path(folder)), shape="steady rate=60/s duration=1d")).runs[0]
    assert " a month of such days, " in verdict.lines(of_a_day, [])[2]
    changed = dataclasses.replace(a_run(), before=a_run())
    assert verdict.lines(changed, [])[2].startswith("cost: 0.08 USD in these 2 h (before 0.08 USD, same), ")


def test_the_answer_comes_first_then_what_acted_then_a_dozen_figures_then_what_is_assumed() -> None:
    lines = printed(report_of(a_run(), broken=1)).splitlines()
    assert lines[:4] == [
        "web / rush",
        "  broken: 1 of 1 expectations: overload_minutes < 0, measured 6.8 min",
        "  overload: 6.8 min, 16,400 requests above capacity, 8,000 failed",
        "  cost: 0.08 USD in these 2 h, 114.6 % of 3 fixed units",
    ]
    heads = [line.strip() for line in lines if line.startswith(("What acted", "Figures", "What web / rush assumes"))]
    assert heads == [
        "What acted and why (UTC)",
        "Figures that people decide on; --all shows all of them",
        "What web / rush assumes",
    ]
    first = lines.index(next(line for line in lines if line.startswith("figure")))
    assert lines[first + 13] == "", "twelve figures"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_name_is_broken_inside_a_word(width: int) -> None:
    wide = set(printed(report_of(a_run(), broken=1), 1_000).split())
    broken = [word for word in printed(report_of(a_run(), broken=1), width).split() if word not in wide]
    assert [word for word in broken if not set(word) <= set("▁▂▃▄▅▆▇█─")] == []


def test_load_above_capacity_is_drawn_red_and_nothing_else_is() -> None:
    run = a_run()
    drawn = [line for line in drawing(run, 80) if "load above" not in line.plain]
    red = {span.start for line in drawn for span in line.spans if span.style == "red"}
    columns = min(72, len(run.timeline.load))
    spans = np.array_split(run.timeline.load > run.timeline.capacity, columns)
    left = len(drawn[0].plain) - columns
    assert {place - left for place in red} <= {place for place, over in enumerate(spans) if over.any()} | {
        place + 1 for place, over in enumerate(spans) if over.any()
    }
    assert red
    assert all(len(line.plain) <= 80 for line in drawn)


def test_a_terminal_without_block_characters_gets_plain_ones() -> None:
    text = "".join(line.plain for line in drawing(a_run(), 80, blocks=False))
    assert text.isascii()
    assert {"#", "-", "!"} <= set(text)


def test_times_that_differ_by_a_tick_are_the_same() -> None:
    kind = FIGURES["overload_minutes"]
    assert compared(kind, 5.0, 5.0 + 10 / 60, 10) == "same"
    assert compared(kind, 5.0, 5.0 + 21 / 60, 10) == "worse"
    assert compared(FIGURES["reaction_p95"], 410.0, 400.0, 10) == "same"
    assert compared(FIGURES["worst_latency"], 9.0, 1.0, 10) == "better", "an estimate, and no number of ticks"
    assert compared(FIGURES["actions"], 5.0, 4.0, 10) == "better"


def test_the_page_loads_nothing_from_anywhere() -> None:
    page = html.write(report_of(a_run()))
    assert "default-src 'none'" in page
    assert re.findall(r"(?:src|href|url|import|fetch)\s*[=(]", page) == []
    assert re.findall(r"https?://", page) == []


def test_a_long_page_is_thinned_and_keeps_the_worst_of_each_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MAXIMUM_POINTS", 1_000)
    found = a_long_run()
    (entry,) = data_of(html.write(report_of(found)))["runs"]
    assert len(entry["series"]["load"]) <= 1_000
    assert max(entry["series"]["load"]) == found.timeline.load.max()
    assert min(entry["series"]["capacity"]) == found.timeline.capacity.min()


def test_every_form_says_what_changes_in_the_rules() -> None:
    lines = tuple(f"web.minimum: {n} -> {n + 1}" for n in range(12))
    found = dataclasses.replace(report_of(a_run(), against="HEAD"), changes=lines)
    shown = io.StringIO()
    table.show(found, Console(width=120, file=shown), 0)
    assert all(f"  {line}\n" in shown.getvalue() for line in lines)
    assert document.document(found)["changes"] == list(lines)
    assert data_of(html.write(found))["changes"] == list(lines)
    text = markdown.write(found)
    assert "- web.minimum: 7 -> 8\n- and 4 more\n" in text


def test_the_page_marks_each_action_with_its_direction() -> None:
    found = a_long_run()
    (entry,) = data_of(html.write(report_of(found)))["runs"]
    marked = [(second, way) for second, _, _, _, way in entry["decisions"] if way]
    assert marked == [(item.second, 1 if item.after > item.before else -1) for item in found.timeline.actions()]
    assert {way for _, way in marked} == {1, -1}


def test_the_schema_in_the_documentation_is_the_schema() -> None:
    written = (ROOT / "docs" / "schema" / "report.schema.json").read_text(encoding="utf-8")
    assert written == json.dumps(document.schema(), indent=2) + "\n"


@pytest.mark.parametrize(
    ("name", "before", "after", "verdict"),
    [
        ("overload_minutes", 5.0, 4.0, "better"),
        ("overload_minutes", 4.0, 5.0, "worse"),
        ("overload_minutes", 4.0, 4.0, "same"),
        ("overload_minutes", 4.0, 4.0 + 1e-12, "same"),
        ("latency_kept", 0.8, 0.9, "better"),
        ("latency_kept", 0.9, 0.8, "worse"),
        ("requests", 1.0, 2.0, ""),
        ("reaction_p95", None, 2.0, ""),
        ("reaction_p95", 2.0, None, ""),
    ],
)
def test_better_follows_the_direction_of_the_figure(
    name: str, before: float | None, after: float | None, verdict: str
) -> None:
    assert compared(FIGURES[name], before, after) == verdict


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("overload_requests", 1234567.2, "1,234,567"),
        ("overload_minutes", 6.8333, "6.8 min"),
        ("worst_latency", 0.0432, "0.04 s"),
        ("worst_latency", 164.2, "164 s"),
        ("slack", 0.536, "53.6 %"),
        ("theta_u", 1.94, "1.9 %"),
        ("actions", 5.0, "5"),
        ("peak_units", 8.0, "8 units"),
        ("cost_per_month", 1234.5, "1,234.50 EUR"),
        ("cost_per_month", None, "none"),
    ],
)
def test_a_figure_is_shown_with_its_unit(name: str, value: float | None, text: str) -> None:
    assert shown(FIGURES[name], value, "EUR") == text


def test_the_short_log_tells_what_changed_desired_and_which_alarms_went_off() -> None:
    decisions, left = reported(a_run(), 1_000)
    assert left == 0
    assert {item.kind for item in decisions} == {"alarm", "scale_out", "scale_in"}
    assert all(" to ALARM" in item.text for item in decisions if item.kind == "alarm")
    assert [item for item in decisions if item.kind != "alarm"] == list(a_run().timeline.actions())


@pytest.mark.parametrize(
    "figure",
    [figure for figure in FIGURES.values() if not figure.name.startswith("peak_")],  # whole units
    ids=lambda figure: figure.name,
)
def test_a_figure_that_is_not_zero_is_never_shown_as_zero(figure: Figure) -> None:
    for value in (1e-9, 0.0004, 0.004, 0.04, 0.4):
        assert re.sub(r"[^1-9]", "", shown(figure, value)), (value, shown(figure, value))


def test_the_page_holds_the_metric_that_acted_with_its_levels_and_every_panel_before() -> None:
    changed = dataclasses.replace(a_run(), before=a_run())
    (entry,) = data_of(html.write(report_of(changed, against="HEAD")))["runs"]
    assert entry["metric"] == {
        "name": "cpu",
        "label": "cpu, %",
        "levels": [[50, "target"], [45, "scales in below"]],
        "most": 105,
    }
    assert entry["waited"] is True
    assert (
        entry["verdict"][1] == "overload: 6.8 min (before 6.8 min, same), 16,400 requests above capacity, 8,000 failed"
    )
    for name in ("capacity", "metric", "serving", "backlog", "latency"):
        assert entry["series"][f"before_{name}"] == entry["series"][name]
    assert sum(row[4] == "1" for row in entry["figures"]) == 12


@pytest.mark.parametrize(
    ("metric", "target", "shown_as", "levels"),
    [
        ("memory", 60, "memory, %", [60, 54]),
        ("requests_per_target", 1_200, "requests per target, requests/min", [1_200, 1_080]),
        ("cpu", 40, "cpu, %", [40, 36]),
    ],
)
def test_the_metric_of_the_rule_that_acted_is_shown(
    metric: str, target: float, shown_as: str, levels: list[float]
) -> None:
    rules = {"minimum": 2, "maximum": 12, "target_tracking": {"it": {"metric": metric, "target": target}, "idle": {"metric": "cpu", "target": 95}},
             "unit": {"capacity": "50/s", "start_up": "60s", "idle_memory": 20, "full_memory": 90}}  # fmt: skip
    timeline = simulate(
        Elasticity.model_validate(rules), spike(base=60, peak=200, at=1_800, length=1_800, duration=7_200)
    )
    found = acting(timeline)
    assert (found.metric, found.label) == (metric, shown_as)
    assert [level for level, _ in found.levels] == pytest.approx(levels)
    calm, busy = found.values[10], found.values[200]
    assert busy > calm
    assert busy > target, "the datapoint that acted lies above the target"
