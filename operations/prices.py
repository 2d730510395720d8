"""`accordion prices`: what a region's table has, and a table of today from AWS's own price lists."""

from __future__ import annotations

import codecs
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
from rich.markup import escape

from elasticity.price_lists import OFFERS, WANTED, PriceList, PriceListError, read_price_list
from elasticity.pricing import SHIPPED_REGION, shipped_prices, shipped_regions
from operations import options, terminal
from operations.failures import CannotRun
from operations.files import write_atomically
from operations.report.fitted import FittedTable

BASE = "https://pricing.us-east-1.amazonaws.com"
"""Where AWS publishes its lists; it asks for no credentials."""
SECONDS = 60.0
"""Without an answer, after which a list is given up."""
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d")


@click.command()
@click.argument("action", type=click.Choice(["list", "update"]))
@click.option("--region", default=SHIPPED_REGION, show_default=True, help="Of the table.")
@click.option("--output", type=options.FILE, help="Of update: the file to write.  [default: prices.REGION.toml]")
@click.option("--url", default=BASE, show_default=True, help="Of update: where the lists stand, such as a mirror.")
def command(action: str, region: str, output: Path | None, url: str) -> None:
    """What a region's price table has (list), or a table of today from AWS's own price lists (update).

    Update reads the public bulk files of some services, without credentials, and writes a file for --prices; of EC2
    it is some hundred megabytes. Nothing else reads anything from there.
    """
    if not _REGION.fullmatch(region):
        raise click.UsageError(f"--region: not a region: {region!r}, such as eu-central-1")
    if action == "list":
        _show(region)
        return
    lists = {offer: _read(url, offer, region) for offer in OFFERS}
    path = output or Path(f"prices.{region}.toml")
    write_atomically(path, _table(region, url, lists))
    count = sum(len(found.figures) for found in lists.values())
    newest = max(found.published for found in lists.values())
    click.echo(f"{path}: {count} prices of {region}, the newest list published {newest}")
    click.echo(f"use it: accordion cost --prices {path}")
    have = {place for found in lists.values() for place in found.figures}
    for offer, found in lists.items():
        for item, figure in found.ambiguous:
            click.echo(f"not taken: {item}.{figure}: the list of {offer} has several prices", err=True)
    for row in WANTED:
        if (row.item, row.figure) not in have:
            click.echo(f"not found: {row.item}.{row.figure}, {row.usage} of {row.offer}", err=True)


def _address(url: str, offer: str, region: str) -> str:
    """Of one list; raises CannotRun for an address that anybody on the way could answer for."""
    parts = urllib.parse.urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise CannotRun(f"--url: got {url!r}, allowed https, and http on this machine")
    return f"{url.rstrip('/')}/offers/v1.0/aws/{offer}/current/{region}/index.json"


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows no answer to a place that was not asked for."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """None: the answer is an error."""
        return


def _read(url: str, offer: str, region: str) -> PriceList:
    address = _address(url, offer, region)
    terminal.say(f"reading {address}")
    try:
        opener = urllib.request.build_opener(_SameHost)
        with opener.open(address, timeout=SECONDS) as answer:  # the scheme is held to http and https above
            return read_price_list(codecs.getreader("utf-8")(answer), offer, region)
    except urllib.error.HTTPError as error:
        raise CannotRun(f"{address}: the answer is {error.code}: is {region} a region, and {url} right?") from None
    except (OSError, ValueError) as error:
        reason = error if isinstance(error, PriceListError) else getattr(error, "reason", error)
        raise CannotRun(f"{address}: {reason}") from None


def _table(region: str, url: str, lists: Mapping[str, PriceList]) -> str:
    """The price file."""
    currencies = {found.currency for found in lists.values()}
    if len(currencies) > 1:
        raise CannotRun(f"the lists of {region} are in {' and '.join(sorted(currencies))}: one table has one currency")
    lines = [
        f"# Written by `accordion prices update --region {region}` from AWS's lists; no tax, no discounts.",
        f"region = {json.dumps(region)}",
        f"currency = {json.dumps(currencies.pop())}",
    ]
    for offer, found in lists.items():
        for item in dict.fromkeys(item for item, _ in found.figures):
            figures = [f"{name} = {value!r}" for (of, name), value in found.figures.items() if of == item]
            if item == "fargate_storage":
                figures.append("included_gb = 20")
            source = f"AWS price list {offer}, {_address(url, offer, region)}"
            lines += [
                "",
                f"[{json.dumps(item)}]",
                *figures,
                f'date = "{found.published}"',
                f"source = {json.dumps(source)}",
            ]
    return "\n".join(lines) + "\n"


def _show(region: str) -> None:
    table = shipped_prices(region)
    known = sorted({item for each in shipped_regions() for item in shipped_prices(each).items})
    priced = [item for item in known if item in table]
    options.print_answer(
        f"{region}: {len(priced)} of {len(known)} items have a price; the others count as not priced\n"
    )
    rows = FittedTable()
    for heading in ("item", "figures", "date", "source"):
        rows.add_column(heading)
    for item in known:
        rows.add_row(item, *map(escape, _cells(table.items.get(item))))
    options.console().print(rows)


def _cells(entry: Mapping[str, object] | None) -> Iterable[str]:
    if entry is None:
        return ("not priced there", "", "")
    figures = ", ".join(f"{key} {value:g}" for key, value in entry.items() if isinstance(value, int | float))
    return figures, str(entry.get("date", "undated")), str(entry.get("source", "no source given"))
