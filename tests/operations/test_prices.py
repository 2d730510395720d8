"""`accordion prices`: the files of a server on this machine, of the form of AWS's. It cannot prove that AWS's own still
have that form, nor that their usage types are called so in every region."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elasticity.price_lists import CHUNK, OFFERS, WANTED, PriceListError, read_price_list
from elasticity.pricing import load_prices, shipped_prices, shipped_regions
from operations.cli import run

REGION = "eu-central-1"


def product(usage: str, price: str, operation: str = "", **attributes: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A product and its terms, as the files have them; a step that is free comes before the price."""
    about = {"usagetype": f"EUC1-{usage}", "operation": operation, "regionCode": REGION, **attributes}
    steps = {
        "x.1": {"beginRange": "5", "endRange": "Inf", "pricePerUnit": {"USD": price}},
        "x.0": {"beginRange": "0", "endRange": "5", "pricePerUnit": {"USD": "0.0000000000"}},
    }
    return {"productFamily": "some", "attributes": about}, {"offer": {"priceDimensions": steps}}


def price_list(offer: str, *more: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    """The file of one service with every figure that a table takes from it, each of another price."""
    rows = [(row, number) for number, row in enumerate(WANTED, 1) if row.offer == offer]
    found = [product(row.usage, f"{number / 100:.10f}", row.operation) for row, number in rows]
    found += [product("Outposts-LCUUsage", "9.0", "LoadBalancing:Application"), *more]
    if offer == "AmazonEC2":
        linux = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
        found += [product("BoxUsage:m7g.large", "0.0978", **linux)]
        found += [product("BoxUsage:m7g.large", "0.2", **{**linux, "operatingSystem": "Windows"})]
    return {
        "formatVersion": "v1.0",
        "offerCode": offer,
        "version": "20260903195206",
        "publicationDate": "2026-09-03T19:52:06Z",
        "products": {f"SKU{place}": one for place, (one, _) in enumerate(found)},
        "terms": {
            "OnDemand": {f"SKU{place}": terms for place, (_, terms) in enumerate(found)},
            "Reserved": {"SKU0": {"offer": {"priceDimensions": {}}}},
        },
        "attributesList": {},
    }


@contextlib.contextmanager
def serving(lists: dict[str, str]) -> Iterator[str]:
    """A server of the files, on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = lists.get(self.path)
            if content is not None and content.startswith("http"):
                self.send_response(302)
                self.send_header("Location", content)
                self.end_headers()
                return
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write((content or "").encode())

        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def files(**instead: str) -> dict[str, str]:
    return {
        f"/offers/v1.0/aws/{offer}/current/{REGION}/index.json": instead.get(
            offer, json.dumps(price_list(offer), indent=2)
        )
        for offer in OFFERS
    }


def test_a_table_is_written_from_the_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    with serving(files()) as url:
        assert run(["prices", "update", "--region", REGION, "--url", url, "--output", str(path)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{path}: {len(WANTED) + 1} prices of {REGION}, the newest list published 2026-09-03"
    table = load_prices(path, REGION)
    for number, row in enumerate(WANTED, 1):
        assert table.figure(row.item, row.figure) == number / 100
    assert table.figure("m7g.large", "hour") == 0.0978
    assert table.dated("alb").startswith(f"2026-09-03, AWS price list AWSELB, {url}/offers/v1.0/aws/AWSELB/")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "expected '{'"),
        ("<html>", "expected '{'"),
        ("{}", "not the price list of AWSELB"),
        (json.dumps(price_list("AmazonECR")), "not the price list of AWSELB"),
        (json.dumps(price_list("AWSELB"))[:-400], "it breaks off"),
        (json.dumps(price_list("AWSELB")).replace(REGION, "eu-west-1"), f"is of eu-west-1, not of {REGION}"),
        ("http://127.0.0.1:9/", "the answer is 302"),
    ],
    ids=["empty", "a page", "no list", "of another service", "cut", "of another region", "elsewhere"],
)
def test_what_is_no_list_is_told_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("before", encoding="utf-8")
    with serving(files(AWSELB=content)) as url:
        assert run(["prices", "update", "--region", REGION, "--url", url, "--output", str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "AWSELB" in error
    assert path.read_text(encoding="utf-8") == "before"


def test_a_figure_of_several_prices_is_not_taken() -> None:
    twice = price_list("AWSELB", product("LCUUsage", "7.0", "LoadBalancing:Application"))
    found = read_price_list(io.StringIO(json.dumps(twice)), "AWSELB", REGION)
    assert ("alb", "lcu_hour") in found.ambiguous
    assert ("alb", "lcu_hour") not in found.figures
    assert ("alb", "hour") in found.figures


def test_a_list_is_read_wherever_its_pieces_are_cut() -> None:
    whole = price_list("AWSELB", product("x" * (CHUNK - 900), "1.0"), *[product(f"other{i}", "1.0") for i in range(50)])
    found = read_price_list(io.StringIO(json.dumps(whole)), "AWSELB", REGION)
    assert found == read_price_list(io.StringIO(json.dumps(price_list("AWSELB"), indent=4)), "AWSELB", REGION)


def test_a_list_that_breaks_off_is_refused() -> None:
    text = json.dumps(price_list("awskms"))
    for length in range(0, len(text) - 1, 97):
        with pytest.raises(PriceListError):
            read_price_list(io.StringIO(text[:length]), "awskms", REGION)


@pytest.mark.parametrize("url", ["http://example.com", "ftp://127.0.0.1", "file:///etc/passwd", "", "x"])
def test_an_address_that_anybody_could_answer_for_is_refused(capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert run(["prices", "update", "--region", REGION, "--url", url]) == 2
    assert "allowed https, and http on this machine" in capsys.readouterr().err


@pytest.mark.parametrize("region", ["", "x", "eu-central-1/..", "../x-y-1"])
def test_what_is_no_region_is_refused(capsys: pytest.CaptureFixture[str], region: str) -> None:
    assert run(["prices", "update", "--region", region]) == 2
    assert "not a region" in capsys.readouterr().err


@pytest.mark.parametrize("region", [*shipped_regions(), "eu-north-1"])
def test_what_a_region_has_no_price_of_is_listed(capsys: pytest.CaptureFixture[str], region: str) -> None:
    assert run(["prices", "list", "--region", region]) == 0
    lines = capsys.readouterr().out.splitlines()
    known = {item for each in shipped_regions() for item in shipped_prices(each).items}
    lacking = [line.split()[0] for line in lines if "not priced there" in line]
    assert set(lacking) == known - set(shipped_prices(region).items)
    assert lines[0].startswith(f"{region}: {len(known) - len(lacking)} of {len(known)} items have a price")
