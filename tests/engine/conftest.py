"""Each test module gets a copy of the project and a local cloud of its own, ended with the module."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from localcloud.engine import obtain
from tests.engine.checkout import Checkout, make_checkout


@pytest.fixture(scope="session", autouse=True)
def _engine(pytestconfig: pytest.Config) -> None:
    """The engine is there before the first test; when it has to be built, that is said, and no test's time."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def progress(text: str) -> nullcontext[None]:
        with capture.global_and_fixture_disabled():
            print(f"\n{text}", flush=True)  # noqa: T201 -- a person waits
        return nullcontext()

    obtain(progress)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Checkout]]:
    """f(**variables) -> a checkout with variables in its environment; at the end nothing that git tracks has changed."""
    state, made = tmp_path_factory.mktemp("state"), []

    def checkout(**variables: str) -> Checkout:
        made.append(make_checkout(tmp_path_factory.mktemp("accordion"), state, **variables))
        return made[-1]

    yield checkout
    for each in made:
        each("local", "stop")
    assert [each.git("status", "--porcelain", "--ignored", "--untracked-files=all") for each in made] == [
        "!! .venv\n" for _ in made
    ]


@pytest.fixture(scope="module")
def checkout(make: Callable[..., Checkout]) -> Checkout:
    """The module's checkout."""
    return make()
