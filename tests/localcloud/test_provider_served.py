"""The committed table of what is served. It cannot prove that what it lists works: the tests of the rows do."""

import importlib
import re
from dataclasses import fields
from pathlib import Path

import pytest

from localcloud.aws import served, unserved
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Tags, Translation
from localcloud.aws.kinds import INVOKES, KINDS
from localcloud.nearest import unserved_type


def test_the_committed_table_is_current() -> None:
    assert served.PAGE.read_text(encoding="utf-8") == served.page(), "run: python -m localcloud.aws.served"


def test_every_type_has_its_row() -> None:
    rows = re.findall(r"^\| (\w+) \|", served.page().split("## Types of these")[0], re.MULTILINE)
    assert len(rows) == len(KINDS) + len({token.split("/")[0] for token in KINDS})
    assert all(f"- `{token}`" in served.page() for token in INVOKES)


def test_the_guide_names_every_field_of_every_record() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "adding-a-resource-type.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| `?([\w ]+?)`? \|[^\n]*\n\|---\|---\|\n((?:\|[^\n]*\n)+)", guide, re.MULTILINE)
    told = {name: set(re.findall(r"^\| `(\w+)`", rows, re.MULTILINE)) for name, rows in tables}
    records = (Calls, Naming, Tags, Translation, Properties, OwnCalls)
    assert {name: told[name] for name in told if name != "of the row"} == {
        record.__name__: {field.name for field in fields(record)} for record in records
    }
    own = {field.name for field in fields(Kind)} - {"token", "calls"}
    assert own == told["of the row"] | {"naming", "tags", "translation", "properties", "own_calls"}


WHOLE = ("apigateway", "apigatewayv2", "cloudfront", "cognito", "elasticache", "lambda", "rds", "sfn", "scheduler")
"""Modules of the SDK of which each type has a row or a reason."""


def types_of(module: str) -> set[str]:
    place = importlib.import_module(f"pulumi_aws.{'lambda_' if module == 'lambda' else module}")
    sources = Path(str(place.__file__)).parent.glob("*.py")
    return {token for source in sources
            for token in re.findall(r"super\(.*?\n\s+'aws:([^']+)'", source.read_text(encoding="utf-8"))}  # fmt: skip


@pytest.mark.parametrize("module", WHOLE)
def test_each_type_of_a_service_has_a_row_or_a_reason(module: str) -> None:
    told = {token.removeprefix("aws:") for token, _ in unserved.reasons()}
    mine = {token for token in told if token.startswith(f"{module}/")}
    rows = {token.removeprefix("aws:") for token in KINDS}
    assert (types_of(module) - rows, mine & rows) == (mine, set())


@pytest.mark.parametrize(("service", "operation"), sorted(set(unserved.LACKING.values())))
def test_moto_still_lacks_what_a_reason_says(service: str, operation: str) -> None:
    responses = importlib.import_module(f"moto.{service}.responses")
    classes = [
        value for name, value in vars(responses).items() if isinstance(value, type) and name.endswith("Response")
    ]
    assert classes
    assert not any(hasattr(each, operation) for each in classes), "moto has it now: write the row"


def test_a_refusal_says_why_and_the_whole_sentence() -> None:
    served_types = ["aws:rds/cluster:Cluster"]
    why = dict(unserved.reasons())["aws:rds/clusterEndpoint:ClusterEndpoint"]
    assert unserved_type("aws:rds/clusterEndpoint:ClusterEndpoint", served_types, "see the guide", why) == (
        "the local cloud serves no aws:rds/clusterEndpoint:ClusterEndpoint: moto 5.2.5, the stand-in for AWS, has no "
        "CreateDbClusterEndpoint (nearest served: aws:rds/cluster:Cluster); see the guide"
    )
