"""A journal that has lost whole lines: what the ledger knows of them is told, and the next command settles it.

The journal, what numbers and replays it, the provider's ledger and the repair are the real ones; the cloud behind them
is a shelf of named things, and a dictionary stands in for the engine and its state. It cannot prove what moto's types
make of a line that is missing in their middle: `test_changes_lost_by_moto.py` cuts moto's own journal.
"""

import io
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud import ledger
from localcloud.aws import journal
from localcloud.aws.journal import Recorder, World
from localcloud.aws.journal_file import JournalFile
from localcloud.aws.running import AWS
from localcloud.cloud import recovery
from localcloud.cloud.project import Place
from localcloud.ledger import WORK, Creation
from localcloud.provider.ledger import Ledger
from localcloud.state.replay import Typed
from localcloud.state.server import lives
from localcloud.state.store import Store

TYPE = "aws:test/thing:Thing"
URN = f"urn:pulumi:{{stack}}::demo::{TYPE}::{{name}}"
VERSIONS: dict[str, str | int] = {"moto": "1", "moto_gaps": 1}


class Shelf(World):
    """An application behind the recorder: things with a name that is taken once, and a random id."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Any]] = {}
        self.random = random.Random()

    def seed(self, number: int) -> None:
        self.random.seed(number)

    def at(self, moment: float | None) -> None:
        pass

    def __call__(self, environment: Mapping[str, Any], start_response: Any) -> list[bytes]:
        asked = json.loads(environment["wsgi.input"].read())
        answer = getattr(self, asked.pop("do"))(**asked)
        start_response("200 OK" if answer else "409 Conflict", [])
        return [json.dumps(answer).encode()]

    def make(self, name: str) -> str | None:
        if any(each["name"] == name for each in self.things.values()):
            return None
        made = f"t-{self.random.getrandbits(60):x}"
        self.things[made] = {"name": name, "value": None}
        return made

    def set(self, made: str, value: int) -> bool:
        if made in self.things:
            self.things[made]["value"] = value
        return made in self.things

    def delete(self, made: str) -> bool:
        return self.things.pop(made, None) is not None


class Machine:
    """A stack or two on this machine: provider, cloud and state, through restarts of the cloud."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder / "place").make()
        self.store = Store(self.place.database, lives)
        self.states: dict[str, dict[str, dict[str, Any]]] = {"dev": {}, "prod": {}}
        """Stack -> name -> id and value, as the engine has them."""
        self.told: list[str] = []
        self.keys = itertools.count()
        self.recorder: Recorder | None = None
        for stack in self.states:
            self.store.create("demo", stack, {}, None, Typed({"resources": []}, 3, []))
        self.start()

    def start(self, new_provider: bool = True) -> None:
        if self.recorder:
            self.recorder.close()
        if said := recovery.note_losses(self.place, AWS):
            self.told.append(said)
        self.shelf = Shelf()
        self.recorder = Recorder(self.shelf, JournalFile(self.place.journal, VERSIONS), self.shelf)
        self.recorder.replay(ledger.last_change(self.place.ledger, "aws"))
        if new_provider:
            self.ledger = Ledger(self.place.ledger, SimpleNamespace(package="aws", identity=()))  # type: ignore[arg-type]

    def call(self, **asked: Any) -> Any:
        """Ask the cloud for a change, as the provider's client does."""
        assert self.recorder is not None
        body, headers = json.dumps(asked).encode(), {}
        work = WORK.get()
        environment = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_LENGTH": str(len(body))}
        if work and work.key:
            environment["HTTP_AMZ_SDK_INVOCATION_ID"] = work.name(body.hex())
        answer = self.recorder(
            environment | {"wsgi.input": io.BytesIO(body)}, lambda status, given: headers.update(given)
        )
        if work:
            work.changes.append(int(headers[journal.CHANGE]))
        return json.loads(b"".join(answer))

    def _request(self, stack: str, name: str, known: str = "") -> Any:
        return SimpleNamespace(
            preview=False, urn=URN.format(stack=stack, name=name), id=known, SerializeToString=lambda: b"asked"
        )

    def _context(self) -> Any:
        answered = SimpleNamespace(invocation_metadata=lambda: (), peer=lambda: "here")
        answered.add_callback = lambda callback: callback()  # each answer goes out at once
        return answered

    def create(self, stack: str, name: str, value: int) -> None:
        def inner(request: Any, context: Any) -> Any:
            made = self.call(do="make", name=f"{stack}-{name}")
            assert made, "a thing of this name is there already"
            self.call(do="set", made=made, value=value)
            return SimpleNamespace(id=made)

        made = self.ledger._create(inner, self._request(stack, name), self._context()).id
        self._keep(stack, name, {"id": made, "value": value})

    def update(self, stack: str, name: str, value: int) -> None:
        known = self.states[stack][name]["id"]

        def inner(request: Any, context: Any) -> Any:
            assert self.call(do="set", made=known, value=value), "what the state knows is not there"

        self.ledger._update(inner, self._request(stack, name, known), self._context())
        self._keep(stack, name, {"id": known, "value": value})

    def delete(self, stack: str, name: str) -> None:
        self.remove(stack, name, self.states[stack][name]["id"])
        self._keep(stack, name, None)

    def remove(self, stack: str, name: str, known: str) -> None:
        self.ledger._delete(lambda request, context: self.call(do="delete", made=known), self._request(stack, name, known), self._context())  # fmt: skip

    def _keep(self, stack: str, name: str, thing: dict[str, Any] | None) -> None:
        known = self.states[stack]
        known.pop(name, None)
        if thing:
            known[name] = thing
        resources = [
            {"urn": URN.format(stack=stack, name=each), "type": TYPE, "id": it["id"]} for each, it in known.items()
        ]
        self.store.put(self.store.stack("demo", stack), Typed({"resources": resources}, 3, []))

    # What a command does before the engine's own work.

    def finish(self, begun: Sequence[Creation], /) -> None:
        raise AssertionError("nothing was cut short here")

    def delete_orphans(self, orphans: Sequence[Creation]) -> Sequence[tuple[Creation, str]]:
        for made in orphans:
            if made.id in self.shelf.things:
                self.remove(made.stack[1], made.name, made.id or "")
            else:
                self.ledger._read(lambda *_: SimpleNamespace(id=""), self._request(made.stack[1], made.name, made.id or ""), None)  # fmt: skip
        return ()

    def repair(self, stack: str) -> str | None:
        def refresh(arguments: Sequence[str]) -> str:
            for urn in arguments[arguments.index("--target") + 1 :: 2]:
                name = urn.rpartition("::")[2]
                thing = self.states[stack][name]
                there = self.shelf.things.get(thing["id"])
                answer = SimpleNamespace(id=thing["id"] if there else "")
                self.ledger._read(lambda *_, answer=answer: answer, self._request(stack, name, thing["id"]), None)
                self._keep(stack, name, {"id": thing["id"], "value": there["value"]} if there else None)
            return ""

        settles = SimpleNamespace(finish=self.finish, delete=self.delete_orphans)
        return recovery.repair(self.place, self.store, "demo", stack, refresh, [AWS], lambda: settles)

    def up(self, stack: str, wanted: Mapping[str, int]) -> None:
        """What the next `accordion local up` does."""
        self.repair(stack)
        for name in list(self.states[stack]):
            if name not in wanted:
                self.delete(stack, name)
        for name, value in wanted.items():
            if name not in self.states[stack]:
                self.create(stack, name, value)
            elif self.states[stack][name]["value"] != value:
                self.update(stack, name, value)

    def end(self) -> None:
        assert self.recorder is not None
        self.recorder.close()
        self.store.close()

    def there(self) -> dict[str, tuple[str, Any]]:
        """Name -> id and value of what is in the cloud."""
        return {each["name"]: (made, each["value"]) for made, each in self.shelf.things.items()}

    def known(self) -> dict[str, tuple[str, Any]]:
        """Name -> id and value of what the states know."""
        return {f"{stack}-{name}": (it["id"], it["value"]) for stack, names in self.states.items() for name, it in names.items()}  # fmt: skip


Wanted = dict[str, dict[str, int]]
WANTED = st.fixed_dictionaries(
    {stack: st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2), max_size=4) for stack in ("dev", "prod")}
)


@pytest.fixture(autouse=True, scope="module")
def _a_loss_waits_for_nobody() -> Iterator[None]:
    """What is noted as lost is in no provider's work: a repair that waited for it would wait half a minute."""

    def waits(_seconds: float) -> None:
        raise AssertionError("a repair waits for what nobody is at")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "time", SimpleNamespace(sleep=waits, monotonic=time.monotonic))
        yield


@given(steps=st.lists(WANTED, min_size=1, max_size=3), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_journal_cut_after_any_line_is_settled_by_the_next_command_of_each_stack(
    steps: list[Wanted], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        try:
            for wanted in steps:
                for stack, names in wanted.items():
                    machine.up(stack, names)
            assert machine.there() == machine.known()
            had = {made for made, _ in machine.known().values()}
            lines = machine.place.journal.read_bytes().splitlines(keepends=True)
            lost = data.draw(st.integers(0, len(lines) - 1), label="lines lost")
            machine.place.journal.write_bytes(b"".join(lines[: len(lines) - lost]))
            machine.start(new_provider=data.draw(st.booleans(), label="the provider starts anew"))
            assert len(machine.told) == (lost > 0)
            kept = {made for made, _ in machine.there().values()}
            for stack, names in steps[-1].items():
                machine.up(stack, names)
            assert machine.there() == machine.known()
            assert {name: value for name, (_, value) in machine.there().items()} == {
                f"{stack}-{name}": value for stack, names in steps[-1].items() for name, value in names.items()
            }
            anew = {made for made, _ in machine.there().values()} - kept
            assert not anew & had, "what is made anew has the id of something that is lost"
            assert recovery.strangers(machine.place, machine.store) == []
            for stack in machine.states:
                assert machine.repair(stack) is None, "it is settled once"
            machine.start()
            assert len(machine.told) == (lost > 0), "it is told once"
        finally:
            machine.end()


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_a_line_that_is_missing_or_damaged_anywhere_is_settled_alike(data: st.DataObject) -> None:
    wanted = {"dev": {"a": 1, "b": 2}, "prod": {"a": 1}}
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        try:
            for stack, names in wanted.items():
                machine.up(stack, names)
            lines = machine.place.journal.read_bytes().splitlines(keepends=True)
            at = data.draw(st.integers(1, len(lines) - 1), label="line")
            lines[at] = data.draw(st.sampled_from([b"", b"\x00\n", lines[at][:40] + b"\n"]), label="what is left of it")
            machine.place.journal.write_bytes(b"".join(lines))
            machine.start()
            for stack, names in wanted.items():
                machine.up(stack, names)
            assert machine.there() == machine.known()
            assert {name: value for name, (_, value) in machine.there().items()} == {"dev-a": 1, "dev-b": 2, "prod-a": 1}  # fmt: skip
        finally:
            machine.end()


@pytest.fixture
def machine(tmp_path: Path) -> Any:
    made = Machine(tmp_path)
    yield made
    made.end()


def test_what_is_lost_is_told_in_one_sentence_with_the_way_on(machine: Machine) -> None:
    machine.up("dev", {"a": 1, "b": 1})
    machine.up("prod", {"c": 1})
    whole = machine.place.journal.read_bytes().splitlines(keepends=True)
    machine.up("dev", {"a": 2})
    machine.up("dev", {"a": 2, "d": 1})
    machine.place.journal.write_bytes(b"".join(whole))
    machine.start()
    (told,) = machine.told
    assert told == (
        "AWS on this machine has lost 4 changes of its record: aws:test/thing:Thing "
        f"{machine.states['dev']['d']['id']} is gone; aws:test/thing:Thing {_id(whole, 'dev-b', machine)} is there again "
        "although deleted; aws:test/thing:Thing a is as before a change; the next `accordion local up` settles that of "
        "stack dev"
    )
    assert machine.repair("prod") is None
    assert machine.repair("dev") == (
        "changes of stack dev were lost: 1 resource that no state knew deleted; 2 resources read anew"
    )


def _id(lines: list[bytes], name: str, machine: Machine) -> str:
    return next(made for made, each in machine.shelf.things.items() if each["name"] == name)


def test_a_cloud_that_was_emptied_begins_its_journal_anew_and_has_lost_nothing(machine: Machine) -> None:
    machine.up("dev", {"a": 1})
    machine.up("dev", {})
    assert machine.recorder is not None
    machine.recorder.forget(machine.recorder.count)  # what moto does where a replay ends with nothing
    first = machine.place.journal.read_bytes().count(b"\n")
    machine.up("dev", {"a": 1})
    machine.start(new_provider=False)
    assert (first, machine.told) == (1, [])
    assert machine.there() == machine.known()


def test_a_ledger_of_before_its_lines_named_changes_claims_nothing(machine: Machine) -> None:
    machine.up("dev", {"a": 1})
    kept = [json.loads(line) for line in machine.place.ledger.read_text().splitlines()]
    for each in kept:
        each.pop("changes", None)
    machine.place.ledger.write_text("".join(json.dumps(each) + "\n" for each in kept))
    machine.place.journal.write_bytes(machine.place.journal.read_bytes().splitlines(keepends=True)[0])
    machine.start()
    assert machine.told == []


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_a_note_that_was_cut_short_is_made_again(machine: Machine, lines: int) -> None:
    machine.up("dev", {"a": 1, "b": 1})
    machine.place.journal.write_bytes(machine.place.journal.read_bytes().splitlines(keepends=True)[0])
    machine.start(new_provider=False)
    noted = machine.place.ledger.read_bytes().splitlines(keepends=True)
    machine.place.ledger.write_bytes(b"".join(noted[:-lines]))
    machine.start(new_provider=False)
    assert len(machine.told) == 2
    machine.up("dev", {"a": 1, "b": 1})
    assert machine.there() == machine.known()
