"""The files of a build's context are those that the docker command sends, and their digest is of what is built alone.

Held against moby's own matcher (Go, built here) and against images that the docker command builds. It cannot prove
what a newer docker command does.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from image_context import Context, ContextError
from image_context.context import _matcher, _walk
from tests import swarm

ORACLE = Path(__file__).parent / "oracle"
SEGMENT = st.text("ab.", min_size=1, max_size=3).filter(lambda text: text.strip("."))
PATHS = st.lists(SEGMENT, min_size=1, max_size=3).map("/".join)
WILD = st.sampled_from(["*", "**", "a*", "*b", "?", "[ab]", "[^a]", "a?", "*.a", "\\a", ".", "a+", "a$", "(a)", "é"])
PATTERN = st.tuples(
    st.sampled_from(["", "", "!", "! ", "/", "!/", "#", "\\#", " ", "\t"]),
    st.lists(SEGMENT | WILD, min_size=1, max_size=3).map("/".join),
    st.sampled_from(["", "", "/", "//", " ", "/**", "/."]),
).map("".join)
IGNORES = st.lists(PATTERN, max_size=5).map("\n".join)

Oracle = Callable[[str, list[str]], list[bool] | str]


@pytest.fixture(scope="session")
def oracle(tmp_path_factory) -> Iterator[Oracle]:
    if shutil.which("go") is None:
        pytest.skip("no go on PATH to build moby's own matcher with")
    binary = tmp_path_factory.mktemp("oracle") / "oracle"
    command = ["go", "build", "-buildvcs=false", "-o", binary, "."]
    built = subprocess.run(
        command, cwd=ORACLE, env={**os.environ, "GOTOOLCHAIN": "local"}, capture_output=True, text=True
    )
    if built.returncode:
        pytest.skip(f"moby's matcher cannot be had here: {built.stderr.strip().splitlines()[-1]}")
    with subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(ignore: str, paths: list[str]) -> list[bool] | str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps({"ignore": ignore, "paths": paths}) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


@given(IGNORES, st.lists(PATHS, min_size=1, max_size=6))
@example("a\n!/.", ["a"])
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_ignored_is_what_mobys_matcher_ignores(oracle: Oracle, ignore: str, paths: list[str]):
    theirs = oracle(ignore, paths)
    ours: list[bool] | str
    try:
        matcher = _matcher(ignore.split("\n"), Path("context"))
        ours = [matcher.matches(path) for path in paths]
    except ContextError as error:
        ours = str(error)
    assert ours == theirs or (isinstance(ours, str) and (isinstance(theirs, str) or "as a class of letters" in ours))


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


FILES = {
    "Dockerfile": "FROM scratch\nCOPY . /\n",
    "a.log": "1",
    "b.txt": "2",
    "d/a.log": "3",
    "d/b.txt": "4",
    "d/e/c.txt": "5",
}


def sent(folder: Path, dockerfile: Path | None = None) -> list[str]:
    return [entry.path for entry in Context.read(folder, dockerfile).entries]


def test_without_an_ignore_file_everything_is_sent(tmp_path):
    assert sent(written(tmp_path, FILES)) == [
        "Dockerfile",
        "a.log",
        "b.txt",
        "d",
        "d/a.log",
        "d/b.txt",
        "d/e",
        "d/e/c.txt",
    ]


def test_the_dockerfile_and_the_ignore_file_are_sent_though_ignored(tmp_path):
    assert sent(written(tmp_path, {**FILES, ".dockerignore": "*\n!b.txt\n"})) == [
        ".dockerignore",
        "Dockerfile",
        "b.txt",
    ]


def test_the_ignore_file_of_a_dockerfile_goes_before_that_of_the_folder(tmp_path):
    written(tmp_path, {**FILES, ".dockerignore": "*", "Dockerfile.dockerignore": "d\n.dockerignore\nDockerfile.*\n"})
    assert sent(tmp_path) == [".dockerignore", "Dockerfile", "a.log", "b.txt"]


def test_a_dockerfile_may_lie_elsewhere(tmp_path):
    folder = written(tmp_path / "context", {"b.txt": "2"})
    other = written(tmp_path / "other", {"Dockerfile": "FROM scratch\n"}) / "Dockerfile"
    read = Context.read(folder, other)
    digest = read.digest()
    assert [entry.path for entry in read.entries] == [".dockerfile.given", ".dockerignore", "b.txt"]
    assert read.text_of_dockerfile() == "FROM scratch\n"
    other.write_text("FROM scratch\nCOPY b.txt /\n")
    assert Context.read(folder, other).digest() != digest


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("own", [False, True])
def test_what_was_laid_out_is_read_again_with_a_dockerfile_beside_it(tmp_path, own, elsewhere):
    files = {**FILES, ".dockerignore": "d\n", **({"Dockerfile.dockerignore": "b.txt\n"} if own else {})}
    folder = written(tmp_path / "context", files)
    given = folder / "Dockerfile"
    if elsewhere:
        for file in folder.glob("Dockerfile*"):
            shutil.move(file, tmp_path / file.name)
        given = tmp_path / "Dockerfile"
    first = Context.read(folder, given)
    laid_out = tmp_path / "laid out"
    laid_out.mkdir()
    first.copy_to(laid_out)
    second = Context.read(laid_out, written(tmp_path, {"built": "FROM scratch\n"}) / "built")
    named = {".dockerignore", ".dockerfile.given"}
    assert {entry.path for entry in second.entries} - named == {entry.path for entry in first.entries} - named
    assert (laid_out / ".dockerignore").read_text() == ("b.txt\n" if own else "d\n")


def test_a_folder_of_our_own_in_the_context_is_left_out(tmp_path):
    folder = written(tmp_path / "context", {**FILES, "d/e/f/x": "6"})
    found = Context.read(folder, without=folder / "d" / "e")
    assert [entry.path for entry in found.entries] == ["Dockerfile", "a.log", "b.txt", "d", "d/a.log", "d/b.txt"]


MEANINGLESS = {
    "touch": lambda path: os.utime(path, (1, 1)),
    "rights of others": lambda path: path.chmod(path.stat().st_mode & 0o700),
    "written anew": lambda path: path.write_bytes(path.read_bytes()),
    "a copy in its place": lambda path: Path(shutil.copy(path, f"{path}~")).replace(path),
    "an empty folder": lambda path: (path.parent / "nothing here").mkdir(exist_ok=True),
    "an ignored file": lambda path: (path.parent / "x.ignored").write_text(uuid.uuid4().hex),
}
MEANT = {
    "content": lambda path: path.write_text(path.read_text() + "."),
    "the executable bit": lambda path: path.chmod(path.stat().st_mode ^ 0o100),
    "another name": lambda path: path.rename(path.with_name(f"{path.name}2")),
    "a link instead": lambda path: (path.unlink(), path.symlink_to("elsewhere")),
    "gone": lambda path: path.unlink(),
    "one more": lambda path: path.with_name(f"{path.name}3").write_text("x"),
}
NAMES = [name for name in FILES if name != "Dockerfile"]


def fresh(folder: Path, umask: int = 0o022) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    before = os.umask(umask)
    try:
        return written(folder, {**FILES, ".dockerignore": "**/*.ignored\n"})
    finally:
        os.umask(before)


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(MEANINGLESS))), max_size=6),
    st.tuples(st.sampled_from(NAMES), st.sampled_from(sorted(MEANT))),
    st.sampled_from([0o000, 0o022, 0o027, 0o077]),
)
@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_digest_is_of_what_is_built_and_of_nothing_else(tmp_path_factory, meaningless, meant, umask):
    base = tmp_path_factory.getbasetemp()
    here, there = fresh(base / "here"), fresh(base / "there", umask)
    digest = Context.read(here).digest()
    for name, how in meaningless:
        MEANINGLESS[how](there / name)
    assert Context.read(there).digest() == digest
    assert archive(Context.read(there)) == archive(Context.read(here))
    MEANT[meant[1]](there / meant[0])
    assert Context.read(there).digest() != digest


def archive(context: Context) -> bytes:
    packed = io.BytesIO()
    context.write(packed)
    return packed.getvalue()


def test_a_clone_by_git_has_the_digest_of_what_it_was_cloned_from(tmp_path):
    first = written(tmp_path / "first", FILES)
    (first / "b.txt").chmod(0o755)
    (first / "kept by nobody").mkdir()
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "-C", first]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    second = tmp_path / "second"
    subprocess.run(["git", "clone", "-q", first, second], check=True)
    for folder in (first, second):
        shutil.rmtree(folder / ".git")
    assert Context.read(second).digest() == Context.read(first).digest()


def test_what_cannot_be_sent_is_told_with_what_to_do(tmp_path, monkeypatch):
    def told(folder: Path) -> str:
        with pytest.raises(ContextError) as error:
            Context.read(folder)
        return str(error.value).replace(str(tmp_path), "")

    assert told(tmp_path / "none") == "the context /none is no folder"
    assert told(written(tmp_path / "empty", {"a": ""})) == "the Dockerfile /empty/Dockerfile is not there"
    pipe = written(tmp_path / "pipe", FILES)
    os.mkfifo(pipe / "p")
    assert told(pipe) == "p of the context is no file, folder or link; name it in .dockerignore, or remove it"
    bad = written(tmp_path / "bad", {**FILES, ".dockerignore": "[a"})
    assert told(bad).startswith("/bad/.dockerignore: Invalid ignore pattern '[a'")
    name = written(tmp_path / "name", FILES)
    Path(os.fsdecode(os.fsencode(name) + b"/\xff")).write_text("")
    assert "is no UTF-8; name it in .dockerignore, or rename it" in told(name)


def test_two_gigabytes_are_refused_with_the_folders_that_they_lie_in(tmp_path):
    written(tmp_path, {**FILES, "data/big": ""})
    os.truncate(tmp_path / "data" / "big", 2 * 2**30)
    with pytest.raises(
        ContextError, match=r"has 10 files of 2048 MiB, allowed: 100000 of 1024 MiB; most of it is in data, "
    ):
        Context.read(tmp_path)
    (tmp_path / ".dockerignore").write_text("data\n")
    assert Context.read(tmp_path).size < 1000


def test_what_is_laid_out_is_the_same_context(tmp_path):
    folder = written(tmp_path / "app", {**FILES, ".dockerignore": "*.log\n", "run": "#!/bin/sh\n"})
    (folder / "run").chmod(0o700)
    (folder / "d" / "link").symlink_to("../nowhere")
    (folder / "d" / "to").symlink_to("e")
    read = Context.read(folder)
    read.copy_to(tmp_path / "copy")
    assert Context.read(tmp_path / "copy").digest() == read.digest()


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_what_is_laid_out_has_the_rights_of_the_archive_whatever_the_mask(tmp_path, umask):
    folder = written(tmp_path / "app", {**FILES, ".dockerignore": "d\n!d/e/c.txt\n"})
    read = Context.read(folder)
    (tmp_path / "copy").mkdir()
    before = os.umask(umask)
    try:
        read.copy_to(tmp_path / "copy")
    finally:
        os.umask(before)
    found = {path.relative_to(tmp_path / "copy").as_posix(): path for path in (tmp_path / "copy").rglob("*")}
    assert {name: oct(path.stat().st_mode & 0o7777) for name, path in found.items()} == {
        ".dockerignore": "0o644", "Dockerfile": "0o644", "a.log": "0o644", "b.txt": "0o644",
        "d": "0o755", "d/e": "0o755", "d/e/c.txt": "0o644",
    }  # fmt: skip


def test_a_file_that_grows_while_it_is_read_is_told_and_nothing_torn_is_sent(tmp_path):
    read = Context.read(written(tmp_path, FILES))
    (tmp_path / "b.txt").write_text("longer")
    with pytest.raises(ContextError, match=r"b\.txt of the context changed while it was read"):
        read.digest()
    with pytest.raises(ContextError, match=r"b\.txt of the context changed while it was read"):
        archive(read)


IGNORE_FILES = [
    "",
    "*.log\n",
    "**/*.log\n",
    "d\n!d/b.txt\n",
    "*\n!**/*.txt\n",
    "*\n!d/e\n",
    "d/*\n!d/e/c.txt\n",
    "d/\nb.txt/\n",
    "Dockerfile\n.dockerignore\n",
    "\ufeff*.log\n#b.txt\n",
    "B.TXT\n",
    "/d/e\n./b.txt\n",
]


@pytest.mark.docker
@pytest.mark.parametrize(
    ("ignore", "elsewhere"), [*((one, False) for one in IGNORE_FILES), ("*.log", True), (None, True)]
)
def test_the_docker_command_builds_the_same_files(tmp_path, ignore, elsewhere):
    if shutil.which("docker") is None:
        pytest.skip("no docker command here")
    folder = written(tmp_path / "context", FILES if ignore is None else {**FILES, ".dockerignore": ignore})
    dockerfile = shutil.copy(folder / "Dockerfile", tmp_path / "given") if elsewhere else folder / "Dockerfile"
    name = f"accordion-context-{uuid.uuid4().hex[:8]}"
    environment = {**os.environ, "DOCKER_HOST": swarm.address(), "DOCKER_BUILDKIT": "0"}
    engine = swarm.client()
    try:
        command = ["docker", "build", "-q", "-t", f"{name}:theirs", "-f", dockerfile, folder]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        read = Context.read(folder, Path(dockerfile))
        packed, ours = io.BytesIO(archive(read)), f"{name}:ours"
        for line in engine.build(
            fileobj=packed, custom_context=True, dockerfile=read.dockerfile, tag=ours, decode=True, rm=True
        ):
            assert "error" not in line
        assert files_of(f"{name}:ours") == files_of(f"{name}:theirs")
    finally:
        for tag in ("ours", "theirs"):
            engine.remove_image(f"{name}:{tag}", force=True)


def files_of(image: str) -> list[str]:
    """Files of its last layer."""
    saved = io.BytesIO(b"".join(swarm.client().get_image(image)))
    with tarfile.open(fileobj=saved) as whole:
        manifest = json.load(whole.extractfile("manifest.json"))  # type: ignore[arg-type]
        with tarfile.open(fileobj=whole.extractfile(manifest[0]["Layers"][-1])) as layer:
            return sorted(each.name for each in layer if not each.isdir())


def test_an_ignored_folder_is_looked_into_only_for_what_a_pattern_names(tmp_path):
    folder = written(tmp_path, FILES)
    found = _walk(folder, _matcher(["*", "!d/e"], folder))
    assert sorted(entry.path for entry in found) == ["d/e", "d/e/c.txt"]
