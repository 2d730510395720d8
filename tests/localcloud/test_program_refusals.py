"""A program of which the local cloud does not serve all is told all of that in one run, and none of it is made.

The programs run as the language host runs them, against a monitor that records what it is told and the provider of a
cloud that is a folder. It cannot prove what the engine shows of it: tests/engine/test_toy_cloud.py runs that.
"""

import os
import subprocess
import sys
from concurrent import futures
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, resource_pb2, resource_pb2_grpc

from localcloud.engine import language_host
from localcloud.engine.refusals import Refusals, attached
from localcloud.engine.sources import MODULE_FOLDER
from localcloud.provider.server import start
from tests.localcloud.toy import Toy

SDK = """\
import pulumi
from pulumi import ResourceOptions as Options


class Made(pulumi.CustomResource):
    inscription: pulumi.Output[str]

    def __init__(self, kind, name, opts=None, **props):
        super().__init__(f"toy:index:{kind}", name, {"inscription": None, **props}, opts)


@pulumi.output_type
class Found:
    def __init__(self, names=None, label=None, count=None, inner=None):
        for name, value in (("names", names), ("label", label), ("count", count), ("inner", inner)):
            pulumi.set(self, name, value)

    @property
    @pulumi.getter
    def names(self) -> list[str]:
        return pulumi.get(self, "names")

    @property
    @pulumi.getter
    def label(self) -> str:
        return pulumi.get(self, "label")

    @property
    @pulumi.getter
    def count(self) -> int:
        return pulumi.get(self, "count")

    @property
    @pulumi.getter
    def inner(self) -> dict[str, str]:
        return pulumi.get(self, "inner")


def find(token="toy:index:find"):
    return pulumi.runtime.invoke(token, {}, typ=Found).value


"""
LINES = 1
NEAR_SHELF = " (nearest served: toy:index:Shelf)"
ADDING = "see tests/localcloud/toy.py"


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """An engine that takes everything, and remembers it."""

    def __init__(self):
        self.told, self.ended = [], False

    def SupportsFeature(self, request, context):  # noqa: N802 -- the protocol's names
        return resource_pb2.SupportsFeatureResponse(hasSupport=True)

    def RegisterResource(self, request, context):  # noqa: N802
        if not request.type.startswith("pulumi:pulumi:"):
            self.told.append(request.name)
        urn = f"urn:pulumi:dev::demo::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(urn=urn, id="made", object=request.object)

    def RegisterResourceOutputs(self, request, context):  # noqa: N802
        return empty_pb2.Empty()

    def RegisterStackTransform(self, request, context):  # noqa: N802
        return empty_pb2.Empty()

    def ReadResource(self, request, context):  # noqa: N802
        self.told.append(request.name)
        return resource_pb2.ReadResourceResponse(urn=f"urn:pulumi:dev::demo::{request.type}::{request.name}")

    def Invoke(self, request, context):  # noqa: N802
        self.told.append(request.tok)
        return resource_pb2.ResourceInvokeResponse(**{"return": {"resources": 3}})

    def SignalAndWaitForShutdown(self, request, context):  # noqa: N802
        self.ended = True
        return empty_pb2.Empty()


@dataclass
class Ran:
    said: list[str]
    told: list[str]
    ended: bool
    failed: bool


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    server, port = start(Toy())
    yield port
    server.stop(0)


@pytest.fixture
def run(tmp_path, toy):
    """f(program) -> what came of it, as the language host runs it."""

    def ran(text, dry_run=True, extent="whole"):
        library = tmp_path / "site-packages"
        library.mkdir()
        (library / "made.py").write_text(SDK)
        (tmp_path / "__main__.py").write_text("from made import *\n" + text)
        monitor, server = Monitor(), grpc.server(futures.ThreadPoolExecutor(8))
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        request = language_pb2.RunRequest(
            project="demo", stack="dev", monitor_address=f"127.0.0.1:{port}", dryRun=dry_run, parallel=16,
            config={"toy:folder": str(tmp_path)},
        )  # fmt: skip
        info = language_pb2.ProgramInfo(
            root_directory=str(tmp_path), program_directory=str(tmp_path), entry_point="__main__.py"
        )
        request.info.CopyFrom(info)
        read, write = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-u", str(MODULE_FOLDER / "program.py"), extent, str(write)],
            env=os.environ | {"PULUMI_DEBUG_PROVIDERS": f"toy:{toy}", "PYTHONPATH": f"{library}{os.pathsep}{MODULE_FOLDER.parent}"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, pass_fds=[write],
        )  # fmt: skip
        os.close(write)
        said, _ = process.communicate(request.SerializeToString(), timeout=120)
        with os.fdopen(read, "rb") as answer:
            answered = answer.read()
        server.stop(0)
        assert answered, said.decode()
        response = language_pb2.RunResponse.FromString(answered[1:])
        return Ran(said.decode().splitlines(), sorted(monitor.told), monitor.ended, response.bail)

    return ran


def at(line):
    return f"__main__.py:{LINES + line}"


SEVERAL = """\
Made("Shelf", "sound", height=3)
Made("Shelve", "first", height=3)
for name in ("second", "third"):
    Made("Shelve", name)
Made("Box", "box")
print(find().label)
Made("Shelf", "faulty", height="high")
"""
SEVERAL_LINES = [
    f"  toy:index:Box: box ({at(5)})",
    f"  toy:index:Shelve: first ({at(2)}), second ({at(4)}), third ({at(4)}){NEAR_SHELF}",
    f"  toy:index:find: {at(6)}",
]


def test_a_preview_names_all_that_is_not_served_and_all_that_is_wrong_with_the_rest(run):
    ran = run(SEVERAL)
    assert ran.failed
    said = ran.said[1:]  # after what the program prints
    assert said[0] == "error: the local cloud does not serve 2 types and 1 function of this program:"
    assert [line for line in SEVERAL_LINES if line not in said] == []
    assert f"  toy:index:Shelf faulty ({at(7)}): height: expected a whole number, got a string" in said
    assert said[-2:] == ["what the program makes only of their answers is not in this list", ADDING]


def test_a_type_that_is_refused_for_a_reason_is_named_with_it(run):
    said = run('Made("Wall", "north")\n').said
    assert f"  toy:index:Wall: north ({at(1)}): it cannot be moved" in said


def test_without_a_preview_the_same_is_named_and_nothing_is_made(run):
    ran = run(SEVERAL, dry_run=False)
    assert ran.failed
    assert (ran.told, ran.ended) == ([], False)
    assert ran.said[1] == (
        "error: the local cloud does not serve 2 types and 1 function of this program, and nothing of it was made or changed:"
    )
    assert [line for line in SEVERAL_LINES if line not in ran.said] == []


def test_what_was_registered_before_is_counted(run):
    ran = run(
        'shelf = Made("Shelf", "shelf", height=3)\nshelf.inscription.apply(lambda _: Made("Box", "box"))\n', False
    )
    assert ran.told == ["shelf"]
    assert not ran.ended  # the engine would begin to delete what was not registered
    assert ran.said[0] == (
        "error: the local cloud does not serve 1 type of this program; 1 resource had been registered before that was "
        "known:"
    )


PARTS = {
    "inside a component": (
        'part = pulumi.ComponentResource("my:index:Part", "part")\nMade("Box", "box", Options(parent=part))\n',
        f"  toy:index:Box: box ({at(2)})",
    ),
    "of a resource that is read": (
        'Made("Box", "box", Options(id="there"))\n',
        f"  toy:index:Box: box ({at(1)})",
    ),
    "behind an explicit provider": (
        'own = pulumi.ProviderResource("toy", "own", {"folder": "/tmp"})\nMade("Box", "box", Options(provider=own))\n',
        f"  toy:index:Box: box ({at(2)})",
    ),
    "of an output of a function": (
        'out = pulumi.runtime.invoke_output("toy:index:find", {}, typ=Found)\nMade("Book", "book", shelf=out.label)\n',
        f"  toy:index:find: {at(1)}",
    ),
    "made of what a function answers": (
        'found = find()\nMade("Box", f"box-{len(found.names)}-{found.count + 1}-{len(found.inner)}")\nfound.names[0].split()\n',
        f"  toy:index:Box: box-1-2-0 ({at(2)})",
    ),
    "more than fit": (
        'for number in range(10):\n    Made("Box", f"box-{number}")\n',
        "  toy:index:Box: " + ", ".join(f"box-{number} ({at(2)})" for number in range(8)) + " and 2 more",
    ),
}  # fmt: skip


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("case", PARTS)
def test_it_is_found_wherever_it_stands(run, case, dry_run):
    text, line = PARTS[case]
    ran = run(text, dry_run)
    assert ran.failed
    assert line in ran.said


def test_a_property_that_is_not_served_is_met_before_anything_of_its_kind_is_made(run):
    ran = run('for name in "abcdefgh":\n    Made("Shelf", name, height=3, colour="red")\n', dry_run=False)
    assert ran.told == []
    assert ran.said == [
        "error: the local cloud refuses what this program asks for, and nothing of it was made or changed:",
        *(f"  toy:index:Shelf {name} ({at(2)}): colour: unknown property" for name in "abcdefgh"),
    ]


def test_what_hangs_on_an_answer_that_nobody_gives_is_not_held_against_it(run):
    ran = run('Made("Shelf", "shelf", height=find().label * 2)\n')
    assert ran.said == [
        "error: the local cloud does not serve 1 function of this program:",
        f"  toy:index:find: {at(1)}",
        "what the program makes only of their answers is not in this list",
        ADDING,
    ]


def test_a_program_that_ends_over_such_an_answer_says_what_it_had_come_to(run):
    ran = run('Made("Box", "box")\nfind().inner["missing"]\nMade("Box", "later")\n')
    assert ran.failed
    assert f"  toy:index:Box: box ({at(1)})" in ran.said
    assert "the program ended early, so what it would have made later is not in this list" in ran.said
    assert ran.said[-1] == "KeyError: 'missing'"


def test_the_answers_of_served_functions_come_as_ever(run):
    text = 'Made("Box", "box")\nprint(pulumi.runtime.invoke("toy:index:count", {}).value["resources"] >= 0)\n'
    assert "True" in run(text).said


LEFT = {
    "all of it is served": 'Made("Shelf", "shelf", height=3)\nprint(pulumi.runtime.invoke("toy:index:count", {}).value)\n',
    "it is of another package": 'pulumi.CustomResource("other:index:Thing", "thing", {})\n',
    "the engine puts the old value in the place of the wrong one": (
        'Made("Shelf", "shelf", Options(ignore_changes=["height"]), height="high")\n'
    ),
    "a transform of the program may mend it": (
        "pulumi.runtime.register_resource_transform(lambda args: None)\n"
        'Made("Shelf", "shelf", height="high")\n'
    ),
}  # fmt: skip


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("case", LEFT)
def test_the_engine_is_asked_where(run, case, dry_run):
    ran = run(LEFT[case], dry_run)
    assert (ran.failed, ran.ended) == (False, True)
    assert ran.told


def test_a_command_on_a_part_of_the_program_is_left_to_the_engine(run):
    ran = run('Made("Box", "box")\n', extent="part")
    assert (ran.told, ran.failed) == (["box"], False)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ("up --yes", False),
        ("preview --diff --stack dev", False),
        ("up --target urn", True),
        ("up -t urn", True),
        ("preview --target-dependents", True),
        ("up --exclude=urn", True),
        ("destroy --run-program", True),
    ],
)
def test_the_engines_command_says_whether_it_works_on_a_part(options, part):
    process = subprocess.Popen(["sh", "-c", "read _", "pulumi", *options.split()], stdin=subprocess.PIPE)
    assert language_host.works_on_a_part(process.pid) is part
    process.communicate(b"\n")


def test_a_provider_of_somebody_else_is_left_alone(toy):
    environment = {"PULUMI_DEBUG_PROVIDERS": f"toy:{toy},gone:1,odd,other:x"}
    assert list(attached(environment, {})) == ["toy"]
    assert not Refusals({}, str, dry_run=True).collecting


def test_the_files_of_the_host_bring_what_they_import():
    code = "import refusals, nearest; assert refusals.near is nearest.near"
    folders = os.pathsep.join([str(MODULE_FOLDER), str(Path(MODULE_FOLDER).parent)])
    subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": folders}, check=True)
