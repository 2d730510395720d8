"""docs/performance.md is what docs/performance.json holds. Cannot prove that a figure was honestly measured."""

import json

from bench.__main__ import KEPT, PAGE, PARTS, render


def test_the_page_is_written_from_the_kept_figures_so_that_the_next_bench_loses_nothing():
    assert PAGE.read_text() == render(json.loads(KEPT.read_text())), (
        "figures taken by hand go into `compared` of a part"
    )


def test_every_kept_figure_belongs_to_a_part_that_can_be_measured_again():
    assert set(json.loads(KEPT.read_text())) <= set(PARTS)
