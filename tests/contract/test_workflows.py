"""The workflows of both code hosts: who may do what, what is pinned, and that each command line is one that exists.

Cannot prove that a hash is the release that its comment names, that a code host runs them, or that AWS gives the role.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from localcloud.engine import sources
from localcloud.engine.assembly import obtain
from operations.cli import accordion

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.yml"))}
WORKFLOWS: dict[str, Any] = {name: YAML(typ="safe").load(text) for name, text in FILES.items()}
GITLAB = (ROOT / ".gitlab-ci.yml").read_text()
SCRIPTS = {path.name: path.read_text() for path in (ROOT / ".ci" / "way-back", ROOT / ".ci" / "review")}
JOBS = {(name, job): body for name, content in WORKFLOWS.items() for job, body in content["jobs"].items()}

RIGHTS = {
    ("ci.yml", "ci"): {"contents": "read"},
    ("preview.yml", "review"): {"contents": "read"},
    ("preview-comment.yml", "post"): {"actions": "read", "contents": "read", "pull-requests": "write"},
    ("deploy.yml", "staging"): {"contents": "read", "id-token": "write"},
    ("deploy.yml", "prod"): {"contents": "read", "id-token": "write"},
    ("deploy-stack.yml", "deploy"): {"contents": "read", "id-token": "write"},
    ("environment.yml", "create"): {"contents": "read", "id-token": "write"},
    ("environment.yml", "destroy"): {"contents": "read", "id-token": "write"},
    ("teardown.yml", "teardown"): {"contents": "read", "id-token": "write"},
}
"""What a job may do; each row was thought about, so a new job needs one."""

VARIABLES = {
    "$STACK": "prod",
    "$NAME": "pr-12",
    "$SECRETS": "awskms://alias/states",
    "$PERSIST": "--persist",
    "$PULUMI_SECRETS_PROVIDER": "awskms://alias/states",
    "$persist": "--persist",
    "$stack": "prod",
    "$file": "Pulumi.dev.yaml",
    "$base": "HEAD^1",
    "${file%.yaml}": "Pulumi.dev",
    '${against[@]+"${against[@]}"}': "",
    "$folder": "review",
    "$PULUMI_STATE": "s3://states?region=eu-central-1",
    "${NUMBER}": "12",
    "$NUMBER": "12",
}


def runs(job: Any) -> list[str]:
    return [step["run"] for step in job.get("steps", ()) if "run" in step]


def command_lines(program: str) -> set[str]:
    """What follows the program's name wherever a workflow, or a script of theirs, calls it."""
    texts = [text for job in JOBS.values() for text in runs(job)] + [GITLAB, *SCRIPTS.values()]
    found = set()
    for text in texts:
        for line in text.replace("\\\n", " ").splitlines():
            if line.lstrip().startswith("#"):
                continue
            for call in re.findall(rf"(?:^|[\s`/(])\\?{program} ((?:[a-z]+)(?:[^`|;&>\n])*)", line.replace("\\`", "`")):
                filled = call
                for variable, value in VARIABLES.items():
                    filled = filled.replace(variable, value)
                found.add(re.sub(r"\s2\s*$", "", filled.split("#")[0]).strip())
    return found


def understood(line: str) -> None:
    """Parse a command line to its last group; raises click.UsageError where something is not known."""
    command: click.Command = accordion
    words = shlex.split(line)
    with click.Context(accordion) as context:
        while isinstance(command, click.Group):
            _, found, words = command.resolve_command(context, words)
            assert found is not None, line
            command = found
    with command.make_context(command.name, list(words)):
        pass


@pytest.mark.parametrize("line", sorted(command_lines("accordion")))
def test_every_accordion_command_of_a_workflow_exists_with_its_options(line: str) -> None:
    assert "$" not in line, "a variable that this test does not know"
    understood(line)


def test_the_workflows_call_these_commands() -> None:
    assert {line.split()[0] for line in command_lines("accordion")} == {
        "environments",
        "history",
        "monitor",
        "review",
        "rollback",
        "simulate",
    }


def test_a_command_or_option_that_is_not_there_is_seen() -> None:
    for line in ("monitors --wait", "monitor --wiat", "simulate --against"):
        with pytest.raises(click.UsageError):
            understood(line)


@pytest.mark.engine
def test_every_pulumi_command_of_a_workflow_exists_with_its_flags() -> None:
    pulumi = obtain().binary
    lines = command_lines("pulumi")
    assert {line.split()[0] for line in lines} == {"login", "preview", "up", "cancel"}
    for name in {line.split()[0] for line in lines}:
        known = subprocess.run([pulumi, name, "--help"], capture_output=True, text=True, check=True).stdout
        for line in lines:
            if line.split()[0] == name:
                for flag in re.findall(r"--[\w-]+", line):
                    assert re.search(rf"{flag}\b", known), line


def test_the_engine_of_a_deployment_is_the_one_that_is_tested() -> None:
    assert set(re.findall(r"pulumi-version: (.+)", "".join(FILES.values()))) == {str(sources.PIN)}
    assert re.findall(r"PULUMI_VERSION: (.+)", GITLAB) == [str(sources.PIN)]


def test_no_workflow_and_no_job_has_a_right_that_is_not_listed() -> None:
    assert [content["permissions"] for content in WORKFLOWS.values()] == [{}] * len(WORKFLOWS)
    assert {place: job["permissions"] for place, job in JOBS.items()} == RIGHTS


@pytest.mark.parametrize("place", [key for key in JOBS if "pull_request" in WORKFLOWS[key[0]]["on"]], ids=" ".join)
def test_code_of_a_strangers_pull_request_gets_no_secret_no_token_and_no_right_to_write(place: tuple[str, str]) -> None:
    assert "secrets." not in FILES[place[0]]
    if "github.event.pull_request.head.repo.full_name == github.repository" in JOBS[place].get("if", ""):
        assert JOBS[place]["environment"] == "preview"
        return
    assert set(JOBS[place]["permissions"].values()) == {"read"}
    assert "github.token" not in FILES[place[0]]


def test_nobody_starts_with_the_target_of_a_pull_request_and_its_secrets() -> None:
    assert not [name for name, content in WORKFLOWS.items() if "pull_request_target" in content["on"]]


@pytest.mark.parametrize("place", JOBS, ids=" ".join)
def test_no_expression_is_pasted_into_a_script(place: tuple[str, str]) -> None:
    assert not [text for text in runs(JOBS[place]) if "${{" in text]


def test_what_posts_runs_a_script_of_the_default_branch_and_nothing_else() -> None:
    job = JOBS["preview-comment.yml", "post"]
    checkout, post = job["steps"]
    assert checkout["with"] == {"persist-credentials": False, "sparse-checkout": ".ci"}
    assert post["run"] == ".ci/post-review"
    assert WORKFLOWS["preview-comment.yml"]["on"] == {
        "workflow_run": {"workflows": ["preview"], "types": ["completed"]}
    }
    assert WORKFLOWS["preview.yml"]["name"] == "preview"


def test_no_credential_is_left_in_a_checkout() -> None:
    checkouts = [step for job in JOBS.values() for step in job.get("steps", ()) if "checkout@" in step.get("uses", "")]
    assert len(checkouts) == 7
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_action_is_pinned_by_one_hash_with_its_release_beside_it() -> None:
    texts = [*FILES.values(), (ROOT / "docs" / "guides" / "checks-in-ci.md").read_text()]
    uses = {use for text in texts for use in re.findall(r"uses: (.*)", text) if not use.startswith("./")}
    for use in uses:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use
    assert len({use.split("@")[0] for use in uses}) == len(uses), "two releases of one action"


def test_deployments_wait_for_each_other_and_are_never_cut_off() -> None:
    assert WORKFLOWS["deploy.yml"]["concurrency"] == {"group": "deploy", "cancel-in-progress": False}
    assert JOBS["deploy.yml", "prod"]["needs"] == "staging"
    assert JOBS["deploy-stack.yml", "deploy"]["environment"] == "${{ inputs.stack }}"


def test_a_deployment_looks_before_and_after_and_says_the_way_back() -> None:
    ran = runs(JOBS["deploy-stack.yml", "deploy"])
    order = [
        next(i for i, text in enumerate(ran) if part in text)
        for part in ("--before", "preview", "pulumi up", "--wait", "way-back")
    ]
    assert order == sorted(order)
    assert all("--policy-pack guardrails" in text for text in ran if text.startswith(("pulumi preview", "pulumi up")))


WAYS_BACK = {
    "skipped": "**Nothing of `prod` was changed**: the deployment stopped before `up`.",
    "success": "**`prod` was deployed, and what runs is not what was declared.**",
    "failure": "**`up` of `prod` did not end**: a part of the change is there.",
    "cancelled": "**`up` of `prod` did not end**: a part of the change is there.",
}


@pytest.mark.parametrize("outcome", WAYS_BACK)
def test_the_way_back_begins_with_what_was_changed(outcome: str) -> None:
    said = subprocess.run(
        [ROOT / ".ci" / "way-back", "prod", outcome], capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith(WAYS_BACK[outcome])
    assert ("git revert" in said) == (outcome != "skipped")


def test_gitlab_deploys_the_same_way() -> None:
    content = YAML(typ="safe").load(GITLAB)
    assert content["prod"]["environment"] == {"name": "prod"}
    assert content["prod"]["rules"][0]["when"] == "manual"
    assert content[".deploy"]["id_tokens"] == {"AWS_TOKEN": {"aud": "sts.amazonaws.com"}}
    own = [line for line in content[".deploy"]["script"] if not line.startswith("touch")]
    theirs = [
        text.strip() for text in runs(JOBS["deploy-stack.yml", "deploy"]) if "$STACK" in text and "way-back" not in text
    ]
    assert own == theirs


@pytest.mark.parametrize(
    ("file", "change", "tool"),
    [
        ("preview.yml", ("permissions: {}", "permissions: write-all"), "zizmor"),
        ("preview.yml", ("'%s' \"$NUMBER\"", "'%s' \"${{ github.head_ref }}\""), "zizmor"),
        ("preview.yml", ("@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "@v4"), "zizmor"),
        (".gitlab-ci.yml", ("expose_as: review", "exposed_as: review"), "check-jsonschema"),
    ],
)
def test_lint_sees_what_it_is_there_for(tmp_path: Path, file: str, change: tuple[str, str], tool: str) -> None:
    text = GITLAB if file == ".gitlab-ci.yml" else FILES[file]
    assert change[0] in text
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    place = folder / file
    line = next(line for line in (ROOT / ".ci" / "lint").read_text().splitlines() if f"bin/{tool} " in line)
    options = shlex.split(line.partition(f"bin/{tool} ")[2])[:-1]
    for content, wanted in ((text, True), (text.replace(*change), False)):
        place.write_text(content)
        done = subprocess.run(
            [ROOT / ".venv" / "bin" / tool, *options, place], capture_output=True, text=True, check=False
        )
        assert (done.returncode == 0) == wanted, done.stdout + done.stderr
