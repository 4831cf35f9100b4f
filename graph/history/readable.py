"""A difference to be read by people: by the thing that it is about, in Turtle's terms with the project's prefixes."""

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from graph.change.delta import Delta
from graph.names import curie
from graph.store import name_of


def by_entity(delta: Delta) -> Iterator[str]:
    """Give lines of Turtle, one a statement, under its subject; `# -` and `# +` head what goes and what comes.

    The lines of what comes are a document of their own; those of what goes are comments, so that the whole parses.
    """
    subjects = sorted({str(q.subject) for q in (*delta.removed, *delta.added)})
    rows: dict[str, list[tuple[str, Quad]]] = {subject: [] for subject in subjects}
    for sign, quads in (("-", delta.removed), ("+", delta.added)):
        for quad in sorted(quads, key=str):
            rows[str(quad.subject)].append((sign, quad))
    for subject in subjects:
        first = rows[subject][0][1].subject
        yield f"# {curie(first.value) if isinstance(first, NamedNode) else subject}"
        for sign, quad in rows[subject]:
            told = f"{quad.subject} {quad.predicate} {quad.object} ."
            graph = name_of(quad.graph_name)
            where = f"  # in {curie(graph) or graph}" if graph else ""
            yield f"# - {told}{where}" if sign == "-" else f"{told}{where}"
        yield ""
