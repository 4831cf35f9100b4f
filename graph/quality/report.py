"""The quality of a version as tables, for a terminal or a program; the pages tell the same."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass

from graph import questions
from graph.names import GRAPH
from graph.naming import Namer
from graph.quality import rows
from graph.quality.findings import Finding, Found, findings
from graph.quality.merges import merges
from graph.questions import Answer
from graph.snapshot import Snapshot

# The stored questions that tell of quality.
ASKED = ("names-without-website", "disagreements", "property-coverage", "same-firm-candidates")
TABLES = ("findings", "rows", "cells", "merges", *ASKED)  # in the order of the report


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the report: its name, what it holds in words, its columns, and its rows."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[list[str | int]]

    @property
    def records(self) -> list[dict[str, str | int]]:
        """Give each row as its cells by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def answered(snapshot: Snapshot, name: str) -> Answer:
    """Give the answer to a stored question without parameters, asked in this process, since once a version."""
    answer = questions.ask(snapshot.store, questions.question(name), {})
    with closing(snapshot.index()) as index:
        return questions.with_rows(answer, index, snapshot.store)


def report(
    snapshot: Snapshot,
    found: Iterable[Found] | None = None,
    asked: Callable[[Snapshot, str], Answer] = answered,
) -> Iterator[Section]:
    """Give the report on `snapshot`, table by table; `found` are its findings where they are known already, `asked`
    answers the stored questions.
    """
    namer = Namer(snapshot.store)
    yield _findings(findings(snapshot) if found is None else found)
    with closing(snapshot.index()) as index:
        tables = rows.read(index)
        yield Section(
            "rows", "What became of each table's rows", ("table", "rows", "mapped", "rejected", "left out", "why"),
            [[one.graph.removeprefix(GRAPH), one.rows, one.mapped, one.rejected, one.without,
              "; ".join(f"{count}: {reason}" for reason, count in one.left_out)] for one in tables],
        )  # fmt: skip
        yield Section(
            "cells", "Cells that were left out of rows that are mapped", ("table", "column", "cells", "why"),
            [[one.graph.removeprefix(GRAPH), column, count, reason]
             for one in tables for column, reason, count in one.cells],
        )  # fmt: skip
        yield Section(
            "merges", "Names that were taken for one organisation",
            ("organisation", "name", "domain", "relation", "evidence", "line"),
            [[one.organization.iri, name.name, name.domain, name.relation, name.evidence, name.row]
             for one in merges(index, namer) for name in one.names],
        )  # fmt: skip
    for name in ASKED:
        head, cells = questions.in_words(asked(snapshot, name), namer)
        yield Section(name, questions.question(name).title, tuple(head), [list(row) for row in cells])


def _stated_in(finding: Finding) -> Iterator[str]:
    for row in finding.rows:
        yield f"{row.graph.removeprefix(GRAPH)} {row.file} {row.row or ''}".strip()
    if finding.more:
        yield f"and {finding.more} more"


def _findings(all_found: Iterable[Found]) -> Section:
    told: list[list[str | int]] = [
        [
            found.shape.severity,
            found.shape.name,
            finding.focus.iri or finding.focus.text,
            finding.path.text if finding.path else "",
            finding.message,
            "; ".join(_stated_in(finding)),
        ]
        for found in all_found
        for finding in found.findings
    ]
    columns = ("severity", "shape", "about", "property", "message", "stated in")
    return Section("findings", "What the shapes found", columns, told)
