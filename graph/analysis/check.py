"""Whether the published results are those of the published facts: all is worked out anew and compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from graph.analysis.cube import MEASURES_GRAPH
from graph.analysis.measures import MEASURES
from graph.analysis.publish import CATALOGUE, described, observation_of, quads, quads_of
from graph.analysis.size import is_large
from graph.digest import by_graph, of_quads, text_of
from graph.manifest import read_manifest
from graph.names import GRAPH, PREFIXES
from graph.progress import Progress, silent
from graph.store import named_quads

_SOFTWARE = NamedNode(PREFIXES["schema"] + "softwareVersion")
_DIGEST = NamedNode(PREFIXES["pe"] + "factsDigest")
_VALUE = NamedNode(PREFIXES["pe"] + "value")


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome: the digests of the facts and of the analysis as they lie in the graph, how many statements were
    compared, and the statements that differ (`missing` from the graph, or `unexpected` in it).

    `facts_named` is the digest of the facts that the results say they were computed from; `software` are statements of
    versions that differ, which alone are no fault; `rounding` counts values within the tolerance of their measure.
    """

    facts: str
    facts_named: str
    analysis: str
    compared: int
    missing: tuple[Quad, ...]
    unexpected: tuple[Quad, ...]
    software: tuple[str, ...]
    rounding: int

    @property
    def agrees(self) -> bool:
        """Whether the results are those of these facts."""
        return not self.missing and not self.unexpected and self.facts == self.facts_named


def check(store: Store, progress: Progress = silent, folder: Path | None = None) -> Checked:
    """Work out everything in `store` anew and compare it with what is published there; ValueError as in `project`.

    Where the version in `folder` is large, its columns are measured, and the digest of its facts is that of all it
    holds, as its manifest has it, without that of what is published.
    """
    published = set(of_analysis(store))
    large = folder is not None and is_large(folder)
    facts = (text_of(int(read_manifest(folder).digest, 16) - sum(by_graph(published).values())) if folder and large
             else of_quads(quad for quad in named_quads(store) if quad not in published))  # fmt: skip
    named = sorted({q.object.value for q in published if q.predicate == _DIGEST and isinstance(q.object, Literal)})
    anew = set(_anew(folder, progress, ", ".join(named)) if folder and large
               else quads(store, progress, ", ".join(named)))  # fmt: skip
    anew.update(described(store))
    missing, unexpected = anew - published, published - anew - set(_named(published))
    rounding = _alike(missing, unexpected)
    return Checked(
        facts=facts,
        facts_named=", ".join(named),
        analysis=of_quads(sorted(published, key=str)),
        compared=len(anew),
        missing=tuple(sorted((q for q in missing if q.predicate != _SOFTWARE), key=str)),
        unexpected=tuple(sorted((q for q in unexpected if q.predicate != _SOFTWARE), key=str)),
        software=tuple(sorted({_text(q) for q in unexpected if q.predicate == _SOFTWARE})),
        rounding=rounding,
    )


def _anew(folder: Path, progress: Progress, facts_digest: str) -> Iterator[Quad]:
    from graph.analysis.large.version import every, left_out

    found, reasons = every(folder, None, progress)
    return quads_of(((one, one.origins) for one in found), facts_digest, left_out(reasons))


def of_analysis(store: Store) -> Iterator[Quad]:
    """Give the statements of the analysis in `store`: its graphs, and what the catalogue says of them."""
    graphs = [
        graph
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode)
        and (graph.value.startswith(GRAPH + "analysis-") or graph.value == MEASURES_GRAPH)
    ]
    for graph in graphs:
        yield from store.quads_for_pattern(None, None, None, graph)
        yield from store.quads_for_pattern(graph, None, None, NamedNode(CATALOGUE))
    if any(described(store)):  # the analysis made the catalogue
        yield from store.quads_for_pattern(NamedNode(CATALOGUE), None, None, NamedNode(CATALOGUE))


def _named(published: set[Quad]) -> Iterator[Quad]:
    """Give the statements that only say that a graph is one: the build adds them."""
    kind = NamedNode(PREFIXES["pe"] + "NamedGraph")
    return (quad for quad in published if quad.object == kind)


def _alike(missing: set[Quad], unexpected: set[Quad]) -> int:
    """Take out of both what differs by no more than the measure's tolerance, and give how many such there were."""
    tolerance = {row.name: row.tolerance for row in MEASURES}
    others = {(q.subject, q.graph_name): q for q in unexpected if q.predicate == _VALUE}
    found = 0
    for quad in [q for q in missing if q.predicate == _VALUE]:
        other = others.get((quad.subject, quad.graph_name))
        if other is not None:
            one, two = float(_text(quad)), float(_text(other))
            allowed = max((t for name, t in tolerance.items() if observation_of(quad, name)), default=1e-9)
            if abs(one - two) <= allowed * max(abs(one), abs(two)):
                missing.discard(quad)
                unexpected.discard(other)
                found += 1
    return found


def _text(quad: Quad) -> str:
    return quad.object.value if isinstance(quad.object, Literal | NamedNode) else ""
