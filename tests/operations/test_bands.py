"""`accordion simulate --bands`, and expectations on a quantile. It cannot prove that the ranges hold the truth: nobody
has measured it."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import numpy as np
import pytest

from operations.cli import run
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]
RULES = ROOT / "examples" / "rules.yaml"
SCHEMA = json.loads((ROOT / "docs" / "schema" / "report.schema.json").read_text(encoding="utf-8"))
CAMPAIGN = ("--load", "campaign", "--runs", "20", "--bands")


class Answer(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


def invoked(*arguments: str, file: Path = RULES) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["simulate", str(file), *arguments])
    return Answer(code, out.getvalue(), err.getvalue())


def test_the_answer_says_in_how_many_runs_the_promises_are_kept() -> None:
    result = invoked(*CAMPAIGN, "--assert", "overload_minutes < 6")
    assert result.exit_code == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "web / campaign"
    assert "all 2 expectations kept in" in f"{lines[1]} {lines[2]}"
    assert "of 20 runs" in f"{lines[1]} {lines[2]}"


def test_the_text_shows_quantiles_what_they_hang_on_and_what_was_varied() -> None:
    text = invoked(*CAMPAIGN).stdout
    for expected in (
        "p10",
        "p50",
        "p90",
        "in force",
        "measure ",
        "unit.capacity: 150 requests/s, from 135 to 165, asm",
    ):
        assert expected in text
    assert "AWS launch post of 2026-06-18" in text
    assert "max_scale_in_fraction: 0.1, from 0 to 1, doc, asm" in text


def test_the_document_fits_the_schema_and_equal_seeds_give_equal_bytes() -> None:
    one, two, other = (
        invoked(*CAMPAIGN, "--format", "json", "--seed", seed, "--workers", workers).stdout
        for seed, workers in (("7", "1"), ("7", "2"), ("8", "2"))
    )
    assert one == two
    assert one != other
    document = json.loads(one)
    jsonschema.validate(document, SCHEMA)
    bands = document["runs"][0]["bands"]
    assert (bands["runs"], bands["seed"]) == (20, 7)
    for figure in bands["figures"].values():
        found = [figure[label] for label in ("p10", "p50", "p90") if figure[label] is not None]
        assert found == sorted(found)
    assert {item["name"] for item in bands["varied"]} >= {"publication_delay", "unit.capacity", "load.level"}
    widths = [swing["highest"] - swing["lowest"] for swing in bands["swings"]["cost_per_month"]]
    assert widths == sorted(widths, reverse=True)


def test_bands_work_for_a_stack_file_as_for_a_rules_file(tmp_path: Path) -> None:
    result = invoked("--bands", "--runs", "5", "--format", "json", file=stack_file(tmp_path))
    assert all(found["bands"]["runs"] == 5 for found in json.loads(result.stdout)["runs"])


def test_a_quantile_is_a_gate_without_the_option() -> None:
    broken = invoked("--load", "campaign", "--assert", "p90 overload_minutes < 1", "--format", "json")
    assert broken.exit_code == 1
    (found,) = [item for item in json.loads(broken.stdout)["expectations"] if "quantile" in item]
    assert (found["quantile"], found["kept"]) == (0.9, False)
    assert found["measured"] >= 1
    assert "broken: web / campaign: p90 overload_minutes < 1 (measured " in broken.stderr
    assert "over 200 runs)" in broken.stderr
    assert invoked("--load", "campaign", "--assert", "p90 overload_minutes < 60").exit_code == 0


def test_a_plain_expectation_stays_one_of_the_run_itself() -> None:
    plain = json.loads(invoked("--load", "campaign", "--format", "json").stdout)
    beside = json.loads(invoked(*CAMPAIGN, "--format", "json").stdout)
    assert "bands" not in plain["runs"][0]
    assert plain["expectations"] == beside["expectations"]
    assert plain["runs"][0]["timeline"] == beside["runs"][0]["timeline"]


def rules_with(tmp_path: Path, bands: str, expected: str = "p90 overload_minutes < 60") -> Path:
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "rules.yaml"
    file.write_text(
        f"""workloads:
  web:
    platform: ecs_service
    elasticity:
      minimum: 2
      maximum: 10
      unit: {{ capacity: 50/s, start_up: 60s }}
      target_tracking:
        cpu: {{ metric: cpu, target: 60 }}
    simulation:
      loads: {{ rush: {{ spike: {{ base: 60/s, peak: 200/s }} }} }}
      expectations: ["{expected}"]
      bands: {bands}
"""
    )
    return file


def test_a_file_says_what_differs_between_the_runs(tmp_path: Path) -> None:
    file = rules_with(
        tmp_path,
        "{ runs: 7, level: 0, shift: 0s, noise: false, ranges: { unit.capacity: [45/s, 50/s], drain: [60, 300] } }",
    )
    bands = json.loads(invoked("--format", "json", file=file).stdout)["runs"][0]["bands"]
    varied = {item["name"]: (item["low"], item["high"], item["grade"]) for item in bands["varied"]}
    assert bands["runs"] == 7
    assert bands["drawn"] == []
    assert varied["unit.capacity"] == (45.0, 50.0, "declared")
    assert varied["drain"] == (60.0, 300.0, "declared")
    assert "load.level" not in varied


def test_a_range_of_the_command_line_stands_above_the_file(tmp_path: Path) -> None:
    file = rules_with(tmp_path, "{ ranges: { unit.capacity: [45/s, 50/s] } }")
    arguments = ("--bands", "--runs", "3", "--range", "unit.capacity=40/s..60/s", "--format", "json")
    bands = json.loads(invoked(*arguments, file=file).stdout)["runs"][0]["bands"]
    assert next(item["low"] for item in bands["varied"] if item["name"] == "unit.capacity") == 40.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--runs", "3"), "--runs: give --bands too"),
        (("--range", "drain=1..2", "--rank", "flaps"), "--range, --rank: give --bands too"),
        (("--bands", "--rank", "flips"), "--rank: not a figure: flips"),
        (("--bands", "--range", "drain"), "--range: got 'drain', expected a name and two values"),
        (("--bands", "--range", "drain=1..x"), "--range: got 'x' in 'drain=1..x', expected a number, a rate such as"),
        (
            ("--bands", "--range", "drains=1..2"),
            "web: range of drains: not a number that this run assumes; did you mean drain",
        ),
        (("--bands", "--range", "unit.capacity=1..2"), "web: range of unit.capacity: got 1 to 2, allowed finite ends"),
        (
            ("--assert", "p90 overlod_minutes < 5"),
            "--assert 'p90 overlod_minutes < 5': not a figure: `overlod_minutes`",
        ),
        (("--assert", "p900 overload_minutes < 5"), "not a quantile: `p900`; allowed p1 to p99"),
    ],
)
def test_a_wrong_option_says_what_is_allowed(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["simulate", str(RULES), "--load", "campaign", *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bands", "expected", "message"),
    [
        ("{ level: 1 }", "flaps < 1", "simulation.bands.level"),
        ("{ runs: 0 }", "flaps < 1", "simulation.bands.runs"),
        ("{ seeds: 3 }", "flaps < 1", "simulation.bands.seeds: unknown key"),
        ("{ ranges: { drain: [1] } }", "flaps < 1", "simulation.bands.ranges.drain"),
        ("{ ranges: { drain: [a, b] } }", "flaps < 1", "simulation.bands.ranges.drain"),
        ("{}", "p0 flaps < 1", "simulation.expectations[0]: not a quantile: `p0`"),
    ],
)
def test_a_wrong_setting_is_told_with_its_place(
    tmp_path: Path, bands: str, expected: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = rules_with(tmp_path, bands, expected)
    assert run(["simulate", str(file)]) == 2
    found = capsys.readouterr().err
    assert message in found
    assert "rules.yaml:" in found


def test_a_picture_of_bands_has_a_tornado_beside_it_and_equal_runs_draw_equal_bytes(tmp_path: Path) -> None:
    drawn = []
    for folder in ("one", "two"):
        picture = tmp_path / folder / "bands.svg"
        picture.parent.mkdir()
        assert (
            invoked(*CAMPAIGN, "--workers", "1" if folder == "one" else "2", "--picture", str(picture)).exit_code == 0
        )
        drawn.append({path.name: path.read_bytes() for path in sorted(picture.parent.iterdir())})
    assert list(drawn[0]) == ["bands-dark-tornado.svg", "bands-dark.svg", "bands-tornado.svg", "bands.svg"]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0].values())) == 4


def test_a_page_shows_quantiles_ribbons_and_what_they_hang_on_as_the_document_has_them(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    asked = (*CAMPAIGN, "--format", "json", "--rank", "overload_minutes", "--html", str(page))
    (told,) = json.loads(invoked(*asked).stdout)["runs"]
    content = page.read_text(encoding="utf-8")
    assert invoked(*asked).exit_code == 0
    assert page.read_text(encoding="utf-8") == content, "equal runs give equal bytes"
    (shown,) = data_of(content)["runs"]
    assert "kept in" in shown["verdict"][0]
    bands = shown["bands"]
    assert (bands["runs"], bands["labels"]) == (20, ["p10", "p50", "p90"])
    assert set(bands["figures"]) >= {row[0] for row in shown["figures"]}
    low, middle, high = (np.array(row) for row in bands["ribbons"]["capacity"])
    assert len(bands["starts"]) == len(low)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert (low < high).any()
    (hangs,) = bands["hangs"]
    swings = [swing for swing in told["bands"]["swings"]["overload_minutes"] if swing["highest"] > swing["lowest"]]
    assert [row[0] for row in hangs["rows"]] == [swing["name"] for swing in swings]
    assert [row[3] for row in hangs["rows"]][:1] == ([100.0] if swings else [])
    assert hangs["first"][0].startswith("measure " if swings else "time in overload hangs on none")
    assert bands["varied"][0][0].startswith("publication_delay: ")


def test_a_page_without_bands_has_none(tmp_path: Path) -> None:
    assert invoked("--load", "campaign", "--html", str(tmp_path / "page.html")).exit_code == 0
    (shown,) = data_of((tmp_path / "page.html").read_text(encoding="utf-8"))["runs"]
    assert shown["bands"] is None


def data_of(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found: dict[str, Any] = json.loads(page.split('id="data">')[1].split("</script>")[0])
    return found


def test_a_gate_on_a_quantile_can_be_drawn_too(tmp_path: Path) -> None:
    picture = tmp_path / "bands.png"
    asked = ("--load", "campaign", "--assert", "p50 flaps < 1000", "--picture", str(picture))
    assert invoked(*asked).exit_code == 0
    assert picture.with_name("bands-tornado.png").exists()


def test_the_comment_of_a_pull_request_holds_quantiles_and_what_was_varied() -> None:
    text = invoked(*CAMPAIGN, "--format", "markdown").stdout
    assert "| web / campaign, 20 runs | p10 | p50 | p90 | in force |" in text
    assert "kept in 20 of 20 runs" in text
    assert "varied (seed 0): publication_delay: 170 s, from 150 to 190, pub, asm" in text
    assert len(text) < 4_000


def test_a_change_is_shown_with_the_ensemble_of_the_rules_before(tmp_path: Path) -> None:
    before, after = (rules_with(tmp_path / name, "{ runs: 5 }") for name in ("before", "after"))
    after.write_text(after.read_text().replace("minimum: 2", "minimum: 4"))
    arguments = ("--bands", "--against", str(before), "--format", "json")
    (found,) = json.loads(invoked(*arguments, file=after).stdout)["runs"]
    requests = [one["bands"]["figures"]["requests"] for one in (found, found["before"])]
    assert requests[0] == requests[1]
    assert found["bands"]["figures"]["mean_units"] != found["before"]["bands"]["figures"]["mean_units"]
