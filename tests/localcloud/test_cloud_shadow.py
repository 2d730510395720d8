"""The shadow of a project. Cannot prove what the engine writes into it: tests/localcloud/test_cloud_engine.py runs that."""

import pytest

from localcloud.cloud import LocalCloudError, placeholders
from localcloud.cloud.project import Place, Project, find_project, place_of, yaml
from localcloud.cloud.shadow import Shadow, shadow_project


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


def test_the_project_is_found_from_a_folder_inside_it(project):
    inside = project.folder / "a" / "b"
    inside.mkdir(parents=True)
    assert find_project(inside) == project


def test_without_a_project_the_user_is_told_what_is_missing(tmp_path):
    with pytest.raises(LocalCloudError) as error:
        find_project(tmp_path)
    assert str(error.value) == f"no Pulumi.yaml in {tmp_path} or a folder above; change to a Pulumi project"


@pytest.mark.parametrize("text", ["- a\n", "runtime: python\n", "name: [x]\n"])
def test_a_project_file_without_a_name_is_told(project, text):
    project.file.write_text(text)
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
