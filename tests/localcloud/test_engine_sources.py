"""Where the engine comes from, and in which order. Cannot prove that the real installer or a real build works."""

import importlib.metadata
import os
import re
import stat
import tomllib
from contextlib import nullcontext
from pathlib import Path
from urllib.error import URLError

import pytest
from filelock import FileLock
from semver import VersionInfo

from localcloud.engine import PIN, EngineError, assembly, language_host, obtain, sources

ROOT = Path(__file__).parents[2]


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path, monkeypatch):
    """An empty PATH, but for what a shell script needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def no_installer(monkeypatch):
    def install(target):
        raise sources.SourceUnavailable("the official installer failed (no network)")

    monkeypatch.setattr(sources, "install", install)


@pytest.fixture
def installer(monkeypatch):
    calls = []

    def install(target):
        calls.append(target)
        script(target, f"echo v{PIN}")

    monkeypatch.setattr(sources, "install", install)
    return calls


FAKE_GO = """
case "$1" in
env) echo go{version};;
build) echo "$@" >> {log}; for word in "$@"; do case "$word" in -o=*) out="${{word#-o=}}";; esac; done
  grep -q pulumi go.mod && printf '#!/bin/sh\\necho v3.274.1\\n' > "$out" && chmod +x "$out";;
esac
"""


def fake_go(path: Path, version: str = "1.99.0") -> Path:
    log = path / "go.log"
    script(path / "go", FAKE_GO.format(version=version, log=log))
    return log


def test_the_pin_is_the_version_of_the_go_modules_and_of_the_host():
    modules = re.findall(
        r"github.com/pulumi/pulumi/(?:pkg|sdk)/v3 v(\S+)", (sources.MODULE_FOLDER / "go.mod").read_text()
    )
    assert set(modules) == {str(PIN)}
    assert language_host.ANSWERS["GetPluginInfo"].version == str(PIN)


def test_the_sdk_is_no_newer_than_the_engine():
    lock = re.search(r"^pulumi==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["aws"]
    assert lock is not None
    assert f"pulumi=={lock[1]}" in project
    assert importlib.metadata.version("pulumi") == lock[1]
    assert VersionInfo.parse(lock[1]) <= PIN


@pytest.mark.parametrize(
    ("version", "fits"),
    [("3.250.0", True), ("3.250.1", True), ("3.999.0", True), ("3.249.9", False), ("4.0.0", False), ("2.9.0", False)],
)
def test_a_version_fits_from_the_oldest_that_was_tried_on_in_the_same_major(version, fits):
    assert sources.fits(VersionInfo.parse(version)) is fits


def test_a_recent_pulumi_on_path_comes_before_all_else(path, cache, installer):
    found = script(path / "pulumi", "echo v3.300.1")
    engine = obtain(cache=cache)
    assert engine.origin == str(found)
    assert engine.binary.read_text() == found.read_text()
    assert installer == []


def test_a_pulumi_that_is_too_old_is_passed_over_for_the_installer(path, cache, installer):
    script(path / "pulumi", "echo v3.100.0")
    engine = obtain(cache=cache)
    assert engine.origin == "cache"
    assert installer == [cache / "v3.274.1" / "pulumi"]


@pytest.mark.usefixtures("no_installer")
def test_without_path_and_installer_it_is_built_at_the_pin(path, cache):
    log = fake_go(path)
    assert obtain(cache=cache).origin == "cache"
    words = log.read_text().split()
    assert words[-1] == "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    assert "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.274.1" in words
    assert (cache / "v3.274.1" / "pulumi").exists()


@pytest.mark.usefixtures("no_installer")
def test_a_second_clone_builds_nothing(path, cache):
    log = fake_go(path)
    first, second = obtain(cache=cache), obtain(cache=cache)
    assert first == second
    assert len(log.read_text().splitlines()) == 1


def test_the_cache_comes_before_installer_and_build(path, cache, installer):
    script(cache / "v3.274.1" / "pulumi", "echo v3.274.1")
    assert obtain(cache=cache).origin == "cache"
    assert installer == []


@pytest.mark.usefixtures("no_installer")
def test_a_build_that_another_process_finished_meanwhile_is_taken(path, cache, monkeypatch):
    log = fake_go(path)

    class Waited(FileLock):
        def __enter__(self):
            script(cache / "v3.274.1" / "pulumi", "echo v3.274.1")
            return super().__enter__()

    monkeypatch.setattr(assembly, "FileLock", Waited)
    obtain(cache=cache)
    assert not log.exists()


@pytest.mark.usefixtures("no_installer")
def test_with_no_source_one_message_says_what_to_install(path, cache):
    with pytest.raises(EngineError) as error:
        obtain(cache=cache)
    assert str(error.value) == (
        "no Pulumi engine: no pulumi on PATH; the official installer failed (no network); no go on PATH; install Pulumi "
        "3.250.0 or newer (https://www.pulumi.com/docs/install/) or Go 1.26.6 or newer (https://go.dev/dl/), then try again"
    )


@pytest.mark.usefixtures("no_installer")
def test_each_source_says_why_it_cannot_serve(path, cache):
    old = script(path / "pulumi", "echo v3.100.0")
    fake_go(path, "1.19.8")
    with pytest.raises(EngineError) as error:
        obtain(cache=cache)
    assert str(error.value).startswith(
        f"no Pulumi engine: {old} is 3.100.0, wanted >= 3.250.0 and < 4; the official installer failed (no network); "
        f"{path / 'go'} is 1.19.8, wanted >= 1.26.6; install"
    )


@pytest.mark.usefixtures("no_installer")
def test_a_failed_build_leaves_nothing_in_the_cache(path, cache):
    script(path / "go", 'case "$1" in env) echo go1.99;; build) echo "no space left" >&2; exit 1;; esac')
    with pytest.raises(EngineError, match=r"the build from Go modules failed \(no space left\)"):
        obtain(cache=cache)
    assert list((cache / "v3.274.1").iterdir()) == []


def test_the_installer_without_a_network_is_a_source_that_cannot_serve(tmp_path, monkeypatch):
    def no_network(**_):
        raise URLError("Name or service not known")

    monkeypatch.setattr("pulumi.automation.PulumiCommand.install", no_network)
    with pytest.raises(sources.SourceUnavailable, match=r"the official installer failed \(Name or service not known\)"):
        sources.install(tmp_path / "pulumi")
    assert list(tmp_path.iterdir()) == []


def test_the_installer_gives_the_pinned_version(tmp_path, monkeypatch):
    asked = []

    def install(root, version):
        asked.append(version)
        script(Path(root) / "bin" / "pulumi", "echo v3.274.1")

    monkeypatch.setattr("pulumi.automation.PulumiCommand.install", install)
    sources.install(tmp_path / "pulumi")
    assert asked == [PIN]
    assert [entry.name for entry in tmp_path.iterdir()] == ["pulumi"]


def test_our_own_assembled_engine_on_path_is_no_installation(path, cache, installer, monkeypatch):
    first = obtain(cache=cache)
    monkeypatch.setenv("PATH", f"{first.binary.parent}{os.pathsep}{os.environ['PATH']}")
    assert obtain(cache=cache) == first


def test_our_language_host_lies_beside_the_binary_and_can_be_started(path, cache, installer):
    folder = obtain(cache=cache).binary.parent
    assert sorted(entry.name for entry in folder.iterdir()) == [
        "interpreters.py",
        "language_host.py",
        "nearest.py",
        "program.py",
        "pulumi",
        "pulumi-language-python",
        "pulumi-resource-pulumi-python",
        "refusals.py",
    ]
    for name in ("pulumi-language-python", "pulumi-resource-pulumi-python"):
        assert (folder / name).stat().st_mode & stat.S_IXUSR


def test_the_binary_is_no_symbolic_link_since_the_engine_looks_beside_the_real_file(path, cache, installer):
    assert not obtain(cache=cache).binary.is_symlink()


def test_an_engine_from_path_keeps_its_hosts_for_other_languages_but_not_its_python_host(path, cache):
    script(path / "pulumi", "echo v3.300.0")
    script(path / "pulumi-language-nodejs", "echo node")
    script(path / "pulumi-language-python", "echo theirs")
    folder = obtain(cache=cache).binary.parent
    assert (folder / "pulumi-language-nodejs").resolve() == (path / "pulumi-language-nodejs").resolve()
    assert "theirs" not in (folder / "pulumi-language-python").read_text()


def test_a_binary_that_was_replaced_is_asked_for_its_version_anew(path, cache, installer):
    script(path / "pulumi", "echo v3.300.0")
    assert obtain(cache=cache).origin == str(path / "pulumi")
    script(path / "pulumi", "echo v3.20.0  # older")
    assert obtain(cache=cache).origin == "cache"


def test_a_half_made_folder_of_a_killed_process_is_made_again(path, cache, installer):
    folder = obtain(cache=cache).binary.parent
    (folder / "pulumi").unlink()
    assert (obtain(cache=cache).binary.parent / "program.py").exists()
    assert (folder / "pulumi").exists()


def test_a_long_step_says_how_long_it_usually_takes(path, cache, no_installer):
    fake_go(path)
    said = []

    def progress(text):
        said.append(text)
        return nullcontext()

    obtain(progress, cache)
    assert said == [
        "downloading the Pulumi engine (about 100 MB, usually under a minute)",
        "building the Pulumi engine from Go modules, once per user (about 5 minutes on 2 cores)",
    ]
