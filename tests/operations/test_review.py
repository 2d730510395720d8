"""Reviews from saved answers of the engine and from stack files: what is told, where, and how it is escaped.

Cannot prove that the engine answers so (tests/engine/test_review.py does for one change), nor how a code host shows it.
"""

import contextlib
import dataclasses
import datetime
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elasticity.faults import Fault
from guardrails.stack import StackSaid
from localcloud.cloud import LocalCloudError
from localcloud.docker.engine import NONE_HERE
from operations.failures import BROKEN, DONE, NOT_RUN, CannotRun
from operations.review import clouds, comment, gather, settings
from operations.review.clouds import BaseFailedError, Clouds, Looked, clouds_of
from operations.review.model import Cost, Effect, Guardrail, Review, StackReview
from operations.review.placed import placed
from operations.review.plan import MARKED, UNKNOWN_TEXT, Plan, Property, Resource, after, plan_of
from operations.review.revisions import Change, change_since
from operations.review.standards import guardrails_over
from operations.sarif import REVIEW, sarif

SAVED = json.loads(Path(__file__).with_name("previews").joinpath("four-kinds.json").read_text())
ROOT = Path(__file__).parents[2]


def saved_plan() -> Plan:
    return plan_of(SAVED["preview"], SAVED["state"])


def reviewed(*stacks: StackReview, **fields: Any) -> Review:
    return Review("main", "0123456789abcdef", ("Pulumi.dev.yaml",), stacks, **fields)


def changed(**fields: Any) -> StackReview:
    return StackReview("dev", "Pulumi.dev.yaml", "changed", **fields)


def resource(number: int, **fields: Any) -> Resource:
    given: dict[str, Any] = {"kind": "updated", "type": "aws:ec2/subnet:Subnet", "name": f"network-{number}"}
    return Resource(**{**given, "urn": f"urn:{number}", **fields})


def test_saved_events_become_what_is_replaced_deleted_created_and_updated() -> None:
    told = [(one.kind, one.short_type, one.name) for one in saved_plan().resources]

    assert told == [
        ("replaced", "ec2/natGateway", "network-nat-eu-central-1a"),
        ("replaced", "ec2/subnet", "network-private-eu-central-1a"),
        ("replaced", "ec2/vpc", "network-vpc"),
        ("replaced", "ecs/taskDefinition", "web-task"),
        ("replaced", "lb/targetGroup", "balancer-web"),
        ("deleted", "cloudwatch/dashboard", "alarms-dashboard"),
        ("created", "appautoscaling/scheduledAction", "web-office"),
        ("updated", "appautoscaling/target", "web-scalable-target"),
        ("updated", "ecs/service", "web-service"),
    ]


def test_a_replacement_names_what_forces_it_and_what_only_follows_says_so() -> None:
    plan = {one.name: one for one in saved_plan().resources}

    (forced,) = plan["network-vpc"].forced
    assert (forced.path, forced.before, forced.after) == ("cidrBlock", "10.16.0.0/16", "10.17.0.0/16")
    assert [name for name, one in plan.items() if one.follows] == ["network-nat-eu-central-1a", "balancer-web"]
    assert not plan["network-private-eu-central-1a"].follows  # its own address differs too
    assert plan["web-task"].routine == "a new revision, as every change of a task definition makes one"


def test_a_container_is_looked_into_and_made_up_ids_stand_as_names() -> None:
    plan = {one.name: one for one in saved_plan().resources}

    assert [str(one) for one in plan["web-task"].properties] == [
        (
            "containerDefinitions[0].image: docker.io/nginxinc/nginx-unprivileged:1.29.1 -> "
            "docker.io/nginxinc/nginx-unprivileged:1.29.2"
        )
    ]
    assert [str(one) for one in plan["balancer-web"].properties] == [
        "vpcId: (network-vpc) -> known after the deployment"
    ]


def test_a_step_whose_word_is_not_known_is_told_and_leaves_the_verdict_open() -> None:
    plan = plan_of({"steps": [{"op": "transmute", "urn": "urn:pulumi:dev::p::t::web"}]}, {})

    assert plan.odd == ("transmute of web",)
    found = reviewed(changed(plan=plan))
    assert found.exit_code == NOT_RUN
    assert "transmute" in comment.write(found)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("password", "[secret]"),
        ("masterUserPassword", "[secret]"),
        ("authToken", "[secret]"),
        ("secretArn", "a -> b"),
        ("tokenId", "a -> b"),
        ("cidrBlock", "a -> b"),
    ],
)
def test_values_under_keys_that_hold_secrets_are_never_told(key: str, shown: str) -> None:
    states = ({"custom": True, "type": "aws:x/y:Y", "inputs": {key: value}} for value in ("a", "b"))
    step = dict(zip(("oldState", "newState"), states, strict=True)) | {"op": "update", "urn": "urn:pulumi:d::p::t::n"}

    (one,) = plan_of({"steps": [step]}, {}).resources

    expected = f"{key}: [secret] -> [secret]" if shown == "[secret]" else f"{key}: {shown}"
    assert [str(each) for each in one.properties] == [expected]


def test_every_exit_code_has_its_reason() -> None:
    replaced = Plan((resource(1, kind="replaced"),), 0)
    routine = Plan((resource(1, kind="replaced", type="aws:ecs/taskDefinition:TaskDefinition"),), 0)
    note, error = (Fault(("web",), "is so", code="EL003", severity=each) for each in ("note", "error"))
    table: list[tuple[StackReview, int]] = [
        (StackReview("dev", "Pulumi.dev.yaml", "unchanged"), DONE),
        (changed(plan=Plan((resource(1),), 0)), DONE),
        (changed(plan=routine), DONE),
        (changed(findings=(note,)), DONE),
        (changed(plan=replaced), BROKEN),
        (changed(plan=Plan((resource(1, kind="deleted"),), 0)), BROKEN),
        (changed(findings=(error,)), BROKEN),
        (changed(guardrails=(Guardrail("bounds", "web", "is wrong"),)), BROKEN),
        (changed(broken=("web / demo: overload_minutes < 5",)), BROKEN),
        (StackReview("dev", "Pulumi.dev.yaml", "refused", problem="no"), BROKEN),
        (StackReview("dev", "Pulumi.dev.yaml", "gone"), BROKEN),
        (StackReview("dev", "Pulumi.dev.yaml", "unknown", problem="the base failed"), NOT_RUN),
    ]

    assert [reviewed(stack).exit_code for stack, _ in table] == [code for _, code in table]
    lost, unknown = changed(plan=replaced), dataclasses.replace(table[-1][0], name="prod")
    assert reviewed(lost, unknown).exit_code == BROKEN  # that a person has to look is known
    assert "could not be told" in comment.write(reviewed(lost, unknown))


@pytest.mark.parametrize(
    ("built", "line"),
    [
        (True, "- **Images**: `web-build` in `dev` builds"),
        (False, "- **Images**: `web-build` in `dev` would be built (not tried: `--check-build`)"),
    ],
)
def test_the_answer_says_of_an_image_whether_it_builds(built: bool, line: str) -> None:
    told = reviewed(changed(images=("web-build",), images_built=built))
    assert (line in comment.answer(told), told.exit_code) == (True, DONE)
    assert not [each for each in comment.answer(reviewed(changed())) if "Images" in each]


def test_an_image_that_does_not_build_asks_for_a_person_in_the_first_line() -> None:
    problem = "Preview failed: the image cannot be built: COPY failed: no such file"
    told = reviewed(StackReview("dev", "Pulumi.dev.yaml", "refused", problem=problem))
    assert (comment.title(told), told.exit_code) == ("A person has to look: `dev` an image does not build", BROKEN)


def test_that_a_review_builds_is_no_difference_of_an_image() -> None:
    image = {"type": "docker:index/image:Image", "custom": True}
    inputs = ({"buildOnPreview": False, "imageName": "a:1"}, {"buildOnPreview": True, "imageName": "a:2"})
    old, new = ({**image, "inputs": each} for each in inputs)
    step = {"op": "update", "urn": "urn:pulumi:dev::p::docker:index/image:Image::web-build", "oldState": old}
    (found,) = plan_of({"steps": [{**step, "newState": new}]}, {}).resources
    assert [str(each) for each in found.properties] == ["imageName: a:1 -> a:2"]


@pytest.mark.parametrize(
    ("file", "touched"),
    [("docs/site/index.html", True), ("docs/Dockerfile", True), ("docs/notes.md", False), ("docs/sites/x", False)],
)
def test_what_an_image_is_built_from_is_read_wherever_it_lies(file: str, touched: bool, tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.private.yaml").read_text()
    image = "        image: { repository: accordion/example-app, version: 1.0.0 } # examples/app\n"
    assert text.count(image) == 1
    built = "      cpu: 256\n      build: { context: docs/./site, dockerfile: docs/Dockerfile }\n"
    (tmp_path / "Pulumi.private.yaml").write_text(text.replace(image, "").replace("      cpu: 256\n", built))
    change = Change(tmp_path, "", "main", "0" * 40, "1" * 40, "2026-01-05T00:00:00Z", (file,))
    assert gather._touches(change, "private") is touched


def test_the_answer_fits_into_fifteen_lines_whatever_differs() -> None:
    stacks = [
        StackReview(
            f"stack-{number}",
            f"Pulumi.stack-{number}.yaml",
            "changed",
            plan=saved_plan(),
            rules=tuple(f"web{number}.minimum: {each} -> 9" for each in range(20)),
            settings=tuple(f"services.web{number}.cpu: {each} -> 9" for each in range(20)),
            effects=tuple(
                Effect(f"web / {each}", "overload_minutes", "overload", "1", "2", "worse") for each in range(20)
            ),
            simulated=tuple(f"web / {each}" for each in range(20)),
            broken=("web / demo: overload_minutes < 5",) * 9,
            findings=(Fault(("web",), "is so", code="EL003", severity="warning"),) * 9,
            guardrails=(Guardrail("bounds", "web", "is wrong"),) * 9,
            cost=Cost("USD", (1.0, 2.0, 3.0), (2.0, 3.0, 4.0)),
            unchecked=("its cost",) * 9,
        )
        for number in range(12)
    ]
    lines = comment.answer(reviewed(*stacks, unchecked=("all the rest",)))

    assert len(lines) <= comment.ANSWER_LINES
    assert not any("\n" in line for line in lines)
    for word in (
        "A person has to look",
        "Replaced",
        "forced by",
        "Rules",
        "Simulated",
        "Cost",
        "Findings",
        "Not checked",
    ):
        assert any(word in line for line in lines), word


@pytest.mark.parametrize("count", [1, 40, 500, 2_000])
def test_a_comment_never_passes_its_limit_and_never_cuts_a_table(count: int) -> None:
    many = tuple(Property(f"tags.key{number}", "a" * 50, "b" * 50, False) for number in range(20))
    plan = Plan(tuple(resource(number, properties=many) for number in range(count)), 0)
    found = reviewed(changed(plan=plan))

    text, whole = comment.write(found), comment.write(found, whole=True)

    assert len(text) <= comment.MAXIMUM_CHARACTERS
    assert text == comment.write(found)
    rows = [line for line in text.splitlines() if line.startswith("| updated")]
    assert all(row.endswith(" |") for row in rows)
    assert len(rows) in (count, 1)
    assert text.count("<details>") == text.count("</details>")
    assert sum(line.startswith("| updated") for line in whole.splitlines()) == count
    assert whole.count("b" * 50) == 20 * count


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</details></summary>",
    "@everyone",
    "[link](https://example.org)",
    "https://example.org",
    "a|b",
    "`; rm -rf",
    "``x``",
    "# heading",
    "line\n\n## second",
    "\u202egnp.exe",
    "\x1b[31m",
    "a\\",
    "a\\|b",
    "fixes #1",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_or_value_leaves_its_code_span(text: str) -> None:
    one = resource(
        1, kind="replaced", name=text, type=f"aws:{text}:X", properties=(Property(text, text, f"{text}2", True),)
    )
    stack = StackReview(
        text,
        f"Pulumi.{text}.yaml",
        "changed",
        plan=Plan((one,), 0, (text,)),
        rules=(f"{text}: {text} -> {text}", text),
        settings=(f"{text}: {text} -> {text}",),
        effects=(Effect(text, "overload_minutes", "overload", "1", "2", "worse"),),
        simulated=(text,),
        broken=(text,),
        broken_before=(text,),
        findings=(Fault((text,), text, text, file=text, line=1, code="EL003", severity="error"),),
        guardrails=(Guardrail(text, text, text),),
        cost=Cost(text, (1.0, 1.0, 1.0), (2.0, 2.0, 2.0)),
        problem=text,
        unchecked=(text,),
    )
    found = dataclasses.replace(reviewed(stack), asked=text, base=text, files=(text,))
    for whole in (False, True):
        outside = _outside_code(comment.write(found, whole=whole))
        for sign in ("img", "@", "https:", "](", "rm -rf", "second", "gnp", "fixes", "\x1b", "\u202e"):
            assert sign not in outside, sign
        assert outside.count("<details>") == outside.count("</details>") == outside.count("<summary>")


@given(st.text())
def test_a_code_span_has_two_backticks_one_line_and_no_bar(text: str) -> None:
    span = comment.code(text, None)
    assert (span[0], span[-1]) == ("`", "`")
    assert not {"`", "|", "\n", "\r"} & set(span[1:-1])
    assert len(span.splitlines()) == 1


def _outside_code(text: str) -> str:
    """A comment without its code spans, in Markdown and in HTML."""
    kept = []
    for line in text.splitlines():
        before, _, rest = line.partition("<code>")
        _, _, behind = rest.rpartition("</code>") if rest else ("", "", "")
        kept += (before + behind if rest else line).split("`")[::2]
    return "\n".join(kept)


def test_findings_and_losses_stand_on_changed_lines_as_sarif() -> None:
    plan = Plan((resource(1, kind="replaced", properties=(Property("cidrBlock", "a", "b", True),)),), 0)
    stack = changed(plan=plan, lines=(7, 9), guardrails=(Guardrail("bounds", "web", "is wrong"),), broken=("x",))
    found = reviewed(
        stack, StackReview("prod", "Pulumi.prod.yaml", "refused", problem="no"), program_line=("stacks/a.py", 3)
    )

    told = [(one.file, one.line, one.code, one.text) for one in placed(found)]

    assert told == [
        ("Pulumi.dev.yaml", 7, "RV001", "dev: replaced ec2/subnet network-1, forced by cidrBlock: a -> b: everything in it moves"),
        ("Pulumi.dev.yaml", 7, "RV003", "dev: guardrail bounds: web: is wrong"),
        ("Pulumi.dev.yaml", 7, "RV004", "dev: expectation broken: x"),
        ("stacks/a.py", 3, "RV005", "prod: the program refuses: no"),
    ]  # fmt: skip
    results = sarif(placed(found), "1")["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["RV001", "RV003", "RV004", "RV005"]
    assert {one["ruleId"] for one in results} <= set(REVIEW)


def test_guardrails_judge_what_a_deployment_would_leave() -> None:
    before = {"urn": "urn:pulumi:d::p::aws:cloudwatch/logGroup:LogGroup::logs", "type": "aws:cloudwatch/logGroup:LogGroup",
              "custom": True, "inputs": {"name": "logs", "retentionInDays": 30}}  # fmt: skip
    now = {**before, "inputs": {"name": "logs"}}
    state = {"deployment": {"resources": [before]}}
    preview = {"steps": [{"op": "update", "urn": before["urn"], "oldState": before, "newState": now}]}

    assert guardrails_over(after({}, state), StackSaid()) == ()
    assert [(one.policy, one.resource) for one in guardrails_over(after(preview, state), StackSaid())] == [
        ("logs-end", "logs")
    ]
    gone = {"steps": [{"op": "delete", "urn": before["urn"], "oldState": before}]}
    assert after(gone, state) == []


def test_what_a_program_makes_without_a_setting_is_priced_by_its_resources() -> None:
    gateway = {"type": "aws:ec2/natGateway:NatGateway", "custom": True, "inputs": {}}
    now = settings.side_of(ROOT / "Pulumi.dev.yaml")
    assert now is not None
    assert now.settings is not None

    volume = {**gateway, "type": "aws:ebs/volume:Volume", "inputs": {"size": UNKNOWN_TEXT, "type": {MARKED: "secret"}}}

    before, after_ = settings.around(now.settings, [gateway], [gateway, gateway, volume])

    assert before > 0
    assert after_ == pytest.approx(2 * before)
    text = comment.write(reviewed(changed(around=(30.0, 60.0))))
    assert "- **Cost**: `dev`, around its units: 30.00 → 60.00 a month (+30.00)" in text


def test_a_stack_file_says_what_it_asks_for_otherwise_and_what_that_does(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text()
    edits = (("maximum: 2\n", "maximum: 4\n"), ("version: 1.29.1", "version: 1.29.2"))
    sides = []
    for name, new in (("before", text), ("after", _edited(text, *edits))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Pulumi.dev.yaml").write_text(new)
        sides.append(settings.side_of(folder / "Pulumi.dev.yaml"))
    before, now = sides
    assert before is not None
    assert now is not None

    assert settings.rule_changes(before, now) == ("web.maximum: 2 -> 4",)
    assert settings.setting_changes(before, now) == ("services.web.container.image.version: 1.29.1 -> 1.29.2",)
    run = settings.simulated(before, now)
    assert run.runs == ("web / demo", "web / workday")
    assert [str(one) for one in run.effects] == ["time at the maximum 26.0 min → 0.0 min (better)"]
    cost, left = settings.cost_change(before, now)
    assert cost is not None
    assert cost.before[0] == cost.after[0]
    assert (cost.after[2] or 0) > (cost.before[2] or 0)
    assert len(left) == 1
    assert settings.new_findings(before.path, now.path, "Pulumi.dev.yaml", datetime.date(2026, 1, 5))[0] == ()
    assert settings.simulated(before, before) == settings.Simulated()
    assert settings.cost_change(before, before) == (None, ())


def _edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def _repository(folder: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    (folder / "Pulumi.dev.yaml").write_text("one\ntwo\nthree\n")
    (folder / "gone.txt").write_text("x\n")
    git("add", "-A")
    git("commit", "-qm", "base")
    (folder / "Pulumi.dev.yaml").write_text("one\nzwei\nthree\nfour\n")
    (folder / "gone.txt").unlink()
    (folder / "new.txt").write_text("x\n")


def test_git_tells_files_and_lines_that_differ_and_the_tree_stays_as_it_is(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    _repository(work)
    before = sorted((file, file.stat().st_mtime_ns) for file in work.glob("*"))

    change = change_since("main", work)
    change.unpack(tmp_path / "base")

    assert change.files == ("Pulumi.dev.yaml", "gone.txt", "new.txt")
    assert change.lines("Pulumi.dev.yaml") == (2, 4)
    assert sorted(file.name for file in (tmp_path / "base").iterdir()) == ["Pulumi.dev.yaml", "gone.txt"]
    assert (tmp_path / "base" / "Pulumi.dev.yaml").read_text() == "one\ntwo\nthree\n"
    assert sorted((file, file.stat().st_mtime_ns) for file in work.glob("*")) == before


@pytest.mark.parametrize("revision", ["", " ", "--output=x", "nobody", "main:Pulumi.dev.yaml", "\0", "HEAD~9"])
def test_what_is_no_revision_is_refused_in_a_sentence(revision: str, tmp_path: Path) -> None:
    _repository(tmp_path)
    with pytest.raises(CannotRun, match=r"--base: (not a git revision|no git revision is called)"):
        change_since(revision, tmp_path)


def test_no_stack_of_the_head_is_looked_at_before_every_stack_of_the_base_is_deployed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both run from one folder of the local cloud, which says whose program it is: the last one to touch it."""
    for name in ("a", "b", "c", "d"):
        (tmp_path / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    (tmp_path / "__main__.py").touch()
    said: list[tuple[str, str]] = []

    class OneFolder:
        base = tmp_path
        check_build = False
        kept = False
        change = Change(tmp_path, "", "main", "0" * 40, "1" * 40, "2026-01-05T00:00:00Z", ("__main__.py",))

        def deploy(self, stack: str) -> None:
            time.sleep({"a": 0.2, "b": 0.0}.get(stack, 0.1))
            said.append(("deployed", stack))

        def look(self, stack: str) -> Looked:
            said.append(("looked", stack))
            return Looked({}, {"steps": []})

    monkeypatch.setattr(gather, "change_since", lambda base, folder: OneFolder.change)
    monkeypatch.setattr(gather, "clouds_of", lambda change, folder, check_build: contextlib.nullcontext(OneFolder()))
    monkeypatch.setattr(Change, "lines", lambda self, file: ())
    gather.review("main", tmp_path)

    assert [what for what, _ in said] == ["deployed"] * 4 + ["looked"] * 4
    assert sorted(stack for what, stack in said if what == "looked") == ["a", "b", "c", "d"]


@pytest.mark.parametrize("files", [("__main__.py",), ("__main__.py", "Pulumi.a.yaml")])
def test_a_stack_on_a_swarm_is_not_looked_at_where_no_engine_is_and_could_not_be_told_if_its_own_file_differs(
    files: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.a.yaml").write_text("config: {}\n")

    class Folder:
        base = tmp_path
        check_build = False
        kept = False
        change = Change(tmp_path, "", "main", "0" * 40, "1" * 40, "2026-01-05T00:00:00Z", files)

        def deploy(self, _stack: str) -> None:
            raise BaseFailedError(f"error: {NONE_HERE}")

    monkeypatch.setattr(gather, "change_since", lambda base, folder: Folder.change)
    monkeypatch.setattr(gather, "clouds_of", lambda change, folder, check_build: contextlib.nullcontext(Folder()))
    monkeypatch.setattr(Change, "lines", lambda self, file: ())
    told = gather.review("main", tmp_path)

    text = comment.write(told)
    if len(files) == 1:
        assert told.exit_code == DONE
        assert text.startswith("## Nothing changes in any stack that could be looked at\n")
        assert "`a` was not looked at." in text
        assert "`a`: `what becomes of its resources: no Docker Engine is known here`" in text
    else:
        assert told.exit_code == NOT_RUN
        assert text.startswith("## It could not be told what becomes of `a`\n")


def test_an_engine_s_failure_is_told_by_its_errors_each_once_whatever_stood_before_them() -> None:
    slow = " +  pulumi:pulumi:Stack x creating (0s) error: update failed\n"
    said = f"{slow}Diagnostics:\n  error: Program failed with an unhandled exception:\n  error: no such zone\n"
    assert clouds._reason(said, "error: update failed\nerror: no such zone") == "error: no such zone"
    assert clouds._reason(slow, "") == "error: update failed"
    assert clouds._reason("", "") == "the engine says nothing"


@pytest.mark.parametrize(("kept", "said"), [(True, ["a fails", "remade", "a", "looked"]), (False, ["a fails"])])
def test_what_an_earlier_review_left_is_made_anew_once_when_it_cannot_be_used(
    kept: bool, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.a.yaml").write_text("config: {}\n")
    steps: list[str] = []

    class Folder:
        base = tmp_path
        check_build = False
        change = Change(tmp_path, "", "main", "0" * 40, "1" * 40, "2026-01-05T00:00:00Z", ("__main__.py",))
        damaged = True

        def deploy(self, stack: str) -> None:
            steps.append(f"{stack} fails" if self.damaged else stack)
            if self.damaged:
                raise LocalCloudError("the journal is of another version")

        def remake(self) -> None:
            steps.append("remade")
            self.damaged = False

        def look(self, _stack: str) -> Looked:
            steps.append("looked")
            return Looked({}, {"steps": []})

    Folder.kept = kept  # type: ignore[attr-defined]
    monkeypatch.setattr(gather, "change_since", lambda base, folder: Folder.change)
    monkeypatch.setattr(gather, "clouds_of", lambda change, folder, check_build: contextlib.nullcontext(Folder()))
    monkeypatch.setattr(Change, "lines", lambda self, file: ())
    told = gather.review("main", tmp_path)

    assert steps == said
    assert (told.stacks[0].problem == "") is kept


@pytest.fixture
def old_reviews(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight bases of earlier reviews; the oldest has left a stack on an Engine."""
    monkeypatch.setenv("ACCORDION_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(Change, "unpack", lambda self, into: into.mkdir(parents=True))
    reviews = tmp_path / "reviews"
    for number in range(8):
        (reviews / f"old{number}" / "on-an-engine").mkdir(parents=True)
    (reviews / "old0" / "on-an-engine" / "private").touch()
    for number in range(8):
        os.utime(reviews / f"old{number}", (number, number))
    return reviews


CHANGE = Change(Path("nowhere"), "", "main", "0" * 40, "1" * 40, "2026-01-05T00:00:00Z", ())


def test_of_old_bases_those_are_kept_that_were_used_last_or_stand_on_an_engine(old_reviews: Path) -> None:
    with clouds_of(CHANGE, old_reviews) as clouds:
        there = {one.name for one in old_reviews.iterdir() if one.is_dir()}
    assert there == {"old0", "old4", "old5", "old6", "old7", clouds.root.name}


def test_a_base_is_not_made_anew_over_what_stands_on_an_engine(old_reviews: Path) -> None:
    root = old_reviews / "old0"
    with pytest.raises(CannotRun) as told:
        Clouds(root, root / "base", CHANGE).remake()
    assert told.value.format_message() == (
        "an earlier review has left private on a Docker Engine and cannot remove it: see that the Engine answers, and "
        f"review again; or remove its services by hand, and then {root}"
    )
    assert (root / "on-an-engine" / "private").exists()
