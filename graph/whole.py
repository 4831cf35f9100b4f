"""A snapshot, or one graph of it, as a document: out of its columns where it has them, else out of its rows.

The bytes are the same. At 640,000 partners columns take seconds where rows take minutes.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat, parse

from graph import columns, export
from graph.export import Part
from graph.formats import NQUADS, NTRIPLES, TRIG, TURTLE, Format
from graph.names import PREFIXES
from graph.progress import Progress, silent
from graph.snapshot import Snapshot
from graph.spool import Chunks, Document, chunks, spooled

if TYPE_CHECKING:
    from graph.columns.document import Columns

_OF_COLUMNS: Final = (TURTLE, TRIG, NTRIPLES, NQUADS)


def document(
    snapshot: Snapshot,
    part: Part,
    form: Format,
    prefixes: Mapping[str, str] = PREFIXES,
    progress: Progress = silent,
) -> Document:
    """Give a part of `snapshot`, written whole before it is given.

    Raises LookupError where there is no such graph, NotSerialisable as `graph.export.write` does, NoRoom where the disk
    does not hold what columns put aside.
    """
    with _columns(snapshot, part, progress) as found:
        if found is None:
            return export.part(snapshot.store, part, form, prefixes)
        if form in _OF_COLUMNS:
            return Document(b"", spooled(found.write(part, form, prefixes)))
        lines = chunks(found.write(part, NQUADS if part.named and not part.graph else NTRIPLES, prefixes))
        # Lenient: what the snapshot holds was checked on its way in.
        quads = parse(Chunks(lines), format=RdfFormat.N_QUADS, lenient=True)  # type: ignore[arg-type]
        return export.write(quads, form, prefixes, presorted=True)


def stream(
    snapshot: Snapshot,
    part: Part,
    form: Format,
    prefixes: Mapping[str, str] = PREFIXES,
    progress: Progress = silent,
) -> Iterator[bytes]:
    """Give the same bytes as they come, for a file that appears when it is whole: what is raised may come half-way."""
    if form in _OF_COLUMNS:
        with _columns(snapshot, part, progress) as found:
            if found is not None:
                yield from chunks(found.write(part, form, prefixes))
                return
    yield from document(snapshot, part, form, prefixes, progress)


def _columns(snapshot: Snapshot, part: Part, progress: Progress) -> "AbstractContextManager[Columns | None]":
    """Open the columns, where they pay: a small graph is found sooner among the rows."""
    if part.graph and snapshot.manifest.graphs.get(part.graph, 0) < columns.FEWEST:
        return nullcontext()
    from graph.columns.document import opened  # DuckDB takes a while to load

    return opened(snapshot.path, progress)
