"""How a pulumi command line is read. Cannot prove that the engine itself reads each flag in the same way."""

import subprocess
import sys
from pathlib import Path

import pytest

from localcloud.cloud import LocalCloudError, arguments

HERE = Path("/home/ada/project")


def read(line: str) -> arguments.Arguments:
    return arguments.read(line.split(), HERE)


@pytest.mark.parametrize(
    ("line", "makes"),
    [("up", True), ("preview", True), ("config set a b", True), ("destroy", False), ("stack export", False)],
)
def test_which_commands_may_make_a_stack(line: str, makes: bool) -> None:
    assert read(line).may_make_a_stack is makes


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("up --yes", ("up",)),
        ("update", ("up",)),
        ("--color never preview", ("preview",)),
        ("--color=never preview", ("preview",)),
        ("-v 9 destroy", ("destroy",)),
        ("stack -s dev export", ("stack", "export")),
        ("stack", ("stack",)),
        ("config set --secret key value", ("config", "set")),
        ("cfg set key value", ("config", "set")),
        ("import aws:ec2/vpc:Vpc main vpc-1", ("import",)),
        ("up --attach-debugger --yes", ("up",)),
        ("preview --coherence-window 5s --diff", ("preview",)),
        ("--override-env a=b up", ("up",)),
        ("stack --output json ls", ("stack", "ls")),
        ("--json preview", ("preview",)),
        ("whoami -v", ("whoami",)),
        ("config -v 3 set-all --plaintext a=b", ("config", "set-all")),
        ("--help", ()),
        ("", ()),
    ],
)
def test_the_command_is_found_among_flags_and_their_values(line, words):
    assert read(line).words == words


@pytest.mark.parametrize(
    ("line", "passed"),
    [
        ("preview --policy-pack guardrails", "preview --policy-pack /home/ada/project/guardrails"),
        ("preview --policy-pack=a,../b", "preview --policy-pack=/home/ada/project/a,/home/ada/project/../b"),
        ("up --policy-pack a --policy-pack-config c.json", "up --policy-pack {0}/a --policy-pack-config {0}/c.json"),
        ("preview --save-plan plan.json", "preview --save-plan {0}/plan.json"),
        ("up --plan=plan.json", "up --plan={0}/plan.json"),
        ("preview --import-file out/import.json", "preview --import-file {0}/out/import.json"),
        (
            "import --generate-code=false --file i.json --out o.py",
            "import --generate-code=false --file {0}/i.json --out {0}/o.py",
        ),
        ("import --generate-code=false -f i.json -o o.py", "import --generate-code=false -f {0}/i.json -o {0}/o.py"),
        ("stack export --file state.json", "stack export --file {0}/state.json"),
        ("stack import --file=/tmp/state.json", "stack import --file=/tmp/state.json"),
        ("stack graph graph.dot", "stack graph {0}/graph.dot"),
        ("up -f", "up -f"),
        ("config set a b", "config set a b"),
        ("up -- --plan x", "up -- --plan x"),
    ],
)
def test_paths_are_meant_from_where_the_user_stands(line, passed):
    assert " ".join(read(line).passed) == passed.format(HERE)


def test_cwd_is_where_paths_start_and_is_not_passed_on():
    asked = read("-C sub up --plan p.json")
    assert asked.folder == HERE / "sub"
    assert asked.passed == ("up", "--plan", "/home/ada/project/sub/p.json")


def test_a_configuration_file_is_taken_out_since_the_engine_would_write_into_it():
    asked = read("up --config-file other.yaml --yes")
    assert asked.config_file == HERE / "other.yaml"
    assert asked.passed == ("up", "--yes")


@pytest.mark.parametrize(
    ("line", "stack"),
    [
        ("up -s dev", "dev"),
        ("up -sdev", "dev"),
        ("up --stack=dev", "dev"),
        ("up --stack organization/accordion/prod", "prod"),
        ("up -s dev -s prod", "prod"),
        ("up", None),
        ("up -m dev", None),
    ],
)
def test_the_stack_is_read_from_the_flags(line, stack):
    assert read(line).stack == stack


def test_import_makes_no_code_unless_asked_to():
    assert read("import aws:ec2/vpc:Vpc main vpc-1").passed[-1] == "--generate-code=false"
    assert read("import --generate-code=true t n i").passed == ("import", "--generate-code=true", "t", "n", "i")


@pytest.mark.parametrize(
    ("line", "needs", "works"),
    [
        ("up", True, True),
        ("preview", True, True),
        ("refresh", True, True),
        ("destroy", True, True),
        ("import t n i", True, True),
        ("stack export", True, False),
        ("stack", True, False),
        ("stack init prod", False, False),
        ("stack rm dev", False, False),
        ("stack ls", False, False),
        ("config", True, False),
        ("cancel", True, False),
        ("about", False, False),
        ("version", False, False),
        ("up --help", False, False),
    ],
)
def test_what_a_command_needs(line, needs, works):
    asked = read(line)
    assert (asked.needs_stack, asked.works_on_resources) == (needs, works)


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("config set a b", True),
        ("config set-all --plaintext a=b", True),
        ("config rm a", True),
        ("config get a", False),
        ("config", False),
        ("up -c a=b", True),
        ("up --config=a=b", True),
        ("up", False),
    ],
)
def test_commands_that_write_configuration_are_known(line, writes):
    assert read(line).writes_configuration is writes


@pytest.mark.parametrize("word", ["login", "logout", "new"])
def test_a_command_that_would_leave_the_local_cloud_is_refused(word):
    with pytest.raises(LocalCloudError, match=f"^`{word}` does not belong on the local cloud: "):
        read(word)


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["stack", "init", "dev"], ("stack", "init", "--secrets-provider=passphrase", "dev")),
        (["stack", "init", "dev", "--secrets-provider", "x"], ("stack", "init", "dev", "--secrets-provider", "x")),
        (["stack", "ls"], ("stack", "ls")),
    ],
)
def test_a_stack_made_by_hand_keeps_its_secrets_by_passphrase_unless_it_names_a_provider(given, passed, tmp_path):
    assert arguments.read(given, tmp_path).passed == passed


@pytest.mark.parametrize(
    ("given", "settings", "passed"),
    [
        ("up --config-path -c a:b.c=1 --yes", ("a:b.c=1",), ("up", "--yes")),
        ("preview -c a:b[0]=1 --config=a:d=2 --config-path=true", ("a:b[0]=1", "a:d=2"), ("preview",)),
        ("refresh --config-path", (), ("refresh", "--config-path")),
        ("up -c a:b.c=1 --config-path=false", (), ("up", "-c", "a:b.c=1", "--config-path=false")),
        ("up -c a:b.c=1", (), ("up", "-c", "a:b.c=1")),
        ("up --config-path -- -c a:b.c=1", (), ("up", "--config-path", "--", "-c", "a:b.c=1")),
    ],
)
def test_settings_by_a_path_are_set_beside_what_their_key_holds(given, settings, passed):
    found = read(given)
    assert (found.settings, found.passed) == (settings, passed)
    assert found.writes_configuration or not settings


def test_the_table_of_flags_is_read_for_the_first_command_line_and_not_before():
    counts = "read = arguments._flags.cache_info; print(read().misses)"
    lines = (
        "[arguments.read(['stack', 'remove', '--yes', 'dev'], pathlib.Path()) for _ in range(3)]; print(read().misses)"
    )
    program = f"import pathlib; from localcloud.cloud import arguments; {counts}; {lines}"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["0", "1"]
