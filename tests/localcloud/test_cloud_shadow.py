"""The shadow of a project. Cannot prove what the engine writes into it: tests/localcloud/test_cloud_engine.py runs that."""

import pytest

from localcloud.cloud import LocalCloudError, placeholders
from localcloud.cloud.project import Place, Project, find_project, place_of, yaml
from localcloud.cloud.shadow import Shadow, shadow_project
from tests.operations.mutations import mutated


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    return Project(folder / "Pulumi.yaml")


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path / "place").make()


class Engine:
    """What the shadow asks of the engine, done to the files as the engine does it."""

    def __init__(self, project, place):
        self.project, self.place, self.ran, self.stacks = project, place, [], set()

    def __call__(self, arguments):
        self.ran.append(" ".join(arguments))
        stack = arguments[arguments.index("init") + 1] if "init" in arguments else arguments[3]
        file = self.place.shadow / f"Pulumi.{stack}.yaml"
        if "init" in arguments:
            self.stacks.add(stack)
            if "encryptionsalt" not in file.read_text():
                file.write_text(file.read_text() + "encryptionsalt: v1:local\n")
        else:
            pairs = [argument for argument in arguments if "=" in argument]
            document = placeholders.read(file.read_text(), "x")
            for pair in pairs:
                key, _, value = pair.partition("=")
                if "[" not in key:
                    document["config"][key] = {"secure": f"v1:local:{value}"}
            file.write_text(placeholders.write(document))


@pytest.fixture
def engine(project, place):
    return Engine(project, place)


def document(text):
    return yaml().load(text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("name: demo\nruntime: python\n", "name: demo\nruntime: python\nmain: {0}\n"),
        ("name: demo\nruntime: python\nmain: src/\n", "name: demo\nruntime: python\nmain: {0}/src\n"),
        (
            "name: demo\nruntime: python\nstackConfigDir: stacks\nbackend: {{url: s3://real}}\n",
            "name: demo\nruntime: python\nmain: {0}\n",
        ),
        (
            "name: demo\nruntime: {{name: python, options: {{virtualenv: venv}}}}\n",
            "name: demo\nruntime: {{name: python, options: {{virtualenv: {0}/venv}}}}\nmain: {0}\n",
        ),
        (
            "name: demo\nruntime: python\nplugins: {{providers: [{{name: x, path: ./x}}]}}\n",
            "name: demo\nruntime: python\nplugins: {{providers: [{{name: x, path: {0}/x}}]}}\nmain: {0}\n",
        ),
        (
            "name: demo\nruntime: python\nconfig:\n  pulumi:tags: {{value: {{a: b}}}}\n",
            "name: demo\nruntime: python\nconfig:\n  pulumi:tags: {{value: {{a: b}}}}\nmain: {0}\n",
        ),
    ],
)
def test_the_shadows_project_names_every_path_whole(project, given, expected):
    project.file.write_text(given.format())
    assert document(shadow_project(project)) == document(expected.format(project.folder))


def test_the_shadow_says_which_project_it_stands_for(project, place, engine):
    Shadow(project, place, engine.stacks.__contains__).update_project()
    assert (place.shadow / ".project").read_text() == f"{project.folder}\n"


def test_a_stack_is_made_on_first_use_from_the_users_file(project, place, engine):
    project.stack_file("dev").write_text("config:\n  demo:a: b\n")
    assert Shadow(project, place, engine.stacks.__contains__).update_stack("dev", engine) == ()
    assert engine.ran == ["stack init dev --no-select --secrets-provider passphrase"]
    assert (place.shadow / "Pulumi.dev.yaml").read_text() == "config:\n  demo:a: b\nencryptionsalt: v1:local\n"
    assert project.stack_file("dev").read_text() == "config:\n  demo:a: b\n"


def test_a_stack_without_a_file_is_made_too(project, place, engine):
    Shadow(project, place, engine.stacks.__contains__).update_stack("dev", engine)
    assert engine.ran == ["stack init dev --no-select --secrets-provider passphrase"]
    assert not project.stack_file("dev").exists()


def test_nothing_is_done_again_while_the_users_file_is_the_same(project, place, engine):
    shadow = Shadow(project, place, engine.stacks.__contains__)
    project.stack_file("dev").write_text("config:\n  demo:a: b\n")
    shadow.update_stack("dev", engine)
    (place.shadow / "Pulumi.dev.yaml").write_text("config:\n  demo:a: local\n")
    assert shadow.update_stack("dev", engine) == ()
    assert len(engine.ran) == 1
    assert (place.shadow / "Pulumi.dev.yaml").read_text() == "config:\n  demo:a: local\n"


def test_a_changed_file_is_copied_anew_and_local_values_are_kept(project, place, engine):
    shadow = Shadow(project, place, engine.stacks.__contains__)
    project.stack_file("dev").write_text("config:\n  demo:a: b\n  demo:c: d\n")
    shadow.update_stack("dev", engine)
    copy = place.shadow / "Pulumi.dev.yaml"
    copy.write_text(copy.read_text().replace("demo:c: d", "demo:c: local"))
    project.stack_file("dev").write_text("config:\n  demo:a: changed\n  demo:c: d\n")
    shadow.update_stack("dev", engine)
    assert document(copy.read_text()) == {
        "config": {"demo:a": "changed", "demo:c": "local"},
        "encryptionsalt": "v1:local",
    }


def test_secrets_become_placeholders_and_their_paths_are_told(project, place, engine):
    project.stack_file("prod").write_text("secretsprovider: awskms://x\nconfig:\n  demo:token: {secure: v1:x}\n")
    assert Shadow(project, place, engine.stacks.__contains__).update_stack("prod", engine) == ("demo:token",)
    value = placeholders.placeholder("demo:token")
    assert engine.ran[1] == f"config set-all --stack prod --path --secret demo:token={value}"


def test_a_secret_that_the_user_has_replaced_is_kept_and_told_no_more(project, place, engine):
    shadow = Shadow(project, place, engine.stacks.__contains__)
    project.stack_file("dev").write_text("config:\n  demo:token: {secure: v1:x}\n")
    shadow.update_stack("dev", engine)
    copy = place.shadow / "Pulumi.dev.yaml"
    local = placeholders.read(copy.read_text(), "x")
    local["config"]["demo:token"] = {"secure": "v1:local:mine"}
    copy.write_text(placeholders.write(local))
    project.stack_file("dev").write_text("config:\n  demo:token: {secure: v1:x}\n  demo:b: c\n")
    assert shadow.update_stack("dev", engine) == ()
    assert document(copy.read_text())["config"] == {"demo:token": {"secure": "v1:local:mine"}, "demo:b": "c"}


def test_a_removed_stack_is_made_again_from_the_users_file(project, place, engine):
    shadow = Shadow(project, place, engine.stacks.__contains__)
    project.stack_file("dev").write_text("config:\n  demo:a: b\n")
    shadow.update_stack("dev", engine)
    (place.shadow / "Pulumi.dev.yaml").unlink()
    engine.stacks.clear()
    shadow.update_stack("dev", engine)
    assert engine.ran == ["stack init dev --no-select --secrets-provider passphrase"] * 2


def test_another_configuration_file_can_take_the_place_of_the_stacks_own(project, place, engine):
    other = project.folder / "other.yaml"
    other.write_text("config:\n  demo:a: other\n")
    Shadow(project, place, engine.stacks.__contains__).update_stack("dev", engine, other)
    assert document((place.shadow / "Pulumi.dev.yaml").read_text())["config"] == {"demo:a": "other"}
    assert other.read_text() == "config:\n  demo:a: other\n"


SOUND = """\
config:
  aws:region: eu-west-1
  demo:hosts: [a, {secure: v1:real}]
  demo:sizes:
    least: 2
    most: "010"
"""


def prepared(shadow, engine, stack="dev"):
    """Whether a stack could be made ready; what is told is told in one sentence about the person's own file."""
    try:
        shadow.update_stack(stack, engine)
    except LocalCloudError as error:
        told = str(error)
    else:
        return True
    assert told.startswith(str(shadow.project.stack_file(stack)))
    return False


class Exacting(Engine):
    """An engine that, as the real one, takes no stack file that it cannot read."""

    def __call__(self, arguments):
        stack = arguments[arguments.index("init") + 1] if "init" in arguments else arguments[3]
        document = placeholders.read(self.place.shadow.joinpath(f"Pulumi.{stack}.yaml").read_text(), "engine")
        if any(":" not in str(key) for key in document.get("config") or {}):
            raise LocalCloudError(f"{self.project.stack_file(stack)}: the engine refuses a key without a namespace")
        super().__call__(arguments)


@pytest.mark.parametrize("begun", [False, True], ids=["a new stack", "a stack that is there"])
def test_one_slip_in_a_stack_file_poisons_nothing(project, place, begun):
    file = project.stack_file("dev")
    refused = 0
    for seed in range(80):
        engine = Exacting(project, place)
        shadow = Shadow(project, place, engine.stacks.__contains__)
        for left in (shadow.stack_file("dev"), place.generated / "dev.yaml", place.generated / "dev.digest"):
            left.unlink(missing_ok=True)
        if begun:
            file.write_text(SOUND)
            assert prepared(shadow, engine)
        file.write_bytes(mutated(SOUND, seed))
        refused += not prepared(shadow, engine)
        file.write_text(SOUND)
        assert prepared(shadow, engine), f"seed {seed}"
        found = placeholders.read(shadow.stack_file("dev").read_text(), "copy")["config"]
        assert found["aws:region"] == "eu-west-1"
        assert found["demo:hosts"][1] == placeholders.placeholder("demo:hosts[1]")
        assert dict(found["demo:sizes"]) == {"least": 2, "most": "010"}
    assert refused > 25


def test_values_of_the_local_copy_outlive_a_slip(project, place, engine):
    file = project.stack_file("dev")
    file.write_text("config:\n  demo:round: '1'\n")
    shadow = Shadow(project, place, engine.stacks.__contains__)
    shadow.update_stack("dev", engine)
    copy = shadow.stack_file("dev")
    copy.write_text(copy.read_text().replace("'1'", "'2'"))

    def failing(arguments):
        raise LocalCloudError("the engine refuses it")

    for slip in ("config: abc\n", "config: [\n", "config:\n  demo:token: {secure: v1:x}\n"):
        file.write_text(slip)
        with pytest.raises(LocalCloudError):
            shadow.update_stack("dev", failing)
    file.write_text("config:\n  demo:round: '1'\n  demo:more: x\n")
    shadow.update_stack("dev", engine)
    assert dict(placeholders.read(copy.read_text(), "copy")["config"]) == {"demo:round": "2", "demo:more": "x"}


@pytest.mark.parametrize("written", ["<<", ".nan", "!name x", "2026-01-05", "12:30:45"])
def test_a_value_that_was_mended_is_no_value_of_the_local_copy(project, place, engine, written):
    file = project.stack_file("dev")
    shadow = Shadow(project, place, engine.stacks.__contains__)
    for value in (written, "2"):
        file.write_text(f"config:\n  demo:least: {value}\n")
        shadow.update_stack("dev", engine)
    assert document(shadow.stack_file("dev").read_text())["config"] == {"demo:least": 2}


SLIPS = (
    (b"config: abc\n", "`config`: wanted a mapping, got a text"),
    (b"config: [a]\n", "`config`: wanted a mapping, got a list"),
    (b"config: 3\n", "`config`: wanted a mapping, got a scalar"),
    (b"abc\n", "wanted a mapping, got a text"),
    (b"\xff\n", "byte 0 is no UTF-8 text; save the file as UTF-8"),
    (b"config:\n  a: " + b"[" * 3_000, "brackets more than 100 deep"),
    (b"config:\n  a: 2026-02-30\n", "not valid YAML; day is out of range for month"),
    (b"x: " + b"x" * (1024 * 1024), "is larger than 1 MiB, the most that is read"),
)


@pytest.mark.parametrize(("content", "said"), SLIPS, ids=[said for _, said in SLIPS])
def test_a_slip_is_told_in_one_sentence_and_writes_nothing(project, place, engine, content, said):
    file = project.stack_file("dev")
    file.write_bytes(content)
    with pytest.raises(LocalCloudError) as told:
        Shadow(project, place, engine.stacks.__contains__).update_stack("dev", engine)
    assert str(told.value) == f"{file}: {said}"
    assert engine.ran == []
    assert list(place.shadow.iterdir()) == list(place.generated.iterdir()) == []


def test_aliases_of_aliases_are_refused_in_no_time(project, place, engine):
    lines = "".join(f"  demo:{name}: &{name} [{', '.join([below] * 10)}]\n" for below, name in zip(["x", *(f"*{n}" for n in "abcdefghij")], "abcdefghijk", strict=True))  # fmt: skip
    file = project.stack_file("dev")
    file.write_text(f"config:\n{lines}")
    with pytest.raises(LocalCloudError) as told:
        Shadow(project, place, engine.stacks.__contains__).update_stack("dev", engine)
    assert str(told.value) == f"{file}: not valid YAML; more than 200000 values with every alias written out"


def test_the_project_is_found_from_a_folder_inside_it(project):
    inside = project.folder / "a" / "b"
    inside.mkdir(parents=True)
    assert find_project(inside) == project


def test_without_a_project_the_user_is_told_what_is_missing(tmp_path):
    with pytest.raises(LocalCloudError) as error:
        find_project(tmp_path)
    assert str(error.value) == f"no Pulumi.yaml in {tmp_path} or a folder above; change to a Pulumi project"


def test_a_project_file_without_a_name_is_told(project):
    project.file.write_text("- a\n")
    with pytest.raises(LocalCloudError) as error:
        _ = project.name
    assert str(error.value) == f"{project.file}: wanted a mapping with a `name`, as every Pulumi project has"


def test_stacks_are_those_with_a_file_where_the_project_keeps_them(project):
    (project.folder / "stacks").mkdir()
    project.file.write_text("name: demo\nruntime: python\nstackConfigDir: stacks\n")
    (project.folder / "stacks" / "Pulumi.prod.yaml").touch()
    (project.folder / "stacks" / "Pulumi.dev.yml").touch()
    (project.folder / "Pulumi.other.yaml").touch()
    assert project.stacks() == ["dev", "prod"]
    assert project.stack_file("dev") == project.folder / "stacks" / "Pulumi.dev.yml"


def test_two_checkouts_of_one_project_have_two_places(tmp_path):
    places = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        places.add(place_of(find_project(tmp_path / name)).root)
    assert len(places) == 2
    assert all(root.name.startswith("demo-") for root in places)


def test_a_place_is_for_its_user_alone(tmp_path):
    place = Place(tmp_path / "place").make()
    assert place.root.stat().st_mode & 0o777 == 0o700
