"""Every served type, cut short at each of its calls: what was made is found by its key, and goes.

Moto is cut off from the provider right after it has handled a call, as if it were killed once that call stands in its
journal. It cannot prove what moto itself does with its journal: tests/localcloud/test_journal.py and test_aws_server.py
do, and tests/localcloud/test_cloud_engine.py kills real servers.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session

from localcloud import ledger
from localcloud.aws.client import Aws as Client
from localcloud.aws.cloud import AwsCloud
from localcloud.aws.kinds import KINDS
from localcloud.aws.running import AWS
from localcloud.cloud import recovery
from localcloud.cloud.cleanup import Cleanup
from localcloud.cloud.project import Place
from localcloud.provider.server import start
from localcloud.state.replay import Typed
from localcloud.state.server import lives
from localcloud.state.store import Store
from tests.localcloud.catalogue import World
from tests.localcloud.conftest import MOTO, SECRET, Aws, Failed, Made, token_file

WITHOUT_A_CHANGE = {
    "acm/certificateValidation:CertificateValidation",
    "ec2/defaultRouteTable:DefaultRouteTable",
    "ec2/defaultSubnet:DefaultSubnet",
    "ec2/defaultVpc:DefaultVpc",
}
"""What only waits for, or takes over, what is there."""
Torn = Callable[[bytes], bytes]
"""What arrives of the body of an answer."""
TOKENS = sorted(token.removeprefix("aws:") for token in KINDS)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place")).make()


@pytest.fixture(scope="module")
def endpoint(place: Place, aws_log: Path) -> Iterator[str]:
    """A moto server with the place's journal."""
    server = Aws(
        [*MOTO, "--port", "{port}", "--token-file", token_file(place.root), "--journal", str(place.journal)], aws_log
    )
    yield f"http://127.0.0.1:{server.port}"
    server.end()


@pytest.fixture(scope="module")
def provider_port(place: Place, endpoint: str) -> Iterator[int]:
    """The provider in front of it, with the place's ledger."""
    server, port = start(AwsCloud(endpoint, SECRET), ledger=place.ledger)
    yield port
    server.stop(None).wait()


@pytest.fixture(scope="module")
def store(place: Place) -> Iterator[Store]:
    made = Store(place.database, lives)
    made.create("accordion", "test", {}, None, Typed({"resources": []}, 3, []))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _nothing_is_left_by_another_test(place: Place, provider_port: int) -> None:
    for made in ledger.read(place.ledger):
        if made.id is None:
            ledger.append(place.ledger, "failed", made.key)
    for file in [*ledger.requests(place.ledger).iterdir(), *place.root.glob("unsettled*")]:
        file.unlink()


@pytest.fixture
def world(provider: Any) -> World:
    return World(provider)


class Cut:
    """The line between provider and moto, cut right after moto has handled so many changes of a creation."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, journal: Path, after: int, torn: Torn | None) -> None:
        self.left, self.journal, self.through, self.torn = after, journal, URLLib3Session.send, torn
        monkeypatch.setattr(Client, "_answers", lambda client: bool(self.left))
        monkeypatch.setattr(URLLib3Session, "send", lambda session, request: self.send(session, request))
        monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)

    def send(self, session: Any, request: Any) -> Any:
        if not self.left:
            raise EndpointConnectionError(endpoint_url=request.url)
        before = self.journal.stat().st_size
        answer = self.through(session, request)
        if self.journal.stat().st_size > before:
            self.left -= 1
            if not self.left and self.torn is None:
                raise EndpointConnectionError(endpoint_url=request.url)
            if not self.left and self.torn is not None:
                answer._content = self.torn(answer.content)
        return answer


def create(
    provider: Any, token: str, inputs: dict[str, Any], journal: Path, after: int, torn: Torn | None = None
) -> Made | None:
    """Make a resource while the line is cut after so many changes; None when that was too early."""
    with pytest.MonkeyPatch.context() as patch:
        cut = Cut(patch, journal, after, torn)
        try:
            made: Made = provider.create(f"aws:{token}", inputs)
        except Failed as error:
            failure = str(error)
        else:
            assert cut.left, "the creation went on without an answer"
            return made
    assert "the local cloud does not answer" in failure
    return None


def repaired(place: Place, store: Store, port: int) -> str | None:
    return recovery.repair(
        place, store, "accordion", "test", lambda arguments: "", [AWS], lambda: Cleanup({"aws": port}, place.ledger)
    )


@pytest.mark.parametrize("token", TOKENS)
def test_what_a_creation_made_before_it_was_cut_short_is_found_and_goes(
    world: World, provider: Any, provider_port: int, place: Place, store: Store, token: str
) -> None:
    after = cut_at_each_call(world, provider, provider_port, place, store, token)
    assert (after == 1) == (token in WITHOUT_A_CHANGE), "nothing was cut short"


@pytest.mark.parametrize("torn", [lambda body: b"", lambda body: body[: len(body) // 2]], ids=["nothing", "half"])
@pytest.mark.parametrize(
    "token",
    [
        "ec2/subnet:Subnet",  # one type for each protocol of AWS
        "sns/topic:Topic",
        "ecs/cluster:Cluster",
        "s3/bucket:Bucket",
        "lambda/function:Function",
        "cloudwatch/metricAlarm:MetricAlarm",
    ],
)
def test_an_answer_that_broke_off_is_none(
    world: World, provider: Any, provider_port: int, place: Place, store: Store, token: str, torn: Torn
) -> None:
    assert cut_at_each_call(world, provider, provider_port, place, store, token, torn) > 1


def cut_at_each_call(
    world: World, provider: Any, port: int, place: Place, store: Store, token: str, torn: Torn | None = None
) -> int:
    """Cut a creation short after each of its changes and repair; returns the number at which it came through."""
    inputs = world.inputs(token)
    kept = {(made.type, made.id) for made in ledger.read(place.ledger)}
    for after in range(1, 100):
        made = create(provider, token, inputs, place.journal, after, torn)
        if made:
            break
        said = repaired(place, store, port)
        assert said, "a creation without a known end was passed over"
        assert "1 creation without a known end looked up" in said
        assert "could not delete" not in said
        assert "not known yet" not in said
        assert {(made.type, made.id) for made in ledger.read(place.ledger)} == kept
    calls = Counter(json.loads(line).get("invocation", "") for line in place.journal.read_text().splitlines())
    assert {name for name, count in calls.items() if "/" in name and count > 1} == set(), "a call was made twice"
    return after


@pytest.mark.parametrize("dies", [True, False], ids=["moto dies", "AWS refuses"])
def test_a_deletion_without_an_answer_has_no_known_end(world: World, provider: Any, place: Place, dies: bool) -> None:
    made = world.make("ec2/vpc:Vpc")
    if dies:
        with pytest.MonkeyPatch.context() as patch:
            Cut(patch, place.journal, 1, None)
            with pytest.raises(Failed, match="the local cloud does not answer"):
                provider.delete(made)
        assert [each.urn for each in ledger.unsettled(place.ledger).values()] == [provider.urn(made.token, "thing")]
        for key in ledger.unsettled(place.ledger):
            ledger.append(place.ledger, "settled", key)
    else:
        world.make("ec2/subnet:Subnet")
        with pytest.raises(Failed, match="DependencyViolation"):
            provider.delete(made)
    deadline = time.monotonic() + 60.0  # it is settled right after the answer
    while ledger.unsettled(place.ledger) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert ledger.unsettled(place.ledger) == {}
