"""RDF Patch (https://afs.github.io/rdf-patch/): a version's changes as a text file, one transaction a request.

Rows: `H name value .` headers, `TX .` and `TC .` around a transaction, `A` and `D` for a quad added and removed.
Graphs that begin or end without a statement are headers (`H begun <g> .`), since the format has no row for them.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from graph.change.delta import Delta
from graph.errors import Foreseen

MEDIA_TYPE = "application/rdf-patch"


class PatchError(Foreseen, ValueError):
    """A patch file is not as this module writes it."""


def text(deltas: Iterable[Delta], **headers: str) -> Iterator[str]:
    """Give the patch of `deltas`, in order, line by line; the rows of each are sorted. `headers` are plain words."""
    listed = list(deltas)
    for name, value in headers.items():
        yield f'H {name} "{value}" .\n'
    total = Delta()
    for delta in listed:
        total.absorb(delta)
    for kind, graphs in (("begun", total.begun), ("dropped", total.dropped)):
        for graph in sorted(map(str, graphs)):
            yield f"H {kind} {graph} .\n"
    for delta in listed:
        yield "TX .\n"
        for row, quads in (("D", delta.removed), ("A", delta.added)):
            for line in sorted(lines(quads)):
                yield f"{row} {line}\n"
        yield "TC .\n"


def read(path: Path) -> Delta:
    """Give the net difference that a patch file holds. Raises PatchError."""
    total = Delta()
    try:
        with path.open(encoding="utf-8") as file:
            for line in file:
                kind, _, rest = line.partition(" ")
                if kind == "A":
                    total.absorb(Delta(added=set(_quads(rest))))
                elif kind == "D":
                    total.absorb(Delta(removed=set(_quads(rest))))
                elif line.startswith("H begun <"):
                    total.begun.add(NamedNode(line[9:-4]))
                elif line.startswith("H dropped <"):
                    total.dropped.add(NamedNode(line[11:-4]))
    except (OSError, ValueError, SyntaxError) as error:
        raise PatchError(f"{path}: {error}") from error
    return total


def lines(quads: Iterable[Quad]) -> list[str]:
    """Give `quads` as canonical N-Quads lines, without their line feeds."""
    return (serialize(quads, format=RdfFormat.N_QUADS) or b"").decode().split("\n")[:-1]


def _quads(line: str) -> Iterator[Quad]:
    return iter(parse(line, format=RdfFormat.N_QUADS))
