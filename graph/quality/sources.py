"""The sources as a table, for a terminal, a program or a spreadsheet; the page of sources tells the same."""

from contextlib import closing
from typing import Final

from graph.evidence import sources
from graph.names import GRAPH
from graph.quality.report import Section
from graph.quality.rows import read
from graph.snapshot import Snapshot

_COLUMNS: Final = (
    *"source evidence statements rows mapped rejected".split(), "left out", "cells left out",
    *"licence dated read commit title bias".split(),
)  # fmt: skip


def table(snapshot: Snapshot) -> Section:
    """Give a row for each named graph as the source it is: what is stated first, then what is derived and judged."""
    with closing(snapshot.index()) as index:
        tables = {one.graph: one for one in read(index)}
    lines: list[list[str | int]] = []
    for one in sources(snapshot.store, snapshot.manifest.graphs):
        made = tables.get(one.iri)
        counts = (made.rows, made.mapped, made.rejected, made.without, made.cells_without) if made else [""] * 5
        licence = "; ".join(value.iri or value.text for value in one.licences)
        dates = (one.modified, next((value.text for value in one.retrieved), ""))
        slug = one.iri.removeprefix(GRAPH)
        rows = [str(count) for count in counts]
        lines.append([slug, one.evidence, str(one.count), *rows, licence, *dates, one.commit, one.title, one.bias])
    return Section("sources", "The sources", _COLUMNS, lines)
