"""A bill as one page for the one who decides; it loads nothing, and equal bills give equal bytes."""

from __future__ import annotations

import jinja2

from operations.cost.bill import COLUMNS, Bill, LoadCost
from operations.cost.render import amount, budget_words, in_short

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>What {{ bill.title }} costs</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem;
 overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .4rem; border-bottom: 1px solid #8886; text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; }
tr.sum td { font-weight: bold; }
@media (max-width: 40rem) { body { font-size: 14px; } thead { display: none; } tr { display: block; padding: .4rem 0;
 border-bottom: 1px solid #8886; } td { display: flex; justify-content: space-between; gap: 1rem; border: 0;
 text-align: right; }
 td:first-child { font-weight: bold; display: block; text-align: left; }
 td[data-of]::before { content: attr(data-of); text-align: left; opacity: .8; } }
</style></head><body>
<h1>{{ short }}</h1>
{% if budget %}<p>{{ budget }}</p>{% endif %}
<p>Per month, in {{ bill.currency }}, {{ bill.price_words }}, without tax, discounts and free tiers.</p>
<h2>What it is made of</h2>
<table><thead><tr><th>part</th><th>at the minimum</th><th>expected</th>\
<th>at the maximum</th></tr></thead><tbody>
{% for name, least, mean, most in parts %}<tr{% if loop.last %} class="sum"{% endif %}><td>{{ name }}</td>\
<td data-of="at the minimum">{{ least }}</td>\
<td data-of="expected">{{ mean }}</td><td data-of="at the maximum">{{ most }}</td></tr>
{% endfor %}</tbody></table>
{% if loads %}<h2>What each load costs, and a fixed fleet for its peak</h2>
<table><thead><tr><th>load</th><th>units, mean</th><th>with the rules</th><th>fixed fleet</th>\
<th>overload, minutes</th>\
<th>a minute is worth</th></tr></thead><tbody>
{% for name, units, cost, fleet, minutes, worth in loads %}<tr><td>{{ name }}</td>\
<td data-of="units, mean">{{ units }}</td>\
<td data-of="with the rules">{{ cost }}</td><td data-of="fixed fleet">{{ fleet }}</td>\
<td data-of="overload, minutes">{{ minutes }}</td><td data-of="a minute is worth">{{ worth }}</td></tr>
{% endfor %}</tbody></table>
<p>A minute of overload is worth what the rules save against a fleet that never has one,
divided by the minutes that they have
a
month. Where it costs you more than that, a larger fleet is cheaper.</p>{% endif %}
<h2>What is not counted</h2>
<ul>{% for line in bill.unpriced %}<li>{{ line }}</li>{% endfor %}</ul>
<h2>Prices</h2>
<ul>{% for line in bill.dates %}<li>{{ line }}</li>{% endfor %}</ul>
</body></html>
"""


def write(bill: Bill) -> str:
    """The whole page."""
    parts = [(each.name, *(amount(getattr(each, which)) for which in COLUMNS)) for each in bill.envelopes]
    parts += [(name, *[amount(month)] * 3) for name, month in bill.fixed]
    parts += [(line.name, *(amount(getattr(line, which)) for which in COLUMNS)) for line in bill.used]
    parts.append(("all together", *(amount(bill.total(which)) for which in COLUMNS)))
    loads = [
        (
            f"{each.name} / {one.load}",
            f"{one.units:.1f}",
            amount(one.cost),
            amount(one.fixed_fleet),
            f"{one.overload_minutes:,.1f}",
            _worth(one),
        )
        for each in bill.envelopes
        for one in each.loads
    ]
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(_PAGE)
    return template.render(bill=bill, short=in_short(bill), budget=budget_words(bill), parts=parts, loads=loads)


def _worth(one: LoadCost) -> str:
    """What the rules save for each minute of overload that they have."""
    if one.cost is None or one.fixed_fleet is None:
        return "not known"
    saved = one.fixed_fleet - one.cost
    if saved <= 0:
        return "nothing is saved"
    return f"{saved / one.overload_minutes:,.2f}" if one.overload_minutes else f"no overload, and {saved:,.2f} saved"
