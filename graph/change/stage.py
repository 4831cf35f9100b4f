"""A stage: the next version while it is made, a checkpoint of the last one in a directory that nobody reads yet.

Each request is applied and judged by itself; one that is refused is taken back whole, and the next one goes on from
there. What the accepted ones come to is written by `finish`.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import rdflib
from pyoxigraph import NamedNode, Quad, Store, Triple

from graph import index
from graph.change import judge, patch
from graph.change.artefacts import carry
from graph.change.delta import Delta, NotWritable, Working
from graph.change.derived import closed_graphs, derive
from graph.change.document import statements
from graph.change.guard import guard
from graph.change.judge import Judgement, Shapes
from graph.change.operations import operations
from graph.change.request import Accepted, Request, State, Summary, Violated
from graph.change.update import execute
from graph.change.view import View
from graph.digest import text_of
from graph.erasure import mentions
from graph.gone import Gone, removed
from graph.quads import VOCABULARY
from graph.snapshot import Snapshot
from graph.store import DEFAULT, Graph, name_of
from graph.validate import room_triples


class Stage:
    """The next version of `parent`, in the directory `place`; `shapes` judge it, None where there are none."""

    def __init__(self, parent: Path, place: Path, shapes: Shapes | None) -> None:
        self._parent, self._place, self._shapes = Snapshot(parent), place, shapes
        manifest = self._parent.manifest
        self._forgotten = set(Gone(parent.parents[1]).forgotten())  # the data directory is above `snapshots`
        self._parent.store.backup(str(place / "oxigraph"))
        self.store = Store(str(place / "oxigraph"))
        self._built = manifest.is_built
        closed = closed_graphs(manifest.graphs) if self._built else frozenset[str]()
        self._working = Working(self.store, manifest.mode, closed)
        self._total = Delta()
        self._accepted: list[tuple[Request, Delta]] = []
        self._judged: list[Judgement] = []
        beside = None
        if shapes is not None and VOCABULARY not in manifest.graphs and manifest.shapes == "own":
            beside = _vocabulary()
        self._view = View(self.store, manifest.mode, beside)

    def apply(self, request: Request) -> Accepted:
        """Make the change that `request` asks for part of the version.

        Raises Violated, NotWritable, NotReadable, BadQuery or Refused, with nothing of it left.
        """
        working = self._working
        working.delta = Delta()
        graph: Graph = NamedNode(request.graph) if request.graph else DEFAULT
        existed = graph == DEFAULT or self.store.contains_named_graph(graph)
        done = False
        try:
            _METHODS[request.method](working, request, graph)
            if self._forgotten and any(mentions(quad, self._forgotten) for quad in working.delta.added):
                raise NotWritable("forgotten", "this was taken out for good; nothing is said of it again here")
            if self._built and working.delta:
                guard(self._parent, self.store, working.delta.added)
                derive(working)
            judgement = self._judge(working.delta)
            done = True
        finally:
            if not done:
                working.undo()
        delta, working.delta = working.delta, Delta()
        self._total.absorb(delta)
        self._accepted.append((request, delta))
        if judgement is not None:
            self._judged.append(judgement)
        return Accepted(len(delta.added), len(delta.removed), existed, self._state())

    def _judge(self, delta: Delta) -> Judgement | None:
        if self._shapes is None or not (delta.added or delta.removed):
            return None
        if any(isinstance(quad.object, Triple) for quad in delta.added):
            raise NotWritable("triple-term", "a statement about a statement (RDF 1.2) cannot be judged by the shapes")
        found = self._shapes.judge(self._view, delta.triples(), map(name_of, delta.begun))
        if broken := judge.violations(found.report):
            raise Violated(tuple(broken), found.report.turtle)
        return found

    def _state(self) -> State:
        manifest = self._parent.manifest
        if not self._total:
            return State(manifest.id, manifest.digest, manifest.digests)
        grown = self._total.digests()
        digests = dict(manifest.digests)
        for name, more in grown.items() if digests or not manifest.graphs else ():  # an earlier release wrote none
            digests[name] = text_of(int(digests.get(name, "0"), 16) + more)
        for graph in self._total.dropped:
            digests.pop(name_of(graph), None)
        for graph in self._total.begun if digests else ():
            digests.setdefault(name_of(graph), text_of(0))
        return State("", text_of(int(manifest.digest, 16) + sum(grown.values())), digests)

    def finish(self) -> Summary:
        """Write the patch, the tables and the report beside the graph, and give what the version holds."""
        manifest, total, state = self._parent.manifest, self._total, self._state()
        counts = total.counts()
        graphs = dict(manifest.graphs)
        for graph in total.dropped:
            graphs.pop(name_of(graph), None)
        for graph in total.begun:
            if isinstance(graph, NamedNode):
                graphs.setdefault(graph.value, 0)
        for name, more in counts.items():
            if name in graphs:
                graphs[name] += more
        with (self._place / "patch.rdfp").open("w", encoding="utf-8") as file:
            file.writelines(patch.text((delta for _, delta in self._accepted), parent=manifest.id))
        carry(self._parent.path, self._place)
        index.change(self._place, self.store, ((_source(r), d) for r, d in self._accepted), self._built)
        findings = self._report(dict(manifest.findings))
        gone = frozenset(removed((quad.subject for quad in total.removed), self.store))
        self.store.flush()
        self.close()
        default = counts[""] if manifest.mode == "separate" else self._working.triples
        return Summary(
            graphs=graphs,
            quads=manifest.quads + sum(counts.values()),
            triples=manifest.triples + default,
            digest=state.digest,
            digests=state.digests,
            findings=findings,
            added=len(total.added),
            removed=len(total.removed),
            gone=gone,
        )

    def close(self) -> None:
        """Let go of the store: while it is open, the engine may still tidy up its files."""
        self._view.close()
        del self.store, self._working.store
        for log in (self._place / "oxigraph").glob("LOG*"):
            log.unlink()  # what the engine says of itself: more bytes than a small change

    def _report(self, findings: dict[str, int]) -> dict[str, int]:
        """Put what was judged in its place in the report; give the findings by severity."""
        path = self._place / "report.ttl"
        text = path.read_text(encoding="utf-8")
        concerned = [j for j in self._judged if j.report.findings or _mentions(text, j)]
        if not concerned:
            return findings
        report = rdflib.Graph().parse(data=text, format="turtle")
        for judgement in concerned:
            for severity, more in judge.merged(report, judgement)[1].items():
                findings[severity] = max(0, findings.get(severity, 0) + more)
        path.unlink()
        path.write_text(report.serialize(format="longturtle"), encoding="utf-8")
        return findings


@cache
def _vocabulary() -> Store:
    """Give the vocabulary, which a graph that does not hold it is judged with."""
    found = Store()
    found.extend(Quad(t.subject, t.predicate, t.object) for t in room_triples("ontology"))
    return found


def _mentions(text: str, judgement: Judgement) -> bool:
    """Whether a report may hold results about what was judged."""
    return bool(judgement.shapes) or any(
        isinstance(node, rdflib.BNode) or str(node).rpartition("/")[2].rpartition("#")[2] in text
        for node in judgement.nodes
    )


def _source(request: Request) -> str:
    """Give how the provenance names a request."""
    return " ".join(part for part in ("change", request.author and f"by {request.author}:", request.message) if part)


def _update(working: Working, request: Request, graph: Graph) -> None:
    for operation in operations(request.body.decode("utf-8")):
        execute(working, operation, request.largest, request.dataset)


def _patch(working: Working, request: Request, graph: Graph) -> None:
    if graph != DEFAULT and not working.store.contains_named_graph(graph):
        raise NotWritable("no-such-graph", f"there is no graph {graph} here")
    for operation in operations(request.body.decode("utf-8")):
        execute(working, operation, request.largest, None, request.graph)
    changed = {quad.graph_name for quad in (*working.delta.added, *working.delta.removed)}
    if (changed | working.delta.begun | working.delta.dropped) - {graph}:
        raise NotWritable("other-graph", "a patch may change the graph that it is sent to and no other")


def _put(working: Working, request: Request, graph: Graph) -> None:
    new = list(statements(request.body, request.media_type, request.graph))
    working.admit(graph)
    working.begin(graph)
    working.change(working.of(graph), new, request.largest)


def _post(working: Working, request: Request, graph: Graph) -> None:
    documents = request.parts or ((request.body, request.media_type),)
    new = [quad for body, kind in documents for quad in statements(body, kind, request.graph)]
    working.admit(graph)
    working.begin(graph)
    working.change((), new, request.largest)


def _delete(working: Working, request: Request, graph: Graph) -> None:
    if graph != DEFAULT and not working.store.contains_named_graph(graph):
        raise NotWritable("no-such-graph", f"there is no graph {graph} here")
    working.drop(graph, request.largest)


_METHODS: dict[str, Callable[[Working, Request, Graph], None]] = {
    "update": _update, "patch": _patch, "put": _put, "post": _post, "delete": _delete,
}  # fmt: skip
