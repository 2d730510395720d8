"""The environment of commands. Cannot prove that an AWS client heeds each variable."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from localcloud.admission import secret_access_key
from localcloud.aws.running import AWS
from localcloud.cloud import LocalCloudError
from localcloud.cloud.environment import (
    child_environment,
    passphrase,
    shell_exports,
    token,
    without_accounts,
)
from localcloud.cloud.lifecycle import CODE, Lifecycle
from localcloud.cloud.project import Place
from localcloud.clouds import Attached, Cloud

ENGINE = Path("/cache/engine/pulumi")
RUNNING = {"aws": Attached("http://127.0.0.1:5000", 6000)}
SHELL = {
    "PATH": "/usr/bin",
    "HOME": "/home/ada",
    "AWS_PROFILE": "genuine",
    "AWS_ACCESS_KEY_ID": "AKIAgenuine",
    "AWS_SECRET_ACCESS_KEY": "genuine",
    "AWS_SESSION_TOKEN": "genuine",
    "AWS_ENDPOINT_URL_EC2": "https://ec2.example.com",
    "AWS_REGION": "eu-central-1",
    "PULUMI_ACCESS_TOKEN": "pul-genuine",
    "PULUMI_BACKEND_URL": "s3://genuine",
    "PULUMI_CONFIG": "genuine",
    "PULUMI_CONFIG_SECRET_KEYS": "genuine",
    "PULUMI_CONFIG_PASSPHRASE": "genuine",
    "PULUMI_CREDENTIALS_PATH": "/home/genuine",
    "PULUMI_DIY_BACKEND_GZIP": "true",
    "PULUMI_DISABLE_JOURNALING": "true",
    "PULUMI_JOURNALING_BATCH_SIZE": "1",
    "PULUMI_SKIP_CHECKPOINTS": "true",
    "PULUMI_DEBUG_PROVIDERS": "docker:1234,aws:1",
    "PULUMI_STACK": "prod",
}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "place").make()


def test_nothing_of_a_real_account_reaches_the_engine(place):
    child = child_environment(place, ENGINE, SHELL, 7000, [AWS], RUNNING)
    assert not [value for value in child.values() if "genuine" in value.lower() or "genuine" in value]


def test_the_engine_gets_this_places_state_and_provider(place):
    child = child_environment(place, ENGINE, SHELL, 7000, [AWS], RUNNING)
    assert {
        name: value for name, value in child.items() if name.startswith(("PULUMI", "AWS", "ACCORDION", "PATH"))
    } == {
        "ACCORDION_PYTHON": sys.executable,
        "AWS_ACCESS_KEY_ID": "ACCT0000123456789012",
        "AWS_CONFIG_FILE": "/dev/null/none",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:5000",
        "AWS_REGION": "eu-central-1",
        "AWS_SECRET_ACCESS_KEY": secret_access_key(place.token.read_text()),
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null/none",
        "PATH": "/cache/engine:/usr/bin",
        "PULUMI_BACKEND_URL": "http://127.0.0.1:7000",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(place.passphrase),
        "PULUMI_DEBUG_PROVIDERS": "docker:1234,aws:6000",
        "PULUMI_HOME": str(place.home),
        "PULUMI_JOURNALING_BATCH_PERIOD": "2",
        "PULUMI_OPTION_SKIP_PLUGIN_PRE_INSTALL": "true",
        "PULUMI_PARALLEL": "32",
        "PULUMI_SKIP_CHECKPOINTS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_STACK": "prod",
    }


@pytest.mark.parametrize(
    ("name", "own", "set_by_a_person"),
    [("GOGC", "400", "100"), ("GOMEMLIMIT", "512MiB", "2GiB"), ("PULUMI_PARALLEL", "32", "4")],
)
def test_what_the_engine_is_tuned_to_gives_way_to_what_a_person_says(place, name, own, set_by_a_person):
    ask = (7000, [AWS], RUNNING)
    assert child_environment(place, ENGINE, SHELL, *ask)[name] == own
    assert child_environment(place, ENGINE, SHELL | {name: set_by_a_person}, *ask)[name] == set_by_a_person


def test_the_engine_is_logged_in_with_this_places_token_and_no_variable_holds_it(place):
    file = place.home / "credentials.json"
    for port in (7000, 7001):
        child = child_environment(place, ENGINE, SHELL, port, [AWS], {})
        key, url = place.token.read_text(), f"http://127.0.0.1:{port}"
        assert json.loads(file.read_text())["accessTokens"] == {url: key}
        assert not [name for name, value in child.items() if key in value]
        assert file.stat().st_mode & 0o777 == 0o600
    file.write_text(file.read_text() + "\n")  # the engine writes there too
    child_environment(place, ENGINE, SHELL, 7001, [AWS], {})
    assert file.read_text().endswith("\n")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"accounts": null}'])
def test_damaged_credentials_are_made_anew(place, text):
    file = place.home / "credentials.json"
    file.write_text(text)
    child_environment(place, ENGINE, SHELL, 7000, [AWS], {})
    assert list(json.loads(file.read_text())["accounts"]) == ["http://127.0.0.1:7000"]


class Shelves(Cloud):
    """A second cloud, with clients and accounts of its own."""

    title, package, module = "Shelves", "shelves", "shelves.cloud"

    def leads_away(self, variable):
        return variable == "SHELVES_ACCOUNT"

    def variables(self, endpoint, token, environment):
        return {"SHELVES": endpoint or "nowhere"}


def test_each_cloud_of_a_list_is_attached_and_keeps_its_own_accounts_away(place):
    clouds, shell = [AWS, Shelves()], SHELL | {"SHELVES_ACCOUNT": "genuine"}
    running = RUNNING | {"shelves": Attached("http://127.0.0.1:5001", 6001)}
    child = child_environment(place, ENGINE, shell, 7000, clouds, running)
    assert child["PULUMI_DEBUG_PROVIDERS"] == "docker:1234,aws:6000,shelves:6001"
    assert (child["SHELVES"], child["AWS_ENDPOINT_URL"]) == ("http://127.0.0.1:5001", "http://127.0.0.1:5000")
    assert not [value for value in child.values() if "genuine" in value]
    alone = child_environment(place, ENGINE, shell, 7000, clouds, RUNNING)
    assert (alone["SHELVES"], alone["PULUMI_DEBUG_PROVIDERS"]) == ("nowhere", "docker:1234,aws:6000")


def test_without_servers_aws_leads_nowhere(place):
    child = child_environment(place, ENGINE, SHELL, 7000, [AWS], {})
    assert child["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert child["PULUMI_DEBUG_PROVIDERS"] == "docker:1234,aws:1"


def test_an_endpoint_elsewhere_is_refused_for_clients_too(place):
    running = {"aws": Attached("https://sts.amazonaws.com", 6000)}
    with pytest.raises(LocalCloudError, match="is not this machine"):
        child_environment(place, ENGINE, SHELL, 7000, [AWS], running)


def test_no_state_is_serialised_beside_the_journal_and_a_shell_that_may_name_another_backend_keeps_its_checkpoints(
    place,
):
    """A journal of this place's service keeps each step; another backend has its checkpoints only."""
    unset = {name: value for name, value in SHELL.items() if name != "PULUMI_SKIP_CHECKPOINTS"}
    for shell in (SHELL, unset):
        child = child_environment(place, ENGINE, shell, 7000, [AWS], RUNNING)
        assert (child["PULUMI_BACKEND_URL"], child["PULUMI_SKIP_CHECKPOINTS"]) == ("http://127.0.0.1:7000", "true")
        assert "PULUMI_DISABLE_JOURNALING" not in child
        assert "export PULUMI_SKIP_CHECKPOINTS" not in shell_exports(place, ENGINE, shell, 7000, [AWS], RUNNING)


def test_what_a_shell_evaluates_is_the_engines_environment(place):
    lines = shell_exports(place, ENGINE, SHELL, 7000, [AWS], RUNNING)
    shown = subprocess.run(
        ["/bin/sh", "-c", f"{lines}\nexec /usr/bin/env -0"], env=SHELL, capture_output=True, text=True, check=True
    )
    got = dict(entry.split("=", 1) for entry in shown.stdout.split("\0") if entry)
    wanted = child_environment(place, ENGINE, SHELL, 7000, [AWS], RUNNING)
    del wanted["PULUMI_SKIP_CHECKPOINTS"]
    assert {name: value for name, value in got.items() if name not in ("PWD", "_", "SHLVL", "OLDPWD")} == wanted


def test_a_shell_asks_the_region_where_the_resources_are_unless_it_names_one(place):
    urn = "urn:pulumi:dev::own::aws:ec2/vpc:Vpc::"
    made = [
        {"event": "begin", "key": f"{number}", "urn": f"{urn}{number}", "region": region, "time": 1.0}
        for number, region in enumerate(("eu-central-1", "us-west-2", "eu-central-1"))
    ]
    bare = {name: value for name, value in SHELL.items() if not name.endswith("REGION")}
    ask = (7000, [AWS], RUNNING)
    assert "export AWS_REGION=us-east-1\n" in shell_exports(place, ENGINE, bare, *ask)
    place.ledger.write_text("".join(json.dumps(line) + "\n" for line in made))
    told = shell_exports(place, ENGINE, bare, *ask)
    assert "export AWS_REGION=eu-central-1\n" in told
    assert "export AWS_DEFAULT_REGION=eu-central-1\n" in told
    assert "eu-central-1" not in shell_exports(place, ENGINE, bare | {"AWS_REGION": "ap-south-1"}, *ask)


def test_a_client_made_in_that_environment_asks_the_local_cloud(monkeypatch):
    for name in [name for name in SHELL if name.startswith("AWS_")]:
        monkeypatch.delenv(name, raising=False)
    for name, value in AWS.variables("http://127.0.0.1:5000", "token", {}).items():
        monkeypatch.setenv(name, value)
    assert boto3.session.Session().client("ec2").meta.endpoint_url == "http://127.0.0.1:5000"


def test_the_region_of_the_shell_stays():
    assert without_accounts(SHELL, [AWS])["AWS_REGION"] == "eu-central-1"


@pytest.mark.parametrize("secret", [passphrase, token])
def test_a_secret_of_the_place_is_made_once_and_readable_by_its_owner_alone(place, secret):
    file = secret(place)
    first = file.read_text()
    assert len(first) >= 32
    assert secret(place).read_text() == first
    assert file.stat().st_mode & 0o777 == 0o600


def test_passphrase_and_token_are_no_single_secret(place):
    assert passphrase(place).read_text() != token(place).read_text()


def test_servers_take_over_nothing_that_is_meant_for_a_program_of_the_shell(monkeypatch, place):
    for name in (
        "PYTHONWARNINGS",
        "PYTHONINSPECT",
        "PYTHONOPTIMIZE",
        "PYTHONDEVMODE",
        "PYTHONHASHSEED",
        "PYTHONSTARTUP",
    ):
        monkeypatch.setenv(name, "error")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PYTHONNOUSERSITE", "1")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    environment = Lifecycle(place, [AWS]).states.environment
    found = {name: value for name, value in environment.items() if name.startswith("PYTHON")}
    assert found == {"PYTHONPATH": f"{CODE.parent}{os.pathsep}elsewhere", "PYTHONNOUSERSITE": "1"}


PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "grpc_proxy")
LOOPBACK = "127.0.0.1,localhost,::1"


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({}, LOOPBACK),
        ({"NO_PROXY": ""}, LOOPBACK),
        ({"NO_PROXY": "corp.example, 10.0.0.0/8"}, f"corp.example,10.0.0.0/8,{LOOPBACK}"),
        ({"no_proxy": "corp.example", "NO_PROXY": "other.example"}, f"corp.example,other.example,{LOOPBACK}"),
        ({"no_proxy": "localhost,corp.example"}, "localhost,corp.example,127.0.0.1,::1"),
    ],
)
def test_behind_a_proxy_this_machine_is_asked_directly_by_the_engine_by_servers_and_by_a_shell(
    place, monkeypatch, proxy, given, wanted
):
    shell = SHELL | {proxy: "http://proxy.example:3128"} | given
    child = child_environment(place, ENGINE, shell, 7000, [AWS], RUNNING)
    for name in {*PROXIES, "NO_PROXY", "no_proxy"} - shell.keys():
        monkeypatch.delenv(name, raising=False)
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    server = Lifecycle(place, [AWS]).states.environment
    assert {child[name] for name in ("NO_PROXY", "no_proxy")} == {wanted}
    assert {server[name] for name in ("NO_PROXY", "no_proxy")} == {wanted}
    assert child[proxy] == server[proxy] == "http://proxy.example:3128"
    assert f"export no_proxy={wanted}\n" in shell_exports(place, ENGINE, shell, 7000, [AWS], RUNNING)


def test_grpcs_own_list_of_hosts_beside_a_proxy_gets_this_machine_too_and_without_a_proxy_nothing_is_said(place):
    shell = SHELL | {"https_proxy": "http://proxy.example:3128", "no_grpc_proxy": "corp.example"}
    ask = (7000, [AWS], RUNNING)
    assert child_environment(place, ENGINE, shell, *ask)["no_grpc_proxy"] == f"corp.example,{LOOPBACK}"
    assert "no_proxy" not in child_environment(place, ENGINE, SHELL | {"http_proxy": ""}, *ask)


def test_a_channel_asks_this_machine_past_a_proxy(monkeypatch):
    """What the variables do to gRPC, which our provider and the program's SDK speak with."""
    from localcloud.cloud.environment import past_proxies

    for name in (*PROXIES, "NO_PROXY", "no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    told = {"http_proxy": "http://127.0.0.1:9"}
    program = (
        "import grpc, sys; from concurrent import futures; server = grpc.server(futures.ThreadPoolExecutor(1));"
        "port = server.add_insecure_port('127.0.0.1:0'); server.start();"
        "grpc.channel_ready_future(grpc.insecure_channel(f'127.0.0.1:{port}')).result(timeout=float(sys.argv[1]))"
    )

    def reached(variables, seconds):
        line = [sys.executable, "-c", program, str(seconds)]
        return subprocess.run(line, env=dict(os.environ) | variables, capture_output=True, check=False).returncode == 0

    assert reached(told | past_proxies(told), 60)
    assert not reached(told, 3)
