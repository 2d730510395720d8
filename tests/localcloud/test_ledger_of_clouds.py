"""A ledger names the cloud of each line. It cannot prove that a cloud deletes what it is asked to: its own tests do."""

import json
from pathlib import Path

from localcloud import ledger
from localcloud.cloud.sweeping import Sweep
from localcloud.ledger import Creation

URN = "urn:pulumi:dev::demo::{type}::{name}"


def line(**entry: object) -> str:
    return json.dumps({"event": "begin", "time": 1.0} | entry)


def test_a_line_of_before_there_were_several_clouds_is_of_aws() -> None:
    urn = URN.format(type="aws:ec2/vpc:Vpc", name="a")
    (made,) = ledger.outstanding([line(key="1-1", urn=urn, region="eu-west-1", accounts='["111111111111"]')])
    assert (made.cloud, dict(made.configuration)) == (
        "aws",
        {"region": "eu-west-1", "allowedAccountIds": '["111111111111"]'},
    )


def test_a_line_of_another_cloud_keeps_its_cloud_and_what_says_where_it_stands() -> None:
    urn = URN.format(type="toy:index:Shelf", name="a")
    lines = [line(key="1-1", urn=urn, cloud="toy", configuration={"folder": "/here"})]
    (made,) = ledger.outstanding(lines)
    assert (made.cloud, made.configuration) == ("toy", (("folder", "/here"),))
    again = [json.dumps(entry) for entry in ledger.entries([made])]
    assert ledger.outstanding(again) == [made]


def test_what_stands_in_a_cloud_that_does_not_run_is_left_and_named(tmp_path: Path) -> None:
    urn = URN.format(type="toy:index:Shelf", name="a")
    made = Creation(urn, "shelf-1", (("folder", "/here"),), 1.0, "toy")
    sweep = Sweep({"aws": 9}, tmp_path / "ledger")
    sweep.finish([made])
    assert sweep.delete([made]) == [(made, "the cloud toy does not run here")]
