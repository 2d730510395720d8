"""A cloud of fewer than a hundred lines goes through the life of a stack with the real engine.

It cannot prove that the provider fits a cloud whose resources depend on one another.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud import ledger
from localcloud.cloud.project import Place, find_project
from localcloud.cloud.session import LocalCloud
from tests.localcloud.toy import Running

pytestmark = pytest.mark.engine

PROGRAM = """\
import json
import pathlib

import pulumi

wanted = json.loads(pathlib.Path(__file__).with_name("wanted.json").read_text())


class Made(pulumi.CustomResource):
    inscription: pulumi.Output[str]

    def __init__(self, kind, name, props, **options):
        super().__init__(f"toy:index:{kind}", name, {"inscription": None, **props}, pulumi.ResourceOptions(**options))


shelf = Made("Shelf", "shelf", wanted["shelf"]) if "shelf" in wanted else None
if "book" in wanted:
    Made("Book", "book", {"shelf": shelf.id, **wanted["book"]})
for name, props in wanted.get("others", {}).items():
    Made(props.pop("kind", "Shelf"), name, props)
pulumi.export("there", pulumi.Output.from_input(pulumi.runtime.invoke("toy:index:count", {}).value))
if shelf:
    pulumi.export("inscription", shelf.inscription)
"""


RUN = "import sys; from tests.engine.test_toy_cloud import local; sys.exit(local(*sys.argv[1:3]).run(sys.argv[3:]))"
ROOT = Path(__file__).parents[2]


def local(project: Path | str, place: Path | str) -> LocalCloud:
    """The local cloud of a project, with the toy as its only cloud."""
    return LocalCloud(find_project(Path(project)), Place(Path(place)), clouds=[Running()])


class Stack:
    """A stack on the toy cloud, and the folder that is the cloud."""

    def __init__(self, project: Path, place: Path, folder: Path) -> None:
        self.project, self.place, self.folder = project, place, folder
        self("config", "set", "toy:folder", str(folder))

    def __call__(self, *arguments: str, ok: bool = True) -> str:
        done = subprocess.run(
            [sys.executable, "-c", RUN, self.project, self.place, *arguments, "--stack", "dev", "--color=never"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert (done.returncode == 0) == ok, done.stdout + done.stderr
        return done.stdout

    def run(self, command: str, *arguments: str, ok: bool = True, **wanted: object) -> str:
        """Run a command with what the program shall declare; returns what it said."""
        if wanted:
            (self.project / "wanted.json").write_text(json.dumps(wanted))
        return self(command, *arguments, "--yes", "--skip-preview", ok=ok)

    def files(self) -> dict[str, dict]:
        return {file.name: json.loads(file.read_text()) for file in sorted(self.folder.iterdir())}

    def state(self) -> dict[str, dict]:
        """Outputs by the name in the program, of resources on the toy cloud."""
        exported = json.loads(self("stack", "export"))
        return {
            each["urn"].rpartition("::")[2]: each["outputs"]
            for each in exported["deployment"].get("resources") or ()
            if each["type"].startswith("toy:")
        }


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    project, folder = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("folder")
    (project / "Pulumi.yaml").write_text("name: library\nruntime: python\n")
    (project / "__main__.py").write_text(PROGRAM)
    place = tmp_path_factory.mktemp("place")
    yield Stack(project, place, folder)
    local(project, place).stop()


SHELF, BOOK = {"height": 3, "label": "novels"}, {"titles": ["a", "b"]}


@pytest.fixture
def stack(begun: Stack) -> Stack:
    """A shelf and a book, whatever ran before."""
    begun.run("up", shelf=SHELF, book=BOOK)
    return begun


def test_up_makes_what_is_declared_and_a_second_one_finds_nothing_to_do(stack):
    stack.run("destroy")
    said = stack.run("up", shelf=SHELF, book=BOOK)
    assert "+ 3 created" in said
    made = stack.files()
    (book, shelf) = sorted(made)
    assert re.fullmatch(r"book-[0-9a-f]{7}", book)
    assert re.fullmatch(r"shelf-[0-9a-f]{7}", shelf)
    assert (made[shelf]["height"], made[shelf]["label"], made[book]["shelf"]) == (3, "novels", shelf)
    assert f'inscription: "toy:index:Shelf {shelf}"' in said
    assert stack.run("up", "--expect-no-changes").count("unchanged") == 1
    stack.run("up", "--expect-no-changes", shelf=SHELF, book={"titles": ["b", "a"]})  # their order means nothing


def test_the_ledger_names_the_cloud_and_where_in_it_a_resource_stands(stack):
    made = ledger.read(Place(stack.place).ledger)
    assert {(each.cloud, each.configuration) for each in made} == {("toy", (("folder", str(stack.folder)),))}
    assert sorted(each.id for each in made) == sorted(stack.files())


def test_its_servers_are_the_states_and_a_provider_of_its_own(stack):
    records = local(stack.project, stack.place).lifecycle.records()
    assert {name: record is not None for name, record in records.items()} == {"state": True, "toy-provider": True}


def test_a_change_in_place_keeps_the_resource(stack):
    before = sorted(stack.files())
    assert "~ 1 updated" in stack.run("up", shelf=SHELF, book={"titles": ["a", "c"]})
    assert sorted(stack.files()) == before
    assert stack.files()[before[0]]["titles"] == ["a", "c"]


def test_a_refresh_sees_what_changed_and_what_went_and_up_brings_it_back(stack):
    book, shelf = sorted(stack.files())
    (stack.folder / shelf).write_text(json.dumps(stack.files()[shelf] | {"label": "changed by hand"}))
    (stack.folder / book).unlink()
    said = stack.run("refresh")
    assert "~ 1 updated" in said
    assert "- 1 deleted" in said
    assert {name: outputs["label"] for name, outputs in stack.state().items()} == {"shelf": "changed by hand"}
    said = stack.run("up")
    assert "~ 1 updated" in said
    assert "+ 1 created" in said
    assert stack.files()[shelf]["label"] == "novels"
    assert stack.state()["book"]["titles"] == ["a", "b"]


def test_what_cannot_change_in_place_is_replaced_and_what_hangs_on_it_follows(stack):
    before = stack.files()
    said = stack.run("up", shelf=SHELF | {"height": 4}, book=BOOK)
    assert "+-1 replaced" in said
    after = stack.files()
    gone, new = set(before) - set(after), set(after) - set(before)
    assert (len(gone), len(new)) == (1, 1)
    assert after[new.pop()]["height"] == 4
    # The second of a name that the program gives could not stand beside the first.
    stack.run("up", shelf=SHELF, others={"named": {"name": "own", "height": 1}})
    said = stack.run("up", shelf=SHELF, others={"named": {"name": "own", "height": 2}})
    assert "+-1 replaced" in said
    assert stack.files()["own"]["height"] == 2


def test_what_is_there_already_is_imported_without_a_change(stack):
    there = {"name": "found", "height": 7, "label": "old", "inscription": "toy:index:Shelf found"}
    (stack.folder / "found").write_text(json.dumps(there))
    said = stack.run("import", "toy:index:Shelf", "found", "found", "--generate-code=false", "--protect=false")
    assert "= 1 imported" in said
    assert stack.state()["found"] == there
    others = {"found": {"name": "found", "height": 7, "label": "old"}}
    stack.run("up", "--expect-no-changes", shelf=SHELF, book=BOOK, others=others)


@pytest.mark.parametrize(
    ("props", "said"),
    [
        ({"height": "high"}, "expected a whole number, got a string"),
        ({"height": 3, "labels": "x"}, "unknown property; did you mean 'label'?"),
        ({"height": 3, "name": "taken"}, "there is a taken already"),
        ({"height": 3, "name": "no/folder"}, "the folder says: No such file or directory"),
        ({"kind": "Shelve"}, "toy:index:Shelve: faulty (__main__.py:13) (nearest served: toy:index:Shelf)"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_one_sentence(stack, props, said):
    (stack.folder / "taken").write_text("{}")
    told = stack.run("up", shelf=SHELF, others={"faulty": props}, ok=False)
    (stack.folder / "taken").unlink()
    assert said in told
    assert "Traceback" not in told
    assert "faulty" not in stack.state()


def test_all_that_is_not_served_is_named_in_one_run_and_nothing_is_made(stack):
    before = stack.files()
    others = {
        "one": {"kind": "Shelve"},
        "sound": {"height": 3},
        "two": {"kind": "Shelve"},
        "three": {"kind": "Desk"},
        "faulty": {"height": "high", "colour": "red"},
    }
    told = stack.run("up", shelf=SHELF, book=BOOK, others=others, ok=False)
    assert "does not serve 2 types of this program, and nothing of it was made or changed:" in told
    assert re.search(r"toy:index:Shelve: one \(__main__\.py:\d+\), two \(__main__\.py:\d+\)", told)
    for line in ("toy:index:Desk: three", "colour: unknown property", "height: expected a whole number"):
        assert line in told
    assert stack.files() == before


def test_destroy_leaves_nothing(stack):
    stack.run("destroy")
    assert stack.files() == {}
    assert stack.state() == {}
