"""`accordion explain` on shipped stacks and at clock changes. It cannot prove when AWS runs a schedule on such a day."""

import json
from pathlib import Path

import pytest

from operations.cli import run
from operations.explain import explain
from stacks.settings import load
from stacks.workloads import scaled
from tests.operations.golden_files import matches
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]
SPRING, AUTUMN = "2026-03-29", "2026-10-25"
"""The days of 2026 on which clocks change in Europe."""
ASKED = {
    "dev": ["Mon 08:55"],
    "staging": ["Mon 06:59", "Mon 07:00", f"{SPRING}T12:00", f"{AUTUMN}T12:00"],
    "prod": ["Mon 08:55", "Sat 08:55", f"{SPRING}T12:00", f"{AUTUMN}T12:00"],
    "fleet": ["Mon 08:55", f"{SPRING}T12:00", f"{AUTUMN}T12:00"],
}


@pytest.mark.parametrize("stack", ASKED)
def test_the_answers_for_a_shipped_stack_are_those_of_its_golden_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, stack: str
) -> None:
    monkeypatch.chdir(ROOT)
    said = []
    for at in ASKED[stack]:
        assert run(["explain", "--stack", stack, "--at", at]) == 0
        said.append(f"--at {at!r}\n{capsys.readouterr().out}")
    matches(f"explain.{stack}.txt", "\n".join(said))


@pytest.mark.parametrize(
    ("at", "minimum", "rule"),
    [
        ("Mon 07:44", 2, "evening"),
        ("Mon 07:45", 3, "office"),
        ("Mon 19:59", 3, "office"),
        ("Mon 20:00", 2, "evening"),
        ("Sun 12:00", 2, "evening"),
        # 06:45 in UTC is 07:45 in winter only, whatever offset the question is asked in.
        ("2026-01-12T06:45:00+00:00", 3, "office"),
        ("2026-07-13T05:45:00+00:00", 3, "office"),
        ("2026-07-13T05:44:59+00:00", 2, "evening"),
    ],
)
def test_the_last_schedule_before_a_time_holds_then(tmp_path: Path, at: str, minimum: int, rule: str) -> None:
    (member,) = scaled(load(stack_file(tmp_path))).values()
    answer = explain(member, at, None)
    assert (answer.minimum.value, answer.minimum.rule) == (minimum, rule)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (
            SPRING,
            (
                (
                    "night: 2026-03-29 02:30 does not exist in Europe/Berlin; it does not run "
                    "(as EventBridge Scheduler does; AWS documents nothing here)"
                ),
                "2026-03-29: clocks in Europe/Berlin go forward by 1 h, schedules follow local time",
            ),
        ),
        (
            AUTUMN,
            (
                (
                    "night: 2026-10-25 02:30 comes twice in Europe/Berlin; it runs at the first "
                    "(as EventBridge Scheduler does; AWS documents nothing here)"
                ),
                "2026-10-25: clocks in Europe/Berlin go back by 1 h, schedules follow local time",
            ),
        ),
        ("2026-06-01", ()),
    ],
)
def test_a_clock_change_is_named(tmp_path: Path, day: str, said: tuple[str, ...]) -> None:
    (member,) = scaled(load(stack_file(tmp_path))).values()
    assert explain(member, f"{day}T12:00", None).clock_changes == said


def test_on_the_spring_day_the_skipped_schedule_has_not_run(tmp_path: Path) -> None:
    (member,) = scaled(load(stack_file(tmp_path))).values()
    assert "Sat 2026-03-28 02:30 CET" in explain(member, f"{SPRING}T12:00", None).maximum.why
    assert "Sun 2026-10-25 02:30 CEST" in explain(member, f"{AUTUMN}T12:00", None).maximum.why


def test_a_bound_without_a_schedule_is_as_declared(tmp_path: Path) -> None:
    (member,) = scaled(load(stack_file(tmp_path, (", maximum: 8 }", ", minimum: 2 }")))).values()
    maximum = explain(member, "Mon 08:55", None).maximum
    assert (maximum.value, maximum.why) == (8, "as declared: no schedule has set it before")


def test_a_doubling_that_never_fits_says_so(tmp_path: Path) -> None:
    path = stack_file(
        tmp_path, ("maximum: 8\n        unit", "maximum: 3\n        unit"), (", maximum: 8 }", ", maximum: 3 }")
    )
    (member,) = scaled(load(path)).values()
    reaction = explain(member, "Mon 08:55", None).doubling
    assert reaction.served_after is None
    assert reaction.steps[-1] == (
        "the target is not reached again within 3 h: at their target the maximum of 3 units serves 70 requests/s"
    )


def test_more_publication_delay_takes_as_much_longer(tmp_path: Path) -> None:
    (member,) = scaled(load(stack_file(tmp_path))).values()
    reaction = explain(member, "Mon 08:55", None).doubling
    assert (reaction.served_after, reaction.least, reaction.most) == (410, 390, 430)


def test_the_answer_is_there_as_json(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["explain", str(stack_file(tmp_path)), "--at", "Mon 08:55", "--format", "json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["at"] == "2026-01-12T08:55:00+01:00"
    assert answer["minimum"]["value"] == 3
    assert answer["writings"][0] == {
        "rule": "office",
        "declared": "45 7 * * MON-FRI",
        "written": "cron(45 7 ? * MON,TUE,WED,THU,FRI *)",
        "time_zone": "Europe/Berlin",
    }


@pytest.mark.parametrize(("at", "said"), [("Mon 08:55", False), ("Monday 21:00", True), ("sunday 04:00", True)])
def test_only_a_minimum_that_was_lowered_comes_with_what_that_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str, said: bool
) -> None:
    assert run(["explain", str(stack_file(tmp_path)), "--at", at]) == 0
    shown = capsys.readouterr().out
    assert ("a lower minimum removes nothing by itself: capacity stays until a rule acts" in shown) is said


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "1971-12-31T23:59", "9999-12-31T23:59"])
def test_a_year_that_cron_does_not_know_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], at: str) -> None:
    assert run(["explain", str(stack_file(tmp_path)), "--at", at]) == 2
    assert capsys.readouterr().err == f"error: --at: got the year {int(at[:4])}, allowed 1972 to 2198\n"


FORM = "expected a time such as 'Mon 08:55' or 2026-03-29T02:30"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "Mo 8"], f"--at: got 'Mo 8', {FORM}"),
        (["--at", "Mon 25:00"], f"--at: got 'Mon 25:00', {FORM}"),
        (["--at", "Xyz 08:00"], f"--at: got 'Xyz 08:00', {FORM}"),
        (["--at", "2026-13-01T00:00"], f"--at: got '2026-13-01T00:00', {FORM}"),
        (
            ["--at", "Mon 08:00", "--time-zone", "Europe/Berln"],
            "--time-zone: not a known time zone, did you mean Europe/Berlin",
        ),
        (
            ["--at", "Mon 08:00", "--service", "wbe"],
            "Pulumi.test.yaml: no service or group with rules is called wbe; did you mean web",
        ),
    ],
)
def test_a_question_that_cannot_be_read_is_exit_code_2(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], message: str
) -> None:
    assert run(["explain", str(stack_file(tmp_path)), *arguments]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_a_schedule_that_the_platform_cannot_hold_is_refused_with_the_cure(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = stack_file(tmp_path, ("30 2 * * *", "30 2 1 * MON"))
    assert run(["explain", str(path), "--at", "Mon 08:55"]) == 2
    assert capsys.readouterr().err == (
        "error: scheduled.night: day-of-month and day-of-week: days of either match, which six fields cannot hold: "
        "write one schedule for each, `30 2 1 * *` and `30 2 * * MON`\n"
    )


@pytest.mark.parametrize(
    ("group", "rule", "said"),
    [
        ("", "", "300 s"),
        ("    default_warm_up: 120s\n", "", "120 s"),
        ("    default_warm_up: 120s\n", ", warm_up: 45s", "45 s"),
        (
            "    default_warm_up: 120s\n",
            ", warm_up: 45s}, memory: {metric: memory, target: 70",
            "45 to 120 s, by the rule",
        ),
    ],
)
def test_the_warm_up_of_a_group_is_its_rules_else_its_own_else_that_of_aws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], group: str, rule: str, said: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        f"workloads:\n  web:\n    platform: ec2_group\n{group}    elasticity:\n      minimum: 1\n      maximum: 4\n"
        "      unit: {capacity: 50/s, start_up: 60s}\n"
        f"      target_tracking: {{cpu: {{metric: cpu, target: 50{rule}}}}}\n"
    )
    assert run(["explain", str(path), "--at", "Mon 08:55"]) == 0
    assert f"an instance counts after a warm-up of {said}\n" in capsys.readouterr().out


def test_a_doubling_says_what_is_declared_of_starts_retries_and_failures(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    unit = "{capacity: 50/s, start_up: 60s, running_after: 20s, start_up_cpu: 80}"
    rules = f"{{minimum: 2, maximum: 9, target_tracking: {{cpu: {{metric: cpu, target: 60}}}}, unit: {unit}}}"
    beside = "{retries: {limit: 2}, failures: {zone-b: {zone: {at: 1h, share: 0.5}}}}"
    file.write_text(f"workloads: {{shop: {{elasticity: {rules}, simulation: {beside}}}}}\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["explain", str(file), "--at", "Mon 08:00"]) == 0
    out = capsys.readouterr().out
    assert "it runs, and counts, 20 s after it is asked for, at 80 % cpu until it serves" in out
    assert "of what fails 100 % is sent again, up to 2 times" in out
    assert "the declared failures are left out: zone-b" in out
