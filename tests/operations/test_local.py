"""The command line around the local cloud. Cannot prove what pulumi does: tests/localcloud/test_cloud_engine.py does."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from elasticity.rules import Elasticity
from localcloud.cloud import LocalCloud, LocalCloudError, Status
from localcloud.clouds import Attached
from operations import cli, up
from operations.failures import exit_code_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def ran(monkeypatch):
    """What would be handed to pulumi."""
    calls = []

    def run(_, arguments, folder=None):
        calls.append(list(arguments))
        return 7

    monkeypatch.setattr(LocalCloud, "run", run)
    return calls


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("local up --yes -s dev", ["up", "--yes", "-s", "dev"]),
        ("local -C sub preview", ["-C", "sub", "preview"]),
        ("local --without-checkpoints up", ["up"]),
        ("local up --help", ["up", "--help"]),
        ("local up -- --yes", ["up", "--", "--yes"]),
        ("local config set --secret a b", ["config", "set", "--secret", "a", "b"]),
        ("local --color never stack", ["--color", "never", "stack"]),
    ],
)
@pytest.mark.usefixtures("project")
def test_any_pulumi_command_is_handed_on_as_it_was_typed(ran, line, arguments):
    assert cli.run(line.split()) == 7
    assert ran == [arguments]


def test_our_own_commands_are_not_pulumis(project, ran, monkeypatch, capsys):
    monkeypatch.setattr(LocalCloud, "start", lambda _, stack=None: {"aws": Attached("http://127.0.0.1:5000", 6000)})
    monkeypatch.setattr(LocalCloud, "stop", lambda _: False)
    assert cli.run(["local", "start"]) == 0
    assert cli.run(["local", "stop"]) == 0
    assert capsys.readouterr().out == (
        'AWS answers on http://127.0.0.1:5000; shell variables: eval "$(accordion local env)"\nit was not running\n'
    )
    assert ran == []


def test_status_tells_servers_stacks_and_what_is_in_no_state(project, monkeypatch, capsys):
    found = Status(project, {"aws": (12, 5000), "provider": None}, {"demo/dev": 3}, ["aws:ec2/vpc:Vpc vpc-1"])
    monkeypatch.setattr(LocalCloud, "status", lambda _: found)
    assert cli.run(["local", "status"]) == 0
    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["aws", "12", "5000"] in said
    assert ["provider", "not", "running"] in said
    assert ["demo/dev", "3"] in said
    assert ["in", "no", "state:", "aws:ec2/vpc:Vpc", "vpc-1"] in said


@pytest.mark.usefixtures("project")
def test_reset_asks_first_and_without_an_answer_does_nothing(monkeypatch, capsys):
    monkeypatch.setattr(LocalCloud, "reset", lambda _: pytest.fail("it was not confirmed"))
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert cli.run(["local", "reset"]) == 130
    assert capsys.readouterr().err.endswith("stopped\n")


def test_a_users_mistake_is_one_message_and_no_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.run(["local", "up"]) == 1
    captured = capsys.readouterr()
    assert captured.err == f"error: no Pulumi.yaml in {tmp_path} or a folder above; change to a Pulumi project\n"
    assert captured.out == ""


def test_a_stack_that_is_not_there_is_not_made_by_a_slip(project, capsys):
    (project / "Pulumi.dev.yaml").write_text("")
    assert cli.run(["local", "destroy", "--yes", "--stack", "dve"]) == 1
    assert capsys.readouterr().err == "error: no stack dve: there are dev; `accordion local up --stack dve` makes it\n"
    assert not (project / "state").exists()


def test_a_fault_of_our_own_keeps_its_traceback(project, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(LocalCloud, "run", broken)
    with pytest.raises(ZeroDivisionError):
        cli.run(["local", "up"])


def test_errors_for_the_user_are_known_by_name():
    assert exit_code_of(LocalCloudError("x")) == 1
    assert exit_code_of(ValueError("x")) is None


def test_an_unknown_command_is_wrong_usage(capsys):
    assert cli.run(["lokal"]) == 2
    assert "error: No such command 'lokal'" in capsys.readouterr().err


def test_every_command_in_the_table_is_there():
    for name, entry in cli.COMMANDS.items():
        found = cli.accordion.get_command(None, name)
        assert found is not None, entry.place


def test_the_list_of_commands_imports_none_of_them():
    code = (
        "import sys; from operations import cli; cli.run(['--help']); "
        "heavy = {'pulumi', 'grpc', 'boto3', 'moto', 'rich', 'pydantic', 'numpy'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def shown(table) -> list[list[str]]:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return [line.split() for line in capture.get().splitlines() if line.strip()]


def test_outputs_are_a_table_with_secrets_as_the_engine_hides_them():
    assert shown(up.outputs_table({"url": "https://x", "web": {"zones": ["a", "b"]}, "token": "[secret]"})) == [
        ["Outputs"],
        ["output", "value"],
        ["token", "[secret]"],
        ["url", "https://x"],
        ["web.zones", '["a",', '"b"]'],
    ]


def test_rules_are_told_by_name_metric_and_target():
    rules = Elasticity.model_validate(
        {
            "minimum": 2,
            "maximum": 12,
            "target_tracking": {"cpu": {"metric": "cpu", "target": 55}},
            "scheduled": {"office": {"cron": "0 8 * * MON-FRI", "time_zone": "Europe/Berlin", "minimum": 6}},
        }
    )
    assert up.rules_of(rules) == "cpu: keeps cpu near 55\noffice: minimum 6 at 0 8 * * MON-FRI, Europe/Berlin"
    assert up.rules_of(Elasticity(minimum=1, maximum=1)) == "none"


def test_up_deploys_without_asking_and_stops_at_a_failure(project, ran, capsys):
    assert cli.run(["up"]) == 7
    assert ran == [["up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", "dev"]]
    assert capsys.readouterr().out == ""


def test_up_shows_outputs_and_how_to_look_around(project, monkeypatch, capsys):
    monkeypatch.setattr(LocalCloud, "run", lambda *_, **__: 0)
    monkeypatch.setattr(LocalCloud, "outputs", lambda _, stack: {"stack": stack})
    assert cli.run(["up", "--stack", "test"]) == 0
    said = capsys.readouterr().out
    assert "stack   test" in said
    assert [line for line in said.splitlines() if line != line.rstrip()] == []
    assert said.endswith(
        "This cloud is a model of AWS: it keeps and checks what is declared. No container\n"
        "or instance runs, so the addresses above lead nowhere.\n\n"
        "Look around next:\n"
        "  accordion local stack --stack test           what was deployed\n"
        "  accordion local preview --diff --stack test  what an edited stack file changes\n"
        "  accordion local env                          variables for aws, boto3, pulumi\n"
        "  accordion simulate --stack test              what the rules do under load\n"
        "  accordion local destroy --stack test         take it down again\n"
    )


def test_a_local_command_loads_neither_grpc_nor_what_it_talks_to():
    program = (
        "import sys; import operations.local;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'grpc', 'pulumi', 'boto3', 'botocore', 'moto', 'numpy'}))"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_the_next_steps_of_the_first_command_fit_a_narrow_terminal():
    said = up.next_steps("dev", ".venv/bin/accordion")
    assert max(map(len, said.splitlines())) <= 80
    assert "  .venv/bin/accordion local destroy         take it down again" in said.splitlines()


def test_a_command_is_shown_as_it_can_be_typed_here(project, monkeypatch):
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setattr("sys.argv", [str(project / ".venv" / "bin" / "accordion")])
    assert up.command_here() == ".venv/bin/accordion"
    (project / "accordion").write_text("")
    (project / "accordion").chmod(0o755)
    assert up.command_here() == "accordion"
