"""`accordion simulate` as a person runs it. It cannot prove that AWS would do what the simulator says."""

import json
import subprocess
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from operations.cli import run
from stacks.simulation import Simulation
from tests.operations.golden_files import matches
from tests.operations.stack_files import stack_file

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
SCHEMA = json.loads((ROOT / "docs" / "schema" / "report.schema.json").read_text(encoding="utf-8"))
ALLOWED_LOADS = "steady, ramp, step, spike, square, daily, weekly"


def simulate(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run(["simulate", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.fixture
def stack(tmp_path: Path) -> str:
    return str(stack_file(tmp_path))


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_the_report_reads_as_its_golden_file(capsys: pytest.CaptureFixture[str], stack: str, form: str) -> None:
    code, out, err = simulate(capsys, stack, "--format", form)
    matches(f"simulate.{form}.txt", out)
    assert (code, err) == (0, "")


def test_the_whole_log_tells_what_was_held_back_too(capsys: pytest.CaptureFixture[str], stack: str) -> None:
    _, some, _ = simulate(capsys, stack, "--log", "3")
    _, everything, _ = simulate(capsys, stack, "--log", "all")
    assert "more: --log all shows them, and what was held back and why" in some
    assert "held: " in everything
    assert "--log all" not in everything


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_stack_meets_its_own_expectations(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(ROOT)
    code, out, err = simulate(capsys, "--stack", name, "--format", "json")
    document = json.loads(out)
    assert document["expectations"]
    assert [item for item in document["expectations"] if not item["kept"]] == []
    assert (code, err) == (0, "")
    jsonschema.Draft202012Validator(SCHEMA).validate(document)


def test_the_document_keeps_to_its_schema_in_a_comparison_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, stack: str
) -> None:
    other = stack_file(tmp_path, ("target: 50", "target: 70"), name="other.yaml")
    _, out, _ = simulate(capsys, stack, "--against", str(other), "--format", "json")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(out))


def test_a_broken_expectation_is_exit_code_1_and_its_line(capsys: pytest.CaptureFixture[str], stack: str) -> None:
    code, _, err = simulate(
        capsys, stack, "--assert", "overload_minutes < 1", "--assert", "peak_units <= 8", "--format", "json"
    )
    measured = err.split("(measured ")[1].split(" min)")[0]
    assert (code, err) == (1, f"broken: web / rush: overload_minutes < 1 (measured {measured} min)\n")
    assert float(measured) >= 1


def test_the_direction_of_better_decides_winner_and_loser(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, stack: str
) -> None:
    slower = stack_file(tmp_path, ("start_up: 60s", "start_up: 300s"), name="slower.yaml")
    _, out, _ = simulate(capsys, stack, "--against", str(slower), "--format", "json")
    (found,) = json.loads(out)["runs"]
    before, after = found["before"]["timeline"]["figures"], found["timeline"]["figures"]
    assert after["overload_minutes"] < before["overload_minutes"]
    assert found["compared"]["overload_minutes"] == "better"
    assert found["compared"]["requests"] is None
    _, back, _ = simulate(capsys, str(slower), "--against", stack, "--format", "json")
    assert json.loads(back)["runs"][0]["compared"]["overload_minutes"] == "worse"


def test_a_revision_of_the_stack_file_is_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = stack_file(tmp_path, ("maximum: 8\n        unit", "maximum: 9\n        unit"))
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    stack_file(tmp_path)
    code, out, _ = simulate(capsys, str(path), "--against", "HEAD", "--format", "markdown")
    assert code == 0
    assert "| web / rush | HEAD | now |" in out
    assert "What changes in the rules:\n\n- web.maximum: 9 -> 8\n" in out
    _, out, _ = simulate(capsys, str(path), "--against", str(path), "--format", "markdown")
    assert "No rule changes.\n" in out
    code, _, err = simulate(capsys, str(path), "--against", "nowhere")
    assert code == 2
    assert err == (
        "error: --against: neither a file nor a git revision with Pulumi.test.yaml: 'nowhere' "
        "(invalid object name 'nowhere'.)\n"
    )


def test_the_same_input_gives_the_same_bytes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stack: str
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = []
    for zone in ("UTC", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        _, out, _ = simulate(capsys, stack, "--seed", "3", "--format", "json", "--picture", "a.svg", "--html", "a.html")
        simulate(capsys, stack, "--seed", "3", "--picture", "b.png")
        names = ("a.svg", "a-dark.svg", "b.png", "b-dark.png", "a.html")
        seen.append([out.encode(), *((tmp_path / name).read_bytes() for name in names)])
    assert seen[0] == seen[1]


def test_a_picture_per_run_is_named_after_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    second = "          calm: { steady: { rate: 30/s, duration: 1h } }\n        expectations:"
    path = stack_file(tmp_path, ("        expectations:", second))
    code, _, err = simulate(capsys, str(path), "--format", "json", "--picture", str(tmp_path / "x.PNG"))
    names = ["x-web-rush.png", "x-web-rush-dark.png", "x-web-calm.png", "x-web-calm-dark.png"]
    assert err == "".join(f"wrote {tmp_path / name}\n" for name in names)
    assert code == 0


BAD = [
    (["nowhere.yaml"], "nowhere.yaml: there is no such file; here are Pulumi.test.yaml"),
    (["--service", "wbe"], "Pulumi.test.yaml: no service or group with rules is called wbe; did you mean web"),
    (["--service", "zzz"], "Pulumi.test.yaml: no service or group with rules is called zzz; allowed web"),
    (["--load", "rsh"], "Pulumi.test.yaml: web: no load is called rsh; did you mean rush"),
    (["--load", "zzz"], "Pulumi.test.yaml: web: no load is called zzz; allowed rush"),
    (["--shape", "spik base=1/s"], f"--shape: not a load shape: 'spik', allowed {ALLOWED_LOADS}"),
    (["--shape", ""], f"--shape: not a load shape: '', allowed {ALLOWED_LOADS}"),
    (["--shape", "steady rate"], "--shape: got 'rate', expected a name and a value, such as peak=400/s"),
    (
        ["--shape", "steady rate=1/s scale=0"],
        "--shape scale: got an integer that is not above 0, allowed above 0, up to 1000000",
    ),
    (
        ["--shape", "spike base=1/s peak=2/s at=9h"],
        "spike: got `at` 32400 s, allowed below the duration of 14400 s",
    ),
    (["--shape", "steady rate=1/s rate=2/s"], "--shape: rate stands twice"),
    (
        ["--shape", "steady rate=5"],
        "--shape steady.rate: got an integer, allowed a rate with its time, such as 50/s or 3000/min",
    ),
    (["--assert", "overlod < 5"], "--assert 'overlod < 5': not a figure: `overlod`; did you mean `overload_minutes`"),
    (
        ["--platform-parameter", "drain"],
        "--platform-parameter: got 'drain', expected a name and a number, such as drain=60",
    ),
    (
        ["--platform-parameter", "drian=3"],
        "--platform-parameter drian: not a parameter of ecs_service that is a number; did you mean `drain`",
    ),
    (
        ["--platform-parameter", "requests_counted=served"],
        "--platform-parameter requests_counted: got served, allowed received, completed",
    ),
    (["--trace", "gone.csv"], "gone.csv: cannot be read: No such file or directory"),
    (["--trace", "empty.csv"], "empty.csv:1: the file is empty, expected a header and rows with a time and a value"),
    (
        ["--trace", "text.csv"],
        "text.csv:3: value: got text, expected a number from 0 up, or nothing where it is missing",
    ),
    (["--trace", "back.csv"], "back.csv:3: the time lies before that of the row above, expected increasing times"),
    (
        ["--trace", "zones.csv"],
        "zones.csv:3: the time has another zone than the others: write all times in UTC",
    ),
    (["--prices", "gone.toml"], "gone.toml: the price file cannot be read: expected a TOML file in UTF-8"),
    (["--tick", "7"], "Pulumi.test.yaml web, load rush: tick: got 7, allowed 1, 2, 5, 10, 15, 20, 30, 60 seconds"),
    (["--picture", "nowhere/a.png"], "nowhere/a.png: cannot be written: no such file or directory"),
]
TRACES = {
    "empty.csv": "",
    "text.csv": "time,value\n2026-01-05T00:00:00Z,1\n2026-01-05T00:01:00Z,many\n",
    "back.csv": "time,value\n2026-01-05T00:01:00Z,1\n2026-01-05T00:00:00Z,2\n2026-01-05T00:02:00Z,2\n",
    "zones.csv": "time,value\n2026-01-05T00:00:00Z,1\n2026-01-05T00:01:00,2\n2026-01-05T00:02:00Z,2\n",
}


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_what_cannot_be_run_is_exit_code_2_and_one_message(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    stack: str,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in TRACES.items():
        (tmp_path / name).write_text(text)
    given = arguments if arguments[0].endswith(".yaml") else [stack, *arguments]
    code, _, err = simulate(capsys, *given, "--html", "page.html", "--format", "json")
    assert (code, err) == (2, f"error: {message}\n")
    assert not (tmp_path / "page.html").exists()


def test_a_load_runs_on_the_services_that_have_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for load, services in (("campaign", ["web"]), ("week", ["web", "api"])):
        _, out, _ = simulate(capsys, "--stack", "prod", "--load", load, "--format", "json")
        assert [item["service"] for item in json.loads(out)["runs"]] == services


SHARED = "{ arn: arn:aws:ecs:eu-central-1:123456789012:cluster/shared, capacity_provider: hosts }"
ON_EC2 = ("memory: 512", f"memory: 512\n      capacity: {{ kind: ec2 }}\n      cluster: {SHARED}")


def test_a_report_says_what_these_settings_leave_out(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = stack_file(tmp_path, ON_EC2)
    _, out, _ = simulate(capsys, str(path), "--client-timeout", "1d", "--format", "json")
    assert json.loads(out)["remarks"] == [
        (
            "web: its tasks run on instances of another group: waiting for one to join is left out; "
            "describe the group under `simulation.instances`"
        ),
        (
            "EL090 warning: web / rush: 15.8 % of the time at the maximum, allowed 5 %; raise the maximum, "
            "or make a unit do more"
        ),
    ]
    assert json.loads(out)["runs"][0]["timeline"]["figures"]["cost_per_month"] is None


ON_INSTANCES = (
    ON_EC2,
    (
        "        loads:",
        "        instances: { type: m7g.large, maximum: 6, start_up: 90s, interfaces: 2 }\n        loads:",
    ),
)


def test_tasks_on_instances_wait_for_them_and_the_report_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    reports = {}
    for name, changes in (("fargate", ()), ("instances", ON_INSTANCES)):
        _, out, _ = simulate(capsys, str(stack_file(tmp_path, *changes)), "--format", "json")
        reports[name] = json.loads(out)
    assert reports["instances"]["remarks"][0] == (
        "web: its tasks wait for instances: 2 of 256 CPU units and 512 MiB fit on one m7g.large (2 vCPU, 7619 MiB for "
        "tasks, 93 % of its memory (asm), 2 network interfaces), packed as tightly as they go; nothing else runs there"
    )
    (run,), (plain,) = reports["instances"]["runs"], reports["fargate"]["runs"]
    timeline, figures = run["timeline"], run["timeline"]["figures"]
    assert timeline["platform"] == "capacity_provider"
    assert "instances" in {item["kind"] for item in timeline["decisions"]}
    assert figures["reaction_max"] > plain["timeline"]["figures"]["reaction_max"] + 90
    assert run["price"].startswith("an instance m7g.large below the tasks")
    assert figures["cost_per_month"] == pytest.approx(figures["instance_hours"] / 2 * 730 * 0.0816 + 0.2)
    parameters = {item["name"]: item["value"] for item in timeline["parameters"]}
    assert parameters["instances.units_per_instance"] == 2


@pytest.mark.parametrize(
    ("capacity", "instances", "message"),
    [
        ("fargate", "type: m7g.large, maximum: 6", "its tasks run on Fargate, which has none: set `capacity.kind: ec2`, or leave them out"),
        ("ec2", "type: t3.nano, maximum: 6", "hold 2 vCPU and 476 MiB each: no task of this service fits"),
        ("ec2", "type: x1e.large, maximum: 6, vcpus: 2", "memory: is missing, and it does not follow from `type`: give the MiB of one instance"),
        ("ec2", "memory: 4096, maximum: 6", "vcpus: is missing, and there is no `type` to tell it: give the number of one instance"),
        ("ec2", "type: m7g.large, minimum: 7, maximum: 6", "minimum: is above the maximum"),
        ("ec2", "type: m7g.large, maximum: 6, minimum_step: 9, maximum_step: 2", "minimum_step: is above `maximum_step`"),
    ],
)  # fmt: skip
def test_instances_that_cannot_hold_the_tasks_are_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, capacity: str, instances: str, message: str
) -> None:
    path = stack_file(
        tmp_path,
        ("memory: 512", f"memory: 512\n      capacity: {{ kind: {capacity} }}"),
        ("        loads:", f"        instances: {{ {instances} }}\n        loads:"),
    )
    code, _, err = simulate(capsys, str(path))
    assert code == 2
    assert err.rstrip().endswith(message)


def test_the_guide_s_stack_file_can_be_read() -> None:
    text = (ROOT / "docs" / "guides" / "simulating.md").read_text(encoding="utf-8")
    section = YAML(typ="safe").load(text.split("```yaml\n")[1].split("```")[0])
    simulation = Simulation.model_validate(section["accordion:services"]["web"]["simulation"])
    assert len(simulation.loads) == len(simulation.expectations) == 3


def test_two_loads_at_once_are_wrong_usage(capsys: pytest.CaptureFixture[str], stack: str) -> None:
    code, _, err = simulate(capsys, stack, "--load", "rush", "--shape", "steady rate=3/s")
    assert code == 2
    assert err.endswith("error: give one of --load, --trace and --shape\n")


def test_a_stack_without_loads_says_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = stack_file(tmp_path).read_text()
    path = tmp_path / "Pulumi.bare.yaml"
    path.write_text(before[: before.index("      simulation:")])
    code, _, err = simulate(capsys, str(path))
    assert (code, err) == (
        2,
        (
            "error: Pulumi.bare.yaml: no load to run on: name some under `simulation.loads` of a service, "
            "or give --shape 'spike base=50/s peak=400/s' or --trace FILE\n"
        ),
    )


def test_nothing_half_written_stays_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stack: str
) -> None:
    page = tmp_path / "page.html"
    page.write_text("before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("operations.files.os.fdopen", full)
    code, _, err = simulate(capsys, stack, "--html", str(page), "--format", "json")
    assert (code, err) == (2, f"error: {page}: cannot be written: no space left on device\n")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["Pulumi.test.yaml", "page.html"]
    assert page.read_text() == "before"


def test_pictures_are_loaded_only_when_one_is_asked_for(stack: str) -> None:
    code = "import sys; from operations.cli import run; run(sys.argv[1:]); sys.exit('matplotlib' in sys.modules)"
    python = ROOT / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-c", code, "simulate", stack], capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0


WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["spike", "daily", "base=5/s", "peak=9/s", "low=1/s", "high=", "=", "at=1d", "days=1", "length=0s"]
        ),
        st.sampled_from(["noise=-1", "repeat=99999", "scale=nan", "start=now", "shift=1", "resolution=1", "weeks=0"]),
        st.text(max_size=12),
    ),
    max_size=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=WORDS)
def test_no_shape_ends_in_a_traceback(capsys: pytest.CaptureFixture[str], stack: str, words: list[str]) -> None:
    code, _, err = simulate(capsys, stack, "--shape", " ".join(words), "--format", "json")
    assert (code == 0) == (err == "")
    assert code in (0, 2)


CELLS = st.one_of(
    st.sampled_from(
        ["2026-01-05T00:00:00Z", "2026-01-05T00:05:00Z", "2026-01-05T00:05:00+02:00", "1", "-1", "nan", "inf"]
    ),
    st.sampled_from(["", "1e308", "1767571200", '"', "timestamp", "0", "5.5"]),
    st.text(max_size=8),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, max_size=3), max_size=6), header=st.booleans())
def test_no_trace_ends_in_a_traceback(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, stack: str, rows: list[list[str]], header: bool
) -> None:
    text = "\n".join(",".join(row) for row in ([["timestamp", "value"]] if header else []) + rows)
    trace = tmp_path / "fuzz.csv"
    trace.write_text(text, encoding="utf-8")
    code, _, err = simulate(capsys, stack, "--trace", str(trace), "--format", "json")
    assert (code == 0) == (err == "")
    assert code in (0, 2)


def patience(out: str) -> list[float | None]:
    """What each run of a report waits for, of its parameters, and its worst latency."""
    (run,) = json.loads(out)["runs"]
    timeline = run["timeline"]
    (row,) = (row for row in timeline["parameters"] if row["name"] == "client_timeout")
    return [row["value"], timeline["figures"]["worst_latency"]]


HERD = ("--shape", "square low=40/s high=800/s period=1h high_share=0.02 duration=3h")


@pytest.mark.parametrize(
    ("changes", "options", "expected"),
    [
        ((), (), 60.0),
        ((("listener: { protocol: http }", "listener: { protocol: http }\n    idle_timeout: 30s"),), (), 30.0),
        ((("        latency_goal: 1s\n", "        latency_goal: 1s\n        client_timeout: 45s\n"),), (), 45.0),
        ((("        latency_goal: 1s\n", "        latency_goal: 1s\n        client_timeout: 45s\n"),), ("20s",), 20.0),
        ((("      traffic: { port: 8080 }\n", ""),), (), None),
    ],
    ids=["the balancer's default", "the balancer's own", "declared", "asked for", "nothing in front"],
)
def test_requests_wait_as_long_as_the_balancer_unless_told_otherwise(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    changes: tuple[tuple[str, str], ...],
    options: tuple[str, ...],
    expected: float | None,
) -> None:
    path = stack_file(tmp_path, *changes)
    asked = [word for text in options for word in ("--client-timeout", text)]
    _, out, _ = simulate(capsys, str(path), *HERD, *asked, "--format", "json")
    waits, worst = patience(out)
    assert waits == expected
    assert worst == expected if expected is not None else (worst or 0) > 60


@pytest.mark.parametrize("text", ["0s", "500ms", "soon", "-5s", "1.5s"])
def test_a_patience_that_is_none_is_refused_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    code, _, err = simulate(capsys, str(stack_file(tmp_path)), "--client-timeout", text)
    assert code == 2
    assert "--client-timeout" in err
    assert "allowed whole seconds above 0" in err or "a duration with its unit, such as 90s, 5m or 2h" in err


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("target_tracking: {cpu: {metric: cpu, target: 60}}", 60),
        ("target_tracking: {cpu: {metric: cpu, target: 60, metric_period: 20s}}", 20),
        ("target_tracking: {cpu: {metric: cpu, target: 60, metric_period: 60s}}", 60),
    ],
)
def test_a_long_load_is_run_in_steps_that_divide_each_period(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rules: str, expected: int
) -> None:
    unit = "unit: {capacity: 50/s}"
    file = tmp_path / "rules.yaml"
    file.write_text(
        f"workloads: {{shop: {{elasticity: {{minimum: 1, maximum: 4, {rules}, {unit}}}}}}}\n", encoding="utf-8"
    )
    code, out, err = simulate(capsys, str(file), "--shape", "daily low=10/s high=90/s days=4", "--format", "json")
    (tick,) = {done["timeline"]["tick"] for done in json.loads(out)["runs"]}
    assert (code, err, tick) == (0, "", expected)


FAILING = """\
workloads:
  shop:
    platform: {platform}
    elasticity:
      {{minimum: 6, maximum: 20, target_tracking: {{cpu: {{metric: cpu, target: 60}}}}, unit: {{capacity: 50/s, start_up: 60s}}}}
    simulation:
      loads: {{steady: {{steady: {{rate: 150/s, duration: 2h}}}}}}
      failures: {failures}
"""


def failing(folder: Path, failures: str, platform: str = "ecs_service") -> str:
    file = folder / "rules.yaml"
    file.write_text(FAILING.format(failures=failures, platform=platform), encoding="utf-8")
    return str(file)


def test_failures_are_named_logged_and_seen_in_the_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    declared = "{zone-b: {zone: {at: 1h, share: 0.34}}, db: {downstream: {connections: 100, per_unit: 7}}}"
    code, out, _ = simulate(capsys, failing(tmp_path, declared), "--format", "markdown")
    assert code == 0
    assert "- Mon 05 Jan 01:00:00 zone-b: 3 of 6 units are gone: 3 serve" in out
    code, out, _ = simulate(capsys, failing(tmp_path, declared), "--all", "--log", "all")
    said = " ".join(out.split())
    assert "failure zone-b: 34 % of the units are gone at once 1:00:00 after the start" in said
    assert "more than 14 units are of no use" in said


@pytest.mark.parametrize(
    ("failures", "platform", "expected"),
    [
        ("{a: {}}", "ecs_service", "failures.a: got none, give exactly one of zone, spot, deployment, release, downstream"),
        ("{a: {spot: {}}}", "ecs_service", "failures.a.spot: give `at` or `per_hour`"),
        ("{a: {zone: {at: 1h, share: 34}}}", "ecs_service", "failures.a.zone.share: got an integer above 1, allowed above 0, up to 1"),
        ("{a: {downstream: {rate: 5/s, connections: 3}}}", "ecs_service", "failures.a.downstream: give either `rate`, or `connections` with `per_unit`"),
        ("{a: {deployment: {at: 1h, length: 1m}}}", "ec2_group", "failures.a: deployments are of services: a group refreshes its instances"),
        ("{a: {deployment: {at: 1h, length: 1h}}, b: {deployment: {at: 90m, length: 1m}}}", "ecs_service", "failures.b: begins while a runs: a service has one deployment at a time"),
    ],
)  # fmt: skip
def test_a_failure_that_cannot_be_is_told_with_its_place(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, failures: str, platform: str, expected: str
) -> None:
    code, _, err = simulate(capsys, failing(tmp_path, failures, platform))
    assert code == 2
    assert f"workloads.shop.simulation.{expected}" in err


def test_cold_begins_with_the_minimum(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = failing(tmp_path, "{}")
    for more, begins in (
        ((), "the run starts settled, with 10 units"),
        (("--cold",), "the run starts cold, with the 6"),
    ):
        _, out, _ = simulate(capsys, file, "--shape", "steady rate=300/s", *more)
        assert begins in " ".join(out.split())


ALONE = """\
workloads:
  shop:
    elasticity:
      minimum: 2
      maximum: 20
      target_tracking: {cpu: {metric: cpu, target: 60}}
      unit: {capacity: 50/s, start_up: 60s}
"""
ASSUMED = "shop: neither a balancer nor a queue is named: requests are taken to wait 60 s"


@pytest.mark.parametrize(
    ("more", "expected", "is_said"),
    [
        ("", 60.0, True),
        ("      queue: {name: jobs, time_per_message: 20ms}\n", None, False),
        ("      metrics: {jobs: {namespace: AWS/SQS, name: ApproximateNumberOfMessagesVisible}}\n", None, False),
        (
            "      step_scaling: {slow: {metric: response_time, threshold: 1s, steps: [{from: 0s, change: 1}]}}\n",
            60.0,
            False,
        ),
        ("    deregistration_delay: 60s\n", 60.0, False),
        ("    simulation: {client_timeout: 30s}\n", 30.0, False),
        ("    simulation: {client_timeout: 1d}\n", 86_400.0, False),
    ],
)
def test_patience_in_a_rules_file_follows_from_what_the_units_work_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: str, expected: float | None, is_said: bool
) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(ALONE + more, encoding="utf-8")
    arguments = (str(file), "--shape", "spike base=60/s peak=400/s")
    _, out, _ = simulate(capsys, *arguments, "--format", "json")
    (run,) = json.loads(out)["runs"]
    (patience,) = (row["value"] for row in run["timeline"]["parameters"] if row["name"] == "client_timeout")
    assert patience == expected
    _, shown, _ = simulate(capsys, *arguments)
    assert (ASSUMED in " ".join(shown.split())) is is_said


def test_retries_of_a_stack_file_are_counted_and_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(ALONE + "    simulation: {client_timeout: 10s, retries: {limit: 2}}\n", encoding="utf-8")
    code, out, _ = simulate(capsys, str(file), "--shape", "spike base=60/s peak=600/s")
    said = " ".join(out.split())
    assert code == 0
    assert "of what fails 100 % is sent again, at once and up to 2 times" in said
    assert " sent again" in said.partition("cost:")[0]
    file.write_text(
        ALONE + "      queue: {name: jobs, time_per_message: 20ms}\n    simulation: {retries: {limit: 2}}\n",
        encoding="utf-8",
    )
    code, _, err = simulate(capsys, str(file), "--shape", "steady rate=60/s")
    assert (code, "retries: nothing ever fails without `client_timeout`" in err) == (2, True)
