"""`accordion bootstrap` writes a program, or says what is wrong with what it was given. Cannot prove that the program runs:
`tests/engine/test_bootstrap.py` does, on the local cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from operations import cli

GOOD = ["account", "--account", "123456789012", "--repository", "my-shop/platform"]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_writes_a_project_with_the_settings_that_were_given(capsys: Any) -> None:
    assert cli.run(["bootstrap", *GOOD, "--environment", "live"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "wrote Pulumi.yaml, Pulumi.account.yaml, __main__.py to account"
    assert YAML(typ="safe").load(Path("account/Pulumi.account.yaml")) == {
        "config": {
            "accordion-account:region": "eu-central-1",
            "accordion-account:account_id": "123456789012",
            "accordion-account:repository": "my-shop/platform",
            "accordion-account:environments": ["live"],
        }
    }
    found = YAML(typ="safe").load(Path("account/Pulumi.yaml"))["runtime"]["options"]["virtualenv"]
    assert (Path("account") / found / "bin" / "python").exists()


def test_the_policy_of_a_deploy_role_is_printed(capsys: Any) -> None:
    assert cli.run(["bootstrap", "--policy"]) == 0
    known = {one["Sid"]: set(one["Action"]) for one in json.loads(capsys.readouterr().out)["Statement"]}
    assert sorted(known) == ["AskedForBeside", "ChangesInPlace", "Written"]
    assert "ecs:CreateService" in known["Written"]
    assert "iam:PassRole" in known["AskedForBeside"]


WRONG = {
    ("account",): "give FOLDER, --account and --repository, or --policy",
    ("a", "--account", "12", "--repository", "shop"): "--account: '12' is not an account, of 12 digits; --repository: 'shop' is not owner and name, such as my-shop/platform",
    (*GOOD, "--environment", "Prod:*"): "--environment: 'Prod:*' is not small letters, digits and -, such as prod",
    (*GOOD, "--region", "here\n"): "--region: 'here\\n' is not a region, such as eu-central-1",
    ("there", *GOOD[1:]): "there: Pulumi.yaml is there already; name another folder",
}  # fmt: skip


@pytest.mark.parametrize("line", WRONG, ids=repr)
def test_what_does_not_fit_is_told_and_nothing_is_written(capsys: Any, line: tuple[str, ...]) -> None:
    Path("there").mkdir()
    Path("there/Pulumi.yaml").write_text("mine")
    assert cli.run(["bootstrap", *line]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"error: {WRONG[line]}"
    assert sorted(str(path) for path in Path().rglob("*")) == ["there", "there/Pulumi.yaml"]
    assert Path("there/Pulumi.yaml").read_text() == "mine"
