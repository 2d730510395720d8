"""What was done is settled when its answer has gone to the engine, not before.

It cannot prove what a loss of power leaves, nor that the engine has read what it was sent.
"""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud import ledger
from localcloud.ledger import Change
from localcloud.provider.ledger import Ledger

URN = "urn:pulumi:dev::demo::aws:ec2/vpc:Vpc::main"


class Line:
    """The line to the engine, as gRPC shows it to a handler; the answer goes out when the test says so."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[], None]] = []

    def peer(self) -> str:
        return "engine"

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return ()

    def add_callback(self, callback: Callable[[], None]) -> bool:
        self.callbacks.append(callback)
        return True

    def answered(self) -> None:
        for callback in self.callbacks:
            callback()


class HungUp(Line):
    """A line whose other end is gone."""

    def add_callback(self, callback: Callable[[], None]) -> bool:
        return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


def provider(path: Path) -> Ledger:
    return Ledger(path, SimpleNamespace(package="aws", identity=()))  # type: ignore[arg-type]


def call(of: Ledger, method: str, request: Any, line: Line, handle: Callable[[Any, Any], Any]) -> Any:
    handler = grpc.unary_unary_rpc_method_handler(handle)
    details = SimpleNamespace(method=f"/pulumirpc.ResourceProvider/{method}")
    return of.intercept_service(lambda _: handler, details).unary_unary(request, line)


def create(of: Ledger, line: Line, made: str = "vpc-1") -> None:
    answer = provider_pb2.CreateResponse(id=made)
    call(of, "Create", provider_pb2.CreateRequest(urn=URN), line, lambda request, context: answer)


def change(of: Ledger, method: str, line: Line) -> None:
    request = getattr(provider_pb2, f"{method}Request")(urn=URN, id="vpc-1")
    call(of, method, request, line, lambda request, context: None)


@pytest.mark.parametrize("method", ["Update", "Delete"])
def test_a_change_is_settled_when_its_answer_has_gone_out(path: Path, method: str) -> None:
    line = Line()
    change(provider(path), method, line)
    assert list(ledger.unsettled(path).values()) == [Change(URN, in_work=False)]
    line.answered()
    assert ledger.unsettled(path) == {}


@pytest.mark.parametrize("method", ["Update", "Delete"])
def test_a_change_under_way_is_in_work_until_the_next_provider(path: Path, method: str) -> None:
    seen = []
    request = getattr(provider_pb2, f"{method}Request")(urn=URN, id="vpc-1")
    call(provider(path), method, request, Line(), lambda *_: seen.extend(ledger.unsettled(path).values()))
    assert seen == [Change(URN, in_work=True)]
    ledger.append(path, "changing", "1-0", urn=URN)
    provider(path)
    assert ledger.unsettled(path)["1-0"] == Change(URN, in_work=False)


@pytest.mark.parametrize("method", ["Update", "Delete"])
def test_a_provider_that_dies_before_its_answer_leaves_the_change_to_be_read_anew(path: Path, method: str) -> None:
    change(provider(path), method, Line())
    provider(path)  # the next one
    assert [each.urn for each in ledger.unsettled(path).values()] == [URN]


def test_a_change_that_is_refused_is_settled_with_the_refusal(path: Path) -> None:
    line = Line()

    def refuse(request: Any, context: Any) -> None:
        raise ValueError("in use")

    with pytest.raises(ValueError, match="in use"):
        call(provider(path), "Delete", provider_pb2.DeleteRequest(urn=URN, id="vpc-1"), line, refuse)
    line.answered()
    assert ledger.unsettled(path) == {}


def test_what_was_made_is_unheard_until_its_answer_has_gone_out(path: Path) -> None:
    line = Line()
    create(provider(path), line)
    assert [(made.id, made.unheard) for made in ledger.read(path)] == [("vpc-1", True)]
    line.answered()
    assert [(made.id, made.unheard) for made in ledger.read(path)] == [("vpc-1", False)]
    provider(path)
    assert [(made.id, made.unheard) for made in ledger.read(path)] == [("vpc-1", False)]


def test_a_provider_that_dies_before_it_tells_an_id_leaves_it_to_be_looked_up(path: Path) -> None:
    create(provider(path), Line())
    provider(path)
    assert [(made.id, made.unheard) for made in ledger.read(path)] == [("vpc-1", True)]


def test_an_engine_that_hung_up_has_heard_nothing(path: Path) -> None:
    of = provider(path)
    create(of, HungUp())
    change(of, "Update", HungUp())
    assert [made.unheard for made in ledger.read(path)] == [True]
    assert [each.urn for each in ledger.unsettled(path).values()] == [URN]


def test_what_is_made_again_under_an_id_that_was_unheard_is_another(path: Path) -> None:
    of, first, second = provider(path), Line(), Line()
    create(of, first)
    change(of, "Delete", Line())
    create(of, second)
    first.answered()
    assert [made.unheard for made in ledger.read(path)] == [True]
    second.answered()
    assert [made.unheard for made in ledger.read(path)] == [False]


def test_a_ledger_of_an_older_form_has_nothing_unheard(path: Path) -> None:
    ledger.append(path, "begin", "1-0", urn=URN, time=1.0)
    ledger.append(path, "created", "1-0", id="vpc-1")
    assert [made.unheard for made in ledger.read(path)] == [False]
