"""The picture of a stack from its state. It cannot prove that the picture is good to look at."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

from operations.graph import boxes, command, mermaid, svg

ROOT = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
NETWORK, VPC = "urn:pulumi:dev::shop::accordion:index:Network::net", "urn:pulumi:dev::shop::x$aws:ec2/vpc:Vpc::net-vpc"
SUBNETS = [f"urn:pulumi:dev::shop::x$aws:ec2/subnet:Subnet::net-{zone}" for zone in "ab"]
SERVICE, TASK = (
    "urn:pulumi:dev::shop::accordion:index:Service::web",
    "urn:pulumi:dev::shop::y$aws:ecs/task:Task::web-task",
)
STATE = {
    "deployment": {
        "resources": [
            {"urn": ROOT, "type": "pulumi:pulumi:Stack"},
            {"urn": NETWORK, "type": "accordion:index:Network", "parent": ROOT},
            {"urn": VPC, "type": "aws:ec2/vpc:Vpc", "parent": NETWORK, "custom": True},
            *({"urn": urn, "type": "aws:ec2/subnet:Subnet", "parent": NETWORK, "custom": True} for urn in SUBNETS),
            {"urn": SERVICE, "type": "accordion:index:Service", "parent": ROOT},
            {"urn": TASK, "type": "aws:ecs/task:Task", "parent": SERVICE, "custom": True, "dependencies": [SUBNETS[0]]},
        ]
    }
}


def test_a_component_is_a_box_with_what_it_made_and_what_it_needs() -> None:
    network, service = boxes(STATE)
    assert (network.kind, network.name, network.lines) == ("Network", "net", ["2 x Subnet", "Vpc"])
    assert (service.kind, service.name, service.lines, service.needs) == ("Service", "web", ["Task"], {NETWORK})


def test_what_needs_something_stands_to_its_right() -> None:
    texts = [element for element in ElementTree.fromstring(svg(STATE, "shop")).iter() if element.tag.endswith("text")]
    places = {element.text: float(element.get("x", "0")) for element in texts}
    assert places["Network net"] < places["Service web"]


def test_the_same_state_gives_the_same_picture() -> None:
    assert svg(STATE, "shop") == svg(json.loads(json.dumps(STATE)), "shop")


def test_a_title_with_markup_is_text() -> None:
    picture = ElementTree.fromstring(svg(STATE, "<b>&"))
    assert next(element for element in picture.iter() if element.tag.endswith("title")).text == "<b>&"


def test_mermaid_has_the_same_boxes_and_arrows() -> None:
    assert mermaid(STATE, "shop dev") == (
        '---\ntitle: "shop dev"\n---\nflowchart LR\n'
        '    box0["Network net<br>2 x Subnet<br>Vpc"]\n    box1["Service web<br>Task"]\n    box0 --> box1\n'
    )


def test_names_with_markup_are_text_in_mermaid_too() -> None:
    state = json.loads(json.dumps(STATE).replace('::net"', '::<b>[\\"x\\"]"'))
    drawn = mermaid(state, 'a "title"')
    assert drawn.splitlines()[1] == "title: \"a 'title'\""
    assert 'box0["Network #60;b#62;#91;#34;x#34;#93;<br>2 x Subnet<br>Vpc"]' in drawn


def test_the_command_reads_a_state_and_names_the_stack() -> None:
    answer = CliRunner().invoke(command, input=json.dumps(STATE))
    assert "<title>shop dev</title>" in answer.output


def test_what_is_no_state_is_one_sentence() -> None:
    answer = CliRunner().invoke(command, input="[1]")
    assert answer.output == "Error: <stdin>: not the state of a stack; give what `pulumi stack export` prints\n"


def test_the_command_draws_mermaid_when_asked() -> None:
    answer = CliRunner().invoke(command, ["--format", "mermaid"], input=json.dumps(STATE))
    assert answer.output == mermaid(STATE, "shop dev")


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"deployment": []}', "[" * 100_000, "9" * 5_000, '{"deployment": {"resources": [1]}}']
)
def test_no_state_in_any_form_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    answer = CliRunner().invoke(command, [str(tmp_path / "state.json")])
    said = f"Error: {tmp_path / 'state.json'}: not the state of a stack; give what `pulumi stack export` prints\n"
    assert (answer.exit_code, answer.output) == (2, said)


def test_resources_that_are_their_own_parents_are_no_state() -> None:
    resources = [{"urn": f"urn::{name}", "type": "a:b:C", "parent": f"urn::{parent}"} for name, parent in ("ab", "ba")]
    answer = CliRunner().invoke(command, input=json.dumps({"deployment": {"resources": resources}}))
    assert answer.exit_code == 2


def test_a_picture_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    answer = CliRunner().invoke(command, ["--output", str(tmp_path / "no" / "x.svg")], input=json.dumps(STATE))
    said = f"Error: {tmp_path / 'no' / 'x.svg'}: cannot be written: no such file or directory\n"
    assert (answer.exit_code, answer.output) == (2, said)
